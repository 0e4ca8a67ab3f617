/*
 * Two operations in one handler. What the host has to guess at each handler's end is where it goes
 * on; the most frequent operations, in any order of two, guess half as often. Both ops stay in the
 * block, the second for those who enter there.
 *
 * Each half is an operation of exec_alu.c or exec_mem.c without its slow path: a half that needs it
 * is left to the operation's own handler, which goes on behind it.
 */
#include "exec_link.h"

#define R(n) (c->r[n])

#define DO_MOV(o)     R((o)->rd) = R((o)->rm)
#define DO_MOV_IMM(o) R((o)->rd) = (o)->imm
#define DO_AND_IMM(o) R((o)->rd) = R((o)->rn) & (o)->imm
#define DO_ADD_IMM(o) R((o)->rd) = R((o)->rn) + (o)->imm
#define DO_SUB_IMM(o) R((o)->rd) = R((o)->rn) - (o)->imm
#define DO_ADD(o)     R((o)->rd) = R((o)->rn) + R((o)->rm)
#define DO_ADD_LSL(o) R((o)->rd) = R((o)->rn) + (R((o)->rm) << (o)->imm)
#define DO_MOVS_IMM(o)                                                                             \
    do {                                                                                           \
        set_nz(c, (o)->imm);                                                                       \
        if ((o)->x != CARRY_KEPT)                                                                  \
            c->cf = (o)->x;                                                                        \
        R((o)->rd) = (o)->imm;                                                                     \
    } while (0)

#define LOAD(o, TYPE, ADDRESS, SINGLE)                                                             \
    do {                                                                                           \
        TYPE value;                                                                                \
        uint32_t addr = ADDRESS;                                                                   \
        uintptr_t page = c->read_pages[addr >> PAGE_BITS];                                         \
        if (unlikely(page == 0 || (addr & (sizeof(TYPE) - 1)) != 0))                               \
            return SINGLE(c, o);                                                                   \
        memcpy(&value, (const void *)(page + addr), sizeof(value));                                \
        R((o)->rd) = value;                                                                        \
    } while (0)
#define DO_LDR(o)     LOAD(o, uint32_t, R((o)->rn) + (o)->imm, exec_load[ACCESS_U32][ADDRESS_IMM])
#define DO_LDRH(o)    LOAD(o, uint16_t, R((o)->rn) + (o)->imm, exec_load[ACCESS_U16][ADDRESS_IMM])
#define DO_LDRB(o)    LOAD(o, uint8_t, R((o)->rn) + (o)->imm, exec_load[ACCESS_U8][ADDRESS_IMM])
#define DO_LDR_ABS(o) LOAD(o, uint32_t, (o)->imm, exec_load[ACCESS_U32][ADDRESS_ABS])
#define DO_LDR_REG(o)                                                                              \
    LOAD(o, uint32_t, R((o)->rn) + (R((o)->rm) << (o)->imm), exec_load[ACCESS_U32][ADDRESS_REG])
#define DO_STR(o)                                                                                  \
    do {                                                                                           \
        uint32_t addr = R((o)->rn) + (o)->imm;                                                     \
        uintptr_t page = c->write_pages[addr >> PAGE_BITS];                                        \
        if (unlikely(page == 0 || (addr & 3) != 0))                                                \
            return exec_store[2][ADDRESS_IMM](c, o);                                               \
        memcpy((void *)(page + addr), &R((o)->rd), 4);                                             \
    } while (0)

#define HALVES(DO, FIRST)                                                                          \
    DO(FIRST, MOV)                                                                                 \
    DO(FIRST, MOV_IMM)                                                                             \
    DO(FIRST, AND_IMM)                                                                             \
    DO(FIRST, ADD_IMM)                                                                             \
    DO(FIRST, SUB_IMM)                                                                             \
    DO(FIRST, ADD)                                                                                 \
    DO(FIRST, ADD_LSL)                                                                             \
    DO(FIRST, MOVS_IMM)                                                                            \
    DO(FIRST, LDR)                                                                                 \
    DO(FIRST, LDRH)                                                                                \
    DO(FIRST, LDRB)                                                                                \
    DO(FIRST, LDR_ABS)                                                                             \
    DO(FIRST, LDR_REG)                                                                             \
    DO(FIRST, STR)

