/* SPDX-License-Identifier: MIT */

#include "pattern.h"

#include <stdbool.h>

/* Spread over all bits, different at each address, and no byte of it is zero. */
static uint64_t value_at(uintptr_t address)
{
    uint64_t x = (uint64_t)address * UINT64_C(0x9E3779B97F4A7C15);
    return x | UINT64_C(0x0101010101010101);
}

static void note(struct outcome *o, uintptr_t address, uint64_t written, uint64_t read)
{
    if (written == read) {
        return;
    }
    if (o->errors++ == 0) {
        o->address = (uint32_t)address;
        o->written = written;
        o->read = read;
    }
}

#define TEST(WIDTH, TYPE)                                                                          \
    __attribute__((noinline)) static void fill##WIDTH(uintptr_t base, size_t bytes)                \
    {                                                                                              \
        for (uintptr_t a = base; a < base + bytes; a += sizeof(TYPE)) {                            \
            *(volatile TYPE *)a = (TYPE)value_at(a);                                               \
        }                                                                                          \
    }                                                                                              \
    __attribute__((noinline)) static void check##WIDTH(uintptr_t base, size_t bytes,               \
                                                       struct outcome *o)                          \
    {                                                                                              \
        for (uintptr_t a = base; a < base + bytes; a += sizeof(TYPE)) {                            \
            note(o, a, (TYPE)value_at(a), *(volatile TYPE *)a);                                    \
        }                                                                                          \
    }
TEST(8, uint8_t)
TEST(16, uint16_t)
TEST(32, uint32_t)

/* A volatile 64-bit access would be two of 32 bits to the compiler: STRD is one 64-bit transfer to
   Normal memory (ARMv7-M leaves that open; the Cortex-M7 does it). */
__attribute__((noinline)) static void fill64(uintptr_t base, size_t bytes)
{
    for (uintptr_t a = base; a < base + bytes; a += 8) {
        uint64_t v = value_at(a);
        __asm volatile("strd %Q0, %R0, [%1]" ::"r"(v), "r"(a) : "memory");
    }
}

__attribute__((noinline)) static void check64(uintptr_t base, size_t bytes, struct outcome *o)
{
    for (uintptr_t a = base; a < base + bytes; a += 8) {
        uint64_t v;
        __asm volatile("ldrd %Q0, %R0, [%1]" : "=r"(v) : "r"(a) : "memory");
        note(o, a, value_at(a), v);
    }
}

void pattern_test(unsigned width, uintptr_t base, size_t bytes, void (*settle)(void),
                  struct outcome *outcome)
{
    *outcome = (struct outcome){.errors = 0};
    switch (width) {
    case 8:
        fill8(base, bytes);
        settle();
        check8(base, bytes, outcome);
        break;
    case 16:
        fill16(base, bytes);
        settle();
        check16(base, bytes, outcome);
        break;
    case 32:
        fill32(base, bytes);
        settle();
        check32(base, bytes, outcome);
        break;
    default:
        fill64(base, bytes);
        settle();
        check64(base, bytes, outcome);
        break;
    }
}

#define GUARD        0xC3u
#define OBJECT_PITCH 512u /* an object and the guards behind it */

/* Odd, up to about 450 bytes: long enough for a streaming write. */
static size_t object_length(unsigned n)
{
    return 129u + n * 37u % 320u / 2u * 2u;
}

/* Objects begin 0 to 7 bytes behind the start of a doubleword. */
static uintptr_t object_start(uintptr_t base, unsigned n)
{
    return base + n * OBJECT_PITCH + 8u + n % 8u;
}

void pattern_copies(uintptr_t base, size_t bytes, void (*settle)(void), struct outcome *outcome)
{
    unsigned count = (unsigned)(bytes / OBJECT_PITCH);

    *outcome = (struct outcome){.errors = 0};
    for (uintptr_t a = base; a < base + bytes; a += 4) {
        *(volatile uint32_t *)a = GUARD * 0x01010101u;
    }
    settle();
    for (unsigned n = 0; n < count; n++) {
        uintptr_t start = object_start(base, n);
        for (uintptr_t a = start; a < start + object_length(n); a++) {
            *(volatile uint8_t *)a = (uint8_t)value_at(a);
        }
    }
    settle();
    for (unsigned n = 0; n < count; n++) {
        uintptr_t start = object_start(base, n);
        uintptr_t end = start + object_length(n);
        for (uintptr_t a = base + n * OBJECT_PITCH; a < base + (n + 1) * OBJECT_PITCH; a++) {
            bool inside = a >= start && a < end;
            note(outcome, a, inside ? (uint8_t)value_at(a) : GUARD, *(volatile uint8_t *)a);
        }
    }
}
