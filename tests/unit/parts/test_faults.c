/* Faults in the wires of a memory, as its frames feel them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../vboard/trace/faults.h"
#include "host.h"

static struct host h;
static struct fault *fault;

static void with(const char *text)
{
    char error[200] = "";

    host_open(&h, "esp-psram64h", 1);
    fault = fault_new(text, error, sizeof error);
    if (!fault)
        print_error("%s\n", error);
    assert_non_null(fault);
    fault_attach(fault, h.bus);
}

static int stop(void **state)
{
    (void)state;
    host_close(&h);
    fault_free(fault);
    fault = NULL;
    return 0;
}

/* Writes with 1-4-4 lines, so that every address nibble and every data nibble passes the damage,
   and compares what lies in the part. */
static void quad_write_stores(uint32_t address, uint8_t byte, uint32_t at, uint8_t expected)
{
    psram_bytes(h.chip)[at] = (uint8_t)~expected;
    write_frame(&h, 0x38, 1, 4, address, 0, 4, &byte, 1);
    assert_int_equal(psram_bytes(h.chip)[at], expected);
}

static uint8_t quad_read_gives(uint32_t address)
{
    uint8_t byte;

    read_frame(&h, 0xEB, 1, 4, address, 6, 4, &byte, 1);
    return byte;
}

static void a_stuck_line_has_one_level_for_both_ends(void **state)
{
    (void)state;
    with("stuck:io2=0");
    quad_write_stores(0x123456, 0xF7, 0x123012, 0xB3); /* bit 2 of each nibble is gone */
    psram_bytes(h.chip)[0] = 0xFF;
    assert_int_equal(quad_read_gives(0), 0xBB);
    host_close(&h);
    fault_free(fault);
    with("stuck:io3=1");
    quad_write_stores(0x000000, 0x07, 0x888888 & 0x7FFFFF, 0x8F);
    psram_bytes(h.chip)[0x088888] = 0x12;
    assert_int_equal(quad_read_gives(0x000000), 0x9A);
}

static void a_stuck_io0_keeps_commands_from_arriving(void **state)
{
    (void)state;
    with("stuck:io0=1");
    enter_qpi(&h);
    assert_false(psram_in_qpi(h.chip));
}

static void one_line_commands_live_with_a_broken_io2(void **state)
{
    uint8_t id[3];

    (void)state;
    with("stuck:io2=1");
    read_frame(&h, 0x9F, 1, 1, 0, 0, 1, id, 3);
    assert_memory_equal(id, "\x0D\x5D\x52", 3);
}

static void lines_that_touch_are_both_low_if_one_is(void **state)
{
    (void)state;
    with("short:io2,io3");
    quad_write_stores(0x000000, 0x4F, 0, 0x0F);
    psram_bytes(h.chip)[0] = 0xC8;
    assert_int_equal(quad_read_gives(0), 0xC0);
    psram_bytes(h.chip)[0x30C] = 0x11;
    assert_int_equal(quad_read_gives(0x78C), 0x11); /* 7 -> 3, 8 -> 0, C stays */
}

static void exchanged_lines_are_exchanged_for_both_ends(void **state)
{
    (void)state;
    with("swap:io2,io3");
    quad_write_stores(0x000048, 0x84, 0x84, 0x48);
    psram_bytes(h.chip)[0x84] = 0x8C;
    assert_int_equal(quad_read_gives(0x48), 0x4C);
    enter_qpi(&h);
    assert_true(psram_in_qpi(h.chip));
    command(&h, 4, 0xF5); /* arrives as 0xF9 */
    assert_true(psram_in_qpi(h.chip));
    command(&h, 4, 0xF9);
    assert_false(psram_in_qpi(h.chip));
}

static void an_open_joint_floats_high_at_both_ends(void **state)
{
    (void)state;
    with("open:io1");
    quad_write_stores(0x000000, 0x10, 0x222222, 0x32);
    psram_bytes(h.chip)[0x222222] = 0x45;
    assert_int_equal(quad_read_gives(0), 0x67);
    uint8_t got;
    spi_read(&h, 0, &got, 1); /* SO is IO1 */
    assert_int_equal(got, 0xFF);
}

static void damage_of_two_kinds_adds_up(void **state)
{
    char error[200];
    struct fault *second = fault_new("stuck:io2=0", error, sizeof error);

    (void)state;
    with("swap:io2,io3");
    fault_attach(second, h.bus); /* behind it: on IO2, where IO3 arrives */
    psram_bytes(h.chip)[0] = 0x48;
    assert_int_equal(quad_read_gives(0), 0x80);
    fault_free(second);
}

static void what_cannot_be_done_is_refused_with_a_sentence(void **state)
{
    static const char *const wrong[] = {
        "",           "stuck",        "stuck:io2",     "stuck:io2=2",     "stuck:io4=0",
        "stuck:2=0",  "short:io1",    "short:io1,io1", "short:io1,io4",   "swap:io1;io2",
        "open:",      "open:io1=0",   "melt:io1",      "stuck:io1=0,io2", "open:io1 ",
        "stuckio1=0", "stuckx:io1=0", "STUCK:io1=0",
    };

    (void)state;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char error[200] = "";

        assert_null(fault_new(wrong[i], error, sizeof error));
        assert_true(strlen(error) > 10);
        assert_null(strchr(error, '\n'));
    }
}

static void the_list_names_every_kind(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    faults_list(out);
    fclose(out);
    assert_non_null(strstr(text, "stuck:ioN=0|1"));
    assert_non_null(strstr(text, "short:ioN,ioM"));
    assert_non_null(strstr(text, "swap:ioN,ioM"));
    assert_non_null(strstr(text, "open:ioN"));
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, stop)
    const struct CMUnitTest tests[] = {
        TEST(a_stuck_line_has_one_level_for_both_ends),
        TEST(a_stuck_io0_keeps_commands_from_arriving),
        TEST(one_line_commands_live_with_a_broken_io2),
        TEST(lines_that_touch_are_both_low_if_one_is),
        TEST(exchanged_lines_are_exchanged_for_both_ends),
        TEST(an_open_joint_floats_high_at_both_ends),
        TEST(damage_of_two_kinds_adds_up),
        cmocka_unit_test(what_cannot_be_done_is_refused_with_a_sentence),
        cmocka_unit_test(the_list_names_every_kind),
    };
    return cmocka_run_group_tests_name("parts_faults", tests, NULL, NULL);
}
