/*
 * RNG and CRS. RM0455 chapters "True random number generator (RNG)" and "Clock recovery system
 * (CRS)".
 *
 * The RNG's conditioning stage delivers four words at a time; DRDY stays up until the last of them
 * is read. The words come from the run's seed, so that the same run gives the same words. The noise
 * source of this model never fails its health tests: SECS rises only if somebody plants it.
 */
#include <stdlib.h>

#include "devices.h"
#include "timing.h"

/* ---- RNG ---- */

enum { RNG_CR = 0x00, RNG_SR = 0x04, RNG_DR = 0x08, RNG_HTCR = 0x10, RNG_WORDS = 4 };

#define CR_RNGEN      (1u << 2)
#define CR_IE         (1u << 3)
#define CR_CED        (1u << 5)
#define CR_CONFIG     0x3FFFFFF0u /* bits 29:4: taken only together with CONDRST */
#define CR_CLKDIV(v)  ((v) >> 16 & 15)
#define CR_CONDRST    (1u << 30)
#define CR_CONFIGLOCK (1u << 31)
#define CR_WRITABLE   0xC3FFFF2Cu
#define SR_DRDY       (1u << 0)
#define SR_CECS       (1u << 1)
#define SR_SECS       (1u << 2)
#define SR_CEIS       (1u << 5)
#define SR_SEIS       (1u << 6)
#define HTCR_MAGIC    0x17590ABCu

/* The clock is too slow below HCLK / 32 (RM0455, CECS). */
enum { SLOWEST_CLOCK = 32 };

struct rng {
    struct device d;
    uint32_t *cr, *sr;
    uint64_t state;
    uint32_t word[RNG_WORDS];
    unsigned words; /* left to read */
    bool seeding;   /* the next four words take the initialisation's time too */
    bool magic;     /* the last access wrote the magic number to HTCR */
    bool leaving;   /* CONDRST = 0 was written, the conditioning reset is not through yet */
    struct sched_event filled, condition;
};

static struct rng *rng_of(struct device *d)
{
    return (struct rng *)d;
}

/* splitmix64 (Steele, Lea, Flood 2014): good words from any seed, 0 included. */
static uint32_t next_word(struct rng *r)
{
    uint64_t z = r->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ z >> 31) >> 16);
}

static void rng_irq(struct rng *r)
{
    soc_irq(r->d.soc, IRQ_RNG, *r->cr & CR_IE && *r->sr & (SR_DRDY | SR_CEIS | SR_SEIS));
}

/* The generator's clock, after CLKDIV; 0 if it does not run. */
static uint64_t rng_hz(const struct rng *r)
{
    return soc_clock_hz(r->d.soc, CLOCK_RNG) >> CR_CLKDIV(*r->cr);
}

static bool generates(const struct rng *r)
{
    return *r->cr & CR_RNGEN && !(*r->cr & CR_CONDRST) && !(*r->sr & SR_SECS) && rng_hz(r) &&
           device_clocked(&r->d);
}

static void refill(struct rng *r)
{
    struct sched *s = r->d.soc->sched;
    unsigned clocks = RNG_WORDS * CLOCKS_RNG_WORD + (r->seeding ? CLOCKS_RNG_RESTART : 0);

    if (!generates(r))
        sched_cancel(s, &r->filled);
    else if (!r->words && !sched_pending(&r->filled))
        sched_at(s, &r->filled, sched_now(s) + vtime_of_clocks(clocks, rng_hz(r)));
}

static void filled(void *ctx, vtime at)
{
    struct rng *r = ctx;

    (void)at;
    r->seeding = false;
    for (unsigned i = 0; i < RNG_WORDS; i++)
        r->word[i] = next_word(r);
    r->words = RNG_WORDS;
    *r->sr |= SR_DRDY;
    rng_irq(r);
}

static void check_clock(struct rng *r)
{
    uint64_t hz = soc_clock_hz(r->d.soc, CLOCK_RNG);
    bool slow = hz * SLOWEST_CLOCK < soc_clock_hz(r->d.soc, CLOCK_HCLK);

    if (!(*r->cr & CR_RNGEN)) {
        *r->sr &= ~SR_CECS;
        return;
    }
    /* In a system reset the clocks stop just before this block is reset; its gate is off then. */
    if (slow && !(*r->sr & SR_CECS) && device_clocked(&r->d))
        complain(r->d.soc->complaints, GUEST_ERROR, "rng-clock",
                 "RNG enabled with a kernel clock of %llu Hz, which is below HCLK / %d",
                 (unsigned long long)hz, SLOWEST_CLOCK);
    if (slow && !(*r->cr & CR_CED))
        *r->sr |= SR_CECS | SR_CEIS;
    else
        *r->sr &= ~SR_CECS;
}

