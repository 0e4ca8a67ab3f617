/*
 * The registers of the private peripheral bus: reset values, fields, keys, access sizes, privilege;
 * and the special registers by MRS, MSR, CPS. Arm DDI0403E B1.4, B3.1, B3.2, B5.2, C1.6 to C1.11;
 * DDI0489F for the values of a Cortex-M7.
 */
#include "machine.h"

#define TRCENA  (1u << 24)
#define UNLOCK  0xC5ACCE55u
#define CSSELR  0xE000ED84u
#define CCSIDR  0xE000ED80u
#define ITM_TER 0xE0000E00u
#define ITM_TPR 0xE0000E40u
#define ITM_TCR 0xE0000E80u
#define ITM_LAR 0xE0000FB0u
#define ITM_LSR 0xE0000FB4u

/* What an access of a program became: 0, or the exception; Thread mode again in any case. */
static uint32_t outcome(struct machine *m, uint32_t program, uint32_t r1)
{
    set_word(m, CFSR, 0xFFFFFFFFu);
    set_reg(m, 1, r1);
    run(m, program);
    uint32_t exception = exception_now(m);
    if (exception)
        abandon(m);
    return exception;
}

/* ---- values --------------------------------------------------------------------------------- */

/* Registers, what reset leaves in them, and the bits that software can write. */
static const struct {
    uint32_t addr, reset, writable;
} registers[] = {
    {0xE000E004, 1, 0},                   /* ICTR: 33 to 64 lines */
    {0xE000E008, 0, 0x1FFFFC04},          /* ACTLR */
    {0xE000E010, 0, 6},                   /* SYST_CSR (not ENABLE: it would count) */
    {0xE000E014, 0, 0x00FFFFFF},          /* SYST_RVR */
    {0xE000E01C, 0, 0},                   /* SYST_CALIB, strapped */
    {0xE000E300, 0, 0},                   /* IABR */
    {0xE000E400, 0, 0xF0F0F0F0},          /* IPR */
    {0xE000E42C, 0, 0xF0F0F0F0},          /* IPR of lines 44 to 47 */
    {0xE000E430, 0, 0},                   /* IPR behind the last line */
    {0xE000ED00, 0x411FC271, 0},          /* CPUID */
    {0xE000ED08, 0, 0xFFFFFF80},          /* VTOR */
    {0xE000ED10, 0, 0x16},                /* SCR */
    {0xE000ED14, 0x00040200, 0x11B},      /* CCR (without the caches) */
    {0xE000ED18, 0, 0x00F0F0F0},          /* SHPR1 */
    {0xE000ED1C, 0, 0xF0000000},          /* SHPR2 */
    {0xE000ED20, 0, 0xF0F000F0},          /* SHPR3 */
    {0xE000ED34, 0, 0xFFFFFFFF},          /* MMFAR */
    {0xE000ED38, 0, 0xFFFFFFFF},          /* BFAR */
    {0xE000ED3C, 0, 0},                   /* AFSR */
    {0xE000ED40, 0x00000030, 0},          /* ID_PFR0 */
    {0xE000ED44, 0x00000200, 0},          /* ID_PFR1 */
    {0xE000ED48, 0x00100000, 0},          /* ID_DFR0 */
    {0xE000ED4C, 0, 0},                   /* ID_AFR0 */
    {0xE000ED50, 0x00100030, 0},          /* ID_MMFR0 */
    {0xE000ED54, 0, 0},                   /* ID_MMFR1 */
    {0xE000ED58, 0x01000000, 0},          /* ID_MMFR2 */
    {0xE000ED5C, 0, 0},                   /* ID_MMFR3 */
    {0xE000ED60, 0x01101110, 0},          /* ID_ISAR0 */
    {0xE000ED64, 0x02112000, 0},          /* ID_ISAR1 */
    {0xE000ED68, 0x20232231, 0},          /* ID_ISAR2 */
    {0xE000ED6C, 0x01111131, 0},          /* ID_ISAR3 */
    {0xE000ED70, 0x01310132, 0},          /* ID_ISAR4 */
    {0xE000ED78, 0x09000003, 0},          /* CLIDR: two L1 caches */
    {0xE000ED7C, 0x8303C003, 0},          /* CTR: lines of 32 bytes */
    {0xE000ED84, 0, 0xF},                 /* CSSELR */
    {0xE000ED88, 0, 0x00F00000},          /* CPACR */
    {0xE000ED90, 0x00001000, 0},          /* MPU_TYPE */
    {0xE000ED94, 0, 4},                   /* MPU_CTRL (not ENABLE and HFNMIENA) */
    {0xE000EDF8, 0, 0xFFFFFFFF},          /* DCRDR */
    {0xE000EF00, 0, 0},                   /* STIR is write-only */
    {0xE000EF34, 0xC0000000, 0xC000017A}, /* FPCCR (not LSPACT) */
    {0xE000EF38, 0, 0xFFFFFFF8},          /* FPCAR */
    {0xE000EF3C, 0, 0x07C00000},          /* FPDSCR */
    {0xE000EF40, 0x10110221, 0},          /* MVFR0: single and double precision */
    {0xE000EF44, 0x12000011, 0},          /* MVFR1 */
    {0xE000EF48, 0x00000040, 0},          /* MVFR2: FPv5 */
    {0xE000EF90, 0x0000003F, 7},          /* ITCMCR: the size is strapped */
    {0xE000EF94, 0, 7},                   /* DTCMCR */
    {0xE000EF98, 0, 1},                   /* AHBPCR */
    {0xE000EF9C, 0, 7},                   /* CACR */
    {0xE000EFFC, 0x000000B1, 0},          /* CIDR3 */
    {0xE000E000, 0, 0},                   /* reserved places */
    {0xE000E020, 0, 0},
    {0xE000E600, 0, 0},
    {0xE000ED8C, 0, 0},
    {0xE000EE00, 0, 0},
    {0xE000EF04, 0, 0},
    {0xE000EFCC, 0, 0},
};

