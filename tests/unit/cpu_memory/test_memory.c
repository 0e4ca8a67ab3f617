/*
 * Loads and stores to memory that others observe: what reaches the bus, when, in what beats and
 * with what strobes (DDI0489F 5.9 data cache and its read-allocate mode, 6.4 AXI master and store
 * buffer; ARMv7-M ARM A3.5 memory types).
 *
 * Programs are a few instructions, put together here and run on the core.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../vboard/cpu/cpu.h"

enum { MHZ = 1000000, LOG_SIZE = 256, PROGRAM_MAX = 2048, OBSERVED_SIZE = 0x10000 };
#define CODE     0x00000000u
#define PROGRAM  0x400u
#define HANDLER  0x300u
#define RAM      0x20000000u
#define OBSERVED 0x90000000u
#define LINE     32u
/* Lines of the same set: 128 sets. */
#define WAY 4096u

/* At 280 MHz: as long as a line fill of a quad PSRAM. */
#define FILL_PS     UINT64_C(1200000)
#define FILL_CYCLES 336u

/* Registers of the system control space. */
#define ACTLR    0xE000E008u
#define CCR      0xE000ED14u
#define MPU_CTRL 0xE000ED94u
#define MPU_RNR  0xE000ED98u
#define MPU_RBAR 0xE000ED9Cu
#define MPU_RASR 0xE000EDA0u
#define DCIMVAC  0xE000EF5Cu
#define DCISW    0xE000EF60u
#define DCCMVAC  0xE000EF68u
#define DCCSW    0xE000EF6Cu
#define DCCIMVAC 0xE000EF70u
#define DCCISW   0xE000EF74u

#define CCR_RESET 0x00000200u /* STKALIGN */
#define CCR_DC    (1u << 16)
#define DISRAMODE (1u << 11)

/* TEX, C, B of MPU_RASR (ARMv7-M ARM B3.5.9). */
enum type {
    DEVICE = 1 << 16,
    NON_CACHEABLE = 1 << 19,
    WRITE_THROUGH = 1 << 17,
    NO_ALLOCATE = 3 << 16,
    WRITE_BACK = 1 << 19 | 3 << 16,
};

/* Instructions: r0 = address, which moves on where it says so; r1, r2 = data; r3 receives. */
#define STRB      0x7001u
#define STRH      0x8001u
#define STR       0x6001u
#define LDR       0x6803u
#define STRB_NEXT 0xF8001B01u
#define STRH_NEXT 0xF8201B02u
#define STR_NEXT  0xF8401B04u
#define STRD_NEXT 0xE8E01202u
#define DSB       0xF3BF8F4Fu
#define DMB       0xF3BF8F5Fu
#define WFI       0xBF30u
#define SVC       0xDF00u
#define NOP       0xBF00u

struct entry {
    struct bus_access access;
    uint8_t bytes[LINE];
    uint64_t cycle;
};

static struct core {
    struct cpu *cpu;
    struct bus *bus;
    uint8_t code[0x4000], ram[0x1000], memory[OBSERVED_SIZE];
    struct entry log[LOG_SIZE];
    unsigned count;
    uint64_t fill_ps;
} m;

/* Something that sees each access. A wrapping burst turns around at its line's end. */
static enum bus_status observe(void *ctx, struct bus_access *a)
{
    (void)ctx;
    for (uint32_t i = 0; i < a->size; i++) {
        uint32_t at = a->addr + i;

        if (a->attr & BUS_WRAP)
            at = (a->addr & ~(LINE - 1)) | (at & (LINE - 1));
        at -= OBSERVED;
        if (!a->write)
            a->data[i] = m.memory[at];
        else if (a->strobe >> i & 1)
            m.memory[at] = a->data[i];
    }
    if (a->attr & BUS_DEBUG)
        return BUS_OK;
    if (!a->write)
        a->stall_ps = m.fill_ps;
    assert_true(m.count < LOG_SIZE);
    struct entry *e = &m.log[m.count++];
    e->access = *a;
    e->cycle = cpu_cycles(m.cpu);
    memcpy(e->bytes, a->data, a->size);
    return BUS_OK;
}

