#include "octospi_int.h"

#include <stdlib.h>
#include <string.h>

#include "mdma.h"

/* Kept while BUSY; the rest of CR may change at any time (RM0456 register descriptions). */
#define CR_LOCKED (CR_TCEN | CR_DMM | CR_FSEL | CR_APMS | CR_PMM | (uint32_t)CR_FMODE)

vtime octospi_now(struct octospi *o)
{
    vtime t = sched_now(o->dev.soc->sched);

    /* A stalled access took the engine on; the core's clock follows with its own next step. */
    return t > o->seen ? t : o->seen;
}

/* ---- flags and interrupts ---- */

static bool threshold(const struct octospi *o)
{
    switch (ospi_fmode(o)) {
    case FMODE_WRITE:
        return *o->cr & CR_EN && OSPI_FIFO - o->level >= ospi_threshold(o);
    case FMODE_READ:
        return o->level >= ospi_threshold(o) || (o->level && o->op == OP_DRAIN);
    case FMODE_POLL:
        return o->poll_fresh;
    default:
        return false;
    }
}

uint32_t octospi_status(const struct octospi *o)
{
    uint32_t sr = o->flags;

    if (threshold(o))
        sr |= SR_FTF;
    if (o->op != OP_IDLE)
        sr |= SR_BUSY;
    if (ospi_fmode(o) <= FMODE_READ)
        sr |= (uint32_t)o->level << 8;
    return sr;
}

static vtime sooner(vtime a, vtime b)
{
    return a < b ? a : b;
}

/*
 * A time at or before which no flag that somebody waits for changes without a master's doing. It
 * may be early (a burst is split on the way): then the event looks and asks again.
 */
static vtime next_flag(const struct octospi *o)
{
    const struct membus_frame *f = &o->frame;
    uint32_t cr = *o->cr | o->listened;
    vtime at = VTIME_NEVER;
    uint64_t left;

    if (o->op == OP_ABORT)
        return cr & CR_TCIE ? o->abort_until : VTIME_NEVER;
    if (o->op == OP_MAPPED && !(cr & CR_TOIE && cr & CR_TCEN && o->stream == STREAM_READ))
        return VTIME_NEVER;
    if (!o->low)
        return o->op == OP_IDLE || o->op == OP_DRAIN ? VTIME_NEVER : octospi_next(o);
    left = o->limit - f->bytes;
    switch (o->op) {
    case OP_COMMAND:
    case OP_POLL:
        return membus_byte_at(f, f->bytes + left) + f->clock.low;
    case OP_WRITE:
        if (cr & CR_FTIE && !threshold(o)) {
            uint64_t need = ospi_threshold(o) - (OSPI_FIFO - o->level);

            at = need <= left ? membus_byte_at(f, f->bytes + need - 1)
                              : membus_byte_at(f, f->bytes + left) + f->clock.low;
        }
        if (o->level >= left)
            at = sooner(at, membus_byte_at(f, f->bytes + left) + f->clock.low);
        return at;
    case OP_READ:
        if (o->level == OSPI_FIFO)
            return octospi_next(o);
        if (cr & CR_FTIE && !threshold(o)) {
            uint64_t need = ospi_threshold(o) - o->level;

            if (need <= left)
                at = membus_byte_at(f, f->bytes + need) - f->clock.high + o->sample_delay;
        }
        if (left <= OSPI_FIFO - o->level)
            at = sooner(at, membus_byte_at(f, f->bytes + left) + f->clock.low);
        return at;
    case OP_MAPPED:
        if (o->stopped)
            return octospi_next(o);
        left = OSPI_FIFO - o->level < left ? OSPI_FIFO - o->level : left;
        return membus_byte_at(f, f->bytes + left) + membus_periods(&f->clock, *o->lptr);
    default:
        return VTIME_NEVER;
    }
}

