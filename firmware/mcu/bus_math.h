/* SPDX-License-Identifier: MIT */

/* Rates of SPI and I2C as register fields. Pure arithmetic, any context. */
#ifndef MCU_BUS_MATH_H
#define MCU_BUS_MATH_H

#include <stdint.h>

/*
 * SPI_CFG1.MBR (0..7: kernel clock / 2 .. / 256) for the highest rate that is not above baud; the
 * lowest there is if all are. *actual = that rate in Hz.
 */
uint32_t spi_prescaler(uint32_t kernel_hz, uint32_t baud, uint32_t *actual);

/*
 * I2C_TIMINGR for a rate that is not above hz, with the times of UM10204 table 10 for the slowest
 * mode that has it (Standard, Fast, Fast-mode Plus) and the analog filter on. 0 if there is none:
 * hz is above 1 MHz, or lower than the fields reach.
 */
uint32_t i2c_timing(uint32_t kernel_hz, uint32_t hz);

#endif
