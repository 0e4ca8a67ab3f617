/*
 * OCTOSPI's automatic status polling (RM0455/RM0456 OCTOSPI: automatic status-polling mode), with a
 * chip that answers what the test says.
 */
#include "ospi.h"

static struct bench b;

/* ---- a chip whose status changes from read to read ---- */

static struct {
    uint8_t status[16][4];
    unsigned reads, at;
} chip;

static enum membus_manner chip_begin(void *ctx, const struct membus_frame *f, bool bytes)
{
    (void)ctx;
    (void)f;
    assert_true(bytes);
    chip.at = 0;
    return MEMBUS_BYTES;
}

static void chip_bytes_in(void *ctx, const uint8_t *data, size_t n)
{
    (void)ctx;
    (void)data;
    (void)n;
}

static void chip_bytes_out(void *ctx, uint8_t *data, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++)
        data[i] = chip.status[chip.reads][chip.at++ & 3];
}

static void chip_end(void *ctx, const struct membus_frame *f)
{
    (void)ctx;
    (void)f;
    if (chip.reads < 15)
        chip.reads++;
}

static const struct membus_part_ops ops = {
    .begin = chip_begin, .write = chip_bytes_in, .read = chip_bytes_out, .end = chip_end};
static struct membus_part part = {.ops = &ops};

static int start(void **state)
{
    (void)state;
    memset(&chip, 0, sizeof chip);
    bench_open_empty(&b);
    part = (struct membus_part){.ops = &ops};
    membus_attach(b.bus, &part);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    bench_close(&b);
    return 0;
}

/* Read status, 0x05 on one line, n bytes; polls until the test says otherwise. */
static void poll(uint32_t cr, unsigned n, uint32_t mask, uint32_t match, unsigned interval)
{
    wr(&b, PSMKR, mask);
    wr(&b, PSMAR, match);
    wr(&b, PIR, interval);
    wr(&b, CR, EN | POLL_MODE | cr);
    wr(&b, DLR, n - 1);
    wr(&b, CCR, phases(1, 0, 1));
    wr(&b, IR, 0x05);
}

/* ---- */

static void polling_ends_at_the_match(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        chip.status[i][0] = 0x03; /* write in progress */
    chip.status[3][0] = 0xF2;
    poll(APMS, 1, 0x01, 0x00, 16);
    assert_int_equal(rd(&b, SR) & (BUSY | SMF), BUSY);
    clocks(&b, 1000);
    assert_int_equal(b.frames, 4);
    assert_int_equal(rd(&b, SR) & (BUSY | SMF), SMF);
    assert_int_equal(b.frame[0].clocks, 16);
    assert_string_equal(b.frame[0].why, "polling");
    assert_int_equal(rd(&b, DR), 0xF2); /* the status read last */
    wr(&b, FCR, SMF);
    assert_int_equal(rd(&b, SR) & SMF, 0);
}

static void without_apms_it_goes_on_after_a_match(void **state)
{
    (void)state;
    poll(0, 1, 0xFF, 0x00, 10);
    clocks(&b, 300);
    assert_true(b.frames > 5);
    assert_int_equal(rd(&b, SR) & (BUSY | SMF), BUSY | SMF);
    wr(&b, CR, EN | POLL_MODE | ABORT);
    clocks(&b, 30);
    assert_int_equal(rd(&b, SR) & BUSY, 0);
    unsigned frames = b.frames;
    clocks(&b, 300);
    assert_int_equal(b.frames, frames);
}

static void the_interval_is_counted_in_clocks_between_frames(void **state)
{
    static const unsigned intervals[] = {10, 40, 100};

    (void)state;
    chip.status[15][0] = 1;
    for (unsigned i = 0; i < 3; i++) {
        b.frames = 0;
        chip.reads = 15;
        poll(0, 1, 0xFF, 0x00, intervals[i]);
        clocks(&b, 400);
        assert_true(b.frames > 2);
        assert_int_equal(b.frame[2].fall - b.frame[1].rise, intervals[i] * PERIOD);
        wr(&b, CR, EN | POLL_MODE | ABORT);
        clocks(&b, 30);
    }
}

