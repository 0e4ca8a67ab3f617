/* SPDX-License-Identifier: MIT */

#include "original.h"

#include "stm32h7a3.h"
#include "ticks.h"

#define TIMEOUT_US 100000u

static bool wait(const volatile uint32_t *reg, uint32_t mask, uint32_t value)
{
    return ticks_wait_register(reg, mask, value, TIMEOUT_US);
}

/* RCC, RM0455. PLL1: HSE 25 MHz / 5 x 112 = 560 MHz, / 2. */
#define DIVM_5       (2u << 0 | 5u << 4 | 5u << 12 | 5u << 20)
#define PLL1_N112_P2 ((112u - 1u) | (2u - 1u) << 9 | (14u - 1u) << 16 | (14u - 1u) << 24)
#define RANGE_2_TO_4 1u
#define HPRE_2       8u
#define APB_2        4u

bool original_clocks(void)
{
    PWR->CR3 = (PWR->CR3 & ~0xFFu) | PWR_CR3_LDOEN;
    if (!wait(&PWR->CSR1, PWR_CSR1_ACTVOSRDY, PWR_CSR1_ACTVOSRDY)) {
        return false;
    }
    /* VOS1: limit 225 MHz. */
    PWR->SRDCR = 2u << PWR_SRDCR_VOS_Pos;
    if (!wait(&PWR->SRDCR, PWR_SRDCR_VOSRDY, PWR_SRDCR_VOSRDY)) {
        return false;
    }
    RCC->CR |= RCC_CR_HSEON;
    if (!wait(&RCC->CR, RCC_CR_HSERDY, RCC_CR_HSERDY)) {
        return false;
    }
    RCC->PLLCKSELR = DIVM_5;
    RCC->PLLCFGR = (RCC->PLLCFGR & ~RCC_PLLCFGR_PLL1RGE_Msk) |
                   RANGE_2_TO_4 << RCC_PLLCFGR_PLL1RGE_Pos | RCC_PLLCFGR_DIVP1EN;
    RCC->PLL1DIVR = PLL1_N112_P2;
    RCC->CR |= RCC_CR_PLL1ON;
    if (!wait(&RCC->CR, RCC_CR_PLL1RDY, RCC_CR_PLL1RDY)) {
        return false;
    }
    FLASH->ACR = 7u << FLASH_ACR_LATENCY_Pos | 3u << FLASH_ACR_WRHIGHFREQ_Pos;
    RCC->CDCFGR2 = APB_2 << RCC_CDCFGR2_CDPPRE1_Pos | APB_2 << RCC_CDCFGR2_CDPPRE2_Pos;
    RCC->SRDCFGR = APB_2 << RCC_SRDCFGR_SRDPPRE_Pos;
    RCC->CDCFGR1 = HPRE_2 << RCC_CDCFGR1_HPRE_Pos | APB_2 << RCC_CDCFGR1_CDPPRE_Pos;
    RCC->CFGR = (RCC->CFGR & ~RCC_CFGR_SW_Msk) | 3u << RCC_CFGR_SW_Pos;
    /* Not the original's: the console's clock is HSI, whose frequency usart.c assumes without
     * clock_init(). */
    RCC->CDCCIP2R =
        (RCC->CDCCIP2R & ~RCC_CDCCIP2R_USART16910SEL_Msk) | 3u << RCC_CDCCIP2R_USART16910SEL_Pos;
    SystemCoreClock = 280000000u;
    return wait(&RCC->CFGR, RCC_CFGR_SWS_Msk, 3u << RCC_CFGR_SWS_Pos);
}

/* OCTOSPI register fields. */
#define LINES_1_COMMAND 1u
#define LINES_4_COMMAND 3u
#define QPI_24_BIT      0x03002303u /* command, 24-bit address and data on four lines */
#define MTYP_2          (2u << OCTOSPI_DCR1_MTYP_Pos)
#define DEVSIZE_8MB     (22u << OCTOSPI_DCR1_DEVSIZE_Pos)
#define CSBOUND_1KB     (10u << OCTOSPI_DCR3_CSBOUND_Pos)
#define DUMMY_6         6u

static bool command(uint32_t lines, uint8_t code)
{
    OCTOSPI1->CCR = lines;
    OCTOSPI1->IR = code; /* starts it */
    bool done = wait(&OCTOSPI1->SR, OCTOSPI_SR_TCF, OCTOSPI_SR_TCF);
    OCTOSPI1->FCR = OCTOSPI_FCR_CTCF;
    return done && wait(&OCTOSPI1->SR, OCTOSPI_SR_BUSY, 0);
}

bool original_map(void)
{
    OCTOSPI1->CR = OCTOSPI_CR_EN;
    OCTOSPI1->DCR1 = MTYP_2 | DEVSIZE_8MB | OCTOSPI_DCR1_DLYBYP; /* CSHT 0: one clock */
    OCTOSPI1->DCR2 = 1u << OCTOSPI_DCR2_PRESCALER_Pos;           /* 140 MHz / 2 */
    if (!wait(&OCTOSPI1->SR, OCTOSPI_SR_BUSY, 0)) {
        return false;
    }
    OCTOSPI1->TCR = 0;
    if (!command(LINES_4_COMMAND, 0x66) || !command(LINES_4_COMMAND, 0x99) ||
        !command(LINES_1_COMMAND, 0x66) || !command(LINES_1_COMMAND, 0x99)) {
        return false;
    }
    ticks_delay_us(150);
    if (!command(LINES_1_COMMAND, 0x35)) {
        return false;
    }
    OCTOSPI1->DCR3 = CSBOUND_1KB;
    OCTOSPI1->DCR4 = 0;
    OCTOSPI1->LPTR = 1;
    OCTOSPI1->CCR = QPI_24_BIT;
    OCTOSPI1->TCR = DUMMY_6 | OCTOSPI_TCR_SSHIFT;
    OCTOSPI1->IR = 0xEB;
    OCTOSPI1->WCCR = QPI_24_BIT | OCTOSPI_WCCR_DQSE;
    OCTOSPI1->WTCR = 0;
    OCTOSPI1->WIR = 0x38;
    OCTOSPI1->CR = 3u << OCTOSPI_CR_FMODE_Pos | OCTOSPI_CR_TCEN | OCTOSPI_CR_EN;
    (void)OCTOSPI1->CR;
    __DSB();
    return true;
}
