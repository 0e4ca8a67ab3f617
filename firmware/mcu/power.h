/* SPDX-License-Identifier: MIT */

/*
 * Supply of the core and its voltage scale (RM0455, PWR). Called once at boot, before the clock is
 * raised, by clock_init() alone.
 */
#ifndef MCU_POWER_H
#define MCU_POWER_H

#include "clock_math.h"

/* How the core is supplied: a property of package and board, see PWR_CR3. */
enum power_supply {
    POWER_SUPPLY_LDO,  /* parts without SMPS (VIT6), and SMPS parts wired for the LDO */
    POWER_SUPPLY_SMPS, /* parts with a Q in their name: SMPS directly to VCORE */
};

enum power_error {
    POWER_OK = 0,
    POWER_ERROR_SUPPLY =
        -1, /* the supply did not become ready, or another one was locked in before */
    POWER_ERROR_SCALE = -2, /* the voltage scale was not reached */
};

/*
 * Chooses the supply. PWR_CR3's low byte takes one write after a power cycle; later ones are
 * ignored, so a supply that is already set (after a system reset, or by a bootloader) is only
 * checked.
 */
enum power_error power_supply_select(enum power_supply supply);

/* Raises or lowers the core voltage and waits until it is there. */
enum power_error power_scale_set(enum power_scale scale);

#endif
