/*
 * Reset, special registers, sleep and events. ARMv7-M ARM DDI0403E B1.4, B1.5.17 to B1.5.19, B5.2
 * (MRS, MSR, CPS).
 */
#include <stdio.h>

#include "sys_int.h"

/* ---- life ----------------------------------------------------------------------------------- */

int sys_init(struct cpu *c)
{
    if (c->config.mpu_regions > SYS_MPU_REGIONS)
        return -1;
    memset(&c->sys, 0, sizeof c->sys);
    return 0;
}

void sys_free(struct cpu *c)
{
    (void)c;
}

void sys_reset(struct cpu *c, uint32_t vtor)
{
    struct sys *s = &c->sys;
    uint32_t level[SYS_WORDS];
    bool dcache = s->ccr & CCR_DC;

    memcpy(level, s->level, sizeof level);
    memset(s, 0, sizeof *s);
    memcpy(s->level, level, sizeof level);
    if (dcache)
        mem_dcache_enable(c, false);

    memset(c->r, 0, sizeof c->r);
    c->r[14] = 0xFFFFFFFFu; /* B1.4.2 */
    apsr_set_nzcv(c, 0);
    c->qf = c->ge = c->itstate = 0;
    memset(c->s, 0, sizeof c->s);
    fpu_set_fpscr(c, 0);
    c->sync = (struct sync_exception){0};
    c->exclusive = false;
    c->sleeping = false;
    c->stop_now = false;
    c->unalign_trap = c->div0_trap = 0;

    s->thumb = 1;
    s->vtor = vtor & ~0x7Fu;
    s->ccr = CCR_FIXED;
    s->fpccr = FPCCR_ASPEN | FPCCR_LSPEN;
    s->itcmcr = c->config.itcmcr;
    s->dtcmcr = c->config.dtcmcr;
    s->ahbpcr = c->config.ahbpcr;
    s->ahbscr = 0x00000800u;
    s->dhcsr_sticky = DHCSR_S_RESET_ST;
    mpu_reset(c);
    systick_reset(c);
    trace_reset(c);
    nvic_reset(c);

    c->privileged = 1;
    cpu_privilege_changed(c);
    cpu_memory_changed(c);
    exception_fp_changed(c);

    uint32_t sp = 0, entry = 0;
    if (mem_vector_read(c, s->vtor, &sp) != MEM_OK ||
        mem_vector_read(c, s->vtor + 4, &entry) != MEM_OK) {
        /* B1.5.15: a vector read error on reset is lock-up, at the priority of HardFault. */
        s->hfsr |= HFSR_VECTTBL;
        s->exception = s->fault_exception = EXC_HARD_FAULT;
        s->fault_hfsr = s->hfsr;
        nvic_set_active(c, EXC_HARD_FAULT, true);
        exception_lockup(c);
        return;
    }
    c->r[13] = sp & ~3u;
    c->r[15] = entry & ~1u;
    s->thumb = entry & 1;
    cpu_attend(c);
}

/* ---- a debugger's view of the special registers --------------------------------------------- */

static uint32_t get_sp(const struct cpu *c, uint32_t which)
{
    return c->sys.sp_in_use == which ? c->r[13] : c->sys.sp[which];
}

static void set_sp(struct cpu *c, uint32_t which, uint32_t value)
{
    if (c->sys.sp_in_use == which)
        c->r[13] = value & ~3u;
    else
        c->sys.sp[which] = value & ~3u;
}

uint32_t sys_get(const struct cpu *c, unsigned reg)
{
    const struct sys *s = &c->sys;

    switch (reg) {
    case CPU_XPSR:
        return exception_xpsr(c);
    case CPU_MSP:
        return get_sp(c, 0);
    case CPU_PSP:
        return get_sp(c, 1);
    case CPU_PRIMASK:
        return s->primask;
    case CPU_BASEPRI:
        return s->basepri;
    case CPU_FAULTMASK:
        return s->faultmask;
    case CPU_CONTROL:
        return s->control;
    default:
        return 0;
    }
}

static uint32_t implemented_priority(const struct cpu *c, uint32_t value)
{
    return value & (0xFFu << (8 - c->config.prio_bits)) & 0xFF;
}

static void set_control(struct cpu *c, uint32_t value)
{
    struct sys *s = &c->sys;
    uint32_t writable = CONTROL_NPRIV | CONTROL_FPCA;

    /* SPSEL can be written in Thread mode only (B5.2.3). */
    if (!s->exception)
        writable |= CONTROL_SPSEL;
    s->control = (s->control & ~writable) | (value & writable);
    exception_mode_changed(c);
}

