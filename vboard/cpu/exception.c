/*
 * Exception entry and return, faults, escalation and lock-up, and the automatic saving of the FP
 * state. ARMv7-M ARM DDI0403E B1.5; the names of its pseudocode functions are quoted where they are
 * followed.
 */
#include "sys_int.h"

/*
 * Cycles with zero-wait memory. The manual gives no figure for this core; the usual one for ARMv7-M
 * cores is 12 for entry, 6 for tail-chaining, 10 for return, and 17 more words when FP state moves.
 */
enum { ENTRY_CYCLES = 12, TAIL_CHAIN_CYCLES = 6, RETURN_CYCLES = 10, FP_FRAME_CYCLES = 9 };

/* Stack frames, B1.5.7 figures B1-3 and B1-4. */
enum {
    FRAME_WORDS = 8,
    FRAME_SIZE = 0x20,
    FP_FRAME_SIZE = 0x68,
    FP_OFFSET = 0x20,
    FPSCR_INDEX = 16
};

#define XPSR_ALIGN (1u << 9)
#define XPSR_T     (1u << 24)

/* EXC_RETURN, B1.5.8: bit 4 clear = FP frame. */
enum { RETURN_HANDLER = 0x1, RETURN_THREAD_MSP = 0x9, RETURN_THREAD_PSP = 0xD };
#define RETURN_BASIC_FRAME (1u << 4)

#define LOCKUP_PC 0xFFFFFFFEu

/* ---- state that follows from IPSR and CONTROL ----------------------------------------------- */

uint32_t exception_xpsr(const struct cpu *c)
{
    return apsr_get(c) | c->sys.exception | (c->sys.thumb ? XPSR_T : 0) | (c->itstate & 3u) << 25 |
           (c->itstate & 0xFCu) << 8;
}

/* Takes flags, T and IT over from an xPSR. */
static void set_psr(struct cpu *c, uint32_t psr)
{
    apsr_set_nzcv(c, psr);
    c->qf = psr >> 27 & 1;
    c->ge = psr >> 16 & 15;
    c->sys.thumb = psr >> 24 & 1;
    c->itstate = (uint8_t)((psr >> 25 & 3) | (psr >> 8 & 0xFC));
    /* IT<3:0> = 0 with something above is ICI (B1.4.2): the engine begins such an LDM/STM anew. */
    if (!(c->itstate & 15))
        c->itstate = 0;
}

void exception_mode_changed(struct cpu *c)
{
    struct sys *s = &c->sys;
    uint32_t use = s->exception == 0 && (s->control & CONTROL_SPSEL);
    bool privileged = s->exception != 0 || !(s->control & CONTROL_NPRIV);

    if (use != s->sp_in_use) {
        s->sp[s->sp_in_use] = c->r[13];
        s->sp_in_use = use;
        c->r[13] = s->sp[use];
    }
    if (privileged != (bool)c->privileged) {
        c->privileged = privileged;
        cpu_privilege_changed(c);
    }
    exception_fp_changed(c);
}

/* CheckVFPEnabled(), B3.2.20: CPACR.CP10. */
static bool fp_enabled(const struct cpu *c, bool privileged)
{
    uint32_t access = c->sys.cpacr >> 20 & 3;
    return access == 3 || (access == 1 && privileged);
}

void exception_fp_changed(struct cpu *c)
{
    const struct sys *s = &c->sys;

    c->fp_attention = !fp_enabled(c, c->privileged) || (s->fpccr & FPCCR_LSPACT) ||
                      ((s->fpccr & FPCCR_ASPEN) && !(s->control & CONTROL_FPCA));
}

/* ---- lock-up and escalation ----------------------------------------------------------------- */

void exception_lockup(struct cpu *c)
{
    struct sys *s = &c->sys;

    s->lockup = true;
    s->lockup_pc = c->r[15];
    c->r[15] = LOCKUP_PC;
    s->thumb = 1;
    c->itstate = 0;
    c->stop_now = true;
    c->stop_reason = CPU_LOCKUP;
    cpu_attend(c);
}

