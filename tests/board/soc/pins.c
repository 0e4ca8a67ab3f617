/* Pins, set up in the order that a driver library uses, so that no wrong state is seen on the way.
 */
#include "soc.h"

static void field(uint32_t address, unsigned position, unsigned width, uint32_t value)
{
    uint32_t mask = (BIT(width) - 1) << position;

    R(address, 0) = (R(address, 0) & ~mask) | value << position;
}

void set_pin(uint32_t port, unsigned bit, enum pin_mode mode, unsigned function, unsigned speed,
             enum pin_pull pull)
{
    R(RCC, RCC_AHB4ENR) |= BIT((port - GPIOA) / 0x400);
    (void)R(RCC, RCC_AHB4ENR); /* the enable takes effect before the next access */
    if (mode == PIN_OUTPUT || mode == PIN_ALTERNATE) {
        field(port + GPIO_OSPEEDR, 2 * bit, 2, speed);
        field(port + GPIO_OTYPER, bit, 1, 0);
    }
    if (mode != PIN_ANALOG)
        field(port + GPIO_PUPDR, 2 * bit, 2, pull);
    if (mode == PIN_ALTERNATE)
        field(port + GPIO_AFRL + bit / 8 * 4, 4 * (bit % 8), 4, function);
    field(port + GPIO_MODER, 2 * bit, 2, mode);
}
