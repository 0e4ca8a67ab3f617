/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "bootlog.h"
#include "heap.h"
#include "psram.h"
#include "py/gc.h"
#include "py/mpstate.h"

/* AXI SRAM that nothing else uses, from the linker script. */
extern uint8_t _axisram_free_start[], _axisram_free_end[];

/*
 * The PSRAM's heap keeps its two tables, which say of each block of 16 bytes whether it is free and
 * whether it has a finaliser, in AXI SRAM: the collector reads them from end to end, and there each
 * read takes some cycles in place of a microsecond. The whole PSRAM is then pool:
 *
 *   blocks: (8,388,608 - 32) / 16 = 524,286; whole table bytes (4 blocks each): 524,284
 *   pool:   8,388,544 bytes; used by an idle interpreter: less than 1,000
 *   tables: 131,071 + 1 + 65,536 = 196,608 bytes of AXI SRAM
 *
 * With gc_init()'s own layout the tables lie in front of the pool, which would have 8,196,416
 * bytes. gc_init() knows no other layout, so it is called on the tables' memory, which sets
 * everything but the area's geometry, and that is then replaced. The names below are those of
 * py/gc.c of MicroPython 1.25.
 */
#define BYTES_PER_BLOCK MICROPY_BYTES_PER_GC_BLOCK
#define BLOCKS_PER_ATB  4 /* 2 bits each */
#define BLOCKS_PER_FTB  8 /* 1 bit each */
#define ALLOC_TABLE_GAP_BYTE                                                                       \
    1 /* so that looking one block further than the last finds a free one */

#if MICROPY_VERSION != MICROPY_MAKE_VERSION(1, 25, 0)
#error "py/gc.c's area layout was read in MicroPython 1.25.0: check start_with_outside_tables()"
#endif
_Static_assert(MICROPY_ENABLE_FINALISER && !MICROPY_GC_SPLIT_HEAP, "the layout assumed here");

static uint8_t *psram;
static size_t psram_bytes;

static void start_with_outside_tables(uint8_t *pool, size_t pool_bytes, uint8_t *tables,
                                      uint8_t *tables_end)
{
    size_t atb_bytes = pool_bytes / BYTES_PER_BLOCK / BLOCKS_PER_ATB;
    size_t blocks = atb_bytes * BLOCKS_PER_ATB;
    size_t ftb_bytes = (blocks + BLOCKS_PER_FTB - 1) / BLOCKS_PER_FTB;
    size_t table_bytes = atb_bytes + ALLOC_TABLE_GAP_BYTE + ftb_bytes;

    gc_init(tables, tables_end);
    mp_state_mem_area_t *area = &MP_STATE_MEM(area);
    area->gc_alloc_table_start = tables;
    area->gc_alloc_table_byte_len = atb_bytes;
    area->gc_finaliser_table_start = tables + atb_bytes + ALLOC_TABLE_GAP_BYTE;
    area->gc_pool_start = pool;
    area->gc_pool_end = pool + blocks * BYTES_PER_BLOCK;
    memset(tables, 0, table_bytes);
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

void heap_start(void)
{
    static bool is_again;
    if (is_again && psram_bytes > 0 && !psram_is_still_good()) {
        psram_bytes = 0;
        log_no_psram();
        bootlog_print();
    }
    is_again = true;
    if (psram_bytes > 0) {
        start_with_outside_tables(psram, psram_bytes, _axisram_free_start, _axisram_free_end);
    } else {
        gc_init(_axisram_free_start, _axisram_free_end);
    }
}

bool heap_is_in_psram(void)
{
    return psram_bytes > 0;
}
