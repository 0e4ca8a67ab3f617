/* SPDX-License-Identifier: MIT */

/*
 * Ways to set up the memory path to the PSRAM that people have tried, the cured one among them.
 * Each is a row; the build chooses one (-DCONFIGURATION=name).
 */
#ifndef HAZARDS_CONFIGURATION_H
#define HAZARDS_CONFIGURATION_H

#include <stdbool.h>
#include <stdint.h>

/* Attributes of the PSRAM's MPU region; Arm DDI0403E B3.5.9, names as there. */
enum memory_type {
    WRITE_BACK_ALLOCATE,    /* TEX1 C1 B1 */
    WRITE_BACK_NO_ALLOCATE, /* TEX0 C1 B1 */
    WRITE_THROUGH,          /* TEX0 C1 B0: "not bufferable" */
    NON_CACHEABLE,          /* TEX1 C0 B0 */
    DEVICE,                 /* TEX0 C0 B1 */
};

enum timing {
    TIMING_DATASHEET, /* what the spiram library computes: every number of the chips is kept */
    TIMING_ORIGINAL,  /* clocks and OCTOSPI settings of the original micropython-spiram */
};

struct configuration {
    const char *name;
    enum memory_type type;
    bool data_cache;
    bool read_allocate_mode; /* ACTLR.DISRAMODE left at 0, its reset value */
    bool dqse;               /* WCCR.DQSE */
    enum timing timing;
};

extern const struct configuration *const configuration;

#endif
