/*
 * The system control block and the decoding of the private peripheral bus. ARMv7-M ARM DDI0403E
 * B3.2 (SCB), C1.6 (debug registers in the SCS); DDI0489F for the registers and values of the
 * Cortex-M7.
 */
#include "sys_int.h"

#define CCR_WRITABLE                                                                               \
    (CCR_NONBASETHRDENA | CCR_USERSETMPEND | CCR_UNALIGN_TRP | CCR_DIV_0_TRP | CCR_BFHFNMIGN |     \
     CCR_DC | CCR_IC)

#define CFSR_BITS  0x030FBFBBu
#define DFSR_BITS  0x1Fu
#define HFSR_BITS  (HFSR_VECTTBL | HFSR_FORCED | HFSR_DEBUGEVT)
#define FPCCR_BITS 0xC000017Bu
/* DEMCR: TRCENA, MON_REQ, MON_STEP, MON_PEND, MON_EN and the vector catch bits. */
#define DEMCR_BITS 0x010F07F1u

/* Registers that only ever read as one value: DDI0489F (CPU feature registers, identification). */
static const struct {
    uint16_t offset;
    uint32_t value;
} constants[] = {
    {0xD40, 0x00000030}, /* ID_PFR0 */
    {0xD44, 0x00000200}, /* ID_PFR1 */
    {0xD48, 0x00100000}, /* ID_DFR0 */
    {0xD50, 0x00100030}, /* ID_MMFR0 */
    {0xD58, 0x01000000}, /* ID_MMFR2 */
    {0xD60, 0x01101110}, /* ID_ISAR0 */
    {0xD64, 0x02112000}, /* ID_ISAR1 */
    {0xD68, 0x20232231}, /* ID_ISAR2 */
    {0xD6C, 0x01111131}, /* ID_ISAR3 */
    {0xD70, 0x01310132}, /* ID_ISAR4 */
    {0xD78, 0x09000003}, /* CLIDR */
    {0xD7C, 0x8303C003}, /* CTR */
    {0xF40, 0x10110221}, /* MVFR0 */
    {0xF44, 0x12000011}, /* MVFR1 */
    {0xF48, 0x00000040}, /* MVFR2 */
    {0xFD0, 0x00000004}, /* PIDR4 */
    {0xFE0, 0x0000000C}, /* PIDR0 */
    {0xFE4, 0x000000B0}, /* PIDR1 */
    {0xFE8, 0x0000000B}, /* PIDR2 */
    {0xFF0, 0x0000000D}, /* CIDR0 */
    {0xFF4, 0x000000E0}, /* CIDR1 */
    {0xFF8, 0x00000005}, /* CIDR2 */
    {0xFFC, 0x000000B1}, /* CIDR3 */
};

/* SHCSR's active and pending bits, B3.2.13. */
static const struct {
    uint8_t bit;
    uint8_t exception;
    bool pending;
} handlers[] = {
    {0, EXC_MEM_MANAGE, false}, {1, EXC_BUS_FAULT, false},     {3, EXC_USAGE_FAULT, false},
    {7, EXC_SVCALL, false},     {8, EXC_DEBUG_MONITOR, false}, {10, EXC_PENDSV, false},
    {11, EXC_SYSTICK, false},   {12, EXC_USAGE_FAULT, true},   {13, EXC_MEM_MANAGE, true},
    {14, EXC_BUS_FAULT, true},  {15, EXC_SVCALL, true},
};

static uint32_t read_shcsr(const struct sys *s)
{
    uint32_t value = (s->enabled[0] >> EXC_MEM_MANAGE & 7) << 16;

    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
        const uint32_t *set = handlers[i].pending ? s->pending : s->active;
        value |= (uint32_t)bit_get(set, handlers[i].exception) << handlers[i].bit;
    }
    return value;
}

static void write_shcsr(struct cpu *c, uint32_t value)
{
    struct sys *s = &c->sys;

    for (uint32_t i = 0; i < 3; i++)
        nvic_set_enabled(c, EXC_MEM_MANAGE + i, value >> (16 + i) & 1);
    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
        uint32_t n = handlers[i].exception;
        bool on = value >> handlers[i].bit & 1;
        if (!handlers[i].pending) {
            if (on != bit_get(s->active, n))
                nvic_set_active(c, n, on);
        } else if (on) {
            nvic_set_pending(c, n);
        } else {
            nvic_clear_pending(c, n);
        }
    }
}

