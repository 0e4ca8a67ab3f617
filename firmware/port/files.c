/* SPDX-License-Identifier: MIT */

#include "files.h"

#include "lib/littlefs/lfs2.h"
#include "lib/oofatfs/ff.h"
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

/* Until there is a clock that can be set. */
__attribute__((weak)) uint64_t mp_hal_time_ns(void)
{
    return 0;
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

/*
 * littlefs's own number for damaged data is no errno that programs know. While a file is read it
 * means an I/O error. (--wrap, see the Makefile; the number stays as it is where littlefs itself,
 * or a program that mounts, has to tell it from others.)
 */
lfs2_ssize_t __real_lfs2_file_read(lfs2_t *lfs, lfs2_file_t *file, void *to, lfs2_size_t size);
lfs2_ssize_t __wrap_lfs2_file_read(lfs2_t *lfs, lfs2_file_t *file, void *to, lfs2_size_t size);

lfs2_ssize_t __wrap_lfs2_file_read(lfs2_t *lfs, lfs2_file_t *file, void *to, lfs2_size_t size)
{
    lfs2_ssize_t n = __real_lfs2_file_read(lfs, file, to, size);
    return n == LFS2_ERR_CORRUPT ? LFS2_ERR_IO : n;
}
