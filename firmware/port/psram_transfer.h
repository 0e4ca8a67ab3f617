/* SPDX-License-Identifier: MIT */

/*
 * Indirect access to the PSRAM while it is mapped and holds the heap: the window is closed for some
 * frames and opened again, with interrupts off, because handlers may use the heap.
 */
#ifndef PORT_PSRAM_TRANSFER_H
#define PORT_PSRAM_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Read or write a range of the chip with indirect frames, of any length and address; the buffer may
 * lie in the PSRAM itself. Other ranges of the chip keep what they hold, and what was written shows
 * in the window. Return 0 or a negative enum spiram_error.
 *
 * The range is cut into parts of at most 1 KB. Interrupts are off for less than a millisecond a
 * part, and a pending exception of MicroPython (Ctrl-C) is raised between two parts.
 *
 * If the chip cannot be mapped again, there is no heap to return to: the board is reset, with a
 * message.
 */
int psram_read(uint32_t address, void *buffer, size_t length);
int psram_write(uint32_t address, const void *buffer, size_t length);

#endif
