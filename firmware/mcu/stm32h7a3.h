/* SPDX-License-Identifier: MIT */

/*
 * STM32H7A3 device header in the manner of CMSIS: interrupt numbers, register structures and
 * instances. Bit macros are in the files included at the end, SPI, I2C and ADC in
 * one of them. Only what this project uses, or
 * is about to, is listed; names are those of RM0455 and of ST's own header, so that code written
 * for the latter (TinyUSB) and readers of the manual find what they expect.
 *
 * Sources: RM0455 (register maps, 2.3 memory map, 19 NVIC), Arm DDI0489F (Cortex-M7 options).
 */
#ifndef STM32H7A3_H
#define STM32H7A3_H

#include <stdint.h>

typedef enum {
    NonMaskableInt_IRQn = -14,
    HardFault_IRQn = -13,
    MemoryManagement_IRQn = -12,
    BusFault_IRQn = -11,
    UsageFault_IRQn = -10,
    SVCall_IRQn = -5,
    DebugMonitor_IRQn = -4,
    PendSV_IRQn = -2,
    SysTick_IRQn = -1,

    WWDG_IRQn = 0,
    PVD_PVM_IRQn = 1,
    RTC_TAMP_STAMP_CSS_LSE_IRQn = 2,
    RTC_WKUP_IRQn = 3,
    FLASH_IRQn = 4,
    RCC_IRQn = 5,
    EXTI0_IRQn = 6,
    EXTI1_IRQn = 7,
    EXTI2_IRQn = 8,
    EXTI3_IRQn = 9,
    EXTI4_IRQn = 10,
    DMA1_Stream0_IRQn = 11,
    DMA1_Stream1_IRQn = 12,
    DMA1_Stream2_IRQn = 13,
    DMA1_Stream3_IRQn = 14,
    DMA1_Stream4_IRQn = 15,
    DMA1_Stream5_IRQn = 16,
    DMA1_Stream6_IRQn = 17,
    ADC_IRQn = 18,
    FDCAN1_IT0_IRQn = 19,
    FDCAN2_IT0_IRQn = 20,
    FDCAN1_IT1_IRQn = 21,
    FDCAN2_IT1_IRQn = 22,
    EXTI9_5_IRQn = 23,
    TIM1_BRK_IRQn = 24,
    TIM1_UP_IRQn = 25,
    TIM1_TRG_COM_IRQn = 26,
    TIM1_CC_IRQn = 27,
    TIM2_IRQn = 28,
    TIM3_IRQn = 29,
    TIM4_IRQn = 30,
    I2C1_EV_IRQn = 31,
    I2C1_ER_IRQn = 32,
    I2C2_EV_IRQn = 33,
    I2C2_ER_IRQn = 34,
    SPI1_IRQn = 35,
    SPI2_IRQn = 36,
    USART1_IRQn = 37,
    USART2_IRQn = 38,
    USART3_IRQn = 39,
    EXTI15_10_IRQn = 40,
    RTC_Alarm_IRQn = 41,
    TIM8_BRK_TIM12_IRQn = 43,
    TIM8_UP_TIM13_IRQn = 44,
    TIM8_TRG_COM_TIM14_IRQn = 45,
    TIM8_CC_IRQn = 46,
    DMA1_Stream7_IRQn = 47,
    SDMMC1_IRQn = 49,
    TIM5_IRQn = 50,
    SPI3_IRQn = 51,
    UART4_IRQn = 52,
    UART5_IRQn = 53,
    TIM6_DAC_IRQn = 54,
    TIM7_IRQn = 55,
    DMA2_Stream0_IRQn = 56,
    DMA2_Stream1_IRQn = 57,
    DMA2_Stream2_IRQn = 58,
    DMA2_Stream3_IRQn = 59,
    DMA2_Stream4_IRQn = 60,
    DMA2_Stream5_IRQn = 68,
    DMA2_Stream6_IRQn = 69,
    DMA2_Stream7_IRQn = 70,
    USART6_IRQn = 71,
    I2C3_EV_IRQn = 72,
    I2C3_ER_IRQn = 73,
    OTG_HS_EP1_OUT_IRQn = 74,
    OTG_HS_EP1_IN_IRQn = 75,
    OTG_HS_WKUP_IRQn = 76,
    OTG_HS_IRQn = 77,
    DCMI_PSSI_IRQn = 78,
    RNG_IRQn = 80,
    FPU_IRQn = 81,
    UART7_IRQn = 82,
    UART8_IRQn = 83,
    SPI4_IRQn = 84,
    SPI5_IRQn = 85,
    SPI6_IRQn = 86,
    OCTOSPI1_IRQn = 92,
    LPTIM1_IRQn = 93,
    DMAMUX1_OVR_IRQn = 102,
    TIM15_IRQn = 116,
    TIM16_IRQn = 117,
    TIM17_IRQn = 118,
    MDMA_IRQn = 122,
    SDMMC2_IRQn = 124,
    HSEM1_IRQn = 125,
    BDMA2_Channel0_IRQn = 129,
    BDMA2_Channel1_IRQn = 130,
    BDMA2_Channel2_IRQn = 131,
    BDMA2_Channel3_IRQn = 132,
    BDMA2_Channel4_IRQn = 133,
    BDMA2_Channel5_IRQn = 134,
    BDMA2_Channel6_IRQn = 135,
    BDMA2_Channel7_IRQn = 136,
    UART9_IRQn = 140,
    USART10_IRQn = 141,
    LPUART1_IRQn = 142,
    CRS_IRQn = 144,
    ECC_IRQn = 145,
    WAKEUP_PIN_IRQn = 149,
    OCTOSPI2_IRQn = 150,
    GFXMMU_IRQn = 153,
    BDMA1_IRQn = 154,
} IRQn_Type;

