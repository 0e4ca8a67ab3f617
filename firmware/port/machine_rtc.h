/* SPDX-License-Identifier: MIT */

#ifndef PORT_MACHINE_RTC_H
#define PORT_MACHINE_RTC_H

#include "py/obj.h"

extern const mp_obj_type_t machine_rtc_type;

/* The wake-up timer at ms milliseconds from now, as for RTC.wakeup(ms). Raises as that does. */
void machine_rtc_wake_after(mp_int_t ms);

/* At the end of a run of the interpreter: no callback belongs to the next one. The wake-up timer
 * itself goes on. */
void machine_rtc_deinit(void);

#endif
