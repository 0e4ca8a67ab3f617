/*
 * Faults of entry and return, of the vector table, of breakpoint instructions; lock-up. Arm
 * DDI0403E B1.5.11 (derived exceptions), B1.5.15 (lock-up), B3.2.8 (BFHFNMIGN), C1.5.
 */
#include "machine.h"

enum { BFHFNMIGN = 1 << 8 };
#define LOCKUP (word(m, DHCSR) >> 19 & 1)

static void expect_lockup(struct machine *m, uint32_t program, uint32_t exception)
{
    run_expecting(m, program, CPU_LOCKUP, 1000);
    assert_int_equal(reg(m, CPU_PC), 0xFFFFFFFEu);
    assert_int_equal(exception_now(m), exception);
    assert_int_equal(LOCKUP, 1);
}

/* ---- derived faults ------------------------------------------------------------------------- */

static void svc_on_a_broken_stack(struct machine *m, uint8_t svc, uint8_t bus)
{
    set_byte(m, SHPR2 + 3, svc);
    set_byte(m, SHPR1 + 1, bus);
    set_reg(m, CPU_SP, BROKEN + 0x100);
    run(m, AT_run_svc);
    assert_int_equal(word(m, CFSR), STKERR); /* BFAR does not hold it */
    assert_int_equal(reg(m, CPU_SP), BROKEN + 0x100 - 0x20);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF9u);
}

static void a_stacking_fault_that_is_more_urgent_goes_first(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    svc_on_a_broken_stack(m, 0x80, 0x40);
    assert_int_equal(exception_now(m), BUS);
    assert_int_equal(word(m, SHCSR) & 0xFFFF, 1u << 15 | 1u << 1); /* SVCall waits */
    set_reg(m, CPU_SP, MSP_TOP - 0x20);
    leave(m);
    assert_int_equal(exception_now(m), SVCALL);
}

static void a_stacking_fault_that_is_less_urgent_waits(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    svc_on_a_broken_stack(m, 0x40, 0x80);
    assert_int_equal(exception_now(m), SVCALL);
    assert_int_equal(word(m, SHCSR) & 0xFFFF, 1u << 14 | 1u << 7);
    leave(m); /* tail-chains: nothing is unstacked */
    assert_int_equal(exception_now(m), BUS);
    assert_int_equal(word(m, CFSR), STKERR);
}

/* It escalates by the priority of what was interrupted, not of what is being entered. */
static void a_stacking_fault_that_could_not_have_preempted(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_reg(m, CPU_BASEPRI, 0x40);
    svc_on_a_broken_stack(m, 0x20, 0x60);
    assert_int_equal(exception_now(m), HARD);
    assert_int_equal(word(m, HFSR), FORCED);
    assert_int_equal(word(m, SHCSR) & 0xFFFF, 1u << 15);
}

static void a_stacking_fault_with_busfault_off(void **state)
{
    struct machine *m = *state;

    svc_on_a_broken_stack(m, 0, 0);
    assert_int_equal(exception_now(m), HARD);
    assert_int_equal(word(m, HFSR), FORCED);
    assert_int_equal(word(m, SHCSR) >> 15 & 1, 1);
}

static void a_stacking_fault_of_nmi(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_SP, BROKEN + 0x100);
    cpu_nmi(m->cpu);
    run(m, AT_run_nops);
    expect_fault(m, 2, STKERR);
    leave(m);
    expect_fault(m, HARD, STKERR);
    assert_int_equal(word(m, HFSR), FORCED);
}

static void an_unstacking_fault_leaves_the_stack_as_it_was(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    run(m, AT_run_svc);
    set_reg(m, CPU_SP, BROKEN + 0x80);
    leave(m);
    expect_fault(m, BUS, UNSTKERR);
    assert_int_equal(reg(m, CPU_SP), BROKEN + 0x80);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF9u);
    assert_int_equal(word(m, SHCSR) & 0xFFF, 1 << 1);
    set_reg(m, CPU_SP, MSP_TOP - 0x20);
    leave(m);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP);
}

static void an_unstacking_fault_of_the_process_stack(void **state)
{
    struct machine *m = *state;

    use_psp(m);
    run(m, AT_run_svc);
    set_reg(m, CPU_PSP, BROKEN + 0x80);
    leave(m);
    expect_fault(m, HARD, UNSTKERR);
    assert_int_equal(word(m, HFSR), FORCED);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFFDu);
    assert_int_equal(reg(m, CPU_PSP), BROKEN + 0x80);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP);
}

