/*
 * TIM1..8, 12..17: time base, update and compare events, counted in virtual time.
 *
 * RM0455 chapters on the timers. The counter is not stepped: its value follows from the time since
 * it was last set, and an event is in the queue only while somebody would notice (an enabled
 * interrupt whose flag is clear, one-pulse mode, a preloaded value, an output that reaches a pin).
 * Not modelled: encoder and slave modes, external clocks, centre-aligned counting (counts up); see
 * timer_channels.c for the channels, timer_dma.c for requests.
 */
#include <stdlib.h>

#include "timer_int.h"

static const struct timer_kind kinds[] = {
    {"TIM1", 1, 0x40010000, RCC_APB2ENR, RCC_APB2RSTR, 0, ON_APB2, CLOCK_TIM2, 25, 27, 16, 4, true},
    {"TIM2", 2, 0x40000000, RCC_APB1LENR, RCC_APB1LRSTR, 0, ON_APB1, CLOCK_TIM1, 28, 28, 32, 4,
     false},
    {"TIM3", 3, 0x40000400, RCC_APB1LENR, RCC_APB1LRSTR, 1, ON_APB1, CLOCK_TIM1, 29, 29, 16, 4,
     false},
    {"TIM4", 4, 0x40000800, RCC_APB1LENR, RCC_APB1LRSTR, 2, ON_APB1, CLOCK_TIM1, 30, 30, 16, 4,
     false},
    {"TIM5", 5, 0x40000C00, RCC_APB1LENR, RCC_APB1LRSTR, 3, ON_APB1, CLOCK_TIM1, 50, 50, 32, 4,
     false},
    {"TIM6", 6, 0x40001000, RCC_APB1LENR, RCC_APB1LRSTR, 4, ON_APB1, CLOCK_TIM1, 54, 54, 16, 0,
     false},
    {"TIM7", 7, 0x40001400, RCC_APB1LENR, RCC_APB1LRSTR, 5, ON_APB1, CLOCK_TIM1, 55, 55, 16, 0,
     false},
    {"TIM8", 8, 0x40010400, RCC_APB2ENR, RCC_APB2RSTR, 1, ON_APB2, CLOCK_TIM2, 44, 46, 16, 4, true},
    {"TIM12", 12, 0x40001800, RCC_APB1LENR, RCC_APB1LRSTR, 6, ON_APB1, CLOCK_TIM1, 43, 43, 16, 2,
     false},
    {"TIM13", 13, 0x40001C00, RCC_APB1LENR, RCC_APB1LRSTR, 7, ON_APB1, CLOCK_TIM1, 44, 44, 16, 1,
     false},
    {"TIM14", 14, 0x40002000, RCC_APB1LENR, RCC_APB1LRSTR, 8, ON_APB1, CLOCK_TIM1, 45, 45, 16, 1,
     false},
    {"TIM15", 15, 0x40014000, RCC_APB2ENR, RCC_APB2RSTR, 16, ON_APB2, CLOCK_TIM2, 116, 116, 16, 2,
     true},
    {"TIM16", 16, 0x40014400, RCC_APB2ENR, RCC_APB2RSTR, 17, ON_APB2, CLOCK_TIM2, 117, 117, 16, 1,
     true},
    {"TIM17", 17, 0x40014800, RCC_APB2ENR, RCC_APB2RSTR, 18, ON_APB2, CLOCK_TIM2, 118, 118, 16, 1,
     true},
};
enum { TIMERS = sizeof kinds / sizeof kinds[0] };

static struct timer *timer_of(struct device *d)
{
    return (struct timer *)d;
}

static uint32_t mask(const struct timer *t)
{
    return t->kind->width == 32 ? 0xFFFFFFFFu : 0xFFFFu;
}

/* RM0455: "the counter is blocked while the auto-reload value is null". */
static bool running(const struct timer *t)
{
    return *t->cr1 & CR1_CEN && t->hz && t->arr;
}

