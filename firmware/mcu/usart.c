/* SPDX-License-Identifier: MIT */

#include "usart.h"
#include "clock.h"
#include "irq.h"
#include "ring.h"
#include "ticks.h"

/* 4 KB is a third of a second at 115200 baud: a paste survives a garbage collection of 8 MB. */
#define RX_RING_BYTES 4096u
#define TX_RING_BYTES 1024u

/* ISR and CR1 names of RM0455 with FIFOEN = 1; the bits are those of RXNE and TXE. */
#define ISR_RXFNE   USART_ISR_RXNE
#define ISR_TXFNF   USART_ISR_TXE
#define CR1_RXFNEIE USART_CR1_RXNEIE
#define CR1_TXFNFIE USART_CR1_TXEIE

static uint8_t rx_data[RX_RING_BYTES], tx_data[TX_RING_BYTES];
static struct ring rx = {.data = rx_data, .size = RX_RING_BYTES};
static struct ring tx = {.data = tx_data, .size = TX_RING_BYTES};

static USART_TypeDef *usart;
static uint32_t baud_rate;
static usart_filter_t filter;
static struct usart_errors errors;

/* Moves bytes from the ring to the FIFO. Called with interrupts masked, or from the interrupt. */
static void feed_transmitter(void)
{
    while (usart->ISR & ISR_TXFNF) {
        int byte = ring_get(&tx);
        if (byte < 0) {
            usart->CR1 &= ~CR1_TXFNFIE;
            return;
        }
        usart->TDR = (uint32_t)byte;
    }
}

static void drain_receiver(void)
{
    uint32_t isr;
    while ((isr = usart->ISR) & (ISR_RXFNE | USART_ISR_ORE)) {
        if (isr & USART_ISR_ORE) {
            usart->ICR = USART_ICR_ORECF;
            errors.overrun++;
        }
        if (!(isr & ISR_RXFNE)) {
            continue;
        }
        /* With the FIFO on, these flags belong to the byte that RDR gives next. */
        bool bad = isr & (USART_ISR_FE | USART_ISR_PE);
        uint8_t byte = (uint8_t)usart->RDR;
        if (isr & (USART_ISR_FE | USART_ISR_PE | USART_ISR_NF)) {
            usart->ICR = USART_ICR_FECF | USART_ICR_PECF | USART_ICR_NCF;
        }
        if (bad) {
            errors.framing++;
        } else if (!(filter && filter(byte)) && !ring_put(&rx, byte)) {
            errors.ring_full++;
        }
    }
}

static void usart_interrupt(void)
{
    drain_receiver();
    if (usart->CR1 & CR1_TXFNFIE) {
        feed_transmitter();
    }
}

void USART1_IRQHandler(void);
void USART2_IRQHandler(void);
void USART3_IRQHandler(void);

void USART1_IRQHandler(void)
{
    usart_interrupt();
}

void USART2_IRQHandler(void)
{
    usart_interrupt();
}

void USART3_IRQHandler(void)
{
    usart_interrupt();
}

bool usart_init(const struct usart_config *config)
{
    IRQn_Type irqn;
    USART_TypeDef *instance;

    switch (config->number) {
    case 1:
        instance = USART1;
        irqn = USART1_IRQn;
        RCC->APB2ENR |= RCC_APB2ENR_USART1EN;
        (void)RCC->APB2ENR;
        break;
    case 2:
        instance = USART2;
        irqn = USART2_IRQn;
        RCC->APB1LENR |= RCC_APB1LENR_USART2EN;
        (void)RCC->APB1LENR;
        break;
    case 3:
        instance = USART3;
        irqn = USART3_IRQn;
        RCC->APB1LENR |= RCC_APB1LENR_USART3EN;
        (void)RCC->APB1LENR;
        break;
    default:
        return false;
    }

    uint32_t divisor = usart_divisor(clock_get()->apb, config->baud);
    if (divisor == 0) {
        return false;
    }
    baud_rate = config->baud;

    instance->CR1 = 0;
    instance->CR2 = 0;
    instance->CR3 = 0;
    instance->PRESC = 0;
    instance->BRR = divisor;
    instance->CR1 = USART_CR1_FIFOEN | USART_CR1_TE | USART_CR1_RE;
    instance->CR1 |= USART_CR1_UE;

    /* Pull-ups keep both lines at idle while nothing is plugged in. */
    gpio_configure(config->tx, GPIO_ALTERNATE(config->alternate) | GPIO_PULL_UP);
    gpio_configure(config->rx, GPIO_ALTERNATE(config->alternate) | GPIO_PULL_UP);

    usart = instance;
    instance->CR1 |= CR1_RXFNEIE;
    NVIC_SetPriority(irqn, IRQ_PRIORITY_USART);
    NVIC_EnableIRQ(irqn);
    return true;
}

void usart_set_filter(usart_filter_t new_filter)
{
    filter = new_filter;
}

void usart_clock_changed(void)
{
    uint32_t divisor = usart_divisor(clock_get()->apb, baud_rate);
    uint32_t irq = irq_disable();
    /* RM0455, USART_BRR: written with UE = 0 only. */
    usart->CR1 &= ~USART_CR1_UE;
    usart->BRR = divisor;
    usart->CR1 |= USART_CR1_UE;
    irq_restore(irq);
}

size_t usart_readable(void)
{
    return ring_used(&rx);
}

int usart_read(void)
{
    return ring_get(&rx);
}

void usart_write(const void *data, size_t length)
{
    const uint8_t *p = data;
    /*
     * Masked, because an interrupt handler may print too. When the ring is full this loop moves
     * bytes itself, so it ends even if the caller has masked interrupts. It sleeps until the FIFO
     * has room: a pending interrupt ends WFI though it is masked by PRIMASK (DDI0403E B1.5.19),
     * unless its priority is not above that of a handler that we are in.
     */
    while (length > 0) {
        uint32_t irq = irq_disable();
        while (length > 0 && ring_put(&tx, *p)) {
            p++;
            length--;
        }
        usart->CR1 |= CR1_TXFNFIE;
        feed_transmitter();
        if (length > 0 && ring_free(&tx) == 0 && __get_IPSR() == 0) {
            __DSB();
            __WFI();
        }
        irq_restore(irq);
    }
}

bool usart_writable(void)
{
    return ring_free(&tx) > 0;
}

void usart_flush(void)
{
    while (ring_used(&tx) > 0) {
        uint32_t irq = irq_disable();
        feed_transmitter();
        irq_restore(irq);
    }
    /* FIFO and shift register hold 17 frames of 10 bits; a second is enough down to 300 baud. */
    (void)ticks_wait_register(&usart->ISR, USART_ISR_TC, USART_ISR_TC, 1000000u);
}

const struct usart_errors *usart_errors(void)
{
    return &errors;
}

void usart_panic_write(const char *text)
{
    if (usart == NULL) {
        return;
    }
    usart_flush();
    for (; *text; text++) {
        while (!(usart->ISR & ISR_TXFNF)) {
        }
        usart->TDR = (uint8_t)*text;
    }
    while (!(usart->ISR & USART_ISR_TC)) {
    }
}

bool usart_panic_read(void)
{
    bool any = false;
    while (usart != NULL && (usart->ISR & ISR_RXFNE)) {
        (void)usart->RDR;
        any = true;
    }
    return any;
}
