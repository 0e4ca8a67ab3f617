/* SPDX-License-Identifier: MIT */

/*
 * Time is counted in ticks of the RTC's subsecond since 2000, and alarms in thousandths of one: a
 * millisecond is `hz` of them, so that no period is rounded and none drifts.
 */

#include "rtc_alarms.h"
#include "calendar.h"
#include "mcu/backup.h"
#include "mcu/irq.h"

/* One word an alarm says what it is; the registers above are the bootloader's and psram_tune.c's.
 */
#define KIND_REGISTER(alarm) (21u + (alarm))

/* Else it is the period in milliseconds. */
#define KIND_DATE 0u
#define KIND_ONCE 0xffffffffu

#define PARTS          1000u /* of a tick */
#define SECONDS_OF_DAY 86400u
#define LONGEST_MONTH  31
#define SOONEST_TICKS  2u /* rtc_alarm_start() wants them */

/* 0: not known, see due(). */
static uint64_t due_parts[RTC_ALARMS];
static void (*listener)(unsigned alarm);

static uint64_t seconds_of(const struct rtc_datetime *t)
{
    return timeutils_seconds_since_2000(t->year, t->month, t->day, t->hour, t->minute, t->second);
}

/* Ticks; *hz of them are a second. 0 if the RTC does not run. */
static uint64_t now_ticks(uint32_t *hz)
{
    struct rtc_datetime now;
    if (!rtc_get(&now)) {
        return 0;
    }
    *hz = now.subseconds_of_a_second;
    return seconds_of(&now) * *hz + (*hz - 1u - now.subsecond);
}

/* Also in the interrupt. `parts` may have passed: then as soon as possible. */
static bool set(unsigned alarm, uint64_t parts)
{
    uint32_t hz;
    timeutils_struct_time_t tm;
    uint32_t irq = irq_disable();
    uint64_t soonest = now_ticks(&hz) + SOONEST_TICKS;
    bool done = false;

    if (soonest != SOONEST_TICKS) {
        uint64_t tick = (parts + PARTS - 1u) / PARTS;
        tick = tick < soonest ? soonest : tick;
        timeutils_seconds_since_2000_to_struct_time((mp_uint_t)(tick / hz), &tm);
        done = rtc_alarm_start(alarm, &(struct rtc_datetime){
                                          .day = tm.tm_mday,
                                          .hour = tm.tm_hour,
                                          .minute = tm.tm_min,
                                          .second = tm.tm_sec,
                                          .subsecond = (uint16_t)(hz - 1u - tick % hz),
                                      });
        due_parts[alarm] = parts;
    }
    irq_restore(irq);
    return done;
}

/* When the alarm of the registers, set before a reset, comes next or came last. */
static uint64_t find_due(unsigned alarm, bool came)
{
    uint32_t hz;
    struct rtc_datetime at;
    timeutils_struct_time_t tm;
    uint64_t now = now_ticks(&hz);

    if (now == 0 || !rtc_alarm_get(alarm, &at)) {
        return 0;
    }
    uint64_t midnight = now / hz / SECONDS_OF_DAY * SECONDS_OF_DAY;
    uint32_t time = (at.hour * 60u + at.minute) * 60u + at.second;
    for (int day = 0; day <= LONGEST_MONTH; day++) {
        uint64_t seconds = midnight + time;
        seconds += (came ? -(uint64_t)day : (uint64_t)day) * SECONDS_OF_DAY;
        uint64_t ticks = seconds * hz + (hz - 1u - at.subsecond);
        timeutils_seconds_since_2000_to_struct_time((mp_uint_t)seconds, &tm);
        if (tm.tm_mday == at.day && (came ? ticks <= now : ticks >= now)) {
            return ticks * PARTS;
        }
    }
    return 0;
}

static bool is_set(unsigned alarm)
{
    struct rtc_datetime at;
    return rtc_alarm_get(alarm, &at);
}

static uint64_t due(unsigned alarm)
{
    if (due_parts[alarm] == 0) {
        due_parts[alarm] = find_due(alarm, false);
    }
    return due_parts[alarm];
}

/* The next time of a repeated alarm that is not over yet: those that were missed are left out. */
static uint64_t next_due(uint64_t parts, uint32_t period_ms)
{
    uint32_t hz;
    uint64_t soonest = (now_ticks(&hz) + SOONEST_TICKS) * PARTS;
    uint64_t period = (uint64_t)period_ms * hz;

    if (parts + period >= soonest) {
        return parts + period;
    }
    return parts + (soonest - parts + period - 1u) / period * period;
}

