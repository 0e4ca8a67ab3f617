/* SPDX-License-Identifier: MIT */

#include "i2c.h"
#include "bus_math.h"
#include "clock.h"
#include "stm32h7a3.h"
#include "ticks.h"

#define I2CSEL_HSI 2u
/* CR2.NBYTES. */
#define MAX_BLOCK 255u
/* A stop that hardware sends by itself: two bits at the lowest rate. */
#define STOP_US 1000u

static const struct unit {
    I2C_TypeDef *regs;
    volatile uint32_t *enr;
    uint32_t enable;
} units[I2C_COUNT] = {
    {I2C1, &RCC->APB1LENR, RCC_APB1LENR_I2C1EN},
    {I2C2, &RCC->APB1LENR, RCC_APB1LENR_I2C2EN},
    {I2C3, &RCC->APB1LENR, RCC_APB1LENR_I2C3EN},
    {I2C4, &RCC->APB4ENR, RCC_APB4ENR_I2C4EN},
};

static I2C_TypeDef *regs_of(uint32_t number)
{
    return units[number - 1u].regs;
}

/* RM0455, software reset: PE stays low for at least three APB clocks; the read back takes them. */
static void reset_block(I2C_TypeDef *regs)
{
    regs->CR1 &= ~I2C_CR1_PE;
    (void)ticks_wait_register(&regs->CR1, I2C_CR1_PE, 0, 10);
    regs->CR1 |= I2C_CR1_PE;
}

void i2c_open_timing(uint32_t number, uint32_t timingr)
{
    const struct unit *u = &units[number - 1u];

    if (number <= 3u) {
        RCC->CDCCIP2R = (RCC->CDCCIP2R & ~RCC_CDCCIP2R_I2C123SEL_Msk) |
                        I2CSEL_HSI << RCC_CDCCIP2R_I2C123SEL_Pos;
    } else {
        RCC->SRDCCIPR =
            (RCC->SRDCCIPR & ~RCC_SRDCCIPR_I2C4SEL_Msk) | I2CSEL_HSI << RCC_SRDCCIPR_I2C4SEL_Pos;
    }
    *u->enr |= u->enable;
    (void)*u->enr;
    u->regs->CR1 = 0;
    u->regs->OAR1 = 0;
    u->regs->OAR2 = 0;
    u->regs->TIMINGR = timingr;
    u->regs->CR1 = I2C_CR1_PE;
}

bool i2c_open(uint32_t number, uint32_t hz)
{
    uint32_t timingr = i2c_timing(HSI_HZ, hz);

    if (timingr == 0) {
        return false;
    }
    i2c_open_timing(number, timingr);
    return true;
}

uint32_t i2c_timing_register(uint32_t number)
{
    return regs_of(number)->TIMINGR;
}

/* Waits for one of the flags, or for what ends a transfer before its time. */
static enum i2c_status await(I2C_TypeDef *regs, uint32_t flags, uint32_t timeout_us)
{
    uint64_t limit = (uint64_t)(SystemCoreClock / 1000000u) * timeout_us;
    uint32_t last = ticks_cycles();
    uint64_t waited = 0;

    for (;;) {
        uint32_t isr = regs->ISR;

        if (isr & (I2C_ISR_BERR | I2C_ISR_ARLO)) {
            return I2C_BUS_ERROR;
        }
        if (isr & I2C_ISR_NACKF) {
            return I2C_REFUSED;
        }
        if (isr & flags) {
            return I2C_OK;
        }
        uint32_t now = ticks_cycles();
        waited += now - last;
        last = now;
        if (waited > limit) {
            return I2C_TIMEOUT;
        }
    }
}

