/*
 * Decoding of floating-point instructions: ARMv7-M ARM DDI0403E A6.4 to A6.6, encodings of A7.7.
 *
 * What the architecture calls UNPREDICTABLE is undefined here: transfers with PC or SP as core
 * register, register lists that are empty or too long, VLDM/VSTM/VSTR with PC as base, (0) and (1)
 * bits of another value where other encodings could grow. With 16 double registers, a number above
 * 15 is undefined.
 *
 * Costs are cycles for which the instruction keeps the pipeline, measured on STM32H7 by others; Arm
 * publishes none: https://www.quinapalus.com/cm7cycles.html, and the Cortex-M7 notes in
 * https://github.com/jnk0le/random ("pipeline cycle test"). Double precision VADD takes 1 to 2
 * cycles by the exponents; VMUL 5; chained VMLA and VFMA 5 to 7. Division and square root block
 * until they are done.
 */
#include "exec_fp.h"

enum cost {
    COST_MOVE = 1,
    COST_ADD_F32 = 1,
    COST_ADD_F64 = 2,
    COST_MUL_F32 = 1,
    COST_MUL_F64 = 5,
    COST_MLA_F32 = 2,
    COST_MLA_F64 = 7,
    COST_FMA_F32 = 1,
    COST_FMA_F64 = 7,
    COST_DIV_F32 = 16,
    COST_DIV_F64 = 30,
    COST_SQRT_F32 = 14,
    COST_SQRT_F64 = 28,
    COST_CONVERT_F32 = 1,
    COST_CONVERT_F64 = 2,
    COST_FPSCR = 2,
};

/* What an operand is, given the precision that the sz bit names. */
enum operand_kind {
    NONE,
    OWN,    /* a register of that precision */
    OTHER,  /* of the other one */
    SINGLE, /* an S register always */
};

/* Where op->x comes from. */
enum extra {
    PLAIN,       /* the row's own value */
    TOP_HALF,    /* bit 7 */
    RM_FIELD,    /* bits 17:16: A, N, P, M */
    SELECT_COND, /* bits 21:20: EQ, VS, GE, GT */
};

struct row {
    uint32_t mask, value;
    op_fn *fn[2]; /* single, double precision */
    uint8_t d, n, m;
    uint8_t cost[2];
    uint8_t extra, x;
};

#define BOTH(NAME)                                                                                 \
    {                                                                                              \
        op_##NAME##_f32, op_##NAME##_f64                                                           \
    }
#define COST(NAME)                                                                                 \
    {                                                                                              \
        COST_##NAME##_F32, COST_##NAME##_F64                                                       \
    }
#define COST_MOVES                                                                                 \
    {                                                                                              \
        COST_MOVE, COST_MOVE                                                                       \
    }

