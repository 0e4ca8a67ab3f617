/* Frames outside the numbers of the datasheets: counted at the right threshold, once each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host.h"

/* Of each part: see test_psram_chips.c for the datasheets. */
static const struct sheet {
    const char *name;
    unsigned max_mhz, tcph_ns, tcsp_ps, tchd_ns;
    bool spi_write_may_cross;
} sheets[] = {
    {"esp-psram64h", 133, 50, 2500, 20, true},
    {"ly68l6400", 144, 50, 2500, 20, false},
    {"aps6404l", 109, 18, 3000, 3, true},
    {"ips6404l", 104, 18, 3000, 3, true},
};
enum { SHEETS = sizeof sheets / sizeof sheets[0] };

static struct host h;
static uint8_t data[2048];

/* A part in QPI mode, with a hold time that suits all. */
static void open_qpi(const struct sheet *s)
{
    host_open(&h, s->name, 1);
    enter_qpi(&h);
    h.hold = 20 * VTIME_NS;
    assert_int_equal(hazards(&h), 0);
}

#define EXPECT(name, n)                                                                            \
    do {                                                                                           \
        assert_int_equal(complained(&h, name), n);                                                 \
        assert_int_equal(hazards(&h), n);                                                          \
    } while (0)

static void ncs_low_for_8_us_at_most(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SHEETS; i++) {
        vtime without;

        open_qpi(&sheets[i]);
        qpi_read(&h, 0, data, 32);
        without = h.last.rise - h.last.fall;
        h.stall = 8 * VTIME_US - without;
        qpi_read(&h, 0, data, 32);
        assert_int_equal(h.last.rise - h.last.fall, 8 * VTIME_US);
        EXPECT("tCEM", 0);
        h.stall += 10;
        qpi_read(&h, 0, data, 32);
        EXPECT("tCEM", 1);
        qpi_write(&h, 0, data, 32); /* shorter by its six wait cycles */
        EXPECT("tCEM", 1);
        host_close(&h);
    }
}

static void ncs_high_between_frames(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SHEETS; i++) {
        open_qpi(&sheets[i]);
        h.gap = sheets[i].tcph_ns * VTIME_NS;
        qpi_read(&h, 0, data, 1); /* the gap is behind it */
        qpi_read(&h, 0, data, 1);
        EXPECT("tCPH", 0);
        h.gap -= 10;
        qpi_read(&h, 0, data, 1);
        qpi_read(&h, 0, data, 1);
        EXPECT("tCPH", 1);
        host_close(&h);
    }
}

static void ncs_rises_after_the_hold_time(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SHEETS; i++) {
        open_qpi(&sheets[i]);
        h.hold = sheets[i].tchd_ns * VTIME_NS;
        qpi_write(&h, 0, data, 4);
        EXPECT("tCHD", 0);
        h.hold -= 10;
        qpi_write(&h, 0, data, 4);
        EXPECT("tCHD", 1);
        command(&h, 4, 0xC0);
        EXPECT("tCHD", 2);
        host_close(&h);
    }
}

/* A controller raises nCS one period after the last rising edge: 20 ns are met up to 50 MHz. */
static void one_period_of_hold_is_enough_up_to_50_mhz(void **state)
{
    (void)state;
    open_qpi(&sheets[0]);
    h.hold = 0;
    h.hz = 50 * MHZ;
    qpi_write(&h, 0, data, 4);
    EXPECT("tCHD", 0);
    h.hz = 51 * MHZ;
    qpi_write(&h, 0, data, 4);
    EXPECT("tCHD", 1);
    host_close(&h);
}

/* nCS falls one period before the first rising edge; such clocks are above the parts' limit too. */
static void ncs_falls_before_the_first_edge(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SHEETS; i++) {
        open_qpi(&sheets[i]);
        h.hz = VTIME_S / sheets[i].tcsp_ps;
        qpi_write(&h, 0, data, 4);
        assert_int_equal(complained(&h, "tCSP"), 0);
        h.hz = VTIME_S / (sheets[i].tcsp_ps - 10);
        qpi_write(&h, 0, data, 4);
        assert_int_equal(complained(&h, "tCSP"), 1);
        host_close(&h);
    }
}

static void the_clock_has_a_limit(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SHEETS; i++) {
        open_qpi(&sheets[i]);
        h.hz = sheets[i].max_mhz * MHZ;
        qpi_read(&h, 0, data, 32);
        command(&h, 4, 0xC0);
        EXPECT("chip-clock", 0);
        h.hz += MHZ;
        qpi_read(&h, 0, data, 32);
        EXPECT("chip-clock", 1);
        command(&h, 4, 0xC0);
        EXPECT("chip-clock", 2);
        host_close(&h);
    }
}

static void the_slow_read_has_one_of_33_mhz(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SHEETS; i++) {
        host_open(&h, sheets[i].name, 1);
        h.hold = 20 * VTIME_NS;
        h.hz = 33 * MHZ;
        spi_read(&h, 0, data, 8);
        EXPECT("chip-clock", 0);
        h.hz = 34 * MHZ;
        spi_read(&h, 0, data, 8);
        EXPECT("chip-clock", 1);
        read_frame(&h, 0x0B, 1, 1, 0, 8, 1, data, 8);
        read_frame(&h, 0x9F, 1, 1, 0, 0, 1, data, 8);
        spi_write(&h, 0, data, 8);
        EXPECT("chip-clock", 1);
        host_close(&h);
    }
}

