/* SPDX-License-Identifier: MIT */

#include "soft_timers.h"
#include "mcu/irq.h"
#include "mcu/stm32h7a3.h"
#include "mcu/ticks.h"
#include "py/mphal.h"
#include "shared/runtime/softtimer.h"

static volatile bool armed;
static volatile uint32_t due_ms;

void PendSV_Handler(void);
void PendSV_Handler(void)
{
    soft_timer_handler();
}

/* In SysTick's interrupt. Not a test for equality: the count may jump. */
static void tick(void)
{
    if (armed && soft_timer_ticks_diff(ticks_ms(), due_ms) >= 0) {
        armed = false;
        SCB->ICSR = SCB_ICSR_PENDSVSET_Msk;
    }
}

void soft_timers_start(void)
{
    NVIC_SetPriority(PendSV_IRQn, IRQ_PRIORITY_PENDSV);
    ticks_set_hook(tick);
}

uint32_t soft_timer_get_ms(void)
{
    return ticks_ms();
}

/* A time that is past is found by the next tick. */
void soft_timer_schedule_at_ms(uint32_t at_ms)
{
    uint32_t irq = irq_disable();
    due_ms = at_ms;
    armed = true;
    irq_restore(irq);
}
