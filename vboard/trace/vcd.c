#include "vcd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIRE_NCS,
    WIRE_CLK,
    WIRE_IO,
    IO_LINES = 4,
    MEMORY_WIRES = WIRE_IO + IO_LINES,
    WIRES = MEMORY_WIRES + VCD_MAX_NETS,
};

/* Changes of nets that wait for the frame under way. Beyond this many, those are written that no
   frame can lie before any more: a frame is announced when nCS falls, give or take LATE. */
enum { MANY_CHANGES = 4096 };
#define LATE VTIME_MS

/* CLK stood still in front of a byte. */
struct pause {
    uint64_t byte;
    vtime until;
};

/* A net: its changes come when they happen, those of the bus when a frame has ended. */
struct watched {
    struct vcd *vcd;
    const char *name;
    struct net *net;
    struct net_listener listener;
};

struct change {
    vtime at;
    uint8_t wire;
    char level;
};

struct vcd {
    FILE *out;
    struct membus *bus;
    struct membus_listener listener;
    vtime from, to;
    bool begun;    /* the initial values stand in the file */
    uint64_t tick; /* last time written */
    char now[MEMORY_WIRES];
    char written[WIRES];

    const struct sched *sched;
    struct watched nets[VCD_MAX_NETS];
    unsigned net_count;
    struct change *changes; /* from first on */
    size_t change_first, change_count, change_room;
    bool in_frame;
    vtime fall; /* of the frame under way */

    /* The frame under way. */
    uint8_t *bytes;
    size_t count, room;
    struct pause *pauses;
    size_t pause_count, pause_room;
    vtime first_byte;
    bool lost; /* memory ran out */
};

/* ---- the file ---- */

static unsigned wires(const struct vcd *v)
{
    return MEMORY_WIRES + v->net_count;
}

static void write_header(struct vcd *v)
{
    static const char *const names[MEMORY_WIRES] = {"nCS", "CLK", "IO0", "IO1", "IO2", "IO3"};

    fputs("$version vboard $end\n$timescale 100 ps $end\n$scope module psram $end\n", v->out);
    for (unsigned i = 0; i < MEMORY_WIRES; i++)
        fprintf(v->out, "$var wire 1 %c %s $end\n", '!' + (int)i, names[i]);
    fputs("$upscope $end\n", v->out);
    if (v->net_count != 0)
        fputs("$scope module pins $end\n", v->out);
    for (unsigned i = 0; i < v->net_count; i++)
        fprintf(v->out, "$var wire 1 %c %s $end\n", '!' + (int)(MEMORY_WIRES + i), v->nets[i].name);
    fputs(v->net_count != 0 ? "$upscope $end\n$enddefinitions $end\n" : "$enddefinitions $end\n",
          v->out);
}

/* The levels at the beginning of the recorded span: it may lie within a frame. */
static void begin_dump(struct vcd *v)
{
    if (v->begun)
        return;
    v->begun = true;
    v->tick = v->from / VCD_TICK;
    write_header(v);
    fprintf(v->out, "#%" PRIu64 "\n$dumpvars\n", v->tick);
    for (unsigned i = 0; i < wires(v); i++)
        fprintf(v->out, "%c%c\n", v->written[i], '!' + (int)i);
    fputs("$end\n", v->out);
}

/* One wire's level from `at` on, not before what was put last. */
static void put(struct vcd *v, unsigned wire, char level, vtime at)
{
    uint64_t tick = at / VCD_TICK;

    if (level == v->written[wire] || at > v->to)
        return;
    if (at >= v->from) {
        begin_dump(v);
        if (tick > v->tick) {
            fprintf(v->out, "#%" PRIu64 "\n", tick);
            v->tick = tick;
        }
        fprintf(v->out, "%c%c\n", level, '!' + (int)wire);
    }
    v->written[wire] = level;
}

/* The nets' changes up to `at`. */
static void put_changes(struct vcd *v, vtime at)
{
    while (v->change_count != 0 && v->changes[v->change_first].at <= at) {
        const struct change *c = &v->changes[v->change_first++];

        v->change_count--;
        put(v, c->wire, c->level, c->at);
    }
    if (v->change_count == 0)
        v->change_first = 0;
}

