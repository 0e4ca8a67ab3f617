/* The asynchronous line: frames as bits, and what a receiver at its own speed samples of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../vboard/wire/serial.h"

#define BIT (VTIME_US * 10)

static void a_frame_is_start_data_lsb_first_and_stop(void **state)
{
    struct serial_char c = serial_frame(0x53, 8, 1, 1234, BIT); /* 0101 0011 */
    static const bool line[] = {0, 1, 1, 0, 0, 1, 0, 1, 0, 1};

    (void)state;
    assert_int_equal(c.count, 10);
    assert_int_equal(c.start, 1234);
    assert_int_equal(c.bit, BIT);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(c.bits >> i & 1, line[i]);
    }
    assert_int_equal(c.bits >> 10, 0);
}

static void frames_have_5_to_9_data_bits_and_1_or_2_stop_bits(void **state)
{
    struct serial_char c = serial_frame(0x1FF, 9, 2, 0, BIT);

    (void)state;
    assert_int_equal(c.count, 12);
    assert_int_equal(c.bits, 0xFFE);
    c = serial_frame(0xFF, 5, 1, 0, BIT); /* what is beyond the data bits is not sent */
    assert_int_equal(c.count, 7);
    assert_int_equal(c.bits, 0x7E);
    c = serial_frame(0xE0, 5, 1, 0, BIT);
    assert_int_equal(c.bits, 0x40);
}

static void the_line_is_high_after_a_character(void **state)
{
    struct serial_char c = serial_frame(0, 8, 1, 0, BIT);
    struct serial_char rest = {.bits = 0, .count = 12, .bit = BIT}; /* a break */

    (void)state;
    for (unsigned i = 10; i < 20; i++) {
        assert_true(serial_sample(&c, i, BIT));
    }
    for (unsigned i = 0; i < 12; i++) {
        assert_false(serial_sample(&rest, i, BIT));
    }
    assert_true(serial_sample(&rest, 12, BIT));
}

/* Reads 8 data bits and tells whether start and stop bit were right. */
static bool receive(const struct serial_char *c, vtime bit, uint8_t *byte)
{
    *byte = 0;
    for (unsigned i = 0; i < 8; i++) {
        *byte |= (uint8_t)(serial_sample(c, 1 + i, bit) << i);
    }
    return !serial_sample(c, 0, bit) && serial_sample(c, 9, bit);
}

static void a_receiver_at_the_same_speed_reads_every_byte(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 256; v++) {
        struct serial_char c = serial_frame(v, 8, 1, 0, BIT);
        uint8_t byte;

        assert_true(receive(&c, BIT, &byte));
        assert_int_equal(byte, v);
    }
}

/* It samples in the middle of its bits: the last, bit 9, is 9.5 bits after the start. One too fast
   by 1 - 9 / 9.5 = 5.26 % still sees data bit 7 there; one too slow by 9 / 8.5 - 1 = 5.88 % sees
   the stop bit where it looks for data bit 7. */
static void speeds_may_differ_by_half_a_bit_in_a_character(void **state)
{
    struct serial_char c = serial_frame(0x55, 8, 1, 0, BIT);
    uint8_t byte;

    (void)state;
    assert_true(receive(&c, BIT * 950 / 1000, &byte));
    assert_int_equal(byte, 0x55);
    assert_false(receive(&c, BIT * 946 / 1000, &byte));
    assert_true(receive(&c, BIT * 1058 / 1000, &byte));
    assert_int_equal(byte, 0x55);
    receive(&c, BIT * 1060 / 1000, &byte);
    assert_int_equal(byte, 0xD5);
}

static void half_the_speed_reads_every_other_bit(void **state)
{
    struct serial_char c = serial_frame(0xFF, 8, 1, 0, BIT);
    uint8_t byte;

    (void)state;
    /* A receiver at half speed looks at 1.0, 3.0, 5.0 .. of the sender's bits: no start bit. */
    assert_false(receive(&c, 2 * BIT, &byte));
    /* One at twice the speed sees the start bit twice. */
    assert_true(receive(&c, BIT / 2, &byte));
    assert_int_equal(byte, 0xFE);
}

struct ear {
    struct serial_listener listener;
    unsigned begun, passed;
    uint32_t bits;
};

static void begins(void *ctx, const struct serial_char *c)
{
    struct ear *e = ctx;

    e->begun++;
    e->bits = c->bits;
}

static void passes(void *ctx, const struct serial_char *c)
{
    struct ear *e = ctx;

    e->passed++;
    assert_int_equal(c->bits, 0x2A6);
}

static void listeners_hear_begin_and_end(void **state)
{
    struct serial_wire *w = serial_wire_new();
    struct ear a = {.listener = {.fn = passes, .begin = begins, .ctx = &a}};
    struct ear b = {.listener = {.fn = passes, .ctx = &b}};
    struct serial_char c = serial_frame(0x53, 8, 1, 0, BIT);

    (void)state;
    assert_int_equal(c.bits, 0x2A6);
    serial_listen(w, &a.listener);
    serial_listen(w, &b.listener);
    serial_begin(w, &c);
    assert_int_equal(a.begun, 1);
    assert_int_equal(a.bits, 0x2A6);
    assert_int_equal(a.passed, 0);
    serial_send(w, &c);
    assert_int_equal(a.passed, 1);
    assert_int_equal(b.passed, 1);
    serial_unlisten(w, &a.listener);
    serial_begin(w, &c);
    serial_send(w, &c);
    assert_int_equal(a.begun, 1);
    assert_int_equal(a.passed, 1);
    assert_int_equal(b.passed, 2);
    serial_wire_free(w);
}

static void joined_wires_carry_the_same(void **state)
{
    struct serial_wire *one = serial_wire_new(), *two = serial_wire_new();
    struct serial_char c = serial_frame(0x53, 8, 1, 0, BIT);
    struct ear a = {0}, b = {0};
    struct serial_listener near = {.fn = passes, .begin = begins, .ctx = &a};
    struct serial_listener far = {.fn = passes, .begin = begins, .ctx = &b};

    (void)state;
    serial_listen(one, &near);
    serial_listen(two, &far);
    serial_join(one, two);
    serial_join(two, one); /* they are already */
    assert_true(serial_joined(one, two));
    serial_begin(one, &c);
    serial_send(two, &c);
    assert_int_equal(a.begun + b.begun, 2);
    assert_int_equal(a.passed + b.passed, 2);
    serial_wire_free(one);
    serial_send(two, &c);
    assert_int_equal(a.passed, 1);
    assert_int_equal(b.passed, 2);
    serial_wire_free(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_start_data_lsb_first_and_stop),
        cmocka_unit_test(frames_have_5_to_9_data_bits_and_1_or_2_stop_bits),
        cmocka_unit_test(the_line_is_high_after_a_character),
        cmocka_unit_test(a_receiver_at_the_same_speed_reads_every_byte),
        cmocka_unit_test(speeds_may_differ_by_half_a_bit_in_a_character),
        cmocka_unit_test(half_the_speed_reads_every_other_bit),
        cmocka_unit_test(listeners_hear_begin_and_end),
        cmocka_unit_test(joined_wires_carry_the_same),
    };
    return cmocka_run_group_tests_name("wire_serial", tests, NULL, NULL);
}
