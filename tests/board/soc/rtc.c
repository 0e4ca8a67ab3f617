/*
 * The RTC as its driver starts it, from LSE or LSI (RTC_CLOCK 1 or 2): backup domain,
 * initialisation mode, time and date, shadow registers, alarm and wake-up timer with their
 * interrupts through EXTI, backup registers.
 */
#include "soc.h"

enum {
    TR = 0x00,
    DR = 0x04,
    SSR = 0x08,
    ICSR = 0x0C,
    PRER = 0x10,
    WUTR = 0x14,
    CR = 0x18,
    WPR = 0x24,
    ALRMAR = 0x40,
    ALRMASSR = 0x44,
    SR = 0x50,
    SCR = 0x5C,
    WUTWF = 1 << 2,
    INITS = 1 << 4,
    RSF = 1 << 5,
    INITF = 1 << 6,
    INIT = 1 << 7,
    EXTI_RTSR1 = 0x00,
    EXTI_IMR1 = 0x80,
    EXTI_PR1 = 0x88,
    LIMIT = 1000,
};

static volatile unsigned alarms, wakeups;

static bool start_clock(void)
{
    R(RCC, RCC_APB4ENR) |= BIT(16);
    (void)R(RCC, RCC_APB4ENR);
    R(PWR, PWR_CR1) |= PWR_DBP;
    if (!wait_for(&R(PWR, PWR_CR1), PWR_DBP, PWR_DBP, 100))
        return false;
#if RTC_CLOCK == 1
    R(RCC, RCC_BDCR) |= 1;
    if (!wait_for(&R(RCC, RCC_BDCR), 2, 2, 5000))
        return false;
#else
    R(RCC, RCC_CSR) |= 1;
    if (!wait_for(&R(RCC, RCC_CSR), 2, 2, 2))
        return false;
#endif
    R(RCC, RCC_BDCR) = (R(RCC, RCC_BDCR) & ~(3u << 8)) | RTC_CLOCK << 8;
    R(RCC, RCC_BDCR) |= BIT(15);
    return true;
}

static void unlock(void)
{
    R(RTC, WPR) = 0xCA;
    R(RTC, WPR) = 0x53;
}

static void lock(void)
{
    R(RTC, WPR) = 0xFF;
}

static bool enter_init(void)
{
    if (R(RTC, ICSR) & INITF)
        return true;
    R(RTC, ICSR) |= INIT;
    return wait_for(&R(RTC, ICSR), INITF, INITF, LIMIT);
}

static bool exit_init(void)
{
    R(RTC, ICSR) &= ~(uint32_t)INIT;
    if (R(RTC, CR) & BIT(5))
        return true;
    /* The shadow registers are copied anew. */
    R(RTC, ICSR) &= ~(uint32_t)RSF;
    return wait_for(&R(RTC, ICSR), RSF, RSF, LIMIT);
}

static void init(void)
{
    check("calendar not yet set", !(R(RTC, ICSR) & INITS));
    unlock();
    check("initialisation mode", enter_init());
    R(RTC, CR) &= ~(BIT(6) | 3u << 21 | BIT(20));
    R(RTC, PRER) = RTC_CLOCK == 1 ? 255 : 249;
    R(RTC, PRER) |= 127u << 16;
    check("initialisation left", exit_init());
    R(RTC, CR) &= ~(BIT(30) | BIT(29) | BIT(31));
    lock();
    equal("prescalers", R(RTC, PRER), 127u << 16 | (RTC_CLOCK == 1 ? 255 : 249));
}

static void set_clock(void)
{
    unlock();
    check("mode for the time", enter_init());
    R(RTC, TR) = 0x23 << 16 | 0x59 << 8 | 0x58;
    R(RTC, CR) &= ~BIT(18);
    check("time set", exit_init());
    lock();
    unlock();
    check("mode for the date", enter_init());
    R(RTC, DR) = 0x24 << 16 | 3 << 13 | 0x02 << 8 | 0x28; /* Wednesday, 28 February 2024 */
    check("date set", exit_init());
    lock();
    check("calendar set", R(RTC, ICSR) & INITS);
}

