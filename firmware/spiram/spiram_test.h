/* SPDX-License-Identifier: MIT */

/*
 * Memory tests. All of them overwrite what they test. They return 0, SPIRAM_ERR_MEMORY with *fault
 * filled, or another negative enum spiram_error, *fault then having kind SPIRAM_FAULT_NONE.
 */
#ifndef SPIRAM_TEST_H
#define SPIRAM_TEST_H

#include <stddef.h>
#include <stdint.h>

#include "spiram.h"

enum spiram_fault_kind {
    SPIRAM_FAULT_NONE = 0,
    SPIRAM_FAULT_WORD,          /* width, address, written, read */
    SPIRAM_FAULT_DATA_STUCK,    /* line = data bit 0..7, level */
    SPIRAM_FAULT_DATA_WRONG,    /* line = data bit that is wrong but not stuck; written, read */
    SPIRAM_FAULT_ADDRESS_STUCK, /* line = address bit without effect */
    SPIRAM_FAULT_ADDRESS_SHORT, /* line, other = address bits that have one effect together */
};

struct spiram_fault {
    enum spiram_fault_kind kind;
    uint8_t width; /* 8, 16 or 32: of the access that failed, in bits */
    uint8_t line;
    uint8_t other;
    uint8_t level;
    uintptr_t address; /* as the program sees it, in the window */
    uint32_t written;
    uint32_t read;
};

/* Long enough for every text of spiram_fault_text() with its final zero. */
#define SPIRAM_FAULT_TEXT_MAX 96

/*
 * One line without line end, for example
 *   spiram memtest16 fail, address 0x903e2070 written 0x5a5a read 0x0000
 *   spiram data bit D3 stuck at 0
 *   spiram address bit A13 stuck
 *   spiram address bits A5 and A6 shorted
 * Always ends with a zero; cut off if `size` is too small; "" for SPIRAM_FAULT_NONE. Returns text.
 */
char *spiram_fault_text(const struct spiram_fault *fault, char *text, size_t size);

/*
 * Fills [offset, offset+length) of the window with accesses of `width` bits, makes sure that the
 * data went to the chip, reads all back with the same width. The pattern differs at each address,
 * so that address faults show. offset and length are multiples of 4; state MAPPED.
 *
 * Reads and writes are volatile and of exactly the width named; tests/unit/spiram/widths.sh
 * looks at the machine code, because a compiler that merges them would hide the very faults that
 * narrow stores have on a memory without byte mask.
 */
int spiram_test_width(struct spiram *ram, unsigned width, uint32_t offset, uint32_t length,
                      struct spiram_fault *fault);

/*
 * The whole usable window with 8, then 16, then 32 bits. Each cell holds both levels at some time:
 * the pattern of 16 bits is the inverse of that of 8 bits. docs/spiram.md says how long it takes.
 */
int spiram_test_boot(struct spiram *ram, struct spiram_fault *fault);

/*
 * Walks a one and a zero over the eight data bits, then over the address bits, with indirect
 * frames: names the bit where spiram_test_boot() only sees wrong words. State READY; under a
 * millisecond.
 */
int spiram_test_lines(struct spiram *ram, struct spiram_fault *fault);

#endif
