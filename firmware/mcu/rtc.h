/* SPDX-License-Identifier: MIT */

/*
 * Real-time clock: calendar, calibration and wake-up timer, on LSE or, without a crystal, on LSI
 * (RM0455, RTC, PWR and RCC_BDCR). It lies in the backup domain: resets leave it alone. Alarms:
 * rtc_alarm.h.
 *
 * The crystal takes up to seconds to start (DS13195: 2 s typical), for which nobody waits unless he
 * must: rtc_start() begins, rtc_poll() tells how far it is. Thread code only, unless said
 * otherwise.
 */
#ifndef MCU_RTC_H
#define MCU_RTC_H

#include <stdbool.h>
#include <stdint.h>

/* Values of BDCR.RTCSEL. */
enum rtc_source {
    RTC_SOURCE_NONE = 0,
    RTC_SOURCE_LSE = 1,
    RTC_SOURCE_LSI = 2, /* 32 kHz, some per cent off (DS13195); stops during a reset */
};

enum rtc_state {
    RTC_STARTING, /* waits for LSE */
    RTC_UNSET,    /* counts, but nobody has set it since the backup domain lost its supply */
    RTC_SET,
    RTC_FAILED, /* neither LSE nor LSI runs, or the registers do not answer */
};

struct rtc_datetime {
    uint16_t year;                   /* 2000..2099 */
    uint8_t month, day;              /* 1..12, 1..31 */
    uint8_t weekday;                 /* 1..7, 1 = Monday */
    uint8_t hour, minute, second;    /* 24 hours */
    uint16_t subsecond;              /* counts down to 0; not used by rtc_set() */
    uint16_t subseconds_of_a_second; /* 256 on LSE, 250 on LSI */
};

/* What rtc_get_start() tells. */
struct rtc_start {
    enum rtc_source source;
    bool kept;       /* it ran already when rtc_start() was called */
    bool lse_failed; /* LSE was tried since the last reset, and did not start */
    uint32_t ms;     /* when the source was seen to run, after rtc_start(); 0 if kept */
};

/*
 * Once at boot, after ticks_init(): an RTC that runs is left running, another one is started, on
 * LSE if there is one.
 */
void rtc_start(bool has_lse);

/* Any state to a new start. The backup registers keep their content, time and alarms are lost. */
void rtc_restart(void);

/* LSE gets so long before LSI takes its place, as in ST's start-up code. */
#define RTC_LSE_TIMEOUT_MS 5000u

/* Does not wait. RTC_STARTING becomes another state in this and in rtc_wait() only. */
enum rtc_state rtc_poll(void);

/* Waits until RTC_STARTING is over, for RTC_LSE_TIMEOUT_MS at most. */
enum rtc_state rtc_wait(void);

struct rtc_start rtc_get_start(void);

/* False: the RTC does not run, or its registers do not answer. */
bool rtc_get(struct rtc_datetime *now);

/* Fields must be in their ranges. The second begins now. False: as above. */
bool rtc_set(const struct rtc_datetime *time);

/* Pulses added to 2^20, -511..512 (RM0455, RTC smooth calibration). Takes up to 32 s to begin. */
int rtc_calibration(void);
bool rtc_calibrate(int pulses);

/*
 * The wake-up timer: an interrupt every wut + 1 ticks of the clock that `select` names (CR.WUCKSEL:
 * 0..3 RTCCLK / 16, 8, 4, 2; 4 1 Hz; 6 1 Hz and 65536 ticks more), also in Stop and Standby. wut
 * must not be 0 with select 3 (RM0455, RTC_WUTR). False: the RTC does not run. The handler is
 * called from the interrupt, and may be NULL.
 */
bool rtc_wakeup_start(unsigned select, uint16_t wut, void (*handler)(void));
void rtc_wakeup_stop(void);

/*
 * Forgets events that are pending, so that the next one is an edge for Standby to end with. Those
 * of the alarms: rtc_alarm_take().
 */
void rtc_clear_events(void);

/* The period's ticks a second for `select`, of the source in use. */
uint32_t rtc_wakeup_hz(unsigned select);

#endif
