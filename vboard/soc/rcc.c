/*
 * RCC: oscillators and PLLs with their ready flags, clock switches, bus clock gates, peripheral
 * resets, backup domain control, reset flags. What frequency results is clocks.c's business.
 *
 * RM0455 chapter 8; register layout as in the CMSIS header stm32h7a3xx.h.
 */
#include <stdlib.h>

#include "devices.h"
#include "timing.h"

enum {
    CR = 0x00,
    CFGR = 0x10,
    PLLCKSELR = 0x28,
    PLLCFGR = 0x2C,
    PLL1DIVR = 0x30,
    CIER = 0x60,
    CIFR = 0x64,
    BDCR = 0x70,
    CSR = 0x74,
    RSR = 0x130,
};

#define CR_HSION   (1u << 0)
#define CR_HSIDIVF (1u << 5)
#define CR_CSION   (1u << 7)
#define CR_HSI48ON (1u << 12)
#define CR_HSEON   (1u << 16)
#define CR_HSEBYP  (1u << 18)
#define CR_CSSON   (1u << 19)
#define CR_PLL1ON  (1u << 24)
#define CR_PLLS_ON (1u << 24 | 1u << 26 | 1u << 28)

#define BDCR_LSEON  (1u << 0)
#define BDCR_LSEBYP (1u << 2)
#define BDCR_RTCSEL (3u << 8)
#define BDCR_VSWRST (1u << 16)

#define RSR_RMVF     (1u << 16)
#define RSR_CDRSTF   (1u << 19)
#define RSR_BORRSTF  (1u << 21)
#define RSR_PINRSTF  (1u << 22)
#define RSR_PORRSTF  (1u << 23)
#define RSR_SFTRSTF  (1u << 24)
#define RSR_IWDGRSTF (1u << 26)
#define RSR_WWDGRSTF (1u << 28)
#define RSR_LPWRRSTF (1u << 30)

/* An oscillator: its enable and ready bits, and its interrupt's number in CIER, CIFR and CICR. */
struct oscillator {
    uint16_t reg;
    uint8_t on, rdy, interrupt;
};

static const struct oscillator oscillators[OSC_COUNT] = {
    [OSC_HSI] = {CR, 0, 2, 2},    [OSC_CSI] = {CR, 7, 8, 4},    [OSC_HSI48] = {CR, 12, 13, 5},
    [OSC_HSE] = {CR, 16, 17, 3},  [OSC_LSE] = {BDCR, 0, 1, 1},  [OSC_LSI] = {CSR, 0, 1, 0},
    [OSC_PLL1] = {CR, 24, 25, 6}, [OSC_PLL2] = {CR, 26, 27, 7}, [OSC_PLL3] = {CR, 28, 29, 8},
};

enum { RSTR_COUNT = 9 };

struct rcc;

struct start {
    struct rcc *rcc;
    enum rcc_oscillator osc;
    struct sched_event event;
};

struct rcc {
    struct device d;
    struct start start[OSC_COUNT];
    uint32_t rstr[RSTR_COUNT]; /* as they were, to see bits rise */
    uint32_t bdcr, rsr;        /* survive system resets */
    bool lsi_forced;           /* by IWDG1 */
    bool evaluating;
};

static struct rcc *rcc_of(struct device *d)
{
    return (struct rcc *)d;
}

static uint32_t *word(const struct soc *soc, uint32_t offset)
{
    return device_reg(soc->rcc, offset);
}

static bool is_on(const struct soc *soc, enum rcc_oscillator osc)
{
    if (osc == OSC_LSI && rcc_of(soc->rcc)->lsi_forced)
        return true;
    return *word(soc, oscillators[osc].reg) >> oscillators[osc].on & 1;
}

bool rcc_ready(const struct soc *soc, enum rcc_oscillator osc)
{
    return *word(soc, oscillators[osc].reg) >> oscillators[osc].rdy & 1;
}

static void set_ready(struct soc *soc, enum rcc_oscillator osc, bool ready)
{
    uint32_t bit = 1u << oscillators[osc].rdy;
    uint32_t *reg = word(soc, oscillators[osc].reg);

    *reg = ready ? *reg | bit : *reg & ~bit;
    if (osc == OSC_LSE)
        rcc_of(soc->rcc)->bdcr = *reg;
}