void octospi_update(struct octospi *o)
{
    static const uint32_t enables[][2] = {
        {CR_TEIE, SR_TEF}, {CR_TCIE, SR_TCF}, {CR_FTIE, SR_FTF},
        {CR_SMIE, SR_SMF}, {CR_TOIE, SR_TOF},
    };
    uint32_t sr = 0;
    bool level = false;
    vtime at = VTIME_NEVER;

    if (*o->cr & CR_ALL_IE || o->listened) {
        sr = octospi_status(o);
        for (unsigned i = 0; i < sizeof enables / sizeof enables[0]; i++)
            level |= *o->cr & enables[i][0] && sr & enables[i][1];
        at = next_flag(o);
        if (at <= o->seen)
            at = octospi_next(o); /* the estimate was early: step by step from here */
    }
    if (level != o->irq_level) {
        o->irq_level = level;
        soc_irq(o->dev.soc, o->irq_line, level);
    }
    if (o->listened) {
        unsigned line = o->index ? MDMA_OCTOSPI2_FT : MDMA_OCTOSPI1_FT;

        mdma_request(o->dev.soc, line, sr & SR_FTF);
        mdma_request(o->dev.soc, line + 1, sr & SR_TCF);
    }
    if (at == VTIME_NEVER)
        sched_cancel(o->dev.soc->sched, &o->event);
    else if (!sched_pending(&o->event) || o->event.at != at)
        sched_at(o->dev.soc->sched, &o->event, at);
}

static void on_event(void *ctx, vtime at)
{
    struct octospi *o = ctx;

    octospi_pump(o, at);
    octospi_update(o);
}

/* ---- starting ---- */

/* RM0456, "OCTOSPI error management": address, or address and length, beyond DEVSIZE. */
static bool address_fits(const struct octospi *o, bool with_length)
{
    uint64_t capacity = ospi_capacity(o), end = (uint64_t)*o->ar + 1;

    if (!ospi_lines(*o->ccr, CCR_ADMODE))
        return true;
    if (with_length && *o->dlr != UINT32_MAX)
        end = (uint64_t)*o->ar + *o->dlr + 1;
    return end <= capacity;
}

static bool start(struct octospi *o, enum ospi_op op, vtime now)
{
    struct complaints *c = o->dev.soc->complaints;
    unsigned type = *o->dcr1 >> 24 & 7;

    if (!o->clock.hz) {
        complain(c, GUEST_ERROR, "ospi-clock", "%s: transfer without kernel clock (RCC CDCCIPR)",
                 o->dev.name);
    }
    if (*o->cr & CR_DMM)
        complain(c, UNIMPLEMENTED, "dual-memory", "%s: CR.DMM: the second memory is left out",
                 o->dev.name);
    if (type == 4 || type == 5)
        complain(c, UNIMPLEMENTED, "hyperbus", "%s: HyperBus frames are sent as regular commands",
                 o->dev.name);
    if (!address_fits(o, op == OP_READ || op == OP_WRITE)) {
        o->flags |= SR_TEF;
        return false;
    }
    octospi_start(o, op, now);
    return true;
}

/* What a write to IR, AR or CCR sets going (RM0456, "Triggering the start of a transfer"). */
static void trigger(struct octospi *o, uint32_t offset, vtime now)
{
    bool address = ospi_lines(*o->ccr, CCR_ADMODE), data = ospi_lines(*o->ccr, CCR_DMODE);
    bool instruction = ospi_lines(*o->ccr, CCR_IMODE);
    unsigned mode = ospi_fmode(o);

    if (!(*o->cr & CR_EN) || mode == FMODE_MAPPED)
        return;
    if (offset == OSPI_AR ? !address : address)
        return; /* AR starts commands with an address, IR and CCR those without */
    switch (offset) {
    case OSPI_CCR:
        /* RM0456 lets automatic polling without address begin with CCR, although its own order of
           set-up writes IR later. So CCR begins it only once an instruction is there; a later IR
           begins it in any case (ST's HAL relies on that). */
        if (mode == FMODE_POLL && data && (!instruction || o->ir_written))
            start(o, OP_POLL, now);
        break;
    case OSPI_IR:
    case OSPI_AR:
        if (mode == FMODE_POLL) {
            if (data)
                start(o, OP_POLL, now);
        } else if (!data) {
            if (instruction || address)
                start(o, OP_COMMAND, now);
        } else if (mode == FMODE_READ) {
            start(o, OP_READ, now);
        } else if (offset == OSPI_AR && !address_fits(o, false)) {
            o->flags |= SR_TEF; /* indirect write: DR will start it */
        }
        break;
    default:
        break;
    }
}

