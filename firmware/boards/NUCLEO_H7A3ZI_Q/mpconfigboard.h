/* SPDX-License-Identifier: MIT */

/* ST NUCLEO-H7A3ZI-Q with STM32H7A3ZIT6Q, an 8 MB PSRAM wired to its connector CN10 (UM2408). */
#ifndef MPCONFIGBOARD_H
#define MPCONFIGBOARD_H

#define MICROPY_HW_BOARD_NAME "NUCLEO-H7A3ZI-Q"
#define MICROPY_HW_MCU_NAME   "STM32H7A3"

/* 8 MHz from the ST-LINK's MCO. The core is supplied by the SMPS, directly. */
#define BOARD_HSE_HZ       8000000u
#define BOARD_HSE_BYPASS   true
#define BOARD_POWER_SUPPLY POWER_SUPPLY_SMPS

/* The ST-LINK's virtual serial port. */
#define BOARD_CONSOLE_USART 3
#define BOARD_CONSOLE_TX    GPIO_PIN('D', 8)
#define BOARD_CONSOLE_RX    GPIO_PIN('D', 9)
#define BOARD_CONSOLE_AF    7
#define BOARD_CONSOLE_BAUD  115200u

/* The Arduino connectors' buses, which machine.SPI and machine.I2C take by themselves; for others
 * the program names the pins. */
#define BOARD_SPI_BUSES                                                                            \
    {1, {MP_QSTR_A5, MP_QSTR_A7, MP_QSTR_A6}},         /* SCK, MOSI, MISO: D13, D11, D12 */
#define BOARD_I2C_BUSES {1, {MP_QSTR_B8, MP_QSTR_B9}}, /* SCL, SDA: D15, D14 */

/* Held at reset: boot.py and main.py are not run. */
#define BOARD_SAFE_BUTTON         GPIO_PIN('C', 13)
#define BOARD_SAFE_BUTTON_PULL    GPIO_PULL_DOWN
#define BOARD_SAFE_BUTTON_PRESSED true

/* D1 and D27 to D31 of CN10: pin, and the alternate function that is OCTOSPI port 1 on it. */
#define BOARD_SPIRAM_NCS GPIO_PIN('B', 6), 10 /* 1 */
#define BOARD_SPIRAM_IO1 GPIO_PIN('D', 12), 9 /* 2 */
#define BOARD_SPIRAM_IO2 GPIO_PIN('E', 2), 9  /* 3 */
#define BOARD_SPIRAM_IO0 GPIO_PIN('D', 11), 9 /* 5 */
#define BOARD_SPIRAM_CLK GPIO_PIN('B', 2), 9  /* 6 */
#define BOARD_SPIRAM_IO3 GPIO_PIN('D', 13), 9 /* 7 */

/* Blinks while the bootloader waits. */
#define BOARD_MBOOT_LED    GPIO_PIN('B', 0)
#define BOARD_MBOOT_LED_ON true

#endif
