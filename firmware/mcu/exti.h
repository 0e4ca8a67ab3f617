/* SPDX-License-Identifier: MIT */

/*
 * EXTI: edges of pins, and of the internal lines 16 to 21, become interrupts.
 *
 * Line n of 0..15 watches pin n of one port at a time (SYSCFG_EXTICRn), so of PA3 and PB3 only one
 * can interrupt. Lines 16..21 belong to PVD, RTC and comparators; their interrupts have vectors of
 * their own and are handled where those are. There is one pending bit a line for both edges.
 * Any context, but one line from one context only.
 * Source: RM0455, EXTI (RTSR1, FTSR1, CPUIMR1, CPUPR1) and SYSCFG.
 */
#ifndef MCU_EXTI_H
#define MCU_EXTI_H

#include <stdbool.h>

#include "gpio.h"

#define EXTI_PIN_LINES 16u /* 0..15; the rules below hold for lines 0..21 unless they say else */

#define EXTI_RISING  1u
#define EXTI_FALLING 2u

/* Runs in the line's interrupt, IRQ_PRIORITY_EXTI, after its pending bit was cleared. */
typedef void (*exti_handler_t)(unsigned line);

/* Connects the pin with its line, forgets an edge that is pending, and calls handler at each of the
 * given edges (or-ed) from now on. The pin itself is configured by the caller. */
void exti_pin_enable(gpio_pin_t pin, unsigned edges, exti_handler_t handler);

/* The line without a pin, for the internal ones; the NVIC is the caller's. */
void exti_line_enable(unsigned line, unsigned edges);

/* No further interrupts; a pending one is forgotten. */
void exti_line_disable(unsigned line);

/* Acknowledges, for handlers of internal lines. */
void exti_line_clear(unsigned line);

/* Sets the line pending as an edge would, if it is enabled. */
void exti_line_trigger(unsigned line);

#endif
