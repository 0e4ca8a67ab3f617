/* SPDX-License-Identifier: MIT */

/*
 * MicroPython checks the C stack where it calls Python code and where it prints. Some of its other
 * functions also recurse as deep as the program's data are nested: comparing and hashing
 * containers, the compiler, looking up attributes of classes with many bases, and more. The
 * stack_check.mk names these sources, and has the C compiler call the first function at each entry
 * to one of their functions and the second at each exit (GCC manual, -finstrument-functions), so
 * that they raise RuntimeError, too, in place of running into the guard below the stack.
 */
#include "py/cstack.h"

void __cyg_profile_func_enter(void *function, void *call_site);
void __cyg_profile_func_exit(void *function, void *call_site);

void __cyg_profile_func_enter(void *function, void *call_site)
{
    mp_cstack_check();
}

void __cyg_profile_func_exit(void *function, void *call_site) {}
