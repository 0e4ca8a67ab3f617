/*
 * Timers driven by other timers and by pins, as a driver library sets them up: cascades, gates,
 * resets, starts, PWM input, one pulse at an input's edge, encoder, pulse counting, filters, Hall
 * sensor inputs. Timer clock: 64 MHz of HSI. Wires: PD14 to PA6 and PD15 to PA7 (TIM3's channels 1
 * and 2), PD3 to PD2 (TIM3_ETR), PB8 to PA0 (TIM4's output to TIM5's input), PC10 to PB3 (TIM2's
 * channel 2), PC11 to PB0 (TIM3's channel 3).
 */
#include "soc.h"
#include "tim.h"

enum {
    TIM4 = 0x40000800,
    TI1S = 1 << 7,
    ITR0 = 0 << 4, /* TS */
    ITR1 = 1 << 4,
    ITR2 = 2 << 4,
    ITR3 = 3 << 4,
    TI1F_ED = 4 << 4,
    TI1FP1 = 5 << 4,
    TI2FP2 = 6 << 4,
    ETRF = 7 << 4,
    RESET = 4, /* SMS */
    GATED = 5,
    TRIGGER = 6,
    EXTERNAL1 = 7,
    RESET_AND_TRIGGER = 1 << 16,
    ECE = 1 << 14,
    ETP = 1 << 15,
    MMS_ENABLE = 1 << 4,
    MMS_UPDATE = 2 << 4,
    MMS_OC1REF = 4 << 4,
    TIM1_TRG_COM_IRQ = 26,
};

static void base(uint32_t tim, uint32_t prescaler, uint32_t period)
{
    R(tim, SMCR) = 0; /* first: an encoder's DIR is read-only */
    R(tim, CR1) = 0;
    R(tim, CR2) = 0;
    R(tim, DIER) = 0;
    R(tim, CCER) = 0;
    R(tim, CCMR1) = 0;
    R(tim, PSC) = prescaler;
    R(tim, ARR) = period;
    R(tim, EGR) = UG;
    R(tim, SR) = 0;
}

static void set(uint32_t port, unsigned bit, bool high)
{
    R(port, GPIO_BSRR) = BIT(bit + (high ? 0 : 16));
    dsb();
}

static bool level(uint32_t port, unsigned bit)
{
    return R(port, GPIO_IDR) >> bit & 1;
}

/* Two 16-bit timers are one of 32 bits: TIM4 counts TIM3's updates (ITR2). */
static void cascade(void)
{
    uint32_t low, high, cycles, begin;

    base(TIM3, 0, 65535);
    R(TIM3, CR2) = MMS_UPDATE;
    base(TIM4, 0, 65535);
    R(TIM4, SMCR) = ITR2 | EXTERNAL1;
    R(TIM4, CR1) = CEN;
    begin = R(DWT, 4);
    R(TIM3, CR1) = CEN;
    delay_ms(20);
    do {
        high = R(TIM4, CNT);
        low = R(TIM3, CNT);
        cycles = R(DWT, 4) - begin;
    } while (R(TIM4, CNT) != high);
    between("cascade: 32 bits", cycles - (high << 16 | low), 0, 100);
    check("  the high half counts", high >= 19);
    R(TIM3, CR1) = 0;
    high = R(TIM4, CNT);
    delay_ms(3);
    equal("  and stands with the low one", R(TIM4, CNT), high);
    equal("  TIF", R(TIM4, SR) & TIF, TIF);
    /* A prescaler of 3, and the update of the slave. */
    base(TIM3, 0, 999);
    R(TIM3, CR2) = MMS_UPDATE;
    base(TIM4, 2, 9);
    R(TIM4, SMCR) = ITR2 | EXTERNAL1;
    R(TIM4, CR1) = OPM | CEN;
    begin = R(DWT, 4);
    R(TIM3, CR1) = CEN;
    (void)wait_for(&R(TIM4, SR), UIF, UIF, 5);
    cycles = R(DWT, 4) - begin;
    between("cascade: 30 periods of 1000 cycles", cycles, 30000, 30200);
    equal("  one pulse", R(TIM4, CR1) & CEN, 0);
    R(TIM3, CR1) = 0;
}

