/* SPDX-License-Identifier: MIT */

#include "spiram_test.h"

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
static void describe_word(struct spiram_fault *fault, unsigned width, uintptr_t address,
                          uint32_t written, uint32_t read)
{
    uint32_t mask = width == 32 ? UINT32_MAX : (UINT32_C(1) << width) - 1;
    unsigned shift = 0;
    while (((written ^ read) >> shift & mask) == 0) {
        shift += width;
    }
    fault->kind = SPIRAM_FAULT_WORD;
    fault->width = (uint8_t)width;
    fault->address = address + shift / 8;
    fault->written = written >> shift & mask;
    fault->read = read >> shift & mask;
}

int spiram_test_width(struct spiram *ram, unsigned width, uint32_t offset, uint32_t length,
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
    if ((width != 8 && width != 16 && width != 32) || length == 0 ||
        (offset | length) % UNIT_BYTES != 0 || offset >= usable || length > usable - offset) {
        return SPIRAM_ERR_PARAM;
    }

    volatile void *start = (volatile uint8_t *)ram->window + offset;
    uint32_t units = length / UNIT_BYTES;
    struct pattern pattern = pattern_at(width, offset, (uintptr_t)start);
    uint32_t left;
    uint32_t got = 0;

    if (width == 8) {
        fill8(start, units, pattern.value, pattern.step);
    } else if (width == 16) {
        fill16(start, units, pattern.value, pattern.step);
    } else {
        fill32(start, units, pattern.value, pattern.step);
    }
    int error = spiram_sync(ram, offset, length);
    if (error != SPIRAM_OK) {
        return error;
    }
    if (width == 8) {
        left = check8(start, units, pattern.value, pattern.step, &got);
    } else if (width == 16) {
        left = check16(start, units, pattern.value, pattern.step, &got);
    } else {
        left = check32(start, units, pattern.value, pattern.step, &got);
    }
    if (left == 0) {
        return SPIRAM_OK;
    }
    uint32_t index = units - left;
    describe_word(fault, width, (uintptr_t)start + (uintptr_t)index * UNIT_BYTES,
                  pattern.value + index * pattern.step, got);
    return SPIRAM_ERR_MEMORY;
}

int spiram_test_boot(struct spiram *ram, struct spiram_fault *fault)
{
    static const uint8_t widths[] = {8, 16, 32};
    int error = SPIRAM_OK;
    uint32_t length = spiram_usable_size(ram) & ~(UNIT_BYTES - 1);
    for (size_t n = 0; n < sizeof widths && error == SPIRAM_OK; n++) {
        error = spiram_test_width(ram, widths[n], 0, length, fault);
    }
    return error;
}

/*
 * One byte with only bit n, or all but bit n, for each of the eight bits. What a bit never reads
 * as, it is stuck against.
 */
static int walk_data(struct spiram *ram, struct spiram_fault *fault)
{
    uint8_t sent[16];
    uint8_t got[sizeof sent] = {0};
    for (unsigned bit = 0; bit < 8; bit++) {
        sent[bit] = (uint8_t)(1U << bit);
        sent[bit + 8] = (uint8_t)~sent[bit];
    }
    int error = spiram_write(ram, 0, sent, sizeof sent);
    if (error == SPIRAM_OK) {
        error = spiram_read(ram, 0, got, sizeof got);
    }
    if (error != SPIRAM_OK) {
        return error;
    }

    uint8_t ever_high = 0;
    uint8_t ever_low = 0;
    for (size_t n = 0; n < sizeof got; n++) {
        ever_high |= got[n];
        ever_low |= (uint8_t)~got[n];
    }
    for (uint8_t bit = 0; bit < 8; bit++) {
        uint8_t mask = (uint8_t)(1U << bit);
        if ((ever_high & mask) == 0 || (ever_low & mask) == 0) {
            fault->kind = SPIRAM_FAULT_DATA_STUCK;
            fault->line = bit;
            fault->level = (ever_high & mask) != 0;
            return SPIRAM_ERR_MEMORY;
        }
    }
    for (size_t n = 0; n < sizeof got; n++) {
        uint8_t wrong = sent[n] ^ got[n];
        if (wrong != 0) {
            fault->kind = SPIRAM_FAULT_DATA_WRONG;
            while ((wrong & 1U << fault->line) == 0) {
                fault->line++;
            }
            fault->written = sent[n];
            fault->read = got[n];
            return SPIRAM_ERR_MEMORY;
        }
    }
    return SPIRAM_OK;
}

#define MARK_HERE  0xA5
#define MARK_OTHER 0x5A

static int write_mark(struct spiram *ram, uint32_t place, uint8_t mark)
{
    return spiram_write(ram, place, &mark, 1);
}

/* Does marking one place change another? */
static int same_place(struct spiram *ram, uint32_t marked, uint32_t looked_at, bool *same)
{
    uint8_t mark = 0;
    int error = write_mark(ram, looked_at, MARK_OTHER);
    if (error == SPIRAM_OK) {
        error = write_mark(ram, marked, MARK_HERE);
    }
    if (error == SPIRAM_OK) {
        error = spiram_read(ram, looked_at, &mark, 1);
    }
    *same = mark != MARK_OTHER;
    return error;
}

