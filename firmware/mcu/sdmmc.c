/* SPDX-License-Identifier: MIT */

#include "sdmmc.h"

#include <stddef.h>
#include <string.h>

#include "clock.h"
#include "gpio.h"
#include "stm32h7a3.h"
#include "ticks.h"

#define IDENTIFICATION_HZ 400000u
#define TRANSFER_HZ       25000000u /* default speed: no switch of the card's mode needed */

/* The specification's limits (4.6.2): 100 ms to read, 250 ms to write; ACMD41 for a second. */
#define DATA_TIMEOUT_MS    250u
#define COMMAND_TIMEOUT_US 10000u
#define POWER_UP_US        1000000u
#define BUSY_TIMEOUT_US    500000u
#define BUS_SETTLES_US     1000u /* before the first command: 1 ms and 74 clocks */

#define SLOT_AF       12
#define SLOT_PIN      (GPIO_ALTERNATE(SLOT_AF) | GPIO_SPEED_HIGH | GPIO_PULL_UP)
#define BOUNCE_BLOCKS 8u
#define TRIES         2

enum { RESPONSE_NONE, RESPONSE_SHORT, RESPONSE_SHORT_NO_CRC, RESPONSE_LONG };

/* Error bits of the card status (4.10.1). */
#define R1_ERRORS         0xFDF98008u
#define R1_OUT_OF_RANGE   (1u << 31)
#define R1_READY          (1u << 8)
#define R1_STATE(r)       ((r) >> 9 & 15u)
#define STATE_TRANSFER    4u
#define STATE_DATA        5u
#define STATE_RECEIVE     6u
#define OCR_READY         (1u << 31)
#define OCR_HIGH_CAPACITY (1u << 30)
#define OCR_3V3           0x00FF8000u
#define CHECK_PATTERN     0x1AAu /* CMD8: 2.7 to 3.6 V */

#define COMMAND_FLAGS                                                                              \
    (SDMMC_STA_CCRCFAIL | SDMMC_STA_CTIMEOUT | SDMMC_STA_CMDREND | SDMMC_STA_CMDSENT)
#define DATA_ERRORS                                                                                \
    (SDMMC_STA_DCRCFAIL | SDMMC_STA_DTIMEOUT | SDMMC_STA_TXUNDERR | SDMMC_STA_RXOVERR |            \
     SDMMC_STA_DABORT | SDMMC_STA_IDMATE)
#define DATA_FLAGS (SDMMC_STA_DATAEND | DATA_ERRORS)

/* Lines of the cache that nothing else shares. */
static uint8_t bounce[BOUNCE_BLOCKS * SDMMC_BLOCK_BYTES]
    __attribute__((section(".axisram"), aligned(32)));

static const gpio_pin_t pins[] = {
    GPIO_PIN('C', 12), GPIO_PIN('D', 2),  GPIO_PIN('C', 8), /* CK, CMD, D0 */
    GPIO_PIN('C', 9),  GPIO_PIN('C', 10), GPIO_PIN('C', 11),
};

static unsigned pins_taken; /* the first ones: the others are somebody else's */

static unsigned pins_of(uint32_t width)
{
    return width == 4 ? 6 : 3;
}

static uint32_t divider(uint32_t kernel_hz, uint32_t max_hz)
{
    return (kernel_hz + 2 * max_hz - 1) / (2 * max_hz);
}

/* ---- commands ---- */

static enum sdmmc_error command(uint32_t index, uint32_t argument, uint32_t response,
                                uint32_t extra)
{
    SDMMC1->ICR = COMMAND_FLAGS | SDMMC_STA_BUSYD0END;
    SDMMC1->ARG = argument;
    SDMMC1->CMD = index | response << SDMMC_CMD_WAITRESP_Pos | SDMMC_CMD_CPSMEN | extra;
    uint32_t start = ticks_cycles();
    uint32_t sta;
    do {
        sta = SDMMC1->STA;
        if (ticks_passed(start, COMMAND_TIMEOUT_US)) {
            return SDMMC_ERROR_TIMEOUT;
        }
    } while (!(sta & COMMAND_FLAGS) || sta & SDMMC_STA_CPSMACT);
    if (sta & SDMMC_STA_CTIMEOUT) {
        return SDMMC_ERROR_TIMEOUT;
    }
    return sta & SDMMC_STA_CCRCFAIL ? SDMMC_ERROR_CRC : SDMMC_OK;
}

/* A command whose answer is the card status. */
static enum sdmmc_error command_r1(uint32_t index, uint32_t argument, uint32_t extra)
{
    enum sdmmc_error error = command(index, argument, RESPONSE_SHORT, extra);
    if (error == SDMMC_OK && SDMMC1->RESP1 & R1_ERRORS) {
        error = SDMMC_ERROR_CARD;
    }
    return error;
}

