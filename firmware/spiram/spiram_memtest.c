/* SPDX-License-Identifier: MIT */

#include "spiram_memtest.h"
#include "spiram_access.h"

#include <string.h>

#define WORD_BYTES 4u
#define PAGE_BYTES 1024u

#define GUARD_US_DEFAULT     1000u
#define RETENTION_MS_DEFAULT 100u

/* Blocks between two calls of progress(). */
#define PROGRESS_BYTES 65536u

/* ---- patterns ---------------------------------------------------------------------------- */

/* A word's content follows from its place in the chip, whatever block it is tested in. */
struct pattern {
    uint32_t base;
    uint32_t step;      /* each word is so much more than the one before */
    uint32_t odd;       /* xor-ed to every second word */
    bool random;        /* mixed from base and place */
    uint32_t inversion; /* xor-ed to all */
};

static struct pattern inverse(struct pattern pattern)
{
    pattern.inversion = ~pattern.inversion;
    return pattern;
}

/* Each bit of x changes about half of the bits of the result: two rounds of a multiplication, which
 * carries upwards, and a shift, which brings the upper bits down. */
static uint32_t mix(uint32_t x)
{
    const uint32_t golden = UINT32_C(0x9E3779B1);
    x = (x ^ x >> 15) * golden;
    x = (x ^ x >> 13) * golden;
    return x ^ x >> 16;
}

static uint32_t word_of(const struct pattern *p, uint32_t index)
{
    uint32_t word = p->random ? mix(p->base + index) : p->base + index * p->step;
    return word ^ p->inversion ^ (index & 1U ? p->odd : 0);
}

/* ---- one element ------------------------------------------------------------------------- */

struct region {
    uint32_t offset;
    uint32_t length;
};

struct run {
    struct spiram *ram;
    const struct spiram_memtest_config *config;
    struct spiram_fault *fault;
    unsigned test;
    uint32_t pass;
};

enum { READS = 1, WRITES = 2, DOWN = 4 };

static int wrong_word(const struct run *run, uint32_t offset, uint32_t written, uint32_t read)
{
    *run->fault = (struct spiram_fault){.kind = SPIRAM_FAULT_WORD,
                                        .width = 32,
                                        .offset = offset,
                                        .address = (uintptr_t)run->ram->window + offset,
                                        .written = written,
                                        .read = read};
    return SPIRAM_ERR_MEMORY;
}

/*
 * Over all words of a region, up or down: reads and compares, writes, or both. The sync behind it
 * is the boundary between elements: what was written is in the chip, what is read next comes from
 * there.
 */
static int element(const struct run *run, struct region region, unsigned what,
                   struct pattern expected, struct pattern next)
{
    volatile uint32_t *window = (volatile uint32_t *)run->ram->window;
    uint32_t first = region.offset / WORD_BYTES;
    uint32_t words = region.length / WORD_BYTES;

    for (uint32_t n = 0; n < words; n++) {
        uint32_t index = first + (what & DOWN ? words - 1 - n : n);
        if (what & READS) {
            uint32_t got = window[index];
            uint32_t wanted = word_of(&expected, index);
            if (got != wanted) {
                return wrong_word(run, index * WORD_BYTES, wanted, got);
            }
        }
        if (what & WRITES) {
            window[index] = word_of(&next, index);
        }
    }
    return spiram_sync(run->ram, region.offset, region.length);
}

/* ---- tests of a region ------------------------------------------------------------------- */

struct step {
    uint8_t what;
    bool expected_inverse; /* of the test's pattern */
    bool next_inverse;
};

static int run_steps(const struct run *run, struct region region, struct pattern pattern,
                     const struct step *steps, size_t count)
{
    int error = SPIRAM_OK;
    for (size_t n = 0; n < count && error == SPIRAM_OK; n++) {
        error = element(run, region, steps[n].what,
                        steps[n].expected_inverse ? inverse(pattern) : pattern,
                        steps[n].next_inverse ? inverse(pattern) : pattern);
    }
    return error;
}

