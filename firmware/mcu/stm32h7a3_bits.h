/* SPDX-License-Identifier: MIT */

/*
 * Bit macros of all peripherals but RCC (stm32h7a3_rcc_bits.h) and the
 * timers, clocks and RNG (stm32h7a3_time_bits.h), from RM0455's register descriptions. A one-bit
 * field is its mask; a wider field has _Pos, _Msk and, as in ST's header, its plain name for the
 * mask. Included by stm32h7a3.h only.
 */
#ifndef STM32H7A3_BITS_H
#define STM32H7A3_BITS_H

/* PWR */
#define PWR_CR1_LPDS              (1UL << 0)
#define PWR_CR1_PVDE              (1UL << 4)
#define PWR_CR1_PLS_Pos           5U
#define PWR_CR1_PLS_Msk           (0x7UL << PWR_CR1_PLS_Pos)
#define PWR_CR1_PLS               PWR_CR1_PLS_Msk
#define PWR_CR1_DBP               (1UL << 8)
#define PWR_CR1_FLPS              (1UL << 9)
#define PWR_CR1_BOOSTE            (1UL << 12)
#define PWR_CR1_AVD_READY         (1UL << 13)
#define PWR_CR1_SVOS_Pos          14U
#define PWR_CR1_SVOS_Msk          (0x3UL << PWR_CR1_SVOS_Pos)
#define PWR_CR1_SVOS              PWR_CR1_SVOS_Msk
#define PWR_CR1_AVDEN             (1UL << 16)
#define PWR_CR1_ALS_Pos           17U
#define PWR_CR1_ALS_Msk           (0x3UL << PWR_CR1_ALS_Pos)
#define PWR_CR1_ALS               PWR_CR1_ALS_Msk
#define PWR_CR1_AXIRAM1SO         (1UL << 19)
#define PWR_CR1_AXIRAM2SO         (1UL << 20)
#define PWR_CR1_AXIRAM3SO         (1UL << 21)
#define PWR_CR1_AHBRAM1SO         (1UL << 22)
#define PWR_CR1_AHBRAM2SO         (1UL << 23)
#define PWR_CR1_ITCMSO            (1UL << 24)
#define PWR_CR1_GFXSO             (1UL << 25)
#define PWR_CR1_HSITFSO           (1UL << 26)
#define PWR_CR1_SRDRAMSO          (1UL << 27)
#define PWR_CSR1_PVDO             (1UL << 4)
#define PWR_CSR1_ACTVOSRDY        (1UL << 13)
#define PWR_CSR1_ACTVOS_Pos       14U
#define PWR_CSR1_ACTVOS_Msk       (0x3UL << PWR_CSR1_ACTVOS_Pos)
#define PWR_CSR1_ACTVOS           PWR_CSR1_ACTVOS_Msk
#define PWR_CSR1_AVDO             (1UL << 16)
#define PWR_CSR1_MMCVDO           (1UL << 17)
#define PWR_CR2_BREN              (1UL << 0)
#define PWR_CR2_MONEN             (1UL << 4)
#define PWR_CR2_BRRDY             (1UL << 16)
#define PWR_CR2_TEMPL             (1UL << 22)
#define PWR_CR2_TEMPH             (1UL << 23)
#define PWR_CR3_BYPASS            (1UL << 0)
#define PWR_CR3_LDOEN             (1UL << 1)
#define PWR_CR3_SMPSEN            (1UL << 2)
#define PWR_CR3_SMPSEXTHP         (1UL << 3)
#define PWR_CR3_SMPSLEVEL_Pos     4U
#define PWR_CR3_SMPSLEVEL_Msk     (0x3UL << PWR_CR3_SMPSLEVEL_Pos)
#define PWR_CR3_SMPSLEVEL         PWR_CR3_SMPSLEVEL_Msk
#define PWR_CR3_VBE               (1UL << 8)
#define PWR_CR3_VBRS              (1UL << 9)
#define PWR_CR3_SMPSEXTRDY        (1UL << 16)
#define PWR_CR3_USB33DEN          (1UL << 24)
#define PWR_CR3_USBREGEN          (1UL << 25)
#define PWR_CR3_USB33RDY          (1UL << 26)
#define PWR_CPUCR_RETDS_CD        (1UL << 0)
#define PWR_CPUCR_PDDS_SRD        (1UL << 2)
#define PWR_CPUCR_STOPF           (1UL << 5)
#define PWR_CPUCR_SBF             (1UL << 6)
#define PWR_CPUCR_CSSF            (1UL << 9)
#define PWR_CPUCR_RUN_SRD         (1UL << 11)
#define PWR_SRDCR_VOSRDY          (1UL << 13)
#define PWR_SRDCR_VOS_Pos         14U
#define PWR_SRDCR_VOS_Msk         (0x3UL << PWR_SRDCR_VOS_Pos)
#define PWR_SRDCR_VOS             PWR_SRDCR_VOS_Msk
#define PWR_WKUPCR_WKUPC1         (1UL << 0)
#define PWR_WKUPCR_WKUPC2         (1UL << 1)
#define PWR_WKUPCR_WKUPC3         (1UL << 2)
#define PWR_WKUPCR_WKUPC4         (1UL << 3)
#define PWR_WKUPCR_WKUPC5         (1UL << 4)
#define PWR_WKUPCR_WKUPC6         (1UL << 5)
#define PWR_WKUPFR_WKUPF1         (1UL << 0)
#define PWR_WKUPFR_WKUPF2         (1UL << 1)
#define PWR_WKUPFR_WKUPF3         (1UL << 2)
#define PWR_WKUPFR_WKUPF4         (1UL << 3)
#define PWR_WKUPFR_WKUPF5         (1UL << 4)
#define PWR_WKUPFR_WKUPF6         (1UL << 5)
#define PWR_WKUPEPR_WKUPEN1       (1UL << 0)
#define PWR_WKUPEPR_WKUPEN2       (1UL << 1)
#define PWR_WKUPEPR_WKUPEN3       (1UL << 2)
#define PWR_WKUPEPR_WKUPEN4       (1UL << 3)
#define PWR_WKUPEPR_WKUPEN5       (1UL << 4)
#define PWR_WKUPEPR_WKUPEN6       (1UL << 5)
#define PWR_WKUPEPR_WKUPP1        (1UL << 8)
#define PWR_WKUPEPR_WKUPP2        (1UL << 9)
#define PWR_WKUPEPR_WKUPP3        (1UL << 10)
#define PWR_WKUPEPR_WKUPP4        (1UL << 11)
#define PWR_WKUPEPR_WKUPP5        (1UL << 12)
#define PWR_WKUPEPR_WKUPP6        (1UL << 13)
#define PWR_WKUPEPR_WKUPPUPD1_Pos 16U
#define PWR_WKUPEPR_WKUPPUPD1_Msk (0x3UL << PWR_WKUPEPR_WKUPPUPD1_Pos)
#define PWR_WKUPEPR_WKUPPUPD1     PWR_WKUPEPR_WKUPPUPD1_Msk
#define PWR_WKUPEPR_WKUPPUPD2_Pos 18U
#define PWR_WKUPEPR_WKUPPUPD2_Msk (0x3UL << PWR_WKUPEPR_WKUPPUPD2_Pos)
#define PWR_WKUPEPR_WKUPPUPD2     PWR_WKUPEPR_WKUPPUPD2_Msk
#define PWR_WKUPEPR_WKUPPUPD3_Pos 20U
#define PWR_WKUPEPR_WKUPPUPD3_Msk (0x3UL << PWR_WKUPEPR_WKUPPUPD3_Pos)
#define PWR_WKUPEPR_WKUPPUPD3     PWR_WKUPEPR_WKUPPUPD3_Msk
#define PWR_WKUPEPR_WKUPPUPD4_Pos 22U
#define PWR_WKUPEPR_WKUPPUPD4_Msk (0x3UL << PWR_WKUPEPR_WKUPPUPD4_Pos)
#define PWR_WKUPEPR_WKUPPUPD4     PWR_WKUPEPR_WKUPPUPD4_Msk
#define PWR_WKUPEPR_WKUPPUPD5_Pos 24U
#define PWR_WKUPEPR_WKUPPUPD5_Msk (0x3UL << PWR_WKUPEPR_WKUPPUPD5_Pos)
#define PWR_WKUPEPR_WKUPPUPD5     PWR_WKUPEPR_WKUPPUPD5_Msk
#define PWR_WKUPEPR_WKUPPUPD6_Pos 26U
#define PWR_WKUPEPR_WKUPPUPD6_Msk (0x3UL << PWR_WKUPEPR_WKUPPUPD6_Pos)
#define PWR_WKUPEPR_WKUPPUPD6     PWR_WKUPEPR_WKUPPUPD6_Msk

