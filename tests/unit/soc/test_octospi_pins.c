/*
 * From the controller to the wires: clock and prescaler, pins in their alternate function,
 * OCTOSPIM's routing, the delay block, resets (RM0455 OCTOSPI, OCTOSPIM, DLYB; data sheet,
 * alternate functions).
 */
#include "ospi.h"

enum {
    OSPIM_CR = 0x5200B400,
    OSPIM_P1CR = 0x5200B404,
    OSPIM_P2CR = 0x5200B408,
    DLYB_CR = 0x52006000,
    DLYB_CFGR = 0x52006004,
    DEN = 1,
    SEN = 2,
    OSPI2 = 0x5200A000,
    GPIOB = 0x58020400,
    GPIOD = 0x58020C00,
    GPIOE = 0x58021000,
    CDCCIPR = 0x5802444C,
};
#define LNGF (UINT32_C(1) << 31)

static struct bench b;

static int start(void **state)
{
    (void)state;
    bench_open(&b);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    bench_close(&b);
    return 0;
}

/* Read ID on one line, 3 bytes. */
static uint32_t read_id(void)
{
    uint32_t id = 0;

    wr(&b, CR, EN | READ_MODE | (rd(&b, CR) & FSEL));
    wr(&b, DLR, 2);
    wr(&b, TCR, 0);
    wr(&b, CCR, phases(1, 1, 1));
    wr(&b, IR, 0x9F);
    wr(&b, AR, 0);
    clocks(&b, 20000);
    for (unsigned i = 0; i < 3; i++)
        id = id << 8 | chip_read_n(b.soc, DR, 1);
    return id;
}
enum { ID = 0x0D5D52 };

/* ---- clock ---- */

static void clk_is_the_kernel_clock_divided(void **state)
{
    static const unsigned prescalers[] = {0, 1, 2, 3, 4, 15, 255};

    (void)state;
    for (unsigned i = 0; i < sizeof prescalers / sizeof prescalers[0]; i++) {
        unsigned n = prescalers[i] + 1;
        const struct membus_frame *f = &b.frame[b.frames];

        wr(&b, DCR2, n - 1);
        assert_int_equal(read_id(), ID);
        assert_int_equal(f->clock.hz, (64000000 + n / 2) / n);
        assert_int_equal(f->clock.period, n * PERIOD);
        assert_int_equal(f->clock.low + f->clock.high, f->clock.period);
        /* Odd divisors: low one kernel period longer. */
        if (n > 1)
            assert_int_equal(f->clock.low - f->clock.high, n % 2 ? PERIOD : 0);
        assert_int_equal(f->clocks, 8 + 24 + 24);
        assert_int_equal(f->rise - f->fall, 57 * n * PERIOD);
    }
}

static void ckmode_sets_the_idle_level(void **state)
{
    (void)state;
    read_id();
    assert_false(b.frame[0].clock.idle_high);
    wr(&b, DCR1, DEVSIZE_8MB | 1);
    assert_int_equal(read_id(), ID);
    assert_true(b.frame[1].clock.idle_high);
}

static void commands_in_a_row_keep_ncs_high_for_csht(void **state)
{
    (void)state;
    for (unsigned csht = 0; csht < 8; csht++) {
        b.frames = 0;
        wr(&b, CR, EN);
        wr(&b, DCR1, DEVSIZE_8MB | csht << 8);
        wr(&b, CCR, phases(1, 0, 0));
        wr(&b, IR, 0x66);
        while (rd(&b, SR) & BUSY)
            chip_run(b.soc, PERIOD / 4);
        wr(&b, IR, 0x99);
        clocks(&b, 50);
        assert_int_equal(b.frames, 2);
        assert_in_range(b.frame[1].fall - b.frame[0].rise, (csht + 1) * PERIOD,
                        (csht + 1) * PERIOD + PERIOD / 2);
        assert_int_equal(b.frame[0].rise - b.frame[0].fall, 9 * PERIOD);
    }
}

