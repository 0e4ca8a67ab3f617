/* SPDX-License-Identifier: MIT */

/*
 * An SD card on SDMMC1 (PC8 to PC12, PD2, alternate function 12): standard and high capacity, one
 * or four data lines, 23 MHz. Source: RM0455, chapter SDMMC; SD Physical Layer Simplified
 * Specification 3.01, chapters 4 and 5.
 *
 * Data go through a buffer in AXI SRAM by the peripheral's own DMA (IDMA), whose cache lines are
 * maintained here: IDMA does not reach the TCMs, and writes 32 bits at a time, which the PSRAM
 * cannot take (docs/corruption.md). So callers' buffers may lie anywhere.
 *
 * Thread code only, one caller at a time. Every wait is bounded, also with interrupts masked, so
 * that a card that is pulled out is an error within a quarter of a second.
 */
#ifndef MCU_SDMMC_H
#define MCU_SDMMC_H

#include <stdbool.h>
#include <stdint.h>

#define SDMMC_BLOCK_BYTES 512u

enum sdmmc_error {
    SDMMC_OK = 0,
    SDMMC_ERROR_NO_CARD = -1,    /* nothing answers to identification */
    SDMMC_ERROR_NOT_USABLE = -2, /* it answers, and is no SD memory card for 3.3 V */
    SDMMC_ERROR_CLOCK = -3,      /* the kernel clock does not run */
    SDMMC_ERROR_TIMEOUT = -4,    /* it does not answer any more */
    SDMMC_ERROR_CRC = -5,        /* what came or went was damaged, twice */
    SDMMC_ERROR_CARD = -6,       /* the card reported an error */
    SDMMC_ERROR_DMA = -7,
};

struct sdmmc_card {
    uint32_t blocks; /* of 512 bytes */
    uint32_t cid[4]; /* as it came, most significant word first */
    uint16_t rca;
    bool high_capacity; /* addressed by blocks, not by bytes */
};

/* Pins, clocks, identification of the card; width: 1 or 4 lines. An empty slot takes 3 ms. */
enum sdmmc_error sdmmc_start(struct sdmmc_card *card, uint32_t width);

/* The pins that sdmmc_start() took back to analog, the peripheral off. */
void sdmmc_stop(void);

/* Whether the card that was started is still there. */
bool sdmmc_answers(const struct sdmmc_card *card);

/* Whether the slot's pins are as after a reset, and so in nobody's use. */
bool sdmmc_pins_free(void);

/* block + count must not exceed card->blocks. */
enum sdmmc_error sdmmc_read(const struct sdmmc_card *card, uint32_t block, void *to,
                            uint32_t count);
enum sdmmc_error sdmmc_write(const struct sdmmc_card *card, uint32_t block, const void *from,
                             uint32_t count);

#endif
