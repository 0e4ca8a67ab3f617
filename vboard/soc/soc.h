/*
 * An STM32H7A3xI as a whole: memories, clock tree, interrupt lines, resets, pins, and the
 * peripherals.
 *
 * The board (vboard/host) makes one with soc_new(), hangs parts on its pins, loads a program
 * through soc_load() and runs it with soc_run(). Devices see each other only through what stands
 * here. Simulation thread only.
 */
#ifndef VBOARD_SOC_SOC_H
#define VBOARD_SOC_SOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../cpu/bus.h"
#include "../cpu/cpu.h"
#include "../wire/complain.h"
#include "../wire/i2c.h"
#include "../wire/net.h"
#include "../wire/sched.h"
#include "../wire/serial.h"
#include "../wire/spi.h"
#include "device.h"

/* Interrupt lines as the CMSIS header stm32h7a3xx.h numbers them. */
enum soc_irq_line {
    IRQ_WWDG = 0,
    IRQ_PVD_PVM = 1,
    IRQ_RTC_TAMP_STAMP_CSS_LSE = 2,
    IRQ_RTC_WKUP = 3,
    IRQ_FLASH = 4,
    IRQ_RCC = 5,
    IRQ_EXTI0 = 6, /* .. IRQ_EXTI0 + 4 */
    IRQ_ADC = 18,
    IRQ_EXTI9_5 = 23,
    IRQ_TIM1_BRK = 24,
    IRQ_TIM1_UP = 25,
    IRQ_TIM1_TRG_COM = 26,
    IRQ_TIM1_CC = 27,
    IRQ_TIM2 = 28,
    IRQ_TIM3 = 29,
    IRQ_TIM4 = 30,
    IRQ_I2C1_EV = 31, /* the ER lines are one higher */
    IRQ_I2C2_EV = 33,
    IRQ_SPI1 = 35,
    IRQ_SPI2 = 36,
    IRQ_USART1 = 37,
    IRQ_USART2 = 38,
    IRQ_USART3 = 39,
    IRQ_EXTI15_10 = 40,
    IRQ_RTC_ALARM = 41,
    IRQ_TIM8_BRK_TIM12 = 43,
    IRQ_TIM8_UP_TIM13 = 44,
    IRQ_TIM8_TRG_COM_TIM14 = 45,
    IRQ_TIM8_CC = 46,
    IRQ_SDMMC1 = 49,
    IRQ_TIM5 = 50,
    IRQ_SPI3 = 51,
    IRQ_UART4 = 52,
    IRQ_UART5 = 53,
    IRQ_TIM6_DAC = 54,
    IRQ_TIM7 = 55,
    IRQ_USART6 = 71,
    IRQ_I2C3_EV = 72,
    IRQ_OTG_HS_EP1_OUT = 74,
    IRQ_OTG_HS_EP1_IN = 75,
    IRQ_OTG_HS_WKUP = 76,
    IRQ_OTG_HS = 77,
    IRQ_RNG = 80,
    IRQ_FPU = 81,
    IRQ_UART7 = 82,
    IRQ_UART8 = 83,
    IRQ_SPI4 = 84,
    IRQ_SPI5 = 85,
    IRQ_SPI6 = 86,
    IRQ_OCTOSPI1 = 92,
    IRQ_LPTIM1 = 93,
    IRQ_I2C4_EV = 95,
    IRQ_DMAMUX1_OVR = 102,
    IRQ_TIM15 = 116,
    IRQ_TIM16 = 117,
    IRQ_TIM17 = 118,
    IRQ_MDMA = 122,
    IRQ_SDMMC2 = 124,
    IRQ_DAC2 = 127,
    IRQ_DMAMUX2_OVR = 128,
    IRQ_BDMA2_CHANNEL0 = 129, /* .. IRQ_BDMA2_CHANNEL0 + 7 */
    IRQ_LPTIM2 = 138,
    IRQ_LPTIM3 = 139,
    IRQ_UART9 = 140,
    IRQ_USART10 = 141,
    IRQ_LPUART1 = 142,
    IRQ_CRS = 144,
    IRQ_WAKEUP_PIN = 149,
    IRQ_OCTOSPI2 = 150,
    IRQ_BDMA1 = 154,
    IRQ_COUNT = 155,
};

/* RCC register offsets of the gates, for struct rcc_gate. */
enum {
    RCC_AHB3RSTR = 0x7C,
    RCC_AHB1RSTR = 0x80,
    RCC_AHB2RSTR = 0x84,
    RCC_AHB4RSTR = 0x88,
    RCC_APB3RSTR = 0x8C,
    RCC_APB1LRSTR = 0x90,
    RCC_APB1HRSTR = 0x94,
    RCC_APB2RSTR = 0x98,
    RCC_APB4RSTR = 0x9C,
    RCC_AHB3ENR = 0x134,
    RCC_AHB1ENR = 0x138,
    RCC_AHB2ENR = 0x13C,
    RCC_AHB4ENR = 0x140,
    RCC_APB3ENR = 0x144,
    RCC_APB1LENR = 0x148,
    RCC_APB1HENR = 0x14C,
    RCC_APB2ENR = 0x150,
    RCC_APB4ENR = 0x154,
    RCC_AHB1LPENR = 0x160,
};

