/* SPDX-License-Identifier: MIT */

/*
 * DLYB_OCTOSPI1, the delay block of OCTOSPI1: delays the clock with which read data are sampled, by
 * a line of twelve equal cells of adjustable delay (RM0455, DLYB). Thread code only; no frame may
 * be under way. The block has no clock enable bit of its own.
 *
 * DCR1.DLYBYP of OCTOSPI1 decides whether the block is in the way of the clock at all.
 */
#ifndef MCU_DLYB_H
#define MCU_DLYB_H

#include <stdbool.h>
#include <stdint.h>

/* CFGR.SEL: 0 to 12 cells. */
#define DLYB_SEL_MAX 12u

/*
 * Finds the shortest delay of a cell (CFGR.UNIT) with which the line of all twelve is longer than
 * one period of the clock at its input, which must be running. False: the line cannot be made so
 * long (below some 20 MHz), or the sampler gives no answer.
 */
bool dlyb_measure(uint32_t *unit);

/* Puts `sel` cells of that delay into the way of the clock. */
void dlyb_set(uint32_t unit, uint32_t sel);

void dlyb_off(void);

#endif
