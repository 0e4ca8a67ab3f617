/*
 * Who runs first: priorities and their groups, masks, pending and active state, the NVIC's
 * registers and ICSR. Arm DDI0403E B1.5.4 (priorities), B3.2.4 (ICSR), B3.4 (NVIC).
 */
#include "machine.h"

enum { THREAD = 256, LEAVES = 0x1000 };

/* Group priority as B1.5.4 computes it: PRIGROUP + 1 low bits are the subpriority. */
static int group_of(int priority, unsigned prigroup)
{
    return priority - priority % (2 << prigroup);
}

static void set_prigroup(struct machine *m, unsigned prigroup)
{
    set_word(m, AIRCR, 0x05FA0000u | prigroup << 8);
}

static void pend(struct machine *m, unsigned line)
{
    set_word(m, ISPR0 + line / 32 * 4, 1u << line % 32);
}

static bool is_pending(struct machine *m, unsigned line)
{
    return word(m, ISPR0 + line / 32 * 4) >> line % 32 & 1;
}

/* Makes it pending and looks who runs then. */
static uint32_t after_pending(struct machine *m, unsigned line)
{
    pend(m, line);
    run(m, AT_run_nops);
    return exception_now(m);
}

static void expect_log(struct machine *m, const uint32_t *entries, unsigned count)
{
    assert_int_equal(log_count(m), count);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(log_entry(m, i), entries[i]);
}

static void log_all(struct machine *m)
{
    for (unsigned n = 2; n < 16 + IRQS; n++)
        machine_handler(m, n, AT_log_handler);
}

/* ---- registers ------------------------------------------------------------------------------ */

static void four_bits_of_priority(struct machine *m, uint32_t addr)
{
    set_byte(m, addr, 0xFF);
    assert_int_equal(get_byte(m, addr), 0xF0);
    set_byte(m, addr, 0x5A);
    assert_int_equal(get_byte(m, addr), 0x50);
    set_byte(m, addr, 0);
    assert_int_equal(get_byte(m, addr), 0);
}

static void priorities_have_four_bits(void **state)
{
    struct machine *m = *state;
    static const uint8_t handlers[] = {0, 1, 2, 7, 8, 10, 11}; /* bytes of SHPR1..3 */

    for (unsigned line = 0; line < IRQS; line++)
        four_bits_of_priority(m, IPR0 + line);
    for (size_t i = 0; i < sizeof handlers; i++)
        four_bits_of_priority(m, SHPR1 + handlers[i]);
    set_reg(m, 0, 0xFF);
    run(m, AT_run_msr_basepri);
    assert_int_equal(reg(m, CPU_BASEPRI), 0xF0);
}

static void a_priority_byte_does_not_touch_its_neighbours(void **state)
{
    struct machine *m = *state;

    set_word(m, IPR0 + 4, 0x10203040u);
    set_byte(m, IPR0 + 5, 0x90);
    assert_int_equal(word(m, IPR0 + 4), 0x10209040u);
    set_word(m, SHPR1, 0xFFFFFFFFu);
    set_word(m, SHPR2, 0xFFFFFFFFu);
    set_word(m, SHPR3, 0xFFFFFFFFu);
    assert_int_equal(word(m, SHPR1), 0x00F0F0F0u);
    assert_int_equal(word(m, SHPR2), 0xF0000000u);
    assert_int_equal(word(m, SHPR3), 0xF0F000F0u);
}

static void lines_beyond_the_last_read_as_zero(void **state)
{
    struct machine *m = *state;
    static const uint32_t registers[] = {0xE000E104u, 0xE000E184u, 0xE000E204u, 0xE000E284u};

    set_word(m, ISER0 + 4, 0xFFFFFFFFu);
    set_word(m, ISPR0 + 4, 0xFFFFFFFFu);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(word(m, registers[i]), 0xFFFF);
        assert_int_equal(word(m, registers[i] + 4), 0);
    }
    set_word(m, ISER0 + 8, 0xFFFFFFFFu);
    assert_int_equal(word(m, ISER0 + 8), 0);
    set_word(m, IPR0 + IRQS, 0xFFFFFFFFu);
    assert_int_equal(word(m, IPR0 + IRQS), 0);
    assert_int_equal(word(m, 0xE000E004u), 1); /* ICTR: up to 64 lines */
}

