/*
 * SDMMC's flags against a card made for the purpose: replies that do not come or are broken, data
 * that do not come, are broken, or meet a program that is too slow. RM0455, SDMMC_STA.
 */
#include <string.h>

#include "../../../vboard/wire/sdbus.h"
#include "chip.h"

enum {
    SDMMC = 0x52007000,
    POWER = SDMMC + 0x00,
    CLKCR = SDMMC + 0x04,
    ARG = SDMMC + 0x08,
    CMD = SDMMC + 0x0C,
    RESPCMD = SDMMC + 0x10,
    RESP1 = SDMMC + 0x14,
    DTIMER = SDMMC + 0x24,
    DLEN = SDMMC + 0x28,
    DCTRL = SDMMC + 0x2C,
    DCNT = SDMMC + 0x30,
    STA = SDMMC + 0x34,
    ICR = SDMMC + 0x38,
    MASK = SDMMC + 0x3C,
    IDMACTRL = SDMMC + 0x50,
    IDMABSIZE = SDMMC + 0x54,
    IDMABASE0 = SDMMC + 0x58,
    IDMABASE1 = SDMMC + 0x5C,
    FIFO = SDMMC + 0x80,
    RCC = 0x58024400,
    GPIOC = 0x58020800,
    GPIOD = 0x58020C00,
    CCRCFAIL = 1 << 0,
    DCRCFAIL = 1 << 1,
    CTIMEOUT = 1 << 2,
    DTIMEOUT = 1 << 3,
    TXUNDERR = 1 << 4,
    RXOVERR = 1 << 5,
    CMDREND = 1 << 6,
    CMDSENT = 1 << 7,
    DATAEND = 1 << 8,
    DBCKEND = 1 << 10,
    DABORT = 1 << 11,
    DPSMACT = 1 << 12,
    RXFIFOHF = 1 << 15,
    BUSYD0 = 1 << 20,
    BUSYD0END = 1 << 21,
    IDMATE = 1 << 27,
    IDMABTC = 1 << 28,
    EVENTS = 0x1FE00FFF,
    CPSMEN = 1 << 12,
    SHORT = 1 << 8,
    LONG = 3 << 8,
    CMDTRANS = 1 << 6,
    CMDSTOP = 1 << 7,
    BLOCK_512 = 9 << 4,
    DTDIR = 1 << 1,
    HWFC = 1 << 17,
};

static struct {
    struct sdbus_reply reply;
    enum sdbus_token token;
    vtime busy;
    unsigned blocks;
    uint8_t index;
    uint8_t got[512];
} card;

static void command(void *ctx, uint8_t index, uint32_t argument, const struct sdbus_timing *t,
                    vtime at, struct sdbus_reply *reply)
{
    (void)ctx;
    (void)argument;
    (void)t;
    (void)at;
    card.index = index;
    *reply = card.reply;
}

static enum sdbus_token read_block(void *ctx, uint8_t *to, uint32_t size,
                                   const struct sdbus_timing *t, vtime at, vtime *start)
{
    (void)ctx;
    (void)t;
    if (!card.blocks)
        return SDBUS_NONE;
    card.blocks--;
    *start = at + VTIME_US;
    for (uint32_t i = 0; i < size; i++)
        to[i] = (uint8_t)i;
    return card.token;
}

static enum sdbus_token write_block(void *ctx, const uint8_t *from, uint32_t size,
                                    const struct sdbus_timing *t, vtime at)
{
    (void)ctx;
    (void)t;
    memcpy(card.got, from, size);
    card.busy = at + 100 * VTIME_US;
    return card.token;
}

static vtime busy_until(void *ctx, vtime at)
{
    (void)ctx;
    (void)at;
    return card.busy;
}

static const struct sdbus_card bus = {
    .command = command, .read = read_block, .write = write_block, .busy_until = busy_until};

