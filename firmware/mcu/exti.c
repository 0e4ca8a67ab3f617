/* SPDX-License-Identifier: MIT */

#include "exti.h"

#include <stddef.h>

#include "irq.h"
#include "stm32h7a3.h"

static exti_handler_t handlers[EXTI_PIN_LINES];

static IRQn_Type irq_of(unsigned line)
{
    if (line < 5) {
        return (IRQn_Type)(EXTI0_IRQn + (int)line);
    }
    return line < 10 ? EXTI9_5_IRQn : EXTI15_10_IRQn;
}

static void set_bit(volatile uint32_t *reg, uint32_t bit, bool on)
{
    *reg = on ? *reg | bit : *reg & ~bit;
}

/* Four lines a register, four bits each. */
static void connect(gpio_pin_t pin)
{
    unsigned line = GPIO_PIN_NUMBER(pin);
    volatile uint32_t *select = &SYSCFG->EXTICR1 + line / 4u;
    unsigned shift = line % 4u * 4u;

    RCC->APB4ENR |= RCC_APB4ENR_SYSCFGEN;
    (void)RCC->APB4ENR;
    *select = (*select & ~(15u << shift)) | (uint32_t)GPIO_PIN_PORT(pin) << shift;
}

void exti_line_enable(unsigned line, unsigned edges)
{
    uint32_t bit = 1u << line;
    uint32_t irq = irq_disable();
    set_bit(&EXTI->RTSR1, bit, edges & EXTI_RISING);
    set_bit(&EXTI->FTSR1, bit, edges & EXTI_FALLING);
    EXTI->PR1 = bit;
    EXTI->IMR1 |= bit;
    irq_restore(irq);
}

void exti_line_disable(unsigned line)
{
    uint32_t bit = 1u << line;
    uint32_t irq = irq_disable();
    EXTI->IMR1 &= ~bit;
    EXTI->RTSR1 &= ~bit;
    EXTI->FTSR1 &= ~bit;
    EXTI->PR1 = bit;
    if (line < EXTI_PIN_LINES) {
        handlers[line] = NULL;
    }
    irq_restore(irq);
}

void exti_line_clear(unsigned line)
{
    EXTI->PR1 = 1u << line;
}

void exti_line_trigger(unsigned line)
{
    EXTI->SWIER1 = 1u << line;
}

void exti_pin_enable(gpio_pin_t pin, unsigned edges, exti_handler_t handler)
{
    unsigned line = GPIO_PIN_NUMBER(pin);
    uint32_t irq = irq_disable();
    exti_line_disable(line);
    connect(pin);
    handlers[line] = handler;
    exti_line_enable(line, edges);
    NVIC_SetPriority(irq_of(line), IRQ_PRIORITY_EXTI);
    NVIC_EnableIRQ(irq_of(line));
    irq_restore(irq);
}

static void dispatch(unsigned first, unsigned last)
{
    for (unsigned line = first; line <= last; line++) {
        if (!(EXTI->PR1 & EXTI->IMR1 & 1u << line)) {
            continue;
        }
        /* Cleared first: an edge that comes while the handler runs is not lost. */
        EXTI->PR1 = 1u << line;
        if (handlers[line] != NULL) {
            handlers[line](line);
        }
    }
    /* The clearing write must have arrived before the return, or the interrupt comes again (Arm
     * DDI0489F, peripheral writes are buffered). */
    (void)EXTI->PR1;
    __DSB();
}

#define LINE_HANDLER(line)                                                                         \
    void EXTI##line##_IRQHandler(void);                                                            \
    void EXTI##line##_IRQHandler(void)                                                             \
    {                                                                                              \
        dispatch(line, line);                                                                      \
    }
LINE_HANDLER(0)
LINE_HANDLER(1)
LINE_HANDLER(2)
LINE_HANDLER(3)
LINE_HANDLER(4)

void EXTI9_5_IRQHandler(void);
void EXTI9_5_IRQHandler(void)
{
    dispatch(5, 9);
}

void EXTI15_10_IRQHandler(void);
void EXTI15_10_IRQHandler(void)
{
    dispatch(10, 15);
}
