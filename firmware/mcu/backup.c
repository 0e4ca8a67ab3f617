/* SPDX-License-Identifier: MIT */

#include "backup.h"
#include "stm32h7a3.h"
#include "ticks.h"

#define DBP_TIMEOUT_US 100u

/* Set after reset, but a bootloader may have cleared it. */
static void enable_bus_clock(void)
{
    RCC->APB4ENR |= RCC_APB4ENR_RTCAPBEN;
    (void)RCC->APB4ENR;
}

uint32_t backup_read(uint32_t index)
{
    enable_bus_clock();
    return index < BACKUP_REGISTERS ? TAMP_BKP->BKPR[index] : 0;
}

uint32_t backup_open(void)
{
    enable_bus_clock();
    uint32_t closed = ~PWR->CR1 & PWR_CR1_DBP;
    PWR->CR1 |= PWR_CR1_DBP;
    (void)ticks_wait_register(&PWR->CR1, PWR_CR1_DBP, PWR_CR1_DBP, DBP_TIMEOUT_US);
    return closed;
}

void backup_close(uint32_t state)
{
    PWR->CR1 &= ~state;
}

void backup_write(uint32_t index, uint32_t value)
{
    if (index >= BACKUP_REGISTERS) {
        return;
    }
    uint32_t state = backup_open();
    TAMP_BKP->BKPR[index] = value;
    (void)TAMP_BKP->BKPR[index];
    backup_close(state);
}
