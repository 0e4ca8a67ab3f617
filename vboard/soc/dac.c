/*
 * DAC1 (two channels, PA4 and PA5) and DAC2 (one, PA6): data registers in all alignments, triggers
 * by software, timers, EXTI line 9 and low-power timers, triangle, DMA requests with underrun. The
 * voltage stands at the pin's net for who measures.
 *
 * RM0455 chapter "Digital-to-analog converter"; TSEL, DMA lines: stm32h7xx_hal_dac.h,
 * stm32h7xx_hal_dma.h. A value is out at once, not after the clocks and the settling time. Not
 * modelled: noise, sample and hold (the voltage is that of its sample), trimming, the limits of the
 * output buffer.
 */
#include <stdlib.h>

#include "devices.h"
#include "dma.h"
#include "signals.h"

enum {
    CR = 0x00,
    SWTRGR = 0x04,
    DHR12R1 = 0x08, /* DHR12L1, DHR8R1, then those of channel 2, then those of both */
    DOR1 = 0x2C,
    SR = 0x34,
    CCR = 0x38,
    MCR = 0x3C,
    SHSR1 = 0x40,
    UNITS = 2,
    CHANNELS = 2,
    FORMATS = 3,
};

/* Of a channel's half of CR, SR and MCR. */
#define CR_EN       (1u << 0)
#define CR_TEN      (1u << 1)
#define CR_TSEL(v)  ((v) >> 2 & 15)
#define CR_WAVE(v)  ((v) >> 6 & 3)
#define CR_MAMP(v)  ((v) >> 8 & 15)
#define CR_DMAEN    (1u << 12)
#define CR_DMAUDRIE (1u << 13)
#define SR_DMAUDR   (1u << 13)
#define MCR_MODE(v) ((v)&7)

enum { WAVE_NOISE = 1, MODE_INTERNAL = 3, MODE_SAMPLE_AND_HOLD = 4 };

static const double vref = 3.3; /* as all three boards have it */

static const struct kind {
    const char *name;
    uint32_t base;
    uint16_t enr, rstr;
    uint8_t bit, on, irq, channels;
    uint8_t pin[CHANNELS], line[CHANNELS];
} kinds[UNITS] = {
    {"DAC1",
     0x40007400,
     RCC_APB1LENR,
     RCC_APB1LRSTR,
     29,
     ON_APB1,
     IRQ_TIM6_DAC,
     2,
     {SOC_PIN('A', 4), SOC_PIN('A', 5)},
     {DMA_DAC1_CH1, DMA_DAC1_CH2}},
    {"DAC2",
     0x58003400,
     RCC_APB4ENR,
     RCC_APB4RSTR,
     13,
     ON_APB4,
     IRQ_DAC2,
     1,
     {SOC_PIN('A', 6)},
     {DMA_DAC2}},
};

/* By TSEL; 9 and 10 are the high-resolution timer's, which this chip has not. */
static const uint8_t triggers[16] = {
    SIGNAL_NONE,     SIGNAL_TRGO(1), SIGNAL_TRGO(2),  SIGNAL_TRGO(4),
    SIGNAL_TRGO(5),  SIGNAL_TRGO(6), SIGNAL_TRGO(7),  SIGNAL_TRGO(8),
    SIGNAL_TRGO(15), SIGNAL_NONE,    SIGNAL_NONE,     SIGNAL_LPTIM(1),
    SIGNAL_LPTIM(2), SIGNAL_EXTI(9), SIGNAL_LPTIM(3), SIGNAL_NONE,
};

struct dac;

struct channel {
    struct dac *dac;
    unsigned n;
    uint16_t held;     /* DHR: 12 bits */
    uint16_t triangle; /* added to it */
    bool falling;
    bool asked; /* DMA has not served the request yet */
    bool shown; /* the source is on the pin's net */
    struct signal_listener trigger;
    struct analog_source source;
};

struct dac {
    struct device d;
    const struct kind *kind;
    uint32_t *cr, *sr, *mcr;
    struct channel channel[CHANNELS];
};

static struct dac *dac_of(struct device *d)
{
    return (struct dac *)d;
}

