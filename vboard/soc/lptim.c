/*
 * LPTIM1..3: 16-bit counters on a clock of their own, which also runs in Stop if it is LSE or LSI;
 * compare, one-shot and continuous, PWM and set-once output, interrupts, wake-up by EXTI.
 *
 * RM0455 chapter "Low-power timer"; kernel clocks: RCC_CDCCIP2R, RCC_SRDCCIPR. As in the other
 * timers the counter is not stepped, and an event is in the queue only while somebody would notice.
 * Not modelled: counting and triggers by pins and other peripherals, encoder mode, time-out;
 * UNVERIFIED: that the output is active while CMP < CNT <= ARR, as "set when CNT exceeds CMP, reset
 * by a match with ARR" leaves open when within a tick it is reset.
 */
#include <stdlib.h>

#include "devices.h"
#include "signals.h"
#include "timing.h"

enum {
    ISR = 0x00,
    ICR = 0x04,
    IER = 0x08,
    CFGR = 0x0C,
    CR = 0x10,
    CMP = 0x14,
    ARR = 0x18,
    CNT = 0x1C,
    CFGR2 = 0x24,
    UNITS = 3,
    ROUTES = 4,
};

#define CMPM          (1u << 0)
#define ARRM          (1u << 1)
#define CMPOK         (1u << 3)
#define ARROK         (1u << 4)
#define FLAGS         0x7Fu
#define CFGR_CKSEL    (1u << 0)
#define CFGR_PRESC(v) ((v) >> 9 & 7)
#define CFGR_TRIGEN   (3u << 17)
#define CFGR_WAVE     (1u << 20) /* set-once */
#define CFGR_WAVPOL   (1u << 21)
#define CFGR_PRELOAD  (1u << 22)
#define CFGR_INPUTS   (CFGR_CKSEL | CFGR_TRIGEN | 3u << 23) /* COUNTMODE, ENC */
#define CR_ENABLE     (1u << 0)
#define CR_SNGSTRT    (1u << 1)
#define CR_CNTSTRT    (1u << 2)
#define CR_COUNTRST   (1u << 3)
#define CR_RSTARE     (1u << 4)

static const struct kind {
    const char *name;
    uint32_t base;
    uint16_t enr, rstr;
    uint8_t bit, on, irq, exti;
    enum soc_clock clock;
} kinds[UNITS] = {
    {"LPTIM1", 0x40002400, RCC_APB1LENR, RCC_APB1LRSTR, 9, ON_APB1, IRQ_LPTIM1, 47, CLOCK_LPTIM1},
    {"LPTIM2", 0x58002400, RCC_APB4ENR, RCC_APB4RSTR, 9, ON_APB4, IRQ_LPTIM2, 48, CLOCK_LPTIM2},
    {"LPTIM3", 0x58002800, RCC_APB4ENR, RCC_APB4RSTR, 10, ON_APB4, IRQ_LPTIM3, 50, CLOCK_LPTIM3},
};

/* The outputs' pins: the alternate functions of DS13195. */
static const struct {
    uint8_t unit, pin, af;
} routes[ROUTES] = {
    {0, SOC_PIN('D', 13), 1},
    {0, SOC_PIN('G', 13), 1},
    {1, SOC_PIN('B', 13), 3},
    {2, SOC_PIN('A', 1), 3},
};

struct lptim {
    struct device d;
    const struct kind *kind;
    unsigned number;
    uint32_t *isr, *ier, *cfgr, *cr;
    uint64_t hz;       /* of the kernel clock */
    uint32_t arr, cmp; /* in force */
    bool counts, single;
    bool set_once; /* the set-once output has been set */
    bool reached;  /* pins are routed to the output */
    vtime since;   /* when the counter was 0, or set to `from` */
    uint64_t from; /* ticks, not reduced by periods */
    uint64_t seen; /* up to here flags are accounted for */
    enum net_drive driven[ROUTES];
    struct sched_event event, arr_written, cmp_written, counter_reset;
    struct signal_source source;
};

static struct lptim *lptim_of(struct device *d)
{
    return (struct lptim *)d;
}

static vtime now(const struct lptim *t)
{
    return soc_now(t->d.soc);
}

static uint64_t period(const struct lptim *t)
{
    return (uint64_t)t->arr + 1;
}

static uint64_t tick_hz_divider(const struct lptim *t)
{
    return UINT64_C(1) << CFGR_PRESC(*t->cfgr);
}

static uint64_t ticks_at(const struct lptim *t, vtime at)
{
    if (!t->counts || !t->hz || at <= t->since)
        return t->from;
    return t->from +
           (uint64_t)((unsigned __int128)(at - t->since) * t->hz / VTIME_S) / tick_hz_divider(t);
}

