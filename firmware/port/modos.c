/* SPDX-License-Identifier: MIT */

/* The port's part of the os module. Included by extmod/modos.c, never compiled alone. */

#include "mcu/rng.h"
#include "py/mperrno.h"

static mp_obj_t mp_os_urandom(mp_obj_t num)
{
    mp_int_t n = mp_obj_get_int(num);
    if (n < 0) {
        mp_raise_ValueError(NULL);
    }
    vstr_t vstr;
    vstr_init_len(&vstr, n);
    for (mp_int_t i = 0; i < n;) {
        uint32_t word;
        if (!rng_read(&word)) {
            /* Better no number than one that is not random. */
            mp_raise_OSError(MP_EIO);
        }
        for (unsigned byte = 0; byte < sizeof word && i < n; byte++, i++) {
            vstr.buf[i] = (char)(word >> (8 * byte));
        }
    }
    return mp_obj_new_bytes_from_vstr(&vstr);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);
