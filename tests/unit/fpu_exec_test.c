/*
 * Decoding of FP instructions, and what their handlers do besides arithmetic: register fields,
 * access control, loads and stores with their faults, moves, FPSCR.
 */
#include <fenv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fpu.h"
#include "fpu_core.h"

#define PC 0x08000100u

/* Register fields of an encoding. */
static uint32_t sd(uint32_t n)
{
    return n >> 1 << 12 | (n & 1) << 22;
}
static uint32_t sn(uint32_t n)
{
    return n >> 1 << 16 | (n & 1) << 7;
}
static uint32_t sm(uint32_t n)
{
    return n >> 1 | (n & 1) << 5;
}
static uint32_t dd(uint32_t n)
{
    return (n & 15) << 12 | n >> 4 << 22 | 1 << 8;
}
static uint32_t dn(uint32_t n)
{
    return (n & 15) << 16 | n >> 4 << 7 | 1 << 8;
}
static uint32_t dm(uint32_t n)
{
    return (n & 15) | n >> 4 << 5 | 1 << 8;
}
static uint32_t rt(uint32_t n)
{
    return n << 12;
}
static uint32_t rn(uint32_t n)
{
    return n << 16;
}

#define VADD    0xEE300A00u
#define VMLA    0xEE000A00u
#define VABS    0xEEB00AC0u
#define VLDR    0xED900A00u /* U = 1 */
#define VSTR    0xED800A00u
#define MINUS   0x00800000u /* clears U */
#define VLDMIA  0xEC900A00u
#define VSTMIA  0xEC800A00u
#define VLDMDB  0xED300A00u /* always with write back */
#define VSTMDB  0xED200A00u
#define WRITE   0x00200000u
#define VMOV_SR 0xEE000A10u
#define VMOV_RS 0xEE100A10u
#define VMRS    0xEEF10A10u
#define VMSR    0xEEE10A10u
#define VSEL    0xFE000A00u

#define ONE  0x3FF0000000000000u
#define TWO  0x4000000000000000u
#define ONEF 0x3F800000u

static struct fpu_core *core;
static struct cpu *c;

static int setup(void **state)
{
    (void)state;
    core = fpu_core_new();
    c = &core->cpu;
    for (unsigned i = 0; i < 32; i++)
        c->s[i] = 0x51000000 + i;
    for (unsigned i = 0; i < 15; i++)
        c->r[i] = 0x10000000 + i;
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    fpu_core_free(core);
    return 0;
}

static void run(uint32_t insn)
{
    unsigned finished = core->finished;

    if (!fpu_core_run(core, insn, PC, NULL)) {
        print_error("%08x is undefined\n", insn);
        fail();
    }
    assert_int_equal(core->finished, finished + 1);
}
static void run_fault(uint32_t insn)
{
    unsigned finished = core->finished;

    assert_true(fpu_core_run(core, insn, PC, NULL));
    assert_int_equal(core->finished, finished);
}
static void undefined(uint32_t insn)
{
    if (decode_fp(insn, &(struct op){.pc = PC}, &(bool){false})) {
        print_error("%08x is defined\n", insn);
        fail();
    }
}
static uint32_t word(uint32_t addr)
{
    uint32_t value;

    memcpy(&value, core->memory + (addr - RAM_BASE), 4);
    return value;
}
static void set_word(uint32_t addr, uint32_t value)
{
    memcpy(core->memory + (addr - RAM_BASE), &value, 4);
}

/* ---- decoding ---- */

static void test_register_fields(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 32; i++) {
        c->s[i] = ONEF;
        c->s[(i + 7) % 32] = 0x40000000;
        run(VADD | sd((i + 13) % 32) | sn(i) | sm((i + 7) % 32));
        assert_int_equal(c->s[(i + 13) % 32], 0x40400000);
    }
    for (uint32_t i = 0; i < 16; i++) {
        c->d[i] = ONE;
        c->d[(i + 3) % 16] = TWO;
        run(VADD | dd((i + 5) % 16) | dn(i) | dm((i + 3) % 16));
        assert_int_equal(c->d[(i + 5) % 16], 0x4008000000000000u);
    }
}

