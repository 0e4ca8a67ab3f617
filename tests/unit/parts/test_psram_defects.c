/* Defects of a memory chip, as its frames feel them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../vboard/parts/psram_defects.h"
#include "../../../vboard/wire/hazard.h"
#include "host.h"

static struct host h;
static struct psram_defects *defects;

/* A chip with so many defects, in QPI mode. */
static void with_seed(uint64_t seed, const char *const *texts, unsigned count)
{
    char error[200] = "";

    host_open(&h, "esp-psram64h", 1);
    defects = psram_defects_new(seed);
    assert_non_null(defects);
    for (unsigned i = 0; i < count; i++) {
        if (!psram_defects_add(defects, texts[i], error, sizeof error))
            fail_msg("%s", error);
    }
    assert_true(psram_set_defects(h.chip, defects));
    enter_qpi(&h);
}

static void with(const char *text)
{
    with_seed(1, &text, 1);
}

static int stop(void **state)
{
    (void)state;
    host_close(&h);
    psram_defects_free(defects);
    defects = NULL;
    return 0;
}

static void instead(const char *text)
{
    stop(NULL);
    with(text);
}

static uint8_t read_byte(uint32_t address)
{
    uint8_t byte;

    qpi_read(&h, address, &byte, 1);
    return byte;
}

/* That a byte written to an address lands at a place, also where frames go clock by clock. */
static void lands(uint32_t address, uint32_t place)
{
    static struct membus_filter nothing;

    for (uint8_t byte = 0x35; byte != 0; byte = byte == 0x35 ? 0xCA : 0) {
        psram_bytes(h.chip)[place] = (uint8_t)~byte;
        qpi_write(&h, address, &byte, 1);
        assert_int_equal(psram_bytes(h.chip)[place], byte);
        assert_int_equal(read_byte(address), byte);
        psram_bytes(h.chip)[place] = (uint8_t)~byte;
        membus_add_filter(h.bus, &nothing);
        qpi_write(&h, address, &byte, 1);
        assert_int_equal(psram_bytes(h.chip)[place], byte);
        assert_int_equal(read_byte(address), byte);
        membus_remove_filter(h.bus, &nothing);
    }
}

/* ---- address lines ---- */

static void an_address_line_is_stuck(void **state)
{
    (void)state;
    with("address:stuck:A13=0");
    lands(0x002000, 0x000000);
    lands(0x7FFFFF, 0x7FDFFF);
    lands(0x001FFF, 0x001FFF);
    instead("address:stuck:A0=1");
    lands(0x000000, 0x000001);
    lands(0x000001, 0x000001);
    instead("address:stuck:A22=1");
    lands(0x012345, 0x412345);
}

static void address_lines_touch(void **state)
{
    (void)state;
    with("address:short:A5,A6");
    lands(0x000020, 0x000000);
    lands(0x000040, 0x000000);
    lands(0x000060, 0x000060);
    lands(0x7FFFDF, 0x7FFF9F);
}

static void address_lines_are_exchanged(void **state)
{
    (void)state;
    with("address:swap:A3,A7");
    lands(0x000008, 0x000080);
    lands(0x000080, 0x000008);
    lands(0x000088, 0x000088);
    lands(0x7FFF7F, 0x7FFFF7);
}

static void each_byte_of_a_burst_goes_through_the_address_lines(void **state)
{
    static const uint8_t sent[] = {1, 2, 3, 4, 5, 6, 7, 8};
    uint8_t got[8];

    (void)state;
    with("address:stuck:A1=0");
    memset(psram_bytes(h.chip), 0, 8);
    qpi_write(&h, 0, sent, 8);
    assert_memory_equal(psram_bytes(h.chip), "\3\4\0\0\7\x08\0\0", 8);
    qpi_read(&h, 0, got, 8);
    assert_memory_equal(got, "\3\4\3\4\7\x08\7\x08", 8);
    assert_int_equal(membus_peek(h.bus, 0, got, 4), 4);
    assert_memory_equal(got, "\3\4\3\4", 4);
}