static uint32_t cr(const struct channel *c)
{
    return *c->dac->cr >> (16 * c->n);
}

static unsigned mode(const struct channel *c)
{
    return MCR_MODE(*c->dac->mcr >> (16 * c->n));
}

static double volts_of(const struct channel *c)
{
    uint32_t value = *device_reg(&c->dac->d, DOR1 + 4 * c->n);

    return cr(c) & CR_EN ? value * vref / 4096 : 0;
}

static double volts(void *ctx)
{
    return volts_of(ctx);
}

double dac_internal_volts(const struct soc *soc, unsigned unit, unsigned n)
{
    const struct channel *c = &dac_of(soc->dac[unit])->channel[n];

    return mode(c) & 1 ? volts_of(c) : 0; /* MODE: connected to on-chip peripherals */
}

/* ---- interrupt ---- */

bool dac_asks(const struct soc *soc, unsigned unit)
{
    const struct dac *a = dac_of(soc->dac[unit]);
    bool active = false;

    for (unsigned n = 0; a && n < a->kind->channels; n++)
        active |= *a->sr >> (16 * n) & SR_DMAUDR && cr(&a->channel[n]) & CR_DMAUDRIE;
    return active;
}

static void update_irq(struct dac *a)
{
    if (a->kind->irq == IRQ_TIM6_DAC)
        timer_line_shared(a->d.soc);
    else
        soc_irq(a->d.soc, a->kind->irq, dac_asks(a->d.soc, 1));
}

/* ---- conversion ---- */

static void convert(struct channel *c)
{
    uint32_t value = c->held + (CR_WAVE(cr(c)) > WAVE_NOISE ? c->triangle : 0u);

    *device_reg(&c->dac->d, DOR1 + 4 * c->n) = value > 4095 ? 4095 : value;
}

/* Up to 2^(MAMP + 1) - 1 and down again, a step a trigger. */
static void step_triangle(struct channel *c)
{
    unsigned mamp = CR_MAMP(cr(c)), top = (2u << (mamp > 11 ? 11 : mamp)) - 1;

    if (c->triangle >= top)
        c->falling = true;
    else if (!c->triangle)
        c->falling = false;
    c->triangle = (uint16_t)(c->falling ? c->triangle - 1 : c->triangle + 1);
}

static void ask(struct channel *c)
{
    if (c->asked) {
        *c->dac->sr |= SR_DMAUDR << (16 * c->n);
        return;
    }
    c->asked = true;
    dma_trigger(c->dac->d.soc, c->dac->kind->line[c->n]);
}

static void triggered(struct channel *c)
{
    if ((cr(c) & (CR_EN | CR_TEN)) != (CR_EN | CR_TEN))
        return;
    convert(c);
    if (CR_WAVE(cr(c)) > WAVE_NOISE)
        step_triangle(c);
    /* "No new DMA request is issued" with the underrun flag set. */
    if (cr(c) & CR_DMAEN && !(*c->dac->sr >> (16 * c->n) & SR_DMAUDR))
        ask(c);
    update_irq(c->dac);
}

static void signalled(void *ctx, bool level)
{
    const struct channel *c = ctx;

    if (level && device_clocked(&c->dac->d))
        triggered(ctx);
}

static void hold(struct channel *c, uint32_t value)
{
    c->held = (uint16_t)value;
    c->asked = false;
    if (!(cr(c) & CR_TEN))
        convert(c);
}

/* ---- registers ---- */

static void write_format(struct device *d, unsigned n, unsigned format, uint32_t value)
{
    static const struct {
        uint8_t shift, bits, up;
    } formats[FORMATS] = {{0, 12, 0}, {4, 12, 0}, {0, 8, 4}};

    value = value >> formats[format].shift & ((1u << formats[format].bits) - 1);
    hold(&dac_of(d)->channel[n], value << formats[format].up);
}

#define WRITE_DHR(name, n, format)                                                                 \
    static void name(struct device *d, unsigned i, uint32_t value, uint32_t old)                   \
    {                                                                                              \
        (void)i;                                                                                   \
        (void)value;                                                                               \
        (void)old;                                                                                 \
        write_format(d, n, format, *device_reg(d, DHR12R1 + 4 * (FORMATS * (n) + (format))));      \
    }

