/* SPDX-License-Identifier: MIT */

#include "files.h"

#include "extmod/vfs.h"
#include "lib/littlefs/lfs2.h"
#include "lib/oofatfs/ff.h"
#include "modstm32.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/pyexec.h"
#include "shared/timeutils/timeutils.h"
#include "storage.h"

void files_start(void)
{
    storage_start();
    pyexec_frozen_module("_boot.py", false);
}

/* When FAT says that a file was written: bit fields in the local time, from 1980 on. */
DWORD get_fattime(void)
{
    timeutils_struct_time_t t;
    timeutils_seconds_since_epoch_to_struct_time((mp_uint_t)(mp_hal_time_ns() / 1000000000u), &t);
    uint32_t year = t.tm_year < 1980 ? 0 : t.tm_year - 1980u;
    return year << 25 | (uint32_t)t.tm_mon << 21 | (uint32_t)t.tm_mday << 16 |
           (uint32_t)t.tm_hour << 11 | (uint32_t)t.tm_min << 5 | (uint32_t)t.tm_sec / 2;
}

/* A cache that holds nothing; as in lfs2.c, which keeps it to itself. */
#define NO_BLOCK ((lfs2_block_t)-1)

/* ---- littlefs on cells with an error correcting code (--wrap, see the Makefile) ---- */

/*
 * littlefs reads into its cache, and takes an error for that of all of the cache: with caches
 * larger than what it programs at once, a half programmed word would hide valid commits beside it,
 * and files would fall back to what they were. So on our flash all three sizes are one. They grow
 * to that of the buffers that extmod/vfs_lfsx.c has allocated by now: 128 bytes if the program says
 * nothing else.
 */
static void use_one_size(const struct lfs2_config *config)
{
    const mp_vfs_blockdev_t *device = config->context;

    if (stm32_is_flash(device->readblocks[1])) {
        struct lfs2_config *c = (struct lfs2_config *)config; /* part of a VfsLfs2, not constant */
        c->read_size = c->prog_size = c->cache_size;
    }
}

int __real_lfs2_mount(lfs2_t *lfs, const struct lfs2_config *config);
int __wrap_lfs2_mount(lfs2_t *lfs, const struct lfs2_config *config);

int __wrap_lfs2_mount(lfs2_t *lfs, const struct lfs2_config *config)
{
    use_one_size(config);
    return __real_lfs2_mount(lfs, config);
}

int __real_lfs2_format(lfs2_t *lfs, const struct lfs2_config *config);
int __wrap_lfs2_format(lfs2_t *lfs, const struct lfs2_config *config);

int __wrap_lfs2_format(lfs2_t *lfs, const struct lfs2_config *config)
{
    use_one_size(config);
    return __real_lfs2_format(lfs, config);
}

lfs2_ssize_t __real_lfs2_file_read(lfs2_t *lfs, lfs2_file_t *file, void *to, lfs2_size_t size);
lfs2_ssize_t __wrap_lfs2_file_read(lfs2_t *lfs, lfs2_file_t *file, void *to, lfs2_size_t size);

/*
 * That a file was opened for reading, and below for writing, littlefs only asserts, and assertions
 * are compiled out: a write to a file opened with 'rb' would go to the flash.
 *
 * Its own number for damaged data is no errno that programs know: in a file it is an I/O error.
 * What was to be read counts as cached although it was not; another try must fail as well.
 */
lfs2_ssize_t __wrap_lfs2_file_read(lfs2_t *lfs, lfs2_file_t *file, void *to, lfs2_size_t size)
{
    if (!(file->flags & LFS2_O_RDONLY)) {
        return LFS2_ERR_BADF;
    }
    lfs2_ssize_t n = __real_lfs2_file_read(lfs, file, to, size);
    if (n != LFS2_ERR_CORRUPT) {
        return n;
    }
    lfs->rcache.block = NO_BLOCK;
    if (!(file->flags & (LFS2_F_WRITING | LFS2_F_INLINE))) {
        file->cache.block = NO_BLOCK;
        file->flags &= ~(uint32_t)LFS2_F_READING;
    }
    return LFS2_ERR_IO;
}

lfs2_ssize_t __real_lfs2_file_write(lfs2_t *lfs, lfs2_file_t *file, const void *from,
                                    lfs2_size_t size);
lfs2_ssize_t __wrap_lfs2_file_write(lfs2_t *lfs, lfs2_file_t *file, const void *from,
                                    lfs2_size_t size);

lfs2_ssize_t __wrap_lfs2_file_write(lfs2_t *lfs, lfs2_file_t *file, const void *from,
                                    lfs2_size_t size)
{
    if (!(file->flags & LFS2_O_WRONLY)) {
        return LFS2_ERR_BADF;
    }
    return __real_lfs2_file_write(lfs, file, from, size);
}
