/* SPDX-License-Identifier: MIT */

#include "rtc.h"
#include "backup.h"
#include "irq.h"
#include "rtc_int.h"
#include "stm32h7a3.h"
#include "ticks.h"

/*
 * ck_apre is RTCCLK / 128, as RM0455 recommends for low consumption, and is divided to 1 Hz by the
 * second prescaler.
 */
#define PREDIV_A 127u

static const struct {
    uint32_t hz;
    uint32_t prediv_s;
} sources[] = {
    [RTC_SOURCE_LSE] = {32768, 255},
    [RTC_SOURCE_LSI] = {32000, 249},
};

#define BDCR_RTCSEL(source) ((uint32_t)(source) << RCC_BDCR_RTCSEL_Pos)

#define WPR_KEY1    0xCAu
#define WPR_KEY2    0x53u
#define WPR_LOCK    0xFFu
#define CALP_ADDS   512
#define EXTI_LINE   (1u << 19) /* RM0455, EXTI: RTC wake-up timer */
#define YEAR_BASE   2000u
#define WUCKSEL_1Hz 4u

#define LSI_TIMEOUT_US 1000u /* DS13195: 130 us at most */
/* A calibration that was written before is taken over at the end of a ck_apre period. */
#define RECALP_TIMEOUT_US 50000u
/* RM0455: with BYPSHAD the registers are read until two readings agree. A tick lies 4 ms away. */
#define READINGS 4u

static enum rtc_state state = RTC_FAILED;
static struct rtc_start start;
static bool wants_lse;
static uint32_t started_ms;
static void (*wakeup_handler)(void);

uint32_t rtc_bcd(uint32_t n)
{
    return n / 10u << 4 | n % 10u;
}

uint32_t rtc_binary(uint32_t field)
{
    return (field >> 4) * 10u + (field & 0xFu);
}

uint32_t rtc_time_field(const struct rtc_datetime *time)
{
    return rtc_bcd(time->hour) << RTC_TR_HU_Pos | rtc_bcd(time->minute) << RTC_TR_MNU_Pos |
           rtc_bcd(time->second);
}

void rtc_time_of_field(struct rtc_datetime *time, uint32_t field)
{
    time->hour = (uint8_t)rtc_binary(field >> RTC_TR_HU_Pos & 0x3Fu);
    time->minute = (uint8_t)rtc_binary(field >> RTC_TR_MNU_Pos & 0x7Fu);
    time->second = (uint8_t)rtc_binary(field & 0x7Fu);
}

struct rtc_access rtc_unlock(void)
{
    struct rtc_access access = {.priority = irq_raise(IRQ_PRIORITY_RTC)};
    access.domain = backup_open();
    RTC->WPR = WPR_KEY1;
    RTC->WPR = WPR_KEY2;
    return access;
}

void rtc_lock(struct rtc_access access)
{
    RTC->WPR = WPR_LOCK;
    backup_close(access.domain);
    irq_lower(access.priority);
}

static bool enter_init(void)
{
    RTC->ICSR |= RTC_ICSR_INIT;
    return ticks_wait_register(&RTC->ICSR, RTC_ICSR_INITF, RTC_ICSR_INITF, RTC_SYNC_TIMEOUT_US);
}

static void leave_init(void)
{
    RTC->ICSR &= ~RTC_ICSR_INIT;
}

/* ---- starting ---- */

static bool lsi_on(void)
{
    RCC->CSR |= RCC_CSR_LSION;
    return ticks_wait_register(&RCC->CSR, RCC_CSR_LSIRDY, RCC_CSR_LSIRDY, LSI_TIMEOUT_US);
}

/* Clears the registers of the domain, and stops LSE. */
static void reset_domain(void)
{
    uint32_t kept[BACKUP_REGISTERS];
    for (uint32_t i = 0; i < BACKUP_REGISTERS; i++) {
        kept[i] = TAMP_BKP->BKPR[i];
    }
    RCC->BDCR |= RCC_BDCR_VSWRST;
    RCC->BDCR &= ~RCC_BDCR_VSWRST;
    for (uint32_t i = 0; i < BACKUP_REGISTERS; i++) {
        TAMP_BKP->BKPR[i] = kept[i];
    }
}

/* Another RTCSEL can be chosen only after a reset of the domain. */
static void free_selection(enum rtc_source source)
{
    uint32_t selected = RCC->BDCR & RCC_BDCR_RTCSEL_Msk;
    if (selected != 0 && selected != BDCR_RTCSEL(source)) {
        reset_domain();
    }
}

/*
 * Prescalers of the source, the registers without their shadows (which would have to be waited for
 * after each Stop mode). CR.BKP is the bit that RM0455 leaves to the program: here it says that the
 * calendar was set.
 */
