/*
 * A binary heap of events, and the conversion between core cycles and picoseconds.
 *
 * Within a segment of constant frequency, time = t0 + floor(cycles * 10^12 / hz). The fraction is
 * kept reduced (280 MHz: 25000 / 7), so that for the clocks of real boards the product stays within
 * 64 bits.
 */
#include "sched.h"

#include <assert.h>
#include <stdlib.h>

struct sched {
    struct sched_source source;
    uint64_t hz;
    uint64_t num, den; /* picoseconds per cycle = num / den, reduced */
    uint64_t safe;     /* cycle counts up to here do not overflow 64 bits when multiplied by num */
    uint64_t cycle0;   /* the segment's start */
    vtime t0;
    struct sched_event **heap;
    size_t count, room;
    uint64_t order;
};

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t r = a % b;

        a = b;
        b = r;
    }
    return a;
}

static void set_rate(struct sched *s, uint64_t hz)
{
    uint64_t g = gcd(VTIME_S, hz);

    assert(hz > 0);
    s->hz = hz;
    s->num = VTIME_S / g;
    s->den = hz / g;
    s->safe = UINT64_MAX / s->num;
}

struct sched *sched_new(const struct sched_source *source, uint64_t hz)
{
    struct sched *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->room = 64;
    s->heap = malloc(s->room * sizeof(struct sched_event *));
    if (!s->heap) {
        free(s);
        return NULL;
    }
    s->source = *source;
    set_rate(s, hz);
    s->cycle0 = source->cycles(source->ctx);
    return s;
}

void sched_free(struct sched *s)
{
    if (!s)
        return;
    free(s->heap);
    free(s);
}

vtime sched_now(const struct sched *s)
{
    uint64_t c = s->source.cycles(s->source.ctx) - s->cycle0;

    if (c <= s->safe)
        return s->t0 + c * s->num / s->den;
    return s->t0 + (vtime)((unsigned __int128)c * s->num / s->den);
}

uint64_t sched_hz(const struct sched *s)
{
    return s->hz;
}

uint64_t sched_cycle_of(const struct sched *s, vtime at)
{
    unsigned __int128 cycles;

    if (at == VTIME_NEVER)
        return UINT64_MAX;
    if (at <= s->t0)
        return s->cycle0;
    cycles = ((unsigned __int128)(at - s->t0) * s->den + s->num - 1) / s->num;
    if (cycles > UINT64_MAX - s->cycle0)
        return UINT64_MAX;
    return s->cycle0 + (uint64_t)cycles;
}

/* The core's run must end no later than the first event. */
static void limit_source(struct sched *s)
{
    if (s->count && s->source.limit)
        s->source.limit(s->source.ctx, sched_cycle_of(s, s->heap[0]->at));
}

void sched_set_hz(struct sched *s, uint64_t hz)
{
    if (hz == s->hz)
        return;
    s->t0 = sched_now(s);
    s->cycle0 = s->source.cycles(s->source.ctx);
    set_rate(s, hz);
    limit_source(s);
}

static bool before(const struct sched_event *a, const struct sched_event *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void put(struct sched *s, size_t i, struct sched_event *e)
{
    s->heap[i] = e;
    e->slot = (unsigned)i + 1;
}

static void sift_up(struct sched *s, size_t i, struct sched_event *e)
{
    while (i && before(e, s->heap[(i - 1) / 2])) {
        put(s, i, s->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    put(s, i, e);
}

static void sift_down(struct sched *s, size_t i, struct sched_event *e)
{
    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= s->count)
            break;
        if (child + 1 < s->count && before(s->heap[child + 1], s->heap[child]))
            child++;
        if (!before(s->heap[child], e))
            break;
        put(s, i, s->heap[child]);
        i = child;
    }
    put(s, i, e);
}

void sched_cancel(struct sched *s, struct sched_event *e)
{
    size_t i;
    struct sched_event *last;

    if (!e->slot)
        return;
    i = e->slot - 1;
    e->slot = 0;
    last = s->heap[--s->count];
    if (last == e)
        return;
    if (i && before(last, s->heap[(i - 1) / 2]))
        sift_up(s, i, last);
    else
        sift_down(s, i, last);
}

void sched_at(struct sched *s, struct sched_event *e, vtime at)
{
    sched_cancel(s, e);
    if (at == VTIME_NEVER)
        return;
    if (s->count == s->room) {
        struct sched_event **heap = realloc(s->heap, 2 * s->room * sizeof(struct sched_event *));

        if (!heap)
            abort(); /* the queue holds a few dozen events of the board's own devices */
        s->heap = heap;
        s->room *= 2;
    }
    e->at = at;
    e->order = s->order++;
    sift_up(s, s->count++, e);
    if (e->slot == 1)
        limit_source(s);
}

vtime sched_next(const struct sched *s)
{
    return s->count ? s->heap[0]->at : VTIME_NEVER;
}

vtime sched_next_but(const struct sched *s, const struct sched_event *e)
{
    vtime next = VTIME_NEVER;

    if (s->count && s->heap[0] != e)
        return s->heap[0]->at;
    for (unsigned child = 1; child <= 2 && child < s->count; child++) {
        if (s->heap[child]->at < next)
            next = s->heap[child]->at;
    }
    return next;
}

void sched_run(struct sched *s)
{
    while (s->count && s->heap[0]->at <= sched_now(s)) {
        struct sched_event *e = s->heap[0];

        sched_cancel(s, e);
        e->fn(e->ctx, e->at);
    }
}
