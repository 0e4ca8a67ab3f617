/* SPDX-License-Identifier: MIT */

/* The timing arithmetic of firmware/spiram. All expected numbers were computed by hand. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "octospi_limits.h"
#include "spiram.h"

#define MHZ 1000000u

static void settings_match_the_hand_computed_table(void **state)
{
    (void)state;
    /*
     * tCEM in clocks, less one before the first and one after the last edge, is what is left for
     * clocks and for CLK standing still. Overhead of a read: 2 + 6 + 6 = 14. Idle: 14 + high + 2.
     * Example 50 MHz: 400 - 2 = 398; idle 14 + 3 + 2 = 19; a line is 64 clocks, with idle 83;
     * 398 = 4 * 83 + 66, so 4 * 64 + (66 - 19) = 303 clocks may run; less overrun 4, less a byte 2.
     */
    static const struct {
        const char *chip;
        uint32_t hz;
        unsigned waive;
        uint32_t high, idle, refresh;
        uint8_t boundary;
        bool late;
    } table[] = {
        {"esp-psram64h", 25 * MHZ, SPIRAM_WAIVE_NONE, 2, 18, 138, 0, false},
        {"esp-psram64h", 50 * MHZ, SPIRAM_WAIVE_NONE, 3, 19, 297, 0, true},
        {"esp-psram64h", 70 * MHZ, SPIRAM_WAIVE_TCHD, 4, 20, 412, 0, true},
        {"esp-psram64h", 84 * MHZ, SPIRAM_WAIVE_TCHD, 5, 21, 496, 0, true},
        {"esp-psram64h", 100 * MHZ, SPIRAM_WAIVE_TCHD, 5, 21, 582, 10, true},
        {"esp-psram64h", 133 * MHZ, SPIRAM_WAIVE_TCHD, 7, 23, 762, 10, true},
        {"ly68l6400", 50 * MHZ, SPIRAM_WAIVE_NONE, 3, 19, 297, 0, true},
        {"ly68l6400", 144 * MHZ, SPIRAM_WAIVE_TCHD, 8, 24, 826, 10, true},
        {"ips6404l", 104 * MHZ, SPIRAM_WAIVE_NONE, 2, 18, 634, 10, true},
        {"aps6404l", 84 * MHZ, SPIRAM_WAIVE_NONE, 2, 18, 506, 0, true},
        {"esp-psram64h", 10 * MHZ, SPIRAM_WAIVE_NONE, 1, 17, 55, 0, false},
        {"esp-psram64h", 1 * MHZ, SPIRAM_WAIVE_TCEM, 1, 17, 78, 0, false},
    };
    for (size_t n = 0; n < sizeof table / sizeof table[0]; n++) {
        struct spiram_timing t;
        const struct spiram_chip *chip = spiram_chip_find(table[n].chip);
        assert_int_equal(spiram_timing(&t, chip, &octospi_limits, table[n].hz, table[n].waive), 0);
        assert_int_equal(t.clock_hz, table[n].hz);
        assert_int_equal(t.high_clocks, table[n].high);
        assert_int_equal(t.idle_clocks, table[n].idle);
        assert_int_equal(t.refresh_clocks, table[n].refresh);
        assert_int_equal(t.boundary_log2, table[n].boundary);
        assert_int_equal(t.sample_late, table[n].late);
        assert_int_equal(t.frame_bytes, 32);
    }
}

static void highest_clock_is_set_by_the_hardest_number(void **state)
{
    (void)state;
    const struct spiram_chip *esp = spiram_chip_find("esp-psram64h");
    const struct spiram_chip *ips = spiram_chip_find("ips6404l");
    struct spiram_bus_limits bus = octospi_limits;

    /* tCHD 20 ns in one clock */
    assert_int_equal(spiram_max_clock(esp, &bus, SPIRAM_WAIVE_NONE), 50 * MHZ);
    assert_int_equal(spiram_max_clock(esp, &bus, SPIRAM_WAIVE_TCEM), 50 * MHZ);
    /* the chip's own limit */
    assert_int_equal(spiram_max_clock(esp, &bus, SPIRAM_WAIVE_TCHD), 133 * MHZ);
    /* tCHD 3 ns is no limit */
    assert_int_equal(spiram_max_clock(ips, &bus, SPIRAM_WAIVE_NONE), 104 * MHZ);
    /* tCHD in two clocks */
    bus.hold_clocks = 2;
    assert_int_equal(spiram_max_clock(esp, &bus, SPIRAM_WAIVE_NONE), 100 * MHZ);
    /* tCPH 50 ns in at most two clocks */
    bus.high_clocks_max = 2;
    assert_int_equal(spiram_max_clock(esp, &bus, SPIRAM_WAIVE_TCHD), 40 * MHZ);
    /* prefetch over pages cannot be cut */
    bus = octospi_limits;
    bus.can_release_at_bounds = false;
    assert_int_equal(spiram_max_clock(esp, &bus, SPIRAM_WAIVE_TCHD), 84 * MHZ);
    /* a controller that raises nCS with the last edge */
    bus.hold_clocks = 0;
    assert_int_equal(spiram_max_clock(esp, &bus, SPIRAM_WAIVE_NONE), 0);
    /* tCSP 2.5 ns in no clock */
    bus = octospi_limits;
    bus.setup_clocks = 0;
    assert_int_equal(spiram_max_clock(esp, &bus, SPIRAM_WAIVE_NONE), 0);
    /* a chip without such a number */
    struct spiram_chip free = *esp;
    free.tchd_ps = 0;
    assert_int_equal(spiram_max_clock(&free, &octospi_limits, SPIRAM_WAIVE_NONE), 133 * MHZ);
    free.tcph_ps = 0;
    struct spiram_timing t;
    assert_int_equal(spiram_timing(&t, &free, &octospi_limits, 50 * MHZ, 0), SPIRAM_OK);
    assert_int_equal(t.high_clocks, 1);
}

