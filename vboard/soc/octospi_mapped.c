/*
 * The memory-mapped window.
 *
 * One request at a time: the interface accepts the next transfer once the one before is done on the
 * memory's side (RM0456, OCTOSPI main features), except that a write that goes on where the running
 * burst ends joins it while nCS is still low and the FIFO has room.
 *
 * Reads go through the FIFO, which keeps fetching behind what was asked for; there is no switch
 * against that on this chip. An access elsewhere raises nCS and begins anew.
 */
#include <string.h>

#include "../wire/hazard.h"
#include "octospi_int.h"

#define WINDOW_SIZE UINT64_C(0x10000000)

static enum bus_status refuse(struct octospi *o, struct bus_access *a, const char *name,
                              const char *reason)
{
    if (!a->write)
        memset(a->data, 0, a->size);
    complain(o->dev.soc->complaints, GUEST_ERROR, name, "%s of %u bytes at 0x%08x: %s",
             a->write ? "write" : "read", (unsigned)a->size, (unsigned)a->addr, reason);
    return BUS_SLVERR;
}

static struct ospi_command command_at(struct octospi *o, uint32_t ccr)
{
    /* CCR, TCR, IR, ABR; WPCCR ..; WCCR .. have the same distances. */
    return (struct ospi_command){
        .ccr = *device_reg(&o->dev, ccr),
        .tcr = *device_reg(&o->dev, ccr + (OSPI_TCR - OSPI_CCR)),
        .ir = *device_reg(&o->dev, ccr + (OSPI_IR - OSPI_CCR)),
        .abr = *device_reg(&o->dev, ccr + (OSPI_ABR - OSPI_CCR)),
    };
}

/* ---- reads ---- */

/* Lets a running write burst end; returns when nCS is high. */
static vtime drain(struct octospi *o, vtime t)
{
    while (o->stream == STREAM_WRITE && (o->low || o->level)) {
        vtime at = octospi_next(o);

        if (at == VTIME_NEVER) /* the kernel clock was taken away */
            break;
        octospi_pump(o, at);
        if (at > t)
            t = at;
    }
    return t;
}

static void begin_read(struct octospi *o, const struct ospi_command *command, uint32_t address,
                       uint64_t length, vtime t)
{
    o->command = *command;
    o->direction = MEMBUS_IN;
    o->stream = STREAM_READ;
    o->address = address;
    o->fifo_address = address;
    o->remaining = length;
    o->head = 0;
    o->level = 0;
    o->want_at = t;
    o->why = "mapped";
    o->prefetch_warned = false;
    o->quiet_until = 0;
}

/* Takes n bytes from the front of the stream, waiting for them as long as it takes. */
static vtime take(struct octospi *o, uint8_t *data, unsigned n, vtime t)
{
    unsigned done = 0;

    while (done < n) {
        unsigned need = n - done;

        octospi_pump(o, t);
        if (need > OSPI_FIFO)
            need = OSPI_FIFO;
        while (o->level < need) {
            vtime at = octospi_next(o);

            if (at == VTIME_NEVER) /* cannot be: there is room and CLK runs */
                return t;
            /* Straight to the last byte needed, where one run of clocks leads there. */
            if (o->low && !o->stopped && o->frame.bytes + (need - o->level) <= o->limit) {
                vtime last = membus_byte_at(&o->frame, o->frame.bytes + need - o->level) -
                             o->frame.clock.high + o->sample_delay;

                if (last <= o->deadline)
                    at = last;
            }
            octospi_pump(o, at);
            if (at > t)
                t = at;
        }
        octospi_pop(o, data + done, need, t);
        o->fifo_address += need;
        done += need;
    }
    return t;
}

