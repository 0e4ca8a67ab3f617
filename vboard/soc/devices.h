/*
 * The peripherals' create functions, called once each by soc_new() in this order, and the few
 * questions that peripherals ask each other. Create functions return 0, or -1 if memory ran out.
 */
#ifndef VBOARD_SOC_DEVICES_H
#define VBOARD_SOC_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "soc.h"

int rcc_create(struct soc *soc);     /* first: the others' clock gates are its registers */
int signals_create(struct soc *soc); /* before all that have or hear signals */
int pwr_create(struct soc *soc);
int memory_create(struct soc *soc);
int flash_create(struct soc *soc);
int flash_otp_create(struct soc *soc);
int syscfg_create(struct soc *soc);
int exti_create(struct soc *soc);
int gpio_create(struct soc *soc);
int dma_create(struct soc *soc); /* before those that make requests */
int bdma_create(struct soc *soc);
int mdma_create(struct soc *soc);
int low_power_create(struct soc *soc); /* behind those that it listens to: PWR, GPIO */
int usart_create(struct soc *soc);
int spi_create(struct soc *soc);
int i2c_create(struct soc *soc);
int adc_create(struct soc *soc);
int timer_create(struct soc *soc);
int lptim_create(struct soc *soc);
int dac_create(struct soc *soc); /* before the timers, whose interrupt it shares */
/* GPIO: a pin's mode or alternate function changed. */
void timer_pin_routed(struct soc *soc, unsigned pin);
/* DAC1: its part of TIM6's interrupt line changed. */
void timer_line_shared(struct soc *soc);
void lptim_pin_routed(struct soc *soc, unsigned pin);
void usart_pin_routed(struct soc *soc, unsigned pin);
int rtc_create(struct soc *soc);
int watchdog_create(struct soc *soc);
int random_create(struct soc *soc); /* RNG and CRS */
int crc_create(struct soc *soc);
int otg_create(struct soc *soc);
int bootrom_create(struct soc *soc); /* system memory */
int blocks_create(struct soc *soc);  /* what only reads back */
int sdmmc_create(struct soc *soc);
int octospi_create(struct soc *soc);

/* RCC. */
enum rcc_oscillator {
    OSC_HSI,
    OSC_CSI,
    OSC_HSI48,
    OSC_HSE,
    OSC_LSE,
    OSC_LSI,
    OSC_PLL1,
    OSC_PLL2,
    OSC_PLL3,
    OSC_COUNT
};
/* The ready flag of an oscillator or PLL. */
bool rcc_ready(const struct soc *soc, enum rcc_oscillator osc);
/* IWDG1 was started: LSI runs until the next reset, whatever CSR.LSION says. */
void rcc_force_lsi(struct soc *soc);
/* Stores the flags of a reset's cause into RSR; before device_reset() of power-on, `all` clears RSR
   and the backup domain. */
void rcc_note_reset(struct soc *soc, enum soc_reset_kind kind);
/* A stop mode ended: HSI (or CSI) is the system clock, HSE and PLLs are off. */
void rcc_stop_exit(struct soc *soc);

/* PWR. */
bool pwr_backup_writable(const struct soc *soc); /* CR1.DBP */
unsigned
pwr_voltage_scale(const struct soc *soc); /* level in use: 0 = VOS0 (fastest) .. 3 = VOS3 */
void pwr_power_on(struct soc *soc);       /* forgets what only a power cycle clears */
/* PWR_CPUCR: what a deep sleep becomes. */
enum soc_power pwr_deep_sleep(const struct soc *soc);
bool pwr_backup_regulator(const struct soc *soc); /* keeps backup SRAM in Standby */
void pwr_stop_exit(struct soc *soc);
void pwr_standby_entered(struct soc *soc);
/* Pin WKUP1 + n had its edge. */
void pwr_wakeup_pin(struct soc *soc, unsigned n);

/* Stop and Standby: the core goes into deep sleep, and wakes from it. */
void low_power_enter(struct soc *soc);
void low_power_exit(struct soc *soc);
/* An EXTI line of the RTC rose: an end of Standby. */
void low_power_event(struct soc *soc);
/* PWR_WKUPEPR was written. */
void low_power_pins(struct soc *soc);

/* FLASH. */
uint32_t flash_boot_address(const struct soc *soc, bool boot0);
void flash_latency(const struct soc *soc, unsigned *wait_states, unsigned *signal_delay);
/* Bank 1 reports a write that it did not take: WRPERR if protected, else PGSERR. */
void flash_refused(struct soc *soc, bool is_protected);
/* OPTCR.PG_OTP is set, and the block of 32 half-words is not locked. */
bool flash_otp_writable(const struct soc *soc, unsigned block, bool *locked);

/* Memories. */
void memory_power_on(struct soc *soc, bool keep_backup); /* content becomes random */
void memory_gates_changed(struct soc *soc);              /* RCC_AHBxENR were written */
void memory_has_masters(struct soc *soc); /* others than the core read and write RAM from now on */

/* SYSCFG. Port number (0 = A) that EXTI line 0..15 listens to. */
unsigned syscfg_exti_port(const struct soc *soc, unsigned line);
void syscfg_clock_ready(struct soc *soc); /* CSI came or went */

/* EXTI: a GPIO pin's level changed. */
void exti_pin(struct soc *soc, unsigned pin, bool level);
/*
 * GPIO: a character begins on the pin. Characters pass as a whole (wire/serial.h), so the edge of
 * its start bit is the only one that EXTI sees of it, and IDR shows none.
 */
void gpio_start_bit(struct soc *soc, unsigned pin, bool high);
/* A direct event: if the line is not masked, a peripheral's interrupt, which needs no clock. */
enum { EXTI_USB_WAKEUP = 43 };
void exti_direct(struct soc *soc, unsigned line, unsigned irq);
/* The interrupt of a direct line (22..63) is not masked: it ends Stop. */
bool exti_unmasked(const struct soc *soc, unsigned line);
/* An enabled event of the RTC has its flag set. */
bool exti_rtc_event(const struct soc *soc);

/* ADC: what the factory measured on this chip, as 16-bit results at VREF+ = 3.3 V. */
struct adc_factory {
    uint16_t vrefint, ts_30, ts_110; /* at 30 degC, 30 degC, 110 degC */
};
void adc_factory_values(uint64_t seed, struct adc_factory *out);

/* DAC1 (unit 0) and DAC2: it asks for its interrupt. */
bool dac_asks(const struct soc *soc, unsigned unit);
/* What channel n gives to peripherals on the chip; 0 V if it is not connected to them. */
double dac_internal_volts(const struct soc *soc, unsigned unit, unsigned n);

/* RTC and TAMP: BDCR.VSWRST. */
void rtc_backup_reset(struct soc *soc);

/* CRS: OTG_HS received a start of frame, at its time. */
void crs_usb_frame(struct soc *soc);

/* OTG_HS: the core goes to sleep. */
void otg_sleeping(struct soc *soc);

/* Rules that cost margin (rules.c): looked at after each change of clocks, voltage or latency. */
void rules_check(struct soc *soc);
/* A bank begins to program or to erase. FLASH_ACR.WRHIGHFREQ is a delay between signals of such
   operations only (RM0455 FLASH_ACR): programs that never write flash leave it as it is. False:
   what is programmed gets a wrong bit. */
bool rules_check_flash_write(struct soc *soc);
/* A PLL is switched on with this reference and VCO frequency. False: it does not lock. */
bool rules_check_pll(struct soc *soc, unsigned pll, uint64_t ref_hz, uint64_t vco_hz);

#endif