static void test_double_registers_above_15_are_undefined(void **state)
{
    (void)state;
    undefined(VADD | dd(16) | dn(1) | dm(2));
    undefined(VADD | dd(0) | dn(31) | dm(2));
    undefined(VADD | dd(0) | dn(1) | dm(16));
    undefined(VABS | dd(16) | dm(0));
    undefined(0xEEB70AC0 | 1 << 22); /* vcvt.f64.f32 d16, s0 */
    undefined(0xEEB70BC0 | 1 << 5);  /* vcvt.f32.f64 s0, d16 */
    undefined(0xEEB00B00 | 1 << 22); /* vmov.f64 d16, #imm */
    undefined(0xEEBE0BC0 | 1 << 22); /* vcvt.s32.f64 d16, d16, #n */
    undefined(VLDR | dd(16) | rn(1));
    undefined(VLDMIA | dd(16) | rn(1) | 2);
    undefined(0xEC410B10 | 1 << 5);         /* vmov d16, r0, r1 */
    undefined(0xEE000B10 | 1 << 7 | rt(1)); /* vmov.32 d16[0], r1 */
}

static void test_undefined_encodings(void **state)
{
    (void)state;
    undefined(0xEE800A40);                   /* next to VDIV */
    undefined(0xEEB90A40);                   /* opc2 = 1001 */
    undefined(0xEEB50A41);                   /* VCMP #0 with an operand */
    undefined(0xEEB00A20);                   /* VMOV #imm, bit 5 */
    undefined(0xFE000A40);                   /* VSEL, bit 6 */
    undefined(0xFE900A00);                   /* next to VMAXNM */
    undefined(0xFEB00A40);                   /* VMOVX of later architectures */
    undefined(0xFEB80AC0);                   /* VRINTA, bit 7 */
    undefined(0xFC900A00 | rn(1) | 1);       /* VLDM with T = 1 */
    undefined(0xEE000900);                   /* coprocessor 9: half precision arithmetic */
    undefined(VMRS & ~0x000F0000u);          /* FPSID */
    undefined(0xEEF70A10);                   /* MVFR0 */
    undefined(0xEEE80A10);                   /* VMSR FPEXC */
    undefined(0xEE400B10);                   /* vmov.8 */
    undefined(0xEE000B30);                   /* vmov.16 */
    undefined(0xEE800B10);                   /* vdup */
    undefined(0xEC000A10);                   /* P, U, W = 0 and no VMOV */
    undefined(0xEC200A01 | rn(1));           /* P = U = 0 with W */
    undefined(0xEDB00A01 | rn(1));           /* P = U = W = 1 */
    undefined(0xEEBA0A40 | 8 << 0 | 1 << 5); /* 17 bits before the point of 16 */
    bool ends;
    assert_true(decode_fp(0xEEBA0A40 | 8, &(struct op){.pc = PC}, &ends));
    assert_false(ends);
}

static void test_unpredictable_encodings_are_undefined(void **state)
{
    (void)state;
    for (uint32_t r = 13; r <= 15; r += 2) {
        undefined(VMOV_SR | sn(1) | rt(r));
        undefined(VMOV_RS | sn(1) | rt(r));
        undefined(VMSR | rt(r));
        undefined(0xEC400A10 | rt(r) | rn(1)); /* vmov s0, s1, rt, rt2 */
        undefined(0xEC500B10 | rt(1) | rn(r)); /* vmov rt, rt2, d0 */
    }
    undefined(VMRS | rt(13));
    undefined(0xEC500B10 | rt(1) | rn(1));  /* the same register twice */
    undefined(0xEC400A10 | sm(31) | rt(1)); /* s31 and s32 */
    undefined(VLDMIA | rn(1));              /* no register */
    undefined(VLDMIA | dd(0) | rn(1) | 1);
    undefined(VLDMIA | sd(30) | rn(1) | 3); /* past s31 */
    undefined(VLDMIA | dd(8) | rn(1) | 18); /* past d15 */
    undefined(VLDMIA | rn(15) | 2);
    undefined(VSTMDB | rn(15) | 2);
    undefined(VSTR | rn(15) | 2);
}