static void a_byte_that_is_lost_was_where_it_was_written(void **state)
{
    uint8_t byte = 0x77;

    (void)state;
    with("address:stuck:A13=0");
    hazard_set(h.complaints, HAZARD_TCHD, HAZARD_BITE);
    h.hold = VTIME_NS;
    psram_bytes(h.chip)[0x0000] = 0x11;
    psram_bytes(h.chip)[0x2000] = 0x22;
    qpi_write(&h, 0x2000, &byte, 1);
    assert_int_equal(psram_bytes(h.chip)[0x0000], 0x11);
    assert_int_equal(psram_bytes(h.chip)[0x2000], 0x22);
}

/* ---- cells ---- */

static void a_cell_is_stuck(void **state)
{
    uint8_t byte = 0xFF, got;

    (void)state;
    with("cell:0x12345.3=0");
    qpi_write(&h, 0x12345, &byte, 1);
    assert_int_equal(read_byte(0x12345), 0xF7);
    assert_int_equal(membus_peek(h.bus, 0x12345, &got, 1), 1);
    assert_int_equal(got, 0xF7);
    qpi_write(&h, 0x12344, &byte, 1);
    assert_int_equal(read_byte(0x12344), 0xFF);
    instead("cell:8388607.7=1");
    byte = 0;
    qpi_write(&h, 0x7FFFFF, &byte, 1);
    assert_int_equal(read_byte(0x7FFFFF), 0x80);
    psram_power_cycle(h.chip, h.now);
    h.now += VTIME_MS;
    spi_write(&h, 0x7FFFFF, &byte, 1);
    spi_read(&h, 0x7FFFFF, &byte, 1);
    assert_int_equal(byte, 0x80);
}

static unsigned flipped(const uint8_t *data, size_t n, uint8_t written)
{
    unsigned count = 0;

    for (size_t i = 0; i < n; i++) {
        uint8_t wrong = data[i] ^ written;

        assert_int_equal(wrong & (wrong - 1), 0); /* a bit of a byte, not two */
        count += wrong != 0;
    }
    return count;
}

static void bits_flip_as_they_are_written(void **state)
{
    static uint8_t sent[20000], got[sizeof sent];
    unsigned bits = 0;

    (void)state;
    with("flips:0.01");
    memset(sent, 0xA5, sizeof sent);
    qpi_write(&h, 0, sent, sizeof sent);
    assert_in_range(flipped(psram_bytes(h.chip), sizeof sent, 0xA5), 140, 260); /* 200, sigma 14 */
    for (unsigned i = 0; i < sizeof sent; i++)
        bits |= psram_bytes(h.chip)[i] ^ 0xA5u;
    assert_int_equal(bits, 0xFF);
    for (unsigned i = 0; i < 10; i++) {
        qpi_read(&h, 0, got, sizeof got);
        assert_memory_equal(got, psram_bytes(h.chip), sizeof got);
    }
    instead("flips:1");
    qpi_write(&h, 0, sent, 1000);
    assert_int_equal(flipped(psram_bytes(h.chip), 1000, 0xA5), 1000);
}

static void flips_follow_the_seed(void **state)
{
    static const char *const text[] = {"flips:0.1"};
    static uint8_t sent[512], content[3][sizeof sent];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        with_seed(i / 2 + 1, text, 1);
        qpi_write(&h, 0, sent, sizeof sent);
        memcpy(content[i], psram_bytes(h.chip), sizeof sent);
        if (i < 2)
            stop(NULL);
    }
    assert_memory_equal(content[0], content[1], sizeof sent);
    assert_memory_not_equal(content[0], content[2], sizeof sent);
}

/* ---- the weak row ---- */

enum { ROW = 1024, WEAK = 0x12000 };

