/*
 * fpu.h against results worked out by hand from the pseudocode of ARMv7-M ARM DDI0403E A2.5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fpu.h"

#define RN   0u
#define RP   (1u << FPSCR_RMODE_SHIFT)
#define RM   (2u << FPSCR_RMODE_SHIFT)
#define RZ   (3u << FPSCR_RMODE_SHIFT)
#define IOC  FPSCR_IOC
#define DZC  FPSCR_DZC
#define OFC  FPSCR_OFC
#define UFC  FPSCR_UFC
#define IXC  FPSCR_IXC
#define IDC  FPSCR_IDC
#define FZ   FPSCR_FZ
#define DN   FPSCR_DN
#define AHP  FPSCR_AHP
#define NEG  0x8000000000000000u
#define NEGF 0x80000000u

/* double */
#define ONE     0x3FF0000000000000u
#define TWO     0x4000000000000000u
#define INF     0x7FF0000000000000u
#define MAX     0x7FEFFFFFFFFFFFFFu /* largest finite */
#define MIN     0x0010000000000000u /* smallest normal, 2^-1022 */
#define DENORM  0x0000000000000001u /* 2^-1074 */
#define QNAN    0x7FF8000000000123u
#define SNAN    0x7FF0000000000456u
#define DEFAULT 0x7FF8000000000000u
/* single */
#define ONEF     0x3F800000u
#define INFF     0x7F800000u
#define MAXF     0x7F7FFFFFu
#define MINF     0x00800000u
#define QNANF    0x7FC00123u
#define SNANF    0x7F800456u
#define DEFAULTF 0x7FC00000u

static void check(const char *what, int line, uint64_t got, uint64_t want, uint32_t fpscr,
                  uint32_t control, uint32_t raised)
{
    if (got != want || fpscr != (control | raised)) {
        print_error("line %d: %s: %016llx, fpscr %08x; expected %016llx, %08x\n", line, what,
                    (unsigned long long)got, fpscr, (unsigned long long)want, control | raised);
        fail();
    }
}

