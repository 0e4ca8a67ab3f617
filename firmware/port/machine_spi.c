/* SPDX-License-Identifier: MIT */

/* machine.SPI: the classes' methods are extmod/machine_spi.c's; here are the objects, one for each
 * unit, on mcu/spi.c. */

#include "extmod/modmachine.h"
#include "mcu/spi.h"
#include "port/machine_pin.h"
#include "py/mperrno.h"
#include "py/runtime.h"

enum { SCK, MOSI, MISO, PINS };

static const uint8_t signals[PINS] = {AF_PIN_SPI_SCK, AF_PIN_SPI_MOSI, AF_PIN_SPI_MISO};

/* The board's buses: rows of unit, SCK, MOSI, MISO. */
static const struct {
    uint8_t unit;
    qstr_short_t pin[PINS];
} board_buses[] = {
#ifdef BOARD_SPI_BUSES
    BOARD_SPI_BUSES
#endif
    {0, {0}},
};

typedef struct _machine_hard_spi_obj_t {
    mp_obj_base_t base;
    struct spi_config config;
    uint32_t actual; /* Hz; 0 = closed */
    mp_hal_pin_obj_t pin[PINS];
} machine_hard_spi_obj_t;

static machine_hard_spi_obj_t objects[SPI_COUNT];

static unsigned unit_of(const machine_hard_spi_obj_t *self)
{
    return (unsigned)(self - objects) + 1u;
}

static void machine_hard_spi_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    const machine_hard_spi_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print,
              "SPI(%u, baudrate=%u, polarity=%u, phase=%u, bits=%u, firstbit=%u, sck=%q, mosi=%q, "
              "miso=%q)",
              unit_of(self), (unsigned)self->actual, self->config.polarity, self->config.phase,
              self->config.bits, self->config.lsb_first, self->pin[SCK]->name,
              self->pin[MOSI]->name, self->pin[MISO]->name);
}

/* Pins of the arguments, else of the board. */
static void find_pins(machine_hard_spi_obj_t *self, const mp_arg_val_t *args)
{
    static const qstr_short_t names[PINS] = {MP_QSTR_sck, MP_QSTR_mosi, MP_QSTR_miso};
    unsigned unit = unit_of(self), row = 0;

    while (board_buses[row].unit != 0 && board_buses[row].unit != unit) {
        row++;
    }
    for (size_t i = 0; i < PINS; i++) {
        /* The last row has no names. */
        self->pin[i] = machine_pin_of_bus(args[i].u_obj, board_buses[row].pin[i], "SPI", names[i],
                                          AF_FN_SPI, unit, signals[i]);
    }
}

static void open_bus(machine_hard_spi_obj_t *self)
{
    for (size_t i = 0; i < PINS; i++) {
        /* A pull-up, so that MISO is defined where nobody answers. */
        mp_hal_pin_config_alt(self->pin[i], MP_HAL_PIN_MODE_ALT,
                              i == MISO ? MP_HAL_PIN_PULL_UP : MP_HAL_PIN_PULL_NONE, AF_FN_SPI,
                              (uint8_t)unit_of(self), signals[i]);
    }
    self->actual = spi_open(unit_of(self), &self->config);
    if (self->actual == 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("bits must be 8, 16, or 32 with SPI(1) to SPI(3)"));
    }
}

/* Values of init()'s arguments; what is -1 stays. */
static void configure(machine_hard_spi_obj_t *self, mp_int_t baudrate, mp_int_t polarity,
                      mp_int_t phase, mp_int_t bits, mp_int_t firstbit)
{
    struct spi_config c = self->config;

    if (baudrate != -1) {
        if (baudrate <= 0) {
            mp_raise_ValueError(MP_ERROR_TEXT("baudrate must be above 0"));
        }
        c.baud = (uint32_t)baudrate;
    }
    if (polarity != -1) {
        c.polarity = polarity != 0;
    }
    if (phase != -1) {
        c.phase = phase != 0;
    }
    if (bits != -1) {
        c.bits = bits == 16 || bits == 32 ? (uint8_t)bits : bits == 8 ? 8 : 0;
    }
    if (firstbit != -1) {
        c.lsb_first = firstbit == MICROPY_PY_MACHINE_SPI_LSB;
    }
    self->config = c;
    open_bus(self);
}

static mp_obj_t machine_hard_spi_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                                          const mp_obj_t *all_args)
{
    enum { ARG_id, ARG_baudrate, ARG_polarity, ARG_phase, ARG_bits, ARG_firstbit, ARG_sck };
    static const mp_arg_t allowed_args[] = {
        {MP_QSTR_id, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_baudrate, MP_ARG_INT, {.u_int = 500000}},
        {MP_QSTR_polarity, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_phase, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_bits, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 8}},
        {MP_QSTR_firstbit, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = MICROPY_PY_MACHINE_SPI_MSB}},
        {MP_QSTR_sck, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_mosi, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_miso, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed_args), allowed_args,
                              args);

    mp_int_t unit = args[ARG_id].u_int;
    if (unit < 1 || unit > (mp_int_t)SPI_COUNT) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("SPI(%d) doesn't exist"), (int)unit);
    }
    machine_hard_spi_obj_t *self = &objects[unit - 1];
    self->base.type = &machine_spi_type;
    find_pins(self, &args[ARG_sck]);
    configure(self, args[ARG_baudrate].u_int, args[ARG_polarity].u_int, args[ARG_phase].u_int,
              args[ARG_bits].u_int, args[ARG_firstbit].u_int);
    return MP_OBJ_FROM_PTR(self);
}

static void machine_hard_spi_init(mp_obj_base_t *self_in, size_t n_args, const mp_obj_t *pos_args,
                                  mp_map_t *kw_args)
{
    machine_hard_spi_obj_t *self = (machine_hard_spi_obj_t *)self_in;
    enum { ARG_baudrate, ARG_polarity, ARG_phase, ARG_bits, ARG_firstbit };
    static const mp_arg_t allowed_args[] = {
        {MP_QSTR_baudrate, MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_polarity, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_phase, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_bits, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_firstbit, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    configure(self, args[ARG_baudrate].u_int, args[ARG_polarity].u_int, args[ARG_phase].u_int,
              args[ARG_bits].u_int, args[ARG_firstbit].u_int);
}

static void machine_hard_spi_deinit(mp_obj_base_t *self_in)
{
    machine_hard_spi_obj_t *self = (machine_hard_spi_obj_t *)self_in;
    spi_close(unit_of(self));
    self->actual = 0;
}

static void machine_hard_spi_transfer(mp_obj_base_t *self_in, size_t len, const uint8_t *src,
                                      uint8_t *dest)
{
    machine_hard_spi_obj_t *self = (machine_hard_spi_obj_t *)self_in;
    size_t bytes = self->config.bits / 8u;

    if (self->actual == 0) {
        mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("SPI is closed"));
    }
    if (len % bytes != 0) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("length must be a multiple of %u"),
                          (unsigned)bytes);
    }
    if (!spi_transfer(unit_of(self), src, dest, len / bytes)) {
        mp_raise_OSError(MP_EIO);
    }
}

static const mp_machine_spi_p_t machine_hard_spi_p = {
    .init = machine_hard_spi_init,
    .deinit = machine_hard_spi_deinit,
    .transfer = machine_hard_spi_transfer,
};

MP_DEFINE_CONST_OBJ_TYPE(machine_spi_type, MP_QSTR_SPI, MP_TYPE_FLAG_NONE, make_new,
                         machine_hard_spi_make_new, print, machine_hard_spi_print, protocol,
                         &machine_hard_spi_p, locals_dict, &mp_machine_spi_locals_dict);
