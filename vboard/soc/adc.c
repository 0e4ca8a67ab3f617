/*
 * ADC1 and ADC2: set-up with its order and times, regular and injected sequences, single,
 * continuous and discontinuous, oversampling, offsets, analog watchdogs, overrun, DMA requests, and
 * the channels inside of the chip.
 *
 * RM0455 chapter "Analog-to-digital converters"; names as in the CMSIS header. A pin's voltage is
 * that of the source on its net (wire/net.h), else what the net's drivers make of it. Not modelled:
 * external triggers, dual mode, differential inputs, DFSDM; using them is counted as unimplemented.
 */
#include <math.h>
#include <stdlib.h>

#include "devices.h"
#include "dma.h"
#include "timing.h"

enum {
    ISR = 0x00,
    IER = 0x04,
    CR = 0x08,
    CFGR = 0x0C,
    CFGR2 = 0x10,
    SMPR = 0x14, /* SMPR1, SMPR2 */
    PCSEL = 0x1C,
    LTR1 = 0x20,
    HTR1 = 0x24,
    SQR = 0x30, /* SQR1 .. SQR4 */
    DR = 0x40,
    JSQR = 0x4C,
    OFR = 0x60, /* OFR1 .. OFR4 */
    JDR = 0x80, /* JDR1 .. JDR4 */
    AWD2CR = 0xA0,
    LTR2 = 0xB0, /* HTR2, LTR3, HTR3 behind it */
    DIFSEL = 0xC0,
    CALFACT = 0xC4,
    CALFACT2 = 0xC8,
    CCR = 0x308,
    STRIDE = 0x100,
    UNITS = 2,
    CHANNELS = 20,
};

#define ISR_ADRDY    (1u << 0)
#define ISR_EOSMP    (1u << 1)
#define ISR_EOC      (1u << 2)
#define ISR_EOS      (1u << 3)
#define ISR_OVR      (1u << 4)
#define ISR_JEOC     (1u << 5)
#define ISR_JEOS     (1u << 6)
#define ISR_AWD1     (1u << 7)
#define ISR_LDORDY   (1u << 12)
#define CR_ADEN      (1u << 0)
#define CR_ADDIS     (1u << 1)
#define CR_ADSTART   (1u << 2)
#define CR_JADSTART  (1u << 3)
#define CR_ADSTP     (1u << 4)
#define CR_JADSTP    (1u << 5)
#define CR_ADCALLIN  (1u << 16)
#define CR_LINCALRDY (0x3Fu << 22)
#define CR_ADVREGEN  (1u << 28)
#define CR_DEEPPWD   (1u << 29)
#define CR_ADCAL     (1u << 31)
#define CR_SET_ONLY  (CR_ADCAL | 0x3Fu) /* no 0 clears them */
#define CFGR_DMA     (1u << 0)          /* DMNGT: 01 once, 11 circular */
#define CFGR_DFSDM   2u
#define CFGR_EXTEN   (3u << 10)
#define CFGR_OVRMOD  (1u << 12)
#define CFGR_CONT    (1u << 13)
#define CFGR_AUTDLY  (1u << 14)
#define CFGR_DISCEN  (1u << 16)
#define CFGR_AWD1SGL (1u << 22)
#define CFGR_AWD1EN  (1u << 23)
#define CFGR_JAWD1EN (1u << 24)
#define CFGR_JAUTO   (1u << 25)
#define CFGR2_ROVSE  (1u << 0)
#define CFGR2_JOVSE  (1u << 1)
#define JSQR_JEXTEN  (3u << 7)
#define CCR_DUAL     0x1Fu
#define CCR_VREFEN   (1u << 22)
#define CCR_TSEN     (1u << 23)
#define CCR_VBATEN   (1u << 24)

enum { MAX_HZ = 50000000, PIN_NONE = 0xFF };

/* The board's and the die's: VREF+ and VBAT as all three boards have them. */
static const double vref = 3.3, vbat = 3.3, die_celsius = 33.0;

/* Pins of channels 0 .. 19 (DS13195, pin tables; the _C pads through SYSCFG's closed switches), and
   which of ADC2's are within the chip (LL driver: ADC2 only). */
