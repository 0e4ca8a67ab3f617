/*
 * OCTOSPI in memory-mapped mode, reading: prefetch, timeout, boundary, refresh, errors
 * (RM0455/RM0456 OCTOSPI: memory-mapped mode). PSRAM in QPI mode: command 2, address 6, wait 6, a
 * byte 2 clocks.
 */
#include "ospi.h"

static struct bench b;
enum { HEADER = 14 };

static int start(void **state)
{
    (void)state;
    bench_open(&b);
    for (unsigned i = 0; i < 4096; i++)
        psram_bytes(b.chip)[i] = (uint8_t)(i * 7 + i / 256);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    bench_close(&b);
    return 0;
}

static void read_right(uint32_t offset, unsigned size)
{
    uint8_t got[32];

    assert_int_equal(window_read(&b, offset, size, got), BUS_OK);
    assert_memory_equal(got, psram_bytes(b.chip) + offset, size);
}

static vtime read_stall(uint32_t offset, unsigned size)
{
    uint8_t got[32];
    vtime stall;

    assert_int_equal(
        window_access(&b, offset, BUS_NORMAL | BUS_WRITE_BACK, size, got, false, &stall), BUS_OK);
    assert_memory_equal(got, psram_bytes(b.chip) + offset, size);
    return stall;
}

/* ---- reading ---- */

static void a_line_takes_78_clocks(void **state)
{
    (void)state;
    map(&b, 0);
    assert_int_equal(read_stall(0x100, 32), 78 * PERIOD);
    assert_int_equal(b.begun, 1);
    clocks(&b, 200);
    read_right(0x800, 8); /* elsewhere: ends the first frame */
    assert_int_equal(b.frame[0].phase[0].value, 0xEB);
    assert_int_equal(b.frame[0].phase[1].value, 0x100);
    assert_int_equal(b.frame[0].phase[2].clocks, 6);
    assert_string_equal(b.frame[0].why, "mapped");
}

static void sample_shift_waits_half_a_clock_longer(void **state)
{
    (void)state;
    map(&b, 0);
    wr(&b, TCR, 6 | SSHIFT);
    assert_int_equal(read_stall(0x100, 32), 78 * PERIOD + PERIOD / 2);
}

static void every_size_reads_its_bytes(void **state)
{
    (void)state;
    map(&b, 0);
    for (unsigned size = 1; size <= 8; size *= 2)
        for (uint32_t at = 0x200; at < 0x220; at += size)
            read_right(at, size);
    for (uint32_t at = 0x3C0; at < 0x440; at += 32)
        read_right(at, 32);
}

static void a_sequential_access_goes_on_without_a_command(void **state)
{
    struct octospi_stats stats;

    (void)state;
    map(&b, 0);
    assert_int_equal(read_stall(0x100, 32), 78 * PERIOD);
    assert_int_equal(read_stall(0x120, 32), 64 * PERIOD);
    assert_int_equal(read_stall(0x140, 8), 16 * PERIOD);
    assert_int_equal(b.begun, 1);
    octospi_get_stats(b.soc, 1, &stats);
    assert_int_equal(stats.sequential, 2);
    assert_int_equal(stats.mapped_reads, 3);
}

static void prefetch_fills_the_fifo_behind_the_read_then_clk_stands(void **state)
{
    (void)state;
    map(&b, 0);
    read_right(0x100, 8);
    clocks(&b, 500);
    assert_int_equal(b.frames, 0); /* nCS is still low: no timeout is set */
    assert_int_equal(read_stall(0x108, 32), 0);
    clocks(&b, 500);
    read_right(0x800, 4);
    assert_int_equal(b.frames, 1);
    assert_int_equal(b.frame[0].bytes, 8 + 32 + 32);
    assert_int_equal(b.frame[0].clocks, HEADER + 144);
    assert_true(b.frame[0].rise - b.frame[0].fall > 1000 * PERIOD);
}

