/* RNG and CRS as RM0455 describes them, through their registers and in virtual time. */
#include "chip.h"

#include <string.h>

enum {
    RCC = 0x58024400,
    RCC_CR = RCC,
    RCC_CDCCIP2R = RCC + 0x54,
    RCC_BDCR = RCC + 0x70,
    PWR_CR1 = 0x58024800
};
enum { RNG = 0x48021800, CR = RNG, SR = RNG + 4, DR = RNG + 8, HTCR = RNG + 0x10 };
enum { CRS = 0x40008400, CRS_CR = CRS, CRS_CFGR = CRS + 4, CRS_ISR = CRS + 8, CRS_ICR = CRS + 12 };
enum { CEN = 1 << 5, AUTOTRIMEN = 1 << 6, TRIM_CENTRE = 0x20 << 8 };
enum { RNGEN = 1 << 2, IE = 1 << 3, CED = 1 << 5, CONDRST = 1 << 30 };
#define CONFIGLOCK (1u << 31)
enum { DRDY = 1, CECS = 2, SECS = 4, CEIS = 1 << 5, SEIS = 1 << 6 };
enum { MAGIC = 0x17590ABC, ST_HTCR = 0x000CAA74 };

static void start_hsi48(struct soc *soc)
{
    chip_write(soc, RCC_CR, chip_read(soc, RCC_CR) | 1 << 12);
    chip_run(soc, 20 * VTIME_US);
    assert_true(chip_read(soc, RCC_CR) >> 13 & 1);
}

/* RNG with a running 48 MHz clock, not enabled; CRS clocked. */
static int setup(void **state)
{
    struct soc *soc = chip_new();

    *state = soc;
    chip_write(soc, RCC + RCC_AHB2ENR, 1 << 6);
    chip_write(soc, RCC + RCC_APB1HENR, 1 << 1);
    start_hsi48(soc);
    return 0;
}

static int setup_without_clock(void **state)
{
    struct soc *soc = chip_new();

    *state = soc;
    chip_write(soc, RCC + RCC_AHB2ENR, 1 << 6);
    return 0;
}

static int teardown(void **state)
{
    soc_free(*state);
    return 0;
}

/* What ST's driver for this version of the peripheral does before it sets RNGEN. */
static void configure(struct soc *soc)
{
    chip_write(soc, CR, CONDRST);
    chip_write(soc, HTCR, MAGIC);
    chip_write(soc, HTCR, ST_HTCR);
    chip_write(soc, CR, 0);
    chip_run(soc, VTIME_US);
    assert_int_equal(chip_read(soc, CR) & CONDRST, 0);
}

/* Runs until DRDY; how long that took. */
static vtime wait_ready(struct soc *soc)
{
    vtime from = sched_now(soc->sched);

    while (!(chip_read(soc, SR) & DRDY)) {
        assert_true(sched_now(soc->sched) - from < 100 * VTIME_MS);
        chip_run(soc, VTIME_US);
    }
    return sched_now(soc->sched) - from;
}

static void rng_reset_values(void **state)
{
    assert_int_equal(chip_read(*state, CR), 0);
    assert_int_equal(chip_read(*state, SR), 0);
    assert_int_equal(chip_read(*state, DR), 0);
    assert_int_equal(chip_read(*state, HTCR), 0x5A4E);
}

static void words_come_in_fours(void **state)
{
    uint32_t word[5];

    configure(*state);
    chip_write(*state, CR, RNGEN);
    assert_int_equal(chip_read(*state, SR), 0);
    assert_int_equal(chip_read(*state, DR), 0); /* not ready: zero */
    assert_true(wait_ready(*state) > 10 * VTIME_US);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(chip_read(*state, SR), DRDY);
        word[i] = chip_read(*state, DR);
        assert_int_not_equal(word[i], 0);
    }
    assert_int_equal(chip_read(*state, SR), 0);
    assert_int_equal(chip_read(*state, DR), 0);
    wait_ready(*state);
    word[4] = chip_read(*state, DR);
    for (int i = 0; i < 5; i++) {
        for (int k = 0; k < i; k++)
            assert_int_not_equal(word[i], word[k]);
    }
}

