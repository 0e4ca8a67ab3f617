/*
 * TIM1..8, 12..17: registers and interrupts. RM0455, chapters on the timers. The other files of the
 * timers are listed in timer_int.h.
 */
#include <stdlib.h>

#include "timer_int.h"

static const struct timer_kind kinds[] = {
    /* clang-format off */
    {"TIM1", 1, 0x40010000, RCC_APB2ENR, RCC_APB2RSTR, 0, ON_APB2, CLOCK_TIM2, 24, 25, 26, 27, 16, 6, true, true},
    {"TIM2", 2, 0x40000000, RCC_APB1LENR, RCC_APB1LRSTR, 0, ON_APB1, CLOCK_TIM1, 28, 28, 28, 28, 32, 4, false, true},
    {"TIM3", 3, 0x40000400, RCC_APB1LENR, RCC_APB1LRSTR, 1, ON_APB1, CLOCK_TIM1, 29, 29, 29, 29, 16, 4, false, true},
    {"TIM4", 4, 0x40000800, RCC_APB1LENR, RCC_APB1LRSTR, 2, ON_APB1, CLOCK_TIM1, 30, 30, 30, 30, 16, 4, false, true},
    {"TIM5", 5, 0x40000C00, RCC_APB1LENR, RCC_APB1LRSTR, 3, ON_APB1, CLOCK_TIM1, 50, 50, 50, 50, 32, 4, false, true},
    {"TIM6", 6, 0x40001000, RCC_APB1LENR, RCC_APB1LRSTR, 4, ON_APB1, CLOCK_TIM1, 54, 54, 54, 54, 16, 0, false, false},
    {"TIM7", 7, 0x40001400, RCC_APB1LENR, RCC_APB1LRSTR, 5, ON_APB1, CLOCK_TIM1, 55, 55, 55, 55, 16, 0, false, false},
    {"TIM8", 8, 0x40010400, RCC_APB2ENR, RCC_APB2RSTR, 1, ON_APB2, CLOCK_TIM2, 43, 44, 45, 46, 16, 6, true, true},
    {"TIM12", 12, 0x40001800, RCC_APB1LENR, RCC_APB1LRSTR, 6, ON_APB1, CLOCK_TIM1, 43, 43, 43, 43, 16, 2, false, true},
    {"TIM13", 13, 0x40001C00, RCC_APB1LENR, RCC_APB1LRSTR, 7, ON_APB1, CLOCK_TIM1, 44, 44, 44, 44, 16, 1, false, false},
    {"TIM14", 14, 0x40002000, RCC_APB1LENR, RCC_APB1LRSTR, 8, ON_APB1, CLOCK_TIM1, 45, 45, 45, 45, 16, 1, false, false},
    {"TIM15", 15, 0x40014000, RCC_APB2ENR, RCC_APB2RSTR, 16, ON_APB2, CLOCK_TIM2, 116, 116, 116, 116, 16, 2, true, true},
    {"TIM16", 16, 0x40014400, RCC_APB2ENR, RCC_APB2RSTR, 17, ON_APB2, CLOCK_TIM2, 117, 117, 117, 117, 16, 1, true, false},
    {"TIM17", 17, 0x40014800, RCC_APB2ENR, RCC_APB2RSTR, 18, ON_APB2, CLOCK_TIM2, 118, 118, 118, 118, 16, 1, true, false},
    /* clang-format on */
};
enum { TIMERS = sizeof kinds / sizeof kinds[0] };

static struct timer *timer_of(struct device *d)
{
    return (struct timer *)d;
}

/* ---- interrupts ---- */

/* What it asks for at this line. BIE is for both breaks and the system's. */
static bool asks(const struct timer *t, unsigned line)
{
    const struct timer_kind *k = t->kind;
    uint32_t sr = *t->sr, enabled = *t->dier, active = sr & enabled;

    return (k->update_irq == line && active & UIF) ||
           (k->compare_irq == line && active & CCIF_ALL) ||
           (k->trigger_irq == line && active & (TIF | COMIF)) ||
           (k->break_irq == line && enabled & BIF && sr & (BIF | B2IF | SBIF));
}

static void update_line(struct timer *t, unsigned line)
{
    bool level = asks(t, line);

    for (unsigned i = 0; i < sizeof t->partner / sizeof t->partner[0]; i++)
        level |= t->partner[i] && asks(t->partner[i], line);
    if (line == IRQ_TIM6_DAC)
        level |= dac_asks(t->d.soc, 0);
    soc_irq(t->d.soc, line, level);
}

