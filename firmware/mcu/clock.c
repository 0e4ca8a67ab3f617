/* SPDX-License-Identifier: MIT */

#include "clock.h"
#include "clock_math.h"
#include "ticks.h"
#include "stm32h7a3.h"

/*
 * 560 MHz is the highest VCO frequency of this device (other H7 reach 836), and divided by 2 it
 * gives the highest core clock, for which VOS0 is required. HCLK is not divided: AXI SRAM, flash
 * and the path to OCTOSPI then run at core speed, which RM0455 allows at VOS0. APB is at its limit,
 * 140 MHz.
 */
#define PLL1_VCO_HZ 560000000u
#define PLL1_P      2u
#define PLL1_Q      6u /* 93 MHz: SDMMC divides it by even numbers, to 23 MHz and 400 kHz */
#define APB_DIVIDER 2u

/* At boot 100 MHz of it go to OCTOSPI, whose prescaler makes exactly 50 MHz of them. */
#define PLL2_VCO_HZ 400000000u
#define PLL2_R      4u

/* Field values, RM0455 RCC. */
#define SW_HSI           0u
#define SW_PLL1          3u
#define PLLSRC_HSI       0u
#define PLLSRC_HSE       2u
#define APB_PRESCALER_2  4u
#define OCTOSPISEL_HCLK  0u
#define OCTOSPISEL_PLL2R 2u

#define HSE_START_TIMEOUT_US                                                                       \
    100000u /* crystals take milliseconds; ST's start-up code waits as long */
/* HSE: crystals of such boards are sold with 10 to 50 ppm, and pulled by their capacitors. HSI:
 * DS13195 gives 1 % around room temperature, 2 % over all of it. */
#define HSE_PPM             100u
#define HSI_PPM             20000u
#define PLL_LOCK_TIMEOUT_US 10000u
#define SWITCH_TIMEOUT_US   10000u

uint32_t SystemCoreClock = HSI_HZ;

static struct clock_tree tree = {.cpu = HSI_HZ,
                                 .axi = HSI_HZ,
                                 .apb = HSI_HZ,
                                 .octospi_kernel = HSI_HZ,
                                 .source = HSI_HZ,
                                 .source_ppm = HSI_PPM};

static uint32_t full_speed_hz = HSI_HZ;
static struct clock_config used;

/* What clock_suspend() left. */
static uint32_t suspended_divider, suspended_octospi, suspended_oscillators;

static void set_field(volatile uint32_t *reg, uint32_t mask, uint32_t pos, uint32_t value)
{
    *reg = (*reg & ~mask) | (value << pos);
}

static void set_frequencies(uint32_t cpu_hz, uint32_t apb_divider)
{
    SystemCoreClock = cpu_hz;
    tree.cpu = cpu_hz;
    tree.axi = cpu_hz;
    tree.apb = cpu_hz / apb_divider;
    if (((RCC->CDCCIPR & RCC_CDCCIPR_OCTOSPISEL_Msk) >> RCC_CDCCIPR_OCTOSPISEL_Pos) ==
        OCTOSPISEL_HCLK) {
        tree.octospi_kernel = tree.axi;
    }
}

/* A bootloader or a debugger may have left any state: PLLs can only be set up from HSI and when
 * off. */
static bool return_to_hsi(void)
{
    RCC->CR |= RCC_CR_HSION;
    if (!ticks_wait_register(&RCC->CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY, SWITCH_TIMEOUT_US)) {
        return false;
    }
    set_field(&RCC->CFGR, RCC_CFGR_SW_Msk, RCC_CFGR_SW_Pos, SW_HSI);
    if (!ticks_wait_register(&RCC->CFGR, RCC_CFGR_SWS_Msk, SW_HSI << RCC_CFGR_SWS_Pos,
                             SWITCH_TIMEOUT_US)) {
        return false;
    }
    RCC->CR &= ~RCC_CR_HSIDIV_Msk;
    set_field(&RCC->CDCCIPR, RCC_CDCCIPR_OCTOSPISEL_Msk, RCC_CDCCIPR_OCTOSPISEL_Pos,
              OCTOSPISEL_HCLK);
    RCC->CR &= ~(RCC_CR_PLL1ON | RCC_CR_PLL2ON | RCC_CR_PLL3ON);
    return ticks_wait_register(&RCC->CR, RCC_CR_PLL1RDY | RCC_CR_PLL2RDY | RCC_CR_PLL3RDY, 0,
                               PLL_LOCK_TIMEOUT_US);
}

