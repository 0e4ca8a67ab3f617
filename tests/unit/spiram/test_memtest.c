/* SPDX-License-Identifier: MIT */

/* The memory tests of spiram_memtest.h: what they find, what they keep, what they refuse. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_chip.h"
#include "spiram_memtest.h"

#define SIZE   2097152u
#define LENGTH 65536u

struct fixture {
    struct fake fake;
    struct spiram_bus bus;
    struct spiram ram;
    struct spiram_fault fault;
    struct spiram_memtest_config config;
    struct spiram_guard guard;
    uint32_t saved[256];
    uint8_t *before;
    unsigned depth, sections, reports, stop_at, paused_ms;
    bool decays; /* bit 2 of byte 0x1234 is lost while nobody looks */
};

static void enter(void *context)
{
    struct fixture *f = context;
    assert_int_equal(f->depth++, 0);
    f->sections++;
}

static void leave(void *context)
{
    struct fixture *f = context;
    assert_int_equal(--f->depth, 0);
}

static bool progress(void *context, unsigned test, unsigned percent)
{
    struct fixture *f = context;
    assert_int_equal(f->depth, 0);
    assert_non_null(spiram_memtest_name(test));
    assert_true(percent <= 100);
    return ++f->reports != f->stop_at;
}

static void pause_ms(void *context, uint32_t ms)
{
    struct fixture *f = context;
    f->paused_ms += ms;
    if (f->decays) {
        f->fake.cells[0x1234] &= (uint8_t)~4u;
        f->fake.window[0x1234] &= (uint8_t)~4u;
    }
}

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof f);
    fake_setup(&f.fake, &f.bus);
    fake_resize(&f.fake, 16);
    struct spiram_config config = {.bus = &f.bus, .chip = spiram_chip_find("esp-psram64h")};
    *state = &f;
    f.config = (struct spiram_memtest_config){
        .tests = SPIRAM_MEMTEST_ALL, .length = LENGTH, .context = &f, .progress = progress};
    f.config.pause_ms = pause_ms;
    f.guard = (struct spiram_guard){.context = &f,
                                    .enter = enter,
                                    .leave = leave,
                                    .saved = (uint8_t *)f.saved,
                                    .saved_bytes = sizeof f.saved};
    f.before = malloc(SIZE);
    int error = spiram_init(&f.ram, &config);
    return error ? error : spiram_map(&f.ram);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    free(f->before);
    fake_teardown(&f->fake);
    return 0;
}

static int run(struct fixture *f)
{
    return spiram_memtest(&f->ram, &f->config, &f->fault);
}

/* Content that is not what a test happens to leave. */
static void fill_heap(struct fixture *f)
{
    uint32_t x = 12345;
    for (uint32_t n = 0; n < SIZE; n++) {
        x = x * 1664525u + 1013904223u;
        f->fake.window[n] = (uint8_t)(x >> 24);
    }
    memcpy(f->before, f->fake.window, SIZE);
    assert_int_equal(spiram_sync(&f->ram, 0, SIZE), SPIRAM_OK);
}

static void use_guard(struct fixture *f)
{
    f->config.guard = &f->guard;
    f->config.tests = SPIRAM_MEMTEST_KEEPING;
    fill_heap(f);
}

static void assert_kept(struct fixture *f)
{
    f->fake.fail_after = -1;
    assert_int_equal(f->depth, 0);
    assert_memory_equal(f->fake.window, f->before, SIZE);
    assert_memory_equal(f->fake.cells, f->before, SIZE);
}

static void good_chip_passes_all(void **state)
{
    struct fixture *f = *state;
    f->config.passes = 2;
    assert_int_equal(run(f), SPIRAM_OK);
    assert_int_equal(f->fault.kind, SPIRAM_FAULT_NONE);
    assert_int_equal(f->sections, 0);
    assert_int_equal(f->paused_ms, 400);
    assert_true(f->reports >= 2 * 2 * SPIRAM_MEMTEST_COUNT);
}