static void write_icsr(struct cpu *c, uint32_t value)
{
    if (value & 1u << 31)
        nvic_set_pending(c, EXC_NMI);
    if (value & 1u << 28)
        nvic_set_pending(c, EXC_PENDSV);
    else if (value & 1u << 27)
        nvic_clear_pending(c, EXC_PENDSV);
    if (value & 1u << 26)
        nvic_set_pending(c, EXC_SYSTICK);
    else if (value & 1u << 25)
        nvic_clear_pending(c, EXC_SYSTICK);
}

static void write_aircr(struct cpu *c, uint32_t value)
{
    struct sys *s = &c->sys;

    if (value >> 16 != 0x05FA) {
        cpu_remark(c, c->r[15], "AIRCR written without its key");
        return;
    }
    nvic_set_prigroup(c, value >> 8 & 7);
    if (value & 1u << 0)
        cpu_remark(c, c->r[15], "AIRCR.VECTRESET is UNPREDICTABLE unless halted (ignored)");
    if (value & 1u << 1) {
        cpu_remark(c, c->r[15], "AIRCR.VECTCLRACTIVE is UNPREDICTABLE unless halted");
        memset(s->active, 0, sizeof s->active);
        s->exception = 0;
        nvic_masks_changed(c);
        exception_mode_changed(c);
    }
    if ((value & 1u << 2) && c->config.on_reset_request)
        c->config.on_reset_request(c->config.ctx);
}

static void write_ccr(struct cpu *c, uint32_t value)
{
    struct sys *s = &c->sys;
    uint32_t old = s->ccr;

    s->ccr = (value & CCR_WRITABLE) | CCR_FIXED;
    c->unalign_trap = (s->ccr & CCR_UNALIGN_TRP) != 0;
    c->div0_trap = (s->ccr & CCR_DIV_0_TRP) != 0;
    if ((s->ccr ^ old) & CCR_DC)
        mem_dcache_enable(c, s->ccr & CCR_DC);
    if ((s->ccr ^ old) & CCR_IC)
        blocks_cool_all(c);
    if ((s->ccr ^ old) & (CCR_DC | CCR_IC))
        cpu_memory_changed(c);
}

static void write_demcr(struct cpu *c, uint32_t value)
{
    struct sys *s = &c->sys;

    value &= DEMCR_BITS;
    trace_enable_changed(c, value);
    s->demcr = value;
    nvic_set_enabled(c, EXC_DEBUG_MONITOR, value & DEMCR_MON_EN);
    if (value & DEMCR_MON_PEND)
        nvic_set_pending(c, EXC_DEBUG_MONITOR);
    else
        nvic_clear_pending(c, EXC_DEBUG_MONITOR);
}

static uint32_t read_dhcsr(struct cpu *c, bool peek)
{
    struct sys *s = &c->sys;
    uint32_t value = DHCSR_S_REGRDY | DHCSR_S_RETIRE_ST | s->dhcsr_sticky;

    if (c->sleeping)
        value |= DHCSR_S_SLEEP;
    if (s->lockup)
        value |= DHCSR_S_LOCKUP;
    if (!peek)
        s->dhcsr_sticky = 0;
    return value;
}

/* Size of the cache that CSSELR selects: 16 KB each, 4-way data, 2-way instruction (DDI0489F,
 * CCSIDR). */
static uint32_t read_ccsidr(const struct sys *s)
{
    switch (s->csselr) {
    case 0:
        return 0xF00FE019u;
    case 1:
        return 0xF01FE009u;
    default:
        return 0;
    }
}