static void note_fault(struct cpu *c, uint32_t exception)
{
    struct sys *s = &c->sys;

    s->fault_pc = c->r[15];
    s->fault_exception = exception;
    s->fault_cfsr = s->cfsr;
    s->fault_hfsr = s->hfsr;
}

/* B1.5.10: a synchronous exception that is disabled or cannot pre-empt `priority` becomes a
 * HardFault. */
static uint32_t escalate(struct cpu *c, uint32_t exception, int priority)
{
    struct sys *s = &c->sys;

    if (exception == EXC_HARD_FAULT)
        return exception;
    if (bit_get(s->enabled, exception) && nvic_group_priority(s, exception) < priority)
        return exception;
    s->hfsr |= HFSR_FORCED;
    return EXC_HARD_FAULT;
}

static uint32_t fault_of(struct cpu *c, enum mem_fault fault, uint32_t mpu_bit, uint32_t bus_bit)
{
    c->sys.cfsr |= fault == MEM_MPU_FAULT ? mpu_bit : bus_bit;
    return fault == MEM_MPU_FAULT ? EXC_MEM_MANAGE : EXC_BUS_FAULT;
}

/* ---- entry ---------------------------------------------------------------------------------- */

/*
 * ExceptionTaken() for a pending exception. A vector that cannot be read makes a HardFault of it,
 * the exception itself stays pending (B1.5.11); in a HardFault or an NMI it locks up (B1.5.15).
 */
static void taken(struct cpu *c, uint32_t exception, uint32_t exc_return)
{
    struct sys *s = &c->sys;
    uint32_t vector = 0;
    bool dead = false;

    while (mem_vector_read(c, s->vtor + 4 * exception, &vector) != MEM_OK) {
        s->hfsr |= HFSR_VECTTBL;
        note_fault(c, exception);
        if (s->priority[exception] < 0) {
            dead = true;
            break;
        }
        exception = EXC_HARD_FAULT;
    }
    c->r[14] = exc_return;
    c->itstate = 0;
    s->thumb = vector & 1;
    s->exception = exception;
    s->control &= ~(uint32_t)(CONTROL_FPCA | CONTROL_SPSEL);
    s->event = true;
    s->lockup = s->wfe_sleep = c->sleeping = false;
    c->exclusive = false;
    nvic_activate(c, exception);
    exception_mode_changed(c);
    c->stats.exceptions++;
    if (c->config.on_exception)
        c->config.on_exception(c->config.ctx, exception, true);
    if (dead) {
        exception_lockup(c);
        return;
    }
    c->r[15] = vector & ~1u;
    cpu_attend(c);
}

/* TailChain(): from one handler to another with the frame left where it is. */
static void tail_chain(struct cpu *c, uint32_t exc_return)
{
    c->cycles += TAIL_CHAIN_CYCLES;
    taken(c, c->sys.best_pending, exc_return);
}

/* UpdateFPCCR(), B1.5.7: what lazy preservation must know later. */
static void update_fpccr(struct cpu *c, uint32_t frame)
{
    struct sys *s = &c->sys;
    static const struct {
        uint32_t exception, bit;
    } ready[] = {
        {EXC_HARD_FAULT, FPCCR_HFRDY},
        {EXC_BUS_FAULT, FPCCR_BFRDY},
        {EXC_MEM_MANAGE, FPCCR_MMRDY},
        {EXC_DEBUG_MONITOR, FPCCR_MONRDY},
    };

    s->fpcar = (frame + FP_OFFSET) & ~7u;
    s->fpccr |= FPCCR_LSPACT | FPCCR_USER | FPCCR_THREAD;
    if (c->privileged)
        s->fpccr &= ~(uint32_t)FPCCR_USER;
    if (s->exception)
        s->fpccr &= ~(uint32_t)FPCCR_THREAD;
    for (size_t i = 0; i < sizeof ready / sizeof ready[0]; i++) {
        uint32_t n = ready[i].exception;
        s->fpccr &= ~ready[i].bit;
        if (bit_get(s->enabled, n) && s->execution_priority > nvic_group_priority(s, n))
            s->fpccr |= ready[i].bit;
    }
}

