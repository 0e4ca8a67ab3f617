/* SPDX-License-Identifier: MIT */

#include "image.h"

enum { CHUNK = 512 };

const char *image_strerror(enum image_status status)
{
    switch (status) {
    case IMAGE_OK:
        return "application is whole";
    case IMAGE_ERROR_READ:
        return "application cannot be read";
    case IMAGE_ERROR_VECTORS:
        return "no application";
    case IMAGE_ERROR_RECORD:
        return "application without record";
    case IMAGE_ERROR_CHECKSUM:
        return "application is damaged";
    }
    return "unknown error";
}

uint32_t image_crc32(uint32_t crc, const void *data, size_t bytes)
{
    static uint32_t table[256];
    const uint8_t *p = data;

    if (table[1] == 0) {
        for (uint32_t n = 0; n < 256; n++) {
            uint32_t value = n;
            for (unsigned bit = 0; bit < 8; bit++) {
                value = value >> 1 ^ (value & 1 ? 0xEDB88320u : 0);
            }
            table[n] = value;
        }
    }
    crc = ~crc;
    while (bytes-- > 0) {
        crc = crc >> 8 ^ table[(crc ^ *p++) & 0xFF];
    }
    return ~crc;
}

/* DTCM, AXI SRAM, AHB SRAM: where a stack may end (RM0455, memory organization). */
static bool is_stack(uint32_t address)
{
    static const struct {
        uint32_t start, end;
    } rams[] = {
        {0x20000000, 0x20020000},
        {0x24000000, 0x24100000},
        {0x30000000, 0x30020000},
    };

    for (unsigned n = 0; n < sizeof rams / sizeof rams[0]; n++) {
        if (address > rams[n].start && address <= rams[n].end) {
            return address % 8 == 0;
        }
    }
    return false;
}

enum image_status image_check(const struct image_place *place)
{
    uint32_t vectors[2], record[2], expected;
    uint32_t room = place->end - place->start;

    if (!place->read(place->ctx, place->start, vectors, sizeof vectors) ||
        !place->read(place->ctx, place->start + IMAGE_RECORD, record, sizeof record)) {
        return IMAGE_ERROR_READ;
    }
    uint32_t length = record[1];
    if (!is_stack(vectors[0]) || !(vectors[1] & 1) || vectors[1] < place->start ||
        vectors[1] >= place->end) {
        return IMAGE_ERROR_VECTORS;
    }
    if (record[0] != IMAGE_MAGIC || length < IMAGE_RECORD + sizeof record ||
        length > room - sizeof expected || length % 4 != 0) {
        return IMAGE_ERROR_RECORD;
    }
    if (vectors[1] >= place->start + length) {
        return IMAGE_ERROR_VECTORS;
    }
    uint32_t crc = 0;
    for (uint32_t at = 0; at < length;) {
        uint8_t chunk[CHUNK];
        uint32_t bytes = length - at < CHUNK ? length - at : CHUNK;
        if (!place->read(place->ctx, place->start + at, chunk, bytes)) {
            return IMAGE_ERROR_READ;
        }
        crc = image_crc32(crc, chunk, bytes);
        at += bytes;
    }
    if (!place->read(place->ctx, place->start + length, &expected, sizeof expected)) {
        return IMAGE_ERROR_READ;
    }
    return crc == expected ? IMAGE_OK : IMAGE_ERROR_CHECKSUM;
}
