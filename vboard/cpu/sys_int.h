/*
 * Between the files of the system side: sys.c (reset, special registers, sleep), scb.c (system
 * control block, PPB decoding), nvic.c (pending, active, priorities), systick.c, mpu.c, exception.c
 * (entry and return) and trace.c (ITM, DWT, FPB, TPIU). Nobody else includes this. Section numbers
 * are those of DDI0403E.
 */
#ifndef VBOARD_CPU_SYS_INT_H
#define VBOARD_CPU_SYS_INT_H

#include "cpu_int.h"

#define PRIORITY_NOTHING 512 /* lower than any execution priority */
#define PRIORITY_THREAD  256 /* ExecutionPriority() of Thread mode without boosting, B1.5.4 */

/* HFSR (B3.2.16), DFSR (C1.6.1). */
enum { HFSR_VECTTBL = 1 << 1, HFSR_FORCED = 1 << 30 };
#define HFSR_DEBUGEVT 0x80000000u
enum { DFSR_BKPT = 1 << 1 };

/* FPCCR, B3.2.21. */
enum {
    FPCCR_LSPACT = 1 << 0,
    FPCCR_USER = 1 << 1,
    FPCCR_THREAD = 1 << 3,
    FPCCR_HFRDY = 1 << 4,
    FPCCR_MMRDY = 1 << 5,
    FPCCR_BFRDY = 1 << 6,
    FPCCR_MONRDY = 1 << 8,
    FPCCR_LSPEN = 1 << 30,
};
#define FPCCR_ASPEN 0x80000000u

/* DEMCR, C1.6.5. */
enum { DEMCR_MON_EN = 1 << 16, DEMCR_MON_PEND = 1 << 17, DEMCR_TRCENA = 1 << 24 };

/* STKALIGN and BP read as one and ignore writes on this core (DDI0489F, CCR). */
#define CCR_FIXED (CCR_STKALIGN | CCR_BP)

/* DHCSR (C1.6.2) of a core that no debugger controls. S_RETIRE_ST and S_RESET_ST are cleared by
 * reading. */
#define DHCSR_S_REGRDY    (1u << 16)
#define DHCSR_S_SLEEP     (1u << 18)
#define DHCSR_S_LOCKUP    (1u << 19)
#define DHCSR_S_RETIRE_ST (1u << 24)
#define DHCSR_S_RESET_ST  (1u << 25)

static inline bool bit_get(const uint32_t *set, uint32_t n)
{
    return set[n / 32] >> (n % 32) & 1;
}
static inline void bit_put(uint32_t *set, uint32_t n, bool on)
{
    if (on)
        set[n / 32] |= 1u << (n % 32);
    else
        set[n / 32] &= ~(1u << (n % 32));
}

/* ---- nvic.c --------------------------------------------------------------------------------- */

void nvic_reset(struct cpu *c);
/* Group priority (B1.5.4) of an exception; negative for NMI and HardFault. */
int nvic_group_priority(const struct sys *s, uint32_t exception);
void nvic_set_pending(struct cpu *c, uint32_t exception);
void nvic_clear_pending(struct cpu *c, uint32_t exception);
void nvic_set_active(struct cpu *c, uint32_t exception, bool on);
void nvic_set_enabled(struct cpu *c, uint32_t exception, bool on);
void nvic_set_prigroup(struct cpu *c, uint32_t prigroup);
/* Pending -> active, as an exception is entered. */
void nvic_activate(struct cpu *c, uint32_t exception);
/* DeActivate() of B1.5.8: also drops FAULTMASK unless it was an NMI, and pends an interrupt whose
   input is still high (B3.4.1). */
void nvic_deactivate(struct cpu *c, uint32_t exception);
uint32_t nvic_active_count(const struct sys *s);
/* PRIMASK, BASEPRI, FAULTMASK or the MPU's HFNMIENA changed: derives the execution priorities anew.
 */
void nvic_masks_changed(struct cpu *c);
/* ICSR without its set bits for writing, B3.2.4. */
uint32_t nvic_icsr(const struct cpu *c);

/* Registers at offsets 0x100..0x5EF of the SCS. mask: byte lanes written. */
uint32_t nvic_read(const struct cpu *c, uint32_t offset);
void nvic_write(struct cpu *c, uint32_t offset, uint32_t value, uint32_t mask);
/* Priority bytes of the system handlers 4..15 as SHPR1..3 hold them, word = 0..2. */
uint32_t nvic_read_shpr(const struct sys *s, uint32_t word);
void nvic_write_shpr(struct cpu *c, uint32_t word, uint32_t value, uint32_t mask);
void nvic_software_trigger(struct cpu *c, uint32_t line);

/* ---- systick.c ------------------------------------------------------------------------------ */

void systick_reset(struct cpu *c);
/* Brings the counter to c->cycles. */
void systick_sync(struct cpu *c);
/* After c->sys.clock_held changed. */
void systick_restart(struct cpu *c);
/* offset 0x10..0x1C of the SCS. peek: COUNTFLAG stays. */
uint32_t systick_read(struct cpu *c, uint32_t offset, bool peek);
void systick_write(struct cpu *c, uint32_t offset, uint32_t value);

/* ---- mpu.c ---------------------------------------------------------------------------------- */

void mpu_reset(struct cpu *c);
/* offset 0xD90..0xDB8 of the SCS. */
uint32_t mpu_read(const struct cpu *c, uint32_t offset);
void mpu_write(struct cpu *c, uint32_t offset, uint32_t value);

/* ---- exception.c ---------------------------------------------------------------------------- */

uint32_t exception_xpsr(const struct cpu *c);
/* IPSR or CONTROL changed: selects the stack pointer, tells the engine of the privilege, FP rules.
 */
void exception_mode_changed(struct cpu *c);
/* CPACR, FPCCR, CONTROL.FPCA or the privilege changed. */
void exception_fp_changed(struct cpu *c);
/* Enters the pending exception of highest priority, which the caller found to pre-empt. */
void exception_enter(struct cpu *c);
void exception_lockup(struct cpu *c);

/* ---- trace.c -------------------------------------------------------------------------------- */

void trace_reset(struct cpu *c);
/* Debug components of the PPB outside the SCS; attr: BUS_* of the access. False: reserved space. */
bool trace_read(struct cpu *c, uint32_t addr, uint32_t *value);
bool trace_write(struct cpu *c, uint32_t addr, uint32_t value, uint32_t attr);
/* Before DEMCR.TRCENA changes: stops or starts CYCCNT. */
void trace_enable_changed(struct cpu *c, uint32_t demcr);
/* Before c->sys.clock_held changes. */
void trace_hold(struct cpu *c);

#endif
