/* 32-bit encodings but for DSP and floating point (DDI0403E A5.3). */
#include "insn.h"

/* ThumbExpandImm: a zero byte with the replicating forms is UNPREDICTABLE (A5.3.2). */
static bool imm_ok(const struct fields *f)
{
    uint32_t imm = f->v['i'];
    return !(imm >> 10 == 0 && (imm >> 8 & 3) != 0 && (imm & 0xFF) == 0);
}

/* A saturation position with shift "ASR #0" is SSAT16/USAT16, another encoding (A7.7.152). */
static bool sat_shift_ok(const struct fields *f)
{
    return !(f->v['s'] == 1 && f->v['i'] == 0);
}

static bool extract_ok(const struct fields *f)
{
    return f->v['i'] + f->v['w'] <= 31; /* lsb + widthminus1 (A7.7.126) */
}

static bool insert_ok(const struct fields *f)
{
    return f->v['w'] >= f->v['i']; /* msbit >= lsbit (A7.7.14) */
}

/* n = 15 in BFI is BFC; the class of n excludes it. Two loaded registers must differ (A7.7.50). */
static bool pair_ok(const struct fields *f)
{
    return f->v['t'] != f->v['T'];
}

/* LDM, STM with write-back: the base must not be in the list (A7.7.41, A7.7.159). */
static bool base_not_in_list(const struct fields *f)
{
    return !(f->v['r'] >> f->v['n'] & 1);
}

/* STR with write-back: Rn must not be Rt (A7.7.161). */
static bool n_not_t(const struct fields *f)
{
    return f->v['n'] != f->v['t'];
}

static bool n_not_tu(const struct fields *f)
{
    return f->v['n'] != f->v['t'] && f->v['n'] != f->v['T'];
}

static bool n_not_tu_differ(const struct fields *f)
{
    return n_not_tu(f) && pair_ok(f);
}

/* REV and its relatives name Rm twice; CLZ as well (A7.7.113, A7.7.24). */
static bool same_m(const struct fields *f)
{
    return f->v['n'] == f->v['m'];
}

static bool hi_lo_differ(const struct fields *f)
{
    return f->v['l'] != f->v['h'];
}

/* The three bits of SYSm that name the xPSR views; 4 is reserved (B5.2.2). */
static bool psr_view_ok(const struct fields *f)
{
    return f->v['i'] != 4;
}

