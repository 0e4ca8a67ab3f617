#include "vcd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIRE_NCS, WIRE_CLK, WIRE_IO, IO_LINES = 4, WIRES = WIRE_IO + IO_LINES };

/* CLK stood still in front of a byte. */
struct pause {
    uint64_t byte;
    vtime until;
};

struct vcd {
    FILE *out;
    struct membus *bus;
    struct membus_listener listener;
    vtime from, to;
    bool begun;    /* the initial values stand in the file */
    uint64_t tick; /* last time written */
    char now[WIRES];
    char written[WIRES];

    /* The frame under way. */
    uint8_t *bytes;
    size_t count, room;
    struct pause *pauses;
    size_t pause_count, pause_room;
    vtime first_byte;
    bool lost; /* memory ran out */
};

/* The levels at the beginning of the recorded span: it may lie within a frame. */
static void begin_dump(struct vcd *v)
{
    if (v->begun)
        return;
    v->begun = true;
    v->tick = v->from / VCD_TICK;
    fprintf(v->out, "#%" PRIu64 "\n$dumpvars\n", v->tick);
    for (unsigned i = 0; i < WIRES; i++)
        fprintf(v->out, "%c%c\n", v->written[i], '!' + (int)i);
    fputs("$end\n", v->out);
}

/* Writes what differs from the file's last values, at a time within the recorded span. */
static void flush(struct vcd *v, vtime at)
{
    uint64_t tick = at / VCD_TICK;
    bool stamped = false;

    if (at > v->to)
        return;
    if (at < v->from) {
        memcpy(v->written, v->now, sizeof(v->written));
        return;
    }
    begin_dump(v);
    for (unsigned i = 0; i < WIRES; i++) {
        if (v->now[i] == v->written[i])
            continue;
        if (!stamped && tick > v->tick) {
            fprintf(v->out, "#%" PRIu64 "\n", tick);
            v->tick = tick;
        }
        stamped = true;
        fprintf(v->out, "%c%c\n", v->now[i], '!' + (int)i);
        v->written[i] = v->now[i];
    }
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

/* ---- the file ---- */

static void write_header(FILE *out)
{
    static const char *const names[WIRES] = {"nCS", "CLK", "IO0", "IO1", "IO2", "IO3"};

    fputs("$version vboard $end\n$timescale 100 ps $end\n$scope module psram $end\n", out);
    for (unsigned i = 0; i < WIRES; i++)
        fprintf(out, "$var wire 1 %c %s $end\n", '!' + (int)i, names[i]);
    fputs("$upscope $end\n$enddefinitions $end\n", out);
}

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
    write_header(v->out);
    v->now[WIRE_NCS] = '1';
    v->now[WIRE_CLK] = '0';
    set_io(v, 0, 0);
    memcpy(v->written, v->now, sizeof(v->written));
    return v;
}

int vcd_free(struct vcd *v, vtime now)
{
    int bad;

    if (v == NULL)
        return 0;
    membus_unlisten(v->bus, &v->listener);
    begin_dump(v);
    if (now > v->to)
        now = v->to;
    if (now / VCD_TICK > v->tick)
        fprintf(v->out, "#%" PRIu64 "\n", now / VCD_TICK);
    bad = v->lost || ferror(v->out);
    bad |= fclose(v->out) != 0;
    free(v->bytes);
    free(v->pauses);
    free(v);
    return bad ? -1 : 0;
}
