/*
 * The store buffer: four entries of 64 bits between the core and the AXI master, for stores to
 * Normal memory that do not end in the data cache (DDI0489F 5.9 and 6.4; Arm's descriptions of the
 * store buffer of Cortex-M7 and Cortex-R4, which agree).
 *
 * A store joins the entry of its doubleword. An entry leaves
 *   - together with the other three of its line as soon as the line is complete,
 *   - when a fifth entry is needed: the oldest one, with those of the same line,
 *   - when a load or a line fill needs its line,
 *   - at DMB, DSB, exception entry, sleep, cache maintenance,
 *   - or after some time in which nothing joined.
 * Adjacent doublewords of one line leave as one burst whose beats carry the byte strobes as they
 * are: a beat that was not completed is a partial one. Arm does not publish how long an entry
 * waits; here it is STORE_IDLE cycles.
 *
 * Only memory that others observe (BUS_OBSERVED) comes here: for plain memory nobody can tell.
 */
#include "exec.h"

enum { STORE_IDLE = 64, BEAT = 8, LINE_BEATS = LINE_SIZE / BEAT };

static uint32_t line_of(uint32_t addr)
{
    return addr & ~(LINE_SIZE - 1);
}

/* Sends beats first .. last of a line, complete (32 strobes set) or not. */
static void send(struct cpu *c, uint32_t line, uint32_t attr, unsigned first, unsigned last,
                 uint32_t strobe, uint8_t *data)
{
    bool single = first == last;
    struct bus_access a = {.addr = line + (single ? first * BEAT : 0),
                           .attr = attr,
                           .size = single ? BEAT : LINE_SIZE,
                           .strobe = single ? strobe >> (first * BEAT) & 0xFF : strobe,
                           .write = true,
                           .data = data + (single ? first * BEAT : 0)};
    enum bus_status status = mem_transfer_observed(c, &a);

    c->stats.store_bursts[last - first]++;
    for (unsigned beat = first; beat <= last; beat++)
        c->stats.partial_beats += (strobe >> (beat * BEAT) & 0xFF) != 0xFF;
    if (status != BUS_OK)
        sys_imprecise(c, status);
}

/* Lets all entries of the line of entry `index` go. */
static void drain_line(struct cpu *c, unsigned index)
{
    struct store_buffer *s = &c->stores;
    uint32_t line = line_of(s->entry[index].addr), attr = s->entry[index].attr;
    bool streaming = s->entry[index].streaming;
    uint8_t data[LINE_SIZE] = {0};
    uint32_t strobe = 0;
    unsigned left = 0;

    for (unsigned i = 0; i < s->count; i++) {
        const struct store_entry *e = &s->entry[i];

        if (line_of(e->addr) == line && e->attr == attr) {
            memcpy(data + e->addr % LINE_SIZE, e->data, BEAT);
            strobe |= (uint32_t)e->strobe << (e->addr % LINE_SIZE);
        } else {
            s->entry[left++] = *e;
        }
    }
    s->count = left;
    /* DDI0489F 5.9.1: read-allocate mode ends with a write burst that is not a full line. */
    if (streaming && strobe != UINT32_MAX)
        dcache_leave_read_allocate(c);
    for (unsigned beat = 0; beat < LINE_BEATS;) {
        unsigned first = beat;
        uint32_t run = 0;

        while (beat < LINE_BEATS && strobe >> (beat * BEAT) & 0xFF) {
            run |= strobe & (uint32_t)0xFF << (beat * BEAT);
            beat++;
        }
        if (run)
            send(c, line, attr, first, beat - 1, run, data);
        else
            beat++;
    }
}

void stores_drain(struct cpu *c)
{
    while (c->stores.count != 0)
        drain_line(c, 0);
}

bool stores_drain_line(struct cpu *c, uint32_t addr)
{
    bool any = false;

    for (unsigned i = 0; i < c->stores.count;) {
        if (line_of(c->stores.entry[i].addr) == line_of(addr)) {
            drain_line(c, i);
            any = true;
            i = 0;
        } else {
            i++;
        }
    }
    return any;
}

void stores_attend(struct cpu *c)
{
    if (c->stores.count == 0)
        return;
    if (c->cycles - c->stores.last >= STORE_IDLE)
        stores_drain(c);
    else if (c->deadline > c->stores.last + STORE_IDLE)
        c->deadline = c->stores.last + STORE_IDLE;
}

void stores_put(struct cpu *c, const struct bus_access *a, bool streaming)
{
    struct store_buffer *s = &c->stores;
    uint32_t beat = a->addr & ~(uint32_t)(BEAT - 1);
    struct store_entry *e = NULL;
    unsigned complete = 0;

    for (unsigned i = 0; i < s->count; i++)
        if (s->entry[i].addr == beat && s->entry[i].attr == a->attr)
            e = &s->entry[i];
    if (e == NULL) {
        if (s->count == STORE_ENTRIES)
            drain_line(c, 0);
        e = &s->entry[s->count++];
        *e = (struct store_entry){.addr = beat, .attr = a->attr, .streaming = streaming};
    }
    memcpy(e->data + (a->addr - beat), a->data, a->size);
    e->strobe |= (uint8_t)(((1u << a->size) - 1) << (a->addr - beat));
    s->last = c->cycles;
    for (unsigned i = 0; i < s->count; i++)
        complete += s->entry[i].strobe == 0xFF && s->entry[i].attr == a->attr &&
                    line_of(s->entry[i].addr) == line_of(beat);
    if (complete == LINE_BEATS)
        drain_line(c, (unsigned)(e - s->entry));
    else if (c->deadline > s->last + STORE_IDLE)
        c->deadline = s->last + STORE_IDLE;
}

uint8_t *stores_find(struct cpu *c, uint32_t addr)
{
    for (unsigned i = 0; i < c->stores.count; i++) {
        struct store_entry *e = &c->stores.entry[i];

        if (addr - e->addr < BEAT && e->strobe >> (addr - e->addr) & 1)
            return &e->data[addr - e->addr];
    }
    return NULL;
}
