/* Hazards: names, switches, and how often a margin bites. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../vboard/wire/hazard.h"

static struct sched *sched;
static struct complaints *c;

static uint64_t no_cycles(void *ctx)
{
    (void)ctx;
    return 0;
}

static int open_complaints(void **state)
{
    static const struct sched_source source = {.cycles = no_cycles};

    (void)state;
    sched = sched_new(&source, 1);
    c = sched != NULL ? complaints_new(sched, NULL, NULL) : NULL;
    return c == NULL ? -1 : 0;
}

static int close_complaints(void **state)
{
    (void)state;
    complaints_free(c);
    sched_free(sched);
    return 0;
}

static void each_has_a_name_of_its_own_and_a_source(void **state)
{
    (void)state;
    for (int i = 0; i < HAZARDS; i++) {
        const struct hazard_kind *kind = &hazard_kinds[i];

        assert_non_null(kind->name);
        assert_true(kind->what && *kind->what && kind->source && *kind->source);
        assert_int_equal(hazard_find(kind->name), i); /* the first of that name */
    }
    assert_int_equal(hazard_find("nothing"), -1);
    assert_int_equal(hazard_find(""), -1);
}

static void logic_bites_and_margin_is_counted(void **state)
{
    uint64_t count = 0;

    (void)state;
    for (int i = 0; i < HAZARDS; i++) {
        assert_int_equal(hazard_action_of(c, i),
                         hazard_kinds[i].margin ? HAZARD_COUNT : HAZARD_BITE);
        assert_int_equal(hazard(c, i, "number %d", i), !hazard_kinds[i].margin);
        assert_int_equal(complaints_count(c, HAZARD), ++count);
    }
}

static void a_switch_is_that_of_one(void **state)
{
    (void)state;
    hazard_set(c, HAZARD_TCEM, HAZARD_BITE);
    assert_true(hazard(c, HAZARD_TCEM, "x"));
    assert_false(hazard(c, HAZARD_TCPH, "x"));
    assert_int_equal(complaints_count(c, HAZARD), 2);
    hazard_set(c, HAZARD_TCEM, HAZARD_OFF);
    assert_false(hazard(c, HAZARD_TCEM, "x"));
    hazard_set(c, HAZARD_DQSE, HAZARD_OFF);
    assert_false(hazard(c, HAZARD_DQSE, "x"));
    assert_int_equal(complaints_count(c, HAZARD), 2);
    hazard_set(c, HAZARD_DQSE, HAZARD_COUNT);
    assert_false(hazard(c, HAZARD_DQSE, "x"));
    assert_int_equal(complaints_count(c, HAZARD), 3);
}

static void in_the_worst_case_all_bite(void **state)
{
    (void)state;
    hazards_worst_case(c);
    for (int i = 0; i < HAZARDS; i++)
        assert_true(hazard(c, i, "x"));
}

static void without_complaints_nothing_is_counted(void **state)
{
    (void)state;
    assert_false(hazard(NULL, HAZARD_TCEM, "x"));
}

enum { DRAWS = 10000 };

static unsigned short_of(uint64_t given, uint64_t limit)
{
    unsigned n = 0;

    for (unsigned i = 0; i < DRAWS; i++)
        n += hazard_short(c, given, limit);
    return n;
}

static unsigned beyond(uint64_t given, uint64_t limit)
{
    unsigned n = 0;

    for (unsigned i = 0; i < DRAWS; i++)
        n += hazard_beyond(c, given, limit);
    return n;
}

/* The need is drawn evenly between half the limit and the limit. */
static void a_deficit_bites_in_proportion(void **state)
{
    (void)state;
    assert_int_equal(short_of(20000, 20000), 0);
    assert_int_equal(short_of(9999, 20000), DRAWS);
    assert_int_equal(short_of(0, 20000), DRAWS);
    assert_in_range(short_of(15000, 20000), 4700, 5300);
    assert_in_range(short_of(19000, 20000), 800, 1200);
    assert_in_range(short_of(11000, 20000), 8800, 9200);
    assert_int_equal(beyond(100, 100), 0);
    assert_int_equal(beyond(201, 100), DRAWS);
    assert_in_range(beyond(15000, 10000), 4700, 5300);
}

static void a_pick_is_any_number_below(void **state)
{
    unsigned seen[13] = {0};

    (void)state;
    for (unsigned i = 0; i < DRAWS; i++) {
        uint32_t n = hazard_pick(c, 13);

        assert_true(n < 13);
        seen[n]++;
    }
    for (unsigned i = 0; i < 13; i++)
        assert_in_range(seen[i], 600, 940);
    assert_int_equal(hazard_pick(c, 1), 0);
}

static void the_draws_follow_the_seed(void **state)
{
    static const uint64_t seeds[] = {1, 1, 2, 0, UINT64_MAX};
    uint32_t draws[5][16];

    (void)state;
    for (unsigned run = 0; run < 5; run++) {
        hazards_seed(c, seeds[run]);
        for (unsigned i = 0; i < 16; i++)
            draws[run][i] = hazard_pick(c, 1000000);
    }
    assert_memory_equal(draws[0], draws[1], sizeof draws[0]);
    for (unsigned run = 2; run < 5; run++)
        for (unsigned other = 0; other < run; other++)
            assert_memory_not_equal(draws[run], draws[other], sizeof draws[0]);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_complaints, close_complaints)
    const struct CMUnitTest tests[] = {
        TEST(each_has_a_name_of_its_own_and_a_source),
        TEST(logic_bites_and_margin_is_counted),
        TEST(a_switch_is_that_of_one),
        TEST(in_the_worst_case_all_bite),
        TEST(without_complaints_nothing_is_counted),
        TEST(a_deficit_bites_in_proportion),
        TEST(a_pick_is_any_number_below),
        TEST(the_draws_follow_the_seed),
    };
    return cmocka_run_group_tests_name("wire_hazard", tests, NULL, NULL);
}
