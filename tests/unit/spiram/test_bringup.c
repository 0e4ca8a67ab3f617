/* SPDX-License-Identifier: MIT */

/* Bring-up, identification, states, indirect access of firmware/spiram, against a simulated chip.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fake_chip.h"
#include "spiram_test.h"

struct fixture {
    struct fake fake;
    struct spiram_bus bus;
    struct spiram_config config;
    struct spiram ram;
};

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof f);
    fake_setup(&f.fake, &f.bus);
    f.config = (struct spiram_config){.bus = &f.bus, .chip = spiram_chip_find("esp-psram64h")};
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fake_teardown(&f->fake);
    return 0;
}

static void assert_ready(struct fixture *f)
{
    assert_int_equal(spiram_init(&f->ram, &f->config), SPIRAM_OK);
    assert_int_equal(f->ram.state, SPIRAM_STATE_READY);
}

static void assert_init_fails(struct fixture *f, int error)
{
    assert_int_equal(spiram_init(&f->ram, &f->config), error);
    assert_int_equal(f->ram.state, SPIRAM_STATE_OFF);
    assert_int_equal(spiram_size(&f->ram), 0);
    assert_int_equal(spiram_usable_size(&f->ram), 0);
}

/* ---- bring-up ---------------------------------------------------------------------------- */

static void chip_in_spi_mode_is_brought_to_qpi(void **state)
{
    struct fixture *f = *state;
    assert_ready(f);
    assert_true(f->fake.qpi);
    assert_int_equal(spiram_size(&f->ram), 8388608);
    assert_int_equal(spiram_usable_size(&f->ram), 8388608);
    assert_memory_equal(f->ram.id.eid, "\x0d\x5d\x52\xa2\x64\x31\x91\x31", 8);
    assert_int_equal(f->fake.timing.clock_hz, 50000000);
    assert_int_equal(f->ram.timing.clock_hz, 50000000);
    assert_int_equal(f->fake.too_fast, 0);
    assert_int_equal(f->fake.too_long, 0);
    assert_true(f->fake.longest_low_ps <= 8000000);
}

static void chip_left_in_qpi_and_wrap_mode_is_recovered(void **state)
{
    struct fixture *f = *state;
    f->fake.qpi = true;
    f->fake.wrap = true;
    assert_ready(f);
    assert_true(f->fake.qpi);
    assert_false(f->fake.wrap);
}

static void chip_that_was_interrupted_after_reset_enable_is_recovered(void **state)
{
    struct fixture *f = *state;
    f->fake.qpi = true;
    f->fake.reset_armed = true;
    assert_ready(f);
}

static void power_up_time_passes_before_the_first_frame(void **state)
{
    struct fixture *f = *state;
    assert_ready(f);
    assert_true(f->fake.waited_before_first_frame_us >= 150);
    assert_true(f->fake.waited_us < 1000);
}

static void reset_goes_out_on_four_lines_then_on_one(void **state)
{
    struct fixture *f = *state;
    static const uint16_t expected[] = {0x466, 0x499, 0x166, 0x199, 0x19F, 0x19F};
    assert_ready(f);
    assert_memory_equal(f->fake.log, expected, sizeof expected);
}

static void second_init_works_from_any_state(void **state)
{
    struct fixture *f = *state;
    assert_ready(f);
    assert_ready(f);
    f->fake.absent = true;
    assert_init_fails(f, SPIRAM_ERR_NO_CHIP);
    f->fake.absent = false;
    assert_ready(f);
}

/* ---- what can be wrong with a chip ------------------------------------------------------- */

static void missing_chip_reads_as_all_zero_or_all_one(void **state)
{
    struct fixture *f = *state;
    f->fake.absent = true;
    f->fake.open_level = 0x00;
    assert_init_fails(f, SPIRAM_ERR_NO_CHIP);
    f->fake.open_level = 0xFF;
    assert_init_fails(f, SPIRAM_ERR_NO_CHIP);
}

