/* SPDX-License-Identifier: MIT */

/*
 * The search for clock and sampling point, on a chip whose answer comes after a given time over
 * wires that spoil the begin of each half byte.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_chip.h"
#include "spiram_shmoo.h"

#define MHZ  1000000u
#define TAPS 13u

static struct fake fake;
static struct spiram_bus bus;
static struct spiram ram;
static struct spiram_tune_row rows[24];
static struct spiram_tune_config config;
static size_t row_count;
static struct spiram_tuning tuning;

static void set_quiet(void *context, bool on)
{
    struct fake *f = context;
    assert_true(f->quiet != on); /* never twice in a row */
    f->quiet = on;
}

/* Good short wires: 4 ns in the chip, 1 ns on the way. */
static int setup(void **state)
{
    (void)state;
    fake_setup(&fake, &bus);
    for (uint32_t n = 0; n < fake.size; n++) {
        fake.cells[n] = (uint8_t)(n * 7 + (n >> 8));
    }
    fake.step_hz = 100000;
    fake.answer_ps = 5000;
    bus.limits.sample_taps = TAPS;
    const struct spiram_config c = {
        .bus = &bus, .chip = spiram_chip_find("esp-psram64h"), .max_hz = 50 * MHZ};
    memset(rows, 0, sizeof rows);
    memset(&tuning, 0xEE, sizeof tuning);
    config = (struct spiram_tune_config){.min_hz = 45 * MHZ,
                                         .waive = SPIRAM_WAIVE_TCHD,
                                         .scratch = 0x2AAA00,
                                         .rows = rows,
                                         .rows_max = 24,
                                         .quiet = set_quiet,
                                         .context = &fake};
    return spiram_init(&ram, &c);
}

static int teardown(void **state)
{
    (void)state;
    fake_teardown(&fake);
    return 0;
}

static int sweep_and_choose(void)
{
    int error = spiram_tune_sweep(&ram, &config, &row_count);
    return error == SPIRAM_OK ? spiram_tune_choose(&ram, &config, row_count, &tuning) : error;
}

/* Where a tuning samples, in ps behind the rising edge. */
static double sampled_at(const struct spiram_tuning *t)
{
    struct spiram_timing timing = {.clock_hz = t->clock_hz};
    double period = 1e12 / t->clock_hz;
    spiram_tune_set_point(&timing, &bus.limits, t->point);
    return (timing.sample_late ? period / 2 : 0) +
           (timing.sample_tap ? 900 + (timing.sample_tap - 1) * (period - 900) / 12 : 0);
}

static void good_wires_reach_the_chips_limit_in_the_middle_of_the_window(void **state)
{
    (void)state;
    assert_int_equal(sweep_and_choose(), SPIRAM_OK);
    assert_int_equal(tuning.clock_hz, 133 * MHZ);
    double period = 1e12 / tuning.clock_hz;
    double middle = 5000 - period / 2 + period / 2;
    assert_true(sampled_at(&tuning) > middle - period / 12);
    assert_true(sampled_at(&tuning) < middle + period / 12);
    assert_true(spiram_tuning_margin(&tuning) >= 5);
    assert_true(row_count > 10);
    assert_int_equal(fake.too_fast, 0); /* no burst over a page above 84 MHz, nothing above 133 */
}

/* Wherever the window lies, the point is in it, and no end of it is nearer than a quarter of it. */
static void the_middle_is_found_for_any_delay_of_the_answer(void **state)
{
    (void)state;
    config.rows_max = 1;
    for (uint32_t answer = 3500; answer <= 8500; answer += 500) {
        fake.answer_ps = answer;
        assert_int_equal(sweep_and_choose(), SPIRAM_OK);
        double period = 1e12 / tuning.clock_hz;
        double since = sampled_at(&tuning) + period / 2 - answer;
        assert_true(since > period / 4 && since < period * 3 / 4);
    }
}