static uint32_t scs_read(struct cpu *c, uint32_t offset, bool peek)
{
    const struct sys *s = &c->sys;

    if (offset >= 0x100 && offset < 0x5F0)
        return nvic_read(c, offset);
    if (offset >= 0xD90 && offset <= 0xDB8)
        return mpu_read(c, offset);
    switch (offset) {
    case 0x004: /* ICTR */
        return (c->config.irq_count - 1) / 32;
    case 0x008:
        return s->actlr;
    case 0x010:
    case 0x014:
    case 0x018:
    case 0x01C:
        return systick_read(c, offset, peek);
    case 0xD00:
        return c->config.cpuid;
    case 0xD04:
        return nvic_icsr(c);
    case 0xD08:
        return s->vtor;
    case 0xD0C: /* VECTKEYSTAT, little-endian */
        return 0xFA050000u | s->prigroup << 8;
    case 0xD10:
        return s->scr;
    case 0xD14:
        return s->ccr;
    case 0xD18:
    case 0xD1C:
    case 0xD20:
        return nvic_read_shpr(s, (offset - 0xD18) / 4);
    case 0xD24:
        return read_shcsr(s);
    case 0xD28:
        return s->cfsr;
    case 0xD2C:
        return s->hfsr;
    case 0xD30:
        return s->dfsr;
    case 0xD34:
        return s->mmfar;
    case 0xD38:
        return s->bfar;
    case 0xD80:
        return read_ccsidr(s);
    case 0xD84:
        return s->csselr;
    case 0xD88:
        return s->cpacr;
    case 0xDF0:
        return read_dhcsr(c, peek);
    case 0xDF8:
        return s->dcrdr;
    case 0xDFC:
        return (s->demcr & ~(uint32_t)DEMCR_MON_PEND) |
               (bit_get(s->pending, EXC_DEBUG_MONITOR) ? DEMCR_MON_PEND : 0u);
    case 0xF34:
        return s->fpccr;
    case 0xF38:
        return s->fpcar;
    case 0xF3C:
        return s->fpdscr;
    case 0xF90:
        return s->itcmcr;
    case 0xF94:
        return s->dtcmcr;
    case 0xF98:
        return s->ahbpcr;
    case 0xF9C:
        return s->cacr;
    case 0xFA0:
        return s->ahbscr;
    case 0xFA8:
        return s->abfsr;
    default:
        for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
            if (constants[i].offset == offset)
                return constants[i].value;
        }
        return 0; /* B3.2.2: reserved registers are UNK/SBZP */
    }
}

static void put(uint32_t *reg, uint32_t value, uint32_t writable)
{
    *reg = (*reg & ~writable) | (value & writable);
}

/* mask: the byte lanes that the access writes. */
static void scs_write(struct cpu *c, uint32_t offset, uint32_t value, uint32_t mask)
{
    struct sys *s = &c->sys;

    if (offset >= 0x100 && offset < 0x5F0) {
        nvic_write(c, offset, value, mask);
        return;
    }
    if (offset >= 0xD90 && offset <= 0xDB8) {
        mpu_write(c, offset, value);
        return;
    }
    if (offset >= 0xF50 && offset <= 0xF78) {
        mem_cache_maintenance(c, offset, value);
        return;
    }
    switch (offset) {
    case 0x008:
        put(&s->actlr, value, 0x1FFFFC04u);
        break;
    case 0x010:
    case 0x014:
    case 0x018:
        systick_write(c, offset, value);
        break;
    case 0xD04:
        write_icsr(c, value);
        break;
    case 0xD08:
        s->vtor = value & ~0x7Fu;
        break;
    case 0xD0C:
        write_aircr(c, value);
        break;
    case 0xD10:
        put(&s->scr, value, SCR_SLEEPONEXIT | SCR_SLEEPDEEP | SCR_SEVONPEND);
        break;
    case 0xD14:
        write_ccr(c, value);
        break;
    case 0xD18:
    case 0xD1C:
    case 0xD20:
        nvic_write_shpr(c, (offset - 0xD18) / 4, value, mask);
        break;
    case 0xD24:
        write_shcsr(c, value);
        break;
    case 0xD28: /* write one to clear, the lanes written only */
        s->cfsr &= ~(value & mask & CFSR_BITS);
        break;
    case 0xD2C:
        s->hfsr &= ~(value & HFSR_BITS);
        break;
    case 0xD30:
        s->dfsr &= ~(value & DFSR_BITS);
        break;
    case 0xD34:
        s->mmfar = value;
        break;
    case 0xD38:
        s->bfar = value;
        break;
    case 0xD84:
        s->csselr = value & 0xF;
        break;
    case 0xD88:
        put(&s->cpacr, value, 0x00F00000u);
        exception_fp_changed(c);
        break;
    case 0xDF8:
        s->dcrdr = value;
        break;
    case 0xDFC:
        write_demcr(c, value);
        break;
    case 0xF00: /* STIR */
        nvic_software_trigger(c, value & 0x1FF);
        break;
    case 0xF34:
        put(&s->fpccr, value, FPCCR_BITS);
        exception_fp_changed(c);
        break;
    case 0xF38:
        s->fpcar = value & ~7u;
        break;
    case 0xF3C: /* AHP, DN, FZ, RMode */
        s->fpdscr = value & 0x07C00000u;
        break;
    case 0xF90: /* EN, RMW, RETEN; the size is strapped */
        put(&s->itcmcr, value, 7u);
        break;
    case 0xF94:
        put(&s->dtcmcr, value, 7u);
        break;
    case 0xF98:
        put(&s->ahbpcr, value, 1u);
        break;
    case 0xF9C:
        put(&s->cacr, value, CACR_SIWT | CACR_ECC | CACR_FORCEWT);
        cpu_memory_changed(c);
        break;
    case 0xFA0:
        put(&s->ahbscr, value, 0xFFFFu);
        break;
    case 0xFA8: /* any write clears it */
        s->abfsr = 0;
        break;
    default:
        /* DHCSR's control bits can be written by a debugger only (C1.6.2); the rest is reserved. */
        break;
    }
}

