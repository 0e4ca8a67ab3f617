/* SPDX-License-Identifier: MIT */

/*
 * Bit macros of RNG, CRS, IWDG, RTC and the timers, from RM0455. Rules as in stm32h7a3_bits.h.
 * Included by stm32h7a3.h only.
 */
#ifndef STM32H7A3_TIME_BITS_H
#define STM32H7A3_TIME_BITS_H

/* RNG */
#define RNG_CR_RNGEN           (1UL << 2)
#define RNG_CR_IE              (1UL << 3)
#define RNG_CR_CED             (1UL << 5)
#define RNG_CR_RNG_CONFIG3_Pos 8U
#define RNG_CR_RNG_CONFIG3_Msk (0xFUL << RNG_CR_RNG_CONFIG3_Pos)
#define RNG_CR_RNG_CONFIG3     RNG_CR_RNG_CONFIG3_Msk
#define RNG_CR_NISTC           (1UL << 12)
#define RNG_CR_RNG_CONFIG2_Pos 13U
#define RNG_CR_RNG_CONFIG2_Msk (0x7UL << RNG_CR_RNG_CONFIG2_Pos)
#define RNG_CR_RNG_CONFIG2     RNG_CR_RNG_CONFIG2_Msk
#define RNG_CR_CLKDIV_Pos      16U
#define RNG_CR_CLKDIV_Msk      (0xFUL << RNG_CR_CLKDIV_Pos)
#define RNG_CR_CLKDIV          RNG_CR_CLKDIV_Msk
#define RNG_CR_RNG_CONFIG1_Pos 20U
#define RNG_CR_RNG_CONFIG1_Msk (0x3FUL << RNG_CR_RNG_CONFIG1_Pos)
#define RNG_CR_RNG_CONFIG1     RNG_CR_RNG_CONFIG1_Msk
#define RNG_CR_CONDRST         (1UL << 30)
#define RNG_CR_CONFIGLOCK      (1UL << 31)
#define RNG_SR_DRDY            (1UL << 0)
#define RNG_SR_CECS            (1UL << 1)
#define RNG_SR_SECS            (1UL << 2)
#define RNG_SR_CEIS            (1UL << 5)
#define RNG_SR_SEIS            (1UL << 6)

/* CRS */
#define CRS_CR_SYNCOKIE      (1UL << 0)
#define CRS_CR_SYNCWARNIE    (1UL << 1)
#define CRS_CR_ERRIE         (1UL << 2)
#define CRS_CR_ESYNCIE       (1UL << 3)
#define CRS_CR_CEN           (1UL << 5)
#define CRS_CR_AUTOTRIMEN    (1UL << 6)
#define CRS_CR_SWSYNC        (1UL << 7)
#define CRS_CR_TRIM_Pos      8U
#define CRS_CR_TRIM_Msk      (0x3FUL << CRS_CR_TRIM_Pos)
#define CRS_CR_TRIM          CRS_CR_TRIM_Msk
#define CRS_CFGR_RELOAD_Pos  0U
#define CRS_CFGR_RELOAD_Msk  (0xFFFFUL << CRS_CFGR_RELOAD_Pos)
#define CRS_CFGR_RELOAD      CRS_CFGR_RELOAD_Msk
#define CRS_CFGR_FELIM_Pos   16U
#define CRS_CFGR_FELIM_Msk   (0xFFUL << CRS_CFGR_FELIM_Pos)
#define CRS_CFGR_FELIM       CRS_CFGR_FELIM_Msk
#define CRS_CFGR_SYNCDIV_Pos 24U
#define CRS_CFGR_SYNCDIV_Msk (0x7UL << CRS_CFGR_SYNCDIV_Pos)
#define CRS_CFGR_SYNCDIV     CRS_CFGR_SYNCDIV_Msk
#define CRS_CFGR_SYNCSRC_Pos 28U
#define CRS_CFGR_SYNCSRC_Msk (0x3UL << CRS_CFGR_SYNCSRC_Pos)
#define CRS_CFGR_SYNCSRC     CRS_CFGR_SYNCSRC_Msk
#define CRS_CFGR_SYNCPOL     (1UL << 31)
#define CRS_ISR_SYNCOKF      (1UL << 0)
#define CRS_ISR_SYNCWARNF    (1UL << 1)
#define CRS_ISR_ERRF         (1UL << 2)
#define CRS_ISR_ESYNCF       (1UL << 3)
#define CRS_ISR_SYNCERR      (1UL << 8)
#define CRS_ISR_SYNCMISS     (1UL << 9)
#define CRS_ISR_TRIMOVF      (1UL << 10)
#define CRS_ISR_FEDIR        (1UL << 15)
#define CRS_ISR_FECAP_Pos    16U
#define CRS_ISR_FECAP_Msk    (0xFFFFUL << CRS_ISR_FECAP_Pos)
#define CRS_ISR_FECAP        CRS_ISR_FECAP_Msk
#define CRS_ICR_SYNCOKC      (1UL << 0)
#define CRS_ICR_SYNCWARNC    (1UL << 1)
#define CRS_ICR_ERRC         (1UL << 2)
#define CRS_ICR_ESYNCC       (1UL << 3)