static void update_irq(struct soc *soc)
{
    soc_irq(soc, IRQ_RCC, *word(soc, CIER) & *word(soc, CIFR) & 0x3FF);
}

/* The oscillator that feeds the PLLs, OSC_COUNT if none. */
static enum rcc_oscillator pll_source(const struct soc *soc)
{
    static const enum rcc_oscillator source[4] = {OSC_HSI, OSC_CSI, OSC_HSE, OSC_COUNT};

    return source[*word(soc, PLLCKSELR) & 3];
}

/* What an oscillator that is switched on needs before it can start. */
static bool can_start(const struct soc *soc, enum rcc_oscillator osc)
{
    enum rcc_oscillator source;

    switch (osc) {
    case OSC_HSE:
        return soc->config.hse_hz;
    case OSC_LSE:
        return soc->config.lse_hz;
    case OSC_PLL1:
    case OSC_PLL2:
    case OSC_PLL3:
        source = pll_source(soc);
        return source != OSC_COUNT && rcc_ready(soc, source) &&
               (*word(soc, PLLCKSELR) >> (4 + 8 * (osc - OSC_PLL1)) & 0x3F);
    default:
        return true;
    }
}

static vtime start_time(const struct soc *soc, enum rcc_oscillator osc)
{
    switch (osc) {
    case OSC_HSI:
        return TIME_HSI_START;
    case OSC_CSI:
        return TIME_CSI_START;
    case OSC_HSI48:
        return TIME_HSI48_START;
    case OSC_HSE:
        return *word(soc, CR) & CR_HSEBYP ? TIME_HSE_BYPASS : TIME_HSE_START;
    case OSC_LSE:
        return *word(soc, BDCR) & BDCR_LSEBYP ? TIME_LSE_BYPASS : TIME_LSE_START;
    case OSC_LSI:
        return TIME_LSI_START;
    default:
        return TIME_PLL_LOCK;
    }
}

/* The system clock's switch follows SW as soon as the wanted clock runs. */
static void follow_switch(struct soc *soc)
{
    static const enum rcc_oscillator source[4] = {OSC_HSI, OSC_CSI, OSC_HSE, OSC_PLL1};
    uint32_t *cfgr = word(soc, CFGR);
    uint32_t sw = *cfgr & 7;

    if (sw < 4 && rcc_ready(soc, source[sw]))
        *cfgr = (*cfgr & ~(7u << 3)) | sw << 3;
}

/* The hardware keeps the clocks on that feed the system clock (RM0455: HSION, CSION, HSEON, PLL1ON
   "cannot be cleared if ... used directly or indirectly as system clock"). */
static void hold_system_clock(struct soc *soc)
{
    uint32_t *cr = word(soc, CR);
    uint32_t sws = *word(soc, CFGR) >> 3 & 7;
    uint32_t needed = 0;

    if (sws == 3) {
        static const uint32_t on[4] = {CR_HSION, CR_CSION, CR_HSEON, 0};

        needed = CR_PLL1ON | on[*word(soc, PLLCKSELR) & 3];
    } else {
        static const uint32_t on[3] = {CR_HSION, CR_CSION, CR_HSEON};

        needed = on[sws];
    }
    if ((*cr & needed) != needed) {
        complain(soc->complaints, GUEST_ERROR, "system-clock-off",
                 "RCC_CR: cleared 0x%08x of a clock that drives the system clock; ignored",
                 (unsigned)(needed & ~*cr));
        *cr |= needed;
    }
}

#define PLL_NEVER_LOCKS (100000 * VTIME_S)

/* False: the PLL will not lock. */
static bool check_pll(struct soc *soc, enum rcc_oscillator osc)
{
    unsigned n = osc - OSC_PLL1;
    enum rcc_oscillator source = pll_source(soc);
    uint64_t hz = source == OSC_HSI   ? 64000000u >> (*word(soc, CR) >> 3 & 3)
                  : source == OSC_HSE ? soc->config.hse_hz
                                      : 4000000u;
    uint64_t m = *word(soc, PLLCKSELR) >> (4 + 8 * n) & 0x3F;

    return !m ||
           rules_check_pll(soc, n, hz / m, hz * ((*word(soc, PLL1DIVR + 8 * n) & 0x1FF) + 1) / m);
}