/* ---- CR, FCR, SR ---- */

static void abort_transfer(struct octospi *o, vtime now)
{
    vtime until;

    if (o->op == OP_IDLE || o->op == OP_ABORT)
        return;
    until = o->op == OP_MAPPED ? octospi_mapped_finish(o, now) : octospi_cut(o, now);
    o->level = 0;
    o->poll_fresh = false;
    o->op = OP_ABORT;
    o->abort_until = until;
    o->quiet_until = 0;
    octospi_pump(o, now);
}

static void write_cr(struct device *d, unsigned index, uint32_t value, uint32_t old)
{
    struct octospi *o = (struct octospi *)d;
    vtime now = octospi_now(o);

    (void)index;
    if (d->peek)
        return;
    if (old & CR_EN && !(*o->cr & CR_EN))
        octospi_drop(o, now);
    if (o->op != OP_IDLE && (*o->cr ^ old) & CR_LOCKED) {
        complain(d->soc->complaints, GUEST_ERROR, "busy-write",
                 "%s: CR 0x%08x -> 0x%08x while BUSY: mode bits do not change", d->name,
                 (unsigned)old, (unsigned)*o->cr);
        *o->cr = (*o->cr & ~CR_LOCKED) | (old & CR_LOCKED);
    }
    if ((*o->cr ^ old) & (uint32_t)CR_FMODE)
        o->poll_fresh = false;
    if (value & CR_ABORT && *o->cr & CR_EN)
        abort_transfer(o, now);
}

static void write_fcr(struct device *d, unsigned index, uint32_t value, uint32_t old)
{
    struct octospi *o = (struct octospi *)d;

    (void)index;
    (void)old;
    o->flags &= ~(value & (SR_TEF | SR_TCF | SR_SMF | SR_TOF));
}

static uint32_t read_sr(struct device *d, unsigned index)
{
    struct octospi *o = (struct octospi *)d;

    (void)index;
    octospi_pump(o, octospi_now(o));
    return octospi_status(o);
}

/* What a debugger sees in DR; programs go through read_dr(). */
static uint32_t peek_dr(struct device *d, unsigned index)
{
    struct octospi *o = (struct octospi *)d;
    uint32_t value = 0;

    (void)index;
    octospi_pump(o, octospi_now(o));
    if (ospi_fmode(o) == FMODE_POLL)
        return o->poll_status;
    for (unsigned i = 0; ospi_fmode(o) == FMODE_READ && i < 4 && i < o->level; i++)
        value |= (uint32_t)o->fifo[(o->head + i) % OSPI_FIFO] << 8 * i;
    return value;
}

/* ---- DR ---- */

/* Lets time pass until `done` bytes are in the FIFO (read) or free in it (write), or the transfer
   ends, or nothing more can happen. Returns when. */
static vtime wait_fifo(struct octospi *o, enum ospi_op op, unsigned bytes, vtime t)
{
    while (o->op == op && (op == OP_READ ? o->level : OSPI_FIFO - o->level) < bytes) {
        vtime at = octospi_next(o);

        if (at == VTIME_NEVER)
            break;
        octospi_pump(o, at);
        if (at > t)
            t = at;
    }
    return t;
}

static void read_dr(struct octospi *o, struct bus_access *a, vtime now)
{
    memset(a->data, 0, a->size);
    if (ospi_fmode(o) == FMODE_POLL) {
        memcpy(a->data, &o->poll_status, a->size);
        o->poll_fresh = false;
    } else if (ospi_fmode(o) == FMODE_READ) {
        vtime t = o->level >= a->size ? now : wait_fifo(o, OP_READ, a->size, now);

        octospi_pop(o, a->data, o->level < a->size ? o->level : a->size, t);
        a->stall_ps += t - now;
        o->stats.stalled += t - now;
    }
}

