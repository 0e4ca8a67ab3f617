/* SPDX-License-Identifier: MIT */

/* The objects of the spiram module that have a file of their own. */
#ifndef PORT_MODSPIRAM_H
#define PORT_MODSPIRAM_H

#include "py/obj.h"

/* modspiram_tune.c */
extern const mp_obj_fun_builtin_var_t spiram_tune_obj;
extern const mp_obj_fun_builtin_var_t spiram_shmoo_obj;

#endif
