/*
 * A net: one wire with several drivers and several listeners (a pin of the chip, an LED, a button,
 * a tracer). Simulation thread only.
 *
 * The level follows from the strongest drive: pushing outputs win over pull resistors. Two outputs
 * that push against each other are a conflict: the level is then low, and net_conflict() tells.
 */
#ifndef VBOARD_WIRE_NET_H
#define VBOARD_WIRE_NET_H

#include <stdbool.h>
#include <stdint.h>

enum net_drive {
    NET_Z,         /* not driven */
    NET_PULL_DOWN, /* through a resistor */
    NET_PULL_UP,
    NET_LOW, /* output stage */
    NET_HIGH,
};

struct net;

struct net_driver {
    enum net_drive drive;
    struct net *net;
    struct net_driver *next; /* kept by the net */
};

struct net_listener {
    /* The level changed, or somebody began or ceased to hold it (net_driven()): an LED lights at a
       low output also where the floating net counted as low before. Must not drive the same net
       from within. */
    void (*fn)(void *ctx, struct net *net, bool level);
    void *ctx;
    struct net_listener *next; /* kept by the net */
};

/* An undriven net keeps its last level (stray capacitance); at first it is low. */
struct net *net_new(const char *name);
void net_free(struct net *n);
const char *net_name(const struct net *n);

/* Adds a driver (NET_Z at first). It must stay where it is until net_detach(). */
void net_attach(struct net *n, struct net_driver *d);
void net_detach(struct net_driver *d);
void net_drive(struct net_driver *d, enum net_drive drive);

/*
 * Solders two nets together: from now on they are one wire, with the drivers and listeners of both,
 * and of what they were joined with before. There is no way back.
 */
void net_join(struct net *a, struct net *b);
/* They are one wire: joined, or the same net. NULL is on no wire. */
bool net_joined(const struct net *a, const struct net *b);

void net_listen(struct net *n, struct net_listener *l);
void net_unlisten(struct net *n, struct net_listener *l);

bool net_level(const struct net *n);

/* A voltage on the net and what it is joined with, for who measures; digital inputs do not see it.
   At most one a wire. */
struct analog_source {
    double (*volts)(void *ctx);
    void *ctx;
};
void net_set_analog(struct net *n, const struct analog_source *source); /* NULL: none */
/* NULL: nothing but what the drivers make of it. */
const struct analog_source *net_analog(const struct net *n);
/* True if an output stage or a resistor holds the level. */
bool net_driven(const struct net *n);
/* True while a low and a high output stage push against each other. */
bool net_conflict(const struct net *n);

#endif
