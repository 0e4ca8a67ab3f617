/*
 * Floating-point arithmetic, comparison and conversion: ARMv7-M ARM DDI0403E A7.7.
 *
 * fpu.c knows how to do every operation for every FPSCR and operand. The handlers here take a short
 * cut where the host's arithmetic gives the same: FPSCR rounds to nearest and does not flush,
 * Inexact is already set (it is cumulative and nearly every operation raises it), and the result is
 * a normal number above the smallest one. Then no operand was a NaN or an infinity, nothing else
 * was raised, and subnormal operands count as on the host. Neither the host's rounding mode nor its
 * flags are touched.
 */
#include <math.h>

#include "exec_fp.h"

#define SLOW static __attribute__((noinline, cold)) void

#define ACCESS_OR_RETURN                                                                           \
    do {                                                                                           \
        if (unlikely(c->fp_attention) && !sys_fp_access(c, op))                                    \
            return;                                                                                \
    } while (0)

static inline float f32(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static inline double f64(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static inline uint32_t bits32(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
static inline uint64_t bits64(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Whether an operation on the host can stand for one of the guest, given a normal result. */
static inline bool plain(const struct cpu *c)
{
    return (c->fpscr & (FPSCR_FZ | FPSCR_RMODE | FPSCR_IXC)) == FPSCR_IXC;
}
/* Above the smallest normal number, at which results may have been tiny before rounding. */
static inline bool normal32(uint32_t bits)
{
    return (bits >> 23 & 0xFF) - 2u < 0xFDu;
}
static inline bool normal64(uint64_t bits)
{
    return ((uint32_t)(bits >> 52) & 0x7FFu) - 2u < 0x7FDu;
}

#define S(n)   (c->s[n])
#define D(n)   (c->d[n])
#define SGN32  0x80000000u
#define SGN64  0x8000000000000000u
#define ABS32  0x7FFFFFFFu
#define ABS64  0x7FFFFFFFFFFFFFFFu
#define FPSCRP (&c->fpscr)

/*
 * ARITHMETIC: HOST computes on the host, ALL with fpu.c. The latter stands in a function of its own
 * that finishes the instruction, so that the fast path needs no stack frame.
 */
#define ARITHMETIC(NAME, BITS, REG, HOST, ALL)                                                     \
    SLOW NAME##_f##BITS##_slow(struct cpu *c, const struct op *op)                                 \
    {                                                                                              \
        ACCESS_OR_RETURN;                                                                          \
        REG(op->rd) = ALL;                                                                         \
        NEXT;                                                                                      \
    }                                                                                              \
    void op_##NAME##_f##BITS(struct cpu *c, const struct op *op)                                   \
    {                                                                                              \
        uint##BITS##_t result = bits##BITS(HOST);                                                  \
        if (unlikely(c->fp_attention) || unlikely(!plain(c)) || unlikely(!normal##BITS(result)))   \
            return NAME##_f##BITS##_slow(c, op);                                                   \
        REG(op->rd) = result;                                                                      \
        NEXT;                                                                                      \
    }
#define ARITHMETIC_32(NAME, HOST, ALL) ARITHMETIC(NAME, 32, S, HOST, ALL)
#define ARITHMETIC_64(NAME, HOST, ALL) ARITHMETIC(NAME, 64, D, HOST, ALL)

#define N32 f32(S(op->rn))
#define M32 f32(S(op->rm))
#define D32 f32(S(op->rd))
#define N64 f64(D(op->rn))
#define M64 f64(D(op->rm))
#define D64 f64(D(op->rd))

ARITHMETIC_32(vadd, N32 + M32, fpu_add32(S(op->rn), S(op->rm), FPSCRP))
ARITHMETIC_64(vadd, N64 + M64, fpu_add64(D(op->rn), D(op->rm), FPSCRP))
ARITHMETIC_32(vsub, N32 - M32, fpu_sub32(S(op->rn), S(op->rm), FPSCRP))
ARITHMETIC_64(vsub, N64 - M64, fpu_sub64(D(op->rn), D(op->rm), FPSCRP))
ARITHMETIC_32(vmul, (N32 * M32), fpu_mul32(S(op->rn), S(op->rm), FPSCRP))
ARITHMETIC_64(vmul, (N64 * M64), fpu_mul64(D(op->rn), D(op->rm), FPSCRP))
ARITHMETIC_32(vnmul, -(N32 *M32), fpu_mul32(S(op->rn), S(op->rm), FPSCRP) ^ SGN32)
ARITHMETIC_64(vnmul, -(N64 *M64), fpu_mul64(D(op->rn), D(op->rm), FPSCRP) ^ SGN64)
ARITHMETIC_32(vdiv, N32 / M32, fpu_div32(S(op->rn), S(op->rm), FPSCRP))
ARITHMETIC_64(vdiv, N64 / M64, fpu_div64(D(op->rn), D(op->rm), FPSCRP))
ARITHMETIC_32(vsqrt, sqrtf(M32), fpu_sqrt32(S(op->rm), FPSCRP))
ARITHMETIC_64(vsqrt, sqrt(M64), fpu_sqrt64(D(op->rm), FPSCRP))

/* FPMulAdd() with negated operands: VFMS, VFNMA and VFNMS negate operands, not the result. */
ARITHMETIC_32(vfma, fmaf(N32, M32, D32), fpu_muladd32(S(op->rd), S(op->rn), S(op->rm), FPSCRP))
ARITHMETIC_64(vfma, fma(N64, M64, D64), fpu_muladd64(D(op->rd), D(op->rn), D(op->rm), FPSCRP))
ARITHMETIC_32(vfms, fmaf(-N32, M32, D32),
              fpu_muladd32(S(op->rd), S(op->rn) ^ SGN32, S(op->rm), FPSCRP))
ARITHMETIC_64(vfms, fma(-N64, M64, D64),
              fpu_muladd64(D(op->rd), D(op->rn) ^ SGN64, D(op->rm), FPSCRP))
ARITHMETIC_32(vfnma, fmaf(-N32, M32, -D32),
              fpu_muladd32(S(op->rd) ^ SGN32, S(op->rn) ^ SGN32, S(op->rm), FPSCRP))
ARITHMETIC_64(vfnma, fma(-N64, M64, -D64),
              fpu_muladd64(D(op->rd) ^ SGN64, D(op->rn) ^ SGN64, D(op->rm), FPSCRP))
ARITHMETIC_32(vfnms, fmaf(N32, M32, -D32),
              fpu_muladd32(S(op->rd) ^ SGN32, S(op->rn), S(op->rm), FPSCRP))
ARITHMETIC_64(vfnms, fma(N64, M64, -D64),
              fpu_muladd64(D(op->rd) ^ SGN64, D(op->rn), D(op->rm), FPSCRP))

/* VMLA and friends: the product is rounded, then the sum. Both must be normal for the short cut.
   The pseudocode negates the rounded product or the addend: a NaN's sign too. */
#define ACCUMULATE(NAME, BITS, REG, TYPE, HOST, NEGATE_D, NEGATE_PRODUCT)                          \
    SLOW NAME##_f##BITS##_slow(struct cpu *c, const struct op *op)                                 \
    {                                                                                              \
        ACCESS_OR_RETURN;                                                                          \
        uint##BITS##_t product = fpu_mul##BITS(REG(op->rn), REG(op->rm), FPSCRP);                  \
        REG(op->rd) = fpu_add##BITS(REG(op->rd) ^ (NEGATE_D), product ^ (NEGATE_PRODUCT), FPSCRP); \
        NEXT;                                                                                      \
    }                                                                                              \
    void op_##NAME##_f##BITS(struct cpu *c, const struct op *op)                                   \
    {                                                                                              \
        TYPE product = N##BITS * M##BITS;                                                          \
        uint##BITS##_t result = bits##BITS(HOST(D##BITS, product));                                \
        if (unlikely(c->fp_attention) || unlikely(!plain(c)) ||                                    \
            unlikely(!normal##BITS(bits##BITS(product))) || unlikely(!normal##BITS(result)))       \
            return NAME##_f##BITS##_slow(c, op);                                                   \
        REG(op->rd) = result;                                                                      \
        NEXT;                                                                                      \
    }
#define D_PLUS_P(d, p)        ((d) + (p))
#define D_MINUS_P(d, p)       ((d) - (p))
#define MINUS_D_MINUS_P(d, p) (-(d) - (p))
#define MINUS_D_PLUS_P(d, p)  ((p) - (d))
ACCUMULATE(vmla, 32, S, float, D_PLUS_P, 0, 0)
ACCUMULATE(vmla, 64, D, double, D_PLUS_P, 0, 0)
ACCUMULATE(vmls, 32, S, float, D_MINUS_P, 0, SGN32)
ACCUMULATE(vmls, 64, D, double, D_MINUS_P, 0, SGN64)
ACCUMULATE(vnmla, 32, S, float, MINUS_D_MINUS_P, SGN32, SGN32)
ACCUMULATE(vnmla, 64, D, double, MINUS_D_MINUS_P, SGN64, SGN64)
ACCUMULATE(vnmls, 32, S, float, MINUS_D_PLUS_P, SGN32, 0)
ACCUMULATE(vnmls, 64, D, double, MINUS_D_PLUS_P, SGN64, 0)

/* ---- without a short cut -----------------------------------------------------------------------
 */

#define SIMPLE(NAME, STATEMENT)                                                                    \
    void op_##NAME(struct cpu *c, const struct op *op)                                             \
    {                                                                                              \
        ACCESS_OR_RETURN;                                                                          \
        STATEMENT;                                                                                 \
        NEXT;                                                                                      \
    }
SIMPLE(vmaxnm_f32, S(op->rd) = fpu_maxnum32(S(op->rn), S(op->rm), FPSCRP))
SIMPLE(vmaxnm_f64, D(op->rd) = fpu_maxnum64(D(op->rn), D(op->rm), FPSCRP))
SIMPLE(vminnm_f32, S(op->rd) = fpu_minnum32(S(op->rn), S(op->rm), FPSCRP))
SIMPLE(vminnm_f64, D(op->rd) = fpu_minnum64(D(op->rn), D(op->rm), FPSCRP))
SIMPLE(vsel_f32, S(op->rd) = S(condition_passed(c, op->x) ? op->rn : op->rm))
SIMPLE(vsel_f64, D(op->rd) = D(condition_passed(c, op->x) ? op->rn : op->rm))

SIMPLE(vmov_f32, S(op->rd) = S(op->rm))
SIMPLE(vmov_f64, D(op->rd) = D(op->rm))
SIMPLE(vabs_f32, S(op->rd) = S(op->rm) & ABS32)
SIMPLE(vabs_f64, D(op->rd) = D(op->rm) & ABS64)
SIMPLE(vneg_f32, S(op->rd) = S(op->rm) ^ SGN32)
SIMPLE(vneg_f64, D(op->rd) = D(op->rm) ^ SGN64)
SIMPLE(vmov_imm_f32, S(op->rd) = op->imm)
SIMPLE(vmov_imm_f64, D(op->rd) = (uint64_t)op->imm << 32)

static inline enum fpu_rounding rounding(const struct cpu *c, const struct op *op)
{
    return op->x == ROUND_AS_FPSCR ? fpu_rounding_of(c->fpscr) : (enum fpu_rounding)op->x;
}
SIMPLE(vrint_f32, S(op->rd) = fpu_round_int32(S(op->rm), rounding(c, op), false, FPSCRP))
SIMPLE(vrint_f64, D(op->rd) = fpu_round_int64(D(op->rm), rounding(c, op), false, FPSCRP))
SIMPLE(vrintx_f32, S(op->rd) = fpu_round_int32(S(op->rm), rounding(c, op), true, FPSCRP))
SIMPLE(vrintx_f64, D(op->rd) = fpu_round_int64(D(op->rm), rounding(c, op), true, FPSCRP))

/* ---- comparison --------------------------------------------------------------------------------
 */

static inline void set_fpscr_nzcv(struct cpu *c, uint32_t nzcv)
{
    c->fpscr = (c->fpscr & ~FPSCR_NZCV) | nzcv;
}

/* Only NaNs and flushed operands raise anything. */
#define COMPARE(NAME, BITS, REG, TYPE, OTHER, QUIET_RAISES)                                        \
    SLOW NAME##_f##BITS##_slow(struct cpu *c, const struct op *op)                                 \
    {                                                                                              \
        ACCESS_OR_RETURN;                                                                          \
        set_fpscr_nzcv(c, fpu_compare##BITS(REG(op->rd), OTHER, QUIET_RAISES, FPSCRP));            \
        NEXT;                                                                                      \
    }                                                                                              \
    void op_##NAME##_f##BITS(struct cpu *c, const struct op *op)                                   \
    {                                                                                              \
        TYPE a = f##BITS(REG(op->rd)), b = f##BITS(OTHER);                                         \
        bool less = a<b, equal = a == b, greater = a> b;                                           \
        if (unlikely(c->fp_attention) || unlikely(c->fpscr & FPSCR_FZ) ||                          \
            unlikely(!(less | equal | greater)))                                                   \
            return NAME##_f##BITS##_slow(c, op);                                                   \
        set_fpscr_nzcv(c, (uint32_t)less << 31 | (uint32_t)equal << 30 | (uint32_t)!less << 29);   \
        NEXT;                                                                                      \
    }
COMPARE(vcmp, 32, S, float, S(op->rm), false)
COMPARE(vcmp, 64, D, double, D(op->rm), false)
COMPARE(vcmpe, 32, S, float, S(op->rm), true)
COMPARE(vcmpe, 64, D, double, D(op->rm), true)
COMPARE(vcmp0, 32, S, float, 0, false)
COMPARE(vcmp0, 64, D, double, 0, false)
COMPARE(vcmpe0, 32, S, float, 0, true)
COMPARE(vcmpe0, 64, D, double, 0, true)

/* ---- conversion --------------------------------------------------------------------------------
 */

/* GUARD: HOST gives the guest's result and raises nothing. */
#define CONVERT(NAME, REG, GUARD, HOST, ALL)                                                       \
    SLOW NAME##_slow(struct cpu *c, const struct op *op)                                           \
    {                                                                                              \
        ACCESS_OR_RETURN;                                                                          \
        REG(op->rd) = ALL;                                                                         \
        NEXT;                                                                                      \
    }                                                                                              \
    void op_##NAME(struct cpu *c, const struct op *op)                                             \
    {                                                                                              \
        if (unlikely(c->fp_attention) || unlikely(!(GUARD)))                                       \
            return NAME##_slow(c, op);                                                             \
        REG(op->rd) = HOST;                                                                        \
        NEXT;                                                                                      \
    }

#define WORD S(op->rm)
static const struct fpu_fixed INT32 = {32, 0, false}, UINT32 = {32, 0, true};

CONVERT(vcvt_f64_f32, D, normal32(WORD), bits64((double)M32), fpu_single_to_double(WORD, FPSCRP))
CONVERT(vcvt_f32_f64, S, plain(c) && normal32(bits32((float)M64)), bits32((float)M64),
        fpu_double_to_single(D(op->rm), FPSCRP))
/* Every 32-bit integer is a double; integers below 2^24 are exact singles. */
CONVERT(vcvt_f64_s32, D, true, bits64((double)(int32_t)WORD),
        fpu_from_fixed64(WORD, INT32, rounding(c, op), FPSCRP))
CONVERT(vcvt_f64_u32, D, true, bits64((double)WORD),
        fpu_from_fixed64(WORD, UINT32, rounding(c, op), FPSCRP))
CONVERT(vcvt_f32_s32, S, WORD + (1u << 24) <= 1u << 25, bits32((float)(int32_t)WORD),
        fpu_from_fixed32(WORD, INT32, rounding(c, op), FPSCRP))
CONVERT(vcvt_f32_u32, S, WORD <= 1u << 24, bits32((float)WORD),
        fpu_from_fixed32(WORD, UINT32, rounding(c, op), FPSCRP))

/* Towards zero, as C does; what was cut off is seen by converting back. */
#define TRUNCATE(NAME, BITS, REG, INTEGER, ABOVE, BELOW, FORMAT)                                   \
    SLOW NAME##_f##BITS##_slow(struct cpu *c, const struct op *op)                                 \
    {                                                                                              \
        ACCESS_OR_RETURN;                                                                          \
        S(op->rd) = (uint32_t)fpu_to_fixed##BITS(REG(op->rm), FORMAT, FPU_TO_ZERO, FPSCRP);        \
        NEXT;                                                                                      \
    }                                                                                              \
    void op_##NAME##_f##BITS(struct cpu *c, const struct op *op)                                   \
    {                                                                                              \
        double value = M##BITS;                                                                    \
        if (unlikely(c->fp_attention) || unlikely(c->fpscr & FPSCR_FZ) ||                          \
            unlikely(!(value > (ABOVE) && value < (BELOW))))                                       \
            return NAME##_f##BITS##_slow(c, op);                                                   \
        INTEGER integer = (INTEGER)value;                                                          \
        if ((double)integer != value)                                                              \
            c->fpscr |= FPSCR_IXC;                                                                 \
        S(op->rd) = (uint32_t)integer;                                                             \
        NEXT;                                                                                      \
    }
TRUNCATE(vcvt_s32, 32, S, int32_t, -2147483649.0, 2147483648.0, INT32)
TRUNCATE(vcvt_s32, 64, D, int32_t, -2147483649.0, 2147483648.0, INT32)
TRUNCATE(vcvt_u32, 32, S, int64_t, -1.0, 4294967296.0, UINT32)
TRUNCATE(vcvt_u32, 64, D, int64_t, -1.0, 4294967296.0, UINT32)

SIMPLE(vcvtr_s32_f32, S(op->rd) = (uint32_t)fpu_to_fixed32(WORD, INT32, rounding(c, op), FPSCRP))
SIMPLE(vcvtr_u32_f32, S(op->rd) = (uint32_t)fpu_to_fixed32(WORD, UINT32, rounding(c, op), FPSCRP))
SIMPLE(vcvtr_s32_f64,
       S(op->rd) = (uint32_t)fpu_to_fixed64(D(op->rm), INT32, rounding(c, op), FPSCRP))
SIMPLE(vcvtr_u32_f64,
       S(op->rd) = (uint32_t)fpu_to_fixed64(D(op->rm), UINT32, rounding(c, op), FPSCRP))

static inline struct fpu_fixed fixed(const struct op *op)
{
    return (struct fpu_fixed){(uint8_t)op->imm2, (uint8_t)op->imm, op->x != 0};
}
/* Fixed-point conversions round to nearest and towards zero, whatever RMode says (A7.7.228). */
SIMPLE(vcvt_f32_fixed, S(op->rd) = fpu_from_fixed32(S(op->rd), fixed(op), FPU_TO_NEAREST, FPSCRP))
SIMPLE(vcvt_f64_fixed,
       D(op->rd) = fpu_from_fixed64((uint32_t)D(op->rd), fixed(op), FPU_TO_NEAREST, FPSCRP))
SIMPLE(vcvt_fixed_f32,
       S(op->rd) = (uint32_t)fpu_to_fixed32(S(op->rd), fixed(op), FPU_TO_ZERO, FPSCRP))
SIMPLE(vcvt_fixed_f64, D(op->rd) = fpu_to_fixed64(D(op->rd), fixed(op), FPU_TO_ZERO, FPSCRP))

static inline uint16_t half_get(const struct cpu *c, const struct op *op)
{
    return (uint16_t)(c->s[op->rm] >> (op->x ? 16 : 0));
}
static inline void half_set(struct cpu *c, const struct op *op, uint16_t half)
{
    if (op->x)
        c->s[op->rd] = (c->s[op->rd] & 0xFFFF) | (uint32_t)half << 16;
    else
        c->s[op->rd] = (c->s[op->rd] & 0xFFFF0000) | half;
}
SIMPLE(vcvt_f32_f16, S(op->rd) = fpu_half_to_single(half_get(c, op), FPSCRP))
SIMPLE(vcvt_f64_f16, D(op->rd) = fpu_half_to_double(half_get(c, op), FPSCRP))
SIMPLE(vcvt_f16_f32, half_set(c, op, fpu_single_to_half(S(op->rm), FPSCRP)))
SIMPLE(vcvt_f16_f64, half_set(c, op, fpu_double_to_half(D(op->rm), FPSCRP)))
