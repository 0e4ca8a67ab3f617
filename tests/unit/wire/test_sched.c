/* Virtual time: core cycles become picoseconds exactly, events run in order of time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../../vboard/wire/sched.h"

enum { MHZ = 1000000 };

/* A core that only counts. */
struct core {
    uint64_t cycles;
    uint64_t limit; /* the last one asked for */
    unsigned limits;
};

static uint64_t core_cycles(void *ctx)
{
    struct core *c = ctx;

    return c->cycles;
}

static void core_limit(void *ctx, uint64_t cycle)
{
    struct core *c = ctx;

    c->limit = cycle;
    c->limits++;
}

static struct core core;
static struct sched *s;

static void at_hz(uint64_t hz)
{
    struct sched_source source = {.ctx = &core, .cycles = core_cycles, .limit = core_limit};

    core = (struct core){0};
    s = sched_new(&source, hz);
    assert_non_null(s);
}

static int stop(void **state)
{
    (void)state;
    sched_free(s);
    s = NULL;
    return 0;
}

/* ---- the clock ---- */

static void seven_cycles_of_280_mhz_are_25_ns(void **state)
{
    (void)state;
    at_hz(280 * MHZ);
    assert_int_equal(sched_now(s), 0);
    core.cycles = 7;
    assert_int_equal(sched_now(s), 25 * VTIME_NS);
    core.cycles = 8; /* 28571.43 ps */
    assert_int_equal(sched_now(s), 28571);
}

static void an_odd_frequency_does_not_drift_over_a_day(void **state)
{
    const uint64_t hz = 279999991; /* no common factor with 10^12 */

    (void)state;
    at_hz(hz);
    core.cycles = hz * 86400;
    assert_true(sched_now(s) == 86400 * VTIME_S);
    core.cycles++;
    assert_true(sched_now(s) == 86400 * VTIME_S + 3571); /* 3571.43 ps more */
}

static void time_begins_at_zero_whatever_the_core_counted_before(void **state)
{
    struct sched_source source = {.ctx = &core, .cycles = core_cycles, .limit = core_limit};

    (void)state;
    core = (struct core){.cycles = 1000};
    s = sched_new(&source, 100 * MHZ);
    assert_int_equal(sched_now(s), 0);
    core.cycles += 3;
    assert_int_equal(sched_now(s), 30 * VTIME_NS);
}

static void a_change_of_frequency_bends_the_clock_without_a_jump(void **state)
{
    (void)state;
    at_hz(64 * MHZ);
    core.cycles = 64; /* 1 us */
    sched_set_hz(s, 280 * MHZ);
    assert_int_equal(sched_hz(s), 280 * MHZ);
    assert_int_equal(sched_now(s), VTIME_US);
    core.cycles += 280;
    assert_int_equal(sched_now(s), 2 * VTIME_US);
    sched_set_hz(s, 4 * MHZ);
    core.cycles += 4;
    assert_int_equal(sched_now(s), 3 * VTIME_US);
}

/* "The first cycle count at which sched_now() is at least `at`." */
static void cycle_of_is_the_first_cycle_that_reaches_the_time(void **state)
{
    static const uint64_t rates[] = {64 * MHZ, 280 * MHZ, 25 * MHZ, 32768, 279999991, 1};

    (void)state;
    srand(4);
    for (unsigned r = 0; r < sizeof rates / sizeof rates[0]; r++) {
        at_hz(rates[r]);
        for (unsigned i = 0; i < 2000; i++) {
            vtime at = 1 + (vtime)rand() * (vtime)(rand() % 1000 + 1);
            uint64_t cycle = sched_cycle_of(s, at);

            core.cycles = cycle;
            assert_true(sched_now(s) >= at);
            core.cycles = cycle - 1;
            assert_true(sched_now(s) < at);
        }
        assert_true(sched_cycle_of(s, VTIME_NEVER) == UINT64_MAX);
        sched_free(s);
        s = NULL;
    }
}

