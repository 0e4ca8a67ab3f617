/* SPDX-License-Identifier: MIT */

/* The DfuSe protocol on USB: descriptors, and TinyUSB's class driver for it. */
#ifndef MBOOT_USB_H
#define MBOOT_USB_H

#include <stdbool.h>

#include "dfuse.h"

/* Shows itself to the host; d is served from mboot_usb_task() on. False: no supply or clock for
   USB. Once. */
bool mboot_usb_start(struct dfuse *d);

/* What has come in since; erases and writes in it. From the main loop. */
void mboot_usb_task(void);

/* Off the bus, as if pulled out. */
void mboot_usb_stop(void);

#endif
