/* SPDX-License-Identifier: MIT */

/*
 * py/gc.c, which is not changed: this file includes it, in place of the object that MicroPython's
 * make files would build. Some of its functions get another name on the way and are called from
 * those below, which choose an area, and sweep by words. Everything else (marking, the layout of
 * the tables, growing in place) is its own. Names in capitals are macros of py/gc.c.
 */
#include <string.h>

#include "gc_areas.h"
#include "mpconfigboard.h"
#include "py/gc.h"
#include "py/runtime.h"

#if MICROPY_VERSION != MICROPY_MAKE_VERSION(1, 25, 0)
#error "py/gc.c was read in MicroPython 1.25.0: compare what is replaced here"
#endif

#if BOARD_HEAP_PLAIN
/* For measuring what the rest of this file is worth. */
#include "py/gc.c"

#else
_Static_assert(MICROPY_ENABLE_FINALISER &&MICROPY_GC_SPLIT_HEAP, "the layout assumed here");
_Static_assert(!MICROPY_GC_SPLIT_HEAP_AUTO && !MICROPY_PY_THREAD && !MICROPY_PY_GC_COLLECT_RETVAL,
               "not provided for");
_Static_assert(MICROPY_BYTES_PER_GC_BLOCK == 16, "the arithmetic of heap.c");

static void *first_fit(size_t n_bytes, unsigned int flags);
static void free_block(void *ptr);
static void *resize(void *ptr, size_t n_bytes, bool allow_move);
static void info_of_all(gc_info_t *info);
static void end_by_blocks(void);
static void sweep_all_by_blocks(void);

#define gc_alloc       first_fit
#define gc_free        free_block
#define gc_realloc     resize
#define gc_info        info_of_all
#define gc_collect_end end_by_blocks
#define gc_sweep_all   sweep_all_by_blocks
#pragma GCC diagnostic push
/* Two of the renamed ones are wanted no more. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include "py/gc.c" // NOLINT(bugprone-suspicious-include)
#pragma GCC diagnostic pop
#undef gc_alloc
#undef gc_free
#undef gc_realloc
#undef gc_info
#undef gc_collect_end
#undef gc_sweep_all

#define BLOCKS_PER_ATB_WORD (4u * BLOCKS_PER_ATB)
#define BLOCKS_PER_FTB_WORD (4u * BLOCKS_PER_FTB)
#define WORD_BYTES          4u

/* The tables are bytes to py/gc.c. */
typedef uint32_t __attribute__((may_alias)) table_word;

/* The first area of the list is MicroPython's own variable, these come after it. */
static mp_state_mem_area_t outer_area, dma_area;

/* NULL: not there. */
static mp_state_mem_area_t *inner, *outer, *dma;

/*
 * Objects of so many blocks and more go to outer. That is `large`, or less after a search of inner
 * in vain: without this, each allocation would search a full inner area from end to end. inner is
 * tried again after a collection, or when a part of it has been freed.
 */
static size_t inner_limit, large;
static size_t freed_since; /* blocks freed in inner since its limit was lowered */
static size_t freed_enough;
#define FREED_PART          16u /* a search costs about as much as freeing this part of the area */

static size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1u) / unit * unit;
}

static size_t blocks_for(size_t bytes)
{
    return (bytes + BYTES_PER_BLOCK - 1u) / BYTES_PER_BLOCK;
}

/*
 * The allocation table, the gap that py/gc.c wants behind it, filled up to whole words. Behind the
 * finalisers' table is a word as well: sweeps go up to the word of gc_last_used_block, which may be
 * one more than the last block.
 */
static size_t atb_bytes(size_t blocks)
{
    return round_up(blocks / BLOCKS_PER_ATB + ALLOC_TABLE_GAP_BYTE, WORD_BYTES);
}

static size_t ftb_bytes(size_t blocks)
{
    return round_up(blocks / BLOCKS_PER_FTB + 1u, WORD_BYTES);
}

size_t gc_areas_table_bytes(size_t pool_bytes)
{
    size_t blocks = pool_bytes / BYTES_PER_BLOCK;
    return atb_bytes(blocks) + ftb_bytes(blocks);
}