static void reflections_cost_clock_until_the_window_is_wide_enough(void **state)
{
    (void)state;
    fake.settle_ps = 12000;
    fake.answer_ps = 7000;
    assert_int_equal(sweep_and_choose(), SPIRAM_OK);
    assert_true(tuning.clock_hz <= 70 * MHZ && tuning.clock_hz >= 50 * MHZ);
    double period = 1e12 / tuning.clock_hz;
    double since = sampled_at(&tuning) + period / 2 - fake.answer_ps;
    assert_true(since > fake.settle_ps && since < period);
    assert_true(period - fake.settle_ps >= period / 4 - period / 12);
}

static void each_next_row_is_about_a_sixteenth_lower(void **state)
{
    (void)state;
    assert_int_equal(spiram_tune_sweep(&ram, &config, &row_count), SPIRAM_OK);
    for (size_t n = 1; n < row_count; n++) {
        assert_true(rows[n].clock_hz < rows[n - 1].clock_hz);
        assert_true(rows[n].clock_hz > rows[n - 1].clock_hz / 16 * 15 - 200000);
        assert_true(rows[n].clock_hz >= config.min_hz);
    }
    assert_true(rows[row_count - 1].clock_hz < 49 * MHZ);
}

static void no_window_at_all_is_said(void **state)
{
    (void)state;
    fake.settle_ps = 12000;
    config.min_hz = 75 * MHZ;
    assert_int_equal(sweep_and_choose(), SPIRAM_ERR_SPEED);
}

static void a_line_that_broke_is_no_window(void **state)
{
    (void)state;
    fake.lines_low = 8;
    assert_int_equal(sweep_and_choose(), SPIRAM_ERR_SPEED);
    for (size_t n = 0; n < row_count; n++) {
        assert_int_equal(rows[n].good, 0);
    }
}

static void limits_are_never_exceeded(void **state)
{
    (void)state;
    for (size_t n = 0; n < spiram_chip_count(); n++) {
        config.chip = spiram_chip_at(n);
        config.rows_max = 2;
        fake.highest_hz = 0;
        assert_int_equal(sweep_and_choose(), SPIRAM_OK);
        uint32_t limit = config.chip->max_hz;
        /* tCPH of 50 ns in eight clocks allows the fastest one 160 MHz */
        assert_true(fake.highest_hz <= limit && fake.highest_hz > limit - 200000);
    }
    config.max_hz = 77 * MHZ;
    fake.highest_hz = 0;
    assert_int_equal(sweep_and_choose(), SPIRAM_OK);
    assert_int_equal(fake.highest_hz, 77 * MHZ);
    config.max_hz = 0;
    config.waive = SPIRAM_WAIVE_NONE;
    config.chip = NULL;
    fake.highest_hz = 0;
    assert_int_equal(sweep_and_choose(), SPIRAM_OK);
    assert_int_equal(fake.highest_hz, 50 * MHZ); /* tCHD */
}

static void without_a_delay_line_nothing_above_84_mhz_is_tried(void **state)
{
    (void)state;
    bus.limits.sample_taps = 0;
    fake.answer_ps = 7000;
    assert_int_equal(spiram_tune_points(&bus.limits), 2);
    fake.highest_hz = 0;
    assert_int_equal(sweep_and_choose(), SPIRAM_OK);
    assert_int_equal(fake.highest_hz, 84 * MHZ);
    assert_int_equal(tuning.clock_hz, 84 * MHZ);
    assert_int_equal(tuning.point, 1); /* 7 ns after the falling edge: 1.05 ns after the rising */
}

static void clocks_whose_writes_fail_are_not_taken(void **state)
{
    (void)state;
    fake.writes_good_to_hz = 100 * MHZ;
    assert_int_equal(sweep_and_choose(), SPIRAM_OK);
    assert_true(tuning.clock_hz <= 100 * MHZ && tuning.clock_hz > 90 * MHZ);
    assert_true(rows[0].good != 0); /* reads alone were right */
}

static void points_that_the_line_cannot_make_are_bad_and_no_error(void **state)
{
    (void)state;
    fake.taps_from_hz = 60 * MHZ;
    assert_int_equal(spiram_tune_sweep(&ram, &config, &row_count), SPIRAM_OK);
    for (size_t n = 0; n < row_count; n++) {
        bool spans = rows[n].clock_hz >= fake.taps_from_hz;
        assert_int_equal((rows[n].good & ~1u) != 0, spans);
    }
}