/* Both levels, each written and read. */
static const struct step both_levels[] = {
    {WRITES, false, false},
    {READS, false, false},
    {WRITES, false, true},
    {READS, true, true},
};

/* March C-: {any (w0); up (r0, w1); up (r1, w0); down (r0, w1); down (r1, w0); any (r0)}. Finds
 * stuck cells, cells that cannot change, and cells that change with a neighbour (van de Goor). */
static const struct step march[] = {
    {WRITES, false, false},
    {READS | WRITES, false, true},
    {READS | WRITES, true, false},
    {READS | WRITES | DOWN, false, true},
    {READS | WRITES | DOWN, true, false},
    {READS, false, false},
};

static const struct step inversions[] = {
    {WRITES, false, false},
    {READS | WRITES, false, true},
    {READS | WRITES | DOWN, true, false},
    {READS, false, false},
};

#define STEPS(steps) steps, sizeof(steps) / sizeof(steps)[0]

static int own_address(const struct run *run, struct region region)
{
    struct pattern pattern = {.base = (uint32_t)(uintptr_t)run->ram->window, .step = WORD_BYTES};
    return run_steps(run, region, pattern, STEPS(both_levels));
}

static int checkerboard(const struct run *run, struct region region)
{
    struct pattern pattern = {.base = UINT32_C(0x55555555), .odd = UINT32_MAX};
    return run_steps(run, region, pattern, STEPS(both_levels));
}

static int march_c(const struct run *run, struct region region)
{
    struct pattern pattern = {.base = 0};
    return run_steps(run, region, pattern, STEPS(march));
}

static int moving_inversions(const struct run *run, struct region region)
{
    struct pattern pattern = {.base = UINT32_C(0x01010101) << run->pass % 8U};
    return run_steps(run, region, pattern, STEPS(inversions));
}

static int random_words(const struct run *run, struct region region)
{
    struct pattern pattern = {.base = mix(run->config->seed + run->pass), .random = true};
    return run_steps(run, region, pattern, STEPS(both_levels));
}

static int turnaround(const struct run *run, struct region region)
{
    for (uint32_t at = 0; at < region.length; at += SPIRAM_BLOCK_BYTES) {
        struct region block = {region.offset + at, SPIRAM_BLOCK_BYTES};
        struct pattern pattern = {.base = run->pass, .random = true};
        int error = run_steps(run, block, pattern, STEPS(both_levels));
        if (error != SPIRAM_OK) {
            return error;
        }
    }
    return SPIRAM_OK;
}

static int access_widths(const struct run *run, struct region region)
{
    return spiram_test_widths(run->ram, region.offset, region.length, run->fault);
}

static void pause_ms(const struct run *run, uint32_t ms)
{
    const struct spiram_bus *bus = run->ram->bus;
    if (run->config->pause_ms != NULL) {
        run->config->pause_ms(run->config->context, ms);
        return;
    }
    for (; ms > 0; ms--) {
        bus->delay_us(bus->context, 1000);
    }
}

/* Clocks of a mapped frame that reads a block: 14 before the data, 64 of data, nCS high. */
static uint32_t block_clocks(const struct spiram *ram)
{
    return 14U + 2U * SPIRAM_BLOCK_BYTES + ram->timing.high_clocks + 3U;
}

/*
 * Reads two blocks in turn for about `ms`, one frame close to the other: nCS is high, and the chip
 * can refresh, for little more than tCPH at a time; and two rows are opened again and again, which
 * drains their neighbours.
 */
