/* SPDX-License-Identifier: MIT */

/* The alarms of machine.RTC, as MicroPython documents them; the chip has two, 0 and 1. */

#include "calendar.h"
#include "machine_rtc.h"
#include "py/runtime.h"
#include "rtc_alarms.h"
#include "shared/runtime/mpirq.h"

MP_REGISTER_ROOT_POINTER(mp_obj_t machine_rtc_alarm_irqs[2]);
_Static_assert(MP_ARRAY_SIZE(MP_STATE_PORT(machine_rtc_alarm_irqs)) == RTC_ALARMS, "one an alarm");

static unsigned id_of(mp_obj_t id)
{
    return (unsigned)machine_rtc_in_range(id, 0, RTC_ALARMS - 1, "alarm id");
}

static unsigned id_or_0(size_t n_args, const mp_obj_t *args)
{
    return n_args > 1 ? id_of(args[1]) : 0;
}

/* A clock that has no date yet gets one first, or the alarm would not be where it belongs. */
static void need_running_clock(void)
{
    machine_rtc_wait();
    (void)calendar_now();
}

static void check(enum alarm_status status)
{
    switch (status) {
    case ALARM_PAST:
        mp_raise_ValueError(MP_ERROR_TEXT("alarm must be in the future"));
    case ALARM_TOO_FAR:
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("alarm must be within %d days"),
                          ALARM_MAX_DAYS);
    case ALARM_FAILED:
        machine_rtc_raise_stopped();
    case ALARM_OK:
        break;
    }
}

/* The longest time does not fit into a machine word with a sign. */
static uint32_t milliseconds(mp_obj_t time, bool repeat)
{
    mp_float_t ms = mp_obj_get_float(time);
    if (ms < 0) {
        check(ALARM_PAST);
    }
    if (ms >= (mp_float_t)ALARM_MAX_MS) {
        check(ALARM_TOO_FAR);
    }
    if (repeat && ms < (mp_float_t)ALARM_MIN_PERIOD_MS) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("repeated alarm needs %d ms or more"),
                          (int)ALARM_MIN_PERIOD_MS);
    }
    return (uint32_t)ms;
}

/* alarm(id, time, *, repeat=False) */
static mp_obj_t rtc_alarm(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum { ARG_ID, ARG_TIME, ARG_REPEAT };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_id, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_time, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_repeat, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    unsigned alarm = id_of(args[ARG_ID].u_obj);
    mp_obj_t time = args[ARG_TIME].u_obj;
    bool repeat = args[ARG_REPEAT].u_bool;

    if (mp_obj_is_int(time)) {
        uint32_t ms = milliseconds(time, repeat);
        need_running_clock();
        check(rtc_alarm_in(alarm, ms, repeat));
    } else {
        timeutils_struct_time_t tm = machine_rtc_date(time);
        if (repeat) {
            mp_raise_ValueError(MP_ERROR_TEXT("only an alarm in milliseconds can repeat"));
        }
        need_running_clock();
        check(rtc_alarm_at(alarm, &tm));
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_KW(machine_rtc_alarm_obj, 1, rtc_alarm);

static mp_obj_t alarm_left(size_t n_args, const mp_obj_t *args)
{
    return mp_obj_new_int_from_uint(rtc_alarm_left(id_or_0(n_args, args)));
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(machine_rtc_alarm_left_obj, 1, 2, alarm_left);

static mp_obj_t alarm_cancel(size_t n_args, const mp_obj_t *args)
{
    rtc_alarm_stop(id_or_0(n_args, args));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(machine_rtc_alarm_cancel_obj, 1, 2, alarm_cancel);

/* ---- irq() ---- */

static void alarm_came(unsigned alarm)
{
    mp_obj_t irq = MP_STATE_PORT(machine_rtc_alarm_irqs)[alarm];
    if (irq != MP_OBJ_NULL) {
        mp_irq_handler(MP_OBJ_TO_PTR(irq));
    }
}

/* irq.trigger() and irq.flags(): there is but one event, so nothing to choose or to tell. */
static mp_uint_t irq_trigger(mp_obj_t self, mp_uint_t trigger)
{
    return 0;
}

static mp_uint_t irq_info(mp_obj_t self, mp_uint_t what)
{
    return 0;
}

static const mp_irq_methods_t irq_methods = {.trigger = irq_trigger, .info = irq_info};

/* irq(*, trigger, handler=None, wake=machine.IDLE, hard=False) */
static mp_obj_t rtc_irq(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum { ARG_TRIGGER, ARG_HANDLER, ARG_WAKE, ARG_HARD };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_trigger, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(0)}},
        {MP_QSTR_handler, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_wake, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(MACHINE_IDLE)}},
        {MP_QSTR_hard, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    unsigned alarm =
        (unsigned)machine_rtc_in_range(args[ARG_TRIGGER].u_obj, 0, RTC_ALARMS - 1, "trigger");
    mp_obj_t handler = args[ARG_HANDLER].u_obj;
    /* The alarm's line of EXTI ends every sleep, so the argument asks for nothing that is not so.
     */
    (void)machine_rtc_in_range(args[ARG_WAKE].u_obj, 0,
                               MACHINE_IDLE | MACHINE_SLEEP | MACHINE_DEEPSLEEP, "wake");
    if (handler != mp_const_none && !mp_obj_is_callable(handler)) {
        mp_raise_ValueError(MP_ERROR_TEXT("handler must be None or callable"));
    }
    mp_irq_obj_t *irq = mp_irq_new(&irq_methods, pos_args[0]);
    irq->handler = handler;
    irq->ishard = args[ARG_HARD].u_bool;
    MP_STATE_PORT(machine_rtc_alarm_irqs)[alarm] = MP_OBJ_FROM_PTR(irq);
    rtc_alarms_listen(alarm_came);
    return MP_OBJ_FROM_PTR(irq);
}
MP_DEFINE_CONST_FUN_OBJ_KW(machine_rtc_irq_obj, 1, rtc_irq);

void machine_rtc_alarm_deinit(void)
{
    for (unsigned alarm = 0; alarm < RTC_ALARMS; alarm++) {
        MP_STATE_PORT(machine_rtc_alarm_irqs)[alarm] = MP_OBJ_NULL;
    }
}