#define P(port, bit) (((port) - 'A') * 16 + (bit))
static const uint8_t pins[UNITS][CHANNELS] = {
    {P('A', 0), P('A', 1), P('F', 11), P('A', 6), P('C', 4), P('B', 1), P('F', 12),
     P('A', 7), P('C', 5), P('B', 0),  P('C', 0), P('C', 1), P('C', 2), P('C', 3),
     P('A', 2), P('A', 3), P('A', 0),  P('A', 1), P('A', 4), P('A', 5)},
    {P('C', 2), P('C', 3), P('F', 13), P('A', 6), P('C', 4), P('B', 1), P('F', 14),
     P('A', 7), P('C', 5), P('B', 0),  P('C', 0), P('C', 1), P('C', 2), P('C', 3),
     PIN_NONE,  PIN_NONE,  PIN_NONE,   PIN_NONE,  PIN_NONE,  PIN_NONE},
};
enum { ADC2_VBAT = 14, ADC2_DAC2 = 15, ADC2_DAC1 = 16, ADC2_TEMPERATURE = 18, ADC2_VREFINT = 19 };

struct adc;

struct unit {
    struct adc *adc;
    unsigned number;
    uint32_t *isr, *ier, *cr, *cfgr, *cfgr2;
    unsigned rank, jrank;      /* of the conversion under way or next */
    bool converting, injected; /* one is under way; it is an injected one */
    bool delayed;              /* AUTDLY: waits for DR to be read */
    uint32_t result;           /* DR */
    uint32_t offset_need;      /* what CALFACT must be for exact results */
    bool ready;                /* the regulator is */
    struct sched_event regulator, control, converted;
};

struct adc {
    struct device d;
    uint32_t *ccr;
    struct unit unit[UNITS];
};

static struct adc *adc_of(struct device *d)
{
    return (struct adc *)d;
}

static uint32_t *reg(const struct unit *u, uint32_t offset)
{
    return device_reg(&u->adc->d, offset + STRIDE * u->number);
}

static struct soc *soc_of(const struct unit *u)
{
    return u->adc->d.soc;
}