static void set_word(uint32_t addr, uint32_t value)
{
    assert_int_equal(cpu_poke(m.cpu, addr, &value, 4), 4);
}

static uint8_t memory(uint32_t addr)
{
    return m.memory[addr - OBSERVED];
}

static uint8_t peek(uint32_t addr)
{
    uint8_t byte;

    assert_int_equal(cpu_peek(m.cpu, addr, &byte, 1), 1);
    return byte;
}

static struct cpu_stats stats(void)
{
    struct cpu_stats s;

    cpu_get_stats(m.cpu, &s);
    return s;
}

static void open_core(enum type type)
{
    memset(&m, 0, sizeof m);
    memset(m.memory, 0xEE, sizeof m.memory);
    m.fill_ps = FILL_PS;
    m.bus = bus_new();
    const struct bus_region regions[] = {
        {.name = "code", .base = CODE, .size = sizeof m.code, .flags = 3, .host = m.code},
        {.name = "ram", .base = RAM, .size = sizeof m.ram, .flags = 3, .host = m.ram},
        {.name = "observed",
         .base = OBSERVED,
         .size = sizeof m.memory,
         .flags = BUS_OBSERVED,
         .fn = observe},
    };
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(bus_map(m.bus, &regions[i]), 0);
    m.cpu = cpu_new(&(struct cpu_config){.bus = m.bus,
                                         .irq_count = 16,
                                         .prio_bits = 4,
                                         .mpu_regions = 16,
                                         .cpuid = 0x411FC271,
                                         .seed = 1,
                                         .itcmcr = 0x3F});
    assert_non_null(m.cpu);
    cpu_set_clock(m.cpu, 280 * (uint64_t)MHZ);
    set_word(0, RAM + sizeof m.ram);
    for (uint32_t n = 1; n < 16; n++)
        set_word(4 * n, (n == 1 ? PROGRAM : HANDLER) | 1);
    cpu_reset(m.cpu, 0);
    set_word(MPU_RNR, 0);
    set_word(MPU_RBAR, OBSERVED);
    set_word(MPU_RASR, 3u << 24 | (uint32_t)type | 15u << 1 | 1); /* full access, 64 KB */
    set_word(MPU_CTRL, 5);
    set_word(CCR, CCR_RESET | CCR_DC);
    cpu_break(m.cpu, HANDLER, true);
}

static void close_core(void)
{
    cpu_free(m.cpu);
    bus_free(m.bus);
}

/* Puts n times an instruction at *at, which moves on. */
static void emit(uint32_t *at, uint32_t instruction, unsigned n)
{
    while (n-- != 0) {
        uint16_t half[2] = {(uint16_t)(instruction >> 16), (uint16_t)instruction};
        unsigned first = instruction >> 16 == 0;

        assert_int_equal(cpu_poke(m.cpu, *at, &half[first], 4 - 2 * first), 4 - 2 * first);
        *at += 4 - 2 * first;
    }
}

/* Runs pairs of instruction and count, up to a count of 0, from register r0 on. */
static enum cpu_stop run_list(uint32_t r0, va_list args)
{
    static uint32_t last;
    uint32_t at = PROGRAM;

    if (last)
        cpu_break(m.cpu, last, false);
    for (;;) {
        uint32_t instruction = va_arg(args, uint32_t);

        if (instruction == 0)
            break;
        emit(&at, instruction, va_arg(args, unsigned));
    }
    emit(&at, NOP, 1);
    last = at - 2;
    cpu_break(m.cpu, last, true);
    cpu_set(m.cpu, 0, r0);
    cpu_set(m.cpu, CPU_PC, PROGRAM);
    return cpu_run(m.cpu, cpu_cycles(m.cpu) + 1000000);
}

#define END 0u, 0u
static void run(uint32_t r0, ...)
{
    va_list args;

    va_start(args, r0);
    assert_int_equal(run_list(r0, args), CPU_BREAKPOINT);
    va_end(args);
}

/* One store of r1. */
static void store_byte(uint32_t addr, uint8_t value)
{
    cpu_set(m.cpu, 1, value);
    run(addr, STRB, 1, END);
}

