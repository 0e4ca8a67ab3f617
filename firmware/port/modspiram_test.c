/* SPDX-License-Identifier: MIT */

#include "heap.h"
#include "modspiram.h"
#include "psram.h"

#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "spiram/spiram_memtest.h"

enum { DOTS = 10 };

/* One line a test: its name, a dot for each tenth, "pass". */
struct progress {
    bool quiet;
    unsigned test;
    unsigned dots;
};

static void print_progress(struct progress *progress, unsigned test, unsigned percent)
{
    if (progress->test != test) {
        progress->test = test;
        progress->dots = 0;
        mp_printf(MP_PYTHON_PRINTER, "spiram memtest %s ", spiram_memtest_name(test));
    }
    for (; progress->dots < percent * DOTS / 100; progress->dots++) {
        mp_printf(MP_PYTHON_PRINTER, ".");
    }
    if (percent == 100) {
        progress->test = 0;
        mp_printf(MP_PYTHON_PRINTER, " pass\n");
    }
}

/* Ctrl-C ends the test between two blocks. */
static bool on_progress(void *context, unsigned test, unsigned percent)
{
    struct progress *progress = context;
    if (!progress->quiet) {
        print_progress(progress, test, percent);
    }
    return MP_STATE_MAIN_THREAD(mp_pending_exception) == MP_OBJ_NULL;
}

static uint32_t get_uint32(mp_obj_t object, qstr name)
{
    /* Truncated to a word by the interpreter's own conversion, so a second one compares. */
    mp_uint_t value = mp_obj_get_int_truncated(object);
    if (!mp_obj_equal(object, mp_obj_new_int_from_uint(value))) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%q must be 0 to 2**32 - 1"), name);
    }
    return value;
}

/* Only retention is refused to a heap in the PSRAM, and only when it is asked for by name. */
static unsigned tests_of(mp_obj_t object, bool holds_heap)
{
    if (object == mp_const_none) {
        return holds_heap ? SPIRAM_MEMTEST_KEEPING : SPIRAM_MEMTEST_ALL;
    }
    unsigned test = spiram_memtest_find(mp_obj_str_get_str(object));
    if (test == 0) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("no test '%s'"),
                          mp_obj_str_get_str(object));
    }
    if (holds_heap && test == SPIRAM_MEMTEST_RETENTION) {
        mp_raise_ValueError(MP_ERROR_TEXT("retention needs the PSRAM without the heap in it"));
    }
    return test;
}

static void raise_os_error(int number, const char *text)
{
    mp_obj_t arguments[2] = {MP_OBJ_NEW_SMALL_INT(number), mp_obj_new_str(text, strlen(text))};
    nlr_raise(mp_obj_exception_make_new(&mp_type_OSError, 2, 0, arguments));
}

/*
 * spiram.memtest(test=None, *, offset=0, length=0, seed=1, passes=1, ms=100, quiet=False)
 *
 * True if nothing is wrong. With the heap in the PSRAM the memory is kept, and a fault stops the
 * board with a message (psram.c says why). With the heap elsewhere the PSRAM is overwritten, and a
 * fault is OSError(EIO, text). OSError(ENODEV): no PSRAM was brought up.
 */
static mp_obj_t spiram_memtest_function(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum { ARG_test, ARG_offset, ARG_length, ARG_seed, ARG_passes, ARG_ms, ARG_quiet };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_test, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_offset, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(0)}},
        {MP_QSTR_length, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(0)}},
        {MP_QSTR_seed, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(1)}},
        {MP_QSTR_passes, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 1}},
        {MP_QSTR_ms, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 100}},
        {MP_QSTR_quiet, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

    bool holds_heap = heap_is_in_psram();
    struct progress progress = {.quiet = args[ARG_quiet].u_bool};
    struct spiram_memtest_config config = {
        .tests = tests_of(args[ARG_test].u_obj, holds_heap),
        .offset = get_uint32(args[ARG_offset].u_obj, MP_QSTR_offset),
        .length = get_uint32(args[ARG_length].u_obj, MP_QSTR_length),
        .seed = get_uint32(args[ARG_seed].u_obj, MP_QSTR_seed),
        .passes = (uint32_t)args[ARG_passes].u_int,
        .retention_ms = (uint32_t)args[ARG_ms].u_int,
        .context = &progress,
        .progress = on_progress,
    };
    if (args[ARG_passes].u_int < 1 || args[ARG_ms].u_int < 1 || args[ARG_ms].u_int > 60000) {
        mp_raise_ValueError(MP_ERROR_TEXT("passes and ms must be positive, ms at most 60000"));
    }
    if (psram_test_size() == 0) {
        raise_os_error(MP_ENODEV, "no SPI RAM");
    }

    struct spiram_fault fault;
    int error = psram_memtest(&config, holds_heap, &fault);
    if (!progress.quiet && progress.test != 0) {
        mp_printf(MP_PYTHON_PRINTER, "\n");
    }
    if (error == SPIRAM_ERR_STOPPED) {
        mp_handle_pending(true);
        raise_os_error(MP_EINTR, spiram_strerror(error));
    }
    if (error == SPIRAM_ERR_PARAM) {
        mp_raise_ValueError(
            MP_ERROR_TEXT("offset and length must be multiples of 32 in the PSRAM"));
    }
    if (error == SPIRAM_ERR_MEMORY) {
        char text[SPIRAM_FAULT_TEXT_MAX];
        raise_os_error(MP_EIO, spiram_fault_text(&fault, text, sizeof text));
    }
    if (error != SPIRAM_OK) {
        raise_os_error(MP_EIO, spiram_strerror(error));
    }
    return mp_const_true;
}
MP_DEFINE_CONST_FUN_OBJ_KW(spiram_memtest_obj, 0, spiram_memtest_function);
