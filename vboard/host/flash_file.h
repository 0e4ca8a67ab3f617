/* The internal flash as a file (--flash): what its cells hold, bank 1 first, FLASH_FILE_SIZE bytes.
 */
#ifndef VBOARD_HOST_FLASH_FILE_H
#define VBOARD_HOST_FLASH_FILE_H

#include <stddef.h>
#include <stdint.h>

#define FLASH_FILE_SIZE (2u << 20) /* STM32H7A3xI */

/* Fills `cells` from the file. A file that is not there leaves them erased. 0, or -1 with a
 * sentence. */
int flash_file_load(const char *path, uint8_t *cells, char *error, size_t error_size);
/* Replaces the file in one step: the old or the new content is there, never a part. */
int flash_file_save(const char *path, const uint8_t *cells, char *error, size_t error_size);

#endif