/* SYSCFG */
#define SYSCFG_PMCR_I2C1FMP       (1UL << 0)
#define SYSCFG_PMCR_I2C2FMP       (1UL << 1)
#define SYSCFG_PMCR_I2C3FMP       (1UL << 2)
#define SYSCFG_PMCR_I2C4FMP       (1UL << 3)
#define SYSCFG_PMCR_PB6FMP        (1UL << 4)
#define SYSCFG_PMCR_PB7FMP        (1UL << 5)
#define SYSCFG_PMCR_PB8FMP        (1UL << 6)
#define SYSCFG_PMCR_PB9FMP        (1UL << 7)
#define SYSCFG_PMCR_PA0SO         (1UL << 24)
#define SYSCFG_PMCR_PA1SO         (1UL << 25)
#define SYSCFG_PMCR_PC2SO         (1UL << 26)
#define SYSCFG_PMCR_PC3SO         (1UL << 27)
#define SYSCFG_EXTICR1_EXTI0_Pos  0U
#define SYSCFG_EXTICR1_EXTI0_Msk  (0xFUL << SYSCFG_EXTICR1_EXTI0_Pos)
#define SYSCFG_EXTICR1_EXTI0      SYSCFG_EXTICR1_EXTI0_Msk
#define SYSCFG_EXTICR1_EXTI1_Pos  4U
#define SYSCFG_EXTICR1_EXTI1_Msk  (0xFUL << SYSCFG_EXTICR1_EXTI1_Pos)
#define SYSCFG_EXTICR1_EXTI1      SYSCFG_EXTICR1_EXTI1_Msk
#define SYSCFG_EXTICR1_EXTI2_Pos  8U
#define SYSCFG_EXTICR1_EXTI2_Msk  (0xFUL << SYSCFG_EXTICR1_EXTI2_Pos)
#define SYSCFG_EXTICR1_EXTI2      SYSCFG_EXTICR1_EXTI2_Msk
#define SYSCFG_EXTICR1_EXTI3_Pos  12U
#define SYSCFG_EXTICR1_EXTI3_Msk  (0xFUL << SYSCFG_EXTICR1_EXTI3_Pos)
#define SYSCFG_EXTICR1_EXTI3      SYSCFG_EXTICR1_EXTI3_Msk
#define SYSCFG_EXTICR2_EXTI4_Pos  0U
#define SYSCFG_EXTICR2_EXTI4_Msk  (0xFUL << SYSCFG_EXTICR2_EXTI4_Pos)
#define SYSCFG_EXTICR2_EXTI4      SYSCFG_EXTICR2_EXTI4_Msk
#define SYSCFG_EXTICR2_EXTI5_Pos  4U
#define SYSCFG_EXTICR2_EXTI5_Msk  (0xFUL << SYSCFG_EXTICR2_EXTI5_Pos)
#define SYSCFG_EXTICR2_EXTI5      SYSCFG_EXTICR2_EXTI5_Msk
#define SYSCFG_EXTICR2_EXTI6_Pos  8U
#define SYSCFG_EXTICR2_EXTI6_Msk  (0xFUL << SYSCFG_EXTICR2_EXTI6_Pos)
#define SYSCFG_EXTICR2_EXTI6      SYSCFG_EXTICR2_EXTI6_Msk
#define SYSCFG_EXTICR2_EXTI7_Pos  12U
#define SYSCFG_EXTICR2_EXTI7_Msk  (0xFUL << SYSCFG_EXTICR2_EXTI7_Pos)
#define SYSCFG_EXTICR2_EXTI7      SYSCFG_EXTICR2_EXTI7_Msk
#define SYSCFG_EXTICR3_EXTI8_Pos  0U
#define SYSCFG_EXTICR3_EXTI8_Msk  (0xFUL << SYSCFG_EXTICR3_EXTI8_Pos)
#define SYSCFG_EXTICR3_EXTI8      SYSCFG_EXTICR3_EXTI8_Msk
#define SYSCFG_EXTICR3_EXTI9_Pos  4U
#define SYSCFG_EXTICR3_EXTI9_Msk  (0xFUL << SYSCFG_EXTICR3_EXTI9_Pos)
#define SYSCFG_EXTICR3_EXTI9      SYSCFG_EXTICR3_EXTI9_Msk
#define SYSCFG_EXTICR3_EXTI10_Pos 8U
#define SYSCFG_EXTICR3_EXTI10_Msk (0xFUL << SYSCFG_EXTICR3_EXTI10_Pos)
#define SYSCFG_EXTICR3_EXTI10     SYSCFG_EXTICR3_EXTI10_Msk
#define SYSCFG_EXTICR3_EXTI11_Pos 12U
#define SYSCFG_EXTICR3_EXTI11_Msk (0xFUL << SYSCFG_EXTICR3_EXTI11_Pos)
#define SYSCFG_EXTICR3_EXTI11     SYSCFG_EXTICR3_EXTI11_Msk
#define SYSCFG_EXTICR4_EXTI12_Pos 0U
#define SYSCFG_EXTICR4_EXTI12_Msk (0xFUL << SYSCFG_EXTICR4_EXTI12_Pos)
#define SYSCFG_EXTICR4_EXTI12     SYSCFG_EXTICR4_EXTI12_Msk
#define SYSCFG_EXTICR4_EXTI13_Pos 4U
#define SYSCFG_EXTICR4_EXTI13_Msk (0xFUL << SYSCFG_EXTICR4_EXTI13_Pos)
#define SYSCFG_EXTICR4_EXTI13     SYSCFG_EXTICR4_EXTI13_Msk
#define SYSCFG_EXTICR4_EXTI14_Pos 8U
#define SYSCFG_EXTICR4_EXTI14_Msk (0xFUL << SYSCFG_EXTICR4_EXTI14_Pos)
#define SYSCFG_EXTICR4_EXTI14     SYSCFG_EXTICR4_EXTI14_Msk
#define SYSCFG_EXTICR4_EXTI15_Pos 12U
#define SYSCFG_EXTICR4_EXTI15_Msk (0xFUL << SYSCFG_EXTICR4_EXTI15_Pos)
#define SYSCFG_EXTICR4_EXTI15     SYSCFG_EXTICR4_EXTI15_Msk
#define SYSCFG_CFGR_PVDL          (1UL << 2)
#define SYSCFG_CFGR_FLASHL        (1UL << 3)
#define SYSCFG_CFGR_CM7L          (1UL << 6)
#define SYSCFG_CFGR_DTCML         (1UL << 13)
#define SYSCFG_CFGR_ITCML         (1UL << 14)
#define SYSCFG_CCCSR_EN           (1UL << 0)
#define SYSCFG_CCCSR_CS           (1UL << 1)
#define SYSCFG_CCCSR_READY        (1UL << 8)
#define SYSCFG_CCCSR_HSLV         (1UL << 16)
#define SYSCFG_CCVR_NCV_Pos       0U
#define SYSCFG_CCVR_NCV_Msk       (0xFUL << SYSCFG_CCVR_NCV_Pos)
#define SYSCFG_CCVR_NCV           SYSCFG_CCVR_NCV_Msk
#define SYSCFG_CCVR_PCV_Pos       4U
#define SYSCFG_CCVR_PCV_Msk       (0xFUL << SYSCFG_CCVR_PCV_Pos)
#define SYSCFG_CCVR_PCV           SYSCFG_CCVR_PCV_Msk
#define SYSCFG_CCCR_NCC_Pos       0U
#define SYSCFG_CCCR_NCC_Msk       (0xFUL << SYSCFG_CCCR_NCC_Pos)
#define SYSCFG_CCCR_NCC           SYSCFG_CCCR_NCC_Msk
#define SYSCFG_CCCR_PCC_Pos       4U
#define SYSCFG_CCCR_PCC_Msk       (0xFUL << SYSCFG_CCCR_PCC_Pos)
#define SYSCFG_CCCR_PCC           SYSCFG_CCCR_PCC_Msk

