/* SPDX-License-Identifier: MIT */

/*
 * A class driver in place of TinyUSB's msc_device.c, because that one
 *
 * - receives commands into 31 bytes: a longer packet overruns the endpoint's transfer size
 * - takes the block size from the host's numbers, which may not fit each other
 * - says "no medium" after each failed read or write, whatever it failed of
 * - keeps transfers that a Bulk-Only Reset ends, and stops at the next command
 * - lets the bus wait while a block is read or written
 *
 * Source: Universal Serial Bus Mass Storage Class, Bulk-Only Transport 1.0 (BOT). Its 13 cases
 * (6.7) are what the host expects to move (Hn nothing, Hi in, Ho out) against what the device
 * intends (Dn, Di, Do). Two buffers take turns: one is on the bus while the other meets the medium.
 */
#include <string.h>

#include "mcu/usb.h"
#include "py/runtime.h"
#include "shared/tinyusb/mp_usbd.h"
#include "usb.h"
#include "usb_msc.h"
#include "usb_scsi.h"

#ifndef NO_QSTR
#include "device/usbd_pvt.h"
#endif

#define PACKET      64u
#define CHUNK       4096u
#define BLOCK_BYTES 512u

#define CBW_BYTES     31u
#define CSW_BYTES     13u
#define CBW_SIGNATURE 0x43425355u
#define CSW_SIGNATURE 0x53425355u
#define CBW_TO_HOST   0x80u

#define REQUEST_RESET       0xFFu
#define REQUEST_GET_MAX_LUN 0xFEu

enum { PASSED, FAILED, PHASE_ERROR };

enum stage {
    COMMAND,     /* waits for a command block wrapper */
    DATA_IN,     /* to the host */
    DATA_OUT,    /* from it */
    STATUS,      /* its status waits until the host has cleared the IN endpoint's halt */
    STATUS_SENT, /* and is on the way */
    BROKEN,      /* what came was no command: both endpoints halt until a reset (BOT, 6.6.1) */
};

static struct {
    uint8_t interface, in, out; /* 0 without a configuration */
    bool in_armed, out_armed;   /* a transfer is under way */
    enum stage stage;
    uint32_t tag;
    uint32_t expected; /* by the host */
    bool expects_in;
    struct scsi_command command;
    uint32_t asked;     /* of the bus so far */
    uint32_t on_bus;    /* moved there */
    uint32_t processed; /* moved to or from the medium, and the host */
    uint8_t status;
    uint8_t turn;   /* which buffer is on the bus */
    uint32_t ready; /* bytes in the other one for the host */
} bot;

static uint8_t buffers[2][CHUNK] __attribute__((aligned(4)));
static uint8_t wrapper[PACKET] __attribute__((aligned(4)));

static uint32_t le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_le32(uint8_t *p, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (uint8_t)(value >> 8 * i);
    }
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* ---- endpoints ---- */

static void send(uint8_t *from, uint32_t bytes)
{
    bot.in_armed = usbd_edpt_xfer(USBD_RHPORT, bot.in, from, (uint16_t)bytes);
}

/* Whole packets. */
static void receive(uint8_t *to, uint32_t bytes)
{
    bot.out_armed = usbd_edpt_xfer(USBD_RHPORT, bot.out, to, (uint16_t)bytes);
}

static void receive_command(void)
{
    if (!bot.out_armed && !usbd_edpt_stalled(USBD_RHPORT, bot.out)) {
        receive(wrapper, PACKET);
    }
}

/* Ends what is under way there, too. */
static void halt_in(void)
{
    usbd_edpt_stall(USBD_RHPORT, bot.in);
    bot.in_armed = false;
}

static void halt_out(void)
{
    usbd_edpt_stall(USBD_RHPORT, bot.out);
    bot.out_armed = false;
}

/* ---- status ---- */

static void send_status(void)
{
    if (usbd_edpt_stalled(USBD_RHPORT, bot.in)) {
        return;
    }
    put_le32(&wrapper[0], CSW_SIGNATURE);
    put_le32(&wrapper[4], bot.tag);
    put_le32(&wrapper[8], bot.expected - bot.processed);
    wrapper[12] = bot.status;
    bot.stage = STATUS_SENT;
    send(wrapper, CSW_BYTES);
}

/* The endpoint on which the host still waits to move something halts. */
static void finish(uint8_t status)
{
    bot.status = status;
    bot.stage = STATUS;
    if (bot.on_bus < bot.expected) {
        if (bot.expects_in) {
            halt_in();
        } else {
            halt_out();
        }
    }
    send_status();
}