/* Brings ready flags, pending starts and the clock tree in line with the registers. */
static void evaluate(struct soc *soc)
{
    struct rcc *rcc = rcc_of(soc->rcc);

    if (rcc->evaluating)
        return;
    rcc->evaluating = true;
    for (unsigned osc = 0; osc < OSC_COUNT; osc++) {
        struct start *s = &rcc->start[osc];
        bool wanted = is_on(soc, osc) && can_start(soc, osc);

        if (!wanted) {
            sched_cancel(soc->sched, &s->event);
            if (rcc_ready(soc, osc))
                set_ready(soc, osc, false);
        } else if (!rcc_ready(soc, osc) && !sched_pending(&s->event)) {
            bool locks = osc < OSC_PLL1 || check_pll(soc, osc);

            sched_at(soc->sched, &s->event,
                     sched_now(soc->sched) + (locks ? start_time(soc, osc) : PLL_NEVER_LOCKS));
        }
    }
    follow_switch(soc);
    rcc->evaluating = false;
    soc_clocks_update(soc);
}

void rcc_force_lsi(struct soc *soc)
{
    rcc_of(soc->rcc)->lsi_forced = true;
    evaluate(soc);
}

static void started(void *ctx, vtime at)
{
    struct start *s = ctx;
    struct soc *soc = s->rcc->d.soc;
    uint32_t bit = 1u << oscillators[s->osc].interrupt;

    (void)at;
    set_ready(soc, s->osc, true);
    if (*word(soc, CIER) & bit)
        *word(soc, CIFR) |= bit;
    update_irq(soc);
    evaluate(soc);
    if (s->osc == OSC_CSI)
        syscfg_clock_ready(soc);
}

static void write_cr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    uint32_t *cr = word(d->soc, CR);

    (void)i;
    (void)value;
    *cr |= CR_HSIDIVF | (old & CR_CSSON); /* HSECSSON: set only (RM0455) */
    if ((*cr ^ old) & CR_HSEBYP && old & CR_HSEON) {
        complain(d->soc->complaints, GUEST_ERROR, "hsebyp-while-on",
                 "RCC_CR: HSEBYP written while HSEON = 1; ignored");
        *cr ^= CR_HSEBYP;
    }
    hold_system_clock(d->soc);
    evaluate(d->soc);
    if (!((*cr | ~old) & CR_CSION))
        syscfg_clock_ready(d->soc);
}

/* Puts bits back that RM0455 lets software write only while a PLL is off. */
static void keep_while_on(struct soc *soc, uint32_t offset, uint32_t old, uint32_t mask,
                          const char *what)
{
    uint32_t *reg = word(soc, offset);

    if (!((*reg ^ old) & mask))
        return;
    complain(soc->complaints, GUEST_ERROR, "pll-write-while-on",
             "RCC %s changed from 0x%08x to 0x%08x while its PLL is on; ignored", what,
             (unsigned)(old & mask), (unsigned)(*reg & mask));
    *reg = (*reg & ~mask) | (old & mask);
}

static void write_pllckselr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    uint32_t cr = *word(d->soc, CR);

    (void)i;
    (void)value;
    if (cr & CR_PLLS_ON)
        keep_while_on(d->soc, PLLCKSELR, old, 3, "PLLCKSELR.PLLSRC");
    for (unsigned n = 0; n < 3; n++) {
        if (cr >> (24 + 2 * n) & 1)
            keep_while_on(d->soc, PLLCKSELR, old, 0x3Fu << (4 + 8 * n), "PLLCKSELR.DIVM");
    }
    evaluate(d->soc);
}

static void write_pllcfgr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    uint32_t cr = *word(d->soc, CR);

    (void)i;
    (void)value;
    for (unsigned n = 0; n < 3; n++) {
        if (cr >> (24 + 2 * n) & 1)
            keep_while_on(d->soc, PLLCFGR, old, 0xEu << (4 * n), "PLLCFGR.RGE/VCOSEL");
    }
    soc_clocks_update(d->soc);
}

