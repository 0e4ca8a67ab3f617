/* Frames between a host, chips and listeners: who is asked, who sees what, what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recorder.h"

static struct membus *bus;
static struct chip chip, other;
static struct witness witness;

static int start(void **state)
{
    (void)state;
    bus = membus_new("ospi1");
    memset(&chip, 0, sizeof chip);
    memset(&other, 0, sizeof other);
    memset(&witness, 0, sizeof witness);
    return bus ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    membus_free(bus);
    return 0;
}

static struct membus_frame quad_write(void)
{
    return frame_of(0x38, 4, 4, 0x123456, 0, 4, MEMBUS_OUT);
}

static struct membus_frame quad_read(void)
{
    return frame_of(0xEB, 4, 4, 0x123456, 6, 4, MEMBUS_IN);
}

/* ---- by bytes ---- */

static void a_lone_chip_may_follow_by_bytes(void **state)
{
    struct membus_frame out = quad_write(), in = quad_read();
    uint8_t sent[] = {1, 2, 3, 4, 5}, got[4];

    (void)state;
    chip_attach(&chip, bus, MEMBUS_BYTES);
    membus_begin(bus, &out);
    assert_true(chip.bytes_offered);
    membus_send(bus, &out, sent, 2);
    membus_send(bus, &out, sent + 2, 3);
    finish(bus, &out);
    assert_int_equal(out.bytes, 5);
    assert_int_equal(chip.written, 5);
    assert_memory_equal(chip.data, sent, 5);
    assert_int_equal(chip.samples, 0);
    membus_begin(bus, &in);
    membus_receive(bus, &in, got, 4);
    finish(bus, &in);
    static const uint8_t expected[] = {0xA0, 0xA1, 0xA2, 0xA3};
    assert_memory_equal(got, expected, 4);
    assert_int_equal(chip.begun, 2);
    assert_int_equal(chip.ended, 2);
}

static void bytes_are_not_offered_where_wires_matter(void **state)
{
    static const uint16_t broken[] = {1, 2, 4, 8, MEMBUS_CLK};

    (void)state;
    chip_attach(&chip, bus, MEMBUS_BYTES);
    for (unsigned i = 0; i < 5; i++) {
        struct membus_frame f = quad_write();

        f.wires = MEMBUS_ALL_WIRES & ~broken[i];
        membus_begin(bus, &f);
        assert_false(chip.bytes_offered);
        finish(bus, &f);
    }
    chip_attach(&other, bus, MEMBUS_IGNORE); /* two chips on the same wires */
    struct membus_frame f = quad_write();
    membus_begin(bus, &f);
    assert_false(chip.bytes_offered);
    finish(bus, &f);
    assert_int_equal(other.ended, 1);
}

/* ---- clock by clock ---- */

static void a_chip_that_follows_by_clocks_samples_each_rising_edge(void **state)
{
    struct membus_frame f = quad_write();
    uint8_t data = 0x9A;
    static const uint8_t lines[] = {3, 8, 1, 2, 3, 4, 5, 6, 9, 0xA};

    (void)state;
    chip_attach(&chip, bus, MEMBUS_CLOCKS);
    membus_begin(bus, &f);
    membus_send(bus, &f, &data, 1);
    finish(bus, &f);
    assert_int_equal(chip.samples, 10);
    assert_memory_equal(chip.sample, lines, 10);
    assert_int_equal(f.clocks, 10);
}

static void what_a_chip_drives_is_what_the_host_reads(void **state)
{
    struct membus_frame f = quad_read();
    uint8_t got[3];

    (void)state;
    chip_attach(&chip, bus, MEMBUS_CLOCKS);
    chip.counts = true; /* drives the number of the clock: 14, 15 | 16, 17 | 18, 19 */
    chip.mask = 0x0F;
    membus_begin(bus, &f);
    membus_receive(bus, &f, got, 3);
    finish(bus, &f);
    assert_int_equal(got[0], 0xEF);
    assert_int_equal(got[1], 0x01);
    assert_int_equal(got[2], 0x23);
    assert_true(f.contention); /* it drove against command and address too */
}

