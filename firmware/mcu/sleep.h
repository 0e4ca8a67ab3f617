/* SPDX-License-Identifier: MIT */

/*
 * The low-power modes Stop and Standby (RM0455, PWR; Arm DDI0403E B1.5.18, SLEEPDEEP). Both are
 * entered with interrupts masked (PRIMASK), after clock_suspend(), and with nothing on its way in
 * any peripheral.
 */
#ifndef MCU_SLEEP_H
#define MCU_SLEEP_H

/*
 * Stop until an interrupt that is enabled in the NVIC is pending; at once if one is already. Memory
 * and registers keep what they hold. What can interrupt is EXTI: pins and RTC. SysTick is off when
 * it returns: ticks_clock_changed() after clock_resume().
 */
void sleep_stop(void);

/*
 * Standby, which ends with a reset, by an event of the RTC or of a WKUP pin, by the watchdog, or by
 * the reset pin. Backup domain and watchdog go on, all else is lost. Resets the board if the mode
 * is not entered.
 */
_Noreturn void sleep_standby(void);

#endif
