#include "analog.h"

#include <math.h>

static double volts(void *ctx)
{
    const struct analog *a = ctx;
    double periods = (double)sched_now(a->sched) / (double)VTIME_S * a->hz;
    double phase = periods - floor(periods);

    switch (a->shape) {
    case ANALOG_SINE:
        return (a->low + a->high) / 2 + (a->high - a->low) / 2 * sin(2 * 3.14159265358979 * phase);
    case ANALOG_RAMP:
        return a->low + (a->high - a->low) * phase;
    default:
        return a->low;
    }
}

void analog_attach(struct analog *a, struct net *net)
{
    a->source = (struct analog_source){.volts = volts, .ctx = a};
    net_set_analog(net, &a->source);
}
