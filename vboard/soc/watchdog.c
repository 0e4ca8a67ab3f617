/*
 * IWDG1, the independent watchdog on LSI, and WWDG, the window watchdog on PCLK3.
 *
 * RM0455 chapters "Independent watchdog (IWDG)" and "System window watchdog (WWDG)". Counters
 * follow from the virtual time since they were last loaded; their resets come at the exact moment.
 * Not modelled: DBGMCU's freeze bits, and the option bytes' freeze in Stop and Standby.
 */
#include <stdlib.h>

#include "devices.h"
#include "timing.h"

static vtime now(const struct device *d)
{
    return sched_now(d->soc->sched);
}

/* ---- IWDG1 ---- */

enum { KR = 0x00, PR = 0x04, RLR = 0x08, SR = 0x0C, WINR = 0x10 };

enum { KEY_UNLOCK = 0x5555, KEY_RELOAD = 0xAAAA, KEY_START = 0xCCCC };

enum { FLASH_OPTSR_CUR = 0x1C };
#define OPTSR_IWDG1_SW (1u << 4) /* 0: the watchdog starts by itself at reset */

/* The registers whose values cross to the LSI's side, in the order of their flags in SR. */
static const struct {
    uint16_t reg;
    const char *name;
} crossing[] = {{PR, "PR"}, {RLR, "RLR"}, {WINR, "WINR"}};
enum { FORCE_PR, FORCE_RLR, FORCE_WINR, CROSSINGS };

struct iwdg;

struct update {
    struct iwdg *iwdg;
    unsigned which;
    struct sched_event event;
};

struct iwdg {
    struct device d;
    struct sched_event bite;
    struct update update[CROSSINGS];
    uint32_t force[CROSSINGS]; /* values in force on the LSI's side */
    bool started, unlocked;
    vtime since;   /* when the counter was ... */
    uint32_t from; /* ... here */
    uint64_t hz;   /* LSI */
};

static uint64_t iwdg_divider(const struct iwdg *w)
{
    uint32_t pr = w->force[FORCE_PR];

    return 4u << (pr < 6 ? pr : 6);
}

static uint32_t iwdg_count(const struct iwdg *w)
{
    unsigned __int128 clocks = (unsigned __int128)(now(&w->d) - w->since) * w->hz / VTIME_S;
    uint64_t ticks = (uint64_t)clocks / iwdg_divider(w);

    if (!w->started)
        return w->from;
    return ticks > w->from ? 0 : w->from - (uint32_t)ticks;
}

/* Loads the counter and plans its end: the tick behind 0. */
static void iwdg_load(struct iwdg *w, uint32_t count)
{
    w->from = count;
    w->since = now(&w->d);
    if (w->started && w->hz)
        sched_at(w->d.soc->sched, &w->bite,
                 w->since + vtime_of_clocks((w->from + 1) * iwdg_divider(w), w->hz));
    else
        sched_cancel(w->d.soc->sched, &w->bite);
}

static void iwdg_bite(void *ctx, vtime at)
{
    struct iwdg *w = ctx;

    (void)at;
    soc_request_reset(w->d.soc, SOC_RESET_IWDG);
}

static void iwdg_updated(void *ctx, vtime at)
{
    struct update *u = ctx;
    struct iwdg *w = u->iwdg;
    uint32_t count = iwdg_count(w);

    (void)at;
    *device_reg(&w->d, SR) &= ~(1u << u->which);
    w->force[u->which] = *device_reg(&w->d, crossing[u->which].reg);
    if (u->which == FORCE_PR)
        iwdg_load(w, count);
    else if (u->which == FORCE_WINR)
        iwdg_load(w, w->force[FORCE_RLR]); /* RM0455: writing WINR refreshes the counter */
}

/* Without LSI the update waits for it. */
static void iwdg_plan_update(struct iwdg *w, unsigned which)
{
    if (w->hz)
        sched_at(w->d.soc->sched, &w->update[which].event,
                 now(&w->d) + vtime_of_clocks(CLOCKS_IWDG_UPDATE, w->hz));
}

static void iwdg_start(struct iwdg *w)
{
    if (w->started)
        return;
    w->started = true;
    iwdg_load(w, w->from);
    rcc_force_lsi(w->d.soc);
}

static void iwdg_refresh(struct iwdg *w)
{
    if (w->started && iwdg_count(w) > w->force[FORCE_WINR]) {
        soc_request_reset(w->d.soc, SOC_RESET_IWDG);
        return;
    }
    iwdg_load(w, w->force[FORCE_RLR]);
}

