/*
 * The rules of the data sheet that cost margin when broken: the chip may well work, on this bench,
 * today. All of them in one place, each with the table it comes from. Breaking one is counted as a
 * hazard when it begins, not for as long as it lasts. Where it bites (wire/hazard.h), a bit of a
 * core register flips now and then for as long as it lasts, and a PLL does not lock.
 *
 * Limits: RM0455 tables "FLASH recommended number of wait states and programming delay" and
 * "Bus and core clocks by voltage scaling"; PLL ranges from the PLLxRGE and PLLxVCOSEL
 * descriptions.
 */
#include "../wire/hazard.h"
#include "devices.h"

enum { MHZ = 1000000 };

/* By voltage scale VOS0 .. VOS3. */
static const uint32_t core_limit_hz[4] = {280 * MHZ, 225 * MHZ, 160 * MHZ, 88 * MHZ};
static const uint32_t pclk_limit_hz[4] = {140 * MHZ, 112500000, 80 * MHZ, 44 * MHZ};

/* Highest AXI clock (MHz) for a number of wait states at each scale, and the WRHIGHFREQ it needs.
 */
static const struct latency {
    uint16_t mhz[4];
    uint8_t wrhighfreq;
} latencies[] = {
    {{42, 38, 34, 22}, 0},    {{84, 76, 68, 44}, 0},    {{126, 114, 102, 66}, 1},
    {{168, 152, 136, 88}, 1}, {{210, 190, 160, 88}, 2}, {{252, 225, 160, 88}, 2},
    {{280, 225, 160, 88}, 3},
};
enum { LATENCIES = sizeof latencies / sizeof latencies[0] };

/* PLLxRGE: lowest and highest reference frequency. */
static const uint32_t range_hz[4][2] = {
    {1 * MHZ, 2 * MHZ}, {2 * MHZ, 4 * MHZ}, {4 * MHZ, 8 * MHZ}, {8 * MHZ, 16 * MHZ}};
/* PLLxVCOSEL: wide, medium. */
static const uint32_t vco_hz[2][2] = {{128 * MHZ, 560 * MHZ}, {150 * MHZ, 420 * MHZ}};

enum rule { RULE_CORE, RULE_PCLK, RULE_LATENCY, RULES };

/* Mean time between two upsets: long against a boot's steps, short against a run. */
#define UPSET_MEAN (2 * VTIME_MS)

static void upset(void *ctx, vtime at)
{
    struct soc *soc = ctx;
    uint32_t reg = hazard_pick(soc->complaints, 13), bit = hazard_pick(soc->complaints, 32);

    if (!soc->rules_biting)
        return;
    cpu_set(soc->cpu, CPU_R0 + reg, cpu_get(soc->cpu, CPU_R0 + reg) ^ 1u << bit);
    sched_at(soc->sched, &soc->upset,
             at + 1 + hazard_pick(soc->complaints, 2 * 1000000) * (UPSET_MEAN / 1000000));
}

/* Notes whether a rule is broken. True if it is, newly. */
static bool begins(struct soc *soc, enum rule rule, bool broken)
{
    bool before = soc->rules_broken >> rule & 1;

    soc->rules_broken = (soc->rules_broken & ~(1u << rule)) | (unsigned)broken << rule;
    if (!broken)
        soc->rules_biting &= ~(1u << rule);
    return broken && !before;
}

/* The rule that was just broken has its effect. */
static void bites(struct soc *soc, enum rule rule)
{
    soc->rules_biting |= 1u << rule;
    soc->upset.fn = upset;
    soc->upset.ctx = soc;
    if (!sched_pending(&soc->upset))
        sched_at(soc->sched, &soc->upset, sched_now(soc->sched) + UPSET_MEAN);
}

static double mhz(uint64_t hz)
{
    return (double)hz / MHZ;
}

/* The row of `latencies` that the AXI clock of now needs. */
static const struct latency *latency_needed(const struct soc *soc, unsigned vos)
{
    unsigned needed = 0;

    while (needed < LATENCIES - 1 &&
           soc_clock_hz(soc, CLOCK_HCLK) > (uint64_t)latencies[needed].mhz[vos] * MHZ)
        needed++;
    return &latencies[needed];
}

