/* SPDX-License-Identifier: MIT */

/*
 * Module stm: addresses of peripherals and offsets of registers, by the manual's names, as in
 * MicroPython's stm32 port; for mem32[stm.GPIOA + stm.GPIO_BSRR] and for inline assembler. They are
 * those of firmware/mcu's device header (make-stm.py).
 */

#include <stddef.h>

#include "mcu/stm32h7a3.h"
#include "extmod/modmachine.h"
#include "py/objint.h"
#include "py/runtime.h"

/* An address has more bits than a small int. */
_Static_assert(MPZ_DIG_SIZE == 16, "two digits an address");
#define STM_ADDRESS(name)                                                                          \
    static const mpz_dig_t digits_##name[] = {(uint16_t)(uintptr_t)(name),                         \
                                              (uint16_t)((uintptr_t)(name) >> 16)};                \
    static const mp_obj_int_t address_##name = {                                                   \
        .base = {&mp_type_int},                                                                    \
        .mpz = {.fixed_dig = 1, .alloc = 2, .len = 2, .dig = (mpz_dig_t *)digits_##name},          \
    }
#define STM_INSTANCE(name)                                                                         \
    {                                                                                              \
        MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&address_##name)                                   \
    }
#define STM_REGISTER(qstr, type, member)                                                           \
    {                                                                                              \
        MP_ROM_QSTR(qstr), MP_ROM_INT(offsetof(type, member))                                      \
    }

#include "genhdr/stm_tables.h"

static const mp_rom_map_elem_t stm_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_stm)},
    {MP_ROM_QSTR(MP_QSTR_mem8), MP_ROM_PTR(&machine_mem8_obj)},
    {MP_ROM_QSTR(MP_QSTR_mem16), MP_ROM_PTR(&machine_mem16_obj)},
    {MP_ROM_QSTR(MP_QSTR_mem32), MP_ROM_PTR(&machine_mem32_obj)},
    STM_ENTRIES,
};
static MP_DEFINE_CONST_DICT(stm_globals, stm_globals_table);

const mp_obj_module_t stm_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&stm_globals,
};

MP_REGISTER_MODULE(MP_QSTR_stm, stm_module);
