/* SPDX-License-Identifier: MIT */

/*
 * The chips: one row each, numbers of the data sheet beside the data sheet's words.
 *
 * All these parts come from AP Memory's design and answer 0x9F with the same maker (0x0D) and
 * known-good-die (0x5D) bytes: the ID gives the size, not the maker. So the board's configuration
 * names the chip; a board that cannot know takes spiram_chip_worst().
 *
 * Numbers are those of the standard temperature range. AP Memory's parts for 105 C ask for a
 * shorter nCS low time (tCEM 4 us, in later sheets 3 us): not in the table, because the ID does not
 * tell them.
 */
#ifndef SPIRAM_CHIP_H
#define SPIRAM_CHIP_H

#include <stddef.h>
#include <stdint.h>

struct spiram_chip {
    const char *name;   /* lower case, as a command line would spell it */
    const char *source; /* the document that the numbers were read from */

    uint32_t size; /* bytes; 0 in the row of spiram_chip_worst() */

    uint32_t max_hz;           /* "clock rate", bursts within one page */
    uint32_t max_crossing_hz;  /* "linear burst which can cross page boundary" */
    uint32_t max_slow_read_hz; /* command 0x03 "Read", the slowest of all commands */

    uint32_t tcem_ps;  /* "CE# low pulse width", maximum: self-refresh only runs with CE# high */
    uint32_t tcph_ps;  /* "CE# high between subsequent burst operations", minimum */
    uint32_t tcsp_ps;  /* "CE# setup time to CLK rising edge", minimum */
    uint32_t tchd_ps;  /* "CE# hold time from CLK rising edge", minimum */
    uint32_t taclk_ps; /* "CLK to output delay" from the falling edge, maximum */
    uint32_t tkoh_ps;  /* "data hold time from CLK falling edge", minimum */

    uint32_t power_up_us;   /* supply stable to first command, CE# high */
    uint16_t page_bytes;    /* a power of two */
    uint8_t quad_read_wait; /* 0xEB "Fast Read Quad": wait cycles */
};

size_t spiram_chip_count(void);

/* Row n of the table, or NULL. */
const struct spiram_chip *spiram_chip_at(size_t n);

/* The row of that name, or NULL. */
const struct spiram_chip *spiram_chip_find(const char *name);

/*
 * A chip that does not exist: of every column the number that is hardest to meet. Timing that fits
 * it fits each row. Wait cycles are the same in all rows (checked by the unit tests): there is no
 * harder one of those, a wrong number of them is simply wrong.
 */
void spiram_chip_worst(struct spiram_chip *worst);

#endif
