/* SPDX-License-Identifier: MIT */

/* The device on USB: a serial port for the REPL, a drive, and what programs add with
 * machine.USBDevice. */
#ifndef PORT_USB_H
#define PORT_USB_H

#include <stdbool.h>

#include "medium.h"

/* Connects, if it is not connected already. After boot.py, which may have set up machine.USBDevice,
 * or chosen another drive. Does nothing if the chip's USB supply or clock is not there. */
void usb_start(void);

/* Before a soft reset: takes away what the program had added, or chosen. */
void usb_stop(void);

/* Around a sleep that takes the clocks: leaves the bus, so that a host sees the board unplugged and
 * not one that is silent, and comes back to it if it was there. */
void usb_sleep(void);
void usb_wake(void);

/* What the drive shows, until the next soft reset; BOARD_USB_MEDIUM if nobody says. When USB is
 * connected the board leaves the bus, and comes back with it. */
void usb_choose_medium(enum medium medium);
enum medium usb_chosen_medium(void);

/* Whether there is a host that has configured the device, and does not sleep. */
bool usb_host_is_awake(void);

/* At each bus reset: usb_descriptor.c. */
void usb_choose_descriptors(void);

#endif