/* USART */
#define USART_CR1_UE              (1UL << 0)
#define USART_CR1_UESM            (1UL << 1)
#define USART_CR1_RE              (1UL << 2)
#define USART_CR1_TE              (1UL << 3)
#define USART_CR1_IDLEIE          (1UL << 4)
#define USART_CR1_RXNEIE          (1UL << 5)
#define USART_CR1_TCIE            (1UL << 6)
#define USART_CR1_TXEIE           (1UL << 7)
#define USART_CR1_PEIE            (1UL << 8)
#define USART_CR1_PS              (1UL << 9)
#define USART_CR1_PCE             (1UL << 10)
#define USART_CR1_WAKE            (1UL << 11)
#define USART_CR1_M0              (1UL << 12)
#define USART_CR1_MME             (1UL << 13)
#define USART_CR1_CMIE            (1UL << 14)
#define USART_CR1_OVER8           (1UL << 15)
#define USART_CR1_DEDT_Pos        16U
#define USART_CR1_DEDT_Msk        (0x1FUL << USART_CR1_DEDT_Pos)
#define USART_CR1_DEDT            USART_CR1_DEDT_Msk
#define USART_CR1_DEAT_Pos        21U
#define USART_CR1_DEAT_Msk        (0x1FUL << USART_CR1_DEAT_Pos)
#define USART_CR1_DEAT            USART_CR1_DEAT_Msk
#define USART_CR1_RTOIE           (1UL << 26)
#define USART_CR1_EOBIE           (1UL << 27)
#define USART_CR1_M1              (1UL << 28)
#define USART_CR1_FIFOEN          (1UL << 29)
#define USART_CR1_TXFEIE          (1UL << 30)
#define USART_CR1_RXFFIE          (1UL << 31)
#define USART_CR2_SLVEN           (1UL << 0)
#define USART_CR2_DIS_NSS         (1UL << 3)
#define USART_CR2_ADDM7           (1UL << 4)
#define USART_CR2_LBDL            (1UL << 5)
#define USART_CR2_LBDIE           (1UL << 6)
#define USART_CR2_LBCL            (1UL << 8)
#define USART_CR2_CPHA            (1UL << 9)
#define USART_CR2_CPOL            (1UL << 10)
#define USART_CR2_CLKEN           (1UL << 11)
#define USART_CR2_STOP_Pos        12U
#define USART_CR2_STOP_Msk        (0x3UL << USART_CR2_STOP_Pos)
#define USART_CR2_STOP            USART_CR2_STOP_Msk
#define USART_CR2_LINEN           (1UL << 14)
#define USART_CR2_SWAP            (1UL << 15)
#define USART_CR2_RXINV           (1UL << 16)
#define USART_CR2_TXINV           (1UL << 17)
#define USART_CR2_DATAINV         (1UL << 18)
#define USART_CR2_MSBFIRST        (1UL << 19)
#define USART_CR2_ABREN           (1UL << 20)
#define USART_CR2_ABRMOD_Pos      21U
#define USART_CR2_ABRMOD_Msk      (0x3UL << USART_CR2_ABRMOD_Pos)
#define USART_CR2_ABRMOD          USART_CR2_ABRMOD_Msk
#define USART_CR2_RTOEN           (1UL << 23)
#define USART_CR2_ADD_Pos         24U
#define USART_CR2_ADD_Msk         (0xFFUL << USART_CR2_ADD_Pos)
#define USART_CR2_ADD             USART_CR2_ADD_Msk
#define USART_CR3_EIE             (1UL << 0)
#define USART_CR3_IREN            (1UL << 1)
#define USART_CR3_IRLP            (1UL << 2)
#define USART_CR3_HDSEL           (1UL << 3)
#define USART_CR3_NACK            (1UL << 4)
#define USART_CR3_SCEN            (1UL << 5)
#define USART_CR3_DMAR            (1UL << 6)
#define USART_CR3_DMAT            (1UL << 7)
#define USART_CR3_RTSE            (1UL << 8)
#define USART_CR3_CTSE            (1UL << 9)
#define USART_CR3_CTSIE           (1UL << 10)
#define USART_CR3_ONEBIT          (1UL << 11)
#define USART_CR3_OVRDIS          (1UL << 12)
#define USART_CR3_DDRE            (1UL << 13)
#define USART_CR3_DEM             (1UL << 14)
#define USART_CR3_DEP             (1UL << 15)
#define USART_CR3_SCARCNT_Pos     17U
#define USART_CR3_SCARCNT_Msk     (0x7UL << USART_CR3_SCARCNT_Pos)
#define USART_CR3_SCARCNT         USART_CR3_SCARCNT_Msk
#define USART_CR3_WUS_Pos         20U
#define USART_CR3_WUS_Msk         (0x3UL << USART_CR3_WUS_Pos)
#define USART_CR3_WUS             USART_CR3_WUS_Msk
#define USART_CR3_WUFIE           (1UL << 22)
#define USART_CR3_TXFTIE          (1UL << 23)
#define USART_CR3_TCBGTIE         (1UL << 24)
#define USART_CR3_RXFTCFG_Pos     25U
#define USART_CR3_RXFTCFG_Msk     (0x7UL << USART_CR3_RXFTCFG_Pos)
#define USART_CR3_RXFTCFG         USART_CR3_RXFTCFG_Msk
#define USART_CR3_RXFTIE          (1UL << 28)
#define USART_CR3_TXFTCFG_Pos     29U
#define USART_CR3_TXFTCFG_Msk     (0x7UL << USART_CR3_TXFTCFG_Pos)
#define USART_CR3_TXFTCFG         USART_CR3_TXFTCFG_Msk
#define USART_BRR_BRR_Pos         0U
#define USART_BRR_BRR_Msk         (0xFFFFUL << USART_BRR_BRR_Pos)
#define USART_BRR_BRR             USART_BRR_BRR_Msk
#define USART_GTPR_PSC_Pos        0U
#define USART_GTPR_PSC_Msk        (0xFFUL << USART_GTPR_PSC_Pos)
#define USART_GTPR_PSC            USART_GTPR_PSC_Msk
#define USART_GTPR_GT_Pos         8U
#define USART_GTPR_GT_Msk         (0xFFUL << USART_GTPR_GT_Pos)
#define USART_GTPR_GT             USART_GTPR_GT_Msk
#define USART_RTOR_RTO_Pos        0U
#define USART_RTOR_RTO_Msk        (0xFFFFFFUL << USART_RTOR_RTO_Pos)
#define USART_RTOR_RTO            USART_RTOR_RTO_Msk
#define USART_RTOR_BLEN_Pos       24U
#define USART_RTOR_BLEN_Msk       (0xFFUL << USART_RTOR_BLEN_Pos)
#define USART_RTOR_BLEN           USART_RTOR_BLEN_Msk
#define USART_RQR_ABRRQ           (1UL << 0)
#define USART_RQR_SBKRQ           (1UL << 1)
#define USART_RQR_MMRQ            (1UL << 2)
#define USART_RQR_RXFRQ           (1UL << 3)
#define USART_RQR_TXFRQ           (1UL << 4)
#define USART_ISR_PE              (1UL << 0)
#define USART_ISR_FE              (1UL << 1)
#define USART_ISR_NF              (1UL << 2)
#define USART_ISR_ORE             (1UL << 3)
#define USART_ISR_IDLE            (1UL << 4)
#define USART_ISR_RXNE            (1UL << 5)
#define USART_ISR_TC              (1UL << 6)
#define USART_ISR_TXE             (1UL << 7)
#define USART_ISR_LBDF            (1UL << 8)
#define USART_ISR_CTSIF           (1UL << 9)
#define USART_ISR_CTS             (1UL << 10)
#define USART_ISR_RTOF            (1UL << 11)
#define USART_ISR_EOBF            (1UL << 12)
#define USART_ISR_UDR             (1UL << 13)
#define USART_ISR_ABRE            (1UL << 14)
#define USART_ISR_ABRF            (1UL << 15)
#define USART_ISR_BUSY            (1UL << 16)
#define USART_ISR_CMF             (1UL << 17)
#define USART_ISR_SBKF            (1UL << 18)
#define USART_ISR_RWU             (1UL << 19)
#define USART_ISR_WUF             (1UL << 20)
#define USART_ISR_TEACK           (1UL << 21)
#define USART_ISR_REACK           (1UL << 22)
#define USART_ISR_TXFE            (1UL << 23)
#define USART_ISR_RXFF            (1UL << 24)
#define USART_ISR_TCBGT           (1UL << 25)
#define USART_ISR_RXFT            (1UL << 26)
#define USART_ISR_TXFT            (1UL << 27)
#define USART_ICR_PECF            (1UL << 0)
#define USART_ICR_FECF            (1UL << 1)
#define USART_ICR_NCF             (1UL << 2)
#define USART_ICR_ORECF           (1UL << 3)
#define USART_ICR_IDLECF          (1UL << 4)
#define USART_ICR_TXFECF          (1UL << 5)
#define USART_ICR_TCCF            (1UL << 6)
#define USART_ICR_TCBGTCF         (1UL << 7)
#define USART_ICR_LBDCF           (1UL << 8)
#define USART_ICR_CTSCF           (1UL << 9)
#define USART_ICR_RTOCF           (1UL << 11)
#define USART_ICR_EOBCF           (1UL << 12)
#define USART_ICR_UDRCF           (1UL << 13)
#define USART_ICR_CMCF            (1UL << 17)
#define USART_ICR_WUCF            (1UL << 20)
#define USART_RDR_RDR_Pos         0U
#define USART_RDR_RDR_Msk         (0x1FFUL << USART_RDR_RDR_Pos)
#define USART_RDR_RDR             USART_RDR_RDR_Msk
#define USART_TDR_TDR_Pos         0U
#define USART_TDR_TDR_Msk         (0x1FFUL << USART_TDR_TDR_Pos)
#define USART_TDR_TDR             USART_TDR_TDR_Msk
#define USART_PRESC_PRESCALER_Pos 0U
#define USART_PRESC_PRESCALER_Msk (0xFUL << USART_PRESC_PRESCALER_Pos)
#define USART_PRESC_PRESCALER     USART_PRESC_PRESCALER_Msk

