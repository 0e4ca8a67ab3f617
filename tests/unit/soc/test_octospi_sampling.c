/*
 * When read data are sampled, and what is read then: SSHIFT, delay block, wires, and how late the
 * chip answers. At 64 MHz, so that a half of CLK is 7.8 ns, with chips as slow as the case needs.
 *
 * A symbol launched at a falling edge is there `typical` later; sampled at the rising edge behind
 * it (plus what SSHIFT and the delay block add), until the next symbol has come the same way.
 */
#include "../../../vboard/wire/hazard.h"
#include "ospi.h"

enum {
    DLYB_CR = 0x52006000,
    DLYB_CFGR = 0x52006004,
    DEN = 1,
    SEN = 2,
    DLYBYP = 1 << 3,
    SIZE = 32,
};
#define NS VTIME_NS

static struct bench b;

/* A chip with that output delay, mapped, with noise in it. */
static void open_chip(vtime typical, uint32_t tcr)
{
    bench_open(&b);
    map(&b, 0);
    wr(&b, CR, EN);
    wr(&b, TCR, 6 | tcr);
    wr(&b, CR, EN | MAPPED_MODE);
    membus_set_answer(b.bus, typical, typical, typical);
}

static void close_chip(void)
{
    bench_close(&b);
}

/* Whether a frame that begins now reads right. */
static bool reads_right(void)
{
    static uint32_t at;
    uint8_t got[SIZE];

    b.frames = 0;                 /* the log is not looked at */
    at = (at + 0x1000) & 0xFFFFF; /* elsewhere, so that a frame begins */
    assert_int_equal(window_read(&b, at, SIZE, got), BUS_OK);
    return memcmp(got, psram_bytes(b.chip) + at, SIZE) == 0;
}

static bool reads_right_with(vtime typical, uint32_t tcr)
{
    bool right;

    open_chip(typical, tcr);
    right = reads_right();
    /* What goes wrong is told of, and nothing else. */
    assert_int_equal(chip_complained(b.soc, "sampling") == 0, right);
    close_chip();
    return right;
}

static void a_late_chip_needs_a_late_sample(void **state)
{
    (void)state;
    assert_true(reads_right_with(0, 0)); /* no limits */
    assert_true(reads_right_with(4 * NS, 0));
    assert_true(reads_right_with(7 * NS, 0));
    assert_false(reads_right_with(8 * NS, 0)); /* behind the rising edge */
    assert_false(reads_right_with(14 * NS, 0));
}

static void sshift_samples_half_a_period_later(void **state)
{
    (void)state;
    assert_true(reads_right_with(4 * NS, SSHIFT));
    assert_true(reads_right_with(8 * NS, SSHIFT));
    assert_true(reads_right_with(15 * NS, SSHIFT));
    assert_false(reads_right_with(17 * NS, SSHIFT));
    assert_false(reads_right_with(1, SSHIFT)); /* the next symbol comes just then */
}

static bool pass[128];

/* UNIT swept at SEL = 12: steps of 420 ps from 1.42 ns on. First and last that read right; all
   between do. */
static void sweep(unsigned *first, unsigned *last)
{
    unsigned runs = 0;

    for (unsigned unit = 0; unit < 128; unit++) {
        wr(&b, DLYB_CR, DEN | SEN);
        wr(&b, DLYB_CFGR, unit << 8 | 12);
        wr(&b, DLYB_CR, DEN);
        pass[unit] = reads_right();
        if (pass[unit] && (unit == 0 || !pass[unit - 1])) {
            *first = unit;
            runs++;
        }
        if (pass[unit])
            *last = unit;
    }
    assert_int_equal(runs, 1);
}

static double delay_of(unsigned unit)
{
    return 1.0 + 12 * (unit + 1) * 0.035;
}

#define NEAR(got, expected, by) assert_true((got) > (expected) - (by) && (got) < (expected) + (by))

static void a_shmoo_has_one_window_as_wide_as_a_period(void **state)
{
    unsigned first, last;

    (void)state;
    open_chip(12 * NS, 0);
    sweep(&first, &last);
    NEAR(delay_of(first), 12 - 7.8, 0.8);
    NEAR(delay_of(last), 12 - 7.8 + 15.6, 0.8);
    close_chip();
}

