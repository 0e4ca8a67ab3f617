/* SPDX-License-Identifier: MIT */

/* docs/spiram.md, "Tuning", has the arithmetic and the reasons. */
#include "spiram_tune.h"

#include <string.h>

#include "spiram_access.h"

#define POINTS_WITHOUT_LINE 2U

/* From one row to the next, and the narrowest run: parts of the clock, and of the period. */
#define ROW_STEP 16U
#define RUN_PART 4U

/* Times that a point is tried, each with another pattern, and reads of the pattern each time. */
#define TRIES       4U
#define READS       2U
#define CHECK_TRIES 4U
#define FRAME_MAX   32U
#define SEED        0x2545F491U

unsigned spiram_tuning_margin(const struct spiram_tuning *tuning)
{
    unsigned early = (unsigned)tuning->point - tuning->first;
    unsigned late = (unsigned)tuning->last - tuning->point;
    return early < late ? early : late;
}

unsigned spiram_tune_points(const struct spiram_bus_limits *limits)
{
    unsigned taps = limits->sample_taps;
    unsigned points = 1 + taps + (taps - taps / 2);
    if (taps == 0) {
        return POINTS_WITHOUT_LINE;
    }
    return points < SPIRAM_TUNE_POINTS ? points : SPIRAM_TUNE_POINTS;
}

void spiram_tune_set_point(struct spiram_timing *timing, const struct spiram_bus_limits *limits,
                           unsigned point)
{
    unsigned taps = limits->sample_taps;
    if (point <= taps) {
        timing->sample_late = false;
        timing->sample_tap = (uint8_t)point;
    } else {
        timing->sample_late = true;
        timing->sample_tap = taps == 0 ? 0 : (uint8_t)(point - taps + taps / 2);
    }
}

/* All lines toggle, each against each: one bit, all but one, all, none; then noise, in which no
 * byte or half of one is where it would be after a slip. */
static void make_pattern(uint8_t *bytes, uint32_t seed)
{
    static const uint8_t toggles[16] = {0x0F, 0xF0, 0x1E, 0x2D, 0x4B, 0x87, 0xE1, 0xD2,
                                        0xB4, 0x78, 0x5A, 0xA5, 0x69, 0x96, 0x3C, 0xC3};
    uint32_t noise = seed;
    for (unsigned n = 0; n < SPIRAM_TUNE_BYTES; n++) {
        /* Numerical Recipes' congruential generator; its high bits are the good ones. */
        noise = noise * 1664525U + 1013904223U;
        bytes[n] = n & sizeof toggles ? (uint8_t)(noise >> 24) : toggles[n % sizeof toggles];
    }
}

static int run(const struct spiram *ram, const struct spiram_timing *timing)
{
    return ram->bus->configure(ram->bus->context, timing);
}

/* State READY. */
static int set_timing(struct spiram *ram, const struct spiram_timing *timing)
{
    int error = run(ram, timing);
    if (error == SPIRAM_OK) {
        ram->timing = *timing;
    }
    return error;
}

static int compare(struct spiram *ram, uint32_t address, const uint8_t *wanted, unsigned reads,
                   bool *equal)
{
    int error = SPIRAM_OK;
    *equal = true;
    for (unsigned read = 0; read < reads && error == SPIRAM_OK && *equal; read++) {
        for (uint32_t n = 0; n < SPIRAM_TUNE_BYTES && error == SPIRAM_OK && *equal;
             n += FRAME_MAX) {
            uint8_t got[FRAME_MAX] = {0};
            error = spiram_read(ram, address + n, got, sizeof got);
            *equal = error == SPIRAM_OK && memcmp(got, wanted + n, sizeof got) == 0;
        }
    }
    return error;
}

static void quiet(const struct spiram_tune_config *config, bool on)
{
    if (config->quiet != NULL) {
        config->quiet(config->context, on);
    }
}

/* The window closed, if it was open; and as it was. */
static int open_visit(struct spiram *ram, bool *mapped)
{
    *mapped = ram->state == SPIRAM_STATE_MAPPED;
    return *mapped ? spiram_unmap(ram) : SPIRAM_OK;
}

static int close_visit(struct spiram *ram, bool mapped)
{
    return mapped ? spiram_map(ram) : SPIRAM_OK;
}

