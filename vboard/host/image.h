/* Firmware files: ELF, DfuSe and plain binary. */
#ifndef VBOARD_HOST_IMAGE_H
#define VBOARD_HOST_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/* Where a piece of the file goes. */
struct image_piece {
    uint32_t addr;
    uint32_t size;
    const uint8_t *bytes;
};

struct image {
    uint8_t *file;
    size_t file_size;
    struct image_piece *pieces;
    unsigned count;
};

/*
 * Reads a firmware file. Its kind is told from its first bytes, what is neither ELF nor DfuSe is a
 * plain binary, called .bin, for 0x08000000. 0; or -1 with one sentence in error.
 */
int image_load(struct image *image, const char *path, char *error, size_t error_size);
void image_free(struct image *image);

/* The whole of a file of up to 64 MB, to be freed. NULL with one sentence in error. */
uint8_t *image_read_file(const char *path, size_t *size, char *error, size_t error_size);

#endif