/* The bus's wires as they are now, from `at` on. */
static void flush(struct vcd *v, vtime at)
{
    put_changes(v, at);
    for (unsigned i = 0; i < MEMORY_WIRES; i++)
        put(v, i, v->now[i], at);
}

static void set_io(struct vcd *v, uint8_t levels, uint8_t mask)
{
    for (unsigned i = 0; i < IO_LINES; i++)
        v->now[WIRE_IO + i] = !(mask >> i & 1) ? 'z' : levels >> i & 1 ? '1' : '0';
}

/* ---- collecting a frame -----------------------------------------------------------------------
 */

static bool grow(void **list, size_t *room, size_t needed, size_t size)
{
    size_t more = *room ? *room : 64;
    void *bigger;

    if (needed <= *room)
        return true;
    while (more < needed)
        more *= 2;
    bigger = realloc(*list, more * size);
    if (bigger == NULL)
        return false;
    *list = bigger;
    *room = more;
    return true;
}

static void begin(void *ctx, const struct membus_frame *f)
{
    struct vcd *v = ctx;

    v->in_frame = true;
    v->fall = f->fall;
    v->count = v->pause_count = 0;
    v->first_byte = f->run_at;
}

static void data(void *ctx, const struct membus_frame *f, const uint8_t *bytes, size_t n)
{
    struct vcd *v = ctx;

    (void)f;
    if (!grow((void **)&v->bytes, &v->room, v->count + n, 1)) {
        v->lost = true;
        return;
    }
    memcpy(v->bytes + v->count, bytes, n);
    v->count += n;
}

static void stop(void *ctx, const struct membus_frame *f, vtime since, vtime until)
{
    struct vcd *v = ctx;

    (void)since;
    if (!grow((void **)&v->pauses, &v->pause_room, v->pause_count + 1, sizeof(*v->pauses))) {
        v->lost = true;
        return;
    }
    v->pauses[v->pause_count++] = (struct pause){.byte = f->bytes, .until = until};
}

/* ---- drawing it ---- */

/* One clock whose low half begins at `low`: lines change there, and at the rising edge with DTR. */
static void clock_pulse(struct vcd *v, const struct membus_frame *f, vtime low,
                        const uint8_t levels[2], const uint8_t mask[2], bool dtr)
{
    vtime rise = low + f->clock.low;

    v->now[WIRE_CLK] = '0';
    set_io(v, levels[0], mask[0]);
    flush(v, low);
    v->now[WIRE_CLK] = '1';
    if (dtr)
        set_io(v, levels[1], mask[1]);
    flush(v, rise);
    v->now[WIRE_CLK] = '0';
    flush(v, rise + f->clock.high);
}

static void draw_header(struct vcd *v, const struct membus_frame *f, uint32_t clocks)
{
    for (uint32_t n = 0; n < clocks; n++) {
        uint8_t levels[2], mask[2];

        levels[0] = membus_header_lines(f, n, false, &mask[0]);
        levels[1] = membus_header_lines(f, n, true, &mask[1]);
        clock_pulse(v, f, membus_header_edge(f, n) - f->clock.low, levels, mask, true);
    }
}

static uint8_t symbol(const struct membus_frame *f, uint8_t byte, unsigned s, uint8_t *mask)
{
    return f->direction == MEMBUS_OUT ? membus_data_lines(f, byte, s, mask)
                                      : membus_answer_lines(f->data_lines, byte, s, mask);
}

static void draw_data(struct vcd *v, const struct membus_frame *f)
{
    unsigned symbols = 8u / f->data_lines, per_clock = f->data_dtr ? 2 : 1;
    vtime run_at = v->first_byte;
    uint64_t run_byte = 0;
    size_t pause = 0;

    for (uint64_t b = 0; b < v->count; b++) {
        if (pause < v->pause_count && v->pauses[pause].byte == b) {
            run_at = v->pauses[pause++].until;
            run_byte = b;
        }
        uint64_t half_clocks = (b - run_byte) * f->half_clocks;

        for (unsigned s = 0; s < symbols; s += per_clock) {
            vtime low = run_at + ((half_clocks + 2 * s / per_clock) * f->clock.period_q16 >> 17);
            uint8_t levels[2], mask[2];

            levels[0] = symbol(f, v->bytes[b], s, &mask[0]);
            levels[1] = symbol(f, v->bytes[b], s + per_clock - 1, &mask[1]);
            clock_pulse(v, f, low, levels, mask, f->data_dtr);
        }
    }
}