static void test_every_operation_costs_cycles(void **state)
{
    static const struct {
        uint32_t insn;
        uint8_t low, high; /* range of the cycles */
    } costs[] = {
        {VADD, 1, 1},           {VADD | 0x100, 1, 3},
        {0xEE200A00, 1, 1},     {0xEE200B00, 3, 6},
        {0xEE800A00, 12, 18},   {0xEE800B00, 26, 32},
        {0xEEB10AC0, 12, 18},   {0xEEB10BC0, 26, 32},
        {VLDR | 0x10000, 1, 2}, {VLDMIA | 0x10000 | 32, 16, 18},
    };
    (void)state;
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
        struct op op = {.pc = PC};
        bool ends;
        assert_true(decode_fp(costs[i].insn, &op, &ends));
        assert_in_range(op.cycles, costs[i].low, costs[i].high);
    }
    /* all that random encodings find */
    uint32_t lcg = 1;
    unsigned found = 0;
    for (unsigned i = 0; i < 1000000; i++) {
        struct op op = {.pc = PC};
        bool ends;
        lcg = lcg * 1664525 + 1013904223;
        uint32_t insn = 0xEC000A00u | (lcg >> 4 & 0x13FFF1FFu);
        if (!decode_fp(insn, &op, &ends))
            continue;
        found++;
        assert_non_null(op.fn);
        assert_in_range(op.cycles, 1, 40);
    }
    assert_true(found > 100000);
}

/* ---- access control ---- */

static void test_access_is_checked_before_any_effect(void **state)
{
    static const uint32_t insns[] = {
        VADD,
        VADD | 0x100,
        VMLA,
        VMLA | 0x100,
        0xEEA00A00,
        0xEEB00A40,
        0xEEB00AC0,
        0xEEB10AC0,
        0xEEB40A40,
        0xEEB50B40,
        0xEEB20A40,
        0xEEB30A40,
        0xEEB60A40,
        0xEEB70A40,
        0xEEB70AC0,
        0xEEB80AC0,
        0xEEB80BC0,
        0xEEBD0AC0,
        0xEEBD0BC0,
        0xEEBD0A40,
        0xEEBE0AC0,
        0xEEBA0BC0,
        0xEEB70A00,
        0xFE000A00,
        0xFE800A00,
        0xFEBC0A40,
        VMOV_SR | 0x1000,
        VMOV_RS | 0x1000,
        0xEC410B10,
        0xEC510B10,
        VMRS | 0x1000,
        VMRS | 0xF000,
        VMSR | 0x1000,
        VLDR | 0x10000,
        VLDR | 0x10100,
        VSTR | 0x10000,
        VSTR | 0x10100,
        VLDR | 0xF0000,
        VLDMIA | WRITE | 0x10002,
        VSTMIA | WRITE | 0x10002,
    };
    (void)state;
    c->r[1] = RAM_BASE + 64;
    set_word(RAM_BASE + 64, 0x12345678);
    core->deny_access = true;
    for (size_t i = 0; i < sizeof insns / sizeof insns[0]; i++) {
        static struct fpu_core before;
        unsigned checks = core->access_checks;

        c->fp_attention = 1;
        before = *core;
        run_fault(insns[i]);
        assert_int_equal(core->access_checks, checks + 1);
        assert_memory_equal(c->r, before.cpu.r, sizeof c->r);
        assert_memory_equal(c->s, before.cpu.s, sizeof c->s);
        assert_memory_equal(core->memory, before.memory, sizeof core->memory);
        assert_int_equal(c->fpscr, before.cpu.fpscr);
        assert_int_equal(apsr_get(c), apsr_get(&before.cpu));
        assert_int_equal(core->slow_loads + core->slow_stores, 0);
    }
    core->deny_access = false;
    for (size_t i = 0; i < sizeof insns / sizeof insns[0]; i++) {
        unsigned checks = core->access_checks;

        c->r[1] = RAM_BASE + 64;
        if (insns[i] == (VLDR | 0xF0000))
            continue; /* nothing is mapped around PC */
        c->fp_attention = 1;
        run(insns[i]);
        assert_int_equal(core->access_checks, checks + 1);
        run(insns[i]); /* no attention, no check */
        assert_int_equal(core->access_checks, checks + 1);
    }
}

/* ---- arithmetic through the handlers ---- */

