/* SPDX-License-Identifier: MIT */

#include "mcu/usb.h"
#include "mcu/irq.h"
#include "mcu/ticks.h"
#include "mcu/uid.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/tinyusb/mp_usbd.h"
#include "usb.h"
#include "usb_cdc.h"

#ifndef NO_QSTR
#include "device/dcd.h"
#endif

/* A host takes a device that is away for less for the same one. */
#define AWAY_MS 50

static bool usable;
static bool started; /* since the last soft reset */
static enum medium chosen = BOARD_USB_MEDIUM;
static volatile bool task_waits; /* for interrupts */

/* A program may have taken it off the bus by machine.USBDevice().active(False). */
static bool is_attached(void)
{
    return usable && tud_inited() && usb_is_attached();
}

/* The host is to enumerate anew what has changed. No exception may come in between: the board would
   stay away. */
static void show_chosen(void)
{
    if (medium_shown() == chosen) {
        return;
    }
    bool attached = is_attached();
    if (attached) {
        tud_disconnect();
    }
    medium_show(chosen);
    if (attached) {
        ticks_delay_us(AWAY_MS * 1000);
        tud_connect();
    }
}

void usb_start(void)
{
    if (!usable) {
        usable = usb_init();
    }
    show_chosen();
    if (usable) {
        mp_usbd_init();
    }
    started = true;
}

void usb_stop(void)
{
    started = false;
    chosen = BOARD_USB_MEDIUM;
    if (usable) {
        mp_usbd_deinit();
    }
    medium_soft_reset();
}

void usb_choose_medium(enum medium medium)
{
    chosen = medium;
    if (started) {
        show_chosen();
    }
}

enum medium usb_chosen_medium(void)
{
    return chosen;
}

bool usb_host_is_awake(void)
{
    return tud_inited() && tud_ready();
}

static bool left_to_sleep;

void usb_sleep(void)
{
    left_to_sleep = is_attached();
    if (left_to_sleep) {
        tud_disconnect();
    }
}

void usb_wake(void)
{
    if (left_to_sleep) {
        tud_connect();
    }
}

void OTG_HS_IRQHandler(void);

void OTG_HS_IRQHandler(void)
{
    usb_drop_old_answer();
    tusb_int_handler(USBD_RHPORT, true);
    usb_cdc_received();
    if (task_waits) {
        task_waits = false;
        mp_usbd_schedule_task();
    }
}

/*
 * The VM runs what is scheduled also while a program has masked interrupts (machine.disable_irq()).
 * TinyUSB's task works with its interrupt: it is put off until that comes, which is at once when
 * interrupts are on again.
 */
void __real_mp_usbd_task_callback(mp_sched_node_t *node);
void __wrap_mp_usbd_task_callback(mp_sched_node_t *node);

void __wrap_mp_usbd_task_callback(mp_sched_node_t *node)
{
    if (__get_PRIMASK()) {
        task_waits = true;
        NVIC_SetPendingIRQ(OTG_HS_IRQn);
    } else {
        __real_mp_usbd_task_callback(node);
    }
}

/*
 * A reset of the bus ends all transfers, in the interrupt. TinyUSB's task learns of it later, and
 * handles what was queued before as if nothing had happened: a class driver then begins a transfer,
 * which would be what the host gets first when it has configured the device again. It is not begun;
 * the news of the reset is next in the queue, and takes back all that the task thinks is under way.
 */
static bool is_open(uint8_t endpoint)
{
    return (endpoint & 0xFu) == 0 || usb_endpoint_is_active(endpoint);
}

bool __real_dcd_edpt_xfer(uint8_t port, uint8_t endpoint, uint8_t *buffer, uint16_t bytes);
bool __wrap_dcd_edpt_xfer(uint8_t port, uint8_t endpoint, uint8_t *buffer, uint16_t bytes);

bool __wrap_dcd_edpt_xfer(uint8_t port, uint8_t endpoint, uint8_t *buffer, uint16_t bytes)
{
    uint32_t state = irq_raise(IRQ_PRIORITY_USB);
    bool begun = !is_open(endpoint) || __real_dcd_edpt_xfer(port, endpoint, buffer, bytes);
    irq_lower(state);
    return begun;
}

bool __real_dcd_edpt_xfer_fifo(uint8_t port, uint8_t endpoint, tu_fifo_t *fifo, uint16_t bytes);
bool __wrap_dcd_edpt_xfer_fifo(uint8_t port, uint8_t endpoint, tu_fifo_t *fifo, uint16_t bytes);

bool __wrap_dcd_edpt_xfer_fifo(uint8_t port, uint8_t endpoint, tu_fifo_t *fifo, uint16_t bytes)
{
    uint32_t state = irq_raise(IRQ_PRIORITY_USB);
    bool begun = !is_open(endpoint) || __real_dcd_edpt_xfer_fifo(port, endpoint, fifo, bytes);
    irq_lower(state);
    return begun;
}

void __real_dcd_edpt_stall(uint8_t port, uint8_t endpoint);
void __wrap_dcd_edpt_stall(uint8_t port, uint8_t endpoint);

void __wrap_dcd_edpt_stall(uint8_t port, uint8_t endpoint)
{
    if ((endpoint & 0xFu) == 0) {
        __real_dcd_edpt_stall(port, endpoint);
    } else {
        usb_halt_endpoint(endpoint);
    }
}

void mp_usbd_port_get_serial_number(char *serial)
{
    uid_usb_serial(serial);
}
