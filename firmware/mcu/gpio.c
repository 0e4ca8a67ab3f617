/* SPDX-License-Identifier: MIT */

#include "gpio.h"
#include "irq.h"
#include "stm32h7a3.h"

static void set_field(volatile uint32_t *reg, uint32_t index, uint32_t width, uint32_t value)
{
    uint32_t shift = index * width;
    uint32_t mask = ((1u << width) - 1u) << shift;
    *reg = (*reg & ~mask) | ((value << shift) & mask);
}

void gpio_configure(gpio_pin_t pin, uint32_t configuration)
{
    uint32_t n = GPIO_PIN_NUMBER(pin);
    GPIO_TypeDef *port = GPIO_PORT(GPIO_PIN_PORT(pin));
    uint32_t irq = irq_disable();

    RCC->AHB4ENR |= RCC_AHB4ENR_GPIOAEN << GPIO_PIN_PORT(pin);
    /* RM0455, RCC: two bus cycles pass before an enabled peripheral answers; a read back does it.
     */
    (void)RCC->AHB4ENR;

    /* The mode comes last, so that the pin never drives with half of its configuration. */
    set_field(&port->OTYPER, n, 1, (configuration >> 2) & 1u);
    set_field(&port->OSPEEDR, n, 2, (configuration >> 4) & 3u);
    set_field(&port->PUPDR, n, 2, (configuration >> 6) & 3u);
    set_field(&port->AFR[n >> 3], n & 7u, 4, (configuration >> 8) & 15u);
    set_field(&port->MODER, n, 2, configuration & GPIO_MODE_MASK);
    irq_restore(irq);
}

void gpio_write(gpio_pin_t pin, bool high)
{
    uint32_t bit = 1u << GPIO_PIN_NUMBER(pin);
    GPIO_PORT(GPIO_PIN_PORT(pin))->BSRR = high ? bit : bit << 16;
}

bool gpio_read(gpio_pin_t pin)
{
    return (GPIO_PORT(GPIO_PIN_PORT(pin))->IDR >> GPIO_PIN_NUMBER(pin)) & 1u;
}
