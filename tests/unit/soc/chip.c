#include "chip.h"

#include <string.h>

enum {
    FLASH_START = 0x08000000,
    CODE = 0x400, /* behind the vector table */
    STACK_TOP = 0x20020000,
    NVIC_ISPR = 0xE000E200,
    NVIC_ICPR = 0xE000E280,
    THUMB_WFI = 0xBF30,
    THUMB_BACK_TO_WFI = 0xE7FD, /* b .-2 */
};

struct soc *chip_new(void)
{
    return chip_new_with(
        &(struct soc_config){.seed = 1, .hse_hz = CHIP_HSE_HZ, .lse_hz = CHIP_LSE_HZ});
}

struct soc *chip_new_with(const struct soc_config *config)
{
    static const uint16_t sleep[] = {THUMB_WFI, THUMB_BACK_TO_WFI};
    struct soc *soc = soc_new(config);

    assert_non_null(soc);
    chip_program(soc, sleep, sizeof sleep / sizeof sleep[0]);
    return soc;
}

void chip_program(struct soc *soc, const uint16_t *code, size_t count)
{
    uint32_t vectors[16] = {STACK_TOP};

    for (unsigned i = 1; i < 16; i++)
        vectors[i] = FLASH_START + CODE + 1;
    assert_int_equal(soc_load(soc, FLASH_START, vectors, sizeof vectors), 0);
    assert_int_equal(soc_load(soc, FLASH_START + CODE, code, count * sizeof *code), 0);
    soc_boot(soc);
}

static void access(struct soc *soc, uint32_t addr, unsigned size, uint32_t attr, uint32_t *value,
                   bool write)
{
    uint8_t bytes[4] = {0};
    struct bus_access a = {.addr = addr,
                           .attr = BUS_DEVICE | BUS_PRIVILEGED | attr,
                           .size = size,
                           .strobe = (1u << size) - 1,
                           .write = write,
                           .data = bytes};

    if (write)
        memcpy(bytes, value, size);
    assert_int_equal(bus_do(soc->bus, &a), BUS_OK);
    if (!write) {
        *value = 0;
        memcpy(value, bytes, size);
    }
}

uint32_t chip_read_n(struct soc *soc, uint32_t addr, unsigned size)
{
    uint32_t value;

    access(soc, addr, size, 0, &value, false);
    return value;
}

void chip_write_n(struct soc *soc, uint32_t addr, unsigned size, uint32_t value)
{
    access(soc, addr, size, 0, &value, true);
}

uint32_t chip_read(struct soc *soc, uint32_t addr)
{
    return chip_read_n(soc, addr, 4);
}

void chip_write(struct soc *soc, uint32_t addr, uint32_t value)
{
    chip_write_n(soc, addr, 4, value);
}

uint32_t chip_peek(struct soc *soc, uint32_t addr)
{
    uint32_t value;

    access(soc, addr, 4, BUS_DEBUG, &value, false);
    return value;
}

void chip_set(struct soc *soc, uint32_t addr, uint32_t bits)
{
    chip_write(soc, addr, chip_read(soc, addr) | bits);
}

void chip_clear(struct soc *soc, uint32_t addr, uint32_t bits)
{
    chip_write(soc, addr, chip_read(soc, addr) & ~bits);
}

void chip_run(struct soc *soc, vtime duration)
{
    assert_int_equal(soc_run(soc, sched_now(soc->sched) + duration), CPU_TIME);
}

vtime chip_wait(struct soc *soc, uint32_t addr, uint32_t mask, uint32_t value, vtime step,
                vtime limit)
{
    vtime start = sched_now(soc->sched);

    while ((chip_read(soc, addr) & mask) != value) {
        if (sched_now(soc->sched) - start >= limit)
            fail_msg("0x%08x is 0x%08x, and not 0x%08x under 0x%08x, after %llu us", (unsigned)addr,
                     (unsigned)chip_read(soc, addr), (unsigned)value, (unsigned)mask,
                     (unsigned long long)(limit / VTIME_US));
        chip_run(soc, step);
    }
    return sched_now(soc->sched) - start;
}

bool chip_irq_pending(struct soc *soc, unsigned line)
{
    uint32_t word;

    assert_int_equal(cpu_peek(soc->cpu, NVIC_ISPR + line / 32 * 4, &word, 4), 4);
    return word >> line % 32 & 1;
}

void chip_irq_clear(struct soc *soc, unsigned line)
{
    uint32_t bit = 1u << line % 32;

    assert_int_equal(cpu_poke(soc->cpu, NVIC_ICPR + line / 32 * 4, &bit, 4), 4);
}

struct search {
    const char *name;
    uint64_t count;
};

static void add(void *ctx, const struct complaint *first, const struct complaint *last,
                uint64_t count)
{
    struct search *s = ctx;

    (void)last;
    if (!strcmp(first->name, s->name))
        s->count += count;
}

uint64_t chip_complained(const struct soc *soc, const char *name)
{
    struct search s = {.name = name};

    complaints_each(soc->complaints, add, &s);
    return s.count;
}

uint64_t chip_errors(const struct soc *soc)
{
    return complaints_count(soc->complaints, GUEST_ERROR) +
           complaints_count(soc->complaints, HAZARD);
}
