/*
 * The system side of the core: what exceptions, NVIC, SysTick, SCB, MPU and the debug registers
 * hold. cpu_int.h embeds one struct sys in struct cpu; its section "system" lists the calls that
 * the rest of the core makes. Everything here runs on the simulation thread.
 *
 * Conventions between the engine and the system side, beyond cpu_int.h:
 *
 *  - Synchronous exceptions: cpu_sync() leaves r[15] and itstate at the instruction that caused
 *    them, for SVC and BKPT too. sys_take_sync() moves on behind an SVC itself (ReturnAddress(),
 *    ARMv7-M ARM B1.5.6). BKPT is cpu_sync(c, op, EXC_DEBUG_MONITOR, 0, 0); what it becomes
 *    without a debugger (HardFault or DebugMonitor, C1.5) is decided here.
 *  - EPSR.T: an interworking branch to an even address sets sys.thumb = 0 and ends its block with
 *    cpu_attend(). sys_service() then takes the INVSTATE UsageFault in place of the next
 *    instruction.
 *  - Stack pointers: r[13] is the one in use; sys.sp[] holds the other (see sys_get()).
 *  - Sleep: WFI is `if (!sys_wakes(c)) sys_sleep(c, false)`, WFE is
 *    `if (sys_wfe(c)) sys_sleep(c, true)`. While c->sleeping the run loop moves the time on and
 *    asks sys_wakes(), which ends the sleep when it returns true.
 *  - Lock-up (B1.5.15): sys.lockup is set, PC is 0xFFFFFFFE, stop_now and stop_reason are set. An
 *    NMI may still leave it: sys_service() enters it and clears sys.lockup.
 *  - A data bus error of a load or store for which sys_ignores_bus_fault() holds is no fault: the
 *    caller goes on with zeros (CCR.BFHFNMIGN).
 */
#ifndef VBOARD_CPU_SYS_H
#define VBOARD_CPU_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpu;

#define SYS_EXCEPTIONS  256u /* 16 system exceptions + 240 external interrupts */
#define SYS_WORDS       (SYS_EXCEPTIONS / 32u)
#define SYS_MPU_REGIONS 16u

/* CONTROL, ARMv7-M ARM B1.4.4. */
enum { CONTROL_NPRIV = 1 << 0, CONTROL_SPSEL = 1 << 1, CONTROL_FPCA = 1 << 2 };

/* CCR, B3.2.8; the cache bits as in DDI0489F. */
enum {
    CCR_NONBASETHRDENA = 1 << 0,
    CCR_USERSETMPEND = 1 << 1,
    CCR_UNALIGN_TRP = 1 << 3,
    CCR_DIV_0_TRP = 1 << 4,
    CCR_BFHFNMIGN = 1 << 8,
    CCR_STKALIGN = 1 << 9,
    CCR_DC = 1 << 16,
    CCR_IC = 1 << 17,
    CCR_BP = 1 << 18,
};

/* SCR, B3.2.7. */
enum { SCR_SLEEPONEXIT = 1 << 1, SCR_SLEEPDEEP = 1 << 2, SCR_SEVONPEND = 1 << 4 };

/* CACR (0xE000EF9C), DDI0489F. */
enum { CACR_SIWT = 1 << 0, CACR_ECC = 1 << 1, CACR_FORCEWT = 1 << 2 };

/* ACTLR bit that the data cache's allocation depends on, DDI0489F. */
enum { ACTLR_DISRAMODE = 1 << 11 };

/* MPU_CTRL, B3.5.5. */
enum { MPU_CTRL_ENABLE = 1 << 0, MPU_CTRL_HFNMIENA = 1 << 1, MPU_CTRL_PRIVDEFENA = 1 << 2 };

/* SysTick between two looks: `value` is the counter at tick `at`; it is brought forward on demand.
 */
struct systick {
    uint32_t control; /* ENABLE, TICKINT, CLKSOURCE */
    uint32_t reload;
    uint32_t value;
    uint64_t at;  /* in ticks: core cycles, or core cycles / 8 */
    uint64_t due; /* core cycle of the next expiry that pends the exception; UINT64_MAX: none */
    bool countflag;
};

