/*
 * SysTick, the cycle counter, sleep and events; and that time is the same in every run. Arm
 * DDI0403E B3.3 (SysTick), B1.5.17 to B1.5.19 (WFE, SEV, WFI), C1.8 (DWT).
 */
#include "machine.h"

enum { ENABLE = 1, TICKINT = 2, CORE_CLOCK = 4, COUNTFLAG = 1 << 16 };
enum { SLEEPONEXIT = 1 << 1, SLEEPDEEP = 1 << 2, SEVONPEND = 1 << 4 };
enum { TRCENA = 1 << 24, CYCCNTENA = 1 << 0 };
#define UNLOCK     0xC5ACCE55u
#define SYST_CALIB 0xE000E01Cu

/* SysTick from a counter of zero. */
static void start_systick(struct machine *m, uint32_t reload, uint32_t control)
{
    set_word(m, SYST_CSR, 0);
    set_word(m, SYST_RVR, reload);
    set_word(m, SYST_CVR, 0);
    set_word(m, SYST_CSR, control);
}

/* Lets at least so many cycles go by. */
static void pass(struct machine *m, uint32_t cycles)
{
    set_reg(m, 0, cycles);
    run(m, AT_run_delay);
}

/* What a counter that was zero shows after `ticks` (B3.3.1): the first tick loads it. */
static uint32_t counter_after(uint64_t ticks, uint32_t reload)
{
    return ticks ? reload - (uint32_t)((ticks - 1) % (reload + 1u)) : 0;
}

/* A program's load. */
static uint32_t loaded(struct machine *m, uint32_t addr)
{
    set_reg(m, 1, addr);
    run(m, AT_run_load);
    return reg(m, 0);
}

/* ---- SysTick -------------------------------------------------------------------------------- */

static void systick_counts_core_cycles(void **state)
{
    struct machine *m = *state;
    static const uint32_t reloads[] = {1, 2, 99, 100, 999, 0xFFFFFF};

    for (size_t i = 0; i < sizeof reloads / sizeof reloads[0]; i++) {
        uint64_t begin = cpu_cycles(m->cpu);
        start_systick(m, reloads[i], ENABLE | CORE_CLOCK);
        assert_int_equal(word(m, SYST_CVR), 0);
        for (unsigned look = 0; look < 50; look++) {
            pass(m, 1 + 7 * look);
            uint64_t ticks = cpu_cycles(m->cpu) - begin;
            assert_int_equal(word(m, SYST_CVR), counter_after(ticks, reloads[i]));
        }
    }
}

static void systick_counts_eighths_of_the_core_clock(void **state)
{
    struct machine *m = *state;

    start_systick(m, 99, ENABLE);
    uint64_t begin = cpu_cycles(m->cpu) / 8;
    for (unsigned look = 0; look < 50; look++) {
        pass(m, 1 + 13 * look);
        uint64_t ticks = cpu_cycles(m->cpu) / 8 - begin;
        assert_int_equal(word(m, SYST_CVR), counter_after(ticks, 99));
    }
}

static void systick_interrupts_once_a_period(void **state)
{
    struct machine *m = *state;

    machine_handler(m, SYSTICK, AT_log_handler);
    uint64_t begin = cpu_cycles(m->cpu);
    start_systick(m, 999, ENABLE | TICKINT | CORE_CLOCK);
    for (unsigned i = 1; i <= 20; i++) {
        pass(m, 700);
        uint64_t ticks = cpu_cycles(m->cpu) - begin;
        /* It is at zero 1000 ticks after the start, and every 1000 later. */
        assert_int_equal(log_count(m), ticks / 1000);
    }
    assert_true(log_count(m) > 10);
    assert_int_equal(log_entry(m, 0), SYSTICK);
}

