/* SPDX-License-Identifier: MIT */

/*
 * spiram.bench(): how fast the PSRAM is, beside what its clock and the frames on its wires allow.
 * docs/firmware.md, "Measuring the PSRAM", says what each figure means.
 */
#include "modspiram.h"

#include <string.h>

#include "heap.h"
#include "mcu/stm32h7a3.h"
#include "mcu/ticks.h"
#include "psram.h"
#include "psram_stream.h"
#include "psram_transfer.h"
#include "py/runtime.h"

#define LINE_BYTES 32u
#define LINE_WORDS (LINE_BYTES / sizeof(uint32_t))

/* Less would tell more of the cache, of 16 KB, than of the memory behind it. The most is what keeps
 * each figure below a turn of the cycle counter at 1 MHz, too. */
#define LEAST_KB   64u
#define MOST_KB    1024u
#define DEFAULT_KB 256u

/* Lines that are visited one by one, each once. */
#define VISITS 1024u
/* As much as one part of psram_transfer.h. */
#define INDIRECT_BYTES 1024u

enum figure {
    READ,
    WRITE,
    STREAM,
    COPY,
    STREAM_COPY,
    INDIRECT_READ,
    INDIRECT_WRITE,
    LATENCY,
    LOAD8_HIT,
    LOAD16_HIT,
    LOAD32_HIT,
    STORE8_HIT,
    STORE16_HIT,
    STORE32_HIT,
    LOAD8_MISS,
    LOAD16_MISS,
    LOAD32_MISS,
    STORE8_MISS,
    STORE16_MISS,
    STORE32_MISS,
    FIGURES,
};

/* The figures up to INDIRECT_WRITE are MB/s, the others ns; those with a limit have its key. */
static const struct {
    const char *text;
    uint16_t key, limit_key;
} rows[FIGURES] = {
    [READ] = {"sequential read", MP_QSTR_read, MP_QSTR_read_of_limit},
    [WRITE] = {"sequential write, lines fetched", MP_QSTR_write, MP_QSTR_write_of_limit},
    [STREAM] = {"sequential write, streamed", MP_QSTR_stream, MP_QSTR_stream_of_limit},
    [COPY] = {"copy, lines fetched", MP_QSTR_copy, MP_QSTR_copy_of_limit},
    [STREAM_COPY] = {"copy, streamed", MP_QSTR_stream_copy, MP_QSTR_stream_copy_of_limit},
    [INDIRECT_READ] = {"indirect read, 1 KB", MP_QSTR_indirect_read,
                       MP_QSTR_indirect_read_of_limit},
    [INDIRECT_WRITE] = {"indirect write, 1 KB", MP_QSTR_indirect_write,
                        MP_QSTR_indirect_write_of_limit},
    [LATENCY] = {"random line", MP_QSTR_latency, MP_QSTR_latency_of_limit},
    [LOAD8_HIT] = {"load 8 bit, hit", MP_QSTR_load8_hit, 0},
    [LOAD16_HIT] = {"load 16 bit, hit", MP_QSTR_load16_hit, 0},
    [LOAD32_HIT] = {"load 32 bit, hit", MP_QSTR_load32_hit, 0},
    [STORE8_HIT] = {"store 8 bit, hit", MP_QSTR_store8_hit, 0},
    [STORE16_HIT] = {"store 16 bit, hit", MP_QSTR_store16_hit, 0},
    [STORE32_HIT] = {"store 32 bit, hit", MP_QSTR_store32_hit, 0},
    [LOAD8_MISS] = {"load 8 bit, miss", MP_QSTR_load8_miss, MP_QSTR_load8_miss_of_limit},
    [LOAD16_MISS] = {"load 16 bit, miss", MP_QSTR_load16_miss, MP_QSTR_load16_miss_of_limit},
    [LOAD32_MISS] = {"load 32 bit, miss", MP_QSTR_load32_miss, MP_QSTR_load32_miss_of_limit},
    [STORE8_MISS] = {"store 8 bit, miss", MP_QSTR_store8_miss, MP_QSTR_store8_miss_of_limit},
    [STORE16_MISS] = {"store 16 bit, miss", MP_QSTR_store16_miss, MP_QSTR_store16_miss_of_limit},
    [STORE32_MISS] = {"store 32 bit, miss", MP_QSTR_store32_miss, MP_QSTR_store32_miss_of_limit},
};

