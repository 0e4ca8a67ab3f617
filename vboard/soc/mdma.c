/*
 * MDMA: sixteen channels on AXI, and on the core's AHBS port, through which it alone of all masters
 * besides the core reaches the TCMs.
 *
 * RM0399, chapter "MDMA controller" (the same controller as in RM0455, whose chapter was not at
 * hand); names as in the CMSIS header. What cannot be interrupted is a buffer (TLEN + 1 bytes):
 * its data move when it begins, its flags and counters change when the time that its accesses take
 * is over, and only then the next one is chosen.
 *
 * UNVERIFIED: when the mask data are written (here: when a request is served, just before its
 * flags), BRTIF of a block that is not repeated (here: set), and which items of a block of odd size
 * are still moved (here: the whole ones).
 *
 * Not modelled: the requests of LTDC, JPEG and DMA2D, which are not either.
 */
#include "mdma.h"

#include <stdlib.h>
#include <string.h>

#include "dma_int.h"
#include "octospi.h"
#include "timing.h"

enum { CHANNELS = 16, LONGEST = 128, STRIDE = 0x40 };

enum {
    GISR0 = 0x00,
    CISR = 0x40,
    CIFCR = 0x44,
    CESR = 0x48,
    CCR = 0x4C,
    CTCR = 0x50, /* .. CMDR: as in a node of a linked list */
    CBNDTR = 0x54,
    CSAR = 0x58,
    CDAR = 0x5C,
    CBRUR = 0x60,
    CLAR = 0x64,
    CTBR = 0x68,
    CMAR = 0x70,
    CMDR = 0x74,
};

#define FLAG_TE  (1u << 0)
#define FLAG_CTC (1u << 1)
#define FLAG_BRT (1u << 2)
#define FLAG_BT  (1u << 3)
#define FLAG_TC  (1u << 4)
#define FLAGS    0x1Fu
#define CRQA     (1u << 16)

#define CESR_TEA  0x7Fu
#define CESR_TED  (1u << 7)
#define CESR_TELD (1u << 8)
#define CESR_TEMD (1u << 9)
#define CESR_ASE  (1u << 10)
#define CESR_BSE  (1u << 11)

#define CCR_EN       (1u << 0)
#define CCR_IE       (FLAGS << 1) /* TEIE .. TCIE enable the flags one place lower */
#define CCR_PL(v)    ((v) >> 6 & 3)
#define CCR_BEX      (1u << 12)
#define CCR_HEX      (1u << 13)
#define CCR_WEX      (1u << 14)
#define CCR_SWRQ     (1u << 16)
#define CCR_WHILE_ON (CCR_EN | CCR_IE)
#define CCR_WRITABLE (0x70C0u | CCR_WHILE_ON)

#define CTCR_PKE  (1u << 25)
#define CTCR_SWRM (1u << 30)
#define CTCR_BWM  (1u << 31)
#define BNDT      0x1FFFFu
#define BRSUM     (1u << 18)
#define BRDUM     (1u << 19)
#define BRC       (0xFFFu << 20)
#define BRC_ONE   (1u << 20)
#define TSEL      0x3Fu

enum trigger { PER_BUFFER, PER_BLOCK, PER_REPEATED_BLOCK, ALL };
enum padding { RIGHT, RIGHT_SIGNED, LEFT };

struct mdma;

struct channel {
    struct mdma *m;
    unsigned number;
    uint32_t *isr, *esr, *cr, *tcr, *bndtr, *sar, *dar, *brur, *lar, *tbr, *mar, *mdr;
    uint32_t block; /* BNDT as it was written or loaded: what the block's repetitions begin with */
    bool stopping;  /* EN was cleared while a buffer is under way */
};

struct mdma {
    struct device d;
    struct channel channel[CHANNELS];
    bool level[MDMA_LINES];
    struct sched_event event; /* the next choice; the end of the buffer under way */
    struct channel *active;   /* its buffer is under way, and leaves this: */
    uint32_t bytes, sar, dar;
};