/*
 * State READY, in the place that has been saved: is the pattern read right at the trial timing? It
 * is written there too if `writes`, else at the safe one. A point that the delay line cannot make
 * is not good. Back to the safe timing in any case.
 */
static int try_pattern(struct spiram *ram, const struct spiram_tune_config *config,
                       const struct spiram_timing *trial, bool writes, uint32_t seed, bool *good)
{
    const struct spiram_timing safe = ram->timing;
    uint8_t pattern[SPIRAM_TUNE_BYTES];
    int error = SPIRAM_OK;

    make_pattern(pattern, seed);
    *good = false;
    if (writes) {
        /* So that what is read back has been written by the writes in question. */
        uint8_t inverse[SPIRAM_TUNE_BYTES];
        for (size_t n = 0; n < sizeof inverse; n++) {
            inverse[n] = (uint8_t)~pattern[n];
        }
        error = spiram_write(ram, config->scratch, inverse, sizeof inverse);
    } else {
        error = spiram_write(ram, config->scratch, pattern, sizeof pattern);
    }
    if (error != SPIRAM_OK) {
        return error;
    }
    error = set_timing(ram, trial);
    bool made = error != SPIRAM_ERR_TIMING;
    if (error == SPIRAM_OK && writes) {
        error = spiram_write(ram, config->scratch, pattern, sizeof pattern);
    }
    if (error == SPIRAM_OK) {
        error = compare(ram, config->scratch, pattern, READS, good);
    }
    int back = set_timing(ram, &safe);
    if (back != SPIRAM_OK || (made && error != SPIRAM_OK)) {
        return back != SPIRAM_OK ? back : error;
    }
    return *good && writes ? compare(ram, config->scratch, pattern, 1, good) : SPIRAM_OK;
}

/* One try, the memory left as it was found. */
static int visit(struct spiram *ram, const struct spiram_tune_config *config,
                 const struct spiram_timing *trial, bool writes, uint32_t seed, bool *good)
{
    uint8_t saved[SPIRAM_TUNE_BYTES];
    bool restored = false;
    bool mapped = false;

    *good = false;
    /* What can be written out early need not be while everything else waits. */
    if (ram->state == SPIRAM_STATE_MAPPED) {
        int error = spiram_sync(ram, 0, spiram_usable_size(ram));
        if (error != SPIRAM_OK) {
            return error;
        }
    }
    quiet(config, true);
    int error = open_visit(ram, &mapped);
    if (error == SPIRAM_OK) {
        error = spiram_read(ram, config->scratch, saved, sizeof saved);
        if (error == SPIRAM_OK) {
            error = try_pattern(ram, config, trial, writes, seed, good);
            int lost = spiram_write(ram, config->scratch, saved, sizeof saved);
            if (lost == SPIRAM_OK) {
                lost = compare(ram, config->scratch, saved, 1, &restored);
            }
            if (lost != SPIRAM_OK || !restored) {
                error = SPIRAM_ERR_MEMORY;
            }
        }
        int closed = close_visit(ram, mapped);
        error = closed != SPIRAM_OK ? closed : error;
    }
    quiet(config, false);
    return error;
}

static int visits(struct spiram *ram, const struct spiram_tune_config *config,
                  const struct spiram_timing *trial, bool writes, unsigned tries, bool *good)
{
    int error = SPIRAM_OK;
    *good = true;
    for (unsigned n = 0; n < tries && *good && error == SPIRAM_OK; n++) {
        error = visit(ram, config, trial, writes, SEED + n, good);
    }
    return error;
}

static const struct spiram_chip *chip_of(const struct spiram *ram,
                                         const struct spiram_tune_config *config)
{
    return config->chip != NULL ? config->chip : &ram->chip;
}

static uint32_t highest_clock(const struct spiram *ram, const struct spiram_tune_config *config)
{
    const struct spiram_bus_limits *limits = &ram->bus->limits;
    uint32_t hz = spiram_max_clock(chip_of(ram, config), limits, config->waive);
    if (config->max_hz != 0 && config->max_hz < hz) {
        hz = config->max_hz;
    }
    if (limits->sample_taps == 0 && hz > SPIRAM_UNTRAINED_MAX_HZ) {
        hz = SPIRAM_UNTRAINED_MAX_HZ;
    }
    return hz;
}

