/* RTC and TAMP: what RM0455 says of time, date, alarms, the wake-up timer and the backup domain. */
#include "chip.h"

enum {
    PWR_CR1 = 0x58024800,
    RCC_CFGR = 0x58024410,
    RCC_BDCR = 0x58024470,
    RCC_CSR = 0x58024474,
    RCC_APB4ENR_ADDR = 0x58024554,
    EXTI_RTSR1 = 0x58000000,
    EXTI_CPUIMR1 = 0x58000080,
    EXTI_CPUPR1 = 0x58000088,
    RTC = 0x58004000,
    TR = RTC + 0x00,
    DR = RTC + 0x04,
    SSR = RTC + 0x08,
    ICSR = RTC + 0x0C,
    PRER = RTC + 0x10,
    WUTR = RTC + 0x14,
    CR = RTC + 0x18,
    WPR = RTC + 0x24,
    CALR = RTC + 0x28,
    SHIFTR = RTC + 0x2C,
    ALRMAR = RTC + 0x40,
    ALRMASSR = RTC + 0x44,
    ALRMBR = RTC + 0x48,
    SR = RTC + 0x50,
    MISR = RTC + 0x54,
    SCR = RTC + 0x5C,
    BKP0R = 0x58004500,
    BKP31R = 0x5800457C,
};

enum { DBP = 1 << 8, LSEON = 1, LSERDY = 2, RTCSEL_LSE = 1 << 8, RTCSEL_LSI = 2 << 8 };
enum { RTCEN = 1 << 15, VSWRST = 1 << 16 };
enum { ALRAWF = 1, ALRBWF = 2, WUTWF = 4, SHPF = 8, INITS = 16, RSF = 32, INITF = 64, INIT = 128 };
enum { RECALPF = 1 << 16 };
enum { BYPSHAD = 1 << 5, FMT = 1 << 6, ALRAE = 1 << 8, ALRBE = 1 << 9, WUTE = 1 << 10 };
enum { ALRAIE = 1 << 12, ALRBIE = 1 << 13, WUTIE = 1 << 14, ADD1H = 1 << 16, SUB1H = 1 << 17 };
enum { ALRAF = 1, ALRBF = 2, WUTF = 4 };
#define MSK1 (1u << 7)
#define MSK2 (1u << 15)
#define MSK3 (1u << 23)
#define MSK4 (1u << 31)

/* BCD; weekday 1 = Monday. */
#define DATE(year, weekday, month, day)                                                            \
    ((uint32_t)(year) << 16 | (weekday) << 13 | (month) << 8 | (day))

/* One period of the 32768 Hz crystal, rounded up. */
#define CLOCK (VTIME_S / CHIP_LSE_HZ + 1)

static struct soc *soc;

static void unlock(void)
{
    chip_write(soc, WPR, 0xCA);
    chip_write(soc, WPR, 0x53);
}

/* A chip whose RTC runs from LSE, its registers unlocked. */
static int start(void **state)
{
    (void)state;
    soc = chip_new();
    chip_set(soc, PWR_CR1, DBP);
    chip_set(soc, RCC_BDCR, LSEON);
    chip_wait(soc, RCC_BDCR, LSERDY, LSERDY, VTIME_MS, VTIME_S);
    chip_set(soc, RCC_BDCR, RTCSEL_LSE | RTCEN);
    unlock();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    soc_free(soc);
    return 0;
}

static void enter_init(void)
{
    chip_set(soc, ICSR, INIT);
    chip_wait(soc, ICSR, INITF, INITF, VTIME_US, VTIME_MS);
}

/* Sets time and date; returns when the calendar's first second begins. */
static void set(uint32_t tr, uint32_t dr)
{
    enter_init();
    chip_write(soc, TR, tr);
    chip_write(soc, DR, dr);
    chip_clear(soc, ICSR, INIT);
    /* RM0455: counting restarts four RTCCLK clocks later. */
    chip_run(soc, 4 * CLOCK);
}

static void expect(uint32_t tr, uint32_t dr)
{
    assert_int_equal(chip_read(soc, TR), tr);
    assert_int_equal(chip_read(soc, DR), dr);
}

/* Lets the calendar run to 5 ms behind a second edge, so that the shadow registers have it. */
static void settle(void)
{
    chip_run(soc, 5 * VTIME_MS);
}

/* ---- registers ---- */

