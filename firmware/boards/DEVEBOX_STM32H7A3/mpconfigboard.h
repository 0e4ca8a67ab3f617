/* SPDX-License-Identifier: MIT */

/*
 * DEVEBOX STM32H7XX_M (MCUDEV) with STM32H7A3VIT6, its SPI flash U3 replaced by an 8 MB PSRAM.
 * Source: the board's schematic.
 */
#ifndef MPCONFIGBOARD_H
#define MPCONFIGBOARD_H

#define MICROPY_HW_BOARD_NAME "DEVEBOX STM32H7XX"
#define MICROPY_HW_MCU_NAME   "STM32H7A3"

/* Crystal between PH0 and PH1. The core is supplied by the LDO: VIT6 has no SMPS. */
#define BOARD_HSE_HZ       25000000u
#define BOARD_HSE_BYPASS   false
#define BOARD_POWER_SUPPLY POWER_SUPPLY_LDO

/* The serial port of the ROM bootloader, on the pin header. */
#define BOARD_CONSOLE_USART 1
#define BOARD_CONSOLE_TX    GPIO_PIN('A', 9)
#define BOARD_CONSOLE_RX    GPIO_PIN('A', 10)
#define BOARD_CONSOLE_AF    7
#define BOARD_CONSOLE_BAUD  115200u

/* K2 held at power-on or reset: the bootloader stays, and blinks. */
#define BOARD_MBOOT_BUTTON         GPIO_PIN('C', 5)
#define BOARD_MBOOT_BUTTON_PULL    GPIO_PULL_UP
#define BOARD_MBOOT_BUTTON_PRESSED false
#define BOARD_MBOOT_LED            GPIO_PIN('A', 1)
#define BOARD_MBOOT_LED_ON         false

/* K1 held at reset: boot.py and main.py are not run. */
#define BOARD_SAFE_BUTTON         GPIO_PIN('E', 3)
#define BOARD_SAFE_BUTTON_PULL    GPIO_PULL_UP
#define BOARD_SAFE_BUTTON_PRESSED false

/* Buses with the pins that machine.SPI and machine.I2C take by themselves; on others the program
 * names them. SPI(2) is the TFT connector's, I2C(2) the camera connector's. */
#define BOARD_SPI_BUSES                                                                            \
    {1, {MP_QSTR_A5, MP_QSTR_A7, MP_QSTR_A6}}, /* SCK, MOSI, MISO */                               \
        {2, {MP_QSTR_B13, MP_QSTR_B15, MP_QSTR_B14}}, {3, {MP_QSTR_B3, MP_QSTR_B5, MP_QSTR_B4}},
#define BOARD_I2C_BUSES                                                                            \
    {1, {MP_QSTR_B8, MP_QSTR_B9}}, /* SCL, SDA */                                                  \
        {2, {MP_QSTR_B10, MP_QSTR_B11}},

/* The card in the slot is a drive on USB. */
#define BOARD_USB_MEDIUM MEDIUM_SDCARD

/* U3: pin, and the alternate function that is OCTOSPI port 1 on it. */
#define BOARD_SPIRAM_NCS GPIO_PIN('B', 6), 10 /* 1 */
#define BOARD_SPIRAM_IO1 GPIO_PIN('D', 12), 9 /* 2 */
#define BOARD_SPIRAM_IO2 GPIO_PIN('E', 2), 9  /* 3 */
#define BOARD_SPIRAM_IO0 GPIO_PIN('D', 11), 9 /* 5 */
#define BOARD_SPIRAM_CLK GPIO_PIN('B', 2), 9  /* 6 */
#define BOARD_SPIRAM_IO3 GPIO_PIN('D', 13), 9 /* 7 */

#endif
