/*
 * Data processing: ARMv7-M ARM A5.2.1, A5.3.1, A5.3.3, A5.3.11 and the instruction pages of A7.7.
 */
#include "exec.h"

/* AddWithCarry() of A2.2.1, with its flags. */
static inline uint32_t add_with_carry(struct cpu *c, uint32_t a, uint32_t b, uint32_t carry)
{
    uint64_t sum = (uint64_t)a + b + carry;
    uint32_t result = (uint32_t)sum;

    set_nz(c, result);
    c->cf = (uint32_t)(sum >> 32);
    c->vf = (a ^ result) & (b ^ result);
    return result;
}

/* ---- the second operand, and the carry that a flag-setting logical operation takes from it ----
 */

#define OPERAND_VALUE_IMM   (op->imm)
#define OPERAND_VALUE_REG   (c->r[op->rm])
#define OPERAND_VALUE_LSL   (c->r[op->rm] << op->imm)
#define OPERAND_VALUE_SHIFT (shift_c(op->x, c->r[op->rm], op->imm, c->cf, &carry))

#define OPERAND_CARRY_IMM                                                                          \
    if (op->x != CARRY_KEPT)                                                                       \
    c->cf = op->x
#define OPERAND_CARRY_REG
#define OPERAND_CARRY_LSL   c->cf = carry
#define OPERAND_CARRY_SHIFT c->cf = carry

/* The carry is computed from rm before rd is written. */
#define OPERAND_BEFORE_IMM
#define OPERAND_BEFORE_REG
#define OPERAND_BEFORE_LSL   uint32_t carry = c->r[op->rm] >> (32 - op->imm) & 1
#define OPERAND_BEFORE_SHIFT uint32_t carry = 0

#define LOGICAL(NAME, FORM, EXPRESSION)                                                            \
    static void NAME##_##FORM(struct cpu *c, const struct op *op)                                  \
    {                                                                                              \
        OPERAND_BEFORE_##FORM;                                                                     \
        uint32_t b = OPERAND_VALUE_##FORM;                                                         \
        UNUSED_CARRY_##FORM;                                                                       \
        c->r[op->rd] = EXPRESSION;                                                                 \
        NEXT;                                                                                      \
    }                                                                                              \
    static void NAME##s_##FORM(struct cpu *c, const struct op *op)                                 \
    {                                                                                              \
        OPERAND_BEFORE_##FORM;                                                                     \
        uint32_t b = OPERAND_VALUE_##FORM;                                                         \
        uint32_t result = EXPRESSION;                                                              \
        set_nz(c, result);                                                                         \
        OPERAND_CARRY_##FORM;                                                                      \
        c->r[op->rd] = result;                                                                     \
        NEXT;                                                                                      \
    }
#define UNUSED_CARRY_IMM
#define UNUSED_CARRY_REG
#define UNUSED_CARRY_LSL   (void)carry
#define UNUSED_CARRY_SHIFT (void)carry

#define LOGICAL_TEST(NAME, FORM, EXPRESSION)                                                       \
    static void NAME##s_##FORM(struct cpu *c, const struct op *op)                                 \
    {                                                                                              \
        OPERAND_BEFORE_##FORM;                                                                     \
        uint32_t b = OPERAND_VALUE_##FORM;                                                         \
        set_nz(c, EXPRESSION);                                                                     \
        OPERAND_CARRY_##FORM;                                                                      \
        NEXT;                                                                                      \
    }

#define ARITHMETIC(NAME, FORM, A, B, CARRY)                                                        \
    static void NAME##_##FORM(struct cpu *c, const struct op *op)                                  \
    {                                                                                              \
        OPERAND_BEFORE_##FORM;                                                                     \
        uint32_t b = OPERAND_VALUE_##FORM;                                                         \
        UNUSED_CARRY_##FORM;                                                                       \
        c->r[op->rd] = (A) + (B) + (CARRY);                                                        \
        NEXT;                                                                                      \
    }                                                                                              \
    static void NAME##s_##FORM(struct cpu *c, const struct op *op)                                 \
    {                                                                                              \
        OPERAND_BEFORE_##FORM;                                                                     \
        uint32_t b = OPERAND_VALUE_##FORM;                                                         \
        UNUSED_CARRY_##FORM;                                                                       \
        c->r[op->rd] = add_with_carry(c, A, B, CARRY);                                             \
        NEXT;                                                                                      \
    }

