/* SPDX-License-Identifier: MIT */

#include "extmod/misc.h"
#include "mcu/rng.h"
#include "mcu/usart.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "usb_cdc.h"

/*
 * The console is on the USART and on USB. Who spoke last gets all output at its own pace. USB
 * always gets all of it; the USART, a hundred times slower, only what it has room for while the one
 * at USB is being answered. What os.dupterm() was given gets all output, and may speak as well.
 */
static enum { USART, USB } speaker;

/* Runs in the USART's interrupt: Ctrl-C works also while a program does not read its input. */
static bool take_interrupt_char(uint8_t byte)
{
    if (mp_interrupt_char == byte) {
        mp_sched_keyboard_interrupt();
        return true;
    }
    return false;
}

void mp_hal_console_init(void)
{
    usart_set_filter(take_interrupt_char);
}

uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags)
{
    uintptr_t ready = 0;
    if ((poll_flags & MP_STREAM_POLL_RD) && (usart_readable() > 0 || usb_cdc_readable())) {
        ready |= MP_STREAM_POLL_RD;
    }
    if ((poll_flags & MP_STREAM_POLL_WR) && (usart_writable() || speaker == USB) &&
        usb_cdc_writable()) {
        ready |= MP_STREAM_POLL_WR;
    }
    return ready | mp_os_dupterm_poll(poll_flags & ~ready);
}

int mp_hal_stdin_rx_chr(void)
{
    for (;;) {
        int byte = usart_read();
        if (byte >= 0) {
            speaker = USART;
            return byte;
        }
        byte = usb_cdc_read();
        if (byte >= 0) {
            speaker = USB;
            return byte;
        }
        byte = mp_os_dupterm_rx_chr();
        if (byte >= 0) {
            return byte;
        }
        mp_event_wait_indefinite();
    }
}

mp_uint_t mp_hal_stdout_tx_strn(const char *str, size_t len)
{
    if (__get_IPSR() == 0) {
        usb_cdc_write(str, len);
        (void)mp_os_dupterm_tx_strn(str, len);
    }
    if (speaker == USART || !usb_cdc_connected()) {
        usart_write(str, len);
    } else {
        for (size_t i = 0; i < len && usart_writable(); i++) {
            usart_write(str + i, 1);
        }
    }
    return len;
}

void mp_hal_wait_for_interrupt(void)
{
    /*
     * Masked, so that no callback is scheduled between the look and the sleep; a pending interrupt
     * ends WFI all the same (DDI0403E B1.5.19). What else the caller waits for may have come since
     * it looked: then the next SysTick ends the sleep, a millisecond later at most.
     */
    uint32_t irq = irq_disable();
    if (MP_STATE_VM(sched_state) != MP_SCHED_PENDING) {
        __DSB();
        __WFI();
    }
    irq_restore(irq);
}

void mp_hal_delay_ms(mp_uint_t ms)
{
    if (!__get_PRIMASK() && !__get_IPSR()) {
        /* sleep_ms(0) too lets run what is scheduled. */
        mp_event_handle_nowait();
    }
    /* In slices, because a long delay in microseconds does not fit in 32 bits. */
    while (ms > 0) {
        uint32_t slice_ms = ms < 1000000u ? ms : 1000000u;
        if (__get_PRIMASK() || __get_IPSR()) {
            /* SysTick cannot count here. */
            ticks_delay_us(slice_ms * 1000u);
        } else {
            uint32_t start = ticks_us();
            while (ticks_us() - start < slice_ms * 1000u) {
                mp_event_wait_ms(1);
            }
        }
        ms -= slice_ms;
    }
}

uint32_t mp_hal_random_seed(void)
{
    uint32_t seed;
    /* Without the generator the time since reset, in cycles, is all that differs between two
     * starts. */
    return rng_read(&seed) ? seed : ticks_cycles();
}
