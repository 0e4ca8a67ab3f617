/* Registers of the ADCs (RM0455, ADC register map), as offsets, and the bits that programs want. */
#ifndef TESTS_BOARD_SOC_ADC_H
#define TESTS_BOARD_SOC_ADC_H

enum {
    ISR = 0x00,
    CR = 0x08,
    CFGR = 0x0C,
    CFGR2 = 0x10,
    SMPR1 = 0x14,
    PCSEL = 0x1C,
    SQR1 = 0x30,
    DR = 0x40,
    JSQR = 0x4C,
    JDR1 = 0x80,
    CCR = 0x08, /* of the common registers */
    ADRDY = 1 << 0,
    EOC = 1 << 2,
    EOS = 1 << 3,
    OVR = 1 << 4,
    JEOC = 1 << 5,
    JEOS = 1 << 6,
    ADEN = 1 << 0,
    ADSTART = 1 << 2,
    JADSTART = 1 << 3,
    ADSTP = 1 << 4,
    SET_ONLY = 0x3F, /* of CR: bits that zeros do not clear */
};

#endif
