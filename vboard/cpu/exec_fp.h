/*
 * Floating-point operations: what decode_fp.c may put into op->fn (exec_fp.c: arithmetic and
 * conversions; exec_fp_move.c: moves, loads and stores).
 *
 * Operands: rd, rn, rm are numbers of S or D registers as the handler's suffix says (_f32: c->s[],
 * _f64: c->d[]); where a core register takes part it is ra (and rn for the second one of a pair).
 * Handlers that need it take a rounding mode in x (enum fpu_rounding or ROUND_AS_FPSCR).
 *
 * Every handler begins with the check of c->fp_attention, before it has any effect.
 */
#ifndef VBOARD_CPU_EXEC_FP_H
#define VBOARD_CPU_EXEC_FP_H

#include "cpu_int.h"
#include "fpu.h"

#define ROUND_AS_FPSCR 8u

/* Three registers; the multiply-accumulates read rd as well. VMLA..VNMLS round twice, VFMA..VFNMS
 * once. */
op_fn op_vadd_f32, op_vsub_f32, op_vmul_f32, op_vnmul_f32, op_vdiv_f32;
op_fn op_vadd_f64, op_vsub_f64, op_vmul_f64, op_vnmul_f64, op_vdiv_f64;
op_fn op_vmla_f32, op_vmls_f32, op_vnmla_f32, op_vnmls_f32;
op_fn op_vmla_f64, op_vmls_f64, op_vnmla_f64, op_vnmls_f64;
op_fn op_vfma_f32, op_vfms_f32, op_vfnma_f32, op_vfnms_f32;
op_fn op_vfma_f64, op_vfms_f64, op_vfnma_f64, op_vfnms_f64;
op_fn op_vmaxnm_f32, op_vminnm_f32, op_vmaxnm_f64, op_vminnm_f64;
op_fn op_vsel_f32, op_vsel_f64; /* x = condition, as in an IT instruction */

/* rd = f(rm) */
op_fn op_vmov_f32, op_vabs_f32, op_vneg_f32, op_vsqrt_f32;
op_fn op_vmov_f64, op_vabs_f64, op_vneg_f64, op_vsqrt_f64;
op_fn op_vmov_imm_f32, op_vmov_imm_f64; /* imm (f64: the upper word, the lower one is 0) */
op_fn op_vrint_f32, op_vrint_f64;       /* x = rounding */
op_fn op_vrintx_f32, op_vrintx_f64;

/* rd against rm, or against zero; VCMPE raises Invalid Operation for quiet NaNs. */
op_fn op_vcmp_f32, op_vcmpe_f32, op_vcmp0_f32, op_vcmpe0_f32;
op_fn op_vcmp_f64, op_vcmpe_f64, op_vcmp0_f64, op_vcmpe0_f64;

/* Conversions. Integers, fixed-point numbers of single precision and halves live in S registers. */
op_fn op_vcvt_f64_f32, op_vcvt_f32_f64; /* to, from */
op_fn op_vcvt_f32_s32, op_vcvt_f32_u32, op_vcvt_f64_s32, op_vcvt_f64_u32;
op_fn op_vcvt_s32_f32, op_vcvt_u32_f32, op_vcvt_s32_f64, op_vcvt_u32_f64;     /* towards zero */
op_fn op_vcvtr_s32_f32, op_vcvtr_u32_f32, op_vcvtr_s32_f64, op_vcvtr_u32_f64; /* x = rounding */
/* In place in rd: imm = bits behind the point, imm2 = bits (16, 32), x = 1: unsigned. */
op_fn op_vcvt_f32_fixed, op_vcvt_f64_fixed, op_vcvt_fixed_f32, op_vcvt_fixed_f64;
/* x = 1: the upper half of the S register. */
op_fn op_vcvt_f32_f16, op_vcvt_f64_f16, op_vcvt_f16_f32, op_vcvt_f16_f64;

/* exec_fp_move.c */
op_fn op_vmov_s_r, op_vmov_r_s; /* s[rd] = r[ra]; r[ra] = s[rm] */
op_fn op_vmov_ss_rr,
    op_vmov_rr_ss; /* s[rm], s[rm + 1] and r[ra], r[rn]; doubles too (rm = 2 * D) */
op_fn op_vmrs, op_vmrs_apsr, op_vmsr; /* ra */
/* Address r[rn] + imm, or imm itself (literal: PC-relative). */
op_fn op_vldr_f32, op_vldr_f64, op_vstr_f32, op_vstr_f64;
op_fn op_vldr_literal_f32, op_vldr_literal_f64;
/* imm2 words to or from s[rd...] at r[rn] + imm; then r[rn] += ra (signed, in words). */
op_fn op_vldm, op_vstm;

#endif
