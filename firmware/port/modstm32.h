/* SPDX-License-Identifier: MIT */

#ifndef PORT_MODSTM32_H
#define PORT_MODSTM32_H

#include <stdbool.h>

#include "py/obj.h"

/* Whether it is a stm32.Flash. */
bool stm32_is_flash(mp_obj_t object);

#endif