static void length_0_goes_to_the_end(void **state)
{
    struct fixture *f = *state;
    f->config.tests = SPIRAM_MEMTEST_OWN_ADDRESS;
    f->config.offset = SIZE - 64;
    f->config.length = 0;
    memset(f->fake.window, 0x77, SIZE);
    assert_int_equal(run(f), SPIRAM_OK);
    assert_int_equal(f->fake.window[SIZE - 65], 0x77);
    for (uint32_t n = SIZE - 64; n < SIZE; n += 4) {
        uint32_t word, address = (uint32_t)((uintptr_t)f->fake.window + n);
        memcpy(&word, f->fake.window + n, 4);
        assert_int_equal(word, ~address);
    }
}

static void guard_keeps_the_content(void **state)
{
    struct fixture *f = *state;
    use_guard(f);
    f->config.offset = 4096;
    f->config.passes = 2;
    assert_int_equal(run(f), SPIRAM_OK);
    assert_true(f->sections > 100);
    assert_kept(f);
}

static void guard_keeps_the_content_of_a_chip_that_fails(void **state)
{
    struct fixture *f = *state;
    use_guard(f);
    /* What the bad cell can hold was there before. */
    f->before[0x1234] &= (uint8_t)~4u;
    f->fake.window[0x1234] = f->before[0x1234];
    assert_int_equal(spiram_sync(&f->ram, 0, SIZE), SPIRAM_OK);
    f->fake.bits_low = 4;
    f->fake.stuck_from = 0x1234;
    f->fake.stuck_to = 0x1235;
    for (unsigned n = 2; n < SPIRAM_MEMTEST_COUNT - 1; n++) {
        f->config.tests = 1u << n;
        int error = run(f);
        /* The cell is in no block that lies at a boundary. */
        if (f->config.tests == SPIRAM_MEMTEST_BOUNDARIES) {
            assert_int_equal(error, SPIRAM_OK);
        } else {
            assert_int_equal(error, SPIRAM_ERR_MEMORY);
            assert_int_equal(f->fault.kind, SPIRAM_FAULT_WORD);
            assert_int_equal(f->fault.offset & ~3u, 0x1234);
            assert_int_equal(f->fault.address - (uintptr_t)f->fake.window, f->fault.offset);
            assert_int_equal(spiram_diagnose(&f->ram, &f->guard, &f->fault), SPIRAM_OK);
            assert_int_equal(f->fault.kind, SPIRAM_FAULT_CELL_STUCK);
            assert_int_equal(f->fault.offset, 0x1234);
            assert_int_equal(f->fault.line, 2);
            assert_int_equal(f->fault.level, 0);
        }
        assert_kept(f);
    }
}

static void guard_keeps_the_content_with_bad_address_bits(void **state)
{
    struct fixture *f = *state;
    use_guard(f);
    for (unsigned bit = 0; bit < 21; bit += 4) {
        f->fake.address_low = 1u << bit;
        fill_heap(f);
        memcpy(f->before, f->fake.cells, SIZE);
        f->config.tests = SPIRAM_MEMTEST_DATA | SPIRAM_MEMTEST_ADDRESS;
        assert_int_equal(run(f), SPIRAM_ERR_MEMORY);
        assert_int_equal(f->fault.kind, SPIRAM_FAULT_ADDRESS_STUCK);
        assert_int_equal(f->fault.line, bit);
        assert_memory_equal(f->fake.cells, f->before, SIZE);
    }
}

static void every_failing_sync_ends_it_outside_of_a_section(void **state)
{
    struct fixture *f = *state;
    use_guard(f);
    f->config.length = 2048;
    unsigned calls = 0;
    int error;
    do {
        f->fake.fail_after = (int)calls;
        error = run(f);
        assert_int_equal(f->depth, 0);
        assert_int_equal(f->fault.kind, SPIRAM_FAULT_NONE);
        assert_true(error == SPIRAM_OK || error == SPIRAM_ERR_TIMEOUT);
        calls += 3;
    } while (error != SPIRAM_OK);
    assert_true(calls > 300);
    /* The program sees its content, although the controller did not carry it. */
    assert_memory_equal(f->fake.window, f->before, SIZE);
    f->fake.fail_after = -1;
}

static void progress_stops_it(void **state)
{
    struct fixture *f = *state;
    use_guard(f);
    f->config.length = 4 * LENGTH;
    for (f->stop_at = 1; f->stop_at < 40; f->stop_at++) {
        f->reports = 0;
        assert_int_equal(run(f), SPIRAM_ERR_STOPPED);
        assert_int_equal(f->reports, f->stop_at);
    }
    assert_kept(f);
}

