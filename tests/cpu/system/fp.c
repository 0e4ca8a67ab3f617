/*
 * Floating-point context: automatic and lazy stacking, FPCCR, FPCAR, FPDSCR, CONTROL.FPCA, CPACR,
 * and the faults of the lazy save. Arm DDI0403E B1.5.6 to B1.5.8, B3.2.20 to B3.2.23.
 */
#include "machine.h"

enum {
    LSPACT = 1 << 0,
    USER = 1 << 1,
    THREAD = 1 << 3,
    HFRDY = 1 << 4,
    MMRDY = 1 << 5,
    BFRDY = 1 << 6,
    MONRDY = 1 << 8,
    LSPEN = 1 << 30
};
#define ASPEN 0x80000000u
enum { FPCA = 4 };

/* Thread mode with a living FP context of distinct values. */
static void begin_context(struct machine *m)
{
    enable_fpu(m);
    run(m, AT_run_vmov);
    for (unsigned i = 0; i < 32; i++)
        set_reg(m, CPU_S0 + i, 0x40000000u + i);
    set_reg(m, CPU_FPSCR, 0xA1C0001Fu);
}

static void expect_context(struct machine *m)
{
    for (unsigned i = 0; i < 32; i++)
        assert_int_equal(reg(m, CPU_S0 + i), 0x40000000u + i);
    assert_int_equal(reg(m, CPU_FPSCR), 0xA1C0001Fu);
    assert_int_equal(reg(m, CPU_CONTROL) & FPCA, FPCA);
}

/* S0..S15 and FPSCR at `addr`. */
static void expect_saved(struct machine *m, uint32_t addr)
{
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(word(m, addr + 4 * i), 0x40000000u + i);
    assert_int_equal(word(m, addr + 0x40), 0xA1C0001Fu);
}

/* What the handlers use is visible. */
static void spoil_registers(struct machine *m)
{
    for (unsigned i = 0; i < 16; i++)
        set_reg(m, CPU_S0 + i, 0xDEAD0000u + i);
}

/* ---- frames --------------------------------------------------------------------------------- */

static void no_context_no_fp_frame(void **state)
{
    struct machine *m = *state;

    enable_fpu(m);
    run(m, AT_run_svc);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF9u);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 0x20);
    assert_int_equal(word(m, FPCCR), ASPEN | LSPEN);
}

static void the_first_fp_instruction_sets_fpca(void **state)
{
    struct machine *m = *state;

    enable_fpu(m);
    assert_int_equal(reg(m, CPU_CONTROL), 0);
    run(m, AT_run_vmov);
    assert_int_equal(reg(m, CPU_CONTROL), FPCA);
    assert_int_equal(reg(m, CPU_S0 + 1), 0x40400000);
}

static void lazy_frame_is_reserved_and_not_written(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    for (uint32_t at = MSP_TOP - 0x68; at < MSP_TOP; at += 4)
        set_word(m, at, 0xEEEEEEEEu);
    run(m, AT_run_svc);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFE9u);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 0x68);
    assert_int_equal(stacked(m, 6), AT_run_svc + 2);
    for (uint32_t at = MSP_TOP - 0x48; at < MSP_TOP; at += 4)
        assert_int_equal(word(m, at), 0xEEEEEEEEu);
    assert_int_equal(word(m, FPCAR), MSP_TOP - 0x48);
    assert_int_equal(word(m, FPCCR), ASPEN | LSPEN | LSPACT | THREAD | HFRDY);
    assert_int_equal(reg(m, CPU_CONTROL), 0);
}

static void a_handler_without_fp_costs_no_fp_accesses(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    set_reg(m, CPU_SP, COUNTED_TOP);
    run(m, AT_run_svc);
    leave(m);
    assert_int_equal(m->counted_writes, 8);
    assert_int_equal(m->counted_reads, 8);
    assert_int_equal(reg(m, CPU_SP), COUNTED_TOP);
    assert_int_equal(word(m, FPCCR) & LSPACT, 0);
    expect_context(m);
}

