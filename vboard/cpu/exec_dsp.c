/*
 * Multiplication, division, saturation and the DSP extension: ARMv7-M ARM A5.3.13 to A5.3.17.
 */
#include "exec.h"

#define N  (c->r[op->rn])
#define M  (c->r[op->rm])
#define A  (c->r[op->ra])
#define SN ((int32_t)N)
#define SM ((int32_t)M)

static inline int32_t half(uint32_t v, unsigned top)
{
    return (int16_t)(top ? v >> 16 : v);
}

void op_mul(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = N * M;
    NEXT;
}

/* 16-bit MULS: N and Z only (A7.7.84). */
void op_muls(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = N * M;
    set_nz(c, c->r[op->rd]);
    NEXT;
}

void op_mla(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = A + N * M;
    NEXT;
}

void op_mls(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = A - N * M;
    NEXT;
}

/* Long results: ra = RdLo, rd = RdHi. */
static inline void set_long(struct cpu *c, const struct op *op, uint64_t value)
{
    c->r[op->ra] = (uint32_t)value;
    c->r[op->rd] = (uint32_t)(value >> 32);
}

static inline uint64_t get_long(const struct cpu *c, const struct op *op)
{
    return (uint64_t)c->r[op->rd] << 32 | c->r[op->ra];
}

void op_smull(struct cpu *c, const struct op *op)
{
    set_long(c, op, (uint64_t)((int64_t)SN * SM));
    NEXT;
}

void op_umull(struct cpu *c, const struct op *op)
{
    set_long(c, op, (uint64_t)N * M);
    NEXT;
}

void op_smlal(struct cpu *c, const struct op *op)
{
    set_long(c, op, get_long(c, op) + (uint64_t)((int64_t)SN * SM));
    NEXT;
}

void op_umlal(struct cpu *c, const struct op *op)
{
    set_long(c, op, get_long(c, op) + (uint64_t)N * M);
    NEXT;
}

void op_umaal(struct cpu *c, const struct op *op)
{
    set_long(c, op, (uint64_t)N * M + c->r[op->rd] + c->r[op->ra]);
    NEXT;
}

/* A division takes 3 to 12 cycles by the count of quotient bits; the block charged the least, the
   rest is added here (the core retires early when the dividend is short). */
static inline void charge_division(struct cpu *c, uint32_t dividend, uint32_t divisor)
{
    int bits = __builtin_clz(divisor | 1) - __builtin_clz(dividend | 1);

    if (bits > 0)
        c->cycles += (unsigned)bits / 4;
}

void op_sdiv(struct cpu *c, const struct op *op)
{
    if (M == 0) {
        if (c->div0_trap) {
            cpu_sync(c, op, EXC_USAGE_FAULT, CFSR_DIVBYZERO, 0);
            return;
        }
        c->r[op->rd] = 0;
    } else if (N == 0x80000000u && M == 0xFFFFFFFFu) {
        c->r[op->rd] = 0x80000000u; /* A7.7.127: the overflow wraps */
    } else {
        charge_division(c, (uint32_t)(SN < 0 ? -(uint32_t)SN : N),
                        (uint32_t)(SM < 0 ? -(uint32_t)SM : M));
        c->r[op->rd] = (uint32_t)(SN / SM);
    }
    NEXT;
}

void op_udiv(struct cpu *c, const struct op *op)
{
    if (M == 0) {
        if (c->div0_trap) {
            cpu_sync(c, op, EXC_USAGE_FAULT, CFSR_DIVBYZERO, 0);
            return;
        }
        c->r[op->rd] = 0;
    } else {
        charge_division(c, N, M);
        c->r[op->rd] = N / M;
    }
    NEXT;
}

/* ---- saturation (A2.2.1 SatQ) ---- */

static inline int32_t saturate_signed(struct cpu *c, int64_t value, unsigned bits)
{
    int64_t max = (INT64_C(1) << (bits - 1)) - 1;
    int64_t min = -max - 1;

    if (value > max) {
        c->qf = 1;
        return (int32_t)max;
    }
    if (value < min) {
        c->qf = 1;
        return (int32_t)min;
    }
    return (int32_t)value;
}

