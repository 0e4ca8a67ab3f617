/* SPDX-License-Identifier: MIT */

/*
 * The medium that a PC sees as a drive, and who may write to it. Two that write to one file system
 * without knowing of each other destroy it, so only one does at any time (docs/usb.md, "The
 * drive"):
 *
 * - While MicroPython has it mounted for writing the PC finds it write-protected.
 * - The PC takes it by PREVENT MEDIUM REMOVAL or the first write, and gives it back by ALLOW, by
 *   ejecting it, or by leaving the bus. Meanwhile MicroPython can neither mount it for writing nor
 *   write blocks.
 * - What MicroPython opened before the PC took it, or while the PC had it (a file, a file system
 *   not mounted), never writes again: what it knows of the medium is old. That is what the
 *   generation is for.
 * - After MicroPython wrote, or gave it back, the PC is told that the medium may have changed.
 *
 * Thread code only; the functions named medium_pc_ are for usb_scsi.c.
 */
#ifndef PORT_MEDIUM_H
#define PORT_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "py/obj.h"

enum medium { MEDIUM_NONE, MEDIUM_FLASH, MEDIUM_SDCARD };

#define MEDIUM_BLOCK_BYTES 512u

/* ---- MicroPython's side ---- */

/* Which one the PC shall see from now on; the PC must not be connected, or be about to lose us. */
void medium_show(enum medium medium);
enum medium medium_shown(void);

/* Grows whenever the PC takes that medium, and when it has it no more. */
uint16_t medium_generation(enum medium medium);

/*
 * Before a block is written: 0, -MP_EBUSY while the PC has the medium, -MP_EROFS when it has had it
 * since `generation`, which is what the writer found when it began.
 */
int medium_board_may_write(enum medium medium, uint16_t generation);
void medium_board_wrote(enum medium medium);

/* When the heap is about to go, and in it the table of what is mounted. */
void medium_soft_reset(void);

/* Which medium a block device is, MEDIUM_NONE for others. */
enum medium medium_of(mp_obj_t device);

/* Before a file system on it is opened to be mounted for writing: false if the PC has it. A PC that
   sleeps or is not there any more loses it. */
bool medium_board_may_mount(enum medium medium);

/* A file system on it has been mounted for writing: false, and it must be unmounted, if the PC has
   it. What else it does is as above, for what was opened before. */
bool medium_board_mounts(enum medium medium);

/* Whether MicroPython has a file system on it mounted for writing. */
bool medium_mounted_writable(enum medium medium);

/* ---- the PC's side ---- */

/* Looks what there is. False: no medium. The others are true until the next look. */
bool medium_pc_look(void);
uint32_t medium_pc_blocks(void);
bool medium_pc_may_write(void);
bool medium_pc_caches(void); /* what is written may not be stored yet */

/* Whether it may have changed since the last call. */
bool medium_pc_changed(void);

void medium_pc_take(void);
void medium_pc_give_back(void);
void medium_pc_eject(void);
void medium_pc_insert(void); /* what was ejected is there again */

/* 0 or a negative errno. */
int medium_pc_read(uint32_t block, void *to, size_t count);
int medium_pc_write(uint32_t block, const void *from, size_t count);
int medium_pc_flush(void);

#endif