static void a_handler_with_fp_saves_the_context_first(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    set_reg(m, CPU_SP, COUNTED_TOP);
    run(m, AT_run_svc);
    run(m, AT_run_vmov);
    assert_int_equal(m->counted_writes, 8 + 17);
    expect_saved(m, COUNTED_TOP - 0x48);
    assert_int_equal(word(m, FPCCR) & LSPACT, 0);
    assert_int_equal(word(m, FPCAR), COUNTED_TOP - 0x48);
    assert_int_equal(reg(m, CPU_CONTROL), FPCA);
    spoil_registers(m);
    set_reg(m, CPU_FPSCR, 0);
    leave(m);
    assert_int_equal(m->counted_reads, 8 + 17);
    expect_context(m);
}

static void moves_of_fpscr_save_the_context_too(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    run(m, AT_run_svc);
    run(m, AT_run_vmrs);
    assert_int_equal(word(m, FPCCR) & LSPACT, 0);
    expect_saved(m, MSP_TOP - 0x48);
}

static void a_handler_that_runs_through(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    machine_handler(m, SVCALL, AT_fp_handler);
    run(m, AT_run_svc);
    assert_int_equal(exception_now(m), 0);
    expect_context(m);
}

static void lspen_0_saves_at_once(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    set_word(m, FPCCR, ASPEN);
    set_reg(m, CPU_SP, COUNTED_TOP);
    run(m, AT_run_svc);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFE9u);
    assert_int_equal(m->counted_writes, 8 + 17);
    expect_saved(m, COUNTED_TOP - 0x48);
    assert_int_equal(word(m, FPCCR), ASPEN);
    spoil_registers(m);
    leave(m);
    assert_int_equal(m->counted_reads, 8 + 17);
    expect_context(m);
}

static void aspen_0_leaves_fpca_to_software(void **state)
{
    struct machine *m = *state;

    enable_fpu(m);
    set_word(m, FPCCR, LSPEN);
    run(m, AT_run_vmov);
    assert_int_equal(reg(m, CPU_CONTROL), 0);
    run(m, AT_run_svc);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF9u);
    leave(m);
    set_reg(m, 0, FPCA);
    run(m, AT_run_msr_control);
    run(m, AT_run_svc);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFE9u);
    assert_int_equal(word(m, FPCCR) & LSPACT, LSPACT);
    leave(m);
    assert_int_equal(reg(m, CPU_CONTROL), FPCA);
}

static void clearing_fpca_ends_the_context(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    set_reg(m, 0, 0);
    run(m, AT_run_msr_control);
    run(m, AT_run_svc);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF9u);
    assert_int_equal(word(m, FPCCR) & LSPACT, 0);
}

static void fp_frames_are_aligned_to_eight_bytes(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    set_reg(m, CPU_SP, MSP_TOP - 4);
    run(m, AT_run_svc);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 8 - 0x68);
    assert_int_equal(stacked(m, 7) & 1u << 9, 1u << 9);
    assert_int_equal(word(m, FPCAR), MSP_TOP - 8 - 0x48);
    run(m, AT_run_vmov);
    leave(m);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 4);
    expect_context(m);
}

static void frame_on_the_process_stack(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    use_psp(m);
    drop_privilege(m);
    run(m, AT_run_svc);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFEDu);
    assert_int_equal(reg(m, CPU_PSP), PSP_TOP - 0x68);
    assert_int_equal(word(m, FPCAR), PSP_TOP - 0x48);
    assert_int_equal(word(m, FPCCR) & (USER | THREAD), USER | THREAD);
    run(m, AT_run_vmov);
    expect_saved(m, PSP_TOP - 0x48);
    leave(m);
    assert_int_equal(reg(m, CPU_CONTROL), FPCA | 3);
    assert_int_equal(reg(m, CPU_SP), PSP_TOP);
    expect_context(m);
}

static void tail_chaining_keeps_frame_and_laziness(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    set_reg(m, CPU_SP, COUNTED_TOP);
    enable_line(m, 0, 0x40);
    enable_line(m, 1, 0x80);
    set_reg(m, 0, 3);
    run(m, AT_run_raise);
    leave(m);
    assert_int_equal(exception_now(m), 17);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFE9u);
    assert_int_equal(word(m, FPCCR) & LSPACT, LSPACT);
    assert_int_equal(m->counted_writes, 8);
    run(m, AT_run_vmov);
    expect_saved(m, COUNTED_TOP - 0x48);
    leave(m);
    expect_context(m);
}

