/*
 * 32-bit Thumb encodings: ARMv7-M ARM A5.3. The first half-word stands in bits 31:16.
 *
 * What the architecture calls UNPREDICTABLE is mostly undefined here: the PC as an operand that it
 * may not be, and (0) and (1) bits of another value, where later architectures have put other
 * instructions.
 */
#include "decode.h"

static inline uint32_t bits(uint32_t v, unsigned high, unsigned low)
{
    return v >> low & ((1u << (high - low + 1)) - 1);
}
static inline bool bit(uint32_t v, unsigned n)
{
    return v >> n & 1;
}

/* Fields that nearly all encodings share. */
#define RN(insn) bits(insn, 19, 16)
#define RT(insn) bits(insn, 15, 12)
#define RD(insn) bits(insn, 11, 8)
#define RM(insn) bits(insn, 3, 0)

static void set_cycles(struct op *op, unsigned cycles)
{
    op->cycles = (uint8_t)cycles;
}

/* ---- A5.3.5: LDM, STM ---- */

static void load_store_multiple(uint32_t insn, struct op *op, struct decoded *d)
{
    bool load = bit(insn, 20), write_back = bit(insn, 21);
    unsigned mode = bits(insn, 24, 23);
    uint32_t list = insn & 0xFFFF;

    op->rn = RN(insn);
    op->imm = list;
    op->imm2 = (uint32_t)__builtin_popcount(list);
    set_cycles(op, 1 + (op->imm2 + 1) / 2);
    if ((mode != 1 && mode != 2) || op->rn == 15 || list == 0 || bit(list, 13) ||
        (!load && bit(list, 15))) {
        decode_undefined(op, d);
        return;
    }
    d->memory = true;
    op->x = (uint8_t)(mode == 2 ? 2 : 0);
    if (load) {
        op->x |= write_back && !bit(list, op->rn);
        op->fn = bit(list, 15) ? op_ldm_pc : op_ldm;
        d->ends = bit(list, 15);
    } else {
        op->x |= write_back;
        op->fn = op_stm;
    }
}

/* ---- A5.3.6: dual, exclusive, table branch ---- */

static void exclusive_or_table(uint32_t insn, struct op *op, struct decoded *d)
{
    bool load = bit(insn, 20);

    op->rn = RN(insn);
    if (RT(insn) == 15 && !(load && bit(insn, 23) && bits(insn, 7, 5) == 0)) {
        decode_undefined(op, d);
        return;
    }
    if (!bit(insn, 23)) { /* LDREX, STREX */
        if (op->rn == 15 || (RD(insn) == 15) != load) {
            decode_undefined(op, d);
            return;
        }
        op->imm = (insn & 0xFF) * 4;
        op->x = ACCESS_U32;
        op->rd = load ? RT(insn) : RD(insn);
        op->rm = load ? NO_REG : RT(insn);
        op->fn = load ? op_ldrex : op_strex;
        d->memory = true;
        return;
    }
    op->imm = 0;
    switch (bits(insn, 7, 4)) {
    case 0:
    case 1:
        if (!load || RT(insn) != 15 || RD(insn) != 0 || RM(insn) == 15)
            break;
        op->rm = RM(insn);
        op->imm = op->pc + 4;
        op->x = op->rn == 15;
        if (op->rn == 15)
            op->rn = NO_REG;
        op->fn = bit(insn, 4) ? op_tbh : op_tbb;
        set_cycles(op, 4);
        d->ends = true;
        return;
    case 4:
    case 5:
        if (RD(insn) != 15 || op->rn == 15 || (RM(insn) == 15) != load)
            break;
        op->x = bit(insn, 4) ? ACCESS_U16 : ACCESS_U8;
        op->rd = load ? RT(insn) : RM(insn);
        op->rm = load ? NO_REG : RT(insn);
        op->fn = load ? op_ldrex : op_strex;
        d->memory = true;
        return;
    default:
        break;
    }
    decode_undefined(op, d);
}