static void one_line_is_read_on_io1(void **state)
{
    struct membus_frame f = frame_of(0x03, 1, 1, 0, 0, 1, MEMBUS_IN);
    uint8_t got;

    (void)state;
    chip_attach(&chip, bus, MEMBUS_CLOCKS);
    chip.level = 0;
    chip.mask = 0x02;
    membus_begin(bus, &f);
    membus_receive(bus, &f, &got, 1);
    assert_int_equal(got, 0x00);
    chip.level = 2;
    membus_receive(bus, &f, &got, 1);
    assert_int_equal(got, 0xFF);
    finish(bus, &f);
    assert_false(f.contention);
}

static void two_chips_against_each_other_are_contention(void **state)
{
    struct membus_frame f = quad_read();
    uint8_t got;

    (void)state;
    chip_attach(&chip, bus, MEMBUS_CLOCKS);
    chip_attach(&other, bus, MEMBUS_CLOCKS);
    chip.mask = 0;
    other.mask = 0;
    membus_begin(bus, &f);
    membus_receive(bus, &f, &got, 1);
    assert_false(f.contention);
    chip.mask = other.mask = 1;
    chip.level = 1;
    other.level = 1;
    membus_receive(bus, &f, &got, 1);
    assert_false(f.contention); /* of one mind */
    other.level = 0;
    membus_receive(bus, &f, &got, 1);
    assert_true(f.contention);
    finish(bus, &f);
}

static void a_frame_cut_within_its_header_is_truncated(void **state)
{
    struct membus_frame f = frame_of(0x35, 1, 0, 0, 0, 0, MEMBUS_NO_DATA);

    (void)state;
    chip_attach(&chip, bus, MEMBUS_CLOCKS);
    membus_begin(bus, &f);
    cut_after(bus, &f, 5, 0);
    assert_true(f.truncated);
    assert_int_equal(chip.samples, 5);
    assert_true(chip.end.truncated);
    assert_int_equal(f.last_edge, f.fall + 50 * VTIME_NS);
}

static void the_clocks_of_a_byte_that_was_cut_reach_the_chip(void **state)
{
    struct membus_frame f = frame_of(0x02, 1, 1, 0, 0, 1, MEMBUS_OUT);
    uint8_t data = 0xFF;

    (void)state;
    chip_attach(&chip, bus, MEMBUS_CLOCKS);
    membus_begin(bus, &f);
    membus_send(bus, &f, &data, 1);
    cut_after(bus, &f, 32 + 8 + 3, 0xA0); /* 1, 0, 1 of a second byte */
    assert_int_equal(chip.samples, 43);
    assert_int_equal(chip.sample[40] & 1, 1);
    assert_int_equal(chip.sample[41] & 1, 0);
    assert_int_equal(chip.sample[42] & 1, 1);
    assert_false(f.truncated);
    assert_int_equal(f.bytes, 1);
}

/* ---- wires that are not there ---- */

static void without_ncs_nobody_sees_a_frame(void **state)
{
    struct membus_frame f = quad_read();
    uint8_t got[2] = {0, 0};

    (void)state;
    chip_attach(&chip, bus, MEMBUS_CLOCKS);
    witness_attach(&witness, bus);
    f.wires = MEMBUS_ALL_WIRES & ~MEMBUS_NCS;
    membus_begin(bus, &f);
    membus_receive(bus, &f, got, 2);
    finish(bus, &f);
    assert_int_equal(chip.begun + chip.ended + chip.samples, 0);
    assert_int_equal(witness.begun + witness.ended, 0);
    assert_int_equal(got[0], 0xFF); /* nobody drives: as the bus is pulled */
}

static void without_clk_a_chip_is_selected_and_samples_nothing(void **state)
{
    struct membus_frame f = quad_write();
    uint8_t data = 0;

    (void)state;
    chip_attach(&chip, bus, MEMBUS_CLOCKS);
    f.wires = MEMBUS_ALL_WIRES & ~MEMBUS_CLK;
    membus_begin(bus, &f);
    membus_send(bus, &f, &data, 1);
    finish(bus, &f);
    assert_int_equal(chip.begun, 1);
    assert_int_equal(chip.samples, 0);
    assert_int_equal(chip.ended, 1);
}

static void a_line_the_host_does_not_reach_floats(void **state)
{
    struct membus_frame f = quad_write();

    (void)state;
    chip_attach(&chip, bus, MEMBUS_CLOCKS);
    f.wires = MEMBUS_ALL_WIRES & ~4; /* IO2 */
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_int_equal(chip.sample[0], 3 | 4);
    assert_int_equal(chip.sample[1], 8 | 4);
    membus_set_pull(bus, 0);
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_int_equal(chip.sample[8], 3);
    assert_int_equal(chip.sample[9], 8);
}

