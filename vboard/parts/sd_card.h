/*
 * An SD card whose blocks are a file. SD Physical Layer Simplified Specification, version 3.01:
 * states of chapter 4.1 and table 4-29, commands of 4.7.4, responses of 4.9, registers of 5.
 *
 * It is an SDHC card: it knows the basic commands, block read and write, erase, and of CMD6 the
 * function "high speed"; no 1.8 V signalling, locking, SPI mode or speed class recording. Or it is
 * an old one, of version 1.01, which is addressed by bytes and knows neither CMD6, CMD8 nor CMD23.
 */
#ifndef VBOARD_PARTS_SD_CARD_H
#define VBOARD_PARTS_SD_CARD_H

#include "../wire/complain.h"
#include "../wire/sdbus.h"

enum {
    SD_BLOCK = 512,
    SD_UNIT = 512 << 10,   /* a card's size is a multiple of this (CSD version 2) */
    SD_V1_LIMIT = 1 << 30, /* the most that CSD version 1 can say in blocks of 512 bytes */
};

struct sd_card;

/*
 * A card of `size` bytes in the file; 0: of the file's size, or 64 MB if there is no file. What the
 * file does not have yet reads as zeros. v1: of version 1.01. complaints may be NULL. NULL: error
 * holds one sentence.
 */
struct sd_card *sd_card_new(const char *path, uint64_t size, bool v1, struct complaints *complaints,
                            char *error, size_t error_size);
void sd_card_free(struct sd_card *c);

const struct sdbus_card *sd_card_bus(struct sd_card *c);

/* Out of the slot, or into it again; comes up in the idle state. */
void sd_card_insert(struct sd_card *c, bool in);
/* Power failed: as if newly inserted. */
void sd_card_power_cycle(struct sd_card *c);

/* The n-th block from now on, read or written, has a broken bit on the wire. 0: none. */
void sd_card_break_block(struct sd_card *c, uint64_t n);

/* The n-th write from now on is never done: the card stays busy until it is reset. 0: none. */
void sd_card_stay_busy(struct sd_card *c, uint64_t n);

uint64_t sd_card_size(const struct sd_card *c);

#endif