/* Bits of the row and of its neighbours that are 1. */
static void count_ones(unsigned *row, unsigned *neighbours)
{
    *row = *neighbours = 0;
    for (uint32_t at = WEAK - ROW; at < WEAK + 2 * ROW; at++)
        *(at / ROW == WEAK / ROW ? row : neighbours) +=
            (unsigned)__builtin_popcount(psram_bytes(h.chip)[at]);
}

static void fill(uint8_t byte)
{
    static uint8_t sent[ROW];

    memset(sent, byte, sizeof sent);
    for (uint32_t at = WEAK - ROW; at < WEAK + 2 * ROW; at += ROW)
        qpi_write(&h, at, sent, sizeof sent);
}

static void a_weak_row_forgets_what_nobody_looks_at(void **state)
{
    unsigned row, neighbours, before = 0;

    (void)state;
    with("weak-row:0x12345");
    for (unsigned ms = 1; ms <= 40; ms++) {
        fill(0xFF);
        count_ones(&row, &neighbours);
        assert_int_equal(row, 8 * ROW); /* written, it is whole again */
        h.now += ms * VTIME_MS;
        read_byte(WEAK);
        count_ones(&row, &neighbours);
        assert_int_equal(neighbours, 16 * ROW);
        if (ms < 4)
            assert_int_equal(row, 8 * ROW);
        if (ms > 32)
            assert_int_equal(row, 8 * ROW - 16);
        assert_true(8 * ROW - row >= before); /* some earlier, some later */
        before = 8 * ROW - row;
        if (ms == 18)
            assert_in_range(before, 1, 15);
    }
}

static void a_weak_row_keeps_what_is_read_often(void **state)
{
    unsigned row, neighbours;

    (void)state;
    with("weak-row:0x12345");
    fill(0xFF);
    for (unsigned i = 0; i < 100; i++) {
        h.now += 3 * VTIME_MS;
        assert_int_equal(read_byte(WEAK + i), 0xFF);
    }
    count_ones(&row, &neighbours);
    assert_int_equal(row, 8 * ROW);
    for (unsigned i = 0; i < 100; i++) { /* a look at the neighbours does not help it */
        h.now += 3 * VTIME_MS;
        read_byte(WEAK - 1);
    }
    read_byte(WEAK);
    count_ones(&row, &neighbours);
    assert_int_equal(row, 8 * ROW - 16);
}

static void zeros_hold(void **state)
{
    unsigned row, neighbours;

    (void)state;
    with("weak-row:0x12345");
    fill(0x00);
    h.now += VTIME_S;
    read_byte(WEAK);
    count_ones(&row, &neighbours);
    assert_int_equal(row + neighbours, 0);
}

static void which_cells_are_weak_follows_the_seed(void **state)
{
    static const char *const text[] = {"weak-row:0x12345"};
    static uint8_t content[3][ROW];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        with_seed(i / 2 + 1, text, 1);
        fill(0xFF);
        h.now += VTIME_S;
        read_byte(WEAK);
        memcpy(content[i], psram_bytes(h.chip) + WEAK, ROW);
        if (i < 2)
            stop(NULL);
    }
    assert_memory_equal(content[0], content[1], ROW);
    assert_memory_not_equal(content[0], content[2], ROW);
}

/* ---- the chip as a whole ---- */

static void read_id(uint8_t id[8])
{
    command(&h, 4, 0xF5);
    read_frame(&h, 0x9F, 1, 1, 0, 0, 1, id, 8);
    enter_qpi(&h);
}

static void the_id_says_that_the_die_failed(void **state)
{
    uint8_t id[8];

    (void)state;
    with("kgd");
    read_id(id);
    assert_memory_equal(id, "\x0D\x55\x52\xA2\x64\x31\x91\x31", 8);
    lands(0x123456, 0x123456);
}

