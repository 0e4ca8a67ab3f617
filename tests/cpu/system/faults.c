/*
 * Faults of instructions: their status and address registers, SHCSR, escalation. Arm DDI0403E
 * B1.5.10, B1.5.14, B3.2.13 to B3.2.19; DDI0489F 2.7.1 and DUI0646C 2.4.3 for which bus errors of a
 * Cortex-M7 are precise.
 */
#include "machine.h"

enum { UNALIGN_TRP = 1 << 3, DIV_0_TRP = 1 << 4 };

static void expect_usage_fault(struct machine *m, uint32_t program, uint32_t cfsr)
{
    run(m, program);
    expect_fault(m, USAGE, cfsr);
    assert_int_equal(stacked(m, 6), program);
    assert_int_equal(word(m, HFSR), 0);
    set_word(m, CFSR, 0xFFFFFFFFu);
    abandon(m);
}

static void expect_no_fault(struct machine *m, uint32_t program)
{
    run(m, program);
    expect_fault(m, 0, 0);
}

/* ---- UsageFault ----------------------------------------------------------------------------- */

static void undefined_instructions(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    expect_usage_fault(m, AT_run_udf, UNDEFINSTR);
    set_word(m, RAM + 0x100, 0xA000F7F0u); /* UDF.W #0 */
    expect_usage_fault(m, RAM + 0x100, UNDEFINSTR);
}

static void coprocessors_that_are_not_there(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    expect_usage_fault(m, AT_run_mcr, NOCP);
    expect_usage_fault(m, AT_run_vmov, NOCP);
    enable_fpu(m);
    expect_no_fault(m, AT_run_vmov);
    expect_usage_fault(m, AT_run_mcr, NOCP);
}

static void division_by_zero_traps_if_asked_to(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_reg(m, 1, 100);
    set_reg(m, 2, 0);
    set_reg(m, 0, 5);
    expect_no_fault(m, AT_run_div);
    assert_int_equal(reg(m, 0), 0);
    set_reg(m, 0, 5);
    expect_no_fault(m, AT_run_udiv);
    assert_int_equal(reg(m, 0), 0);

    set_word(m, CCR, DIV_0_TRP);
    set_reg(m, 0, 5);
    expect_usage_fault(m, AT_run_div, DIVBYZERO);
    expect_usage_fault(m, AT_run_udiv, DIVBYZERO);
    assert_int_equal(reg(m, 0), 5);
    set_reg(m, 2, 7);
    expect_no_fault(m, AT_run_div);
    assert_int_equal(reg(m, 0), 14);
}

static void unaligned_accesses_of_normal_memory_work(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    for (unsigned i = 0; i < 8; i++)
        set_byte(m, RAM + 0x3000 + i, (uint8_t)(0x11 * (i + 1)));
    set_reg(m, 1, RAM + 0x3001);
    expect_no_fault(m, AT_run_load);
    assert_int_equal(reg(m, 0), 0x55443322);
    set_reg(m, 1, RAM + 0x3003);
    expect_no_fault(m, AT_run_load_half);
    assert_int_equal(reg(m, 0), 0x5544);
    set_reg(m, 0, 0xAABBCCDDu);
    expect_no_fault(m, AT_run_store);
    assert_int_equal(word(m, RAM + 0x3000), 0xDD332211u);
    assert_int_equal(word(m, RAM + 0x3004), 0x88AABBCCu);
}

static void unaligned_accesses_trap_if_asked_to(void **state)
{
    struct machine *m = *state;
    static const struct {
        uint32_t program, offset;
        bool faults;
    } cases[] = {
        {AT_run_load, 0, false},     {AT_run_load, 1, true},       {AT_run_load, 2, true},
        {AT_run_load_half, 1, true}, {AT_run_load_half, 2, false}, {AT_run_load_byte, 3, false},
        {AT_run_store, 3, true},     {AT_run_store_half, 1, true}, {AT_run_store_byte, 1, false},
    };

    enable_faults(m);
    set_word(m, CCR, UNALIGN_TRP);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_reg(m, 1, RAM + 0x3000 + cases[i].offset);
        if (cases[i].faults)
            expect_usage_fault(m, cases[i].program, UNALIGNED);
        else
            expect_no_fault(m, cases[i].program);
    }
}

