/* SPDX-License-Identifier: MIT */

/*
 * GPIO ports: configuration of one pin at a time, and its level.
 *
 * Any context. gpio_configure() does read-modify-write on registers that hold all pins of a port,
 * and masks interrupts for that; gpio_write() is one store (BSRR) and needs no protection.
 * Source: RM0455, chapter GPIO (MODER, OTYPER, OSPEEDR, PUPDR, AFRL/AFRH, BSRR).
 */
#ifndef MCU_GPIO_H
#define MCU_GPIO_H

#include <stdbool.h>
#include <stdint.h>

#include "stm32h7a3.h"

/* A pin is its port's index (A = 0 ... K = 10) times 16 plus its number: GPIO_PIN('B', 6). */
typedef uint8_t gpio_pin_t;
#define GPIO_PIN(port, number) ((gpio_pin_t)((((port) - 'A') << 4) | (number)))
#define GPIO_PIN_PORT(pin)     ((pin) >> 4)
#define GPIO_PIN_NUMBER(pin)   ((pin)&15u)

/* A configuration is one mode, or-ed with at most one of each of the groups below it. */
#define GPIO_INPUT  0x0000u
#define GPIO_OUTPUT 0x0001u
#define GPIO_ALTERNATE(af)                                                                         \
    (0x0002u | ((uint32_t)(af) << GPIO_ALTERNATE_Pos)) /* af 0..15, DS13195 */
#define GPIO_ANALOG    0x0003u
#define GPIO_MODE_MASK 0x0003u

/* The number in GPIO_ALTERNATE(). */
#define GPIO_ALTERNATE_Pos               8u
#define GPIO_ALTERNATE_OF(configuration) ((configuration) >> GPIO_ALTERNATE_Pos & 15u)

#define GPIO_PUSH_PULL  0x0000u
#define GPIO_OPEN_DRAIN 0x0004u

#define GPIO_SPEED_LOW       0x0000u
#define GPIO_SPEED_MEDIUM    0x0010u
#define GPIO_SPEED_HIGH      0x0020u
#define GPIO_SPEED_VERY_HIGH 0x0030u
#define GPIO_SPEED_MASK      0x0030u

#define GPIO_PULL_NONE 0x0000u
#define GPIO_PULL_UP   0x0040u
#define GPIO_PULL_DOWN 0x0080u
#define GPIO_PULL_MASK 0x00C0u

/* Without it a port reads 0 and ignores writes. gpio_configure() does it too. */
void gpio_enable_port(gpio_pin_t pin);

/* Switches the port's clock on and applies the configuration. The output latch is not touched. */
void gpio_configure(gpio_pin_t pin, uint32_t configuration);

/* What the pin is set to, in the words of gpio_configure(). */
uint32_t gpio_configuration(gpio_pin_t pin);

static inline void gpio_write(gpio_pin_t pin, bool high)
{
    uint32_t bit = 1u << GPIO_PIN_NUMBER(pin);
    GPIO_PORT(GPIO_PIN_PORT(pin))->BSRR = high ? bit : bit << 16;
}

/* The level on the pin; 0 in analog mode. */
static inline bool gpio_read(gpio_pin_t pin)
{
    return (GPIO_PORT(GPIO_PIN_PORT(pin))->IDR >> GPIO_PIN_NUMBER(pin)) & 1u;
}

/* What the output latch holds, whether the pin is an output or not. */
static inline bool gpio_latch(gpio_pin_t pin)
{
    return (GPIO_PORT(GPIO_PIN_PORT(pin))->ODR >> GPIO_PIN_NUMBER(pin)) & 1u;
}

#endif
