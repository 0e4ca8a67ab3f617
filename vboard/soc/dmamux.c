/*
 * DMAMUX1, in front of DMA1 and DMA2, and DMAMUX2, in front of BDMA2: which request reaches which
 * channel, and when.
 *
 * RM0399, chapter "DMA request multiplexer" (the same block as in RM0455); inputs of generators and
 * of synchronisation: stm32h7xx_hal_dma_ex.h. Edges are seen at once, not after two clocks.
 * UNVERIFIED: that an EXTI input is the line's interrupt (pending and not masked), as the header's
 * words "EXTI0 IT" say.
 *
 * Not modelled: the signals of COMP, RTC and of the peripherals of the SmartRun domain;
 * waiting for them is counted as unimplemented.
 */
#include "dmamux.h"

#include <stdlib.h>

#include "devices.h"
#include "dma.h"
#include "signals.h"

enum { MOST_CHANNELS = 16, GENERATORS = 8, MOST_LINES = 128, UNITS = 2 };
enum { CCR = 0x000, CSR = 0x080, CFR = 0x084, RGCR = 0x100, RGSR = 0x140, RGCFR = 0x144 };

#define CCR_SOIE        (1u << 8)
#define CCR_EGE         (1u << 9)
#define CCR_SE          (1u << 16)
#define CCR_NBREQ(v)    ((v) >> 19 & 31)
#define RGCR_OIE        (1u << 8)
#define RGCR_GE         (1u << 16)
#define RGCR_GNBREQ(v)  ((v) >> 19 & 31)
#define POLARITY(v)     ((v) >> 17 & 3) /* SPOL, GPOL: bit 0 rising, bit 1 falling */
#define FIRST_GENERATOR 1u              /* its line */

/* An input by its number: none of those modelled, a signal, or the event of channel n. */
#define NONE     SIGNAL_NONE
#define EVENT(n) (0x100 + (n))

static const struct kind {
    const char *name;
    uint32_t base;
    uint16_t enr;
    uint8_t gate_bits[2];
    uint8_t irq, channels;
    uint32_t id;
    unsigned first_line;
    uint16_t sync[32], trigger[32];
} kinds[UNITS] = {
    {.name = "DMAMUX1",
     .base = 0x40020800,
     .enr = RCC_AHB1ENR,
     .gate_bits = {0, 1}, /* clocked with either controller */
     .irq = IRQ_DMAMUX1_OVR,
     .channels = 16,
     .id = 0x7F,
     .sync = {EVENT(0), EVENT(1), EVENT(2), SIGNAL_LPTIM(1), SIGNAL_LPTIM(2), SIGNAL_LPTIM(3),
              SIGNAL_EXTI_IT(0), SIGNAL_TRGO(12)},
     .trigger = {EVENT(0), EVENT(1), EVENT(2), SIGNAL_LPTIM(1), SIGNAL_LPTIM(2), SIGNAL_LPTIM(3),
                 SIGNAL_EXTI_IT(0), SIGNAL_TRGO(12)}},
    {.name = "DMAMUX2",
     .base = 0x58025800,
     .enr = RCC_AHB4ENR,
     .gate_bits = {21, 21},
     .irq = IRQ_DMAMUX2_OVR,
     .channels = 8,
     .id = 0x1F,
     .first_line = DMA_LINES1,
     .sync = {EVENT(0), EVENT(1), EVENT(2), EVENT(3), EVENT(4), EVENT(5), NONE, NONE,
              SIGNAL_LPTIM(2), SIGNAL_LPTIM(3), NONE, NONE, NONE, NONE, SIGNAL_EXTI_IT(0),
              SIGNAL_EXTI_IT(2)},
     .trigger = {EVENT(0),
                 EVENT(1),
                 EVENT(2),
                 EVENT(3),
                 EVENT(4),
                 EVENT(5),
                 EVENT(6),
                 NONE,
                 NONE,
                 NONE,
                 SIGNAL_LPTIM(2),
                 NONE,
                 SIGNAL_LPTIM(3),
                 NONE,
                 NONE,
                 NONE,
                 NONE,
                 NONE,
                 NONE,
                 NONE,
                 SIGNAL_EXTI_IT(0),
                 SIGNAL_EXTI_IT(2)}},
};

