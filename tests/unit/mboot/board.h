/*
 * A flash of 64 KB with 4 KB of boot loader, as dfuse.h wants it, and a host that speaks DfuSe as
 * dfu-util does. Power can fail at any step of the flash.
 */
#ifndef TESTS_UNIT_MBOOT_BOARD_H
#define TESTS_UNIT_MBOOT_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "dfuse.h"
#include "image.h"

enum {
    START = 0x08000000,
    OWN = 0x1000,
    APPLICATION = START + OWN,
    SIZE = 0x10000,
    END = START + SIZE,
    SECTOR = 0x400,
    WORD = 16,
    WORDS = SIZE / WORD,
};

struct board {
    struct dfuse dfu;
    uint8_t cells[SIZE];
    bool unreadable[WORDS]; /* half written or half erased: an ECC error */
    long steps;             /* words programmed, sectors erased */
    long power_fails_at;    /* step during which power fails; -1: never */
    bool dead;              /* it has failed; nothing changes any more */
    long unplugged_after;   /* that many DNLOADs; -1: never */
    unsigned erases, unprotects;
    enum dfu_status next_error; /* of the next erase or write */
};

void board_init(struct board *b);
/* Power again: the boot loader starts anew. */
void board_power_on(struct board *b);
enum image_status board_application(struct board *b);

/* What a host asks. False: the board stalled, or it is dead. */
bool host_dnload(struct board *b, uint16_t block, const void *data, uint16_t bytes);
/* Returns bState; b->dfu works on what it announced. *status may be NULL. */
int host_get_status(struct board *b, int *status, uint32_t *poll_ms);
/* DNLOAD and GETSTATUS until it is no longer busy; returns bState. */
int host_command(struct board *b, uint8_t command, uint32_t address, int *status);
int host_write(struct board *b, uint16_t block, const void *data, uint16_t bytes, int *status);
bool host_clear(struct board *b);
/* As `dfu-util -D`: erases what is needed, writes, leaves. False: it gave up. */
bool host_update(struct board *b, uint32_t address, const uint8_t *image, uint32_t bytes);

/* An application of `bytes` bytes that image_check() takes; filled from the seed. */
void make_application(uint8_t *image, uint32_t bytes, uint32_t seed);

#endif
