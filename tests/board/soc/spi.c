/*
 * The SPI driver's flows as a master: polled, by interrupt and by DMA, both ways and one way, with
 * chip select by software; on SPI1 (SCK PA5, MISO PA6, MOSI PA7) with a serial flash W25Q16 whose
 * chip select is PD14.
 */
#include "soc.h"

enum {
    CR1 = 0x00,
    CR2 = 0x04,
    CFG1 = 0x08,
    CFG2 = 0x0C,
    IER = 0x10,
    SR = 0x14,
    IFCR = 0x18,
    TXDR = 0x20,
    RXDR = 0x30,
    SPE = 1 << 0,
    CSTART = 1 << 9,
    SSI = 1 << 12,
    RXDMAEN = 1 << 14,
    TXDMAEN = 1 << 15,
    RXP = 1 << 0,
    TXP = 1 << 1,
    DXP = 1 << 2,
    EOT = 1 << 3,
    TXTF = 1 << 4,
    OVR = 1 << 6,
    MODF = 1 << 9,
    SUSP = 1 << 11,
    TXC = 1 << 12,
    RXWNE = 1 << 15,
    LIMIT = 100,
    FIFO = 16,
};
enum communication { BOTH_WAYS, ONLY_OUT, ONLY_IN };

static const struct dma_stream rx_stream = {DMA1, 2}, tx_stream = {DMA1, 3};
__attribute__((section(".axi"), aligned(32))) static uint8_t out[64], in[64];

static volatile unsigned to_send, to_receive;
static const uint8_t *volatile next_out;
static uint8_t *volatile next_in;
static volatile bool finished;
static volatile uint32_t failed;

/* Initialisation of a handle: SPE off, SSI first as the master would fault else, CFG1, CFG2. */
static void init(unsigned bits, unsigned divider_log2, uint32_t cfg2)
{
    R(SPI1, CR1) &= ~(uint32_t)SPE;
    R(SPI1, CR1) |= SSI;
    R(SPI1, CFG1) = (divider_log2 - 1) << 28 | 7 << 16 | (bits - 1);
    R(SPI1, CFG2) = BIT(22) | BIT(26) | cfg2;
    R(SPI1, 0x50) &= ~BIT(0); /* I2SMOD */
}

static void select(bool on)
{
    R(GPIOD, GPIO_BSRR) = on ? BIT(14 + 16) : BIT(14);
}

static void open_bus(void)
{
    R(RCC, RCC_CDCCIP1R) = (R(RCC, RCC_CDCCIP1R) & ~(7u << 12)) | 4 << 12; /* per_ck: HSI */
    R(RCC, RCC_APB2ENR) |= BIT(12);
    (void)R(RCC, RCC_APB2ENR);
    for (unsigned pin = 5; pin <= 7; pin++)
        set_pin(GPIOA, pin, PIN_ALTERNATE, 5, 2, PULL_NONE);
    R(RCC, RCC_AHB4ENR) |= BIT(3);
    (void)R(RCC, RCC_AHB4ENR);
    select(false);
    set_pin(GPIOD, 14, PIN_OUTPUT, 0, 2, PULL_NONE);
}

static void begin_transfer(enum communication way, unsigned frames)
{
    R(SPI1, CFG2) = (R(SPI1, CFG2) & ~(3u << 17)) | (uint32_t)way << 17;
    R(SPI1, CR2) = (R(SPI1, CR2) & ~0xFFFFu) | frames;
    R(SPI1, CR1) |= SPE;
    R(SPI1, CR1) |= CSTART;
}

/* The end that all ways share: flags, SPE off, interrupts and requests off. */
static bool close_transfer(void)
{
    uint32_t sr = R(SPI1, SR);

    R(SPI1, IFCR) = EOT;
    R(SPI1, IFCR) = TXTF;
    R(SPI1, CR1) &= ~(uint32_t)SPE;
    R(SPI1, IER) &= ~0x3FFu;
    R(SPI1, CFG1) &= ~(uint32_t)(TXDMAEN | RXDMAEN);
    if (sr & (OVR | MODF | BIT(5) | BIT(7) | BIT(8))) {
        R(SPI1, IFCR) = OVR | MODF | BIT(5) | BIT(7) | BIT(8);
        return false;
    }
    return true;
}

static bool transmit(const uint8_t *data, unsigned n)
{
    begin_transfer(ONLY_OUT, n);
    for (unsigned i = 0; i < n; i++) {
        if (!wait_for(&R(SPI1, SR), TXP, TXP, LIMIT))
            return false;
        R8(SPI1, TXDR) = data[i];
    }
    return wait_for(&R(SPI1, SR), EOT, EOT, LIMIT) && close_transfer();
}

