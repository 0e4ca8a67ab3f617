/* SPDX-License-Identifier: MIT */

/* machine.RTC, with the methods of MicroPython's stm32 port; alarms: machine_rtc_alarm.c. */

#include "machine_rtc.h"
#include "calendar.h"
#include "mcu/reset.h"
#include "mcu/rtc.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "rtc_alarms.h"

/* info(): the stm32 port's bits. The lower 16 are how many milliseconds the start took. */
enum {
    INFO_MS = 0xffff,
    INFO_POWER_ON = 0x10000,
    INFO_PIN_RESET = 0x20000,
    INFO_KEPT_LSE = 0x40000,
    INFO_KEPT_LSI = 0x80000,
    INFO_LSE_FAILED = 0x1000000,
    INFO_LSE = 0x10000000,
    INFO_STARTED = 0x20000000,
    INFO_STARTING = 0x3f000000,
};

enum { CALIBRATION_MIN = -511, CALIBRATION_MAX = 512 };

/* CR.WUCKSEL (mcu/rtc.h), and the most ticks that each can count. */
enum {
    SELECT_DIV2 = 3,
    SELECT_1HZ = 4,
    SELECT_1HZ_LONG = 6,
    SELECT_MAX = 7,
    WUT_TICKS = 0x10000,
    /* The number that the stm32 port hands to a callback: the line of EXTI. */
    WAKEUP_LINE = 19,
};

MP_REGISTER_ROOT_POINTER(mp_obj_t machine_rtc_callback);

static const mp_obj_base_t rtc_object = {&machine_rtc_type};

NORETURN void machine_rtc_raise_stopped(void)
{
    mp_raise_msg_varg(&mp_type_OSError, MP_ERROR_TEXT("RTC does not run: neither LSE nor LSI"));
}

void machine_rtc_wait(void)
{
    if (rtc_wait() == RTC_FAILED) {
        machine_rtc_raise_stopped();
    }
}

static mp_obj_t rtc_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                             const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    if (n_args == 1 && mp_obj_get_int(args[0]) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("RTC doesn't exist"));
    }
    return MP_OBJ_FROM_PTR(&rtc_object);
}

static mp_obj_t rtc_init(mp_obj_t self)
{
    if (!calendar_restart()) {
        machine_rtc_raise_stopped();
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(rtc_init_obj, rtc_init);

static mp_obj_t rtc_info(mp_obj_t self)
{
    if (rtc_poll() == RTC_STARTING) {
        return mp_obj_new_int(INFO_STARTING);
    }
    struct rtc_start start = rtc_get_start();
    bool lse = start.source == RTC_SOURCE_LSE;
    mp_int_t info = start.ms & INFO_MS;
    if (start.source == RTC_SOURCE_NONE) {
        info = INFO_MS;
    } else if (start.kept) {
        info |= lse ? INFO_KEPT_LSE : INFO_KEPT_LSI;
    } else {
        info |= INFO_STARTED | (lse ? INFO_LSE : 0);
    }
    info |= start.lse_failed ? INFO_LSE_FAILED : 0;
    info |= reset_cause() == RESET_CAUSE_POWER_ON ? INFO_POWER_ON : 0;
    info |= reset_cause() == RESET_CAUSE_PIN ? INFO_PIN_RESET : 0;
    return mp_obj_new_int(info);
}
static MP_DEFINE_CONST_FUN_OBJ_1(rtc_info_obj, rtc_info);

mp_int_t machine_rtc_in_range(mp_obj_t item, mp_int_t low, mp_int_t high, const char *what)
{
    mp_int_t value = mp_obj_get_int(item);
    if (value < low || value > high) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%s must be %d to %d"), what, (int)low,
                          (int)high);
    }
    return value;
}