static uint32_t load(uint32_t addr)
{
    run(addr, LDR, 1, END);
    return cpu_get(m.cpu, 3);
}

static void write_register(uint32_t addr, uint32_t value)
{
    cpu_set(m.cpu, 1, value);
    run(addr, STR, 1, END);
}

static void is_write(unsigned n, uint32_t addr, uint32_t size, uint32_t strobe)
{
    assert_true(n < m.count);
    assert_true(m.log[n].access.write);
    assert_int_equal(m.log[n].access.addr, addr);
    assert_int_equal(m.log[n].access.size, size);
    assert_int_equal(m.log[n].access.strobe, strobe);
}

static void is_fill(unsigned n, uint32_t addr)
{
    assert_true(n < m.count);
    assert_false(m.log[n].access.write);
    assert_true(m.log[n].access.attr & BUS_WRAP);
    assert_int_equal(m.log[n].access.addr, addr);
    assert_int_equal(m.log[n].access.size, LINE);
}

static void set_data(void)
{
    cpu_set(m.cpu, 1, 0x44332211);
    cpu_set(m.cpu, 2, 0x88776655);
}

static const struct width {
    uint32_t instruction;
    unsigned bytes;
} widths[] = {{STRB_NEXT, 1}, {STRH_NEXT, 2}, {STR_NEXT, 4}, {STRD_NEXT, 8}};
static const enum type buffered[] = {NON_CACHEABLE, WRITE_THROUGH, NO_ALLOCATE};

/* ---- the store buffer --------------------------------------------------------------------------
 */

static void stores_of_any_width_merge_to_a_line(void **state)
{
    (void)state;
    for (unsigned t = 0; t < 3; t++) {
        for (unsigned w = 0; w < 4; w++) {
            open_core(buffered[t]);
            set_data();
            run(OBSERVED, widths[w].instruction, LINE / widths[w].bytes - 1, END);
            assert_int_equal(m.count, 0);
            assert_int_equal(memory(OBSERVED), 0xEE);
            run(OBSERVED + LINE - widths[w].bytes, widths[w].instruction, 1, END);
            assert_int_equal(m.count, 1);
            is_write(0, OBSERVED, LINE, UINT32_MAX);
            assert_int_equal(memory(OBSERVED), 0x11);
            for (unsigned i = 0; i < widths[w].bytes; i++)
                assert_int_equal(memory(OBSERVED + LINE - widths[w].bytes + i), 0x11 * (i + 1));
            assert_int_equal(stats().partial_beats, 0);
            assert_int_equal(stats().store_bursts[3], 1);
            close_core();
        }
    }
}

/* What a barrier finds incomplete leaves as a beat with strobes missing. */
static void barriers_drain(void **state)
{
    static const uint32_t barriers[] = {DSB, DMB};

    (void)state;
    for (unsigned b = 0; b < 2; b++) {
        for (unsigned w = 0; w < 4; w++) {
            open_core(NON_CACHEABLE);
            set_data();
            run(OBSERVED + 40, widths[w].instruction, 1, END);
            assert_int_equal(m.count, 0);
            run(0, barriers[b], 1, END);
            assert_int_equal(m.count, 1);
            is_write(0, OBSERVED + 40, 8, (1u << widths[w].bytes) - 1);
            assert_int_equal(stats().partial_beats, widths[w].bytes != 8);
            close_core();
        }
    }
}

static void strobes_are_those_of_the_bytes(void **state)
{
    (void)state;
    open_core(NON_CACHEABLE);
    set_data();
    run(OBSERVED + 3, STRB, 1, END);
    run(OBSERVED + 6, STRH, 1, DSB, 1, END);
    is_write(0, OBSERVED, 8, 0xC8);
    assert_int_equal(memory(OBSERVED + 3), 0x11);
    assert_int_equal(memory(OBSERVED + 7), 0x22);
    assert_int_equal(memory(OBSERVED + 4), 0xEE);
    close_core();
}