/* External interrupt lines, numbers without a name above included. */
#define STM32H7A3_IRQ_COUNT 155

#define __CM7_REV              0x0101U
#define __MPU_PRESENT          1U
#define __NVIC_PRIO_BITS       4U
#define __Vendor_SysTickConfig 0U
#define __FPU_PRESENT          1U
#define __FPU_DP               1U
#define __ICACHE_PRESENT       1U
#define __DCACHE_PRESENT       1U
#define __DTCM_PRESENT         1U
#define __VTOR_PRESENT         1U

#include "core_cm7.h"

/* Core clock in Hz, kept by clock.c; the name that CMSIS users (TinyUSB) look for. */
extern uint32_t SystemCoreClock;

typedef struct {
    volatile uint32_t CR;      /* 0x000 */
    volatile uint32_t HSICFGR; /* 0x004 */
    volatile uint32_t CRRCR;   /* 0x008 */
    volatile uint32_t CSICFGR; /* 0x00C */
    volatile uint32_t CFGR;    /* 0x010 */
    uint32_t RESERVED0;
    volatile uint32_t CDCFGR1; /* 0x018 */
    volatile uint32_t CDCFGR2; /* 0x01C */
    volatile uint32_t SRDCFGR; /* 0x020 */
    uint32_t RESERVED1;
    volatile uint32_t PLLCKSELR; /* 0x028 */
    volatile uint32_t PLLCFGR;   /* 0x02C */
    volatile uint32_t PLL1DIVR;  /* 0x030 */
    volatile uint32_t PLL1FRACR; /* 0x034 */
    volatile uint32_t PLL2DIVR;  /* 0x038 */
    volatile uint32_t PLL2FRACR; /* 0x03C */
    volatile uint32_t PLL3DIVR;  /* 0x040 */
    volatile uint32_t PLL3FRACR; /* 0x044 */
    uint32_t RESERVED2;
    volatile uint32_t CDCCIPR;  /* 0x04C */
    volatile uint32_t CDCCIP1R; /* 0x050 */
    volatile uint32_t CDCCIP2R; /* 0x054 */
    volatile uint32_t SRDCCIPR; /* 0x058 */
    uint32_t RESERVED3;
    volatile uint32_t CIER; /* 0x060 */
    volatile uint32_t CIFR; /* 0x064 */
    volatile uint32_t CICR; /* 0x068 */
    uint32_t RESERVED4;
    volatile uint32_t BDCR; /* 0x070 */
    volatile uint32_t CSR;  /* 0x074 */
    uint32_t RESERVED5;
    volatile uint32_t AHB3RSTR;  /* 0x07C */
    volatile uint32_t AHB1RSTR;  /* 0x080 */
    volatile uint32_t AHB2RSTR;  /* 0x084 */
    volatile uint32_t AHB4RSTR;  /* 0x088 */
    volatile uint32_t APB3RSTR;  /* 0x08C */
    volatile uint32_t APB1LRSTR; /* 0x090 */
    volatile uint32_t APB1HRSTR; /* 0x094 */
    volatile uint32_t APB2RSTR;  /* 0x098 */
    volatile uint32_t APB4RSTR;  /* 0x09C */
    volatile uint32_t GCR;       /* 0x0A0 */
    uint32_t RESERVED6;
    volatile uint32_t SRDAMR; /* 0x0A8 */
    uint32_t RESERVED7;
    volatile uint32_t CKGAENR; /* 0x0B0 */
    uint32_t RESERVED8[31];
    volatile uint32_t RSR;      /* 0x130 */
    volatile uint32_t AHB3ENR;  /* 0x134 */
    volatile uint32_t AHB1ENR;  /* 0x138 */
    volatile uint32_t AHB2ENR;  /* 0x13C */
    volatile uint32_t AHB4ENR;  /* 0x140 */
    volatile uint32_t APB3ENR;  /* 0x144 */
    volatile uint32_t APB1LENR; /* 0x148 */
    volatile uint32_t APB1HENR; /* 0x14C */
    volatile uint32_t APB2ENR;  /* 0x150 */
    volatile uint32_t APB4ENR;  /* 0x154 */
    uint32_t RESERVED9;
    volatile uint32_t AHB3LPENR;  /* 0x15C */
    volatile uint32_t AHB1LPENR;  /* 0x160 */
    volatile uint32_t AHB2LPENR;  /* 0x164 */
    volatile uint32_t AHB4LPENR;  /* 0x168 */
    volatile uint32_t APB3LPENR;  /* 0x16C */
    volatile uint32_t APB1LLPENR; /* 0x170 */
    volatile uint32_t APB1HLPENR; /* 0x174 */
    volatile uint32_t APB2LPENR;  /* 0x178 */
    volatile uint32_t APB4LPENR;  /* 0x17C */
} RCC_TypeDef;