const struct insn_row insn_wide[] = {
    /* A5.3.5 load and store multiple */
    {"STM T2", "stmia.w|stmia", "1110100010 0 0 nnnn 0r0rrrrrrrrrrrrr", "n=A r=m", I_MEM, NULL},
    {"STM T2 wb", "stmia.w|stmia", "1110100010 1 0 nnnn 0r0rrrrrrrrrrrrr", "n=V r=m", I_MEM,
     base_not_in_list},
    {"LDM T2", "ldmia.w|ldmia", "1110100010 0 1 nnnn 0r0rrrrrrrrrrrrr", "n=A r=l", I_MEM, NULL},
    {"LDM T2 wb", "ldmia.w|ldmia|pop|ldmia", "1110100010 1 1 nnnn 0r0rrrrrrrrrrrrr", "n=V r=l",
     I_MEM, base_not_in_list},
    {"STMDB T1", "stmdb", "1110100100 0 0 nnnn 0r0rrrrrrrrrrrrr", "n=A r=m", I_MEM, NULL},
    {"STMDB T1 wb", "stmdb|push", "1110100100 1 0 nnnn 0r0rrrrrrrrrrrrr", "n=V r=m", I_MEM,
     base_not_in_list},
    {"LDMDB T1", "ldmdb", "1110100100 0 1 nnnn 0r0rrrrrrrrrrrrr", "n=A r=l", I_MEM, NULL},
    {"LDMDB T1 wb", "ldmdb", "1110100100 1 1 nnnn 0r0rrrrrrrrrrrrr", "n=V r=l", I_MEM,
     base_not_in_list},
    {"PUSH T2", "stmdb|push", "1110100100101101 0r0rrrrrrrrrrrrr", "r=m", I_MEM, NULL},
    {"POP T2", "ldmia.w|pop|ldmia", "1110100010111101 0r0rrrrrrrrrrrrr", "r=l", I_MEM, NULL},
    /* A5.3.6 load and store dual */
    {"STRD T1", "strd", "11101001u1 0 0 nnnn tttt TTTT iiiiiiii", "n=A t=S T=S", I_MEM, NULL},
    {"STRD T1 pre", "strd", "11101001u1 1 0 nnnn tttt TTTT iiiiiiii", "n=V t=S T=S", I_MEM,
     n_not_tu},
    {"STRD T1 post", "strd", "11101000u1 1 0 nnnn tttt TTTT iiiiiiii", "n=V t=S T=S", I_MEM,
     n_not_tu},
    {"LDRD T1", "ldrd", "11101001u1 0 1 nnnn tttt TTTT iiiiiiii", "n=A t=D T=D", I_MEM, pair_ok},
    {"LDRD T1 pre", "ldrd", "11101001u1 1 1 nnnn tttt TTTT iiiiiiii", "n=V t=D T=D", I_MEM,
     n_not_tu_differ},
    {"LDRD T1 post", "ldrd", "11101000u1 1 1 nnnn tttt TTTT iiiiiiii", "n=V t=D T=D", I_MEM,
     n_not_tu_differ},
    {"LDRD (literal) T1", "ldrd", "11101001u101 1111 tttt TTTT iiiiiiii", "t=D T=D",
     I_MEM | I_LITERAL, pair_ok},
    /* A5.3.11 data processing (shifted register) */
    {"AND (register) wide", "and", "11101010000s nnnn 0iii dddd iitt mmmm", "d=D n=S m=S", 0, NULL},
    {"BIC (register) wide", "bic", "11101010001s nnnn 0iii dddd iitt mmmm", "d=D n=S m=S", 0, NULL},
    {"ORR (register) wide", "orr", "11101010010s nnnn 0iii dddd iitt mmmm", "d=D n=S m=S", 0, NULL},
    {"ORN (register) wide", "orn", "11101010011s nnnn 0iii dddd iitt mmmm", "d=D n=S m=S", 0, NULL},
    {"EOR (register) wide", "eor", "11101010100s nnnn 0iii dddd iitt mmmm", "d=D n=S m=S", 0, NULL},
    {"ADD (register) wide", "add", "11101011000s nnnn 0iii dddd iitt mmmm", "d=D n=P m=S", 0, NULL},
    {"ADC (register) wide", "adc", "11101011010s nnnn 0iii dddd iitt mmmm", "d=D n=S m=S", 0, NULL},
    {"SBC (register) wide", "sbc", "11101011011s nnnn 0iii dddd iitt mmmm", "d=D n=S m=S", 0, NULL},
    {"SUB (register) wide", "sub", "11101011101s nnnn 0iii dddd iitt mmmm", "d=D n=P m=S", 0, NULL},
    {"RSB (register) wide", "rsb", "11101011110s nnnn 0iii dddd iitt mmmm", "d=D n=S m=S", 0, NULL},
    {"TST (register) wide", "tst", "111010100001 nnnn 0iii 1111 iitt mmmm", "n=S m=S", 0, NULL},
    {"TEQ (register) wide", "teq", "111010101001 nnnn 0iii 1111 iitt mmmm", "n=S m=S", 0, NULL},
    {"CMN (register) wide", "cmn", "111010110001 nnnn 0iii 1111 iitt mmmm", "n=P m=S", 0, NULL},
    {"CMP (register) wide", "cmp", "111010111011 nnnn 0iii 1111 iitt mmmm", "n=P m=S", 0, NULL},
    {"MOV (register) T3, shifts (immediate) T2, RRX", "mov|lsl|lsr|asr|ror|rrx",
     "11101010010s 1111 0iii dddd iitt mmmm", "d=D m=S", 0, NULL},
    {"MVN (register) T2", "mvn", "11101010011s 1111 0iii dddd iitt mmmm", "d=D m=S", 0, NULL},
    /* A5.3.1 data processing (modified immediate) */
    {"AND (immediate) wide", "and", "11110 i 00000s nnnn 0iii dddd iiiiiiii", "d=D n=S", 0, imm_ok},
    {"BIC (immediate) wide", "bic", "11110 i 00001s nnnn 0iii dddd iiiiiiii", "d=D n=S", 0, imm_ok},
    {"ORR (immediate) wide", "orr", "11110 i 00010s nnnn 0iii dddd iiiiiiii", "d=D n=S", 0, imm_ok},
    {"ORN (immediate) wide", "orn", "11110 i 00011s nnnn 0iii dddd iiiiiiii", "d=D n=S", 0, imm_ok},
    {"EOR (immediate) wide", "eor", "11110 i 00100s nnnn 0iii dddd iiiiiiii", "d=D n=S", 0, imm_ok},
    {"ADD (immediate) wide", "add", "11110 i 01000s nnnn 0iii dddd iiiiiiii", "d=D n=P", 0, imm_ok},
    {"ADC (immediate) wide", "adc", "11110 i 01010s nnnn 0iii dddd iiiiiiii", "d=D n=S", 0, imm_ok},
    {"SBC (immediate) wide", "sbc", "11110 i 01011s nnnn 0iii dddd iiiiiiii", "d=D n=S", 0, imm_ok},
    {"SUB (immediate) wide", "sub", "11110 i 01101s nnnn 0iii dddd iiiiiiii", "d=D n=P", 0, imm_ok},
    {"RSB (immediate) wide", "rsb", "11110 i 01110s nnnn 0iii dddd iiiiiiii", "d=D n=S", 0, imm_ok},
    {"TST (immediate) wide", "tst", "11110 i 000001 nnnn 0iii 1111 iiiiiiii", "n=S", 0, imm_ok},
    {"TEQ (immediate) wide", "teq", "11110 i 001001 nnnn 0iii 1111 iiiiiiii", "n=S", 0, imm_ok},
    {"CMN (immediate) wide", "cmn", "11110 i 010001 nnnn 0iii 1111 iiiiiiii", "n=P", 0, imm_ok},
    {"CMP (immediate) wide", "cmp", "11110 i 011011 nnnn 0iii 1111 iiiiiiii", "n=P", 0, imm_ok},
    {"MOV (immediate) T2", "mov", "11110 i 00010s 1111 0iii dddd iiiiiiii", "d=D", 0, imm_ok},
    {"MVN (immediate) T1", "mvn", "11110 i 00011s 1111 0iii dddd iiiiiiii", "d=D", 0, imm_ok},
    /* A5.3.3 data processing (plain binary immediate) */
    {"ADD (immediate) T4", "addw", "11110 i 100000 nnnn 0iii dddd iiiiiiii", "d=D n=P", 0, NULL},
    {"SUB (immediate) T4", "subw", "11110 i 101010 nnnn 0iii dddd iiiiiiii", "d=D n=P", 0, NULL},
    {"ADR T3", "addw", "11110 i 100000 1111 0iii dddd iiiiiiii", "d=D", 0, NULL},
    {"ADR T2", "subw", "11110 i 101010 1111 0iii dddd iiiiiiii", "d=D", 0, NULL},
    {"MOV (immediate) T3", "movw", "11110 i 100100 jjjj 0iii dddd iiiiiiii", "d=D", 0, NULL},
    {"MOVT T1", "movt", "11110 i 101100 jjjj 0iii dddd iiiiiiii", "d=D", 0, NULL},
    {"SSAT T1", "ssat", "1111001100s0 nnnn 0iii dddd ii0kkkkk", "d=D n=S", 0, sat_shift_ok},
    {"USAT T1", "usat", "1111001110s0 nnnn 0iii dddd ii0kkkkk", "d=D n=S", 0, sat_shift_ok},
    {"SBFX T1", "sbfx", "111100110100 nnnn 0iii dddd ii0wwwww", "d=D n=S", 0, extract_ok},
    {"UBFX T1", "ubfx", "111100111100 nnnn 0iii dddd ii0wwwww", "d=D n=S", 0, extract_ok},
    {"BFI T1", "bfi", "111100110110 nnnn 0iii dddd ii0wwwww", "d=D n=S", 0, insert_ok},
    {"BFC T1", "bfc", "1111001101101111 0iii dddd ii0wwwww", "d=D", 0, insert_ok},
    /* A5.3.4 miscellaneous control */
    {"NOP T2", "nop.w", "1111001110101111 1000000000000000", "", 0, NULL},
    {"SEV T2", "sev.w", "1111001110101111 1000000000000100", "", 0, NULL},
    {"DSB T1", "dsb|ssbb|pssbb", "1111001110111111 100011110100oooo", "", 0, NULL},
    {"DMB T1", "dmb", "1111001110111111 100011110101oooo", "", 0, NULL},
    {"ISB T1", "isb", "1111001110111111 1000111101101111", "", 0, NULL},
    {"MSR APSR", "msr", "111100111000 nnnn 1000mm00 00000000", "n=S m=N", I_M_ONLY, NULL},
    {"MRS APSR", "mrs", "1111001111101111 1000 dddd 00000000", "d=D", I_M_ONLY, NULL},
    {"MRS xPSR views", "mrs", "1111001111101111 1000 dddd 00000iii", "d=D", I_M_ONLY, psr_view_ok},
    {"MRS PRIMASK", "mrs", "1111001111101111 1000 dddd 00010000", "d=D", I_SYS | I_M_ONLY, NULL},
    {"MRS BASEPRI", "mrs", "1111001111101111 1000 dddd 00010001", "d=D", I_SYS | I_M_ONLY, NULL},
    {"MRS BASEPRI_MAX", "mrs", "1111001111101111 1000 dddd 00010010", "d=D", I_SYS | I_M_ONLY,
     NULL},
    {"MRS FAULTMASK", "mrs", "1111001111101111 1000 dddd 00010011", "d=D", I_SYS | I_M_ONLY, NULL},
    {"MRS MSP", "mrs", "1111001111101111 1000 dddd 00001000", "d=D", I_SYS | I_M_ONLY, NULL},
    {"MRS PSP", "mrs", "1111001111101111 1000 dddd 00001001", "d=D", I_SYS | I_M_ONLY, NULL},
    {"MSR PRIMASK", "msr", "111100111000 nnnn 10001000 00010000", "n=S", I_SYS | I_M_ONLY, NULL},
    {"MSR BASEPRI", "msr", "111100111000 nnnn 10001000 00010001", "n=S", I_SYS | I_M_ONLY, NULL},
    {"MSR BASEPRI_MAX", "msr", "111100111000 nnnn 10001000 00010010", "n=S", I_SYS | I_M_ONLY,
     NULL},
    {"MSR FAULTMASK", "msr", "111100111000 nnnn 10001000 00010011", "n=S", I_SYS | I_M_ONLY, NULL},
    {"MSR PSP", "msr", "111100111000 nnnn 10001000 00001001", "n=S", I_SYS | I_M_ONLY, NULL},
    /* A5.3.10 store single */
    {"STRB (immediate) imm12", "strb.w", "111110001000 nnnn tttt iiiiiiiiiiii", "n=B t=S", I_MEM,
     NULL},
    {"STRB (immediate) negative", "strb", "111110000000 nnnn tttt 1100 iiiiiiii", "n=B t=S", I_MEM,
     NULL},
    {"STRB (immediate) pre", "strb", "111110000000 nnnn tttt 11u1 iiiiiiii", "n=W t=S", I_MEM,
     n_not_t},
    {"STRB (immediate) post", "strb", "111110000000 nnnn tttt 10u1 iiiiiiii", "n=W t=S", I_MEM,
     n_not_t},
    {"STRB (register) T2", "strb.w", "111110000000 nnnn tttt 000000ii mmmm", "n=B t=S m=X", I_MEM,
     NULL},
    {"STRBT T1", "strbt", "111110000000 nnnn tttt 1110 iiiiiiii", "n=B t=S", I_MEM, NULL},
    {"STRH (immediate) imm12", "strh.w", "111110001010 nnnn tttt iiiiiiiiiiii", "n=B t=S", I_MEM,
     NULL},
    {"STRH (immediate) negative", "strh", "111110000010 nnnn tttt 1100 iiiiiiii", "n=B t=S", I_MEM,
     NULL},
    {"STRH (immediate) pre", "strh", "111110000010 nnnn tttt 11u1 iiiiiiii", "n=W t=S", I_MEM,
     n_not_t},
    {"STRH (immediate) post", "strh", "111110000010 nnnn tttt 10u1 iiiiiiii", "n=W t=S", I_MEM,
     n_not_t},
    {"STRH (register) T2", "strh.w", "111110000010 nnnn tttt 000000ii mmmm", "n=B t=S m=X", I_MEM,
     NULL},
    {"STRHT T1", "strht", "111110000010 nnnn tttt 1110 iiiiiiii", "n=B t=S", I_MEM, NULL},
    {"STR (immediate) imm12", "str.w", "111110001100 nnnn tttt iiiiiiiiiiii", "n=B t=P", I_MEM,
     NULL},
    {"STR (immediate) negative", "str", "111110000100 nnnn tttt 1100 iiiiiiii", "n=B t=P", I_MEM,
     NULL},
    {"STR (immediate) pre", "str|push", "111110000100 nnnn tttt 11u1 iiiiiiii", "n=W t=P", I_MEM,
     n_not_t},
    {"STR (immediate) post", "str", "111110000100 nnnn tttt 10u1 iiiiiiii", "n=W t=P", I_MEM,
     n_not_t},
    {"STR (register) T2", "str.w", "111110000100 nnnn tttt 000000ii mmmm", "n=B t=P m=X", I_MEM,
     NULL},
    {"STRT T1", "strt", "111110000100 nnnn tttt 1110 iiiiiiii", "n=B t=S", I_MEM, NULL},
    /* A5.3.7 to A5.3.9 load single, memory hints */
    {"LDRB (immediate) imm12", "ldrb.w", "111110001001 nnnn tttt iiiiiiiiiiii", "n=B t=D", I_MEM,
     NULL},
    {"LDRB (immediate) negative", "ldrb", "111110000001 nnnn tttt 1100 iiiiiiii", "n=B t=D", I_MEM,
     NULL},
    {"LDRB (immediate) pre", "ldrb", "111110000001 nnnn tttt 11u1 iiiiiiii", "n=W t=D", I_MEM,
     n_not_t},
    {"LDRB (immediate) post", "ldrb", "111110000001 nnnn tttt 10u1 iiiiiiii", "n=W t=D", I_MEM,
     n_not_t},
    {"LDRB (register) T2", "ldrb.w", "111110000001 nnnn tttt 000000ii mmmm", "n=B t=D m=X", I_MEM,
     NULL},
    {"LDRB (literal)", "ldrb.w|ldrb", "11111000u001 1111 tttt iiiiiiiiiiii", "t=D",
     I_MEM | I_LITERAL, NULL},
    {"LDRBT T1", "ldrbt", "111110000001 nnnn tttt 1110 iiiiiiii", "n=B t=D", I_MEM, NULL},
    {"LDRH (immediate) imm12", "ldrh.w", "111110001011 nnnn tttt iiiiiiiiiiii", "n=B t=D", I_MEM,
     NULL},
    {"LDRH (immediate) negative", "ldrh", "111110000011 nnnn tttt 1100 iiiiiiii", "n=B t=D", I_MEM,
     NULL},
    {"LDRH (immediate) pre", "ldrh", "111110000011 nnnn tttt 11u1 iiiiiiii", "n=W t=D", I_MEM,
     n_not_t},
    {"LDRH (immediate) post", "ldrh", "111110000011 nnnn tttt 10u1 iiiiiiii", "n=W t=D", I_MEM,
     n_not_t},
    {"LDRH (register) T2", "ldrh.w", "111110000011 nnnn tttt 000000ii mmmm", "n=B t=D m=X", I_MEM,
     NULL},
    {"LDRH (literal)", "ldrh.w|ldrh", "11111000u011 1111 tttt iiiiiiiiiiii", "t=D",
     I_MEM | I_LITERAL, NULL},
    {"LDRHT T1", "ldrht", "111110000011 nnnn tttt 1110 iiiiiiii", "n=B t=D", I_MEM, NULL},
    {"LDR (immediate) imm12", "ldr.w", "111110001101 nnnn tttt iiiiiiiiiiii", "n=B t=D", I_MEM,
     NULL},
    {"LDR (immediate) negative", "ldr", "111110000101 nnnn tttt 1100 iiiiiiii", "n=B t=D", I_MEM,
     NULL},
    {"LDR (immediate) pre", "ldr", "111110000101 nnnn tttt 11u1 iiiiiiii", "n=W t=D", I_MEM,
     n_not_t},
    {"LDR (immediate) post", "ldr|pop", "111110000101 nnnn tttt 10u1 iiiiiiii", "n=W t=D", I_MEM,
     n_not_t},
    {"LDR (register) T2", "ldr.w", "111110000101 nnnn tttt 000000ii mmmm", "n=B t=D m=X", I_MEM,
     NULL},
    {"LDR (literal)", "ldr.w|ldr", "11111000u101 1111 tttt iiiiiiiiiiii", "t=D", I_MEM | I_LITERAL,
     NULL},
    {"LDRT T1", "ldrt", "111110000101 nnnn tttt 1110 iiiiiiii", "n=B t=D", I_MEM, NULL},
    {"LDRSB (immediate) imm12", "ldrsb.w", "111110011001 nnnn tttt iiiiiiiiiiii", "n=B t=D", I_MEM,
     NULL},
    {"LDRSB (immediate) negative", "ldrsb", "111110010001 nnnn tttt 1100 iiiiiiii", "n=B t=D",
     I_MEM, NULL},
    {"LDRSB (immediate) pre", "ldrsb", "111110010001 nnnn tttt 11u1 iiiiiiii", "n=W t=D", I_MEM,
     n_not_t},
    {"LDRSB (immediate) post", "ldrsb", "111110010001 nnnn tttt 10u1 iiiiiiii", "n=W t=D", I_MEM,
     n_not_t},
    {"LDRSB (register) T2", "ldrsb.w", "111110010001 nnnn tttt 000000ii mmmm", "n=B t=D m=X", I_MEM,
     NULL},
    {"LDRSB (literal)", "ldrsb.w|ldrsb", "11111001u001 1111 tttt iiiiiiiiiiii", "t=D",
     I_MEM | I_LITERAL, NULL},
    {"LDRSBT T1", "ldrsbt", "111110010001 nnnn tttt 1110 iiiiiiii", "n=B t=D", I_MEM, NULL},
    {"LDRSH (immediate) imm12", "ldrsh.w", "111110011011 nnnn tttt iiiiiiiiiiii", "n=B t=D", I_MEM,
     NULL},
    {"LDRSH (immediate) negative", "ldrsh", "111110010011 nnnn tttt 1100 iiiiiiii", "n=B t=D",
     I_MEM, NULL},
    {"LDRSH (immediate) pre", "ldrsh", "111110010011 nnnn tttt 11u1 iiiiiiii", "n=W t=D", I_MEM,
     n_not_t},
    {"LDRSH (immediate) post", "ldrsh", "111110010011 nnnn tttt 10u1 iiiiiiii", "n=W t=D", I_MEM,
     n_not_t},
    {"LDRSH (register) T2", "ldrsh.w", "111110010011 nnnn tttt 000000ii mmmm", "n=B t=D m=X", I_MEM,
     NULL},
    {"LDRSH (literal)", "ldrsh.w|ldrsh", "11111001u011 1111 tttt iiiiiiiiiiii", "t=D",
     I_MEM | I_LITERAL, NULL},
    {"LDRSHT T1", "ldrsht", "111110010011 nnnn tttt 1110 iiiiiiii", "n=B t=D", I_MEM, NULL},
    {"PLD (immediate) T1", "pld", "111110001001 nnnn 1111 iiiiiiiiiiii", "n=B", I_MEM, NULL},
    {"PLD (immediate) T2", "pld", "111110000001 nnnn 1111 1100 iiiiiiii", "n=B", I_MEM, NULL},
    {"PLD (register) T1", "pld", "111110000001 nnnn 1111 000000ii mmmm", "n=B m=X", I_MEM, NULL},
    {"PLD (literal) T1", "pld", "11111000u001 1111 1111 iiiiiiiiiiii", "", I_MEM | I_LITERAL, NULL},
    {"PLI (immediate) T1", "pli", "111110011001 nnnn 1111 iiiiiiiiiiii", "n=B", I_MEM, NULL},
    {"PLI (register) T1", "pli", "111110010001 nnnn 1111 000000ii mmmm", "n=B m=X", I_MEM, NULL},
    /* A5.3.12 data processing (register) */
    {"LSL (register) T2", "lsl", "11111010000s nnnn 1111 dddd 0000 mmmm", "d=D n=S m=S", 0, NULL},
    {"LSR (register) T2", "lsr", "11111010001s nnnn 1111 dddd 0000 mmmm", "d=D n=S m=S", 0, NULL},
    {"ASR (register) T2", "asr", "11111010010s nnnn 1111 dddd 0000 mmmm", "d=D n=S m=S", 0, NULL},
    {"ROR (register) T2", "ror", "11111010011s nnnn 1111 dddd 0000 mmmm", "d=D n=S m=S", 0, NULL},
    {"SXTH T2", "sxth.w|sxth", "111110100000 1111 1111 dddd 10rr mmmm", "d=D m=S", 0, NULL},
    {"UXTH T2", "uxth.w|uxth", "111110100001 1111 1111 dddd 10rr mmmm", "d=D m=S", 0, NULL},
    {"SXTB T2", "sxtb.w|sxtb", "111110100100 1111 1111 dddd 10rr mmmm", "d=D m=S", 0, NULL},
    {"UXTB T2", "uxtb.w|uxtb", "111110100101 1111 1111 dddd 10rr mmmm", "d=D m=S", 0, NULL},
    {"REV T2", "rev.w|rev", "111110101001 nnnn 1111 dddd 1000 mmmm", "d=D n=S m=S", 0, same_m},
    {"REV16 T2", "rev16.w|rev16", "111110101001 nnnn 1111 dddd 1001 mmmm", "d=D n=S m=S", 0,
     same_m},
    {"RBIT T1", "rbit", "111110101001 nnnn 1111 dddd 1010 mmmm", "d=D n=S m=S", 0, same_m},
    {"REVSH T2", "revsh.w|revsh", "111110101001 nnnn 1111 dddd 1011 mmmm", "d=D n=S m=S", 0,
     same_m},
    {"CLZ T1", "clz", "111110101011 nnnn 1111 dddd 1000 mmmm", "d=D n=S m=S", 0, same_m},
    /* A5.3.16, A5.3.17 multiply and divide */
    {"MUL T2", "mul.w|mul", "111110110000 nnnn 1111 dddd 0000 mmmm", "d=D n=S m=S", 0, NULL},
    {"MLA T1", "mla", "111110110000 nnnn aaaa dddd 0000 mmmm", "d=D n=S m=S a=S", 0, NULL},
    {"MLS T1", "mls", "111110110000 nnnn aaaa dddd 0001 mmmm", "d=D n=S m=S a=S", 0, NULL},
    {"SMULL T1", "smull", "111110111000 nnnn llll hhhh 0000 mmmm", "l=D h=D n=S m=S", 0,
     hi_lo_differ},
    {"UMULL T1", "umull", "111110111010 nnnn llll hhhh 0000 mmmm", "l=D h=D n=S m=S", 0,
     hi_lo_differ},
    {"SMLAL T1", "smlal", "111110111100 nnnn llll hhhh 0000 mmmm", "l=D h=D n=S m=S", 0,
     hi_lo_differ},
    {"UMLAL T1", "umlal", "111110111110 nnnn llll hhhh 0000 mmmm", "l=D h=D n=S m=S", 0,
     hi_lo_differ},
    {"SDIV T1", "sdiv", "111110111001 nnnn 1111 dddd 1111 mmmm", "d=D n=S m=S", 0, NULL},
    {"UDIV T1", "udiv", "111110111011 nnnn 1111 dddd 1111 mmmm", "d=D n=S m=S", 0, NULL},
};
const size_t insn_wide_count = sizeof insn_wide / sizeof insn_wide[0];