/* The clocks of the tree. 0 Hz = the clock does not run. */
enum soc_clock {
    CLOCK_HSI, /* after HSIDIV */
    CLOCK_CSI,
    CLOCK_HSE,
    CLOCK_HSI48,
    CLOCK_LSI,
    CLOCK_LSE,
    CLOCK_SYS,
    CLOCK_CPU,  /* after CDCPRE: core, SysTick, DWT */
    CLOCK_HCLK, /* AXI, AHB1..4, flash (HPRE) */
    CLOCK_PCLK1,
    CLOCK_PCLK2,
    CLOCK_PCLK3,
    CLOCK_PCLK4,
    CLOCK_TIM1, /* timers on APB1 */
    CLOCK_TIM2, /* timers on APB2 */
    CLOCK_PLL1P,
    CLOCK_PLL1Q,
    CLOCK_PLL1R,
    CLOCK_PLL2P,
    CLOCK_PLL2Q,
    CLOCK_PLL2R,
    CLOCK_PLL3P,
    CLOCK_PLL3Q,
    CLOCK_PLL3R,
    CLOCK_PER,
    CLOCK_OCTOSPI,
    CLOCK_USART16910,
    CLOCK_USART234578,
    CLOCK_LPUART1,
    CLOCK_RNG,
    CLOCK_USB,
    CLOCK_RTC,
    CLOCK_SDMMC,
    CLOCK_SPI123,
    CLOCK_SPI45,
    CLOCK_SPI6,
    CLOCK_I2C123,
    CLOCK_I2C4,
    CLOCK_ADC,
    CLOCK_LPTIM1,
    CLOCK_LPTIM2,
    CLOCK_LPTIM3,
    CLOCK_COUNT,
};

enum soc_reset_kind {
    SOC_RESET_POWER_ON,
    SOC_RESET_BROWN_OUT,
    SOC_RESET_PIN,
    SOC_RESET_SOFTWARE, /* AIRCR.SYSRESETREQ */
    SOC_RESET_IWDG,
    SOC_RESET_WWDG,
    SOC_RESET_STANDBY_EXIT, /* core domain back from Standby */
};

/* System power modes (RM0455, PWR: Run, Stop, Standby). Sleep is a matter of the core. */
enum soc_power { SOC_RUNS, SOC_STOPPED, SOC_STANDBY };

/* A pin as a number: port A..K, bit 0..15. */
#define SOC_PIN(port, bit) ((unsigned)(((port) - 'A') * 16 + (bit)))
enum { SOC_PORTS = 11, SOC_PINS = SOC_PORTS * 16 };
enum { SOC_TIMERS = 14 }; /* TIM1..8, 12..17 */
enum { SOC_USARTS = 11 }; /* 1..10, LPUART1 */

struct soc_config {
    uint64_t seed;   /* memory content at power-on, RNG, unique id */
    uint32_t hse_hz; /* crystal or clock on OSC_IN, 4..50 MHz; 0 = not fitted */
    uint32_t lse_hz; /* 32768; 0 = not fitted */
    bool smps;       /* a ...Q part: SMPS supply options exist */
    bool boot0;      /* level of BOOT0 when reset ends */
};

struct octospi_set; /* octospi.h */
struct usb_cable;   /* ../wire/usb.h */
struct sdbus_card;  /* wire/sdbus.h */
struct flash_cells; /* flash_cells.h */
struct dma_set;     /* dma.c */
struct dmamux_set;  /* dmamux.c */
struct low_power;   /* low_power.c */
struct signals;     /* signals.h */

/* What an observer may follow; any may be NULL. Costs nothing while there is none. */
struct soc_observer {
    void *ctx;
    /* A register access of the program is done; a->data holds what was read or written. */
    void (*access)(void *ctx, const struct device *d, const struct bus_access *a);
    void (*exception)(void *ctx, uint32_t exception, bool entry);
    /* Before and after each instruction: the core is then stepped, which is slow. */
    void (*before)(void *ctx);
    void (*after)(void *ctx);
};

struct soc {
    struct soc_config config;
    struct bus *bus;
    struct cpu *cpu;
    struct sched *sched;
    struct complaints *complaints;

    struct device *devices; /* in order of creation; the first is RCC */
    struct device *rcc, *pwr, *flash, *syscfg, *exti, *rtc, *tamp, *otg, *crs, *bdma[2], *mdma,
        *sdmmc1;
    struct device *gpio[SOC_PORTS];
    struct device *timers[SOC_TIMERS];
    struct device *lptim[3]; /* LPTIM1..3 */
    struct device *dac[2];
    struct device *usarts[SOC_USARTS];
    struct octospi_set *octospi; /* set by octospi_create() */
    struct dma_set *dma;         /* set by dma_create() */
    struct dmamux_set *dmamux;   /* set by dmamux_create() */
    struct low_power *low_power; /* set by low_power_create() */
    struct signals *signals;     /* set by signals_create() */

