/* SPDX-License-Identifier: MIT */

/* The memory tests of firmware/spiram find what is planted, and nothing in a good chip. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_chip.h"
#include "spiram_test.h"

/* 16 Mbit: as good as 64 for finding faults, and four times as fast. */
#define SIZE 2097152u

struct fixture {
    struct fake fake;
    struct spiram_bus bus;
    struct spiram ram;
    struct spiram_fault fault;
};

/* The chip is brought up in good order; faults come afterwards. */
static int setup_ready(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof f);
    fake_setup(&f.fake, &f.bus);
    fake_resize(&f.fake, 16);
    struct spiram_config config = {.bus = &f.bus, .chip = spiram_chip_find("esp-psram64h")};
    *state = &f;
    return spiram_init(&f.ram, &config);
}

static int setup_mapped(void **state)
{
    int error = setup_ready(state);
    struct fixture *f = *state;
    return error ? error : spiram_map(&f->ram);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fake_teardown(&f->fake);
    return 0;
}

static uint32_t offset_of(const struct fixture *f)
{
    return (uint32_t)(f->fault.address - (uintptr_t)f->fake.window);
}

static void assert_boot_finds(struct fixture *f)
{
    assert_int_equal(spiram_test_boot(&f->ram, &f->fault), SPIRAM_ERR_MEMORY);
    assert_int_equal(f->fault.kind, SPIRAM_FAULT_WORD);
    assert_true(offset_of(f) < SIZE);
    assert_int_not_equal(f->fault.written, f->fault.read);
}

static void assert_each_width_finds(struct fixture *f, uint32_t length)
{
    for (unsigned width = 8; width <= 32; width *= 2) {
        assert_int_equal(spiram_test_width(&f->ram, width, 0, length, &f->fault),
                         SPIRAM_ERR_MEMORY);
        assert_int_equal(f->fault.kind, SPIRAM_FAULT_WORD);
        assert_int_equal(f->fault.width, width);
    }
}

static void good_chip_passes(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(spiram_test_boot(&f->ram, &f->fault), SPIRAM_OK);
    assert_int_equal(f->fault.kind, SPIRAM_FAULT_NONE);
    assert_int_equal(f->fake.syncs, 3);
}