static void time_passes(void)
{
    uint32_t sub, time, date;

    delay_ms(300);
    sub = R(RTC, SSR);
    time = R(RTC, TR);
    date = R(RTC, DR); /* unlocks the shadows */
    between("subseconds count down", sub, 0, 255);
    equal("time", time & 0x7F7F00, 0x23 << 16 | 0x59 << 8);
    equal("date", date, 0x24 << 16 | 3 << 13 | 0x02 << 8 | 0x28);
    delay_ms(2000);
    time = R(RTC, TR);
    date = R(RTC, DR);
    equal("over midnight: hour and minute", time & 0x7F7F00, 0);
    equal("over midnight: 29 February, Thursday", date, 0x24 << 16 | 4 << 13 | 0x02 << 8 | 0x29);
}

static void alarm_irq(void)
{
    R(EXTI, EXTI_PR1) = BIT(17);
    if (R(RTC, SR) & 1) {
        R(RTC, SCR) = 1;
        alarms++;
    }
}

static void wakeup_irq(void)
{
    R(EXTI, EXTI_PR1) = BIT(19);
    if (R(RTC, SR) & 4) {
        R(RTC, SCR) = 4;
        wakeups++;
    }
}

static void alarm(void)
{
    unlock();
    R(RTC, CR) &= ~BIT(8);
    R(RTC, SCR) = 1;
    R(RTC, ALRMAR) = BIT(31) | BIT(23) | BIT(15) | BIT(7); /* each second */
    R(RTC, ALRMASSR) = 0;
    R(RTC, CR) |= BIT(8);
    R(RTC, CR) |= BIT(12);
    R(EXTI, EXTI_IMR1) |= BIT(17);
    R(EXTI, EXTI_RTSR1) |= BIT(17);
    lock();
    on_irq(RTC_ALARM_IRQ, alarm_irq);
    enable_irq(RTC_ALARM_IRQ);
    delay_ms(3100);
    between("alarm A each second, 3.1 s", alarms, 3, 4);
    unlock();
    R(RTC, CR) &= ~(BIT(8) | BIT(12));
    lock();
    alarms = 0;
    delay_ms(1100);
    equal("alarm A off", alarms, 0);
}

static void wakeup(void)
{
    unlock();
    R(RTC, CR) &= ~BIT(10);
    R(RTC, SCR) = 4;
    check("WUTWF", wait_for(&R(RTC, ICSR), WUTWF, WUTWF, LIMIT));
    R(RTC, WUTR) = 2048 / 8 - 1; /* of RTCCLK / 16: 125 ms */
    R(RTC, CR) &= ~7u;
    R(EXTI, EXTI_IMR1) |= BIT(19);
    R(EXTI, EXTI_RTSR1) |= BIT(19);
    R(RTC, CR) |= BIT(14);
    R(RTC, CR) |= BIT(10);
    lock();
    on_irq(RTC_WKUP_IRQ, wakeup_irq);
    enable_irq(RTC_WKUP_IRQ);
    delay_ms(1060);
    between("wake-up timer, 8 a second", wakeups, 7, 9);
    unlock();
    R(RTC, CR) &= ~(BIT(10) | BIT(14));
    lock();
}

int main(void)
{
    begin();
    check("clock", start_clock());
    init();
    set_clock();
    time_passes();
    alarm();
    wakeup();
    for (unsigned i = 0; i < 32; i++)
        R(TAMP, 0x100 + 4 * i) = 0xCAFE0000 + i;
    equal("first backup register", R(TAMP, 0x100), 0xCAFE0000);
    equal("last backup register", R(TAMP, 0x17C), 0xCAFE001F);
    end();
}
