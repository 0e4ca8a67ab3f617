/* SPDX-License-Identifier: MIT */

/*
 * The part of the internal flash that is left to files: bank 2, so that code in bank 1 runs on
 * while it is written. Seen in two ways, which agree with each other:
 *
 *   erase blocks  of 8 KB, read anywhere, programmed 16 bytes at a time after an erase (littlefs)
 *   sectors       of 512 bytes, read and written at will (FAT, USB mass storage). The erase block
 *                 written last is kept in RAM until storage_flush() or a write to another one: a
 *                 power failure meanwhile may cost what is in it.
 *
 * A word that does not read for its error correcting code makes its own sector fail with -MP_EIO
 * until that is written. An erase for another sector's sake leaves FF in its place.
 *
 * Thread code only. Offsets are bytes from the beginning of the area. All functions return 0 or a
 * negative errno: -MP_EIO for what the flash does not read or take, -MP_EINVAL for what is not in
 * the area or not aligned.
 */
#ifndef PORT_STORAGE_H
#define PORT_STORAGE_H

#include <stddef.h>
#include <stdint.h>

#define STORAGE_BYTES        (1024u * 1024u)
#define STORAGE_BLOCK_BYTES  8192u
#define STORAGE_WORD_BYTES   16u
#define STORAGE_SECTOR_BYTES 512u

/* At boot and each soft reset: what a program left unwritten is written. */
void storage_start(void);

int storage_read(uint32_t offset, void *to, size_t bytes);
int storage_program(uint32_t offset, const void *from, size_t bytes);
int storage_erase(uint32_t offset); /* one block */

int storage_read_sectors(uint32_t sector, void *to, size_t count);
int storage_write_sectors(uint32_t sector, const void *from, size_t count);
int storage_flush(void);

#endif
