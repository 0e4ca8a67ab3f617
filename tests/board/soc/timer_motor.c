/*
 * What drives a motor's bridge, as a driver library sets it up: centre-aligned counting with its
 * events, complementary outputs with dead time, break by pin and by software. TIM2 measures edges:
 * wires PA8 (TIM1_CH1) to PA0 (TIM2_CH1), PB13 (TIM1_CH1N) to PA3 (TIM2_CH4), PD14 to PB12
 * (TIM1_BKIN). Timer clock: 64 MHz of HSI.
 */
#include "soc.h"
#include "tim.h"

enum {
    ARPE = 1 << 7,
    BG = 1 << 7,
    CAPTURES = 0x1E,
    BIF = 1 << 7,
    OSSI = 1 << 10,
    BKE = 1 << 12,
    BKP = 1 << 13,
    AOE = 1 << 14,
    MOE = 1 << 15,
    OIS1 = 1 << 8,
    OIS1N = 1 << 9,
    TIM1_BRK_IRQ = 24,
};
#define CMS(n) ((uint32_t)(n) << 5)

static bool level(uint32_t port, unsigned bit)
{
    return R(port, GPIO_IDR) >> bit & 1;
}

/* TIM2: rising edges of PA0 to CCR1, falling to CCR2; of PA3 to CCR4 and CCR3. */
static void start_capture(void)
{
    set_pin(GPIOA, 0, PIN_ALTERNATE, 1, 0, PULL_NONE);
    set_pin(GPIOA, 3, PIN_ALTERNATE, 1, 0, PULL_NONE);
    R(TIM2, ARR) = 0xFFFFFFFF;
    R(TIM2, EGR) = UG;
    R(TIM2, CCMR1) = 1 | 2 << 8;
    R(TIM2, CCMR2) = 2 | 1 << 8;
    R(TIM2, CCER) = BIT(0) | BIT(4) | BIT(5) | BIT(8) | BIT(9) | BIT(12);
    R(TIM2, CR1) = CEN;
}

struct edges {
    uint32_t rise, fall, rise_n, fall_n;
};

static bool measure(struct edges *e)
{
    bool good;

    delay_ms(1); /* beyond what changes have left */
    (void)R(TIM2, CCR1);
    (void)R(TIM2, CCR2);
    (void)R(TIM2, CCR3);
    (void)R(TIM2, CCR4);
    good = wait_for(&R(TIM2, SR), CAPTURES, CAPTURES, 10);
    *e = (struct edges){R(TIM2, CCR1), R(TIM2, CCR2), R(TIM2, CCR4), R(TIM2, CCR3)};
    return good;
}

static uint32_t apart(uint32_t from, uint32_t to, uint32_t period)
{
    return (to - from + 8 * period) % period;
}

static void bridge(uint32_t cr1, uint32_t period, uint32_t compare, uint32_t bdtr)
{
    R(TIM1, CR1) = 0;
    R(TIM1, CR1) = cr1;
    R(TIM1, PSC) = 0;
    R(TIM1, RCR) = 0;
    R(TIM1, ARR) = period;
    R(TIM1, CCMR1) = 6 << 4 | BIT(3);
    R(TIM1, CCR1) = compare;
    R(TIM1, EGR) = UG;
    R(TIM1, SR) = 0;
    R(TIM1, CCER) = BIT(0) | BIT(2);
    R(TIM1, BDTR) = bdtr | MOE;
    R(TIM1, CR1) |= CEN;
}

static void dead_time(const char *name, uint32_t cr1, unsigned dtg, uint32_t clocks)
{
    struct edges e;

    bridge(ARPE | cr1, 3199, 1600, dtg);
    check(name, measure(&e));
    equal("  low side off to high side on", apart(e.fall_n, e.rise, 3200), clocks);
    equal("  high side off to low side on", apart(e.fall, e.rise_n, 3200), clocks);
    equal("  high side", apart(e.rise, e.fall, 3200), 1600 - clocks);
}