static void adjacent_doublewords_leave_as_one_burst(void **state)
{
    (void)state;
    open_core(NON_CACHEABLE);
    set_data();
    run(OBSERVED + 5, STRB_NEXT, 14, DSB, 1, END);
    assert_int_equal(m.count, 1);
    is_write(0, OBSERVED, LINE, 0x7FFE0);
    assert_int_equal(stats().store_bursts[2], 1);
    assert_int_equal(stats().partial_beats, 2);
    close_core();
}

static void others_as_two(void **state)
{
    (void)state;
    open_core(NON_CACHEABLE);
    set_data();
    run(OBSERVED + 16, STR, 1, END);
    run(OBSERVED, STR, 1, DSB, 1, END);
    assert_int_equal(m.count, 2);
    is_write(0, OBSERVED, 8, 0x0F);
    is_write(1, OBSERVED + 16, 8, 0x0F);
    close_core();
}

static void a_fifth_entry_drives_out_the_oldest(void **state)
{
    (void)state;
    open_core(NON_CACHEABLE);
    for (unsigned i = 0; i < 4; i++)
        store_byte(OBSERVED + 64 * i, (uint8_t)(i + 1));
    assert_int_equal(m.count, 0);
    store_byte(OBSERVED + 64 * 4, 5);
    assert_int_equal(m.count, 1);
    is_write(0, OBSERVED, 8, 0x01);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(memory(OBSERVED + 64 * i), i == 0 ? 1 : 0xEE);
        assert_int_equal(peek(OBSERVED + 64 * i), i + 1);
    }
    close_core();
}

static void and_those_of_its_line(void **state)
{
    (void)state;
    open_core(NON_CACHEABLE);
    store_byte(OBSERVED, 1);
    store_byte(OBSERVED + 64, 2);
    store_byte(OBSERVED + 8, 3);
    store_byte(OBSERVED + 128, 4);
    store_byte(OBSERVED + 192, 5);
    assert_int_equal(m.count, 1);
    is_write(0, OBSERVED, LINE, 0x0101);
    close_core();
}

static void a_load_waits_for_the_stores_of_its_line_only(void **state)
{
    (void)state;
    open_core(NON_CACHEABLE);
    m.fill_ps = 0; /* no time in which the other one would leave */
    store_byte(OBSERVED + 64, 9);
    store_byte(OBSERVED + 1, 7);
    assert_int_equal(load(OBSERVED + 24), 0xEEEEEEEE);
    assert_int_equal(m.count, 2);
    is_write(0, OBSERVED, 8, 0x02);
    assert_false(m.log[1].access.write);
    assert_int_equal(m.log[1].access.addr, OBSERVED + 24);
    assert_int_equal(m.log[1].access.size, 4);
    assert_int_equal(load(OBSERVED), 0xEEEE07EE);
    assert_int_equal(memory(OBSERVED + 64), 0xEE);
    close_core();
}

static void an_exception_drains(void **state)
{
    (void)state;
    open_core(NON_CACHEABLE);
    cpu_set(m.cpu, 1, 5);
    run(OBSERVED, STRB, 1, SVC, 1, END);
    assert_int_equal(cpu_get(m.cpu, CPU_PC), HANDLER);
    assert_int_equal(m.count, 1);
    is_write(0, OBSERVED, 8, 0x01);
    close_core();
}

static void sleep_drains(void **state)
{
    uint32_t at = PROGRAM;

    (void)state;
    open_core(NON_CACHEABLE);
    emit(&at, STRB, 1);
    emit(&at, WFI, 1);
    cpu_set(m.cpu, 0, OBSERVED);
    assert_int_equal(cpu_run(m.cpu, cpu_cycles(m.cpu) + 1000), CPU_TIME);
    assert_true(cpu_sleeping(m.cpu));
    assert_int_equal(m.count, 1);
    assert_true(m.log[0].cycle < 30);
    close_core();
}