static void write_kr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct iwdg *w = (struct iwdg *)d;

    (void)i;
    (void)old;
    value &= 0xFFFF;
    w->unlocked = value == KEY_UNLOCK;
    if (value == KEY_RELOAD)
        iwdg_refresh(w);
    else if (value == KEY_START)
        iwdg_start(w);
}

static void write_crossing(struct device *d, unsigned which, uint32_t old)
{
    struct iwdg *w = (struct iwdg *)d;
    uint32_t *sr = device_reg(d, SR);

    if (w->unlocked && !(*sr & 1u << which)) {
        *sr |= 1u << which;
        iwdg_plan_update(w, which);
        return;
    }
    complain(d->soc->complaints, GUEST_ERROR, w->unlocked ? "iwdg-busy" : "iwdg-locked",
             w->unlocked ? "IWDG_%s written while its flag in IWDG_SR is set; ignored"
                         : "IWDG_%s written without the key 0x5555 in IWDG_KR; ignored",
             crossing[which].name);
    *device_reg(d, crossing[which].reg) = old;
}

static void write_pr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    write_crossing(d, FORCE_PR, old);
}

static void write_rlr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    write_crossing(d, FORCE_RLR, old);
}

static void write_winr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    write_crossing(d, FORCE_WINR, old);
}

static const struct reg iwdg_regs[] = {
    {.name = "KR", .offset = KR, .write = write_kr},
    {.name = "PR", .offset = PR, .writable = 7, .write = write_pr},
    {.name = "RLR", .offset = RLR, .reset = 0xFFF, .writable = 0xFFF, .write = write_rlr},
    {.name = "SR", .offset = SR},
    {.name = "WINR", .offset = WINR, .reset = 0xFFF, .writable = 0xFFF, .write = write_winr},
};

static void iwdg_reset(struct device *d)
{
    struct iwdg *w = (struct iwdg *)d;

    sched_cancel(d->soc->sched, &w->bite);
    for (unsigned i = 0; i < CROSSINGS; i++) {
        sched_cancel(d->soc->sched, &w->update[i].event);
        w->force[i] = *device_reg(d, crossing[i].reg);
    }
    w->started = w->unlocked = false;
    w->hz = soc_clock_hz(d->soc, CLOCK_LSI);
    iwdg_load(w, w->force[FORCE_RLR]);
    if (!(*device_reg(d->soc->flash, FLASH_OPTSR_CUR) & OPTSR_IWDG1_SW))
        iwdg_start(w);
}

static void iwdg_clocks_changed(struct device *d)
{
    struct iwdg *w = (struct iwdg *)d;
    uint64_t hz = soc_clock_hz(d->soc, CLOCK_LSI);
    uint32_t count;

    if (hz == w->hz)
        return;
    count = iwdg_count(w);
    w->hz = hz;
    iwdg_load(w, count);
    for (unsigned i = 0; i < CROSSINGS; i++) {
        sched_cancel(d->soc->sched, &w->update[i].event);
        if (*device_reg(d, SR) & 1u << i)
            iwdg_plan_update(w, i);
    }
}

static int iwdg_create(struct soc *soc)
{
    struct iwdg *w = calloc(1, sizeof *w);

    if (!w)
        return -1;
    w->d.name = "IWDG1";
    w->d.base = 0x58004800;
    w->d.size = 0x400;
    w->d.regs = iwdg_regs;
    w->d.reg_count = sizeof iwdg_regs / sizeof iwdg_regs[0];
    w->d.on = ON_APB4;
    w->d.complete = true;
    w->d.reset = iwdg_reset;
    w->d.clocks_changed = iwdg_clocks_changed;
    w->bite = (struct sched_event){.fn = iwdg_bite, .ctx = w};
    for (unsigned i = 0; i < CROSSINGS; i++) {
        struct update *u = &w->update[i];

        *u = (struct update){.iwdg = w, .which = i, .event = {.fn = iwdg_updated, .ctx = u}};
    }
    if (device_init(&w->d, soc) < 0) {
        free(w);
        return -1;
    }
    return 0;
}

/* ---- WWDG ---- */

enum { WWDG_CR = 0x00, WWDG_CFR = 0x04, WWDG_SR = 0x08 };