static void dual_exclusive_table(uint32_t insn, struct op *op, struct decoded *d)
{
    bool index = bit(insn, 24), add = bit(insn, 23), write_back = bit(insn, 21);
    bool load = bit(insn, 20);
    uint32_t offset = (insn & 0xFF) * 4;

    if (!index && !write_back) {
        exclusive_or_table(insn, op, d);
        return;
    }
    op->rn = RN(insn);
    op->rd = RT(insn);
    op->ra = RD(insn);
    if (op->rd == 15 || op->ra == 15) {
        decode_undefined(op, d);
        return;
    }
    op->imm = add ? offset : -offset;
    op->x = (uint8_t)((index ? 1 : 0) | (write_back ? 2 : 0));
    if (op->rn == 15) { /* LDRD literal */
        if (!load || write_back) {
            decode_undefined(op, d);
            return;
        }
        op->rn = NO_REG;
        op->imm = ((op->pc + 4) & ~3u) + op->imm;
        op->x = 4;
    }
    op->fn = load ? op_ldrd : op_strd;
    d->memory = true;
}

/* ---- A5.3.11: data processing, shifted register ---- */

/* The operation of bits 24:21; operands and flags as in A5.3.1 and A5.3.11 tables. */
static bool alu_of(uint32_t insn, struct op *op, enum alu *alu)
{
    bool s = bit(insn, 20);
    bool no_rd = RD(insn) == 15, no_rn = RN(insn) == 15;

    op->rd = RD(insn);
    op->rn = RN(insn);
    switch (bits(insn, 24, 21)) {
    case 0:
        *alu = no_rd && s ? ALU_TST : ALU_AND;
        break;
    case 1:
        *alu = ALU_BIC;
        break;
    case 2:
        *alu = no_rn ? ALU_MOV : ALU_ORR;
        break;
    case 3:
        *alu = no_rn ? ALU_MVN : ALU_ORN;
        break;
    case 4:
        *alu = no_rd && s ? ALU_TEQ : ALU_EOR;
        break;
    case 8:
        *alu = no_rd && s ? ALU_CMN : ALU_ADD;
        break;
    case 10:
        *alu = ALU_ADC;
        break;
    case 11:
        *alu = ALU_SBC;
        break;
    case 13:
        *alu = no_rd && s ? ALU_CMP : ALU_SUB;
        break;
    case 14:
        *alu = ALU_RSB;
        break;
    default:
        return false;
    }
    if (*alu == ALU_MOV || *alu == ALU_MVN)
        op->rn = NO_REG;
    else if (no_rn)
        return false;
    if (*alu == ALU_TST || *alu == ALU_TEQ || *alu == ALU_CMP || *alu == ALU_CMN)
        op->rd = NO_REG;
    else if (no_rd)
        return false;
    return true;
}

static void data_shifted_register(uint32_t insn, struct op *op, struct decoded *d)
{
    enum alu alu;
    uint32_t imm5 = bits(insn, 14, 12) << 2 | bits(insn, 7, 6);

    op->rm = RM(insn);
    if (bits(insn, 24, 21) == 6) { /* PKHBT, PKHTB */
        op->rd = RD(insn);
        op->rn = RN(insn);
        op->imm = imm5;
        op->x = bit(insn, 5);
        op->fn = op_pkh;
        if (bit(insn, 20) || bit(insn, 15) || bit(insn, 4) || op->rd == 15 || op->rn == 15 ||
            op->rm == 15)
            decode_undefined(op, d);
        return;
    }
    if (!alu_of(insn, op, &alu) || op->rm == 15 || bit(insn, 15)) {
        decode_undefined(op, d);
        return;
    }
    decode_shifted(op, d, alu, bits(insn, 5, 4), imm5, bit(insn, 20));
}

/* ---- A5.3.1, A5.3.2: modified immediate ---- */