struct bench {
    struct spiram *ram;
    uint8_t *memory;       /* in the window, aligned to lines */
    size_t bytes;          /* a power of two */
    uint32_t irq_off_us;   /* the longest time that streaming kept interrupts off */
    double ns[FIGURES];    /* a byte, or an access */
    double limit[FIGURES]; /* the same; 0: none */
};

// ---- limits -------------------------------------------------------------------------------------

/* Clocks of a frame: its phases, and nCS high until the next. */
static double frame_clocks(const struct bench *bench, const struct spiram_command *command,
                           size_t bytes)
{
    unsigned clocks = 8u / command->command_lines + 24u / command->address_lines +
                      command->wait_clocks + 8u * bytes / command->data_lines;
    return clocks + bench->ram->timing.high_clocks;
}

static void set_limits(struct bench *bench)
{
    const struct spiram_timing *timing = &bench->ram->timing;
    const struct spiram_command read = spiram_qpi_read(&bench->ram->chip);
    const double clock_ns = 1e9 / timing->clock_hz;
    const double line_read = frame_clocks(bench, &read, LINE_BYTES) * clock_ns;
    const double line_write = frame_clocks(bench, &spiram_qpi_write, LINE_BYTES) * clock_ns;

    bench->limit[READ] = line_read / LINE_BYTES;
    bench->limit[WRITE] = bench->limit[STREAM] = line_write / LINE_BYTES;
    bench->limit[COPY] = bench->limit[STREAM_COPY] = (line_read + line_write) / LINE_BYTES;
    bench->limit[INDIRECT_READ] =
        frame_clocks(bench, &read, timing->frame_bytes) * clock_ns / timing->frame_bytes;
    bench->limit[INDIRECT_WRITE] = frame_clocks(bench, &spiram_qpi_write, timing->frame_bytes) *
                                   clock_ns / timing->frame_bytes;
    bench->limit[LATENCY] = line_read;
    for (int i = LOAD8_MISS; i <= LOAD32_MISS; i++) {
        bench->limit[i] = line_read;
    }
    /* The line comes, and a dirty one goes. */
    for (int i = STORE8_MISS; i <= STORE32_MISS; i++) {
        bench->limit[i] = line_read + line_write;
    }
}

// ---- measuring ----------------------------------------------------------------------------------

static void empty_cache(const struct bench *bench)
{
    (void)spiram_sync(bench->ram, 0, spiram_size(bench->ram));
}

/* From begin() to end(), `count` times something. */
static uint32_t begin(const struct bench *bench)
{
    empty_cache(bench);
    return ticks_cycles();
}

static void end(struct bench *bench, enum figure figure, uint32_t start, size_t count)
{
    uint32_t cycles = ticks_cycles() - start;
    bench->ns[figure] = cycles * 1e9 / SystemCoreClock / count;
}

static void sequential_read(struct bench *bench)
{
    const volatile uint32_t *p = (const volatile uint32_t *)bench->memory;
    const volatile uint32_t *last = p + bench->bytes / sizeof *p;
    uint32_t start = begin(bench);
    for (; p < last; p += LINE_WORDS) {
        (void)p[0], (void)p[1], (void)p[2], (void)p[3];
        (void)p[4], (void)p[5], (void)p[6], (void)p[7];
    }
    end(bench, READ, start, bench->bytes);
}

