/* SPDX-License-Identifier: MIT */

/*
 * The clock tree: crystal (or HSI when it is missing) -> PLL1 -> core, AXI, APB; PLL2 -> OCTOSPI.
 * Source: RM0455, RCC, PWR and FLASH chapters. clock_init() is called once at boot with interrupts
 * off and after ticks_cycles_enable(); the rest from thread code.
 */
#ifndef MCU_CLOCK_H
#define MCU_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "power.h"

/* HSI is never switched off: a kernel clock that nothing else touches. About 1 % off. */
#define HSI_HZ 64000000u

struct clock_config {
    uint32_t hse_hz; /* frequency of the crystal, or of the external clock */
    bool hse_bypass; /* true: an external clock is fed in, not a crystal */
    enum power_supply supply;
};

/* What clock_init() could do. Every state is one in which the firmware can run and say so. */
enum clock_status {
    CLOCK_OK = 0,
    CLOCK_HSE_MISSING,  /* full speed, but from HSI: about 1 % off */
    CLOCK_POWER_FAILED, /* core voltage not reached: stayed at HSI, 64 MHz */
    CLOCK_FLASH_FAILED, /* flash latency did not read back: stayed at HSI */
    CLOCK_PLL1_FAILED,  /* PLL1 did not lock: stayed at HSI */
    CLOCK_PLL2_FAILED,  /* core at full speed; the OCTOSPI kernel clock is HCLK instead of PLL2 */
};

/* Frequencies in Hz, as set. */
struct clock_tree {
    uint32_t cpu;
    uint32_t axi; /* AXI, AHB: HCLK */
    uint32_t apb; /* all four APB buses run alike */
    uint32_t octospi_kernel;
    uint32_t pll1q;      /* SDMMC's kernel; 0: PLL1 does not run */
    uint32_t source;     /* HSE's or HSI's */
    uint32_t source_ppm; /* by how much the source, and with it all of the above, may be off */
};

enum clock_status clock_init(const struct clock_config *config);

/* One line for the user, without a line end; an empty string for CLOCK_OK. */
const char *clock_status_text(enum clock_status status);

const struct clock_tree *clock_get(void);

/* The core clock that divider 1 of clock_cpu_divide() gives. */
uint32_t clock_full_speed(void);

/*
 * Core, AXI and APB at full speed (divider 1) or half of it (2). Whoever derives a rate from them
 * (SysTick, USART) is to be told afterwards. PLL2, and so the PSRAM's clock, is not touched. There
 * is no lower speed because HCLK would fall below OCTOSPI's kernel clock (up to 133 MHz), about
 * whose ratio the manual says nothing: the safe side is to keep HCLK above it.
 */
bool clock_cpu_divide(uint32_t divider);

/*
 * Around Stop and Standby, which RM0455 allows to be entered below VOS0 only, and which end with
 * the core at HSI. clock_suspend(): core and buses from HSI, VOS3, all PLLs off, so OCTOSPI must be
 * idle and stays so until clock_resume() has made the clocks as they were: by clock_init(), with
 * its results. False: the clock did not go down, and neither mode may be entered. Interrupts off;
 * SysTick and USART are to be told after clock_resume().
 */
bool clock_suspend(void);
enum clock_status clock_resume(void);

/*
 * OCTOSPI's kernel clock in steps of PLL2's own dividers (pll_nearest()). clock_octospi_nearest():
 * the highest one not above max_hz, in Hz rounded down; 0 if there is none, or PLL2 is not in use.
 * clock_octospi_set() makes a clock that clock_octospi_nearest() returned. The controller must be
 * idle: PLL2 stops for the change, because RM0455 allows writes to its dividers only then. False
 * when it does not lock again; the kernel clock is then HCLK. Read the result from
 * clock_get()->octospi_kernel in both cases.
 */
uint32_t clock_octospi_nearest(uint32_t max_hz);
bool clock_octospi_set(uint32_t hz);

#endif