static void memory_is_kept_and_all_is_done_quietly(void **state)
{
    (void)state;
    uint8_t *before = malloc(fake.size);
    for (unsigned mapped = 0; mapped < 2; mapped++) {
        bus.limits.sample_taps = mapped ? 0 : TAPS;
        fake.answer_ps = 7000;
        config.rows_max = mapped ? 1 : 24;
        if (mapped) {
            assert_int_equal(spiram_map(&ram), SPIRAM_OK);
            ((volatile uint8_t *)ram.window)[config.scratch + 3] ^= 0xFF; /* still in the cache */
            fake.cells[5] = 0x77;                                         /* what others see */
            fake.window[5] = 0x77;
        }
        memcpy(before, mapped ? fake.window : fake.cells, fake.size);
        fake.watched = !mapped; /* the cache is written out in front of it */
        assert_int_equal(sweep_and_choose(), SPIRAM_OK);
        fake.watched = false;
        assert_false(fake.quiet);
        assert_int_equal(fake.loud, 0);
        assert_int_equal(ram.state, mapped ? SPIRAM_STATE_MAPPED : SPIRAM_STATE_READY);
        assert_int_equal(fake.mapped, mapped);
        assert_memory_equal(before, mapped ? fake.window : fake.cells, fake.size);
        assert_int_equal(ram.timing.clock_hz, 50 * MHZ);
        assert_int_equal(fake.timing.clock_hz, 50 * MHZ);
        assert_int_equal(fake.timing.sample_tap, 0);
    }
    free(before);
}

static void a_place_that_cannot_be_put_back_is_an_error(void **state)
{
    (void)state;
    /* Saved with one level, and another when it is read again. */
    fake.flipped_at = config.scratch + 40;
    fake.flip_mask = 1;
    assert_int_equal(sweep_and_choose(), SPIRAM_ERR_MEMORY);
}

static void a_bus_that_fails_at_any_moment_is_an_error(void **state)
{
    (void)state;
    config.rows_max = 1;
    for (int calls = 0; calls < 400; calls++) {
        fake.fail_after = -1;
        fake.failure = SPIRAM_ERR_BUS;
        assert_int_equal(spiram_retime(&ram, &ram.timing), SPIRAM_OK);
        fake.fail_after = calls;
        assert_int_not_equal(spiram_tune_sweep(&ram, &config, &row_count), SPIRAM_OK);
        assert_false(fake.quiet);
    }
}

static void arguments_are_checked(void **state)
{
    (void)state;
    config.scratch = 0x2AAA01;
    assert_int_equal(sweep_and_choose(), SPIRAM_ERR_PARAM);
    config.scratch = fake.size;
    assert_int_equal(sweep_and_choose(), SPIRAM_ERR_PARAM);
    config.scratch = 0;
    assert_int_equal(spiram_tune_sweep(&ram, &config, NULL), SPIRAM_ERR_PARAM);
    config.rows_max = 0;
    assert_int_equal(sweep_and_choose(), SPIRAM_ERR_SPEED);
    struct spiram off = {.state = SPIRAM_STATE_OFF};
    assert_int_equal(spiram_tune_sweep(&off, &config, &row_count), SPIRAM_ERR_STATE);
}

static void the_longest_run_of_a_row_counts_and_its_middle_is_taken(void **state)
{
    (void)state;
    static const struct {
        uint32_t good;
        bool found;
        uint8_t first, point, last;
    } table[] = {
        {0x000000, false, 0, 0, 0},   {0x000007, false, 0, 0, 0}, /* 3 of 13: less than a quarter */
        {0x00000F, true, 0, 1, 3},                                /* 4: even, the earlier one */
        {0x00001F, true, 0, 2, 4},                                /* 5 */
        {0x0F8F00, true, 15, 17, 19},                             /* 4, then 5 */
        {0x01EF00, true, 8, 9, 11},                               /* 4 and 4: the earlier */
        {0x1FFFFF, true, 0, 10, 20},                              /* all */
        {0x155555, false, 0, 0, 0},                               /* every other */
        {0x1E0000, true, 17, 18, 20},                             /* up to the end */
        {0xFE00000, false, 0, 0, 0}, /* behind the end: no points of this bus */
    };
    for (size_t n = 0; n < sizeof table / sizeof table[0]; n++) {
        const struct spiram_tune_row row = {.clock_hz = 100 * MHZ, .good = table[n].good};
        struct spiram_tuning t;
        assert_int_equal(spiram_tune_row_choice(&row, &bus.limits, &t), table[n].found);
        if (table[n].found) {
            assert_int_equal(t.first, table[n].first);
            assert_int_equal(t.point, table[n].point);
            assert_int_equal(t.last, table[n].last);
            assert_int_equal(t.clock_hz, 100 * MHZ);
        }
    }
}

