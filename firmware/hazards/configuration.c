/* SPDX-License-Identifier: MIT */

#include "configuration.h"

#define ROW(identifier, ...)                                                                       \
    __attribute__((unused)) static const struct configuration identifier = {.name = #identifier,   \
                                                                            __VA_ARGS__}

/* What this firmware does: only whole lines leave the cache. */
ROW(cured, .type = WRITE_BACK_ALLOCATE, .data_cache = true, .dqse = true);

/* Each of its parts taken away. */
ROW(read_allocate, .type = WRITE_BACK_ALLOCATE, .data_cache = true, .read_allocate_mode = true,
    .dqse = true);
ROW(no_allocate, .type = WRITE_BACK_NO_ALLOCATE, .data_cache = true, .dqse = true);
ROW(write_through, .type = WRITE_THROUGH, .data_cache = true, .dqse = true);
ROW(non_cacheable, .type = NON_CACHEABLE, .data_cache = true, .dqse = true);
ROW(device, .type = DEVICE, .data_cache = true, .dqse = true);
ROW(cache_off, .type = WRITE_BACK_ALLOCATE, .data_cache = false, .dqse = true);
ROW(dqse_off, .type = WRITE_BACK_ALLOCATE, .data_cache = true, .dqse = false);

/* The original project: cacheable and bufferable, read-allocate mode as after reset, its clocks and
   timing; and its timing with the cured attributes. */
ROW(original, .type = WRITE_BACK_ALLOCATE, .data_cache = true, .read_allocate_mode = true,
    .dqse = true, .timing = TIMING_ORIGINAL);
ROW(original_timing, .type = WRITE_BACK_ALLOCATE, .data_cache = true, .dqse = true,
    .timing = TIMING_ORIGINAL);

const struct configuration *const configuration = &CONFIGURATION;
