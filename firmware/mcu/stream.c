/* SPDX-License-Identifier: MIT */

#include "stream.h"

#include "irq.h"
#include "mpu.h"
#include "ticks.h"

/*
 * In assembly, because each store has to be one STRD: a compiler may make two STR of a 64-bit
 * store, or an STM, and either may be split where a doubleword is half written.
 */
static void copy_lines(void *to, const void *from, const void *end)
{
    uint32_t a, b, c, d;
    __asm volatile(
        "1:\n"
        "ldrd %[a], %[b], [%[from]]\n"
        "ldrd %[c], %[d], [%[from], #8]\n"
        "strd %[a], %[b], [%[to]]\n"
        "strd %[c], %[d], [%[to], #8]\n"
        "ldrd %[a], %[b], [%[from], #16]\n"
        "ldrd %[c], %[d], [%[from], #24]\n"
        "strd %[a], %[b], [%[to], #16]\n"
        "strd %[c], %[d], [%[to], #24]\n"
        "adds %[from], #32\n"
        "adds %[to], #32\n"
        "cmp %[to], %[end]\n"
        "bne 1b\n"
        : [to] "+r"(to), [from] "+r"(from), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
        : [end] "r"(end)
        : "cc", "memory");
}

static void fill_lines(void *to, uint64_t value, const void *end)
{
    uint32_t low = (uint32_t)value, high = (uint32_t)(value >> 32);
    __asm volatile("1:\n"
                   "strd %[low], %[high], [%[to]]\n"
                   "strd %[low], %[high], [%[to], #8]\n"
                   "strd %[low], %[high], [%[to], #16]\n"
                   "strd %[low], %[high], [%[to], #24]\n"
                   "adds %[to], #32\n"
                   "cmp %[to], %[end]\n"
                   "bne 1b\n"
                   : [to] "+r"(to)
                   : [low] "r"(low), [high] "r"(high), [end] "r"(end)
                   : "cc", "memory");
}

struct section {
    uint32_t irq, start;
};

static struct section enter(const void *to)
{
    struct section section = {.irq = irq_disable(), .start = ticks_cycles()};
    mpu_stream_open((uintptr_t)to & ~(STREAM_BLOCK_BYTES - 1u), STREAM_BLOCK_LOG2);
    return section;
}

static uint32_t leave(struct section section)
{
    mpu_stream_close();
    uint32_t cycles = ticks_cycles() - section.start;
    irq_restore(section.irq);
    return cycles;
}

uint32_t stream_copy(void *to, const void *from, size_t bytes)
{
    if (bytes == 0) {
        return 0;
    }
    struct section section = enter(to);
    copy_lines(to, from, (const uint8_t *)to + bytes);
    return leave(section);
}

uint32_t stream_fill(void *to, uint64_t value, size_t bytes)
{
    if (bytes == 0) {
        return 0;
    }
    struct section section = enter(to);
    fill_lines(to, value, (const uint8_t *)to + bytes);
    return leave(section);
}
