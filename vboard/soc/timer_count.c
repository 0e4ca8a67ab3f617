/*
 * The counter of a timer: time base, update and compare events, counted in virtual time.
 *
 * RM0455, chapters on the timers, "Time-base unit", "Counter modes", "Repetition counter". The
 * counter is not stepped: its value follows from the time since it was last set, and an event is in
 * the queue only while somebody would notice (an enabled interrupt whose flag is clear, one-pulse
 * mode, a preloaded value, an output that reaches a pin or a listener). With an external clock it
 * is stepped by the clock's edges.
 *
 * Ticks are counted from the begin of a period: up from 0, down from ARR, or centre-aligned up and
 * down, a period of 2 * ARR.
 */
#include "timer_int.h"

static vtime now(const struct timer *t)
{
    return soc_now(t->d.soc);
}

/* RM0455: "the counter is blocked while the auto-reload value is null". */
static bool counts(const struct timer *t)
{
    return *t->cr1 & CR1_CEN && t->hz && t->arr && !timer_gated(t);
}

/* The timer's own clock moves the counter. */
static bool runs(const struct timer *t)
{
    return counts(t) && !timer_external_clock(t);
}

static uint64_t clocks_since(const struct timer *t, vtime at)
{
    return at <= t->since ? 0 : (uint64_t)((unsigned __int128)(at - t->since) * t->hz / VTIME_S);
}

static uint64_t ticks_at(const struct timer *t, vtime at)
{
    if (!runs(t))
        return t->from;
    return t->from + (t->rest + clocks_since(t, at)) / ((uint64_t)t->psc + 1);
}

/* The first time at which ticks_at() reaches n. */
static vtime time_of(const struct timer *t, uint64_t n)
{
    unsigned __int128 clocks;

    if (!runs(t) || n <= t->from)
        return t->since;
    clocks = (unsigned __int128)(n - t->from) * ((uint64_t)t->psc + 1);
    clocks -= clocks > t->rest ? t->rest : clocks;
    return t->since + (vtime)((clocks * VTIME_S + t->hz - 1) / t->hz);
}

static void set_ticks(struct timer *t, uint64_t n, vtime since)
{
    t->from = t->seen = n;
    t->since = since;
    t->rest = 0;
}

static uint32_t count_of(const struct timer *t, uint64_t ticks)
{
    uint64_t n = ticks % timer_period(t);

    if (timer_centre(t))
        return (uint32_t)(n <= t->arr ? n : timer_period(t) - n);
    return (uint32_t)(*t->cr1 & CR1_DIR ? t->arr - n : n);
}

bool timer_down(const struct timer *t)
{
    if (timer_centre(t))
        return t->seen % timer_period(t) >= t->arr;
    return *t->cr1 & CR1_DIR;
}

uint32_t timer_count(const struct timer *t)
{
    return count_of(t, t->seen) & timer_mask(t);
}

uint32_t timer_count_at(const struct timer *t, vtime at)
{
    return count_of(t, ticks_at(t, at)) & timer_mask(t);
}

uint64_t timer_tick_of(const struct timer *t, uint32_t count)
{
    if (count > t->arr)
        return count;
    if (timer_centre(t))
        return timer_down(t) && count ? timer_period(t) - count : count;
    return *t->cr1 & CR1_DIR ? t->arr - count : count;
}

unsigned timer_match_ticks(const struct timer *t, unsigned n, uint64_t at[2])
{
    uint32_t ccr = t->ccr[n];

    if (ccr > t->arr)
        return 0;
    at[0] = timer_centre(t) || !(*t->cr1 & CR1_DIR) ? ccr : t->arr - ccr;
    if (!timer_centre(t) || ccr == 0 || ccr == t->arr)
        return 1;
    at[1] = timer_period(t) - ccr;
    return 2;
}

uint64_t timer_next_at(const struct timer *t, uint64_t phase)
{
    uint64_t p = timer_period(t), at = t->seen / p * p + phase;

    return at > t->seen ? at : at + p;
}

uint32_t timer_compare_register(struct timer *t, unsigned n)
{
    uint32_t at = n < PIN_CHANNELS ? CCR1 + 4 * n : CCR5 + 4 * (n - PIN_CHANNELS);

    return *device_reg(&t->d, at) & (n < PIN_CHANNELS ? timer_mask(t) : 0xFFFF);
}

