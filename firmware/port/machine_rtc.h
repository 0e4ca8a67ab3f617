/* SPDX-License-Identifier: MIT */

#ifndef PORT_MACHINE_RTC_H
#define PORT_MACHINE_RTC_H

#include "py/obj.h"
#include "shared/timeutils/timeutils.h"

extern const mp_obj_type_t machine_rtc_type;

/* irq(wake=...): what an interrupt may end. Values of MicroPython's cc3200 port. */
enum { MACHINE_IDLE = 1, MACHINE_SLEEP = 2, MACHINE_DEEPSLEEP = 4 };

/* The wake-up timer at ms milliseconds from now, as for RTC.wakeup(ms). Raises as that does. */
void machine_rtc_wake_after(mp_int_t ms);

/* At the end of a run of the interpreter: no callback belongs to the next one. The wake-up timer
 * and the alarms themselves go on. */
void machine_rtc_deinit(void);

/* ---- machine_rtc.c for machine_rtc_alarm.c ---- */

/* Waits for the crystal, or raises OSError. */
void machine_rtc_wait(void);
NORETURN void machine_rtc_raise_stopped(void);

/* The integer, or ValueError with the name of what it is. */
mp_int_t machine_rtc_in_range(mp_obj_t item, mp_int_t low, mp_int_t high, const char *what);

/* Of a tuple as RTC.datetime() takes it. */
timeutils_struct_time_t machine_rtc_date(mp_obj_t datetime);

/* ---- machine_rtc_alarm.c for machine_rtc.c ---- */

void machine_rtc_alarm_deinit(void);
MP_DECLARE_CONST_FUN_OBJ_KW(machine_rtc_alarm_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(machine_rtc_alarm_left_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(machine_rtc_alarm_cancel_obj);
MP_DECLARE_CONST_FUN_OBJ_KW(machine_rtc_irq_obj);

#endif
