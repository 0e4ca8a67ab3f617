/*
 * Who types at the terminal when no person does: a script through the raw REPL's raw-paste mode, or
 * standard input, line by line. Both follow what the board sends (docs: MicroPython reference, "The
 * MicroPython interactive interpreter mode", raw mode and raw-paste mode).
 */
#ifndef VBOARD_HOST_REPL_H
#define VBOARD_HOST_REPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../parts/terminal.h"
#include "../wire/sched.h"
#include "console.h"

struct repl;

/* Runs a script: script[0 .. size). Its output goes to the console, its traceback to stderr, both
   with the script's line ends. The console's input is the script's while it runs. */
struct repl *repl_new_script(struct terminal *terminal, struct console *console,
                             const uint8_t *script, size_t size);
/* Feeds the console's input line by line and shows all output. It ends at the first prompt after
   the end of input, but not before a time; or, unless it is endless, after a long silence. */
struct repl *repl_new_feed(struct terminal *terminal, struct console *console, bool endless,
                           vtime until);
/* To be called before the console is closed: output may be held back. */
void repl_free(struct repl *r);

/* The board sent a byte. */
void repl_received(struct repl *r, uint8_t byte, vtime at);
/* Called every few milliseconds of virtual time; asleep = the core waits for an interrupt. */
void repl_tick(struct repl *r, vtime now, bool asleep);
/* The board was reset: it hears nothing until it shows that it has started. */
void repl_board_reset(struct repl *r, vtime now);

/* -1 while it goes on, else the exit status. */
int repl_status(const struct repl *r);

#endif