/* ---- private peripheral bus ----------------------------------------------------------------- */

#define SCS_BASE 0xE000E000u
#define ITM_BASE 0xE0000000u

/* Registers that take bytes and half-words: NVIC_IPR, SHPR1..3, CFSR (B3.2.2, B3.4.3); the ITM's
   stimulus ports (C1.7.3). */
static bool narrow_access_allowed(uint32_t addr)
{
    uint32_t offset = addr - SCS_BASE;

    return (offset >= 0x400 && offset < 0x5F0) || (offset >= 0xD18 && offset < 0xD24) ||
           (offset >= 0xD28 && offset < 0xD2C) || (addr >= ITM_BASE && addr < ITM_BASE + 0x400);
}

/* B3.1: the PPB is for privileged code; STIR by CCR.USERSETMPEND, the stimulus ports by ITM_TPR. */
static bool may_access(const struct cpu *c, const struct bus_access *a)
{
    if (a->attr & (BUS_PRIVILEGED | BUS_DEBUG))
        return true;
    if (a->addr == SCS_BASE + 0xF00)
        return a->write && (c->sys.ccr & CCR_USERSETMPEND);
    return a->addr >= ITM_BASE && a->addr < ITM_BASE + 0x1000;
}

enum bus_status sys_ppb(struct cpu *c, struct bus_access *a)
{
    uint32_t word = a->addr & ~3u, shift = (a->addr & 3) * 8;
    uint32_t lanes, value = 0;

    if (!may_access(c, a))
        return BUS_SLVERR;
    if ((a->size != 1 && a->size != 2 && a->size != 4) || (a->addr & (a->size - 1))) {
        if (!(a->attr & BUS_DEBUG))
            cpu_remark(c, c->r[15], "%u bytes at 0x%08x: not an access that the PPB knows",
                       (unsigned)a->size, (unsigned)a->addr);
        return BUS_SLVERR;
    }
    if (a->size != 4 && !narrow_access_allowed(a->addr) && !(a->attr & BUS_DEBUG)) {
        cpu_remark(c, c->r[15], "%u-byte access to the word register 0x%08x", (unsigned)a->size,
                   (unsigned)a->addr);
        return BUS_SLVERR;
    }
    lanes = (a->size == 4 ? 0xFFFFFFFFu : (1u << 8 * a->size) - 1) << shift;

    if (a->write) {
        for (uint32_t i = 0; i < a->size; i++)
            value |= (uint32_t)a->data[i] << (8 * i + shift);
        if (word >> 12 == SCS_BASE >> 12)
            scs_write(c, word - SCS_BASE, value, lanes);
        else if (!trace_write(c, word, value, a->attr))
            return BUS_SLVERR;
        return BUS_OK;
    }
    if (word >> 12 == SCS_BASE >> 12)
        value = scs_read(c, word - SCS_BASE, a->attr & BUS_DEBUG);
    else if (!trace_read(c, word, &value))
        return BUS_SLVERR;
    for (uint32_t i = 0; i < a->size; i++)
        a->data[i] = (uint8_t)(value >> (8 * i + shift));
    return BUS_OK;
}
