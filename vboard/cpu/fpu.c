#include <math.h>
#ifdef __SSE2__
#include <emmintrin.h>
#else
#include <fenv.h>
#endif

#include "cpu_int.h"
#include "fpu_format.h"

/* ---- the host's arithmetic ---------------------------------------------------------------------
 */

enum operation { ADD, SUB, MUL, DIV, SQRT, MULADD };

struct outcome {
    uint64_t bits;
    uint32_t raised; /* FPSCR exception bits; underflow is decided elsewhere */
};

/*
 * host_begin() makes the host round as asked with no sticky flag set; host_end() tells what was
 * raised since and goes back to rounding to nearest. The compiler does not know that arithmetic
 * depends on these calls: volatile operands and results keep it between them.
 */
#ifdef __SSE2__
enum { MXCSR_DEFAULT = 0x1F80, MXCSR_FLAGS = 0x3F };

INLINE void host_begin(enum fpu_rounding rounding)
{
    static const uint16_t control[4] = {0 << 13, 2 << 13, 1 << 13, 3 << 13};
    unsigned wanted = MXCSR_DEFAULT | control[rounding];
    if (_mm_getcsr() != wanted)
        _mm_setcsr(wanted);
}

INLINE uint32_t host_end(enum fpu_rounding rounding)
{
    unsigned flags = _mm_getcsr() & MXCSR_FLAGS;
    if (rounding != FPU_TO_NEAREST)
        _mm_setcsr(MXCSR_DEFAULT);
    /* MXCSR: IE 0, DE 1, ZE 2, OE 3, UE 4, PE 5. */
    return (flags & 1 ? FPSCR_IOC : 0) | (flags & 4 ? FPSCR_DZC : 0) | (flags & 8 ? FPSCR_OFC : 0) |
           (flags & 32 ? FPSCR_IXC : 0);
}
#else
INLINE void host_begin(enum fpu_rounding rounding)
{
    static const int control[4] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    if (rounding != FPU_TO_NEAREST)
        fesetround(control[rounding]);
    feclearexcept(FE_ALL_EXCEPT);
}

INLINE uint32_t host_end(enum fpu_rounding rounding)
{
    int flags = fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_INEXACT);
    if (rounding != FPU_TO_NEAREST)
        fesetround(FE_TONEAREST);
    return (flags & FE_INVALID ? FPSCR_IOC : 0) | (flags & FE_DIVBYZERO ? FPSCR_DZC : 0) |
           (flags & FE_OVERFLOW ? FPSCR_OFC : 0) | (flags & FE_INEXACT ? FPSCR_IXC : 0);
}
#endif

INLINE double compute64(enum operation op, double a, double b, double addend)
{
    switch (op) {
    case ADD:
        return a + b;
    case SUB:
        return a - b;
    case MUL:
        return a * b;
    case DIV:
        return a / b;
    case SQRT:
        return sqrt(a);
    case MULADD:
        return fma(a, b, addend);
    }
    __builtin_unreachable();
}

INLINE float compute32(enum operation op, float a, float b, float addend)
{
    switch (op) {
    case ADD:
        return a + b;
    case SUB:
        return a - b;
    case MUL:
        return a * b;
    case DIV:
        return a / b;
    case SQRT:
        return sqrtf(a);
    case MULADD:
        return fmaf(a, b, addend);
    }
    __builtin_unreachable();
}

/* No operand is a NaN; rounding is one of the FPSCR's. */
INLINE struct outcome compute(struct format f, enum operation op, const uint64_t *operand,
                              enum fpu_rounding rounding)
{
    struct outcome out;
    if (f.fraction_bits == 52) {
        double value[3];
        memcpy(value, operand, sizeof value);
        volatile double a = value[0], b = value[1], addend = value[2];
        host_begin(rounding);
        volatile double result = compute64(op, a, b, addend);
        out.raised = host_end(rounding);
        value[0] = result;
        memcpy(&out.bits, value, 8);
    } else {
        uint32_t bits[3] = {(uint32_t)operand[0], (uint32_t)operand[1], (uint32_t)operand[2]};
        float value[3];
        memcpy(value, bits, sizeof value);
        volatile float a = value[0], b = value[1], addend = value[2];
        host_begin(rounding);
        volatile float result = compute32(op, a, b, addend);
        out.raised = host_end(rounding);
        value[0] = result;
        memcpy(bits, value, 4);
        out.bits = bits[0];
    }
    return out;
}

