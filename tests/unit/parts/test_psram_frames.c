/*
 * Frames that do not fit the command in the mode that the part is in: it samples its lines at each
 * rising edge and knows nothing of the host's phases. And that whole bytes at once, the quick way
 * through a frame that fits, give the same as clock by clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
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

static void place(uint32_t at)
{
    memcpy(psram_bytes(h.chip) + at, pattern, sizeof pattern);
}

/* ---- wait cycles ---- */

static void too_few_wait_cycles_read_the_bus_before_the_part_drives(void **state)
{
    static const uint8_t shifted[] = {0xFF, 0xDE, 0xAD, 0xBE};
    uint8_t got[4];

    (void)state;
    enter_qpi(&h);
    place(AT);
    read_frame(&h, 0xEB, 4, 4, AT, 4, 4, got, 4); /* two clocks of a floating bus */
    assert_memory_equal(got, shifted, 4);
    read_frame(&h, 0xEB, 4, 4, AT, 5, 4, got, 4); /* one: everything is a nibble late */
    static const uint8_t nibble_late[] = {0xFD, 0xEA, 0xDB, 0xEE};
    assert_memory_equal(got, nibble_late, 4);
    read_frame(&h, 0xEB, 4, 4, AT, 0, 4, got, 4);
    static const uint8_t all_waiting[] = {0xFF, 0xFF, 0xFF, 0xDE};
    assert_memory_equal(got, all_waiting, 4);
}

static void too_many_wait_cycles_lose_the_first_data(void **state)
{
    uint8_t got[4];

    (void)state;
    enter_qpi(&h);
    place(AT);
    read_frame(&h, 0xEB, 4, 4, AT, 8, 4, got, 4);
    assert_memory_equal(got, pattern + 1, 4);
    read_frame(&h, 0xEB, 4, 4, AT, 7, 4, got, 4);
    static const uint8_t nibble_early[] = {0xEA, 0xDB, 0xEE, 0xF0};
    assert_memory_equal(got, nibble_early, 4);
}

static void fast_read_on_one_line_with_7_or_9_wait_cycles_is_a_bit_off(void **state)
{
    uint8_t got[2];

    (void)state;
    place(AT);
    read_frame(&h, 0x0B, 1, 1, AT, 7, 1, got, 2);
    assert_int_equal(got[0], 0x80 | 0xDE >> 1); /* SO floats high for the first bit */
    assert_int_equal(got[1], (0xDE & 1) << 7 | 0xAD >> 1);
    read_frame(&h, 0x0B, 1, 1, AT, 9, 1, got, 2);
    assert_int_equal(got[0], (0xDE << 1 & 0xFF) | 0xAD >> 7);
    /* Read 0x03 has none. */
    read_frame(&h, 0x03, 1, 1, AT, 8, 1, got, 2);
    assert_memory_equal(got, pattern + 1, 2);
}

static void a_write_with_wait_cycles_stores_what_floats_meanwhile(void **state)
{
    (void)state;
    enter_qpi(&h);
    write_frame(&h, 0x38, 4, 4, AT, 2, 4, pattern, 2);
    static const uint8_t stored[] = {0xFF, 0xDE, 0xAD};
    assert_memory_equal(psram_bytes(h.chip) + AT, stored, 3);
}

/* ---- lines ---- */

static void a_qpi_write_to_a_part_in_spi_mode_stores_nothing(void **state)
{
    static uint8_t before[SIZE];
    uint8_t got[4];

    (void)state;
    memcpy(before, psram_bytes(h.chip), SIZE);
    for (unsigned i = 0; i < 64; i++)
        qpi_write(&h, AT + i * 0x1357, pattern, 8);
    assert_memory_equal(psram_bytes(h.chip), before, SIZE);
    qpi_read(&h, AT, got, 4);
    assert_memory_equal(got, "\xFF\xFF\xFF\xFF", 4);
}

/* SIO0 of 3, 8 and the six address nibbles spells 1 0 0 1 1 1 1 1 = 0x9F: the part in SPI mode
   takes a quad write for a read of its ID. */
static void a_qpi_frame_is_one_bit_a_clock_for_a_part_in_spi_mode(void **state)
{
    struct psram_stats stats;
    uint8_t data[20];

    (void)state;
    memset(data, 0, sizeof data);
    write_frame(&h, 0x38, 4, 4, 0x011111, 0, 4, data, sizeof data);
    psram_get_stats(h.chip, &stats);
    assert_int_equal(stats.ignored, 0);
    assert_true(h.last.contention); /* its answer on SIO1 meets the host's data: 24 clocks later */
}

static void a_spi_read_from_a_part_in_qpi_mode_reads_a_floating_line(void **state)
{
    uint8_t got[4];

    (void)state;
    enter_qpi(&h);
    place(AT);
    read_frame(&h, 0x03, 1, 1, AT, 0, 1, got, 4);
    assert_memory_equal(got, "\xFF\xFF\xFF\xFF", 4);
    assert_false(h.last.contention);
    assert_true(psram_in_qpi(h.chip));
}

