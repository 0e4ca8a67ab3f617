/*
 * Blocks that are not modelled: their registers read back what was written, and every access is
 * counted as unimplemented, under the block's name.
 *
 * So that programs with time-outs and programs without get through their start-up all the same, the
 * flags that they wait for while they set a block up behave as if the hardware were quick: see the
 * functions below. No data move: nobody answers on SD.
 *
 * Bases: the CMSIS header stm32h7a3xx.h; gates: facts of RM0455's RCC_xxxENR; reset values:
 * RM0455's register maps. HSEM is here too and is modelled: it is the smallest of them.
 */
#include <stdlib.h>

#include "devices.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- flags to wait for ---- */

/* VREFBUF_CSR: VRR as soon as the buffer is on and not high-impedance. */
static void write_vrefbuf(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    uint32_t *csr = device_reg(d, 0);

    (void)i;
    (void)value;
    (void)old;
    *csr = (*csr & 3) == 1 ? *csr | 8 : *csr & ~8u;
}

static const struct reg vrefbuf_regs[] = {
    {.name = "CSR", .offset = 0x00, .reset = 0x2, .writable = 0x73, .write = write_vrefbuf},
};

/* FDCAN: the clock stops and starts when asked (CSA follows CSR). */
static void write_fdcan_cccr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    uint32_t *cccr = device_reg(d, 0x18);

    (void)i;
    (void)value;
    (void)old;
    *cccr = (*cccr & ~8u) | (*cccr >> 1 & 8);
}

static const struct reg fdcan_regs[] = {
    {.name = "CREL", .offset = 0x00, .reset = 0x32141218},
    {.name = "ENDN", .offset = 0x04, .reset = 0x87654321},
    {.name = "DBTP", .offset = 0x0C, .reset = 0x00000A33, .writable = 0x009F1FFF},
    {.name = "CCCR", .offset = 0x18, .reset = 1, .writable = 0xF2F7, .write = write_fdcan_cccr},
    {.name = "NBTP", .offset = 0x1C, .reset = 0x06000A03, .writable = 0xFFFFFF7F},
    {.name = "TOCC", .offset = 0x28, .reset = 0xFFFF0000, .writable = 0xFFFF0007},
    {.name = "TOCV", .offset = 0x2C, .reset = 0x0000FFFF},
    {.name = "PSR", .offset = 0x44, .reset = 0x00000707},
};

/* DTS: TS1_RDY as soon as the sensor is on. */
static uint32_t read_dts_sr(struct device *d, unsigned i)
{
    (void)i;
    return *device_reg(d, 0) & 1 ? 1u << 15 : 0;
}

static const struct reg dts_regs[] = {
    {.name = "CFGR1", .offset = 0x00, .writable = 0x007FDF11},
    {.name = "SR", .offset = 0x20, .read = read_dts_sr},
};

/* ---- reset values only ---- */

static const struct reg sai_regs[] = {
    {.name = "xCR1",
     .offset = 0x04,
     .reset = 0x40,
     .writable = 0x0FFBBFEF,
     .count = 2,
     .stride = 0x20},
    {.name = "xFRCR",
     .offset = 0x0C,
     .reset = 0x07,
     .writable = 0x00077FFF,
     .count = 2,
     .stride = 0x20},
};

static const struct reg swpmi_regs[] = {
    {.name = "ISR", .offset = 0x0C, .reset = 0x000002C2}, /* buffers empty, bus idle */
};

static const struct reg ltdc_regs[] = {
    {.name = "GCR", .offset = 0x18, .reset = 0x00002220, .writable = 0xF0010001},
    {.name = "SRCR", .offset = 0x24}, /* reloads at once */
};

static const struct reg fmc_regs[] = {
    {.name = "BCR1", .offset = 0x00, .reset = 0x000030DB, .writable = 0x833FFFFF},
    {.name = "BTR",
     .offset = 0x04,
     .reset = 0x0FFFFFFF,
     .writable = 0xFFFFFFFF,
     .count = 4,
     .stride = 8},
    {.name = "BCR2",
     .offset = 0x08,
     .reset = 0x000030D2,
     .writable = 0x833FFFFF,
     .count = 3,
     .stride = 8},
    {.name = "PCR", .offset = 0x80, .reset = 0x00000018, .writable = 0x000FFE7E},
    {.name = "SR", .offset = 0x84, .reset = 0x00000040, .writable = 0x3F},
    {.name = "PMEM", .offset = 0x88, .reset = 0xFCFCFCFC, .writable = 0xFFFFFFFF, .count = 2},
    {.name = "BWTR",
     .offset = 0x104,
     .reset = 0x0FFFFFFF,
     .writable = 0xFFFFFFFF,
     .count = 4,
     .stride = 8},
    {.name = "SDCR", .offset = 0x140, .reset = 0x000002D0, .writable = 0x7FFF, .count = 2},
    {.name = "SDTR", .offset = 0x148, .reset = 0x0FFFFFFF, .writable = 0x0FFFFFFF, .count = 2},
};