static void dead_io0_or_io1_means_no_chip(void **state)
{
    struct fixture *f = *state;
    for (uint8_t line = 0; line < 2; line++) {
        f->fake.lines_low = (uint8_t)(1u << line);
        f->fake.lines_high = 0;
        assert_init_fails(f, SPIRAM_ERR_NO_CHIP);
        f->fake.lines_high = f->fake.lines_low;
        f->fake.lines_low = 0;
        assert_init_fails(f, SPIRAM_ERR_NO_CHIP);
    }
}

static void noise_on_the_id_is_noticed(void **state)
{
    struct fixture *f = *state;
    f->fake.noisy_id = true;
    assert_init_fails(f, SPIRAM_ERR_NOISE);
}

static void failed_die_is_refused_but_its_id_is_kept(void **state)
{
    struct fixture *f = *state;
    f->fake.id[1] = 0x55;
    assert_init_fails(f, SPIRAM_ERR_KGD);
    assert_memory_equal(f->ram.id.eid, f->fake.id, 8);
    assert_false(f->fake.qpi);
}

static void half_soldered_chip_names_its_dead_lines(void **state)
{
    struct fixture *f = *state;
    static const uint8_t dead[] = {0x4, 0x8, 0xC};
    for (size_t n = 0; n < sizeof dead; n++) {
        f->fake.lines_high = 0;
        f->fake.lines_low = dead[n];
        assert_init_fails(f, SPIRAM_ERR_QPI);
        assert_int_equal(f->ram.bad_lines, dead[n]);

        f->fake.lines_low = 0;
        f->fake.lines_high = dead[n];
        assert_init_fails(f, SPIRAM_ERR_QPI);
        assert_int_equal(f->ram.bad_lines, dead[n]);
    }
    f->fake.lines_high = 0x4;
    f->fake.lines_low = 0x8;
    assert_init_fails(f, SPIRAM_ERR_QPI);
    assert_int_equal(f->ram.bad_lines, 0xC);
    assert_int_equal(f->fake.too_fast, 0);
    /* In QPI mode it could not be told to leave again. */
    assert_false(f->fake.qpi);
}

static void chip_deaf_to_the_qpi_command_has_no_dead_lines(void **state)
{
    struct fixture *f = *state;
    f->fake.deaf_to_qpi = true;
    assert_init_fails(f, SPIRAM_ERR_MODE);
    assert_int_equal(f->ram.bad_lines, 0);
}

static void bad_cells_are_left_to_the_memory_test(void **state)
{
    struct fixture *f = *state;
    f->fake.bits_low = 0xFF;
    f->fake.stuck_from = 0;
    f->fake.stuck_to = 4096;
    assert_ready(f);
}

static void data_wrong_only_at_speed_is_told_apart(void **state)
{
    struct fixture *f = *state;
    f->fake.good_to_hz = 40000000;
    assert_init_fails(f, SPIRAM_ERR_SPEED);
    f->config.max_hz = 40000000;
    assert_ready(f);
    assert_int_equal(f->ram.timing.clock_hz, 25000000);
}

/* ---- identification ---------------------------------------------------------------------- */

static void ids_are_decoded(void **state)
{
    struct fixture *f = *state;
    static const struct {
        uint8_t eid;
        uint8_t density;
        uint32_t bytes;
        bool doubtful;
    } cases[] = {
        {0x00, 0, 2097152, false},                             /* 16 Mbit */
        {0x1F, 0, 2097152, false},  {0x20, 1, 4194304, false}, /* 32 Mbit, early part */
        {0x25, 1, 4194304, false},  {0x26, 1, 4194304, true},  /* 32 Mbit, or a trial part of 64 */
        {0x27, 1, 4194304, false},  {0x40, 2, 8388608, false}, /* 64 Mbit */
        {0x52, 2, 8388608, false},  {0x5F, 2, 8388608, false},
        {0x60, 3, 16777216, false}, /* 128 Mbit */
    };
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        struct spiram_id id;
        f->fake.id[2] = cases[n].eid;
        assert_int_equal(spiram_decode_id(&id, f->fake.id), SPIRAM_OK);
        assert_memory_equal(id.eid, f->fake.id, 8);
        assert_int_equal(id.maker, 0x0D);
        assert_int_equal(id.kgd, 0x5D);
        assert_int_equal(id.density, cases[n].density);
        assert_int_equal(id.size, cases[n].bytes);
        assert_int_equal(id.may_be_trial_sample, cases[n].doubtful);
    }
}