struct mpu_region {
    uint32_t rbar; /* ADDR field only */
    uint32_t rasr;
};

struct sys {
    /* ---- special registers (B1.4) ---------------------------------------------------------------
     */
    uint32_t exception; /* IPSR; 0 = Thread mode */
    uint32_t thumb;     /* EPSR.T, 1 or 0 */
    uint32_t control;
    uint32_t primask;   /* 0 or 1 */
    uint32_t faultmask; /* 0 or 1 */
    uint32_t basepri;
    uint32_t sp[2];     /* MSP, PSP; the entry of the one in use is stale (it is r[13]) */
    uint32_t sp_in_use; /* index into sp[] */

    /* ---- exceptions by number, one bit each -----------------------------------------------------
     */
    uint32_t pending[SYS_WORDS];
    uint32_t active[SYS_WORDS];
    uint32_t enabled[SYS_WORDS];
    uint32_t level[SYS_WORDS]; /* interrupt inputs as driven */
    int16_t priority[SYS_EXCEPTIONS];
    uint32_t exception_count; /* 16 + irq_count */

    /* Derived from the above and kept up to date by nvic.c. Lower value = more urgent. */
    int execution_priority; /* ExecutionPriority(), B1.5.4: -2 .. 256 */
    int unmasked_priority;  /* the same as if PRIMASK were 0 (WFI, B1.5.19) */
    int pending_priority;   /* group priority of best_pending; 512 = nothing pending and enabled */
    uint32_t best_pending;  /* highest-priority pending enabled exception, 0 = none */

    bool event;      /* event register, B1.5.18 */
    bool wfe_sleep;  /* the present sleep is a WFE's */
    bool clock_held; /* cpu_hold_clock() */
    bool lockup;
    uint32_t lockup_pc; /* where it happened (PC itself reads 0xFFFFFFFE) */

    /* ---- system control block (B3.2) ------------------------------------------------------------
     */
    uint32_t vtor;
    uint32_t prigroup;
    uint32_t scr;
    uint32_t ccr;
    uint32_t cfsr, hfsr, dfsr, mmfar, bfar;
    uint32_t cpacr;
    uint32_t actlr;
    uint32_t csselr;
    uint32_t fpccr, fpcar, fpdscr;
    uint32_t itcmcr, dtcmcr, ahbpcr, cacr, ahbscr, abfsr;

    /* ---- MPU (B3.5) -----------------------------------------------------------------------------
     */
    uint32_t mpu_ctrl;
    uint32_t mpu_rnr;
    struct mpu_region mpu[SYS_MPU_REGIONS];
    bool mpu_suspended; /* execution priority below 0 with HFNMIENA = 0 */

    struct systick systick;

    /* ---- debug and trace (C1) -------------------------------------------------------------------
     */
    uint32_t demcr;
    uint32_t dcrdr;
    uint32_t dhcsr_sticky;
    uint32_t dwt_ctrl;
    uint64_t dwt_cyccnt_at; /* core cycle at which CYCCNT was dwt_cyccnt */
    uint32_t dwt_cyccnt;
    uint32_t trace[32]; /* read-back registers of ITM, DWT, FPB and TPIU, see trace.c */
    bool itm_unlocked, dwt_unlocked;

    /* The last fault, for people. */
    uint32_t fault_pc, fault_exception, fault_cfsr, fault_hfsr;
};

/* Special registers by cpu.h's numbers CPU_XPSR .. CPU_CONTROL (a debugger's view: no privilege
 * rules). */
uint32_t sys_get(const struct cpu *c, unsigned reg);
void sys_set(struct cpu *c, unsigned reg, uint32_t value);

/* Begins to sleep: sets c->sleeping, tells config.on_sleep, makes the run loop look. */
void sys_sleep(struct cpu *c, bool wfe);

/* CCR.BFHFNMIGN is set and the core runs at priority -1 or -2 (B3.2.8). */
bool sys_ignores_bus_fault(const struct cpu *c);

/* One line on the last fault, the status registers in words. */
void sys_explain(const struct cpu *c, char *text, size_t size);

#endif
