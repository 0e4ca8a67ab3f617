#include "decode.h"

void decode_undefined(struct op *op, struct decoded *d)
{
    op->fn = op_udf;
    *d = (struct decoded){.ends = true};
}

void decode_alu(struct op *op, struct decoded *d, enum alu alu, enum operand operand, bool s)
{
    bool arithmetic = alu >= ALU_ADD;

    op->fn = exec_alu[alu][operand][s];
    d->simple = true;
    d->aligns_sp = op->rd == 13;
    if (alu == ALU_ADC || alu == ALU_SBC || (operand == OPERAND_SHIFT && op->x == SHIFT_RRX))
        d->flags_used |= FLAGS_C;
    if (!s)
        return;
    d->without_flags = exec_alu[alu][operand][0];
    if (arithmetic)
        d->flags_set = FLAGS_ALL;
    else if (operand == OPERAND_REG || (operand == OPERAND_IMM && op->x == CARRY_KEPT))
        d->flags_set = FLAGS_NZ;
    else
        d->flags_set = FLAGS_NZ | FLAGS_C;
}

void decode_shifted(struct op *op, struct decoded *d, enum alu alu, unsigned type, unsigned imm5,
                    bool s)
{
    op->imm = imm5;
    if (type == SHIFT_LSL) {
        decode_alu(op, d, alu, imm5 ? OPERAND_LSL : OPERAND_REG, s);
        return;
    }
    op->x = (uint8_t)type;
    if (imm5 == 0) {
        if (type == SHIFT_ROR)
            op->x = SHIFT_RRX;
        op->imm = 32;
    }
    decode_alu(op, d, alu, OPERAND_SHIFT, s);
}

void decode_shift_by_register(struct op *op, struct decoded *d, enum shift shift, bool s)
{
    op->fn = exec_shift_reg[shift][s];
    d->simple = true;
    if (!s)
        return;
    /* C is kept when the amount is 0, so it counts as used as well. */
    d->flags_set = FLAGS_NZ | FLAGS_C;
    d->flags_used = FLAGS_C;
    d->without_flags = exec_shift_reg[shift][0];
}

void decode_branch_if(struct op *op, struct decoded *d, unsigned cond)
{
    op->fn = exec_branch_if[cond];
    op->ra = (uint8_t)cond; /* block.c joins a compare with it */
    d->flags_used = FLAGS_ALL;
    d->ends = d->link = true;
}

void decode_hint(struct op *op, struct decoded *d, unsigned hint)
{
    switch (hint) {
    case 2:
        op->fn = op_wfe;
        d->ends = true;
        break;
    case 3:
        op->fn = op_wfi;
        d->ends = true;
        break;
    case 4:
        op->fn = op_sev;
        break;
    default: /* unallocated hints are NOPs */
        op->fn = op_nop;
        break;
    }
}