/* operand: a, b, addend; those that the operation lacks are 0 (an exact zero of the format). */
INLINE uint64_t arithmetic(struct format f, enum operation op, uint64_t *operand, uint32_t *fpscr)
{
    /* FPMulAdd() looks at the addend first. */
    uint64_t ordered[3] = {operand[2], operand[0], operand[1]};
    for (int i = 0; i < 3; i++)
        operand[i] = flush_input(f, operand[i], fpscr);
    uint64_t a = operand[0], b = operand[1], addend = operand[2];

    if (unlikely(is_nan(f, a) || is_nan(f, b) || is_nan(f, addend))) {
        bool no_product = (magnitude(f, a) == infinity(f) && magnitude(f, b) == 0) ||
                          (magnitude(f, b) == infinity(f) && magnitude(f, a) == 0);
        if (op == MULADD && no_product && !is_signalling(f, addend)) {
            *fpscr |= FPSCR_IOC;
            return default_nan(f);
        }
        return op == MULADD ? process_nans(f, ordered, 3, fpscr)
                            : process_nans(f, operand, 2, fpscr);
    }

    struct outcome out = compute(f, op, operand, fpu_rounding_of(*fpscr));
    if (unlikely(out.raised & FPSCR_IOC)) {
        *fpscr |= FPSCR_IOC;
        return default_nan(f);
    }
    uint64_t m = magnitude(f, out.bits);
    if (unlikely(m <= hidden_bit(f)) && op != SQRT) {
        /* Tiny: below the smallest normal number before rounding (FPRound()). Where rounding went
           up to that number, truncation tells what it came from. */
        bool tiny;
        if (m < hidden_bit(f))
            tiny = m != 0 || (out.raised & FPSCR_IXC);
        else
            tiny = (out.raised & FPSCR_IXC) &&
                   magnitude(f, compute(f, op, operand, FPU_TO_ZERO).bits) < hidden_bit(f);
        if (tiny && (*fpscr & FPSCR_FZ)) {
            *fpscr |= FPSCR_UFC;
            return out.bits & sign_bit(f);
        }
        if (tiny && (out.raised & FPSCR_IXC))
            out.raised |= FPSCR_UFC;
    }
    *fpscr |= out.raised;
    return out.bits;
}

#define ARITHMETIC_2(NAME, OP)                                                                     \
    uint32_t fpu_##NAME##32(uint32_t a, uint32_t b, uint32_t * fpscr)                              \
    {                                                                                              \
        return (uint32_t)arithmetic(SINGLE, OP, (uint64_t[3]){a, b}, fpscr);                       \
    }                                                                                              \
    uint64_t fpu_##NAME##64(uint64_t a, uint64_t b, uint32_t * fpscr)                              \
    {                                                                                              \
        return arithmetic(DOUBLE, OP, (uint64_t[3]){a, b}, fpscr);                                 \
    }
ARITHMETIC_2(add, ADD)
ARITHMETIC_2(sub, SUB)
ARITHMETIC_2(mul, MUL)
ARITHMETIC_2(div, DIV)

uint32_t fpu_sqrt32(uint32_t a, uint32_t *fpscr)
{
    return (uint32_t)arithmetic(SINGLE, SQRT, (uint64_t[3]){a}, fpscr);
}
uint64_t fpu_sqrt64(uint64_t a, uint32_t *fpscr)
{
    return arithmetic(DOUBLE, SQRT, (uint64_t[3]){a}, fpscr);
}
uint32_t fpu_muladd32(uint32_t addend, uint32_t a, uint32_t b, uint32_t *fpscr)
{
    return (uint32_t)arithmetic(SINGLE, MULADD, (uint64_t[3]){a, b, addend}, fpscr);
}
uint64_t fpu_muladd64(uint64_t addend, uint64_t a, uint64_t b, uint32_t *fpscr)
{
    return arithmetic(DOUBLE, MULADD, (uint64_t[3]){a, b, addend}, fpscr);
}