/* Ticks behind the update event that `from` counts from. */
static uint64_t ticks_at(const struct timer *t, vtime at)
{
    unsigned __int128 clocks;

    if (!running(t) || at <= t->since)
        return t->from;
    clocks = (unsigned __int128)(at - t->since) * t->hz / VTIME_S;
    return t->from + (uint64_t)clocks / ((uint64_t)t->psc + 1);
}

/* The first time at which ticks_at() reaches n. */
static vtime time_of(const struct timer *t, uint64_t n)
{
    unsigned __int128 clocks = (unsigned __int128)(n - t->from) * ((uint64_t)t->psc + 1);

    return t->since + (vtime)((clocks * VTIME_S + t->hz - 1) / t->hz);
}

static void set_ticks(struct timer *t, uint64_t n, vtime now)
{
    t->from = t->seen = n;
    t->since = now;
}

static void update_irq(struct timer *t)
{
    uint32_t active = *t->sr & *t->dier;
    bool line = active & UIF;

    if (t->partner)
        line |= *t->partner->sr & *t->partner->dier & UIF;
    if (t->kind->compare_irq == t->kind->update_irq) {
        soc_irq(t->d.soc, t->kind->update_irq, line || active & 0x7E);
    } else {
        soc_irq(t->d.soc, t->kind->update_irq, line);
        soc_irq(t->d.soc, t->kind->compare_irq, active & 0x1E);
    }
}

static uint32_t compare_register(struct timer *t, unsigned n)
{
    return *device_reg(&t->d, CCR1 + 4 * n) & mask(t);
}

/* Loads the preloaded values. */
static void load(struct timer *t)
{
    t->psc = *device_reg(&t->d, PSC);
    t->arr = *device_reg(&t->d, ARR) & mask(t);
    t->repeat = *device_reg(&t->d, RCR) & 0xFFFF;
    for (unsigned n = 0; n < t->kind->channels; n++)
        t->ccr[n] = compare_register(t, n);
}

static bool preloaded(struct timer *t)
{
    for (unsigned n = 0; n < t->kind->channels; n++) {
        if (timer_compares(t, n) && t->ccr[n] != compare_register(t, n))
            return true;
    }
    return t->psc != *device_reg(&t->d, PSC) || t->arr != (*device_reg(&t->d, ARR) & mask(t));
}

/* Accounts for everything that happened up to `now`. */
static void sync(struct timer *t, vtime now)
{
    uint64_t ticks = ticks_at(t, now), p = timer_period(t), updates;

    if (ticks == t->seen)
        return;
    for (unsigned n = 0; n < CHANNELS; n++) {
        uint64_t at, matches;

        if (!timer_compares(t, n) || t->ccr[n] > t->arr)
            continue;
        at = timer_tick_of(t, t->ccr[n]);
        /* Matches in (seen, ticks]: multiples of the period behind `at`. */
        matches =
            (ticks >= at ? (ticks - at) / p + 1 : 0) - (t->seen >= at ? (t->seen - at) / p + 1 : 0);
        if (!matches)
            continue;
        *t->sr |= CCIF(n);
        timer_matched(t, n, matches);
        timer_event(t, CCIF(n));
    }
    updates = ticks / p - t->seen / p;
    t->seen = ticks;
    if (!updates)
        return;
    if (!(*t->cr1 & CR1_UDIS)) {
        if (updates > t->repeat) {
            uint32_t rcr = *device_reg(&t->d, RCR) & 0xFFFF;

            *t->sr |= UIF;
            timer_event(t, UIF);
            t->repeat = rcr - (uint32_t)((updates - t->repeat - 1) % (rcr + 1u));
        } else {
            t->repeat -= (uint32_t)updates;
        }
    }
    if (*t->cr1 & CR1_OPM) {
        *t->cr1 &= ~CR1_CEN;
        set_ticks(t, 0, now);
    } else if (!(*t->cr1 & CR1_UDIS) && preloaded(t)) {
        vtime edge = time_of(t, ticks / p * p);

        load(t);
        set_ticks(t, 0, edge);
        sync(t, now);
    }
}