static void callbacks_may_be_missing(void **state)
{
    struct fixture *f = *state;
    f->config.progress = NULL;
    f->config.pause_ms = NULL;
    f->config.retention_ms = 7;
    uint32_t before = f->fake.waited_us;
    assert_int_equal(run(f), SPIRAM_OK);
    assert_int_equal(f->fake.waited_us - before, 14000);
}

static void lost_charge_is_found(void **state)
{
    struct fixture *f = *state;
    f->decays = true;
    for (unsigned n = 0; n < SPIRAM_MEMTEST_COUNT; n++) {
        f->config.tests = 1u << n;
        bool finds = f->config.tests == SPIRAM_MEMTEST_RETENTION;
        assert_int_equal(run(f), finds ? SPIRAM_ERR_MEMORY : SPIRAM_OK);
    }
    assert_int_equal(f->fault.offset, 0x1234);
    assert_int_equal(f->fault.written, 0xFFFFFFFF);
    assert_int_equal(f->fault.read, 0xFFFFFFFB);
}

/* Each kind of fault that a cell test is for, by each test that should find it. */
static void cell_tests_find_what_they_are_for(void **state)
{
    struct fixture *f = *state;
    const unsigned cells =
        SPIRAM_MEMTEST_ALL &
        ~(unsigned)(SPIRAM_MEMTEST_DATA | SPIRAM_MEMTEST_ADDRESS | SPIRAM_MEMTEST_BOUNDARIES);
    for (unsigned n = 0; n < SPIRAM_MEMTEST_COUNT; n++) {
        f->config.tests = cells & 1u << n;
        for (unsigned level = 0; level < 2 && f->config.tests != 0; level++) {
            f->fake.stuck_from = 0x2345;
            f->fake.stuck_to = 0x2346;
            f->fake.bits_low = level ? 0 : 0x40;
            f->fake.bits_high = level ? 0x40 : 0;
            assert_int_equal(run(f), SPIRAM_ERR_MEMORY);
            assert_int_equal(f->fault.offset & ~3u, 0x2344);
            f->fake.bits_low = f->fake.bits_high = 0;
        }
    }
    /* At a page's end, and at the chip's. */
    f->config.tests = SPIRAM_MEMTEST_BOUNDARIES;
    f->config.length = 0;
    f->fake.bits_low = 1;
    static const uint32_t ends[] = {0, 1023, 1024, 0x100000 - 1, SIZE - 1};
    for (size_t n = 0; n < sizeof ends / sizeof ends[0]; n++) {
        f->fake.stuck_from = ends[n];
        f->fake.stuck_to = ends[n] + 1;
        assert_int_equal(run(f), SPIRAM_ERR_MEMORY);
        assert_int_equal(f->fault.offset & ~3u, ends[n] & ~3u);
    }
}

static void random_follows_the_seed(void **state)
{
    struct fixture *f = *state;
    uint8_t *first = malloc(LENGTH);
    f->config.tests = SPIRAM_MEMTEST_RANDOM;
    f->config.seed = 1;
    assert_int_equal(run(f), SPIRAM_OK);
    memcpy(first, f->fake.cells, LENGTH);
    assert_int_equal(run(f), SPIRAM_OK);
    assert_memory_equal(first, f->fake.cells, LENGTH);
    f->config.seed = 2;
    assert_int_equal(run(f), SPIRAM_OK);
    assert_memory_not_equal(first, f->fake.cells, LENGTH);
    free(first);
}