#define ERROR(u, name, format, ...)                                                                \
    complain(soc_of(u)->complaints, GUEST_ERROR, name, "ADC%u: " format, (u)->number + 1,          \
             ##__VA_ARGS__)

static void unmodelled(const struct unit *u, bool used, const char *what)
{
    if (used)
        complain(soc_of(u)->complaints, UNIMPLEMENTED, "adc-mode", "ADC%u: %s", u->number + 1,
                 what);
}

static void update(struct adc *a)
{
    bool active = false;

    for (unsigned n = 0; n < UNITS; n++) {
        const struct unit *u = &a->unit[n];

        active |= (*u->isr & *u->ier & 0x7FF) != 0;
        dma_request(a->d.soc, n ? DMA_ADC2 : DMA_ADC1, *u->isr & ISR_EOC && *u->cfgr & CFGR_DMA);
    }
    soc_irq(a->d.soc, IRQ_ADC, active);
}

/* ---- the chip's own voltages ---- */

/* Sensor: DS13195's typical 0.62 V at 30 degC and 2 mV/K; reference 1.216 V. Chips differ. */
static void analog_values(uint64_t seed, double *vrefint, double *v30, double *slope)
{
    uint64_t x = (seed + 7) * UINT64_C(0x9E3779B97F4A7C15);

    *vrefint = 1.216 + ((double)(x >> 32 & 0xFF) - 128) / 128 * 0.010;
    *v30 = 0.62 + ((double)(x >> 40 & 0xFF) - 128) / 128 * 0.010;
    *slope = 0.002 + ((double)(x >> 48 & 0xFF) - 128) / 128 * 0.00005;
}

void adc_factory_values(uint64_t seed, struct adc_factory *out)
{
    double vrefint, v30, slope;

    analog_values(seed, &vrefint, &v30, &slope);
    out->vrefint = (uint16_t)(vrefint / 3.3 * 65536);
    out->ts_30 = (uint16_t)(v30 / 3.3 * 65536);
    out->ts_110 = (uint16_t)((v30 + 80 * slope) / 3.3 * 65536);
}

static double internal_volts(const struct unit *u, unsigned channel)
{
    double vrefint, v30, slope;
    uint32_t ccr = *u->adc->ccr;

    analog_values(soc_of(u)->config.seed, &vrefint, &v30, &slope);
    switch (channel) {
    case ADC2_VBAT:
        return ccr & CCR_VBATEN ? vbat / 4 : 0;
    case ADC2_TEMPERATURE:
        return ccr & CCR_TSEN ? v30 + (die_celsius - 30) * slope : 0;
    case ADC2_VREFINT:
        return ccr & CCR_VREFEN ? vrefint : 0;
    default:
        unmodelled(u, true, "a channel that measures a DAC");
        return 0;
    }
}

static double volts(const struct unit *u, unsigned channel)
{
    unsigned pin = pins[u->number][channel];
    const struct analog_source *source;

    if (pin == PIN_NONE)
        return internal_volts(u, channel);
    if (!(*reg(u, PCSEL) >> channel & 1)) {
        ERROR(u, "adc-pcsel", "channel %u is converted while PCSEL does not connect it", channel);
        return 0;
    }
    source = net_analog(soc_of(u)->pin[pin]);
    if (source)
        return source->volts(source->ctx);
    return net_level(soc_of(u)->pin[pin]) ? vref : 0;
}

/* ---- clock and times ---- */

/* RM0455: CKMODE takes HCLK / 1, 2, 4, else PRESC divides the kernel clock; then by two. */
static uint64_t clock_hz(const struct adc *a)
{
    static const uint16_t prescaler[16] = {1,  2,  4,   6,   8,   10,  12,  16,
                                           32, 64, 128, 256, 256, 256, 256, 256};
    unsigned mode = *a->ccr >> 16 & 3;

    if (mode)
        return soc_clock_hz(a->d.soc, CLOCK_HCLK) >> (mode - 1) >> 1;
    return soc_clock_hz(a->d.soc, CLOCK_ADC) / prescaler[*a->ccr >> 18 & 15] / 2;
}

/* After so many half clocks. */
static void later(struct unit *u, struct sched_event *e, uint64_t half_clocks)
{
    uint64_t hz = clock_hz(u->adc);

    if (!hz) {
        ERROR(u, "adc-no-clock", "it has no clock (CKMODE, or its kernel clock)");
        return;
    }
    if (hz > MAX_HZ)
        ERROR(u, "adc-clock", "its clock of %.1f MHz is above %d MHz", (double)hz / 1e6,
              MAX_HZ / 1000000);
    sched_at(soc_of(u)->sched, e,
             sched_now(soc_of(u)->sched) + vtime_of_clocks(half_clocks, 2 * hz));
}

static unsigned resolution(const struct unit *u)
{
    static const uint8_t bits[8] = {16, 14, 12, 10, 8, 14, 12, 8};

    return bits[*u->cfgr >> 2 & 7];
}

/* ---- conversions ---- */

static unsigned regular_channel(const struct unit *u, unsigned rank)
{
    /* SQR1 has the length below SQ1. */
    return *reg(u, SQR + (rank + 1) / 5 * 4) >> (6 * ((rank + 1) % 5)) & 31;
}

static unsigned injected_channel(const struct unit *u, unsigned rank)
{
    return *reg(u, JSQR) >> (9 + 6 * rank) & 31;
}

static unsigned length(const struct unit *u)
{
    return (*reg(u, SQR) & 15) + 1;
}

static unsigned channel_now(const struct unit *u)
{
    return u->injected ? injected_channel(u, u->jrank) : regular_channel(u, u->rank);
}

static unsigned oversampling(const struct unit *u)
{
    return *u->cfgr2 & (u->injected ? CFGR2_JOVSE : CFGR2_ROVSE) ? (*u->cfgr2 >> 16 & 0x3FF) + 1
                                                                 : 1;
}

static void convert(struct unit *u)
{
    static const uint16_t sampling[8] = {3, 5, 17, 33, 65, 129, 775, 1621}; /* half clocks */
    unsigned channel = channel_now(u);
    uint32_t smp = *reg(u, SMPR + channel / 10 * 4) >> (3 * (channel % 10)) & 7;

    if (channel >= CHANNELS) {
        ERROR(u, "adc-channel", "there is no channel %u", channel);
        return;
    }
    u->converting = true;
    /* The successive approximation takes half the bits and half a clock. */
    later(u, &u->converted, (uint64_t)(sampling[smp] + resolution(u) + 1) * oversampling(u));
}

/* What the ADC has to do next, if it is free. */
static void go_on(struct unit *u)
{
    if (u->converting || u->delayed || !(*u->cr & CR_ADEN))
        return;
    if (*u->cr & CR_JADSTART) {
        u->injected = true;
        convert(u);
    } else if (*u->cr & CR_ADSTART) {
        u->injected = false;
        convert(u);
    }
}

static uint32_t sample(const struct unit *u, unsigned channel)
{
    unsigned bits = resolution(u);
    double full = (double)(1u << bits);
    /* Without its calibration factor the converter is off by what that would have cancelled. */
    double error = (double)u->offset_need - (double)(*reg(u, CALFACT) & 0x7FF);
    double code = floor(volts(u, channel) / vref * full + error * full / 65536);
    uint32_t raw = code <= 0 ? 0 : code >= full ? (1u << bits) - 1 : (uint32_t)code;
    unsigned n = oversampling(u);

    if (n > 1)
        raw = raw * n >> (*u->cfgr2 >> 5 & 15);
    return raw << (*u->cfgr2 >> 28 & 15); /* LSHIFT */
}

static void watch(struct unit *u, unsigned channel, uint32_t raw)
{
    uint32_t cfgr = *u->cfgr;

    if (cfgr & (u->injected ? CFGR_JAWD1EN : CFGR_AWD1EN) &&
        (!(cfgr & CFGR_AWD1SGL) || (cfgr >> 26 & 31) == channel) &&
        (raw < *reg(u, LTR1) || raw > *reg(u, HTR1)))
        *u->isr |= ISR_AWD1;
    for (unsigned n = 0; n < 2; n++) {
        if (*reg(u, AWD2CR + 4 * n) >> channel & 1 &&
            (raw < *reg(u, LTR2 + 8 * n) || raw > *reg(u, LTR2 + 8 * n + 4)))
            *u->isr |= ISR_AWD1 << (1 + n);
    }
}

static uint32_t with_offset(const struct unit *u, unsigned channel, uint32_t raw)
{
    for (unsigned n = 0; n < 4; n++) {
        uint32_t ofr = *reg(u, OFR + 4 * n);

        if ((ofr & 0x03FFFFFF) && (ofr >> 26 & 31) == channel)
            return raw - (ofr & 0x03FFFFFF);
    }
    return raw;
}

static void regular_done(struct unit *u, uint32_t value)
{
    unsigned group = *u->cfgr & CFGR_DISCEN ? (*u->cfgr >> 17 & 7) + 1 : 0;

    if (*u->isr & ISR_EOC) {
        *u->isr |= ISR_OVR;
        if (*u->cfgr & CFGR_OVRMOD)
            u->result = value;
    } else {
        u->result = value;
    }
    *u->isr |= ISR_EOSMP | ISR_EOC;
    u->rank++;
    if (u->rank == length(u)) {
        u->rank = 0;
        *u->isr |= ISR_EOS;
        if (*u->cfgr & CFGR_JAUTO)
            *u->cr |= CR_JADSTART;
        if (!(*u->cfgr & CFGR_CONT))
            *u->cr &= ~CR_ADSTART;
    } else if (group && u->rank % group == 0) {
        *u->cr &= ~CR_ADSTART;
    }
    u->delayed = *u->cfgr & CFGR_AUTDLY;
}

static void injected_done(struct unit *u, uint32_t value)
{
    *reg(u, JDR + 4 * u->jrank) = value;
    *u->isr |= ISR_JEOC;
    if (u->jrank++ == (*reg(u, JSQR) & 3)) {
        u->jrank = 0;
        *u->isr |= ISR_JEOS;
        *u->cr &= ~CR_JADSTART;
    }
}

static void converted(void *ctx, vtime at)
{
    struct unit *u = ctx;
    unsigned channel = channel_now(u);
    uint32_t raw = sample(u, channel), value = with_offset(u, channel, raw);

    (void)at;
    u->converting = false;
    watch(u, channel, raw);
    if (u->injected)
        injected_done(u, value);
    else
        regular_done(u, value);
    go_on(u);
    update(u->adc);
}

/* ---- control ---- */

static void regulator_up(void *ctx, vtime at)
{
    struct unit *u = ctx;

    (void)at;
    u->ready = true;
    *u->isr |= ISR_LDORDY;
    update(u->adc);
}

/* Calibration, enable, disable or stop is through. */
static void control_done(void *ctx, vtime at)
{
    struct unit *u = ctx;

    (void)at;
    if (*u->cr & CR_ADCAL) {
        *u->cr &= ~CR_ADCAL;
        *reg(u, CALFACT) = u->offset_need;
        if (*u->cr & CR_ADCALLIN)
            *u->cr |= CR_LINCALRDY;
    } else if (*u->cr & CR_ADDIS) {
        *u->cr &= ~(CR_ADEN | CR_ADDIS);
        *u->isr &= ~ISR_ADRDY;
    } else if (*u->cr & (CR_ADSTP | CR_JADSTP)) {
        if (*u->cr & CR_ADSTP)
            u->rank = 0;
        if (*u->cr & CR_JADSTP)
            u->jrank = 0;
        *u->cr &= ~((*u->cr & (CR_ADSTP | CR_JADSTP)) >> 2 | CR_ADSTP | CR_JADSTP);
        u->delayed = false;
        go_on(u);
    } else if (*u->cr & CR_ADEN) {
        *u->isr |= ISR_ADRDY;
    }
    update(u->adc);
}

static void control_later(struct unit *u, uint64_t clocks)
{
    later(u, &u->control, 2 * clocks);
}

static void power(struct unit *u, uint32_t old)
{
    struct sched *sched = soc_of(u)->sched;

    if (*u->cr & CR_DEEPPWD && !(old & CR_DEEPPWD))
        *reg(u, CALFACT) = 0; /* the calibration is lost */
    if (*u->cr & CR_DEEPPWD || !(*u->cr & CR_ADVREGEN)) {
        sched_cancel(sched, &u->regulator);
        u->ready = false;
        *u->isr &= ~ISR_LDORDY;
    } else if (!(old & CR_ADVREGEN)) {
        sched_at(sched, &u->regulator, sched_now(sched) + TIME_ADC_REGULATOR);
    }
}

static void start(struct unit *u, uint32_t set)
{
    if (!(*u->isr & ISR_ADRDY) && sched_pending(&u->control))
        ERROR(u, "adc-not-ready", "started before ADRDY");
    if (set & CR_ADSTART) {
        unmodelled(u, *u->cfgr & CFGR_EXTEN, "external triggers: taken as software start");
        unmodelled(u, (*u->cfgr & 3) == CFGR_DFSDM, "results to DFSDM");
        u->delayed = false;
    }
    if (set & CR_JADSTART)
        unmodelled(u, *reg(u, JSQR) & JSQR_JEXTEN, "injected external triggers");
    unmodelled(u, *reg(u, DIFSEL), "differential inputs");
    unmodelled(u, *u->adc->ccr & CCR_DUAL, "dual mode");
    go_on(u);
}

static void write_cr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct unit *u = &adc_of(d)->unit[n];
    uint32_t set = value & CR_SET_ONLY & ~old, running = old & (CR_ADSTART | CR_JADSTART);

    *u->cr = (*u->cr & ~CR_SET_ONLY) | (old & CR_SET_ONLY);
    power(u, old);
    if (set && !u->ready) {
        ERROR(u, "adc-regulator", "CR bits 0x%08x set before its regulator is up; ignored",
              (unsigned)set);
        update(u->adc);
        return;
    }
    if (set & CR_ADCAL) {
        if (old & CR_ADEN) {
            ERROR(u, "adc-calibration", "ADCAL set while ADEN = 1; ignored");
        } else {
            *u->cr |= CR_ADCAL;
            control_later(u, value & CR_ADCALLIN ? CLOCKS_ADC_LINEAR_CAL : CLOCKS_ADC_OFFSET_CAL);
        }
    } else if (set & CR_ADEN) {
        if (old & CR_SET_ONLY) {
            ERROR(u, "adc-enable", "ADEN set while CR = 0x%08x; ignored", (unsigned)old);
        } else {
            *u->cr |= CR_ADEN;
            control_later(u, CLOCKS_ADC_ON_OFF);
        }
    }
    if (set & CR_ADDIS && old & CR_ADEN) {
        if (running) {
            ERROR(u, "adc-disable", "ADDIS set while it converts; ignored");
        } else {
            *u->cr |= CR_ADDIS;
            control_later(u, CLOCKS_ADC_ON_OFF);
        }
    }
    if (set & (CR_ADSTART | CR_JADSTART)) {
        if ((old & (CR_ADEN | CR_ADDIS)) != CR_ADEN) {
            ERROR(u, "adc-start", "started while ADEN = 0 or ADDIS = 1; ignored");
        } else {
            *u->cr |= set & (CR_ADSTART | CR_JADSTART);
            start(u, set);
        }
    }
    set &= (CR_ADSTP | CR_JADSTP) & running << 2; /* of what runs */
    if (set) {
        *u->cr |= set;
        sched_cancel(soc_of(u)->sched, &u->converted);
        u->converting = false;
        control_later(u, CLOCKS_ADC_ON_OFF);
    }
    update(u->adc);
}

