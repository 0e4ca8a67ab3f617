/* SPDX-License-Identifier: MIT */

/* The byte queue between the USART's interrupt and the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ring.h"

#define SIZE 8u

static uint8_t data[SIZE];

static struct ring empty_ring(uint32_t position)
{
    return (struct ring){.data = data, .size = SIZE, .head = position, .tail = position};
}

static void bytes_come_out_in_order(void **state)
{
    (void)state;
    struct ring r = empty_ring(0);
    assert_int_equal(ring_get(&r), -1);
    for (unsigned i = 0; i < 5; i++) {
        assert_true(ring_put(&r, (uint8_t)(0xF0 + i)));
    }
    assert_int_equal(ring_used(&r), 5);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(ring_get(&r), 0xF0 + (int)i);
    }
    assert_int_equal(ring_get(&r), -1);
}

static void every_byte_of_it_can_be_used_and_no_more(void **state)
{
    (void)state;
    struct ring r = empty_ring(0);
    for (unsigned i = 0; i < SIZE; i++) {
        assert_int_equal(ring_free(&r), SIZE - i);
        assert_true(ring_put(&r, (uint8_t)i));
    }
    assert_int_equal(ring_free(&r), 0);
    assert_false(ring_put(&r, 0xEE));
    for (unsigned i = 0; i < SIZE; i++) {
        assert_int_equal(ring_get(&r), (int)i);
    }
}

static void positions_may_wrap_at_32_bits(void **state)
{
    (void)state;
    struct ring r = empty_ring(0xFFFFFFFDu);
    for (unsigned round = 0; round < 10; round++) {
        for (unsigned i = 0; i < SIZE; i++) {
            assert_true(ring_put(&r, (uint8_t)(round + i)));
        }
        assert_false(ring_put(&r, 0));
        assert_int_equal(ring_used(&r), SIZE);
        for (unsigned i = 0; i < SIZE; i++) {
            assert_int_equal(ring_get(&r), (uint8_t)(round + i));
        }
        assert_int_equal(ring_get(&r), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_out_in_order),
        cmocka_unit_test(every_byte_of_it_can_be_used_and_no_more),
        cmocka_unit_test(positions_may_wrap_at_32_bits),
    };
    return cmocka_run_group_tests_name("mcu_ring", tests, NULL, NULL);
}
