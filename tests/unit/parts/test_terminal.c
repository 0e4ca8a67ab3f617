/* A terminal on a serial line: 8N1 at its own speed, one character after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../vboard/parts/terminal.h"

enum { BAUD = 100000 };
#define BIT   (10 * VTIME_US)
#define FRAME (10 * BIT)

static uint64_t cycles; /* of 1 ns */
static struct sched *s;
static struct serial_wire *to_board, *from_board;
static struct terminal *t;

/* What arrived at the board, and what the user got. */
static struct serial_char board[4096];
static unsigned begun, arrived;
static uint8_t shown[4096];
static vtime shown_at[4096];
static unsigned shown_count;

static uint64_t read_cycles(void *ctx)
{
    (void)ctx;
    return cycles;
}

static void at_board(void *ctx, const struct serial_char *c)
{
    (void)ctx;
    board[arrived++] = *c;
}

static void board_sees_start(void *ctx, const struct serial_char *c)
{
    (void)ctx;
    (void)c;
    begun++;
}

static void show(void *ctx, uint8_t byte, vtime at)
{
    (void)ctx;
    shown[shown_count] = byte;
    shown_at[shown_count++] = at;
}

static struct serial_listener ear;

static int start(void **state)
{
    static const struct sched_source source = {.cycles = read_cycles};

    (void)state;
    cycles = 0;
    begun = arrived = shown_count = 0;
    s = sched_new(&source, 1000000000);
    to_board = serial_wire_new();
    from_board = serial_wire_new();
    ear = (struct serial_listener){.fn = at_board, .begin = board_sees_start};
    serial_listen(to_board, &ear);
    t = terminal_new(&(struct terminal_config){.sched = s,
                                               .to_board = to_board,
                                               .from_board = from_board,
                                               .baud = BAUD,
                                               .received = show});
    return t ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    terminal_free(t);
    serial_wire_free(to_board);
    serial_wire_free(from_board);
    sched_free(s);
    return 0;
}

static void run_until(vtime at)
{
    while (sched_next(s) <= at) {
        cycles = sched_next(s) / VTIME_NS;
        sched_run(s);
    }
    cycles = at / VTIME_NS;
}

static void characters_leave_one_after_the_other(void **state)
{
    (void)state;
    run_until(5 * VTIME_US);
    assert_int_equal(terminal_send(t, "abc", 3), 0);
    assert_int_equal(terminal_queued(t), 3);
    assert_int_equal(begun, 1);
    run_until(5 * VTIME_US + FRAME - VTIME_NS);
    assert_int_equal(arrived, 0);
    run_until(5 * VTIME_US + FRAME);
    assert_int_equal(arrived, 1);
    assert_int_equal(begun, 2); /* the next start bit follows the stop bit at once */
    assert_int_equal(terminal_queued(t), 2);
    run_until(VTIME_MS);
    assert_int_equal(arrived, 3);
    assert_int_equal(begun, 3);
    assert_int_equal(terminal_queued(t), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(board[i].start, 5 * VTIME_US + i * FRAME);
        assert_int_equal(board[i].count, 10);
        assert_int_equal(board[i].bit, BIT);
        assert_int_equal(board[i].bits, 0x200 | ('a' + i) << 1);
    }
}

static void a_line_at_rest_begins_at_once(void **state)
{
    (void)state;
    terminal_send(t, "a", 1);
    run_until(VTIME_MS);
    terminal_send(t, "b", 1);
    assert_int_equal(begun, 2);
    run_until(2 * VTIME_MS);
    assert_int_equal(board[1].start, VTIME_MS);
}

static void a_long_text_arrives_whole(void **state)
{
    uint8_t text[4000];

    (void)state;
    srand(2);
    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)rand();
    for (unsigned i = 0; i < sizeof text;) {
        unsigned n = 1 + (unsigned)rand() % 200;

        if (n > sizeof text - i)
            n = sizeof text - i;
        terminal_send(t, text + i, n);
        i += n;
        run_until(cycles * VTIME_NS + (vtime)(rand() % 150) * FRAME);
    }
    run_until(VTIME_S);
    assert_int_equal(arrived, sizeof text);
    for (unsigned i = 0; i < sizeof text; i++)
        assert_int_equal(board[i].bits >> 1 & 0xFF, text[i]);
}

static void what_has_not_left_can_be_forgotten(void **state)
{
    (void)state;
    terminal_send(t, "abcd", 4);
    run_until(FRAME + BIT);
    terminal_flush(t);
    assert_int_equal(terminal_queued(t), 1); /* b is on the line */
    terminal_send(t, "x", 1);
    run_until(VTIME_MS);
    assert_int_equal(arrived, 3);
    assert_int_equal(board[1].bits >> 1 & 0xFF, 'b');
    assert_int_equal(board[2].bits >> 1 & 0xFF, 'x');
    terminal_flush(t);
    assert_int_equal(terminal_queued(t), 0);
}

/* ---- receiving ---- */

static void board_sends(uint8_t byte, vtime begin, vtime bit)
{
    struct serial_char c = serial_frame(byte, 8, 1, begin, bit);

    serial_send(from_board, &c);
}

static void bytes_of_the_board_are_shown(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 256; v++)
        board_sends((uint8_t)v, v * FRAME, BIT);
    assert_int_equal(shown_count, 256);
    for (unsigned v = 0; v < 256; v++) {
        assert_int_equal(shown[v], v);
        assert_int_equal(shown_at[v], (v + 1) * FRAME);
    }
    assert_int_equal(terminal_framing_errors(t), 0);
}

static void a_board_two_percent_off_is_understood(void **state)
{
    (void)state;
    board_sends(0x5A, 0, BIT * 98 / 100);
    board_sends(0x5A, VTIME_MS, BIT * 102 / 100);
    assert_int_equal(shown_count, 2);
    assert_int_equal(shown[0], 0x5A);
    assert_int_equal(shown[1], 0x5A);
}

static void a_board_at_another_speed_gives_framing_errors_and_garbage(void **state)
{
    (void)state;
    board_sends(0x00, 0, BIT * 2); /* half as fast: where the stop bit is due, there are zeros */
    assert_int_equal(shown_count, 0);
    assert_int_equal(terminal_framing_errors(t), 1);
    board_sends(0x41, VTIME_MS, BIT * 10 / 15);
    assert_int_equal(shown_count, 1);
    assert_int_not_equal(shown[0], 0x41);
    board_sends(0x41, 2 * VTIME_MS, BIT / 32); /* over before the middle of a start bit */
    assert_int_equal(shown_count, 1);
    assert_int_equal(terminal_framing_errors(t), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(characters_leave_one_after_the_other),
        TEST(a_line_at_rest_begins_at_once),
        TEST(a_long_text_arrives_whole),
        TEST(what_has_not_left_can_be_forgotten),
        TEST(bytes_of_the_board_are_shown),
        TEST(a_board_two_percent_off_is_understood),
        TEST(a_board_at_another_speed_gives_framing_errors_and_garbage),
    };
    return cmocka_run_group_tests_name("parts_terminal", tests, NULL, NULL);
}
