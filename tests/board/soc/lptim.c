/*
 * Low-power timers, as a driver library handles them: registers that the kernel clock takes, a
 * continuous counter with interrupts from LSE, one shot, prescaler, PWM and set-once outputs, and
 * the end of Stop by LPTIM1 through EXTI. Wire: PB13 (LPTIM2_OUT) to PA0 (TIM2_CH1).
 */
#include "soc.h"

enum {
    LPTIM1 = 0x40002400,
    LPTIM2 = 0x58002400,
    LPTIM3 = 0x58002800,
    ISR = 0x00,
    ICR = 0x04,
    IER = 0x08,
    CFGR = 0x0C,
    CR = 0x10,
    CMP = 0x14,
    ARR = 0x18,
    CNT = 0x1C,
    CMPM = 1 << 0,
    ARRM = 1 << 1,
    CMPOK = 1 << 3,
    ARROK = 1 << 4,
    WAVE = 1 << 20,
    WAVPOL = 1 << 21,
    PRELOAD = 1 << 22,
    ENABLE = 1 << 0,
    SNGSTRT = 1 << 1,
    CNTSTRT = 1 << 2,
    COUNTRST = 1 << 3,
    FROM_PCLK = 0, /* LPTIMxSEL */
    FROM_LSE = 3,
    FROM_LSI = 4,
    LPTIM1_IRQ = 93,
    LPTIM3_IRQ = 139,
    IMR1 = 0x80,
    IMR2 = 0x90,
    T_CCMR1 = 0x18, /* of TIM2 */
    T_CCER = 0x20,
    T_ARR = 0x2C,
    T_CCR1 = 0x34,
    T_CCR2 = 0x38,
    T_EGR = 0x14,
    T_SR = 0x10,
};
#define PRESC(log2) ((uint32_t)(log2) << 9)

static void select(uint32_t tim, uint32_t source)
{
    if (tim == LPTIM1)
        R(RCC, RCC_CDCCIP2R) = (R(RCC, RCC_CDCCIP2R) & ~(7u << 28)) | source << 28;
    else if (tim == LPTIM2)
        R(RCC, RCC_SRDCCIPR) = (R(RCC, RCC_SRDCCIPR) & ~(7u << 10)) | source << 10;
    else
        R(RCC, RCC_SRDCCIPR) = (R(RCC, RCC_SRDCCIPR) & ~(7u << 13)) | source << 13;
}

/* Enabled, with period and compare value taken. */
static bool set_up(uint32_t tim, uint32_t cfgr, uint32_t ier, uint32_t period, uint32_t compare)
{
    R(tim, CR) = 0;
    R(tim, CFGR) = cfgr;
    R(tim, IER) = ier;
    R(tim, CR) |= ENABLE;
    R(tim, ICR) = 0x7F;
    R(tim, ARR) = period;
    if (!wait_for(&R(tim, ISR), ARROK, ARROK, 5))
        return false;
    R(tim, CMP) = compare;
    if (!wait_for(&R(tim, ISR), CMPOK, CMPOK, 5))
        return false;
    R(tim, ICR) = 0x7F;
    return true;
}

static volatile unsigned irqs1, irqs3;
static volatile uint32_t flags1;

static void irq1(void)
{
    flags1 |= R(LPTIM1, ISR);
    R(LPTIM1, ICR) = ARRM | CMPM;
    irqs1++;
}

static void irq3(void)
{
    R(LPTIM3, ICR) = ARRM;
    irqs3++;
}

