/* Faults in the wires of a memory, as its frames feel them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../vboard/trace/faults.h"
#include "host.h"

static struct host h;
static struct fault *fault;

static void with_seed(const char *text, uint64_t seed)
{
    char error[200] = "";

    host_open(&h, "esp-psram64h", 1);
    fault = fault_new(text, seed, error, sizeof error);
    if (!fault)
        print_error("%s\n", error);
    assert_non_null(fault);
    fault_attach(fault, h.bus);
}

static void with(const char *text)
{
    with_seed(text, 1);
}

/* The next one, on a new board. */
static void instead_seed(const char *text, uint64_t seed)
{
    host_close(&h);
    fault_free(fault);
    with_seed(text, seed);
}

static void instead(const char *text)
{
    instead_seed(text, 1);
}

static int stop(void **state)
{
    (void)state;
    host_close(&h);
    fault_free(fault);
    fault = NULL;
    return 0;
}

/* Writes with 1-4-4 lines, so that every address nibble and every data nibble passes the damage,
   and compares what lies in the part. */
static void quad_write_stores(uint32_t address, uint8_t byte, uint32_t at, uint8_t expected)
{
    psram_bytes(h.chip)[at] = (uint8_t)~expected;
    write_frame(&h, 0x38, 1, 4, address, 0, 4, &byte, 1);
    assert_int_equal(psram_bytes(h.chip)[at], expected);
}

static uint8_t quad_read_gives(uint32_t address)
{
    uint8_t byte;

    read_frame(&h, 0xEB, 1, 4, address, 6, 4, &byte, 1);
    return byte;
}

static void a_stuck_line_has_one_level_for_both_ends(void **state)
{
    (void)state;
    with("stuck:io2=0");
    quad_write_stores(0x123456, 0xF7, 0x123012, 0xB3); /* bit 2 of each nibble is gone */
    psram_bytes(h.chip)[0] = 0xFF;
    assert_int_equal(quad_read_gives(0), 0xBB);
    instead("stuck:io3=1");
    quad_write_stores(0x000000, 0x07, 0x888888 & 0x7FFFFF, 0x8F);
    psram_bytes(h.chip)[0x088888] = 0x12;
    assert_int_equal(quad_read_gives(0x000000), 0x9A);
}

static void a_stuck_io0_keeps_commands_from_arriving(void **state)
{
    (void)state;
    with("stuck:io0=1");
    enter_qpi(&h);
    assert_false(psram_in_qpi(h.chip));
}

static void one_line_commands_live_with_a_broken_io2(void **state)
{
    uint8_t id[3];

    (void)state;
    with("stuck:io2=1");
    read_frame(&h, 0x9F, 1, 1, 0, 0, 1, id, 3);
    assert_memory_equal(id, "\x0D\x5D\x52", 3);
}

static void lines_that_touch_are_both_low_if_one_is(void **state)
{
    (void)state;
    with("short:io2,io3");
    quad_write_stores(0x000000, 0x4F, 0, 0x0F);
    psram_bytes(h.chip)[0] = 0xC8;
    assert_int_equal(quad_read_gives(0), 0xC0);
    psram_bytes(h.chip)[0x30C] = 0x11;
    assert_int_equal(quad_read_gives(0x78C), 0x11); /* 7 -> 3, 8 -> 0, C stays */
}

static void exchanged_lines_are_exchanged_for_both_ends(void **state)
{
    (void)state;
    with("swap:io2,io3");
    quad_write_stores(0x000048, 0x84, 0x84, 0x48);
    psram_bytes(h.chip)[0x84] = 0x8C;
    assert_int_equal(quad_read_gives(0x48), 0x4C);
    enter_qpi(&h);
    assert_true(psram_in_qpi(h.chip));
    command(&h, 4, 0xF5); /* arrives as 0xF9 */
    assert_true(psram_in_qpi(h.chip));
    command(&h, 4, 0xF9);
    assert_false(psram_in_qpi(h.chip));
}

