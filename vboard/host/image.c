#include "image.h"

#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define FLASH_BASE 0x08000000u
#define FLASH_SIZE (2u << 20) /* STM32H7A3xI */
#define MAX_FILE   (64u << 20)

static int fail(char *error, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int fail(char *error, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error, size, format, args);
    va_end(args);
    return -1;
}

uint8_t *image_read_file(const char *path, size_t *size, char *error, size_t error_size)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = NULL;
    struct stat st;

    if (f == NULL) {
        fail(error, error_size, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) {
        fail(error, error_size, "%s is not a file", path);
    } else if ((uint64_t)st.st_size > MAX_FILE) {
        fail(error, error_size, "%s is too large", path);
    } else {
        *size = (size_t)st.st_size;
        bytes = malloc(*size + 1);
        if (bytes == NULL || fread(bytes, 1, *size, f) != *size) {
            fail(error, error_size, "%s could not be read", path);
            free(bytes);
            bytes = NULL;
        }
    }
    fclose(f);
    return bytes;
}

static int add_piece(struct image *image, uint32_t addr, uint32_t size, const uint8_t *bytes)
{
    struct image_piece *more = realloc(image->pieces, (image->count + 1) * sizeof(*more));

    if (more == NULL)
        return -1;
    image->pieces = more;
    more[image->count++] = (struct image_piece){.addr = addr, .size = size, .bytes = bytes};
    return 0;
}

/* Whether [offset, offset + size) lies within the file. */
static bool within(const struct image *image, uint64_t offset, uint64_t size)
{
    return offset <= image->file_size && size <= image->file_size - offset;
}

static int load_elf(struct image *image, const char *path, char *error, size_t error_size)
{
    Elf32_Ehdr header;

    if (image->file[EI_CLASS] != ELFCLASS32 || !within(image, 0, sizeof(header)))
        return fail(error, error_size, "%s is not a 32-bit ELF file", path);
    memcpy(&header, image->file, sizeof(header));
    if (header.e_machine != EM_ARM || header.e_ident[EI_DATA] != ELFDATA2LSB)
        return fail(error, error_size, "%s is not for Arm", path);
    if (header.e_type != ET_EXEC)
        return fail(error, error_size, "%s is not an executable ELF file", path);
    if (header.e_phentsize != sizeof(Elf32_Phdr) ||
        !within(image, header.e_phoff, (uint64_t)header.e_phnum * sizeof(Elf32_Phdr)))
        return fail(error, error_size, "%s is cut short", path);
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf32_Phdr segment;

        memcpy(&segment, image->file + header.e_phoff + i * sizeof(segment), sizeof(segment));
        if (segment.p_type != PT_LOAD || segment.p_filesz == 0)
            continue;
        if (!within(image, segment.p_offset, segment.p_filesz))
            return fail(error, error_size, "%s is cut short", path);
        if (add_piece(image, segment.p_paddr, segment.p_filesz, image->file + segment.p_offset) !=
            0)
            return fail(error, error_size, "out of memory");
    }
    return 0;
}

static uint32_t u32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The suffix's CRC: reflected CRC-32 without final inversion (UM0391, DfuSe file format). */
static uint32_t dfu_crc(const uint8_t *p, size_t n)
{
    uint32_t crc = UINT32_MAX;

    while (n--) {
        crc ^= *p++;
        for (unsigned i = 0; i < 8; i++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return crc;
}

/* DfuSe 1.1a: prefix, targets with elements, suffix (UM0391). */
static int load_dfu(struct image *image, const char *path, char *error, size_t error_size)
{
    enum { PREFIX = 11, TARGET = 274, ELEMENT = 8, SUFFIX = 16 };
    const uint8_t *p = image->file;
    size_t n = image->file_size;
    uint64_t at = PREFIX;

    if (n < PREFIX + SUFFIX || u32(p + 6) != n - SUFFIX || memcmp(p + n - 8, "UFD", 3) != 0)
        return fail(error, error_size, "%s is cut short", path);
    if (dfu_crc(p, n - 4) != u32(p + n - 4))
        return fail(error, error_size, "%s has a wrong checksum", path);
    for (unsigned target = 0; target < p[10]; target++) {
        if (at + TARGET > n - SUFFIX || memcmp(p + at, "Target", 6) != 0)
            return fail(error, error_size, "%s is damaged", path);
        uint32_t elements = u32(p + at + 270);

        at += TARGET;
        for (uint32_t i = 0; i < elements; i++) {
            if (at + ELEMENT > n - SUFFIX || u32(p + at + 4) > n - SUFFIX - at - ELEMENT)
                return fail(error, error_size, "%s is damaged", path);
            uint32_t size = u32(p + at + 4);

            if (add_piece(image, u32(p + at), size, p + at + ELEMENT) != 0)
                return fail(error, error_size, "out of memory");
            at += ELEMENT + size;
        }
    }
    return 0;
}

/* A raw image cannot be told from any other file but by its name. */
static bool is_named_bin(const char *path)
{
    size_t n = strlen(path);

    return n > 4 && strcasecmp(path + n - 4, ".bin") == 0;
}

int image_load(struct image *image, const char *path, char *error, size_t error_size)
{
    int status = -1;

    *image = (struct image){0};
    image->file = image_read_file(path, &image->file_size, error, error_size);
    if (image->file != NULL) {
        if (image->file_size >= EI_NIDENT && memcmp(image->file, ELFMAG, SELFMAG) == 0) {
            status = load_elf(image, path, error, error_size);
        } else if (image->file_size >= 5 && memcmp(image->file, "DfuSe", 5) == 0) {
            status = load_dfu(image, path, error, error_size);
        } else if (image->file_size == 0) {
            status = fail(error, error_size, "%s is empty", path);
        } else if (!is_named_bin(path)) {
            status = fail(error, error_size,
                          "%s is no firmware: neither ELF nor DfuSe, nor is it called .bin", path);
        } else if (image->file_size < 8) {
            status = fail(error, error_size, "%s is too short to be firmware", path);
        } else if (image->file_size > FLASH_SIZE) {
            status = fail(error, error_size, "%s is larger than the flash (2 MB)", path);
        } else {
            status = add_piece(image, FLASH_BASE, (uint32_t)image->file_size, image->file);
        }
    }
    if (status == 0 && image->count == 0)
        status = fail(error, error_size, "%s holds nothing to load", path);
    if (status != 0)
        image_free(image);
    return status;
}

void image_free(struct image *image)
{
    free(image->file);
    free(image->pieces);
    *image = (struct image){0};
}