static void reset_values(void **state)
{
    struct machine *m = *state;

    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++)
        assert_int_equal(word(m, registers[i].addr), registers[i].reset);
}

/* By a program's stores, one register at a time, each in a machine of its own. */
static void writable_bits(void **state)
{
    struct machine *m = *state;

    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++) {
        uint32_t writable = registers[i].writable, fixed = registers[i].reset & ~writable;
        uint32_t addr = registers[i].addr;
        /* What must not be set for its effect: see the table. */
        uint32_t keep = addr == SYST_CSR ? 1 : addr == CCR ? 3u << 16 : addr == MPU_CTRL ? 3 : 0;
        keep |= addr == FPCCR ? 1 : 0;
        cpu_reset(m->cpu, 0);
        set_reg(m, 0, ~keep);
        assert_int_equal(outcome(m, AT_run_store, addr), 0);
        assert_int_equal(word(m, addr), fixed | writable);
        set_reg(m, 0, 0);
        assert_int_equal(outcome(m, AT_run_store, addr), 0);
        assert_int_equal(word(m, addr), fixed);
    }
}

static void a_reset_undoes_what_was_written(void **state)
{
    struct machine *m = *state;

    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++) {
        if (registers[i].addr != SYST_CSR && registers[i].addr != CCR)
            set_word(m, registers[i].addr, registers[i].writable);
    }
    set_word(m, ISER0, 0xFFFFFFFFu);
    set_word(m, SHCSR, 7u << 16);
    cpu_reset(m->cpu, 0);
    reset_values(state);
    assert_int_equal(word(m, ISER0), 0);
    assert_int_equal(word(m, SHCSR), 0);
}

static void cache_sizes_by_selection(void **state)
{
    struct machine *m = *state;

    assert_int_equal(word(m, CCSIDR), 0xF00FE019u); /* data: 16 KB, 4 ways, 128 sets */
    set_word(m, CSSELR, 1);
    assert_int_equal(word(m, CCSIDR), 0xF01FE009u); /* instructions: 16 KB, 2 ways, 256 sets */
    assert_int_equal(word(m, CSSELR), 1);
    set_word(m, CSSELR, 2); /* there is no second level */
    assert_int_equal(word(m, CCSIDR), 0);
}

static void cache_bits_of_ccr(void **state)
{
    struct machine *m = *state;

    set_word(m, CCR, 3u << 16);
    assert_int_equal(word(m, CCR), 0x00070200u);
    set_word(m, CCR, 0);
    assert_int_equal(word(m, CCR), 0x00040200u);
}

static void any_write_clears_abfsr(void **state)
{
    struct machine *m = *state;

    set_reg(m, 1, READ_ONLY);
    run(m, AT_run_store);
    assert_int_not_equal(word(m, ABFSR), 0);
    set_word(m, ABFSR, 0xFFFFFFFFu);
    assert_int_equal(word(m, ABFSR), 0);
}

