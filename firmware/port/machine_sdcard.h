/* SPDX-License-Identifier: MIT */

#ifndef PORT_MACHINE_SDCARD_H
#define PORT_MACHINE_SDCARD_H

#include "py/obj.h"

extern const mp_obj_type_t machine_sdcard_type;

#endif