static void set_and_clear_registers_leave_zeros_alone(void **state)
{
    struct machine *m = *state;

    set_word(m, ISER0, 0x0F0F);
    set_word(m, ISER0, 0x00F0);
    assert_int_equal(word(m, ISER0), 0x0FFF);
    assert_int_equal(word(m, ICER0), 0x0FFF);
    set_word(m, ICER0, 0x0F01);
    assert_int_equal(word(m, ISER0), 0x00FE);

    set_word(m, ICER0, 0xFFFFFFFFu);
    set_word(m, ISPR0, 0x0F0F);
    set_word(m, ISPR0, 0x00F0);
    assert_int_equal(word(m, ISPR0), 0x0FFF);
    assert_int_equal(word(m, ICPR0), 0x0FFF);
    set_word(m, ICPR0, 0x0F01);
    assert_int_equal(word(m, ISPR0), 0x00FE);
}

static void every_line_has_its_vector(void **state)
{
    struct machine *m = *state;

    for (unsigned line = 0; line < IRQS; line++) {
        enable_line(m, line, 0x40);
        assert_int_equal(after_pending(m, line), 16 + line);
        assert_false(is_pending(m, line));
        assert_int_equal(word(m, IABR0 + line / 32 * 4), 1u << line % 32);
        abandon(m);
        assert_int_equal(word(m, IABR0 + line / 32 * 4), 0);
    }
}

static void stir_makes_pending(void **state)
{
    struct machine *m = *state;

    enable_line(m, 33, 0);
    set_word(m, STIR, 33);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 16 + 33);
    set_word(m, STIR, IRQS); /* no such line */
    assert_int_equal(word(m, ISPR0 + 4), 0);
    set_word(m, STIR, 0x200 | 5); /* INTID has nine bits */
    assert_int_equal(word(m, ISPR0), 1u << 5);
}

static void a_disabled_line_becomes_pending_and_waits(void **state)
{
    struct machine *m = *state;

    assert_int_equal(after_pending(m, 3), 0);
    assert_true(is_pending(m, 3));
    set_word(m, ISER0, 1u << 3);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 16 + 3);
}

static void disabling_an_active_line_lets_its_handler_finish(void **state)
{
    struct machine *m = *state;

    enable_line(m, 3, 0x40);
    after_pending(m, 3);
    set_word(m, ICER0, 1u << 3);
    assert_int_equal(word(m, IABR0), 1u << 3);
    pend(m, 3);
    leave(m);
    assert_int_equal(exception_now(m), 0);
    assert_true(is_pending(m, 3));
}

/* ---- pre-emption ---------------------------------------------------------------------------- */

/* Every pair of priorities under every PRIGROUP: pre-emption goes by the group alone (B1.5.4). */
static void group_priority_decides_who_preempts(void **state)
{
    struct machine *m = *state;

    set_word(m, ISER0, 3);
    for (unsigned prigroup = 0; prigroup < 8; prigroup++) {
        set_prigroup(m, prigroup);
        for (int running = 0; running < 256; running += 16) {
            for (int other = 0; other < 256; other += 16) {
                bool wins = group_of(other, prigroup) < group_of(running, prigroup);
                set_byte(m, IPR0 + 1, (uint8_t)running);
                set_byte(m, IPR0, (uint8_t)other);
                assert_int_equal(after_pending(m, 1), 17);
                assert_int_equal(after_pending(m, 0), wins ? 16 : 17);
                if (wins)
                    leave(m);
                set_word(m, ICPR0, 3);
                abandon(m);
            }
        }
    }
}

/* Of two that wait, the full priority decides, then the number. */
static void subpriority_and_number_decide_who_goes_first(void **state)
{
    struct machine *m = *state;

    set_word(m, ISER0, 3);
    set_prigroup(m, 7);
    for (unsigned a = 0; a < 256; a += 16) {
        for (unsigned b = 0; b < 256; b += 16) {
            set_byte(m, IPR0, (uint8_t)a);
            set_byte(m, IPR0 + 1, (uint8_t)b);
            set_reg(m, 0, 3);
            run(m, AT_run_raise);
            assert_int_equal(exception_now(m), a <= b ? 16 : 17);
            leave(m);
            assert_int_equal(exception_now(m), a <= b ? 17 : 16);
            abandon(m);
        }
    }
}

