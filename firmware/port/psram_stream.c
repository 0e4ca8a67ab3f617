/* SPDX-License-Identifier: MIT */

#include "psram_stream.h"

#include <stdbool.h>
#include <string.h>

#include "mcu/stm32h7a3.h"
#include "mcu/stream.h"
#include "psram.h"

/* In DTCM: on the way from one place of the PSRAM to another, or from an address that LDRD does not
 * take. As long as the source is not in the cache, interrupts are on while it is read. */
static uint64_t bounce[2048 / sizeof(uint64_t)];

static bool overlap(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
    return (uintptr_t)a < (uintptr_t)b + b_bytes && (uintptr_t)b < (uintptr_t)a + a_bytes;
}

/* Below that, stores through the cache are as fast: they need no change of the MPU. */
#define LEAST_BYTES 256u

static bool can_stream(const void *to, size_t bytes)
{
    const struct spiram *ram = psram_context();
    uintptr_t window = (uintptr_t)ram->window, first = (uintptr_t)to;
    return ram->state == SPIRAM_STATE_MAPPED && bytes >= LEAST_BYTES && first >= window &&
           first - window <= spiram_usable_size(ram) &&
           bytes <= spiram_usable_size(ram) - (first - window);
}

/* A range of LEAST_BYTES or more: its whole lines, and how much is in front of and behind them. */
struct lines {
    uint8_t *to;
    size_t head, bytes, tail;
};

static struct lines whole_lines(void *to, size_t bytes)
{
    size_t head = -(uintptr_t)to % STREAM_LINE_BYTES;
    size_t whole = (bytes - head) / STREAM_LINE_BYTES * STREAM_LINE_BYTES;
    return (struct lines){(uint8_t *)to + head, head, whole, bytes - head - whole};
}

/* Dirty lines out, clean ones dropped: before, so that none is written over what is streamed;
 * after, because the core may have read ahead while the range was cacheable. */
static void sync(const struct lines *lines)
{
    struct spiram *ram = psram_context();
    uint32_t offset = (uint32_t)((uintptr_t)lines->to - (uintptr_t)ram->window);
    (void)spiram_sync(ram, offset, lines->bytes);
}

/* Interrupts are off while so much is written: a block, or what slow clocks leave of it. */
#define PART_US 400u
/* A line in a frame of its own: command, address, data, nCS high. Longer frames take less. */
#define LINE_CLOCKS (8u + 2u * STREAM_LINE_BYTES + 8u)

/* How much of `bytes` may be written in one go: what lies in the block of `to`, in time. */
static size_t part_of(const void *to, size_t bytes)
{
    uint64_t clocks = (uint64_t)psram_context()->timing.clock_hz * PART_US / 1000000u;
    size_t most = (size_t)(clocks / LINE_CLOCKS) * STREAM_LINE_BYTES;
    size_t room = STREAM_BLOCK_BYTES - (uintptr_t)to % STREAM_BLOCK_BYTES;
    if (most < STREAM_LINE_BYTES) {
        most = STREAM_LINE_BYTES;
    }
    room = room < most ? room : most;
    return bytes < room ? bytes : room;
}

static uint32_t irq_off_cycles;

static void note_irq_off(uint32_t cycles)
{
    irq_off_cycles = cycles > irq_off_cycles ? cycles : irq_off_cycles;
}

uint32_t psram_stream_irq_off_us(void)
{
    uint32_t longest = irq_off_cycles;
    irq_off_cycles = 0;
    return longest / (SystemCoreClock / 1000000u);
}

static void copy_lines(uint8_t *to, const uint8_t *from, size_t bytes)
{
    const struct spiram *ram = psram_context();
    bool direct = (uintptr_t)from % sizeof(uint32_t) == 0 &&
                  !overlap(from, bytes, (const void *)(uintptr_t)ram->window, spiram_size(ram));
    while (bytes > 0) {
        size_t part = part_of(to, bytes);
        if (direct) {
            note_irq_off(stream_copy(to, from, part));
        } else {
            part = part < sizeof bounce ? part : sizeof bounce;
            memcpy(bounce, from, part);
            note_irq_off(stream_copy(to, bounce, part));
        }
        to += part;
        from += part;
        bytes -= part;
    }
}

void psram_stream_copy(void *to, const void *from, size_t bytes)
{
    if (!can_stream(to, bytes) || overlap(to, bytes, from, bytes)) {
        memmove(to, from, bytes);
        return;
    }
    struct lines lines = whole_lines(to, bytes);
    const uint8_t *source = from;
    memcpy(to, source, lines.head);
    sync(&lines);
    copy_lines(lines.to, source + lines.head, lines.bytes);
    sync(&lines);
    memcpy(lines.to + lines.bytes, source + lines.head + lines.bytes, lines.tail);
}

void psram_stream_fill(void *to, uint8_t value, size_t bytes)
{
    if (!can_stream(to, bytes)) {
        memset(to, value, bytes);
        return;
    }
    struct lines lines = whole_lines(to, bytes);
    uint8_t *at = lines.to;
    memset(to, value, lines.head);
    sync(&lines);
    for (size_t left = lines.bytes, part; left > 0; at += part, left -= part) {
        part = part_of(at, left);
        note_irq_off(stream_fill(at, value * UINT64_C(0x0101010101010101), part));
    }
    sync(&lines);
    memset(lines.to + lines.bytes, value, lines.tail);
}