size_t gc_areas_pool_bytes(size_t bytes)
{
    /* 32 blocks have 8 and 4 bytes in the tables; the tables' ends have less than 16. */
    const size_t unit = BLOCKS_PER_FTB_WORD * BYTES_PER_BLOCK;
    const size_t unit_with_tables = unit + 2u * WORD_BYTES + WORD_BYTES;
    const size_t ends = 4u * WORD_BYTES;
    return bytes < ends ? 0 : (bytes - ends) / unit_with_tables * unit;
}

static void set_up(mp_state_mem_area_t *area, const struct gc_area_place *place)
{
    /* Whole bytes of the table, as py/gc.c has it. */
    size_t atb = place->pool_bytes / BYTES_PER_BLOCK / BLOCKS_PER_ATB;
    size_t blocks = atb * BLOCKS_PER_ATB;
    *area = (mp_state_mem_area_t){
        .gc_alloc_table_start = place->tables,
        .gc_alloc_table_byte_len = atb,
        .gc_finaliser_table_start = place->tables + atb_bytes(blocks),
        .gc_pool_start = place->pool,
        .gc_pool_end = place->pool + blocks * BYTES_PER_BLOCK,
    };
    memset(place->tables, 0, atb_bytes(blocks) + ftb_bytes(blocks));
}

static void append(mp_state_mem_area_t *area)
{
    mp_state_mem_area_t *last = &MP_STATE_MEM(area);
    while (last->next != NULL) {
        last = last->next;
    }
    last->next = area;
}

/* The search of py/gc.c must not find what is free there: it begins at the end. Called after all
 * that may move where it begins. */
static void close_dma(void)
{
    if (dma != NULL) {
        dma->gc_last_free_atb_index = dma->gc_alloc_table_byte_len;
    }
}

static void open_inner(void)
{
    inner_limit = large;
    freed_since = 0;
}

static bool is_locked(void)
{
    return MP_STATE_THREAD(gc_lock_depth) > 0;
}

void gc_areas_init(const struct gc_areas *areas)
{
    mp_state_mem_area_t *first = &MP_STATE_MEM(area);
    /* Sets all but the geometry, which is replaced. */
    const struct gc_area_place *any = areas->inner.pool_bytes > 0 ? &areas->inner : &areas->outer;
    gc_init(any->tables, any->tables + gc_areas_table_bytes(any->pool_bytes));

    inner = outer = dma = NULL;
    if (areas->inner.pool_bytes > 0) {
        inner = first;
        set_up(inner, &areas->inner);
    }
    if (areas->outer.pool_bytes > 0) {
        outer = inner == NULL ? first : &outer_area;
        set_up(outer, &areas->outer);
        if (outer != first) {
            append(outer);
        }
    }
    if (areas->dma.pool_bytes > 0) {
        dma = &dma_area;
        set_up(dma, &areas->dma);
        append(dma);
    }
    large = blocks_for(areas->large_bytes);
    freed_enough = areas->inner.pool_bytes / BYTES_PER_BLOCK / FREED_PART;
    open_inner();
    close_dma();
}

// ---- allocation -----------------------------------------------------------------------------

static bool lies_in(const mp_state_mem_area_t *area, const void *ptr)
{
    const byte *p = ptr;
    return p >= area->gc_pool_start && p < area->gc_pool_end;
}

/* Searches from `area` to the end of the list, and does not collect. */
static void *first_fit_from(mp_state_mem_area_t *area, size_t n_bytes, unsigned int flags)
{
    uint16_t enabled = MP_STATE_MEM(gc_auto_collect_enabled);
    MP_STATE_MEM(gc_auto_collect_enabled) = 0;
    MP_STATE_MEM(gc_last_free_area) = area;
    void *ptr = first_fit(n_bytes, flags);
    MP_STATE_MEM(gc_auto_collect_enabled) = enabled;
    return ptr;
}

/* In outer, or in inner before a collection is made only because outer is full. */
static void *outer_first(size_t n_bytes, unsigned int flags)
{
    void *ptr = first_fit_from(outer, n_bytes, flags);
    return ptr != NULL ? ptr : first_fit_from(inner, n_bytes, flags);
}

static __attribute__((noinline)) void *alloc_outer_first(size_t n_bytes, unsigned int flags)
{
    if (is_locked()) {
        return NULL;
    }
    bool may_collect = MP_STATE_MEM(gc_auto_collect_enabled);
#if MICROPY_GC_ALLOC_THRESHOLD
    if (may_collect && MP_STATE_MEM(gc_alloc_amount) >= MP_STATE_MEM(gc_alloc_threshold)) {
        gc_collect();
        may_collect = false;
    }
#endif
    void *ptr = outer_first(n_bytes, flags);
    if (ptr == NULL && may_collect) {
        gc_collect();
        ptr = outer_first(n_bytes, flags);
    }
    return ptr;
}