static void points_are_one_axis_of_delay(void **state)
{
    (void)state;
    assert_int_equal(spiram_tune_points(&bus.limits), 1 + 13 + 7);
    double before = -1;
    for (unsigned point = 0; point < spiram_tune_points(&bus.limits); point++) {
        const struct spiram_tuning t = {.clock_hz = 100 * MHZ, .point = (uint8_t)point};
        assert_true(sampled_at(&t) > before);
        assert_true(before < 0 || sampled_at(&t) - before < 10000 / 12.0 + 200);
        before = sampled_at(&t);
    }
    assert_true(before > 14000); /* one and a half periods */
}

static void a_tuning_is_checked_against_its_margins(void **state)
{
    (void)state;
    assert_int_equal(sweep_and_choose(), SPIRAM_OK);
    assert_int_equal(spiram_tune_check(&ram, &config, &tuning), SPIRAM_OK);
    /* Somewhat warmer: the point itself still reads right, but with half of its margin gone. */
    fake.answer_ps += 2500;
    struct spiram_timing timing;
    assert_int_equal(spiram_tune_timing(&ram, &config, &tuning, &timing), SPIRAM_OK);
    assert_int_equal(spiram_retime(&ram, &timing), SPIRAM_OK);
    uint8_t got[4];
    assert_int_equal(spiram_read(&ram, 100, got, sizeof got), SPIRAM_OK);
    assert_memory_equal(got, fake.cells + 100, sizeof got);
    timing = (struct spiram_timing){0};
    assert_int_equal(spiram_timing(&timing, &ram.chip, &bus.limits, 50 * MHZ, 0), SPIRAM_OK);
    assert_int_equal(spiram_retime(&ram, &timing), SPIRAM_OK);
    assert_int_equal(spiram_tune_check(&ram, &config, &tuning), SPIRAM_ERR_SPEED);
    fake.answer_ps -= 2500;
    assert_int_equal(spiram_tune_check(&ram, &config, &tuning), SPIRAM_OK);
    /* The other side. */
    fake.answer_ps -= 2500;
    assert_int_equal(spiram_tune_check(&ram, &config, &tuning), SPIRAM_ERR_SPEED);
    fake.answer_ps += 2500;
    /* Writes. */
    fake.writes_good_to_hz = 100 * MHZ;
    assert_int_equal(spiram_tune_check(&ram, &config, &tuning), SPIRAM_ERR_SPEED);
    fake.writes_good_to_hz = 0;
    /* Another board or chip, whose limit is lower. */
    config.max_hz = 100 * MHZ;
    fake.highest_hz = 0;
    assert_int_equal(spiram_tune_check(&ram, &config, &tuning), SPIRAM_ERR_SPEED);
    assert_int_equal(fake.highest_hz, 0);
}

static void a_new_timing_that_is_refused_leaves_the_old_one(void **state)
{
    (void)state;
    const struct spiram_timing old = ram.timing;
    struct spiram_timing trial = old;
    trial.sample_tap = 3;
    fake.taps_from_hz = 100 * MHZ;
    assert_int_equal(spiram_map(&ram), SPIRAM_OK);
    assert_int_equal(spiram_retime(&ram, &trial), SPIRAM_ERR_TIMING);
    assert_int_equal(ram.state, SPIRAM_STATE_MAPPED);
    assert_memory_equal(&ram.timing, &old, sizeof old);
    assert_int_equal(fake.timing.sample_tap, 0);
    fake.taps_from_hz = 0;
    assert_int_equal(spiram_retime(&ram, &trial), SPIRAM_OK);
    assert_int_equal(ram.timing.sample_tap, 3);
    assert_true(fake.mapped);
}