static void write_plldivr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)value;
    if (*word(d->soc, CR) >> (24 + 2 * i) & 1)
        keep_while_on(d->soc, PLL1DIVR + 8 * i, old, 0x1FF, "PLLxDIVR.DIVN");
    soc_clocks_update(d->soc);
}

static void write_cfgr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    evaluate(d->soc);
}

static void write_prescaler(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    soc_clocks_update(d->soc);
}

static void write_cier(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    update_irq(d->soc);
}

static void write_cicr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    *word(d->soc, CIFR) &= ~value;
    update_irq(d->soc);
}

static void write_bdcr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rcc *rcc = rcc_of(d);
    uint32_t *bdcr = word(d->soc, BDCR);

    (void)i;
    (void)value;
    if (!pwr_backup_writable(d->soc)) {
        complain(d->soc->complaints, GUEST_ERROR, "backup-protected",
                 "RCC_BDCR written while PWR_CR1.DBP = 0; ignored");
        *bdcr = old;
        return;
    }
    if (*bdcr & BDCR_VSWRST) {
        /* The domain is held in reset, all of it but this bit. */
        *bdcr = BDCR_VSWRST;
        if (!(old & BDCR_VSWRST))
            rtc_backup_reset(d->soc);
    } else if (old & BDCR_RTCSEL && (*bdcr ^ old) & BDCR_RTCSEL) {
        complain(d->soc->complaints, GUEST_ERROR, "rtcsel-twice",
                 "RCC_BDCR.RTCSEL changed from %u to %u without a backup domain reset; ignored",
                 (unsigned)(old >> 8 & 3), (unsigned)(*bdcr >> 8 & 3));
        *bdcr = (*bdcr & ~BDCR_RTCSEL) | (old & BDCR_RTCSEL);
    }
    rcc->bdcr = *bdcr;
    evaluate(d->soc);
}

static void write_csr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    evaluate(d->soc);
}

static void write_rsr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)old;
    if (value & RSR_RMVF)
        rcc_of(d)->rsr = *word(d->soc, RSR) = 0;
}

static const uint16_t rstr_offset[RSTR_COUNT] = {
    RCC_AHB3RSTR,  RCC_AHB1RSTR,  RCC_AHB2RSTR, RCC_AHB4RSTR, RCC_APB3RSTR,
    RCC_APB1LRSTR, RCC_APB1HRSTR, RCC_APB2RSTR, RCC_APB4RSTR,
};

/* Resets every peripheral whose bit has just risen in one of the xxxRSTR registers. */
static void write_rstr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    struct rcc *rcc = rcc_of(d);

    (void)i;
    (void)value;
    (void)old;
    for (unsigned n = 0; n < RSTR_COUNT; n++) {
        uint32_t now = *word(d->soc, rstr_offset[n]);
        uint32_t risen = now & ~rcc->rstr[n];

        rcc->rstr[n] = now;
        for (struct device *x = d->soc->devices; x && risen; x = x->next) {
            if (x->gate.rstr == rstr_offset[n] && risen >> x->gate.bit & 1)
                device_reset(x);
        }
    }
}

static void write_enr(struct device *d, unsigned i, uint32_t value, uint32_t old)
{
    (void)i;
    (void)value;
    (void)old;
    memory_gates_changed(d->soc);
}

#define PLAIN(n, o, r, w)                                                                          \
    {                                                                                              \
        .name = (n), .offset = (o), .reset = (r), .writable = (w)                                  \
    }
#define CLOCK(n, o, w)                                                                             \
    {                                                                                              \
        .name = (n), .offset = (o), .writable = (w), .write = write_prescaler                      \
    }
#define RESETS(n, o, w)                                                                            \
    {                                                                                              \
        .name = (n), .offset = (o), .writable = (w), .write = write_rstr                           \
    }
#define ENABLE(n, o, r, w)                                                                         \
    {                                                                                              \
        .name = (n), .offset = (o), .reset = (r), .writable = (w), .write = write_enr              \
    }