static void gates(void)
{
    uint32_t count;

    base(TIM3, 0, 999);
    R(TIM3, CCMR1) = 6 << 4;
    R(TIM3, CCR1) = 250;
    R(TIM3, CR2) = MMS_OC1REF;
    base(TIM4, 0, 65535);
    R(TIM4, SMCR) = ITR2 | GATED;
    R(TIM4, CR1) = CEN;
    R(TIM3, CR1) = OPM | CEN;
    (void)wait_for(&R(TIM3, CR1), CEN, 0, 2);
    R(TIM3, CR1) = 0;
    /* The reference is high again at the end, as CNT = 0 < CCR. */
    R(TIM3, CCR1) = 0;
    count = R(TIM4, CNT);
    check("gated: not while the gate is closed", R(TIM4, CNT) == count);
    R(TIM3, CCMR1) = 4 << 4;
    R(TIM3, CCR1) = 600;
    R(TIM3, CNT) = 400;
    R(TIM4, CNT) = 0;
    R(TIM3, CCMR1) = 7 << 4; /* high from 600 to 999 */
    equal("gated: closed", R(TIM4, CNT), 0);
    R(TIM3, CR1) = OPM | CEN;
    (void)wait_for(&R(TIM3, CR1), CEN, 0, 2);
    equal("gated by OC1REF: 400 clocks", R(TIM4, CNT), 400);
    equal("  TIF", R(TIM4, SR) & TIF, TIF);
    R(TIM3, CR2) = MMS_ENABLE;
    R(TIM4, SR) = 0;
    R(TIM4, CNT) = 0;
    R(TIM4, PSC) = 9;
    R(TIM4, EGR) = UG;
    R(TIM3, CNT) = 0;
    R(TIM3, ARR) = 499;
    R(TIM3, CR1) = OPM | CEN;
    (void)wait_for(&R(TIM3, CR1), CEN, 0, 2);
    equal("gated by enable: 500 clocks, divided by 10", R(TIM4, CNT), 50);
    /* The prescaler keeps what it had: 5 clocks and 5. */
    R(TIM4, EGR) = UG;
    R(TIM3, ARR) = 4;
    R(TIM3, CR1) = OPM | CEN;
    (void)wait_for(&R(TIM3, CR1), CEN, 0, 2);
    equal("  5 clocks are no tick", R(TIM4, CNT), 0);
    R(TIM3, CR1) = OPM | CEN;
    (void)wait_for(&R(TIM3, CR1), CEN, 0, 2);
    equal("  10 are", R(TIM4, CNT), 1);
}

static volatile unsigned triggers;

static void trigger_irq(void)
{
    if (R(TIM1, SR) & TIF) {
        R(TIM1, SR) = ~(uint32_t)TIF;
        triggers++;
    }
}

static void starts(void)
{
    uint32_t slave;

    /* TIM1's ITR2 is TIM3. */
    base(TIM1, 0, 65535);
    R(TIM1, DIER) = TIF;
    on_irq(TIM1_TRG_COM_IRQ, trigger_irq);
    enable_irq(TIM1_TRG_COM_IRQ);
    base(TIM3, 0, 9999);
    R(TIM3, CR2) = MMS_UPDATE;
    R(TIM1, SMCR) = ITR2 | RESET;
    R(TIM1, CR1) = CEN;
    R(TIM3, CR1) = CEN;
    delay_ms(5);
    R(TIM3, CR1) = 0;
    slave = R(TIM1, CNT);
    between("reset: as TIM3, which stands", slave - R(TIM3, CNT), 0, 60);
    between("reset: interrupts", triggers, 32, 41);
    check("reset: an update event", R(TIM1, SR) & UIF);
    disable_irq(TIM1_TRG_COM_IRQ);
    base(TIM1, 0, 65535);
    R(TIM1, SMCR) = ITR2 | TRIGGER;
    equal("trigger: stands before", R(TIM1, CR1) & CEN, 0);
    R(TIM3, EGR) = UG;
    equal("trigger: starts", R(TIM1, CR1) & CEN, CEN);
    check("  and counts", R(TIM1, CNT) != R(TIM1, CNT));
    base(TIM1, 0, 65535);
    R(TIM1, CNT) = 5000;
    R(TIM1, SMCR) = ITR2 | RESET_AND_TRIGGER;
    R(TIM3, EGR) = UG;
    between("reset and trigger: counts from 0", R(TIM1, CNT), 0, 200);
    equal("  started", R(TIM1, CR1) & CEN, CEN);
    R(TIM1, CNT) = 30000;
    R(TIM3, EGR) = UG;
    between("  and again", R(TIM1, CNT), 0, 200);
    base(TIM1, 0, 65535);
}

