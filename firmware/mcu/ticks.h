/* SPDX-License-Identifier: MIT */

/*
 * Time: a millisecond count kept by SysTick, the core's cycle counter (DWT_CYCCNT), and bounded
 * waits for hardware. Source: Arm DDI0403E B3.3 (SysTick), C1.8 (DWT).
 *
 * ticks_cycles_enable() comes first, before any wait. ticks_init() starts SysTick; before it the
 * millisecond and microsecond counts stand still, the waits and delays work. Every change of the
 * core clock is followed by ticks_clock_changed(). All functions may be called from interrupts
 * and with interrupts masked; the counts then lag by the time the SysTick interrupt was held off.
 */
#ifndef MCU_TICKS_H
#define MCU_TICKS_H

#include <stdbool.h>
#include <stdint.h>

void ticks_cycles_enable(void);
void ticks_init(void);

/* Called from SysTick's interrupt after each count of a millisecond. */
void ticks_set_hook(void (*function)(void));

/* Makes SysTick count milliseconds at the present SystemCoreClock. */
void ticks_clock_changed(void);

uint32_t ticks_ms(void);     /* wraps after 49.7 days */
uint32_t ticks_us(void);     /* wraps after 71.6 minutes, continuous at the wrap */
uint32_t ticks_cycles(void); /* core cycles, wraps after 15.3 s at 280 MHz */

/* Busy wait of at least that long. Works with interrupts masked and before ticks_init(). */
void ticks_delay_us(uint32_t us);

/*
 * Whether `us` have passed since ticks_cycles() was `start`, for waits of up to 10 s that look at
 * it all the time. Goes on with interrupts masked, where ticks_us() stands, and does not in WFI.
 */
bool ticks_passed(uint32_t start, uint32_t us);

/*
 * Waits until (*reg & mask) == value. False when timeout_us has passed first. Ends also if the
 * cycle counter stands still, as it may under a debugger, because the number of reads is bounded
 * too.
 */
bool ticks_wait_register(const volatile uint32_t *reg, uint32_t mask, uint32_t value,
                         uint32_t timeout_us);

#endif
