/*
 * The boot loader on USB: descriptors, and endpoint 0 by transactions (USB 2.0, 8.5.3 and 9.4).
 */
#include <string.h>

#include "bootrom_int.h"

enum {
    PACKET = 64,
    INTERFACES = 3, /* alternate settings of interface 0 */
    CONFIGURATION_SIZE = 9 + INTERFACES * 9 + 9,
};

enum { STRING_LANGUAGES, STRING_MAKER, STRING_PRODUCT, STRING_SERIAL, STRING_ALTERNATES };

/* wMaxPacketSize0 64; ST's vendor and product of boot loaders; release 2.00. */
static const uint8_t device_descriptor[18] = {
    18,
    1,
    0x00,
    0x01,
    0,
    0,
    0,
    64,
    0x83,
    0x04,
    0x11,
    0xDF,
    0x00,
    0x02,
    STRING_MAKER,
    STRING_PRODUCT,
    STRING_SERIAL,
    1,
};

#define ALTERNATE(n) 9, 4, 0, n, 0, 0xFE, 0x01, 0x02, STRING_ALTERNATES + (n)

static const uint8_t configuration_descriptor[CONFIGURATION_SIZE] = {
    9,
    2,
    CONFIGURATION_SIZE,
    0,
    1,
    1,
    0,
    0xC0,
    50, /* self-powered, 100 mA */
    ALTERNATE(0),
    ALTERNATE(1),
    ALTERNATE(2),
    /* DFU 1.1, 4.1.3: can download, upload, detaches by itself; 255 ms; version 1.1a. */
    9,
    0x21,
    0x0B,
    0xFF,
    0x00,
    BOOTROM_TRANSFER & 0xFF,
    BOOTROM_TRANSFER >> 8,
    0x1A,
    0x01,
};

/* What dfu-util -l showed of an STM32H7A3. */
static const char *const alternates[INTERFACES] = {
    "@Internal Flash   /0x08000000/256*08Kg",
    "@Option Bytes   /0x5200201C/01*297 e",
    "@OTP Memory   /0x08FFF000/01*1024 e",
};

static int string_descriptor(struct bootrom *r, unsigned index, uint8_t *to)
{
    const char *text;
    unsigned n;

    switch (index) {
    case STRING_LANGUAGES:
        memcpy(to, (const uint8_t[]){4, 3, 0x09, 0x04}, 4);
        return 4;
    case STRING_MAKER:
        text = "STMicroelectronics";
        break;
    case STRING_PRODUCT:
        text = "STM32  BOOTLOADER";
        break;
    case STRING_SERIAL:
        text = r->serial;
        break;
    default:
        if (index >= STRING_ALTERNATES + INTERFACES)
            return -1;
        text = alternates[index - STRING_ALTERNATES];
    }
    for (n = 0; text[n]; n++) {
        to[2 + 2 * n] = (uint8_t)text[n];
        to[3 + 2 * n] = 0;
    }
    to[0] = (uint8_t)(2 + 2 * n);
    to[1] = 3;
    return to[0];
}

static int copy(uint8_t *to, const uint8_t *from, int size)
{
    memcpy(to, from, (size_t)size);
    return size;
}

/* Standard requests with data for the host. */
static int standard_in(struct bootrom *r, uint8_t *to)
{
    unsigned value = r->setup[2] | r->setup[3] << 8;

    switch (r->setup[1]) {
    case 0: /* GET_STATUS: of the device, self-powered */
        return copy(to, (const uint8_t[]){(r->setup[0] & 31) == 0, 0}, 2);
    case 6: /* GET_DESCRIPTOR */
        if (value == 0x100)
            return copy(to, device_descriptor, sizeof(device_descriptor));
        if (value == 0x200)
            return copy(to, configuration_descriptor, CONFIGURATION_SIZE);
        if (value >> 8 == 3)
            return string_descriptor(r, value & 0xFF, to);
        if (value == 0x2100)
            return copy(to, configuration_descriptor + CONFIGURATION_SIZE - 9, 9);
        return -1;
    case 8: /* GET_CONFIGURATION */
        return copy(to, &r->configuration, 1);
    case 10: /* GET_INTERFACE */
        return copy(to, &r->alternate, 1);
    default:
        return -1;
    }
}

static bool standard_out(struct bootrom *r)
{
    unsigned value = r->setup[2] | r->setup[3] << 8;

    switch (r->setup[1]) {
    case 1: /* CLEAR_FEATURE, SET_FEATURE: of endpoint 0 nothing is to be done */
    case 3:
        return (r->setup[0] & 31) == 2 && value == 0;
    case 5: /* SET_ADDRESS: in force after the status stage */
        r->new_address = value & 127;
        return true;
    case 9:
        if (value > 1)
            return false;
        r->configuration = (uint8_t)value;
        return true;
    case 11: /* SET_INTERFACE */
        if (value >= INTERFACES)
            return false;
        r->alternate = (uint8_t)value;
        return true;
    default:
        return false;
    }
}

static unsigned host_length(const struct bootrom *r)
{
    return r->setup[6] | (unsigned)r->setup[7] << 8;
}

