/* SPDX-License-Identifier: MIT */

#include "clock_math.h"

#include <stddef.h>

#define MHZ(x) ((uint32_t)((x)*1000000))

#define SCALES 4

static const struct {
    uint32_t cpu_hz, apb_hz;
} limits[SCALES] = {
    [POWER_SCALE_0] = {MHZ(280), MHZ(140)},
    [POWER_SCALE_1] = {MHZ(225), MHZ(112.5)},
    [POWER_SCALE_2] = {MHZ(160), MHZ(80)},
    [POWER_SCALE_3] = {MHZ(88), MHZ(44)},
};

uint32_t clock_max_cpu_hz(enum power_scale scale)
{
    return limits[scale].cpu_hz;
}

uint32_t clock_max_apb_hz(enum power_scale scale)
{
    return limits[scale].apb_hz;
}

static const struct {
    uint32_t range, min_hz, max_hz;
} pll_input[] = {
    /* In order of preference. */
    {2, MHZ(4), MHZ(8)},
    {3, MHZ(8), MHZ(16)},
    {1, MHZ(2), MHZ(4)},
};

#define PLL_VCO_MIN MHZ(128)
#define PLL_VCO_MAX MHZ(560)
#define PLL_M_MAX   63u
#define PLL_N_MIN   4u
#define PLL_N_MAX   512u

bool pll_solve(uint32_t source_hz, uint32_t vco_hz, struct pll_dividers *out)
{
    if (vco_hz < PLL_VCO_MIN || vco_hz > PLL_VCO_MAX) {
        return false;
    }
    for (unsigned i = 0; i < sizeof pll_input / sizeof pll_input[0]; i++) {
        /* The first M is the smallest, hence the highest input and the least jitter. */
        for (uint32_t m = 1; m <= PLL_M_MAX; m++) {
            /* source/m need not be whole: compare and divide without it. */
            uint64_t vco_m = (uint64_t)vco_hz * m;
            bool in_range = source_hz >= (uint64_t)pll_input[i].min_hz * m &&
                            source_hz < (uint64_t)pll_input[i].max_hz * m;
            if (!in_range || vco_m % source_hz != 0) {
                continue;
            }
            uint64_t n = vco_m / source_hz;
            if (n < PLL_N_MIN || n > PLL_N_MAX) {
                continue;
            }
            out->m = m;
            out->n = (uint32_t)n;
            out->range = pll_input[i].range;
            out->vcosel = 0;
            return true;
        }
    }
    return false;
}

#define PLL_OUTPUT_DIVIDER_MAX 128u

uint32_t pll_nearest(uint32_t source_hz, uint32_t max_hz, struct pll_dividers *out,
                     uint32_t *divider)
{
    /* The best so far as a fraction, multiplier / divisor of source_hz. */
    uint64_t best_n = 0, best_by = 1;

    for (uint32_t m = 1; m <= PLL_M_MAX; m++) {
        if (source_hz < (uint64_t)pll_input[0].min_hz * m ||
            source_hz >= (uint64_t)pll_input[0].max_hz * m) {
            continue;
        }
        /* Down from the slowest output: of equal ones the fastest VCO, which jitters least. */
        for (uint32_t r = PLL_OUTPUT_DIVIDER_MAX; r >= 1; r--) {
            uint64_t by = (uint64_t)m * r;
            uint64_t n = max_hz * by / source_hz;
            uint64_t n_max = (uint64_t)PLL_VCO_MAX * m / source_hz;
            n_max = n_max < PLL_N_MAX ? n_max : PLL_N_MAX;
            n = n < n_max ? n : n_max;
            if (n < PLL_N_MIN || n * source_hz < (uint64_t)PLL_VCO_MIN * m ||
                n * best_by <= best_n * by) {
                continue;
            }
            best_n = n;
            best_by = by;
            *out = (struct pll_dividers){.m = m, .n = (uint32_t)n, .range = pll_input[0].range};
            *divider = r;
        }
    }
    return (uint32_t)(best_n * source_hz / best_by);
}

static const struct {
    uint32_t latency, wrhighfreq;
    uint32_t max_hz[SCALES]; /* by power_scale, 0 where the scale never gets there */
} wait_states[] = {
    {0, 0, {MHZ(22), MHZ(34), MHZ(38), MHZ(42)}},
    {1, 0, {MHZ(44), MHZ(68), MHZ(76), MHZ(84)}},
    {2, 1, {MHZ(66), MHZ(102), MHZ(114), MHZ(126)}},
    {3, 1, {MHZ(88), MHZ(136), MHZ(152), MHZ(168)}},
    {4, 2, {0, MHZ(160), MHZ(190), MHZ(210)}},
    {5, 2, {0, 0, MHZ(225), MHZ(252)}},
    {6, 3, {0, 0, 0, MHZ(280)}},
};

bool flash_wait_states(uint32_t axi_hz, enum power_scale scale, uint32_t *latency,
                       uint32_t *wrhighfreq)
{
    for (unsigned i = 0; i < sizeof wait_states / sizeof wait_states[0]; i++) {
        if (axi_hz <= wait_states[i].max_hz[scale]) {
            *latency = wait_states[i].latency;
            *wrhighfreq = wait_states[i].wrhighfreq;
            return true;
        }
    }
    return false;
}

/* By USART_PRESC.PRESCALER. */
static const uint16_t uart_prescalers[] = {1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256};

#define BRR_MIN 16u
#define BRR_MAX 65535u

bool uart_rate_find(uint32_t kernel_hz, uint32_t baud, struct uart_rate *out)
{
    if (baud == 0 || baud > kernel_hz) {
        return false;
    }
    out->over8 = kernel_hz / BRR_MIN < baud;
    uint64_t clocks = (uint64_t)kernel_hz * (out->over8 ? 2u : 1u);
    for (size_t i = 0; i < sizeof uart_prescalers / sizeof uart_prescalers[0]; i++) {
        uint64_t per_bit = (uint64_t)baud * uart_prescalers[i];
        uint64_t divisor = (clocks + per_bit / 2u) / per_bit;
        if (divisor < BRR_MIN || divisor > BRR_MAX) {
            continue;
        }
        out->prescaler = (uint8_t)i;
        out->brr = (uint32_t)divisor;
        if (out->over8) {
            out->brr = (out->brr & ~15u) | (out->brr & 15u) >> 1;
            divisor &= ~1u;
        }
        out->baud = (uint32_t)(clocks / (divisor * uart_prescalers[i]));
        uint32_t off = out->baud > baud ? out->baud - baud : baud - out->baud;
        return (uint64_t)off * 20u <= baud;
    }
    return false;
}
