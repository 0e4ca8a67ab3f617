/*
 * Timer channels at pins: PWM as a driver starts it, seen at the pin and measured by another
 * timer's input capture over a wire (PA6 to PA0): period, width, polarity, preload, counting down;
 * toggle, forced levels, one pulse, break register, complementary output, alternate functions that
 * come and go. Timer clock: 64 MHz of HSI.
 */
#include "soc.h"
#include "tim.h"

enum {
    CC1OF = 1 << 9,
    TIM16 = 0x40014400,
};

static bool level(uint32_t port, unsigned bit)
{
    return R(port, GPIO_IDR) >> bit & 1;
}

/* TIM2 counts the timer clock; channel 1 takes rising edges of PA0, channel 2 falling ones. */
static void start_capture(void)
{
    set_pin(GPIOA, 0, PIN_ALTERNATE, 1, 0, PULL_NONE);
    R(TIM2, PSC) = 0;
    R(TIM2, ARR) = 0xFFFFFFFF;
    R(TIM2, EGR) = 1;
    R(TIM2, CCMR1) = 1 | 2 << 8;
    R(TIM2, CCER) = BIT(0) | BIT(4) | BIT(5);
    R(TIM2, CR1) = 1;
}

static bool next(uint32_t flag, uint32_t *time)
{
    if (!wait_for(&R(TIM2, SR), flag, flag, 10))
        return false;
    *time = R(TIM2, flag == CC1IF ? CCR1 : CCR2);
    return true;
}

/* Period and width of what is on PA0, in timer clocks. */
static bool measure(uint32_t *period, uint32_t *width)
{
    uint32_t rise = 0, fall = 0, again = 0;

    (void)R(TIM2, CCR1);
    if (!next(CC1IF, &rise))
        return false;
    (void)R(TIM2, CCR2);
    if (!next(CC2IF, &fall) || !next(CC1IF, &again))
        return false;
    *period = again - rise;
    *width = fall - rise;
    return true;
}

static void expect(const char *name, uint32_t period, uint32_t width)
{
    uint32_t p = 0, w = 0;

    check(name, measure(&p, &w));
    equal("  period", p, period);
    equal("  width", w, width);
}

static void pwm(void)
{
    set_pin(GPIOA, 6, PIN_ALTERNATE, 2, 0, PULL_NONE);
    R(TIM3, CR1) = BIT(7);
    R(TIM3, PSC) = 15;
    R(TIM3, ARR) = 3999; /* 1 ms */
    R(TIM3, EGR) = 1;
    R(TIM3, CCMR1) = 6 << 4 | BIT(3);
    R(TIM3, CCR1) = 1000;
    check("no output before CCxE", !level(GPIOA, 6));
    R(TIM3, CCER) = 1;
    R(TIM3, CR1) |= 1;
    expect("PWM mode 1", 64000, 16000);
    R(TIM3, CCR1) = 3000;
    (void)measure(&(uint32_t){0}, &(uint32_t){0});
    expect("CCR preload", 64000, 48000);
    R(TIM3, CCER) = 3;
    expect("inverted", 64000, 16000);
    R(TIM3, CCMR1) = 7 << 4 | BIT(3);
    expect("PWM mode 2, inverted", 64000, 48000);
    R(TIM3, CCER) = 1;
    R(TIM3, ARR) = 1999;
    R(TIM3, CCR1) = 500;
    (void)measure(&(uint32_t){0}, &(uint32_t){0});
    (void)measure(&(uint32_t){0}, &(uint32_t){0});
    expect("ARR preload, PWM mode 2", 32000, 24000);
    R(TIM3, CR1) &= ~1u;
    R(TIM3, CR1) |= BIT(4);
    R(TIM3, CCMR1) = 6 << 4;
    R(TIM3, CCR1) = 499;
    R(TIM3, CR1) |= 1;
    expect("counting down: CNT <= CCR", 32000, 8000);
    R(TIM3, CR1) &= ~(1u | BIT(4));
    R(TIM3, CCR1) = 0;
    R(TIM3, CR1) |= 1;
    delay_ms(2);
    check("CCR = 0: never active", !level(GPIOA, 6));
    R(TIM3, CCR1) = 2000;
    delay_ms(2);
    check("CCR > ARR: always active", level(GPIOA, 6));
    check("nothing more to capture", !measure(&(uint32_t){0}, &(uint32_t){0}));
}

static void modes(void)
{
    R(TIM3, CCMR1) = 4 << 4;
    check("forced inactive", !level(GPIOA, 6));
    R(TIM3, CCMR1) = 5 << 4;
    check("forced active", level(GPIOA, 6));
    R(TIM3, CCMR1) = 4 << 4;
    R(TIM3, CCMR1) = 3 << 4;
    R(TIM3, CCR1) = 700;
    expect("toggle", 2 * 32000, 32000);
    R(TIM3, CR1) = 0;
    R(TIM3, CNT) = 0;
    R(TIM3, CCMR1) = 4 << 4;
    R(TIM3, CCMR1) = 1 << 4;
    R(TIM3, CR1) = 1;
    delay_ms(2);
    check("active on match", level(GPIOA, 6));
    R(TIM3, CCMR1) = 2 << 4;
    delay_ms(2);
    check("inactive on match", !level(GPIOA, 6));
    R(TIM3, CR1) = 0;
    R(TIM3, CNT) = 0;
    R(TIM3, CCMR1) = 7 << 4;
    R(TIM3, CR1) = BIT(3) | 1;
    check("one pulse", wait_for(&R(TIM3, CR1), 1, 0, 2));
    check("and inactive again", !level(GPIOA, 6));
}

