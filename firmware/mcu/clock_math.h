/* SPDX-License-Identifier: MIT */

/*
 * The arithmetic of clocks, apart from registers so that it can be tested on a PC: PLL dividers and
 * ranges, flash wait states, baud rate divisors. Pure functions, any context.
 */
#ifndef MCU_CLOCK_MATH_H
#define MCU_CLOCK_MATH_H

#include <stdbool.h>
#include <stdint.h>

/* Voltage scales as RM0455's PWR_SRDCR.VOS encodes them: the higher, the faster. */
enum power_scale {
    POWER_SCALE_3 = 0,
    POWER_SCALE_2 = 1,
    POWER_SCALE_1 = 2,
    POWER_SCALE_0 = 3,
};

/* Highest core and AXI/AHB clock, and highest APB clock, of a voltage scale, in Hz (RM0455,
 * PWR/RCC). */
uint32_t clock_max_cpu_hz(enum power_scale scale);
uint32_t clock_max_apb_hz(enum power_scale scale);

/* Dividers as plain numbers, range and VCO selection as their register fields. */
struct pll_dividers {
    uint32_t m; /* 1..63 */
    uint32_t n; /* 4..512 */
    uint32_t
        range; /* PLLxRGE: 0 = 1..2 MHz, 1 = 2..4, 2 = 4..8, 3 = 8..16 at the input of the PLL */
    uint32_t vcosel; /* PLLxVCOSEL: 0 = wide, 128..560 MHz on H7A3; 1 = medium, 150..420 MHz */
};

/*
 * Finds dividers that make vco_hz from source_hz exactly. False when there are none, or vco_hz is
 * out of the VCO's range. Prefers a PLL input of 4 to 8 MHz, then 8 to 16, then lower ones: a high
 * input gives little jitter, and the wide VCO needs at least 2 MHz (RM0455, RCC_PLLCFGR).
 */
bool pll_solve(uint32_t source_hz, uint32_t vco_hz, struct pll_dividers *out);

/*
 * Dividers, and the divider of one output, for the highest output that is not above max_hz: returns
 * it in Hz, rounded down, or 0 if there is none. Integer dividers only, and a PLL input of 4 to
 * 8 MHz: a fraction, or an input of 1 MHz, would come nearer and jitter more. From 25 MHz, 133 MHz
 * becomes 25 / 4 x 85 / 4 = 132.8125 MHz, which leaves 0.14 % for the crystal's own tolerance.
 */
uint32_t pll_nearest(uint32_t source_hz, uint32_t max_hz, struct pll_dividers *out,
                     uint32_t *divider);

/*
 * Flash latency and write delay for an AXI clock at a voltage scale (RM0455, FLASH: recommended
 * number of wait states). False when the clock is above the scale's limit.
 */
bool flash_wait_states(uint32_t axi_hz, enum power_scale scale, uint32_t *latency,
                       uint32_t *wrhighfreq);

/* How a USART makes its rate: fields of PRESC, BRR and CR1.OVER8, and what comes of them. */
struct uart_rate {
    uint32_t baud; /* rounded down */
    uint32_t brr;
    uint8_t prescaler;
    bool over8;
};

/*
 * The nearest rate to baud, false if none is within 5 %: a receiver that samples ten bits from one
 * start bit bears little more. Oversampling by 16 where it can be had, which bears more noise;
 * RM0455, USART baud rate generation: BRR 16..65535, with OVER8 its low four bits shifted.
 */
bool uart_rate_find(uint32_t kernel_hz, uint32_t baud, struct uart_rate *out);

#endif
