/*
 * Exception entry and return: frames, stacks, EXC_RETURN and its integrity checks, tail-chaining,
 * IT and T state, privilege. Arm DDI0403E B1.5.6 to B1.5.8.
 */
#include "machine.h"

enum { XPSR_ALIGN = 1 << 9, XPSR_T = 1 << 24 };

/* Different values everywhere, so that a word in the wrong place is seen. */
static void fill_registers(struct machine *m)
{
    for (unsigned r = 0; r < 13; r++)
        set_reg(m, r, 0x11111111u * (r + 1));
    set_reg(m, CPU_LR, 0xABCDEF01u);
    set_reg(m, CPU_XPSR, 0xA80F0000u | XPSR_T);
}

static void frame_holds_the_eight_registers(void **state)
{
    struct machine *m = *state;

    fill_registers(m);
    run(m, AT_run_svc);
    assert_int_equal(exception_now(m), 11);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 0x20);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(stacked(m, i), 0x11111111u * (i + 1));
    assert_int_equal(stacked(m, 4), 0xDDDDDDDDu);
    assert_int_equal(stacked(m, 5), 0xABCDEF01u);
    assert_int_equal(stacked(m, 6), AT_run_svc + 2);
    assert_int_equal(stacked(m, 7), 0xA80F0000u | XPSR_T);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF9u);
}

static void return_brings_everything_back(void **state)
{
    struct machine *m = *state;

    fill_registers(m);
    run(m, AT_run_svc);
    /* What the handler leaves in the caller-saved registers must not matter. */
    for (unsigned r = 0; r < 4; r++)
        set_reg(m, r, 0);
    set_reg(m, 12, 0);
    set_reg(m, CPU_XPSR, 0x50000000u | XPSR_T);
    run(m, AT_do_return);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP);
    for (unsigned r = 0; r < 13; r++)
        assert_int_equal(reg(m, r), 0x11111111u * (r + 1));
    assert_int_equal(reg(m, CPU_LR), 0xABCDEF01u);
    assert_int_equal(reg(m, CPU_XPSR), 0xA80F0000u | XPSR_T);
}

static void stack_is_aligned_to_eight_bytes_and_put_back(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_SP, MSP_TOP - 4);
    run(m, AT_run_svc);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 8 - 0x20);
    assert_int_equal(stacked(m, 7) & XPSR_ALIGN, XPSR_ALIGN);
    run(m, AT_do_return);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 4);
}

static void stkalign_is_fixed_to_one(void **state)
{
    struct machine *m = *state;

    set_word(m, CCR, 0);
    assert_int_equal(word(m, CCR) & 1 << 9, 1 << 9);
}

static void thread_on_the_process_stack(void **state)
{
    struct machine *m = *state;

    use_psp(m);
    assert_int_equal(reg(m, CPU_SP), PSP_TOP);
    run(m, AT_run_svc);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFFDu);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP);
    assert_int_equal(reg(m, CPU_PSP), PSP_TOP - 0x20);
    assert_int_equal(word(m, PSP_TOP - 0x20 + 0x18), AT_run_svc + 2);
    assert_int_equal(reg(m, CPU_CONTROL), 0); /* SPSEL reads 0 in Handler mode */
    run(m, AT_do_return);
    assert_int_equal(reg(m, CPU_SP), PSP_TOP);
    assert_int_equal(reg(m, CPU_MSP), MSP_TOP);
    assert_int_equal(reg(m, CPU_CONTROL), 2);
}

static void nested_entry_returns_to_handler_mode(void **state)
{
    struct machine *m = *state;

    set_byte(m, SHPR2 + 3, 0x80);
    set_byte(m, IPR0, 0x40);
    set_word(m, ISER0, 1);
    run(m, AT_run_svc);
    cpu_irq(m->cpu, 0, true);
    cpu_irq(m->cpu, 0, false);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 16);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF1u);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 0x40);
    assert_int_equal(stacked(m, 7) & 0x1FF, 11);
    run(m, AT_do_return);
    assert_int_equal(exception_now(m), 11);
}

static void return_address_is_the_next_instruction_for_svc_and_this_one_for_faults(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    run(m, AT_run_udf);
    assert_int_equal(exception_now(m), 6);
    assert_int_equal(stacked(m, 6), AT_run_udf);
}

