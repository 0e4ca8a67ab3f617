/*
 * In place of the port's mp_semihosting_init(), the first call after reset: a processor without a
 * debugger takes the BKPT of semihosting for a fault, and the port's start-up leaves the FPU off.
 */
#include <stdint.h>

void __wrap_mp_semihosting_init(void);

void __wrap_mp_semihosting_init(void)
{
    /* CPACR: full access to CP10 and CP11 (ARMv7-M ARM B3.2.20). */
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20;
    __asm volatile("dsb\n isb" ::: "memory");
}
