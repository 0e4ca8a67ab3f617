/* The inside of the ADCs: adc.c has registers and conversions, adc_analog.c the voltages. */
#ifndef VBOARD_SOC_ADC_INT_H
#define VBOARD_SOC_ADC_INT_H

#include "devices.h"
#include "signals.h"

enum {
    ISR = 0x00,
    IER = 0x04,
    CR = 0x08,
    CFGR = 0x0C,
    CFGR2 = 0x10,
    SMPR = 0x14, /* SMPR1, SMPR2 */
    PCSEL = 0x1C,
    LTR1 = 0x20,
    HTR1 = 0x24,
    SQR = 0x30, /* SQR1 .. SQR4 */
    DR = 0x40,
    JSQR = 0x4C,
    OFR = 0x60, /* OFR1 .. OFR4 */
    JDR = 0x80, /* JDR1 .. JDR4 */
    AWD2CR = 0xA0,
    LTR2 = 0xB0, /* HTR2, LTR3, HTR3 behind it */
    DIFSEL = 0xC0,
    CALFACT = 0xC4,
    CALFACT2 = 0xC8,
    CCR = 0x308,
    STRIDE = 0x100,
    UNITS = 2,
    CHANNELS = 20,
};

#define ISR_ADRDY    (1u << 0)
#define ISR_EOSMP    (1u << 1)
#define ISR_EOC      (1u << 2)
#define ISR_EOS      (1u << 3)
#define ISR_OVR      (1u << 4)
#define ISR_JEOC     (1u << 5)
#define ISR_JEOS     (1u << 6)
#define ISR_AWD1     (1u << 7)
#define ISR_LDORDY   (1u << 12)
#define CR_ADEN      (1u << 0)
#define CR_ADDIS     (1u << 1)
#define CR_ADSTART   (1u << 2)
#define CR_JADSTART  (1u << 3)
#define CR_ADSTP     (1u << 4)
#define CR_JADSTP    (1u << 5)
#define CR_ADCALLIN  (1u << 16)
#define CR_LINCALRDY (0x3Fu << 22)
#define CR_ADVREGEN  (1u << 28)
#define CR_DEEPPWD   (1u << 29)
#define CR_ADCAL     (1u << 31)
#define CR_SET_ONLY  (CR_ADCAL | 0x3Fu) /* no 0 clears them */
#define CFGR_DMA     (1u << 0)          /* DMNGT: 01 once, 11 circular */
#define CFGR_DFSDM   2u
#define CFGR_EXTEN   (3u << 10)
#define CFGR_OVRMOD  (1u << 12)
#define CFGR_CONT    (1u << 13)
#define CFGR_AUTDLY  (1u << 14)
#define CFGR_DISCEN  (1u << 16)
#define CFGR_JDISCEN (1u << 20)
#define CFGR_AWD1SGL (1u << 22)
#define CFGR_AWD1EN  (1u << 23)
#define CFGR_JAWD1EN (1u << 24)
#define CFGR_JAUTO   (1u << 25)
#define CFGR2_ROVSE  (1u << 0)
#define CFGR2_JOVSE  (1u << 1)
#define JSQR_JEXTEN  (3u << 7)
#define CCR_DUAL     0x1Fu
#define CCR_VREFEN   (1u << 22)
#define CCR_TSEN     (1u << 23)
#define CCR_VBATEN   (1u << 24)

struct adc;

struct unit {
    struct adc *adc;
    unsigned number;
    uint32_t *isr, *ier, *cr, *cfgr, *cfgr2;
    unsigned rank, jrank;      /* of the conversion under way or next */
    bool started, jstarted;    /* the group has conversions to make: a start or a trigger came */
    bool converting, injected; /* one is under way; it is an injected one */
    bool delayed;              /* AUTDLY: waits for DR to be read */
    uint32_t result;           /* DR */
    uint32_t offset_need;      /* what CALFACT must be for exact results */
    bool ready;                /* the regulator is */
    struct sched_event regulator, control, converted;
    struct signal_listener trigger, jtrigger;
};

struct adc {
    struct device d;
    uint32_t *ccr;
    struct unit unit[UNITS];
};

static inline uint32_t *reg(const struct unit *u, uint32_t offset)
{
    return device_reg(&u->adc->d, offset + STRIDE * u->number);
}

static inline struct soc *soc_of(const struct unit *u)
{
    return u->adc->d.soc;
}

#define ERROR(u, name, format, ...)                                                                \
    complain(soc_of(u)->complaints, GUEST_ERROR, name, "ADC%u: " format, (u)->number + 1,          \
             ##__VA_ARGS__)

static inline void unmodelled(const struct unit *u, bool used, const char *what)
{
    if (used)
        complain(soc_of(u)->complaints, UNIMPLEMENTED, "adc-mode", "ADC%u: %s", u->number + 1,
                 what);
}

/* The voltage that a channel converts, and full scale. */
double adc_volts(const struct unit *u, unsigned channel);
double adc_full_scale(void);

#endif