static void equal_priorities_go_by_number(void **state)
{
    struct machine *m = *state;
    static const uint32_t order[] = {11, 14, 15, 16 + 2, 16 + 9, 16 + 31, 16 + 32, 16 + 47};

    log_all(m);
    for (unsigned line = 0; line < IRQS; line++)
        enable_line(m, line, 0x50);
    set_byte(m, SHPR2 + 3, 0x50);
    set_byte(m, SHPR3 + 2, 0x50);
    set_byte(m, SHPR3 + 3, 0x50);
    set_reg(m, CPU_PRIMASK, 1);
    set_word(m, ISPR0 + 4, 1u << 15 | 1);
    set_word(m, ISPR0, 1u << 31 | 1u << 9 | 1u << 2);
    set_word(m, ICSR, 1u << 28 | 1u << 26);
    set_word(m, SHCSR, 1u << 15); /* SVCall pending */
    set_reg(m, CPU_PRIMASK, 0);
    run(m, AT_run_nops);
    expect_log(m, order, sizeof order / sizeof order[0]);
}

/* A random set of handlers that raise each other, against recursion over the rules of B1.5.4. */
struct model {
    int priority[8];
    unsigned prigroup;
    uint32_t pending, script[8];
    uint32_t log[512];
    unsigned logged;
};

static void model_run(struct model *k, int level)
{
    for (;;) {
        unsigned best = 8;
        for (unsigned i = 0; i < 8; i++) {
            if ((k->pending >> i & 1) && (best == 8 || k->priority[i] < k->priority[best]))
                best = i;
        }
        if (best == 8 || group_of(k->priority[best], k->prigroup) >= level)
            return;
        k->pending &= ~(1u << best);
        k->log[k->logged++] = 16 + best;
        k->pending |= k->script[best];
        k->script[best] = 0;
        model_run(k, group_of(k->priority[best], k->prigroup));
        k->log[k->logged++] = LEAVES + 16 + best;
    }
}

static void handlers_that_raise_each_other(void **state)
{
    struct machine *m = *state;
    uint64_t seed = 20;

    for (unsigned i = 0; i < 8; i++)
        machine_handler(m, 16 + i, AT_busy_handler);
    set_word(m, ISER0, 0xFF);
    for (unsigned round = 0; round < 300; round++) {
        struct model k = {.prigroup = random_word(&seed) % 8};
        set_prigroup(m, k.prigroup);
        for (unsigned i = 0; i < 8; i++) {
            k.priority[i] = (int)(random_word(&seed) % 16 * 16);
            k.script[i] = random_word(&seed) & random_word(&seed) & 0xFF;
            set_byte(m, IPR0 + i, (uint8_t)k.priority[i]);
            set_word(m, SCRIPT + 4 * (16 + i), k.script[i]);
        }
        k.pending = random_word(&seed) & 0xFF;
        set_word(m, LOG, 0);
        set_reg(m, 0, k.pending);
        run(m, AT_run_raise);
        model_run(&k, THREAD);
        expect_log(m, k.log, k.logged);
        assert_int_equal(exception_now(m), 0);
        assert_int_equal(reg(m, CPU_SP), MSP_TOP);
    }
}

static void a_late_arrival_is_entered_first(void **state)
{
    struct machine *m = *state;

    /* The frame goes to the device: R0 at its first word raises line 2 in the middle of stacking.
     */
    enable_line(m, 1, 0x80);
    enable_line(m, 2, 0x40);
    set_reg(m, CPU_SP, DEVICE_AGAIN + 0x20);
    set_reg(m, 0, 0x100 | 2);
    pend(m, 1);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 16 + 2);
    assert_int_equal(reg(m, CPU_SP), DEVICE_AGAIN); /* one frame */
    assert_int_equal(word(m, IABR0), 1u << 2);
    assert_true(is_pending(m, 1));
    cpu_irq(m->cpu, 2, false);
    leave(m); /* and tail-chains to the first one */
    assert_int_equal(exception_now(m), 16 + 1);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF9u);
}