static enum sdmmc_error application_command(uint16_t rca, uint32_t index, uint32_t argument,
                                            uint32_t response)
{
    enum sdmmc_error error = command_r1(55, (uint32_t)rca << 16, 0);
    return error != SDMMC_OK ? error : command(index, argument, response, 0);
}

/* Until the card has programmed what it was sent. */
static enum sdmmc_error wait_ready(const struct sdmmc_card *card)
{
    uint32_t start = ticks_cycles();
    do {
        enum sdmmc_error error = command_r1(13, (uint32_t)card->rca << 16, 0);
        if (error != SDMMC_OK) {
            return error;
        }
        if (SDMMC1->RESP1 & R1_READY && R1_STATE(SDMMC1->RESP1) == STATE_TRANSFER) {
            return SDMMC_OK;
        }
    } while (!ticks_passed(start, BUSY_TIMEOUT_US));
    return SDMMC_ERROR_TIMEOUT;
}

/* ---- identification, 4.2 ---- */

static enum sdmmc_error power_up(bool version_2, bool *high_capacity)
{
    uint32_t start = ticks_cycles();
    do {
        enum sdmmc_error error = application_command(
            0, 41, OCR_3V3 | (version_2 ? OCR_HIGH_CAPACITY : 0), RESPONSE_SHORT_NO_CRC);
        if (error != SDMMC_OK) {
            return error;
        }
        if (SDMMC1->RESP1 & OCR_READY) {
            *high_capacity = SDMMC1->RESP1 & OCR_HIGH_CAPACITY;
            return SDMMC_OK;
        }
        ticks_delay_us(1000);
    } while (!ticks_passed(start, POWER_UP_US));
    return SDMMC_ERROR_NOT_USABLE;
}

/* CSD, 5.3: version 2 says units of 512 KB; version 1 a mantissa, an exponent and a block size. */
static uint32_t blocks_of(const uint32_t csd[4])
{
    if (csd[0] >> 30 == 1) {
        uint32_t size = (csd[1] & 0x3Fu) << 16 | csd[2] >> 16;
        return (size + 1u) * 1024u;
    }
    uint32_t size = (csd[1] & 0x3FFu) << 2 | csd[2] >> 30;
    uint32_t multiplier = csd[2] >> 15 & 7u;
    uint32_t block_log2 = csd[1] >> 16 & 15u;
    return (size + 1u) << (multiplier + 2u + block_log2 - 9u);
}

static void take_long(uint32_t to[4])
{
    to[0] = SDMMC1->RESP1;
    to[1] = SDMMC1->RESP2;
    to[2] = SDMMC1->RESP3;
    to[3] = SDMMC1->RESP4;
}

static enum sdmmc_error identify(struct sdmmc_card *card)
{
    uint32_t csd[4];

    (void)command(0, 0, RESPONSE_NONE, 0);
    bool version_2 = command(8, CHECK_PATTERN, RESPONSE_SHORT, 0) == SDMMC_OK;
    if (version_2 && (SDMMC1->RESP1 & 0xFFFu) != CHECK_PATTERN) {
        return SDMMC_ERROR_NOT_USABLE;
    }
    if (!version_2) {
        /* To a card of version 1 that was an illegal command, which its next status would tell. */
        (void)command(0, 0, RESPONSE_NONE, 0);
    }
    enum sdmmc_error error = power_up(version_2, &card->high_capacity);
    if (error == SDMMC_ERROR_TIMEOUT) {
        return version_2 ? SDMMC_ERROR_NOT_USABLE : SDMMC_ERROR_NO_CARD;
    }
    if (error == SDMMC_OK) {
        error = command(2, 0, RESPONSE_LONG, 0);
    }
    if (error == SDMMC_OK) {
        take_long(card->cid);
        error = command(3, 0, RESPONSE_SHORT, 0);
    }
    if (error == SDMMC_OK) {
        card->rca = (uint16_t)(SDMMC1->RESP1 >> 16);
        error = command(9, (uint32_t)card->rca << 16, RESPONSE_LONG, 0);
    }
    if (error == SDMMC_OK) {
        take_long(csd);
        card->blocks = blocks_of(csd);
        error = command_r1(7, (uint32_t)card->rca << 16, 0);
    }
    return error;
}

