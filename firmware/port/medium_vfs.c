/* SPDX-License-Identifier: MIT */

/*
 * Where MicroPython's file systems meet the medium that a PC may have (medium.h). Its FAT is told
 * from outside, by --wrap (see the Makefile): block devices learn neither which of several file
 * systems on them writes, nor that one is mounted.
 */
#include "extmod/vfs.h"
#include "extmod/vfs_fat.h"
#include "extmod/vfs_lfs.h"
#include "lib/oofatfs/diskio.h"
#include "lib/oofatfs/ff.h"
#include "medium.h"
#include "py/mperrno.h"
#include "py/runtime.h"

/* The generation of its medium that a FAT was opened at stands in what blockdev.flags leaves free:
   MP_BLOCKDEV_FLAG_* take the lowest four bits. */
#define GENERATION_SHIFT 4u
#define FLAGS_MASK       0xFu
#define GENERATION_MASK  0xFFFu

static enum medium medium_under(const mp_vfs_blockdev_t *device)
{
    return medium_of(device->readblocks[1]);
}

/* Whether this file system may write to its device now. */
static bool may_write(const mp_vfs_blockdev_t *device)
{
    enum medium medium = medium_under(device);

    if (medium == MEDIUM_NONE) {
        return true;
    }
    unsigned opened_at = device->flags >> GENERATION_SHIFT;
    uint16_t now = medium_generation(medium);
    return opened_at == (now & GENERATION_MASK) && medium_board_may_write(medium, now) == 0;
}

DRESULT __real_disk_ioctl(void *drive, BYTE command, void *buffer);
DRESULT __wrap_disk_ioctl(void *drive, BYTE command, void *buffer);

DRESULT __wrap_disk_ioctl(void *drive, BYTE command, void *buffer)
{
    mp_vfs_blockdev_t *device = &((fs_user_mount_t *)drive)->blockdev;

    /* The one point at which a FAT forgets all it knows, and reads anew. */
    if (command == IOCTL_INIT) {
        unsigned generation = medium_generation(medium_under(device)) & GENERATION_MASK;
        device->flags = (uint16_t)((device->flags & FLAGS_MASK) | generation << GENERATION_SHIFT);
    }
    DRESULT result = __real_disk_ioctl(drive, command, buffer);
    if ((command == IOCTL_INIT || command == IOCTL_STATUS) && !may_write(device)) {
        *(DSTATUS *)buffer |= STA_PROTECT;
    }
    return result;
}

DRESULT __real_disk_write(void *drive, const BYTE *from, DWORD sector, UINT count);
DRESULT __wrap_disk_write(void *drive, const BYTE *from, DWORD sector, UINT count);

DRESULT __wrap_disk_write(void *drive, const BYTE *from, DWORD sector, UINT count)
{
    if (!may_write(&((fs_user_mount_t *)drive)->blockdev)) {
        return RES_WRPRT;
    }
    return __real_disk_write(drive, from, sector, count);
}

/* littlefs' objects begin as those of FAT do (extmod/vfs_lfs.c, which keeps them to itself). */
static const mp_vfs_blockdev_t *device_of(mp_obj_t fs)
{
    if (mp_obj_is_type(fs, &mp_fat_vfs_type) || mp_obj_is_type(fs, &mp_type_vfs_lfs2)) {
        return &((const fs_user_mount_t *)MP_OBJ_TO_PTR(fs))->blockdev;
    }
    return NULL;
}

/* Which medium it can write to. Mounted with readonly=True it has forgotten how. */
static enum medium written_by(mp_obj_t fs)
{
    const mp_vfs_blockdev_t *device = device_of(fs);

    return device == NULL || device->writeblocks[0] == MP_OBJ_NULL ? MEDIUM_NONE
                                                                   : medium_under(device);
}

bool medium_mounted_writable(enum medium medium)
{
    for (const mp_vfs_mount_t *m = MP_STATE_VM(vfs_mount_table); m != NULL; m = m->next) {
        if (medium != MEDIUM_NONE && written_by(m->obj) == medium) {
            return true;
        }
    }
    return false;
}

static bool is_readonly(mp_map_t *kw_args)
{
    const mp_map_elem_t *readonly =
        mp_map_lookup(kw_args, MP_OBJ_NEW_QSTR(MP_QSTR_readonly), MP_MAP_LOOKUP);
    return readonly != NULL && mp_obj_is_true(readonly->value);
}

/*
 * vfs.mount(), and OSError(EBUSY) for a medium that the PC has. One that sleeps must have lost it
 * before a file system on it is opened: what is opened earlier is old.
 */
static mp_obj_t mount(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args)
{
    if (n_args == 2 && !is_readonly(kw_args) && !medium_board_may_mount(medium_of(args[0]))) {
        mp_raise_OSError(MP_EBUSY);
    }
    mp_obj_t result = mp_vfs_mount(n_args, args, kw_args);

    if (n_args == 2) {
        size_t length;
        const char *path = mp_obj_str_get_data(args[1], &length);
        for (const mp_vfs_mount_t *m = MP_STATE_VM(vfs_mount_table); m != NULL; m = m->next) {
            if (m->str == path && m->len == length && !medium_board_mounts(written_by(m->obj))) {
                mp_vfs_umount(args[1]);
                mp_raise_OSError(MP_EBUSY);
            }
        }
    }
    return result;
}
extern const mp_obj_fun_builtin_var_t __wrap_mp_vfs_mount_obj;
MP_DEFINE_CONST_FUN_OBJ_KW(__wrap_mp_vfs_mount_obj, 0, mount);
