/* SPDX-License-Identifier: MIT */

#include "fake_chip.h"

#include <stdlib.h>
#include <string.h>

#include "octospi_limits.h"

#define LINE 32u /* of the cache */

static uint32_t bend_address(const struct fake *fake, uint32_t address)
{
    address = (address & ~fake->address_low) | fake->address_high;
    if (fake->short_a != fake->short_b) {
        uint32_t both = 1u << fake->short_a | 1u << fake->short_b;
        if (fake->short_to_high && (address & both) != 0) {
            address |= both;
        } else if ((address & both) != both) {
            address &= ~both;
        }
    }
    return address % fake->size;
}

static uint8_t bend_cell(const struct fake *fake, uint32_t address, uint8_t data)
{
    if (fake->stuck_to == 0 || (address >= fake->stuck_from && address < fake->stuck_to)) {
        data = (uint8_t)((data & ~fake->bits_low) | fake->bits_high);
    }
    if (address == fake->flipped_at) {
        data ^= (uint8_t)fake->flip_mask;
    }
    if (fake->data_short_a != fake->data_short_b) {
        uint8_t both = (uint8_t)(1u << fake->data_short_a | 1u << fake->data_short_b);
        if ((data & both) != both) {
            data &= (uint8_t)~both;
        }
    }
    return data;
}

/* Four bits at a time over the wires. */
static uint32_t bend_nibbles(const struct fake *fake, uint32_t value, unsigned bits)
{
    for (unsigned n = 0; n < bits; n += 4) {
        value = (value & ~((uint32_t)fake->lines_low << n)) | (uint32_t)fake->lines_high << n;
    }
    return value;
}

static uint8_t load(const struct fake *fake, uint32_t address)
{
    uint32_t place = bend_address(fake, address);
    return bend_cell(fake, place, fake->cells[place]);
}

static void store(struct fake *fake, uint32_t address, uint8_t data)
{
    fake->cells[bend_address(fake, address)] = data;
}

static bool fails(struct fake *fake)
{
    fake->loud += fake->watched && !fake->quiet;
    if (fake->fail_after < 0) {
        return false;
    }
    return fake->fail_after == 0 ? true : (fake->fail_after--, false);
}

static void watch(struct fake *fake, const struct spiram_frame *frame)
{
    const struct spiram_command *c = frame->command;
    uint32_t hz = fake->timing.clock_hz;
    uint64_t clocks = 8u / c->command_lines + c->wait_clocks + 2u;
    clocks += c->address_lines ? 24u / c->address_lines : 0;
    clocks += c->data_lines ? frame->length * 8u / c->data_lines : 0;

    if (frame->length > 0) {
        uint64_t low_ps = clocks * 1000000000000u / hz;
        fake->longest_low_ps = low_ps > fake->longest_low_ps ? low_ps : fake->longest_low_ps;
        uint32_t last = frame->address + (uint32_t)frame->length - 1u;
        fake->too_fast += hz > 84000000u && frame->address / 1024u != last / 1024u;
    }
    fake->highest_hz = hz > fake->highest_hz ? hz : fake->highest_hz;
    fake->too_fast += c->code == 0x03 && hz > 33000000u;
    fake->too_fast += hz > 133000000u;
    fake->too_long += frame->length > 32u;
    if (fake->frames < FAKE_LOG_LENGTH) {
        fake->log[fake->frames] = (uint16_t)(c->command_lines << 8 | c->code);
    }
    if (fake->frames++ == 0) {
        fake->waited_before_first_frame_us = fake->waited_us;
    }
}

/* Behind the rising edge: a delay line of 12 cells that span a period, and some delay of its own.
 */
static int64_t sample_ps(const struct fake *fake)
{
    int64_t period = (int64_t)(1000000000000u / fake->timing.clock_hz);
    int64_t late = fake->timing.sample_late ? period / 2 : 0;
    return fake->timing.sample_tap == 0
               ? late
               : late + 900 + (fake->timing.sample_tap - 1) * (period - 900) / 12;
}

/* Half bytes by which the sample comes late; 99 = while nothing is to be had. */
static int slip(const struct fake *fake)
{
    int64_t period = (int64_t)(1000000000000u / fake->timing.clock_hz);
    int64_t since = sample_ps(fake) + period / 2 - fake->answer_ps;
    if (fake->answer_ps == 0) {
        return 0;
    }
    return since < 0 || since % period < fake->settle_ps ? 99 : (int)(since / period);
}

