/*
 * The I2C driver's flows as a master, on I2C1 (SCL PB8, SDA PB9) with an EEPROM 24C256 at address
 * 0x52: polled, by interrupt and by DMA; memory writes and reads with a repeated start, more than
 * 255 bytes by reload, polling of the address while the EEPROM is busy, nobody at an address.
 */
#include "soc.h"

enum {
    CR1 = 0x00,
    CR2 = 0x04,
    OAR1 = 0x08,
    OAR2 = 0x0C,
    TIMINGR = 0x10,
    ISR = 0x18,
    ICR = 0x1C,
    RXDR = 0x24,
    TXDR = 0x28,
    PE = 1 << 0,
    TXDMAEN = 1 << 14,
    RXDMAEN = 1 << 15,
    READ = 1 << 10,
    START = 1 << 13,
    STOP = 1 << 14,
    RELOAD = 1 << 24,
    AUTOEND = 1 << 25,
    TXE = 1 << 0,
    TXIS = 1 << 1,
    RXNE = 1 << 2,
    NACKF = 1 << 4,
    STOPF = 1 << 5,
    TC = 1 << 6,
    TCR = 1 << 7,
    BUSY = 1 << 15,
    LIMIT = 25,
    EEPROM = 0x52,
};

static const struct dma_stream rx_stream = {DMA1, 4}, tx_stream = {DMA1, 5};
__attribute__((section(".axi"), aligned(32))) static uint8_t data[600], got[600];

/* 100 kHz from 64 MHz: PRESC 15, so 250 ns a step. */
static void open_bus(void)
{
    set_pin(GPIOB, 8, PIN_ALTERNATE, 4, 0, PULL_UP);
    set_pin(GPIOB, 9, PIN_ALTERNATE, 4, 0, PULL_UP);
    R(GPIOB, GPIO_OTYPER) |= BIT(8) | BIT(9);
    R(RCC, RCC_CDCCIP2R) = (R(RCC, RCC_CDCCIP2R) & ~(3u << 12)) | 2 << 12; /* HSI */
    R(RCC, RCC_APB1LENR) |= BIT(21);
    (void)R(RCC, RCC_APB1LENR);
    R(I2C1, CR1) &= ~(uint32_t)PE;
    R(I2C1, TIMINGR) = 15u << 28 | 4 << 20 | 2 << 16 | 15 << 8 | 19;
    R(I2C1, OAR1) &= ~BIT(15);
    R(I2C1, OAR1) = BIT(15); /* own address 0, which nobody sends */
    R(I2C1, CR2) &= ~BIT(11);
    R(I2C1, CR2) |= AUTOEND | BIT(15);
    R(I2C1, OAR2) &= ~BIT(15);
    R(I2C1, CR1) = 0;
    R(I2C1, CR1) |= PE;
}

/* What ends a transfer: everything in CR2 that described it is cleared. */
static void reset_cr2(void)
{
    R(I2C1, CR2) &= ~(0x3FFu | READ | 0xFF << 16 | RELOAD | BIT(12));
}

static void configure(unsigned address, unsigned n, uint32_t mode, uint32_t request)
{
    R(I2C1, CR2) =
        (R(I2C1, CR2) & ~(0x3FFu | 0xFFu << 16 | RELOAD | AUTOEND | READ | START | STOP)) |
        address << 1 | n << 16 | mode | request;
}

/* After an acknowledge failure: the stop comes by itself. */
static void recover(void)
{
    wait_for(&R(I2C1, ISR), STOPF, STOPF, LIMIT);
    R(I2C1, ICR) = NACKF | STOPF;
    if (R(I2C1, ISR) & TXIS)
        R(I2C1, TXDR) = 0;
    if (!(R(I2C1, ISR) & TXE))
        R(I2C1, ISR) |= TXE;
    reset_cr2();
}

/* False: time-out, or nobody acknowledged. */
static bool await(uint32_t flag)
{
    uint32_t start = ticks;

    while (!(R(I2C1, ISR) & flag)) {
        if (R(I2C1, ISR) & NACKF) {
            recover();
            return false;
        }
        if (ticks - start > LIMIT)
            return false;
    }
    return true;
}

static bool finish(void)
{
    if (!await(STOPF))
        return false;
    R(I2C1, ICR) = STOPF;
    reset_cr2();
    return true;
}

