/*
 * The command table of the datasheets: each command in each mode, with its lines and wait cycles;
 * modes, reset, bursts, power-up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host.h"

static struct host h;

static int start(void **state)
{
    (void)state;
    host_open(&h, "esp-psram64h", 1);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    host_close(&h);
    return 0;
}

static const uint8_t pattern[8] = {0xDE, 0xAD, 0xBE, 0xEF, 0x01, 0x23, 0x45, 0x67};
enum { AT = 0x123450, SIZE = 8 << 20 };

static const uint8_t *content(void)
{
    return psram_bytes(h.chip);
}

static void place(uint32_t at)
{
    memcpy(psram_bytes(h.chip) + at, pattern, sizeof pattern);
}

/* ---- reading and writing in each mode ---- */

struct form {
    uint8_t code;
    bool qpi;
    unsigned command, address, wait, data;
};

static const struct form reads[] = {
    {0x03, false, 1, 1, 0, 1},
    {0x0B, false, 1, 1, 8, 1},
    {0xEB, false, 1, 4, 6, 4},
    {0xEB, true, 4, 4, 6, 4},
};
static const struct form writes[] = {
    {0x02, false, 1, 1, 0, 1},
    {0x38, false, 1, 4, 0, 4},
    {0x02, true, 4, 4, 0, 4},
    {0x38, true, 4, 4, 0, 4},
};

static void every_read_command_reads(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof reads / sizeof reads[0]; i++) {
        const struct form *f = &reads[i];
        uint8_t got[8] = {0};

        if (f->qpi && !psram_in_qpi(h.chip))
            enter_qpi(&h);
        place(AT);
        read_frame(&h, f->code, f->command, f->address, AT, f->wait, f->data, got, 8);
        assert_memory_equal(got, pattern, 8);
    }
    assert_int_equal(hazards(&h), 0);
}

static void every_write_command_writes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        const struct form *f = &writes[i];
        uint8_t before, after;

        if (f->qpi && !psram_in_qpi(h.chip))
            enter_qpi(&h);
        memset(psram_bytes(h.chip) + AT, 0, 8);
        before = content()[AT - 1];
        after = content()[AT + 8];
        write_frame(&h, f->code, f->command, f->address, AT, f->wait, f->data, pattern, 8);
        assert_memory_equal(content() + AT, pattern, 8);
        assert_int_equal(content()[AT - 1], before);
        assert_int_equal(content()[AT + 8], after);
    }
    assert_int_equal(hazards(&h), 0);
}

static void address_bit_23_is_not_looked_at(void **state)
{
    uint8_t got[8];

    (void)state;
    place(AT);
    spi_read(&h, AT | 0x800000, got, 8);
    assert_memory_equal(got, pattern, 8);
}

/* ---- what is not available in a mode is ignored ---- */