static void an_access_elsewhere_raises_ncs_for_csht_and_begins_anew(void **state)
{
    (void)state;
    for (unsigned csht = 0; csht < 8; csht++) {
        bench_close(&b);
        start(NULL);
        wr(&b, DCR1, DEVSIZE_8MB | csht << 8);
        map(&b, 0);
        read_right(0x100, 8);
        read_right(0x400, 8);
        read_right(0x200, 8);
        assert_int_equal(b.frames, 2);
        assert_int_equal(b.frame[1].phase[1].value, 0x400);
        assert_int_equal(b.frame[1].fall - b.frame[0].rise, (csht + 1) * PERIOD);
    }
}

static void the_bytes_read_last_can_be_read_again(void **state)
{
    (void)state;
    map(&b, 0);
    read_right(0x100, 8);
    assert_int_equal(read_stall(0x100, 8), 0);
    assert_int_equal(read_stall(0x104, 2), 0);
    assert_int_equal(b.begun, 1);
    read_right(0x108, 8); /* and the stream goes on */
    assert_int_equal(b.begun, 1);
}

/* A line fill with the critical beat first: with WRAPSIZE = 0 two linear reads. */
static void a_line_fill_begins_at_its_critical_beat(void **state)
{
    static const uint32_t lines[] = {0x100, (8 << 20) - 32};
    uint8_t got[32];

    (void)state;
    for (unsigned l = 0; l < 2; l++) {
        for (unsigned i = 0; i < 32; i++)
            psram_bytes(b.chip)[lines[l] + i] = (uint8_t)(0x40 + i);
        map(&b, 0);
        for (unsigned beat = 0; beat < 32; beat += 8) {
            assert_int_equal(
                window_access(&b, lines[l] + beat, BUS_NORMAL | BUS_WRAP, 32, got, false, NULL),
                BUS_OK);
            for (unsigned i = 0; i < 32; i++)
                assert_int_equal(got[i], 0x40 + (beat + i) % 32);
        }
        wr(&b, CR, rd(&b, CR) | ABORT);
        clocks(&b, 50);
        wr(&b, CR, EN);
        send_command(&b, 4, 0xF5);
    }
}

/* ---- ending a burst ---- */

static void the_timeout_raises_ncs_lptr_clocks_after_clk_stood(void **state)
{
    static const unsigned times[] = {1, 16, 100};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        vtime stood;

        bench_close(&b);
        start(NULL);
        wr(&b, LPTR, times[i]);
        map(&b, TCEN);
        read_right(0x100, 8);
        clocks(&b, 64 + times[i]); /* 32 bytes behind it */
        assert_int_equal(rd(&b, SR) & TOF, 0);
        clocks(&b, 3);
        assert_int_equal(b.frames, 1);
        assert_int_equal(rd(&b, SR) & (TOF | BUSY), TOF | BUSY);
        stood = b.frame[0].rise - b.frame[0].last_edge;
        assert_in_range(stood, times[i] * PERIOD, (times[i] + 1) * PERIOD);
        wr(&b, FCR, TOF);
        assert_int_equal(rd(&b, SR) & TOF, 0);
        /* What was fetched is served, then it goes on with a command at the next byte. */
        assert_int_equal(read_stall(0x108, 32), 0);
        read_right(0x128, 8);
        assert_int_equal(b.begun, 2);
        clocks(&b, 200 + times[i]);
        assert_int_equal(b.frame[1].phase[1].value, 0x128);
    }
}

static void the_timeout_interrupts(void **state)
{
    (void)state;
    wr(&b, LPTR, 50);
    map(&b, TCEN | TOIE);
    read_right(0x100, 8);
    chip_run(b.soc, 110 * PERIOD);
    assert_false(chip_irq_pending(b.soc, 92));
    chip_run(b.soc, 10 * PERIOD);
    assert_true(chip_irq_pending(b.soc, 92));
}

