/*
 * DMA streams: from memory to memory, to a UART, circular with half and complete, double buffer,
 * packing in the FIFO, errors; and what a program sees that forgets the data cache.
 */
#include "soc.h"

enum { TO_CONSOLE_LIMIT = 100, BYTES = 256 };

#ifdef BOARD_NUCLEO
enum { CONSOLE_TX_REQUEST = 46 };
#else
enum { CONSOLE_TX_REQUEST = 42 };
#endif

/* DMA1 and DMA2 do not reach the TCM, where .data is. */
__attribute__((section(".axi"), aligned(32))) static uint8_t from[BYTES], to[BYTES], second[BYTES];

static const struct dma_stream copy = {DMA2, 0}, console_tx = {DMA1, 7};
static volatile unsigned halves, completes, errors;

static void fill(void)
{
    for (unsigned i = 0; i < BYTES; i++) {
        from[i] = (uint8_t)(i * 7 + 3);
        to[i] = second[i] = 0;
    }
    dsb();
}

static void memory_to_memory(void)
{
    fill();
    check("m2m: set up",
          dma_init(copy, 0,
                   DMA_MEMORY_TO_MEMORY | DMA_PINC | DMA_MINC | DMA_PSIZE(2) | DMA_MSIZE(2),
                   4 | 3));
    dma_start(copy, (uintptr_t)from, (uintptr_t)to, BYTES / 4, 0);
    check("m2m: enabled while it runs", R(dma_registers(copy), DMA_CR) & DMA_EN);
    check("m2m: through", dma_wait(copy, 10));
    check("m2m: stopped by itself", !(R(dma_registers(copy), DMA_CR) & DMA_EN));
    equal("m2m: none left", R(dma_registers(copy), DMA_NDTR), 0);
    check("m2m: data", same_bytes(from, to, BYTES));

    /* Bytes in, words out. */
    fill();
    dma_init(copy, 0, DMA_MEMORY_TO_MEMORY | DMA_PINC | DMA_MINC | DMA_MSIZE(2), 4 | 3);
    dma_start(copy, (uintptr_t)from + 1, (uintptr_t)to, 64, 0);
    check("packing: through", dma_wait(copy, 10) && same_bytes(from + 1, to, 64) && !to[64]);

    /* A constant source. */
    fill();
    dma_init(copy, 0, DMA_MEMORY_TO_MEMORY | DMA_MINC, 4 | 1);
    dma_start(copy, (uintptr_t)from, (uintptr_t)to, 16, 0);
    check("no PINC: through", dma_wait(copy, 10) && to[0] == from[0] && to[15] == from[0]);
}

static void stream_irq(void)
{
    uint32_t f = dma_flags(copy);

    dma_clear_flags(copy, f);
    halves += !!(f & DMA_FLAG_HT);
    completes += !!(f & DMA_FLAG_TC);
    errors += !!(f & DMA_FLAG_TE);
}

static void interrupts(void)
{
    fill();
    halves = completes = 0;
    on_irq(DMA2_STREAM0_IRQ, stream_irq);
    enable_irq(DMA2_STREAM0_IRQ);
    dma_init(copy, 0, DMA_MEMORY_TO_MEMORY | DMA_PINC | DMA_MINC, 4 | 3);
    dma_start(copy, (uintptr_t)from, (uintptr_t)to, BYTES, DMA_HTIE | DMA_TCIE | DMA_TEIE);
    delay_ms(1);
    equal("interrupt: half", halves, 1);
    equal("interrupt: complete", completes, 1);
    check("interrupt: data", same_bytes(from, to, BYTES));
}

/* The TCM is the core's own: a transfer error. The model calls it a guest error, so the address of
   nothing is used instead. */
static void transfer_error(void)
{
    errors = 0;
    dma_init(copy, 0, DMA_MEMORY_TO_MEMORY | DMA_PINC | DMA_MINC, 4 | 3);
    dma_start(copy, 0x60000000, (uintptr_t)to, 16, DMA_TEIE);
    delay_ms(1);
    equal("error: told by interrupt", errors, 1);
    check("error: stream is off", !(R(dma_registers(copy), DMA_CR) & DMA_EN));
    disable_irq(DMA2_STREAM0_IRQ);
}

/* A UART's transmission in DMA mode, with the order of a library: stream, TC flag, DMAT. */
static void to_console(void)
{
    static const char text[] = "# sent by DMA\n";

    for (unsigned i = 0; i < sizeof text - 1; i++)
        from[i] = (uint8_t)text[i];
    dsb();
    hold();
    check("console: set up",
          dma_init(console_tx, CONSOLE_TX_REQUEST, DMA_TO_PERIPHERAL | DMA_MINC, 0));
    dma_start(console_tx, console + USART_TDR, (uintptr_t)from, sizeof text - 1, 0);
    R(console, USART_ICR) = USART_TC;
    R(console, USART_CR3) |= BIT(7);
    check("console: through", dma_wait(console_tx, TO_CONSOLE_LIMIT));
    R(console, USART_CR3) &= ~BIT(7);
    check("console: the last character too",
          wait_for(&R(console, USART_ISR), USART_TC, USART_TC, 10));
    release();
}

/* SPI1 at 250 kHz, an endless transfer, paces a circular stream to it and one from it into two
   buffers by turns. Nobody drives MISO, whose pull-up gives ones. */
static const struct dma_stream to_spi = {DMA1, 0}, from_spi = {DMA1, 1};
enum { SPI1_RX_REQUEST = 37, SPI1_TX_REQUEST = 38, ROUND = 10, ROUND_US = 320 };