static void a_late_arrival_of_lower_priority_waits(void **state)
{
    struct machine *m = *state;

    enable_line(m, 1, 0x40);
    enable_line(m, 2, 0x40);
    set_reg(m, CPU_SP, DEVICE_AGAIN + 0x20);
    set_reg(m, 0, 0x100 | 2);
    pend(m, 1);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 16 + 1);
    assert_true(is_pending(m, 2));
}

static void changing_the_priority_of_an_active_handler(void **state)
{
    struct machine *m = *state;

    enable_line(m, 0, 0x40);
    enable_line(m, 1, 0x40);
    after_pending(m, 0);
    assert_int_equal(after_pending(m, 1), 16);
    set_byte(m, IPR0, 0x80); /* the running one becomes less urgent */
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 17);
}

static void changing_the_priority_of_a_pending_one(void **state)
{
    struct machine *m = *state;

    enable_line(m, 0, 0x40);
    enable_line(m, 1, 0x80);
    after_pending(m, 0);
    assert_int_equal(after_pending(m, 1), 16);
    set_byte(m, IPR0 + 1, 0x30);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 17);
}

static void pended_in_its_own_handler_it_runs_once_more(void **state)
{
    struct machine *m = *state;

    enable_line(m, 4, 0x40);
    after_pending(m, 4);
    assert_int_equal(after_pending(m, 4), 16 + 4);
    assert_int_equal(word(m, IABR0), 1u << 4); /* active and pending */
    assert_true(is_pending(m, 4));
    leave(m);
    assert_int_equal(exception_now(m), 16 + 4);
    assert_false(is_pending(m, 4));
    leave(m);
    assert_int_equal(exception_now(m), 0);
}

/* ---- masks ---------------------------------------------------------------------------------- */

static void basepri_masks_its_priority_and_below(void **state)
{
    struct machine *m = *state;

    set_word(m, ISER0, 1);
    for (unsigned prigroup = 0; prigroup < 8; prigroup++) {
        set_prigroup(m, prigroup);
        for (int base = 0; base < 256; base += 16) {
            for (int priority = 0; priority < 256; priority += 16) {
                bool taken = !base || group_of(priority, prigroup) < group_of(base, prigroup);
                set_byte(m, IPR0, (uint8_t)priority);
                set_reg(m, CPU_BASEPRI, (uint32_t)base);
                assert_int_equal(after_pending(m, 0), taken ? 16 : 0);
                set_word(m, ICPR0, 1);
                if (taken)
                    abandon(m);
            }
        }
    }
}

static void basepri_max_only_raises(void **state)
{
    struct machine *m = *state;
    static const struct {
        uint32_t written, basepri;
    } steps[] = {{0, 0}, {0x80, 0x80}, {0xA0, 0x80}, {0x40, 0x40}, {0, 0x40}, {0x0F, 0x40}};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        set_reg(m, 0, steps[i].written);
        run(m, AT_run_msr_basepri_max);
        assert_int_equal(reg(m, CPU_BASEPRI), steps[i].basepri);
    }
    set_reg(m, 0, 0);
    run(m, AT_run_msr_basepri); /* the plain one lowers, too */
    assert_int_equal(reg(m, CPU_BASEPRI), 0);
}

static void lowering_basepri_lets_the_waiting_one_in(void **state)
{
    struct machine *m = *state;

    enable_line(m, 0, 0x40);
    set_reg(m, CPU_BASEPRI, 0x40);
    assert_int_equal(after_pending(m, 0), 0);
    set_reg(m, 0, 0x50);
    run(m, AT_run_msr_basepri);
    assert_int_equal(exception_now(m), 16);
    assert_int_equal(stacked(m, 6), AT_run_msr_basepri + 4); /* before the next instruction */
}

static void primask_masks_all_but_nmi_and_hardfault(void **state)
{
    struct machine *m = *state;

    enable_line(m, 0, 0);
    set_reg(m, 0, 1);
    run(m, AT_run_msr_primask);
    assert_int_equal(after_pending(m, 0), 0);
    cpu_nmi(m->cpu);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 2);
    leave(m);
    run(m, AT_run_udf);
    assert_int_equal(exception_now(m), 3);
    abandon(m);
    assert_int_equal(reg(m, CPU_PRIMASK), 1); /* a return leaves it */
    run(m, AT_run_cpsie);
    assert_int_equal(exception_now(m), 16);
}

