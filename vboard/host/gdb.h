/*
 * A server for gdb's remote serial protocol (GDB manual, appendix "GDB Remote Serial Protocol"),
 * one client at a time, on the loopback address only.
 *
 * The board waits in reset for a client and its `continue`. A client that goes away leaves the
 * board running. gdb may: read and write registers (FPU and special ones included) and memory (the
 * PSRAM through the data cache, as a debug probe does), set breakpoints and watchpoints, step, load
 * into flash, and say `monitor reset`, `monitor reset halt`.
 */
#ifndef VBOARD_HOST_GDB_H
#define VBOARD_HOST_GDB_H

#include <stdbool.h>
#include <stddef.h>

#include "../soc/soc.h"

struct gdb;

/* Listens on a port given as text; says on stderr where. NULL with one sentence in error. */
struct gdb *gdb_new(const char *port, struct soc *soc, char *error, size_t error_size);
void gdb_free(struct gdb *g);

/*
 * To be called between runs of the board, with the reason why the last one ended. Serves what has
 * come in; while gdb holds the board it waits for more, up to some milliseconds. True: the board
 * may run.
 */
bool gdb_may_run(struct gdb *g, enum cpu_stop reason);

#endif
