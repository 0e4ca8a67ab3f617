/*
 * PWR: supply configuration, voltage scaling, backup domain access, USB supply detector, wake-up
 * pins. RM0455 chapter 6; CR3's low byte as the HAL (stm32h7xx_hal_pwr_ex.c) uses it.
 */
#include <stdlib.h>

#include "devices.h"
#include "timing.h"

enum {
    CR1 = 0x00,
    CSR1 = 0x04,
    CR2 = 0x08,
    CR3 = 0x0C,
    CPUCR = 0x10,
    SRDCR = 0x18,
    WKUPFR = 0x24,
    WKUPEPR = 0x28,
};

#define CR1_DBP        (1u << 8)
#define CSR1_ACTVOSRDY (1u << 13)
#define VOS_POS        14
#define VOS_MASK       (3u << VOS_POS)
#define CR2_BREN       (1u << 0)
#define CR2_BRRDY      (1u << 16)
#define CR3_SUPPLY     0xFFu
#define CR3_BYPASS     (1u << 0)
#define CR3_LDOEN      (1u << 1)
#define CR3_SMPSEN     (1u << 2) /* SCUEN on parts without SMPS */
#define CR3_SMPSEXTHP  (1u << 3) /* the SMPS feeds external circuits */
#define CR3_SMPSEXTRDY (1u << 16)
#define CR3_USB33DEN   (1u << 24)
#define CR3_USBREGEN   (1u << 25)
#define CR3_USB33RDY   (1u << 26)
#define CPUCR_PDDS_SRD (1u << 2)
#define CPUCR_STOPF    (1u << 5)
#define CPUCR_SBF      (1u << 6)
#define CPUCR_FLAGS    (CPUCR_STOPF | CPUCR_SBF)
#define CPUCR_RUN_SRD  (1u << 11)
#define CPUCR_CSSF     (1u << 9)
#define SRDCR_VOSRDY   (1u << 13)

struct pwr {
    struct device d;
    struct sched_event supply, vos, backup, usb;
    uint32_t cr2, cr3;        /* survive system resets */
    uint32_t sbf;             /* CPUCR.SBF: cleared by CSSF and at power-on only (RM0455) */
    uint32_t wkupfr, wkupepr; /* not reset by the end of Standby */
    bool configured;          /* CR3's low byte was written since power-on */
    bool valid;               /* ... with a combination that the part has */
    bool warned;
};

static struct pwr *pwr_of(struct device *d)
{
    return (struct pwr *)d;
}

static uint32_t *word(const struct soc *soc, uint32_t offset)
{
    return device_reg(soc->pwr, offset);
}

bool pwr_backup_writable(const struct soc *soc)
{
    return *word(soc, CR1) & CR1_DBP;
}

unsigned pwr_voltage_scale(const struct soc *soc)
{
    return 3 - (*word(soc, CSR1) >> VOS_POS & 3);
}

static bool valid_supply(const struct soc *soc, uint32_t v)
{
    uint32_t level = v >> 4 & 3;

    v &= 0xF;
    if (!soc->config.smps)
        return v == CR3_LDOEN || v == CR3_BYPASS;
    return v == CR3_LDOEN || v == CR3_SMPSEN || v == CR3_BYPASS ||
           ((v & 7) == (CR3_SMPSEN | CR3_LDOEN) && level) ||      /* SMPS feeds the LDO */
           ((v & 0xD) == (8 | CR3_SMPSEN | CR3_BYPASS) && level); /* SMPS feeds outside and VCORE */
}

static void supply_valid(void *ctx, vtime at)
{
    struct pwr *p = ctx;

    (void)at;
    *word(p->d.soc, CSR1) |= CSR1_ACTVOSRDY;
    if (*word(p->d.soc, CR3) & CR3_SMPSEXTHP) {
        *word(p->d.soc, CR3) |= CR3_SMPSEXTRDY;
        p->cr3 = *word(p->d.soc, CR3);
    }
}

static void vos_reached(void *ctx, vtime at)
{
    struct pwr *p = ctx;
    uint32_t *csr1 = word(p->d.soc, CSR1), *srdcr = word(p->d.soc, SRDCR);

    (void)at;
    *csr1 = (*csr1 & ~VOS_MASK) | (*srdcr & VOS_MASK);
    *srdcr |= SRDCR_VOSRDY;
    if (p->valid)
        *csr1 |= CSR1_ACTVOSRDY;
    rules_check(p->d.soc);
}