/*
 * Bit n alone leads to place 0. Either it is stuck, or it is shorted to a bit m so that the lower
 * level wins: then m alone leads to place 0 as well, and both together do not.
 */
static int name_bit_without_effect(struct spiram *ram, uint8_t n, struct spiram_fault *fault)
{
    uint32_t size = spiram_size(ram);
    fault->kind = SPIRAM_FAULT_ADDRESS_STUCK;
    fault->line = n;
    for (uint8_t m = (uint8_t)(n + 1); UINT32_C(1) << m < size; m++) {
        bool alone = false;
        bool together = false;
        int error = same_place(ram, 0, UINT32_C(1) << m, &alone);
        if (error == SPIRAM_OK) {
            error = same_place(ram, 0, UINT32_C(1) << n | UINT32_C(1) << m, &together);
        }
        if (error != SPIRAM_OK) {
            fault->kind = SPIRAM_FAULT_NONE;
            return error;
        }
        if (alone && !together) {
            fault->kind = SPIRAM_FAULT_ADDRESS_SHORT;
            fault->other = m;
            break;
        }
    }
    return SPIRAM_ERR_MEMORY;
}

/* Places 0 and 2^n of the chip, each against place 0 and against each other. */
static int walk_address(struct spiram *ram, struct spiram_fault *fault)
{
    uint32_t size = spiram_size(ram);
    bool same = false;
    int error = SPIRAM_OK;

    for (uint8_t n = 0; UINT32_C(1) << n < size && error == SPIRAM_OK; n++) {
        error = same_place(ram, 0, UINT32_C(1) << n, &same);
        if (error == SPIRAM_OK && same) {
            return name_bit_without_effect(ram, n, fault);
        }
    }
    for (uint8_t n = 0; UINT32_C(1) << n < size && error == SPIRAM_OK; n++) {
        for (uint8_t m = 0; m < n && error == SPIRAM_OK; m++) {
            error = same_place(ram, UINT32_C(1) << n, UINT32_C(1) << m, &same);
            if (error == SPIRAM_OK && same) {
                fault->kind = SPIRAM_FAULT_ADDRESS_SHORT;
                fault->line = m;
                fault->other = n;
                return SPIRAM_ERR_MEMORY;
            }
        }
    }
    return error;
}

int spiram_test_lines(struct spiram *ram, struct spiram_fault *fault)
{
    if (ram == NULL || fault == NULL) {
        return SPIRAM_ERR_PARAM;
    }
    *fault = (struct spiram_fault){.kind = SPIRAM_FAULT_NONE};
    int error = walk_data(ram, fault);
    return error == SPIRAM_OK ? walk_address(ram, fault) : error;
}

/* A line of text with a fixed end; printf would be the only thing here that needs a C library. */
struct text {
    char *next;
    char *last;
};

static void put(struct text *text, const char *string)
{
    while (*string != '\0' && text->next < text->last) {
        *text->next++ = *string++;
    }
}

static void put_hex(struct text *text, uintmax_t value, unsigned digits)
{
    while (digits < 2 * sizeof value && value >> 4 * digits != 0) {
        digits++;
    }
    put(text, "0x");
    while (digits-- > 0) {
        put(text, (const char[]){"0123456789abcdef"[value >> 4 * digits & 15], '\0'});
    }
}

static void put_decimal(struct text *text, unsigned value)
{
    if (value >= 10) {
        put_decimal(text, value / 10);
    }
    put(text, (const char[]){(char)('0' + value % 10), '\0'});
}

static void put_bit(struct text *text, const char *name, unsigned number)
{
    put(text, name);
    put_decimal(text, number);
}

char *spiram_fault_text(const struct spiram_fault *fault, char *text, size_t size)
{
    if (size == 0) {
        return text;
    }
    struct text out = {text, text + size - 1};
    unsigned digits = fault->width / 4U;

    switch (fault->kind) {
    case SPIRAM_FAULT_NONE:
        break;
    case SPIRAM_FAULT_WORD:
        put_bit(&out, "spiram memtest", fault->width);
        put(&out, " fail, address ");
        put_hex(&out, fault->address, 8);
        put(&out, " written ");
        put_hex(&out, fault->written, digits);
        put(&out, " read ");
        put_hex(&out, fault->read, digits);
        break;
    case SPIRAM_FAULT_DATA_STUCK:
        put_bit(&out, "spiram data bit D", fault->line);
        put_bit(&out, " stuck at ", fault->level);
        break;
    case SPIRAM_FAULT_DATA_WRONG:
        put_bit(&out, "spiram data bit D", fault->line);
        put(&out, " wrong, written ");
        put_hex(&out, fault->written, 2);
        put(&out, " read ");
        put_hex(&out, fault->read, 2);
        break;
    case SPIRAM_FAULT_ADDRESS_STUCK:
        put_bit(&out, "spiram address bit A", fault->line);
        put(&out, " stuck");
        break;
    case SPIRAM_FAULT_ADDRESS_SHORT:
        put_bit(&out, "spiram address bits A", fault->line);
        put_bit(&out, " and A", fault->other);
        put(&out, " shorted");
        break;
    }
    *out.next = '\0';
    return text;
}
