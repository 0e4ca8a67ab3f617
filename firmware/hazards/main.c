/* SPDX-License-Identifier: MIT */

/*
 * One configuration of the memory path, tried: what it does to a memory test while interrupts come
 * every millisecond. No MicroPython; `make hazards` builds and runs all of them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "configuration.h"
#include "mcu/clock.h"
#include "mcu/fault.h"
#include "mcu/mpu.h"
#include "mcu/octospi.h"
#include "mcu/reset.h"
#include "mcu/stm32h7a3.h"
#include "mcu/syscfg.h"
#include "mcu/ticks.h"
#include "mcu/uid.h"
#include "mcu/usart.h"
#include "mpconfigboard.h"
#include "original.h"
#include "pattern.h"
#include "port/spiram_bus.h"

#define TEST_BYTES (1024u * 1024u)
#define WINDOW     OCTOSPI1_MEM_BASE

static const struct octospi_pins pins = {
    .clk = {BOARD_SPIRAM_CLK},
    .ncs = {BOARD_SPIRAM_NCS},
    .io[0] = {BOARD_SPIRAM_IO0},
    .io[1] = {BOARD_SPIRAM_IO1},
    .io[2] = {BOARD_SPIRAM_IO2},
    .io[3] = {BOARD_SPIRAM_IO3},
};

static struct octospi octospi;
static struct spiram_bus bus;
static struct spiram ram;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    char line[160];
    va_list args;
    va_start(args, format);
    int n = vsniprintf(line, sizeof line, format, args);
    va_end(args);
    usart_write(line, (size_t)n);
    usart_flush();
}

static const uint32_t attributes[] = {
    [WRITE_BACK_ALLOCATE] = 1u << MPU_RASR_TEX_Pos | MPU_RASR_C_Msk | MPU_RASR_B_Msk,
    [WRITE_BACK_NO_ALLOCATE] = MPU_RASR_C_Msk | MPU_RASR_B_Msk,
    [WRITE_THROUGH] = MPU_RASR_C_Msk,
    [NON_CACHEABLE] = 1u << MPU_RASR_TEX_Pos,
    [DEVICE] = MPU_RASR_B_Msk,
};

/* The region that mpu_psram_open() makes, with the configuration's attributes. */
static void set_attributes(void)
{
    uint32_t region;
    mpu_psram_open(8u * 1024u * 1024u);
    __DMB();
    for (region = 0; region < 16; region++) {
        MPU->RNR = region;
        if ((MPU->RBAR & MPU_RBAR_ADDR_Msk) == WINDOW && (MPU->RASR & MPU_RASR_ENABLE_Msk)) {
            MPU->RASR = (MPU->RASR & ~(7u << MPU_RASR_TEX_Pos | MPU_RASR_C_Msk | MPU_RASR_B_Msk)) |
                        attributes[configuration->type];
        }
    }
    __DSB();
    __ISB();
}

static void set_caches(void)
{
    cache_enable();
    if (configuration->read_allocate_mode) {
        SCnSCB->ACTLR &= ~SCnSCB_ACTLR_DISRAMODE_Msk;
    }
    if (!configuration->data_cache) {
        SCB_DisableDCache();
    }
    __DSB();
    __ISB();
}

/* WCCR can only be written while nothing is mapped. */
static bool clear_dqse(void)
{
    uint32_t mode = OCTOSPI1->CR;
    OCTOSPI1->CR = mode | OCTOSPI_CR_ABORT;
    if (!ticks_wait_register(&OCTOSPI1->SR, OCTOSPI_SR_BUSY, 0, 1000)) {
        return false;
    }
    OCTOSPI1->FCR = OCTOSPI_FCR_CTCF;
    OCTOSPI1->CR = mode & ~OCTOSPI_CR_FMODE_Msk;
    OCTOSPI1->WCCR &= ~OCTOSPI_WCCR_DQSE;
    OCTOSPI1->CR = mode;
    (void)OCTOSPI1->CR;
    __DSB();
    return true;
}

static bool map(void)
{
    if (configuration->timing == TIMING_ORIGINAL) {
        return octospi_init(&octospi, &pins) == OCTOSPI_OK && original_map();
    }
    struct spiram_config config = {.bus = &bus};
    int error = spiram_bus_init(&bus, &octospi, &pins);
    if (error == SPIRAM_OK) {
        error = spiram_init(&ram, &config);
    }
    if (error == SPIRAM_OK) {
        error = spiram_map(&ram);
    }
    if (error != SPIRAM_OK) {
        say("spiram %s\r\n", spiram_strerror(error));
    }
    return error == SPIRAM_OK && (configuration->dqse || clear_dqse());
}

/* Everything is in the chip, and nothing of it in the cache. */
static void settle(void)
{
    __DSB();
    if (SCB->CCR & SCB_CCR_DC_Msk) {
        SCB_CleanInvalidateDCache();
    }
}

static void report(const char *test, const struct outcome *o)
{
    if (o->errors == 0) {
        say("%s pass\r\n", test);
    } else {
        say("%s fail, %u errors, first at 0x%08x written 0x%08x%08x read 0x%08x%08x\r\n", test,
            (unsigned)o->errors, (unsigned)o->address, (unsigned)(o->written >> 32),
            (unsigned)o->written, (unsigned)(o->read >> 32), (unsigned)o->read);
    }
}

int main(void)
{
    static const uint8_t widths[] = {8, 16, 32, 64};
    struct outcome outcome;
    char name[16];

    ticks_cycles_enable();
    reset_init();
    fault_init();
    mpu_init();
    if (configuration->timing == TIMING_ORIGINAL) {
        (void)original_clocks();
    } else {
        (void)clock_init(&(struct clock_config){
            .hse_hz = BOARD_HSE_HZ, .hse_bypass = BOARD_HSE_BYPASS, .supply = BOARD_POWER_SUPPLY});
    }
    (void)syscfg_io_compensation_enable();
    (void)usart_init(&(struct usart_config){.number = BOARD_CONSOLE_USART,
                                            .tx = BOARD_CONSOLE_TX,
                                            .rx = BOARD_CONSOLE_RX,
                                            .alternate = BOARD_CONSOLE_AF,
                                            .baud = BOARD_CONSOLE_BAUD});
    ticks_init();
    /* Boards differ in where in a test the first tick comes: by their unique number. */
    ticks_delay_us((uid_get()[0] | (uint32_t)uid_get()[1] << 8) % 1000u);
    set_caches();
    say("configuration %s\r\n", configuration->name);
    if (!map()) {
        say("not mapped\r\ndone\r\n");
        for (;;) {
            __WFI();
        }
    }
    set_attributes();
    for (size_t i = 0; i < sizeof widths; i++) {
        uint32_t start = ticks_cycles();
        pattern_test(widths[i], WINDOW, TEST_BYTES, settle, &outcome);
        (void)sniprintf(name, sizeof name, "memtest%u", widths[i]);
        report(name, &outcome);
        say("cycles %u\r\n", (unsigned)(ticks_cycles() - start));
    }
    pattern_copies(WINDOW, TEST_BYTES, settle, &outcome);
    report("copies", &outcome);
    say("done\r\n");
    for (;;) {
        __WFI();
    }
}
