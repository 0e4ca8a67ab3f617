/* SPDX-License-Identifier: MIT */

/*
 * Clocks and OCTOSPI as the original micropython-spiram of 2021 set them, register by register: its
 * patch of MicroPython's stm32 port (core at 280 MHz in VOS1, PLL reference of 5 MHz with the range
 * of 2 to 4 MHz) and its spiram.c (70 MHz, nCS high for one clock, no REFRESH, LPTR 1, CSBOUND 1
 * KB, SSHIFT). It breaks limits of RM0455 and of the chip's datasheet, which is the point of having
 * it here.
 *
 * Every wait is bounded; false: something did not become ready.
 */
#ifndef HAZARDS_ORIGINAL_H
#define HAZARDS_ORIGINAL_H

#include <stdbool.h>

/* Core at 280 MHz, HCLK 140 MHz, APB 70 MHz. From the state after reset. */
bool original_clocks(void);

/* Resets the chip, enters QPI, maps it at OCTOSPI1_MEM_BASE. Pins and clocks of OCTOSPI1 are on. */
bool original_map(void);

#endif