static void every_cell_holds_both_levels(void **state)
{
    struct fixture *f = *state;
    static uint8_t after8[SIZE];
    assert_int_equal(spiram_test_width(&f->ram, 8, 0, SIZE, &f->fault), SPIRAM_OK);
    memcpy(after8, f->fake.cells, SIZE);
    assert_int_equal(spiram_test_width(&f->ram, 16, 0, SIZE, &f->fault), SPIRAM_OK);
    for (uint32_t n = 0; n < SIZE; n++) {
        assert_int_equal(f->fake.cells[n] ^ after8[n], 0xFF);
    }
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void no_two_places_hold_the_same_pattern(void **state)
{
    struct fixture *f = *state;
    static uint32_t units[SIZE / 4];
    for (unsigned width = 8; width <= 32; width *= 2) {
        assert_int_equal(spiram_test_width(&f->ram, width, 0, SIZE, &f->fault), SPIRAM_OK);
        memcpy(units, f->fake.cells, SIZE);
        qsort(units, SIZE / 4, sizeof units[0], by_value);
        for (uint32_t n = 1; n < SIZE / 4; n++) {
            assert_true(units[n - 1] < units[n]);
        }
    }
}

static void stuck_data_bit_is_found(void **state)
{
    struct fixture *f = *state;
    for (unsigned bit = 0; bit < 8; bit++) {
        f->fake.bits_high = 0;
        f->fake.bits_low = (uint8_t)(1u << bit);
        assert_each_width_finds(f, 65536);
        f->fake.bits_high = f->fake.bits_low;
        f->fake.bits_low = 0;
        assert_each_width_finds(f, 65536);
    }
    assert_boot_finds(f);
}

/* A cell that holds one level only: of the passes with 8 and 16 bits, one writes the other level.
 */
static void single_stuck_cell_is_found_with_its_address(void **state)
{
    struct fixture *f = *state;
    static const uint32_t places[] = {0, 1, 2, 3, 0x1000, 0x12345, SIZE - 2, SIZE - 1};
    for (size_t n = 0; n < sizeof places / sizeof places[0]; n++) {
        f->fake.stuck_from = places[n];
        f->fake.stuck_to = places[n] + 1;
        for (unsigned bit = 0; bit < 16; bit++) {
            f->fake.bits_low = (uint8_t)(1u << bit);
            f->fake.bits_high = (uint8_t)(1u << bit >> 8);
            unsigned found = 0;
            for (unsigned width = 8; width <= 16; width += 8) {
                if (spiram_test_width(&f->ram, width, places[n] & ~63u, 64, &f->fault) ==
                    SPIRAM_ERR_MEMORY) {
                    found++;
                    assert_int_equal(f->fault.width, width);
                    assert_int_equal(offset_of(f), places[n] & ~(width / 8u - 1u));
                }
            }
            assert_int_equal(found, 1);
        }
    }
    assert_boot_finds(f);
}

static void stuck_address_bit_is_found(void **state)
{
    struct fixture *f = *state;
    for (unsigned bit = 0; bit < 21; bit++) {
        /* Far enough that the bit takes both levels, and the low bits their share of patterns. */
        uint32_t length = bit < 11 ? 4096 : 2u << bit;
        f->fake.address_high = 0;
        f->fake.address_low = 1u << bit;
        assert_each_width_finds(f, length);
        f->fake.address_high = f->fake.address_low;
        f->fake.address_low = 0;
        assert_each_width_finds(f, length);
    }
    assert_boot_finds(f);
}

static void shorted_address_bits_are_found(void **state)
{
    struct fixture *f = *state;
    for (f->fake.short_b = 1; f->fake.short_b < 21; f->fake.short_b++) {
        uint32_t length = f->fake.short_b < 11 ? 4096 : 2u << f->fake.short_b;
        for (f->fake.short_a = 0; f->fake.short_a < f->fake.short_b; f->fake.short_a += 3) {
            f->fake.short_to_high = !f->fake.short_to_high;
            unsigned width = 8u << (f->fake.short_a % 3);
            assert_int_equal(spiram_test_width(&f->ram, width, 0, length, &f->fault),
                             SPIRAM_ERR_MEMORY);
        }
    }
}

static void zeroed_neighbours_are_found_and_reported(void **state)
{
    struct fixture *f = *state;
    f->fake.zeroed_at = 0x1E2070;
    f->fake.zeroed_length = 2;
    assert_boot_finds(f);
    assert_int_equal(f->fault.width, 8);
    assert_int_equal(offset_of(f), 0x1E2070);
    assert_int_equal(f->fault.read, 0x00);

    assert_int_equal(spiram_test_width(&f->ram, 16, 0, SIZE, &f->fault), SPIRAM_ERR_MEMORY);
    assert_int_equal(offset_of(f), 0x1E2070);
    assert_int_equal(f->fault.read, 0x0000);
    assert_int_not_equal(f->fault.written, 0x0000);
}

static void lost_write_is_found(void **state)
{
    struct fixture *f = *state;
    f->fake.unwritten_at = 0x4560;
    f->fake.unwritten_length = 32;
    assert_boot_finds(f);
    assert_int_equal(offset_of(f), 0x4560);
    assert_int_equal(f->fault.read, 0xC3);

    /* Nor does what an earlier test left there pass for what was lost. */
    f->fake.unwritten_length = 0;
    assert_int_equal(spiram_test_boot(&f->ram, &f->fault), SPIRAM_OK);
    f->fake.unwritten_length = 4;
    assert_int_equal(spiram_test_width(&f->ram, 8, 0, SIZE, &f->fault), SPIRAM_ERR_MEMORY);
    assert_int_equal(spiram_test_width(&f->ram, 16, 0, SIZE, &f->fault), SPIRAM_ERR_MEMORY);
}

static void report_has_the_access_that_was_wrong(void **state)
{
    struct fixture *f = *state;
    f->fake.flip_mask = 0x81;
    for (unsigned width = 8; width <= 32; width *= 2) {
        for (uint32_t byte = 0; byte < 4; byte++) {
            f->fake.flipped_at = 0x8004 + byte;
            assert_int_equal(spiram_test_width(&f->ram, width, 0x8000, 32, &f->fault),
                             SPIRAM_ERR_MEMORY);
            assert_int_equal(f->fault.width, width);

            uint32_t lane = byte & ~(width / 8u - 1u);
            assert_int_equal(offset_of(f), 0x8004 + lane);
            uint32_t unit, mask = width == 32 ? 0xFFFFFFFF : (1u << width) - 1u;
            memcpy(&unit, f->fake.cells + 0x8004, sizeof unit);
            assert_int_equal(f->fault.written, unit >> lane * 8u & mask);
            assert_int_equal(f->fault.read, f->fault.written ^ 0x81u << (byte - lane) * 8u);
        }
    }
}

static void part_of_the_chip_can_be_tested(void **state)
{
    struct fixture *f = *state;
    memset(f->fake.window, 0x77, SIZE);
    assert_int_equal(spiram_test_width(&f->ram, 16, 4096, 1024, &f->fault), SPIRAM_OK);
    assert_int_equal(f->fake.window[4095], 0x77);
    assert_int_equal(f->fake.window[5120], 0x77);
    assert_int_not_equal(f->fake.window[4096] & f->fake.window[4097], 0x77);
}

static void end_margin_is_not_touched(void **state)
{
    struct fixture *f = *state;
    f->bus.limits.end_margin = 32;
    memset(f->fake.window, 0x77, SIZE);
    assert_int_equal(spiram_usable_size(&f->ram), SIZE - 32);
    assert_int_equal(spiram_test_boot(&f->ram, &f->fault), SPIRAM_OK);
    for (uint32_t n = SIZE - 32; n < SIZE; n++) {
        assert_int_equal(f->fake.window[n], 0x77);
    }
    assert_int_not_equal(f->fake.window[SIZE - 36], 0x77);
    assert_int_equal(spiram_test_width(&f->ram, 8, SIZE - 32, 4, &f->fault), SPIRAM_ERR_PARAM);
}

static void bad_ranges_and_widths_are_refused(void **state)
{
    struct fixture *f = *state;
    static const struct {
        unsigned width;
        uint32_t offset, length;
    } cases[] = {
        {8, 0, 0},         {8, 0, 3},  {16, 0, 1},         {16, 1, 4},
        {32, 2, 8},        {32, 0, 6}, {8, 0, SIZE + 4},   {8, SIZE, 4},
        {32, SIZE - 4, 8}, {0, 0, 4},  {64, 0, 8},         {9, 0, 4},
        {24, 0, 4},        {33, 0, 4}, {8, 0xFFFFFFFC, 8}, {16, 4, 0xFFFFFFFC},
    };
    memset(f->fake.window, 0x77, SIZE);
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        assert_int_equal(
            spiram_test_width(&f->ram, cases[n].width, cases[n].offset, cases[n].length, &f->fault),
            SPIRAM_ERR_PARAM);
        assert_int_equal(f->fault.kind, SPIRAM_FAULT_NONE);
    }
    assert_int_equal(spiram_test_width(NULL, 8, 0, 4, &f->fault), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_test_width(&f->ram, 8, 0, 4, NULL), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_test_lines(NULL, NULL, &f->fault), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_test_lines(&f->ram, NULL, NULL), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_sync(&f->ram, 0, 0), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_sync(&f->ram, 0, SIZE + 1), SPIRAM_ERR_PARAM);
    for (uint32_t n = 0; n < SIZE; n++) {
        assert_int_equal(f->fake.window[n], 0x77);
    }
    assert_int_equal(f->fake.syncs, 0);
}

