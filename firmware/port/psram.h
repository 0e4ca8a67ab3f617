/* SPDX-License-Identifier: MIT */

/* The board's PSRAM, from power-up to tested memory. */
#ifndef PORT_PSRAM_H
#define PORT_PSRAM_H

/* Values of BOARD_SPIRAM_PROFILE, see psram.c. */
#define SPIRAM_PROFILE_DATASHEET 0
#define SPIRAM_PROFILE_TUNED     1
#define SPIRAM_PROFILE_ANALYSER  2

#include <stddef.h>
#include <stdint.h>

/*
 * Once at boot. Brings the chip up, maps it and tests all of it, which overwrites it; the results
 * go to the boot log. Returns the number of bytes at *base that are good to use as memory, or 0:
 * then the window is closed and must not be touched.
 */
size_t psram_start(uint8_t **base);

/* The chip behind it, for those who drive it further; state OFF or READY if it cannot be used. */
struct spiram;
struct spiram *psram_context(void);

#endif