typedef struct {
    volatile uint32_t CR1;   /* 0x000 */
    volatile uint32_t CSR1;  /* 0x004 */
    volatile uint32_t CR2;   /* 0x008 */
    volatile uint32_t CR3;   /* 0x00C */
    volatile uint32_t CPUCR; /* 0x010 */
    uint32_t RESERVED0;
    volatile uint32_t SRDCR; /* 0x018 */
    uint32_t RESERVED1;
    volatile uint32_t WKUPCR;  /* 0x020 */
    volatile uint32_t WKUPFR;  /* 0x024 */
    volatile uint32_t WKUPEPR; /* 0x028 */
} PWR_TypeDef;

typedef struct {
    uint32_t RESERVED0;
    volatile uint32_t PMCR;    /* 0x004 */
    volatile uint32_t EXTICR1; /* 0x008 */
    volatile uint32_t EXTICR2; /* 0x00C */
    volatile uint32_t EXTICR3; /* 0x010 */
    volatile uint32_t EXTICR4; /* 0x014 */
    volatile uint32_t CFGR;    /* 0x018 */
    uint32_t RESERVED1;
    volatile uint32_t CCCSR; /* 0x020 */
    volatile uint32_t CCVR;  /* 0x024 */
    volatile uint32_t CCCR;  /* 0x028 */
} SYSCFG_TypeDef;