static void some_accesses_must_be_aligned_always(void **state)
{
    struct machine *m = *state;
    static const uint32_t programs[] = {
        AT_run_load_many,
        AT_run_load_double,
        AT_run_load_exclusive,
        AT_run_vldr,
    };

    enable_faults(m);
    enable_fpu(m);
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        set_reg(m, 1, RAM + 0x3002);
        expect_usage_fault(m, programs[i], UNALIGNED);
    }
    set_reg(m, 1, DEVICE + 0x102); /* Device memory */
    expect_usage_fault(m, AT_run_load, UNALIGNED);
    expect_usage_fault(m, AT_run_store, UNALIGNED);
}

/* ---- BusFault ------------------------------------------------------------------------------- */

static void loads_fault_precisely(void **state)
{
    struct machine *m = *state;
    static const uint32_t places[] = {BROKEN + 0x124, NOWHERE + 8, COUNTED_TOP};

    enable_faults(m);
    for (size_t i = 0; i < 3; i++) {
        set_reg(m, 0, 77);
        set_reg(m, 1, places[i]);
        run(m, AT_run_load);
        expect_fault(m, BUS, PRECISERR | BFARVALID);
        assert_int_equal(word(m, BFAR), places[i]);
        assert_int_equal(stacked(m, 6), AT_run_load);
        assert_int_equal(stacked(m, 0), 77);
        set_word(m, CFSR, 0xFFFFFFFFu);
        abandon(m);
    }
}

static void a_load_that_faults_in_its_middle_can_be_repeated(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_reg(m, 1, COUNTED_TOP - 4);
    set_reg(m, 2, 22);
    set_reg(m, 3, 33);
    run(m, AT_run_load_many);
    expect_fault(m, BUS, PRECISERR | BFARVALID);
    assert_int_equal(word(m, BFAR), COUNTED_TOP);
    assert_int_equal(stacked(m, 1), COUNTED_TOP - 4);
    assert_int_equal(stacked(m, 2), 22);
    assert_int_equal(stacked(m, 3), 33);
}

static void expect_imprecise(struct machine *m, uint32_t addr, uint32_t axi_type)
{
    set_reg(m, 1, addr);
    run(m, AT_run_store);
    expect_fault(m, BUS, IMPRECISERR);
    assert_int_equal(word(m, ABFSR), 1u << 3 | axi_type << 8);
    assert_int_not_equal(stacked(m, 6), AT_run_store); /* the store is done */
    set_word(m, CFSR, 0xFFFFFFFFu);
    abandon(m);
}

/* DUI0646C 2.4.3: all stores, those to Device and Strongly-ordered memory as well. */
static void stores_fault_imprecisely(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    expect_imprecise(m, READ_ONLY + 0x40, 2);             /* SLVERR */
    expect_imprecise(m, NOWHERE, 3);                      /* Device, DECERR */
    mpu_region(m, 0, BROKEN, RASR_SIZE(12) | RASR_AP(3)); /* Strongly-ordered */
    set_word(m, MPU_CTRL, 5);
    expect_imprecise(m, BROKEN + 0x20, 2);
    set_word(m, ABFSR, 0);
    assert_int_equal(word(m, ABFSR), 0);
}

static void an_imprecise_fault_waits_for_its_priority(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_byte(m, SHPR1 + 1, 0x80);
    enable_line(m, 0, 0x40);
    set_word(m, ISPR0, 1);
    run(m, AT_run_nops);
    set_reg(m, 1, READ_ONLY);
    run(m, AT_run_store);
    expect_fault(m, 16, IMPRECISERR);
    assert_int_equal(word(m, SHCSR) >> 14 & 1, 1); /* BUSFAULTPENDED */
    leave(m);
    expect_fault(m, BUS, IMPRECISERR);
    assert_int_equal(word(m, SHCSR) >> 14 & 1, 0);
    assert_int_equal(word(m, HFSR), 0);
}