/* The time includes that of the dirty lines that the cache still holds. */
static void sequential_write(struct bench *bench)
{
    volatile uint32_t *p = (volatile uint32_t *)bench->memory;
    const volatile uint32_t *last = p + bench->bytes / sizeof *p;
    uint32_t start = begin(bench);
    for (uint32_t value = 0; p < last; p += LINE_WORDS, value++) {
        p[0] = value, p[1] = value, p[2] = value, p[3] = value;
        p[4] = value, p[5] = value, p[6] = value, p[7] = value;
    }
    empty_cache(bench);
    end(bench, WRITE, start, bench->bytes);
}

static void copies(struct bench *bench)
{
    const size_t half = bench->bytes / 2u;
    uint32_t start = begin(bench);
    memcpy(bench->memory + half, bench->memory, half);
    empty_cache(bench);
    end(bench, COPY, start, half);

    start = begin(bench);
    psram_stream_copy(bench->memory + half, bench->memory, half);
    end(bench, STREAM_COPY, start, half);
}

/* Of a byte at each place, so that a byte that strayed shows as well. */
static uint8_t pattern(size_t at)
{
    return (uint8_t)(at * 251u >> 3);
}

#define FILL 0xA5u

/* Fills all of the memory. False: it does not hold what was written then, or in pieces after. */
static bool stream(struct bench *bench)
{
    uint32_t source[INDIRECT_BYTES / sizeof(uint32_t)];
    uint8_t *byte = (uint8_t *)source;
    uint32_t start = begin(bench);
    psram_stream_fill(bench->memory, FILL, bench->bytes);
    end(bench, STREAM, start, bench->bytes);

    bool same = true;
    for (size_t i = 0; i < bench->bytes; i++) {
        same = same && bench->memory[i] == FILL;
    }
    for (size_t i = 0; i < sizeof source; i++) {
        byte[i] = pattern(i);
    }
    for (size_t at = 0; at < bench->bytes; at += sizeof source) {
        psram_stream_copy(bench->memory + at, source, sizeof source);
        same = same && memcmp(bench->memory + at, source, sizeof source) == 0;
    }
    return same;
}

static void indirect(struct bench *bench)
{
    uint8_t buffer[INDIRECT_BYTES];
    const uint32_t address = (uint32_t)(bench->memory - (uint8_t *)(uintptr_t)bench->ram->window);
    const size_t bytes = LEAST_KB * 1024u;
    uint32_t start = begin(bench);
    for (size_t at = 0; at < bytes; at += sizeof buffer) {
        spiram_raise_if(psram_read(address + at, buffer, sizeof buffer));
    }
    end(bench, INDIRECT_READ, start, bytes);
    start = begin(bench);
    for (size_t at = 0; at < bytes; at += sizeof buffer) {
        spiram_raise_if(psram_write(address + at, buffer, sizeof buffer));
    }
    end(bench, INDIRECT_WRITE, start, bytes);
}

/*
 * The next line in an order that has no neighbours and visits each once: multipliers of 4 n + 1 and
 * odd increments have a full period for each power of two (Hull and Dobell).
 */
static inline uint32_t next_line(uint32_t line, uint32_t mask)
{
    return (line * 1664525u + 1013904223u) & mask;
}

/* Each address depends on what was loaded before, which is always 0. */
static void latency(struct bench *bench)
{
    const uint32_t mask = bench->bytes / LINE_BYTES - 1u;
    uint32_t line = 0;
    memset(bench->memory, 0, bench->bytes);
    uint32_t start = begin(bench);
    for (unsigned i = 0; i < VISITS; i++) {
        const volatile uint32_t *p = (const uint32_t *)bench->memory + line * LINE_WORDS;
        line = next_line(line + *p, mask);
    }
    end(bench, LATENCY, start, VISITS);
}

/* One width: accesses to the first bytes of one line again and again, and one to each of many
 * lines. The time of the stores that miss includes that of sending the lines out. */