static void clocks_that_break_a_number_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *chip;
        uint32_t hz;
        unsigned waive;
    } table[] = {
        {"esp-psram64h", 0, SPIRAM_WAIVE_TCHD | SPIRAM_WAIVE_TCEM},
        {"esp-psram64h", 50 * MHZ + 1, SPIRAM_WAIVE_NONE}, /* tCHD */
        {"esp-psram64h", 70 * MHZ, SPIRAM_WAIVE_TCEM},     /* tCHD */
        {"esp-psram64h", 133333333, SPIRAM_WAIVE_TCHD},    /* the chip's limit */
        {"ips6404l", 105 * MHZ, SPIRAM_WAIVE_TCHD},        /* the chip's limit */
        {"ly68l6400", 160 * MHZ, SPIRAM_WAIVE_TCHD},       /* the chip's limit, tCPH */
        {"esp-psram64h", 4 * MHZ, SPIRAM_WAIVE_NONE},      /* tCEM: a frame does not fit */
        {"esp-psram64h", 1 * MHZ, SPIRAM_WAIVE_TCHD},      /* tCEM */
        {"esp-psram64h", 1, SPIRAM_WAIVE_NONE},
    };
    for (size_t n = 0; n < sizeof table / sizeof table[0]; n++) {
        struct spiram_timing t = {.clock_hz = 12345};
        const struct spiram_chip *chip = spiram_chip_find(table[n].chip);
        assert_int_equal(spiram_timing(&t, chip, &octospi_limits, table[n].hz, table[n].waive),
                         SPIRAM_ERR_TIMING);
        assert_int_equal(t.clock_hz, 12345);
    }
}

static void frame_length_of_slow_clocks_is_cut_for_tcem(void **state)
{
    (void)state;
    struct spiram_timing t;
    const struct spiram_chip *esp = spiram_chip_find("esp-psram64h");
    /* 6 MHz: 48 clocks, less 2 edges, less 14 overhead, two clocks a byte: 16 bytes */
    assert_int_equal(spiram_timing(&t, esp, &octospi_limits, 6 * MHZ, 0), SPIRAM_OK);
    assert_int_equal(t.frame_bytes, 16);
}

static void idle_time_stays_within_what_the_bus_can_count(void **state)
{
    (void)state;
    struct spiram_bus_limits bus = octospi_limits;
    struct spiram_timing t;
    bus.idle_clocks_max = 5;
    assert_int_equal(spiram_timing(&t, spiram_chip_find("esp-psram64h"), &bus, 50 * MHZ, 0), 0);
    assert_int_equal(t.idle_clocks, 5);
    /* 398 = 5 * 69 + 53: 5 * 64 + 48 = 368 clocks, less 6 */
    assert_int_equal(t.refresh_clocks, 362);
}

/*
 * The controller at its worst, clock by clock: it counts running clocks only, overruns by four and
 * a byte, and CLK stands still for as long as it may after every line, nCS low.
 */
static uint64_t worst_low_clocks(const struct spiram_timing *t)
{
    uint64_t low = 1;
    uint64_t running = t->refresh_clocks + 4u + 2u;
    for (uint64_t clock = 1; clock <= running; clock++) {
        low++;
        if (clock % 64u == 0 || clock == running) {
            low += t->idle_clocks;
        }
    }
    return low + 1;
}

static void no_clock_breaks_a_number_of_any_chip(void **state)
{
    (void)state;
    unsigned possible = 0;
    for (size_t n = 0; n < spiram_chip_count(); n++) {
        const struct spiram_chip *chip = spiram_chip_at(n);
        for (uint32_t khz = 500; khz <= 150000; khz += 77) {
            struct spiram_timing t;
            double ns = 1e6 / khz;
            bool waived = khz > 50000;
            if (spiram_timing(&t, chip, &octospi_limits, khz * 1000u,
                              waived ? SPIRAM_WAIVE_TCHD : 0) != SPIRAM_OK) {
                continue;
            }
            possible++;
            assert_true((double)khz * 1000.0 <= chip->max_hz);
            assert_true((double)worst_low_clocks(&t) * ns <= chip->tcem_ps / 1000.0 + 1e-6);
            assert_true(t.high_clocks * ns + 1e-6 >= chip->tcph_ps / 1000.0);
            assert_true(t.high_clocks <= 8);
            assert_true(waived || ns + 1e-6 >= chip->tchd_ps / 1000.0);
            assert_true(t.refresh_clocks >= 16);
            assert_int_equal(t.boundary_log2 == 0 ? 0 : 1 << t.boundary_log2,
                             khz > 84000 ? chip->page_bytes : 0);
            assert_true((14u + 2u + 2.0 * t.frame_bytes) * ns <= chip->tcem_ps / 1000.0 + 1e-6);
        }
    }
    assert_true(possible > 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_match_the_hand_computed_table),
        cmocka_unit_test(highest_clock_is_set_by_the_hardest_number),
        cmocka_unit_test(clocks_that_break_a_number_are_refused),
        cmocka_unit_test(frame_length_of_slow_clocks_is_cut_for_tcem),
        cmocka_unit_test(idle_time_stays_within_what_the_bus_can_count),
        cmocka_unit_test(no_clock_breaks_a_number_of_any_chip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