#define ARITHMETIC_TEST(NAME, FORM, A, B, CARRY)                                                   \
    static void NAME##s_##FORM(struct cpu *c, const struct op *op)                                 \
    {                                                                                              \
        OPERAND_BEFORE_##FORM;                                                                     \
        uint32_t b = OPERAND_VALUE_##FORM;                                                         \
        UNUSED_CARRY_##FORM;                                                                       \
        add_with_carry(c, A, B, CARRY);                                                            \
        NEXT;                                                                                      \
    }

#define N (c->r[op->rn])

#define ALL_OPERATIONS(FORM)                                                                       \
    LOGICAL(and, FORM, N &b)                                                                       \
    LOGICAL(bic, FORM, N & ~b)                                                                     \
    LOGICAL(orr, FORM, N | b)                                                                      \
    LOGICAL(orn, FORM, N | ~b)                                                                     \
    LOGICAL(eor, FORM, N ^ b)                                                                      \
    LOGICAL(mov, FORM, b)                                                                          \
    LOGICAL(mvn, FORM, ~b)                                                                         \
    LOGICAL_TEST(tst, FORM, N &b)                                                                  \
    LOGICAL_TEST(teq, FORM, N ^ b)                                                                 \
    ARITHMETIC(add, FORM, N, b, 0)                                                                 \
    ARITHMETIC(adc, FORM, N, b, c->cf)                                                             \
    ARITHMETIC(sub, FORM, N, ~b, 1)                                                                \
    ARITHMETIC(sbc, FORM, N, ~b, c->cf)                                                            \
    ARITHMETIC(rsb, FORM, ~N, b, 1)                                                                \
    ARITHMETIC_TEST(cmp, FORM, N, ~b, 1)                                                           \
    ARITHMETIC_TEST(cmn, FORM, N, b, 0)

ALL_OPERATIONS(IMM)
ALL_OPERATIONS(REG)
ALL_OPERATIONS(LSL)
ALL_OPERATIONS(SHIFT)