static void reset_values(void **state)
{
    static const struct {
        uint32_t addr, value;
    } regs[] = {
        {TR, 0},         {DR, 0x2101}, {SSR, 0},        {ICSR, 7},   {PRER, 0x007F00FF},
        {WUTR, 0xFFFF},  {CR, 0},      {WPR, 0},        {CALR, 0},   {SHIFTR, 0},
        {RTC + 0x30, 0}, {ALRMAR, 0},  {ALRMASSR, 0},   {ALRMBR, 0}, {SR, 0},
        {MISR, 0},       {SCR, 0},     {RTC + 0x60, 0}, {BKP0R, 0},
    };

    (void)state;
    soc_free(soc);
    soc = chip_new(); /* no clock: nothing moves */
    for (size_t i = 0; i < sizeof regs / sizeof regs[0]; i++)
        assert_int_equal(chip_read(soc, regs[i].addr), regs[i].value);
    assert_int_equal(chip_errors(soc), 0);
    chip_read(soc, RTC + 0x3C);
    assert_int_equal(chip_complained(soc, "reserved-register"), 1);
}

static void dbp_protects_the_domain(void **state)
{
    (void)state;
    chip_write(soc, BKP0R, 0x1234);
    chip_clear(soc, PWR_CR1, DBP);
    chip_write(soc, BKP0R, 0x5678);
    chip_write(soc, WUTR, 1);
    assert_int_equal(chip_read(soc, BKP0R), 0x1234);
    assert_int_equal(chip_read(soc, WUTR), 0xFFFF);
    assert_int_equal(chip_complained(soc, "backup-protected"), 2);
}

static void the_keys_unlock(void **state)
{
    (void)state;
    chip_write(soc, WPR, 0xFF);
    chip_write(soc, WUTR, 1);
    assert_int_equal(chip_read(soc, WUTR), 0xFFFF);
    chip_write(soc, WPR, 0x53); /* in the wrong order */
    chip_write(soc, WUTR, 2);
    chip_write(soc, WPR, 0xCA);
    chip_write(soc, WUTR, 2);
    assert_int_equal(chip_read(soc, WUTR), 0xFFFF);
    assert_int_equal(chip_complained(soc, "rtc-write-protected"), 3);
    chip_write(soc, WPR, 0x53);
    chip_write(soc, WUTR, 3);
    assert_int_equal(chip_read(soc, WUTR), 3);
    assert_int_equal(chip_read(soc, WPR), 0);
    /* SCR takes no key. */
    chip_write(soc, WPR, 0xFF);
    chip_write(soc, SCR, 0x3F);
    assert_int_equal(chip_complained(soc, "rtc-write-protected"), 3);
}

static void a_gated_bus_clock_hides_it(void **state)
{
    (void)state;
    chip_write(soc, BKP0R, 0x1234);
    chip_clear(soc, RCC_APB4ENR_ADDR, 1u << 16);
    assert_int_equal(chip_read(soc, BKP0R), 0);
    assert_int_equal(chip_read(soc, DR), 0);
    assert_int_equal(chip_complained(soc, "clock-off"), 2);
    chip_set(soc, RCC_APB4ENR_ADDR, 1u << 16);
    assert_int_equal(chip_read(soc, BKP0R), 0x1234);
}

/* ---- initialisation ---- */

static void initf_takes_two_clocks(void **state)
{
    vtime took;

    (void)state;
    set(0x120000, DATE(0x24, 1, 0x01, 0x01)); /* ends at an edge of RTCCLK */
    chip_set(soc, ICSR, INIT);
    took = chip_wait(soc, ICSR, INITF, INITF, VTIME_US, VTIME_MS);
    assert_in_range(took, 2 * CLOCK - 2 * VTIME_US, 2 * CLOCK + VTIME_US);
    assert_int_equal(chip_read(soc, ICSR) & (RSF | ALRAWF | ALRBWF), 0);
}

static void without_a_clock_initf_never_comes(void **state)
{
    (void)state;
    chip_clear(soc, RCC_BDCR, RTCEN);
    chip_set(soc, ICSR, INIT);
    chip_run(soc, VTIME_S);
    assert_int_equal(chip_read(soc, ICSR) & (INIT | INITF), INIT);
}

static void the_calendar_is_written_in_init_mode_only(void **state)
{
    (void)state;
    chip_write(soc, TR, 0x120000);
    chip_write(soc, DR, 0x248101);
    chip_write(soc, PRER, 0x007F00FE);
    chip_set(soc, CR, FMT);
    assert_int_equal(chip_complained(soc, "rtc-not-in-init"), 4);
    assert_int_equal(chip_read(soc, CR) & FMT, 0);
    assert_int_equal(chip_read(soc, PRER), 0x007F00FF);
    settle();
    expect(0x000000, 0x2101);
}

static void inits_tells_a_calendar_that_was_set(void **state)
{
    (void)state;
    assert_int_equal(chip_read(soc, ICSR) & INITS, 0);
    set(0x000000, DATE(0x24, 1, 0x01, 0x01));
    assert_int_equal(chip_read(soc, ICSR) & INITS, INITS);
}

static void an_invalid_date_is_an_error(void **state)
{
    (void)state;
    set(0x000000, DATE(0x23, 3, 0x02, 0x29));
    assert_int_equal(chip_complained(soc, "rtc-date-invalid"), 1);
    settle();
    expect(0x000000, DATE(0x23, 3, 0x02, 0x28));
}