/* IWDG */
#define IWDG_KR_KEY_Pos   0U
#define IWDG_KR_KEY_Msk   (0xFFFFUL << IWDG_KR_KEY_Pos)
#define IWDG_KR_KEY       IWDG_KR_KEY_Msk
#define IWDG_PR_PR_Pos    0U
#define IWDG_PR_PR_Msk    (0x7UL << IWDG_PR_PR_Pos)
#define IWDG_PR_PR        IWDG_PR_PR_Msk
#define IWDG_RLR_RL_Pos   0U
#define IWDG_RLR_RL_Msk   (0xFFFUL << IWDG_RLR_RL_Pos)
#define IWDG_RLR_RL       IWDG_RLR_RL_Msk
#define IWDG_SR_PVU       (1UL << 0)
#define IWDG_SR_RVU       (1UL << 1)
#define IWDG_SR_WVU       (1UL << 2)
#define IWDG_WINR_WIN_Pos 0U
#define IWDG_WINR_WIN_Msk (0xFFFUL << IWDG_WINR_WIN_Pos)
#define IWDG_WINR_WIN     IWDG_WINR_WIN_Msk

/* RTC */
#define RTC_TR_SU_Pos          0U
#define RTC_TR_SU_Msk          (0xFUL << RTC_TR_SU_Pos)
#define RTC_TR_SU              RTC_TR_SU_Msk
#define RTC_TR_ST_Pos          4U
#define RTC_TR_ST_Msk          (0x7UL << RTC_TR_ST_Pos)
#define RTC_TR_ST              RTC_TR_ST_Msk
#define RTC_TR_MNU_Pos         8U
#define RTC_TR_MNU_Msk         (0xFUL << RTC_TR_MNU_Pos)
#define RTC_TR_MNU             RTC_TR_MNU_Msk
#define RTC_TR_MNT_Pos         12U
#define RTC_TR_MNT_Msk         (0x7UL << RTC_TR_MNT_Pos)
#define RTC_TR_MNT             RTC_TR_MNT_Msk
#define RTC_TR_HU_Pos          16U
#define RTC_TR_HU_Msk          (0xFUL << RTC_TR_HU_Pos)
#define RTC_TR_HU              RTC_TR_HU_Msk
#define RTC_TR_HT_Pos          20U
#define RTC_TR_HT_Msk          (0x3UL << RTC_TR_HT_Pos)
#define RTC_TR_HT              RTC_TR_HT_Msk
#define RTC_TR_PM              (1UL << 22)
#define RTC_DR_DU_Pos          0U
#define RTC_DR_DU_Msk          (0xFUL << RTC_DR_DU_Pos)
#define RTC_DR_DU              RTC_DR_DU_Msk
#define RTC_DR_DT_Pos          4U
#define RTC_DR_DT_Msk          (0x3UL << RTC_DR_DT_Pos)
#define RTC_DR_DT              RTC_DR_DT_Msk
#define RTC_DR_MU_Pos          8U
#define RTC_DR_MU_Msk          (0xFUL << RTC_DR_MU_Pos)
#define RTC_DR_MU              RTC_DR_MU_Msk
#define RTC_DR_MT              (1UL << 12)
#define RTC_DR_WDU_Pos         13U
#define RTC_DR_WDU_Msk         (0x7UL << RTC_DR_WDU_Pos)
#define RTC_DR_WDU             RTC_DR_WDU_Msk
#define RTC_DR_YU_Pos          16U
#define RTC_DR_YU_Msk          (0xFUL << RTC_DR_YU_Pos)
#define RTC_DR_YU              RTC_DR_YU_Msk
#define RTC_DR_YT_Pos          20U
#define RTC_DR_YT_Msk          (0xFUL << RTC_DR_YT_Pos)
#define RTC_DR_YT              RTC_DR_YT_Msk
#define RTC_SSR_SS_Pos         0U
#define RTC_SSR_SS_Msk         (0xFFFFUL << RTC_SSR_SS_Pos)
#define RTC_SSR_SS             RTC_SSR_SS_Msk
#define RTC_ICSR_ALRAWF        (1UL << 0)
#define RTC_ICSR_ALRBWF        (1UL << 1)
#define RTC_ICSR_WUTWF         (1UL << 2)
#define RTC_ICSR_SHPF          (1UL << 3)
#define RTC_ICSR_INITS         (1UL << 4)
#define RTC_ICSR_RSF           (1UL << 5)
#define RTC_ICSR_INITF         (1UL << 6)
#define RTC_ICSR_INIT          (1UL << 7)
#define RTC_ICSR_RECALPF       (1UL << 16)
#define RTC_PRER_PREDIV_S_Pos  0U
#define RTC_PRER_PREDIV_S_Msk  (0x7FFFUL << RTC_PRER_PREDIV_S_Pos)
#define RTC_PRER_PREDIV_S      RTC_PRER_PREDIV_S_Msk
#define RTC_PRER_PREDIV_A_Pos  16U
#define RTC_PRER_PREDIV_A_Msk  (0x7FUL << RTC_PRER_PREDIV_A_Pos)
#define RTC_PRER_PREDIV_A      RTC_PRER_PREDIV_A_Msk
#define RTC_WUTR_WUT_Pos       0U
#define RTC_WUTR_WUT_Msk       (0xFFFFUL << RTC_WUTR_WUT_Pos)
#define RTC_WUTR_WUT           RTC_WUTR_WUT_Msk
#define RTC_CR_WUCKSEL_Pos     0U
#define RTC_CR_WUCKSEL_Msk     (0x7UL << RTC_CR_WUCKSEL_Pos)
#define RTC_CR_WUCKSEL         RTC_CR_WUCKSEL_Msk
#define RTC_CR_TSEDGE          (1UL << 3)
#define RTC_CR_REFCKON         (1UL << 4)
#define RTC_CR_BYPSHAD         (1UL << 5)
#define RTC_CR_FMT             (1UL << 6)
#define RTC_CR_ALRAE           (1UL << 8)
#define RTC_CR_ALRBE           (1UL << 9)
#define RTC_CR_WUTE            (1UL << 10)
#define RTC_CR_TSE             (1UL << 11)
#define RTC_CR_ALRAIE          (1UL << 12)
#define RTC_CR_ALRBIE          (1UL << 13)
#define RTC_CR_WUTIE           (1UL << 14)
#define RTC_CR_TSIE            (1UL << 15)
#define RTC_CR_ADD1H           (1UL << 16)
#define RTC_CR_SUB1H           (1UL << 17)
#define RTC_CR_BKP             (1UL << 18)
#define RTC_CR_COSEL           (1UL << 19)
#define RTC_CR_POL             (1UL << 20)
#define RTC_CR_OSEL_Pos        21U
#define RTC_CR_OSEL_Msk        (0x3UL << RTC_CR_OSEL_Pos)
#define RTC_CR_OSEL            RTC_CR_OSEL_Msk
#define RTC_CR_COE             (1UL << 23)
#define RTC_CR_ITSE            (1UL << 24)
#define RTC_CR_TAMPTS          (1UL << 25)
#define RTC_CR_TAMPOE          (1UL << 26)
#define RTC_CR_TAMPALRM_PU     (1UL << 29)
#define RTC_CR_TAMPALRM_TYPE   (1UL << 30)
#define RTC_CR_OUT2EN          (1UL << 31)
#define RTC_WPR_KEY_Pos        0U
#define RTC_WPR_KEY_Msk        (0xFFUL << RTC_WPR_KEY_Pos)
#define RTC_WPR_KEY            RTC_WPR_KEY_Msk
#define RTC_CALR_CALM_Pos      0U
#define RTC_CALR_CALM_Msk      (0x1FFUL << RTC_CALR_CALM_Pos)
#define RTC_CALR_CALM          RTC_CALR_CALM_Msk
#define RTC_CALR_CALW16        (1UL << 13)
#define RTC_CALR_CALW8         (1UL << 14)
#define RTC_CALR_CALP          (1UL << 15)
#define RTC_SHIFTR_SUBFS_Pos   0U
#define RTC_SHIFTR_SUBFS_Msk   (0x7FFFUL << RTC_SHIFTR_SUBFS_Pos)
#define RTC_SHIFTR_SUBFS       RTC_SHIFTR_SUBFS_Msk
#define RTC_SHIFTR_ADD1S       (1UL << 31)
#define RTC_ALRMR_SU_Pos       0U
#define RTC_ALRMR_SU_Msk       (0xFUL << RTC_ALRMR_SU_Pos)
#define RTC_ALRMR_SU           RTC_ALRMR_SU_Msk
#define RTC_ALRMR_ST_Pos       4U
#define RTC_ALRMR_ST_Msk       (0x7UL << RTC_ALRMR_ST_Pos)
#define RTC_ALRMR_ST           RTC_ALRMR_ST_Msk
#define RTC_ALRMR_MSK1         (1UL << 7)
#define RTC_ALRMR_MNU_Pos      8U
#define RTC_ALRMR_MNU_Msk      (0xFUL << RTC_ALRMR_MNU_Pos)
#define RTC_ALRMR_MNU          RTC_ALRMR_MNU_Msk
#define RTC_ALRMR_MNT_Pos      12U
#define RTC_ALRMR_MNT_Msk      (0x7UL << RTC_ALRMR_MNT_Pos)
#define RTC_ALRMR_MNT          RTC_ALRMR_MNT_Msk
#define RTC_ALRMR_MSK2         (1UL << 15)
#define RTC_ALRMR_HU_Pos       16U
#define RTC_ALRMR_HU_Msk       (0xFUL << RTC_ALRMR_HU_Pos)
#define RTC_ALRMR_HU           RTC_ALRMR_HU_Msk
#define RTC_ALRMR_HT_Pos       20U
#define RTC_ALRMR_HT_Msk       (0x3UL << RTC_ALRMR_HT_Pos)
#define RTC_ALRMR_HT           RTC_ALRMR_HT_Msk
#define RTC_ALRMR_PM           (1UL << 22)
#define RTC_ALRMR_MSK3         (1UL << 23)
#define RTC_ALRMR_DU_Pos       24U
#define RTC_ALRMR_DU_Msk       (0xFUL << RTC_ALRMR_DU_Pos)
#define RTC_ALRMR_DU           RTC_ALRMR_DU_Msk
#define RTC_ALRMR_DT_Pos       28U
#define RTC_ALRMR_DT_Msk       (0x3UL << RTC_ALRMR_DT_Pos)
#define RTC_ALRMR_DT           RTC_ALRMR_DT_Msk
#define RTC_ALRMR_WDSEL        (1UL << 30)
#define RTC_ALRMR_MSK4         (1UL << 31)
#define RTC_ALRMSSR_SS_Pos     0U
#define RTC_ALRMSSR_SS_Msk     (0x7FFFUL << RTC_ALRMSSR_SS_Pos)
#define RTC_ALRMSSR_SS         RTC_ALRMSSR_SS_Msk
#define RTC_ALRMSSR_MASKSS_Pos 24U
#define RTC_ALRMSSR_MASKSS_Msk (0xFUL << RTC_ALRMSSR_MASKSS_Pos)
#define RTC_ALRMSSR_MASKSS     RTC_ALRMSSR_MASKSS_Msk
#define RTC_SR_ALRAF           (1UL << 0)
#define RTC_SR_ALRBF           (1UL << 1)
#define RTC_SR_WUTF            (1UL << 2)
#define RTC_SR_TSF             (1UL << 3)
#define RTC_SR_TSOVF           (1UL << 4)
#define RTC_SR_ITSF            (1UL << 5)
#define RTC_MISR_ALRAMF        (1UL << 0)
#define RTC_MISR_ALRBMF        (1UL << 1)
#define RTC_MISR_WUTMF         (1UL << 2)
#define RTC_MISR_TSMF          (1UL << 3)
#define RTC_MISR_TSOVMF        (1UL << 4)
#define RTC_MISR_ITSMF         (1UL << 5)
#define RTC_SCR_CALRAF         (1UL << 0)
#define RTC_SCR_CALRBF         (1UL << 1)
#define RTC_SCR_CWUTF          (1UL << 2)
#define RTC_SCR_CTSF           (1UL << 3)
#define RTC_SCR_CTSOVF         (1UL << 4)
#define RTC_SCR_CITSF          (1UL << 5)
#define RTC_CFGR_OUT2_RMP      (1UL << 0)

