/*
 * An I2C bus that somebody holds: the driver's start does not come through and times out; the
 * usual remedy, nine clocks by hand on SCL, frees SDA.
 */
#include "soc.h"

enum { CR1 = 0x00, CR2 = 0x04, TIMINGR = 0x10, ISR = 0x18, ICR = 0x1C, LIMIT = 25 };

static void open_bus(void)
{
    set_pin(GPIOB, 8, PIN_ALTERNATE, 4, 0, PULL_UP);
    set_pin(GPIOB, 9, PIN_ALTERNATE, 4, 0, PULL_UP);
    R(GPIOB, GPIO_OTYPER) |= BIT(8) | BIT(9);
    R(RCC, RCC_APB1LENR) |= BIT(21);
    (void)R(RCC, RCC_APB1LENR);
    R(I2C1, CR1) &= ~1u;
    R(I2C1, TIMINGR) = 15u << 28 | 4 << 20 | 2 << 16 | 15 << 8 | 19;
    R(I2C1, CR1) |= 1;
}

/* STOPF or NACKF after a start to an address where nobody is. */
static bool tried(void)
{
    uint32_t start = ticks;

    R(I2C1, CR2) = 0x31 << 1 | BIT(13) | BIT(25);
    while (!(R(I2C1, ISR) & (BIT(4) | BIT(5)))) {
        if (ticks - start > LIMIT)
            return false;
    }
    return true;
}

#ifndef HELD_FOR_GOOD
static void clocks_by_hand(unsigned n)
{
    R(GPIOB, GPIO_BSRR) = BIT(8);
    set_pin(GPIOB, 8, PIN_OUTPUT, 0, 0, PULL_UP);
    R(GPIOB, GPIO_OTYPER) |= BIT(8);
    while (n--) {
        R(GPIOB, GPIO_BSRR) = BIT(8 + 16);
        for (unsigned i = 0; i < 100; i++)
            (void)R(GPIOB, GPIO_IDR);
        R(GPIOB, GPIO_BSRR) = BIT(8);
        for (unsigned i = 0; i < 100; i++)
            (void)R(GPIOB, GPIO_IDR);
    }
}
#endif

int main(void)
{
    begin();
    open_bus();
    check("held: the start does not come through", !tried());
    equal("held: START waits", R(I2C1, CR2) & BIT(13), BIT(13));
    equal("held: no flag", R(I2C1, ISR), 1);
#ifdef HELD_FOR_GOOD
    equal("SCL: low", R(GPIOB, GPIO_IDR) & BIT(8), 0);
    R(I2C1, CR1) &= ~1u;
    equal("off: START is gone", R(I2C1, CR2) & BIT(13), 0);
#else
    equal("SDA: low", R(GPIOB, GPIO_IDR) & BIT(9), 0);
    R(I2C1, CR1) &= ~1u;
    clocks_by_hand(9);
    equal("SDA: free", R(GPIOB, GPIO_IDR) & BIT(9), BIT(9));
    open_bus();
    check("freed: a start comes through", tried());
    equal("freed: nobody there", R(I2C1, ISR) & BIT(4), BIT(4));
#endif
    end();
}
