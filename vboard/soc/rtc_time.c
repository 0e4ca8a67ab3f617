/*
 * What passing time does to the RTC: the calendar, its alarms, the wake-up timer, and changes of
 * mode that take some clocks. RM0455 chapter "Real-time clock (RTC)". See rtc_int.h.
 */
#include "rtc_calendar.h"
#include "rtc_int.h"
#include "timing.h"

/* ---- counters ---- */

int64_t rtc_count_at(const struct counter *c, vtime at)
{
    if (!c->hz || at <= c->since)
        return c->from;
    return c->from + (int64_t)(((unsigned __int128)(at - c->since) * c->hz << 20) /
                               ((unsigned __int128)VTIME_S * c->cost));
}

/* The first time at which rtc_count_at() reaches n. */
vtime rtc_time_of(const struct counter *c, int64_t n)
{
    unsigned __int128 rate = (unsigned __int128)c->hz << 20, dt;

    if (n <= c->from)
        return c->since;
    if (!c->hz || n == NEVER)
        return VTIME_NEVER;
    dt = ((unsigned __int128)(n - c->from) * VTIME_S * c->cost + rate - 1) / rate;
    return dt > VTIME_NEVER - 1 - c->since ? VTIME_NEVER : c->since + (vtime)dt;
}

/* Counts on from here; the clock's phase stays. */
static void rebase(struct counter *c, vtime at)
{
    int64_t n = rtc_count_at(c, at);

    if (at <= c->since)
        return;
    c->since = c->hz ? rtc_time_of(c, n) : at;
    c->from = n;
}

/* ---- the calendar ---- */

int64_t rtc_clocks_of_tick(const struct rtc *r)
{
    return (r->prer >> 16 & 0x7F) + 1;
}

static int64_t ticks_of_second(const struct rtc *r)
{
    return (r->prer & 0x7FFF) + 1;
}

static int64_t clocks_of_second(const struct rtc *r)
{
    return rtc_clocks_of_tick(r) * ticks_of_second(r);
}

/* Whole seconds behind `base`. After a shift the count may be below 0: SS is then above PREDIV_S,
   and the second has already been counted (RM0455, RTC_SSR). */
static int64_t second_at(const struct rtc *r, vtime at)
{
    int64_t n = rtc_count_at(&r->fine, at);

    return n < 0 ? 0 : n / clocks_of_second(r);
}

uint32_t rtc_subsecond_at(const struct rtc *r, vtime at)
{
    int64_t n = rtc_count_at(&r->fine, at) - second_at(r, at) * clocks_of_second(r);
    int64_t per = rtc_clocks_of_tick(r);
    int64_t tick = n < 0 ? -((-n + per - 1) / per) : n / per;

    return (uint32_t)(ticks_of_second(r) - 1 - tick) & 0xFFFF;
}

static int64_t calendar_second(const struct rtc *r, int64_t second)
{
    return r->base + second + (second ? 3600 * r->hour : 0);
}

struct shadow rtc_calendar_at(struct rtc *r, vtime at)
{
    int64_t t = calendar_second(r, second_at(r, at));

    return (struct shadow){.tr = rtc_time_bcd(t, rtc_twelve(r)),
                           .dr = rtc_date_bcd(t, r->weekday),
                           .ssr = rtc_subsecond_at(r, at)};
}

/* Makes the present second the base, so that what follows may change the clock or the date. */
void rtc_rebase(struct rtc *r, vtime at)
{
    int64_t second = second_at(r, at);

    rebase(&r->fine, at);
    r->base = calendar_second(r, second);
    if (second)
        r->hour = 0;
    r->fine.from -= second * clocks_of_second(r);
    r->seconds += second;
}

/* RM0455, RTC_CALR: CALM clocks of 2^20 are masked, CALP adds 512; with CALW8 and CALW16 the low
   bits of CALM are stuck at 0, and CALP does nothing while PREDIV_A < 3. */
uint32_t rtc_calibration(struct rtc *r)
{
    uint32_t calr = *rtc_word(r, CALR);
    uint32_t calm = calr & 0x1FF & (calr >> 14 & 1 ? ~3u : calr >> 13 & 1 ? ~1u : ~0u);
    bool calp = calr & CALR_CALP && rtc_clocks_of_tick(r) > 3;

    return NO_CALIBRATION + calm - (calp ? 512 : 0);
}