static void write_dr(struct octospi *o, const struct bus_access *a, vtime now, vtime *stall)
{
    vtime t = now;

    if (ospi_fmode(o) != FMODE_WRITE || !(*o->cr & CR_EN)) {
        complain(o->dev.soc->complaints, GUEST_ERROR, "dr-write",
                 "%s: DR written outside indirect write mode", o->dev.name);
        return;
    }
    if (o->op == OP_IDLE) {
        if (!ospi_lines(*o->ccr, CCR_DMODE) || !start(o, OP_WRITE, now))
            return;
    }
    if (OSPI_FIFO - o->level < a->size)
        t = wait_fifo(o, OP_WRITE, a->size, now);
    *stall = t - now;
    o->stats.stalled += t - now;
    /* If the transfer came to its end meanwhile these bytes are among those flushed. */
    if (o->op == OP_WRITE && OSPI_FIFO - o->level >= a->size)
        octospi_push(o, a->data, a->size, t);
}

/* ---- accesses ---- */

static enum bus_status write_register(struct octospi *o, struct bus_access *a, uint32_t offset)
{
    enum bus_status status = BUS_OK;
    vtime now = octospi_now(o), stall = 0;

    octospi_pump(o, now);
    if (offset == OSPI_DR && a->size <= 4) {
        write_dr(o, a, now, &stall);
        a->stall_ps += stall;
    } else if (o->op != OP_IDLE && offset != OSPI_CR && offset != OSPI_FCR) {
        complain(o->dev.soc->complaints, GUEST_ERROR, "busy-write",
                 "%s: register +0x%03x written while BUSY: dropped", o->dev.name, (unsigned)offset);
    } else if (offset == OSPI_AR && ospi_fmode(o) == FMODE_MAPPED) {
        return BUS_OK; /* RM0456: ignored in memory-mapped mode */
    } else {
        status = device_access_regs(&o->dev, a);
        switch (offset) {
        case OSPI_DCR1:
        case OSPI_DCR2:
            octospi_clock(o);
            break;
        case OSPI_CCR:
            o->instruction_sent = false;
            trigger(o, offset, now);
            break;
        case OSPI_IR:
            o->ir_written = true;
            trigger(o, offset, now);
            break;
        case OSPI_AR:
            trigger(o, offset, now);
            break;
        default:
            break;
        }
    }
    octospi_update(o);
    return status;
}

static enum bus_status access_registers(struct device *d, struct bus_access *a)
{
    struct octospi *o = (struct octospi *)d;
    uint32_t offset = a->addr - d->base;

    if (d->peek)
        return device_access_regs(d, a);
    if (offset > OSPI_DR && offset < OSPI_DR + 4) {
        complain(d->soc->complaints, GUEST_ERROR, "dr-align",
                 "%s: DR accessed at +0x%03x; narrow accesses belong to its lowest bytes", d->name,
                 (unsigned)offset);
        offset = OSPI_DR;
        if (a->size > 2)
            return BUS_OK;
    }
    if (a->write)
        return write_register(o, a, offset & ~3u);
    if (offset == OSPI_DR && a->size <= 4) {
        vtime now = octospi_now(o);

        octospi_pump(o, now);
        read_dr(o, a, now);
        octospi_update(o);
        return BUS_OK;
    }
    if (offset == OSPI_SR && a->size == 4) {
        uint32_t sr = read_sr(d, 0);

        memcpy(a->data, &sr, 4);
        return BUS_OK;
    }
    return device_access_regs(d, a);
}

#define FORMAT 0x2F3F3F3Fu /* of WCCR and WPCCR */