/* The library's PWM input: period and width in one timer. */
static void pwm_input(void)
{
    base(TIM4, 0, 3199);
    R(TIM4, CCMR2) = 6 << 4;
    R(TIM4, CCR3) = 1000;
    R(TIM4, CCER) = BIT(8);
    set_pin(GPIOB, 8, PIN_ALTERNATE, 2, 0, PULL_NONE);
    set_pin(GPIOA, 0, PIN_ALTERNATE, 2, 0, PULL_NONE);
    base(TIM5, 0, 0xFFFFFFFF);
    R(TIM5, CCMR1) = 1 | 2 << 8;
    R(TIM5, CCER) = BIT(0) | BIT(4) | BIT(5);
    R(TIM5, SMCR) = TI1FP1 | RESET;
    R(TIM5, CR1) = CEN;
    R(TIM4, CR1) = CEN;
    delay_ms(1);
    equal("PWM input: period", R(TIM5, CCR1), 3200);
    equal("PWM input: width", R(TIM5, CCR2), 1000);
    R(TIM4, CR1) = 0;
    /* All clocks of TIM5 between edges of its own input: external clock mode 1 by both edges. */
    base(TIM5, 0, 0xFFFFFFFF);
    R(TIM5, SMCR) = TI1F_ED | EXTERNAL1;
    R(TIM5, CR1) = CEN;
    R(TIM4, CNT) = 0;
    R(TIM4, ARR) = 99;
    R(TIM4, CCR3) = 50;
    R(TIM4, PSC) = 63;
    R(TIM4, EGR) = UG;
    R(TIM5, CNT) = 0;
    R(TIM4, CR1) = CEN;
    delay_ms(2);
    R(TIM4, CR1) = 0;
    between("TI1F_ED: both edges", R(TIM5, CNT), 39, 62);
    /* Capture of TRC: TIM4's updates stamped by TIM5 (ITR3 is TIM4). */
    base(TIM5, 0, 0xFFFFFFFF);
    base(TIM4, 0, 6399);
    R(TIM4, CR2) = MMS_UPDATE;
    R(TIM5, CCMR1) = 3;
    R(TIM5, CCER) = 1;
    R(TIM5, SMCR) = ITR3;
    R(TIM5, CR1) = CEN;
    R(TIM4, CR1) = CEN;
    if (wait_for(&R(TIM5, SR), CC1IF, CC1IF, 2)) {
        uint32_t first = R(TIM5, CCR1), second;
        bool good = wait_for(&R(TIM5, SR), CC1IF, CC1IF, 2);

        second = R(TIM5, CCR1);
        check("TRC: two captures", good);
        equal("  a period apart", second - first, 6400);
    } else {
        check("TRC: a capture", false);
    }
    R(TIM4, CR1) = 0;
    R(TIM5, CR1) = 0;
}