static void end(void *ctx, const struct membus_frame *f)
{
    struct vcd *v = ctx;
    uint32_t header = f->clocks < f->header ? (uint32_t)f->clocks : f->header;

    v->in_frame = false;
    if (f->rise < v->from || f->fall > v->to)
        return;
    v->now[WIRE_NCS] = '0';
    v->now[WIRE_CLK] = f->clock.idle_high ? '1' : '0';
    flush(v, f->fall);
    draw_header(v, f, header);
    if (f->direction != MEMBUS_NO_DATA)
        draw_data(v, f);
    v->now[WIRE_NCS] = '1';
    v->now[WIRE_CLK] = f->clock.idle_high ? '1' : '0';
    set_io(v, 0, 0);
    flush(v, f->rise);
}

/* ---- nets ---- */

static char level_of(const struct net *net)
{
    if (net_conflict(net))
        return 'x';
    return !net_driven(net) ? 'z' : net_level(net) ? '1' : '0';
}

static void net_changed(void *ctx, struct net *net, bool level)
{
    struct watched *w = ctx;
    struct vcd *v = w->vcd;
    vtime now = sched_now(v->sched);

    (void)level;
    if (v->change_count >= MANY_CHANGES)
        put_changes(v, v->in_frame ? v->fall : now > LATE ? now - LATE : 0);
    if (v->change_first != 0 && v->change_first + v->change_count == v->change_room) {
        memmove(v->changes, v->changes + v->change_first, v->change_count * sizeof(*v->changes));
        v->change_first = 0;
    }
    if (!grow((void **)&v->changes, &v->change_room, v->change_first + v->change_count + 1,
              sizeof(*v->changes))) {
        v->lost = true;
        return;
    }
    v->changes[v->change_first + v->change_count++] = (struct change){
        .at = now, .wire = (uint8_t)(MEMORY_WIRES + (w - v->nets)), .level = level_of(net)};
}

bool vcd_add_net(struct vcd *v, struct net *net, const struct sched *sched)
{
    struct watched *w = &v->nets[v->net_count];

    if (v->net_count == VCD_MAX_NETS)
        return false;
    *w = (struct watched){.vcd = v, .name = net_name(net), .net = net};
    w->listener = (struct net_listener){.fn = net_changed, .ctx = w};
    net_listen(net, &w->listener);
    v->sched = sched;
    v->written[MEMORY_WIRES + v->net_count++] = level_of(net);
    return true;
}

/* ---- */

struct vcd *vcd_new(const char *path, struct membus *bus, vtime from, vtime to, char *error,
                    size_t error_size)
{
    struct vcd *v = calloc(1, sizeof(*v));

    if (v == NULL || (v->out = fopen(path, "w")) == NULL) {
        snprintf(error, error_size, "%s: %s", path, v == NULL ? "out of memory" : strerror(errno));
        free(v);
        return NULL;
    }
    v->bus = bus;
    v->from = from;
    v->to = to;
    v->listener =
        (struct membus_listener){.ctx = v, .begin = begin, .data = data, .stop = stop, .end = end};
    membus_listen(bus, &v->listener);
    v->now[WIRE_NCS] = '1';
    v->now[WIRE_CLK] = '0';
    set_io(v, 0, 0);
    memcpy(v->written, v->now, sizeof(v->now));
    return v;
}

int vcd_free(struct vcd *v, vtime now)
{
    int bad;

    if (v == NULL)
        return 0;
    membus_unlisten(v->bus, &v->listener);
    for (unsigned i = 0; i < v->net_count; i++)
        net_unlisten(v->nets[i].net, &v->nets[i].listener);
    if (now > v->to)
        now = v->to;
    put_changes(v, now);
    begin_dump(v);
    if (now / VCD_TICK > v->tick)
        fprintf(v->out, "#%" PRIu64 "\n", now / VCD_TICK);
    bad = v->lost || ferror(v->out);
    bad |= fclose(v->out) != 0;
    free(v->bytes);
    free(v->pauses);
    free(v->changes);
    free(v);
    return bad ? -1 : 0;
}
