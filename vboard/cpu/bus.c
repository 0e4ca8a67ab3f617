/*
 * Address decoding. Regions are kept sorted; a table by megabyte, and by KiB where a megabyte holds
 * more than one region, gives the first region that can hold an address, so that a lookup costs two
 * loads.
 */
#include "bus.h"

#include <stdlib.h>
#include <string.h>

enum {
    MEGABYTES = 4096,
    KIB_IN_MB = 1024,
    LISTENERS = 4,
};

struct bus {
    struct bus_region *region; /* sorted by base */
    size_t count, room;
    /* For each megabyte: index of the first region that ends behind its start ... */
    uint16_t mb[MEGABYTES];
    /* ... and the same for each KiB of it where regions begin or end within the megabyte. */
    uint16_t *kib[MEGABYTES];
    struct {
        void (*fn)(void *ctx, uint32_t base, uint32_t size);
        void *ctx;
    } listener[LISTENERS];
    unsigned listeners;
};

static uint64_t end_of(const struct bus_region *r)
{
    return (uint64_t)r->base + r->size;
}

struct bus *bus_new(void)
{
    return calloc(1, sizeof(struct bus));
}

void bus_free(struct bus *b)
{
    if (!b)
        return;
    for (unsigned i = 0; i < MEGABYTES; i++)
        free(b->kib[i]);
    free(b->region);
    free(b);
}

static int index_megabyte(struct bus *b, unsigned mb)
{
    uint64_t start = (uint64_t)mb << 20, end = start + (1u << 20);
    size_t first = 0, behind;

    while (first < b->count && end_of(&b->region[first]) <= start)
        first++;
    b->mb[mb] = (uint16_t)first;
    behind = first;
    while (behind < b->count && b->region[behind].base < end)
        behind++;
    if (behind - first <= 1)
        return 0; /* at most one region: the index above is enough */
    if (!b->kib[mb]) {
        b->kib[mb] = malloc(KIB_IN_MB * sizeof(uint16_t));
        if (!b->kib[mb])
            return -1;
    }
    for (unsigned k = 0; k < KIB_IN_MB; k++) {
        size_t i = first;

        while (i < b->count && end_of(&b->region[i]) <= start + ((uint64_t)k << 10))
            i++;
        b->kib[mb][k] = (uint16_t)i;
    }
    return 0;
}

int bus_map(struct bus *b, const struct bus_region *region)
{
    size_t at = 0;

    if (!region->size || end_of(region) > UINT64_C(1) << 32 || b->count >= UINT16_MAX - 1)
        return -1;
    while (at < b->count && b->region[at].base < region->base)
        at++;
    if (at < b->count && b->region[at].base < end_of(region))
        return -1;
    if (at && end_of(&b->region[at - 1]) > region->base)
        return -1;
    if (b->count == b->room) {
        size_t room = b->room ? 2 * b->room : 64;
        struct bus_region *list = realloc(b->region, room * sizeof *list);

        if (!list)
            return -1;
        b->region = list;
        b->room = room;
    }
    memmove(&b->region[at + 1], &b->region[at], (b->count - at) * sizeof *b->region);
    b->region[at] = *region;
    b->count++;
    /* Indices behind the new region move, so every megabyte is looked at again; regions are mapped
       while a board is built, not while it runs. */
    for (unsigned mb = 0; mb < MEGABYTES; mb++) {
        if (index_megabyte(b, mb) < 0)
            return -1;
    }
    bus_changed(b, region->base, region->size);
    return 0;
}

const struct bus_region *bus_find(struct bus *b, uint32_t addr)
{
    const uint16_t *kib = b->kib[addr >> 20];
    size_t i = kib ? kib[addr >> 10 & (KIB_IN_MB - 1)] : b->mb[addr >> 20];

    for (; i < b->count && b->region[i].base <= addr; i++) {
        if (addr - b->region[i].base < b->region[i].size)
            return &b->region[i];
    }
    return NULL;
}

enum bus_status bus_do(struct bus *b, struct bus_access *a)
{
    const struct bus_region *r = bus_find(b, a->addr);
    uint32_t offset;

    a->stall_ps = 0;
    if (!r)
        return BUS_DECERR;
    offset = a->addr - r->base;
    if (!(r->flags & (a->write ? BUS_DIRECT_WRITE : BUS_DIRECT_READ)))
        return r->fn ? r->fn(r->ctx, a) : BUS_SLVERR;
    if (a->attr & BUS_WRAP) {
        /* Beats of 8 bytes from the critical one to the line's end, then from the line's start. */
        uint32_t line = offset & ~(a->size - 1);

        a->stall_ps = r->line_ps;
        for (uint32_t i = 0; i < a->size; i++) {
            uint32_t at = line + ((offset + i) & (a->size - 1));

            if (!a->write)
                a->data[i] = r->host[at];
            else if (a->strobe >> i & 1)
                r->host[at] = a->data[i];
        }
        return BUS_OK;
    }
    if (!a->write) {
        memcpy(a->data, r->host + offset, a->size);
    } else {
        for (uint32_t i = 0; i < a->size; i++) {
            if (a->strobe >> i & 1)
                r->host[offset + i] = a->data[i];
        }
    }
    return BUS_OK;
}

int bus_set_flags(struct bus *b, uint32_t base, uint32_t flags)
{
    const struct bus_region *found = bus_find(b, base);

    if (!found || found->base != base)
        return -1;
    if (found->flags != flags) {
        b->region[found - b->region].flags = flags;
        bus_changed(b, base, found->size);
    }
    return 0;
}

int bus_set_line_time(struct bus *b, uint32_t base, uint64_t line_ps)
{
    const struct bus_region *found = bus_find(b, base);

    if (!found || found->base != base)
        return -1;
    b->region[found - b->region].line_ps = line_ps;
    return 0;
}

int bus_set_host(struct bus *b, uint32_t base, uint8_t *host)
{
    const struct bus_region *found = bus_find(b, base);

    if (!found || found->base != base)
        return -1;
    if (found->host != host) {
        b->region[found - b->region].host = host;
        bus_changed(b, base, found->size);
    }
    return 0;
}

void bus_changed(struct bus *b, uint32_t base, uint32_t size)
{
    for (unsigned i = 0; i < b->listeners; i++)
        b->listener[i].fn(b->listener[i].ctx, base, size);
}

int bus_on_change(struct bus *b, void (*fn)(void *ctx, uint32_t base, uint32_t size), void *ctx)
{
    if (b->listeners == LISTENERS)
        return -1;
    b->listener[b->listeners].fn = fn;
    b->listener[b->listeners].ctx = ctx;
    b->listeners++;
    return 0;
}