/* ---- other registers ---- */

static void locked(struct unit *u, uint32_t running, const char *name, uint32_t changed)
{
    if (changed && *u->cr & running)
        ERROR(u, "adc-config-while-converting", "%s: bits 0x%08x changed while it converts", name,
              (unsigned)changed);
}

static void write_isr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)n;
    (void)value;
    (void)old;
    update(adc_of(d));
}

static void write_cfgr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct unit *u = &adc_of(d)->unit[n];

    (void)value;
    locked(u, CR_ADSTART | CR_JADSTART, "CFGR", *u->cfgr ^ old);
    update(u->adc);
}

static void write_cfgr2(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    struct unit *u = &adc_of(d)->unit[n];

    (void)value;
    locked(u, CR_ADSTART | CR_JADSTART, "CFGR2", *u->cfgr2 ^ old);
}

static uint32_t read_dr(struct device *d, unsigned n)
{
    struct unit *u = &adc_of(d)->unit[n];

    if (d->peek)
        return u->result;
    *u->isr &= ~ISR_EOC;
    if (u->delayed) {
        u->delayed = false;
        go_on(u);
    }
    update(u->adc);
    return u->result;
}

static uint32_t read_jdr(struct device *d, unsigned n, uint32_t offset)
{
    struct unit *u = &adc_of(d)->unit[n];

    if (!d->peek) {
        *u->isr &= ~ISR_JEOC;
        update(u->adc);
    }
    return *reg(u, offset);
}