static void without_a_kernel_clock_nothing_moves(void **state)
{
    (void)state;
    wr(&b, CDCCIPR, 2 << 4); /* PLL2R, which is off */
    wr(&b, CR, EN);
    wr(&b, CCR, phases(1, 0, 0));
    wr(&b, IR, 0x66);
    clocks(&b, 1000);
    assert_int_equal(b.begun, 0);
    assert_int_equal(rd(&b, SR) & (BUSY | TCF), BUSY);
    assert_int_equal(chip_complained(b.soc, "ospi-clock"), 1);
}

/* ---- pins ---- */

static void all_pins_in_place_reach_the_chip(void **state)
{
    (void)state;
    assert_int_equal(read_id(), ID);
    assert_int_equal(b.frame[0].wires, MEMBUS_NCS | MEMBUS_CLK | 0x0F);
    assert_int_equal(chip_errors(b.soc), 0);
}

static void a_pin_not_in_its_alternate_function_is_not_connected(void **state)
{
    static const struct {
        uint32_t gpio;
        unsigned bit, wire;
    } pins[] = {
        {GPIOD, 11, 1}, {GPIOD, 12, 2}, {GPIOE, 2, 4}, {GPIOD, 13, 8}, {GPIOB, 2, MEMBUS_CLK},
    };
    const unsigned all = MEMBUS_NCS | MEMBUS_CLK | 0x0F;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        uint32_t mode = 3u << 2 * pins[i].bit, af = pins[i].gpio + 0x20 + pins[i].bit / 8 * 4;
        uint32_t field = 0xFu << pins[i].bit % 8 * 4, was;

        b.frames = 0;
        chip_clear(b.soc, pins[i].gpio, mode); /* input */
        read_id();
        assert_int_equal(b.frame[0].wires, all & ~pins[i].wire);
        chip_set(b.soc, pins[i].gpio, mode); /* analog */
        read_id();
        assert_int_equal(b.frame[1].wires, all & ~pins[i].wire);
        chip_clear(b.soc, pins[i].gpio, mode & mode >> 1); /* alternate again */
        was = rd(&b, af);
        wr(&b, af, (was & ~field) | (0x77777777 & field)); /* but of somebody else */
        read_id();
        assert_int_equal(b.frame[2].wires, all & ~pins[i].wire);
        wr(&b, af, was);
        assert_int_equal(read_id(), ID);
    }
    assert_true(chip_complained(b.soc, "ospi-pins") >= 9);
}

static void without_ncs_nobody_hears_a_frame(void **state)
{
    (void)state;
    chip_clear(b.soc, GPIOB, 3u << 12);
    read_id();
    assert_int_equal(b.begun, 0);
    assert_true(chip_complained(b.soc, "ospi-pins") > 0);
    assert_int_equal(rd(&b, SR) & (TCF | BUSY), TCF); /* the controller does not notice */
}

static void a_board_may_use_other_pins(void **state)
{
    static const struct octospi_wiring other = {
        .ncs = SOC_PIN('G', 6),
        .clk = SOC_PIN('F', 10),
        .io = {SOC_PIN('F', 8), SOC_PIN('F', 9), SOC_PIN('F', 7), SOC_PIN('F', 6), OCTOSPI_NO_PIN,
               OCTOSPI_NO_PIN, OCTOSPI_NO_PIN, OCTOSPI_NO_PIN},
    };

    (void)state;
    octospi_wire(b.soc, 1, &other);
    read_id();
    assert_int_equal(b.begun, 0);
    bench_pin(&b, 'G', 6, 10);
    bench_pin(&b, 'F', 10, 9);
    for (unsigned bit = 6; bit < 10; bit++)
        bench_pin(&b, 'F', bit, 10);
    assert_int_equal(read_id(), ID);
}

/* ---- OCTOSPIM ---- */

static void routing_after_reset(void **state)
{
    (void)state;
    assert_int_equal(rd(&b, OSPIM_CR), 0);
    assert_int_equal(rd(&b, OSPIM_P1CR), 0x03010111);
    assert_int_equal(rd(&b, OSPIM_P2CR), 0x07050333);
}