static void an_open_joint_floats_high_at_both_ends(void **state)
{
    (void)state;
    with("open:io1");
    quad_write_stores(0x000000, 0x10, 0x222222, 0x32);
    psram_bytes(h.chip)[0x222222] = 0x45;
    assert_int_equal(quad_read_gives(0), 0x67);
    uint8_t got;
    spi_read(&h, 0, &got, 1); /* SO is IO1 */
    assert_int_equal(got, 0xFF);
}

static void damage_of_two_kinds_adds_up(void **state)
{
    char error[200];
    struct fault *second = fault_new("stuck:io2=0", 1, error, sizeof error);

    (void)state;
    with("swap:io2,io3");
    fault_attach(second, h.bus); /* behind it: on IO2, where IO3 arrives */
    psram_bytes(h.chip)[0] = 0x48;
    assert_int_equal(quad_read_gives(0), 0x80);
    fault_free(second);
}

/* ---- CLK and nCS ---- */

static void nothing_arrives_without_edges(void **state)
{
    static const char *const dead[] = {"stuck:clk=0", "stuck:clk=1", "open:clk",  "stuck:ncs=0",
                                       "stuck:ncs=1", "open:ncs",    "lose-ncs:1"};

    (void)state;
    with("stuck:io2=0");
    enter_qpi(&h);
    assert_true(psram_in_qpi(h.chip)); /* what is below can be seen */
    for (unsigned i = 0; i < sizeof dead / sizeof dead[0]; i++) {
        uint8_t id[2] = {0, 0};

        instead(dead[i]);
        enter_qpi(&h);
        assert_false(psram_in_qpi(h.chip));
        read_frame(&h, 0x9F, 1, 1, 0, 0, 1, id, 2);
        assert_memory_equal(id, "\xFF\xFF", 2);
    }
}

static void a_chip_that_is_always_selected_takes_all_for_one_frame(void **state)
{
    struct psram_stats stats;
    uint8_t id[2];

    (void)state;
    with("stuck:ncs=0");
    read_frame(&h, 0x9F, 1, 1, 0, 0, 1, id, 2);
    assert_memory_equal(id, "\x0D\x5D", 2);
    read_frame(&h, 0x9F, 1, 1, 0, 0, 1, id, 2); /* its 32 clocks of command and address read 4 */
    assert_memory_equal(id, "\x91\x31", 2);
    psram_get_stats(h.chip, &stats);
    assert_int_equal(stats.frames, 0);
}

static unsigned frames_of_1000(const char *text, uint64_t seed)
{
    struct psram_stats stats;

    instead_seed(text, seed);
    for (unsigned i = 0; i < 1000; i++)
        command(&h, 1, 0x66);
    psram_get_stats(h.chip, &stats);
    return (unsigned)stats.frames;
}

static void edges_of_ncs_are_lost_at_the_rate_given(void **state)
{
    (void)state;
    with("lose-ncs:0.1");
    /* A frame is selected with s = 0.9 + 0.01 s, and ends with 0.9 of that: 818; sigma 12. */
    assert_in_range(frames_of_1000("lose-ncs:0.1", 1), 768, 868);
    assert_in_range(frames_of_1000("lose-ncs:0.001", 1), 985, 1000);
    assert_int_equal(frames_of_1000("lose-ncs:0.1", 5), frames_of_1000("lose-ncs:0.1", 5));
}

static bool loses_first_rise(void *ctx, const struct membus_frame *f, bool low)
{
    unsigned *rises = ctx;

    (void)f;
    return low || (*rises)++ != 0;
}

static void ncs_that_misses_an_edge_is_low_for_both_frames(void **state)
{
    unsigned rises = 0;
    struct membus_filter filter = {.ctx = &rises, .select = loses_first_rise};

    (void)state;
    with("stuck:io2=0");
    membus_add_filter(h.bus, &filter);
    h.gap = 10 * VTIME_US;
    command(&h, 1, 0x66);
    assert_int_equal(complained(&h, "tCEM"), 0);
    command(&h, 1, 0x66);
    assert_int_equal(complained(&h, "tCEM"), 1);
    command(&h, 1, 0x66);
    assert_int_equal(complained(&h, "tCEM"), 1);
}