static enum sdmmc_error set_up_transfers(const struct sdmmc_card *card, uint32_t width)
{
    enum sdmmc_error error = wait_ready(card);
    if (error == SDMMC_OK) {
        error = command_r1(16, SDMMC_BLOCK_BYTES, 0);
    }
    if (error == SDMMC_OK && width == 4) {
        error = application_command(card->rca, 6, 2, RESPONSE_SHORT);
    }
    if (error == SDMMC_OK) {
        SDMMC1->CLKCR = divider(clock_get()->pll1q, TRANSFER_HZ) << SDMMC_CLKCR_CLKDIV_Pos |
                        (width == 4 ? 1u : 0u) << SDMMC_CLKCR_WIDBUS_Pos | SDMMC_CLKCR_HWFC_EN;
    }
    return error;
}

enum sdmmc_error sdmmc_start(struct sdmmc_card *card, uint32_t width)
{
    uint32_t kernel_hz = clock_get()->pll1q;

    memset(card, 0, sizeof *card);
    if (kernel_hz == 0) {
        return SDMMC_ERROR_CLOCK;
    }
    RCC->CDCCIPR &= ~RCC_CDCCIPR_SDMMCSEL; /* PLL1Q */
    RCC->AHB3ENR |= RCC_AHB3ENR_SDMMC1EN;
    (void)RCC->AHB3ENR;
    RCC->AHB3RSTR |= RCC_AHB3RSTR_SDMMC1RST;
    RCC->AHB3RSTR &= ~RCC_AHB3RSTR_SDMMC1RST;
    pins_taken = pins_of(width);
    for (unsigned i = 0; i < pins_taken; i++) {
        gpio_configure(pins[i], SLOT_PIN);
    }
    SDMMC1->CLKCR = divider(kernel_hz, IDENTIFICATION_HZ) << SDMMC_CLKCR_CLKDIV_Pos;
    SDMMC1->POWER = SDMMC_POWER_PWRCTRL;
    ticks_delay_us(BUS_SETTLES_US);

    enum sdmmc_error error = identify(card);
    if (error == SDMMC_OK) {
        error = set_up_transfers(card, width);
    }
    if (error != SDMMC_OK) {
        sdmmc_stop();
    }
    return error;
}

void sdmmc_stop(void)
{
    RCC->AHB3RSTR |= RCC_AHB3RSTR_SDMMC1RST;
    RCC->AHB3RSTR &= ~RCC_AHB3RSTR_SDMMC1RST;
    RCC->AHB3ENR &= ~RCC_AHB3ENR_SDMMC1EN;
    for (unsigned i = 0; i < pins_taken; i++) {
        gpio_configure(pins[i], GPIO_ANALOG);
    }
    pins_taken = 0;
}

bool sdmmc_answers(const struct sdmmc_card *card)
{
    return command_r1(13, (uint32_t)card->rca << 16, 0) == SDMMC_OK;
}

bool sdmmc_pins_free(void)
{
    for (unsigned i = 0; i < sizeof pins / sizeof pins[0]; i++) {
        gpio_enable_port(pins[i]);
        if ((gpio_configuration(pins[i]) & GPIO_MODE_MASK) != GPIO_ANALOG) {
            return false;
        }
    }
    return true;
}

/* ---- data ---- */

static uint32_t bus_hz(void)
{
    uint32_t div = SDMMC1->CLKCR & SDMMC_CLKCR_CLKDIV_Msk;
    return clock_get()->pll1q / (div ? 2 * div : 1);
}

static enum sdmmc_error wait_data(void)
{
    uint32_t start = ticks_cycles();
    uint32_t sta;
    do {
        sta = SDMMC1->STA;
        /* The peripheral's own time-out comes first, unless its clock stands still. */
        if (ticks_passed(start, BOUNCE_BLOCKS * 2u * DATA_TIMEOUT_MS * 1000u)) {
            return SDMMC_ERROR_TIMEOUT;
        }
    } while (!(sta & DATA_FLAGS));
    if (sta & SDMMC_STA_DCRCFAIL) {
        return SDMMC_ERROR_CRC;
    }
    if (sta & SDMMC_STA_DTIMEOUT) {
        return SDMMC_ERROR_TIMEOUT;
    }
    return sta & DATA_ERRORS ? SDMMC_ERROR_DMA : SDMMC_OK;
}

/* Told to go on for ever, a card may complain of the end of it although all is good (4.3.3). */
static enum sdmmc_error stop(bool at_end_of_card)
{
    enum sdmmc_error error = command_r1(12, 0, SDMMC_CMD_CMDSTOP);
    bool past_end = error == SDMMC_ERROR_CARD && (SDMMC1->RESP1 & R1_ERRORS) == R1_OUT_OF_RANGE;
    return past_end && at_end_of_card ? SDMMC_OK : error;
}

/* Whether the card still has data to send or to be sent, or does not tell. */
static bool card_in_transfer(const struct sdmmc_card *card)
{
    if (command(13, (uint32_t)card->rca << 16, RESPONSE_SHORT, 0) != SDMMC_OK) {
        return true;
    }
    uint32_t card_state = R1_STATE(SDMMC1->RESP1);
    return card_state == STATE_DATA || card_state == STATE_RECEIVE;
}