static void faultmask_masks_all_but_nmi(void **state)
{
    struct machine *m = *state;

    enable_faults(m);
    enable_line(m, 0, 0);
    set_reg(m, 0, 1);
    run(m, AT_run_msr_faultmask);
    assert_int_equal(after_pending(m, 0), 0);
    cpu_nmi(m->cpu);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 2);
    leave(m);
    set_reg(m, 0, 0);
    run(m, AT_run_msr_faultmask);
    assert_int_equal(exception_now(m), 16);
}

static void faultmask_cannot_be_set_at_negative_priority(void **state)
{
    struct machine *m = *state;

    run(m, AT_run_udf);
    assert_int_equal(exception_now(m), 3);
    set_reg(m, 0, 1);
    run(m, AT_run_msr_faultmask);
    assert_int_equal(reg(m, CPU_FAULTMASK), 0);
    run(m, AT_run_cpsid);
    assert_int_equal(reg(m, CPU_FAULTMASK), 0);
    assert_int_equal(reg(m, CPU_PRIMASK), 1);
}

static void cps_sets_and_clears_both_masks(void **state)
{
    struct machine *m = *state;

    run(m, AT_run_cpsid);
    assert_int_equal(reg(m, CPU_PRIMASK), 1);
    assert_int_equal(reg(m, CPU_FAULTMASK), 1);
    run(m, AT_run_cpsie);
    assert_int_equal(reg(m, CPU_PRIMASK), 0);
    assert_int_equal(reg(m, CPU_FAULTMASK), 0);
}

/* ---- system exceptions ---------------------------------------------------------------------- */

static void svc_that_cannot_preempt_is_a_hardfault(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PRIMASK, 1);
    run(m, AT_run_svc);
    assert_int_equal(exception_now(m), 3);
    assert_int_equal(word(m, HFSR), 1u << 30);
    assert_int_equal(stacked(m, 6), AT_run_svc);
    assert_int_equal(word(m, SHCSR) & (1u << 15 | 1u << 7), 0); /* neither pending nor active */
    abandon(m);

    set_reg(m, CPU_PRIMASK, 0);
    set_word(m, HFSR, 0xFFFFFFFFu);
    set_byte(m, SHPR2 + 3, 0x40);
    enable_line(m, 0, 0x40);
    after_pending(m, 0);
    run(m, AT_run_svc); /* from a handler of the same priority */
    assert_int_equal(exception_now(m), 3);
    assert_int_equal(word(m, HFSR), 1u << 30);
}

static void system_handlers_obey_their_priorities(void **state)
{
    struct machine *m = *state;
    static const struct {
        uint32_t pend_bit, exception, shpr;
    } cases[] = {
        {1u << 28, 14, SHPR3 + 2},
        {1u << 26, 15, SHPR3 + 3},
    };

    enable_line(m, 0, 0x80);
    for (size_t i = 0; i < 2; i++) {
        set_byte(m, cases[i].shpr, 0x80);
        after_pending(m, 0);
        set_word(m, ICSR, cases[i].pend_bit);
        run(m, AT_run_nops);
        assert_int_equal(exception_now(m), 16);
        set_byte(m, cases[i].shpr, 0x70);
        run(m, AT_run_nops);
        assert_int_equal(exception_now(m), cases[i].exception);
        leave(m);
        abandon(m);
    }
}

static void pendsv_and_systick_can_be_withdrawn(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PRIMASK, 1);
    set_word(m, ICSR, 1u << 28);
    set_word(m, ICSR, 1u << 26);
    assert_int_equal(word(m, ICSR) & (1u << 28 | 1u << 26), 1u << 28 | 1u << 26);
    set_word(m, ICSR, 1u << 27);
    assert_int_equal(word(m, ICSR) & (1u << 28 | 1u << 26), 1u << 26);
    set_word(m, ICSR, 1u << 25);
    assert_int_equal(word(m, ICSR) & (1u << 28 | 1u << 26), 0);
    set_reg(m, CPU_PRIMASK, 0);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 0);
}