/* clang-format off */
static const struct row rows[] = {
    {0xFFB00E50, 0xEE000A00, BOTH(vmla),  OWN, OWN, OWN, COST(MLA), PLAIN, 0},
    {0xFFB00E50, 0xEE000A40, BOTH(vmls),  OWN, OWN, OWN, COST(MLA), PLAIN, 0},
    {0xFFB00E50, 0xEE100A00, BOTH(vnmls), OWN, OWN, OWN, COST(MLA), PLAIN, 0},
    {0xFFB00E50, 0xEE100A40, BOTH(vnmla), OWN, OWN, OWN, COST(MLA), PLAIN, 0},
    {0xFFB00E50, 0xEE200A00, BOTH(vmul),  OWN, OWN, OWN, COST(MUL), PLAIN, 0},
    {0xFFB00E50, 0xEE200A40, BOTH(vnmul), OWN, OWN, OWN, COST(MUL), PLAIN, 0},
    {0xFFB00E50, 0xEE300A00, BOTH(vadd),  OWN, OWN, OWN, COST(ADD), PLAIN, 0},
    {0xFFB00E50, 0xEE300A40, BOTH(vsub),  OWN, OWN, OWN, COST(ADD), PLAIN, 0},
    {0xFFB00E50, 0xEE800A00, BOTH(vdiv),  OWN, OWN, OWN, COST(DIV), PLAIN, 0},
    {0xFFB00E50, 0xEE900A00, BOTH(vfnms), OWN, OWN, OWN, COST(FMA), PLAIN, 0},
    {0xFFB00E50, 0xEE900A40, BOTH(vfnma), OWN, OWN, OWN, COST(FMA), PLAIN, 0},
    {0xFFB00E50, 0xEEA00A00, BOTH(vfma),  OWN, OWN, OWN, COST(FMA), PLAIN, 0},
    {0xFFB00E50, 0xEEA00A40, BOTH(vfms),  OWN, OWN, OWN, COST(FMA), PLAIN, 0},

    {0xFFBF0ED0, 0xEEB00A40, BOTH(vmov),  OWN, NONE, OWN, COST_MOVES, PLAIN, 0},
    {0xFFBF0ED0, 0xEEB00AC0, BOTH(vabs),  OWN, NONE, OWN, COST_MOVES, PLAIN, 0},
    {0xFFBF0ED0, 0xEEB10A40, BOTH(vneg),  OWN, NONE, OWN, COST_MOVES, PLAIN, 0},
    {0xFFBF0ED0, 0xEEB10AC0, BOTH(vsqrt), OWN, NONE, OWN, COST(SQRT), PLAIN, 0},
    {0xFFBF0ED0, 0xEEB40A40, BOTH(vcmp),  OWN, NONE, OWN, COST_MOVES, PLAIN, 0},
    {0xFFBF0ED0, 0xEEB40AC0, BOTH(vcmpe), OWN, NONE, OWN, COST_MOVES, PLAIN, 0},
    {0xFFBF0EFF, 0xEEB50A40, BOTH(vcmp0),  OWN, NONE, NONE, COST_MOVES, PLAIN, 0},
    {0xFFBF0EFF, 0xEEB50AC0, BOTH(vcmpe0), OWN, NONE, NONE, COST_MOVES, PLAIN, 0},

    {0xFFBF0E50, 0xEEB20A40, {op_vcvt_f32_f16, op_vcvt_f64_f16}, OWN, NONE, SINGLE, COST(CONVERT), TOP_HALF, 0},
    {0xFFBF0E50, 0xEEB30A40, {op_vcvt_f16_f32, op_vcvt_f16_f64}, SINGLE, NONE, OWN, COST(CONVERT), TOP_HALF, 0},
    {0xFFBF0ED0, 0xEEB60A40, BOTH(vrint),  OWN, NONE, OWN, COST(CONVERT), PLAIN, ROUND_AS_FPSCR}, /* VRINTR */
    {0xFFBF0ED0, 0xEEB60AC0, BOTH(vrint),  OWN, NONE, OWN, COST(CONVERT), PLAIN, FPU_TO_ZERO},    /* VRINTZ */
    {0xFFBF0ED0, 0xEEB70A40, BOTH(vrintx), OWN, NONE, OWN, COST(CONVERT), PLAIN, ROUND_AS_FPSCR},
    {0xFFBF0ED0, 0xEEB70AC0, {op_vcvt_f64_f32, op_vcvt_f32_f64}, OTHER, NONE, OWN, COST(CONVERT), PLAIN, 0},
    {0xFFBF0ED0, 0xEEB80A40, {op_vcvt_f32_u32, op_vcvt_f64_u32}, OWN, NONE, SINGLE, COST(CONVERT), PLAIN, ROUND_AS_FPSCR},
    {0xFFBF0ED0, 0xEEB80AC0, {op_vcvt_f32_s32, op_vcvt_f64_s32}, OWN, NONE, SINGLE, COST(CONVERT), PLAIN, ROUND_AS_FPSCR},
    {0xFFBF0ED0, 0xEEBC0A40, {op_vcvtr_u32_f32, op_vcvtr_u32_f64}, SINGLE, NONE, OWN, COST(CONVERT), PLAIN, ROUND_AS_FPSCR},
    {0xFFBF0ED0, 0xEEBC0AC0, {op_vcvt_u32_f32, op_vcvt_u32_f64}, SINGLE, NONE, OWN, COST(CONVERT), PLAIN, 0},
    {0xFFBF0ED0, 0xEEBD0A40, {op_vcvtr_s32_f32, op_vcvtr_s32_f64}, SINGLE, NONE, OWN, COST(CONVERT), PLAIN, ROUND_AS_FPSCR},
    {0xFFBF0ED0, 0xEEBD0AC0, {op_vcvt_s32_f32, op_vcvt_s32_f64}, SINGLE, NONE, OWN, COST(CONVERT), PLAIN, 0},

    {0xFF800E50, 0xFE000A00, BOTH(vsel),   OWN, OWN, OWN, COST_MOVES, SELECT_COND, 0},
    {0xFFB00E50, 0xFE800A00, BOTH(vmaxnm), OWN, OWN, OWN, COST(ADD), PLAIN, 0},
    {0xFFB00E50, 0xFE800A40, BOTH(vminnm), OWN, OWN, OWN, COST(ADD), PLAIN, 0},
    {0xFFBC0ED0, 0xFEB80A40, BOTH(vrint),  OWN, NONE, OWN, COST(CONVERT), RM_FIELD, 0},
    {0xFFBC0ED0, 0xFEBC0A40, {op_vcvtr_u32_f32, op_vcvtr_u32_f64}, SINGLE, NONE, OWN, COST(CONVERT), RM_FIELD, 0},
    {0xFFBC0ED0, 0xFEBC0AC0, {op_vcvtr_s32_f32, op_vcvtr_s32_f64}, SINGLE, NONE, OWN, COST(CONVERT), RM_FIELD, 0},
};
/* clang-format on */

