/*
 * BDMA2: eight channels behind DMAMUX2, in the SmartRun domain, whose memory and peripherals are
 * all that it reaches.
 *
 * RM0455 chapters "Basic direct memory access controller" and "DMA request multiplexer"; names as
 * in the CMSIS header. One item a request, from memory to memory one after the other; priorities as
 * of DMA1. Not modelled: DMAMUX2's synchronisation and request generators; using them is counted as
 * unimplemented.
 */
#include <stdlib.h>

#include "devices.h"
#include "dma.h"
#include "timing.h"

enum { CHANNELS = 8 };

enum {
    ISR = 0x00,
    IFCR = 0x04,
    CCR = 0x08,
    CNDTR = 0x0C,
    CPAR = 0x10,
    CM0AR = 0x14,
    CM1AR = 0x18,
    STRIDE = 0x14,
};

#define CCR_EN       (1u << 0)
#define CCR_IE       (7u << 1) /* TCIE, HTIE, TEIE: the flags' places */
#define CCR_DIR      (1u << 4)
#define CCR_CIRC     (1u << 5)
#define CCR_PINC     (1u << 6)
#define CCR_MINC     (1u << 7)
#define CCR_MEM2MEM  (1u << 14)
#define CCR_DBM      (1u << 15)
#define CCR_CT       (1u << 16)
#define FLAG_GI      (1u << 0)
#define FLAG_TC      (1u << 1)
#define FLAG_HT      (1u << 2)
#define FLAG_TE      (1u << 3)
#define MUX_ID       0x1Fu
#define MUX_SYNC     (1u << 16 | 1u << 9)
#define MUX_GENERATE (1u << 16)

struct channel {
    uint32_t *ccr, *cndtr, *cpar, *cm0ar, *cm1ar;
    uint32_t total, peripheral, memory;
};

struct bdma {
    struct device d;
    struct device *mux;
    struct channel channel[CHANNELS];
    bool level[DMA_LINES - DMA_LINES1];
    struct sched_event service;
};

static struct bdma *bdma_of(struct device *d)
{
    return (struct bdma *)d;
}

static uint32_t flags(struct bdma *b, unsigned n)
{
    return *device_reg(&b->d, ISR) >> (4 * n) & 15;
}

static void update_irq(struct bdma *b, unsigned n)
{
    soc_irq(b->d.soc, IRQ_BDMA2_CHANNEL0 + n, flags(b, n) & *b->channel[n].ccr & CCR_IE);
}

static void raise_flags(struct bdma *b, unsigned n, uint32_t f)
{
    *device_reg(&b->d, ISR) |= (f | FLAG_GI) << (4 * n);
    update_irq(b, n);
}

static bool wants(struct bdma *b, unsigned n)
{
    uint32_t ccr = *b->channel[n].ccr;

    if (!(ccr & CCR_EN) || !device_clocked(&b->d))
        return false;
    if (!*b->channel[n].cndtr)
        return false; /* through: it stays enabled all the same */
    return ccr & CCR_MEM2MEM || b->level[*device_reg(b->mux, 4 * n) & MUX_ID];
}

static void look_later(struct bdma *b)
{
    struct soc *soc = b->d.soc;

    for (unsigned n = 0; n < CHANNELS && !sched_pending(&b->service); n++) {
        if (wants(b, n))
            sched_at(soc->sched, &b->service,
                     sched_now(soc->sched) +
                         vtime_of_clocks(CLOCKS_DMA_ITEM, soc_clock_hz(soc, CLOCK_HCLK)));
    }
}

void bdma_request(struct soc *soc, unsigned line, bool level)
{
    struct bdma *b = bdma_of(soc->bdma);

    b->level[line - DMA_LINES1] = level;
    if (level)
        look_later(b);
}

static void start_buffer(struct channel *c)
{
    c->peripheral = *c->cpar;
    c->memory = *c->ccr & CCR_DBM && *c->ccr & CCR_CT ? *c->cm1ar : *c->cm0ar;
    *c->cndtr = c->total;
}

