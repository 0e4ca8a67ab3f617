/* IWDG1 and WWDG: RM0455's times, windows and reset flags. */
#include "chip.h"

enum {
    RCC_CDCFGR1 = 0x58024418,
    RCC_CSR = 0x58024474,
    RCC_GCR = 0x580244A0,
    RCC_RSR = 0x58024530,
    RCC_APB3ENR_ADDR = 0x58024544,
    FLASH_OPTKEYR = 0x52002008,
    FLASH_OPTCR = 0x52002018,
    FLASH_OPTSR_CUR = 0x5200201C,
    FLASH_OPTSR_PRG = 0x52002020,
    KR = 0x58004800,
    PR = 0x58004804,
    RLR = 0x58004808,
    IWDG_SR = 0x5800480C,
    WINR = 0x58004810,
    CR = 0x50003000,
    CFR = 0x50003004,
    WWDG_SR = 0x50003008,
};

enum { UNLOCK = 0x5555, RELOAD = 0xAAAA, START = 0xCCCC };
enum { PVU = 1, RVU = 2, WVU = 4 };
enum { LSION = 1, LSIRDY = 2, LSI_HZ = 32000 };
enum { WDGA = 0x80, EWI = 1 << 9, EWIF = 1 };
#define PINRSTF  (1u << 22)
#define IWDGRSTF (1u << 26)
#define WWDGRSTF (1u << 28)
#define RMVF     (1u << 16)

static struct soc *soc;
static vtime reset_at; /* of the last reset */

static void on_reset(void *ctx, enum soc_reset_kind kind)
{
    (void)ctx;
    (void)kind;
    reset_at = sched_now(soc->sched);
}

static int start(void **state)
{
    (void)state;
    soc = chip_new();
    soc->on_reset = on_reset;
    chip_set(soc, RCC_RSR, RMVF);
    chip_clear(soc, RCC_RSR, RMVF);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    soc_free(soc);
    return 0;
}

/* A reset comes `t` from now, and its flags are these. */
static void expect_reset_after(vtime t, uint32_t flags)
{
    unsigned before = soc->resets;
    vtime due = sched_now(soc->sched) + t;

    chip_run(soc, t - VTIME_US);
    assert_int_equal(soc->resets, before);
    chip_run(soc, 2 * VTIME_US);
    assert_int_equal(soc->resets, before + 1);
    assert_in_range(reset_at, due, due + 100 * VTIME_NS);
    assert_int_equal(chip_read(soc, RCC_RSR), flags);
}

static void expect_no_reset_for(vtime t)
{
    unsigned before = soc->resets;

    chip_run(soc, t);
    assert_int_equal(soc->resets, before);
}

/* A reset comes with the access just made. */
static void expect_reset_now(uint32_t flags)
{
    unsigned before = soc->resets;

    chip_run(soc, VTIME_NS);
    assert_int_equal(soc->resets, before + 1);
    assert_int_equal(chip_read(soc, RCC_RSR), flags);
}

/* ---- IWDG1 ---- */

/* (4 << PR) * (RLR + 1) / f_LSI */
static vtime period(unsigned pr, unsigned rlr)
{
    return vtime_of_clocks((uint64_t)(4u << pr) * (rlr + 1), LSI_HZ);
}

static void start_lsi(void)
{
    chip_set(soc, RCC_CSR, LSION);
    chip_wait(soc, RCC_CSR, LSIRDY, LSIRDY, VTIME_US, VTIME_MS);
}

/* In the manual's order: start, unlock, write, wait, reload. */
static void start_iwdg(unsigned pr, unsigned rlr)
{
    start_lsi();
    chip_write(soc, KR, START);
    chip_write(soc, KR, UNLOCK);
    chip_write(soc, PR, pr);
    chip_write(soc, RLR, rlr);
    chip_wait(soc, IWDG_SR, PVU | RVU | WVU, 0, VTIME_US, VTIME_MS);
    chip_write(soc, KR, RELOAD);
}

static void iwdg_reset_values(void **state)
{
    (void)state;
    assert_int_equal(chip_read(soc, KR), 0);
    assert_int_equal(chip_read(soc, PR), 0);
    assert_int_equal(chip_read(soc, RLR), 0xFFF);
    assert_int_equal(chip_read(soc, IWDG_SR), 0);
    assert_int_equal(chip_read(soc, WINR), 0xFFF);
    expect_no_reset_for(100 * VTIME_S);
}