static void an_address_on_one_line_where_four_are_due_goes_wrong(void **state)
{
    uint8_t got[4];

    (void)state;
    /* IO3 high, IO2 low, IO1 floating high, IO0 = 0: nibbles 0xA, so the part is at 0x2AAAAA and
       answers while the host still sends. */
    place(0);
    memset(psram_bytes(h.chip) + 0x2AAAAA, 0x55, 64);
    read_frame(&h, 0xEB, 1, 1, 0, 6, 4, got, 4);
    assert_memory_equal(got, "\x55\x55\x55\x55", 4);
    assert_true(h.last.contention);
}

static void data_on_one_line_where_four_are_due_goes_wrong(void **state)
{
    uint8_t got;

    (void)state;
    enter_qpi(&h);
    place(AT); /* DE AD BE EF: nibbles D E A D B E E F, their bit 1: 0 1 1 0 1 1 1 1 */
    read_frame(&h, 0xEB, 4, 4, AT, 6, 1, &got, 1);
    assert_int_equal(got, 0x6F);
}

static void writing_into_a_read_is_contention_and_stores_nothing(void **state)
{
    uint8_t zero[4] = {0};

    (void)state;
    enter_qpi(&h);
    place(AT);
    write_frame(&h, 0xEB, 4, 4, AT, 6, 4, zero, 4);
    assert_true(h.last.contention);
    assert_memory_equal(psram_bytes(h.chip) + AT, pattern, 8);
}

/* ---- cut short, too long ---- */

static void a_command_cut_short_is_none(void **state)
{
    uint8_t before;

    (void)state;
    cut_frame(&h, 0x35, 1, 0, 0, 7);
    assert_false(psram_in_qpi(h.chip));
    enter_qpi(&h);
    cut_frame(&h, 0xF5, 4, 0, 0, 1);
    assert_true(psram_in_qpi(h.chip));
    before = psram_bytes(h.chip)[AT];
    cut_frame(&h, 0x38, 4, 4, AT, 5);
    assert_int_equal(psram_bytes(h.chip)[AT], before);
    command(&h, 4, 0x66);
    cut_frame(&h, 0x99, 4, 0, 0, 0); /* nCS toggles without a clock: no command, but not nothing */
    command(&h, 4, 0x99);
    assert_true(psram_in_qpi(h.chip));
}

static void half_a_byte_is_not_stored(void **state)
{
    (void)state;
    enter_qpi(&h);
    place(AT);
    cut_write(&h, AT, (const uint8_t *)"\x11\x22", 2, 1, 0x30);
    assert_int_equal(psram_bytes(h.chip)[AT], 0x11);
    assert_int_equal(psram_bytes(h.chip)[AT + 1], 0x22);
    assert_int_equal(psram_bytes(h.chip)[AT + 2], pattern[2]);
}

/* Datasheets, command termination: nCS rises right after the last bit. */
static void a_command_that_goes_on_is_ignored_and_told(void **state)
{
    uint8_t data[2] = {0};

    (void)state;
    write_frame(&h, 0x35, 1, 0, 0, 0, 1, data, 1);
    assert_false(psram_in_qpi(h.chip));
    assert_int_equal(complained(&h, "overlong-command"), 1);
    enter_qpi(&h);
    assert_true(psram_in_qpi(h.chip));
    assert_int_equal(complained(&h, "overlong-command"), 1);
}

static void a_missing_wire_is_felt(void **state)
{
    uint8_t got[4];

    (void)state;
    enter_qpi(&h);
    place(AT);
    h.wires = MEMBUS_ALL_WIRES & ~MEMBUS_CLK;
    command(&h, 4, 0xF5);
    assert_true(psram_in_qpi(h.chip));
    h.wires = MEMBUS_ALL_WIRES & ~MEMBUS_NCS;
    command(&h, 4, 0xF5);
    assert_true(psram_in_qpi(h.chip));
    h.wires = MEMBUS_ALL_WIRES & ~8; /* IO3: 0xEB, 0x12.. become 0xEB, 0x9A.. */
    qpi_read(&h, AT, got, 4);
    assert_memory_not_equal(got, pattern, 4);
}

/* ---- by bytes or by clocks ---- */

static unsigned pick(unsigned n)
{
    return (unsigned)rand() % n;
}

static uint32_t some_address(void)
{
    switch (pick(4)) {
    case 0:
        return SIZE - 1 - pick(64);
    case 1:
        return pick(8192) * 1024 + 1024 - pick(64);
    case 2:
        return pick(256);
    default:
        return pick(SIZE);
    }
}