/* ---- AIRCR ---------------------------------------------------------------------------------- */

static void aircr_wants_its_key(void **state)
{
    struct machine *m = *state;
    static const uint32_t wrong[] = {0, 0xFA050000u, 0x05FB0000u, 0xFFFF0000u};

    assert_int_equal(word(m, AIRCR), 0xFA050000u); /* VECTKEYSTAT, little-endian */
    for (size_t i = 0; i < 4; i++) {
        set_word(m, AIRCR, wrong[i] | 7u << 8 | 1u << 2);
        assert_int_equal(word(m, AIRCR), 0xFA050000u);
        assert_int_equal(m->resets, 0);
    }
    set_word(m, AIRCR, 0x05FA0000u | 5u << 8);
    assert_int_equal(word(m, AIRCR), 0xFA050500u);
    set_word(m, AIRCR, 0x05FAFFF8u); /* ENDIANNESS and the reserved bits cannot be written */
    assert_int_equal(word(m, AIRCR), 0xFA050700u);
}

static void sysresetreq_asks_for_a_reset(void **state)
{
    struct machine *m = *state;

    set_reg(m, 0, 0x05FA0000u | 1u << 2);
    set_reg(m, 1, AIRCR);
    run_expecting(m, AT_run_store, CPU_REQUESTED, 1000);
    assert_int_equal(m->resets, 1);
    assert_int_equal(word(m, AIRCR), 0xFA050000u); /* the bit itself reads as zero */
}

/* ---- privilege ------------------------------------------------------------------------------ */

static void unprivileged_code_has_no_ppb(void **state)
{
    struct machine *m = *state;
    static const uint32_t places[] = {
        SYST_CSR, ISER0, IPR0,  0xE000ED00u, ICSR,        VTOR,        AIRCR,
        SCR,      CCR,   CPACR, CFSR,        MPU_TYPE,    MPU_RNR,     DHCSR,
        DEMCR,    FPCCR, STIR,  DWT_CTRL,    0xE0002000u, 0xE0040000u, 0xE00FF000u,
    };

    enable_faults(m);
    drop_privilege(m);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        assert_int_equal(outcome(m, AT_run_load, places[i]), BUS);
        assert_int_equal(word(m, CFSR), PRECISERR | BFARVALID);
        assert_int_equal(word(m, BFAR), places[i]);
        set_reg(m, 0, 0xFFFFFFFFu);
        uint32_t before = word(m, places[i]);
        assert_int_equal(outcome(m, AT_run_store, places[i]), BUS);
        assert_int_equal(word(m, places[i]), before);
    }
    assert_int_equal(m->resets, 0);
}

static void usersetmpend_opens_stir(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_word(m, CCR, 2);
    drop_privilege(m);
    set_reg(m, 0, 5);
    assert_int_equal(outcome(m, AT_run_store, STIR), 0);
    assert_int_equal(word(m, ISPR0), 1u << 5);
    assert_int_equal(outcome(m, AT_run_store, ISPR0), BUS);
}

static void unprivileged_code_and_the_special_registers(void **state)
{
    struct machine *m = *state;
    static const uint32_t programs[] = {
        AT_run_msr_primask, AT_run_msr_basepri, AT_run_msr_basepri_max, AT_run_msr_faultmask,
        AT_run_msr_control, AT_run_msr_stacks,  AT_run_cpsid,
    };

    set_reg(m, CPU_PSP, PSP_TOP);
    set_reg(m, CPU_BASEPRI, 0x80);
    drop_privilege(m);
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        set_reg(m, 0, 0x1);
        set_reg(m, 1, 0x1);
        run(m, programs[i]);
        assert_int_equal(exception_now(m), 0); /* ignored, no fault */
        assert_int_equal(reg(m, CPU_PRIMASK), 0);
        assert_int_equal(reg(m, CPU_FAULTMASK), 0);
        assert_int_equal(reg(m, CPU_BASEPRI), 0x80);
        assert_int_equal(reg(m, CPU_CONTROL), 1);
        assert_int_equal(reg(m, CPU_MSP), MSP_TOP);
        assert_int_equal(reg(m, CPU_PSP), PSP_TOP);
    }
    set_reg(m, 0, 0);
    run(m, AT_run_msr_control); /* the way back is closed */
    assert_int_equal(reg(m, CPU_CONTROL), 1);
    run(m, AT_run_mrs_all);
    assert_int_equal(reg(m, 1), 0); /* BASEPRI and the stack pointers read as zero */
    assert_int_equal(reg(m, 3), 1); /* CONTROL does not */
    assert_int_equal(reg(m, 4), 0);
    assert_int_equal(reg(m, 5), 0);
}

