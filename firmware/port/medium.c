/* SPDX-License-Identifier: MIT */

#include "medium.h"

#include <string.h>

#include "machine_sdcard.h"
#include "modstm32.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "sd_slot.h"
#include "shared/runtime/softtimer.h"
#include "storage.h"
#include "usb.h"

_Static_assert(MEDIUM_BLOCK_BYTES == STORAGE_SECTOR_BYTES, "blocks of the flash are passed on");

/* A PC writes directory and allocation table several times for each file, all in one erase block:
   it goes to the flash this late, not each time. */
#define FLUSH_MS 200u

static struct {
    enum medium shown;
    bool there;     /* as the PC was told last */
    bool pc_has_it; /* for writing */
    bool board_had; /* MicroPython had it mounted for writing at the last look */
    bool ejected;   /* by the PC */
    bool changed;   /* and the PC does not know */
    unsigned card;  /* sd_slot_card_number() at the last look */
    uint16_t generation[3];
} state;

static bool flush_waits; /* for its timer */

/* ---- both sides ---- */

/* Both turns count: what was opened before the PC took it is as old as what was opened while the PC
   went on to write. */
static void pc_has(bool has)
{
    if (state.pc_has_it != has) {
        state.pc_has_it = has;
        state.generation[state.shown]++;
    }
}

void medium_show(enum medium medium)
{
    medium_pc_give_back();
    state.shown = medium;
    state.there = state.board_had = state.ejected = state.changed = false;
}

enum medium medium_shown(void)
{
    return state.shown;
}

uint16_t medium_generation(enum medium medium)
{
    return state.generation[medium];
}

enum medium medium_of(mp_obj_t device)
{
    if (stm32_is_flash(device)) {
        return MEDIUM_FLASH;
    }
    return mp_obj_is_type(device, &machine_sdcard_type) ? MEDIUM_SDCARD : MEDIUM_NONE;
}

/* ---- MicroPython ---- */

void medium_soft_reset(void)
{
    MP_STATE_VM(vfs_mount_table) = NULL;
}

int medium_board_may_write(enum medium medium, uint16_t generation)
{
    if (medium == state.shown && state.pc_has_it) {
        return -MP_EBUSY;
    }
    return generation == state.generation[medium] ? 0 : -MP_EROFS;
}

void medium_board_wrote(enum medium medium)
{
    if (medium == state.shown) {
        state.changed = true;
    }
}

bool medium_board_may_mount(enum medium medium)
{
    if (medium != state.shown) {
        return true;
    }
    if (state.pc_has_it && usb_host_is_awake()) {
        return false;
    }
    pc_has(false);
    return true;
}

bool medium_board_mounts(enum medium medium)
{
    bool may = medium_board_may_mount(medium);

    if (may && medium == state.shown) {
        state.board_had = state.changed = true;
    }
    return may;
}

/* ---- the PC ---- */

/*
 * Whether the flash holds what a PC can read. A littlefs would look like a disk that wants to be
 * formatted. As lib/oofatfs/ff.c decides: a boot sector with a FAT's name in it, or a partition
 * table; both end with 55 AA.
 */
static bool flash_is_fat(void)
{
    static const uint8_t fat_types[] = {0x01, 0x04, 0x06, 0x0B, 0x0C, 0x0E};
    uint8_t s[STORAGE_SECTOR_BYTES];

    if (storage_read_sectors(0, s, 1) != 0 || s[510] != 0x55 || s[511] != 0xAA) {
        return false;
    }
    if ((s[0] == 0xEB || s[0] == 0xE9) &&
        (memcmp(&s[54], "FAT", 3) == 0 || memcmp(&s[82], "FAT32", 5) == 0)) {
        return true;
    }
    return memchr(fat_types, s[446 + 4], sizeof fat_types) != NULL;
}

static bool is_there(void)
{
    switch (state.shown) {
    case MEDIUM_FLASH:
        /* Who formats it has no boot sector for a moment. */
        return state.pc_has_it || flash_is_fat();
    case MEDIUM_SDCARD:
        return sd_slot_look();
    default:
        return false;
    }
}

bool medium_pc_look(void)
{
    bool board_has = medium_mounted_writable(state.shown);

    if (board_has != state.board_had) {
        state.board_had = board_has;
        state.changed = true; /* at least whether it is write-protected */
        state.ejected = state.ejected && board_has;
    }
    bool there = !state.ejected && is_there();
    if (there && (!state.there || state.card != sd_slot_card_number())) {
        pc_has(false);
        state.changed = true;
    } else if (!there) {
        pc_has(false);
        state.changed = false;
    }
    state.there = there;
    state.card = sd_slot_card_number();
    return there;
}

uint32_t medium_pc_blocks(void)
{
    return state.shown == MEDIUM_FLASH ? STORAGE_BYTES / STORAGE_SECTOR_BYTES : sd_slot_blocks();
}

bool medium_pc_may_write(void)
{
    return state.there && !medium_mounted_writable(state.shown);
}

bool medium_pc_caches(void)
{
    return state.shown == MEDIUM_FLASH;
}

bool medium_pc_changed(void)
{
    bool changed = state.changed;
    state.changed = false;
    return changed;
}

void medium_pc_take(void)
{
    if (medium_pc_may_write()) {
        pc_has(true);
    }
}

void medium_pc_give_back(void)
{
    (void)medium_pc_flush(); /* after an error the copy stays, and is tried again */
    pc_has(false);
}

void medium_pc_eject(void)
{
    medium_pc_give_back();
    state.ejected = true;
}

void medium_pc_insert(void)
{
    state.ejected = false;
}

int medium_pc_read(uint32_t block, void *to, size_t count)
{
    return state.shown == MEDIUM_FLASH ? storage_read_sectors(block, to, count)
                                       : sd_slot_read(block, to, count);
}

static void flush_node(mp_sched_node_t *node)
{
    flush_waits = false;
    (void)medium_pc_flush();
}

/* In PendSV: the flash is thread code's. */
static void flush_due(soft_timer_entry_t *timer)
{
    static mp_sched_node_t node;
    mp_sched_schedule_node(&node, flush_node);
}

static void flush_later(void)
{
    static soft_timer_entry_t timer;

    if (!flush_waits) {
        flush_waits = true;
        soft_timer_static_init(&timer, SOFT_TIMER_MODE_ONE_SHOT, 0, flush_due);
        soft_timer_insert(&timer, FLUSH_MS);
    }
}

int medium_pc_write(uint32_t block, const void *from, size_t count)
{
    if (!medium_pc_may_write()) {
        return -MP_EROFS;
    }
    medium_pc_take();
    if (state.shown == MEDIUM_SDCARD) {
        return sd_slot_write(block, from, count);
    }
    flush_later();
    return storage_write_sectors(block, from, count);
}

int medium_pc_flush(void)
{
    return state.shown == MEDIUM_FLASH ? storage_flush() : 0;
}
