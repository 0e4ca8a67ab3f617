/* SPDX-License-Identifier: MIT */

#include "spiram_access.h"

int spiram_access_read(struct spiram *ram, uint32_t offset, uint8_t *data, uint32_t length)
{
    if (ram->state != SPIRAM_STATE_MAPPED) {
        return spiram_read(ram, offset, data, length);
    }
    int error = spiram_sync(ram, offset, length);
    const volatile uint8_t *window = (const volatile uint8_t *)ram->window + offset;
    for (uint32_t n = 0; n < length && error == SPIRAM_OK; n++) {
        data[n] = window[n];
    }
    return error;
}

int spiram_access_write(struct spiram *ram, uint32_t offset, const uint8_t *data, uint32_t length)
{
    if (ram->state != SPIRAM_STATE_MAPPED) {
        return spiram_write(ram, offset, data, length);
    }
    /* A line that an earlier read left in the cache may be older than what the chip holds: with an
     * address bit that has no effect the chip is written under other names. */
    int before = spiram_sync(ram, offset, length);
    volatile uint8_t *window = (volatile uint8_t *)ram->window + offset;
    for (uint32_t n = 0; n < length; n++) {
        window[n] = data[n];
    }
    int after = spiram_sync(ram, offset, length);
    return before != SPIRAM_OK ? before : after;
}

void spiram_access_copy(volatile uint32_t *to, const volatile uint32_t *from, uint32_t bytes)
{
    for (uint32_t n = 0; n < bytes / sizeof *to; n++) {
        to[n] = from[n];
    }
}

void spiram_guard_enter(const struct spiram_guard *guard)
{
    if (guard != NULL) {
        guard->enter(guard->context);
    }
}

void spiram_guard_leave(const struct spiram_guard *guard)
{
    if (guard != NULL) {
        guard->leave(guard->context);
    }
}

bool spiram_guard_is_complete(const struct spiram_guard *guard)
{
    return guard == NULL || (guard->enter != NULL && guard->leave != NULL && guard->saved != NULL &&
                             (uintptr_t)guard->saved % sizeof(uint32_t) == 0 &&
                             guard->saved_bytes >= SPIRAM_GUARD_BYTES_MIN);
}
