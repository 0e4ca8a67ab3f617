/* SPDX-License-Identifier: MIT */

#include "storage.h"

#include <stdbool.h>
#include <string.h>

#include "mcu/flash.h"
#include "mcu/stm32h7a3.h"
#include "py/mperrno.h"
#include "py/mpprint.h"

#define STORAGE_BASE FLASH_BANK2_BASE

/* The core reads a cache line at once, and with it fails to read what is good in the line. */
#define PIECE_BYTES 32u

_Static_assert(STORAGE_BYTES <= FLASH_BANK_BYTES, "one bank");
_Static_assert(STORAGE_BLOCK_BYTES == FLASH_SECTOR_BYTES, "what is erased at once");
_Static_assert(STORAGE_WORD_BYTES == FLASH_WORD_BYTES, "what is programmed at once");

/* An erase block that sectors are written to: a copy in RAM, newer than the flash when dirty. */
static struct {
    bool valid, dirty;
    uint32_t offset;
    uint16_t torn; /* a bit for each sector with words that the flash does not read; FF here */
    uint8_t bytes[STORAGE_BLOCK_BYTES];
} cached;

_Static_assert(STORAGE_BLOCK_BYTES / STORAGE_SECTOR_BYTES == 8 * sizeof cached.torn, "a bit each");

static int error_of(enum flash_error error)
{
    return error == FLASH_OK ? 0 : error == FLASH_ERROR_RANGE ? -MP_EINVAL : -MP_EIO;
}

static bool in_area(uint32_t offset, size_t bytes)
{
    return bytes <= STORAGE_BYTES && offset <= STORAGE_BYTES - bytes;
}

static bool is_erased(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0xFF) {
            return false;
        }
    }
    return true;
}

/* What flash holds and what it shall hold: whether programming alone leads from one to the other.
 */
static bool needs_erase(const uint8_t *found, const uint8_t *wanted)
{
    return memcmp(found, wanted, STORAGE_WORD_BYTES) != 0 && !is_erased(found, STORAGE_WORD_BYTES);
}

static bool is_torn(uint32_t offset_in_block)
{
    return cached.torn & 1u << offset_in_block / STORAGE_SECTOR_BYTES;
}

/* Programs those words of the cached block that differ from the flash. */
static int program_changes(bool erased)
{
    uint32_t base = STORAGE_BASE + cached.offset;

    for (uint32_t i = 0; i < STORAGE_BLOCK_BYTES; i += STORAGE_WORD_BYTES) {
        uint8_t found[STORAGE_WORD_BYTES];
        enum flash_error error = FLASH_OK;
        if (erased) {
            memset(found, 0xFF, sizeof found);
        } else if (is_torn(i)) {
            continue; /* nobody wrote to this sector */
        } else {
            error = flash_read(base + i, found, sizeof found);
        }
        if (error == FLASH_OK && memcmp(found, &cached.bytes[i], sizeof found) != 0) {
            error = flash_program(base + i, &cached.bytes[i], sizeof found);
        }
        if (error != FLASH_OK) {
            return error_of(error);
        }
    }
    return 0;
}

int storage_flush(void)
{
    if (!cached.valid || !cached.dirty) {
        return 0;
    }
    uint32_t base = STORAGE_BASE + cached.offset;
    bool erase = false;

    for (uint32_t i = 0; i < STORAGE_BLOCK_BYTES && !erase; i += STORAGE_WORD_BYTES) {
        uint8_t found[STORAGE_WORD_BYTES];
        erase = !is_torn(i) && (flash_read(base + i, found, sizeof found) != FLASH_OK ||
                                needs_erase(found, &cached.bytes[i]));
    }
    int error = erase ? error_of(flash_erase_sector(base)) : 0;
    if (error == 0) {
        error = program_changes(erase);
    }
    /* After an error the copy is all that there is of the data: it stays, for another try. */
    cached.dirty = error != 0;
    if (erase && error == 0) {
        cached.torn = 0; /* FF is what is stored now */
    }
    return error;
}

/*
 * A word that a power failure left half programmed makes its own sector unreadable, until that is
 * written. The other ones of the block can be read and written.
 */
static int fill_cache(void)
{
    uint32_t base = STORAGE_BASE + cached.offset;

    cached.torn = 0;
    if (flash_read(base, cached.bytes, STORAGE_BLOCK_BYTES) == FLASH_OK) {
        return 0;
    }
    for (uint32_t i = 0; i < STORAGE_BLOCK_BYTES; i += PIECE_BYTES) {
        enum flash_error error = flash_read(base + i, &cached.bytes[i], PIECE_BYTES);
        if (error == FLASH_ERROR_ECC) {
            memset(&cached.bytes[i], 0xFF, PIECE_BYTES);
            cached.torn |= (uint16_t)(1u << i / STORAGE_SECTOR_BYTES);
        } else if (error != FLASH_OK) {
            return error_of(error);
        }
    }
    return 0;
}

