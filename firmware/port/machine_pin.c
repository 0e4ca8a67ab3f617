/* SPDX-License-Identifier: MIT */

/* machine.Pin, as MicroPython documents it, with the names of its stm32 port. */

#include "machine_pin.h"

#include <string.h>

#include "extmod/modmachine.h"
#include "extmod/virtpin.h"
#include "genhdr/pins.h"
#include "mcu/exti.h"
#include "psram.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/mpirq.h"

/* Values as in the stm32 port: GPIO_MODE_..., GPIO_PULL... of ST's library. */
enum {
    MODE_IN = 0x00,
    MODE_OUT = 0x01,
    MODE_ALT = 0x02,
    MODE_ANALOG = 0x03,
    MODE_OPEN_DRAIN = 0x11,
    MODE_ALT_OPEN_DRAIN = 0x12,
    PULL_NONE = 0,
    PULL_UP = 1,
    PULL_DOWN = 2,
};

#define ALT_MAX 15

MP_REGISTER_ROOT_POINTER(struct _mp_irq_obj_t *machine_pin_irq[16]);

/* Not in the objects above: an interrupt writes here, and the heap may lie in the PSRAM, which is
 * not there at all times. */
static struct {
    uint8_t trigger; /* EXTI_RISING, EXTI_FALLING */
    uint8_t flags;   /* of the last interrupt */
} irq_state[EXTI_PIN_LINES];

static mp_irq_obj_t *irq_on_line(unsigned line)
{
    return MP_STATE_PORT(machine_pin_irq)[line];
}

/* ---- finding ---- */

static const machine_pin_obj_t *find_named(const mp_obj_dict_t *pins, mp_obj_t name)
{
    mp_map_elem_t *e = mp_map_lookup((mp_map_t *)&pins->map, name, MP_MAP_LOOKUP);
    return e != NULL ? MP_OBJ_TO_PTR(e->value) : NULL;
}

const machine_pin_obj_t *machine_pin_find(mp_obj_t name)
{
    if (mp_obj_is_type(name, &machine_pin_type)) {
        return MP_OBJ_TO_PTR(name);
    }
    size_t length;
    const char *text = mp_obj_str_get_data(name, &length);
    const machine_pin_obj_t *pin = find_named(&machine_pin_board_pins_locals_dict, name);
    if (pin == NULL) {
        pin = find_named(&machine_pin_cpu_pins_locals_dict, name);
    }
    if (pin == NULL && length > 1 && text[0] == 'P') {
        mp_obj_t rest = mp_obj_new_str(text + 1, length - 1);
        pin = find_named(&machine_pin_cpu_pins_locals_dict, rest);
    }
    if (pin == NULL) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("Pin(%s) doesn't exist"), text);
    }
    return pin;
}

const machine_pin_obj_t *machine_pin_find_board(const char *name)
{
    qstr known = qstr_find_strn(name, strlen(name));
    return known != MP_QSTRnull
               ? find_named(&machine_pin_board_pins_locals_dict, MP_OBJ_NEW_QSTR(known))
               : NULL;
}

const machine_pin_af_obj_t *machine_pin_find_af(const machine_pin_obj_t *pin,
                                                enum machine_pin_function function, unsigned unit,
                                                enum machine_pin_signal signal)
{
    for (unsigned i = 0; i < pin->af_count; i++) {
        const machine_pin_af_obj_t *af = &pin->af[i];
        if (af->function == function && af->unit == unit && af->signal == signal) {
            return af;
        }
    }
    return NULL;
}

const machine_pin_obj_t *machine_pin_of_bus(mp_obj_t named, qstr by_default, const char *bus,
                                            qstr name, enum machine_pin_function function,
                                            unsigned unit, enum machine_pin_signal signal)
{
    if (named == MP_OBJ_NULL || named == mp_const_none) {
        if (by_default == MP_QSTRnull) {
            mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%s(%u) has no default %q"), bus,
                              unit, name);
        }
        named = MP_OBJ_NEW_QSTR(by_default);
    }
    const machine_pin_obj_t *pin = machine_pin_find(named);
    if (machine_pin_find_af(pin, function, unit, signal) == NULL) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("Pin(%q) is no %q of %s(%u)"),
                          pin->name, name, bus, unit);
    }
    return pin;
}

void machine_pin_init(void)
{
    for (unsigned port = 'A'; port <= 'K'; port++) {
        gpio_enable_port(GPIO_PIN(port, 0));
    }
}