    uint64_t clock[CLOCK_COUNT];
    struct net *pin[SOC_PINS];
    struct serial_wire *serial[SOC_PINS]; /* made on first use: soc_serial() */
    struct spi_lines spi_lines;           /* the parts on the pins' nets */
    struct i2c_lines i2c_lines;

    struct flash_cells *flash_cells; /* physical bank 1 first */
    struct memory_set *memories;

    uint32_t rules_broken; /* rules.c: a bit for each rule that is broken now */
    uint32_t rules_biting; /* those of them that have their effect */
    struct sched_event upset;

    const struct soc_observer *observer; /* NULL: none */

    enum soc_power power; /* low_power.c */
    vtime edge_at;        /* while a peripheral carries out an event: its time; else 0 */
    bool running;         /* the core is: within cpu_run() or cpu_step() */
    bool reset_pending;
    enum soc_reset_kind pending_kind;
    struct sched_event run_end;
    unsigned resets; /* since soc_new(), power-on included */

    /* The board may listen to resets (PSRAM parts ignore them; a power-on reaches them too). */
    void (*on_reset)(void *ctx, enum soc_reset_kind kind);
    void *on_reset_ctx;
    /* Likewise to each program or erase operation of the flash, as it begins. */
    void (*on_flash)(void *ctx, vtime duration);
    void *on_flash_ctx;
};

/* NULL if memory ran out. The chip is then in power-on reset; soc_boot() starts it once a program
   is loaded. */
struct soc *soc_new(const struct soc_config *config);
void soc_free(struct soc *soc);

/* The core leaves reset: it fetches its vectors from where BOOT0 and the option bytes say. Part of
   soc_reset(); called by itself by who has loaded a program into a chip in power-on reset. */
void soc_boot(struct soc *soc);
/* Resets at once, and boots. Not from within cpu_run(): there use soc_request_reset(). */
void soc_reset(struct soc *soc, enum soc_reset_kind kind);
/* Stops the core; soc_run() then resets. For devices and for the core's reset request. */
void soc_request_reset(struct soc *soc, enum soc_reset_kind kind);

/* Puts bytes of a program where a loader would: any memory, flash included, without a sequence and
   without time. 0, or -1 if a part of the range is no memory. */
int soc_load(struct soc *soc, uint32_t addr, const void *bytes, size_t n);

/* Somebody outside of the chip changed flash_cells. */
void soc_flash_changed(struct soc *soc);

/* Runs core and events until virtual time `until` or until the core stops for another reason than
   time; resets are carried out on the way. */
enum cpu_stop soc_run(struct soc *soc, vtime until);

/* Carries out one instruction, or one exception entry, and the events that are due before it; sleep
   ends with the next event. For debuggers. */
enum cpu_stop soc_step(struct soc *soc);

/* The time of what is being carried out: within an event its own, as the core may be a few cycles
   ahead. */
static inline vtime soc_now(const struct soc *soc)
{
    return soc->edge_at ? soc->edge_at : sched_now(soc->sched);
}

/* Frequency of a clock in Hz now, 0 if it does not run. Any time. */
static inline uint64_t soc_clock_hz(const struct soc *soc, enum soc_clock id)
{
    return soc->clock[id];
}

/* RCC calls this when a register that forms clocks changed: computes all, tells devices and queue.
 */
void soc_clocks_update(struct soc *soc);

/* Level of an interrupt line to the NVIC. */
void soc_irq(struct soc *soc, unsigned line, bool level);

/* What is in the slot that the boards have on SDMMC1 (PC8..PC12, PD2); NULL: nothing is wired. */
void soc_sd_slot(struct soc *soc, const struct sdbus_card *card);

/* Alternate function number that GPIO routes to a pin, -1 if the pin is not in alternate mode. */
int soc_pin_af(const struct soc *soc, unsigned pin);
/* What a peripheral drives on a pin that is in its alternate function; NET_Z: nothing but the pull.
   For levels that hold, not for bits: those travel as frames. Stays until changed. */
void soc_pin_output(struct soc *soc, unsigned pin, enum net_drive drive);
/* OTYPER: the pin's output is open drain. */
bool soc_pin_open_drain(const struct soc *soc, unsigned pin);
/* GPIO speed setting 0..3 of a pin (OSPEEDR). */
unsigned soc_pin_speed(const struct soc *soc, unsigned pin);
/* The serial wire on a pin (characters; wire/serial.h), made at first use. NULL if memory ran out.
 */
struct serial_wire *soc_serial(struct soc *soc, unsigned pin);
/* The USB cable at PA11 and PA12 (wire/usb.h). */
struct usb_cable *soc_usb(struct soc *soc);

/* EXTI input lines 16.. of other peripherals: an edge to level. */
void soc_exti(struct soc *soc, unsigned line, bool level);

#endif