/* ThumbExpandImm_C() (A5.3.2); *carry = CARRY_KEPT if it leaves the carry alone. */
static uint32_t expand_immediate(uint32_t insn, uint8_t *carry)
{
    uint32_t imm12 = bits(insn, 26, 26) << 11 | bits(insn, 14, 12) << 8 | bits(insn, 7, 0);
    uint32_t imm8 = imm12 & 0xFF;

    *carry = CARRY_KEPT;
    if (imm12 >> 10 == 0) {
        switch (imm12 >> 8 & 3) {
        case 0:
            return imm8;
        case 1:
            return imm8 << 16 | imm8;
        case 2:
            return imm8 << 24 | imm8 << 8;
        default:
            return imm8 * 0x01010101u;
        }
    }

    uint32_t value = 0x80 | (imm12 & 0x7F);
    unsigned rotation = imm12 >> 7;

    value = value >> rotation | value << (32 - rotation); /* rotation is 8..31 */
    *carry = (uint8_t)(value >> 31);
    return value;
}

static void data_modified_immediate(uint32_t insn, struct op *op, struct decoded *d)
{
    enum alu alu;

    if (!alu_of(insn, op, &alu)) {
        decode_undefined(op, d);
        return;
    }
    op->imm = expand_immediate(insn, &op->x);
    decode_alu(op, d, alu, OPERAND_IMM, bit(insn, 20));
}

/* ---- A5.3.3: plain binary immediate ---- */

static void saturate(uint32_t insn, struct op *op, struct decoded *d, bool is_unsigned)
{
    uint32_t shift = bits(insn, 14, 12) << 2 | bits(insn, 7, 6);
    bool asr = bit(insn, 21);

    op->imm = bits(insn, 4, 0) + (is_unsigned ? 0 : 1);
    if (asr && shift == 0) { /* the 16-bit pair */
        op->fn = is_unsigned ? op_usat16 : op_ssat16;
        if (bit(insn, 4)) /* with bit 5, checked by the caller, (0) (0) */
            decode_undefined(op, d);
        return;
    }
    op->imm2 = shift;
    op->x = asr ? SHIFT_ASR : SHIFT_LSL;
    op->fn = is_unsigned ? op_usat : op_ssat;
}

static void data_plain_immediate(uint32_t insn, struct op *op, struct decoded *d)
{
    uint32_t imm12 = bits(insn, 26, 26) << 11 | bits(insn, 14, 12) << 8 | bits(insn, 7, 0);
    uint32_t lsb = bits(insn, 14, 12) << 2 | bits(insn, 7, 6);
    uint32_t msb = bits(insn, 4, 0);

    op->rd = RD(insn);
    op->rn = RN(insn);
    d->simple = true;
    if (op->rd == 15) {
        decode_undefined(op, d);
        return;
    }
    /* SSAT to UBFX: 11110 (0) 11 ..., second half-word 0 imm3 Rd imm2 (0) ... */
    if (bits(insn, 24, 20) >= 0x10 &&
        (bit(insn, 26) || bit(insn, 5) || (op->rn == 15 && bits(insn, 24, 20) != 0x16))) {
        decode_undefined(op, d);
        return;
    }
    switch (bits(insn, 24, 20)) {
    case 0x00: /* ADDW, ADR */
    case 0x0A: /* SUBW, ADR */
        if (op->rn == 15) {
            uint32_t pc = (op->pc + 4) & ~3u;

            op->rn = NO_REG;
            op->imm = bit(insn, 23) ? pc - imm12 : pc + imm12;
            decode_alu(op, d, ALU_MOV, OPERAND_IMM, false);
        } else {
            op->imm = imm12;
            decode_alu(op, d, bit(insn, 23) ? ALU_SUB : ALU_ADD, OPERAND_IMM, false);
        }
        return;
    case 0x04: /* MOVW */
        op->rn = NO_REG;
        op->imm = RN(insn) << 12 | imm12;
        decode_alu(op, d, ALU_MOV, OPERAND_IMM, false);
        return;
    case 0x0C: /* MOVT */
        op->rn = op->rd;
        op->imm = RN(insn) << 12 | imm12;
        op->fn = op_movt;
        d->aligns_sp = op->rd == 13;
        return;
    case 0x10:
    case 0x12:
        saturate(insn, op, d, false);
        return;
    case 0x18:
    case 0x1A:
        saturate(insn, op, d, true);
        return;
    case 0x14:                /* SBFX */
    case 0x1C:                /* UBFX */
        if (lsb + msb > 31) { /* here msb is the width - 1; UNPREDICTABLE */
            decode_undefined(op, d);
            return;
        }
        op->imm = 31 - (lsb + msb);
        op->imm2 = 31 - msb;
        op->fn = bit(insn, 23) ? op_ubfx : op_sbfx;
        return;
    case 0x16:           /* BFI, BFC */
        if (msb < lsb) { /* UNPREDICTABLE */
            decode_undefined(op, d);
            return;
        }
        op->imm = (uint32_t)(((UINT64_C(1) << (msb - lsb + 1)) - 1) << lsb);
        op->imm2 = lsb;
        op->fn = op->rn == 15 ? op_bfc : op_bfi;
        return;
    default:
        decode_undefined(op, d);
        return;
    }
}