static void starting_it_starts_the_lsi(void **state)
{
    unsigned before = soc->resets;
    vtime ready;

    (void)state;
    assert_int_equal(chip_read(soc, RCC_CSR), 0);
    chip_write(soc, KR, START);
    ready = chip_wait(soc, RCC_CSR, LSIRDY, LSIRDY, VTIME_US, VTIME_MS);
    assert_true(ready > 0);
    chip_write(soc, RCC_CSR, 0); /* does not stop it */
    assert_int_equal(chip_read(soc, RCC_CSR), LSIRDY);
    /* The counter starts at its reset value: 4096 x 4 / 32 kHz = 512 ms. */
    chip_run(soc, period(0, 0xFFF) - VTIME_MS);
    assert_int_equal(soc->resets, before);
    chip_run(soc, 2 * VTIME_MS);
    assert_int_equal(soc->resets, before + 1);
    assert_int_equal(chip_read(soc, RCC_RSR), IWDGRSTF | PINRSTF);
    /* The reset stopped both. */
    assert_int_equal(chip_read(soc, RCC_CSR), 0);
    expect_no_reset_for(10 * VTIME_S);
}

static void it_bites_after_its_period(void **state)
{
    static const struct {
        unsigned pr, rlr;
    } cases[] = {{0, 99}, {0, 0xFFF}, {1, 1000}, {3, 999}, {6, 124}, {6, 0xFFF}, {7, 0xFFF}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_iwdg(cases[i].pr, cases[i].rlr);
        expect_reset_after(period(cases[i].pr < 6 ? cases[i].pr : 6, cases[i].rlr),
                           IWDGRSTF | PINRSTF);
    }
    assert_int_equal(chip_errors(soc), 0);
}

static void a_refresh_in_time_keeps_it_quiet(void **state)
{
    (void)state;
    start_iwdg(3, 999); /* 1 s */
    for (unsigned i = 0; i < 5; i++) {
        expect_no_reset_for(990 * VTIME_MS);
        chip_write(soc, KR, RELOAD);
    }
    expect_reset_after(VTIME_S, IWDGRSTF | PINRSTF);
}

static void updates_take_some_lsi_cycles(void **state)
{
    vtime took;

    (void)state;
    start_lsi();
    chip_write(soc, KR, UNLOCK);
    chip_write(soc, PR, 3);
    chip_write(soc, RLR, 100);
    chip_write(soc, WINR, 50);
    assert_int_equal(chip_read(soc, IWDG_SR), PVU | RVU | WVU);
    chip_write(soc, PR, 4); /* too early */
    assert_int_equal(chip_read(soc, PR), 3);
    assert_int_equal(chip_complained(soc, "iwdg-busy"), 1);
    took = chip_wait(soc, IWDG_SR, 7, 0, VTIME_US, VTIME_MS);
    assert_in_range(took, vtime_of_clocks(1, LSI_HZ), vtime_of_clocks(5, LSI_HZ) + VTIME_US);
    chip_write(soc, PR, 4);
    assert_int_equal(chip_read(soc, PR), 4);
}

static void without_lsi_updates_wait(void **state)
{
    (void)state;
    chip_write(soc, KR, UNLOCK);
    chip_write(soc, PR, 3);
    chip_run(soc, VTIME_S);
    assert_int_equal(chip_read(soc, IWDG_SR), PVU);
    start_lsi();
    chip_wait(soc, IWDG_SR, 7, 0, VTIME_US, VTIME_MS);
}

static void registers_need_the_key(void **state)
{
    static const uint32_t locks[] = {RELOAD, START, 0, 0x1234};

    (void)state;
    start_lsi();
    chip_write(soc, RLR, 1);
    for (size_t i = 0; i < sizeof locks / sizeof locks[0]; i++) {
        chip_write(soc, KR, UNLOCK);
        chip_write(soc, KR, locks[i]);
        chip_write(soc, PR, 1);
        chip_write(soc, WINR, 1);
    }
    assert_int_equal(chip_complained(soc, "iwdg-locked"), 1 + 2 * 4);
    assert_int_equal(chip_read(soc, RLR), 0xFFF);
    assert_int_equal(chip_read(soc, PR), 0);
    assert_int_equal(chip_read(soc, WINR), 0xFFF);
    assert_int_equal(chip_read(soc, IWDG_SR), 0);
}

static void a_refresh_before_the_window_bites(void **state)
{
    (void)state;
    start_iwdg(3, 999);
    chip_write(soc, KR, UNLOCK);
    chip_write(soc, WINR, 500);
    chip_wait(soc, IWDG_SR, WVU, 0, VTIME_US, VTIME_MS); /* reloads the counter */
    expect_no_reset_for(510 * VTIME_MS);
    chip_write(soc, KR, RELOAD); /* 1 ms a count: at 489, within the window */
    expect_no_reset_for(490 * VTIME_MS);
    chip_write(soc, KR, RELOAD); /* at 509 */
    expect_reset_now(IWDGRSTF | PINRSTF);
}

