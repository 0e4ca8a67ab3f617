/* SPDX-License-Identifier: MIT */

/*
 * PLL dividers, flash wait states and baud rates against numbers from RM0455's tables and from the
 * crystals of the boards, written down here a second time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock_math.h"

#define MHZ(x) ((uint32_t)((x)*1000000))

static void expect_pll(uint32_t source, uint32_t vco, uint32_t m, uint32_t n, uint32_t range)
{
    struct pll_dividers d = {0};
    assert_true(pll_solve(source, vco, &d));
    assert_int_equal(d.m, m);
    assert_int_equal(d.n, n);
    assert_int_equal(d.range, range);
    assert_int_equal(d.vcosel, 0);
}

static void pll_of_25_mhz_crystal_uses_range_2(void **state)
{
    (void)state;
    expect_pll(MHZ(25), MHZ(560), 5, 112, 2);
    expect_pll(MHZ(25), MHZ(400), 4, 64, 2);
    expect_pll(MHZ(25), MHZ(240), 5, 48, 2);
}

static void pll_of_8_mhz_clock_stays_inside_its_range(void **state)
{
    (void)state;
    expect_pll(MHZ(8), MHZ(560), 2, 140, 2);
    expect_pll(MHZ(8), MHZ(400), 2, 100, 2);
}

static void pll_of_hsi_finds_a_fraction_of_a_megahertz(void **state)
{
    (void)state;
    /* 64 / 12 = 5.333 MHz: the input need not be a whole number of Hz. */
    expect_pll(MHZ(64), MHZ(560), 12, 105, 2);
    expect_pll(MHZ(64), MHZ(400), 12, 75, 2);
}

static void pll_result_always_obeys_the_limits(void **state)
{
    (void)state;
    static const uint32_t lowest[] = {MHZ(1), MHZ(2), MHZ(4), MHZ(8)};
    unsigned found = 0;
    for (uint32_t source = MHZ(4); source <= MHZ(50); source += 250000) {
        for (uint32_t vco = MHZ(120); vco <= MHZ(580); vco += MHZ(10)) {
            struct pll_dividers d;
            if (!pll_solve(source, vco, &d)) {
                continue;
            }
            found++;
            double input = (double)source / d.m;
            assert_in_range(vco, MHZ(128), MHZ(560));
            assert_in_range(d.m, 1, 63);
            assert_in_range(d.n, 4, 512);
            assert_in_range(d.range, 1, 3);
            assert_true(input >= lowest[d.range] && input <= 2.0 * lowest[d.range]);
            assert_true((uint64_t)source * d.n == (uint64_t)vco * d.m);
        }
    }
    assert_true(found > 1000);
}

static void pll_refuses_what_cannot_be_made(void **state)
{
    (void)state;
    struct pll_dividers d;
    assert_false(pll_solve(MHZ(25), MHZ(570), &d)); /* above the VCO's limit on this device */
    assert_false(pll_solve(MHZ(25), MHZ(120), &d)); /* below it */
    assert_false(pll_solve(MHZ(25), 560000001, &d));
    assert_false(pll_solve(32768, MHZ(560), &d)); /* no range takes 32 kHz */
}

static void expect_flash(uint32_t hz, enum power_scale scale, uint32_t latency, uint32_t delay)
{
    uint32_t l = 99, w = 99;
    assert_true(flash_wait_states(hz, scale, &l, &w));
    assert_int_equal(l, latency);
    assert_int_equal(w, delay);
}

static void nearest_of(uint32_t source, uint32_t max, uint32_t hz, uint32_t m, uint32_t n,
                       uint32_t r)
{
    struct pll_dividers d = {0};
    uint32_t divider = 0;
    assert_int_equal(pll_nearest(source, max, &d, &divider), hz);
    assert_int_equal(d.m, m);
    assert_int_equal(d.n, n);
    assert_int_equal(divider, r);
    assert_int_equal(d.range, 2);
    assert_int_equal(d.vcosel, 0);
}