static void a_block_is_tested_and_kept(void **state)
{
    (void)state;
    static uint32_t saved[64];
    struct spiram_fault fault = {.kind = SPIRAM_FAULT_NONE};
    struct spiram_timing fast;
    uint8_t *before = malloc(fake.size);
    assert_int_equal(sweep_and_choose(), SPIRAM_OK);
    assert_int_equal(spiram_tune_timing(&ram, &config, &tuning, &fast), SPIRAM_OK);
    assert_int_equal(spiram_map(&ram), SPIRAM_OK);
    memcpy(before, fake.cells, fake.size);

    assert_int_equal(
        spiram_tune_test_block(&ram, &config, &fast, 0x5000, saved, sizeof saved, &fault),
        SPIRAM_OK);
    assert_memory_equal(fake.cells, before, fake.size);
    assert_int_equal(ram.timing.clock_hz, 50 * MHZ);

    /* Cells that fail, enough for any pattern: found, and the rest is as it was. */
    fake.bits_low = 0xFF;
    fake.stuck_from = 0x5010;
    fake.stuck_to = 0x5020;
    assert_int_equal(
        spiram_tune_test_block(&ram, &config, &fast, 0x5000, saved, sizeof saved, &fault),
        SPIRAM_ERR_SPEED);
    assert_int_equal(fault.kind, SPIRAM_FAULT_WORD);
    fake.bits_low = 0;
    assert_memory_equal(fake.cells, before, 0x5010);

    /* A block that cannot be put back, which is worse than one that fails. */
    fake.flipped_at = 0x5030;
    fake.flip_mask = 4;
    assert_int_equal(
        spiram_tune_test_block(&ram, &config, &fast, 0x5000, saved, sizeof saved, &fault),
        SPIRAM_ERR_MEMORY);
    assert_false(fake.quiet);

    assert_int_equal(spiram_tune_test_block(&ram, &config, &fast, 0x5001, saved, 4, &fault),
                     SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_tune_test_block(&ram, &config, &fast, fake.size - 4, saved, 8, &fault),
                     SPIRAM_ERR_PARAM);
    free(before);
}

static void a_record_comes_back_as_it_was_or_not_at_all(void **state)
{
    (void)state;
    struct spiram_tune_record record = {.tuning = {132812500, 8, 2, 14},
                                        .chip = spiram_chip_find("ly68l6400"),
                                        .eid = {0x0D, 0x5D, 0x52, 0xA2, 0x64, 0x31, 0x91, 0xFF},
                                        .waive = SPIRAM_WAIVE_TCHD};
    struct spiram_tune_record back;
    uint32_t words[SPIRAM_TUNE_RECORD_WORDS];
    uint32_t broken[SPIRAM_TUNE_RECORD_WORDS];
    spiram_tune_pack(words, &record);
    assert_true(spiram_tune_unpack(&back, words));
    assert_int_equal(back.tuning.clock_hz, 132812500);
    assert_int_equal(back.tuning.point, 8);
    assert_int_equal(back.tuning.first, 2);
    assert_int_equal(back.tuning.last, 14);
    assert_ptr_equal(back.chip, record.chip);
    assert_int_equal(back.waive, record.waive);
    assert_memory_equal(back.eid, record.eid, sizeof back.eid);
    for (unsigned bit = 0; bit < 32 * SPIRAM_TUNE_RECORD_WORDS; bit++) {
        memcpy(broken, words, sizeof words);
        broken[bit / 32] ^= 1u << bit % 32;
        assert_false(spiram_tune_unpack(&back, broken));
    }
    memset(broken, 0, sizeof broken);
    assert_false(spiram_tune_unpack(&back, broken));

    record.chip = NULL;
    spiram_tune_pack(words, &record);
    assert_true(spiram_tune_unpack(&back, words));
    assert_null(back.chip);
    /* A chip that this firmware does not know, and a run that its point is not in. */
    const struct spiram_chip stranger = {.name = "stranger"};
    record.chip = &stranger;
    spiram_tune_pack(words, &record);
    assert_false(spiram_tune_unpack(&back, words));
    record.chip = NULL;
    record.tuning.first = 9;
    spiram_tune_pack(words, &record);
    assert_false(spiram_tune_unpack(&back, words));
}

