/* SPDX-License-Identifier: MIT */

/*
 * What the device says of itself: shared/tinyusb's serial port alone, or with the drive beside it.
 * shared/tinyusb can have a drive too, but always or never; so its functions got other names (see
 * the Makefile), and are asked from here. A machine.USBDevice that a program makes finds the serial
 * port only: its interfaces begin where the drive's would be.
 */
#include "medium.h"
#include "py/runtime.h"
#include "shared/tinyusb/mp_usbd.h"
#include "usb.h"
#include "usb_msc.h"

#ifndef NO_QSTR
#include "class/msc/msc.h"
#include "device/usbd_pvt.h"

#define CDC_CMD_BYTES    8
#define BULK_BYTES       64
#define WITH_DRIVE_BYTES (TUD_CONFIG_DESC_LEN + TUD_CDC_DESC_LEN + TUD_MSC_DESC_LEN)

static const uint8_t with_drive[] = {
    TUD_CONFIG_DESCRIPTOR(1, USB_MSC_INTERFACE + 1, USBD_STR_0, WITH_DRIVE_BYTES, 0,
                          USBD_MAX_POWER_MA),
    TUD_CDC_DESCRIPTOR(USBD_ITF_CDC, USBD_STR_CDC, USBD_CDC_EP_CMD, CDC_CMD_BYTES, USBD_CDC_EP_OUT,
                       USBD_CDC_EP_IN, BULK_BYTES),
    TUD_MSC_DESCRIPTOR(USB_MSC_INTERFACE, USBD_STR_0, USB_MSC_OUT, USB_MSC_IN, BULK_BYTES),
};
_Static_assert(sizeof with_drive == WITH_DRIVE_BYTES, "as it says");

/* Whether it is the drive's descriptors that the host gets; from one bus reset to the next. */
static bool drive;

void usb_choose_descriptors(void)
{
    drive = medium_shown() != MEDIUM_NONE && MP_STATE_VM(usbd) == MP_OBJ_NULL;
}

const uint8_t *mp_usbd_runtime_device(void);
const uint8_t *mp_usbd_runtime_configuration(uint8_t index);
const usbd_class_driver_t *mp_usbd_runtime_driver(uint8_t *count);

const uint8_t *tud_descriptor_device_cb(void)
{
    static tusb_desc_device_t device;

    if (!drive) {
        return mp_usbd_runtime_device();
    }
    device = mp_usbd_builtin_desc_dev;
    device.idProduct = MICROPY_HW_USB_PID_CDC_MSC;
    return (const uint8_t *)&device;
}

const uint8_t *tud_descriptor_configuration_cb(uint8_t index)
{
    return drive ? with_drive : mp_usbd_runtime_configuration(index);
}

/* TinyUSB asks each of them about each interface, in this order. */
const usbd_class_driver_t *usbd_app_driver_get_cb(uint8_t *count)
{
    static usbd_class_driver_t drivers[2];

    drivers[0] = *mp_usbd_runtime_driver(count);
    drivers[1] = *(const usbd_class_driver_t *)usb_msc_driver;
    *count = 2;
    return drivers;
}
#endif
