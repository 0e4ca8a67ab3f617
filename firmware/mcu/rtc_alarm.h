/* SPDX-License-Identifier: MIT */

/*
 * The RTC's alarms A (0) and B (1): an interrupt at a day of the month, a time and a subsecond,
 * also in Stop and Standby (RM0455, RTC: ALRMxR, ALRMxSSR; EXTI line 17). An alarm lies in the
 * backup domain and outlives resets; it comes again each month until it is stopped.
 * Thread code, and the handler.
 */
#ifndef MCU_RTC_ALARM_H
#define MCU_RTC_ALARM_H

#include "rtc.h"

enum { RTC_ALARMS = 2 };

/*
 * Called from the interrupt of an alarm, IRQ_PRIORITY_RTC, after its flag was cleared. Lets
 * interrupts come, also those of alarms that were set before a reset.
 */
void rtc_alarm_listen(void (*handler)(unsigned alarm));

/*
 * Day, hour, minute, second and subsecond of `at` count; an alarm that was set is replaced. It has
 * to be two subseconds away at least, so as not to pass while it is being set, which takes two
 * clocks of 32 kHz. False: the RTC does not run, or its registers do not answer.
 */
bool rtc_alarm_start(unsigned alarm, const struct rtc_datetime *at);
void rtc_alarm_stop(unsigned alarm);

/* The fields that rtc_alarm_start() was given; false if the alarm is not set. */
bool rtc_alarm_get(unsigned alarm, struct rtc_datetime *at);

/* Whether the alarm came and no interrupt has told; then it is taken as told. */
bool rtc_alarm_take(unsigned alarm);

#endif
