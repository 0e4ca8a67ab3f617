#include "membus.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct membus {
    const char *name;
    struct membus_part *parts;
    struct membus_listener *listeners;
    struct membus_filter *filters;
    uint8_t pull;
    uint64_t frames;
    vtime last_rise;
    struct membus_answer answer;
    struct membus_stats stats;

    /* Of the frame under way. */
    bool seen;                  /* nCS reaches the bus */
    bool clocked;               /* some part wants each clock */
    bool selected;              /* the parts see nCS low (it can stay so when an edge was lost) */
    struct membus_part *direct; /* the one part that follows by bytes */
    uint32_t header_done;
    uint8_t view; /* what the host saw at the last rising edge */
};

struct membus *membus_new(const char *name)
{
    struct membus *b = calloc(1, sizeof *b);

    if (!b)
        return NULL;
    b->name = name;
    b->pull = 0xFF;
    return b;
}

void membus_free(struct membus *b)
{
    free(b);
}

const char *membus_name(const struct membus *b)
{
    return b->name;
}

/* Parties hear of a frame in the order in which they joined. */
#define APPEND(list, item)                                                                         \
    do {                                                                                           \
        (item)->next = NULL;                                                                       \
        while (*(list))                                                                            \
            (list) = &(*(list))->next;                                                             \
        *(list) = (item);                                                                          \
    } while (0)
#define REMOVE(list, item)                                                                         \
    do {                                                                                           \
        while (*(list) && *(list) != (item))                                                       \
            (list) = &(*(list))->next;                                                             \
        if (*(list))                                                                               \
            *(list) = (item)->next;                                                                \
    } while (0)

void membus_attach(struct membus *b, struct membus_part *p)
{
    struct membus_part **list = &b->parts;

    APPEND(list, p);
}

void membus_detach(struct membus *b, struct membus_part *p)
{
    struct membus_part **list = &b->parts;

    REMOVE(list, p);
    b->direct = NULL;
}

void membus_listen(struct membus *b, struct membus_listener *l)
{
    struct membus_listener **list = &b->listeners;

    APPEND(list, l);
}

void membus_unlisten(struct membus *b, struct membus_listener *l)
{
    struct membus_listener **list = &b->listeners;

    REMOVE(list, l);
}

void membus_add_filter(struct membus *b, struct membus_filter *f)
{
    struct membus_filter **list = &b->filters;

    APPEND(list, f);
}

void membus_remove_filter(struct membus *b, struct membus_filter *f)
{
    struct membus_filter **list = &b->filters;

    REMOVE(list, f);
}

void membus_set_pull(struct membus *b, uint8_t levels)
{
    b->pull = levels;
}

void membus_set_answer(struct membus *b, vtime typical, vtime latest, vtime hold)
{
    b->answer.typical = typical;
    b->answer.latest = latest;
    b->answer.hold = hold;
}

void membus_set_wires(struct membus *b, vtime flight, vtime settle)
{
    b->answer.flight = flight;
    b->answer.settle = settle;
}

const struct membus_answer *membus_answer(const struct membus *b)
{
    return &b->answer;
}

/* ---- levels ---- */

/* Lines that the host holds at a fixed level beside those that carry data, and that level. */
static uint8_t idle_lines(unsigned lines, uint8_t *mask)
{
    switch (lines) {
    case 1:
    case 2:
        *mask = 0xFC;
        return 0x08;
    case 4:
        *mask = 0xF0;
        return 0;
    default:
        *mask = 0;
        return 0;
    }
}

static uint8_t symbol_of(uint32_t value, unsigned bits, unsigned lines, unsigned s)
{
    unsigned from = s * lines;

    if (from >= bits)
        return 0;
    return (uint8_t)(value >> (bits - from - lines) & ((1u << lines) - 1));
}

