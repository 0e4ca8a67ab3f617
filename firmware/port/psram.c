/* SPDX-License-Identifier: MIT */

#include "psram.h"
#include "bootlog.h"
#include "mcu/irq.h"
#include "mcu/usart.h"
#include "py/mpconfig.h"
#include "psram_tune.h"
#include "py/mphal.h"
#include "py/mpprint.h"
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
static int result = SPIRAM_ERR_STATE; /* of psram_start() */

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

/* Each line that bring-up found wrong, by name. */
static void log_lines(int error)
{
    struct spiram_fault fault;
    for (unsigned line = 0; error == SPIRAM_ERR_QPI && line < 4; line++) {
        if (spiram_line_fault(&ram, line, &fault)) {
            log_fault(&fault);
        }
    }
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

/* Lines and pages: what is wrong with all of the chip, or with a wire. */
static int quick_test(struct spiram_fault *fault)
{
    int error = spiram_test_lines(&ram, NULL, fault);
    return error == SPIRAM_OK ? spiram_test_pages(&ram, profile->test_bytes, fault) : error;
}

/* Each cell. The widths first: theirs are the words that users of this memory know. */
static int full_test(struct spiram_fault *fault)
{
    struct spiram_memtest_config config = {.tests = SPIRAM_MEMTEST_ALL,
                                           .length = profile->test_bytes};
    int error = profile->test_bytes == 0 ? spiram_test_boot(&ram, fault) : SPIRAM_OK;
    return error == SPIRAM_OK ? spiram_memtest(&ram, &config, fault) : error;
}

/* From a wrong word to its reason. The chip is asked with indirect frames: that needs no window. */
static void find_reason(struct spiram_fault *fault)
{
    if (spiram_unmap(&ram) == SPIRAM_OK) {
        (void)spiram_diagnose(&ram, NULL, fault);
    }
}

/* The mapped chip is tested, and closed if it fails. */
static int test(bool full)
{
    struct spiram_fault fault = {.kind = SPIRAM_FAULT_NONE};
    int error = quick_test(&fault);
    if (error == SPIRAM_OK && full) {
        error = full_test(&fault);
    }
    if (error == SPIRAM_ERR_MEMORY) {
        bool is_seen_only = fault.kind == SPIRAM_FAULT_WORD;
        if (is_seen_only) {
            log_fault(&fault);
        }
        find_reason(&fault);
        if (!is_seen_only || fault.kind != SPIRAM_FAULT_WORD) {
            log_fault(&fault);
        }
    } else if (error != SPIRAM_OK) {
        log_error(error);
    }
    if (error != SPIRAM_OK && ram.state == SPIRAM_STATE_MAPPED) {
        (void)spiram_unmap(&ram);
    }
    return error;
}

/* Once more at the datasheet's timing, if it was a tuned one that failed. */
static int test_untuned(void)
{
    bootlog_printf("spiram tuned timing does not pass the memory test, dropped\n");
    int error = ram.state == SPIRAM_STATE_MAPPED ? SPIRAM_OK : spiram_map(&ram);
    if (error != SPIRAM_OK) {
        log_error(error);
        return error;
    }
    return test(BOARD_SPIRAM_FULL_TEST);
}

size_t psram_start(uint8_t **base)
{
    int error = bring_up();
    bool is_new_timing = false;
    if (error == SPIRAM_OK && profile->may_tune) {
        spiram_bus_fine_clocks(&bus);
        is_new_timing = psram_tune_boot(&ram, profile->tune);
    }
    if (error == SPIRAM_OK) {
        error = spiram_map(&ram);
    }
    result = error;
    if (error != SPIRAM_OK) {
        log_error(error);
        log_lines(error);
        return 0;
    }
    log_profile();
    result = test(BOARD_SPIRAM_FULL_TEST || is_new_timing);
    if (result == SPIRAM_ERR_MEMORY && psram_tune_drop(&ram)) {
        result = test_untuned();
    } else if (result == SPIRAM_OK && is_new_timing) {
        psram_tune_keep(&ram);
    }
    if (result != SPIRAM_OK) {
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

struct spiram *psram_context(void)
{
    return &ram;
}

int psram_result(void)
{
    return result;
}

bool psram_uses_pin(gpio_pin_t pin)
{
    bool ours = pin == pins.clk.pin || pin == pins.ncs.pin;
    for (size_t i = 0; i < MP_ARRAY_SIZE(pins.io); i++) {
        ours = ours || pin == pins.io[i].pin;
    }
    return ours && psram_test_size() != 0;
}

const char *psram_profile_name(void)
{
    return psram_tune_active() != NULL ? "tuned" : profile->name;
}

uint32_t psram_tested_bytes(void)
{
    return profile->test_bytes != 0 ? profile->test_bytes : spiram_usable_size(&ram);
}

bool psram_is_still_good(void)
{
    return ram.state == SPIRAM_STATE_MAPPED && test(false) == SPIRAM_OK;
}

/* ---- tests in mid-run -------------------------------------------------------------------- */

/* Interrupt handlers may use the heap. Nothing else does: no other master is given addresses there.
 */
static uint32_t irq_state;

static void guard_enter(void *context)
{
    (void)context;
    irq_state = irq_disable();
}

static void guard_leave(void *context)
{
    (void)context;
    irq_restore(irq_state);
}

static uint32_t guarded[1024 / sizeof(uint32_t)];

static const struct spiram_guard guard = {.enter = guard_enter,
                                          .leave = guard_leave,
                                          .saved = (uint8_t *)guarded,
                                          .saved_bytes = sizeof guarded};

_Noreturn void psram_stop(const char *text)
{
    (void)irq_disable();
    SysTick->CTRL = 0;
    usart_panic_write(text);
    if (CoreDebug->DHCSR & CoreDebug_DHCSR_C_DEBUGEN_Msk) {
        __BKPT(0);
    }
    for (;;) {
        if (usart_panic_read()) {
            usart_panic_write(text);
        }
        for (size_t n = 0; n < sizeof NVIC->ICPR / sizeof NVIC->ICPR[0]; n++) {
            NVIC->ICPR[n] = UINT32_MAX;
        }
        __DSB();
        __WFI();
    }
}

_Noreturn static void stop_for(struct spiram_fault *fault)
{
    static char text[3 * SPIRAM_FAULT_TEXT_MAX];
    vstr_t message;
    char line[SPIRAM_FAULT_TEXT_MAX];
    vstr_init_fixed_buf(&message, sizeof text, text);
    /* Nobody may come to the heap while the window is closed for the search. */
    (void)irq_disable();
    vstr_printf(&message, "\r\n%s\r\n", spiram_fault_text(fault, line, sizeof line));
    enum spiram_fault_kind seen = fault->kind;
    find_reason(fault);
    (void)spiram_map(&ram);
    if (fault->kind != seen) {
        vstr_printf(&message, "%s\r\n", spiram_fault_text(fault, line, sizeof line));
    }
    vstr_printf(&message, PSRAM_STOPPED);
    psram_stop(vstr_null_terminated_str(&message));
}

uint32_t psram_test_size(void)
{
    return spiram_usable_size(&ram);
}

int psram_memtest(struct spiram_memtest_config *config, bool holds_heap, struct spiram_fault *fault)
{
    if (holds_heap) {
        config->guard = &guard;
        int error = spiram_memtest(&ram, config, fault);
        if (error == SPIRAM_ERR_MEMORY) {
            stop_for(fault);
        }
        return error;
    }
    /* Open without a heap: the policy `internal`. */
    bool was_open = ram.state == SPIRAM_STATE_MAPPED;
    int error = was_open ? SPIRAM_OK : spiram_map(&ram);
    if (error != SPIRAM_OK) {
        return error;
    }
    error = spiram_memtest(&ram, config, fault);
    if (error == SPIRAM_ERR_MEMORY) {
        find_reason(fault);
    }
    if (!was_open && ram.state == SPIRAM_STATE_MAPPED) {
        int closed = spiram_unmap(&ram);
        error = error != SPIRAM_OK ? error : closed;
    }
    return error;
}
