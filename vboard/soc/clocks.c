/*
 * The clock tree: what frequency each clock has, from RCC's registers as they stand.
 *
 * RM0455 figure "Clock tree" and the register descriptions of CDCFGR1/2, SRDCFGR, PLLxDIVR,
 * CDCCIPR, CDCCIP1R, CDCCIP2R, SRDCCIPR, BDCR. Frequencies are rounded to the nearest hertz.
 */
#include <string.h>

#include "devices.h"
#include "timing.h"

enum {
    HSI_HZ = 64000000,
    CSI_HZ = 4000000,
    HSI48_HZ = 48000000,
    LSI_HZ = 32000,
};

static uint32_t rcc(const struct soc *soc, uint32_t offset)
{
    return *device_reg(soc->rcc, offset);
}

/* One output of PLL n: source * (N + FRACN / 8192) / M / div. */
static uint64_t pll_output(const struct soc *soc, unsigned n, uint64_t source, unsigned out)
{
    uint32_t cfg = rcc(soc, 0x2C), divr = rcc(soc, 0x30 + 8 * n);
    uint64_t m = rcc(soc, 0x28) >> (4 + 8 * n) & 0x3F;
    uint64_t fraction = cfg >> (4 * n) & 1 ? rcc(soc, 0x34 + 8 * n) >> 3 & 0x1FFF : 0;
    uint64_t mul = ((divr & 0x1FF) + 1) * (uint64_t)8192 + fraction;
    static const uint8_t div_at[3] = {9, 16, 24}; /* DIVP, DIVQ, DIVR */
    uint64_t by = m * 8192u * ((divr >> div_at[out] & 0x7F) + 1);

    if (!(cfg >> (16 + 3 * n + out) & 1) || !rcc_ready(soc, OSC_PLL1 + n) || !by)
        return 0;
    return (source * mul + by / 2) / by;
}

/* CDCPRE and HPRE: 0xxx = /1, then 2, 4, 8, 16, 64, 128, 256, 512. */
static unsigned hpre(uint32_t field)
{
    static const uint16_t div[8] = {2, 4, 8, 16, 64, 128, 256, 512};

    return field & 8 ? div[field & 7] : 1;
}

/* APB prescalers: 0xx = /1, then 2, 4, 8, 16. */
static unsigned ppre(uint32_t field)
{
    return field & 4 ? 2u << (field & 3) : 1;
}

/* Timers: HCLK while the APB divides by no more than 2 (4 with TIMPRE), else 2 (4) x PCLK. */
static uint64_t timer_hz(uint64_t hclk, unsigned apb, bool timpre)
{
    unsigned most = timpre ? 4 : 2;

    return apb <= most ? hclk : hclk / apb * most;
}

static uint64_t usart_hz(const uint64_t *c, uint32_t select, uint64_t pclk)
{
    switch (select & 7) {
    case 0:
        return pclk;
    case 1:
        return c[CLOCK_PLL2Q];
    case 2:
        return c[CLOCK_PLL3Q];
    case 3:
        return c[CLOCK_HSI];
    case 4:
        return c[CLOCK_CSI];
    case 5:
        return c[CLOCK_LSE];
    default:
        return 0;
    }
}

/* SPI4, 5 and 6: the bus clock `pclk`, or one of the others. */
static uint64_t spi_hz(const uint64_t *c, uint32_t select, uint64_t pclk)
{
    return (const uint64_t[8]){pclk,         c[CLOCK_PLL2Q], c[CLOCK_PLL3Q],
                               c[CLOCK_HSI], c[CLOCK_CSI],   c[CLOCK_HSE]}[select & 7];
}

static uint64_t i2c_hz(const uint64_t *c, uint32_t select, uint64_t pclk)
{
    return (const uint64_t[4]){pclk, c[CLOCK_PLL3R], c[CLOCK_HSI], c[CLOCK_CSI]}[select & 3];
}

static uint64_t lptim_hz(const uint64_t *c, uint32_t select, uint64_t pclk)
{
    return (const uint64_t[8]){pclk,         c[CLOCK_PLL2P], c[CLOCK_PLL3R],
                               c[CLOCK_LSE], c[CLOCK_LSI],   c[CLOCK_PER]}[select & 7];
}