static uint8_t slipped(const struct fake *fake, uint32_t address, uint8_t data)
{
    switch (slip(fake)) {
    case 0:
        return data;
    case 1:
        return (uint8_t)(data << 4 | load(fake, address + 1) >> 4);
    default:
        return (uint8_t)(data ^ 0x11 << (address & 3));
    }
}

static void read_array(struct fake *fake, const struct spiram_frame *frame, uint32_t address,
                       bool quad)
{
    for (size_t n = 0; n < frame->length; n++) {
        uint8_t data = load(fake, address + (uint32_t)n);
        if (quad) {
            data = (uint8_t)bend_nibbles(fake, data, 8);
            if (fake->good_to_hz != 0 && fake->timing.clock_hz > fake->good_to_hz) {
                data ^= 0x40;
            }
            data = slipped(fake, address + (uint32_t)n, data);
        }
        frame->rx[n] = data;
    }
}

static void write_array(struct fake *fake, const struct spiram_frame *frame, uint32_t address,
                        bool quad)
{
    for (size_t n = 0; n < frame->length; n++) {
        uint8_t data = frame->tx[n];
        if (quad && fake->writes_good_to_hz != 0 &&
            fake->timing.clock_hz > fake->writes_good_to_hz) {
            data &= 0xFE;
        }
        store(fake, address + (uint32_t)n, quad ? (uint8_t)bend_nibbles(fake, data, 8) : data);
    }
}

/* The chip has the command byte; does it know it, in this mode, with these lines and wait clocks?
 */
static void execute(struct fake *fake, const struct spiram_frame *frame, uint8_t code)
{
    const struct spiram_command *c = frame->command;
    uint8_t a = c->address_lines, d = c->data_lines, w = c->wait_clocks;
    uint8_t mode = fake->qpi ? 4 : 1;
    uint32_t address =
        a == 4 ? bend_nibbles(fake, frame->address & 0xFFFFFF, 24) : frame->address & 0xFFFFFF;
    bool armed = fake->reset_armed;
    fake->reset_armed = code == 0x66;

    if (code == 0x99 && armed) {
        fake->qpi = false;
        fake->wrap = false;
    } else if (code == 0xF5 && fake->qpi) {
        fake->qpi = false;
    } else if (code == 0x35 && !fake->qpi && !fake->deaf_to_qpi) {
        fake->qpi = true;
    } else if (code == 0xC0) {
        fake->wrap = !fake->wrap;
    } else if (code == 0x9F && !fake->qpi && a == 1 && w == 0 && d == 1) {
        for (size_t n = 0; n < frame->length; n++) {
            frame->rx[n] = fake->id[n % 8];
        }
        fake->id[7] ^= fake->noisy_id;
    } else if (code == 0x03 && !fake->qpi && a == 1 && w == 0 && d == 1) {
        read_array(fake, frame, address, false);
    } else if (code == 0x02 && a == mode && w == 0 && d == mode) {
        write_array(fake, frame, address, mode == 4);
    } else if (code == 0x38 && a == 4 && w == 0 && d == 4) {
        write_array(fake, frame, address, true);
    } else if (code == 0xEB && a == 4 && w == 6 && d == 4) {
        read_array(fake, frame, address, true);
    }
}

static int fake_transfer(void *context, const struct spiram_frame *frame)
{
    struct fake *fake = context;
    const struct spiram_command *c = frame->command;
    if (fails(fake)) {
        return fake->failure;
    }
    if (fake->mapped || (frame->tx != NULL) + (frame->rx != NULL) != (c->data_lines != 0) ||
        (frame->length != 0) != (c->data_lines != 0)) {
        return SPIRAM_ERR_BUS;
    }
    watch(fake, frame);

    uint8_t io_0_and_1 = 3;
    uint8_t dead = (fake->lines_low | fake->lines_high) & io_0_and_1;
    if (frame->rx != NULL) {
        memset(frame->rx, fake->lines_high & io_0_and_1 ? 0xFF : fake->open_level, frame->length);
    }
    if (fake->absent || dead != 0 || c->command_lines != (fake->qpi ? 4 : 1)) {
        return SPIRAM_OK; /* the chip sees no whole command, or none that it knows */
    }
    execute(fake, frame, fake->qpi ? (uint8_t)bend_nibbles(fake, c->code, 8) : c->code);
    return SPIRAM_OK;
}

static uint32_t fake_nearest_clock(void *context, uint32_t max_hz)
{
    const struct fake *fake = context;
    if (fake->step_hz != 0) {
        return max_hz - max_hz % fake->step_hz;
    }
    for (uint32_t divider = 1; divider <= 256; divider += divider > 1 ? 2 : 1) {
        if (fake->kernel_hz / divider <= max_hz) {
            return fake->kernel_hz / divider;
        }
    }
    return 0;
}

