/*
 * Faults of the memory bus (--fault). Each is a filter on the wires (wire/membus.h): the chip and
 * the controller both see what the damaged wires carry. Faults of the chip are in
 * parts/psram_defects.h.
 */
#ifndef VBOARD_TRACE_FAULTS_H
#define VBOARD_TRACE_FAULTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../wire/membus.h"

struct fault;

/*
 * Makes a fault from its text: "stuck:io2=0", "short:io0,io1", "noise:1e-4". Its random draws
 * follow the seed; two faults on one bus want different seeds. NULL: text says nothing that can be
 * done; error then holds one sentence.
 */
struct fault *fault_new(const char *text, uint64_t seed, char *error, size_t error_size);
void fault_free(struct fault *f);
/* Puts it on a bus. Once a fault. */
void fault_attach(struct fault *f, struct membus *bus);

/* Prints the known faults, a line each. */
void faults_list(FILE *out);

#endif