/* ---- A5.3.4: branches and miscellaneous control ---- */

static void miscellaneous_control(uint32_t insn, struct op *op, struct decoded *d)
{
    if (bits(insn, 19, 16) != 15 ||
        bits(insn, 13, 8) != 0x0F) { /* (1)(1)(1)(1) 10 (0) 0 (1)(1)(1)(1) */
        decode_undefined(op, d);
        return;
    }
    switch (bits(insn, 7, 4)) {
    case 2:
        op->fn = op_clrex;
        return;
    case 4:
    case 5:
        op->fn = op_barrier;
        return;
    case 6:
        op->fn = op_isb;
        d->ends = true;
        return;
    default:
        decode_undefined(op, d);
        return;
    }
}

static void branch_or_control(uint32_t insn, struct op *op, struct decoded *d)
{
    uint32_t s = bits(insn, 26, 26), j1 = bits(insn, 13, 13), j2 = bits(insn, 11, 11);

    d->ends = d->link = true;
    if (bit(insn, 12)) { /* B T4, BL */
        uint32_t i1 = !(j1 ^ s), i2 = !(j2 ^ s);
        uint32_t offset =
            s << 24 | i1 << 23 | i2 << 22 | bits(insn, 25, 16) << 12 | bits(insn, 10, 0) << 1;

        op->imm = op->pc + 4 + (uint32_t)((int32_t)(offset << 7) >> 7);
        op->fn = bit(insn, 14) ? op_bl : op_b;
        return;
    }
    if (bit(insn, 14)) { /* BLX immediate does not exist; UDF.W */
        decode_undefined(op, d);
        return;
    }
    if (bits(insn, 25, 23) != 7) { /* B T3 */
        uint32_t offset =
            s << 20 | j2 << 19 | j1 << 18 | bits(insn, 21, 16) << 12 | bits(insn, 10, 0) << 1;

        op->imm = op->pc + 4 + (uint32_t)((int32_t)(offset << 11) >> 11);
        decode_branch_if(op, d, bits(insn, 25, 22));
        return;
    }
    d->ends = d->link = false;
    if (s) {
        decode_undefined(op, d);
        return;
    }
    switch (bits(insn, 26, 20)) {
    case 0x38: /* MSR; bits 20, 13, 9 and 8 are (0) */
        if (bit(insn, 13) || bits(insn, 9, 8) != 0 || RN(insn) == 15) {
            decode_undefined(op, d);
            return;
        }
        op->rn = RN(insn);
        op->imm = insn & 0xFF;
        op->imm2 = bits(insn, 11, 10);
        op->fn = op_msr;
        d->ends = true;
        return;
    case 0x3A: /* hints */
        if (RN(insn) != 15 || bits(insn, 13, 8) != 0)
            decode_undefined(op, d);
        else
            decode_hint(op, d, insn & 0xFF);
        return;
    case 0x3B:
        miscellaneous_control(insn, op, d);
        return;
    case 0x3E: /* MRS; bits 20 and 13 are (0), 19:16 (1) */
        if (RN(insn) != 15 || bit(insn, 13) || RD(insn) == 15) {
            decode_undefined(op, d);
            return;
        }
        op->rd = RD(insn);
        op->imm = insn & 0xFF;
        op->fn = op_mrs;
        d->flags_used = FLAGS_ALL;
        return;
    default:
        decode_undefined(op, d);
        return;
    }
}