typedef struct {
    volatile uint32_t CR1;   /* 0x000 */
    volatile uint32_t CR2;   /* 0x004 */
    volatile uint32_t CR3;   /* 0x008 */
    volatile uint32_t BRR;   /* 0x00C */
    volatile uint32_t GTPR;  /* 0x010 */
    volatile uint32_t RTOR;  /* 0x014 */
    volatile uint32_t RQR;   /* 0x018 */
    volatile uint32_t ISR;   /* 0x01C */
    volatile uint32_t ICR;   /* 0x020 */
    volatile uint32_t RDR;   /* 0x024 */
    volatile uint32_t TDR;   /* 0x028 */
    volatile uint32_t PRESC; /* 0x02C */
} USART_TypeDef;

typedef struct {
    volatile uint32_t CR; /* 0x000 */
    uint32_t RESERVED0;
    volatile uint32_t DCR1; /* 0x008 */
    volatile uint32_t DCR2; /* 0x00C */
    volatile uint32_t DCR3; /* 0x010 */
    volatile uint32_t DCR4; /* 0x014 */
    uint32_t RESERVED1[2];
    volatile uint32_t SR;  /* 0x020 */
    volatile uint32_t FCR; /* 0x024 */
    uint32_t RESERVED2[6];
    volatile uint32_t DLR; /* 0x040 */
    uint32_t RESERVED3;
    volatile uint32_t AR; /* 0x048 */
    uint32_t RESERVED4;
    volatile uint32_t DR; /* 0x050 */
    uint32_t RESERVED5[11];
    volatile uint32_t PSMKR; /* 0x080 */
    uint32_t RESERVED6;
    volatile uint32_t PSMAR; /* 0x088 */
    uint32_t RESERVED7;
    volatile uint32_t PIR; /* 0x090 */
    uint32_t RESERVED8[27];
    volatile uint32_t CCR; /* 0x100 */
    uint32_t RESERVED9;
    volatile uint32_t TCR; /* 0x108 */
    uint32_t RESERVED10;
    volatile uint32_t IR; /* 0x110 */
    uint32_t RESERVED11[3];
    volatile uint32_t ABR; /* 0x120 */
    uint32_t RESERVED12[3];
    volatile uint32_t LPTR; /* 0x130 */
    uint32_t RESERVED13[3];
    volatile uint32_t WPCCR; /* 0x140 */
    uint32_t RESERVED14;
    volatile uint32_t WPTCR; /* 0x148 */
    uint32_t RESERVED15;
    volatile uint32_t WPIR; /* 0x150 */
    uint32_t RESERVED16[3];
    volatile uint32_t WPABR; /* 0x160 */
    uint32_t RESERVED17[7];
    volatile uint32_t WCCR; /* 0x180 */
    uint32_t RESERVED18;
    volatile uint32_t WTCR; /* 0x188 */
    uint32_t RESERVED19;
    volatile uint32_t WIR; /* 0x190 */
    uint32_t RESERVED20[3];
    volatile uint32_t WABR; /* 0x1A0 */
    uint32_t RESERVED21[23];
    volatile uint32_t HLCR; /* 0x200 */
} OCTOSPI_TypeDef;

typedef struct {
    volatile uint32_t CR;     /* 0x000 */
    volatile uint32_t PCR[2]; /* 0x004, 0x008: one for each port */
} OCTOSPIM_TypeDef;

typedef struct {
    volatile uint32_t CR;   /* 0x000 */
    volatile uint32_t CFGR; /* 0x004 */
} DLYB_TypeDef;

