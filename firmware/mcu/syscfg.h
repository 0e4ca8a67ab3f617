/* SPDX-License-Identifier: MIT */

/* SYSCFG: what belongs to no other peripheral. Source: RM0455, chapter SYSCFG. */
#ifndef MCU_SYSCFG_H
#define MCU_SYSCFG_H

#include <stdbool.h>

/*
 * I/O compensation: a cell that measures process, voltage and temperature and trims the slew of
 * very-high-speed outputs, wanted when pins switch above about 50 MHz. Runs from CSI, which is
 * switched on. False when it is not ready in time; outputs then keep their untrimmed slew.
 * Called once at boot after clock_init().
 */
bool syscfg_io_compensation_enable(void);

#endif