static void failing_sync_ends_the_test(void **state)
{
    struct fixture *f = *state;
    f->fake.fail_after = 1;
    assert_int_equal(spiram_test_boot(&f->ram, &f->fault), SPIRAM_ERR_TIMEOUT);
    assert_int_equal(f->fault.kind, SPIRAM_FAULT_NONE);
}

/* ---- walks ------------------------------------------------------------------------------- */

static void walk_passes_a_good_chip(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(spiram_test_lines(&f->ram, NULL, &f->fault), SPIRAM_OK);
    assert_int_equal(f->fault.kind, SPIRAM_FAULT_NONE);
}

static void walk_names_stuck_data_bits(void **state)
{
    struct fixture *f = *state;
    for (unsigned bit = 0; bit < 8; bit++) {
        for (unsigned level = 0; level < 2; level++) {
            f->fake.bits_low = (uint8_t)(level ? 0 : 1u << bit);
            f->fake.bits_high = (uint8_t)(level ? 1u << bit : 0);
            assert_int_equal(spiram_test_lines(&f->ram, NULL, &f->fault), SPIRAM_ERR_MEMORY);
            assert_int_equal(f->fault.kind, SPIRAM_FAULT_DATA_STUCK);
            assert_int_equal(f->fault.line, bit);
            assert_int_equal(f->fault.level, level);
        }
    }
}