/* OCTOSPI */
#define OCTOSPI_CR_EN              (1UL << 0)
#define OCTOSPI_CR_ABORT           (1UL << 1)
#define OCTOSPI_CR_DMAEN           (1UL << 2)
#define OCTOSPI_CR_TCEN            (1UL << 3)
#define OCTOSPI_CR_DMM             (1UL << 6)
#define OCTOSPI_CR_FSEL            (1UL << 7)
#define OCTOSPI_CR_FTHRES_Pos      8U
#define OCTOSPI_CR_FTHRES_Msk      (0x1FUL << OCTOSPI_CR_FTHRES_Pos)
#define OCTOSPI_CR_FTHRES          OCTOSPI_CR_FTHRES_Msk
#define OCTOSPI_CR_TEIE            (1UL << 16)
#define OCTOSPI_CR_TCIE            (1UL << 17)
#define OCTOSPI_CR_FTIE            (1UL << 18)
#define OCTOSPI_CR_SMIE            (1UL << 19)
#define OCTOSPI_CR_TOIE            (1UL << 20)
#define OCTOSPI_CR_APMS            (1UL << 22)
#define OCTOSPI_CR_PMM             (1UL << 23)
#define OCTOSPI_CR_FMODE_Pos       28U
#define OCTOSPI_CR_FMODE_Msk       (0x3UL << OCTOSPI_CR_FMODE_Pos)
#define OCTOSPI_CR_FMODE           OCTOSPI_CR_FMODE_Msk
#define OCTOSPI_DCR1_CKMODE        (1UL << 0)
#define OCTOSPI_DCR1_FRCK          (1UL << 1)
#define OCTOSPI_DCR1_DLYBYP        (1UL << 3)
#define OCTOSPI_DCR1_CSHT_Pos      8U
#define OCTOSPI_DCR1_CSHT_Msk      (0x7UL << OCTOSPI_DCR1_CSHT_Pos)
#define OCTOSPI_DCR1_CSHT          OCTOSPI_DCR1_CSHT_Msk
#define OCTOSPI_DCR1_DEVSIZE_Pos   16U
#define OCTOSPI_DCR1_DEVSIZE_Msk   (0x1FUL << OCTOSPI_DCR1_DEVSIZE_Pos)
#define OCTOSPI_DCR1_DEVSIZE       OCTOSPI_DCR1_DEVSIZE_Msk
#define OCTOSPI_DCR1_MTYP_Pos      24U
#define OCTOSPI_DCR1_MTYP_Msk      (0x7UL << OCTOSPI_DCR1_MTYP_Pos)
#define OCTOSPI_DCR1_MTYP          OCTOSPI_DCR1_MTYP_Msk
#define OCTOSPI_DCR2_PRESCALER_Pos 0U
#define OCTOSPI_DCR2_PRESCALER_Msk (0xFFUL << OCTOSPI_DCR2_PRESCALER_Pos)
#define OCTOSPI_DCR2_PRESCALER     OCTOSPI_DCR2_PRESCALER_Msk
#define OCTOSPI_DCR2_WRAPSIZE_Pos  16U
#define OCTOSPI_DCR2_WRAPSIZE_Msk  (0x7UL << OCTOSPI_DCR2_WRAPSIZE_Pos)
#define OCTOSPI_DCR2_WRAPSIZE      OCTOSPI_DCR2_WRAPSIZE_Msk
#define OCTOSPI_DCR3_MAXTRAN_Pos   0U
#define OCTOSPI_DCR3_MAXTRAN_Msk   (0xFFUL << OCTOSPI_DCR3_MAXTRAN_Pos)
#define OCTOSPI_DCR3_MAXTRAN       OCTOSPI_DCR3_MAXTRAN_Msk
#define OCTOSPI_DCR3_CSBOUND_Pos   16U
#define OCTOSPI_DCR3_CSBOUND_Msk   (0x1FUL << OCTOSPI_DCR3_CSBOUND_Pos)
#define OCTOSPI_DCR3_CSBOUND       OCTOSPI_DCR3_CSBOUND_Msk
#define OCTOSPI_SR_TEF             (1UL << 0)
#define OCTOSPI_SR_TCF             (1UL << 1)
#define OCTOSPI_SR_FTF             (1UL << 2)
#define OCTOSPI_SR_SMF             (1UL << 3)
#define OCTOSPI_SR_TOF             (1UL << 4)
#define OCTOSPI_SR_BUSY            (1UL << 5)
#define OCTOSPI_SR_FLEVEL_Pos      8U
#define OCTOSPI_SR_FLEVEL_Msk      (0x3FUL << OCTOSPI_SR_FLEVEL_Pos)
#define OCTOSPI_SR_FLEVEL          OCTOSPI_SR_FLEVEL_Msk
#define OCTOSPI_FCR_CTEF           (1UL << 0)
#define OCTOSPI_FCR_CTCF           (1UL << 1)
#define OCTOSPI_FCR_CSMF           (1UL << 3)
#define OCTOSPI_FCR_CTOF           (1UL << 4)
#define OCTOSPI_PIR_INTERVAL_Pos   0U
#define OCTOSPI_PIR_INTERVAL_Msk   (0xFFFFUL << OCTOSPI_PIR_INTERVAL_Pos)
#define OCTOSPI_PIR_INTERVAL       OCTOSPI_PIR_INTERVAL_Msk
#define OCTOSPI_CCR_IMODE_Pos      0U
#define OCTOSPI_CCR_IMODE_Msk      (0x7UL << OCTOSPI_CCR_IMODE_Pos)
#define OCTOSPI_CCR_IMODE          OCTOSPI_CCR_IMODE_Msk
#define OCTOSPI_CCR_IDTR           (1UL << 3)
#define OCTOSPI_CCR_ISIZE_Pos      4U
#define OCTOSPI_CCR_ISIZE_Msk      (0x3UL << OCTOSPI_CCR_ISIZE_Pos)
#define OCTOSPI_CCR_ISIZE          OCTOSPI_CCR_ISIZE_Msk
#define OCTOSPI_CCR_ADMODE_Pos     8U
#define OCTOSPI_CCR_ADMODE_Msk     (0x7UL << OCTOSPI_CCR_ADMODE_Pos)
#define OCTOSPI_CCR_ADMODE         OCTOSPI_CCR_ADMODE_Msk
#define OCTOSPI_CCR_ADDTR          (1UL << 11)
#define OCTOSPI_CCR_ADSIZE_Pos     12U
#define OCTOSPI_CCR_ADSIZE_Msk     (0x3UL << OCTOSPI_CCR_ADSIZE_Pos)
#define OCTOSPI_CCR_ADSIZE         OCTOSPI_CCR_ADSIZE_Msk
#define OCTOSPI_CCR_ABMODE_Pos     16U
#define OCTOSPI_CCR_ABMODE_Msk     (0x7UL << OCTOSPI_CCR_ABMODE_Pos)
#define OCTOSPI_CCR_ABMODE         OCTOSPI_CCR_ABMODE_Msk
#define OCTOSPI_CCR_ABDTR          (1UL << 19)
#define OCTOSPI_CCR_ABSIZE_Pos     20U
#define OCTOSPI_CCR_ABSIZE_Msk     (0x3UL << OCTOSPI_CCR_ABSIZE_Pos)
#define OCTOSPI_CCR_ABSIZE         OCTOSPI_CCR_ABSIZE_Msk
#define OCTOSPI_CCR_DMODE_Pos      24U
#define OCTOSPI_CCR_DMODE_Msk      (0x7UL << OCTOSPI_CCR_DMODE_Pos)
#define OCTOSPI_CCR_DMODE          OCTOSPI_CCR_DMODE_Msk
#define OCTOSPI_CCR_DDTR           (1UL << 27)
#define OCTOSPI_CCR_DQSE           (1UL << 29)
#define OCTOSPI_CCR_SIOO           (1UL << 31)
#define OCTOSPI_TCR_DCYC_Pos       0U
#define OCTOSPI_TCR_DCYC_Msk       (0x1FUL << OCTOSPI_TCR_DCYC_Pos)
#define OCTOSPI_TCR_DCYC           OCTOSPI_TCR_DCYC_Msk
#define OCTOSPI_TCR_DHQC           (1UL << 28)
#define OCTOSPI_TCR_SSHIFT         (1UL << 30)
#define OCTOSPI_LPTR_TIMEOUT_Pos   0U
#define OCTOSPI_LPTR_TIMEOUT_Msk   (0xFFFFUL << OCTOSPI_LPTR_TIMEOUT_Pos)
#define OCTOSPI_LPTR_TIMEOUT       OCTOSPI_LPTR_TIMEOUT_Msk
#define OCTOSPI_WCCR_IMODE_Pos     0U
#define OCTOSPI_WCCR_IMODE_Msk     (0x7UL << OCTOSPI_WCCR_IMODE_Pos)
#define OCTOSPI_WCCR_IMODE         OCTOSPI_WCCR_IMODE_Msk
#define OCTOSPI_WCCR_IDTR          (1UL << 3)
#define OCTOSPI_WCCR_ISIZE_Pos     4U
#define OCTOSPI_WCCR_ISIZE_Msk     (0x3UL << OCTOSPI_WCCR_ISIZE_Pos)
#define OCTOSPI_WCCR_ISIZE         OCTOSPI_WCCR_ISIZE_Msk
#define OCTOSPI_WCCR_ADMODE_Pos    8U
#define OCTOSPI_WCCR_ADMODE_Msk    (0x7UL << OCTOSPI_WCCR_ADMODE_Pos)
#define OCTOSPI_WCCR_ADMODE        OCTOSPI_WCCR_ADMODE_Msk
#define OCTOSPI_WCCR_ADDTR         (1UL << 11)
#define OCTOSPI_WCCR_ADSIZE_Pos    12U
#define OCTOSPI_WCCR_ADSIZE_Msk    (0x3UL << OCTOSPI_WCCR_ADSIZE_Pos)
#define OCTOSPI_WCCR_ADSIZE        OCTOSPI_WCCR_ADSIZE_Msk
#define OCTOSPI_WCCR_ABMODE_Pos    16U
#define OCTOSPI_WCCR_ABMODE_Msk    (0x7UL << OCTOSPI_WCCR_ABMODE_Pos)
#define OCTOSPI_WCCR_ABMODE        OCTOSPI_WCCR_ABMODE_Msk
#define OCTOSPI_WCCR_ABDTR         (1UL << 19)
#define OCTOSPI_WCCR_ABSIZE_Pos    20U
#define OCTOSPI_WCCR_ABSIZE_Msk    (0x3UL << OCTOSPI_WCCR_ABSIZE_Pos)
#define OCTOSPI_WCCR_ABSIZE        OCTOSPI_WCCR_ABSIZE_Msk
#define OCTOSPI_WCCR_DMODE_Pos     24U
#define OCTOSPI_WCCR_DMODE_Msk     (0x7UL << OCTOSPI_WCCR_DMODE_Pos)
#define OCTOSPI_WCCR_DMODE         OCTOSPI_WCCR_DMODE_Msk
#define OCTOSPI_WCCR_DDTR          (1UL << 27)
#define OCTOSPI_WCCR_DQSE          (1UL << 29)
#define OCTOSPI_WTCR_DCYC_Pos      0U
#define OCTOSPI_WTCR_DCYC_Msk      (0x1FUL << OCTOSPI_WTCR_DCYC_Pos)
#define OCTOSPI_WTCR_DCYC          OCTOSPI_WTCR_DCYC_Msk