static vtime time_of(const struct lptim *t, uint64_t n)
{
    unsigned __int128 clocks = (unsigned __int128)(n - t->from) * tick_hz_divider(t);

    return t->since + (vtime)((clocks * VTIME_S + t->hz - 1) / t->hz);
}

static void restart(struct lptim *t, uint64_t ticks, vtime at)
{
    t->from = t->seen = ticks;
    t->since = at;
}

/* In Stop only EXTI's line brings the interrupt to the core. */
static void update_irq(struct lptim *t)
{
    bool heard = t->d.soc->power == SOC_RUNS || exti_unmasked(t->d.soc, t->kind->exti);

    soc_irq(t->d.soc, t->kind->irq, heard && *t->isr & *t->ier & FLAGS);
}

/* ---- output ---- */

static bool active(const struct lptim *t)
{
    uint64_t phase = t->seen % period(t);

    if (*t->cfgr & CFGR_WAVE)
        return t->set_once;
    return t->counts && phase > t->cmp;
}

static void drive(struct lptim *t)
{
    struct soc *soc = t->d.soc;
    bool level = active(t) != !!(*t->cfgr & CFGR_WAVPOL);

    t->reached = false;
    for (unsigned i = 0; i < ROUTES; i++) {
        enum net_drive drive = NET_Z;

        if (routes[i].unit != t->number)
            continue;
        if (soc_pin_af(soc, routes[i].pin) == routes[i].af) {
            drive = level ? NET_HIGH : NET_LOW;
            t->reached = true;
        }
        if (drive != t->driven[i]) {
            t->driven[i] = drive;
            soc_pin_output(soc, routes[i].pin, drive);
        }
    }
    if (signal_listened(soc, SIGNAL_LPTIM(t->number + 1))) {
        t->reached = true;
        signal_set(soc, SIGNAL_LPTIM(t->number + 1), level);
    }
}

/* ---- counting ---- */

static uint64_t times(uint64_t from, uint64_t to, uint64_t phase, uint64_t p)
{
    return (to >= phase ? (to - phase) / p + 1 : 0) - (from >= phase ? (from - phase) / p + 1 : 0);
}

static void take_registers(struct lptim *t)
{
    t->arr = *device_reg(&t->d, ARR);
    t->cmp = *device_reg(&t->d, CMP);
}

static bool preloaded(struct lptim *t)
{
    return t->arr != *device_reg(&t->d, ARR) || t->cmp != *device_reg(&t->d, CMP);
}

static void stop(struct lptim *t)
{
    t->counts = false;
    *t->cr &= ~(CR_SNGSTRT | CR_CNTSTRT);
    restart(t, 0, now(t));
}

static void sync(struct lptim *t, vtime at)
{
    uint64_t ticks = ticks_at(t, at), p = period(t), ends;

    if (ticks == t->seen)
        return;
    if (times(t->seen, ticks, t->arr, p))
        *t->isr |= ARRM;
    if (t->cmp <= t->arr && times(t->seen, ticks, t->cmp, p))
        *t->isr |= CMPM;
    if (t->cmp < t->arr && times(t->seen, ticks, t->cmp + UINT64_C(1), p))
        t->set_once = true;
    ends = ticks / p - t->seen / p;
    t->seen = ticks;
    if (!ends)
        return;
    if (t->single) {
        stop(t);
    } else if (preloaded(t) && !sched_pending(&t->arr_written) && !sched_pending(&t->cmp_written)) {
        vtime end = time_of(t, ticks / p * p);

        take_registers(t);
        restart(t, 0, end);
        sync(t, at);
    }
}

static uint64_t next_at(const struct lptim *t, uint64_t phase)
{
    uint64_t p = period(t), at = t->seen / p * p + phase;

    return at > t->seen ? at : at + p;
}

static void schedule(struct lptim *t)
{
    uint64_t next = UINT64_MAX, at;
    uint32_t awaited = *t->ier & ~*t->isr;
    bool edges;

    update_irq(t);
    drive(t);
    if (!t->counts || !t->hz) {
        sched_cancel(t->d.soc->sched, &t->event);
        return;
    }
    edges = t->reached && t->cmp < t->arr && !(*t->cfgr & CFGR_WAVE && t->set_once);
    if (awaited & ARRM)
        next = next_at(t, t->arr);
    if (awaited & CMPM && t->cmp <= t->arr && (at = next_at(t, t->cmp)) < next)
        next = at;
    if (edges && (at = next_at(t, t->cmp + UINT64_C(1))) < next)
        next = at;
    if ((edges || t->single || preloaded(t)) && (at = next_at(t, 0)) < next)
        next = at;
    if (next == UINT64_MAX)
        sched_cancel(t->d.soc->sched, &t->event);
    else
        sched_at(t->d.soc->sched, &t->event, time_of(t, next));
}