void timer_load(struct timer *t)
{
    t->psc = *device_reg(&t->d, PSC);
    t->arr = *device_reg(&t->d, ARR) & timer_mask(t);
    t->repeat = *device_reg(&t->d, RCR) & 0xFFFF;
    for (unsigned n = 0; n < t->kind->channels; n++)
        t->ccr[n] = timer_compare_register(t, n);
}

static bool preloaded(struct timer *t)
{
    for (unsigned n = 0; n < t->kind->channels; n++) {
        if (timer_compares(t, n) && t->ccr[n] != timer_compare_register(t, n))
            return true;
    }
    return t->psc != *device_reg(&t->d, PSC) || t->arr != (*device_reg(&t->d, ARR) & timer_mask(t));
}

/* ---- events ---- */

/* Ticks in (from, to] that are at this place of their period. */
static uint64_t times(uint64_t from, uint64_t to, uint64_t phase, uint64_t p)
{
    return (to >= phase ? (to - phase) / p + 1 : 0) - (from >= phase ? (from - phase) / p + 1 : 0);
}

/* CCxIF's places: where the counter matches, in centre-aligned mode on the way that CMS names (at
   the turning points always); with a value above ARR the overflow, or counting down the underflow
   (RM0455, TIMx_SR.CC1IF). */
static unsigned flag_ticks(const struct timer *t, unsigned n, uint64_t at[2])
{
    unsigned matches = timer_match_ticks(t, n, at), cms = *t->cr1 >> 5 & 3;

    if (!matches) {
        at[0] = timer_centre(t) ? t->arr : 0;
        return 1;
    }
    if (matches == 2 && cms != 3) {
        at[0] = at[cms == 1 ? 1 : 0]; /* 1: counting down only, 2: up only */
        return 1;
    }
    return matches;
}

/* Tells others of an event at its time. */
static void announce(struct timer *t, uint32_t flags, vtime at)
{
    struct soc *soc = t->d.soc;
    vtime outer = soc->edge_at;

    soc->edge_at = at;
    timer_event(t, flags);
    soc->edge_at = outer;
}

struct happened {
    uint32_t flags;
    vtime compared[CHANNELS], updated;
};

static void compare(struct timer *t, uint64_t ticks, struct happened *h)
{
    uint64_t p = timer_period(t);

    for (unsigned n = 0; n < t->kind->channels; n++) {
        uint64_t at[2], matches = 0, last = 0;
        unsigned places;

        if (!timer_compares(t, n))
            continue;
        places = timer_match_ticks(t, n, at);
        for (unsigned i = 0; i < places; i++)
            matches += times(t->seen, ticks, at[i], p);
        if (matches)
            timer_matched(t, n, matches);
        places = flag_ticks(t, n, at);
        for (unsigned i = 0; i < places; i++) {
            uint64_t tick;

            if (!times(t->seen, ticks, at[i], p))
                continue;
            tick = (ticks - at[i]) / p * p + at[i];
            if (tick > last)
                last = tick;
            h->flags |= CCIF(n);
        }
        if (h->flags & CCIF(n))
            h->compared[n] = time_of(t, last);
    }
}

/* UIF, and what the repetition counter makes of so many overflows and underflows. */
static void update(struct timer *t, uint64_t updates, struct happened *h)
{
    uint32_t rcr = *device_reg(&t->d, RCR) & 0xFFFF;

    if (updates > t->repeat) {
        h->flags |= UIF | UPDATE;
        t->repeat = rcr - (uint32_t)((updates - t->repeat - 1) % (rcr + 1u));
    } else {
        t->repeat -= (uint32_t)updates;
    }
}

/* Accounts for everything that happened up to `at`. Others are told last, as what they do may come
   back to this timer. */