static unsigned good_ids_of_1000(const char *text, uint64_t seed)
{
    unsigned good = 0;

    instead_seed(text, seed);
    for (unsigned i = 0; i < 1000; i++) {
        uint8_t id[8];

        read_frame(&h, 0x9F, 1, 1, 0, 0, 1, id, 8);
        good += memcmp(id, "\x0D\x5D\x52\xA2\x64\x31\x91\x31", 8) == 0;
    }
    return good;
}

static void edges_of_clk_are_missed_or_seen_twice_at_the_rate_given(void **state)
{
    (void)state;
    with("slow-clock:0.01");
    /* 96 edges, the last without effect: 0.99^95 = 385 of 1000, sigma 15; some wrong ones are right
       by luck. */
    assert_in_range(good_ids_of_1000("slow-clock:0.01", 1), 325, 480);
    assert_in_range(good_ids_of_1000("slow-clock:1e-5", 1), 985, 1000);
    assert_in_range(good_ids_of_1000("slow-clock:1", 1), 0, 5);
    assert_int_equal(good_ids_of_1000("slow-clock:0.01", 7),
                     good_ids_of_1000("slow-clock:0.01", 7));
}

static void as_many_edges_of_clk_are_missed_as_seen_twice(void **state)
{
    static const uint8_t data[1000];
    unsigned longer = 0, shorter = 0;

    (void)state;
    with("slow-clock:0.01");
    while (!psram_in_qpi(h.chip))
        enter_qpi(&h);
    for (unsigned i = 0; i < 100; i++) {
        struct psram_stats before, after;

        psram_get_stats(h.chip, &before);
        qpi_write(&h, 0, data, sizeof data);
        psram_get_stats(h.chip, &after);
        longer += after.written - before.written > sizeof data;
        shorter += after.written != before.written && after.written - before.written < sizeof data;
    }
    assert_in_range(longer, 15, 60);
    assert_in_range(shorter, 15, 60);
}

/* ---- noise ---- */

static unsigned ones(const uint8_t *data, size_t n)
{
    unsigned count = 0;

    for (size_t i = 0; i < n; i++)
        count += (unsigned)__builtin_popcount(data[i]);
    return count;
}

static void noise_flips_bits_that_are_read_at_the_rate_given(void **state)
{
    static uint8_t got[4096];

    (void)state;
    with("noise:0.01");
    memset(psram_bytes(h.chip), 0, sizeof got);
    read_frame(&h, 0xEB, 1, 4, 0, 6, 4, got, sizeof got);
    assert_in_range(ones(got, sizeof got), 255, 400); /* 328, sigma 18 */
    read_frame(&h, 0x03, 1, 1, 0, 0, 1, got, 1024);
    assert_in_range(ones(got, 1024), 45, 120); /* 82, sigma 9 */
    instead("noise:1");
    memset(psram_bytes(h.chip), 0x3A, 16);
    read_frame(&h, 0xEB, 1, 4, 0, 6, 4, got, 16);
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(got[i], 0xC5);
}

static void noise_does_not_reach_the_chip(void **state)
{
    (void)state;
    with("noise:1");
    quad_write_stores(0x123456, 0x5C, 0x123456, 0x5C);
    enter_qpi(&h);
    assert_true(psram_in_qpi(h.chip));
}

static void noise_follows_the_seed(void **state)
{
    static uint8_t one[512], same[512], other[512];

    (void)state;
    with_seed("noise:0.1", 3);
    read_frame(&h, 0xEB, 1, 4, 0, 6, 4, one, sizeof one);
    instead_seed("noise:0.1", 3);
    read_frame(&h, 0xEB, 1, 4, 0, 6, 4, same, sizeof same);
    instead_seed("noise:0.1", 4);
    read_frame(&h, 0xEB, 1, 4, 0, 6, 4, other, sizeof other);
    assert_memory_equal(one, same, sizeof one);
    assert_memory_not_equal(one, other, sizeof one);
}

/* ---- texts ---- */