static const struct block {
    const char *name;
    uint32_t base, size;
    uint16_t enr, rstr;
    uint8_t bit, on;
    const struct reg *regs;
    uint8_t reg_count;
} blocks[] = {
#define REGS(r) r, COUNT(r)
#define BARE    NULL, 0
    {"DMA2D", 0x52001000, 0x1000, RCC_AHB3ENR, RCC_AHB3RSTR, 4, ON_AHB, BARE},
    {"JPEG", 0x52003000, 0x1000, RCC_AHB3ENR, RCC_AHB3RSTR, 5, ON_AHB, BARE},
    {"FMC", 0x52004000, 0x1000, RCC_AHB3ENR, RCC_AHB3RSTR, 12, ON_AHB, REGS(fmc_regs)},
    {"DLYB_SDMMC1", 0x52008000, 0x1000, RCC_AHB3ENR, RCC_AHB3RSTR, 16, ON_AHB, BARE},
    {"RAMECC", 0x52009000, 0x400, 0, 0, 0, ON_AHB, BARE},
    {"GFXMMU", 0x5200C000, 0x3000, RCC_AHB3ENR, RCC_AHB3RSTR, 24, ON_AHB, BARE},
    {"AXI GPV", 0x51000000, 0x20000, 0, 0, 0, ON_AHB, BARE},
    {"AXI GPV initiators", 0x51040000, 0x10000, 0, 0, 0, ON_AHB, BARE},

    {"SWO", 0x5C003000, 0x1000, 0, 0, 0, ON_AHB, BARE},
    {"SWTF", 0x5C004000, 0x1000, 0, 0, 0, ON_AHB, BARE},

    {"DCMI", 0x48020000, 0x400, RCC_AHB2ENR, RCC_AHB2RSTR, 0, ON_AHB, BARE},
    {"PSSI", 0x48020400, 0x400, RCC_AHB2ENR, RCC_AHB2RSTR, 0, ON_AHB, BARE},
    {"DLYB_SDMMC2", 0x48022800, 0x400, RCC_AHB2ENR, RCC_AHB2RSTR, 9, ON_AHB, BARE},

    {"LTDC", 0x50001000, 0x1000, RCC_APB3ENR, RCC_APB3RSTR, 3, ON_APB3, REGS(ltdc_regs)},

    {"SPDIFRX", 0x40004000, 0x400, RCC_APB1LENR, RCC_APB1LRSTR, 16, ON_APB1, BARE},
    {"CEC", 0x40006C00, 0x400, RCC_APB1LENR, RCC_APB1LRSTR, 27, ON_APB1, BARE},
    {"SWPMI", 0x40008800, 0x400, RCC_APB1HENR, RCC_APB1HRSTR, 2, ON_APB1, REGS(swpmi_regs)},
    {"OPAMP", 0x40009000, 0x400, RCC_APB1HENR, RCC_APB1HRSTR, 4, ON_APB1, BARE},
    {"MDIOS", 0x40009400, 0x400, RCC_APB1HENR, RCC_APB1HRSTR, 5, ON_APB1, BARE},
    {"FDCAN1", 0x4000A000, 0x400, RCC_APB1HENR, RCC_APB1HRSTR, 8, ON_APB1, REGS(fdcan_regs)},
    {"FDCAN2", 0x4000A400, 0x400, RCC_APB1HENR, RCC_APB1HRSTR, 8, ON_APB1, REGS(fdcan_regs)},
    {"FDCAN CCU", 0x4000A800, 0x400, RCC_APB1HENR, RCC_APB1HRSTR, 8, ON_APB1, BARE},
    {"FDCAN RAM", 0x4000AC00, 0x2800, RCC_APB1HENR, 0, 8, ON_APB1, BARE},

    {"SAI1", 0x40015800, 0x400, RCC_APB2ENR, RCC_APB2RSTR, 22, ON_APB2, REGS(sai_regs)},
    {"SAI2", 0x40015C00, 0x400, RCC_APB2ENR, RCC_APB2RSTR, 23, ON_APB2, REGS(sai_regs)},
    {"DFSDM1", 0x40017800, 0x800, RCC_APB2ENR, RCC_APB2RSTR, 30, ON_APB2, BARE},

    {"COMP", 0x58003800, 0x400, RCC_APB4ENR, RCC_APB4RSTR, 14, ON_APB4, BARE},
    {"VREFBUF", 0x58003C00, 0x400, RCC_APB4ENR, RCC_APB4RSTR, 15, ON_APB4, REGS(vrefbuf_regs)},
    {"DTS", 0x58006800, 0x400, RCC_APB4ENR, RCC_APB4RSTR, 26, ON_APB4, REGS(dts_regs)},
    {"DFSDM2", 0x58006C00, 0x400, RCC_APB4ENR, RCC_APB4RSTR, 27, ON_APB4, BARE},
#undef REGS
#undef BARE
};

