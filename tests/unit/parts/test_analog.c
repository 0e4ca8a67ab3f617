/* Voltages on nets, over virtual time. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../vboard/parts/analog.h"

static uint64_t cycles; /* of 1 us */
static struct sched *sched;
static struct net *net;

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
    sched = sched_new(&source, 1000000);
    net = net_new("PA0");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    net_free(net);
    sched_free(sched);
    return 0;
}

static void expect(uint64_t at_us, double volts)
{
    const struct analog_source *s = net_analog(net);

    cycles = at_us;
    assert_true(fabs(s->volts(s->ctx) - volts) < 1e-6);
}

static void a_constant(void **state)
{
    struct analog a = {.low = 1.25, .sched = sched};

    (void)state;
    assert_null(net_analog(net));
    analog_attach(&a, net);
    expect(0, 1.25);
    expect(12345, 1.25);
}

static void a_sine(void **state)
{
    struct analog a = {.shape = ANALOG_SINE, .low = 1, .high = 3, .hz = 50, .sched = sched};

    (void)state;
    analog_attach(&a, net);
    expect(0, 2);
    expect(5000, 3);
    expect(10000, 2);
    expect(15000, 1);
    expect(25000, 3);
}

static void a_ramp(void **state)
{
    struct analog a = {.shape = ANALOG_RAMP, .low = 3, .high = 1, .hz = 100, .sched = sched};

    (void)state;
    analog_attach(&a, net);
    expect(0, 3);
    expect(2500, 2.5);
    expect(7500, 1.5);
    expect(12500, 2.5);
}

#define IN(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {IN(a_constant), IN(a_sine), IN(a_ramp)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