#define CR_T      0x7Fu
#define CR_T6     (1u << 6)
#define CR_WDGA   (1u << 7)
#define CFR_W     0x7Fu
#define CFR_EWI   (1u << 9)
#define CFR_WDGTB 11
#define SR_EWIF   (1u << 0)

enum { EARLY = 0x40, RCC_GCR = 0xA0 };
#define GCR_WW1RSC (1u << 0)

struct wwdg {
    struct device d;
    struct sched_event event;
    bool counts;   /* its clock was enabled since reset; only a reset stops it (RM0455, WWDGEN) */
    vtime since;   /* when T was ... */
    uint32_t from; /* ... this, or counts down from it */
    uint64_t seen; /* ticks up to which EWIF is accounted for */
    uint64_t hz;   /* PCLK3 */
    uint32_t cfr;
};

static struct wwdg *wwdg_of(struct device *d)
{
    return (struct wwdg *)d;
}

static uint64_t wwdg_clocks_of_tick(const struct wwdg *w)
{
    return (uint64_t)4096 << (w->cfr >> CFR_WDGTB & 7);
}

static uint64_t wwdg_ticks(const struct wwdg *w, vtime at)
{
    if (!w->counts || !w->hz || at <= w->since)
        return 0;
    return (uint64_t)((unsigned __int128)(at - w->since) * w->hz / VTIME_S) /
           wwdg_clocks_of_tick(w);
}

static vtime wwdg_time(const struct wwdg *w, uint64_t ticks)
{
    unsigned __int128 clocks = (unsigned __int128)ticks * wwdg_clocks_of_tick(w);

    if (!w->counts || !w->hz)
        return VTIME_NEVER;
    return w->since + (vtime)((clocks * VTIME_S + w->hz - 1) / w->hz);
}

static uint32_t wwdg_count(const struct wwdg *w, vtime at)
{
    return (w->from - (uint32_t)wwdg_ticks(w, at)) & CR_T;
}

/* The first tick behind `seen` at which the counter is `count`; it runs through 0 (RM0455: "free
   running"). */
static uint64_t wwdg_tick_of(const struct wwdg *w, uint32_t count)
{
    uint64_t first = (w->from - count) & CR_T;

    return first > w->seen ? first : first + ((w->seen - first) / 128 + 1) * 128;
}

static void wwdg_sync(struct wwdg *w, vtime at)
{
    uint64_t ticks = wwdg_ticks(w, at);

    if (wwdg_tick_of(w, EARLY) <= ticks)
        *device_reg(&w->d, WWDG_SR) |= SR_EWIF;
    w->seen = ticks;
}

static void wwdg_load(struct wwdg *w, uint32_t count)
{
    w->from = count & CR_T;
    w->since = now(&w->d);
    w->seen = 0;
}

static void wwdg_schedule(struct wwdg *w)
{
    bool ewi = w->cfr & CFR_EWI, ewif = *device_reg(&w->d, WWDG_SR) & SR_EWIF;
    vtime next = VTIME_NEVER, end;

    soc_irq(w->d.soc, IRQ_WWDG, ewi && ewif);
    if (ewi && !ewif)
        next = wwdg_time(w, wwdg_tick_of(w, EARLY));
    if (*device_reg(&w->d, WWDG_CR) & CR_WDGA) {
        end = wwdg_time(w, wwdg_tick_of(w, EARLY - 1));
        if (end < next)
            next = end;
    }
    if (next == VTIME_NEVER)
        sched_cancel(w->d.soc->sched, &w->event);
    else
        sched_at(w->d.soc->sched, &w->event, next);
}

static void wwdg_event(void *ctx, vtime at)
{
    struct wwdg *w = ctx;

    wwdg_sync(w, at);
    if (*device_reg(&w->d, WWDG_CR) & CR_WDGA && !(wwdg_count(w, at) & CR_T6)) {
        soc_request_reset(w->d.soc, SOC_RESET_WWDG);
        return;
    }
    wwdg_schedule(w);
}

static uint32_t read_wwdg_cr(struct device *d, unsigned i)
{
    struct wwdg *w = wwdg_of(d);

    (void)i;
    return (*device_reg(d, WWDG_CR) & CR_WDGA) | wwdg_count(w, now(d));
}

static uint32_t read_wwdg_sr(struct device *d, unsigned i)
{
    (void)i;
    wwdg_sync(wwdg_of(d), now(d));
    return *device_reg(d, WWDG_SR);
}

