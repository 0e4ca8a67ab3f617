/*
 * 16-bit Thumb encodings: ARMv7-M ARM A5.2.
 */
#include "decode.h"

/* A5.2.1: shift by immediate, add, subtract, move, compare. Inside IT blocks no flags are set. */
static void shift_add_move_compare(uint32_t insn, struct op *op, struct decoded *d)
{
    bool s = op->it == 0;

    op->rd = insn & 7;
    op->rn = op->rm = insn >> 3 & 7;
    switch (insn >> 11 & 7) {
    case 0:
    case 1:
    case 2:
        op->rn = NO_REG;
        decode_shifted(op, d, ALU_MOV, insn >> 11 & 3, insn >> 6 & 31, s);
        return;
    case 3:
        if (insn & 1u << 10) {
            op->rm = NO_REG;
            op->imm = insn >> 6 & 7;
            decode_alu(op, d, insn & 1u << 9 ? ALU_SUB : ALU_ADD, OPERAND_IMM, s);
        } else {
            op->rm = insn >> 6 & 7;
            decode_alu(op, d, insn & 1u << 9 ? ALU_SUB : ALU_ADD, OPERAND_REG, s);
        }
        return;
    default:
        op->rd = op->rn = insn >> 8 & 7;
        op->rm = NO_REG;
        op->imm = insn & 0xFF;
        op->x = CARRY_KEPT;
        switch (insn >> 11 & 3) {
        case 0:
            op->rn = NO_REG;
            decode_alu(op, d, ALU_MOV, OPERAND_IMM, s);
            return;
        case 1:
            op->rd = NO_REG;
            decode_alu(op, d, ALU_CMP, OPERAND_IMM, true);
            return;
        case 2:
            decode_alu(op, d, ALU_ADD, OPERAND_IMM, s);
            return;
        default:
            decode_alu(op, d, ALU_SUB, OPERAND_IMM, s);
            return;
        }
    }
}

/* A5.2.2. */
static void data_processing(uint32_t insn, struct op *op, struct decoded *d)
{
    static const uint8_t operations[16] = {
        [0] = ALU_AND,  [1] = ALU_EOR,  [5] = ALU_ADC,  [6] = ALU_SBC,  [8] = ALU_TST,
        [10] = ALU_CMP, [11] = ALU_CMN, [12] = ALU_ORR, [14] = ALU_BIC, [15] = ALU_MVN,
    };
    unsigned code = insn >> 6 & 15;
    bool s = op->it == 0;

    op->rd = op->rn = insn & 7;
    op->rm = insn >> 3 & 7;
    switch (code) {
    case 2:
    case 3:
    case 4:
        decode_shift_by_register(op, d, code - 2, s);
        return;
    case 7:
        decode_shift_by_register(op, d, SHIFT_ROR, s);
        return;
    case 9: /* RSB rd, rn, #0 */
        op->rn = op->rm;
        op->rm = NO_REG;
        op->imm = 0;
        decode_alu(op, d, ALU_RSB, OPERAND_IMM, s);
        return;
    case 13:
        op->fn = s ? op_muls : op_mul;
        d->without_flags = s ? op_mul : NULL;
        d->flags_set = s ? FLAGS_NZ : 0;
        return;
    case 8:
    case 10:
    case 11:
        op->rd = NO_REG;
        decode_alu(op, d, operations[code], OPERAND_REG, true);
        return;
    case 15:
        op->rn = NO_REG;
        decode_alu(op, d, ALU_MVN, OPERAND_REG, s);
        return;
    default:
        decode_alu(op, d, operations[code], OPERAND_REG, s);
        return;
    }
}