/* OCTOSPIM */
#define OCTOSPIM_CR_MUXEN            (1UL << 0)
#define OCTOSPIM_CR_REQ2ACK_TIME_Pos 16U
#define OCTOSPIM_CR_REQ2ACK_TIME_Msk (0xFFUL << OCTOSPIM_CR_REQ2ACK_TIME_Pos)
#define OCTOSPIM_CR_REQ2ACK_TIME     OCTOSPIM_CR_REQ2ACK_TIME_Msk
#define OCTOSPIM_P1CR_CLKEN          (1UL << 0)
#define OCTOSPIM_P1CR_CLKSRC         (1UL << 1)
#define OCTOSPIM_P1CR_DQSEN          (1UL << 4)
#define OCTOSPIM_P1CR_DQSSRC         (1UL << 5)
#define OCTOSPIM_P1CR_NCSEN          (1UL << 8)
#define OCTOSPIM_P1CR_NCSSRC         (1UL << 9)
#define OCTOSPIM_P1CR_IOLEN          (1UL << 16)
#define OCTOSPIM_P1CR_IOLSRC_Pos     17U
#define OCTOSPIM_P1CR_IOLSRC_Msk     (0x3UL << OCTOSPIM_P1CR_IOLSRC_Pos)
#define OCTOSPIM_P1CR_IOLSRC         OCTOSPIM_P1CR_IOLSRC_Msk
#define OCTOSPIM_P1CR_IOHEN          (1UL << 24)
#define OCTOSPIM_P1CR_IOHSRC_Pos     25U
#define OCTOSPIM_P1CR_IOHSRC_Msk     (0x3UL << OCTOSPIM_P1CR_IOHSRC_Pos)
#define OCTOSPIM_P1CR_IOHSRC         OCTOSPIM_P1CR_IOHSRC_Msk
#define OCTOSPIM_P2CR_CLKEN          (1UL << 0)
#define OCTOSPIM_P2CR_CLKSRC         (1UL << 1)
#define OCTOSPIM_P2CR_DQSEN          (1UL << 4)
#define OCTOSPIM_P2CR_DQSSRC         (1UL << 5)
#define OCTOSPIM_P2CR_NCSEN          (1UL << 8)
#define OCTOSPIM_P2CR_NCSSRC         (1UL << 9)
#define OCTOSPIM_P2CR_IOLEN          (1UL << 16)
#define OCTOSPIM_P2CR_IOLSRC_Pos     17U
#define OCTOSPIM_P2CR_IOLSRC_Msk     (0x3UL << OCTOSPIM_P2CR_IOLSRC_Pos)
#define OCTOSPIM_P2CR_IOLSRC         OCTOSPIM_P2CR_IOLSRC_Msk
#define OCTOSPIM_P2CR_IOHEN          (1UL << 24)
#define OCTOSPIM_P2CR_IOHSRC_Pos     25U
#define OCTOSPIM_P2CR_IOHSRC_Msk     (0x3UL << OCTOSPIM_P2CR_IOHSRC_Pos)
#define OCTOSPIM_P2CR_IOHSRC         OCTOSPIM_P2CR_IOHSRC_Msk