/* ---- access sizes --------------------------------------------------------------------------- */

static void some_registers_know_bytes_and_halves(void **state)
{
    struct machine *m = *state;
    static const uint32_t places[] = {IPR0 + 6, SHPR1 + 2, CFSR + 2};

    enable_faults(m);
    set_byte(m, IPR0 + 6, 0x50);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(outcome(m, AT_run_load_half, places[i]), 0);
        assert_int_equal(outcome(m, AT_run_load_byte, places[i]), 0);
        set_reg(m, 0, 0);
        assert_int_equal(outcome(m, AT_run_store_byte, places[i]), 0);
    }
    set_word(m, IPR0 + 4, 0);
    set_reg(m, 0, 0x60A0);
    outcome(m, AT_run_store_half, IPR0 + 6);
    assert_int_equal(word(m, IPR0 + 4), 0x60A00000u);
    outcome(m, AT_run_load_byte, IPR0 + 7);
    assert_int_equal(reg(m, 0), 0x60);
}

/* ---- special registers ---------------------------------------------------------------------- */

static void mrs_reads_what_is_there(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PSP, PSP_TOP);
    set_reg(m, CPU_PRIMASK, 1);
    set_reg(m, CPU_BASEPRI, 0x40);
    set_reg(m, CPU_FAULTMASK, 1);
    run(m, AT_run_mrs_all);
    assert_int_equal(reg(m, 0), 1);
    assert_int_equal(reg(m, 1), 0x40);
    assert_int_equal(reg(m, 2), 1);
    assert_int_equal(reg(m, 3), 0);
    assert_int_equal(reg(m, 4), MSP_TOP);
    assert_int_equal(reg(m, 5), PSP_TOP);
    use_psp(m);
    run(m, AT_run_mrs_all);
    assert_int_equal(reg(m, 3), 2);
    assert_int_equal(reg(m, 4), MSP_TOP);
    assert_int_equal(reg(m, 5), PSP_TOP);
}

static void epsr_reads_as_zero(void **state)
{
    struct machine *m = *state;

    run(m, AT_run_svc);
    set_reg(m, CPU_XPSR, 0xF80F0000u | 1u << 24);
    run(m, AT_run_mrs_psr);
    assert_int_equal(reg(m, 0), 0xF80F0000u);
    assert_int_equal(reg(m, 1), SVCALL);
    assert_int_equal(reg(m, 2), 0);
    assert_int_equal(reg(m, 3), SVCALL);
    assert_int_equal(reg(m, 4), 0xF80F0000u | SVCALL);
}

static void msr_writes_flags_only(void **state)
{
    struct machine *m = *state;

    set_reg(m, 0, 0xFFFFFFFFu);
    set_reg(m, 1, 0x00000055u);
    run(m, AT_run_msr_psr);
    assert_int_equal(reg(m, CPU_XPSR), 0xF80F0000u | 1u << 24);
    set_reg(m, 0, 0);
    run(m, AT_run_msr_psr);
    assert_int_equal(reg(m, CPU_XPSR), 1u << 24);
}

static void stack_pointers_are_multiples_of_four(void **state)
{
    struct machine *m = *state;

    set_reg(m, 0, RAM + 0x7003);
    set_reg(m, 1, RAM + 0x6003);
    run(m, AT_run_msr_stacks);
    assert_int_equal(reg(m, CPU_MSP), RAM + 0x7000);
    assert_int_equal(reg(m, CPU_PSP), RAM + 0x6000);
    assert_int_equal(reg(m, CPU_SP), RAM + 0x7000);
}

static void control_selects_the_stack_in_thread_mode(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PSP, PSP_TOP);
    set_reg(m, 0, 2);
    run(m, AT_run_msr_control);
    assert_int_equal(reg(m, CPU_SP), PSP_TOP);
    set_reg(m, 0, RAM + 0x7100);
    set_reg(m, 1, RAM + 0x6100);
    run(m, AT_run_msr_stacks); /* one of them is the SP in use */
    assert_int_equal(reg(m, CPU_SP), RAM + 0x6100);
    set_reg(m, 0, 0);
    run(m, AT_run_msr_control);
    assert_int_equal(reg(m, CPU_SP), RAM + 0x7100);
    set_reg(m, 0, 0xFFFFFFF8u);
    run(m, AT_run_msr_control);
    assert_int_equal(reg(m, CPU_CONTROL), 0);
}

