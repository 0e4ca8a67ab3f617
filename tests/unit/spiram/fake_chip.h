/* SPDX-License-Identifier: MIT */

/*
 * A PSRAM and the bus to it, simulated frame by frame for the tests of firmware/spiram. Written
 * from the data sheets, not from the library: it has its own command codes and limits.
 *
 * Faults are of two kinds: wires (a line stuck at a level between the controller and the chip) and
 * cells (data bits, address bits, single places). The mapped window is plain memory that stands for
 * the cache; fake_sync() carries it through the chip and back, faults included.
 */
#ifndef FAKE_CHIP_H
#define FAKE_CHIP_H

#include "spiram.h"

#define FAKE_LOG_LENGTH 64

struct fake {
    /* The chip. */
    uint8_t *cells;
    uint32_t size;
    uint8_t id[8];
    bool qpi, wrap, reset_armed;
    bool deaf_to_qpi;           /* ignores 0x35 */
    bool absent;                /* nobody answers: reads are all ones or all zeros */
    uint8_t open_level;         /* what an unanswered line reads as: 0x00 or 0xFF */
    bool noisy_id;              /* each read of the ID differs from the one before */
    uint32_t good_to_hz;        /* four-line reads are wrong above this clock; 0 = never */
    uint32_t writes_good_to_hz; /* four-line writes likewise */
    /* Falling edge of CLK at the controller to data there, and for how long after that they are
     * not to be used; 0 = no matter when they are sampled. */
    uint32_t answer_ps, settle_ps;

    /* Wires: bit n = IOn. */
    uint8_t lines_low, lines_high;

    /* Cells. */
    uint8_t bits_low, bits_high;             /* data bits of every byte stuck */
    uint32_t stuck_from, stuck_to;           /* only in this range; 0, 0 = everywhere */
    uint32_t address_low, address_high;      /* address bits stuck */
    unsigned short_a, short_b;               /* two address bits that act as one; equal = none */
    bool short_to_high;                      /* the higher level wins */
    uint32_t flipped_at, flip_mask;          /* data bits of one byte read inverted */
    unsigned data_short_a, data_short_b;     /* two data bits, likewise */
    uint32_t zeroed_at, zeroed_length;       /* these bytes become 0 at each sync */
    uint32_t unwritten_at, unwritten_length; /* these keep what they had at each sync */

    /* The bus. */
    uint8_t *window;
    uint8_t *clean; /* what the chip gave: lines that differ are dirty */
    bool mapped;
    struct spiram_timing timing;
    uint32_t kernel_hz;    /* clock choices are this divided by 1, 2, 4, 6, ... */
    uint32_t step_hz;      /* or, if not 0, multiples of this */
    uint32_t taps_from_hz; /* below this clock the delay line does not span a period */
    bool watched, quiet;   /* while watched, whatever is done must be done quietly */
    int fail_after;        /* this many calls work, then all fail; negative = never */
    int failure;           /* with this error */

    /* What was seen. */
    unsigned frames, configures, maps, unmaps, syncs;
    uint32_t waited_us;
    uint32_t waited_before_first_frame_us;
    uint64_t longest_low_ps; /* of data-carrying frames */
    unsigned too_fast; /* frames above the limit of their command, or over a page above 84 MHz */
    unsigned loud;     /* what was not */
    uint32_t highest_hz;
    unsigned too_long;             /* frames longer than the bus said it can take */
    uint16_t log[FAKE_LOG_LENGTH]; /* lines << 8 | code */
};

/* 8 MB, good, in SPI mode, on a bus like OCTOSPI with a kernel clock of 100 MHz. */
void fake_setup(struct fake *fake, struct spiram_bus *bus);
void fake_teardown(struct fake *fake);

/* Another density, with matching ID. */
void fake_resize(struct fake *fake, uint32_t mbit);

#endif