static bool transfer(struct bdma *b, unsigned n, uint32_t addr, uint8_t *data, unsigned size,
                     bool write)
{
    struct bus_access a = {.addr = addr,
                           .attr = BUS_DEVICE | BUS_PRIVILEGED,
                           .size = size,
                           .strobe = (1u << size) - 1,
                           .write = write,
                           .data = data};

    if (addr >> 24 != 0x38 && addr >> 24 != 0x58)
        complain(b->d.soc->complaints, GUEST_ERROR, "bdma-domain",
                 "BDMA2 channel %u: %s at 0x%08x, outside of its domain: transfer error", n,
                 write ? "write" : "read", (unsigned)addr);
    else if (bus_do(b->d.soc->bus, &a) == BUS_OK)
        return true;
    *b->channel[n].ccr &= ~CCR_EN;
    raise_flags(b, n, FLAG_TE);
    return false;
}

/* Items of different sizes: the low bytes are what both have (RM0455, programmable data width). */
static void serve(struct bdma *b, unsigned n)
{
    struct channel *c = &b->channel[n];
    unsigned p_size = 1u << (*c->ccr >> 8 & 3), m_size = 1u << (*c->ccr >> 10 & 3);
    bool out = *c->ccr & CCR_DIR;
    uint8_t data[4] = {0};
    uint32_t p = c->peripheral, m = c->memory;

    if (!transfer(b, n, out ? m : p, data, out ? m_size : p_size, false) ||
        !transfer(b, n, out ? p : m, data, out ? p_size : m_size, true))
        return;
    if (*c->ccr & CCR_PINC)
        c->peripheral += p_size;
    if (*c->ccr & CCR_MINC)
        c->memory += m_size;
    --*c->cndtr;
    if (*c->cndtr == c->total / 2)
        raise_flags(b, n, FLAG_HT);
    if (*c->cndtr)
        return;
    if (*c->ccr & CCR_DBM)
        *c->ccr ^= CCR_CT;
    if (*c->ccr & (CCR_DBM | CCR_CIRC))
        start_buffer(c);
    raise_flags(b, n, FLAG_TC);
}

static void serve_best(void *ctx, vtime at)
{
    struct bdma *b = ctx;
    int best = -1;

    (void)at;
    for (unsigned n = 0; n < CHANNELS; n++) {
        if (wants(b, n) &&
            (best < 0 || (*b->channel[n].ccr >> 12 & 3) > (*b->channel[best].ccr >> 12 & 3)))
            best = (int)n;
    }
    if (best < 0)
        return;
    serve(b, (unsigned)best);
    look_later(b);
}

/* ---- registers ---- */

static void refuse(const struct bdma *b, unsigned n, const char *name, uint32_t changed)
{
    if (changed)
        complain(b->d.soc->complaints, GUEST_ERROR, "dma-write-while-enabled",
                 "BDMA2_%s%u: bits 0x%08x written while EN = 1; ignored", name, n,
                 (unsigned)changed);
}

static void write_ccr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct bdma *b = bdma_of(d);
    struct channel *c = &b->channel[n];

    (void)value;
    memory_has_masters(d->soc); /* with the set-up, before buffers are filled */
    if (old & CCR_EN) {
        refuse(b, n, "CCR", (*c->ccr ^ old) & ~(CCR_EN | CCR_IE));
        *c->ccr = (old & ~(CCR_EN | CCR_IE)) | (*c->ccr & (CCR_EN | CCR_IE));
    } else if (*c->ccr & CCR_EN) {
        c->total = *c->cndtr;
        start_buffer(c);
        look_later(b);
    }
    update_irq(b, n);
}

static void keep(struct device *d, unsigned n, uint32_t offset, const char *name, uint32_t old)
{
    struct bdma *b = bdma_of(d);
    uint32_t *reg = device_reg(d, offset + STRIDE * n);

    if (!(*b->channel[n].ccr & CCR_EN))
        return;
    refuse(b, n, name, *reg ^ old);
    *reg = old;
}

static void write_cndtr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    keep(d, n, CNDTR, "CNDTR", old);
}

static void write_cpar(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    keep(d, n, CPAR, "CPAR", old);
}

static void write_cm0ar(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    if ((*bdma_of(d)->channel[n].ccr & (CCR_DBM | CCR_CT)) != (CCR_DBM | CCR_CT))
        keep(d, n, CM0AR, "CM0AR", old);
}

static void write_cm1ar(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    if ((*bdma_of(d)->channel[n].ccr & (CCR_DBM | CCR_CT)) != CCR_DBM)
        keep(d, n, CM1AR, "CM1AR", old);
}

