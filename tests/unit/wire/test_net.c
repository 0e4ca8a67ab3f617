/* A wire with several drivers: who wins, who is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../vboard/wire/net.h"

struct ear {
    struct net_listener listener;
    unsigned calls;
    bool level, driven;
};

static void heard(void *ctx, struct net *n, bool level)
{
    struct ear *e = ctx;

    e->calls++;
    e->level = level;
    e->driven = net_driven(n);
    assert_int_equal(level, net_level(n));
}

static struct net *n;
static struct net_driver a, b, c;
static struct ear ear;

static int start(void **state)
{
    (void)state;
    n = net_new("PA1");
    assert_non_null(n);
    net_attach(n, &a);
    net_attach(n, &b);
    net_attach(n, &c);
    ear = (struct ear){.listener = {.fn = heard, .ctx = &ear}};
    net_listen(n, &ear.listener);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    net_free(n);
    return 0;
}

static void an_undriven_net_is_low_and_keeps_its_last_level(void **state)
{
    (void)state;
    assert_string_equal(net_name(n), "PA1");
    assert_false(net_level(n));
    assert_false(net_driven(n));
    net_drive(&a, NET_HIGH);
    net_drive(&a, NET_Z);
    assert_true(net_level(n));
    assert_false(net_driven(n));
}

static void a_resistor_sets_the_level_and_an_output_wins_over_it(void **state)
{
    (void)state;
    net_drive(&a, NET_PULL_UP);
    assert_true(net_level(n));
    assert_true(net_driven(n));
    net_drive(&b, NET_LOW);
    assert_false(net_level(n));
    assert_false(net_conflict(n));
    net_drive(&a, NET_PULL_DOWN);
    net_drive(&b, NET_HIGH);
    assert_true(net_level(n));
    assert_false(net_conflict(n));
    net_drive(&b, NET_Z);
    assert_false(net_level(n));
}

static void outputs_against_each_other_are_a_conflict_and_low(void **state)
{
    (void)state;
    net_drive(&a, NET_HIGH);
    net_drive(&b, NET_HIGH);
    assert_false(net_conflict(n));
    net_drive(&b, NET_LOW);
    assert_true(net_conflict(n));
    assert_false(net_level(n));
    net_drive(&a, NET_Z);
    assert_false(net_conflict(n));
    assert_false(net_level(n));
}

static void open_drain_outputs_share_a_line(void **state)
{
    (void)state;
    net_drive(&c, NET_PULL_UP);
    net_drive(&a, NET_LOW);
    net_drive(&b, NET_LOW);
    net_drive(&a, NET_Z);
    assert_false(net_level(n));
    net_drive(&b, NET_Z);
    assert_true(net_level(n));
}

static void listeners_hear_of_changes_and_of_nothing_else(void **state)
{
    (void)state;
    net_drive(&a, NET_HIGH);
    assert_int_equal(ear.calls, 1);
    assert_true(ear.level);
    net_drive(&a, NET_HIGH);
    net_drive(&b, NET_PULL_UP);
    net_drive(&c, NET_HIGH);
    assert_int_equal(ear.calls, 1);
    net_drive(&c, NET_Z);
    net_drive(&a, NET_LOW);
    assert_int_equal(ear.calls, 2);
    assert_false(ear.level);
    net_unlisten(n, &ear.listener);
    net_drive(&a, NET_HIGH);
    assert_int_equal(ear.calls, 2);
}

/* An LED between supply and a pin lights as soon as the pin begins to pull low, although the level
   of the floating net counted as low before. */
static void listeners_hear_when_somebody_begins_or_ceases_to_hold_the_level(void **state)
{
    (void)state;
    net_drive(&a, NET_LOW);
    assert_int_equal(ear.calls, 1);
    assert_false(ear.level);
    assert_true(ear.driven);
    net_drive(&a, NET_Z);
    assert_int_equal(ear.calls, 2);
    assert_false(ear.level);
    assert_false(ear.driven);
}

static void every_listener_is_told(void **state)
{
    struct ear second = {.listener = {.fn = heard, .ctx = &second}};
    struct ear third = {.listener = {.fn = heard, .ctx = &third}};

    (void)state;
    net_listen(n, &second.listener);
    net_listen(n, &third.listener);
    net_unlisten(n, &second.listener);
    net_drive(&a, NET_HIGH);
    assert_int_equal(ear.calls, 1);
    assert_int_equal(second.calls, 0);
    assert_int_equal(third.calls, 1);
}

static void a_driver_that_leaves_no_longer_counts(void **state)
{
    (void)state;
    net_drive(&a, NET_PULL_DOWN);
    net_drive(&b, NET_HIGH);
    net_detach(&b);
    assert_false(net_level(n));
    net_drive(&b, NET_HIGH); /* drives nothing */
    assert_false(net_level(n));
    net_attach(n, &b); /* comes back with its output off */
    assert_false(net_level(n));
}

static void drivers_outlive_their_net(void **state)
{
    struct net *other = net_new("short-lived");
    struct net_driver d = {.drive = NET_Z};

    (void)state;
    net_attach(other, &d);
    net_free(other);
    net_drive(&d, NET_HIGH);
    net_detach(&d);
}

static void joined_nets_are_one_wire(void **state)
{
    struct net *second = net_new("second"), *third = net_new("third");
    struct net_driver far = {.drive = NET_Z};
    struct ear far_ear = {.listener = {.fn = heard, .ctx = &far_ear}};

    (void)state;
    net_drive(&a, NET_PULL_UP);
    net_attach(third, &far);
    net_listen(third, &far_ear.listener);
    net_join(n, second);
    net_join(third, second);
    net_join(n, third); /* they are already */
    assert_true(net_level(third));
    assert_true(net_driven(second));
    assert_int_equal(far_ear.calls, 1);
    net_drive(&far, NET_LOW);
    assert_false(net_level(n));
    assert_false(ear.level);
    net_drive(&b, NET_HIGH);
    assert_true(net_conflict(n));
    assert_true(net_conflict(second));
    net_free(third); /* and its drivers with it: the others stay one */
    net_drive(&b, NET_Z);
    net_drive(&b, NET_HIGH);
    assert_true(net_level(second));
    assert_false(net_conflict(n));
    net_free(second);
    net_drive(&b, NET_LOW);
    assert_false(net_level(n));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(an_undriven_net_is_low_and_keeps_its_last_level),
        TEST(a_resistor_sets_the_level_and_an_output_wins_over_it),
        TEST(outputs_against_each_other_are_a_conflict_and_low),
        TEST(open_drain_outputs_share_a_line),
        TEST(listeners_hear_of_changes_and_of_nothing_else),
        TEST(listeners_hear_when_somebody_begins_or_ceases_to_hold_the_level),
        TEST(every_listener_is_told),
        TEST(a_driver_that_leaves_no_longer_counts),
        TEST(drivers_outlive_their_net),
        TEST(joined_nets_are_one_wire),
    };
    return cmocka_run_group_tests_name("wire_net", tests, NULL, NULL);
}
