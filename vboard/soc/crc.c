/*
 * The CRC calculation unit. RM0455 chapter "Cyclic redundancy check calculation unit (CRC)".
 *
 * Data go in most significant bit first, as many bits as the store has (8, 16 or 32), after the
 * reversal that REV_IN asks for. A reversal unit wider than the store covers the store only.
 */
#include <stdlib.h>
#include <string.h>

#include "devices.h"

enum { DR = 0x00, IDR = 0x04, CR = 0x08, INIT = 0x10, POL = 0x14 };

#define CR_RESET       (1u << 0)
#define CR_POLYSIZE(v) ((v) >> 3 & 3)
#define CR_REV_IN(v)   ((v) >> 5 & 3)
#define CR_REV_OUT     (1u << 7)

static unsigned degree(uint32_t cr)
{
    static const uint8_t bits[4] = {32, 16, 8, 7};

    return bits[CR_POLYSIZE(cr)];
}

static uint32_t low_bits(unsigned n)
{
    return 0xFFFFFFFFu >> (32 - n);
}

static uint32_t reverse(uint32_t v, unsigned bits)
{
    uint32_t out = 0;

    for (unsigned i = 0; i < bits; i++)
        out |= (v >> i & 1) << (bits - 1 - i);
    return out;
}

/* Reverses the bits of each `unit` bits of a value of `bits` bits. */
static uint32_t reverse_units(uint32_t v, unsigned bits, unsigned unit)
{
    uint32_t out = 0;

    for (unsigned at = 0; at < bits; at += unit)
        out |= reverse(v >> at & low_bits(unit), unit) << at;
    return out;
}

/* Bits above the polynomial's degree are left to gather what they may: read_dr() hides them. */
static void feed(struct device *d, uint32_t data, unsigned bits)
{
    uint32_t cr = *device_reg(d, CR), *crc = device_reg(d, DR);
    unsigned n = degree(cr), unit = 4u << CR_REV_IN(cr); /* 8, 16, 32; unit 4: no reversal */
    uint32_t pol = *device_reg(d, POL);

    if (CR_REV_IN(cr))
        data = reverse_units(data, bits, unit < bits ? unit : bits);
    for (unsigned i = bits; i-- > 0;) {
        uint32_t out = (*crc >> (n - 1) ^ data >> i) & 1;

        *crc = *crc << 1 ^ (out ? pol : 0);
    }
}

static uint32_t read_dr(struct device *d, unsigned i)
{
    uint32_t cr = *device_reg(d, CR);
    uint32_t crc = *device_reg(d, DR) & low_bits(degree(cr));

    (void)i;
    return cr & CR_REV_OUT ? reverse(crc, degree(cr)) : crc;
}

/* RESET loads INIT into the calculator and goes back to 0 by itself; IDR stays. */
static void write_cr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    if (value & CR_RESET)
        *device_reg(d, DR) = *device_reg(d, INIT);
}

static void write_init(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    *device_reg(d, DR) = *device_reg(d, INIT);
}

static void write_pol(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    if (!(*device_reg(d, POL) & 1))
        complain(d->soc->complaints, GUEST_ERROR, "crc-even-polynomial",
                 "CRC_POL = 0x%08x: even polynomials are not supported",
                 (unsigned)*device_reg(d, POL));
}

static const struct reg regs[] = {
    {.name = "DR", .offset = DR, .reset = 0xFFFFFFFF, .read = read_dr},
    {.name = "IDR", .offset = IDR, .writable = 0xFFFFFFFF},
    {.name = "CR", .offset = CR, .writable = 0x000000F8, .write = write_cr},
    {.name = "INIT",
     .offset = INIT,
     .reset = 0xFFFFFFFF,
     .writable = 0xFFFFFFFF,
     .write = write_init},
    {.name = "POL", .offset = POL, .reset = 0x04C11DB7, .writable = 0xFFFFFFFF, .write = write_pol},
};

/* A store to DR counts with its width, which a register table does not see. */
static enum bus_status access_crc(struct device *d, struct bus_access *a)
{
    uint32_t data = 0;

    if (!a->write || a->addr - d->base >= IDR || a->size > 4)
        return device_access_regs(d, a);
    memcpy(&data, a->data, a->size);
    if (!d->peek) {
        if (a->addr != d->base)
            complain(d->soc->complaints, GUEST_ERROR, "crc-not-right-aligned",
                     "store to CRC_DR+%u: data must be right-aligned",
                     (unsigned)(a->addr - d->base));
        feed(d, data, a->size * 8);
    }
    return BUS_OK;
}

int crc_create(struct soc *soc)
{
    struct device *d = calloc(1, sizeof *d);

    if (!d)
        return -1;
    d->name = "CRC";
    d->base = 0x40023000;
    d->size = 0x400;
    d->regs = regs;
    d->reg_count = sizeof regs / sizeof regs[0];
    d->gate = (struct rcc_gate){RCC_AHB1ENR, RCC_AHB1RSTR, 9};
    d->on = ON_AHB;
    d->complete = true;
    d->access = access_crc;
    if (device_init(d, soc) < 0) {
        free(d);
        return -1;
    }
    return 0;
}
