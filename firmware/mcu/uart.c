/* SPDX-License-Identifier: MIT */

#include "uart.h"
#include "clock.h"
#include "clock_math.h"
#include "irq.h"

/* ISR and CR1 names of RM0455 with FIFOEN = 1; the bits are those of RXNE and TXE. */
#define ISR_RXFNE   USART_ISR_RXNE
#define ISR_TXFNF   USART_ISR_TXE
#define CR1_RXFNEIE USART_CR1_RXNEIE
#define CR1_TXFNFIE USART_CR1_TXEIE

static const struct unit {
    USART_TypeDef *regs;
    volatile uint32_t *enable, *reset;
    uint32_t bit; /* in both */
    IRQn_Type irq;
} units[UART_UNITS] = {
    {USART1, &RCC->APB2ENR, &RCC->APB2RSTR, RCC_APB2ENR_USART1EN, USART1_IRQn},
    {USART2, &RCC->APB1LENR, &RCC->APB1LRSTR, RCC_APB1LENR_USART2EN, USART2_IRQn},
    {USART3, &RCC->APB1LENR, &RCC->APB1LRSTR, RCC_APB1LENR_USART3EN, USART3_IRQn},
    {UART4, &RCC->APB1LENR, &RCC->APB1LRSTR, RCC_APB1LENR_UART4EN, UART4_IRQn},
    {UART5, &RCC->APB1LENR, &RCC->APB1LRSTR, RCC_APB1LENR_UART5EN, UART5_IRQn},
    {USART6, &RCC->APB2ENR, &RCC->APB2RSTR, RCC_APB2ENR_USART6EN, USART6_IRQn},
    {UART7, &RCC->APB1LENR, &RCC->APB1LRSTR, RCC_APB1LENR_UART7EN, UART7_IRQn},
    {UART8, &RCC->APB1LENR, &RCC->APB1LRSTR, RCC_APB1LENR_UART8EN, UART8_IRQn},
    {UART9, &RCC->APB2ENR, &RCC->APB2RSTR, RCC_APB2ENR_UART9EN, UART9_IRQn},
    {USART10, &RCC->APB2ENR, &RCC->APB2RSTR, RCC_APB2ENR_USART10EN, USART10_IRQn},
};

/* By unit; NULL: closed. */
static struct uart *open_units[UART_UNITS];

/* ---- rings of characters ---- */

static unsigned width(const struct uart *u)
{
    return u->wide ? 2u : 1u;
}

static bool put(const struct uart *u, struct ring *r, uint16_t character)
{
    if (ring_free(r) < width(u)) {
        return false;
    }
    (void)ring_put(r, (uint8_t)character);
    if (u->wide) {
        (void)ring_put(r, (uint8_t)(character >> 8));
    }
    return true;
}

static int get(const struct uart *u, struct ring *r)
{
    if (ring_used(r) < width(u)) {
        return -1;
    }
    int character = ring_get(r);
    return u->wide ? character | ring_get(r) << 8 : character;
}

/* ---- interrupt ---- */

void uart_push(struct uart *u)
{
    uint32_t irq = irq_disable();
    while (u->regs->ISR & ISR_TXFNF) {
        int character = get(u, &u->tx);
        if (character < 0) {
            u->regs->CR1 &= ~CR1_TXFNFIE;
            break;
        }
        u->regs->TDR = (uint32_t)character;
    }
    irq_restore(irq);
}

static void take(struct uart *u, uint16_t character, bool bad)
{
    u->errors.bad += bad;
    if (u->filter != NULL && u->filter(character, bad)) {
        return;
    }
    if (!put(u, &u->rx, character)) {
        u->errors.ring_full++;
    }
}