static bool receive(uint8_t *data, unsigned n)
{
    begin_transfer(ONLY_IN, n);
    for (unsigned i = 0; i < n; i++) {
        if (!wait_for(&R(SPI1, SR), RXP, RXP, LIMIT))
            return false;
        data[i] = R8(SPI1, RXDR);
    }
    return wait_for(&R(SPI1, SR), EOT, EOT, LIMIT) && close_transfer();
}

/* Both ways; no more frames in flight than the receive FIFO holds. */
static bool exchange(const uint8_t *data, uint8_t *got, unsigned n)
{
    uint32_t start = ticks;
    unsigned sent = 0, received = 0;

    begin_transfer(BOTH_WAYS, n);
    while (sent < n || received < n) {
        if (sent < n && sent - received < FIFO && R(SPI1, SR) & TXP)
            R8(SPI1, TXDR) = data[sent++];
        if (received < n && R(SPI1, SR) & RXP)
            got[received++] = R8(SPI1, RXDR);
        if (ticks - start > LIMIT)
            return false;
    }
    return wait_for(&R(SPI1, SR), EOT, EOT, LIMIT) && close_transfer();
}

/* ---- the flash ---- */

static bool command(uint8_t c)
{
    bool good;

    select(true);
    good = transmit(&c, 1);
    select(false);
    return good;
}

static uint8_t flash_status(void)
{
    uint8_t sent[2] = {0x05}, got[2];

    select(true);
    got[1] = exchange(sent, got, 2) ? got[1] : 0xFF;
    select(false);
    return got[1];
}

static bool flash_wait(uint32_t limit)
{
    uint32_t start = ticks;

    while (flash_status() & 1) {
        if (ticks - start > limit)
            return false;
    }
    return true;
}

static void flash_read(uint32_t address, uint8_t *data, unsigned n)
{
    uint8_t sent[4] = {0x03, (uint8_t)(address >> 16), (uint8_t)(address >> 8), (uint8_t)address};

    select(true);
    check("read: command", transmit(sent, 4));
    check("read: data", receive(data, n));
    select(false);
}

static void polled(void)
{
    uint8_t sent[4] = {0x9F}, got[4];

    select(true);
    check("polled: both ways", exchange(sent, got, 4));
    select(false);
    check("polled: id of the flash", got[1] == 0xEF && got[2] == 0x40 && got[3] == 0x15);
    equal("polled: flags are cleared", R(SPI1, SR) & (EOT | TXTF | OVR | SUSP | MODF), 0);
    equal("polled: SPE is off", R(SPI1, CR1) & (SPE | CSTART), 0);
}

static void program(void)
{
    check("program: write enable", command(0x06));
    equal("program: WEL", flash_status() & 3, 2);
    out[0] = 0x02;
    out[1] = 0x00;
    out[2] = 0x12;
    out[3] = 0xF8;
    for (unsigned i = 0; i < 16; i++)
        out[4 + i] = (uint8_t)(0xA0 + i);
    select(true);
    check("program: data", transmit(out, 20));
    select(false);
    equal("program: busy", flash_status() & 1, 1);
    check("program: ready", flash_wait(5));
    flash_read(0x12F8, in, 8);
    check("program: up to the page's end", in[0] == 0xA0 && in[7] == 0xA7);
    flash_read(0x1200, in, 8);
    check("program: wraps within the page", in[0] == 0xA8 && in[7] == 0xAF);

    check("erase: write enable", command(0x06));
    out[0] = 0x20;
    select(true);
    check("erase: command", transmit(out, 4));
    select(false);
    check("erase: ready", flash_wait(400));
    flash_read(0x12F8, in, 8);
    check("erase: all ones", in[0] == 0xFF && in[7] == 0xFF);
}

/* ---- by interrupt ---- */

static void spi_irq(void)
{
    uint32_t active = R(SPI1, SR) & R(SPI1, IER);

    if (active & (OVR | MODF)) {
        failed |= active;
        R(SPI1, IFCR) = OVR | MODF;
        R(SPI1, IER) = 0;
        finished = true;
        return;
    }
    if (active & RXP && to_receive) {
        *next_in++ = R8(SPI1, RXDR);
        if (--to_receive == 0)
            R(SPI1, IER) &= ~(uint32_t)RXP;
    }
    if (active & TXP && to_send) {
        R8(SPI1, TXDR) = *next_out++;
        if (--to_send == 0)
            R(SPI1, IER) &= ~(uint32_t)TXP;
    }
    if (active & EOT) {
        while (to_receive) {
            *next_in++ = R8(SPI1, RXDR);
            to_receive--;
        }
        if (!close_transfer())
            failed |= 1;
        finished = true;
    }
}

