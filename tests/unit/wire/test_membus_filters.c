/* Faults in the wires: changed levels, lost and doubled edges of CLK, lost edges of nCS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recorder.h"

struct damage {
    struct membus_filter filter;
    uint8_t to_parts, to_host; /* lines that are inverted on their way */
    unsigned edges[64];        /* of each rising edge; beyond: 1 */
    unsigned edge;
    bool lose_fall, lose_rise;
};

static uint8_t lines(void *ctx, const struct membus_frame *f, uint8_t level, bool to_host)
{
    struct damage *d = ctx;

    (void)f;
    return level ^ (to_host ? d->to_host : d->to_parts);
}

static unsigned edges(void *ctx, const struct membus_frame *f)
{
    struct damage *d = ctx;

    (void)f;
    return d->edge < 64 ? d->edges[d->edge++] : 1;
}

static bool ncs(void *ctx, const struct membus_frame *f, bool low)
{
    struct damage *d = ctx;

    (void)f;
    return low ? !d->lose_fall : !d->lose_rise;
}

static struct membus *bus;
static struct chip chip;
static struct damage damage;
static struct witness witness;

static int start(void **state)
{
    (void)state;
    bus = membus_new("ospi1");
    memset(&chip, 0, sizeof chip);
    memset(&damage, 0, sizeof damage);
    memset(&witness, 0, sizeof witness);
    damage.filter =
        (struct membus_filter){.ctx = &damage, .lines = lines, .edges = edges, .select = ncs};
    for (unsigned i = 0; i < 64; i++)
        damage.edges[i] = 1;
    membus_add_filter(bus, &damage.filter);
    chip_attach(&chip, bus, MEMBUS_BYTES);
    witness_attach(&witness, bus);
    return bus ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    membus_free(bus);
    return 0;
}

static struct membus_frame command(uint8_t code)
{
    return frame_of(code, 4, 0, 0, 0, 0, MEMBUS_NO_DATA);
}

static void with_a_filter_all_parts_follow_clock_by_clock(void **state)
{
    struct membus_frame f = command(0x5A);

    (void)state;
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_false(chip.bytes_offered);
    assert_int_equal(chip.samples, 2);
    membus_remove_filter(bus, &damage.filter);
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_true(chip.bytes_offered);
}

static void levels_are_changed_on_their_way_to_the_chip(void **state)
{
    struct membus_frame f = command(0x5A);

    (void)state;
    damage.to_parts = 0x01;
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_int_equal(chip.sample[0], 0x4);
    assert_int_equal(chip.sample[1], 0xB);
}

static void levels_are_changed_on_their_way_to_the_host(void **state)
{
    struct membus_frame f = frame_of(0xEB, 4, 4, 0, 6, 4, MEMBUS_IN);
    uint8_t got;

    (void)state;
    chip.mask = 0x0F;
    chip.level = 0x03;
    damage.to_host = 0x08;
    membus_begin(bus, &f);
    membus_receive(bus, &f, &got, 1);
    finish(bus, &f);
    assert_int_equal(got, 0xBB);
    assert_int_equal(witness.data[0], 0xBB);
    assert_int_equal(chip.sample[0], 0xE); /* this way is whole */
}

static void a_lost_clock_edge_shifts_what_the_chip_sees(void **state)
{
    struct membus_frame f = frame_of(0x38, 4, 4, 0x123456, 0, 4, MEMBUS_OUT);
    static const uint8_t seen[] = {3, 8, 1, 3, 4, 5, 6};

    (void)state;
    damage.edges[3] = 0;
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_int_equal(chip.samples, 7);
    assert_memory_equal(chip.sample, seen, 7);
}

static void a_ringing_clock_edge_is_sampled_twice(void **state)
{
    struct membus_frame f = command(0x5A);
    static const uint8_t seen[] = {5, 0xA, 0xA};

    (void)state;
    damage.edges[1] = 2;
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_int_equal(chip.samples, 3);
    assert_memory_equal(chip.sample, seen, 3);
}

static void a_chip_that_missed_the_falling_edge_of_ncs_sleeps_through_the_frame(void **state)
{
    struct membus_frame f = command(0x5A);

    (void)state;
    damage.lose_fall = true;
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_int_equal(chip.begun + chip.samples + chip.ended, 0);
    assert_int_equal(witness.ended, 1); /* the wire itself carried it */
    damage.lose_fall = false;
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_int_equal(chip.begun, 1);
    assert_int_equal(chip.ended, 1);
}

static void a_chip_that_missed_the_rising_edge_takes_two_frames_for_one(void **state)
{
    struct membus_frame f = command(0x5A), g = command(0x12);
    static const uint8_t seen[] = {5, 0xA, 1, 2};

    (void)state;
    damage.lose_rise = true;
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_int_equal(chip.ended, 0);
    damage.lose_rise = false;
    membus_begin(bus, &g);
    finish(bus, &g);
    assert_int_equal(chip.begun, 1);
    assert_int_equal(chip.ended, 1);
    assert_int_equal(chip.samples, 4);
    assert_memory_equal(chip.sample, seen, 4);
}

static void filters_add_up(void **state)
{
    struct damage second = {.to_parts = 0x03};
    struct membus_frame f = command(0x00);

    (void)state;
    second.filter = (struct membus_filter){.ctx = &second, .lines = lines};
    damage.to_parts = 0x01;
    membus_add_filter(bus, &second.filter);
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_int_equal(chip.sample[0], 0x02);
}

static void an_edge_that_rings_once_rings_whatever_else_is_on_the_bus(void **state)
{
    struct damage second = {.edges = {1, 1}};
    struct membus_frame f = command(0x5A);

    (void)state;
    second.filter = (struct membus_filter){.ctx = &second, .edges = edges};
    damage.edges[0] = 2;
    membus_add_filter(bus, &second.filter);
    membus_begin(bus, &f);
    finish(bus, &f);
    assert_int_equal(chip.samples, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(with_a_filter_all_parts_follow_clock_by_clock),
        TEST(levels_are_changed_on_their_way_to_the_chip),
        TEST(levels_are_changed_on_their_way_to_the_host),
        TEST(a_lost_clock_edge_shifts_what_the_chip_sees),
        TEST(a_ringing_clock_edge_is_sampled_twice),
        TEST(a_chip_that_missed_the_falling_edge_of_ncs_sleeps_through_the_frame),
        TEST(a_chip_that_missed_the_rising_edge_takes_two_frames_for_one),
        TEST(filters_add_up),
        TEST(an_edge_that_rings_once_rings_whatever_else_is_on_the_bus),
    };
    return cmocka_run_group_tests_name("wire_membus_filters", tests, NULL, NULL);
}
