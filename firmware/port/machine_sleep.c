/* SPDX-License-Identifier: MIT */

#include "machine_sleep.h"
#include "machine_rtc.h"
#include "mcu/clock.h"
#include "mcu/irq.h"
#include "mcu/reset.h"
#include "mcu/rng.h"
#include "mcu/rtc.h"
#include "mcu/sleep.h"
#include "mcu/ticks.h"
#include "mcu/usart.h"
#include "psram.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "rtc_alarms.h"
#include "usb.h"

mp_int_t machine_sleep_time(mp_obj_t ms)
{
    mp_int_t time = mp_obj_get_int(ms);
    if (time < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("sleep time must not be negative"));
    }
    return time;
}

/*
 * Interrupts off. OCTOSPI loses its clock: the window is closed, so that nCS is high and the chip
 * refreshes itself.
 */
static bool rest(bool *was_mapped)
{
    struct spiram *ram = psram_context();
    *was_mapped = ram->state == SPIRAM_STATE_MAPPED;
    rng_suspend();
    usb_sleep();
    return !*was_mapped || spiram_unmap(ram) == SPIRAM_OK;
}

static enum clock_status resume(bool was_mapped, uint32_t octospi_kernel)
{
    struct spiram *ram = psram_context();
    enum clock_status status = clock_resume();
    ticks_clock_changed();
    uart_clock_changed();
    usb_wake();
    /* The timing in force is that of the kernel clock before. */
    if (was_mapped &&
        (clock_get()->octospi_kernel != octospi_kernel || spiram_map(ram) != SPIRAM_OK)) {
        psram_stop("\r\nspiram cannot be mapped again after lightsleep\r\n" PSRAM_STOPPED);
    }
    return status;
}

void machine_lightsleep_ms(mp_int_t ms)
{
    enum clock_status status = CLOCK_OK;
    bool was_mapped;

    if (ms >= 0) {
        machine_rtc_wake_after(ms);
    }
    usart_flush();
    uint32_t irq = irq_disable();
    uint32_t octospi_kernel = clock_get()->octospi_kernel;
    bool can = rest(&was_mapped);
    if (can) {
        can = clock_suspend();
        if (can) {
            sleep_stop();
        }
        status = resume(was_mapped, octospi_kernel);
    } else {
        usb_wake();
    }
    irq_restore(irq);
    if (status != CLOCK_OK) {
        mp_printf(&mp_plat_print, "%s\n", clock_status_text(status));
    }
    if (ms >= 0) {
        rtc_wakeup_stop();
    }
    if (!can) {
        mp_raise_OSError(MP_EIO);
    }
    mp_handle_pending(true);
}

NORETURN void machine_deepsleep_ms(mp_int_t ms)
{
    bool was_mapped;

    if (ms >= 0) {
        machine_rtc_wake_after(ms);
    }
    usart_flush();
    (void)irq_disable();
    (void)rest(&was_mapped);
    if (clock_suspend()) {
        rtc_clear_events();
        rtc_alarms_before_standby();
        sleep_standby();
    }
    reset_system();
}
