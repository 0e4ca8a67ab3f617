/* SPDX-License-Identifier: MIT */

#include "mcu/usb.h"
#include "mcu/uid.h"
#include "shared/tinyusb/mp_usbd.h"
#include "usb.h"
#include "usb_cdc.h"

static bool usable;

void usb_start(void)
{
    if (!usable) {
        usable = usb_init();
    }
    if (usable) {
        mp_usbd_init();
    }
}

void usb_stop(void)
{
    if (usable) {
        mp_usbd_deinit();
    }
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
