/*
 * The flash's error correction, and what cut-off operations leave: RM0455, FLASH ("Error code
 * correction", FLASH_SR, FLASH_FAR). Any code of 9 bits over 128 that corrects one error and
 * detects two behaves as tested here.
 */
#include <string.h>

#include "../../../vboard/soc/flash_cells.h"
#include "chip.h"

enum {
    FLASH = 0x52002000,
    BANK2 = 0x100,
    KEYR = 0x04,
    CR = 0x0C,
    SR = 0x10,
    CCR = 0x14,
    FAR = 0x60,
    PG = 1 << 1,
    SER = 1 << 2,
    START = 1 << 5,
    QW = 1 << 2,
    EOP = 1 << 16,
    SNECCERR = 1 << 25,
    DBECCERR = 1 << 26,
    AREA = 0x08100000,
    WORD_BITS = 128 + FLASH_CELLS_CODE_BITS,
    AT = FLASH_CELLS_BANK + 0x4560, /* the cells behind the word that tests use */
};

static const uint8_t text[FLASH_CELLS_WORD] = "sixteen letters.";

/* Turns one of the word's 137 cells over. */
static void flip(struct flash_cells *c, unsigned bit)
{
    uint16_t code = flash_cells_code(c, AT);

    if (bit < 128)
        flash_cells_bytes(c)[AT + bit / 8] ^= (uint8_t)(1u << bit % 8);
    else
        code ^= (uint16_t)(1u << (bit - 128));
    flash_cells_set_code(c, AT, code);
}

static void one_wrong_bit_is_corrected(void **state)
{
    struct flash_cells *c = flash_cells_new(1);
    uint8_t data[FLASH_CELLS_WORD];

    (void)state;
    for (unsigned programmed = 0; programmed < 2; programmed++) {
        uint8_t wanted[FLASH_CELLS_WORD];

        if (programmed)
            flash_cells_program(c, AT, text, 1);
        assert_int_equal(flash_cells_read(c, AT, wanted), FLASH_ECC_GOOD);
        for (unsigned i = 0; i < WORD_BITS; i++) {
            flip(c, i);
            assert_int_equal(flash_cells_bad(c, 1), 1);
            assert_int_equal(flash_cells_next_bad(c, 0), AT);
            assert_int_equal(flash_cells_read(c, AT, data), FLASH_ECC_CORRECTED);
            assert_memory_equal(data, wanted, sizeof data);
            flip(c, i);
        }
        assert_int_equal(flash_cells_bad(c, 1), 0);
        assert_int_equal(flash_cells_next_bad(c, 0), FLASH_CELLS_SIZE);
    }
    flash_cells_free(c);
}

static void two_wrong_bits_are_detected(void **state)
{
    struct flash_cells *c = flash_cells_new(1);
    uint8_t data[FLASH_CELLS_WORD];

    (void)state;
    flash_cells_program(c, AT, text, 1);
    for (unsigned i = 0; i < WORD_BITS; i++) {
        for (unsigned k = i + 1; k < WORD_BITS; k++) {
            flip(c, i);
            flip(c, k);
            assert_int_equal(flash_cells_read(c, AT, data), FLASH_ECC_FAILED);
            flip(c, k);
            flip(c, i);
        }
    }
    flash_cells_free(c);
}

static void a_second_program_breaks_the_code(void **state)
{
    struct flash_cells *c = flash_cells_new(1);
    uint8_t data[FLASH_CELLS_WORD], other[FLASH_CELLS_WORD];

    (void)state;
    memset(other, 0x5A, sizeof other);
    flash_cells_program(c, AT, text, 1);
    flash_cells_program(c, AT, text, 1);
    assert_int_equal(flash_cells_read(c, AT, data), FLASH_ECC_GOOD);
    flash_cells_program(c, AT, other, 1);
    assert_int_not_equal(flash_cells_read(c, AT, data), FLASH_ECC_GOOD);
    flash_cells_erase(c, AT, FLASH_CELLS_WORD, 1);
    assert_int_equal(flash_cells_read(c, AT, data), FLASH_ECC_GOOD);
    memset(other, 0xFF, sizeof other);
    assert_memory_equal(data, other, sizeof data);
    flash_cells_free(c);
}

