/* SPDX-License-Identifier: MIT */

/* What MicroPython calls to reach the machine (py/mphal.h), in terms of mcu/. */
#ifndef PORT_MPHALPORT_H
#define PORT_MPHALPORT_H

#include "mcu/irq.h"
#include "mcu/ticks.h"
#include "py/mpconfig.h"
#include "shared/runtime/interrupt_char.h"

#define MICROPY_BEGIN_ATOMIC_SECTION()    irq_disable()
#define MICROPY_END_ATOMIC_SECTION(state) irq_restore(state)

#define mp_hal_quiet_timing_enter()         irq_disable()
#define mp_hal_quiet_timing_exit(irq_state) irq_restore(irq_state)

/*
 * py/emitglue.c makes new machine code visible to the instruction fetch with this and
 * SCB_InvalidateICache(). Lines are cleaned whole: the code may begin and end within one. It
 * includes no header that leads here, and leaves the caches alone without a word if it does not see
 * them; so the Makefile includes this one for it.
 */
#define MP_HAL_CLEAN_DCACHE(addr, size)                                                            \
    SCB_CleanDCache_by_Addr((volatile void *)(uintptr_t)(addr), (int32_t)(size))

/* Connects the console USART's receive interrupt with MicroPython's interrupt character. */
void mp_hal_console_init(void);

void mp_hal_wait_for_interrupt(void);

static inline mp_uint_t mp_hal_ticks_ms(void)
{
    return ticks_ms();
}

static inline mp_uint_t mp_hal_ticks_us(void)
{
    return ticks_us();
}

static inline mp_uint_t mp_hal_ticks_cpu(void)
{
    return ticks_cycles();
}

static inline void mp_hal_ticks_cpu_enable(void)
{
    ticks_cycles_enable();
}

static inline void mp_hal_delay_us(mp_uint_t us)
{
    ticks_delay_us(us);
}

#define mp_hal_delay_us_fast(us) mp_hal_delay_us(us)

static inline mp_uint_t mp_hal_get_cpu_freq(void)
{
    return SystemCoreClock;
}

#endif