#define PAIR(FIRST, SECOND)                                                                        \
    static void FIRST##_##SECOND(struct cpu *c, const struct op *op)                               \
    {                                                                                              \
        const struct op *second = op + 1;                                                          \
        DO_##FIRST(op);                                                                            \
        DO_##SECOND(second);                                                                       \
        return op[2].fn(c, op + 2);                                                                \
    }
/* The second one may also end the block: B, BL, or a compare with the conditional branch that it
 * was joined with. */
#define END_B(o) follow(c, (o) + 1, 1)
#define END_BL(o)                                                                                  \
    R(14) = ((o)->pc + 4) | 1;                                                                     \
    follow(c, (o) + 1, 1)
#define END_COMPARE(o, OPERAND, CONDITION)                                                         \
    uint32_t a = R((o)->rn), b = OPERAND;                                                          \
    set_nz(c, a - b);                                                                              \
    c->cf = a >= b;                                                                                \
    c->vf = (a ^ b) & (a ^ (a - b));                                                               \
    if (CONDITION)                                                                                 \
        follow(c, (o) + 2, 1);                                                                     \
    else                                                                                           \
        follow(c, (o) + 2, 0)
#define END_CMP_IMM_EQ(o) END_COMPARE(o, (o)->imm, a == b)
#define END_CMP_IMM_NE(o) END_COMPARE(o, (o)->imm, a != b)
#define END_CMP_IMM_HI(o) END_COMPARE(o, (o)->imm, a > b)
#define END_CMP_IMM_LS(o) END_COMPARE(o, (o)->imm, a <= b)
#define END_CMP_EQ(o)     END_COMPARE(o, R((o)->rm), a == b)
#define END_CMP_NE(o)     END_COMPARE(o, R((o)->rm), a != b)
#define END_CMP_CS(o)     END_COMPARE(o, R((o)->rm), a >= b)
#define END_CMP_CC(o)     END_COMPARE(o, R((o)->rm), a < b)

#define ENDS(DO, FIRST)                                                                            \
    DO(FIRST, B)                                                                                   \
    DO(FIRST, BL)                                                                                  \
    DO(FIRST, CMP_IMM_EQ)                                                                          \
    DO(FIRST, CMP_IMM_NE)                                                                          \
    DO(FIRST, CMP_IMM_HI)                                                                          \
    DO(FIRST, CMP_IMM_LS)                                                                          \
    DO(FIRST, CMP_EQ)                                                                              \
    DO(FIRST, CMP_NE)                                                                              \
    DO(FIRST, CMP_CS)                                                                              \
    DO(FIRST, CMP_CC)
#define LAST_PAIR(FIRST, SECOND)                                                                   \
    static void FIRST##_##SECOND(struct cpu *c, const struct op *op)                               \
    {                                                                                              \
        const struct op *second = op + 1;                                                          \
        DO_##FIRST(op);                                                                            \
        END_##SECOND(second);                                                                      \
    }

#define ALL_PAIRS(SECONDS, DO)                                                                     \
    SECONDS(DO, MOV)                                                                               \
    SECONDS(DO, MOV_IMM)                                                                           \
    SECONDS(DO, AND_IMM)                                                                           \
    SECONDS(DO, ADD_IMM)                                                                           \
    SECONDS(DO, SUB_IMM)                                                                           \
    SECONDS(DO, ADD)                                                                               \
    SECONDS(DO, ADD_LSL)                                                                           \
    SECONDS(DO, MOVS_IMM)                                                                          \
    SECONDS(DO, LDR)                                                                               \
    SECONDS(DO, LDRH)                                                                              \
    SECONDS(DO, LDRB)                                                                              \
    SECONDS(DO, LDR_ABS)                                                                           \
    SECONDS(DO, LDR_REG)                                                                           \
    SECONDS(DO, STR)
