/*
 * A terminal at the other end of an asynchronous serial line: 8 data bits, no parity, 1 stop bit,
 * both directions at one speed, as a USB-serial adapter. It paces what it sends by its own bit time
 * and samples what it receives with it, so a board at another speed gives framing errors and
 * garbage. Simulation thread only.
 */
#ifndef VBOARD_PARTS_TERMINAL_H
#define VBOARD_PARTS_TERMINAL_H

#include <stddef.h>
#include <stdint.h>

#include "../wire/sched.h"
#include "../wire/serial.h"

struct terminal_config {
    struct sched *sched;
    struct serial_wire *to_board;   /* the board's RX */
    struct serial_wire *from_board; /* the board's TX */
    uint32_t baud;                  /* bit/s, > 0 */
    /* A byte has arrived; it was complete at `at`. */
    void (*received)(void *ctx, uint8_t byte, vtime at);
    void *ctx;
};

struct terminal;

/* NULL if memory ran out. */
struct terminal *terminal_new(const struct terminal_config *config);
void terminal_free(struct terminal *t);

/* Queues bytes; they leave one after the other from now on. 0, or -1 if memory ran out. */
int terminal_send(struct terminal *t, const void *bytes, size_t n);
/* Bytes that have not left completely. */
size_t terminal_queued(const struct terminal *t);
/* Forgets what has not left yet (the user pulled the plug). */
void terminal_flush(struct terminal *t);

/* Characters whose stop bit was not high; they are dropped. */
uint64_t terminal_framing_errors(const struct terminal *t);

#endif
