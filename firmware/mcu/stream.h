/* SPDX-License-Identifier: MIT */

/*
 * Writing whole lines to the mapped PSRAM without fetching them first.
 *
 * A store that misses in the data cache brings its line in (mpu.h says why it must), so a
 * sequential write through the cache costs a read of each line as well. Here a part of the PSRAM is
 * made non-cacheable for some microseconds, and written with aligned 64-bit stores only. Each fills
 * an entry of the core's store buffer at once, and a full entry leaves by itself; entries of one
 * line leave as one burst (Arm DDI0489F 5.9.2). So there is no beat of which some bytes carry no
 * data, the kind that the PSRAM cannot take. docs/corruption.md has the argument, and what of it no
 * document settles; whatever happens, only entries of one line are linked, so that bytes outside
 * the lines written here cannot be harmed.
 */
#ifndef MCU_STREAM_H
#define MCU_STREAM_H

#include <stddef.h>
#include <stdint.h>

#define STREAM_LINE_BYTES 32u
/* What one call may write at most: a block of this size, aligned to it. */
#define STREAM_BLOCK_LOG2  13
#define STREAM_BLOCK_BYTES (1u << STREAM_BLOCK_LOG2)

/*
 * Copy to, or fill with eight bytes again and again, `bytes` at `to`: a multiple of a line, aligned
 * to lines, within one block of the open PSRAM. `from` is aligned to 4 and lies outside that block.
 *
 * No line of the range may be dirty in the data cache, and after the last call it must be
 * invalidated: octospi_sync() before and after does both. Nobody else may write there between the
 * two. Interrupts are off meanwhile: 0.4 ms for a block at 50 MHz. Thread code only.
 *
 * Return the number of core cycles for which interrupts were off.
 */
uint32_t stream_copy(void *to, const void *from, size_t bytes);
uint32_t stream_fill(void *to, uint64_t value, size_t bytes);

#endif
