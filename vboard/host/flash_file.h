/*
 * The internal flash as a file (--flash): its data bits, bank 1 first, 2 MB (STM32H7A3xI).
 *
 * Words that do not fit their error correcting code, as power failure leaves them, stand in a file
 * beside it with ".ecc" behind its name, a line each: offset, code bits, data, all hexadecimal.
 * There is no such file if there are no such words. A line whose data are not those of the word any
 * more counts for nothing, so that other programs may write to the file.
 */
#ifndef VBOARD_HOST_FLASH_FILE_H
#define VBOARD_HOST_FLASH_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "../soc/flash_cells.h"

/* Fills `cells` from the file. A file that is not there leaves them erased. 0, or -1 with a
 * sentence. */
int flash_file_load(const char *path, struct flash_cells *cells, char *error, size_t error_size);
/* Replaces each file in one step: the old or the new content is there, never a part. */
int flash_file_save(const char *path, struct flash_cells *cells, char *error, size_t error_size);

/* The same for a memory on pins, of `size` bytes, without codes. */
int flash_file_load_part(const char *path, uint8_t *bytes, size_t size, char *error,
                         size_t error_size);
int flash_file_save_part(const char *path, const uint8_t *bytes, size_t size, char *error,
                         size_t error_size);

#endif