static uint32_t first_word(uint64_t seed)
{
    struct soc *soc = chip_new_with(&(struct soc_config){.seed = seed});
    uint32_t word;

    chip_write(soc, RCC + RCC_AHB2ENR, 1 << 6);
    start_hsi48(soc);
    configure(soc);
    chip_write(soc, CR, RNGEN);
    wait_ready(soc);
    word = chip_read(soc, DR);
    soc_free(soc);
    return word;
}

static void words_follow_from_the_seed(void **state)
{
    (void)state;
    assert_int_equal(first_word(7), first_word(7));
    assert_int_not_equal(first_word(7), first_word(8));
    assert_int_not_equal(first_word(0), 0);
}

static void divider_slows_down(void **state)
{
    vtime fast, slow;

    configure(*state);
    chip_write(*state, CR, RNGEN);
    fast = wait_ready(*state);
    chip_write(*state, CR, CONDRST | 2 << 16); /* CLKDIV: by 4 */
    chip_write(*state, CR, 2 << 16);
    chip_run(*state, VTIME_US);
    chip_write(*state, CR, 2 << 16 | RNGEN);
    slow = wait_ready(*state);
    assert_true(slow > 3 * fast && slow < 5 * fast);
}

static void configuration_only_with_condrst(void **state)
{
    chip_write(*state, CR, CED | RNGEN);
    assert_int_equal(chip_read(*state, CR), RNGEN);
    assert_int_equal(chip_complained(*state, "rng-configuration"), 1);
    chip_write(*state, CR, CED | RNGEN | CONDRST);
    assert_int_equal(chip_read(*state, CR), CED | RNGEN | CONDRST);
    chip_write(*state, CR, CED | RNGEN);
    assert_int_equal(chip_read(*state, CR), CED | RNGEN | CONDRST); /* not through yet */
    chip_run(*state, VTIME_US);
    assert_int_equal(chip_read(*state, CR), CED | RNGEN);
    assert_int_equal(chip_complained(*state, "rng-configuration"), 1);
}

static void htcr_needs_magic_and_condrst(void **state)
{
    chip_write(*state, CR, CONDRST);
    chip_write(*state, HTCR, ST_HTCR);
    assert_int_equal(chip_read(*state, HTCR), 0x5A4E);
    chip_write(*state, HTCR, MAGIC);
    chip_write(*state, HTCR, ST_HTCR);
    assert_int_equal(chip_read(*state, HTCR), ST_HTCR);
    chip_write(*state, CR, 0);
    chip_run(*state, VTIME_US);
    chip_write(*state, HTCR, MAGIC);
    chip_write(*state, HTCR, 0x1234);
    assert_int_equal(chip_read(*state, HTCR), ST_HTCR);
    assert_int_equal(chip_complained(*state, "rng-configuration"), 2);
}

static void lock_lasts_until_reset(void **state)
{
    chip_write(*state, CR, CONDRST | CONFIGLOCK | 1 << 16);
    chip_write(*state, HTCR, MAGIC);
    chip_write(*state, HTCR, ST_HTCR);
    assert_int_equal(chip_read(*state, HTCR), 0x5A4E);
    chip_write(*state, CR, CONDRST | 2 << 16);
    assert_int_equal(chip_read(*state, CR), CONFIGLOCK | CONDRST | 1 << 16);
    chip_write(*state, RCC + RCC_AHB2RSTR, 1 << 6);
    chip_write(*state, RCC + RCC_AHB2RSTR, 0);
    assert_int_equal(chip_read(*state, CR), 0);
}

static void missing_clock(void **state)
{
    struct soc *soc = *state;

    chip_write(soc, CR, RNGEN | IE);
    assert_int_equal(chip_read(soc, SR), CECS | CEIS);
    assert_true(chip_irq_pending(soc, IRQ_RNG));
    assert_int_equal(chip_complained(soc, "rng-clock"), 1);
    chip_run(soc, VTIME_MS);
    assert_int_equal(chip_read(soc, SR), CECS | CEIS);
    start_hsi48(soc);
    assert_int_equal(chip_read(soc, SR) & (CECS | CEIS), CEIS);
    wait_ready(soc);
    chip_write(soc, SR, 0);
    assert_int_equal(chip_read(soc, SR), DRDY);
}

