/* SPDX-License-Identifier: MIT */

/*
 * Whether an application is whole. Its linker script (mcu/stm32h7a3.ld) puts a record behind the
 * vector table, "1IMG" and a length, and tools/seal-image puts the CRC-32 of that many bytes behind
 * them. The CRC is the last word that an update writes, and changes with all others: what was not
 * written to its end does not fit.
 */
#ifndef MBOOT_IMAGE_H
#define MBOOT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_RECORD 0x2B0u /* behind 16 + 155 vectors, aligned to 16 */
#define IMAGE_MAGIC  0x474D4931u

enum image_status {
    IMAGE_OK = 0,
    IMAGE_ERROR_READ = -1,     /* memory that cannot be read: an interrupted write or erase */
    IMAGE_ERROR_VECTORS = -2,  /* no stack in RAM, or no entry in the image */
    IMAGE_ERROR_RECORD = -3,   /* no record: erased, or not built for a boot loader */
    IMAGE_ERROR_CHECKSUM = -4, /* not what the record says */
};

const char *image_strerror(enum image_status status);

/* Where it may lie: [start, end). */
struct image_place {
    uint32_t start, end;
    void *ctx;
    /* False if the memory cannot be read. */
    bool (*read)(void *ctx, uint32_t address, void *to, size_t bytes);
};

/* Reads all of it; some 0.1 s for 0.5 MB at 64 MHz. */
enum image_status image_check(const struct image_place *place);

/* CRC-32 as in zlib, Ethernet: start with 0, feed piece by piece. */
uint32_t image_crc32(uint32_t crc, const void *data, size_t bytes);

#endif
