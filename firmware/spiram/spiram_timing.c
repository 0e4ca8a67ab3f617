/* SPDX-License-Identifier: MIT */

/*
 * From the chip's numbers and the bus' abilities to controller settings. Everything here is
 * arithmetic on integers, rounded to the safe side; docs/spiram.md works one example by hand.
 */
#include "spiram.h"

#define PS_PER_S UINT64_C(1000000000000)

/* A byte on four lines. */
#define QUAD_CLOCKS_PER_BYTE 2U
#define QUAD_LINES           4U
#define COMMAND_BITS         8U
#define ADDRESS_BITS         24U

/* Periods that begin and end within the time: rounded down. */
static uint64_t clocks_within(uint64_t ps, uint32_t hz)
{
    return ps * hz / PS_PER_S;
}

/* Periods that together last at least the time: rounded up. */
static uint64_t clocks_lasting(uint64_t ps, uint32_t hz)
{
    return (ps * hz + PS_PER_S - 1) / PS_PER_S;
}

/* The clock at which n periods last exactly ps, rounded down; no limit if ps is 0. */
static uint32_t clock_for(uint32_t clocks, uint32_t ps)
{
    if (ps == 0) {
        return UINT32_MAX;
    }
    uint64_t hz = clocks * PS_PER_S / ps;
    return hz < UINT32_MAX ? (uint32_t)hz : UINT32_MAX;
}

static uint32_t lower(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

uint32_t spiram_max_clock(const struct spiram_chip *chip, const struct spiram_bus_limits *limits,
                          unsigned waive)
{
    uint32_t hz = chip->max_hz;

    /* Above this clock a burst may not run over the end of a page, and prefetch would. */
    if (!limits->can_release_at_bounds) {
        hz = lower(hz, chip->max_crossing_hz);
    }
    hz = lower(hz, clock_for(limits->setup_clocks, chip->tcsp_ps));
    hz = lower(hz, clock_for(limits->high_clocks_max, chip->tcph_ps));
    if (!(waive & SPIRAM_WAIVE_TCHD)) {
        hz = lower(hz, clock_for(limits->hold_clocks, chip->tchd_ps));
    }
    return hz;
}

/* Command, address and wait of a four-line read: what each new frame costs before its data. */
static uint32_t read_overhead(const struct spiram_chip *chip)
{
    return COMMAND_BITS / QUAD_LINES + ADDRESS_BITS / QUAD_LINES + chip->quad_read_wait;
}

/*
 * How many clocks may run in one mapped frame, if nCS may be low for `budget` clocks and CLK may
 * stand still, nCS low, for `idle` clocks after each `stall` running ones. The manual does not say
 * whether the refresh counter counts while CLK stands still; this assumes that it does not.
 */
static uint64_t running_clocks(uint64_t budget, uint64_t stall, uint64_t idle)
{
    uint64_t whole = budget / (stall + idle);
    uint64_t rest = budget % (stall + idle);
    return whole * stall + (rest > idle ? rest - idle : 0);
}

/*
 * The valid window of read data, counted from the rising edge that opens the data clock: the chip
 * drives from the falling edge on, so data are good from T/2 + tACLK to 3T/2 + tKOH, both moved by
 * the way there and back. The controller samples at T, or at 3T/2 when told to be late. The point
 * closer to the middle of the window wins: late, if the middle lies behind 5T/4.
 */
static bool late_sample_is_closer(const struct spiram_chip *chip, uint32_t delay_ps, uint32_t hz)
{
    uint64_t period_ps = PS_PER_S / hz;
    uint64_t middle_after_t = ((uint64_t)chip->taclk_ps + chip->tkoh_ps) / 2 + delay_ps;
    return 4 * middle_after_t > period_ps;
}

static uint8_t log2_of(uint32_t power_of_two)
{
    uint8_t n = 0;
    while (power_of_two > 1) {
        power_of_two >>= 1;
        n++;
    }
    return n;
}

int spiram_timing(struct spiram_timing *timing, const struct spiram_chip *chip,
                  const struct spiram_bus_limits *limits, uint32_t clock_hz, unsigned waive)
{
    if (clock_hz == 0 || clock_hz > spiram_max_clock(chip, limits, waive)) {
        return SPIRAM_ERR_TIMING;
    }

    struct spiram_timing t = {.clock_hz = clock_hz};
    uint32_t overhead = read_overhead(chip);
    uint32_t stall = limits->stall_bytes * QUAD_CLOCKS_PER_BYTE;

    /* At most high_clocks_max, or the clock would be above spiram_max_clock(). */
    t.high_clocks = (uint32_t)clocks_lasting(chip->tcph_ps, clock_hz);
    if (t.high_clocks == 0) {
        t.high_clocks = 1;
    }

    /*
     * Keeping nCS low in hope of a sequential access pays as long as it lasts shorter than the new
     * frame that it may save; waiting just so long is never worse than twice the best choice.
     */
    t.idle_clocks = lower(overhead + t.high_clocks + limits->setup_clocks + limits->hold_clocks,
                          limits->idle_clocks_max);

    uint64_t low = clocks_within(chip->tcem_ps, clock_hz);
    uint64_t edges = (uint64_t)limits->setup_clocks + limits->hold_clocks;
    uint64_t budget = low > edges ? low - edges : 0;
    uint64_t running = running_clocks(budget, stall, t.idle_clocks);
    uint64_t overrun = (uint64_t)limits->refresh_overrun + QUAD_CLOCKS_PER_BYTE;
    uint64_t refresh = running > overrun ? running - overrun : 0;

    /* A frame that is cut before its first byte would be begun again for ever. */
    uint64_t shortest = (uint64_t)overhead + QUAD_CLOCKS_PER_BYTE;
    uint64_t frame = budget > overhead ? (budget - overhead) / QUAD_CLOCKS_PER_BYTE : 0;
    if (waive & SPIRAM_WAIVE_TCEM) {
        uint64_t uncut = (uint64_t)overhead + stall;
        refresh = refresh > uncut ? refresh : uncut;
        frame = limits->frame_bytes;
    }
    if (refresh < shortest || frame == 0) {
        return SPIRAM_ERR_TIMING;
    }
    t.refresh_clocks = refresh < UINT32_MAX ? (uint32_t)refresh : UINT32_MAX;
    t.frame_bytes = frame < limits->frame_bytes ? (uint32_t)frame : limits->frame_bytes;

    if (clock_hz > chip->max_crossing_hz) {
        t.boundary_log2 = log2_of(chip->page_bytes);
    }
    t.sample_late = late_sample_is_closer(chip, limits->sample_delay_ps, clock_hz);

    *timing = t;
    return SPIRAM_OK;
}
