/*
 * BDMA1 and BDMA2: eight channels each. BDMA2, behind DMAMUX2, is in the SmartRun domain, whose
 * memory and peripherals are all that it reaches. BDMA1 serves DFSDM1, which is not modelled, and
 * memory.
 *
 * RM0455 chapter "Basic direct memory access controller"; names as in the CMSIS header. One item a
 * request, from memory to memory one after the other; priorities as of DMA1. UNVERIFIED: that BDMA1
 * reaches all that DMA1 does.
 */
#include <stdlib.h>

#include "dma_int.h"
#include "dmamux.h"

enum { CHANNELS = 8, UNITS = 2 };

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

#define CCR_EN      (1u << 0)
#define CCR_IE      (7u << 1) /* TCIE, HTIE, TEIE: the flags' places */
#define CCR_DIR     (1u << 4)
#define CCR_CIRC    (1u << 5)
#define CCR_PINC    (1u << 6)
#define CCR_MINC    (1u << 7)
#define CCR_MEM2MEM (1u << 14)
#define CCR_DBM     (1u << 15)
#define CCR_CT      (1u << 16)
#define FLAG_GI     (1u << 0)
#define FLAG_TC     (1u << 1)
#define FLAG_HT     (1u << 2)
#define FLAG_TE     (1u << 3)

struct channel {
    uint32_t *ccr, *cndtr, *cpar, *cm0ar, *cm1ar;
    uint32_t total, peripheral, memory;
};

static const struct kind {
    const char *name;
    uint32_t base;
    uint16_t enr, rstr;
    uint8_t bit;
    uint8_t irq, irq_step; /* one line for all channels, or one for each */
    bool smartrun;         /* in that domain, behind DMAMUX2 */
} kinds[UNITS] = {
    {"BDMA1", 0x48022C00, RCC_AHB2ENR, RCC_AHB2RSTR, 11, IRQ_BDMA1, 0, false},
    {"BDMA2", 0x58025400, RCC_AHB4ENR, RCC_AHB4RSTR, 21, IRQ_BDMA2_CHANNEL0, 1, true},
};

struct bdma {
    struct device d;
    const struct kind *kind;
    struct channel channel[CHANNELS];
    struct sched_event service;
    vtime stall;   /* what the accesses of this service waited for */
    vtime free_at; /* when they are through */
};

static struct bdma *bdma_of(struct device *d)
{
    return (struct bdma *)d;
}

static uint32_t flags(struct bdma *b, unsigned n)
{
    return *device_reg(&b->d, ISR) >> (4 * n) & 15;
}

static bool interrupts(struct bdma *b, unsigned n)
{
    return flags(b, n) & *b->channel[n].ccr & CCR_IE;
}

static void update_irq(struct bdma *b, unsigned n)
{
    bool line = interrupts(b, n);

    for (unsigned i = 0; !b->kind->irq_step && i < CHANNELS; i++)
        line |= interrupts(b, i);
    soc_irq(b->d.soc, b->kind->irq + b->kind->irq_step * n, line);
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
    return ccr & CCR_MEM2MEM || (b->kind->smartrun && dmamux_requests(b->d.soc, DMAMUX2, n));
}

static void look_later(struct bdma *b)
{
    struct soc *soc = b->d.soc;

    if (!soc_clock_hz(soc, CLOCK_HCLK))
        return;
    for (unsigned n = 0; n < CHANNELS && !sched_pending(&b->service); n++) {
        if (wants(b, n)) {
            vtime at = dma_item_end(b->d.soc);

            sched_at(soc->sched, &b->service, at > b->free_at ? at : b->free_at);
        }
    }
}