static void what_the_manager_does_not_route_is_not_connected(void **state)
{
    static const struct {
        uint32_t p1cr;
        unsigned wires;
    } routes[] = {
        {0x03010110, MEMBUS_NCS | 0x0F},       /* CLKEN = 0 */
        {0x03010113, MEMBUS_NCS | 0x0F},       /* CLK of OCTOSPI2 */
        {0x03000111, MEMBUS_NCS | MEMBUS_CLK}, /* IOLEN = 0 */
        {0x03030111, MEMBUS_NCS | MEMBUS_CLK}, /* IO[7:4] on the low half */
        {0x03050111, MEMBUS_NCS | MEMBUS_CLK}, /* IO[3:0] of OCTOSPI2 */
        {0x03010111, MEMBUS_NCS | MEMBUS_CLK | 0x0F},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        wr(&b, CR, 0);
        wr(&b, OSPIM_P1CR, routes[i].p1cr);
        b.frames = 0;
        read_id();
        assert_int_equal(b.frame[0].wires, routes[i].wires);
    }
    wr(&b, CR, 0);
    b.begun = 0;
    wr(&b, OSPIM_P1CR, 0x03010011); /* NCSEN = 0 */
    read_id();
    wr(&b, CR, 0);
    wr(&b, OSPIM_P1CR, 0x03010311); /* nCS of OCTOSPI2 */
    read_id();
    assert_int_equal(b.begun, 0);
}

/* FSEL = 1: the memory is on IO[7:4]; with those on the port's low half it is the same chip. */
static void fsel_uses_the_other_half(void **state)
{
    (void)state;
    wr(&b, OSPIM_P1CR, 0x01030111);
    wr(&b, CR, FSEL);
    assert_int_equal(read_id(), ID);
}

static void the_second_controller_can_own_port_1(void **state)
{
    (void)state;
    chip_set(b.soc, RCC_AHB3ENR_, OSPI2EN);
    wr(&b, OSPIM_P1CR, 0x07050333);
    wr(&b, OSPIM_P2CR, 0x03010111);
    wr(&b, OSPI2 + (DCR1 - OSPI), DEVSIZE_8MB);
    wr(&b, OSPI2, EN | READ_MODE);
    wr(&b, OSPI2 + (DLR - OSPI), 0);
    wr(&b, OSPI2 + (CCR - OSPI), phases(1, 1, 1));
    wr(&b, OSPI2 + (IR - OSPI), 0x9F);
    wr(&b, OSPI2 + (AR - OSPI), 0);
    clocks(&b, 100);
    assert_int_equal(rd(&b, OSPI2 + (DR - OSPI)), 0x0D);
    assert_string_equal(b.frame[0].host, "OCTOSPI2");
}

static void routing_changes_only_while_both_are_disabled(void **state)
{
    (void)state;
    wr(&b, OSPIM_P1CR, 0x03010111);
    assert_int_equal(chip_complained(b.soc, "ospim-enabled"), 0);
    wr(&b, CR, EN);
    wr(&b, OSPIM_P1CR, 0x03010111);
    assert_int_equal(chip_complained(b.soc, "ospim-enabled"), 1);
}

/* ---- delay block ---- */

