/*
 * The floating-point instructions against Unicorn, whose arithmetic is QEMU's soft float: random
 * and special operands, all rounding modes, flush-to-zero, default NaN, alternative half precision.
 * Unicorn's Cortex-M7 has single precision only, so the oracle is its "max" core in Thumb state,
 * whose VFP instructions have the same encodings and the same pseudocode.
 *
 *   fpu_oracle_test [ROUNDS [SEED]]      rounds of 2048 operand sets for each instruction; default
 * 12
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <unicorn/unicorn.h>

#include "fpu.h"
#include "fpu_core.h"

#define CODE_BASE   0x10000u
#define INPUT_BASE  0x100000u
#define OUTPUT_BASE 0x200000u
#define BATCH       2048u

static unsigned rounds = 12;
static uint64_t seed = 1;

static uint64_t random64(void)
{
    uint64_t z = seed += 0x9E3779B97F4A7C15u; /* splitmix64 */

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}
static uint32_t below(uint32_t n)
{
    return (uint32_t)((random64() >> 32) * n >> 32);
}

/* ---- operands ---- */

/* Fractions with few bits set or cleared at either end meet the corner cases of rounding. */
static uint64_t random_fraction(int bits)
{
    uint64_t all = ((uint64_t)1 << bits) - 1;

    switch (below(6)) {
    case 0:
        return 0;
    case 1:
        return all;
    case 2:
        return random64() & all & ~(all >> below((uint32_t)bits));
    case 3:
        return ((uint64_t)1 << below((uint32_t)bits)) & all;
    case 4:
        return (all - below(4)) & all;
    default:
        return random64() & all;
    }
}

static uint64_t random_float(int exponent_bits, int fraction_bits)
{
    uint64_t top = ((uint64_t)1 << exponent_bits) - 1, bias = top / 2, exponent;

    switch (below(10)) {
    case 0:
        exponent = 0;
        break;
    case 1:
        exponent = top;
        break;
    case 2:
        exponent = 1 + below(3);
        break;
    case 3:
        exponent = top - 1 - below(3);
        break;
    case 4: /* near the edge where products and quotients become tiny */
        exponent = bias / 2 + below(5);
        break;
    case 5:
        exponent = below((uint32_t)top);
        break;
    case 6: /* about the size of integers */
        exponent = bias + below(34);
        break;
    default:
        exponent = bias - 3 + below(7);
        break;
    }
    return (random64() & 1) << (exponent_bits + fraction_bits) | exponent << fraction_bits |
           random_fraction(fraction_bits);
}

enum operands { SINGLES, DOUBLES, HALVES, INTEGERS };

static uint64_t random_pair(enum operands kind)
{
    switch (kind) {
    case DOUBLES:
        return random_float(11, 52);
    case SINGLES:
        return random_float(8, 23) << 32 | random_float(8, 23);
    case HALVES:
        return random_float(5, 10) << 48 | random_float(5, 10) << 32 | random_float(5, 10) << 16 |
               random_float(5, 10);
    default:
        return below(4) ? random64() >> below(64) : -(random64() >> below(64));
    }
}

static uint32_t random_fpscr(void)
{
    uint32_t control = (uint32_t)random64();

    switch (below(4)) {
    case 0: /* as most programs have it, nothing raised yet */
        return 0;
    case 1: /* and after a while */
        return FPSCR_IXC;
    case 2:
        return control & (FPSCR_RMODE | FPSCR_FZ | FPSCR_DN | FPSCR_AHP);
    default:
        return control & FPSCR_WRITABLE;
    }
}

/* ---- the oracle ---- */

struct record {
    uint64_t d[4];
    uint32_t fpscr;
    uint32_t apsr;
};

static uc_engine *uc;

static void must(uc_err error, const char *what)
{
    if (error != UC_ERR_OK) {
        fprintf(stderr, "unicorn: %s: %s\n", what, uc_strerror(error));
        exit(2);
    }
}

