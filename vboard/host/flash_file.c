#include "flash_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image.h"

/* The file is written whole beside the old one, which it then replaces. NULL: no memory. */
static char *new_file_name(const char *path)
{
    size_t n = strlen(path) + sizeof(".new");
    char *name = malloc(n);

    if (name != NULL)
        snprintf(name, n, "%s.new", path);
    return name;
}

/* Whether the content can be saved at the end is better known before the run. */
static int try_save(const char *path, char *error, size_t error_size)
{
    char *name = new_file_name(path);
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

int flash_file_load(const char *path, uint8_t *cells, char *error, size_t error_size)
{
    size_t size;
    uint8_t *bytes;

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return try_save(path, error, error_size);
    bytes = image_read_file(path, &size, error, error_size);
    if (bytes == NULL)
        return -1;
    if (size != FLASH_FILE_SIZE) {
        snprintf(error, error_size, "%s is no flash content: it has %zu bytes, not %u", path, size,
                 FLASH_FILE_SIZE);
        free(bytes);
        return -1;
    }
    memcpy(cells, bytes, size);
    free(bytes);
    return try_save(path, error, error_size);
}

int flash_file_save(const char *path, const uint8_t *cells, char *error, size_t error_size)
{
    char *temporary = new_file_name(path);
    FILE *f;
    int bad;

    if (temporary == NULL) {
        snprintf(error, error_size, "out of memory");
        return -1;
    }
    f = fopen(temporary, "wb");
    bad = f == NULL || fwrite(cells, 1, FLASH_FILE_SIZE, f) != FLASH_FILE_SIZE;
    if (f != NULL)
        bad |= fclose(f) != 0;
    bad = bad || rename(temporary, path) != 0;
    if (bad)
        snprintf(error, error_size, "%s could not be written: %s", path, strerror(errno));
    free(temporary);
    return bad ? -1 : 0;
}
