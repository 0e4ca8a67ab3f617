/* SPDX-License-Identifier: MIT */

#include "sleep.h"
#include "reset.h"
#include "stm32h7a3.h"

#define NVIC_WORDS 5u /* 155 lines */
#define EXTI_LINES 0x3FFFFFu
#define WKUP_FLAGS 0x3Fu
/* Debuggers wake the core, too: the mode is then entered again. */
#define STANDBY_TRIES 1000u

static void silence_systick(void)
{
    SysTick->CTRL = 0;
    SCB->ICSR = SCB_ICSR_PENDSTCLR_Msk;
}

static void wait_deep(void)
{
    SCB->SCR |= SCB_SCR_SLEEPDEEP_Msk;
    __DSB();
    __ISB();
    __WFI();
    SCB->SCR &= ~SCB_SCR_SLEEPDEEP_Msk;
}

void sleep_stop(void)
{
    silence_systick();
    PWR->CPUCR = (PWR->CPUCR & ~(PWR_CPUCR_RETDS_CD | PWR_CPUCR_PDDS_SRD | PWR_CPUCR_RUN_SRD)) |
                 PWR_CPUCR_CSSF;
    /* The regulator in low-power mode: RAM keeps its content, waking takes longer. */
    PWR->CR1 |= PWR_CR1_LPDS;
    wait_deep();
    PWR->CR1 &= ~PWR_CR1_LPDS;
    PWR->CPUCR |= PWR_CPUCR_CSSF;
}

_Noreturn void sleep_standby(void)
{
    silence_systick();
    /* An interrupt that is pending would end the sleep before it begins. */
    for (unsigned i = 0; i < NVIC_WORDS; i++) {
        NVIC->ICER[i] = 0xFFFFFFFFu;
        NVIC->ICPR[i] = 0xFFFFFFFFu;
    }
    EXTI->PR1 = EXTI_LINES;
    PWR->WKUPCR = WKUP_FLAGS;
    PWR->CPUCR = (PWR->CPUCR & ~PWR_CPUCR_RUN_SRD) | PWR_CPUCR_PDDS_SRD | PWR_CPUCR_CSSF;
    for (unsigned i = 0; i < STANDBY_TRIES; i++) {
        wait_deep();
    }
    reset_system();
}
