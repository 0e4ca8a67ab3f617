/* SPDX-License-Identifier: MIT */

/*
 * Search for the clock and the moment of sampling that suit a board: its chip, its tracks. Portable
 * as the rest of the library; nothing is allocated, the grid lies in memory of the caller.
 *
 * Clocks are rows, sampling points columns. A pattern is written at the timing that was in force
 * before (which must be one that is known to work), and only read back at each point: a wrong point
 * spoils reads and nothing else. Of each row the middle of the longest run of good points is the
 * candidate; the highest clock whose run is wide enough wins, if writes made there hold too.
 *
 * The points of a row are on one axis of delay behind the rising edge of CLK. With a delay line of
 * N taps: line bypassed; taps 1 to N; then, half a clock late, the taps of its second half. As N
 * taps span one period, these are about 3N/2 even steps of T/N. Without a line there are two
 * points.
 *
 * Everything here works in state READY or MAPPED and leaves it as it was. The chip's content is
 * kept: what a pattern overwrites is saved and put back within one call of `quiet`.
 */
#ifndef SPIRAM_TUNE_H
#define SPIRAM_TUNE_H

#include "spiram.h"
#include "spiram_test.h"

/* Above this clock the data sheets of LY68L6400 and ESP-PSRAM64H ask for a trained sampling point:
 * no higher row without a delay line. */
#define SPIRAM_UNTRAINED_MAX_HZ UINT32_C(84000000)

#define SPIRAM_TUNE_BYTES  256 /* of the pattern, and of the place that it is written to */
#define SPIRAM_TUNE_POINTS 32  /* most columns */

struct spiram_tune_row {
    uint32_t clock_hz;
    uint32_t good; /* bit n: at point n all was read right */
};

struct spiram_tune_config {
    const struct spiram_chip *chip; /* NULL: the one of the context. May be a better known one */
    uint32_t max_hz;  /* rows begin here, or at the chip's limit; 0 = no other limit */
    uint32_t min_hz;  /* rows end here */
    unsigned waive;   /* enum spiram_waive, or-ed */
    uint32_t scratch; /* address of SPIRAM_TUNE_BYTES bytes of the chip that are tried on, a
                       * multiple of SPIRAM_TUNE_BYTES */
    struct spiram_tune_row *rows;
    size_t rows_max;

    /*
     * Called with true before the window is closed or the chip is at a timing that is not known to
     * work, with false after that: nothing else may touch the memory in between. Some hundred
     * microseconds at a time. May be NULL.
     */
    void (*quiet)(void *context, bool on);
    void *context;
};

/* A point of the grid and the run that it is the middle of. */
struct spiram_tuning {
    uint32_t clock_hz;
    uint8_t point;
    uint8_t first, last; /* of the run */
};

/* Steps to the nearer end of the run. */
unsigned spiram_tuning_margin(const struct spiram_tuning *tuning);

/* Columns of the grid on this bus. */
unsigned spiram_tune_points(const struct spiram_bus_limits *limits);

/* The two settings of a point, filled in *timing. */
void spiram_tune_set_point(struct spiram_timing *timing, const struct spiram_bus_limits *limits,
                           unsigned point);

/*
 * Tries all points of all rows that fit into rows_max; each next clock is about a sixteenth lower.
 * *row_count is filled. Returns 0 or an error: SPIRAM_ERR_MEMORY if the place that was tried on
 * could not be put back as it was; the content of the chip is not to be trusted then.
 */
int spiram_tune_sweep(struct spiram *ram, const struct spiram_tune_config *config,
                      size_t *row_count);

/* The candidate of one row; false if its longest run is too narrow: less than a quarter of the
 * period, so that less than an eighth would be left to each side for warm days. */
bool spiram_tune_row_choice(const struct spiram_tune_row *row,
                            const struct spiram_bus_limits *limits, struct spiram_tuning *tuning);

/*
 * The candidate of the highest row whose writes hold as well. SPIRAM_ERR_SPEED if there is none;
 * other errors as above.
 */
int spiram_tune_choose(struct spiram *ram, const struct spiram_tune_config *config,
                       size_t row_count, struct spiram_tuning *tuning);

/*
 * Whether a tuning of an earlier day still holds: reads at its point and half way to both ends of
 * its run, writes at its point. SPIRAM_ERR_SPEED if not, or if it lies above the limits.
 */
int spiram_tune_check(struct spiram *ram, const struct spiram_tune_config *config,
                      const struct spiram_tuning *tuning);

/* All settings of a tuning. SPIRAM_ERR_TIMING if it is above what chip, bus or config allow. */
int spiram_tune_timing(const struct spiram *ram, const struct spiram_tune_config *config,
                       const struct spiram_tuning *tuning, struct spiram_timing *timing);

/*
 * Puts a timing into force: the window is closed for it and opened again. After an error from
 * the new timing the old one is in force again.
 */
int spiram_retime(struct spiram *ram, const struct spiram_timing *timing);

/*
 * Writes and reads one block of the window at another timing, with accesses of 8 and 32 bits,
 * keeping its content in `saved` (of `length` bytes, a multiple of 4) and putting it back at the
 * timing in force. State MAPPED. Returns 0; SPIRAM_ERR_SPEED with *fault filled if the memory does
 * not work at that timing; SPIRAM_ERR_MEMORY if the content is lost; other errors.
 */
int spiram_tune_test_block(struct spiram *ram, const struct spiram_tune_config *config,
                           const struct spiram_timing *timing, uint32_t offset, void *saved,
                           uint32_t length, struct spiram_fault *fault);

/*
 * A record that can be kept over a reset: what was chosen, for which chip (the row's name) and
 * which ID. Reading it back fails unless all words are as they were written.
 */
#define SPIRAM_TUNE_RECORD_WORDS 8

struct spiram_tune_record {
    struct spiram_tuning tuning;
    const struct spiram_chip *chip; /* a row of the table, or NULL for the worst of all */
    uint8_t eid[8];
    unsigned waive;
};

void spiram_tune_pack(uint32_t words[SPIRAM_TUNE_RECORD_WORDS],
                      const struct spiram_tune_record *record);
bool spiram_tune_unpack(struct spiram_tune_record *record,
                        const uint32_t words[SPIRAM_TUNE_RECORD_WORDS]);

#endif