/* S0..S15 and FPSCR to `addr` upwards. */
static enum mem_fault store_fp(struct cpu *c, uint32_t addr, bool privileged)
{
    enum mem_fault fault = MEM_OK;

    c->cycles += FP_FRAME_CYCLES;
    for (uint32_t i = 0; i < FPSCR_INDEX && fault == MEM_OK; i++)
        fault = mem_stack_write(c, addr + 4 * i, privileged, c->s[i]);
    if (fault == MEM_OK)
        fault = mem_stack_write(c, addr + 4 * FPSCR_INDEX, privileged, fpu_get_fpscr(c));
    return fault;
}

/*
 * PushStack(). Returns the EXC_RETURN value of the frame; *derived is the exception that stacking
 * caused, or 0. The stack pointer moves in any case; what is in the frame after a fault is UNKNOWN.
 */
static uint32_t push_frame(struct cpu *c, uint32_t *derived)
{
    struct sys *s = &c->sys;
    bool fp = s->control & CONTROL_FPCA;
    bool align = fp || (s->ccr & CCR_STKALIGN);
    uint32_t padding = align && (c->r[13] & 4) ? XPSR_ALIGN : 0;
    uint32_t frame = (c->r[13] - (fp ? FP_FRAME_SIZE : FRAME_SIZE)) & ~(align ? 4u : 0u);
    uint32_t words[FRAME_WORDS] = {
        c->r[0],  c->r[1],  c->r[2],  c->r[3],
        c->r[12], c->r[14], c->r[15], (exception_xpsr(c) & ~XPSR_ALIGN) | padding,
    };
    enum mem_fault fault = MEM_OK;
    bool locked_out = false;

    c->r[13] = frame;
    for (uint32_t i = 0; i < FRAME_WORDS && fault == MEM_OK; i++)
        fault = mem_stack_write(c, frame + 4 * i, c->privileged, words[i]);
    if (fp && (s->fpccr & FPCCR_LSPEN))
        update_fpccr(c, frame);
    else if (fp && fault == MEM_OK) {
        locked_out = !fp_enabled(c, c->privileged);
        if (!locked_out)
            fault = store_fp(c, frame + FP_OFFSET, c->privileged);
    }
    *derived = 0;
    if (fault != MEM_OK) {
        *derived = fault_of(c, fault, CFSR_MSTKERR, CFSR_STKERR);
    } else if (locked_out) {
        s->cfsr |= CFSR_NOCP;
        *derived = EXC_USAGE_FAULT;
    }
    uint32_t exc_return = 0xFFFFFFE0u | (fp ? 0 : RETURN_BASIC_FRAME);
    if (s->exception)
        return exc_return | RETURN_HANDLER;
    return exc_return | (s->control & CONTROL_SPSEL ? RETURN_THREAD_PSP : RETURN_THREAD_MSP);
}

void exception_enter(struct cpu *c)
{
    struct sys *s = &c->sys;
    int before = s->execution_priority;
    uint32_t chosen = s->best_pending;
    uint32_t derived;

    c->cycles += ENTRY_CYCLES;
    stores_drain(c);
    uint32_t exc_return = push_frame(c, &derived);
    /* Late arrival: what became pending while the frame was stacked takes it over if it is more
       urgent (DUI0646C 2.3.7). */
    if (s->priority[s->best_pending] < s->priority[chosen])
        chosen = s->best_pending;
    if (derived) {
        /* DerivedLateArrival(), B1.5.11: the fault is judged by the priority before the entry; it
           goes first only if it is more urgent than what was about to be entered. */
        note_fault(c, derived);
        derived = escalate(c, derived, before);
        nvic_set_pending(c, derived);
        if (s->priority[derived] < s->priority[chosen])
            chosen = derived;
    }
    taken(c, chosen, exc_return);
}

