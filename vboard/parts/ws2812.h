/*
 * A strip of WS2812B LEDs, or of SK6812 with a white one: tells what it shows when a pause of the
 * line makes it show it.
 *
 * Numbers: Worldsemi's and Opsco's data sheets. The whole strip is one part: the first LED keeps
 * the first 24 (32) bits, the next the next, and there are always enough. Simulation thread only.
 */
#ifndef VBOARD_PARTS_WS2812_H
#define VBOARD_PARTS_WS2812_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../wire/net.h"
#include "../wire/sched.h"

struct ws2812 {
    unsigned bytes_per_led; /* 3 or 4; on the line green, red, blue, white */
    /* Told at each pause after data: `bits` of them in data[], and how many pulses were outside of
       the data sheet's range (a real LED may have read those otherwise). */
    void (*shown)(void *ctx, const struct ws2812 *strip, vtime at);
    void *ctx;

    uint8_t *data;
    size_t room, bits;
    unsigned odd_pulses;
    bool level;
    vtime rose, fell;
    struct sched *sched;
    struct net *net;
    struct net_listener listener;
    struct sched_event pause;
};

/* The upper fields are set. It must stay where it is. */
void ws2812_attach(struct ws2812 *w, struct sched *sched, struct net *net);
void ws2812_detach(struct ws2812 *w); /* one that was never attached is fine */

#endif