#define FORMS(NAME)                                                                                \
    {                                                                                              \
        {NAME##_IMM, NAME##s_IMM}, {NAME##_REG, NAME##s_REG}, {NAME##_LSL, NAME##s_LSL},           \
        {                                                                                          \
            NAME##_SHIFT, NAME##s_SHIFT                                                            \
        }                                                                                          \
    }
/* A test without its flags does nothing. */
#define TEST_FORMS(NAME)                                                                           \
    {                                                                                              \
        {op_nop, NAME##s_IMM}, {op_nop, NAME##s_REG}, {op_nop, NAME##s_LSL},                       \
        {                                                                                          \
            op_nop, NAME##s_SHIFT                                                                  \
        }                                                                                          \
    }

op_fn *const exec_alu[ALU_COUNT][OPERAND_COUNT][2] = {
    [ALU_AND] = FORMS(and),      [ALU_BIC] = FORMS(bic),      [ALU_ORR] = FORMS(orr),
    [ALU_ORN] = FORMS(orn),      [ALU_EOR] = FORMS(eor),      [ALU_MOV] = FORMS(mov),
    [ALU_MVN] = FORMS(mvn),      [ALU_TST] = TEST_FORMS(tst), [ALU_TEQ] = TEST_FORMS(teq),
    [ALU_ADD] = FORMS(add),      [ALU_ADC] = FORMS(adc),      [ALU_SUB] = FORMS(sub),
    [ALU_SBC] = FORMS(sbc),      [ALU_RSB] = FORMS(rsb),      [ALU_CMP] = TEST_FORMS(cmp),
    [ALU_CMN] = TEST_FORMS(cmn),
};

/* ---- shifts by register: the amount is the low byte of rm (A7.7.69 and alike) ---- */

#define SHIFT_BY_REGISTER(NAME, TYPE)                                                              \
    static void NAME(struct cpu *c, const struct op *op)                                           \
    {                                                                                              \
        uint32_t carry;                                                                            \
        c->r[op->rd] = shift_c(TYPE, N, c->r[op->rm] & 0xFF, c->cf, &carry);                       \
        NEXT;                                                                                      \
    }                                                                                              \
    static void NAME##s(struct cpu *c, const struct op *op)                                        \
    {                                                                                              \
        uint32_t result = shift_c(TYPE, N, c->r[op->rm] & 0xFF, c->cf, &c->cf);                    \
        set_nz(c, result);                                                                         \
        c->r[op->rd] = result;                                                                     \
        NEXT;                                                                                      \
    }
SHIFT_BY_REGISTER(lsl_by, SHIFT_LSL)
SHIFT_BY_REGISTER(lsr_by, SHIFT_LSR)
SHIFT_BY_REGISTER(asr_by, SHIFT_ASR)
SHIFT_BY_REGISTER(ror_by, SHIFT_ROR)

op_fn *const exec_shift_reg[4][2] = {
    {lsl_by, lsl_bys},
    {lsr_by, lsr_bys},
    {asr_by, asr_bys},
    {ror_by, ror_bys},
};

/* ---- bit fields, extension, reversal ---- */

void op_nop(struct cpu *c, const struct op *op)
{
    NEXT;
}

/* SP[1:0] are always zero (B1.4.1). */
void op_align_sp(struct cpu *c, const struct op *op)
{
    c->r[13] &= ~3u;
    NEXT;
}

void op_movt(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = (c->r[op->rd] & 0xFFFF) | op->imm << 16;
    NEXT;
}

/* Bit fields: imm = mask of the field in place, imm2 = its lowest bit. */
void op_bfi(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = (c->r[op->rd] & ~op->imm) | ((N << op->imm2) & op->imm);
    NEXT;
}

void op_bfc(struct cpu *c, const struct op *op)
{
    c->r[op->rd] &= ~op->imm;
    NEXT;
}

/* Extracts: imm = left shift that puts the field's top bit into bit 31, imm2 = right shift after
 * it. */
void op_ubfx(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = N << op->imm >> op->imm2;
    NEXT;
}

void op_sbfx(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = (uint32_t)((int32_t)(N << op->imm) >> op->imm2);
    NEXT;
}

void op_clz(struct cpu *c, const struct op *op)
{
    uint32_t value = c->r[op->rm];

    c->r[op->rd] = value ? (uint32_t)__builtin_clz(value) : 32;
    NEXT;
}

void op_rbit(struct cpu *c, const struct op *op)
{
    uint32_t v = __builtin_bswap32(c->r[op->rm]);

    v = (v & 0x0F0F0F0F) << 4 | (v >> 4 & 0x0F0F0F0F);
    v = (v & 0x33333333) << 2 | (v >> 2 & 0x33333333);
    v = (v & 0x55555555) << 1 | (v >> 1 & 0x55555555);
    c->r[op->rd] = v;
    NEXT;
}

void op_rev(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = __builtin_bswap32(c->r[op->rm]);
    NEXT;
}

void op_rev16(struct cpu *c, const struct op *op)
{
    uint32_t v = c->r[op->rm];

    c->r[op->rd] = (v & 0x00FF00FF) << 8 | (v >> 8 & 0x00FF00FF);
    NEXT;
}

void op_revsh(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = (uint32_t)(int16_t)__builtin_bswap16((uint16_t)c->r[op->rm]);
    NEXT;
}

static inline uint32_t rotated(const struct cpu *c, const struct op *op)
{
    uint32_t v = c->r[op->rm];

    return op->imm ? v >> op->imm | v << (32 - op->imm) : v;
}

#define EXTEND(NAME, EXPRESSION)                                                                   \
    void NAME(struct cpu *c, const struct op *op)                                                  \
    {                                                                                              \
        uint32_t v = rotated(c, op);                                                               \
        c->r[op->rd] = EXPRESSION;                                                                 \
        NEXT;                                                                                      \
    }
EXTEND(op_sxtb, (uint32_t)(int8_t)v)
EXTEND(op_sxth, (uint32_t)(int16_t)v)
EXTEND(op_uxtb, v & 0xFF)
EXTEND(op_uxth, v & 0xFFFF)
EXTEND(op_sxtab, N + (uint32_t)(int8_t)v)
EXTEND(op_sxtah, N + (uint32_t)(int16_t)v)
EXTEND(op_uxtab, N + (v & 0xFF))
EXTEND(op_uxtah, N + (v & 0xFFFF))

#define HALVES(LOW, HIGH) (((uint32_t)(LOW)&0xFFFF) | (uint32_t)(HIGH) << 16)

EXTEND(op_sxtb16, HALVES((int8_t)v, (int8_t)(v >> 16)))
EXTEND(op_uxtb16, v & 0x00FF00FF)
EXTEND(op_sxtab16, HALVES(N + (uint32_t)(int8_t)v, (N >> 16) + (uint32_t)(int8_t)(v >> 16)))
EXTEND(op_uxtab16, HALVES(N + (v & 0xFF), (N >> 16) + (v >> 16 & 0xFF)))