static void compute(struct soc *soc, uint64_t *c)
{
    uint32_t cfgr = rcc(soc, 0x10), cd1 = rcc(soc, 0x18), cd2 = rcc(soc, 0x1C);
    uint32_t ccip = rcc(soc, 0x4C), ccip1 = rcc(soc, 0x50), ccip2 = rcc(soc, 0x54);
    uint32_t srdccip = rcc(soc, 0x58);
    uint32_t bdcr = rcc(soc, 0x70);
    unsigned apb1 = ppre(cd2 >> 4 & 7), apb2 = ppre(cd2 >> 8 & 7);
    /* RM0455, Stop mode: all but LSI and LSE are off, and HSI and CSI where HSIKERON and CSIKERON
       keep them for the kernels. */
    bool stop = soc->power != SOC_RUNS;
    uint32_t kept = stop ? rcc(soc, 0) >> 1 & 0x101 : 0x101;
    uint64_t source;

    c[CLOCK_HSI] = rcc_ready(soc, OSC_HSI) && kept & 1 ? HSI_HZ >> (rcc(soc, 0) >> 3 & 3) : 0;
    c[CLOCK_CSI] = rcc_ready(soc, OSC_CSI) && kept & 0x100 ? CSI_HZ : 0;
    c[CLOCK_HSE] = rcc_ready(soc, OSC_HSE) && !stop ? soc->config.hse_hz : 0;
    c[CLOCK_HSI48] = rcc_ready(soc, OSC_HSI48) && !stop ? HSI48_HZ : 0;
    c[CLOCK_LSI] = rcc_ready(soc, OSC_LSI) ? LSI_HZ : 0;
    c[CLOCK_LSE] = rcc_ready(soc, OSC_LSE) ? soc->config.lse_hz : 0;

    source = (const uint64_t[4]){c[CLOCK_HSI], c[CLOCK_CSI], c[CLOCK_HSE], 0}[rcc(soc, 0x28) & 3];
    if (stop)
        source = 0;
    for (unsigned n = 0; n < 3; n++) {
        for (unsigned out = 0; out < 3; out++)
            c[CLOCK_PLL1P + 3 * n + out] = pll_output(soc, n, source, out);
    }

    c[CLOCK_SYS] = (const uint64_t[4]){c[CLOCK_HSI], c[CLOCK_CSI], c[CLOCK_HSE],
                                       c[CLOCK_PLL1P]}[cfgr >> 3 & 3];
    if (stop)
        c[CLOCK_SYS] = 0;
    c[CLOCK_CPU] = c[CLOCK_SYS] / hpre(cd1 >> 8 & 15);
    c[CLOCK_HCLK] = c[CLOCK_CPU] / hpre(cd1 & 15);
    c[CLOCK_PCLK1] = c[CLOCK_HCLK] / apb1;
    c[CLOCK_PCLK2] = c[CLOCK_HCLK] / apb2;
    c[CLOCK_PCLK3] = c[CLOCK_HCLK] / ppre(cd1 >> 4 & 7);
    c[CLOCK_PCLK4] = c[CLOCK_HCLK] / ppre(rcc(soc, 0x20) >> 4 & 7);
    c[CLOCK_TIM1] = timer_hz(c[CLOCK_HCLK], apb1, cfgr >> 15 & 1);
    c[CLOCK_TIM2] = timer_hz(c[CLOCK_HCLK], apb2, cfgr >> 15 & 1);

    c[CLOCK_PER] = (const uint64_t[4]){c[CLOCK_HSI], c[CLOCK_CSI], c[CLOCK_HSE], 0}[ccip >> 28 & 3];
    c[CLOCK_OCTOSPI] = (const uint64_t[4]){c[CLOCK_HCLK], c[CLOCK_PLL1Q], c[CLOCK_PLL2R],
                                           c[CLOCK_PER]}[ccip >> 4 & 3];
    c[CLOCK_SDMMC] = ccip >> 16 & 1 ? c[CLOCK_PLL2R] : c[CLOCK_PLL1Q];
    c[CLOCK_USART16910] = usart_hz(c, ccip2 >> 3, c[CLOCK_PCLK2]);
    c[CLOCK_USART234578] = usart_hz(c, ccip2, c[CLOCK_PCLK1]);
    c[CLOCK_LPUART1] = usart_hz(c, srdccip, c[CLOCK_PCLK4]);
    /* I2S_CKIN (3) is a pin that no board drives. */
    c[CLOCK_SPI123] = (const uint64_t[8]){c[CLOCK_PLL1Q], c[CLOCK_PLL2P], c[CLOCK_PLL3P], 0,
                                          c[CLOCK_PER]}[ccip1 >> 12 & 7];
    c[CLOCK_SPI45] = spi_hz(c, ccip1 >> 16, c[CLOCK_PCLK2]);
    c[CLOCK_SPI6] = spi_hz(c, srdccip >> 28, c[CLOCK_PCLK4]);
    c[CLOCK_I2C123] = i2c_hz(c, ccip2 >> 12, c[CLOCK_PCLK1]);
    c[CLOCK_I2C4] = i2c_hz(c, srdccip >> 8, c[CLOCK_PCLK4]);
    c[CLOCK_ADC] =
        (const uint64_t[4]){c[CLOCK_PLL2P], c[CLOCK_PLL3R], c[CLOCK_PER], 0}[srdccip >> 16 & 3];
    c[CLOCK_RNG] = (const uint64_t[4]){c[CLOCK_HSI48], c[CLOCK_PLL1Q], c[CLOCK_LSE],
                                       c[CLOCK_LSI]}[ccip2 >> 8 & 3];
    c[CLOCK_USB] =
        (const uint64_t[4]){0, c[CLOCK_PLL1Q], c[CLOCK_PLL3Q], c[CLOCK_HSI48]}[ccip2 >> 20 & 3];
    c[CLOCK_LPTIM1] = lptim_hz(c, ccip2 >> 28, c[CLOCK_PCLK1]);
    c[CLOCK_LPTIM2] = lptim_hz(c, srdccip >> 10, c[CLOCK_PCLK4]);
    c[CLOCK_LPTIM3] = lptim_hz(c, srdccip >> 13, c[CLOCK_PCLK4]);
    c[CLOCK_RTC] = 0;
    if (bdcr >> 15 & 1) {
        unsigned rtcpre = cfgr >> 8 & 0x3F;

        c[CLOCK_RTC] = (const uint64_t[4]){0, c[CLOCK_LSE], c[CLOCK_LSI],
                                           rtcpre > 1 ? c[CLOCK_HSE] / rtcpre : 0}[bdcr >> 8 & 3];
    }
}