static void systick_period_is_exact_in_sleep(void **state)
{
    struct machine *m = *state;
    uint64_t at[5];

    start_systick(m, 12345, ENABLE | TICKINT | CORE_CLOCK);
    for (unsigned i = 0; i < 5; i++) {
        run(m, AT_run_wfi);
        assert_int_equal(exception_now(m), SYSTICK);
        at[i] = cpu_cycles(m->cpu);
        leave(m);
    }
    for (unsigned i = 1; i < 5; i++)
        assert_int_equal(at[i] - at[i - 1], 12346);
}

static void systick_wakes_in_the_cycle_of_its_zero(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PRIMASK, 1); /* awake without an entry */
    uint64_t zero = cpu_cycles(m->cpu) + 1000;
    start_systick(m, 999, ENABLE | TICKINT | CORE_CLOCK);
    set_reg(m, CPU_PC, AT_run_wfi);
    assert_int_equal(cpu_run(m->cpu, zero - 1), CPU_TIME);
    assert_true(cpu_sleeping(m->cpu));
    assert_int_equal(word(m, SYST_CVR), 1);
    cpu_run(m->cpu, zero + 1);
    assert_false(cpu_sleeping(m->cpu));
}

static void without_tickint_nothing_is_pended(void **state)
{
    struct machine *m = *state;

    start_systick(m, 99, ENABLE | CORE_CLOCK);
    pass(m, 1000);
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(word(m, ICSR) & 1u << 26, 0);
    assert_int_equal(word(m, SYST_CSR) & COUNTFLAG, COUNTFLAG);
    set_word(m, SYST_CSR, ENABLE | TICKINT | CORE_CLOCK); /* about the next expiry, not the last */
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 0);
}

static void countflag_clears_when_a_program_reads_it(void **state)
{
    struct machine *m = *state;
    const uint32_t set = ENABLE | CORE_CLOCK;

    start_systick(m, 20000, set);
    assert_int_equal(loaded(m, SYST_CSR), set);
    pass(m, 25000);
    assert_int_equal(word(m, SYST_CSR), set | COUNTFLAG); /* a debugger's look changes nothing */
    assert_int_equal(word(m, SYST_CSR), set | COUNTFLAG);
    assert_int_equal(loaded(m, SYST_CSR), set | COUNTFLAG);
    assert_int_equal(loaded(m, SYST_CSR), set);
}

static void writing_the_counter_clears_it_and_countflag(void **state)
{
    struct machine *m = *state;

    start_systick(m, 99, ENABLE | TICKINT | CORE_CLOCK);
    set_reg(m, CPU_PRIMASK, 1);
    pass(m, 1000);
    assert_int_equal(word(m, SYST_CSR) & COUNTFLAG, COUNTFLAG);
    set_word(m, ICSR, 1u << 25);
    set_word(m, SYST_CVR, 0x1234);
    assert_int_equal(word(m, SYST_CVR), 0);
    assert_int_equal(word(m, SYST_CSR) & COUNTFLAG, 0);
    assert_int_equal(word(m, ICSR) & 1u << 26, 0); /* no exception by a write */
}

static void reload_of_zero_stops_the_counter(void **state)
{
    struct machine *m = *state;

    start_systick(m, 99, ENABLE | TICKINT | CORE_CLOCK);
    machine_handler(m, SYSTICK, AT_log_handler);
    pass(m, 30);
    set_word(m, SYST_RVR, 0);
    pass(m, 1000);
    assert_int_equal(log_count(m), 1); /* it still runs down once */
    assert_int_equal(word(m, SYST_CVR), 0);
}

static void a_new_reload_value_counts_from_the_next_reload(void **state)
{
    struct machine *m = *state;

    uint64_t begin = cpu_cycles(m->cpu);
    start_systick(m, 9999, ENABLE | CORE_CLOCK);
    pass(m, 100);
    set_word(m, SYST_RVR, 499);
    pass(m, 100);
    uint64_t ticks = cpu_cycles(m->cpu) - begin;
    assert_int_equal(word(m, SYST_CVR), counter_after(ticks, 9999));
    pass(m, 12000);
    ticks = cpu_cycles(m->cpu) - begin;
    assert_int_equal(word(m, SYST_CVR), counter_after(ticks - 10000, 499));
}

