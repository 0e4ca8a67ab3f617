/* SPDX-License-Identifier: MIT */

/*
 * A class driver in place of TinyUSB's cdc_device.c, under its names, because that one
 *
 * - receives into a buffer that it looks at only when a transfer ends. Hosts do not end theirs with
 *   a zero-length packet, so its buffer must not be longer than a packet, and for lack of a second
 *   one the bus repeats each packet while the next transfer is set up. Here transfers of many
 *   packets go straight into the queue, where their bytes are seen as they arrive.
 * - drops what was on its way when the host resets the bus.
 *
 * USB CDC 1.2, PSTN 1.2. The queues have one writer and one reader each: the receive queue is
 * filled by the core's interrupt.
 */
#include <string.h>

#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/tinyusb/mp_usbd.h"
#include "usb_cdc.h"

#ifndef NO_QSTR
#include "class/cdc/cdc.h"
#include "device/usbd_pvt.h"
#endif

#define PACKET      64u
#define RX_BYTES    4096u
#define TX_BYTES    4096u
#define TX_TRANSFER 1024u /* 16 packets: the bus is not idle while the next ones are set up */
#define PROGRESS_MS 500u
#define OPEN_FRAMES                                                                                \
    16u /* programs open a port, and throw away what came before they were ready                   \
         */
#define INDEX_MODULO (2u * RX_BYTES) /* of tu_fifo_t's indices */

static uint8_t rx_bytes[RX_BYTES], tx_bytes[TX_BYTES], tx_transfer[TX_TRANSFER];
static tu_fifo_t rx = TU_FIFO_INIT(rx_bytes, RX_BYTES, uint8_t, false);
static tu_fifo_t tx = TU_FIFO_INIT(tx_bytes, TX_BYTES, uint8_t, true);

/* Of the configuration; 0 without one. */
static struct {
    uint8_t interface, in, out;
    bool dtr;
    unsigned open_delay; /* frames until what is queued goes to who has just opened the port */
} line;

static cdc_line_coding_t coding = {.bit_rate = 115200, .data_bits = 8};
static uint16_t on_the_way; /* bytes of tx_transfer that the host has not acknowledged */
static bool host_sleeps;    /* an open port took nothing for too long */

/* Interrupt side: looked at up to here; the program is to start reading there. */
static uint16_t rx_seen;
static volatile uint16_t rx_restart;
static volatile bool rx_restarts;

/* ---- transfers ---- */

bool usb_cdc_connected(void)
{
    return line.dtr && tud_ready();
}

/* As many packets as the queue has room for, whatever length they turn out to have. */
static void receive(void)
{
    uint16_t room = tu_fifo_remaining(&rx) / PACKET * PACKET;

    if (room >= RX_BYTES / 4 && line.out != 0 && tud_ready() &&
        usbd_edpt_claim(USBD_RHPORT, line.out)) {
        usbd_edpt_xfer_fifo(USBD_RHPORT, line.out, &rx, room);
    }
}

static void transmit(void)
{
    if (!usb_cdc_connected() || line.open_delay > 0 || !usbd_edpt_claim(USBD_RHPORT, line.in)) {
        return;
    }
    /* What the last configuration did not get rid of goes first. */
    if (on_the_way == 0) {
        on_the_way = tu_fifo_read_n(&tx, tx_transfer, TX_TRANSFER);
    }
    if (on_the_way > 0) {
        usbd_edpt_xfer(USBD_RHPORT, line.in, tx_transfer, on_the_way);
    } else {
        usbd_edpt_release(USBD_RHPORT, line.in);
    }
}

static void transmitted(uint32_t bytes)
{
    on_the_way = 0;
    /* A full packet does not end the host's read: an empty one does. */
    if (bytes > 0 && bytes % PACKET == 0 && tu_fifo_empty(&tx)) {
        if (usbd_edpt_claim(USBD_RHPORT, line.in)) {
            usbd_edpt_xfer(USBD_RHPORT, line.in, NULL, 0);
        }
    } else {
        transmit();
    }
}

/* ---- input ---- */

/* The last interrupt character ends the program; what came before it was meant for that one. */
void usb_cdc_received(void)
{
    uint16_t end = rx.wr_idx;

    for (; rx_seen != end; rx_seen = (rx_seen + 1u) % INDEX_MODULO) {
        if (rx_bytes[rx_seen % RX_BYTES] == mp_interrupt_char) {
            rx_restart = (rx_seen + 1u) % INDEX_MODULO;
            rx_restarts = true;
            mp_sched_keyboard_interrupt();
        }
    }
}

static void restart(void)
{
    if (rx_restarts) {
        uint32_t irq = irq_disable();
        rx_restarts = false;
        tu_fifo_advance_read_pointer(&rx, (rx_restart + INDEX_MODULO - rx.rd_idx) % INDEX_MODULO);
        irq_restore(irq);
        receive();
    }
}

bool usb_cdc_readable(void)
{
    restart();
    return !tu_fifo_empty(&rx);
}

int usb_cdc_read(void)
{
    uint8_t byte;

    restart();
    if (!tu_fifo_read(&rx, &byte)) {
        return -1;
    }
    if (tu_fifo_count(&rx) % PACKET == 0) {
        receive(); /* there may be no transfer for lack of room */
    }
    return byte;
}