static void masked_bits_do_not_count(void **state)
{
    (void)state;
    chip.status[0][0] = 0x5A;
    chip.status[1][0] = 0xA5;
    poll(APMS, 1, 0xF0, 0xAF, 1);
    clocks(&b, 200);
    assert_int_equal(b.frames, 2);
    assert_int_equal(rd(&b, SR) & SMF, SMF);
}

static void and_mode_wants_all_bits_or_mode_one(void **state)
{
    static const uint8_t seen[] = {0x00, 0x08, 0x80, 0x81};

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        chip.status[i][0] = seen[i];
    poll(APMS, 1, 0x81, 0x81, 1);
    clocks(&b, 200);
    assert_int_equal(b.frames, 4);
    chip.reads = 0;
    b.frames = 0;
    wr(&b, FCR, SMF);
    poll(APMS | PMM, 1, 0x81, 0x81, 1);
    clocks(&b, 200);
    assert_int_equal(b.frames, 3);
    assert_int_equal(rd(&b, SR) & SMF, SMF);
}

static void up_to_four_status_bytes_lowest_first(void **state)
{
    (void)state;
    memcpy(chip.status[0], "\x11\x22\x33\x44", 4);
    memcpy(chip.status[1], "\x12\x22\x33\x44", 4);
    poll(APMS, 4, 0xFFFFFFFF, 0x44332212, 1);
    clocks(&b, 300);
    assert_int_equal(b.frames, 2);
    assert_int_equal(rd(&b, DR), 0x44332212);
    chip.reads = 0;
    b.frames = 0;
    poll(APMS, 9, 0xFFFFFFFF, 0x44332211, 1); /* more than four are not read */
    clocks(&b, 300);
    assert_int_equal(b.frames, 1);
    assert_int_equal(b.frame[0].bytes, 4);
}

static void the_threshold_flag_marks_each_new_status(void **state)
{
    (void)state;
    chip.status[0][0] = 0x77;
    poll(0, 1, 0xFF, 0x00, 500);
    assert_int_equal(rd(&b, SR) & FTF, 0);
    clocks(&b, 30);
    assert_int_equal(rd(&b, SR) & FTF, FTF);
    assert_int_equal(level(&b), 0);
    assert_int_equal(rd(&b, DR), 0x77);
    assert_int_equal(rd(&b, SR) & FTF, 0);
}

static void an_address_starts_it_where_there_is_one(void **state)
{
    (void)state;
    wr(&b, CR, EN | POLL_MODE | APMS);
    wr(&b, PSMKR, 0xFF);
    wr(&b, CCR, phases(1, 1, 1));
    wr(&b, IR, 0x65);
    clocks(&b, 50);
    assert_int_equal(b.begun, 0);
    wr(&b, AR, 0x800003);
    clocks(&b, 50);
    assert_int_equal(b.begun, 0); /* beyond the device */
    assert_int_equal(rd(&b, SR) & TEF, TEF);
    wr(&b, AR, 0x000003);
    clocks(&b, 100);
    assert_int_equal(b.frames, 1);
    assert_int_equal(b.frame[0].phase[1].value, 3);
}

static void the_match_interrupts(void **state)
{
    (void)state;
    chip.status[0][0] = chip.status[1][0] = 1;
    poll(APMS | SMIE, 1, 0xFF, 0x00, 8);
    chip_run(b.soc, 60 * PERIOD); /* two frames of 17, nCS high for 8 each */
    assert_false(chip_irq_pending(b.soc, 92));
    chip_run(b.soc, 20 * PERIOD);
    assert_true(chip_irq_pending(b.soc, 92));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(polling_ends_at_the_match),
        TEST(without_apms_it_goes_on_after_a_match),
        TEST(the_interval_is_counted_in_clocks_between_frames),
        TEST(masked_bits_do_not_count),
        TEST(and_mode_wants_all_bits_or_mode_one),
        TEST(up_to_four_status_bytes_lowest_first),
        TEST(the_threshold_flag_marks_each_new_status),
        TEST(an_address_starts_it_where_there_is_one),
        TEST(the_match_interrupts),
    };
    return cmocka_run_group_tests_name("octospi_polling", tests, NULL, NULL);
}