typedef struct {
    volatile uint32_t POWER;   /* 0x000 */
    volatile uint32_t CLKCR;   /* 0x004 */
    volatile uint32_t ARG;     /* 0x008 */
    volatile uint32_t CMD;     /* 0x00C */
    volatile uint32_t RESPCMD; /* 0x010 */
    volatile uint32_t RESP1;   /* 0x014 */
    volatile uint32_t RESP2;   /* 0x018 */
    volatile uint32_t RESP3;   /* 0x01C */
    volatile uint32_t RESP4;   /* 0x020 */
    volatile uint32_t DTIMER;  /* 0x024 */
    volatile uint32_t DLEN;    /* 0x028 */
    volatile uint32_t DCTRL;   /* 0x02C */
    volatile uint32_t DCOUNT;  /* 0x030 */
    volatile uint32_t STA;     /* 0x034 */
    volatile uint32_t ICR;     /* 0x038: bits as in STA */
    volatile uint32_t MASK;    /* 0x03C: bits as in STA */
    volatile uint32_t ACKTIME; /* 0x040 */
    uint32_t RESERVED0[3];
    volatile uint32_t IDMACTRL;  /* 0x050 */
    volatile uint32_t IDMABSIZE; /* 0x054 */
    volatile uint32_t IDMABASE0; /* 0x058 */
    volatile uint32_t IDMABASE1; /* 0x05C */
    uint32_t RESERVED1[8];
    volatile uint32_t FIFO; /* 0x080 */
} SDMMC_TypeDef;

typedef struct {
    volatile uint32_t CR; /* 0x000 */
    volatile uint32_t SR; /* 0x004 */
    volatile uint32_t DR; /* 0x008 */
    uint32_t RESERVED0;
    volatile uint32_t HTCR; /* 0x010 */
} RNG_TypeDef;

typedef struct {
    volatile uint32_t CR;   /* 0x000 */
    volatile uint32_t CFGR; /* 0x004 */
    volatile uint32_t ISR;  /* 0x008 */
    volatile uint32_t ICR;  /* 0x00C */
} CRS_TypeDef;

typedef struct {
    volatile uint32_t KR;   /* 0x000 */
    volatile uint32_t PR;   /* 0x004 */
    volatile uint32_t RLR;  /* 0x008 */
    volatile uint32_t SR;   /* 0x00C */
    volatile uint32_t WINR; /* 0x010 */
} IWDG_TypeDef;

typedef struct {
    volatile uint32_t TR;   /* 0x000 */
    volatile uint32_t DR;   /* 0x004 */
    volatile uint32_t SSR;  /* 0x008 */
    volatile uint32_t ICSR; /* 0x00C */
    volatile uint32_t PRER; /* 0x010 */
    volatile uint32_t WUTR; /* 0x014 */
    volatile uint32_t CR;   /* 0x018 */
    uint32_t RESERVED0[2];
    volatile uint32_t WPR;    /* 0x024 */
    volatile uint32_t CALR;   /* 0x028 */
    volatile uint32_t SHIFTR; /* 0x02C */
    uint32_t RESERVED1[4];
    volatile uint32_t ALRMAR;   /* 0x040 */
    volatile uint32_t ALRMASSR; /* 0x044 */
    volatile uint32_t ALRMBR;   /* 0x048 */
    volatile uint32_t ALRMBSSR; /* 0x04C */
    volatile uint32_t SR;       /* 0x050 */
    volatile uint32_t MISR;     /* 0x054 */
    uint32_t RESERVED3;
    volatile uint32_t SCR;  /* 0x05C */
    volatile uint32_t CFGR; /* 0x060 */
} RTC_TypeDef;

typedef struct {
    volatile uint32_t CR1;   /* 0x000 */
    volatile uint32_t CR2;   /* 0x004 */
    volatile uint32_t SMCR;  /* 0x008 */
    volatile uint32_t DIER;  /* 0x00C */
    volatile uint32_t SR;    /* 0x010 */
    volatile uint32_t EGR;   /* 0x014 */
    volatile uint32_t CCMR1; /* 0x018 */
    volatile uint32_t CCMR2; /* 0x01C */
    volatile uint32_t CCER;  /* 0x020 */
    volatile uint32_t CNT;   /* 0x024 */
    volatile uint32_t PSC;   /* 0x028 */
    volatile uint32_t ARR;   /* 0x02C */
    uint32_t RESERVED0;
    volatile uint32_t CCR1; /* 0x034 */
    volatile uint32_t CCR2; /* 0x038 */
    volatile uint32_t CCR3; /* 0x03C */
    volatile uint32_t CCR4; /* 0x040 */
    volatile uint32_t BDTR; /* 0x044 */
    uint32_t RESERVED1[8];
    volatile uint32_t TISEL; /* 0x068 */
} TIM_TypeDef;

