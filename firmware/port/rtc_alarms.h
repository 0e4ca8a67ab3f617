/* SPDX-License-Identifier: MIT */

/*
 * RTC.alarm(): alarms at a date, or in so many milliseconds, once or again and again. All that an
 * alarm consists of lies in the backup domain, so it goes on over resets; handlers in Python do
 * not. Thread code only.
 */
#ifndef PORT_RTC_ALARMS_H
#define PORT_RTC_ALARMS_H

#include <stdbool.h>
#include <stdint.h>

#include "mcu/rtc_alarm.h"
#include "py/mpconfig.h"
#include "shared/timeutils/timeutils.h"

/*
 * The hardware compares the day of the month, which no two dates within 28 days have in common. So
 * its registers alone say when an alarm is due.
 */
#define ALARM_MAX_DAYS 28
#define ALARM_MAX_MS   ((uint32_t)ALARM_MAX_DAYS * 86400u * 1000u)

/* Some ticks of 256 Hz: an alarm must be set well before it comes. */
#define ALARM_MIN_PERIOD_MS 20u

enum alarm_status {
    ALARM_OK,
    ALARM_PAST,
    ALARM_TOO_FAR,
    ALARM_FAILED, /* the RTC does not run */
};

/* At boot, after calendar_start(): alarms of the last run go on. */
void rtc_alarms_start(void);

/* `came` is called from the interrupt, IRQ_PRIORITY_RTC, at each alarm; NULL: nobody is. */
void rtc_alarms_listen(void (*came)(unsigned alarm));

/* `ms` below ALARM_MAX_MS; repeated not below ALARM_MIN_PERIOD_MS. The RTC runs. */
enum alarm_status rtc_alarm_in(unsigned alarm, uint32_t ms, bool repeat);
enum alarm_status rtc_alarm_at(unsigned alarm, const timeutils_struct_time_t *tm);

/* Milliseconds, rounded up; 0 if the alarm is not set. */
uint32_t rtc_alarm_left(unsigned alarm);

/*
 * calendar_set(), and what that means for alarms: those in milliseconds come when they would have
 * come, those at a date at that date, or now if it has passed by that; if it is too far away then,
 * the alarm is stopped.
 */
bool rtc_alarms_set_time(const timeutils_struct_time_t *tm);

/*
 * Right before Standby, which only an alarm that is still to come ends: one that came since
 * interrupts are off comes again in a moment.
 */
void rtc_alarms_before_standby(void);

#endif