static bool configure(enum rtc_source source)
{
    uint32_t prer = PREDIV_A << RTC_PRER_PREDIV_A_Pos | sources[source].prediv_s;
    bool done = true;

    struct rtc_access access = rtc_unlock();
    RTC->CR |= RTC_CR_BYPSHAD;
    if (RTC->PRER != prer || (RTC->CR & RTC_CR_FMT)) {
        done = enter_init();
        if (done) {
            RTC->CR &= ~RTC_CR_FMT;
            /* RM0455, RTC_PRER: two separate writes. */
            RTC->PRER = sources[source].prediv_s;
            RTC->PRER = prer;
        }
        leave_init();
    }
    rtc_lock(access);
    return done;
}

static void run(enum rtc_source source)
{
    uint32_t closed = backup_open();

    state = RTC_FAILED;
    if (source != RTC_SOURCE_LSI || lsi_on()) {
        free_selection(source);
        RCC->BDCR = (RCC->BDCR & ~RCC_BDCR_RTCSEL_Msk) | BDCR_RTCSEL(source);
        RCC->BDCR |= RCC_BDCR_RTCEN;
        if (configure(source)) {
            state = (RTC->CR & RTC_CR_BKP) ? RTC_SET : RTC_UNSET;
            start.source = source;
        }
    }
    backup_close(closed);
}

static void start_lse(void)
{
    uint32_t closed = backup_open();
    /* Here and not when it runs, because it would not run any more. */
    free_selection(RTC_SOURCE_LSE);
    RCC->BDCR |= RCC_BDCR_LSEON;
    backup_close(closed);
    started_ms = ticks_ms();
    state = RTC_STARTING;
}

void rtc_start(bool has_lse)
{
    wants_lse = has_lse;
    start = (struct rtc_start){.source = RTC_SOURCE_NONE};
    /* The flag of the wake-up timer is how the core came back from Standby; a new one needs an
     * edge.
     */
    uint32_t closed = backup_open();
    RTC->SCR = RTC_SCR_CWUTF;
    backup_close(closed);

    uint32_t bdcr = RCC->BDCR;
    enum rtc_source source = (bdcr & RCC_BDCR_RTCSEL_Msk) >> RCC_BDCR_RTCSEL_Pos;
    bool enabled = bdcr & RCC_BDCR_RTCEN;
    if (enabled &&
        ((source == RTC_SOURCE_LSE && (bdcr & RCC_BDCR_LSERDY)) || source == RTC_SOURCE_LSI)) {
        start.kept = true;
        run(source);
    } else if (has_lse) {
        start_lse();
    } else {
        run(RTC_SOURCE_LSI);
    }
}

void rtc_restart(void)
{
    rtc_wakeup_stop();
    uint32_t closed = backup_open();
    reset_domain();
    backup_close(closed);
    rtc_start(wants_lse);
}

static void give_lse_up(void)
{
    uint32_t closed = backup_open();
    RCC->BDCR &= ~RCC_BDCR_LSEON;
    backup_close(closed);
    start.lse_failed = true;
    run(RTC_SOURCE_LSI);
}

enum rtc_state rtc_poll(void)
{
    if (state == RTC_STARTING) {
        uint32_t ms = ticks_ms() - started_ms;
        if (RCC->BDCR & RCC_BDCR_LSERDY) {
            start.ms = ms;
            run(RTC_SOURCE_LSE);
        } else if (ms >= RTC_LSE_TIMEOUT_MS) {
            give_lse_up();
        }
    }
    return state;
}

enum rtc_state rtc_wait(void)
{
    uint32_t masked_ms = 0;

    while (rtc_poll() == RTC_STARTING) {
        if (!__get_PRIMASK()) {
            __WFI(); /* SysTick ends it */
        } else if (masked_ms < RTC_LSE_TIMEOUT_MS) {
            /* The count of milliseconds stands. */
            ticks_delay_us(1000);
            masked_ms++;
        } else {
            give_lse_up();
        }
    }
    return state;
}

struct rtc_start rtc_get_start(void)
{
    return start;
}

/* ---- calendar ---- */

bool rtc_runs(void)
{
    return state == RTC_UNSET || state == RTC_SET;
}

