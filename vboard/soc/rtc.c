/*
 * RTC (version 3: flags in SR, SCR, MISR) and TAMP with the 32 backup registers.
 *
 * RM0455 chapters "Real-time clock (RTC)" and "Tamper and backup registers (TAMP)". The calendar is
 * not stepped: it follows from the virtual time since it was last set, and an event is in the queue
 * only for what somebody would notice (an alarm, the wake-up timer, a mode change under way).
 *
 * All of it lies in the backup domain, which system resets leave alone; only the bus interface
 * (shadow registers, RSF, INIT) is reset by them. Not modelled: time stamps, tamper detection,
 * reference clock, output pins.
 */
#include <stdlib.h>

#include "rtc_calendar.h"
#include "rtc_int.h"
#include "timing.h"

enum { TAMP_CR1 = 0x00, TAMP_COUNTR = 0x40, TAMP_BKP0R = 0x100 };

/* The part of it that system resets reach; a device without registers. */
struct rtc_interface {
    struct device d;
    struct rtc *rtc;
};

/* ---- reading ---- */

static bool rsf(struct rtc *r)
{
    return !(*rtc_word(r, CR) & CR_BYPSHAD) && rtc_raw_now(r) >= r->rsf_at;
}

/* The shadow registers as they are now, without what a lock holds back. */
static struct shadow shadow_now(struct rtc *r)
{
    int64_t n = rtc_raw_now(r);

    if (n < r->copy_from)
        return r->shadow;
    return rtc_calendar_at(r, rtc_time_of(&r->raw, n / CLOCKS_RTC_SHADOW * CLOCKS_RTC_SHADOW));
}

/* RM0455: reading SSR or TR locks the higher-order shadow registers until DR is read. */
static uint32_t read_calendar(struct device *d, uint32_t offset)
{
    struct rtc *r = rtc_of(d);
    struct shadow s;
    uint32_t value;

    rtc_sync(r);
    if (*rtc_word(r, CR) & CR_BYPSHAD) {
        s = r->mode == INIT_MODE ? (struct shadow){*rtc_word(r, TR), *rtc_word(r, DR),
                                                   rtc_subsecond_at(r, rtc_now(r))}
                                 : rtc_calendar_at(r, rtc_now(r));
        return offset == TR ? s.tr : offset == DR ? s.dr : s.ssr;
    }
    if (!d->peek && r->raw.hz && rtc_raw_now(r) < r->copy_from)
        complain(d->soc->complaints, GUEST_ERROR, "rtc-not-synchronised",
                 "RTC_%s read before RSF was set after a reset, an initialisation or a shift",
                 offset == TR   ? "TR"
                 : offset == DR ? "DR"
                                : "SSR");
    s = shadow_now(r);
    if (r->locked_tr)
        s.tr = r->shadow.tr;
    if (r->locked_dr)
        s.dr = r->shadow.dr;
    value = offset == TR ? s.tr : offset == DR ? s.dr : s.ssr;
    if (d->peek)
        return value;
    if (offset == DR) {
        r->locked_tr = r->locked_dr = false;
    } else {
        r->shadow = s;
        r->locked_tr = r->locked_tr || offset == SSR;
        r->locked_dr = true;
    }
    return value;
}

static uint32_t read_tr(struct device *d, unsigned i)
{
    (void)i;
    return read_calendar(d, TR);
}

static uint32_t read_dr(struct device *d, unsigned i)
{
    (void)i;
    return read_calendar(d, DR);
}

static uint32_t read_ssr(struct device *d, unsigned i)
{
    (void)i;
    return read_calendar(d, SSR);
}

static bool alarm_writable(struct rtc *r, unsigned alarm)
{
    return !(*rtc_word(r, CR) & CR_ALRAE << alarm) && rtc_raw_now(r) >= r->alarm_writable_at[alarm];
}

static bool wakeup_writable(struct rtc *r)
{
    return !(*rtc_word(r, CR) & CR_WUTE) && rtc_raw_now(r) >= r->wakeup_writable_at;
}