static void requested(struct soc *soc, unsigned channel)
{
    (void)channel;
    if (soc->bdma[1])
        look_later(bdma_of(soc->bdma[1]));
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
    bool outside = b->kind->smartrun ? addr >> 24 != 0x38 && addr >> 24 != 0x58 : dma_is_tcm(addr);

    if (outside)
        complain(b->d.soc->complaints, GUEST_ERROR, "bdma-domain",
                 "%s channel %u: %s at 0x%08x, which it does not reach: transfer error", b->d.name,
                 n, write ? "write" : "read", (unsigned)addr);
    else if (dma_access(b->d.soc, addr, data, size, write, &b->stall) == BUS_OK)
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
    if (!(*b->channel[best].ccr & CCR_MEM2MEM))
        dmamux_served(b->d.soc, DMAMUX2, (unsigned)best);
    b->stall = 0;
    serve(b, (unsigned)best);
    /* Requests that came meanwhile wait as well. */
    sched_cancel(b->d.soc->sched, &b->service);
    if (soc_clock_hz(b->d.soc, CLOCK_HCLK))
        b->free_at = dma_item_end(b->d.soc) + b->stall;
    look_later(b);
}

/* ---- registers ---- */

static void write_ccr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct bdma *b = bdma_of(d);
    struct channel *c = &b->channel[n];

    (void)value;
    memory_has_masters(d->soc); /* with the set-up, before buffers are filled */
    if (old & CCR_EN) {
        dma_keep(d->soc, c->ccr, old, ~(CCR_EN | CCR_IE), d->name, 'C', n, "CR");
    } else if (*c->ccr & CCR_EN) {
        c->total = *c->cndtr;
        start_buffer(c);
        look_later(b);
    }
    update_irq(b, n);
}

static void keep(struct device *d, unsigned n, uint32_t offset, const char *name, uint32_t old)
{
    if (*bdma_of(d)->channel[n].ccr & CCR_EN)
        dma_keep(d->soc, device_reg(d, offset + STRIDE * n), old, UINT32_MAX, d->name, 'C', n,
                 name);
}

static void write_cndtr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    keep(d, n, CNDTR, "NDTR", old);
}

static void write_cpar(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    keep(d, n, CPAR, "PAR", old);
}

static void write_cm0ar(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    if ((*bdma_of(d)->channel[n].ccr & (CCR_DBM | CCR_CT)) != (CCR_DBM | CCR_CT))
        keep(d, n, CM0AR, "M0AR", old);
}

static void write_cm1ar(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    if ((*bdma_of(d)->channel[n].ccr & (CCR_DBM | CCR_CT)) != CCR_DBM)
        keep(d, n, CM1AR, "M1AR", old);
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

static void clocks_changed(struct device *d)
{
    look_later(bdma_of(d));
}

static void reset(struct device *d)
{
    struct bdma *b = bdma_of(d);

    sched_cancel(d->soc->sched, &b->service);
    for (unsigned n = 0; n < CHANNELS; n++)
        update_irq(b, n);
}

static int create_unit(struct soc *soc, unsigned number)
{
    const struct kind *kind = &kinds[number];
    struct bdma *b = calloc(1, sizeof *b);

    if (!b)
        return -1;
    b->kind = kind;
    b->d.name = kind->name;
    b->d.base = kind->base;
    b->d.size = 0x400;
    b->d.regs = regs;
    b->d.reg_count = sizeof regs / sizeof regs[0];
    b->d.gate = (struct rcc_gate){kind->enr, kind->rstr, kind->bit};
    b->d.on = ON_AHB;
    b->d.complete = true;
    b->d.reset = reset;
    b->d.clocks_changed = clocks_changed;
    b->service = (struct sched_event){.fn = serve_best, .ctx = b};
    if (device_init(&b->d, soc) < 0) {
        free(b);
        return -1;
    }
    soc->bdma[number] = &b->d;
    for (unsigned n = 0; n < CHANNELS; n++) {
        struct channel *c = &b->channel[n];

        c->ccr = device_reg(&b->d, CCR + STRIDE * n);
        c->cndtr = device_reg(&b->d, CNDTR + STRIDE * n);
        c->cpar = device_reg(&b->d, CPAR + STRIDE * n);
        c->cm0ar = device_reg(&b->d, CM0AR + STRIDE * n);
        c->cm1ar = device_reg(&b->d, CM1AR + STRIDE * n);
    }
    return 0;
}

int bdma_create(struct soc *soc)
{
    if (dmamux_create(soc, DMAMUX2, requested) < 0)
        return -1;
    for (unsigned n = 0; n < UNITS; n++) {
        if (create_unit(soc, n) < 0)
            return -1;
    }
    return 0;
}
