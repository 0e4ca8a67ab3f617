/* SPDX-License-Identifier: MIT */

#include "psram.h"
#include "bootlog.h"
#include "mpconfigboard.h"
#include "psram_tune.h"
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

/*
 * Timing profiles; BOARD_SPIRAM_PROFILE chooses one.
 *
 *   datasheet  every number of the chip is kept; its tCHD makes that 50 MHz. After spiram.tune(),
 *              what was found there, as long as it passes its check (psram_tune.h)
 *   tuned      the same, but searched for at boot if there is no such result
 *   analyser   1 MHz, for logic analysers of a few MHz and long probes. No burst is short enough
 *              for tCEM then, so the chip may lose data.
 */
static const struct profile {
    const char *name;
    uint32_t max_hz;
    unsigned waive;
    uint32_t test_bytes; /* at boot; 0: all */
    bool may_tune, tune;
} profiles[] = {
    [SPIRAM_PROFILE_DATASHEET] = {"datasheet", SPIRAM_UNTRAINED_MAX_HZ, SPIRAM_WAIVE_NONE, 0, true,
                                  false},
    [SPIRAM_PROFILE_TUNED] = {"tuned", SPIRAM_UNTRAINED_MAX_HZ, SPIRAM_WAIVE_NONE, 0, true, true},
    [SPIRAM_PROFILE_ANALYSER] = {"analyser", 1000000u, SPIRAM_WAIVE_TCEM, 64u * 1024u, false,
                                 false},
};
static const struct profile *const profile = &profiles[BOARD_SPIRAM_PROFILE];

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

/* What a profile gives up is said at each start. */
static void log_profile(void)
{
    const struct spiram_tuning *tuning = psram_tune_active();
    if (tuning != NULL) {
        bool holds = tuning->clock_hz <= spiram_max_clock(&ram.chip, &bus.limits, 0);
        bootlog_printf("spiram tuned profile, %u kHz, sampled at %u of %u to %u%s\n",
                       (unsigned)(tuning->clock_hz / 1000u), tuning->point, tuning->first,
                       tuning->last, holds ? "" : ", does not keep tCHD of the chip");
    } else if (profile->waive != SPIRAM_WAIVE_NONE) {
        bootlog_printf("spiram %s profile, %u kHz, does not keep%s%s of the chip\n", profile->name,
                       (unsigned)(ram.timing.clock_hz / 1000u),
                       profile->waive & SPIRAM_WAIVE_TCHD ? " tCHD" : "",
                       profile->waive & SPIRAM_WAIVE_TCEM ? " tCEM" : "");
    }
}

static uint32_t lower_limit(uint32_t a, uint32_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static int bring_up(void)
{
    struct spiram_config config = {.bus = &bus,
                                   .max_hz = lower_limit(BOARD_SPIRAM_MAX_HZ, profile->max_hz),
                                   .waive = profile->waive};
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

static int test_widths(struct spiram_fault *fault)
{
    static const uint8_t widths[] = {8, 16, 32};
    int error = SPIRAM_OK;
    if (profile->test_bytes == 0) {
        return spiram_test_boot(&ram, fault);
    }
    for (size_t i = 0; i < sizeof widths && error == SPIRAM_OK; i++) {
        error = spiram_test_width(&ram, widths[i], 0, profile->test_bytes, fault);
    }
    return error;
}

static int test(void)
{
    struct spiram_fault fault = {.kind = SPIRAM_FAULT_NONE};
    int error = test_widths(&fault);
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

/* Once more at the datasheet's timing, if it was a tuned one that failed. */
static int test_again(void)
{
    bootlog_printf("spiram tuned timing does not pass the memory test, dropped\n");
    return ram.state == SPIRAM_STATE_READY && spiram_map(&ram) != SPIRAM_OK ? SPIRAM_ERR_BUS
                                                                            : test();
}

struct spiram *psram_context(void)
{
    return &ram;
}

size_t psram_start(uint8_t **base)
{
    int error = bring_up();
    if (error == SPIRAM_OK && profile->may_tune) {
        spiram_bus_fine_clocks(&bus);
        psram_tune_boot(&ram, profile->tune);
    }
    if (error == SPIRAM_OK) {
        error = spiram_map(&ram);
    }
    if (error != SPIRAM_OK) {
        log_error(error);
        return 0;
    }
    log_profile();
    error = test();
    if (error == SPIRAM_ERR_MEMORY && psram_tune_drop(&ram)) {
        error = test_again();
    }
    if (error != SPIRAM_OK) {
        if (error != SPIRAM_ERR_MEMORY) {
            log_error(error);
        }
        if (ram.state == SPIRAM_STATE_MAPPED) {
            (void)spiram_unmap(&ram);
        }
        return 0;
    }
    if (profile->test_bytes != 0) {
        bootlog_printf("spiram memtest pass, first %u KB\n",
                       (unsigned)(profile->test_bytes / 1024u));
    } else {
        bootlog_printf("spiram memtest pass\n");
    }
    *base = (uint8_t *)(uintptr_t)ram.window;
    return spiram_usable_size(&ram);
}
