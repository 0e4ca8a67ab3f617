/* SPDX-License-Identifier: MIT */

/* The device's 96-bit unique number, at another address than on STM32H743 (RM0455, device
 * signature). */
#ifndef MCU_UID_H
#define MCU_UID_H

#include "stm32h7a3.h"

#define UID_BYTES         12
#define UID_SERIAL_DIGITS 12

static inline const uint8_t *uid_get(void)
{
    return (const uint8_t *)UID_BASE;
}

/*
 * 12 hexadecimal digits and a zero: the number, mixed for the serial number on USB as MicroPython's
 * stm32 port and the ROM boot loader do, so that a board has the same one in all its programs.
 */
void uid_usb_serial(char *serial);

#endif