static void fp_used_before_tail_chaining_is_saved_once(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    set_reg(m, CPU_SP, COUNTED_TOP);
    enable_line(m, 0, 0x40);
    enable_line(m, 1, 0x80);
    set_reg(m, 0, 3);
    run(m, AT_run_raise);
    run(m, AT_run_vmov);
    leave(m);
    assert_int_equal(exception_now(m), 17);
    assert_int_equal(reg(m, CPU_CONTROL), 0); /* the chained one begins without a context */
    run(m, AT_run_vmov);
    assert_int_equal(m->counted_writes, 8 + 17);
    leave(m);
    expect_context(m);
}

/* ---- nesting -------------------------------------------------------------------------------- */

static void enter_nested(struct machine *m)
{
    set_byte(m, SHPR2 + 3, 0x80);
    enable_line(m, 0, 0x40);
    run(m, AT_run_svc);
}

static void the_inner_handler_saves_the_outer_context(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    enter_nested(m);
    set_word(m, ISPR0, 1);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 16);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF1u); /* SVCall used no FP: a short frame */
    assert_int_equal(word(m, FPCCR) & LSPACT, LSPACT);
    assert_int_equal(word(m, FPCAR), MSP_TOP - 0x48); /* still the thread's */
    run(m, AT_run_vmov);
    expect_saved(m, MSP_TOP - 0x48);
    leave(m);
    assert_int_equal(exception_now(m), SVCALL);
    assert_int_equal(reg(m, CPU_CONTROL), 0);
    leave(m);
    expect_context(m);
}

static void two_levels_of_fp_contexts(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    enter_nested(m);
    run(m, AT_run_vmov);
    spoil_registers(m);
    set_reg(m, CPU_FPSCR, 0x80000000u);
    set_word(m, ISPR0, 1);
    run(m, AT_run_nops);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFE1u);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 2 * 0x68);
    assert_int_equal(word(m, FPCAR), MSP_TOP - 2 * 0x68 + 0x20);
    assert_int_equal(word(m, FPCCR) & (LSPACT | THREAD), LSPACT);
    run(m, AT_run_vmov);
    set_reg(m, CPU_S0 + 3, 0);
    leave(m);
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(reg(m, CPU_S0 + i), 0xDEAD0000u + i);
    assert_int_equal(reg(m, CPU_FPSCR), 0x80000000u);
    leave(m);
    expect_context(m);
}

static void a_context_only_in_the_outer_handler(void **state)
{
    struct machine *m = *state;

    enable_fpu(m);
    enter_nested(m);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF9u);
    run(m, AT_run_vmov);
    set_word(m, ISPR0, 1);
    run(m, AT_run_nops);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFE1u);
    leave(m);
    assert_int_equal(reg(m, CPU_CONTROL), FPCA);
    /* A return that says "no FP frame" ends the context. */
    leave(m);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(reg(m, CPU_CONTROL), 0);
}

/* ---- FPDSCR --------------------------------------------------------------------------------- */

static void a_new_context_begins_with_fpdscr(void **state)
{
    struct machine *m = *state;

    enable_fpu(m);
    set_word(m, FPDSCR, 0xFFFFFFFFu);
    assert_int_equal(word(m, FPDSCR), 0x07C00000u);
    set_reg(m, CPU_FPSCR, 0xF000001Fu);
    run(m, AT_run_vmov);
    assert_int_equal(reg(m, CPU_FPSCR), 0xF7C0001Fu); /* bits 26:22 only */

    set_word(m, FPDSCR, 0x00400000u);
    run(m, AT_run_vmov); /* the same context */
    assert_int_equal(reg(m, CPU_FPSCR), 0xF7C0001Fu);
    run(m, AT_run_svc);
    run(m, AT_run_vmrs); /* a new one */
    assert_int_equal(reg(m, 0) & 0x07C00000u, 0x00400000u);
    leave(m);
    assert_int_equal(reg(m, CPU_FPSCR), 0xF7C0001Fu);
}