static void sync(struct timer *t, vtime at)
{
    uint64_t ticks = ticks_at(t, at), unit = timer_unit(t), updates;
    struct happened h = {.flags = 0};
    bool loaded = false;

    if (ticks == t->seen)
        return;
    compare(t, ticks, &h);
    updates = ticks / unit - t->seen / unit;
    h.updated = runs(t) ? time_of(t, ticks / unit * unit) : at;
    t->seen = ticks;
    if (updates && !(*t->cr1 & CR1_UDIS))
        update(t, updates, &h);
    if (updates && *t->cr1 & CR1_OPM && (h.flags & UPDATE || *t->cr1 & CR1_UDIS)) {
        set_ticks(t, ticks / unit * unit % timer_period(t), at);
        *t->cr1 &= ~CR1_CEN;
    }
    /* Preloaded values are taken with an update event, not by what RCR swallows. */
    if (h.flags & UPDATE && preloaded(t)) {
        bool overflow = timer_centre(t) && ticks / unit % 2;

        timer_load(t);
        /* Centre-aligned, the counter turns at the new ARR (RM0455, figure of the overflow with
           ARPE = 1). */
        set_ticks(t, overflow ? t->arr : 0, h.updated);
        loaded = true;
    }
    *t->sr |= h.flags & ~UPDATE;
    for (unsigned n = 0; n < t->kind->channels; n++) {
        if (h.flags & CCIF(n))
            announce(t, CCIF(n), h.compared[n]);
    }
    if (h.flags & UPDATE) {
        timer_automatic_output(t);
        announce(t, UIF | UPDATE, h.updated);
    }
    if (loaded)
        sync(t, at);
}

/* Puts the next moment into the queue that somebody would notice. */
void timer_schedule(struct timer *t)
{
    uint64_t next = UINT64_MAX, edge;
    uint32_t awaited;
    bool needed;

    timer_update_irq(t);
    timer_drive(t);
    if (!runs(t)) {
        sched_cancel(t->d.soc->sched, &t->event);
        return;
    }
    awaited = (*t->dier & ~*t->sr & 0xFF) | timer_awaited(t);
    needed = awaited & UIF || *t->cr1 & CR1_OPM || preloaded(t);
    if (needed && !(*t->cr1 & CR1_UDIS && !(*t->cr1 & CR1_OPM)))
        next = (t->seen / timer_unit(t) + 1) * timer_unit(t);
    edge = timer_next_edge(t);
    if (edge < next)
        next = edge;
    for (unsigned n = 0; n < PIN_CHANNELS; n++) {
        uint64_t at[2];
        unsigned places;

        if (!(awaited & CCIF(n)) || !timer_compares(t, n))
            continue;
        places = flag_ticks(t, n, at);
        for (unsigned i = 0; i < places; i++) {
            edge = timer_next_at(t, at[i]);
            if (edge < next)
                next = edge;
        }
    }
    if (next == UINT64_MAX)
        sched_cancel(t->d.soc->sched, &t->event);
    else
        sched_at(t->d.soc->sched, &t->event, time_of(t, next));
}

/* Whoever sees pins and signals within this event sees them at its time. */
static void event(void *ctx, vtime at)
{
    struct timer *t = ctx;

    t->d.soc->edge_at = at;
    sync(t, at);
    timer_schedule(t);
    t->d.soc->edge_at = 0;
}

void timer_sync(struct timer *t)
{
    sync(t, now(t));
}

/* ---- changes ---- */

void timer_settle(struct timer *t)
{
    vtime at = now(t);

    sync(t, at);
    if (runs(t)) {
        uint64_t clocks = clocks_since(t, at), rest = t->rest + clocks;

        t->since += (vtime)(((unsigned __int128)clocks * VTIME_S + t->hz - 1) / t->hz);
        t->rest = (uint32_t)(rest % ((uint64_t)t->psc + 1));
    } else {
        t->since = at;
    }
    t->from = t->seen;
}

void timer_set_count(struct timer *t, uint32_t count)
{
    t->from = t->seen = timer_tick_of(t, count);
}

void timer_reinitialise(struct timer *t)
{
    uint32_t flags = 0;

    if (!(*t->cr1 & CR1_UDIS)) {
        timer_load(t);
        flags = UPDATE | (*t->cr1 & CR1_URS ? 0 : UIF);
        *t->sr |= flags & UIF;
    }
    set_ticks(t, 0, now(t));
    if (flags) {
        timer_automatic_output(t);
        timer_event(t, flags);
    }
    timer_trigger_reset(t);
}

void timer_clock_edge(struct timer *t)
{
    if (!counts(t))
        return;
    if (t->rest < t->psc) {
        t->rest++;
        return;
    }
    t->since = now(t);
    t->rest = 0;
    t->from++;
    sync(t, t->since);
}

void timer_count_reset(struct timer *t)
{
    set_ticks(t, 0, now(t));
}

void timer_count_create(struct timer *t)
{
    t->event = (struct sched_event){.fn = event, .ctx = t};
}