static void paced_irq(void)
{
    uint32_t f = dma_flags(to_spi);

    dma_clear_flags(to_spi, f);
    halves += !!(f & DMA_FLAG_HT);
    completes += !!(f & DMA_FLAG_TC);
}

static void circular(void)
{
    uint32_t r = dma_registers(from_spi);
    bool turned, first, back;

    fill();
    halves = completes = 0;
    set_pin(GPIOA, 5, PIN_ALTERNATE, 5, 2, PULL_NONE);
    set_pin(GPIOA, 6, PIN_ALTERNATE, 5, 2, PULL_UP);
    R(RCC, RCC_CDCCIP1R) = (R(RCC, RCC_CDCCIP1R) & ~(7u << 12)) | 4 << 12; /* per_ck: HSI */
    R(RCC, RCC_APB2ENR) |= BIT(12);
    (void)R(RCC, RCC_APB2ENR);
    on_irq(DMA1_STREAM0_IRQ, paced_irq);
    enable_irq(DMA1_STREAM0_IRQ);

    R(SPI1, 0x00) = BIT(12);           /* SSI */
    R(SPI1, 0x08) = 7u << 28 | 7;      /* 8 bits, / 256 */
    R(SPI1, 0x0C) = BIT(22) | BIT(26); /* MASTER, SSM */
    R(SPI1, 0x04) = 0;                 /* no end */
    dma_init(from_spi, SPI1_RX_REQUEST, DMA_MINC, 0);
    dma_clear(from_spi);
    R(r, DMA_NDTR) = ROUND;
    R(r, DMA_PAR) = SPI1 + 0x30;
    R(r, DMA_M0AR) = (uintptr_t)to;
    R(r, DMA_M1AR) = (uintptr_t)second;
    R(r, DMA_CR) |= DMA_DBM;
    R(r, DMA_CR) |= DMA_EN;
    R(SPI1, 0x08) |= BIT(14); /* RXDMAEN */
    dma_init(to_spi, SPI1_TX_REQUEST, DMA_TO_PERIPHERAL | DMA_CIRC | DMA_MINC, 0);
    dma_start(to_spi, SPI1 + 0x20, (uintptr_t)from, ROUND, DMA_HTIE | DMA_TCIE);
    R(SPI1, 0x08) |= BIT(15); /* TXDMAEN */
    R(SPI1, 0x00) |= BIT(0);
    R(SPI1, 0x00) |= BIT(9);
    /* No result is told in between: that takes longer than a round. */
    turned = wait_for(&R(r, DMA_CR), DMA_CT, DMA_CT, 3);
    first = to[0] == 0xFF && to[ROUND - 1] == 0xFF && !second[ROUND - 1];
    back = wait_for(&R(r, DMA_CR), DMA_CT, 0, 3) && second[ROUND - 1] == 0xFF && !second[ROUND];
    completes = halves = 0;
    delay_ms(5); /* to 6 */
    disable_irq(DMA1_STREAM0_IRQ);
    check("double: second buffer is next", turned);
    check("double: first is full", first);
    check("double: first again", back);
    between("circular: rounds", completes, 5000 / ROUND_US, 6000 / ROUND_US + 1);
    between("circular: half rounds", halves, completes - 1, completes + 1);
    check("circular: goes on", R(dma_registers(to_spi), DMA_CR) & DMA_EN);
    check("circular: stops", dma_abort(to_spi) && dma_abort(from_spi));
    R(SPI1, 0x00) &= ~BIT(0);
}

/* SCB cache maintenance by address (Armv7-M B2.2.7), and the enabling sequence. */
static void by_line(uint32_t reg, const void *at, unsigned n)
{
    uintptr_t line = (uintptr_t)at & ~31u;

    dsb();
    for (; line < (uintptr_t)at + n; line += 32)
        R(SCS, reg) = line;
    dsb();
    isb();
}

static void with_cache(void)
{
    enum { DCIMVAC = 0xF5C, DCCMVAC = 0xF68, DCISW = 0xF60 };

    for (unsigned set = 0; set < 128; set++) {
        for (unsigned way = 0; way < 4; way++)
            R(SCS, DCISW) = way << 30 | set << 5;
    }
    dsb();
    R(SCS, SCB_CCR) |= BIT(16);
    dsb();
    isb();
    dma_init(copy, 0, DMA_MEMORY_TO_MEMORY | DMA_PINC | DMA_MINC, 4 | 3);
    fill();
    by_line(DCCMVAC, from, BYTES);
    by_line(DCCMVAC, to, BYTES);
    from[0] = 0x5A; /* stays in the cache */
    dma_start(copy, (uintptr_t)from, (uintptr_t)to, BYTES, 0);
    check("cache: through", dma_wait(copy, 10));
    equal("cache: what is not invalidated is old", to[1], 0);
    by_line(DCIMVAC, to, BYTES);
    equal("cache: what is invalidated is new", to[1], from[1]);
    equal("cache: what was not cleaned was not sent", to[0], 3);
    by_line(DCCMVAC, from, BYTES);
    dma_start(copy, (uintptr_t)from, (uintptr_t)to, BYTES, 0);
    check("cache: through again", dma_wait(copy, 10));
    by_line(DCIMVAC, to, BYTES);
    check("cache: all as it should be", same_bytes(from, to, BYTES));
}

int main(void)
{
    begin();
    memory_to_memory();
    interrupts();
    transfer_error();
    to_console();
    circular();
    with_cache();
    end();
}
