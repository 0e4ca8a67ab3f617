#include "state.h"

#include <string.h>

uint64_t rng_next(struct rng *g)
{
    uint64_t z = g->x += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

uint32_t rng_below(struct rng *g, uint32_t n)
{
    return (uint32_t)((rng_next(g) >> 32) * n >> 32);
}

bool rng_chance(struct rng *g, unsigned percent)
{
    return rng_below(g, 100) < percent;
}

uint32_t rng_int(struct rng *g)
{
    static const uint32_t edge[] = {
        0,          1,          2,          0xFFFFFFFF, 0xFFFFFFFE, 0x80000000, 0x7FFFFFFF,
        0x80000001, 0x7FFFFFFE, 0x0000FFFF, 0x00008000, 0x00007FFF, 0x00010000, 0x80008000,
        0x7FFF7FFF, 0x80007FFF, 0x7FFF8000, 0x80808080, 0x7F7F7F7F, 0x00FF00FF, 0xFF00FF00,
        0x0000007F, 0x00000080, 0x000000FF, 0x00000100, 0xFFFF0000, 0xFFFF8000, 0xFFFF7FFF,
        0x55555555, 0xAAAAAAAA, 0xC0000000, 0x40000000, 0xB504F333, 0x0000B505, 0x00010001,
    };
    switch (rng_below(g, 8)) {
    case 0:
    case 1:
    case 2:
        return edge[rng_below(g, sizeof edge / sizeof edge[0])];
    case 3:
        return rng_below(g, 70); /* shift amounts */
    case 4:
        return (uint32_t)rng_next(g) >> rng_below(g, 32);
    case 5: /* one bit */
        return 1u << rng_below(g, 32);
    default:
        return (uint32_t)rng_next(g);
    }
}

uint32_t rng_float(struct rng *g)
{
    static const uint32_t edge[] = {
        0x00000000,             /* 0 */
        0x00000001,             /* smallest denormal */
        0x007FFFFF,             /* largest denormal */
        0x00400000, 0x00800000, /* smallest normal */
        0x00800001, 0x7F7FFFFF, /* largest normal */
        0x3F800000,             /* 1 */
        0x3F800001, 0x3F7FFFFF, 0x3F000000, 0x3EFFFFFF, 0x3F000001, 0x3FC00000,
        0x40200000, 0x40600000, 0x4F000000, /* 2^31 */
        0x4EFFFFFF, 0x4F7FFFFF,             /* largest below 2^32 */
        0x4F800000,                         /* 2^32 */
        0x4B000000, 0x4B000001, 0x4AFFFFFF, 0x47000000, 0x46FFFE00, 0x47800000,
        0x477FE000,                         /* 65504 */
        0x477FF000,                         /* 65520 */
        0x477FEFFF, 0x38800000,             /* 2^-14 */
        0x387FC000, 0x387FFFFF, 0x33800000, /* 2^-24 */
        0x33000000, 0x33000001, 0x7F800000, /* infinity */
        0x7FC00000,                         /* default NaN */
        0x7FC12345, 0x7FFFFFFF, 0x7F800001, /* signalling NaNs */
        0x7FA00000, 0x7FBFFFFF, 0x20000000, 0x5F000000, 0x0D000000, 0x72000000,
    };
    uint32_t sign = (uint32_t)rng_next(g) & 0x80000000;
    switch (rng_below(g, 8)) {
    case 0:
    case 1:
    case 2:
        return sign | edge[rng_below(g, sizeof edge / sizeof edge[0])];
    case 3:
    case 4: /* near one another, so that sums cancel and products stay finite */
        return sign | (0x3F800000 + ((rng_below(g, 9) - 4) << 23)) |
               ((uint32_t)rng_next(g) & 0x7FFFFF);
    case 5: /* integers and halves */
        return sign | (0x3F800000 + (rng_below(g, 33) << 23)) | ((uint32_t)rng_next(g) & 0x7FFFFF);
    case 6: /* few bits set: exact results and ties */
        return sign | (0x30000000 + (rng_below(g, 64) << 23)) |
               ((uint32_t)rng_next(g) & (uint32_t)rng_next(g) & (uint32_t)rng_next(g) & 0x7FE000);
    default:
        return (uint32_t)rng_next(g);
    }
}

uint64_t rng_double(struct rng *g)
{
    static const uint64_t edge[] = {
        0,
        0x0000000000000001, /* smallest denormal */
        0x000FFFFFFFFFFFFF, /* largest denormal */
        0x0010000000000000, /* smallest normal */
        0x7FEFFFFFFFFFFFFF, /* largest normal */
        0x3FF0000000000000, /* 1 */
        0x3FF0000000000001,
        0x3FEFFFFFFFFFFFFF,
        0x3FE0000000000000,
        0x3FDFFFFFFFFFFFFF,
        0x3FF8000000000000,
        0x4004000000000000, /* 2.5 */
        0x41DFFFFFFFC00000, /* 2^31 - 1 */
        0x41DFFFFFFFE00000, /* 2^31 - 0.5 */
        0x41E0000000000000, /* 2^31 */
        0x41E0000000200000, /* 2^31 + 1 */
        0x41EFFFFFFFE00000, /* 2^32 - 1 */
        0x41EFFFFFFFF00000, /* 2^32 - 0.5 */
        0x41F0000000000000, /* 2^32 */
        0x4330000000000000, /* 2^52 */
        0x47EFFFFFE0000000, /* largest single */
        0x47EFFFFFF0000000, /* half-way to infinity as a single */
        0x47EFFFFFEFFFFFFF,
        0x3810000000000000, /* smallest normal single */
        0x380FFFFFE0000000, /* largest denormal single */
        0x380FFFFFFFFFFFFF,
        0x36A0000000000000, /* smallest denormal single */
        0x3690000000000000, /* half of it */
        0x3690000000000001,
        0x40EFFC0000000000, /* 65504 */
        0x40EFFE0000000000, /* 65520 */
        0x3F10000000000000, /* 2^-14 */
        0x3E70000000000000, /* 2^-24 */
        0x3E60000000000000,
        0x3E60000000000001,
        0x7FF0000000000000, /* infinity */
        0x7FF8000000000000, /* default NaN */
        0x7FF8000012345678,
        0x7FFFFFFFFFFFFFFF,
        0x7FF0000000000001, /* signalling NaNs */
        0x7FF4000000000000,
        0x7FF0000020000000,
    };
    uint64_t sign = rng_next(g) & 0x8000000000000000;
    uint64_t frac = rng_next(g) & 0xFFFFFFFFFFFFF;
    switch (rng_below(g, 8)) {
    case 0:
    case 1:
    case 2:
        return sign | edge[rng_below(g, sizeof edge / sizeof edge[0])];
    case 3:
    case 4:
        return sign | ((uint64_t)(1023 + rng_below(g, 9) - 4) << 52) | frac;
    case 5:
        return sign | ((uint64_t)(1023 + rng_below(g, 33)) << 52) | frac;
    case 6: /* in the range of singles, with the bits that a single does not have often at a tie */
        return sign | ((uint64_t)(1023 - 150 + rng_below(g, 280)) << 52) |
               (frac & 0xFFFFFE0000000) | (uint64_t)rng_below(g, 3) << 28 | rng_below(g, 2);
    default:
        return rng_next(g);
    }
}

void state_random(struct state *st, struct rng *g)
{
    memset(st, 0, sizeof *st);
    for (int i = 0; i < 15; i++)
        st->r[i] = rng_int(g);
    if (rng_chance(g, 25)) /* equal operands */
        st->r[rng_below(g, 13)] = st->r[rng_below(g, 13)];
    st->apsr = (uint32_t)rng_next(g) & APSR_MASK;
    for (int i = 0; i < 32; i += 2) {
        if (rng_chance(g, 50)) {
            uint64_t d = rng_double(g);
            st->s[i] = (uint32_t)d;
            st->s[i + 1] = (uint32_t)(d >> 32);
        } else {
            st->s[i] = rng_chance(g, 80) ? rng_float(g) : rng_int(g);
            st->s[i + 1] = rng_chance(g, 80) ? rng_float(g) : rng_int(g);
        }
    }
    /* Rounding mode, FZ, DN, AHP each on their own; the cumulative flags mostly clear, so that one
       set by an instruction shows. */
    st->fpscr = (uint32_t)rng_next(g) & 0xF0C00000;
    if (rng_chance(g, 25))
        st->fpscr |= 1u << 24;
    if (rng_chance(g, 25))
        st->fpscr |= 1u << 25;
    if (rng_chance(g, 15))
        st->fpscr |= 1u << 26;
    if (rng_chance(g, 10))
        st->fpscr |= (uint32_t)rng_next(g) & 0x9F;
}

bool state_equal(const struct state *a, const struct state *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

void state_print(FILE *out, const char *title, const struct state *a)
{
    fprintf(out, "# %s:\n", title);
    for (int i = 0; i < 16; i++)
        fprintf(out, "%sr%-2d %08x%s", i % 4 ? "  " : "#   ", i, a->r[i], i % 4 == 3 ? "\n" : "");
    fprintf(out, "#   apsr %08x  fpscr %08x  primask %x  basepri %02x  faultmask %x  psp %08x\n",
            a->apsr, a->fpscr, a->primask, a->basepri, a->faultmask, a->psp);
    for (int i = 0; i < 32; i++)
        fprintf(out, "%ss%-2d %08x%s", i % 4 ? "  " : "#   ", i, a->s[i], i % 4 == 3 ? "\n" : "");
}

static void diff_line(FILE *out, const char *reg, int n, uint32_t a, uint32_t b, const char *name_a,
                      const char *name_b)
{
    if (a == b)
        return;
    char name[16];
    if (n >= 0)
        snprintf(name, sizeof name, "%s%d", reg, n);
    else
        snprintf(name, sizeof name, "%s", reg);
    fprintf(out, "#   %-9s %s %08x  %s %08x\n", name, name_a, a, name_b, b);
}

void state_print_diff(FILE *out, const char *name_a, const struct state *a, const char *name_b,
                      const struct state *b)
{
    for (int i = 0; i < 16; i++)
        diff_line(out, "r", i, a->r[i], b->r[i], name_a, name_b);
    diff_line(out, "apsr", -1, a->apsr, b->apsr, name_a, name_b);
    diff_line(out, "fpscr", -1, a->fpscr, b->fpscr, name_a, name_b);
    for (int i = 0; i < 32; i++)
        diff_line(out, "s", i, a->s[i], b->s[i], name_a, name_b);
    diff_line(out, "primask", -1, a->primask, b->primask, name_a, name_b);
    diff_line(out, "basepri", -1, a->basepri, b->basepri, name_a, name_b);
    diff_line(out, "psp", -1, a->psp, b->psp, name_a, name_b);
    diff_line(out, "faultmask", -1, a->faultmask, b->faultmask, name_a, name_b);
}
