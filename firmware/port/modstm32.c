/* SPDX-License-Identifier: MIT */

/*
 * Module stm32: what of this family has no class in MicroPython's machine module. usb_mode() is the
 * stm32 port's pyb.usb_mode() for the modes that there are. Flash is the block device of the
 * internal flash, with the arguments and the two block sizes of the stm32 port's pyb.Flash: 512
 * bytes, or those of the hardware once a user says that it knows the extended protocol (ioctl 1
 * with argument 1, as littlefs does).
 */
#include "modstm32.h"

#include <string.h>

#include "extmod/vfs.h"
#include "medium.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "storage.h"
#include "usb.h"

/*
 * littlefs takes this number for "what I read there is damaged, look elsewhere" (LFS_ERR_CORRUPT,
 * lfs2.h), and any other error for the end of the operation. A word that a power failure left half
 * programmed must be the former.
 */
#define LITTLEFS_CORRUPT (-84)

typedef struct {
    mp_obj_base_t base;
    uint32_t start, len;
    bool blocks_are_native;
    uint16_t generation; /* see medium_board_may_write() */
} flash_obj_t;

static void flash_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    flash_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "Flash(start=%u, len=%u)", (unsigned)self->start, (unsigned)self->len);
}

static mp_obj_t flash_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                               const mp_obj_t *all_args)
{
    enum { ARG_start, ARG_len };
    static const mp_arg_t allowed_args[] = {
        {MP_QSTR_start, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_len, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed_args), allowed_args,
                              args);
    mp_int_t start = args[ARG_start].u_int == -1 ? 0 : args[ARG_start].u_int;
    if (start < 0 || start >= (mp_int_t)STORAGE_BYTES ||
        start % (mp_int_t)STORAGE_BLOCK_BYTES != 0) {
        mp_raise_msg_varg(&mp_type_ValueError,
                          MP_ERROR_TEXT("start must be a multiple of %d below %d"),
                          (int)STORAGE_BLOCK_BYTES, (int)STORAGE_BYTES);
    }
    mp_int_t len =
        args[ARG_len].u_int == -1 ? (mp_int_t)STORAGE_BYTES - start : args[ARG_len].u_int;
    if (len <= 0 || len > (mp_int_t)STORAGE_BYTES - start ||
        len % (mp_int_t)STORAGE_BLOCK_BYTES != 0) {
        mp_raise_msg_varg(&mp_type_ValueError,
                          MP_ERROR_TEXT("len must be a multiple of %d up to %d"),
                          (int)STORAGE_BLOCK_BYTES, (int)STORAGE_BYTES - (int)start);
    }
    flash_obj_t *self = mp_obj_malloc(flash_obj_t, type);
    self->start = (uint32_t)start;
    self->len = (uint32_t)len;
    self->blocks_are_native = false;
    self->generation = medium_generation(MEDIUM_FLASH);
    return MP_OBJ_FROM_PTR(self);
}

static uint32_t block_bytes(const flash_obj_t *self)
{
    return self->blocks_are_native ? STORAGE_BLOCK_BYTES : STORAGE_SECTOR_BYTES;
}

/* Where in the area an access goes: a block of `unit` bytes and an offset in it. False: it leaves
   the device. */
static bool locate(const flash_obj_t *self, mp_obj_t block_in, uint32_t unit, mp_int_t offset,
                   size_t bytes, uint32_t *at)
{
    mp_int_t block = mp_obj_get_int(block_in);

    if (block < 0 || (uint32_t)block >= self->len / unit || offset < 0 || bytes > self->len ||
        (uint32_t)offset > self->len - bytes ||
        (uint32_t)block * unit > self->len - bytes - (uint32_t)offset) {
        return false;
    }
    *at = self->start + (uint32_t)block * unit + (uint32_t)offset;
    return true;
}

static mp_obj_t flash_readblocks(size_t n_args, const mp_obj_t *args)
{
    flash_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    mp_buffer_info_t buf;
    uint32_t at;
    int error = -MP_EINVAL;

    mp_get_buffer_raise(args[2], &buf, MP_BUFFER_WRITE);
    if (n_args == 4) {
        if (locate(self, args[1], STORAGE_BLOCK_BYTES, mp_obj_get_int(args[3]), buf.len, &at)) {
            error = storage_read(at, buf.buf, buf.len);
            if (error == -MP_EIO) {
                /* littlefs may look at it in spite of the error: then at the same each time. */
                memset(buf.buf, 0, buf.len);
                error = LITTLEFS_CORRUPT;
            }
        }
    } else if (buf.len % STORAGE_SECTOR_BYTES == 0 &&
               locate(self, args[1], block_bytes(self), 0, buf.len, &at)) {
        error = storage_read_sectors(at / STORAGE_SECTOR_BYTES, buf.buf,
                                     buf.len / STORAGE_SECTOR_BYTES);
    }
    return MP_OBJ_NEW_SMALL_INT(error);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_readblocks_obj, 3, 4, flash_readblocks);