/* One pulse of 2 ms, 1 ms behind an edge at TI2. */
static void one_pulse(void)
{
    uint32_t before, during;

    set_pin(GPIOC, 10, PIN_OUTPUT, 0, 0, PULL_NONE);
    set_pin(GPIOB, 3, PIN_ALTERNATE, 1, 0, PULL_NONE);
    set_pin(GPIOA, 5, PIN_ALTERNATE, 1, 0, PULL_NONE);
    set(GPIOC, 10, false);
    base(TIM2, 63, 2999);
    R(TIM2, CCMR1) = 7 << 4 | 1 << 8;
    R(TIM2, CCR1) = 1000;
    R(TIM2, CCER) = 1;
    R(TIM2, SMCR) = TI2FP2 | TRIGGER;
    R(TIM2, CR1) = OPM;
    check("one pulse: nothing before", !level(GPIOA, 5) && !(R(TIM2, CR1) & CEN));
    set(GPIOC, 10, true);
    while (R(TIM2, CNT) < 900)
        ;
    before = level(GPIOA, 5);
    while (R(TIM2, CNT) < 1100)
        ;
    during = level(GPIOA, 5);
    check("  ends", wait_for(&R(TIM2, CR1), CEN, 0, 4));
    equal("  delay", before, 0);
    equal("  pulse", during, 1);
    equal("  and low again", level(GPIOA, 5), 0);
    set(GPIOC, 10, false);
    equal("  the falling edge does not start", R(TIM2, CR1) & CEN, 0);
    R(TIM2, CCER) |= BIT(5);
    R(TIM2, SMCR) = TI2FP2 | GATED;
    R(TIM2, CR1) = CEN;
    R(TIM2, CNT) = 0;
    delay_ms(1);
    check("gated by an inverted input: low counts", R(TIM2, CNT) > 500);
    set(GPIOC, 10, true);
    before = R(TIM2, CNT);
    delay_ms(1);
    equal("  high stands", R(TIM2, CNT), before);
    R(TIM2, CR1) = 0;
}

/* A step of a quadrature encoder: A at PD14, B at PD15. */
static void turn(unsigned steps, bool forward)
{
    static unsigned phase;
    static const uint8_t a[4] = {0, 1, 1, 0}, b[4] = {0, 0, 1, 1};

    while (steps--) {
        phase = (phase + (forward ? 1 : 3)) % 4;
        set(GPIOD, 14, a[phase]);
        set(GPIOD, 15, b[phase]);
    }
}

static void encoder(void)
{
    set_pin(GPIOD, 14, PIN_OUTPUT, 0, 0, PULL_NONE);
    set_pin(GPIOD, 15, PIN_OUTPUT, 0, 0, PULL_NONE);
    set_pin(GPIOA, 6, PIN_ALTERNATE, 2, 0, PULL_NONE);
    set_pin(GPIOA, 7, PIN_ALTERNATE, 2, 0, PULL_NONE);
    set(GPIOD, 14, false);
    set(GPIOD, 15, false);
    base(TIM3, 0, 99);
    R(TIM3, SMCR) = 3;
    R(TIM3, CCMR1) = 1 | 1 << 8;
    R(TIM3, CCER) = BIT(0) | BIT(4);
    R(TIM3, CR1) = CEN;
    turn(10, true);
    equal("encoder: ten steps", R(TIM3, CNT), 10);
    equal("  up", R(TIM3, CR1) & DIR, 0);
    turn(4, false);
    equal("  four back", R(TIM3, CNT), 6);
    equal("  down", R(TIM3, CR1) & DIR, DIR);
    turn(8, false);
    equal("  below 0: from ARR", R(TIM3, CNT), 98);
    equal("  an update", R(TIM3, SR) & UIF, UIF);
    R(TIM3, SR) = 0;
    turn(4, true);
    equal("  over ARR", R(TIM3, CNT), 2);
    equal("  an update", R(TIM3, SR) & UIF, UIF);
    R(TIM3, SMCR) = 1;
    R(TIM3, CNT) = 0;
    turn(10, true);
    between("TI1 only: half as many", R(TIM3, CNT), 5, 5);
    R(TIM3, SMCR) = 2;
    R(TIM3, CNT) = 20;
    turn(8, false);
    equal("TI2 only, back", R(TIM3, CNT), 16);
    R(TIM3, SMCR) = 3;
    R(TIM3, CNT) = 50;
    R(TIM3, CCER) |= BIT(1);
    turn(5, true);
    equal("TI1 inverted: the other way", R(TIM3, CNT), 45);
    R(TIM3, CR1) = 0;
    turn(5, true);
    equal("CEN = 0: stands", R(TIM3, CNT), 45);
}

static void pulses(unsigned n)
{
    while (n--) {
        set(GPIOD, 3, true);
        set(GPIOD, 3, false);
    }
}