bool rtc_get(struct rtc_datetime *now)
{
    uint32_t ssr = 0, tr = 0, dr = 0;
    bool agree = false;

    if (!rtc_runs()) {
        return false;
    }
    for (unsigned i = 0; i < READINGS && !agree; i++) {
        uint32_t ssr_before = ssr, tr_before = tr, dr_before = dr;
        ssr = RTC->SSR;
        tr = RTC->TR;
        dr = RTC->DR;
        agree = i > 0 && ssr == ssr_before && tr == tr_before && dr == dr_before;
    }
    uint32_t top = sources[start.source].prediv_s;
    *now = (struct rtc_datetime){
        .year = (uint16_t)(YEAR_BASE + rtc_binary(dr >> RTC_DR_YU_Pos & 0xFFu)),
        .month = (uint8_t)rtc_binary(dr >> RTC_DR_MU_Pos & 0x1Fu),
        .day = (uint8_t)rtc_binary(dr & 0x3Fu),
        .weekday = (uint8_t)((dr & RTC_DR_WDU_Msk) >> RTC_DR_WDU_Pos),
        /* Above the prescaler for a moment after a shift (RM0455, RTC_SSR). */
        .subsecond = (uint16_t)(ssr > top ? top : ssr),
        .subseconds_of_a_second = (uint16_t)(top + 1u),
    };
    rtc_time_of_field(now, tr);
    return agree;
}

bool rtc_set(const struct rtc_datetime *time)
{
    if (!rtc_runs()) {
        return false;
    }
    struct rtc_access access = rtc_unlock();
    bool done = enter_init();
    if (done) {
        RTC->TR = rtc_time_field(time);
        RTC->DR = rtc_bcd(time->year - YEAR_BASE) << RTC_DR_YU_Pos |
                  (uint32_t)time->weekday << RTC_DR_WDU_Pos |
                  rtc_bcd(time->month) << RTC_DR_MU_Pos | rtc_bcd(time->day);
        RTC->CR |= RTC_CR_BKP;
        state = RTC_SET;
    }
    leave_init();
    rtc_lock(access);
    return done;
}

int rtc_calibration(void)
{
    uint32_t calr = RTC->CALR;
    return ((calr & RTC_CALR_CALP) ? CALP_ADDS : 0) - (int)(calr & RTC_CALR_CALM_Msk);
}

bool rtc_calibrate(int pulses)
{
    if (!rtc_runs() || !ticks_wait_register(&RTC->ICSR, RTC_ICSR_RECALPF, 0, RECALP_TIMEOUT_US)) {
        return false;
    }
    struct rtc_access access = rtc_unlock();
    RTC->CALR = pulses > 0 ? RTC_CALR_CALP | (uint32_t)(CALP_ADDS - pulses) : (uint32_t)-pulses;
    rtc_lock(access);
    return true;
}

/* ---- wake-up timer ---- */

void RTC_WKUP_IRQHandler(void);
void RTC_WKUP_IRQHandler(void)
{
    uint32_t closed = backup_open();
    RTC->SCR = RTC_SCR_CWUTF;
    backup_close(closed);
    EXTI->PR1 = EXTI_LINE;
    (void)EXTI->PR1;
    if (wakeup_handler != 0) {
        wakeup_handler();
    }
}

void rtc_wakeup_stop(void)
{
    NVIC_DisableIRQ(RTC_WKUP_IRQn);
    EXTI->IMR1 &= ~EXTI_LINE;
    if (rtc_runs()) {
        struct rtc_access access = rtc_unlock();
        RTC->CR &= ~(RTC_CR_WUTE | RTC_CR_WUTIE);
        RTC->SCR = RTC_SCR_CWUTF;
        rtc_lock(access);
    }
    EXTI->PR1 = EXTI_LINE;
    NVIC_ClearPendingIRQ(RTC_WKUP_IRQn);
    wakeup_handler = 0;
}

bool rtc_wakeup_start(unsigned select, uint16_t wut, void (*handler)(void))
{
    rtc_wakeup_stop();
    if (!rtc_runs()) {
        return false;
    }
    struct rtc_access access = rtc_unlock();
    bool done =
        ticks_wait_register(&RTC->ICSR, RTC_ICSR_WUTWF, RTC_ICSR_WUTWF, RTC_SYNC_TIMEOUT_US);
    if (done) {
        RTC->WUTR = wut;
        RTC->CR = (RTC->CR & ~RTC_CR_WUCKSEL_Msk) | select << RTC_CR_WUCKSEL_Pos | RTC_CR_WUTIE;
        RTC->CR |= RTC_CR_WUTE;
        wakeup_handler = handler;
        EXTI->RTSR1 |= EXTI_LINE;
        EXTI->IMR1 |= EXTI_LINE;
        NVIC_SetPriority(RTC_WKUP_IRQn, IRQ_PRIORITY_RTC);
        NVIC_EnableIRQ(RTC_WKUP_IRQn);
    }
    rtc_lock(access);
    return done;
}

void rtc_clear_events(void)
{
    uint32_t closed = backup_open();
    RTC->SCR = RTC_SCR_CWUTF | RTC_SCR_CTSF;
    backup_close(closed);
}

uint32_t rtc_wakeup_hz(unsigned select)
{
    return select >= WUCKSEL_1Hz ? 1u : sources[start.source].hz >> (4u - select);
}