static uint32_t read_icsr(struct device *d, unsigned i)
{
    struct rtc *r = rtc_of(d);
    uint32_t value = 0, dr;

    (void)i;
    rtc_sync(r);
    dr = r->mode == INIT_MODE ? *rtc_word(r, DR) : rtc_calendar_at(r, rtc_now(r)).dr;
    for (unsigned alarm = 0; alarm < 2; alarm++) {
        if (alarm_writable(r, alarm) && r->mode != INIT_MODE)
            value |= ICSR_ALRAWF << alarm;
    }
    if (wakeup_writable(r))
        value |= ICSR_WUTWF;
    if (r->shift_at != NEVER)
        value |= ICSR_SHPF;
    if (dr >> 16 & 0xFF)
        value |= ICSR_INITS; /* the year is not 0 */
    if (rsf(r))
        value |= ICSR_RSF;
    if (r->mode == INIT_MODE)
        value |= ICSR_INITF;
    if (r->mode != COUNTS)
        value |= ICSR_INIT;
    if (r->recal_at != NEVER)
        value |= ICSR_RECALPF;
    return value;
}

static uint32_t read_sr(struct device *d, unsigned i)
{
    struct rtc *r = rtc_of(d);

    (void)i;
    rtc_sync(r);
    return *rtc_word(r, SR);
}

static uint32_t read_misr(struct device *d, unsigned i)
{
    struct rtc *r = rtc_of(d);

    (void)i;
    rtc_sync(r);
    return rtc_masked(r);
}

static uint32_t read_nothing(struct device *d, unsigned i)
{
    (void)d;
    (void)i;
    return 0;
}

/* ---- writing ---- */

/* Puts the old bits of mask back and says why. */
static void refuse(struct rtc *r, uint32_t offset, uint32_t old, uint32_t mask, const char *what,
                   const char *name)
{
    uint32_t *reg = rtc_word(r, offset);

    if (!((*reg ^ old) & mask))
        return;
    complain(r->d.soc->complaints, GUEST_ERROR, name, "RTC %s; ignored", what);
    *reg = (*reg & ~mask) | (old & mask);
}

static void write_init_only(struct device *d, uint32_t offset, uint32_t old, const char *what)
{
    struct rtc *r = rtc_of(d);

    rtc_sync(r);
    if (r->mode != INIT_MODE) {
        complain(d->soc->complaints, GUEST_ERROR, "rtc-not-in-init",
                 "RTC_%s written outside of initialisation mode (ICSR.INITF = 0); ignored", what);
        *rtc_word(r, offset) = old;
    }
    rtc_schedule(r);
}

static void write_tr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    write_init_only(d, TR, old, "TR");
}

static void write_dr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    write_init_only(d, DR, old, "DR");
}

static void write_prer(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    write_init_only(d, PRER, old, "PRER");
}

static void leave_init(struct rtc *r)
{
    struct soc *soc = r->d.soc;
    int64_t start = rtc_raw_now(r) + CLOCKS_RESTART;

    if (!rtc_valid(*rtc_word(r, TR), *rtc_word(r, DR), rtc_twelve(r)))
        complain(soc->complaints, GUEST_ERROR, "rtc-date-invalid",
                 "RTC_TR = 0x%06x, RTC_DR = 0x%06x is no time and date in %u-hour format",
                 (unsigned)*rtc_word(r, TR), (unsigned)*rtc_word(r, DR), rtc_twelve(r) ? 12u : 24u);
    r->base = rtc_second(*rtc_word(r, TR), *rtc_word(r, DR), rtc_twelve(r));
    r->weekday = rtc_weekday0(*rtc_word(r, DR), r->base);
    r->prer = *rtc_word(r, PRER);
    r->hour = 0;
    r->mode = COUNTS;
    r->fine = (struct counter){
        .since = rtc_time_of(&r->raw, start), .hz = r->raw.hz, .cost = rtc_calibration(r)};
    if (r->fine.since == VTIME_NEVER)
        r->fine.since = rtc_now(r);
    rtc_copies_resume(r, start);
}

