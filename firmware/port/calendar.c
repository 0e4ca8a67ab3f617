/* SPDX-License-Identifier: MIT */

#include "calendar.h"
#include "bootlog.h"
#include "mcu/rtc.h"
#include "py/mphal.h"

/* mpconfigboard.h: 0 if PC14 and PC15 have no 32.768 kHz crystal. */
#ifndef BOARD_HAS_LSE
#define BOARD_HAS_LSE 1
#endif

/* As in MicroPython's stm32 port. */
#define FIRST_YEAR 2015u

/* A second's, in place of the RTC's. */
#define SUBSECONDS 256u

static mp_uint_t first_second(void)
{
    return timeutils_seconds_since_2000(FIRST_YEAR, 1, 1, 0, 0, 0);
}

static void set_at_boot(uint32_t seconds)
{
    timeutils_struct_time_t tm;
    timeutils_seconds_since_2000_to_struct_time(first_second() + seconds, &tm);
    (void)calendar_set(&tm);
}

void calendar_start(void)
{
    rtc_start(BOARD_HAS_LSE);
    if (BOARD_HAS_LSE && rtc_get_start().source == RTC_SOURCE_LSI) {
        bootlog_printf("rtc: LSE did not start, running from LSI until RTC.init()\n");
    }
}

struct calendar_time calendar_now(void)
{
    struct rtc_datetime now;
    struct calendar_time time;

    if (rtc_poll() == RTC_UNSET) {
        /* Up to the next full second: time does not go back. */
        set_at_boot(mp_hal_ticks_ms() / 1000u + 1u);
    }
    if (rtc_get(&now)) {
        time.tm = (timeutils_struct_time_t){
            .tm_year = now.year,
            .tm_mon = now.month,
            .tm_mday = now.day,
            .tm_hour = now.hour,
            .tm_min = now.minute,
            .tm_sec = now.second,
            .tm_wday = (uint8_t)(now.weekday - 1u),
            .tm_yday = (uint16_t)timeutils_year_day(now.year, now.month, now.day),
        };
        uint32_t parts = now.subseconds_of_a_second;
        time.nanoseconds = (parts - 1u - now.subsecond) * (1000000000u / parts);
        time.subsecond = now.subsecond;
    } else {
        uint32_t ms = mp_hal_ticks_ms();
        timeutils_seconds_since_2000_to_struct_time(first_second() + ms / 1000u, &time.tm);
        time.nanoseconds = ms % 1000u * 1000000u;
        time.subsecond = SUBSECONDS - 1u - time.nanoseconds / (1000000000u / SUBSECONDS);
    }
    return time;
}

bool calendar_set(const timeutils_struct_time_t *tm)
{
    enum rtc_state state = rtc_wait();
    if (state != RTC_UNSET && state != RTC_SET) {
        return false;
    }
    return rtc_set(&(struct rtc_datetime){
        .year = tm->tm_year,
        .month = tm->tm_mon,
        .day = tm->tm_mday,
        .weekday = (uint8_t)(timeutils_calc_weekday(tm->tm_year, tm->tm_mon, tm->tm_mday) + 1),
        .hour = tm->tm_hour,
        .minute = tm->tm_min,
        .second = tm->tm_sec,
    });
}

bool calendar_restart(void)
{
    rtc_restart();
    enum rtc_state state = rtc_wait();
    set_at_boot(0);
    return state != RTC_FAILED;
}

uint64_t mp_hal_time_ns(void)
{
    struct calendar_time now = calendar_now();
    uint64_t seconds = timeutils_seconds_since_epoch(now.tm.tm_year, now.tm.tm_mon, now.tm.tm_mday,
                                                     now.tm.tm_hour, now.tm.tm_min, now.tm.tm_sec);
    return seconds * 1000000000u + now.nanoseconds;
}