static void doubtful_size_is_settled_by_counting(void **state)
{
    struct fixture *f = *state;
    static const uint32_t mbit[] = {32, 64, 128};
    for (size_t n = 0; n < 3; n++) {
        fake_resize(&f->fake, mbit[n]);
        f->fake.id[2] = 0x26;
        assert_ready(f);
        /* Never more than a trial sample has. */
        assert_int_equal(spiram_size(&f->ram), mbit[n] == 32 ? 4194304 : 8388608);
    }
}

/* With reads that are wrong there is no proof of a larger chip: it is taken for the smaller one. */
static void doubtful_size_stays_small_without_proof(void **state)
{
    struct fixture *f = *state;
    f->fake.id[2] = 0x26;
    f->fake.stuck_from = 2097152;
    f->fake.stuck_to = 2097153;
    f->fake.bits_low = 0xFF;
    assert_ready(f);
    assert_int_equal(spiram_size(&f->ram), 4194304);
}

static void bus_errors_while_counting_are_passed_on(void **state)
{
    struct fixture *f = *state;
    uint32_t bytes = 0;
    assert_ready(f);
    for (int calls = 0; calls < 20; calls++) {
        f->fake.fail_after = calls;
        assert_int_equal(spiram_probe_size(&f->ram, &bytes), SPIRAM_ERR_TIMEOUT);
    }
    f->fake.fail_after = 20;
    assert_int_equal(spiram_probe_size(&f->ram, &bytes), SPIRAM_OK);
    f->fake.fail_after = -1;
}

static void cells_are_counted_whatever_the_id_says(void **state)
{
    struct fixture *f = *state;
    static const uint32_t mbit[] = {16, 32, 64, 128};
    for (size_t n = 0; n < 4; n++) {
        uint32_t bytes = 0;
        fake_resize(&f->fake, mbit[n]);
        f->fake.id[2] = 0x00;
        assert_ready(f);
        assert_int_equal(spiram_probe_size(&f->ram, &bytes), SPIRAM_OK);
        assert_int_equal(bytes, mbit[n] * 131072);
        assert_int_equal(spiram_probe_size(&f->ram, NULL), SPIRAM_ERR_PARAM);
        assert_int_equal(spiram_probe_size(NULL, &bytes), SPIRAM_ERR_PARAM);
    }
    f->fake.bits_high = 0x10;
    uint32_t bytes = 77;
    assert_int_equal(spiram_probe_size(&f->ram, &bytes), SPIRAM_ERR_RANDOM);
    assert_int_equal(bytes, 77);
    f->ram.state = SPIRAM_STATE_OFF;
    assert_int_equal(spiram_probe_size(&f->ram, &bytes), SPIRAM_ERR_STATE);
}

/* AP Memory's sheet of 32 Mbit prints the size code of 64. */
static void named_chip_is_never_larger_than_its_name(void **state)
{
    struct fixture *f = *state;
    fake_resize(&f->fake, 32);
    f->fake.id[2] = 0x52;
    f->config.chip = spiram_chip_find("aps3204l");
    assert_ready(f);
    assert_int_equal(spiram_size(&f->ram), 4194304);
}

static void unknown_density_is_an_error(void **state)
{
    struct fixture *f = *state;
    for (unsigned code = 4; code < 8; code++) {
        f->fake.id[2] = (uint8_t)(code << 5);
        assert_init_fails(f, SPIRAM_ERR_DENSITY);
    }
}

