/* SPDX-License-Identifier: MIT */

/*
 * The independent watchdog: counts LSI, resets the microcontroller when nobody feeds it, and cannot
 * be stopped but by a reset (RM0455, IWDG). Runs on in Sleep and Stop, and in Standby. LSI is some
 * per cent off (DS13195), and so is the time-out.
 */
#ifndef MCU_IWDG_H
#define MCU_IWDG_H

#include <stdbool.h>
#include <stdint.h>

/* 4096 ticks of 32 kHz / 256. */
#define IWDG_TIMEOUT_MAX_MS 32768u

/*
 * Starts it, or gives a running one another time-out; it is fed in both cases. timeout_ms 1 ..
 * IWDG_TIMEOUT_MAX_MS, rounded up to ticks of at most 8 ms. False: its registers did not take the
 * values; it runs all the same, with 512 ms or with the time-out it had.
 */
bool iwdg_start(uint32_t timeout_ms);

/* Any context. Without effect before iwdg_start(). */
void iwdg_feed(void);

#endif