/* The two address bytes within the EEPROM; then TC, or TCR if more is to be written. */
static bool send_cell(unsigned cell, uint32_t mode)
{
    configure(EEPROM, 2, mode, START);
    if (!await(TXIS))
        return false;
    R(I2C1, TXDR) = cell >> 8;
    if (!await(TXIS))
        return false;
    R(I2C1, TXDR) = cell & 0xFF;
    return await(mode & RELOAD ? TCR : TC);
}

static unsigned block(unsigned left)
{
    return left > 255 ? 255 : left;
}

static bool mem_write(unsigned cell, const uint8_t *from, unsigned n)
{
    if (!wait_for(&R(I2C1, ISR), BUSY, 0, LIMIT) || !send_cell(cell, RELOAD))
        return false;
    while (n) {
        unsigned size = block(n);

        configure(EEPROM, size, n > size ? RELOAD : AUTOEND, 0);
        for (unsigned i = 0; i < size; i++) {
            if (!await(TXIS))
                return false;
            R(I2C1, TXDR) = *from++;
        }
        n -= size;
        if (n && !await(TCR))
            return false;
    }
    return finish();
}

static bool mem_read(unsigned cell, uint8_t *to, unsigned n)
{
    uint32_t request = READ | START;

    if (!wait_for(&R(I2C1, ISR), BUSY, 0, LIMIT) || !send_cell(cell, 0))
        return false;
    while (n) {
        unsigned size = block(n);

        configure(EEPROM, size, n > size ? RELOAD : AUTOEND, request);
        request = READ;
        for (unsigned i = 0; i < size; i++) {
            if (!await(RXNE))
                return false;
            *to++ = (uint8_t)R(I2C1, RXDR);
        }
        n -= size;
        if (n && !await(TCR))
            return false;
    }
    return finish();
}

/* Start and address only, as long as nobody acknowledges. Returns the number of tries, 0 if none
   did. */
static unsigned ready_after(unsigned address, unsigned tries)
{
    for (unsigned i = 1; i <= tries; i++) {
        uint32_t start = ticks;

        R(I2C1, CR2) = (address << 1) | START | AUTOEND;
        while (!(R(I2C1, ISR) & (STOPF | NACKF)) && ticks - start < LIMIT)
            ;
        if (!(R(I2C1, ISR) & NACKF)) {
            wait_for(&R(I2C1, ISR), STOPF, STOPF, LIMIT);
            R(I2C1, ICR) = STOPF;
            return i;
        }
        wait_for(&R(I2C1, ISR), STOPF, STOPF, LIMIT);
        R(I2C1, ICR) = NACKF;
        R(I2C1, ICR) = STOPF;
    }
    return 0;
}

static void polled(void)
{
    uint32_t tries, start, us;
    bool good;

    equal("scan: eeprom answers", ready_after(EEPROM, 1), 1);
    equal("scan: nobody else", ready_after(0x51, 2), 0);
    equal("scan: bus is free", R(I2C1, ISR) & BUSY, 0);
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 11 + 5);
    check("write: 20 bytes", mem_write(0x120, data, 20));
    check("write: busy, nobody acknowledges", !mem_write(0x140, data, 1));
    tries = ready_after(EEPROM, 300);
    between("write: polled until ready", tries, 2, 100);
    check("read: 20 bytes", mem_read(0x120, got, 20));
    check("read: data", same_bytes(data, got, 20));
    check("read: the failed write left nothing", mem_read(0x140, got, 1) && got[0] == 0xFF);

    /* 20 bytes into a page of 64 at its byte 54: 10 wrap to its start. */
    check("page: written", mem_write(0x236, data, 20) && ready_after(EEPROM, 300));
    check("page: end", mem_read(0x236, got, 10) && same_bytes(data, got, 10));
    check("page: wrapped", mem_read(0x200, got, 10) && same_bytes(data + 10, got, 10));

    /* More than NBYTES holds. */
    check("reload: write", mem_write(0x400, data, 64) && ready_after(EEPROM, 300));
    check("reload: read 600 bytes", mem_read(0x400, got, 600));
    check("reload: data", same_bytes(data, got, 64) && got[64] == 0xFF && got[599] == 0xFF);

    /* 4 bytes and their address at 100 kHz, less than 5 us beside the nominal 10 us a bit. */
    R(SCS, 0xDFC) |= BIT(24);
    R(DWT, 0xFB0) = 0xC5ACCE55;
    R(DWT, 0) |= 1;
    start = R(DWT, 4);
    good = mem_read(0, got, 4);
    us = (R(DWT, 4) - start) / 64;
    check("rate: read", good);
    between("rate: 75 bits", us, 670, 800);
}

