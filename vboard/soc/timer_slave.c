/*
 * The slave controller of a timer: trigger input, slave modes, external clocks, encoder. RM0455,
 * chapters on the timers, "Timers and external trigger synchronization", "Encoder interface mode",
 * "Clock selection", TIMx_SMCR.
 *
 * The two clocks that the trigger input takes to be synchronised are not modelled, so MSM is
 * without effect. Internal triggers: stm32h7_valids_table of Linux's
 * drivers/iio/trigger/stm32-timer-trigger.c, the family's; UNVERIFIED for RM0455, as are ITR4 on.
 */
#include "timer_int.h"

#define SMCR_ECE     (1u << 14)
#define SMCR_ETP     (1u << 15)
#define SMCR_SMS(v)  (((v)&7) | ((v) >> 13 & 8))
#define SMCR_TS(v)   (((v) >> 4 & 7) | ((v) >> 17 & 0x18))
#define SMCR_ETPS(v) ((v) >> 12 & 3)

enum {
    ENCODER1 = 1, /* counts the edges of TI1FP1 */
    ENCODER2 = 2, /* ... of TI2FP2 */
    ENCODER3 = 3,
    RESET = 4,
    GATED = 5,
    TRIGGER = 6,
    EXTERNAL1 = 7,
    RESET_AND_TRIGGER = 8,
};

enum { TS_ITR3 = 3, TS_TI1F_ED = 4, TS_TI1FP1 = 5, TS_TI2FP2 = 6, TS_ETRF = 7 };

static const struct {
    uint8_t timer;
    uint8_t itr[4]; /* signals ITR0 .. ITR3 */
} internal[] = {
    {1, {SIGNAL_TRGO(15), SIGNAL_TRGO(2), SIGNAL_TRGO(3), SIGNAL_TRGO(4)}},
    {2, {SIGNAL_TRGO(1), SIGNAL_TRGO(8), SIGNAL_TRGO(3), SIGNAL_TRGO(4)}},
    {3, {SIGNAL_TRGO(1), SIGNAL_TRGO(2), SIGNAL_TRGO(15), SIGNAL_TRGO(4)}},
    {4, {SIGNAL_TRGO(1), SIGNAL_TRGO(2), SIGNAL_TRGO(3), SIGNAL_TRGO(8)}},
    {5, {SIGNAL_TRGO(1), SIGNAL_TRGO(8), SIGNAL_TRGO(3), SIGNAL_TRGO(4)}},
    {8, {SIGNAL_TRGO(1), SIGNAL_TRGO(2), SIGNAL_TRGO(4), SIGNAL_TRGO(5)}},
    {12, {SIGNAL_TRGO(4), SIGNAL_TRGO(5), SIGNAL_OC(13, 1), SIGNAL_OC(14, 1)}},
    {15, {SIGNAL_TRGO(1), SIGNAL_TRGO(3), SIGNAL_OC(16, 1), SIGNAL_OC(17, 1)}},
};

static unsigned mode(const struct timer *t)
{
    return SMCR_SMS(*t->smcr);
}

static unsigned source(const struct timer *t)
{
    return SMCR_TS(*t->smcr);
}

bool timer_encodes(const struct timer *t)
{
    return mode(t) >= ENCODER1 && mode(t) <= ENCODER3;
}

bool timer_external_clock(const struct timer *t)
{
    return mode(t) == EXTERNAL1 || timer_encodes(t) || *t->smcr & SMCR_ECE;
}

bool timer_gated(const struct timer *t)
{
    return mode(t) == GATED && !t->trgi;
}

/* ---- the trigger input ---- */

static bool inverted(struct timer *t, unsigned ti)
{
    return timer_ccer(t, ti) >> 1 & 1;
}

/* CCxP and CCxNP: both edges count. */
static bool both_edges(struct timer *t)
{
    unsigned ti = source(t) == TS_TI1FP1 ? 0 : 1;

    return (source(t) == TS_TI1FP1 || source(t) == TS_TI2FP2) && (timer_ccer(t, ti) & 0xA) == 0xA;
}

static bool is_trc(const struct timer *t)
{
    return source(t) <= TS_TI1F_ED || source(t) > TS_ETRF;
}

/* An active edge. */
static void triggered(struct timer *t)
{
    unsigned m = mode(t);

    if (is_trc(t))
        timer_capture_trc(t);
    if (m == RESET || m == TRIGGER || m == EXTERNAL1 || m == RESET_AND_TRIGGER) {
        *t->sr |= TIF;
        timer_event(t, TIF);
    }
    if (m == RESET || m == RESET_AND_TRIGGER)
        timer_reinitialise(t);
    if (m == TRIGGER || m == RESET_AND_TRIGGER)
        *t->cr1 |= CR1_CEN;
    if (m == EXTERNAL1)
        timer_clock_edge(t);
}

/* "TIF is set when the counter starts or stops when gated mode is selected." */
static void gate_moved(struct timer *t)
{
    if (mode(t) != GATED || !(*t->cr1 & CR1_CEN))
        return;
    *t->sr |= TIF;
    timer_event(t, TIF);
}

static void trigger(struct timer *t, bool level)
{
    bool edge = level != t->trgi;

    if (!edge)
        return;
    if (t->in_trigger) {
        /* Timers that trigger each other in a circle end here; the chip has a clock's delay each.
         */
        t->trgi = level;
        return;
    }
    t->in_trigger = true;
    timer_settle(t);
    t->trgi = level;
    gate_moved(t);
    if (level || both_edges(t))
        triggered(t);
    timer_schedule(t);
    t->in_trigger = false;
}

