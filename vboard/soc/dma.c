/*
 * DMA1 and DMA2: eight streams each, behind DMAMUX1.
 *
 * RM0455 chapters "Direct memory access controller" and "DMA request multiplexer"; names as in the
 * CMSIS header. A controller serves one request at a time, the one of the highest priority (PL,
 * then the lower stream number), by accesses on the bus: past the core's data cache, and not to the
 * TCMs, which are the core's own. Requests: dmamux.c.
 */
#include "dma.h"

#include <stdlib.h>
#include <string.h>

#include "dma_int.h"
#include "dmamux.h"
#include "mdma.h"

enum { STREAMS = 8, UNITS = 2, FIFO = 16 };

enum {
    ISR = 0x00, /* LISR, HISR */
    CR = 0x10,
    NDTR = 0x14,
    PAR = 0x18,
    M0AR = 0x1C,
    M1AR = 0x20,
    FCR = 0x24,
    STRIDE = 0x18,
};

#define CR_EN       (1u << 0)
#define CR_DMEIE    (1u << 1)
#define CR_TEIE     (1u << 2)
#define CR_HTIE     (1u << 3)
#define CR_TCIE     (1u << 4)
#define CR_PFCTRL   (1u << 5)
#define CR_CIRC     (1u << 8)
#define CR_PINC     (1u << 9)
#define CR_MINC     (1u << 10)
#define CR_PINCOS   (1u << 15)
#define CR_DBM      (1u << 18)
#define CR_CT       (1u << 19)
#define CR_WHILE_ON (CR_EN | CR_DMEIE | CR_TEIE | CR_HTIE | CR_TCIE)
#define CR_WRITABLE 0x01FFFFFFu
#define FCR_FTH     3u
#define FCR_DMDIS   (1u << 2)
#define FCR_FEIE    (1u << 7)
#define FLAG_FE     (1u << 0)
#define FLAG_TE     (1u << 3)
#define FLAG_HT     (1u << 4)
#define FLAG_TC     (1u << 5)
#define FLAGS       0x3Du

enum direction { FROM_PERIPHERAL, TO_PERIPHERAL, MEMORY_TO_MEMORY };

struct unit;

struct stream {
    struct unit *unit;
    unsigned number;
    uint32_t *cr, *ndtr, *par, *m0ar, *m1ar, *fcr;
    uint32_t total;              /* NDTR as it was when the transfer began */
    uint32_t peripheral, memory; /* next addresses */
    uint32_t written[2];         /* memory from .. to, since the buffer began */
    uint32_t to_read;            /* bytes that memory has still to give (TO_PERIPHERAL) */
    uint8_t fifo[FIFO];
    unsigned level; /* bytes in it */
};

struct unit {
    struct device d;
    unsigned number;
    struct stream stream[STREAMS];
    struct sched_event service;
    vtime stall;   /* what the accesses of this service waited for */
    vtime free_at; /* when they are through */
};

struct dma_set {
    struct unit *unit[UNITS];
    int serving; /* the line whose request is being served, or -1 */
};

static struct unit *unit_of(struct device *d)
{
    return (struct unit *)d;
}

/* ---- flags and interrupts ---- */

static const uint8_t flag_shift[4] = {0, 6, 16, 22};

static uint32_t flags(const struct stream *s)
{
    return *device_reg(&s->unit->d, ISR + s->number / 4 * 4) >> flag_shift[s->number % 4] & FLAGS;
}

static void update_irq(const struct stream *s)
{
    /* By DMA and stream: CMSIS header. */
    static const uint8_t lines[UNITS][STREAMS] = {{11, 12, 13, 14, 15, 16, 17, 47},
                                                  {56, 57, 58, 59, 60, 68, 69, 70}};
    uint32_t cr = *s->cr, f = flags(s);
    /* DMEIE .. TCIE enable the flags one place higher. */
    bool active = f & (cr & (CR_DMEIE | CR_TEIE | CR_HTIE | CR_TCIE)) << 1 ||
                  (f & FLAG_FE && *s->fcr & FCR_FEIE);

    soc_irq(s->unit->d.soc, lines[s->unit->number][s->number], active);
    mdma_request(s->unit->d.soc, MDMA_DMA1_STREAM0 + STREAMS * s->unit->number + s->number,
                 f & FLAG_TC);
}