static void commands_of_the_other_mode_are_ignored_in_qpi(void **state)
{
    uint8_t got[8];
    struct psram_stats stats;

    (void)state;
    enter_qpi(&h);
    place(AT);
    read_frame(&h, 0x03, 4, 4, AT, 0, 4, got, 8);
    assert_memory_equal(got, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
    read_frame(&h, 0x0B, 4, 4, AT, 8, 4, got, 8);
    assert_memory_equal(got, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
    read_frame(&h, 0x9F, 4, 4, 0, 0, 4, got, 8);
    assert_memory_equal(got, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
    command(&h, 4, 0x35);
    assert_true(psram_in_qpi(h.chip));
    psram_get_stats(h.chip, &stats);
    assert_int_equal(stats.frames, 5);
    assert_int_equal(stats.ignored, 4);
}

static void exit_quad_mode_is_ignored_in_spi(void **state)
{
    struct psram_stats stats;

    (void)state;
    command(&h, 1, 0xF5);
    assert_false(psram_in_qpi(h.chip));
    psram_get_stats(h.chip, &stats);
    assert_int_equal(stats.ignored, 1);
}

static void unknown_commands_change_nothing(void **state)
{
    static uint8_t before[SIZE];
    uint8_t zero[4] = {0};

    (void)state;
    for (unsigned qpi = 0; qpi < 2; qpi++) {
        unsigned lines = qpi ? 4 : 1;

        if (qpi)
            enter_qpi(&h);
        memcpy(before, content(), SIZE);
        for (unsigned code = 0; code < 256; code++) {
            if (psram_command_name((uint8_t)code))
                continue;
            write_frame(&h, (uint8_t)code, lines, lines, AT, 0, lines, zero, 4);
            command(&h, lines, (uint8_t)code);
        }
        assert_int_equal(psram_in_qpi(h.chip), qpi);
        assert_false(psram_in_wrap(h.chip));
        assert_memory_equal(content(), before, SIZE);
    }
}

/* ---- modes ---- */

static void quad_mode_is_entered_and_left(void **state)
{
    uint8_t got[8];

    (void)state;
    assert_false(psram_in_qpi(h.chip)); /* after power-on: SPI */
    command(&h, 1, 0x35);
    assert_true(psram_in_qpi(h.chip));
    command(&h, 4, 0xF5);
    assert_false(psram_in_qpi(h.chip));
    place(AT);
    spi_read(&h, AT, got, 8);
    assert_memory_equal(got, pattern, 8);
}

static void a_command_on_the_wrong_lines_is_none(void **state)
{
    (void)state;
    command(&h, 4, 0x35); /* two clocks: not even a command byte */
    assert_false(psram_in_qpi(h.chip));
    enter_qpi(&h);
    command(&h, 1, 0xF5);
    assert_true(psram_in_qpi(h.chip));
}

static void reset_needs_its_enable_directly_before_it(void **state)
{
    uint8_t id[8];

    (void)state;
    enter_qpi(&h);
    command(&h, 4, 0x99);
    assert_true(psram_in_qpi(h.chip));
    command(&h, 4, 0x66);
    command(&h, 4, 0x99);
    assert_false(psram_in_qpi(h.chip));

    command(&h, 1, 0xC0);
    command(&h, 1, 0x66);
    read_frame(&h, 0x9F, 1, 1, 0, 0, 1, id, 8); /* any other command cancels it */
    command(&h, 1, 0x99);
    assert_true(psram_in_wrap(h.chip));
    command(&h, 1, 0x66);
    command(&h, 1, 0x11); /* also one that the part does not know */
    command(&h, 1, 0x99);
    assert_true(psram_in_wrap(h.chip));
    command(&h, 1, 0x66);
    command(&h, 1, 0x66);
    command(&h, 1, 0x99);
    assert_false(psram_in_wrap(h.chip)); /* back to linear bursts */
    command(&h, 1, 0xC0);
    command(&h, 1, 0x99); /* the enable was used up */
    assert_true(psram_in_wrap(h.chip));
}

static void a_reset_on_four_lines_then_on_one_works_from_either_mode(void **state)
{
    (void)state;
    for (unsigned qpi = 0; qpi < 2; qpi++) {
        if (qpi)
            enter_qpi(&h);
        command(&h, qpi ? 4 : 1, 0xC0);
        command(&h, 4, 0x66);
        command(&h, 4, 0x99);
        command(&h, 1, 0x66);
        command(&h, 1, 0x99);
        assert_false(psram_in_qpi(h.chip));
        assert_false(psram_in_wrap(h.chip));
    }
}

static void a_reset_in_spi_mode_leaves_qpi_alone(void **state)
{
    (void)state;
    enter_qpi(&h);
    command(&h, 1, 0x66);
    command(&h, 1, 0x99);
    assert_true(psram_in_qpi(h.chip));
}

/* ---- bursts ---- */

static void a_linear_burst_goes_on_at_the_start_of_the_device(void **state)
{
    uint8_t got[8];

    (void)state;
    enter_qpi(&h);
    qpi_write(&h, SIZE - 3, pattern, 8);
    assert_memory_equal(content() + SIZE - 3, pattern, 3);
    assert_memory_equal(content(), pattern + 3, 5);
    qpi_read(&h, SIZE - 3, got, 8);
    assert_memory_equal(got, pattern, 8);
}

static void wrap_stays_within_32_bytes_until_toggled_back(void **state)
{
    uint8_t got[40];

    (void)state;
    enter_qpi(&h);
    for (unsigned i = 0; i < 96; i++)
        psram_bytes(h.chip)[0x1000 + i] = (uint8_t)i;
    command(&h, 4, 0xC0);
    assert_true(psram_in_wrap(h.chip));
    qpi_read(&h, 0x1000 + 0x3D, got, 40);
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal(got[i], 0x20 + (0x1D + i) % 32);
    qpi_write(&h, 0x1000 + 0x3E, pattern, 4);
    assert_memory_equal(content() + 0x103E, pattern, 2);
    assert_memory_equal(content() + 0x1020, pattern + 2, 2);
    assert_int_equal(content()[0x1040], 0x40);
    command(&h, 4, 0xC0);
    assert_false(psram_in_wrap(h.chip));
    qpi_read(&h, 0x1000 + 0x3F, got, 2);
    assert_int_equal(got[1], 0x40);
}

/* ---- power ---- */

static void power_on_content_follows_from_the_seed_alone(void **state)
{
    struct host same, other;
    unsigned equal = 0;

    (void)state;
    host_open(&same, "ly68l6400", 1);
    host_open(&other, "esp-psram64h", 2);
    assert_memory_equal(content(), psram_bytes(same.chip), SIZE);
    for (unsigned i = 0; i < SIZE; i++)
        equal += content()[i] == psram_bytes(other.chip)[i];
    assert_in_range(equal, SIZE / 256 * 9 / 10, SIZE / 256 * 11 / 10); /* as chance has it */
    host_close(&same);
    host_close(&other);
}

static void a_power_cycle_gives_spi_mode_and_other_content(void **state)
{
    static uint8_t before[SIZE];
    unsigned equal = 0;

    (void)state;
    enter_qpi(&h);
    command(&h, 4, 0xC0);
    memcpy(before, content(), SIZE);
    psram_power_cycle(h.chip, h.now);
    assert_false(psram_in_qpi(h.chip));
    assert_false(psram_in_wrap(h.chip));
    for (unsigned i = 0; i < SIZE; i++)
        equal += content()[i] == before[i];
    assert_in_range(equal, SIZE / 256 * 9 / 10, SIZE / 256 * 11 / 10);
}

/* ---- debugger ---- */

static void a_debugger_sees_the_content_without_a_frame(void **state)
{
    struct psram_stats stats;
    uint8_t got[8];

    (void)state;
    assert_int_equal(membus_poke(h.bus, AT, pattern, 8), 8);
    assert_int_equal(membus_peek(h.bus, AT, got, 8), 8);
    assert_memory_equal(got, pattern, 8);
    assert_int_equal(membus_peek(h.bus, SIZE - 2, got, 8), 2);
    assert_int_equal(membus_peek(h.bus, SIZE, got, 8), 0);
    psram_get_stats(h.chip, &stats);
    assert_int_equal(stats.frames, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(every_read_command_reads),
        TEST(every_write_command_writes),
        TEST(address_bit_23_is_not_looked_at),
        TEST(commands_of_the_other_mode_are_ignored_in_qpi),
        TEST(exit_quad_mode_is_ignored_in_spi),
        TEST(unknown_commands_change_nothing),
        TEST(quad_mode_is_entered_and_left),
        TEST(a_command_on_the_wrong_lines_is_none),
        TEST(reset_needs_its_enable_directly_before_it),
        TEST(a_reset_on_four_lines_then_on_one_works_from_either_mode),
        TEST(a_reset_in_spi_mode_leaves_qpi_alone),
        TEST(a_linear_burst_goes_on_at_the_start_of_the_device),
        TEST(wrap_stays_within_32_bytes_until_toggled_back),
        TEST(power_on_content_follows_from_the_seed_alone),
        TEST(a_power_cycle_gives_spi_mode_and_other_content),
        TEST(a_debugger_sees_the_content_without_a_frame),
    };
    return cmocka_run_group_tests_name("parts_psram_commands", tests, NULL, NULL);
}
