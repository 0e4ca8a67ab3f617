/* SPDX-License-Identifier: MIT */

/*
 * The console: one unit of uart.h, chosen at init, with rings of its own.
 *
 * Received bytes that find the ring full are dropped and counted, so that the receive filter goes
 * on seeing every byte (a program that does not read can still be interrupted). Transmitted bytes
 * are never dropped: usart_write() waits for room, and works with interrupts masked too.
 */
#ifndef MCU_USART_H
#define MCU_USART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gpio.h"
#include "uart.h"

struct usart_config {
    uint8_t number; /* 1..UART_UNITS */
    gpio_pin_t tx, rx;
    uint8_t alternate; /* of both pins */
    uint32_t baud;
};

/* Called by the interrupt for each byte received; true = taken, do not queue it. */
typedef bool (*usart_filter_t)(uint8_t byte);

/* Once, after clock_init(). 8 data bits, no parity, 1 stop bit. False when the baud rate cannot be
 * made. */
bool usart_init(const struct usart_config *config);

void usart_set_filter(usart_filter_t filter);

size_t usart_readable(void);
int usart_read(void); /* -1 when there is nothing */

/* Any context. */
void usart_write(const void *data, size_t length);
bool usart_writable(void); /* whether one byte would be taken without waiting */

/* Waits until everything has left the pin. */
void usart_flush(void);

/* bad: bytes with a framing or parity error, which the console drops. */
const struct uart_errors *usart_errors(void);

/* One byte by polling, past the ring: for fault handlers only. Does nothing before usart_init(). */
void usart_panic_write(const char *text);

/* Empties the receiver by polling; true if there was something. With interrupts off only. */
bool usart_panic_read(void);

#endif
