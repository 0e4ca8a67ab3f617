/* SPDX-License-Identifier: MIT */

#include "gpio.h"
#include "irq.h"

static void set_field(volatile uint32_t *reg, uint32_t index, uint32_t width, uint32_t value)
{
    uint32_t shift = index * width;
    uint32_t mask = ((1u << width) - 1u) << shift;
    *reg = (*reg & ~mask) | ((value << shift) & mask);
}

static uint32_t field(uint32_t reg, uint32_t index, uint32_t width)
{
    return reg >> (index * width) & ((1u << width) - 1u);
}

void gpio_enable_port(gpio_pin_t pin)
{
    uint32_t irq = irq_disable();
    RCC->AHB4ENR |= RCC_AHB4ENR_GPIOAEN << GPIO_PIN_PORT(pin);
    /* RM0455, RCC: two bus cycles pass before an enabled peripheral answers; a read back does it.
     */
    (void)RCC->AHB4ENR;
    irq_restore(irq);
}

void gpio_configure(gpio_pin_t pin, uint32_t configuration)
{
    uint32_t n = GPIO_PIN_NUMBER(pin);
    GPIO_TypeDef *port = GPIO_PORT(GPIO_PIN_PORT(pin));

    gpio_enable_port(pin);
    uint32_t irq = irq_disable();
    /* The mode comes last, so that the pin never drives with half of its configuration. */
    set_field(&port->OTYPER, n, 1, (configuration >> 2) & 1u);
    set_field(&port->OSPEEDR, n, 2, (configuration >> 4) & 3u);
    set_field(&port->PUPDR, n, 2, (configuration >> 6) & 3u);
    set_field(&port->AFR[n >> 3], n & 7u, 4, (configuration >> 8) & 15u);
    set_field(&port->MODER, n, 2, configuration & GPIO_MODE_MASK);
    irq_restore(irq);
}

uint32_t gpio_configuration(gpio_pin_t pin)
{
    uint32_t n = GPIO_PIN_NUMBER(pin);
    const GPIO_TypeDef *port = GPIO_PORT(GPIO_PIN_PORT(pin));
    return field(port->MODER, n, 2) | field(port->OTYPER, n, 1) << 2 |
           field(port->OSPEEDR, n, 2) << 4 | field(port->PUPDR, n, 2) << 6 |
           field(port->AFR[n >> 3], n & 7u, 4) << 8;
}
