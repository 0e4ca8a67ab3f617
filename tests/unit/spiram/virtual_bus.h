/* SPDX-License-Identifier: MIT */

/*
 * The virtual board's PSRAM as the chip under firmware/spiram: frames of the library become frames
 * on a memory bus of vboard/wire, with exact times, and the chip of vboard/parts answers. Mapped
 * mode is a write-back cache of whole lines in front of it. No processor, no controller, and no
 * code of the firmware besides the library under test.
 */
#ifndef VIRTUAL_BUS_H
#define VIRTUAL_BUS_H

#include "../../../vboard/parts/psram.h"
#include "../../../vboard/trace/faults.h"
#include "../../../vboard/wire/complain.h"
#include "../../../vboard/wire/membus.h"
#include "../../../vboard/wire/sched.h"
#include "spiram.h"

struct virtual_board {
    struct sched *sched;
    struct complaints *complaints;
    struct membus *wires;
    struct psram *chip;
    struct psram_defects *defects;
    struct fault *fault;
    struct spiram_bus bus;
    vtime now;
    uint32_t hz;
    uint32_t high_clocks;
    struct spiram_command read, write; /* of mapped mode */
    uint8_t *window;                   /* the cache: what programs see */
    uint8_t *clean;                    /* what the chip gave or got, to tell dirty lines */
    uint32_t size;
    bool mapped;
};

/* faults: texts of --fault, up to a NULL. */
void virtual_open(struct virtual_board *board, const char *chip, const char *const *faults);
void virtual_close(struct virtual_board *board);

/* Complaints about frames outside the chip's numbers. */
uint64_t virtual_hazards(const struct virtual_board *board);

#endif
