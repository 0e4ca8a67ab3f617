#include "machine.h"

#include <stdlib.h>

#define CODE_SIZE 0x10000u
#define RAM_SIZE  0x10000u
#define LIMIT     1000000u

static const uint8_t image[] = {
#include "programs.inc"
};

static enum bus_status counted_access(void *ctx, struct bus_access *a)
{
    struct machine *m = ctx;
    uint8_t *at = &m->counted[a->addr - COUNTED];

    if (!(a->attr & BUS_DEBUG)) {
        m->last_attr = a->attr;
        m->counted_writes += a->write;
        m->counted_reads += !a->write;
    }
    if (a->write)
        memcpy(at, a->data, a->size);
    else
        memcpy(a->data, at, a->size);
    return BUS_OK;
}

static enum bus_status broken_access(void *ctx, struct bus_access *a)
{
    (void)ctx;
    (void)a;
    return BUS_SLVERR;
}

static enum bus_status read_only_access(void *ctx, struct bus_access *a)
{
    struct machine *m = ctx;

    m->last_attr = a->attr;
    if (a->write)
        return BUS_SLVERR;
    memset(a->data, 0x5A, a->size);
    return BUS_OK;
}

static enum bus_status device_access(void *ctx, struct bus_access *a)
{
    struct machine *m = ctx;
    uint32_t value = 0;

    m->last_attr = a->attr;
    if (!a->write) {
        if (a->addr == DEVICE_TIME)
            value = (uint32_t)cpu_cycles(m->cpu);
        memcpy(a->data, &value, a->size);
        return BUS_OK;
    }
    memcpy(&value, a->data, a->size);
    if (a->addr == DEVICE_LINE || a->addr == DEVICE_AGAIN)
        cpu_irq(m->cpu, value & 0xFF, value >> 8 & 1);
    else if (a->addr == DEVICE_NMI)
        cpu_nmi(m->cpu);
    return BUS_OK;
}

static void on_reset(void *ctx)
{
    struct machine *m = ctx;

    m->resets++;
    cpu_request_stop(m->cpu);
}

static void on_sleep(void *ctx, bool deep)
{
    struct machine *m = ctx;

    m->sleeps++;
    m->deep_sleeps += deep;
}

static void on_remark(void *ctx, uint32_t pc, const char *text)
{
    struct machine *m = ctx;

    (void)pc;
    m->remarks++;
    snprintf(m->remark, sizeof m->remark, "%s", text);
}

struct machine *machine_new(void)
{
    struct machine *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->code = calloc(1, CODE_SIZE);
    m->ram = calloc(1, RAM_SIZE);
    m->bus = bus_new();
    assert_non_null(m->code);
    assert_non_null(m->ram);
    assert_non_null(m->bus);

    const uint32_t plain = BUS_DIRECT_READ | BUS_DIRECT_WRITE;
    const struct bus_region regions[] = {
        {.name = "code", .base = 0, .size = CODE_SIZE, .flags = plain, .host = m->code},
        {.name = "ram", .base = RAM, .size = RAM_SIZE, .flags = plain, .host = m->ram},
        {.name = "counted", .base = COUNTED, .size = 0x1000, .fn = counted_access, .ctx = m},
        {.name = "broken", .base = BROKEN, .size = 0x1000, .fn = broken_access, .ctx = m},
        {.name = "read-only", .base = READ_ONLY, .size = 0x1000, .fn = read_only_access, .ctx = m},
        {.name = "device", .base = DEVICE, .size = 0x1000, .fn = device_access, .ctx = m},
    };
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++)
        assert_int_equal(bus_map(m->bus, &regions[i]), 0);

    const struct cpu_config config = {
        .bus = m->bus,
        .irq_count = IRQS,
        .prio_bits = PRIO_BITS,
        .mpu_regions = 16,
        .cpuid = 0x411FC271,
        .seed = 1,
        .itcmcr = 0x3F,
        .ctx = m,
        .on_reset_request = on_reset,
        .on_sleep = on_sleep,
        .on_remark = on_remark,
    };
    m->cpu = cpu_new(&config);
    assert_non_null(m->cpu);

    memcpy(m->code + AT_IMAGE, image, sizeof image);
    machine_vector(m, 0, MSP_TOP);
    for (unsigned n = 1; n < 16 + IRQS; n++)
        machine_handler(m, n, AT_halt_handler);
    machine_handler(m, 1, AT_run_nops);
    cpu_reset(m->cpu, 0);
    assert_int_equal(cpu_break(m->cpu, AT_stop, true), 0);
    return m;
}

