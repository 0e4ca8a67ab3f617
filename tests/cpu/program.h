/*
 * Random programs: a list of units that is laid out at an address. A unit is what must stay
 * together: one instruction, an IT block, a branch with the code that prepares its register, a
 * table branch with its table. Any subset of a program's units is a valid program again; that is
 * what makes it possible to cut a failing one down.
 */
#ifndef TESTS_CPU_PROGRAM_H
#define TESTS_CPU_PROGRAM_H

#include "encode.h"
#include "state.h"

enum { UNIT_MAX_HW = 28, PROGRAM_MAX_UNITS = 32, PROGRAM_MAX_HW = 640 };

/* How a unit refers to the unit `skip` behind it. */
enum patch {
    PATCH_NONE,
    PATCH_B8,    /* B T1 */
    PATCH_B11,   /* B T2 */
    PATCH_B20,   /* B T3 */
    PATCH_B24,   /* B T4, BL */
    PATCH_CBZ,   /* CBZ, CBNZ */
    PATCH_MOVWT, /* MOVW, MOVT with the address, bit 0 set */
    PATCH_DELTA, /* MOVW with the distance from the PC of the next instruction */
    PATCH_TBB,   /* bytes */
    PATCH_TBH,   /* halfwords */
};

struct unit {
    uint16_t hw[UNIT_MAX_HW];
    uint8_t len;      /* halfwords */
    uint8_t patch;    /* enum patch */
    uint8_t patch_at; /* halfword that is patched (TBB, TBH: the table's first) */
    uint8_t entries;  /* TBB, TBH */
    uint8_t skip;
    bool back; /* a loop's end: branches to the first unit */
};

struct program {
    struct unit unit[PROGRAM_MAX_UNITS];
    unsigned units;
    struct reserved rs;
    struct state init; /* r[15] = address of the first instruction; program_random() leaves it in
                          the first page, for the caller to add a slot's address */
};

/*
 * What a program mostly consists of. FLAVOUR_DP is for an A-profile oracle with FPv5 in double
 * precision (see oracle_unicorn.c): nothing in it is particular to the M-profile. All others are
 * for an M-profile oracle without double-precision arithmetic.
 */
enum flavour {
    FLAVOUR_INT,
    FLAVOUR_FP,
    FLAVOUR_DP,
    FLAVOUR_MEM,
    FLAVOUR_FLOW,
    FLAVOUR_MIXED,
    FLAVOURS
};

/* How often each row of the table (insn_at()) has been put into a program. */
extern uint64_t program_rows_made[INSN_MAX];

/* A program of up to `max_insns` instructions (IT blocks may add some). */
void program_random(struct program *p, struct rng *g, enum flavour flavour, unsigned max_insns);

/* Lays the units whose bit is set in `use` out at p->init.r[15]. Returns the halfwords written. */
unsigned program_layout(const struct program *p, uint32_t use, uint16_t hw[PROGRAM_MAX_HW]);

#endif
