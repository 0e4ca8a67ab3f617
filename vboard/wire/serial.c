#include "serial.h"

#include <stdlib.h>

struct serial_wire {
    struct serial_listener *listeners;
    struct serial_wire *joined; /* ring of those that are one wire */
};

struct serial_wire *serial_wire_new(void)
{
    struct serial_wire *w = calloc(1, sizeof *w);

    if (w)
        w->joined = w;
    return w;
}

void serial_wire_free(struct serial_wire *w)
{
    if (!w)
        return;
    for (struct serial_wire *m = w; (m = m->joined) != w;) {
        if (m->joined == w) {
            m->joined = w->joined;
            break;
        }
    }
    free(w);
}

bool serial_joined(const struct serial_wire *a, const struct serial_wire *b)
{
    const struct serial_wire *m = a;

    do {
        if (m == b)
            return true;
    } while ((m = m->joined) != a);
    return false;
}

void serial_join(struct serial_wire *a, struct serial_wire *b)
{
    struct serial_wire *m = a->joined;

    if (serial_joined(a, b))
        return;
    a->joined = b->joined;
    b->joined = m;
}

void serial_listen(struct serial_wire *w, struct serial_listener *l)
{
    l->next = w->listeners;
    w->listeners = l;
}

void serial_unlisten(struct serial_wire *w, struct serial_listener *l)
{
    for (struct serial_listener **p = &w->listeners; *p; p = &(*p)->next) {
        if (*p == l) {
            *p = l->next;
            return;
        }
    }
}

void serial_begin(struct serial_wire *w, const struct serial_char *c)
{
    struct serial_wire *m = w;

    do {
        for (struct serial_listener *l = m->listeners; l; l = l->next) {
            if (l->begin)
                l->begin(l->ctx, c);
        }
    } while ((m = m->joined) != w);
}

void serial_send(struct serial_wire *w, const struct serial_char *c)
{
    struct serial_wire *m = w;

    do {
        for (struct serial_listener *l = m->listeners; l; l = l->next)
            l->fn(l->ctx, c);
    } while ((m = m->joined) != w);
}

struct serial_char serial_frame(uint32_t data, unsigned data_bits, unsigned stop_bits, vtime start,
                                vtime bit)
{
    uint32_t mask = (1u << data_bits) - 1u;
    uint32_t stop = ((1u << stop_bits) - 1u) << (1 + data_bits);

    return (struct serial_char){
        .bits = (data & mask) << 1 | stop,
        .count = 1 + data_bits + stop_bits,
        .start = start,
        .bit = bit,
    };
}

bool serial_sample(const struct serial_char *c, unsigned n, vtime bit)
{
    /* The middle of the receiver's bit n, counted in the sender's bits. */
    vtime index = (n * bit + bit / 2) / c->bit;

    return (index >= c->count || (c->bits >> index & 1)) != c->inverted;
}
