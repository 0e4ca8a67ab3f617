/* SPDX-License-Identifier: MIT */

#include "rtc_alarm.h"
#include "backup.h"
#include "exti.h"
#include "irq.h"
#include "rtc_int.h"
#include "stm32h7a3.h"
#include "ticks.h"

#define ALARM_LINE   17u /* RM0455, EXTI: RTC alarms */
#define ALL_SS_BITS  (15u << RTC_ALRMSSR_MASKSS_Pos)
#define DAY(field)   ((field) >> RTC_ALRMR_DU_Pos & 0x3Fu)
#define BOTH_FLAGS   (RTC_SR_ALRAF | RTC_SR_ALRBF)
#define ENABLE(n)    (RTC_CR_ALRAE << (n))
#define INTERRUPT(n) (RTC_CR_ALRAIE << (n))
#define WRITABLE(n)  (RTC_ICSR_ALRAWF << (n))
#define FLAG(n)      (RTC_SR_ALRAF << (n)) /* and its bit of SCR */

static void (*alarm_handler)(unsigned alarm);

static void clear_flags(uint32_t flags)
{
    uint32_t closed = backup_open();
    RTC->SCR = flags;
    (void)RTC->SR;
    backup_close(closed);
}

/* Both alarms are one line: it gives no edge for the second one while the first one's flag is set,
 * so all flags have to be seen cleared. */
void RTC_Alarm_IRQHandler(void);
void RTC_Alarm_IRQHandler(void)
{
    uint32_t flags;

    exti_line_clear(ALARM_LINE);
    while ((flags = RTC->MISR & BOTH_FLAGS) != 0) {
        clear_flags(flags);
        for (unsigned alarm = 0; alarm < RTC_ALARMS; alarm++) {
            if (flags & FLAG(alarm)) {
                alarm_handler(alarm);
            }
        }
    }
}

void rtc_alarm_listen(void (*handler)(unsigned alarm))
{
    alarm_handler = handler;
    exti_line_enable(ALARM_LINE, EXTI_RISING);
    NVIC_SetPriority(RTC_Alarm_IRQn, IRQ_PRIORITY_RTC);
    NVIC_EnableIRQ(RTC_Alarm_IRQn);
}

static void disable(unsigned alarm)
{
    RTC->CR &= ~(ENABLE(alarm) | INTERRUPT(alarm));
    clear_flags(FLAG(alarm));
}

bool rtc_alarm_start(unsigned alarm, const struct rtc_datetime *at)
{
    if (!rtc_runs()) {
        return false;
    }
    struct rtc_access access = rtc_unlock();
    disable(alarm);
    bool done =
        ticks_wait_register(&RTC->ICSR, WRITABLE(alarm), WRITABLE(alarm), RTC_SYNC_TIMEOUT_US);
    if (done) {
        uint32_t time = rtc_time_field(at) | rtc_bcd(at->day) << RTC_ALRMR_DU_Pos;
        uint32_t subsecond = ALL_SS_BITS | at->subsecond;
        if (alarm == 0) {
            RTC->ALRMAR = time;
            RTC->ALRMASSR = subsecond;
        } else {
            RTC->ALRMBR = time;
            RTC->ALRMBSSR = subsecond;
        }
        RTC->CR |= ENABLE(alarm) | INTERRUPT(alarm);
    }
    rtc_lock(access);
    return done;
}

void rtc_alarm_stop(unsigned alarm)
{
    if (rtc_runs()) {
        struct rtc_access access = rtc_unlock();
        disable(alarm);
        rtc_lock(access);
    }
}

bool rtc_alarm_get(unsigned alarm, struct rtc_datetime *at)
{
    if (!rtc_runs() || !(RTC->CR & ENABLE(alarm))) {
        return false;
    }
    uint32_t time = alarm == 0 ? RTC->ALRMAR : RTC->ALRMBR;
    uint32_t subsecond = alarm == 0 ? RTC->ALRMASSR : RTC->ALRMBSSR;
    *at = (struct rtc_datetime){
        .day = (uint8_t)rtc_binary(DAY(time)),
        .subsecond = subsecond & RTC_ALRMSSR_SS_Msk,
    };
    rtc_time_of_field(at, time);
    return true;
}

bool rtc_alarm_take(unsigned alarm)
{
    bool came = RTC->MISR & FLAG(alarm);
    if (came) {
        clear_flags(FLAG(alarm));
    }
    return came;
}
