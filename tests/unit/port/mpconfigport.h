/* SPDX-License-Identifier: MIT */

/* Just enough of MicroPython for py/gc.c on the PC, laid out as in firmware/port/mpconfigport.h. */
#include <alloca.h>
#include <stdint.h>

#define MICROPY_CONFIG_ROM_LEVEL    (MICROPY_CONFIG_ROM_LEVEL_MINIMUM)
#define MICROPY_ENABLE_GC           (1)
#define MICROPY_ENABLE_FINALISER    (1)
#define MICROPY_GC_SPLIT_HEAP       (1)
#define MICROPY_GC_STACK_ENTRY_TYPE uint32_t
#define MICROPY_BYTES_PER_GC_BLOCK  (16)
#define MICROPY_ENABLE_COMPILER     (0)
#define MICROPY_ENABLE_SCHEDULER    (1)

typedef intptr_t mp_int_t;
typedef uintptr_t mp_uint_t;
typedef long mp_off_t;

#define MP_STATE_PORT MP_STATE_VM