static void raise_flags(struct stream *s, uint32_t f)
{
    *device_reg(&s->unit->d, ISR + s->number / 4 * 4) |= f << flag_shift[s->number % 4];
    update_irq(s);
}

/* ---- requests ---- */

static enum direction direction(const struct stream *s)
{
    return *s->cr >> 6 & 3;
}

/* Its place behind DMAMUX1. */
static unsigned channel_of(const struct stream *s)
{
    return STREAMS * s->unit->number + s->number;
}

static bool wants(const struct stream *s)
{
    if (!(*s->cr & CR_EN) || !device_clocked(&s->unit->d))
        return false;
    if (direction(s) == MEMORY_TO_MEMORY)
        return true;
    return dmamux_requests(s->unit->d.soc, DMAMUX1, channel_of(s));
}

static void look_later(struct unit *u)
{
    struct soc *soc = u->d.soc;

    if (sched_pending(&u->service) || !soc_clock_hz(soc, CLOCK_HCLK))
        return;
    for (unsigned i = 0; i < STREAMS; i++) {
        if (wants(&u->stream[i])) {
            vtime at = dma_item_end(u->d.soc);

            sched_at(soc->sched, &u->service, at > u->free_at ? at : u->free_at);
            return;
        }
    }
}

static void requested(struct soc *soc, unsigned channel)
{
    struct unit *u = soc->dma ? soc->dma->unit[channel / STREAMS] : NULL;

    if (u)
        look_later(u);
}

int dma_serving(const struct soc *soc)
{
    return soc->dma->serving;
}

/* ---- transfers ---- */

static unsigned p_size(const struct stream *s)
{
    return 1u << (*s->cr >> 11 & 3);
}

static bool direct(const struct stream *s)
{
    return !(*s->fcr & FCR_DMDIS);
}

/* In direct mode the memory's items are as large as the peripheral's, whatever MSIZE says. */
static unsigned m_size(const struct stream *s)
{
    return direct(s) ? p_size(s) : 1u << (*s->cr >> 13 & 3);
}

static void stop(struct stream *s)
{
    *s->cr &= ~CR_EN;
    s->level = 0;
}

/* One access of the controller's. False: the stream has stopped with a transfer error. */
static bool transfer(struct stream *s, uint32_t addr, uint8_t *data, unsigned size, bool write)
{
    struct soc *soc = s->unit->d.soc;

    if (dma_is_tcm(addr))
        complain(soc->complaints, GUEST_ERROR, "dma-tcm",
                 "%s stream %u: %s at 0x%08x, which is the core's own memory (TCM): transfer error",
                 s->unit->d.name, s->number, write ? "write" : "read", (unsigned)addr);
    else if (dma_access(soc, addr, data, size, write, &s->unit->stall) == BUS_OK)
        return true;
    stop(s);
    raise_flags(s, FLAG_TE);
    return false;
}

static void start_buffer(struct stream *s)
{
    s->written[0] = UINT32_MAX;
    s->written[1] = 0;
    s->peripheral = *s->par;
    s->memory = *s->cr & CR_DBM && *s->cr & CR_CT ? *s->m1ar : *s->m0ar;
    s->to_read = s->total * p_size(s);
    *s->ndtr = s->total;
}

/* Code may lie in what was written: who decodes it is told once a buffer. */
static void tell_written(struct stream *s)
{
    if (s->written[1] > s->written[0])
        bus_changed(s->unit->d.soc->bus, s->written[0], s->written[1] - s->written[0]);
    s->written[0] = UINT32_MAX;
    s->written[1] = 0;
}

static uint32_t advance(struct stream *s, uint32_t *at, uint32_t inc, unsigned size)
{
    uint32_t now = *at;

    if (*s->cr & inc)
        *at += inc == CR_PINC && *s->cr & CR_PINCOS ? 4 : size;
    return now;
}

/* Bytes of the FIFO leave to memory, down to what makes no whole item; all of them at the end. */
static bool to_memory(struct stream *s, bool end)
{
    unsigned done = 0, size = m_size(s);

    while (s->level - done >= size || (end && done < s->level)) {
        unsigned n = s->level - done < size ? 1 : size;
        uint32_t at = advance(s, &s->memory, CR_MINC, n);

        if (!transfer(s, at, s->fifo + done, n, true))
            return false;
        if (at < s->written[0])
            s->written[0] = at;
        if (at + n > s->written[1])
            s->written[1] = at + n;
        done += n;
    }
    s->level -= done;
    memmove(s->fifo, s->fifo + done, s->level);
    return true;
}

