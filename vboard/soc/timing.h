/*
 * How long things take on the modelled chip. Where the STM32H7A3 data sheet (DS13195) has a typical
 * value for 25 degC and 3.3 V the model stays near it; the others are of the right order, and none
 * is zero, so that firmware that forgets to poll a flag is caught. docs/vboard-soc.md says which is
 * which.
 */
#ifndef VBOARD_SOC_TIMING_H
#define VBOARD_SOC_TIMING_H

#include "../wire/sched.h"

/* Oscillator start-up, from the enable bit to the ready flag. */
#define TIME_HSI_START   (2 * VTIME_US)
#define TIME_CSI_START   (3 * VTIME_US)
#define TIME_HSI48_START (4 * VTIME_US)
#define TIME_LSI_START   (100 * VTIME_US)
#define TIME_HSE_START   (1500 * VTIME_US) /* a 25 MHz crystal */
#define TIME_HSE_BYPASS  (2 * VTIME_US)
#define TIME_LSE_START                                                                             \
    (200 * VTIME_MS) /* crystals take 0.2 to 2 s; the fast end, for the tests' sake */
#define TIME_LSE_BYPASS (200 * VTIME_US)
#define TIME_PLL_LOCK   (60 * VTIME_US)

/* Supplies. */
#define TIME_SUPPLY_VALID (40 * VTIME_US) /* PWR_CR3 to ACTVOSRDY */
#define TIME_VOS_STEP     (30 * VTIME_US) /* new voltage scale to VOSRDY */
#define TIME_BACKUP_REG   (30 * VTIME_US) /* BREN to BRRDY */
#define TIME_USB33_DETECT (10 * VTIME_US) /* USB33DEN to USB33RDY */
#define TIME_COMP_CELL    (10 * VTIME_US) /* CCCSR.EN to READY */

/* Flash. */
#define TIME_FLASH_WORD    (50 * VTIME_US)   /* 16 bytes */
#define TIME_FLASH_SECTOR  (2200 * VTIME_US) /* erase 8 KB */
#define TIME_FLASH_BANK    (10 * VTIME_MS)   /* erase 1 MB */
#define TIME_FLASH_OPTIONS (20 * VTIME_MS)   /* change option bytes */
#define TIME_FLASH_CRC     (40 * VTIME_NS)   /* for 16 bytes */

/* Watchdogs and RTC synchronisers, in periods of their slow clock. */
#define CLOCKS_IWDG_UPDATE 5 /* PVU, RVU, WVU (RM0455: up to five LSI cycles) */
#define CLOCKS_RTC_INITF   2 /* INIT to INITF (RM0455: about two RTCCLK cycles) */
#define CLOCKS_LPTIM_SYNC  3 /* CMP, ARR, COUNTRST: some kernel clocks (UNVERIFIED) */
#define CLOCKS_LPTIM_START 2 /* CNTSTRT, SNGSTRT: the same */
#define CLOCKS_RTC_SHADOW  2 /* shadow registers are copied every two RTCCLK cycles */

/* RNG: one 32-bit word per 412 kernel clocks or so at CLKDIV = 0 (RM0455's NIST configuration). */
#define CLOCKS_RNG_WORD    412
#define CLOCKS_RNG_RESTART 1024 /* conditioning reset */

/* USB OTG core, in HCLK cycles. */
#define CLOCKS_USB_SOFT_RESET 64
#define CLOCKS_USB_FLUSH      16
#define CLOCKS_USB_DMA_PACKET 40 /* a packet of 64 bytes between FIFO and memory */

/* I2C: each way through the analog filter (data sheets of this family: 50 to 260 ns). */
#define TIME_I2C_ANALOG_FILTER (80 * VTIME_NS)

/* ADC. Clocks are those of the converter (DS13195, ADC characteristics of this family). */
#define TIME_ADC_REGULATOR    (5 * VTIME_US) /* ADVREGEN to LDORDY; at most 10 us */
#define CLOCKS_ADC_OFFSET_CAL 1280
#define CLOCKS_ADC_LINEAR_CAL 165010
#define CLOCKS_ADC_ON_OFF     4 /* ADEN to ADRDY, ADDIS, ADSTP: order of magnitude */

/* DMA: from a request to its transfer, and from one transfer to the next, in HCLK cycles. */
#define CLOCKS_DMA_ITEM 6

/* MDMA, in HCLK cycles: from a request to its first buffer; each burst, besides one for each beat
   and what its target adds. Orders of magnitude. */
#define CLOCKS_MDMA_START 8
#define CLOCKS_MDMA_BURST 5

/* A bus access to a peripheral beyond the core's own cycle, in cycles of each bus passed. */
#define CLOCKS_AHB_ACCESS 4
#define CLOCKS_APB_ACCESS 2

#endif
