/*
 * BDMA2, as a driver library handles it: SPI6 (SCK PB3, a wire from MOSI PB5 to MISO PB4) both
 * ways, and from memory to memory, in the SmartRun domain's memory.
 */
#include "soc.h"

enum {
    SPI6 = 0x58001400,
    BDMA2 = 0x58025400,
    DMAMUX2 = 0x58025800,
    SRD_SRAM = 0x38000000,
    CCR = 0x00, /* of a channel's registers */
    CNDTR = 0x04,
    CPAR = 0x08,
    CM0AR = 0x0C,
    EN = 1 << 0,
    TCIE = 1 << 1,
    TO_PERIPHERAL = 1 << 4,
    PINC = 1 << 6,
    MINC = 1 << 7,
    MEM2MEM = 1 << 14,
    BDMA2_CHANNEL1_IRQ = 130,
    RX = 0,
    TX = 1,
    COPY = 2,
    N = 24,
    LIMIT = 20,
};

static volatile bool complete;

static uint32_t channel(unsigned n)
{
    return BDMA2 + 0x08 + 0x14 * n;
}

static void set_up(unsigned n, unsigned request, uint32_t ccr)
{
    R(channel(n), CCR) &= ~0x0001FFF0u;
    R(channel(n), CCR) |= ccr;
    R(DMAMUX2, 4 * n) = request;
    R(DMAMUX2, 0x84) = BIT(n);
}

static void start(unsigned n, uint32_t peripheral, uint32_t memory, uint32_t items, uint32_t ie)
{
    R(channel(n), CCR) &= ~(uint32_t)EN;
    R(BDMA2, 0x04) = 1u << (4 * n); /* CGIF */
    R(channel(n), CNDTR) = items;
    R(channel(n), CPAR) = peripheral;
    R(channel(n), CM0AR) = memory;
    R(channel(n), CCR) |= ie;
    R(channel(n), CCR) |= EN;
}

static void tx_irq(void)
{
    R(BDMA2, 0x04) = 1u << (4 * TX);
    complete = true;
}

int main(void)
{
    bool same = true;

    begin();
    R(RCC, RCC_AHB4ENR) |= BIT(29) | BIT(21); /* SRD SRAM, BDMA2 */
    R(RCC, RCC_APB4ENR) |= BIT(5);            /* SPI6 */
    (void)R(RCC, RCC_APB4ENR);
    for (unsigned pin = 3; pin <= 5; pin++)
        set_pin(GPIOB, pin, PIN_ALTERNATE, 8, 2, PULL_NONE);
    for (unsigned i = 0; i < N; i++) {
        R8(SRD_SRAM, i) = (uint8_t)(i * 9 + 1);
        R8(SRD_SRAM, 0x100 + i) = 0;
    }
    dsb();

    set_up(COPY, 0, MEM2MEM | PINC | MINC);
    start(COPY, SRD_SRAM, SRD_SRAM + 0x200, N, 0);
    check("m2m: complete", wait_for(&R(BDMA2, 0), 2u << (4 * COPY), 2u << (4 * COPY), LIMIT));
    equal("m2m: data", R(SRD_SRAM, 0x200 + N - 4), R(SRD_SRAM, N - 4));
    equal("m2m: half, and the global flag", R(BDMA2, 0) >> (4 * COPY) & 15, 7);
    R(BDMA2, 0x04) = 1u << (4 * COPY);
    equal("m2m: cleared", R(BDMA2, 0), 0);

    R(SPI6, 0x00) = BIT(12);
    R(SPI6, 0x08) = 5u << 28 | 7; /* PCLK4 / 64, 8 bits */
    R(SPI6, 0x0C) = BIT(22) | BIT(26);
    R(SPI6, 0x04) = N;
    on_irq(BDMA2_CHANNEL1_IRQ, tx_irq);
    enable_irq(BDMA2_CHANNEL1_IRQ);
    set_up(RX, 11, MINC);
    start(RX, SPI6 + 0x30, SRD_SRAM + 0x100, N, 0);
    R(SPI6, 0x08) |= BIT(14);
    set_up(TX, 12, TO_PERIPHERAL | MINC);
    start(TX, SPI6 + 0x20, SRD_SRAM, N, TCIE);
    R(SPI6, 0x08) |= BIT(15);
    R(SPI6, 0x00) |= BIT(0);
    R(SPI6, 0x00) |= BIT(9);
    check("SPI6: received all", wait_for(&R(BDMA2, 0), 2u << (4 * RX), 2u << (4 * RX), LIMIT));
    check("SPI6: end of transfer", wait_for(&R(SPI6, 0x14), BIT(3), BIT(3), LIMIT));
    check("SPI6: transmission told by interrupt", complete);
    for (unsigned i = 0; i < N; i++)
        same &= R8(SRD_SRAM, 0x100 + i) == R8(SRD_SRAM, i);
    check("SPI6: data", same);
    R(SPI6, 0x00) &= ~BIT(0);
    end();
}