void timer_update_irq(struct timer *t)
{
    const struct timer_kind *k = t->kind;

    update_line(t, k->update_irq);
    if (k->compare_irq == k->update_irq)
        return;
    update_line(t, k->compare_irq);
    update_line(t, k->trigger_irq);
    update_line(t, k->break_irq);
}

void timer_line_shared(struct soc *soc)
{
    for (unsigned i = 0; i < TIMERS; i++) {
        if (soc->timers[i] && kinds[i].update_irq == IRQ_TIM6_DAC)
            update_line(timer_of(soc->timers[i]), IRQ_TIM6_DAC);
    }
}

/* ---- registers ---- */

static uint32_t read_cnt(struct device *d, unsigned i)
{
    struct timer *t = timer_of(d);
    uint32_t value;

    (void)i;
    timer_sync(t);
    value = timer_count(t);
    if (*t->cr1 >> 11 & 1) /* UIFREMAP */
        value = (value & 0x7FFFFFFF) | (*t->sr & UIF) << 31;
    return value;
}

static uint32_t read_sr(struct device *d, unsigned i)
{
    struct timer *t = timer_of(d);

    (void)i;
    timer_sync(t);
    return *t->sr;
}

static uint32_t read_cr1(struct device *d, unsigned i)
{
    struct timer *t = timer_of(d);

    (void)i;
    timer_sync(t); /* one-pulse mode may have cleared CEN */
    return timer_down(t) ? *t->cr1 | CR1_DIR : *t->cr1 & ~CR1_DIR;
}

static uint32_t read_bdtr(struct device *d, unsigned i)
{
    (void)i;
    timer_sync(timer_of(d)); /* AOE may have set MOE */
    return *device_reg(d, BDTR);
}

/* Before a register changes that time has passed under: the stored value is already the new one, so
   the old one is put back for the time up to now. */
static void settle(struct timer *t, uint32_t *reg, uint32_t old)
{
    uint32_t value = *reg;

    *reg = old;
    timer_settle(t);
    *reg = value;
}

static void write_cr1(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);
    uint32_t cr1 = *t->cr1, at;

    (void)i;
    (void)value;
    *t->cr1 = old;
    timer_settle(t);
    at = timer_count(t);
    if (timer_centre(t) || timer_encodes(t)) /* DIR is read-only */
        cr1 = (cr1 & ~CR1_DIR) | (*t->cr1 & CR1_DIR);
    *t->cr1 = cr1;
    timer_set_count(t, at);
    if (!(cr1 & CR1_ARPE))
        t->arr = *device_reg(d, ARR) & timer_mask(t);
    timer_schedule(t);
}

static void write_dier(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)i;
    (void)value;
    settle(t, t->dier, old);
    timer_requests_off(t, (old & ~*t->dier) >> 8);
    timer_schedule(t);
}

/* rc_w0: a written 0 clears, a 1 leaves. The stored value still has what it had. */
static void write_sr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)i;
    (void)old;
    timer_sync(t);
    *t->sr &= value | ~SR_RC_W0;
    timer_break(t); /* a break that still is sets its flag again */
    timer_schedule(t);
}

static void write_egr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)i;
    (void)old;
    timer_settle(t);
    for (unsigned n = 0; n < t->kind->channels && n < PIN_CHANNELS; n++) {
        if (!(value >> (1 + n) & 1))
            continue;
        if (timer_compares(t, n)) {
            *t->sr |= CCIF(n);
            timer_event(t, CCIF(n));
        } else {
            timer_capture(t, n);
        }
    }
    if (value & (COMIF | TIF)) { /* COMG, TG */
        *t->sr |= value & (COMIF | TIF);
        timer_event(t, value & (COMIF | TIF));
    }
    timer_software_break(t, value & (BIF | B2IF)); /* BG, B2G */
    if (value & 1)
        timer_reinitialise(t);
    timer_schedule(t);
}

static void write_cnt(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)i;
    (void)old;
    timer_settle(t);
    timer_set_count(t, value & timer_mask(t));
    timer_schedule(t);
}

static void write_psc(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    settle(timer_of(d), device_reg(d, PSC), old);
    timer_schedule(timer_of(d));
}

static void write_arr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);
    uint32_t at;

    (void)i;
    (void)value;
    settle(t, device_reg(d, ARR), old);
    if (!(*t->cr1 & CR1_ARPE)) {
        at = timer_count(t);
        t->arr = *device_reg(d, ARR) & timer_mask(t);
        timer_set_count(t, at);
    }
    timer_schedule(t);
}

