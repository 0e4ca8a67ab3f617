/* SPDX-License-Identifier: MIT */

/* What a test found, as data and in words. */
#ifndef SPIRAM_FAULT_H
#define SPIRAM_FAULT_H

#include <stddef.h>
#include <stdint.h>

enum spiram_fault_kind {
    SPIRAM_FAULT_NONE = 0,
    /* An access that read back something else: seen, not yet explained. */
    SPIRAM_FAULT_WORD, /* width, address, offset, written, read */
    /* Wires between controller and chip. */
    SPIRAM_FAULT_IO_STUCK, /* line = IO line, level that it always reads as */
    SPIRAM_FAULT_IO_SHORT, /* line, other = IO lines that touch, the lower level wins */
    SPIRAM_FAULT_IO_SWAP,  /* line, other = IO lines that are exchanged */
    SPIRAM_FAULT_IO_WRONG, /* line = IO line that differs in no way that has a name here */
    /* Inside the chip, or both. */
    SPIRAM_FAULT_DATA_STUCK,    /* line = data bit 0..7, level */
    SPIRAM_FAULT_DATA_WRONG,    /* line = data bit that is wrong but not stuck; written, read */
    SPIRAM_FAULT_ADDRESS_STUCK, /* line = address bit without effect; other = 1: it is the highest
                                 * one, so the chip may as well be smaller than its ID says */
    SPIRAM_FAULT_ADDRESS_SHORT, /* line, other = address bits that have one effect together */
    SPIRAM_FAULT_CELL_STUCK,    /* address, offset; line = bit 0..7 of the byte, level */
    SPIRAM_FAULT_RETENTION,     /* the same; level = what it loses; ms = within which time */
    /* The chip as a whole. */
    SPIRAM_FAULT_SILENT,   /* level or 0 and 1 mixed: reads do not depend on what was written */
    SPIRAM_FAULT_LEFT_QPI, /* it answers in one-line mode: it has lost power or was reset */
    /* Wrong now and then: no line and no cell is to blame. */
    SPIRAM_FAULT_NO_PATTERN, /* reads, writes = how many of `tries` blocks were wrong */
};

struct spiram_fault {
    enum spiram_fault_kind kind;
    uint8_t width; /* 8, 16 or 32: of the access that failed, in bits */
    uint8_t line;
    uint8_t other;
    uint8_t level;
    uint32_t offset;   /* from the beginning of the chip */
    uintptr_t address; /* the same as the program sees it, in the window */
    uint32_t written;
    uint32_t read;
    uint16_t ms;
    uint16_t tries;
    uint16_t reads;
    uint16_t writes;
};

/* Long enough for every text of spiram_fault_text() with its final zero. */
#define SPIRAM_FAULT_TEXT_MAX 96

/*
 * One line without line end, for example
 *   spiram memtest16 fail, address 0x903e2070 written 0x5a5a read 0x0000
 *   spiram IO2 stuck at 0
 *   spiram data bit D3 stuck at 0
 *   spiram address bit A13 stuck
 *   spiram address bits A5 and A6 shorted
 *   spiram cell 0x90012345 bit 3 stuck at 0
 *   spiram cell 0x90012345 bit 3 loses a 1 within 100 ms
 *   spiram chip left four-line mode
 *   spiram errors without pattern, 3 reads and 0 writes wrong of 1024
 * Always ends with a zero; cut off if `size` is too small; "" for SPIRAM_FAULT_NONE. Returns text.
 */
char *spiram_fault_text(const struct spiram_fault *fault, char *text, size_t size);

#endif
