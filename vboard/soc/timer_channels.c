/*
 * A timer's channels: OCxREF by the output compare and PWM modes, the outputs that BDTR, CCER and
 * polarity make of it, and input capture. RM0455, chapters on the timers, "Output compare mode",
 * "PWM mode", "Output control bits for complementary OCx and OCxN channels", "Input capture mode".
 *
 * An edge is an event in the queue only while the output reaches a pin. Not modelled: dead time,
 * break inputs, the combined, asymmetric and retriggerable modes, input filters, TI1 as an XOR.
 */
#include <stdlib.h>

#include "timer_int.h"

enum {
    FROZEN = 0,
    ACTIVE_ON_MATCH = 1,
    INACTIVE_ON_MATCH = 2,
    TOGGLE = 3,
    FORCE_INACTIVE = 4,
    FORCE_ACTIVE = 5,
    PWM1 = 6,
    PWM2 = 7,
};

#define BDTR_OSSI (1u << 10)
#define BDTR_OSSR (1u << 11)
#define BDTR_MOE  (1u << 15)

static uint32_t ccmr(struct timer *t, unsigned n)
{
    return *device_reg(&t->d, CCMR1 + n / 2 * 4) >> (8 * (n % 2));
}

/* CCxE, CCxP, CCxNE, CCxNP. */
static uint32_t ccer(struct timer *t, unsigned n)
{
    return *device_reg(&t->d, CCER) >> (4 * n) & 15;
}

static unsigned mode(struct timer *t, unsigned n)
{
    uint32_t v = ccmr(t, n);

    return (v >> 4 & 7) | (v >> 16 & 1) << 3;
}

bool timer_compares(struct timer *t, unsigned n)
{
    return n < t->kind->channels && !(ccmr(t, n) & 3);
}

bool timer_preloads(struct timer *t, unsigned n)
{
    return ccmr(t, n) >> 3 & 1;
}

/* ---- outputs ---- */

void timer_matched(struct timer *t, unsigned n, uint64_t times)
{
    switch (mode(t, n)) {
    case ACTIVE_ON_MATCH:
        t->reference[n] = true;
        break;
    case INACTIVE_ON_MATCH:
        t->reference[n] = false;
        break;
    case TOGGLE:
        t->reference[n] ^= times & 1;
        break;
    default:
        break;
    }
}

/* PWM mode 1: counting up active while CNT < CCR, counting down while CNT <= CCR. */
static bool pwm(const struct timer *t, unsigned n)
{
    uint64_t phase = t->seen % timer_period(t);

    return *t->cr1 & CR1_DIR ? t->arr - phase <= t->ccr[n] : phase < t->ccr[n];
}

static void update_reference(struct timer *t, unsigned n)
{
    switch (mode(t, n)) {
    case FORCE_INACTIVE:
        t->reference[n] = false;
        break;
    case FORCE_ACTIVE:
        t->reference[n] = true;
        break;
    case PWM1:
        t->reference[n] = pwm(t, n);
        break;
    case PWM2:
        t->reference[n] = !pwm(t, n);
        break;
    default:
        break;
    }
}

static enum net_drive level(bool high)
{
    return high ? NET_HIGH : NET_LOW;
}

static enum net_drive output(struct timer *t, unsigned n, bool complementary)
{
    uint32_t bits = ccer(t, n), bdtr = t->kind->has_break ? *device_reg(&t->d, BDTR) : BDTR_MOE;
    bool enabled = bits >> (complementary ? 2 : 0) & 1, other = bits >> (complementary ? 0 : 2) & 1;
    bool inverted = bits >> (complementary ? 3 : 1) & 1;

    if (!timer_compares(t, n))
        return NET_Z;
    if (!(bdtr & BDTR_MOE)) {
        /* Idle levels OISx, OISxN of CR2. */
        bool idle = *device_reg(&t->d, CR2) >> (8 + 2 * n + complementary) & 1;

        return enabled && bdtr & BDTR_OSSI ? level(idle) : NET_Z;
    }
    if (enabled)
        return level((t->reference[n] != (complementary && other)) != inverted);
    return other && bdtr & BDTR_OSSR ? level(inverted) : NET_Z;
}

