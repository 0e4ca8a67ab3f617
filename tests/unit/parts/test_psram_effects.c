/* What a margin does that is not kept, where it bites; and that it does nothing where it is only
 * counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../vboard/wire/hazard.h"
#include "host.h"

enum { PAGE = 1024 };
static struct host h;

/* An ESP-PSRAM64H in QPI mode, all of whose bytes are 0xFF. */
static void open_qpi(uint64_t seed)
{
    host_open(&h, "esp-psram64h", 1);
    enter_qpi(&h);
    h.hold = 20 * VTIME_NS;
    hazards_seed(h.complaints, seed);
    memset(psram_bytes(h.chip), 0xFF, psram_find("esp-psram64h")->size);
    assert_int_equal(hazards(&h), 0);
}

static const uint8_t word[4] = {0x12, 0x34, 0x56, 0x78};

/* Writes n words, each to a place of its own; how many of the places hold another than was written.
 */
static unsigned lost_of(unsigned n)
{
    unsigned lost = 0;

    for (uint32_t i = 0; i < n; i++)
        qpi_write(&h, 64 * i, word, sizeof word);
    for (uint32_t i = 0; i < n; i++)
        lost += memcmp(psram_bytes(h.chip) + 64 * i, word, sizeof word) != 0;
    return lost;
}

static void the_last_byte_is_lost_if_ncs_rises_too_early(void **state)
{
    (void)state;
    open_qpi(1);
    hazard_set(h.complaints, HAZARD_TCHD, HAZARD_BITE);
    h.hold = 9 * VTIME_NS; /* less than half of 20 ns: each time */
    qpi_write(&h, 16, word, sizeof word);
    assert_memory_equal(psram_bytes(h.chip) + 16, ((uint8_t[]){0x12, 0x34, 0x56, 0xFF, 0xFF}), 5);
    command(&h, 4, 0xC0);
    assert_false(psram_in_wrap(h.chip));
    assert_int_equal(complained(&h, "tCHD"), 2);
    h.hold = 20 * VTIME_NS;
    command(&h, 4, 0xC0);
    assert_true(psram_in_wrap(h.chip));
    host_close(&h);
}

static void a_command_after_too_short_a_pause_is_not_taken(void **state)
{
    (void)state;
    open_qpi(1);
    hazard_set(h.complaints, HAZARD_TCPH, HAZARD_BITE);
    h.gap = 24 * VTIME_NS;
    qpi_write(&h, 0, word, sizeof word);
    qpi_write(&h, 16, word, sizeof word);
    h.gap = 50 * VTIME_NS;
    qpi_write(&h, 32, word, sizeof word); /* the short gap is in front of it */
    qpi_write(&h, 48, word, sizeof word);
    assert_int_equal(complained(&h, "tCPH"), 2);
    assert_memory_equal(psram_bytes(h.chip), word, 4);
    assert_int_equal(psram_bytes(h.chip)[16], 0xFF);
    assert_int_equal(psram_bytes(h.chip)[32], 0xFF);
    assert_memory_equal(psram_bytes(h.chip) + 48, word, 4);
    host_close(&h);
}

static void nor_one_whose_clock_comes_too_soon(void **state)
{
    (void)state;
    open_qpi(1);
    hazard_set(h.complaints, HAZARD_TCSP, HAZARD_BITE);
    h.hz = 1000 * (uint64_t)MHZ;
    qpi_write(&h, 0, word, sizeof word);
    assert_int_equal(complained(&h, "tCSP"), 1);
    assert_int_equal(psram_bytes(h.chip)[0], 0xFF);
    host_close(&h);
}

static void nor_one_before_the_part_is_ready(void **state)
{
    (void)state;
    host_open(&h, "esp-psram64h", 1);
    hazard_set(h.complaints, HAZARD_POWER_UP, HAZARD_BITE);
    h.now = 100 * VTIME_US;
    command(&h, 1, 0x35);
    assert_false(psram_in_qpi(h.chip));
    h.now = 151 * VTIME_US;
    command(&h, 1, 0x35);
    assert_true(psram_in_qpi(h.chip));
    host_close(&h);
}

/* One row a tCEM misses its turn, and loses a bit. */
static void rows_that_miss_their_refresh_lose_bits(void **state)
{
    const uint8_t *bytes;
    unsigned lost = 0, rows = 0;

    (void)state;
    open_qpi(1);
    hazard_set(h.complaints, HAZARD_TCEM, HAZARD_BITE);
    bytes = psram_bytes(h.chip);
    h.stall = 100 * VTIME_US; /* 12 times 8 us */
    qpi_read(&h, 0, (uint8_t[4]){0}, 4);
    for (uint32_t row = 0; row < 8192; row++) {
        unsigned in_row = 0;

        for (uint32_t i = 0; i < PAGE; i++)
            in_row += (unsigned)__builtin_popcount(0xFFu & ~bytes[row * PAGE + i]);
        lost += in_row;
        rows += in_row != 0;
    }
    assert_int_equal(lost, 12);
    assert_int_equal(rows, 12);
    host_close(&h);
}

