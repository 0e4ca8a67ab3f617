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

/* A pin is its port's index (A = 0 ... K = 10) times 16 plus its number: GPIO_PIN('B', 6). */
typedef uint8_t gpio_pin_t;
#define GPIO_PIN(port, number) ((gpio_pin_t)((((port) - 'A') << 4) | (number)))
#define GPIO_PIN_PORT(pin)     ((pin) >> 4)
#define GPIO_PIN_NUMBER(pin)   ((pin)&15u)

/* A configuration is one mode, or-ed with at most one of each of the groups below it. */
#define GPIO_INPUT         0x0000u
#define GPIO_OUTPUT        0x0001u
#define GPIO_ALTERNATE(af) (0x0002u | ((uint32_t)(af) << 8)) /* af 0..15, DS13195 table of AFs */
#define GPIO_ANALOG        0x0003u
#define GPIO_MODE_MASK     0x0003u

#define GPIO_PUSH_PULL  0x0000u
#define GPIO_OPEN_DRAIN 0x0004u

#define GPIO_SPEED_LOW       0x0000u
#define GPIO_SPEED_MEDIUM    0x0010u
#define GPIO_SPEED_HIGH      0x0020u
#define GPIO_SPEED_VERY_HIGH 0x0030u

#define GPIO_PULL_NONE 0x0000u
#define GPIO_PULL_UP   0x0040u
#define GPIO_PULL_DOWN 0x0080u

/* Switches the port's clock on and applies the configuration. The output latch is not touched. */
void gpio_configure(gpio_pin_t pin, uint32_t configuration);

void gpio_write(gpio_pin_t pin, bool high);
bool gpio_read(gpio_pin_t pin);

#endif