static bool wait_finished(void)
{
    uint32_t start = ticks;

    while (!finished && ticks - start < LIMIT)
        ;
    return finished && !failed;
}

static void by_interrupt(void)
{
    out[0] = 0x9F;
    in[1] = in[2] = in[3] = 0;
    finished = false;
    failed = 0;
    to_send = to_receive = 4;
    next_out = out;
    next_in = in;
    on_irq(SPI1_IRQ, spi_irq);
    enable_irq(SPI1_IRQ);
    select(true);
    R(SPI1, CFG2) &= ~(3u << 17);
    R(SPI1, CR2) = 4;
    R(SPI1, CR1) |= SPE;
    R(SPI1, IER) |= EOT | RXP | TXP | OVR | MODF;
    R(SPI1, CR1) |= CSTART;
    check("interrupt: finished", wait_finished());
    select(false);
    check("interrupt: id", in[1] == 0xEF && in[2] == 0x40 && in[3] == 0x15);
}

/* ---- by DMA ---- */

static void dma_irq(void)
{
    dma_clear(rx_stream);
    /* Received all: what is left is the end of the transfer. */
    R(SPI1, IER) |= EOT;
}

static void by_dma(void)
{
    enum { N = 40 };

    out[0] = 0x06;
    check("dma: write enable", command(0x06));
    out[0] = 0x02;
    out[1] = 0x00;
    out[2] = 0x20;
    out[3] = 0x00;
    for (unsigned i = 0; i < N - 4; i++)
        out[4 + i] = (uint8_t)(i * 5);
    dsb();
    finished = false;
    failed = 0;
    to_send = to_receive = 0;
    on_irq(DMA1_STREAM0_IRQ + 2, dma_irq);
    enable_irq(DMA1_STREAM0_IRQ + 2);

    /* Out only; the end by the interrupt of EOT. */
    dma_init(tx_stream, 38, DMA_TO_PERIPHERAL | DMA_MINC, 0);
    select(true);
    R(SPI1, CFG2) = (R(SPI1, CFG2) & ~(3u << 17)) | 1 << 17;
    R(SPI1, CFG1) &= ~(uint32_t)TXDMAEN;
    dma_start(tx_stream, SPI1 + TXDR, (uintptr_t)out, N, 0);
    R(SPI1, CR2) = N;
    R(SPI1, CFG1) |= TXDMAEN;
    R(SPI1, IER) |= OVR | MODF | EOT;
    R(SPI1, CR1) |= SPE;
    R(SPI1, CR1) |= CSTART;
    check("dma: sent", wait_finished());
    select(false);
    dma_clear(tx_stream);
    check("dma: programmed", flash_wait(5));

    /* Both ways. */
    out[0] = 0x03;
    dsb();
    finished = false;
    select(true);
    R(SPI1, CFG2) &= ~(3u << 17);
    dma_init(rx_stream, 37, DMA_MINC, 0);
    dma_start(rx_stream, SPI1 + RXDR, (uintptr_t)in, N, DMA_TCIE | DMA_TEIE);
    R(SPI1, CFG1) |= RXDMAEN;
    dma_start(tx_stream, SPI1 + TXDR, (uintptr_t)out, N, 0);
    R(SPI1, CR2) = N;
    R(SPI1, CFG1) |= TXDMAEN;
    R(SPI1, IER) |= OVR | MODF;
    R(SPI1, CR1) |= SPE;
    R(SPI1, CR1) |= CSTART;
    check("dma: both ways", wait_finished());
    select(false);
    check("dma: data", in[4] == 0 && in[5] == 5 && in[N - 1] == (uint8_t)(5 * (N - 5)));
    equal("dma: streams are off",
          (R(dma_registers(rx_stream), DMA_CR) | R(dma_registers(tx_stream), DMA_CR)) & DMA_EN, 0);
    disable_irq(DMA1_STREAM0_IRQ + 2);
    disable_irq(SPI1_IRQ);
}

/* ---- formats, FIFO, faults ---- */

