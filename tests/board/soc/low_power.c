/*
 * Sleep until the tick; Stop until the RTC's wake-up timer, and until an event of a pin (WFE), with
 * what a driver does before and after: the tick held, the regulator chosen, SLEEPDEEP for that one
 * WFI, flags looked at, the clocks set up again.
 */
#include "soc.h"

enum {
    RTC_WPR = 0x24,
    RTC_ICSR = 0x0C,
    RTC_WUTR = 0x14,
    RTC_CR = 0x18,
    RTC_SR = 0x50,
    RTC_SCR = 0x5C
};

static volatile unsigned wakeups;

static void wakeup_irq(void)
{
    R(EXTI, 0x88) = BIT(19);
    R(RTC, RTC_SCR) = 4;
    wakeups++;
}

static void sleep(void)
{
    uint32_t before = ticks;

    R(SCS, SCB_SCR) &= ~4u;
    for (unsigned i = 0; i < 10; i++)
        wfi();
    between("sleep: a WFI ends with each tick", ticks - before, 9, 11);
    R(SCS, SCB_SCR) |= BIT(1); /* sleep on exit */
    R(SCS, SCB_SCR) &= ~BIT(1);
    disable_irqs();
    before = ticks;
    wfi();
    enable_irqs();
    isb();
    equal("sleep: a pending interrupt ends WFI while masked", ticks - before, 1);
    __asm volatile("sev\n\twfe\n\twfe" ::: "memory");
}

static bool start_rtc(void)
{
    R(PWR, PWR_CR1) |= PWR_DBP;
    R(RCC, RCC_CSR) |= 1;
    if (!wait_for(&R(RCC, RCC_CSR), 2, 2, 2))
        return false;
    R(RCC, RCC_BDCR) = (R(RCC, RCC_BDCR) & ~(3u << 8)) | 2u << 8;
    R(RCC, RCC_BDCR) |= BIT(15);
    R(RTC, RTC_WPR) = 0xCA;
    R(RTC, RTC_WPR) = 0x53;
    R(RTC, RTC_CR) &= ~BIT(10);
    if (!wait_for(&R(RTC, RTC_ICSR), 4, 4, 1000))
        return false;
    R(RTC, RTC_SCR) = 4;
    R(RTC, RTC_WUTR) = 1999; /* of 32 kHz / 16: 1 s */
    R(RTC, RTC_CR) &= ~7u;
    R(EXTI, 0x80) |= BIT(19);
    R(EXTI, 0x00) |= BIT(19);
    on_irq(RTC_WKUP_IRQ, wakeup_irq);
    enable_irq(RTC_WKUP_IRQ);
    R(RTC, RTC_CR) |= BIT(14) | BIT(10);
    return true;
}

static void stop(void)
{
    uint32_t before = ticks, cycles, count;

    /* What runs from a clock that Stop takes away stands still: a timer, and the core's counters.
     */
    R(RCC, RCC_APB1LENR) |= BIT(0);
    (void)R(RCC, RCC_APB1LENR);
    R(TIM2, 0x2C) = 0xFFFFFFFF;
    R(TIM2, 0x00) = 1;
    R(SCS, 0xDFC) |= BIT(24);
    R(DWT, 0xFB0) = 0xC5ACCE55;
    R(DWT, 0) |= 1;
    hold();
    R(SCS, SYST_CSR) &= ~2u;
    R(PWR, PWR_CPUCR) |= BIT(9);
    R(PWR, PWR_CR1) = (R(PWR, PWR_CR1) & ~1u) | 1;
    R(PWR, PWR_CPUCR) &= ~BIT(0);
    R(PWR, PWR_CPUCR) &= ~BIT(2);
    R(SCS, SCB_SCR) |= 4;
    cycles = R(DWT, 4);
    count = R(TIM2, 0x24);
    dsb();
    isb();
    wfi();
    count = R(TIM2, 0x24) - count;
    cycles = R(DWT, 4) - cycles;
    R(SCS, SCB_SCR) &= ~4u;
    R(SCS, SYST_CSR) |= 2;
    between("stop: the timer stood", count, 0, 10000);
    between("stop: the cycle counter stood", cycles, 0, 10000);
    equal("stop: woken by the RTC", wakeups, 1);
    equal("stop: HSI drives the core", R(RCC, RCC_CFGR) >> 3 & 7, 0);
    check("stop: PLL and HSE are off",
          !(R(RCC, RCC_CR) & (RCC_CR_PLL1RDY | RCC_CR_HSERDY | RCC_CR_PLL1ON)));
    check("stop: STOPF", R(PWR, PWR_CPUCR) & BIT(5));
    R(PWR, PWR_CPUCR) |= BIT(9);
    check("stop: STOPF cleared", !(R(PWR, PWR_CPUCR) & BIT(5)));
    between("stop: no tick came", ticks - before, 0, 1);
    release();
    check("full speed again", full_speed());
}

/* WFE: the first takes the event that SEV left, the second sleeps, until EXTI's event line. */
static void stop_until_event(void)
{
    R(EXTI, 0x80) &= ~BIT(19);
    R(EXTI, 0x84) |= BIT(19);
    R(RTC, RTC_SCR) = 4;
    R(EXTI, 0x88) = BIT(19);
    hold();
    R(SCS, SYST_CSR) &= ~2u;
    R(PWR, PWR_CPUCR) |= BIT(9);
    R(SCS, SCB_SCR) |= 4;
    __asm volatile("sev\n\twfe\n\twfe" ::: "memory");
    R(SCS, SCB_SCR) &= ~4u;
    R(SCS, SYST_CSR) |= 2;
    check("event: PLL is off", !(R(RCC, RCC_CR) & RCC_CR_PLL1RDY));
    check("event: STOPF", R(PWR, PWR_CPUCR) & BIT(5));
    release();
    equal("event: no interrupt came", wakeups, 1);
    check("event: pending in EXTI", R(EXTI, 0x88) & BIT(19));
}

int main(void)
{
    begin();
    sleep();
    check("full speed", full_speed());
    check("RTC", start_rtc());
    stop();
    stop_until_event();
    end();
}