struct mux;

/* Of a channel that is synchronised, or of a generator. */
struct input {
    struct mux *mux;
    unsigned n;
    struct signal_listener listener;
};

struct mux {
    struct device d;
    const struct kind *kind;
    void (*requested)(struct soc *soc, unsigned channel);
    uint32_t *ccr[MOST_CHANNELS], *rgcr[GENERATORS], *csr, *rgsr;
    bool level[MOST_LINES];
    bool latched[MOST_LINES];      /* the line's level lasts until it is served */
    bool connected[MOST_CHANNELS]; /* by a synchronisation event */
    uint8_t left[MOST_CHANNELS];   /* requests until the counter's underrun, less one */
    uint8_t to_make[GENERATORS];   /* requests still to be made */
    struct input sync[MOST_CHANNELS], trigger[GENERATORS];
};

struct dmamux_set {
    struct mux *mux[UNITS];
};

static struct mux *mux_of(struct device *d)
{
    return (struct mux *)d;
}

static unsigned id_of(const struct mux *m, unsigned channel)
{
    return *m->ccr[channel] & m->kind->id;
}

static void update_irq(struct mux *m)
{
    bool line = false;

    for (unsigned n = 0; n < m->kind->channels; n++)
        line |= *m->csr >> n & 1 && *m->ccr[n] & CCR_SOIE;
    for (unsigned g = 0; g < GENERATORS; g++)
        line |= *m->rgsr >> g & 1 && *m->rgcr[g] & RGCR_OIE;
    soc_irq(m->d.soc, m->kind->irq, line);
}

/* ---- lines ---- */

static void raise_line(struct mux *m, unsigned line)
{
    m->level[line] = true;
    for (unsigned n = 0; n < m->kind->channels; n++) {
        if (id_of(m, n) == line)
            m->requested(m->d.soc, n);
    }
}

static void set_line(struct soc *soc, unsigned line, bool level, bool latched)
{
    struct mux *m = soc->dmamux->mux[line >= DMA_LINES1 ? DMAMUX2 : DMAMUX1];

    line -= m->kind->first_line;
    m->latched[line] = latched;
    if (m->level[line] == level)
        return;
    if (level)
        raise_line(m, line);
    else
        m->level[line] = false;
}

void dma_request(struct soc *soc, unsigned line, bool level)
{
    set_line(soc, line, level, false);
}

void dma_trigger(struct soc *soc, unsigned line)
{
    set_line(soc, line, true, true);
}

/* ---- events and signals ---- */

static void trigger_generator(struct mux *m, unsigned g)
{
    uint32_t rgcr = *m->rgcr[g];

    if (m->to_make[g]) {
        *m->rgsr |= 1u << g;
        update_irq(m);
        return;
    }
    m->to_make[g] = (uint8_t)(RGCR_GNBREQ(rgcr) + 1);
    m->latched[FIRST_GENERATOR + g] = true;
    raise_line(m, FIRST_GENERATOR + g);
}

/* "If a synchronization event occurs while there is no pending selected input DMA request line, it
   is discarded." */
static void synchronise(struct mux *m, unsigned n)
{
    if (m->connected[n]) {
        *m->csr |= 1u << n;
        update_irq(m);
    } else if (m->level[id_of(m, n)]) {
        m->connected[n] = true;
        m->left[n] = (uint8_t)CCR_NBREQ(*m->ccr[n]);
        m->requested(m->d.soc, n);
    }
}

static void sync_edge(struct mux *m, unsigned n, bool rising)
{
    if (*m->ccr[n] & CCR_SE && POLARITY(*m->ccr[n]) & (rising ? 1 : 2))
        synchronise(m, n);
}

static void trigger_edge(struct mux *m, unsigned g, bool rising)
{
    if (*m->rgcr[g] & RGCR_GE && POLARITY(*m->rgcr[g]) & (rising ? 1 : 2))
        trigger_generator(m, g);
}

static void sync_signal(void *ctx, bool level)
{
    const struct input *i = ctx;

    if (device_clocked(&i->mux->d))
        sync_edge(i->mux, i->n, level);
}

static void trigger_signal(void *ctx, bool level)
{
    const struct input *i = ctx;

    if (device_clocked(&i->mux->d))
        trigger_edge(i->mux, i->n, level);
}

