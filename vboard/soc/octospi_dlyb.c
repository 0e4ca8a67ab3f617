/*
 * The delay block of an OCTOSPI (RM0455, DLYB): a line of twelve equal delays behind the clock.
 *
 * The length sampler takes, at a rising edge of the clock, the level at each of the twelve taps. At
 * tap i the clock is seen (i + 1) unit delays late, so just before an edge it is low for the first
 * half period of delay, high for the second, low again beyond one whole period. Software sweeps
 * UNIT until the ones of LNG have come and gone by: the line then spans a period.
 *
 * One unit is 1 ns of fixed delay shared by the line plus UNIT steps of 35 ps for each cell: the
 * middle of what data sheets of the family give (initial delay 0.9 to 2.2 ns, step 28 to 47 ps).
 */
#include <stdlib.h>

#include "octospi_int.h"

enum { DLYB_CR = 0, DLYB_CFGR = 4 };
enum { CR_DEN = 1, CR_SEN = 2 };
#define DCR1_DLYBYP (1u << 3)
enum { TAPS = 12, INITIAL_PS = 1000, STEP_PS = 35 };
#define LNGF (UINT32_C(1) << 31)

struct dlyb {
    struct device dev; /* first */
    const struct octospi *o;
    vtime valid_at; /* the sampled length is there */
};

static uint32_t length(const struct dlyb *y, unsigned unit)
{
    vtime period = y->o->clock.period;
    uint32_t lng = 0;

    if (!period)
        return 0;
    for (unsigned i = 0; i < TAPS; i++) {
        vtime delay = INITIAL_PS + (vtime)(i + 1) * (unit + 1) * STEP_PS;

        if (delay % period >= y->o->clock.low)
            lng |= 1u << i;
    }
    return lng;
}

static uint32_t read_cfgr(struct device *d, unsigned index)
{
    struct dlyb *y = (struct dlyb *)d;
    uint32_t cfgr = *device_reg(d, DLYB_CFGR), cr = *device_reg(d, DLYB_CR);

    (void)index;
    if ((cr & (CR_DEN | CR_SEN)) == (CR_DEN | CR_SEN) && y->o->clock.hz &&
        sched_now(d->soc->sched) >= y->valid_at)
        cfgr |= LNGF | length(y, cfgr >> 8 & 0x7F) << 16;
    return cfgr;
}

/* The sampler needs a few clocks after each change. */
static void restart(struct device *d, unsigned index, uint32_t value, uint32_t old)
{
    struct dlyb *y = (struct dlyb *)d;

    (void)index;
    (void)value;
    (void)old;
    y->valid_at = sched_now(d->soc->sched) + membus_periods(&y->o->clock, 4);
}

vtime octospi_dlyb_delay(const struct octospi *o)
{
    struct device *d = o->set->dlyb[o->index];
    uint32_t cfgr = *device_reg(d, DLYB_CFGR);

    if (!(*device_reg(d, DLYB_CR) & CR_DEN) || *o->dcr1 & DCR1_DLYBYP)
        return 0;
    return INITIAL_PS + (vtime)(cfgr & 0xF) * ((cfgr >> 8 & 0x7F) + 1) * STEP_PS;
}

static const struct reg registers[] = {
    {.name = "CR", .offset = DLYB_CR, .writable = 3, .write = restart},
    {.name = "CFGR",
     .offset = DLYB_CFGR,
     .writable = 0x00007F0Fu,
     .read = read_cfgr,
     .write = restart},
};

int octospi_dlyb_create(struct octospi_set *set, unsigned index)
{
    struct dlyb *y = calloc(1, sizeof *y);

    if (!y)
        return -1;
    y->dev.name = index ? "DLYB_OCTOSPI2" : "DLYB_OCTOSPI1";
    y->dev.base = index ? 0x5200B000 : 0x52006000;
    y->dev.size = index ? 0x400 : 0x1000;
    y->dev.regs = registers;
    y->dev.reg_count = sizeof registers / sizeof registers[0];
    y->dev.on = ON_AHB;
    y->dev.complete = true;
    y->o = set->unit[index];
    if (device_init(&y->dev, set->soc) < 0) {
        free(y);
        return -1;
    }
    set->dlyb[index] = &y->dev;
    return 0;
}