static void ncs_is_released_at_each_boundary(void **state)
{
    (void)state;
    wr(&b, DCR3, 10 << 16);
    wr(&b, LPTR, 4);
    map(&b, TCEN);
    read_right(0x3F0, 8);
    read_right(0x3F8, 8);
    read_right(0x400, 8);
    clocks(&b, 300);
    assert_int_equal(b.frames, 2);
    assert_int_equal(b.frame[0].phase[1].value, 0x3F0);
    assert_int_equal(b.frame[0].bytes, 16);
    assert_int_equal(b.frame[1].phase[1].value, 0x400);
    assert_int_equal(b.frame[1].fall - b.frame[0].rise, PERIOD);
}

static void a_boundary_within_one_access_splits_it(void **state)
{
    (void)state;
    wr(&b, DCR3, 3 << 16);
    map(&b, 0);
    /* Four frames of 8 bytes: header, 16 clocks, one more for nCS, one high. */
    assert_int_equal(read_stall(0x100, 32), (3 * (HEADER + 16 + 2) + HEADER + 16) * PERIOD);
    clocks(&b, 300);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(b.frame[i].phase[1].value, 0x100 + 8 * i);
        assert_int_equal(b.frame[i].bytes, 8);
    }
}

/* REFRESH + 4 clocks for reads, and a byte under way is completed. */
static void ncs_is_released_for_refresh(void **state)
{
    (void)state;
    wr(&b, DCR4, 60);
    map(&b, 0);
    for (uint32_t at = 0; at < 512; at += 32)
        read_right(at, 32);
    assert_true(b.frames > 10);
    for (unsigned i = 1; i + 1 < b.frames; i++) {
        const struct membus_frame *f = &b.frame[i];

        assert_in_range(f->rise - f->fall, 64 * PERIOD, 67 * PERIOD);
        assert_int_equal(b.frame[i + 1].phase[1].value, f->phase[1].value + f->bytes);
    }
}

/* Also while CLK stands: what it is for is that nCS does not stay low. */
static void refresh_releases_ncs_that_waits_for_the_program(void **state)
{
    (void)state;
    wr(&b, DCR4, 500);
    map(&b, 0);
    read_right(0x100, 8);
    clocks(&b, 1000);
    assert_int_equal(b.frames, 1);
    assert_in_range(b.frame[0].rise - b.frame[0].fall, 504 * PERIOD, 506 * PERIOD);
    assert_int_equal(rd(&b, SR) & TOF, 0);
}

/* ---- registers meanwhile ---- */

static void dr_ar_and_dlr_mean_nothing(void **state)
{
    (void)state;
    map(&b, 0);
    wr(&b, AR, 0x1234);
    assert_int_equal(rd(&b, AR), 0);
    read_right(0x100, 8);
    clocks(&b, 100);
    assert_int_equal(rd(&b, DR), 0);
    assert_int_equal(level(&b), 0);
    wr(&b, DLR, 3);
    read_right(0x108, 8);
    read_right(0x110, 8);
    assert_int_equal(b.begun, 1);
}

static void the_mode_is_busy_until_aborted(void **state)
{
    (void)state;
    map(&b, 0);
    assert_int_equal(rd(&b, SR) & BUSY, 0);
    read_right(0x100, 8);
    clocks(&b, 500);
    assert_int_equal(rd(&b, SR) & BUSY, BUSY);
    wr(&b, CCR, 0);
    assert_int_equal(rd(&b, CCR), phases(4, 4, 4));
    wr(&b, CR, EN | MAPPED_MODE | ABORT);
    clocks(&b, 5);
    assert_int_equal(rd(&b, SR) & (BUSY | TCF), TCF);
    assert_int_equal(b.frames, 1);
    wr(&b, CR, EN);
    wr(&b, FCR, TCF);
    send_command(&b, 4, 0xF5);
    assert_false(psram_in_qpi(b.chip));
}

static void instruction_only_once(void **state)
{
    (void)state;
    map(&b, 0);
    wr(&b, CCR, phases(4, 4, 4) | 1u << 31);
    window_read(&b, 0x100, 8, (uint8_t[32]){0});
    window_read(&b, 0x400, 8, (uint8_t[32]){0});
    window_read(&b, 0x200, 8, (uint8_t[32]){0});
    assert_int_equal(b.frame[0].phase[0].kind, MEMBUS_INSTRUCTION);
    assert_int_equal(b.frame[1].phase[0].kind, MEMBUS_ADDRESS);
}