/* CED = 1 disables the detection; CONDRST cannot end without the clock. */
static void missing_clock_undetected(void **state)
{
    struct soc *soc = *state;

    chip_write(soc, CR, CONDRST | CED);
    chip_write(soc, CR, CED | RNGEN);
    chip_run(soc, VTIME_MS);
    assert_int_equal(chip_read(soc, CR), CONDRST | CED | RNGEN);
    assert_int_equal(chip_read(soc, SR), 0);
    start_hsi48(soc);
    assert_int_equal(chip_read(soc, CR), CED | RNGEN);
    wait_ready(soc);
}

/* RM0455: below HCLK / 32 the clock is too slow. LSI is, at 64 MHz. */
static void slow_clock(void **state)
{
    struct soc *soc = *state;

    chip_write(soc, RCC + 0x74, 1);
    chip_write(soc, RCC_CDCCIP2R, 3 << 8);
    chip_run(soc, VTIME_MS);
    chip_write(soc, CR, RNGEN);
    assert_int_equal(chip_read(soc, SR), CECS | CEIS);
}

static void interrupt_follows_data(void **state)
{
    struct soc *soc = *state;

    configure(soc);
    chip_write(soc, CR, RNGEN);
    wait_ready(soc);
    assert_false(chip_irq_pending(soc, IRQ_RNG));
    chip_write(soc, CR, RNGEN | IE);
    assert_true(chip_irq_pending(soc, IRQ_RNG));
}

/* A seed error stops the generator until the conditioning logic was reset. */
static void seed_error_recovery(void **state)
{
    struct soc *soc = *state;
    struct device *rng = soc->devices;

    while (strcmp(rng->name, "RNG"))
        rng = rng->next;
    configure(soc);
    chip_write(soc, CR, RNGEN);
    wait_ready(soc);
    *device_reg(rng, 4) |= SECS | SEIS;
    for (int i = 0; i < 4; i++)
        chip_read(soc, DR);
    chip_run(soc, VTIME_MS);
    assert_int_equal(chip_read(soc, SR), SECS | SEIS);
    chip_write(soc, SR, 0);
    assert_int_equal(chip_read(soc, SR), SECS);
    chip_write(soc, CR, RNGEN | CONDRST);
    chip_write(soc, CR, RNGEN);
    chip_run(soc, VTIME_US);
    assert_int_equal(chip_read(soc, SR), 0);
    wait_ready(soc);
}

/* A system reset stops the clock and the generator alike: no fault of the program. The generator
   does not begin anew. */
static void system_reset_is_no_fault(void **state)
{
    struct soc *soc = *state;
    uint32_t before;

    configure(soc);
    chip_write(soc, CR, RNGEN | IE);
    wait_ready(soc);
    before = chip_read(soc, DR);
    soc_reset(soc, SOC_RESET_SOFTWARE);
    chip_run(soc, VTIME_MS);
    assert_int_equal(chip_errors(soc), 0);
    chip_write(soc, RCC + RCC_AHB2ENR, 1 << 6);
    assert_int_equal(chip_read(soc, CR), 0);
    assert_int_equal(chip_read(soc, SR), 0);
    assert_int_equal(chip_read(soc, HTCR), 0x5A4E);
    start_hsi48(soc);
    configure(soc);
    chip_write(soc, CR, RNGEN);
    wait_ready(soc);
    assert_int_not_equal(chip_read(soc, DR), before);
}

static void crs_reset_values(void **state)
{
    assert_int_equal(chip_read(*state, CRS_CR), 0x2000);
    assert_int_equal(chip_read(*state, CRS_CFGR), 0x2022BB7F);
    assert_int_equal(chip_read(*state, CRS_ISR), 0);
}

/* USB is the source and there is no host: expected SYNC after 48000 clocks, missed 128 * 34 later.
 */
static void crs_without_frames(void **state)
{
    struct soc *soc = *state;

    chip_write(soc, CRS_CR, TRIM_CENTRE | CEN | AUTOTRIMEN);
    chip_run(soc, 990 * VTIME_US);
    assert_int_equal(chip_read(soc, CRS_ISR), 0);
    chip_run(soc, 20 * VTIME_US);
    assert_int_equal(chip_read(soc, CRS_ISR), 1 << 3); /* ESYNCF */
    chip_run(soc, 90 * VTIME_US);
    assert_int_equal(chip_read(soc, CRS_ISR), 1 << 3 | 1 << 2 | 1 << 9); /* ERRF, SYNCMISS */
    chip_write(soc, CRS_ICR, 0xF);
    chip_run(soc, 10 * VTIME_MS);
    assert_int_equal(chip_read(soc, CRS_ISR), 0);
    assert_int_equal(chip_read(soc, CRS_CR) >> 8 & 0x3F, 0x20);
}