static int create_block(struct soc *soc, const struct block *b)
{
    struct device *d = calloc(1, sizeof *d);

    if (!d)
        return -1;
    d->name = b->name;
    d->base = b->base;
    d->size = b->size;
    d->regs = b->regs;
    d->reg_count = b->reg_count;
    d->gate = (struct rcc_gate){b->enr, b->rstr, b->bit};
    d->on = b->on;
    d->readback = true;
    /* Start-up code of ST's packages before 2021 switches FMC bank 1 off without FMC's clock. */
    d->quiet_writes = b->regs == fmc_regs;
    if (device_init(d, soc) < 0) {
        free(d);
        return -1;
    }
    return 0;
}

/* ---- HSEM: 32 hardware semaphores ---- */

enum {
    HSEM_R = 0x000,
    HSEM_IER = 0x100,
    HSEM_ICR = 0x104,
    HSEM_ISR = 0x108,
    HSEM_CR = 0x140,
    HSEM_KEYR = 0x144,
    HSEM_COUNT = 32,
    IRQ_HSEM1 = 125,
};

#define HSEM_LOCK   (1u << 31)
#define HSEM_COREID (3u << 8) /* the bus master number of the Cortex-M7 */
#define HSEM_FIELDS 0x80000FFFu

static void hsem_irq(struct device *d)
{
    soc_irq(d->soc, IRQ_HSEM1, *device_reg(d, HSEM_IER) & *device_reg(d, HSEM_ISR));
}

static void hsem_free(struct device *d, unsigned n)
{
    *device_reg(d, HSEM_R + 4 * n) = 0;
    *device_reg(d, HSEM_ISR) |= 1u << n;
    hsem_irq(d);
}

/* The 2-step lock: only a free semaphore takes the write, only its owner can free it. */
static void write_hsem_r(struct device *d, unsigned n, uint32_t value, uint32_t old)
{
    uint32_t *r = device_reg(d, HSEM_R + 4 * n);

    value &= HSEM_FIELDS;
    if ((value & 0xF00) != HSEM_COREID)
        complain(d->soc->complaints, GUEST_ERROR, "hsem-core",
                 "HSEM_R%u = 0x%08x: COREID is not the core's (3); ignored", n, (unsigned)value);
    else if (value & HSEM_LOCK && !old)
        *r = value;
    else if (!(value & HSEM_LOCK) && old == (value | HSEM_LOCK))
        hsem_free(d, n);
}

/* The 1-step lock: reading takes a free semaphore for process 0. */
static uint32_t read_hsem_rlr(struct device *d, unsigned n)
{
    uint32_t *r = device_reg(d, HSEM_R + 4 * n);

    if (!*r && !d->peek)
        *r = HSEM_LOCK | HSEM_COREID;
    return *r;
}

static void write_hsem_ier(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    hsem_irq(d);
}

static void write_hsem_icr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    *device_reg(d, HSEM_ISR) &= ~value;
    hsem_irq(d);
}

static uint32_t read_hsem_misr(struct device *d, unsigned i)
{
    (void)i;
    return *device_reg(d, HSEM_IER) & *device_reg(d, HSEM_ISR);
}

/* Frees all semaphores of a core, if the key is that of KEYR. */
static void write_hsem_cr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    if ((value ^ *device_reg(d, HSEM_KEYR)) >> 16)
        return;
    for (unsigned n = 0; n < HSEM_COUNT; n++) {
        uint32_t r = *device_reg(d, HSEM_R + 4 * n);

        if (r & HSEM_LOCK && !((r ^ value) & 0xF00))
            hsem_free(d, n);
    }
}

static const struct reg hsem_regs[] = {
    {.name = "R", .offset = HSEM_R, .count = HSEM_COUNT, .write = write_hsem_r},
    {.name = "RLR", .offset = 0x080, .count = HSEM_COUNT, .read = read_hsem_rlr},
    {.name = "C1IER", .offset = HSEM_IER, .writable = 0xFFFFFFFF, .write = write_hsem_ier},
    {.name = "C1ICR", .offset = HSEM_ICR, .write = write_hsem_icr},
    {.name = "C1ISR", .offset = HSEM_ISR},
    {.name = "C1MISR", .offset = 0x10C, .read = read_hsem_misr},
    {.name = "CR", .offset = HSEM_CR, .write = write_hsem_cr},
    {.name = "KEYR", .offset = HSEM_KEYR, .writable = 0xFFFF0000},
};

static int create_hsem(struct soc *soc)
{
    struct device *d = calloc(1, sizeof *d);

    if (!d)
        return -1;
    d->name = "HSEM";
    d->base = 0x48020800;
    d->size = 0x400;
    d->regs = hsem_regs;
    d->reg_count = COUNT(hsem_regs);
    d->gate = (struct rcc_gate){RCC_AHB2ENR, RCC_AHB2RSTR, 2};
    d->on = ON_AHB;
    d->complete = true;
    d->reset = hsem_irq;
    if (device_init(d, soc) < 0) {
        free(d);
        return -1;
    }
    return 0;
}

int blocks_create(struct soc *soc)
{
    for (size_t i = 0; i < COUNT(blocks); i++) {
        if (create_block(soc, &blocks[i]) < 0)
            return -1;
    }
    return create_hsem(soc);
}