/* One random frame that fits the mode; the same for both hosts. */
static void legal_frame(struct host *a, struct host *b, bool qpi)
{
    static const uint8_t spi_commands[] = {0x35, 0x66, 0x99, 0xC0, 0xF5};
    static const uint8_t qpi_commands[] = {0xF5, 0x66, 0x99, 0xC0, 0x35};
    static const uint8_t spi_reads[] = {0x03, 0x0B, 0xEB, 0x9F};
    uint8_t x[128], y[128];
    unsigned n = 1 + pick(100), lines = qpi ? 4 : 1;
    uint32_t at = some_address();

    a->hz = b->hz = (uint64_t)(1 + pick(140)) * MHZ;
    a->gap = b->gap = pick(100) * VTIME_NS + 1;
    if (pick(3) == 0) {
        uint8_t code = (qpi ? qpi_commands : spi_commands)[pick(5)];

        command(a, lines, code);
        command(b, lines, code);
        if (code == 0x66 && pick(2)) {
            command(a, lines, 0x99);
            command(b, lines, 0x99);
        }
    } else if (pick(2)) {
        uint8_t code = qpi ? 0xEB : spi_reads[pick(4)];
        unsigned address = qpi || code == 0xEB ? 4 : 1, data = address;
        unsigned wait = code == 0xEB ? 6 : code == 0x0B ? 8 : 0;

        memset(x, 0, sizeof x);
        memset(y, 1, sizeof y);
        read_frame(a, code, lines, address, at, wait, data, x, n);
        read_frame(b, code, lines, address, at, wait, data, y, n);
        assert_memory_equal(x, y, n);
    } else {
        uint8_t code = pick(2) ? 0x38 : 0x02;
        unsigned data = qpi || code == 0x38 ? 4 : 1;

        for (unsigned i = 0; i < n; i++)
            x[i] = (uint8_t)rand();
        write_frame(a, code, lines, data, at, 0, data, x, n);
        write_frame(b, code, lines, data, at, 0, data, x, n);
    }
}

static void bytes_and_clocks_give_the_same(void **state)
{
    static const char *const names[] = {"tCEM",       "tCPH",       "tCHD",     "tCSP",
                                        "chip-clock", "page-cross", "power-up", "overlong-command"};
    struct membus_filter neutral = {.ctx = NULL};
    struct psram_stats a, b;

    (void)state;
    srand(1);
    for (size_t chip = 0; chip < psram_chip_count; chip++) {
        struct host by_bytes, by_clocks;

        host_open(&by_bytes, psram_chips[chip].name, chip);
        host_open(&by_clocks, psram_chips[chip].name, chip);
        membus_add_filter(by_clocks.bus, &neutral);
        by_bytes.now = by_clocks.now = 149 * VTIME_US;
        for (unsigned i = 0; i < 1500; i++) {
            bool qpi = psram_in_qpi(by_bytes.chip);

            legal_frame(&by_bytes, &by_clocks, qpi);
            assert_int_equal(psram_in_qpi(by_bytes.chip), psram_in_qpi(by_clocks.chip));
            assert_int_equal(psram_in_wrap(by_bytes.chip), psram_in_wrap(by_clocks.chip));
        }
        assert_memory_equal(psram_bytes(by_bytes.chip), psram_bytes(by_clocks.chip), SIZE);
        for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
            assert_int_equal(complained(&by_bytes, names[i]), complained(&by_clocks, names[i]));
        psram_get_stats(by_bytes.chip, &a);
        psram_get_stats(by_clocks.chip, &b);
        assert_int_equal(a.by_clock, 0);
        assert_int_equal(b.by_clock, b.frames);
        b.by_clock = 0;
        assert_memory_equal(&a, &b, sizeof a);
        assert_true(a.crossings > 0 && a.read > 0 && a.written > 0 && a.ignored > 0);
        host_close(&by_bytes);
        host_close(&by_clocks);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(too_few_wait_cycles_read_the_bus_before_the_part_drives),
        TEST(too_many_wait_cycles_lose_the_first_data),
        TEST(fast_read_on_one_line_with_7_or_9_wait_cycles_is_a_bit_off),
        TEST(a_write_with_wait_cycles_stores_what_floats_meanwhile),
        TEST(a_qpi_write_to_a_part_in_spi_mode_stores_nothing),
        TEST(a_qpi_frame_is_one_bit_a_clock_for_a_part_in_spi_mode),
        TEST(a_spi_read_from_a_part_in_qpi_mode_reads_a_floating_line),
        TEST(an_address_on_one_line_where_four_are_due_goes_wrong),
        TEST(data_on_one_line_where_four_are_due_goes_wrong),
        TEST(writing_into_a_read_is_contention_and_stores_nothing),
        TEST(a_command_cut_short_is_none),
        TEST(half_a_byte_is_not_stored),
        TEST(a_command_that_goes_on_is_ignored_and_told),
        TEST(a_missing_wire_is_felt),
        cmocka_unit_test(bytes_and_clocks_give_the_same),
    };
    return cmocka_run_group_tests_name("parts_psram_frames", tests, NULL, NULL);
}
