/* SPDX-License-Identifier: MIT */

#include "usart.h"
#include "irq.h"
#include "ticks.h"

/* 4 KB is a third of a second at 115200 baud: a paste survives a garbage collection of 8 MB. */
#define RX_RING_BYTES 4096u
#define TX_RING_BYTES 1024u

static uint8_t rx_data[RX_RING_BYTES], tx_data[TX_RING_BYTES];
static usart_filter_t filter;

static bool take(uint16_t character, bool bad)
{
    return bad || (filter != NULL && filter((uint8_t)character));
}

static struct uart console = {.rx = {.data = rx_data, .size = RX_RING_BYTES},
                              .tx = {.data = tx_data, .size = TX_RING_BYTES},
                              .filter = take};

bool usart_init(const struct usart_config *config)
{
    const struct uart_format format = {.baud = config->baud, .data_bits = 8, .stop_bits = 1};
    if (!uart_exists(config->number) || uart_open(&console, config->number, &format) != UART_OK) {
        return false;
    }
    /* Pull-ups keep both lines at idle while nothing is plugged in. */
    gpio_configure(config->tx, GPIO_ALTERNATE(config->alternate) | GPIO_PULL_UP);
    gpio_configure(config->rx, GPIO_ALTERNATE(config->alternate) | GPIO_PULL_UP);
    return true;
}

void usart_set_filter(usart_filter_t new_filter)
{
    filter = new_filter;
}

size_t usart_readable(void)
{
    return uart_readable(&console);
}

int usart_read(void)
{
    return uart_read(&console);
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
        while (length > 0 && uart_write(&console, *p)) {
            p++;
            length--;
        }
        uart_push(&console);
        if (length > 0 && uart_writable(&console) == 0 && __get_IPSR() == 0) {
            __DSB();
            __WFI();
        }
        irq_restore(irq);
    }
}

bool usart_writable(void)
{
    return uart_writable(&console) > 0;
}

void usart_flush(void)
{
    while (ring_used(&console.tx) > 0) {
        uart_push(&console);
    }
    /* FIFO and shift register hold 17 frames of 10 bits; a second is enough down to 300 baud. */
    (void)ticks_wait_register(&console.regs->ISR, USART_ISR_TC, USART_ISR_TC, 1000000u);
}

const struct uart_errors *usart_errors(void)
{
    return &console.errors;
}

void usart_panic_write(const char *text)
{
    USART_TypeDef *regs = console.regs;
    if (regs == NULL) {
        return;
    }
    usart_flush();
    for (; *text; text++) {
        while (!(regs->ISR & USART_ISR_TXE)) {
        }
        regs->TDR = (uint8_t)*text;
    }
    while (!(regs->ISR & USART_ISR_TC)) {
    }
}

bool usart_panic_read(void)
{
    bool any = false;
    while (console.regs != NULL && (console.regs->ISR & USART_ISR_RXNE)) {
        (void)console.regs->RDR;
        any = true;
    }
    return any;
}
