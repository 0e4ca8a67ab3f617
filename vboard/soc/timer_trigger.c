/*
 * A timer's trigger outputs TRGO and TRGO2, and its outputs as signals for other peripherals.
 * RM0455, chapters on the timers, TIMx_CR2.MMS, MMS2. Each is computed only while somebody listens.
 *
 * UNVERIFIED: that the ADC's "TIMx_CCy" is the output OCy, with its enable and polarity.
 */
#include "timer_int.h"

#define CR2_MMS(v)  ((v) >> 4 & 7)
#define CR2_MMS2(v) ((v) >> 20 & 15)

/* MMS, and the same of MMS2, which goes on. */
enum {
    ON_RESET,
    ON_ENABLE,
    ON_UPDATE,
    ON_COMPARE,
    ON_REFERENCE, /* .. + 3, MMS2: + 5 */
    ON_EDGES = 10,
};

/* MMS2 = 10 .. 15: pulses at these edges of references. */
static const struct {
    uint8_t rising, falling; /* bit n: of channel n */
} edges[] = {
    {1 << 3, 1 << 3}, {1 << 5, 1 << 5},     {1 << 3 | 1 << 5, 0},
    {1 << 3, 1 << 5}, {1 << 4 | 1 << 5, 0}, {1 << 4, 1 << 5},
};

enum { OUTPUTS = 2 };

/* Output 0 is TRGO, 1 TRGO2. -1: nobody listens. */
static int mode_of(const struct timer *t, unsigned output)
{
    uint32_t cr2 = *device_reg((struct device *)&t->d, CR2);

    if (!signal_listened(t->d.soc, SIGNAL_TRGO(t->kind->number) + output))
        return -1;
    return output ? (int)CR2_MMS2(cr2) : (int)CR2_MMS(cr2);
}

static void pulse(struct timer *t, unsigned output)
{
    signal_pulse(t->d.soc, SIGNAL_TRGO(t->kind->number) + output);
}

void timer_trigger_event(struct timer *t, uint32_t flags)
{
    if (!(flags & (UPDATE | CCIF(0))))
        return;
    for (unsigned i = 0; i < OUTPUTS; i++) {
        int mode = mode_of(t, i);

        if ((mode == ON_UPDATE && flags & UPDATE) || (mode == ON_COMPARE && flags & CCIF(0)))
            pulse(t, i);
    }
}

void timer_trigger_reset(struct timer *t)
{
    for (unsigned i = 0; i < OUTPUTS; i++) {
        if (mode_of(t, i) == ON_RESET)
            pulse(t, i);
    }
}

static void reference_edges(struct timer *t, unsigned output, unsigned which)
{
    bool pulses = false;

    for (unsigned n = 0; n < t->kind->channels; n++) {
        unsigned wanted = t->reference[n] ? edges[which].rising : edges[which].falling;

        pulses |= t->reference[n] != t->referred[n] && wanted >> n & 1;
    }
    if (pulses)
        pulse(t, output);
}

static bool listened(const struct timer *t, unsigned n)
{
    return n < PIN_CHANNELS && signal_listened(t->d.soc, SIGNAL_OC(t->kind->number, n + 1));
}

void timer_trigger_levels(struct timer *t)
{
    for (unsigned i = 0; i < OUTPUTS; i++) {
        unsigned signal = SIGNAL_TRGO(t->kind->number) + i;
        int mode = mode_of(t, i);

        if (mode == ON_ENABLE)
            signal_set(t->d.soc, signal, *t->cr1 & CR1_CEN && !timer_gated(t));
        else if (mode >= ON_EDGES)
            reference_edges(t, i, (unsigned)mode - ON_EDGES);
        else if (mode >= ON_REFERENCE)
            signal_set(t->d.soc, signal, t->reference[mode - ON_REFERENCE]);
        else if (mode >= 0)
            signal_set(t->d.soc, signal, false);
    }
    for (unsigned n = 0; n < t->kind->channels; n++) {
        t->referred[n] = t->reference[n];
        if (listened(t, n))
            signal_set(t->d.soc, SIGNAL_OC(t->kind->number, n + 1), timer_output_level(t, n));
    }
}

unsigned timer_trigger_channels(const struct timer *t)
{
    unsigned channels = 0;

    for (unsigned i = 0; i < OUTPUTS; i++) {
        int mode = mode_of(t, i);

        if (mode >= ON_EDGES)
            channels |= edges[mode - ON_EDGES].rising | edges[mode - ON_EDGES].falling;
        else if (mode >= ON_REFERENCE)
            channels |= 1u << (mode - ON_REFERENCE);
    }
    for (unsigned n = 0; n < t->kind->channels; n++)
        channels |= (unsigned)listened(t, n) << n;
    return channels;
}

uint32_t timer_trigger_awaited(const struct timer *t)
{
    uint32_t flags = 0;

    for (unsigned i = 0; i < OUTPUTS; i++) {
        int mode = mode_of(t, i);

        flags |= mode == ON_UPDATE ? UIF : mode == ON_COMPARE ? CCIF(0) : 0;
    }
    return flags;
}

static void listeners_changed(void *ctx)
{
    struct timer *t = ctx;

    timer_sync(t);
    timer_schedule(t);
}

void timer_trigger_create(struct timer *t)
{
    unsigned number = t->kind->number;

    t->source = (struct signal_source){.fn = listeners_changed, .ctx = t};
    signal_add_source(t->d.soc, SIGNAL_TRGO(number), &t->source);
    signal_add_source(t->d.soc, SIGNAL_TRGO2(number), &t->source);
    for (unsigned n = 0; n < t->kind->channels && n < PIN_CHANNELS; n++)
        signal_add_source(t->d.soc, SIGNAL_OC(number, n + 1), &t->source);
}
