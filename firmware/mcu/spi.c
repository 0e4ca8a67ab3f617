/* SPDX-License-Identifier: MIT */

#include "spi.h"
#include "bus_math.h"
#include "clock.h"
#include "stm32h7a3.h"
#include "ticks.h"

#define STALL_US 10000u
/* CR2.TSIZE. */
#define MAX_FRAMES 65535u
/* Values of the kernel clock switches: per_ck, which is HSI by CKPERSEL; HSI itself. */
#define SPI123SEL_PER 4u
#define SPI456SEL_HSI 3u
#define CKPERSEL_HSI  0u

static const struct unit {
    SPI_TypeDef *regs;
    volatile uint32_t *enr;
    uint32_t enable;
    uint8_t fifo; /* bytes */
} units[SPI_COUNT] = {
    {SPI1, &RCC->APB2ENR, RCC_APB2ENR_SPI1EN, 16},
    {SPI2, &RCC->APB1LENR, RCC_APB1LENR_SPI2EN, 16},
    {SPI3, &RCC->APB1LENR, RCC_APB1LENR_SPI3EN, 16},
    {SPI4, &RCC->APB2ENR, RCC_APB2ENR_SPI4EN, 8},
    {SPI5, &RCC->APB2ENR, RCC_APB2ENR_SPI5EN, 8},
    {SPI6, &RCC->APB4ENR, RCC_APB4ENR_SPI6EN, 8},
};

static struct {
    uint8_t bytes; /* of a frame */
} state[SPI_COUNT];

static void select_kernel_clock(uint32_t number)
{
    if (number <= 3u) {
        RCC->CDCCIPR = (RCC->CDCCIPR & ~RCC_CDCCIPR_CKPERSEL_Msk) | CKPERSEL_HSI
                                                                        << RCC_CDCCIPR_CKPERSEL_Pos;
        RCC->CDCCIP1R = (RCC->CDCCIP1R & ~RCC_CDCCIP1R_SPI123SEL_Msk) |
                        SPI123SEL_PER << RCC_CDCCIP1R_SPI123SEL_Pos;
    } else if (number <= 5u) {
        RCC->CDCCIP1R = (RCC->CDCCIP1R & ~RCC_CDCCIP1R_SPI45SEL_Msk) |
                        SPI456SEL_HSI << RCC_CDCCIP1R_SPI45SEL_Pos;
    } else {
        RCC->SRDCCIPR =
            (RCC->SRDCCIPR & ~RCC_SRDCCIPR_SPI6SEL_Msk) | SPI456SEL_HSI << RCC_SRDCCIPR_SPI6SEL_Pos;
    }
}

uint32_t spi_open(uint32_t number, const struct spi_config *config)
{
    const struct unit *u = &units[number - 1u];
    uint32_t actual, mbr = spi_prescaler(HSI_HZ, config->baud, &actual);

    if (config->bits != 8u && config->bits != 16u && !(config->bits == 32u && number <= 3u)) {
        return 0;
    }
    select_kernel_clock(number);
    *u->enr |= u->enable;
    (void)*u->enr;

    u->regs->CR1 = 0;
    u->regs->I2SCFGR = 0;
    u->regs->IER = 0;
    /* Packets of one frame (FTHLV 0). */
    u->regs->CFG1 = mbr << SPI_CFG1_MBR_Pos | (config->bits - 1u) << SPI_CFG1_DSIZE_Pos;
    /* The internal slave select is at rest before MASTER is set: RM0455, mode fault. AFCNTR keeps
       SCK at its level between transfers. */
    u->regs->CR1 = SPI_CR1_SSI;
    u->regs->CFG2 = SPI_CFG2_MASTER | SPI_CFG2_SSM | SPI_CFG2_AFCNTR |
                    (config->polarity ? SPI_CFG2_CPOL : 0) | (config->phase ? SPI_CFG2_CPHA : 0) |
                    (config->lsb_first ? SPI_CFG2_LSBFRST : 0);

    state[number - 1u].bytes = config->bits / 8u;
    return actual;
}

void spi_close(uint32_t number)
{
    const struct unit *u = &units[number - 1u];

    if (*u->enr & u->enable) {
        u->regs->CR1 = 0;
        *u->enr &= ~u->enable;
    }
}

static void put(SPI_TypeDef *regs, const uint8_t *p, uint32_t bytes)
{
    uint32_t value = 0;

    for (uint32_t i = 0; p != NULL && i < bytes; i++) {
        value |= (uint32_t)p[i] << (8u * i);
    }
    if (bytes == 1u) {
        regs->TXDR8 = (uint8_t)value;
    } else if (bytes == 2u) {
        regs->TXDR16 = (uint16_t)value;
    } else {
        regs->TXDR = value;
    }
}

static void get(SPI_TypeDef *regs, uint8_t *p, uint32_t bytes)
{
    uint32_t value;

    if (bytes == 1u) {
        value = regs->RXDR8;
    } else if (bytes == 2u) {
        value = regs->RXDR16;
    } else {
        value = regs->RXDR;
    }
    for (uint32_t i = 0; p != NULL && i < bytes; i++) {
        p[i] = (uint8_t)(value >> (8u * i));
    }
}

/* At most MAX_FRAMES. No more are on their way than the receive FIFO holds, so that none is lost
   however long an interrupt takes. */
static bool transfer_block(uint32_t number, const uint8_t *out, uint8_t *in, uint32_t frames)
{
    const struct unit *u = &units[number - 1u];
    SPI_TypeDef *regs = u->regs;
    uint32_t bytes = state[number - 1u].bytes, window = u->fifo / bytes;
    uint32_t sent = 0, received = 0;
    uint32_t limit = SystemCoreClock / 1000000u * STALL_US, since = ticks_cycles();

    regs->CR2 = frames;
    regs->CR1 |= SPI_CR1_SPE;
    regs->CR1 |= SPI_CR1_CSTART;
    while (received < frames) {
        uint32_t sr = regs->SR, before = sent + received;

        if (sent < frames && sent - received < window && (sr & SPI_SR_TXP)) {
            put(regs, out == NULL ? NULL : out + sent * bytes, bytes);
            sent++;
        }
        if (sr & SPI_SR_RXP) {
            get(regs, in == NULL ? NULL : in + received * bytes, bytes);
            received++;
        }
        if (sent + received != before) {
            since = ticks_cycles();
        } else if ((sr & (SPI_SR_OVR | SPI_SR_MODF)) || ticks_cycles() - since > limit) {
            break;
        }
    }
    bool good = received == frames &&
                ticks_wait_register(&regs->SR, SPI_SR_EOT, SPI_SR_EOT, STALL_US) &&
                !(regs->SR & SPI_SR_OVR);
    regs->IFCR = SPI_IFCR_ALL;
    regs->CR1 &= ~SPI_CR1_SPE;
    return good;
}

bool spi_transfer(uint32_t number, const void *out, void *in, size_t frames)
{
    const uint8_t *from = out;
    uint8_t *to = in;
    uint32_t bytes = state[number - 1u].bytes;

    while (frames > 0) {
        uint32_t n = frames < MAX_FRAMES ? (uint32_t)frames : MAX_FRAMES;

        if (!transfer_block(number, from, to, n)) {
            return false;
        }
        from = from == NULL ? NULL : from + n * bytes;
        to = to == NULL ? NULL : to + n * bytes;
        frames -= n;
    }
    return true;
}
