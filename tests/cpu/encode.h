/* Turns rows of the instruction table into random valid encodings. */
#ifndef TESTS_CPU_ENCODE_H
#define TESTS_CPU_ENCODE_H

#include "insn.h"
#include "state.h"

/* Registers that a program keeps for addresses and counters; no instruction of the table writes
   them except through base write-back. 16 = not used. */
struct reserved {
    unsigned aligned;   /* word-aligned address in the data window */
    unsigned unaligned; /* any address in the data window */
    unsigned index;     /* 0..255 */
    unsigned counter;   /* loop counter */
};
bool reserved_has(const struct reserved *rs, unsigned reg);

/* One encoding. hw gets one or two halfwords; returns their count, or 0 if the reserved registers
   do not fit the row (a high register in a 3-bit field) or no valid values were found. */
unsigned encode_random(const struct insn_row *row, const struct reserved *rs, struct rng *g,
                       uint16_t hw[2]);

/* The row that `hw` belongs to (the first whose fixed bits and `ok` agree), or NULL. */
const struct insn_row *decode_row(const uint16_t hw[2]);

#endif