#define SMALL_ACCESSES(bits)                                                                       \
    static void small_##bits(struct bench *bench)                                                  \
    {                                                                                              \
        typedef volatile uint##bits##_t unit;                                                      \
        const uint32_t mask = bench->bytes / LINE_BYTES - 1u;                                      \
        unit *p = (unit *)bench->memory;                                                           \
        uint32_t line = 0;                                                                         \
        (void)p[0];                                                                                \
        uint32_t start = ticks_cycles();                                                           \
        for (unsigned i = 0; i < VISITS; i += 8) {                                                 \
            (void)p[0], (void)p[1], (void)p[2], (void)p[3];                                        \
            (void)p[4], (void)p[5], (void)p[6], (void)p[7];                                        \
        }                                                                                          \
        end(bench, LOAD##bits##_HIT, start, VISITS);                                               \
        start = ticks_cycles();                                                                    \
        for (unsigned i = 0; i < VISITS; i += 8) {                                                 \
            p[0] = 0, p[1] = 0, p[2] = 0, p[3] = 0, p[4] = 0, p[5] = 0, p[6] = 0, p[7] = 0;        \
        }                                                                                          \
        end(bench, STORE##bits##_HIT, start, VISITS);                                              \
        start = begin(bench);                                                                      \
        for (unsigned i = 0; i < VISITS; i++) {                                                    \
            (void)p[line * LINE_BYTES / sizeof *p];                                                \
            line = next_line(line, mask);                                                          \
        }                                                                                          \
        end(bench, LOAD##bits##_MISS, start, VISITS);                                              \
        start = begin(bench);                                                                      \
        for (unsigned i = 0; i < VISITS; i++) {                                                    \
            p[line * LINE_BYTES / sizeof *p] = 0;                                                  \
            line = next_line(line, mask);                                                          \
        }                                                                                          \
        empty_cache(bench);                                                                        \
        end(bench, STORE##bits##_MISS, start, VISITS);                                             \
    }

SMALL_ACCESSES(8)
SMALL_ACCESSES(16)
SMALL_ACCESSES(32)

/* SPIRAM_ERR_MEMORY: what was streamed is not what came. May raise, between two measurements. */
static int measure(struct bench *bench)
{
    set_limits(bench);
    (void)psram_stream_irq_off_us();
    sequential_write(bench);
    sequential_read(bench);
    copies(bench);
    if (!stream(bench)) {
        return SPIRAM_ERR_MEMORY;
    }
    bench->irq_off_us = psram_stream_irq_off_us();
    latency(bench);
    small_8(bench);
    small_16(bench);
    small_32(bench);
    indirect(bench);
    return SPIRAM_OK;
}

// ---- the memory to measure in -------------------------------------------------------------------

static bool lies_in_window(const struct bench *bench, const void *memory, size_t bytes)
{
    uintptr_t first = (uintptr_t)memory, window = (uintptr_t)bench->ram->window;
    return first >= window && first + bytes <= window + spiram_usable_size(bench->ram);
}

/* A buffer on the heap, in the PSRAM, with room to align it; the collector takes it back. */
static int measure_on_heap(struct bench *bench)
{
    size_t bytes = bench->bytes + LINE_BYTES;
    uint8_t *buffer = m_new_maybe(uint8_t, bytes);
    if (buffer == NULL || !lies_in_window(bench, buffer, bytes)) {
        m_del(uint8_t, buffer, bytes);
        mp_raise_msg_varg(&mp_type_MemoryError, MP_ERROR_TEXT("%d bytes wanted in the PSRAM"),
                          (int)bytes);
    }
    bench->memory = buffer + -(uintptr_t)buffer % LINE_BYTES;
    int error = measure(bench);
    m_del(uint8_t, buffer, bytes);
    return error;
}

/* With the heap elsewhere all of the PSRAM is the program's: what is overwritten is put back. */
static int measure_and_restore(struct bench *bench)
{
    int error = SPIRAM_OK;
    uint8_t *saved = m_new(uint8_t, bench->bytes);
    bench->memory = (uint8_t *)(uintptr_t)bench->ram->window;
    memcpy(saved, bench->memory, bench->bytes);
    nlr_buf_t nlr;
    bool raised = nlr_push(&nlr) != 0;
    if (!raised) {
        error = measure(bench);
        nlr_pop();
    }
    memcpy(bench->memory, saved, bench->bytes);
    m_del(uint8_t, saved, bench->bytes);
    if (raised) {
        nlr_jump(nlr.ret_val);
    }
    return error;
}

// ---- the function -------------------------------------------------------------------------------

static void print_table(const struct bench *bench)
{
    const mp_print_t *print = MP_PYTHON_PRINTER;
    mp_printf(print, "spiram bench at %u kHz, %u KB; line read %.0f ns, write %.0f ns\n",
              (unsigned)(bench->ram->timing.clock_hz / 1000u), (unsigned)(bench->bytes / 1024u),
              (mp_float_t)bench->limit[LATENCY], (mp_float_t)(bench->limit[STREAM] * LINE_BYTES));
    for (int i = 0; i < FIGURES; i++) {
        bool is_rate = i <= INDIRECT_WRITE;
        mp_printf(print, "  %-34s%8.1f %s", rows[i].text,
                  (mp_float_t)(is_rate ? 1e3 / bench->ns[i] : bench->ns[i]),
                  is_rate ? "MB/s" : "ns  ");
        if (bench->limit[i] > 0) {
            mp_printf(print, "%6.0f %% of the limit",
                      (mp_float_t)(100 * bench->limit[i] / bench->ns[i]));
        }
        mp_printf(print, "\n");
    }
}

static void store(mp_obj_t dict, qstr key, mp_obj_t value)
{
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(key), value);
}

static mp_obj_t dict_of(const struct bench *bench)
{
    mp_obj_t dict = mp_obj_new_dict(2 * FIGURES);
    store(dict, MP_QSTR_clock_hz, mp_obj_new_int_from_uint(bench->ram->timing.clock_hz));
    store(dict, MP_QSTR_bytes, mp_obj_new_int_from_uint(bench->bytes));
    store(dict, MP_QSTR_irq_off_us, mp_obj_new_int_from_uint(bench->irq_off_us));
    store(dict, MP_QSTR_line_read_ns, mp_obj_new_float(bench->limit[LATENCY]));
    store(dict, MP_QSTR_line_write_ns, mp_obj_new_float(bench->limit[STREAM] * LINE_BYTES));
    for (int i = 0; i < FIGURES; i++) {
        double value = i <= INDIRECT_WRITE ? 1e3 / bench->ns[i] : bench->ns[i];
        store(dict, rows[i].key, mp_obj_new_float(value));
        if (rows[i].limit_key != 0) {
            store(dict, rows[i].limit_key, mp_obj_new_float(bench->limit[i] / bench->ns[i]));
        }
    }
    return dict;
}

/*
 * spiram.bench(kb=256, *, quiet=False): prints a table, returns the figures as a dict.
 *
 * The memory it works in is taken from the heap, or put back. MemoryError: no room for it.
 * OSError(EIO): what was streamed did not come. OSError(ENODEV): there is no PSRAM that is good.
 */
static mp_obj_t spiram_bench(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum { ARG_kb, ARG_quiet };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_kb, MP_ARG_INT, {.u_int = DEFAULT_KB}},
        {MP_QSTR_quiet, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

    mp_int_t kb = args[ARG_kb].u_int;
    if (kb < (mp_int_t)LEAST_KB || kb > (mp_int_t)MOST_KB || (kb & (kb - 1)) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("kb must be a power of two, 64 to 1024"));
    }
    struct bench bench = {.ram = psram_context(), .bytes = (size_t)kb * 1024u};
    if (bench.ram->state != SPIRAM_STATE_MAPPED) {
        spiram_raise_if(psram_result() != SPIRAM_OK ? psram_result() : SPIRAM_ERR_NO_CHIP);
    }
    spiram_raise_if(heap_is_in_psram() ? measure_on_heap(&bench) : measure_and_restore(&bench));
    if (!args[ARG_quiet].u_bool) {
        print_table(&bench);
    }
    return dict_of(&bench);
}
MP_DEFINE_CONST_FUN_OBJ_KW(spiram_bench_obj, 0, spiram_bench);