static int hold_refresh_back(const struct run *run, struct region region, uint32_t ms)
{
    const volatile uint32_t *window = (const volatile uint32_t *)run->ram->window;
    const struct region blocks[2] = {
        {region.offset, SPIRAM_BLOCK_BYTES},
        {region.offset + (region.length - SPIRAM_BLOCK_BYTES), SPIRAM_BLOCK_BYTES}};
    uint64_t frames = (uint64_t)ms * run->ram->timing.clock_hz / 1000U / block_clocks(run->ram);
    int error = SPIRAM_OK;
    for (uint64_t n = 0; n < frames && error == SPIRAM_OK; n++) {
        (void)window[blocks[n % 2].offset / WORD_BYTES];
        error = spiram_sync(run->ram, blocks[n % 2].offset, SPIRAM_BLOCK_BYTES);
    }
    return error;
}

/*
 * Ones, then zeros: a cell may lose either, whichever level is a charge in it. Each is read after a
 * rest and again after the refresh was held back.
 */
static int retention(const struct run *run, struct region region)
{
    uint32_t ms = run->config->retention_ms != 0 ? run->config->retention_ms : RETENTION_MS_DEFAULT;
    for (uint32_t level = 0; level < 2; level++) {
        struct pattern pattern = {.base = level == 0 ? UINT32_MAX : 0};
        int error = element(run, region, WRITES, pattern, pattern);
        if (error == SPIRAM_OK) {
            pause_ms(run, ms);
            error = element(run, region, READS, pattern, pattern);
        }
        if (error == SPIRAM_OK) {
            error = hold_refresh_back(run, region, ms);
        }
        if (error == SPIRAM_OK) {
            error = element(run, region, READS, pattern, pattern);
        }
        if (error != SPIRAM_OK) {
            return error;
        }
    }
    return SPIRAM_OK;
}

/* ---- guarded blocks ---------------------------------------------------------------------- */

/* What a failing test left in the cache must not stand for what is in the chip: hence two syncs.
 * The content goes back even if one of them fails. */
static int restore(const struct run *run, struct region region, const uint32_t *saved)
{
    int synced = spiram_sync(run->ram, region.offset, region.length);
    spiram_access_copy((volatile uint32_t *)run->ram->window + region.offset / WORD_BYTES, saved,
                       region.length);
    int restored = spiram_sync(run->ram, region.offset, region.length);
    return synced != SPIRAM_OK ? synced : restored;
}

typedef int test_function(const struct run *run, struct region region);

/* Saves, tests, puts back, all within one section; without a guard only tests. */
static int test_kept(const struct run *run, test_function *test, struct region region)
{
    const struct spiram_guard *guard = run->config->guard;
    if (guard == NULL) {
        return test(run, region);
    }
    volatile uint32_t *place = (volatile uint32_t *)run->ram->window + region.offset / WORD_BYTES;
    uint32_t *saved = (uint32_t *)(uintptr_t)guard->saved;

    spiram_guard_enter(guard);
    spiram_access_copy(saved, place, region.length);
    int error = test(run, region);
    int restored = restore(run, region, saved);
    spiram_guard_leave(guard);
    return error != SPIRAM_OK ? error : restored;
}

/*
 * The largest power of two that fits in what can be saved and in the time of a section. The longest
 * test moves a block 16 times between chip and cache, half of it filling lines that are
 * overwritten.
 */
static uint32_t block_bytes(const struct spiram *ram, const struct spiram_guard *guard)
{
    const uint32_t moves = 16;
    uint32_t max_us = guard->max_us != 0 ? guard->max_us : GUARD_US_DEFAULT;
    /* Half of it is for the processor: calls, comparing, caches. */
    uint64_t budget = (uint64_t)max_us * (ram->timing.clock_hz / 1000000U + 1U) / 2U;
    uint32_t bytes = SPIRAM_BLOCK_BYTES;
    while (2U * bytes <= guard->saved_bytes && bytes < PAGE_BYTES &&
           2ULL * bytes / SPIRAM_BLOCK_BYTES * moves * block_clocks(ram) <= budget) {
        bytes *= 2U;
    }
    return bytes;
}

static bool goes_on(const struct run *run, uint32_t done, uint32_t length)
{
    const struct spiram_memtest_config *config = run->config;
    unsigned percent = (unsigned)((uint64_t)done * 100U / length);
    return config->progress == NULL || config->progress(config->context, run->test, percent);
}