static void writing_the_window_reloads(void **state)
{
    (void)state;
    start_iwdg(3, 999);
    chip_run(soc, 900 * VTIME_MS);
    chip_write(soc, KR, UNLOCK);
    chip_write(soc, WINR, 0xFFE);
    expect_no_reset_for(990 * VTIME_MS);
    chip_run(soc, 20 * VTIME_MS);
    assert_int_equal(chip_read(soc, RCC_RSR), IWDGRSTF | PINRSTF);
}

static void the_option_bytes_can_start_it(void **state)
{
    (void)state;
    chip_write(soc, FLASH_OPTKEYR, 0x08192A3B);
    chip_write(soc, FLASH_OPTKEYR, 0x4C5D6E7F);
    chip_clear(soc, FLASH_OPTSR_PRG, 1u << 4);
    chip_set(soc, FLASH_OPTCR, 1u << 1);
    chip_wait(soc, FLASH_OPTSR_CUR, 1, 0, VTIME_MS, VTIME_S);
    assert_int_equal(chip_read(soc, FLASH_OPTSR_CUR) & 1u << 4, 0);
    expect_no_reset_for(VTIME_S);
    soc_reset(soc, SOC_RESET_PIN);
    chip_wait(soc, RCC_CSR, LSIRDY, LSIRDY, VTIME_US, VTIME_MS);
    expect_no_reset_for(period(0, 0xFFF) - VTIME_MS);
    chip_run(soc, 2 * VTIME_MS);
    assert_int_equal(chip_read(soc, RCC_RSR), IWDGRSTF | PINRSTF);
}

/* ---- WWDG ---- */

enum { PCLK3_HZ = 64000000 };

static vtime ticks(unsigned n, unsigned wdgtb)
{
    return vtime_of_clocks((uint64_t)n * 4096 << wdgtb, PCLK3_HZ);
}

static void enable_wwdg_clock(void)
{
    chip_write(soc, RCC_GCR, 1);
    chip_set(soc, RCC_APB3ENR_ADDR, 1u << 6);
}

static void wwdg_reset_values(void **state)
{
    (void)state;
    enable_wwdg_clock();
    assert_int_equal(chip_read(soc, CR), 0x7F);
    assert_int_equal(chip_read(soc, CFR), 0x7F);
    assert_int_equal(chip_read(soc, WWDG_SR), 0);
    expect_no_reset_for(10 * VTIME_S);
}

/* RM0455: t = t_PCLK x 4096 x 2^WDGTB x (T[5:0] + 1). */
static void wwdg_resets_when_t6_falls(void **state)
{
    static const struct {
        unsigned t, wdgtb;
    } cases[] = {{0x7F, 0}, {0x41, 0}, {0x7F, 3}, {0x50, 7}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enable_wwdg_clock();
        chip_write(soc, CFR, cases[i].wdgtb << 11 | 0x7F);
        chip_write(soc, CR, WDGA | cases[i].t);
        expect_reset_after(ticks((cases[i].t & 0x3F) + 1, cases[i].wdgtb), WWDGRSTF | PINRSTF);
    }
    assert_int_equal(chip_errors(soc), 0);
}

static void it_counts_down(void **state)
{
    (void)state;
    enable_wwdg_clock();
    chip_write(soc, CFR, 0x7F);
    chip_write(soc, CR, WDGA | 0x7F);
    chip_run(soc, ticks(10, 0) + VTIME_US);
    assert_int_equal(chip_read(soc, CR), WDGA | 0x75);
    chip_write(soc, CR, 0x70); /* WDGA stays */
    assert_int_equal(chip_read(soc, CR), WDGA | 0x70);
}

