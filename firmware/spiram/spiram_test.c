/* SPDX-License-Identifier: MIT */

#include "spiram_test.h"
#include "spiram_access.h"

/*
 * The pattern is computed and compared in units of 32 bits, whatever the width of the accesses, and
 * goes from unit to unit by one addition. With an odd step it takes every 32-bit value once before
 * it repeats, so no two places of a chip hold the same: it is an own-address pattern. The fraction
 * of the golden ratio spreads neighbours over all bits.
 */
#define UNIT_BYTES  4U
#define MIXING_STEP UINT32_C(0x9E3779B1)

struct pattern {
    uint32_t value;
    uint32_t step;
};

/*
 * Loops over all of the chip, a hundred million instructions in sum: kept free of calls and of all
 * that the compiler cannot hold in registers. Each stays a function of its own, so that its machine
 * code can be looked at.
 */
#if defined(__GNUC__) && !defined(__clang__)
#define SEPARATE __attribute__((noinline, noclone))
#else
#define SEPARATE
#endif

SEPARATE static void fill8(volatile uint8_t *p, uint32_t units, uint32_t value, uint32_t step)
{
    for (; units > 0; units--, p += 4, value += step) {
        p[0] = (uint8_t)value;
        p[1] = (uint8_t)(value >> 8);
        p[2] = (uint8_t)(value >> 16);
        p[3] = (uint8_t)(value >> 24);
    }
}

SEPARATE static void fill16(volatile uint16_t *p, uint32_t units, uint32_t value, uint32_t step)
{
    for (; units > 0; units--, p += 2, value += step) {
        p[0] = (uint16_t)value;
        p[1] = (uint16_t)(value >> 16);
    }
}

SEPARATE static void fill32(volatile uint32_t *p, uint32_t units, uint32_t value, uint32_t step)
{
    for (; units > 0; units--, p++, value += step) {
        *p = value;
    }
}

/* The check functions return how many units are left, the wrong one included; 0 = all right. */
SEPARATE static uint32_t check8(const volatile uint8_t *p, uint32_t units, uint32_t value,
                                uint32_t step, uint32_t *got)
{
    for (; units > 0; units--, p += 4, value += step) {
        uint32_t unit = p[0];
        unit |= (uint32_t)p[1] << 8;
        unit |= (uint32_t)p[2] << 16;
        unit |= (uint32_t)p[3] << 24;
        if (unit != value) {
            *got = unit;
            break;
        }
    }
    return units;
}

SEPARATE static uint32_t check16(const volatile uint16_t *p, uint32_t units, uint32_t value,
                                 uint32_t step, uint32_t *got)
{
    for (; units > 0; units--, p += 2, value += step) {
        uint32_t unit = p[0];
        unit |= (uint32_t)p[1] << 16;
        if (unit != value) {
            *got = unit;
            break;
        }
    }
    return units;
}

SEPARATE static uint32_t check32(const volatile uint32_t *p, uint32_t units, uint32_t value,
                                 uint32_t step, uint32_t *got)
{
    for (; units > 0; units--, p++, value += step) {
        uint32_t unit = *p;
        if (unit != value) {
            *got = unit;
            break;
        }
    }
    return units;
}

/* What the place of `offset` is filled with. */
static struct pattern pattern_at(unsigned width, uint32_t offset, uintptr_t address)
{
    uint32_t mixed = offset / UNIT_BYTES * MIXING_STEP;
    switch (width) {
    case 8:
        return (struct pattern){mixed, MIXING_STEP};
    case 16:
        return (struct pattern){~mixed, 0U - MIXING_STEP};
    default:
        /* Its own address: a misplaced word tells a reader where it belongs. */
        return (struct pattern){(uint32_t)address, UNIT_BYTES};
    }
}

/* From a wrong unit to the first access of the given width in it that was wrong. */
static void describe_word(const struct spiram *ram, struct spiram_fault *fault, unsigned width,
                          uint32_t offset, uint32_t written, uint32_t read)
{
    uint32_t mask = width == 32 ? UINT32_MAX : (UINT32_C(1) << width) - 1;
    unsigned shift = 0;
    while (((written ^ read) >> shift & mask) == 0) {
        shift += width;
    }
    fault->kind = SPIRAM_FAULT_WORD;
    fault->width = (uint8_t)width;
    fault->offset = offset + shift / 8;
    fault->address = (uintptr_t)ram->window + fault->offset;
    fault->written = written >> shift & mask;
    fault->read = read >> shift & mask;
}

static int check_range(const struct spiram *ram, uint32_t offset, uint32_t length,
                       struct spiram_fault *fault)
{
    if (ram == NULL || fault == NULL) {
        return SPIRAM_ERR_PARAM;
    }
    *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NONE};
    if (ram->state != SPIRAM_STATE_MAPPED) {
        return SPIRAM_ERR_STATE;
    }
    uint32_t usable = spiram_usable_size(ram);
    bool good = length != 0 && (offset | length) % UNIT_BYTES == 0 && offset < usable &&
                length <= usable - offset;
    return good ? SPIRAM_OK : SPIRAM_ERR_PARAM;
}

static void fill(unsigned width, volatile void *start, uint32_t units, struct pattern pattern)
{
    if (width == 8) {
        fill8(start, units, pattern.value, pattern.step);
    } else if (width == 16) {
        fill16(start, units, pattern.value, pattern.step);
    } else {
        fill32(start, units, pattern.value, pattern.step);
    }
}

