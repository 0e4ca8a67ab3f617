/* SPDX-License-Identifier: MIT */

/* The drive on USB: mass storage, bulk-only transport. Runs in TinyUSB's task. */
#ifndef PORT_USB_MSC_H
#define PORT_USB_MSC_H

#define USB_MSC_INTERFACE 2
#define USB_MSC_OUT       0x03
#define USB_MSC_IN        0x83

/* The class driver for TinyUSB (usbd_class_driver_t). */
extern const void *const usb_msc_driver;

#endif