static const struct reg registers[] = {
    {.name = "CR", .offset = OSPI_CR, .writable = 0x30DF1FCDu, .write = write_cr},
    {.name = "DCR1", .offset = OSPI_DCR1, .writable = 0x071F070Bu},
    {.name = "DCR2", .offset = OSPI_DCR2, .writable = 0x000700FFu},
    {.name = "DCR3", .offset = OSPI_DCR3, .writable = 0x001F00FFu},
    {.name = "DCR4", .offset = OSPI_DCR4, .writable = 0xFFFFFFFFu},
    {.name = "SR", .offset = OSPI_SR, .read = read_sr},
    {.name = "FCR", .offset = OSPI_FCR, .write = write_fcr},
    {.name = "DLR", .offset = OSPI_DLR, .writable = 0xFFFFFFFFu},
    {.name = "AR", .offset = OSPI_AR, .writable = 0xFFFFFFFFu},
    {.name = "DR", .offset = OSPI_DR, .read = peek_dr},
    {.name = "PSMKR", .offset = OSPI_PSMKR, .writable = 0xFFFFFFFFu},
    {.name = "PSMAR", .offset = OSPI_PSMAR, .writable = 0xFFFFFFFFu},
    {.name = "PIR", .offset = OSPI_PIR, .writable = 0x0000FFFFu},
    {.name = "CCR", .offset = OSPI_CCR, .writable = FORMAT | CCR_SIOO},
    {.name = "TCR", .offset = OSPI_TCR, .writable = 0x5000001Fu},
    {.name = "IR", .offset = OSPI_IR, .writable = 0xFFFFFFFFu},
    {.name = "ABR", .offset = OSPI_ABR, .writable = 0xFFFFFFFFu},
    {.name = "LPTR", .offset = OSPI_LPTR, .writable = 0x0000FFFFu},
    {.name = "WPCCR", .offset = OSPI_WPCCR, .writable = FORMAT},
    {.name = "WPTCR", .offset = OSPI_WPTCR, .writable = 0x5000001Fu},
    {.name = "WPIR", .offset = OSPI_WPIR, .writable = 0xFFFFFFFFu},
    {.name = "WPABR", .offset = OSPI_WPABR, .writable = 0xFFFFFFFFu},
    {.name = "WCCR", .offset = OSPI_WCCR, .writable = FORMAT},
    {.name = "WTCR", .offset = OSPI_WTCR, .writable = 0x0000001Fu},
    {.name = "WIR", .offset = OSPI_WIR, .writable = 0xFFFFFFFFu},
    {.name = "WABR", .offset = OSPI_WABR, .writable = 0xFFFFFFFFu},
    {.name = "HLCR", .offset = OSPI_HLCR, .writable = 0x00FFFF03u},
    /* Identification: read only; the values of this chip are not published, 0 here. */
    {.name = "HWCFGR", .offset = OSPI_HWCFGR, .count = 4},
};

/* ---- device ---- */

static void reset(struct device *d)
{
    struct octospi *o = (struct octospi *)d;
    vtime now = octospi_now(o);

    octospi_pump(o, now);
    octospi_drop(o, now);
    o->flags = 0;
    o->poll_status = 0;
    o->ir_written = false;
    o->instruction_sent = false;
    memset(o->lanes, 0, sizeof o->lanes);
    octospi_clock(o);
    octospi_update(o);
}

static void clocks_changed(struct device *d)
{
    struct octospi *o = (struct octospi *)d;

    /* A frame under way keeps its clock to its end. */
    octospi_pump(o, octospi_now(o));
    octospi_clock(o);
    o->quiet_until = 0;
    octospi_update(o);
}

static void free_set(struct octospi_set *set)
{
    for (unsigned i = 0; i < 2; i++)
        membus_free(set->bus[i]);
    membus_free(set->nowhere);
    free(set);
}

static void destroy(struct device *d)
{
    struct octospi *o = (struct octospi *)d;
    struct octospi_set *set = o->set;

    sched_cancel(d->soc->sched, &o->event);
    set->unit[o->index] = NULL;
    if (set->unit[0] || set->unit[1])
        return;
    if (d->soc->octospi == set)
        d->soc->octospi = NULL;
    free_set(set);
}

