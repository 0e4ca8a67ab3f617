/*
 * What both decoders use. Only decode16.c, decode32.c and decode.c include this.
 */
#ifndef VBOARD_CPU_DECODE_H
#define VBOARD_CPU_DECODE_H

#include "exec.h"

/* A data-processing operation whose operand fields are set (operand IMM of a flag-setting logical
   one: op->x = carry). */
void decode_alu(struct op *op, struct decoded *d, enum alu alu, enum operand operand, bool s);
/* The same with rm shifted by a constant as encoded (DecodeImmShift(), A7.4.2). */
void decode_shifted(struct op *op, struct decoded *d, enum alu alu, unsigned type, unsigned imm5,
                    bool s);
void decode_shift_by_register(struct op *op, struct decoded *d, enum shift shift, bool s);
void decode_branch_if(struct op *op, struct decoded *d, unsigned cond);
/* NOP-compatible hints by number: 1 YIELD, 2 WFE, 3 WFI, 4 SEV. */
void decode_hint(struct op *op, struct decoded *d, unsigned hint);
void decode_undefined(struct op *op, struct decoded *d);

#endif
