/* SPDX-License-Identifier: MIT */

/*
 * In place of mp_raw_code_load_file() of py/persistentcode.c (the Makefile's --wrap): reads a .mpy
 * file whose end may be missing. MicroPython takes the end of a file for bytes of 0xff, which are
 * the beginning of a number without an end: it would never return.
 */
#include "py/persistentcode.h"
#include "py/reader.h"
#include "py/runtime.h"

void __wrap_mp_raw_code_load_file(qstr filename, mp_compiled_module_t *context);

static mp_uint_t read_or_raise(void *data)
{
    mp_reader_t *file = data;
    mp_uint_t byte = file->readbyte(file->data);
    if (byte == MP_READER_EOF) {
        /* mp_raw_code_load() closes the file then, too. */
        mp_raise_ValueError(MP_ERROR_TEXT("incomplete .mpy file"));
    }
    return byte;
}

static void close_file(void *data)
{
    mp_reader_t *file = data;
    file->close(file->data);
}

void __wrap_mp_raw_code_load_file(qstr filename, mp_compiled_module_t *context)
{
    mp_reader_t file;
    mp_reader_new_file(&file, filename);
    mp_reader_t checked = {&file, read_or_raise, close_file};
    /* One in read-only memory is used where it lies, which MicroPython does for its own reader. */
    bool in_place = mp_reader_try_read_rom(&file, 0) != NULL;
    mp_raw_code_load(in_place ? &file : &checked, context);
}
