/*
 * ADC1 and ADC2: set-up with its order and times, regular and injected sequences, single,
 * continuous and discontinuous, oversampling, offsets, analog watchdogs, overrun, DMA requests, and
 * the channels inside of the chip.
 *
 * RM0455 chapter "Analog-to-digital converters"; names as in the CMSIS header. Triggers are seen at
 * once, not after the clocks that synchronise them. Not modelled: dual mode, differential inputs,
 * DFSDM, the queue of injected contexts; using them is counted as unimplemented.
 */
#include <math.h>
#include <stdlib.h>

#include "adc_int.h"
#include "dma.h"
#include "timing.h"

enum { MAX_HZ = 50000000 };

static struct adc *adc_of(struct device *d)
{
    return (struct adc *)d;
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
    sched_at(soc_of(u)->sched, e, soc_now(soc_of(u)) + vtime_of_clocks(half_clocks, 2 * hz));
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
    if (u->converting || u->delayed || !(*u->cr & CR_ADEN) || *u->cr & (CR_ADSTP | CR_JADSTP))
        return;
    if (u->jstarted) {
        u->injected = true;
        convert(u);
    } else if (u->started) {
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
    double code = floor(adc_volts(u, channel) / adc_full_scale() * full + error * full / 65536);
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
        u->jstarted |= !!(*u->cfgr & CFGR_JAUTO);
        u->started = *u->cfgr & CFGR_CONT;
    } else if (group && u->rank % group == 0) {
        u->started = false;
    }
    /* With a hardware trigger, it waits for the next until ADSTP. */
    if (!u->started && !(*u->cfgr & CFGR_EXTEN))
        *u->cr &= ~CR_ADSTART;
    u->delayed = *u->cfgr & CFGR_AUTDLY;
}

static void injected_done(struct unit *u, uint32_t value)
{
    *reg(u, JDR + 4 * u->jrank) = value;
    *u->isr |= ISR_JEOC;
    if (u->jrank++ == (*reg(u, JSQR) & 3)) {
        u->jrank = 0;
        *u->isr |= ISR_JEOS;
        u->jstarted = false;
    } else if (*u->cfgr & CFGR_JDISCEN) {
        u->jstarted = false;
    }
    if (!u->jstarted && !(*reg(u, JSQR) & JSQR_JEXTEN))
        *u->cr &= ~CR_JADSTART;
}

static void converted(void *ctx, vtime at)
{
    struct unit *u = ctx;
    vtime outer = soc_of(u)->edge_at;
    unsigned channel = channel_now(u);
    uint32_t raw = sample(u, channel), value = with_offset(u, channel, raw);

    soc_of(u)->edge_at = at; /* the next conversion begins here */
    u->converting = false;
    watch(u, channel, raw);
    if (u->injected)
        injected_done(u, value);
    else
        regular_done(u, value);
    go_on(u);
    update(u->adc);
    soc_of(u)->edge_at = outer;
}

/* ---- triggers ---- */

/* EXTSEL and JEXTSEL: stm32h7xx_hal_adc.h and stm32h7xx_hal_adc_ex.h. 16 and 17 are the
   high-resolution timer's, which this chip has not. */
static const uint8_t triggers[32] = {
    SIGNAL_OC(1, 1), SIGNAL_OC(1, 2), SIGNAL_OC(1, 3), SIGNAL_OC(2, 2), SIGNAL_TRGO(3),
    SIGNAL_OC(4, 4), SIGNAL_EXTI(11), SIGNAL_TRGO(8),  SIGNAL_TRGO2(8), SIGNAL_TRGO(1),
    SIGNAL_TRGO2(1), SIGNAL_TRGO(2),  SIGNAL_TRGO(4),  SIGNAL_TRGO(6),  SIGNAL_TRGO(15),
    SIGNAL_OC(3, 4), SIGNAL_NONE,     SIGNAL_NONE,     SIGNAL_LPTIM(1), SIGNAL_LPTIM(2),
    SIGNAL_LPTIM(3),
};
static const uint8_t injected_triggers[32] = {
    SIGNAL_TRGO(1),  SIGNAL_OC(1, 4), SIGNAL_TRGO(2),  SIGNAL_OC(2, 1), SIGNAL_OC(3, 4),
    SIGNAL_TRGO(4),  SIGNAL_EXTI(15), SIGNAL_OC(8, 4), SIGNAL_TRGO2(1), SIGNAL_TRGO(8),
    SIGNAL_TRGO2(8), SIGNAL_OC(3, 3), SIGNAL_TRGO(3),  SIGNAL_OC(3, 1), SIGNAL_TRGO(6),
    SIGNAL_TRGO(15), SIGNAL_NONE,     SIGNAL_NONE,     SIGNAL_LPTIM(1), SIGNAL_LPTIM(2),
    SIGNAL_LPTIM(3),
};

