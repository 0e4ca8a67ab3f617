/*
 * OCTOSPI in indirect modes (RM0455/RM0456 OCTOSPI: command phases, triggering a transfer, FIFO and
 * flags, abort, error management), seen from registers and from the wires.
 */
#include "ospi.h"

static struct bench b;

static int start(void **state)
{
    (void)state;
    bench_open(&b);
    wr(&b, CR, EN);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    bench_close(&b);
    return 0;
}

static const uint8_t pattern[8] = {0xDE, 0xAD, 0xBE, 0xEF, 0x01, 0x23, 0x45, 0x67};
enum { AT = 0x001230 };

/* A quad read of n bytes from the part in SPI mode, started. */
static void start_read(uint32_t address, uint32_t n)
{
    wr(&b, CR, EN | READ_MODE | (rd(&b, CR) & 0x1FFF00));
    wr(&b, DLR, n - 1);
    wr(&b, TCR, 6);
    wr(&b, CCR, phases(1, 4, 4));
    wr(&b, IR, 0xEB);
    wr(&b, AR, address);
}

static void prepare_write(uint32_t address, uint32_t n)
{
    wr(&b, CR, EN | WRITE_MODE | (rd(&b, CR) & 0x1FFF00));
    wr(&b, DLR, n - 1);
    wr(&b, TCR, 0);
    wr(&b, CCR, phases(1, 4, 4));
    wr(&b, IR, 0x38);
    wr(&b, AR, address);
}

/* ---- registers ---- */

static void registers_reset_to_0_and_keep_what_the_manual_lists(void **state)
{
    static const struct {
        uint16_t offset;
        uint32_t fields;
    } map[] = {
        {0x000, 0x30DF1FCD}, {0x008, 0x071F070B}, {0x00C, 0x000700FF}, {0x010, 0x001F00FF},
        {0x014, 0xFFFFFFFF}, {0x040, 0xFFFFFFFF}, {0x048, 0xFFFFFFFF}, {0x080, 0xFFFFFFFF},
        {0x088, 0xFFFFFFFF}, {0x090, 0x0000FFFF}, {0x100, 0xAF3F3F3F}, {0x108, 0x5000001F},
        {0x110, 0xFFFFFFFF}, {0x120, 0xFFFFFFFF}, {0x130, 0x0000FFFF}, {0x140, 0x2F3F3F3F},
        {0x148, 0x5000001F}, {0x150, 0xFFFFFFFF}, {0x160, 0xFFFFFFFF}, {0x180, 0x2F3F3F3F},
        {0x188, 0x0000001F}, {0x190, 0xFFFFFFFF}, {0x1A0, 0xFFFFFFFF}, {0x200, 0x00FFFF03},
    };

    (void)state;
    chip_set(b.soc, RCC_AHB3RSTR_, OSPI1EN);
    chip_clear(b.soc, RCC_AHB3RSTR_, OSPI1EN);
    for (unsigned i = 0; i < sizeof map / sizeof map[0]; i++)
        assert_int_equal(rd(&b, OSPI + map[i].offset), 0);
    assert_int_equal(rd(&b, SR), 0);
    for (unsigned i = 0; i < sizeof map / sizeof map[0]; i++) {
        uint32_t off = map[i].offset == 0 ? EN : 0; /* nothing is to start */

        wr(&b, OSPI + map[i].offset, ~(off | ABORT * (off != 0)));
        assert_int_equal(rd(&b, OSPI + map[i].offset), map[i].fields & ~off);
        if (off)
            wr(&b, CR, 0); /* AR would not be writable with FMODE = 3 */
    }
    assert_int_equal(b.begun, 0);
}

/* ---- phases ---- */

