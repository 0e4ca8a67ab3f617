/* SPDX-License-Identifier: MIT */

/*
 * MicroPython's heap in up to three areas of memory, each with a rule of its own:
 *
 *   inner  fast memory, where small objects go first
 *   outer  the rest: large ones, and small ones when inner is full
 *   dma    buffers that other bus masters reach; only what gc_areas_alloc_dma() hands out
 *
 * Thread code only, as all of py/gc.h.
 */
#ifndef PORT_GC_AREAS_H
#define PORT_GC_AREAS_H

#include <stddef.h>
#include <stdint.h>

#include "py/mpconfig.h"

/* Lines of the data cache: what a DMA buffer must not share with anything else. */
#define GC_AREAS_DMA_ALIGN 32u

/* Where a pool lies, aligned to GC_AREAS_DMA_ALIGN, and the memory of its tables, aligned to 4:
 * gc_areas_table_bytes(pool_bytes) of it. */
struct gc_area_place {
    uint8_t *pool;
    size_t pool_bytes; /* 0: there is no such area */
    uint8_t *tables;
};

struct gc_areas {
    struct gc_area_place inner, outer, dma; /* inner or outer must be there */
    size_t large_bytes; /* from this size on, an object goes to outer if it has room */
};

size_t gc_areas_table_bytes(size_t pool_bytes);

/* The largest pool, in bytes, that fits in so many together with its tables. */
size_t gc_areas_pool_bytes(size_t bytes);

/* Makes an empty heap, in place of gc_init(). The places are copied. */
void gc_areas_init(const struct gc_areas *areas);

/*
 * Memory for a transfer by DMA: in the area `dma`, aligned to a line of the cache, all lines its
 * own, zeroed. It is freed by the collector when no pointer to its beginning is left. NULL if there
 * is no room, also after a collection.
 */
void *gc_areas_alloc_dma(size_t bytes);

#if BOARD_HEAP_FAILS
/* The n-th allocation from now on finds no room, 0: none. Returns what was left of the last n. */
size_t gc_areas_fail(size_t n);
#endif

#endif