/* ---- vector table --------------------------------------------------------------------------- */

static void a_vector_that_cannot_be_read(void **state)
{
    struct machine *m = *state;

    /* The table's first 32 vectors are the last words of COUNTED; exception 32 lies behind. */
    set_word(m, VTOR, COUNTED_TOP - 0x80);
    for (unsigned n = 1; n < 32; n++)
        set_word(m, COUNTED_TOP - 0x80 + 4 * n, AT_halt_handler | 1);
    enable_line(m, 15, 0x40);
    set_word(m, ISPR0, 1u << 15);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 31);
    abandon(m);

    enable_line(m, 16, 0x40);
    set_word(m, ISPR0, 1u << 16);
    run(m, AT_run_nops);
    expect_fault(m, HARD, 0);
    assert_int_equal(word(m, HFSR), VECTTBL);
    assert_int_equal(stacked(m, 6), AT_run_nops);
    assert_int_equal(word(m, IABR0), 0);
    assert_int_equal(word(m, ISPR0), 1u << 16);
}

static void no_vector_for_hardfault(void **state)
{
    struct machine *m = *state;

    set_word(m, VTOR, BROKEN);
    expect_lockup(m, AT_run_udf, HARD);
    assert_int_equal(word(m, HFSR) & VECTTBL, VECTTBL);
}

static void no_vectors_at_reset(void **state)
{
    struct machine *m = *state;

    cpu_reset(m->cpu, BROKEN);
    assert_int_equal(cpu_run(m->cpu, cpu_cycles(m->cpu) + 100), CPU_LOCKUP);
    assert_int_equal(word(m, HFSR), VECTTBL);
    assert_int_equal(reg(m, CPU_PC), 0xFFFFFFFEu);
}

/* ---- breakpoint instructions ---------------------------------------------------------------- */

static void bkpt_without_a_debugger(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    run(m, AT_run_bkpt);
    expect_fault(m, HARD, 0);
    assert_int_equal(word(m, HFSR), DEBUGEVT); /* not FORCED */
    assert_int_equal(word(m, DFSR), 2);
    assert_int_equal(stacked(m, 6), AT_run_bkpt);
}

static void bkpt_with_the_monitor_on(void **state)
{
    struct machine *m = *state;

    set_word(m, DEMCR, 1u << 16);
    set_byte(m, SHPR3, 0x40);
    run(m, AT_run_bkpt);
    expect_fault(m, MONITOR, 0);
    assert_int_equal(word(m, HFSR), 0);
    assert_int_equal(word(m, DFSR), 2);
    assert_int_equal(stacked(m, 6), AT_run_bkpt);
    abandon(m);
    set_reg(m, CPU_BASEPRI, 0x40);
    run(m, AT_run_bkpt); /* the monitor cannot pre-empt */
    expect_fault(m, HARD, 0);
    assert_int_equal(word(m, HFSR), DEBUGEVT);
}

static void monitor_can_be_pended(void **state)
{
    struct machine *m = *state;

    set_word(m, DEMCR, 1u << 17);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(word(m, DEMCR), 1u << 17);
    set_word(m, DEMCR, 1u << 17 | 1u << 16);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), MONITOR);
    assert_int_equal(word(m, DEMCR), 1u << 16);
}

/* ---- lock-up -------------------------------------------------------------------------------- */

static void hardfault_vector_without_its_thumb_bit(void **state)
{
    struct machine *m = *state;

    machine_vector(m, HARD, AT_halt_handler);
    expect_lockup(m, AT_run_udf, HARD);
    assert_int_equal(word(m, CFSR), UNDEFINSTR | INVSTATE);
}

static void any_fault_in_hardfault_locks_up(void **state)
{
    struct machine *m = *state;
    static const uint32_t handlers[] = {
        AT_undefined_handler,
        AT_svc_handler,
        AT_bkpt_handler,
        AT_load_r9_handler,
    };

    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
        cpu_reset(m->cpu, 0);
        enable_faults(m);
        set_reg(m, CPU_PRIMASK, 1); /* makes a HardFault of the first one */
        machine_handler(m, HARD, handlers[i]);
        set_reg(m, 9, BROKEN);
        expect_lockup(m, AT_run_udf, HARD);
    }
}

static void any_fault_in_nmi_locks_up(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    machine_handler(m, 2, AT_undefined_handler);
    cpu_nmi(m->cpu);
    expect_lockup(m, AT_run_nops, 2);
    assert_int_equal(word(m, CFSR), UNDEFINSTR);
}