/* ---- alarms ---- */

/* The first second from `from` on that an alarm's date and time match; -1 if none. */
static int64_t next_alarm_second(struct rtc *r, unsigned alarm, int64_t from)
{
    int64_t found = rtc_alarm_next(*rtc_word(r, ALRMAR + 8 * alarm), rtc_twelve(r), r->weekday,
                                   calendar_second(r, from));

    return found < 0 ? -1 : from + found;
}

/* The tick of a second at which the sub-second comparison holds, the first that is not before
   `tick`; -1 if none. */
static int64_t matching_tick(struct rtc *r, uint32_t ssr, int64_t tick)
{
    unsigned bits = ssr >> 24 & 15;
    int64_t mask = (1 << bits) - 1;
    int64_t ss = ticks_of_second(r) - 1 - tick;

    /* SS counts down: the largest value from ss downwards with the wanted low bits. */
    ss -= (ss - (int64_t)(ssr & 0x7FFF)) & mask;
    return ss < 0 ? -1 : ticks_of_second(r) - 1 - ss;
}

/* The first time after `after` at which the alarm's flag is set. */
static vtime next_alarm(struct rtc *r, unsigned alarm, vtime after)
{
    uint32_t ssr = *rtc_word(r, ALRMASSR + 8 * alarm);
    int64_t second = second_at(r, after), per = clocks_of_second(r), tick;

    if (!(*rtc_word(r, CR) & CR_ALRAE << alarm) || r->mode == INIT_MODE || !r->fine.hz)
        return VTIME_NEVER;
    if (ssr >> 24 & 15) {
        int64_t n = rtc_count_at(&r->fine, after) - second * per;

        tick = matching_tick(r, ssr, n < 0 ? 0 : n / rtc_clocks_of_tick(r) + 1);
        if (tick >= 0 && next_alarm_second(r, alarm, second) == second)
            return rtc_time_of(&r->fine, second * per + tick * rtc_clocks_of_tick(r));
    }
    tick = ssr >> 24 & 15 ? matching_tick(r, ssr, 0) : 0;
    second = next_alarm_second(r, alarm, second + 1);
    if (second < 0 || tick < 0)
        return VTIME_NEVER;
    return rtc_time_of(&r->fine, second * per + tick * rtc_clocks_of_tick(r));
}

/* ---- wake-up timer ---- */

static int64_t wakeup_period(struct rtc *r)
{
    uint32_t sel = *rtc_word(r, CR) & CR_WUCKSEL;
    int64_t n = (int64_t)(*rtc_word(r, WUTR) & 0xFFFF) + 1;

    if (sel & 4)
        return n + (sel & 2 ? 0x10000 : 0);
    return n * (16 >> sel);
}

static int64_t wakeup_count(struct rtc *r, vtime at)
{
    return r->wakeup_second ? r->seconds + second_at(r, at) : rtc_count_at(&r->raw, at);
}

static vtime wakeup_time(struct rtc *r)
{
    if (!(*rtc_word(r, CR) & CR_WUTE))
        return VTIME_NEVER;
    if (!r->wakeup_second)
        return rtc_time_of(&r->raw, r->wakeup_at);
    if (r->mode == INIT_MODE)
        return VTIME_NEVER;
    return rtc_time_of(&r->fine, (r->wakeup_at - r->seconds) * clocks_of_second(r));
}

void rtc_wakeup_start(struct rtc *r)
{
    r->wakeup_second = *rtc_word(r, CR) & 4;
    r->wakeup_at = wakeup_count(r, rtc_now(r)) + wakeup_period(r);
}

/* ---- what happens by itself ---- */

uint32_t rtc_masked(struct rtc *r)
{
    return *rtc_word(r, SR) & (*rtc_word(r, CR) >> CR_IE_POS & 15);
}

static void update_lines(struct rtc *r)
{
    soc_exti(r->d.soc, EXTI_ALARM, rtc_masked(r) & SR_ALRF);
    soc_exti(r->d.soc, EXTI_WAKEUP, rtc_masked(r) & SR_WUTF);
}

static void note_alarms(struct rtc *r, vtime at)
{
    for (unsigned alarm = 0; alarm < 2; alarm++) {
        if (next_alarm(r, alarm, r->seen) <= at)
            *rtc_word(r, SR) |= 1u << alarm;
    }
    r->seen = at;
}