static void system_reset_ends_init_mode(void **state)
{
    (void)state;
    enter_init();
    soc_reset(soc, SOC_RESET_PIN);
    assert_int_equal(chip_read(soc, ICSR) & (INIT | INITF), 0);
}

/* ---- the calendar ---- */

static void dates_roll_over(void **state)
{
    static const struct {
        uint32_t tr, dr, tr2, dr2;
    } cases[] = {
        {0x235959, DATE(0x24, 3, 0x02, 0x28), 0x000000, DATE(0x24, 4, 0x02, 0x29)},
        {0x235959, DATE(0x24, 4, 0x02, 0x29), 0x000000, DATE(0x24, 5, 0x03, 0x01)},
        {0x235959, DATE(0x23, 2, 0x02, 0x28), 0x000000, DATE(0x23, 3, 0x03, 0x01)},
        {0x235959, DATE(0x00, 1, 0x02, 0x28), 0x000000, DATE(0x00, 2, 0x02, 0x29)},
        {0x235959, DATE(0x24, 3, 0x01, 0x31), 0x000000, DATE(0x24, 4, 0x02, 0x01)},
        {0x235959, DATE(0x24, 2, 0x04, 0x30), 0x000000, DATE(0x24, 3, 0x05, 0x01)},
        {0x235959, DATE(0x24, 3, 0x07, 0x31), 0x000000, DATE(0x24, 4, 0x08, 0x01)},
        {0x235959, DATE(0x24, 1, 0x09, 0x30), 0x000000, DATE(0x24, 2, 0x10, 0x01)},
        {0x235959, DATE(0x24, 2, 0x12, 0x31), 0x000000, DATE(0x25, 3, 0x01, 0x01)},
        {0x235959, DATE(0x27, 5, 0x12, 0x31), 0x000000, DATE(0x28, 6, 0x01, 0x01)},
        {0x235959, DATE(0x99, 7, 0x12, 0x31), 0x000000, DATE(0x00, 1, 0x01, 0x01)},
        {0x095959, DATE(0x24, 1, 0x01, 0x09), 0x100000, DATE(0x24, 1, 0x01, 0x09)},
        {0x000959, DATE(0x24, 1, 0x01, 0x09), 0x001000, DATE(0x24, 1, 0x01, 0x09)},
        {0x000009, DATE(0x24, 1, 0x01, 0x09), 0x000010, DATE(0x24, 1, 0x01, 0x09)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set(cases[i].tr, cases[i].dr);
        chip_run(soc, 999 * VTIME_MS);
        expect(cases[i].tr, cases[i].dr);
        chip_run(soc, 2 * VTIME_MS);
        expect(cases[i].tr2, cases[i].dr2);
    }
    assert_int_equal(chip_errors(soc), 0);
}

static void it_keeps_time_without_drift(void **state)
{
    (void)state;
    set(0x000000, DATE(0x24, 1, 0x01, 0x01));
    chip_run(soc, 100 * 86400 * VTIME_S - VTIME_MS);
    expect(0x235959, DATE(0x24, 2, 0x04, 0x09)); /* day 100 of a leap year */
    chip_run(soc, 2 * VTIME_MS);
    expect(0x000000, DATE(0x24, 3, 0x04, 0x10));
}

static void twelve_hours_and_pm(void **state)
{
    static const struct {
        uint32_t tr, tr2;
    } cases[] = {
        {0x115959, 0x520000}, /* 11:59:59 AM -> 12:00:00 PM */
        {0x525959, 0x410000}, /* 12:59:59 PM -> 1:00:00 PM */
        {0x515959, 0x120000}, /* 11:59:59 PM -> 12:00:00 AM */
        {0x125959, 0x010000}, /* 12:59:59 AM -> 1:00:00 AM */
    };

    (void)state;
    enter_init();
    chip_set(soc, CR, FMT);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set(cases[i].tr, DATE(0x24, 1, 0x01, 0x01));
        chip_run(soc, 999 * VTIME_MS);
        assert_int_equal(chip_read(soc, TR), cases[i].tr);
        chip_read(soc, DR);
        chip_run(soc, 2 * VTIME_MS);
        assert_int_equal(chip_read(soc, TR), cases[i].tr2);
        chip_read(soc, DR);
    }
    assert_int_equal(chip_errors(soc), 0);
}

static void subseconds_count_down(void **state)
{
    (void)state;
    chip_set(soc, CR, BYPSHAD);
    set(0x120000, DATE(0x24, 1, 0x01, 0x01));
    assert_int_equal(chip_read(soc, SSR), 255);
    chip_run(soc, VTIME_S / 2);
    assert_int_equal(chip_read(soc, SSR), 127); /* RM0455: (PREDIV_S - SS) / (PREDIV_S + 1) */
    chip_run(soc, VTIME_S / 2 - VTIME_MS);
    assert_int_equal(chip_read(soc, SSR), 0);
    chip_run(soc, VTIME_MS);
    assert_int_equal(chip_read(soc, SSR), 255);
    assert_int_equal(chip_read(soc, TR), 0x120001);
}