static void every_phase_has_its_lines_and_its_size(void **state)
{
    static const uint8_t lines_of[] = {0, 1, 2, 4, 8};
    unsigned n = 0;

    (void)state;
    psram_power_cycle(b.chip, 0);
    for (unsigned mode = 0; mode < 5 * 5 * 5; mode++) {
        unsigned im = mode % 5, am = mode / 5 % 5, bm = mode / 25, size = mode % 4;
        const struct membus_frame *f = &b.frame[0];
        uint32_t header = 5, mask = size == 3 ? 0xFFFFFFFF : (1u << 8 * (size + 1)) - 1;

        if (!im && !am)
            continue; /* nothing would start it */
        b.frames = 0;
        wr(&b, CR, EN | READ_MODE);
        wr(&b, DLR, 1);
        wr(&b, TCR, 5);
        wr(&b, CCR, im | size << 4 | am << 8 | (3 - size) << 12 | bm << 16 | size << 20 | 3 << 24);
        wr(&b, ABR, 0x89ABCDEF);
        wr(&b, DCR1, 31 << 16);
        wr(&b, IR, 0x13579BDF);
        if (am)
            wr(&b, AR, 0x02468ACE);
        clocks(&b, 250);
        assert_int_equal(b.frames, 1);
        n = 0;
        if (im) {
            assert_int_equal(f->phase[n].kind, MEMBUS_INSTRUCTION);
            assert_int_equal(f->phase[n].lines, lines_of[im]);
            assert_int_equal(f->phase[n].bits, 8 * (size + 1));
            assert_int_equal(f->phase[n].value, 0x13579BDF & mask);
            header += 8 * (size + 1) / lines_of[im];
            n++;
        }
        if (am) {
            uint32_t part = size == 0 ? 0xFFFFFFFF : (1u << 8 * (4 - size)) - 1;

            assert_int_equal(f->phase[n].kind, MEMBUS_ADDRESS);
            assert_int_equal(f->phase[n].lines, lines_of[am]);
            assert_int_equal(f->phase[n].bits, 8 * (4 - size));
            assert_int_equal(f->phase[n].value, 0x02468ACE & part);
            header += 8 * (4 - size) / lines_of[am];
            n++;
        }
        if (bm) {
            assert_int_equal(f->phase[n].kind, MEMBUS_ALTERNATE);
            assert_int_equal(f->phase[n].lines, lines_of[bm]);
            assert_int_equal(f->phase[n].bits, 8 * (size + 1));
            assert_int_equal(f->phase[n].value, 0x89ABCDEF & mask);
            header += 8 * (size + 1) / lines_of[bm];
            n++;
        }
        assert_int_equal(f->phase[n].kind, MEMBUS_DUMMY);
        assert_int_equal(f->phase[n].clocks, 5);
        assert_int_equal(f->phases, n + 1);
        assert_int_equal(f->data_lines, 4);
        assert_int_equal(f->direction, MEMBUS_IN);
        assert_int_equal(f->bytes, 2);
        assert_int_equal(f->clocks, header + 4);
        rd(&b, DR);
        assert_int_equal(rd(&b, SR) & BUSY, 0);
    }
}

static void double_rate_phases_take_half_the_clocks(void **state)
{
    (void)state;
    wr(&b, CR, EN | READ_MODE);
    wr(&b, DLR, 3);
    wr(&b, CCR, phases(4, 4, 4) | 1 << 3 | 1 << 11 | 1 << 27);
    wr(&b, IR, 0xEB);
    wr(&b, AR, 0);
    clocks(&b, 50);
    assert_int_equal(b.frame[0].clocks, 1 + 3 + 4);
    assert_true(b.frame[0].phase[0].dtr && b.frame[0].phase[1].dtr && b.frame[0].data_dtr);
}

/* ---- what starts a transfer ---- */

static void what_starts_a_transfer(void **state)
{
    static const struct {
        uint32_t mode;
        bool address, data;
        enum { BY_IR, BY_AR, BY_DR } by;
    } rules[] = {
        {WRITE_MODE, false, false, BY_IR}, {READ_MODE, false, false, BY_IR},
        {READ_MODE, false, true, BY_IR},   {WRITE_MODE, true, false, BY_AR},
        {READ_MODE, true, false, BY_AR},   {READ_MODE, true, true, BY_AR},
        {WRITE_MODE, false, true, BY_DR},  {WRITE_MODE, true, true, BY_DR},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        b.begun = 0;
        wr(&b, CR, EN | rules[i].mode);
        wr(&b, DLR, 0);
        wr(&b, TCR, 0);
        wr(&b, CCR, phases(1, rules[i].address ? 1 : 0, rules[i].data ? 1 : 0));
        wr(&b, ABR, 0x55); /* never starts anything */
        clocks(&b, 10);
        assert_int_equal(b.begun, 0);
        wr(&b, IR, 0x11);
        clocks(&b, 100);
        assert_int_equal(b.begun, rules[i].by == BY_IR);
        wr(&b, AR, 0);
        clocks(&b, 100);
        assert_int_equal(b.begun, rules[i].by <= BY_AR);
        if (rules[i].by == BY_DR)
            chip_write_n(b.soc, DR, 1, 0);
        clocks(&b, 100);
        assert_int_equal(b.begun, 1);
        if (rules[i].mode == READ_MODE && rules[i].data)
            rd(&b, DR);
        assert_int_equal(rd(&b, SR) & (TCF | BUSY), TCF);
        wr(&b, FCR, TCF);
    }
}

