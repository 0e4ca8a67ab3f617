/*
 * The SD card at its commands: what an old card does not know, addresses by bytes, and what the
 * card status says of a command that was none. SD Physical Layer Simplified Specification 3.01.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../vboard/parts/sd_card.h"

enum { ILLEGAL_COMMAND = 1 << 22, ADDRESS_ERROR = 1 << 30, SIZE = 4 << 20 };
enum { STBY = 3, TRAN = 4, DATA = 5, RCV = 6, PRG = 7 };

#define OCR_WINDOW    0x00FF8000u
#define OCR_CCS       (1u << 30)
#define OCR_READY     (1u << 31)
#define APP_CMD       (1u << 5)
#define CHECK_PATTERN 0x1AAu

static struct {
    struct sd_card *card;
    char path[1000];
    vtime now;
    unsigned lines;
    uint32_t rca;
} slot;

static int setup(void **state)
{
    char error[100] = "";
    bool v1 = *state != NULL;
    const char *folder = getenv("TEST_TMP");

    snprintf(slot.path, sizeof slot.path, "%s/card", folder != NULL ? folder : ".");
    slot.card = sd_card_new(slot.path, SIZE, v1, NULL, error, sizeof error);
    assert_string_equal(error, "");
    slot.now = VTIME_MS;
    slot.lines = 1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sd_card_free(slot.card);
    unlink(slot.path);
    return 0;
}

static struct sdbus_timing timing(void)
{
    return (struct sdbus_timing){.hz = 400000, .lines = slot.lines};
}

static struct sdbus_reply reply_to(unsigned index, uint32_t argument)
{
    const struct sdbus_card *bus = sd_card_bus(slot.card);
    struct sdbus_timing t = timing();
    struct sdbus_reply reply;

    slot.now += VTIME_MS;
    bus->command(bus->ctx, (uint8_t)index, argument, &t, slot.now, &reply);
    return reply;
}

/* Of a command that must have one. */
static uint32_t status_of(unsigned index, uint32_t argument)
{
    struct sdbus_reply reply = reply_to(index, argument);

    assert_int_equal(reply.kind, SDBUS_SHORT);
    return reply.word[0];
}

static void has_no_reply(unsigned index, uint32_t argument)
{
    assert_int_equal(reply_to(index, argument).kind, SDBUS_NO_REPLY);
}

static unsigned state_now(void)
{
    return status_of(13, slot.rca) >> 9 & 15;
}

static uint32_t power_up(uint32_t argument)
{
    struct sdbus_reply ocr;

    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(status_of(55, 0), APP_CMD | 1 << 8);
        ocr = reply_to(41, argument);
        assert_int_equal(ocr.kind, SDBUS_OCR);
        if (ocr.word[0] & OCR_READY)
            break;
    }
    return ocr.word[0];
}

/* From the ready state to the transfer state. CSD as it came. */
static struct sdbus_reply select_card(void)
{
    struct sdbus_reply csd;

    assert_int_equal(reply_to(2, 0).kind, SDBUS_LONG);
    slot.rca = status_of(3, 0) & 0xFFFF0000u;
    csd = reply_to(9, slot.rca);
    assert_int_equal(csd.kind, SDBUS_LONG);
    assert_int_equal(status_of(7, slot.rca) >> 9 & 15, STBY);
    assert_int_equal(state_now(), TRAN);
    return csd;
}

static enum sdbus_token read_block(uint8_t *to)
{
    const struct sdbus_card *bus = sd_card_bus(slot.card);
    struct sdbus_timing t = timing();
    vtime start;

    return bus->read(bus->ctx, to, SD_BLOCK, &t, slot.now, &start);
}

static enum sdbus_token write_block(const uint8_t *from)
{
    const struct sdbus_card *bus = sd_card_bus(slot.card);
    struct sdbus_timing t = timing();

    return bus->write(bus->ctx, from, SD_BLOCK, &t, slot.now);
}

