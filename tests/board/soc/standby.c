/*
 * Standby, entered as a driver does, and left by the RTC's wake-up timer, by an alarm, by a WKUP
 * pin that its own pull in PWR raises, and by the independent watchdog. Each time the chip starts
 * anew; what comes next stands in a backup register.
 */
#include "soc.h"

enum {
    RTC_ICSR = 0x0C,
    RTC_WUTR = 0x14,
    RTC_CR = 0x18,
    RTC_WPR = 0x24,
    RTC_ALRMAR = 0x40,
    RTC_SR = 0x50,
    RTC_SCR = 0x5C,
    STAGE = 0x100, /* TAMP_BKP0R */
    RESULTS = 0x104,
    PWR_WKUPCR = 0x20,
    PWR_WKUPEPR = 0x28,
    CPUCR_PDDS_SRD = 1 << 2,
    CPUCR_SBF = 1 << 6,
    CPUCR_CSSF = 1 << 9,
    PATTERN = 0x5AFE0000,
    WORDS = 64,
};

#define AXI_SRAM    UINT32_C(0x24010000)
#define DTCM        UINT32_C(0x20018000)
#define BACKUP_SRAM UINT32_C(0x38800000)

static bool start_rtc(void)
{
    R(RCC, RCC_CSR) |= 1;
    if (!wait_for(&R(RCC, RCC_CSR), 2, 2, 2))
        return false;
    R(RCC, RCC_BDCR) = (R(RCC, RCC_BDCR) & ~(3u << 8)) | 2u << 8;
    R(RCC, RCC_BDCR) |= BIT(15);
    return true;
}

static void fill(uint32_t base)
{
    for (uint32_t i = 0; i < WORDS; i++)
        R(base, 4 * i) = PATTERN + i;
}

static unsigned kept(uint32_t base)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < WORDS; i++)
        n += R(base, 4 * i) == PATTERN + i;
    return n;
}

/* Wake-up flags of PWR and RTC cleared, then deep sleep with the SmartRun domain in Standby. */
static void standby(uint32_t next)
{
    R(TAMP, STAGE) = next;
    R(TAMP, RESULTS) = results_get();
    fill(AXI_SRAM);
    fill(DTCM);
    hold(); /* waits until the console is through */
    R(PWR, PWR_WKUPCR) = 0x3F;
    R(PWR, PWR_CPUCR) |= CPUCR_PDDS_SRD;
    R(SCS, SCB_SCR) |= 4;
    dsb();
    isb();
    wfi();
    release();
    check("standby was entered", false);
    end();
}

static void wakeup_timer(void)
{
    R(RTC, RTC_WPR) = 0xCA;
    R(RTC, RTC_WPR) = 0x53;
    R(RTC, RTC_CR) &= ~BIT(10);
    check("WUTWF", wait_for(&R(RTC, RTC_ICSR), 4, 4, 1000));
    R(RTC, RTC_WUTR) = 999; /* of 32 kHz / 16: half a second */
    R(RTC, RTC_CR) &= ~7u;
    R(RTC, RTC_SCR) = 4;
    R(RTC, RTC_CR) |= BIT(14) | BIT(10);
}

static void alarm(void)
{
    R(RTC, RTC_WPR) = 0xCA;
    R(RTC, RTC_WPR) = 0x53;
    R(RTC, RTC_CR) &= ~(BIT(10) | BIT(14));
    R(RTC, RTC_SCR) = 5;
    R(RTC, RTC_ALRMAR) = BIT(31) | BIT(23) | BIT(15) | BIT(7); /* each second */
    R(RTC, RTC_CR) |= BIT(8) | BIT(12);
}

static void alarm_off(void)
{
    R(RTC, RTC_WPR) = 0xCA;
    R(RTC, RTC_WPR) = 0x53;
    R(RTC, RTC_CR) &= ~(BIT(8) | BIT(12));
    R(RTC, RTC_SCR) = 1;
}

int main(void)
{
    uint32_t flags, stage;

    begin();
    R(PWR, PWR_CR1) |= PWR_DBP;
    flags = R(RCC, RCC_RSR);
    R(RCC, RCC_RSR) |= BIT(16);
    R(RCC, RCC_AHB4ENR) |= BIT(28);
    (void)R(RCC, RCC_AHB4ENR);
    if (flags & BIT(23)) {
        check("power-on: SBF is clear", !(R(PWR, PWR_CPUCR) & CPUCR_SBF));
        R(PWR, PWR_CR2) |= 1;
        check("backup regulator", wait_for(&R(PWR, PWR_CR2), BIT(16), BIT(16), 1000));
        fill(BACKUP_SRAM);
        check("RTC", start_rtc());
        wakeup_timer();
        standby(1);
    }
    stage = R(TAMP, STAGE);
    results_set(R(TAMP, RESULTS));
    check("SBF after Standby", R(PWR, PWR_CPUCR) & CPUCR_SBF);
    R(PWR, PWR_CPUCR) |= CPUCR_CSSF;
    check("SBF cleared", !(R(PWR, PWR_CPUCR) & CPUCR_SBF));
    check("no software reset", !(flags & BIT(24)));
    equal("AXI SRAM is lost", kept(AXI_SRAM), 0);
    equal("DTCM is lost", kept(DTCM), 0);
    equal("backup SRAM is kept", kept(BACKUP_SRAM), WORDS);
    check("PLL1 is off", !(R(RCC, RCC_CR) & RCC_CR_PLL1ON));
    equal("CPUCR after reset", R(PWR, PWR_CPUCR) & CPUCR_PDDS_SRD, 0);
    check("LSI again", start_rtc());
    switch (stage) {
    case 1:
        check("the wake-up timer woke it", R(RTC, RTC_SR) & 4);
        alarm();
        standby(2);
        break;
    case 2:
        check("alarm A woke it", R(RTC, RTC_SR) & 1);
        alarm_off();
        /* WKUP4 (PC13), rising edge, pulled up by PWR once Standby has begun. */
        R(PWR, PWR_WKUPEPR) = BIT(3) | 1u << 22;
        standby(3);
        break;
    case 3:
        equal("WKUPF4", R(PWR, PWR_WKUPFR), BIT(3));
        R(PWR, PWR_WKUPEPR) = 0;
        R(PWR, PWR_WKUPCR) = BIT(3);
        equal("WKUPF4 cleared", R(PWR, PWR_WKUPFR), 0);
        R(IWDG, 0x00) = 0xCCCC;
        standby(4);
        break;
    default:
        equal("stage", stage, 4);
        check("watchdog reset", flags & BIT(26));
        break;
    }
    end();
}