static void nothing_starts_while_disabled(void **state)
{
    (void)state;
    wr(&b, CR, 0);
    wr(&b, CCR, phases(1, 0, 0));
    wr(&b, IR, 0x66);
    wr(&b, CR, EN); /* and nothing is made up for */
    clocks(&b, 50);
    assert_int_equal(b.begun, 0);
}

static void the_same_address_again_is_written_again(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        if (i == 0)
            start_read(AT, 1);
        else
            wr(&b, AR, AT);
        clocks(&b, 60);
        rd(&b, DR);
    }
    assert_int_equal(b.frames, 3);
}

/* ---- reading ---- */

static void bytes_come_out_lowest_first_in_every_access_size(void **state)
{
    (void)state;
    memcpy(psram_bytes(b.chip) + AT, pattern, 8);
    start_read(AT, 8);
    clocks(&b, 100);
    assert_int_equal(level(&b), 8);
    assert_int_equal(chip_read_n(b.soc, DR, 1), 0xDE);
    assert_int_equal(level(&b), 7);
    assert_int_equal(chip_read_n(b.soc, DR, 2), 0xBEAD);
    assert_int_equal(level(&b), 5);
    assert_int_equal(chip_read_n(b.soc, DR, 4), 0x452301EF);
    assert_int_equal(level(&b), 1);
    assert_int_equal(rd(&b, SR) & BUSY, BUSY); /* the FIFO is not empty yet */
    assert_int_equal(chip_read_n(b.soc, DR, 4), 0x67);
    assert_int_equal(rd(&b, SR) & (BUSY | TCF), TCF);
}

static void a_read_of_dr_waits_for_its_data(void **state)
{
    (void)state;
    memcpy(psram_bytes(b.chip) + AT, pattern, 8);
    start_read(AT, 8);
    assert_int_equal(rd(&b, DR), 0xEFBEADDE);
    assert_int_equal(rd(&b, DR), 0x67452301);
    clocks(&b, 100);
    assert_int_equal(b.frame[0].stopped, 0); /* the clock did not have to stand */
}

static void the_threshold_flag_counts_bytes_that_are_there(void **state)
{
    (void)state;
    wr(&b, CR, EN | READ_MODE | 7 << 8); /* 8 bytes */
    start_read(AT, 12);
    assert_int_equal(rd(&b, SR) & (FTF | BUSY), BUSY);
    /* 8 + 6 + 6 clocks of header, then two a byte; nCS fell one clock before the first edge. */
    clocks(&b, 20 + 15);
    assert_int_equal(level(&b), 7);
    assert_int_equal(rd(&b, SR) & FTF, 0);
    clocks(&b, 2);
    assert_int_equal(level(&b), 8);
    assert_int_equal(rd(&b, SR) & (FTF | TCF), FTF);
    clocks(&b, 20);
    assert_int_equal(level(&b), 12);
    rd(&b, DR);
    rd(&b, DR);
    /* Below the threshold, but the transfer is over: FTF says that bytes are left. */
    assert_int_equal(level(&b), 4);
    assert_int_equal(rd(&b, SR) & (FTF | TCF | BUSY), FTF | TCF | BUSY);
    rd(&b, DR);
    assert_int_equal(rd(&b, SR) & (FTF | BUSY), 0);
}

