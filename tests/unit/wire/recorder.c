#include "recorder.h"

#include <string.h>

static enum membus_manner chip_begin(void *ctx, const struct membus_frame *f, bool bytes)
{
    struct chip *c = ctx;

    (void)f;
    c->begun++;
    c->bytes_offered = bytes;
    return c->manner == MEMBUS_BYTES && !bytes ? MEMBUS_CLOCKS : c->manner;
}

static void chip_write(void *ctx, const uint8_t *data, size_t n)
{
    struct chip *c = ctx;

    memcpy(c->data + c->written, data, n);
    c->written += (unsigned)n;
}

static void chip_read(void *ctx, uint8_t *data, size_t n)
{
    struct chip *c = ctx;

    for (size_t i = 0; i < n; i++)
        data[i] = (uint8_t)(0xA0 + c->read++);
}

static uint8_t chip_drive(void *ctx, uint8_t *mask)
{
    struct chip *c = ctx;

    *mask = c->mask;
    return c->counts ? (uint8_t)c->samples : c->level;
}

static void chip_sample(void *ctx, uint8_t lines)
{
    struct chip *c = ctx;

    if (c->samples < SAMPLES)
        c->sample[c->samples++] = lines;
}

static void chip_end(void *ctx, const struct membus_frame *f)
{
    struct chip *c = ctx;

    c->ended++;
    c->end = *f;
}

static const struct membus_part_ops chip_ops = {
    .begin = chip_begin,
    .write = chip_write,
    .read = chip_read,
    .drive = chip_drive,
    .sample = chip_sample,
    .end = chip_end,
};

void chip_attach(struct chip *c, struct membus *b, enum membus_manner manner)
{
    c->part = (struct membus_part){.ops = &chip_ops, .ctx = c};
    c->manner = manner;
    membus_attach(b, &c->part);
}

static void witness_begin(void *ctx, const struct membus_frame *f)
{
    struct witness *w = ctx;

    (void)f;
    w->begun++;
}

static void witness_data(void *ctx, const struct membus_frame *f, const uint8_t *data, size_t n)
{
    struct witness *w = ctx;

    memcpy(w->data + f->bytes, data, n);
    w->count = (unsigned)(f->bytes + n);
}

static void witness_stop(void *ctx, const struct membus_frame *f, vtime since, vtime until)
{
    struct witness *w = ctx;

    (void)f;
    w->stops++;
    w->since = since;
    w->until = until;
}

static void witness_end(void *ctx, const struct membus_frame *f)
{
    struct witness *w = ctx;

    w->ended++;
    w->end = *f;
}

void witness_attach(struct witness *w, struct membus *b)
{
    w->listener = (struct membus_listener){.ctx = w,
                                           .begin = witness_begin,
                                           .data = witness_data,
                                           .stop = witness_stop,
                                           .end = witness_end};
    membus_listen(b, &w->listener);
}

struct membus_clock clock_100_mhz(void)
{
    return (struct membus_clock){.hz = 100000000,
                                 .period_q16 = (uint64_t)10000 << 16,
                                 .period = 10000,
                                 .low = 5000,
                                 .high = 5000};
}

struct membus_frame frame_of(uint8_t command, unsigned command_lines, unsigned address_lines,
                             uint32_t address, unsigned wait, unsigned data_lines,
                             enum membus_direction direction)
{
    struct membus_frame f = {.host = "host",
                             .why = "test",
                             .fall = 1000000,
                             .clock = clock_100_mhz(),
                             .direction = direction,
                             .data_lines = (uint8_t)data_lines,
                             .wires = MEMBUS_ALL_WIRES};

    f.phase[f.phases++] = (struct membus_phase){
        .kind = MEMBUS_INSTRUCTION, .lines = (uint8_t)command_lines, .bits = 8, .value = command};
    if (address_lines)
        f.phase[f.phases++] = (struct membus_phase){
            .kind = MEMBUS_ADDRESS, .lines = (uint8_t)address_lines, .bits = 24, .value = address};
    if (wait)
        f.phase[f.phases++] = (struct membus_phase){
            .kind = MEMBUS_DUMMY, .lines = (uint8_t)data_lines, .clocks = wait};
    return f;
}

void cut_after(struct membus *b, struct membus_frame *f, uint64_t clocks, uint8_t tail)
{
    vtime last = clocks ? f->fall + membus_periods(&f->clock, clocks) : f->fall;

    membus_end(b, f, last + f->clock.period, last, clocks, tail);
}

void finish(struct membus *b, struct membus_frame *f)
{
    cut_after(b, f, f->header + (f->bytes * f->half_clocks + 1) / 2, 0);
}