/* ---- errors ---- */

static void the_window_answers_in_memory_mapped_mode_only(void **state)
{
    static const uint32_t modes[] = {EN | WRITE_MODE, EN | READ_MODE, EN | POLL_MODE, MAPPED_MODE};
    uint8_t data[8] = {0};

    (void)state;
    map(&b, 0);
    for (unsigned i = 0; i < 4; i++) {
        wr(&b, CR, modes[i]);
        assert_int_equal(window_read(&b, 0x100, 8, data), BUS_SLVERR);
        assert_int_equal(window_write(&b, 0x100, 8, data), BUS_SLVERR);
    }
    chip_clear(b.soc, RCC_AHB3ENR_, OSPI1EN);
    assert_int_equal(window_read(&b, 0x100, 8, data), BUS_SLVERR);
    assert_int_equal(b.begun, 0);
}

static void beyond_the_device_is_an_error(void **state)
{
    uint8_t data[32];

    (void)state;
    wr(&b, DCR1, 9 << 16); /* 1 KB */
    map(&b, 0);
    assert_int_equal(window_read(&b, 0x400, 1, data), BUS_SLVERR);
    assert_int_equal(window_read(&b, 0x0FFFFFE0, 32, data), BUS_SLVERR);
    assert_int_equal(window_write(&b, 0x400, 1, data), BUS_SLVERR);
    assert_int_equal(b.begun, 0);
    read_right(0x3FC, 4);
    clocks(&b, 100);
    read_right(0x3E0, 32);
    clocks(&b, 100);
    assert_int_equal(chip_complained(b.soc, "prefetch-end"), 2); /* each burst ran over the end */
}

static void without_a_data_phase_there_is_nothing_to_read(void **state)
{
    uint8_t data[8];

    (void)state;
    map(&b, 0);
    wr(&b, CCR, phases(4, 4, 0));
    assert_int_equal(window_read(&b, 0x100, 8, data), BUS_SLVERR);
}

static void a_wrapping_burst_of_another_size_than_set_is_an_error(void **state)
{
    uint8_t data[32];

    (void)state;
    wr(&b, DCR2, 2 << 16); /* 16 bytes */
    wr(&b, WPCCR, phases(4, 4, 4));
    map(&b, 0);
    assert_int_equal(window_access(&b, 0x108, BUS_NORMAL | BUS_WRAP, 32, data, false, NULL),
                     BUS_SLVERR);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(a_line_takes_78_clocks),
        TEST(sample_shift_waits_half_a_clock_longer),
        TEST(every_size_reads_its_bytes),
        TEST(a_sequential_access_goes_on_without_a_command),
        TEST(prefetch_fills_the_fifo_behind_the_read_then_clk_stands),
        TEST(an_access_elsewhere_raises_ncs_for_csht_and_begins_anew),
        TEST(the_bytes_read_last_can_be_read_again),
        TEST(a_line_fill_begins_at_its_critical_beat),
        TEST(the_timeout_raises_ncs_lptr_clocks_after_clk_stood),
        TEST(the_timeout_interrupts),
        TEST(ncs_is_released_at_each_boundary),
        TEST(a_boundary_within_one_access_splits_it),
        TEST(ncs_is_released_for_refresh),
        TEST(refresh_releases_ncs_that_waits_for_the_program),
        TEST(dr_ar_and_dlr_mean_nothing),
        TEST(the_mode_is_busy_until_aborted),
        TEST(instruction_only_once),
        TEST(the_window_answers_in_memory_mapped_mode_only),
        TEST(beyond_the_device_is_an_error),
        TEST(without_a_data_phase_there_is_nothing_to_read),
        TEST(a_wrapping_burst_of_another_size_than_set_is_an_error),
    };
    return cmocka_run_group_tests_name("octospi_mapped", tests, NULL, NULL);
}