/* ---- configuration, for Python and for drivers ---- */

void mp_hal_pin_config(mp_hal_pin_obj_t pin, uint32_t mode, uint32_t pull, uint32_t alt)
{
    /* The heap hangs on these: whatever drove one of them would not live to see the message. */
    if (psram_uses_pin(pin->id)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("Pin(%q) is in use by the PSRAM"),
                          pin->name);
    }
    gpio_configure(pin->id, mode | pull | alt << GPIO_ALTERNATE_Pos | GPIO_SPEED_HIGH);
}

bool mp_hal_pin_config_alt(mp_hal_pin_obj_t pin, uint32_t mode, uint32_t pull, uint8_t function,
                           uint8_t unit, uint8_t signal)
{
    const machine_pin_af_obj_t *af = machine_pin_find_af(pin, function, unit, signal);
    if (af == NULL) {
        return false;
    }
    mp_hal_pin_config(pin, mode, pull, af->index);
    return true;
}

void mp_hal_pin_config_speed(mp_hal_pin_obj_t pin, uint32_t speed)
{
    gpio_configure(pin->id, (gpio_configuration(pin->id) & ~GPIO_SPEED_MASK) | speed);
}

static const struct {
    uint8_t python;
    uint8_t mcu;
    qstr_short_t name;
} modes[] = {
    {MODE_IN, GPIO_INPUT, MP_QSTR_IN},
    {MODE_OUT, MP_HAL_PIN_MODE_OUTPUT, MP_QSTR_OUT},
    {MODE_OPEN_DRAIN, MP_HAL_PIN_MODE_OPEN_DRAIN, MP_QSTR_OPEN_DRAIN},
    {MODE_ALT, MP_HAL_PIN_MODE_ALT, MP_QSTR_ALT},
    {MODE_ALT_OPEN_DRAIN, MP_HAL_PIN_MODE_ALT_OPEN_DRAIN, MP_QSTR_ALT_OPEN_DRAIN},
    {MODE_ANALOG, MP_HAL_PIN_MODE_ANALOG, MP_QSTR_ANALOG},
};

/* Index in modes[] of what the pin is set to. Open drain says nothing for inputs. */
static size_t mode_of(const machine_pin_obj_t *pin)
{
    uint32_t mode = gpio_configuration(pin->id) & (GPIO_MODE_MASK | GPIO_OPEN_DRAIN);
    if ((mode & GPIO_MODE_MASK) == GPIO_INPUT || (mode & GPIO_MODE_MASK) == GPIO_ANALOG) {
        mode &= GPIO_MODE_MASK;
    }
    size_t i = 0;
    while (modes[i].mcu != mode) {
        i++;
    }
    return i;
}

/* A field of two bits that counts as the stm32 port does: none, up, down. */
static mp_int_t pull_of(const machine_pin_obj_t *pin)
{
    return (mp_int_t)((gpio_configuration(pin->id) & GPIO_PULL_MASK) / GPIO_PULL_UP);
}

static mp_obj_t init_pin(const machine_pin_obj_t *pin, size_t n_args, const mp_obj_t *pos_args,
                         mp_map_t *kw_args)
{
    enum { ARG_mode, ARG_pull, ARG_af, ARG_value, ARG_alt };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_mode, MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_pull, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(-1)}},
        {MP_QSTR_af, MP_ARG_INT, {.u_int = -1}}, /* the older name of alt */
        {MP_QSTR_value, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_alt, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

    mp_int_t mode = args[ARG_mode].u_int;
    size_t m = 0;
    if (mode == -1) {
        m = mode_of(pin);
    } else {
        while (m < MP_ARRAY_SIZE(modes) && modes[m].python != mode) {
            m++;
        }
        if (m == MP_ARRAY_SIZE(modes)) {
            mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("invalid pin mode: %d"),
                              (int)mode);
        }
    }

    mp_int_t pull = PULL_NONE;
    if (args[ARG_pull].u_obj != mp_const_none) {
        pull = mp_obj_get_int(args[ARG_pull].u_obj);
    }
    if (pull == -1) {
        /* Not given: the stm32 port's default goes with a mode; else nothing changes. */
        pull = mode == -1 ? pull_of(pin) : PULL_NONE;
    }
    if (pull < PULL_NONE || pull > PULL_DOWN) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("invalid pin pull: %d"), (int)pull);
    }

    mp_int_t alt = args[ARG_alt].u_int != -1 ? args[ARG_alt].u_int : args[ARG_af].u_int;
    bool alternate = (modes[m].mcu & GPIO_MODE_MASK) == MP_HAL_PIN_MODE_ALT;
    if (alternate && mode == -1 && alt == -1) {
        alt = (mp_int_t)GPIO_ALTERNATE_OF(gpio_configuration(pin->id));
    }
    if (alternate && (alt < 0 || alt > ALT_MAX)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("invalid pin af: %d"), (int)alt);
    }

    /* Before the mode, so that the pin begins with the right level. */
    if (args[ARG_value].u_obj != mp_const_none) {
        gpio_write(pin->id, mp_obj_is_true(args[ARG_value].u_obj));
    }
    mp_hal_pin_config(pin, modes[m].mcu, (uint32_t)pull * GPIO_PULL_UP,
                      alternate ? (uint32_t)alt : 0);
    return mp_const_none;
}