/* Time in which nothing joins: counted from the last store. */
static void idle_time_drains(void **state)
{
    (void)state;
    open_core(NON_CACHEABLE);
    run(OBSERVED, STRB, 1, NOP, 40, END);
    assert_int_equal(m.count, 0);
    run(OBSERVED + 1, STRB, 1, NOP, 40, END);
    assert_int_equal(m.count, 0);
    uint64_t last = cpu_cycles(m.cpu);
    run(OBSERVED, NOP, 200, END);
    assert_int_equal(m.count, 1);
    is_write(0, OBSERVED, 8, 0x03);
    assert_in_range(m.log[0].cycle - last, 10, 100);
    close_core();
}

/* ARMv7-M ARM A3.5.3: size, number and order of such accesses are the program's. */
static void stores_to_device_memory_stay_what_they_are(void **state)
{
    (void)state;
    open_core(DEVICE);
    set_data();
    run(OBSERVED, STRB_NEXT, 2, STRH_NEXT, 1, STR_NEXT, 1, STRB_NEXT, 1, END);
    assert_int_equal(m.count, 5);
    is_write(0, OBSERVED, 1, 0x1);
    is_write(1, OBSERVED + 1, 1, 0x1);
    is_write(2, OBSERVED + 2, 2, 0x3);
    is_write(3, OBSERVED + 4, 4, 0xF);
    is_write(4, OBSERVED + 8, 1, 0x1);
    close_core();
}

/* ---- the data cache ----------------------------------------------------------------------------
 */

static void a_fill_begins_with_the_critical_beat(void **state)
{
    (void)state;
    open_core(WRITE_BACK);
    for (unsigned i = 0; i < LINE; i++)
        m.memory[i] = (uint8_t)i;
    assert_int_equal(load(OBSERVED + 0x14), 0x17161514);
    assert_int_equal(m.count, 1);
    is_fill(0, OBSERVED + 0x10);
    assert_int_equal(load(OBSERVED), 0x03020100);
    assert_int_equal(load(OBSERVED + 0x1C), 0x1F1E1D1C);
    assert_int_equal(m.count, 1);
    close_core();
}

static void each_access_counts_as_a_hit_or_as_a_fill(void **state)
{
    (void)state;
    open_core(WRITE_BACK);
    load(OBSERVED);
    assert_int_equal(stats().dcache_hits, 0);
    assert_int_equal(stats().dcache_misses, 1);
    load(OBSERVED + 4); /* the line hit last */
    store_byte(OBSERVED + 8, 1);
    assert_int_equal(stats().dcache_hits, 2);
    load(OBSERVED + 64 * LINE); /* one that displaces it as such */
    load(OBSERVED);             /* and back */
    store_byte(OBSERVED + 64 * LINE, 1);
    assert_int_equal(stats().dcache_misses, 2);
    assert_int_equal(stats().dcache_hits, 4);
    close_core();
}

static void write_back_data_are_in_memory_when_cleaned(void **state)
{
    static const struct {
        uint32_t reg;
        bool by_set, cleans, invalidates;
    } rows[] = {
        {DCCMVAC, false, true, false}, {DCCIMVAC, false, true, true}, {DCIMVAC, false, false, true},
        {DCCSW, true, true, false},    {DCCISW, true, true, true},    {DCISW, true, false, true},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        open_core(WRITE_BACK);
        store_byte(OBSERVED + 0x47, 0x5A);
        assert_int_equal(m.count, 1);
        is_fill(0, OBSERVED + 0x40);
        run(0, DSB, 1, END);
        assert_int_equal(m.count, 1);
        assert_int_equal(memory(OBSERVED + 0x47), 0xEE);
        assert_int_equal(peek(OBSERVED + 0x47), 0x5A);
        if (rows[i].by_set) { /* the first way was free */
            write_register(rows[i].reg, 3u << 30 | 0x40);
            write_register(rows[i].reg, 0x60);
            assert_int_equal(m.count, 1);
            write_register(rows[i].reg, 0x40);
        } else {
            write_register(rows[i].reg, OBSERVED + 0x60);
            assert_int_equal(m.count, 1);
            write_register(rows[i].reg, OBSERVED + 0x40);
        }
        run(0, DSB, 1, END);
        assert_int_equal(m.count, 1 + rows[i].cleans);
        if (rows[i].cleans)
            is_write(1, OBSERVED + 0x40, LINE, UINT32_MAX);
        assert_int_equal(memory(OBSERVED + 0x47), rows[i].cleans ? 0x5A : 0xEE);
        load(OBSERVED + 0x44);
        assert_int_equal(m.count, 1 + rows[i].cleans + rows[i].invalidates);
        assert_int_equal(cpu_get(m.cpu, 3) >> 24, memory(OBSERVED + 0x47));
        write_register(DCCMVAC, OBSERVED + 0x40); /* clean now */
        assert_int_equal(m.count, 1 + rows[i].cleans + rows[i].invalidates);
        close_core();
    }
}

