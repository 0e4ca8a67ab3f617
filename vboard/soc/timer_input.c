/*
 * A timer's inputs from pins: TI1..TI4, ETR, BKIN and BKIN2 with their filters. RM0455, chapters on
 * the timers, "Input capture mode", TIMx_CCMR1.IC1F, TIMx_SMCR.ETF, TIMx_BDTR.BKF.
 *
 * A filter takes a level that stayed for N samples; its edges are exact, not at the sampling
 * clock's. An input that no pin is routed to is low (UNVERIFIED for the break inputs). Not
 * modelled: other sources than pins (TISEL, AF1.ETRSEL).
 */
#include <stdlib.h>

#include "timer_int.h"

#define CR2_TI1S (1u << 7)

uint64_t timer_dts_clocks(const struct timer *t)
{
    return UINT64_C(1) << (*t->cr1 >> 8 & 3); /* CKD */
}

/* ICxF, ETF, BKF have one coding: how many samples of fCK_INT or fDTS / 2 ..; in timer clocks. */
static uint64_t filter_clocks(const struct timer *t, unsigned code)
{
    static const struct {
        uint8_t samples, divider; /* of fDTS; 0: fCK_INT */
    } filters[16] = {
        {0, 0}, {2, 0}, {4, 0},  {8, 0},  {6, 2},  {8, 2},  {6, 4},  {8, 4},
        {6, 8}, {8, 8}, {5, 16}, {6, 16}, {8, 16}, {5, 32}, {6, 32}, {8, 32},
    };
    unsigned divider = filters[code].divider;

    return filters[code].samples * (divider ? divider * timer_dts_clocks(t) : 1);
}

static unsigned filter_code(struct timer *t, unsigned n)
{
    switch (n) {
    case IN_ETR:
        return *t->smcr >> 8 & 15;
    case IN_BKIN:
        return *device_reg(&t->d, BDTR) >> 16 & 15;
    case IN_BKIN2:
        return *device_reg(&t->d, BDTR) >> 20 & 15;
    default:
        return timer_compares(t, n) ? 0 : timer_ccmr(t, n) >> 4 & 15;
    }
}

static void take(struct timer_input *in, bool level)
{
    struct timer *t = in->timer;

    if (in->level == level)
        return;
    in->level = level;
    if (!device_clocked(&t->d) || !t->hz)
        return;
    if (in->n == IN_BKIN || in->n == IN_BKIN2) {
        timer_sync(t);
        timer_break(t);
        timer_schedule(t);
        return;
    }
    /* A counter that is reset by the edge is captured before. */
    if (in->n < PIN_CHANNELS)
        timer_capture_edge(t, in->n, level);
    timer_slave_input(t, in->n, level);
}

/* What is in front of the filter: TI1 may be an XOR of three pins. */
static bool unfiltered(struct timer *t, unsigned n)
{
    if (n == 0 && *device_reg(&t->d, CR2) & CR2_TI1S)
        return t->input[0].pin != (t->input[1].pin != t->input[2].pin);
    return t->input[n].pin;
}

static void filtered(void *ctx, vtime at)
{
    struct timer_input *in = ctx;
    struct soc *soc = in->timer->d.soc;

    soc->edge_at = at;
    take(in, unfiltered(in->timer, in->n));
    soc->edge_at = 0;
}

static void look(struct timer *t, unsigned n)
{
    struct timer_input *in = &t->input[n];
    bool level = unfiltered(t, n);
    uint64_t clocks;

    if (level == in->level) {
        sched_cancel(t->d.soc->sched, &in->filter);
        return;
    }
    clocks = filter_clocks(t, filter_code(t, n));
    if (!clocks || !t->hz) {
        sched_cancel(t->d.soc->sched, &in->filter);
        take(in, level);
    } else if (!sched_pending(&in->filter)) {
        sched_at(t->d.soc->sched, &in->filter, soc_now(t->d.soc) + vtime_of_clocks(clocks, t->hz));
    }
}

static void pin_changed(struct timer *t, unsigned n)
{
    bool level = false;

    for (unsigned i = 0; i < t->pin_count; i++) {
        const struct timer_route *r = t->pins[i].route;

        if (!r->complementary && r->channel == n + 1 && t->pins[i].high &&
            soc_pin_af(t->d.soc, r->pin) == r->af)
            level = true;
    }
    if (t->input[n].pin == level)
        return;
    t->input[n].pin = level;
    look(t, n);
    if ((n == 1 || n == 2) && *device_reg(&t->d, CR2) & CR2_TI1S)
        look(t, 0);
}

static void level_changed(void *ctx, struct net *net, bool high)
{
    struct timer_pin *p = ctx;
    const struct timer_route *r = p->route;

    (void)net;
    if (p->high == high)
        return; /* somebody else holds it now */
    p->high = high;
    if (soc_pin_af(p->timer->d.soc, r->pin) == r->af)
        pin_changed(p->timer, r->channel - 1u);
}

void timer_inputs_routed(struct timer *t)
{
    for (unsigned n = 0; n < INPUTS; n++) {
        pin_changed(t, n);
        look(t, n);
    }
}

void timer_inputs_reset(struct timer *t)
{
    for (unsigned n = 0; n < INPUTS; n++) {
        sched_cancel(t->d.soc->sched, &t->input[n].filter);
        t->input[n].level = t->input[n].pin;
    }
}

int timer_pins_create(struct timer *t)
{
    struct soc *soc = t->d.soc;

    for (unsigned n = 0; n < INPUTS; n++) {
        t->input[n].timer = t;
        t->input[n].n = n;
        t->input[n].filter = (struct sched_event){.fn = filtered, .ctx = &t->input[n]};
    }
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