static vtime read_linear(struct octospi *o, uint32_t address, uint8_t *data, unsigned n, vtime t)
{
    bool running = o->stream == STREAM_READ && o->remaining == OSPI_ENDLESS;

    /* RM0456: the last data read remains valid in the FIFO as long as nothing else is asked for. */
    if (running && o->reread_valid && address >= o->reread_address &&
        address + n <= o->reread_address + o->reread_size) {
        memcpy(data, o->reread + (address - o->reread_address), n);
        return t;
    }
    if (running && address == o->fifo_address) {
        o->stats.sequential++;
    } else {
        struct ospi_command command = command_at(o, OSPI_CCR);

        begin_read(o, &command, address, OSPI_ENDLESS, octospi_cut(o, t));
    }
    t = take(o, data, n, t);
    memcpy(o->reread, data, n);
    o->reread_address = address;
    o->reread_size = n;
    o->reread_valid = true;
    return t;
}

/* One wrapped burst by WPCCR: the chip wraps by itself, the frame ends with the burst. */
static vtime read_wrapped(struct octospi *o, uint32_t address, uint8_t *data, unsigned n, vtime t)
{
    struct ospi_command command = command_at(o, OSPI_WPCCR);

    begin_read(o, &command, address, n, octospi_cut(o, t));
    o->reread_valid = false;
    t = take(o, data, n, t);
    return t;
}

static enum bus_status read_window(struct octospi *o, struct bus_access *a, uint32_t offset,
                                   vtime *t)
{
    static const uint8_t wrap_bytes[8] = {0, 0, 16, 32, 64, 128, 0, 0};
    unsigned wrap_size = *o->dcr2 >> 16 & 7;
    uint32_t within = offset & (a->size - 1);
    bool wraps = a->attr & BUS_WRAP && within;

    if (a->attr & BUS_WRAP && wrap_size) {
        if (!ospi_lines(*device_reg(&o->dev, OSPI_WPCCR), CCR_DMODE))
            return refuse(o, a, "mapped-dmode", "WPCCR.DMODE = 0: no data phase");
        if (wrap_bytes[wrap_size] != a->size)
            return refuse(o, a, "wrap-size", "wrapping burst of another size than DCR2.WRAPSIZE");
    } else if (!ospi_lines(*o->ccr, CCR_DMODE)) {
        return refuse(o, a, "mapped-dmode", "CCR.DMODE = 0: no data phase");
    }

    if (o->stream == STREAM_WRITE) {
        /* What was written before comes first. */
        *t = drain(o, *t);
        o->stream = STREAM_NONE;
    }
    o->op = OP_MAPPED;
    o->stats.mapped_reads++;
    if (a->attr & BUS_WRAP && wrap_size) {
        *t = read_wrapped(o, offset, a->data, a->size, *t);
    } else if (wraps) {
        /* WRAPSIZE = 0: the critical beats up to the line's end, then the line's beginning, by
           ordinary linear reads. */
        uint32_t first = a->size - within;

        *t = read_linear(o, offset, a->data, first, *t);
        *t = read_linear(o, offset - within, a->data + first, within, *t);
    } else {
        *t = read_linear(o, offset, a->data, a->size, *t);
    }
    return BUS_OK;
}

/* ---- writes ---- */

/* n bytes for the wires, n <= 32. Returns when the FIFO has taken them. */
static vtime write_linear(struct octospi *o, uint32_t address, const uint8_t *data, unsigned n,
                          vtime t)
{
    bool joins =
        o->stream == STREAM_WRITE && (o->low || o->level) && o->address + o->level == address;

    if (!joins) {
        t = drain(o, t);
        o->command = command_at(o, OSPI_WCCR);
        o->direction = MEMBUS_OUT;
        o->stream = STREAM_WRITE;
        o->address = address;
        o->remaining = OSPI_ENDLESS;
        o->head = 0;
        o->level = 0;
        o->want_at = t;
        o->why = "mapped";
    }
    while (OSPI_FIFO - o->level < n) {
        vtime at = octospi_next(o);

        if (at == VTIME_NEVER)
            return t;
        octospi_pump(o, at);
        if (at > t)
            t = at;
    }
    octospi_push(o, data, n, t);
    return t;
}