static void refuses_bad_arguments(void **state)
{
    struct fixture *f = *state;
    static const struct {
        unsigned tests;
        uint32_t offset, length;
    } cases[] = {
        {0, 0, 32},          {SPIRAM_MEMTEST_ALL + 1, 0, 32},
        {1, 1, 32},          {1, 0, 33},
        {1, SIZE, 0},        {1, SIZE, 32},
        {1, 0, SIZE + 32},   {1, SIZE - 32, 64},
        {1, 0xFFFFFFE0, 64}, {1, 64, 0xFFFFFFE0},
    };
    const struct spiram_memtest_config good = f->config;
    memset(f->fake.window, 0x77, SIZE);
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        f->config.tests = cases[n].tests;
        f->config.offset = cases[n].offset;
        f->config.length = cases[n].length;
        assert_int_equal(run(f), SPIRAM_ERR_PARAM);
    }
    f->config = good;
    f->config.guard = &f->guard; /* retention is among the tests */
    assert_int_equal(run(f), SPIRAM_ERR_PARAM);
    f->config.tests = SPIRAM_MEMTEST_MARCH;
    for (unsigned n = 0; n < 5; n++) {
        struct spiram_guard guard = f->guard;
        f->config.guard = &guard;
        guard.enter = n == 0 ? NULL : guard.enter;
        guard.leave = n == 1 ? NULL : guard.leave;
        guard.saved = n == 2 ? NULL : guard.saved + (n == 3);
        guard.saved_bytes = n == 4 ? SPIRAM_GUARD_BYTES_MIN - 1 : guard.saved_bytes;
        assert_int_equal(run(f), SPIRAM_ERR_PARAM);
        assert_int_equal(spiram_test_lines(&f->ram, &guard, &f->fault), SPIRAM_ERR_PARAM);
        assert_int_equal(spiram_diagnose(&f->ram, &guard, &f->fault), SPIRAM_ERR_PARAM);
    }
    f->config = good;
    assert_int_equal(spiram_memtest(NULL, &f->config, &f->fault), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_memtest(&f->ram, NULL, &f->fault), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_memtest(&f->ram, &f->config, NULL), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_test_pages(&f->ram, SIZE + 1024, &f->fault), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_test_pages(NULL, 0, &f->fault), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_test_widths(&f->ram, 0, SIZE + 4, &f->fault), SPIRAM_ERR_PARAM);
    for (uint32_t n = 0; n < SIZE; n++) {
        assert_int_equal(f->fake.window[n], 0x77);
    }
    assert_int_equal(f->sections + f->fake.syncs, 0);
    assert_int_equal(spiram_unmap(&f->ram), SPIRAM_OK);
    assert_int_equal(run(f), SPIRAM_ERR_STATE);
}

static void sections_are_as_short_as_asked(void **state)
{
    struct fixture *f = *state;
    use_guard(f);
    f->config.tests = SPIRAM_MEMTEST_MARCH;
    unsigned few, many;
    assert_int_equal(run(f), SPIRAM_OK);
    few = f->sections;
    f->guard.max_us = 100;
    assert_int_equal(run(f), SPIRAM_OK);
    many = f->sections - few;
    assert_true(few <= LENGTH / 256);
    assert_int_equal(many, LENGTH / 32);
    assert_kept(f);
}

static void names_lead_back(void **state)
{
    (void)state;
    for (unsigned n = 0; n < SPIRAM_MEMTEST_COUNT; n++) {
        assert_int_equal(spiram_memtest_find(spiram_memtest_name(1u << n)), 1u << n);
    }
    assert_null(spiram_memtest_name(0));
    assert_null(spiram_memtest_name(3));
    assert_null(spiram_memtest_name(1u << SPIRAM_MEMTEST_COUNT));
    assert_int_equal(spiram_memtest_find("soak"), 0);
    assert_int_equal(spiram_memtest_find(NULL), 0);
}

