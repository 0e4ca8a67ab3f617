/* SPDX-License-Identifier: MIT */

#include "ticks.h"
#include "irq.h"
#include "stm32h7a3.h"

#define TICKS_PER_SECOND 1000u
/* Arm DDI0403E C1.11: the value that unlocks a CoreSight component's registers. */
#define CORESIGHT_UNLOCK 0xC5ACCE55u

static volatile uint32_t milliseconds;
static void (*hook)(void);

void SysTick_Handler(void);
void SysTick_Handler(void)
{
    milliseconds++;
    if (hook != 0) {
        hook();
    }
}

void ticks_set_hook(void (*function)(void))
{
    hook = function;
}

void ticks_cycles_enable(void)
{
    CoreDebug->DEMCR |= CoreDebug_DEMCR_TRCENA_Msk;
    DWT->LAR = CORESIGHT_UNLOCK;
    DWT->CTRL |= DWT_CTRL_CYCCNTENA_Msk;
}

void ticks_init(void)
{
    NVIC_SetPriority(SysTick_IRQn, IRQ_PRIORITY_SYSTICK);
    ticks_clock_changed();
}

void ticks_clock_changed(void)
{
    SysTick->LOAD = SystemCoreClock / TICKS_PER_SECOND - 1u;
    SysTick->VAL = 0;
    SysTick->CTRL = SysTick_CTRL_CLKSOURCE_Msk | SysTick_CTRL_TICKINT_Msk | SysTick_CTRL_ENABLE_Msk;
}

uint32_t ticks_ms(void)
{
    return milliseconds;
}

uint32_t ticks_us(void)
{
    uint32_t irq = irq_disable();
    uint32_t ms = milliseconds;
    uint32_t value = SysTick->VAL;
    if (SCB->ICSR & SCB_ICSR_PENDSTSET_Msk) {
        /* The counter wrapped and its interrupt waits: the value read may be from either side. */
        value = SysTick->VAL;
        ms++;
    }
    uint32_t load = SysTick->LOAD;
    irq_restore(irq);
    return ms * 1000u + (load - value) / (SystemCoreClock / 1000000u);
}

uint32_t ticks_cycles(void)
{
    return DWT->CYCCNT;
}

bool ticks_passed(uint32_t start, uint32_t us)
{
    return DWT->CYCCNT - start > us * (SystemCoreClock / 1000000u);
}

void ticks_delay_us(uint32_t us)
{
    uint32_t per_us = SystemCoreClock / 1000000u;
    /* In slices, because the cycle count of a long delay does not fit in 32 bits. */
    while (us > 0) {
        uint32_t slice = us < 1000000u ? us : 1000000u;
        uint32_t start = DWT->CYCCNT;
        while (DWT->CYCCNT - start < slice * per_us) {
        }
        us -= slice;
    }
}

bool ticks_wait_register(const volatile uint32_t *reg, uint32_t mask, uint32_t value,
                         uint32_t timeout_us)
{
    uint32_t cycles = timeout_us * (SystemCoreClock / 1000000u);
    uint32_t start = DWT->CYCCNT;
    /* A peripheral read takes several cycles, so this bound lies beyond the first one. */
    for (uint32_t reads = 0; reads <= cycles; reads++) {
        if ((*reg & mask) == value) {
            return true;
        }
        if (DWT->CYCCNT - start > cycles) {
            break;
        }
    }
    return (*reg & mask) == value;
}