static void write_through_updates_a_present_line(void **state)
{
    (void)state;
    open_core(WRITE_THROUGH);
    assert_int_equal(load(OBSERVED), 0xEEEEEEEE);
    store_byte(OBSERVED + 1, 0x12);
    assert_int_equal(load(OBSERVED), 0xEEEE12EE);
    assert_int_equal(m.count, 1);
    assert_int_equal(peek(OBSERVED + 1), 0x12);
    run(0, DSB, 1, END);
    is_write(1, OBSERVED, 8, 0x02);
    write_register(DCCIMVAC, OBSERVED); /* not dirty */
    assert_int_equal(m.count, 2);
    assert_int_equal(load(OBSERVED), 0xEEEE12EE);
    close_core();
}

static void without_write_allocation_a_hit_stays_in_the_cache(void **state)
{
    (void)state;
    open_core(NO_ALLOCATE);
    store_byte(OBSERVED, 1);
    run(0, DSB, 1, END);
    assert_int_equal(m.count, 1);
    is_write(0, OBSERVED, 8, 0x01);
    load(OBSERVED);
    store_byte(OBSERVED, 2);
    run(0, DSB, 1, END);
    assert_int_equal(m.count, 2);
    assert_int_equal(memory(OBSERVED), 1);
    write_register(DCCMVAC, OBSERVED);
    is_write(2, OBSERVED, LINE, UINT32_MAX);
    assert_int_equal(memory(OBSERVED), 2);
    close_core();
}

static void a_load_from_the_line_being_filled_waits(void **state)
{
    uint64_t start;

    (void)state;
    open_core(WRITE_BACK);
    start = cpu_cycles(m.cpu);
    store_byte(OBSERVED, 1);
    assert_true(cpu_cycles(m.cpu) - start < FILL_CYCLES / 2); /* the store itself does not */
    load(RAM);
    assert_true(cpu_cycles(m.cpu) - start < FILL_CYCLES / 2);
    assert_int_equal(load(OBSERVED), 0xEEEEEE01);
    assert_in_range(cpu_cycles(m.cpu) - start, FILL_CYCLES, FILL_CYCLES + 100);
    close_core();
}

static void the_victim_leaves_behind_the_fill_and_is_readable_meanwhile(void **state)
{
    unsigned evicted = 0;

    (void)state;
    open_core(WRITE_BACK);
    for (unsigned i = 0; i < 4; i++) {
        store_byte(OBSERVED + WAY * i, (uint8_t)(i + 1));
        run(0, DSB, 1, END);
    }
    assert_int_equal(m.count, 4);
    store_byte(OBSERVED + WAY * 4, 5);
    assert_int_equal(m.count, 5); /* only the fill yet */
    is_fill(4, OBSERVED + WAY * 4);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(peek(OBSERVED + WAY * i), i + 1);
        assert_int_equal(memory(OBSERVED + WAY * i), 0xEE);
    }
    run(0, DSB, 1, END);
    assert_int_equal(m.count, 6);
    assert_true(m.log[5].cycle >= m.log[4].cycle + FILL_CYCLES);
    for (unsigned i = 0; i < 5; i++) {
        if (memory(OBSERVED + WAY * i) == i + 1) {
            is_write(5, OBSERVED + WAY * i, LINE, UINT32_MAX);
            evicted++;
        }
    }
    assert_int_equal(evicted, 1);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(load(OBSERVED + WAY * i) & 0xFF, i + 1);
    close_core();
}

