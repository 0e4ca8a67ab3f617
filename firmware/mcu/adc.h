/* SPDX-License-Identifier: MIT */

/*
 * ADC1 and ADC2: single conversions of 16 bits, polled. A converter is powered up and calibrated
 * (10 ms) at its first use.
 *
 * Thread code. Every wait is bounded. Source: RM0455, chapter ADC; DS13195, ADC characteristics.
 */
#ifndef MCU_ADC_H
#define MCU_ADC_H

#include <stdbool.h>
#include <stdint.h>

/* Inputs within the chip, all of ADC2. */
enum {
    ADC_CHANNEL_VBAT = 14, /* divided by 4 */
    ADC_CHANNEL_TEMPERATURE = 18,
    ADC_CHANNEL_VREFINT = 19,
};

/*
 * unit 1 or 2, channel 0..19. For an input from a pin, the pin is in analog mode. 0..65535 for 0 V
 * to VREF+, or -1 if the hardware did not answer.
 */
int32_t adc_read(uint32_t unit, uint32_t channel);

#endif