/* The quick test: a line in each page, and all columns in turn. */
static void pages_are_all_touched(void **state)
{
    struct fixture *f = *state;
    memset(f->fake.window, 0x77, SIZE);
    assert_int_equal(spiram_test_pages(&f->ram, 0, &f->fault), SPIRAM_OK);
    bool columns[32] = {false};
    for (uint32_t page = 0; page < SIZE / 1024; page++) {
        unsigned lines = 0;
        for (unsigned line = 0; line < 32; line++) {
            const uint8_t *data = f->fake.cells + page * 1024 + line * 32;
            bool touched = false;
            for (unsigned n = 0; n < 32; n++) {
                touched |= data[n] != 0x77;
            }
            lines += touched;
            columns[line] |= touched;
        }
        assert_int_equal(lines, 1);
    }
    for (unsigned line = 0; line < 32; line++) {
        assert_true(columns[line]);
    }
    /* A page that is not whole is touched too. */
    f->bus.limits.end_margin = 1024 - 32;
    f->fake.bits_high = 0x08;
    f->fake.stuck_from = SIZE - 1024;
    f->fake.stuck_to = SIZE;
    assert_int_equal(spiram_test_pages(&f->ram, 0, &f->fault), SPIRAM_ERR_MEMORY);
    assert_int_equal(f->fault.offset / 32, (SIZE - 1024) / 32);
    assert_int_equal(spiram_test_pages(&f->ram, 1024 + 16, &f->fault), SPIRAM_ERR_PARAM);
    f->bus.limits.end_margin = 0;
    f->fake.bits_high = 0x10;
    f->fake.stuck_from = 700 * 1024;
    f->fake.stuck_to = 701 * 1024;
    assert_int_equal(spiram_test_pages(&f->ram, 512 * 1024, &f->fault), SPIRAM_OK);
    assert_int_equal(spiram_test_pages(&f->ram, 0, &f->fault), SPIRAM_ERR_MEMORY);
    assert_int_equal(f->fault.offset / 1024, 700);
    f->fake.fail_after = 0;
    assert_int_equal(spiram_test_pages(&f->ram, 0, &f->fault), SPIRAM_ERR_TIMEOUT);
    f->fake.fail_after = -1;
}

/* ---- reasons ------------------------------------------------------------------------------ */

static void assert_reason(struct fixture *f, enum spiram_fault_kind kind)
{
    assert_int_equal(spiram_diagnose(&f->ram, NULL, &f->fault), SPIRAM_OK);
    assert_int_equal(f->fault.kind, kind);
}

static void wires_that_fail_later_are_named(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(spiram_unmap(&f->ram), SPIRAM_OK);
    f->fake.bits_low = 0x44;
    assert_int_equal(spiram_test_data_lines(&f->ram, NULL, &f->fault), SPIRAM_ERR_MEMORY);
    assert_int_equal(f->fault.kind, SPIRAM_FAULT_IO_STUCK);
    assert_int_equal(f->fault.line, 2);
    f->fake.bits_low = 0;
    f->fake.bits_high = 0xFF;
    assert_int_equal(spiram_test_data_lines(&f->ram, NULL, &f->fault), SPIRAM_ERR_MEMORY);
    assert_int_equal(f->fault.kind, SPIRAM_FAULT_SILENT);
    assert_reason(f, SPIRAM_FAULT_SILENT);
    /* It answers on one line: it is not in QPI mode. */
    f->fake.qpi = false;
    assert_reason(f, SPIRAM_FAULT_LEFT_QPI);
}

/* A line that is wrong at one place only is no line, and one error is no line either. */
static void no_line_is_blamed_without_proof(void **state)
{
    struct fixture *f = *state;
    f->fake.stuck_from = 0;
    f->fake.stuck_to = 32;
    f->fake.bits_high = 0x88;
    assert_int_equal(spiram_test_lines(&f->ram, NULL, &f->fault), SPIRAM_ERR_MEMORY);
    assert_int_equal(f->fault.kind, SPIRAM_FAULT_CELL_STUCK);
    f->fake.bits_high = 0;
    f->fault = (struct spiram_fault){
        .kind = SPIRAM_FAULT_WORD, .width = 32, .offset = 0x8000, .written = 0, .read = 0x10000};
    assert_reason(f, SPIRAM_FAULT_NO_PATTERN);
    assert_int_equal(f->fault.reads + f->fault.writes, 0);
    assert_int_equal(f->fault.tries, 1024);
    /* A bit that reads inverted is neither stuck nor lost. */
    f->fake.flipped_at = 0x8002;
    f->fake.flip_mask = 1;
    f->fault = (struct spiram_fault){
        .kind = SPIRAM_FAULT_WORD, .width = 32, .offset = 0x8000, .written = 0, .read = 0x10000};
    assert_reason(f, SPIRAM_FAULT_NO_PATTERN);
    assert_int_equal(f->fault.writes, 1024);
}

