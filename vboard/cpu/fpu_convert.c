#include "fpu_format.h"

/* ---- rounding in integers ----------------------------------------------------------------------
 */

/*
 * A positive number as an integer and what is cut off behind it: 0, less than, exactly or more than
 * one half. round_up() tells whether rounding adds one to the integer.
 */
enum rest { REST_NONE, REST_LESS, REST_HALF, REST_MORE };

struct cut {
    uint64_t integer;
    enum rest rest;
};

/* value / 2^places, places >= 0 */
INLINE struct cut cut(uint64_t value, int places)
{
    if (places == 0)
        return (struct cut){value, REST_NONE};
    if (places > 64)
        return (struct cut){0, value ? REST_LESS : REST_NONE};
    uint64_t behind = places == 64 ? value : value << (64 - places);
    uint64_t half = (uint64_t)1 << 63;
    enum rest rest = behind == 0     ? REST_NONE
                     : behind < half ? REST_LESS
                     : behind > half ? REST_MORE
                                     : REST_HALF;
    return (struct cut){places == 64 ? 0 : value >> places, rest};
}

INLINE bool round_up(struct cut c, bool negative, enum fpu_rounding rounding)
{
    switch (rounding) {
    case FPU_TO_NEAREST:
        return c.rest == REST_MORE || (c.rest == REST_HALF && (c.integer & 1));
    case FPU_TIES_AWAY:
        return c.rest >= REST_HALF;
    case FPU_TO_PLUS:
        return c.rest != REST_NONE && !negative;
    case FPU_TO_MINUS:
        return c.rest != REST_NONE && negative;
    case FPU_TO_ZERO:
        break;
    }
    return false;
}

/* A finite number that is not zero: (-1)^negative * significand * 2^exponent. */
struct number {
    bool negative;
    int exponent;
    uint64_t significand;
};

/* a is finite and not zero. */
INLINE struct number unpack(struct format f, uint64_t a)
{
    int exponent = biased_exponent(f, a);
    uint64_t significand = fraction_of(f, a);
    if (exponent == 0)
        exponent = 1;
    else
        significand |= hidden_bit(f);
    return (struct number){(a & sign_bit(f)) != 0, exponent - bias(f) - f.fraction_bits,
                           significand};
}

/* FPRound(): to format f; half precision as FPSCR.AHP says. */
INLINE uint64_t round_pack(struct format f, struct number n, enum fpu_rounding rounding,
                           uint32_t *fpscr)
{
    const bool half = f.exponent_bits == 5;
    const bool alternative = half && (*fpscr & FPSCR_AHP);
    const uint64_t sign = n.negative ? sign_bit(f) : 0;

    int shift = __builtin_clzll(n.significand);
    uint64_t mantissa = n.significand << shift; /* 1.xxx with the point behind bit 63 */
    int biased = n.exponent - shift + 63 + bias(f);
    int places = 63 - f.fraction_bits;

    if (biased < 1) {
        if (!half && (*fpscr & FPSCR_FZ)) {
            *fpscr |= FPSCR_UFC;
            return sign;
        }
        places += 1 - biased;
        biased = 0;
    }
    struct cut c = cut(mantissa, places);
    bool inexact = c.rest != REST_NONE;
    if (biased == 0 && inexact)
        *fpscr |= FPSCR_UFC;

    /* The hidden bit of a normal number adds one to the exponent field, as does the carry of
     * rounding. */
    uint64_t packed = c.integer + (uint64_t)round_up(c, n.negative, rounding);
    if (biased > 0)
        packed += (uint64_t)(biased - 1) << f.fraction_bits;

    if (alternative) {
        if (packed >= (uint64_t)(exponent_max(f) + 1) << f.fraction_bits) {
            *fpscr |= FPSCR_IOC;
            return sign | (sign_bit(f) - 1);
        }
    } else if (packed >= infinity(f)) {
        bool to_infinity = rounding == FPU_TO_NEAREST || rounding == FPU_TIES_AWAY ||
                           rounding == (n.negative ? FPU_TO_MINUS : FPU_TO_PLUS);
        *fpscr |= FPSCR_OFC | FPSCR_IXC;
        return sign | (infinity(f) - (to_infinity ? 0 : 1));
    }
    if (inexact)
        *fpscr |= FPSCR_IXC;
    return sign | packed;
}