static void unknown_maker_or_kgd_is_an_error(void **state)
{
    struct fixture *f = *state;
    f->fake.id[0] = 0x9D;
    assert_init_fails(f, SPIRAM_ERR_ID);
    f->fake.id[0] = 0x0D;
    f->fake.id[1] = 0x5C;
    assert_init_fails(f, SPIRAM_ERR_ID);
}

static void chips_work_with_their_own_size(void **state)
{
    struct fixture *f = *state;
    static const uint32_t mbit[] = {16, 32, 64, 128};
    f->config.chip = NULL;
    for (size_t n = 0; n < 4; n++) {
        fake_resize(&f->fake, mbit[n]);
        assert_ready(f);
        assert_int_equal(spiram_size(&f->ram), mbit[n] * 131072);
        assert_int_equal(spiram_map(&f->ram), SPIRAM_OK);
        assert_int_equal(spiram_unmap(&f->ram), SPIRAM_OK);
    }
}

static void chips_are_found_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t mbit;
    } rows[] = {
        {"esp-psram64h", 64}, {"ly68l6400", 64},   {"ips6404l", 64},
        {"aps6404l", 64},     {"aps1604m", 16},    {"aps3204l", 32},
        {"ly68l3200", 32},    {"esp-psram32", 32}, {"aps12804o", 128},
    };
    const size_t count = sizeof rows / sizeof rows[0];
    for (size_t n = 0; n < count; n++) {
        const struct spiram_chip *chip = spiram_chip_find(rows[n].name);
        assert_non_null(chip);
        assert_string_equal(chip->name, rows[n].name);
        assert_int_equal(chip->size, rows[n].mbit * 131072);
        assert_non_null(chip->source);
    }
    assert_int_equal(spiram_chip_count(), count);
    assert_null(spiram_chip_at(count));
    assert_null(spiram_chip_find("w25q64"));
    assert_null(spiram_chip_find(NULL));
}

static void unnamed_chip_gets_the_worst_of_all_numbers(void **state)
{
    struct fixture *f = *state;
    f->config.chip = NULL;
    f->fake.kernel_hz = 100000000;
    assert_ready(f);
    assert_string_equal(f->ram.chip.name, "any");
    assert_int_equal(f->ram.chip.max_hz, 104000000); /* IPS6404L */
    assert_int_equal(f->ram.chip.tcph_ps, 50000);    /* ESP, LY */
    assert_int_equal(f->ram.chip.tchd_ps, 20000);    /* ESP, LY */
    assert_int_equal(f->ram.chip.tcsp_ps, 3000);     /* IPS6404L */
    assert_int_equal(f->ram.chip.tcem_ps, 8000000);  /* all */
    assert_int_equal(f->ram.chip.taclk_ps, 7000);    /* IPS6404L */
    assert_int_equal(f->ram.timing.clock_hz, 50000000);
    for (size_t n = 0; n < spiram_chip_count(); n++) {
        assert_int_equal(spiram_chip_at(n)->quad_read_wait, 6);
        assert_int_equal(spiram_chip_at(n)->page_bytes,
                         strcmp(spiram_chip_at(n)->name, "aps1604m") == 0 ? 512 : 1024);
    }
}

/* ---- bus errors and wrong calls ---------------------------------------------------------- */

static void every_bus_failure_ends_bring_up_with_its_error(void **state)
{
    struct fixture *f = *state;
    for (int calls = 0;; calls++) {
        fake_teardown(&f->fake);
        fake_setup(&f->fake, &f->bus);
        f->fake.fail_after = calls;
        int error = spiram_init(&f->ram, &f->config);
        if (error == SPIRAM_OK) {
            assert_true(calls > 12);
            break;
        }
        assert_int_equal(error, SPIRAM_ERR_TIMEOUT);
        assert_int_equal(f->ram.state, SPIRAM_STATE_OFF);
        assert_true(calls < 100);
    }
}