mp_obj_t mp_pin_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                         const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    const machine_pin_obj_t *pin = machine_pin_find(args[0]);
    if (n_args > 1 || n_kw > 0) {
        mp_map_t kw_args;
        mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
        init_pin(pin, n_args - 1, args + 1, &kw_args);
    }
    return MP_OBJ_FROM_PTR(pin);
}

static mp_obj_t machine_pin_init_method(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args)
{
    return init_pin(MP_OBJ_TO_PTR(args[0]), n_args - 1, args + 1, kw_args);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(machine_pin_init_obj, 1, machine_pin_init_method);

/* ---- levels ---- */

static mp_obj_t machine_pin_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    if (n_args == 0) {
        return MP_OBJ_NEW_SMALL_INT(mp_hal_pin_read(pin));
    }
    mp_hal_pin_write(pin, mp_obj_is_true(args[0]));
    return mp_const_none;
}

static mp_obj_t machine_pin_value(size_t n_args, const mp_obj_t *args)
{
    return machine_pin_call(args[0], n_args - 1, 0, args + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(machine_pin_value_obj, 1, 2, machine_pin_value);

static mp_obj_t machine_pin_low(mp_obj_t self_in)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    mp_hal_pin_low(pin);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_low_obj, machine_pin_low);

static mp_obj_t machine_pin_high(mp_obj_t self_in)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    mp_hal_pin_high(pin);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_high_obj, machine_pin_high);

static mp_obj_t machine_pin_toggle(mp_obj_t self_in)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    mp_hal_pin_write(pin, !gpio_latch(pin->id));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_toggle_obj, machine_pin_toggle);

/* machine.Signal, and C code that takes any object with pins. */
static mp_uint_t machine_pin_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *error)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    (void)error;
    switch (request) {
    case MP_PIN_READ:
        return (mp_uint_t)mp_hal_pin_read(pin);
    case MP_PIN_WRITE:
        mp_hal_pin_write(pin, arg);
        return 0;
    default:
        return (mp_uint_t)-1;
    }
}

/* ---- interrupts ---- */

static void edge_came(unsigned line)
{
    mp_irq_obj_t *irq = irq_on_line(line);
    if (irq == NULL) {
        return;
    }
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(irq->parent);
    uint8_t flags = irq_state[line].trigger;
    if (flags == (EXTI_RISING | EXTI_FALLING)) {
        /* One pending bit for both: the level tells which edge was the last. */
        flags = gpio_read(pin->id) ? EXTI_RISING : EXTI_FALLING;
    }
    irq_state[line].flags = flags;
    mp_irq_handler(irq);
}

static mp_uint_t irq_trigger(mp_obj_t self_in, mp_uint_t edges)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    unsigned line = GPIO_PIN_NUMBER(pin->id);
    uint8_t trigger = edges & (EXTI_RISING | EXTI_FALLING);
    exti_line_disable(line);
    irq_state[line].flags = 0;
    irq_state[line].trigger = trigger;
    if (trigger != 0 && irq_on_line(line)->handler != mp_const_none) {
        exti_pin_enable(pin->id, trigger, edge_came);
    }
    return 0;
}

static mp_uint_t irq_info(mp_obj_t self_in, mp_uint_t what)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    unsigned line = GPIO_PIN_NUMBER(pin->id);
    return what == MP_IRQ_INFO_FLAGS ? irq_state[line].flags : irq_state[line].trigger;
}