static void start_lse(struct soc *soc)
{
    chip_write(soc, PWR_CR1, chip_read(soc, PWR_CR1) | 1 << 8);
    chip_write(soc, RCC_BDCR, 1);
    chip_run(soc, VTIME_S);
    assert_int_equal(chip_read(soc, RCC_BDCR) & 3, 3);
}

/* 48 MHz / 32768 Hz = 1464.8 clocks; RELOAD is one less than the ratio. */
static void crs_with_lse(void **state)
{
    struct soc *soc = *state;

    start_lse(soc);
    chip_write(soc, CRS_CFGR, 1u << 28 | 34 << 16 | 1463);
    chip_write(soc, CRS_CR, TRIM_CENTRE | CEN | AUTOTRIMEN | 1);
    assert_false(chip_irq_pending(soc, IRQ_CRS));
    chip_run(soc, 100 * VTIME_US);
    assert_true(chip_irq_pending(soc, IRQ_CRS));
    /* ESYNC comes one clock before SYNC; the error of 1 is in FECAP, counted up. */
    assert_int_equal(chip_read(soc, CRS_ISR), 1 << 16 | 1 << 3 | 1);
    assert_int_equal(chip_read(soc, CRS_CR) >> 8 & 0x3F, 0x20);
}

/* A RELOAD that is 50 clocks too long: HSI48 seems slow, within 3 * FELIM: trimmed up, one a SYNC.
 */
static void crs_trims(void **state)
{
    struct soc *soc = *state;

    start_lse(soc);
    chip_write(soc, CRS_CFGR, 1u << 28 | 34 << 16 | 1514);
    chip_write(soc, CRS_CR, TRIM_CENTRE | CEN | AUTOTRIMEN);
    chip_run(soc, 5 * VTIME_S / 32768 + VTIME_US);
    assert_int_equal(chip_read(soc, CRS_ISR), 50u << 16 | 1 << 15 | 1);
    assert_int_equal(chip_read(soc, CRS_CR) >> 8 & 0x3F, 0x24);
    assert_int_equal(chip_complained(soc, "crs-trim"), 4);
    chip_run(soc, VTIME_S);
    assert_int_equal(chip_read(soc, CRS_CR) >> 8 & 0x3F, 0x3F);
    assert_int_equal(chip_read(soc, CRS_ISR) & 0x704, 0x404); /* ERRF, TRIMOVF */
}

static void crs_configuration_is_protected(void **state)
{
    chip_write(*state, CRS_CR, CEN);
    chip_write(*state, CRS_CFGR, 0);
    assert_int_equal(chip_read(*state, CRS_CFGR), 0x2022BB7F);
    assert_int_equal(chip_complained(*state, "crs-configuration"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rng_reset_values, setup, teardown),
        cmocka_unit_test_setup_teardown(words_come_in_fours, setup, teardown),
        cmocka_unit_test(words_follow_from_the_seed),
        cmocka_unit_test_setup_teardown(divider_slows_down, setup, teardown),
        cmocka_unit_test_setup_teardown(configuration_only_with_condrst, setup, teardown),
        cmocka_unit_test_setup_teardown(htcr_needs_magic_and_condrst, setup, teardown),
        cmocka_unit_test_setup_teardown(lock_lasts_until_reset, setup, teardown),
        cmocka_unit_test_setup_teardown(missing_clock, setup_without_clock, teardown),
        cmocka_unit_test_setup_teardown(missing_clock_undetected, setup_without_clock, teardown),
        cmocka_unit_test_setup_teardown(slow_clock, setup_without_clock, teardown),
        cmocka_unit_test_setup_teardown(interrupt_follows_data, setup, teardown),
        cmocka_unit_test_setup_teardown(seed_error_recovery, setup, teardown),
        cmocka_unit_test_setup_teardown(system_reset_is_no_fault, setup, teardown),
        cmocka_unit_test_setup_teardown(crs_reset_values, setup, teardown),
        cmocka_unit_test_setup_teardown(crs_without_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(crs_with_lse, setup, teardown),
        cmocka_unit_test_setup_teardown(crs_trims, setup, teardown),
        cmocka_unit_test_setup_teardown(crs_configuration_is_protected, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