/* DLYB */
#define DLYB_CR_DEN        (1UL << 0)
#define DLYB_CR_SEN        (1UL << 1)
#define DLYB_CFGR_SEL_Pos  0U
#define DLYB_CFGR_SEL_Msk  (0xFUL << DLYB_CFGR_SEL_Pos)
#define DLYB_CFGR_SEL      DLYB_CFGR_SEL_Msk
#define DLYB_CFGR_UNIT_Pos 8U
#define DLYB_CFGR_UNIT_Msk (0x7FUL << DLYB_CFGR_UNIT_Pos)
#define DLYB_CFGR_UNIT     DLYB_CFGR_UNIT_Msk
#define DLYB_CFGR_LNG_Pos  16U
#define DLYB_CFGR_LNG_Msk  (0xFFFUL << DLYB_CFGR_LNG_Pos)
#define DLYB_CFGR_LNG      DLYB_CFGR_LNG_Msk
#define DLYB_CFGR_LNGF     (1UL << 31)

/* SDMMC; ICR and MASK have STA's bits. */
#define SDMMC_POWER_PWRCTRL        (3UL << 0)
#define SDMMC_CLKCR_CLKDIV_Pos     0U
#define SDMMC_CLKCR_CLKDIV_Msk     (0x3FFUL << SDMMC_CLKCR_CLKDIV_Pos)
#define SDMMC_CLKCR_WIDBUS_Pos     14U
#define SDMMC_CLKCR_HWFC_EN        (1UL << 17)
#define SDMMC_CMD_CMDTRANS         (1UL << 6)
#define SDMMC_CMD_CMDSTOP          (1UL << 7)
#define SDMMC_CMD_WAITRESP_Pos     8U
#define SDMMC_CMD_CPSMEN           (1UL << 12)
#define SDMMC_DCTRL_DTEN           (1UL << 0)
#define SDMMC_DCTRL_DTDIR          (1UL << 1)
#define SDMMC_DCTRL_DBLOCKSIZE_Pos 4U
#define SDMMC_STA_CCRCFAIL         (1UL << 0)
#define SDMMC_STA_DCRCFAIL         (1UL << 1)
#define SDMMC_STA_CTIMEOUT         (1UL << 2)
#define SDMMC_STA_DTIMEOUT         (1UL << 3)
#define SDMMC_STA_TXUNDERR         (1UL << 4)
#define SDMMC_STA_RXOVERR          (1UL << 5)
#define SDMMC_STA_CMDREND          (1UL << 6)
#define SDMMC_STA_CMDSENT          (1UL << 7)
#define SDMMC_STA_DATAEND          (1UL << 8)
#define SDMMC_STA_DBCKEND          (1UL << 10)
#define SDMMC_STA_DABORT           (1UL << 11)
#define SDMMC_STA_DPSMACT          (1UL << 12)
#define SDMMC_STA_CPSMACT          (1UL << 13)
#define SDMMC_STA_BUSYD0           (1UL << 20)
#define SDMMC_STA_BUSYD0END        (1UL << 21)
#define SDMMC_STA_IDMATE           (1UL << 27)
#define SDMMC_IDMA_IDMAEN          (1UL << 0)