/* A5.2.3: high registers and branch exchange. */
static void special_data(uint32_t insn, struct op *op, struct decoded *d)
{
    unsigned rd = (insn & 7) | (insn >> 4 & 8);
    unsigned rm = insn >> 3 & 15;
    uint32_t pc = op->pc + 4;

    op->rm = (uint8_t)rm;
    switch (insn >> 8 & 3) {
    case 0: /* ADD */
        op->rd = op->rn = (uint8_t)rd;
        if (rd == 15) {
            op->imm = rm == 15 ? pc + pc : pc;
            op->fn = rm == 15 ? op_udf : op_add_pc; /* both PC: UNPREDICTABLE */
            d->ends = true;
        } else if (rm == 15) {
            op->rm = NO_REG;
            op->imm = pc;
            decode_alu(op, d, ALU_ADD, OPERAND_IMM, false);
        } else {
            decode_alu(op, d, ALU_ADD, OPERAND_REG, false);
        }
        return;
    case 1: /* CMP */
        op->rn = (uint8_t)rd;
        if (rd == 15 || rm == 15) { /* UNPREDICTABLE */
            decode_undefined(op, d);
            return;
        }
        decode_alu(op, d, ALU_CMP, OPERAND_REG, true);
        return;
    case 2: /* MOV */
        if (rd == 15 && rm == 15) {
            op->fn = op_b; /* a branch to this instruction + 4 */
            op->imm = pc;
            d->link = d->ends = true;
        } else if (rd == 15) {
            op->fn = op_mov_pc;
            d->ends = true;
        } else if (rm == 15) {
            op->rd = (uint8_t)rd;
            op->rm = NO_REG;
            op->imm = pc;
            decode_alu(op, d, ALU_MOV, OPERAND_IMM, false);
        } else {
            op->rd = (uint8_t)rd;
            decode_alu(op, d, ALU_MOV, OPERAND_REG, false);
        }
        return;
    default:                               /* BX, BLX */
        if (rm == 15 || (insn & 7) != 0) { /* UNPREDICTABLE */
            decode_undefined(op, d);
            return;
        }
        op->fn = insn & 0x80 ? op_blx : op_bx;
        d->ends = true;
        return;
    }
}

/* A5.2.4. */
static void load_store(uint32_t insn, struct op *op, struct decoded *d)
{
    op->rd = insn & 7;
    op->rn = insn >> 3 & 7;
    d->memory = true;
    if (insn >> 12 == 5) { /* register offset */
        static const uint8_t access[8] = {
            [3] = ACCESS_S8, [4] = ACCESS_U32, [5] = ACCESS_U16, [6] = ACCESS_U8, [7] = ACCESS_S16,
        };
        static const uint8_t store[3] = {2, 1, 0}; /* STR, STRH, STRB */
        unsigned code = insn >> 9 & 7;

        op->rm = insn >> 6 & 7;
        op->imm = 0;
        op->fn =
            code < 3 ? exec_store[store[code]][ADDRESS_REG] : exec_load[access[code]][ADDRESS_REG];
        return;
    }

    bool load = insn & 1u << 11;
    unsigned imm5 = insn >> 6 & 31;

    switch (insn >> 12) {
    case 6:
        op->imm = imm5 * 4;
        op->fn = load ? exec_load[ACCESS_U32][ADDRESS_IMM] : exec_store[2][ADDRESS_IMM];
        return;
    case 7:
        op->imm = imm5;
        op->fn = load ? exec_load[ACCESS_U8][ADDRESS_IMM] : exec_store[0][ADDRESS_IMM];
        return;
    case 8:
        op->imm = imm5 * 2;
        op->fn = load ? exec_load[ACCESS_U16][ADDRESS_IMM] : exec_store[1][ADDRESS_IMM];
        return;
    default: /* 9: SP relative */
        op->rd = insn >> 8 & 7;
        op->rn = 13;
        op->imm = (insn & 0xFF) * 4;
        op->fn = load ? exec_load[ACCESS_U32][ADDRESS_IMM] : exec_store[2][ADDRESS_IMM];
        return;
    }
}

static void register_list(struct op *op, struct decoded *d, uint32_t list)
{
    op->imm = list;
    op->imm2 = (uint32_t)__builtin_popcount(list);
    op->cycles = (uint8_t)(1 + (op->imm2 + 1) / 2); /* two words a cycle: 64-bit data buses */
    d->memory = true;
}

