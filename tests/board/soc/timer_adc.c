/*
 * Conversions that timers and pins trigger, as a driver library sets them up: a timer's update at
 * 10 kHz with DMA into a circular buffer, compare events, TRGO2, an EXTI line, injected groups that
 * interrupt regular ones, discontinuous groups. PA3 has 1.65 V, PC1 a ramp of 100 Hz from 0 to
 * 3.3 V. Timer clock: 64 MHz of HSI.
 */
#include "adc.h"
#include "soc.h"
#include "tim.h"

enum {
    JADSTP = 1 << 5,
    CIRCULAR = 3,
    RISING = 1 << 10,
    FALLING = 2 << 10,
    OVRMOD = 1 << 12,
    DISCEN = 1 << 16,
    PA3_1 = 15, /* channels */
    PC1_12 = 11,
    /* EXTSEL, JEXTSEL */
    T1_CC1 = 0,
    T3_TRGO = 4,
    IT11 = 6,
    T1_TRGO2 = 10,
    T6_TRGO = 13,
    J_T1_CC4 = 1,
    J_T2_TRGO = 2,
    J_T6_TRGO = 14,
    REQUEST_ADC1 = 9,
    LIMIT = 20,
};
#define EXTSEL(n) ((uint32_t)(n) << 5)

static const struct dma_stream stream = {DMA1, 2};
__attribute__((section(".axi"), aligned(32))) static volatile uint16_t results[64];
static volatile unsigned halves, completes;

static void command(uint32_t bits)
{
    R(ADC1, CR) = (R(ADC1, CR) & ~(SET_ONLY | BIT(31))) | bits;
}

static bool open_adc(void)
{
    R(RCC, RCC_AHB1ENR) |= BIT(5);
    (void)R(RCC, RCC_AHB1ENR);
    R(ADC1, CR) &= ~BIT(29);
    command(BIT(28));
    delay_ms(1);
    R(ADC12_COMMON, CCR) = (R(ADC12_COMMON, CCR) & ~(3u << 16)) | 3 << 16;
    R(ADC1, CFGR) = BIT(31) | OVRMOD;
    R(ADC1, CFGR2) = 0;
    R(ADC1, CR) = (R(ADC1, CR) & ~(SET_ONLY | BIT(30))) | BIT(31) | BIT(16);
    if (!wait_for(&R(ADC1, CR), BIT(31), 0, 200))
        return false;
    R(ADC1, ISR) = ADRDY;
    command(ADEN);
    return wait_for(&R(ADC1, ISR), ADRDY, ADRDY, 2);
}

static void channel(unsigned rank, unsigned number, unsigned sampling)
{
    uint32_t at = ADC1 + SQR1 + (rank + 1) / 5 * 4;
    unsigned position = 6 * ((rank + 1) % 5);

    R(ADC1, PCSEL) |= BIT(number);
    R(at, 0) = (R(at, 0) & ~(31u << position)) | number << position;
    at = ADC1 + SMPR1 + number / 10 * 4;
    position = 3 * (number % 10);
    R(at, 0) = (R(at, 0) & ~(7u << position)) | sampling << position;
}

static void set_length(unsigned n)
{
    R(ADC1, SQR1) = (R(ADC1, SQR1) & ~15u) | (n - 1);
}

static void start(uint32_t bits)
{
    R(ADC1, ISR) = EOC | EOS | OVR | JEOC | JEOS;
    command(bits);
}

static bool stop(uint32_t bits)
{
    command(bits);
    return wait_for(&R(ADC1, CR), bits | bits >> 2, 0, 5);
}

static void base(uint32_t tim, uint32_t prescaler, uint32_t period)
{
    R(tim, CR1) = 0;
    R(tim, CR2) = 0;
    R(tim, PSC) = prescaler;
    R(tim, ARR) = period;
    R(tim, EGR) = UG;
}

static void stream_irq(void)
{
    uint32_t flags = dma_flags(stream);

    dma_clear_flags(stream, flags);
    halves += (flags & DMA_FLAG_HT) != 0;
    completes += (flags & DMA_FLAG_TC) != 0;
}

static void wait_completes(unsigned n)
{
    uint32_t begin = ticks;

    while (completes < n && ticks - begin < LIMIT)
        ;
}

/* A flag comes while the timer's counter is there: looked at before anything is said, as saying
   takes milliseconds. */
static void comes(const char *name, uint32_t flag, uint32_t tim, uint32_t least, uint32_t most)
{
    bool good;
    uint32_t count;

    (void)R(ADC1, DR);
    R(ADC1, ISR) = flag;
    good = wait_for(&R(ADC1, ISR), flag, flag, 3);
    count = R(tim, CNT);
    check(name, good);
    between("  when", count, least, most);
}