static void impossible_clocks_are_refused(void **state)
{
    struct fixture *f = *state;
    f->fake.kernel_hz = 0;
    assert_init_fails(f, SPIRAM_ERR_TIMING);
    assert_int_equal(f->fake.frames, 0);

    f->fake.kernel_hz = 100000000;
    f->config.max_hz = 1000000;
    assert_init_fails(f, SPIRAM_ERR_TIMING);
    assert_int_equal(f->fake.frames, 0);
}

static void logic_analyser_clock_works_when_tcem_is_waived(void **state)
{
    struct fixture *f = *state;
    f->config.max_hz = 1000000;
    f->config.waive = SPIRAM_WAIVE_TCEM;
    assert_ready(f);
    assert_int_equal(f->ram.timing.clock_hz, 1000000);
}

static void waiving_tchd_allows_more_than_50_mhz(void **state)
{
    struct fixture *f = *state;
    f->config.waive = SPIRAM_WAIVE_TCHD;
    assert_ready(f);
    assert_int_equal(f->ram.timing.clock_hz, 100000000);
    assert_int_equal(f->fake.too_fast, 0);
}

static void incomplete_configuration_is_refused(void **state)
{
    struct fixture *f = *state;
    struct spiram_config none = {0};
    assert_int_equal(spiram_init(NULL, &f->config), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_init(&f->ram, NULL), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_init(&f->ram, &none), SPIRAM_ERR_PARAM);

    struct spiram_bus whole = f->bus;
    for (int missing = 0; missing < 9; missing++) {
        f->bus = whole;
        switch (missing) {
        case 0:
            f->bus.nearest_clock = NULL;
            break;
        case 1:
            f->bus.configure = NULL;
            break;
        case 2:
            f->bus.transfer = NULL;
            break;
        case 3:
            f->bus.map = NULL;
            break;
        case 4:
            f->bus.unmap = NULL;
            break;
        case 5:
            f->bus.sync = NULL;
            break;
        case 6:
            f->bus.delay_us = NULL;
            break;
        case 7:
            f->bus.limits.frame_bytes = 0;
            break;
        case 8:
            f->bus.limits.stall_bytes = 0;
            break;
        }
        assert_int_equal(spiram_init(&f->ram, &f->config), SPIRAM_ERR_PARAM);
    }
    assert_int_equal(f->fake.frames, 0);
}

static void states_are_checked(void **state)
{
    struct fixture *f = *state;
    uint8_t byte = 0;
    struct spiram_fault fault;

    memset(&f->ram, 0, sizeof f->ram);
    assert_int_equal(spiram_map(&f->ram), SPIRAM_ERR_STATE);
    assert_int_equal(spiram_unmap(&f->ram), SPIRAM_ERR_STATE);
    assert_int_equal(spiram_read(&f->ram, 0, &byte, 1), SPIRAM_ERR_STATE);
    assert_int_equal(spiram_write(&f->ram, 0, &byte, 1), SPIRAM_ERR_STATE);
    assert_int_equal(spiram_test_lines(&f->ram, NULL, &fault), SPIRAM_ERR_STATE);
    assert_int_equal(spiram_test_address_lines(&f->ram, NULL, &fault), SPIRAM_ERR_STATE);
    assert_int_equal(spiram_diagnose(&f->ram, NULL, &fault), SPIRAM_ERR_STATE);
    assert_int_equal(spiram_test_pages(&f->ram, 0, &fault), SPIRAM_ERR_STATE);
    assert_int_equal(spiram_size(&f->ram), 0);

    assert_ready(f);
    assert_int_equal(spiram_unmap(&f->ram), SPIRAM_ERR_STATE);
    assert_int_equal(spiram_sync(&f->ram, 0, 32), SPIRAM_ERR_STATE);
    assert_int_equal(spiram_test_boot(&f->ram, &fault), SPIRAM_ERR_STATE);
    assert_null(f->ram.window);

    assert_int_equal(spiram_map(&f->ram), SPIRAM_OK);
    assert_ptr_equal(f->ram.window, f->fake.window);
    assert_int_equal(spiram_map(&f->ram), SPIRAM_ERR_STATE);
    unsigned frames = f->fake.frames;
    assert_int_equal(spiram_read(&f->ram, 0, &byte, 1), SPIRAM_ERR_STATE);
    assert_int_equal(spiram_write(&f->ram, 0, &byte, 1), SPIRAM_ERR_STATE);
    assert_int_equal(f->fake.frames, frames);
    assert_int_equal(spiram_test_lines(&f->ram, NULL, &fault), SPIRAM_OK);

    assert_int_equal(spiram_unmap(&f->ram), SPIRAM_OK);
    assert_null(f->ram.window);
    assert_int_equal(spiram_read(&f->ram, 0, &byte, 1), SPIRAM_OK);

    assert_int_equal(spiram_map(NULL), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_unmap(NULL), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_sync(NULL, 0, 1), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_size(NULL), 0);
}

