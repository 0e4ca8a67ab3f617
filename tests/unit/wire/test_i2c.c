/* I2C's wires: one part, reached by edges of nets and by a master's bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../vboard/wire/i2c.h"

enum { ADDRESS = 0x42, NAK_FROM = 4 };

/* Notes what it hears; refuses its fifth byte; reads count up. */
struct notes {
    struct i2c_slave slave;
    uint8_t got[16];
    unsigned count, starts, stops, reads;
};

static bool started(void *ctx, uint8_t first)
{
    struct notes *n = ctx;

    if (first >> 1 != ADDRESS)
        return false;
    n->starts++;
    n->count = 0;
    return true;
}

static bool written(void *ctx, uint8_t byte)
{
    struct notes *n = ctx;

    n->got[n->count++] = byte;
    return n->count <= NAK_FROM;
}

static uint8_t reading(void *ctx)
{
    struct notes *n = ctx;

    return (uint8_t)(0xA0 + n->reads++);
}

static void stopped(void *ctx)
{
    struct notes *n = ctx;

    n->stops++;
}

static struct net *scl, *sda;
static struct net_driver pull[2], scl_pin, sda_pin;
static struct i2c_lines lines;
static struct notes part;

static int start(void **state)
{
    (void)state;
    lines = (struct i2c_lines){0};
    scl = net_new("SCL");
    sda = net_new("SDA");
    net_attach(scl, &pull[0]);
    net_attach(sda, &pull[1]);
    net_drive(&pull[0], NET_PULL_UP);
    net_drive(&pull[1], NET_PULL_UP);
    net_attach(scl, &scl_pin);
    net_attach(sda, &sda_pin);
    part = (struct notes){.slave = {.scl = scl,
                                    .sda = sda,
                                    .start = started,
                                    .write = written,
                                    .read = reading,
                                    .stop = stopped,
                                    .ctx = &part}};
    i2c_attach(&lines, &part.slave);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    i2c_detach(&part.slave);
    net_free(scl);
    net_free(sda);
    return 0;
}

/* ---- a master by hand: open drains ---- */

static void line(struct net_driver *d, bool high)
{
    net_drive(d, high ? NET_Z : NET_LOW);
}

static void hand_start(void)
{
    line(&sda_pin, true);
    line(&scl_pin, true);
    line(&sda_pin, false);
    line(&scl_pin, false);
}

static void hand_stop(void)
{
    line(&sda_pin, false);
    line(&scl_pin, true);
    line(&sda_pin, true);
}

static bool hand_bit(bool out)
{
    bool in;

    line(&sda_pin, out);
    line(&scl_pin, true);
    in = net_level(sda);
    line(&scl_pin, false);
    return in;
}

static bool hand_write(uint8_t byte)
{
    for (int i = 7; i >= 0; i--)
        hand_bit(byte >> i & 1);
    return !hand_bit(true);
}

static uint8_t hand_read(bool ack)
{
    uint8_t byte = 0;

    for (int i = 7; i >= 0; i--)
        byte = (uint8_t)(byte << 1 | hand_bit(true));
    hand_bit(!ack);
    return byte;
}

static void bytes_by_hand(void **state)
{
    (void)state;
    hand_start();
    assert_true(hand_write(ADDRESS << 1));
    assert_true(hand_write(0x12));
    assert_true(hand_write(0xED));
    hand_stop();
    assert_int_equal(part.count, 2);
    assert_int_equal(part.got[0], 0x12);
    assert_int_equal(part.got[1], 0xED);
    assert_int_equal(part.stops, 1);
    assert_true(net_level(sda));
}

static void another_address_is_not_acknowledged(void **state)
{
    (void)state;
    hand_start();
    assert_false(hand_write((ADDRESS + 1) << 1));
    assert_false(hand_write(0x12));
    hand_stop();
    assert_int_equal(part.count, 0);
    assert_int_equal(part.stops, 0);
}

static void a_refused_byte(void **state)
{
    (void)state;
    hand_start();
    assert_true(hand_write(ADDRESS << 1));
    for (unsigned i = 0; i < NAK_FROM; i++)
        assert_true(hand_write((uint8_t)i));
    assert_false(hand_write(0xFF));
    hand_stop();
    assert_int_equal(part.stops, 1);
}

static void repeated_start_and_reads(void **state)
{
    (void)state;
    hand_start();
    assert_true(hand_write(ADDRESS << 1));
    assert_true(hand_write(0x12));
    hand_start();
    assert_true(hand_write(ADDRESS << 1 | 1));
    assert_int_equal(hand_read(true), 0xA0);
    assert_int_equal(hand_read(true), 0xA1);
    assert_int_equal(hand_read(false), 0xA2);
    /* After the last acknowledge that did not come the part is off the bus. */
    assert_int_equal(hand_read(false), 0xFF);
    hand_stop();
    assert_int_equal(part.starts, 2);
    assert_int_equal(part.reads, 3);
}

static void a_masters_bytes_are_the_same_to_the_part(void **state)
{
    (void)state;
    assert_true(i2c_start(&lines, scl, sda, ADDRESS << 1));
    assert_true(i2c_write(&lines, scl, sda, 0x34));
    assert_true(i2c_start(&lines, scl, sda, ADDRESS << 1 | 1));
    assert_int_equal(part.got[0], 0x34);
    assert_int_equal(i2c_read(&lines, scl, sda), 0xA0);
    i2c_acknowledge(&lines, scl, sda, true);
    assert_int_equal(i2c_read(&lines, scl, sda), 0xA1);
    i2c_acknowledge(&lines, scl, sda, false);
    assert_int_equal(i2c_read(&lines, scl, sda), 0xFF);
    i2c_stop(&lines, scl, sda);
    assert_true(i2c_start(&lines, scl, sda, ADDRESS << 1));
    i2c_stop(&lines, scl, sda);
    assert_int_equal(part.stops, 1);
    /* And by hand again. */
    hand_start();
    assert_true(hand_write(ADDRESS << 1));
    hand_stop();
    assert_int_equal(part.stops, 2);
}

static void other_wires_carry_nothing(void **state)
{
    (void)state;
    assert_false(i2c_start(&lines, sda, scl, ADDRESS << 1));
    assert_false(i2c_start(&lines, scl, NULL, ADDRESS << 1));
    assert_int_equal(i2c_read(&lines, scl, sda), 0xFF);
    assert_int_equal(part.starts, 0);
}

#define IN(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN(bytes_by_hand),
        IN(another_address_is_not_acknowledged),
        IN(a_refused_byte),
        IN(repeated_start_and_reads),
        IN(a_masters_bytes_are_the_same_to_the_part),
        IN(other_wires_carry_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