static int by_blocks(const struct run *run, test_function *test, struct region all, uint32_t block)
{
    int error = SPIRAM_OK;
    uint32_t step = 0;
    for (uint32_t done = 0; done < all.length && error == SPIRAM_OK; done += step) {
        step = all.length - done < block ? all.length - done : block;
        error = test_kept(run, test, (struct region){all.offset + done, step});
        if (error == SPIRAM_OK && (done + step) / PROGRESS_BYTES != done / PROGRESS_BYTES &&
            done + step < all.length && !goes_on(run, done + step, all.length)) {
            error = SPIRAM_ERR_STOPPED;
        }
    }
    return error;
}

/* Does what is written at the end show at the beginning? Kept like one region of two blocks. */
static int both_ends(const struct run *run, struct region all)
{
    const struct spiram_guard *guard = run->config->guard;
    volatile uint32_t *window = (volatile uint32_t *)run->ram->window;
    uint32_t *saved = guard != NULL ? (uint32_t *)(uintptr_t)guard->saved : NULL;
    const uint32_t block_words = SPIRAM_BLOCK_BYTES / WORD_BYTES;
    const struct region ends[2] = {
        {all.offset, SPIRAM_BLOCK_BYTES},
        {all.offset + all.length - SPIRAM_BLOCK_BYTES, SPIRAM_BLOCK_BYTES}};
    struct pattern pattern = {.base = run->pass, .random = true};
    int error = SPIRAM_OK;

    spiram_guard_enter(guard);
    for (unsigned n = 0; n < 2 && saved != NULL; n++) {
        spiram_access_copy(saved + n * block_words, window + ends[n].offset / WORD_BYTES,
                           SPIRAM_BLOCK_BYTES);
    }
    for (unsigned n = 0; n < 8 && error == SPIRAM_OK; n++) {
        struct pattern level = n < 4 ? pattern : inverse(pattern);
        error = element(run, ends[n % 2], n % 4 < 2 ? WRITES : READS, level, level);
    }
    for (unsigned n = 0; n < 2 && saved != NULL; n++) {
        int restored = restore(run, ends[n], saved + n * block_words);
        error = error != SPIRAM_OK ? error : restored;
    }
    spiram_guard_leave(guard);
    return error;
}

/* Two blocks around each page's end, as one region. */
static int boundaries(const struct run *run, struct region all)
{
    int error = all.length >= 2U * SPIRAM_BLOCK_BYTES ? both_ends(run, all) : SPIRAM_OK;
    uint32_t end = all.offset + all.length;
    uint32_t page = (all.offset + SPIRAM_BLOCK_BYTES + PAGE_BYTES - 1U) / PAGE_BYTES * PAGE_BYTES;
    for (; page + SPIRAM_BLOCK_BYTES <= end && error == SPIRAM_OK; page += PAGE_BYTES) {
        struct region around = {page - SPIRAM_BLOCK_BYTES, 2U * SPIRAM_BLOCK_BYTES};
        error = test_kept(run, random_words, around);
        if (error == SPIRAM_OK && page % PROGRESS_BYTES == 0 &&
            !goes_on(run, page - all.offset, all.length)) {
            error = SPIRAM_ERR_STOPPED;
        }
    }
    return error;
}

/* ---- the tests --------------------------------------------------------------------------- */

/* How it goes over the range. */
enum manner { WALKS, BOUNDARIES, BLOCKS, WHOLE };

/* In the order of their bits. */
static const struct {
    const char *name;
    enum manner manner;
    test_function *run;
} tests[SPIRAM_MEMTEST_COUNT] = {
    {"data", WALKS, NULL},
    {"address", WALKS, NULL},
    {"widths", BLOCKS, access_widths},
    {"boundaries", BOUNDARIES, NULL},
    {"turnaround", BLOCKS, turnaround},
    {"own_address", WHOLE, own_address},
    {"checkerboard", WHOLE, checkerboard},
    {"march", WHOLE, march_c},
    {"inversions", WHOLE, moving_inversions},
    {"random", WHOLE, random_words},
    {"retention", WHOLE, retention},
};

