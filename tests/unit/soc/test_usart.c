/* USART lines beside the characters: flow control, half duplex, inversion. RM0455, chapter USART.
 */
#include <string.h>

#include "chip.h"

enum {
    USART1 = 0x40011000,
    USART2 = 0x40004400,
    CR1 = 0x00,
    CR2 = 0x04,
    CR3 = 0x08,
    BRR = 0x0C,
    ISR = 0x1C,
    ICR = 0x20,
    RDR = 0x24,
    TDR = 0x28,
};

#define ON        (1u << 0 | 1u << 2 | 1u << 3) /* UE, RE, TE */
#define FIFOEN    (1u << 29)
#define ISR_FE    (1u << 1)
#define ISR_RXNE  (1u << 5)
#define ISR_TC    (1u << 6)
#define ISR_CTSIF (1u << 9)
#define ISR_CTS   (1u << 10)
#define HDSEL     (1u << 3)
#define RTSE      (1u << 8)
#define CTSE      (1u << 9)
#define CTSIE     (1u << 10)
#define RXINV     (1u << 16)
#define TXINV     (1u << 17)
#define BIT       (10 * VTIME_US) /* 100 kbit/s of HSI's 64 MHz */
#define CHARACTER (10 * BIT)
#define IRQ       38u

static struct soc *soc;
static unsigned sent;
static struct serial_char last;

static void heard(void *ctx, const struct serial_char *c)
{
    (void)ctx;
    sent++;
    last = *c;
}

static struct serial_listener ear = {.fn = heard};
static struct net_driver outside;

/* TX PA2, RX PA3, CTS PD3, RTS PD4, all AF7. */
static int start(void **state)
{
    (void)state;
    soc = chip_new();
    chip_set(soc, 0x58024540, 1u << 0 | 1u << 3); /* GPIOA, GPIOD */
    chip_set(soc, 0x58024548, 1u << 17);          /* USART2 */
    chip_write(soc, 0x58020020, 7u << 8 | 7u << 12);
    chip_clear(soc, 0x58020000, 1u << 4 | 1u << 6);
    chip_write(soc, 0x58020C20, 7u << 12 | 7u << 16);
    chip_clear(soc, 0x58020C00, 1u << 6 | 1u << 8);
    chip_write(soc, USART2 + BRR, 640);
    sent = 0;
    serial_listen(soc_serial(soc, SOC_PIN('A', 2)), &ear);
    outside = (struct net_driver){0};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    soc_free(soc);
    return 0;
}

static void arrive(uint8_t byte, bool inverted)
{
    struct serial_char c = serial_frame(byte, 8, 1, sched_now(soc->sched), BIT);

    c.inverted = inverted;
    chip_run(soc, CHARACTER);
    serial_send(soc_serial(soc, SOC_PIN('A', 3)), &c);
}

/* Seen in real chips: TXE and TC, and nothing of an nCTS that no pin has. */
static void reset_value_of_isr(void **state)
{
    (void)state;
    chip_set(soc, 0x58024550, 1u << 4); /* USART1, which has no pins here */
    assert_int_equal(chip_read(soc, USART1 + ISR), 0xC0);
}

static void cts_stops_the_transmitter_between_characters(void **state)
{
    (void)state;
    net_attach(soc->pin[SOC_PIN('D', 3)], &outside);
    net_drive(&outside, NET_LOW);
    chip_write(soc, USART2 + CR3, CTSE | CTSIE);
    chip_write(soc, USART2 + CR1, ON | FIFOEN);
    assert_true(chip_read(soc, USART2 + ISR) & ISR_CTS);
    chip_write(soc, USART2 + TDR, 'a');
    chip_write(soc, USART2 + TDR, 'b');
    chip_run(soc, CHARACTER / 2);
    assert_false(chip_irq_pending(soc, IRQ));
    net_drive(&outside, NET_HIGH);
    assert_int_equal(chip_read(soc, USART2 + ISR) & (ISR_CTS | ISR_CTSIF), ISR_CTSIF);
    assert_true(chip_irq_pending(soc, IRQ));
    chip_run(soc, 10 * CHARACTER);
    assert_int_equal(sent, 1); /* the one under way ends */
    assert_false(chip_read(soc, USART2 + ISR) & ISR_TC);
    chip_write(soc, USART2 + ICR, ISR_CTSIF);
    chip_irq_clear(soc, IRQ);
    assert_false(chip_irq_pending(soc, IRQ));
    net_drive(&outside, NET_LOW);
    assert_int_equal(chip_read(soc, USART2 + ISR) & (ISR_CTS | ISR_CTSIF), ISR_CTS | ISR_CTSIF);
    chip_run(soc, CHARACTER + BIT);
    assert_int_equal(sent, 2);
    assert_true(chip_read(soc, USART2 + ISR) & ISR_TC);
    net_detach(&outside);
}

