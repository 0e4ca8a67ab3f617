/*
 * Pins and their interrupts as a GPIO driver uses them: set-up in its order, BSRR, toggling, lock,
 * reset to analog; EXTI by an edge that another pin's mode makes, by software and as an event.
 */
#include "soc.h"

enum {
    EXTI_RTSR1 = 0x00,
    EXTI_FTSR1 = 0x04,
    EXTI_SWIER1 = 0x08,
    EXTI_IMR1 = 0x80,
    EXTI_EMR1 = 0x84,
    EXTI_PR1 = 0x88
};

static volatile unsigned edges, levels;

static void exti0(void)
{
    if (R(EXTI, EXTI_PR1) & BIT(0)) {
        R(EXTI, EXTI_PR1) = BIT(0);
        edges++;
        levels = levels << 1 | (R(GPIOC, GPIO_IDR) & 1);
    }
}

static void exti15_10(void)
{
    if (R(EXTI, EXTI_PR1) & BIT(13)) {
        R(EXTI, EXTI_PR1) = BIT(13);
        edges++;
    }
}

static bool pin(uint32_t port, unsigned bit)
{
    return R(port, GPIO_IDR) >> bit & 1;
}

static void levels_of_a_pin(void)
{
    R(GPIOC, GPIO_BSRR) = 0; /* no bit: nothing */
    set_pin(GPIOC, 0, PIN_INPUT, 0, 0, PULL_UP);
    check("input with pull-up", pin(GPIOC, 0));
    set_pin(GPIOC, 0, PIN_INPUT, 0, 0, PULL_DOWN);
    check("input with pull-down", !pin(GPIOC, 0));
    R(GPIOC, GPIO_BSRR) = BIT(0 + 16);
    set_pin(GPIOC, 0, PIN_OUTPUT, 0, 0, PULL_NONE);
    check("output low", !pin(GPIOC, 0));
    R(GPIOC, GPIO_BSRR) = BIT(0);
    check("output high", pin(GPIOC, 0));
    equal("ODR follows BSRR", R(GPIOC, GPIO_ODR), 1);
    /* Toggle: what is set goes to the reset half, what is not to the set half. */
    uint32_t odr = R(GPIOC, GPIO_ODR);
    R(GPIOC, GPIO_BSRR) = (odr & BIT(0)) << 16 | (~odr & BIT(0));
    check("toggled", !pin(GPIOC, 0));
    R(GPIOC, GPIO_OTYPER) |= 1;
    R(GPIOC, GPIO_PUPDR) = (R(GPIOC, GPIO_PUPDR) & ~3u) | PULL_UP;
    R(GPIOC, GPIO_BSRR) = BIT(0);
    check("open drain lets go", pin(GPIOC, 0));
    R(GPIOC, GPIO_OTYPER) &= ~1u;
    R16(GPIOC, GPIO_BSRR + 2) = 1; /* the reset half as a half-word */
    check("half-word to BSRR's upper half", !pin(GPIOC, 0));
    R16(GPIOC, GPIO_BSRR) = 1;
    check("half-word to BSRR's lower half", pin(GPIOC, 0));
}

static void lock(void)
{
    volatile uint32_t *lckr = &R(GPIOE, GPIO_LCKR);

    set_pin(GPIOE, 7, PIN_OUTPUT, 0, 0, PULL_NONE);
    *lckr = BIT(16) | BIT(7);
    *lckr = BIT(7);
    *lckr = BIT(16) | BIT(7);
    (void)*lckr;
    check("lock is on", *lckr & BIT(16));
    equal("mode of the locked pin", R(GPIOE, GPIO_MODER) >> 14 & 3, PIN_OUTPUT);
    R(GPIOE, GPIO_BSRR) = BIT(7);
    check("a locked output still moves", pin(GPIOE, 7));
}

static void route(unsigned line, unsigned port)
{
    R(RCC, RCC_APB4ENR) |= BIT(1);
    (void)R(RCC, RCC_APB4ENR);
    R(SYSCFG, 0x08 + line / 4 * 4) =
        (R(SYSCFG, 0x08 + line / 4 * 4) & ~(15u << line % 4 * 4)) | port << line % 4 * 4;
}

