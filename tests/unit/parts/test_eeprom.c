/* EEPROMs, as their data sheets have them, over the bytes of a hardware master. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../vboard/parts/eeprom.h"
#include "../../../vboard/parts/i2c_hang.h"

static uint64_t cycles; /* of 1 ns */
static struct sched *sched;
static struct net *scl, *sda;
static struct i2c_lines lines;
static struct eeprom *e;

static uint64_t read_cycles(void *ctx)
{
    (void)ctx;
    return cycles;
}

static void ms(unsigned n)
{
    cycles += n * 1000000u;
}

static int start(void **state)
{
    static const struct sched_source source = {.cycles = read_cycles};

    (void)state;
    cycles = 0;
    lines = (struct i2c_lines){0};
    sched = sched_new(&source, 1000000000);
    scl = net_new("SCL");
    sda = net_new("SDA");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    eeprom_free(e);
    e = NULL;
    net_free(scl);
    net_free(sda);
    sched_free(sched);
    return 0;
}

static void fit(const char *chip, uint8_t device)
{
    assert_non_null(eeprom_find(chip));
    e = eeprom_new(eeprom_find(chip), device, sched);
    assert_non_null(e);
    eeprom_attach(e, &lines, scl, sda);
}

static bool begin(uint8_t device, bool reads)
{
    return i2c_start(&lines, scl, sda, (uint8_t)(device << 1 | reads));
}

static void put(uint8_t byte)
{
    assert_true(i2c_write(&lines, scl, sda, byte));
}

static uint8_t get(bool more)
{
    uint8_t byte = i2c_read(&lines, scl, sda);

    i2c_acknowledge(&lines, scl, sda, more);
    return byte;
}

static void end(void)
{
    i2c_stop(&lines, scl, sda);
}

static void seek(uint8_t device, unsigned cell)
{
    assert_true(begin(device, false));
    put((uint8_t)(cell >> 8));
    put((uint8_t)cell);
}

static uint8_t cell(unsigned at)
{
    uint8_t byte;

    seek(0x50, at);
    assert_true(begin(0x50, true));
    byte = get(false);
    end();
    return byte;
}

static void erased_and_the_size_of_the_chip(void **state)
{
    (void)state;
    assert_null(eeprom_find("24c3"));
    fit("24c256", 0x50);
    seek(0x50, 0x7FFF);
    assert_true(begin(0x50, true));
    e->cells[0] = 0x11;
    assert_int_equal(get(true), 0xFF);
    assert_int_equal(get(false), 0x11); /* the counter wraps at the end */
    end();
}

static void a_write_takes_5_ms_in_which_nobody_answers(void **state)
{
    (void)state;
    fit("24c256", 0x50);
    seek(0x50, 0x100);
    put(0xAB);
    assert_int_equal(e->cells[0x100], 0xFF); /* the stop starts it */
    end();
    ms(4);
    assert_false(begin(0x50, false));
    ms(1);
    assert_int_equal(cell(0x100), 0xAB);
}

static void a_page_wraps(void **state)
{
    (void)state;
    fit("24c256", 0x50);
    seek(0x50, 0x13E);
    for (unsigned i = 0; i < 4; i++)
        put((uint8_t)i);
    end();
    ms(5);
    assert_int_equal(e->cells[0x13E], 0);
    assert_int_equal(e->cells[0x13F], 1);
    assert_int_equal(e->cells[0x100], 2);
    assert_int_equal(e->cells[0x101], 3);
    assert_int_equal(e->cells[0x140], 0xFF);
}

static void a_write_without_stop_is_lost(void **state)
{
    (void)state;
    fit("24c256", 0x50);
    seek(0x50, 0x10);
    put(0x55);
    assert_true(begin(0x50, true));
    get(false);
    end();
    assert_int_equal(e->cells[0x10], 0xFF);
}

static void an_address_alone_writes_nothing(void **state)
{
    (void)state;
    fit("24c256", 0x50);
    seek(0x50, 0x10);
    end();
    assert_true(begin(0x50, true)); /* not busy */
    end();
}

static void its_pins_say_where_it_answers(void **state)
{
    (void)state;
    fit("24c64", 0x53);
    assert_false(begin(0x50, false));
    assert_false(begin(0x54, false));
    assert_true(begin(0x53, false));
    end();
}

/* 24C16: 2048 bytes behind one address byte and three bits of the device address. */
static void small_chips_have_their_high_bits_in_the_device(void **state)
{
    (void)state;
    fit("24c16", 0x50);
    assert_true(begin(0x55, false));
    put(0x21);
    put(0x77);
    end();
    assert_int_equal(e->cells[0x521], 0x77);
    ms(5);
    assert_true(begin(0x55, false));
    put(0x21);
    assert_true(begin(0x55, true));
    assert_int_equal(get(false), 0x77);
    end();
}

static void a_part_that_holds_sda_lets_go_after_nine_clocks(void **state)
{
    struct net_driver pull = {0}, pin = {0};
    struct i2c_hang hang = {0};

    (void)state;
    net_attach(sda, &pull);
    net_drive(&pull, NET_PULL_UP);
    net_attach(scl, &pin);
    net_drive(&pin, NET_HIGH);
    i2c_hang_sda(&hang, scl, sda);
    for (unsigned i = 0; i < 9; i++) {
        assert_false(net_level(sda));
        net_drive(&pin, NET_LOW);
        net_drive(&pin, NET_HIGH);
    }
    assert_true(net_level(sda));
    i2c_hang_detach(&hang);
}

#define IN(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN(erased_and_the_size_of_the_chip),
        IN(a_write_takes_5_ms_in_which_nobody_answers),
        IN(a_page_wraps),
        IN(a_write_without_stop_is_lost),
        IN(an_address_alone_writes_nothing),
        IN(its_pins_say_where_it_answers),
        IN(small_chips_have_their_high_bits_in_the_device),
        IN(a_part_that_holds_sda_lets_go_after_nine_clocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
