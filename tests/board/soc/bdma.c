/*
 * BDMA2, as a driver library handles it: SPI6 (SCK PB3, a wire from MOSI PB5 to MISO PB4) both
 * ways, and from memory to memory, in the SmartRun domain's memory. And BDMA1, which has memory
 * only, and one interrupt for all of its channels.
 */
#include "soc.h"

enum {
    SPI6 = 0x58001400,
    BDMA2 = 0x58025400,
    DMAMUX2 = 0x58025800,
    SRD_SRAM = 0x38000000,
    BDMA1 = 0x48022C00,
    BDMA1_IRQ = 154,
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

__attribute__((section(".axi"))) static uint8_t from[N], to[2 * N];
static volatile unsigned firsts, lasts;

static void bdma1_irq(void)
{
    firsts += !!(R(BDMA1, 0x00) & 2);
    lasts += !!(R(BDMA1, 0x00) >> 28 & 2);
    R(BDMA1, 0x04) = 1 | 1u << 28;
}

/* Its first and its last channel. */
static void bdma1(void)
{
    bool same = true;

    R(RCC, RCC_AHB2ENR) |= BIT(11);
    (void)R(RCC, RCC_AHB2ENR);
    for (unsigned i = 0; i < N; i++) {
        from[i] = (uint8_t)(i * 5 + 7);
        to[i] = to[N + i] = 0;
    }
    dsb();
    on_irq(BDMA1_IRQ, bdma1_irq);
    enable_irq(BDMA1_IRQ);
    for (unsigned n = 0; n < 8; n += 7) {
        uint32_t c = BDMA1 + 0x08 + 0x14 * n;

        R(c, CCR) = MEM2MEM | PINC | MINC;
        R(c, CNDTR) = N;
        R(c, CPAR) = (uintptr_t)from;
        R(c, CM0AR) = (uintptr_t)to + (n ? N : 0);
        R(c, CCR) |= TCIE;
    }
    R(BDMA1 + 0x08 + 0x14 * 7, CCR) |= EN;
    delay_ms(1);
    equal("BDMA1: last told by interrupt", lasts, 1);
    R(BDMA1 + 0x08, CCR) |= EN;
    delay_ms(1);
    equal("BDMA1: first told by interrupt", firsts, 1);
    for (unsigned i = 0; i < N; i++)
        same &= to[i] == from[i] && to[N + i] == from[i];
    check("BDMA1: data", same);
    equal("BDMA1: none left", R(BDMA1 + 0x08, CNDTR), 0);
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
    bdma1();
    end();
}