/*
 * Ends what an error left behind, in the card and here (CMDSTOP), so that the next command finds
 * nothing of it. CMD12 is a command only while data are under way (table 4-29). After a single
 * block that came damaged they are not, and the next status would tell of an illegal one.
 */
static void recover(const struct sdmmc_card *card, uint32_t count)
{
    if (count > 1 || SDMMC1->STA & SDMMC_STA_DPSMACT || card_in_transfer(card)) {
        (void)command_r1(12, 0, SDMMC_CMD_CMDSTOP);
    }
    (void)command_r1(13, (uint32_t)card->rca << 16, 0);
}

/* count blocks between the card and the buffer. */
static enum sdmmc_error transfer(const struct sdmmc_card *card, uint32_t block, uint32_t count,
                                 bool to_card)
{
    uint32_t address = card->high_capacity ? block : block * SDMMC_BLOCK_BYTES;
    uint32_t index = to_card ? (count > 1 ? 25 : 24) : (count > 1 ? 18 : 17);

    SDMMC1->DCTRL = 0;
    SDMMC1->ICR = DATA_FLAGS | SDMMC_STA_DBCKEND;
    SDMMC1->DTIMER = bus_hz() / 1000u * DATA_TIMEOUT_MS;
    SDMMC1->DLEN = count * SDMMC_BLOCK_BYTES;
    SDMMC1->IDMABASE0 = (uint32_t)bounce;
    SDMMC1->IDMACTRL = SDMMC_IDMA_IDMAEN;
    SDMMC1->DCTRL = 9u << SDMMC_DCTRL_DBLOCKSIZE_Pos | (to_card ? 0 : SDMMC_DCTRL_DTDIR);

    enum sdmmc_error error = command_r1(index, address, SDMMC_CMD_CMDTRANS);
    if (error == SDMMC_OK) {
        error = wait_data();
    }
    if (error == SDMMC_OK && count > 1) {
        error = stop(block + count == card->blocks);
    }
    if (error != SDMMC_OK) {
        recover(card, count);
    }
    SDMMC1->IDMACTRL = 0;
    SDMMC1->ICR = DATA_FLAGS | SDMMC_STA_DBCKEND;
    if (error == SDMMC_OK && to_card) {
        error = wait_ready(card);
    }
    return error;
}

/* Once more after damage on the way, which a bad contact makes now and then. */
static enum sdmmc_error transfer_safely(const struct sdmmc_card *card, uint32_t block,
                                        uint32_t count, bool to_card)
{
    enum sdmmc_error error = SDMMC_ERROR_CRC;
    for (int i = 0; i < TRIES && error == SDMMC_ERROR_CRC; i++) {
        if (i > 0 && wait_ready(card) != SDMMC_OK) {
            return SDMMC_ERROR_TIMEOUT;
        }
        error = transfer(card, block, count, to_card);
    }
    return error;
}

enum sdmmc_error sdmmc_read(const struct sdmmc_card *card, uint32_t block, void *to, uint32_t count)
{
    uint8_t *out = to;
    while (count > 0) {
        uint32_t n = count < BOUNCE_BLOCKS ? count : BOUNCE_BLOCKS;
        /* No line of it may be written out over what comes in, nor be read from before that. */
        SCB_CleanInvalidateDCache_by_Addr(bounce, (int32_t)sizeof bounce);
        enum sdmmc_error error = transfer_safely(card, block, n, false);
        if (error != SDMMC_OK) {
            return error;
        }
        SCB_InvalidateDCache_by_Addr(bounce, (int32_t)sizeof bounce);
        memcpy(out, bounce, (size_t)n * SDMMC_BLOCK_BYTES);
        out += n * SDMMC_BLOCK_BYTES;
        block += n;
        count -= n;
    }
    return SDMMC_OK;
}

enum sdmmc_error sdmmc_write(const struct sdmmc_card *card, uint32_t block, const void *from,
                             uint32_t count)
{
    const uint8_t *in = from;
    while (count > 0) {
        uint32_t n = count < BOUNCE_BLOCKS ? count : BOUNCE_BLOCKS;
        memcpy(bounce, in, (size_t)n * SDMMC_BLOCK_BYTES);
        SCB_CleanDCache_by_Addr((uint32_t *)bounce, (int32_t)sizeof bounce);
        enum sdmmc_error error = transfer_safely(card, block, n, true);
        if (error != SDMMC_OK) {
            return error;
        }
        in += n * SDMMC_BLOCK_BYTES;
        block += n;
        count -= n;
    }
    return SDMMC_OK;
}
