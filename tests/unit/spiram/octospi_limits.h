/* SPDX-License-Identifier: MIT */

/* A controller like OCTOSPI, for the tests' buses. */
#ifndef OCTOSPI_LIMITS_H
#define OCTOSPI_LIMITS_H

#include "spiram.h"

static const struct spiram_bus_limits octospi_limits = {
    .setup_clocks = 1,
    .hold_clocks = 1,
    .high_clocks_max = 8,
    .refresh_overrun = 4,
    .stall_bytes = 32,
    .frame_bytes = 32,
    .sample_delay_ps = 5000,
    .end_margin = 0,
    .idle_clocks_max = 65535,
    .can_release_at_bounds = true,
};

#endif