static void an_imprecise_fault_with_busfault_off(void **state)
{
    struct machine *m = *state;

    set_reg(m, 1, READ_ONLY);
    run(m, AT_run_store);
    expect_fault(m, HARD, IMPRECISERR);
    assert_int_equal(word(m, HFSR), FORCED);
    /* In the HardFault handler it waits; it never locks up (DUI0646C 2.4.3). */
    set_reg(m, 1, READ_ONLY);
    run(m, AT_run_store);
    expect_fault(m, HARD, IMPRECISERR);
    assert_int_equal(reg(m, CPU_SP), MSP_TOP - 0x20);
    leave(m);
    expect_fault(m, HARD, IMPRECISERR); /* the second one, tail-chained */
    set_word(m, CFSR, IMPRECISERR);
    abandon(m);
}

static void fetch_from_where_the_bus_refuses(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_reg(m, 1, BROKEN | 1);
    run(m, AT_run_branch);
    expect_fault(m, BUS, IBUSERR);
    assert_int_equal(stacked(m, 6), BROKEN);
}

/* ---- MemManage without an MPU --------------------------------------------------------------- */

static void execute_never_holds_without_mpu(void **state)
{
    struct machine *m = *state;
    static const uint32_t places[] = {DEVICE, 0xA0000000u, 0xC0000000u, 0xE000E000u, 0xE0100000u};

    enable_faults(m);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        set_reg(m, 1, places[i] | 1);
        run(m, AT_run_branch);
        expect_fault(m, MEM, IACCVIOL); /* MMFAR does not hold it */
        assert_int_equal(stacked(m, 6), places[i]);
        set_word(m, CFSR, 0xFFFFFFFFu);
        abandon(m);
    }
}

static void data_against_the_protection(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    mpu_region(m, 0, RAM + 0x3000, RASR_SIZE(8) | RASR_AP(0) | RASR_NORMAL);
    set_word(m, MPU_CTRL, 5);
    set_reg(m, 1, RAM + 0x3044);
    run(m, AT_run_load);
    expect_fault(m, MEM, DACCVIOL | MMARVALID);
    assert_int_equal(word(m, MMFAR), RAM + 0x3044);
    assert_int_equal(stacked(m, 6), AT_run_load);
    set_word(m, CFSR, 0xFFFFFFFFu);
    abandon(m);
    set_reg(m, 1, RAM + 0x3048);
    run(m, AT_run_store); /* the protection is checked before the store leaves */
    expect_fault(m, MEM, DACCVIOL | MMARVALID);
    assert_int_equal(word(m, MMFAR), RAM + 0x3048);
    assert_int_equal(stacked(m, 6), AT_run_store);
}

/* ---- status registers ----------------------------------------------------------------------- */

static void status_bits_stay_until_a_one_is_written(void **state)
{
    struct machine *m = *state;
    const uint32_t all = UNDEFINSTR | PRECISERR | BFARVALID | IACCVIOL;

    enable_faults(m);
    run(m, AT_run_udf);
    abandon(m);
    set_reg(m, 1, BROKEN);
    run(m, AT_run_load);
    abandon(m);
    set_reg(m, 1, DEVICE | 1);
    run(m, AT_run_branch);
    expect_fault(m, MEM, all);
    abandon(m);

    set_word(m, CFSR, 0);
    assert_int_equal(word(m, CFSR), all);
    set_byte(m, CFSR + 1, PRECISERR >> 8);
    assert_int_equal(word(m, CFSR), all & ~PRECISERR);
    assert_int_equal(get_byte(m, CFSR + 1), BFARVALID >> 8);
    set_byte(m, CFSR, 0xFF);
    assert_int_equal(word(m, CFSR), UNDEFINSTR | BFARVALID);
    set_reg(m, 0, 0xFFFF);
    set_reg(m, 1, CFSR + 2);
    run(m, AT_run_store_half);
    assert_int_equal(word(m, CFSR), BFARVALID);
    set_word(m, CFSR, BFARVALID);
    assert_int_equal(word(m, CFSR), 0);
}

