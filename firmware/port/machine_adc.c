/* SPDX-License-Identifier: MIT */

/* The port's part of machine.ADC. Included by extmod/machine_adc.c, never compiled alone. */

#include "mcu/adc.h"
#include "port/machine_pin.h"
#include "py/mperrno.h"

/* Channels beyond those of pins, with the numbers of MicroPython's stm32 port. */
enum {
    INPUTS = 20,
    CORE_VREF = 256,
    CORE_TEMP = 257,
    CORE_VBAT = 258,
    VREF = 0xFFFF, /* the full scale, to compare others with: no conversion */
};

#define MICROPY_PY_MACHINE_ADC_CLASS_CONSTANTS                                                     \
    {MP_ROM_QSTR(MP_QSTR_VREF), MP_ROM_INT(VREF)},                                                 \
        {MP_ROM_QSTR(MP_QSTR_CORE_VREF), MP_ROM_INT(CORE_VREF)},                                   \
        {MP_ROM_QSTR(MP_QSTR_CORE_TEMP), MP_ROM_INT(CORE_TEMP)},                                   \
        {MP_ROM_QSTR(MP_QSTR_CORE_VBAT), MP_ROM_INT(CORE_VBAT)},

typedef struct _machine_adc_obj_t {
    mp_obj_base_t base;
    uint8_t unit;
    uint16_t channel; /* 0 .. INPUTS - 1, or of the enumeration above */
} machine_adc_obj_t;

static void mp_machine_adc_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    const machine_adc_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "<ADC%u channel=%u>", self->unit, self->channel);
}

/* ADC(channel) or ADC(pin). A number is an input of ADC1, or a channel within the chip. */
static mp_obj_t mp_machine_adc_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                                        const mp_obj_t *all_args)
{
    mp_arg_check_num(n_args, n_kw, 1, 1, false);

    mp_int_t channel;
    uint8_t unit = 1;
    if (mp_obj_is_int(all_args[0])) {
        channel = mp_obj_get_int(all_args[0]);
        if (channel == CORE_VREF || channel == CORE_TEMP || channel == CORE_VBAT) {
            unit = 2;
        } else if (channel != VREF && (channel < 0 || channel >= INPUTS)) {
            mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("ADC has no channel %d"),
                              (int)channel);
        }
    } else {
        mp_hal_pin_obj_t pin = machine_pin_find(all_args[0]);
        if (pin->adc_units == 0) {
            mp_raise_msg_varg(&mp_type_ValueError,
                              MP_ERROR_TEXT("Pin(%q) does not have ADC capabilities"), pin->name);
        }
        unit = pin->adc_units & 1u ? 1 : 2;
        channel = pin->adc_channel;
        mp_hal_pin_config(pin, MP_HAL_PIN_MODE_ADC, MP_HAL_PIN_PULL_NONE, 0);
    }

    machine_adc_obj_t *self = mp_obj_malloc(machine_adc_obj_t, type);
    self->unit = unit;
    self->channel = (uint16_t)channel;
    return MP_OBJ_FROM_PTR(self);
}

static mp_int_t mp_machine_adc_read_u16(machine_adc_obj_t *self)
{
    uint32_t channel = self->channel;

    switch (channel) {
    case VREF:
        return 0xFFFF;
    case CORE_VREF:
        channel = ADC_CHANNEL_VREFINT;
        break;
    case CORE_TEMP:
        channel = ADC_CHANNEL_TEMPERATURE;
        break;
    case CORE_VBAT:
        channel = ADC_CHANNEL_VBAT;
        break;
    default:
        break;
    }
    int32_t value = adc_read(self->unit, channel);
    if (value < 0) {
        mp_raise_OSError(MP_ETIMEDOUT);
    }
    return value;
}