/* One side of a channel's transfers. */
struct side {
    bool write, tcm;
    unsigned size; /* bytes of an item */
    int step;      /* from one item to the next */
    unsigned beats;
    uint32_t at;
};

static struct mdma *mdma_of(struct device *d)
{
    return (struct mdma *)d;
}

static enum trigger trigger(const struct channel *c)
{
    return *c->tcr >> 28 & 3;
}

static struct side source(const struct channel *c)
{
    uint32_t tcr = *c->tcr;
    int step = 1 << (tcr >> 8 & 3);

    return (struct side){.tcm = *c->tbr >> 16 & 1,
                         .size = 1u << (tcr >> 4 & 3),
                         .step = tcr & 2 ? tcr & 1 ? -step : step : 0,
                         .beats = 1u << (tcr >> 12 & 7),
                         .at = *c->sar};
}

static struct side destination(const struct channel *c)
{
    uint32_t tcr = *c->tcr;
    int step = 1 << (tcr >> 10 & 3);

    return (struct side){.write = true,
                         .tcm = *c->tbr >> 17 & 1,
                         .size = 1u << (tcr >> 6 & 3),
                         .step = tcr & 8 ? tcr & 4 ? -step : step : 0,
                         .beats = 1u << (tcr >> 15 & 7),
                         .at = *c->dar};
}

/* ---- flags and interrupts ---- */

static uint32_t interrupting(struct mdma *m)
{
    uint32_t bits = 0;

    for (unsigned n = 0; n < CHANNELS; n++) {
        const struct channel *c = &m->channel[n];

        if (*c->isr & FLAGS & *c->cr >> 1)
            bits |= 1u << n;
    }
    return bits;
}

static void update_irq(struct mdma *m)
{
    soc_irq(m->d.soc, IRQ_MDMA, interrupting(m));
}

static void raise_flags(struct channel *c, uint32_t flags)
{
    *c->isr |= flags;
    update_irq(c->m);
}

/* ---- requests ---- */

static bool by_hardware(const struct channel *c, unsigned line)
{
    return *c->cr & CCR_EN && !(*c->tcr & CTCR_SWRM) && (*c->tbr & TSEL) == line;
}

static bool line_high(const struct channel *c)
{
    unsigned line = *c->tbr & TSEL;

    return line < MDMA_LINES && c->m->level[line];
}

static bool wants(const struct channel *c)
{
    return *c->cr & CCR_EN && *c->isr & CRQA && *c->bndtr & BNDT && device_clocked(&c->m->d);
}

static void look(struct mdma *m)
{
    struct soc *soc = m->d.soc;

    if (sched_pending(&m->event) || !soc_clock_hz(soc, CLOCK_HCLK))
        return;
    for (unsigned n = 0; n < CHANNELS; n++) {
        if (wants(&m->channel[n])) {
            sched_at(soc->sched, &m->event,
                     sched_now(soc->sched) +
                         vtime_of_clocks(CLOCKS_MDMA_START, soc_clock_hz(soc, CLOCK_HCLK)));
            return;
        }
    }
}

/* A request is memorised until it is served. That of the buffer under way is not looked at again
   before its end. */
static void take_request(struct channel *c)
{
    if (c != c->m->active && by_hardware(c, *c->tbr & TSEL) && line_high(c))
        *c->isr |= CRQA;
}

void mdma_request(struct soc *soc, unsigned line, bool level)
{
    struct mdma *m = mdma_of(soc->mdma);

    if (m->level[line] == level)
        return;
    m->level[line] = level;
    for (unsigned n = 0; level && n < CHANNELS; n++) {
        if (by_hardware(&m->channel[n], line))
            take_request(&m->channel[n]);
    }
    if (level)
        look(m);
}