static void a_bit_flips_at_twice_the_clock(void **state)
{
    (void)state;
    open_qpi(1);
    hazard_set(h.complaints, HAZARD_CHIP_CLOCK, HAZARD_BITE);
    h.hz = 267 * (uint64_t)MHZ;
    qpi_write(&h, 0, word, sizeof word);
    assert_memory_equal(psram_bytes(h.chip), word, 3);
    assert_int_equal(__builtin_popcount((unsigned)(psram_bytes(h.chip)[3] ^ word[3])), 1);
    host_close(&h);
}

static void behind_the_pages_end_comes_its_beginning(void **state)
{
    uint8_t got[4];

    (void)state;
    open_qpi(1);
    psram_bytes(h.chip)[PAGE - 1] = 1;
    psram_bytes(h.chip)[0] = 2;
    psram_bytes(h.chip)[PAGE] = 3;
    h.hz = 85 * MHZ;
    qpi_read(&h, PAGE - 1, got, 2);
    assert_memory_equal(got, ((uint8_t[]){1, 3}), 2); /* counted alone */
    hazard_set(h.complaints, HAZARD_PAGE_CROSS, HAZARD_BITE);
    qpi_read(&h, PAGE - 1, got, 2);
    assert_memory_equal(got, ((uint8_t[]){1, 2}), 2);
    h.hz = 84 * MHZ;
    qpi_read(&h, PAGE - 1, got, 2);
    assert_memory_equal(got, ((uint8_t[]){1, 3}), 2);
    assert_int_equal(complained(&h, "page-cross"), 2);
    host_close(&h);
}

/* 15 of 20 ns, where the need lies between 10 and 20: half of them. */
static void a_small_deficit_bites_now_and_then(void **state)
{
    uint8_t first[64 * 200];
    unsigned lost[3];

    (void)state;
    for (unsigned run = 0; run < 3; run++) {
        open_qpi(run == 2 ? 8 : 7);
        hazard_set(h.complaints, HAZARD_TCHD, HAZARD_BITE);
        h.hold = 15 * VTIME_NS;
        lost[run] = lost_of(200);
        assert_in_range(lost[run], 60, 140);
        assert_int_equal(complained(&h, "tCHD"), 200);
        if (run == 0)
            memcpy(first, psram_bytes(h.chip), sizeof first);
        else if (run == 1) /* the same seed loses the same bytes */
            assert_memory_equal(first, psram_bytes(h.chip), sizeof first);
        else
            assert_memory_not_equal(first, psram_bytes(h.chip), sizeof first);
        host_close(&h);
    }
}

static void what_is_only_counted_does_nothing(void **state)
{
    uint8_t got[8], page[8] = {1, 2, 3, 4, 5, 6, 7, 8};

    (void)state;
    for (unsigned off = 0; off < 2; off++) {
        open_qpi(1);
        for (unsigned i = 0; off && i < HAZARDS; i++)
            hazard_set(h.complaints, i, HAZARD_OFF);
        h.hold = VTIME_NS;
        h.gap = VTIME_NS;
        h.hz = 300 * (uint64_t)MHZ;
        h.stall = 100 * VTIME_US;
        assert_int_equal(lost_of(100), 0);
        qpi_write(&h, PAGE - 4, page, sizeof page);
        qpi_read(&h, PAGE - 4, got, sizeof got);
        assert_memory_equal(got, page, sizeof page);
        command(&h, 4, 0xC0);
        assert_true(psram_in_wrap(h.chip));
        for (uint32_t i = 8192; i < 8192 * PAGE; i++)
            if (psram_bytes(h.chip)[i] != 0xFF)
                fail();
        assert_int_equal(complained(&h, "tCEM"), off ? 0 : 102);
        assert_int_equal(complained(&h, "tCHD"), off ? 0 : 103);
        assert_int_equal(hazards(&h) == 0, off);
        host_close(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_byte_is_lost_if_ncs_rises_too_early),
        cmocka_unit_test(a_command_after_too_short_a_pause_is_not_taken),
        cmocka_unit_test(nor_one_whose_clock_comes_too_soon),
        cmocka_unit_test(nor_one_before_the_part_is_ready),
        cmocka_unit_test(rows_that_miss_their_refresh_lose_bits),
        cmocka_unit_test(a_bit_flips_at_twice_the_clock),
        cmocka_unit_test(behind_the_pages_end_comes_its_beginning),
        cmocka_unit_test(a_small_deficit_bites_now_and_then),
        cmocka_unit_test(what_is_only_counted_does_nothing),
    };
    return cmocka_run_group_tests_name("parts_psram_effects", tests, NULL, NULL);
}