static void a_cache_that_is_off_hides_its_dirty_lines(void **state)
{
    (void)state;
    open_core(WRITE_BACK);
    store_byte(OBSERVED, 1);
    run(0, DSB, 1, END);
    write_register(CCR, CCR_RESET);
    assert_int_equal(load(OBSERVED), 0xEEEEEEEE);
    assert_int_equal(peek(OBSERVED), 0xEE); /* the debugger sees what a load sees */
    store_byte(OBSERVED + 4, 2);            /* the attributes mean nothing now */
    run(0, DSB, 1, END);
    is_write(m.count - 1, OBSERVED, 8, 0x10);
    write_register(CCR, CCR_RESET | CCR_DC);
    assert_int_equal(load(OBSERVED), 0xEEEEEE01);
    assert_int_equal(load(OBSERVED + 4), 0xEEEEEEEE);
    close_core();
}

static void the_debugger_writes_where_the_core_reads(void **state)
{
    uint8_t byte = 0x77;

    (void)state;
    open_core(WRITE_BACK);
    store_byte(OBSERVED, 1);
    assert_int_equal(cpu_poke(m.cpu, OBSERVED + 2, &byte, 1), 1);
    assert_int_equal(load(OBSERVED), 0xEE77EE01);
    close_core();
    open_core(NON_CACHEABLE);
    store_byte(OBSERVED, 1);
    assert_int_equal(cpu_poke(m.cpu, OBSERVED, &byte, 1), 1);
    run(0, DSB, 1, END);
    assert_int_equal(memory(OBSERVED), 0x77);
    close_core();
}

/* ---- read-allocate mode ------------------------------------------------------------------------
 */

static unsigned fills(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < m.count; i++)
        n += !m.log[i].access.write;
    return n;
}

static void three_full_lines_end_write_allocation(void **state)
{
    (void)state;
    for (unsigned w = 0; w < 4; w++) {
        open_core(WRITE_BACK);
        set_data();
        run(OBSERVED, widths[w].instruction, 6 * LINE / widths[w].bytes, END);
        assert_int_equal(stats().read_allocate, 1);
        assert_int_equal(fills(), 3);
        for (unsigned i = 3; i < 6; i++)
            is_write(i, OBSERVED + LINE * i, LINE, UINT32_MAX);
        assert_int_equal(stats().partial_beats, 0);
        /* Hits still end in the cache, and loads still allocate. */
        store_byte(OBSERVED + 1, 0x99);
        assert_int_equal(m.count, 6);
        load(OBSERVED + 4 * LINE);
        is_fill(6, OBSERVED + 4 * LINE);
        close_core();
    }
}

static void a_broken_burst_brings_it_back(void **state)
{
    (void)state;
    open_core(WRITE_BACK);
    run(OBSERVED, STRB_NEXT, 4 * LINE + 13, DSB, 1, END);
    assert_int_equal(m.count, 5);
    is_write(4, OBSERVED + 4 * LINE, LINE, 0x1FFF);
    assert_int_equal(stats().partial_beats, 1);
    store_byte(OBSERVED + 0x1000 + 5, 1);
    is_fill(5, OBSERVED + 0x1000);
    assert_int_equal(memory(OBSERVED + 0x1005), 0xEE);
    /* And three more lines end it once more. */
    run(OBSERVED + 0x2000, STRB_NEXT, 4 * LINE, END);
    assert_int_equal(stats().read_allocate, 2);
    close_core();
}

/* As an interrupt does it in the midst of a fill: the rest of the line goes into a line fetched
 * before. */
static void the_rest_of_a_broken_line_is_allocated(void **state)
{
    (void)state;
    open_core(WRITE_BACK);
    run(OBSERVED, STRB_NEXT, 3 * LINE + 3, DSB, 1, STRB_NEXT, LINE - 3, END);
    is_write(3, OBSERVED + 3 * LINE, 8, 0x07);
    is_fill(4, OBSERVED + 3 * LINE);
    assert_int_equal(m.count, 5);
    close_core();
}

