/* SPDX-License-Identifier: MIT */

/* Begins the file that make-pins.py writes: how its rows become objects. */

#include "extmod/modmachine.h"
#include "genhdr/pins.h"
#include "port/machine_pin.h"

#define MACHINE_PIN_AF(n, constant, fn, u, s)                                                      \
    {                                                                                              \
        .base = {&machine_pin_af_type}, .name = MP_QSTR_##constant, .index = (n),                  \
        .function = AF_FN_##fn, .unit = (u), .signal = AF_PIN_##s                                  \
    }

#define MACHINE_PIN(cpu, port, number, units, channel)                                             \
    {                                                                                              \
        .base = {&machine_pin_type}, .name = MP_QSTR_##cpu, .id = GPIO_PIN(port, number),          \
        .adc_units = (units), .adc_channel = (channel), .af_count = MP_ARRAY_SIZE(pin_##cpu##_af), \
        .af = pin_##cpu##_af                                                                       \
    }
