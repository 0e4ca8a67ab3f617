/* SPDX-License-Identifier: MIT */

/*
 * The boot loader: starts the application behind it if that is whole and nobody wants anything
 * else; else it is a DFU device. It never writes to its own sectors, so a board with it can always
 * be updated. The chip stays at the clock of reset, HSI, and needs no crystal.
 */
#include <string.h>

#include "dfuse.h"
#include "image.h"
#include "mcu/bootloader.h"
#include "mcu/flash.h"
#include "mcu/gpio.h"
#include "mcu/power.h"
#include "mcu/reset.h"
#include "mcu/stm32h7a3.h"
#include "mcu/ticks.h"
#include "mpconfigboard.h"
#include "tusb.h"
#include "usb.h"

#define OWN_BYTES   0x8000u /* FLASH_OFFSET of the application */
#define APPLICATION (FLASH_BANK1_BASE + OWN_BYTES)
#define FLASH_END   (FLASH_BANK1_BASE + 2u * FLASH_BANK_BYTES)

/* For the level to settle behind the pull resistor. */
#define BUTTON_SETTLE_US 50u
/* The host takes the last answer before the device leaves the bus. */
#define LEAVE_MS 50u
/* USB 2.0, 7.1.7.3: a host notices a disconnection after 2.5 us; drivers want more. */
#define OFF_THE_BUS_MS 50u
#define BLINK_MS       250u

static bool image_read(void *ctx, uint32_t address, void *to, size_t bytes)
{
    (void)ctx;
    return flash_read(address, to, bytes) == FLASH_OK;
}

/* The file system has bank 2. */
static const struct image_place application = {
    .start = APPLICATION,
    .end = FLASH_BANK1_BASE + FLASH_BANK_BYTES,
    .read = image_read,
};

static bool application_is_whole(void *ctx)
{
    (void)ctx;
    return image_check(&application) == IMAGE_OK;
}

static enum dfu_status memory_erase(void *ctx, uint32_t sector)
{
    (void)ctx;
    switch (flash_erase_sector(sector)) {
    case FLASH_OK:
        return DFU_OK;
    case FLASH_ERROR_PROTECTED:
        return DFU_ERR_WRITE;
    default:
        return DFU_ERR_ERASE;
    }
}

static enum dfu_status memory_write(void *ctx, uint32_t address, const uint8_t *from, size_t bytes)
{
    (void)ctx;
    switch (flash_program(address, from, bytes)) {
    case FLASH_OK:
        return DFU_OK;
    case FLASH_ERROR_PROTECTED:
        return DFU_ERR_WRITE;
    case FLASH_ERROR_VERIFY:
        return DFU_ERR_CHECK_ERASED;
    default:
        return DFU_ERR_PROG;
    }
}

/* A word that cannot be read shows as erased: a host compares, and has to write it anyway. */
static enum dfu_status memory_read(void *ctx, uint32_t address, uint8_t *to, size_t bytes)
{
    (void)ctx;
    for (size_t n = 0; n < bytes;) {
        size_t part = FLASH_WORD_BYTES - (address + n) % FLASH_WORD_BYTES;
        part = part < bytes - n ? part : bytes - n;
        enum flash_error error = flash_read(address + n, to + n, part);
        if (error == FLASH_ERROR_ECC) {
            memset(to + n, 0xFF, part);
        } else if (error != FLASH_OK) {
            return DFU_ERR_VENDOR;
        }
        n += part;
    }
    return DFU_OK;
}

/* Going back from level 1 erases all of the flash by hardware, the boot loader too: that is left to
   the ROM boot loader. */
static enum dfu_status memory_unprotect(void *ctx)
{
    (void)ctx;
    return (FLASH->OPTSR_CUR >> 8 & 0xFFu) == 0xAAu ? DFU_OK : DFU_ERR_VENDOR;
}

static const struct dfuse_memory memory = {
    .start = FLASH_BANK1_BASE,
    .own_end = APPLICATION,
    .end = FLASH_END,
    .sector_bytes = FLASH_SECTOR_BYTES,
    .word_bytes = FLASH_WORD_BYTES,
    /* Typical times (DS13195, flash characteristics: UNVERIFIED), with the reads around them. */
    .erase_ms = 3,
    .write_ms = 10,
    .erase = memory_erase,
    .write = memory_write,
    .read = memory_read,
    .unprotect = memory_unprotect,
    .application_is_whole = application_is_whole,
};

/* A board with one button has it for this; held a little later it is the firmware's. */
#if !defined BOARD_MBOOT_BUTTON && defined BOARD_SAFE_BUTTON
#define BOARD_MBOOT_BUTTON         BOARD_SAFE_BUTTON
#define BOARD_MBOOT_BUTTON_PULL    BOARD_SAFE_BUTTON_PULL
#define BOARD_MBOOT_BUTTON_PRESSED BOARD_SAFE_BUTTON_PRESSED
#endif

static bool button_held(void)
{
#ifdef BOARD_MBOOT_BUTTON
    gpio_configure(BOARD_MBOOT_BUTTON, GPIO_INPUT | BOARD_MBOOT_BUTTON_PULL);
    ticks_delay_us(BUTTON_SETTLE_US);
    bool held = gpio_read(BOARD_MBOOT_BUTTON) == BOARD_MBOOT_BUTTON_PRESSED;
    gpio_configure(BOARD_MBOOT_BUTTON, GPIO_ANALOG);
    return held;
#else
    return false;
#endif
}

static void light(bool on)
{
#ifdef BOARD_MBOOT_LED
    gpio_configure(BOARD_MBOOT_LED, GPIO_OUTPUT);
    gpio_write(BOARD_MBOOT_LED, on == BOARD_MBOOT_LED_ON);
#else
    (void)on;
#endif
}

/* As the core does after reset (Arm DDI0403E B1.5.5); interrupts and SysTick were never on. */
_Noreturn static void start_application(void)
{
    const uint32_t *vectors = (const uint32_t *)APPLICATION;
    uint32_t stack = vectors[0];
    uint32_t entry = vectors[1];

    SCB->VTOR = APPLICATION;
    __DSB();
    __ISB();
    __asm volatile("msr msp, %0 \n"
                   "bx  %1      \n" ::"r"(stack),
                   "r"(entry));
    __builtin_unreachable();
}

uint32_t tusb_time_millis_api(void)
{
    return ticks_ms();
}

_Noreturn static void serve(void)
{
    static struct dfuse dfu;
    bool leaving = false;
    uint32_t since = 0;

    (void)power_supply_select(BOARD_POWER_SUPPLY);
    ticks_init();
    dfuse_init(&dfu, &memory);
    bool usable = mboot_usb_start(&dfu);
    for (;;) {
        uint32_t now = ticks_ms();
        /* Steady light: there is no USB, for want of its supply or clock. */
        light(!usable || now / BLINK_MS % 2 == 0);
        if (usable) {
            mboot_usb_task();
        }
        if (!leaving && dfuse_leaves(&dfu)) {
            leaving = true;
            since = ticks_ms();
        } else if (leaving && now - since > LEAVE_MS + OFF_THE_BUS_MS) {
            reset_system();
        } else if (leaving && now - since > LEAVE_MS) {
            mboot_usb_stop();
        }
        __WFI();
    }
}

int main(void)
{
    ticks_cycles_enable();
    enum bootloader wanted = bootloader_requested();
    if (wanted == BOOTLOADER_ROM) {
        bootloader_start_rom();
    }
    if (wanted == BOOTLOADER_NONE && !button_held() && application_is_whole(NULL)) {
        start_application();
    }
    serve();
}
