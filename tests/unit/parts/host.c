#include "host.h"

#include <assert.h>
#include <string.h>

static uint64_t no_cycles(void *ctx)
{
    (void)ctx;
    return 0;
}

void host_open(struct host *h, const char *chip, uint64_t seed)
{
    static const struct sched_source source = {.cycles = no_cycles};

    *h = (struct host){.hz = 20 * MHZ, .gap = VTIME_US, .wires = MEMBUS_ALL_WIRES};
    h->sched = sched_new(&source, 1);
    h->complaints = complaints_new(h->sched, NULL, NULL);
    h->bus = membus_new("ospi1");
    h->chip = psram_new(psram_find(chip), seed, h->complaints);
    assert(h->complaints && h->bus && h->chip);
    psram_attach(h->chip, h->bus);
    h->now = VTIME_MS;
}

void host_close(struct host *h)
{
    psram_free(h->chip);
    membus_free(h->bus);
    complaints_free(h->complaints);
    sched_free(h->sched);
}

struct tally {
    const char *name;
    uint64_t count;
};

static void add(void *ctx, const struct complaint *first, const struct complaint *last,
                uint64_t count)
{
    struct tally *t = ctx;

    (void)last;
    if (!t->name || strcmp(first->name, t->name) == 0)
        t->count += count;
}

uint64_t complained(const struct host *h, const char *name)
{
    struct tally t = {.name = name};

    complaints_each(h->complaints, add, &t);
    return t.count;
}

uint64_t hazards(const struct host *h)
{
    return complaints_count(h->complaints, HAZARD);
}

static struct membus_frame *begin(struct host *h, uint8_t code, unsigned command_lines,
                                  unsigned address_lines, uint32_t address, unsigned wait,
                                  unsigned data_lines, enum membus_direction direction)
{
    struct membus_frame *f = &h->last;
    vtime period = vtime_of_clocks(1, h->hz);

    memset(f, 0, sizeof *f);
    f->host = "host";
    f->why = "test";
    f->fall = h->now;
    f->clock = (struct membus_clock){.hz = h->hz,
                                     .period_q16 = ((VTIME_S << 16) + h->hz / 2) / h->hz,
                                     .period = period,
                                     .low = period - period / 2,
                                     .high = period / 2};
    f->direction = direction;
    f->data_lines = (uint8_t)data_lines;
    f->wires = h->wires;
    f->phase[f->phases++] = (struct membus_phase){
        .kind = MEMBUS_INSTRUCTION, .lines = (uint8_t)command_lines, .bits = 8, .value = code};
    if (address_lines)
        f->phase[f->phases++] = (struct membus_phase){
            .kind = MEMBUS_ADDRESS, .lines = (uint8_t)address_lines, .bits = 24, .value = address};
    if (wait)
        f->phase[f->phases++] = (struct membus_phase){
            .kind = MEMBUS_DUMMY, .lines = (uint8_t)data_lines, .clocks = wait};
    membus_begin(h->bus, f);
    return f;
}

static void end(struct host *h, uint64_t clocks, uint8_t tail)
{
    struct membus_frame *f = &h->last;
    vtime last = clocks ? f->fall + membus_periods(&f->clock, clocks) + f->stopped : f->fall;

    membus_end(h->bus, f, last + (h->hold ? h->hold : f->clock.period), last, clocks, tail);
    h->now = f->rise + h->gap;
}

static void finish(struct host *h)
{
    const struct membus_frame *f = &h->last;

    end(h, f->header + (f->bytes * f->half_clocks + 1) / 2, 0);
}

static void stall(struct host *h)
{
    vtime at = membus_byte_at(&h->last, h->last.bytes);

    if (h->stall)
        membus_stop(h->bus, &h->last, at, at + h->stall);
}

void command(struct host *h, unsigned lines, uint8_t code)
{
    begin(h, code, lines, 0, 0, 0, 0, MEMBUS_NO_DATA);
    finish(h);
}

void read_frame(struct host *h, uint8_t code, unsigned command_lines, unsigned address_lines,
                uint32_t address, unsigned wait, unsigned data_lines, uint8_t *data, size_t n)
{
    begin(h, code, command_lines, address_lines, address, wait, data_lines, MEMBUS_IN);
    stall(h);
    membus_receive(h->bus, &h->last, data, n);
    finish(h);
}

void write_frame(struct host *h, uint8_t code, unsigned command_lines, unsigned address_lines,
                 uint32_t address, unsigned wait, unsigned data_lines, const uint8_t *data,
                 size_t n)
{
    begin(h, code, command_lines, address_lines, address, wait, data_lines, MEMBUS_OUT);
    stall(h);
    membus_send(h->bus, &h->last, data, n);
    finish(h);
}

void cut_frame(struct host *h, uint8_t code, unsigned command_lines, unsigned address_lines,
               uint32_t address, uint64_t clocks)
{
    begin(h, code, command_lines, address_lines, address, 0, 0, MEMBUS_NO_DATA);
    end(h, clocks, 0);
}

void cut_write(struct host *h, uint32_t address, const uint8_t *data, size_t n, unsigned clocks,
               uint8_t tail)
{
    begin(h, 0x38, 4, 4, address, 0, 4, MEMBUS_OUT);
    membus_send(h->bus, &h->last, data, n);
    end(h, h->last.header + 2 * n + clocks, tail);
}

void enter_qpi(struct host *h)
{
    command(h, 1, 0x35);
}

void qpi_read(struct host *h, uint32_t address, uint8_t *data, size_t n)
{
    read_frame(h, 0xEB, 4, 4, address, 6, 4, data, n);
}

void qpi_write(struct host *h, uint32_t address, const uint8_t *data, size_t n)
{
    write_frame(h, 0x38, 4, 4, address, 0, 4, data, n);
}

void spi_read(struct host *h, uint32_t address, uint8_t *data, size_t n)
{
    read_frame(h, 0x03, 1, 1, address, 0, 1, data, n);
}

void spi_write(struct host *h, uint32_t address, const uint8_t *data, size_t n)
{
    write_frame(h, 0x02, 1, 1, address, 0, 1, data, n);
}
