/* A push button between a net and ground or supply, pressed at set times. Simulation thread only.
 */
#ifndef VBOARD_PARTS_BUTTON_H
#define VBOARD_PARTS_BUTTON_H

#include <stdbool.h>

#include "../wire/net.h"
#include "../wire/sched.h"

struct button {
    const char *name;
    bool to_supply;      /* pressed = high; else pressed = low */
    enum net_drive idle; /* NET_Z, or the resistor that the board has beside it */

    struct net_driver driver;
};

/* Puts a button whose upper fields are set on a net. It must stay where it is. */
void button_attach(struct button *b, struct net *net);
void button_press(struct button *b, bool pressed);

/* A press in the future: pressed from `from` to `to`. */
struct button_press {
    struct button *button;
    vtime to;
    struct sched *sched;
    struct sched_event event;
    bool pressed;
};
void button_schedule(struct button_press *p, struct sched *sched, struct button *b, vtime from,
                     vtime to);

#endif