static void forget_words(struct rng *r)
{
    r->words = 0;
    *r->sr &= ~SR_DRDY;
    sched_cancel(r->d.soc->sched, &r->filled);
}

/* The conditioning reset is through: "2 AHB clock cycles + 2 RNG clock cycles" after CONDRST = 0.
 */
static void conditioned(void *ctx, vtime at)
{
    struct rng *r = ctx;

    (void)at;
    r->leaving = false;
    *r->cr &= ~CR_CONDRST;
    check_clock(r);
    refill(r);
    rng_irq(r);
}

static void finish_conditioning(struct rng *r)
{
    struct soc *soc = r->d.soc;
    uint64_t hz = soc_clock_hz(soc, CLOCK_RNG);

    if (!hz)
        sched_cancel(soc->sched, &r->condition); /* until it runs: rng_clocks_changed() */
    else
        sched_at(soc->sched, &r->condition,
                 sched_now(soc->sched) + vtime_of_clocks(2, soc_clock_hz(soc, CLOCK_HCLK)) +
                     vtime_of_clocks(2, hz));
}

static void write_rng_cr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rng *r = rng_of(d);
    uint32_t changed = (*r->cr ^ old) & CR_CONFIG;

    (void)i;
    (void)value;
    r->magic = false;
    *r->cr |= old & CR_CONFIGLOCK;
    if (changed && (old & CR_CONFIGLOCK || !(*r->cr & CR_CONDRST))) {
        *r->cr ^= changed;
        complain(d->soc->complaints, GUEST_ERROR, "rng-configuration",
                 "RNG_CR bits 29:4 written %s; ignored",
                 old & CR_CONFIGLOCK ? "while CONFIGLOCK = 1"
                                     : "without CONDRST = 1 in the same access");
    }
    if (*r->cr & CR_CONDRST) {
        sched_cancel(d->soc->sched, &r->condition);
        r->leaving = false;
        forget_words(r);
        *r->sr = 0;
        r->seeding = true;
    } else if (old & CR_CONDRST) {
        *r->cr |= CR_CONDRST;
        if (!r->leaving) {
            r->leaving = true;
            finish_conditioning(r);
        }
    }
    if (!(*r->cr & CR_RNGEN))
        forget_words(r);
    else if (!(old & CR_RNGEN))
        r->seeding = true;
    check_clock(r);
    refill(r);
    rng_irq(r);
}

/* CEIS and SEIS: rc_w0. */
static void write_rng_sr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rng *r = rng_of(d);

    (void)i;
    (void)old;
    r->magic = false;
    *r->sr &= value | ~(SR_CEIS | SR_SEIS);
    rng_irq(r);
}

static uint32_t read_rng_dr(struct device *d, unsigned i)
{
    struct rng *r = rng_of(d);
    uint32_t word;

    (void)i;
    if (!r->words)
        return 0;
    word = r->word[RNG_WORDS - r->words];
    if (d->peek)
        return word;
    if (!--r->words) {
        *r->sr &= ~SR_DRDY;
        refill(r);
        rng_irq(r);
    }
    return word;
}

/* The magic number opens the register for the access that follows. */
static void write_htcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rng *r = rng_of(d);
    uint32_t *htcr = device_reg(d, RNG_HTCR);

    (void)i;
    *htcr = old;
    if (value == HTCR_MAGIC) {
        r->magic = true;
        return;
    }
    if (r->magic && *r->cr & CR_CONDRST && !(*r->cr & CR_CONFIGLOCK))
        *htcr = value;
    else
        complain(d->soc->complaints, GUEST_ERROR, "rng-configuration",
                 "RNG_HTCR written %s; ignored",
                 !r->magic                ? "without the magic number just before"
                 : *r->cr & CR_CONFIGLOCK ? "while CONFIGLOCK = 1"
                                          : "while CONDRST = 0");
    r->magic = false;
}

static const struct reg rng_regs[] = {
    {.name = "CR", .offset = RNG_CR, .writable = CR_WRITABLE, .write = write_rng_cr},
    {.name = "SR", .offset = RNG_SR, .write = write_rng_sr},
    {.name = "DR", .offset = RNG_DR, .read = read_rng_dr},
    {.name = "HTCR",
     .offset = RNG_HTCR,
     .reset = 0x00005A4E,
     .writable = 0xFFFFFFFF,
     .write = write_htcr},
};

