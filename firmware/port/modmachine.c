/* SPDX-License-Identifier: MIT */

/* The port's part of the machine module. Included by extmod/modmachine.c, never compiled alone. */

#include "drivers/dht/dht.h"
#include "port/machine_pwm.h"
#include "port/machine_rtc.h"
#include "port/machine_sleep.h"
#include "port/modmachine.h"
#include "mcu/bootloader.h"
#include "mcu/clock.h"
#include "mcu/reset.h"
#include "mcu/ticks.h"
#include "mcu/uid.h"
#include "mcu/usart.h"
#include "port/machine_sdcard.h"

/* Values as in MicroPython's stm32 port, whose programs may compare with numbers. */
enum {
    MACHINE_SOFT_RESET = 0,
    MACHINE_PWRON_RESET = 1,
    MACHINE_HARD_RESET = 2,
    MACHINE_WDT_RESET = 3,
    MACHINE_DEEPSLEEP_RESET = 4,
};

static bool soft_reset_happened;

void machine_note_soft_reset(void)
{
    soft_reset_happened = true;
}

static mp_obj_t mp_machine_unique_id(void)
{
    return mp_obj_new_bytes(uid_get(), UID_BYTES);
}

static mp_obj_t mp_machine_get_freq(void)
{
    return mp_obj_new_int_from_uint(clock_get()->cpu);
}

static void mp_machine_set_freq(size_t n_args, const mp_obj_t *args)
{
    mp_int_t full = (mp_int_t)clock_full_speed();
    mp_int_t wanted = mp_obj_get_int(args[0]);
    if (wanted != full && wanted != full / 2) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("freq must be %d or %d"), (int)full,
                          (int)(full / 2));
    }
    usart_flush();
    mp_uint_t irq = MICROPY_BEGIN_ATOMIC_SECTION();
    clock_cpu_divide((uint32_t)(full / wanted));
    ticks_clock_changed();
    uart_clock_changed();
    machine_pwm_clock_changed();
    MICROPY_END_ATOMIC_SECTION(irq);
}

static void mp_machine_lightsleep(size_t n_args, const mp_obj_t *args)
{
    machine_lightsleep_ms(n_args == 0 ? -1 : machine_sleep_time(args[0]));
}

NORETURN static void mp_machine_deepsleep(size_t n_args, const mp_obj_t *args)
{
    machine_deepsleep_ms(n_args == 0 ? -1 : machine_sleep_time(args[0]));
}

static void mp_machine_idle(void)
{
    mp_event_wait_ms(1);
}

NORETURN static void mp_machine_reset(void)
{
    usart_flush();
    reset_system();
}

/* Linked behind ours, ours is there; else it is the chip's. */
NORETURN void mp_machine_bootloader(size_t n_args, const mp_obj_t *args)
{
    usart_flush();
    bootloader_enter(SCB->VTOR == FLASH_BANK1_BASE ? BOOTLOADER_ROM : BOOTLOADER_MBOOT);
}

static mp_int_t mp_machine_reset_cause(void)
{
    if (soft_reset_happened) {
        return MACHINE_SOFT_RESET;
    }
    switch (reset_cause()) {
    case RESET_CAUSE_POWER_ON:
        return MACHINE_PWRON_RESET;
    case RESET_CAUSE_WATCHDOG:
        return MACHINE_WDT_RESET;
    case RESET_CAUSE_LOW_POWER:
        return MACHINE_DEEPSLEEP_RESET;
    case RESET_CAUSE_PIN:
    case RESET_CAUSE_SOFTWARE: /* machine.reset() is a hard reset in MicroPython's words */
    default:
        return MACHINE_HARD_RESET;
    }
}

#define MICROPY_PY_MACHINE_EXTRA_GLOBALS                                                           \
    {MP_ROM_QSTR(MP_QSTR_Pin), MP_ROM_PTR(&machine_pin_type)},                                     \
        {MP_ROM_QSTR(MP_QSTR_dht_readinto), MP_ROM_PTR(&dht_readinto_obj)},                        \
        {MP_ROM_QSTR(MP_QSTR_RTC), MP_ROM_PTR(&machine_rtc_type)},                                 \
        {MP_ROM_QSTR(MP_QSTR_SDCard), MP_ROM_PTR(&machine_sdcard_type)},                           \
        {MP_ROM_QSTR(MP_QSTR_PWM), MP_ROM_PTR(&machine_pwm_type)},                                 \
        {MP_ROM_QSTR(MP_QSTR_Timer), MP_ROM_PTR(&machine_timer_type)},                             \
        {MP_ROM_QSTR(MP_QSTR_WDT), MP_ROM_PTR(&machine_wdt_type)},                                 \
        {MP_ROM_QSTR(MP_QSTR_sleep), MP_ROM_PTR(&machine_lightsleep_obj)},                         \
        {MP_ROM_QSTR(MP_QSTR_IDLE), MP_ROM_INT(MACHINE_IDLE)},                                     \
        {MP_ROM_QSTR(MP_QSTR_SLEEP), MP_ROM_INT(MACHINE_SLEEP)},                                   \
        {MP_ROM_QSTR(MP_QSTR_DEEPSLEEP), MP_ROM_INT(MACHINE_DEEPSLEEP)},                           \
        {MP_ROM_QSTR(MP_QSTR_PWRON_RESET), MP_ROM_INT(MACHINE_PWRON_RESET)},                       \
        {MP_ROM_QSTR(MP_QSTR_HARD_RESET), MP_ROM_INT(MACHINE_HARD_RESET)},                         \
        {MP_ROM_QSTR(MP_QSTR_WDT_RESET), MP_ROM_INT(MACHINE_WDT_RESET)},                           \
        {MP_ROM_QSTR(MP_QSTR_DEEPSLEEP_RESET), MP_ROM_INT(MACHINE_DEEPSLEEP_RESET)},               \
        {MP_ROM_QSTR(MP_QSTR_SOFT_RESET), MP_ROM_INT(MACHINE_SOFT_RESET)},