static void write_ccr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)value;
    settle(t, device_reg(d, CCR1 + 4 * n), old);
    if (n < t->kind->channels && !timer_preloads(t, n))
        t->ccr[n] = timer_compare_register(t, n);
    timer_schedule(t);
}

static void write_ccr56(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    settle(t, device_reg(d, CCR5 + 4 * n), old);
    if (n == 0 && value >> 29)
        complain(d->soc->complaints, UNIMPLEMENTED, "timer-mode",
                 "%s_CCR5.GC5Cx: grouped channels are not modelled", d->name);
    if (!timer_preloads(t, n + PIN_CHANNELS))
        t->ccr[n + PIN_CHANNELS] = timer_compare_register(t, n + PIN_CHANNELS);
    timer_schedule(t);
}

/* Reading a captured value clears its flag. */
static uint32_t read_ccr(struct device *d, unsigned n)
{
    struct timer *t = timer_of(d);

    if (!d->peek && n < t->kind->channels && !timer_compares(t, n)) {
        timer_sync(t);
        *t->sr &= ~CCIF(n);
        timer_schedule(t);
    }
    return *device_reg(d, CCR1 + 4 * n);
}

static void modes_changed(struct timer *t, unsigned first)
{
    for (unsigned n = first; n < first + 2 && n < t->kind->channels; n++) {
        uint32_t bits = timer_ccmr(t, n);

        t->edges[n] = 0;
        if (!timer_compares(t, n))
            continue;
        if (bits >> 16 & 1)
            complain(
                t->d.soc->complaints, UNIMPLEMENTED, "timer-mode",
                "%s channel %u: OCxM = %u (retriggerable, combined or asymmetric) is not modelled",
                t->d.name, n + 1, (unsigned)(8 | (bits >> 4 & 7)));
        if (bits >> 7 & 1)
            complain(t->d.soc->complaints, UNIMPLEMENTED, "timer-mode",
                     "%s channel %u: OCxCE (cleared by ETRF) is not modelled", t->d.name, n + 1);
        if (!timer_preloads(t, n))
            t->ccr[n] = timer_compare_register(t, n);
    }
    timer_inputs_routed(t); /* filters */
    timer_slave_changed(t); /* a channel may capture TRC */
    timer_schedule(t);
}

static void write_ccmr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)value;
    settle(timer_of(d), device_reg(d, CCMR1 + 4 * i), old);
    modes_changed(timer_of(d), 2 * i);
}

static void write_ccmr3(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    settle(timer_of(d), device_reg(d, CCMR3), old);
    modes_changed(timer_of(d), PIN_CHANNELS);
}

static void write_cr2(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    settle(timer_of(d), device_reg(d, CR2), old);
    timer_inputs_routed(timer_of(d)); /* TI1S */
    timer_schedule(timer_of(d));
}

static void write_ccer(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    settle(timer_of(d), device_reg(d, CCER), old);
    timer_slave_changed(timer_of(d)); /* polarity of TI1FP1 and TI2FP2 */
    timer_schedule(timer_of(d));
}

/* BDTR, AF1, AF2. */
static void write_break(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    timer_sync(timer_of(d));
    timer_inputs_routed(timer_of(d)); /* filters */
    timer_break(timer_of(d));
    timer_schedule(timer_of(d));
}

#define PLAIN(n, o, w)                                                                             \
    {                                                                                              \
        .name = (n), .offset = (o), .writable = (w)                                                \
    }
#define ACTS(n, o, w, f)                                                                           \
    {                                                                                              \
        .name = (n), .offset = (o), .writable = (w), .write = (f)                                  \
    }

static const struct reg regs[] = {
    {.name = "CR1", .offset = CR1, .writable = 0x0BFF, .read = read_cr1, .write = write_cr1},
    ACTS("CR2", CR2, 0x00F5FFFD, write_cr2),
    ACTS("SMCR", SMCR, 0x0031FFF7, timer_write_smcr),
    ACTS("DIER", DIER, 0x00007FFF, write_dier),
    {.name = "SR", .offset = SR, .read = read_sr, .write = write_sr},
    ACTS("EGR", EGR, 0, write_egr),
    {.name = "CCMR", .offset = CCMR1, .writable = 0x0101FFFF, .count = 2, .write = write_ccmr},
    ACTS("CCER", CCER, 0x0033BFFF, write_ccer),
    {.name = "CNT", .offset = CNT, .read = read_cnt, .write = write_cnt},
    ACTS("PSC", PSC, 0xFFFF, write_psc),
    ACTS("ARR", ARR, 0xFFFFFFFF, write_arr),
    PLAIN("RCR", RCR, 0xFFFF),
    {.name = "CCR",
     .offset = CCR1,
     .writable = 0xFFFFFFFF,
     .count = 4,
     .read = read_ccr,
     .write = write_ccr},
    {.name = "BDTR",
     .offset = BDTR,
     .writable = 0x03FFFFFF,
     .read = read_bdtr,
     .write = write_break},
    ACTS("DCR", 0x48, 0x00001F1F, timer_write_dcr),
    PLAIN("DMAR", 0x4C, 0xFFFFFFFF),
    ACTS("CCMR3", CCMR3, 0x0101FCFC, write_ccmr3),
    {.name = "CCR5", .offset = CCR5, .writable = 0xE000FFFF, .count = 2, .write = write_ccr56},
    ACTS("AF1", AF1, 0x0003CFFF, write_break),
    ACTS("AF2", AF2, 0x00000FFF, write_break),
    PLAIN("TISEL", 0x68, 0x0F0F0F0F),
};