static void the_clock_stands_while_the_fifo_is_full(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        psram_bytes(b.chip)[AT + i] = (uint8_t)(i + 1);
    start_read(AT, 40);
    clocks(&b, 1000);
    assert_int_equal(level(&b), 32);
    assert_int_equal(b.frames, 0); /* nCS is still low */
    assert_int_equal(rd(&b, SR) & (TCF | BUSY), BUSY);
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal(chip_read_n(b.soc, DR, 1), i + 1);
    clocks(&b, 40);
    assert_int_equal(b.frames, 1);
    assert_int_equal(b.frame[0].bytes, 40);
    assert_int_equal(b.frame[0].clocks, 20 + 80);
    assert_true(b.frame[0].stopped > 900 * PERIOD);
    assert_true(b.frame[0].rise - b.frame[0].fall >= 1000 * PERIOD);
}

static void length_of_all_ones_reads_to_the_end_of_the_device(void **state)
{
    (void)state;
    wr(&b, DCR1, 5 << 16);  /* 64 bytes */
    start_read(64 - 20, 0); /* DLR = 0xFFFFFFFF */
    clocks(&b, 200);
    assert_int_equal(level(&b), 20);
    assert_int_equal(rd(&b, SR) & TCF, TCF);
    assert_int_equal(b.frame[0].bytes, 20);
}

/* ---- writing ---- */

static void bytes_go_in_lowest_first_in_every_access_size(void **state)
{
    (void)state;
    prepare_write(AT, 7);
    chip_write_n(b.soc, DR, 1, 0xDE);
    chip_write_n(b.soc, DR, 2, 0xBEAD);
    chip_write_n(b.soc, DR, 4, 0x452301EF);
    clocks(&b, 100);
    assert_memory_equal(psram_bytes(b.chip) + AT, pattern, 7);
    assert_int_equal(b.frame[0].clocks, 8 + 6 + 14);
    assert_int_equal(rd(&b, SR) & (TCF | BUSY), TCF);
}

static void the_threshold_flag_counts_bytes_that_are_free(void **state)
{
    (void)state;
    wr(&b, CR, EN | WRITE_MODE | 3 << 8); /* 4 bytes */
    prepare_write(AT, 64);
    assert_int_equal(rd(&b, SR) & FTF, FTF);
    for (unsigned i = 0; i < 7; i++)
        wr(&b, DR, i);
    assert_int_equal(level(&b), 28);
    assert_int_equal(rd(&b, SR) & FTF, FTF);
    chip_write_n(b.soc, DR, 1, 0);
    assert_int_equal(level(&b), 29);
    assert_int_equal(rd(&b, SR) & FTF, 0);
    clocks(&b, 16); /* header: 14 clocks; then one byte has left */
    assert_int_equal(level(&b), 28);
    assert_int_equal(rd(&b, SR) & FTF, FTF);
}

static void a_write_to_dr_waits_for_space(void **state)
{
    struct octospi_stats stats;

    (void)state;
    prepare_write(AT, 40);
    for (unsigned i = 0; i < 40; i++)
        chip_write_n(b.soc, DR, 1, i + 1);
    clocks(&b, 200);
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal(psram_bytes(b.chip)[AT + i], i + 1);
    octospi_get_stats(b.soc, 1, &stats);
    assert_true(stats.stalled >= 14 * PERIOD);
}

static void the_clock_stands_while_the_fifo_is_empty(void **state)
{
    (void)state;
    prepare_write(AT, 4);
    chip_write_n(b.soc, DR, 1, 0x11);
    clocks(&b, 500);
    assert_int_equal(b.frames, 0);
    assert_int_equal(rd(&b, SR) & BUSY, BUSY);
    chip_write_n(b.soc, DR, 1, 0x22);
    chip_write_n(b.soc, DR, 2, 0x4433);
    clocks(&b, 50);
    assert_int_equal(b.frames, 1);
    assert_int_equal(b.frame[0].clocks, 14 + 8);
    assert_true(b.frame[0].stopped > 450 * PERIOD);
    assert_memory_equal(psram_bytes(b.chip) + AT, "\x11\x22\x33\x44", 4);
}