/* A5.2.5 with A5.2.6. */
static void miscellaneous(uint32_t insn, struct op *op, struct decoded *d)
{
    static op_fn *const extend[4] = {op_sxth, op_sxtb, op_uxth, op_uxtb};
    static op_fn *const reverse[4] = {op_rev, op_rev16, NULL, op_revsh};

    switch (insn >> 8 & 15) {
    case 0: /* ADD/SUB SP, imm7 */
        op->rd = op->rn = 13;
        op->imm = (insn & 0x7F) * 4;
        decode_alu(op, d, insn & 0x80 ? ALU_SUB : ALU_ADD, OPERAND_IMM, false);
        return;
    case 1:
    case 3:
    case 9:
    case 11: /* CBZ, CBNZ */
        op->rn = insn & 7;
        op->imm = op->pc + 4 + ((insn >> 3 & 0x1F) << 1 | (insn >> 9 & 1) << 6);
        op->fn = insn & 1u << 11 ? op_cbnz : op_cbz;
        d->ends = d->link = true;
        return;
    case 2:
        op->rd = insn & 7;
        op->rm = insn >> 3 & 7;
        op->imm = 0;
        op->fn = extend[insn >> 6 & 3];
        d->simple = true;
        return;
    case 4:
    case 5: /* PUSH */
        register_list(op, d, (insn & 0xFF) | (insn & 0x100) << 6);
        op->rn = 13;
        op->fn = op_push;
        if (op->imm == 0)
            decode_undefined(op, d);
        return;
    case 12:
    case 13: /* POP */
        register_list(op, d, (insn & 0xFF) | (insn & 0x100) << 7);
        op->rn = 13;
        op->x = 1; /* LIST_WRITE_BACK, for op_ldm_pc */
        op->fn = insn & 0x100 ? op_ldm_pc : op_pop;
        d->ends = insn & 0x100;
        if (op->imm == 0)
            decode_undefined(op, d);
        return;
    case 6: /* CPS */
        if ((insn & 0xE8) != 0x60 || op->it) {
            decode_undefined(op, d);
            return;
        }
        op->x = (uint8_t)((insn & 0x10 ? 4 : 0) | (insn & 3));
        op->fn = op_cps;
        d->ends = true;
        return;
    case 10:
        op->rd = insn & 7;
        op->rm = insn >> 3 & 7;
        op->fn = reverse[insn >> 6 & 3];
        d->simple = true;
        if (op->fn == NULL)
            decode_undefined(op, d);
        return;
    case 14:
        op->imm = insn & 0xFF;
        op->fn = op_bkpt;
        d->ends = true;
        return;
    case 15: /* hints; IT itself is block.c's */
        decode_hint(op, d, insn >> 4 & 15);
        return;
    default:
        decode_undefined(op, d);
        return;
    }
}

void decode16(struct cpu *c, uint32_t insn, struct op *op, struct decoded *d)
{
    (void)c;
    switch (insn >> 12) {
    case 0:
    case 1:
    case 2:
    case 3:
        shift_add_move_compare(insn, op, d);
        return;
    case 4:
        if (insn >> 10 == 0x10) {
            data_processing(insn, op, d);
        } else if (insn >> 10 == 0x11) {
            special_data(insn, op, d);
        } else { /* LDR literal */
            op->rd = insn >> 8 & 7;
            op->imm = ((op->pc + 4) & ~3u) + (insn & 0xFF) * 4;
            op->fn = exec_load[ACCESS_U32][ADDRESS_ABS];
            d->memory = true;
        }
        return;
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
        load_store(insn, op, d);
        return;
    case 10: /* ADR; ADD rd, SP */
        op->rd = insn >> 8 & 7;
        if (insn & 1u << 11) {
            op->rn = 13;
            op->imm = (insn & 0xFF) * 4;
            decode_alu(op, d, ALU_ADD, OPERAND_IMM, false);
        } else {
            op->imm = ((op->pc + 4) & ~3u) + (insn & 0xFF) * 4;
            decode_alu(op, d, ALU_MOV, OPERAND_IMM, false);
        }
        return;
    case 11:
        miscellaneous(insn, op, d);
        return;
    case 12: /* STM, LDM */
        register_list(op, d, insn & 0xFF);
        op->rn = insn >> 8 & 7;
        if (insn & 1u << 11) {
            op->fn = op_ldm;
            op->x = !(op->imm >> op->rn & 1); /* no write-back if the base is loaded */
        } else {
            op->fn = op_stm;
            op->x = 1;
        }
        if (op->imm == 0)
            decode_undefined(op, d);
        return;
    case 13: {
        unsigned cond = insn >> 8 & 15;

        if (cond == 15) {
            op->imm = insn & 0xFF;
            op->fn = op_svc;
            d->ends = true;
        } else if (cond == 14) {
            decode_undefined(op, d);
        } else {
            op->imm = op->pc + 4 + (uint32_t)((int32_t)(int8_t)insn * 2);
            decode_branch_if(op, d, cond);
        }
        return;
    }
    default: /* 14: B; the other prefixes of A5.1 are 32-bit encodings */
        op->imm = op->pc + 4 + (uint32_t)((int32_t)(insn << 21) >> 20);
        op->fn = op_b;
        d->ends = d->link = true;
        return;
    }
}