/* ---- A5.3.7 to A5.3.10: single loads and stores ---- */

/* The address forms that they share. Sets op->rn, rm, imm; returns the form, or -1: undefined, -2:
   unprivileged. */
static int address_form(uint32_t insn, struct op *op)
{
    uint32_t imm8 = insn & 0xFF;

    op->rn = RN(insn);
    if (op->rn == 15) {
        uint32_t imm12 = insn & 0xFFF, pc = (op->pc + 4) & ~3u;

        op->rn = NO_REG;
        op->imm = bit(insn, 23) ? pc + imm12 : pc - imm12;
        return ADDRESS_ABS;
    }
    if (bit(insn, 23)) {
        op->imm = insn & 0xFFF;
        return ADDRESS_IMM;
    }
    if (!bit(insn, 11)) {
        if (bits(insn, 10, 6) != 0 || RM(insn) == 15)
            return -1;
        op->rm = RM(insn);
        op->imm = bits(insn, 5, 4);
        return ADDRESS_REG;
    }
    bool index = bit(insn, 10), add = bit(insn, 9), write_back = bit(insn, 8);

    op->imm = add ? imm8 : -imm8;
    if (index && add && !write_back)
        return -2;
    if (index)
        return write_back ? ADDRESS_PRE : ADDRESS_IMM;
    return write_back ? ADDRESS_POST : -1;
}

static void unprivileged(struct op *op, enum access access, bool store)
{
    op->x = access;
    op->ra = store;
    op->fn = op_unprivileged;
}

static void store_single(uint32_t insn, struct op *op, struct decoded *d)
{
    static const uint8_t access[3] = {ACCESS_U8, ACCESS_U16, ACCESS_U32};
    unsigned size = bits(insn, 22, 21);
    int form = address_form(insn, op);

    op->rd = RT(insn);
    d->memory = true;
    if (size == 3 || form == -1 || form == ADDRESS_ABS || op->rd == 15)
        decode_undefined(op, d);
    else if (form == -2)
        unprivileged(op, access[size], true);
    else
        op->fn = exec_store[size][form];
}

static void load_single(uint32_t insn, struct op *op, struct decoded *d)
{
    static const uint8_t access[2][3] = {{ACCESS_U8, ACCESS_U16, ACCESS_U32},
                                         {ACCESS_S8, ACCESS_S16, ACCESS_COUNT}};
    unsigned size = bits(insn, 22, 21);
    int form = address_form(insn, op);

    op->rd = RT(insn);
    d->memory = true;
    if (size == 3 || form == -1 || access[bit(insn, 24)][size] == ACCESS_COUNT) {
        decode_undefined(op, d);
        return;
    }
    if (form == -2) {
        unprivileged(op, access[bit(insn, 24)][size], false);
        return;
    }
    if (op->rd == 15 && size != 2) {
        /* PLD, PLI and unallocated hints, A5.3.8 and A5.3.9; with write-back UNPREDICTABLE */
        if (form == ADDRESS_PRE || form == ADDRESS_POST)
            decode_undefined(op, d);
        else
            op->fn = op_pld;
        return;
    }
    if (op->rd == 15) {
        op->fn = exec_load_pc[form];
        set_cycles(op, 3);
        d->ends = true;
        return;
    }
    op->fn = exec_load[access[bit(insn, 24)][size]][form];
    d->aligns_sp = op->rd == 13;
}