static void event(struct mux *m, unsigned channel, bool rising)
{
    for (unsigned n = 0; n < m->kind->channels; n++) {
        if (m->kind->sync[*m->ccr[n] >> 24 & 31] == EVENT(channel))
            sync_edge(m, n, rising);
    }
    for (unsigned g = 0; g < GENERATORS; g++) {
        if (m->kind->trigger[*m->rgcr[g] & 31] == EVENT(channel))
            trigger_edge(m, g, rising);
    }
}

/* The signal that an input listens to; those that are events come by event(). */
static void listen(struct mux *m, struct input *i, bool enabled, unsigned signal)
{
    signal_listen(m->d.soc, enabled && signal < SIGNAL_COUNT ? signal : SIGNAL_NONE, &i->listener);
}

/* ---- the controllers' side ---- */

bool dmamux_requests(const struct soc *soc, enum dmamux_number number, unsigned channel)
{
    const struct mux *m = soc->dmamux->mux[number];

    return m->level[id_of(m, channel)] && (!(*m->ccr[channel] & CCR_SE) || m->connected[channel]);
}

unsigned dmamux_line(const struct soc *soc, enum dmamux_number number, unsigned channel)
{
    const struct mux *m = soc->dmamux->mux[number];

    return m->kind->first_line + id_of(m, channel);
}

void dmamux_served(struct soc *soc, enum dmamux_number number, unsigned channel)
{
    struct mux *m = soc->dmamux->mux[number];
    unsigned line = id_of(m, channel), g = line - FIRST_GENERATOR;
    uint32_t ccr = *m->ccr[channel];

    if (line && g < GENERATORS && m->to_make[g])
        m->level[line] = --m->to_make[g];
    else if (m->latched[line])
        m->level[line] = m->latched[line] = false;
    if (!(ccr & (CCR_SE | CCR_EGE)))
        return;
    if (m->left[channel]) {
        m->left[channel]--;
        return;
    }
    m->left[channel] = (uint8_t)CCR_NBREQ(ccr);
    m->connected[channel] = false;
    if (ccr & CCR_EGE) {
        event(m, channel, true);
        event(m, channel, false);
    }
}

/* ---- registers ---- */

static void check_input(struct mux *m, unsigned input, const char *what, unsigned n)
{
    if (input == NONE)
        complain(m->d.soc->complaints, UNIMPLEMENTED, "dmamux-signal",
                 "%s_%s%uCR waits for a signal that is not modelled", m->d.name, what, n);
}

static void write_ccr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct mux *m = mux_of(d);
    uint32_t ccr = *m->ccr[n];

    (void)value;
    if (ccr & CCR_SE && POLARITY(ccr))
        check_input(m, m->kind->sync[ccr >> 24 & 31], "C", n);
    if ((ccr ^ old) & (31u << 19) && old & ccr & (CCR_SE | CCR_EGE))
        complain(d->soc->complaints, GUEST_ERROR, "dmamux-nbreq",
                 "%s_C%uCR.NBREQ changed while SE or EGE is set", d->name, n);
    if (!(old & CCR_SE))
        m->connected[n] = false;
    if (!(old & (CCR_SE | CCR_EGE)))
        m->left[n] = (uint8_t)CCR_NBREQ(ccr);
    update_irq(m);
    listen(m, &m->sync[n], ccr & CCR_SE, m->kind->sync[ccr >> 24 & 31]);
    m->requested(d->soc, n);
}

static void write_rgcr(struct device *d, unsigned g, uint32_t value, uint32_t old)
{
    struct mux *m = mux_of(d);
    uint32_t rgcr = *m->rgcr[g];

    (void)value;
    if (rgcr & RGCR_GE && POLARITY(rgcr))
        check_input(m, m->kind->trigger[rgcr & 31], "RG", g);
    if ((rgcr ^ old) & (31u << 19) && old & rgcr & RGCR_GE)
        complain(d->soc->complaints, GUEST_ERROR, "dmamux-nbreq",
                 "%s_RG%uCR.GNBREQ changed while GE is set", d->name, g);
    if (!(rgcr & RGCR_GE)) {
        m->to_make[g] = 0;
        m->level[FIRST_GENERATOR + g] = false;
    }
    update_irq(m);
    listen(m, &m->trigger[g], rgcr & RGCR_GE, m->kind->trigger[rgcr & 31]);
}

