/* SPDX-License-Identifier: MIT */

/*
 * The way into a boot loader: a mark in a backup register, and a reset, so that it starts with the
 * chip as after power-on. Who starts first after the reset looks at the mark: our boot loader, or
 * without it the application.
 */
#ifndef MCU_BOOTLOADER_H
#define MCU_BOOTLOADER_H

enum bootloader {
    BOOTLOADER_NONE,
    BOOTLOADER_MBOOT, /* ours, in the first sectors of the flash */
    BOOTLOADER_ROM,   /* ST's, in system memory */
};

/* Any context; output on its way is lost. */
_Noreturn void bootloader_enter(enum bootloader which);

/* What the last run asked for; the mark is taken away. Once, as the first thing of main(). */
enum bootloader bootloader_requested(void);

/* Only right after a reset: clocks, caches, MPU, interrupts and pins as they are then (AN2606). */
_Noreturn void bootloader_start_rom(void);

#endif