static void a_stopped_counter_keeps_its_value(void **state)
{
    struct machine *m = *state;

    start_systick(m, 9999, ENABLE | CORE_CLOCK);
    pass(m, 100);
    set_word(m, SYST_CSR, CORE_CLOCK);
    uint32_t value = word(m, SYST_CVR);
    assert_true(value != 0);
    pass(m, 500);
    assert_int_equal(word(m, SYST_CVR), value);
    uint64_t begin = cpu_cycles(m->cpu);
    set_word(m, SYST_CSR, ENABLE | CORE_CLOCK);
    pass(m, 100);
    assert_int_equal(word(m, SYST_CVR), value - (uint32_t)(cpu_cycles(m->cpu) - begin));
}

static void systick_registers_hold_their_fields(void **state)
{
    struct machine *m = *state;

    set_word(m, SYST_RVR, 0xFFFFFFFFu);
    assert_int_equal(word(m, SYST_RVR), 0x00FFFFFF);
    set_word(m, SYST_CSR, 0xFFFFFFFEu);
    assert_int_equal(word(m, SYST_CSR), TICKINT | CORE_CLOCK);
    set_word(m, SYST_CALIB, 0xFFFFFFFFu);
    assert_int_equal(word(m, SYST_CALIB), 0);
}

static void a_masked_systick_is_remembered_once(void **state)
{
    struct machine *m = *state;

    machine_handler(m, SYSTICK, AT_log_handler);
    start_systick(m, 99, ENABLE | TICKINT | CORE_CLOCK);
    set_reg(m, CPU_PRIMASK, 1);
    pass(m, 1000);
    assert_int_equal(log_count(m), 0);
    assert_int_equal(word(m, ICSR) & 1u << 26, 1u << 26);
    set_word(m, SYST_CSR, CORE_CLOCK);
    set_reg(m, CPU_PRIMASK, 0);
    run(m, AT_run_nops);
    assert_int_equal(log_count(m), 1);
}

/* ---- DWT ------------------------------------------------------------------------------------ */

static void start_cycle_counter(struct machine *m)
{
    set_word(m, DEMCR, TRCENA);
    set_word(m, DWT_LAR, UNLOCK);
    set_word(m, DWT_CYCCNT, 0);
    set_word(m, DWT_CTRL, CYCCNTENA);
}

static void cycle_counter_counts_cycles(void **state)
{
    struct machine *m = *state;

    start_cycle_counter(m);
    uint64_t begin = cpu_cycles(m->cpu);
    for (unsigned i = 0; i < 20; i++) {
        pass(m, 100 + i);
        assert_int_equal(word(m, DWT_CYCCNT), (uint32_t)(cpu_cycles(m->cpu) - begin));
    }
    set_word(m, DWT_CYCCNT, 0xFFFFFF00u); /* it wraps */
    begin = cpu_cycles(m->cpu);
    pass(m, 1000);
    assert_int_equal(word(m, DWT_CYCCNT), (uint32_t)(cpu_cycles(m->cpu) - begin) - 0x100);
}

static void cycle_counter_stops_and_goes_on(void **state)
{
    struct machine *m = *state;
    static const struct {
        uint32_t addr, off, on;
    } switches[] = {{DWT_CTRL, 0, CYCCNTENA}, {DEMCR, 0, TRCENA}};

    start_cycle_counter(m);
    for (size_t i = 0; i < 2; i++) {
        pass(m, 100);
        uint32_t before = word(m, DWT_CYCCNT);
        set_word(m, switches[i].addr, switches[i].off);
        pass(m, 100);
        set_word(m, switches[i].addr, switches[i].on);
        assert_int_equal(word(m, DWT_CYCCNT), before);
    }
}

static void dwt_is_off_without_trcena(void **state)
{
    struct machine *m = *state;

    set_word(m, DWT_LAR, UNLOCK);
    set_word(m, DWT_CTRL, CYCCNTENA);
    set_word(m, DEMCR, TRCENA);
    assert_int_equal(word(m, DWT_CTRL), 0x40000000u); /* NUMCOMP = 4; nothing was written */
    assert_int_equal(word(m, DWT_CYCCNT), 0);
}

