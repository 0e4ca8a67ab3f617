/* SPDX-License-Identifier: MIT */

#include "mcu/usb.h"
#include "mcu/uid.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/tinyusb/mp_usbd.h"
#include "usb.h"
#include "usb_cdc.h"

/* A host takes a device that is away for less for the same one. */
#define AWAY_MS 50

static bool usable;
static bool started; /* since the last soft reset */
static enum medium chosen = BOARD_USB_MEDIUM;

/* The host is to enumerate anew what has changed. */
static void show_chosen(void)
{
    if (medium_shown() == chosen) {
        return;
    }
    bool connected = usable && tud_inited();
    if (connected) {
        tud_disconnect();
    }
    medium_show(chosen);
    if (connected) {
        mp_hal_delay_ms(AWAY_MS);
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

void usb_sleep(void)
{
    if (usable && tud_inited()) {
        tud_disconnect();
    }
}

void usb_wake(void)
{
    if (usable && tud_inited()) {
        tud_connect();
    }
}

void OTG_HS_IRQHandler(void);

void OTG_HS_IRQHandler(void)
{
    usb_drop_old_answer();
    tusb_int_handler(USBD_RHPORT, true);
    usb_cdc_received();
}

void mp_usbd_port_get_serial_number(char *serial)
{
    uid_usb_serial(serial);
}