/* CHECK(expression with FPSCR for &fpscr, control bits, result, exception bits raised) */
#define FPSCR (&fpscr)
#define CHECK(EXPRESSION, CONTROL, RESULT, RAISED)                                                 \
    do {                                                                                           \
        uint32_t fpscr = (CONTROL);                                                                \
        uint64_t got = (EXPRESSION);                                                               \
        check(#EXPRESSION, __LINE__, got, (RESULT), fpscr, (CONTROL), (RAISED));                   \
    } while (0)

static void test_rounding(void **state)
{
    (void)state;
    /* 1 + 2^-53 is half way between 1 and the next double. */
    const uint64_t half_ulp = 0x3CA0000000000000u, next = ONE + 1;
    CHECK(fpu_add64(ONE, half_ulp, FPSCR), RN, ONE, IXC);
    CHECK(fpu_add64(next, half_ulp, FPSCR), RN, ONE + 2, IXC);
    CHECK(fpu_add64(ONE, half_ulp, FPSCR), RP, next, IXC);
    CHECK(fpu_add64(ONE, half_ulp, FPSCR), RM, ONE, IXC);
    CHECK(fpu_add64(ONE, half_ulp, FPSCR), RZ, ONE, IXC);
    CHECK(fpu_sub64(ONE | NEG, half_ulp, FPSCR), RP, ONE | NEG, IXC);
    CHECK(fpu_sub64(ONE | NEG, half_ulp, FPSCR), RM, next | NEG, IXC);
    CHECK(fpu_sub64(ONE | NEG, half_ulp, FPSCR), RZ, ONE | NEG, IXC);
    CHECK(fpu_add32(ONEF, 0x33800000, FPSCR), RN, ONEF, IXC);
    CHECK(fpu_add32(ONEF, 0x33800000, FPSCR), RP, ONEF + 1, IXC);
    CHECK(fpu_div32(ONEF, 0x40400000, FPSCR), RN, 0x3EAAAAAB, IXC);
    CHECK(fpu_div32(ONEF, 0x40400000, FPSCR), RZ, 0x3EAAAAAA, IXC);
    CHECK(fpu_sqrt64(TWO, FPSCR), RN, 0x3FF6A09E667F3BCDu, IXC);
    CHECK(fpu_sqrt64(TWO, FPSCR), RM, 0x3FF6A09E667F3BCCu, IXC);
    /* Exact results raise nothing, and do not clear what was raised before. */
    CHECK(fpu_add64(ONE, ONE, FPSCR), RN, TWO, 0);
    CHECK(fpu_mul64(TWO, ONE, FPSCR), DZC | IXC, TWO, 0);
    /* x - x is +0, but -0 when rounding towards minus infinity. */
    CHECK(fpu_sub64(ONE, ONE, FPSCR), RN, 0, 0);
    CHECK(fpu_sub64(ONE, ONE, FPSCR), RM, NEG, 0);
    CHECK(fpu_add64(NEG, NEG, FPSCR), RN, NEG, 0);
}

static void test_overflow(void **state)
{
    (void)state;
    CHECK(fpu_add64(MAX, MAX, FPSCR), RN, INF, OFC | IXC);
    CHECK(fpu_add64(MAX, MAX, FPSCR), RP, INF, OFC | IXC);
    CHECK(fpu_add64(MAX, MAX, FPSCR), RM, MAX, OFC | IXC);
    CHECK(fpu_add64(MAX, MAX, FPSCR), RZ, MAX, OFC | IXC);
    CHECK(fpu_mul32(MAXF | NEGF, MAXF, FPSCR), RP, MAXF | NEGF, OFC | IXC);
    CHECK(fpu_mul32(MAXF | NEGF, MAXF, FPSCR), RM, INFF | NEGF, OFC | IXC);
    CHECK(fpu_double_to_single(MAX, FPSCR), RN, INFF, OFC | IXC);
    CHECK(fpu_double_to_single(MAX | NEG, FPSCR), RP, MAXF | NEGF, OFC | IXC);
}

static void test_invalid(void **state)
{
    (void)state;
    CHECK(fpu_sub64(INF, INF, FPSCR), RN, DEFAULT, IOC);
    CHECK(fpu_add64(INF, INF, FPSCR), RN, INF, 0);
    CHECK(fpu_mul64(INF, NEG, FPSCR), RN, DEFAULT, IOC);
    CHECK(fpu_div64(0, 0, FPSCR), RN, DEFAULT, IOC);
    CHECK(fpu_div64(INF | NEG, INF, FPSCR), RN, DEFAULT, IOC);
    CHECK(fpu_div64(ONE, NEG, FPSCR), RN, INF | NEG, DZC);
    CHECK(fpu_div64(INF, 0, FPSCR), RN, INF, 0);
    CHECK(fpu_sqrt64(ONE | NEG, FPSCR), RN, DEFAULT, IOC);
    CHECK(fpu_sqrt64(NEG, FPSCR), RN, NEG, 0);
    CHECK(fpu_sqrt32(INFF | NEGF, FPSCR), RN, DEFAULTF, IOC);
    CHECK(fpu_muladd64(ONE, INF, 0, FPSCR), RN, DEFAULT, IOC);
    CHECK(fpu_muladd64(INF | NEG, INF, ONE, FPSCR), RN, DEFAULT, IOC);
    /* With flush-to-zero, infinity times a subnormal is infinity times zero. */
    CHECK(fpu_mul64(INF, DENORM, FPSCR), RN, INF, 0);
    CHECK(fpu_mul64(INF, DENORM, FPSCR), FZ, DEFAULT, IOC | IDC);
    CHECK(fpu_div64(ONE, DENORM, FPSCR), FZ, INF, DZC | IDC);
}

static void test_nan(void **state)
{
    (void)state;
    const uint64_t quieted = SNAN | 0x0008000000000000u;
    CHECK(fpu_add64(QNAN, ONE, FPSCR), RN, QNAN, 0);
    CHECK(fpu_add64(ONE, QNAN | NEG, FPSCR), RN, QNAN | NEG, 0);
    /* the first quiet NaN, but any signalling NaN before it */
    CHECK(fpu_add64(QNAN + 1, QNAN, FPSCR), RN, QNAN + 1, 0);
    CHECK(fpu_add64(QNAN, SNAN, FPSCR), RN, quieted, IOC);
    CHECK(fpu_mul64(SNAN, SNAN + 1, FPSCR), RN, quieted, IOC);
    CHECK(fpu_sub32(QNANF, SNANF, FPSCR), RN, SNANF | 0x00400000, IOC);
    CHECK(fpu_sqrt64(SNAN | NEG, FPSCR), RN, quieted | NEG, IOC);
    CHECK(fpu_add64(QNAN | NEG, ONE, FPSCR), DN, DEFAULT, 0);
    CHECK(fpu_add64(ONE, SNAN, FPSCR), DN, DEFAULT, IOC);
    /* FPMulAdd looks at the addend first; an invalid product beats a quiet addend only. */
    CHECK(fpu_muladd64(QNAN, QNAN + 1, QNAN + 2, FPSCR), RN, QNAN, 0);
    CHECK(fpu_muladd64(QNAN, QNAN + 1, SNAN, FPSCR), RN, quieted, IOC);
    CHECK(fpu_muladd64(ONE, QNAN + 1, QNAN + 2, FPSCR), RN, QNAN + 1, 0);
    CHECK(fpu_muladd64(QNAN, INF, 0, FPSCR), RN, DEFAULT, IOC);
    CHECK(fpu_muladd64(SNAN, 0, INF, FPSCR), RN, quieted, IOC);
    CHECK(fpu_muladd64(QNAN, INF, ONE, FPSCR), RN, QNAN, 0);
}

static void test_underflow(void **state)
{
    (void)state;
    CHECK(fpu_mul64(MIN, 0x3FE0000000000000u, FPSCR), RN, MIN >> 1, 0); /* exact: no underflow */
    CHECK(fpu_mul64(DENORM, 0x3FE0000000000000u, FPSCR), RN, 0, UFC | IXC);
    CHECK(fpu_mul64(DENORM, 0x3FE0000000000000u, FPSCR), RP, DENORM, UFC | IXC);
    CHECK(fpu_mul64(DENORM | NEG, 0x3FE0000000000000u, FPSCR), RN, NEG, UFC | IXC);
    /* (1 + 2^-52) * (2^-1022 - 2^-1074) = 2^-1022 * (1 - 2^-104): rounds to the smallest normal
       number, tiny before rounding (Arm), not tiny after rounding (x86). */
    CHECK(fpu_mul64(ONE + 1, MIN - 1, FPSCR), RN, MIN, UFC | IXC);
    CHECK(fpu_mul64(ONE + 1, MIN - 1, FPSCR), RP, MIN, UFC | IXC);
    CHECK(fpu_mul64(ONE + 1, MIN - 1, FPSCR), RZ, MIN - 1, UFC | IXC);
    /* a little above: not tiny at all */
    CHECK(fpu_mul64(ONE + 1, MIN, FPSCR), RN, MIN + 1, 0);
    CHECK(fpu_muladd64(MIN, DENORM, 0x3FD0000000000000u, FPSCR), RN, MIN, IXC);
    CHECK(fpu_muladd64(MIN, DENORM | NEG, 0x3FD0000000000000u, FPSCR), RN, MIN, UFC | IXC);
    CHECK(fpu_double_to_single(0x380FFFFFFFFFFFFFu, FPSCR), RN, MINF, UFC | IXC);
    CHECK(fpu_double_to_single(0x380FFFFFFFFFFFFFu, FPSCR), RZ, MINF - 1, UFC | IXC);
    /* 2^-149 * 1.5 as a single: half way between 1 and 2 units */
    CHECK(fpu_double_to_single(0x36A8000000000000u, FPSCR), RN, 2, UFC | IXC);
    CHECK(fpu_double_to_single(0x3690000000000000u, FPSCR), RN, 0, UFC | IXC); /* 2^-150: to even */
    CHECK(fpu_double_to_single(0x3690000000000001u, FPSCR), RN, 1, UFC | IXC);
    CHECK(fpu_double_to_single(0x36A0000000000000u, FPSCR), RN, 1, 0);
}

static void test_flush_to_zero(void **state)
{
    (void)state;
    CHECK(fpu_add64(DENORM, ONE, FPSCR), FZ, ONE, IDC);
    CHECK(fpu_add64(DENORM | NEG, 0, FPSCR), FZ, 0, IDC);
    CHECK(fpu_add64(DENORM | NEG, NEG, FPSCR), FZ, NEG, IDC);
    /* a flushed result raises Underflow without Inexact */
    CHECK(fpu_mul64(MIN, 0x3FE0000000000000u, FPSCR), FZ, 0, UFC);
    CHECK(fpu_mul64(MIN | NEG, MIN, FPSCR), FZ, NEG, UFC);
    CHECK(fpu_mul64(MIN, MIN, FPSCR), FZ | RP, 0, UFC);
    /* 2^-1022 * (1 - 2^-104) from normal operands: tiny before rounding, so flushed */
    CHECK(fpu_mul64(0x2000000000000001u, 0x1FFFFFFFFFFFFFFEu, FPSCR), RN, MIN, UFC | IXC);
    CHECK(fpu_mul64(0x2000000000000001u, 0x1FFFFFFFFFFFFFFEu, FPSCR), FZ, 0, UFC);
    CHECK(fpu_mul64(MIN, ONE, FPSCR), FZ, MIN, 0);
    CHECK(fpu_mul64(DENORM, 0, FPSCR), FZ, 0, IDC);
    CHECK(fpu_add64(DENORM, QNAN, FPSCR), FZ, QNAN, IDC);
    CHECK(fpu_sqrt32(1 | NEGF, FPSCR), FZ, NEGF, IDC);
    CHECK(fpu_double_to_single(0x36A0000000000000u, FPSCR), FZ, 0, UFC);
    CHECK(fpu_single_to_double(1, FPSCR), FZ, 0, IDC);
    CHECK(fpu_single_to_double(1, FPSCR), RN, 0x36A0000000000000u, 0);
    CHECK(fpu_compare64(DENORM, 0, false, FPSCR), FZ, FPSCR_Z | FPSCR_C, IDC);
    CHECK(fpu_compare64(DENORM, 0, false, FPSCR), RN, FPSCR_C, 0);
    CHECK(fpu_maxnum32(1, 0, FPSCR), FZ, 0, IDC);
    CHECK(fpu_round_int64(DENORM, FPU_TO_PLUS, true, FPSCR), FZ, 0, IDC);
    CHECK(fpu_round_int64(DENORM, FPU_TO_PLUS, true, FPSCR), RN, ONE, IXC);
    CHECK(fpu_to_fixed32(1, (struct fpu_fixed){32, 0, false}, FPU_TO_ZERO, FPSCR), FZ, 0, IDC);
    CHECK(fpu_to_fixed32(1, (struct fpu_fixed){32, 0, false}, FPU_TO_ZERO, FPSCR), RN, 0, IXC);
    /* half precision is never flushed, as source or as result */
    CHECK(fpu_half_to_single(1, FPSCR), FZ, 0x33800000, 0);
    CHECK(fpu_single_to_half(0x33800000, FPSCR), FZ, 1, 0);
    CHECK(fpu_single_to_half(1, FPSCR), FZ, 0, IDC);
    CHECK(fpu_single_to_half(1, FPSCR), RN, 0, UFC | IXC);
}

static void test_fused(void **state)
{
    (void)state;
    /* (1 + 2^-52)^2 - (1 + 2^-51) = 2^-104, which a rounded product loses. */
    CHECK(fpu_muladd64((ONE + 2) | NEG, ONE + 1, ONE + 1, FPSCR), RN, 0x3970000000000000u, 0);
    CHECK(fpu_muladd32((ONEF + 2) | NEGF, ONEF + 1, ONEF + 1, FPSCR), RN, 0x28800000, 0);
    CHECK(fpu_muladd64(0, MAX, TWO, FPSCR), RZ, MAX, OFC | IXC);
    CHECK(fpu_muladd64(MAX | NEG, MAX, TWO, FPSCR), RN, MAX, 0);
    CHECK(fpu_muladd64(NEG, 0, ONE | NEG, FPSCR), RN, NEG, 0);
    CHECK(fpu_muladd64(NEG, 0, ONE, FPSCR), RN, 0, 0);
}

static void test_compare(void **state)
{
    (void)state;
    const uint32_t less = FPSCR_N, equal = FPSCR_Z | FPSCR_C, greater = FPSCR_C,
                   unordered = FPSCR_C | FPSCR_V;
    CHECK(fpu_compare64(ONE, TWO, false, FPSCR), RN, less, 0);
    CHECK(fpu_compare64(TWO, ONE, false, FPSCR), RN, greater, 0);
    CHECK(fpu_compare64(ONE | NEG, TWO | NEG, false, FPSCR), RN, greater, 0);
    CHECK(fpu_compare64(ONE | NEG, DENORM, false, FPSCR), RN, less, 0);
    CHECK(fpu_compare64(0, NEG, true, FPSCR), RN, equal, 0);
    CHECK(fpu_compare64(INF, INF, true, FPSCR), RN, equal, 0);
    CHECK(fpu_compare64(INF | NEG, MAX | NEG, false, FPSCR), RN, less, 0);
    CHECK(fpu_compare64(QNAN, ONE, false, FPSCR), RN, unordered, 0);
    CHECK(fpu_compare64(ONE, QNAN, true, FPSCR), RN, unordered, IOC);
    CHECK(fpu_compare64(ONE, SNAN, false, FPSCR), RN, unordered, IOC);
    CHECK(fpu_compare32(ONEF, MAXF, false, FPSCR), RN, less, 0);
    CHECK(fpu_compare32(SNANF, SNANF, false, FPSCR), RN, unordered, IOC);
}

static void test_max_min(void **state)
{
    (void)state;
    CHECK(fpu_maxnum64(ONE, TWO, FPSCR), RN, TWO, 0);
    CHECK(fpu_minnum64(ONE, TWO, FPSCR), RN, ONE, 0);
    CHECK(fpu_maxnum64(ONE | NEG, TWO | NEG, FPSCR), RN, ONE | NEG, 0);
    CHECK(fpu_maxnum64(0, NEG, FPSCR), RN, 0, 0);
    CHECK(fpu_maxnum64(NEG, 0, FPSCR), RN, 0, 0);
    CHECK(fpu_minnum64(0, NEG, FPSCR), RN, NEG, 0);
    CHECK(fpu_maxnum64(QNAN, INF | NEG, FPSCR), RN, INF | NEG, 0);
    CHECK(fpu_minnum64(ONE, QNAN, FPSCR), RN, ONE, 0);
    CHECK(fpu_maxnum64(QNAN + 1, QNAN, FPSCR), RN, QNAN + 1, 0);
    CHECK(fpu_maxnum64(QNAN, SNAN, FPSCR), RN, SNAN | 0x0008000000000000u, IOC);
    CHECK(fpu_minnum32(SNANF, ONEF, FPSCR), DN, DEFAULTF, IOC);
}

static void test_round_int(void **state)
{
    /* What the five modes make of these, in the order of enum fpu_rounding. */
    static const struct {
        double value, result[5];
    } table[] = {
        {0.5, {0, 1, 0, 0, 1}},
        {1.5, {2, 2, 1, 1, 2}},
        {2.5, {2, 3, 2, 2, 3}},
        {0.25, {0, 1, 0, 0, 0}},
        {0.75, {1, 1, 0, 0, 1}},
        {-0.5, {-0.0, -0.0, -1, -0.0, -1}},
        {-1.5, {-2, -1, -2, -1, -2}},
        {-2.5, {-2, -2, -3, -2, -3}},
        {-0.25, {-0.0, -0.0, -1, -0.0, -0.0}},
        {1048577.5, {1048578, 1048578, 1048577, 1048577, 1048578}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        for (int mode = 0; mode < 5; mode++) {
            union {
                double value;
                uint64_t bits;
            } from = {.value = table[i].value}, to = {.value = table[i].result[mode]};
            union {
                float value;
                uint32_t bits;
            } from32 = {.value = (float)from.value}, to32 = {.value = (float)to.value};
            enum fpu_rounding rounding = (enum fpu_rounding)mode;
            CHECK(fpu_round_int64(from.bits, rounding, true, FPSCR), RN, to.bits, IXC);
            CHECK(fpu_round_int64(from.bits, rounding, false, FPSCR), RN, to.bits, 0);
            CHECK(fpu_round_int32(from32.bits, rounding, true, FPSCR), RN, to32.bits, IXC);
            CHECK(fpu_to_fixed64(from.bits, (struct fpu_fixed){32, 0, false}, rounding, FPSCR), RN,
                  (uint64_t)(int64_t)to.value, IXC);
        }
    CHECK(fpu_round_int64(0x4340000000000001u, FPU_TO_PLUS, true, FPSCR), RN, 0x4340000000000001u,
          0);
    CHECK(fpu_round_int64(0x432FFFFFFFFFFFFFu, FPU_TO_NEAREST, true, FPSCR), RN,
          0x4330000000000000u, IXC); /* 2^52 - 0.5 carries into the exponent */
    CHECK(fpu_round_int64(TWO, FPU_TO_PLUS, true, FPSCR), RN, TWO, 0);
    CHECK(fpu_round_int64(INF, FPU_TO_PLUS, true, FPSCR), RN, INF, 0);
    CHECK(fpu_round_int64(SNAN, FPU_TO_PLUS, true, FPSCR), RN, SNAN | 0x0008000000000000u, IOC);
}

static void test_to_fixed(void **state)
{
    const struct fpu_fixed s32 = {32, 0, false}, u32 = {32, 0, true}, s16 = {16, 0, false},
                           u16 = {16, 0, true}, q15 = {16, 15, false}, q31 = {32, 31, false};
    (void)state;
    CHECK(fpu_to_fixed64(0x41DFFFFFFFC00000u, s32, FPU_TO_ZERO, FPSCR), RN, 0x7FFFFFFF, 0);
    CHECK(fpu_to_fixed64(0x41DFFFFFFFFFFFFFu, s32, FPU_TO_ZERO, FPSCR), RN, 0x7FFFFFFF, IXC);
    /* 2^31 - 2^-22 rounds up to a number out of range: Invalid Operation alone */
    CHECK(fpu_to_fixed64(0x41DFFFFFFFFFFFFFu, s32, FPU_TO_NEAREST, FPSCR), RN, 0x7FFFFFFF, IOC);
    CHECK(fpu_to_fixed64(0x41E0000000000000u, s32, FPU_TO_ZERO, FPSCR), RN, 0x7FFFFFFF, IOC);
    CHECK(fpu_to_fixed64(0xC1E0000000000000u, s32, FPU_TO_ZERO, FPSCR), RN, 0xFFFFFFFF80000000u, 0);
    CHECK(fpu_to_fixed64(0xC1E00000001FFFFFu, s32, FPU_TO_ZERO, FPSCR), RN, 0xFFFFFFFF80000000u,
          IXC);
    CHECK(fpu_to_fixed64(0xC1E0000000200000u, s32, FPU_TO_ZERO, FPSCR), RN, 0xFFFFFFFF80000000u,
          IOC);
    CHECK(fpu_to_fixed64(0x41EFFFFFFFE00000u, u32, FPU_TO_ZERO, FPSCR), RN, 0xFFFFFFFF, 0);
    CHECK(fpu_to_fixed64(0x41F0000000000000u, u32, FPU_TO_ZERO, FPSCR), RN, 0xFFFFFFFF, IOC);
    CHECK(fpu_to_fixed64(ONE | NEG, u32, FPU_TO_ZERO, FPSCR), RN, 0, IOC);
    CHECK(fpu_to_fixed64(0xBFE0000000000000u, u32, FPU_TO_ZERO, FPSCR), RN, 0, IXC);
    CHECK(fpu_to_fixed64(0xBFE0000000000000u, u32, FPU_TO_MINUS, FPSCR), RN, 0, IOC);
    CHECK(fpu_to_fixed64(QNAN, s32, FPU_TO_ZERO, FPSCR), RN, 0, IOC);
    CHECK(fpu_to_fixed64(INF, s32, FPU_TO_ZERO, FPSCR), RN, 0x7FFFFFFF, IOC);
    CHECK(fpu_to_fixed32(INFF | NEGF, s32, FPU_TO_ZERO, FPSCR), RN, 0xFFFFFFFF80000000u, IOC);
    CHECK(fpu_to_fixed32(0xC7000000, s16, FPU_TO_ZERO, FPSCR), RN, 0xFFFFFFFFFFFF8000u, 0);
    CHECK(fpu_to_fixed32(0x47000000, s16, FPU_TO_ZERO, FPSCR), RN, 0x7FFF, IOC);
    CHECK(fpu_to_fixed32(0x47800000, u16, FPU_TO_ZERO, FPSCR), RN, 0xFFFF, IOC);
    CHECK(fpu_to_fixed32(0x3F000000, q15, FPU_TO_ZERO, FPSCR), RN, 0x4000, 0);
    CHECK(fpu_to_fixed32(ONEF | NEGF, q31, FPU_TO_ZERO, FPSCR), RN, 0xFFFFFFFF80000000u, 0);
    CHECK(fpu_to_fixed32(ONEF, q31, FPU_TO_ZERO, FPSCR), RN, 0x7FFFFFFF, IOC);
}

static void test_from_fixed(void **state)
{
    const struct fpu_fixed s32 = {32, 0, false}, u32 = {32, 0, true}, s16 = {16, 0, false},
                           u16 = {16, 0, true}, q31 = {32, 31, false}, all = {32, 32, true};
    (void)state;
    CHECK(fpu_from_fixed64(0x80000000, s32, FPU_TO_NEAREST, FPSCR), RN, 0xC1E0000000000000u, 0);
    CHECK(fpu_from_fixed64(0xFFFFFFFF, u32, FPU_TO_NEAREST, FPSCR), RN, 0x41EFFFFFFFE00000u, 0);
    CHECK(fpu_from_fixed32(0xFFFFFFFF, u32, FPU_TO_NEAREST, FPSCR), RN, 0x4F800000, IXC);
    CHECK(fpu_from_fixed32(0xFFFFFFFF, u32, FPU_TO_ZERO, FPSCR), RN, 0x4F7FFFFF, IXC);
    CHECK(fpu_from_fixed32(0x01000001, s32, FPU_TO_NEAREST, FPSCR), RN, 0x4B800000, IXC);
    CHECK(fpu_from_fixed32(0x01000001, s32, FPU_TO_PLUS, FPSCR), RN, 0x4B800001, IXC);
    CHECK(fpu_from_fixed32(0x1234FFFF, s16, FPU_TO_NEAREST, FPSCR), RN, ONEF | NEGF, 0);
    CHECK(fpu_from_fixed32(0x1234FFFF, u16, FPU_TO_NEAREST, FPSCR), RN, 0x477FFF00, 0);
    CHECK(fpu_from_fixed32(0x40000000, q31, FPU_TO_NEAREST, FPSCR), RN, 0x3F000000, 0);
    CHECK(fpu_from_fixed64(1, all, FPU_TO_NEAREST, FPSCR), RN, 0x3DF0000000000000u, 0);
    CHECK(fpu_from_fixed64(0, s32, FPU_TO_NEAREST, FPSCR), RM, 0, 0);
}

static void test_precision(void **state)
{
    (void)state;
    CHECK(fpu_single_to_double(0x40490FDB, FPSCR), RN, 0x400921FB60000000u, 0);
    CHECK(fpu_double_to_single(0x400921FB54442D18u, FPSCR), RN, 0x40490FDB, IXC);
    CHECK(fpu_double_to_single(0x400921FB54442D18u, FPSCR), RM, 0x40490FDA, IXC);
    /* NaNs keep the upper bits of the fraction */
    CHECK(fpu_single_to_double(0xFFC12345, FPSCR), RN, 0xFFF82468A0000000u, 0);
    CHECK(fpu_single_to_double(0x7F812345, FPSCR), RN, 0x7FF82468A0000000u, IOC);
    CHECK(fpu_double_to_single(0xFFF8ABCDEFFFFFFFu, FPSCR), RN, 0xFFC55E6F, 0);
    CHECK(fpu_double_to_single(SNAN, FPSCR), RN, 0x7FC00000, IOC);
    CHECK(fpu_double_to_single(QNAN | NEG, FPSCR), DN, DEFAULTF, 0);
    CHECK(fpu_double_to_single(INF | NEG, FPSCR), RN, INFF | NEGF, 0);
    CHECK(fpu_double_to_single(NEG, FPSCR), RN, NEGF, 0);
}

static void test_half(void **state)
{
    (void)state;
    CHECK(fpu_half_to_single(0x3C00, FPSCR), RN, ONEF, 0);
    CHECK(fpu_half_to_double(0xC000, FPSCR), RN, TWO | NEG, 0);
    CHECK(fpu_half_to_single(0x03FF, FPSCR), RN, 0x387FC000, 0); /* largest subnormal */
    CHECK(fpu_half_to_single(0x7C00, FPSCR), RN, INFF, 0);
    CHECK(fpu_half_to_single(0x7C00, FPSCR), AHP, 0x47800000, 0);          /* 65536 */
    CHECK(fpu_half_to_double(0xFFFF, FPSCR), AHP, 0xC0FFFC0000000000u, 0); /* -131008 */
    CHECK(fpu_half_to_single(0x7D01, FPSCR), RN, 0x7FE02000, IOC);
    CHECK(fpu_half_to_double(0xFE01, FPSCR), RN, 0xFFF8040000000000u, 0);
    CHECK(fpu_half_to_single(0xFE01, FPSCR), DN, DEFAULTF, 0);

    CHECK(fpu_single_to_half(0x477FE000, FPSCR), RN, 0x7BFF, 0);         /* 65504 */
    CHECK(fpu_single_to_half(0x477FEFFF, FPSCR), RN, 0x7BFF, IXC);       /* below half way */
    CHECK(fpu_single_to_half(0x477FF000, FPSCR), RN, 0x7C00, OFC | IXC); /* 65520 */
    CHECK(fpu_single_to_half(0x477FF000, FPSCR), RZ, 0x7BFF, IXC);
    CHECK(fpu_single_to_half(0x47800000, FPSCR), RZ, 0x7BFF, OFC | IXC);
    CHECK(fpu_single_to_half(0x47800000, FPSCR), AHP, 0x7C00, 0);
    CHECK(fpu_single_to_half(0x48000000, FPSCR), AHP, 0x7FFF, IOC); /* 131072 */
    CHECK(fpu_single_to_half(INFF | NEGF, FPSCR), AHP, 0xFFFF, IOC);
    CHECK(fpu_single_to_half(QNANF | NEGF, FPSCR), AHP, 0x8000, IOC);
    CHECK(fpu_single_to_half(0x7FC12345, FPSCR), RN, 0x7E09, 0);
    CHECK(fpu_single_to_half(SNANF, FPSCR), RN, 0x7E00, IOC);
    CHECK(fpu_single_to_half(QNANF | NEGF, FPSCR), DN, 0x7E00, 0);
    CHECK(fpu_single_to_half(0x33000000, FPSCR), RN, 0, UFC | IXC); /* 2^-25: tie to even */
    CHECK(fpu_single_to_half(0x33000001, FPSCR), RN, 1, UFC | IXC);
    CHECK(fpu_single_to_half(0x387FE000, FPSCR), RN, 0x0400, UFC | IXC); /* tiny before rounding */
    /* One rounding from double: through single it would be rounded to even twice. */
    CHECK(fpu_double_to_half(0x3FF0020000000001u, FPSCR), RN, 0x3C01, IXC);
    CHECK(fpu_double_to_half(0x3FF0020000000000u, FPSCR), RN, 0x3C00, IXC);
    CHECK(fpu_double_to_half(MAX, FPSCR), RN, 0x7C00, OFC | IXC);
    CHECK(fpu_double_to_half(DENORM, FPSCR), RP, 0x0001, UFC | IXC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounding),  cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_invalid),   cmocka_unit_test(test_nan),
        cmocka_unit_test(test_underflow), cmocka_unit_test(test_flush_to_zero),
        cmocka_unit_test(test_fused),     cmocka_unit_test(test_compare),
        cmocka_unit_test(test_max_min),   cmocka_unit_test(test_round_int),
        cmocka_unit_test(test_to_fixed),  cmocka_unit_test(test_from_fixed),
        cmocka_unit_test(test_precision), cmocka_unit_test(test_half),
    };
    return cmocka_run_group_tests_name("fpu", tests, NULL, NULL);
}