static void line_names_need_a_line(void **state)
{
    struct fixture *f = *state;
    struct spiram_fault fault;
    f->ram.bad_lines = 2;
    assert_false(spiram_line_fault(&f->ram, 4, &fault));
    assert_false(spiram_line_fault(&f->ram, 0, &fault));
    memset(f->ram.line_sent, 0x5A, 8);
    memset(f->ram.line_got, 0xB4, 8);
    f->ram.line_got[3] = 0x00;
    assert_true(spiram_line_fault(&f->ram, 1, &fault));
    assert_int_equal(fault.kind, SPIRAM_FAULT_IO_WRONG);
}

static void bus_errors_leave_the_fault_as_it_was(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(spiram_unmap(&f->ram), SPIRAM_OK);
    int error = SPIRAM_ERR_TIMEOUT;
    for (int calls = 0; error != SPIRAM_OK; calls += calls < 400 ? 1 : 37) {
        f->fault = (struct spiram_fault){.kind = SPIRAM_FAULT_WORD, .offset = 64, .read = 1};
        f->fake.fail_after = calls;
        error = spiram_diagnose(&f->ram, NULL, &f->fault);
        if (error != SPIRAM_OK) {
            assert_int_equal(error, SPIRAM_ERR_TIMEOUT);
            assert_int_equal(f->fault.kind, SPIRAM_FAULT_WORD);
        }
    }
    f->fake.fail_after = -1;
}

static void words_of_the_reasons(void **state)
{
    (void)state;
    static const struct {
        struct spiram_fault fault;
        const char *text;
    } cases[] = {
        {{.kind = SPIRAM_FAULT_IO_STUCK, .line = 2}, "spiram IO2 stuck at 0"},
        {{.kind = SPIRAM_FAULT_IO_STUCK, .line = 3, .level = 1}, "spiram IO3 stuck at 1, or open"},
        {{.kind = SPIRAM_FAULT_IO_SHORT, .line = 1, .other = 3}, "spiram IO1 and IO3 shorted"},
        {{.kind = SPIRAM_FAULT_IO_SWAP, .line = 2, .other = 3}, "spiram IO2 and IO3 exchanged"},
        {{.kind = SPIRAM_FAULT_IO_WRONG, .line = 1}, "spiram IO1 wrong"},
        {{.kind = SPIRAM_FAULT_ADDRESS_STUCK, .line = 22, .other = 1},
         "spiram address bit A22 stuck, or the chip is smaller than its id says"},
        {{.kind = SPIRAM_FAULT_CELL_STUCK, .address = 0x90012345, .line = 3, .level = 1},
         "spiram cell 0x90012345 bit 3 stuck at 1"},
        {{.kind = SPIRAM_FAULT_RETENTION, .address = 0x90012345, .line = 3, .level = 1, .ms = 100},
         "spiram cell 0x90012345 bit 3 loses a 1 within 100 ms"},
        {{.kind = SPIRAM_FAULT_SILENT}, "spiram chip does not answer"},
        {{.kind = SPIRAM_FAULT_LEFT_QPI}, "spiram chip left four-line mode"},
        {{.kind = SPIRAM_FAULT_NO_PATTERN, .reads = 3, .writes = 0, .tries = 1024},
         "spiram errors without pattern, 3 reads and 0 writes wrong of 1024"},
    };
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        char text[SPIRAM_FAULT_TEXT_MAX];
        assert_string_equal(spiram_fault_text(&cases[n].fault, text, sizeof text), cases[n].text);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(good_chip_passes_all),
        TEST(length_0_goes_to_the_end),
        TEST(guard_keeps_the_content),
        TEST(guard_keeps_the_content_of_a_chip_that_fails),
        TEST(guard_keeps_the_content_with_bad_address_bits),
        TEST(every_failing_sync_ends_it_outside_of_a_section),
        TEST(progress_stops_it),
        TEST(callbacks_may_be_missing),
        TEST(lost_charge_is_found),
        TEST(cell_tests_find_what_they_are_for),
        TEST(random_follows_the_seed),
        TEST(refuses_bad_arguments),
        TEST(sections_are_as_short_as_asked),
        TEST(names_lead_back),
        TEST(pages_are_all_touched),
        TEST(wires_that_fail_later_are_named),
        TEST(no_line_is_blamed_without_proof),
        TEST(line_names_need_a_line),
        TEST(bus_errors_leave_the_fault_as_it_was),
        TEST(words_of_the_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
