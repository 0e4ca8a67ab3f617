/* 16-bit encodings (DDI0403E A5.2). Those that branch are made by the program generator. */
#include "insn.h"

/* CMP (register) T2: at least one high register (A7.7.28). */
static bool one_high(const struct fields *f)
{
    return f->v['n'] > 7 || f->v['m'] > 7;
}

/* STM T1 always writes back: a base in the list must be the lowest, else an UNKNOWN value is stored
   (A7.7.159). */
static bool stm_base(const struct fields *f)
{
    uint32_t list = f->v['r'], n = f->v['n'];
    return !(list >> n & 1) || (list & (0u - list)) == 1u << n;
}

/* ADD (register) T2 with both SP is ADD (SP plus register) T1 on SP itself; keep SP out of it. */
static bool not_both_sp(const struct fields *f)
{
    return !(f->v['d'] == 13 || f->v['m'] == 13) || f->v['d'] != f->v['m'];
}

const struct insn_row insn_narrow[] = {
    {"LSL (immediate) T1", "lsls", "00000 iiiii mmm ddd", "i=N d=D m=S", 0, NULL},
    {"MOV (register) T2", "movs", "0000000000 mmm ddd", "d=D m=S", I_NOT_IT, NULL},
    {"LSR (immediate) T1", "lsrs", "00001 iiiii mmm ddd", "d=D m=S", 0, NULL},
    {"ASR (immediate) T1", "asrs", "00010 iiiii mmm ddd", "d=D m=S", 0, NULL},
    {"ADD (register) T1", "adds", "0001100 mmm nnn ddd", "d=D n=S m=S", 0, NULL},
    {"SUB (register) T1", "subs", "0001101 mmm nnn ddd", "d=D n=S m=S", 0, NULL},
    {"ADD (immediate) T1", "adds", "0001110 iii nnn ddd", "d=D n=S", 0, NULL},
    {"SUB (immediate) T1", "subs", "0001111 iii nnn ddd", "d=D n=S", 0, NULL},
    {"MOV (immediate) T1", "movs", "00100 ddd iiiiiiii", "d=D", 0, NULL},
    {"CMP (immediate) T1", "cmp", "00101 nnn iiiiiiii", "n=S", 0, NULL},
    {"ADD (immediate) T2", "adds", "00110 ddd iiiiiiii", "d=D", 0, NULL},
    {"SUB (immediate) T2", "subs", "00111 ddd iiiiiiii", "d=D", 0, NULL},

    {"AND (register) T1", "ands", "0100000000 mmm ddd", "d=D m=S", 0, NULL},
    {"EOR (register) T1", "eors", "0100000001 mmm ddd", "d=D m=S", 0, NULL},
    {"LSL (register) T1", "lsls", "0100000010 mmm ddd", "d=D m=S", 0, NULL},
    {"LSR (register) T1", "lsrs", "0100000011 mmm ddd", "d=D m=S", 0, NULL},
    {"ASR (register) T1", "asrs", "0100000100 mmm ddd", "d=D m=S", 0, NULL},
    {"ADC (register) T1", "adcs", "0100000101 mmm ddd", "d=D m=S", 0, NULL},
    {"SBC (register) T1", "sbcs", "0100000110 mmm ddd", "d=D m=S", 0, NULL},
    {"ROR (register) T1", "rors", "0100000111 mmm ddd", "d=D m=S", 0, NULL},
    {"TST (register) T1", "tst", "0100001000 mmm nnn", "n=S m=S", 0, NULL},
    {"RSB (immediate) T1", "negs|rsbs", "0100001001 nnn ddd", "d=D n=S", 0, NULL},
    {"CMP (register) T1", "cmp", "0100001010 mmm nnn", "n=S m=S", 0, NULL},
    {"CMN (register) T1", "cmn", "0100001011 mmm nnn", "n=S m=S", 0, NULL},
    {"ORR (register) T1", "orrs", "0100001100 mmm ddd", "d=D m=S", 0, NULL},
    {"MUL T1", "muls", "0100001101 mmm ddd", "d=D m=S", 0, NULL},
    {"BIC (register) T1", "bics", "0100001110 mmm ddd", "d=D m=S", 0, NULL},
    {"MVN (register) T1", "mvns", "0100001111 mmm ddd", "d=D m=S", 0, NULL},

    {"ADD (register) T2", "add", "01000100 d mmmm ddd", "d=D m=Y", 0, not_both_sp},
    {"CMP (register) T2", "cmp", "01000101 n mmmm nnn", "n=P m=P", 0, one_high},
    {"MOV (register) T1", "mov", "01000110 d mmmm ddd", "d=D m=Y", 0, NULL},

    {"LDR (literal) T1", "ldr", "01001 ttt iiiiiiii", "t=D", I_MEM | I_LITERAL, NULL},
    {"STR (register) T1", "str", "0101000 mmm nnn ttt", "t=S n=B m=X", I_MEM, NULL},
    {"STRH (register) T1", "strh", "0101001 mmm nnn ttt", "t=S n=B m=X", I_MEM, NULL},
    {"STRB (register) T1", "strb", "0101010 mmm nnn ttt", "t=S n=B m=X", I_MEM, NULL},
    {"LDRSB (register) T1", "ldrsb", "0101011 mmm nnn ttt", "t=D n=B m=X", I_MEM, NULL},
    {"LDR (register) T1", "ldr", "0101100 mmm nnn ttt", "t=D n=B m=X", I_MEM, NULL},
    {"LDRH (register) T1", "ldrh", "0101101 mmm nnn ttt", "t=D n=B m=X", I_MEM, NULL},
    {"LDRB (register) T1", "ldrb", "0101110 mmm nnn ttt", "t=D n=B m=X", I_MEM, NULL},
    {"LDRSH (register) T1", "ldrsh", "0101111 mmm nnn ttt", "t=D n=B m=X", I_MEM, NULL},
    {"STR (immediate) T1", "str", "01100 iiiii nnn ttt", "t=S n=B", I_MEM, NULL},
    {"LDR (immediate) T1", "ldr", "01101 iiiii nnn ttt", "t=D n=B", I_MEM, NULL},
    {"STRB (immediate) T1", "strb", "01110 iiiii nnn ttt", "t=S n=B", I_MEM, NULL},
    {"LDRB (immediate) T1", "ldrb", "01111 iiiii nnn ttt", "t=D n=B", I_MEM, NULL},
    {"STRH (immediate) T1", "strh", "10000 iiiii nnn ttt", "t=S n=B", I_MEM, NULL},
    {"LDRH (immediate) T1", "ldrh", "10001 iiiii nnn ttt", "t=D n=B", I_MEM, NULL},
    {"STR (immediate) T2", "str", "10010 ttt iiiiiiii", "t=S", I_MEM, NULL},
    {"LDR (immediate) T2", "ldr", "10011 ttt iiiiiiii", "t=D", I_MEM, NULL},
    {"ADR T1", "add", "10100 ddd iiiiiiii", "d=D", 0, NULL},
    {"ADD (SP plus immediate) T1", "add", "10101 ddd iiiiiiii", "d=D", 0, NULL},

    {"ADD (SP plus immediate) T2", "add", "101100000 iiiiiii", "", 0, NULL},
    {"SUB (SP minus immediate) T1", "sub", "101100001 iiiiiii", "", 0, NULL},
    {"SXTH T1", "sxth", "1011001000 mmm ddd", "d=D m=S", 0, NULL},
    {"SXTB T1", "sxtb", "1011001001 mmm ddd", "d=D m=S", 0, NULL},
    {"UXTH T1", "uxth", "1011001010 mmm ddd", "d=D m=S", 0, NULL},
    {"UXTB T1", "uxtb", "1011001011 mmm ddd", "d=D m=S", 0, NULL},
    {"PUSH T1", "push", "1011010 lrrrrrrrr", "r=M", I_MEM, NULL},
    {"POP T1", "pop", "1011110 0rrrrrrrr", "r=L", I_MEM, NULL},
    {"REV T1", "rev", "1011101000 mmm ddd", "d=D m=S", 0, NULL},
    {"REV16 T1", "rev16", "1011101001 mmm ddd", "d=D m=S", 0, NULL},
    {"REVSH T1", "revsh", "1011101011 mmm ddd", "d=D m=S", 0, NULL},
    {"CPS T1", "cpsie|cpsid", "10110110011 i 00 xx", "x=N", I_NOT_IT | I_SYS | I_M_ONLY, NULL},
    {"NOP T1", "nop", "1011111100000000", "", 0, NULL},
    {"SEV T1", "sev", "1011111101000000", "", 0, NULL},
    {"STM T1", "stmia", "11000 nnn rrrrrrrr", "n=V r=M", I_MEM, stm_base},
    {"LDM T1", "ldmia", "11001 nnn rrrrrrrr", "n=V r=L", I_MEM, NULL},
};
const size_t insn_narrow_count = sizeof insn_narrow / sizeof insn_narrow[0];