static inline uint32_t saturate_unsigned(struct cpu *c, int64_t value, unsigned bits)
{
    int64_t max = (INT64_C(1) << bits) - 1;

    if (value > max) {
        c->qf = 1;
        return (uint32_t)max;
    }
    if (value < 0) {
        c->qf = 1;
        return 0;
    }
    return (uint32_t)value;
}

/* SSAT, USAT: imm = bits to saturate to, x = LSL or ASR by imm2. */
static inline int32_t saturation_operand(struct cpu *c, const struct op *op)
{
    uint32_t carry;

    return (int32_t)shift_c(op->x, N, op->imm2, 0, &carry);
}

void op_ssat(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = (uint32_t)saturate_signed(c, saturation_operand(c, op), op->imm);
    NEXT;
}

void op_usat(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = saturate_unsigned(c, saturation_operand(c, op), op->imm);
    NEXT;
}

static inline uint32_t halves(uint32_t low, uint32_t high)
{
    return (low & 0xFFFF) | high << 16;
}

void op_ssat16(struct cpu *c, const struct op *op)
{
    uint32_t v = N;

    c->r[op->rd] = halves((uint32_t)saturate_signed(c, half(v, 0), op->imm),
                          (uint32_t)saturate_signed(c, half(v, 1), op->imm));
    NEXT;
}

void op_usat16(struct cpu *c, const struct op *op)
{
    uint32_t v = N;

    c->r[op->rd] = halves(saturate_unsigned(c, half(v, 0), op->imm),
                          saturate_unsigned(c, half(v, 1), op->imm));
    NEXT;
}

/* QADD, QSUB, QDADD, QDSUB: rd = sat(rm +- rn) with rn doubled and saturated first in QD*. */
void op_qadd(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = (uint32_t)saturate_signed(c, (int64_t)SM + SN, 32);
    NEXT;
}

void op_qsub(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = (uint32_t)saturate_signed(c, (int64_t)SM - SN, 32);
    NEXT;
}

void op_qdadd(struct cpu *c, const struct op *op)
{
    int32_t doubled = saturate_signed(c, 2 * (int64_t)SN, 32);

    c->r[op->rd] = (uint32_t)saturate_signed(c, (int64_t)SM + doubled, 32);
    NEXT;
}

void op_qdsub(struct cpu *c, const struct op *op)
{
    int32_t doubled = saturate_signed(c, 2 * (int64_t)SN, 32);

    c->r[op->rd] = (uint32_t)saturate_signed(c, (int64_t)SM - doubled, 32);
    NEXT;
}

/* ---- 16-bit multiplications ---- */

/* Accumulates into 32 bits; signed overflow sets Q, the result wraps. */
static inline uint32_t accumulate(struct cpu *c, int64_t sum)
{
    if (sum != (int32_t)sum)
        c->qf = 1;
    return (uint32_t)sum;
}

void op_smulxy(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = (uint32_t)(half(N, op->x & 2) * half(M, op->x & 1));
    NEXT;
}

void op_smlaxy(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = accumulate(c, (int64_t)half(N, op->x & 2) * half(M, op->x & 1) + (int32_t)A);
    NEXT;
}

void op_smlalxy(struct cpu *c, const struct op *op)
{
    set_long(c, op, get_long(c, op) + (uint64_t)((int64_t)half(N, op->x & 2) * half(M, op->x & 1)));
    NEXT;
}

void op_smulw(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = (uint32_t)(((int64_t)SN * half(M, op->x & 1)) >> 16);
    NEXT;
}

void op_smlaw(struct cpu *c, const struct op *op)
{
    int64_t product = ((int64_t)SN * half(M, op->x & 1)) >> 16;

    c->r[op->rd] = accumulate(c, product + (int32_t)A);
    NEXT;
}

/* Dual multiplications: the second operand's halves are swapped when x is set. */
static inline int64_t dual(const struct cpu *c, const struct op *op, int sign)
{
    uint32_t m = op->x & 1 ? M >> 16 | M << 16 : M;

    return (int64_t)half(N, 0) * half(m, 0) + sign * ((int64_t)half(N, 1) * half(m, 1));
}

