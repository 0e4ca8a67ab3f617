/* LEDs and buttons on their nets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../vboard/parts/button.h"
#include "../../../vboard/parts/led.h"

static uint64_t cycles; /* of 1 ns */
static struct sched *s;
static struct net *net;
static struct net_driver pin;

static uint64_t read_cycles(void *ctx)
{
    (void)ctx;
    return cycles;
}

static int start(void **state)
{
    static const struct sched_source source = {.cycles = read_cycles};

    (void)state;
    cycles = 0;
    s = sched_new(&source, 1000000000);
    net = net_new("PA1");
    net_attach(net, &pin);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    net_free(net);
    sched_free(s);
    return 0;
}

struct eye {
    unsigned changes;
    bool lit;
    vtime at;
};

static void see(void *ctx, const struct led *led, bool lit, vtime at)
{
    struct eye *eye = ctx;

    assert_int_equal(led->lit, lit);
    eye->changes++;
    eye->lit = lit;
    eye->at = at;
}

static void an_led_to_ground_lights_at_a_high_pin(void **state)
{
    struct eye eye = {0};
    struct led led = {.name = "LED", .sched = s, .changed = see, .ctx = &eye};

    (void)state;
    led_attach(&led, net);
    assert_false(led.lit);
    cycles = 1000;
    net_drive(&pin, NET_HIGH);
    assert_true(led.lit);
    assert_int_equal(eye.at, VTIME_US);
    net_drive(&pin, NET_LOW);
    assert_false(led.lit);
    net_drive(&pin, NET_HIGH);
    net_drive(&pin, NET_Z); /* nobody pays the current */
    assert_false(led.lit);
    assert_int_equal(led.blinks, 2);
    assert_int_equal(eye.changes, 4);
}

static void an_led_to_the_supply_lights_at_a_low_pin(void **state)
{
    struct led led = {.name = "LED", .active_low = true, .sched = s};

    (void)state;
    led_attach(&led, net);
    assert_false(led.lit); /* the net floats */
    net_drive(&pin, NET_LOW);
    assert_true(led.lit);
    net_drive(&pin, NET_HIGH);
    assert_false(led.lit);
    net_drive(&pin, NET_LOW);
    net_drive(&pin, NET_Z);
    assert_false(led.lit);
    assert_int_equal(led.blinks, 2);
}

static void an_led_on_a_driven_net_is_lit_from_the_start(void **state)
{
    struct led led = {.name = "LED", .active_low = true, .sched = s};

    (void)state;
    net_drive(&pin, NET_LOW);
    led_attach(&led, net);
    assert_true(led.lit);
    led_detach(&led);
    net_drive(&pin, NET_HIGH);
    assert_true(led.lit); /* no longer looked at */
}

static void a_button_to_ground_pulls_its_net_low(void **state)
{
    struct button b = {.name = "K1", .idle = NET_Z};

    (void)state;
    net_drive(&pin, NET_PULL_UP); /* the port's resistor */
    button_attach(&b, net);
    assert_true(net_level(net));
    button_press(&b, true);
    assert_false(net_level(net));
    button_press(&b, false);
    assert_true(net_level(net));
    net_detach(&b.driver);
}

static void a_button_to_the_supply_has_its_own_resistor(void **state)
{
    struct button b = {.name = "B1", .to_supply = true, .idle = NET_PULL_DOWN};

    (void)state;
    net_drive(&pin, NET_HIGH);
    net_drive(&pin, NET_Z);
    button_attach(&b, net);
    assert_false(net_level(net));
    button_press(&b, true);
    assert_true(net_level(net));
    button_press(&b, false);
    assert_false(net_level(net));
    net_detach(&b.driver);
}

static void a_press_comes_and_goes_at_its_times(void **state)
{
    struct button b = {.name = "K1", .idle = NET_PULL_UP};
    struct button_press press;

    (void)state;
    button_attach(&b, net);
    button_schedule(&press, s, &b, 100 * VTIME_NS, 250 * VTIME_NS);
    cycles = 99;
    sched_run(s);
    assert_true(net_level(net));
    cycles = 100;
    sched_run(s);
    assert_false(net_level(net));
    cycles = 249;
    sched_run(s);
    assert_false(net_level(net));
    cycles = 250;
    sched_run(s);
    assert_true(net_level(net));
    assert_true(sched_next(s) == VTIME_NEVER);
    net_detach(&b.driver);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(an_led_to_ground_lights_at_a_high_pin),
        TEST(an_led_to_the_supply_lights_at_a_low_pin),
        TEST(an_led_on_a_driven_net_is_lit_from_the_start),
        TEST(a_button_to_ground_pulls_its_net_low),
        TEST(a_button_to_the_supply_has_its_own_resistor),
        TEST(a_press_comes_and_goes_at_its_times),
    };
    return cmocka_run_group_tests_name("parts_indicators", tests, NULL, NULL);
}
