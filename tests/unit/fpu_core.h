/*
 * A core of registers and 8 KB of memory around the floating-point files of vboard/cpu, for the
 * unit tests: it decodes and runs one FP instruction at a time. The system's part (access control,
 * faults) is played by the fields of struct fpu_core.
 */
#ifndef TESTS_UNIT_FPU_CORE_H
#define TESTS_UNIT_FPU_CORE_H

#include "cpu_int.h"

#define RAM_BASE 0x20000000u
#define RAM_SIZE 0x2000u
/* Right behind: no page of the table, but mem_load_slow() and mem_store_slow() serve it. */
#define SLOW_BASE (RAM_BASE + RAM_SIZE)
#define SLOW_SIZE 0x1000u
/* Behind that: every access faults. */

struct fpu_core {
    struct cpu cpu;
    uint8_t memory[RAM_SIZE + SLOW_SIZE];
    bool deny_access; /* what sys_fp_access() answers */
    unsigned access_checks;
    unsigned slow_loads, slow_stores, doubleword_stores;
    unsigned faults, unaligned_faults;
    unsigned finished; /* instructions that went on to the next operation */
};

struct fpu_core *fpu_core_new(void);
void fpu_core_free(struct fpu_core *core);
/* Decodes and runs insn at pc. False: undefined. *op (may be NULL) is what it was decoded to. */
bool fpu_core_run(struct fpu_core *core, uint32_t insn, uint32_t pc, struct op *op);

#endif