static bool is_class(const struct bootrom *r)
{
    return (r->setup[0] & 0x7F) == 0x21;
}

static bool is_standard(const struct bootrom *r)
{
    return (r->setup[0] & 0x60) == 0;
}

/* All data of the request are here, or it has none. */
static bool carry_out(struct bootrom *r)
{
    unsigned value = r->setup[2] | (unsigned)r->setup[3] << 8;

    if (is_class(r))
        return bootrom_dfu_out(r, r->setup[1], value, r->buffer, r->length);
    return is_standard(r) && standard_out(r);
}

static void begin_in(struct bootrom *r)
{
    unsigned value = r->setup[2] | (unsigned)r->setup[3] << 8, room = host_length(r);
    int size = -1;

    if (is_class(r))
        size = bootrom_dfu_in(r, r->setup[1], value, r->buffer, room);
    else if (is_standard(r))
        size = standard_in(r, r->buffer);
    r->stalled = size < 0;
    r->length = size < 0 ? 0 : (unsigned)size < room ? (unsigned)size : room;
}

static enum usb_reply setup(void *ctx, const struct usb_token *t, const uint8_t data[8])
{
    struct bootrom *r = ctx;

    if (t->address != r->usb_address || t->endpoint != 0)
        return USB_NO_REPLY;
    memcpy(r->setup, data, 8);
    r->stalled = r->status_stage = false;
    r->at = r->length = 0;
    r->toggle = 1;
    r->new_address = r->usb_address;
    r->in_stage = r->setup[0] & 0x80 && host_length(r);
    r->fresh = true;
    return USB_ACK;
}

/* The boot loader looks at a request when it has nothing else to do. */
static bool waits(struct bootrom *r)
{
    if (bootrom_busy(r))
        return true;
    if (r->fresh) {
        r->fresh = false;
        if (r->in_stage) {
            begin_in(r);
        } else if (host_length(r) == 0) {
            r->status_stage = true;
            r->stalled = !carry_out(r);
        } else {
            r->stalled = host_length(r) > sizeof(r->buffer);
            if (r->stalled && is_class(r))
                bootrom_dfu_out(r, DETACH, 0, NULL, 0);
        }
    }
    return false;
}

static enum usb_reply out(void *ctx, const struct usb_token *t, const struct usb_packet *p)
{
    struct bootrom *r = ctx;

    if (t->address != r->usb_address || t->endpoint != 0)
        return USB_NO_REPLY;
    if (waits(r))
        return USB_NAK;
    if (r->stalled)
        return USB_STALL;
    if (r->in_stage) { /* the host's status stage */
        if (p->size == 0 && !r->status_stage) {
            r->status_stage = true;
            bootrom_dfu_answered(r);
        }
        return USB_ACK;
    }
    if (p->toggle != r->toggle || r->status_stage)
        return USB_ACK;
    r->toggle ^= 1;
    if (r->at + p->size > host_length(r))
        return USB_STALL;
    memcpy(r->buffer + r->at, p->data, p->size);
    r->at += p->size;
    if (r->at == host_length(r)) {
        r->length = r->at;
        r->status_stage = true;
        r->stalled = !carry_out(r);
    }
    return USB_ACK;
}

static enum usb_reply in(void *ctx, const struct usb_token *t, struct usb_packet *p)
{
    struct bootrom *r = ctx;

    if (t->address != r->usb_address || t->endpoint != 0)
        return USB_NO_REPLY;
    if (waits(r))
        return USB_NAK;
    if (r->stalled)
        return USB_STALL;
    if (r->in_stage) {
        unsigned left = r->length - r->at;

        p->size = (uint16_t)(left < PACKET ? left : PACKET);
        memcpy(p->data, r->buffer + r->at, p->size);
        p->toggle = (uint8_t)r->toggle;
        return USB_DATA;
    }
    if (!r->status_stage)
        return USB_NAK; /* the host has not sent all of its data */
    p->size = 0;
    p->toggle = 1;
    return USB_DATA;
}

static void in_done(void *ctx, const struct usb_token *t, bool acked)
{
    struct bootrom *r = ctx;
    unsigned left = r->length - r->at;

    (void)t;
    if (!acked)
        return;
    if (r->in_stage) {
        r->at += left < PACKET ? left : PACKET;
        r->toggle ^= 1;
    } else {
        r->usb_address = r->new_address;
    }
}

static void bus_reset(void *ctx, bool active)
{
    struct bootrom *r = ctx;

    (void)active;
    r->usb_address = r->new_address = 0;
    r->configuration = r->alternate = 0;
    r->stalled = r->fresh = false;
    r->status_stage = true;
    r->in_stage = false;
    bootrom_dfu_reset(r);
}

void bootrom_usb_init(struct bootrom *r)
{
    r->function = (struct usb_function){
        .ctx = r,
        .name = "boot loader",
        .speed = USB_FULL_SPEED,
        .reset = bus_reset,
        .setup = setup,
        .out = out,
        .in = in,
        .in_done = in_done,
    };
    bus_reset(r, false);
}