static void nmi_preempts_hardfault(void **state)
{
    struct machine *m = *state;

    run(m, AT_run_udf);
    set_word(m, ICSR, 1u << 31);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 2);
    assert_int_equal(reg(m, CPU_LR), 0xFFFFFFF1u);
    leave(m);
    assert_int_equal(exception_now(m), 3);
}

static void nmi_in_nmi_comes_after_it(void **state)
{
    struct machine *m = *state;

    cpu_nmi(m->cpu);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 2);
    cpu_nmi(m->cpu);
    cpu_nmi(m->cpu);
    run(m, AT_run_nops);
    assert_int_equal(word(m, ICSR) >> 31, 1);
    leave(m);
    assert_int_equal(exception_now(m), 2);
    assert_int_equal(word(m, ICSR) >> 31, 0);
    leave(m);
    assert_int_equal(exception_now(m), 0);
}

/* ---- ICSR ----------------------------------------------------------------------------------- */

static uint32_t vectpending(struct machine *m)
{
    return word(m, ICSR) >> 12 & 0x1FF;
}

static void icsr_tells_what_runs(void **state)
{
    struct machine *m = *state;

    enable_line(m, 40, 0x80);
    enable_line(m, 2, 0x40);
    assert_int_equal(word(m, ICSR) & 0x1FF, 0);
    after_pending(m, 40);
    assert_int_equal(word(m, ICSR) & 0x1FF, 56);
    assert_int_equal(word(m, ICSR) & 1u << 11, 1u << 11); /* RETTOBASE: no other is active */
    after_pending(m, 2);
    assert_int_equal(word(m, ICSR) & 0x1FF, 18);
    assert_int_equal(word(m, ICSR) & 1u << 11, 0);
    leave(m);
    assert_int_equal(word(m, ICSR) & 1u << 11, 1u << 11);
}

static void isrpending_is_about_lines_only(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PRIMASK, 1);
    set_word(m, ICSR, 1u << 28);
    assert_int_equal(word(m, ICSR) & 1u << 22, 0);
    pend(m, 47); /* disabled, still */
    assert_int_equal(word(m, ICSR) & 1u << 22, 1u << 22);
    set_word(m, ICPR0 + 4, 1u << 15);
    assert_int_equal(word(m, ICSR) & 1u << 22, 0);
}

static void vectpending_sees_basepri_and_faultmask_but_not_primask(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PRIMASK, 1);
    enable_line(m, 5, 0x60);
    pend(m, 5);
    pend(m, 1); /* disabled */
    assert_int_equal(vectpending(m), 21);
    set_reg(m, CPU_BASEPRI, 0x70);
    assert_int_equal(vectpending(m), 21);
    set_reg(m, CPU_BASEPRI, 0x60);
    assert_int_equal(vectpending(m), 0);
    set_reg(m, CPU_BASEPRI, 0);
    set_reg(m, CPU_FAULTMASK, 1);
    assert_int_equal(vectpending(m), 0);
    set_reg(m, CPU_FAULTMASK, 0);
    set_word(m, ICSR, 1u << 28); /* PendSV at priority 0 is more urgent */
    assert_int_equal(vectpending(m), 14);
}

/* ---- inputs --------------------------------------------------------------------------------- */

static void a_level_pends_again_until_it_falls(void **state)
{
    struct machine *m = *state;

    enable_line(m, 7, 0x40);
    cpu_irq(m->cpu, 7, true);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 23);
    assert_false(is_pending(m, 7));
    for (unsigned i = 0; i < 3; i++) {
        leave(m);
        assert_int_equal(exception_now(m), 23);
        assert_int_equal(reg(m, CPU_SP), MSP_TOP - 0x20);
    }
    cpu_irq(m->cpu, 7, false);
    leave(m);
    assert_int_equal(exception_now(m), 0);
}

static void a_level_that_falls_before_entry_stays_pending(void **state)
{
    struct machine *m = *state;

    set_reg(m, CPU_PRIMASK, 1);
    enable_line(m, 7, 0x40);
    cpu_irq(m->cpu, 7, true);
    cpu_irq(m->cpu, 7, false);
    assert_true(is_pending(m, 7));
    set_reg(m, CPU_PRIMASK, 0);
    run(m, AT_run_nops);
    assert_int_equal(exception_now(m), 23);
    leave(m);
    assert_int_equal(exception_now(m), 0);
}

