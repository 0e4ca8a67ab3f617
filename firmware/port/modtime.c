/* SPDX-License-Identifier: MIT */

/* The port's part of the time module. Included by extmod/modtime.c, never compiled alone. */

#include "port/calendar.h"

static mp_obj_t mp_time_localtime_get(void)
{
    timeutils_struct_time_t tm = calendar_now().tm;
    mp_obj_t tuple[] = {
        MP_OBJ_NEW_SMALL_INT(tm.tm_year), MP_OBJ_NEW_SMALL_INT(tm.tm_mon),
        MP_OBJ_NEW_SMALL_INT(tm.tm_mday), MP_OBJ_NEW_SMALL_INT(tm.tm_hour),
        MP_OBJ_NEW_SMALL_INT(tm.tm_min),  MP_OBJ_NEW_SMALL_INT(tm.tm_sec),
        MP_OBJ_NEW_SMALL_INT(tm.tm_wday), MP_OBJ_NEW_SMALL_INT(tm.tm_yday),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(tuple), tuple);
}

static mp_obj_t mp_time_time_get(void)
{
    return mp_obj_new_int_from_ull(mp_hal_time_ns() / 1000000000u);
}
