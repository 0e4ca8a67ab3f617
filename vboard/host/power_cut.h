/*
 * Cuts the board's power and gives it back (--power-cut): at a virtual time, or within an operation
 * of the internal flash, counted from the last power-on. Cuts take place one after the other, in
 * their order; the time without power takes no time. Memories lose what they hold, the flash keeps
 * what its cells have at that moment.
 */
#ifndef VBOARD_HOST_POWER_CUT_H
#define VBOARD_HOST_POWER_CUT_H

#include <stddef.h>
#include <stdint.h>

#include "board.h"

struct power_cut {
    uint64_t operation; /* 1 = the first program or erase operation; 0: by time */
    vtime at;
};

/* Reads "TIME" or "flash:N". False: it is neither. */
bool power_cut_read(const char *text, struct power_cut *out);

struct power_cuts;

/* `cuts` must live on. Where in an operation a cut falls follows the seed. NULL if memory ran out.
   To be freed after the board. */
struct power_cuts *power_cuts_new(struct board *b, const struct power_cut *cuts, unsigned count,
                                  uint64_t seed);
void power_cuts_free(struct power_cuts *c);

#endif
