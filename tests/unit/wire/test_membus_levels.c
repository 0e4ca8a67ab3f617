/* The level of every wire at every clock follows from a frame's numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recorder.h"

static struct membus *bus;

static int start(void **state)
{
    (void)state;
    bus = membus_new("ospi1");
    return bus ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    membus_free(bus);
    return 0;
}

/* SPI mode: bits on IO0, most significant first; IO1 is the chip's; IO2 low, IO3 high. */
static void one_line_sends_the_most_significant_bit_first_on_io0(void **state)
{
    struct membus_frame f = frame_of(0x9F, 1, 1, 0x800001, 0, 1, MEMBUS_IN);
    static const uint8_t command[] = {1, 0, 0, 1, 1, 1, 1, 1};
    uint8_t mask;

    (void)state;
    membus_begin(bus, &f);
    assert_int_equal(f.header, 32);
    for (unsigned n = 0; n < 8; n++) {
        assert_int_equal(membus_header_lines(&f, n, false, &mask), 0x08 | command[n]);
        assert_int_equal(mask, 0xFD);
    }
    assert_int_equal(membus_header_lines(&f, 8, false, &mask) & 1, 1);
    for (unsigned n = 9; n < 31; n++) {
        assert_int_equal(membus_header_lines(&f, n, false, &mask) & 1, 0);
    }
    assert_int_equal(membus_header_lines(&f, 31, false, &mask) & 1, 1);
    finish(bus, &f);
}

static void four_lines_send_the_high_nibble_first(void **state)
{
    struct membus_frame f = frame_of(0xEB, 4, 4, 0x123456, 6, 4, MEMBUS_IN);
    static const uint8_t nibble[] = {0xE, 0xB, 1, 2, 3, 4, 5, 6};
    uint8_t mask;

    (void)state;
    membus_begin(bus, &f);
    assert_int_equal(f.header, 2 + 6 + 6);
    for (unsigned n = 0; n < 8; n++) {
        assert_int_equal(membus_header_lines(&f, n, false, &mask), nibble[n]);
        assert_int_equal(mask, 0xFF); /* IO4..7 are held low */
    }
    for (unsigned n = 8; n < 14; n++) {
        membus_header_lines(&f, n, false, &mask);
        assert_int_equal(mask & 0x0F, 0); /* released in time for the chip */
    }
    finish(bus, &f);
}

static void two_and_eight_lines_and_odd_lengths(void **state)
{
    struct membus_frame f = frame_of(0xA5, 2, 8, 0xC0FFEE, 0, 8, MEMBUS_OUT);
    uint8_t mask;

    (void)state;
    membus_begin(bus, &f);
    assert_int_equal(f.header, 4 + 3);
    static const uint8_t pair[] = {2, 2, 1, 1};
    for (unsigned n = 0; n < 4; n++) {
        assert_int_equal(membus_header_lines(&f, n, false, &mask), 0x08 | pair[n]);
        assert_int_equal(mask, 0xFF);
    }
    assert_int_equal(membus_header_lines(&f, 4, false, &mask), 0xC0);
    assert_int_equal(membus_header_lines(&f, 5, false, &mask), 0xFF);
    assert_int_equal(membus_header_lines(&f, 6, false, &mask), 0xEE);
    assert_int_equal(mask, 0xFF);
    assert_int_equal(membus_data_lines(&f, 0x3C, 0, &mask), 0x3C);
    assert_int_equal(f.half_clocks, 2);
    finish(bus, &f);
}

static void double_rate_sends_at_both_edges(void **state)
{
    struct membus_frame f = frame_of(0xEB, 4, 4, 0x123456, 0, 4, MEMBUS_OUT);
    uint8_t mask;

    (void)state;
    f.phase[1].dtr = true;
    f.data_dtr = true;
    membus_begin(bus, &f);
    assert_int_equal(f.header, 2 + 3);
    assert_int_equal(membus_header_lines(&f, 2, false, &mask), 1);
    assert_int_equal(membus_header_lines(&f, 2, true, &mask), 2);
    assert_int_equal(membus_header_lines(&f, 4, false, &mask), 5);
    assert_int_equal(membus_header_lines(&f, 4, true, &mask), 6);
    assert_int_equal(f.half_clocks, 2); /* a byte is one clock */
    finish(bus, &f);
}

