/* SPDX-License-Identifier: MIT */

#include "sd_slot.h"

#include <string.h>

#include "mcu/sdmmc.h"
#include "mcu/ticks.h"
#include "py/mperrno.h"

#define SEARCH_SHARE 50u /* 1 / this of the time */

static struct {
    struct sdmmc_card card;
    uint32_t cid[4]; /* of the last card */
    uint8_t width;
    bool started;
    unsigned number;
    bool resting; /* after a search that found nothing, until rest_ms have passed */
    uint32_t found_nothing_ms, rest_ms;
} slot = {.width = 4};

void sd_slot_set_width(uint32_t width)
{
    slot.width = (uint8_t)width;
}

int sd_slot_start(void)
{
    if (slot.started) {
        return 0;
    }
    enum sdmmc_error error = sdmmc_start(&slot.card, slot.width);
    slot.started = error == SDMMC_OK;
    if (!slot.started) {
        return error == SDMMC_ERROR_NO_CARD ? -MP_ENODEV : -MP_EIO;
    }
    if (memcmp(slot.cid, slot.card.cid, sizeof slot.cid) != 0) {
        memcpy(slot.cid, slot.card.cid, sizeof slot.cid);
        slot.number++;
    }
    return 0;
}

void sd_slot_stop(void)
{
    if (slot.started) {
        sdmmc_stop();
        slot.started = false;
    }
}

uint32_t sd_slot_blocks(void)
{
    return slot.started ? slot.card.blocks : 0;
}

unsigned sd_slot_card_number(void)
{
    return slot.number;
}

static bool on_card(uint32_t block, size_t count)
{
    return count <= slot.card.blocks && block <= slot.card.blocks - count;
}

/* What became of a transfer. A card that does not answer is looked for anew the next time. */
static int result(enum sdmmc_error error)
{
    if (error == SDMMC_ERROR_TIMEOUT) {
        sd_slot_stop();
    }
    return error == SDMMC_OK ? 0 : -MP_EIO;
}

int sd_slot_read(uint32_t block, void *to, size_t count)
{
    int error = sd_slot_start();
    if (error != 0 || !on_card(block, count)) {
        return error != 0 ? error : -MP_EINVAL;
    }
    return result(sdmmc_read(&slot.card, block, to, count));
}

int sd_slot_write(uint32_t block, const void *from, size_t count)
{
    int error = sd_slot_start();
    if (error != 0 || !on_card(block, count)) {
        return error != 0 ? error : -MP_EINVAL;
    }
    return result(sdmmc_write(&slot.card, block, from, count));
}

bool sd_slot_look(void)
{
    if (slot.started) {
        if (sdmmc_answers(&slot.card)) {
            return true;
        }
        sd_slot_stop();
        slot.resting = false;
    }
    uint32_t begin_ms = ticks_ms();
    if ((slot.resting && begin_ms - slot.found_nothing_ms < slot.rest_ms) || !sdmmc_pins_free()) {
        return false;
    }
    slot.resting = sd_slot_start() != 0;
    slot.found_nothing_ms = ticks_ms();
    slot.rest_ms = (slot.found_nothing_ms - begin_ms + 1) * SEARCH_SHARE;
    return slot.started;
}
