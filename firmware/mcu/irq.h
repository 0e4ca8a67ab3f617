/* SPDX-License-Identifier: MIT */

/*
 * Interrupt masking and the priorities of all interrupts, in one place so that they can be
 * compared. Lower numbers win; the device has 4 priority bits (Arm DDI0403E B1.5.4, RM0455 NVIC).
 */
#ifndef MCU_IRQ_H
#define MCU_IRQ_H

#include "stm32h7a3.h"

enum {
    IRQ_PRIORITY_SYSTICK = 2, /* time must go on while serial input is being handled */
    IRQ_PRIORITY_USART = 4,
    IRQ_PRIORITY_USB = 6, /* the host waits; a serial line does not */
    IRQ_PRIORITY_RTC = 10,
    IRQ_PRIORITY_EXTI = 14,  /* may run Python code: after all that has a FIFO to empty */
    IRQ_PRIORITY_FLASH = 14, /* only ends a sleep */
    IRQ_PRIORITY_PENDSV = 15,
};

/* Returns the state to hand to irq_restore(); pairs nest. */
static inline uint32_t irq_disable(void)
{
    uint32_t state = __get_PRIMASK();
    __disable_irq();
    return state;
}

static inline void irq_restore(uint32_t state)
{
    __set_PRIMASK(state);
}

/* Holds off the interrupts of this priority and of all that win less; those that win more go on. */
static inline uint32_t irq_raise(uint32_t priority)
{
    uint32_t state = __get_BASEPRI();
    __set_BASEPRI_MAX(priority << (8u - __NVIC_PRIO_BITS));
    return state;
}

static inline void irq_lower(uint32_t state)
{
    __set_BASEPRI(state);
}

#endif