WRITE_DHR(write_dhr12r1, 0, 0)
WRITE_DHR(write_dhr12l1, 0, 1)
WRITE_DHR(write_dhr8r1, 0, 2)
WRITE_DHR(write_dhr12r2, 1, 0)
WRITE_DHR(write_dhr12l2, 1, 1)
WRITE_DHR(write_dhr8r2, 1, 2)

/* DHR12RD, DHR12LD, DHR8RD: both channels in one word. */
static void write_dual(struct device *d, unsigned format, uint32_t old)
{
    uint32_t value = *device_reg(d, DHR12R1 + 4 * (2 * FORMATS + format));

    (void)old;
    write_format(d, 0, format, value);
    write_format(d, 1, format, value >> (format == 2 ? 8 : 16));
}

static void write_dhr12rd(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    write_dual(d, 0, old);
}

static void write_dhr12ld(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    write_dual(d, 1, old);
}

static void write_dhr8rd(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    write_dual(d, 2, old);
}

/* Who listens, and what stands at the pin. */
static void configure(struct channel *c)
{
    struct soc *soc = c->dac->d.soc;
    bool on = cr(c) & CR_EN, shows = on && mode(c) != MODE_INTERNAL;
    unsigned signal = triggers[CR_TSEL(cr(c))];
    struct net *net = soc->pin[c->dac->kind->pin[c->n]];

    signal_listen(soc, on && cr(c) & CR_TEN ? signal : SIGNAL_NONE, &c->trigger);
    if (shows == c->shown)
        return;
    /* A board's own source on the net stays: the two would fight. */
    if (shows && net_analog(net))
        return;
    net_set_analog(net, shows ? &c->source : NULL);
    c->shown = shows;
}

static void configured(struct dac *a)
{
    for (unsigned n = 0; n < a->kind->channels; n++)
        configure(&a->channel[n]);
}

static void write_cr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct dac *a = dac_of(d);

    (void)i;
    (void)value;
    for (unsigned n = 0; n < a->kind->channels; n++) {
        struct channel *c = &a->channel[n];
        uint32_t before = old >> (16 * n);

        if (CR_WAVE(cr(c)) == WAVE_NOISE && CR_WAVE(before) != WAVE_NOISE)
            complain(d->soc->complaints, UNIMPLEMENTED, "dac-noise",
                     "%s channel %u: noise is not modelled", d->name, n + 1);
        if (cr(c) & CR_TEN && cr(c) & CR_EN && (CR_TSEL(cr(c)) == 9 || CR_TSEL(cr(c)) == 10))
            complain(d->soc->complaints, GUEST_ERROR, "dac-trigger",
                     "%s channel %u: TSEL = %u is reserved", d->name, n + 1,
                     (unsigned)CR_TSEL(cr(c)));
        if (CR_WAVE(cr(c)) <= WAVE_NOISE) {
            c->triangle = 0;
            c->falling = false;
        }
        if (!(cr(c) & CR_DMAEN) && before & CR_DMAEN) {
            c->asked = false;
            dma_request(d->soc, a->kind->line[n], false);
        }
        if (cr(c) & CR_EN && !(cr(c) & CR_TEN) && !(before & CR_EN))
            convert(c);
    }
    configured(a);
    update_irq(a);
}

static void write_swtrgr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct dac *a = dac_of(d);

    (void)i;
    (void)old;
    for (unsigned n = 0; n < a->kind->channels; n++) {
        if (value >> n & 1 && CR_TSEL(cr(&a->channel[n])) == 0)
            triggered(&a->channel[n]);
    }
}

static void write_sr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    update_irq(dac_of(d));
}

static void write_mcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct dac *a = dac_of(d);

    (void)i;
    (void)value;
    for (unsigned n = 0; n < a->kind->channels; n++) {
        if ((*a->mcr ^ old) >> (16 * n) & 7 && cr(&a->channel[n]) & CR_EN)
            complain(d->soc->complaints, GUEST_ERROR, "dac-mode",
                     "%s channel %u: MODE changed while EN = 1", d->name, n + 1);
        if (mode(&a->channel[n]) & MODE_SAMPLE_AND_HOLD)
            complain(d->soc->complaints, UNIMPLEMENTED, "dac-sample-and-hold",
                     "%s channel %u: sample and hold is not modelled", d->name, n + 1);
    }
    configured(a);
}

