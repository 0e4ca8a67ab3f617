/* SPDX-License-Identifier: MIT */

#include "power.h"
#include "ticks.h"
#include "stm32h7a3.h"

/*
 * Bit 2 of CR3 is SCUEN on parts without SMPS and SMPSEN on those with it. In both, bits 1 and 2
 * set and bit 0 clear is the state after power-on, in which the supply has not been chosen.
 */
#define CR3_SUPPLY_BITS  (PWR_CR3_BYPASS | PWR_CR3_LDOEN | PWR_CR3_SMPSEN)
#define CR3_SUPPLY_UNSET (PWR_CR3_LDOEN | PWR_CR3_SMPSEN)

/* The longest wait that ST's own start-up code allows. */
#define SUPPLY_TIMEOUT_US 1000000u
#define VOSRDY_TIMEOUT_US 10000u

enum power_error power_supply_select(enum power_supply supply)
{
    uint32_t wanted = supply == POWER_SUPPLY_LDO ? PWR_CR3_LDOEN : PWR_CR3_SMPSEN;
    uint32_t cr3 = PWR->CR3;

    if ((cr3 & CR3_SUPPLY_BITS) == CR3_SUPPLY_UNSET) {
        PWR->CR3 = (cr3 & ~CR3_SUPPLY_BITS) | wanted;
    }
    if ((PWR->CR3 & CR3_SUPPLY_BITS) != wanted) {
        return POWER_ERROR_SUPPLY;
    }
    if (!ticks_wait_register(&PWR->CSR1, PWR_CSR1_ACTVOSRDY, PWR_CSR1_ACTVOSRDY,
                             SUPPLY_TIMEOUT_US)) {
        return POWER_ERROR_SUPPLY;
    }
    return POWER_OK;
}

enum power_error power_scale_set(enum power_scale scale)
{
    uint32_t vos = (uint32_t)scale << PWR_SRDCR_VOS_Pos;

    PWR->SRDCR = (PWR->SRDCR & ~PWR_SRDCR_VOS_Msk) | vos;
    /* The read back lets VOSRDY fall before it is looked at, as ST's start-up code does too. */
    (void)PWR->SRDCR;
    if (!ticks_wait_register(&PWR->SRDCR, PWR_SRDCR_VOSRDY | PWR_SRDCR_VOS_Msk,
                             PWR_SRDCR_VOSRDY | vos, VOSRDY_TIMEOUT_US)) {
        return POWER_ERROR_SCALE;
    }
    return POWER_OK;
}
