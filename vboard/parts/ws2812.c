#include "ws2812.h"

#include <stdlib.h>

/* WS2812B: T0H 0.4, T1H 0.8, T0L 0.85, T1L 0.45 us, each +-150 ns; RES above 50 us. A low may last
   longer than that, as long as it is no reset. */
static const vtime PAUSE = 50 * VTIME_US;
static const vtime T0H = 400 * VTIME_NS, T1H = 800 * VTIME_NS;
static const vtime TOLERANCE = 150 * VTIME_NS;
static const vtime LOW_MIN = 300 * VTIME_NS; /* of T1L */

static bool near(vtime value, vtime wanted)
{
    return value + TOLERANCE >= wanted && value <= wanted + TOLERANCE;
}

static void take_bit(struct ws2812 *w, vtime high)
{
    size_t byte = w->bits / 8;

    if (byte == w->room) {
        size_t room = w->room * 2 + 64;
        uint8_t *data = realloc(w->data, room);

        if (data == NULL)
            return; /* the LEDs that there is no memory for stay dark */
        w->data = data;
        w->room = room;
    }
    if (w->bits % 8 == 0)
        w->data[byte] = 0;
    w->data[byte] = (uint8_t)(w->data[byte] << 1 | (high > (T0H + T1H) / 2));
    w->bits++;
    if (!near(high, T0H) && !near(high, T1H))
        w->odd_pulses++;
}

static void changed(void *ctx, struct net *net, bool level)
{
    struct ws2812 *w = ctx;
    vtime now = sched_now(w->sched);

    (void)net;
    if (level == w->level)
        return;
    w->level = level;
    if (level) {
        if (w->bits > 0 && now - w->fell < LOW_MIN)
            w->odd_pulses++;
        w->rose = now;
        sched_cancel(w->sched, &w->pause);
    } else {
        take_bit(w, now - w->rose);
        w->fell = now;
        sched_at(w->sched, &w->pause, now + PAUSE);
    }
}

static void paused(void *ctx, vtime at)
{
    struct ws2812 *w = ctx;

    w->shown(w->ctx, w, at);
    w->bits = 0;
    w->odd_pulses = 0;
}

void ws2812_attach(struct ws2812 *w, struct sched *sched, struct net *net)
{
    w->sched = sched;
    w->net = net;
    w->level = net_level(net);
    w->listener = (struct net_listener){.fn = changed, .ctx = w};
    w->pause = (struct sched_event){.fn = paused, .ctx = w};
    net_listen(net, &w->listener);
}

void ws2812_detach(struct ws2812 *w)
{
    if (w->net == NULL)
        return;
    sched_cancel(w->sched, &w->pause);
    net_unlisten(w->net, &w->listener);
    free(w->data);
    w->net = NULL;
}