/* Bank 2 repeats the registers of bank 1 at +0x100; only the banked ones differ in effect. */
typedef struct {
    volatile uint32_t ACR;       /* 0x000 */
    volatile uint32_t KEYR1;     /* 0x004 */
    volatile uint32_t OPTKEYR;   /* 0x008 */
    volatile uint32_t CR1;       /* 0x00C */
    volatile uint32_t SR1;       /* 0x010 */
    volatile uint32_t CCR1;      /* 0x014 */
    volatile uint32_t OPTCR;     /* 0x018 */
    volatile uint32_t OPTSR_CUR; /* 0x01C */
    volatile uint32_t OPTSR_PRG; /* 0x020 */
    volatile uint32_t OPTCCR;    /* 0x024 */
    uint32_t RESERVED0[6];
    volatile uint32_t BOOT_CUR; /* 0x040 */
    volatile uint32_t BOOT_PRG; /* 0x044 */
    uint32_t RESERVED1[6];
    volatile uint32_t FAR1; /* 0x060 */
    uint32_t RESERVED2[40];
    volatile uint32_t KEYR2; /* 0x104 */
    uint32_t RESERVED3;
    volatile uint32_t CR2;  /* 0x10C */
    volatile uint32_t SR2;  /* 0x110 */
    volatile uint32_t CCR2; /* 0x114 */
} FLASH_TypeDef;

typedef struct {
    volatile uint32_t MODER;   /* 0x00 */
    volatile uint32_t OTYPER;  /* 0x04 */
    volatile uint32_t OSPEEDR; /* 0x08 */
    volatile uint32_t PUPDR;   /* 0x0C */
    volatile uint32_t IDR;     /* 0x10 */
    volatile uint32_t ODR;     /* 0x14 */
    volatile uint32_t BSRR;    /* 0x18 */
    volatile uint32_t LCKR;    /* 0x1C */
    volatile uint32_t AFR[2];  /* 0x20, 0x24: pins 0..7 and 8..15 */
} GPIO_TypeDef;

typedef struct {
    volatile uint32_t RTSR1;  /* 0x000 */
    volatile uint32_t FTSR1;  /* 0x004 */
    volatile uint32_t SWIER1; /* 0x008 */
    uint32_t RESERVED0[29];
    volatile uint32_t IMR1; /* 0x080 */
    volatile uint32_t EMR1; /* 0x084 */
    volatile uint32_t PR1;  /* 0x088 */
} EXTI_TypeDef;

typedef struct {
    volatile uint32_t BKPR[32]; /* TAMP backup registers at TAMP + 0x100 */
} TAMP_BKP_TypeDef;

typedef struct {
    volatile uint32_t IDCODE; /* 0x000 */
    volatile uint32_t CR;     /* 0x004 */
} DBGMCU_TypeDef;

/* Memories, RM0455 2.3. */
#define FLASH_BANK1_BASE  0x08000000UL
#define FLASH_BANK2_BASE  0x08100000UL
#define UID_BASE          0x08FFF800UL /* 96 bits */
#define FLASHSIZE_BASE    0x08FFF80CUL /* 16 bits, KB */
#define ITCM_BASE         0x00000000UL
#define DTCM_BASE         0x20000000UL
#define AXISRAM_BASE      0x24000000UL
#define OCTOSPI1_MEM_BASE 0x90000000UL

