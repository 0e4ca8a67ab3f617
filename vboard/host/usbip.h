/*
 * The device at the board's USB plug, served to programs on the PC by USB/IP (--usbip): Linux's
 * Documentation/usb/usbip_protocol.rst, version 1.1.1. List, import, submit, unlink; isochronous
 * transfers are refused. Loopback only.
 *
 * A request for which the protocol has an answer gets it; whoever breaks the protocol is
 * disconnected, and what he had submitted is cancelled.
 */
#ifndef VBOARD_HOST_USBIP_H
#define VBOARD_HOST_USBIP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "../wire/sched.h"
#include "../wire/usb.h"

struct usbip;

enum { USBIP_CLIENTS = 4, USBIP_DESCRIPTORS = USBIP_CLIENTS + 1 };

/* Listens on a port given as text, 0 = any (NULL: on none); prints which on stdout. NULL: one
 * sentence in error. */
struct usbip *usbip_new(struct sched *s, struct usb_cable *cable, const char *port, char *error,
                        size_t error_size);
void usbip_free(struct usbip *u);

/* Takes clients and what they have sent, and sends what they have not yet; between slices of
   virtual time. True if a transfer began or ended since the last time. */
bool usbip_poll(struct usbip *u);
/* What to wait at: USBIP_DESCRIPTORS of them, -1 where there is none. */
void usbip_descriptors(const struct usbip *u, struct pollfd *fds);

/* A client that is connected by other means (tests): takes the descriptor. */
void usbip_serve(struct usbip *u, int fd);

#endif