static int write_blocks(const flash_obj_t *self, size_t n_args, const mp_obj_t *args)
{
    mp_buffer_info_t buf;
    uint32_t at;

    mp_get_buffer_raise(args[2], &buf, MP_BUFFER_READ);
    if (n_args == 4) {
        if (!locate(self, args[1], STORAGE_BLOCK_BYTES, mp_obj_get_int(args[3]), buf.len, &at)) {
            return -MP_EINVAL;
        }
        int error = storage_program(at, buf.buf, buf.len);
        return error == -MP_EIO ? LITTLEFS_CORRUPT : error;
    }
    if (buf.len % STORAGE_SECTOR_BYTES != 0 ||
        !locate(self, args[1], block_bytes(self), 0, buf.len, &at)) {
        return -MP_EINVAL;
    }
    return storage_write_sectors(at / STORAGE_SECTOR_BYTES, buf.buf,
                                 buf.len / STORAGE_SECTOR_BYTES);
}

static mp_obj_t flash_writeblocks(size_t n_args, const mp_obj_t *args)
{
    flash_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    int error = medium_board_may_write(MEDIUM_FLASH, self->generation);

    if (error == 0) {
        error = write_blocks(self, n_args, args);
        medium_board_wrote(MEDIUM_FLASH);
    }
    return MP_OBJ_NEW_SMALL_INT(error);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_writeblocks_obj, 3, 4, flash_writeblocks);

static int erase_block(const flash_obj_t *self, mp_obj_t block)
{
    uint32_t at;

    if (!locate(self, block, STORAGE_BLOCK_BYTES, 0, STORAGE_BLOCK_BYTES, &at)) {
        return -MP_EINVAL;
    }
    int error = medium_board_may_write(MEDIUM_FLASH, self->generation);
    if (error == 0) {
        error = storage_erase(at);
        medium_board_wrote(MEDIUM_FLASH);
    }
    return error;
}

static mp_obj_t flash_ioctl(mp_obj_t self_in, mp_obj_t cmd_in, mp_obj_t arg_in)
{
    flash_obj_t *self = MP_OBJ_TO_PTR(self_in);

    switch (mp_obj_get_int(cmd_in)) {
    case MP_BLOCKDEV_IOCTL_INIT:
        self->blocks_are_native = mp_obj_get_int(arg_in) == 1;
        self->generation = medium_generation(MEDIUM_FLASH);
        return MP_OBJ_NEW_SMALL_INT(0);
    case MP_BLOCKDEV_IOCTL_DEINIT:
    case MP_BLOCKDEV_IOCTL_SYNC:
        return MP_OBJ_NEW_SMALL_INT(storage_flush());
    case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
        return MP_OBJ_NEW_SMALL_INT(self->len / block_bytes(self));
    case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
        return MP_OBJ_NEW_SMALL_INT(block_bytes(self));
    case MP_BLOCKDEV_IOCTL_BLOCK_ERASE:
        return MP_OBJ_NEW_SMALL_INT(erase_block(self, arg_in));
    default:
        return mp_const_none;
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(flash_ioctl_obj, flash_ioctl);

static const mp_rom_map_elem_t flash_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&flash_readblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&flash_writeblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&flash_ioctl_obj)},
};
static MP_DEFINE_CONST_DICT(flash_locals, flash_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(flash_type, MP_QSTR_Flash, MP_TYPE_FLAG_NONE, make_new,
                                flash_make_new, print, flash_print, locals_dict, &flash_locals);

bool stm32_is_flash(mp_obj_t object)
{
    return mp_obj_is_type(object, &flash_type);
}

/* usb_mode([mode], *, msc='flash'|'sdcard') */
static mp_obj_t stm32_usb_mode(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum { ARG_mode, ARG_msc };
    static const mp_arg_t allowed_args[] = {
        {MP_QSTR_mode, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_msc, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);

    if (n_args == 0 && kw_args->used == 0) {
        return usb_chosen_medium() == MEDIUM_NONE ? MP_OBJ_NEW_QSTR(MP_QSTR_VCP)
                                                  : MP_OBJ_NEW_QSTR(MP_QSTR_VCP_plus_MSC);
    }
    qstr mode = mp_obj_str_get_qstr(args[ARG_mode].u_obj);
    enum medium medium = BOARD_USB_MEDIUM != MEDIUM_NONE ? BOARD_USB_MEDIUM : MEDIUM_FLASH;
    if (args[ARG_msc].u_obj != mp_const_none) {
        qstr name = mp_obj_str_get_qstr(args[ARG_msc].u_obj);
        if (name != MP_QSTR_flash && name != MP_QSTR_sdcard) {
            mp_raise_ValueError(MP_ERROR_TEXT("msc must be 'flash' or 'sdcard'"));
        }
        medium = name == MP_QSTR_flash ? MEDIUM_FLASH : MEDIUM_SDCARD;
    }
    if (mode == MP_QSTR_VCP) {
        medium = MEDIUM_NONE;
    } else if (mode != MP_QSTR_VCP_plus_MSC) {
        mp_raise_ValueError(MP_ERROR_TEXT("mode must be 'VCP' or 'VCP+MSC'"));
    }
    usb_choose_medium(medium);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(stm32_usb_mode_obj, 0, stm32_usb_mode);

static const mp_rom_map_elem_t stm32_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_stm32)},
    {MP_ROM_QSTR(MP_QSTR_Flash), MP_ROM_PTR(&flash_type)},
    {MP_ROM_QSTR(MP_QSTR_usb_mode), MP_ROM_PTR(&stm32_usb_mode_obj)},
};
static MP_DEFINE_CONST_DICT(stm32_globals, stm32_globals_table);

const mp_obj_module_t stm32_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&stm32_globals,
};
MP_REGISTER_MODULE(MP_QSTR_stm32, stm32_module);