static void cycle_of_counts_on_over_a_change_of_frequency(void **state)
{
    (void)state;
    at_hz(100 * MHZ);
    core.cycles = 100;
    sched_set_hz(s, 50 * MHZ);
    assert_int_equal(sched_cycle_of(s, VTIME_US + 20 * VTIME_NS), 101);
    assert_int_equal(sched_cycle_of(s, VTIME_US + 21 * VTIME_NS), 102);
}

static void clock_periods_are_rounded_to_the_nearest_picosecond(void **state)
{
    (void)state;
    assert_int_equal(vtime_of_clocks(1, 70 * MHZ), 14286); /* 14285.71 */
    assert_int_equal(vtime_of_clocks(3, 70 * MHZ), 42857); /* 42857.14 */
    assert_int_equal(vtime_of_clocks(1, 115200), 8680556);
    assert_true(vtime_of_clocks(UINT64_C(280000000) * 3600, 280 * MHZ) == 3600 * VTIME_S);
}

/* ---- events ---- */

enum { LOG = 1024 };
static unsigned ran[LOG];
static vtime ran_at[LOG];
static unsigned runs;

struct numbered {
    struct sched_event e;
    unsigned number;
    vtime again; /* schedules itself once more after so long, 0 = not */
};

static void note(void *ctx, vtime at)
{
    struct numbered *n = ctx;

    assert_true(runs < LOG);
    assert_false(sched_pending(&n->e));
    ran[runs] = n->number;
    ran_at[runs++] = at;
    if (n->again) {
        sched_at(s, &n->e, at + n->again);
    }
}

static struct numbered event(unsigned number)
{
    struct numbered n = {.number = number};

    n.e.fn = note;
    return n;
}

static void put(struct numbered *n, vtime at)
{
    n->e.ctx = n;
    sched_at(s, &n->e, at);
}

static void at_1_ghz(void)
{
    at_hz(1000 * MHZ); /* a cycle is 1 ns */
    runs = 0;
}

static void nothing_runs_before_its_time(void **state)
{
    struct numbered a = event(1);

    (void)state;
    at_1_ghz();
    put(&a, 10 * VTIME_NS);
    assert_true(sched_next(s) == 10 * VTIME_NS);
    core.cycles = 9;
    sched_run(s);
    assert_int_equal(runs, 0);
    assert_true(sched_pending(&a.e));
    core.cycles = 10;
    sched_run(s);
    assert_int_equal(runs, 1);
    assert_false(sched_pending(&a.e));
    assert_true(sched_next(s) == VTIME_NEVER);
    sched_run(s);
    assert_int_equal(runs, 1);
}

static void events_of_one_time_run_in_the_order_of_scheduling(void **state)
{
    struct numbered e[8];

    (void)state;
    at_1_ghz();
    for (unsigned i = 0; i < 8; i++) {
        e[i] = event(i);
        put(&e[i], 5 * VTIME_NS);
    }
    put(&e[2], 5 * VTIME_NS); /* scheduled anew: now the last */
    core.cycles = 5;
    sched_run(s);
    static const unsigned order[] = {0, 1, 3, 4, 5, 6, 7, 2};
    assert_int_equal(runs, 8);
    assert_memory_equal(ran, order, sizeof order);
}

static void an_event_may_schedule_itself_again(void **state)
{
    struct numbered a = event(1);

    (void)state;
    at_1_ghz();
    a.again = 10 * VTIME_NS;
    put(&a, 10 * VTIME_NS);
    core.cycles = 35; /* the core overshot: three of them are due, each told its own time */
    sched_run(s);
    assert_int_equal(runs, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(ran_at[i] == (i + 1) * 10 * VTIME_NS);
    }
    assert_true(sched_next(s) == 40 * VTIME_NS);
    sched_cancel(s, &a.e);
}

static void a_time_in_the_past_means_as_soon_as_possible(void **state)
{
    struct numbered a = event(1), b = event(2);

    (void)state;
    at_1_ghz();
    core.cycles = 100;
    put(&b, 200 * VTIME_NS);
    put(&a, 1 * VTIME_NS);
    assert_true(core.limit <= 100);
    sched_run(s);
    assert_int_equal(runs, 1);
    assert_int_equal(ran[0], 1);
    sched_cancel(s, &b.e);
}