/* ---- minimum, maximum, comparison --------------------------------------------------------------
 */

/* Numbers as integers of the same order; -0 is just below +0. Not for NaNs. */
INLINE int64_t order(struct format f, uint64_t a)
{
    int64_t m = (int64_t)magnitude(f, a);
    return a & sign_bit(f) ? -m - 1 : m;
}

/* FPMaxNum(), FPMinNum() */
INLINE uint64_t extremum(struct format f, uint64_t a, uint64_t b, bool maximum, uint32_t *fpscr)
{
    uint64_t operand[2] = {flush_input(f, a, fpscr), flush_input(f, b, fpscr)};
    bool quiet_a = is_nan(f, a) && !is_signalling(f, a);
    bool quiet_b = is_nan(f, b) && !is_signalling(f, b);
    uint64_t loser = infinity(f) | (maximum ? sign_bit(f) : 0);
    if (quiet_a && !quiet_b)
        operand[0] = loser;
    else if (quiet_b && !quiet_a)
        operand[1] = loser;
    if (is_nan(f, operand[0]) || is_nan(f, operand[1]))
        return process_nans(f, operand, 2, fpscr);
    bool greater = order(f, operand[0]) > order(f, operand[1]);
    return operand[greater == maximum ? 0 : 1];
}

#define EXTREMUM(NAME, MAXIMUM)                                                                    \
    uint32_t fpu_##NAME##32(uint32_t a, uint32_t b, uint32_t * fpscr)                              \
    {                                                                                              \
        return (uint32_t)extremum(SINGLE, a, b, MAXIMUM, fpscr);                                   \
    }                                                                                              \
    uint64_t fpu_##NAME##64(uint64_t a, uint64_t b, uint32_t * fpscr)                              \
    {                                                                                              \
        return extremum(DOUBLE, a, b, MAXIMUM, fpscr);                                             \
    }
EXTREMUM(maxnum, true)
EXTREMUM(minnum, false)

INLINE uint32_t compare(struct format f, uint64_t a, uint64_t b, bool quiet_raises, uint32_t *fpscr)
{
    a = flush_input(f, a, fpscr);
    b = flush_input(f, b, fpscr);
    if (is_nan(f, a) || is_nan(f, b)) {
        if (quiet_raises || is_signalling(f, a) || is_signalling(f, b))
            *fpscr |= FPSCR_IOC;
        return FPSCR_C | FPSCR_V;
    }
    if (a == b || (magnitude(f, a) | magnitude(f, b)) == 0)
        return FPSCR_Z | FPSCR_C;
    return order(f, a) < order(f, b) ? FPSCR_N : FPSCR_C;
}

uint32_t fpu_compare32(uint32_t a, uint32_t b, bool quiet_raises, uint32_t *fpscr)
{
    return compare(SINGLE, a, b, quiet_raises, fpscr);
}
uint32_t fpu_compare64(uint64_t a, uint64_t b, bool quiet_raises, uint32_t *fpscr)
{
    return compare(DOUBLE, a, b, quiet_raises, fpscr);
}

/* ---- FPSCR and host environment ----------------------------------------------------------------
 */

uint32_t fpu_get_fpscr(struct cpu *c)
{
    return c->fpscr;
}

void fpu_set_fpscr(struct cpu *c, uint32_t value)
{
    c->fpscr = value & FPSCR_WRITABLE;
}

/*
 * The short cuts of exec_fp.c need the default environment: round to nearest, subnormals kept, no
 * traps. A program that embeds the core may have chosen another one, and gets it back unchanged.
 */
#ifdef __SSE2__
static _Thread_local unsigned outside;

void fpu_enter(struct cpu *c)
{
    (void)c;
    outside = _mm_getcsr();
    _mm_setcsr(MXCSR_DEFAULT);
}

void fpu_leave(struct cpu *c)
{
    (void)c;
    _mm_setcsr(outside);
}
#else
static _Thread_local fenv_t outside;

void fpu_enter(struct cpu *c)
{
    (void)c;
    fegetenv(&outside);
    fesetenv(FE_DFL_ENV);
}

void fpu_leave(struct cpu *c)
{
    (void)c;
    fesetenv(&outside);
}
#endif