static void event(void *ctx, vtime at)
{
    struct lptim *t = ctx;

    t->d.soc->edge_at = at;
    sync(t, at);
    schedule(t);
    t->d.soc->edge_at = 0;
}

/* ---- registers that the kernel clock has to take ---- */

static void kernel_later(struct lptim *t, struct sched_event *e)
{
    if (t->hz)
        sched_at(t->d.soc->sched, e, now(t) + vtime_of_clocks(CLOCKS_LPTIM_SYNC, t->hz));
}

/* Without PRELOAD at once; with it when the period ends, if there is one. */
static void written(struct lptim *t, uint32_t flag, vtime at)
{
    sync(t, at);
    *t->isr |= flag;
    if (!(*t->cfgr & CFGR_PRELOAD) || !t->counts) {
        uint64_t phase = t->seen % period(t);

        if (flag == ARROK)
            t->arr = *device_reg(&t->d, ARR);
        else
            t->cmp = *device_reg(&t->d, CMP);
        if (t->counts)
            restart(t, phase, time_of(t, t->seen));
    }
    schedule(t);
}

static void arr_written(void *ctx, vtime at)
{
    written(ctx, ARROK, at);
}

static void cmp_written(void *ctx, vtime at)
{
    written(ctx, CMPOK, at);
}

static void counter_reset(void *ctx, vtime at)
{
    struct lptim *t = ctx;

    sync(t, at);
    *t->cr &= ~CR_COUNTRST;
    restart(t, 0, at);
    schedule(t);
}

static void write_value(struct device *d, struct sched_event *e, const char *name)
{
    struct lptim *t = lptim_of(d);

    if (!(*t->cr & CR_ENABLE))
        complain(d->soc->complaints, GUEST_ERROR, "lptim-disabled",
                 "%s_%s written while ENABLE = 0", d->name, name);
    else if (sched_pending(e))
        complain(d->soc->complaints, GUEST_ERROR, "lptim-too-soon",
                 "%s_%s written again before %sOK", d->name, name, name);
    kernel_later(t, e);
    schedule(t);
}

static void write_cmp(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    write_value(d, &lptim_of(d)->cmp_written, "CMP");
}

static void write_arr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    write_value(d, &lptim_of(d)->arr_written, "ARR");
}

/* ---- other registers ---- */

static uint32_t read_isr(struct device *d, unsigned i)
{
    (void)i;
    sync(lptim_of(d), now(lptim_of(d)));
    return *lptim_of(d)->isr;
}

static void write_icr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct lptim *t = lptim_of(d);

    (void)i;
    (void)old;
    sync(t, now(t));
    *t->isr &= ~(value & FLAGS);
    schedule(t);
}

/* "Must only be modified when the LPTIM is disabled": IER and CFGR. */
static void must_be_off(struct lptim *t, const char *name, uint32_t changed)
{
    if (changed && *t->cr & CR_ENABLE)
        complain(t->d.soc->complaints, GUEST_ERROR, "lptim-enabled",
                 "%s_%s changed while ENABLE = 1", t->d.name, name);
}

static void write_ier(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct lptim *t = lptim_of(d);

    (void)i;
    (void)value;
    must_be_off(t, "IER", *t->ier ^ old);
    sync(t, now(t));
    schedule(t);
}

static void write_cfgr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct lptim *t = lptim_of(d);

    (void)i;
    must_be_off(t, "CFGR", *t->cfgr ^ old);
    if (value & CFGR_INPUTS)
        complain(d->soc->complaints, UNIMPLEMENTED, "lptim-inputs",
                 "%s_CFGR = 0x%08x: inputs that clock, count or trigger are not modelled", d->name,
                 (unsigned)value);
    schedule(t);
}

static void disable(struct lptim *t)
{
    struct sched *sched = t->d.soc->sched;

    stop(t);
    sched_cancel(sched, &t->arr_written);
    sched_cancel(sched, &t->cmp_written);
    sched_cancel(sched, &t->counter_reset);
    t->set_once = false;
    *t->cr = 0;
}