static void write_icsr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rtc *r = rtc_of(d);

    (void)i;
    (void)old;
    rtc_sync(r);
    if (!(value & ICSR_RSF) && rsf(r))
        r->rsf_at = rtc_copy_after(rtc_raw_now(r));
    if (value & ICSR_INIT && r->mode == COUNTS) {
        r->mode = INIT_ASKED;
        r->init_at = rtc_raw_now(r) + CLOCKS_RTC_INITF;
    } else if (!(value & ICSR_INIT) && r->mode != COUNTS) {
        r->init_at = NEVER;
        if (r->mode == INIT_MODE)
            leave_init(r);
        r->mode = COUNTS;
    }
    rtc_schedule(r);
}

static void write_wutr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rtc *r = rtc_of(d);

    (void)i;
    (void)value;
    rtc_sync(r);
    if (!wakeup_writable(r))
        refuse(r, WUTR, old, 0xFFFF, "WUTR written while ICSR.WUTWF = 0", "rtc-wut-busy");
    rtc_schedule(r);
}

/* The bits of CR that the manual ties to a condition. */
static void check_cr(struct rtc *r, uint32_t old, bool wakeup_free)
{
    uint32_t cr;

    if (r->mode != INIT_MODE)
        refuse(r, CR, old, CR_FMT | CR_REFCKON,
               "CR.FMT or REFCKON changed outside of initialisation mode", "rtc-not-in-init");
    if (!wakeup_free)
        refuse(r, CR, old, CR_WUCKSEL, "CR.WUCKSEL changed while ICSR.WUTWF = 0", "rtc-wut-busy");
    cr = *rtc_word(r, CR);
    if ((cr & (CR_WUTE | CR_WUCKSEL)) == (CR_WUTE | 3) && !(*rtc_word(r, WUTR) & 0xFFFF))
        complain(r->d.soc->complaints, GUEST_ERROR, "rtc-wut-zero",
                 "RTC wake-up timer with WUT = 0 and WUCKSEL = 3, which RM0455 forbids");
    if (cr & ~old & (CR_TSE | CR_ITSE))
        complain(r->d.soc->complaints, UNIMPLEMENTED, "rtc-time-stamp",
                 "RTC_CR.TSE or ITSE set: time stamps are not modelled");
}

static void add_hour(struct rtc *r, uint32_t value)
{
    if (!(value & (CR_ADD1H | CR_SUB1H)) || r->mode == INIT_MODE)
        return;
    rtc_rebase(r, rtc_now(r));
    /* RM0455: in force with the next second; SUB1H does nothing in the first hour of a day. */
    if (value & CR_ADD1H)
        r->hour = 1;
    if (value & CR_SUB1H && r->base % 86400 >= 3600)
        r->hour = -1;
}

static void write_cr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rtc *r = rtc_of(d);
    uint32_t cr = *rtc_word(r, CR);
    bool wakeup_free;

    (void)i;
    /* What happened up to now happened under the old value. */
    *rtc_word(r, CR) = old;
    rtc_sync(r);
    wakeup_free = wakeup_writable(r);
    if (cr & ~old & CR_BYPSHAD)
        rtc_copies_stop(r, rtc_now(r));
    *rtc_word(r, CR) = cr;
    check_cr(r, old, wakeup_free);
    cr = *rtc_word(r, CR);
    add_hour(r, value);
    for (unsigned alarm = 0; alarm < 2; alarm++) {
        if (old & ~cr & CR_ALRAE << alarm)
            r->alarm_writable_at[alarm] = rtc_raw_now(r) + CLOCKS_WRITE;
    }
    if (cr & ~old & CR_WUTE)
        rtc_wakeup_start(r);
    if (old & ~cr & CR_WUTE)
        r->wakeup_writable_at = rtc_raw_now(r) + CLOCKS_WRITE;
    if (old & ~cr & CR_BYPSHAD && r->mode != INIT_MODE && r->shift_at == NEVER)
        rtc_copies_resume(r, rtc_raw_now(r));
    rtc_schedule(r);
}

static void write_wpr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rtc *r = rtc_of(d);

    (void)i;
    (void)old;
    value &= 0xFF;
    r->keys = value == 0xCA ? 1 : value == 0x53 && r->keys == 1 ? 2 : 0;
}