/* In the interrupt, and at boot. */
static void happened(unsigned alarm)
{
    uint32_t kind = backup_read(KIND_REGISTER(alarm));
    uint64_t came = due_parts[alarm] != 0 ? due_parts[alarm] : find_due(alarm, true);

    if (kind == KIND_DATE || kind == KIND_ONCE || came == 0 || !set(alarm, next_due(came, kind))) {
        rtc_alarm_stop(alarm);
    }
    if (listener != NULL) {
        listener(alarm);
    }
}

void rtc_alarms_start(void)
{
    for (unsigned alarm = 0; alarm < RTC_ALARMS; alarm++) {
        if (rtc_alarm_take(alarm)) {
            happened(alarm);
        }
    }
    rtc_alarm_listen(happened);
}

void rtc_alarms_listen(void (*came)(unsigned alarm))
{
    listener = came;
}

static enum alarm_status start(unsigned alarm, uint64_t parts, uint32_t kind)
{
    /* Nothing may happen to an alarm whose kind is that of another. */
    rtc_alarm_stop(alarm);
    backup_write(KIND_REGISTER(alarm), kind);
    return set(alarm, parts) ? ALARM_OK : ALARM_FAILED;
}

enum alarm_status rtc_alarm_in(unsigned alarm, uint32_t ms, bool repeat)
{
    uint32_t hz;
    uint64_t now = now_ticks(&hz);
    if (now == 0) {
        return ALARM_FAILED;
    }
    return start(alarm, now * PARTS + (uint64_t)ms * hz, repeat ? ms : KIND_ONCE);
}

enum alarm_status rtc_alarm_at(unsigned alarm, const timeutils_struct_time_t *tm)
{
    uint32_t hz;
    uint64_t now = now_ticks(&hz);
    if (now == 0) {
        return ALARM_FAILED;
    }
    uint64_t ticks = (uint64_t)timeutils_seconds_since_2000(tm->tm_year, tm->tm_mon, tm->tm_mday,
                                                            tm->tm_hour, tm->tm_min, tm->tm_sec) *
                     hz;
    if (ticks <= now) {
        return ALARM_PAST;
    }
    if (ticks - now >= (uint64_t)ALARM_MAX_DAYS * SECONDS_OF_DAY * hz) {
        return ALARM_TOO_FAR;
    }
    return start(alarm, ticks * PARTS, KIND_DATE);
}

uint32_t rtc_alarm_left(unsigned alarm)
{
    uint32_t hz;
    uint32_t irq = irq_disable();
    uint64_t at = is_set(alarm) ? due(alarm) : 0;
    irq_restore(irq);
    uint64_t now = now_ticks(&hz) * PARTS;
    return at <= now ? 0 : (uint32_t)((at - now + hz - 1u) / hz);
}

bool rtc_alarms_set_time(const timeutils_struct_time_t *tm)
{
    uint32_t hz;
    uint64_t at[RTC_ALARMS];

    if (rtc_wait() == RTC_FAILED) {
        return false;
    }
    uint32_t irq = irq_disable();
    uint64_t before = now_ticks(&hz) * PARTS;
    for (unsigned alarm = 0; alarm < RTC_ALARMS; alarm++) {
        at[alarm] = is_set(alarm) ? due(alarm) : 0;
    }
    bool done = calendar_set(tm);
    uint64_t after = now_ticks(&hz) * PARTS;
    for (unsigned alarm = 0; done && alarm < RTC_ALARMS; alarm++) {
        if (at[alarm] == 0) {
            continue;
        }
        bool date = backup_read(KIND_REGISTER(alarm)) == KIND_DATE;
        uint64_t moved = date ? at[alarm] : at[alarm] - before + after;
        if (moved >= after + (uint64_t)ALARM_MAX_MS * hz) {
            rtc_alarm_stop(alarm);
        } else {
            (void)set(alarm, moved);
        }
    }
    irq_restore(irq);
    return done;
}

void rtc_alarms_before_standby(void)
{
    for (unsigned alarm = 0; alarm < RTC_ALARMS; alarm++) {
        if (rtc_alarm_take(alarm)) {
            (void)set(alarm, 0);
        }
    }
}
