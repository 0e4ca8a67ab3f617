/* SPDX-License-Identifier: MIT */

/* Resets: their cause, and making one. Source: RM0455 RCC_RSR, PWR_CPUCR; Arm DDI0403E B3.2.6
 * (AIRCR). */
#ifndef MCU_RESET_H
#define MCU_RESET_H

enum reset_cause {
    RESET_CAUSE_POWER_ON,
    RESET_CAUSE_PIN,
    RESET_CAUSE_WATCHDOG,
    RESET_CAUSE_LOW_POWER, /* woke from, or illegally entered, standby */
    RESET_CAUSE_SOFTWARE,  /* reset_system(), a fault's end, a debugger */
};

/* Reads RSR and the flag of Standby, and clears both for the next time. Once at boot, before
 * reset_cause(). */
void reset_init(void);

enum reset_cause reset_cause(void);

/* Any context. Output still on its way is lost: flush first. */
_Noreturn void reset_system(void);

#endif