static void hfsr_and_dfsr_clear_by_ones(void **state)
{
    struct machine *m = *state;

    run(m, AT_run_bkpt);
    abandon(m);
    run(m, AT_run_udf);
    assert_int_equal(word(m, HFSR), DEBUGEVT | FORCED);
    set_word(m, HFSR, FORCED);
    assert_int_equal(word(m, HFSR), DEBUGEVT);
    set_word(m, HFSR, DEBUGEVT);
    assert_int_equal(word(m, HFSR), 0);
    assert_int_equal(word(m, DFSR), 2);
    set_word(m, DFSR, 1);
    assert_int_equal(word(m, DFSR), 2);
    set_word(m, DFSR, 2);
    assert_int_equal(word(m, DFSR), 0);
}

/* ---- escalation ----------------------------------------------------------------------------- */

static const struct {
    uint32_t program, r1, exception, cfsr;
} configurable[] = {
    {AT_run_branch, DEVICE | 1, MEM, IACCVIOL},
    {AT_run_load, BROKEN, BUS, PRECISERR | BFARVALID},
    {AT_run_udf, 0, USAGE, UNDEFINSTR},
};

static void expect_each(struct machine *m, bool escalates)
{
    for (size_t i = 0; i < 3; i++) {
        uint32_t level = exception_now(m);
        set_word(m, CFSR, 0xFFFFFFFFu);
        set_word(m, HFSR, 0xFFFFFFFFu);
        set_reg(m, 1, configurable[i].r1);
        run(m, configurable[i].program);
        expect_fault(m, escalates ? HARD : configurable[i].exception, configurable[i].cfsr);
        assert_int_equal(word(m, HFSR), escalates ? FORCED : 0);
        set_word(m, reg(m, CPU_SP) + 0x18, AT_stop);
        set_word(m, reg(m, CPU_SP) + 0x1C, word(m, reg(m, CPU_SP) + 0x1C) | 1u << 24);
        leave(m);
        assert_int_equal(exception_now(m), level);
    }
}

static void faults_go_to_their_handlers_or_to_hardfault(void **state)
{
    struct machine *m = *state;

    expect_each(m, true);
    enable_faults(m);
    expect_each(m, false);
}

static void faults_that_cannot_preempt_escalate(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_word(m, SHPR1, 0x00404040);
    set_reg(m, CPU_BASEPRI, 0x50);
    expect_each(m, false);
    set_reg(m, CPU_BASEPRI, 0x40);
    expect_each(m, true);
    set_reg(m, CPU_BASEPRI, 0);
    set_reg(m, CPU_PRIMASK, 1);
    expect_each(m, true);
    set_reg(m, CPU_PRIMASK, 0);

    enable_line(m, 0, 0x50);
    set_word(m, ISPR0, 1);
    run(m, AT_run_nops);
    expect_each(m, false);
    set_byte(m, IPR0, 0x40);
    expect_each(m, true);
    assert_int_equal(exception_now(m), 16);
}

static void a_fault_in_the_handler_of_the_same_fault(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    machine_handler(m, USAGE, AT_undefined_handler);
    run(m, AT_run_udf);
    expect_fault(m, HARD, UNDEFINSTR);
    assert_int_equal(word(m, HFSR), FORCED);
    assert_int_equal(stacked(m, 6), AT_undefined_handler);
    assert_int_equal(stacked(m, 7) & 0x1FF, USAGE);
}

static void a_more_urgent_fault_nests(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    set_word(m, SHPR1, 0x00804080); /* Usage 0x80, Bus 0x40, Mem 0x80 */
    machine_handler(m, USAGE, AT_load_r9_handler);
    set_reg(m, 9, BROKEN + 4);
    run(m, AT_run_udf);
    expect_fault(m, BUS, UNDEFINSTR | PRECISERR | BFARVALID);
    assert_int_equal(word(m, HFSR), 0);
    assert_int_equal(word(m, SHCSR) & 0xFFF, 1 << 1 | 1 << 3);
}

/* ---- SHCSR ---------------------------------------------------------------------------------- */