static void svc_advances_the_it_state(void **state)
{
    struct machine *m = *state;

    machine_handler(m, 11, AT_log_handler);
    run(m, AT_run_svc_in_it);
    assert_int_equal(log_count(m), 1);
    assert_int_equal(reg(m, 5), 1);
}

static void a_fault_stacks_the_it_state_of_its_instruction(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    run(m, AT_run_udf_in_it);
    assert_int_equal(exception_now(m), 6);
    /* ITTE EQ before its first instruction: firstcond 0000, mask 0110: IT = 0x06; bits 26:25 hold
       IT<1:0>, bits 15:10 IT<7:2>. */
    assert_int_equal(stacked(m, 7) & 0x0600FC00u, 2u << 25 | 1u << 10);
    assert_int_equal(stacked(m, 6), AT_run_udf_in_it + 8);
    assert_int_equal(reg(m, CPU_XPSR) & 0x0600FC00u, 0);
}

static void handlers_are_privileged_and_thread_stays_unprivileged(void **state)
{
    struct machine *m = *state;

    drop_privilege(m);
    run(m, AT_run_svc);
    assert_int_equal(reg(m, CPU_CONTROL), 1);
    set_reg(m, 0, 1);
    run(m, AT_run_msr_basepri); /* works: privileged */
    assert_int_equal(reg(m, CPU_BASEPRI), 0);
    set_reg(m, 0, 0x30);
    run(m, AT_run_msr_basepri);
    assert_int_equal(reg(m, CPU_BASEPRI), 0x30);
    run(m, AT_do_return);
    assert_int_equal(reg(m, CPU_CONTROL), 1);
    set_reg(m, 0, 0x40);
    run(m, AT_run_msr_basepri); /* ignored */
    assert_int_equal(reg(m, CPU_BASEPRI), 0x30);
}

static void handler_mode_ignores_writes_of_spsel(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PSP, PSP_TOP);
    run(m, AT_run_svc);
    set_reg(m, 0, 3);
    run(m, AT_run_msr_control);
    assert_int_equal(reg(m, CPU_CONTROL), 1);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 0x20);
}

static void nothing_is_popped_and_pushed_between_chained_handlers(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_SP, COUNTED_TOP);
    set_byte(m, IPR0, 0x40);
    set_byte(m, IPR0 + 1, 0x80);
    set_word(m, ISER0, 3);
    set_reg(m, 0, 3);
    run(m, AT_run_raise);
    assert_int_equal(exception_now(m), 16);
    assert_int_equal(m->counted_writes, 8);
    run(m, AT_do_return);
    assert_int_equal(exception_now(m), 17);
    assert_int_equal(m->counted_writes, 8);
    assert_int_equal(m->counted_reads, 0);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF9u);
    assert_int_equal(reg(m, CPU_SP), COUNTED_TOP - 0x20);
    run(m, AT_do_return);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(m->counted_reads, 8);
    assert_int_equal(m->counted_writes, 8);
}

/* Enters SVCall with an interrupt nested on it. */
static void nest_two(struct machine *m)
{
    set_byte(m, SHPR2 + 3, 0x80);
    set_byte(m, IPR0, 0x40);
    set_word(m, ISER0, 1);
    run(m, AT_run_svc);
    set_word(m, ISPR0, 1);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 16);
}

/* The checks that fail before unstacking: UsageFault INVPC by tail-chaining, the frame left in
   place, LR the value that was tried. */
static void expect_invpc(struct machine *m, uint32_t exc_return, uint32_t sp)
{
    assert_int_equal(exception_now(m), 6);
    assert_int_equal(word(m, CFSR), INVPC);
    assert_int_equal(reg(m, CPU_LR), exc_return);
    assert_int_equal(reg(m, CPU_SP), sp);
}

static void illegal_exc_return_values(void **state)
{
    struct machine *m = *state;
    static const uint32_t values[] = {
        0xFFFFFFF0u, 0xFFFFFFF2u, 0xFFFFFFF3u, 0xFFFFFFF5u, 0xFFFFFFF7u,
        0xFFFFFFFBu, 0xFFFFFFFFu, 0xF0000009u, 0xFFFFFEF9u,
    };

    enable_faults(m);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        set_word(m, CFSR, 0xFFFFFFFFu);
        run(m, AT_run_svc);
        set_reg(m, 8, values[i]);
        uint32_t sp = reg(m, CPU_SP);
        run(m, AT_return_r8_handler);
        expect_invpc(m, values[i], sp);
        /* SVCall is no longer active; the way back is open for the fault handler. */
        assert_int_equal(word(m, SHCSR) & 0xFFF, 1 << 3);
        set_reg(m, 8, 0xFFFFFFF9u);
        run(m, AT_return_r8_handler);
        assert_int_equal(exception_now(m), 0);
    }
}