static const struct reg regs[] = {
    {.name = "CR", .offset = CR, .reset = 0x00000025, .writable = 0x151D129B, .write = write_cr},
    PLAIN("HSICFGR", 0x004, 0x40000000, 0x7F000000),
    PLAIN("CRRCR", 0x008, 0, 0),
    PLAIN("CSICFGR", 0x00C, 0x20000000, 0x3F000000),
    {.name = "CFGR", .offset = CFGR, .writable = 0xFFFCBFC7, .write = write_cfgr},
    CLOCK("CDCFGR1", 0x018, 0x00000F7F),
    CLOCK("CDCFGR2", 0x01C, 0x00000770),
    CLOCK("SRDCFGR", 0x020, 0x00000070),
    {.name = "PLLCKSELR",
     .offset = PLLCKSELR,
     .reset = 0x02020200,
     .writable = 0x03F3F3F3,
     .write = write_pllckselr},
    {.name = "PLLCFGR",
     .offset = PLLCFGR,
     .reset = 0x01FF0000,
     .writable = 0x01FF0FFF,
     .write = write_pllcfgr},
    {.name = "PLLxDIVR",
     .offset = PLL1DIVR,
     .reset = 0x01010280,
     .writable = 0x7F7FFFFF,
     .count = 3,
     .stride = 8,
     .write = write_plldivr},
    {.name = "PLLxFRACR",
     .offset = 0x034,
     .writable = 0x0000FFF8,
     .count = 3,
     .stride = 8,
     .write = write_prescaler},
    CLOCK("CDCCIPR", 0x04C, 0x30010033),
    CLOCK("CDCCIP1R", 0x050, 0xB1377FC7),
    CLOCK("CDCCIP2R", 0x054, 0x70F0333F),
    CLOCK("SRDCCIPR", 0x058, 0x7803FF07),
    {.name = "CIER", .offset = CIER, .writable = 0x3FF, .write = write_cier},
    PLAIN("CIFR", CIFR, 0, 0),
    {.name = "CICR", .offset = 0x068, .write = write_cicr},
    {.name = "BDCR", .offset = BDCR, .writable = 0x000183BD, .write = write_bdcr},
    {.name = "CSR", .offset = CSR, .writable = 1, .write = write_csr},
    RESETS("AHB3RSTR", RCC_AHB3RSTR, 0x01E95031),
    RESETS("AHB1RSTR", RCC_AHB1RSTR, 0x02000223),
    RESETS("AHB2RSTR", RCC_AHB2RSTR, 0x00000A75),
    RESETS("AHB4RSTR", RCC_AHB4RSTR, 0x002007FF),
    RESETS("APB3RSTR", RCC_APB3RSTR, 0x00000008),
    RESETS("APB1LRSTR", RCC_APB1LRSTR, 0xE8FFC3FF),
    RESETS("APB1HRSTR", RCC_APB1HRSTR, 0x00000136),
    RESETS("APB2RSTR", RCC_APB2RSTR, 0x40D730F3),
    RESETS("APB4RSTR", RCC_APB4RSTR, 0x0C00E6AA),
    PLAIN("GCR", 0x0A0, 0, 0x00000001),
    PLAIN("SRDAMR", 0x0A8, 0, 0x3C01E6AB),
    PLAIN("CKGAENR", 0x0B0, 0, 0xE003FFFF),
    {.name = "RSR", .offset = RSR, .reset = 0x00E80000, .write = write_rsr},
    ENABLE("AHB3ENR", RCC_AHB3ENR, 0, 0xF1E95031),
    ENABLE("AHB1ENR", RCC_AHB1ENR, 0, 0x06000223),
    ENABLE("AHB2ENR", RCC_AHB2ENR, 0, 0x60000A75),
    ENABLE("AHB4ENR", RCC_AHB4ENR, 0, 0x302007FF),
    PLAIN("APB3ENR", RCC_APB3ENR, 0, 0x00000048),
    PLAIN("APB1LENR", RCC_APB1LENR, 0, 0xE8FFC3FF),
    PLAIN("APB1HENR", RCC_APB1HENR, 0, 0x00000136),
    PLAIN("APB2ENR", RCC_APB2ENR, 0, 0x40D730F3),
    PLAIN("APB4ENR", RCC_APB4ENR, 0x00010000, 0x0C01E6AA),
    /* Sleep-mode enables: all set at reset, the layout of the registers above (FLITFLPEN is bit 8
     of   AHB3LPENR, which has no enable outside sleep). */
    PLAIN("AHB3LPENR", 0x15C, 0xF1E95131, 0xF1E95131),
    PLAIN("AHB1LPENR", 0x160, 0x06000223, 0x06000223),
    PLAIN("AHB2LPENR", 0x164, 0x60000A75, 0x60000A75),
    PLAIN("AHB4LPENR", 0x168, 0x302007FF, 0x302007FF),
    PLAIN("APB3LPENR", 0x16C, 0x00000048, 0x00000048),
    PLAIN("APB1LLPENR", 0x170, 0xE8FFC3FF, 0xE8FFC3FF),
    PLAIN("APB1HLPENR", 0x174, 0x00000136, 0x00000136),
    PLAIN("APB2LPENR", 0x178, 0x40D730F3, 0x40D730F3),
    PLAIN("APB4LPENR", 0x17C, 0x0C01E6AA, 0x0C01E6AA),
};