static void prescalers_fit_another_clock(void **state)
{
    (void)state;
    soc_free(soc);
    soc = chip_new();
    chip_set(soc, PWR_CR1, DBP);
    chip_set(soc, RCC_CSR, 1);
    chip_wait(soc, RCC_CSR, 2, 2, VTIME_MS, VTIME_S);
    chip_set(soc, RCC_BDCR, RTCSEL_LSI | RTCEN);
    unlock();
    enter_init();
    chip_write(soc, PRER, 127u << 16 | 249); /* 32000 Hz / 128 / 250 */
    set(0x000000, DATE(0x24, 1, 0x01, 0x01));
    chip_run(soc, 3600 * VTIME_S - VTIME_MS);
    assert_int_equal(chip_read(soc, TR), 0x005959);
    chip_read(soc, DR);
    chip_run(soc, 2 * VTIME_MS);
    assert_int_equal(chip_read(soc, TR), 0x010000);
}

static void without_a_clock_time_stands(void **state)
{
    (void)state;
    set(0x120000, DATE(0x24, 1, 0x01, 0x01));
    chip_run(soc, 2500 * VTIME_MS);
    chip_clear(soc, RCC_BDCR, RTCEN);
    chip_run(soc, 3600 * VTIME_S);
    chip_set(soc, RCC_BDCR, RTCEN);
    chip_run(soc, 490 * VTIME_MS);
    expect(0x120002, DATE(0x24, 1, 0x01, 0x01));
    chip_run(soc, 20 * VTIME_MS);
    expect(0x120003, DATE(0x24, 1, 0x01, 0x01));
}

static void daylight_saving_moves_the_hour_at_the_next_second(void **state)
{
    (void)state;
    set(0x235959, DATE(0x24, 3, 0x02, 0x28));
    settle();
    chip_set(soc, CR, SUB1H);
    assert_int_equal(chip_read(soc, CR) & SUB1H, 0);
    expect(0x235959, DATE(0x24, 3, 0x02, 0x28));
    chip_run(soc, VTIME_S);
    expect(0x230000, DATE(0x24, 3, 0x02, 0x28));
    chip_set(soc, CR, ADD1H);
    chip_run(soc, VTIME_S);
    expect(0x000001, DATE(0x24, 4, 0x02, 0x29));
    chip_set(soc, CR, SUB1H); /* nothing in the first hour */
    chip_run(soc, VTIME_S);
    expect(0x000002, DATE(0x24, 4, 0x02, 0x29));
}

/* ---- shadow registers ---- */

static void rsf_comes_within_two_clocks(void **state)
{
    vtime took;

    (void)state;
    chip_wait(soc, ICSR, RSF, RSF, VTIME_US, VTIME_MS);
    chip_write(soc, ICSR, 0);
    assert_int_equal(chip_read(soc, ICSR) & RSF, 0);
    took = chip_wait(soc, ICSR, RSF, RSF, VTIME_US, VTIME_MS);
    assert_in_range(took, 1, 2 * CLOCK + VTIME_US);
}

static void reading_locks_the_higher_registers(void **state)
{
    (void)state;
    set(0x235958, DATE(0x24, 3, 0x02, 0x28));
    settle();
    assert_int_equal(chip_read(soc, SSR), 254);
    chip_run(soc, 3 * VTIME_S);
    assert_int_equal(chip_peek(soc, TR), 0x235958);
    expect(0x235958, DATE(0x24, 3, 0x02, 0x28));
    expect(0x000001, DATE(0x24, 4, 0x02, 0x29));
    /* TR locks DR, and only that. */
    chip_read(soc, TR);
    chip_run(soc, 86400 * VTIME_S);
    assert_int_equal(chip_read(soc, TR), 0x000001);
    assert_int_equal(chip_read(soc, DR), DATE(0x24, 4, 0x02, 0x29));
    assert_int_equal(chip_read(soc, DR), DATE(0x24, 5, 0x03, 0x01));
}

static void bypshad_reads_the_calendar_itself(void **state)
{
    (void)state;
    chip_set(soc, CR, BYPSHAD);
    set(0x235958, DATE(0x24, 3, 0x02, 0x28));
    assert_int_equal(chip_read(soc, TR), 0x235958);
    chip_run(soc, 2 * VTIME_S);
    assert_int_equal(chip_read(soc, DR), DATE(0x24, 4, 0x02, 0x29));
    assert_int_equal(chip_read(soc, TR), 0x000000);
    assert_int_equal(chip_read(soc, ICSR) & RSF, 0);
    assert_int_equal(chip_errors(soc), 0);
    chip_clear(soc, CR, BYPSHAD);
    chip_wait(soc, ICSR, RSF, RSF, VTIME_US, 2 * CLOCK + VTIME_US);
    expect(0x000000, DATE(0x24, 4, 0x02, 0x29));
}

