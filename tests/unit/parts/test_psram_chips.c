/*
 * The numbers of each part, copied once more from its datasheet: Espressif ESP-PSRAM64H (2020.10),
 * Lyontek LY68L6400 Rev. 0.7, AP Memory APS6404L-3SQR Rev. 2.3 (3.3 V +-10 %), IPUS IPS6404L-SQ
 * DS-SQ64-011 (3.3 V); and what a read of the ID must tell.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host.h"

static const struct {
    const char *name;
    unsigned max_mhz, cross_mhz, tcem_us, tcph_ns, tcsp_ps, tchd_ns;
    bool spi_write_may_cross;
} sheets[] = {
    {"esp-psram64h", 133, 84, 8, 50, 2500, 20, true},
    {"ly68l6400", 144, 84, 8, 50, 2500, 20, false},
    {"aps6404l", 109, 84, 8, 18, 3000, 3, true},
    {"ips6404l", 104, 84, 8, 18, 3000, 3, true},
};
enum { SHEETS = sizeof sheets / sizeof sheets[0] };

static void the_table_says_what_the_datasheets_say(void **state)
{
    (void)state;
    assert_int_equal(psram_chip_count, SHEETS);
    for (unsigned i = 0; i < SHEETS; i++) {
        const struct psram_chip *c = psram_find(sheets[i].name);

        assert_non_null(c);
        assert_int_equal(c->size, 8 << 20);
        assert_int_equal(c->page, 1024);
        assert_int_equal(c->wrap, 32);
        assert_int_equal(c->max_hz, sheets[i].max_mhz * MHZ);
        assert_int_equal(c->max_cross_hz, sheets[i].cross_mhz * MHZ);
        assert_int_equal(c->max_read_hz, 33 * MHZ);
        assert_int_equal(c->tCEM, sheets[i].tcem_us * VTIME_US);
        assert_int_equal(c->tCPH, sheets[i].tcph_ns * VTIME_NS);
        assert_int_equal(c->tCSP, sheets[i].tcsp_ps);
        assert_int_equal(c->tCHD, sheets[i].tchd_ns * VTIME_NS);
        assert_int_equal(c->tPU, 150 * VTIME_US);
        assert_int_equal(c->spi_write_may_cross, sheets[i].spi_write_may_cross);
    }
}

static void parts_are_found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(psram_find("esp-psram64h"), &psram_chips[0]); /* the default */
    assert_null(psram_find("w25q64"));
    assert_null(psram_find(""));
}

/* MF ID 0x0D, KGD 0x5D, EID[47:45] = 010: 64 Mbit. */
static void read_id_tells_a_good_die_of_64_mbit(void **state)
{
    uint8_t id[SHEETS][8];

    (void)state;
    for (unsigned i = 0; i < SHEETS; i++) {
        struct host h;

        host_open(&h, sheets[i].name, 1);
        read_frame(&h, 0x9F, 1, 1, 0x5A5A5A, 0, 1, id[i], 8); /* the address does not matter */
        assert_int_equal(id[i][0], 0x0D);
        assert_int_equal(id[i][1], 0x5D);
        assert_int_equal(id[i][2] >> 5, 2);
        for (unsigned k = 0; k < i; k++)
            assert_memory_not_equal(id[k] + 2, id[i] + 2, 6); /* each die has its own EID */
        assert_int_equal(hazards(&h), 0);
        host_close(&h);
    }
    /* As the original board's part answered. */
    static const uint8_t sample[] = {0x0D, 0x5D, 0x52, 0xA2, 0x64, 0x31, 0x91, 0x31};
    assert_memory_equal(id[0], sample, 8);
}

static void commands_have_their_datasheet_names(void **state)
{
    static const struct {
        uint8_t code;
        const char *name;
    } names[] = {
        {0x03, "read"},           {0x0B, "fast read"},    {0xEB, "fast read quad"},
        {0x02, "write"},          {0x38, "quad write"},   {0x35, "enter quad mode"},
        {0xF5, "exit quad mode"}, {0x66, "reset enable"}, {0x99, "reset"},
        {0x9F, "read ID"},
    };
    unsigned known = 0;

    (void)state;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *name = psram_command_name(names[i].code);

        assert_non_null(name);
        assert_string_equal(name, names[i].name);
    }
    for (unsigned code = 0; code < 256; code++)
        known += psram_command_name((uint8_t)code) != NULL;
    assert_int_equal(known, 11); /* and 0xC0 */
    assert_non_null(psram_command_name(0xC0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_says_what_the_datasheets_say),
        cmocka_unit_test(parts_are_found_by_name),
        cmocka_unit_test(read_id_tells_a_good_die_of_64_mbit),
        cmocka_unit_test(commands_have_their_datasheet_names),
    };
    return cmocka_run_group_tests_name("parts_psram_chips", tests, NULL, NULL);
}