static int start_oracle(void **state)
{
    uint32_t cpacr = 0xF << 20, fpexc = 1 << 30;

    (void)state;
    must(uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &uc), "open");
    must(uc_ctl_set_cpu_model(uc, UC_CPU_ARM_MAX), "model");
    must(uc_mem_map(uc, CODE_BASE, 0x1000, UC_PROT_ALL), "map");
    must(uc_mem_map(uc, INPUT_BASE, 0x100000, UC_PROT_ALL), "map");
    must(uc_mem_map(uc, OUTPUT_BASE, 0x100000, UC_PROT_ALL), "map");
    must(uc_reg_write(uc, UC_ARM_REG_C1_C0_2, &cpacr), "cpacr");
    must(uc_reg_write(uc, UC_ARM_REG_FPEXC, &fpexc), "fpexc");
    return 0;
}

static int stop_oracle(void **state)
{
    (void)state;
    return uc_close(uc) == UC_ERR_OK ? 0 : -1;
}

/* Runs insn for BATCH records. */
static uc_err oracle_run(uint32_t insn, const struct record *in, struct record *out)
{
    uint16_t code[] = {
        0xECB0,
        0x0B08, /* loop: vldmia r0!, {d0-d3} */
        0xE8F0,
        0x3402, /* ldrd r3, r4, [r0], #8 */
        0xEEE1,
        0x3A10, /* vmsr fpscr, r3 */
        0xF384,
        0x8800, /* msr apsr_nzcvq, r4 */
        (uint16_t)(insn >> 16),
        (uint16_t)insn, /* the instruction */
        0xEEF1,
        0x3A10, /* vmrs r3, fpscr */
        0xF3EF,
        0x8400, /* mrs r4, apsr */
        0xECA1,
        0x0B08, /* vstmia r1!, {d0-d3} */
        0xE8E1,
        0x3402, /* strd r3, r4, [r1], #8 */
        0x3A01, /* subs r2, #1 */
        0xD1EB, /* bne loop */
        0xBF00,
    };
    uint32_t r0 = INPUT_BASE, r1 = OUTPUT_BASE, r2 = BATCH;
    size_t size = BATCH * sizeof *in;

    must(uc_mem_write(uc, CODE_BASE, code, sizeof code), "code");
    uc_ctl_remove_cache(uc, CODE_BASE, CODE_BASE + sizeof code);
    must(uc_mem_write(uc, INPUT_BASE, in, size), "input");
    must(uc_reg_write(uc, UC_ARM_REG_R0, &r0), "r0");
    must(uc_reg_write(uc, UC_ARM_REG_R1, &r1), "r1");
    must(uc_reg_write(uc, UC_ARM_REG_R2, &r2), "r2");
    uc_err error = uc_emu_start(uc, CODE_BASE | 1, CODE_BASE + sizeof code - 2, 0, 0);
    if (error == UC_ERR_OK)
        must(uc_mem_read(uc, OUTPUT_BASE, out, size), "output");
    return error;
}

/* ---- the comparison ---- */

struct family {
    const char *name;
    uint32_t insn;    /* registers 0 */
    uint8_t d, n, m;  /* width of the operand in bits; 0: there is none */
    uint8_t operands; /* enum operands */
    uint32_t vary;    /* further bits of the encoding to choose at random */
};

#define F32_3(NAME, INSN)                                                                          \
    {                                                                                              \
        NAME ".f32", INSN, 32, 32, 32, SINGLES, 0                                                  \
    }
#define F64_3(NAME, INSN)                                                                          \
    {                                                                                              \
        NAME ".f64", INSN | 0x100, 64, 64, 64, DOUBLES, 0                                          \
    }
#define ALL_3(NAME, INSN) F32_3(NAME, INSN), F64_3(NAME, INSN)
#define ALL_2(NAME, INSN, VARY)                                                                    \
    {NAME ".f32", INSN, 32, 0, 32, SINGLES, VARY},                                                 \
    {                                                                                              \
        NAME ".f64", INSN | 0x100, 64, 0, 64, DOUBLES, VARY                                        \
    }