static void a_system_reset_clears_them_and_time_goes_on(void **state)
{
    (void)state;
    set(0x120000, DATE(0x24, 1, 0x01, 0x01));
    chip_run(soc, 2500 * VTIME_MS);
    soc_reset(soc, SOC_RESET_PIN);
    assert_int_equal(chip_read(soc, ICSR) & RSF, 0);
    assert_int_equal(chip_errors(soc), 0);
    assert_int_equal(chip_read(soc, TR), 0);
    assert_int_equal(chip_read(soc, DR), 0x2101);
    assert_int_equal(chip_complained(soc, "rtc-not-synchronised"), 2);
    chip_wait(soc, ICSR, RSF, RSF, VTIME_US, 2 * CLOCK + VTIME_US);
    expect(0x120002, DATE(0x24, 1, 0x01, 0x01));
    chip_run(soc, 10 * VTIME_S);
    chip_read(soc, SSR); /* a lock does not outlive the reset */
    soc_reset(soc, SOC_RESET_PIN);
    chip_wait(soc, ICSR, RSF, RSF, VTIME_US, 2 * CLOCK + VTIME_US);
    expect(0x120012, DATE(0x24, 1, 0x01, 0x01));
    /* RM0455: the keys' lock is not affected by a system reset, DBP is. */
    chip_write(soc, WUTR, 1);
    assert_int_equal(chip_complained(soc, "backup-protected"), 1);
    chip_set(soc, PWR_CR1, DBP);
    chip_write(soc, WUTR, 1);
    assert_int_equal(chip_read(soc, WUTR), 1);
}

/* ---- alarms ---- */

static void expect_flag_after(vtime t, uint32_t flag)
{
    chip_run(soc, t - 100 * VTIME_US);
    assert_int_equal(chip_read(soc, SR) & flag, 0);
    chip_run(soc, 200 * VTIME_US);
    assert_int_equal(chip_read(soc, SR) & flag, flag);
}

static void an_alarm_interrupts_at_its_second(void **state)
{
    (void)state;
    set(0x120000, DATE(0x24, 1, 0x01, 0x01));
    chip_write(soc, EXTI_RTSR1, 1u << 17);
    chip_set(soc, EXTI_CPUIMR1, 1u << 17);
    chip_write(soc, ALRMAR, MSK4 | 0x120005);
    chip_set(soc, CR, ALRAE | ALRAIE);
    chip_run(soc, 5 * VTIME_S - 10 * VTIME_US);
    assert_false(chip_irq_pending(soc, IRQ_RTC_ALARM));
    chip_run(soc, 20 * VTIME_US);
    assert_true(chip_irq_pending(soc, IRQ_RTC_ALARM));
    assert_int_equal(chip_read(soc, EXTI_CPUPR1), 1u << 17);
    assert_int_equal(chip_read(soc, MISR), ALRAF);
    assert_int_equal(chip_read(soc, SR), ALRAF);
    chip_write(soc, SCR, ALRAF);
    chip_write(soc, EXTI_CPUPR1, 1u << 17);
    chip_irq_clear(soc, IRQ_RTC_ALARM);
    assert_int_equal(chip_read(soc, SR), 0);
    chip_run(soc, 100 * VTIME_S);
    assert_false(chip_irq_pending(soc, IRQ_RTC_ALARM));
    /* The same time tomorrow. */
    chip_run(soc, 86300 * VTIME_S);
    assert_true(chip_irq_pending(soc, IRQ_RTC_ALARM));
}

static void a_masked_alarm_only_sets_its_flag(void **state)
{
    (void)state;
    set(0x120000, DATE(0x24, 1, 0x01, 0x01));
    chip_write(soc, EXTI_RTSR1, 1u << 17);
    chip_set(soc, EXTI_CPUIMR1, 1u << 17);
    chip_write(soc, ALRMBR, MSK4 | 0x120001);
    chip_set(soc, CR, ALRBE);
    expect_flag_after(VTIME_S, ALRBF);
    assert_int_equal(chip_read(soc, MISR), 0);
    assert_false(chip_irq_pending(soc, IRQ_RTC_ALARM));
    chip_set(soc, CR, ALRBIE);
    assert_int_equal(chip_read(soc, MISR), ALRBF);
    assert_true(chip_irq_pending(soc, IRQ_RTC_ALARM));
}