static void lines_that_are_not_written_in_time_do_not_count(void **state)
{
    (void)state;
    open_core(WRITE_BACK);
    m.fill_ps = 36000; /* 10 cycles; time is counted by blocks, so in several runs */
    for (unsigned i = 0; i < 8 * 4; i++)
        run(OBSERVED + 8 * i, STRB_NEXT, 8, NOP, 20, END);
    assert_int_equal(fills(), 8);
    assert_int_equal(stats().read_allocate, 0);
    m.fill_ps = FILL_PS;
    for (unsigned i = 0; i < 8; i++) /* 31 of 32 bytes */
        run(OBSERVED + 0x1000 + LINE * i, STRB_NEXT, LINE - 1, END);
    assert_int_equal(stats().read_allocate, 0);
    /* Two and one are not three in a row. */
    run(OBSERVED + 0x2000, STRB_NEXT, 2 * LINE, END);
    store_byte(OBSERVED + 0x2800, 1);
    run(OBSERVED + 0x3000, STRB_NEXT, 2 * LINE, END);
    assert_int_equal(stats().read_allocate, 0);
    close_core();
}

static void disramode_prevents_it(void **state)
{
    (void)state;
    open_core(WRITE_BACK);
    write_register(ACTLR, DISRAMODE);
    run(OBSERVED, STRB_NEXT, 8 * LINE + 13, DSB, 1, END);
    assert_int_equal(stats().read_allocate, 0);
    assert_int_equal(stats().partial_beats, 0);
    assert_int_equal(m.count, 9);
    assert_int_equal(fills(), 9);
    close_core();
}

static void a_reset_ends_it_and_forgets_waiting_stores(void **state)
{
    (void)state;
    open_core(WRITE_BACK);
    run(OBSERVED, STRB_NEXT, 3 * LINE + 3, END);
    assert_int_equal(stats().read_allocate, 1);
    cpu_reset(m.cpu, 0);
    assert_int_equal(memory(OBSERVED + 3 * LINE), 0xEE);
    run(0, DSB, 1, END);
    assert_int_equal(memory(OBSERVED + 3 * LINE), 0xEE);
    close_core();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stores_of_any_width_merge_to_a_line),
        cmocka_unit_test(barriers_drain),
        cmocka_unit_test(strobes_are_those_of_the_bytes),
        cmocka_unit_test(adjacent_doublewords_leave_as_one_burst),
        cmocka_unit_test(others_as_two),
        cmocka_unit_test(a_fifth_entry_drives_out_the_oldest),
        cmocka_unit_test(and_those_of_its_line),
        cmocka_unit_test(a_load_waits_for_the_stores_of_its_line_only),
        cmocka_unit_test(an_exception_drains),
        cmocka_unit_test(sleep_drains),
        cmocka_unit_test(idle_time_drains),
        cmocka_unit_test(stores_to_device_memory_stay_what_they_are),
        cmocka_unit_test(a_fill_begins_with_the_critical_beat),
        cmocka_unit_test(each_access_counts_as_a_hit_or_as_a_fill),
        cmocka_unit_test(write_back_data_are_in_memory_when_cleaned),
        cmocka_unit_test(write_through_updates_a_present_line),
        cmocka_unit_test(without_write_allocation_a_hit_stays_in_the_cache),
        cmocka_unit_test(a_load_from_the_line_being_filled_waits),
        cmocka_unit_test(the_victim_leaves_behind_the_fill_and_is_readable_meanwhile),
        cmocka_unit_test(a_cache_that_is_off_hides_its_dirty_lines),
        cmocka_unit_test(the_debugger_writes_where_the_core_reads),
        cmocka_unit_test(three_full_lines_end_write_allocation),
        cmocka_unit_test(a_broken_burst_brings_it_back),
        cmocka_unit_test(the_rest_of_a_broken_line_is_allocated),
        cmocka_unit_test(lines_that_are_not_written_in_time_do_not_count),
        cmocka_unit_test(disramode_prevents_it),
        cmocka_unit_test(a_reset_ends_it_and_forgets_waiting_stores),
    };
    return cmocka_run_group_tests_name("cpu_memory", tests, NULL, NULL);
}
