/* SPDX-License-Identifier: MIT */

/*
 * What OTG_HS needs around it to be a full-speed device with the internal transceiver: supply, a
 * 48 MHz clock, pins, bus clock. The core itself is its driver's (TinyUSB). Source: RM0455,
 * chapters PWR (USB regulator), RCC, CRS, OTG_HS.
 */
#ifndef MCU_USB_H
#define MCU_USB_H

#include <stdbool.h>
#include <stdint.h>

/*
 * After clock_init(), before the driver. False if the supply or the oscillator did not get ready.
 * The clock is HSI48, trimmed by the host's frames: no PLL, so that machine.freq() does not touch
 * it, and no crystal. The interrupt's priority is set; the driver enables it.
 */
bool usb_init(void);

/*
 * In the core's interrupt, before TinyUSB's handler. A host may give up a request and send another;
 * TinyUSB then leaves what it had not sent yet in endpoint 0's FIFO, and the answer to the new one
 * begins with it. RM0455 asks for a flush of the FIFO when a transfer is given up.
 */
void usb_drop_old_answer(void);

/*
 * In thread code: ends what an endpoint other than 0, by its address, has under way, and lets it
 * answer STALL. TinyUSB's way to do that waits without an end for what a reset of the bus, or
 * masked interrupts, keep from happening, and its interrupt goes on to fill a FIFO that was
 * flushed.
 */
void usb_halt_endpoint(uint8_t address);

/* Whether a host can see the device: OTG_DCTL.SDIS is clear. After the driver has been started. */
bool usb_is_attached(void);

/*
 * Whether an endpoint other than 0, by its address, is in use. A reset of the bus ends that at
 * once, before any interrupt (RM0455, OTG_DIEPCTLx.USBAEP). Thread code and interrupts.
 */
bool usb_endpoint_is_active(uint8_t address);

#endif
