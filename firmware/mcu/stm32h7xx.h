/* SPDX-License-Identifier: MIT */

/* The name under which TinyUSB includes the device header of ST's H7 family. */
#ifndef MCU_STM32H7XX_H
#define MCU_STM32H7XX_H

#include "stm32h7a3.h"

#endif
