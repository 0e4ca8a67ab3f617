/* SPDX-License-Identifier: MIT */

/*
 * The module `spiram`: the chip behind the heap, seen from Python. Its table is in modspiram.c; a
 * group of functions that is large has a file of its own, modspiram_NAME.c, whose function objects
 * are declared here. docs/firmware.md, "Module spiram", is the reference.
 */
#ifndef PORT_MODSPIRAM_H
#define PORT_MODSPIRAM_H

#include "py/obj.h"

/* Raises OSError(EIO) with the library's words for a negative enum spiram_error, and
 * OSError(ENODEV) if there is no chip to talk to. Returns if it is SPIRAM_OK. */
void spiram_raise_if(int error);

/* modspiram_bench.c */
MP_DECLARE_CONST_FUN_OBJ_KW(spiram_bench_obj);

/* modspiram_stream.c */
MP_DECLARE_CONST_FUN_OBJ_2(spiram_copy_obj);
MP_DECLARE_CONST_FUN_OBJ_2(spiram_fill_obj);

/* modspiram_test.c */
MP_DECLARE_CONST_FUN_OBJ_KW(spiram_memtest_obj);

/* modspiram_tune.c */
extern const mp_obj_fun_builtin_var_t spiram_tune_obj;
extern const mp_obj_fun_builtin_var_t spiram_shmoo_obj;

#endif
