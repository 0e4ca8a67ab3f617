/* SPDX-License-Identifier: MIT */

/* machine.bitstream(): WS2812 and the like, timed by the core's cycle counter. */

#include "extmod/modmachine.h"
#include "py/mphal.h"

/* What a comparison of the counter and the store to the pin take themselves, on the virtual board:
 * within 40 ns there. WS2812 allows 150. */
#define OVERHEAD_CYCLES 10u

static void wait_until(uint32_t start, uint32_t cycles)
{
    while (mp_hal_ticks_cpu() - start < cycles) {
    }
}

/*
 * Interrupts are off for all of it: one in the wrong place makes a 1 of a 0. The next byte is
 * fetched while the pin is low, which such chips let last longer (up to their reset time): it may
 * have to come from the PSRAM. A byte without times, that leaves the pin low, goes first: it brings
 * the code into the cache, whose loading would lengthen the first bit.
 */
void machine_bitstream_high_low(mp_hal_pin_obj_t pin, uint32_t *timing_ns, const uint8_t *buf,
                                size_t len)
{
    static const uint32_t none[2];
    uint32_t cycles[4];
    for (size_t i = 0; i < 4; i++) {
        cycles[i] = (uint32_t)((uint64_t)SystemCoreClock * timing_ns[i] / 1000000000u);
        cycles[i] -= cycles[i] < OVERHEAD_CYCLES ? cycles[i] : OVERHEAD_CYCLES;
    }
    mp_hal_pin_low(pin);
    uint32_t irq = irq_disable();
    uint32_t start = mp_hal_ticks_cpu();
    uint32_t low = 0;
    for (size_t n = 0; n <= len; n++) {
        bool sent = n > 0;
        uint32_t byte = sent ? buf[n - 1] : 0;
        for (unsigned bit = 0; bit < 8; bit++) {
            const uint32_t *times = !sent ? none : byte & 0x80u ? &cycles[2] : &cycles[0];
            byte <<= 1;
            wait_until(start, low);
            start = mp_hal_ticks_cpu();
            mp_hal_pin_write(pin, sent);
            wait_until(start, times[0]);
            start = mp_hal_ticks_cpu();
            mp_hal_pin_low(pin);
            low = times[1];
        }
    }
    wait_until(start, low);
    irq_restore(irq);
}