/* ---- A5.3.12 to A5.3.15: data processing, register ---- */

static void data_register(uint32_t insn, struct op *op, struct decoded *d)
{
    unsigned op1 = bits(insn, 23, 20), op2 = bits(insn, 7, 4);

    op->rn = RN(insn);
    op->rd = RD(insn);
    op->rm = RM(insn);
    /* Rn = 15 makes SXTAB and the like SXTB. */
    if (RT(insn) != 15 || op->rd == 15 || op->rm == 15 ||
        (op->rn == 15 && !(op1 < 8 && op2 >= 8))) {
        decode_undefined(op, d);
        return;
    }
    if (op1 < 8 && op2 == 0) {
        decode_shift_by_register(op, d, op1 >> 1, op1 & 1);
        return;
    }
    if (op1 < 8 && op2 >= 8 && op2 < 12) {
        static op_fn *const extend[8] = {op_sxth, op_uxth, op_sxtb16, op_uxtb16,
                                         op_sxtb, op_uxtb, NULL,      NULL};
        static op_fn *const extend_add[8] = {op_sxtah, op_uxtah, op_sxtab16, op_uxtab16,
                                             op_sxtab, op_uxtab, NULL,       NULL};

        op->imm = bits(insn, 5, 4) * 8;
        op->fn = op->rn == 15 ? extend[op1] : extend_add[op1];
        d->simple = true;
    } else if (op1 >= 8 && op2 < 8) {
        /* rows of exec_parallel: ADD8 ADD16 ASX SUB8 SUB16 SAX */
        static const int columns[8] = {0, 1, 2, -1, 3, 4, 5, -1};
        int column = columns[op1 & 7];

        if (column >= 0 && (op2 & 3) != 3)
            op->fn = exec_parallel[(op2 & 4 ? 3 : 0) + (op2 & 3)][column];
        else
            op->fn = NULL;
    } else if (op1 >= 8 && op1 < 12 && op2 >= 8 && op2 < 12) {
        static op_fn *const table[4][4] = {{op_qadd, op_qdadd, op_qsub, op_qdsub},
                                           {op_rev, op_rev16, op_rbit, op_revsh},
                                           {op_sel, NULL, NULL, NULL},
                                           {op_clz, NULL, NULL, NULL}};

        op->fn = table[op1 & 3][op2 & 3];
    } else {
        op->fn = NULL;
    }
    if (op->fn == NULL)
        decode_undefined(op, d);
}

/* ---- A5.3.16, A5.3.17: multiplication, division ---- */

static void multiply(uint32_t insn, struct op *op, struct decoded *d)
{
    unsigned op2 = bits(insn, 5, 4);
    bool no_ra = RT(insn) == 15;

    op->rn = RN(insn);
    op->rm = RM(insn);
    op->ra = no_ra ? NO_REG : RT(insn);
    op->rd = RD(insn);
    op->x = (uint8_t)op2;
    op->fn = NULL;
    switch (bits(insn, 22, 20)) {
    case 0:
        if (op2 == 0)
            op->fn = no_ra ? op_mul : op_mla;
        else if (op2 == 1 && !no_ra)
            op->fn = op_mls;
        break;
    case 1:
        op->fn = no_ra ? op_smulxy : op_smlaxy;
        break;
    case 2:
        if (op2 < 2)
            op->fn = no_ra ? op_smuad : op_smlad;
        break;
    case 3:
        if (op2 < 2)
            op->fn = no_ra ? op_smulw : op_smlaw;
        break;
    case 4:
        if (op2 < 2)
            op->fn = no_ra ? op_smusd : op_smlsd;
        break;
    case 5:
        if (op2 < 2)
            op->fn = no_ra ? op_smmul : op_smmla;
        break;
    case 6:
        if (op2 < 2 && !no_ra)
            op->fn = op_smmls;
        break;
    default:
        if (op2 == 0)
            op->fn = no_ra ? op_usad8 : op_usada8;
        break;
    }
    if (op->fn == NULL || bits(insn, 7, 6) != 0 || op->rd == 15 || op->rn == 15 || op->rm == 15)
        decode_undefined(op, d);
}