/* CoreSight's software lock: what a program writes while it is shut is lost. */
static void dwt_is_locked_until_unlocked(void **state)
{
    struct machine *m = *state;

    set_word(m, DEMCR, TRCENA);
    assert_int_equal(word(m, DWT_LSR), 3); /* there is a lock, and it is shut */
    set_reg(m, 0, CYCCNTENA);
    set_reg(m, 1, DWT_CTRL);
    run(m, AT_run_store);
    assert_int_equal(word(m, DWT_CTRL), 0x40000000u);
    assert_int_equal(m->remarks, 1);
    set_reg(m, 0, 0x12345678);
    set_reg(m, 1, DWT_LAR);
    run(m, AT_run_store); /* not the key */
    assert_int_equal(word(m, DWT_LSR), 3);
    set_reg(m, 0, UNLOCK);
    run(m, AT_run_store);
    assert_int_equal(word(m, DWT_LSR), 1);
    set_reg(m, 0, CYCCNTENA);
    set_reg(m, 1, DWT_CTRL);
    run(m, AT_run_store);
    assert_int_equal(word(m, DWT_CTRL), 0x40000001u);
    set_reg(m, 0, 0);
    set_reg(m, 1, DWT_LAR);
    run(m, AT_run_store); /* anything else shuts it again */
    assert_int_equal(word(m, DWT_LSR), 3);
}

/* ---- WFI ------------------------------------------------------------------------------------ */

static void wfi_skips_the_idle_time(void **state)
{
    struct machine *m = *state;

    machine_handler(m, SYSTICK, AT_log_handler);
    start_systick(m, 0xFFFFFF, ENABLE | TICKINT | CORE_CLOCK);
    uint64_t instructions = cpu_instructions(m->cpu);
    set_reg(m, 6, DEVICE_TIME);
    set_reg(m, CPU_PC, AT_run_wfi_timed);
    assert_int_equal(cpu_run(m->cpu, UINT64_MAX), CPU_BREAKPOINT);
    assert_int_equal(log_count(m), 1);
    assert_in_range(reg(m, 1) - reg(m, 0), 0xFFFF00, 0x1000100);
    assert_true(cpu_instructions(m->cpu) - instructions < 50);
    assert_int_equal(m->sleeps, 1);
    assert_int_equal(m->deep_sleeps, 0);
}

static void wfi_sleeps_until_a_line_rises(void **state)
{
    struct machine *m = *state;

    enable_line(m, 3, 0x40);
    run_expecting(m, AT_run_wfi, CPU_TIME, 5000);
    assert_true(cpu_sleeping(m->cpu));
    assert_int_equal(word(m, DHCSR) >> 18 & 1, 1); /* DHCSR.S_SLEEP */
    cpu_irq(m->cpu, 3, true);
    resume(m);
    assert_false(cpu_sleeping(m->cpu));
    assert_int_equal(exception_now(m), 19);
    assert_int_equal(stacked(m, 6), AT_run_wfi + 2);
}

static void wfi_does_not_sleep_with_something_to_do(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PRIMASK, 1);
    enable_line(m, 3, 0x40);
    set_word(m, ISPR0, 1u << 3);
    run(m, AT_run_wfi);
    assert_int_equal(m->sleeps, 0);
    assert_int_equal(exception_now(m), 0);
}

static void primask_does_not_keep_wfi_asleep(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PRIMASK, 1);
    enable_line(m, 3, 0x40);
    run_expecting(m, AT_run_wfi, CPU_TIME, 5000);
    cpu_irq(m->cpu, 3, true);
    resume(m); /* goes on without its handler */
    assert_int_equal(exception_now(m), 0);
    assert_int_equal(reg(m, CPU_PC), AT_stop);
}

