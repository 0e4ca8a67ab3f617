/* SPDX-License-Identifier: MIT */

/*
 * Bit macros of RCC, from RM0455 8.7. Rules as in stm32h7a3_bits.h. Included by stm32h7a3.h only.
 */
#ifndef STM32H7A3_RCC_BITS_H
#define STM32H7A3_RCC_BITS_H

/* RCC */
#define RCC_CR_HSION                    (1UL << 0)
#define RCC_CR_HSIKERON                 (1UL << 1)
#define RCC_CR_HSIRDY                   (1UL << 2)
#define RCC_CR_HSIDIV_Pos               3U
#define RCC_CR_HSIDIV_Msk               (0x3UL << RCC_CR_HSIDIV_Pos)
#define RCC_CR_HSIDIV                   RCC_CR_HSIDIV_Msk
#define RCC_CR_HSIDIVF                  (1UL << 5)
#define RCC_CR_CSION                    (1UL << 7)
#define RCC_CR_CSIRDY                   (1UL << 8)
#define RCC_CR_CSIKERON                 (1UL << 9)
#define RCC_CR_HSI48ON                  (1UL << 12)
#define RCC_CR_HSI48RDY                 (1UL << 13)
#define RCC_CR_CPUCKRDY                 (1UL << 14)
#define RCC_CR_CDCKRDY                  (1UL << 15)
#define RCC_CR_HSEON                    (1UL << 16)
#define RCC_CR_HSERDY                   (1UL << 17)
#define RCC_CR_HSEBYP                   (1UL << 18)
#define RCC_CR_HSECSSON                 (1UL << 19)
#define RCC_CR_HSEEXT                   (1UL << 20)
#define RCC_CR_PLL1ON                   (1UL << 24)
#define RCC_CR_PLL1RDY                  (1UL << 25)
#define RCC_CR_PLL2ON                   (1UL << 26)
#define RCC_CR_PLL2RDY                  (1UL << 27)
#define RCC_CR_PLL3ON                   (1UL << 28)
#define RCC_CR_PLL3RDY                  (1UL << 29)
#define RCC_HSICFGR_HSICAL_Pos          0U
#define RCC_HSICFGR_HSICAL_Msk          (0xFFFUL << RCC_HSICFGR_HSICAL_Pos)
#define RCC_HSICFGR_HSICAL              RCC_HSICFGR_HSICAL_Msk
#define RCC_HSICFGR_HSITRIM_Pos         24U
#define RCC_HSICFGR_HSITRIM_Msk         (0x7FUL << RCC_HSICFGR_HSITRIM_Pos)
#define RCC_HSICFGR_HSITRIM             RCC_HSICFGR_HSITRIM_Msk
#define RCC_CRRCR_HSI48CAL_Pos          0U
#define RCC_CRRCR_HSI48CAL_Msk          (0x3FFUL << RCC_CRRCR_HSI48CAL_Pos)
#define RCC_CRRCR_HSI48CAL              RCC_CRRCR_HSI48CAL_Msk
#define RCC_CSICFGR_CSICAL_Pos          0U
#define RCC_CSICFGR_CSICAL_Msk          (0xFFUL << RCC_CSICFGR_CSICAL_Pos)
#define RCC_CSICFGR_CSICAL              RCC_CSICFGR_CSICAL_Msk
#define RCC_CSICFGR_CSITRIM_Pos         24U
#define RCC_CSICFGR_CSITRIM_Msk         (0x3FUL << RCC_CSICFGR_CSITRIM_Pos)
#define RCC_CSICFGR_CSITRIM             RCC_CSICFGR_CSITRIM_Msk
#define RCC_CFGR_SW_Pos                 0U
#define RCC_CFGR_SW_Msk                 (0x7UL << RCC_CFGR_SW_Pos)
#define RCC_CFGR_SW                     RCC_CFGR_SW_Msk
#define RCC_CFGR_SWS_Pos                3U
#define RCC_CFGR_SWS_Msk                (0x7UL << RCC_CFGR_SWS_Pos)
#define RCC_CFGR_SWS                    RCC_CFGR_SWS_Msk
#define RCC_CFGR_STOPWUCK               (1UL << 6)
#define RCC_CFGR_STOPKERWUCK            (1UL << 7)
#define RCC_CFGR_RTCPRE_Pos             8U
#define RCC_CFGR_RTCPRE_Msk             (0x3FUL << RCC_CFGR_RTCPRE_Pos)
#define RCC_CFGR_RTCPRE                 RCC_CFGR_RTCPRE_Msk
#define RCC_CFGR_TIMPRE                 (1UL << 15)
#define RCC_CFGR_MCO1PRE_Pos            18U
#define RCC_CFGR_MCO1PRE_Msk            (0xFUL << RCC_CFGR_MCO1PRE_Pos)
#define RCC_CFGR_MCO1PRE                RCC_CFGR_MCO1PRE_Msk
#define RCC_CFGR_MCO1_Pos               22U
#define RCC_CFGR_MCO1_Msk               (0x7UL << RCC_CFGR_MCO1_Pos)
#define RCC_CFGR_MCO1                   RCC_CFGR_MCO1_Msk
#define RCC_CFGR_MCO2PRE_Pos            25U
#define RCC_CFGR_MCO2PRE_Msk            (0xFUL << RCC_CFGR_MCO2PRE_Pos)
#define RCC_CFGR_MCO2PRE                RCC_CFGR_MCO2PRE_Msk
#define RCC_CFGR_MCO2_Pos               29U
#define RCC_CFGR_MCO2_Msk               (0x7UL << RCC_CFGR_MCO2_Pos)
#define RCC_CFGR_MCO2                   RCC_CFGR_MCO2_Msk
#define RCC_CDCFGR1_HPRE_Pos            0U
#define RCC_CDCFGR1_HPRE_Msk            (0xFUL << RCC_CDCFGR1_HPRE_Pos)
#define RCC_CDCFGR1_HPRE                RCC_CDCFGR1_HPRE_Msk
#define RCC_CDCFGR1_CDPPRE_Pos          4U
#define RCC_CDCFGR1_CDPPRE_Msk          (0x7UL << RCC_CDCFGR1_CDPPRE_Pos)
#define RCC_CDCFGR1_CDPPRE              RCC_CDCFGR1_CDPPRE_Msk
#define RCC_CDCFGR1_CDCPRE_Pos          8U
#define RCC_CDCFGR1_CDCPRE_Msk          (0xFUL << RCC_CDCFGR1_CDCPRE_Pos)
#define RCC_CDCFGR1_CDCPRE              RCC_CDCFGR1_CDCPRE_Msk
#define RCC_CDCFGR2_CDPPRE1_Pos         4U
#define RCC_CDCFGR2_CDPPRE1_Msk         (0x7UL << RCC_CDCFGR2_CDPPRE1_Pos)
#define RCC_CDCFGR2_CDPPRE1             RCC_CDCFGR2_CDPPRE1_Msk
#define RCC_CDCFGR2_CDPPRE2_Pos         8U
#define RCC_CDCFGR2_CDPPRE2_Msk         (0x7UL << RCC_CDCFGR2_CDPPRE2_Pos)
#define RCC_CDCFGR2_CDPPRE2             RCC_CDCFGR2_CDPPRE2_Msk
#define RCC_SRDCFGR_SRDPPRE_Pos         4U
#define RCC_SRDCFGR_SRDPPRE_Msk         (0x7UL << RCC_SRDCFGR_SRDPPRE_Pos)
#define RCC_SRDCFGR_SRDPPRE             RCC_SRDCFGR_SRDPPRE_Msk
#define RCC_PLLCKSELR_PLLSRC_Pos        0U
#define RCC_PLLCKSELR_PLLSRC_Msk        (0x3UL << RCC_PLLCKSELR_PLLSRC_Pos)
#define RCC_PLLCKSELR_PLLSRC            RCC_PLLCKSELR_PLLSRC_Msk
#define RCC_PLLCKSELR_DIVM1_Pos         4U
#define RCC_PLLCKSELR_DIVM1_Msk         (0x3FUL << RCC_PLLCKSELR_DIVM1_Pos)
#define RCC_PLLCKSELR_DIVM1             RCC_PLLCKSELR_DIVM1_Msk
#define RCC_PLLCKSELR_DIVM2_Pos         12U
#define RCC_PLLCKSELR_DIVM2_Msk         (0x3FUL << RCC_PLLCKSELR_DIVM2_Pos)
#define RCC_PLLCKSELR_DIVM2             RCC_PLLCKSELR_DIVM2_Msk
#define RCC_PLLCKSELR_DIVM3_Pos         20U
#define RCC_PLLCKSELR_DIVM3_Msk         (0x3FUL << RCC_PLLCKSELR_DIVM3_Pos)
#define RCC_PLLCKSELR_DIVM3             RCC_PLLCKSELR_DIVM3_Msk
#define RCC_PLLCFGR_PLL1FRACEN          (1UL << 0)
#define RCC_PLLCFGR_PLL1VCOSEL          (1UL << 1)
#define RCC_PLLCFGR_PLL1RGE_Pos         2U
#define RCC_PLLCFGR_PLL1RGE_Msk         (0x3UL << RCC_PLLCFGR_PLL1RGE_Pos)
#define RCC_PLLCFGR_PLL1RGE             RCC_PLLCFGR_PLL1RGE_Msk
#define RCC_PLLCFGR_PLL2FRACEN          (1UL << 4)
#define RCC_PLLCFGR_PLL2VCOSEL          (1UL << 5)
#define RCC_PLLCFGR_PLL2RGE_Pos         6U
#define RCC_PLLCFGR_PLL2RGE_Msk         (0x3UL << RCC_PLLCFGR_PLL2RGE_Pos)
#define RCC_PLLCFGR_PLL2RGE             RCC_PLLCFGR_PLL2RGE_Msk
#define RCC_PLLCFGR_PLL3FRACEN          (1UL << 8)
#define RCC_PLLCFGR_PLL3VCOSEL          (1UL << 9)
#define RCC_PLLCFGR_PLL3RGE_Pos         10U
#define RCC_PLLCFGR_PLL3RGE_Msk         (0x3UL << RCC_PLLCFGR_PLL3RGE_Pos)
#define RCC_PLLCFGR_PLL3RGE             RCC_PLLCFGR_PLL3RGE_Msk
#define RCC_PLLCFGR_DIVP1EN             (1UL << 16)
#define RCC_PLLCFGR_DIVQ1EN             (1UL << 17)
#define RCC_PLLCFGR_DIVR1EN             (1UL << 18)
#define RCC_PLLCFGR_DIVP2EN             (1UL << 19)
#define RCC_PLLCFGR_DIVQ2EN             (1UL << 20)
#define RCC_PLLCFGR_DIVR2EN             (1UL << 21)
#define RCC_PLLCFGR_DIVP3EN             (1UL << 22)
#define RCC_PLLCFGR_DIVQ3EN             (1UL << 23)
#define RCC_PLLCFGR_DIVR3EN             (1UL << 24)
#define RCC_PLL1DIVR_N1_Pos             0U
#define RCC_PLL1DIVR_N1_Msk             (0x1FFUL << RCC_PLL1DIVR_N1_Pos)
#define RCC_PLL1DIVR_N1                 RCC_PLL1DIVR_N1_Msk
#define RCC_PLL1DIVR_P1_Pos             9U
#define RCC_PLL1DIVR_P1_Msk             (0x7FUL << RCC_PLL1DIVR_P1_Pos)
#define RCC_PLL1DIVR_P1                 RCC_PLL1DIVR_P1_Msk
#define RCC_PLL1DIVR_Q1_Pos             16U
#define RCC_PLL1DIVR_Q1_Msk             (0x7FUL << RCC_PLL1DIVR_Q1_Pos)
#define RCC_PLL1DIVR_Q1                 RCC_PLL1DIVR_Q1_Msk
#define RCC_PLL1DIVR_R1_Pos             24U
#define RCC_PLL1DIVR_R1_Msk             (0x7FUL << RCC_PLL1DIVR_R1_Pos)
#define RCC_PLL1DIVR_R1                 RCC_PLL1DIVR_R1_Msk
#define RCC_PLL1FRACR_FRACN1_Pos        3U
#define RCC_PLL1FRACR_FRACN1_Msk        (0x1FFFUL << RCC_PLL1FRACR_FRACN1_Pos)
#define RCC_PLL1FRACR_FRACN1            RCC_PLL1FRACR_FRACN1_Msk
#define RCC_PLL2DIVR_N2_Pos             0U
#define RCC_PLL2DIVR_N2_Msk             (0x1FFUL << RCC_PLL2DIVR_N2_Pos)
#define RCC_PLL2DIVR_N2                 RCC_PLL2DIVR_N2_Msk
#define RCC_PLL2DIVR_P2_Pos             9U
#define RCC_PLL2DIVR_P2_Msk             (0x7FUL << RCC_PLL2DIVR_P2_Pos)
#define RCC_PLL2DIVR_P2                 RCC_PLL2DIVR_P2_Msk
#define RCC_PLL2DIVR_Q2_Pos             16U
#define RCC_PLL2DIVR_Q2_Msk             (0x7FUL << RCC_PLL2DIVR_Q2_Pos)
#define RCC_PLL2DIVR_Q2                 RCC_PLL2DIVR_Q2_Msk
#define RCC_PLL2DIVR_R2_Pos             24U
#define RCC_PLL2DIVR_R2_Msk             (0x7FUL << RCC_PLL2DIVR_R2_Pos)
#define RCC_PLL2DIVR_R2                 RCC_PLL2DIVR_R2_Msk
#define RCC_PLL2FRACR_FRACN2_Pos        3U
#define RCC_PLL2FRACR_FRACN2_Msk        (0x1FFFUL << RCC_PLL2FRACR_FRACN2_Pos)
#define RCC_PLL2FRACR_FRACN2            RCC_PLL2FRACR_FRACN2_Msk
#define RCC_PLL3DIVR_N3_Pos             0U
#define RCC_PLL3DIVR_N3_Msk             (0x1FFUL << RCC_PLL3DIVR_N3_Pos)
#define RCC_PLL3DIVR_N3                 RCC_PLL3DIVR_N3_Msk
#define RCC_PLL3DIVR_P3_Pos             9U
#define RCC_PLL3DIVR_P3_Msk             (0x7FUL << RCC_PLL3DIVR_P3_Pos)
#define RCC_PLL3DIVR_P3                 RCC_PLL3DIVR_P3_Msk
#define RCC_PLL3DIVR_Q3_Pos             16U
#define RCC_PLL3DIVR_Q3_Msk             (0x7FUL << RCC_PLL3DIVR_Q3_Pos)
#define RCC_PLL3DIVR_Q3                 RCC_PLL3DIVR_Q3_Msk
#define RCC_PLL3DIVR_R3_Pos             24U
#define RCC_PLL3DIVR_R3_Msk             (0x7FUL << RCC_PLL3DIVR_R3_Pos)
#define RCC_PLL3DIVR_R3                 RCC_PLL3DIVR_R3_Msk
#define RCC_PLL3FRACR_FRACN3_Pos        3U
#define RCC_PLL3FRACR_FRACN3_Msk        (0x1FFFUL << RCC_PLL3FRACR_FRACN3_Pos)
#define RCC_PLL3FRACR_FRACN3            RCC_PLL3FRACR_FRACN3_Msk
#define RCC_CDCCIPR_FMCSEL_Pos          0U
#define RCC_CDCCIPR_FMCSEL_Msk          (0x3UL << RCC_CDCCIPR_FMCSEL_Pos)
#define RCC_CDCCIPR_FMCSEL              RCC_CDCCIPR_FMCSEL_Msk
#define RCC_CDCCIPR_OCTOSPISEL_Pos      4U
#define RCC_CDCCIPR_OCTOSPISEL_Msk      (0x3UL << RCC_CDCCIPR_OCTOSPISEL_Pos)
#define RCC_CDCCIPR_OCTOSPISEL          RCC_CDCCIPR_OCTOSPISEL_Msk
#define RCC_CDCCIPR_SDMMCSEL            (1UL << 16)
#define RCC_CDCCIPR_CKPERSEL_Pos        28U
#define RCC_CDCCIPR_CKPERSEL_Msk        (0x3UL << RCC_CDCCIPR_CKPERSEL_Pos)
#define RCC_CDCCIPR_CKPERSEL            RCC_CDCCIPR_CKPERSEL_Msk
#define RCC_CDCCIP1R_SAI1SEL_Pos        0U
#define RCC_CDCCIP1R_SAI1SEL_Msk        (0x7UL << RCC_CDCCIP1R_SAI1SEL_Pos)
#define RCC_CDCCIP1R_SAI1SEL            RCC_CDCCIP1R_SAI1SEL_Msk
#define RCC_CDCCIP1R_SAI2ASEL_Pos       6U
#define RCC_CDCCIP1R_SAI2ASEL_Msk       (0x7UL << RCC_CDCCIP1R_SAI2ASEL_Pos)
#define RCC_CDCCIP1R_SAI2ASEL           RCC_CDCCIP1R_SAI2ASEL_Msk
#define RCC_CDCCIP1R_SAI2BSEL_Pos       9U
#define RCC_CDCCIP1R_SAI2BSEL_Msk       (0x7UL << RCC_CDCCIP1R_SAI2BSEL_Pos)
#define RCC_CDCCIP1R_SAI2BSEL           RCC_CDCCIP1R_SAI2BSEL_Msk
#define RCC_CDCCIP1R_SPI123SEL_Pos      12U
#define RCC_CDCCIP1R_SPI123SEL_Msk      (0x7UL << RCC_CDCCIP1R_SPI123SEL_Pos)
#define RCC_CDCCIP1R_SPI123SEL          RCC_CDCCIP1R_SPI123SEL_Msk
#define RCC_CDCCIP1R_SPI45SEL_Pos       16U
#define RCC_CDCCIP1R_SPI45SEL_Msk       (0x7UL << RCC_CDCCIP1R_SPI45SEL_Pos)
#define RCC_CDCCIP1R_SPI45SEL           RCC_CDCCIP1R_SPI45SEL_Msk
#define RCC_CDCCIP1R_SPDIFRXSEL_Pos     20U
#define RCC_CDCCIP1R_SPDIFRXSEL_Msk     (0x3UL << RCC_CDCCIP1R_SPDIFRXSEL_Pos)
#define RCC_CDCCIP1R_SPDIFRXSEL         RCC_CDCCIP1R_SPDIFRXSEL_Msk
#define RCC_CDCCIP1R_DFSDM1SEL          (1UL << 24)
#define RCC_CDCCIP1R_FDCANSEL_Pos       28U
#define RCC_CDCCIP1R_FDCANSEL_Msk       (0x3UL << RCC_CDCCIP1R_FDCANSEL_Pos)
#define RCC_CDCCIP1R_FDCANSEL           RCC_CDCCIP1R_FDCANSEL_Msk
#define RCC_CDCCIP1R_SWPMISEL           (1UL << 31)
#define RCC_CDCCIP2R_USART234578SEL_Pos 0U
#define RCC_CDCCIP2R_USART234578SEL_Msk (0x7UL << RCC_CDCCIP2R_USART234578SEL_Pos)
#define RCC_CDCCIP2R_USART234578SEL     RCC_CDCCIP2R_USART234578SEL_Msk
#define RCC_CDCCIP2R_USART16910SEL_Pos  3U
#define RCC_CDCCIP2R_USART16910SEL_Msk  (0x7UL << RCC_CDCCIP2R_USART16910SEL_Pos)
#define RCC_CDCCIP2R_USART16910SEL      RCC_CDCCIP2R_USART16910SEL_Msk
#define RCC_CDCCIP2R_RNGSEL_Pos         8U
#define RCC_CDCCIP2R_RNGSEL_Msk         (0x3UL << RCC_CDCCIP2R_RNGSEL_Pos)
#define RCC_CDCCIP2R_RNGSEL             RCC_CDCCIP2R_RNGSEL_Msk
#define RCC_CDCCIP2R_I2C123SEL_Pos      12U
#define RCC_CDCCIP2R_I2C123SEL_Msk      (0x3UL << RCC_CDCCIP2R_I2C123SEL_Pos)
#define RCC_CDCCIP2R_I2C123SEL          RCC_CDCCIP2R_I2C123SEL_Msk
#define RCC_CDCCIP2R_USBSEL_Pos         20U
#define RCC_CDCCIP2R_USBSEL_Msk         (0x3UL << RCC_CDCCIP2R_USBSEL_Pos)
#define RCC_CDCCIP2R_USBSEL             RCC_CDCCIP2R_USBSEL_Msk
#define RCC_CDCCIP2R_CECSEL_Pos         22U
#define RCC_CDCCIP2R_CECSEL_Msk         (0x3UL << RCC_CDCCIP2R_CECSEL_Pos)
#define RCC_CDCCIP2R_CECSEL             RCC_CDCCIP2R_CECSEL_Msk
#define RCC_CDCCIP2R_LPTIM1SEL_Pos      28U
#define RCC_CDCCIP2R_LPTIM1SEL_Msk      (0x7UL << RCC_CDCCIP2R_LPTIM1SEL_Pos)
#define RCC_CDCCIP2R_LPTIM1SEL          RCC_CDCCIP2R_LPTIM1SEL_Msk
#define RCC_SRDCCIPR_LPUART1SEL_Pos     0U
#define RCC_SRDCCIPR_LPUART1SEL_Msk     (0x7UL << RCC_SRDCCIPR_LPUART1SEL_Pos)
#define RCC_SRDCCIPR_LPUART1SEL         RCC_SRDCCIPR_LPUART1SEL_Msk
#define RCC_SRDCCIPR_I2C4SEL_Pos        8U
#define RCC_SRDCCIPR_I2C4SEL_Msk        (0x3UL << RCC_SRDCCIPR_I2C4SEL_Pos)
#define RCC_SRDCCIPR_I2C4SEL            RCC_SRDCCIPR_I2C4SEL_Msk
#define RCC_SRDCCIPR_LPTIM2SEL_Pos      10U
#define RCC_SRDCCIPR_LPTIM2SEL_Msk      (0x7UL << RCC_SRDCCIPR_LPTIM2SEL_Pos)
#define RCC_SRDCCIPR_LPTIM2SEL          RCC_SRDCCIPR_LPTIM2SEL_Msk
#define RCC_SRDCCIPR_LPTIM3SEL_Pos      13U
#define RCC_SRDCCIPR_LPTIM3SEL_Msk      (0x7UL << RCC_SRDCCIPR_LPTIM3SEL_Pos)
#define RCC_SRDCCIPR_LPTIM3SEL          RCC_SRDCCIPR_LPTIM3SEL_Msk
#define RCC_SRDCCIPR_ADCSEL_Pos         16U
#define RCC_SRDCCIPR_ADCSEL_Msk         (0x3UL << RCC_SRDCCIPR_ADCSEL_Pos)
#define RCC_SRDCCIPR_ADCSEL             RCC_SRDCCIPR_ADCSEL_Msk
#define RCC_SRDCCIPR_DFSDM2SEL          (1UL << 27)
#define RCC_SRDCCIPR_SPI6SEL_Pos        28U
#define RCC_SRDCCIPR_SPI6SEL_Msk        (0x7UL << RCC_SRDCCIPR_SPI6SEL_Pos)
#define RCC_SRDCCIPR_SPI6SEL            RCC_SRDCCIPR_SPI6SEL_Msk
#define RCC_CIER_LSIRDYIE               (1UL << 0)
#define RCC_CIER_LSERDYIE               (1UL << 1)
#define RCC_CIER_HSIRDYIE               (1UL << 2)
#define RCC_CIER_HSERDYIE               (1UL << 3)
#define RCC_CIER_CSIRDYIE               (1UL << 4)
#define RCC_CIER_HSI48RDYIE             (1UL << 5)
#define RCC_CIER_PLL1RDYIE              (1UL << 6)
#define RCC_CIER_PLL2RDYIE              (1UL << 7)
#define RCC_CIER_PLL3RDYIE              (1UL << 8)
#define RCC_CIER_LSECSSIE               (1UL << 9)
#define RCC_CIFR_LSIRDYF                (1UL << 0)
#define RCC_CIFR_LSERDYF                (1UL << 1)
#define RCC_CIFR_HSIRDYF                (1UL << 2)
#define RCC_CIFR_HSERDYF                (1UL << 3)
#define RCC_CIFR_CSIRDYF                (1UL << 4)
#define RCC_CIFR_HSI48RDYF              (1UL << 5)
#define RCC_CIFR_PLL1RDYF               (1UL << 6)
#define RCC_CIFR_PLL2RDYF               (1UL << 7)
#define RCC_CIFR_PLL3RDYF               (1UL << 8)
#define RCC_CIFR_LSECSSF                (1UL << 9)
#define RCC_CIFR_HSECSSF                (1UL << 10)
#define RCC_CICR_LSIRDYC                (1UL << 0)
#define RCC_CICR_LSERDYC                (1UL << 1)
#define RCC_CICR_HSIRDYC                (1UL << 2)
#define RCC_CICR_HSERDYC                (1UL << 3)
#define RCC_CICR_CSIRDYC                (1UL << 4)
#define RCC_CICR_HSI48RDYC              (1UL << 5)
#define RCC_CICR_PLL1RDYC               (1UL << 6)
#define RCC_CICR_PLL2RDYC               (1UL << 7)
#define RCC_CICR_PLL3RDYC               (1UL << 8)
#define RCC_CICR_LSECSSC                (1UL << 9)
#define RCC_CICR_HSECSSC                (1UL << 10)
#define RCC_BDCR_LSEON                  (1UL << 0)
#define RCC_BDCR_LSERDY                 (1UL << 1)
#define RCC_BDCR_LSEBYP                 (1UL << 2)
#define RCC_BDCR_LSEDRV_Pos             3U
#define RCC_BDCR_LSEDRV_Msk             (0x3UL << RCC_BDCR_LSEDRV_Pos)
#define RCC_BDCR_LSEDRV                 RCC_BDCR_LSEDRV_Msk
#define RCC_BDCR_LSECSSON               (1UL << 5)
#define RCC_BDCR_LSECSSD                (1UL << 6)
#define RCC_BDCR_LSEEXT                 (1UL << 7)
#define RCC_BDCR_RTCSEL_Pos             8U
#define RCC_BDCR_RTCSEL_Msk             (0x3UL << RCC_BDCR_RTCSEL_Pos)
#define RCC_BDCR_RTCSEL                 RCC_BDCR_RTCSEL_Msk
#define RCC_BDCR_RTCEN                  (1UL << 15)
#define RCC_BDCR_VSWRST                 (1UL << 16)
#define RCC_CSR_LSION                   (1UL << 0)
#define RCC_CSR_LSIRDY                  (1UL << 1)
#define RCC_AHB3RSTR_MDMARST            (1UL << 0)
#define RCC_AHB3RSTR_DMA2DRST           (1UL << 4)
#define RCC_AHB3RSTR_JPGDECRST          (1UL << 5)
#define RCC_AHB3RSTR_FMCRST             (1UL << 12)
#define RCC_AHB3RSTR_OSPI1RST           (1UL << 14)
#define RCC_AHB3RSTR_SDMMC1RST          (1UL << 16)
#define RCC_AHB3RSTR_OSPI2RST           (1UL << 19)
#define RCC_AHB3RSTR_IOMNGRRST          (1UL << 21)
#define RCC_AHB3RSTR_GFXMMURST          (1UL << 24)
#define RCC_AHB1RSTR_DMA1RST            (1UL << 0)
#define RCC_AHB1RSTR_DMA2RST            (1UL << 1)
#define RCC_AHB1RSTR_ADC12RST           (1UL << 5)
#define RCC_AHB1RSTR_CRCRST             (1UL << 9)
#define RCC_AHB1RSTR_USB1OTGHSRST       (1UL << 25)
#define RCC_AHB2RSTR_RNGRST             (1UL << 6)
#define RCC_AHB2RSTR_SDMMC2RST          (1UL << 9)
#define RCC_AHB4RSTR_GPIOARST           (1UL << 0)
#define RCC_AHB4RSTR_GPIOBRST           (1UL << 1)
#define RCC_AHB4RSTR_GPIOCRST           (1UL << 2)
#define RCC_AHB4RSTR_GPIODRST           (1UL << 3)
#define RCC_AHB4RSTR_GPIOERST           (1UL << 4)
#define RCC_AHB4RSTR_GPIOFRST           (1UL << 5)
#define RCC_AHB4RSTR_GPIOGRST           (1UL << 6)
#define RCC_AHB4RSTR_GPIOHRST           (1UL << 7)
#define RCC_AHB4RSTR_GPIOIRST           (1UL << 8)
#define RCC_AHB4RSTR_GPIOJRST           (1UL << 9)
#define RCC_AHB4RSTR_GPIOKRST           (1UL << 10)
#define RCC_AHB4RSTR_BDMA2RST           (1UL << 21)
#define RCC_APB1LRSTR_TIM2RST           (1UL << 0)
#define RCC_APB1LRSTR_TIM5RST           (1UL << 3)
#define RCC_APB1LRSTR_USART2RST         (1UL << 17)
#define RCC_APB1LRSTR_USART3RST         (1UL << 18)
#define RCC_APB2RSTR_USART1RST          (1UL << 4)
#define RCC_APB4RSTR_SYSCFGRST          (1UL << 1)
#define RCC_GCR_WW1RSC                  (1UL << 0)
#define RCC_RSR_RMVF                    (1UL << 16)
#define RCC_RSR_CDRSTF                  (1UL << 19)
#define RCC_RSR_BORRSTF                 (1UL << 21)
#define RCC_RSR_PINRSTF                 (1UL << 22)
#define RCC_RSR_PORRSTF                 (1UL << 23)
#define RCC_RSR_SFTRSTF                 (1UL << 24)
#define RCC_RSR_IWDGRSTF                (1UL << 26)
#define RCC_RSR_WWDGRSTF                (1UL << 28)
#define RCC_RSR_LPWRRSTF                (1UL << 30)
#define RCC_AHB3ENR_MDMAEN              (1UL << 0)
#define RCC_AHB3ENR_DMA2DEN             (1UL << 4)
#define RCC_AHB3ENR_JPGDECEN            (1UL << 5)
#define RCC_AHB3ENR_FMCEN               (1UL << 12)
#define RCC_AHB3ENR_OSPI1EN             (1UL << 14)
#define RCC_AHB3ENR_SDMMC1EN            (1UL << 16)
#define RCC_AHB3ENR_OSPI2EN             (1UL << 19)
#define RCC_AHB3ENR_IOMNGREN            (1UL << 21)
#define RCC_AHB3ENR_GFXMMUEN            (1UL << 24)
#define RCC_AHB1ENR_DMA1EN              (1UL << 0)
#define RCC_AHB1ENR_DMA2EN              (1UL << 1)
#define RCC_AHB1ENR_ADC12EN             (1UL << 5)
#define RCC_AHB1ENR_CRCEN               (1UL << 9)
#define RCC_AHB1ENR_USB1OTGHSEN         (1UL << 25)
#define RCC_AHB1ENR_USB1OTGHSULPIEN     (1UL << 26)
#define RCC_AHB2ENR_DCMI_PSSIEN         (1UL << 0)
#define RCC_AHB2ENR_HSEMEN              (1UL << 2)
#define RCC_AHB2ENR_RNGEN               (1UL << 6)
#define RCC_AHB2ENR_SDMMC2EN            (1UL << 9)
#define RCC_AHB2ENR_BDMA1EN             (1UL << 11)
#define RCC_AHB2ENR_AHBSRAM1EN          (1UL << 29)
#define RCC_AHB2ENR_AHBSRAM2EN          (1UL << 30)
#define RCC_AHB4ENR_GPIOAEN             (1UL << 0)
#define RCC_AHB4ENR_GPIOBEN             (1UL << 1)
#define RCC_AHB4ENR_GPIOCEN             (1UL << 2)
#define RCC_AHB4ENR_GPIODEN             (1UL << 3)
#define RCC_AHB4ENR_GPIOEEN             (1UL << 4)
#define RCC_AHB4ENR_GPIOFEN             (1UL << 5)
#define RCC_AHB4ENR_GPIOGEN             (1UL << 6)
#define RCC_AHB4ENR_GPIOHEN             (1UL << 7)
#define RCC_AHB4ENR_GPIOIEN             (1UL << 8)
#define RCC_AHB4ENR_GPIOJEN             (1UL << 9)
#define RCC_AHB4ENR_GPIOKEN             (1UL << 10)
#define RCC_AHB4ENR_BDMA2EN             (1UL << 21)
#define RCC_AHB4ENR_BKPRAMEN            (1UL << 28)
#define RCC_AHB4ENR_SRDSRAMEN           (1UL << 29)
#define RCC_APB3ENR_LTDCEN              (1UL << 3)
#define RCC_APB3ENR_WWDGEN              (1UL << 6)
#define RCC_APB1LENR_TIM2EN             (1UL << 0)
#define RCC_APB1LENR_TIM3EN             (1UL << 1)
#define RCC_APB1LENR_TIM4EN             (1UL << 2)
#define RCC_APB1LENR_TIM5EN             (1UL << 3)
#define RCC_APB1LENR_TIM6EN             (1UL << 4)
#define RCC_APB1LENR_TIM7EN             (1UL << 5)
#define RCC_APB1LENR_TIM12EN            (1UL << 6)
#define RCC_APB1LENR_TIM13EN            (1UL << 7)
#define RCC_APB1LENR_TIM14EN            (1UL << 8)
#define RCC_APB1LENR_LPTIM1EN           (1UL << 9)
#define RCC_APB1LENR_SPI2EN             (1UL << 14)
#define RCC_APB1LENR_SPI3EN             (1UL << 15)
#define RCC_APB1LENR_SPDIFRXEN          (1UL << 16)
#define RCC_APB1LENR_USART2EN           (1UL << 17)
#define RCC_APB1LENR_USART3EN           (1UL << 18)
#define RCC_APB1LENR_UART4EN            (1UL << 19)
#define RCC_APB1LENR_UART5EN            (1UL << 20)
#define RCC_APB1LENR_I2C1EN             (1UL << 21)
#define RCC_APB1LENR_I2C2EN             (1UL << 22)
#define RCC_APB1LENR_I2C3EN             (1UL << 23)
#define RCC_APB1LENR_CECEN              (1UL << 27)
#define RCC_APB1LENR_DAC1EN             (1UL << 29)
#define RCC_APB1LENR_UART7EN            (1UL << 30)
#define RCC_APB1LENR_UART8EN            (1UL << 31)
#define RCC_APB1HENR_CRSEN              (1UL << 1)
#define RCC_APB1HENR_SWPMIEN            (1UL << 2)
#define RCC_APB1HENR_OPAMPEN            (1UL << 4)
#define RCC_APB1HENR_MDIOSEN            (1UL << 5)
#define RCC_APB1HENR_FDCANEN            (1UL << 8)
#define RCC_APB2ENR_TIM1EN              (1UL << 0)
#define RCC_APB2ENR_TIM8EN              (1UL << 1)
#define RCC_APB2ENR_USART1EN            (1UL << 4)
#define RCC_APB2ENR_USART6EN            (1UL << 5)
#define RCC_APB2ENR_UART9EN             (1UL << 6)
#define RCC_APB2ENR_USART10EN           (1UL << 7)
#define RCC_APB2ENR_SPI1EN              (1UL << 12)
#define RCC_APB2ENR_SPI4EN              (1UL << 13)
#define RCC_APB2ENR_TIM15EN             (1UL << 16)
#define RCC_APB2ENR_TIM16EN             (1UL << 17)
#define RCC_APB2ENR_TIM17EN             (1UL << 18)
#define RCC_APB2ENR_SPI5EN              (1UL << 20)
#define RCC_APB2ENR_SAI1EN              (1UL << 22)
#define RCC_APB2ENR_SAI2EN              (1UL << 23)
#define RCC_APB2ENR_DFSDM1EN            (1UL << 30)
#define RCC_APB4ENR_SYSCFGEN            (1UL << 1)
#define RCC_APB4ENR_LPUART1EN           (1UL << 3)
#define RCC_APB4ENR_SPI6EN              (1UL << 5)
#define RCC_APB4ENR_I2C4EN              (1UL << 7)
#define RCC_APB4ENR_LPTIM2EN            (1UL << 9)
#define RCC_APB4ENR_LPTIM3EN            (1UL << 10)
#define RCC_APB4ENR_DAC2EN              (1UL << 13)
#define RCC_APB4ENR_COMP12EN            (1UL << 14)
#define RCC_APB4ENR_VREFEN              (1UL << 15)
#define RCC_APB4ENR_RTCAPBEN            (1UL << 16)
#define RCC_APB4ENR_DTSEN               (1UL << 26)
#define RCC_APB4ENR_DFSDM2EN            (1UL << 27)
#define RCC_AHB1LPENR_USB1OTGHSULPILPEN (1UL << 26)

#endif
