/* Supply, voltage and the highest clock, in the order of RM0455 chapter 6 and of the vendor's
 * drivers. */
#include "soc.h"

bool set_supply(void)
{
    /* Parts with SMPS: 3 bits tell whether the one write of this power cycle was made; the others
     * use SCUEN. */
#ifdef BOARD_NUCLEO
    const uint32_t mask = 0x3F, wanted = 1u << 2, fresh = (R(PWR, PWR_CR3) & 7) == 6;
#else
    const uint32_t mask = 7, wanted = 1u << 1, fresh = R(PWR, PWR_CR3) & BIT(2);
#endif

    if (!fresh)
        return (R(PWR, PWR_CR3) & mask) == wanted;
    R(PWR, PWR_CR3) = (R(PWR, PWR_CR3) & ~mask) | wanted;
    return wait_for(&R(PWR, PWR_CSR1), PWR_ACTVOSRDY, PWR_ACTVOSRDY, 1000);
}

bool set_voltage_scale(unsigned scale)
{
    uint32_t field = (3 - scale) << PWR_VOS_POS;

    R(PWR, PWR_SRDCR) = (R(PWR, PWR_SRDCR) & ~(3u << PWR_VOS_POS)) | field;
    (void)R(PWR, PWR_SRDCR);
    return wait_for(&R(PWR, PWR_SRDCR), PWR_VOSRDY, PWR_VOSRDY, 1000) &&
           wait_for(&R(PWR, PWR_CSR1), PWR_ACTVOSRDY, PWR_ACTVOSRDY, 1000);
}

bool full_speed(void)
{
#ifdef BOARD_NUCLEO
    const uint32_t crystal_mhz = 8, m = 2;
#else
    const uint32_t crystal_mhz = 25, m = 10;
#endif
    /* 560 MHz VCO: /2 for the core, /4 for the OCTOSPI kernel. */
    const uint32_t ref_times_2 = crystal_mhz * 2 / m, n = 1120 / ref_times_2;

    if (!set_supply() || !set_voltage_scale(0))
        return false;
    R(RCC, RCC_CR) |= RCC_CR_HSEON;
    if (!wait_for(&R(RCC, RCC_CR), RCC_CR_HSERDY, RCC_CR_HSERDY, 100))
        return false;
    R(RCC, RCC_CR) &= ~(uint32_t)RCC_CR_PLL1ON;
    if (!wait_for(&R(RCC, RCC_CR), RCC_CR_PLL1RDY, 0, 2))
        return false;
    R(RCC, RCC_PLLCKSELR) = (R(RCC, RCC_PLLCKSELR) & ~0x3F3u) | m << 4 | 2;
    R(RCC, RCC_PLL1DIVR) = (n - 1) | (2 - 1) << 9 | (4 - 1) << 16 | (2 - 1) << 24;
    R(RCC, RCC_PLLCFGR) &= ~BIT(0);
    R(RCC, RCC_PLL1FRACR) = 0;
    R(RCC, RCC_PLLCFGR) =
        (R(RCC, RCC_PLLCFGR) & ~0xEu) | (ref_times_2 >= 8 ? 2u : 1u) << 2 | 7u << 16;
    R(RCC, RCC_CR) |= RCC_CR_PLL1ON;
    if (!wait_for(&R(RCC, RCC_CR), RCC_CR_PLL1RDY, RCC_CR_PLL1RDY, 2))
        return false;
    R(FLASH, FLASH_ACR) = 6 | 3 << 4;
    if ((R(FLASH, FLASH_ACR) & 15) != 6)
        return false;
    /* Prescalers of the buses before the switch: APB at most 140 MHz. */
    R(RCC, RCC_CDCFGR1) = 4u << 4;
    R(RCC, RCC_CDCFGR2) = 4u << 4 | 4u << 8;
    R(RCC, RCC_SRDCFGR) = 4u << 4;
    R(RCC, RCC_CFGR) = (R(RCC, RCC_CFGR) & ~7u) | 3;
    if (!wait_for(&R(RCC, RCC_CFGR), 7u << 3, 3u << 3, 5000))
        return false;
    start_tick(280000000);
    return true;
}