/* A register number: four bits at `low` and one at `extra`, which is the least significant one of
   an S register and the most significant one of a D register. False: no such register. */
static bool register_number(uint32_t insn, unsigned low, unsigned extra, bool is_double,
                            uint8_t *number)
{
    uint32_t four = insn >> low & 15, one = insn >> extra & 1;

    *number = (uint8_t)(is_double ? one << 4 | four : four << 1 | one);
    return !is_double || *number < 16;
}

static bool operand(uint32_t insn, unsigned low, unsigned extra, enum operand_kind kind,
                    bool is_double, uint8_t *number)
{
    if (kind == NONE)
        return true;
    return register_number(insn, low, extra,
                           kind == OWN     ? is_double
                           : kind == OTHER ? !is_double
                                           : false,
                           number);
}

/* VFPExpandImm(): the sign, exponent and fraction of the upper word. */
static uint32_t expand_immediate(uint32_t imm8, bool is_double)
{
    uint32_t sign = imm8 >> 7 << 31, b = imm8 >> 6 & 1, rest = imm8 & 63;

    if (is_double)
        return sign | (b ? 0x3FC00000u : 0x40000000u) | rest << 16;
    return sign | (b ? 0x3E000000u : 0x40000000u) | rest << 19;
}

static bool decode_move_immediate(uint32_t insn, struct op *op)
{
    bool is_double = insn >> 8 & 1;

    op->fn = is_double ? op_vmov_imm_f64 : op_vmov_imm_f32;
    op->imm = expand_immediate((insn >> 12 & 0xF0) | (insn & 15), is_double);
    op->cycles = COST_MOVE;
    return register_number(insn, 12, 22, is_double, &op->rd);
}

static bool decode_fixed_point(uint32_t insn, struct op *op)
{
    bool is_double = insn >> 8 & 1, to_fixed = insn >> 18 & 1;
    uint32_t bits = insn & 1 << 7 ? 32 : 16;
    uint32_t integer_bits = (insn & 15) << 1 | (insn >> 5 & 1);

    if (integer_bits > bits)
        return false;
    if (to_fixed)
        op->fn = is_double ? op_vcvt_fixed_f64 : op_vcvt_fixed_f32;
    else
        op->fn = is_double ? op_vcvt_f64_fixed : op_vcvt_f32_fixed;
    op->imm = bits - integer_bits;
    op->imm2 = bits;
    op->x = insn >> 16 & 1;
    op->cycles = is_double ? COST_CONVERT_F64 : COST_CONVERT_F32;
    return register_number(insn, 12, 22, is_double, &op->rd);
}

static bool decode_processing(uint32_t insn, struct op *op)
{
    static const uint8_t rm_field[4] = {FPU_TIES_AWAY, FPU_TO_NEAREST, FPU_TO_PLUS, FPU_TO_MINUS};
    static const uint8_t select_cond[4] = {0, 6, 10, 12};
    bool is_double = insn >> 8 & 1;

    if ((insn & 0xFFB00EF0) == 0xEEB00A00)
        return decode_move_immediate(insn, op);
    if ((insn & 0xFFBA0E50) == 0xEEBA0A40)
        return decode_fixed_point(insn, op);

    const struct row *row = rows, *end = rows + sizeof rows / sizeof rows[0];
    while (row < end && (insn & row->mask) != row->value)
        row++;
    if (row == end)
        return false;
    op->fn = row->fn[is_double];
    op->cycles = row->cost[is_double];
    switch (row->extra) {
    case PLAIN:
        op->x = row->x;
        break;
    case TOP_HALF:
        op->x = insn >> 7 & 1;
        break;
    case RM_FIELD:
        op->x = rm_field[insn >> 16 & 3];
        break;
    case SELECT_COND:
        op->x = select_cond[insn >> 20 & 3];
        break;
    }
    return operand(insn, 12, 22, row->d, is_double, &op->rd) &&
           operand(insn, 16, 7, row->n, is_double, &op->rn) &&
           operand(insn, 0, 5, row->m, is_double, &op->rm);
}

/* A core register that may be transferred. */
static bool core_register(uint32_t number, uint8_t *out)
{
    *out = (uint8_t)number;
    return number != 13 && number != 15;
}