static mp_obj_t datetime_get(void)
{
    struct calendar_time now = calendar_now();
    timeutils_struct_time_t tm = now.tm;
    mp_obj_t tuple[] = {
        MP_OBJ_NEW_SMALL_INT(tm.tm_year), MP_OBJ_NEW_SMALL_INT(tm.tm_mon),
        MP_OBJ_NEW_SMALL_INT(tm.tm_mday), MP_OBJ_NEW_SMALL_INT(tm.tm_wday + 1),
        MP_OBJ_NEW_SMALL_INT(tm.tm_hour), MP_OBJ_NEW_SMALL_INT(tm.tm_min),
        MP_OBJ_NEW_SMALL_INT(tm.tm_sec),  MP_OBJ_NEW_SMALL_INT(now.subsecond),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(tuple), tuple);
}

timeutils_struct_time_t machine_rtc_date(mp_obj_t datetime)
{
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(datetime, 8, &items);
    timeutils_struct_time_t tm = {
        .tm_year = (uint16_t)machine_rtc_in_range(items[0], 2000, 2099, "year"),
        .tm_mon = (uint8_t)machine_rtc_in_range(items[1], 1, 12, "month"),
    };
    mp_int_t days = (mp_int_t)timeutils_days_in_month(tm.tm_year, tm.tm_mon);
    tm.tm_mday = (uint8_t)machine_rtc_in_range(items[2], 1, days, "day");
    /* The weekday follows from the date. Programs disagree about its first number. */
    (void)machine_rtc_in_range(items[3], 0, 7, "weekday");
    tm.tm_hour = (uint8_t)machine_rtc_in_range(items[4], 0, 23, "hour");
    tm.tm_min = (uint8_t)machine_rtc_in_range(items[5], 0, 59, "minute");
    tm.tm_sec = (uint8_t)machine_rtc_in_range(items[6], 0, 59, "second");
    return tm;
}

