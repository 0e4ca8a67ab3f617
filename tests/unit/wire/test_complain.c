/* Complaints: counted by class, kept by name with their first and last case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../vboard/wire/complain.h"

static uint64_t cycles; /* of 1 ns */
static uint32_t pc;
static struct sched *s;
static struct complaints *c;

static uint64_t read_cycles(void *ctx)
{
    (void)ctx;
    return cycles;
}

static uint32_t read_pc(void *ctx)
{
    (void)ctx;
    return pc;
}

static int start(void **state)
{
    struct sched_source source = {.cycles = read_cycles};

    (void)state;
    cycles = 0;
    pc = 0;
    s = sched_new(&source, 1000000000);
    c = complaints_new(s, read_pc, NULL);
    return s && c ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    complaints_free(c);
    sched_free(s);
    return 0;
}

struct seen {
    unsigned names;
    struct complaint first[64], last[64];
    char first_text[64][256], last_text[64][256];
    uint64_t count[64];
};

static void collect(void *ctx, const struct complaint *first, const struct complaint *last,
                    uint64_t count)
{
    struct seen *seen = ctx;
    unsigned i = seen->names++;

    assert_true(i < 64);
    seen->first[i] = *first;
    seen->last[i] = *last;
    snprintf(seen->first_text[i], 256, "%s", first->text);
    snprintf(seen->last_text[i], 256, "%s", last->text);
    seen->count[i] = count;
}

static void classes_are_counted_apart(void **state)
{
    (void)state;
    complain(c, HAZARD, "tCEM", "one");
    complain(c, HAZARD, "tCEM", "two");
    complain(c, GUEST_ERROR, "busy-write", "three");
    assert_int_equal(complaints_count(c, HAZARD), 2);
    assert_int_equal(complaints_count(c, GUEST_ERROR), 1);
    assert_int_equal(complaints_count(c, UNIMPLEMENTED), 0);
}

static void first_and_last_of_a_name_are_kept_with_time_and_place(void **state)
{
    struct seen seen = {0};

    (void)state;
    for (unsigned i = 1; i <= 5; i++) {
        cycles = 100 * i;
        pc = 0x08000000 + i;
        complain(c, HAZARD, "tCPH", "high for %u ns", 10 * i);
    }
    complaints_each(c, collect, &seen);
    assert_int_equal(seen.names, 1);
    assert_int_equal(seen.count[0], 5);
    assert_string_equal(seen.first[0].name, "tCPH");
    assert_int_equal(seen.first[0].kind, HAZARD);
    assert_int_equal(seen.first[0].at, 100 * VTIME_NS);
    assert_int_equal(seen.first[0].pc, 0x08000001);
    assert_string_equal(seen.first_text[0], "high for 10 ns");
    assert_int_equal(seen.last[0].at, 500 * VTIME_NS);
    assert_int_equal(seen.last[0].pc, 0x08000005);
    assert_string_equal(seen.last_text[0], "high for 50 ns");
}

static void names_come_in_order_of_first_occurrence(void **state)
{
    struct seen seen = {0};
    char name[64][8];

    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 60; i++) {
            snprintf(name[i], sizeof name[i], "n%u", 59 - i);
            complain(c, UNIMPLEMENTED, name[i], "round %u", round);
        }
    }
    complaints_each(c, collect, &seen);
    assert_int_equal(seen.names, 60);
    for (unsigned i = 0; i < 60; i++) {
        assert_string_equal(seen.first[i].name, name[i]);
        assert_int_equal(seen.count[i], 3);
        assert_string_equal(seen.first_text[i], "round 0");
        assert_string_equal(seen.last_text[i], "round 2");
    }
}

static void a_name_is_its_letters_and_its_class(void **state)
{
    static const char one[] = "cpu", other[] = "cpu";
    struct seen seen = {0};

    (void)state;
    complain(c, HAZARD, one, "a");
    complain(c, HAZARD, other, "b");
    complain(c, GUEST_ERROR, one, "c");
    complain(c, HAZARD, one, "d");
    complaints_each(c, collect, &seen);
    assert_int_equal(seen.names, 2);
    assert_int_equal(seen.count[0], 3);
    assert_string_equal(seen.last_text[0], "d");
    assert_int_equal(seen.count[1], 1);
    assert_int_equal(seen.first[1].kind, GUEST_ERROR);
}

static void overlong_text_is_cut(void **state)
{
    char text[1000];
    struct seen seen = {0};

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    complain(c, HAZARD, "long", "%s", text);
    complaints_each(c, collect, &seen);
    assert_in_range(strlen(seen.first_text[0]), 100, 255);
    assert_int_equal(strspn(seen.first_text[0], "x"), strlen(seen.first_text[0]));
}

static void hear(void *ctx, const struct complaint *what)
{
    char *line = ctx;

    sprintf(line, "%d %s %s %u", what->kind, what->name, what->text, (unsigned)what->pc);
}

static void the_listener_hears_each_case(void **state)
{
    char line[300] = "";

    (void)state;
    complaints_listen(c, hear, line);
    pc = 7;
    complain(c, GUEST_ERROR, "dr-align", "at %d", 1);
    assert_string_equal(line, "1 dr-align at 1 7");
    complain(c, GUEST_ERROR, "dr-align", "at %d", 2);
    assert_string_equal(line, "1 dr-align at 2 7");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(classes_are_counted_apart),
        TEST(first_and_last_of_a_name_are_kept_with_time_and_place),
        TEST(names_come_in_order_of_first_occurrence),
        TEST(a_name_is_its_letters_and_its_class),
        TEST(overlong_text_is_cut),
        TEST(the_listener_hears_each_case),
    };
    return cmocka_run_group_tests_name("wire_complain", tests, NULL, NULL);
}