void machine_free(struct machine *m)
{
    cpu_free(m->cpu);
    bus_free(m->bus);
    free(m->code);
    free(m->ram);
    free(m);
}

void machine_vector(struct machine *m, unsigned exception, uint32_t raw)
{
    set_word(m, 4 * exception, raw);
}

void machine_handler(struct machine *m, unsigned exception, uint32_t address)
{
    machine_vector(m, exception, address | 1);
}

uint32_t word(struct machine *m, uint32_t addr)
{
    uint32_t value = 0;

    assert_int_equal(cpu_peek(m->cpu, addr, &value, 4), 4);
    return value;
}

void set_word(struct machine *m, uint32_t addr, uint32_t value)
{
    assert_int_equal(cpu_poke(m->cpu, addr, &value, 4), 4);
}

uint8_t get_byte(struct machine *m, uint32_t addr)
{
    uint8_t value = 0;

    assert_int_equal(cpu_peek(m->cpu, addr, &value, 1), 1);
    return value;
}

void set_byte(struct machine *m, uint32_t addr, uint8_t value)
{
    assert_int_equal(cpu_poke(m->cpu, addr, &value, 1), 1);
}

uint32_t reg(struct machine *m, unsigned r)
{
    return cpu_get(m->cpu, r);
}

void set_reg(struct machine *m, unsigned r, uint32_t value)
{
    cpu_set(m->cpu, r, value);
}

void resume(struct machine *m)
{
    assert_int_equal(cpu_run(m->cpu, cpu_cycles(m->cpu) + LIMIT), CPU_BREAKPOINT);
    assert_int_equal(reg(m, CPU_PC), AT_stop);
}

void run(struct machine *m, uint32_t from)
{
    set_reg(m, CPU_PC, from);
    resume(m);
}

void run_expecting(struct machine *m, uint32_t from, enum cpu_stop stop, uint64_t cycles)
{
    set_reg(m, CPU_PC, from);
    assert_int_equal(cpu_run(m->cpu, cpu_cycles(m->cpu) + cycles), stop);
}

uint32_t exception_now(struct machine *m)
{
    return reg(m, CPU_XPSR) & 0x1FF;
}

void expect_fault(struct machine *m, uint32_t exception, uint32_t cfsr)
{
    assert_int_equal(exception_now(m), exception);
    assert_int_equal(word(m, CFSR), cfsr);
}

uint32_t stacked(struct machine *m, unsigned i)
{
    return word(m, reg(m, CPU_SP) + 4 * i);
}

void enable_line(struct machine *m, unsigned line, uint8_t priority)
{
    set_byte(m, IPR0 + line, priority);
    set_word(m, ISER0 + line / 32 * 4, 1u << line % 32);
}

void leave(struct machine *m)
{
    run(m, AT_do_return);
}

void abandon(struct machine *m)
{
    uint32_t frame = reg(m, CPU_LR) & 4 ? reg(m, CPU_PSP) : reg(m, CPU_MSP);

    set_word(m, frame + 0x18, AT_stop);
    set_word(m, frame + 0x1C, (word(m, frame + 0x1C) & ~0x0600FC00u) | 1u << 24);
    leave(m);
    assert_int_equal(exception_now(m), 0);
}

unsigned log_count(struct machine *m)
{
    return word(m, LOG);
}

uint32_t log_entry(struct machine *m, unsigned i)
{
    return word(m, LOG + 4 + 4 * i);
}

void use_psp(struct machine *m)
{
    set_reg(m, CPU_PSP, PSP_TOP);
    set_reg(m, CPU_CONTROL, reg(m, CPU_CONTROL) | 2);
}

void drop_privilege(struct machine *m)
{
    set_reg(m, CPU_CONTROL, reg(m, CPU_CONTROL) | 1);
}

void enable_faults(struct machine *m)
{
    set_word(m, SHCSR, 7u << 16);
}

void enable_fpu(struct machine *m)
{
    set_word(m, CPACR, 0xFu << 20);
}

void mpu_region(struct machine *m, unsigned n, uint32_t base, uint32_t rasr)
{
    set_word(m, MPU_RNR, n);
    set_word(m, MPU_RBAR, base);
    set_word(m, MPU_RASR, rasr);
}

/* xorshift64* (Marsaglia, Vigna). */
uint32_t random_word(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)(*state * 0x2545F4914F6CDD1Dull >> 32);
}

int setup(void **state)
{
    *state = machine_new();
    return 0;
}

int teardown(void **state)
{
    machine_free(*state);
    return 0;
}