static void backup_ready(void *ctx, vtime at)
{
    struct pwr *p = ctx;

    (void)at;
    *word(p->d.soc, CR2) |= CR2_BRRDY;
    p->cr2 = *word(p->d.soc, CR2);
}

static void usb_ready(void *ctx, vtime at)
{
    struct pwr *p = ctx;

    (void)at;
    *word(p->d.soc, CR3) |= CR3_USB33RDY;
    p->cr3 = *word(p->d.soc, CR3);
}

static void write_cr2(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct pwr *p = pwr_of(d);
    uint32_t *cr2 = word(d->soc, CR2);

    (void)i;
    (void)value;
    if ((*cr2 ^ old) & CR2_BREN && !pwr_backup_writable(d->soc)) {
        complain(d->soc->complaints, GUEST_ERROR, "backup-protected",
                 "PWR_CR2.BREN written while PWR_CR1.DBP = 0; ignored");
        *cr2 = (*cr2 & ~CR2_BREN) | (old & CR2_BREN);
    }
    if (!(*cr2 & CR2_BREN)) {
        sched_cancel(d->soc->sched, &p->backup);
        *cr2 &= ~CR2_BRRDY;
    } else if (!(*cr2 & CR2_BRRDY) && !sched_pending(&p->backup)) {
        sched_at(d->soc->sched, &p->backup, sched_now(d->soc->sched) + TIME_BACKUP_REG);
    }
    p->cr2 = *cr2;
}

/* The low byte counts once in a power cycle (RM0455, PWR_CR3: "written only once after POR"). */
static void write_supply(struct pwr *p, uint32_t old)
{
    struct soc *soc = p->d.soc;
    uint32_t *cr3 = word(soc, CR3);
    uint32_t wanted = *cr3 & CR3_SUPPLY;

    if (wanted == (old & CR3_SUPPLY))
        return; /* read-modify-write for the sake of an upper bit */
    if (p->configured) {
        complain(soc->complaints, GUEST_ERROR, "supply-twice",
                 "PWR_CR3's supply byte written again (0x%02x, it is 0x%02x since the first write "
                 "after power-on); ignored",
                 (unsigned)wanted, (unsigned)(old & CR3_SUPPLY));
        *cr3 = (*cr3 & ~CR3_SUPPLY) | (old & CR3_SUPPLY);
        return;
    }
    p->configured = true;
    p->valid = valid_supply(soc, wanted);
    if (!p->valid) {
        complain(soc->complaints, GUEST_ERROR, "supply-invalid",
                 "PWR_CR3 = 0x%02x is no supply configuration of this part (%s SMPS); ignored, and "
                 "the one write of this power cycle is used up",
                 (unsigned)wanted, soc->config.smps ? "with" : "without");
        *cr3 = (*cr3 & ~CR3_SUPPLY) | (old & CR3_SUPPLY);
        return;
    }
    sched_at(soc->sched, &p->supply, sched_now(soc->sched) + TIME_SUPPLY_VALID);
}

static void write_cr3(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct pwr *p = pwr_of(d);
    uint32_t *cr3 = word(d->soc, CR3);

    (void)i;
    (void)value;
    write_supply(p, old);
    if (!(*cr3 & (CR3_USB33DEN | CR3_USBREGEN))) {
        sched_cancel(d->soc->sched, &p->usb);
        *cr3 &= ~CR3_USB33RDY;
    } else if (*cr3 & CR3_USB33DEN && !(*cr3 & CR3_USB33RDY) && !sched_pending(&p->usb)) {
        sched_at(d->soc->sched, &p->usb, sched_now(d->soc->sched) + TIME_USB33_DETECT);
    }
    p->cr3 = *cr3;
}

static void write_cpucr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    if (value & CPUCR_CSSF) {
        *word(d->soc, CPUCR) &= ~CPUCR_FLAGS;
        pwr_of(d)->sbf = 0;
    }
}

static void write_srdcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct pwr *p = pwr_of(d);
    uint32_t *srdcr = word(d->soc, SRDCR);

    (void)i;
    (void)value;
    if (!((*srdcr ^ old) & VOS_MASK))
        return;
    if (!p->configured && !p->warned) {
        p->warned = true;
        complain(d->soc->complaints, GUEST_ERROR, "supply-not-configured",
                 "PWR_SRDCR.VOS changed before PWR_CR3 was written; the supply must be set first");
    }
    *srdcr &= ~SRDCR_VOSRDY;
    *word(d->soc, CSR1) &= ~CSR1_ACTVOSRDY;
    sched_at(d->soc->sched, &p->vos, sched_now(d->soc->sched) + TIME_VOS_STEP);
}