/* OCTOSPI's engine looks ahead only for who listens. */
static void listen(struct mdma *m)
{
    static const uint8_t first[2] = {MDMA_OCTOSPI1_FT, MDMA_OCTOSPI2_FT};

    for (unsigned i = 0; i < 2; i++) {
        bool threshold = false, complete = false;

        for (unsigned n = 0; n < CHANNELS; n++) {
            threshold |= by_hardware(&m->channel[n], first[i]);
            complete |= by_hardware(&m->channel[n], first[i] + 1u);
        }
        octospi_listen(m->d.soc, i + 1, threshold, complete);
    }
}

static void disable(struct channel *c, uint32_t flags)
{
    *c->cr &= ~CCR_EN;
    *c->isr &= ~CRQA;
    c->stopping = false;
    raise_flags(c, flags);
    listen(c->m);
}

static void fail(struct channel *c, uint32_t why)
{
    *c->esr = why;
    disable(c, FLAG_TE);
}

/* ---- accesses ---- */

/* One beat; what it waits for is added to *stall. */
static bool access_bus(const struct channel *c, struct bus_access *a, bool tcm, vtime *stall)
{
    struct soc *soc = c->m->d.soc;

    a->strobe = (1u << a->size) - 1;
    if (tcm != dma_is_tcm(a->addr)) {
        complain(soc->complaints, GUEST_ERROR, "mdma-bus",
                 "MDMA channel %u: %s at 0x%08x through the %s: transfer error", c->number,
                 a->write ? "write" : "read", (unsigned)a->addr,
                 tcm ? "TCM port, behind which are the TCMs only"
                     : "system bus, where TCMs are not");
        return false;
    }
    if (tcm && a->size > 4)
        return false; /* AHBS is 32 bits wide: "a transfer error occurs" (CxTCR.SSIZE, DSIZE) */
    if (bus_do(soc->bus, a) != BUS_OK)
        return false;
    *stall += a->stall_ps;
    return true;
}

static bool move_item(struct channel *c, struct side *s, uint8_t *data, vtime *stall)
{
    uint32_t attr = s->write && !(*c->tcr & CTCR_BWM) ? BUS_DEVICE : BUS_NORMAL | BUS_NON_CACHEABLE;
    struct bus_access a = {.addr = s->at,
                           .attr = attr | BUS_PRIVILEGED,
                           .size = s->size,
                           .write = s->write,
                           .data = data};

    if (!access_bus(c, &a, s->tcm, stall)) {
        fail(c, (s->at & CESR_TEA) | (s->write ? CESR_TED : 0));
        return false;
    }
    s->at += (uint32_t)s->step;
    return true;
}

/* ---- data ---- */

static void swap(uint8_t *data, unsigned size, unsigned unit)
{
    for (unsigned at = 0; at + 2 * unit <= size; at += 2 * unit) {
        for (unsigned i = at; i < at + unit; i++) {
            uint8_t byte = data[i];

            data[i] = data[i + unit];
            data[i + unit] = byte;
        }
    }
}

/* BEX, HEX and WEX change what is in each item of the destination. */
static void exchange(uint32_t cr, uint8_t *item, unsigned size)
{
    if (cr & CCR_BEX)
        swap(item, size, 1);
    if (cr & CCR_HEX)
        swap(item, size, 2);
    if (cr & CCR_WEX)
        swap(item, size, 4);
}

/* PKE = 0: an item of the source becomes one of the destination by PAM. */
static void pad(enum padding how, const uint8_t *from, unsigned s, uint8_t *to, unsigned d)
{
    uint8_t fill = how == RIGHT_SIGNED && from[s - 1] & 0x80 ? 0xFF : 0;

    memset(to, fill, d);
    if (how != LEFT)
        memcpy(to, from, s < d ? s : d);
    else if (s < d)
        memcpy(to + d - s, from, s);
    else
        memcpy(to, from + s - d, d);
}

static uint32_t clocks_of(const struct side *s, uint32_t items)
{
    return items + (items + s->beats - 1) / s->beats * CLOCKS_MDMA_BURST;
}

