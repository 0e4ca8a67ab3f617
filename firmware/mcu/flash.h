/* SPDX-License-Identifier: MIT */

/*
 * The internal flash: two banks of 1 MB, sectors of 8 KB, words of 16 bytes. Source: RM0455,
 * chapter FLASH (embedded flash memory).
 *
 * A word holds 128 bits of data and 9 of an error correcting code, so it is programmed once after
 * an erase and whole. What a power failure left half programmed or half erased may read as a double
 * ECC error, which the bus answers with an error: such memory must be read with flash_read(), never
 * through a pointer.
 *
 * Thread code only, one caller at a time; interrupts may be on. The bank that erases or programs
 * keeps everybody waiting who reads it, code fetches included; the other bank can be read. Every
 * wait is bounded.
 */
#ifndef MCU_FLASH_H
#define MCU_FLASH_H

#include <stddef.h>
#include <stdint.h>

#define FLASH_BANK_BYTES   (1024u * 1024u)
#define FLASH_SECTOR_BYTES 8192u /* what an erase erases */
#define FLASH_WORD_BYTES   16u   /* what is programmed at once */

enum flash_error {
    FLASH_OK = 0,
    FLASH_ERROR_RANGE = -1,     /* not in the flash, or not aligned */
    FLASH_ERROR_TIMEOUT = -2,   /* an operation does not end */
    FLASH_ERROR_LOCKED = -3,    /* the keys did not open the bank; it stays closed until a reset */
    FLASH_ERROR_PROTECTED = -4, /* write-protected by option bytes */
    FLASH_ERROR_SEQUENCE = -5,  /* the controller refused the order of accesses */
    FLASH_ERROR_ECC = -6,       /* more bits are wrong than the code corrects */
    FLASH_ERROR_VERIFY = -7,    /* does not read as it was programmed or erased */
};

const char *flash_strerror(enum flash_error error);

/*
 * Copies bytes out of the flash, past faults: FLASH_ERROR_ECC when a word in one of the range's
 * lines (32 bytes) cannot be corrected; `to` is then written in part. Errors of one bit are
 * corrected by the hardware.
 */
enum flash_error flash_read(uint32_t address, void *to, size_t bytes);

/* Erases the sector that begins at address. Milliseconds. */
enum flash_error flash_erase_sector(uint32_t address);

/*
 * Programs bytes, a multiple of 16, at address, a multiple of 16. Each word must be erased; one
 * that is not ends it with FLASH_ERROR_VERIFY. `from` has any alignment and lies anywhere but in
 * the same bank.
 */
enum flash_error flash_program(uint32_t address, const void *from, size_t bytes);

#endif
