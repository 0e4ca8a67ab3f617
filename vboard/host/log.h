/* The readable logs of --trace: frames, register accesses, instructions, exceptions; a line each.
 */
#ifndef VBOARD_HOST_LOG_H
#define VBOARD_HOST_LOG_H

#include <stdio.h>

#include "board.h"

struct log;

/* what = set of TRACE_* (options.h). The board must live longer. NULL if memory ran out. */
struct log *log_new(struct board *b, unsigned what, FILE *out);
void log_free(struct log *log);

#endif
