/* SPDX-License-Identifier: MIT */

/*
 * SPI1..6 as masters, polled. Their kernel clock is HSI, so that a rate does not depend on what is
 * done to the core's clock. Pins are the caller's (gpio_configure()), chip selects too.
 *
 * Thread code. Every wait is bounded. Source: RM0455, chapter SPI.
 */
#ifndef MCU_SPI_H
#define MCU_SPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPI_COUNT 6u

struct spi_config {
    uint32_t baud; /* Hz; the highest rate not above it is taken, from 32 MHz to 250 kHz */
    bool polarity; /* level of SCK at rest */
    bool phase;    /* sampled at SCK's second edge */
    uint8_t bits;  /* of a frame: 8, 16, or 32 with SPI1..3 only */
    bool lsb_first;
};

/* number 1..SPI_COUNT. Returns the rate in Hz; 0 if it does not have such frames. */
uint32_t spi_open(uint32_t number, const struct spi_config *config);
void spi_close(uint32_t number);

/*
 * Exchanges frames, each of config.bits / 8 bytes in memory, lowest first. out NULL: zeros; in
 * NULL: what comes is dropped; both may be the same. False: the hardware did not go on within 10 ms
 * and the time of a few frames, or lost a frame.
 */
bool spi_transfer(uint32_t number, const void *out, void *in, size_t frames);

#endif