static void a_fault_under_faultmask_locks_up(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_reg(m, CPU_FAULTMASK, 1);
    expect_lockup(m, AT_run_udf, 0);
}

static void faultmask_is_above_a_handler_of_priority_zero(void **state)
{
    struct machine *m = *state;

    run(m, AT_run_svc);
    set_reg(m, 0, 1);
    run(m, AT_run_msr_faultmask);
    assert_int_equal(reg(m, CPU_FAULTMASK), 1);
    expect_lockup(m, AT_run_udf, SVCALL);
}

static void lockup_holds_and_nmi_leaves_it(void **state)
{
    struct machine *m = *state;
    char text[160];

    machine_handler(m, HARD, AT_undefined_handler);
    expect_lockup(m, AT_run_udf, HARD);
    assert_int_equal(cpu_run(m->cpu, cpu_cycles(m->cpu) + 100), CPU_LOCKUP);
    enable_line(m, 0, 0);
    set_word(m, ISPR0, 1); /* not urgent enough */
    assert_int_equal(cpu_run(m->cpu, cpu_cycles(m->cpu) + 100), CPU_LOCKUP);
    cpu_explain(m->cpu, text, sizeof text);
    assert_non_null(strstr(text, "lockup"));
    assert_non_null(strstr(text, "undefined instruction"));

    cpu_nmi(m->cpu);
    resume(m);
    assert_int_equal(exception_now(m), 2);
    assert_int_equal(LOCKUP, 0);
    assert_int_equal(stacked(m, 6), 0xFFFFFFFEu);
    expect_lockup(m, AT_do_return, HARD);
}

static void reset_leaves_lockup(void **state)
{
    struct machine *m = *state;

    machine_handler(m, HARD, AT_undefined_handler);
    expect_lockup(m, AT_run_udf, HARD);
    cpu_reset(m->cpu, 0);
    assert_int_equal(LOCKUP, 0);
    resume(m);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(word(m, CFSR), 0);
}

/* ---- CCR.BFHFNMIGN -------------------------------------------------------------------------- */

static void bfhfnmign_lets_hardfault_and_nmi_probe(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_word(m, CCR, BFHFNMIGN);
    machine_handler(m, 2, AT_load_r9_handler);
    set_reg(m, 9, BROKEN);
    cpu_nmi(m->cpu);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 2);
    abandon(m);

    set_reg(m, CPU_PRIMASK, 1);
    machine_handler(m, HARD, AT_load_r9_handler);
    run(m, AT_run_udf);
    assert_int_equal(exception_now(m), HARD);
    abandon(m);

    set_reg(m, CPU_PRIMASK, 0);
    set_reg(m, CPU_FAULTMASK, 1); /* priority -1, too */
    set_reg(m, 1, BROKEN);
    run(m, AT_run_load);
    assert_int_equal(exception_now(m), 0);
    set_reg(m, CPU_FAULTMASK, 0);
    run(m, AT_run_load); /* and nobody else */
    assert_int_equal(exception_now(m), BUS);
}

static void bfhfnmign_is_about_bus_errors_only(void **state)
{
    struct machine *m = *state;

    set_word(m, CCR, BFHFNMIGN);
    machine_handler(m, HARD, AT_undefined_handler);
    expect_lockup(m, AT_run_udf, HARD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stacking_fault_that_is_more_urgent_goes_first),
        TEST(a_stacking_fault_that_is_less_urgent_waits),
        TEST(a_stacking_fault_that_could_not_have_preempted),
        TEST(a_stacking_fault_with_busfault_off),
        TEST(a_stacking_fault_of_nmi),
        TEST(an_unstacking_fault_leaves_the_stack_as_it_was),
        TEST(an_unstacking_fault_of_the_process_stack),
        TEST(a_vector_that_cannot_be_read),
        TEST(no_vector_for_hardfault),
        TEST(no_vectors_at_reset),
        TEST(bkpt_without_a_debugger),
        TEST(bkpt_with_the_monitor_on),
        TEST(monitor_can_be_pended),
        TEST(hardfault_vector_without_its_thumb_bit),
        TEST(any_fault_in_hardfault_locks_up),
        TEST(any_fault_in_nmi_locks_up),
        TEST(a_fault_under_faultmask_locks_up),
        TEST(faultmask_is_above_a_handler_of_priority_zero),
        TEST(lockup_holds_and_nmi_leaves_it),
        TEST(reset_leaves_lockup),
        TEST(bfhfnmign_lets_hardfault_and_nmi_probe),
        TEST(bfhfnmign_is_about_bus_errors_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
