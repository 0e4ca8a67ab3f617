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

void OTG_HS_IRQHandler(void);

void OTG_HS_IRQHandler(void)
{
    tusb_int_handler(USBD_RHPORT, true);
    usb_cdc_received();
}

/* 12 hexadecimal digits of the unique number, mixed as the ROM boot loader does, so that the board
   has the same number in both (MicroPython's stm32 port does so, too). */
void mp_usbd_port_get_serial_number(char *serial)
{
    const uint8_t *id = uid_get();
    const uint8_t bytes[6] = {
        id[11], (uint8_t)(id[10] + id[2]), id[9], (uint8_t)(id[8] + id[0]), id[7], id[6]};
    static const char digits[] = "0123456789ABCDEF";

    for (unsigned i = 0; i < sizeof(bytes); i++) {
        *serial++ = digits[bytes[i] >> 4];
        *serial++ = digits[bytes[i] & 15];
    }
    *serial = '\0';
}
