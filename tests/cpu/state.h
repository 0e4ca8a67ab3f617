/*
 * The state that both cores start from and that is compared afterwards, and the random numbers that
 * fill it.
 *
 * Memory map of every test program:
 *   CODE_BASE   8 MiB, plain memory, in slots of 16 KiB. A program lies in the second page of a
 * slot of its own, so that what it reads relative to the PC is in the slot as well. DATA_BASE   64
 * KiB, plain memory, followed without a gap by DATA_SLOW   64 KiB, which our core must reach
 * through calls (no direct pointer)
 */
#ifndef TESTS_CPU_STATE_H
#define TESTS_CPU_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    CODE_SIZE = 0x800000,
    SLOT_SIZE = 0x4000,
    PAGE = 0x1000,
    SLOTS = CODE_SIZE / SLOT_SIZE,
    DATA_HALF = 0x10000,
    DATA_SIZE = 2 * DATA_HALF
};
#define CODE_BASE 0x08000000u
#define DATA_BASE 0x20000000u
#define DATA_SLOW (DATA_BASE + DATA_HALF)

struct state {
    uint32_t r[16]; /* r[15]: address of the next instruction, bit 0 clear */
    uint32_t apsr;  /* N Z C V Q GE where APSR has them */
    uint32_t fpscr;
    uint32_t s[32]; /* S0-S31, overlaid by D0-D15 */
    uint32_t primask, basepri, faultmask, psp;
};

#define APSR_MASK 0xF80F0000u
#define APSR_Q    (1u << 27)

/* splitmix64: small, fast, and every seed is a good one. */
struct rng {
    uint64_t x;
};
uint64_t rng_next(struct rng *g);
/* 0 .. n-1 */
uint32_t rng_below(struct rng *g, uint32_t n);
/* True in `percent` of 100 cases. */
bool rng_chance(struct rng *g, unsigned percent);

/* A register value: often an edge case of integer arithmetic, else random. */
uint32_t rng_int(struct rng *g);
/* A single or double: often an edge case of floating point, else random. */
uint32_t rng_float(struct rng *g);
uint64_t rng_double(struct rng *g);

/* All registers, flags and FPSCR; SP, bases and PC are the caller's. */
void state_random(struct state *st, struct rng *g);

/* Prints the registers that differ between a and b, or all of a if b is NULL. Each line begins with
 * "#". */
void state_print(FILE *out, const char *title, const struct state *a);
bool state_equal(const struct state *a, const struct state *b);
void state_print_diff(FILE *out, const char *name_a, const struct state *a, const char *name_b,
                      const struct state *b);

#endif