/* The FIFO gets what fits and is left to read. */
static bool from_memory(struct stream *s)
{
    unsigned size = m_size(s), item = p_size(s);
    unsigned most = direct(s) ? item : FIFO;

    while (s->to_read && s->level + size <= most) {
        unsigned n = s->to_read < size ? item : size;

        if (!transfer(s, advance(s, &s->memory, CR_MINC, n), s->fifo + s->level, n, false))
            return false;
        s->level += n;
        s->to_read -= n;
    }
    return true;
}

static unsigned threshold(const struct stream *s)
{
    return direct(s) ? p_size(s) : ((*s->fcr & FCR_FTH) + 1) * (FIFO / 4);
}

/* The buffer is through. */
static void complete(struct stream *s)
{
    if (!to_memory(s, true))
        return;
    tell_written(s);
    if (*s->cr & CR_DBM) {
        *s->cr ^= CR_CT;
        start_buffer(s);
    } else if (*s->cr & CR_CIRC) {
        start_buffer(s);
    } else {
        stop(s);
    }
    raise_flags(s, FLAG_TC);
}

/* One item of the peripheral's side. */
static bool move_item(struct stream *s)
{
    unsigned size = p_size(s);
    uint32_t at;

    if (direction(s) == TO_PERIPHERAL) {
        uint8_t item[4];

        if (s->level < size && !from_memory(s))
            return false;
        memcpy(item, s->fifo, size);
        s->level -= size;
        memmove(s->fifo, s->fifo + size, s->level);
        at = advance(s, &s->peripheral, CR_PINC, size);
        if (!transfer(s, at, item, size, true))
            return false;
    } else {
        at = advance(s, &s->peripheral, CR_PINC, size);
        if (!transfer(s, at, s->fifo + s->level, size, false))
            return false;
        s->level += size;
        if (s->level >= threshold(s) && !to_memory(s, false))
            return false;
    }
    if (!(*s->cr & CR_EN))
        return false; /* what was written was this controller's own register */
    --*s->ndtr;
    if (*s->ndtr == s->total / 2)
        raise_flags(s, FLAG_HT);
    if (*s->ndtr == 0) {
        if (direction(s) == TO_PERIPHERAL)
            s->level = 0;
        complete(s);
    }
    return true;
}

static void serve(struct stream *s)
{
    static const uint8_t beats[4] = {1, 4, 8, 16};
    unsigned n =
        direction(s) == MEMORY_TO_MEMORY ? FIFO / p_size(s) : beats[*s->cr >> 21 & 3]; /* PBURST */

    while (n-- && *s->cr & CR_EN) {
        if (!move_item(s))
            return;
    }
}

static void serve_best(void *ctx, vtime at)
{
    struct unit *u = ctx;
    struct stream *best = NULL;

    (void)at;
    for (unsigned i = 0; i < STREAMS; i++) {
        struct stream *s = &u->stream[i];

        if (wants(s) && (!best || (*s->cr >> 16 & 3) > (*best->cr >> 16 & 3)))
            best = s;
    }
    if (best && direction(best) != MEMORY_TO_MEMORY) {
        u->d.soc->dma->serving = (int)dmamux_line(u->d.soc, DMAMUX1, channel_of(best));
        dmamux_served(u->d.soc, DMAMUX1, channel_of(best));
    }
    u->stall = 0;
    if (best)
        serve(best);
    u->d.soc->dma->serving = -1;
    /* Requests that came meanwhile wait as well. */
    sched_cancel(u->d.soc->sched, &u->service);
    if (soc_clock_hz(u->d.soc, CLOCK_HCLK))
        u->free_at = dma_item_end(u->d.soc) + u->stall;
    look_later(u);
}

/* ---- registers ---- */

/* False: hardware does not let the stream start (RM0455, FIFO threshold and burst
   configurations; circular mode from memory to memory). */