static void reset_rng(struct device *d)
{
    struct rng *r = rng_of(d);

    forget_words(r);
    sched_cancel(d->soc->sched, &r->condition);
    r->magic = r->leaving = false;
    r->seeding = true;
    rng_irq(r);
}

static void rng_clocks_changed(struct device *d)
{
    struct rng *r = rng_of(d);

    if (r->leaving)
        finish_conditioning(r);
    sched_cancel(d->soc->sched, &r->filled);
    check_clock(r);
    refill(r);
    rng_irq(r);
}

static int create_rng(struct soc *soc)
{
    struct rng *r = calloc(1, sizeof *r);

    if (!r)
        return -1;
    r->d.name = "RNG";
    r->d.base = 0x48021800;
    r->d.size = 0x400;
    r->d.regs = rng_regs;
    r->d.reg_count = sizeof rng_regs / sizeof rng_regs[0];
    r->d.gate = (struct rcc_gate){RCC_AHB2ENR, RCC_AHB2RSTR, 6};
    r->d.on = ON_AHB;
    r->d.complete = true;
    r->d.reset = reset_rng;
    r->d.clocks_changed = rng_clocks_changed;
    r->state = soc->config.seed;
    r->filled = (struct sched_event){.fn = filled, .ctx = r};
    r->condition = (struct sched_event){.fn = conditioned, .ctx = r};
    if (device_init(&r->d, soc) < 0) {
        free(r);
        return -1;
    }
    r->cr = device_reg(&r->d, RNG_CR);
    r->sr = device_reg(&r->d, RNG_SR);
    return 0;
}

/* ---- CRS ---- */

enum { CRS_CR = 0x00, CRS_CFGR = 0x04, CRS_ISR = 0x08, CRS_ICR = 0x0C };

#define CRS_CEN      (1u << 5)
#define CRS_AUTOTRIM (1u << 6)
#define CRS_SWSYNC   (1u << 7)
#define CRS_TRIM     (0x3Fu << 8)
#define CRS_FLAGS    0xFu /* the interrupt enables of CR and the flags of ISR */
#define SYNCOKF      (1u << 0)
#define SYNCWARNF    (1u << 1)
#define ERRF         (1u << 2)
#define ESYNCF       (1u << 3)
#define SYNCERR      (1u << 8)
#define SYNCMISS     (1u << 9)
#define TRIMOVF      (1u << 10)
#define FEDIR        (1u << 15)
#define SYNC_PIN     0
#define SYNC_LSE     1
#define SYNC_USB     2

/*
 * The frequency error counter counts HSI48 down from RELOAD, then up to 128 * FELIM, where it
 * stops. It is not stepped: its value follows from the time of the last reload. An event is in the
 * queue only while an interrupt is enabled.
 */
struct crs {
    struct device d;
    uint32_t *cr, *cfgr, *isr;
    uint64_t hz;     /* HSI48 */
    vtime reloaded;  /* by the last SYNC event, or by CEN */
    vtime seen;      /* accounted for up to here */
    bool measures;   /* the last reload was a SYNC event */
    unsigned frames; /* of USB */
    struct sched_event event;
};

static struct crs *crs_of(struct device *d)
{
    return (struct crs *)d;
}

static vtime crs_now(const struct crs *c)
{
    return sched_now(c->d.soc->sched);
}

static uint64_t reload(const struct crs *c)
{
    return *c->cfgr & 0xFFFF;
}

static uint64_t out_range(const struct crs *c)
{
    return 128 * (uint64_t)(*c->cfgr >> 16 & 0xFF);
}

static bool counts(const struct crs *c)
{
    return *c->cr & CRS_CEN && c->hz;
}

/* The time at which the counter is n clocks behind its reload. */
static vtime time_of_count(const struct crs *c, uint64_t n)
{
    return c->reloaded + vtime_of_clocks(n, c->hz);
}

/* The first edge of the synchronisation signal after `at`. */
static vtime next_sync(const struct crs *c, vtime at)
{
    uint64_t hz = soc_clock_hz(c->d.soc, CLOCK_LSE);
    vtime period;

    if (!counts(c) || (*c->cfgr >> 28 & 3) != SYNC_LSE || !hz)
        return VTIME_NEVER;
    period = vtime_of_clocks(1u << (*c->cfgr >> 24 & 7), hz);
    return (at / period + 1) * period;
}

