/* SPDX-License-Identifier: MIT */

#include "rng.h"
#include "ticks.h"
#include "stm32h7a3.h"

#define RNGSEL_HSI48     0u
#define START_TIMEOUT_US 10000u
#define WORD_TIMEOUT_US  10000u

/*
 * The generator's health test needs its threshold set; HTCR takes a value only after this magic
 * number and while CONDRST is set. Both are what ST's driver for this version of the peripheral
 * (3.1) writes.
 */
#define HTCR_MAGIC     0x17590ABCu
#define HTCR_THRESHOLD 0x000CAA74u

static bool running;

static bool start(void)
{
    RCC->CR |= RCC_CR_HSI48ON;
    if (!ticks_wait_register(&RCC->CR, RCC_CR_HSI48RDY, RCC_CR_HSI48RDY, START_TIMEOUT_US)) {
        return false;
    }
    RCC->CDCCIP2R =
        (RCC->CDCCIP2R & ~RCC_CDCCIP2R_RNGSEL_Msk) | (RNGSEL_HSI48 << RCC_CDCCIP2R_RNGSEL_Pos);
    RCC->AHB2ENR |= RCC_AHB2ENR_RNGEN;
    (void)RCC->AHB2ENR;

    RNG->CR = RNG_CR_CONDRST;
    RNG->HTCR = HTCR_MAGIC;
    RNG->HTCR = HTCR_THRESHOLD;
    RNG->CR = 0;
    if (!ticks_wait_register(&RNG->CR, RNG_CR_CONDRST, 0, START_TIMEOUT_US)) {
        return false;
    }
    RNG->SR = 0;
    RNG->CR = RNG_CR_RNGEN;
    return true;
}

bool rng_read(uint32_t *word)
{
    /* Once more after a failed health test: RM0455 asks for a reset of the conditioning logic. */
    for (int attempt = 0; attempt < 2; attempt++) {
        if (!running) {
            running = start();
        }
        if (running && ticks_wait_register(&RNG->SR, RNG_SR_DRDY | RNG_SR_SEIS | RNG_SR_CEIS,
                                           RNG_SR_DRDY, WORD_TIMEOUT_US)) {
            uint32_t value = RNG->DR;
            /* RM0455: a zero means that an error came between the look at SR and this read. */
            if (value != 0) {
                *word = value;
                return true;
            }
        }
        running = false;
    }
    return false;
}

void rng_suspend(void)
{
    if (running) {
        RNG->CR &= ~RNG_CR_RNGEN;
        running = false;
    }
}