static void without_ctse_nothing_stops_it(void **state)
{
    (void)state;
    net_attach(soc->pin[SOC_PIN('D', 3)], &outside);
    net_drive(&outside, NET_HIGH);
    chip_write(soc, USART2 + CR1, ON);
    chip_write(soc, USART2 + TDR, 'a');
    chip_run(soc, CHARACTER + BIT);
    assert_int_equal(sent, 1);
    net_detach(&outside);
}

static void rts_rises_when_the_fifo_is_full(void **state)
{
    const struct net *rts = soc->pin[SOC_PIN('D', 4)];

    (void)state;
    assert_false(net_driven(rts));
    chip_write(soc, USART2 + CR3, RTSE);
    chip_write(soc, USART2 + CR1, ON | FIFOEN);
    for (unsigned n = 0; n < 16; n++) {
        assert_true(net_driven(rts));
        assert_false(net_level(rts));
        arrive((uint8_t)n, false);
    }
    assert_true(net_level(rts));
    assert_int_equal(chip_read(soc, USART2 + RDR), 0);
    assert_false(net_level(rts));
    /* Another function of the pin: not the USART's any more. */
    chip_write(soc, 0x58020C20, 7u << 12);
    assert_false(net_driven(rts));
    chip_write(soc, 0x58020C20, 7u << 12 | 7u << 16);
    assert_true(net_driven(rts));
    chip_write(soc, USART2 + CR1, 0);
    assert_false(net_driven(rts));
}

static void half_duplex_receives_on_the_pin_of_tx(void **state)
{
    (void)state;
    chip_write(soc, USART2 + CR3, HDSEL);
    chip_write(soc, USART2 + CR1, ON);
    arrive('x', false); /* on PA3 */
    assert_false(chip_read(soc, USART2 + ISR) & ISR_RXNE);
    chip_write(soc, USART2 + TDR, 'y');
    chip_run(soc, CHARACTER + BIT);
    assert_true(chip_read(soc, USART2 + ISR) & ISR_RXNE); /* its own */
    assert_int_equal(chip_read(soc, USART2 + RDR), 'y');
    assert_int_equal(chip_complained(soc, "usart-mode"), 0);
}

static void inverted_lines_idle_low(void **state)
{
    (void)state;
    chip_write(soc, USART2 + CR2, TXINV | RXINV);
    chip_write(soc, USART2 + CR1, ON);
    chip_write(soc, USART2 + TDR, 0x53);
    chip_run(soc, CHARACTER + BIT);
    assert_int_equal(sent, 1);
    assert_true(serial_sample(&last, 0, BIT));   /* start bit: high */
    assert_false(serial_sample(&last, 1, BIT));  /* bit 0 of 0x53 is 1 */
    assert_false(serial_sample(&last, 20, BIT)); /* idle */
    arrive(0x35, true);
    assert_int_equal(chip_read(soc, USART2 + ISR) & (ISR_RXNE | ISR_FE), ISR_RXNE);
    assert_int_equal(chip_read(soc, USART2 + RDR), 0x35);
    chip_write(soc, USART2 + CR1, 0);
    chip_write(soc, USART2 + CR2, 0);
    chip_write(soc, USART2 + CR1, ON);
    arrive(0x35, true); /* no start bit for a receiver that is not inverted */
    assert_false(chip_read(soc, USART2 + ISR) & ISR_RXNE);
}

/* GPIO and EXTI: the receiver need not be on, and an analog pin has no input. */
static void the_start_bit_is_an_edge_for_exti(void **state)
{
    enum { FTSR1 = 0x58000004, RTSR1 = 0x58000000, CPUPR1 = 0x58000088, GPIOA_MODER = 0x58020000 };
    struct serial_wire *wire = soc_serial(soc, SOC_PIN('A', 3));
    struct serial_char c = serial_frame(0xFF, 8, 1, sched_now(soc->sched), BIT);

    (void)state;
    chip_write(soc, FTSR1, 1u << 3);
    serial_begin(wire, &c);
    assert_int_equal(chip_read(soc, CPUPR1), 1u << 3);
    chip_write(soc, CPUPR1, 1u << 3);
    c.inverted = true;
    serial_begin(wire, &c);
    assert_int_equal(chip_read(soc, CPUPR1), 0);
    chip_write(soc, RTSR1, 1u << 3);
    serial_begin(wire, &c);
    assert_int_equal(chip_read(soc, CPUPR1), 1u << 3);
    chip_write(soc, CPUPR1, 1u << 3);
    chip_set(soc, GPIOA_MODER, 3u << 6);
    serial_begin(wire, &c);
    assert_int_equal(chip_read(soc, CPUPR1), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(reset_value_of_isr),
        TEST(cts_stops_the_transmitter_between_characters),
        TEST(without_ctse_nothing_stops_it),
        TEST(rts_rises_when_the_fifo_is_full),
        TEST(half_duplex_receives_on_the_pin_of_tx),
        TEST(inverted_lines_idle_low),
        TEST(the_start_bit_is_an_edge_for_exti),
    };
    return cmocka_run_group_tests_name("soc_usart", tests, NULL, NULL);
}
