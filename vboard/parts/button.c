#include "button.h"

void button_attach(struct button *b, struct net *net)
{
    net_attach(net, &b->driver);
    button_press(b, false);
}

void button_press(struct button *b, bool pressed)
{
    if (pressed)
        net_drive(&b->driver, b->to_supply ? NET_HIGH : NET_LOW);
    else
        net_drive(&b->driver, b->idle);
}

static void change(void *ctx, vtime at)
{
    struct button_press *p = ctx;

    (void)at;
    p->pressed = !p->pressed;
    button_press(p->button, p->pressed);
    if (p->pressed)
        sched_at(p->sched, &p->event, p->to);
}

void button_schedule(struct button_press *p, struct sched *sched, struct button *b, vtime from,
                     vtime to)
{
    *p = (struct button_press){.button = b, .to = to, .sched = sched};
    p->event.fn = change;
    p->event.ctx = p;
    sched_at(sched, &p->event, from);
}