void op_smuad(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = accumulate(c, dual(c, op, 1));
    NEXT;
}

void op_smusd(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = (uint32_t)dual(c, op, -1); /* cannot overflow */
    NEXT;
}

void op_smlad(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = accumulate(c, dual(c, op, 1) + (int32_t)A);
    NEXT;
}

void op_smlsd(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = accumulate(c, dual(c, op, -1) + (int32_t)A);
    NEXT;
}

void op_smlald(struct cpu *c, const struct op *op)
{
    set_long(c, op, get_long(c, op) + (uint64_t)dual(c, op, 1));
    NEXT;
}

void op_smlsld(struct cpu *c, const struct op *op)
{
    set_long(c, op, get_long(c, op) + (uint64_t)dual(c, op, -1));
    NEXT;
}

/* Most significant word, rounded when x is set. */
static inline uint32_t top_word(uint64_t value, unsigned round)
{
    return (uint32_t)((value + (round ? 0x80000000u : 0)) >> 32);
}

void op_smmul(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = top_word((uint64_t)((int64_t)SN * SM), op->x & 1);
    NEXT;
}

void op_smmla(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = top_word(((uint64_t)A << 32) + (uint64_t)((int64_t)SN * SM), op->x & 1);
    NEXT;
}

void op_smmls(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = top_word(((uint64_t)A << 32) - (uint64_t)((int64_t)SN * SM), op->x & 1);
    NEXT;
}

/* ---- bytes ---- */

static inline uint32_t absolute_differences(uint32_t n, uint32_t m)
{
    uint32_t sum = 0;

    for (unsigned shift = 0; shift < 32; shift += 8) {
        int32_t difference = (int32_t)(n >> shift & 0xFF) - (int32_t)(m >> shift & 0xFF);

        sum += (uint32_t)(difference < 0 ? -difference : difference);
    }
    return sum;
}

void op_usad8(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = absolute_differences(N, M);
    NEXT;
}

void op_usada8(struct cpu *c, const struct op *op)
{
    c->r[op->rd] = A + absolute_differences(N, M);
    NEXT;
}

void op_sel(struct cpu *c, const struct op *op)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < 4; i++)
        if (c->ge >> i & 1)
            mask |= 0xFFu << (8 * i);
    c->r[op->rd] = (N & mask) | (M & ~mask);
    NEXT;
}

void op_pkh(struct cpu *c, const struct op *op)
{
    uint32_t carry;

    if (op->x & 1) /* PKHTB: ASR, 0 means 32 */
        c->r[op->rd] = halves(shift_c(SHIFT_ASR, M, op->imm ? op->imm : 32, 0, &carry), N >> 16);
    else
        c->r[op->rd] = halves(N, shift_c(SHIFT_LSL, M, op->imm, 0, &carry) >> 16);
    NEXT;
}

/* ---- parallel addition and subtraction (A5.3.14, A5.3.15) ---- */

enum prefix { PREFIX_S, PREFIX_Q, PREFIX_SH, PREFIX_U, PREFIX_UQ, PREFIX_UH };

/* One lane: the sum is exact; what the prefix makes of it, and whether GE is set. */
static inline uint32_t lane(enum prefix prefix, int32_t sum, bool is_sum, unsigned bits, bool *ge)
{
    int32_t top = 1 << bits;

    switch (prefix) {
    case PREFIX_S:
        *ge = sum >= 0;
        return (uint32_t)sum;
    case PREFIX_U:
        *ge = is_sum ? sum >= top : sum >= 0;
        return (uint32_t)sum;
    case PREFIX_Q:
        sum = sum >= top / 2 ? top / 2 - 1 : sum < -top / 2 ? -top / 2 : sum;
        return (uint32_t)sum;
    case PREFIX_UQ:
        sum = sum >= top ? top - 1 : sum < 0 ? 0 : sum;
        return (uint32_t)sum;
    default: /* halving */
        return (uint32_t)(sum >> 1);
    }
}

static inline int32_t extend_lane(enum prefix prefix, uint32_t v, unsigned bits)
{
    bool is_signed = prefix == PREFIX_S || prefix == PREFIX_Q || prefix == PREFIX_SH;

    if (bits == 8)
        return is_signed ? (int32_t)(int8_t)v : (int32_t)(v & 0xFF);
    return is_signed ? (int32_t)(int16_t)v : (int32_t)(v & 0xFFFF);
}