/* RM0455: one line, of the flags of the pins that are enabled. */
static void wakeup_changed(struct soc *soc)
{
    struct pwr *p = pwr_of(soc->pwr);

    p->wkupfr = *word(soc, WKUPFR);
    p->wkupepr = *word(soc, WKUPEPR);
    soc_irq(soc, IRQ_WAKEUP_PIN, p->wkupfr & p->wkupepr & 0x3F);
}

void pwr_wakeup_pin(struct soc *soc, unsigned n)
{
    *word(soc, WKUPFR) |= 1u << n;
    wakeup_changed(soc);
}

static void write_wkupcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    *word(d->soc, WKUPFR) &= ~(value & 0x3F);
    wakeup_changed(d->soc);
}

static void write_wkupepr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    wakeup_changed(d->soc);
    low_power_pins(d->soc);
}

static const struct reg regs[] = {
    {.name = "CR1", .offset = CR1, .reset = 0xF000C000, .writable = 0x0FFFD3F1},
    {.name = "CSR1", .offset = CSR1, .reset = 0x00004000},
    {.name = "CR2", .offset = CR2, .writable = 0x00000011, .write = write_cr2},
    {.name = "CR3", .offset = CR3, .reset = 0x06, .writable = 0x0300033F, .write = write_cr3},
    {.name = "CPUCR", .offset = CPUCR, .writable = 0x00000805, .write = write_cpucr},
    {.name = "SRDCR", .offset = SRDCR, .reset = 0x4000, .writable = 0xC000, .write = write_srdcr},
    {.name = "WKUPCR", .offset = 0x20, .write = write_wkupcr},
    {.name = "WKUPFR", .offset = WKUPFR},
    {.name = "WKUPEPR", .offset = WKUPEPR, .writable = 0x0FFF3F3F, .write = write_wkupepr},
};

/* A system reset: voltage scale back to its reset value, supply and backup regulator as they are.
 */
static void reset(struct device *d)
{
    struct pwr *p = pwr_of(d);

    *word(d->soc, CR2) = p->cr2;
    *word(d->soc, CR3) = p->cr3;
    *word(d->soc, CPUCR) = p->sbf;
    *word(d->soc, WKUPFR) = p->wkupfr;
    *word(d->soc, WKUPEPR) = p->wkupepr;
    p->warned = false;
    sched_at(d->soc->sched, &p->vos, sched_now(d->soc->sched) + TIME_VOS_STEP);
    rules_check(d->soc);
}

void pwr_power_on(struct soc *soc)
{
    struct pwr *p = pwr_of(soc->pwr);

    p->configured = p->valid = false;
    p->cr2 = 0;
    p->cr3 = 0x06;
    p->sbf = p->wkupfr = p->wkupepr = 0;
    sched_cancel(soc->sched, &p->supply);
    sched_cancel(soc->sched, &p->backup);
    sched_cancel(soc->sched, &p->usb);
}

enum soc_power pwr_deep_sleep(const struct soc *soc)
{
    uint32_t cpucr = *word(soc, CPUCR);

    if (cpucr & CPUCR_RUN_SRD)
        return SOC_RUNS; /* the core's domain stops alone, and the system clock goes on */
    return cpucr & CPUCR_PDDS_SRD ? SOC_STANDBY : SOC_STOPPED;
}

bool pwr_backup_regulator(const struct soc *soc)
{
    return *word(soc, CR2) & CR2_BREN;
}

void pwr_standby_entered(struct soc *soc)
{
    pwr_of(soc->pwr)->sbf = CPUCR_SBF;
}

void pwr_stop_exit(struct soc *soc)
{
    *word(soc, CPUCR) |= CPUCR_STOPF;
}

int pwr_create(struct soc *soc)
{
    struct pwr *p = calloc(1, sizeof *p);

    if (!p)
        return -1;
    p->d.name = "PWR";
    p->d.base = 0x58024800;
    p->d.size = 0x400;
    p->d.regs = regs;
    p->d.reg_count = sizeof regs / sizeof regs[0];
    p->d.reset = reset;
    p->supply = (struct sched_event){.fn = supply_valid, .ctx = p};
    p->vos = (struct sched_event){.fn = vos_reached, .ctx = p};
    p->backup = (struct sched_event){.fn = backup_ready, .ctx = p};
    p->usb = (struct sched_event){.fn = usb_ready, .ctx = p};
    if (device_init(&p->d, soc) < 0) {
        free(p);
        return -1;
    }
    soc->pwr = &p->d;
    return 0;
}
