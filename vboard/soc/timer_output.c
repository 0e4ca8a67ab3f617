/*
 * A timer's outputs: what CCER, BDTR and CR2 make of the references, and what stops them. RM0455,
 * TIM1/TIM8, "Complementary outputs and dead-time insertion", "Using the break function", table
 * "Output control bits for complementary OCx and OCxN channels".
 *
 * After a break outputs take their idle levels at once, without a dead time. Not modelled: BDTR's
 * LOCK, break from comparators, DFSDM1 and system faults.
 */
#include "timer_int.h"

#define BDTR_DTG(v) ((v)&0xFF)
#define BDTR_OSSI   (1u << 10)
#define BDTR_OSSR   (1u << 11)
#define BDTR_BKE    (1u << 12)
#define BDTR_BKP    (1u << 13)
#define BDTR_AOE    (1u << 14)
#define BDTR_MOE    (1u << 15)
#define BDTR_BK2E   (1u << 24)
#define BDTR_BK2P   (1u << 25)
#define AF_BKINE    (1u << 0)
#define AF_BKINP    (1u << 9)

static uint32_t *bdtr(struct timer *t)
{
    return device_reg(&t->d, BDTR);
}

static bool main_enable(struct timer *t)
{
    return !t->kind->has_break || *bdtr(t) & BDTR_MOE;
}

/* ---- dead time ---- */

/* RM0455, TIM1_BDTR.DTG, in clocks of tDTS. */
static uint64_t dead_clocks(struct timer *t)
{
    uint32_t dtg = BDTR_DTG(*bdtr(t));
    uint64_t dts = !(dtg & 0x80)          ? dtg
                   : (dtg & 0xC0) == 0x80 ? (64 + (dtg & 0x3F)) * 2
                   : (dtg & 0xE0) == 0xC0 ? (32 + (dtg & 0x1F)) * 8
                                          : (32 + (dtg & 0x1F)) * 16;

    return t->kind->has_break ? dts * timer_dts_clocks(t) : 0;
}

/* With both outputs on, the one that becomes active waits. */
static void insert_dead_time(struct timer *t)
{
    vtime now = soc_now(t->d.soc), next = VTIME_NEVER;

    for (unsigned n = 0; n < t->kind->channels && n < PIN_CHANNELS; n++) {
        if (t->shown[n] != t->reference[n]) {
            uint64_t clocks = (timer_ccer(t, n) & 5) == 5 ? dead_clocks(t) : 0;

            t->shown[n] = t->reference[n];
            t->dead_until[n] = clocks && t->hz ? now + vtime_of_clocks(clocks, t->hz) : 0;
        }
        if (t->dead_until[n] > now && t->dead_until[n] < next)
            next = t->dead_until[n];
    }
    if (next == VTIME_NEVER)
        sched_cancel(t->d.soc->sched, &t->dead);
    else
        sched_at(t->d.soc->sched, &t->dead, next);
}

static void dead_time_over(void *ctx, vtime at)
{
    struct timer *t = ctx;

    t->d.soc->edge_at = at;
    timer_sync(t);
    timer_schedule(t);
    t->d.soc->edge_at = 0;
}

/* ---- outputs ---- */

static enum net_drive level(bool high)
{
    return high ? NET_HIGH : NET_LOW;
}

static enum net_drive output(struct timer *t, unsigned n, bool complementary)
{
    uint32_t bits = timer_ccer(t, n);
    bool enabled = bits >> (complementary ? 2 : 0) & 1, other = bits >> (complementary ? 0 : 2) & 1;
    bool inverted = bits >> (complementary ? 3 : 1) & 1, active;

    if (!timer_compares(t, n))
        return NET_Z;
    if (!main_enable(t)) {
        /* Idle levels OISx, OISxN of CR2. */
        bool idle = *device_reg(&t->d, CR2) >> (8 + 2 * n + complementary) & 1;

        return enabled && *bdtr(t) & BDTR_OSSI ? level(idle) : NET_Z;
    }
    if (!enabled)
        return other && t->kind->has_break && *bdtr(t) & BDTR_OSSR ? level(inverted) : NET_Z;
    active = t->reference[n] != (complementary && other);
    if (other && t->dead_until[n] > soc_now(t->d.soc))
        active = false;
    return level(active != inverted);
}

bool timer_output_level(struct timer *t, unsigned n)
{
    return output(t, n, false) == NET_HIGH;
}

static void drive_pin(struct timer *t, struct timer_pin *p)
{
    const struct timer_route *r = p->route;
    enum net_drive drive = NET_Z;

    if (r->channel > PIN_CHANNELS)
        return;
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
    timer_update_references(t);
    insert_dead_time(t);
    timer_trigger_levels(t);
    t->driving = timer_trigger_channels(t);
    for (unsigned i = 0; i < t->pin_count; i++)
        drive_pin(t, &t->pins[i]);
}

/* ---- break ---- */

/* The input of BKIN or BKIN2 is on, and at the level that breaks. Both polarities count: BKINP that
   of the pin's input, BKP that of all inputs together. */
static bool breaks(struct timer *t, unsigned n)
{
    uint32_t af = *device_reg(&t->d, n == IN_BKIN ? AF1 : AF2);
    bool enabled = *bdtr(t) & (n == IN_BKIN ? BDTR_BKE : BDTR_BK2E);
    bool high = *bdtr(t) & (n == IN_BKIN ? BDTR_BKP : BDTR_BK2P);

    return enabled && af & AF_BKINE && (t->input[n].level != !!(af & AF_BKINP)) == high;
}

static bool broken(struct timer *t)
{
    return breaks(t, IN_BKIN) || breaks(t, IN_BKIN2);
}

void timer_break(struct timer *t)
{
    if (!t->kind->has_break)
        return;
    if (breaks(t, IN_BKIN))
        *t->sr |= BIF;
    if (breaks(t, IN_BKIN2))
        *t->sr |= B2IF;
    if (broken(t))
        *bdtr(t) &= ~BDTR_MOE;
}

void timer_software_break(struct timer *t, uint32_t flags)
{
    if (!t->kind->has_break || !flags)
        return;
    *t->sr |= flags;
    *bdtr(t) &= ~BDTR_MOE;
}

void timer_automatic_output(struct timer *t)
{
    if (t->kind->has_break && *bdtr(t) & BDTR_AOE && !broken(t))
        *bdtr(t) |= BDTR_MOE;
}

void timer_output_reset(struct timer *t)
{
    for (unsigned n = 0; n < PIN_CHANNELS; n++) {
        t->shown[n] = false;
        t->dead_until[n] = 0;
    }
}

void timer_output_create(struct timer *t)
{
    t->dead = (struct sched_event){.fn = dead_time_over, .ctx = t};
}
