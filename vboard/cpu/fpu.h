/*
 * Arithmetic of FPv5 (ARMv7-M ARM DDI0403E, A2.5 "The floating-point extension") on bit patterns.
 *
 * Every function is pure but for the FPSCR word that it is given: the control bits (AHP, DN, FZ,
 * RMode) steer it, and the cumulative exception bits that the operation raises are added to it.
 * Half, single and double precision values travel as uint16_t, uint32_t, uint64_t. Called from the
 * handlers in exec_fp*.c on the simulation thread, and from unit tests; no state is kept between
 * calls.
 *
 * Addition, multiplication, division, square root and fused multiply-add are done by the host's own
 * IEEE 754 arithmetic, which is correctly rounded as well, under the rounding mode of the FPSCR;
 * NaNs, flush-to-zero and underflow follow the Arm rules, which differ from those of other hosts
 * (x86 detects tininess after rounding, Arm before). Conversions, comparisons and rounding to
 * integral are done in integers. Outside of these functions the host's floating-point environment
 * is the default one, always: a rounding mode of the guest never reaches other code, and no sticky
 * flag that other code raises reaches the guest.
 */
#ifndef VBOARD_CPU_FPU_H
#define VBOARD_CPU_FPU_H

#include <stdbool.h>
#include <stdint.h>

/* FPSCR, DDI0403E A2.5.3. All other bits read as zero and ignore writes. */
#define FPSCR_N           (1u << 31)
#define FPSCR_Z           (1u << 30)
#define FPSCR_C           (1u << 29)
#define FPSCR_V           (1u << 28)
#define FPSCR_NZCV        (15u << 28)
#define FPSCR_AHP         (1u << 26)
#define FPSCR_DN          (1u << 25)
#define FPSCR_FZ          (1u << 24)
#define FPSCR_RMODE_SHIFT 22
#define FPSCR_RMODE       (3u << FPSCR_RMODE_SHIFT)
#define FPSCR_IDC         (1u << 7)
#define FPSCR_IXC         (1u << 4)
#define FPSCR_UFC         (1u << 3)
#define FPSCR_OFC         (1u << 2)
#define FPSCR_DZC         (1u << 1)
#define FPSCR_IOC         (1u << 0)
#define FPSCR_WRITABLE                                                                             \
    (FPSCR_NZCV | FPSCR_AHP | FPSCR_DN | FPSCR_FZ | FPSCR_RMODE | FPSCR_IDC | FPSCR_IXC |          \
     FPSCR_UFC | FPSCR_OFC | FPSCR_DZC | FPSCR_IOC)

/* Rounding; the first four are numbered as in FPSCR.RMode. */
enum fpu_rounding {
    FPU_TO_NEAREST = 0, /* ties to even */
    FPU_TO_PLUS = 1,
    FPU_TO_MINUS = 2,
    FPU_TO_ZERO = 3,
    FPU_TIES_AWAY = 4, /* to nearest, ties away from zero: VCVTA, VRINTA */
};

static inline enum fpu_rounding fpu_rounding_of(uint32_t fpscr)
{
    return (enum fpu_rounding)((fpscr & FPSCR_RMODE) >> FPSCR_RMODE_SHIFT);
}

/* FPAdd, FPSub, FPMul, FPDiv, FPSqrt: a op b. */
uint32_t fpu_add32(uint32_t a, uint32_t b, uint32_t *fpscr);
uint64_t fpu_add64(uint64_t a, uint64_t b, uint32_t *fpscr);
uint32_t fpu_sub32(uint32_t a, uint32_t b, uint32_t *fpscr);
uint64_t fpu_sub64(uint64_t a, uint64_t b, uint32_t *fpscr);
uint32_t fpu_mul32(uint32_t a, uint32_t b, uint32_t *fpscr);
uint64_t fpu_mul64(uint64_t a, uint64_t b, uint32_t *fpscr);
uint32_t fpu_div32(uint32_t a, uint32_t b, uint32_t *fpscr);
uint64_t fpu_div64(uint64_t a, uint64_t b, uint32_t *fpscr);
uint32_t fpu_sqrt32(uint32_t a, uint32_t *fpscr);
uint64_t fpu_sqrt64(uint64_t a, uint32_t *fpscr);
/* FPMulAdd: addend + a * b, rounded once. */
uint32_t fpu_muladd32(uint32_t addend, uint32_t a, uint32_t b, uint32_t *fpscr);
uint64_t fpu_muladd64(uint64_t addend, uint64_t a, uint64_t b, uint32_t *fpscr);

/* FPMaxNum, FPMinNum (VMAXNM, VMINNM): a single quiet NaN loses against a number. */
uint32_t fpu_maxnum32(uint32_t a, uint32_t b, uint32_t *fpscr);
uint64_t fpu_maxnum64(uint64_t a, uint64_t b, uint32_t *fpscr);
uint32_t fpu_minnum32(uint32_t a, uint32_t b, uint32_t *fpscr);
uint64_t fpu_minnum64(uint64_t a, uint64_t b, uint32_t *fpscr);

/* FPCompare: the N, Z, C, V of the comparison, at their places in the FPSCR; the caller stores
   them. quiet_raises: VCMPE, a quiet NaN raises Invalid Operation too. */
uint32_t fpu_compare32(uint32_t a, uint32_t b, bool quiet_raises, uint32_t *fpscr);
uint32_t fpu_compare64(uint64_t a, uint64_t b, bool quiet_raises, uint32_t *fpscr);

/* FPRoundInt. exact: VRINTX, a value that changes raises Inexact. */
uint32_t fpu_round_int32(uint32_t a, enum fpu_rounding rounding, bool exact, uint32_t *fpscr);
uint64_t fpu_round_int64(uint64_t a, enum fpu_rounding rounding, bool exact, uint32_t *fpscr);

/* FPSingleToDouble, FPDoubleToSingle. */
uint64_t fpu_single_to_double(uint32_t a, uint32_t *fpscr);
uint32_t fpu_double_to_single(uint64_t a, uint32_t *fpscr);
/* FPHalfToSingle, FPSingleToHalf and their like for double; FPSCR.AHP selects Arm's alternative
 * format. */
uint32_t fpu_half_to_single(uint16_t a, uint32_t *fpscr);
uint64_t fpu_half_to_double(uint16_t a, uint32_t *fpscr);
uint16_t fpu_single_to_half(uint32_t a, uint32_t *fpscr);
uint16_t fpu_double_to_half(uint64_t a, uint32_t *fpscr);

/* A fixed-point format: a number of 16 or 32 bits, `fraction` of them (0..bits) behind the point.
 */
struct fpu_fixed {
    uint8_t bits;
    uint8_t fraction;
    bool is_unsigned;
};
/* FPToFixed: saturates and raises Invalid Operation out of range; NaN gives 0. The result is
   extended to 64 bits, by sign or by zero as the format says. */
uint64_t fpu_to_fixed32(uint32_t a, struct fpu_fixed format, enum fpu_rounding rounding,
                        uint32_t *fpscr);
uint64_t fpu_to_fixed64(uint64_t a, struct fpu_fixed format, enum fpu_rounding rounding,
                        uint32_t *fpscr);
/* FixedToFP of the low bits of `value`. */
uint32_t fpu_from_fixed32(uint32_t value, struct fpu_fixed format, enum fpu_rounding rounding,
                          uint32_t *fpscr);
uint64_t fpu_from_fixed64(uint32_t value, struct fpu_fixed format, enum fpu_rounding rounding,
                          uint32_t *fpscr);

#endif
