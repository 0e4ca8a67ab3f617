/*
 * Timers as a driver sets them up: time base by TIM6's interrupt, free-running TIM2, TIM5's compare
 * interrupt, PWM on TIM3 and TIM1 (with its main output enable), one pulse, repetition counter.
 * Timer clock: 64 MHz of HSI.
 */
#include "soc.h"
#include "tim.h"

static volatile unsigned updates, compares;

static void base(uint32_t tim, uint32_t prescaler, uint32_t period, bool preload)
{
    R(tim, CR1) =
        (R(tim, CR1) & ~(BIT(4) | BIT(5) | BIT(6) | BIT(7) | 3u << 8)) | (preload ? BIT(7) : 0);
    R(tim, ARR) = period;
    R(tim, PSC) = prescaler;
    if (tim == TIM1)
        R(tim, RCR) = 0;
    R(tim, EGR) = 1; /* loads PSC */
    if (R(tim, SR) & 1)
        R(tim, SR) &= ~1u;
}

static void tim6(void)
{
    if (R(TIM6, SR) & 1 && R(TIM6, DIER) & 1) {
        R(TIM6, SR) = ~1u;
        updates++;
    }
}

static void time_base(void)
{
    uint32_t start;

    base(TIM6, 64 - 1, 1000 - 1, false);
    on_irq(TIM6_IRQ, tim6);
    enable_irq(TIM6_IRQ);
    R(TIM6, DIER) |= 1;
    R(TIM6, CR1) |= 1;
    start = ticks;
    delay_ms(100);
    between("TIM6: 1 ms interrupts in 101 ms", updates, ticks - start - 1, ticks - start + 1);
    R(TIM6, DIER) &= ~1u;
    start = updates;
    delay_ms(5);
    equal("TIM6: suspended", updates, start);
    R(TIM6, CR1) &= ~1u;
}

static void free_running(void)
{
    uint32_t first;

    base(TIM2, 64 - 1, 0xFFFFFFFF, false);
    R(TIM2, SMCR) &= ~7u;
    R(TIM2, CR1) |= 1;
    R(TIM2, CNT) = 0xFFFFFF00;
    first = R(TIM2, CNT);
    delay_ms(10);
    between("TIM2: microseconds over the wrap", R(TIM2, CNT) - first, 10000, 11100);
    check("TIM2: UIF after the wrap", R(TIM2, SR) & 1);
    R(TIM2, SR) = ~1u;
    check("TIM2: UIF cleared", !(R(TIM2, SR) & 1));
    first = R16(TIM2, CNT);
    between("TIM2: low half-word", (R(TIM2, CNT) - first) & 0xFFFF, 0, 20);
    R(TIM2, CR1) &= ~1u;
    first = R(TIM2, CNT);
    delay_ms(1);
    equal("TIM2: stopped", R(TIM2, CNT), first);
}

static void tim5(void)
{
    if (R(TIM5, SR) & 2) {
        R(TIM5, SR) = ~2u;
        R(TIM5, CCR1) += 250; /* the next match, from the match, not from now */
        compares++;
    }
}

static void compare(void)
{
    base(TIM5, 64 - 1, 0xFFFFFFFF, false);
    R(TIM5, CCER) &= ~1u;
    R(TIM5, CCMR1) &= ~0x10073u;
    R(TIM5, CCR1) = 250;
    R(TIM5, SR) = 0;
    on_irq(TIM5_IRQ, tim5);
    enable_irq(TIM5_IRQ);
    R(TIM5, DIER) |= 2;
    R(TIM5, CCER) |= 1;
    R(TIM5, CR1) |= 1;
    while (R(TIM5, CNT) < 10100)
        ;
    R(TIM5, DIER) &= ~2u;
    equal("TIM5: compares each 250 us", compares, 40);
    R(TIM5, CR1) &= ~1u;
}