/* TI1F_ED: a pulse at each edge. */
static void trigger_pulse(struct timer *t)
{
    trigger(t, true);
    trigger(t, false);
}

static void internal_trigger(void *ctx, bool level)
{
    struct timer *t = ctx;

    if (device_clocked(&t->d) && t->hz)
        trigger(t, level);
}

/* ---- encoder ---- */

/* RM0455, table "Counting direction versus encoder signals". */
static void encode(struct timer *t, unsigned ti, bool level)
{
    bool other = t->input[1 - ti].level != inverted(t, 1 - ti), rising = level != inverted(t, ti);
    bool down = ti == 0 ? rising == other : rising != other;
    uint32_t count;

    if (mode(t) != ENCODER3 && mode(t) != ENCODER1 + ti)
        return;
    if (!(*t->cr1 & CR1_CEN))
        return;
    timer_settle(t);
    count = timer_count(t);
    *t->cr1 = (*t->cr1 & ~CR1_DIR) | (down ? CR1_DIR : 0);
    timer_set_count(t, count);
    timer_clock_edge(t);
    timer_schedule(t);
}

/* ---- inputs ---- */

/* ETR's polarity, then its prescaler: ETRP rises with each 2^ETPS-th edge. */
static bool etr_level(const struct timer *t)
{
    unsigned etps = SMCR_ETPS(*t->smcr);

    if (etps)
        return t->etr_edges >> (etps - 1) & 1;
    return t->input[IN_ETR].level != !!(*t->smcr & SMCR_ETP);
}

static void etr(struct timer *t, bool level)
{
    bool before = SMCR_ETPS(*t->smcr) ? etr_level(t) : false, rises;

    if (level != !!(*t->smcr & SMCR_ETP))
        t->etr_edges++;
    rises = etr_level(t) && !before;
    if (source(t) == TS_ETRF)
        trigger(t, etr_level(t));
    if (rises && *t->smcr & SMCR_ECE) {
        timer_settle(t);
        timer_clock_edge(t);
        timer_schedule(t);
    }
}

void timer_slave_input(struct timer *t, unsigned n, bool level)
{
    if (!t->kind->has_slave || (!*t->smcr && n != IN_ETR))
        return;
    if (n == IN_ETR) {
        etr(t, level);
        return;
    }
    if (n > 1)
        return;
    if (timer_encodes(t))
        encode(t, n, level);
    if (n == 0 && source(t) == TS_TI1F_ED)
        trigger_pulse(t);
    else if (source(t) == (n == 0 ? TS_TI1FP1 : TS_TI2FP2))
        trigger(t, level != inverted(t, n));
}

/* ---- set-up ---- */

static unsigned internal_signal(const struct timer *t, unsigned itr)
{
    for (unsigned i = 0; i < sizeof internal / sizeof internal[0]; i++) {
        if (internal[i].timer == t->kind->number)
            return internal[i].itr[itr];
    }
    return SIGNAL_NONE;
}

static bool captures_trc(struct timer *t)
{
    for (unsigned n = 0; n < t->kind->channels && n < PIN_CHANNELS; n++) {
        if ((timer_ccmr(t, n) & 3) == 3)
            return true;
    }
    return false;
}

void timer_slave_changed(struct timer *t)
{
    unsigned ts = source(t), signal = SIGNAL_NONE;

    if (!t->kind->has_slave)
        return;
    if (ts <= TS_ITR3 && (mode(t) || captures_trc(t)))
        signal = internal_signal(t, ts);
    signal_listen(t->d.soc, signal, &t->itr);
    switch (ts) {
    case TS_TI1FP1:
    case TS_TI2FP2:
        t->trgi = t->input[ts - TS_TI1FP1].level != inverted(t, ts - TS_TI1FP1);
        break;
    case TS_ETRF:
        t->trgi = etr_level(t);
        break;
    default:
        t->trgi = signal && signal_level(t->d.soc, signal);
        break;
    }
}

void timer_write_smcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct timer *t = (struct timer *)d;
    uint32_t smcr = *t->smcr;

    (void)i;
    (void)value;
    if (!t->kind->has_slave) {
        *t->smcr = 0; /* TIM6, TIM7, TIM13, TIM14, TIM16, TIM17 have no such register */
        return;
    }
    *t->smcr = old;
    timer_settle(t);
    *t->smcr = smcr;
    if (mode(t) && source(t) > TS_ETRF)
        complain(d->soc->complaints, UNIMPLEMENTED, "timer-trigger",
                 "%s_SMCR = 0x%08x: trigger input ITR4 or higher is not modelled", d->name,
                 (unsigned)smcr);
    if ((smcr ^ old) & (3u << 12 | SMCR_ETP))
        t->etr_edges = 0;
    timer_inputs_routed(t); /* ETR's filter */
    timer_slave_changed(t);
    timer_schedule(t);
}

void timer_slave_reset(struct timer *t)
{
    t->trgi = t->in_trigger = false;
    t->etr_edges = 0;
    signal_listen(t->d.soc, SIGNAL_NONE, &t->itr);
}

void timer_slave_create(struct timer *t)
{
    t->itr = (struct signal_listener){.fn = internal_trigger, .ctx = t};
}