static void write_cfr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct mux *m = mux_of(d);

    (void)i;
    (void)old;
    *m->csr &= ~value;
    update_irq(m);
}

static void write_rgcfr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct mux *m = mux_of(d);

    (void)i;
    (void)old;
    *m->rgsr &= ~value;
    update_irq(m);
}

/* clang-format off */
#define REGS(channels, bits, generator_bits)                                                       \
    {.name = "CxCR", .offset = CCR, .writable = (bits), .count = (channels), .write = write_ccr},  \
    {.name = "CSR", .offset = CSR},                                                                \
    {.name = "CFR", .offset = CFR, .write = write_cfr},                                            \
    {.name = "RGxCR", .offset = RGCR, .writable = (generator_bits), .count = GENERATORS,           \
     .write = write_rgcr},                                                                         \
    {.name = "RGSR", .offset = RGSR},                                                              \
    {.name = "RGCFR", .offset = RGCFR, .write = write_rgcfr}

/* SYNC_ID, NBREQ, SPOL, SE, EGE, SOIE, DMAREQ_ID; GNBREQ, GPOL, GE, OIE, SIG_ID. */
static const struct reg regs1[] = {REGS(16, 0x1FFF037F, 0x00FF011F)};
static const struct reg regs2[] = {REGS(8, 0x1FFF031F, 0x00FF011F)};
/* clang-format on */

static void reset(struct device *d)
{
    struct mux *m = mux_of(d);

    for (unsigned n = 0; n < MOST_CHANNELS; n++) {
        m->connected[n] = false;
        m->left[n] = 0;
        listen(m, &m->sync[n], false, SIGNAL_NONE);
    }
    for (unsigned g = 0; g < GENERATORS; g++) {
        m->to_make[g] = 0;
        m->level[FIRST_GENERATOR + g] = false;
        listen(m, &m->trigger[g], false, SIGNAL_NONE);
    }
    update_irq(m);
}

static void destroy(struct device *d)
{
    struct soc *soc = d->soc;
    enum dmamux_number number = mux_of(d)->kind - kinds;

    soc->dmamux->mux[number] = NULL;
    if (soc->dmamux->mux[DMAMUX1] || soc->dmamux->mux[DMAMUX2])
        return;
    free(soc->dmamux);
    soc->dmamux = NULL;
}

int dmamux_create(struct soc *soc, enum dmamux_number number,
                  void (*requested)(struct soc *soc, unsigned channel))
{
    const struct kind *kind = &kinds[number];
    struct mux *m = calloc(1, sizeof *m);

    if (!m)
        return -1;
    if (!soc->dmamux)
        soc->dmamux = calloc(1, sizeof *soc->dmamux);
    m->kind = kind;
    m->requested = requested;
    m->d.name = kind->name;
    m->d.base = kind->base;
    m->d.size = 0x400;
    m->d.regs = number == DMAMUX1 ? regs1 : regs2;
    m->d.reg_count = sizeof regs1 / sizeof regs1[0];
    m->d.gate = (struct rcc_gate){kind->enr, 0, kind->gate_bits[0]};
    m->d.on = ON_AHB;
    m->d.complete = true;
    m->d.reset = reset;
    if (!soc->dmamux || device_init(&m->d, soc) < 0) {
        free(m);
        return -1;
    }
    m->d.destroy = destroy;
    m->d.gate_mask |= 1u << kind->gate_bits[1];
    for (unsigned n = 0; n < kind->channels; n++) {
        m->ccr[n] = device_reg(&m->d, CCR + 4 * n);
        m->sync[n] = (struct input){m, n, {.fn = sync_signal, .ctx = &m->sync[n]}};
    }
    for (unsigned g = 0; g < GENERATORS; g++) {
        m->rgcr[g] = device_reg(&m->d, RGCR + 4 * g);
        m->trigger[g] = (struct input){m, g, {.fn = trigger_signal, .ctx = &m->trigger[g]}};
    }
    m->csr = device_reg(&m->d, CSR);
    m->rgsr = device_reg(&m->d, RGSR);
    soc->dmamux->mux[number] = m;
    return 0;
}