static int setup(void **state)
{
    struct soc *soc = chip_new();

    memset(&card, 0, sizeof card);
    card.reply.kind = SDBUS_SHORT;
    card.token = SDBUS_GOOD;
    soc_sd_slot(soc, &bus);
    chip_write(soc, RCC + RCC_AHB4ENR, 1 << 2 | 1 << 3);
    chip_write(soc, RCC + RCC_AHB3ENR, 1 << 16);
    /* PLL1 from HSI: 64 MHz / 16 x 50 = 200 MHz, Q = 4: 50 MHz. */
    chip_write(soc, RCC + 0x28, 16 << 4);
    chip_write(soc, RCC + 0x2C, 1 << 17 | 1 << 2 | 1 << 1);
    chip_write(soc, RCC + 0x30, 3 << 16 | 1 << 9 | 49);
    chip_set(soc, RCC, 1 << 24);
    chip_wait(soc, RCC, 1 << 25, 1 << 25, 10 * VTIME_US, 10 * VTIME_MS);
    /* PC8 to PC12, PD2: alternate function 12. */
    chip_write(soc, GPIOC, (chip_read(soc, GPIOC) & ~0x03FF0000u) | 0x02AA0000);
    chip_write(soc, GPIOC + 0x24, 0x000CCCCC);
    chip_write(soc, GPIOD, (chip_read(soc, GPIOD) & ~0x30u) | 0x20);
    chip_write(soc, GPIOD + 0x20, 0xC00);
    chip_write(soc, CLKCR, 1 << 14 | 1); /* 25 MHz, four lines */
    chip_write(soc, POWER, 3);
    *state = soc;
    return 0;
}

static int teardown(void **state)
{
    soc_free(*state);
    return 0;
}

static uint32_t events(struct soc *soc)
{
    return chip_read(soc, STA) & EVENTS;
}

static void commands(void **state)
{
    struct soc *soc = *state;

    card.reply = (struct sdbus_reply){.kind = SDBUS_SHORT, .index = 17, .word = {0x900}};
    chip_write(soc, CMD, 17 | SHORT | CPSMEN);
    assert_int_equal(events(soc), 0);
    chip_run(soc, 10 * VTIME_US);
    assert_int_equal(events(soc), CMDREND);
    assert_int_equal(card.index, 17);
    assert_int_equal(chip_read(soc, RESPCMD), 17);
    assert_int_equal(chip_read(soc, RESP1), 0x900);
    assert_int_equal(chip_read(soc, CMD) & CPSMEN, 0);
    chip_write(soc, ICR, CMDREND);
    assert_int_equal(events(soc), 0);

    card.reply.broken = true;
    chip_write(soc, CMD, 17 | SHORT | CPSMEN);
    chip_run(soc, 10 * VTIME_US);
    assert_int_equal(events(soc), CCRCFAIL);
    chip_write(soc, ICR, EVENTS);

    card.reply.kind = SDBUS_NO_REPLY;
    chip_write(soc, CMD, 17 | LONG | CPSMEN);
    chip_run(soc, 10 * VTIME_US);
    assert_int_equal(events(soc), CTIMEOUT);
    chip_write(soc, ICR, EVENTS);
    chip_write(soc, MASK, CMDSENT);
    chip_write(soc, CMD, CPSMEN);
    chip_run(soc, 10 * VTIME_US);
    assert_int_equal(events(soc), CMDSENT);
    assert_true(chip_irq_pending(soc, IRQ_SDMMC1));
    assert_int_equal(chip_errors(soc), 0);
}

static void busy(void **state)
{
    struct soc *soc = *state;

    card.busy = sched_now(soc->sched) + VTIME_MS;
    chip_write(soc, CMD, 38 | SHORT | CPSMEN);
    chip_run(soc, 20 * VTIME_US);
    assert_int_equal(chip_read(soc, STA) & (BUSYD0 | EVENTS), BUSYD0 | CMDREND);
    chip_run(soc, VTIME_MS);
    assert_int_equal(chip_read(soc, STA) & (BUSYD0 | EVENTS), BUSYD0END | CMDREND);
}

static void start(struct soc *soc, uint32_t bytes, bool read, uint32_t control)
{
    chip_write(soc, ICR, EVENTS);
    chip_write(soc, DTIMER, 25000); /* 1 ms */
    chip_write(soc, DLEN, bytes);
    chip_write(soc, IDMACTRL, control);
    chip_write(soc, DCTRL, BLOCK_512 | (read ? DTDIR : 0));
    chip_write(soc, CMD, 18 | SHORT | CPSMEN | CMDTRANS);
    chip_run(soc, 8 * VTIME_US);
}

