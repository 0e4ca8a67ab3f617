/*
 * EXTI: edges of pins and of peripheral events become pending bits and interrupts.
 *
 * RM0455 chapter 20. Three sets of 32 lines; only the configurable ones (with RTSR, FTSR, SWIER)
 * have a pending bit. The interrupts of direct lines go to the NVIC without EXTI; their masks say
 * which of them end Stop (exti_unmasked()). USB's wake-up is an event, and not there if it is
 * masked.
 */
#include <stdlib.h>

#include "devices.h"
#include "signals.h"

enum {
    RTSR = 0x00, /* sets 2 and 3 at +0x20 */
    FTSR = 0x04,
    SWIER = 0x08,
    IMR = 0x80, /* sets 2 and 3 at +0x10 */
    EMR = 0x84,
    PR = 0x88,
    SETS = 3,
};

#define RTC_LINES (7u << 17) /* alarms, tamper and time stamp, wake-up timer */

static const uint32_t configurable[SETS] = {0x003FFFFF, 0x000A0000, 0x00740000};

struct exti {
    struct device d;
    uint32_t level[SETS]; /* of the lines that peripherals drive, to see edges */
};

static uint32_t *trigger(struct device *d, uint32_t offset, unsigned set)
{
    return device_reg(d, offset + 0x20 * set);
}

static uint32_t *core(struct device *d, uint32_t offset, unsigned set)
{
    return device_reg(d, offset + 0x10 * set);
}

/* NVIC line of EXTI lines 0..19 (set 1). */
static const struct {
    uint32_t lines;
    uint8_t irq;
} irqs[] = {
    {1u << 0, IRQ_EXTI0},      {1u << 1, IRQ_EXTI0 + 1},
    {1u << 2, IRQ_EXTI0 + 2},  {1u << 3, IRQ_EXTI0 + 3},
    {1u << 4, IRQ_EXTI0 + 4},  {0x03E0, IRQ_EXTI9_5},
    {0xFC00, IRQ_EXTI15_10},   {1u << 16, IRQ_PVD_PVM},
    {1u << 17, IRQ_RTC_ALARM}, {1u << 18, IRQ_RTC_TAMP_STAMP_CSS_LSE},
    {1u << 19, IRQ_RTC_WKUP},
};

static void update_irqs(struct device *d)
{
    uint32_t active = *core(d, PR, 0) & *core(d, IMR, 0);

    for (unsigned i = 0; i < sizeof irqs / sizeof irqs[0]; i++)
        soc_irq(d->soc, irqs[i].irq, active & irqs[i].lines);
    signal_set(d->soc, SIGNAL_EXTI_IT(0), active & 1);
    signal_set(d->soc, SIGNAL_EXTI_IT(2), active >> 2 & 1);
}

/* What hears the lines of pins: UNVERIFIED that a mask of interrupt or event lets them through. */
static void pulse(struct device *d, uint32_t lines)
{
    lines &= (*core(d, IMR, 0) | *core(d, EMR, 0)) & 0xFFFF;
    for (; lines; lines &= lines - 1)
        signal_pulse(d->soc, SIGNAL_EXTI((unsigned)__builtin_ctz(lines)));
}

/* An edge to `level` has come on a line. */
static void edge(struct exti *e, unsigned set, uint32_t bit, bool level)
{
    if (!(*trigger(&e->d, level ? RTSR : FTSR, set) & bit & configurable[set]))
        return;
    *core(&e->d, PR, set) |= bit;
    update_irqs(&e->d);
    if (*core(&e->d, EMR, set) & bit)
        cpu_rxev(e->d.soc->cpu);
    if (set == 0)
        pulse(&e->d, bit);
}

void soc_exti(struct soc *soc, unsigned line, bool level)
{
    struct exti *e = (struct exti *)soc->exti;
    uint32_t *levels = &e->level[line / 32], bit = 1u << line % 32;

    if (!!(*levels & bit) == level)
        return;
    *levels ^= bit;
    if (level && line < 32 && bit & RTC_LINES)
        low_power_event(soc);
    edge(e, line / 32, bit, level);
}

void exti_direct(struct soc *soc, unsigned line, unsigned irq)
{
    unsigned set = line / 32;
    uint32_t bit = 1u << line % 32;

    if (*core(soc->exti, IMR, set) & bit) {
        soc_irq(soc, irq, true);
        soc_irq(soc, irq, false);
    }
    if (*core(soc->exti, EMR, set) & bit)
        cpu_rxev(soc->cpu);
}

bool exti_rtc_event(const struct soc *soc)
{
    return ((const struct exti *)soc->exti)->level[0] & RTC_LINES;
}

bool exti_unmasked(const struct soc *soc, unsigned line)
{
    return *core(soc->exti, IMR, line / 32) >> (line % 32) & 1;
}

void exti_pin(struct soc *soc, unsigned pin, bool level)
{
    unsigned line = pin % 16;

    if (syscfg_exti_port(soc, line) == pin / 16)
        edge((struct exti *)soc->exti, 0, 1u << line, level);
}

