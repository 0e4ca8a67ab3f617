/* SPDX-License-Identifier: MIT */

#include "psram_tune.h"

#include <string.h>

#include "bootlog.h"
#include "mcu/backup.h"
#include "mcu/clock.h"
#include "mcu/irq.h"
#include "mcu/ticks.h"
#include "py/mpconfig.h"
#include "psram.h"

/* The last ones: MicroPython's stm32 port and its boot loaders count from 0 up. */
#define RECORD_REGISTER (BACKUP_REGISTERS - SPIRAM_TUNE_RECORD_WORDS)

/* Rows of a sixteenth from 144 MHz, the fastest chip's, to below the datasheet profile's 50 MHz. */
#define ROWS_MAX 20u
#define MIN_HZ   45000000u

/* With its bits set and cleared in turn, in a chip of any size. */
#define SCRATCH_ADDRESS 0x2AAA00u

/* A block is saved, tested and put back with interrupts off: 0.5 ms, of which PLL2 takes a part. */
#define BLOCK_BYTES 1024u

/* What is compared as a whole; one sum each. */
#define SUM_BYTES 65536u
#define SUMS_MAX  (16u * 1024u * 1024u / SUM_BYTES) /* the largest chip of the table */

#define PPM 1000000u

static struct spiram_tune_row rows[ROWS_MAX];
static size_t row_count;
static struct spiram_tuning candidate, active;
static bool is_active;
static struct spiram_timing datasheet;
static uint32_t sums[SUMS_MAX];
static volatile bool on; /* psram_tune() */
static uint32_t block[BLOCK_BYTES / sizeof(uint32_t)];

static struct quiet {
    uint32_t irq, since, longest;
} quiet_state;

static void quiet(void *context, bool on)
{
    struct quiet *q = context;
    if (on) {
        q->irq = irq_disable();
        q->since = ticks_cycles();
        return;
    }
    uint32_t cycles = ticks_cycles() - q->since;
    q->longest = cycles > q->longest ? cycles : q->longest;
    irq_restore(q->irq);
}

/* ---- the record ---- */

static void write_record(const uint32_t *words)
{
    for (uint32_t n = 0; n < SPIRAM_TUNE_RECORD_WORDS; n++) {
        backup_write(RECORD_REGISTER + n, words[n]);
    }
}

static void forget(void)
{
    const uint32_t nothing[SPIRAM_TUNE_RECORD_WORDS] = {0};
    write_record(nothing);
}

static void keep(const struct spiram *ram, const struct spiram_tune_config *config)
{
    struct spiram_tune_record record = {
        .tuning = active, .chip = config->chip, .waive = config->waive};
    uint32_t words[SPIRAM_TUNE_RECORD_WORDS];
    memcpy(record.eid, ram->id.eid, sizeof record.eid);
    spiram_tune_pack(words, &record);
    write_record(words);
}

/* ---- what may be tried ---- */

/* Faster than tCHD allows: being asked to tune is the consent, see docs/spiram.md. */
static struct spiram_tune_config configuration(const struct spiram *ram,
                                               const struct spiram_chip *chip, uint32_t max_hz)
{
    struct spiram_tune_config config = {
        .chip = BOARD_SPIRAM_CHIP != NULL ? spiram_chip_find(BOARD_SPIRAM_CHIP) : chip,
        .min_hz = MIN_HZ,
        .waive = SPIRAM_WAIVE_TCHD,
        .scratch = SCRATCH_ADDRESS & (spiram_size(ram) - 1u),
        .rows = rows,
        .rows_max = ROWS_MAX,
        .quiet = quiet,
        .context = &quiet_state,
    };
    const struct spiram_chip *limit = config.chip != NULL ? config.chip : &ram->chip;
    /* The clock that was asked for may be off by so much; the chip's limit holds for the real one.
     */
    uint32_t most = spiram_max_clock(limit, &ram->bus->limits, config.waive);
    config.max_hz = most - (uint32_t)((uint64_t)most * clock_get()->source_ppm / PPM);
    if (max_hz != 0 && max_hz < config.max_hz) {
        config.max_hz = max_hz;
    }
    if (BOARD_SPIRAM_MAX_HZ != 0 && BOARD_SPIRAM_MAX_HZ < config.max_hz) {
        config.max_hz = BOARD_SPIRAM_MAX_HZ;
    }
    return config;
}

/* While the window is open everybody else has to wait for it. */
static int retime(struct spiram *ram, const struct spiram_timing *timing)
{
    int error = SPIRAM_OK;
    if (ram->state == SPIRAM_STATE_MAPPED) {
        error = spiram_sync(ram, 0, spiram_usable_size(ram));
    }
    if (error == SPIRAM_OK) {
        quiet(&quiet_state, true);
        error = spiram_retime(ram, timing);
        quiet(&quiet_state, false);
    }
    return error;
}