/* The data of one buffer. False: the channel has stopped with an error. */
static bool move_buffer(struct channel *c, uint32_t bytes, vtime *duration)
{
    struct soc *soc = c->m->d.soc;
    struct side from = source(c), to = destination(c);
    uint8_t data[LONGEST], item[8];
    bool packs = *c->tcr & CTCR_PKE || from.size == to.size;
    uint32_t items = bytes / from.size, written, clocks, out_clocks;
    vtime stall = 0;

    if (from.at % from.size || to.at % to.size) {
        bool write = from.at % from.size == 0;

        fail(c, CESR_ASE | (write ? CESR_TED | (to.at & CESR_TEA) : from.at & CESR_TEA));
        return false;
    }
    for (size_t i = 0; i < items; i++) {
        if (!move_item(c, &from, data + i * from.size, &stall))
            return false;
    }
    written = packs ? items * from.size / to.size : items;
    for (size_t i = 0; i < written; i++) {
        if (packs)
            memcpy(item, data + i * to.size, to.size);
        else
            pad(*c->tcr >> 26 & 3, data + i * from.size, from.size, item, to.size);
        exchange(*c->cr, item, to.size);
        if (!move_item(c, &to, item, &stall))
            return false;
    }
    /* Code may lie in what was written. */
    if (to.step > 0)
        bus_changed(soc->bus, *c->dar, to.at - *c->dar);
    else if (to.step < 0)
        bus_changed(soc->bus, to.at, *c->dar - to.at + to.size);
    if (bytes % from.size) {
        fail(c, CESR_BSE | (from.at & CESR_TEA));
        return false;
    }
    if (packs && bytes % to.size) {
        fail(c, CESR_BSE | CESR_TED | (to.at & CESR_TEA));
        return false;
    }
    c->m->sar = from.at;
    c->m->dar = to.at;
    /* Reading and writing go on at the same time. */
    clocks = clocks_of(&from, items);
    out_clocks = clocks_of(&to, written);
    if (out_clocks > clocks)
        clocks = out_clocks;
    *duration = stall + vtime_of_clocks(clocks, soc_clock_hz(soc, CLOCK_HCLK));
    return true;
}

/* ---- the ends of buffers, blocks, lists ---- */

/* The request is served: if CxMAR is set, by a write of CxMDR. "Only the channel with the lowest
   index acknowledges the request." */
static bool acknowledge(struct channel *c, vtime *duration)
{
    struct bus_access a = {.addr = *c->mar,
                           .attr = BUS_DEVICE | BUS_PRIVILEGED,
                           .size = 4,
                           .write = true,
                           .data = (uint8_t *)c->mdr};

    if (!*c->mar || *c->tcr & CTCR_SWRM)
        return true;
    for (unsigned n = 0; n < c->number; n++) {
        if (by_hardware(&c->m->channel[n], *c->tbr & TSEL))
            return true;
    }
    if (access_bus(c, &a, false, duration))
        return true;
    fail(c, CESR_TEMD | CESR_TED);
    return false;
}

/* The registers of the next block come from memory. */
static bool load_node(struct channel *c, vtime *duration)
{
    /* By word of a node; what is between CTBR and CMAR is not used. */
    uint32_t *const to[] = {c->tcr, c->bndtr, c->sar, c->dar, c->brur,
                            c->lar, c->tbr,   NULL,   c->mar, c->mdr};
    enum { WORDS = sizeof to / sizeof to[0] };
    static const uint32_t bits[WORDS] = {UINT32_MAX, ~(1u << 17), UINT32_MAX, UINT32_MAX,
                                         UINT32_MAX, ~7u,         0x3003F,    0,
                                         UINT32_MAX, UINT32_MAX};
    uint32_t word[WORDS], node = *c->lar;

    for (unsigned i = 0; i < WORDS; i++) {
        struct bus_access a = {.addr = node + 4 * i,
                               .attr = BUS_NORMAL | BUS_NON_CACHEABLE | BUS_PRIVILEGED,
                               .size = 4,
                               .data = (uint8_t *)&word[i]};

        if (!access_bus(c, &a, false, duration)) {
            fail(c, CESR_TELD);
            return false;
        }
    }
    for (unsigned i = 0; i < WORDS; i++) {
        if (to[i])
            *to[i] = word[i] & bits[i];
    }
    c->block = *c->bndtr & BNDT;
    *duration += vtime_of_clocks(CLOCKS_MDMA_BURST + WORDS, soc_clock_hz(c->m->d.soc, CLOCK_HCLK));
    return true;
}

