/* SPDX-License-Identifier: MIT */

/*
 * The console's bytes on the USB serial port (CDC ACM). Thread mode, if not said otherwise. TinyUSB
 * does its work in mp_usbd_task(), which MicroPython's scheduler runs after each interrupt of the
 * core.
 */
#ifndef PORT_USB_CDC_H
#define PORT_USB_CDC_H

#include <stdbool.h>
#include <stddef.h>

/* A program on the host has the port open (DTR), and the bus is awake. */
bool usb_cdc_connected(void);

int usb_cdc_read(void); /* -1 when there is nothing */
bool usb_cdc_readable(void);

/*
 * Queues all of it for a host that reads, however slowly: it waits for as long as the host takes
 * something at least every half second. What a host that has stopped reading leaves no room for is
 * lost. While nobody has the port open the oldest bytes are, so that who opens it finds the latest.
 */
void usb_cdc_write(const char *data, size_t length);
bool usb_cdc_writable(void); /* whether a byte would be taken without waiting */

/* From the core's interrupt, behind TinyUSB: looks for the interrupt character in what came. So
   Ctrl-C works also while a program does not read its input. */
void usb_cdc_received(void);

#endif