static void formats(void)
{
    uint32_t start, cycles;
    bool sent;

    /* Mode 3 does as well as mode 0. */
    init(8, 4, BIT(24) | BIT(25));
    polled();
    /* A frame of 32 bits is four bytes of the flash, its first byte on top. */
    init(32, 4, 0);
    select(true);
    begin_transfer(BOTH_WAYS, 1);
    R(SPI1, TXDR) = 0x9F000000;
    check("32 bits: through", wait_for(&R(SPI1, SR), EOT, EOT, LIMIT));
    equal("32 bits: id", R(SPI1, RXDR) & 0xFFFFFF, 0xEF4015);
    select(false);
    check("32 bits: closed", close_transfer());
    /* Two frames of 16 bits by one access; packets of two. */
    init(16, 4, 0);
    R(SPI1, CFG1) |= 1 << 5;
    select(true);
    begin_transfer(BOTH_WAYS, 2);
    equal("16 bits: room for packets", R(SPI1, SR) & (TXP | RXP), TXP);
    R(SPI1, TXDR) = 0x00009F00;
    check("16 bits: through", wait_for(&R(SPI1, SR), EOT, EOT, LIMIT));
    equal("16 bits: a packet is there", R(SPI1, SR) & (RXP | RXWNE | TXTF), RXP | RXWNE | TXTF);
    equal("16 bits: id", R(SPI1, RXDR) & 0xFFFF00FF, 0x401500EF);
    select(false);
    check("16 bits: closed", close_transfer());
    /* Bits in the other order. */
    init(8, 4, BIT(23));
    out[0] = 0xF9; /* 0x9F backwards */
    select(true);
    check("LSB first: both ways", exchange(out, in, 2));
    select(false);
    equal("LSB first: manufacturer", in[1], 0xF7);
    /* 250 kHz: 64 MHz / 256; 8 frames take 256 us. */
    init(8, 8, 0);
    R(SCS, 0xDFC) |= BIT(24);
    R(DWT, 0xFB0) = 0xC5ACCE55;
    R(DWT, 0) |= 1;
    start = R(DWT, 4);
    sent = transmit(out, 8);
    cycles = R(DWT, 4) - start;
    check("rate: sent", sent);
    between("rate: time of 8 bytes", cycles / 64, 255, 275);
}

static void overrun(void)
{
    init(8, 4, 0);
    begin_transfer(ONLY_IN, FIFO + 4);
    delay_ms(1);
    check("overrun: told", R(SPI1, SR) & OVR);
    equal("overrun: the first are kept", R(SPI1, SR) & RXWNE, RXWNE);
    check("overrun: closed with an error", !close_transfer());
    /* With MASRX the clock waits instead. */
    R(SPI1, CR1) |= BIT(8);
    begin_transfer(ONLY_IN, FIFO + 4);
    delay_ms(1);
    check("suspended: no overrun", !(R(SPI1, SR) & (OVR | EOT)) && R(SPI1, SR) & SUSP);
    R(SPI1, IFCR) = SUSP;
    for (unsigned i = 0; i < FIFO + 4; i++) {
        wait_for(&R(SPI1, SR), RXP, RXP, LIMIT);
        in[i] = R8(SPI1, RXDR);
    }
    check("suspended: goes on", wait_for(&R(SPI1, SR), EOT, EOT, LIMIT));
    check("suspended: closed", close_transfer());
    R(SPI1, IFCR) = SUSP;
    R(SPI1, CR1) &= ~BIT(8);
    /* No end but by CSUSP. */
    begin_transfer(BOTH_WAYS, 0);
    R8(SPI1, TXDR) = 0;
    R8(SPI1, TXDR) = 0;
    R(SPI1, CR1) |= BIT(10);
    check("no size: suspends", wait_for(&R(SPI1, SR), SUSP, SUSP, LIMIT));
    equal("no size: CSTART is clear", R(SPI1, CR1) & CSTART, 0);
    R(SPI1, IFCR) = SUSP;
    R(SPI1, CR1) &= ~(uint32_t)SPE;
    /* A master that is deselected. */
    R(SPI1, CR1) &= ~(uint32_t)SSI;
    R(SPI1, CR1) |= SPE;
    equal("mode fault: flag", R(SPI1, SR) & MODF, MODF);
    equal("mode fault: no master, not enabled", (R(SPI1, CR1) & SPE) | (R(SPI1, CFG2) & BIT(22)),
          0);
    R(SPI1, IFCR) = MODF;
}

int main(void)
{
    begin();
    open_bus();
    equal("reset: SR", R(SPI1, SR), TXC | TXP);
    init(8, 4, 0);
    polled();
    program();
    by_interrupt();
    by_dma();
    formats();
    overrun();
    end();
}
