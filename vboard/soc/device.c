#include "device.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "soc.h"

static enum bus_status access_device(void *ctx, struct bus_access *a);

static unsigned elements(const struct reg *r)
{
    return r->count ? r->count : 1;
}

static unsigned stride(const struct reg *r)
{
    return r->stride ? r->stride : 4;
}

static void store_reset_values(struct device *d)
{
    if (d->readback)
        memset(d->value, 0, d->size / 4 * sizeof *d->value);
    for (size_t i = 0; i < d->reg_count; i++) {
        for (unsigned n = 0; n < elements(&d->regs[i]); n++)
            d->value[d->slot[(d->regs[i].offset + n * stride(&d->regs[i])) / 4] - 1] =
                d->regs[i].reset;
    }
}

/* Gives each register element a place in `value`; a readback device has one for every word. */
static void index_registers(struct device *d)
{
    uint16_t used = 0;

    if (d->readback) {
        for (size_t w = 0; w < d->size / 4; w++) {
            d->slot[w] = (uint16_t)(w + 1);
            d->slot_reg[w] = UINT16_MAX;
        }
    }
    for (size_t i = 0; i < d->reg_count; i++) {
        const struct reg *r = &d->regs[i];

        for (unsigned n = 0; n < elements(r); n++) {
            uint32_t word = (r->offset + n * stride(r)) / 4;

            assert(word < d->size / 4);
            assert(d->readback || !d->slot[word]);
            if (!d->slot[word])
                d->slot[word] = ++used;
            d->slot_reg[d->slot[word] - 1] = (uint16_t)i;
        }
    }
}

int device_init(struct device *d, struct soc *soc)
{
    struct device **end = &soc->devices;
    size_t count = d->readback ? d->size / 4 : 0;

    d->soc = soc;
    for (size_t i = 0; i < d->reg_count; i++)
        count += elements(&d->regs[i]);
    d->value = calloc(count + 1, sizeof *d->value);
    d->slot_reg = calloc(count + 1, sizeof *d->slot_reg);
    d->slot = calloc(d->size / 4 + 1, sizeof *d->slot);
    if (!d->value || !d->slot_reg || !d->slot)
        goto fail;
    index_registers(d);
    store_reset_values(d);
    if (d->gate.enr) {
        d->enable_word = device_reg(soc->rcc, d->gate.enr);
        d->gate_mask = 1u << d->gate.bit;
    }
    if (d->gate.rstr) {
        d->reset_word = device_reg(soc->rcc, d->gate.rstr);
        d->gate_mask = 1u << d->gate.bit;
    }
    if (d->size) {
        struct bus_region region = {
            .name = d->name, .base = d->base, .size = d->size, .fn = access_device, .ctx = d};

        if (bus_map(soc->bus, &region) < 0)
            goto fail;
    }
    while (*end)
        end = &(*end)->next;
    *end = d;
    return 0;

fail:
    free(d->value);
    free(d->slot);
    free(d->slot_reg);
    d->value = NULL;
    d->slot = NULL;
    d->slot_reg = NULL;
    return -1;
}

void device_free(struct device *d)
{
    if (d->destroy)
        d->destroy(d);
    free(d->value);
    free(d->slot);
    free(d->slot_reg);
    free(d);
}

void device_reset(struct device *d)
{
    store_reset_values(d);
    if (d->reset)
        d->reset(d);
}

uint32_t *device_reg(struct device *d, uint32_t offset)
{
    assert(offset < d->size && d->slot[offset / 4]);
    return &d->value[d->slot[offset / 4] - 1];
}

/* The register element at a word of the device's range; *index = which of its array. */
static const struct reg *find(struct device *d, uint32_t word, unsigned *slot, unsigned *index)
{
    const struct reg *r;

    if (!d->slot[word])
        return NULL;
    *slot = d->slot[word] - 1u;
    *index = 0;
    if (d->slot_reg[*slot] == UINT16_MAX)
        return NULL;
    r = &d->regs[d->slot_reg[*slot]];
    if (r->count > 1)
        *index = (word * 4 - r->offset) / stride(r);
    return r;
}

static void outside_table(struct device *d, uint32_t offset, bool write)
{
    complain(d->soc->complaints, d->complete ? GUEST_ERROR : UNIMPLEMENTED,
             d->complete ? "reserved-register" : "unknown-register", "%s of %s+0x%03x",
             write ? "write" : "read", d->name, (unsigned)offset);
}