static void what_basepri_masks_does_not_wake(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_BASEPRI, 0x40);
    enable_line(m, 3, 0x40);
    enable_line(m, 4, 0x30);
    run_expecting(m, AT_run_wfi, CPU_TIME, 5000);
    cpu_irq(m->cpu, 3, true);
    assert_int_equal(cpu_run(m->cpu, cpu_cycles(m->cpu) + 5000), CPU_TIME);
    assert_true(cpu_sleeping(m->cpu));
    cpu_irq(m->cpu, 4, true);
    resume(m);
    assert_int_equal(exception_now(m), 20);
}

static void a_disabled_line_does_not_wake_wfi(void **state)
{
    struct machine *m = *state;

    set_word(m, SCR, SEVONPEND); /* an event is not for WFI */
    run_expecting(m, AT_run_wfi, CPU_TIME, 5000);
    cpu_irq(m->cpu, 3, true);
    assert_int_equal(cpu_run(m->cpu, cpu_cycles(m->cpu) + 5000), CPU_TIME);
    assert_true(cpu_sleeping(m->cpu));
}

static void deep_sleep_is_told(void **state)
{
    struct machine *m = *state;

    set_word(m, SCR, SLEEPDEEP);
    run_expecting(m, AT_run_wfi, CPU_TIME, 5000);
    assert_int_equal(m->deep_sleeps, 1);
}

static void nmi_wakes_always(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_FAULTMASK, 1);
    run_expecting(m, AT_run_wfi, CPU_TIME, 5000);
    cpu_nmi(m->cpu);
    resume(m);
    assert_int_equal(exception_now(m), 2);
}

static void sleep_on_exit(void **state)
{
    struct machine *m = *state;

    machine_handler(m, SYSTICK, AT_log_handler);
    set_word(m, SCR, SLEEPONEXIT);
    start_systick(m, 999, ENABLE | TICKINT | CORE_CLOCK);
    run_expecting(m, AT_run_wfi_forever, CPU_TIME, 10500);
    assert_int_equal(log_count(m), 10);
    assert_int_equal(m->sleeps, 11);
    assert_true(cpu_sleeping(m->cpu));
    /* Not between nested handlers: only the return to Thread mode sleeps. */
    set_word(m, SYST_CSR, 0);
    machine_handler(m, 16, AT_log_handler);
    set_byte(m, SHPR2 + 3, 0x80);
    enable_line(m, 0, 0x40);
    enable_line(m, 1, 0x40);
    cpu_irq(m->cpu, 1, true);
    resume(m);
    assert_int_equal(exception_now(m), 17);
    cpu_irq(m->cpu, 1, false);
    run(m, AT_run_nops);
    set_byte(m, IPR0, 0x20);
    unsigned sleeps = m->sleeps;
    set_word(m, ISPR0, 1);
    run(m, AT_run_nops);
    assert_int_equal(m->sleeps, sleeps);
    assert_int_equal(exception_now(m), 17);
}

/* ---- WFE, SEV ------------------------------------------------------------------------------- */

/* The event register as reset leaves it, or as entries and returns before have set it: one WFE
 * takes it. */
static void forget_event(struct machine *m)
{
    run(m, AT_run_sev_wfe);
    assert_int_equal(m->sleeps, 0);
}

static void sev_lets_one_wfe_pass(void **state)
{
    struct machine *m = *state;

    run(m, AT_run_sev_wfe);
    assert_int_equal(m->sleeps, 0);
    run_expecting(m, AT_run_wfe, CPU_TIME, 5000);
    assert_int_equal(m->sleeps, 1);
    assert_true(cpu_sleeping(m->cpu));
}

static void exception_entry_and_return_are_events(void **state)
{
    struct machine *m = *state;

    forget_event(m);
    run(m, AT_run_svc);
    run(m, AT_run_wfe); /* the entry's */
    assert_int_equal(m->sleeps, 0);
    leave(m);
    run(m, AT_run_wfe); /* the return's */
    assert_int_equal(m->sleeps, 0);
    run_expecting(m, AT_run_wfe, CPU_TIME, 5000);
    assert_int_equal(m->sleeps, 1);
}

