/* Registers of the timers (RM0455, TIMx register maps), as offsets, and the bits that most programs
 * want. */
#ifndef TESTS_BOARD_SOC_TIM_H
#define TESTS_BOARD_SOC_TIM_H

enum {
    CR1 = 0x00,
    CR2 = 0x04,
    SMCR = 0x08,
    DIER = 0x0C,
    SR = 0x10,
    EGR = 0x14,
    CCMR1 = 0x18,
    CCMR2 = 0x1C,
    CCER = 0x20,
    CNT = 0x24,
    PSC = 0x28,
    ARR = 0x2C,
    RCR = 0x30,
    CCR1 = 0x34,
    CCR2 = 0x38,
    CCR3 = 0x3C,
    CCR4 = 0x40,
    BDTR = 0x44,
    DCR = 0x48,
    DMAR = 0x4C,
    CCMR3 = 0x54,
    CCR5 = 0x58,
    /* CR1 */
    CEN = 1 << 0,
    OPM = 1 << 3,
    DIR = 1 << 4,
    /* SR, EGR */
    UIF = 1 << 0,
    CC1IF = 1 << 1,
    CC2IF = 1 << 2,
    TIF = 1 << 6,
    UG = 1 << 0,
};

#endif