/* ---- pictures ---- */

static char drawn[65536];
static size_t drawn_length;

static void draw(void *context, const char *text, size_t length)
{
    (void)context;
    assert_true(drawn_length + length < sizeof drawn);
    memcpy(drawn + drawn_length, text, length);
    drawn_length += length;
    drawn[drawn_length] = 0;
}

static unsigned occurrences(const char *text)
{
    unsigned count = 0;
    for (const char *at = drawn; (at = strstr(at, text)) != NULL; at++) {
        count++;
    }
    return count;
}

static const struct spiram_tune_row example[] = {
    {132812500, 0x0007FC}, {99999999, 0x1FFFFF}, {9500000, 0}};
static const struct spiram_tuning example_choice = {132812500, 6, 2, 10};

static void a_shmoo_as_text(void **state)
{
    (void)state;
    struct spiram_shmoo shmoo = {.rows = example,
                                 .row_count = 3,
                                 .limits = &bus.limits,
                                 .chosen = &example_choice,
                                 .print = draw};
    drawn_length = 0;
    spiram_shmoo_text(&shmoo);
    assert_string_equal(drawn, "                   11111111112\n"
                               "MHz      012345678901234567890\n"
                               "132.812  ..####O####..........\n"
                               " 99.999  #####################\n"
                               "  9.500  .....................\n"
                               "# good  . bad  O chosen\n"
                               "0: sampled at the rising edge; 1 to 13: taps of the delay line; "
                               "from 14 on: half a clock later, taps 7 to 13\n");
}

static void a_shmoo_as_svg(void **state)
{
    (void)state;
    struct spiram_shmoo shmoo = {.rows = example,
                                 .row_count = 3,
                                 .limits = &bus.limits,
                                 .chosen = &example_choice,
                                 .print = draw};
    drawn_length = 0;
    spiram_shmoo_svg(&shmoo);
    assert_ptr_equal(strstr(drawn, "<svg "), drawn);
    assert_string_equal(drawn + drawn_length - 7, "</svg>\n");
    assert_int_equal(occurrences("#5a9e5a"), 9 + 21);
    assert_int_equal(occurrences("#dddddd"), 3 * 21 - 9 - 21);
    assert_int_equal(occurrences("<circle"), 1);
    assert_int_equal(occurrences("<text"), occurrences("</text>"));
    assert_int_equal(occurrences("chosen: 132.812 MHz, point 6, 4 steps"), 1);
    shmoo.chosen = NULL;
    drawn_length = 0;
    spiram_shmoo_svg(&shmoo);
    assert_int_equal(occurrences("<circle"), 0);
    assert_int_equal(occurrences("no clock"), 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(good_wires_reach_the_chips_limit_in_the_middle_of_the_window),
        TEST(the_middle_is_found_for_any_delay_of_the_answer),
        TEST(reflections_cost_clock_until_the_window_is_wide_enough),
        TEST(each_next_row_is_about_a_sixteenth_lower),
        TEST(no_window_at_all_is_said),
        TEST(a_line_that_broke_is_no_window),
        TEST(limits_are_never_exceeded),
        TEST(without_a_delay_line_nothing_above_84_mhz_is_tried),
        TEST(clocks_whose_writes_fail_are_not_taken),
        TEST(points_that_the_line_cannot_make_are_bad_and_no_error),
        TEST(memory_is_kept_and_all_is_done_quietly),
        TEST(a_place_that_cannot_be_put_back_is_an_error),
        TEST(a_bus_that_fails_at_any_moment_is_an_error),
        TEST(arguments_are_checked),
        TEST(the_longest_run_of_a_row_counts_and_its_middle_is_taken),
        TEST(points_are_one_axis_of_delay),
        TEST(a_tuning_is_checked_against_its_margins),
        TEST(a_new_timing_that_is_refused_leaves_the_old_one),
        TEST(a_block_is_tested_and_kept),
        TEST(a_record_comes_back_as_it_was_or_not_at_all),
        TEST(a_shmoo_as_text),
        TEST(a_shmoo_as_svg),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
