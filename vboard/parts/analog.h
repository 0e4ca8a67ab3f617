/*
 * A voltage on a net: constant, a sine or a ramp (sawtooth) between two voltages, over virtual
 * time. Simulation thread only.
 */
#ifndef VBOARD_PARTS_ANALOG_H
#define VBOARD_PARTS_ANALOG_H

#include "../wire/net.h"
#include "../wire/sched.h"

enum analog_shape { ANALOG_CONSTANT, ANALOG_SINE, ANALOG_RAMP };

struct analog {
    enum analog_shape shape;
    double low, high; /* volts; a constant one has `low` */
    double hz;
    struct sched *sched;
    struct analog_source source;
};

/* Fields but `source` are set. It must stay where it is for as long as the net exists. */
void analog_attach(struct analog *a, struct net *net);

#endif