/* The ramp's slope: 3.3 V in 10 ms, so 655.36 steps of 16 bits in 100 us. */
static void circular_dma(void)
{
    uint32_t begin;
    bool even = true;

    base(TIM6, 0, 6400 - 1);
    R(TIM6, CR2) = 2 << 4; /* update */
    channel(0, PC1_12, 2);
    set_length(1);
    R(ADC1, CFGR) = BIT(31) | OVRMOD | CIRCULAR | EXTSEL(T6_TRGO) | RISING;
    on_irq(DMA1_STREAM0_IRQ + 2, stream_irq);
    enable_irq(DMA1_STREAM0_IRQ + 2);
    check("stream",
          dma_init(stream, REQUEST_ADC1, DMA_CIRC | DMA_MINC | DMA_PSIZE(1) | DMA_MSIZE(1), 0));
    dma_start(stream, ADC1 + DR, (uint32_t)results, 64, DMA_HTIE | DMA_TCIE);
    start(ADSTART);
    delay_ms(2);
    equal("it waits for its trigger", R(ADC1, ISR) & EOC, 0);
    equal("ADSTART stays", R(ADC1, CR) & ADSTART, ADSTART);
    completes = halves = 0;
    begin = R(DWT, 4);
    R(TIM6, CR1) = CEN;
    wait_completes(2);
    R(TIM6, CR1) = 0;
    begin = R(DWT, 4) - begin;
    between("128 conversions at 10 kHz, in cycles", begin, 128 * 6400, 128 * 6400 + 2000);
    equal("halves", halves, 2);
    for (unsigned i = 1; i < 64; i++) {
        uint16_t step = (uint16_t)(results[i] - results[i - 1]);

        /* But for where the ramp, or the buffer, begins anew. */
        if (results[i] > results[i - 1] && (step < 654 || step > 657))
            even = false;
    }
    check("each 100 us behind the one before", even);
    check("stop", stop(ADSTP));
    (void)dma_abort(stream);
    disable_irq(DMA1_STREAM0_IRQ + 2);
}

static void compares(void)
{
    R(RCC, RCC_APB2ENR) |= BIT(0);
    (void)R(RCC, RCC_APB2ENR);
    base(TIM1, 0, 64000 - 1); /* 1 ms */
    R(TIM1, CCMR1) = 7 << 4;  /* rises at CCR1 */
    R(TIM1, CCR1) = 16000;
    R(TIM1, CCER) = 1;
    R(TIM1, BDTR) = BIT(15);
    channel(0, PA3_1, 2);
    R(ADC1, CFGR) = BIT(31) | OVRMOD | EXTSEL(T1_CC1) | RISING;
    start(ADSTART);
    R(TIM1, CR1) = CEN;
    comes("TIM1_CC1, rising", EOC, TIM1, 16000, 17500);
    equal("  1.65 V", R(ADC1, DR), 0x8000);
    comes("  and again", EOC, TIM1, 16000, 17500);
    (void)R(ADC1, DR);
    (void)stop(ADSTP);
    R(ADC1, CFGR) = BIT(31) | OVRMOD | EXTSEL(T1_CC1) | FALLING;
    start(ADSTART);
    comes("TIM1_CC1, falling", EOC, TIM1, 0, 1500);
    (void)R(ADC1, DR);
    (void)stop(ADSTP);
    R(TIM1, CR1) = 0;
    R(TIM1, CNT) = 0;
    R(TIM1, CCER) = 0;
    /* TRGO2 = OC5REF, which has no pin. */
    R(TIM1, CCMR3) = 7 << 4;
    R(TIM1, CCR5) = 32000;
    R(TIM1, CR2) = 8 << 20;
    R(ADC1, CFGR) = BIT(31) | OVRMOD | EXTSEL(T1_TRGO2) | RISING;
    start(ADSTART);
    R(TIM1, CR1) = CEN;
    comes("TIM1_TRGO2 = OC5REF", EOC, TIM1, 32000, 33500);
    (void)R(ADC1, DR);
    (void)stop(ADSTP);
    /* Pulses at both edges of OC4REF. */
    R(TIM1, CR1) = 0;
    R(TIM1, CNT) = 0;
    R(TIM1, CCMR2) = 6 << 12;
    R(TIM1, CCR4) = 8000;
    R(TIM1, CR2) = 10 << 20;
    start(ADSTART);
    R(TIM1, CR1) = CEN;
    comes("TIM1_TRGO2 = edges of OC4REF", EOC, TIM1, 8000, 9500);
    (void)R(ADC1, DR);
    comes("  the other", EOC, TIM1, 0, 1500);
    (void)R(ADC1, DR);
    (void)stop(ADSTP);
    R(TIM1, CR1) = 0;
}