static void write_calr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rtc *r = rtc_of(d);

    (void)i;
    (void)value;
    rtc_sync(r);
    if (r->recal_at != NEVER) {
        refuse(r, CALR, old, 0xFFFF, "CALR written while ICSR.RECALPF = 1", "rtc-recal-busy");
        return;
    }
    r->recal_at = rtc_raw_now(r) + TICKS_RECAL * rtc_clocks_of_tick(r);
    rtc_schedule(r);
}

static void write_shiftr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rtc *r = rtc_of(d);

    (void)i;
    rtc_sync(r);
    if (r->shift_at != NEVER || rtc_subsecond_at(r, rtc_now(r)) >> 15 ||
        *rtc_word(r, CR) & CR_REFCKON) {
        complain(d->soc->complaints, GUEST_ERROR, "rtc-shift",
                 "RTC_SHIFTR written while a shift is pending, SSR.SS[15] = 1 or CR.REFCKON = 1; "
                 "ignored");
        *rtc_word(r, SHIFTR) = old;
        return;
    }
    *rtc_word(r, SHIFTR) = value;
    if (r->mode == INIT_MODE)
        return; /* the calendar stands, and will be loaded */
    rtc_copies_stop(r, rtc_now(r));
    r->shift_at = rtc_raw_now(r) + CLOCKS_RTC_SHADOW;
    rtc_schedule(r);
}

static void write_alarm(struct device *d, uint32_t offset, unsigned alarm, uint32_t old)
{
    struct rtc *r = rtc_of(d);
    uint32_t value = *rtc_word(r, offset);

    *rtc_word(r, offset) = old;
    rtc_sync(r);
    *rtc_word(r, offset) = value;
    if (!alarm_writable(r, alarm) && r->mode != INIT_MODE)
        refuse(r, offset, old, 0xFFFFFFFF,
               alarm ? "alarm B written while ICSR.ALRBWF = 0"
                     : "alarm A written while ICSR.ALRAWF = 0",
               "rtc-alarm-busy");
    rtc_schedule(r);
}

static void write_alrmr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)value;
    write_alarm(d, ALRMAR + 8 * i, i, old);
}

static void write_alrmssr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)value;
    write_alarm(d, ALRMASSR + 8 * i, i, old);
}

static void write_scr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rtc *r = rtc_of(d);

    (void)i;
    (void)old;
    rtc_sync(r);
    *rtc_word(r, SR) &= ~value;
    rtc_schedule(r);
}

/* ---- protection ---- */

static bool in_backup_reset(const struct soc *soc)
{
    return *device_reg(soc->rcc, 0x70) & BDCR_VSWRST;
}

/* A write that the backup domain refuses: DBP protects all of it after each reset. */
static bool write_refused(struct device *d, const struct bus_access *a)
{
    if (!a->write || (pwr_backup_writable(d->soc) && !in_backup_reset(d->soc)))
        return false;
    if (!d->peek)
        complain(d->soc->complaints, GUEST_ERROR, "backup-protected", "%s+0x%03x written while %s",
                 d->name, (unsigned)(a->addr - d->base),
                 in_backup_reset(d->soc)
                     ? "RCC_BDCR.VSWRST holds the backup domain in reset; ignored"
                     : "PWR_CR1.DBP = 0; ignored");
    return true;
}

/* RM0455: "This register is write protected" stands at all but WPR, SCR and CFGR. */
static bool key_protected(uint32_t offset)
{
    offset &= ~3u;
    return offset <= ALRMASSR + 8 && offset != WPR;
}

static enum bus_status access_rtc(struct device *d, struct bus_access *a)
{
    uint32_t offset = a->addr - d->base;

    if (write_refused(d, a))
        return BUS_OK;
    if (a->write && key_protected(offset) && rtc_of(d)->keys < 2) {
        if (!d->peek)
            complain(d->soc->complaints, GUEST_ERROR, "rtc-write-protected",
                     "RTC+0x%03x written without the keys 0xCA, 0x53 in RTC_WPR; ignored",
                     (unsigned)offset);
        return BUS_OK;
    }
    return device_access_regs(d, a);
}