static void linear_bursts_cross_a_page_at_84_mhz_at_most(void **state)
{
    struct psram_stats stats;

    (void)state;
    for (unsigned i = 0; i < SHEETS; i++) {
        open_qpi(&sheets[i]);
        h.hz = 84 * MHZ;
        qpi_read(&h, 1020, data, 5);
        qpi_write(&h, 2047, data, 2);
        EXPECT("page-cross", 0);
        h.hz = 85 * MHZ;
        qpi_read(&h, 1020, data, 4); /* up to the page's last byte */
        qpi_read(&h, 1024, data, 300);
        EXPECT("page-cross", 0);
        qpi_read(&h, 1020, data, 5);
        EXPECT("page-cross", 1);
        qpi_write(&h, 2047, data, 2);
        EXPECT("page-cross", 2);
        command(&h, 4, 0xC0); /* bursts that wrap within 32 bytes cross nothing */
        qpi_read(&h, 1020, data, 32);
        EXPECT("page-cross", 2);
        psram_get_stats(h.chip, &stats);
        assert_int_equal(stats.crossings, 4);
        host_close(&h);
    }
}

static void one_part_may_not_cross_a_page_with_the_slow_write(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SHEETS; i++) {
        unsigned expected = sheets[i].spi_write_may_cross ? 0 : 1;

        host_open(&h, sheets[i].name, 1);
        h.hold = 20 * VTIME_NS;
        spi_write(&h, 1020, data, 8);
        EXPECT("page-cross", expected);
        spi_write(&h, 1016, data, 8);
        write_frame(&h, 0x38, 1, 4, 1020, 0, 4, data, 8);
        spi_read(&h, 1020, data, 8);
        EXPECT("page-cross", expected);
        host_close(&h);
    }
}

static void a_part_is_ready_150_us_after_power_on(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SHEETS; i++) {
        host_open(&h, sheets[i].name, 1);
        h.now = 150 * VTIME_US;
        command(&h, 1, 0x66);
        EXPECT("power-up", 0);
        host_close(&h);
        host_open(&h, sheets[i].name, 1);
        h.now = 150 * VTIME_US - 1;
        command(&h, 1, 0x66);
        EXPECT("power-up", 1);
        psram_power_cycle(h.chip, VTIME_S);
        h.now = VTIME_S + 149 * VTIME_US;
        command(&h, 1, 0x66);
        EXPECT("power-up", 2);
        h.now = VTIME_S + 150 * VTIME_US;
        command(&h, 1, 0x66);
        EXPECT("power-up", 2);
        host_close(&h);
    }
}

/* "What such a frame carries is still stored: a good chip forgives." */
static void a_hazard_does_not_change_the_data(void **state)
{
    static const uint8_t words[] = "written at 200 MHz";
    uint8_t got[sizeof words];

    (void)state;
    open_qpi(&sheets[0]);
    h.hz = 200 * MHZ;
    h.stall = 20 * VTIME_US;
    qpi_write(&h, 1020, words, sizeof words);
    qpi_read(&h, 1020, got, sizeof words);
    assert_memory_equal(got, words, sizeof words);
    assert_int_equal(complained(&h, "tCEM"), 2);
    host_close(&h);
}

static void a_part_without_a_register_of_complaints_works(void **state)
{
    struct membus *bus = membus_new("ospi1");
    struct psram *part = psram_new(&psram_chips[0], 1, NULL);
    uint8_t byte;

    (void)state;
    psram_attach(part, bus);
    host_open(&h, "esp-psram64h", 1);
    struct membus *own = h.bus;
    h.bus = bus;
    h.hz = 200 * MHZ;
    spi_read(&h, 0x1234, &byte, 1);
    assert_int_equal(byte, psram_bytes(part)[0x1234]);
    h.bus = own;
    host_close(&h);
    psram_free(part);
    membus_free(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ncs_low_for_8_us_at_most),
        cmocka_unit_test(ncs_high_between_frames),
        cmocka_unit_test(ncs_rises_after_the_hold_time),
        cmocka_unit_test(one_period_of_hold_is_enough_up_to_50_mhz),
        cmocka_unit_test(ncs_falls_before_the_first_edge),
        cmocka_unit_test(the_clock_has_a_limit),
        cmocka_unit_test(the_slow_read_has_one_of_33_mhz),
        cmocka_unit_test(linear_bursts_cross_a_page_at_84_mhz_at_most),
        cmocka_unit_test(one_part_may_not_cross_a_page_with_the_slow_write),
        cmocka_unit_test(a_part_is_ready_150_us_after_power_on),
        cmocka_unit_test(a_hazard_does_not_change_the_data),
        cmocka_unit_test(a_part_without_a_register_of_complaints_works),
    };
    return cmocka_run_group_tests_name("parts_psram_hazards", tests, NULL, NULL);
}
