/* SPDX-License-Identifier: MIT */

/*
 * SPI, I2C and ADC: register structures, instances and bit macros, from RM0455's register
 * descriptions. Included by stm32h7a3.h, whose rules for names hold, and by arithmetic that needs
 * no more than this.
 */
#ifndef STM32H7A3_BUS_H
#define STM32H7A3_BUS_H

#include <stdint.h>

typedef struct {
    volatile uint32_t CR1;  /* 0x00 */
    volatile uint32_t CR2;  /* 0x04 */
    volatile uint32_t CFG1; /* 0x08 */
    volatile uint32_t CFG2; /* 0x0C */
    volatile uint32_t IER;  /* 0x10 */
    volatile uint32_t SR;   /* 0x14 */
    volatile uint32_t IFCR; /* 0x18 */
    uint32_t RESERVED0;
    union { /* 0x20: an access carries as many frames as it is wide */
        volatile uint32_t TXDR;
        volatile uint16_t TXDR16;
        volatile uint8_t TXDR8;
    };
    uint32_t RESERVED1[3];
    union { /* 0x30 */
        volatile uint32_t RXDR;
        volatile uint16_t RXDR16;
        volatile uint8_t RXDR8;
    };
    uint32_t RESERVED2[3];
    volatile uint32_t CRCPOLY; /* 0x40 */
    volatile uint32_t TXCRC;   /* 0x44 */
    volatile uint32_t RXCRC;   /* 0x48 */
    volatile uint32_t UDRDR;   /* 0x4C */
    volatile uint32_t I2SCFGR; /* 0x50 */
} SPI_TypeDef;

typedef struct {
    volatile uint32_t CR1;      /* 0x00 */
    volatile uint32_t CR2;      /* 0x04 */
    volatile uint32_t OAR1;     /* 0x08 */
    volatile uint32_t OAR2;     /* 0x0C */
    volatile uint32_t TIMINGR;  /* 0x10 */
    volatile uint32_t TIMEOUTR; /* 0x14 */
    volatile uint32_t ISR;      /* 0x18 */
    volatile uint32_t ICR;      /* 0x1C */
    volatile uint32_t PECR;     /* 0x20 */
    volatile uint32_t RXDR;     /* 0x24 */
    volatile uint32_t TXDR;     /* 0x28 */
} I2C_TypeDef;

typedef struct {
    volatile uint32_t ISR;     /* 0x00 */
    volatile uint32_t IER;     /* 0x04 */
    volatile uint32_t CR;      /* 0x08 */
    volatile uint32_t CFGR;    /* 0x0C */
    volatile uint32_t CFGR2;   /* 0x10 */
    volatile uint32_t SMPR[2]; /* 0x14: SMPR1, SMPR2 */
    volatile uint32_t PCSEL;   /* 0x1C */
    volatile uint32_t LTR1;    /* 0x20 */
    volatile uint32_t HTR1;    /* 0x24 */
    uint32_t RESERVED0[2];
    volatile uint32_t SQR1; /* 0x30 */
    volatile uint32_t SQR2; /* 0x34 */
    volatile uint32_t SQR3; /* 0x38 */
    volatile uint32_t SQR4; /* 0x3C */
    volatile uint32_t DR;   /* 0x40 */
} ADC_TypeDef;

typedef struct {
    volatile uint32_t CSR; /* 0x00 */
    uint32_t RESERVED0;
    volatile uint32_t CCR; /* 0x08 */
    volatile uint32_t CDR; /* 0x0C */
} ADC_Common_TypeDef;

#define SPI1         ((SPI_TypeDef *)0x40013000UL)
#define SPI2         ((SPI_TypeDef *)0x40003800UL)
#define SPI3         ((SPI_TypeDef *)0x40003C00UL)
#define SPI4         ((SPI_TypeDef *)0x40013400UL)
#define SPI5         ((SPI_TypeDef *)0x40015000UL)
#define SPI6         ((SPI_TypeDef *)0x58001400UL)
#define I2C1         ((I2C_TypeDef *)0x40005400UL)
#define I2C2         ((I2C_TypeDef *)0x40005800UL)
#define I2C3         ((I2C_TypeDef *)0x40005C00UL)
#define I2C4         ((I2C_TypeDef *)0x58001C00UL)
#define ADC1         ((ADC_TypeDef *)0x40022000UL)
#define ADC2         ((ADC_TypeDef *)0x40022100UL)
#define ADC12_COMMON ((ADC_Common_TypeDef *)0x40022300UL)