static bool start_hse(bool bypass)
{
    RCC->CR &= ~RCC_CR_HSEON;
    if (!ticks_wait_register(&RCC->CR, RCC_CR_HSERDY, 0, HSE_START_TIMEOUT_US)) {
        return false;
    }
    if (bypass) {
        RCC->CR |= RCC_CR_HSEBYP;
    } else {
        RCC->CR &= ~RCC_CR_HSEBYP;
    }
    RCC->CR |= RCC_CR_HSEON;
    if (ticks_wait_register(&RCC->CR, RCC_CR_HSERDY, RCC_CR_HSERDY, HSE_START_TIMEOUT_US)) {
        return true;
    }
    RCC->CR &= ~RCC_CR_HSEON;
    return false;
}

static bool set_flash_latency(uint32_t axi_hz)
{
    uint32_t latency, wrhighfreq;
    if (!flash_wait_states(axi_hz, POWER_SCALE_0, &latency, &wrhighfreq)) {
        return false;
    }
    uint32_t acr = latency << FLASH_ACR_LATENCY_Pos | wrhighfreq << FLASH_ACR_WRHIGHFREQ_Pos;
    FLASH->ACR = acr;
    /* RM0455, FLASH: the new latency counts once it reads back; the clock may go up only then. */
    return ticks_wait_register(&FLASH->ACR, FLASH_ACR_LATENCY_Msk | FLASH_ACR_WRHIGHFREQ_Msk, acr,
                               SWITCH_TIMEOUT_US);
}

/* Every bus prescaler goes up before the core clock does, so that no bus is ever above its limit.
 */
static void set_prescalers(void)
{
    set_field(&RCC->CDCFGR2, RCC_CDCFGR2_CDPPRE1_Msk, RCC_CDCFGR2_CDPPRE1_Pos, APB_PRESCALER_2);
    set_field(&RCC->CDCFGR2, RCC_CDCFGR2_CDPPRE2_Msk, RCC_CDCFGR2_CDPPRE2_Pos, APB_PRESCALER_2);
    set_field(&RCC->CDCFGR1, RCC_CDCFGR1_CDPPRE_Msk, RCC_CDCFGR1_CDPPRE_Pos, APB_PRESCALER_2);
    set_field(&RCC->SRDCFGR, RCC_SRDCFGR_SRDPPRE_Msk, RCC_SRDCFGR_SRDPPRE_Pos, APB_PRESCALER_2);
    set_field(&RCC->CDCFGR1, RCC_CDCFGR1_HPRE_Msk, RCC_CDCFGR1_HPRE_Pos, 0);
    set_field(&RCC->CDCFGR1, RCC_CDCFGR1_CDCPRE_Msk, RCC_CDCFGR1_CDCPRE_Pos, 0);
}

static bool start_pll1(const struct pll_dividers *d)
{
    set_field(&RCC->PLLCKSELR, RCC_PLLCKSELR_DIVM1_Msk, RCC_PLLCKSELR_DIVM1_Pos, d->m);
    RCC->PLLCFGR = (RCC->PLLCFGR & ~(RCC_PLLCFGR_PLL1FRACEN | RCC_PLLCFGR_PLL1VCOSEL |
                                     RCC_PLLCFGR_PLL1RGE_Msk | RCC_PLLCFGR_DIVR1EN)) |
                   d->range << RCC_PLLCFGR_PLL1RGE_Pos | (d->vcosel ? RCC_PLLCFGR_PLL1VCOSEL : 0) |
                   RCC_PLLCFGR_DIVP1EN | RCC_PLLCFGR_DIVQ1EN;
    RCC->PLL1FRACR = 0;
    RCC->PLL1DIVR =
        (RCC->PLL1DIVR & ~(RCC_PLL1DIVR_N1_Msk | RCC_PLL1DIVR_P1_Msk | RCC_PLL1DIVR_Q1_Msk)) |
        (d->n - 1u) << RCC_PLL1DIVR_N1_Pos | (PLL1_P - 1u) << RCC_PLL1DIVR_P1_Pos |
        (PLL1_Q - 1u) << RCC_PLL1DIVR_Q1_Pos;
    RCC->CR |= RCC_CR_PLL1ON;
    return ticks_wait_register(&RCC->CR, RCC_CR_PLL1RDY, RCC_CR_PLL1RDY, PLL_LOCK_TIMEOUT_US);
}

