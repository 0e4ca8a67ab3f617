/*
 * Requests of timers for DMA, as a driver library sets them up: compare values by PWM's requests,
 * pin levels by updates, bursts through DMAR both ways, captures, triggers; and what DMAMUX makes
 * of requests: generators, synchronisation, events, overruns.
 */
#include "soc.h"
#include "tim.h"

enum {
    TIM12 = 0x40001800,
    UDE = 1 << 8,
    CC1DE = 1 << 9,
    CC2DE = 1 << 10,
    TDE = 1 << 14,
    CC2G = 1 << 2,
    TG = 1 << 6,
    URS = 1 << 2,
    TIM1_UP = 15,
    TIM2_CH2 = 19,
    TIM2_UP = 22,
    TIM3_CH1 = 23,
    TIM3_UP = 27,
    TIM3_TRIG = 28,
    GENERATOR0 = 1,
    GENERATOR1 = 2,
    RG = 0x100,
    RGSR = 0x140,
    RGCFR = 0x144,
    EXTI0 = 6, /* of generators and synchronisation */
    TIM12_TRGO = 7,
    GE = 1 << 16,
    SE = 1 << 16,
    RISING = 1 << 17,
    EGE = 1 << 9,
    DMAMUX1_OVR_IRQ = 102,
    LIMIT = 10,
};
#define REQUESTS(n) ((uint32_t)((n)-1) << 19)

__attribute__((section(".axi"), aligned(32))) static uint32_t from[16], to[16];
static const struct dma_stream stream = {DMA1, 0}, second = {DMA1, 1};
static volatile unsigned completes;

static void fill(void)
{
    for (unsigned i = 0; i < 16; i++) {
        from[i] = 100 + 10 * i;
        to[i] = 0;
    }
    dsb();
}

static bool copied(unsigned n)
{
    for (unsigned i = 0; i < 16; i++) {
        if (to[i] != (i < n ? from[i] : 0))
            return false;
    }
    return true;
}

static void stream_irq(void)
{
    dma_clear(stream);
    completes++;
}

/* A microsecond a tick from the 64 MHz of HSI. */
static void time_base(uint32_t timer, uint32_t period)
{
    R(timer, CR1) = 0;
    R(timer, DIER) = 0;
    R(timer, CR2) = 0;
    R(timer, PSC) = 64 - 1;
    R(timer, ARR) = period - 1;
    R(timer, CNT) = 0;
    R(timer, EGR) = UG;
    R(timer, SR) = 0;
}

static void to_register(struct dma_stream s, unsigned request, uint32_t extra)
{
    dma_init(s, request, DMA_TO_PERIPHERAL | DMA_MINC | DMA_PSIZE(2) | DMA_MSIZE(2) | extra, 0);
}

static void pwm(void)
{
    fill();
    time_base(TIM3, 500);
    R(TIM3, CCMR1) = 6 << 4 | 1 << 3; /* PWM mode 1, preload */
    R(TIM3, CCR1) = 50;
    R(TIM3, EGR) = UG;
    R(TIM3, CCER) = 1;
    completes = 0;
    on_irq(DMA1_STREAM0_IRQ, stream_irq);
    enable_irq(DMA1_STREAM0_IRQ);
    to_register(stream, TIM3_CH1, 0);
    dma_start(stream, TIM3 + CCR1, (uintptr_t)from, 4, DMA_TCIE);
    R(TIM3, DIER) |= CC1DE;
    R(TIM3, CR1) |= 1;
    delay_ms(2);
    between("PWM: one value a period", R(dma_registers(stream), DMA_NDTR), 0, 1);
    delay_ms(2);
    equal("PWM: all values", R(dma_registers(stream), DMA_NDTR), 0);
    equal("PWM: the last is in", R(TIM3, CCR1), from[3]);
    equal("PWM: end told by interrupt", completes, 1);
    disable_irq(DMA1_STREAM0_IRQ);
    R(TIM3, DIER) = 0;
    R(TIM3, CR1) = 0;
}

/* An update each millisecond sets pins of a port. */
static void pins(void)
{
    bool good = true;

    for (unsigned i = 0; i < 16; i++)
        from[i] = i % 2 ? BIT(3) << 16 : BIT(3);
    dsb();
    set_pin(GPIOE, 3, PIN_OUTPUT, 0, 0, PULL_NONE);
    R(GPIOE, GPIO_BSRR) = BIT(3) << 16;
    time_base(TIM2, 2000);
    to_register(stream, TIM2_UP, DMA_CIRC);
    dma_start(stream, GPIOE + GPIO_BSRR, (uintptr_t)from, 2, 0);
    R(TIM2, DIER) |= UDE;
    R(TIM2, CR1) = URS | 1;
    for (unsigned i = 0; i < 6; i++) {
        uint32_t updates = i + 1;

        while (R(TIM2, CNT) < 1000 || R(TIM2, CNT) > 1500) {
        }
        good &= !(R(GPIOE, GPIO_IDR) >> 3 & 1) == (updates % 2 == 1);
        while (R(TIM2, CNT) >= 1000) {
        }
    }
    check("updates: the pin changes with each", good);
    check("updates: goes round", R(dma_registers(stream), DMA_CR) & DMA_EN);
    R(TIM2, DIER) = 0;
    R(TIM2, CR1) = 0;
    dma_abort(stream);
}