static void test_accumulate_rounds_the_product(void **state)
{
    (void)state;
    /* (1 + 2^-52)^2 - (1 + 2^-51): 0 after a rounded product, 2^-104 when fused. Both with the
       short cut open (Inexact set) and closed. */
    for (uint32_t fpscr = 0; fpscr <= FPSCR_IXC; fpscr += FPSCR_IXC) {
        c->fpscr = fpscr;
        c->d[1] = c->d[2] = ONE + 1;
        c->d[0] = (ONE + 2) | 1ull << 63;
        run(VMLA | dd(0) | dn(1) | dm(2));
        assert_int_equal(c->d[0], 0);
        assert_int_equal(c->fpscr, FPSCR_IXC);
        c->fpscr = fpscr;
        c->d[0] = (ONE + 2) | 1ull << 63;
        run(0xEEA00A00 | dd(0) | dn(1) | dm(2)); /* vfma */
        assert_int_equal(c->d[0], 0x3970000000000000u);
        assert_int_equal(c->fpscr, fpscr);
        c->s[1] = c->s[2] = ONEF + 1;
        c->s[0] = ONEF;
        run(VMLA | sd(0) | sn(1) | sm(2));
        assert_int_equal(c->s[0], 0x40000001);
    }
}

static void test_select(void **state)
{
    static const uint8_t passes[4][16] = {
        /* NZCV = 0..15 */
        {0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1}, /* EQ */
        {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, /* VS */
        {1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1}, /* GE */
        {1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0}, /* GT */
    };
    (void)state;
    for (uint32_t cond = 0; cond < 4; cond++)
        for (uint32_t nzcv = 0; nzcv < 16; nzcv++) {
            apsr_set_nzcv(c, nzcv << 28);
            c->d[1] = 111;
            c->d[2] = 222;
            run(VSEL | cond << 20 | dd(0) | dn(1) | dm(2));
            assert_int_equal(c->d[0], passes[cond][nzcv] ? 111 : 222);
        }
}

static void test_immediate(void **state)
{
    static const struct {
        uint32_t imm8;
        double value;
    } table[] = {{0x70, 1.0},  {0x00, 2.0},   {0xF0, -1.0}, {0x60, 0.5},
                 {0x3F, 31.0}, {0x40, 0.125}, {0x08, 3.0},  {0xA4, -10.0}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint32_t field = table[i].imm8 >> 4 << 16 | (table[i].imm8 & 15);
        double d;
        float s;
        run(0xEEB00A00 | field | dd(3));
        memcpy(&d, &c->d[3], 8);
        run(0xEEB00A00 | field | sd(9));
        memcpy(&s, &c->s[9], 4);
        assert_true(d == table[i].value && s == (float)table[i].value);
    }
}

static void test_halves_keep_their_other_half(void **state)
{
    (void)state;
    c->s[1] = ONEF;
    c->s[2] = 0xAAAABBBB;
    run(0xEEB30A40 | sd(2) | sm(1)); /* vcvtb.f16.f32 */
    assert_int_equal(c->s[2], 0xAAAA3C00);
    c->s[2] = 0xAAAABBBB;
    run(0xEEB30AC0 | sd(2) | sm(1)); /* vcvtt */
    assert_int_equal(c->s[2], 0x3C00BBBB);
    c->d[4] = ONE;
    run(0xEEB30BC0 | sd(2) | dm(4)); /* vcvtt.f16.f64 */
    assert_int_equal(c->s[2], 0x3C00BBBB);
    run(0xEEB20BC0 | dd(5) | sm(2)); /* vcvtt.f64.f16 */
    assert_int_equal(c->d[5], ONE);
}

static void test_fixed_point_of_doubles_is_64_bits_wide(void **state)
{
    (void)state;
    c->d[0] = 0xBFF0000000000000u; /* -1 */
    run(0xEEBE0BC0 | dd(0) | 8);   /* vcvt.s32.f64 d0, d0, #16 */
    assert_int_equal(c->d[0], 0xFFFFFFFFFFFF0000u);
    run(0xEEBA0BC0 | dd(0) | 8); /* vcvt.f64.s32 d0, d0, #16 */
    assert_int_equal(c->d[0], 0xBFF0000000000000u);
    c->s[5] = 0x3FC00000;        /* 1.5 */
    run(0xEEBF0A40 | sd(5) | 4); /* vcvt.u16.f32 s5, s5, #8 */
    assert_int_equal(c->s[5], 0x180);
}

/* ---- moves and FPSCR ---- */

static void test_moves(void **state)
{
    (void)state;
    run(VMOV_SR | sn(21) | rt(3));
    assert_int_equal(c->s[21], c->r[3]);
    run(VMOV_RS | sn(20) | rt(14));
    assert_int_equal(c->r[14], 0x51000000 + 20);
    run(0xEC400A10 | sm(7) | rt(1) | rn(2)); /* vmov s7, s8, r1, r2 */
    assert_int_equal(c->s[7], c->r[1]);
    assert_int_equal(c->s[8], c->r[2]);
    run(0xEC500A10 | sm(10) | rt(4) | rn(5)); /* vmov r4, r5, s10, s11 */
    assert_int_equal(c->r[4], 0x51000000 + 10);
    assert_int_equal(c->r[5], 0x51000000 + 11);
    run(0xEC400A10 | dm(15) | rt(1) | rn(2)); /* vmov d15, r1, r2 */
    assert_int_equal(c->d[15], 0x1000000210000001u);
    run(0xEC500A10 | dm(15) | rt(6) | rn(7)); /* vmov r6, r7, d15 */
    assert_int_equal(c->r[6], 0x10000001);
    assert_int_equal(c->r[7], 0x10000002);
    run(0xEE200B10 | 9 << 16 | rt(8)); /* vmov.32 d9[1], r8 */
    assert_int_equal(c->d[9], (uint64_t)c->r[8] << 32 | (0x51000000 + 18));
    run(0xEE100B10 | 9 << 16 | rt(9)); /* vmov.32 r9, d9[0] */
    assert_int_equal(c->r[9], 0x51000000 + 18);
}

static void test_fpscr(void **state)
{
    (void)state;
    c->r[1] = 0xFFFFFFFF;
    run(VMSR | rt(1));
    run(VMRS | rt(2));
    assert_int_equal(c->r[2], 0xF7C0009F); /* A2.5.3 */
    c->r[1] = 0x60000000;
    run(VMSR | rt(1));
    c->qf = 1;
    c->ge = 5;
    run(VMRS | rt(15));
    assert_int_equal(apsr_get(c), 0x60000000 | 1 << 27 | 5 << 16);
    c->d[0] = ONE;
    run(0xEEB50B40); /* vcmp.f64 d0, #0 */
    assert_int_equal(c->fpscr, FPSCR_C);
    fpu_set_fpscr(c, 0xFFFFFFFF);
    assert_int_equal(fpu_get_fpscr(c), FPSCR_WRITABLE);
}

static void test_host_environment(void **state)
{
    (void)state;
    /* 1/3 rounds differently upwards; the guest has round to nearest. */
    c->d[1] = ONE;
    c->d[2] = 0x4008000000000000u;
    c->fpscr = FPSCR_IXC;
    fesetround(FE_UPWARD);
    run(0xEE800A00 | dd(0) | dn(1) | dm(2));
    int after = fegetround();
    fesetround(FE_TONEAREST);
    assert_int_equal(after, FE_UPWARD);
    assert_int_equal(c->d[0], 0x3FD5555555555555u);
    /* and the other way round: the guest's mode stays inside */
    c->fpscr = 1u << FPSCR_RMODE_SHIFT;
    fpu_enter(c);
    c->d[0] = fpu_div64(ONE, 0x4008000000000000u, &c->fpscr);
    assert_int_equal(fegetround(), FE_TONEAREST);
    fpu_leave(c);
    assert_int_equal(c->d[0], 0x3FD5555555555556u);
    /* flags that other code raised are not the guest's */
    feraiseexcept(FE_ALL_EXCEPT);
    c->fpscr = 0;
    assert_int_equal(fpu_add64(ONE, ONE, &c->fpscr), TWO);
    assert_int_equal(c->fpscr, 0);
    feclearexcept(FE_ALL_EXCEPT);
}

/* ---- loads and stores ---- */

static void test_load_store(void **state)
{
    (void)state;
    c->r[1] = RAM_BASE + 0x100;
    run(VSTR | sd(5) | rn(1) | 2);
    assert_int_equal(word(RAM_BASE + 0x108), 0x51000005);
    run((VSTR & ~MINUS) | dd(5) | rn(1) | 3);
    assert_int_equal(word(RAM_BASE + 0xF4), 0x5100000A);
    assert_int_equal(word(RAM_BASE + 0xF8), 0x5100000B);
    run((VLDR & ~MINUS) | dd(0) | rn(1) | 3);
    assert_int_equal(c->d[0], 0x5100000B5100000Au);
    run(VLDR | sd(31) | rn(1) | 2);
    assert_int_equal(c->s[31], 0x51000005);
    assert_int_equal(core->slow_loads + core->slow_stores, 0);
    assert_int_equal(c->r[1], RAM_BASE + 0x100);
}

static void test_literal(void **state)
{
    const uint32_t pc = RAM_BASE + 0x42; /* aligned down for the base */
    (void)state;
    set_word(RAM_BASE + 0x44 + 8, 0xCAFE0001);
    set_word(RAM_BASE + 0x44 + 12, 0xCAFE0002);
    set_word(RAM_BASE + 0x44 - 16, 0xCAFE0003);
    assert_true(fpu_core_run(core, VLDR | dd(1) | rn(15) | 2, pc, NULL));
    assert_int_equal(c->d[1], 0xCAFE0002CAFE0001u);
    assert_true(fpu_core_run(core, (VLDR & ~MINUS) | sd(1) | rn(15) | 4, pc, NULL));
    assert_int_equal(c->s[1], 0xCAFE0003);
}

static void test_multiple(void **state)
{
    (void)state;
    c->r[13] = RAM_BASE + 0x200;
    run(VSTMDB | sd(3) | rn(13) | 5); /* vpush {s3-s7} */
    assert_int_equal(c->r[13], RAM_BASE + 0x200 - 20);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(word(c->r[13] + 4 * i), 0x51000003 + i);
    run(VLDMIA | WRITE | sd(20) | rn(13) | 5); /* vpop {s20-s24} */
    assert_int_equal(c->r[13], RAM_BASE + 0x200);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(c->s[20 + i], 0x51000003 + i);
    c->r[2] = RAM_BASE + 0x300;
    run(VSTMIA | dd(0) | rn(2) | 32);
    assert_int_equal(c->r[2], RAM_BASE + 0x300);
    assert_memory_equal(core->memory + 0x300, c->s, 128);
    c->r[2] = RAM_BASE + 0x380;
    memset(c->s, 0, sizeof c->s);
    run(VLDMDB | dd(0) | rn(2) | 32);
    assert_int_equal(c->r[2], RAM_BASE + 0x300);
    assert_memory_equal(core->memory + 0x300, c->s, 128);
    /* FSTMX and FLDMX: an odd count of words, the last one is skipped */
    set_word(RAM_BASE + 0x410, 0x77777777);
    c->r[3] = RAM_BASE + 0x400;
    run(VSTMIA | WRITE | dd(2) | rn(3) | 5);
    assert_int_equal(c->r[3], RAM_BASE + 0x414);
    assert_int_equal(word(RAM_BASE + 0x410), 0x77777777);
    assert_int_equal(word(RAM_BASE + 0x40C), c->s[7]);
    run(VLDMDB | dd(8) | rn(3) | 5);
    assert_int_equal(c->r[3], RAM_BASE + 0x400);
    assert_int_equal(c->d[8], c->d[2]);
}

static void test_unaligned(void **state)
{
    static const uint32_t insns[] = {VLDR,         VLDR | 0x100,       VSTR,
                                     VSTR | 0x100, VLDMIA | WRITE | 2, VSTMIA | WRITE | 2,
                                     VSTMDB | 2,   VLDMDB | 2};
    (void)state;
    for (uint32_t offset = 1; offset < 4; offset++)
        for (size_t i = 0; i < sizeof insns / sizeof insns[0]; i++) {
            struct cpu before;

            c->r[1] = RAM_BASE + 0x100 + offset;
            before = *c;
            core->unaligned_faults = 0;
            run_fault(insns[i] | rn(1));
            assert_int_equal(core->unaligned_faults, 1);
            assert_memory_equal(c->s, before.s, sizeof c->s);
            assert_memory_equal(c->r, before.r, sizeof c->r);
            assert_int_equal(core->slow_loads + core->slow_stores, 0);
        }
    for (unsigned i = 0; i < RAM_SIZE; i++)
        assert_int_equal(core->memory[i], 0);
}

static void test_outside_the_page_table(void **state)
{
    (void)state;
    c->r[1] = SLOW_BASE;
    run(VSTR | dd(1) | rn(1));
    assert_int_equal(core->doubleword_stores, 1); /* an aligned double is one beat */
    run(VSTR | dd(1) | rn(1) | 3);
    assert_int_equal(core->doubleword_stores, 1);
    assert_int_equal(core->slow_stores, 3);
    run(VLDR | dd(7) | rn(1) | 3);
    assert_int_equal(c->d[7], c->d[1]);
    run(VSTR | sd(9) | rn(1) | 8);
    run(VLDR | sd(8) | rn(1) | 8);
    assert_int_equal(c->s[8], c->s[9]);
    /* over the edge of the table */
    c->r[1] = SLOW_BASE - 4;
    run(VSTR | dd(6) | rn(1));
    assert_int_equal(word(SLOW_BASE - 4), c->s[12]);
    assert_int_equal(word(SLOW_BASE), c->s[13]);
    run(VLDR | dd(0) | rn(1));
    assert_int_equal(c->d[0], c->d[6]);
    c->r[1] = SLOW_BASE - 12;
    run(VSTMIA | WRITE | sd(16) | rn(1) | 9);
    assert_int_equal(c->r[1], SLOW_BASE + 24);
    assert_memory_equal(core->memory + RAM_SIZE - 12, &c->s[16], 36);
    run(VLDMDB | sd(0) | rn(1) | 9);
    assert_int_equal(c->r[1], SLOW_BASE - 12);
    assert_memory_equal(core->memory + RAM_SIZE - 12, &c->s[0], 36);
}

static void test_faults(void **state)
{
    const uint32_t end = SLOW_BASE + SLOW_SIZE;
    uint64_t d1 = c->d[1];

    (void)state;
    c->r[1] = end - 4;
    run_fault(VLDR | dd(1) | rn(1)); /* the upper word faults: no half of the register changes */
    assert_int_equal(c->d[1], d1);
    run_fault(VSTR | dd(1) | rn(1));
    run_fault(VLDR | sd(1) | rn(1) | 1);
    run_fault(VSTR | sd(1) | rn(1) | 1);
    c->r[1] = end - 8;
    run_fault(VLDMIA | WRITE | sd(0) | rn(1) | 4);
    assert_int_equal(c->r[1], end - 8);
    run_fault(VSTMIA | WRITE | sd(0) | rn(1) | 4);
    assert_int_equal(c->r[1], end - 8);
    c->r[1] = RAM_BASE + 4;
    run_fault(VSTMDB | sd(0) | rn(1) | 4);
    assert_int_equal(c->r[1], RAM_BASE + 4);
    run_fault(VLDMDB | dd(0) | rn(1) | 4);
    assert_int_equal(c->r[1], RAM_BASE + 4);
    assert_int_equal(core->faults, 8);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_register_fields),
        TEST(test_double_registers_above_15_are_undefined),
        TEST(test_undefined_encodings),
        TEST(test_unpredictable_encodings_are_undefined),
        TEST(test_every_operation_costs_cycles),
        TEST(test_access_is_checked_before_any_effect),
        TEST(test_accumulate_rounds_the_product),
        TEST(test_select),
        TEST(test_immediate),
        TEST(test_halves_keep_their_other_half),
        TEST(test_fixed_point_of_doubles_is_64_bits_wide),
        TEST(test_moves),
        TEST(test_fpscr),
        TEST(test_host_environment),
        TEST(test_load_store),
        TEST(test_literal),
        TEST(test_multiple),
        TEST(test_unaligned),
        TEST(test_outside_the_page_table),
        TEST(test_faults),
    };
    return cmocka_run_group_tests_name("fpu instructions", tests, NULL, NULL);
}