/* ---- CPACR ---------------------------------------------------------------------------------- */

static void cpacr_by_privilege(void **state)
{
    struct machine *m = *state;
    static const struct {
        uint32_t access;
        bool unprivileged, allowed;
    } cases[] = {
        {0, false, false}, {0, true, false}, {1, false, true},
        {1, true, false},  {3, false, true}, {3, true, true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cpu_reset(m->cpu, 0);
        enable_faults(m);
        set_word(m, CPACR, cases[i].access * 5 << 20); /* CP10 and CP11 */
        if (cases[i].unprivileged)
            drop_privilege(m);
        run(m, AT_run_vmov);
        assert_int_equal(exception_now(m), cases[i].allowed ? 0 : USAGE);
        assert_int_equal(word(m, CFSR), cases[i].allowed ? 0 : NOCP);
        if (!cases[i].allowed)
            assert_int_equal(stacked(m, 6), AT_run_vmov);
    }
}

static void denial_comes_before_the_lazy_save(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    enable_faults(m);
    set_byte(m, SHPR2 + 3, 0x80);
    run(m, AT_run_svc);
    set_word(m, CPACR, 0);
    run(m, AT_run_vmov);
    assert_int_equal(exception_now(m), USAGE);
    assert_int_equal(word(m, CFSR), NOCP);
    assert_int_equal(word(m, FPCCR) & LSPACT, LSPACT);
    /* The handler permits it, and the instruction runs again. */
    set_word(m, CPACR, 0xFu << 20);
    leave(m);
    assert_int_equal(exception_now(m), SVCALL);
    assert_int_equal(word(m, FPCCR) & LSPACT, 0);
    expect_saved(m, MSP_TOP - 0x48);
}

static void lazy_entry_does_not_ask_cpacr(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    enable_faults(m);
    set_word(m, CPACR, 0);
    run(m, AT_run_svc);
    assert_int_equal(exception_now(m), SVCALL);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFE9u);
    leave(m); /* nor does the return from it */
    assert_int_equal(word(m, CFSR), 0);
    expect_context(m);
}

static void stacking_at_once_asks_cpacr(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    enable_faults(m);
    set_byte(m, SHPR2 + 3, 0x80);
    set_word(m, FPCCR, ASPEN);
    set_word(m, CPACR, 0);
    run(m, AT_run_svc);
    assert_int_equal(exception_now(m), USAGE);
    assert_int_equal(word(m, CFSR), NOCP);
    assert_int_equal(word(m, SHCSR) >> 15 & 1, 1);
}

static void unstacking_asks_cpacr(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    enable_faults(m);
    run(m, AT_run_svc);
    run(m, AT_run_vmov);
    set_word(m, CPACR, 0);
    leave(m);
    assert_int_equal(exception_now(m), USAGE);
    assert_int_equal(word(m, CFSR), NOCP);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 0x68);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFE9u);
    set_word(m, CPACR, 0xFu << 20);
    leave(m);
    assert_int_equal(exception_now(m), 0);
    expect_context(m);
}

/* ---- FPCCR's notes for the lazy save -------------------------------------------------------- */

static uint32_t notes_on_entry(struct machine *m)
{
    run(m, AT_run_svc);
    assert_int_equal(exception_now(m), SVCALL);
    return word(m, FPCCR) & (HFRDY | MMRDY | BFRDY | MONRDY);
}

static void ready_bits_follow_enables_and_priorities(void **state)
{
    struct machine *m = *state;
    static const struct {
        uint32_t shcsr, demcr, basepri, ready;
    } cases[] = {
        {0, 0, 0, HFRDY},
        {1 << 16, 0, 0, HFRDY | MMRDY},
        {1 << 17, 0, 0, HFRDY | BFRDY},
        {0, 1u << 16, 0, HFRDY | MONRDY},
        {7 << 16, 1u << 16, 0, HFRDY | MMRDY | BFRDY | MONRDY},
        {7 << 16, 1u << 16, 0x50, HFRDY | MMRDY | BFRDY | MONRDY},
        {7 << 16, 1u << 16, 0x40, HFRDY | MMRDY | MONRDY}, /* Bus is at 0x40 */
        {7 << 16, 1u << 16, 0x30, HFRDY | MONRDY},         /* Mem is at 0x30 */
    };

    set_byte(m, SHPR1, 0x30);
    set_byte(m, SHPR1 + 1, 0x40);
    set_byte(m, SHPR3, 0x20);
    begin_context(m);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_word(m, SHCSR, cases[i].shcsr);
        set_word(m, DEMCR, cases[i].demcr);
        set_reg(m, CPU_BASEPRI, cases[i].basepri);
        assert_int_equal(notes_on_entry(m), cases[i].ready);
        leave(m);
    }
}