static void dead_times(void)
{
    struct edges e;

    dead_time("no dead time", 0, 0, 0);
    dead_time("DTG = 0x40", 0, 0x40, 64);
    dead_time("DTG = 0x8A", 0, 0x8A, (64 + 10) * 2);
    dead_time("DTG = 0xC4", 0, 0xC4, (32 + 4) * 8);
    dead_time("DTG = 0xE1", 0, 0xE1, (32 + 1) * 16);
    dead_time("DTG = 0x40, CKD = 4 clocks", 2 << 8, 0x40, 4 * 64);
    /* A pulse that is shorter than the dead time never comes. */
    bridge(ARPE, 3199, 50, 0x40);
    (void)measure(&e);
    R(TIM2, SR) = 0;
    delay_ms(1);
    equal("shorter than the dead time: no pulse", R(TIM2, SR) & 2, 0);
    equal("  the other side still has its edges", R(TIM2, SR) & BIT(4), BIT(4));
    R(TIM1, CR1) = 0;
}

static void centre(void)
{
    struct edges e;

    for (unsigned cms = 1; cms <= 3; cms++) {
        bridge(ARPE | CMS(cms), 1000, 300, 0);
        check("centre-aligned", measure(&e));
        equal("  active on both sides of 0", apart(e.rise, e.fall, 2000), 600);
        equal("  period", apart(e.rise, e.rise_n, 2000), 600);
    }
    R(TIM1, CCR1) = 1000;
    delay_ms(1);
    R(TIM2, SR) = 0;
    delay_ms(1);
    check("CCR = ARR: always active", level(GPIOA, 8) && !(R(TIM2, SR) & CAPTURES));
    R(TIM1, CCR1) = 0;
    delay_ms(1);
    R(TIM2, SR) = 0;
    delay_ms(1);
    check("CCR = 0: never", !level(GPIOA, 8) && !(R(TIM2, SR) & CAPTURES));
}

/* Where the counter is when a compare flag comes: 1 us a count. */
static void compare_flag(const char *name, unsigned cms, bool down)
{
    uint32_t cr1, next, count;
    bool good, again;

    R(TIM1, CR1) = 0;
    R(TIM1, CR1) = CMS(cms);
    R(TIM1, PSC) = 63;
    R(TIM1, ARR) = 1000;
    R(TIM1, CCMR1) = 6 << 4;
    R(TIM1, CCR1) = 300;
    R(TIM1, EGR) = UG;
    R(TIM1, CNT) = 500;
    R(TIM1, CR1) |= CEN;
    if (!down) {
        /* On the way up there is none of the other side's. */
        while (!(R(TIM1, CR1) & DIR))
            ;
        R(TIM1, SR) = 0;
    }
    R(TIM1, SR) = 0;
    good = wait_for(&R(TIM1, SR), CC1IF, CC1IF, 5);
    count = R(TIM1, CNT);
    cr1 = R(TIM1, CR1);
    R(TIM1, SR) = 0;
    again = wait_for(&R(TIM1, SR), CC1IF, CC1IF, 5);
    next = R(TIM1, CR1);
    check(name, good);
    between("  CNT", count, 297, 303);
    equal("  DIR", cr1 & DIR, down ? DIR : 0);
    check("  and again", again);
    equal("  DIR", next & DIR, (cms == 3 ? !down : down) ? DIR : 0);
}

/* TIM3 counts TIM1's update events (ITR0). */
static void updates(const char *name, uint32_t rcr, uint32_t clocks)
{
    uint32_t begin, count;

    bridge(ARPE | CMS(3), 1000, 300, 0);
    R(TIM1, CR1) &= ~(uint32_t)CEN;
    R(TIM1, RCR) = rcr;
    R(TIM1, CR2) = 2 << 4;
    R(TIM1, EGR) = UG;
    R(TIM3, CNT) = 0;
    R(TIM3, SMCR) = 7;
    R(TIM3, CR1) = CEN;
    begin = R(DWT, 4);
    R(TIM1, CR1) |= CEN;
    delay_ms(4);
    count = R(TIM3, CNT);
    between(name, R(DWT, 4) - begin - count * clocks, 0, clocks + 100);
    R(TIM1, CR1) = 0;
    R(TIM1, CR2) = 0;
}

static void preload(void)
{
    struct edges e;

    bridge(ARPE | CMS(3), 1000, 300, 0);
    R(TIM1, ARR) = 2000;
    R(TIM1, CCR1) = 700;
    delay_ms(1);
    check("centre-aligned: ARR and CCR taken", measure(&e));
    equal("  active", apart(e.rise, e.fall, 4000), 1400);
    R(TIM1, ARR) = 500;
    R(TIM1, CCR1) = 100;
    delay_ms(1);
    check("  and smaller ones", measure(&e));
    equal("  active", apart(e.rise, e.fall, 1000), 200);
    R(TIM1, CR1) = 0;
}