static void pwm(void)
{
    base(TIM3, 63, 999, true);
    R(TIM3, CCER) &= ~BIT(4);
    R(TIM3, CCMR1) = (R(TIM3, CCMR1) & ~0x01007300u) | 6u << 12;
    R(TIM3, CCER) &= ~BIT(5);
    R(TIM3, CCR2) = 250;
    R(TIM3, CCMR1) |= BIT(11);
    R(TIM3, CCMR1) &= ~BIT(10);
    R(TIM3, CCER) |= BIT(4);
    R(TIM3, CR1) |= 1;
    equal("TIM3: CCMR1 reads back", R(TIM3, CCMR1), 6u << 12 | BIT(11));
    delay_ms(3);
    check("TIM3: CC2IF", R(TIM3, SR) & 4);
    R(TIM3, CCR2) = 750;
    equal("TIM3: CCR2 reads back", R(TIM3, CCR2), 750);
    R(TIM3, ARR) = 1999;
    between("TIM3: counts within its period", R(TIM3, CNT), 0, 1999);
    R(TIM3, CR1) &= ~1u;

    base(TIM1, 63, 999, true);
    R(TIM1, CCMR1) = 6u << 4 | BIT(3);
    R(TIM1, CCR1) = 500;
    R(TIM1, BDTR) = 0;
    R(TIM1, BDTR) |= BIT(13);
    R(TIM1, CCER) |= 1;
    R(TIM1, BDTR) |= BIT(15);
    R(TIM1, CR1) |= 1;
    check("TIM1: MOE", R(TIM1, BDTR) & BIT(15));
    check("TIM1: runs", wait_for(&R(TIM1, SR), 1, 1, 3));
    R(TIM1, CR1) &= ~1u;
}

static void one_pulse(void)
{
    base(TIM3, 63, 499, false);
    R(TIM3, CR1) |= BIT(3);
    R(TIM3, SR) = 0;
    R(TIM3, CR1) |= 1;
    check("one pulse: runs", R(TIM3, CR1) & 1);
    check("one pulse: ends by itself", wait_for(&R(TIM3, CR1), 1, 0, 2));
    check("one pulse: update flag", R(TIM3, SR) & 1);
    R(TIM3, CR1) &= ~BIT(3);
}

static void repetition(void)
{
    R(TIM1, RCR) = 3;
    R(TIM1, EGR) = 1;
    R(TIM1, SR) = 0;
    R(TIM1, CNT) = 0;
    R(TIM1, CR1) |= 1;
    delay_ms(2);
    check("RCR: three periods pass without UIF", !(R(TIM1, SR) & 1));
    delay_ms(3);
    check("RCR: the fourth sets it", R(TIM1, SR) & 1);
    R(TIM1, CR1) &= ~1u;
}

/* A driver's time base may take the interrupt's priority from SysTick; microsecond waits go by DWT.
 */
static void cycle_counter(void)
{
    uint32_t start, first;

    R(SCS, 0xDFC) |= BIT(24);
    R(DWT, 0xFB0) = 0xC5ACCE55;
    R(DWT, 4) = 0;
    R(DWT, 0) |= 1;
    start = ticks;
    first = R(DWT, 4);
    while (R(DWT, 4) - first < 64000 * 10)
        ;
    between("DWT: 10 ms of cycles", ticks - start, 9, 11);
    R(DWT, 0) &= ~1u;
    first = R(DWT, 4);
    equal("DWT: stopped", R(DWT, 4), first);
}

int main(void)
{
    begin();
    R(RCC, RCC_APB1LENR) |= BIT(0) | BIT(1) | BIT(3) | BIT(4);
    R(RCC, RCC_APB2ENR) |= BIT(0);
    (void)R(RCC, RCC_APB2ENR);
    equal("TIM6_ARR after reset", R(TIM6, ARR) & 0xFFFF, 0xFFFF);
    equal("TIM2_ARR after reset", R(TIM2, ARR), 0xFFFFFFFF);
    time_base();
    free_running();
    compare();
    pwm();
    one_pulse();
    repetition();
    cycle_counter();
    end();
}