static void nearest_output_below_a_limit(void **state)
{
    (void)state;
    nearest_of(MHZ(25), MHZ(133), 132812500, 4, 85, 4); /* 400 / 3 would be above */
    nearest_of(MHZ(25), MHZ(144), 143750000, 4, 69, 3);
    nearest_of(MHZ(25), MHZ(50), MHZ(50), 4, 88, 11); /* exact, from 550 MHz */
    nearest_of(MHZ(8), MHZ(133), MHZ(133), 2, 133, 4);
}

/* Against a search over everything, in fractions. */
static void nearest_output_is_the_nearest_and_obeys_the_limits(void **state)
{
    (void)state;
    const uint32_t sources[] = {MHZ(25), MHZ(8), MHZ(64), MHZ(12), MHZ(4.9)};
    for (unsigned i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        for (uint32_t max = MHZ(1.3); max < MHZ(200); max += max / 3 + 12345) {
            struct pll_dividers d = {0};
            uint32_t divider = 0;
            uint32_t hz = pll_nearest(sources[i], max, &d, &divider);
            double input = (double)sources[i] / d.m, vco = input * d.n, best = 0;
            assert_true(input >= 4e6 && input <= 8e6);
            assert_true(vco >= 128e6 && vco <= 560e6 && d.n >= 4 && d.n <= 512);
            assert_true(divider >= 1 && divider <= 128);
            assert_true(vco / divider <= max && vco / divider - hz < 1.0);
            for (unsigned m = 1; m <= 63; m++) {
                for (unsigned n = 4; n <= 512; n++) {
                    double in = (double)sources[i] / m, v = in * n;
                    if (in < 4e6 || in >= 8e6 || v < 128e6 || v > 560e6) {
                        continue;
                    }
                    unsigned r = (unsigned)(v / max);
                    r += v / max > r;
                    if (r <= 128 && v / r > best) {
                        best = v / r;
                    }
                }
            }
            assert_true(best - vco / divider < 1.0);
        }
    }
}

static void nearest_output_refuses_what_cannot_be_made(void **state)
{
    (void)state;
    struct pll_dividers d;
    uint32_t divider;
    assert_int_equal(pll_nearest(MHZ(25), 900000, &d, &divider), 0); /* 128 / 128 = 1 MHz */
    assert_int_equal(pll_nearest(MHZ(3), MHZ(100), &d, &divider), 0);
}

static void flash_latency_follows_the_axi_clock_and_the_scale(void **state)
{
    (void)state;
    expect_flash(MHZ(280), POWER_SCALE_0, 6, 3);
    expect_flash(MHZ(252), POWER_SCALE_0, 5, 2);
    expect_flash(MHZ(252) + 1, POWER_SCALE_0, 6, 3);
    expect_flash(MHZ(140), POWER_SCALE_0, 3, 1);
    expect_flash(MHZ(64), POWER_SCALE_3, 2, 1);
    expect_flash(MHZ(42), POWER_SCALE_0, 0, 0);
    expect_flash(MHZ(225), POWER_SCALE_1, 5, 2);
    expect_flash(MHZ(160), POWER_SCALE_2, 4, 2);
    expect_flash(MHZ(88), POWER_SCALE_3, 3, 1);
}

static void flash_refuses_a_clock_above_the_scale(void **state)
{
    (void)state;
    uint32_t l, w;
    assert_false(flash_wait_states(MHZ(281), POWER_SCALE_0, &l, &w));
    assert_false(flash_wait_states(MHZ(226), POWER_SCALE_1, &l, &w));
    assert_false(flash_wait_states(MHZ(161), POWER_SCALE_2, &l, &w));
    assert_false(flash_wait_states(MHZ(89), POWER_SCALE_3, &l, &w));
}

