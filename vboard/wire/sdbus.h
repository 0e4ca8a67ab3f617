/*
 * The contract between an SD host controller and what sits in its slot: one call a command, one a
 * block of data, as the SD Physical Layer Specification frames them. Times are virtual; the card
 * says when it is ready, the host counts the clocks of each frame. Simulation thread only.
 */
#ifndef VBOARD_WIRE_SDBUS_H
#define VBOARD_WIRE_SDBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sched.h"

/* How the host's side of the bus is set up when a frame begins. */
struct sdbus_timing {
    uint64_t hz;    /* of CLK */
    unsigned lines; /* data lines used: 1, 4, 8 */
};

enum sdbus_reply_kind {
    SDBUS_NO_REPLY,
    SDBUS_SHORT, /* 48 bits, CRC7 at their end */
    SDBUS_OCR,   /* 48 bits without CRC: R3 */
    SDBUS_LONG,  /* 136 bits: R2 */
};

struct sdbus_reply {
    enum sdbus_reply_kind kind;
    uint8_t index;    /* in the reply's second field */
    uint32_t word[4]; /* argument field; word[0] alone if short, most significant first if long */
    bool broken;      /* a bit fell over on the way: the CRC does not fit */
};

enum sdbus_token {
    SDBUS_NONE,   /* nobody answers */
    SDBUS_GOOD,   /* CRC16 fits, both ways */
    SDBUS_BROKEN, /* it does not */
};

struct sdbus_card {
    void *ctx;
    /* A command's 48 bits have ended at `at`. */
    void (*command)(void *ctx, uint8_t index, uint32_t argument, const struct sdbus_timing *t,
                    vtime at, struct sdbus_reply *reply);
    /* The next block of data for the host, if there is one: when its start bit comes. */
    enum sdbus_token (*read)(void *ctx, uint8_t *to, uint32_t size, const struct sdbus_timing *t,
                             vtime at, vtime *start);
    /* A block from the host has ended at `at`; the token is the card's CRC status. */
    enum sdbus_token (*write)(void *ctx, const uint8_t *from, uint32_t size,
                              const struct sdbus_timing *t, vtime at);
    /* Until when the card holds D0 low. Not after `at`: it does not. */
    vtime (*busy_until)(void *ctx, vtime at);
};

#endif