#define RCC    ((RCC_TypeDef *)0x58024400UL)
#define PWR    ((PWR_TypeDef *)0x58024800UL)
#define FLASH  ((FLASH_TypeDef *)0x52002000UL)
#define SYSCFG ((SYSCFG_TypeDef *)0x58000400UL)
#define EXTI   ((EXTI_TypeDef *)0x58000000UL)
#define DBGMCU ((DBGMCU_TypeDef *)0x5C001000UL)

#define GPIOA_BASE       0x58020000UL
#define GPIO_PORT_STRIDE 0x400UL
#define GPIO_PORT(n)     ((GPIO_TypeDef *)(GPIOA_BASE + GPIO_PORT_STRIDE * (n)))
#define GPIOA            GPIO_PORT(0)
#define GPIOB            GPIO_PORT(1)
#define GPIOC            GPIO_PORT(2)
#define GPIOD            GPIO_PORT(3)
#define GPIOE            GPIO_PORT(4)
#define GPIOF            GPIO_PORT(5)
#define GPIOG            GPIO_PORT(6)
#define GPIOH            GPIO_PORT(7)
#define GPIOI            GPIO_PORT(8)
#define GPIOJ            GPIO_PORT(9)
#define GPIOK            GPIO_PORT(10)

#define USART1  ((USART_TypeDef *)0x40011000UL)
#define USART2  ((USART_TypeDef *)0x40004400UL)
#define USART3  ((USART_TypeDef *)0x40004800UL)
#define UART4   ((USART_TypeDef *)0x40004C00UL)
#define UART5   ((USART_TypeDef *)0x40005000UL)
#define USART6  ((USART_TypeDef *)0x40011400UL)
#define UART7   ((USART_TypeDef *)0x40007800UL)
#define UART8   ((USART_TypeDef *)0x40007C00UL)
#define UART9   ((USART_TypeDef *)0x40011800UL)
#define USART10 ((USART_TypeDef *)0x40011C00UL)

#define OCTOSPI1      ((OCTOSPI_TypeDef *)0x52005000UL)
#define OCTOSPI2      ((OCTOSPI_TypeDef *)0x5200A000UL)
#define OCTOSPIM      ((OCTOSPIM_TypeDef *)0x5200B400UL)
#define DLYB_OCTOSPI1 ((DLYB_TypeDef *)0x52006000UL)
#define DLYB_OCTOSPI2 ((DLYB_TypeDef *)0x5200B000UL)

#define SDMMC1   ((SDMMC_TypeDef *)0x52007000UL)
#define RNG      ((RNG_TypeDef *)0x48021800UL)
#define CRS      ((CRS_TypeDef *)0x40008400UL)
#define IWDG1    ((IWDG_TypeDef *)0x58004800UL)
#define RTC      ((RTC_TypeDef *)0x58004000UL)
#define TAMP_BKP ((TAMP_BKP_TypeDef *)0x58004500UL)
#define TIM2     ((TIM_TypeDef *)0x40000000UL)
#define TIM3     ((TIM_TypeDef *)0x40000400UL)
#define TIM4     ((TIM_TypeDef *)0x40000800UL)
#define TIM5     ((TIM_TypeDef *)0x40000C00UL)
#define TIM12    ((TIM_TypeDef *)0x40001800UL)
#define TIM13    ((TIM_TypeDef *)0x40001C00UL)
#define TIM14    ((TIM_TypeDef *)0x40002000UL)
#define TIM1     ((TIM_TypeDef *)0x40010000UL)
#define TIM8     ((TIM_TypeDef *)0x40010400UL)
#define TIM15    ((TIM_TypeDef *)0x40014000UL)
#define TIM16    ((TIM_TypeDef *)0x40014400UL)
#define TIM17    ((TIM_TypeDef *)0x40014800UL)

/* The only USB core: OTG_HS used with its internal full-speed PHY. */
#define USB1_OTG_HS_PERIPH_BASE 0x40040000UL

#include "stm32h7a3_bits.h"
#include "stm32h7a3_bus.h"
#include "stm32h7a3_rcc_bits.h"
#include "stm32h7a3_time_bits.h"

#endif
