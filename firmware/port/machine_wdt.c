/* SPDX-License-Identifier: MIT */

/* The port's part of machine.WDT. Included by extmod/machine_wdt.c, never compiled alone. */

#include "mcu/iwdg.h"
#include "py/mperrno.h"

struct _machine_wdt_obj_t {
    mp_obj_base_t base;
};

static machine_wdt_obj_t wdt_object = {{&machine_wdt_type}};

static machine_wdt_obj_t *mp_machine_wdt_make_new_instance(mp_int_t id, mp_int_t timeout_ms)
{
    if (id != 0) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("WDT(%d) doesn't exist"), (int)id);
    }
    if (timeout_ms < 1) {
        mp_raise_ValueError(MP_ERROR_TEXT("WDT timeout too short"));
    }
    if (timeout_ms > (mp_int_t)IWDG_TIMEOUT_MAX_MS) {
        mp_raise_ValueError(MP_ERROR_TEXT("WDT timeout too long"));
    }
    if (!iwdg_start((uint32_t)timeout_ms)) {
        mp_raise_OSError(MP_EIO);
    }
    return &wdt_object;
}

static void mp_machine_wdt_feed(machine_wdt_obj_t *self)
{
    (void)self;
    iwdg_feed();
}
