/* SPDX-License-Identifier: MIT */

/* Where the Python heap lies: in the PSRAM if it proved good, in AXI SRAM otherwise. */
#ifndef PORT_HEAP_H
#define PORT_HEAP_H

#include <stdbool.h>

/* Once at boot: brings the PSRAM up, tests it, writes the result to the boot log. */
void heap_init(void);

/* Makes an empty heap. At boot and at every soft reset; the PSRAM is neither tested nor cleared
 * again. */
void heap_start(void);

#endif
