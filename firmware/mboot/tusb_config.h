/* SPDX-License-Identifier: MIT */

/* TinyUSB's configuration: a device at full speed whose only class is our own, in usb.c. */
#ifndef MBOOT_TUSB_CONFIG_H
#define MBOOT_TUSB_CONFIG_H

#define CFG_TUSB_MCU           OPT_MCU_STM32H7
#define CFG_TUSB_OS            OPT_OS_NONE
#define CFG_TUSB_RHPORT0_MODE  (OPT_MODE_DEVICE | OPT_MODE_FULL_SPEED)
#define CFG_TUD_MAX_SPEED      OPT_MODE_FULL_SPEED
#define CFG_TUD_ENDPOINT0_SIZE 64

#endif
