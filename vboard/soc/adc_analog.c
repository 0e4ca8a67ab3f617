/*
 * What the ADCs measure: pins, and the chip's own voltages with the factory's values.
 *
 * A pin's voltage is that of the source on its net (wire/net.h), else what the net's drivers make
 * of it.
 */
#include "adc_int.h"

/* The board's and the die's: VREF+ and VBAT as all three boards have them. */
static const double vref = 3.3, vbat = 3.3, die_celsius = 33.0;

/* Pins of channels 0 .. 19 (DS13195, pin tables; the _C pads through SYSCFG's closed switches), and
   which of ADC2's are within the chip (LL driver: ADC2 only). */
#define P(port, bit) (((port) - 'A') * 16 + (bit))
enum { PIN_NONE = 0xFF };
static const uint8_t pins[UNITS][CHANNELS] = {
    {P('A', 0), P('A', 1), P('F', 11), P('A', 6), P('C', 4), P('B', 1), P('F', 12),
     P('A', 7), P('C', 5), P('B', 0),  P('C', 0), P('C', 1), P('C', 2), P('C', 3),
     P('A', 2), P('A', 3), P('A', 0),  P('A', 1), P('A', 4), P('A', 5)},
    {P('C', 2), P('C', 3), P('F', 13), P('A', 6), P('C', 4), P('B', 1), P('F', 14),
     P('A', 7), P('C', 5), P('B', 0),  P('C', 0), P('C', 1), P('C', 2), P('C', 3),
     PIN_NONE,  PIN_NONE,  PIN_NONE,   PIN_NONE,  PIN_NONE,  PIN_NONE},
};
enum {
    ADC2_VBAT = 14,
    ADC2_DAC2 = 15,
    ADC2_DAC1_1 = 16,
    ADC2_DAC1_2 = 17,
    ADC2_TEMPERATURE = 18,
    ADC2_VREFINT = 19,
};

/* ---- the chip's own voltages ---- */

/* Sensor: DS13195's typical 0.62 V at 30 degC and 2 mV/K; reference 1.216 V. Chips differ. */
static void analog_values(uint64_t seed, double *vrefint, double *v30, double *slope)
{
    uint64_t x = (seed + 7) * UINT64_C(0x9E3779B97F4A7C15);

    *vrefint = 1.216 + ((double)(x >> 32 & 0xFF) - 128) / 128 * 0.010;
    *v30 = 0.62 + ((double)(x >> 40 & 0xFF) - 128) / 128 * 0.010;
    *slope = 0.002 + ((double)(x >> 48 & 0xFF) - 128) / 128 * 0.00005;
}

void adc_factory_values(uint64_t seed, struct adc_factory *out)
{
    double vrefint, v30, slope;

    analog_values(seed, &vrefint, &v30, &slope);
    out->vrefint = (uint16_t)(vrefint / 3.3 * 65536);
    out->ts_30 = (uint16_t)(v30 / 3.3 * 65536);
    out->ts_110 = (uint16_t)((v30 + 80 * slope) / 3.3 * 65536);
}

static double internal_volts(const struct unit *u, unsigned channel)
{
    double vrefint, v30, slope;
    uint32_t ccr = *u->adc->ccr;

    analog_values(soc_of(u)->config.seed, &vrefint, &v30, &slope);
    switch (channel) {
    case ADC2_VBAT:
        return ccr & CCR_VBATEN ? vbat / 4 : 0;
    case ADC2_TEMPERATURE:
        return ccr & CCR_TSEN ? v30 + (die_celsius - 30) * slope : 0;
    case ADC2_VREFINT:
        return ccr & CCR_VREFEN ? vrefint : 0;
    case ADC2_DAC2:
        return dac_internal_volts(soc_of(u), 1, 0);
    case ADC2_DAC1_1:
        return dac_internal_volts(soc_of(u), 0, 0);
    case ADC2_DAC1_2:
        return dac_internal_volts(soc_of(u), 0, 1);
    default:
        ERROR(u, "adc-channel", "channel %u is not connected", channel);
        return 0;
    }
}

double adc_volts(const struct unit *u, unsigned channel)
{
    unsigned pin = pins[u->number][channel];
    const struct analog_source *source;

    if (pin == PIN_NONE)
        return internal_volts(u, channel);
    if (!(*reg(u, PCSEL) >> channel & 1)) {
        ERROR(u, "adc-pcsel", "channel %u is converted while PCSEL does not connect it", channel);
        return 0;
    }
    source = net_analog(soc_of(u)->pin[pin]);
    if (source)
        return source->volts(source->ctx);
    return net_level(soc_of(u)->pin[pin]) ? vref : 0;
}

double adc_full_scale(void)
{
    return vref;
}