static void counting(void)
{
    uint32_t begin;
    bool good;

    select(LPTIM1, FROM_LSE);
    R(LPTIM1, CR) = ENABLE;
    begin = R(DWT, 4);
    R(LPTIM1, ARR) = 100;
    good = wait_for(&R(LPTIM1, ISR), ARROK, ARROK, 2);
    begin = R(DWT, 4) - begin;
    check("ARROK comes", good);
    /* Of LSE: a clock is 1953 cycles. */
    between("  after a few kernel clocks", begin, 2 * 1953, 5 * 1953);
    R(LPTIM1, ICR) = ARROK;
    equal("  and goes", R(LPTIM1, ISR) & ARROK, 0);
    check("set up", set_up(LPTIM1, 0, ARRM, 3276 - 1, 1000));
    equal("stands before", R(LPTIM1, CNT), 0);
    on_irq(LPTIM1_IRQ, irq1);
    enable_irq(LPTIM1_IRQ);
    R(LPTIM1, CR) |= CNTSTRT;
    begin = ticks;
    delay_ms(1005);
    disable_irq(LPTIM1_IRQ);
    begin = ticks - begin;
    equal("LSE: periods of 100 ms in a second", irqs1, 10);
    between("  in", begin, 1005, 1007);
    check("  CMPM besides", flags1 & CMPM);
    /* 32768 / 16 = 2048 Hz. */
    check("set up with prescaler", set_up(LPTIM1, PRESC(4), 0, 0xFFFF, 200));
    R(LPTIM1, CR) |= CNTSTRT;
    delay_ms(100);
    begin = R(LPTIM1, CNT);
    equal("  not there yet: CMPM", R(LPTIM1, ISR) & (CMPM | ARRM), CMPM);
    between("  count of 100 ms", begin, 203, 208);
    R(LPTIM1, CR) |= COUNTRST;
    good = wait_for(&R(LPTIM1, CR), COUNTRST, 0, 2);
    begin = R(LPTIM1, CNT);
    check("COUNTRST", good);
    between("  counts from 0", begin, 0, 2);
    R(LPTIM1, CR) = 0;
    equal("disabled: 0", R(LPTIM1, CNT), 0);
}

static void one_shot(void)
{
    bool good;

    check("one shot", set_up(LPTIM1, 0, 0, 327, 100));
    R(LPTIM1, CR) |= SNGSTRT;
    good = wait_for(&R(LPTIM1, ISR), CMPM, CMPM, 5);
    check("  CMPM", good && !(R(LPTIM1, ISR) & ARRM));
    check("  ARRM", wait_for(&R(LPTIM1, ISR), ARRM, ARRM, 10));
    R(LPTIM1, ICR) = ARRM | CMPM;
    delay_ms(20);
    equal("  once", R(LPTIM1, ISR) & (ARRM | CMPM), 0);
    equal("  stands at 0", R(LPTIM1, CNT), 0);
    R(LPTIM1, CR) |= SNGSTRT;
    check("  and again", wait_for(&R(LPTIM1, ISR), ARRM, ARRM, 13));
    R(LPTIM1, CR) = 0;
}

static bool measure(uint32_t *period, uint32_t *width)
{
    uint32_t rise, fall, again;
    bool good;

    (void)R(TIM2, T_CCR1);
    good = wait_for(&R(TIM2, T_SR), 2, 2, 5);
    rise = R(TIM2, T_CCR1);
    (void)R(TIM2, T_CCR2);
    good = good && wait_for(&R(TIM2, T_SR), 4, 4, 5);
    fall = R(TIM2, T_CCR2);
    good = good && wait_for(&R(TIM2, T_SR), 2, 2, 5);
    again = R(TIM2, T_CCR1);
    *period = again - rise;
    *width = fall - rise;
    return good;
}

static void expect(const char *name, uint32_t period, uint32_t width)
{
    uint32_t p = 0, w = 0;

    check(name, measure(&p, &w));
    equal("  period", p, period);
    equal("  width", w, width);
}