static uint32_t read_word(struct device *d, uint32_t offset)
{
    unsigned slot = 0, index = 0;
    const struct reg *r = find(d, offset / 4, &slot, &index);

    if (!r) {
        if (d->readback)
            return d->value[slot];
        if (!d->peek)
            outside_table(d, offset, false);
        return 0;
    }
    return r->read ? r->read(d, index) : d->value[slot];
}

/* lanes: 0xFF in each byte that the store carries. */
static void write_word(struct device *d, uint32_t offset, uint32_t value, uint32_t lanes)
{
    unsigned slot = 0, index = 0;
    const struct reg *r = find(d, offset / 4, &slot, &index);
    uint32_t old;

    if (!r) {
        if (d->readback)
            d->value[slot] = (d->value[slot] & ~lanes) | (value & lanes);
        else if (!d->peek)
            outside_table(d, offset, true);
        return;
    }
    value &= lanes;
    old = d->value[slot];
    d->value[slot] =
        (old & ~(r->writable & lanes) & ~(r->w1c & value)) | (value & r->writable & lanes);
    if (r->write)
        r->write(d, index, value, old);
}

enum bus_status device_access_regs(struct device *d, struct bus_access *a)
{
    uint32_t offset = a->addr - d->base;
    uint32_t shift = offset % 4;

    if (a->size == 4 && !shift && (!a->write || (a->strobe & 0xF) == 0xF)) {
        uint32_t value;

        if (a->write) {
            memcpy(&value, a->data, 4);
            write_word(d, offset, value, 0xFFFFFFFFu);
        } else {
            value = read_word(d, offset);
            memcpy(a->data, &value, 4);
        }
        return BUS_OK;
    }
    if (d->word_only && a->size < 4 && !d->peek)
        complain(d->soc->complaints, GUEST_ERROR, "word-access-only",
                 "%u-byte %s at %s+0x%03x, which takes 32-bit accesses only", (unsigned)a->size,
                 a->write ? "store" : "load", d->name, (unsigned)offset);
    /* Narrow accesses touch byte lanes of one word, long ones several words. */
    for (uint32_t i = 0; i < a->size;) {
        uint32_t word = (offset + i) & ~3u;
        uint32_t n = 4 - (offset + i - word);
        uint32_t value = 0, lanes = 0;

        if (n > a->size - i)
            n = a->size - i;
        if (!a->write)
            value = read_word(d, word);
        for (uint32_t b = 0; b < n; b++, i++) {
            uint32_t lane = (offset + i - word) * 8;

            if (!a->write) {
                a->data[i] = (uint8_t)(value >> lane);
            } else if (a->strobe >> i & 1) {
                value |= (uint32_t)a->data[i] << lane;
                lanes |= 0xFFu << lane;
            }
        }
        if (a->write && lanes)
            write_word(d, word, value, lanes);
    }
    return BUS_OK;
}

static void without_clock(struct device *d, struct bus_access *a)
{
    bool in_reset = d->reset_word && (*d->reset_word & d->gate_mask);

    if (!a->write)
        memset(a->data, 0, a->size);
    if (!d->peek && !(a->write ? d->quiet_writes : d->quiet_reads))
        complain(d->soc->complaints, GUEST_ERROR, in_reset ? "held-in-reset" : "clock-off",
                 "%s of %s+0x%03x %s", a->write ? "write" : "read", d->name,
                 (unsigned)(a->addr - d->base),
                 in_reset ? "while RCC holds it in reset" : "without its bus clock");
}

static enum bus_status access_device(void *ctx, struct bus_access *a)
{
    struct device *d = ctx;
    enum bus_status status = BUS_OK;

    d->peek = a->attr & BUS_DEBUG;
    a->stall_ps = d->peek ? 0 : d->stall_ps;
    if (!device_clocked(d)) {
        without_clock(d, a);
        return BUS_OK;
    }
    if (d->readback && !d->peek)
        complain(d->soc->complaints, UNIMPLEMENTED, d->name,
                 "%s+0x%03x %s: the block is not modelled, its registers only read back", d->name,
                 (unsigned)(a->addr - d->base), a->write ? "written" : "read");
    status = d->access ? d->access(d, a) : device_access_regs(d, a);
    if (d->soc->observer && d->soc->observer->access && !d->peek)
        d->soc->observer->access(d->soc->observer->ctx, d, a);
    d->peek = false;
    return status;
}
