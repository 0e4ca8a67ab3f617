/*
 * A PC at the board's USB plug with a driver for CDC ACM devices, whose port is a pseudo terminal
 * or socket of the real PC (--usb). It does what Linux's cdc_acm does: line coding and DTR when
 * somebody opens the port, reads of two packets, no zero-length packets of its own, DTR off when
 * the port is closed.
 */
#ifndef VBOARD_HOST_USB_SERIAL_H
#define VBOARD_HOST_USB_SERIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "../wire/sched.h"
#include "../wire/usb.h"
#include "console.h"

struct usb_serial;

/* where: as console_open(). NULL: one sentence in error. */
struct usb_serial *usb_serial_new(struct sched *s, struct usb_cable *cable, const char *where,
                                  char *error, size_t error_size);
void usb_serial_free(struct usb_serial *u);

/* Moves what has come in and gone out since; between slices of virtual time. True if anything
   moved. */
bool usb_serial_poll(struct usb_serial *u);
struct console *usb_serial_console(struct usb_serial *u);

#endif
