/*
 * Where the terminal's bytes come from and go to on the PC: standard input and output, a pseudo
 * terminal, a Unix or TCP socket. The only part of vboard that looks at the host's clock or waits.
 */
#ifndef VBOARD_HOST_CONSOLE_H
#define VBOARD_HOST_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct console;

/*
 * Opens "stdio", "pipe", "pty", "unix:PATH", "tcp:PORT" or "none" for the option --`option` ("uart"
 * or "usb"). Servers listen on the loopback address only and serve one client at a time; pty and
 * sockets print where they are on stdout. A pipe is standard input and output, for a program at the
 * other end: nothing but the line's bytes, and the end of its input is the end. That program may
 * speak before the board has started: its first input waits for the board's first character, or a
 * second of the PC's time. NULL: one sentence in error.
 *
 * The pseudo terminal of "uart" is there whether a program has it open or not, as wires are; that
 * of "usb" knows (console_is_open()).
 */
struct console *console_open(const char *where, const char *option, char *error, size_t error_size);
/* Restores the terminal, removes the socket. */
void console_close(struct console *c);

/* True for stdio with a person at it, pipe, pty and sockets: virtual time should not run ahead of
 * the PC's. */
bool console_is_live(const struct console *c);

/* Somebody is at the other end. A client that waits is taken. */
bool console_is_open(struct console *c);

/* Takes what has come in, up to n bytes; 0 if nothing is there now. Never waits. */
size_t console_read(struct console *c, uint8_t *bytes, size_t n);
/* No more input will ever come. */
bool console_at_end(const struct console *c);
/* The user asked to leave (Ctrl-], or the signals INT, TERM and HUP), or nobody takes the output.
 */
bool console_left(const struct console *c);
/* Which of the signals it was; SIGPIPE: nobody reads standard output any more. 0: none. */
int console_signal(const struct console *c);
/* Why standard output took no more (errno), 0: it took all. */
int console_error(const struct console *c);

/* Bytes that wait for the receiver. */
size_t console_backlog(const struct console *c);
/* Queues output. */
void console_write(struct console *c, uint8_t byte);
/* Sends queued output as far as the receiver takes it without waiting (files and pipes: all of it).
 */
void console_flush(struct console *c);

/* The descriptor to wait at for input or a client with poll(); -1: there is none now. */
int console_descriptor(struct console *c);

/* Milliseconds of the PC's monotonic clock. */
uint64_t console_clock_ms(void);

#endif