int spiram_tune_timing(const struct spiram *ram, const struct spiram_tune_config *config,
                       const struct spiram_tuning *tuning, struct spiram_timing *timing)
{
    const struct spiram_bus_limits *limits = &ram->bus->limits;
    if (tuning->clock_hz > highest_clock(ram, config) ||
        tuning->point >= spiram_tune_points(limits)) {
        return SPIRAM_ERR_TIMING;
    }
    int error =
        spiram_timing(timing, chip_of(ram, config), limits, tuning->clock_hz, config->waive);
    if (error == SPIRAM_OK) {
        spiram_tune_set_point(timing, limits, tuning->point);
    }
    return error;
}

static int check_arguments(const struct spiram *ram, const struct spiram_tune_config *config)
{
    if (ram == NULL || config == NULL || config->scratch % SPIRAM_TUNE_BYTES != 0) {
        return SPIRAM_ERR_PARAM;
    }
    if (ram->state == SPIRAM_STATE_OFF) {
        return SPIRAM_ERR_STATE;
    }
    return config->scratch + SPIRAM_TUNE_BYTES <= spiram_usable_size(ram) ? SPIRAM_OK
                                                                          : SPIRAM_ERR_PARAM;
}

static int sweep_row(struct spiram *ram, const struct spiram_tune_config *config,
                     struct spiram_tune_row *row)
{
    unsigned points = spiram_tune_points(&ram->bus->limits);
    int error = SPIRAM_OK;
    for (unsigned point = 0; point < points && error == SPIRAM_OK; point++) {
        const struct spiram_tuning tuning = {.clock_hz = row->clock_hz, .point = (uint8_t)point};
        struct spiram_timing trial;
        bool good = false;
        error = spiram_tune_timing(ram, config, &tuning, &trial);
        if (error == SPIRAM_OK) {
            error = visits(ram, config, &trial, false, TRIES, &good);
        }
        row->good |= (uint32_t)good << point;
    }
    return error;
}

int spiram_tune_sweep(struct spiram *ram, const struct spiram_tune_config *config,
                      size_t *row_count)
{
    int error = check_arguments(ram, config);
    if (error != SPIRAM_OK || row_count == NULL || (config->rows == NULL && config->rows_max > 0)) {
        return error != SPIRAM_OK ? error : SPIRAM_ERR_PARAM;
    }
    *row_count = 0;
    uint32_t ceiling = highest_clock(ram, config);
    while (*row_count < config->rows_max && error == SPIRAM_OK) {
        uint32_t hz = ram->bus->nearest_clock(ram->bus->context, ceiling);
        if (hz == 0 || hz < config->min_hz) {
            break;
        }
        struct spiram_tune_row *row = &config->rows[*row_count];
        *row = (struct spiram_tune_row){.clock_hz = hz};
        error = sweep_row(ram, config, row);
        ++*row_count;
        ceiling = hz - hz / ROW_STEP;
    }
    return error;
}

bool spiram_tune_row_choice(const struct spiram_tune_row *row,
                            const struct spiram_bus_limits *limits, struct spiram_tuning *tuning)
{
    unsigned points = spiram_tune_points(limits);
    unsigned wanted = (limits->sample_taps + RUN_PART - 1) / RUN_PART;
    unsigned longest = 0;
    unsigned run_length = 0;

    for (unsigned point = 0; point < points; point++) {
        run_length = row->good >> point & 1U ? run_length + 1 : 0;
        if (run_length > longest) {
            longest = run_length;
            tuning->last = (uint8_t)point;
        }
    }
    if (longest == 0 || longest < wanted) {
        return false;
    }
    tuning->clock_hz = row->clock_hz;
    tuning->first = (uint8_t)(tuning->last - (longest - 1));
    tuning->point = (uint8_t)(tuning->first + (longest - 1) / 2);
    return true;
}