static void cut_operations_leave_what_they_did(void **state)
{
    struct flash_cells *c = flash_cells_new(3);
    uint8_t data[FLASH_CELLS_WORD];
    unsigned seen[3] = {0};

    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        double share = i / 3000.0;
        enum flash_ecc ecc;

        flash_cells_erase(c, AT, FLASH_CELLS_WORD, 1);
        if (i % 2) {
            flash_cells_program(c, AT, text, share);
        } else {
            flash_cells_program(c, AT, text, 1);
            flash_cells_erase(c, AT, FLASH_CELLS_WORD, share);
        }
        /* No cell between that is neither the old nor the new one. */
        for (unsigned n = 0; n < FLASH_CELLS_WORD; n++)
            assert_int_equal(flash_cells_bytes(c)[AT + n] & text[n], text[n]);
        ecc = flash_cells_read(c, AT, data);
        seen[ecc]++;
    }
    /* Most such words are beyond correction; near both ends single bits are wrong. */
    assert_true(seen[FLASH_ECC_FAILED] > 1200);
    assert_true(seen[FLASH_ECC_CORRECTED] > 10);
    flash_cells_free(c);
}

/* ---- through the chip ---- */

static enum bus_status load(struct soc *soc, uint32_t addr, uint32_t *value)
{
    uint8_t bytes[4] = {0};
    struct bus_access a = {
        .addr = addr, .attr = BUS_NORMAL | BUS_PRIVILEGED, .size = 4, .data = bytes};
    enum bus_status status = bus_do(soc->bus, &a);

    memcpy(value, bytes, 4);
    return status;
}

static int setup(void **state)
{
    struct soc *soc = chip_new();

    chip_write(soc, FLASH + BANK2 + KEYR, 0x45670123);
    chip_write(soc, FLASH + BANK2 + KEYR, 0xCDEF89AB);
    *state = soc;
    return 0;
}

static int teardown(void **state)
{
    soc_free(*state);
    return 0;
}

static void put_word(struct soc *soc, uint32_t addr, const uint8_t *data)
{
    uint32_t words[4];

    memcpy(words, data, sizeof words);
    chip_write(soc, FLASH + BANK2 + CR, PG);
    for (unsigned i = 0; i < 4; i++)
        chip_write(soc, addr + 4 * i, words[i]);
}

static void flags_of_reads(void **state)
{
    struct soc *soc = *state;
    uint32_t addr = AREA + AT - FLASH_CELLS_BANK, value, first;

    put_word(soc, addr, text);
    chip_wait(soc, FLASH + BANK2 + SR, QW, 0, 5 * VTIME_US, VTIME_MS);
    assert_int_equal(chip_read(soc, FLASH + BANK2 + SR) & EOP, EOP);
    memcpy(&first, text, 4);
    assert_int_equal(load(soc, addr, &value), BUS_OK);
    assert_int_equal(value, first);

    flip(soc->flash_cells, 3);
    chip_run(soc, VTIME_US);
    chip_write(soc, FLASH + BANK2 + CR, SNECCERR | DBECCERR);
    /* The chip learns of cells that changed behind its back when it next works on the bank. */
    put_word(soc, AREA, text);
    chip_wait(soc, FLASH + BANK2 + SR, QW, 0, 5 * VTIME_US, VTIME_MS);
    chip_write(soc, FLASH + BANK2 + CR, SNECCERR | DBECCERR);
    assert_int_equal(load(soc, addr, &value), BUS_OK);
    assert_int_equal(value, first);
    assert_int_equal(chip_read(soc, FLASH + BANK2 + SR) & (SNECCERR | DBECCERR), SNECCERR);
    assert_int_equal(chip_read(soc, FLASH + BANK2 + FAR), (addr - AREA) / 16);
    assert_true(chip_irq_pending(soc, IRQ_FLASH));
    assert_int_equal(chip_read(soc, FLASH + SR) & (SNECCERR | DBECCERR), 0);

    flip(soc->flash_cells, 77);
    assert_int_equal(load(soc, addr + 16, &value), BUS_OK);
    assert_int_equal(load(soc, addr + 8, &value), BUS_SLVERR);
    assert_int_equal(chip_read(soc, FLASH + BANK2 + SR) & (SNECCERR | DBECCERR),
                     SNECCERR | DBECCERR);
    chip_write(soc, FLASH + BANK2 + CCR, SNECCERR);
    assert_int_equal(chip_read(soc, FLASH + BANK2 + FAR), (addr - AREA) / 16);
    chip_write(soc, FLASH + BANK2 + CCR, DBECCERR);
    assert_int_equal(chip_read(soc, FLASH + BANK2 + FAR), 0);
    assert_int_equal(chip_read(soc, FLASH + BANK2 + SR) & (SNECCERR | DBECCERR), 0);
    chip_irq_clear(soc, IRQ_FLASH);
    assert_false(chip_irq_pending(soc, IRQ_FLASH));
    assert_int_equal(chip_errors(soc), 0);
}

