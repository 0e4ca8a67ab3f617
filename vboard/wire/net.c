#include "net.h"

#include <stdlib.h>

struct net {
    const char *name;
    struct net_driver *drivers;
    struct net_listener *listeners;
    const struct analog_source *analog;
    bool level, driven, conflict;
    struct net *joined; /* the ring of nets that are one wire; itself if there is no other */
};

struct net *net_new(const char *name)
{
    struct net *n = calloc(1, sizeof *n);

    if (n) {
        n->name = name;
        n->joined = n;
    }
    return n;
}

void net_free(struct net *n)
{
    if (!n)
        return;
    for (struct net *m = n; (m = m->joined) != n;) {
        if (m->joined == n) {
            m->joined = n->joined;
            break;
        }
    }
    while (n->drivers) {
        struct net_driver *d = n->drivers;

        n->drivers = d->next;
        d->net = NULL;
    }
    free(n);
}

const char *net_name(const struct net *n)
{
    return n->name;
}

/* The drives on a wire, one bit each. */
static unsigned drives(const struct net *n)
{
    const struct net *m = n;
    unsigned seen = 0;

    do {
        for (const struct net_driver *d = m->drivers; d; d = d->next)
            seen |= 1u << d->drive;
    } while ((m = m->joined) != n);
    return seen;
}

static void resolve(struct net *n)
{
    unsigned seen = drives(n);
    bool level = n->level, driven = seen & ~(1u << NET_Z);
    bool conflict = (seen & 1u << NET_LOW) && (seen & 1u << NET_HIGH);
    struct net *m = n;

    if (seen & 1u << NET_LOW)
        level = false;
    else if (seen & 1u << NET_HIGH || (seen & 1u << NET_PULL_UP && seen & 1u << NET_PULL_DOWN))
        level = true; /* a divider of equal resistors sits at the upper input threshold */
    else if (driven)
        level = seen & 1u << NET_PULL_UP;
    do {
        bool same = level == m->level && driven == m->driven;

        m->conflict = conflict;
        m->level = level;
        m->driven = driven;
        for (struct net_listener *l = same ? NULL : m->listeners; l; l = l->next)
            l->fn(l->ctx, m, level);
    } while ((m = m->joined) != n);
}

void net_join(struct net *a, struct net *b)
{
    struct net *m = a;

    do {
        if (m == b)
            return;
    } while ((m = m->joined) != a);
    m = a->joined;
    a->joined = b->joined;
    b->joined = m;
    resolve(a);
}

bool net_joined(const struct net *a, const struct net *b)
{
    const struct net *m = a;

    if (!a || !b)
        return false;
    do {
        if (m == b)
            return true;
    } while ((m = m->joined) != a);
    return false;
}

void net_attach(struct net *n, struct net_driver *d)
{
    d->drive = NET_Z;
    d->net = n;
    d->next = n->drivers;
    n->drivers = d;
}

void net_detach(struct net_driver *d)
{
    struct net *n = d->net;

    if (!n)
        return;
    for (struct net_driver **p = &n->drivers; *p; p = &(*p)->next) {
        if (*p == d) {
            *p = d->next;
            break;
        }
    }
    d->net = NULL;
    resolve(n);
}

void net_drive(struct net_driver *d, enum net_drive drive)
{
    if (d->drive == drive)
        return;
    d->drive = drive;
    if (d->net)
        resolve(d->net);
}

void net_listen(struct net *n, struct net_listener *l)
{
    l->next = n->listeners;
    n->listeners = l;
}

void net_unlisten(struct net *n, struct net_listener *l)
{
    for (struct net_listener **p = &n->listeners; *p; p = &(*p)->next) {
        if (*p == l) {
            *p = l->next;
            return;
        }
    }
}

bool net_level(const struct net *n)
{
    return n->level;
}

bool net_driven(const struct net *n)
{
    return n->driven;
}

bool net_conflict(const struct net *n)
{
    return n->conflict;
}

void net_set_analog(struct net *n, const struct analog_source *source)
{
    n->analog = source;
}

const struct analog_source *net_analog(const struct net *n)
{
    const struct net *m = n;

    do {
        if (m->analog)
            return m->analog;
    } while ((m = m->joined) != n);
    return NULL;
}
