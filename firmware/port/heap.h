/* SPDX-License-Identifier: MIT */

/* Where the Python heap lies: in the PSRAM if it proved good, in AXI SRAM otherwise. */
#ifndef PORT_HEAP_H
#define PORT_HEAP_H

#include <stdbool.h>

/* Once at boot: brings the PSRAM up, tests it, writes the result to the boot log. */
void heap_init(void);

/*
 * Makes an empty heap. At boot and at every soft reset, when no object is alive. From the second
 * time on it tests the PSRAM again, for less than 50 ms; if the chip has failed meanwhile, the heap
 * lies in AXI SRAM until the next reset, and the console says so. The PSRAM is not cleared.
 */
void heap_start(void);

/* Whether the heap lies in the PSRAM. */
bool heap_is_in_psram(void);

#endif
