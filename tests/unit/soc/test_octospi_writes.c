/*
 * OCTOSPI in memory-mapped mode, writing: bursts, beats of which only some lanes carry data, and
 * the error response without DQSE (ES0478, "Memory-mapped write error response when DQS output is
 * disabled"). The slave port is 64 bits wide; quad PSRAM has no mask line.
 */
#include "ospi.h"

static struct bench b;
static const uint8_t pattern[32] = "written in 32 bytes, one line..";

static int start(void **state)
{
    (void)state;
    bench_open(&b);
    memset(psram_bytes(b.chip), 0xEE, 4096);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    bench_close(&b);
    return 0;
}

static void content_is(uint32_t offset, const char *expected, unsigned n)
{
    clocks(&b, 200);
    assert_memory_equal(psram_bytes(b.chip) + offset, expected, n);
}

static enum bus_status store(uint32_t attr, uint32_t offset, unsigned size, uint32_t strobe,
                             const void *data)
{
    uint8_t copy[32];
    struct bus_access a = {.addr = WINDOW + offset,
                           .attr = attr | BUS_PRIVILEGED,
                           .size = size,
                           .strobe = strobe,
                           .write = true,
                           .data = copy};

    memcpy(copy, data, size);
    return bus_do(b.soc->bus, &a);
}

/* ---- bursts ---- */

static void a_line_takes_72_clocks(void **state)
{
    (void)state;
    map(&b, 0);
    assert_int_equal(window_write(&b, 0x100, 32, pattern), BUS_OK);
    clocks(&b, 100);
    assert_int_equal(b.frames, 1);
    assert_int_equal(b.frame[0].phase[0].value, 0x38);
    assert_int_equal(b.frame[0].phase[1].value, 0x100);
    assert_int_equal(b.frame[0].phases, 2);
    assert_int_equal(b.frame[0].clocks, 72);
    assert_int_equal(b.frame[0].rise - b.frame[0].fall, 73 * PERIOD);
    assert_memory_equal(psram_bytes(b.chip) + 0x100, pattern, 32);
    assert_int_equal(psram_bytes(b.chip)[0x120], 0xEE);
}

static void a_write_that_goes_on_joins_the_burst(void **state)
{
    (void)state;
    map(&b, 0);
    for (uint32_t at = 0; at < 128; at += 8)
        window_write(&b, 0x100 + at, 8, pattern + at % 32);
    clocks(&b, 400);
    assert_int_equal(b.frames, 1);
    assert_int_equal(b.frame[0].bytes, 128);
    assert_int_equal(b.frame[0].stopped, 0);
    for (uint32_t at = 0; at < 128; at += 32)
        assert_memory_equal(psram_bytes(b.chip) + 0x100 + at, pattern, 32);
}

static void a_write_elsewhere_waits_and_begins_anew(void **state)
{
    (void)state;
    map(&b, 0);
    window_write(&b, 0x100, 8, pattern);
    window_write(&b, 0x200, 8, pattern);
    clocks(&b, 100);
    window_write(&b, 0x208, 8, pattern); /* next to it, but nCS has risen meanwhile */
    clocks(&b, 100);
    assert_int_equal(b.frames, 3);
    assert_int_equal(b.frame[1].phase[1].value, 0x200);
    assert_int_equal(b.frame[2].phase[1].value, 0x208);
}

static void a_read_behind_a_write_sees_it(void **state)
{
    uint8_t got[32];

    (void)state;
    map(&b, 0);
    window_read(&b, 0x100, 8, got); /* the FIFO holds what follows, too */
    clocks(&b, 100);
    assert_int_equal(window_write(&b, 0x108, 8, pattern), BUS_OK);
    window_read(&b, 0x100, 32, got);
    assert_memory_equal(got + 8, pattern, 8);
    assert_int_equal(got[0], 0xEE);
    window_write(&b, 0x100, 8, pattern);
    window_read(&b, 0x100, 8, got); /* not what was read before */
    assert_memory_equal(got, pattern, 8);
}