static void the_early_interrupt_comes_at_0x40(void **state)
{
    (void)state;
    enable_wwdg_clock();
    chip_write(soc, CFR, EWI | 0x7F);
    chip_write(soc, CR, WDGA | 0x7F);
    chip_run(soc, ticks(63, 0) - VTIME_US);
    assert_false(chip_irq_pending(soc, IRQ_WWDG));
    assert_int_equal(chip_read(soc, WWDG_SR), 0);
    chip_run(soc, 2 * VTIME_US);
    assert_true(chip_irq_pending(soc, IRQ_WWDG));
    assert_int_equal(chip_read(soc, WWDG_SR), EWIF);
    chip_write(soc, CR, 0x7F);
    chip_write(soc, WWDG_SR, 1); /* only 0 clears */
    assert_int_equal(chip_read(soc, WWDG_SR), EWIF);
    chip_write(soc, WWDG_SR, 0);
    chip_irq_clear(soc, IRQ_WWDG);
    assert_int_equal(chip_read(soc, WWDG_SR), 0);
    assert_false(chip_irq_pending(soc, IRQ_WWDG));
    chip_write(soc, CFR, 0x7F); /* EWI stays until a reset */
    assert_int_equal(chip_read(soc, CFR), EWI | 0x7F);
    expect_reset_after(ticks(64, 0), WWDGRSTF | PINRSTF);
    assert_int_equal(chip_read(soc, RCC_APB3ENR_ADDR), 0);
}

static void ewif_is_set_without_the_interrupt(void **state)
{
    (void)state;
    enable_wwdg_clock();
    chip_write(soc, CR, WDGA | 0x7F);
    chip_run(soc, ticks(63, 0) + VTIME_US);
    assert_int_equal(chip_read(soc, WWDG_SR), EWIF);
    assert_false(chip_irq_pending(soc, IRQ_WWDG));
}

static void a_refresh_within_the_window_is_good(void **state)
{
    (void)state;
    enable_wwdg_clock();
    chip_write(soc, CFR, 0x60);
    chip_write(soc, CR, WDGA | 0x7F);
    for (unsigned i = 0; i < 10; i++) {
        expect_no_reset_for(ticks(0x7F - 0x60, 0) + VTIME_US);
        chip_write(soc, CR, WDGA | 0x7F);
    }
    expect_reset_after(ticks(64, 0), WWDGRSTF | PINRSTF);
}

static void a_refresh_above_the_window_resets(void **state)
{
    (void)state;
    enable_wwdg_clock();
    chip_write(soc, CFR, 0x60);
    chip_write(soc, CR, WDGA | 0x7F);
    expect_no_reset_for(ticks(0x7F - 0x60, 0) - VTIME_US);
    chip_write(soc, CR, WDGA | 0x7F); /* at 0x61 */
    expect_reset_now(WWDGRSTF | PINRSTF);
}

static void clearing_t6_resets_at_once(void **state)
{
    (void)state;
    enable_wwdg_clock();
    chip_write(soc, CR, WDGA | 0x7F);
    chip_write(soc, CR, 0x3F);
    expect_reset_now(WWDGRSTF | PINRSTF);
}

static void it_follows_the_bus_clock(void **state)
{
    (void)state;
    enable_wwdg_clock();
    chip_write(soc, CR, WDGA | 0x7F);
    chip_run(soc, ticks(32, 0));
    chip_set(soc, RCC_CDCFGR1, 4u << 4); /* PCLK3 = HCLK / 2 */
    expect_reset_after(ticks(2 * 32, 0), WWDGRSTF | PINRSTF);
}

static void its_reset_scope_must_be_set(void **state)
{
    (void)state;
    chip_set(soc, RCC_APB3ENR_ADDR, 1u << 6);
    chip_write(soc, CR, WDGA | 0x7F);
    assert_int_equal(chip_complained(soc, "wwdg-reset-scope"), 1);
}

static void it_needs_its_bus_clock(void **state)
{
    (void)state;
    chip_write(soc, CR, WDGA | 0x7F);
    assert_int_equal(chip_complained(soc, "clock-off"), 1);
    expect_no_reset_for(VTIME_S);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(iwdg_reset_values),
        TEST(starting_it_starts_the_lsi),
        TEST(it_bites_after_its_period),
        TEST(a_refresh_in_time_keeps_it_quiet),
        TEST(updates_take_some_lsi_cycles),
        TEST(without_lsi_updates_wait),
        TEST(registers_need_the_key),
        TEST(a_refresh_before_the_window_bites),
        TEST(writing_the_window_reloads),
        TEST(the_option_bytes_can_start_it),
        TEST(wwdg_reset_values),
        TEST(wwdg_resets_when_t6_falls),
        TEST(it_counts_down),
        TEST(the_early_interrupt_comes_at_0x40),
        TEST(ewif_is_set_without_the_interrupt),
        TEST(a_refresh_within_the_window_is_good),
        TEST(a_refresh_above_the_window_resets),
        TEST(clearing_t6_resets_at_once),
        TEST(it_follows_the_bus_clock),
        TEST(its_reset_scope_must_be_set),
        TEST(it_needs_its_bus_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