static void alarms_match_what_is_not_masked(void **state)
{
    static const struct {
        uint32_t tr, dr, alarm, seconds;
    } cases[] = {
        {0x120000, DATE(0x24, 1, 0x01, 0x01), MSK4 | MSK3 | MSK2 | MSK1, 1},
        {0x120000, DATE(0x24, 1, 0x01, 0x01), MSK4 | MSK3 | MSK2 | 0x30, 30},
        {0x120030, DATE(0x24, 1, 0x01, 0x01), MSK4 | MSK3 | MSK2 | 0x30, 60},
        {0x120000, DATE(0x24, 1, 0x01, 0x01), MSK4 | MSK3 | 0x0510, 310},
        {0x070000, DATE(0x24, 1, 0x01, 0x01), MSK4 | 0x060000, 23 * 3600},
        {0x000000, DATE(0x24, 6, 0x06, 0x01), 0x31060000, 60 * 86400 + 6 * 3600},
        {0x000000, DATE(0x23, 3, 0x02, 0x01), 0x29000000, 56 * 86400},
        {0x000000, DATE(0x24, 4, 0x02, 0x01), 0x29000000, 28 * 86400},
        {0x000000, DATE(0x24, 3, 0x02, 0x28), 1u << 30 | 0x07000000, 4 * 86400},
        {0x120000, DATE(0x24, 3, 0x02, 0x28), 1u << 30 | 0x03000000 | MSK1 | MSK2 | MSK3, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set(cases[i].tr, cases[i].dr);
        chip_write(soc, ALRMAR, cases[i].alarm);
        chip_write(soc, SCR, ALRAF);
        chip_set(soc, CR, ALRAE);
        expect_flag_after(cases[i].seconds * VTIME_S, ALRAF);
        chip_clear(soc, CR, ALRAE);
        chip_run(soc, VTIME_MS);
    }
    assert_int_equal(chip_errors(soc), 0);
}

static void a_date_that_never_comes_never_alarms(void **state)
{
    (void)state;
    set(0x000000, DATE(0x24, 1, 0x01, 0x01));
    chip_write(soc, ALRMAR, 0);
    chip_set(soc, CR, ALRAE | ALRAIE);
    chip_run(soc, 100 * 86400 * VTIME_S);
    assert_int_equal(chip_read(soc, SR), 0);
}

static void alarms_compare_subseconds(void **state)
{
    (void)state;
    set(0x120000, DATE(0x24, 1, 0x01, 0x01));
    chip_write(soc, ALRMAR, MSK4 | 0x120002);
    chip_write(soc, ALRMASSR, 15u << 24 | 127);
    chip_set(soc, CR, ALRAE);
    expect_flag_after(2500 * VTIME_MS, ALRAF);
    chip_clear(soc, CR, ALRAE);
    chip_run(soc, VTIME_MS);
    chip_write(soc, SCR, ALRAF);
    /* SS[6:0] = 0: at SS = 128 and at SS = 0, ticks 127 and 255 of each second. */
    set(0x120000, DATE(0x24, 1, 0x01, 0x01));
    chip_write(soc, ALRMAR, MSK4 | MSK3 | MSK2 | MSK1);
    chip_write(soc, ALRMASSR, 7u << 24);
    chip_set(soc, CR, ALRAE);
    expect_flag_after(127 * VTIME_S / 256, ALRAF);
    chip_write(soc, SCR, ALRAF);
    expect_flag_after(VTIME_S / 2 - 100 * VTIME_US, ALRAF);
    chip_write(soc, SCR, ALRAF);
    expect_flag_after(VTIME_S / 2 - 100 * VTIME_US, ALRAF);
}

static void an_enabled_alarm_is_not_writable(void **state)
{
    vtime took;

    (void)state;
    chip_set(soc, CR, ALRAE);
    assert_int_equal(chip_read(soc, ICSR) & (ALRAWF | ALRBWF), ALRBWF);
    chip_write(soc, ALRMAR, 0x120000);
    assert_int_equal(chip_read(soc, ALRMAR), 0);
    assert_int_equal(chip_complained(soc, "rtc-alarm-busy"), 1);
    chip_clear(soc, CR, ALRAE);
    took = chip_wait(soc, ICSR, ALRAWF, ALRAWF, VTIME_US, VTIME_MS);
    assert_in_range(took, 1, 2 * CLOCK + VTIME_US);
    chip_write(soc, ALRMAR, 0x120000);
    assert_int_equal(chip_read(soc, ALRMAR), 0x120000);
}

/* ---- wake-up timer ---- */

static void the_wake_up_timer_is_periodic(void **state)
{
    vtime took;

    (void)state;
    chip_write(soc, EXTI_RTSR1, 1u << 19);
    chip_set(soc, EXTI_CPUIMR1, 1u << 19);
    chip_write(soc, WUTR, 2047); /* 2048 x 16 / 32768 Hz = 1 s */
    chip_set(soc, CR, WUTE | WUTIE);
    took = chip_wait(soc, SR, WUTF, WUTF, 10 * VTIME_US, 2 * VTIME_S);
    assert_in_range(took, VTIME_S - 16 * CLOCK, VTIME_S + 10 * VTIME_US);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(chip_irq_pending(soc, IRQ_RTC_WKUP));
        assert_int_equal(chip_read(soc, MISR), WUTF);
        chip_write(soc, SCR, WUTF);
        chip_write(soc, EXTI_CPUPR1, 1u << 19);
        chip_irq_clear(soc, IRQ_RTC_WKUP);
        took = chip_wait(soc, SR, WUTF, WUTF, 10 * VTIME_US, 2 * VTIME_S);
        assert_in_range(took, VTIME_S - 20 * VTIME_US, VTIME_S + 20 * VTIME_US);
    }
}

