/*
 * Where Unicorn 2.0.1 (QEMU 5.0.1 inside) does not do what the ARMv7-M Architecture Reference
 * Manual says. A difference is put down to an entry here only if the program has been cut down to
 * one instruction, and the entry's repair turns Unicorn's result into just the one of our core.
 * What no repair can undo is kept out of the random programs and shown by an example.
 */
#ifndef TESTS_CPU_UNICORN_FAULTS_H
#define TESTS_CPU_UNICORN_FAULTS_H

#include <stddef.h>
#include <stdint.h>

#include "state.h"

struct unicorn_fault {
    const char *name;
    const char *manual;  /* what the manual says, and where (DDI0403E) */
    const char *unicorn; /* what Unicorn does instead */
    /* Encodings, ended by a mask of 0; a 16-bit one is in the upper half. */
    struct {
        uint32_t mask, value;
    } encodings[10];
    /* Changes what Unicorn made of the instruction into what the manual says; NULL if it cannot be
       undone: it happens in IT blocks only, and is kept out of them. */
    void (*repair)(uint32_t code, const struct state *before, struct state *after);
    /* For what random programs meet too rarely or not at all (len = 0: no example). All registers
       and flags are 0 before it; R0 after it. */
    struct {
        uint16_t hw[8];
        uint8_t len;
        uint32_t manual_r0, unicorn_r0;
    } example;
};

extern const struct unicorn_fault unicorn_faults[];
extern const size_t unicorn_fault_count;

/* The entry that an encoding falls under, or NULL. hw[1] is read only for a 32-bit encoding. */
const struct unicorn_fault *unicorn_fault_of(const uint16_t hw[2]);
uint32_t unicorn_fault_code(const uint16_t hw[2]);

#endif
