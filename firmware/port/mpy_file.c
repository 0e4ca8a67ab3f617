/* SPDX-License-Identifier: MIT */

/*
 * In place of mp_raw_code_load_file() of py/persistentcode.c (the Makefile's --wrap): reads a .mpy
 * file whose end may be missing. MicroPython takes the end of a file for bytes of 0xff, which are
 * the beginning of a number without an end: it would never return. What it can tell by itself stays
 * as it is: that there is no whole header, and that a list of relocations, which a 0xff ends, ends
 * with the file. The other thing that a file may end with is bytecode. MicroPython asks whether it
 * can use that where it lies before it reads it (mp_reader_try_read_rom(), wrapped too), as it does
 * for strings: in what it asks for no byte may be missing.
 */
#include "py/persistentcode.h"
#include "py/reader.h"
#include "py/runtime.h"

void __wrap_mp_raw_code_load_file(qstr filename, mp_compiled_module_t *context);

#define HEADER_BYTES 4u

struct file {
    mp_reader_t reader;
    size_t read, beyond_end; /* bytes */
    size_t asked_for;        /* up to this one */
};

static mp_uint_t read_or_raise(void *data)
{
    struct file *file = data;
    mp_uint_t byte = file->reader.readbyte(file->reader.data);
    bool in_header = file->read++ < HEADER_BYTES;
    if (byte == MP_READER_EOF && !in_header &&
        (file->beyond_end++ > 0 || file->read <= file->asked_for)) {
        /* mp_raw_code_load() closes the file then, too. */
        mp_raise_ValueError(MP_ERROR_TEXT("incomplete .mpy file"));
    }
    return byte;
}

const uint8_t *__real_mp_reader_try_read_rom(mp_reader_t *reader, size_t bytes);
const uint8_t *__wrap_mp_reader_try_read_rom(mp_reader_t *reader, size_t bytes);

const uint8_t *__wrap_mp_reader_try_read_rom(mp_reader_t *reader, size_t bytes)
{
    if (reader->readbyte == read_or_raise) {
        struct file *file = reader->data;
        file->asked_for = file->read + bytes;
        return NULL;
    }
    return __real_mp_reader_try_read_rom(reader, bytes);
}

static void close_file(void *data)
{
    struct file *file = data;
    file->reader.close(file->reader.data);
}

void __wrap_mp_raw_code_load_file(qstr filename, mp_compiled_module_t *context)
{
    struct file file = {0};
    mp_reader_new_file(&file.reader, filename);
    mp_reader_t checked = {&file, read_or_raise, close_file};
    /* One in read-only memory is used where it lies, which MicroPython does for its own reader. */
    bool in_place = mp_reader_try_read_rom(&file.reader, 0) != NULL;
    mp_raw_code_load(in_place ? &file.reader : &checked, context);
}