static vtime write_masked(struct octospi *o, uint32_t address, const uint8_t *lane, unsigned mask,
                          vtime t)
{
    for (unsigned i = 0; i < 8;) {
        unsigned n = 0;

        while (i + n < 8 && mask >> (i + n) & 1)
            n++;
        if (n)
            t = write_linear(o, address + i, lane + i, n, t);
        i += n ? n : 1;
    }
    return t;
}

/*
 * A beat of which only the lanes in mask carry data. from = its first lane on the wires: a narrow
 * access to Device memory begins at its own address; stores to Normal memory are merged in the
 * store buffer and come as whole beats with sparse strobes, so lanes in front are sent too.
 */
static vtime write_partial(struct octospi *o, uint32_t beat, unsigned from, const uint8_t *lane,
                           unsigned mask, vtime t)
{
    uint8_t out[8];
    bool bites;

    o->stats.partial_beats++;
    bites =
        hazard(o->dev.soc->complaints, HAZARD_PARTIAL_BEAT,
               "write beat at 0x%08x with byte strobes 0x%02x: the memory has no mask line, lanes "
               "without data are %s",
               (unsigned)(o->window + beat), mask,
               o->set->partial == OCTOSPI_PARTIAL_ZERO   ? "written as 0x00"
               : o->set->partial == OCTOSPI_PARTIAL_MASK ? "left alone (partial=mask)"
                                                         : "written with stale data");
    if (!bites || o->set->partial == OCTOSPI_PARTIAL_MASK)
        return write_masked(o, beat, lane, mask, t);
    for (unsigned i = 0; i < 8; i++) {
        if (mask >> i & 1)
            out[i] = lane[i];
        else
            out[i] = o->set->partial == OCTOSPI_PARTIAL_STALE ? o->lanes[i] : 0;
    }
    return write_linear(o, beat + from, out + from, 8 - from, t);
}

static enum bus_status write_window(struct octospi *o, struct bus_access *a, uint32_t offset,
                                    vtime *t)
{
    uint32_t wccr = *device_reg(&o->dev, OSPI_WCCR);
    bool normal = (a->attr & BUS_TYPE_MASK) == BUS_NORMAL;
    uint32_t strobes = a->size == 32 ? a->strobe : a->strobe & ((1u << a->size) - 1);

    if (a->attr & BUS_WRAP && offset & (a->size - 1))
        return refuse(o, a, "write-wrap", "wrapping write bursts are not supported");
    if (!ospi_lines(wccr, CCR_DMODE))
        return refuse(o, a, "mapped-dmode", "WCCR.DMODE = 0: no data phase");
    if (!(wccr & CCR_DQSE) &&
        hazard(o->dev.soc->complaints, HAZARD_DQSE,
               "write of %u bytes at 0x%08x with WCCR.DQSE = 0: error response (ES0478 "
               "\"Memory-mapped write error response when DQS output is disabled\")",
               (unsigned)a->size, (unsigned)a->addr))
        return BUS_SLVERR;
    if (o->stream == STREAM_READ) {
        *t = octospi_cut(o, *t);
        o->stream = STREAM_NONE;
        o->level = 0;
    }
    o->reread_valid = false;
    o->op = OP_MAPPED;
    o->stats.mapped_writes++;
    o->quiet_until = 0;
    if (!strobes)
        return BUS_OK;

    /* Beats in front of the first strobe and behind the last are not sent. */
    for (uint32_t at = (uint32_t)__builtin_ctz(strobes),
                  last = 31u - (uint32_t)__builtin_clz(strobes);
         at <= last;) {
        uint32_t beat = (offset + at) & ~7u;
        uint32_t from = beat > offset ? 0 : offset - beat; /* the access's own start in this beat */
        uint8_t lane[8] = {0};
        unsigned mask = 0;

        for (at = beat + from - offset; at < a->size && offset + at < beat + 8; at++) {
            if (strobes >> at & 1) {
                lane[offset + at - beat] = a->data[at];
                mask |= 1u << (offset + at - beat);
            }
        }
        if (mask == 0xFF)
            *t = write_linear(o, beat, lane, 8, *t);
        else
            *t = write_partial(o, beat, normal ? 0 : from, lane, mask, *t);
        for (unsigned i = 0; i < 8; i++) {
            if (mask >> i & 1)
                o->lanes[i] = lane[i];
        }
    }
    return BUS_OK;
}