static void failed_mapping_leaves_the_state_as_it_was(void **state)
{
    struct fixture *f = *state;
    assert_ready(f);
    f->fake.fail_after = 0;
    assert_int_equal(spiram_map(&f->ram), SPIRAM_ERR_TIMEOUT);
    assert_int_equal(f->ram.state, SPIRAM_STATE_READY);
    f->fake.fail_after = -1;
    assert_int_equal(spiram_map(&f->ram), SPIRAM_OK);
    f->fake.fail_after = 0;
    assert_int_equal(spiram_unmap(&f->ram), SPIRAM_ERR_TIMEOUT);
    assert_int_equal(f->ram.state, SPIRAM_STATE_MAPPED);
}

/* ---- indirect access --------------------------------------------------------------------- */

static void indirect_data_arrive_at_any_address_and_length(void **state)
{
    struct fixture *f = *state;
    static const struct {
        uint32_t address;
        size_t length;
    } cases[] = {{0, 1},      {1, 3},        {7, 31},      {5, 32},           {1000, 33},
                 {1020, 100}, {65535, 4097}, {8388607, 1}, {8388608 - 64, 64}};
    uint8_t sent[4097], got[4097];

    assert_ready(f);
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        size_t length = cases[n].length;
        for (size_t i = 0; i < length; i++) {
            sent[i] = (uint8_t)(i * 37 + n);
            got[i] = 0;
        }
        assert_int_equal(spiram_write(&f->ram, cases[n].address, sent, length), SPIRAM_OK);
        assert_memory_equal(f->fake.cells + cases[n].address, sent, length);
        assert_int_equal(spiram_read(&f->ram, cases[n].address, got, length), SPIRAM_OK);
        assert_memory_equal(got, sent, length);
    }
    assert_int_equal(f->fake.too_long, 0);
    assert_true(f->fake.longest_low_ps <= 8000000);
}

static void indirect_frames_keep_the_page_rule_above_84_mhz(void **state)
{
    struct fixture *f = *state;
    uint8_t data[2100] = {1, 2, 3};
    f->config.waive = SPIRAM_WAIVE_TCHD;
    assert_ready(f);
    assert_int_equal(spiram_write(&f->ram, 1013, data, sizeof data), SPIRAM_OK);
    assert_int_equal(spiram_read(&f->ram, 1013, data, sizeof data), SPIRAM_OK);
    assert_memory_equal(f->fake.cells + 1013, data, sizeof data);
    assert_int_equal(f->fake.too_fast, 0);
}