static void a_chip_of_another_size_says_so_and_has_it(void **state)
{
    static const struct {
        const char *text;
        uint8_t eid;
        uint32_t size;
    } sizes[] = {{"density:16", 0x12, 2 << 20},
                 {"density:32", 0x32, 4 << 20},
                 {"density:64", 0x52, 8 << 20},
                 {"density:128", 0x72, 16 << 20}};
    uint8_t id[8];

    (void)state;
    with("kgd");
    for (unsigned i = 0; i < 4; i++) {
        uint8_t byte;

        instead(sizes[i].text);
        read_id(id);
        assert_int_equal(id[1], 0x5D);
        assert_int_equal(id[2], sizes[i].eid);
        lands(sizes[i].size - 1, sizes[i].size - 1);
        lands(0xFFFFFF, sizes[i].size - 1); /* lines above its own are not there */
        lands(0x012345, 0x012345);
        assert_int_equal(membus_peek(h.bus, sizes[i].size, &byte, 1), 0);
        assert_int_equal(membus_peek(h.bus, sizes[i].size - 1, &byte, 1), 1);
    }
}

static void nothing_answers_where_no_chip_is(void **state)
{
    uint8_t byte = 0;

    (void)state;
    with("kgd");
    assert_false(psram_defects_missing(defects));
    instead("missing");
    assert_true(psram_defects_missing(defects));
    psram_detach(h.chip, h.bus);
    qpi_read(&h, 0, &byte, 1);
    assert_int_equal(byte, 0xFF);
    assert_int_equal(membus_answer(h.bus)->latest, 0);
    assert_int_equal(membus_peek(h.bus, 0, &byte, 1), 0);
}

static void the_chip_falls_back_to_spi_mode_once(void **state)
{
    static const struct {
        const char *text;
        vtime at;
    } times[] = {{"drop-qpi:2s", 2 * VTIME_S},
                 {"drop-qpi:.5", 500 * VTIME_MS},
                 {"drop-qpi:30ms", 30 * VTIME_MS},
                 {"drop-qpi:7000us", 7 * VTIME_MS},
                 {"drop-qpi:7000000ns", 7 * VTIME_MS}};

    (void)state;
    with("kgd");
    for (unsigned i = 0; i < 5; i++) {
        instead(times[i].text);
        psram_bytes(h.chip)[0] = 0x12;
        h.now = times[i].at - VTIME_NS;
        assert_int_equal(read_byte(0), 0x12);
        assert_true(psram_in_qpi(h.chip));
        h.now = times[i].at;
        assert_int_equal(read_byte(0), 0xFF);
        assert_false(psram_in_qpi(h.chip));
        enter_qpi(&h);
        h.now += VTIME_S;
        assert_int_equal(read_byte(0), 0x12);
    }
}

static void defects_add_up(void **state)
{
    static const char *const texts[] = {"cell:0x600001.0=1", "address:stuck:A20=0", "density:16",
                                        "address:swap:A4,A22"};
    uint8_t byte = 0;

    (void)state;
    with_seed(1, texts, 4);
    lands(0x000010, 0x000000); /* A22 leads nowhere in this chip */
    lands(0x100000, 0x000000);
    qpi_write(&h, 1, &byte, 1); /* the cell is at 1 */
    assert_int_equal(psram_bytes(h.chip)[1], 0);
    assert_int_equal(read_byte(1), 1);
}

/* ---- texts ---- */

