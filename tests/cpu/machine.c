#include "machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vboard/cpu/bus.h"
#include "vboard/cpu/cpu.h"

enum { STEP_LIMIT = 4000, HANDLER = 0x200, BOOT = 0x100 }; /* in the first slot's first page */

struct machine {
    enum machine_kind kind;
    struct unicorn_side *unicorn;
    struct bus *bus;
    struct cpu *cpu;
    uint8_t *code, *data;
    uint8_t *fast; /* the first half of data, again; our core only */
    char error[160];
};

static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "machine: %s failed\n", what);
        exit(2);
    }
}

/* The half of the data window without a direct pointer. */
static enum bus_status slow_memory(void *ctx, struct bus_access *a)
{
    struct machine *m = ctx;
    uint8_t *at = m->data + (a->addr - DATA_BASE);
    for (uint32_t i = 0; i < a->size; i++) {
        if (!a->write)
            a->data[i] = at[i];
        else if (a->strobe >> i & 1)
            at[i] = a->data[i];
    }
    a->stall_ps = 0;
    return BUS_OK;
}

/*
 * The data window, and a second view of its first half with nothing mapped behind: what the core
 * reads or writes through a direct pointer beyond that half is seen.
 */
static void map_data(struct machine *m)
{
    int fd = memfd_create("data", 0);
    must(fd >= 0 && ftruncate(fd, DATA_SIZE) == 0, "memfd_create");
    m->data = mmap(NULL, DATA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    void *room = mmap(NULL, DATA_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(m->data != MAP_FAILED && room != MAP_FAILED, "mmap");
    m->fast = mmap(room, DATA_HALF, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    must(m->fast != MAP_FAILED, "mmap");
    close(fd);
}

static void boot(struct machine *m)
{
    uint32_t vectors[16];
    for (int i = 0; i < 16; i++)
        vectors[i] = CODE_BASE + HANDLER + 1;
    vectors[0] = DATA_BASE + 0x4000;
    vectors[1] = CODE_BASE + BOOT + 1;
    static const uint16_t handler[] = {0xE7FE};
    static const uint16_t start[] = {
        0x6001,         /* STR r1, [r0]: CPACR */
        0xF3BF, 0x8F4F, /* DSB */
        0xF3BF, 0x8F6F, /* ISB */
        0xEEB0, 0x0A40, /* VMOV.F32 s0, s0: makes the FP context (B1.5.7) */
    };
    machine_write_code(m, CODE_BASE, vectors, sizeof vectors);
    machine_write_code(m, CODE_BASE + HANDLER, handler, sizeof handler);
    machine_write_code(m, CODE_BASE + BOOT, start, sizeof start);
    cpu_reset(m->cpu, CODE_BASE);
    cpu_set(m->cpu, CPU_R0 + 0, 0xE000ED88);
    cpu_set(m->cpu, CPU_R0 + 1, 0xFu << 20);
    for (int i = 0; i < 4; i++)
        cpu_step(m->cpu);
}

struct machine *machine_new(enum machine_kind kind)
{
    struct machine *m = calloc(1, sizeof *m);
    must(m != NULL, "memory");
    m->kind = kind;
    if (kind == MACHINE_UNICORN) {
        m->unicorn = unicorn_side_new();
        m->data = unicorn_side_data(m->unicorn);
        return m;
    }
    m->code = calloc(1, CODE_SIZE);
    must(m->code != NULL, "memory");
    map_data(m);
    m->bus = bus_new();
    must(m->bus != NULL, "bus_new");
    const struct bus_region regions[] = {
        {.name = "code",
         .base = CODE_BASE,
         .size = CODE_SIZE,
         .flags = BUS_DIRECT_READ | BUS_DIRECT_WRITE,
         .host = m->code},
        {.name = "data",
         .base = DATA_BASE,
         .size = DATA_HALF,
         .flags = BUS_DIRECT_READ | BUS_DIRECT_WRITE,
         .host = m->fast},
        {.name = "slow", .base = DATA_SLOW, .size = DATA_HALF, .fn = slow_memory, .ctx = m},
    };
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++)
        must(bus_map(m->bus, &regions[i]) == 0, "bus_map");
    const struct cpu_config config = {
        .bus = m->bus,
        .irq_count = 16,
        .prio_bits = 8, /* Unicorn has all bits of BASEPRI */
        .mpu_regions = 16,
        .cpuid = 0x411FC271,
        .seed = 1,
    };
    m->cpu = cpu_new(&config);
    must(m->cpu != NULL, "cpu_new");
    boot(m);
    return m;
}

void machine_free(struct machine *m)
{
    if (m->unicorn != NULL) {
        unicorn_side_free(m->unicorn);
    } else {
        cpu_free(m->cpu);
        bus_free(m->bus);
        free(m->code);
        munmap(m->data, DATA_SIZE);
        munmap(m->fast, DATA_SIZE);
    }
    free(m);
}

const char *machine_name(const struct machine *m)
{
    return m->kind == MACHINE_UNICORN ? "unicorn" : m->kind == MACHINE_STEP ? "step" : "run";
}

void machine_reset(struct machine *m)
{
    if (m->unicorn == NULL)
        boot(m);
}

void machine_double_precision(struct machine *m, bool on)
{
    if (m->unicorn != NULL)
        unicorn_side_double_precision(m->unicorn, on);
}

void machine_write_code(struct machine *m, uint32_t addr, const void *bytes, size_t n)
{
    if (m->unicorn != NULL) {
        unicorn_side_write_code(m->unicorn, addr, bytes, n);
        return;
    }
    memcpy(m->code + (addr - CODE_BASE), bytes, n);
    bus_changed(m->bus, addr, (uint32_t)n);
}

void machine_clear_code(struct machine *m, const uint8_t *pattern)
{
    if (m->unicorn != NULL) {
        unicorn_side_clear_code(m->unicorn, pattern);
        return;
    }
    for (uint32_t at = 0; at < CODE_SIZE; at += SLOT_SIZE)
        memcpy(m->code + at, pattern, SLOT_SIZE);
    bus_changed(m->bus, CODE_BASE, CODE_SIZE);
    boot(m);
}

uint8_t *machine_data(struct machine *m)
{
    return m->data;
}

uint64_t machine_instructions(const struct machine *m)
{
    return m->cpu != NULL ? cpu_instructions(m->cpu) : 0;
}

static void load_state(struct cpu *c, const struct state *in)
{
    cpu_set(c, CPU_XPSR, in->apsr | 1u << 24);
    for (unsigned i = 0; i < 15; i++)
        cpu_set(c, CPU_R0 + i, in->r[i]);
    cpu_set(c, CPU_PC, in->r[15]);
    cpu_set(c, CPU_FPSCR, in->fpscr);
    for (unsigned i = 0; i < 32; i++)
        cpu_set(c, CPU_S0 + i, in->s[i]);
    cpu_set(c, CPU_PSP, in->psp);
    cpu_set(c, CPU_PRIMASK, in->primask);
    cpu_set(c, CPU_BASEPRI, in->basepri);
    cpu_set(c, CPU_FAULTMASK, in->faultmask);
}

static void store_state(struct cpu *c, struct state *out)
{
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < 15; i++)
        out->r[i] = cpu_get(c, CPU_R0 + i);
    out->r[15] = cpu_get(c, CPU_PC) & ~1u;
    out->apsr = cpu_get(c, CPU_XPSR) & APSR_MASK;
    out->fpscr = cpu_get(c, CPU_FPSCR);
    for (unsigned i = 0; i < 32; i++)
        out->s[i] = cpu_get(c, CPU_S0 + i);
    out->psp = cpu_get(c, CPU_PSP);
    out->primask = cpu_get(c, CPU_PRIMASK);
    out->basepri = cpu_get(c, CPU_BASEPRI);
    out->faultmask = cpu_get(c, CPU_FAULTMASK);
}

const char *machine_judge(struct machine *m, const struct state *in)
{
    char why[200];
    boot(m);
    load_state(m->cpu, in);
    cpu_step(m->cpu);
    cpu_explain(m->cpu, why, sizeof why);
    if (strstr(why, "undefined instruction") != NULL)
        return "undefined";
    if (strstr(why, "coprocessor") != NULL)
        return "no coprocessor";
    return (cpu_get(m->cpu, CPU_XPSR) & 0x1FF) != 0 ? "other fault" : "done";
}

const char *machine_run(struct machine *m, const struct state *in, uint32_t end, struct state *out)
{
    if (m->unicorn != NULL)
        return unicorn_side_run(m->unicorn, in, end, out);
    struct cpu *c = m->cpu;
    load_state(c, in);
    enum cpu_stop stop = CPU_TIME;
    if (m->kind == MACHINE_STEP) {
        for (int n = 0; n < STEP_LIMIT && (cpu_get(c, CPU_PC) & ~1u) != end; n++) {
            stop = cpu_step(c);
            if ((cpu_get(c, CPU_XPSR) & 0x1FF) != 0) /* a fault */
                break;
        }
    } else {
        must(cpu_break(c, end, true) == 0, "cpu_break");
        stop = cpu_run(c, cpu_cycles(c) + 20 * STEP_LIMIT);
        must(cpu_break(c, end, false) == 0, "cpu_break");
    }
    store_state(c, out);
    uint32_t xpsr = cpu_get(c, CPU_XPSR);
    if (out->r[15] == end && (xpsr & 0x1FF) == 0 &&
        (m->kind == MACHINE_STEP || stop == CPU_BREAKPOINT)) {
        if ((xpsr & 0x0700FC00) != 1u << 24) {
            snprintf(m->error, sizeof m->error, "xPSR %08x: IT or T bits at the end", xpsr);
            return m->error;
        }
        return NULL;
    }
    char why[100];
    cpu_explain(c, why, sizeof why);
    snprintf(m->error, sizeof m->error, "stop %d at %08x, IPSR %u; %s", (int)stop, out->r[15],
             xpsr & 0x1FF, why);
    return m->error;
}