static void external(void)
{
    set_pin(GPIOD, 3, PIN_OUTPUT, 0, 0, PULL_NONE);
    set_pin(GPIOD, 2, PIN_ALTERNATE, 2, 0, PULL_NONE);
    set(GPIOD, 3, false);
    base(TIM3, 0, 0xFFFF);
    R(TIM3, SMCR) = ECE;
    R(TIM3, CR1) = CEN;
    pulses(25);
    equal("ETR: 25 pulses", R(TIM3, CNT), 25);
    R(TIM3, SMCR) = ECE | 2 << 12;
    R(TIM3, CNT) = 0;
    pulses(25);
    between("ETR / 4", R(TIM3, CNT), 6, 7);
    R(TIM3, SMCR) = ECE | ETP;
    R(TIM3, CNT) = 0;
    set(GPIOD, 3, true);
    equal("ETR inverted: not the rising edge", R(TIM3, CNT), 0);
    set(GPIOD, 3, false);
    equal("  the falling", R(TIM3, CNT), 1);
    R(TIM3, SMCR) = ETRF | EXTERNAL1;
    R(TIM3, CNT) = 0;
    pulses(3);
    equal("ETRF as a trigger that clocks", R(TIM3, CNT), 3);
    /* Filter of 8 samples of fDTS / 32, fDTS = clock / 4: 1024 clocks. */
    R(TIM3, CR1) = 2 << 8 | CEN;
    R(TIM3, SMCR) = ECE | 15 << 8;
    R(TIM3, CNT) = 0;
    pulses(5);
    delay_ms(1);
    equal("filter: short pulses are none", R(TIM3, CNT), 0);
    set(GPIOD, 3, true);
    delay_ms(1);
    equal("  a long one is", R(TIM3, CNT), 1);
    set(GPIOD, 3, false);
    /* The same on an input channel; the edge is seen 1024 clocks late. */
    R(TIM3, SMCR) = 0;
    R(TIM3, CR1) = 2 << 8;
    R(TIM3, CNT) = 0;
    R(TIM3, CCMR1) = 1 | 15 << 4;
    R(TIM3, CCER) = 1;
    set(GPIOD, 14, false);
    delay_ms(1);
    R(TIM3, SR) = 0;
    R(TIM3, CR1) |= CEN;
    set(GPIOD, 14, true);
    check("capture behind the filter", wait_for(&R(TIM3, SR), CC1IF, CC1IF, 2));
    between("  so much later", R(TIM3, CCR1), 1024, 1100);
    R(TIM3, CR1) = 0;
}

/* Hall sensors at channels 1 to 3: each edge of any captures and resets. */
static void hall(void)
{
    uint32_t count;

    set_pin(GPIOC, 11, PIN_OUTPUT, 0, 0, PULL_NONE);
    set_pin(GPIOB, 0, PIN_ALTERNATE, 2, 0, PULL_NONE);
    set(GPIOD, 14, false);
    set(GPIOD, 15, false);
    set(GPIOC, 11, false);
    base(TIM3, 63, 0xFFFF);
    R(TIM3, CR2) = TI1S;
    R(TIM3, CCMR1) = 3;
    R(TIM3, CCER) = 1;
    R(TIM3, SMCR) = TI1F_ED | RESET;
    R(TIM3, CR1) = CEN;
    set(GPIOC, 11, true);
    (void)R(TIM3, CCR1);
    delay_ms(2);
    set(GPIOD, 15, true);
    count = R(TIM3, CNT);
    between("Hall: time since the edge at channel 3", R(TIM3, CCR1), 1000, 3100);
    between("  begun anew by channel 2", count, 0, 20);
    R(TIM3, CR1) = 0;
}

int main(void)
{
    begin();
    R(SCS, 0xDFC) |= BIT(24); /* DEMCR.TRCENA */
    R(DWT, 0xFB0) = 0xC5ACCE55;
    R(DWT, 0) |= 1;
    R(RCC, RCC_APB1LENR) |= BIT(0) | BIT(1) | BIT(2) | BIT(3);
    R(RCC, RCC_APB2ENR) |= BIT(0);
    (void)R(RCC, RCC_APB2ENR);
    cascade();
    gates();
    starts();
    pwm_input();
    one_pulse();
    encoder();
    external();
    hall();
    end();
}
