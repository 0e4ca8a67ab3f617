/*
 * The instruction table of the differential test: every ARMv7E-M and FPv5 encoding that the random
 * programs may use, written from the ARMv7-M Architecture Reference Manual DDI0403E, chapters A5 to
 * A7.
 *
 * A row describes one encoding as the manual draws it. Fields carry a class, so that what comes out
 * is neither UNDEFINED nor UNPREDICTABLE; what a class cannot say is left to the row's `ok`
 * function.
 *
 * Pattern: '0' and '1' are fixed bits, a letter is a bit of the field of that name (most
 * significant bit first; the bits of a field need not be neighbours), blanks are ignored. 16 or 32
 * bits.
 *
 * Operands: "x=K" pairs, K one of
 *   D  written, general: R0-R12, LR, not one of the program's reserved registers
 *   S  read, general: R0-R12, LR
 *   P  as S, also SP
 *   Y  any register, PC too
 *   B  base of an access that need not be aligned
 *   A  base of an access that must be word-aligned
 *   W  base that is written back, any offset
 *   V  base that is written back, the offset keeps word alignment
 *   X  index register (small value)
 *   N  not zero
 *   L  register list that is loaded: at least one bit, no reserved register
 *   M  register list that is stored: at least one bit
 *   l, m  as L and M, at least two registers
 * A field without a class takes any value.
 */
#ifndef TESTS_CPU_INSN_H
#define TESTS_CPU_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    I_NOT_IT = 1 << 0, /* UNPREDICTABLE inside an IT block */
    I_FP = 1 << 1,
    I_MEM = 1 << 2,
    I_DP = 1 << 3,  /* double precision */
    I_SYS = 1 << 4, /* special registers; changes state that later instructions see */
    I_DSP = 1 << 5,
    I_LITERAL = 1 << 6, /* reads relative to the PC */
    I_M_ONLY = 1 << 7,  /* another meaning, or none, outside the M-profile */
};

/* The value of each field, by its letter. */
struct fields {
    uint32_t v[128];
};

struct insn_row {
    const char *name; /* as the manual heads the encoding */
    const char
        *mnem; /* what a disassembler prints first, outside an IT block; alternatives with '|' */
    const char *bits;
    const char *ops;
    unsigned flags;
    bool (*ok)(const struct fields *f); /* NULL: all values allowed */
};

extern const struct insn_row insn_narrow[];
extern const struct insn_row insn_wide[];
extern const struct insn_row insn_dsp[];
extern const struct insn_row insn_fp[];
extern const size_t insn_narrow_count, insn_wide_count, insn_dsp_count, insn_fp_count;

/* All rows together, in the order above. */
size_t insn_count(void);
const struct insn_row *insn_at(size_t index);
/* Not less than insn_count(). */
enum { INSN_MAX = 512 };

#endif