static void repeat_block(struct channel *c)
{
    uint32_t suv = *c->brur & 0xFFFF, duv = *c->brur >> 16;

    *c->bndtr = (*c->bndtr & ~BNDT) + c->block - BRC_ONE;
    *c->sar += *c->bndtr & BRSUM ? -suv : suv;
    *c->dar += *c->bndtr & BRDUM ? -duv : duv;
}

/* Adds the time until the next buffer can begin. */
static void end_buffer(struct channel *c, vtime *duration)
{
    enum trigger served = PER_BUFFER, wanted = trigger(c);
    uint32_t flags = FLAG_TC;
    bool last = false;

    *c->sar = c->m->sar;
    *c->dar = c->m->dar;
    *c->bndtr -= c->m->bytes;
    if (!(*c->bndtr & BNDT)) {
        flags |= FLAG_BT;
        served = PER_BLOCK;
        if (!(*c->bndtr & BRC)) {
            flags |= FLAG_BRT;
            served = PER_REPEATED_BLOCK;
            last = !*c->lar;
        }
    }
    if ((served >= wanted || last) && !acknowledge(c, duration))
        return;
    if (served == PER_BLOCK)
        repeat_block(c);
    else if (served == PER_REPEATED_BLOCK && !last && !load_node(c, duration))
        return;
    if (last || c->stopping) {
        disable(c, flags | FLAG_CTC);
        return;
    }
    if (served >= wanted)
        *c->isr &= ~CRQA;
    raise_flags(c, flags);
    if (served == PER_REPEATED_BLOCK)
        listen(c->m); /* the node may have another trigger */
    take_request(c);
}

static struct channel *best(struct mdma *m)
{
    struct channel *found = NULL;

    for (unsigned n = 0; n < CHANNELS; n++) {
        struct channel *c = &m->channel[n];

        if (wants(c) && (!found || CCR_PL(*c->cr) > CCR_PL(*found->cr)))
            found = c;
    }
    return found;
}

static void on_event(void *ctx, vtime at)
{
    struct mdma *m = ctx;
    struct channel *c = m->active;
    vtime duration = 0;

    if (!soc_clock_hz(m->d.soc, CLOCK_HCLK))
        return; /* stands still until clocks_changed() */
    if (c) {
        m->active = NULL;
        end_buffer(c, &duration);
    }
    while ((c = best(m))) {
        uint32_t length = (*c->tcr >> 18 & 0x7F) + 1, left = *c->bndtr & BNDT;
        vtime buffer = 0;

        m->bytes = length < left ? length : left;
        if (!move_buffer(c, m->bytes, &buffer))
            continue;
        m->active = c;
        sched_at(m->d.soc->sched, &m->event, at + duration + buffer);
        return;
    }
}

/* ---- registers ---- */