static int fake_configure(void *context, const struct spiram_timing *timing)
{
    struct fake *fake = context;
    if (fails(fake)) {
        return fake->failure;
    }
    fake->configures++;
    fake->timing = *timing;
    if (timing->sample_tap != 0 && timing->clock_hz < fake->taps_from_hz) {
        return SPIRAM_ERR_TIMING;
    }
    return fake->mapped ? SPIRAM_ERR_BUS : SPIRAM_OK;
}

static int fake_map(void *context, const struct spiram_command *read,
                    const struct spiram_command *write, uint32_t size, volatile void **window)
{
    struct fake *fake = context;
    if (fails(fake)) {
        return fake->failure;
    }
    bool right = read->code == 0xEB && read->command_lines == 4 && read->address_lines == 4 &&
                 read->wait_clocks == 6 && read->data_lines == 4 && write->code == 0x38 &&
                 write->command_lines == 4 && write->address_lines == 4 &&
                 write->wait_clocks == 0 && write->data_lines == 4;
    if (!right || size != fake->size || fake->mapped || !fake->qpi) {
        return SPIRAM_ERR_BUS;
    }
    fake->maps++;
    fake->mapped = true;
    for (uint32_t n = 0; n < size; n++) {
        fake->window[n] = fake->clean[n] = load(fake, n);
    }
    *window = fake->window;
    return SPIRAM_OK;
}

static int fake_sync(void *context, uint32_t offset, uint32_t length)
{
    struct fake *fake = context;
    if (fails(fake)) {
        return fake->failure;
    }
    if (!fake->mapped || length > fake->size || offset > fake->size - length) {
        return SPIRAM_ERR_BUS;
    }
    fake->syncs++;
    /* Whole lines; only those that were written go to the chip. */
    uint32_t first = offset / LINE * LINE, end = (offset + length + LINE - 1) / LINE * LINE;
    for (uint32_t line = first; line < end; line += LINE) {
        if (memcmp(fake->window + line, fake->clean + line, LINE) == 0) {
            continue;
        }
        for (uint32_t n = line; n < line + LINE; n++) {
            bool lost = n >= fake->unwritten_at && n - fake->unwritten_at < fake->unwritten_length;
            bool zeroed = n >= fake->zeroed_at && n - fake->zeroed_at < fake->zeroed_length;
            if (!lost) {
                store(fake, n, zeroed ? 0 : fake->window[n]);
            }
        }
    }
    for (uint32_t n = first; n < end; n++) {
        fake->window[n] = fake->clean[n] = load(fake, n);
    }
    return SPIRAM_OK;
}

static int fake_unmap(void *context)
{
    struct fake *fake = context;
    int error = fake_sync(fake, 0, fake->size);
    if (error == SPIRAM_OK) {
        fake->mapped = false;
        fake->unmaps++;
    }
    return error;
}

static void fake_delay_us(void *context, uint32_t us)
{
    struct fake *fake = context;
    fake->waited_us += us;
}

void fake_resize(struct fake *fake, uint32_t mbit)
{
    fake->size = mbit * 131072u;
    static const uint8_t eid[] = {0x12, 0x32, 0x52, 0x72};
    unsigned code = 0;
    while (16u << code < mbit) {
        code++;
    }
    fake->id[2] = eid[code];
}

void fake_setup(struct fake *fake, struct spiram_bus *bus)
{
    static const uint8_t sample[8] = {0x0D, 0x5D, 0x52, 0xA2, 0x64, 0x31, 0x91, 0x31};
    const uint32_t size = 8388608, room = 16777216;
    *fake = (struct fake){.size = size, .kernel_hz = 100000000, .fail_after = -1};
    memcpy(fake->id, sample, sizeof sample);
    fake->failure = SPIRAM_ERR_TIMEOUT;
    fake->cells = malloc(room);
    fake->window = malloc(room);
    fake->clean = malloc(room);
    memset(fake->cells, 0xC3, room);
    memset(fake->window, 0x99, room);
    *bus = (struct spiram_bus){
        .context = fake,
        .limits = octospi_limits,
        .nearest_clock = fake_nearest_clock,
        .configure = fake_configure,
        .transfer = fake_transfer,
        .map = fake_map,
        .unmap = fake_unmap,
        .sync = fake_sync,
        .delay_us = fake_delay_us,
    };
}

void fake_teardown(struct fake *fake)
{
    free(fake->cells);
    free(fake->window);
    free(fake->clean);
}