static void interrupts(void)
{
    route(0, 2);
    R(EXTI, EXTI_RTSR1) |= BIT(0);
    R(EXTI, EXTI_FTSR1) |= BIT(0);
    R(EXTI, EXTI_EMR1) &= ~BIT(0);
    R(EXTI, EXTI_IMR1) |= BIT(0);
    on_irq(EXTI0_IRQ, exti0);
    R(EXTI, EXTI_PR1) = BIT(0);
    R(SCS, NVIC_ICPR) = BIT(EXTI0_IRQ);
    enable_irq(EXTI0_IRQ);
    set_pin(GPIOC, 0, PIN_INPUT, 0, 0, PULL_UP);
    edges = levels = 0;
    R(GPIOC, GPIO_PUPDR) = (R(GPIOC, GPIO_PUPDR) & ~3u) | PULL_DOWN;
    delay_ms(1);
    R(GPIOC, GPIO_PUPDR) = (R(GPIOC, GPIO_PUPDR) & ~3u) | PULL_UP;
    delay_ms(1);
    equal("two edges, two interrupts", edges, 2);
    equal("levels seen by the handler", levels, 1);
    R(EXTI, EXTI_FTSR1) &= ~BIT(0);
    R(GPIOC, GPIO_PUPDR) = (R(GPIOC, GPIO_PUPDR) & ~3u) | PULL_DOWN;
    delay_ms(1);
    equal("no interrupt of an edge that is not chosen", edges, 2);
    R(EXTI, EXTI_SWIER1) |= BIT(0);
    delay_ms(1);
    equal("software interrupt", edges, 3);
    R(EXTI, EXTI_SWIER1) |= BIT(0);
    delay_ms(1);
    equal("software interrupt again", edges, 4);

    route(13, 2);
    set_pin(GPIOC, 13, PIN_INPUT, 0, 0, PULL_UP);
    R(EXTI, EXTI_RTSR1) &= ~BIT(13);
    R(EXTI, EXTI_FTSR1) |= BIT(13);
    R(EXTI, EXTI_IMR1) |= BIT(13);
    on_irq(EXTI15_10_IRQ, exti15_10);
    R(EXTI, EXTI_PR1) = BIT(13);
    enable_irq(EXTI15_10_IRQ);
    edges = 0;
    R(GPIOC, GPIO_BSRR) = BIT(13 + 16);
    R(GPIOC, GPIO_MODER) = (R(GPIOC, GPIO_MODER) & ~(3u << 26)) | PIN_OUTPUT << 26;
    delay_ms(1);
    equal("line 13: falling edge", edges, 1);
    equal("pending bits are gone", R(EXTI, EXTI_PR1), 0);
    R(EXTI, EXTI_IMR1) &= ~(BIT(0) | BIT(13));
}

/* Undoing a pin: EXTI off, then analog, AF 0, no pull, speed 0. */
static void undo(void)
{
    R(GPIOC, GPIO_MODER) |= 3;
    R(GPIOC, GPIO_AFRL) &= ~15u;
    R(GPIOC, GPIO_PUPDR) &= ~3u;
    R(GPIOC, GPIO_OTYPER) &= ~1u;
    R(GPIOC, GPIO_OSPEEDR) &= ~3u;
    check("analog pin reads 0", !pin(GPIOC, 0));
}

int main(void)
{
    begin();
    R(RCC, RCC_AHB4ENR) |= 0x1F;
    (void)R(RCC, RCC_AHB4ENR);
    equal("GPIOA_MODER after reset, less the console's pins",
          R(GPIOA, GPIO_MODER) | 3 << 18 | 3 << 20, 0xABFFFFFF);
    equal("GPIOB_MODER after reset", R(GPIOB, GPIO_MODER), 0xFFFFFEBF);
    equal("GPIOA_PUPDR after reset, less the console's pins", R(GPIOA, GPIO_PUPDR) & ~(15u << 18),
          0x64000000);
    levels_of_a_pin();
    lock();
    interrupts();
    undo();
    end();
}