static const struct family families[] = {
    ALL_3("vmla", 0xEE000A00),
    ALL_3("vmls", 0xEE000A40),
    ALL_3("vnmls", 0xEE100A00),
    ALL_3("vnmla", 0xEE100A40),
    ALL_3("vmul", 0xEE200A00),
    ALL_3("vnmul", 0xEE200A40),
    ALL_3("vadd", 0xEE300A00),
    ALL_3("vsub", 0xEE300A40),
    ALL_3("vdiv", 0xEE800A00),
    ALL_3("vfnms", 0xEE900A00),
    ALL_3("vfnma", 0xEE900A40),
    ALL_3("vfma", 0xEEA00A00),
    ALL_3("vfms", 0xEEA00A40),
    ALL_3("vmaxnm", 0xFE800A00),
    ALL_3("vminnm", 0xFE800A40),
    {"vsel.f32", 0xFE000A00, 32, 32, 32, SINGLES, 3 << 20},
    {"vsel.f64", 0xFE000B00, 64, 64, 64, DOUBLES, 3 << 20},
    ALL_2("vmov/vabs", 0xEEB00A40, 1 << 7),
    ALL_2("vneg", 0xEEB10A40, 0),
    ALL_2("vsqrt", 0xEEB10AC0, 0),
    ALL_2("vcmp/vcmpe", 0xEEB40A40, 1 << 7),
    {"vcmp/vcmpe.f32 #0", 0xEEB50A40, 32, 0, 0, SINGLES, 1 << 7},
    {"vcmp/vcmpe.f64 #0", 0xEEB50B40, 64, 0, 0, DOUBLES, 1 << 7},
    ALL_2("vrintr/z", 0xEEB60A40, 1 << 7),
    ALL_2("vrintx", 0xEEB70A40, 0),
    ALL_2("vrinta/n/p/m", 0xFEB80A40, 3 << 16),
    {"vmov.f32 #imm", 0xEEB00A00, 32, 0, 0, SINGLES, 0xF000F},
    {"vmov.f64 #imm", 0xEEB00B00, 64, 0, 0, DOUBLES, 0xF000F},
    {"vcvt.f64.f32", 0xEEB70AC0, 64, 0, 32, SINGLES, 0},
    {"vcvt.f32.f64", 0xEEB70BC0, 32, 0, 64, DOUBLES, 0},
    {"vcvtb/t.f32.f16", 0xEEB20A40, 32, 0, 32, HALVES, 1 << 7},
    {"vcvtb/t.f64.f16", 0xEEB20B40, 64, 0, 32, HALVES, 1 << 7},
    {"vcvtb/t.f16.f32", 0xEEB30A40, 32, 0, 32, SINGLES, 1 << 7},
    {"vcvtb/t.f16.f64", 0xEEB30B40, 32, 0, 64, DOUBLES, 1 << 7},
    {"vcvt.f32.u/s32", 0xEEB80A40, 32, 0, 32, INTEGERS, 1 << 7},
    {"vcvt.f64.u/s32", 0xEEB80B40, 64, 0, 32, INTEGERS, 1 << 7},
    {"vcvt(r).u/s32.f32", 0xEEBC0A40, 32, 0, 32, SINGLES, 1 << 16 | 1 << 7},
    {"vcvt(r).u/s32.f64", 0xEEBC0B40, 32, 0, 64, DOUBLES, 1 << 16 | 1 << 7},
    {"vcvta/n/p/m.u/s32.f32", 0xFEBC0A40, 32, 0, 32, SINGLES, 3 << 16 | 1 << 7},
    {"vcvta/n/p/m.u/s32.f64", 0xFEBC0B40, 32, 0, 64, DOUBLES, 3 << 16 | 1 << 7},
    {"vcvt.fixed.f32", 0xEEBE0A40, 32, 0, 0, SINGLES, 0x1002F | 1 << 7},
    {"vcvt.fixed.f64", 0xEEBE0B40, 64, 0, 0, DOUBLES, 0x1002F | 1 << 7},
    {"vcvt.f32.fixed", 0xEEBA0A40, 32, 0, 0, INTEGERS, 0x1002F | 1 << 7},
    {"vcvt.f64.fixed", 0xEEBA0B40, 64, 0, 0, INTEGERS, 0x1002F | 1 << 7},
};
#define FAMILY_COUNT (sizeof families / sizeof families[0])

/* A random register of d0..d3 or s0..s7 as its bits in the encoding. */
static uint32_t random_register(unsigned width, unsigned four, unsigned one)
{
    if (width == 0)
        return 0;
    if (width == 64)
        return below(4) << four;
    uint32_t s = below(8);
    return s >> 1 << four | (s & 1) << one;
}