/* Power fails half-way: of a program, of an erase. Erasing again cures both. */
static void power_failure(void **state)
{
    struct soc *soc = *state;
    uint32_t value, bad;

    put_word(soc, AREA + 32, text);
    chip_run(soc, 25 * VTIME_US);
    assert_int_equal(chip_read(soc, FLASH + BANK2 + SR) & QW, QW);
    soc_request_reset(soc, SOC_RESET_POWER_ON);
    chip_run(soc, VTIME_US);
    assert_int_equal(chip_read(soc, FLASH + BANK2 + SR), 0);
    assert_int_equal(flash_cells_next_bad(soc->flash_cells, 0), FLASH_CELLS_BANK + 32);
    /* So many bits are wrong that the code may take them for one. */
    load(soc, AREA + 32, &value);
    assert_int_not_equal(chip_read(soc, FLASH + BANK2 + SR) & (SNECCERR | DBECCERR), 0);
    assert_int_equal(load(soc, AREA + 48, &value), BUS_OK);

    chip_write(soc, FLASH + BANK2 + KEYR, 0x45670123);
    chip_write(soc, FLASH + BANK2 + KEYR, 0xCDEF89AB);
    for (unsigned i = 0; i < 8192; i += 16)
        flash_cells_program(soc->flash_cells, FLASH_CELLS_BANK + i, text, 1);
    chip_write(soc, FLASH + BANK2 + CR, SER | START);
    chip_run(soc, VTIME_MS);
    soc_request_reset(soc, SOC_RESET_POWER_ON);
    chip_run(soc, VTIME_US);
    bad = flash_cells_bad(soc->flash_cells, 1);
    assert_true(bad > 400 && bad <= 512);

    chip_write(soc, FLASH + BANK2 + KEYR, 0x45670123);
    chip_write(soc, FLASH + BANK2 + KEYR, 0xCDEF89AB);
    chip_write(soc, FLASH + BANK2 + CR, SER | START);
    chip_wait(soc, FLASH + BANK2 + SR, QW, 0, 50 * VTIME_US, 10 * VTIME_MS);
    assert_int_equal(flash_cells_bad(soc->flash_cells, 1), 0);
    assert_int_equal(load(soc, AREA + 32, &value), BUS_OK);
    assert_int_equal(value, 0xFFFFFFFF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_wrong_bit_is_corrected),
        cmocka_unit_test(two_wrong_bits_are_detected),
        cmocka_unit_test(a_second_program_breaks_the_code),
        cmocka_unit_test(cut_operations_leave_what_they_did),
        cmocka_unit_test_setup_teardown(flags_of_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(power_failure, setup, teardown),
    };

    return cmocka_run_group_tests_name("flash", tests, NULL, NULL);
}
