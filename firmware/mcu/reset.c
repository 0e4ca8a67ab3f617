/* SPDX-License-Identifier: MIT */

#include "reset.h"
#include "stm32h7a3.h"

/* The end of Standby is told by PWR_CPUCR.SBF, here in a bit that RSR has not (RM0455, RCC_RSR). */
#define STANDBY (1UL << 31)

/*
 * Several flags are set at once: power-on sets brown-out and pin too, and every internal reset
 * pulls the pin. So from the most particular to the least; what is left is the pin.
 */
static const struct {
    uint32_t flags;
    enum reset_cause cause;
} causes[] = {
    {RCC_RSR_PORRSTF, RESET_CAUSE_POWER_ON},
    {RCC_RSR_IWDGRSTF | RCC_RSR_WWDGRSTF, RESET_CAUSE_WATCHDOG},
    {STANDBY | RCC_RSR_LPWRRSTF, RESET_CAUSE_LOW_POWER},
    {RCC_RSR_SFTRSTF, RESET_CAUSE_SOFTWARE},
    {RCC_RSR_BORRSTF, RESET_CAUSE_POWER_ON},
    {RCC_RSR_PINRSTF, RESET_CAUSE_PIN},
};

static enum reset_cause cause = RESET_CAUSE_PIN;

void reset_init(void)
{
    uint32_t rsr = RCC->RSR;

    RCC->RSR = rsr | RCC_RSR_RMVF;
    RCC->RSR = 0;
    if (PWR->CPUCR & PWR_CPUCR_SBF) {
        rsr |= STANDBY;
    }
    PWR->CPUCR |= PWR_CPUCR_CSSF;

    for (unsigned i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (rsr & causes[i].flags) {
            cause = causes[i].cause;
            break;
        }
    }
}

enum reset_cause reset_cause(void)
{
    return cause;
}

_Noreturn void reset_system(void)
{
    NVIC_SystemReset();
    for (;;) {
    }
}