/* There and back, and the open stub's reflections at the beginning of each symbol. */
static void wires_move_and_narrow_it(void **state)
{
    unsigned first[3], last[3];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        open_chip(12 * NS, 0);
        membus_set_wires(b.bus, i >= 1 ? 4 * NS : 0, i == 2 ? 5 * NS : 0);
        sweep(&first[i], &last[i]);
        close_chip();
    }
    NEAR(delay_of(first[1]) - delay_of(first[0]), 4.0, 0.9);
    NEAR(delay_of(last[1]) - delay_of(last[0]), 4.0, 0.9);
    NEAR(delay_of(first[2]) - delay_of(first[1]), 5.0, 0.9);
    NEAR(delay_of(last[2]) - delay_of(last[1]), 0.0, 0.9);
}

static void the_delay_block_does_nothing_bypassed_or_disabled(void **state)
{
    (void)state;
    open_chip(12 * NS, 0);
    wr(&b, DLYB_CR, DEN | SEN);
    wr(&b, DLYB_CFGR, 20 << 8 | 12); /* 9.8 ns */
    assert_true(reads_right());
    wr(&b, DLYB_CR, 0);
    assert_false(reads_right());
    wr(&b, DLYB_CR, DEN);
    assert_true(reads_right());
    close_chip();
    open_chip(12 * NS, 0);
    wr(&b, CR, EN | ABORT | MAPPED_MODE);
    clocks(&b, 40);
    wr(&b, DCR1, DEVSIZE_8MB | DLYBYP);
    wr(&b, DLYB_CR, DEN | SEN);
    wr(&b, DLYB_CFGR, 20 << 8 | 12);
    assert_int_equal(rd(&b, DCR1) & DLYBYP, DLYBYP);
    assert_false(reads_right());
    close_chip();
}

/* A sample between what a typical chip does and what the data sheet promises. */
static void a_margin_that_is_not_promised_is_luck(void **state)
{
    (void)state;
    for (unsigned bites = 0; bites < 2; bites++) {
        open_chip(7 * NS, 0);
        membus_set_answer(b.bus, 7 * NS, 9 * NS, 1500);
        if (bites)
            hazard_set(b.soc->complaints, HAZARD_SAMPLING_MARGIN, HAZARD_BITE);
        assert_int_equal(reads_right(), !bites);
        assert_int_equal(chip_complained(b.soc, "sampling-margin"), 1);
        assert_int_equal(chip_complained(b.soc, "sampling"), 0);
        membus_set_answer(b.bus, 4 * NS, 6 * NS, 1500);
        assert_true(reads_right());
        assert_int_equal(chip_complained(b.soc, "sampling-margin"), 1);
        close_chip();
    }
}

/* A period too late or too early: the neighbours' nibbles, each time the same. */
static void a_period_off_reads_another_symbol(void **state)
{
    uint8_t got[SIZE];
    const uint8_t *is;

    (void)state;
    open_chip(4 * NS, 0);
    wr(&b, DLYB_CR, DEN | SEN);
    wr(&b, DLYB_CFGR, 42 << 8 | 12); /* 19.06 ns; the symbol ends at 11.8 */
    is = psram_bytes(b.chip);
    assert_int_equal(window_read(&b, 0, SIZE, got), BUS_OK);
    for (unsigned i = 0; i + 1 < SIZE; i++)
        assert_int_equal(got[i] >> 4, is[i] & 0xF);
    close_chip();
    open_chip(20 * NS, 0); /* it begins at 12.2 ns */
    is = psram_bytes(b.chip);
    assert_int_equal(window_read(&b, 0, SIZE, got), BUS_OK);
    for (unsigned i = 1; i < SIZE; i++)
        assert_int_equal(got[i], (uint8_t)(is[i - 1] << 4 | is[i] >> 4));
    close_chip();
}

static void the_switch_takes_the_effect_away(void **state)
{
    (void)state;
    open_chip(12 * NS, 0);
    hazard_set(b.soc->complaints, HAZARD_SAMPLING, HAZARD_COUNT);
    assert_true(reads_right());
    assert_int_equal(chip_complained(b.soc, "sampling"), 1);
    hazard_set(b.soc->complaints, HAZARD_SAMPLING, HAZARD_OFF);
    assert_true(reads_right());
    assert_int_equal(chip_complained(b.soc, "sampling"), 1);
    close_chip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_chip_needs_a_late_sample),
        cmocka_unit_test(sshift_samples_half_a_period_later),
        cmocka_unit_test(a_shmoo_has_one_window_as_wide_as_a_period),
        cmocka_unit_test(wires_move_and_narrow_it),
        cmocka_unit_test(the_delay_block_does_nothing_bypassed_or_disabled),
        cmocka_unit_test(a_margin_that_is_not_promised_is_luck),
        cmocka_unit_test(a_period_off_reads_another_symbol),
        cmocka_unit_test(the_switch_takes_the_effect_away),
    };
    return cmocka_run_group_tests_name("octospi_sampling", tests, NULL, NULL);
}