static void surplus_bytes_are_dropped_when_the_transfer_completes(void **state)
{
    (void)state;
    memcpy(psram_bytes(b.chip) + AT, pattern, 8);
    prepare_write(AT, 3);
    wr(&b, DR, 0x44332211);
    clocks(&b, 100);
    assert_memory_equal(psram_bytes(b.chip) + AT, "\x11\x22\x33\xEF", 4);
    assert_int_equal(level(&b), 0);
    wr(&b, AR, AT + 4);
    wr(&b, DR, 0x00776655);
    clocks(&b, 100);
    assert_memory_equal(psram_bytes(b.chip) + AT + 4, "\x55\x66\x77\x67", 4);
}

/* ---- flags, abort, errors ---- */

static void flags_are_cleared_one_by_one(void **state)
{
    (void)state;
    send_command(&b, 1, 0x66);
    assert_int_equal(rd(&b, SR) & TCF, 0);
    wr(&b, CCR, phases(1, 0, 0));
    wr(&b, IR, 0x66);
    clocks(&b, 20);
    wr(&b, DCR1, 4 << 16);
    start_read(0x100, 1);
    assert_int_equal(rd(&b, SR) & (TCF | TEF), TCF | TEF);
    wr(&b, FCR, TEF);
    assert_int_equal(rd(&b, SR) & (TCF | TEF), TCF);
    wr(&b, FCR, TCF);
    assert_int_equal(rd(&b, SR) & (TCF | TEF), 0);
    assert_int_equal(rd(&b, FCR), 0);
}

static void abort_ends_a_transfer_and_empties_the_fifo(void **state)
{
    (void)state;
    start_read(AT, 1000);
    clocks(&b, 50);
    assert_true(level(&b) > 0);
    wr(&b, CR, rd(&b, CR) | ABORT);
    clocks(&b, 3);
    assert_int_equal(rd(&b, CR) & ABORT, 0); /* clears itself */
    assert_int_equal(rd(&b, SR) & (BUSY | TCF | FLEVEL), TCF);
    assert_int_equal(b.frames, 1);
    assert_in_range(b.frame[0].clocks, 48, 52);
    wr(&b, FCR, TCF);
    start_read(AT, 1);
    clocks(&b, 60);
    assert_int_equal(level(&b), 1);
}

static void abort_of_a_transfer_that_waits_for_data(void **state)
{
    (void)state;
    memcpy(psram_bytes(b.chip) + AT, pattern, 8);
    prepare_write(AT, 8);
    chip_write_n(b.soc, DR, 2, 0x2211);
    clocks(&b, 300);
    wr(&b, CR, EN | ABORT);
    clocks(&b, 3);
    assert_int_equal(rd(&b, SR) & (BUSY | TCF), TCF);
    assert_memory_equal(psram_bytes(b.chip) + AT, "\x11\x22\xBE", 3);
}

static void disabling_ends_everything(void **state)
{
    (void)state;
    start_read(AT, 1000);
    clocks(&b, 50);
    wr(&b, CR, 0);
    assert_int_equal(rd(&b, SR) & (BUSY | FLEVEL), 0);
    clocks(&b, 3);
    assert_int_equal(b.frames, 1);
}

static void an_address_beyond_the_device_is_an_error(void **state)
{
    (void)state;
    wr(&b, DCR1, 9 << 16); /* 1 KB */
    start_read(1024, 1);
    assert_int_equal(rd(&b, SR) & (TEF | BUSY), TEF);
    wr(&b, FCR, TEF);
    start_read(1020, 5); /* address and length */
    assert_int_equal(rd(&b, SR) & (TEF | BUSY), TEF);
    wr(&b, FCR, TEF);
    prepare_write(1024, 1);
    chip_write_n(b.soc, DR, 1, 0);
    assert_int_equal(rd(&b, SR) & (TEF | BUSY), TEF);
    wr(&b, FCR, TEF);
    clocks(&b, 100);
    assert_int_equal(b.begun, 0);
    start_read(1020, 4);
    clocks(&b, 100);
    assert_int_equal(rd(&b, SR) & (TEF | TCF), TCF);
    assert_int_equal(b.begun, 1);
}

