/* SPDX-License-Identifier: MIT */

/* Functions of the module spiram that stand in files of their own. */
#ifndef PORT_MODSPIRAM_H
#define PORT_MODSPIRAM_H

#include "py/obj.h"

/* modspiram_test.c */
MP_DECLARE_CONST_FUN_OBJ_KW(spiram_memtest_obj);

#endif