void sys_take_sync(struct cpu *c)
{
    struct sys *s = &c->sys;
    struct sync_exception e = c->sync;
    uint32_t exception = e.exception;

    c->sync = (struct sync_exception){0};
    s->cfsr |= e.cfsr;
    s->hfsr |= e.hfsr;
    if (e.cfsr & CFSR_MMARVALID)
        s->mmfar = e.address;
    if (e.cfsr & CFSR_BFARVALID)
        s->bfar = e.address;

    if (exception == EXC_DEBUG_MONITOR) {
        /* BKPT without a debugger: DebugMonitor if it can run, else a HardFault that is not
           "forced" (C1.5.1, B3.2.16). */
        s->dfsr |= DFSR_BKPT;
        if (!bit_get(s->enabled, exception) ||
            nvic_group_priority(s, exception) >= s->execution_priority) {
            s->hfsr |= HFSR_DEBUGEVT;
            exception = EXC_HARD_FAULT;
        }
    } else {
        exception = escalate(c, exception, s->execution_priority);
    }
    if (e.exception != EXC_SVCALL || exception == EXC_HARD_FAULT)
        note_fault(c, e.exception);
    if (exception == EXC_HARD_FAULT && s->execution_priority < 0) {
        exception_lockup(c);
        return;
    }
    if (exception == EXC_SVCALL) {
        /* ReturnAddress(): behind the instruction, with ITSTATE advanced (ITAdvance(), A7.3.2). */
        c->r[15] += 2;
        c->itstate = c->itstate & 7 ? (c->itstate & 0xE0) | (c->itstate << 1 & 0x1F) : 0;
    }
    nvic_set_pending(c, exception);
    exception_enter(c);
}

bool sys_service(struct cpu *c)
{
    struct sys *s = &c->sys;

    if (unlikely(c->cycles >= s->systick.due))
        systick_sync(c);
    if (s->pending_priority < s->execution_priority) {
        exception_enter(c);
        return true;
    }
    if (unlikely(s->lockup)) {
        c->stop_now = true;
        c->stop_reason = CPU_LOCKUP;
        return true;
    }
    if (unlikely(!s->thumb)) {
        c->sync = (struct sync_exception){.exception = EXC_USAGE_FAULT, .cfsr = CFSR_INVSTATE};
        sys_take_sync(c);
        return true;
    }
    return false;
}

void sys_imprecise(struct cpu *c, uint32_t axi_status)
{
    struct sys *s = &c->sys;
    enum { ABFSR_AXIM = 1 << 3 };

    /* ABFSR (DDI0489F): which interface, and the AXI response: 2 = SLVERR, 3 = DECERR. */
    s->abfsr = ABFSR_AXIM | (axi_status == BUS_DECERR ? 3u : 2u) << 8;
    s->cfsr |= CFSR_IMPRECISERR;
    note_fault(c, EXC_BUS_FAULT);
    /* Asynchronous: it waits for its priority. Only a disabled BusFault escalates (B1.5.14). */
    if (bit_get(s->enabled, EXC_BUS_FAULT)) {
        nvic_set_pending(c, EXC_BUS_FAULT);
    } else {
        s->hfsr |= HFSR_FORCED;
        nvic_set_pending(c, EXC_HARD_FAULT);
    }
}

bool sys_ignores_bus_fault(const struct cpu *c)
{
    return (c->sys.ccr & CCR_BFHFNMIGN) && c->sys.execution_priority < 0;
}

/* ---- return --------------------------------------------------------------------------------- */

/* A fault of the return itself: the handler is tail-chained to, the frame stays (B1.5.8, B1.5.11).
 */