static void receiving(void **state)
{
    struct soc *soc = *state;

    /* Nothing comes. */
    start(soc, 512, true, 0);
    assert_int_equal(chip_read(soc, STA) & DPSMACT, DPSMACT);
    chip_run(soc, 2 * VTIME_MS);
    assert_int_equal(events(soc), CMDREND | DTIMEOUT);
    assert_int_equal(chip_read(soc, STA) & DPSMACT, 0);
    /* Nobody reads: an overrun, or with flow control a pause. */
    card.blocks = 2;
    start(soc, 512, true, 0);
    chip_run(soc, VTIME_MS);
    assert_int_equal(events(soc), CMDREND | RXOVERR);
    chip_set(soc, CLKCR, HWFC);
    start(soc, 512, true, 0);
    chip_run(soc, VTIME_MS);
    assert_int_equal(events(soc), CMDREND);
    for (unsigned i = 0; i < 128; i++) {
        if (i % 8 == 0)
            chip_wait(soc, STA, RXFIFOHF, RXFIFOHF, VTIME_US, VTIME_MS);
        assert_int_equal(chip_read(soc, FIFO), 0x03020100u + 0x04040404u * (i % 64));
    }
    chip_run(soc, 100 * VTIME_US);
    assert_int_equal(events(soc), CMDREND | DBCKEND | DATAEND);
    assert_int_equal(chip_read(soc, DCNT), 0);
    /* Damaged; stopped by CMD12. */
    card.blocks = 1;
    card.token = SDBUS_BROKEN;
    chip_write(soc, IDMABASE0, 0x24000000);
    start(soc, 512, true, 1);
    chip_run(soc, VTIME_MS);
    assert_int_equal(events(soc), CMDREND | DCRCFAIL);
    start(soc, 512, true, 1);
    chip_write(soc, ICR, EVENTS);
    chip_write(soc, CMD, 12 | SHORT | CPSMEN | CMDSTOP);
    chip_run(soc, 10 * VTIME_US);
    assert_int_equal(events(soc), CMDREND | DABORT);
    assert_int_equal(chip_errors(soc), 0);
}

static void by_idma(void **state)
{
    struct soc *soc = *state;

    card.blocks = 2;
    chip_write(soc, IDMABASE0, 0x24000100);
    chip_write(soc, IDMABASE1, 0x24002000);
    chip_write(soc, IDMABSIZE, 512);
    start(soc, 1024, true, 3);
    chip_run(soc, VTIME_MS);
    assert_int_equal(events(soc), CMDREND | DBCKEND | DATAEND | IDMABTC);
    assert_int_equal(chip_peek(soc, 0x240002FC), 0xFFFEFDFC);
    assert_int_equal(chip_peek(soc, 0x240021FC), 0xFFFEFDFC);
    /* Not to DTCM. */
    card.blocks = 1;
    chip_write(soc, IDMABASE0, 0x20000000);
    start(soc, 512, true, 1);
    chip_run(soc, VTIME_MS);
    assert_int_equal(events(soc), CMDREND | IDMATE);
    /* To the card, which says that it came broken, then good. */
    chip_write(soc, IDMABASE0, 0x24002000);
    card.token = SDBUS_BROKEN;
    start(soc, 512, false, 1);
    chip_run(soc, VTIME_MS);
    assert_int_equal(events(soc), CMDREND | DCRCFAIL);
    card.token = SDBUS_GOOD;
    start(soc, 512, false, 1);
    chip_run(soc, 60 * VTIME_US);
    assert_int_equal(events(soc), CMDREND);
    chip_run(soc, VTIME_MS);
    assert_int_equal(events(soc), CMDREND | DBCKEND | DATAEND);
    assert_int_equal(card.got[511], 0xFF);
    /* Nobody writes the FIFO. */
    start(soc, 512, false, 0);
    for (unsigned i = 0; i < 8; i++)
        chip_write(soc, FIFO, i);
    chip_run(soc, VTIME_MS);
    assert_int_equal(events(soc), CMDREND | TXUNDERR);
    assert_int_equal(chip_errors(soc), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commands, setup, teardown),
        cmocka_unit_test_setup_teardown(busy, setup, teardown),
        cmocka_unit_test_setup_teardown(receiving, setup, teardown),
        cmocka_unit_test_setup_teardown(by_idma, setup, teardown),
    };

    return cmocka_run_group_tests_name("sdmmc", tests, NULL, NULL);
}
