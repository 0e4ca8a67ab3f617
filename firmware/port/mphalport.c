/* SPDX-License-Identifier: MIT */

#include "mcu/rng.h"
#include "mcu/usart.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"

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
    if ((poll_flags & MP_STREAM_POLL_RD) && usart_readable() > 0) {
        ready |= MP_STREAM_POLL_RD;
    }
    if ((poll_flags & MP_STREAM_POLL_WR) && usart_writable()) {
        ready |= MP_STREAM_POLL_WR;
    }
    return ready;
}

int mp_hal_stdin_rx_chr(void)
{
    for (;;) {
        int byte = usart_read();
        if (byte >= 0) {
            return byte;
        }
        mp_event_wait_indefinite();
    }
}

mp_uint_t mp_hal_stdout_tx_strn(const char *str, size_t len)
{
    usart_write(str, len);
    return len;
}

void mp_hal_wait_for_interrupt(void)
{
    /*
     * What the caller waits for may have come since it looked: then the next SysTick ends the
     * sleep, a millisecond later at most.
     */
    __DSB();
    __WFI();
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