/* A6.6: 32-bit transfers. */
static bool decode_transfer(uint32_t insn, struct op *op)
{
    bool to_core = insn >> 20 & 1;
    uint8_t n;

    op->cycles = COST_MOVE;
    if ((insn & 0xFFE00F7F) == 0xEE000A10) { /* VMOV Sn, Rt */
        register_number(insn, 16, 7, false, &n);
    } else if ((insn & 0xFFC00FFF) ==
               0xEE000B10) { /* VMOV.32 Dn[x], Rt; D16 and up have bit 7 set */
        register_number(insn, 16, 7, true, &n);
        n = (uint8_t)(n * 2 + (insn >> 21 & 1));
    } else if ((insn & 0xFFEF0FFF) == 0xEEE10A10) { /* VMRS, VMSR FPSCR */
        op->cycles = COST_FPSCR;
        op->fn = to_core ? op_vmrs : op_vmsr;
        if (to_core && (insn >> 12 & 15) == 15) {
            op->fn = op_vmrs_apsr;
            return true;
        }
        return core_register(insn >> 12 & 15, &op->ra);
    } else {
        return false;
    }
    op->fn = to_core ? op_vmov_r_s : op_vmov_s_r;
    *(to_core ? &op->rm : &op->rd) = n;
    return core_register(insn >> 12 & 15, &op->ra);
}

/* A6.5.1: 64-bit transfers. */
static bool decode_transfer_64(uint32_t insn, struct op *op)
{
    bool is_double = insn >> 8 & 1, to_core = insn >> 20 & 1;

    if (!register_number(insn, 0, 5, is_double, &op->rm))
        return false;
    if (is_double)
        op->rm = (uint8_t)(op->rm * 2);
    else if (op->rm == 31)
        return false;
    op->fn = to_core ? op_vmov_rr_ss : op_vmov_ss_rr;
    op->cycles = COST_MOVE;
    if (!core_register(insn >> 12 & 15, &op->ra) || !core_register(insn >> 16 & 15, &op->rn))
        return false;
    return !(to_core && op->ra == op->rn);
}

/* A6.5: VLDR, VSTR, VLDM, VSTM; VPUSH and VPOP are VSTM and VLDM. */
static bool decode_load_store(uint32_t insn, struct op *op)
{
    bool p = insn >> 24 & 1, u = insn >> 23 & 1, w = insn >> 21 & 1, load = insn >> 20 & 1;
    bool is_double = insn >> 8 & 1;
    uint32_t imm8 = insn & 255;

    op->rn = insn >> 16 & 15;
    if (!register_number(insn, 12, 22, is_double, &op->rd))
        return false;

    if (p && !w) {
        op->imm = u ? imm8 * 4 : -(imm8 * 4);
        op->cycles = 1;
        if (op->rn == 15) {
            op->fn = is_double ? op_vldr_literal_f64 : op_vldr_literal_f32;
            op->imm += (op->pc & ~3u) + 4;
            return load;
        }
        if (load)
            op->fn = is_double ? op_vldr_f64 : op_vldr_f32;
        else
            op->fn = is_double ? op_vstr_f64 : op_vstr_f32;
        return true;
    }

    /* Increment after (write back or not), or decrement before with write back. */
    if (p == u)
        return false;
    /* An odd count of words for doubles is FLDMX/FSTMX: one word is skipped (A7.7.231). */
    uint32_t words = is_double ? imm8 & ~1u : imm8;
    uint32_t first = is_double ? op->rd * 2u : op->rd;
    if (words == 0 || first + words > 32 || op->rn == 15)
        return false;
    op->rd = (uint8_t)first;
    op->fn = load ? op_vldm : op_vstm;
    op->imm = p ? -(imm8 * 4) : 0;
    op->imm2 = words;
    op->ra = (uint8_t)(!w ? 0 : p ? -imm8 : imm8);
    op->cycles = (uint8_t)((words + 1) / 2);
    return true;
}

bool decode_fp(uint32_t insn, struct op *op, bool *ends_block)
{
    *ends_block = false;
    if ((insn & 0x00000E00) != 0x00000A00) /* coprocessors 10 and 11 */
        return false;
    switch (insn >> 24) {
    case 0xEC:
    case 0xED:
        if ((insn & 0xFFE00ED0) == 0xEC400A10)
            return decode_transfer_64(insn, op);
        return decode_load_store(insn, op);
    case 0xEE:
        return insn & 1 << 4 ? decode_transfer(insn, op) : decode_processing(insn, op);
    case 0xFE:
        return decode_processing(insn, op);
    default:
        return false;
    }
}