int spiram_tune_choose(struct spiram *ram, const struct spiram_tune_config *config,
                       size_t row_count, struct spiram_tuning *tuning)
{
    int error = check_arguments(ram, config);
    for (size_t n = 0; n < row_count && error == SPIRAM_OK; n++) {
        struct spiram_timing timing;
        bool good = false;
        if (!spiram_tune_row_choice(&config->rows[n], &ram->bus->limits, tuning)) {
            continue;
        }
        error = spiram_tune_timing(ram, config, tuning, &timing);
        if (error == SPIRAM_OK) {
            error = visits(ram, config, &timing, true, CHECK_TRIES, &good);
        }
        if (error == SPIRAM_OK && good) {
            return SPIRAM_OK;
        }
    }
    return error != SPIRAM_OK ? error : SPIRAM_ERR_SPEED;
}

int spiram_tune_check(struct spiram *ram, const struct spiram_tune_config *config,
                      const struct spiram_tuning *tuning)
{
    int error = check_arguments(ram, config);
    const unsigned at[] = {
        tuning->point,
        tuning->point - ((unsigned)tuning->point - tuning->first) / 2,
        tuning->point + ((unsigned)tuning->last - tuning->point) / 2,
    };
    struct spiram_timing timing;
    bool good = true;

    for (size_t n = 0; n < sizeof at / sizeof at[0] && good && error == SPIRAM_OK; n++) {
        struct spiram_tuning place = *tuning;
        place.point = (uint8_t)at[n];
        if (spiram_tune_timing(ram, config, &place, &timing) != SPIRAM_OK) {
            return SPIRAM_ERR_SPEED;
        }
        error = visits(ram, config, &timing, false, CHECK_TRIES, &good);
    }
    if (good && error == SPIRAM_OK) {
        error = spiram_tune_timing(ram, config, tuning, &timing);
    }
    if (good && error == SPIRAM_OK) {
        error = visits(ram, config, &timing, true, CHECK_TRIES, &good);
    }
    return error == SPIRAM_OK && !good ? SPIRAM_ERR_SPEED : error;
}

int spiram_retime(struct spiram *ram, const struct spiram_timing *timing)
{
    bool mapped = false;
    if (ram == NULL || timing == NULL) {
        return SPIRAM_ERR_PARAM;
    }
    if (ram->state == SPIRAM_STATE_OFF) {
        return SPIRAM_ERR_STATE;
    }
    int error = open_visit(ram, &mapped);
    if (error != SPIRAM_OK) {
        return error;
    }
    error = set_timing(ram, timing);
    if (error != SPIRAM_OK) {
        int back = run(ram, &ram->timing);
        if (back != SPIRAM_OK) {
            return back;
        }
    }
    int closed = close_visit(ram, mapped);
    return closed != SPIRAM_OK ? closed : error;
}

static int put_back(struct spiram *ram, uint32_t offset, const uint32_t *saved, uint32_t bytes)
{
    volatile uint32_t *to = (volatile uint32_t *)ram->window + offset / sizeof *saved;
    spiram_access_copy(to, saved, bytes);
    /* From the chip, not from a cache. */
    int error = spiram_sync(ram, offset, bytes);
    for (uint32_t n = 0; n < bytes / sizeof *saved && error == SPIRAM_OK; n++) {
        error = to[n] == saved[n] ? SPIRAM_OK : SPIRAM_ERR_MEMORY;
    }
    return error;
}

/* At the timing in question. A wrong word is the timing's fault, not yet the memory's. */
static int test_at(struct spiram *ram, const struct spiram_timing *timing, uint32_t offset,
                   uint32_t length, struct spiram_fault *fault)
{
    static const uint8_t widths[] = {8, 32};
    int error = spiram_retime(ram, timing);
    for (size_t n = 0; n < sizeof widths && error == SPIRAM_OK; n++) {
        error = spiram_test_width(ram, widths[n], offset, length, fault);
    }
    return error == SPIRAM_ERR_MEMORY ? SPIRAM_ERR_SPEED : error;
}