static void wake_up_clocks(void **state)
{
    static const struct {
        uint32_t wucksel, wut;
        uint64_t clocks;
    } cases[] = {
        {0, 9, 160}, {1, 9, 80}, {2, 9, 40}, {3, 9, 20}, {4, 9, 10 * 32768}, {6, 0, 65537 * 32768u},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        vtime period = vtime_of_clocks(cases[i].clocks, CHIP_LSE_HZ);

        set(0x120000, DATE(0x24, 1, 0x01, 0x01));
        chip_write(soc, WUTR, cases[i].wut);
        chip_clear(soc, CR, 7);
        chip_set(soc, CR, cases[i].wucksel);
        chip_write(soc, SCR, WUTF);
        chip_set(soc, CR, WUTE);
        chip_run(soc, period - CLOCK - VTIME_US);
        assert_int_equal(chip_read(soc, SR), 0);
        chip_run(soc, CLOCK + 2 * VTIME_US);
        assert_int_equal(chip_read(soc, SR), WUTF);
        chip_clear(soc, CR, WUTE);
        chip_wait(soc, ICSR, WUTWF, WUTWF, VTIME_US, 2 * CLOCK + VTIME_US);
    }
    assert_int_equal(chip_errors(soc), 0);
}

static void a_running_wake_up_timer_is_not_writable(void **state)
{
    (void)state;
    chip_set(soc, CR, WUTE);
    assert_int_equal(chip_read(soc, ICSR) & WUTWF, 0);
    chip_write(soc, WUTR, 1);
    chip_set(soc, CR, 3);
    assert_int_equal(chip_read(soc, WUTR), 0xFFFF);
    assert_int_equal(chip_read(soc, CR), WUTE);
    assert_int_equal(chip_complained(soc, "rtc-wut-busy"), 2);
}

/* ---- shift and calibration ---- */

static void a_shift_delays_and_advances(void **state)
{
    (void)state;
    set(0x120000, DATE(0x24, 1, 0x01, 0x01));
    settle();
    chip_write(soc, SHIFTR, 128); /* half a second back */
    assert_int_equal(chip_read(soc, ICSR) & (SHPF | RSF), SHPF);
    chip_write(soc, SHIFTR, 1);
    assert_int_equal(chip_complained(soc, "rtc-shift"), 1);
    chip_wait(soc, ICSR, SHPF | RSF, RSF, VTIME_US, 4 * CLOCK + VTIME_US);
    assert_int_equal(chip_read(soc, SSR), 254 + 128); /* above PREDIV_S until the second is over */
    chip_read(soc, DR);
    chip_run(soc, 1490 * VTIME_MS);
    expect(0x120000, DATE(0x24, 1, 0x01, 0x01));
    chip_run(soc, 10 * VTIME_MS);
    expect(0x120001, DATE(0x24, 1, 0x01, 0x01));
    chip_write(soc, SHIFTR, 1u << 31 | 128); /* half a second forward */
    chip_run(soc, 490 * VTIME_MS);
    expect(0x120002, DATE(0x24, 1, 0x01, 0x01));
    chip_run(soc, 510 * VTIME_MS);
    expect(0x120002, DATE(0x24, 1, 0x01, 0x01));
    chip_run(soc, 510 * VTIME_MS);
    expect(0x120003, DATE(0x24, 1, 0x01, 0x01));
}

/* RM0455: f = RTCCLK x 2^20 / (2^20 + CALM - CALP x 512). */
static void calibration_stretches_seconds(void **state)
{
    static const struct {
        uint32_t calr, clocks; /* RTCCLK in 32 s */
    } cases[] = {
        {511, (1 << 20) + 511},
        {1 << 15, (1 << 20) - 512},
        {1 << 15 | 511, (1 << 20) - 1},
        {1 << 14 | 511, (1 << 20) + 508}, /* CALW8: CALM[1:0] are 0 */
        {0, 1 << 20},
    };

    (void)state;
    chip_set(soc, CR, BYPSHAD);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        chip_write(soc, CALR, cases[i].calr);
        assert_int_equal(chip_read(soc, ICSR) & RECALPF, RECALPF);
        chip_wait(soc, ICSR, RECALPF, 0, VTIME_MS, 20 * VTIME_MS);
        set(0x120000, DATE(0x24, 1, 0x01, 0x01));
        chip_run(soc, vtime_of_clocks(cases[i].clocks - 2, CHIP_LSE_HZ));
        expect(0x120031, DATE(0x24, 1, 0x01, 0x01));
        chip_run(soc, 4 * CLOCK);
        expect(0x120032, DATE(0x24, 1, 0x01, 0x01));
    }
}

