/* SPDX-License-Identifier: MIT */

/* The spiram module: what is particular to these boards. */

#include "modspiram.h"

static const mp_rom_map_elem_t spiram_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_spiram)},
    {MP_ROM_QSTR(MP_QSTR_tune), MP_ROM_PTR(&spiram_tune_obj)},
    {MP_ROM_QSTR(MP_QSTR_shmoo), MP_ROM_PTR(&spiram_shmoo_obj)},
};
static MP_DEFINE_CONST_DICT(spiram_globals, spiram_globals_table);

const mp_obj_module_t spiram_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&spiram_globals,
};

MP_REGISTER_MODULE(MP_QSTR_spiram, spiram_module);
