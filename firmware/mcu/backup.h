/* SPDX-License-Identifier: MIT */

/*
 * The backup domain, which outlives resets, and also power-off while VBAT is supplied: its write
 * protection (PWR_CR1.DBP), and its 32 registers (RM0455, PWR and TAMP), which are zero after it
 * lost its supply. Registers: thread code only.
 */
#ifndef MCU_BACKUP_H
#define MCU_BACKUP_H

#include <stdint.h>

#define BACKUP_REGISTERS 32u

/* `index` below BACKUP_REGISTERS; another one reads as 0 and is not written. */
uint32_t backup_read(uint32_t index);

/* The backup domain is open for writing only as long as this takes. */
void backup_write(uint32_t index, uint32_t value);

/*
 * Opens the domain for writing, until backup_close() is given what this returned. Also from
 * interrupts; pairs nest.
 */
uint32_t backup_open(void);
void backup_close(uint32_t state);

#endif
