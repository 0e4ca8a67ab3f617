/*
 * The RTC's calendar: BCD registers (RTC_TR, RTC_DR, RTC_ALRMxR; RM0455 chapter RTC) to seconds and
 * back. Pure functions.
 *
 * A second is counted from 00:00:00 on 1 January of year 0 and never negative; after the 100 years
 * of the calendar it goes on, so that weekdays do; years are 0 to 99 and divisible by 4
 * when leap. Weekdays are written by software and count on by themselves, so that a calendar has,
 * beside its second, the weekday of its day 0 (0 = Monday).
 */
#ifndef VBOARD_SOC_RTC_CALENDAR_H
#define VBOARD_SOC_RTC_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* twelve: CR.FMT, 12-hour format with PM. */
uint32_t rtc_time_bcd(int64_t second, bool twelve);
uint32_t rtc_date_bcd(int64_t second, unsigned weekday0);

/* All fields are BCD and in range. */
bool rtc_valid(uint32_t tr, uint32_t dr, bool twelve);
/* Fields out of range give the nearest second that exists. */
int64_t rtc_second(uint32_t tr, uint32_t dr, bool twelve);
/* Weekday of day 0 if `second`'s has that of dr. */
unsigned rtc_weekday0(uint32_t dr, int64_t second);

/* Seconds from `second` on to the first that an alarm register matches, 0 if that one does; -1 if
   none will. */
int64_t rtc_alarm_next(uint32_t alarm, bool twelve, unsigned weekday0, int64_t second);

#endif