static void write_cr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct lptim *t = lptim_of(d);
    uint32_t started = value & (CR_SNGSTRT | CR_CNTSTRT);

    (void)i;
    sync(t, now(t));
    if (!(*t->cr & CR_ENABLE)) {
        disable(t);
        schedule(t);
        return;
    }
    /* "Any write on these bits when the timer is disabled will be discarded by hardware." */
    if (!(old & CR_ENABLE))
        started = 0;
    *t->cr = (*t->cr & ~(CR_SNGSTRT | CR_CNTSTRT)) | started;
    if (started) {
        t->single = !(started & CR_CNTSTRT);
        if (!t->counts) {
            t->counts = true;
            take_registers(t);
            restart(t, 0, now(t) + (t->hz ? vtime_of_clocks(CLOCKS_LPTIM_START, t->hz) : 0));
        }
    } else if (t->counts) {
        *t->cr |= t->single ? CR_SNGSTRT : CR_CNTSTRT; /* hardware clears them */
    }
    if (value & CR_COUNTRST && !sched_pending(&t->counter_reset))
        kernel_later(t, &t->counter_reset);
    schedule(t);
}

static uint32_t read_cnt(struct device *d, unsigned i)
{
    struct lptim *t = lptim_of(d);
    uint32_t count;

    (void)i;
    sync(t, now(t));
    count = (uint32_t)(t->seen % period(t));
    if (*t->cr & CR_RSTARE && !d->peek && !sched_pending(&t->counter_reset))
        kernel_later(t, &t->counter_reset);
    return count;
}

static const struct reg regs[] = {
    {.name = "ISR", .offset = ISR, .read = read_isr},
    {.name = "ICR", .offset = ICR, .write = write_icr},
    {.name = "IER", .offset = IER, .writable = FLAGS, .write = write_ier},
    {.name = "CFGR", .offset = CFGR, .writable = 0x01FEEEDF, .write = write_cfgr},
    {.name = "CR", .offset = CR, .writable = 0x1F, .write = write_cr},
    {.name = "CMP", .offset = CMP, .writable = 0xFFFF, .write = write_cmp},
    {.name = "ARR", .offset = ARR, .reset = 1, .writable = 0xFFFF, .write = write_arr},
    {.name = "CNT", .offset = CNT, .read = read_cnt},
    {.name = "CFGR2", .offset = CFGR2, .writable = 0x33},
};

static void reset(struct device *d)
{
    struct lptim *t = lptim_of(d);

    t->hz = soc_clock_hz(d->soc, t->kind->clock);
    disable(t);
    take_registers(t);
    schedule(t);
}

static void clocks_changed(struct device *d)
{
    struct lptim *t = lptim_of(d);
    uint64_t hz = soc_clock_hz(d->soc, t->kind->clock);

    if (hz != t->hz) {
        sync(t, now(t));
        restart(t, t->seen, now(t));
        t->hz = hz;
    }
    schedule(t); /* Stop begins or ends */
}

void lptim_pin_routed(struct soc *soc, unsigned pin)
{
    for (unsigned i = 0; i < ROUTES; i++) {
        struct lptim *t;

        if (routes[i].pin != pin || !soc->lptim[routes[i].unit])
            continue;
        t = lptim_of(soc->lptim[routes[i].unit]);
        sync(t, now(t));
        schedule(t);
    }
}

static void listeners_changed(void *ctx)
{
    struct lptim *t = ctx;

    sync(t, now(t));
    schedule(t);
}

static int create_unit(struct soc *soc, unsigned n)
{
    const struct kind *k = &kinds[n];
    struct lptim *t = calloc(1, sizeof *t);

    if (!t)
        return -1;
    t->kind = k;
    t->number = n;
    t->d.name = k->name;
    t->d.base = k->base;
    t->d.size = 0x400;
    t->d.regs = regs;
    t->d.reg_count = sizeof regs / sizeof regs[0];
    t->d.gate = (struct rcc_gate){k->enr, k->rstr, k->bit};
    t->d.on = k->on;
    t->d.complete = true;
    t->d.reset = reset;
    t->d.clocks_changed = clocks_changed;
    t->event = (struct sched_event){.fn = event, .ctx = t};
    t->arr_written = (struct sched_event){.fn = arr_written, .ctx = t};
    t->cmp_written = (struct sched_event){.fn = cmp_written, .ctx = t};
    t->counter_reset = (struct sched_event){.fn = counter_reset, .ctx = t};
    t->source = (struct signal_source){.fn = listeners_changed, .ctx = t};
    if (device_init(&t->d, soc) < 0) {
        free(t);
        return -1;
    }
    t->isr = device_reg(&t->d, ISR);
    t->ier = device_reg(&t->d, IER);
    t->cfgr = device_reg(&t->d, CFGR);
    t->cr = device_reg(&t->d, CR);
    soc->lptim[n] = &t->d;
    signal_add_source(soc, SIGNAL_LPTIM(n + 1), &t->source);
    return 0;
}

int lptim_create(struct soc *soc)
{
    for (unsigned n = 0; n < UNITS; n++) {
        if (create_unit(soc, n) < 0)
            return -1;
    }
    return 0;
}
