/* Faults of one board, as --fault names them: those of the wires, of the memory chip, of the
   internal flash and of the SD card. */
#ifndef VBOARD_HOST_INJECT_H
#define VBOARD_HOST_INJECT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "board.h"

struct inject;

/*
 * Puts the faults of these texts on a board that has not run yet. Their random draws follow the
 * seed and their order. NULL: they cannot be; error then holds one sentence. To be freed after the
 * board.
 */
struct inject *inject_new(struct board *b, const char *const *texts, unsigned count, uint64_t seed,
                          char *error, size_t error_size);
void inject_free(struct inject *i);

/* Prints all faults that there are, a line each. */
void inject_list(FILE *out);

#endif