/* TRIM by `steps`; the model's HSI48 is exact and stays so. */
static void trim(struct crs *c, int steps)
{
    int value = (int)(*c->cr >> 8 & 0x3F) + steps;

    if (!(*c->cr & CRS_AUTOTRIM))
        return;
    complain(c->d.soc->complaints, UNIMPLEMENTED, "crs-trim",
             "CRS trims HSI48 by %d; the model's HSI48 has exactly 48 MHz at any TRIM", steps);
    if (value < 0 || value > 0x3F) {
        *c->isr |= ERRF | TRIMOVF;
        value = value < 0 ? 0 : 0x3F;
    }
    *c->cr = (*c->cr & ~CRS_TRIM) | (uint32_t)value << 8;
}

/* RM0455, "Frequency error evaluation and automatic trimming". */
static void sync_event(struct crs *c, vtime at)
{
    uint64_t limit = *c->cfgr >> 16 & 0xFF, error;
    uint64_t n = (uint64_t)((unsigned __int128)(at - c->reloaded) * c->hz / VTIME_S);
    bool slow = n <= reload(c); /* still counting down: fewer clocks than expected */
    bool measured = c->measures && (slow || n - reload(c) < out_range(c));

    c->reloaded = at;
    c->measures = true;
    if (!measured)
        return;
    error = slow ? reload(c) - n : n - reload(c);
    *c->isr = (*c->isr & 0x7FFF) | (uint32_t)(error & 0xFFFF) << 16 | (slow ? FEDIR : 0);
    if (error < limit) {
        *c->isr |= SYNCOKF;
    } else if (error < 3 * limit) {
        *c->isr |= SYNCOKF;
        trim(c, slow ? 1 : -1);
    } else if (error < out_range(c)) {
        *c->isr |= SYNCWARNF;
        trim(c, slow ? 2 : -2);
    } else {
        *c->isr |= ERRF | SYNCERR;
    }
}

static bool passes(const struct crs *c, vtime at, vtime until)
{
    return at > c->seen && at <= until;
}

/* What happened up to `now`. More than 64 trimming steps lead nowhere: older edges are skipped. */
static void catch_up(struct crs *c, vtime now)
{
    enum { ENOUGH = 70 };
    vtime sync;

    if (!counts(c)) {
        c->seen = now;
        return;
    }
    for (;;) {
        vtime end;

        sync = next_sync(c, c->seen);
        if (sync != VTIME_NEVER && now > sync) {
            vtime period = next_sync(c, sync) - sync;

            if ((now - sync) / period > ENOUGH && c->measures) {
                c->seen = c->reloaded = now / period * period - ENOUGH * period;
                continue;
            }
        }
        end = sync < now ? sync : now;
        if (passes(c, time_of_count(c, reload(c)), end))
            *c->isr |= ESYNCF;
        if (passes(c, time_of_count(c, reload(c) + out_range(c)), end))
            *c->isr |= ERRF | SYNCMISS;
        c->seen = end;
        if (sync > now)
            break;
        sync_event(c, sync);
    }
}

static void crs_update(struct crs *c)
{
    struct sched *s = c->d.soc->sched;
    vtime next = VTIME_NEVER, at;

    soc_irq(c->d.soc, IRQ_CRS, *c->cr & *c->isr & CRS_FLAGS);
    if (counts(c) && *c->cr & CRS_FLAGS) {
        next = next_sync(c, c->seen);
        at = time_of_count(c, reload(c));
        if (at > c->seen && at < next)
            next = at;
        at = time_of_count(c, reload(c) + out_range(c));
        if (at > c->seen && at < next)
            next = at;
    }
    if (next == VTIME_NEVER)
        sched_cancel(s, &c->event);
    else
        sched_at(s, &c->event, next);
}

static void crs_event(void *ctx, vtime at)
{
    struct crs *c = ctx;

    catch_up(c, at);
    crs_update(c);
}

static void write_crs_cr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct crs *c = crs_of(d);
    uint32_t cr = *c->cr;

    (void)i;
    *c->cr = old;
    catch_up(c, crs_now(c));
    if (old & CRS_AUTOTRIM) /* "controlled by hardware and read-only" */
        cr = (cr & ~CRS_TRIM) | (*c->cr & CRS_TRIM);
    *c->cr = cr;
    if (cr & CRS_CEN && !(old & CRS_CEN)) {
        c->reloaded = crs_now(c);
        c->measures = false;
        if ((*c->cfgr >> 28 & 3) == SYNC_PIN)
            complain(d->soc->complaints, UNIMPLEMENTED, "crs-pin",
                     "CRS enabled with SYNCSRC = 0: the CRS_SYNC pin is not modelled");
    }
    if (value & CRS_SWSYNC && counts(c))
        sync_event(c, crs_now(c));
    crs_update(c);
}