static uint8_t sent_lines(unsigned lines, uint8_t symbol, uint8_t *mask)
{
    uint8_t value = idle_lines(lines, mask);

    *mask |= (uint8_t)((1u << lines) - 1);
    return value | symbol;
}

uint8_t membus_header_lines(const struct membus_frame *f, uint32_t n, bool second, uint8_t *mask)
{
    *mask = 0;
    for (unsigned i = 0; i < f->phases; i++) {
        const struct membus_phase *p = &f->phase[i];

        if (n >= p->clocks) {
            n -= p->clocks;
            continue;
        }
        if (p->kind == MEMBUS_DUMMY) {
            uint8_t value = idle_lines(p->lines, mask);

            /* IO0 stays an output in single-SPI mode. */
            if (p->lines == 1)
                *mask |= 1;
            return value;
        }
        return sent_lines(
            p->lines, symbol_of(p->value, p->bits, p->lines, p->dtr ? 2 * n + second : n), mask);
    }
    return 0;
}

uint8_t membus_data_lines(const struct membus_frame *f, uint8_t byte, unsigned s, uint8_t *mask)
{
    uint8_t value;

    if (f->direction == MEMBUS_OUT)
        return sent_lines(f->data_lines, symbol_of(byte, 8, f->data_lines, s), mask);
    value = idle_lines(f->data_lines, mask);
    if (f->data_lines == 1)
        *mask |= 1;
    return value;
}

uint8_t membus_answer_lines(unsigned lines, uint8_t byte, unsigned s, uint8_t *mask)
{
    if (lines == 1) {
        *mask = 2;
        return (uint8_t)(symbol_of(byte, 8, 1, s) << 1);
    }
    *mask = (uint8_t)((1u << lines) - 1);
    return symbol_of(byte, 8, lines, s);
}

static uint8_t open_byte(const struct membus *b, const struct membus_frame *f)
{
    uint8_t lines = b->pull & f->wires;
    unsigned byte = 0;

    if (f->data_lines == 1)
        return lines & 2 ? 0xFF : 0;
    for (unsigned bit = 0; bit < 8; bit += f->data_lines)
        byte = byte << f->data_lines | (lines & ((1u << f->data_lines) - 1));
    return (uint8_t)byte;
}

/* ---- clock by clock ---- */

static uint8_t filtered(struct membus *b, const struct membus_frame *f, uint8_t lines, bool to_host)
{
    for (struct membus_filter *x = b->filters; x; x = x->next) {
        if (x->lines)
            lines = x->lines(x->ctx, f, lines, to_host);
    }
    return lines;
}

/* Levels of all lines as host and parts drive them now. */
static uint8_t resolve(struct membus *b, struct membus_frame *f, uint8_t value, uint8_t mask)
{
    uint8_t lines, driven = mask & (uint8_t)f->wires;

    lines = (uint8_t)((b->pull & ~driven) | (value & driven));
    for (struct membus_part *p = b->parts; p; p = p->next) {
        uint8_t part_mask = 0, part;

        if (p->manner != MEMBUS_CLOCKS || !b->selected)
            continue;
        part = p->ops->drive(p->ctx, &part_mask);
        if ((part ^ lines) & part_mask & driven)
            f->contention = true;
        part_mask &= (uint8_t)~driven;
        lines = (uint8_t)((lines & ~part_mask) | (part & part_mask));
        driven |= part_mask;
    }
    return lines;
}

static void rising_edge(struct membus *b, struct membus_frame *f, uint8_t value, uint8_t mask)
{
    unsigned edges = f->wires & MEMBUS_CLK ? 1 : 0;
    uint8_t lines = resolve(b, f, value, mask);

    b->view = filtered(b, f, lines, true) & (uint8_t)f->wires;
    for (struct membus_filter *x = b->filters; x && edges; x = x->next) {
        if (x->edges)
            edges *= x->edges(x->ctx, f);
    }
    for (unsigned e = 0; e < edges && b->selected; e++) {
        uint8_t seen;

        if (e)
            lines = resolve(b, f, value, mask);
        seen = filtered(b, f, lines, false);
        for (struct membus_part *p = b->parts; p; p = p->next) {
            if (p->manner == MEMBUS_CLOCKS)
                p->ops->sample(p->ctx, seen);
        }
    }
}