static enum bus_status access_tamp(struct device *d, struct bus_access *a)
{
    return write_refused(d, a) ? BUS_OK : device_access_regs(d, a);
}

static void write_tamp_cr1(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    if (value & ~old & 7)
        complain(d->soc->complaints, UNIMPLEMENTED, "tamper",
                 "TAMP_CR1 = 0x%08x: tamper detection is not modelled", (unsigned)value);
}

/* The monotonic counter: any write adds one. */
static void write_countr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    *device_reg(d, TAMP_COUNTR) = old + 1;
}

static const struct reg rtc_regs[] = {
    {.name = "TR", .offset = TR, .writable = 0x007F7F7F, .read = read_tr, .write = write_tr},
    {.name = "DR",
     .offset = DR,
     .reset = DR_RESET,
     .writable = 0x00FFFF3F,
     .read = read_dr,
     .write = write_dr},
    {.name = "SSR", .offset = SSR, .read = read_ssr},
    {.name = "ICSR", .offset = ICSR, .reset = 7, .read = read_icsr, .write = write_icsr},
    {.name = "PRER",
     .offset = PRER,
     .reset = 0x007F00FF,
     .writable = 0x007F7FFF,
     .write = write_prer},
    {.name = "WUTR", .offset = WUTR, .reset = 0xFFFF, .writable = 0xFFFF, .write = write_wutr},
    {.name = "CR", .offset = CR, .writable = 0xE7FCFF7F, .write = write_cr},
    {.name = "WPR", .offset = WPR, .read = read_nothing, .write = write_wpr},
    {.name = "CALR", .offset = CALR, .writable = 0x0000E1FF, .write = write_calr},
    {.name = "SHIFTR", .offset = SHIFTR, .read = read_nothing, .write = write_shiftr},
    {.name = "TSTR", .offset = TSTR},
    {.name = "TSDR", .offset = TSDR},
    {.name = "TSSSR", .offset = TSSSR},
    {.name = "ALRMxR",
     .offset = ALRMAR,
     .writable = 0xFFFFFFFF,
     .count = 2,
     .stride = 8,
     .write = write_alrmr},
    {.name = "ALRMxSSR",
     .offset = ALRMASSR,
     .writable = 0x0F007FFF,
     .count = 2,
     .stride = 8,
     .write = write_alrmssr},
    {.name = "SR", .offset = SR, .read = read_sr},
    {.name = "MISR", .offset = MISR, .read = read_misr},
    {.name = "SCR", .offset = SCR, .read = read_nothing, .write = write_scr},
    {.name = "CFGR", .offset = CFGR, .writable = 1},
};

static const struct reg tamp_regs[] = {
    {.name = "CR1",
     .offset = TAMP_CR1,
     .reset = 0xFFFF0000,
     .writable = 0x00BF0007,
     .write = write_tamp_cr1},
    {.name = "CR2", .offset = 0x04, .writable = 0x07070007},
    {.name = "FLTCR", .offset = 0x0C, .writable = 0x000000FF},
    {.name = "ATCR1", .offset = 0x10, .reset = 0x00070000, .writable = 0xC707FF07},
    {.name = "ATSEEDR", .offset = 0x14, .read = read_nothing},
    {.name = "ATOR", .offset = 0x18},
    {.name = "IER", .offset = 0x2C, .writable = 0x00BF0007},
    {.name = "SR", .offset = 0x30},
    {.name = "MISR", .offset = 0x34},
    {.name = "SCR", .offset = 0x3C, .read = read_nothing},
    {.name = "COUNTR", .offset = 0x40, .write = write_countr},
    {.name = "CFGR", .offset = 0x50, .writable = 1},
    {.name = "BKPxR", .offset = TAMP_BKP0R, .writable = 0xFFFFFFFF, .count = 32},
};

/* ---- life ---- */

/* RM0455: system resets clear the shadow registers, RSF and INIT. */
static void reset_interface(struct device *d)
{
    struct rtc *r = ((struct rtc_interface *)d)->rtc;

    rtc_sync(r);
    if (r->mode == INIT_MODE)
        leave_init(r);
    r->mode = COUNTS;
    r->init_at = NEVER;
    r->locked_tr = r->locked_dr = false;
    if (!(*rtc_word(r, CR) & CR_BYPSHAD) && r->shift_at == NEVER)
        rtc_copies_resume(r, rtc_raw_now(r));
    r->shadow = (struct shadow){.dr = DR_RESET};
    rtc_schedule(r);
}