static void pop_to_pc_returns_as_well(void **state)
{
    struct machine *m = *state;

    run(m, AT_run_svc);
    set_reg(m, 8, 0xFFFFFFF9u);
    run(m, AT_do_return_r8);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP);
}

static void thread_return_needs_the_base_level(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_byte(m, SHPR1 + 2, 0x20);
    nest_two(m);
    uint32_t sp = reg(m, CPU_SP);
    set_reg(m, 8, 0xFFFFFFF9u);
    run(m, AT_return_r8_handler);
    expect_invpc(m, 0xFFFFFFF9u, sp);
}

static void nonbasethrdena_permits_thread_return_from_any_level(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_word(m, CCR, 1);
    nest_two(m);
    set_word(m, reg(m, CPU_SP) + 0x1C, XPSR_T); /* IPSR of a thread */
    set_reg(m, 8, 0xFFFFFFF9u);
    run(m, AT_return_r8_handler);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(word(m, CFSR), 0);
    assert_int_equal(word(m, SHCSR) & 0x80, 0x80); /* SVCall is still active */
}

static void stacked_ipsr_must_fit_the_mode(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    run(m, AT_run_svc);
    uint32_t sp = reg(m, CPU_SP);
    set_word(m, sp + 0x1C, XPSR_T | 14);
    run(m, AT_do_return);
    expect_invpc(m, 0xFFFFFFF9u, sp);

    /* And the other way: to Handler mode with IPSR 0. */
    set_word(m, sp + 0x1C, XPSR_T);
    set_word(m, CFSR, 0xFFFFFFFFu);
    set_reg(m, 8, 0xFFFFFFF1u);
    run(m, AT_return_r8_handler);
    expect_invpc(m, 0xFFFFFFF1u, sp);
}

static void returning_from_an_inactive_exception(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    run(m, AT_run_svc);
    set_word(m, SHCSR, 7u << 16); /* clears SVCALLACT */
    uint32_t sp = reg(m, CPU_SP);
    run(m, AT_do_return);
    expect_invpc(m, 0xFFFFFFF9u, sp);
}

static void integrity_fault_escalates_if_usagefault_is_off(void **state)
{
    struct machine *m = *state;

    run(m, AT_run_svc);
    set_reg(m, 8, 0xFFFFFFFBu);
    run(m, AT_return_r8_handler);
    assert_int_equal(exception_now(m), 3);
    assert_int_equal(word(m, CFSR), INVPC);
    assert_int_equal(word(m, HFSR), 1u << 30);
}

static void t_bit_comes_from_the_vector(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    machine_vector(m, 11, AT_log_handler); /* bit 0 clear */
    set_byte(m, SHPR2 + 3, 0x80);
    run(m, AT_run_svc);
    assert_int_equal(exception_now(m), 6);
    assert_int_equal(word(m, CFSR), INVSTATE);
    assert_int_equal(stacked(m, 6), AT_log_handler);
    assert_int_equal(stacked(m, 7) & (XPSR_T | 0x1FF), 11);
}

static void branch_to_an_even_address(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_reg(m, 1, AT_run_nops);
    run(m, AT_run_branch);
    assert_int_equal(exception_now(m), 6);
    assert_int_equal(word(m, CFSR), INVSTATE);
    assert_int_equal(stacked(m, 6), AT_run_nops);
    assert_int_equal(stacked(m, 7) & XPSR_T, 0);
    /* A handler that repairs the frame gets the program going. */
    set_word(m, reg(m, CPU_SP) + 0x1C, XPSR_T);
    run(m, AT_do_return);
    assert_int_equal(exception_now(m), 0);
}

static void unstacked_t_bit_clear(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    run(m, AT_run_svc);
    set_word(m, reg(m, CPU_SP) + 0x1C, 0);
    run(m, AT_do_return);
    assert_int_equal(exception_now(m), 6);
    assert_int_equal(word(m, CFSR), INVSTATE);
    assert_int_equal(stacked(m, 6), AT_run_svc + 2);
}