static void outputs(void)
{
    R(RCC, RCC_APB1LENR) |= BIT(0);
    (void)R(RCC, RCC_APB1LENR);
    set_pin(GPIOA, 0, PIN_ALTERNATE, 1, 0, PULL_NONE);
    set_pin(GPIOB, 13, PIN_ALTERNATE, 3, 0, PULL_NONE);
    R(TIM2, T_ARR) = 0xFFFFFFFF;
    R(TIM2, T_EGR) = 1;
    R(TIM2, T_CCMR1) = 1 | 2 << 8;
    R(TIM2, T_CCER) = BIT(0) | BIT(4) | BIT(5);
    R(TIM2, 0) = 1;
    select(LPTIM2, FROM_PCLK);
    check("PWM", set_up(LPTIM2, PRELOAD, 0, 64000 - 1, 16000 - 1));
    R(LPTIM2, CR) |= CNTSTRT;
    expect("  one clock", 64000, 48000);
    R(LPTIM2, CMP) = 48000 - 1;
    (void)wait_for(&R(LPTIM2, ISR), CMPOK, CMPOK, 2);
    delay_ms(2);
    expect("  another width", 64000, 16000);
    check("PWM, divided, inverted", set_up(LPTIM2, PRESC(3) | WAVPOL, 0, 1000 - 1, 250 - 1));
    check("  high before", R(GPIOB, GPIO_IDR) & BIT(13));
    R(LPTIM2, CR) |= CNTSTRT;
    delay_ms(1);
    expect("  period", 8000, 2000);
    check("set once", set_up(LPTIM2, PRESC(7) | WAVE, 0, 1000 - 1, 500));
    check("  low before", !(R(GPIOB, GPIO_IDR) & BIT(13)));
    R(LPTIM2, CR) |= SNGSTRT;
    delay_ms(4);
    check("  high behind CMP, and for good", R(GPIOB, GPIO_IDR) & BIT(13));
    R(LPTIM2, CR) = 0;
    check("  until it is disabled", !(R(GPIOB, GPIO_IDR) & BIT(13)));
}

/* LPTIM1 ends Stop after 300 ms; LPTIM3, which EXTI does not let through, has to wait. */
static void stop(void)
{
    uint32_t counted, before;
    unsigned first, third;

    select(LPTIM1, FROM_LSI);
    select(LPTIM3, FROM_LSI);
    check("set up for Stop",
          set_up(LPTIM1, 0, ARRM, 9600 - 1, 0) && set_up(LPTIM3, 0, ARRM, 3200 - 1, 0));
    on_irq(LPTIM3_IRQ, irq3);
    enable_irq(LPTIM3_IRQ);
    R(EXTI, IMR2) |= BIT(47 - 32);
    R(EXTI, IMR2) &= ~BIT(50 - 32);
    irqs1 = irqs3 = 0;
    hold();
    R(SCS, SYST_CSR) &= ~2u;
    R(SCS, NVIC_ICPR + LPTIM1_IRQ / 32 * 4) = BIT(LPTIM1_IRQ % 32); /* what is left of before */
    enable_irq(LPTIM1_IRQ);
    before = ticks;
    R(LPTIM1, CR) |= SNGSTRT;
    R(LPTIM3, CR) |= CNTSTRT;
    R(PWR, PWR_CPUCR) |= BIT(9);
    R(PWR, PWR_CPUCR) &= ~(BIT(0) | BIT(2));
    R(SCS, SCB_SCR) |= 4;
    disable_irqs();
    wfi();
    R(SCS, SCB_SCR) &= ~4u;
    counted = R(LPTIM3, CNT);
    first = irqs1;
    enable_irqs();
    isb();
    third = irqs3;
    R(SCS, SYST_CSR) |= 2u;
    release();
    equal("Stop: the core's tick stood", ticks - before, 0);
    /* LPTIM1's flag comes with CNT = ARR, a tick before the third of these periods ends. */
    between("  LPTIM3 counted on", counted, 3196, 3199);
    equal("  no interrupt while they are off", first, 0);
    equal("  LPTIM1's then", irqs1, 1);
    equal("  LPTIM3's, which did not wake", third, 1);
    check("  it was Stop", R(PWR, PWR_CPUCR) & BIT(5));
    disable_irq(LPTIM1_IRQ);
    disable_irq(LPTIM3_IRQ);
}

int main(void)
{
    begin();
    R(SCS, 0xDFC) |= BIT(24); /* DEMCR.TRCENA */
    R(DWT, 0xFB0) = 0xC5ACCE55;
    R(DWT, 0) |= 1;
    R(RCC, RCC_APB1LENR) |= BIT(9);
    R(RCC, RCC_APB4ENR) |= BIT(9) | BIT(10) | BIT(1);
    (void)R(RCC, RCC_APB4ENR);
    R(PWR, PWR_CR1) |= PWR_DBP;
    R(RCC, RCC_BDCR) |= 1;
    check("LSE", wait_for(&R(RCC, RCC_BDCR), 2, 2, 5000));
    R(RCC, RCC_CSR) |= 1;
    check("LSI", wait_for(&R(RCC, RCC_CSR), 2, 2, 5));
    counting();
    one_shot();
    outputs();
    stop();
    end();
}
