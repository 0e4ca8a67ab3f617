/* SPDX-License-Identifier: MIT */

#include "adc.h"
#include "stm32h7a3.h"
#include "ticks.h"

/* HSI / 2 by PRESC and once more / 2 by the ADC: 16 MHz, and what BOOST is for up to 25 MHz. */
#define ADCSEL_PER   2u
#define CKPERSEL_HSI 0u
#define PRESC_2      1u
#define BOOST_25_MHZ 2u

/* DS13195: regulator at most 10 us; linearity and offset 165,010 clocks. */
#define REGULATOR_US   100u
#define CALIBRATION_US 50000u
#define READY_US       1000u
#define CONVERSION_US  1000u
/* Longest start-up of the channels within: the temperature sensor's. */
#define INTERNAL_START_US 40u

/* SMPR: 64.5 clocks are 4 us, enough for sources of some ten kOhm. The channels within want 9 us:
   387.5 clocks. */
#define SAMPLE_64  5u
#define SAMPLE_387 6u

static bool prepare(ADC_TypeDef *adc)
{
    RCC->AHB1ENR |= RCC_AHB1ENR_ADC12EN;
    (void)RCC->AHB1ENR;
    if (adc->CR & ADC_CR_ADEN) {
        return true;
    }
    RCC->CDCCIPR = (RCC->CDCCIPR & ~RCC_CDCCIPR_CKPERSEL_Msk) | CKPERSEL_HSI
                                                                    << RCC_CDCCIPR_CKPERSEL_Pos;
    RCC->SRDCCIPR = (RCC->SRDCCIPR & ~RCC_SRDCCIPR_ADCSEL_Msk) | ADCSEL_PER
                                                                     << RCC_SRDCCIPR_ADCSEL_Pos;
    /* RM0455: the clock may be chosen only while both converters are off. */
    if (!((ADC1->CR | ADC2->CR) & ADC_CR_ADEN)) {
        ADC12_COMMON->CCR = (ADC12_COMMON->CCR & ~(ADC_CCR_CKMODE_Msk | ADC_CCR_PRESC_Msk)) |
                            PRESC_2 << ADC_CCR_PRESC_Pos;
    }
    adc->CR = 0; /* out of deep power-down */
    adc->CR = ADC_CR_ADVREGEN | BOOST_25_MHZ << ADC_CR_BOOST_Pos;
    if (!ticks_wait_register(&adc->ISR, ADC_ISR_LDORDY, ADC_ISR_LDORDY, REGULATOR_US)) {
        return false;
    }
    adc->CR |= ADC_CR_ADCAL | ADC_CR_ADCALLIN;
    if (!ticks_wait_register(&adc->CR, ADC_CR_ADCAL, 0, CALIBRATION_US)) {
        return false;
    }
    adc->CFGR = ADC_CFGR_JQDIS | ADC_CFGR_OVRMOD;
    adc->CFGR2 = 0;
    adc->ISR = ADC_ISR_ADRDY;
    adc->CR |= ADC_CR_ADEN;
    return ticks_wait_register(&adc->ISR, ADC_ISR_ADRDY, ADC_ISR_ADRDY, READY_US);
}

/* What switches a channel within the chip on; 0 for pins. */
static uint32_t internal_path(uint32_t unit, uint32_t channel)
{
    if (unit != 2u) {
        return 0;
    }
    return channel == ADC_CHANNEL_VBAT          ? ADC_CCR_VBATEN
           : channel == ADC_CHANNEL_TEMPERATURE ? ADC_CCR_TSEN
           : channel == ADC_CHANNEL_VREFINT     ? ADC_CCR_VREFEN
                                                : 0;
}

int32_t adc_read(uint32_t unit, uint32_t channel)
{
    ADC_TypeDef *adc = unit == 2u ? ADC2 : ADC1;
    uint32_t path = internal_path(unit, channel), shift = 3u * (channel % 10u);
    volatile uint32_t *smpr = &adc->SMPR[channel / 10u];
    int32_t result = -1;

    if (!prepare(adc)) {
        return -1;
    }
    if (path) {
        ADC12_COMMON->CCR |= path;
        ticks_delay_us(INTERNAL_START_US);
    }
    adc->PCSEL |= 1u << channel;
    adc->SQR1 = channel << ADC_SQR1_SQ1_Pos; /* one conversion */
    *smpr = (*smpr & ~(7u << shift)) | (path ? SAMPLE_387 : SAMPLE_64) << shift;
    adc->ISR = ADC_ISR_EOC | ADC_ISR_EOS | ADC_ISR_OVR;
    adc->CR |= ADC_CR_ADSTART;
    if (ticks_wait_register(&adc->ISR, ADC_ISR_EOC, ADC_ISR_EOC, CONVERSION_US)) {
        result = (int32_t)(adc->DR & 0xFFFFu);
    }
    /* VBAT's divider would drain the battery; the others cost current too. */
    ADC12_COMMON->CCR &= ~path;
    return result;
}
