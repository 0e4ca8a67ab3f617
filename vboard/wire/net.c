#include "net.h"

#include <stdlib.h>

struct net {
    const char *name;
    struct net_driver *drivers;
    struct net_listener *listeners;
    bool level, driven, conflict;
};

struct net *net_new(const char *name)
{
    struct net *n = calloc(1, sizeof *n);

    if (n)
        n->name = name;
    return n;
}

void net_free(struct net *n)
{
    if (!n)
        return;
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

static void resolve(struct net *n)
{
    unsigned seen = 0;
    bool level = n->level, driven = n->driven;

    for (const struct net_driver *d = n->drivers; d; d = d->next)
        seen |= 1u << d->drive;
    n->conflict = (seen & 1u << NET_LOW) && (seen & 1u << NET_HIGH);
    n->driven = seen & ~(1u << NET_Z);
    if (seen & 1u << NET_LOW)
        level = false;
    else if (seen & 1u << NET_HIGH || (seen & 1u << NET_PULL_UP && seen & 1u << NET_PULL_DOWN))
        level = true; /* a divider of equal resistors sits at the upper input threshold */
    else if (n->driven)
        level = seen & 1u << NET_PULL_UP;
    if (level == n->level && driven == n->driven)
        return;
    n->level = level;
    for (struct net_listener *l = n->listeners; l; l = l->next)
        l->fn(l->ctx, n, level);
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