static void drive_pin(struct timer *t, struct timer_pin *p)
{
    const struct timer_route *r = p->route;
    enum net_drive drive = NET_Z;

    if (soc_pin_af(t->d.soc, r->pin) == r->af)
        drive = output(t, r->channel - 1u, r->complementary);
    if (drive != NET_Z)
        t->driving |= 1u << (r->channel - 1);
    if (drive == p->driven)
        return;
    p->driven = drive;
    soc_pin_output(t->d.soc, r->pin, drive);
}

void timer_drive(struct timer *t)
{
    for (unsigned n = 0; n < t->kind->channels; n++)
        update_reference(t, n);
    timer_trgo_level(t);
    t->driving = timer_trgo_channels(t);
    for (unsigned i = 0; i < t->pin_count; i++)
        drive_pin(t, &t->pins[i]);
}

/* The next tick behind `seen` that lies at this place of a period. */
static uint64_t next_at(const struct timer *t, uint64_t phase)
{
    uint64_t p = timer_period(t), at = t->seen / p * p + phase;

    return at > t->seen ? at : at + p;
}

static uint64_t first(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t timer_next_edge(struct timer *t)
{
    uint64_t next = UINT64_MAX;

    for (unsigned n = 0; n < t->kind->channels; n++) {
        unsigned m = mode(t, n);
        bool down = *t->cr1 & CR1_DIR;

        if (!(t->driving >> n & 1) || t->ccr[n] > t->arr)
            continue;
        if (m == PWM1 || m == PWM2) {
            /* Without an edge at all: always inactive, or counting down always active. */
            if (t->ccr[n] == (down ? t->arr : 0))
                continue;
            next = first(next, next_at(t, 0));
        } else if (m < ACTIVE_ON_MATCH || m > TOGGLE) {
            continue;
        }
        next = first(next, next_at(t, timer_tick_of(t, t->ccr[n])));
    }
    return next;
}

/* ---- inputs ---- */

void timer_capture(struct timer *t, unsigned n)
{
    const struct soc *soc = t->d.soc;

    *device_reg(&t->d, CCR1 + 4 * n) =
        timer_count(t, soc->edge_at ? soc->edge_at : sched_now(soc->sched));
    *t->sr |= *t->sr & CCIF(n) ? CCOF(n) : CCIF(n);
    timer_event(t, CCIF(n));
}

/* CCxNP and CCxP: 00 rising, 01 falling, 11 both edges. */
static bool edge_counts(uint32_t bits, bool rising)
{
    bool p = bits >> 1 & 1, np = bits >> 3 & 1;

    return np ? p : rising != p;
}

/* An edge at input ti (0..3). CCxS: 1 = the channel's own input, 2 = its neighbour's. */
static void input(struct timer *t, unsigned ti, bool rising)
{
    bool captured = false;

    if (!device_clocked(&t->d) || !t->hz)
        return;
    for (unsigned n = ti & ~1u; n <= (ti | 1u) && n < t->kind->channels; n++) {
        uint32_t v = ccmr(t, n), bits = ccer(t, n);

        if ((v & 3) != (n == ti ? 1u : 2u) || !(bits & 1) || !edge_counts(bits, rising))
            continue;
        if (++t->edges[n] < 1u << (v >> 2 & 3)) /* ICxPSC */
            continue;
        t->edges[n] = 0;
        if (!captured)
            timer_sync(t);
        timer_capture(t, n);
        captured = true;
    }
    if (captured)
        timer_schedule(t);
}

static void level_changed(void *ctx, struct net *net, bool high)
{
    struct timer_pin *p = ctx;
    const struct timer_route *r = p->route;
    bool *seen = &p->high;

    (void)net;
    if (*seen == high)
        return; /* somebody else holds it now */
    *seen = high;
    if (soc_pin_af(p->timer->d.soc, r->pin) == r->af)
        input(p->timer, r->channel - 1u, high);
}

int timer_pins_create(struct timer *t)
{
    struct soc *soc = t->d.soc;

    t->pins = calloc(timer_route_count, sizeof *t->pins);
    if (!t->pins)
        return -1;
    for (unsigned i = 0; i < timer_route_count; i++) {
        struct timer_pin *p = &t->pins[t->pin_count];

        if (timer_routes[i].timer != t->kind->number)
            continue;
        *p = (struct timer_pin){.timer = t, .route = &timer_routes[i], .driven = NET_Z};
        t->pin_count++;
        if (p->route->complementary)
            continue;
        p->listener = (struct net_listener){.fn = level_changed, .ctx = p};
        net_listen(soc->pin[p->route->pin], &p->listener);
    }
    return 0;
}