static bool may_start(struct stream *s)
{
    static const uint8_t beats[4] = {1, 4, 8, 16};
    unsigned burst = beats[*s->cr >> 23 & 3] * m_size(s);
    struct complaints *c = s->unit->d.soc->complaints;

    if (direction(s) == 3 || p_size(s) > 4 || m_size(s) > 4) {
        complain(c, GUEST_ERROR, "dma-config", "%s stream %u: DIR, PSIZE or MSIZE is reserved",
                 s->unit->d.name, s->number);
        return false;
    }
    if (direction(s) == MEMORY_TO_MEMORY) {
        *s->fcr |= FCR_DMDIS;
        if (*s->cr & (CR_CIRC | CR_DBM)) {
            complain(c, GUEST_ERROR, "dma-config",
                     "%s stream %u: circular or double-buffer mode from memory to memory",
                     s->unit->d.name, s->number);
            return false;
        }
    }
    if (!direct(s) && (burst > FIFO || threshold(s) % burst)) {
        complain(c, GUEST_ERROR, "dma-fifo",
                 "%s stream %u: bursts of %u bytes do not divide the FIFO threshold of %u",
                 s->unit->d.name, s->number, burst, threshold(s));
        raise_flags(s, FLAG_FE);
        return false;
    }
    return true;
}

static void check_setup(const struct stream *s)
{
    struct complaints *c = s->unit->d.soc->complaints;
    uint32_t left = flags(s);

    if (left)
        complain(c, GUEST_ERROR, "dma-flags-left",
                 "%s stream %u is enabled with flags 0x%02x of the transfer before",
                 s->unit->d.name, s->number, (unsigned)left);
    if (*s->par % p_size(s) || *s->m0ar % m_size(s))
        complain(c, GUEST_ERROR, "dma-unaligned",
                 "%s stream %u: addresses 0x%08x and 0x%08x are not aligned to items of %u and %u "
                 "bytes",
                 s->unit->d.name, s->number, (unsigned)*s->par, (unsigned)*s->m0ar, p_size(s),
                 m_size(s));
    if (*s->cr & CR_PFCTRL)
        complain(c, UNIMPLEMENTED, "dma-pfctrl",
                 "%s stream %u: flow control by the peripheral: taken as by DMA", s->unit->d.name,
                 s->number);
}

static void start(struct stream *s)
{
    if (!may_start(s) || !(*s->ndtr & 0xFFFF)) {
        *s->cr &= ~CR_EN;
        return;
    }
    check_setup(s);
    *s->par &= ~(p_size(s) - 1);
    s->total = *s->ndtr & 0xFFFF;
    s->level = 0;
    start_buffer(s);
    look_later(s->unit);
}

static void write_cr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct stream *s = &unit_of(d)->stream[n];

    (void)value;
    memory_has_masters(d->soc); /* with the set-up, before buffers are filled */
    if (old & CR_EN) {
        dma_keep(d->soc, s->cr, old, ~CR_WHILE_ON, d->name, 'S', n, "CR");
        if (!(*s->cr & CR_EN)) {
            /* What the FIFO holds reaches memory, and the end is told. */
            if (direction(s) == FROM_PERIPHERAL && !to_memory(s, true))
                return;
            tell_written(s);
            s->level = 0;
            raise_flags(s, FLAG_TC);
        }
    } else if (*s->cr & CR_EN) {
        start(s);
    }
    update_irq(s);
}

/* NDTR, PAR: locked while the stream is enabled. */
static void keep(struct device *d, unsigned n, uint32_t offset, const char *name, uint32_t old)
{
    if (*unit_of(d)->stream[n].cr & CR_EN)
        dma_keep(d->soc, device_reg(d, offset + STRIDE * n), old, UINT32_MAX, d->name, 'S', n,
                 name);
}

static void write_ndtr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    keep(d, n, NDTR, "NDTR", old);
}

static void write_par(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    keep(d, n, PAR, "PAR", old);
}

/* In double-buffer mode the address that is not in use may be changed. */
static void write_m0ar(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    if ((*unit_of(d)->stream[n].cr & (CR_DBM | CR_CT)) != (CR_DBM | CR_CT))
        keep(d, n, M0AR, "M0AR", old);
}

static void write_m1ar(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    if ((*unit_of(d)->stream[n].cr & (CR_DBM | CR_CT)) != CR_DBM)
        keep(d, n, M1AR, "M1AR", old);
}

static void write_fcr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct stream *s = &unit_of(d)->stream[n];

    (void)value;
    if (*s->cr & CR_EN)
        dma_keep(d->soc, s->fcr, old, ~FCR_FEIE, d->name, 'S', n, "FCR");
    update_irq(s);
}