/* One conversion. */
static bool triggers(void)
{
    return wait_for(&R(ADC1, ISR), EOC, EOC, 2) && R(ADC1, DR) == 0x8000;
}

static void master_modes(void)
{
    base(TIM3, 0, 64000 - 1);
    R(ADC1, CFGR) = BIT(31) | OVRMOD | EXTSEL(T3_TRGO) | RISING;
    start(ADSTART);
    R(TIM3, EGR) = UG;
    check("MMS = reset: UG", triggers());
    R(TIM3, CR1) = CEN;
    delay_ms(3);
    equal("  but no update", R(ADC1, ISR) & EOC, 0);
    R(TIM3, CR1) = 0;
    R(TIM3, CR2) = 1 << 4;
    equal("MMS = enable: not yet", R(ADC1, ISR) & EOC, 0);
    R(TIM3, CR1) = CEN;
    check("  CEN", triggers());
    R(TIM3, CR1) = 0;
    R(TIM3, CR2) = 3 << 4;
    R(TIM3, CNT) = 0;
    R(TIM3, CCR1) = 5000;
    R(TIM3, CR1) = CEN;
    comes("MMS = compare pulse", EOC, TIM3, 5000, 6500);
    R(TIM3, CR1) = 0;
    R(TIM3, CNT) = 0;
    R(TIM3, CCR1 + 4) = 9000;
    R(TIM3, CCMR1) = 7 << 12;
    R(TIM3, CR2) = 5 << 4;
    R(TIM3, CR1) = CEN;
    comes("MMS = OC2REF", EOC, TIM3, 9000, 10500);
    R(TIM3, CR1) = 0;
    R(TIM3, CR2) = 2 << 4;
    R(TIM3, EGR) = UG;
    check("MMS = update: UG", triggers());
    check("stop", stop(ADSTP));
    (void)R(ADC1, DR);
    R(TIM3, EGR) = UG;
    delay_ms(1);
    equal("stopped: no conversion", R(ADC1, ISR) & EOC, 0);
}

/* PB11 as an output: EXTI sees its own pin. */
static void exti(void)
{
    R(RCC, RCC_APB4ENR) |= BIT(1);
    (void)R(RCC, RCC_APB4ENR);
    set_pin(GPIOB, 11, PIN_OUTPUT, 0, 0, PULL_NONE);
    R(GPIOB, GPIO_BSRR) = BIT(11 + 16);
    R(SYSCFG, 0x10) = (R(SYSCFG, 0x10) & ~(15u << 12)) | 1 << 12; /* EXTICR3: line 11 is port B */
    R(EXTI, 0x00) |= BIT(11);
    R(EXTI, 0x84) |= BIT(11); /* an event, not an interrupt */
    R(ADC1, CFGR) = BIT(31) | OVRMOD | EXTSEL(IT11) | RISING;
    start(ADSTART);
    R(GPIOB, GPIO_BSRR) = BIT(11);
    check("EXTI line 11", triggers());
    R(GPIOB, GPIO_BSRR) = BIT(11 + 16);
    delay_ms(1);
    equal("  not the other edge", R(ADC1, ISR) & EOC, 0);
    R(GPIOB, GPIO_BSRR) = BIT(11);
    check("  and again", triggers());
    (void)stop(ADSTP);
    R(EXTI, 0x00) &= ~BIT(11);
    R(EXTI, 0x84) &= ~BIT(11);
}

