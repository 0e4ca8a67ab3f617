/*
 * A USB cable at full speed: one host at one end, at the other end the device functions of which
 * at most one has its pull-up on D+ switched on (the OTG core; a boot loader in its place).
 *
 * The level of this contract is the transaction of USB 2.0, chapter 8: a token, its data packet,
 * its handshake. Bits exist only as time. Who calls: the host drives VBUS, reset, start of frame,
 * resume and tokens; the device answers at once, as hardware must (8.7.2: within 16 to 18 bit
 * times), with data, a handshake, or not at all. The device switches its pull-up, and drives
 * remote wake-up. A suspend is what it is on the wire: nothing; who wants to notice it measures
 * the time since the last packet (7.1.7.6).
 *
 * Isochronous transfers are not part of it.
 *
 * Time: the host calls at the moment that the named part of the transaction is over on the bus,
 * and keeps to the lengths below. Simulation thread only.
 */
#ifndef VBOARD_WIRE_USB_H
#define VBOARD_WIRE_USB_H

#include <stdbool.h>
#include <stdint.h>

#include "sched.h"

/* USB 2.0, 7.1.11, 7.1.12: 12 Mbit/s, frames of 1 ms. */
#define USB_BIT_HZ UINT64_C(12000000)
#define USB_FRAME  (1 * VTIME_MS)

/*
 * Lengths in bit times, without bit stuffing. A packet is SYNC (8), PID (8), its content, and the
 * time until the next one; of the last USB 2.0 allots three bytes to a whole transaction
 * (tables 5-3 to 5-10, "Protocol overhead": 13 bytes for bulk = 3 SYNC, 3 PID, address with CRC5,
 * CRC16, 3 of delay), so that a frame has room for 19 bulk packets of 64 bytes.
 */
enum {
    USB_TOKEN_BITS = 8 + 8 + 16 + 8, /* address, endpoint, CRC5 */
    USB_DATA_BITS = 8 + 8 + 16 + 8,  /* CRC16, and 8 for each byte */
    USB_HANDSHAKE_BITS = 8 + 8 + 8,
    USB_TIMEOUT_BITS = 18, /* 8.7.2: in place of an answer */
    USB_FRAME_BITS = 12000,
    USB_SOF_BITS = USB_TOKEN_BITS, /* number and CRC5 */
    USB_MAX_PACKET = 64,           /* 5.5.3, 5.7.3, 5.8.3 */
};

enum usb_speed { USB_FULL_SPEED, USB_LOW_SPEED };

/* What comes back for a token. */
enum usb_reply {
    USB_NO_REPLY, /* wrong address, no such endpoint, CRC error, off */
    USB_ACK,      /* to SETUP and OUT */
    USB_NAK,
    USB_STALL,
    USB_DATA, /* to IN: a data packet */
};

struct usb_token {
    uint8_t address;  /* 0..127 */
    uint8_t endpoint; /* 0..15; the direction is the token's kind */
};

struct usb_packet {
    uint8_t toggle; /* 0: DATA0, 1: DATA1 */
    uint16_t size;  /* 0..USB_MAX_PACKET */
    uint8_t data[USB_MAX_PACKET];
};

/* A device function. vbus, start_of_frame, resume and in_done may be NULL. */
struct usb_function {
    void *ctx;
    const char *name; /* for logs */
    enum usb_speed speed;

    /* The following reach each attached function, with its pull-up on or not. */
    void (*vbus)(void *ctx, bool on);
    /* The following reach the connected one. */
    void (*reset)(void *ctx, bool active); /* SE0 for longer than 2.5 us begins, ends (7.1.7.5) */
    void (*start_of_frame)(void *ctx, unsigned number); /* 0..2047 */
    void (*resume)(void *ctx, bool active);             /* the host drives K; it ends */

    /* DATA0 with 8 bytes. A device can only ACK it, or not answer (8.5.3). */
    enum usb_reply (*setup)(void *ctx, const struct usb_token *t, const uint8_t data[8]);
    /* ACK also for a packet that is thrown away because its toggle is the last one's (8.6.2). */
    enum usb_reply (*out)(void *ctx, const struct usb_token *t, const struct usb_packet *p);
    /* USB_DATA: *p is filled in. */
    enum usb_reply (*in)(void *ctx, const struct usb_token *t, struct usb_packet *p);
    /* After USB_DATA of in(), at the end of the transaction: the host's ACK came, or did not (then
       the same packet is to be sent again). */
    void (*in_done)(void *ctx, const struct usb_token *t, bool acked);

    struct usb_function *next; /* kept by the cable */
};

/* The other end. */
struct usb_port {
    void *ctx;
    /* A device has switched its pull-up on (its speed is in it), or off: NULL. */
    void (*connected)(void *ctx, const struct usb_function *f);
    /* The device drives K on a suspended bus (7.1.7.7), or has ceased to. */
    void (*remote_wakeup)(void *ctx, bool active);
};

/* Follows what passes (logs); any function may be NULL. */
struct usb_observer {
    void *ctx;
    void (*event)(void *ctx, const char *what); /* "connect", "reset", "suspend", ... */
    /* At the end of a transaction. kind: 'S', 'O' or 'I'; p holds what was sent, NULL: nothing. */
    void (*transaction)(void *ctx, char kind, const struct usb_token *t, const struct usb_packet *p,
                        enum usb_reply reply);
};

struct usb_cable;

struct usb_cable *usb_cable_new(void); /* NULL if memory ran out */
void usb_cable_free(struct usb_cable *c);
/* One; NULL removes it. */
void usb_cable_observe(struct usb_cable *c, const struct usb_observer *o);

/* ---- for the device's end ---- */

/* Adds a function, not connected; it must stay where it is until it is detached. Tells it of VBUS
   if there is any. */
void usb_attach(struct usb_cable *c, struct usb_function *f);
void usb_detach(struct usb_cable *c, struct usb_function *f);
/* Pull-up on and off. If another's is on, that one is disconnected first. */
void usb_connect(struct usb_cable *c, struct usb_function *f);
void usb_disconnect(struct usb_cable *c, struct usb_function *f);
/* Drives K, or ceases to; of no effect but from the connected function. */
void usb_signal_wakeup(struct usb_cable *c, struct usb_function *f, bool active);
bool usb_vbus(const struct usb_cable *c);

/* ---- for the host's end ---- */

/* Plugs a host in (it sees a device that is connected already), or pulls it out: NULL. */
void usb_plug(struct usb_cable *c, const struct usb_port *port);
void usb_power(struct usb_cable *c, bool on); /* VBUS */
/* The connected function; NULL: none. */
struct usb_function *usb_connected(const struct usb_cable *c);
/* The following have no effect, and answer USB_NO_REPLY, while none is connected. */
void usb_drive_reset(struct usb_cable *c, bool active);
void usb_start_of_frame(struct usb_cable *c, unsigned number);
void usb_drive_resume(struct usb_cable *c, bool active);
/* Only tells an observer that the host has ceased to send frames. */
void usb_note_suspend(struct usb_cable *c);
enum usb_reply usb_setup(struct usb_cable *c, const struct usb_token *t, const uint8_t data[8]);
enum usb_reply usb_out(struct usb_cable *c, const struct usb_token *t, const struct usb_packet *p);
enum usb_reply usb_in(struct usb_cable *c, const struct usb_token *t, struct usb_packet *p);
void usb_in_done(struct usb_cable *c, const struct usb_token *t, const struct usb_packet *p,
                 bool acked);

static inline vtime usb_time(unsigned bits)
{
    return vtime_of_clocks(bits, USB_BIT_HZ);
}

#endif
