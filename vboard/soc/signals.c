/* Signals from one peripheral to another: who listens to what. The contract is in signals.h. */
#include "signals.h"

#include <stdlib.h>

#include "devices.h"

struct signal {
    struct signal_listener *listeners;
    const struct signal_source *source;
    bool level;
    bool wanted; /* somebody listens, or is about to */
};

struct signals {
    struct device d; /* has no registers */
    struct signal signal[SIGNAL_COUNT];
};

static void set_wanted(struct signal *s, bool wanted)
{
    s->wanted = wanted;
    if (s->source)
        s->source->fn(s->source->ctx);
}

static void leave(struct signals *all, struct signal_listener *l)
{
    struct signal *s = &all->signal[l->signal];

    for (struct signal_listener **p = &s->listeners; *p; p = &(*p)->next) {
        if (*p == l) {
            *p = l->next;
            break;
        }
    }
    l->signal = SIGNAL_NONE;
    l->next = NULL;
    if (!s->listeners)
        set_wanted(s, false);
}

void signal_listen(struct soc *soc, unsigned signal, struct signal_listener *l)
{
    struct signal *s = &soc->signals->signal[signal];
    struct signal_listener **end = &s->listeners;

    if (l->signal == signal)
        return;
    if (l->signal != SIGNAL_NONE)
        leave(soc->signals, l);
    if (signal == SIGNAL_NONE)
        return;
    /* The source brings its level up to date before: that is no edge for the new listener. */
    if (!s->wanted)
        set_wanted(s, true);
    while (*end)
        end = &(*end)->next;
    *end = l;
    l->signal = signal;
    l->next = NULL;
}

void signal_add_source(struct soc *soc, unsigned signal, const struct signal_source *source)
{
    soc->signals->signal[signal].source = source;
}

bool signal_listened(const struct soc *soc, unsigned signal)
{
    return soc->signals->signal[signal].wanted;
}

void signal_set(struct soc *soc, unsigned signal, bool level)
{
    struct signal *s = &soc->signals->signal[signal];

    if (s->level == level)
        return;
    s->level = level;
    for (struct signal_listener *l = s->listeners, *next; l; l = next) {
        next = l->next;
        l->fn(l->ctx, level);
    }
}

void signal_pulse(struct soc *soc, unsigned signal)
{
    signal_set(soc, signal, true);
    signal_set(soc, signal, false);
}

bool signal_level(const struct soc *soc, unsigned signal)
{
    return soc->signals->signal[signal].level;
}

int signals_create(struct soc *soc)
{
    struct signals *s = calloc(1, sizeof *s);

    if (!s)
        return -1;
    s->d.name = "signals";
    if (device_init(&s->d, soc) < 0) {
        free(s);
        return -1;
    }
    soc->signals = s;
    return 0;
}
