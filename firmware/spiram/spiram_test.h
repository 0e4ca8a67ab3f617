/* SPDX-License-Identifier: MIT */

/*
 * Memory tests, the simple ones; spiram_memtest.h has those that take longer. They return 0,
 * SPIRAM_ERR_MEMORY with *fault filled, or another negative enum spiram_error, *fault then having
 * kind SPIRAM_FAULT_NONE.
 */
#ifndef SPIRAM_TEST_H
#define SPIRAM_TEST_H

#include <stddef.h>
#include <stdint.h>

#include "spiram.h"
#include "spiram_fault.h"

/*
 * Protects memory that is in use while it is tested. Between enter() and leave() nobody but the
 * test may touch the window: interrupts off, other masters at rest. What the test overwrites is
 * saved before and put back after, within one such section, whatever the test finds.
 */
struct spiram_guard {
    void *context;
    void (*enter)(void *context);
    void (*leave)(void *context);
    uint8_t *saved;       /* memory that is not the chip's, aligned to 4, for what is overwritten */
    uint32_t saved_bytes; /* at least SPIRAM_GUARD_BYTES_MIN */
    uint32_t max_us; /* a section lasts no longer; 0 = 1000. One block of 32 bytes is the least that
                      * is tested at a time, which below 2 MHz takes longer than a millisecond. */
};
#define SPIRAM_GUARD_BYTES_MIN 64

/*
 * Fills [offset, offset+length) of the window with accesses of `width` bits, makes sure that the
 * data went to the chip, reads all back with the same width. The pattern differs at each address,
 * so that address faults show. offset and length are multiples of 4; state MAPPED. Overwrites.
 *
 * Reads and writes are volatile and of exactly the width named; tests/unit/spiram/widths.sh
 * looks at the machine code, because a compiler that merges them would hide the very faults that
 * narrow stores have on a memory without byte mask.
 */
int spiram_test_width(struct spiram *ram, unsigned width, uint32_t offset, uint32_t length,
                      struct spiram_fault *fault);

/*
 * Each width writes, each width reads: what was written with 8 bits must read the same with 32.
 * Otherwise as spiram_test_width().
 */
int spiram_test_widths(struct spiram *ram, uint32_t offset, uint32_t length,
                       struct spiram_fault *fault);

/*
 * The whole usable window with 8, then 16, then 32 bits. Each cell holds both levels at some time:
 * the pattern of 16 bits is the inverse of that of 8 bits. Overwrites. docs/spiram.md says how long
 * it takes.
 */
int spiram_test_boot(struct spiram *ram, struct spiram_fault *fault);

/*
 * A line of 32 bytes in each page of 1 KB of the first `length` bytes of the window, each at
 * another place of its page, written and read back: every data line and every row of the chip, in
 * tens of milliseconds. length is a multiple of 32; 0 = all. Overwrites. State MAPPED. Together
 * with spiram_test_lines() this is the test for a start that must be quick; single bad cells it
 * does not find.
 */
int spiram_test_pages(struct spiram *ram, uint32_t length, struct spiram_fault *fault);

/*
 * Walks a one and a zero over the eight data bits, and over the address bits; names the line that
 * is wrong. A line is blamed only if it is wrong each time, and at two places; otherwise the fault
 * is a cell's, or SPIRAM_FAULT_NO_PATTERN. State READY or MAPPED; with indirect frames a few
 * milliseconds. What it overwrites is put back, as far as the chip lets it. guard may be NULL: then
 * nobody else may use the chip meanwhile.
 */
int spiram_test_lines(struct spiram *ram, const struct spiram_guard *guard,
                      struct spiram_fault *fault);

/* The two halves of it. */
int spiram_test_data_lines(struct spiram *ram, const struct spiram_guard *guard,
                           struct spiram_fault *fault);
int spiram_test_address_lines(struct spiram *ram, const struct spiram_guard *guard,
                              struct spiram_fault *fault);

/*
 * From what a test saw to its reason: replaces a *fault of kind SPIRAM_FAULT_WORD (or NONE) by a
 * line, a cell, a cell that does not hold its charge, a chip that no longer answers, or
 * SPIRAM_FAULT_NO_PATTERN; other kinds are reasons already. In state READY the chip is asked in
 * one-line mode as well: SPIRAM_FAULT_SILENT becomes SPIRAM_FAULT_LEFT_QPI if it answers there.
 * Returns 0, or the error of a bus that failed, *fault then being as it was. State READY or MAPPED.
 * Puts back what it overwrites; takes up to half a second. With a guard it does not look for lost
 * charge, which takes longer than a section may.
 */
int spiram_diagnose(struct spiram *ram, const struct spiram_guard *guard,
                    struct spiram_fault *fault);

/*
 * After spiram_init() returned SPIRAM_ERR_QPI: what is wrong with IO line `line`, 0 to 3. False if
 * nothing is, or if it was told with the lower one of two lines.
 */
bool spiram_line_fault(const struct spiram *ram, unsigned line, struct spiram_fault *fault);

#endif