static void an_empty_socket_reads_as_the_lines_are_pulled(void **state)
{
    struct membus_frame f = quad_read();
    uint8_t got[2];

    (void)state;
    membus_begin(bus, &f);
    membus_receive(bus, &f, got, 2);
    finish(bus, &f);
    assert_int_equal(got[0], 0xFF);
    membus_set_pull(bus, 0x05);
    membus_begin(bus, &f);
    membus_receive(bus, &f, got, 2);
    finish(bus, &f);
    assert_int_equal(got[1], 0x55);
}

/* ---- listeners, numbers ---- */

static void listeners_see_what_the_host_sends_and_reads(void **state)
{
    struct membus_frame out = quad_write(), in = quad_read();
    uint8_t sent[] = {0x11, 0x22, 0x33}, got[3];

    (void)state;
    chip_attach(&chip, bus, MEMBUS_BYTES);
    witness_attach(&witness, bus);
    membus_begin(bus, &out);
    membus_send(bus, &out, sent, 1);
    membus_send(bus, &out, sent + 1, 2);
    finish(bus, &out);
    assert_int_equal(witness.count, 3);
    assert_memory_equal(witness.data, sent, 3);
    membus_begin(bus, &in);
    membus_receive(bus, &in, got, 3);
    finish(bus, &in);
    assert_memory_equal(witness.data, got, 3);
    assert_int_equal(witness.begun, 2);
    assert_int_equal(witness.ended, 2);
    assert_int_equal(witness.end.bytes, 3);
    membus_unlisten(bus, &witness.listener);
    membus_begin(bus, &in);
    finish(bus, &in);
    assert_int_equal(witness.begun, 2);
}

static void frames_are_numbered_and_know_how_long_ncs_was_high(void **state)
{
    struct membus_frame f = quad_write();
    struct membus_stats stats;
    uint8_t data[2] = {0};
    vtime rise;

    (void)state;
    membus_begin(bus, &f);
    assert_int_equal(f.number, 1);
    assert_true(f.high_before == VTIME_NEVER);
    membus_send(bus, &f, data, 2);
    finish(bus, &f);
    rise = f.rise;
    f.fall = rise + 50 * VTIME_NS;
    membus_begin(bus, &f);
    assert_int_equal(f.number, 2);
    assert_int_equal(f.high_before, 50 * VTIME_NS);
    assert_int_equal(f.bytes, 0);
    finish(bus, &f);
    membus_get_stats(bus, &stats);
    assert_int_equal(stats.frames, 2);
    assert_int_equal(stats.bytes_out, 2);
    assert_int_equal(stats.bytes_in, 0);
    assert_int_equal(stats.clocks, 12 + 8);
    assert_int_equal(stats.low, (13 + 9) * 10 * VTIME_NS);
    assert_int_equal(stats.longest, 130 * VTIME_NS);
}

static void a_detached_chip_is_gone(void **state)
{
    struct membus_frame f = quad_write();

    (void)state;
    chip_attach(&chip, bus, MEMBUS_CLOCKS);
    chip_attach(&other, bus, MEMBUS_CLOCKS);
    membus_detach(bus, &chip.part);
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_int_equal(chip.begun, 0);
    assert_int_equal(other.begun, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(a_lone_chip_may_follow_by_bytes),
        TEST(bytes_are_not_offered_where_wires_matter),
        TEST(a_chip_that_follows_by_clocks_samples_each_rising_edge),
        TEST(what_a_chip_drives_is_what_the_host_reads),
        TEST(one_line_is_read_on_io1),
        TEST(two_chips_against_each_other_are_contention),
        TEST(a_frame_cut_within_its_header_is_truncated),
        TEST(the_clocks_of_a_byte_that_was_cut_reach_the_chip),
        TEST(without_ncs_nobody_sees_a_frame),
        TEST(without_clk_a_chip_is_selected_and_samples_nothing),
        TEST(a_line_the_host_does_not_reach_floats),
        TEST(an_empty_socket_reads_as_the_lines_are_pulled),
        TEST(listeners_see_what_the_host_sends_and_reads),
        TEST(frames_are_numbered_and_know_how_long_ncs_was_high),
        TEST(a_detached_chip_is_gone),
    };
    return cmocka_run_group_tests_name("wire_membus_frames", tests, NULL, NULL);
}
