/*
 * Binary floating-point formats and what all operations share: unpacking rules and NaN handling of
 * ARMv7-M ARM DDI0403E A2.5 (FPUnpack, FPProcessNaN, FPProcessNaNs). Private to fpu.c and
 * fpu_convert.c.
 */
#ifndef VBOARD_CPU_FPU_FORMAT_H
#define VBOARD_CPU_FPU_FORMAT_H

#include "fpu.h"

/* An IEEE 754 binary format. All integer work is done on patterns in the low bits of a uint64_t;
   the functions below are inlined with a constant format. */
struct format {
    int exponent_bits;
    int fraction_bits;
};
#define HALF   ((struct format){5, 10})
#define SINGLE ((struct format){8, 23})
#define DOUBLE ((struct format){11, 52})

#define INLINE static inline __attribute__((always_inline))

INLINE uint64_t sign_bit(struct format f)
{
    return (uint64_t)1 << (f.exponent_bits + f.fraction_bits);
}
INLINE uint64_t hidden_bit(struct format f)
{
    return (uint64_t)1 << f.fraction_bits;
}
INLINE uint64_t fraction_of(struct format f, uint64_t a)
{
    return a & (hidden_bit(f) - 1);
}
INLINE int exponent_max(struct format f)
{
    return (1 << f.exponent_bits) - 1;
}
INLINE int biased_exponent(struct format f, uint64_t a)
{
    return (int)(a >> f.fraction_bits) & exponent_max(f);
}
INLINE int bias(struct format f)
{
    return exponent_max(f) >> 1;
}
INLINE uint64_t magnitude(struct format f, uint64_t a)
{
    return a & (sign_bit(f) - 1);
}
INLINE uint64_t infinity(struct format f)
{
    return (uint64_t)exponent_max(f) << f.fraction_bits;
}
INLINE uint64_t quiet_bit(struct format f)
{
    return hidden_bit(f) >> 1;
}
INLINE uint64_t default_nan(struct format f)
{
    return infinity(f) | quiet_bit(f);
}
INLINE bool is_nan(struct format f, uint64_t a)
{
    return magnitude(f, a) > infinity(f);
}
INLINE bool is_signalling(struct format f, uint64_t a)
{
    return is_nan(f, a) && !(a & quiet_bit(f));
}
INLINE bool is_subnormal(struct format f, uint64_t a)
{
    uint64_t m = magnitude(f, a);
    return m != 0 && m < hidden_bit(f);
}

/* The part of FPUnpack() that is visible outside: with FZ a subnormal operand is a zero and raises
   Input Denormal. */
INLINE uint64_t flush_input(struct format f, uint64_t a, uint32_t *fpscr)
{
    if ((*fpscr & FPSCR_FZ) && is_subnormal(f, a)) {
        *fpscr |= FPSCR_IDC;
        return a & sign_bit(f);
    }
    return a;
}

/* FPProcessNaN() */
INLINE uint64_t process_nan(struct format f, uint64_t a, uint32_t *fpscr)
{
    if (is_signalling(f, a))
        *fpscr |= FPSCR_IOC;
    return *fpscr & FPSCR_DN ? default_nan(f) : a | quiet_bit(f);
}

/* FPProcessNaNs(), FPProcessNaNs3(): the first signalling operand wins, then the first quiet one.
   At least one of the n operands is a NaN. */
INLINE uint64_t process_nans(struct format f, const uint64_t *operand, int n, uint32_t *fpscr)
{
    for (int i = 0; i < n; i++)
        if (is_signalling(f, operand[i]))
            return process_nan(f, operand[i], fpscr);
    int i = 0;
    while (i < n - 1 && !is_nan(f, operand[i]))
        i++;
    return process_nan(f, operand[i], fpscr);
}

#endif
