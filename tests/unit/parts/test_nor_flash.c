/* A serial NOR flash, as its data sheet has it, over the frames of a hardware master. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../vboard/parts/nor_flash.h"

static uint64_t cycles; /* of 1 ns */
static struct sched *sched;
static struct net *sck, *mosi, *miso, *ncs;
static struct net_driver ncs_pin, miso_pull;
static struct spi_lines lines;
static struct nor_flash *f;

static uint64_t read_cycles(void *ctx)
{
    (void)ctx;
    return cycles;
}

static void us(uint64_t n)
{
    cycles += n * 1000u;
}

static int start(void **state)
{
    static const struct sched_source source = {.cycles = read_cycles};

    (void)state;
    cycles = 0;
    lines = (struct spi_lines){0};
    sched = sched_new(&source, 1000000000);
    sck = net_new("SCK");
    mosi = net_new("MOSI");
    miso = net_new("MISO");
    ncs = net_new("NCS");
    net_attach(ncs, &ncs_pin);
    net_drive(&ncs_pin, NET_HIGH);
    net_attach(miso, &miso_pull);
    net_drive(&miso_pull, NET_PULL_UP);
    f = nor_new(nor_find("w25q16"), sched);
    assert_non_null(f);
    nor_attach(f, &lines, sck, mosi, miso, ncs);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    nor_free(f);
    net_free(sck);
    net_free(mosi);
    net_free(miso);
    net_free(ncs);
    sched_free(sched);
    return 0;
}

static void select(bool on)
{
    net_drive(&ncs_pin, on ? NET_LOW : NET_HIGH);
}

static uint32_t shift(uint32_t out, unsigned bits)
{
    return spi_shift(&lines, &(struct spi_frame){sck, mosi, miso, false, false, bits, out});
}

static void command(uint8_t c)
{
    select(true);
    shift(c, 8);
    select(false);
}

static uint8_t status(void)
{
    uint8_t value;

    select(true);
    value = (uint8_t)shift(0x0500, 16);
    select(false);
    return value;
}

static uint8_t cell(uint32_t at)
{
    uint8_t value;

    select(true);
    shift(0x03u << 24 | at, 32);
    value = (uint8_t)shift(0, 8);
    select(false);
    return value;
}

static void program(uint32_t at, uint8_t first, unsigned n)
{
    command(0x06);
    select(true);
    shift(0x02u << 24 | at, 32);
    for (unsigned i = 0; i < n; i++)
        shift((uint8_t)(first + i), 8);
    select(false);
}

static void erase(uint8_t c, uint32_t at)
{
    command(0x06);
    select(true);
    shift((uint32_t)c << 24 | at, 32);
    select(false);
}

static void ids(void **state)
{
    (void)state;
    assert_null(nor_find("w25"));
    select(true);
    assert_int_equal(shift(0x9F000000, 32) & 0xFFFFFF, 0xEF4015);
    select(false);
    select(true);
    shift(0x90000000, 32);
    assert_int_equal(shift(0, 16), 0xEF14);
    select(false);
    select(true);
    shift(0xAB000000, 32);
    assert_int_equal(shift(0, 8), 0x14);
    select(false);
}

static void nothing_changes_without_write_enable(void **state)
{
    (void)state;
    select(true);
    shift(0x02000000, 32);
    shift(0x00, 8);
    select(false);
    assert_int_equal(status(), 0);
    assert_int_equal(cell(0), 0xFF);
    f->cells[0] = 0;
    select(true);
    shift(0x20000000, 32);
    select(false);
    assert_int_equal(cell(0), 0);
    command(0x06);
    assert_int_equal(status(), 2);
    command(0x04);
    assert_int_equal(status(), 0);
}

static void a_page_is_programmed_and_wraps(void **state)
{
    (void)state;
    program(0x1FE, 0x10, 4);
    assert_int_equal(status(), 3);
    assert_int_equal(cell(0x1FE), 0xFF); /* busy: deaf, and the pull-up is read */
    us(401);
    assert_int_equal(status(), 0); /* WEL is cleared too */
    assert_int_equal(cell(0x1FE), 0x10);
    assert_int_equal(cell(0x1FF), 0x11);
    assert_int_equal(cell(0x100), 0x12);
    assert_int_equal(cell(0x101), 0x13);
    assert_int_equal(cell(0x200), 0xFF);
}

static void programming_clears_bits_only(void **state)
{
    (void)state;
    program(0, 0xF0, 1);
    us(1000);
    program(0, 0x3C, 1);
    us(1000);
    assert_int_equal(cell(0), 0x30);
}

static void erases(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < 0x20000; at += 0x1000)
        f->cells[at] = 0;
    erase(0x20, 0x1234);
    us(45001);
    assert_int_equal(f->cells[0x1000], 0xFF);
    assert_int_equal(f->cells[0x0000], 0);
    assert_int_equal(f->cells[0x2000], 0);
    erase(0x52, 0x9000);
    us(119000);
    assert_int_equal(status() & 1, 1);
    us(1001);
    assert_int_equal(status(), 0);
    assert_int_equal(f->cells[0x8000], 0xFF);
    assert_int_equal(f->cells[0xF000], 0xFF);
    assert_int_equal(f->cells[0x7000], 0);
    erase(0xD8, 0x10000);
    us(150001);
    assert_int_equal(f->cells[0x1F000], 0xFF);
    assert_int_equal(f->cells[0x7000], 0);
    command(0x06);
    command(0xC7);
    us(5000001);
    assert_int_equal(status(), 0);
    assert_int_equal(f->cells[0x7000], 0xFF);
}

static void reads_go_on_and_fast_reads_wait(void **state)
{
    (void)state;
    f->cells[f->chip->size - 1] = 0xAA;
    f->cells[0] = 0xBB;
    select(true);
    shift(0x03u << 24 | (f->chip->size - 1), 32);
    assert_int_equal(shift(0, 16), 0xAABB);
    select(false);
    select(true);
    shift(0x0Bu << 24 | (f->chip->size - 1), 32);
    shift(0, 8);
    assert_int_equal(shift(0, 16), 0xAABB);
    select(false);
}

static void a_cut_byte_voids_the_command(void **state)
{
    (void)state;
    command(0x06);
    select(true);
    shift(0x02000000, 32);
    shift(0x00, 8);
    shift(0, 4);
    select(false);
    assert_int_equal(status(), 2);
    assert_int_equal(f->cells[0], 0xFF);
}

static void protection_and_power_down(void **state)
{
    (void)state;
    command(0x06);
    select(true);
    shift(0x011C, 16);
    select(false);
    us(10001);
    assert_int_equal(status(), 0x1C);
    program(0, 0, 1);
    assert_int_equal(f->cells[0], 0xFF);
    command(0x04);
    command(0xB9);
    assert_int_equal(status(), 0xFF);
    command(0xAB);
    us(4);
    assert_int_equal(status(), 0x1C);
}

#define IN(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN(ids),
        IN(nothing_changes_without_write_enable),
        IN(a_page_is_programmed_and_wraps),
        IN(programming_clears_bits_only),
        IN(erases),
        IN(reads_go_on_and_fast_reads_wait),
        IN(a_cut_byte_voids_the_command),
        IN(protection_and_power_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
