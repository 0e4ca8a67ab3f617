/* SPDX-License-Identifier: MIT */

/* machine.I2C: the classes' methods are extmod/machine_i2c.c's; here are the objects, one for each
 * unit, on mcu/i2c.c. */

#include "extmod/modmachine.h"
#include "mcu/i2c.h"
#include "port/machine_pin.h"
#include "py/mperrno.h"
#include "py/runtime.h"

enum { SCL, SDA, PINS };

#define DEFAULT_FREQ       400000
#define DEFAULT_TIMEOUT_US 50000
#define MAX_TIMEOUT_US     10000000

static const uint8_t signals[PINS] = {AF_PIN_I2C_SCL, AF_PIN_I2C_SDA};

/* The board's buses: rows of unit, SCL, SDA. */
static const struct {
    uint8_t unit;
    qstr_short_t pin[PINS];
} board_buses[] = {
#ifdef BOARD_I2C_BUSES
    BOARD_I2C_BUSES
#endif
    {0, {0}},
};

typedef struct _machine_hard_i2c_obj_t {
    mp_obj_base_t base;
    uint32_t freq, timeout_us;
    mp_hal_pin_obj_t pin[PINS];
} machine_hard_i2c_obj_t;

static machine_hard_i2c_obj_t objects[I2C_COUNT];

static unsigned unit_of(const machine_hard_i2c_obj_t *self)
{
    return (unsigned)(self - objects) + 1u;
}

static void machine_hard_i2c_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    const machine_hard_i2c_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "I2C(%u, scl=%q, sda=%q, freq=%u, timeout=%u, timingr=0x%08x)", unit_of(self),
              self->pin[SCL]->name, self->pin[SDA]->name, (unsigned)self->freq,
              (unsigned)self->timeout_us, (unsigned)i2c_timing_register(unit_of(self)));
}

/* Pins of the arguments, else of the board. */
static void find_pins(machine_hard_i2c_obj_t *self, const mp_arg_val_t *args)
{
    static const qstr_short_t names[PINS] = {MP_QSTR_scl, MP_QSTR_sda};
    unsigned unit = unit_of(self), row = 0;

    while (board_buses[row].unit != 0 && board_buses[row].unit != unit) {
        row++;
    }
    for (size_t i = 0; i < PINS; i++) {
        /* The last row has no names. */
        self->pin[i] = machine_pin_of_bus(args[i].u_obj, board_buses[row].pin[i], "I2C", names[i],
                                          AF_FN_I2C, unit, signals[i]);
    }
}

static void configure(machine_hard_i2c_obj_t *self, const mp_arg_val_t *pins, mp_int_t freq,
                      mp_int_t timeout_us, mp_obj_t timingr)
{
    find_pins(self, pins);
    if (timeout_us < 0 || timeout_us > MAX_TIMEOUT_US) {
        mp_raise_ValueError(MP_ERROR_TEXT("timeout must be 0 to 10000000 us"));
    }
    for (size_t i = 0; i < PINS; i++) {
        /* The internal pull-ups: weak (40 kOhm), but a bus without resistors works at low rates. */
        mp_hal_pin_config_alt(self->pin[i], MP_HAL_PIN_MODE_ALT_OPEN_DRAIN, MP_HAL_PIN_PULL_UP,
                              AF_FN_I2C, (uint8_t)unit_of(self), signals[i]);
    }
    if (timingr != mp_const_none) {
        i2c_open_timing(unit_of(self), (uint32_t)mp_obj_get_int_truncated(timingr));
    } else if (freq <= 0 || !i2c_open(unit_of(self), (uint32_t)freq)) {
        mp_raise_ValueError(MP_ERROR_TEXT("freq must be 9000 to 1000000"));
    }
    self->freq = (uint32_t)freq;
    self->timeout_us = (uint32_t)timeout_us;
}

static mp_obj_t machine_hard_i2c_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                                          const mp_obj_t *all_args)
{
    enum { ARG_id, ARG_scl, ARG_sda, ARG_freq, ARG_timeout, ARG_timingr };
    static const mp_arg_t allowed_args[] = {
        {MP_QSTR_id, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_scl, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_sda, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_freq, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = DEFAULT_FREQ}},
        {MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = DEFAULT_TIMEOUT_US}},
        {MP_QSTR_timingr, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed_args), allowed_args,
                              args);

    mp_int_t unit = args[ARG_id].u_int;
    if (unit < 1 || unit > (mp_int_t)I2C_COUNT) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("I2C(%d) doesn't exist"), (int)unit);
    }
    machine_hard_i2c_obj_t *self = &objects[unit - 1];
    self->base.type = &machine_i2c_type;
    configure(self, &args[ARG_scl], args[ARG_freq].u_int, args[ARG_timeout].u_int,
              args[ARG_timingr].u_obj);
    return MP_OBJ_FROM_PTR(self);
}

/* init(scl, sda, *, freq=400000): what is not given is as in the constructor. */
static void machine_hard_i2c_init(mp_obj_base_t *self_in, size_t n_args, const mp_obj_t *pos_args,
                                  mp_map_t *kw_args)
{
    enum { ARG_scl, ARG_sda, ARG_freq, ARG_timeout };
    static const mp_arg_t allowed_args[] = {
        {MP_QSTR_scl, MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_sda, MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_freq, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = DEFAULT_FREQ}},
        {MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = DEFAULT_TIMEOUT_US}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    configure((machine_hard_i2c_obj_t *)self_in, &args[ARG_scl], args[ARG_freq].u_int,
              args[ARG_timeout].u_int, mp_const_none);
}

/* Returns as extmod/machine_i2c.c has it: the number of bytes acknowledged, or an errno below 0. */
static int machine_hard_i2c_transfer(mp_obj_base_t *self_in, uint16_t addr, size_t len,
                                     uint8_t *buf, unsigned int flags)
{
    machine_hard_i2c_obj_t *self = (machine_hard_i2c_obj_t *)self_in;
    bool stop = flags & MP_MACHINE_I2C_FLAG_STOP, read = flags & MP_MACHINE_I2C_FLAG_READ;
    size_t done;
    enum i2c_status status =
        read ? i2c_read(unit_of(self), (uint8_t)addr, buf, len, stop, self->timeout_us, &done)
             : i2c_write(unit_of(self), (uint8_t)addr, buf, len, stop, self->timeout_us, &done);

    switch (status) {
    case I2C_OK:
    case I2C_REFUSED:
        return read ? 0 : (int)done;
    case I2C_NO_DEVICE:
        return -MP_ENODEV;
    case I2C_TIMEOUT:
        return -MP_ETIMEDOUT;
    default:
        return -MP_EIO;
    }
}

static const mp_machine_i2c_p_t machine_hard_i2c_p = {
    .init = machine_hard_i2c_init,
    .transfer = mp_machine_i2c_transfer_adaptor,
    .transfer_single = machine_hard_i2c_transfer,
};

MP_DEFINE_CONST_OBJ_TYPE(machine_i2c_type, MP_QSTR_I2C, MP_TYPE_FLAG_NONE, make_new,
                         machine_hard_i2c_make_new, print, machine_hard_i2c_print, protocol,
                         &machine_hard_i2c_p, locals_dict, &mp_machine_i2c_locals_dict);