/* ---- between floating-point formats ------------------------------------------------------------
 */

/* The NaN `a` with the upper bits of its fraction kept. */
INLINE uint64_t convert_nan(struct format from, struct format to, uint64_t a, uint32_t *fpscr)
{
    a = process_nan(from, a, fpscr);
    int wider = to.fraction_bits - from.fraction_bits;
    uint64_t fraction = fraction_of(from, a);
    fraction =
        wider >= 0 ? fraction << (wider >= 0 ? wider : 0) : fraction >> (wider < 0 ? -wider : 0);
    return (a & sign_bit(from) ? sign_bit(to) : 0) | infinity(to) | fraction;
}

INLINE uint64_t convert(struct format from, struct format to, uint64_t a, uint32_t *fpscr)
{
    const bool from_half = from.exponent_bits == 5, to_half = to.exponent_bits == 5;
    const uint64_t sign = a & sign_bit(from) ? sign_bit(to) : 0;

    if (!from_half) /* half precision is never flushed */
        a = flush_input(from, a, fpscr);
    if (magnitude(from, a) == 0)
        return sign;
    if (biased_exponent(from, a) == exponent_max(from) && !(from_half && (*fpscr & FPSCR_AHP))) {
        bool nan = is_nan(from, a);
        if (to_half && (*fpscr & FPSCR_AHP)) {
            /* the alternative format has neither infinities nor NaNs */
            *fpscr |= FPSCR_IOC;
            return nan ? sign : sign | (sign_bit(to) - 1);
        }
        return nan ? convert_nan(from, to, a, fpscr) : sign | infinity(to);
    }
    return round_pack(to, unpack(from, a), fpu_rounding_of(*fpscr), fpscr);
}

uint64_t fpu_single_to_double(uint32_t a, uint32_t *fpscr)
{
    return convert(SINGLE, DOUBLE, a, fpscr);
}
uint32_t fpu_double_to_single(uint64_t a, uint32_t *fpscr)
{
    return (uint32_t)convert(DOUBLE, SINGLE, a, fpscr);
}
uint32_t fpu_half_to_single(uint16_t a, uint32_t *fpscr)
{
    return (uint32_t)convert(HALF, SINGLE, a, fpscr);
}
uint64_t fpu_half_to_double(uint16_t a, uint32_t *fpscr)
{
    return convert(HALF, DOUBLE, a, fpscr);
}
uint16_t fpu_single_to_half(uint32_t a, uint32_t *fpscr)
{
    return (uint16_t)convert(SINGLE, HALF, a, fpscr);
}
uint16_t fpu_double_to_half(uint64_t a, uint32_t *fpscr)
{
    return (uint16_t)convert(DOUBLE, HALF, a, fpscr);
}

/* ---- to integral values ------------------------------------------------------------------------
 */

/* FPRoundInt() */
INLINE uint64_t round_int(struct format f, uint64_t a, enum fpu_rounding rounding, bool exact,
                          uint32_t *fpscr)
{
    a = flush_input(f, a, fpscr);
    if (is_nan(f, a))
        return process_nan(f, a, fpscr);
    const uint64_t sign = a & sign_bit(f);
    int places = f.fraction_bits + bias(f) - biased_exponent(f, a);
    if (places <= 0 || magnitude(f, a) == 0)
        return a;
    struct number n = unpack(f, a);
    struct cut c = cut(n.significand, -n.exponent);
    if (c.rest == REST_NONE)
        return a;
    if (exact)
        *fpscr |= FPSCR_IXC;
    c.integer += round_up(c, n.negative, rounding);
    if (c.integer == 0)
        return sign;
    /* An integer of at most fraction_bits + 1 bits: packing is exact. */
    int shift = f.fraction_bits - (63 - __builtin_clzll(c.integer));
    int biased = bias(f) + f.fraction_bits - shift;
    return sign | (((uint64_t)(biased - 1) << f.fraction_bits) + (c.integer << shift));
}