/* "Write-protected while CEN = 1." */
static void write_crs_cfgr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct crs *c = crs_of(d);

    (void)i;
    if (!(*c->cr & CRS_CEN))
        return;
    *c->cfgr = old;
    complain(d->soc->complaints, GUEST_ERROR, "crs-configuration",
             "CRS_CFGR = 0x%08x written while CRS_CR.CEN = 1; ignored", (unsigned)value);
}

static void write_crs_icr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct crs *c = crs_of(d);

    (void)i;
    (void)old;
    catch_up(c, crs_now(c));
    *c->isr &= ~(value & CRS_FLAGS);
    if (value & ERRF)
        *c->isr &= ~(SYNCERR | SYNCMISS | TRIMOVF);
    crs_update(c);
}

static uint32_t read_crs_cr(struct device *d, unsigned i)
{
    struct crs *c = crs_of(d);

    (void)i;
    catch_up(c, crs_now(c));
    return *c->cr;
}

static uint32_t read_crs_isr(struct device *d, unsigned i)
{
    struct crs *c = crs_of(d);

    (void)i;
    catch_up(c, crs_now(c));
    return *c->isr;
}

static const struct reg crs_regs[] = {
    {.name = "CR",
     .offset = CRS_CR,
     .reset = 0x00002000,
     .writable = 0x00003F6F,
     .read = read_crs_cr,
     .write = write_crs_cr},
    {.name = "CFGR",
     .offset = CRS_CFGR,
     .reset = 0x2022BB7F,
     .writable = 0xB7FFFFFF,
     .write = write_crs_cfgr},
    {.name = "ISR", .offset = CRS_ISR, .read = read_crs_isr},
    {.name = "ICR", .offset = CRS_ICR, .write = write_crs_icr},
};

/* The frames' sender is taken for exact; SYNCDIV divides them. */
void crs_usb_frame(struct soc *soc)
{
    struct crs *c = crs_of(soc->crs);

    if (!counts(c) || (*c->cfgr >> 28 & 3) != SYNC_USB ||
        ++c->frames % (1u << (*c->cfgr >> 24 & 7)) != 0)
        return;
    catch_up(c, crs_now(c));
    sync_event(c, crs_now(c));
    crs_update(c);
}

static void reset_crs(struct device *d)
{
    struct crs *c = crs_of(d);

    c->hz = soc_clock_hz(d->soc, CLOCK_HSI48);
    c->seen = crs_now(c);
    c->measures = false;
    crs_update(c);
}

static void crs_clocks_changed(struct device *d)
{
    struct crs *c = crs_of(d);
    uint64_t hz = soc_clock_hz(d->soc, CLOCK_HSI48);

    if (hz != c->hz) {
        catch_up(c, crs_now(c));
        c->hz = hz;
        c->reloaded = crs_now(c);
        c->measures = false;
    }
    crs_update(c);
}

static int create_crs(struct soc *soc)
{
    struct crs *c = calloc(1, sizeof *c);

    if (!c)
        return -1;
    c->d.name = "CRS";
    c->d.base = 0x40008400;
    c->d.size = 0x400;
    c->d.regs = crs_regs;
    c->d.reg_count = sizeof crs_regs / sizeof crs_regs[0];
    c->d.gate = (struct rcc_gate){RCC_APB1HENR, RCC_APB1HRSTR, 1};
    c->d.on = ON_APB1;
    c->d.complete = true;
    c->d.reset = reset_crs;
    c->d.clocks_changed = crs_clocks_changed;
    c->event = (struct sched_event){.fn = crs_event, .ctx = c};
    if (device_init(&c->d, soc) < 0) {
        free(c);
        return -1;
    }
    c->cr = device_reg(&c->d, CRS_CR);
    c->cfgr = device_reg(&c->d, CRS_CFGR);
    c->isr = device_reg(&c->d, CRS_ISR);
    soc->crs = &c->d;
    return 0;
}

int random_create(struct soc *soc)
{
    return create_rng(soc) < 0 || create_crs(soc) < 0 ? -1 : 0;
}