static void reset(struct device *d)
{
    struct timer *t = timer_of(d);

    *device_reg(d, ARR) = timer_mask(t); /* RM0455: 0xFFFF, or 0xFFFFFFFF with 32 bits */
    if (t->kind->has_break)
        *device_reg(d, AF1) = 1; /* BKINE, BK2INE */
    if (t->kind->channels > PIN_CHANNELS)
        *device_reg(d, AF2) = 1;
    timer_load(t);
    for (unsigned n = 0; n < CHANNELS; n++) {
        t->reference[n] = t->referred[n] = false;
        t->edges[n] = 0;
    }
    t->burst = 0;
    timer_requests_off(t, UINT32_MAX);
    t->hz = soc_clock_hz(d->soc, t->kind->clock);
    timer_count_reset(t);
    timer_output_reset(t);
    timer_inputs_reset(t);
    timer_slave_reset(t);
    timer_schedule(t);
}

static void clocks_changed(struct device *d)
{
    struct timer *t = timer_of(d);
    uint64_t hz = soc_clock_hz(d->soc, t->kind->clock);

    if (hz == t->hz)
        return;
    timer_settle(t);
    t->since = soc_now(d->soc);
    t->hz = hz;
    timer_schedule(t);
}

void timer_pin_routed(struct soc *soc, unsigned pin)
{
    for (unsigned i = 0; i < TIMERS; i++) {
        struct timer *t = timer_of(soc->timers[i]);

        for (unsigned k = 0; k < t->pin_count; k++) {
            if (t->pins[k].route->pin != pin)
                continue;
            timer_sync(t);
            timer_inputs_routed(t);
            timer_schedule(t);
        }
    }
}

static void destroy(struct device *d)
{
    free(timer_of(d)->pins);
}

/* TIM12, TIM13 and TIM14 ask at lines of TIM8. */
static void share_lines(struct timer *made[TIMERS])
{
    struct timer *tim8 = made[7];

    for (unsigned i = 0; i < sizeof tim8->partner / sizeof tim8->partner[0]; i++) {
        tim8->partner[i] = made[8 + i];
        made[8 + i]->partner[0] = tim8;
    }
}

int timer_create(struct soc *soc)
{
    struct timer *made[TIMERS];

    for (unsigned i = 0; i < TIMERS; i++) {
        struct timer *t = calloc(1, sizeof *t);

        if (!t)
            return -1;
        made[i] = t;
        t->kind = &kinds[i];
        t->d.name = kinds[i].name;
        t->d.base = kinds[i].base;
        t->d.size = 0x400;
        t->d.regs = regs;
        t->d.reg_count = sizeof regs / sizeof regs[0];
        t->d.gate = (struct rcc_gate){kinds[i].enr, kinds[i].rstr, kinds[i].bit};
        t->d.on = kinds[i].on;
        t->d.reset = reset;
        t->d.clocks_changed = clocks_changed;
        t->d.destroy = destroy;
        t->d.access = timer_access;
        timer_count_create(t);
        timer_output_create(t);
        timer_slave_create(t);
        if (device_init(&t->d, soc) < 0) {
            free(t);
            return -1;
        }
        t->cr1 = device_reg(&t->d, CR1);
        t->dier = device_reg(&t->d, DIER);
        t->sr = device_reg(&t->d, SR);
        t->smcr = device_reg(&t->d, SMCR);
        timer_trigger_create(t);
        if (timer_pins_create(t) < 0)
            return -1; /* the SoC frees it */
        soc->timers[i] = &t->d;
    }
    share_lines(made);
    return 0;
}
