/* SPDX-License-Identifier: MIT */

/*
 * I2C1..4 as masters, polled. Their kernel clock is HSI, so that a rate does not depend on what is
 * done to the core's clock. Pins are the caller's (gpio_configure(): open drain).
 *
 * Thread code. Every wait is bounded by the caller's time-out. Source: RM0455, chapter I2C.
 */
#ifndef MCU_I2C_H
#define MCU_I2C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define I2C_COUNT 4u

enum i2c_status {
    I2C_OK = 0,
    I2C_NO_DEVICE = -1, /* nobody acknowledged the address */
    I2C_REFUSED = -2,   /* a byte after it was not acknowledged */
    I2C_TIMEOUT = -3, /* nothing happened for the time-out: a line is held, or a clock stretched */
    I2C_BUS_ERROR = -4, /* arbitration lost, or a misplaced start or stop */
};

/* number 1..I2C_COUNT; hz as in i2c_timing(). False if that rate cannot be made. */
bool i2c_open(uint32_t number, uint32_t hz);
/* The same with TIMINGR given. */
void i2c_open_timing(uint32_t number, uint32_t timingr);
uint32_t i2c_timing_register(uint32_t number);

/*
 * One transfer: start (repeated, if the one before had no stop), address (7 bits), n bytes, and a
 * stop if wanted. n may be 0: the address is all. timeout_us is the longest time without progress,
 * up to 10 s. *done = bytes that were acknowledged, or read. After each status but I2C_OK the bus
 * is released and the block is ready again.
 */
enum i2c_status i2c_write(uint32_t number, uint8_t address, const uint8_t *data, size_t n,
                          bool stop, uint32_t timeout_us, size_t *done);
enum i2c_status i2c_read(uint32_t number, uint8_t address, uint8_t *data, size_t n, bool stop,
                         uint32_t timeout_us, size_t *done);

#endif
