/* SPDX-License-Identifier: MIT */

#include "bus_math.h"
#include "stm32h7a3_bus.h"

uint32_t spi_prescaler(uint32_t kernel_hz, uint32_t baud, uint32_t *actual)
{
    uint32_t mbr = 0;
    while (mbr < 7u && kernel_hz >> (mbr + 1u) > baud) {
        mbr++;
    }
    *actual = kernel_hz >> (mbr + 1u);
    return mbr;
}

/* UM10204 table 10; nanoseconds. Rise and fall times are the longest allowed. */
static const struct mode {
    uint32_t max_hz;
    uint16_t low, high, rise, fall, set_up;
} modes[] = {
    {100000, 4700, 4000, 1000, 300, 250},
    {400000, 1300, 600, 300, 300, 100},
    {1000000, 500, 260, 120, 120, 50},
};

/* The least that the analog filter delays an edge (RM0455, tAF), and clocks of the edge detector.
 */
#define FILTER_MIN_NS 50u
#define SYNC_CLOCKS   2u

static uint32_t ceil_div(uint32_t n, uint32_t by)
{
    return (n + by - 1u) / by;
}

/* Clocks of kernel_hz that take at least ns. */
static uint32_t clocks(uint32_t kernel_hz, uint32_t ns)
{
    return (uint32_t)(((uint64_t)kernel_hz * ns + 999999999u) / 1000000000u);
}

uint32_t i2c_timing(uint32_t kernel_hz, uint32_t hz)
{
    const struct mode *m = modes;
    while (hz > m->max_hz) {
        if (++m == modes + sizeof modes / sizeof modes[0]) {
            return 0;
        }
    }
    if (hz == 0) {
        return 0;
    }
    /* RM0455: tSCL = tSYNC1 + tSYNC2 + tLOW + tHIGH of the counters. Without the filter's maximum,
       so that no bus is faster than asked for. */
    uint32_t sync = 2u * (kernel_hz / (1000000000u / FILTER_MIN_NS) + SYNC_CLOCKS);
    uint32_t period = ceil_div(kernel_hz, hz);
    uint32_t least = clocks(kernel_hz, (uint32_t)m->low + m->high);
    uint32_t counted = period > sync + least ? period - sync : least;
    uint32_t low = ceil_div(counted * m->low, (uint32_t)m->low + m->high);
    uint32_t high = counted - low;
    if (high < clocks(kernel_hz, m->high)) {
        high = clocks(kernel_hz, m->high);
    }
    /* SDADEL bridges the fall of SCL as far as the filter does not; SCLDEL is rise and set-up. */
    uint32_t hold = clocks(kernel_hz, m->fall - FILTER_MIN_NS);
    uint32_t set_up = clocks(kernel_hz, (uint32_t)m->rise + m->set_up);

    for (uint32_t by = 1; by <= 16u; by++) {
        uint32_t scll = ceil_div(low, by) - 1u, sclh = ceil_div(high, by) - 1u;
        uint32_t sdadel = ceil_div(hold, by), scldel = ceil_div(set_up, by) - 1u;
        if (scll <= 255u && sclh <= 255u && sdadel <= 15u && scldel <= 15u) {
            return (by - 1u) << I2C_TIMINGR_PRESC_Pos | scldel << I2C_TIMINGR_SCLDEL_Pos |
                   sdadel << I2C_TIMINGR_SDADEL_Pos | sclh << I2C_TIMINGR_SCLH_Pos |
                   scll << I2C_TIMINGR_SCLL_Pos;
        }
    }
    return 0;
}