static uint32_t read_jdr1(struct device *d, unsigned n)
{
    return read_jdr(d, n, JDR);
}
static uint32_t read_jdr2(struct device *d, unsigned n)
{
    return read_jdr(d, n, JDR + 4);
}
static uint32_t read_jdr3(struct device *d, unsigned n)
{
    return read_jdr(d, n, JDR + 8);
}
static uint32_t read_jdr4(struct device *d, unsigned n)
{
    return read_jdr(d, n, JDR + 12);
}

/* The units' flags side by side. */
static uint32_t read_csr(struct device *d, unsigned i)
{
    const struct adc *a = adc_of(d);

    (void)i;
    return (*a->unit[0].isr & 0x7FF) | (*a->unit[1].isr & 0x7FF) << 16;
}

static void write_ccr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct adc *a = adc_of(d);

    (void)i;
    (void)value;
    for (unsigned n = 0; n < UNITS; n++) {
        /* CKMODE, PRESC */
        if ((*a->ccr ^ old) & 0x003F0000 && *a->unit[n].cr & CR_ADEN)
            ERROR(&a->unit[n], "adc-clock-while-enabled", "CCR's clock fields changed while ADEN");
    }
}

#define EACH(n, at, ...)                                                                           \
    {                                                                                              \
        .name = (n), .offset = (at), .count = UNITS, .stride = STRIDE, __VA_ARGS__                 \
    }

