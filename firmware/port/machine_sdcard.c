/* SPDX-License-Identifier: MIT */

/*
 * machine.SDCard: the block device of the board's slot, as MicroPython documents the class, with
 * info() and present() of the stm32 port's pyb.SDCard. One slot, so one object.
 */
#include "machine_sdcard.h"

#include "extmod/vfs.h"
#include "mcu/sdmmc.h"
#include "medium.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "sd_slot.h"

typedef struct {
    mp_obj_base_t base;
    uint16_t generation; /* see medium_board_may_write() */
} sdcard_obj_t;

static sdcard_obj_t slot = {.base = {&machine_sdcard_type}};

static void start_or_raise(void)
{
    int error = sd_slot_start();
    if (error != 0) {
        mp_raise_OSError(-error);
    }
    slot.generation = medium_generation(MEDIUM_SDCARD);
}

static mp_obj_t sdcard_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                                const mp_obj_t *all_args)
{
    enum { ARG_slot, ARG_width };
    static const mp_arg_t allowed_args[] = {
        {MP_QSTR_slot, MP_ARG_INT, {.u_int = 1}},
        {MP_QSTR_width, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 4}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed_args), allowed_args,
                              args);
    if (args[ARG_slot].u_int != 1) {
        mp_raise_ValueError(MP_ERROR_TEXT("slot must be 1"));
    }
    mp_int_t width = args[ARG_width].u_int;
    if (width != 1 && width != 4) {
        mp_raise_ValueError(MP_ERROR_TEXT("width must be 1 or 4"));
    }
    sd_slot_stop();
    sd_slot_set_width((uint32_t)width);
    start_or_raise();
    return MP_OBJ_FROM_PTR(&slot);
}

static mp_obj_t sdcard_present(mp_obj_t self_in)
{
    return mp_obj_new_bool(sd_slot_start() == 0);
}
static MP_DEFINE_CONST_FUN_OBJ_1(sdcard_present_obj, sdcard_present);

/* Capacity and block size in bytes. */
static mp_obj_t sdcard_info(mp_obj_t self_in)
{
    int error = sd_slot_start();
    if (error != 0) {
        mp_raise_OSError(-error);
    }
    mp_obj_t tuple[] = {
        mp_obj_new_int_from_ull((uint64_t)sd_slot_blocks() * SDMMC_BLOCK_BYTES),
        MP_OBJ_NEW_SMALL_INT(SDMMC_BLOCK_BYTES),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(tuple), tuple);
}
static MP_DEFINE_CONST_FUN_OBJ_1(sdcard_info_obj, sdcard_info);

static mp_obj_t sdcard_deinit(mp_obj_t self_in)
{
    sd_slot_stop();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(sdcard_deinit_obj, sdcard_deinit);

/* False: it cannot be a range of blocks of any card. */
static bool range(mp_obj_t block_in, size_t bytes, uint32_t *block)
{
    mp_int_t n = mp_obj_get_int(block_in);
    *block = (uint32_t)n;
    return n >= 0 && bytes % SDMMC_BLOCK_BYTES == 0;
}

static mp_obj_t sdcard_readblocks(mp_obj_t self_in, mp_obj_t block_in, mp_obj_t buf_in)
{
    mp_buffer_info_t buf;
    uint32_t block;
    mp_get_buffer_raise(buf_in, &buf, MP_BUFFER_WRITE);
    if (!range(block_in, buf.len, &block)) {
        int error = sd_slot_start();
        return MP_OBJ_NEW_SMALL_INT(error != 0 ? error : -MP_EINVAL);
    }
    return MP_OBJ_NEW_SMALL_INT(sd_slot_read(block, buf.buf, buf.len / SDMMC_BLOCK_BYTES));
}
static MP_DEFINE_CONST_FUN_OBJ_3(sdcard_readblocks_obj, sdcard_readblocks);

static mp_obj_t sdcard_writeblocks(mp_obj_t self_in, mp_obj_t block_in, mp_obj_t buf_in)
{
    sdcard_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_buffer_info_t buf;
    uint32_t block;
    mp_get_buffer_raise(buf_in, &buf, MP_BUFFER_READ);
    bool in_range = range(block_in, buf.len, &block);
    int error = sd_slot_start();
    if (error == 0) {
        error = in_range ? medium_board_may_write(MEDIUM_SDCARD, self->generation) : -MP_EINVAL;
    }
    if (error == 0) {
        error = sd_slot_write(block, buf.buf, buf.len / SDMMC_BLOCK_BYTES);
        medium_board_wrote(MEDIUM_SDCARD);
    }
    return MP_OBJ_NEW_SMALL_INT(error);
}
static MP_DEFINE_CONST_FUN_OBJ_3(sdcard_writeblocks_obj, sdcard_writeblocks);

static mp_obj_t sdcard_ioctl(mp_obj_t self_in, mp_obj_t cmd_in, mp_obj_t arg_in)
{
    switch (mp_obj_get_int(cmd_in)) {
    case MP_BLOCKDEV_IOCTL_INIT:
        start_or_raise();
        return MP_OBJ_NEW_SMALL_INT(0);
    case MP_BLOCKDEV_IOCTL_DEINIT:
    case MP_BLOCKDEV_IOCTL_SYNC:
        return MP_OBJ_NEW_SMALL_INT(0);
    case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
        return mp_obj_new_int_from_uint(sd_slot_blocks());
    case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
        return MP_OBJ_NEW_SMALL_INT(SDMMC_BLOCK_BYTES);
    default:
        return mp_const_none;
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(sdcard_ioctl_obj, sdcard_ioctl);

static const mp_rom_map_elem_t sdcard_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_present), MP_ROM_PTR(&sdcard_present_obj)},
    {MP_ROM_QSTR(MP_QSTR_info), MP_ROM_PTR(&sdcard_info_obj)},
    {MP_ROM_QSTR(MP_QSTR_deinit), MP_ROM_PTR(&sdcard_deinit_obj)},
    {MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&sdcard_readblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&sdcard_writeblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&sdcard_ioctl_obj)},
};
static MP_DEFINE_CONST_DICT(sdcard_locals, sdcard_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(machine_sdcard_type, MP_QSTR_SDCard, MP_TYPE_FLAG_NONE, make_new,
                         sdcard_make_new, locals_dict, &sdcard_locals);
