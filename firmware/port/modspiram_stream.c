/* SPDX-License-Identifier: MIT */

/* spiram.copy() and spiram.fill(). */

#include "modspiram.h"

#include "psram_stream.h"
#include "py/runtime.h"

/* copy(to, from): buffers of one length, wherever they lie. */
static mp_obj_t spiram_copy(mp_obj_t to, mp_obj_t from)
{
    mp_buffer_info_t target, source;
    mp_get_buffer_raise(to, &target, MP_BUFFER_WRITE);
    mp_get_buffer_raise(from, &source, MP_BUFFER_READ);
    if (target.len != source.len) {
        mp_raise_ValueError(MP_ERROR_TEXT("buffers must have the same length"));
    }
    psram_stream_copy(target.buf, source.buf, target.len);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(spiram_copy_obj, spiram_copy);

/* fill(buf, byte) */
static mp_obj_t spiram_fill(mp_obj_t buffer, mp_obj_t value)
{
    mp_buffer_info_t target;
    mp_get_buffer_raise(buffer, &target, MP_BUFFER_WRITE);
    mp_int_t byte = mp_obj_get_int(value);
    if (byte < 0 || byte > UINT8_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("byte must be 0 to 255"));
    }
    psram_stream_fill(target.buf, (uint8_t)byte, target.len);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(spiram_fill_obj, spiram_fill);