static void note_wakeup(struct rtc *r, vtime at)
{
    int64_t count, period = wakeup_period(r);

    if (wakeup_time(r) > at)
        return;
    *rtc_word(r, SR) |= SR_WUTF;
    count = wakeup_count(r, at);
    r->wakeup_at += (count - r->wakeup_at) / period * period + period;
}

/* From here on no copies are made until rtc_copies_resume(). */
void rtc_copies_stop(struct rtc *r, vtime at)
{
    if (rtc_count_at(&r->raw, at) >= r->copy_from && !r->locked_tr && !r->locked_dr)
        r->shadow = rtc_calendar_at(r, at);
    r->copy_from = r->rsf_at = NEVER;
}

/* The calendar is copied at every second edge of RTCCLK: the first such edge after count n. */
int64_t rtc_copy_after(int64_t n)
{
    return n / CLOCKS_RTC_SHADOW * CLOCKS_RTC_SHADOW + CLOCKS_RTC_SHADOW;
}

void rtc_copies_resume(struct rtc *r, int64_t n)
{
    r->copy_from = r->rsf_at = rtc_copy_after(n);
}

static void enter_init(struct rtc *r, vtime at)
{
    rtc_copies_stop(r, at);
    rtc_rebase(r, at);
    r->fine.hz = 0;
    r->fine.since = at;
    *rtc_word(r, TR) = rtc_time_bcd(r->base, rtc_twelve(r));
    *rtc_word(r, DR) = rtc_date_bcd(r->base, r->weekday);
    r->mode = INIT_MODE;
    r->init_at = NEVER;
}

static void shift(struct rtc *r, vtime at)
{
    uint32_t value = *rtc_word(r, SHIFTR);

    rtc_rebase(r, at);
    r->fine.from -= (int64_t)(value & 0x7FFF) * rtc_clocks_of_tick(r);
    if (value & SHIFTR_ADD1S)
        r->base++;
    r->shift_at = NEVER;
    rtc_copies_resume(r, rtc_count_at(&r->raw, at));
}

/* Accounts for everything up to `at`. */
static void sync(struct rtc *r, vtime at)
{
    for (;;) {
        vtime init = rtc_time_of(&r->raw, r->init_at), moved = rtc_time_of(&r->raw, r->shift_at);
        vtime recal = rtc_time_of(&r->raw, r->recal_at), first = init < moved ? init : moved;

        if (recal < first)
            first = recal;
        if (first > at)
            break;
        note_alarms(r, first);
        note_wakeup(r, first);
        if (first == init) {
            enter_init(r, first);
        } else if (first == moved) {
            shift(r, first);
        } else {
            rtc_rebase(r, first);
            r->fine.cost = rtc_calibration(r);
            r->recal_at = NEVER;
        }
    }
    note_alarms(r, at);
    note_wakeup(r, at);
}

void rtc_sync(struct rtc *r)
{
    sync(r, rtc_now(r));
}

void rtc_schedule(struct rtc *r)
{
    /* Flags that would interrupt; the others are found when somebody looks. */
    uint32_t wanted = *rtc_word(r, CR) >> CR_IE_POS & ~*rtc_word(r, SR);
    vtime times[] = {
        rtc_time_of(&r->raw, r->init_at),
        rtc_time_of(&r->raw, r->shift_at),
        rtc_time_of(&r->raw, r->recal_at),
        wanted & SR_WUTF ? wakeup_time(r) : VTIME_NEVER,
        wanted & 1 ? next_alarm(r, 0, r->seen) : VTIME_NEVER,
        wanted & 2 ? next_alarm(r, 1, r->seen) : VTIME_NEVER,
    };
    vtime next = VTIME_NEVER;

    update_lines(r);
    for (unsigned i = 0; i < sizeof times / sizeof times[0]; i++) {
        if (times[i] < next)
            next = times[i];
    }
    sched_at(r->d.soc->sched, &r->event, next);
}

void rtc_event(void *ctx, vtime at)
{
    struct rtc *r = ctx;

    sync(r, at);
    rtc_schedule(r);
}

int64_t rtc_raw_now(struct rtc *r)
{
    return rtc_count_at(&r->raw, rtc_now(r));
}
