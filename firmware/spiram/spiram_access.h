/* SPDX-License-Identifier: MIT */

/* Inside of the library: bytes of the chip, mapped or not. */
#ifndef SPIRAM_ACCESS_H
#define SPIRAM_ACCESS_H

#include "spiram.h"
#include "spiram_test.h"

/* What a line of the cache holds, and a frame of every bus can carry. */
#define SPIRAM_BLOCK_BYTES 32u

/* From the chip, from no cache. State READY or MAPPED. */
int spiram_access_read(struct spiram *ram, uint32_t offset, uint8_t *data, uint32_t length);

/* To the chip, to stay in no cache. */
int spiram_access_write(struct spiram *ram, uint32_t offset, const uint8_t *data, uint32_t length);

/* By words, past the library's memcpy(): whole accesses in order, whatever the window is. bytes is
 * a multiple of 4. */
void spiram_access_copy(volatile uint32_t *to, const volatile uint32_t *from, uint32_t bytes);

void spiram_guard_enter(const struct spiram_guard *guard);
void spiram_guard_leave(const struct spiram_guard *guard);

/* NULL is as good as a guard that is filled. */
bool spiram_guard_is_complete(const struct spiram_guard *guard);

#endif
