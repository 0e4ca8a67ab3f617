/* SPDX-License-Identifier: MIT */

/*
 * Date and time as MicroPython sees them: the RTC's, or, as long as that waits for its crystal, the
 * time since the start counted from 2015-01-01, which an RTC that was never set then goes on with.
 * Thread code only.
 */
#ifndef PORT_CALENDAR_H
#define PORT_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "py/mpconfig.h"
#include "shared/timeutils/timeutils.h"

/* Once at boot, after ticks_init(). Says so in the boot log if the RTC runs without its crystal. */
void calendar_start(void);

/* One reading. */
struct calendar_time {
    timeutils_struct_time_t tm;
    uint32_t nanoseconds;
    uint32_t subsecond; /* the same as the RTC has it: counts down to 0; of 256 without an RTC */
};

/* Does not wait, and has a result in every case: without an RTC it is the time since the start. */
struct calendar_time calendar_now(void);

/*
 * Waits for the RTC's oscillator, up to 5 s. Year 2000..2099, all others in their ranges, tm_wday
 * and tm_yday are not used. False if the RTC does not run.
 */
bool calendar_set(const timeutils_struct_time_t *tm);

/* Date and time from 2015-01-01 on again, on a freshly started RTC. Waits as calendar_set() does.
 */
bool calendar_restart(void);

#endif