/* ---- output ---- */

/* The scheduler does not run TinyUSB while it is locked, nor within a callback of its own. */
static void wait_for_host(void)
{
    mp_event_wait_ms(1);
    mp_usbd_task();
}

void usb_cdc_write(const char *data, size_t length)
{
    uint32_t progress_ms = mp_hal_ticks_ms();

    if (!tusb_inited()) {
        return;
    }
    while (length > 0) {
        bool connected = usb_cdc_connected();
        uint16_t n = length < TX_BYTES ? length : TX_BYTES;

        tu_fifo_set_overwritable(&tx, !connected);
        n = tu_fifo_write_n(&tx, data, n);
        transmit();
        data += n;
        length -= n;
        if (n > 0) {
            host_sleeps = false;
            progress_ms = mp_hal_ticks_ms();
        } else if (host_sleeps || __get_PRIMASK() || !connected) {
            return;
        } else if (mp_hal_ticks_ms() - progress_ms >= PROGRESS_MS) {
            host_sleeps = true;
            return;
        } else {
            wait_for_host();
        }
    }
}

bool usb_cdc_writable(void)
{
    return !usb_cdc_connected() || host_sleeps || !tu_fifo_full(&tx);
}

/* ---- TinyUSB's names: called by its task ---- */

void cdcd_init(void)
{
    memset(&line, 0, sizeof(line));
}

bool cdcd_deinit(void)
{
    return true;
}

void cdcd_reset(uint8_t rhport)
{
    memset(&line, 0, sizeof(line));
}

/* The queues outlive a configuration: there is nothing to choose. */
bool tud_cdc_configure_fifo(const tud_cdc_configure_fifo_t *configuration)
{
    return true;
}

/* machine.USBDevice does this before the device disconnects. */
bool tud_cdc_n_write_clear(uint8_t itf)
{
    return tu_fifo_clear(&tx);
}

/* The control interface, its functional descriptors and notification endpoint, the data interface;
 * returns their length. */
uint16_t cdcd_open(uint8_t rhport, const tusb_desc_interface_t *interface, uint16_t max_length)
{
    const uint8_t *p = (const uint8_t *)interface, *end = p + max_length;

    if (interface->bInterfaceClass != TUSB_CLASS_CDC ||
        interface->bInterfaceSubClass != CDC_COMM_SUBCLASS_ABSTRACT_CONTROL_MODEL || line.in != 0) {
        return 0;
    }
    line.interface = interface->bInterfaceNumber;
    for (p = tu_desc_next(p); p < end && tu_desc_type(p) == TUSB_DESC_CS_INTERFACE;) {
        p = tu_desc_next(p);
    }
    if (p < end && tu_desc_type(p) == TUSB_DESC_ENDPOINT) {
        TU_ASSERT(usbd_edpt_open(rhport, (const tusb_desc_endpoint_t *)p), 0);
        p = tu_desc_next(p);
    }
    TU_ASSERT(p < end && tu_desc_type(p) == TUSB_DESC_INTERFACE, 0);
    p = tu_desc_next(p);
    TU_ASSERT(usbd_open_edpt_pair(rhport, p, 2, TUSB_XFER_BULK, &line.out, &line.in), 0);
    p = tu_desc_next(tu_desc_next(p));
    receive();
    return (uint16_t)(p - (const uint8_t *)interface);
}

static void set_line_state(bool dtr)
{
    line.dtr = dtr;
    host_sleeps = false;
    if (dtr) {
        line.open_delay = OPEN_FRAMES;
        tud_sof_cb_enable(true);
    }
}

bool cdcd_control_xfer_cb(uint8_t rhport, uint8_t stage, const tusb_control_request_t *request)
{
    if (request->bmRequestType_bit.type != TUSB_REQ_TYPE_CLASS ||
        request->wIndex != line.interface) {
        return false;
    }
    switch (request->bRequest) {
    case CDC_REQUEST_SET_LINE_CODING:
        /* The core would receive more than the transfer has room for. */
        if (request->wLength != sizeof(coding)) {
            return false;
        }
        /* fall through */
    case CDC_REQUEST_GET_LINE_CODING:
        return stage != CONTROL_STAGE_SETUP ||
               tud_control_xfer(rhport, request, &coding, sizeof(coding));
    case CDC_REQUEST_SET_CONTROL_LINE_STATE:
        if (stage == CONTROL_STAGE_ACK) {
            set_line_state(request->wValue & 1);
        }
        return stage != CONTROL_STAGE_SETUP || tud_control_status(rhport, request);
    case CDC_REQUEST_SEND_BREAK:
        return stage != CONTROL_STAGE_SETUP || tud_control_status(rhport, request);
    default:
        return false; /* stalled */
    }
}

bool cdcd_xfer_cb(uint8_t rhport, uint8_t endpoint, xfer_result_t result, uint32_t bytes)
{
    if (endpoint == line.out) {
        receive();
    } else if (endpoint == line.in) {
        transmitted(bytes);
    }
    return true;
}

void tud_resume_cb(void)
{
    receive();
    transmit();
}

void tud_sof_cb(uint32_t frame_count)
{
    if (line.open_delay > 0 && --line.open_delay == 0) {
        tud_sof_cb_enable(false);
        transmit();
    }
}