int spiram_tune_test_block(struct spiram *ram, const struct spiram_tune_config *config,
                           const struct spiram_timing *timing, uint32_t offset, void *saved,
                           uint32_t length, struct spiram_fault *fault)
{
    if (ram == NULL || config == NULL || timing == NULL || saved == NULL || fault == NULL ||
        offset % sizeof(uint32_t) != 0 || length % sizeof(uint32_t) != 0 || length == 0 ||
        offset >= spiram_usable_size(ram) || length > spiram_usable_size(ram) - offset) {
        return SPIRAM_ERR_PARAM;
    }
    if (ram->state != SPIRAM_STATE_MAPPED) {
        return SPIRAM_ERR_STATE;
    }
    const struct spiram_timing safe = ram->timing;
    int error = spiram_sync(ram, 0, spiram_usable_size(ram));
    if (error != SPIRAM_OK) {
        return error;
    }

    quiet(config, true);
    spiram_access_copy(saved, (const volatile uint32_t *)ram->window + offset / sizeof(uint32_t),
                       length);
    error = test_at(ram, timing, offset, length, fault);
    int back = spiram_retime(ram, &safe);
    if (back == SPIRAM_OK) {
        back = put_back(ram, offset, saved, length);
    }
    quiet(config, false);
    return back != SPIRAM_OK ? back : error;
}

/* ---- the record ---- */

#define RECORD_MAGIC   0x31545053U /* "SPT1" */
#define CRC_POLYNOMIAL 0xEDB88320U /* IEEE 802.3, reflected */

enum {
    WORD_MAGIC,
    WORD_CLOCK,
    WORD_POINT,
    WORD_EID,
    WORD_CHIP = WORD_EID + 2,
    WORD_WAIVE,
    WORD_CRC
};

static uint32_t crc32(const uint8_t *bytes, size_t length)
{
    uint32_t crc = ~0U;
    for (size_t n = 0; n < length; n++) {
        crc ^= bytes[n];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc & 1U ? crc >> 1 ^ CRC_POLYNOMIAL : crc >> 1;
        }
    }
    return ~crc;
}

static uint32_t crc_of_words(const uint32_t *words)
{
    uint8_t bytes[WORD_CRC * sizeof(uint32_t)];
    for (size_t n = 0; n < sizeof bytes; n++) {
        bytes[n] = (uint8_t)(words[n / 4] >> n % 4 * 8);
    }
    return crc32(bytes, sizeof bytes);
}

/* Names, because rows move when one is added. */
static uint32_t chip_word(const struct spiram_chip *chip)
{
    return chip == NULL ? 0 : crc32((const uint8_t *)chip->name, strlen(chip->name));
}

void spiram_tune_pack(uint32_t words[SPIRAM_TUNE_RECORD_WORDS],
                      const struct spiram_tune_record *record)
{
    const struct spiram_tuning *t = &record->tuning;
    memset(words, 0, SPIRAM_TUNE_RECORD_WORDS * sizeof words[0]);
    words[WORD_MAGIC] = RECORD_MAGIC;
    words[WORD_CLOCK] = t->clock_hz;
    words[WORD_POINT] = t->point | (uint32_t)t->first << 8 | (uint32_t)t->last << 16;
    for (unsigned n = 0; n < sizeof record->eid; n++) {
        words[WORD_EID + n / 4] |= (uint32_t)record->eid[n] << n % 4 * 8;
    }
    words[WORD_CHIP] = chip_word(record->chip);
    words[WORD_WAIVE] = record->waive;
    words[WORD_CRC] = crc_of_words(words);
}

bool spiram_tune_unpack(struct spiram_tune_record *record,
                        const uint32_t words[SPIRAM_TUNE_RECORD_WORDS])
{
    if (words[WORD_MAGIC] != RECORD_MAGIC || words[WORD_CRC] != crc_of_words(words)) {
        return false;
    }
    *record = (struct spiram_tune_record){.waive = words[WORD_WAIVE]};
    record->tuning.clock_hz = words[WORD_CLOCK];
    record->tuning.point = (uint8_t)words[WORD_POINT];
    record->tuning.first = (uint8_t)(words[WORD_POINT] >> 8);
    record->tuning.last = (uint8_t)(words[WORD_POINT] >> 16);
    for (unsigned n = 0; n < sizeof record->eid; n++) {
        record->eid[n] = (uint8_t)(words[WORD_EID + n / 4] >> n % 4 * 8);
    }
    for (size_t n = 0; words[WORD_CHIP] != 0 && record->chip == NULL; n++) {
        const struct spiram_chip *chip = spiram_chip_at(n);
        if (chip == NULL) {
            return false;
        }
        record->chip = chip_word(chip) == words[WORD_CHIP] ? chip : NULL;
    }
    return record->tuning.first <= record->tuning.point &&
           record->tuning.point <= record->tuning.last;
}