/* The candidate into force. */
static int activate(struct spiram *ram, const struct spiram_tune_config *config)
{
    struct spiram_timing timing;
    int error = spiram_tune_timing(ram, config, &candidate, &timing);
    if (error == SPIRAM_OK) {
        error = retime(ram, &timing);
    }
    if (error == SPIRAM_OK) {
        active = candidate;
        is_active = true;
    }
    return error;
}

static int to_datasheet(struct spiram *ram)
{
    is_active = false;
    return retime(ram, &datasheet);
}

/* Sweep, and the first choice that is faster than the datasheet's timing. */
static int search(struct spiram *ram, const struct spiram_tune_config *config)
{
    int error = spiram_tune_sweep(ram, config, &row_count);
    if (error == SPIRAM_OK) {
        error = spiram_tune_choose(ram, config, row_count, &candidate);
    }
    if (error == SPIRAM_OK && candidate.clock_hz <= datasheet.clock_hz) {
        error = SPIRAM_ERR_SPEED;
    }
    return error;
}

/* So that the next choice is a lower clock. */
static void strike_candidate(void)
{
    for (size_t n = 0; n < row_count; n++) {
        if (rows[n].clock_hz == candidate.clock_hz) {
            rows[n].good = 0;
        }
    }
}

/* ---- at boot ---- */

static bool all_zero(const uint32_t *words)
{
    for (size_t n = 0; n < SPIRAM_TUNE_RECORD_WORDS; n++) {
        if (words[n] != 0) {
            return false;
        }
    }
    return true;
}

/* False if there is none that can be used; one that cannot be is dropped. */
static bool use_record(struct spiram *ram)
{
    uint32_t words[SPIRAM_TUNE_RECORD_WORDS];
    struct spiram_tune_record record;
    for (uint32_t n = 0; n < SPIRAM_TUNE_RECORD_WORDS; n++) {
        words[n] = backup_read(RECORD_REGISTER + n);
    }
    if (all_zero(words)) {
        return false;
    }
    const char *why = NULL;
    if (!spiram_tune_unpack(&record, words)) {
        why = "is damaged";
    } else if (memcmp(record.eid, ram->id.eid, sizeof record.eid) != 0) {
        why = "is of another chip";
    } else {
        struct spiram_tune_config config = configuration(ram, record.chip, 0);
        candidate = record.tuning;
        if (spiram_tune_check(ram, &config, &candidate) != SPIRAM_OK ||
            activate(ram, &config) != SPIRAM_OK) {
            why = "does not pass its check any more";
        }
    }
    if (why != NULL) {
        bootlog_printf("spiram tuned timing %s, dropped\n", why);
        forget();
    }
    return why == NULL;
}

bool psram_tune_boot(struct spiram *ram, bool wanted)
{
    datasheet = ram->timing;
    if (use_record(ram) || !wanted) {
        return false;
    }
    struct spiram_tune_config config = configuration(ram, NULL, 0);
    int error = search(ram, &config);
    if (error == SPIRAM_OK) {
        error = activate(ram, &config);
    }
    if (error != SPIRAM_OK) {
        bootlog_printf("spiram tuning: %s\n", spiram_strerror(error));
    }
    return error == SPIRAM_OK;
}

void psram_tune_keep(const struct spiram *ram)
{
    struct spiram_tune_config config = configuration(ram, NULL, 0);
    keep(ram, &config);
}

const struct spiram_tuning *psram_tune_active(void)
{
    return is_active ? &active : NULL;
}

bool psram_tune_drop(struct spiram *ram)
{
    bool was_active = is_active;
    forget();
    return was_active && to_datasheet(ram) == SPIRAM_OK;
}

/* ---- with a heap in the memory ---- */

/* Over words, order and place counted: FNV-1a's multiplier, with the high bits brought down. */
static uint32_t sum_of(const volatile uint32_t *words, uint32_t bytes)
{
    uint32_t sum = 0x811C9DC5u;
    for (uint32_t n = 0; n < bytes / sizeof *words; n++) {
        sum = (sum ^ words[n]) * 0x01000193u;
        sum ^= sum >> 15;
    }
    return sum;
}

/* The first call of a tuning fills the sums, the others compare. */
static int sum_up(struct spiram *ram, bool compare)
{
    uint32_t size = spiram_usable_size(ram);
    int error = spiram_sync(ram, 0, size);
    for (uint32_t n = 0; n * SUM_BYTES < size && n < SUMS_MAX && error == SPIRAM_OK; n++) {
        uint32_t left = size - n * SUM_BYTES;
        uint32_t sum = sum_of((const volatile uint32_t *)ram->window + n * (SUM_BYTES / 4u),
                              left < SUM_BYTES ? left : SUM_BYTES);
        if (!compare) {
            sums[n] = sum;
        } else if (sum != sums[n]) {
            error = SPIRAM_ERR_MEMORY;
        }
    }
    return error;
}

/* The heap is gone, and with it whoever could be told by an exception. */
_Noreturn static void content_lost(void)
{
    forget();
    psram_stop("\r\nspiram tuning: the content of the memory is lost\r\n" PSRAM_STOPPED);
}