/* ---- the backup domain ---- */

static void backup_registers_outlive_resets(void **state)
{
    (void)state;
    for (uint32_t a = BKP0R; a <= BKP31R; a += 4)
        chip_write(soc, a, a ^ 0xA5A5A5A5);
    soc_reset(soc, SOC_RESET_PIN);
    soc_reset(soc, SOC_RESET_SOFTWARE);
    for (uint32_t a = BKP0R; a <= BKP31R; a += 4)
        assert_int_equal(chip_read(soc, a), a ^ 0xA5A5A5A5);
    soc_reset(soc, SOC_RESET_POWER_ON);
    assert_int_equal(chip_read(soc, BKP0R), 0);
}

static void vswrst_resets_the_domain(void **state)
{
    (void)state;
    set(0x120000, DATE(0x24, 1, 0x01, 0x01));
    chip_write(soc, BKP31R, 1);
    chip_write(soc, ALRMBR, 0x123456);
    chip_set(soc, RCC_BDCR, VSWRST);
    chip_write(soc, BKP31R, 2);
    assert_int_equal(chip_complained(soc, "backup-protected"), 1);
    chip_clear(soc, RCC_BDCR, VSWRST);
    assert_int_equal(chip_read(soc, BKP31R), 0);
    assert_int_equal(chip_read(soc, ALRMBR), 0);
    assert_int_equal(chip_read(soc, DR), 0x2101);
    assert_int_equal(chip_read(soc, ICSR), 7);
    chip_write(soc, WUTR, 1); /* locked again */
    assert_int_equal(chip_complained(soc, "rtc-write-protected"), 1);
}

static void an_alarm_outlives_a_reset(void **state)
{
    (void)state;
    set(0x120000, DATE(0x24, 1, 0x01, 0x01));
    chip_write(soc, ALRMAR, MSK4 | 0x120005);
    chip_set(soc, CR, ALRAE | ALRAIE);
    chip_run(soc, VTIME_S);
    soc_reset(soc, SOC_RESET_PIN);
    chip_write(soc, EXTI_RTSR1, 1u << 17);
    chip_set(soc, EXTI_CPUIMR1, 1u << 17);
    chip_run(soc, 3900 * VTIME_MS);
    assert_false(chip_irq_pending(soc, IRQ_RTC_ALARM));
    chip_run(soc, 200 * VTIME_MS);
    assert_true(chip_irq_pending(soc, IRQ_RTC_ALARM));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reset_values),
        TEST(dbp_protects_the_domain),
        TEST(the_keys_unlock),
        TEST(a_gated_bus_clock_hides_it),
        TEST(initf_takes_two_clocks),
        TEST(without_a_clock_initf_never_comes),
        TEST(the_calendar_is_written_in_init_mode_only),
        TEST(inits_tells_a_calendar_that_was_set),
        TEST(an_invalid_date_is_an_error),
        TEST(system_reset_ends_init_mode),
        TEST(dates_roll_over),
        TEST(it_keeps_time_without_drift),
        TEST(twelve_hours_and_pm),
        TEST(subseconds_count_down),
        TEST(prescalers_fit_another_clock),
        TEST(without_a_clock_time_stands),
        TEST(daylight_saving_moves_the_hour_at_the_next_second),
        TEST(rsf_comes_within_two_clocks),
        TEST(reading_locks_the_higher_registers),
        TEST(bypshad_reads_the_calendar_itself),
        TEST(a_system_reset_clears_them_and_time_goes_on),
        TEST(an_alarm_interrupts_at_its_second),
        TEST(a_masked_alarm_only_sets_its_flag),
        TEST(alarms_match_what_is_not_masked),
        TEST(a_date_that_never_comes_never_alarms),
        TEST(alarms_compare_subseconds),
        TEST(an_enabled_alarm_is_not_writable),
        TEST(the_wake_up_timer_is_periodic),
        TEST(wake_up_clocks),
        TEST(a_running_wake_up_timer_is_not_writable),
        TEST(a_shift_delays_and_advances),
        TEST(calibration_stretches_seconds),
        TEST(backup_registers_outlive_resets),
        TEST(vswrst_resets_the_domain),
        TEST(an_alarm_outlives_a_reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
