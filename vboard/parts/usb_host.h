/*
 * A USB host at the other end of the cable: powers it, resets and enumerates what is plugged in as
 * an operating system does, and then moves control, bulk and interrupt transfers for its user.
 *
 * On the bus it does what a host controller does (USB 2.0, chapters 5.11 and 8): a frame each
 * millisecond with its start, in it first the interrupt endpoints that are due, then control and
 * bulk in turn until the frame is full. An endpoint that answers NAK is asked again as soon as it
 * is its turn; after a frame full of NAK once a frame only, as controllers that spare the memory
 * bus do.
 *
 * All calls and callbacks on the simulation thread. A callback may call anything here but
 * usb_host_free().
 */
#ifndef VBOARD_PARTS_USB_HOST_H
#define VBOARD_PARTS_USB_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../wire/usb.h"

enum usb_status {
    USB_OK,
    USB_STALLED,   /* the device refused: STALL */
    USB_BROKEN,    /* no, or no right, answer three times in a row */
    USB_BABBLED,   /* more data than asked for */
    USB_GONE,      /* device unplugged, reset, or its configuration changed */
    USB_CANCELLED, /* by usb_host_cancel() */
};

/* A transfer. The user's, and not to be touched between submit and done. */
struct usb_request {
    uint8_t endpoint; /* number, 0x80 added for IN; 0: control, with its direction in setup */
    uint8_t setup[8]; /* control only: wLength is the data's length */
    uint8_t *data;
    uint32_t length;
    bool zero_packet; /* OUT: a packet without data behind a last one that is full */
    void (*done)(void *ctx, struct usb_request *r);
    void *ctx;

    enum usb_status status; /* out */
    uint32_t actual;        /* out: bytes moved */

    /* Kept by the host. */
    struct usb_request *next;
    uint8_t stage, errors;
    bool queued, zero_sent;
};

struct usb_host_user {
    void *ctx;
    /* A device is configured with its first configuration. */
    void (*attached)(void *ctx);
    /* It is gone, or is about to be reset: its requests are done with USB_GONE before this. */
    void (*detached)(void *ctx);
    /* What went wrong with a device that cannot be enumerated; may be NULL. */
    void (*failed)(void *ctx, const char *why);
};

enum { USB_CONFIGURATION_MAX = 4096 };

struct usb_host;

/* Plugged into the cable from usb_host_start() on. NULL if memory ran out. */
struct usb_host *usb_host_new(struct sched *s, struct usb_cable *cable,
                              const struct usb_host_user *user);
void usb_host_free(struct usb_host *h);
/* Power on, or off: pulled out. */
void usb_host_start(struct usb_host *h);
void usb_host_stop(struct usb_host *h);

/* ---- the configured device; NULL, 0 if there is none ---- */

bool usb_host_ready(const struct usb_host *h);
unsigned usb_host_address(const struct usb_host *h);
const uint8_t *usb_host_device(const struct usb_host *h); /* device descriptor, 18 bytes */
/* The first configuration's descriptors; *size = their length. */
const uint8_t *usb_host_configuration(const struct usb_host *h, size_t *size);

/* Puts a request into its endpoint's queue. 0; -1 if there is no such endpoint now, then done is
   not called. */
int usb_host_submit(struct usb_host *h, struct usb_request *r);
/* Takes it back: done is called, with USB_CANCELLED, before this returns. Nothing if it is not
   queued. A packet that is on the bus at this moment is lost. */
void usb_host_cancel(struct usb_host *h, struct usb_request *r);

/* Port reset: the device is gone, and enumerated again. */
void usb_host_reset(struct usb_host *h);
/* No more frames; and 20 ms of resume, then frames again. */
void usb_host_suspend(struct usb_host *h);
void usb_host_resume(struct usb_host *h);

const char *usb_status_name(enum usb_status status);

#endif
