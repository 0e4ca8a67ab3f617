/* SPDX-License-Identifier: MIT */

/*
 * struct spiram_bus on OCTOSPI1: the only place that knows both the PSRAM library and the
 * microcontroller. The MPU region of the window is open exactly while the chip is mapped.
 */
#ifndef PORT_SPIRAM_BUS_H
#define PORT_SPIRAM_BUS_H

#include "mcu/octospi.h"
#include "spiram/spiram.h"

/* Switches OCTOSPI1 and its pins on, and fills *bus. All three must live as long as *bus is used.
 * Returns 0 or a negative enum spiram_error. Needs clock_init(), mpu_init() and cache_enable(). */
int spiram_bus_init(struct spiram_bus *bus, struct octospi *octospi,
                    const struct octospi_pins *pins);

/*
 * From now on nearest_clock() also offers what PLL2's dividers can make; configure() changes them.
 * Without it the clock is the present kernel clock over OCTOSPI's prescaler, and PLL2 stays as it
 * is.
 */
void spiram_bus_fine_clocks(struct spiram_bus *bus);

#endif