static int create(struct octospi_set *set, unsigned index)
{
    struct octospi *o = calloc(1, sizeof *o);
    struct device *d = &o->dev;
    struct bus_region window;

    if (!o)
        return -1;
    d->name = index ? "OCTOSPI2" : "OCTOSPI1";
    d->base = index ? 0x5200A000 : 0x52005000;
    d->size = 0x1000;
    d->regs = registers;
    d->reg_count = sizeof registers / sizeof registers[0];
    d->gate = (struct rcc_gate){RCC_AHB3ENR, RCC_AHB3RSTR, index ? 19 : 14};
    d->on = ON_AHB;
    d->complete = true;
    /* ST's set-up of OCTOSPIM looks at CR.EN of both controllers, whichever of them is in use. */
    d->quiet_reads = true;
    d->reset = reset;
    d->clocks_changed = clocks_changed;
    d->destroy = destroy;
    d->access = access_registers;
    o->set = set;
    o->index = index;
    o->irq_line = index ? IRQ_OCTOSPI2 : IRQ_OCTOSPI1;
    o->window = index ? 0x70000000 : 0x90000000;
    o->event.fn = on_event;
    o->event.ctx = o;
    o->why = "";
    if (device_init(d, set->soc) < 0) {
        free(o);
        return -1;
    }
    set->unit[index] = o;
    o->cr = device_reg(d, OSPI_CR);
    o->dcr1 = device_reg(d, OSPI_DCR1);
    o->dcr2 = device_reg(d, OSPI_DCR2);
    o->dcr3 = device_reg(d, OSPI_DCR3);
    o->dcr4 = device_reg(d, OSPI_DCR4);
    o->dlr = device_reg(d, OSPI_DLR);
    o->ar = device_reg(d, OSPI_AR);
    o->ccr = device_reg(d, OSPI_CCR);
    o->tcr = device_reg(d, OSPI_TCR);
    o->ir = device_reg(d, OSPI_IR);
    o->abr = device_reg(d, OSPI_ABR);
    o->lptr = device_reg(d, OSPI_LPTR);
    o->psmkr = device_reg(d, OSPI_PSMKR);
    o->psmar = device_reg(d, OSPI_PSMAR);
    o->pir = device_reg(d, OSPI_PIR);
    octospi_clock(o);
    window = (struct bus_region){
        .name = index ? "OCTOSPI2 window" : "OCTOSPI1 window",
        .base = o->window,
        .size = 0x10000000,
        .flags = BUS_OBSERVED,
        .fn = octospi_window,
        .ctx = o,
    };
    return bus_map(set->soc->bus, &window);
}

int octospi_create(struct soc *soc)
{
    struct octospi_set *set = calloc(1, sizeof *set);

    if (!set)
        return -1;
    set->soc = soc;
    soc->octospi = set;
    set->bus[0] = membus_new("ospi1");
    set->bus[1] = membus_new("ospi2");
    set->nowhere = membus_new("nowhere");
    if (!set->bus[0] || !set->bus[1] || !set->nowhere) {
        soc->octospi = NULL;
        free_set(set);
        return -1;
    }
    /* On failure the units that exist are the SoC's to free, and the set with the last of them. */
    if (create(set, 0) < 0 || create(set, 1) < 0) {
        if (!set->unit[0]) {
            soc->octospi = NULL;
            free_set(set);
        }
        return -1;
    }
    if (octospi_pins_create(set) < 0 || octospi_dlyb_create(set, 0) < 0 ||
        octospi_dlyb_create(set, 1) < 0)
        return -1;
    return 0;
}

struct membus *octospi_bus(struct soc *soc, unsigned port)
{
    return soc->octospi->bus[port - 1];
}

void octospi_set_partial(struct soc *soc, enum octospi_partial rule)
{
    soc->octospi->partial = rule;
}

void octospi_sync(struct soc *soc)
{
    for (unsigned i = 0; i < 2; i++) {
        struct octospi *o = soc->octospi->unit[i];

        octospi_pump(o, octospi_now(o));
        octospi_update(o);
    }
}

void octospi_listen(struct soc *soc, unsigned instance, bool threshold, bool complete)
{
    struct octospi *o = soc->octospi->unit[instance - 1];
    uint32_t listened = (threshold ? CR_FTIE : 0) | (complete ? CR_TCIE : 0);

    if (listened == o->listened)
        return;
    o->listened = listened;
    octospi_pump(o, octospi_now(o));
    octospi_update(o);
}

void octospi_get_stats(struct soc *soc, unsigned instance, struct octospi_stats *out)
{
    *out = soc->octospi->unit[instance - 1]->stats;
}