static void settings_do_not_change_while_busy(void **state)
{
    static const uint32_t kept[] = {DCR1, DCR2,  DCR3,  DCR4, DLR,  AR,   CCR, TCR,  IR,   ABR,
                                    LPTR, PSMKR, PSMAR, PIR,  WCCR, WTCR, WIR, WABR, WPCCR};
    uint32_t before[sizeof kept / sizeof kept[0]], cr;

    (void)state;
    start_read(AT, 100);
    for (unsigned i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        before[i] = rd(&b, kept[i]);
        wr(&b, kept[i], ~before[i]);
        assert_int_equal(rd(&b, kept[i]), before[i]);
    }
    assert_int_equal(chip_complained(b.soc, "busy-write"), sizeof kept / sizeof kept[0]);
    cr = rd(&b, CR);
    wr(&b, CR, (cr ^ READ_MODE) | TCIE | 9 << 8); /* threshold and interrupts may change */
    assert_int_equal(rd(&b, CR), cr | TCIE | 9 << 8);
    clocks(&b, 500);
    assert_int_equal(b.begun, 1);
}

/* ---- interrupts ---- */

static void each_flag_interrupts_where_enabled(void **state)
{
    (void)state;
    wr(&b, CR, EN);
    send_command(&b, 1, 0x66);
    assert_false(chip_irq_pending(b.soc, 92));
    wr(&b, CR, EN | TCIE);
    wr(&b, IR, 0x66);
    clocks(&b, 8);
    assert_false(chip_irq_pending(b.soc, 92));
    chip_run(b.soc, 2 * PERIOD); /* without a look at the registers */
    assert_true(chip_irq_pending(b.soc, 92));
    chip_irq_clear(b.soc, 92);
    assert_true(chip_irq_pending(b.soc, 92)); /* the flag still stands */
    wr(&b, FCR, TCF);
    chip_irq_clear(b.soc, 92);
    assert_false(chip_irq_pending(b.soc, 92));

    wr(&b, CR, EN | TEIE);
    wr(&b, DCR1, 4 << 16);
    start_read(0x1000, 1);
    assert_true(chip_irq_pending(b.soc, 92));
    wr(&b, FCR, TEF);
    chip_irq_clear(b.soc, 92);

    wr(&b, DCR1, DEVSIZE_8MB);
    wr(&b, CR, EN | READ_MODE | FTIE | 3 << 8);
    start_read(AT, 16);
    chip_run(b.soc, 27 * PERIOD);
    assert_false(chip_irq_pending(b.soc, 92));
    chip_run(b.soc, 2 * PERIOD); /* 20 + 8 clocks: four bytes are there */
    assert_true(chip_irq_pending(b.soc, 92));
    clocks(&b, 100);
    for (unsigned i = 0; i < 4; i++)
        rd(&b, DR);
    chip_irq_clear(b.soc, 92);
    assert_false(chip_irq_pending(b.soc, 92));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(registers_reset_to_0_and_keep_what_the_manual_lists),
        TEST(every_phase_has_its_lines_and_its_size),
        TEST(double_rate_phases_take_half_the_clocks),
        TEST(what_starts_a_transfer),
        TEST(nothing_starts_while_disabled),
        TEST(the_same_address_again_is_written_again),
        TEST(bytes_come_out_lowest_first_in_every_access_size),
        TEST(a_read_of_dr_waits_for_its_data),
        TEST(the_threshold_flag_counts_bytes_that_are_there),
        TEST(the_clock_stands_while_the_fifo_is_full),
        TEST(length_of_all_ones_reads_to_the_end_of_the_device),
        TEST(bytes_go_in_lowest_first_in_every_access_size),
        TEST(the_threshold_flag_counts_bytes_that_are_free),
        TEST(a_write_to_dr_waits_for_space),
        TEST(the_clock_stands_while_the_fifo_is_empty),
        TEST(surplus_bytes_are_dropped_when_the_transfer_completes),
        TEST(flags_are_cleared_one_by_one),
        TEST(abort_ends_a_transfer_and_empties_the_fifo),
        TEST(abort_of_a_transfer_that_waits_for_data),
        TEST(disabling_ends_everything),
        TEST(an_address_beyond_the_device_is_an_error),
        TEST(settings_do_not_change_while_busy),
        TEST(each_flag_interrupts_where_enabled),
    };
    return cmocka_run_group_tests_name("octospi_indirect", tests, NULL, NULL);
}