/* Makes the block the cached one. */
static int cache_block(uint32_t offset)
{
    if (cached.valid && cached.offset == offset) {
        return 0;
    }
    int error = storage_flush();
    if (error != 0) {
        return error;
    }
    cached.valid = false;
    cached.offset = offset;
    error = fill_cache();
    cached.valid = error == 0;
    return error;
}

/* Before accesses to the flash itself. */
static int leave_cache(uint32_t offset, size_t bytes)
{
    if (!cached.valid || offset >= cached.offset + STORAGE_BLOCK_BYTES ||
        offset + bytes <= cached.offset) {
        return 0;
    }
    int error = storage_flush();
    cached.valid = error != 0;
    return error;
}

void storage_start(void)
{
    if (storage_flush() != 0) {
        mp_printf(&mp_plat_print, "flash: the last block written is lost\n");
    }
    cached.valid = false;
}

int storage_read(uint32_t offset, void *to, size_t bytes)
{
    if (!in_area(offset, bytes)) {
        return -MP_EINVAL;
    }
    int error = leave_cache(offset, bytes);
    return error != 0 ? error : error_of(flash_read(STORAGE_BASE + offset, to, bytes));
}

int storage_program(uint32_t offset, const void *from, size_t bytes)
{
    if (!in_area(offset, bytes)) {
        return -MP_EINVAL;
    }
    int error = leave_cache(offset, bytes);
    return error != 0 ? error : error_of(flash_program(STORAGE_BASE + offset, from, bytes));
}

int storage_erase(uint32_t offset)
{
    if (!in_area(offset, STORAGE_BLOCK_BYTES) || offset % STORAGE_BLOCK_BYTES != 0) {
        return -MP_EINVAL;
    }
    /* Also the copy of the block ends here, whatever was to become of it. */
    if (cached.valid && cached.offset == offset) {
        cached.valid = false;
    }
    return error_of(flash_erase_sector(STORAGE_BASE + offset));
}

int storage_read_sectors(uint32_t sector, void *to, size_t count)
{
    uint8_t *out = to;

    if (sector > STORAGE_BYTES / STORAGE_SECTOR_BYTES ||
        count > STORAGE_BYTES / STORAGE_SECTOR_BYTES - sector) {
        return -MP_EINVAL;
    }
    for (size_t i = 0; i < count; i++, out += STORAGE_SECTOR_BYTES) {
        uint32_t offset = (sector + i) * STORAGE_SECTOR_BYTES;
        uint32_t block = offset / STORAGE_BLOCK_BYTES * STORAGE_BLOCK_BYTES;
        if (cached.valid && cached.offset == block) {
            if (is_torn(offset - block)) {
                return -MP_EIO;
            }
            memcpy(out, &cached.bytes[offset - block], STORAGE_SECTOR_BYTES);
            continue;
        }
        enum flash_error error = flash_read(STORAGE_BASE + offset, out, STORAGE_SECTOR_BYTES);
        if (error != FLASH_OK) {
            return error_of(error);
        }
    }
    return 0;
}

int storage_write_sectors(uint32_t sector, const void *from, size_t count)
{
    const uint8_t *in = from;

    if (sector > STORAGE_BYTES / STORAGE_SECTOR_BYTES ||
        count > STORAGE_BYTES / STORAGE_SECTOR_BYTES - sector) {
        return -MP_EINVAL;
    }
    for (size_t i = 0; i < count; i++, in += STORAGE_SECTOR_BYTES) {
        uint32_t offset = (sector + i) * STORAGE_SECTOR_BYTES;
        uint32_t block = offset / STORAGE_BLOCK_BYTES * STORAGE_BLOCK_BYTES;
        int error = cache_block(block);
        if (error != 0) {
            return error;
        }
        if (is_torn(offset - block) ||
            memcmp(&cached.bytes[offset - block], in, STORAGE_SECTOR_BYTES) != 0) {
            memcpy(&cached.bytes[offset - block], in, STORAGE_SECTOR_BYTES);
            cached.torn &= (uint16_t) ~(1u << (offset - block) / STORAGE_SECTOR_BYTES);
            cached.dirty = true;
        }
    }
    return 0;
}