void sys_set(struct cpu *c, unsigned reg, uint32_t value)
{
    struct sys *s = &c->sys;

    switch (reg) {
    case CPU_XPSR:
        /* IPSR is not for a debugger to change: which exceptions are active would not follow. */
        apsr_set_nzcv(c, value);
        c->qf = value >> 27 & 1;
        c->ge = value >> 16 & 15;
        c->itstate = (uint8_t)((value >> 25 & 3) | (value >> 8 & 0xFC));
        s->thumb = value >> 24 & 1;
        cpu_attend(c);
        break;
    case CPU_MSP:
        set_sp(c, 0, value);
        break;
    case CPU_PSP:
        set_sp(c, 1, value);
        break;
    case CPU_PRIMASK:
        s->primask = value & 1;
        nvic_masks_changed(c);
        break;
    case CPU_BASEPRI:
        s->basepri = implemented_priority(c, value);
        nvic_masks_changed(c);
        break;
    case CPU_FAULTMASK:
        s->faultmask = value & 1;
        nvic_masks_changed(c);
        break;
    case CPU_CONTROL:
        set_control(c, value);
        break;
    default:
        break;
    }
}

/* ---- MRS, MSR, CPS (B5.2) ------------------------------------------------------------------- */

/* SYSm values, B5.1.1. 0..7 are the xPSR combinations. */
enum {
    SYSM_MSP = 8,
    SYSM_PSP = 9,
    SYSM_PRIMASK = 16,
    SYSM_BASEPRI = 17,
    SYSM_BASEPRI_MAX = 18,
    SYSM_FAULTMASK = 19,
    SYSM_CONTROL = 20,
};

uint32_t sys_mrs(struct cpu *c, unsigned sysm)
{
    const struct sys *s = &c->sys;

    if (sysm < 8) {
        uint32_t value = sysm & 1 ? s->exception : 0;
        return value | (sysm & 4 ? 0 : apsr_get(c)); /* EPSR reads as zero */
    }
    if (sysm == SYSM_CONTROL)
        return s->control;
    if (!c->privileged)
        return 0;
    switch (sysm) {
    case SYSM_MSP:
        return get_sp(c, 0);
    case SYSM_PSP:
        return get_sp(c, 1);
    case SYSM_PRIMASK:
        return s->primask;
    case SYSM_BASEPRI:
    case SYSM_BASEPRI_MAX:
        return s->basepri;
    case SYSM_FAULTMASK:
        return s->faultmask;
    default:
        return 0;
    }
}

void sys_msr(struct cpu *c, unsigned sysm, unsigned mask, uint32_t value)
{
    struct sys *s = &c->sys;

    if (sysm < 8) {
        if (sysm & 4)
            return;
        if (mask & 1)
            c->ge = value >> 16 & 15;
        if (mask & 2) {
            apsr_set_nzcv(c, value);
            c->qf = value >> 27 & 1;
        }
        return;
    }
    if (!c->privileged)
        return;
    switch (sysm) {
    case SYSM_MSP:
        set_sp(c, 0, value);
        break;
    case SYSM_PSP:
        set_sp(c, 1, value);
        break;
    case SYSM_PRIMASK:
        s->primask = value & 1;
        nvic_masks_changed(c);
        break;
    case SYSM_BASEPRI:
        s->basepri = implemented_priority(c, value);
        nvic_masks_changed(c);
        break;
    case SYSM_BASEPRI_MAX:
        value = implemented_priority(c, value);
        if (value && (value < s->basepri || !s->basepri)) {
            s->basepri = value;
            nvic_masks_changed(c);
        }
        break;
    case SYSM_FAULTMASK:
        if (s->execution_priority > -1 || !(value & 1)) {
            s->faultmask = value & 1;
            nvic_masks_changed(c);
        }
        break;
    case SYSM_CONTROL:
        set_control(c, value);
        break;
    default:
        break;
    }
}

void sys_cps(struct cpu *c, bool disable, bool affect_i, bool affect_f)
{
    struct sys *s = &c->sys;

    if (!c->privileged)
        return;
    if (affect_i)
        s->primask = disable;
    if (affect_f && (!disable || s->execution_priority > -1))
        s->faultmask = disable;
    nvic_masks_changed(c);
}

/* ---- sleep and events (B1.5.17 to B1.5.19) -------------------------------------------------- */

void sys_sleep(struct cpu *c, bool wfe)
{
    c->sleeping = true;
    c->sys.wfe_sleep = wfe;
    if (c->config.on_sleep)
        c->config.on_sleep(c->config.ctx, c->sys.scr & SCR_SLEEPDEEP);
    mem_barrier(c);
    cpu_attend(c);
}