static void write_wwdg_cr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct wwdg *w = wwdg_of(d);
    uint32_t *cr = device_reg(d, WWDG_CR);

    (void)i;
    wwdg_sync(w, now(d));
    *cr |= old & CR_WDGA; /* set only */
    if (*cr & ~old & CR_WDGA && !(*device_reg(d->soc->rcc, RCC_GCR) & GCR_WW1RSC))
        complain(
            d->soc->complaints, HAZARD, "wwdg-reset-scope",
            "WWDG enabled with RCC_GCR.WW1RSC = 0; RM0455: it \"must be set to 1\" before, for "
            "the reset to work");
    if ((old & CR_WDGA && wwdg_count(w, now(d)) > (w->cfr & CFR_W)) ||
        (*cr & CR_WDGA && !(value & CR_T6)))
        soc_request_reset(d->soc, SOC_RESET_WWDG);
    wwdg_load(w, value);
    wwdg_schedule(w);
}

static void write_wwdg_cfr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct wwdg *w = wwdg_of(d);
    uint32_t *cfr = device_reg(d, WWDG_CFR);

    (void)i;
    (void)value;
    wwdg_sync(w, now(d));
    *cfr |= old & CFR_EWI; /* cleared by a reset only */
    if ((*cfr ^ old) >> CFR_WDGTB & 7)
        wwdg_load(w, wwdg_count(w, now(d)));
    w->cfr = *cfr;
    wwdg_schedule(w);
}

static void write_wwdg_sr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    wwdg_sync(wwdg_of(d), now(d));
    *device_reg(d, WWDG_SR) &= value;
    wwdg_schedule(wwdg_of(d));
}

static const struct reg wwdg_regs[] = {
    {.name = "CR",
     .offset = WWDG_CR,
     .reset = CR_T,
     .writable = CR_WDGA,
     .read = read_wwdg_cr,
     .write = write_wwdg_cr},
    {.name = "CFR",
     .offset = WWDG_CFR,
     .reset = CFR_W,
     .writable = 0x3A7F,
     .write = write_wwdg_cfr},
    {.name = "SR", .offset = WWDG_SR, .read = read_wwdg_sr, .write = write_wwdg_sr},
};

/* An access proves that WWDGEN is set: from then on the counter runs. */
static enum bus_status wwdg_access(struct device *d, struct bus_access *a)
{
    struct wwdg *w = wwdg_of(d);

    if (!w->counts && !d->peek) {
        w->counts = true;
        wwdg_load(w, w->from);
    }
    return device_access_regs(d, a);
}

static void wwdg_reset(struct device *d)
{
    struct wwdg *w = wwdg_of(d);

    w->counts = false;
    w->cfr = *device_reg(d, WWDG_CFR);
    w->hz = soc_clock_hz(d->soc, CLOCK_PCLK3);
    wwdg_load(w, CR_T);
    *device_reg(d, WWDG_CR) = 0;
    wwdg_schedule(w);
}

static void wwdg_clocks_changed(struct device *d)
{
    struct wwdg *w = wwdg_of(d);
    uint64_t hz = soc_clock_hz(d->soc, CLOCK_PCLK3);

    if (hz == w->hz)
        return;
    wwdg_sync(w, now(d));
    wwdg_load(w, wwdg_count(w, now(d)));
    w->hz = hz;
    wwdg_schedule(w);
}

static int wwdg_create(struct soc *soc)
{
    struct wwdg *w = calloc(1, sizeof *w);

    if (!w)
        return -1;
    w->d.name = "WWDG";
    w->d.base = 0x50003000;
    w->d.size = 0x400;
    w->d.regs = wwdg_regs;
    w->d.reg_count = sizeof wwdg_regs / sizeof wwdg_regs[0];
    w->d.gate = (struct rcc_gate){.enr = RCC_APB3ENR, .bit = 6};
    w->d.on = ON_APB3;
    w->d.complete = true;
    w->d.reset = wwdg_reset;
    w->d.clocks_changed = wwdg_clocks_changed;
    w->d.access = wwdg_access;
    w->event = (struct sched_event){.fn = wwdg_event, .ctx = w};
    if (device_init(&w->d, soc) < 0) {
        free(w);
        return -1;
    }
    return 0;
}

int watchdog_create(struct soc *soc)
{
    return iwdg_create(soc) < 0 ? -1 : wwdg_create(soc);
}
