/*
 * RNG with its configuration lock sequence and clocks, by polling and by interrupt; CRC with
 * default and other polynomials, widths, reversals; CRS for HSI48.
 */
#include "soc.h"

enum {
    RNG_CR = 0,
    RNG_SR = 4,
    RNG_DR = 8,
    RNG_HTCR = 0x10,
    CONDRST = 1 << 30,
    RNGEN = 1 << 2,
    CRC_DR = 0,
    CRC_IDR = 4,
    CRC_CR = 8,
    CRC_INIT = 0x10,
    CRC_POL = 0x14,
};

static volatile unsigned numbers;
static volatile uint32_t last;

static void rng_irq(void)
{
    if (R(RNG, RNG_SR) & 1) {
        R(RNG, RNG_CR) &= ~BIT(3);
        last = R(RNG, RNG_DR);
        numbers++;
    }
}

static void random(void)
{
    uint32_t seen[8];
    bool good = true;

    R(RCC, RCC_CR) |= RCC_CR_HSI48ON;
    check("HSI48", wait_for(&R(RCC, RCC_CR), RCC_CR_HSI48RDY, RCC_CR_HSI48RDY, 2));
    R(RCC, RCC_CDCCIP2R) &= ~(3u << 8);
    R(RCC, RCC_AHB2ENR) |= BIT(6);
    (void)R(RCC, RCC_AHB2ENR);
    /* Noise source's configuration while CONDRST is 1. */
    R(RNG, RNG_CR) = (R(RNG, RNG_CR) & ~BIT(5)) | CONDRST;
    R(RNG, RNG_HTCR) = 0x17590ABC;
    R(RNG, RNG_HTCR) = 0x0000AA74;
    R(RNG, RNG_CR) &= ~(uint32_t)CONDRST;
    check("CONDRST read as 0", wait_for(&R(RNG, RNG_CR), CONDRST, 0, 2));
    R(RNG, RNG_CR) |= RNGEN;
    check("no seed or clock error", !(R(RNG, RNG_SR) & 6));
    check("first number", wait_for(&R(RNG, RNG_SR), 1, 1, 4));
    for (unsigned i = 0; i < 8; i++) {
        good = good && wait_for(&R(RNG, RNG_SR), 1, 1, 2);
        seen[i] = R(RNG, RNG_DR);
        for (unsigned k = 0; k < i; k++)
            good = good && seen[k] != seen[i];
    }
    check("eight different numbers", good);
    on_irq(RNG_IRQ, rng_irq);
    enable_irq(RNG_IRQ);
    R(RNG, RNG_CR) |= BIT(3);
    delay_ms(2);
    equal("number by interrupt", numbers, 1);
    R(RNG, RNG_CR) &= ~(uint32_t)RNGEN;
}

static uint32_t crc(uint32_t config, uint32_t polynomial, uint32_t init, const char *text)
{
    R(CRC, CRC_POL) = polynomial;
    R(CRC, CRC_INIT) = init;
    R(CRC, CRC_CR) = config;
    R(CRC, CRC_CR) |= 1;
    while (*text)
        R8(CRC, CRC_DR) = (uint8_t)*text++;
    return R(CRC, CRC_DR);
}

static void checksums(void)
{
    R(RCC, RCC_AHB1ENR) |= BIT(9);
    (void)R(RCC, RCC_AHB1ENR);
    equal("CRC_INIT after reset", R(CRC, CRC_INIT), 0xFFFFFFFF);
    equal("CRC_POL after reset", R(CRC, CRC_POL), 0x04C11DB7);
    R(CRC, CRC_CR) |= 1;
    R(CRC, CRC_DR) = 0x12345678;
    equal("a word, default polynomial", R(CRC, CRC_DR), 0xDF8A8A2B);
    /* The catalogue's check values for "123456789". */
    equal("CRC-32/MPEG-2", crc(0, 0x04C11DB7, 0xFFFFFFFF, "123456789"), 0x0376E6E7);
    equal("CRC-32", ~crc(1u << 5 | 1u << 7, 0x04C11DB7, 0xFFFFFFFF, "123456789"), 0xCBF43926);
    equal("CRC-16/CCITT-FALSE", crc(1u << 3, 0x1021, 0xFFFF, "123456789"), 0x29B1);
    equal("CRC-8", crc(2u << 3, 0x07, 0, "123456789"), 0xF4);
    R(CRC, CRC_IDR) = 0xA5;
    equal("IDR", R(CRC, CRC_IDR) & 0xFF, 0xA5);
}

static void recovery(void)
{
    R(RCC, RCC_APB1HENR) |= BIT(1);
    (void)R(RCC, RCC_APB1HENR);
    R(RCC, 0x94) |= BIT(1);
    R(RCC, 0x94) &= ~BIT(1);
    R(CRS, 4) = 47999 | 34 << 16 | 2u << 28; /* synchronised by the start of USB frames */
    R(CRS, 0) = (R(CRS, 0) & ~(0x3Fu << 8)) | 32 << 8;
    R(CRS, 0) |= BIT(5) | BIT(6);
    equal("CRS runs", R(CRS, 0) & 0x3F60, 32 << 8 | BIT(5) | BIT(6));
}

int main(void)
{
    begin();
    random();
    checksums();
    recovery();
    end();
}
