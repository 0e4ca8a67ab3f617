/*
 * A timer's channels: OCxREF by the output compare and PWM modes, and input capture. RM0455,
 * chapters on the timers, "Output compare mode", "PWM mode", "Input capture mode".
 *
 * An edge is an event in the queue only while the output reaches a pin or a listener. Not modelled:
 * the combined, asymmetric and retriggerable modes, OCxREF cleared by ETRF (OCxCE), preloaded
 * control bits (CCPC).
 */
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

enum { CAPTURE_OWN = 1, CAPTURE_NEIGHBOUR = 2, CAPTURE_TRC = 3 };

uint32_t timer_ccmr(struct timer *t, unsigned n)
{
    return *device_reg(&t->d, n < PIN_CHANNELS ? CCMR1 + n / 2 * 4 : CCMR3) >> (8 * (n % 2));
}

uint32_t timer_ccer(struct timer *t, unsigned n)
{
    return *device_reg(&t->d, CCER) >> (4 * n) & 15;
}

static unsigned mode(struct timer *t, unsigned n)
{
    uint32_t v = timer_ccmr(t, n);

    return (v >> 4 & 7) | (v >> 16 & 1) << 3;
}

bool timer_compares(struct timer *t, unsigned n)
{
    return n < t->kind->channels && !(timer_ccmr(t, n) & 3);
}

bool timer_preloads(struct timer *t, unsigned n)
{
    return timer_ccmr(t, n) >> 3 & 1;
}

/* ---- references ---- */

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
    uint32_t count = timer_count(t);

    return timer_down(t) ? count <= t->ccr[n] : count < t->ccr[n];
}

void timer_update_references(struct timer *t)
{
    for (unsigned n = 0; n < t->kind->channels; n++) {
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
}

/* It has no edge at all: always active, or never. */
static bool constant(const struct timer *t, unsigned n)
{
    if (timer_centre(t))
        return t->ccr[n] == 0 || t->ccr[n] == t->arr;
    return t->ccr[n] == (*t->cr1 & CR1_DIR ? t->arr : 0);
}

uint64_t timer_next_edge(struct timer *t)
{
    uint64_t next = UINT64_MAX;

    for (unsigned n = 0; n < t->kind->channels; n++) {
        unsigned m = mode(t, n), places;
        uint64_t at[3];

        if (!(t->driving >> n & 1))
            continue;
        places = timer_match_ticks(t, n, at);
        if (!places || m < ACTIVE_ON_MATCH || m == FORCE_INACTIVE || m == FORCE_ACTIVE || m > PWM2)
            continue;
        if (m == PWM1 || m == PWM2) {
            if (constant(t, n))
                continue;
            if (!timer_centre(t))
                at[places++] = 0;
        }
        for (unsigned i = 0; i < places; i++) {
            uint64_t tick = timer_next_at(t, at[i]);

            if (tick < next)
                next = tick;
        }
    }
    return next;
}

/* ---- inputs ---- */

void timer_capture(struct timer *t, unsigned n)
{
    *device_reg(&t->d, CCR1 + 4 * n) = timer_count_at(t, soc_now(t->d.soc));
    *t->sr |= *t->sr & CCIF(n) ? CCOF(n) : CCIF(n);
    timer_event(t, CCIF(n));
}

/* CCxNP and CCxP: 00 rising, 01 falling, 11 both edges. */
static bool edge_counts(uint32_t bits, bool rising)
{
    bool p = bits >> 1 & 1, np = bits >> 3 & 1;

    return np ? p : rising != p;
}

static bool divided(struct timer *t, unsigned n)
{
    if (++t->edges[n] < 1u << (timer_ccmr(t, n) >> 2 & 3)) /* ICxPSC */
        return false;
    t->edges[n] = 0;
    return true;
}

void timer_capture_edge(struct timer *t, unsigned ti, bool rising)
{
    bool captured = false;

    for (unsigned n = ti & ~1u; n <= (ti | 1u) && n < t->kind->channels; n++) {
        uint32_t bits = timer_ccer(t, n);

        if ((timer_ccmr(t, n) & 3) != (n == ti ? CAPTURE_OWN : CAPTURE_NEIGHBOUR) || !(bits & 1) ||
            !edge_counts(bits, rising) || !divided(t, n))
            continue;
        if (!captured)
            timer_sync(t);
        timer_capture(t, n);
        captured = true;
    }
    if (captured)
        timer_schedule(t);
}

void timer_capture_trc(struct timer *t)
{
    for (unsigned n = 0; n < t->kind->channels && n < PIN_CHANNELS; n++) {
        if ((timer_ccmr(t, n) & 3) == CAPTURE_TRC && timer_ccer(t, n) & 1 && divided(t, n))
            timer_capture(t, n);
    }
}
