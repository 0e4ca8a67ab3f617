/* SPDX-License-Identifier: MIT */

/*
 * Writing to the PSRAM as memmove() and memset() do, at twice their speed: lines are not fetched to
 * be overwritten. For code that fills or replaces much of a buffer at a time. The heap does not
 * depend on it: see mcu/stream.h and docs/corruption.md for what silicon has to confirm, and
 * compare what was written if it matters.
 */
#ifndef PORT_PSRAM_STREAM_H
#define PORT_PSRAM_STREAM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Any addresses and lengths. In the mapped PSRAM whole lines are streamed, and the ends of the
 * range stored through the cache, so that neighbours keep what they hold. What is short, lies
 * elsewhere, or overlaps its source, is stored through the cache.
 *
 * No interrupt handler may use the range meanwhile. Lines of the range leave the data cache, from
 * 16 KB on all lines do. Interrupts are off for less than half a millisecond at a time. Thread code
 * only.
 */
void psram_stream_copy(void *to, const void *from, size_t bytes);
void psram_stream_fill(void *to, uint8_t value, size_t bytes);

/* The longest time that interrupts were off for one of them since this was last called. */
uint32_t psram_stream_irq_off_us(void);

#endif