static void sevonpend_wakes_for_a_disabled_line(void **state)
{
    struct machine *m = *state;

    forget_event(m);
    run_expecting(m, AT_run_wfe, CPU_TIME, 5000);
    cpu_irq(m->cpu, 3, true);
    assert_int_equal(cpu_run(m->cpu, cpu_cycles(m->cpu) + 5000), CPU_TIME);
    assert_true(cpu_sleeping(m->cpu));

    set_word(m, SCR, SEVONPEND);
    cpu_irq(m->cpu, 4, true);
    resume(m);
    assert_int_equal(exception_now(m), 0);
    assert_false(cpu_sleeping(m->cpu));
}

static void primask_keeps_wfe_asleep(void **state)
{
    struct machine *m = *state;

    forget_event(m);
    set_reg(m, CPU_PRIMASK, 1);
    enable_line(m, 3, 0x40);
    run_expecting(m, AT_run_wfe, CPU_TIME, 5000);
    cpu_irq(m->cpu, 3, true);
    assert_int_equal(cpu_run(m->cpu, cpu_cycles(m->cpu) + 5000), CPU_TIME);
    assert_true(cpu_sleeping(m->cpu));
}

static void an_interrupt_wakes_wfe(void **state)
{
    struct machine *m = *state;

    machine_handler(m, SYSTICK, AT_log_handler);
    start_systick(m, 50000, ENABLE | TICKINT | CORE_CLOCK);
    forget_event(m);
    set_reg(m, 6, DEVICE_TIME);
    run(m, AT_run_wfe_timed);
    assert_in_range(reg(m, 1) - reg(m, 0), 49000, 51000);
    assert_int_equal(log_count(m), 1);
}

/* The handler's entry and return leave the event register set: the next WFE does not sleep. */
static void the_wfe_behind_an_interrupt_passes(void **state)
{
    struct machine *m = *state;

    machine_handler(m, 19, AT_log_handler);
    enable_line(m, 3, 0x40);
    forget_event(m);
    run_expecting(m, AT_run_wfe_twice, CPU_TIME, 5000);
    cpu_irq(m->cpu, 3, true);
    cpu_irq(m->cpu, 3, false);
    resume(m);
    assert_int_equal(reg(m, 5), 2);
    assert_int_equal(m->sleeps, 1);
}

/* ---- the same in every run ------------------------------------------------------------------ */

struct outcome {
    uint64_t cycles, instructions;
    unsigned ticks;
    uint32_t registers[16];
};

/* A mixture of everything under a SysTick of an odd period; in slices of so many cycles, 0 = in one
 * go. */
static struct outcome mixture(uint64_t slice)
{
    struct machine *m = machine_new();
    struct outcome o = {0};

    machine_handler(m, SYSTICK, AT_log_handler);
    enable_fpu(m);
    start_systick(m, 1237, ENABLE | TICKINT | CORE_CLOCK);
    set_reg(m, 0, 2000);
    set_reg(m, CPU_PC, AT_run_mixture);
    while (cpu_run(m->cpu, slice ? cpu_cycles(m->cpu) + slice : UINT64_MAX) == CPU_TIME) {
    }
    o.cycles = cpu_cycles(m->cpu);
    o.instructions = cpu_instructions(m->cpu);
    o.ticks = log_count(m);
    for (unsigned r = 0; r < 16; r++)
        o.registers[r] = reg(m, r);
    machine_free(m);
    return o;
}

static void the_same_program_takes_the_same_time(void **state)
{
    (void)state;
    struct outcome first = mixture(0), second = mixture(0);

    assert_memory_equal(&first, &second, sizeof first);
    assert_true(first.ticks > 10);
    assert_int_equal(first.registers[15], AT_stop);
}

static void slices_do_not_change_the_time(void **state)
{
    (void)state;
    static const uint64_t slices[] = {1, 97, 1000};
    struct outcome whole = mixture(0);

    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++) {
        struct outcome sliced = mixture(slices[i]);
        assert_memory_equal(&whole, &sliced, sizeof whole);
    }
}