static bool start_pll2(const struct pll_dividers *d, uint32_t r, uint32_t output_hz)
{
    set_field(&RCC->PLLCKSELR, RCC_PLLCKSELR_DIVM2_Msk, RCC_PLLCKSELR_DIVM2_Pos, d->m);
    RCC->PLLCFGR =
        (RCC->PLLCFGR & ~(RCC_PLLCFGR_PLL2FRACEN | RCC_PLLCFGR_PLL2VCOSEL |
                          RCC_PLLCFGR_PLL2RGE_Msk | RCC_PLLCFGR_DIVP2EN | RCC_PLLCFGR_DIVQ2EN)) |
        d->range << RCC_PLLCFGR_PLL2RGE_Pos | (d->vcosel ? RCC_PLLCFGR_PLL2VCOSEL : 0) |
        RCC_PLLCFGR_DIVR2EN;
    RCC->PLL2FRACR = 0;
    RCC->PLL2DIVR = (RCC->PLL2DIVR & ~(RCC_PLL2DIVR_N2_Msk | RCC_PLL2DIVR_R2_Msk)) |
                    (d->n - 1u) << RCC_PLL2DIVR_N2_Pos | (r - 1u) << RCC_PLL2DIVR_R2_Pos;
    RCC->CR |= RCC_CR_PLL2ON;
    if (!ticks_wait_register(&RCC->CR, RCC_CR_PLL2RDY, RCC_CR_PLL2RDY, PLL_LOCK_TIMEOUT_US)) {
        return false;
    }
    set_field(&RCC->CDCCIPR, RCC_CDCCIPR_OCTOSPISEL_Msk, RCC_CDCCIPR_OCTOSPISEL_Pos,
              OCTOSPISEL_PLL2R);
    tree.octospi_kernel = output_hz;
    return true;
}

static bool switch_to_pll1(void)
{
    set_field(&RCC->CFGR, RCC_CFGR_SW_Msk, RCC_CFGR_SW_Pos, SW_PLL1);
    return ticks_wait_register(&RCC->CFGR, RCC_CFGR_SWS_Msk, SW_PLL1 << RCC_CFGR_SWS_Pos,
                               SWITCH_TIMEOUT_US);
}

enum clock_status clock_init(const struct clock_config *config)
{
    struct pll_dividers pll1, pll2;
    enum clock_status status = CLOCK_OK;

    used = *config;
    if (!return_to_hsi()) {
        return CLOCK_PLL1_FAILED;
    }
    set_frequencies(HSI_HZ, 1);
    if (power_supply_select(config->supply) != POWER_OK ||
        power_scale_set(POWER_SCALE_0) != POWER_OK) {
        return CLOCK_POWER_FAILED;
    }

    tree.source = config->hse_hz;
    tree.source_ppm = HSE_PPM;
    if (!start_hse(config->hse_bypass)) {
        status = CLOCK_HSE_MISSING;
        tree.source = HSI_HZ;
        tree.source_ppm = HSI_PPM;
    }
    if (!pll_solve(tree.source, PLL1_VCO_HZ, &pll1) ||
        !pll_solve(tree.source, PLL2_VCO_HZ, &pll2)) {
        return CLOCK_PLL1_FAILED;
    }
    set_field(&RCC->PLLCKSELR, RCC_PLLCKSELR_PLLSRC_Msk, RCC_PLLCKSELR_PLLSRC_Pos,
              status == CLOCK_HSE_MISSING ? PLLSRC_HSI : PLLSRC_HSE);
    if (!start_pll1(&pll1)) {
        return CLOCK_PLL1_FAILED;
    }
    full_speed_hz = PLL1_VCO_HZ / PLL1_P;
    tree.pll1q = PLL1_VCO_HZ / PLL1_Q;
    if (!set_flash_latency(full_speed_hz)) {
        full_speed_hz = HSI_HZ;
        return CLOCK_FLASH_FAILED;
    }
    set_prescalers();
    if (!switch_to_pll1()) {
        full_speed_hz = HSI_HZ;
        set_frequencies(HSI_HZ, APB_DIVIDER);
        return CLOCK_PLL1_FAILED;
    }
    set_frequencies(full_speed_hz, APB_DIVIDER);