ALL_PAIRS(HALVES, PAIR)
ALL_PAIRS(ENDS, LAST_PAIR)

/* The first halves come first. */
enum {
#define NUMBER(FIRST, HALF) HALF_##HALF,
    HALVES(NUMBER, ) FIRST_COUNT,
    BEFORE_ENDS = FIRST_COUNT - 1,
    ENDS(NUMBER, ) HALF_COUNT
};

#define ENTRY(FIRST, SECOND) [HALF_##FIRST][HALF_##SECOND] = FIRST##_##SECOND,
static op_fn *const pairs[FIRST_COUNT][HALF_COUNT] = {ALL_PAIRS(HALVES, ENTRY)
                                                          ALL_PAIRS(ENDS, ENTRY)};

static op_fn *const b = op_b, *const bl = op_bl;
/* Conditions as encoded (ARMv7-M ARM A7.3). */
enum { EQ = 0, NE = 1, CS = 2, CC = 3, HI = 8, LS = 9 };
static op_fn *const *const halves[HALF_COUNT] = {
    [HALF_MOV] = &exec_alu[ALU_MOV][OPERAND_REG][0],
    [HALF_MOV_IMM] = &exec_alu[ALU_MOV][OPERAND_IMM][0],
    [HALF_AND_IMM] = &exec_alu[ALU_AND][OPERAND_IMM][0],
    [HALF_ADD_IMM] = &exec_alu[ALU_ADD][OPERAND_IMM][0],
    [HALF_SUB_IMM] = &exec_alu[ALU_SUB][OPERAND_IMM][0],
    [HALF_ADD] = &exec_alu[ALU_ADD][OPERAND_REG][0],
    [HALF_ADD_LSL] = &exec_alu[ALU_ADD][OPERAND_LSL][0],
    [HALF_MOVS_IMM] = &exec_alu[ALU_MOV][OPERAND_IMM][1],
    [HALF_LDR] = &exec_load[ACCESS_U32][ADDRESS_IMM],
    [HALF_LDRH] = &exec_load[ACCESS_U16][ADDRESS_IMM],
    [HALF_LDRB] = &exec_load[ACCESS_U8][ADDRESS_IMM],
    [HALF_LDR_ABS] = &exec_load[ACCESS_U32][ADDRESS_ABS],
    [HALF_LDR_REG] = &exec_load[ACCESS_U32][ADDRESS_REG],
    [HALF_STR] = &exec_store[2][ADDRESS_IMM],
    [HALF_B] = &b,
    [HALF_BL] = &bl,
    [HALF_CMP_IMM_EQ] = &exec_cmp_imm_branch[EQ],
    [HALF_CMP_IMM_NE] = &exec_cmp_imm_branch[NE],
    [HALF_CMP_IMM_HI] = &exec_cmp_imm_branch[HI],
    [HALF_CMP_IMM_LS] = &exec_cmp_imm_branch[LS],
    [HALF_CMP_EQ] = &exec_cmp_reg_branch[EQ],
    [HALF_CMP_NE] = &exec_cmp_reg_branch[NE],
    [HALF_CMP_CS] = &exec_cmp_reg_branch[CS],
    [HALF_CMP_CC] = &exec_cmp_reg_branch[CC],
};

static unsigned half_of(const struct op *op)
{
    unsigned half = 0;

    while (half < HALF_COUNT && *halves[half] != op->fn)
        half++;
    return half;
}

void exec_pair_up(struct op *ops, unsigned count)
{
    unsigned next = HALF_COUNT;

    for (unsigned i = count; i-- > 0;) {
        unsigned half = half_of(&ops[i]);

        if (half < FIRST_COUNT && next < HALF_COUNT)
            ops[i].fn = pairs[half][next];
        next = half;
    }
}