/* The limit may fall on any cycle, that of the breakpoint as well. */
static void a_time_limit_does_not_hide_a_breakpoint(void **state)
{
    struct machine *m = *state;

    for (uint64_t limit = 1; limit < 20; limit++) {
        enum cpu_stop stop;

        run(m, AT_run_nops); /* decoded, and the core stands at the breakpoint */
        uint64_t instructions = cpu_instructions(m->cpu);
        set_reg(m, CPU_PC, AT_run_nops);
        do {
            stop = cpu_run(m->cpu, cpu_cycles(m->cpu) + limit);
        } while (stop == CPU_TIME);
        assert_int_equal(stop, CPU_BREAKPOINT);
        assert_int_equal(reg(m, CPU_PC), AT_stop);
        assert_int_equal(cpu_instructions(m->cpu) - instructions, 5);
    }
}

static void after_a_step_onto_a_breakpoint_it_counts_as_seen(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PC, AT_run_nops);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(cpu_step(m->cpu), CPU_TIME);
    assert_int_equal(reg(m, CPU_PC), AT_stop);
    uint64_t instructions = cpu_instructions(m->cpu);
    resume(m);
    assert_int_equal(cpu_instructions(m->cpu) - instructions, 1);
}

static void the_counter_goes_on_over_resets(void **state)
{
    struct machine *m = *state;

    pass(m, 1000);
    uint64_t before = cpu_cycles(m->cpu);
    cpu_reset(m->cpu, 0);
    assert_int_equal(cpu_cycles(m->cpu), before);
    start_systick(m, 99, ENABLE | CORE_CLOCK);
    cpu_reset(m->cpu, 0);
    assert_int_equal(word(m, SYST_CSR), 0);
    assert_int_equal(word(m, SYST_RVR), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(systick_counts_core_cycles),
        TEST(systick_counts_eighths_of_the_core_clock),
        TEST(systick_interrupts_once_a_period),
        TEST(systick_period_is_exact_in_sleep),
        TEST(systick_wakes_in_the_cycle_of_its_zero),
        TEST(without_tickint_nothing_is_pended),
        TEST(countflag_clears_when_a_program_reads_it),
        TEST(writing_the_counter_clears_it_and_countflag),
        TEST(reload_of_zero_stops_the_counter),
        TEST(a_new_reload_value_counts_from_the_next_reload),
        TEST(a_stopped_counter_keeps_its_value),
        TEST(systick_registers_hold_their_fields),
        TEST(a_masked_systick_is_remembered_once),
        TEST(cycle_counter_counts_cycles),
        TEST(cycle_counter_stops_and_goes_on),
        TEST(dwt_is_off_without_trcena),
        TEST(dwt_is_locked_until_unlocked),
        TEST(wfi_skips_the_idle_time),
        TEST(wfi_sleeps_until_a_line_rises),
        TEST(wfi_does_not_sleep_with_something_to_do),
        TEST(primask_does_not_keep_wfi_asleep),
        TEST(what_basepri_masks_does_not_wake),
        TEST(a_disabled_line_does_not_wake_wfi),
        TEST(deep_sleep_is_told),
        TEST(nmi_wakes_always),
        TEST(sleep_on_exit),
        TEST(sev_lets_one_wfe_pass),
        TEST(exception_entry_and_return_are_events),
        TEST(sevonpend_wakes_for_a_disabled_line),
        TEST(primask_keeps_wfe_asleep),
        TEST(an_interrupt_wakes_wfe),
        TEST(the_wfe_behind_an_interrupt_passes),
        TEST(the_same_program_takes_the_same_time),
        TEST(slices_do_not_change_the_time),
        TEST(a_time_limit_does_not_hide_a_breakpoint),
        TEST(after_a_step_onto_a_breakpoint_it_counts_as_seen),
        TEST(the_counter_goes_on_over_resets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