static void scales_have_the_limits_of_the_manual(void **state)
{
    (void)state;
    assert_int_equal(clock_max_cpu_hz(POWER_SCALE_0), MHZ(280));
    assert_int_equal(clock_max_cpu_hz(POWER_SCALE_1), MHZ(225));
    assert_int_equal(clock_max_apb_hz(POWER_SCALE_0), MHZ(140));
    assert_int_equal(clock_max_apb_hz(POWER_SCALE_3), MHZ(44));
}

static struct uart_rate rate_of(uint32_t kernel_hz, uint32_t baud)
{
    struct uart_rate r;
    assert_true(uart_rate_find(kernel_hz, baud, &r));
    return r;
}

static void baud_divisor_rounds_to_nearest(void **state)
{
    (void)state;
    assert_int_equal(rate_of(MHZ(140), 115200).brr, 1215); /* 1215.28 */
    assert_int_equal(rate_of(MHZ(140), 115200).baud, 115226);
    assert_int_equal(rate_of(MHZ(64), 115200).brr, 556); /* 555.56 */
    assert_int_equal(rate_of(MHZ(16), 1000000).brr, 16);
    assert_false(rate_of(MHZ(16), 1000000).over8);
    assert_int_equal(rate_of(MHZ(16), 1000000).prescaler, 0);
}

static void slow_rates_take_the_prescaler(void **state)
{
    (void)state;
    assert_int_equal(rate_of(MHZ(140), 1200).prescaler, 1); /* 116667 / 2 */
    assert_int_equal(rate_of(MHZ(140), 1200).brr, 58333);
    assert_int_equal(rate_of(MHZ(140), 300).prescaler, 4); /* 466667 / 8 */
    assert_int_equal(rate_of(MHZ(140), 300).baud, 300);
}

static void fast_rates_sample_by_8(void **state)
{
    struct uart_rate r = rate_of(MHZ(140), 10000000); /* 2 * 14 = 28 = 0x1C, stored as 0x16 */

    (void)state;
    assert_true(r.over8);
    assert_int_equal(r.brr, 0x16);
    assert_int_equal(r.baud, 10000000);
    r = rate_of(MHZ(140), 14000000); /* 20 = 0x14 */
    assert_int_equal(r.brr, 0x12);
    assert_int_equal(r.baud, 14000000);
}

static void rates_that_cannot_be_made_are_refused(void **state)
{
    struct uart_rate r;

    (void)state;
    assert_false(uart_rate_find(MHZ(140), 0, &r));
    assert_false(uart_rate_find(MHZ(140), 20000000, &r)); /* 14: below 16 */
    assert_false(uart_rate_find(MHZ(140), 8, &r));        /* 68359 * 256 */
    assert_false(uart_rate_find(MHZ(140), 3000000000u, &r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pll_of_25_mhz_crystal_uses_range_2),
        cmocka_unit_test(pll_of_8_mhz_clock_stays_inside_its_range),
        cmocka_unit_test(pll_of_hsi_finds_a_fraction_of_a_megahertz),
        cmocka_unit_test(pll_result_always_obeys_the_limits),
        cmocka_unit_test(pll_refuses_what_cannot_be_made),
        cmocka_unit_test(nearest_output_below_a_limit),
        cmocka_unit_test(nearest_output_is_the_nearest_and_obeys_the_limits),
        cmocka_unit_test(nearest_output_refuses_what_cannot_be_made),
        cmocka_unit_test(flash_latency_follows_the_axi_clock_and_the_scale),
        cmocka_unit_test(flash_refuses_a_clock_above_the_scale),
        cmocka_unit_test(scales_have_the_limits_of_the_manual),
        cmocka_unit_test(baud_divisor_rounds_to_nearest),
        cmocka_unit_test(slow_rates_take_the_prescaler),
        cmocka_unit_test(fast_rates_sample_by_8),
        cmocka_unit_test(rates_that_cannot_be_made_are_refused),
    };
    return cmocka_run_group_tests_name("mcu_clock_math", tests, NULL, NULL);
}
