/*
 * A DHT11 or DHT22 (AM2302): humidity and temperature over one wire, on request.
 *
 * Numbers: Aosong's data sheets of both. Not modelled: the time between two readings that they ask
 * for. Simulation thread only.
 */
#ifndef VBOARD_PARTS_DHT_H
#define VBOARD_PARTS_DHT_H

#include <stdbool.h>
#include <stdint.h>

#include "../wire/net.h"
#include "../wire/sched.h"

struct dht {
    bool dht22;
    double celsius, humidity; /* humidity: % */

    uint8_t frame[5];
    unsigned step; /* edges of the answer so far */
    bool level, answering;
    vtime fell;
    struct sched *sched;
    struct net *net;
    struct net_driver driver;
    struct net_listener listener;
    struct sched_event edge;
};

/* The first three fields are set, in the chip's range. Attached at once; it must stay there. */
void dht_attach(struct dht *d, struct sched *sched, struct net *net);
void dht_detach(struct dht *d); /* one that was never attached is fine */

#endif