static unsigned edges(const struct unit *u)
{
    return *u->cfgr >> 10 & 3; /* EXTEN: bit 0 rising, bit 1 falling */
}

static unsigned injected_edges(const struct unit *u)
{
    return *reg(u, JSQR) >> 7 & 3;
}

/* A trigger while the group is under way is lost, as one while AUTDLY waits. */
static void triggered(void *ctx, bool level)
{
    struct unit *u = ctx;

    if (!(edges(u) & (level ? 1 : 2)) || u->started || u->delayed)
        return;
    u->started = true;
    go_on(u);
}

static void interrupt_regular(struct unit *u)
{
    /* RM0455: "the current conversion is reset" and made again behind the injected ones. */
    if (!u->converting || u->injected)
        return;
    sched_cancel(soc_of(u)->sched, &u->converted);
    u->converting = false;
}

static void start_injected(struct unit *u)
{
    u->jstarted = true;
    interrupt_regular(u);
    go_on(u);
}

static void injected_triggered(void *ctx, bool level)
{
    struct unit *u = ctx;

    if (injected_edges(u) & (level ? 1 : 2) && !u->jstarted)
        start_injected(u);
}

/* It listens while it waits for triggers only. */
static void listen(struct unit *u)
{
    bool waits = *u->cr & CR_ADSTART && edges(u);
    bool jwaits = *u->cr & CR_JADSTART && injected_edges(u);
    unsigned signal = triggers[*u->cfgr >> 5 & 31];
    unsigned jsignal = injected_triggers[*reg(u, JSQR) >> 2 & 31];

    unmodelled(u, (waits && !signal) || (jwaits && !jsignal), "a trigger that this chip has not");
    signal_listen(soc_of(u), waits ? signal : SIGNAL_NONE, &u->trigger);
    signal_listen(soc_of(u), jwaits ? jsignal : SIGNAL_NONE, &u->jtrigger);
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
        if (*u->cr & CR_ADSTP) {
            u->rank = 0;
            u->started = false;
        }
        if (*u->cr & CR_JADSTP) {
            u->jrank = 0;
            u->jstarted = false;
        }
        *u->cr &= ~((*u->cr & (CR_ADSTP | CR_JADSTP)) >> 2 | CR_ADSTP | CR_JADSTP);
        u->delayed = false;
        listen(u);
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
        unmodelled(u, (*u->cfgr & 3) == CFGR_DFSDM, "results to DFSDM");
        u->delayed = false;
        u->started = !edges(u);
    }
    unmodelled(u, *reg(u, DIFSEL), "differential inputs");
    unmodelled(u, *u->adc->ccr & CCR_DUAL, "dual mode");
    listen(u);
    if (set & CR_JADSTART && !injected_edges(u))
        start_injected(u);
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

static void write_jsqr(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    (void)value;
    (void)old;
    listen(&adc_of(d)->unit[n]);
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
    EACH("JSQR", JSQR, .writable = 0xFBEFBFFF, .write = write_jsqr),
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
        u->started = u->jstarted = false;
        listen(u);
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
        u->trigger = (struct signal_listener){.fn = triggered, .ctx = u};
        u->jtrigger = (struct signal_listener){.fn = injected_triggered, .ctx = u};
    }
    return 0;
}