/* Puts the next moment into the queue that somebody would notice. */
static void schedule(struct timer *t)
{
    uint64_t p = timer_period(t), next = UINT64_MAX;
    uint32_t awaited = (*t->dier & ~*t->sr) | timer_awaited(t);
    bool update = awaited & UIF || *t->cr1 & CR1_OPM || preloaded(t);

    update_irq(t);
    timer_drive(t);
    if (!running(t)) {
        sched_cancel(t->d.soc->sched, &t->event);
        return;
    }
    if (update && !(*t->cr1 & CR1_UDIS && !(*t->cr1 & CR1_OPM)))
        next = (t->seen / p + 1) * p;
    if (timer_next_edge(t) < next)
        next = timer_next_edge(t);
    for (unsigned n = 0; n < CHANNELS; n++) {
        uint64_t at;

        if (!(awaited & CCIF(n)) || !timer_compares(t, n) || t->ccr[n] > t->arr)
            continue;
        at = t->seen / p * p + timer_tick_of(t, t->ccr[n]);
        if (at <= t->seen)
            at += p;
        if (at < next)
            next = at;
    }
    if (next == UINT64_MAX)
        sched_cancel(t->d.soc->sched, &t->event);
    else
        sched_at(t->d.soc->sched, &t->event, time_of(t, next));
}

static void event(void *ctx, vtime at)
{
    struct timer *t = ctx;

    sync(t, at);
    /* Whoever sees the pins within this event sees them at its time; the core may be a few cycles
       ahead. */
    t->d.soc->edge_at = at;
    schedule(t);
    t->d.soc->edge_at = 0;
}

static vtime now(struct timer *t)
{
    return sched_now(t->d.soc->sched);
}

static uint32_t count(struct timer *t, uint64_t ticks)
{
    uint32_t n = (uint32_t)(ticks % timer_period(t));

    return *t->cr1 & CR1_DIR ? t->arr - n : n;
}

void timer_sync(struct timer *t)
{
    sync(t, now(t));
}

void timer_schedule(struct timer *t)
{
    schedule(t);
}

uint32_t timer_count(struct timer *t, vtime at)
{
    return count(t, ticks_at(t, at)) & mask(t);
}

static uint32_t read_cnt(struct device *d, unsigned i)
{
    struct timer *t = timer_of(d);
    uint32_t value;

    (void)i;
    sync(t, now(t));
    value = count(t, t->seen) & mask(t);
    if (*t->cr1 >> 11 & 1) /* UIFREMAP */
        value = (value & 0x7FFFFFFF) | (*t->sr & UIF) << 31;
    return value;
}

static uint32_t read_sr(struct device *d, unsigned i)
{
    struct timer *t = timer_of(d);

    (void)i;
    sync(t, now(t));
    return *t->sr;
}

static uint32_t read_cr1(struct device *d, unsigned i)
{
    struct timer *t = timer_of(d);

    (void)i;
    sync(t, now(t)); /* one-pulse mode may have cleared CEN */
    return *t->cr1;
}

/* Before a register changes that time has passed under: the stored value is already the new one, so
   the old one is put back for the time up to now. */
static void settle(struct timer *t, uint32_t *reg, uint32_t old)
{
    uint32_t value = *reg;

    *reg = old;
    sync(t, now(t));
    *reg = value;
}

static void write_cr1(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);
    uint32_t cr1 = *t->cr1, at;

    (void)i;
    (void)value;
    *t->cr1 = old;
    sync(t, now(t));
    at = count(t, t->seen);
    *t->cr1 = cr1;
    if (cr1 & 3u << 5 && !(old & 3u << 5))
        complain(d->soc->complaints, UNIMPLEMENTED, "timer-centre-aligned",
                 "%s_CR1.CMS: centre-aligned mode counts up only here", d->name);
    set_ticks(t, timer_tick_of(t, at), now(t));
    if (!(cr1 & CR1_ARPE))
        t->arr = *device_reg(d, ARR) & mask(t);
    schedule(t);
}

