#include "unicorn_faults.h"

#include <math.h>
#include <string.h>

enum { R_SP = 13 };

static void align_sp(uint32_t code, const struct state *before, struct state *after)
{
    (void)code;
    (void)before;
    after->r[R_SP] &= ~3u;
}

static void align_psp(uint32_t code, const struct state *before, struct state *after)
{
    (void)code;
    (void)before;
    after->psp &= ~3u;
}

/* FixedToFP() with round_nearest. A double holds all 32 bits and the scaling, so that the only
   rounding is the host's, to nearest, from double to float. */
static void fixed_to_nearest(uint32_t code, const struct state *before, struct state *after)
{
    unsigned d = (code >> 12 & 15) << 1 | (code >> 22 & 1);
    int fraction = 32 - (int)((code & 15) << 1 | (code >> 5 & 1));
    uint32_t fixed = before->s[d];
    double value = code >> 16 & 1 ? (double)fixed : (double)(int32_t)fixed;
    float rounded = (float)ldexp(value, -fraction);
    memcpy(&after->s[d], &rounded, sizeof rounded);
}

/* Q of SMLAD: whether the sum of both products and the addend leaves 32 bits. */
static void q_of_the_sum(uint32_t code, const struct state *before, struct state *after)
{
    uint32_t n = before->r[code >> 16 & 15], m = before->r[code & 15];
    if (code >> 4 & 1)
        m = m >> 16 | m << 16;
    int64_t sum = (int64_t)(int16_t)n * (int16_t)m +
                  (int64_t)(int16_t)(n >> 16) * (int16_t)(m >> 16) +
                  (int32_t)before->r[code >> 12 & 15];
    if (sum == (int32_t)sum)
        after->apsr = (after->apsr & ~APSR_Q) | (before->apsr & APSR_Q);
}

const struct unicorn_fault unicorn_faults[] = {
    {"a write to SP keeps bits 1:0",
     "B1.4.7, R[] - assignment form: for SP, \"value<31:2>:'00'\"; A5.1.3: \"reading bits [1:0] of "
     "R13 returns zero\"",
     "writes all 32 bits",
     {{0xFF870000, 0x44850000},  /* ADD SP, Rm */
      {0xFF870000, 0x46850000},  /* MOV SP, Rm */
      {0xFFEF8F00, 0xEB0D0D00},  /* ADD.W SP, SP, Rm, shift */
      {0xFFEF8F00, 0xEBAD0D00},  /* SUB.W SP, SP, Rm, shift */
      {0xFBEF8F00, 0xF10D0D00},  /* ADD.W SP, SP, #const */
      {0xFBEF8F00, 0xF1AD0D00},  /* SUB.W SP, SP, #const */
      {0xFBFF8F00, 0xF20D0D00},  /* ADDW SP, SP, #imm12 */
      {0xFBFF8F00, 0xF2AD0D00}}, /* SUBW SP, SP, #imm12 */
     align_sp,
     {{0}, 0, 0, 0}},
    {"MSR PSP keeps bits 1:0",
     "B5.2.3, MSR: \"SP_process = R[n]<31:2>:'00'\"",
     "writes all 32 bits",
     {{0xFFF0FFFF, 0xF3808809}},
     align_psp,
     {{0}, 0, 0, 0}},
    {"VCVT from 32-bit fixed point to F32 rounds as FPSCR.RMode says",
     "A7.7.228: \"the fixed-point to floating-point conversion uses the Round to Nearest rounding "
     "mode\"; pseudocode: round_nearest = TRUE",
     "rounds in the mode of FPSCR.RMode",
     {{0xFFBE0FD0, 0xEEBA0AC0}},
     fixed_to_nearest,
     {{0}, 0, 0, 0}},
    {"SMLAD, SMLADX set Q though the sum is in range",
     "A7.7.139, SMLAD: \"result = product1 + product2 + SInt(R[a])\", \"if result != "
     "SInt(result<31:0>) then APSR.Q = '1'\"",
     "sets Q if product1 + product2 alone leaves 32 bits",
     {{0xFFF000E0, 0xFB200000}},
     q_of_the_sum,
     /* MOV R1, #0x80008000; SMLAD R2, R1, R1, R1; MRS R0, APSR */
     {{0xF04F, 0x2180, 0xFB21, 0x1201, 0xF3EF, 0x8000}, 6, 0, APSR_Q}},
    {"ISB in an IT block",
     "A7.3.3: ITSTATE advances after each instruction of the block; A7.7.37 (ISB): \"permitted in "
     "IT "
     "block\"",
     "forgets ITSTATE: what follows in the block is always executed",
     {{0xFFFFFFF0, 0xF3BF8F60}},
     NULL,
     /* ITE NE; ISB; MOV R0, #1 (EQ) */
     {{0xBF14, 0xF3BF, 0x8F6F, 0x2001}, 4, 0, 1}},
};
const size_t unicorn_fault_count = sizeof unicorn_faults / sizeof unicorn_faults[0];

uint32_t unicorn_fault_code(const uint16_t hw[2])
{
    return (uint32_t)hw[0] << 16 | (hw[0] >= 0xE800 ? hw[1] : 0);
}

const struct unicorn_fault *unicorn_fault_of(const uint16_t hw[2])
{
    uint32_t code = unicorn_fault_code(hw);
    for (size_t i = 0; i < unicorn_fault_count; i++) {
        for (unsigned k = 0; unicorn_faults[i].encodings[k].mask != 0; k++) {
            if ((code & unicorn_faults[i].encodings[k].mask) ==
                unicorn_faults[i].encodings[k].value)
                return &unicorn_faults[i];
        }
    }
    return NULL;
}
