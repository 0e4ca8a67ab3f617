/* SPDX-License-Identifier: MIT */

/*
 * machine.Pin for the port's other files: the pin objects, made by make-pins.py from the board's
 * pins.csv, and what each can be connected to. Names as in MicroPython's stm32 port where it has
 * them. Python code only, unless a line says else.
 */
#ifndef PORT_MACHINE_PIN_H
#define PORT_MACHINE_PIN_H

#include "mcu/gpio.h"
#include "py/obj.h"

/* Peripherals with signals that drivers look for. USART and UART are one numbering, as in
 * machine.UART. The list and its signals stand in make-pins.py too. */
enum machine_pin_function {
    AF_FN_TIM,
    AF_FN_I2C,
    AF_FN_UART,
    AF_FN_LPUART,
    AF_FN_SPI,
    AF_FN_I2S,
    AF_FN_SDMMC,
    AF_FN_CAN,
};

/* A signal has its meaning together with its function. */
enum machine_pin_signal {
    AF_PIN_TIM_CH1 = 0,
    AF_PIN_TIM_CH2,
    AF_PIN_TIM_CH3,
    AF_PIN_TIM_CH4,
    AF_PIN_TIM_CH1N,
    AF_PIN_TIM_CH2N,
    AF_PIN_TIM_CH3N,
    AF_PIN_TIM_ETR,
    AF_PIN_TIM_BKIN,

    AF_PIN_I2C_SDA = 0,
    AF_PIN_I2C_SCL,
    AF_PIN_I2C_SMBA,

    AF_PIN_UART_TX = 0,
    AF_PIN_UART_RX,
    AF_PIN_UART_CTS,
    AF_PIN_UART_RTS,
    AF_PIN_LPUART_TX = 0,
    AF_PIN_LPUART_RX,
    AF_PIN_LPUART_CTS,
    AF_PIN_LPUART_RTS,

    AF_PIN_SPI_MOSI = 0,
    AF_PIN_SPI_MISO,
    AF_PIN_SPI_SCK,
    AF_PIN_SPI_NSS,

    AF_PIN_I2S_CK = 0,
    AF_PIN_I2S_MCK,
    AF_PIN_I2S_SDI,
    AF_PIN_I2S_SDO,
    AF_PIN_I2S_WS,

    AF_PIN_SDMMC_CK = 0,
    AF_PIN_SDMMC_CMD,
    AF_PIN_SDMMC_D0,
    AF_PIN_SDMMC_D1,
    AF_PIN_SDMMC_D2,
    AF_PIN_SDMMC_D3,

    AF_PIN_CAN_TX = 0,
    AF_PIN_CAN_RX,
};

typedef struct _machine_pin_af_obj_t {
    mp_obj_base_t base;
    qstr_short_t name; /* of the class constant: AF7_USART1 */
    uint8_t index;     /* of the alternate function, 0..15 */
    uint8_t function;  /* enum machine_pin_function */
    uint8_t unit;      /* 1.. */
    uint8_t signal;    /* enum machine_pin_signal */
} machine_pin_af_obj_t;

typedef struct _machine_pin_obj_t {
    mp_obj_base_t base;
    qstr_short_t name; /* A1 */
    gpio_pin_t id;
    uint8_t adc_units; /* bit 0: ADC1, bit 1: ADC2 have it as input adc_channel (INP) */
    uint8_t adc_channel;
    uint8_t af_count;
    const machine_pin_af_obj_t *af;
} machine_pin_obj_t;

extern const mp_obj_type_t machine_pin_af_type;
extern const mp_obj_dict_t machine_pin_board_pins_locals_dict;
extern const mp_obj_dict_t machine_pin_cpu_pins_locals_dict;

/* A pin object, or a name: of the board (LED), of the chip (A1), or both ways of the latter (PA1).
 * ValueError if there is none. */
const machine_pin_obj_t *machine_pin_find(mp_obj_t pin);

/* The pin that the board gives this name, NULL if there is none. */
const machine_pin_obj_t *machine_pin_find_board(const char *name);

/*
 * The pin for a signal of a bus: what the program names; else (MP_OBJ_NULL, None) what the board
 * has by default, MP_QSTRnull if nothing. `bus` and `name` are how Python calls both. ValueError if
 * there is no pin, or the signal cannot come out there.
 */
const machine_pin_obj_t *machine_pin_of_bus(mp_obj_t named, qstr by_default, const char *bus,
                                            qstr name, enum machine_pin_function function,
                                            unsigned unit, enum machine_pin_signal signal);

/* What connects the pin with that signal of that unit; NULL if nothing does. Any context. */
const machine_pin_af_obj_t *machine_pin_find_af(const machine_pin_obj_t *pin,
                                                enum machine_pin_function function, unsigned unit,
                                                enum machine_pin_signal signal);

/* Once, at the start: the clocks of all ports, because a pin can be asked without being made. */
void machine_pin_init(void);

/* At a soft reset: no pin interrupts any more. Levels and modes stay. */
void machine_pin_deinit(void);

#endif