static void write_smcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    if (value & 0x00014007)
        complain(d->soc->complaints, UNIMPLEMENTED, "timer-slave-mode",
                 "%s_SMCR = 0x%08x: slave modes and external clocks are not modelled", d->name,
                 (unsigned)value);
}

static void write_dier(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)i;
    (void)value;
    settle(t, t->dier, old);
    timer_requests_off(t, (old & ~*t->dier) >> 8);
    schedule(t);
}

/* rc_w0: a written 0 clears, a 1 leaves. The stored value still has what it had. */
static void write_sr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)i;
    (void)old;
    sync(t, now(t));
    *t->sr &= value | ~SR_RC_W0;
    schedule(t);
}

static void write_egr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)i;
    (void)old;
    sync(t, now(t));
    for (unsigned n = 0; n < t->kind->channels; n++) {
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
    if (value & 1) {
        if (!(*t->cr1 & CR1_UDIS)) {
            load(t);
            if (!(*t->cr1 & CR1_URS)) {
                *t->sr |= UIF;
                timer_event(t, UIF);
            }
        }
        timer_reset_event(t);
        set_ticks(t, 0, now(t));
    }
    schedule(t);
}

static void write_cnt(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)i;
    (void)old;
    sync(t, now(t));
    value &= mask(t);
    set_ticks(t, value <= t->arr ? timer_tick_of(t, value) : value, now(t));
    schedule(t);
}

static void write_psc(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    settle(timer_of(d), device_reg(d, PSC), old);
    schedule(timer_of(d));
}

static void write_arr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);
    uint32_t at;

    (void)i;
    (void)value;
    settle(t, device_reg(d, ARR), old);
    if (!(*t->cr1 & CR1_ARPE)) {
        at = count(t, t->seen);
        t->arr = *device_reg(d, ARR) & mask(t);
        set_ticks(t, at <= t->arr ? timer_tick_of(t, at) : at, now(t));
    }
    schedule(t);
}

static void write_ccr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)value;
    settle(t, device_reg(d, CCR1 + 4 * n), old);
    if (n < t->kind->channels && !timer_preloads(t, n))
        t->ccr[n] = compare_register(t, n);
    schedule(t);
}

/* Reading a captured value clears its flag. */
static uint32_t read_ccr(struct device *d, unsigned n)
{
    struct timer *t = timer_of(d);

    if (!d->peek && n < t->kind->channels && !timer_compares(t, n)) {
        sync(t, now(t));
        *t->sr &= ~CCIF(n);
        schedule(t);
    }
    return *device_reg(d, CCR1 + 4 * n);
}

static void write_ccmr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)value;
    settle(t, device_reg(d, CCMR1 + 4 * i), old);
    for (unsigned n = 2 * i; n < 2 * i + 2 && n < t->kind->channels; n++) {
        uint32_t bits = *device_reg(d, CCMR1 + 4 * i) >> (8 * (n % 2));

        if (timer_compares(t, n) && bits >> 16 & 1)
            complain(
                d->soc->complaints, UNIMPLEMENTED, "timer-mode",
                "%s channel %u: OCxM = %u (retriggerable, combined or asymmetric) is not modelled",
                d->name, n + 1, (unsigned)(8 | (bits >> 4 & 7)));
        if (timer_compares(t, n) && !timer_preloads(t, n))
            t->ccr[n] = compare_register(t, n);
        t->edges[n] = 0;
    }
    schedule(t);
}

/* CCER, CR2 and BDTR: what the outputs make of the references. */
static void write_output(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = timer_of(d);

    (void)i;
    (void)value;
    (void)old;
    sync(t, now(t));
    schedule(t);
}

