/* SPDX-License-Identifier: MIT */

#include "psram_transfer.h"

#include <string.h>

#include "mcu/irq.h"
#include "psram.h"
#include "py/runtime.h"

/* In DTCM, as all static data: reachable while the window is closed, and in no cache. */
#define BOUNCE_BYTES 1024u
static uint8_t bounce[BOUNCE_BYTES];

/* What the frames of a part may take. Closing and opening the window comes to it: 50 us. */
#define PART_US 400u
/* Command, address, wait cycles of a four-line frame, nCS high; then two clocks a byte. */
#define FRAME_CLOCKS 22u

static size_t part_bytes(const struct spiram *ram)
{
    const struct spiram_timing *t = &ram->timing;
    uint64_t clocks = (uint64_t)t->clock_hz * PART_US / 1000000u;
    size_t bytes = (size_t)(clocks / (FRAME_CLOCKS + 2u * t->frame_bytes) * t->frame_bytes);
    if (bytes < t->frame_bytes) {
        bytes = t->frame_bytes;
    }
    return bytes < BOUNCE_BYTES ? bytes : BOUNCE_BYTES;
}

static int run_frames(struct spiram *ram, uint32_t address, const uint8_t *from, size_t length)
{
    return from != NULL ? spiram_write(ram, address, bounce, length)
                        : spiram_read(ram, address, bounce, length);
}

static int run_unmapped(struct spiram *ram, uint32_t address, const uint8_t *from, size_t length)
{
    /* Dirty lines are written out with interrupts on: hundreds of them take a millisecond. What
     * handlers make dirty until they are off is little. */
    int error = spiram_sync(ram, 0, spiram_size(ram));
    if (error != SPIRAM_OK) {
        return error;
    }
    uint32_t irq = irq_disable();
    error = spiram_unmap(ram);
    if (error == SPIRAM_OK) {
        error = run_frames(ram, address, from, length);
        if (spiram_map(ram) != SPIRAM_OK) {
            psram_stop("\r\nspiram cannot be mapped again\r\n" PSRAM_STOPPED);
        }
    }
    irq_restore(irq);
    return error;
}

/* One of `to` and `from` is set. */
static int transfer(uint32_t address, uint8_t *to, const uint8_t *from, size_t length)
{
    struct spiram *ram = psram_context();
    while (length > 0) {
        size_t part = part_bytes(ram);
        part = part < length ? part : length;
        if (from != NULL) {
            memcpy(bounce, from, part);
        }
        int error = ram->state == SPIRAM_STATE_MAPPED ? run_unmapped(ram, address, from, part)
                                                      : run_frames(ram, address, from, part);
        if (error != SPIRAM_OK) {
            return error;
        }
        if (to != NULL) {
            memcpy(to, bounce, part);
            to += part;
        } else {
            from += part;
        }
        address += (uint32_t)part;
        length -= part;
        mp_handle_pending(true);
    }
    return SPIRAM_OK;
}

int psram_read(uint32_t address, void *buffer, size_t length)
{
    return transfer(address, buffer, NULL, length);
}

int psram_write(uint32_t address, const void *buffer, size_t length)
{
    return transfer(address, NULL, buffer, length);
}