static void hardfault_is_not_ready_under_faultmask(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    enable_faults(m);
    set_reg(m, CPU_FAULTMASK, 1);
    cpu_nmi(m->cpu);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 2);
    assert_int_equal(word(m, FPCCR), ASPEN | LSPEN | LSPACT | THREAD);
}

/* ---- faults of the lazy save ---------------------------------------------------------------- */

/* In SVCall at priority 0x80, with the context's place in memory that refuses it. */
static void enter_with_bad_place(struct machine *m, uint8_t bus)
{
    begin_context(m);
    set_byte(m, SHPR2 + 3, 0x80);
    set_byte(m, SHPR1 + 1, bus);
    run(m, AT_run_svc);
    set_word(m, FPCAR, BROKEN + 0x100);
}

static void a_lazy_save_that_faults(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    enter_with_bad_place(m, 0x40);
    run(m, AT_run_vmov);
    assert_int_equal(exception_now(m), BUS);
    assert_int_equal(word(m, CFSR), LSPERR);
    assert_int_equal(stacked(m, 6), AT_run_vmov); /* it runs again afterwards */
    assert_int_equal(word(m, FPCCR) & LSPACT, LSPACT);
    set_word(m, FPCAR, MSP_TOP - 0x48);
    leave(m);
    assert_int_equal(exception_now(m), SVCALL);
    expect_saved(m, MSP_TOP - 0x48);
    leave(m);
    expect_context(m);
}

static void a_lazy_save_that_faults_with_busfault_off(void **state)
{
    struct machine *m = *state;

    enter_with_bad_place(m, 0);
    run(m, AT_run_vmov);
    assert_int_equal(exception_now(m), HARD);
    assert_int_equal(word(m, CFSR), LSPERR);
    assert_int_equal(word(m, HFSR), FORCED);
}

static void a_lazy_save_whose_fault_must_wait(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    enter_with_bad_place(m, 0x90); /* ready at entry from Thread mode, not urgent enough here */
    run(m, AT_run_vmov);
    assert_int_equal(exception_now(m), SVCALL);
    assert_int_equal(word(m, CFSR), LSPERR);
    assert_int_equal(word(m, SHCSR) >> 14 & 1, 1);
    assert_int_equal(word(m, FPCCR) & LSPACT, 0);
    assert_int_equal(reg(m, CPU_S0 + 1), 0x40400000); /* the instruction went on */
    leave(m);
    assert_int_equal(exception_now(m), BUS);
}

static void a_lazy_save_against_the_protection(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    begin_context(m);
    set_byte(m, SHPR2 + 3, 0x80);
    set_byte(m, SHPR1, 0x40);
    mpu_region(m, 0, RAM + 0x2000, RASR_SIZE(8) | RASR_AP(1) | RASR_NORMAL);
    set_word(m, MPU_CTRL, 5);
    run(m, AT_run_svc);
    set_word(m, FPCAR, RAM + 0x2000);
    run(m, AT_run_vmov); /* privileged when stacked: may write */
    assert_int_equal(exception_now(m), SVCALL);
    expect_saved(m, RAM + 0x2000);
    leave(m);

    run(m, AT_run_svc);
    set_word(m, FPCAR, RAM + 0x2000);
    set_word(m, FPCCR, word(m, FPCCR) | USER); /* as if stacked for unprivileged code */
    run(m, AT_run_vmov);
    assert_int_equal(exception_now(m), MEM);
    assert_int_equal(word(m, CFSR), MLSPERR);
    assert_int_equal(stacked(m, 6), AT_run_vmov);
}