/* CGIF clears all four of a channel. */
static void write_ifcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct bdma *b = bdma_of(d);
    uint32_t *isr = device_reg(d, ISR);

    (void)i;
    (void)old;
    for (unsigned n = 0; n < CHANNELS; n++) {
        uint32_t f = value >> (4 * n) & 15;

        *isr &= ~((f & FLAG_GI ? 15 : f) << (4 * n));
        if (!(*isr >> (4 * n) & 14))
            *isr &= ~(FLAG_GI << (4 * n));
        update_irq(b, n);
    }
}

#define CHANNEL_REG(n, at, bits, fn)                                                               \
    {                                                                                              \
        .name = (n), .offset = (at), .writable = (bits), .count = CHANNELS, .stride = STRIDE,      \
        .write = (fn)                                                                              \
    }

static const struct reg regs[] = {
    {.name = "ISR", .offset = ISR},
    {.name = "IFCR", .offset = IFCR, .write = write_ifcr},
    CHANNEL_REG("CCR", CCR, 0x1FFFF, write_ccr),
    CHANNEL_REG("CNDTR", CNDTR, 0xFFFF, write_cndtr),
    CHANNEL_REG("CPAR", CPAR, 0xFFFFFFFF, write_cpar),
    CHANNEL_REG("CM0AR", CM0AR, 0xFFFFFFFF, write_cm0ar),
    CHANNEL_REG("CM1AR", CM1AR, 0xFFFFFFFF, write_cm1ar),
};

static void write_mux(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)old;
    if (value & MUX_SYNC)
        complain(d->soc->complaints, UNIMPLEMENTED, "dmamux-sync",
                 "DMAMUX2_C%uCR: synchronisation and event generation", n);
    look_later(bdma_of(d->soc->bdma));
}

static void write_generator(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)old;
    if (value & MUX_GENERATE)
        complain(d->soc->complaints, UNIMPLEMENTED, "dmamux-generator",
                 "DMAMUX2_RG%uCR: request generator", n);
}

static const struct reg mux_regs[] = {
    {.name = "CxCR", .writable = 0x1FFF031F, .count = CHANNELS, .write = write_mux},
    {.name = "CSR", .offset = 0x80},
    {.name = "CFR", .offset = 0x84},
    {.name = "RGxCR",
     .offset = 0x100,
     .writable = 0x00FF011F,
     .count = CHANNELS,
     .write = write_generator},
    {.name = "RGSR", .offset = 0x140},
    {.name = "RGCFR", .offset = 0x144},
};

static void reset(struct device *d)
{
    struct bdma *b = bdma_of(d);

    sched_cancel(d->soc->sched, &b->service);
    for (unsigned n = 0; n < CHANNELS; n++)
        update_irq(b, n);
}

static int create_mux(struct soc *soc, struct bdma *b)
{
    struct device *d = calloc(1, sizeof *d);

    if (!d)
        return -1;
    d->name = "DMAMUX2";
    d->base = 0x58025800;
    d->size = 0x400;
    d->regs = mux_regs;
    d->reg_count = sizeof mux_regs / sizeof mux_regs[0];
    d->gate = (struct rcc_gate){RCC_AHB4ENR, 0, 21};
    d->on = ON_AHB;
    d->complete = true;
    if (device_init(d, soc) < 0) {
        free(d);
        return -1;
    }
    b->mux = d;
    return 0;
}

int bdma_create(struct soc *soc)
{
    struct bdma *b = calloc(1, sizeof *b);

    if (!b)
        return -1;
    b->d.name = "BDMA2";
    b->d.base = 0x58025400;
    b->d.size = 0x400;
    b->d.regs = regs;
    b->d.reg_count = sizeof regs / sizeof regs[0];
    b->d.gate = (struct rcc_gate){RCC_AHB4ENR, RCC_AHB4RSTR, 21};
    b->d.on = ON_AHB;
    b->d.complete = true;
    b->d.reset = reset;
    b->service = (struct sched_event){.fn = serve_best, .ctx = b};
    if (device_init(&b->d, soc) < 0) {
        free(b);
        return -1;
    }
    soc->bdma = &b->d;
    for (unsigned n = 0; n < CHANNELS; n++) {
        struct channel *c = &b->channel[n];

        c->ccr = device_reg(&b->d, CCR + STRIDE * n);
        c->cndtr = device_reg(&b->d, CNDTR + STRIDE * n);
        c->cpar = device_reg(&b->d, CPAR + STRIDE * n);
        c->cm0ar = device_reg(&b->d, CM0AR + STRIDE * n);
        c->cm1ar = device_reg(&b->d, CM1AR + STRIDE * n);
    }
    return create_mux(soc, b);
}