static const mp_irq_methods_t irq_methods = {.trigger = irq_trigger, .info = irq_info};

/* The pin's own, made at first use. */
static mp_irq_obj_t *irq_of(const machine_pin_obj_t *pin)
{
    unsigned line = GPIO_PIN_NUMBER(pin->id);
    mp_irq_obj_t *irq = irq_on_line(line);
    if (irq != NULL && irq->parent != MP_OBJ_FROM_PTR(pin)) {
        const machine_pin_obj_t *other = MP_OBJ_TO_PTR(irq->parent);
        if (irq->handler != mp_const_none) {
            mp_raise_msg_varg(&mp_type_OSError,
                              MP_ERROR_TEXT("IRQ resource already taken by Pin('%q')"),
                              other->name);
        }
        irq = NULL;
    }
    if (irq == NULL) {
        irq = mp_irq_new(&irq_methods, MP_OBJ_FROM_PTR(pin));
        irq_state[line].trigger = irq_state[line].flags = 0;
        MP_STATE_PORT(machine_pin_irq)[line] = irq;
    }
    return irq;
}

static mp_obj_t machine_pin_irq(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum { ARG_handler, ARG_trigger, ARG_hard };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_handler, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_trigger, MP_ARG_INT, {.u_int = EXTI_RISING | EXTI_FALLING}},
        {MP_QSTR_hard, MP_ARG_BOOL, {.u_bool = false}},
    };
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(pos_args[0]);
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

    mp_obj_t handler = args[ARG_handler].u_obj;
    mp_int_t trigger = args[ARG_trigger].u_int;
    if (handler != mp_const_none && !mp_obj_is_callable(handler)) {
        mp_raise_ValueError(MP_ERROR_TEXT("handler must be None or callable"));
    }
    if (trigger & ~(EXTI_RISING | EXTI_FALLING) || trigger == 0) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("invalid pin trigger: %d"),
                          (int)trigger);
    }
    mp_irq_obj_t *irq = irq_of(pin);
    if (n_args > 1 || kw_args->used != 0) {
        exti_line_disable(GPIO_PIN_NUMBER(pin->id));
        irq->handler = handler;
        irq->ishard = args[ARG_hard].u_bool;
        irq_trigger(MP_OBJ_FROM_PTR(pin), (mp_uint_t)trigger);
    }
    return MP_OBJ_FROM_PTR(irq);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(machine_pin_irq_obj, 1, machine_pin_irq);

void machine_pin_deinit(void)
{
    for (unsigned line = 0; line < EXTI_PIN_LINES; line++) {
        exti_line_disable(line);
        MP_STATE_PORT(machine_pin_irq)[line] = NULL;
    }
}

/* ---- questions ---- */

static mp_obj_t machine_pin_name(mp_obj_t self_in)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    return MP_OBJ_NEW_QSTR(pin->name);
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_name_obj, machine_pin_name);

/* Of the chip first, then those of the board. */
static mp_obj_t machine_pin_names(mp_obj_t self_in)
{
    mp_obj_t names = mp_obj_new_list(0, NULL);
    mp_obj_list_append(names, machine_pin_name(self_in));
    const mp_map_t *map = &machine_pin_board_pins_locals_dict.map;
    for (size_t i = 0; i < map->used; i++) {
        if (map->table[i].value == self_in) {
            mp_obj_list_append(names, map->table[i].key);
        }
    }
    return names;
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_names_obj, machine_pin_names);

static mp_obj_t machine_pin_port(mp_obj_t self_in)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    return MP_OBJ_NEW_SMALL_INT(GPIO_PIN_PORT(pin->id));
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_port_obj, machine_pin_port);

static mp_obj_t machine_pin_pin(mp_obj_t self_in)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    return MP_OBJ_NEW_SMALL_INT(GPIO_PIN_NUMBER(pin->id));
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_pin_obj, machine_pin_pin);