/* What RM0399 forbids in CxTCR, per side. */
static void check_side(const struct channel *c, const struct side *s, uint32_t length,
                       bool reserved)
{
    struct complaints *log = c->m->d.soc->complaints;
    const char *name = s->write ? "destination" : "source";
    unsigned step = (unsigned)abs(s->step);

    if (reserved)
        complain(log, GUEST_ERROR, "mdma-config", "MDMA channel %u: %cINC = 1 is reserved",
                 c->number, s->write ? 'D' : 'S');
    if (s->step && step < s->size)
        complain(log, GUEST_ERROR, "mdma-config",
                 "MDMA channel %u: steps of %u bytes between items of %u (%s): unpredictable",
                 c->number, step, s->size, name);
    if (s->beats > 1 && s->beats * s->size > length)
        complain(log, GUEST_ERROR, "mdma-config",
                 "MDMA channel %u: bursts of %u bytes (%s) are longer than its buffer of %u: "
                 "unpredictable",
                 c->number, s->beats * s->size, name, (unsigned)length);
    if (s->tcm && !s->step)
        complain(log, GUEST_ERROR, "mdma-config",
                 "MDMA channel %u: a fixed address in a TCM (%s) is forbidden", c->number, name);
    if (s->beats > 1 && (s->tcm ? step != s->size || step == 8 : !s->step && s->beats > 16))
        complain(log, GUEST_ERROR, "mdma-config",
                 "MDMA channel %u: bursts of %u beats (%s) with this bus, size and increment: "
                 "unpredictable",
                 c->number, s->beats, name);
}

static void check_setup(const struct channel *c)
{
    struct complaints *log = c->m->d.soc->complaints;
    struct side from = source(c), to = destination(c);
    uint32_t tcr = *c->tcr, length = (tcr >> 18 & 0x7F) + 1;

    check_side(c, &from, length, (tcr & 3) == 1);
    check_side(c, &to, tcr & CTCR_PKE ? length : length / from.size * to.size, (tcr >> 2 & 3) == 1);
    if (length % from.size || (tcr & CTCR_PKE && length % to.size))
        complain(log, GUEST_ERROR, "mdma-config",
                 "MDMA channel %u: buffers of %u bytes are no multiple of items of %u and %u",
                 c->number, (unsigned)length, from.size, to.size);
    if (*c->isr & (FLAG_CTC | FLAG_TE))
        complain(log, GUEST_ERROR, "dma-flags-left",
                 "MDMA channel %u is enabled with flags 0x%02x of the transfer before", c->number,
                 (unsigned)(*c->isr & FLAGS));
}

static void write_cr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct channel *c = &mdma_of(d)->channel[n];

    if (old & CCR_EN) {
        dma_keep(d->soc, c->cr, old, ~CCR_WHILE_ON, d->name, 'C', n, "CR");
        if (!(*c->cr & CCR_EN) && c->m->active == c) {
            *c->cr |= CCR_EN; /* until the buffer is complete */
            c->stopping = true;
        } else if (!(*c->cr & CCR_EN)) {
            disable(c, FLAG_CTC);
        }
    } else if (*c->cr & CCR_EN) {
        memory_has_masters(d->soc);
        check_setup(c);
        listen(c->m);
        take_request(c);
    }
    if (value & CCR_SWRQ && *c->cr & CCR_EN)
        *c->isr |= CRQA;
    update_irq(c->m);
    look(c->m);
}

static void write_ifcr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    const struct channel *c = &mdma_of(d)->channel[n];

    (void)old;
    *c->isr &= ~(value & FLAGS);
    if (value & FLAG_TE)
        *c->esr = 0;
    update_irq(c->m);
}

static uint32_t read_gisr0(struct device *d, unsigned i)
{
    (void)i;
    return interrupting(mdma_of(d));
}

/* Those that hold a channel's set-up: "writes are ignored" while it is enabled. */
#define SETUP_REGISTERS(X)                                                                         \
    X(TCR, 0xFFFFFFFFu)                                                                            \
    X(BNDTR, ~(1u << 17))                                                                          \
    X(SAR, 0xFFFFFFFFu)                                                                            \
    X(DAR, 0xFFFFFFFFu)                                                                            \
    X(BRUR, 0xFFFFFFFFu)                                                                           \
    X(LAR, ~7u)                                                                                    \
    X(TBR, 0x0003003Fu)                                                                            \
    X(MAR, 0xFFFFFFFFu)                                                                            \
    X(MDR, 0xFFFFFFFFu)