static void control_takes_privilege_at_once(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_reg(m, 0, 1);
    run(m, AT_run_msr_control);
    assert_int_equal(outcome(m, AT_run_load, MPU_TYPE), BUS);
}

/* ---- exclusive monitor ---------------------------------------------------------------------- */

static void exclusives(void **state)
{
    struct machine *m = *state;

    set_word(m, RAM + 0x3000, 5);
    set_reg(m, 1, RAM + 0x3000);
    set_reg(m, 2, 7);
    run(m, AT_run_exclusive_pair);
    assert_int_equal(reg(m, 2), 0);
    run(m, AT_run_store_exclusive); /* the first one has used it up */
    assert_int_equal(reg(m, 2), 1);
    run(m, AT_run_exclusive_lost); /* CLREX */
    assert_int_equal(reg(m, 2), 1);
}

static void exception_entry_clears_the_exclusive_monitor(void **state)
{
    struct machine *m = *state;

    set_reg(m, 1, RAM + 0x3000);
    run(m, AT_run_load_exclusive);
    run(m, AT_run_svc);
    run(m, AT_run_store_exclusive);
    assert_int_equal(reg(m, 2), 1);
}

static void exception_return_clears_the_exclusive_monitor(void **state)
{
    struct machine *m = *state;

    run(m, AT_run_svc);
    set_reg(m, 1, RAM + 0x3000);
    run(m, AT_run_load_exclusive);
    leave(m);
    set_reg(m, 1, RAM + 0x3000);
    run(m, AT_run_store_exclusive);
    assert_int_equal(reg(m, 2), 1);
}

static void a_store_exclusive_that_fails_writes_nothing(void **state)
{
    struct machine *m = *state;

    set_word(m, RAM + 0x3000, 5);
    set_reg(m, 0, 6);
    set_reg(m, 1, RAM + 0x3000);
    run(m, AT_run_store_exclusive);
    assert_int_equal(reg(m, 2), 1);
    assert_int_equal(word(m, RAM + 0x3000), 5);
}

/* ---- debug and trace ------------------------------------------------------------------------ */

static void without_trcena_dwt_and_itm_are_off(void **state)
{
    struct machine *m = *state;
    static const uint32_t places[] = {DWT_CTRL, DWT_CYCCNT, ITM_TER, ITM_TCR, ITM_TPR};

    for (size_t i = 0; i < 5; i++) {
        set_word(m, places[i], 0xFFFFFFFFu);
        assert_int_equal(word(m, places[i]), 0);
    }
    set_word(m, DEMCR, TRCENA);
    assert_int_equal(word(m, DWT_CTRL), 0x40000000u);
    for (size_t i = 1; i < 5; i++)
        assert_int_equal(word(m, places[i]), 0);
}

static void comparators_hold_what_is_written(void **state)
{
    struct machine *m = *state;

    set_word(m, DEMCR, TRCENA);
    for (unsigned i = 0; i < 4; i++) {
        set_word(m, 0xE0001020u + 0x10 * i, 0x20001234u + i);
        assert_int_equal(word(m, 0xE0001020u + 0x10 * i), 0x20001234u + i);
    }
    set_word(m, 0xE0002000u, 1); /* FP_CTRL without its key */
    assert_int_equal(word(m, 0xE0002000u) & 1, 0);
    set_word(m, 0xE0002000u, 3);
    assert_int_equal(word(m, 0xE0002000u) & 3, 1);
}

static void itm_ports_are_ready_when_enabled(void **state)
{
    struct machine *m = *state;

    set_word(m, DEMCR, TRCENA);
    set_word(m, ITM_TER, 1u << 3);
    assert_int_equal(word(m, 0xE000000Cu), 0); /* ITM as a whole is off */
    set_word(m, ITM_TCR, 1);
    assert_int_equal(word(m, 0xE000000Cu), 1);
    assert_int_equal(word(m, 0xE0000010u), 0);
    set_reg(m, 0, 'x');
    enable_faults(m);
    assert_int_equal(outcome(m, AT_run_store_byte, 0xE000000Cu), 0);
}