bool sys_wakes(struct cpu *c)
{
    struct sys *s = &c->sys;

    if (unlikely(c->cycles >= s->systick.due))
        systick_sync(c);
    if (s->wfe_sleep) {
        if (s->event)
            s->event = false;
        else if (s->pending_priority >= s->execution_priority)
            return false;
    } else if (s->pending_priority >= s->unmasked_priority) {
        return false;
    }
    s->wfe_sleep = false;
    c->sleeping = false;
    if (c->config.on_wake)
        c->config.on_wake(c->config.ctx);
    return true;
}

void sys_sev(struct cpu *c)
{
    c->sys.event = true;
    if (c->sleeping)
        cpu_attend(c);
}

bool sys_wfe(struct cpu *c)
{
    bool event = c->sys.event;

    c->sys.event = false;
    return !event;
}

void cpu_rxev(struct cpu *c)
{
    sys_sev(c);
}

void cpu_hold_clock(struct cpu *c, bool hold)
{
    if (c->sys.clock_held == hold)
        return;
    systick_sync(c);
    trace_hold(c);
    c->sys.clock_held = hold;
    systick_restart(c);
}

/* ---- for people ----------------------------------------------------------------------------- */

static const struct {
    uint32_t bit;
    const char *text;
} causes[] = {
    {CFSR_IACCVIOL, "instruction fetch from memory that may not be executed"},
    {CFSR_DACCVIOL, "data access against the memory protection"},
    {CFSR_MUNSTKERR, "memory protection on unstacking"},
    {CFSR_MSTKERR, "memory protection on stacking"},
    {CFSR_MLSPERR, "memory protection on lazy FP stacking"},
    {CFSR_IBUSERR, "bus error on instruction fetch"},
    {CFSR_PRECISERR, "precise bus error"},
    {CFSR_IMPRECISERR, "imprecise bus error"},
    {CFSR_UNSTKERR, "bus error on unstacking"},
    {CFSR_STKERR, "bus error on stacking"},
    {CFSR_LSPERR, "bus error on lazy FP stacking"},
    {CFSR_UNDEFINSTR, "undefined instruction"},
    {CFSR_INVSTATE, "invalid state (EPSR.T = 0)"},
    {CFSR_INVPC, "invalid exception return"},
    {CFSR_NOCP, "coprocessor not enabled"},
    {CFSR_UNALIGNED, "unaligned access"},
    {CFSR_DIVBYZERO, "division by zero"},
};

static const char *exception_name(uint32_t n)
{
    static const char *const names[16] = {
        "Thread mode", "Reset",    "NMI",      "HardFault", "MemManage", "BusFault",
        "UsageFault",  "reserved", "reserved", "reserved",  "reserved",  "SVCall",
        "DebugMon",    "reserved", "PendSV",   "SysTick",
    };
    return n < 16 ? names[n] : "interrupt";
}

static void append(char *text, size_t size, const char *add)
{
    size_t used = strlen(text);

    if (used + 1 < size)
        snprintf(text + used, size - used, "%s", add);
}

void sys_explain(const struct cpu *c, char *text, size_t size)
{
    const struct sys *s = &c->sys;
    char part[96];

    if (!size)
        return;
    text[0] = 0;
    if (!s->fault_exception) {
        snprintf(text, size, "%s, no fault so far", exception_name(s->exception));
        return;
    }
    snprintf(part, sizeof part, "%s%s at 0x%08x", s->lockup ? "lockup: " : "",
             exception_name(s->fault_exception), (unsigned)s->fault_pc);
    append(text, size, part);
    if (s->fault_hfsr & HFSR_FORCED)
        append(text, size, ", escalated to HardFault");
    if (s->fault_hfsr & HFSR_VECTTBL)
        append(text, size, ", vector table read failed");
    if (s->fault_hfsr & HFSR_DEBUGEVT)
        append(text, size, ", breakpoint instruction without a debugger");
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (s->fault_cfsr & causes[i].bit) {
            append(text, size, ", ");
            append(text, size, causes[i].text);
        }
    }
    if (s->fault_cfsr & CFSR_MMARVALID) {
        snprintf(part, sizeof part, ", MMFAR 0x%08x", (unsigned)s->mmfar);
        append(text, size, part);
    }
    if (s->fault_cfsr & CFSR_BFARVALID) {
        snprintf(part, sizeof part, ", BFAR 0x%08x", (unsigned)s->bfar);
        append(text, size, part);
    }
}