#if BOARD_HEAP_FAILS
static size_t fails_in;

size_t gc_areas_fail(size_t n)
{
    size_t left = fails_in;
    fails_in = n;
    return left;
}
#endif

void *gc_alloc(size_t n_bytes, unsigned int flags)
{
    void *ptr;
#if BOARD_HEAP_FAILS
    if (fails_in > 0 && --fails_in == 0) {
        return NULL;
    }
#endif
    if (inner == NULL || outer == NULL) {
        ptr = first_fit(n_bytes, flags);
    } else if (blocks_for(n_bytes) >= inner_limit) {
        ptr = alloc_outer_first(n_bytes, flags);
    } else {
        MP_STATE_MEM(gc_last_free_area) = inner;
        ptr = first_fit(n_bytes, flags);
        if (ptr != NULL && lies_in(outer, ptr)) {
            inner_limit = blocks_for(n_bytes);
            freed_since = 0;
        }
    }
    if (ptr == NULL) {
        /* A search in vain moves where the next begins. */
        close_dma();
    }
    return ptr;
}

void gc_free(void *ptr)
{
    if (inner != NULL && inner_limit < large && ptr != NULL && lies_in(inner, ptr)) {
        freed_since += gc_nbytes(ptr) / BYTES_PER_BLOCK;
        if (freed_since >= freed_enough) {
            open_inner();
        }
    }
    free_block(ptr);
    close_dma();
}

/* As that of py/gc.c, but for the new place being chosen by gc_alloc() above. */
void *gc_realloc(void *ptr, size_t n_bytes, bool allow_move)
{
    if (ptr == NULL) {
        return gc_alloc(n_bytes, 0);
    }
    if (n_bytes == 0) {
        gc_free(ptr);
        return NULL;
    }
    if (is_locked()) {
        return NULL;
    }
    void *same = resize(ptr, n_bytes, false);
    close_dma();
    if (same != NULL || !allow_move) {
        return same;
    }
    const mp_state_mem_area_t *area = gc_get_ptr_area(ptr);
    bool finaliser = FTB_GET(area, BLOCK_FROM_PTR(area, ptr));
    void *moved = gc_alloc(n_bytes, finaliser ? GC_ALLOC_FLAG_HAS_FINALISER : 0);
    if (moved != NULL) {
        memcpy(moved, ptr, gc_nbytes(ptr));
        gc_free(ptr);
    }
    return moved;
}

static void *aligned_fit(size_t blocks)
{
    const size_t step = GC_AREAS_DMA_ALIGN / BYTES_PER_BLOCK;
    const size_t total = dma->gc_alloc_table_byte_len * BLOCKS_PER_ATB;
    size_t start = 0;
    while (start + blocks <= total) {
        size_t n = 0;
        while (n < blocks && ATB_GET_KIND(dma, start + n) == AT_FREE) {
            n++;
        }
        if (n < blocks) {
            start = round_up(start + n + 1u, step);
            continue;
        }
        ATB_FREE_TO_HEAD(dma, start);
        for (n = 1; n < blocks; n++) {
            ATB_FREE_TO_TAIL(dma, start + n);
        }
        dma->gc_last_used_block = MAX(dma->gc_last_used_block, start + blocks - 1u);
        return (void *)PTR_FROM_BLOCK(dma, start);
    }
    return NULL;
}

void *gc_areas_alloc_dma(size_t bytes)
{
    if (dma == NULL || bytes == 0 || is_locked() ||
        bytes > (size_t)(dma->gc_pool_end - dma->gc_pool_start)) {
        return NULL;
    }
    size_t blocks = blocks_for(round_up(bytes, GC_AREAS_DMA_ALIGN));
    void *ptr = aligned_fit(blocks);
    if (ptr == NULL && MP_STATE_MEM(gc_auto_collect_enabled)) {
        gc_collect();
        ptr = aligned_fit(blocks);
    }
    if (ptr != NULL) {
        memset(ptr, 0, blocks * BYTES_PER_BLOCK);
    }
    return ptr;
}

// ---- collection -----------------------------------------------------------------------------

