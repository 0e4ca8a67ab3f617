/*
 * An asynchronous serial wire: one line, idle high, that carries whole characters.
 *
 * A character is one frame: start bit, 5..9 data bits (with parity if any, as they are on the
 * line), stop bits. Instead of edges a listener gets the frame's bits with the time of its start
 * and the length of one bit, and derives from its own rate what it would have sampled:
 * serial_sample() does that for any receiver, so that a wrong baud rate gives framing errors and
 * garbage as on a bench.
 *
 * Simulation thread only.
 */
#ifndef VBOARD_WIRE_SERIAL_H
#define VBOARD_WIRE_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "sched.h"

/* One character on the line. */
struct serial_char {
    uint32_t
        bits; /* bit 0 = first on the line (the start bit, 0), then data LSB first, parity, stop */
    unsigned count; /* bits in all, 1..24; after them the line is idle (a break is all zero bits) */
    vtime start;    /* of the start bit */
    vtime bit;      /* length of one bit, picoseconds, > 0 */
    bool inverted;  /* the line idles low, and bits holds the inverse of its levels */
};

struct serial_wire;

struct serial_listener {
    /* Called when the character has passed completely: at start + count * bit. */
    void (*fn)(void *ctx, const struct serial_char *c);
    /* Called at its start, when the level of the start bit shows; may be NULL. */
    void (*begin)(void *ctx, const struct serial_char *c);
    void *ctx;
    struct serial_listener *next; /* kept by the wire */
};

struct serial_wire *serial_wire_new(void);
void serial_wire_free(struct serial_wire *w);
/* Solders two wires together: what is sent on one is heard on both. There is no way back. */
void serial_join(struct serial_wire *a, struct serial_wire *b);
bool serial_joined(const struct serial_wire *a, const struct serial_wire *b);
void serial_listen(struct serial_wire *w, struct serial_listener *l);
void serial_unlisten(struct serial_wire *w, struct serial_listener *l);
/* The sender announces a character at its start and publishes it at its end. */
void serial_begin(struct serial_wire *w, const struct serial_char *c);
void serial_send(struct serial_wire *w, const struct serial_char *c);

/* Builds the frame of a byte: data bits 5..9 (parity, if any, is part of data), stop 1 or 2. */
struct serial_char serial_frame(uint32_t data, unsigned data_bits, unsigned stop_bits, vtime start,
                                vtime bit);

/*
 * The level that a receiver with its own bit time sees in the middle of its bit number n (0 = start
 * bit) when it synchronised on the start of c.
 */
bool serial_sample(const struct serial_char *c, unsigned n, vtime bit);

#endif