static void captures(void)
{
    uint32_t first = 0, second = 0;
    bool good;

    R(TIM3, CR1) = 0;
    R(TIM3, CCMR1) = 6 << 4;
    R(TIM3, CCR1) = 1000;
    (void)R(TIM2, CCR1);
    R(TIM2, SR) = 0;
    R(TIM3, CR1) = 1;
    delay_ms(3);
    check("overcapture", R(TIM2, SR) & CC1OF);
    R(TIM2, SR) = ~(uint32_t)CC1OF;
    check("CC1OF cleared", !(R(TIM2, SR) & CC1OF));
    R(TIM2, CCER) &= ~BIT(0);
    R(TIM2, CCMR1) = (R(TIM2, CCMR1) & ~0xFFu) | 1 | 2 << 2; /* each fourth edge */
    R(TIM2, CCER) |= BIT(0);
    (void)R(TIM2, CCR1);
    /* Nothing is said in between: the next capture would not wait. */
    good = next(CC1IF, &first) && next(CC1IF, &second);
    check("prescaler: two captures", good);
    equal("prescaler: four periods", second - first, 4 * 32000);
    R(TIM2, CCER) &= ~BIT(0);
    R(TIM2, CCMR1) = (R(TIM2, CCMR1) & ~0xFFu) | 1;
    R(TIM2, CCER) |= BIT(0) | BIT(1) | BIT(3); /* both edges */
    (void)R(TIM2, CCR1);
    good = next(CC1IF, &first) && next(CC1IF, &second);
    check("both edges: two captures", good);
    equal("both edges: half a period", second - first, 16000);
    R(TIM3, CR1) = 0;
    (void)R(TIM2, CCR1);
    check("nothing to capture", !(R(TIM2, SR) & CC1IF));
    R(TIM2, EGR) = BIT(1);
    second = R(TIM2, CNT);
    check("CC1G captures", R(TIM2, SR) & CC1IF);
    between("CC1G: the present count", second - R(TIM2, CCR1), 0, 200);
}

static void routing(void)
{
    set_pin(GPIOA, 6, PIN_INPUT, 0, 0, PULL_UP);
    R(TIM3, CCMR1) = 4 << 4;
    check("an input is not driven", level(GPIOA, 6));
    set_pin(GPIOA, 6, PIN_ALTERNATE, 2, 0, PULL_UP);
    check("the alternate function is", !level(GPIOA, 6));
    R(TIM3, CCER) = 0;
    check("CCxE = 0: pulled", level(GPIOA, 6));
    R(TIM3, CCER) = 1;
    set_pin(GPIOA, 6, PIN_ALTERNATE, 7, 0, PULL_UP);
    check("another function: pulled", level(GPIOA, 6));
}

/* TIM16_CH1 is PB8, its complement PB6, both AF1. */
static void main_output_enable(void)
{
    R(RCC, RCC_APB2ENR) |= BIT(17);
    (void)R(RCC, RCC_APB2ENR);
    set_pin(GPIOB, 8, PIN_ALTERNATE, 1, 0, PULL_UP);
    set_pin(GPIOB, 6, PIN_ALTERNATE, 1, 0, PULL_UP);
    R(TIM16, CCMR1) = 4 << 4;
    R(TIM16, CCER) = 1;
    check("MOE = 0: off", level(GPIOB, 8));
    R(TIM16, BDTR) |= BIT(10);
    check("MOE = 0, OSSI: idle level 0", !level(GPIOB, 8));
    R(TIM16, CR2) = BIT(8);
    check("MOE = 0, OSSI: idle level 1", level(GPIOB, 8));
    R(TIM16, BDTR) |= BIT(15);
    check("MOE: inactive", !level(GPIOB, 8));
    R(TIM16, CCER) = 5;
    check("complement of inactive", level(GPIOB, 6));
    R(TIM16, CCMR1) = 5 << 4;
    check("active", level(GPIOB, 8));
    check("complement of active", !level(GPIOB, 6));
    R(TIM16, CCER) = 4;
    check("complementary output alone: as OCxREF", level(GPIOB, 6));
    R(TIM16, CCER) = 4 | 8;
    check("its polarity", !level(GPIOB, 6));
}

int main(void)
{
    begin();
    R(RCC, RCC_APB1LENR) |= BIT(0) | BIT(1);
    (void)R(RCC, RCC_APB1LENR);
    start_capture();
    pwm();
    modes();
    captures();
    routing();
    main_output_enable();
    end();
}