static inline void parallel8(struct cpu *c, const struct op *op, enum prefix prefix, int sign)
{
    uint32_t n = N, m = M, result = 0;

    for (unsigned i = 0; i < 4; i++) {
        bool ge = false;
        int32_t sum =
            extend_lane(prefix, n >> (8 * i), 8) + sign * extend_lane(prefix, m >> (8 * i), 8);

        result |= (lane(prefix, sum, sign > 0, 8, &ge) & 0xFF) << (8 * i);
        if (prefix == PREFIX_S || prefix == PREFIX_U)
            c->ge = (uint8_t)((c->ge & ~(1u << i)) | (unsigned)ge << i);
    }
    c->r[op->rd] = result;
}

/* low and high: signs of the operations on the lower and upper half; exchange swaps m's halves. */
static inline void parallel16(struct cpu *c, const struct op *op, enum prefix prefix, int low,
                              int high, bool exchange)
{
    uint32_t n = N, m = M;
    bool ge_low = false, ge_high = false;

    if (exchange)
        m = m >> 16 | m << 16;
    int32_t sum_low = extend_lane(prefix, n, 16) + low * extend_lane(prefix, m, 16);
    int32_t sum_high = extend_lane(prefix, n >> 16, 16) + high * extend_lane(prefix, m >> 16, 16);
    uint32_t result_low = lane(prefix, sum_low, low > 0, 16, &ge_low);
    uint32_t result_high = lane(prefix, sum_high, high > 0, 16, &ge_high);

    if (prefix == PREFIX_S || prefix == PREFIX_U)
        c->ge = (uint8_t)((ge_low ? 3 : 0) | (ge_high ? 12 : 0));
    c->r[op->rd] = halves(result_low, result_high);
}

#define PARALLEL(NAME, PREFIX)                                                                     \
    static void NAME##add8(struct cpu *c, const struct op *op)                                     \
    {                                                                                              \
        parallel8(c, op, PREFIX, 1);                                                               \
        NEXT;                                                                                      \
    }                                                                                              \
    static void NAME##sub8(struct cpu *c, const struct op *op)                                     \
    {                                                                                              \
        parallel8(c, op, PREFIX, -1);                                                              \
        NEXT;                                                                                      \
    }                                                                                              \
    static void NAME##add16(struct cpu *c, const struct op *op)                                    \
    {                                                                                              \
        parallel16(c, op, PREFIX, 1, 1, false);                                                    \
        NEXT;                                                                                      \
    }                                                                                              \
    static void NAME##sub16(struct cpu *c, const struct op *op)                                    \
    {                                                                                              \
        parallel16(c, op, PREFIX, -1, -1, false);                                                  \
        NEXT;                                                                                      \
    }                                                                                              \
    static void NAME##asx(struct cpu *c, const struct op *op)                                      \
    {                                                                                              \
        parallel16(c, op, PREFIX, -1, 1, true);                                                    \
        NEXT;                                                                                      \
    }                                                                                              \
    static void NAME##sax(struct cpu *c, const struct op *op)                                      \
    {                                                                                              \
        parallel16(c, op, PREFIX, 1, -1, true);                                                    \
        NEXT;                                                                                      \
    }
PARALLEL(s, PREFIX_S)
PARALLEL(q, PREFIX_Q)
PARALLEL(sh, PREFIX_SH)
PARALLEL(u, PREFIX_U)
PARALLEL(uq, PREFIX_UQ)
PARALLEL(uh, PREFIX_UH)

#define PARALLEL_ROW(NAME)                                                                         \
    {                                                                                              \
        NAME##add8, NAME##add16, NAME##asx, NAME##sub8, NAME##sub16, NAME##sax                     \
    }
op_fn *const exec_parallel[6][6] = {
    PARALLEL_ROW(s), PARALLEL_ROW(q),  PARALLEL_ROW(sh),
    PARALLEL_ROW(u), PARALLEL_ROW(uq), PARALLEL_ROW(uh),
};
