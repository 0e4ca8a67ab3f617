/* SPDX-License-Identifier: MIT */

/*
 * The sweep of firmware/port/gc_areas.c, sixteen blocks at a time, against MicroPython's own, block
 * by block, on random tables: the same blocks stay, the same finalisers run in the same order.
 *
 * Both are in one file here: gc_areas.c includes py/gc.c, whose gc_collect_end() is called
 * end_by_blocks().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "gc_areas.c" // NOLINT(bugprone-suspicious-include): its static functions are the subject

#define BLOCKS    640u
#define AREAS     3u
#define ATB_BYTES (BLOCKS / 4u)
#define FTB_BYTES (BLOCKS / 8u)
#define CALLS     (AREAS * BLOCKS)
#define ROUNDS    50000u
#define ATB_ROOM  (ATB_BYTES + 4u)
#define FTB_ROOM  (FTB_BYTES + 4u)

mp_state_ctx_t mp_state_ctx;

/* ---- what py/gc.c calls ---- */

static const void *called[CALLS];
static size_t calls;

/* Of the objects with a type two thirds have a method __del__. */
static mp_obj_type_t with_method, without_method;

void mp_load_method_maybe(mp_obj_t object, qstr name, mp_obj_t *method)
{
    const mp_obj_base_t *base = MP_OBJ_TO_PTR(object);
    assert_int_equal(name, MP_QSTR___del__);
    method[0] = base->type == &with_method ? MP_OBJ_NEW_SMALL_INT(1) : MP_OBJ_NULL;
    method[1] = object;
}

/* No callback may run while a finaliser does. */
static unsigned locks;

void mp_sched_lock(void)
{
    locks++;
}

void mp_sched_unlock(void)
{
    locks--;
}

mp_obj_t mp_call_function_1_protected(mp_obj_t function, mp_obj_t object)
{
    assert_int_equal(locks, 1);
    assert_ptr_equal(function, MP_OBJ_NEW_SMALL_INT(1));
    assert_true(calls < CALLS);
    called[calls++] = MP_OBJ_TO_PTR(object);
    return MP_OBJ_NULL;
}

/* Called by what is not called here. */
int mp_printf(const mp_print_t *print, const char *format, ...)
{
    (void)print;
    (void)format;
    abort();
}

/* Nothing raises here: see nlr_jump(). */
unsigned int nlr_push(nlr_buf_t *buffer)
{
    (void)buffer;
    return 0;
}

void nlr_pop(void) {}

_Noreturn void nlr_jump(void *value)
{
    (void)value;
    abort();
}

void gc_collect(void)
{
    abort();
}

/* ---- random heaps ---- */

static uint64_t random_state;

static unsigned dice(unsigned sides)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % sides;
}

/* All that a collection changes. */
struct heap {
    mp_state_mem_area_t area[AREAS];
    uint32_t atb[AREAS][ATB_ROOM / 4u], ftb[AREAS][FTB_ROOM / 4u];
};

static struct heap start;
static _Alignas(16) uint8_t pools[AREAS][BLOCKS * BYTES_PER_BLOCK];

static void set_kind(uint8_t *atb, size_t block, unsigned kind)
{
    atb[block / 4u] |= (uint8_t)(kind << block % 4u * 2u);
}

/*
 * An object's head is followed by its tails: some by none, some by enough to fill words. In a heap
 * between two collections there are free blocks anywhere. gc_last_used_block is the last block in
 * use, or one behind it, because objects are freed in between.
 */
static void make_area(struct heap *heap, unsigned n, unsigned blocks)
{
    uint8_t *atb = (uint8_t *)heap->atb[n], *ftb = (uint8_t *)heap->ftb[n];
    const unsigned full = dice(101), marked = dice(101), longest = 1u + dice(3) * dice(40);
    size_t used = dice(blocks + 1u), last = 0;

    for (size_t block = 0; block < used;) {
        if (dice(100) >= full) {
            block++;
            continue;
        }
        size_t end = block + 1u + dice(longest);
        mp_obj_base_t *object = (mp_obj_base_t *)&pools[n][block * BYTES_PER_BLOCK];
        object->type = dice(4) == 0 ? NULL : dice(3) == 0 ? &without_method : &with_method;
        set_kind(atb, block, dice(100) < marked ? AT_MARK : AT_HEAD);
        if (dice(3) == 0) {
            ftb[block / 8u] |= (uint8_t)(1u << block % 8u);
        }
        last = block;
        for (block++; block < end && block < used; block++) {
            set_kind(atb, block, AT_TAIL);
            last = block;
        }
    }
    heap->area[n] = (mp_state_mem_area_t){
        .gc_alloc_table_byte_len = blocks / 4u,
        .gc_pool_start = pools[n],
        .gc_pool_end = pools[n] + blocks * BYTES_PER_BLOCK,
        .gc_last_free_atb_index = dice(blocks / 4u),
        .gc_last_used_block = last + dice(dice(2) ? 1u : (unsigned)(blocks - last)),
    };
}

static void make_heap(struct heap *heap)
{
    *heap = (struct heap){0};
    for (unsigned n = 0; n < AREAS; n++) {
        /* Whole bytes of the table, not always whole words. */
        make_area(heap, n, 4u * (1u + dice(ATB_BYTES)));
    }
}

/* The heap in force: tables in `heap`, the first area MicroPython's own variable. */
static void put(struct heap *heap)
{
    for (unsigned n = 0; n < AREAS; n++) {
        heap->area[n].gc_alloc_table_start = (byte *)heap->atb[n];
        heap->area[n].gc_finaliser_table_start = (byte *)heap->ftb[n];
        heap->area[n].next = n + 1u < AREAS ? &heap->area[n + 1u] : NULL;
    }
    MP_STATE_MEM(area) = heap->area[0];
    calls = 0;
}

static void take(struct heap *heap)
{
    heap->area[0] = MP_STATE_MEM(area);
}

/* ---- tests ---- */

static void the_same_is_left(void **state)
{
    (void)state;
    static struct heap by_blocks, by_words;
    static const void *expected[CALLS];

    random_state = 0x5eed;
    for (unsigned round = 0; round < ROUNDS; round++) {
        make_heap(&start);

        by_blocks = start;
        put(&by_blocks);
        end_by_blocks();
        take(&by_blocks);
        const size_t expected_calls = calls;
        memcpy(expected, called, sizeof called);

        by_words = start;
        put(&by_words);
        gc_collect_end();
        take(&by_words);

        assert_int_equal(calls, expected_calls);
        assert_memory_equal(called, expected, calls * sizeof *called);
        assert_memory_equal(by_words.atb, by_blocks.atb, sizeof by_words.atb);
        assert_memory_equal(by_words.ftb, by_blocks.ftb, sizeof by_words.ftb);
        for (unsigned n = 0; n < AREAS; n++) {
            assert_int_equal(by_words.area[n].gc_last_used_block,
                             by_blocks.area[n].gc_last_used_block);
            assert_int_equal(by_words.area[n].gc_last_free_atb_index,
                             by_blocks.area[n].gc_last_free_atb_index);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