static void active_bits_of_the_system_handlers(void **state)
{
    struct machine *m = *state;
    static const struct {
        uint32_t program, r1, icsr, active;
    } cases[] = {
        {AT_run_branch, DEVICE | 1, 0, 1 << 0},
        {AT_run_load, BROKEN, 0, 1 << 1},
        {AT_run_udf, 0, 0, 1 << 3},
        {AT_run_svc, 0, 0, 1 << 7},
        {AT_run_bkpt, 0, 0, 1 << 8},
        {AT_run_nops, 0, 1u << 28, 1 << 10},
        {AT_run_nops, 0, 1u << 26, 1 << 11},
    };

    enable_faults(m);
    set_word(m, DEMCR, 1u << 16);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_reg(m, 1, cases[i].r1);
        set_word(m, ICSR, cases[i].icsr);
        run(m, cases[i].program);
        assert_int_equal(word(m, SHCSR) & 0xFFFF, cases[i].active);
        abandon(m);
        assert_int_equal(word(m, SHCSR) & 0xFFFF, 0);
    }
}

static void pending_bits_can_be_written(void **state)
{
    struct machine *m = *state;
    static const struct {
        uint32_t bit, exception;
    } cases[] = {{12, USAGE}, {13, MEM}, {14, BUS}, {15, SVCALL}};

    for (size_t i = 0; i < 4; i++) {
        set_reg(m, CPU_PRIMASK, 1);
        set_word(m, SHCSR, 7u << 16 | 1u << cases[i].bit);
        assert_int_equal(word(m, SHCSR), 7u << 16 | 1u << cases[i].bit);
        set_word(m, SHCSR, 7u << 16);
        assert_int_equal(word(m, SHCSR), 7u << 16);
        set_word(m, SHCSR, 7u << 16 | 1u << cases[i].bit);
        set_reg(m, CPU_PRIMASK, 0);
        run(m, AT_run_nops);
        assert_int_equal(exception_now(m), cases[i].exception);
        assert_int_equal(stacked(m, 6), AT_run_nops);
        assert_int_equal(word(m, SHCSR) >> 12 & 15, 0);
        abandon(m);
    }
}

static void a_disabled_fault_stays_pending_until_enabled(void **state)
{
    struct machine *m = *state;

    set_word(m, SHCSR, 1u << 13);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 0);
    set_word(m, SHCSR, 1u << 16 | 1u << 13);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), MEM);
}

static void active_bits_that_software_sets_count_for_priority(void **state)
{
    struct machine *m = *state;

    set_byte(m, SHPR2 + 3, 0x40);
    enable_line(m, 0, 0x40);
    set_word(m, SHCSR, 1u << 7);
    set_word(m, ISPR0, 1);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 0);
    set_word(m, SHCSR, 0);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(undefined_instructions),
        TEST(coprocessors_that_are_not_there),
        TEST(division_by_zero_traps_if_asked_to),
        TEST(unaligned_accesses_of_normal_memory_work),
        TEST(unaligned_accesses_trap_if_asked_to),
        TEST(some_accesses_must_be_aligned_always),
        TEST(loads_fault_precisely),
        TEST(a_load_that_faults_in_its_middle_can_be_repeated),
        TEST(stores_fault_imprecisely),
        TEST(an_imprecise_fault_waits_for_its_priority),
        TEST(an_imprecise_fault_with_busfault_off),
        TEST(fetch_from_where_the_bus_refuses),
        TEST(execute_never_holds_without_mpu),
        TEST(data_against_the_protection),
        TEST(status_bits_stay_until_a_one_is_written),
        TEST(hfsr_and_dfsr_clear_by_ones),
        TEST(faults_go_to_their_handlers_or_to_hardfault),
        TEST(faults_that_cannot_preempt_escalate),
        TEST(a_fault_in_the_handler_of_the_same_fault),
        TEST(a_more_urgent_fault_nests),
        TEST(active_bits_of_the_system_handlers),
        TEST(pending_bits_can_be_written),
        TEST(a_disabled_fault_stays_pending_until_enabled),
        TEST(active_bits_that_software_sets_count_for_priority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
