#include "dht.h"

#include <math.h>
#include <stdlib.h>

/* "Communication and signal". Where a range is given, its middle. */
static const vtime AWAKE = VTIME_S; /* after power-on, "in order to pass the unstable status" */
static const vtime START_DHT11 = 18 * VTIME_MS, START_DHT22 = 800 * VTIME_US; /* low, at least */
static const vtime ANSWER_WAIT = 30 * VTIME_US;                               /* 20 to 40 */
static const vtime ANSWER = 80 * VTIME_US; /* low, and then high */
static const vtime BIT_LOW = 50 * VTIME_US;
static const vtime BIT_0 = 27 * VTIME_US, BIT_1 = 70 * VTIME_US; /* high */

enum { BITS = 40, STEP_FIRST_BIT = 2, STEP_END = STEP_FIRST_BIT + 2 * BITS };

static void measure(struct dht *d)
{
    unsigned humidity = (unsigned)lround(d->humidity * 10);
    unsigned celsius = (unsigned)labs(lround(d->celsius * 10));

    if (d->dht22) {
        d->frame[0] = (uint8_t)(humidity >> 8);
        d->frame[1] = (uint8_t)humidity;
        d->frame[2] = (uint8_t)(celsius >> 8 | (d->celsius < 0 ? 0x80 : 0));
        d->frame[3] = (uint8_t)celsius;
    } else {
        d->frame[0] = (uint8_t)(humidity / 10);
        d->frame[1] = 0;
        d->frame[2] = (uint8_t)(celsius / 10);
        d->frame[3] = (uint8_t)(celsius % 10);
    }
    d->frame[4] = (uint8_t)(d->frame[0] + d->frame[1] + d->frame[2] + d->frame[3]);
}

/* Even steps begin a low, odd ones a high: the answer, 40 bits, and a last low that ends them. */
static void edge(void *ctx, vtime at)
{
    struct dht *d = ctx;
    unsigned step = d->step++;
    unsigned bit = (step - STEP_FIRST_BIT) / 2;
    vtime lasts = ANSWER;

    net_drive(&d->driver, step % 2 == 0 ? NET_LOW : NET_Z);
    if (step > STEP_END) {
        d->answering = false;
        return;
    }
    if (step >= STEP_FIRST_BIT)
        lasts = step % 2 == 0 ? BIT_LOW : d->frame[bit / 8] >> (7 - bit % 8) & 1 ? BIT_1 : BIT_0;
    sched_at(d->sched, &d->edge, at + lasts);
}

static void changed(void *ctx, struct net *net, bool level)
{
    struct dht *d = ctx;
    vtime now = sched_now(d->sched);

    (void)net;
    if (level == d->level || d->answering)
        return;
    d->level = level;
    if (!level) {
        d->fell = now;
    } else if (now >= AWAKE && now - d->fell >= (d->dht22 ? START_DHT22 : START_DHT11)) {
        measure(d);
        d->answering = true;
        d->step = 0;
        sched_at(d->sched, &d->edge, now + ANSWER_WAIT);
    }
}

void dht_attach(struct dht *d, struct sched *sched, struct net *net)
{
    d->sched = sched;
    d->net = net;
    d->level = net_level(net);
    d->listener = (struct net_listener){.fn = changed, .ctx = d};
    d->edge = (struct sched_event){.fn = edge, .ctx = d};
    net_attach(net, &d->driver);
    net_listen(net, &d->listener);
}

void dht_detach(struct dht *d)
{
    if (d->net == NULL)
        return;
    sched_cancel(d->sched, &d->edge);
    net_unlisten(d->net, &d->listener);
    net_detach(&d->driver);
    d->net = NULL;
}