/* ---- data ---- */

static uint32_t block_at(uint32_t byte)
{
    return bot.command.block + byte / BLOCK_BYTES;
}

/* Fills the buffer whose turn is next. */
static void read_ahead(void)
{
    uint32_t n = smaller(CHUNK, bot.command.bytes - bot.asked);

    bot.ready = 0;
    if (n > 0 && bot.status == PASSED) {
        if (scsi_read(block_at(bot.asked), buffers[bot.turn ^ 1], n / BLOCK_BYTES)) {
            bot.ready = n;
        } else {
            bot.status = FAILED;
        }
    }
}

static void send_next(void)
{
    if (bot.ready == 0) {
        finish(bot.status);
        return;
    }
    bot.turn ^= 1;
    bot.asked += bot.ready;
    send(buffers[bot.turn], bot.ready);
    if (bot.command.of_medium) {
        read_ahead();
    } else {
        bot.ready = 0;
    }
}

static void sent(uint32_t bytes)
{
    bot.on_bus += bytes;
    bot.processed += bytes;
    send_next();
}

static void receive_next(void)
{
    uint32_t n = smaller(CHUNK, bot.command.bytes - bot.asked);

    if (n > 0) {
        bot.turn ^= 1;
        bot.asked += n;
        receive(buffers[bot.turn], n);
    }
}

/* After an error the rest is received as well, and thrown away: to halt the endpoint would be too
   late if the host has sent all. */
static void received(uint32_t bytes)
{
    const uint8_t *data = buffers[bot.turn];
    bool ended_early = bytes < smaller(CHUNK, bot.command.bytes - bot.on_bus);

    bot.on_bus += bytes;
    if (!ended_early) {
        receive_next();
    }
    if (bot.status == PASSED && bytes >= BLOCK_BYTES) {
        if (scsi_write(block_at(bot.processed), data, bytes / BLOCK_BYTES)) {
            bot.processed += bytes / BLOCK_BYTES * BLOCK_BYTES;
        } else {
            bot.status = FAILED;
        }
    }
    if (ended_early) {
        bot.on_bus = bot.expected; /* the host waits for the status, and sends no more */
        finish(PHASE_ERROR);
    } else if (bot.on_bus == bot.command.bytes) {
        finish(bot.status);
    }
}

/* ---- commands ---- */

/* Cases 2, 3, 7, 8, 10, 13: the host cannot do what the command says. */
static bool out_of_phase(void)
{
    return bot.command.bytes > 0 &&
           (bot.command.bytes > bot.expected || bot.command.to_host != bot.expects_in);
}

static void begin(const uint8_t *cbw)
{
    uint8_t *answer = buffers[1];

    bot.tag = le32(&cbw[4]);
    bot.expected = le32(&cbw[8]);
    bot.expects_in = cbw[12] & CBW_TO_HOST;
    bot.asked = bot.on_bus = bot.processed = 0;
    bot.status = PASSED;
    bot.turn = 0;
    if (!scsi_begin(cbw[13], &cbw[15], cbw[14], answer, &bot.command)) {
        finish(FAILED);
    } else if (out_of_phase()) {
        finish(PHASE_ERROR);
    } else if (bot.command.bytes == 0) {
        finish(PASSED);
    } else if (!bot.command.to_host) {
        bot.stage = DATA_OUT;
        receive_next();
    } else {
        bot.stage = DATA_IN;
        if (bot.command.of_medium) {
            read_ahead();
        } else {
            bot.ready = bot.command.bytes;
        }
        send_next();
    }
}

static bool is_command(const uint8_t *cbw, uint32_t bytes)
{
    return bytes == CBW_BYTES && le32(cbw) == CBW_SIGNATURE && (cbw[12] & 0x7Fu) == 0 &&
           cbw[13] < 16 && cbw[14] >= 1 && cbw[14] <= 16;
}

static void command_came(uint32_t bytes)
{
    if (is_command(wrapper, bytes)) {
        uint8_t cbw[CBW_BYTES];
        memcpy(cbw, wrapper, sizeof cbw); /* its place is the status's, too */
        begin(cbw);
    } else {
        bot.stage = BROKEN;
        halt_in();
        halt_out();
    }
}

/* ---- TinyUSB ---- */

static void msc_init(void)
{
    memset(&bot, 0, sizeof bot);
}

static bool msc_deinit(void)
{
    return true;
}

static void msc_reset(uint8_t rhport)
{
    memset(&bot, 0, sizeof bot);
    scsi_reset();
    usb_choose_descriptors();
}