/* Leaves the bus free and the block ready after whatever ended the transfer. */
static void recover(I2C_TypeDef *regs, enum i2c_status status)
{
    if (status == I2C_REFUSED) {
        /* RM0455: a stop follows by itself. */
        if (ticks_wait_register(&regs->ISR, I2C_ISR_STOPF, I2C_ISR_STOPF, STOP_US)) {
            regs->ICR = I2C_ICR_NACKCF | I2C_ICR_STOPCF;
            regs->ISR = I2C_ISR_TXE; /* what is in TXDR is dropped */
            return;
        }
    }
    reset_block(regs);
}

/* The part of CR2 that says how many bytes come next, of n. */
static uint32_t block_of(size_t n)
{
    return n > MAX_BLOCK ? MAX_BLOCK << I2C_CR2_NBYTES_Pos | I2C_CR2_RELOAD
                         : (uint32_t)n << I2C_CR2_NBYTES_Pos;
}

/* One byte each way; out or in is NULL. */
static enum i2c_status move_bytes(I2C_TypeDef *regs, uint32_t cr2, const uint8_t *out, uint8_t *in,
                                  size_t n, uint32_t timeout_us, size_t *moved)
{
    size_t left_in_block = n < MAX_BLOCK ? n : MAX_BLOCK;
    enum i2c_status status;

    while (*moved < n) {
        if (left_in_block == 0) {
            status = await(regs, I2C_ISR_TCR, timeout_us);
            if (status != I2C_OK) {
                return status;
            }
            left_in_block = n - *moved < MAX_BLOCK ? n - *moved : MAX_BLOCK;
            regs->CR2 = cr2 | block_of(n - *moved);
        }
        status = await(regs, in != NULL ? I2C_ISR_RXNE : I2C_ISR_TXIS, timeout_us);
        if (status != I2C_OK) {
            return status;
        }
        if (in != NULL) {
            in[*moved] = (uint8_t)regs->RXDR;
        } else {
            regs->TXDR = out[*moved];
        }
        ++*moved;
        left_in_block--;
    }
    return await(regs, I2C_ISR_TC, timeout_us);
}

static enum i2c_status transfer(uint32_t number, uint8_t address, const uint8_t *out, uint8_t *in,
                                size_t n, bool read, bool stop, uint32_t timeout_us, size_t *done)
{
    I2C_TypeDef *regs = regs_of(number);
    uint32_t cr2 = (uint32_t)address << (I2C_CR2_SADD_Pos + 1u) | (read ? I2C_CR2_RD_WRN : 0);
    size_t moved = 0;
    enum i2c_status status;

    *done = 0;
    /* A transfer without stop left TC set and the bus busy: then this is a repeated start. If the
       bus is not free otherwise, the start waits for it, and the time-out counts. */
    regs->CR2 = cr2 | block_of(n) | I2C_CR2_START;
    status = move_bytes(regs, cr2, out, in, n, timeout_us, &moved);
    if (status == I2C_OK && stop) {
        regs->CR2 |= I2C_CR2_STOP;
        status = await(regs, I2C_ISR_STOPF, timeout_us);
        regs->ICR = I2C_ICR_STOPCF;
    }
    *done = moved;
    if (status == I2C_OK) {
        return I2C_OK;
    }
    if (status == I2C_REFUSED) {
        if (moved == 0) {
            status = I2C_NO_DEVICE; /* TXIS comes only behind an acknowledged address */
        } else if (!read) {
            /* The last byte sent was refused, and one more may wait in TXDR. */
            *done = moved - 1u - (regs->ISR & I2C_ISR_TXE ? 0u : 1u);
        }
        recover(regs, I2C_REFUSED);
        return status;
    }
    recover(regs, status);
    return status;
}

enum i2c_status i2c_write(uint32_t number, uint8_t address, const uint8_t *data, size_t n,
                          bool stop, uint32_t timeout_us, size_t *done)
{
    return transfer(number, address, data, NULL, n, false, stop, timeout_us, done);
}

enum i2c_status i2c_read(uint32_t number, uint8_t address, uint8_t *data, size_t n, bool stop,
                         uint32_t timeout_us, size_t *done)
{
    return transfer(number, address, NULL, data, n, true, stop, timeout_us, done);
}
