/* SPDX-License-Identifier: MIT */

/*
 * The 32 backup registers: words that outlive resets, and also power-off while VBAT is supplied
 * (RM0455, TAMP and PWR). Zero after the backup domain lost its supply. Thread code only.
 */
#ifndef MCU_BACKUP_H
#define MCU_BACKUP_H

#include <stdint.h>

#define BACKUP_REGISTERS 32u

/* `index` below BACKUP_REGISTERS; another one reads as 0 and is not written. */
uint32_t backup_read(uint32_t index);

/* The backup domain is open for writing (PWR_CR1.DBP) only as long as this takes. */
void backup_write(uint32_t index, uint32_t value);

#endif
