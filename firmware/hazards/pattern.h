/* SPDX-License-Identifier: MIT */

/*
 * Memory tests that count instead of stopping at the first error. Loads and stores are volatile and
 * have exactly the width named: a compiler that merges them, or makes memset() of a loop, would
 * hide the faults of narrow stores.
 */
#ifndef HAZARDS_PATTERN_H
#define HAZARDS_PATTERN_H

#include <stddef.h>
#include <stdint.h>

struct outcome {
    uint32_t errors; /* accesses that read something else */
    uint32_t address;
    uint64_t written, read; /* of the first one */
};

/* Fills memory with accesses of 8, 16, 32 or 64 bits, each place with a value of its own and none
   of it zero; settle() is called before it is read back in the same width. */
void pattern_test(unsigned width, uintptr_t base, size_t bytes, void (*settle)(void),
                  struct outcome *outcome);

/*
 * Copies objects of odd lengths from internal RAM to `base`, which is filled with a guard value
 * before, and looks at all bytes, those between the objects too. Byte stores: what a copy of
 * unaligned data comes down to.
 */
void pattern_copies(uintptr_t base, size_t bytes, void (*settle)(void), struct outcome *outcome);

#endif