static void no_hardfault_ready_locks_up(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    set_reg(m, CPU_FAULTMASK, 1);
    cpu_nmi(m->cpu);
    run(m, AT_run_nops);
    set_word(m, FPCAR, BROKEN);
    run_expecting(m, AT_run_vmov, CPU_LOCKUP, 1000);
    assert_int_equal(exception_now(m), 2);
}

/* ---- registers ------------------------------------------------------------------------------ */

static void fp_control_registers_hold_their_fields(void **state)
{
    struct machine *m = *state;

    assert_int_equal(word(m, FPCCR), ASPEN | LSPEN);
    set_word(m, FPCCR, 0xFFFFFFFFu);
    assert_int_equal(word(m, FPCCR), 0xC000017Bu);
    set_word(m, FPCCR, 0);
    assert_int_equal(word(m, FPCCR), 0);
    set_word(m, FPCAR, 0xFFFFFFFFu);
    assert_int_equal(word(m, FPCAR), 0xFFFFFFF8u);
    set_word(m, CPACR, 0xFFFFFFFFu);
    assert_int_equal(word(m, CPACR), 0x00F00000u);
}

static void software_can_drop_the_lazy_context(void **state)
{
    struct machine *m = *state;

    begin_context(m);
    run(m, AT_run_svc);
    set_word(m, FPCCR, word(m, FPCCR) & ~(uint32_t)LSPACT);
    set_word(m, MSP_TOP - 0x48, 0x12345678u);
    run(m, AT_run_vmov);
    assert_int_equal(word(m, MSP_TOP - 0x48), 0x12345678u);
}

static void a_derived_fault_of_an_fp_frame(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    begin_context(m);
    mpu_region(m, 0, MSP_TOP - 0x100, RASR_SIZE(8) | RASR_AP(5) | RASR_NORMAL); /* read only */
    set_word(m, FPCCR, ASPEN);
    set_byte(m, SHPR2 + 3, 0x80);
    set_word(m, MPU_CTRL, 5);
    run(m, AT_run_svc);
    assert_int_equal(exception_now(m), MEM);
    assert_int_equal(word(m, CFSR), MSTKERR);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 0x68);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFE9u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_context_no_fp_frame),
        TEST(the_first_fp_instruction_sets_fpca),
        TEST(lazy_frame_is_reserved_and_not_written),
        TEST(a_handler_without_fp_costs_no_fp_accesses),
        TEST(a_handler_with_fp_saves_the_context_first),
        TEST(moves_of_fpscr_save_the_context_too),
        TEST(a_handler_that_runs_through),
        TEST(lspen_0_saves_at_once),
        TEST(aspen_0_leaves_fpca_to_software),
        TEST(clearing_fpca_ends_the_context),
        TEST(fp_frames_are_aligned_to_eight_bytes),
        TEST(frame_on_the_process_stack),
        TEST(tail_chaining_keeps_frame_and_laziness),
        TEST(fp_used_before_tail_chaining_is_saved_once),
        TEST(the_inner_handler_saves_the_outer_context),
        TEST(two_levels_of_fp_contexts),
        TEST(a_context_only_in_the_outer_handler),
        TEST(a_new_context_begins_with_fpdscr),
        TEST(cpacr_by_privilege),
        TEST(denial_comes_before_the_lazy_save),
        TEST(lazy_entry_does_not_ask_cpacr),
        TEST(stacking_at_once_asks_cpacr),
        TEST(unstacking_asks_cpacr),
        TEST(ready_bits_follow_enables_and_priorities),
        TEST(hardfault_is_not_ready_under_faultmask),
        TEST(a_lazy_save_that_faults),
        TEST(a_lazy_save_that_faults_with_busfault_off),
        TEST(a_lazy_save_whose_fault_must_wait),
        TEST(a_lazy_save_against_the_protection),
        TEST(no_hardfault_ready_locks_up),
        TEST(fp_control_registers_hold_their_fields),
        TEST(software_can_drop_the_lazy_context),
        TEST(a_derived_fault_of_an_fp_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