/* TIM */
#define TIM_CR1_CEN          (1UL << 0)
#define TIM_CR1_UDIS         (1UL << 1)
#define TIM_CR1_URS          (1UL << 2)
#define TIM_CR1_OPM          (1UL << 3)
#define TIM_CR1_DIR          (1UL << 4)
#define TIM_CR1_CMS_Pos      5U
#define TIM_CR1_CMS_Msk      (0x3UL << TIM_CR1_CMS_Pos)
#define TIM_CR1_CMS          TIM_CR1_CMS_Msk
#define TIM_CR1_ARPE         (1UL << 7)
#define TIM_CR1_CKD_Pos      8U
#define TIM_CR1_CKD_Msk      (0x3UL << TIM_CR1_CKD_Pos)
#define TIM_CR1_CKD          TIM_CR1_CKD_Msk
#define TIM_CR1_UIFREMAP     (1UL << 11)
#define TIM_CR2_CCDS         (1UL << 3)
#define TIM_CR2_MMS_Pos      4U
#define TIM_CR2_MMS_Msk      (0x7UL << TIM_CR2_MMS_Pos)
#define TIM_CR2_MMS          TIM_CR2_MMS_Msk
#define TIM_CR2_TI1S         (1UL << 7)
#define TIM_SMCR_SMS_Pos     0U
#define TIM_SMCR_SMS_Msk     (0x7UL << TIM_SMCR_SMS_Pos)
#define TIM_SMCR_SMS         TIM_SMCR_SMS_Msk
#define TIM_SMCR_TS_Pos      4U
#define TIM_SMCR_TS_Msk      (0x7UL << TIM_SMCR_TS_Pos)
#define TIM_SMCR_TS          TIM_SMCR_TS_Msk
#define TIM_SMCR_MSM         (1UL << 7)
#define TIM_SMCR_ETF_Pos     8U
#define TIM_SMCR_ETF_Msk     (0xFUL << TIM_SMCR_ETF_Pos)
#define TIM_SMCR_ETF         TIM_SMCR_ETF_Msk
#define TIM_SMCR_ETPS_Pos    12U
#define TIM_SMCR_ETPS_Msk    (0x3UL << TIM_SMCR_ETPS_Pos)
#define TIM_SMCR_ETPS        TIM_SMCR_ETPS_Msk
#define TIM_SMCR_ECE         (1UL << 14)
#define TIM_SMCR_ETP         (1UL << 15)
#define TIM_SMCR_SMS_3       (1UL << 16)
#define TIM_SMCR_TS2_Pos     20U
#define TIM_SMCR_TS2_Msk     (0x3UL << TIM_SMCR_TS2_Pos)
#define TIM_SMCR_TS2         TIM_SMCR_TS2_Msk
#define TIM_DIER_UIE         (1UL << 0)
#define TIM_DIER_CC1IE       (1UL << 1)
#define TIM_DIER_CC2IE       (1UL << 2)
#define TIM_DIER_CC3IE       (1UL << 3)
#define TIM_DIER_CC4IE       (1UL << 4)
#define TIM_DIER_TIE         (1UL << 6)
#define TIM_DIER_UDE         (1UL << 8)
#define TIM_DIER_CC1DE       (1UL << 9)
#define TIM_DIER_CC2DE       (1UL << 10)
#define TIM_DIER_CC3DE       (1UL << 11)
#define TIM_DIER_CC4DE       (1UL << 12)
#define TIM_DIER_TDE         (1UL << 14)
#define TIM_SR_UIF           (1UL << 0)
#define TIM_SR_CC1IF         (1UL << 1)
#define TIM_SR_CC2IF         (1UL << 2)
#define TIM_SR_CC3IF         (1UL << 3)
#define TIM_SR_CC4IF         (1UL << 4)
#define TIM_SR_TIF           (1UL << 6)
#define TIM_SR_CC1OF         (1UL << 9)
#define TIM_SR_CC2OF         (1UL << 10)
#define TIM_SR_CC3OF         (1UL << 11)
#define TIM_SR_CC4OF         (1UL << 12)
#define TIM_EGR_UG           (1UL << 0)
#define TIM_EGR_CC1G         (1UL << 1)
#define TIM_EGR_CC2G         (1UL << 2)
#define TIM_EGR_CC3G         (1UL << 3)
#define TIM_EGR_CC4G         (1UL << 4)
#define TIM_EGR_TG           (1UL << 6)
#define TIM_CCMR1_CC1S_Pos   0U
#define TIM_CCMR1_CC1S_Msk   (0x3UL << TIM_CCMR1_CC1S_Pos)
#define TIM_CCMR1_CC1S       TIM_CCMR1_CC1S_Msk
#define TIM_CCMR1_IC1PSC_Pos 2U
#define TIM_CCMR1_IC1PSC_Msk (0x3UL << TIM_CCMR1_IC1PSC_Pos)
#define TIM_CCMR1_IC1PSC     TIM_CCMR1_IC1PSC_Msk
#define TIM_CCMR1_IC1F_Pos   4U
#define TIM_CCMR1_IC1F_Msk   (0xFUL << TIM_CCMR1_IC1F_Pos)
#define TIM_CCMR1_IC1F       TIM_CCMR1_IC1F_Msk
#define TIM_CCMR1_CC2S_Pos   8U
#define TIM_CCMR1_CC2S_Msk   (0x3UL << TIM_CCMR1_CC2S_Pos)
#define TIM_CCMR1_CC2S       TIM_CCMR1_CC2S_Msk
#define TIM_CCMR1_IC2PSC_Pos 10U
#define TIM_CCMR1_IC2PSC_Msk (0x3UL << TIM_CCMR1_IC2PSC_Pos)
#define TIM_CCMR1_IC2PSC     TIM_CCMR1_IC2PSC_Msk
#define TIM_CCMR1_IC2F_Pos   12U
#define TIM_CCMR1_IC2F_Msk   (0xFUL << TIM_CCMR1_IC2F_Pos)
#define TIM_CCMR1_IC2F       TIM_CCMR1_IC2F_Msk
#define TIM_CCMR1_OC1FE      (1UL << 2)
#define TIM_CCMR1_OC1PE      (1UL << 3)
#define TIM_CCMR1_OC1M_Pos   4U
#define TIM_CCMR1_OC1M_Msk   (0x7UL << TIM_CCMR1_OC1M_Pos)
#define TIM_CCMR1_OC1M       TIM_CCMR1_OC1M_Msk
#define TIM_CCMR1_OC1CE      (1UL << 7)
#define TIM_CCMR1_OC2FE      (1UL << 10)
#define TIM_CCMR1_OC2PE      (1UL << 11)
#define TIM_CCMR1_OC2M_Pos   12U
#define TIM_CCMR1_OC2M_Msk   (0x7UL << TIM_CCMR1_OC2M_Pos)
#define TIM_CCMR1_OC2M       TIM_CCMR1_OC2M_Msk
#define TIM_CCMR1_OC2CE      (1UL << 15)
#define TIM_CCMR1_OC1M_3     (1UL << 16)
#define TIM_CCMR1_OC2M_3     (1UL << 24)
#define TIM_CCMR2_CC3S_Pos   0U
#define TIM_CCMR2_CC3S_Msk   (0x3UL << TIM_CCMR2_CC3S_Pos)
#define TIM_CCMR2_CC3S       TIM_CCMR2_CC3S_Msk
#define TIM_CCMR2_IC3PSC_Pos 2U
#define TIM_CCMR2_IC3PSC_Msk (0x3UL << TIM_CCMR2_IC3PSC_Pos)
#define TIM_CCMR2_IC3PSC     TIM_CCMR2_IC3PSC_Msk
#define TIM_CCMR2_IC3F_Pos   4U
#define TIM_CCMR2_IC3F_Msk   (0xFUL << TIM_CCMR2_IC3F_Pos)
#define TIM_CCMR2_IC3F       TIM_CCMR2_IC3F_Msk
#define TIM_CCMR2_CC4S_Pos   8U
#define TIM_CCMR2_CC4S_Msk   (0x3UL << TIM_CCMR2_CC4S_Pos)
#define TIM_CCMR2_CC4S       TIM_CCMR2_CC4S_Msk
#define TIM_CCMR2_IC4PSC_Pos 10U
#define TIM_CCMR2_IC4PSC_Msk (0x3UL << TIM_CCMR2_IC4PSC_Pos)
#define TIM_CCMR2_IC4PSC     TIM_CCMR2_IC4PSC_Msk
#define TIM_CCMR2_IC4F_Pos   12U
#define TIM_CCMR2_IC4F_Msk   (0xFUL << TIM_CCMR2_IC4F_Pos)
#define TIM_CCMR2_IC4F       TIM_CCMR2_IC4F_Msk
#define TIM_CCMR2_OC3FE      (1UL << 2)
#define TIM_CCMR2_OC3PE      (1UL << 3)
#define TIM_CCMR2_OC3M_Pos   4U
#define TIM_CCMR2_OC3M_Msk   (0x7UL << TIM_CCMR2_OC3M_Pos)
#define TIM_CCMR2_OC3M       TIM_CCMR2_OC3M_Msk
#define TIM_CCMR2_OC3CE      (1UL << 7)
#define TIM_CCMR2_OC4FE      (1UL << 10)
#define TIM_CCMR2_OC4PE      (1UL << 11)
#define TIM_CCMR2_OC4M_Pos   12U
#define TIM_CCMR2_OC4M_Msk   (0x7UL << TIM_CCMR2_OC4M_Pos)
#define TIM_CCMR2_OC4M       TIM_CCMR2_OC4M_Msk
#define TIM_CCMR2_OC4CE      (1UL << 15)
#define TIM_CCMR2_OC3M_3     (1UL << 16)
#define TIM_CCMR2_OC4M_3     (1UL << 24)
#define TIM_CCER_CC1E        (1UL << 0)
#define TIM_CCER_CC1P        (1UL << 1)
#define TIM_CCER_CC1NP       (1UL << 3)
#define TIM_CCER_CC2E        (1UL << 4)
#define TIM_CCER_CC2P        (1UL << 5)
#define TIM_CCER_CC2NP       (1UL << 7)
#define TIM_CCER_CC3E        (1UL << 8)
#define TIM_CCER_CC3P        (1UL << 9)
#define TIM_CCER_CC3NP       (1UL << 11)
#define TIM_CCER_CC4E        (1UL << 12)
#define TIM_CCER_CC4P        (1UL << 13)
#define TIM_CCER_CC4NP       (1UL << 15)
#define TIM_PSC_PSC_Pos      0U
#define TIM_PSC_PSC_Msk      (0xFFFFUL << TIM_PSC_PSC_Pos)
#define TIM_PSC_PSC          TIM_PSC_PSC_Msk
#define TIM_BDTR_MOE         (1UL << 15)
#define TIM_TISEL_TI1SEL_Pos 0U
#define TIM_TISEL_TI1SEL_Msk (0xFUL << TIM_TISEL_TI1SEL_Pos)
#define TIM_TISEL_TI1SEL     TIM_TISEL_TI1SEL_Msk
#define TIM_TISEL_TI2SEL_Pos 8U
#define TIM_TISEL_TI2SEL_Msk (0xFUL << TIM_TISEL_TI2SEL_Pos)
#define TIM_TISEL_TI2SEL     TIM_TISEL_TI2SEL_Msk
#define TIM_TISEL_TI3SEL_Pos 16U
#define TIM_TISEL_TI3SEL_Msk (0xFUL << TIM_TISEL_TI3SEL_Pos)
#define TIM_TISEL_TI3SEL     TIM_TISEL_TI3SEL_Msk
#define TIM_TISEL_TI4SEL_Pos 24U
#define TIM_TISEL_TI4SEL_Msk (0xFUL << TIM_TISEL_TI4SEL_Pos)
#define TIM_TISEL_TI4SEL     TIM_TISEL_TI4SEL_Msk

#endif