/* Empties the FIFO; true if something came. */
static bool drain(struct uart *u)
{
    bool any = false;
    uint32_t isr;
    while ((isr = u->regs->ISR) & (ISR_RXFNE | USART_ISR_ORE)) {
        if (isr & USART_ISR_ORE) {
            u->regs->ICR = USART_ICR_ORECF;
            u->errors.overrun++;
        }
        if (!(isr & ISR_RXFNE)) {
            continue;
        }
        if (u->format.rts && ring_free(&u->rx) < width(u)) {
            /* Left there, so that the FIFO fills and RTS rises; uart_read() goes on. */
            u->held = true;
            u->regs->CR1 &= ~CR1_RXFNEIE;
            break;
        }
        /* With the FIFO on, these flags belong to the character that RDR gives next. */
        bool bad = isr & (USART_ISR_FE | USART_ISR_PE);
        uint16_t character = (uint16_t)u->regs->RDR & u->data_mask;
        if (isr & (USART_ISR_FE | USART_ISR_PE | USART_ISR_NF)) {
            u->regs->ICR = USART_ICR_FECF | USART_ICR_PECF | USART_ICR_NCF;
        }
        take(u, character, bad);
        any = true;
    }
    return any;
}

static void interrupt(unsigned unit)
{
    struct uart *u = open_units[unit - 1u];
    if (u == NULL) {
        return;
    }
    unsigned events = 0;
    if (!u->held && drain(u)) {
        events |= UART_EVENT_RX;
    }
    uint32_t cr1 = u->regs->CR1;
    if (cr1 & USART_CR1_IDLEIE && u->regs->ISR & USART_ISR_IDLE) {
        u->regs->ICR = USART_ICR_IDLECF;
        events |= UART_EVENT_IDLE;
    }
    if (cr1 & CR1_TXFNFIE) {
        uart_push(u);
    }
    if (cr1 & USART_CR1_TCIE && u->regs->ISR & USART_ISR_TC) {
        u->regs->ICR = USART_ICR_TCCF;
        events |= UART_EVENT_SENT;
    }
    if (events & u->wish) {
        u->event(u, events & u->wish);
    }
}

#define UNIT_HANDLER(name, unit)                                                                   \
    void name##_IRQHandler(void);                                                                  \
    void name##_IRQHandler(void)                                                                   \
    {                                                                                              \
        interrupt(unit);                                                                           \
    }
UNIT_HANDLER(USART1, 1)
UNIT_HANDLER(USART2, 2)
UNIT_HANDLER(USART3, 3)
UNIT_HANDLER(UART4, 4)
UNIT_HANDLER(UART5, 5)
UNIT_HANDLER(USART6, 6)
UNIT_HANDLER(UART7, 7)
UNIT_HANDLER(UART8, 8)
UNIT_HANDLER(UART9, 9)
UNIT_HANDLER(USART10, 10)

/* ---- opening ---- */

bool uart_exists(unsigned unit)
{
    return unit >= 1u && unit <= UART_UNITS;
}

/* M[1:0]: bits between start and stop, the parity bit among them. */
static bool frame_bits(const struct uart_format *f, uint32_t *cr1)
{
    unsigned bits = f->data_bits + (f->parity != UART_PARITY_NONE ? 1u : 0u);
    if (bits < 7u || bits > 9u || f->data_bits < 7u) {
        return false;
    }
    *cr1 = bits == 7u ? USART_CR1_M1 : bits == 9u ? USART_CR1_M0 : 0;
    if (f->parity != UART_PARITY_NONE) {
        *cr1 |= USART_CR1_PCE | (f->parity == UART_PARITY_ODD ? USART_CR1_PS : 0);
    }
    return true;
}

/* Any UART's dividers may be written with UE = 0 only (RM0455, USART_BRR and USART_PRESC). */
static void set_rate(USART_TypeDef *regs, const struct uart_rate *rate)
{
    uint32_t cr1 = regs->CR1;
    regs->CR1 = cr1 & ~USART_CR1_UE;
    cr1 = rate->over8 ? cr1 | USART_CR1_OVER8 : cr1 & ~USART_CR1_OVER8;
    regs->CR1 = cr1 & ~USART_CR1_UE;
    regs->PRESC = rate->prescaler;
    regs->BRR = rate->brr;
    regs->CR1 = cr1;
}

enum uart_status uart_open(struct uart *u, unsigned unit, const struct uart_format *format)
{
    struct uart_rate rate;
    uint32_t cr1;
    const struct unit *hw = &units[unit - 1u];