static void write_setup(struct device *d, unsigned n, uint32_t *reg, const char *name, uint32_t old)
{
    struct channel *c = &mdma_of(d)->channel[n];

    if (*c->cr & CCR_EN)
        dma_keep(d->soc, reg, old, UINT32_MAX, d->name, 'C', n, name);
    else if (reg == c->bndtr)
        c->block = *reg & BNDT;
}

#define WRITE(name, bits)                                                                          \
    static void write_##name(struct device *d, unsigned n, uint32_t value, uint32_t old)           \
    {                                                                                              \
        (void)value;                                                                               \
        write_setup(d, n, device_reg(d, C##name + STRIDE * n), #name, old);                        \
    }
SETUP_REGISTERS(WRITE)
#undef WRITE

#define CHANNEL_REG(n, at, ...)                                                                    \
    {                                                                                              \
        .name = (n), .offset = (at), .count = CHANNELS, .stride = STRIDE, __VA_ARGS__              \
    }

static const struct reg regs[] = {
    {.name = "GISR0", .offset = GISR0, .read = read_gisr0},
    CHANNEL_REG("CxISR", CISR, .write = NULL),
    CHANNEL_REG("CxIFCR", CIFCR, .write = write_ifcr),
    CHANNEL_REG("CxESR", CESR, .write = NULL),
    CHANNEL_REG("CxCR", CCR, .writable = CCR_WRITABLE, .write = write_cr),
#define REG(n, bits) CHANNEL_REG("Cx" #n, C##n, .writable = (bits), .write = write_##n),
    SETUP_REGISTERS(REG)
#undef REG
};

static void clocks_changed(struct device *d)
{
    struct mdma *m = mdma_of(d);

    if (m->active && !sched_pending(&m->event) && soc_clock_hz(d->soc, CLOCK_HCLK))
        sched_at(d->soc->sched, &m->event, sched_now(d->soc->sched));
    else
        look(m);
}

static void reset(struct device *d)
{
    struct mdma *m = mdma_of(d);

    sched_cancel(d->soc->sched, &m->event);
    m->active = NULL;
    for (unsigned n = 0; n < CHANNELS; n++) {
        m->channel[n].block = 0;
        m->channel[n].stopping = false;
    }
    update_irq(m);
    listen(m);
}

int mdma_create(struct soc *soc)
{
    struct mdma *m = calloc(1, sizeof *m);

    if (!m)
        return -1;
    m->d.name = "MDMA";
    m->d.base = 0x52000000;
    m->d.size = 0x1000;
    m->d.regs = regs;
    m->d.reg_count = sizeof regs / sizeof regs[0];
    m->d.gate = (struct rcc_gate){RCC_AHB3ENR, RCC_AHB3RSTR, 0};
    m->d.on = ON_AHB;
    m->d.complete = true;
    m->d.reset = reset;
    m->d.clocks_changed = clocks_changed;
    m->event = (struct sched_event){.fn = on_event, .ctx = m};
    if (device_init(&m->d, soc) < 0) {
        free(m);
        return -1;
    }
    soc->mdma = &m->d;
    for (unsigned n = 0; n < CHANNELS; n++) {
        struct channel *c = &m->channel[n];
        uint32_t at = STRIDE * n;

        c->m = m;
        c->number = n;
        c->isr = device_reg(&m->d, CISR + at);
        c->esr = device_reg(&m->d, CESR + at);
        c->cr = device_reg(&m->d, CCR + at);
        c->tcr = device_reg(&m->d, CTCR + at);
        c->bndtr = device_reg(&m->d, CBNDTR + at);
        c->sar = device_reg(&m->d, CSAR + at);
        c->dar = device_reg(&m->d, CDAR + at);
        c->brur = device_reg(&m->d, CBRUR + at);
        c->lar = device_reg(&m->d, CLAR + at);
        c->tbr = device_reg(&m->d, CTBR + at);
        c->mar = device_reg(&m->d, CMAR + at);
        c->mdr = device_reg(&m->d, CMDR + at);
    }
    return 0;
}
