/*
 * Frames in time.
 *
 * Instants within a frame (period P = low + high, clocks counted from 0):
 *   nCS falls                         fall
 *   low half of clock n begins        fall + high + n P     data from the host changes
 *   rising edge of clock n            fall + (n + 1) P      chips and the FIFO sample
 *   nCS rises                         one P after the last rising edge
 * so a frame of N clocks without stops keeps nCS low for (N + 1) P.
 *
 * A byte leaves the FIFO when its first low half begins; if none is there, CLK stays low until one
 * is. A byte read is in the FIFO at its last rising edge (half a clock later with TCR.SSHIFT); a
 * byte is only begun if there is room for it, else CLK stays low until there is (RM0456: FIFO and
 * data management; clock stretching).
 *
 * REFRESH counts periods of CLK since nCS fell, also while CLK stands still: its purpose is to
 * bound the time that nCS is low. Reading it as a count of edges would never release nCS under a
 * full FIFO.
 */
#include <string.h>

#include "../wire/hazard.h"
#include "octospi_int.h"

void octospi_clock(struct octospi *o)
{
    uint64_t kernel = soc_clock_hz(o->dev.soc, CLOCK_OCTOSPI);
    uint64_t divisor = (*o->dcr2 & 0xFF) + 1;
    struct membus_clock *c = &o->clock;

    memset(c, 0, sizeof *c);
    c->idle_high = *o->dcr1 & 1;
    if (!kernel)
        return;
    c->hz = (kernel + divisor / 2) / divisor;
    c->period_q16 = ((VTIME_S << 16) * divisor + kernel / 2) / kernel;
    c->period = (c->period_q16 + 0x8000) >> 16;
    /* DCR2.PRESCALER: with an odd divisor CLK is low one kernel cycle longer than high. */
    c->high = divisor == 1 ? c->period / 2 : c->period * (divisor / 2) / divisor;
    c->low = c->period - c->high;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---- beginning ---- */

static void add_phase(struct membus_frame *f, enum membus_phase_kind kind, uint32_t ccr,
                      unsigned shift, uint32_t value)
{
    unsigned size = (ccr >> (shift + 4) & 3) + 1;

    if (!ospi_lines(ccr, shift))
        return;
    f->phase[f->phases++] = (struct membus_phase){
        .kind = kind,
        .lines = (uint8_t)ospi_lines(ccr, shift),
        .dtr = ccr >> (shift + 3) & 1,
        .bits = (uint8_t)(8 * size),
        .value = size == 4 ? value : value & ((1u << 8 * size) - 1),
    };
}

static void check_wires(struct octospi *o, const struct membus_frame *f)
{
    unsigned lines = f->data_lines, need;

    for (unsigned i = 0; i < f->phases; i++) {
        if (f->phase[i].lines > lines)
            lines = f->phase[i].lines;
    }
    need = (1u << lines) - 1;
    if (f->direction == MEMBUS_IN && f->data_lines == 1)
        need |= 2;
    need |= MEMBUS_NCS | MEMBUS_CLK;
    if (need & ~(unsigned)f->wires)
        complain(o->dev.soc->complaints, GUEST_ERROR, "ospi-pins",
                 "%s: frame while not all its pins are in the alternate function and routed "
                 "(missing:%s%s IO mask 0x%02x)",
                 o->dev.name, f->wires & MEMBUS_NCS ? "" : " nCS",
                 f->wires & MEMBUS_CLK ? "" : " CLK", need & ~(unsigned)f->wires & 0xFF);
}

static void open_frame(struct octospi *o, vtime fall)
{
    struct membus_frame *f = &o->frame;
    uint32_t ccr = o->command.ccr, dummy = o->command.tcr & 0x1F;
    unsigned boundary = *o->dcr3 >> 16 & 0x1F;
    bool sioo = o->op == OP_MAPPED && o->direction == MEMBUS_IN && ccr & CCR_SIOO;

    memset(f, 0, sizeof *f);
    f->host = o->dev.name;
    f->why = o->why;
    f->fall = fall;
    f->clock = o->clock;
    f->direction = o->direction;
    if (f->direction != MEMBUS_NO_DATA) {
        f->data_lines = (uint8_t)ospi_lines(ccr, CCR_DMODE);
        f->data_dtr = ccr >> 27 & 1;
    }
    if (!(sioo && o->instruction_sent))
        add_phase(f, MEMBUS_INSTRUCTION, ccr, CCR_IMODE, o->command.ir);
    o->instruction_sent = true;
    add_phase(f, MEMBUS_ADDRESS, ccr, CCR_ADMODE, (uint32_t)o->address);
    add_phase(f, MEMBUS_ALTERNATE, ccr, CCR_ABMODE, o->command.abr);
    if (dummy)
        f->phase[f->phases++] =
            (struct membus_phase){.kind = MEMBUS_DUMMY, .lines = f->data_lines, .clocks = dummy};

    o->limit = o->remaining;
    o->deadline = VTIME_NEVER;
    /* Splitting needs an address to go on from. */
    if (f->direction != MEMBUS_NO_DATA && ospi_lines(ccr, CCR_ADMODE)) {
        uint64_t refresh = *o->dcr4;

        if (boundary) {
            uint64_t size = UINT64_C(1) << boundary;

            o->limit = least(o->limit, size - (o->address & (size - 1)));
        }
        if (refresh)
            o->deadline =
                fall + membus_periods(&f->clock, refresh + (f->direction == MEMBUS_IN ? 4 : 1));
    }
    o->sample_delay = o->command.tcr & TCR_SSHIFT && !f->data_dtr ? f->clock.period / 2 : 0;
    o->low = true;
    o->stopped = false;
    o->bus = octospi_route(o, &f->wires);
    check_wires(o, f);
    membus_begin(o->bus, f);
    if (f->direction == MEMBUS_IN)
        octospi_sampling_begin(o);
}

/* The transfer has something to say on the wires. */
static bool wants_frame(const struct octospi *o)
{
    switch (o->op) {
    case OP_COMMAND:
    case OP_POLL:
        return true;
    case OP_WRITE:
        return o->level && o->remaining;
    case OP_READ:
        return o->remaining && o->level < OSPI_FIFO;
    case OP_MAPPED:
        if (o->stream == STREAM_WRITE)
            return o->level;
        return o->stream == STREAM_READ && o->remaining && o->level < OSPI_FIFO;
    default:
        return false;
    }
}

/* ---- ending ---- */

static void poll_done(struct octospi *o, vtime rise)
{
    uint32_t mask = *o->psmkr, match = *o->psmar, status = 0, differ;
    bool hit;

    for (unsigned i = 0; i < o->level; i++)
        status |= (uint32_t)o->fifo[(o->head + i) % OSPI_FIFO] << 8 * i;
    o->poll_status = status;
    o->poll_fresh = true;
    differ = (status ^ match) & mask;
    hit = *o->cr & CR_PMM ? differ != mask : !differ;
    if (hit)
        o->flags |= SR_SMF;
    o->remaining = o->level;
    o->level = 0;
    o->address = *o->ar;
    if (hit && *o->cr & CR_APMS)
        o->op = OP_IDLE;
    else
        o->want_at = rise + membus_periods(&o->clock, *o->pir);
}

static void raise_ncs(struct octospi *o, vtime rise, vtime last_edge, uint64_t clocks)
{
    membus_end(o->bus, &o->frame, rise, last_edge, clocks, 0);
    o->low = false;
    o->stopped = false;
    o->want_at = rise;
    o->ready_at = rise + membus_periods(&o->clock, (*o->dcr1 >> 8 & 7) + 1);
}

/* The frame's clocks are done (or stand); what this means for the transfer. */
static void finish_frame(struct octospi *o, vtime rise, vtime last_edge)
{
    const struct membus_frame *f = &o->frame;

    raise_ncs(o, rise, last_edge, f->header + (f->bytes * f->half_clocks + 1) / 2);
    switch (o->op) {
    case OP_COMMAND:
        o->op = OP_IDLE;
        o->flags |= SR_TCF;
        break;
    case OP_WRITE:
        if (!o->remaining) {
            o->level = 0; /* bytes beyond DLR are flushed as TCF is set */
            o->op = OP_IDLE;
            o->flags |= SR_TCF;
        }
        break;
    case OP_READ:
        if (!o->remaining) {
            o->op = o->level ? OP_DRAIN : OP_IDLE;
            o->flags |= SR_TCF;
        }
        break;
    case OP_POLL:
        if (!o->remaining)
            poll_done(o, rise);
        break;
    case OP_MAPPED:
        if (o->stream == STREAM_WRITE && !o->level)
            o->stream = STREAM_NONE;
        break;
    default:
        break;
    }
}

/* ---- data ---- */

/* How many of the next max bytes have begun (plus delay) by t. max > 0. */
static unsigned bytes_by(const struct membus_frame *f, vtime t, vtime delay, unsigned max)
{
    uint64_t b = f->bytes, n;
    uint64_t per_byte = f->half_clocks * f->clock.period_q16; /* 2^-17 ps */

    if (membus_byte_at(f, b + max - 1) + delay <= t)
        return max;
    if (membus_byte_at(f, b) + delay > t)
        return 0;
    n = ((t - delay - f->run_at) << 17) / per_byte + 1 - (b - f->run_byte);
    n = least(n, max - 1);
    while (membus_byte_at(f, b + n - 1) + delay > t)
        n--;
    while (n < max && membus_byte_at(f, b + n) + delay <= t)
        n++;
    return (unsigned)n;
}

static void moved(struct octospi *o, unsigned n)
{
    struct membus_frame *f = &o->frame;

    o->address += n;
    if (o->remaining != OSPI_ENDLESS)
        o->remaining -= n;
    /* Keeps the products of membus_byte_at() small in frames of megabytes. */
    if (f->bytes - f->run_byte > 0x10000) {
        f->run_at = membus_byte_at(f, f->bytes);
        f->run_byte = f->bytes;
    }
}

/* Of max bytes those that may begin before the deadline of REFRESH; at least one a frame. */
static unsigned before_deadline(const struct octospi *o, unsigned max)
{
    unsigned n;

    if (o->deadline == VTIME_NEVER)
        return max;
    n = bytes_by(&o->frame, o->deadline - 1, 0, max);
    return n || o->frame.bytes ? n : 1;
}

static bool step_out(struct octospi *o, vtime t)
{
    struct membus_frame *f = &o->frame;
    vtime s = membus_byte_at(f, f->bytes);
    bool late = f->bytes && s >= o->deadline;

    if (f->bytes < o->limit && o->level && !late) {
        unsigned n = (unsigned)least(o->level, o->limit - f->bytes), first;

        n = bytes_by(f, t, 0, before_deadline(o, n));
        if (!n)
            return false;
        first = (unsigned)least(n, OSPI_FIFO - o->head);
        membus_send(o->bus, f, o->fifo + o->head, first);
        if (n > first)
            membus_send(o->bus, f, o->fifo, n - first);
        o->head = (o->head + n) % OSPI_FIFO;
        o->level -= n;
        moved(o, n);
        return true;
    }
    if (o->stopped) {
        if (o->deadline > t)
            return false;
        finish_frame(o, most(o->deadline, o->stopped_at + f->clock.low),
                     o->stopped_at - f->clock.high);
        return true;
    }
    /* A mapped write burst ends when there is nothing more to send. */
    if (f->bytes >= o->limit || late || o->op == OP_MAPPED) {
        if (s + f->clock.low > t)
            return false;
        finish_frame(o, s + f->clock.low, s - f->clock.high);
        return true;
    }
    if (s > t)
        return false;
    o->stopped = true;
    o->stopped_at = s;
    return true;
}

static void check_prefetch(struct octospi *o, unsigned n)
{
    if (o->op != OP_MAPPED || o->prefetch_warned || o->address + n <= ospi_capacity(o))
        return;
    o->prefetch_warned = true;
    hazard(o->dev.soc->complaints, HAZARD_PREFETCH_END,
           "%s: prefetch runs over the end of the device (0x%08llx by DCR1.DEVSIZE); some STM32 "
           "stall the bus then",
           o->dev.name, (unsigned long long)o->window + ospi_capacity(o));
}

/* When a stopped read frame ends by itself; *timeout = by LPTR. */
static vtime release_at(const struct octospi *o, bool *timeout)
{
    vtime by_timeout = VTIME_NEVER;

    if (o->op == OP_MAPPED && *o->cr & CR_TCEN)
        by_timeout = o->stopped_at + membus_periods(&o->frame.clock, *o->lptr);
    *timeout = by_timeout <= o->deadline;
    return most(least(by_timeout, o->deadline), o->stopped_at + o->frame.clock.low);
}

static bool step_in(struct octospi *o, vtime t)
{
    struct membus_frame *f = &o->frame;
    vtime s = membus_byte_at(f, f->bytes);
    bool late = f->bytes && s >= o->deadline && !o->stopped;
    bool timeout;

    if (f->bytes >= o->limit || late) {
        if (s + f->clock.low > t)
            return false;
        finish_frame(o, s + f->clock.low, s - f->clock.high);
        return true;
    }
    if (o->level < OSPI_FIFO) {
        unsigned n = (unsigned)least(OSPI_FIFO - o->level, o->limit - f->bytes), tail, first;
        vtime length = membus_byte_at(f, f->bytes + 1) - s;

        n = bytes_by(f, t, length - f->clock.high + o->sample_delay, before_deadline(o, n));
        if (!n)
            return false;
        tail = (o->head + o->level) % OSPI_FIFO;
        first = (unsigned)least(n, OSPI_FIFO - tail);
        membus_receive(o->bus, f, o->fifo + tail, first);
        octospi_sample(o, o->fifo + tail, first);
        if (n > first) {
            membus_receive(o->bus, f, o->fifo, n - first);
            octospi_sample(o, o->fifo, n - first);
        }
        o->level += n;
        check_prefetch(o, n);
        moved(o, n);
        return true;
    }
    if (!o->stopped) {
        if (s > t)
            return false;
        o->stopped = true;
        o->stopped_at = s;
        return true;
    }
    s = release_at(o, &timeout);
    if (s > t || s == VTIME_NEVER)
        return false;
    if (timeout)
        o->flags |= SR_TOF;
    finish_frame(o, s, o->stopped_at - f->clock.high);
    return true;
}

/* One change, if there is one up to t. */
static bool step(struct octospi *o, vtime t)
{
    if (o->op == OP_ABORT) {
        if (o->abort_until > t)
            return false;
        o->op = OP_IDLE;
        o->flags |= SR_TCF;
        return true;
    }
    if (!o->low) {
        vtime fall = most(o->want_at, o->ready_at);

        if (!wants_frame(o) || fall > t || !o->clock.hz)
            return false;
        open_frame(o, fall);
        return true;
    }
    if (o->direction == MEMBUS_OUT)
        return step_out(o, t);
    if (o->direction == MEMBUS_IN)
        return step_in(o, t);
    if (o->frame.run_at + o->frame.clock.low > t)
        return false;
    finish_frame(o, o->frame.run_at + o->frame.clock.low, o->frame.run_at - o->frame.clock.high);
    return true;
}

void octospi_pump(struct octospi *o, vtime t)
{
    if (t < o->seen)
        t = o->seen;
    o->seen = t;
    if (t < o->quiet_until)
        return;
    while (step(o, t))
        ;
    o->quiet_until = octospi_next(o);
}

vtime octospi_next(const struct octospi *o)
{
    const struct membus_frame *f = &o->frame;
    vtime s;
    bool late, timeout;

    if (o->op == OP_ABORT)
        return o->abort_until;
    if (!o->low)
        return wants_frame(o) && o->clock.hz ? most(o->want_at, o->ready_at) : VTIME_NEVER;
    s = membus_byte_at(f, f->bytes);
    late = f->bytes && s >= o->deadline && !o->stopped;
    if (o->direction == MEMBUS_NO_DATA || (f->bytes >= o->limit && !o->stopped) || late)
        return s + f->clock.low;
    if (o->direction == MEMBUS_OUT) {
        if (o->level)
            return s;
        if (o->stopped)
            return o->deadline;
        return o->op == OP_MAPPED ? s + f->clock.low : s;
    }
    if (o->level < OSPI_FIFO)
        return membus_byte_at(f, f->bytes + 1) - f->clock.high + o->sample_delay;
    return o->stopped ? release_at(o, &timeout) : s;
}

/* ---- from outside ---- */

void octospi_start(struct octospi *o, enum ospi_op op, vtime t)
{
    uint64_t data = (uint64_t)*o->dlr + 1;

    o->op = op;
    o->command = (struct ospi_command){*o->ccr, *o->tcr, *o->ir, *o->abr};
    o->address = *o->ar;
    o->head = 0;
    o->level = 0;
    o->want_at = t;
    o->quiet_until = 0;
    o->ir_written = false;
    o->reread_valid = false;
    o->why = op == OP_POLL ? "polling" : "indirect";
    o->direction = op == OP_COMMAND ? MEMBUS_NO_DATA : op == OP_WRITE ? MEMBUS_OUT : MEMBUS_IN;
    o->remaining = data;
    if (op == OP_COMMAND) {
        o->remaining = 0;
    } else if (op == OP_POLL) {
        /* RM0456: "if more data is requested in DLR, it is ignored, and only 4 bytes are read" */
        o->remaining = least(data, 4);
    } else if (*o->dlr == UINT32_MAX) {
        uint64_t capacity = ospi_capacity(o);

        o->remaining = capacity >> 32 ? OSPI_ENDLESS : capacity - *o->ar;
    }
}

void octospi_push(struct octospi *o, const uint8_t *data, unsigned n, vtime t)
{
    struct membus_frame *f = &o->frame;
    unsigned tail = (o->head + o->level) % OSPI_FIFO;

    if (!o->level && o->low && f->bytes < o->limit) {
        vtime s = membus_byte_at(f, f->bytes);

        if (s < t && (s < o->deadline || o->stopped))
            membus_stop(o->bus, f, s, t);
        o->stopped = false;
    } else if (!o->low && !o->level && o->want_at < t) {
        o->want_at = t;
    }
    for (unsigned i = 0; i < n; i++)
        o->fifo[(tail + i) % OSPI_FIFO] = data[i];
    o->level += n;
    o->quiet_until = 0;
}

void octospi_pop(struct octospi *o, uint8_t *data, unsigned n, vtime t)
{
    for (unsigned i = 0; i < n; i++)
        data[i] = o->fifo[(o->head + i) % OSPI_FIFO];
    o->head = (o->head + n) % OSPI_FIFO;
    if (o->low && o->stopped && o->direction == MEMBUS_IN) {
        membus_stop(o->bus, &o->frame, o->stopped_at, t);
        o->stopped = false;
    } else if (!o->low && o->level == OSPI_FIFO && o->want_at < t) {
        o->want_at = t;
    }
    o->level -= n;
    if (!o->level && o->op == OP_DRAIN)
        o->op = OP_IDLE;
    o->quiet_until = 0;
}

/* Rising edges of CLK in the frame up to t, and when the last one was. */
static uint64_t edges_by(const struct membus_frame *f, vtime t, vtime *last)
{
    uint64_t before = 0, n;
    vtime first = f->fall + f->clock.period;

    if (f->run_byte) {
        before = f->header + (f->run_byte * f->half_clocks + 1) / 2;
        first = f->run_at + f->clock.low;
    }
    *last = first - f->clock.period;
    if (t < first)
        return before;
    n = ((t - first) << 16) / f->clock.period_q16;
    *last = first + membus_periods(&f->clock, n);
    return before + n + 1;
}

vtime octospi_cut(struct octospi *o, vtime t)
{
    struct membus_frame *f = &o->frame;
    vtime s, last;
    uint64_t clocks;

    o->quiet_until = 0;
    if (!o->low)
        return t;
    s = membus_byte_at(f, f->bytes);
    clocks = f->header + (f->bytes * f->half_clocks + 1) / 2;
    if (o->stopped) {
        last = o->stopped_at - f->clock.high;
        t = most(t, o->stopped_at + f->clock.low);
    } else if (o->direction == MEMBUS_OUT && f->bytes) {
        /* The byte under way is completed, as REFRESH does it. */
        last = s - f->clock.high;
        t = most(t, s + f->clock.low);
    } else {
        clocks = edges_by(f, t, &last);
        t = most(t, last + f->clock.period);
    }
    raise_ncs(o, t, last, clocks);
    return t;
}

void octospi_drop(struct octospi *o, vtime t)
{
    octospi_cut(o, t);
    o->op = OP_IDLE;
    o->stream = STREAM_NONE;
    o->level = 0;
    o->remaining = 0;
    o->poll_fresh = false;
    o->reread_valid = false;
    o->quiet_until = 0;
}