static mp_obj_t rtc_datetime(size_t n_args, const mp_obj_t *args)
{
    if (n_args == 1) {
        return datetime_get();
    }
    timeutils_struct_time_t tm = machine_rtc_date(args[1]);
    if (!rtc_alarms_set_time(&tm)) {
        machine_rtc_raise_stopped();
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(rtc_datetime_obj, 1, 2, rtc_datetime);

static mp_obj_t rtc_calibration_(size_t n_args, const mp_obj_t *args)
{
    machine_rtc_wait();
    if (n_args == 1) {
        return MP_OBJ_NEW_SMALL_INT(rtc_calibration());
    }
    if (!rtc_calibrate(
            (int)machine_rtc_in_range(args[1], CALIBRATION_MIN, CALIBRATION_MAX, "calibration"))) {
        machine_rtc_raise_stopped();
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(rtc_calibration_obj, 1, 2, rtc_calibration_);

/* ---- wake-up timer ---- */

/* In the interrupt. The callback itself runs when the interpreter gets to it. */
static void wakeup_happened(void)
{
    mp_obj_t callback = MP_STATE_PORT(machine_rtc_callback);
    if (callback != MP_OBJ_NULL && callback != mp_const_none) {
        (void)mp_sched_schedule(callback, MP_OBJ_NEW_SMALL_INT(WAKEUP_LINE));
    }
}

/* The finest clock that can count the time; RM0455 wants no fewer than two ticks. */
static bool wakeup_choose(mp_int_t ms, unsigned *select, uint32_t *ticks)
{
    for (int s = SELECT_DIV2; s >= 0; s--) {
        uint64_t n = ((uint64_t)ms * rtc_wakeup_hz((unsigned)s) + 500u) / 1000u;
        if (n <= WUT_TICKS) {
            *select = (unsigned)s;
            *ticks = n < 2u ? 2u : (uint32_t)n;
            return true;
        }
    }
    uint32_t seconds = (uint32_t)ms / 1000u;
    if (seconds > 2u * WUT_TICKS) {
        return false;
    }
    *select = seconds > WUT_TICKS ? SELECT_1HZ_LONG : SELECT_1HZ;
    *ticks = seconds > WUT_TICKS ? seconds - WUT_TICKS : seconds;
    return true;
}

static void wakeup_start(unsigned select, uint32_t ticks, mp_obj_t callback)
{
    rtc_wakeup_stop();
    MP_STATE_PORT(machine_rtc_callback) = callback;
    if (!rtc_wakeup_start(select, (uint16_t)(ticks - 1u), wakeup_happened)) {
        machine_rtc_raise_stopped();
    }
}

static void wakeup_start_ms(mp_int_t ms, mp_obj_t callback)
{
    unsigned select;
    uint32_t ticks;

    if (ms < 0 || !wakeup_choose(ms, &select, &ticks)) {
        mp_raise_ValueError(MP_ERROR_TEXT("wakeup value out of range"));
    }
    wakeup_start(select, ticks, callback);
}

void machine_rtc_wake_after(mp_int_t ms)
{
    machine_rtc_wait();
    wakeup_start_ms(ms, mp_const_none);
}

/* wakeup(None), wakeup(ms, callback=None), wakeup(wucksel, wut, callback) */
static mp_obj_t rtc_wakeup(size_t n_args, const mp_obj_t *args)
{
    mp_obj_t callback = n_args == 4 ? args[3] : n_args == 3 ? args[2] : mp_const_none;

    machine_rtc_wait();
    if (callback != mp_const_none && !mp_obj_is_callable(callback)) {
        mp_raise_ValueError(MP_ERROR_TEXT("callback must be None or a callable object"));
    }
    if (args[1] == mp_const_none) {
        rtc_wakeup_stop();
        MP_STATE_PORT(machine_rtc_callback) = mp_const_none;
    } else if (n_args == 4) {
        unsigned select = (unsigned)machine_rtc_in_range(args[1], 0, SELECT_MAX, "wucksel");
        mp_int_t least = select == SELECT_DIV2 ? 1 : 0;
        wakeup_start(select,
                     (uint32_t)machine_rtc_in_range(args[2], least, WUT_TICKS - 1, "wut") + 1u,
                     callback);
    } else {
        wakeup_start_ms(mp_obj_get_int(args[1]), callback);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(rtc_wakeup_obj, 2, 4, rtc_wakeup);

void machine_rtc_deinit(void)
{
    MP_STATE_PORT(machine_rtc_callback) = mp_const_none;
    machine_rtc_alarm_deinit();
}

static const mp_rom_map_elem_t rtc_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&rtc_init_obj)},
    {MP_ROM_QSTR(MP_QSTR_info), MP_ROM_PTR(&rtc_info_obj)},
    {MP_ROM_QSTR(MP_QSTR_datetime), MP_ROM_PTR(&rtc_datetime_obj)},
    {MP_ROM_QSTR(MP_QSTR_wakeup), MP_ROM_PTR(&rtc_wakeup_obj)},
    {MP_ROM_QSTR(MP_QSTR_calibration), MP_ROM_PTR(&rtc_calibration_obj)},
    {MP_ROM_QSTR(MP_QSTR_alarm), MP_ROM_PTR(&machine_rtc_alarm_obj)},
    {MP_ROM_QSTR(MP_QSTR_alarm_left), MP_ROM_PTR(&machine_rtc_alarm_left_obj)},
    {MP_ROM_QSTR(MP_QSTR_alarm_cancel), MP_ROM_PTR(&machine_rtc_alarm_cancel_obj)},
    {MP_ROM_QSTR(MP_QSTR_cancel), MP_ROM_PTR(&machine_rtc_alarm_cancel_obj)},
    {MP_ROM_QSTR(MP_QSTR_irq), MP_ROM_PTR(&machine_rtc_irq_obj)},
    {MP_ROM_QSTR(MP_QSTR_ALARM0), MP_ROM_INT(0)},
    {MP_ROM_QSTR(MP_QSTR_ALARM1), MP_ROM_INT(1)},
};
static MP_DEFINE_CONST_DICT(rtc_locals, rtc_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(machine_rtc_type, MP_QSTR_RTC, MP_TYPE_FLAG_NONE, make_new, rtc_make_new,
                         locals_dict, &rtc_locals);