    if (!frame_bits(format, &cr1)) {
        return UART_ERROR_FORMAT;
    }
    if (!uart_rate_find(clock_get()->apb, format->baud, &rate)) {
        return UART_ERROR_BAUD;
    }
    uart_close(u);
    u->format = *format;
    u->unit = unit;
    u->wide = format->data_bits == 9u;
    u->data_mask = (uint16_t)((1u << format->data_bits) - 1u);
    u->held = false;
    u->wish = 0;
    u->errors = (struct uart_errors){0};
    u->rx.head = u->rx.tail = u->tx.head = u->tx.tail = 0;

    uint32_t irq = irq_disable();
    *hw->enable |= hw->bit;
    *hw->reset |= hw->bit;
    *hw->reset &= ~hw->bit;
    (void)*hw->reset;
    irq_restore(irq);

    USART_TypeDef *regs = hw->regs;
    regs->CR2 = (format->stop_bits == 2u ? 2u << USART_CR2_STOP_Pos : 0) |
                (format->invert_tx ? USART_CR2_TXINV : 0) |
                (format->invert_rx ? USART_CR2_RXINV : 0);
    regs->CR3 = (format->rts ? USART_CR3_RTSE : 0) | (format->cts ? USART_CR3_CTSE : 0);
    regs->CR1 = cr1 | USART_CR1_FIFOEN | USART_CR1_TE | USART_CR1_RE;
    set_rate(regs, &rate);
    regs->CR1 |= USART_CR1_UE;
    u->regs = regs;
    open_units[unit - 1u] = u;
    regs->CR1 |= CR1_RXFNEIE;
    NVIC_SetPriority(hw->irq, IRQ_PRIORITY_USART);
    NVIC_EnableIRQ(hw->irq);
    return UART_OK;
}

void uart_close(struct uart *u)
{
    if (u->regs == NULL) {
        return;
    }
    const struct unit *hw = &units[u->unit - 1u];
    NVIC_DisableIRQ(hw->irq);
    u->regs->CR1 = 0;
    open_units[u->unit - 1u] = NULL;
    u->regs = NULL;
    NVIC_ClearPendingIRQ(hw->irq);
    uint32_t irq = irq_disable();
    *hw->enable &= ~hw->bit;
    irq_restore(irq);
}

uint32_t uart_baud(const struct uart *u)
{
    struct uart_rate rate;
    return uart_rate_find(clock_get()->apb, u->format.baud, &rate) ? rate.baud : 0;
}

void uart_clock_changed(void)
{
    for (unsigned n = 0; n < UART_UNITS; n++) {
        struct uart_rate rate;
        struct uart *u = open_units[n];
        if (u != NULL && uart_rate_find(clock_get()->apb, u->format.baud, &rate)) {
            uint32_t irq = irq_disable();
            set_rate(u->regs, &rate);
            irq_restore(irq);
        }
    }
}

/* ---- characters ---- */

size_t uart_readable(const struct uart *u)
{
    return ring_used(&u->rx) / width(u);
}

int uart_read(struct uart *u)
{
    int character = get(u, &u->rx);
    if (u->held && character >= 0) {
        uint32_t irq = irq_disable();
        u->held = false;
        u->regs->CR1 |= CR1_RXFNEIE;
        irq_restore(irq);
    }
    return character;
}

size_t uart_writable(const struct uart *u)
{
    return ring_free(&u->tx) / width(u);
}

bool uart_write(struct uart *u, uint16_t character)
{
    uint32_t irq = irq_disable();
    bool taken = put(u, &u->tx, character);
    u->regs->CR1 |= CR1_TXFNFIE;
    irq_restore(irq);
    return taken;
}

bool uart_sent(const struct uart *u)
{
    return ring_used(&u->tx) == 0 && u->regs->ISR & USART_ISR_TC;
}

void uart_send_break(struct uart *u)
{
    u->regs->RQR = USART_RQR_SBKRQ;
}

void uart_report(struct uart *u, unsigned events, uart_event_t event)
{
    uint32_t irq = irq_disable();
    u->wish = events;
    u->event = event;
    u->regs->ICR = USART_ICR_IDLECF | USART_ICR_TCCF;
    uint32_t cr1 = u->regs->CR1 & ~(USART_CR1_IDLEIE | USART_CR1_TCIE);
    u->regs->CR1 = cr1 | (events & UART_EVENT_IDLE ? USART_CR1_IDLEIE : 0) |
                   (events & UART_EVENT_SENT ? USART_CR1_TCIE : 0);
    irq_restore(irq);
}
