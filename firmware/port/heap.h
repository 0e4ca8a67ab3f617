/* SPDX-License-Identifier: MIT */

/*
 * Where the Python heap lies. Thread code only; docs/firmware.md, "Heap", says which policy suits
 * what. Without a PSRAM that proved good every policy is HEAP_INTERNAL.
 */
#ifndef PORT_HEAP_H
#define PORT_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* Values of BOARD_HEAP_POLICY. */
enum heap_policy {
    HEAP_PSRAM,    /* all of the PSRAM, and nothing else */
    HEAP_SPLIT,    /* small objects in AXI SRAM first, all others in the PSRAM */
    HEAP_INTERNAL, /* AXI SRAM only; the PSRAM is left to the program */
    HEAP_POLICY_COUNT,
};

/* "psram", "split", "internal". */
const char *heap_policy_name(enum heap_policy policy);

/* The policy of the heap that there is now. */
enum heap_policy heap_policy(void);

/* For the next heap_start(), and all after it until power fails: kept over soft resets and over
 * resets of the microcontroller. */
void heap_choose(enum heap_policy policy);

/* Once at boot: brings the PSRAM up, tests it, writes the result to the boot log. */
void heap_init(void);

/*
 * Makes an empty heap. At boot and at every soft reset, when no object is alive. From the second
 * time on it tests the PSRAM again, for less than 50 ms; if the chip has failed meanwhile, the heap
 * lies in AXI SRAM until the next reset, and the console says so. The PSRAM is not cleared.
 */
void heap_start(void);

/* Memory for DMA, see gc_areas_alloc_dma(); NULL if there is none. */
void *heap_alloc_dma(size_t bytes);

/* The most that one call of heap_alloc_dma() can give. */
size_t heap_dma_bytes(void);

/* Whether some of the heap lies in the PSRAM. */
bool heap_is_in_psram(void);

#endif
