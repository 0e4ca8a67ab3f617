/* SPDX-License-Identifier: MIT */

#ifndef PORT_MACHINE_PWM_H
#define PORT_MACHINE_PWM_H

/* At a soft reset: all outputs off. */
void machine_pwm_deinit_all(void);

/* After the timers' clock changed: all keep their frequency and duty, within what it can make. */
void machine_pwm_clock_changed(void);

#endif
