/* SPDX-License-Identifier: MIT */

#include "spiram_bus.h"

#include "mcu/clock.h"
#include "mcu/mpu.h"
#include "mcu/stm32h7a3.h"
#include "mcu/ticks.h"

/*
 * CLK pad, board, data pad: not printed in a document that could be read, so an estimate. At 50 MHz
 * anything above 0.75 ns gives the same sampling point.
 */
#define ROUND_TRIP_PS 5000u

/* The core's bursts: a line of the data cache. Non-cacheable access is not made. */
#define LINE_BYTES 32u

static int to_spiram(int error)
{
    switch (error) {
    case OCTOSPI_OK:
        return SPIRAM_OK;
    case OCTOSPI_ERR_PARAM:
        return SPIRAM_ERR_PARAM;
    case OCTOSPI_ERR_STATE:
        return SPIRAM_ERR_STATE;
    case OCTOSPI_ERR_TIMEOUT:
        return SPIRAM_ERR_TIMEOUT;
    case OCTOSPI_ERR_DELAY:
        return SPIRAM_ERR_TIMING;
    default:
        return SPIRAM_ERR_BUS;
    }
}

static struct octospi_command to_octospi(const struct spiram_command *command)
{
    return (struct octospi_command){
        .code = command->code,
        .command_lines = command->command_lines,
        .address_lines = command->address_lines,
        .wait_clocks = command->wait_clocks,
        .data_lines = command->data_lines,
    };
}

static uint32_t nearest_clock(void *context, uint32_t max_hz)
{
    (void)context;
    return octospi_nearest_clock(max_hz);
}

static uint32_t nearest_fine_clock(void *context, uint32_t max_hz)
{
    uint32_t coarse = octospi_nearest_clock(max_hz);
    uint32_t fine = clock_octospi_nearest(max_hz);
    (void)context;
    return fine > coarse ? fine : coarse;
}

static int configure(void *context, const struct spiram_timing *timing)
{
    /* No frame is under way between two callbacks, so PLL2 may stop. If it does not lock again the
     * kernel clock is HCLK, of which the prescaler makes something lower than was asked for. */
    if (octospi_nearest_clock(timing->clock_hz) != timing->clock_hz &&
        !clock_octospi_set(timing->clock_hz)) {
        return SPIRAM_ERR_BUS;
    }
    const struct octospi_timing t = {
        .clock_hz = timing->clock_hz,
        .high_clocks = timing->high_clocks,
        .refresh_clocks = timing->refresh_clocks,
        .idle_clocks = timing->idle_clocks,
        .boundary_log2 = timing->boundary_log2,
        .sample_late = timing->sample_late,
        .delay_tap = timing->sample_tap,
    };
    return to_spiram(octospi_set_timing(context, &t));
}

static int transfer(void *context, const struct spiram_frame *frame)
{
    const struct octospi_command command = to_octospi(frame->command);
    const struct octospi_frame f = {
        .command = &command,
        .address = frame->address,
        .tx = frame->tx,
        .rx = frame->rx,
        .length = frame->length,
    };
    return to_spiram(octospi_transfer(context, &f));
}

/* Mapped first, then open: the core may read ahead as soon as the MPU lets it. */
static int map(void *context, const struct spiram_command *read, const struct spiram_command *write,
               uint32_t size, volatile void **window)
{
    const struct octospi_command r = to_octospi(read);
    const struct octospi_command w = to_octospi(write);
    int error = octospi_map(context, &r, &w, size);
    if (error == OCTOSPI_OK) {
        mpu_psram_open(size);
        *window = (volatile void *)OCTOSPI1_MEM_BASE;
    }
    return to_spiram(error);
}

static int unmap(void *context)
{
    int error = octospi_drain(context);
    if (error == OCTOSPI_OK) {
        mpu_psram_close();
        error = octospi_unmap(context);
    }
    return to_spiram(error);
}

static int sync(void *context, uint32_t offset, uint32_t length)
{
    return to_spiram(octospi_sync(context, offset, length));
}

static void delay_us(void *context, uint32_t us)
{
    (void)context;
    ticks_delay_us(us);
}

void spiram_bus_fine_clocks(struct spiram_bus *bus)
{
    bus->nearest_clock = nearest_fine_clock;
}

int spiram_bus_init(struct spiram_bus *bus, struct octospi *octospi,
                    const struct octospi_pins *pins)
{
    *bus = (struct spiram_bus){
        .context = octospi,
        .limits =
            {
                .setup_clocks = OCTOSPI_SETUP_CLOCKS,
                .hold_clocks = OCTOSPI_HOLD_CLOCKS,
                .high_clocks_max = OCTOSPI_CSHT_MAX,
                .refresh_overrun = OCTOSPI_REFRESH_OVERRUN,
                .stall_bytes = LINE_BYTES,
                .frame_bytes = OCTOSPI_FIFO_BYTES,
                .sample_delay_ps = ROUND_TRIP_PS,
                /* Reading ahead past the last bytes of a device has stalled the bus port of other
                   members of the family. octospi_map() makes the device twice as large; a line kept
                   free is the second of the two known remedies, and costs nothing to have both. */
                .end_margin = LINE_BYTES,
                .idle_clocks_max = OCTOSPI_TIMEOUT_MAX,
                .sample_taps = OCTOSPI_DELAY_TAPS,
                .can_release_at_bounds = true,
            },
        .nearest_clock = nearest_clock,
        .configure = configure,
        .transfer = transfer,
        .map = map,
        .unmap = unmap,
        .sync = sync,
        .delay_us = delay_us,
    };
    return to_spiram(octospi_init(octospi, pins));
}