static int test_all(struct spiram *ram, const struct spiram_tune_config *config,
                    const struct spiram_timing *timing)
{
    struct spiram_fault fault = {.kind = SPIRAM_FAULT_NONE};
    uint32_t size = spiram_usable_size(ram);
    int error = SPIRAM_OK;
    for (uint32_t at = 0; at < size && error == SPIRAM_OK; at += BLOCK_BYTES) {
        uint32_t length = size - at < BLOCK_BYTES ? size - at : BLOCK_BYTES;
        error = spiram_tune_test_block(ram, config, timing, at, block, length, &fault);
    }
    return error;
}

/* The candidate, from its test to being in force; SPIRAM_ERR_SPEED if it does not hold. */
static int prove(struct spiram *ram, const struct spiram_tune_config *config)
{
    struct spiram_timing timing;
    int error = spiram_tune_timing(ram, config, &candidate, &timing);
    if (error == SPIRAM_OK) {
        error = test_all(ram, config, &timing);
    }
    /* A write that went elsewhere has not been seen by the test of its own block. */
    if (error == SPIRAM_OK || error == SPIRAM_ERR_SPEED) {
        int lost = sum_up(ram, true);
        error = lost != SPIRAM_OK ? lost : error;
    }
    if (error == SPIRAM_OK) {
        error = activate(ram, config);
    }
    if (error == SPIRAM_OK && sum_up(ram, true) != SPIRAM_OK) {
        /* Read wrong, or lost? The caller compares again at the safe timing. */
        error = SPIRAM_ERR_SPEED;
    }
    return error;
}

static int tune(struct spiram *ram, const struct spiram_tune_config *config)
{
    int error = search(ram, config);
    while (error == SPIRAM_OK) {
        error = prove(ram, config);
        if (error != SPIRAM_ERR_SPEED) {
            break;
        }
        strike_candidate();
        error = to_datasheet(ram);
        if (error == SPIRAM_OK) {
            error = spiram_tune_choose(ram, config, row_count, &candidate);
        }
        if (error == SPIRAM_OK && candidate.clock_hz <= datasheet.clock_hz) {
            error = SPIRAM_ERR_SPEED;
        }
    }
    return error;
}

/* Not without the chip, nor in a profile that never went through psram_tune_boot(): at 1 MHz
 * nothing would be done in a millisecond. */
static bool possible(const struct spiram *ram)
{
    return ram->state == SPIRAM_STATE_MAPPED && datasheet.clock_hz != 0;
}

bool psram_tune_is_on(void)
{
    return on;
}

int psram_tune(struct spiram *ram, const struct psram_tune_request *request,
               struct psram_tune_report *report)
{
    struct spiram_tune_config config = configuration(ram, request->chip, request->max_hz);
    if (!possible(ram)) {
        return SPIRAM_ERR_STATE;
    }
    on = true;
    quiet_state.longest = 0;
    forget();
    int error = to_datasheet(ram);
    if (error == SPIRAM_OK) {
        error = sum_up(ram, false);
    }
    if (error == SPIRAM_OK) {
        error = tune(ram, &config);
    }
    /* All errors but these leave the window closed, or the content in doubt. */
    if (error != SPIRAM_OK &&
        (error != SPIRAM_ERR_SPEED || to_datasheet(ram) != SPIRAM_OK || sum_up(ram, true) != 0)) {
        content_lost();
    }
    on = false;
    if (error == SPIRAM_OK && request->keep) {
        keep(ram, &config);
    }
    *report = (struct psram_tune_report){
        .tuning = active,
        .timing = ram->timing,
        .chip = config.chip != NULL ? config.chip->name : ram->chip.name,
        .irq_off_us = quiet_state.longest / (SystemCoreClock / 1000000u),
    };
    return error;
}

int psram_tune_grid(struct spiram *ram, const struct psram_tune_request *request,
                    struct spiram_shmoo *shmoo)
{
    struct spiram_tune_config config = configuration(ram, request->chip, request->max_hz);
    const struct spiram_timing in_force = ram->timing;
    if (!possible(ram)) {
        return SPIRAM_ERR_STATE;
    }
    int error = retime(ram, &datasheet);
    if (error == SPIRAM_OK) {
        error = spiram_tune_sweep(ram, &config, &row_count);
    }
    if (error == SPIRAM_OK) {
        error = retime(ram, &in_force);
    }
    if (error != SPIRAM_OK) {
        content_lost();
    }
    bool found = false;
    for (size_t n = 0; n < row_count && !found; n++) {
        found = spiram_tune_row_choice(&rows[n], &ram->bus->limits, &candidate);
    }
    *shmoo = (struct spiram_shmoo){.rows = rows,
                                   .row_count = row_count,
                                   .limits = &ram->bus->limits,
                                   .chosen = found ? &candidate : NULL};
    return SPIRAM_OK;
}