static void boundary_and_refresh_split_writes(void **state)
{
    (void)state;
    wr(&b, DCR3, 4 << 16);
    map(&b, 0);
    window_write(&b, 0x108, 8, pattern);
    window_write(&b, 0x110, 8, pattern + 8);
    clocks(&b, 100);
    assert_int_equal(b.frames, 2);
    assert_int_equal(b.frame[0].bytes, 8);
    assert_int_equal(b.frame[1].phase[1].value, 0x110);
    wr(&b, CR, rd(&b, CR) | ABORT);
    clocks(&b, 5);
    wr(&b, DCR3, 0);
    wr(&b, DCR4, 31); /* 32 clocks: 8 of header, 12 bytes */
    b.frames = 0;
    window_write(&b, 0x200, 32, pattern);
    clocks(&b, 200);
    assert_int_equal(b.frames, 3);
    for (unsigned i = 0; i < 2; i++)
        assert_in_range(b.frame[i].rise - b.frame[i].fall, 32 * PERIOD, 35 * PERIOD);
    assert_memory_equal(psram_bytes(b.chip) + 0x200, pattern, 32);
}

static void abort_delivers_what_was_written(void **state)
{
    (void)state;
    map(&b, 0);
    window_write(&b, 0x100, 32, pattern);
    wr(&b, CR, rd(&b, CR) | ABORT);
    assert_int_equal(rd(&b, CR) & ABORT, 0);
    clocks(&b, 100);
    assert_int_equal(rd(&b, SR) & (BUSY | TCF), TCF);
    assert_memory_equal(psram_bytes(b.chip) + 0x100, pattern, 32);
    assert_int_equal(chip_complained(b.soc, "abort-after-write"), 1);
}

/* ---- the erratum ---- */

static void without_dqse_every_write_is_an_error(void **state)
{
    (void)state;
    map(&b, 0);
    wr(&b, WCCR, phases(4, 4, 4));
    for (unsigned size = 1; size <= 32; size *= size == 8 ? 4 : 2)
        assert_int_equal(window_write(&b, 0x100, size, pattern), BUS_SLVERR);
    assert_int_equal(chip_complained(b.soc, "dqse-off"), 5);
    content_is(0x100, "\xEE\xEE", 2);
    assert_int_equal(b.begun, 0);
    wr(&b, WCCR, phases(4, 4, 4) | DQSE);
    assert_int_equal(window_write(&b, 0x100, 8, pattern), BUS_OK);
}

static void without_a_data_phase_or_wrapping_it_is_an_error(void **state)
{
    uint8_t data[32] = {0};

    (void)state;
    map(&b, 0);
    assert_int_equal(window_access(&b, 0x108, BUS_NORMAL | BUS_WRAP, 32, data, true, NULL),
                     BUS_SLVERR);
    wr(&b, WCCR, phases(4, 4, 0) | DQSE);
    assert_int_equal(window_write(&b, 0x100, 8, data), BUS_SLVERR);
}

/* ---- beats with lanes without data ---- */

/* A narrow access to Device memory begins at its own address and runs to the beat's end. */
static void a_device_store_zeroes_the_rest_of_its_beat(void **state)
{
    (void)state;
    map(&b, 0);
    assert_int_equal(store(BUS_DEVICE, 0x110, 1, 1, "\x5A"), BUS_OK);
    content_is(0x108, "\xEE\xEE\xEE\xEE\xEE\xEE\xEE\xEE\x5A\0\0\0\0\0\0\0\xEE", 17);
    assert_int_equal(store(BUS_DEVICE, 0x122, 2, 3, "\x12\x34"), BUS_OK);
    content_is(0x120, "\xEE\xEE\x12\x34\0\0\0\0\xEE", 9);
    assert_int_equal(store(BUS_STRONGLY_ORDERED, 0x134, 4, 15, "\x01\x02\x03\x04"), BUS_OK);
    content_is(0x130, "\xEE\xEE\xEE\xEE\x01\x02\x03\x04\xEE", 9); /* nothing is behind it */
    assert_int_equal(store(BUS_DEVICE, 0x140, 8, 0xFF, "12345678"), BUS_OK);
    content_is(0x13F,
               "\xEE"
               "12345678\xEE",
               10);
    assert_int_equal(chip_complained(b.soc, "partial-beat"), 3);
}