#define SPI_CR1_SPE        (1UL << 0)
#define SPI_CR1_CSTART     (1UL << 9)
#define SPI_CR1_SSI        (1UL << 12)
#define SPI_CFG1_DSIZE_Pos 0U
#define SPI_CFG1_MBR_Pos   28U
#define SPI_CFG2_MASTER    (1UL << 22)
#define SPI_CFG2_LSBFRST   (1UL << 23)
#define SPI_CFG2_CPHA      (1UL << 24)
#define SPI_CFG2_CPOL      (1UL << 25)
#define SPI_CFG2_SSM       (1UL << 26)
#define SPI_CFG2_AFCNTR    (1UL << 31)
#define SPI_SR_RXP         (1UL << 0)
#define SPI_SR_TXP         (1UL << 1)
#define SPI_SR_EOT         (1UL << 3)
#define SPI_SR_OVR         (1UL << 6)
#define SPI_SR_MODF        (1UL << 9)
#define SPI_IFCR_ALL       0x00000FF8UL /* EOTC to SUSPC */

#define I2C_CR1_PE             (1UL << 0)
#define I2C_CR2_SADD_Pos       0U
#define I2C_CR2_RD_WRN         (1UL << 10)
#define I2C_CR2_START          (1UL << 13)
#define I2C_CR2_STOP           (1UL << 14)
#define I2C_CR2_NBYTES_Pos     16U
#define I2C_CR2_RELOAD         (1UL << 24)
#define I2C_TIMINGR_SCLL_Pos   0U
#define I2C_TIMINGR_SCLH_Pos   8U
#define I2C_TIMINGR_SDADEL_Pos 16U
#define I2C_TIMINGR_SCLDEL_Pos 20U
#define I2C_TIMINGR_PRESC_Pos  28U
#define I2C_ISR_TXE            (1UL << 0)
#define I2C_ISR_TXIS           (1UL << 1)
#define I2C_ISR_RXNE           (1UL << 2)
#define I2C_ISR_NACKF          (1UL << 4)
#define I2C_ISR_STOPF          (1UL << 5)
#define I2C_ISR_TC             (1UL << 6)
#define I2C_ISR_TCR            (1UL << 7)
#define I2C_ISR_BERR           (1UL << 8)
#define I2C_ISR_ARLO           (1UL << 9)
#define I2C_ISR_BUSY           (1UL << 15)
#define I2C_ICR_NACKCF         (1UL << 4)
#define I2C_ICR_STOPCF         (1UL << 5)
#define I2C_ICR_BERRCF         (1UL << 8)
#define I2C_ICR_ARLOCF         (1UL << 9)

#define ADC_ISR_ADRDY      (1UL << 0)
#define ADC_ISR_EOC        (1UL << 2)
#define ADC_ISR_EOS        (1UL << 3)
#define ADC_ISR_OVR        (1UL << 4)
#define ADC_ISR_LDORDY     (1UL << 12)
#define ADC_CR_ADEN        (1UL << 0)
#define ADC_CR_ADSTART     (1UL << 2)
#define ADC_CR_BOOST_Pos   8U
#define ADC_CR_ADCALLIN    (1UL << 16)
#define ADC_CR_ADVREGEN    (1UL << 28)
#define ADC_CR_DEEPPWD     (1UL << 29)
#define ADC_CR_ADCAL       (1UL << 31)
#define ADC_CFGR_OVRMOD    (1UL << 12)
#define ADC_CFGR_JQDIS     (1UL << 31)
#define ADC_SQR1_SQ1_Pos   6U
#define ADC_CCR_PRESC_Pos  18U
#define ADC_CCR_CKMODE_Msk (3UL << 16)
#define ADC_CCR_PRESC_Msk  (15UL << ADC_CCR_PRESC_Pos)
#define ADC_CCR_VREFEN     (1UL << 22)
#define ADC_CCR_TSEN       (1UL << 23)
#define ADC_CCR_VBATEN     (1UL << 24)

#endif