static uint64_t access_time(const uint64_t *c, enum device_bus on)
{
    static const enum soc_clock bus[] = {
        [ON_APB1] = CLOCK_PCLK1,
        [ON_APB2] = CLOCK_PCLK2,
        [ON_APB3] = CLOCK_PCLK3,
        [ON_APB4] = CLOCK_PCLK4,
    };
    uint64_t time = vtime_of_clocks(CLOCKS_AHB_ACCESS, c[CLOCK_HCLK]);

    return on == ON_AHB ? time : time + vtime_of_clocks(CLOCKS_APB_ACCESS, c[bus[on]]);
}

void soc_clocks_update(struct soc *soc)
{
    uint64_t c[CLOCK_COUNT];
    bool changed;

    compute(soc, c);
    if (soc->power != SOC_RUNS) {
        /* Time is counted in the core's cycles, also while it has none (cpu_hold_clock()). */
        c[CLOCK_CPU] = soc->clock[CLOCK_CPU];
    } else if (!c[CLOCK_CPU]) {
        /* The core would stand still until a reset. So that time can go on, and the complaint be
           read, the tree stays as it was. */
        complain(soc->complaints, GUEST_ERROR, "system-clock-stopped",
                 "the selected system clock has no frequency (PLL1 P output off?)");
        return;
    }
    changed = memcmp(c, soc->clock, sizeof c) != 0;
    if (changed) {
        memcpy(soc->clock, c, sizeof c);
        sched_set_hz(soc->sched, c[CLOCK_CPU]);
        cpu_set_clock(soc->cpu, c[CLOCK_CPU]);
        for (struct device *d = soc->devices; d; d = d->next) {
            if (c[CLOCK_HCLK])
                d->stall_ps = access_time(c, d->on);
            if (d->clocks_changed)
                d->clocks_changed(d);
        }
    }
    rules_check(soc);
}