static void groups(void)
{
    /* Three conversions, one a trigger. */
    base(TIM6, 0, 6400 - 1);
    R(TIM6, CR1) = OPM;
    R(TIM6, CR2) = 2 << 4;
    for (unsigned i = 0; i < 3; i++)
        channel(i, PA3_1, 2);
    set_length(3);
    R(ADC1, CFGR) = BIT(31) | OVRMOD | DISCEN | EXTSEL(T6_TRGO) | RISING;
    start(ADSTART);
    R(TIM6, CR1) |= CEN;
    check("discontinuous: first", triggers());
    equal("  no end of sequence", R(ADC1, ISR) & EOS, 0);
    R(TIM6, CR1) |= CEN;
    check("  second", triggers());
    equal("  no end of sequence", R(ADC1, ISR) & EOS, 0);
    R(TIM6, CR1) |= CEN;
    check("  third", triggers());
    equal("  end of sequence", R(ADC1, ISR) & EOS, EOS);
    equal("  which is not the end", R(ADC1, CR) & ADSTART, ADSTART);
    (void)stop(ADSTP);
    R(TIM6, CR1) = 0;
    /* A conversion of 4 * (810.5 + 8.5) cycles each, and a trigger each 1000 cycles: lost ones. */
    base(TIM6, 0, 1000 - 1);
    channel(0, PA3_1, 7);
    set_length(1);
    R(ADC1, CFGR) = BIT(31) | OVRMOD | EXTSEL(T6_TRGO) | RISING;
    R(TIM6, CR2) = 2 << 4;
    start(ADSTART);
    R(TIM6, CR1) = CEN;
    check("triggers while it converts", triggers());
    (void)stop(ADSTP);
    R(TIM6, CR1) = 0;
}

static void injected(void)
{
    uint32_t flags;
    bool good;

    R(RCC, RCC_APB1LENR) |= BIT(0);
    (void)R(RCC, RCC_APB1LENR);
    base(TIM2, 0, 64000 - 1);
    R(TIM2, CR2) = 2 << 4;
    channel(0, PC1_12, 7);
    channel(0, PA3_1, 2); /* its sampling time */
    channel(0, PC1_12, 7);
    R(ADC1, CFGR) = BIT(31) | OVRMOD;
    /* Two injected conversions of PA3, by TIM2's TRGO. */
    R(ADC1, JSQR) = 1 | J_T2_TRGO << 2 | 1 << 7 | PA3_1 << 9 | PA3_1 << 15;
    start(JADSTART);
    delay_ms(2);
    equal("injected: waits", R(ADC1, ISR) & JEOS, 0);
    R(TIM2, CR1) = CEN;
    check("injected: TIM2_TRGO", wait_for(&R(ADC1, ISR), JEOS, JEOS, 3));
    equal("  rank 1", R(ADC1, JDR1), 0x8000);
    equal("  rank 2", R(ADC1, JDR1 + 4), 0x8000);
    equal("  JADSTART stays", R(ADC1, CR) & JADSTART, JADSTART);
    R(ADC1, ISR) = JEOS;
    check("  and again", wait_for(&R(ADC1, ISR), JEOS, JEOS, 3));
    R(TIM2, CR1) = 0;
    (void)stop(JADSTP);
    /* It interrupts a long regular conversion, which is made again. */
    R(ADC1, JSQR) = J_T6_TRGO << 2 | 1 << 7 | PA3_1 << 9;
    base(TIM6, 0, 1600 - 1);
    R(TIM6, CR2) = 2 << 4;
    (void)R(ADC1, DR);
    start(JADSTART);
    R(TIM6, CR1) = OPM | CEN;
    command(ADSTART);
    good = wait_for(&R(ADC1, ISR), JEOC, JEOC, 1);
    flags = R(ADC1, ISR);
    check("interrupts", good);
    equal("  before the regular one ends", flags & EOC, 0);
    check("  which is made again", wait_for(&R(ADC1, ISR), EOC, EOC, 1));
    (void)R(ADC1, DR);
    (void)stop(JADSTP);
    /* A compare output. */
    R(ADC1, JSQR) = J_T1_CC4 << 2 | 1 << 7 | PA3_1 << 9;
    R(TIM1, CR2) = 0;
    R(TIM1, CCMR2) = 7 << 12;
    R(TIM1, CCR4) = 20000;
    R(TIM1, CCER) = BIT(12);
    R(TIM1, CNT) = 0;
    start(JADSTART);
    R(TIM1, CR1) = CEN;
    comes("injected: TIM1_CC4", JEOC, TIM1, 20000, 21500);
    (void)stop(JADSTP);
}

int main(void)
{
    begin();
    R(SCS, 0xDFC) |= BIT(24);   /* DEMCR.TRCENA */
    R(DWT, 0xFB0) = 0xC5ACCE55; /* LAR */
    R(DWT, 0) |= 1;
    R(RCC, RCC_APB1LENR) |= BIT(1) | BIT(4);
    (void)R(RCC, RCC_APB1LENR);
    set_pin(GPIOA, 3, PIN_ANALOG, 0, 0, PULL_NONE);
    set_pin(GPIOC, 1, PIN_ANALOG, 0, 0, PULL_NONE);
    check("open", open_adc());
    circular_dma();
    compares();
    master_modes();
    exti();
    groups();
    injected();
    end();
}
