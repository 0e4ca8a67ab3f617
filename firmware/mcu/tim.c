/* SPDX-License-Identifier: MIT */

#include "tim.h"
#include "clock.h"
#include "stm32h7a3.h"

#define OCM_PWM1      6u /* CCMRx.OCxM: active while CNT < CCR */
#define PRESCALER_MAX 65536u
#define CCMR_BITS     8u /* of a channel in CCMR1 and CCMR2 */
#define CCER_BITS     4u /* of a channel in CCER */
#define OCM_Pos       4u
#define OCPE          (1u << 3)
#define CCE           (1u << 0)
#define CCP           (1u << 1)
#define CCNE          (1u << 2)
#define CCNP          (1u << 3)

enum bus { APB1L, APB2 };

/* DS13195, timer features; RM0455, RCC enable registers. */
static const struct kind {
    TIM_TypeDef *base;
    uint8_t number;
    uint8_t bus;
    uint8_t bit; /* of the enable register */
    uint8_t channels;
    uint8_t complementary; /* channels that have such an output: 1 .. this */
    bool wide;             /* 32-bit counter */
    bool break_register;   /* BDTR.MOE gates the outputs */
} kinds[] = {
    {TIM1, 1, APB2, 0, 4, 3, false, true},     {TIM2, 2, APB1L, 0, 4, 0, true, false},
    {TIM3, 3, APB1L, 1, 4, 0, false, false},   {TIM4, 4, APB1L, 2, 4, 0, false, false},
    {TIM5, 5, APB1L, 3, 4, 0, true, false},    {TIM8, 8, APB2, 1, 4, 3, false, true},
    {TIM12, 12, APB1L, 6, 2, 0, false, false}, {TIM13, 13, APB1L, 7, 1, 0, false, false},
    {TIM14, 14, APB1L, 8, 1, 0, false, false}, {TIM15, 15, APB2, 16, 2, 1, false, true},
    {TIM16, 16, APB2, 17, 1, 1, false, true},  {TIM17, 17, APB2, 18, 1, 1, false, true},
};

static const struct kind *kind_of(unsigned timer)
{
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].number == timer) {
            return &kinds[i];
        }
    }
    return 0;
}

static volatile uint32_t *ccmr(const struct kind *k, unsigned channel)
{
    return channel <= 2 ? &k->base->CCMR1 : &k->base->CCMR2;
}

static volatile uint32_t *ccr(const struct kind *k, unsigned channel)
{
    return &k->base->CCR1 + (channel - 1u);
}

static uint32_t ccer(unsigned channel, uint32_t bits)
{
    return bits << CCER_BITS * (channel - 1u);
}

bool tim_has_channel(unsigned timer, unsigned channel, bool complementary)
{
    const struct kind *k = kind_of(timer);
    return k != 0 && channel >= 1 && channel <= (complementary ? k->complementary : k->channels);
}

void tim_open(unsigned timer)
{
    const struct kind *k = kind_of(timer);
    volatile uint32_t *enable = k->bus == APB2 ? &RCC->APB2ENR : &RCC->APB1LENR;
    volatile uint32_t *reset = k->bus == APB2 ? &RCC->APB2RSTR : &RCC->APB1LRSTR;

    *enable |= 1u << k->bit;
    (void)*enable;
    *reset |= 1u << k->bit;
    *reset &= ~(1u << k->bit);
    k->base->CR1 = TIM_CR1_ARPE;
    if (k->break_register) {
        k->base->BDTR = TIM_BDTR_MOE;
    }
}

void tim_close(unsigned timer)
{
    const struct kind *k = kind_of(timer);

    k->base->CR1 = 0;
    if (k->bus == APB2) {
        RCC->APB2ENR &= ~(1u << k->bit);
    } else {
        RCC->APB1LENR &= ~(1u << k->bit);
    }
}

uint32_t tim_clock_hz(unsigned timer)
{
    (void)timer;
    /* TIMPRE is 0, and APB runs at HCLK or half of it: the timers then get HCLK. */
    return clock_get()->axi;
}

bool tim_set_frequency(unsigned timer, uint32_t hz)
{
    const struct kind *k = kind_of(timer);
    uint32_t clock = tim_clock_hz(timer);
    /* The duty of a full period is one more than ARR, and has to fit, too. */
    uint32_t most = k->wide ? UINT32_MAX : UINT16_MAX;

    if (hz == 0) {
        return false;
    }
    uint32_t clocks = clock / hz;
    uint32_t prescaler = clocks / most + 1u;
    uint64_t divided = (uint64_t)hz * prescaler;
    uint32_t ticks = (uint32_t)((clock + divided / 2u) / divided);
    if (prescaler > PRESCALER_MAX || ticks < 2u) {
        return false;
    }
    if (ticks > most) {
        ticks = most;
    }
    k->base->PSC = prescaler - 1u;
    k->base->ARR = ticks - 1u;
    if (!(k->base->CR1 & TIM_CR1_CEN)) {
        /* Nobody would load them: the counter stands. */
        k->base->EGR = TIM_EGR_UG;
    }
    return true;
}

uint32_t tim_period(unsigned timer)
{
    return kind_of(timer)->base->ARR + 1u;
}

uint32_t tim_tick_clocks(unsigned timer)
{
    return kind_of(timer)->base->PSC + 1u;
}

void tim_set_duty(unsigned timer, unsigned channel, uint32_t ticks)
{
    *ccr(kind_of(timer), channel) = ticks;
}

uint32_t tim_duty(unsigned timer, unsigned channel)
{
    return *ccr(kind_of(timer), channel);
}

void tim_output_on(unsigned timer, unsigned channel, bool complementary, bool inverted)
{
    const struct kind *k = kind_of(timer);
    unsigned shift = (channel - 1u) % 2u * CCMR_BITS;
    volatile uint32_t *mode = ccmr(k, channel);
    uint32_t bits = complementary ? CCNE | (inverted ? CCNP : 0) : CCE | (inverted ? CCP : 0);

    *mode = (*mode & ~(0xFFu << shift)) | (OCM_PWM1 << OCM_Pos | OCPE) << shift;
    if (!(k->base->CR1 & TIM_CR1_CEN)) {
        k->base->EGR = TIM_EGR_UG;
        k->base->CR1 |= TIM_CR1_CEN;
    }
    k->base->CCER = (k->base->CCER & ~ccer(channel, 0xFu)) | ccer(channel, bits);
}

void tim_output_off(unsigned timer, unsigned channel)
{
    const struct kind *k = kind_of(timer);
    k->base->CCER &= ~ccer(channel, 0xFu);
}
