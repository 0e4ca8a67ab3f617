#include "flash_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image.h"

/* A name and what follows it. NULL: no memory. */
static char *name_with(const char *path, const char *suffix)
{
    size_t n = strlen(path) + strlen(suffix) + 1;
    char *name = malloc(n);

    if (name != NULL)
        snprintf(name, n, "%s%s", path, suffix);
    return name;
}

/* Whether the content can be saved at the end is better known before the run. */
static int try_save(const char *path, char *error, size_t error_size)
{
    char *name = name_with(path, ".new");
    FILE *f = name != NULL ? fopen(name, "wb") : NULL;

    if (f == NULL) {
        snprintf(error, error_size, "%s cannot be written: %s", path, strerror(errno));
    } else {
        fclose(f);
        remove(name);
    }
    free(name);
    return f != NULL ? 0 : -1;
}

/* ---- words that do not fit their code ---- */

static void print_word(FILE *f, struct flash_cells *cells, uint32_t offset)
{
    fprintf(f, "%06" PRIx32 " %03x ", offset, (unsigned)flash_cells_code(cells, offset));
    for (unsigned i = 0; i < FLASH_CELLS_WORD; i++)
        fprintf(f, "%02x", (unsigned)flash_cells_bytes(cells)[offset + i]);
    fputc('\n', f);
}

static int write_codes(FILE *f, void *ctx)
{
    struct flash_cells *cells = ctx;

    for (uint32_t at = flash_cells_next_bad(cells, 0); at < FLASH_CELLS_SIZE;
         at = flash_cells_next_bad(cells, at + FLASH_CELLS_WORD))
        print_word(f, cells, at);
    return ferror(f) ? -1 : 0;
}

/* A hexadecimal number of one line of the file; -1 if there is none. `at` moves behind it. */
static long read_number(const char **at)
{
    char *end;
    unsigned long value = strtoul(*at, &end, 16);

    if (end == *at || value > 0xFFFFFF)
        return -1;
    *at = end;
    return (long)value;
}

/* One line of the file. */
static int read_word(struct flash_cells *cells, const char *line)
{
    long offset = read_number(&line), code = read_number(&line);
    uint8_t data[FLASH_CELLS_WORD];
    size_t digits;

    line += strspn(line, " ");
    digits = strspn(line, "0123456789abcdefABCDEF");
    if (offset < 0 || code < 0 || digits != 2 * sizeof(data) || offset % FLASH_CELLS_WORD != 0 ||
        offset >= FLASH_CELLS_SIZE)
        return -1;
    for (size_t i = 0; i < sizeof(data); i++) {
        char byte[3] = {line[2 * i], line[2 * i + 1], '\0'};

        data[i] = (uint8_t)strtoul(byte, NULL, 16);
    }
    if (memcmp(flash_cells_bytes(cells) + offset, data, sizeof(data)) == 0)
        flash_cells_set_code(cells, (uint32_t)offset, (uint16_t)code);
    return 0;
}

static int load_codes(const char *path, struct flash_cells *cells, char *error, size_t error_size)
{
    char *name = name_with(path, ".ecc");
    FILE *f = name != NULL ? fopen(name, "r") : NULL;
    char line[128];
    int status = 0;

    while (f != NULL && status == 0 && fgets(line, sizeof(line), f) != NULL) {
        status = read_word(cells, line);
        if (status != 0)
            snprintf(error, error_size, "%s is no list of flash words", name);
    }
    if (f != NULL)
        fclose(f);
    free(name);
    return status;
}

/* ---- the files ---- */

/* 1 = there is no file; `to` is as it was. */
static int load_bytes(const char *path, uint8_t *to, size_t wanted, char *error, size_t error_size)
{
    size_t size;
    uint8_t *bytes;

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return 1;
    bytes = image_read_file(path, &size, error, error_size);
    if (bytes == NULL)
        return -1;
    if (size != wanted)
        snprintf(error, error_size, "%s is no flash content: it has %zu bytes, not %zu", path, size,
                 wanted);
    else
        memcpy(to, bytes, size);
    free(bytes);
    return size == wanted ? 0 : -1;
}

int flash_file_load(const char *path, struct flash_cells *cells, char *error, size_t error_size)
{
    int status = load_bytes(path, flash_cells_bytes(cells), FLASH_CELLS_SIZE, error, error_size);

    if (status == 0) {
        flash_cells_encode(cells, 0, FLASH_CELLS_SIZE);
        status = load_codes(path, cells, error, error_size);
    }
    return status < 0 ? -1 : try_save(path, error, error_size);
}

int flash_file_load_part(const char *path, uint8_t *bytes, size_t size, char *error,
                         size_t error_size)
{
    return load_bytes(path, bytes, size, error, error_size) < 0 ? -1
                                                                : try_save(path, error, error_size);
}

/* Written whole beside the old one, which it then replaces. */
static int replace(const char *path, int (*fill)(FILE *f, void *ctx), void *ctx, char *error,
                   size_t error_size)
{
    char *temporary = name_with(path, ".new");
    FILE *f;
    int bad;

    if (temporary == NULL) {
        snprintf(error, error_size, "out of memory");
        return -1;
    }
    f = fopen(temporary, "wb");
    bad = f == NULL || fill(f, ctx) != 0;
    if (f != NULL)
        bad |= fclose(f) != 0;
    bad = bad || rename(temporary, path) != 0;
    if (bad)
        snprintf(error, error_size, "%s could not be written: %s", path, strerror(errno));
    free(temporary);
    return bad ? -1 : 0;
}

struct content {
    const uint8_t *bytes;
    size_t size;
};

static int write_bytes(FILE *f, void *ctx)
{
    const struct content *c = ctx;

    return fwrite(c->bytes, 1, c->size, f) == c->size ? 0 : -1;
}

int flash_file_save_part(const char *path, const uint8_t *bytes, size_t size, char *error,
                         size_t error_size)
{
    return replace(path, write_bytes, &(struct content){bytes, size}, error, error_size);
}

int flash_file_save(const char *path, struct flash_cells *cells, char *error, size_t error_size)
{
    char *codes = name_with(path, ".ecc");
    int status = -1;

    if (codes == NULL)
        snprintf(error, error_size, "out of memory");
    else if (flash_cells_next_bad(cells, 0) < FLASH_CELLS_SIZE)
        status = replace(codes, write_codes, cells, error, error_size);
    else
        status = remove(codes) == 0 || errno == ENOENT ? 0 : -1;
    free(codes);
    return status == 0 ? flash_file_save_part(path, flash_cells_bytes(cells), FLASH_CELLS_SIZE,
                                              error, error_size)
                       : -1;
}