uint32_t fpu_round_int32(uint32_t a, enum fpu_rounding rounding, bool exact, uint32_t *fpscr)
{
    return (uint32_t)round_int(SINGLE, a, rounding, exact, fpscr);
}
uint64_t fpu_round_int64(uint64_t a, enum fpu_rounding rounding, bool exact, uint32_t *fpscr)
{
    return round_int(DOUBLE, a, rounding, exact, fpscr);
}

/* ---- fixed point -------------------------------------------------------------------------------
 */

INLINE uint64_t to_fixed(struct format f, uint64_t a, struct fpu_fixed format,
                         enum fpu_rounding rounding, uint32_t *fpscr)
{
    const uint64_t top = format.is_unsigned ? ((uint64_t)1 << format.bits) - 1
                                            : ((uint64_t)1 << (format.bits - 1)) - 1;
    a = flush_input(f, a, fpscr);
    if (is_nan(f, a)) {
        *fpscr |= FPSCR_IOC;
        return 0;
    }
    if (magnitude(f, a) == 0)
        return 0;

    struct cut c;
    struct number n = unpack(f, a); /* an infinity is a number that is too large, too */
    int exponent = n.exponent + format.fraction;
    if (exponent > 63 - f.fraction_bits)
        c = (struct cut){UINT64_MAX, REST_NONE};
    else if (exponent >= 0)
        c = (struct cut){n.significand << exponent, REST_NONE};
    else
        c = cut(n.significand, -exponent);
    uint64_t m = c.integer;
    if (round_up(c, n.negative, rounding))
        m++;

    /* The largest magnitude below zero: 0 when unsigned, one more than above zero when signed. */
    uint64_t limit = !n.negative ? top : format.is_unsigned ? 0 : top + 1;
    if (m > limit) {
        *fpscr |= FPSCR_IOC;
        m = limit;
    } else if (c.rest != REST_NONE) {
        *fpscr |= FPSCR_IXC;
    }
    return n.negative ? -m : m;
}

uint64_t fpu_to_fixed32(uint32_t a, struct fpu_fixed format, enum fpu_rounding rounding,
                        uint32_t *fpscr)
{
    return to_fixed(SINGLE, a, format, rounding, fpscr);
}
uint64_t fpu_to_fixed64(uint64_t a, struct fpu_fixed format, enum fpu_rounding rounding,
                        uint32_t *fpscr)
{
    return to_fixed(DOUBLE, a, format, rounding, fpscr);
}

INLINE uint64_t from_fixed(struct format f, uint32_t value, struct fpu_fixed format,
                           enum fpu_rounding rounding, uint32_t *fpscr)
{
    int64_t v = format.is_unsigned ? (format.bits == 16 ? (int64_t)(uint16_t)value : (int64_t)value)
                : format.bits == 16 ? (int16_t)value
                                    : (int32_t)value;
    if (v == 0)
        return 0;
    struct number n = {v < 0, -format.fraction, (uint64_t)(v < 0 ? -v : v)};
    return round_pack(f, n, rounding, fpscr);
}

uint32_t fpu_from_fixed32(uint32_t value, struct fpu_fixed format, enum fpu_rounding rounding,
                          uint32_t *fpscr)
{
    return (uint32_t)from_fixed(SINGLE, value, format, rounding, fpscr);
}
uint64_t fpu_from_fixed64(uint32_t value, struct fpu_fixed format, enum fpu_rounding rounding,
                          uint32_t *fpscr)
{
    return from_fixed(DOUBLE, value, format, rounding, fpscr);
}