static void interworking_call_still_works(void **state)
{
    struct machine *m = *state;

    set_reg(m, 1, AT_function | 1);
    run(m, AT_run_call);
    assert_int_equal(reg(m, 5), 77);
}

static void faultmask_falls_on_return_but_not_from_nmi(void **state)
{
    struct machine *m = *state;

    run(m, AT_run_svc);
    set_reg(m, 0, 1);
    run(m, AT_run_msr_faultmask);
    assert_int_equal(reg(m, CPU_FAULTMASK), 1);
    run(m, AT_do_return);
    assert_int_equal(reg(m, CPU_FAULTMASK), 0);

    run(m, AT_run_msr_faultmask); /* r0 is what it was before the SVC */
    set_reg(m, 0, 1);
    run(m, AT_run_msr_faultmask);
    cpu_nmi(m->cpu);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 2);
    run(m, AT_do_return);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(reg(m, CPU_FAULTMASK), 1);
}

static void exception_clears_the_exclusive_monitor(void **state)
{
    struct machine *m = *state;

    machine_handler(m, 11, AT_log_handler);
    set_word(m, RAM + 0x3000, 5);
    set_reg(m, 1, RAM + 0x3000);
    run(m, AT_run_exclusive);
    assert_int_equal(reg(m, 2), 1);
}

static void vector_table_moves_with_vtor(void **state)
{
    struct machine *m = *state;

    set_word(m, VTOR, RAM + 0x4000 + 0x7F);
    assert_int_equal(word(m, VTOR), RAM + 0x4000);
    set_word(m, RAM + 0x4000 + 4 * 11, AT_log_handler | 1);
    run(m, AT_run_svc);
    assert_int_equal(log_count(m), 1);
    assert_int_equal(log_entry(m, 0), 11);
}

static void reset_state(void **state)
{
    struct machine *m = *state;

    use_psp(m);
    run(m, AT_run_svc);
    set_word(m, RAM + 0x4000, RAM + 0x7007);
    set_word(m, RAM + 0x4004, AT_run_nops | 1);
    cpu_reset(m->cpu, RAM + 0x4000);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(reg(m, CPU_SP), RAM + 0x7004);
    assert_int_equal(reg(m, CPU_PC), AT_run_nops);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFFFu);
    assert_int_equal(reg(m, CPU_CONTROL), 0);
    assert_int_equal(word(m, VTOR), RAM + 0x4000);
    assert_int_equal(word(m, SHCSR), 0);
    assert_int_equal(word(m, CCR), 0x00040200u);
    assert_int_equal(word(m, FPCCR), 0xC0000000u);
    resume(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frame_holds_the_eight_registers),
        TEST(return_brings_everything_back),
        TEST(stack_is_aligned_to_eight_bytes_and_put_back),
        TEST(stkalign_is_fixed_to_one),
        TEST(thread_on_the_process_stack),
        TEST(nested_entry_returns_to_handler_mode),
        TEST(return_address_is_the_next_instruction_for_svc_and_this_one_for_faults),
        TEST(svc_advances_the_it_state),
        TEST(a_fault_stacks_the_it_state_of_its_instruction),
        TEST(handlers_are_privileged_and_thread_stays_unprivileged),
        TEST(handler_mode_ignores_writes_of_spsel),
        TEST(nothing_is_popped_and_pushed_between_chained_handlers),
        TEST(illegal_exc_return_values),
        TEST(pop_to_pc_returns_as_well),
        TEST(thread_return_needs_the_base_level),
        TEST(nonbasethrdena_permits_thread_return_from_any_level),
        TEST(stacked_ipsr_must_fit_the_mode),
        TEST(returning_from_an_inactive_exception),
        TEST(integrity_fault_escalates_if_usagefault_is_off),
        TEST(t_bit_comes_from_the_vector),
        TEST(branch_to_an_even_address),
        TEST(unstacked_t_bit_clear),
        TEST(interworking_call_still_works),
        TEST(faultmask_falls_on_return_but_not_from_nmi),
        TEST(exception_clears_the_exclusive_monitor),
        TEST(vector_table_moves_with_vtor),
        TEST(reset_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