static void a_cancelled_event_does_not_run(void **state)
{
    struct numbered a = event(1), b = event(2), c = event(3);

    (void)state;
    at_1_ghz();
    put(&a, 1 * VTIME_NS);
    put(&b, 2 * VTIME_NS);
    put(&c, 3 * VTIME_NS);
    sched_cancel(s, &b.e);
    sched_cancel(s, &b.e); /* once more does no harm */
    sched_at(s, &c.e, VTIME_NEVER);
    assert_false(sched_pending(&b.e));
    assert_false(sched_pending(&c.e));
    core.cycles = 10;
    sched_run(s);
    assert_int_equal(runs, 1);
    assert_int_equal(ran[0], 1);
}

static void the_core_is_told_when_the_next_event_comes_sooner(void **state)
{
    struct numbered a = event(1), b = event(2), c = event(3);

    (void)state;
    at_1_ghz();
    put(&a, 100 * VTIME_NS);
    assert_int_equal(core.limit, 100);
    put(&b, 40 * VTIME_NS);
    assert_int_equal(core.limit, 40);
    core.limits = 0;
    put(&c, 60 * VTIME_NS); /* not the first: the core's run stays */
    assert_int_equal(core.limits, 0);
    sched_set_hz(s, 2000 * MHZ); /* the same time is now twice the cycles */
    assert_int_equal(core.limit, 80);
    sched_cancel(s, &a.e);
    sched_cancel(s, &b.e);
    sched_cancel(s, &c.e);
}

static void many_events_come_out_sorted(void **state)
{
    enum { EVENTS = 500 };
    static struct numbered e[EVENTS];
    unsigned live = 0;

    (void)state;
    at_1_ghz();
    srand(11);
    for (unsigned i = 0; i < EVENTS; i++) {
        e[i] = event(i);
        put(&e[i], (vtime)(rand() % 300 + 1) * VTIME_NS);
    }
    for (unsigned i = 0; i < 400; i++) {
        struct numbered *n = &e[rand() % EVENTS];

        if (rand() % 2) {
            sched_cancel(s, &n->e);
        } else {
            put(n, (vtime)(rand() % 300 + 1) * VTIME_NS);
        }
    }
    for (unsigned i = 0; i < EVENTS; i++) {
        live += sched_pending(&e[i].e);
    }
    core.cycles = 1000;
    sched_run(s);
    assert_int_equal(runs, live);
    for (unsigned i = 1; i < runs; i++) {
        const struct sched_event *a = &e[ran[i - 1]].e, *b = &e[ran[i]].e;

        assert_true(ran_at[i - 1] < ran_at[i] ||
                    (ran_at[i - 1] == ran_at[i] && a->order < b->order));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(seven_cycles_of_280_mhz_are_25_ns, stop),
        cmocka_unit_test_teardown(an_odd_frequency_does_not_drift_over_a_day, stop),
        cmocka_unit_test_teardown(time_begins_at_zero_whatever_the_core_counted_before, stop),
        cmocka_unit_test_teardown(a_change_of_frequency_bends_the_clock_without_a_jump, stop),
        cmocka_unit_test_teardown(cycle_of_is_the_first_cycle_that_reaches_the_time, stop),
        cmocka_unit_test_teardown(cycle_of_counts_on_over_a_change_of_frequency, stop),
        cmocka_unit_test(clock_periods_are_rounded_to_the_nearest_picosecond),
        cmocka_unit_test_teardown(nothing_runs_before_its_time, stop),
        cmocka_unit_test_teardown(events_of_one_time_run_in_the_order_of_scheduling, stop),
        cmocka_unit_test_teardown(an_event_may_schedule_itself_again, stop),
        cmocka_unit_test_teardown(a_time_in_the_past_means_as_soon_as_possible, stop),
        cmocka_unit_test_teardown(a_cancelled_event_does_not_run, stop),
        cmocka_unit_test_teardown(the_core_is_told_when_the_next_event_comes_sooner, stop),
        cmocka_unit_test_teardown(many_events_come_out_sorted, stop),
    };
    return cmocka_run_group_tests_name("wire_sched", tests, NULL, NULL);
}