/* Power-on, or RCC_BDCR.VSWRST. */
static void reset(struct device *d)
{
    struct rtc *r = rtc_of(d);
    uint64_t hz = soc_clock_hz(d->soc, CLOCK_RTC);

    r->raw = r->fine = (struct counter){.since = rtc_now(r), .hz = hz, .cost = NO_CALIBRATION};
    r->base = r->seconds = 0;
    r->weekday = 0;
    r->hour = 0;
    r->prer = *rtc_word(r, PRER);
    r->mode = COUNTS;
    r->keys = 0;
    r->init_at = r->shift_at = r->recal_at = NEVER;
    r->alarm_writable_at[0] = r->alarm_writable_at[1] = r->wakeup_writable_at = 0;
    r->seen = rtc_now(r);
    r->locked_tr = r->locked_dr = false;
    r->shadow = (struct shadow){.dr = DR_RESET};
    rtc_copies_resume(r, 0);
    rtc_schedule(r);
}

static void clocks_changed(struct device *d)
{
    struct rtc *r = rtc_of(d);
    uint64_t hz = soc_clock_hz(d->soc, CLOCK_RTC);

    if (hz == r->raw.hz)
        return;
    rtc_sync(r);
    r->raw.from = rtc_count_at(&r->raw, rtc_now(r));
    r->raw.since = rtc_now(r);
    r->raw.hz = hz;
    if (r->mode != INIT_MODE) {
        rtc_rebase(r, rtc_now(r));
        r->fine.since = rtc_now(r);
        r->fine.hz = hz;
    }
    rtc_schedule(r);
}

void rtc_backup_reset(struct soc *soc)
{
    device_reset(soc->rtc);
    device_reset(soc->tamp);
}

static int create_interface(struct soc *soc, struct rtc *r)
{
    struct rtc_interface *x = calloc(1, sizeof *x);

    if (!x)
        return -1;
    x->d.name = "RTC interface";
    x->d.reset = reset_interface;
    x->rtc = r;
    if (device_init(&x->d, soc) < 0) {
        free(x);
        return -1;
    }
    return 0;
}

static int create_tamp(struct soc *soc)
{
    struct device *d = calloc(1, sizeof *d);

    if (!d)
        return -1;
    d->name = "TAMP";
    d->base = 0x58004400;
    d->size = 0x400;
    d->regs = tamp_regs;
    d->reg_count = sizeof tamp_regs / sizeof tamp_regs[0];
    d->gate = (struct rcc_gate){.enr = RCC_APB4ENR, .bit = 16};
    d->on = ON_APB4;
    d->word_only = true;
    d->complete = true;
    d->backup_domain = true;
    d->access = access_tamp;
    if (device_init(d, soc) < 0) {
        free(d);
        return -1;
    }
    soc->tamp = d;
    return 0;
}

int rtc_create(struct soc *soc)
{
    struct rtc *r = calloc(1, sizeof *r);

    if (!r)
        return -1;
    r->d.name = "RTC";
    r->d.base = 0x58004000;
    r->d.size = 0x400;
    r->d.regs = rtc_regs;
    r->d.reg_count = sizeof rtc_regs / sizeof rtc_regs[0];
    r->d.gate = (struct rcc_gate){.enr = RCC_APB4ENR, .bit = 16};
    r->d.on = ON_APB4;
    r->d.word_only = true;
    r->d.complete = true;
    r->d.backup_domain = true;
    r->d.reset = reset;
    r->d.clocks_changed = clocks_changed;
    r->d.access = access_rtc;
    r->event = (struct sched_event){.fn = rtc_event, .ctx = r};
    if (device_init(&r->d, soc) < 0) {
        free(r);
        return -1;
    }
    soc->rtc = &r->d;
    return create_tamp(soc) < 0 ? -1 : create_interface(soc, r);
}