/* A system reset leaves the LSE, the backup domain's register and the reset flags as they are. */
static void reset(struct device *d)
{
    struct rcc *rcc = rcc_of(d);

    *word(d->soc, BDCR) = rcc->bdcr;
    *word(d->soc, RSR) = rcc->rsr;
    rcc->lsi_forced = false;
    for (unsigned n = 0; n < RSTR_COUNT; n++)
        rcc->rstr[n] = 0;
    for (unsigned osc = 0; osc < OSC_COUNT; osc++) {
        if (osc != OSC_LSE)
            sched_cancel(d->soc->sched, &rcc->start[osc].event);
    }
    update_irq(d->soc);
    evaluate(d->soc);
}

void rcc_note_reset(struct soc *soc, enum soc_reset_kind kind)
{
    struct rcc *rcc = rcc_of(soc->rcc);
    /* Every reset but the supply's passes through the NRST circuit, so that PINRSTF comes with it.
     */
    static const uint32_t flags[] = {
        [SOC_RESET_POWER_ON] = RSR_CDRSTF | RSR_BORRSTF | RSR_PINRSTF | RSR_PORRSTF,
        [SOC_RESET_BROWN_OUT] = RSR_CDRSTF | RSR_BORRSTF | RSR_PINRSTF,
        [SOC_RESET_PIN] = RSR_PINRSTF,
        [SOC_RESET_SOFTWARE] = RSR_SFTRSTF | RSR_PINRSTF,
        [SOC_RESET_IWDG] = RSR_IWDGRSTF | RSR_PINRSTF,
        [SOC_RESET_WWDG] = RSR_WWDGRSTF | RSR_PINRSTF,
        [SOC_RESET_STANDBY_EXIT] = RSR_CDRSTF,
    };

    if (kind == SOC_RESET_POWER_ON) {
        rcc->rsr = 0;
        rcc->bdcr = 0;
        sched_cancel(soc->sched, &rcc->start[OSC_LSE].event);
    }
    rcc->rsr |= flags[kind];
}

void rcc_stop_exit(struct soc *soc)
{
    uint32_t *cr = word(soc, CR), *cfgr = word(soc, CFGR);
    bool csi = *cfgr >> 6 & 1; /* STOPWUCK */

    *cr = (*cr & ~(CR_HSEON | CR_HSI48ON | CR_PLLS_ON)) |
          (csi ? CR_CSION | 1u << 8 : CR_HSION | 1u << 2);
    *cfgr = (*cfgr & ~0x3Fu) | (csi ? 1u | 1u << 3 : 0);
    evaluate(soc);
}

int rcc_create(struct soc *soc)
{
    struct rcc *rcc = calloc(1, sizeof *rcc);

    if (!rcc)
        return -1;
    rcc->d.name = "RCC";
    rcc->d.base = 0x58024400;
    rcc->d.size = 0x400;
    rcc->d.regs = regs;
    rcc->d.reg_count = sizeof regs / sizeof regs[0];
    rcc->d.reset = reset;
    for (unsigned osc = 0; osc < OSC_COUNT; osc++) {
        rcc->start[osc].rcc = rcc;
        rcc->start[osc].osc = osc;
        rcc->start[osc].event.fn = started;
        rcc->start[osc].event.ctx = &rcc->start[osc];
    }
    soc->rcc = &rcc->d;
    if (device_init(&rcc->d, soc) == 0)
        return 0;
    soc->rcc = NULL;
    free(rcc);
    return -1;
}
