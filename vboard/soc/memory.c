/*
 * The RAMs.
 *
 * RAM answers directly (the bus hands out a pointer) while its clock runs; without it reads give 0
 * and writes are lost. At power-on RAM holds noise made from the seed, as cells come up in no
 * order.
 */
#include <stdlib.h>
#include <string.h>

#include "devices.h"

enum gate { ALWAYS, GATE_AHB2 = RCC_AHB2ENR, GATE_AHB4 = RCC_AHB4ENR };

static const struct ram_kind {
    const char *name;
    uint32_t base, size;
    uint16_t gate; /* RCC register, 0 = always clocked */
    uint8_t bit;
    bool backup; /* writes need PWR_CR1.DBP; kept over system resets like all RAM */
    uint8_t read_wait, write_wait;
    uint8_t line_clocks; /* AXI clocks to fetch a cache line: an order of magnitude */
} kinds[] = {
    {"ITCM", 0x00000000, 64 << 10, ALWAYS, 0, false, 0, 0, 0},
    {"DTCM", 0x20000000, 128 << 10, ALWAYS, 0, false, 0, 0, 0},
    {"AXI SRAM", 0x24000000, 1 << 20, ALWAYS, 0, false, 0, 0, 10},
    {"AHB SRAM1", 0x30000000, 64 << 10, GATE_AHB2, 29, false, 3, 1, 16},
    {"AHB SRAM2", 0x30010000, 64 << 10, GATE_AHB2, 30, false, 3, 1, 16},
    {"SRD SRAM", 0x38000000, 32 << 10, GATE_AHB4, 29, false, 5, 2, 22},
    {"Backup SRAM", 0x38800000, 4 << 10, GATE_AHB4, 28, true, 5, 2, 22},
};
enum { RAMS = sizeof kinds / sizeof kinds[0] };

struct ram {
    const struct ram_kind *kind;
    struct soc *soc;
    uint8_t *bytes;
};

struct memory_set {
    bool masters; /* memory_has_masters() */
    struct ram ram[RAMS];
};

static bool clocked(const struct ram *r)
{
    return !r->kind->gate || *device_reg(r->soc->rcc, r->kind->gate) >> r->kind->bit & 1;
}

static uint32_t flags_of(const struct ram *r)
{
    uint32_t observed = r->kind->line_clocks && r->soc->memories->masters ? BUS_OBSERVED : 0;

    if (!clocked(r))
        return 0;
    return observed | BUS_DIRECT_READ | (r->kind->backup ? 0 : BUS_DIRECT_WRITE);
}

/* Accesses that do not go straight to the bytes: no clock, or the write-protected backup SRAM. */
static enum bus_status access_ram(void *ctx, struct bus_access *a)
{
    struct ram *r = ctx;
    uint32_t offset = a->addr - r->kind->base;
    bool debug = a->attr & BUS_DEBUG;

    if (!clocked(r) && !debug) {
        complain(r->soc->complaints, GUEST_ERROR, "clock-off",
                 "%s of %s at 0x%08x without its clock", a->write ? "write" : "read", r->kind->name,
                 (unsigned)a->addr);
        if (!a->write)
            memset(a->data, 0, a->size);
        return BUS_OK;
    }
    if (!a->write) {
        memcpy(a->data, r->bytes + offset, a->size);
        return BUS_OK;
    }
    if (r->kind->backup && !debug && !pwr_backup_writable(r->soc)) {
        complain(r->soc->complaints, GUEST_ERROR, "backup-protected",
                 "backup SRAM written at 0x%08x while PWR_CR1.DBP = 0; ignored", (unsigned)a->addr);
        return BUS_OK;
    }
    for (uint32_t i = 0; i < a->size; i++) {
        if (a->strobe >> i & 1)
            r->bytes[offset + i] = a->data[i];
    }
    return BUS_OK;
}

void memory_gates_changed(struct soc *soc)
{
    for (unsigned i = 0; i < RAMS; i++) {
        struct ram *r = &soc->memories->ram[i];

        if (r->kind->gate)
            bus_set_flags(soc->bus, r->kind->base, flags_of(r));
    }
}

/* The data cache holds data of observed memory only (cpu/bus.h), as that costs time: so RAM is
   plain until a program uses DMA, and from then on what it forgets to clean or to invalidate
   shows. */
void memory_has_masters(struct soc *soc)
{
    if (soc->memories->masters)
        return;
    soc->memories->masters = true;
    for (unsigned i = 0; i < RAMS; i++)
        bus_set_flags(soc->bus, kinds[i].base, flags_of(&soc->memories->ram[i]));
}

void memory_power_on(struct soc *soc, bool keep_backup)
{
    uint64_t x = soc->config.seed * UINT64_C(0x9E3779B97F4A7C15) | 1;

    for (unsigned i = 0; i < RAMS; i++) {
        struct ram *r = &soc->memories->ram[i];

        if (keep_backup && r->kind->backup)
            continue;
        for (uint32_t n = 0; n < r->kind->size; n += 8) {
            /* Marsaglia's xorshift64. */
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            memcpy(r->bytes + n, &x, 8);
        }
        bus_changed(soc->bus, r->kind->base, r->kind->size);
    }
}

static void destroy(struct device *d)
{
    struct memory_set *m = d->soc->memories;

    for (unsigned i = 0; i < RAMS; i++)
        free(m->ram[i].bytes);
    free(m);
    d->soc->memories = NULL;
}

static void clocks_changed(struct device *d)
{
    uint64_t hz = soc_clock_hz(d->soc, CLOCK_HCLK);

    for (unsigned i = 0; hz && i < RAMS; i++)
        bus_set_line_time(d->soc->bus, kinds[i].base, vtime_of_clocks(kinds[i].line_clocks, hz));
}

int memory_create(struct soc *soc)
{
    struct memory_set *m = calloc(1, sizeof *m);
    struct device *d = calloc(1, sizeof *d); /* owns the bytes; has no registers */

    if (!m || !d) {
        free(m);
        free(d);
        return -1;
    }
    soc->memories = m;
    d->name = "memories";
    d->destroy = destroy;
    d->clocks_changed = clocks_changed;
    device_init(d, soc);
    for (unsigned i = 0; i < RAMS; i++) {
        struct ram *r = &m->ram[i];
        struct bus_region region = {.name = kinds[i].name,
                                    .base = kinds[i].base,
                                    .size = kinds[i].size,
                                    .fn = access_ram,
                                    .ctx = r,
                                    .read_wait = kinds[i].read_wait,
                                    .write_wait = kinds[i].write_wait};

        r->kind = &kinds[i];
        r->soc = soc;
        r->bytes = calloc(1, kinds[i].size);
        if (!r->bytes)
            return -1;
        region.host = r->bytes;
        region.flags = flags_of(r);
        if (bus_map(soc->bus, &region) < 0)
            return -1;
    }
    return 0;
}