static void what_cannot_be_is_refused_with_a_sentence(void **state)
{
    static const struct {
        const char *text, *said;
    } wrong[] = {
        {"address", "no fault 'address'; --faults lists them"},
        {"address:broken:A1", "no fault"},
        {"address:stuck", "wants address:stuck:A=LEVEL, where A is an address line, A0 to A22"},
        {"address:stuck:13=0", "where A is"},
        {"address:stuck:A23=0", "where A is"},
        {"address:stuck:A-1=0", "where A is"},
        {"address:stuck:A13", "wants address:stuck:A=LEVEL"},
        {"address:stuck:A13=x", "where LEVEL is 0 or 1"},
        {"address:short:A5", "wants address:short:A,A"},
        {"address:short:A5,A5", "two different lines"},
        {"address:swap:A5,A6,A7", "wants address:swap:A,A and nothing more"},
        {"flips", "wants flips:RATE, where RATE is"},
        {"flips:2", "where RATE is"},
        {"weak-row:", "where ADDRESS is within the chip"},
        {"weak-row:0x1000000", "where ADDRESS is within the chip"},
        {"weak-row:99999999999999999999999", "where ADDRESS is within the chip"},
        {"cell:5=1", "wants cell:ADDRESS.BIT=LEVEL"},
        {"cell:5.8=1", "where BIT is a number from 0 to 7"},
        {"cell:5.7=2", "where LEVEL is 0 or 1"},
        {"missing:yes", "wants missing and nothing more"},
        {"kgd:", "wants kgd and nothing more"},
        {"density:8", "wants density:MBIT, where MBIT is 16, 32, 64 or 128"},
        {"density:48", "where MBIT is"},
        {"density:256", "where MBIT is"},
        {"drop-qpi", "wants drop-qpi:TIME, where TIME is a virtual time"},
        {"drop-qpi:-1", "where TIME is"},
        {"drop-qpi:soon", "where TIME is"},
        {"drop-qpi:1h", "wants drop-qpi:TIME and nothing more"},
    };
    struct psram_defects *d = psram_defects_new(1);

    (void)state;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char error[200] = "";

        assert_false(psram_defects_add(d, wrong[i].text, error, sizeof error));
        if (!strstr(error, wrong[i].said))
            fail_msg("'%s': %s", wrong[i].text, error);
    }
    for (unsigned i = 0; i <= 32; i++) {
        char error[200] = "";

        assert_int_equal(psram_defects_add(d, "kgd", error, sizeof error), i < 32);
    }
    psram_defects_free(d);
}

static void the_list_names_every_kind(void **state)
{
    static const char *const names[] = {"address:stuck:A=LEVEL ",
                                        "address:short:A,A ",
                                        "address:swap:A,A ",
                                        "flips:RATE ",
                                        "weak-row:ADDRESS ",
                                        "missing ",
                                        "kgd ",
                                        "density:MBIT ",
                                        "cell:ADDRESS.BIT=LEVEL ",
                                        "drop-qpi:TIME "};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    psram_defects_list(out);
    fclose(out);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_non_null(strstr(text, names[i]));
    assert_true(psram_defect_is("cell:nonsense"));
    assert_false(psram_defect_is("stuck:io0=1"));
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, stop)
    const struct CMUnitTest tests[] = {
        TEST(an_address_line_is_stuck),
        TEST(address_lines_touch),
        TEST(address_lines_are_exchanged),
        TEST(each_byte_of_a_burst_goes_through_the_address_lines),
        TEST(a_byte_that_is_lost_was_where_it_was_written),
        TEST(a_cell_is_stuck),
        TEST(bits_flip_as_they_are_written),
        TEST(flips_follow_the_seed),
        TEST(a_weak_row_forgets_what_nobody_looks_at),
        TEST(a_weak_row_keeps_what_is_read_often),
        TEST(zeros_hold),
        TEST(which_cells_are_weak_follows_the_seed),
        TEST(the_id_says_that_the_die_failed),
        TEST(a_chip_of_another_size_says_so_and_has_it),
        TEST(nothing_answers_where_no_chip_is),
        TEST(the_chip_falls_back_to_spi_mode_once),
        TEST(defects_add_up),
        cmocka_unit_test(what_cannot_be_is_refused_with_a_sentence),
        cmocka_unit_test(the_list_names_every_kind),
    };
    return cmocka_run_group_tests_name("parts_psram_defects", tests, NULL, NULL);
}