static volatile unsigned breaks;

static void break_irq(void)
{
    if (R(TIM1, SR) & BIF) {
        R(TIM1, DIER) = 0;
        breaks++;
    }
}

static void break_pin(void)
{
    bool high, low;

    set_pin(GPIOD, 14, PIN_OUTPUT, 0, 0, PULL_NONE);
    R(GPIOD, GPIO_BSRR) = BIT(14 + 16);
    set_pin(GPIOB, 12, PIN_ALTERNATE, 1, 0, PULL_NONE);
    R(TIM1, CR2) = OIS1N;
    bridge(ARPE, 3199, 1600, BKE | BKP | OSSI);
    on_irq(TIM1_BRK_IRQ, break_irq);
    enable_irq(TIM1_BRK_IRQ);
    R(TIM1, DIER) = BIF;
    equal("break: not yet", R(TIM1, BDTR) & MOE, MOE);
    R(GPIOD, GPIO_BSRR) = BIT(14);
    dsb();
    high = level(GPIOA, 8);
    low = level(GPIOB, 13);
    equal("break: MOE", R(TIM1, BDTR) & MOE, 0);
    equal("  BIF", R(TIM1, SR) & BIF, BIF);
    equal("  interrupt", breaks, 1);
    check("  idle levels", !high && low);
    R(TIM1, SR) = 0;
    equal("  BIF stays while the input is active", R(TIM1, SR) & BIF, BIF);
    R(TIM1, BDTR) |= MOE;
    equal("  MOE cannot be set", R(TIM1, BDTR) & MOE, 0);
    R(GPIOD, GPIO_BSRR) = BIT(14 + 16);
    R(TIM1, SR) = 0;
    equal("gone: BIF clears", R(TIM1, SR) & BIF, 0);
    delay_ms(1);
    equal("  MOE waits for the program", R(TIM1, BDTR) & MOE, 0);
    R(TIM1, BDTR) |= MOE;
    equal("  which sets it", R(TIM1, BDTR) & MOE, MOE);
    R(TIM1, BDTR) |= AOE;
    R(GPIOD, GPIO_BSRR) = BIT(14);
    delay_ms(1);
    equal("AOE: not while the input is active", R(TIM1, BDTR) & MOE, 0);
    R(GPIOD, GPIO_BSRR) = BIT(14 + 16);
    delay_ms(1);
    equal("AOE: with the next update", R(TIM1, BDTR) & MOE, MOE);
    R(TIM1, BDTR) = BKE | OSSI | MOE; /* active low: the pin is */
    equal("BKP = 0: low breaks", R(TIM1, BDTR) & MOE, 0);
    R(GPIOD, GPIO_BSRR) = BIT(14);
    R(TIM1, BDTR) |= MOE;
    equal("  high does not", R(TIM1, BDTR) & MOE, MOE);
    R(TIM1, BDTR) = OSSI | MOE;
    R(TIM1, SR) = 0;
    R(TIM1, EGR) = BG;
    equal("software break: MOE", R(TIM1, BDTR) & MOE, 0);
    equal("  BIF", R(TIM1, SR) & BIF, BIF);
    disable_irq(TIM1_BRK_IRQ);
}

int main(void)
{
    begin();
    R(SCS, 0xDFC) |= BIT(24); /* DEMCR.TRCENA */
    R(DWT, 0xFB0) = 0xC5ACCE55;
    R(DWT, 0) |= 1;
    R(RCC, RCC_APB1LENR) |= BIT(0) | BIT(1);
    R(RCC, RCC_APB2ENR) |= BIT(0);
    (void)R(RCC, RCC_APB2ENR);
    set_pin(GPIOA, 8, PIN_ALTERNATE, 1, 0, PULL_NONE);
    set_pin(GPIOB, 13, PIN_ALTERNATE, 1, 0, PULL_NONE);
    start_capture();
    dead_times();
    centre();
    compare_flag("CMS = 1: flag counting down", 1, true);
    compare_flag("CMS = 2: flag counting up", 2, false);
    compare_flag("CMS = 3: both", 3, true);
    updates("an update at each end", 0, 1000);
    updates("RCR = 1: each period", 1, 2000);
    preload();
    break_pin();
    end();
}