static void run_header(struct membus *b, struct membus_frame *f, uint64_t clocks)
{
    while (b->header_done < f->header && b->header_done < clocks) {
        uint8_t mask, value = membus_header_lines(f, b->header_done++, false, &mask);

        rising_edge(b, f, value, mask);
    }
}

/* The first `edges` rising edges of one data byte; returns what the host read. */
static uint8_t run_byte(struct membus *b, struct membus_frame *f, uint8_t byte, unsigned edges)
{
    unsigned symbols = 8u / f->data_lines;
    unsigned read = 0;
    bool half = f->half_clocks & 1 ? f->bytes & 1 : false; /* octal DTR: two bytes a clock */

    for (unsigned s = 0; s < symbols; s++) {
        bool rising = f->data_dtr ? !((s & 1) ^ half) : true;

        if (rising) {
            uint8_t mask, value;

            if (!edges--)
                break;
            value = membus_data_lines(f, byte, s, &mask);
            rising_edge(b, f, value, mask);
        }
        read = read << f->data_lines |
               (f->data_lines == 1 ? b->view >> 1 & 1u : b->view & ((1u << f->data_lines) - 1));
    }
    return (uint8_t)read;
}

/* ---- frames ---- */

static bool select_edge(struct membus *b, const struct membus_frame *f, bool low)
{
    bool seen = true;

    for (struct membus_filter *x = b->filters; x; x = x->next) {
        if (x->select && !x->select(x->ctx, f, low))
            seen = false;
    }
    return seen;
}

static void count_header(struct membus_frame *f)
{
    f->header = 0;
    for (unsigned i = 0; i < f->phases; i++) {
        struct membus_phase *p = &f->phase[i];

        if (p->kind != MEMBUS_DUMMY) {
            unsigned per_clock = p->lines * (p->dtr ? 2u : 1u);

            p->clocks = (p->bits + per_clock - 1) / per_clock;
        }
        f->header += p->clocks;
    }
    f->half_clocks = f->direction == MEMBUS_NO_DATA ? 0 : 16u / f->data_lines;
    if (f->data_dtr)
        f->half_clocks /= 2;
}

void membus_begin(struct membus *b, struct membus_frame *f)
{
    bool bytes;

    count_header(f);
    f->number = ++b->frames;
    f->high_before = f->number == 1 ? VTIME_NEVER : f->fall - b->last_rise;
    f->run_at = f->fall + f->clock.high + membus_periods(&f->clock, f->header);
    f->run_byte = 0;
    f->bytes = 0;
    f->stopped = 0;
    f->truncated = false;
    f->contention = false;
    b->seen = f->wires & MEMBUS_NCS;
    b->header_done = 0;
    b->clocked = false;
    b->direct = NULL;
    if (!b->seen)
        return;

    for (struct membus_listener *l = b->listeners; l; l = l->next) {
        if (l->begin)
            l->begin(l->ctx, f);
    }
    bytes = b->parts && !b->parts->next && !b->filters && (f->wires & 0xF) == 0xF &&
            f->wires & MEMBUS_CLK && f->data_lines <= 4;
    if (b->selected) {
        b->clocked = true; /* the parts missed the last rising edge: for them it goes on */
        return;
    }
    if (!select_edge(b, f, true))
        return;
    b->selected = true;
    for (struct membus_part *p = b->parts; p; p = p->next) {
        p->manner = p->ops->begin(p->ctx, f, bytes);
        assert(bytes || p->manner != MEMBUS_BYTES);
        if (p->manner == MEMBUS_CLOCKS)
            b->clocked = true;
        else if (p->manner == MEMBUS_BYTES)
            b->direct = p;
    }
}