static void old_card(void **state)
{
    struct sdbus_reply csd;
    uint8_t block[SD_BLOCK], got[SD_BLOCK];

    (void)state;
    has_no_reply(0, 0);
    has_no_reply(8, CHECK_PATTERN);
    assert_int_equal(status_of(55, 0) & ILLEGAL_COMMAND, ILLEGAL_COMMAND);
    assert_int_equal(status_of(55, 0) & ILLEGAL_COMMAND, 0);
    has_no_reply(8, CHECK_PATTERN);
    has_no_reply(0, 0);
    /* HCS is a reserved bit to it, and CCS stays 0. */
    assert_int_equal(power_up(OCR_WINDOW | OCR_CCS), OCR_READY | OCR_WINDOW);
    csd = select_card();
    /* 5.3.2: structure 0, blocks of 2^9; (C_SIZE + 1) x 2^(7 + 2) of them. */
    assert_int_equal(csd.word[0] >> 30, 0);
    assert_int_equal(csd.word[1] >> 16 & 15, 9);
    assert_int_equal(csd.word[2] >> 15 & 7, 7);
    assert_int_equal((csd.word[1] & 0x3FF) << 2 | csd.word[2] >> 30, SIZE / SD_BLOCK / 512 - 1);
    has_no_reply(23, 1);
    assert_int_equal(status_of(13, slot.rca) & ILLEGAL_COMMAND, ILLEGAL_COMMAND);
    /* Byte addresses. */
    memset(block, 0x5A, sizeof block);
    status_of(24, 3 * SD_BLOCK);
    assert_int_equal(write_block(block), SDBUS_GOOD);
    assert_int_equal(state_now(), TRAN);
    status_of(17, 3 * SD_BLOCK);
    assert_int_equal(read_block(got), SDBUS_GOOD);
    assert_memory_equal(got, block, SD_BLOCK);
    /* READ_BLK_MISALIGN is 0. */
    assert_int_equal(status_of(17, 3) & ADDRESS_ERROR, ADDRESS_ERROR);
    assert_int_equal(status_of(17, SIZE) >> 31, 1);
    assert_int_equal(state_now(), TRAN);
}

/* Table 4-29: CMD12 is a command while data are under way, and at no other time. */
static void stopping(void **state)
{
    uint8_t block[SD_BLOCK] = {0};

    (void)state;
    has_no_reply(0, 0);
    assert_int_equal(status_of(8, CHECK_PATTERN), CHECK_PATTERN);
    assert_int_equal(power_up(OCR_WINDOW | OCR_CCS), OCR_READY | OCR_CCS | OCR_WINDOW);
    select_card();
    has_no_reply(12, 0);
    assert_int_equal(status_of(13, slot.rca) & ILLEGAL_COMMAND, ILLEGAL_COMMAND);
    assert_int_equal(status_of(13, slot.rca) & ILLEGAL_COMMAND, 0);
    /* A block that arrives broken was sent all the same. */
    sd_card_break_block(slot.card, 1);
    status_of(17, 1);
    assert_int_equal(read_block(block), SDBUS_BROKEN);
    assert_int_equal(state_now(), TRAN);
    has_no_reply(12, 0);
    /* One that came broken is waited for again. */
    sd_card_break_block(slot.card, 1);
    status_of(24, 1);
    assert_int_equal(write_block(block), SDBUS_BROKEN);
    assert_int_equal(state_now(), RCV);
    status_of(12, 0);
    assert_int_equal(state_now(), TRAN);
    /* Many. */
    status_of(18, 1);
    assert_int_equal(read_block(block), SDBUS_GOOD);
    assert_int_equal(state_now(), DATA);
    status_of(12, 0);
    assert_int_equal(state_now(), TRAN);
    status_of(25, 1);
    assert_int_equal(write_block(block), SDBUS_GOOD);
    assert_int_equal(state_now(), RCV);
    status_of(12, 0);
    has_no_reply(12, 0);
    assert_int_equal(state_now(), TRAN);
}

int main(void)
{
    static bool v1 = true;
    const struct CMUnitTest tests[] = {
        {"old_card", old_card, setup, teardown, &v1},
        cmocka_unit_test_setup_teardown(stopping, setup, teardown),
    };

    return cmocka_run_group_tests_name("sd_card", tests, NULL, NULL);
}