void rules_check(struct soc *soc)
{
    unsigned vos = pwr_voltage_scale(soc), wait_states, signal_delay, needed;
    uint64_t pclk = 0;
    bool on_hsi = !(*device_reg(soc->rcc, 0x10) >> 3 & 7);

    if (begins(soc, RULE_CORE, soc_clock_hz(soc, CLOCK_CPU) > core_limit_hz[vos]) &&
        hazard(soc->complaints, HAZARD_VOLTAGE_SCALE,
               "core at %.3f MHz in VOS%u, whose limit is %.1f MHz",
               mhz(soc_clock_hz(soc, CLOCK_CPU)), vos, mhz(core_limit_hz[vos])))
        bites(soc, RULE_CORE);

    for (unsigned i = CLOCK_PCLK1; i <= CLOCK_PCLK4; i++) {
        if (soc->clock[i] > pclk)
            pclk = soc->clock[i];
    }
    /* The chip itself leaves reset on HSI with undivided buses, whatever scale is chosen then. */
    if (begins(soc, RULE_PCLK, pclk > pclk_limit_hz[vos] && !on_hsi) &&
        hazard(soc->complaints, HAZARD_APB_CLOCK,
               "an APB clock of %.3f MHz in VOS%u, whose limit is %.1f MHz", mhz(pclk), vos,
               mhz(pclk_limit_hz[vos])))
        bites(soc, RULE_PCLK);

    needed = (unsigned)(latency_needed(soc, vos) - latencies);
    flash_latency(soc, &wait_states, &signal_delay);
    if (begins(soc, RULE_LATENCY, wait_states < needed) &&
        hazard(soc->complaints, HAZARD_FLASH_LATENCY,
               "flash at %u wait states with an AXI clock of %.3f MHz in VOS%u, which needs %u",
               wait_states, mhz(soc_clock_hz(soc, CLOCK_HCLK)), vos, needed))
        bites(soc, RULE_LATENCY);
}

bool rules_check_flash_write(struct soc *soc)
{
    unsigned vos = pwr_voltage_scale(soc), wait_states, signal_delay;
    const struct latency *needed = latency_needed(soc, vos);

    flash_latency(soc, &wait_states, &signal_delay);
    return signal_delay >= needed->wrhighfreq ||
           !hazard(soc->complaints, HAZARD_FLASH_WRHIGHFREQ,
                   "flash programmed or erased with FLASH_ACR.WRHIGHFREQ = %u and an AXI clock of "
                   "%.3f MHz in VOS%u, which needs %u",
                   signal_delay, mhz(soc_clock_hz(soc, CLOCK_HCLK)), vos, needed->wrhighfreq);
}

bool rules_check_pll(struct soc *soc, unsigned pll, uint64_t ref, uint64_t vco)
{
    uint32_t cfg = *device_reg(soc->rcc, 0x2C) >> (4 * pll);
    const uint32_t *range = range_hz[cfg >> 2 & 3], *limit = vco_hz[cfg >> 1 & 1];
    bool locks = true;

    if (ref < range[0] || ref > range[1])
        locks &= !hazard(soc->complaints, HAZARD_PLL_INPUT_RANGE,
                         "PLL%u has a reference of %.3f MHz with PLL%uRGE = %u (%.0f to %.0f MHz)",
                         pll + 1, mhz(ref), pll + 1, (unsigned)(cfg >> 2 & 3), mhz(range[0]),
                         mhz(range[1]));
    if (vco < limit[0] || vco > limit[1])
        locks &= !hazard(soc->complaints, HAZARD_PLL_VCO_RANGE,
                         "PLL%u's VCO at %.3f MHz with VCOSEL = %u (%.0f to %.0f MHz)", pll + 1,
                         mhz(vco), (unsigned)(cfg >> 1 & 1), mhz(limit[0]), mhz(limit[1]));
    return locks;
}
