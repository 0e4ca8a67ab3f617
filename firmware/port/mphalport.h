/* SPDX-License-Identifier: MIT */

/* What MicroPython calls to reach the machine (py/mphal.h), in terms of mcu/. */
#ifndef PORT_MPHALPORT_H
#define PORT_MPHALPORT_H

#include "mcu/irq.h"
#include "mcu/ticks.h"
#include "port/machine_pin.h"
#include "py/mpconfig.h"
#include "shared/runtime/interrupt_char.h"

#define MICROPY_BEGIN_ATOMIC_SECTION()    irq_disable()
#define MICROPY_END_ATOMIC_SECTION(state) irq_restore(state)

/* shared/runtime/softtimer.c runs in PendSV (soft_timers.h). */
#define MICROPY_PY_PENDSV_ENTER uint32_t pendsv_state = irq_raise(IRQ_PRIORITY_PENDSV)
#define MICROPY_PY_PENDSV_EXIT  irq_lower(pendsv_state)

/* For microseconds, or for the 5 ms of a DHT's answer: the clock of ticks_us() must go on. */
#define mp_hal_quiet_timing_enter()         irq_raise(IRQ_PRIORITY_SYSTICK + 1u)
#define mp_hal_quiet_timing_exit(irq_state) irq_lower(irq_state)

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

/* Nanoseconds since 2000-01-01, in steps of 4 ms. Thread code only. */
uint64_t mp_hal_time_ns(void);

#define mp_hal_delay_us_fast(us) mp_hal_delay_us(us)

static inline mp_uint_t mp_hal_get_cpu_freq(void)
{
    return SystemCoreClock;
}

/*
 * Pins as extmod/ and drivers/ see them. Configuring is thread code and raises ValueError for a pin
 * that the PSRAM needs; levels are for any context.
 */
#define MP_HAL_PIN_FMT "%q"

#define MP_HAL_PIN_MODE_INPUT          GPIO_INPUT
#define MP_HAL_PIN_MODE_OUTPUT         GPIO_OUTPUT
#define MP_HAL_PIN_MODE_ALT            GPIO_ALTERNATE(0)
#define MP_HAL_PIN_MODE_ANALOG         GPIO_ANALOG
#define MP_HAL_PIN_MODE_ADC            GPIO_ANALOG
#define MP_HAL_PIN_MODE_OPEN_DRAIN     (GPIO_OUTPUT | GPIO_OPEN_DRAIN)
#define MP_HAL_PIN_MODE_ALT_OPEN_DRAIN (GPIO_ALTERNATE(0) | GPIO_OPEN_DRAIN)
#define MP_HAL_PIN_PULL_NONE           GPIO_PULL_NONE
#define MP_HAL_PIN_PULL_UP             GPIO_PULL_UP
#define MP_HAL_PIN_PULL_DOWN           GPIO_PULL_DOWN
#define MP_HAL_PIN_SPEED_LOW           GPIO_SPEED_LOW
#define MP_HAL_PIN_SPEED_MEDIUM        GPIO_SPEED_MEDIUM
#define MP_HAL_PIN_SPEED_HIGH          GPIO_SPEED_HIGH
#define MP_HAL_PIN_SPEED_VERY_HIGH     GPIO_SPEED_VERY_HIGH

#define mp_hal_pin_obj_t      const machine_pin_obj_t *
#define mp_hal_get_pin_obj(o) machine_pin_find(o)
#define mp_hal_pin_name(p)    ((p)->name)
#define mp_hal_pin_input(p)   mp_hal_pin_config((p), MP_HAL_PIN_MODE_INPUT, MP_HAL_PIN_PULL_NONE, 0)
#define mp_hal_pin_output(p)  mp_hal_pin_config((p), MP_HAL_PIN_MODE_OUTPUT, MP_HAL_PIN_PULL_NONE, 0)
/* A bus needs its resistors; the ones outside win over this one (40 kOhm, DS13195). */
#define mp_hal_pin_open_drain(p)                                                                   \
    mp_hal_pin_config((p), MP_HAL_PIN_MODE_OPEN_DRAIN, MP_HAL_PIN_PULL_UP, 0)
#define mp_hal_pin_write(p, v) gpio_write((p)->id, (v))
#define mp_hal_pin_low(p)      mp_hal_pin_write(p, false)
#define mp_hal_pin_high(p)     mp_hal_pin_write(p, true)
#define mp_hal_pin_od_low(p)   mp_hal_pin_low(p)
#define mp_hal_pin_od_high(p)  mp_hal_pin_high(p)
#define mp_hal_pin_read(p)     ((int)gpio_read((p)->id))

/* Speed becomes HIGH. alt is looked at in the alternate modes. */
void mp_hal_pin_config(mp_hal_pin_obj_t pin, uint32_t mode, uint32_t pull, uint32_t alt);

/* To a signal of a peripheral: enum machine_pin_function, its unit, enum machine_pin_signal. False,
 * with nothing changed, if the pin cannot be that. */
bool mp_hal_pin_config_alt(mp_hal_pin_obj_t pin, uint32_t mode, uint32_t pull, uint8_t function,
                           uint8_t unit, uint8_t signal);

void mp_hal_pin_config_speed(mp_hal_pin_obj_t pin, uint32_t speed);

#endif