/* ---- debugger ---- */

static enum bus_status debug_access(struct octospi *o, struct bus_access *a, uint32_t offset)
{
    uint16_t wires;
    struct membus *bus = octospi_route(o, &wires);

    octospi_pump(o, octospi_now(o));
    if (bus == o->set->nowhere)
        bus = o->set->bus[o->index];
    if (a->write) {
        for (uint32_t i = 0; i < a->size; i++) {
            uint32_t at = offset + i;

            if (!(a->strobe >> i & 1))
                continue;
            if (membus_poke(bus, at, a->data + i, 1) != 1)
                return BUS_SLVERR;
            if (o->stream == STREAM_WRITE && at - (uint32_t)o->address < o->level)
                o->fifo[(o->head + at - o->address) % OSPI_FIFO] = a->data[i];
        }
        if (o->stream == STREAM_READ && o->level) {
            o->reread_valid = false;
            for (unsigned i = 0; i < o->level; i++)
                membus_peek(bus, o->fifo_address + i, &o->fifo[(o->head + i) % OSPI_FIFO], 1);
        }
        return BUS_OK;
    }
    if (membus_peek(bus, offset, a->data, a->size) != a->size)
        return BUS_SLVERR;
    /* What is on its way to the chip counts as written. */
    for (unsigned i = 0; o->stream == STREAM_WRITE && i < o->level; i++) {
        uint32_t at = (uint32_t)o->address + i;

        if (at - offset < a->size)
            a->data[at - offset] = o->fifo[(o->head + i) % OSPI_FIFO];
    }
    return BUS_OK;
}

/* ---- */

vtime octospi_mapped_finish(struct octospi *o, vtime t)
{
    if (o->stream == STREAM_WRITE && (o->low || o->level)) {
        hazard(o->dev.soc->complaints, HAZARD_ABORT_AFTER_WRITE,
               "%s: ABORT while %u mapped write bytes are on their way: a dummy read and a "
               "barrier belong in front (RM0456, OCTOSPI reconfiguration)",
               o->dev.name, o->level);
        t = drain(o, t);
    } else {
        t = octospi_cut(o, t);
    }
    o->stream = STREAM_NONE;
    o->level = 0;
    o->reread_valid = false;
    return t;
}

enum bus_status octospi_window(void *ctx, struct bus_access *a)
{
    struct octospi *o = ctx;
    uint32_t offset = a->addr - o->window, first;
    uint64_t capacity = ospi_capacity(o);
    enum bus_status status;
    vtime now, t;

    a->stall_ps = 0;
    if (a->attr & BUS_DEBUG)
        return debug_access(o, a, offset);
    if (!device_clocked(&o->dev))
        return refuse(o, a, "clock-off", "the controller has no bus clock");
    if (!(*o->cr & CR_EN) || ospi_fmode(o) != FMODE_MAPPED)
        return refuse(o, a, "mapped-off", "memory-mapped mode is not on");
    if (capacity > WINDOW_SIZE)
        capacity = WINDOW_SIZE;
    /* A wrapping burst that begins in the middle of its line ends in it. */
    first = a->attr & BUS_WRAP ? offset & ~(a->size - 1) : offset;
    if (first + (uint64_t)a->size > capacity)
        return refuse(o, a, "mapped-size", "beyond the device (DCR1.DEVSIZE)");
    if (!o->clock.hz)
        return refuse(o, a, "ospi-clock", "the kernel clock does not run");

    now = octospi_now(o);
    octospi_pump(o, now);
    t = now;
    if (o->op == OP_ABORT) {
        t = o->abort_until;
        octospi_pump(o, t);
    }
    status = a->write ? write_window(o, a, offset, &t) : read_window(o, a, offset, &t);
    a->stall_ps = t - now;
    o->stats.stalled += t - now;
    octospi_update(o);
    return status;
}