/* Stores to Normal memory come out of the store buffer as whole beats with sparse strobes. */
static void a_merged_store_zeroes_the_lanes_in_front_too(void **state)
{
    struct octospi_stats stats;

    (void)state;
    map(&b, 0);
    assert_int_equal(store(BUS_NORMAL, 0x112, 2, 3, "\x12\x34"), BUS_OK);
    content_is(0x108, "\xEE\xEE\xEE\xEE\xEE\xEE\xEE\xEE\0\0\x12\x34\0\0\0\0\xEE", 17);
    /* A line of which bytes 6 to 17 carry data: the first and the third beat are partial. */
    assert_int_equal(store(BUS_NORMAL, 0x200, 32, 0x0003FFC0, pattern), BUS_OK);
    clocks(&b, 200);
    assert_memory_equal(psram_bytes(b.chip) + 0x200, "\0\0\0\0\0\0", 6);
    assert_memory_equal(psram_bytes(b.chip) + 0x206, pattern + 6, 12);
    assert_memory_equal(psram_bytes(b.chip) + 0x212, "\0\0\0\0\0\0", 6);
    assert_int_equal(psram_bytes(b.chip)[0x218], 0xEE); /* a beat without data is not sent */
    octospi_get_stats(b.soc, 1, &stats);
    assert_int_equal(stats.partial_beats, 3);
    assert_int_equal(chip_complained(b.soc, "partial-beat"), 3);
}

static void with_the_mask_rule_lanes_without_data_stay(void **state)
{
    (void)state;
    octospi_set_partial(b.soc, OCTOSPI_PARTIAL_MASK);
    map(&b, 0);
    assert_int_equal(store(BUS_NORMAL, 0x100, 8, 0xB4, "abcdefgh"), BUS_OK);
    content_is(0x100,
               "\xEE\xEE"
               "c\xEE"
               "ef\xEE"
               "h\xEE",
               9);
}

static void with_the_stale_rule_lanes_carry_the_beat_before(void **state)
{
    (void)state;
    octospi_set_partial(b.soc, OCTOSPI_PARTIAL_STALE);
    map(&b, 0);
    assert_int_equal(store(BUS_NORMAL, 0x100, 8, 0xFF, "ABCDEFGH"), BUS_OK);
    assert_int_equal(store(BUS_NORMAL, 0x200, 8, 0x0C, "abcdefgh"), BUS_OK);
    content_is(0x200, "ABcdEFGH\xEE", 9);
}

static void full_beats_are_whole_under_every_rule(void **state)
{
    (void)state;
    for (unsigned rule = 0; rule < 3; rule++) {
        octospi_set_partial(b.soc, (enum octospi_partial)rule);
        if (rule == 0)
            map(&b, 0);
        window_write(&b, 0x100 + 64 * rule, 32, pattern);
        window_write(&b, 0x128 + 64 * rule, 8, pattern);
        clocks(&b, 200);
        assert_memory_equal(psram_bytes(b.chip) + 0x100 + 64 * rule, pattern, 32);
        assert_memory_equal(psram_bytes(b.chip) + 0x128 + 64 * rule, pattern, 8);
    }
    assert_int_equal(chip_complained(b.soc, "partial-beat"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(a_line_takes_72_clocks),
        TEST(a_write_that_goes_on_joins_the_burst),
        TEST(a_write_elsewhere_waits_and_begins_anew),
        TEST(a_read_behind_a_write_sees_it),
        TEST(boundary_and_refresh_split_writes),
        TEST(abort_delivers_what_was_written),
        TEST(without_dqse_every_write_is_an_error),
        TEST(without_a_data_phase_or_wrapping_it_is_an_error),
        TEST(a_device_store_zeroes_the_rest_of_its_beat),
        TEST(a_merged_store_zeroes_the_lanes_in_front_too),
        TEST(with_the_mask_rule_lanes_without_data_stay),
        TEST(with_the_stale_rule_lanes_carry_the_beat_before),
        TEST(full_beats_are_whole_under_every_rule),
    };
    return cmocka_run_group_tests_name("octospi_writes", tests, NULL, NULL);
}