static void write_swier(struct device *d, unsigned set, uint32_t value, uint32_t old)
{
    *core(d, PR, set) |= value & ~old & configurable[set];
    update_irqs(d);
    if (set == 0)
        pulse(d, value & ~old & configurable[set]);
}

static void write_pr(struct device *d, unsigned set, uint32_t value, uint32_t old)
{
    (void)old;
    *trigger(d, SWIER, set) &= ~value; /* RM0455: SWIER is cleared by clearing the pending bit */
    update_irqs(d);
}

static void write_mask(struct device *d, unsigned set, uint32_t value, uint32_t old)
{
    (void)set;
    (void)value;
    (void)old;
    update_irqs(d);
}

#define SET1(n, o, m)                                                                              \
    {                                                                                              \
        .name = (n), .offset = (o), .writable = (m)                                                \
    }

/* SWIER and PR of the three sets have different bits, so each set's callbacks know its number. */
static void swier1(struct device *d, unsigned i, uint32_t v, uint32_t o)
{
    write_swier(d, i, v, o);
}

static void swier2(struct device *d, unsigned i, uint32_t v, uint32_t o)
{
    write_swier(d, i + 1, v, o);
}

static void swier3(struct device *d, unsigned i, uint32_t v, uint32_t o)
{
    write_swier(d, i + 2, v, o);
}

static void pr1(struct device *d, unsigned i, uint32_t v, uint32_t o)
{
    write_pr(d, i, v, o);
}

static void pr2(struct device *d, unsigned i, uint32_t v, uint32_t o)
{
    write_pr(d, i + 1, v, o);
}

static void pr3(struct device *d, unsigned i, uint32_t v, uint32_t o)
{
    write_pr(d, i + 2, v, o);
}

static const struct reg regs[] = {
    SET1("RTSR1", 0x00, 0x003FFFFF),
    SET1("FTSR1", 0x04, 0x003FFFFF),
    {.name = "SWIER1", .offset = 0x08, .writable = 0x003FFFFF, .write = swier1},
    SET1("D3PMR1", 0x0C, 0x003FFFFF),
    SET1("D3PCR1L", 0x10, 0xFFFFFFFF),
    SET1("D3PCR1H", 0x14, 0xFFFFFFFF),
    SET1("RTSR2", 0x20, 0x000A0000),
    SET1("FTSR2", 0x24, 0x000A0000),
    {.name = "SWIER2", .offset = 0x28, .writable = 0x000A0000, .write = swier2},
    SET1("D3PMR2", 0x2C, 0xFFFFFFFF),
    SET1("D3PCR2L", 0x30, 0xFFFFFFFF),
    SET1("D3PCR2H", 0x34, 0xFFFFFFFF),
    SET1("RTSR3", 0x40, 0x00740000),
    SET1("FTSR3", 0x44, 0x00740000),
    {.name = "SWIER3", .offset = 0x48, .writable = 0x00740000, .write = swier3},
    SET1("D3PMR3", 0x4C, 0xFFFFFFFF),
    SET1("D3PCR3L", 0x50, 0xFFFFFFFF),
    SET1("D3PCR3H", 0x54, 0xFFFFFFFF),
    {.name = "CPUIMR1",
     .offset = IMR,
     .reset = 0xFFC00000,
     .writable = 0xFFFFFFFF,
     .write = write_mask},
    {.name = "CPUEMR1", .offset = EMR, .writable = 0xFFFFFFFF},
    {.name = "CPUPR1", .offset = PR, .w1c = 0x003FFFFF, .write = pr1},
    {.name = "CPUIMR2", .offset = IMR + 0x10, .writable = 0xFFFFFFFF, .write = write_mask},
    {.name = "CPUEMR2", .offset = EMR + 0x10, .writable = 0xFFFFFFFF},
    {.name = "CPUPR2", .offset = PR + 0x10, .w1c = 0x000A0000, .write = pr2},
    {.name = "CPUIMR3", .offset = IMR + 0x20, .writable = 0xFFFFFFFF, .write = write_mask},
    {.name = "CPUEMR3", .offset = EMR + 0x20, .writable = 0xFFFFFFFF},
    {.name = "CPUPR3", .offset = PR + 0x20, .w1c = 0x00740000, .write = pr3},
};

static void reset(struct device *d)
{
    update_irqs(d);
}

int exti_create(struct soc *soc)
{
    struct exti *e = calloc(1, sizeof *e);

    if (!e)
        return -1;
    e->d.name = "EXTI";
    e->d.base = 0x58000000;
    e->d.size = 0x400;
    e->d.regs = regs;
    e->d.reg_count = sizeof regs / sizeof regs[0];
    e->d.on = ON_APB4;
    e->d.reset = reset;
    if (device_init(&e->d, soc) < 0) {
        free(e);
        return -1;
    }
    soc->exti = &e->d;
    return 0;
}
