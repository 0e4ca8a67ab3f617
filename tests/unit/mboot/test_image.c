/* Which applications are whole; and that none is after power failed in the middle of an update. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"

enum { BYTES = 0x2468 };

static struct board b;
static uint8_t old_image[BYTES + 0x400], new_image[BYTES];

static int fresh(void **state)
{
    (void)state;
    board_init(&b);
    make_application(new_image, BYTES, 1);
    make_application(old_image, sizeof(old_image), 2);
    memcpy(b.cells + OWN, new_image, BYTES);
    return 0;
}

static void put32(uint32_t at, uint32_t value)
{
    memcpy(b.cells + OWN + at, &value, 4);
}

static void crc_is_that_of_zlib(void **state)
{
    (void)state;
    assert_int_equal(image_crc32(0, "123456789", 9), 0xCBF43926);
    assert_int_equal(image_crc32(image_crc32(0, "1234", 4), "56789", 5), 0xCBF43926);
}

static void a_sealed_one_is_whole(void **state)
{
    (void)state;
    assert_int_equal(board_application(&b), IMAGE_OK);
}

static void each_changed_bit_is_seen(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < BYTES * 8; bit += 7) {
        b.cells[OWN + bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(board_application(&b), IMAGE_OK);
        b.cells[OWN + bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void erased_memory_is_none(void **state)
{
    (void)state;
    memset(b.cells + OWN, 0xFF, SIZE - OWN);
    assert_int_equal(board_application(&b), IMAGE_ERROR_VECTORS);
    memset(b.cells + OWN, 0, SIZE - OWN);
    assert_int_equal(board_application(&b), IMAGE_ERROR_VECTORS);
}

static void vectors_that_lead_nowhere(void **state)
{
    static const uint32_t stacks[] = {0,          0x20000000, 0x20020008,
                                      0x08001000, 0x20010004, 0x90000000};
    static const uint32_t entries[] = {START + 1, APPLICATION + 0x400, 0x20000001,
                                       APPLICATION + BYTES + 1};

    (void)state;
    for (unsigned n = 0; n < sizeof(stacks) / sizeof(stacks[0]); n++) {
        put32(0, stacks[n]);
        assert_int_equal(board_application(&b), IMAGE_ERROR_VECTORS);
    }
    put32(0, 0x24100000);
    assert_int_equal(board_application(&b), IMAGE_ERROR_CHECKSUM); /* that would do */
    for (unsigned n = 0; n < sizeof(entries) / sizeof(entries[0]); n++) {
        put32(4, entries[n]);
        assert_int_equal(board_application(&b), IMAGE_ERROR_VECTORS);
    }
}

static void lengths_that_cannot_be(void **state)
{
    static const uint32_t lengths[] = {0,    IMAGE_RECORD, BYTES - 3, SIZE - OWN,
                                       SIZE, 0xFFFFFFFC,   0xFFFFFFFF};

    (void)state;
    for (unsigned n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++) {
        put32(IMAGE_RECORD + 4, lengths[n]);
        assert_int_equal(board_application(&b), IMAGE_ERROR_RECORD);
    }
    put32(IMAGE_RECORD + 4, BYTES - 4);
    put32(IMAGE_RECORD, IMAGE_MAGIC + 1);
    assert_int_equal(board_application(&b), IMAGE_ERROR_RECORD);
}

static void memory_that_cannot_be_read(void **state)
{
    static const uint32_t at[] = {0, IMAGE_RECORD, 0x1000, BYTES - 4};

    (void)state;
    for (unsigned n = 0; n < sizeof(at) / sizeof(at[0]); n++) {
        b.unreadable[(OWN + at[n]) / WORD] = true;
        assert_int_equal(board_application(&b), IMAGE_ERROR_READ);
        b.unreadable[(OWN + at[n]) / WORD] = false;
    }
}

/* Either nothing has happened to the old one yet, or none is started. */
static void old_or_none(void)
{
    if (board_application(&b) == IMAGE_OK)
        assert_memory_equal(b.cells + OWN, old_image, sizeof(old_image));
}

/* Power fails in each step of an update, and once more in each third update after that. */
static void power_cuts(void **state)
{
    uint8_t own[OWN];
    long steps;

    (void)state;
    memcpy(own, b.cells, OWN);
    board_init(&b);
    assert_true(host_update(&b, APPLICATION, old_image, sizeof(old_image)));
    board_power_on(&b);
    assert_true(host_update(&b, APPLICATION, new_image, BYTES));
    steps = b.steps;
    assert_in_range(steps, BYTES / WORD, BYTES / WORD + BYTES / SECTOR + 2);

    for (long cut = 0; cut < steps; cut++) {
        board_init(&b);
        assert_true(host_update(&b, APPLICATION, old_image, sizeof(old_image)));
        board_power_on(&b);
        b.power_fails_at = cut;
        assert_false(host_update(&b, APPLICATION, new_image, BYTES));
        board_power_on(&b);
        old_or_none();
        assert_true(cut == 0 || board_application(&b) != IMAGE_OK);
        if (cut % 3 == 0) {
            b.power_fails_at = cut * 7 % steps;
            assert_false(host_update(&b, APPLICATION, new_image, BYTES));
            board_power_on(&b);
            old_or_none();
        }
        assert_true(host_update(&b, APPLICATION, new_image, BYTES));
        board_power_on(&b);
        assert_int_equal(board_application(&b), IMAGE_OK);
        assert_memory_equal(b.cells + OWN, new_image, BYTES);
        assert_memory_equal(b.cells, own, OWN);
    }
}

/* The host goes away after any number of its requests; the board stays on, and the next host begins
 * from the start. */
static void unplugged(void **state)
{
    bool done = false;

    (void)state;
    for (long requests = 0; !done; requests++) {
        board_init(&b);
        assert_true(host_update(&b, APPLICATION, old_image, sizeof(old_image)));
        board_power_on(&b);
        b.unplugged_after = requests;
        done = host_update(&b, APPLICATION, new_image, BYTES);
        assert_true(done ==
                    (requests >= BYTES / SECTOR + 1 + 2 * (BYTES / DFUSE_TRANSFER + 1) + 2));
        b.unplugged_after = -1;
        dfuse_bus_reset(&b.dfu);
        assert_true(host_update(&b, APPLICATION, new_image, BYTES));
        assert_int_equal(board_application(&b), IMAGE_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(crc_is_that_of_zlib, fresh),
        cmocka_unit_test_setup(a_sealed_one_is_whole, fresh),
        cmocka_unit_test_setup(each_changed_bit_is_seen, fresh),
        cmocka_unit_test_setup(erased_memory_is_none, fresh),
        cmocka_unit_test_setup(vectors_that_lead_nowhere, fresh),
        cmocka_unit_test_setup(lengths_that_cannot_be, fresh),
        cmocka_unit_test_setup(memory_that_cannot_be_read, fresh),
        cmocka_unit_test_setup(power_cuts, fresh),
        cmocka_unit_test_setup(unplugged, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
