/* SPDX-License-Identifier: MIT */

#include "dlyb.h"
#include "stm32h7a3.h"
#include "ticks.h"

#define UNIT_MAX (DLYB_CFGR_UNIT_Msk >> DLYB_CFGR_UNIT_Pos)

/* Some periods of the slowest clock in use. */
#define SAMPLE_TIMEOUT_US 20u

/* LNG[10:0]: the level of the clock behind each cell but the last. */
#define LNG_LAST_TWO (3UL << (DLYB_CFGR_LNG_Pos + 10))
#define LNG_10_0     (0x7FFUL << DLYB_CFGR_LNG_Pos)

/*
 * RM0455, DLYB, "Delay line length configuration procedure". With growing cells the high half of
 * the clock moves towards the line's begin: behind the last cells it is seen low (line shorter than
 * half a period), then high, then, once the line is longer than a period, low again.
 */
bool dlyb_measure(uint32_t *unit)
{
    DLYB_OCTOSPI1->CR = DLYB_CR_DEN | DLYB_CR_SEN;
    for (uint32_t n = 0; n <= UNIT_MAX; n++) {
        DLYB_OCTOSPI1->CFGR = DLYB_SEL_MAX << DLYB_CFGR_SEL_Pos | n << DLYB_CFGR_UNIT_Pos;
        if (!ticks_wait_register(&DLYB_OCTOSPI1->CFGR, DLYB_CFGR_LNGF, DLYB_CFGR_LNGF,
                                 SAMPLE_TIMEOUT_US)) {
            break;
        }
        uint32_t cfgr = DLYB_OCTOSPI1->CFGR;
        if ((cfgr & LNG_10_0) != 0 && (cfgr & LNG_LAST_TWO) != LNG_LAST_TWO) {
            DLYB_OCTOSPI1->CR = DLYB_CR_DEN;
            *unit = n;
            return true;
        }
    }
    dlyb_off();
    return false;
}

void dlyb_set(uint32_t unit, uint32_t sel)
{
    /* RM0455, DLYB_CR: the fields of CFGR take writes, and the output clock stands, while SEN = 1.
     */
    DLYB_OCTOSPI1->CR = DLYB_CR_DEN | DLYB_CR_SEN;
    DLYB_OCTOSPI1->CFGR = sel << DLYB_CFGR_SEL_Pos | unit << DLYB_CFGR_UNIT_Pos;
    DLYB_OCTOSPI1->CR = DLYB_CR_DEN;
}

void dlyb_off(void)
{
    DLYB_OCTOSPI1->CR = 0;
}