static void tell_data(struct membus *b, const struct membus_frame *f, const uint8_t *data, size_t n)
{
    for (struct membus_listener *l = b->listeners; l; l = l->next) {
        if (l->data)
            l->data(l->ctx, f, data, n);
    }
}

void membus_send(struct membus *b, struct membus_frame *f, const uint8_t *data, size_t n)
{
    if (b->seen)
        tell_data(b, f, data, n);
    if (b->direct) {
        b->direct->ops->write(b->direct->ctx, data, n);
        f->bytes += n;
    } else if (b->clocked) {
        run_header(b, f, f->header);
        for (size_t i = 0; i < n; i++, f->bytes++)
            run_byte(b, f, data[i], 8);
    } else {
        f->bytes += n;
    }
    b->stats.bytes_out += n;
}

void membus_receive(struct membus *b, struct membus_frame *f, uint8_t *data, size_t n)
{
    if (b->direct) {
        b->direct->ops->read(b->direct->ctx, data, n);
    } else if (b->clocked || (b->seen && b->filters)) {
        uint64_t first = f->bytes;

        run_header(b, f, f->header);
        for (size_t i = 0; i < n; i++, f->bytes++)
            data[i] = run_byte(b, f, 0, 8);
        f->bytes = first;
    } else {
        memset(data, open_byte(b, f), n);
    }
    if (b->seen)
        tell_data(b, f, data, n);
    f->bytes += n;
    b->stats.bytes_in += n;
}

void membus_stop(struct membus *b, struct membus_frame *f, vtime since, vtime until)
{
    f->stopped += until - since;
    f->run_at = until;
    f->run_byte = f->bytes;
    if (!b->seen)
        return;
    for (struct membus_listener *l = b->listeners; l; l = l->next) {
        if (l->stop)
            l->stop(l->ctx, f, since, until);
    }
}

void membus_end(struct membus *b, struct membus_frame *f, vtime rise, vtime last_edge,
                uint64_t clocks, uint8_t tail)
{
    f->rise = rise;
    f->last_edge = last_edge;
    f->clocks = clocks;
    f->truncated = clocks < f->header;
    b->last_rise = rise;
    b->stats.frames++;
    b->stats.clocks += clocks;
    b->stats.low += rise - f->fall;
    if (rise - f->fall > b->stats.longest)
        b->stats.longest = rise - f->fall;
    if (!b->seen)
        return;

    if (b->clocked) {
        uint64_t whole = f->header + (f->bytes * f->half_clocks + 1) / 2;

        run_header(b, f, clocks);
        if (clocks > whole && f->direction != MEMBUS_NO_DATA)
            run_byte(b, f, tail, (unsigned)(clocks - whole));
    }
    if (b->selected && select_edge(b, f, false)) {
        b->selected = false;
        for (struct membus_part *p = b->parts; p; p = p->next)
            p->ops->end(p->ctx, f);
    }
    for (struct membus_listener *l = b->listeners; l; l = l->next) {
        if (l->end)
            l->end(l->ctx, f);
    }
}

size_t membus_peek(struct membus *b, uint32_t addr, uint8_t *data, size_t n)
{
    for (struct membus_part *p = b->parts; p; p = p->next) {
        size_t got = p->ops->peek ? p->ops->peek(p->ctx, addr, data, n) : 0;

        if (got)
            return got;
    }
    return 0;
}

size_t membus_poke(struct membus *b, uint32_t addr, const uint8_t *data, size_t n)
{
    for (struct membus_part *p = b->parts; p; p = p->next) {
        size_t got = p->ops->poke ? p->ops->poke(p->ctx, addr, data, n) : 0;

        if (got)
            return got;
    }
    return 0;
}

void membus_get_stats(const struct membus *b, struct membus_stats *out)
{
    *out = b->stats;
}
