/* SPDX-License-Identifier: MIT */

/*
 * Rates of SPI and I2C. The times of I2C are checked as UM10204 table 10 has them, from the fields
 * back to nanoseconds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bus_math.h"

#define KERNEL 64000000u

static void expect_spi(uint32_t baud, uint32_t mbr, uint32_t wanted)
{
    uint32_t actual = 0;
    assert_int_equal(spi_prescaler(KERNEL, baud, &actual), mbr);
    assert_int_equal(actual, wanted);
}

static void spi_takes_the_rate_below(void **state)
{
    (void)state;
    expect_spi(100000000, 0, 32000000);
    expect_spi(32000000, 0, 32000000);
    expect_spi(31999999, 1, 16000000);
    expect_spi(10000000, 2, 8000000);
    expect_spi(1000000, 5, 1000000);
    expect_spi(500000, 6, 500000);
}

static void spi_has_a_lowest_rate(void **state)
{
    (void)state;
    expect_spi(250000, 7, 250000);
    expect_spi(1000, 7, 250000);
}

struct times {
    double low, high, set_up, hold, period; /* ns */
};

static struct times times_of(uint32_t timingr)
{
    double clock = 1e9 / KERNEL, step = clock * ((timingr >> 28) + 1);
    struct times t = {
        .low = step * ((timingr & 0xFF) + 1),
        .high = step * ((timingr >> 8 & 0xFF) + 1),
        .set_up = step * ((timingr >> 20 & 15) + 1),
        .hold = step * (timingr >> 16 & 15),
    };
    /* The fastest that the bus can be: the filter's least, two clocks, no rise nor fall. */
    t.period = t.low + t.high + 2 * (50 + 2 * clock);
    return t;
}

static void expect_i2c(uint32_t hz, double low, double high, double rise_and_set_up, double fall)
{
    uint32_t timingr = i2c_timing(KERNEL, hz);
    struct times t = times_of(timingr);
    double wanted = 1e9 / hz;

    assert_int_not_equal(timingr, 0);
    assert_true(t.low >= low && t.high >= high);
    assert_true(t.set_up >= rise_and_set_up);
    assert_true(t.hold >= fall - 50);
    /* Never faster than asked for; slower by the granularity of the fields at most. */
    assert_true(t.period >= wanted - 0.5 && t.period < wanted * 1.06 + 100);
}

static void i2c_keeps_the_times_of_its_mode(void **state)
{
    (void)state;
    expect_i2c(10000, 4700, 4000, 1250, 300);
    expect_i2c(50000, 4700, 4000, 1250, 300);
    expect_i2c(100000, 4700, 4000, 1250, 300);
    expect_i2c(100001, 1300, 600, 400, 300);
    expect_i2c(400000, 1300, 600, 400, 300);
    expect_i2c(400001, 500, 260, 170, 120);
    expect_i2c(1000000, 500, 260, 170, 120);
}

static void i2c_refuses_what_it_cannot(void **state)
{
    (void)state;
    assert_int_equal(i2c_timing(KERNEL, 0), 0);
    assert_int_equal(i2c_timing(KERNEL, 1000001), 0);
    assert_int_equal(i2c_timing(KERNEL, 1000), 0);
    assert_int_not_equal(i2c_timing(KERNEL, 9000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spi_takes_the_rate_below),
        cmocka_unit_test(spi_has_a_lowest_rate),
        cmocka_unit_test(i2c_keeps_the_times_of_its_mode),
        cmocka_unit_test(i2c_refuses_what_it_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