const char *spiram_memtest_name(unsigned test)
{
    for (unsigned n = 0; n < SPIRAM_MEMTEST_COUNT; n++) {
        if (test == 1U << n) {
            return tests[n].name;
        }
    }
    return NULL;
}

unsigned spiram_memtest_find(const char *name)
{
    for (unsigned n = 0; name != NULL && n < SPIRAM_MEMTEST_COUNT; n++) {
        if (strcmp(tests[n].name, name) == 0) {
            return 1U << n;
        }
    }
    return 0;
}

static int run_walk(const struct run *run)
{
    const struct spiram_guard *guard = run->config->guard;
    return run->test == SPIRAM_MEMTEST_DATA
               ? spiram_test_data_lines(run->ram, guard, run->fault)
               : spiram_test_address_lines(run->ram, guard, run->fault);
}

static int run_test(const struct run *run, unsigned number, struct region all)
{
    const struct spiram_guard *guard = run->config->guard;
    if (!goes_on(run, 0, all.length)) {
        return SPIRAM_ERR_STOPPED;
    }
    int error = SPIRAM_OK;
    switch (tests[number].manner) {
    case WALKS:
        error = run_walk(run);
        break;
    case BOUNDARIES:
        error = boundaries(run, all);
        break;
    case BLOCKS:
        error = by_blocks(run, tests[number].run, all,
                          guard != NULL ? block_bytes(run->ram, guard) : PAGE_BYTES);
        break;
    case WHOLE:
        error = by_blocks(run, tests[number].run, all,
                          guard != NULL ? block_bytes(run->ram, guard) : all.length);
        break;
    }
    if (error == SPIRAM_OK && !goes_on(run, all.length, all.length)) {
        error = SPIRAM_ERR_STOPPED;
    }
    return error;
}

static int check_config(const struct spiram *ram, const struct spiram_memtest_config *config,
                        struct region *all)
{
    if (ram->state != SPIRAM_STATE_MAPPED) {
        return SPIRAM_ERR_STATE;
    }
    uint32_t usable = spiram_usable_size(ram) & ~(SPIRAM_BLOCK_BYTES - 1U);
    if (config->tests == 0 || (config->tests & ~SPIRAM_MEMTEST_ALL) != 0 ||
        (config->offset | config->length) % SPIRAM_BLOCK_BYTES != 0 || config->offset >= usable ||
        config->length > usable - config->offset || !spiram_guard_is_complete(config->guard) ||
        (config->guard != NULL && (config->tests & SPIRAM_MEMTEST_RETENTION) != 0)) {
        return SPIRAM_ERR_PARAM;
    }
    all->offset = config->offset;
    all->length = config->length != 0 ? config->length : usable - config->offset;
    return SPIRAM_OK;
}

int spiram_memtest(struct spiram *ram, const struct spiram_memtest_config *config,
                   struct spiram_fault *fault)
{
    if (ram == NULL || config == NULL || fault == NULL) {
        return SPIRAM_ERR_PARAM;
    }
    *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NONE};
    struct region all;
    int error = check_config(ram, config, &all);
    uint32_t passes = config->passes != 0 ? config->passes : 1;
    for (uint32_t pass = 0; pass < passes && error == SPIRAM_OK; pass++) {
        for (unsigned n = 0; n < SPIRAM_MEMTEST_COUNT && error == SPIRAM_OK; n++) {
            struct run run = {ram, config, fault, 1U << n, pass};
            if (config->tests & 1U << n) {
                error = run_test(&run, n, all);
            }
        }
    }
    if (error != SPIRAM_ERR_MEMORY) {
        *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NONE};
    }
    return error;
}
