/* SPI's wires: one part, reached by edges of nets and by a master's frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../vboard/wire/spi.h"

/* A shift register in modes 0 and 3: what it took goes out eight bits later. */
struct shifter {
    struct spi_slave slave;
    uint8_t bits;
    unsigned selects, rises;
};

static void select_changed(void *ctx, bool selected)
{
    struct shifter *s = ctx;

    s->selects++;
    s->slave.drive = selected ? (s->bits >> 7 ? NET_HIGH : NET_LOW) : NET_Z;
}

static void clocked(void *ctx, bool level, bool mosi)
{
    struct shifter *s = ctx;

    if (level) {
        s->bits = (uint8_t)(s->bits << 1 | mosi);
        s->rises++;
    } else {
        s->slave.drive = s->bits >> 7 ? NET_HIGH : NET_LOW;
    }
}

static struct net *sck, *mosi, *miso, *ncs;
static struct net_driver sck_pin, mosi_pin, miso_pull, ncs_pin;
static struct spi_lines lines;
static struct shifter part;

static int start(void **state)
{
    (void)state;
    lines = (struct spi_lines){0};
    sck = net_new("SCK");
    mosi = net_new("MOSI");
    miso = net_new("MISO");
    ncs = net_new("NCS");
    net_attach(sck, &sck_pin);
    net_attach(mosi, &mosi_pin);
    net_attach(miso, &miso_pull);
    net_attach(ncs, &ncs_pin);
    net_drive(&ncs_pin, NET_HIGH);
    net_drive(&sck_pin, NET_LOW);
    net_drive(&miso_pull, NET_PULL_UP);
    part = (struct shifter){.slave = {.sck = sck,
                                      .mosi = mosi,
                                      .miso = miso,
                                      .ncs = ncs,
                                      .select = select_changed,
                                      .clock = clocked,
                                      .ctx = &part}};
    spi_attach(&lines, &part.slave);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    spi_detach(&part.slave);
    net_free(sck);
    net_free(mosi);
    net_free(miso);
    net_free(ncs);
    return 0;
}

static uint8_t by_hand(uint8_t out)
{
    uint8_t in = 0;

    for (int i = 7; i >= 0; i--) {
        net_drive(&mosi_pin, out >> i & 1 ? NET_HIGH : NET_LOW);
        net_drive(&sck_pin, NET_HIGH);
        in = (uint8_t)(in << 1 | net_level(miso));
        net_drive(&sck_pin, NET_LOW);
    }
    return in;
}

static uint32_t frame(uint32_t out, unsigned bits, bool cpol, bool cpha)
{
    return spi_shift(&lines, &(struct spi_frame){sck, mosi, miso, cpol, cpha, bits, out});
}

static void edges_reach_a_selected_part(void **state)
{
    (void)state;
    net_drive(&ncs_pin, NET_LOW);
    assert_int_equal(by_hand(0xA5), 0x00);
    assert_int_equal(by_hand(0x3C), 0xA5);
    net_drive(&ncs_pin, NET_HIGH);
    assert_int_equal(part.selects, 2);
    assert_int_equal(part.rises, 16);
    assert_true(net_level(miso)); /* the pull-up's: the part lets go */
}

static void a_part_that_is_not_selected_is_deaf_and_dumb(void **state)
{
    (void)state;
    assert_int_equal(by_hand(0xA5), 0xFF);
    assert_int_equal(frame(0xA5, 8, false, false), 0xFF);
    assert_int_equal(part.rises, 0);
}

static void frames_and_edges_are_the_same_to_the_part(void **state)
{
    (void)state;
    net_drive(&ncs_pin, NET_LOW);
    assert_int_equal(by_hand(0xA5), 0x00);
    assert_int_equal(frame(0x3C, 8, false, false), 0xA5);
    assert_int_equal(by_hand(0x77), 0x3C);
    assert_int_equal(frame(0x12345678, 32, false, false), 0x77123456);
    assert_int_equal(part.rises, 56);
}

static void mode_3_samples_as_mode_0_does(void **state)
{
    (void)state;
    net_drive(&ncs_pin, NET_LOW);
    frame(0xC6, 8, false, false);
    assert_int_equal(frame(0x00, 8, true, true), 0xC6);
    assert_int_equal(part.bits, 0x00);
}

/* In mode 1 the master changes MOSI at the edge with which the part samples: each bit comes one
   clock late. */
static void mode_1_is_off_by_a_bit(void **state)
{
    (void)state;
    net_drive(&ncs_pin, NET_LOW);
    frame(0xA5, 8, false, true);
    assert_int_equal(part.bits, 0x52);
}

static void nets_keep_still_during_frames(void **state)
{
    bool before = net_level(mosi);

    (void)state;
    net_drive(&ncs_pin, NET_LOW);
    frame(0xFF, 8, false, false);
    assert_int_equal(net_level(mosi), before);
    assert_false(net_level(sck));
    /* But for what the part drives at the end. */
    assert_true(net_level(miso));
}

static void wires_that_go_elsewhere_carry_nothing(void **state)
{
    struct spi_frame f = {sck, NULL, miso, false, false, 8, 0xFF};

    (void)state;
    net_drive(&ncs_pin, NET_LOW);
    spi_shift(&lines, &f);
    assert_int_equal(part.bits, 0x00); /* MOSI's net is low */
    f.sck = mosi;
    f.mosi = sck;
    spi_shift(&lines, &f);
    assert_int_equal(part.rises, 8);
    f = (struct spi_frame){sck, mosi, NULL, false, false, 8, 0xFF};
    assert_int_equal(spi_shift(&lines, &f), 0);
    assert_int_equal(part.bits, 0xFF);
}

static void a_wire_from_mosi_to_miso(void **state)
{
    (void)state;
    net_join(mosi, miso);
    assert_int_equal(frame(0x5A3C, 16, true, false), 0x5A3C);
    assert_int_equal(frame(0x81, 8, false, true), 0x81);
}

static void a_part_at_the_end_of_wires(void **state)
{
    struct net *far = net_new("FAR");

    (void)state;
    net_join(far, mosi);
    net_drive(&ncs_pin, NET_LOW);
    spi_shift(&lines, &(struct spi_frame){sck, far, miso, false, false, 8, 0x77});
    assert_int_equal(part.bits, 0x77);
    net_free(far);
}

#define IN(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN(edges_reach_a_selected_part),
        IN(a_part_that_is_not_selected_is_deaf_and_dumb),
        IN(frames_and_edges_are_the_same_to_the_part),
        IN(mode_3_samples_as_mode_0_does),
        IN(mode_1_is_off_by_a_bit),
        IN(nets_keep_still_during_frames),
        IN(wires_that_go_elsewhere_carry_nothing),
        IN(a_wire_from_mosi_to_miso),
        IN(a_part_at_the_end_of_wires),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
