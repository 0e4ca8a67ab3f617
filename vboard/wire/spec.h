/*
 * Texts by which a person names a fault: "stuck:io2=0", "flips:1e-6", "drop-qpi:1.5s".
 *
 * A kind of fault is a row: its name, the form of its arguments, and one line of help. The form is
 * what a person is shown, and what the text is read by: words in capitals are values (below), all
 * else stands for itself. The tables of rows are where the faults are: trace/faults.c for the
 * wires, parts/psram_defects.c for the chip.
 *
 *   LINE     io0 .. io3, clk, ncs          IO       io0 .. io3
 *   A        A0 .. A22                     LEVEL    0, 1
 *   RATE     above 0, up to 1, per event   TIME     virtual: 1.5, 20ms, 7us, 100ns
 *   ADDRESS  within the chip, 0x or not    BIT      0 .. 7
 *   MBIT     16, 32, 64, 128              NUMBER   from 1 on
 *
 * And the random draws that faults make: they follow the seed and nothing else.
 */
#ifndef VBOARD_WIRE_SPEC_H
#define VBOARD_WIRE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sched.h"

enum spec_line { SPEC_IO0, SPEC_IO1, SPEC_IO2, SPEC_IO3, SPEC_CLK, SPEC_NCS };

struct spec_row {
    const char *name; /* may hold colons */
    const char *form; /* "" = no arguments */
    const char *help;
};

/* What a text says; fields whose value is not in the form are 0. */
struct spec_args {
    unsigned line[2]; /* LINE and IO (enum spec_line), A (its number), in their order */
    unsigned lines;
    bool level;
    double rate;
    vtime time;
    uint32_t address;
    unsigned bit;
    unsigned mbit;
    uint32_t number;
};

/* Whether a text means this row: its name, and then a colon or nothing. */
bool spec_is(const struct spec_row *row, const char *text);

/* Reads the arguments of a text that means this row. False: error holds one sentence. */
bool spec_read(const struct spec_row *row, const char *text, struct spec_args *out, char *error,
               size_t error_size);

/* One line for people: name, form, help. */
void spec_print(const struct spec_row *row, FILE *out);
/* What the words in capitals mean, a line each. */
void spec_print_values(FILE *out);

/* A TIME alone. NULL if text does not begin with one, else where it ended. Without unit: seconds.
 */
const char *spec_time(const char *text, vtime *out);

/* ---- draws ---- */

struct spec_draw {
    uint64_t state;
};

/* `which` tells the users of one seed apart. */
void spec_draw_init(struct spec_draw *d, uint64_t seed, uint64_t which);
/* True with this probability. */
bool spec_draw_event(struct spec_draw *d, double rate);
/* A number below n, n > 0. */
uint32_t spec_draw_below(struct spec_draw *d, uint32_t n);

#endif
