/* SPDX-License-Identifier: MIT */

/* The device on USB: a serial port for the REPL, and what programs add with machine.USBDevice. */
#ifndef PORT_USB_H
#define PORT_USB_H

/* Connects, if it is not connected already. After boot.py, which may have set up machine.USBDevice.
 * Does nothing if the chip's USB supply or clock is not there. */
void usb_start(void);

/* Before a soft reset: takes away what the program had added. */
void usb_stop(void);

/* Around a sleep that takes the clocks: leaves the bus, so that a host sees the board unplugged and
 * not one that is silent, and comes back to it. */
void usb_sleep(void);
void usb_wake(void);

#endif
