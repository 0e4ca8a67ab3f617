/* An LED between a net and a supply, with a listener for whoever looks at it. Simulation thread
 * only. */
#ifndef VBOARD_PARTS_LED_H
#define VBOARD_PARTS_LED_H

#include <stdbool.h>
#include <stdint.h>

#include "../wire/net.h"
#include "../wire/sched.h"

struct led {
    const char *name;
    bool active_low; /* lit while the net is low (the LED goes to the supply) */
    struct sched *sched;
    /* Told at each change; may be NULL. */
    void (*changed)(void *ctx, const struct led *led, bool lit, vtime at);
    void *ctx;

    bool lit;
    uint64_t blinks; /* times that it was lit */
    struct net *net;
    struct net_listener listener;
};

/* Puts an LED whose upper fields are set on a net. It must stay where it is. */
void led_attach(struct led *led, struct net *net);
void led_detach(struct led *led);

#endif
