/* SPDX-License-Identifier: MIT */

/* TinyUSB's configuration: what shared/tinyusb has, with this chip. */
#ifndef PORT_TUSB_CONFIG_H
#define PORT_TUSB_CONFIG_H

#include "py/mpconfig.h"

#define CFG_TUSB_MCU OPT_MCU_STM32H7
#define CFG_TUSB_OS  OPT_OS_NONE
/* The core has no high-speed transceiver here. */
#define CFG_TUD_MAX_SPEED OPT_MODE_FULL_SPEED

#include "shared/tinyusb/tusb_config.h"

#endif
