/* SPDX-License-Identifier: MIT */

/*
 * Memory tests that take longer, through the window: destructive over all of a range, or block by
 * block under a guard while the memory is in use.
 *
 * Through a cache the unit that the chip sees is a line: reads and writes of one element of a march
 * reach the chip line by line, in the element's order.
 */
#ifndef SPIRAM_MEMTEST_H
#define SPIRAM_MEMTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "spiram.h"
#include "spiram_fault.h"
#include "spiram_test.h"

/* What each is for; docs/spiram.md says which faults it finds. Bits, to be or-ed. */
enum spiram_memtest {
    SPIRAM_MEMTEST_DATA = 1 << 0,         /* walk over the data lines */
    SPIRAM_MEMTEST_ADDRESS = 1 << 1,      /* walk over the address lines */
    SPIRAM_MEMTEST_WIDTHS = 1 << 2,       /* written with 8, 16, 32 bits, read with each */
    SPIRAM_MEMTEST_BOUNDARIES = 1 << 3,   /* around each 1 KB boundary, and the chip's two ends */
    SPIRAM_MEMTEST_TURNAROUND = 1 << 4,   /* write, and read the same at once */
    SPIRAM_MEMTEST_OWN_ADDRESS = 1 << 5,  /* each word holds its address, then the inverse */
    SPIRAM_MEMTEST_CHECKERBOARD = 1 << 6, /* neighbours hold inverse levels */
    SPIRAM_MEMTEST_MARCH = 1 << 7,        /* March C- */
    SPIRAM_MEMTEST_INVERSIONS = 1 << 8,   /* moving inversions of a bit that walks */
    SPIRAM_MEMTEST_RANDOM = 1 << 9,       /* from a seed, then the inverse */
    SPIRAM_MEMTEST_RETENTION = 1 << 10,   /* bit fade: at rest, and with the refresh held back */
};
#define SPIRAM_MEMTEST_COUNT 11u
#define SPIRAM_MEMTEST_ALL   ((1u << SPIRAM_MEMTEST_COUNT) - 1u)
/* Those that can run under a guard: retention would need the memory for longer. */
#define SPIRAM_MEMTEST_KEEPING (SPIRAM_MEMTEST_ALL & ~(unsigned)SPIRAM_MEMTEST_RETENTION)

/* "march", "retention", ... of one bit; NULL if it is none. And back: 0 if there is none. */
const char *spiram_memtest_name(unsigned test);
unsigned spiram_memtest_find(const char *name);

struct spiram_memtest_config {
    unsigned tests;  /* SPIRAM_MEMTEST_*; they run in the order of their bits */
    uint32_t offset; /* multiple of 32 */
    uint32_t length; /* multiple of 32; 0 = up to the end. The walks look at all of the chip */
    uint32_t seed;   /* of the random test */
    uint32_t passes; /* 0 = 1; each pass of random and inversions differs */
    uint32_t retention_ms; /* 0 = 100: longer than a round of the self-refresh, 65 ms */

    /* NULL: destructive, nobody else uses the range. */
    const struct spiram_guard *guard;

    void *context;
    /* Between sections, never within one; `test` is one bit. False: SPIRAM_ERR_STOPPED. May be
     * NULL. */
    bool (*progress)(void *context, unsigned test, unsigned percent);
    /* Waits, the memory at rest; NULL: the bus' delay_us(). */
    void (*pause_ms)(void *context, uint32_t ms);
};

/*
 * State MAPPED. Returns 0, SPIRAM_ERR_MEMORY with *fault filled (mostly of kind SPIRAM_FAULT_WORD;
 * spiram_diagnose() tells the reason), or another negative enum spiram_error: SPIRAM_ERR_PARAM for
 * ranges beyond spiram_usable_size(), no tests or unknown ones, retention with a guard, a guard
 * with less than SPIRAM_GUARD_BYTES_MIN; nothing is written then. With a guard each block gets its
 * content back also when a test fails or a sync does.
 */
int spiram_memtest(struct spiram *ram, const struct spiram_memtest_config *config,
                   struct spiram_fault *fault);

#endif
