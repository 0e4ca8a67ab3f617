#include "led.h"

#include <stddef.h>

static void level_changed(void *ctx, struct net *net, bool level)
{
    struct led *led = ctx;
    /* An undriven net lights nothing. */
    bool lit = net_driven(net) && level != led->active_low;

    if (lit == led->lit)
        return;
    led->lit = lit;
    led->blinks += lit;
    if (led->changed != NULL)
        led->changed(led->ctx, led, lit, sched_now(led->sched));
}

void led_attach(struct led *led, struct net *net)
{
    led->net = net;
    led->listener.fn = level_changed;
    led->listener.ctx = led;
    net_listen(net, &led->listener);
    level_changed(led, net, net_level(net)); /* the net may be held already */
}

void led_detach(struct led *led)
{
    net_unlisten(led->net, &led->listener);
}
