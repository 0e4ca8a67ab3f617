/* SPDX-License-Identifier: MIT */

#include <stdint.h>

#include "bootlog.h"
#include "gc_areas.h"
#include "heap.h"
#include "py/mpconfig.h"
#include "psram.h"
#include "py/gc.h"

/* AXI SRAM that nothing else uses, from the linker script; its beginning is aligned to 32. */
extern uint8_t _axisram_free_start[], _axisram_free_end[];

/*
 * The tables, which say of each block of 16 bytes whether it is free and whether it has a
 * finaliser, lie in AXI SRAM: the collector reads them from end to end, and there each read takes
 * some cycles in place of a microsecond. The PSRAM is pool and nothing else.
 *
 *   pool:    spiram_usable_size(), with an 8 MB chip 8,388,608 - 32 = 8,388,576 bytes;
 *            8,388,576 / 16 = 524,286 blocks, four to a byte of the table: 524,284 or
 *            8,388,544 bytes; used by an idle interpreter: less than 1,000
 *   tables:  131,071 + 1 and 65,535 + 1 bytes: 196,608
 *
 * With gc_init()'s own layout the tables lie in front of the pool, which would have 8,196,352
 * bytes. AXI SRAM has 1,048,576; the DMA buffers, BOARD_HEAP_DMA_BYTES, take 32,768 of it here, and
 * 776 for their tables, which is 800 in whole lines:
 *
 *   psram     the rest of it is not used
 *   split     818,400 are left, of which 2.3 % are tables again: 799,232 of pool;
 *             with the PSRAM 9,187,776
 *   internal  1,015,008 are left, without tables of the PSRAM: 991,744 of pool
 */
struct range {
    uint8_t *next, *end;
};

#define ALIGN_DOWN(pointer) ((pointer) - (uintptr_t)(pointer) % GC_AREAS_DMA_ALIGN)
#define ALIGN_UP(pointer)   ALIGN_DOWN((pointer) + GC_AREAS_DMA_ALIGN - 1u)

/*
 * From this size on an object goes to the PSRAM at once. Large ones are mostly buffers, used from
 * end to end, where the PSRAM loses least; some of them would push thousands of small ones out.
 */
#define LARGE_BYTES 32768u

static const char *const policy_names[HEAP_POLICY_COUNT] = {
    [HEAP_PSRAM] = "psram",
    [HEAP_SPLIT] = "split",
    [HEAP_INTERNAL] = "internal",
};

/* What RAM holds after power-up is anything, so the choice is stored with its complement. */
static struct {
    uint32_t policy, check;
} chosen __attribute__((section(".noinit")));

static uint8_t *psram;
static size_t psram_bytes;
static enum heap_policy policy_now;

const char *heap_policy_name(enum heap_policy policy)
{
    return policy_names[policy];
}

enum heap_policy heap_policy(void)
{
    return policy_now;
}

void heap_choose(enum heap_policy policy)
{
    chosen.policy = policy;
    chosen.check = ~(uint32_t)policy;
}

static enum heap_policy policy_next(void)
{
    if (psram_bytes == 0) {
        return HEAP_INTERNAL;
    }
    bool valid = chosen.check == ~chosen.policy && chosen.policy < HEAP_POLICY_COUNT;
    return valid ? (enum heap_policy)chosen.policy : BOARD_HEAP_POLICY;
}

static void log_no_psram(void)
{
    bootlog_printf("spiram not used, heap in AXI SRAM\n");
}

void heap_init(void)
{
    psram_bytes = psram_start(&psram);
    if (psram_bytes == 0) {
        log_no_psram();
    }
}

/* Not at the boot, when heap_init() has just done it. */
static void test_again(void)
{
    static bool is_again;
    if (is_again && psram_bytes > 0 && !psram_is_still_good()) {
        psram_bytes = 0;
        log_no_psram();
        bootlog_print();
    }
    is_again = true;
}

#if BOARD_HEAP_PLAIN

void heap_start(void)
{
    test_again();
    policy_now = policy_next() == HEAP_INTERNAL ? HEAP_INTERNAL : HEAP_PSRAM;
    if (policy_now == HEAP_INTERNAL) {
        gc_init(_axisram_free_start, _axisram_free_end);
    } else {
        gc_init(psram, psram + psram_bytes);
    }
}

void *heap_alloc_dma(size_t bytes)
{
    (void)bytes;
    return NULL;
}

size_t heap_dma_bytes(void)
{
    return 0;
}

#else

static uint8_t *take(struct range *from, size_t bytes)
{
    uint8_t *start = from->next;
    from->next = ALIGN_UP(start + bytes);
    return start;
}

void heap_start(void)
{
    struct range axisram = {_axisram_free_start, _axisram_free_end};
    struct gc_areas areas = {.large_bytes = LARGE_BYTES};
    test_again();
    policy_now = policy_next();

    areas.dma.pool_bytes = BOARD_HEAP_DMA_BYTES;
    areas.dma.pool = take(&axisram, areas.dma.pool_bytes);
    areas.dma.tables = take(&axisram, gc_areas_table_bytes(areas.dma.pool_bytes));
    if (policy_now != HEAP_INTERNAL) {
        areas.outer.pool = psram;
        areas.outer.pool_bytes = psram_bytes;
        areas.outer.tables = take(&axisram, gc_areas_table_bytes(psram_bytes));
    }
    if (policy_now != HEAP_PSRAM) {
        areas.inner.pool = axisram.next;
        areas.inner.pool_bytes = gc_areas_pool_bytes((size_t)(axisram.end - axisram.next));
        areas.inner.tables = areas.inner.pool + areas.inner.pool_bytes;
    }
    gc_areas_init(&areas);
}

void *heap_alloc_dma(size_t bytes)
{
    return gc_areas_alloc_dma(bytes);
}

size_t heap_dma_bytes(void)
{
    return BOARD_HEAP_DMA_BYTES;
}

#endif

bool heap_is_in_psram(void)
{
    return policy_now != HEAP_INTERNAL;
}