static uint32_t random_insn(const struct family *f)
{
    return (f->insn ^ ((uint32_t)random64() & f->vary)) | random_register(f->d, 12, 22) |
           random_register(f->n, 16, 7) | random_register(f->m, 0, 5);
}

/* VCVT with more bits before the point than the number has is UNPREDICTABLE: QEMU shifts the other
 * way. */
static bool unpredictable(uint32_t insn)
{
    return (insn & 0xFFBA0ED0) == 0xEEBA0A40 && ((insn & 15) << 1 | (insn >> 5 & 1)) > 16;
}

/*
 * Where Unicorn 2.0.1 (QEMU 5.0) is not what DDI0403E says: VCVT from fixed-point rounds to nearest
 * (A7.7.228 "round_nearest = TRUE"), while QEMU of that time took the FPSCR's rounding mode;
 * corrected in QEMU later. The operands are given to it with RMode = 0.
 */
static bool oracle_needs_nearest(uint32_t insn)
{
    return (insn & 0xFFBE0E50) == 0xEEBA0A40;
}

static void compare_family(void **state)
{
    const struct family *f = *state;
    static struct record in[BATCH], oracle_in[BATCH], out[BATCH];
    struct fpu_core *core = fpu_core_new();
    unsigned differences = 0;

    for (unsigned round = 0; round < rounds && differences == 0; round++) {
        uint32_t insn;
        struct op op;

        do
            insn = random_insn(f);
        while (unpredictable(insn));

        for (unsigned i = 0; i < BATCH; i++) {
            for (unsigned k = 0; k < 4; k++)
                in[i].d[k] = random_pair((enum operands)f->operands);
            in[i].fpscr = random_fpscr();
            in[i].apsr = (uint32_t)random64() & 0xF0000000;
            oracle_in[i] = in[i];
            if (oracle_needs_nearest(insn))
                oracle_in[i].fpscr &= ~FPSCR_RMODE;
        }
        uc_err error = oracle_run(insn, oracle_in, out);
        bool defined = decode_fp(insn, &(struct op){0}, &(bool){0});
        if (!defined || error != UC_ERR_OK) {
            if (defined || error == UC_ERR_OK) {
                print_error("%s %08x: %s here, unicorn: %s\n", f->name, insn,
                            defined ? "defined" : "undefined", uc_strerror(error));
                differences++;
            }
            continue;
        }
        for (unsigned i = 0; i < BATCH && differences < 10; i++) {
            memcpy(core->cpu.d, in[i].d, sizeof in[i].d);
            core->cpu.fpscr = in[i].fpscr;
            apsr_set_nzcv(&core->cpu, in[i].apsr);
            assert_true(fpu_core_run(core, insn, CODE_BASE, &op));
            out[i].fpscr |= in[i].fpscr & (oracle_needs_nearest(insn) ? FPSCR_RMODE : 0);
            if (memcmp(core->cpu.d, out[i].d, sizeof out[i].d) == 0 &&
                core->cpu.fpscr == out[i].fpscr && (out[i].apsr & 0xF0000000) == in[i].apsr)
                continue;
            differences++;
            print_error("%s %08x fpscr %08x\n", f->name, insn, in[i].fpscr);
            for (unsigned k = 0; k < 4; k++)
                print_error("  d%u %016llx: %016llx, unicorn %016llx\n", k,
                            (unsigned long long)in[i].d[k], (unsigned long long)core->cpu.d[k],
                            (unsigned long long)out[i].d[k]);
            print_error("  fpscr %08x, unicorn %08x\n", core->cpu.fpscr, out[i].fpscr);
        }
    }
    fpu_core_free(core);
    assert_int_equal(differences, 0);
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[FAMILY_COUNT];

    if (argc > 1)
        rounds = (unsigned)strtoul(argv[1], NULL, 0);
    if (argc > 2)
        seed = strtoull(argv[2], NULL, 0);
    for (size_t i = 0; i < FAMILY_COUNT; i++)
        tests[i] =
            (struct CMUnitTest){families[i].name, compare_family, NULL, NULL, (void *)&families[i]};
    return cmocka_run_group_tests_name("fpu against unicorn", tests, start_oracle, stop_oracle);
}
