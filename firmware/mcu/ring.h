/* SPDX-License-Identifier: MIT */

/*
 * A byte queue for one writer and one reader that may interrupt each other, on one core, without
 * masking. The size is a power of two; all of it can be used. Positions run freely and wrap at
 * 2^32.
 */
#ifndef MCU_RING_H
#define MCU_RING_H

#include <stdbool.h>
#include <stdint.h>

struct ring {
    uint8_t *data;
    uint32_t size;          /* power of two */
    volatile uint32_t head; /* written by the writer only */
    volatile uint32_t tail; /* written by the reader only */
};

static inline uint32_t ring_used(const struct ring *r)
{
    return r->head - r->tail;
}

static inline uint32_t ring_free(const struct ring *r)
{
    return r->size - ring_used(r);
}

/* False when full. */
static inline bool ring_put(struct ring *r, uint8_t byte)
{
    uint32_t head = r->head;
    if (head - r->tail >= r->size) {
        return false;
    }
    r->data[head & (r->size - 1u)] = byte;
    /* The byte must be there before the position says so: volatile alone orders only volatiles. */
    __asm volatile("" ::: "memory");
    r->head = head + 1u;
    return true;
}

/* -1 when empty. */
static inline int ring_get(struct ring *r)
{
    uint32_t tail = r->tail;
    if (r->head == tail) {
        return -1;
    }
    uint8_t byte = r->data[tail & (r->size - 1u)];
    __asm volatile("" ::: "memory");
    r->tail = tail + 1u;
    return byte;
}

#endif