/* ---- by interrupt: a state of one transfer ---- */

static volatile unsigned left;
static uint8_t *volatile at;
static volatile bool finished, refused;

static void event_irq(void)
{
    uint32_t isr = R(I2C1, ISR);

    if (isr & NACKF) {
        R(I2C1, ICR) = NACKF;
        refused = true;
    } else if (isr & RXNE) {
        *at++ = (uint8_t)R(I2C1, RXDR);
        left--;
    } else if (isr & TXIS) {
        R(I2C1, TXDR) = *at++;
        left--;
    }
    if (isr & STOPF) {
        R(I2C1, ICR) = STOPF;
        R(I2C1, CR1) &= ~0xFEu;
        reset_cr2();
        finished = true;
    }
}

static bool transfer_by_irq(unsigned address, uint8_t *bytes, unsigned n, uint32_t direction)
{
    uint32_t start = ticks;

    finished = refused = false;
    at = bytes;
    left = n;
    configure(address, n, AUTOEND, direction | START);
    R(I2C1, CR1) |= 0xB0 | (direction ? 4 : 2); /* NACKIE, STOPIE, ERRIE, and TXIE or RXIE */
    while (!finished && ticks - start < LIMIT)
        ;
    return finished && !refused && !left;
}

static void by_interrupt(void)
{
    on_irq(I2C1_EV_IRQ, event_irq);
    enable_irq(I2C1_EV_IRQ);
    data[0] = 0x04;
    data[1] = 0x00;
    check("interrupt: address", transfer_by_irq(EEPROM, data, 2, 0));
    check("interrupt: read", transfer_by_irq(EEPROM, got, 8, READ));
    check("interrupt: data", got[0] == 5 && got[7] == (uint8_t)(7 * 11 + 5));
    check("interrupt: nobody", !transfer_by_irq(0x20, data, 2, 0) && finished && refused);
    if (!(R(I2C1, ISR) & TXE))
        R(I2C1, ISR) |= TXE;
    disable_irq(I2C1_EV_IRQ);
}

/* ---- by DMA ---- */

static void by_dma(void)
{
    enum { N = 30 };

    for (unsigned i = 0; i < N; i++)
        data[i] = (uint8_t)(200 - i);
    dsb();
    dma_init(tx_stream, 34, DMA_TO_PERIPHERAL | DMA_MINC, 0);
    dma_start(tx_stream, I2C1 + TXDR, (uintptr_t)data, N, 0);
    check("dma: cell", send_cell(0x800, RELOAD));
    configure(EEPROM, N, AUTOEND, 0);
    R(I2C1, CR1) |= TXDMAEN;
    check("dma: written", dma_wait(tx_stream, LIMIT) && finish());
    R(I2C1, CR1) &= ~(uint32_t)TXDMAEN;
    check("dma: ready", ready_after(EEPROM, 300));

    dma_init(rx_stream, 33, DMA_MINC, 0);
    dma_start(rx_stream, I2C1 + RXDR, (uintptr_t)got, N, 0);
    check("dma: cell again", send_cell(0x800, 0));
    R(I2C1, CR1) |= RXDMAEN;
    configure(EEPROM, N, AUTOEND, READ | START);
    check("dma: read", dma_wait(rx_stream, LIMIT) && finish());
    R(I2C1, CR1) &= ~(uint32_t)RXDMAEN;
    check("dma: data", same_bytes(data, got, N));
}

/* Without AUTOEND: a stop that software asks for; PE = 0 in mid-transfer. */
static void by_hand(void)
{
    configure(EEPROM, 1, 0, READ | START);
    check("by hand: byte", await(RXNE));
    (void)R(I2C1, RXDR);
    check("by hand: complete", await(TC));
    equal("by hand: bus is held", R(I2C1, ISR) & BUSY, BUSY);
    R(I2C1, CR2) |= STOP;
    check("by hand: stop", finish());
    configure(EEPROM, 2, 0, START);
    check("reset: waits for data", await(TXIS));
    R(I2C1, CR1) &= ~(uint32_t)PE;
    wait_for(&R(I2C1, CR1), PE, 0, 1);
    equal("reset: flags", R(I2C1, ISR), TXE);
    R(I2C1, CR1) |= PE;
    equal("reset: eeprom answers", ready_after(EEPROM, 1), 1);
}

int main(void)
{
    begin();
    open_bus();
    polled();
    by_interrupt();
    by_dma();
    by_hand();
    end();
}