    if (!start_pll2(&pll2, PLL2_R, PLL2_VCO_HZ / PLL2_R)) {
        return CLOCK_PLL2_FAILED;
    }
    return status;
}

const char *clock_status_text(enum clock_status status)
{
    switch (status) {
    case CLOCK_OK:
        return "";
    case CLOCK_HSE_MISSING:
        return "clock: HSE does not oscillate, running from HSI";
    case CLOCK_POWER_FAILED:
        return "clock: core voltage not reached, staying at 64 MHz";
    case CLOCK_FLASH_FAILED:
        return "clock: flash latency not accepted, staying at 64 MHz";
    case CLOCK_PLL1_FAILED:
        return "clock: PLL1 does not lock, staying at 64 MHz";
    case CLOCK_PLL2_FAILED:
        return "clock: PLL2 does not lock, OCTOSPI runs from HCLK";
    }
    return "clock: unknown status";
}

const struct clock_tree *clock_get(void)
{
    return &tree;
}

uint32_t clock_full_speed(void)
{
    return full_speed_hz;
}

bool clock_cpu_divide(uint32_t divider)
{
    static const uint8_t cdcpre[] = {[1] = 0, [2] = 8};
    if (divider != 1 && divider != 2) {
        return false;
    }
    /* Flash latency and core voltage stay at what full speed needs: they are good for less as well.
     */
    set_field(&RCC->CDCFGR1, RCC_CDCFGR1_CDCPRE_Msk, RCC_CDCFGR1_CDCPRE_Pos, cdcpre[divider]);
    (void)RCC->CDCFGR1;
    bool divided = (RCC->CDCFGR2 & RCC_CDCFGR2_CDPPRE1_Msk) != 0;
    set_frequencies(full_speed_hz / divider, divided ? APB_DIVIDER : 1);
    return true;
}

bool clock_suspend(void)
{
    suspended_divider = full_speed_hz / tree.cpu;
    suspended_octospi = tree.octospi_kernel;
    /* Both stop by themselves, and have users beside the core: the random generator, USB, the
     * compensation cell. */
    suspended_oscillators = RCC->CR & (RCC_CR_HSI48ON | RCC_CR_CSION);
    if (!return_to_hsi()) {
        return false;
    }
    set_field(&RCC->CDCFGR1, RCC_CDCFGR1_CDCPRE_Msk, RCC_CDCFGR1_CDCPRE_Pos, 0);
    bool divided = (RCC->CDCFGR2 & RCC_CDCFGR2_CDPPRE1_Msk) != 0;
    set_frequencies(HSI_HZ, divided ? APB_DIVIDER : 1);
    return power_scale_set(POWER_SCALE_3) == POWER_OK;
}

enum clock_status clock_resume(void)
{
    struct clock_config config = used;
    RCC->CR |= suspended_oscillators;
    enum clock_status status = clock_init(&config);
    if (tree.octospi_kernel != suspended_octospi) {
        (void)clock_octospi_set(suspended_octospi);
    }
    (void)clock_cpu_divide(suspended_divider);
    return status;
}

uint32_t clock_octospi_nearest(uint32_t max_hz)
{
    struct pll_dividers pll2;
    uint32_t r;
    return RCC->CR & RCC_CR_PLL2RDY ? pll_nearest(tree.source, max_hz, &pll2, &r) : 0;
}

bool clock_octospi_set(uint32_t hz)
{
    struct pll_dividers pll2;
    uint32_t r;
    /* hz was rounded down: with one more the same dividers are found again. */
    if (!(RCC->CR & RCC_CR_PLL2RDY) || (pll_nearest(tree.source, hz, &pll2, &r) != hz &&
                                        pll_nearest(tree.source, hz + 1u, &pll2, &r) != hz)) {
        return false;
    }
    set_field(&RCC->CDCCIPR, RCC_CDCCIPR_OCTOSPISEL_Msk, RCC_CDCCIPR_OCTOSPISEL_Pos,
              OCTOSPISEL_HCLK);
    tree.octospi_kernel = tree.axi;
    RCC->CR &= ~RCC_CR_PLL2ON;
    return ticks_wait_register(&RCC->CR, RCC_CR_PLL2RDY, 0, PLL_LOCK_TIMEOUT_US) &&
           start_pll2(&pll2, r, hz);
}
