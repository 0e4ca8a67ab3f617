/* SPDX-License-Identifier: MIT */

/*
 * What runs MicroPython's software timers (shared/runtime/softtimer.c), and with them
 * machine.Timer: SysTick looks each millisecond whether one is due, PendSV runs it, below all other
 * interrupts.
 */
#ifndef PORT_SOFT_TIMERS_H
#define PORT_SOFT_TIMERS_H

/* Once at boot, after ticks_init(). */
void soft_timers_start(void);

#endif