static uint32_t check(unsigned width, const volatile void *start, uint32_t units,
                      struct pattern pattern, uint32_t *got)
{
    if (width == 8) {
        return check8(start, units, pattern.value, pattern.step, got);
    }
    if (width == 16) {
        return check16(start, units, pattern.value, pattern.step, got);
    }
    return check32(start, units, pattern.value, pattern.step, got);
}

static int read_back(struct spiram *ram, unsigned width, uint32_t offset, uint32_t length,
                     struct pattern pattern, struct spiram_fault *fault)
{
    const volatile void *start = (const volatile uint8_t *)ram->window + offset;
    uint32_t units = length / UNIT_BYTES;
    uint32_t got = 0;
    int error = spiram_sync(ram, offset, length);
    if (error != SPIRAM_OK) {
        return error;
    }
    uint32_t left = check(width, start, units, pattern, &got);
    if (left == 0) {
        return SPIRAM_OK;
    }
    uint32_t index = units - left;
    describe_word(ram, fault, width, offset + index * UNIT_BYTES,
                  pattern.value + index * pattern.step, got);
    return SPIRAM_ERR_MEMORY;
}

int spiram_test_width(struct spiram *ram, unsigned width, uint32_t offset, uint32_t length,
                      struct spiram_fault *fault)
{
    int error = check_range(ram, offset, length, fault);
    if (error == SPIRAM_OK && width != 8 && width != 16 && width != 32) {
        error = SPIRAM_ERR_PARAM;
    }
    if (error != SPIRAM_OK) {
        return error;
    }
    volatile void *start = (volatile uint8_t *)ram->window + offset;
    struct pattern pattern = pattern_at(width, offset, (uintptr_t)start);
    fill(width, start, length / UNIT_BYTES, pattern);
    return read_back(ram, width, offset, length, pattern, fault);
}

static const uint8_t widths[] = {8, 16, 32};
#define WIDTHS (sizeof widths / sizeof widths[0])

int spiram_test_widths(struct spiram *ram, uint32_t offset, uint32_t length,
                       struct spiram_fault *fault)
{
    int error = check_range(ram, offset, length, fault);
    for (size_t n = 0; n < WIDTHS * WIDTHS && error == SPIRAM_OK; n++) {
        unsigned writes = widths[n / WIDTHS];
        volatile void *start = (volatile uint8_t *)ram->window + offset;
        struct pattern pattern = pattern_at(writes, offset, (uintptr_t)start);
        if (n % WIDTHS == 0) {
            fill(writes, start, length / UNIT_BYTES, pattern);
        }
        error = read_back(ram, widths[n % WIDTHS], offset, length, pattern, fault);
    }
    return error;
}

int spiram_test_boot(struct spiram *ram, struct spiram_fault *fault)
{
    int error = SPIRAM_OK;
    uint32_t length = spiram_usable_size(ram) & ~(UNIT_BYTES - 1);
    for (size_t n = 0; n < WIDTHS && error == SPIRAM_OK; n++) {
        error = spiram_test_width(ram, widths[n], 0, length, fault);
    }
    return error;
}

#define PAGE_BYTES  1024U
#define BLOCK_UNITS (SPIRAM_BLOCK_BYTES / UNIT_BYTES)

/* Another column in each page; all columns come in turn. The last page may not be whole. */
static uint32_t block_of_page(uint32_t page, uint32_t length)
{
    uint32_t left = length - page * PAGE_BYTES;
    uint32_t blocks = (left < PAGE_BYTES ? left : PAGE_BYTES) / SPIRAM_BLOCK_BYTES;
    return page * PAGE_BYTES + page % blocks * SPIRAM_BLOCK_BYTES;
}

int spiram_test_pages(struct spiram *ram, uint32_t length, struct spiram_fault *fault)
{
    uint32_t usable = spiram_usable_size(ram) & ~(SPIRAM_BLOCK_BYTES - 1);
    length = length == 0 ? usable : length;
    int error = check_range(ram, 0, length, fault);
    if (error == SPIRAM_OK && length % SPIRAM_BLOCK_BYTES != 0) {
        error = SPIRAM_ERR_PARAM;
    }
    if (error != SPIRAM_OK) {
        return error;
    }
    uint32_t pages = (length + PAGE_BYTES - 1) / PAGE_BYTES;
    for (uint32_t page = 0; page < pages; page++) {
        uint32_t offset = block_of_page(page, length);
        volatile void *start = (volatile uint8_t *)ram->window + offset;
        struct pattern pattern = pattern_at(8, offset, (uintptr_t)start);
        fill32(start, BLOCK_UNITS, pattern.value, pattern.step);
    }
    error = spiram_sync(ram, 0, length);
    for (uint32_t page = 0; page < pages && error == SPIRAM_OK; page++) {
        uint32_t offset = block_of_page(page, length);
        const volatile void *start = (const volatile uint8_t *)ram->window + offset;
        struct pattern pattern = pattern_at(8, offset, (uintptr_t)start);
        uint32_t got = 0;
        uint32_t left = check32(start, BLOCK_UNITS, pattern.value, pattern.step, &got);
        if (left != 0) {
            uint32_t index = BLOCK_UNITS - left;
            describe_word(ram, fault, 32, offset + index * UNIT_BYTES,
                          pattern.value + index * pattern.step, got);
            error = SPIRAM_ERR_MEMORY;
        }
    }
    return error;
}