/* FS: empty, below a quarter, half, three quarters, full; full. */
static uint32_t read_fcr(struct device *d, unsigned n)
{
    const struct stream *s = &unit_of(d)->stream[n];
    uint32_t fs = s->level == 0 ? 4 : s->level == FIFO ? 5 : s->level / (FIFO / 4);

    return *s->fcr | fs << 3;
}

static void write_ifcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct unit *u = unit_of(d);

    (void)old;
    *device_reg(d, ISR + 4 * i) &= ~value;
    for (unsigned n = 4 * i; n < 4 * i + 4; n++)
        update_irq(&u->stream[n]);
}

#define STREAM_REG(n, at, bits, ...)                                                               \
    {                                                                                              \
        .name = (n), .offset = (at), .writable = (bits), .count = STREAMS, .stride = STRIDE,       \
        __VA_ARGS__                                                                                \
    }

static const struct reg regs[] = {
    {.name = "ISR", .offset = ISR, .count = 2},
    {.name = "IFCR", .offset = 0x08, .count = 2, .write = write_ifcr},
    STREAM_REG("SxCR", CR, CR_WRITABLE, .write = write_cr),
    STREAM_REG("SxNDTR", NDTR, 0xFFFF, .write = write_ndtr),
    STREAM_REG("SxPAR", PAR, 0xFFFFFFFF, .write = write_par),
    STREAM_REG("SxM0AR", M0AR, 0xFFFFFFFF, .write = write_m0ar),
    STREAM_REG("SxM1AR", M1AR, 0xFFFFFFFF, .write = write_m1ar),
    STREAM_REG("SxFCR", FCR, FCR_FEIE | FCR_DMDIS | FCR_FTH, .reset = 1, .read = read_fcr,
               .write = write_fcr),
};

static void clocks_changed(struct device *d)
{
    look_later(unit_of(d));
}

static void reset(struct device *d)
{
    struct unit *u = unit_of(d);

    sched_cancel(d->soc->sched, &u->service);
    for (unsigned i = 0; i < STREAMS; i++) {
        u->stream[i].level = 0;
        update_irq(&u->stream[i]);
    }
}

/* The first unit holds what both share. */
static void destroy(struct device *d)
{
    if (unit_of(d)->number)
        return;
    free(d->soc->dma);
    d->soc->dma = NULL;
}

static int create_unit(struct soc *soc, unsigned number)
{
    static const char *const names[UNITS] = {"DMA1", "DMA2"};
    struct unit *u = calloc(1, sizeof *u);

    if (!u)
        return -1;
    u->number = number;
    u->d.name = names[number];
    u->d.base = 0x40020000 + 0x400 * number;
    u->d.size = 0x400;
    u->d.regs = regs;
    u->d.reg_count = sizeof regs / sizeof regs[0];
    u->d.gate = (struct rcc_gate){RCC_AHB1ENR, RCC_AHB1RSTR, (uint8_t)number};
    u->d.on = ON_AHB;
    u->d.complete = true;
    u->d.reset = reset;
    u->d.clocks_changed = clocks_changed;
    u->service = (struct sched_event){.fn = serve_best, .ctx = u};
    if (device_init(&u->d, soc) < 0) {
        free(u);
        return -1;
    }
    u->d.destroy = destroy;
    for (unsigned i = 0; i < STREAMS; i++) {
        struct stream *s = &u->stream[i];

        s->unit = u;
        s->number = i;
        s->cr = device_reg(&u->d, CR + STRIDE * i);
        s->ndtr = device_reg(&u->d, NDTR + STRIDE * i);
        s->par = device_reg(&u->d, PAR + STRIDE * i);
        s->m0ar = device_reg(&u->d, M0AR + STRIDE * i);
        s->m1ar = device_reg(&u->d, M1AR + STRIDE * i);
        s->fcr = device_reg(&u->d, FCR + STRIDE * i);
    }
    soc->dma->unit[number] = u;
    return 0;
}

int dma_create(struct soc *soc)
{
    soc->dma = calloc(1, sizeof *soc->dma);
    if (!soc->dma)
        return -1;
    soc->dma->serving = -1;
    if (dmamux_create(soc, DMAMUX1, requested) < 0 || create_unit(soc, 0) < 0) {
        free(soc->dma);
        soc->dma = NULL;
        return -1;
    }
    return create_unit(soc, 1);
}