static void write_bdtr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    if (value & 0xFF && !(old & 0xFF))
        complain(d->soc->complaints, UNIMPLEMENTED, "timer-dead-time",
                 "%s_BDTR.DTG = 0x%02x: dead time is not modelled", d->name,
                 (unsigned)(value & 0xFF));
    write_output(d, i, value, old);
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
    ACTS("CR2", CR2, 0x00F5FFFD, write_output),
    ACTS("SMCR", SMCR, 0x0031FFF7, write_smcr),
    ACTS("DIER", DIER, 0x00007FFF, write_dier),
    {.name = "SR", .offset = SR, .read = read_sr, .write = write_sr},
    ACTS("EGR", EGR, 0, write_egr),
    {.name = "CCMR", .offset = CCMR1, .writable = 0x0101FFFF, .count = 2, .write = write_ccmr},
    ACTS("CCER", CCER, 0x0033BFFF, write_output),
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
    ACTS("BDTR", BDTR, 0x03FFFFFF, write_bdtr),
    ACTS("DCR", 0x48, 0x00001F1F, timer_write_dcr),
    PLAIN("DMAR", 0x4C, 0xFFFFFFFF),
    PLAIN("CCMR3", 0x54, 0x0101FCFC),
    PLAIN("CCR5", 0x58, 0xE000FFFF),
    PLAIN("CCR6", 0x5C, 0x0000FFFF),
    PLAIN("AF1", 0x60, 0x0003CFFF),
    PLAIN("AF2", 0x64, 0x00000FFF),
    PLAIN("TISEL", 0x68, 0x0F0F0F0F),
};

static void reset(struct device *d)
{
    struct timer *t = timer_of(d);

    *device_reg(d, ARR) = mask(t); /* RM0455: 0xFFFF, or 0xFFFFFFFF with 32 bits */
    load(t);
    for (unsigned n = 0; n < CHANNELS; n++) {
        t->reference[n] = false;
        t->edges[n] = 0;
    }
    t->burst = 0;
    timer_requests_off(t, UINT32_MAX);
    set_ticks(t, 0, now(t));
    t->hz = soc_clock_hz(d->soc, t->kind->clock);
    schedule(t);
}

static void clocks_changed(struct device *d)
{
    struct timer *t = timer_of(d);
    uint64_t hz = soc_clock_hz(d->soc, t->kind->clock);

    if (hz == t->hz)
        return;
    sync(t, now(t));
    set_ticks(t, t->seen, now(t));
    t->hz = hz;
    schedule(t);
}

void timer_pin_routed(struct soc *soc, unsigned pin)
{
    for (unsigned i = 0; i < TIMERS; i++) {
        struct timer *t = timer_of(soc->timers[i]);

        for (unsigned k = 0; k < t->pin_count; k++) {
            if (t->pins[k].route->pin != pin)
                continue;
            sync(t, now(t));
            schedule(t);
        }
    }
}

void timer_listened(struct soc *soc)
{
    for (unsigned i = 0; i < TIMERS; i++) {
        struct timer *t = soc->timers[i] ? timer_of(soc->timers[i]) : NULL;

        if (!t || t->kind->number != 12)
            continue;
        sync(t, now(t));
        schedule(t);
    }
}

static void destroy(struct device *d)
{
    free(timer_of(d)->pins);
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
        t->event = (struct sched_event){.fn = event, .ctx = t};
        if (device_init(&t->d, soc) < 0) {
            free(t);
            return -1;
        }
        t->cr1 = device_reg(&t->d, CR1);
        t->dier = device_reg(&t->d, DIER);
        t->sr = device_reg(&t->d, SR);
        if (timer_pins_create(t) < 0)
            return -1; /* the SoC frees it */
        soc->timers[i] = &t->d;
        for (unsigned k = 0; k < i; k++) {
            if (kinds[k].update_irq == kinds[i].update_irq) {
                t->partner = made[k];
                made[k]->partner = t;
            }
        }
    }
    return 0;
}