/* clang-format off */
static const struct reg regs[] = {
    {.name = "CR", .offset = CR, .writable = 0x7FFF7FFF, .write = write_cr},
    {.name = "SWTRGR", .offset = SWTRGR, .write = write_swtrgr},
    {.name = "DHR12R1", .offset = 0x08, .writable = 0xFFF, .write = write_dhr12r1},
    {.name = "DHR12L1", .offset = 0x0C, .writable = 0xFFF0, .write = write_dhr12l1},
    {.name = "DHR8R1", .offset = 0x10, .writable = 0xFF, .write = write_dhr8r1},
    {.name = "DHR12R2", .offset = 0x14, .writable = 0xFFF, .write = write_dhr12r2},
    {.name = "DHR12L2", .offset = 0x18, .writable = 0xFFF0, .write = write_dhr12l2},
    {.name = "DHR8R2", .offset = 0x1C, .writable = 0xFF, .write = write_dhr8r2},
    {.name = "DHR12RD", .offset = 0x20, .writable = 0x0FFF0FFF, .write = write_dhr12rd},
    {.name = "DHR12LD", .offset = 0x24, .writable = 0xFFF0FFF0, .write = write_dhr12ld},
    {.name = "DHR8RD", .offset = 0x28, .writable = 0xFFFF, .write = write_dhr8rd},
    {.name = "DOR", .offset = DOR1, .count = CHANNELS},
    {.name = "SR", .offset = SR, .w1c = 0x20002000, .write = write_sr},
    {.name = "CCR", .offset = CCR, .reset = 0x00100010, .writable = 0x001F001F},
    {.name = "MCR", .offset = MCR, .writable = 0x00070007, .write = write_mcr},
    {.name = "SHSR", .offset = SHSR1, .writable = 0x3FF, .count = CHANNELS},
    {.name = "SHHR", .offset = 0x48, .reset = 0x00010001, .writable = 0x03FF03FF},
    {.name = "SHRR", .offset = 0x4C, .reset = 0x00010001, .writable = 0x00FF00FF},
};
/* clang-format on */

static void reset(struct device *d)
{
    struct dac *a = dac_of(d);

    for (unsigned n = 0; n < a->kind->channels; n++) {
        struct channel *c = &a->channel[n];

        c->held = c->triangle = 0;
        c->falling = c->asked = false;
        dma_request(d->soc, a->kind->line[n], false);
    }
    configured(a);
    update_irq(a);
}

static int create_unit(struct soc *soc, unsigned unit)
{
    const struct kind *k = &kinds[unit];
    struct dac *a = calloc(1, sizeof *a);

    if (!a)
        return -1;
    a->kind = k;
    a->d.name = k->name;
    a->d.base = k->base;
    a->d.size = 0x400;
    a->d.regs = regs;
    a->d.reg_count = sizeof regs / sizeof regs[0];
    a->d.gate = (struct rcc_gate){k->enr, k->rstr, k->bit};
    a->d.on = k->on;
    a->d.complete = true;
    a->d.reset = reset;
    for (unsigned n = 0; n < CHANNELS; n++) {
        struct channel *c = &a->channel[n];

        c->dac = a;
        c->n = n;
        c->trigger = (struct signal_listener){.fn = signalled, .ctx = c};
        c->source = (struct analog_source){.volts = volts, .ctx = c};
    }
    if (device_init(&a->d, soc) < 0) {
        free(a);
        return -1;
    }
    a->cr = device_reg(&a->d, CR);
    a->sr = device_reg(&a->d, SR);
    a->mcr = device_reg(&a->d, MCR);
    soc->dac[unit] = &a->d;
    return 0;
}

int dac_create(struct soc *soc)
{
    for (unsigned unit = 0; unit < UNITS; unit++) {
        if (create_unit(soc, unit) < 0)
            return -1;
    }
    return 0;
}