static void indirect_access_outside_the_chip_does_nothing(void **state)
{
    struct fixture *f = *state;
    static const struct {
        uint32_t address;
        size_t length;
    } cases[] = {{0, 0},        {8388608, 1},    {8388607, 2},           {0, 8388609},
                 {16777216, 1}, {0xFFFFFFFF, 1}, {0xFFFFFFFF, SIZE_MAX}, {4, SIZE_MAX}};
    uint8_t data[4] = {0};

    assert_ready(f);
    unsigned frames = f->fake.frames;
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        assert_int_equal(spiram_read(&f->ram, cases[n].address, data, cases[n].length),
                         SPIRAM_ERR_PARAM);
        assert_int_equal(spiram_write(&f->ram, cases[n].address, data, cases[n].length),
                         SPIRAM_ERR_PARAM);
    }
    assert_int_equal(spiram_read(&f->ram, 0, NULL, 1), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_write(&f->ram, 0, NULL, 1), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_read(NULL, 0, data, 1), SPIRAM_ERR_PARAM);
    assert_int_equal(spiram_write(NULL, 0, data, 1), SPIRAM_ERR_PARAM);
    assert_int_equal(f->fake.frames, frames);
}

static void indirect_bus_failure_is_passed_on(void **state)
{
    struct fixture *f = *state;
    uint8_t data[100] = {0};
    assert_ready(f);
    f->fake.fail_after = 2;
    assert_int_equal(spiram_write(&f->ram, 0, data, sizeof data), SPIRAM_ERR_TIMEOUT);
    assert_int_equal(spiram_read(&f->ram, 0, data, sizeof data), SPIRAM_ERR_TIMEOUT);
}

static void every_error_has_its_own_words(void **state)
{
    (void)state;
    for (int a = SPIRAM_ERR_STOPPED; a <= SPIRAM_OK; a++) {
        assert_string_not_equal(spiram_strerror(a), "unknown error");
        for (int b = SPIRAM_ERR_STOPPED; b < a; b++) {
            assert_string_not_equal(spiram_strerror(a), spiram_strerror(b));
        }
    }
    assert_string_equal(spiram_strerror(1), "unknown error");
    assert_string_equal(spiram_strerror(SPIRAM_ERR_STOPPED - 1), "unknown error");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(chip_in_spi_mode_is_brought_to_qpi),
        TEST(chip_left_in_qpi_and_wrap_mode_is_recovered),
        TEST(chip_that_was_interrupted_after_reset_enable_is_recovered),
        TEST(power_up_time_passes_before_the_first_frame),
        TEST(reset_goes_out_on_four_lines_then_on_one),
        TEST(second_init_works_from_any_state),
        TEST(missing_chip_reads_as_all_zero_or_all_one),
        TEST(dead_io0_or_io1_means_no_chip),
        TEST(noise_on_the_id_is_noticed),
        TEST(failed_die_is_refused_but_its_id_is_kept),
        TEST(half_soldered_chip_names_its_dead_lines),
        TEST(chip_deaf_to_the_qpi_command_has_no_dead_lines),
        TEST(bad_cells_are_left_to_the_memory_test),
        TEST(data_wrong_only_at_speed_is_told_apart),
        TEST(ids_are_decoded),
        TEST(doubtful_size_is_settled_by_counting),
        TEST(doubtful_size_stays_small_without_proof),
        TEST(bus_errors_while_counting_are_passed_on),
        TEST(cells_are_counted_whatever_the_id_says),
        TEST(named_chip_is_never_larger_than_its_name),
        TEST(unknown_density_is_an_error),
        TEST(unknown_maker_or_kgd_is_an_error),
        TEST(chips_work_with_their_own_size),
        TEST(chips_are_found_by_name),
        TEST(unnamed_chip_gets_the_worst_of_all_numbers),
        TEST(every_bus_failure_ends_bring_up_with_its_error),
        TEST(impossible_clocks_are_refused),
        TEST(logic_analyser_clock_works_when_tcem_is_waived),
        TEST(waiving_tchd_allows_more_than_50_mhz),
        TEST(incomplete_configuration_is_refused),
        TEST(states_are_checked),
        TEST(failed_mapping_leaves_the_state_as_it_was),
        TEST(indirect_data_arrive_at_any_address_and_length),
        TEST(indirect_frames_keep_the_page_rule_above_84_mhz),
        TEST(indirect_access_outside_the_chip_does_nothing),
        TEST(indirect_bus_failure_is_passed_on),
        TEST(every_error_has_its_own_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