/* FLASH */
#define FLASH_ACR_LATENCY_Pos              0U
#define FLASH_ACR_LATENCY_Msk              (0xFUL << FLASH_ACR_LATENCY_Pos)
#define FLASH_ACR_LATENCY                  FLASH_ACR_LATENCY_Msk
#define FLASH_ACR_WRHIGHFREQ_Pos           4U
#define FLASH_ACR_WRHIGHFREQ_Msk           (0x3UL << FLASH_ACR_WRHIGHFREQ_Pos)
#define FLASH_ACR_WRHIGHFREQ               FLASH_ACR_WRHIGHFREQ_Msk
#define FLASH_OPTCR_OPTLOCK                (1UL << 0)
#define FLASH_OPTCR_OPTSTART               (1UL << 1)
#define FLASH_OPTCR_MER                    (1UL << 4)
#define FLASH_OPTCR_PG_OTP                 (1UL << 5)
#define FLASH_OPTCR_OPTCHANGEERRIE         (1UL << 30)
#define FLASH_OPTCR_SWAP_BANK              (1UL << 31)
#define FLASH_OPTSR_CUR_OPT_BUSY           (1UL << 0)
#define FLASH_OPTSR_CUR_BOR_LEV_Pos        2U
#define FLASH_OPTSR_CUR_BOR_LEV_Msk        (0x3UL << FLASH_OPTSR_CUR_BOR_LEV_Pos)
#define FLASH_OPTSR_CUR_BOR_LEV            FLASH_OPTSR_CUR_BOR_LEV_Msk
#define FLASH_OPTSR_CUR_IWDG_SW            (1UL << 4)
#define FLASH_OPTSR_CUR_NRST_STOP          (1UL << 6)
#define FLASH_OPTSR_CUR_NRST_STDY          (1UL << 7)
#define FLASH_OPTSR_CUR_RDP_Pos            8U
#define FLASH_OPTSR_CUR_RDP_Msk            (0xFFUL << FLASH_OPTSR_CUR_RDP_Pos)
#define FLASH_OPTSR_CUR_RDP                FLASH_OPTSR_CUR_RDP_Msk
#define FLASH_OPTSR_CUR_VDDMMC_HSLV        (1UL << 16)
#define FLASH_OPTSR_CUR_WDG_FZ_STOP        (1UL << 17)
#define FLASH_OPTSR_CUR_IWDG_FZ_SDBY       (1UL << 18)
#define FLASH_OPTSR_CUR_ST_RAM_SIZE_Pos    19U
#define FLASH_OPTSR_CUR_ST_RAM_SIZE_Msk    (0x3UL << FLASH_OPTSR_CUR_ST_RAM_SIZE_Pos)
#define FLASH_OPTSR_CUR_ST_RAM_SIZE        FLASH_OPTSR_CUR_ST_RAM_SIZE_Msk
#define FLASH_OPTSR_CUR_SECURITY           (1UL << 21)
#define FLASH_OPTSR_CUR_VDDIO_HSLV         (1UL << 29)
#define FLASH_OPTSR_CUR_OPTCHANGEERR       (1UL << 30)
#define FLASH_OPTSR_CUR_SWAP_BANK_OPT      (1UL << 31)
#define FLASH_OPTSR_PRG_BOR_LEV_Pos        2U
#define FLASH_OPTSR_PRG_BOR_LEV_Msk        (0x3UL << FLASH_OPTSR_PRG_BOR_LEV_Pos)
#define FLASH_OPTSR_PRG_BOR_LEV            FLASH_OPTSR_PRG_BOR_LEV_Msk
#define FLASH_OPTSR_PRG_IWDG_SW            (1UL << 4)
#define FLASH_OPTSR_PRG_NRST_STOP          (1UL << 6)
#define FLASH_OPTSR_PRG_NRST_STDY          (1UL << 7)
#define FLASH_OPTSR_PRG_RDP_Pos            8U
#define FLASH_OPTSR_PRG_RDP_Msk            (0xFFUL << FLASH_OPTSR_PRG_RDP_Pos)
#define FLASH_OPTSR_PRG_RDP                FLASH_OPTSR_PRG_RDP_Msk
#define FLASH_OPTSR_PRG_VDDMMC_HSLV        (1UL << 16)
#define FLASH_OPTSR_PRG_WDG_FZ_STOP        (1UL << 17)
#define FLASH_OPTSR_PRG_IWDG_FZ_SDBY       (1UL << 18)
#define FLASH_OPTSR_PRG_ST_RAM_SIZE_Pos    19U
#define FLASH_OPTSR_PRG_ST_RAM_SIZE_Msk    (0x3UL << FLASH_OPTSR_PRG_ST_RAM_SIZE_Pos)
#define FLASH_OPTSR_PRG_ST_RAM_SIZE        FLASH_OPTSR_PRG_ST_RAM_SIZE_Msk
#define FLASH_OPTSR_PRG_SECURITY           (1UL << 21)
#define FLASH_OPTSR_PRG_VDDIO_HSLV         (1UL << 29)
#define FLASH_OPTSR_PRG_SWAP_BANK_OPT      (1UL << 31)
#define FLASH_OPTCCR_CLR_OPTCHANGEERR      (1UL << 30)
#define FLASH_BOOT_CURR_BOOT_ADD0_Pos      0U
#define FLASH_BOOT_CURR_BOOT_ADD0_Msk      (0xFFFFUL << FLASH_BOOT_CURR_BOOT_ADD0_Pos)
#define FLASH_BOOT_CURR_BOOT_ADD0          FLASH_BOOT_CURR_BOOT_ADD0_Msk
#define FLASH_BOOT_CURR_BOOT_ADD1_Pos      16U
#define FLASH_BOOT_CURR_BOOT_ADD1_Msk      (0xFFFFUL << FLASH_BOOT_CURR_BOOT_ADD1_Pos)
#define FLASH_BOOT_CURR_BOOT_ADD1          FLASH_BOOT_CURR_BOOT_ADD1_Msk
#define FLASH_BOOT_PRGR_BOOT_ADD0_Pos      0U
#define FLASH_BOOT_PRGR_BOOT_ADD0_Msk      (0xFFFFUL << FLASH_BOOT_PRGR_BOOT_ADD0_Pos)
#define FLASH_BOOT_PRGR_BOOT_ADD0          FLASH_BOOT_PRGR_BOOT_ADD0_Msk
#define FLASH_BOOT_PRGR_BOOT_ADD1_Pos      16U
#define FLASH_BOOT_PRGR_BOOT_ADD1_Msk      (0xFFFFUL << FLASH_BOOT_PRGR_BOOT_ADD1_Pos)
#define FLASH_BOOT_PRGR_BOOT_ADD1          FLASH_BOOT_PRGR_BOOT_ADD1_Msk
#define FLASH_CR_LOCK                      (1UL << 0)
#define FLASH_CR_PG                        (1UL << 1)
#define FLASH_CR_SER                       (1UL << 2)
#define FLASH_CR_BER                       (1UL << 3)
#define FLASH_CR_FW                        (1UL << 4)
#define FLASH_CR_START                     (1UL << 5)
#define FLASH_CR_SNB_Pos                   6U
#define FLASH_CR_SNB_Msk                   (0x7FUL << FLASH_CR_SNB_Pos)
#define FLASH_CR_SNB                       FLASH_CR_SNB_Msk
#define FLASH_CR_CRC_EN                    (1UL << 15)
#define FLASH_CR_EOPIE                     (1UL << 16)
#define FLASH_CR_WRPERRIE                  (1UL << 17)
#define FLASH_CR_PGSERRIE                  (1UL << 18)
#define FLASH_CR_STRBERRIE                 (1UL << 19)
#define FLASH_CR_INCERRIE                  (1UL << 21)
#define FLASH_CR_RDPERRIE                  (1UL << 23)
#define FLASH_CR_RDSERRIE                  (1UL << 24)
#define FLASH_CR_SNECCERRIE                (1UL << 25)
#define FLASH_CR_DBECCERRIE                (1UL << 26)
#define FLASH_CR_CRCENDIE                  (1UL << 27)
#define FLASH_CR_CRCRDERRIE                (1UL << 28)
#define FLASH_SR_BSY                       (1UL << 0)
#define FLASH_SR_WBNE                      (1UL << 1)
#define FLASH_SR_QW                        (1UL << 2)
#define FLASH_SR_CRC_BUSY                  (1UL << 3)
#define FLASH_SR_EOP                       (1UL << 16)
#define FLASH_SR_WRPERR                    (1UL << 17)
#define FLASH_SR_PGSERR                    (1UL << 18)
#define FLASH_SR_STRBERR                   (1UL << 19)
#define FLASH_SR_INCERR                    (1UL << 21)
#define FLASH_SR_RDPERR                    (1UL << 23)
#define FLASH_SR_RDSERR                    (1UL << 24)
#define FLASH_SR_SNECCERR                  (1UL << 25)
#define FLASH_SR_DBECCERR                  (1UL << 26)
#define FLASH_SR_CRCEND                    (1UL << 27)
#define FLASH_SR_CRCRDERR                  (1UL << 28)
#define FLASH_CCR_CLR_EOP                  (1UL << 16)
#define FLASH_CCR_CLR_WRPERR               (1UL << 17)
#define FLASH_CCR_CLR_PGSERR               (1UL << 18)
#define FLASH_CCR_CLR_STRBERR              (1UL << 19)
#define FLASH_CCR_CLR_INCERR               (1UL << 21)
#define FLASH_CCR_CLR_RDPERR               (1UL << 23)
#define FLASH_CCR_CLR_RDSERR               (1UL << 24)
#define FLASH_CCR_CLR_SNECCERR             (1UL << 25)
#define FLASH_CCR_CLR_DBECCERR             (1UL << 26)
#define FLASH_CCR_CLR_CRCEND               (1UL << 27)
#define FLASH_CCR_CLR_CRCRDERR             (1UL << 28)
#define FLASH_PRAR_CUR_PROT_AREA_START_Pos 0U
#define FLASH_PRAR_CUR_PROT_AREA_START_Msk (0xFFFUL << FLASH_PRAR_CUR_PROT_AREA_START_Pos)
#define FLASH_PRAR_CUR_PROT_AREA_START     FLASH_PRAR_CUR_PROT_AREA_START_Msk
#define FLASH_PRAR_CUR_PROT_AREA_END_Pos   16U
#define FLASH_PRAR_CUR_PROT_AREA_END_Msk   (0xFFFUL << FLASH_PRAR_CUR_PROT_AREA_END_Pos)
#define FLASH_PRAR_CUR_PROT_AREA_END       FLASH_PRAR_CUR_PROT_AREA_END_Msk
#define FLASH_PRAR_CUR_DMEP                (1UL << 31)
#define FLASH_SCAR_CUR_SEC_AREA_START_Pos  0U
#define FLASH_SCAR_CUR_SEC_AREA_START_Msk  (0xFFFUL << FLASH_SCAR_CUR_SEC_AREA_START_Pos)
#define FLASH_SCAR_CUR_SEC_AREA_START      FLASH_SCAR_CUR_SEC_AREA_START_Msk
#define FLASH_SCAR_CUR_SEC_AREA_END_Pos    16U
#define FLASH_SCAR_CUR_SEC_AREA_END_Msk    (0xFFFUL << FLASH_SCAR_CUR_SEC_AREA_END_Pos)
#define FLASH_SCAR_CUR_SEC_AREA_END        FLASH_SCAR_CUR_SEC_AREA_END_Msk
#define FLASH_SCAR_CUR_DMES                (1UL << 31)
#define FLASH_FAR_FAIL_ECC_ADDR_Pos        0U
#define FLASH_FAR_FAIL_ECC_ADDR_Msk        (0xFFFFUL << FLASH_FAR_FAIL_ECC_ADDR_Pos)
#define FLASH_FAR_FAIL_ECC_ADDR            FLASH_FAR_FAIL_ECC_ADDR_Msk
#define FLASH_FAR_OTP_FAIL_ECC             (1UL << 31)

/* DBGMCU */
#define DBGMCU_IDCODE_DEV_ID_Pos 0U
#define DBGMCU_IDCODE_DEV_ID_Msk (0xFFFUL << DBGMCU_IDCODE_DEV_ID_Pos)
#define DBGMCU_IDCODE_REV_ID_Pos 16U
#define DBGMCU_IDCODE_REV_ID_Msk (0xFFFFUL << DBGMCU_IDCODE_REV_ID_Pos)

#endif