static void multiply_long(uint32_t insn, struct op *op, struct decoded *d)
{
    unsigned op2 = bits(insn, 7, 4);

    op->rn = RN(insn);
    op->rm = RM(insn);
    op->ra = RT(insn);
    op->rd = RD(insn);
    op->x = op2 & 3;
    op->fn = NULL;
    set_cycles(op, 2);
    switch (bits(insn, 22, 20)) {
    case 0:
        op->fn = op2 == 0 ? op_smull : NULL;
        break;
    case 1:
    case 3:
        set_cycles(op, 3);
        if (op2 == 15 && op->ra == 15)
            op->fn = bit(insn, 21) ? op_udiv : op_sdiv;
        break;
    case 2:
        op->fn = op2 == 0 ? op_umull : NULL;
        break;
    case 4:
        if (op2 == 0)
            op->fn = op_smlal;
        else if (op2 >> 2 == 2)
            op->fn = op_smlalxy;
        else if (op2 >> 1 == 6)
            op->fn = op_smlald;
        break;
    case 5:
        op->fn = op2 >> 1 == 6 ? op_smlsld : NULL;
        break;
    case 6:
        op->fn = op2 == 0 ? op_umlal : op2 == 6 ? op_umaal : NULL;
        break;
    default:
        break;
    }
    if (op->fn == op_sdiv || op->fn == op_udiv)
        op->ra = NO_REG;
    if (op->fn == NULL || op->rd == 15 || op->ra == 15 || op->rn == 15 || op->rm == 15)
        decode_undefined(op, d);
}

/* ---- A5.3.18: coprocessors ---- */

static void op_no_coprocessor(struct cpu *c, const struct op *op)
{
    cpu_sync(c, op, EXC_USAGE_FAULT, CFSR_NOCP, 0);
}

static void coprocessor(uint32_t insn, struct op *op, struct decoded *d)
{
    unsigned number = bits(insn, 11, 8);

    if (number == 10 || number == 11) {
        if (!decode_fp(insn, op, &d->ends))
            decode_undefined(op, d);
        d->flags_used = FLAGS_ALL; /* VMRS to APSR sets them, others may fault */
    } else {
        op->fn = op_no_coprocessor;
        d->ends = true;
    }
}

void decode32(struct cpu *c, uint32_t insn, struct op *op, struct decoded *d)
{
    (void)c;
    if (bit(insn, 26) && bits(insn, 28, 27) != 2) {
        coprocessor(insn, op, d);
        return;
    }
    switch (bits(insn, 28, 27)) {
    case 1:
        if (bits(insn, 26, 25) == 1)
            data_shifted_register(insn, op, d);
        else if (bit(insn, 22))
            dual_exclusive_table(insn, op, d);
        else
            load_store_multiple(insn, op, d);
        return;
    case 2:
        if (bit(insn, 15))
            branch_or_control(insn, op, d);
        else if (bit(insn, 25))
            data_plain_immediate(insn, op, d);
        else
            data_modified_immediate(insn, op, d);
        return;
    case 3:
        switch (bits(insn, 26, 24)) {
        case 0:
        case 1:
            if (bit(insn, 20))
                load_single(insn, op, d);
            else if (bit(insn, 24))
                decode_undefined(op, d);
            else
                store_single(insn, op, d);
            return;
        case 2:
            data_register(insn, op, d);
            return;
        case 3:
            if (bit(insn, 23))
                multiply_long(insn, op, d);
            else
                multiply(insn, op, d);
            return;
        default:
            break;
        }
        break;
    default:
        break;
    }
    decode_undefined(op, d);
}