static void burst(void)
{
    fill();
    time_base(TIM1, 1000);
    for (unsigned i = 0; i < 4; i++)
        R(TIM1, CCR1 + 4 * i) = 1;
    R(TIM1, DCR) = 3 << 8 | CCR1 / 4; /* four transfers from CCR1 on */
    to_register(stream, TIM1_UP, 0);
    dma_start(stream, TIM1 + DMAR, (uintptr_t)from, 8, 0);
    R(TIM1, DIER) |= UDE;
    R(TIM1, EGR) = UG;
    delay_ms(1);
    equal("burst: one update, four transfers", R(dma_registers(stream), DMA_NDTR), 4);
    check("burst: four registers", R(TIM1, CCR1) == from[0] && R(TIM1, CCR1 + 12) == from[3]);
    R(TIM1, EGR) = UG;
    check("burst: the second", dma_wait(stream, LIMIT));
    check("burst: its registers", R(TIM1, CCR1) == from[4] && R(TIM1, CCR1 + 12) == from[7]);

    dma_init(stream, TIM1_UP, DMA_MINC | DMA_PSIZE(2) | DMA_MSIZE(2), 0);
    dma_start(stream, TIM1 + DMAR, (uintptr_t)to, 4, 0);
    R(TIM1, EGR) = UG;
    check("burst: read", dma_wait(stream, LIMIT));
    check("burst: what was read", to[0] == from[4] && to[3] == from[7] && !to[4]);
    R(TIM1, DIER) = 0;
}

static void captures(void)
{
    fill();
    time_base(TIM2, 60000);
    R(TIM2, CCMR1) = 1 << 8; /* channel 2: input */
    R(TIM2, CCER) = 1 << 4;
    dma_init(stream, TIM2_CH2, DMA_MINC | DMA_PSIZE(2) | DMA_MSIZE(2), 0);
    dma_start(stream, TIM2 + CCR1 + 4, (uintptr_t)to, 2, 0);
    R(TIM2, DIER) |= CC2DE;
    R(TIM2, CR1) = 1;
    delay_ms(2);
    R(TIM2, EGR) = CC2G;
    delay_ms(2);
    R(TIM2, EGR) = CC2G;
    check("captures: through", dma_wait(stream, LIMIT));
    between("captures: first", to[0], 1000, 3000);
    between("captures: time between them", to[1] - to[0], 1900, 3100);
    check("captures: their flag is clear", !(R(TIM2, SR) & 4));
    R(TIM2, CR1) = 0;
    R(TIM2, DIER) = 0;
}

static void triggers(void)
{
    fill();
    time_base(TIM3, 1000);
    to_register(stream, TIM3_TRIG, 0);
    dma_start(stream, (uintptr_t)to, (uintptr_t)from, 2, 0);
    R(TIM3, EGR) = TG;
    delay_ms(1);
    equal("trigger: not asked for", R(dma_registers(stream), DMA_NDTR), 2);
    R(TIM3, DIER) |= TDE;
    R(TIM3, EGR) = TG;
    delay_ms(1);
    equal("trigger: one", R(dma_registers(stream), DMA_NDTR), 1);
    equal("trigger: data", to[0], from[0]);
    dma_abort(stream);

    /* URS: an update by software is none for DMA. CCDS: the channel asks at the update. */
    R(TIM3, DIER) = UDE;
    R(TIM3, CR1) = URS;
    to_register(stream, TIM3_UP, 0);
    dma_start(stream, (uintptr_t)to, (uintptr_t)from, 2, 0);
    R(TIM3, EGR) = UG;
    delay_ms(1);
    equal("URS: none", R(dma_registers(stream), DMA_NDTR), 2);
    dma_abort(stream);
    R(TIM3, CR1) = 0;
    R(TIM3, CR2) = 1 << 3;
    R(TIM3, DIER) = CC1DE;
    R(TIM3, CCR1) = 500;
    to_register(stream, TIM3_CH1, 0);
    dma_start(stream, (uintptr_t)to, (uintptr_t)from, 2, 0);
    R(TIM3, EGR) = 2;
    delay_ms(1);
    equal("CCDS: not at the channel's event", R(dma_registers(stream), DMA_NDTR), 2);
    R(TIM3, EGR) = UG;
    delay_ms(1);
    equal("CCDS: at the update", R(dma_registers(stream), DMA_NDTR), 1);
    R(TIM3, DIER) = 0;
    R(TIM3, CR2) = 0;
    dma_abort(stream);
}

/* ---- DMAMUX ---- */

/* Line 0 of EXTI by software: an edge of its interrupt, which the NVIC does not take. */
static void exti0(void)
{
    R(EXTI, 0x08) = 1;
    R(EXTI, 0x88) = 1;
}

