/* SPDX-License-Identifier: MIT */

/*
 * USART1, 2, 3, 6, 10 and UART4, 5, 7, 8, 9: asynchronous characters in and out through rings,
 * moved by interrupt, the hardware's FIFO on. Source: RM0455, chapter USART.
 *
 * Thread code only, unless a line says else. A struct uart belongs to the caller and is open from
 * uart_open() to uart_close(); a unit is open once at a time. The rings must lie where interrupts
 * may write at any time: not in the PSRAM. Pins are the caller's; set them after uart_open(), so
 * that TX begins idle.
 */
#ifndef MCU_UART_H
#define MCU_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ring.h"
#include "stm32h7a3.h"

#define UART_UNITS 10u /* 1..10, USART and UART in one numbering */

enum uart_parity { UART_PARITY_NONE, UART_PARITY_EVEN, UART_PARITY_ODD };

struct uart_format {
    uint32_t baud;
    uint8_t data_bits; /* 7..9; with parity 7 or 8 (RM0455, USART_CR1.M) */
    enum uart_parity parity;
    uint8_t stop_bits;         /* 1, 2 */
    bool rts, cts;             /* flow control by hardware */
    bool invert_tx, invert_rx; /* idle is low on the pin */
};

enum uart_status {
    UART_OK = 0,
    UART_ERROR_FORMAT = -1, /* bits and parity do not fit together */
    UART_ERROR_BAUD = -2,   /* no divider comes within 5 % of the rate */
};

enum {
    UART_EVENT_RX = 1 << 0,   /* characters came */
    UART_EVENT_IDLE = 1 << 1, /* and then none for the time of one */
    UART_EVENT_SENT = 1 << 2, /* the last one has left the pin */
};

struct uart;

/* Called by the unit's interrupt (IRQ_PRIORITY_USART). */
typedef void (*uart_event_t)(struct uart *u, unsigned events);
/* For each character that came, by the interrupt; bad: framing or parity error. True: taken. */
typedef bool (*uart_filter_t)(uint16_t character, bool bad);

struct uart_errors {
    uint32_t overrun;   /* the hardware's FIFO was full: at least one character lost each */
    uint32_t bad;       /* framing, noise or parity error; the character is in the ring */
    uint32_t ring_full; /* characters lost; none with rts, which stops the sender before */
};

struct uart {
    /* Set by the caller before uart_open(). Sizes are powers of two, in bytes; a character of 9
     * bits takes two. */
    struct ring rx, tx;
    uart_filter_t filter; /* NULL: none */

    /* Kept here. */
    USART_TypeDef *regs; /* NULL: closed */
    struct uart_format format;
    unsigned unit;
    uint16_t data_mask;
    bool wide;              /* 9 bits: two bytes a character */
    bool held;              /* rts: the ring is full, the FIFO is left to fill */
    volatile unsigned wish; /* UART_EVENT_... that are reported */
    uart_event_t event;
    struct uart_errors errors;
};

bool uart_exists(unsigned unit);

enum uart_status uart_open(struct uart *u, unsigned unit, const struct uart_format *format);
/* Any state; what has not been sent is lost. */
void uart_close(struct uart *u);

/* The rate as the dividers make it. */
uint32_t uart_baud(const struct uart *u);

/* Characters waiting; the next one, or -1. */
size_t uart_readable(const struct uart *u);
int uart_read(struct uart *u);

/* Characters that would be taken; false: no room. Any context but interrupts above the unit's. */
size_t uart_writable(const struct uart *u);
bool uart_write(struct uart *u, uint16_t character);

/* Moves what it can from the ring to the FIFO: for callers with interrupts masked. Any context. */
void uart_push(struct uart *u);

/* Everything has left the pin. */
bool uart_sent(const struct uart *u);

/* A low (with invert_tx high) of one character's length, after what is being sent. */
void uart_send_break(struct uart *u);

/* From now on event() is called for these (or-ed); 0: for none. */
void uart_report(struct uart *u, unsigned events, uart_event_t event);

/* Recomputes the dividers of all open units after the APB clock changed. What is being sent is
 * garbled. */
void uart_clock_changed(void);

#endif