static mp_obj_t machine_pin_gpio(mp_obj_t self_in)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_int_from_uint((mp_uint_t)GPIO_PORT(GPIO_PIN_PORT(pin->id)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_gpio_obj, machine_pin_gpio);

static mp_obj_t machine_pin_mode(mp_obj_t self_in)
{
    return MP_OBJ_NEW_SMALL_INT(modes[mode_of(MP_OBJ_TO_PTR(self_in))].python);
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_mode_obj, machine_pin_mode);

static mp_obj_t machine_pin_pull(mp_obj_t self_in)
{
    return MP_OBJ_NEW_SMALL_INT(pull_of(MP_OBJ_TO_PTR(self_in)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_pull_obj, machine_pin_pull);

static mp_obj_t machine_pin_af(mp_obj_t self_in)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    return MP_OBJ_NEW_SMALL_INT(GPIO_ALTERNATE_OF(gpio_configuration(pin->id)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_af_obj, machine_pin_af);

static mp_obj_t machine_pin_af_list(mp_obj_t self_in)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (unsigned i = 0; i < pin->af_count; i++) {
        mp_obj_list_append(list, MP_OBJ_FROM_PTR(&pin->af[i]));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_af_list_obj, machine_pin_af_list);

static void machine_pin_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    const machine_pin_obj_t *pin = MP_OBJ_TO_PTR(self_in);
    size_t mode = mode_of(pin);
    (void)kind;
    mp_printf(print, "Pin(Pin.cpu.%q, mode=Pin.%q", pin->name, (qstr)modes[mode].name);
    if (modes[mode].python != MODE_ANALOG && pull_of(pin) != PULL_NONE) {
        mp_printf(print, ", pull=Pin.%q",
                  (qstr)(pull_of(pin) == PULL_UP ? MP_QSTR_PULL_UP : MP_QSTR_PULL_DOWN));
    }
    if ((modes[mode].mcu & GPIO_MODE_MASK) == MP_HAL_PIN_MODE_ALT) {
        unsigned alt = GPIO_ALTERNATE_OF(gpio_configuration(pin->id));
        unsigned i = 0;
        while (i < pin->af_count && pin->af[i].index != alt) {
            i++;
        }
        if (i < pin->af_count) {
            mp_printf(print, ", alt=Pin.%q", (qstr)pin->af[i].name);
        } else {
            mp_printf(print, ", alt=%u", alt);
        }
    }
    mp_print_str(print, ")");
}

/* ---- classes ---- */

static MP_DEFINE_CONST_OBJ_TYPE(pin_board_type, MP_QSTR_board, MP_TYPE_FLAG_NONE, locals_dict,
                                &machine_pin_board_pins_locals_dict);
static MP_DEFINE_CONST_OBJ_TYPE(pin_cpu_type, MP_QSTR_cpu, MP_TYPE_FLAG_NONE, locals_dict,
                                &machine_pin_cpu_pins_locals_dict);

static const mp_rom_map_elem_t machine_pin_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&machine_pin_init_obj)},
    {MP_ROM_QSTR(MP_QSTR_value), MP_ROM_PTR(&machine_pin_value_obj)},
    {MP_ROM_QSTR(MP_QSTR_off), MP_ROM_PTR(&machine_pin_low_obj)},
    {MP_ROM_QSTR(MP_QSTR_on), MP_ROM_PTR(&machine_pin_high_obj)},
    {MP_ROM_QSTR(MP_QSTR_low), MP_ROM_PTR(&machine_pin_low_obj)},
    {MP_ROM_QSTR(MP_QSTR_high), MP_ROM_PTR(&machine_pin_high_obj)},
    {MP_ROM_QSTR(MP_QSTR_toggle), MP_ROM_PTR(&machine_pin_toggle_obj)},
    {MP_ROM_QSTR(MP_QSTR_irq), MP_ROM_PTR(&machine_pin_irq_obj)},
    {MP_ROM_QSTR(MP_QSTR_name), MP_ROM_PTR(&machine_pin_name_obj)},
    {MP_ROM_QSTR(MP_QSTR_names), MP_ROM_PTR(&machine_pin_names_obj)},
    {MP_ROM_QSTR(MP_QSTR_port), MP_ROM_PTR(&machine_pin_port_obj)},
    {MP_ROM_QSTR(MP_QSTR_pin), MP_ROM_PTR(&machine_pin_pin_obj)},
    {MP_ROM_QSTR(MP_QSTR_gpio), MP_ROM_PTR(&machine_pin_gpio_obj)},
    {MP_ROM_QSTR(MP_QSTR_mode), MP_ROM_PTR(&machine_pin_mode_obj)},
    {MP_ROM_QSTR(MP_QSTR_pull), MP_ROM_PTR(&machine_pin_pull_obj)},
    {MP_ROM_QSTR(MP_QSTR_af), MP_ROM_PTR(&machine_pin_af_obj)},
    {MP_ROM_QSTR(MP_QSTR_af_list), MP_ROM_PTR(&machine_pin_af_list_obj)},

    {MP_ROM_QSTR(MP_QSTR_board), MP_ROM_PTR(&pin_board_type)},
    {MP_ROM_QSTR(MP_QSTR_cpu), MP_ROM_PTR(&pin_cpu_type)},

    {MP_ROM_QSTR(MP_QSTR_IN), MP_ROM_INT(MODE_IN)},
    {MP_ROM_QSTR(MP_QSTR_OUT), MP_ROM_INT(MODE_OUT)},
    {MP_ROM_QSTR(MP_QSTR_OPEN_DRAIN), MP_ROM_INT(MODE_OPEN_DRAIN)},
    {MP_ROM_QSTR(MP_QSTR_ALT), MP_ROM_INT(MODE_ALT)},
    {MP_ROM_QSTR(MP_QSTR_ALT_OPEN_DRAIN), MP_ROM_INT(MODE_ALT_OPEN_DRAIN)},
    {MP_ROM_QSTR(MP_QSTR_ANALOG), MP_ROM_INT(MODE_ANALOG)},
    {MP_ROM_QSTR(MP_QSTR_PULL_UP), MP_ROM_INT(PULL_UP)},
    {MP_ROM_QSTR(MP_QSTR_PULL_DOWN), MP_ROM_INT(PULL_DOWN)},
    {MP_ROM_QSTR(MP_QSTR_IRQ_RISING), MP_ROM_INT(EXTI_RISING)},
    {MP_ROM_QSTR(MP_QSTR_IRQ_FALLING), MP_ROM_INT(EXTI_FALLING)},
    /* The older names of pyb.Pin. */
    {MP_ROM_QSTR(MP_QSTR_OUT_PP), MP_ROM_INT(MODE_OUT)},
    {MP_ROM_QSTR(MP_QSTR_OUT_OD), MP_ROM_INT(MODE_OPEN_DRAIN)},
    {MP_ROM_QSTR(MP_QSTR_AF_PP), MP_ROM_INT(MODE_ALT)},
    {MP_ROM_QSTR(MP_QSTR_AF_OD), MP_ROM_INT(MODE_ALT_OPEN_DRAIN)},
    {MP_ROM_QSTR(MP_QSTR_PULL_NONE), MP_ROM_INT(PULL_NONE)},
#include "genhdr/pins_af_const.h"
};
static MP_DEFINE_CONST_DICT(machine_pin_locals, machine_pin_locals_table);

