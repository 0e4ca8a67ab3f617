/* SPDX-License-Identifier: MIT */

#include "bootloader.h"
#include "backup.h"
#include "reset.h"
#include "stm32h7a3.h"

/* The eight above it hold the PSRAM's timing (port/psram_tune.c). */
#define MARK_REGISTER 23u
#define MARK_MBOOT    0x746F6F62u
#define MARK_ROM      0x4D4F5262u

/*
 * The ROM's vector table: of the STM32H7A3 as in AN2606's table of bootloader versions, quoted by
 * many programs; UNVERIFIED here. Where there is none it is at the start of system memory, as with
 * BOOT0.
 */
#define ROM_VECTORS      0x1FF0A800u
#define ROM_VECTORS_BOOT 0x1FF00000u
#define ROM_BYTES        0x20000u

_Noreturn void bootloader_enter(enum bootloader which)
{
    backup_write(MARK_REGISTER, which == BOOTLOADER_MBOOT ? MARK_MBOOT : MARK_ROM);
    reset_system();
}

enum bootloader bootloader_requested(void)
{
    uint32_t mark = backup_read(MARK_REGISTER);

    if (mark != MARK_MBOOT && mark != MARK_ROM) {
        return BOOTLOADER_NONE;
    }
    backup_write(MARK_REGISTER, 0);
    return mark == MARK_MBOOT ? BOOTLOADER_MBOOT : BOOTLOADER_ROM;
}

_Noreturn void bootloader_start_rom(void)
{
    const uint32_t *vectors = (const uint32_t *)ROM_VECTORS;

    if (vectors[1] - ROM_VECTORS_BOOT >= ROM_BYTES) {
        vectors = (const uint32_t *)ROM_VECTORS_BOOT;
    }
    uint32_t stack = vectors[0];
    uint32_t entry = vectors[1];
    SCB->VTOR = (uint32_t)vectors;
    __DSB();
    __ISB();
    __asm volatile("msr msp, %0 \n"
                   "bx  %1      \n" ::"r"(stack),
                   "r"(entry));
    __builtin_unreachable();
}
