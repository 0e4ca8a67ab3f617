/*
 * SYSCFG: EXTI routing, I/O compensation cell, fast-mode bits. RM0455 chapter 13.
 * DBGMCU sits here too, as it is no more than an identity and a few read-back bits.
 */
#include <stdlib.h>

#include "devices.h"
#include "timing.h"

enum { EXTICR1 = 0x08, CCCSR = 0x20, CCVR = 0x24 };

#define CCCSR_EN    (1u << 0)
#define CCCSR_READY (1u << 8)
#define CCVR_CODES  0x00000088u /* both transistors at mid scale */

struct syscfg {
    struct device d;
    struct sched_event ready;
};

unsigned syscfg_exti_port(const struct soc *soc, unsigned line)
{
    return *device_reg(soc->syscfg, EXTICR1 + line / 4 * 4) >> (line % 4 * 4) & 15;
}

static void compensated(void *ctx, vtime at)
{
    struct syscfg *s = ctx;

    (void)at;
    *device_reg(&s->d, CCCSR) |= CCCSR_READY;
    *device_reg(&s->d, CCVR) = CCVR_CODES;
}

/* The cell measures with the CSI clock (RM0455: CSI must be enabled first). */
static void evaluate(struct syscfg *s, bool complain_if_stuck)
{
    struct soc *soc = s->d.soc;
    uint32_t *cccsr = device_reg(&s->d, CCCSR);

    if (!(*cccsr & CCCSR_EN)) {
        sched_cancel(soc->sched, &s->ready);
        *cccsr &= ~CCCSR_READY;
        *device_reg(&s->d, CCVR) = 0;
    } else if (!rcc_ready(soc, OSC_CSI)) {
        sched_cancel(soc->sched, &s->ready);
        if (complain_if_stuck)
            complain(soc->complaints, GUEST_ERROR, "compensation-without-csi",
                     "SYSCFG_CCCSR.EN set while CSI is off: READY will not rise");
    } else if (!(*cccsr & CCCSR_READY) && !sched_pending(&s->ready)) {
        sched_at(soc->sched, &s->ready, sched_now(soc->sched) + TIME_COMP_CELL);
    }
}

static void write_cccsr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    evaluate((struct syscfg *)d, !(old & CCCSR_EN));
}

void syscfg_clock_ready(struct soc *soc)
{
    evaluate((struct syscfg *)soc->syscfg, false);
}

static const struct reg regs[] = {
    {.name = "PMCR", .offset = 0x04, .writable = 0x0F0000FF},
    {.name = "EXTICR", .offset = EXTICR1, .writable = 0xFFFF, .count = 4},
    {.name = "CFGR", .offset = 0x18, .writable = 0x0000604C},
    {.name = "CCCSR", .offset = CCCSR, .writable = 0x00010003, .write = write_cccsr},
    {.name = "CCVR", .offset = CCVR},
    {.name = "CCCR", .offset = 0x28, .writable = 0xFF},
};

static void reset(struct device *d)
{
    evaluate((struct syscfg *)d, false);
}

/* DBGMCU_IDCODE: device 0x480, revision Z (0x1001). */
static const struct reg dbgmcu_regs[] = {
    {.name = "IDCODE", .offset = 0x00, .reset = 0x10010480},
    {.name = "CR", .offset = 0x04, .writable = 0x10700187},
    {.name = "APB3FZ1", .offset = 0x34, .writable = 0x00000040},
    {.name = "APB1LFZ1", .offset = 0x3C, .writable = 0x00E003FF},
    {.name = "APB1HFZ1", .offset = 0x44, .writable = 0x00000100},
    {.name = "APB2FZ1", .offset = 0x4C, .writable = 0x00070003},
    {.name = "APB4FZ1", .offset = 0x54, .writable = 0x00050680},
};

int syscfg_create(struct soc *soc)
{
    struct syscfg *s = calloc(1, sizeof *s);
    struct device *dbgmcu = calloc(1, sizeof *dbgmcu);

    if (!s || !dbgmcu)
        goto fail;
    s->d.name = "SYSCFG";
    s->d.base = 0x58000400;
    s->d.size = 0x400;
    s->d.regs = regs;
    s->d.reg_count = sizeof regs / sizeof regs[0];
    s->d.gate = (struct rcc_gate){RCC_APB4ENR, RCC_APB4RSTR, 1};
    s->d.on = ON_APB4;
    s->d.reset = reset;
    s->ready = (struct sched_event){.fn = compensated, .ctx = s};
    dbgmcu->name = "DBGMCU";
    dbgmcu->base = 0x5C001000;
    dbgmcu->size = 0x400;
    dbgmcu->regs = dbgmcu_regs;
    dbgmcu->reg_count = sizeof dbgmcu_regs / sizeof dbgmcu_regs[0];
    if (device_init(&s->d, soc) < 0)
        goto fail;
    soc->syscfg = &s->d;
    if (device_init(dbgmcu, soc) == 0)
        return 0;
    free(dbgmcu);
    return -1;

fail:
    free(s);
    free(dbgmcu);
    return -1;
}
