/*
 * Frames of a memory bus in words, one line each (--trace ospi):
 *
 *   0.012345678 OCTOSPI1 mapped 4-4-4 eb fast read quad @012340 6 wait < 32: de ad be ef ... 1.560
 * us
 *
 * time, host and reason, lines of command, address and data, command byte and its name, address,
 * wait cycles, direction and bytes, how long nCS was low. Simulation thread only.
 */
#ifndef VBOARD_TRACE_FRAME_LOG_H
#define VBOARD_TRACE_FRAME_LOG_H

#include <stdint.h>
#include <stdio.h>

#include "../wire/membus.h"

enum { FRAME_LOG_BYTES = 16 }; /* of the data are shown */

struct frame_log {
    FILE *out;
    /* Name of a command byte, NULL if it has none; may be NULL. */
    const char *(*command_name)(uint8_t command);

    struct membus_listener listener;
    uint8_t data[FRAME_LOG_BYTES];
};

/* Puts a log whose upper fields are set on a bus. It must stay where it is. */
void frame_log_attach(struct frame_log *log, struct membus *bus);

#endif
