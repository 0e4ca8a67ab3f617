/* SPDX-License-Identifier: MIT */

/* machine.lightsleep() and deepsleep(). Python code only. */
#ifndef PORT_MACHINE_SLEEP_H
#define PORT_MACHINE_SLEEP_H

#include "py/obj.h"

/* The argument of both: milliseconds, 0 or more; raises ValueError. */
mp_int_t machine_sleep_time(mp_obj_t ms);

/* Stop, until the time is over (-1: without an end), a pin's interrupt, or one of the RTC. Raises
 * OSError if the clock or the PSRAM cannot be put to rest. */
void machine_lightsleep_ms(mp_int_t ms);

/* Standby, until the time is over or an event of RTC or WKUP pins comes: then the board starts
 * anew. */
NORETURN void machine_deepsleep_ms(mp_int_t ms);

#endif
