/*
 * The UART driver's flows with DMA: reception until the line is idle into a circular buffer,
 * reception of a number of characters, transmission ended by the transmission-complete interrupt.
 * Received is what the test types: lines "first" to "third".
 */
#include "soc.h"

#ifdef BOARD_NUCLEO
enum { IRQ = USART3_IRQ, RX_REQUEST = 45, TX_REQUEST = 46 };
#else
enum { IRQ = USART1_IRQ, RX_REQUEST = 41, TX_REQUEST = 42 };
#endif

enum { DMAR = 1 << 6, DMAT = 1 << 7, ROOM = 32, FIRST_LINE = 5000, NEXT_LINE = 500 };

static const struct dma_stream rx = {DMA1, 1}, tx = {DMA2, 7};
__attribute__((section(".axi"), aligned(32))) static uint8_t buffer[ROOM], outgoing[ROOM];
static volatile bool idle, sent;

static bool same(const char *text, unsigned at, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (buffer[(at + i) % ROOM] != (uint8_t)text[i])
            return false;
    }
    return true;
}

static void uart_irq(void)
{
    uint32_t isr = R(console, USART_ISR), cr1 = R(console, USART_CR1);

    if (isr & USART_IDLE && cr1 & USART_IDLE) {
        R(console, USART_ICR) = USART_IDLE;
        idle = true;
    }
    if (isr & USART_TC && cr1 & USART_TC) {
        R(console, USART_CR1) &= ~(uint32_t)USART_TC;
        sent = true;
    }
}

static void wait_flag(volatile bool *flag, uint32_t limit)
{
    uint32_t start = ticks;

    while (!*flag && ticks - start <= limit)
        wfi();
}

int main(void)
{
    uint32_t r = dma_registers(rx);

    begin();
    R(console, USART_CR1) &= ~(uint32_t)USART_UE;
    R(console, USART_CR1) |= USART_RE;
    R(console, USART_CR1) |= USART_UE;
    on_irq(IRQ, uart_irq);
    enable_irq(IRQ);

    /* Until idle, again and again into the same buffer. */
    check("rx set up", dma_init(rx, RX_REQUEST, DMA_CIRC | DMA_MINC, 0));
    dma_start(rx, console + USART_RDR, (uintptr_t)buffer, ROOM, 0);
    R(console, USART_ICR) = USART_IDLE | BIT(3);
    R(console, USART_CR3) |= DMAR;
    R(console, USART_CR1) |= USART_IDLE;
    wait_flag(&idle, FIRST_LINE);
    check("idle: told", idle);
    equal("idle: characters", ROOM - R(r, DMA_NDTR), 6);
    check("idle: first", same("first\r", 0, 6));
    idle = false;
    wait_flag(&idle, NEXT_LINE);
    equal("idle: characters of two lines", ROOM - R(r, DMA_NDTR), 13);
    check("idle: second", same("second\r", 6, 7));
    R(console, USART_CR1) &= ~(uint32_t)USART_IDLE;
    R(console, USART_CR3) &= ~(uint32_t)DMAR;
    check("stopped", dma_abort(rx));

    /* A number of characters. */
    dma_init(rx, RX_REQUEST, DMA_MINC, 0);
    dma_start(rx, console + USART_RDR, (uintptr_t)buffer, 6, 0);
    R(console, USART_CR3) |= DMAR;
    check("number: complete", dma_wait(rx, NEXT_LINE));
    R(console, USART_CR3) &= ~(uint32_t)DMAR;
    check("number: third", same("third\r", 0, 6));
    check("no overrun", !(R(console, USART_ISR) & BIT(3)));

    hold();
    for (unsigned i = 0; i < 16; i++)
        outgoing[i] = (uint8_t) "# sent with DMA\n"[i];
    dsb();
    dma_init(tx, TX_REQUEST, DMA_TO_PERIPHERAL | DMA_MINC, 0);
    R(console, USART_ICR) = USART_TC;
    dma_start(tx, console + USART_TDR, (uintptr_t)outgoing, 16, 0);
    R(console, USART_CR3) |= DMAT;
    check("tx: stream is through", dma_wait(tx, 100));
    R(console, USART_CR3) &= ~(uint32_t)DMAT;
    R(console, USART_CR1) |= USART_TC;
    wait_flag(&sent, 100);
    check("tx: the line is", sent);
    release();
    end();
}