/* An interface and its two endpoints; returns their length. */
static uint16_t msc_open(uint8_t rhport, const tusb_desc_interface_t *interface,
                         uint16_t max_length)
{
    const uint8_t *endpoints = tu_desc_next(interface);

    if (interface->bInterfaceClass != TUSB_CLASS_MSC || bot.in != 0 ||
        interface->bInterfaceNumber != USB_MSC_INTERFACE) {
        return 0;
    }
    bot.interface = interface->bInterfaceNumber;
    TU_ASSERT(usbd_open_edpt_pair(rhport, endpoints, 2, TUSB_XFER_BULK, &bot.out, &bot.in), 0);
    receive_command();
    const uint8_t *end = tu_desc_next(tu_desc_next(endpoints));
    return (uint16_t)(end - (const uint8_t *)interface);
}

/* The host has cleared a halt. */
static void halt_cleared(uint8_t endpoint)
{
    if (bot.stage == BROKEN) {
        usbd_edpt_stall(USBD_RHPORT, endpoint);
    } else if (endpoint == bot.in && bot.stage == STATUS) {
        send_status();
    } else if (endpoint == bot.out && bot.stage == COMMAND) {
        receive_command();
    }
}

/* It has set one, and so ended what was under way there: the command fails. */
static void halt_set(uint8_t endpoint)
{
    bool in_data = bot.stage == (endpoint == bot.in ? DATA_IN : DATA_OUT);

    *(endpoint == bot.in ? &bot.in_armed : &bot.out_armed) = false;
    if (in_data) {
        bot.on_bus = bot.expected;
        finish(PHASE_ERROR);
    } else if (endpoint == bot.in && bot.stage == STATUS_SENT) {
        bot.stage = STATUS;
    }
}

/*
 * Bulk-Only Mass Storage Reset (BOT, 3.1): whatever was under way is over. Both endpoints halt, as
 * the only way to take a transfer back; the host clears them next anyway (5.3.4).
 */
static void recover(void)
{
    bot.stage = COMMAND;
    halt_in();
    halt_out();
}

static bool class_request(uint8_t rhport, const tusb_control_request_t *request)
{
    static uint8_t max_lun;

    if (request->bmRequestType_bit.type != TUSB_REQ_TYPE_CLASS ||
        request->wIndex != bot.interface || request->wValue != 0) {
        return false;
    }
    switch (request->bRequest) {
    case REQUEST_RESET:
        if (request->wLength != 0) {
            return false;
        }
        recover();
        return tud_control_status(rhport, request);
    case REQUEST_GET_MAX_LUN:
        return request->wLength == 1 && tud_control_xfer(rhport, request, &max_lun, 1);
    default:
        return false; /* stalled */
    }
}

static bool msc_control(uint8_t rhport, uint8_t stage, const tusb_control_request_t *request)
{
    if (stage != CONTROL_STAGE_SETUP) {
        return true;
    }
    if (request->bmRequestType_bit.type == TUSB_REQ_TYPE_STANDARD &&
        request->bmRequestType_bit.recipient == TUSB_REQ_RCPT_ENDPOINT) {
        if (request->wValue == TUSB_REQ_FEATURE_EDPT_HALT) {
            void (*const changed)(uint8_t) =
                request->bRequest == TUSB_REQ_CLEAR_FEATURE ? halt_cleared : halt_set;
            changed((uint8_t)request->wIndex);
        }
        return true;
    }
    return class_request(rhport, request);
}

/* One that has been taken back may have ended before: it counts no more. */
static bool msc_transferred(uint8_t rhport, uint8_t endpoint, xfer_result_t result, uint32_t bytes)
{
    bool *armed = endpoint == bot.in ? &bot.in_armed : &bot.out_armed;

    if (!*armed) {
        return true;
    }
    *armed = false;
    if (endpoint == bot.out) {
        if (bot.stage == COMMAND) {
            command_came(bytes);
        } else if (bot.stage == DATA_OUT) {
            received(bytes);
        }
    } else if (bot.stage == DATA_IN) {
        sent(bytes);
    } else if (bot.stage == STATUS_SENT) {
        bot.stage = COMMAND;
        receive_command();
    }
    return true;
}

static const usbd_class_driver_t driver = {
    .name = "msc",
    .init = msc_init,
    .deinit = msc_deinit,
    .reset = msc_reset,
    .open = msc_open,
    .control_xfer_cb = msc_control,
    .xfer_cb = msc_transferred,
};
const void *const usb_msc_driver = &driver;