static void the_delay_block_measures_a_period(void **state)
{
    uint32_t seen = 0, last = 0;
    bool valid = false;

    (void)state;
    assert_int_equal(rd(&b, DLYB_CR), 0);
    wr(&b, DLYB_CFGR, 0x7F << 8 | 5);
    clocks(&b, 10);
    assert_int_equal(rd(&b, DLYB_CFGR), 0x7F << 8 | 5); /* off: nothing is measured */
    wr(&b, DLYB_CR, DEN | SEN);
    wr(&b, DLYB_CFGR, 12 | 1 << 8);
    assert_int_equal(rd(&b, DLYB_CFGR) & LNGF, 0);
    clocks(&b, 10);
    assert_int_equal(rd(&b, DLYB_CFGR) & LNGF, LNGF);
    /* Sweeping UNIT, the line reaches the second half of the period: ones come in from its end. */
    for (unsigned unit = 0; unit < 128; unit++) {
        uint32_t lng;

        wr(&b, DLYB_CFGR, 12 | unit << 8);
        clocks(&b, 10);
        lng = rd(&b, DLYB_CFGR) >> 16 & 0xFFF;
        if (lng && !seen)
            assert_int_equal(lng, 0x800);
        seen |= lng;
        last = lng;
        valid = rd(&b, DLYB_CFGR) & LNGF;
    }
    assert_int_not_equal(seen, 0);
    assert_int_not_equal(last, 0);
    assert_true(valid);
    wr(&b, DLYB_CR, DEN);
    assert_int_equal(rd(&b, DLYB_CFGR) >> 16, 0);
}

/* ---- resets ---- */

static void a_reset_of_the_chip_does_not_reach_the_memory(void **state)
{
    static const enum soc_reset_kind kinds[] = {SOC_RESET_PIN, SOC_RESET_SOFTWARE};
    uint8_t content[64];

    (void)state;
    send_command(&b, 1, 0x35);
    memcpy(content, psram_bytes(b.chip), 64);
    for (unsigned i = 0; i < 2; i++) {
        soc_reset(b.soc, kinds[i]);
        assert_true(psram_in_qpi(b.chip));
        assert_memory_equal(psram_bytes(b.chip), content, 64);
    }
    chip_set(b.soc, RCC_AHB3ENR_, OSPI1EN);
    assert_int_equal(rd(&b, CCR), 0);
    assert_int_equal(rd(&b, DCR1), 0);
}

static void a_reset_ends_a_frame_under_way(void **state)
{
    (void)state;
    wr(&b, CR, EN | READ_MODE);
    wr(&b, DLR, 999);
    wr(&b, CCR, phases(1, 1, 1));
    wr(&b, IR, 0x03);
    wr(&b, AR, 0);
    clocks(&b, 100);
    chip_set(b.soc, RCC_AHB3RSTR_, OSPI1EN);
    chip_clear(b.soc, RCC_AHB3RSTR_, OSPI1EN);
    clocks(&b, 5);
    assert_int_equal(b.frames, 1);
    assert_int_equal(rd(&b, SR), 0);
}

static void without_its_bus_clock_registers_are_dead(void **state)
{
    (void)state;
    chip_clear(b.soc, RCC_AHB3ENR_, OSPI1EN);
    assert_int_equal(rd(&b, DCR1), 0);
    wr(&b, DCR1, 0);
    chip_set(b.soc, RCC_AHB3ENR_, OSPI1EN);
    assert_int_equal(rd(&b, DCR1), DEVSIZE_8MB);
    /* The write; reads are what ST's set-up of OCTOSPIM does to a controller that is not in use. */
    assert_int_equal(chip_complained(b.soc, "clock-off"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(clk_is_the_kernel_clock_divided),
        TEST(ckmode_sets_the_idle_level),
        TEST(commands_in_a_row_keep_ncs_high_for_csht),
        TEST(without_a_kernel_clock_nothing_moves),
        TEST(all_pins_in_place_reach_the_chip),
        TEST(a_pin_not_in_its_alternate_function_is_not_connected),
        TEST(without_ncs_nobody_hears_a_frame),
        TEST(a_board_may_use_other_pins),
        TEST(routing_after_reset),
        TEST(what_the_manager_does_not_route_is_not_connected),
        TEST(fsel_uses_the_other_half),
        TEST(the_second_controller_can_own_port_1),
        TEST(routing_changes_only_while_both_are_disabled),
        TEST(the_delay_block_measures_a_period),
        TEST(a_reset_of_the_chip_does_not_reach_the_memory),
        TEST(a_reset_ends_a_frame_under_way),
        TEST(without_its_bus_clock_registers_are_dead),
    };
    return cmocka_run_group_tests_name("octospi_pins", tests, NULL, NULL);
}