static void walk_sees_shorted_data_bits(void **state)
{
    struct fixture *f = *state;
    /* Lines 1 and 2 of one half of the byte only: no IO line, but two bits within the chip. */
    f->fake.data_short_a = 2;
    f->fake.data_short_b = 5;
    assert_int_equal(spiram_test_lines(&f->ram, NULL, &f->fault), SPIRAM_ERR_MEMORY);
    assert_int_equal(f->fault.kind, SPIRAM_FAULT_DATA_WRONG);
    assert_int_equal(f->fault.line, 2);
    assert_int_equal(f->fault.written, 0x04);
    assert_int_equal(f->fault.read, 0x00);
}

static void walk_names_stuck_address_bits(void **state)
{
    struct fixture *f = *state;
    for (unsigned bit = 0; bit < 21; bit++) {
        for (unsigned level = 0; level < 2; level++) {
            f->fake.address_low = level ? 0 : 1u << bit;
            f->fake.address_high = level ? 1u << bit : 0;
            assert_int_equal(spiram_test_lines(&f->ram, NULL, &f->fault), SPIRAM_ERR_MEMORY);
            assert_int_equal(f->fault.kind, SPIRAM_FAULT_ADDRESS_STUCK);
            assert_int_equal(f->fault.line, bit);
        }
    }
    /* Two at once are not a short. */
    f->fake.address_low = 1u << 7 | 1u << 9;
    f->fake.address_high = 0;
    assert_int_equal(spiram_test_lines(&f->ram, NULL, &f->fault), SPIRAM_ERR_MEMORY);
    assert_int_equal(f->fault.kind, SPIRAM_FAULT_ADDRESS_STUCK);
    assert_int_equal(f->fault.line, 7);
}

static void walk_names_shorted_address_bits(void **state)
{
    struct fixture *f = *state;
    for (unsigned a = 0; a < 20; a++) {
        for (unsigned b = a + 1; b < 21; b++) {
            f->fake.short_a = a;
            f->fake.short_b = b;
            f->fake.short_to_high = !f->fake.short_to_high;
            assert_int_equal(spiram_test_lines(&f->ram, NULL, &f->fault), SPIRAM_ERR_MEMORY);
            assert_int_equal(f->fault.kind, SPIRAM_FAULT_ADDRESS_SHORT);
            assert_int_equal(f->fault.line, a);
            assert_int_equal(f->fault.other, b);
        }
    }
}

static void walk_passes_bus_errors_on(void **state)
{
    struct fixture *f = *state;
    int calls = 0;
    for (;; calls++) {
        f->fake.fail_after = calls;
        int error = spiram_test_lines(&f->ram, NULL, &f->fault);
        assert_int_equal(f->fault.kind, SPIRAM_FAULT_NONE);
        if (error == SPIRAM_OK) {
            break;
        }
        assert_int_equal(error, SPIRAM_ERR_TIMEOUT);
    }
    assert_true(calls > 100);
}

/* ---- the words --------------------------------------------------------------------------- */