static void memory_by(struct dma_stream s, unsigned request, unsigned items)
{
    dma_init(s, request, DMA_TO_PERIPHERAL | DMA_MINC | DMA_PINC | DMA_PSIZE(2) | DMA_MSIZE(2), 0);
    dma_start(s, (uintptr_t)to, (uintptr_t)from, items, 0);
}

static volatile unsigned overruns;

static void overrun_irq(void)
{
    overruns++;
    R(DMAMUX1, RG) &= ~BIT(8);
    R(DMAMUX1, RGCFR) = 1;
}

static void generators(void)
{
    uint32_t r = dma_registers(stream);

    fill();
    R(EXTI, 0x80) |= 1;
    memory_by(stream, GENERATOR0, 6);
    R(DMAMUX1, RG) = EXTI0 | RISING | REQUESTS(3);
    R(DMAMUX1, RG) |= GE;
    delay_ms(1);
    equal("generator: waits", R(r, DMA_NDTR), 6);
    exti0();
    delay_ms(1);
    equal("generator: three for an edge", R(r, DMA_NDTR), 3);
    check("generator: data", copied(3));
    exti0();
    check("generator: three more", dma_wait(stream, LIMIT) && copied(6));
    equal("generator: no overrun", R(DMAMUX1, RGSR), 0);
    /* Nobody serves it now. */
    overruns = 0;
    on_irq(DMAMUX1_OVR_IRQ, overrun_irq);
    enable_irq(DMAMUX1_OVR_IRQ);
    R(DMAMUX1, RG) |= BIT(8); /* OIE */
    exti0();
    delay_ms(1);
    equal("generator: edge without overrun", overruns, 0);
    exti0();
    delay_ms(1);
    equal("generator: overrun told by interrupt", overruns, 1);
    equal("generator: flag cleared", R(DMAMUX1, RGSR), 0);
    disable_irq(DMAMUX1_OVR_IRQ);
    R(DMAMUX1, RG) = 0;

    /* TIM12's updates as its trigger output. */
    fill();
    time_base(TIM12, 1000);
    R(TIM12, CR2) = 2 << 4;
    memory_by(stream, GENERATOR0, 4);
    R(DMAMUX1, RG) = TIM12_TRGO | RISING | REQUESTS(1) | GE;
    R(TIM12, CR1) = 1;
    check("generator: by TIM12", dma_wait(stream, LIMIT) && copied(4));
    R(TIM12, CR1) = 0;
    R(DMAMUX1, RG) = 0;
}

/* Updates of TIM2, each 100 us, pass two at a time when EXTI's line 0 lets them; each second one
   makes an event that starts generator 1, and so the second stream. */
static void synchronised(void)
{
    uint32_t r = dma_registers(stream);
    static uint32_t target __attribute__((section(".axi")));

    fill();
    target = 0;
    time_base(TIM2, 100);
    memory_by(stream, TIM2_UP, 6);
    R(DMAMUX1, 0) = TIM2_UP | REQUESTS(2) | EXTI0 << 24 | RISING;
    R(DMAMUX1, 0) |= SE | EGE;
    dma_init(second, GENERATOR1, DMA_TO_PERIPHERAL | DMA_MINC | DMA_PSIZE(2) | DMA_MSIZE(2), 0);
    dma_start(second, (uintptr_t)&target, (uintptr_t)from + 16, 3, 0);
    R(DMAMUX1, RG + 4) = 0 | RISING | REQUESTS(1); /* event of channel 0 */
    R(DMAMUX1, RG + 4) |= GE;
    R(TIM2, DIER) = UDE;
    R(TIM2, CR1) = 1;
    delay_ms(1);
    equal("synchronised: waits", R(r, DMA_NDTR), 6);
    exti0();
    delay_ms(1);
    equal("synchronised: two pass", R(r, DMA_NDTR), 4);
    equal("synchronised: their event", R(dma_registers(second), DMA_NDTR), 2);
    equal("synchronised: what it moved", target, from[4]);
    exti0();
    delay_ms(1);
    equal("synchronised: two more", R(r, DMA_NDTR), 2);
    equal("synchronised: no overrun", R(DMAMUX1, 0x80), 0);
    exti0();
    exti0(); /* the first two have not passed yet */
    equal("synchronised: overrun", R(DMAMUX1, 0x80), 1);
    R(DMAMUX1, 0x84) = 1;
    equal("synchronised: cleared", R(DMAMUX1, 0x80), 0);
    check("synchronised: the rest", dma_wait(stream, LIMIT) && copied(6));
    check("synchronised: and its events", dma_wait(second, LIMIT) && target == from[6]);
    R(TIM2, CR1) = 0;
    R(TIM2, DIER) = 0;
    R(DMAMUX1, 0) = 0;
    R(DMAMUX1, RG + 4) = 0;
}

int main(void)
{
    begin();
    R(RCC, RCC_APB1LENR) |= BIT(0) | BIT(1) | BIT(6);
    R(RCC, RCC_APB2ENR) |= BIT(0);
    (void)R(RCC, RCC_APB2ENR);
    pwm();
    pins();
    burst();
    captures();
    triggers();
    generators();
    synchronised();
    end();
}
