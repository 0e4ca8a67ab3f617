/* SPDX-License-Identifier: MIT */

#include "psram.h"
#include "bootlog.h"
#include "mpconfigboard.h"
#include "spiram/spiram_test.h"
#include "spiram_bus.h"

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

static void log_id(const struct spiram_id *id)
{
    bootlog_printf("spiram eid");
    for (size_t i = 0; i < sizeof id->eid; i++) {
        bootlog_printf(" %02x", id->eid[i]);
    }
    bootlog_printf("\n");
}

static void log_fault(const struct spiram_fault *fault)
{
    char text[SPIRAM_FAULT_TEXT_MAX];
    if (fault->kind != SPIRAM_FAULT_NONE) {
        bootlog_printf("%s\n", spiram_fault_text(fault, text, sizeof text));
    }
}

static void log_error(int error)
{
    bootlog_printf("spiram %s\n", spiram_strerror(error));
}

static int bring_up(void)
{
    struct spiram_config config = {.bus = &bus, .max_hz = BOARD_SPIRAM_MAX_HZ};
    if (BOARD_SPIRAM_CHIP != NULL) {
        config.chip = spiram_chip_find(BOARD_SPIRAM_CHIP);
        if (config.chip == NULL) {
            return SPIRAM_ERR_PARAM;
        }
    }
    int error = spiram_bus_init(&bus, &octospi, &pins);
    if (error != SPIRAM_OK) {
        return error;
    }
    error = spiram_init(&ram, &config);
    /* Whatever answered is worth seeing; a bus that failed has read nothing. */
    if (error != SPIRAM_ERR_BUS && error != SPIRAM_ERR_TIMEOUT && error != SPIRAM_ERR_PARAM) {
        log_id(&ram.id);
    }
    return error;
}

static int test(void)
{
    struct spiram_fault fault = {.kind = SPIRAM_FAULT_NONE};
    int error = spiram_test_boot(&ram, &fault);
    log_fault(&fault);
    if (error == SPIRAM_ERR_MEMORY && spiram_unmap(&ram) == SPIRAM_OK) {
        /* A wrong word says that something is wrong; the lines say what, if a line is the reason.
         */
        if (spiram_test_lines(&ram, &fault) == SPIRAM_ERR_MEMORY) {
            log_fault(&fault);
        }
    }
    return error;
}

size_t psram_start(uint8_t **base)
{
    int error = bring_up();
    if (error == SPIRAM_OK) {
        error = spiram_map(&ram);
    }
    if (error != SPIRAM_OK) {
        log_error(error);
        return 0;
    }
    error = test();
    if (error != SPIRAM_OK) {
        if (error != SPIRAM_ERR_MEMORY) {
            log_error(error);
        }
        if (ram.state == SPIRAM_STATE_MAPPED) {
            (void)spiram_unmap(&ram);
        }
        return 0;
    }
    bootlog_printf("spiram memtest pass\n");
    *base = (uint8_t *)(uintptr_t)ram.window;
    return spiram_usable_size(&ram);
}