static void data_symbols_of_both_directions(void **state)
{
    struct membus_frame out = frame_of(2, 1, 1, 0, 0, 1, MEMBUS_OUT);
    struct membus_frame in = frame_of(3, 1, 1, 0, 0, 1, MEMBUS_IN);
    uint8_t mask;

    (void)state;
    assert_int_equal(membus_data_lines(&out, 0x80, 0, &mask), 0x09);
    assert_int_equal(mask, 0xFD);
    assert_int_equal(membus_data_lines(&out, 0x80, 1, &mask), 0x08);
    /* Reading, IO1 belongs to the chip. */
    membus_data_lines(&in, 0xFF, 0, &mask);
    assert_int_equal(mask & 2, 0);
    assert_int_equal(membus_answer_lines(1, 0x80, 0, &mask), 0x02);
    assert_int_equal(mask, 0x02);
    assert_int_equal(membus_answer_lines(1, 0x80, 7, &mask), 0x00);
    in.data_lines = 4;
    membus_data_lines(&in, 0xFF, 0, &mask);
    assert_int_equal(mask, 0xF0);
    assert_int_equal(membus_answer_lines(4, 0x5A, 0, &mask), 0x5);
    assert_int_equal(membus_answer_lines(4, 0x5A, 1, &mask), 0xA);
    assert_int_equal(mask, 0x0F);
}

/* nCS falls one period before the first rising edge and rises one after the last (RM0456, nCS
   behaviour). A line of 32 bytes is 78 clocks to read, 72 to write. */
static void a_line_takes_78_clocks_to_read_and_72_to_write(void **state)
{
    struct membus_frame in = frame_of(0xEB, 4, 4, 0, 6, 4, MEMBUS_IN);
    struct membus_frame out = frame_of(0x38, 4, 4, 0, 0, 4, MEMBUS_OUT);
    uint8_t line[32] = {0};

    (void)state;
    membus_begin(bus, &in);
    assert_int_equal(membus_header_edge(&in, 0), in.fall + 10 * VTIME_NS);
    assert_int_equal(membus_header_edge(&in, 13), in.fall + 140 * VTIME_NS);
    /* The low half of the first data clock begins with the falling edge before it. */
    assert_int_equal(membus_byte_at(&in, 0), in.fall + 145 * VTIME_NS);
    assert_int_equal(membus_byte_at(&in, 1), in.fall + 165 * VTIME_NS);
    membus_receive(bus, &in, line, sizeof line);
    finish(bus, &in);
    assert_int_equal(in.clocks, 78);
    assert_int_equal(in.rise - in.fall, 790 * VTIME_NS);
    membus_begin(bus, &out);
    membus_send(bus, &out, line, sizeof line);
    finish(bus, &out);
    assert_int_equal(out.clocks, 72);
}

/* 70 MHz: a period of 14285.714 ps. */
static void a_million_periods_drift_by_less_than_16_ps(void **state)
{
    struct membus_clock c = {.period_q16 = ((uint64_t)VTIME_S << 16) / 70000000};
    vtime exact = vtime_of_clocks(1000000, 70000000), got = membus_periods(&c, 1000000);

    (void)state;
    assert_true(got <= exact && exact - got < 16);
}

static void a_clock_that_stood_moves_what_follows(void **state)
{
    struct membus_frame f = frame_of(0x38, 4, 4, 0, 0, 4, MEMBUS_OUT);
    struct witness w = {0};
    uint8_t byte = 0x11;
    vtime second;

    (void)state;
    witness_attach(&w, bus);
    membus_begin(bus, &f);
    membus_send(bus, &f, &byte, 1);
    second = membus_byte_at(&f, 1);
    membus_stop(bus, &f, second, second + 300 * VTIME_NS);
    assert_int_equal(membus_byte_at(&f, 1), second + 300 * VTIME_NS);
    assert_int_equal(membus_byte_at(&f, 2), second + 320 * VTIME_NS);
    assert_int_equal(f.stopped, 300 * VTIME_NS);
    assert_int_equal(w.stops, 1);
    assert_int_equal(w.since, second);
    assert_int_equal(w.until, second + 300 * VTIME_NS);
    membus_send(bus, &f, &byte, 1);
    finish(bus, &f);
    assert_int_equal(w.count, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(one_line_sends_the_most_significant_bit_first_on_io0),
        TEST(four_lines_send_the_high_nibble_first),
        TEST(two_and_eight_lines_and_odd_lengths),
        TEST(double_rate_sends_at_both_edges),
        TEST(data_symbols_of_both_directions),
        TEST(a_line_takes_78_clocks_to_read_and_72_to_write),
        TEST(a_million_periods_drift_by_less_than_16_ps),
        TEST(a_clock_that_stood_moves_what_follows),
    };
    return cmocka_run_group_tests_name("wire_membus_levels", tests, NULL, NULL);
}