static const struct reg regs[] = {
    EACH("ISR", ISR, .w1c = 0x7FF, .write = write_isr),
    EACH("IER", IER, .writable = 0x7FF, .write = write_isr),
    EACH("CR", CR, .reset = CR_DEEPPWD, .writable = 0x7FC10300, .write = write_cr),
    EACH("CFGR", CFGR, .reset = 0x80000000, .writable = 0xFFFF7FFF, .write = write_cfgr),
    EACH("CFGR2", CFGR2, .writable = 0xF3FF7FE3, .write = write_cfgr2),
    EACH("SMPR1", SMPR, .writable = 0x3FFFFFFF),
    EACH("SMPR2", SMPR + 4, .writable = 0x3FFFFFFF),
    EACH("PCSEL", PCSEL, .writable = 0x000FFFFF),
    EACH("LTR1", LTR1, .writable = 0x03FFFFFF),
    EACH("HTR1", HTR1, .reset = 0x03FFFFFF, .writable = 0x03FFFFFF),
    EACH("SQR1", SQR, .writable = 0x1F7DF7CF),
    EACH("SQR2", SQR + 4, .writable = 0x1F7DF7DF),
    EACH("SQR3", SQR + 8, .writable = 0x1F7DF7DF),
    EACH("SQR4", SQR + 12, .writable = 0x7DF),
    EACH("DR", DR, .read = read_dr),
    EACH("JSQR", JSQR, .writable = 0xFBEFBFFF),
    EACH("OFR1", OFR, .writable = 0xFFFFFFFF),
    EACH("OFR2", OFR + 4, .writable = 0xFFFFFFFF),
    EACH("OFR3", OFR + 8, .writable = 0xFFFFFFFF),
    EACH("OFR4", OFR + 12, .writable = 0xFFFFFFFF),
    EACH("JDR1", JDR, .read = read_jdr1),
    EACH("JDR2", JDR + 4, .read = read_jdr2),
    EACH("JDR3", JDR + 8, .read = read_jdr3),
    EACH("JDR4", JDR + 12, .read = read_jdr4),
    EACH("AWD2CR", AWD2CR, .writable = 0x000FFFFF),
    EACH("AWD3CR", AWD2CR + 4, .writable = 0x000FFFFF),
    EACH("LTR2", LTR2, .writable = 0x03FFFFFF),
    EACH("HTR2", LTR2 + 4, .reset = 0x03FFFFFF, .writable = 0x03FFFFFF),
    EACH("LTR3", LTR2 + 8, .writable = 0x03FFFFFF),
    EACH("HTR3", LTR2 + 12, .reset = 0x03FFFFFF, .writable = 0x03FFFFFF),
    EACH("DIFSEL", DIFSEL, .writable = 0x000FFFFF),
    EACH("CALFACT", CALFACT, .writable = 0x07FF07FF),
    EACH("CALFACT2", CALFACT2, .writable = 0x3FFFFFFF),
    {.name = "CSR", .offset = 0x300, .read = read_csr},
    {.name = "CCR", .offset = CCR, .writable = 0x01FFCF1F, .write = write_ccr},
    {.name = "CDR", .offset = 0x30C},
    {.name = "CDR2", .offset = 0x310},
};

