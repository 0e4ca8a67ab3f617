/* SPDX-License-Identifier: MIT */

/*
 * Clock and sampling point of the PSRAM: found on request, kept in the backup registers, checked at
 * each start. docs/spiram.md, "Tuning".
 *
 * While the heap lies in the PSRAM nothing in here touches it with the window closed: code is in
 * flash, data in DTCM, and interrupts are off then, less than a millisecond at a time.
 */
#ifndef PORT_PSRAM_TUNE_H
#define PORT_PSRAM_TUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "spiram/spiram_shmoo.h"

struct psram_tune_request {
    const struct spiram_chip *chip; /* NULL: the board's, or the worst of all rows */
    uint32_t max_hz;                /* 0: the chip's limit */
    bool keep;                      /* over resets */
};

struct psram_tune_report {
    struct spiram_tuning tuning;
    struct spiram_timing timing;
    const char *chip;    /* whose limits were kept */
    uint32_t irq_off_us; /* longest time with interrupts off */
};

/*
 * At boot, the chip READY at the datasheet's timing and its content of no value: puts the timing of
 * the record into force if there is one and it passes its check. If `wanted`, searches for one
 * otherwise; true if one was found so, which is to be kept when all of the memory has been tested
 * at it. What was done, or why not, goes to the boot log.
 */
bool psram_tune_boot(struct spiram *ram, bool wanted);

/* Keeps over resets what psram_tune_boot() found. */
void psram_tune_keep(const struct spiram *ram);

/* The tuning in force, or NULL while it is the datasheet's timing. */
const struct spiram_tuning *psram_tune_active(void);

/* Back to the datasheet's timing, READY or MAPPED as before, the record dropped. False if that was
 * in force already. */
bool psram_tune_drop(struct spiram *ram);

/* Within psram_tune(). Any context. */
bool psram_tune_is_on(void);

/*
 * At run time, the window open and full of data, which is kept: searches, tests all of the memory
 * at what was found, and puts it into force. After an error the datasheet's timing is in force;
 * SPIRAM_ERR_SPEED: nothing faster works; SPIRAM_ERR_STATE: no chip,
 * or the analyser profile. Takes some seconds. If the memory's content got lost there
 * is nothing to return to: the board stops, see psram_stop().
 */
int psram_tune(struct spiram *ram, const struct psram_tune_request *request,
               struct psram_tune_report *report);

/*
 * The grid anew, for a picture: fills all but print and context. *chosen is what a tuning would
 * try first. The pointers are valid until the next call of this file's functions. The timing in
 * force stays.
 */
int psram_tune_grid(struct spiram *ram, const struct psram_tune_request *request,
                    struct spiram_shmoo *shmoo);

#endif