static void a_pulse_in_the_handler_counts_once_more(void **state)
{
    struct machine *m = *state;

    enable_line(m, 7, 0x40);
    cpu_irq(m->cpu, 7, true);
    run(m, AT_run_nops);
    cpu_irq(m->cpu, 7, false);
    cpu_irq(m->cpu, 7, true);
    cpu_irq(m->cpu, 7, false);
    leave(m);
    assert_int_equal(exception_now(m), 23);
    leave(m);
    assert_int_equal(exception_now(m), 0);
}

static void icpr_cannot_clear_an_asserted_line(void **state)
{
    struct machine *m = *state;

    cpu_irq(m->cpu, 7, true);
    set_word(m, ICPR0, 1u << 7);
    assert_true(is_pending(m, 7));
    cpu_irq(m->cpu, 7, false);
    assert_true(is_pending(m, 7));
    set_word(m, ICPR0, 1u << 7);
    assert_false(is_pending(m, 7));
}

static void an_asserted_line_survives_reset(void **state)
{
    struct machine *m = *state;

    enable_line(m, 7, 0x40);
    pend(m, 8);
    cpu_irq(m->cpu, 7, true);
    cpu_reset(m->cpu, 0);
    assert_int_equal(word(m, ISER0), 0);
    assert_int_equal(word(m, ISPR0), 1u << 7);
    assert_int_equal(word(m, IPR0 + 4), 0);
}

static void a_handler_that_drops_the_line_by_its_device(void **state)
{
    struct machine *m = *state;

    machine_handler(m, 16 + 9, AT_sleep_handler); /* stores r7 at r6 */
    set_reg(m, 6, DEVICE);
    set_reg(m, 7, 9);
    enable_line(m, 9, 0);
    set_reg(m, 0, 0x100 | 9);
    set_reg(m, 1, DEVICE);
    run(m, AT_run_store);
    assert_int_equal(exception_now(m), 0);
    assert_false(is_pending(m, 9));
    assert_int_equal(word(m, IABR0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(priorities_have_four_bits),
        TEST(a_priority_byte_does_not_touch_its_neighbours),
        TEST(lines_beyond_the_last_read_as_zero),
        TEST(set_and_clear_registers_leave_zeros_alone),
        TEST(every_line_has_its_vector),
        TEST(stir_makes_pending),
        TEST(a_disabled_line_becomes_pending_and_waits),
        TEST(disabling_an_active_line_lets_its_handler_finish),
        TEST(group_priority_decides_who_preempts),
        TEST(subpriority_and_number_decide_who_goes_first),
        TEST(equal_priorities_go_by_number),
        TEST(handlers_that_raise_each_other),
        TEST(a_late_arrival_is_entered_first),
        TEST(a_late_arrival_of_lower_priority_waits),
        TEST(changing_the_priority_of_an_active_handler),
        TEST(changing_the_priority_of_a_pending_one),
        TEST(pended_in_its_own_handler_it_runs_once_more),
        TEST(basepri_masks_its_priority_and_below),
        TEST(basepri_max_only_raises),
        TEST(lowering_basepri_lets_the_waiting_one_in),
        TEST(primask_masks_all_but_nmi_and_hardfault),
        TEST(faultmask_masks_all_but_nmi),
        TEST(faultmask_cannot_be_set_at_negative_priority),
        TEST(cps_sets_and_clears_both_masks),
        TEST(svc_that_cannot_preempt_is_a_hardfault),
        TEST(system_handlers_obey_their_priorities),
        TEST(pendsv_and_systick_can_be_withdrawn),
        TEST(nmi_preempts_hardfault),
        TEST(nmi_in_nmi_comes_after_it),
        TEST(icsr_tells_what_runs),
        TEST(isrpending_is_about_lines_only),
        TEST(vectpending_sees_basepri_and_faultmask_but_not_primask),
        TEST(a_level_pends_again_until_it_falls),
        TEST(a_level_that_falls_before_entry_stays_pending),
        TEST(a_pulse_in_the_handler_counts_once_more),
        TEST(icpr_cannot_clear_an_asserted_line),
        TEST(an_asserted_line_survives_reset),
        TEST(a_handler_that_drops_the_line_by_its_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
