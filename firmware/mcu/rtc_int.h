/* SPDX-License-Identifier: MIT */

/* What rtc.c and rtc_alarm.c share, and nobody else. */
#ifndef MCU_RTC_INT_H
#define MCU_RTC_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "rtc.h"

/* Two clocks of 32 kHz (RM0455), and time for a slow one. */
#define RTC_SYNC_TIMEOUT_US 1000u

/*
 * The registers that WPR protects may be written between these two. One sequence of keys opens
 * them for everybody and anybody's locking closes them, so the RTC's interrupts have to wait.
 */
struct rtc_access {
    uint32_t domain;   /* backup_open() */
    uint32_t priority; /* irq_raise() */
};
struct rtc_access rtc_unlock(void);
void rtc_lock(struct rtc_access access);

bool rtc_runs(void);

/* The layout that TR and the alarms have in common. */
uint32_t rtc_time_field(const struct rtc_datetime *time);
void rtc_time_of_field(struct rtc_datetime *time, uint32_t field);
uint32_t rtc_bcd(uint32_t n);
uint32_t rtc_binary(uint32_t field);

#endif
