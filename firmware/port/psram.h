/* SPDX-License-Identifier: MIT */

/* The board's PSRAM, from power-up to tested memory. */
#ifndef PORT_PSRAM_H
#define PORT_PSRAM_H

/* Values of BOARD_SPIRAM_PROFILE, see psram.c. */
#define SPIRAM_PROFILE_DATASHEET 0
#define SPIRAM_PROFILE_TUNED     1
#define SPIRAM_PROFILE_ANALYSER  2

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mcu/gpio.h"
#include "spiram/spiram.h"
#include "spiram/spiram_fault.h"
#include "spiram/spiram_memtest.h"

/*
 * Once at boot. Brings the chip up, maps it and tests it, which overwrites it; the results go to
 * the boot log. Returns the number of bytes at *base that are good to use as memory, or 0: then the
 * window is closed and must not be touched.
 *
 * The test is the quick one (spiram_test_lines(), spiram_test_pages()), with BOARD_SPIRAM_FULL_TEST
 * all that there are.
 */
size_t psram_start(uint8_t **base);

/* For spiram_...() of the library. What unmaps it must map it again before anything touches the
 * heap: psram_transfer.h does so. */
struct spiram *psram_context(void);

/* How psram_start() ended: SPIRAM_OK or an enum spiram_error. */
int psram_result(void);

/* Whether the pin is one of the chip's, and the chip in use. Any context. */
bool psram_uses_pin(gpio_pin_t pin);

const char *psram_profile_name(void);

/* So many bytes from the beginning are tested at boot. */
uint32_t psram_tested_bytes(void);

/*
 * At a soft reset, after psram_start() gave memory and while nothing in it is alive: the quick test
 * again. False, with the reason in the boot log: the chip has failed, the window is closed.
 */
bool psram_is_still_good(void);

/*
 * A test at any time; thread code only, interrupts on. holds_heap: the memory is in use, so it is
 * tested block by block under a guard. If it fails then, this does not return: see psram_stop().
 * Otherwise all of it is overwritten, and after a failure *fault has the reason. context, progress
 * and guard of the configuration are set here and there as they are needed. SPIRAM_ERR_STATE if no
 * chip was brought up.
 */
int psram_memtest(struct spiram_memtest_config *config, bool holds_heap,
                  struct spiram_fault *fault);

/*
 * What the heap lies in has failed, and Python could do anything from here on. Says the text, which
 * ends with PSRAM_STOPPED, and again at each byte that comes in, for whoever opens his terminal
 * later. The window stays as it is: where it is open, a debugger sees the heap, and with one
 * attached the core stops here. A watchdog that runs resets the board, as does its button.
 */
#define PSRAM_STOPPED "spiram failed with the heap in it, stopped: reset the board\r\n"
_Noreturn void psram_stop(const char *text);

/* Bytes that psram_memtest() can test; 0 if no chip was brought up. */
uint32_t psram_test_size(void);

#endif