static const mp_pin_p_t machine_pin_protocol = {.ioctl = machine_pin_ioctl};

MP_DEFINE_CONST_OBJ_TYPE(machine_pin_type, MP_QSTR_Pin, MP_TYPE_FLAG_NONE, make_new,
                         mp_pin_make_new, print, machine_pin_print, call, machine_pin_call,
                         protocol, &machine_pin_protocol, locals_dict, &machine_pin_locals);

static void machine_pin_af_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    const machine_pin_af_obj_t *af = MP_OBJ_TO_PTR(self_in);
    (void)kind;
    mp_printf(print, "Pin.%q", (qstr)af->name);
}

static mp_obj_t machine_pin_af_index(mp_obj_t self_in)
{
    const machine_pin_af_obj_t *af = MP_OBJ_TO_PTR(self_in);
    return MP_OBJ_NEW_SMALL_INT(af->index);
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_af_index_obj, machine_pin_af_index);

static mp_obj_t machine_pin_af_name(mp_obj_t self_in)
{
    const machine_pin_af_obj_t *af = MP_OBJ_TO_PTR(self_in);
    return MP_OBJ_NEW_QSTR(af->name);
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_pin_af_name_obj, machine_pin_af_name);

static const mp_rom_map_elem_t machine_pin_af_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_index), MP_ROM_PTR(&machine_pin_af_index_obj)},
    {MP_ROM_QSTR(MP_QSTR_name), MP_ROM_PTR(&machine_pin_af_name_obj)},
};
static MP_DEFINE_CONST_DICT(machine_pin_af_locals, machine_pin_af_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(machine_pin_af_type, MP_QSTR_PinAF, MP_TYPE_FLAG_NONE, print,
                         machine_pin_af_print, locals_dict, &machine_pin_af_locals);