static void itm_is_locked_until_unlocked(void **state)
{
    struct machine *m = *state;

    set_word(m, DEMCR, TRCENA);
    assert_int_equal(word(m, ITM_LSR), 3);
    set_reg(m, 0, 1);
    outcome(m, AT_run_store, ITM_TER);
    assert_int_equal(word(m, ITM_TER), 0);
    set_reg(m, 0, UNLOCK);
    outcome(m, AT_run_store, ITM_LAR);
    assert_int_equal(word(m, ITM_LSR), 1);
    set_reg(m, 0, 1);
    outcome(m, AT_run_store, ITM_TER);
    assert_int_equal(word(m, ITM_TER), 1);
}

static void itm_tpr_keeps_unprivileged_code_out(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_word(m, DEMCR, TRCENA);
    set_word(m, ITM_LAR, UNLOCK);
    set_word(m, ITM_TPR, 5); /* ports 0..7 and 16..23 */
    drop_privilege(m);
    set_reg(m, 0, 0xFFFFFFFFu);
    assert_int_equal(outcome(m, AT_run_store, ITM_TER), 0);
    assert_int_equal(word(m, ITM_TER), 0xFF00FF00u);
    assert_int_equal(outcome(m, AT_run_store, ITM_TPR), 0);
    assert_int_equal(word(m, ITM_TPR), 5);
    assert_int_equal(outcome(m, AT_run_store, ITM_TCR), 0);
    assert_int_equal(word(m, ITM_TCR), 0);
}

static void software_cannot_control_debug(void **state)
{
    struct machine *m = *state;

    set_reg(m, 0, 0xA05F0003u); /* DBGKEY, C_HALT, C_DEBUGEN */
    outcome(m, AT_run_store, DHCSR);
    assert_int_equal(word(m, DHCSR) & 0xFFFF, 0);
    assert_int_equal(word(m, DHCSR) >> 16 & 1, 1); /* S_REGRDY */
}

static void s_reset_st_is_cleared_by_reading(void **state)
{
    struct machine *m = *state;

    outcome(m, AT_run_load, DHCSR);
    assert_int_equal(reg(m, 0) >> 25 & 1, 1);
    outcome(m, AT_run_load, DHCSR);
    assert_int_equal(reg(m, 0) >> 25 & 1, 0);
}

static void rom_table_points_to_the_components(void **state)
{
    struct machine *m = *state;

    assert_int_equal(0xE00FF000u + (word(m, 0xE00FF000u) & ~0xFFFu), 0xE000E000u);
    assert_int_equal(0xE00FF000u + (word(m, 0xE00FF004u) & ~0xFFFu), 0xE0001000u);
    assert_int_equal(0xE00FF000u + (word(m, 0xE00FF008u) & ~0xFFFu), 0xE0002000u);
    assert_int_equal(0xE00FF000u + (word(m, 0xE00FF00Cu) & ~0xFFFu), 0xE0000000u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reset_values),
        TEST(writable_bits),
        TEST(a_reset_undoes_what_was_written),
        TEST(cache_sizes_by_selection),
        TEST(cache_bits_of_ccr),
        TEST(any_write_clears_abfsr),
        TEST(aircr_wants_its_key),
        TEST(sysresetreq_asks_for_a_reset),
        TEST(unprivileged_code_has_no_ppb),
        TEST(usersetmpend_opens_stir),
        TEST(unprivileged_code_and_the_special_registers),
        TEST(some_registers_know_bytes_and_halves),
        TEST(mrs_reads_what_is_there),
        TEST(epsr_reads_as_zero),
        TEST(msr_writes_flags_only),
        TEST(stack_pointers_are_multiples_of_four),
        TEST(control_selects_the_stack_in_thread_mode),
        TEST(control_takes_privilege_at_once),
        TEST(exclusives),
        TEST(exception_entry_clears_the_exclusive_monitor),
        TEST(exception_return_clears_the_exclusive_monitor),
        TEST(a_store_exclusive_that_fails_writes_nothing),
        TEST(without_trcena_dwt_and_itm_are_off),
        TEST(comparators_hold_what_is_written),
        TEST(itm_ports_are_ready_when_enabled),
        TEST(itm_is_locked_until_unlocked),
        TEST(itm_tpr_keeps_unprivileged_code_out),
        TEST(software_cannot_control_debug),
        TEST(s_reset_st_is_cleared_by_reading),
        TEST(rom_table_points_to_the_components),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