static void reset(struct device *d)
{
    struct adc *a = adc_of(d);

    for (unsigned n = 0; n < UNITS; n++) {
        struct unit *u = &a->unit[n];

        sched_cancel(d->soc->sched, &u->regulator);
        sched_cancel(d->soc->sched, &u->control);
        sched_cancel(d->soc->sched, &u->converted);
        u->rank = u->jrank = 0;
        u->converting = u->injected = u->delayed = u->ready = false;
        u->result = 0;
    }
    update(a);
}

int adc_create(struct soc *soc)
{
    struct adc *a = calloc(1, sizeof *a);

    if (!a)
        return -1;
    a->d.name = "ADC12";
    a->d.base = 0x40022000;
    a->d.size = 0x400;
    a->d.regs = regs;
    a->d.reg_count = sizeof regs / sizeof regs[0];
    a->d.gate = (struct rcc_gate){RCC_AHB1ENR, RCC_AHB1RSTR, 5};
    a->d.on = ON_AHB;
    a->d.complete = true;
    a->d.reset = reset;
    if (device_init(&a->d, soc) < 0) {
        free(a);
        return -1;
    }
    a->ccr = device_reg(&a->d, CCR);
    for (unsigned n = 0; n < UNITS; n++) {
        struct unit *u = &a->unit[n];

        u->adc = a;
        u->number = n;
        u->isr = reg(u, ISR);
        u->ier = reg(u, IER);
        u->cr = reg(u, CR);
        u->cfgr = reg(u, CFGR);
        u->cfgr2 = reg(u, CFGR2);
        u->offset_need = 0x30 + (uint32_t)((soc->config.seed + n) * 2654435761u >> 27 & 0x1F);
        u->regulator = (struct sched_event){.fn = regulator_up, .ctx = u};
        u->control = (struct sched_event){.fn = control_done, .ctx = u};
        u->converted = (struct sched_event){.fn = converted, .ctx = u};
    }
    return 0;
}