static void what_cannot_be_done_is_refused_with_a_sentence(void **state)
{
    static const struct {
        const char *text, *said;
    } wrong[] = {
        {"", "no fault ''; --faults lists them"},
        {"melt:io1", "no fault 'melt:io1'; --faults lists them"},
        {"stuckio1=0", "no fault"},
        {"stuckx:io1=0", "no fault"},
        {"STUCK:io1=0", "no fault"},
        {"stuck", "wants stuck:LINE=LEVEL, where LINE is one of io0 to io3, clk, ncs"},
        {"stuck:", "where LINE is"},
        {"stuck:2=0", "where LINE is"},
        {"stuck:io4=0", "where LINE is"},
        {"stuck:io2", "fault 'stuck:io2' wants stuck:LINE=LEVEL"},
        {"stuck:io2=", "where LEVEL is 0 or 1"},
        {"stuck:io2=2", "where LEVEL is 0 or 1"},
        {"stuck:clk=-1", "where LEVEL is 0 or 1"},
        {"stuck:io1=0,io2", "and nothing more"},
        {"short:io1", "wants short:IO,IO"},
        {"short:io1,io1", "wants short:IO,IO with two different lines"},
        {"short:io1,io4", "where IO is one of io0 to io3"},
        {"short:io1,clk", "where IO is one of io0 to io3"},
        {"swap:io1;io2", "wants swap:IO,IO"},
        {"open:", "where LINE is"},
        {"open:io1=0", "wants open:LINE and nothing more"},
        {"open:io1 ", "and nothing more"},
        {"noise", "where RATE is a probability, above 0 and up to 1"},
        {"noise:0", "where RATE is"},
        {"noise:1.01", "where RATE is"},
        {"noise:-0.5", "where RATE is"},
        {"noise:nan", "where RATE is"},
        {"noise: 0.5", "where RATE is"},
        {"noise:.", "where RATE is"},
        {"lose-ncs:often", "wants lose-ncs:RATE, where RATE is"},
        {"slow-clock:0.5%", "wants slow-clock:RATE and nothing more"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char error[200] = "";

        assert_null(fault_new(wrong[i].text, 1, error, sizeof error));
        if (!strstr(error, wrong[i].said))
            fail_msg("'%s': %s", wrong[i].text, error);
        assert_null(strchr(error, '\n'));
    }
}

static void the_list_names_every_kind(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    faults_list(out);
    fclose(out);
    assert_non_null(strstr(text, "stuck:LINE=LEVEL "));
    assert_non_null(strstr(text, "short:IO,IO "));
    assert_non_null(strstr(text, "swap:IO,IO "));
    assert_non_null(strstr(text, "open:LINE "));
    assert_non_null(strstr(text, "lose-ncs:RATE "));
    assert_non_null(strstr(text, "slow-clock:RATE "));
    assert_non_null(strstr(text, "noise:RATE "));
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, stop)
    const struct CMUnitTest tests[] = {
        TEST(a_stuck_line_has_one_level_for_both_ends),
        TEST(a_stuck_io0_keeps_commands_from_arriving),
        TEST(one_line_commands_live_with_a_broken_io2),
        TEST(lines_that_touch_are_both_low_if_one_is),
        TEST(exchanged_lines_are_exchanged_for_both_ends),
        TEST(an_open_joint_floats_high_at_both_ends),
        TEST(damage_of_two_kinds_adds_up),
        TEST(nothing_arrives_without_edges),
        TEST(a_chip_that_is_always_selected_takes_all_for_one_frame),
        TEST(edges_of_ncs_are_lost_at_the_rate_given),
        TEST(ncs_that_misses_an_edge_is_low_for_both_frames),
        TEST(edges_of_clk_are_missed_or_seen_twice_at_the_rate_given),
        TEST(as_many_edges_of_clk_are_missed_as_seen_twice),
        TEST(noise_flips_bits_that_are_read_at_the_rate_given),
        TEST(noise_does_not_reach_the_chip),
        TEST(noise_follows_the_seed),
        cmocka_unit_test(what_cannot_be_done_is_refused_with_a_sentence),
        cmocka_unit_test(the_list_names_every_kind),
    };
    return cmocka_run_group_tests_name("parts_faults", tests, NULL, NULL);
}