static void report_has_the_agreed_form(void **state)
{
    (void)state;
    static const struct {
        struct spiram_fault fault;
        const char *text;
    } cases[] = {
        {{.kind = SPIRAM_FAULT_NONE}, ""},
        {{.kind = SPIRAM_FAULT_WORD,
          .width = 16,
          .address = 0x903e2070,
          .written = 0x5a5a,
          .read = 0},
         "spiram memtest16 fail, address 0x903e2070 written 0x5a5a read 0x0000"},
        {{.kind = SPIRAM_FAULT_WORD, .width = 8, .address = 0x90000001, .written = 7, .read = 0xff},
         "spiram memtest8 fail, address 0x90000001 written 0x07 read 0xff"},
        {{.kind = SPIRAM_FAULT_WORD,
          .width = 32,
          .address = 0x64,
          .written = 0xdeadbeef,
          .read = 0x1},
         "spiram memtest32 fail, address 0x00000064 written 0xdeadbeef read 0x00000001"},
        {{.kind = SPIRAM_FAULT_DATA_STUCK, .line = 3, .level = 1}, "spiram data bit D3 stuck at 1"},
        {{.kind = SPIRAM_FAULT_DATA_WRONG, .line = 0, .written = 1, .read = 0xfe},
         "spiram data bit D0 wrong, written 0x01 read 0xfe"},
        {{.kind = SPIRAM_FAULT_ADDRESS_STUCK, .line = 13}, "spiram address bit A13 stuck"},
        {{.kind = SPIRAM_FAULT_ADDRESS_SHORT, .line = 5, .other = 22},
         "spiram address bits A5 and A22 shorted"},
    };
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        char text[SPIRAM_FAULT_TEXT_MAX];
        assert_ptr_equal(spiram_fault_text(&cases[n].fault, text, sizeof text), text);
        assert_string_equal(text, cases[n].text);

        /* Cut off, never beyond the end. */
        for (size_t size = 1; size <= strlen(cases[n].text); size++) {
            memset(text, '#', sizeof text);
            spiram_fault_text(&cases[n].fault, text, size);
            assert_int_equal(strlen(text), size - 1);
            assert_memory_equal(text, cases[n].text, size - 1);
            assert_int_equal(text[size], '#');
        }
    }
    /* A host's addresses are longer than a microcontroller's. */
    if (sizeof(uintptr_t) > 4) {
        struct spiram_fault far = {.kind = SPIRAM_FAULT_WORD, .width = 8};
        char text[SPIRAM_FAULT_TEXT_MAX];
        far.address = (uintptr_t)UINT64_C(0x7f12345678);
        assert_string_equal(spiram_fault_text(&far, text, sizeof text),
                            "spiram memtest8 fail, address 0x7f12345678 written 0x00 read 0x00");
    }
    char untouched = '#';
    spiram_fault_text(&cases[1].fault, &untouched, 0);
    assert_int_equal(untouched, '#');
}

#define MAPPED(name) cmocka_unit_test_setup_teardown(name, setup_mapped, teardown)
#define READY(name)  cmocka_unit_test_setup_teardown(name, setup_ready, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MAPPED(good_chip_passes),
        MAPPED(every_cell_holds_both_levels),
        MAPPED(no_two_places_hold_the_same_pattern),
        MAPPED(stuck_data_bit_is_found),
        MAPPED(single_stuck_cell_is_found_with_its_address),
        MAPPED(stuck_address_bit_is_found),
        MAPPED(shorted_address_bits_are_found),
        MAPPED(zeroed_neighbours_are_found_and_reported),
        MAPPED(lost_write_is_found),
        MAPPED(report_has_the_access_that_was_wrong),
        MAPPED(part_of_the_chip_can_be_tested),
        MAPPED(end_margin_is_not_touched),
        MAPPED(bad_ranges_and_widths_are_refused),
        MAPPED(failing_sync_ends_the_test),
        READY(walk_passes_a_good_chip),
        READY(walk_names_stuck_data_bits),
        READY(walk_sees_shorted_data_bits),
        READY(walk_names_stuck_address_bits),
        READY(walk_names_shorted_address_bits),
        READY(walk_passes_bus_errors_on),
        cmocka_unit_test(report_has_the_agreed_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