static void return_fault(struct cpu *c, uint32_t exception, uint32_t exc_return)
{
    note_fault(c, exception);
    exception = escalate(c, exception, c->sys.execution_priority);
    if (exception == EXC_HARD_FAULT && c->sys.execution_priority < 0) {
        exception_lockup(c);
        return;
    }
    nvic_set_pending(c, exception);
    tail_chain(c, exc_return);
}

static void return_invalid(struct cpu *c, uint32_t exc_return)
{
    c->sys.cfsr |= CFSR_INVPC;
    return_fault(c, EXC_USAGE_FAULT, exc_return);
}

/* The frame as read back. */
struct frame {
    uint32_t word[FRAME_WORDS];
    uint32_t fp[FPSCR_INDEX + 1];
};

static enum mem_fault load_words(struct cpu *c, uint32_t addr, bool privileged, uint32_t *to,
                                 uint32_t count)
{
    enum mem_fault fault = MEM_OK;

    for (uint32_t i = 0; i < count && fault == MEM_OK; i++)
        fault = mem_stack_read(c, addr + 4 * i, privileged, &to[i]);
    return fault;
}

void sys_exception_return(struct cpu *c, uint32_t exc_return)
{
    struct sys *s = &c->sys;
    uint32_t returning = s->exception;
    uint32_t nested = nvic_active_count(s);
    bool was_active = bit_get(s->active, returning);
    bool fp = !(exc_return & RETURN_BASIC_FRAME);
    bool legal;

    switch (exc_return & 15) {
    case RETURN_HANDLER:
        legal = true;
        break;
    case RETURN_THREAD_MSP:
    case RETURN_THREAD_PSP:
        legal = nested == 1 || (s->ccr & CCR_NONBASETHRDENA);
        break;
    default:
        legal = false;
    }
    if ((exc_return | 31) != 0xFFFFFFFFu) {
        cpu_remark(c, c->r[15], "EXC_RETURN 0x%08x is UNPREDICTABLE", (unsigned)exc_return);
        legal = false;
    }
    nvic_deactivate(c, returning);
    if (!was_active || !legal) {
        return_invalid(c, exc_return);
        return;
    }
    if (c->config.on_exception)
        c->config.on_exception(c->config.ctx, returning, false);
    if (s->pending_priority < s->execution_priority) {
        tail_chain(c, exc_return);
        return;
    }

    /* PopStack(). Everything is read and checked before anything changes, so that a fault finds the
       frame in place. */
    bool to_thread = (exc_return & 15) != RETURN_HANDLER;
    bool to_psp = (exc_return & 15) == RETURN_THREAD_PSP;
    bool privileged = !(to_thread && (s->control & CONTROL_NPRIV));
    bool pop_fp = fp && !(s->fpccr & FPCCR_LSPACT);
    uint32_t sp = to_psp ? s->sp[1] : c->r[13];
    struct frame frame;

    c->cycles += RETURN_CYCLES;
    enum mem_fault fault = load_words(c, sp, privileged, frame.word, FRAME_WORDS);
    if (fault == MEM_OK && pop_fp) {
        if (!fp_enabled(c, privileged)) {
            s->cfsr |= CFSR_NOCP;
            return_fault(c, EXC_USAGE_FAULT, exc_return);
            return;
        }
        c->cycles += FP_FRAME_CYCLES;
        fault = load_words(c, sp + FP_OFFSET, privileged, frame.fp, FPSCR_INDEX + 1);
    }
    if (fault != MEM_OK) {
        return_fault(c, fault_of(c, fault, CFSR_MUNSTKERR, CFSR_UNSTKERR), exc_return);
        return;
    }
    /* cppcheck-suppress uninitvar ; load_words() filled it if fault == MEM_OK */
    uint32_t psr = frame.word[7];
    if (to_thread != ((psr & 0x1FF) == 0)) {
        return_invalid(c, exc_return);
        return;
    }

    sp += fp ? FP_FRAME_SIZE : FRAME_SIZE;
    if ((psr & XPSR_ALIGN) && (fp || (s->ccr & CCR_STKALIGN)))
        sp |= 4;
    if (to_psp)
        s->sp[1] = sp;
    else
        c->r[13] = sp;
    memcpy(c->r, frame.word, 4 * sizeof c->r[0]);
    c->r[12] = frame.word[4];
    c->r[14] = frame.word[5];
    c->r[15] = frame.word[6] & ~1u;
    if (pop_fp) {
        memcpy(c->s, frame.fp, FPSCR_INDEX * sizeof c->s[0]);
        fpu_set_fpscr(c, frame.fp[FPSCR_INDEX]);
    }
    s->control &= ~(uint32_t)(CONTROL_FPCA | CONTROL_SPSEL);
    s->control |= (fp ? CONTROL_FPCA : 0u) | (to_psp ? CONTROL_SPSEL : 0u);
    if (fp)
        s->fpccr &= ~(uint32_t)FPCCR_LSPACT;
    set_psr(c, psr);
    s->exception = psr & 0x1FF;
    s->event = true;
    c->exclusive = false;
    exception_mode_changed(c);
    cpu_attend(c);

    /* SleepOnExit(): only when the last active exception has ended. */
    if (to_thread && nested == 1 && (s->scr & SCR_SLEEPONEXIT) && !sys_wakes(c))
        sys_sleep(c, false);
}

