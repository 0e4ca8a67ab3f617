/* SPDX-License-Identifier: MIT */

#include "syscfg.h"
#include "ticks.h"
#include "stm32h7a3.h"

#define READY_TIMEOUT_US 10000u

bool syscfg_io_compensation_enable(void)
{
    RCC->CR |= RCC_CR_CSION;
    if (!ticks_wait_register(&RCC->CR, RCC_CR_CSIRDY, RCC_CR_CSIRDY, READY_TIMEOUT_US)) {
        return false;
    }
    RCC->APB4ENR |= RCC_APB4ENR_SYSCFGEN;
    (void)RCC->APB4ENR;
    SYSCFG->CCCSR |= SYSCFG_CCCSR_EN;
    return ticks_wait_register(&SYSCFG->CCCSR, SYSCFG_CCCSR_READY, SYSCFG_CCCSR_READY,
                               READY_TIMEOUT_US);
}