/* Programs count on free memory being theirs: that of the DMA area is not. */
void gc_info(gc_info_t *info)
{
    mp_state_mem_area_t *last = outer != NULL ? outer : inner;
    last->next = NULL;
    info_of_all(info);
    last->next = dma;
}

/*
 * No exception may leave a collection half done. mp_call_function_1_protected() does not catch what
 * is raised while it prints what it has caught, and neither is looking up the method safe, with the
 * stack nearly full: such an object goes without its finaliser.
 */
static void run_finaliser(mp_state_mem_area_t *area, size_t block)
{
    mp_obj_base_t *object = (mp_obj_base_t *)PTR_FROM_BLOCK(area, block);
    if (object->type != NULL) {
        nlr_buf_t nlr;
        mp_sched_lock();
        if (nlr_push(&nlr) == 0) {
            mp_obj_t method[2];
            mp_load_method_maybe(MP_OBJ_FROM_PTR(object), MP_QSTR___del__, method);
            if (method[0] != MP_OBJ_NULL) {
                mp_call_function_1_protected(method[0], method[1]);
            }
            nlr_pop();
        }
        mp_sched_unlock();
    }
    FTB_CLEAR(area, block);
}

static void run_finalisers(mp_state_mem_area_t *area)
{
    const table_word *ftb = (const table_word *)area->gc_finaliser_table_start;
    size_t last = area->gc_last_used_block / BLOCKS_PER_FTB_WORD;
    for (size_t word = 0; word <= last; word++) {
        for (uint32_t bits = ftb[word]; bits != 0; bits &= bits - 1u) {
            size_t block = word * BLOCKS_PER_FTB_WORD + (size_t)__builtin_ctz(bits);
            if (ATB_GET_KIND(area, block) == AT_HEAD) {
                run_finaliser(area, block);
            }
        }
    }
}

/*
 * Frees unmarked heads with their tails and unmarks the others, sixteen blocks at a time. In a word
 * of the allocation table each block has two bits, of which `low` is set in heads and `high` in
 * tails, both in marked heads.
 *
 * Which tails belong to a freed head? `run` has all bits of all tails set. Adding the lowest bit of
 * a run carries through it and clears it, and no other run. What is carried into the next word is
 * whether the last block was freed.
 */
static void sweep(mp_state_mem_area_t *area)
{
    const uint32_t low_bits = 0x55555555;
    table_word *atb = (table_word *)area->gc_alloc_table_start;
    size_t last_word = area->gc_last_used_block / BLOCKS_PER_ATB_WORD;
    size_t last_used = 0;
    uint32_t freed_last = 0;

    for (size_t word = 0; word <= last_word; word++) {
        uint32_t kinds = atb[word];
        if (kinds == 0) {
            freed_last = 0;
            continue;
        }
        uint32_t low = kinds & low_bits;
        uint32_t high = kinds >> 1 & low_bits;
        uint32_t heads = low & ~high;
        uint32_t tails = high & ~low;
        uint32_t marks = low & high;

        uint32_t run = tails | tails << 1;
        uint32_t begin = (heads << 2 | freed_last) & tails;
        uint32_t freed = heads | (tails & ~(run + begin));
        uint32_t kept = kinds & ~(freed | freed << 1) & ~(marks << 1);
        atb[word] = kept;

        freed_last = freed >> 30;
        if (kept != 0) {
            last_used = word * BLOCKS_PER_ATB_WORD + (31u - (size_t)__builtin_clz(kept)) / 2u;
        }
    }
    area->gc_last_used_block = last_used;
}

/* As that of py/gc.c, which looks at each block by itself. */
void gc_collect_end(void)
{
    gc_deal_with_stack_overflow();
    for (mp_state_mem_area_t *area = &MP_STATE_MEM(area); area != NULL; area = area->next) {
        run_finalisers(area);
    }
    for (mp_state_mem_area_t *area = &MP_STATE_MEM(area); area != NULL; area = area->next) {
        sweep(area);
        area->gc_last_free_atb_index = 0;
    }
    MP_STATE_MEM(gc_last_free_area) = &MP_STATE_MEM(area);
    open_inner();
    close_dma();
    MP_STATE_THREAD(gc_lock_depth) &= ~GC_COLLECT_FLAG;
}

void gc_sweep_all(void)
{
    gc_collect_start_common();
    gc_collect_end();
}

#endif