/* ---- floating point ------------------------------------------------------------------------- */

/*
 * PreserveFPState() and TakePreserveFPException(), B1.5.7. False: an exception comes first, the FP
 * instruction runs again after it. A fault that cannot pre-empt now stays pending, and the
 * instruction goes on. Which fault it becomes was decided when the frame was made (the RDY bits).
 */
static bool preserve_fp(struct cpu *c, const struct op *op)
{
    struct sys *s = &c->sys;
    enum mem_fault fault = store_fp(c, s->fpcar, !(s->fpccr & FPCCR_USER));

    if (fault != MEM_OK) {
        bool mpu = fault == MEM_MPU_FAULT;
        uint32_t exception = fault_of(c, fault, CFSR_MLSPERR, CFSR_LSPERR);
        if (!(s->fpccr & (mpu ? FPCCR_MMRDY : FPCCR_BFRDY))) {
            exception = EXC_HARD_FAULT;
            s->hfsr |= HFSR_FORCED;
        }
        bool now = bit_get(s->enabled, exception) &&
                   nvic_group_priority(s, exception) < s->execution_priority;
        if (now || !(s->fpccr & FPCCR_HFRDY)) {
            /* The second case ends in lock-up: not even a HardFault could have run there. */
            cpu_sync(c, op, now ? exception : EXC_HARD_FAULT, 0, 0);
            return false;
        }
        nvic_set_pending(c, exception);
    }
    s->fpccr &= ~(uint32_t)FPCCR_LSPACT;
    return true;
}

bool sys_fp_access(struct cpu *c, const struct op *op)
{
    struct sys *s = &c->sys;

    if (!fp_enabled(c, c->privileged)) {
        cpu_sync(c, op, EXC_USAGE_FAULT, CFSR_NOCP, 0);
        return false;
    }
    if ((s->fpccr & FPCCR_LSPACT) && !preserve_fp(c, op))
        return false;
    if ((s->fpccr & FPCCR_ASPEN) && !(s->control & CONTROL_FPCA)) {
        /* ExecuteFPCheck(), B1.5.7: a new FP context begins with the defaults of FPDSCR. */
        fpu_set_fpscr(c, (fpu_get_fpscr(c) & ~0x07C00000u) | (s->fpdscr & 0x07C00000u));
        s->control |= CONTROL_FPCA;
    }
    exception_fp_changed(c);
    return true;
}
