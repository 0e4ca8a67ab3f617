/* SPDX-License-Identifier: MIT */

#include "virtual_bus.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "octospi_limits.h"

#define LINE      32u
#define WINDOW    (UINT32_C(16) << 20)
#define KERNEL_HZ UINT32_C(100000000)

static uint64_t no_cycles(void *context)
{
    (void)context;
    return 0;
}

static void run_frame(struct virtual_board *v, const struct spiram_command *command,
                      uint32_t address, const uint8_t *tx, uint8_t *rx, size_t length)
{
    struct membus_frame frame;
    vtime period = vtime_of_clocks(1, v->hz);
    memset(&frame, 0, sizeof frame);
    frame.host = "test";
    frame.why = v->mapped ? "mapped" : "indirect";
    frame.fall = v->now;
    frame.clock = (struct membus_clock){.hz = v->hz,
                                        .period_q16 = ((VTIME_S << 16) + v->hz / 2) / v->hz,
                                        .period = period,
                                        .low = period - period / 2,
                                        .high = period / 2};
    frame.direction = tx != NULL ? MEMBUS_OUT : rx != NULL ? MEMBUS_IN : MEMBUS_NO_DATA;
    frame.data_lines = command->data_lines;
    frame.wires = MEMBUS_ALL_WIRES;
    frame.phase[frame.phases++] = (struct membus_phase){.kind = MEMBUS_INSTRUCTION,
                                                        .lines = command->command_lines,
                                                        .bits = 8,
                                                        .value = command->code};
    if (command->address_lines != 0) {
        frame.phase[frame.phases++] = (struct membus_phase){
            .kind = MEMBUS_ADDRESS, .lines = command->address_lines, .bits = 24, .value = address};
    }
    if (command->wait_clocks != 0) {
        frame.phase[frame.phases++] = (struct membus_phase){
            .kind = MEMBUS_DUMMY, .lines = command->data_lines, .clocks = command->wait_clocks};
    }
    membus_begin(v->wires, &frame);
    if (tx != NULL) {
        membus_send(v->wires, &frame, tx, length);
    } else if (rx != NULL) {
        membus_receive(v->wires, &frame, rx, length);
    }
    uint64_t clocks = frame.header + (frame.bytes * frame.half_clocks + 1) / 2;
    vtime last = frame.fall + membus_periods(&frame.clock, clocks);
    membus_end(v->wires, &frame, last + period, last, clocks, 0);
    v->now = frame.rise + v->high_clocks * period;
}

static int transfer(void *context, const struct spiram_frame *frame)
{
    struct virtual_board *v = context;
    if (v->mapped) {
        return SPIRAM_ERR_STATE;
    }
    run_frame(v, frame->command, frame->address, frame->tx, frame->rx, frame->length);
    return SPIRAM_OK;
}

static uint32_t nearest_clock(void *context, uint32_t max_hz)
{
    (void)context;
    for (uint32_t divider = 2; divider <= 256; divider += 2) {
        if (KERNEL_HZ / divider <= max_hz) {
            return KERNEL_HZ / divider;
        }
    }
    return 0;
}

static int configure(void *context, const struct spiram_timing *timing)
{
    struct virtual_board *v = context;
    v->hz = timing->clock_hz;
    v->high_clocks = timing->high_clocks;
    return SPIRAM_OK;
}

static void drop_lines(struct virtual_board *v, uint32_t offset, uint32_t length)
{
    for (uint32_t line = offset / LINE; line <= (offset + length - 1) / LINE; line++) {
        uint8_t *now = v->window + line * LINE;
        uint8_t *before = v->clean + line * LINE;
        if (memcmp(now, before, LINE) != 0) {
            run_frame(v, &v->write, line * LINE, now, NULL, LINE);
        }
    }
    for (uint32_t line = offset / LINE; line <= (offset + length - 1) / LINE; line++) {
        run_frame(v, &v->read, line * LINE, NULL, v->window + line * LINE, LINE);
        memcpy(v->clean + line * LINE, v->window + line * LINE, LINE);
    }
}

static int sync_window(void *context, uint32_t offset, uint32_t length)
{
    struct virtual_board *v = context;
    if (!v->mapped || length == 0) {
        return SPIRAM_ERR_STATE;
    }
    drop_lines(v, offset, length);
    return SPIRAM_OK;
}

static int map(void *context, const struct spiram_command *read, const struct spiram_command *write,
               uint32_t size, volatile void **window)
{
    struct virtual_board *v = context;
    v->mapped = true;
    v->size = size;
    v->read = *read;
    v->write = *write;
    memcpy(v->clean, v->window, size);
    drop_lines(v, 0, size);
    *window = v->window;
    return SPIRAM_OK;
}

static int unmap(void *context)
{
    struct virtual_board *v = context;
    drop_lines(v, 0, v->size);
    v->mapped = false;
    return SPIRAM_OK;
}

static void delay_us(void *context, uint32_t us)
{
    struct virtual_board *v = context;
    v->now += us * VTIME_US;
}

void virtual_open(struct virtual_board *v, const char *chip, const char *const *faults)
{
    static const struct sched_source source = {.cycles = no_cycles};
    char error[200] = "";

    memset(v, 0, sizeof *v);
    v->hz = 1000000;
    v->high_clocks = 8;
    v->sched = sched_new(&source, 1);
    v->complaints = complaints_new(v->sched, NULL, NULL);
    v->wires = membus_new("ospi1");
    v->chip = psram_new(psram_find(chip), 3, v->complaints);
    v->defects = psram_defects_new(3);
    v->window = calloc(1, WINDOW);
    v->clean = calloc(1, WINDOW);
    assert(v->complaints && v->wires && v->chip && v->defects && v->window && v->clean);
    for (; *faults != NULL; faults++) {
        if (psram_defect_is(*faults)) {
            if (!psram_defects_add(v->defects, *faults, error, sizeof error)) {
                fprintf(stderr, "%s\n", error);
                abort();
            }
        } else {
            v->fault = fault_new(*faults, 3, error, sizeof error);
            assert(v->fault != NULL);
            fault_attach(v->fault, v->wires);
        }
    }
    if (!psram_set_defects(v->chip, v->defects)) {
        abort();
    }
    if (!psram_defects_missing(v->defects)) {
        psram_attach(v->chip, v->wires);
    }
    v->bus = (struct spiram_bus){
        .context = v,
        .limits = octospi_limits,
        .nearest_clock = nearest_clock,
        .configure = configure,
        .transfer = transfer,
        .map = map,
        .unmap = unmap,
        .sync = sync_window,
        .delay_us = delay_us,
    };
}

void virtual_close(struct virtual_board *v)
{
    psram_free(v->chip);
    psram_defects_free(v->defects);
    if (v->fault != NULL) {
        fault_free(v->fault);
    }
    membus_free(v->wires);
    complaints_free(v->complaints);
    sched_free(v->sched);
    free(v->window);
    free(v->clean);
}

uint64_t virtual_hazards(const struct virtual_board *v)
{
    return complaints_count(v->complaints, HAZARD);
}
