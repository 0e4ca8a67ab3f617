/* Figures of a run (--stats). */
#ifndef VBOARD_HOST_STATS_H
#define VBOARD_HOST_STATS_H

#include <stdint.h>
#include <stdio.h>

#include "board.h"
#include "options.h"

/* The PC's clock when the run began. */
struct stats_clock {
    uint64_t wall_ms;
};
void stats_start(struct stats_clock *c);

/* Prints what was asked for; with STATS_NONE one line if the program broke rules, else nothing. */
void stats_print(const struct board *b, const struct stats_clock *c, enum stats_format format,
                 FILE *out);

const char *stats_class_name(enum complaint_class kind);
static inline double stats_seconds(vtime t)
{
    return (double)t / (double)VTIME_S;
}

#endif
