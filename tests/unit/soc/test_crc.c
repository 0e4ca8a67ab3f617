/*
 * The CRC unit against published check values: each is the CRC of the ASCII digits "123456789"
 * (catalogue of parametrised CRC algorithms by Greg Cook).
 */
#include "chip.h"

enum {
    CRC = 0x40023000,
    DR = CRC,
    IDR = CRC + 4,
    CR = CRC + 8,
    INIT = CRC + 0x10,
    POL = CRC + 0x14
};
enum {
    RESET = 1,
    SIZE_16 = 1 << 3,
    SIZE_8 = 2 << 3,
    SIZE_7 = 3 << 3,
    REV_BYTE = 1 << 5,
    REV_HALF = 2 << 5,
    REV_WORD = 3 << 5,
    REV_OUT = 1 << 7
};

static int setup(void **state)
{
    struct soc *soc = chip_new();

    *state = soc;
    chip_write(soc, 0x58024400 + RCC_AHB1ENR, 1 << 9);
    return 0;
}

static int teardown(void **state)
{
    soc_free(*state);
    return 0;
}

static void digits(struct soc *soc)
{
    for (const char *p = "123456789"; *p; p++)
        chip_write_n(soc, DR, 1, (uint32_t)*p);
}

static void reset_values(void **state)
{
    assert_int_equal(chip_read(*state, DR), 0xFFFFFFFF);
    assert_int_equal(chip_read(*state, CR), 0);
    assert_int_equal(chip_read(*state, INIT), 0xFFFFFFFF);
    assert_int_equal(chip_read(*state, POL), 0x04C11DB7);
}

static const struct vector {
    const char *name;
    uint32_t cr, pol, init, check, xor_out;
} vectors[] = {
    {"CRC-32/MPEG-2", 0, 0x04C11DB7, 0xFFFFFFFF, 0x0376E6E7, 0},
    {"CRC-32", REV_BYTE | REV_OUT, 0x04C11DB7, 0xFFFFFFFF, 0xCBF43926, 0xFFFFFFFF},
    {"CRC-32C", REV_BYTE | REV_OUT, 0x1EDC6F41, 0xFFFFFFFF, 0xE3069283, 0xFFFFFFFF},
    {"CRC-16/IBM-3740", SIZE_16, 0x1021, 0xFFFF, 0x29B1, 0},
    {"CRC-16/ARC", SIZE_16 | REV_BYTE | REV_OUT, 0x8005, 0, 0xBB3D, 0},
    {"CRC-8/SMBUS", SIZE_8, 0x07, 0, 0xF4, 0},
    {"CRC-8/MAXIM-DOW", SIZE_8 | REV_BYTE | REV_OUT, 0x31, 0, 0xA1, 0},
    {"CRC-7/MMC", SIZE_7, 0x09, 0, 0x75, 0},
};

static void check_values(void **state)
{
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];

        print_message("# %s\n", v->name);
        chip_write(*state, POL, v->pol);
        chip_write(*state, INIT, v->init);
        chip_write(*state, CR, v->cr | RESET);
        digits(*state);
        assert_int_equal(chip_read(*state, DR) ^ v->xor_out, v->check);
    }
}

/* CRC-32/MPEG-2 of 31 32 33 34 35 36 37 38 39: words go in most significant byte first. */
static void wide_stores(void **state)
{
    chip_write(*state, DR, 0x31323334);
    chip_write_n(*state, DR, 2, 0x3536);
    chip_write_n(*state, DR, 2, 0x3738);
    chip_write_n(*state, DR, 1, 0x39);
    assert_int_equal(chip_read(*state, DR), 0x0376E6E7);
}

/* A little-endian word with REV_IN by word is the same bit stream as its bytes with REV_IN by
   byte; a half word likewise. */
static void input_reversal_units(void **state)
{
    chip_write(*state, CR, REV_WORD | REV_OUT | RESET);
    chip_write(*state, DR, 0x34333231);
    chip_write(*state, CR, REV_HALF | REV_OUT);
    chip_write_n(*state, DR, 2, 0x3635);
    chip_write_n(*state, DR, 2, 0x3837);
    chip_write(*state, CR, REV_BYTE | REV_OUT);
    chip_write_n(*state, DR, 1, 0x39);
    assert_int_equal(chip_read(*state, DR) ^ 0xFFFFFFFF, 0xCBF43926);
}

static void reset_takes_init_and_spares_idr(void **state)
{
    chip_write(*state, IDR, 0xDEADBEEF);
    chip_write(*state, INIT, 0x12345678);
    assert_int_equal(chip_read(*state, DR), 0x12345678);
    chip_write(*state, DR, 1);
    assert_int_not_equal(chip_read(*state, DR), 0x12345678);
    chip_write(*state, CR, RESET | REV_BYTE);
    assert_int_equal(chip_read(*state, DR), 0x12345678);
    assert_int_equal(chip_read(*state, CR), REV_BYTE);
    assert_int_equal(chip_read(*state, IDR), 0xDEADBEEF);
}

static void misuse_is_told(void **state)
{
    chip_write(*state, POL, 0x1020);
    assert_int_equal(chip_complained(*state, "crc-even-polynomial"), 1);
    chip_write_n(*state, DR + 1, 1, 0x31);
    assert_int_equal(chip_complained(*state, "crc-not-right-aligned"), 1);
    chip_write(*state, 0x58024400 + RCC_AHB1ENR, 0);
    assert_int_equal(chip_read(*state, POL), 0);
    assert_int_equal(chip_complained(*state, "clock-off"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reset_values, setup, teardown),
        cmocka_unit_test_setup_teardown(check_values, setup, teardown),
        cmocka_unit_test_setup_teardown(wide_stores, setup, teardown),
        cmocka_unit_test_setup_teardown(input_reversal_units, setup, teardown),
        cmocka_unit_test_setup_teardown(reset_takes_init_and_spares_idr, setup, teardown),
        cmocka_unit_test_setup_teardown(misuse_is_told, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
