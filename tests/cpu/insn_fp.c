/* The floating-point extension FPv5-D16 (DDI0403E chapter A6 and A7.7). */
#include "insn.h"

static bool pair_ok(const struct fields *f)
{
    return f->v['t'] != f->v['T'];
}

/* fraction bits = 16 - imm4:i must not be negative (A7.7.229); i stands in front of imm4. */
static bool fixed16_ok(const struct fields *f)
{
    uint32_t i = f->v['i'];
    return ((i & 15) << 1 | i >> 4) <= 16;
}

/* S(m) and S(m+1): m = 31 is UNPREDICTABLE (A7.7.243). */
static bool two_singles_ok(const struct fields *f)
{
    return !(f->v['m'] == 15 && f->v['M'] == 1);
}

static bool two_singles_core_ok(const struct fields *f)
{
    return two_singles_ok(f) && pair_ok(f);
}

/* VLDM, VSTM: at least one register and none beyond the last (A7.7.235); at most 16 doubles. */
static bool multi_single_ok(const struct fields *f)
{
    return f->v['i'] >= 1 && f->v['d'] * 2 + f->v['D'] + f->v['i'] <= 32;
}

static bool multi_double_ok(const struct fields *f)
{
    return f->v['i'] >= 1 && f->v['d'] + f->v['i'] <= 16;
}

const struct insn_row insn_fp[] = {
    /* A6.4 data processing, three registers */
    {"VMLA.F32", "vmla.f32", "11101110 0D00 nnnn dddd 1010 N0M0 mmmm", "", I_FP, NULL},
    {"VMLA.F64", "vmla.f64", "11101110 0000 nnnn dddd 1011 0000 mmmm", "", I_FP | I_DP, NULL},
    {"VMLS.F32", "vmls.f32", "11101110 0D00 nnnn dddd 1010 N1M0 mmmm", "", I_FP, NULL},
    {"VMLS.F64", "vmls.f64", "11101110 0000 nnnn dddd 1011 0100 mmmm", "", I_FP | I_DP, NULL},
    {"VNMLS.F32", "vnmls.f32", "11101110 0D01 nnnn dddd 1010 N0M0 mmmm", "", I_FP, NULL},
    {"VNMLS.F64", "vnmls.f64", "11101110 0001 nnnn dddd 1011 0000 mmmm", "", I_FP | I_DP, NULL},
    {"VNMLA.F32", "vnmla.f32", "11101110 0D01 nnnn dddd 1010 N1M0 mmmm", "", I_FP, NULL},
    {"VNMLA.F64", "vnmla.f64", "11101110 0001 nnnn dddd 1011 0100 mmmm", "", I_FP | I_DP, NULL},
    {"VMUL.F32", "vmul.f32", "11101110 0D10 nnnn dddd 1010 N0M0 mmmm", "", I_FP, NULL},
    {"VMUL.F64", "vmul.f64", "11101110 0010 nnnn dddd 1011 0000 mmmm", "", I_FP | I_DP, NULL},
    {"VNMUL.F32", "vnmul.f32", "11101110 0D10 nnnn dddd 1010 N1M0 mmmm", "", I_FP, NULL},
    {"VNMUL.F64", "vnmul.f64", "11101110 0010 nnnn dddd 1011 0100 mmmm", "", I_FP | I_DP, NULL},
    {"VADD.F32", "vadd.f32", "11101110 0D11 nnnn dddd 1010 N0M0 mmmm", "", I_FP, NULL},
    {"VADD.F64", "vadd.f64", "11101110 0011 nnnn dddd 1011 0000 mmmm", "", I_FP | I_DP, NULL},
    {"VSUB.F32", "vsub.f32", "11101110 0D11 nnnn dddd 1010 N1M0 mmmm", "", I_FP, NULL},
    {"VSUB.F64", "vsub.f64", "11101110 0011 nnnn dddd 1011 0100 mmmm", "", I_FP | I_DP, NULL},
    {"VDIV.F32", "vdiv.f32", "11101110 1D00 nnnn dddd 1010 N0M0 mmmm", "", I_FP, NULL},
    {"VDIV.F64", "vdiv.f64", "11101110 1000 nnnn dddd 1011 0000 mmmm", "", I_FP | I_DP, NULL},
    {"VFNMS.F32", "vfnms.f32", "11101110 1D01 nnnn dddd 1010 N0M0 mmmm", "", I_FP, NULL},
    {"VFNMS.F64", "vfnms.f64", "11101110 1001 nnnn dddd 1011 0000 mmmm", "", I_FP | I_DP, NULL},
    {"VFNMA.F32", "vfnma.f32", "11101110 1D01 nnnn dddd 1010 N1M0 mmmm", "", I_FP, NULL},
    {"VFNMA.F64", "vfnma.f64", "11101110 1001 nnnn dddd 1011 0100 mmmm", "", I_FP | I_DP, NULL},
    {"VFMA.F32", "vfma.f32", "11101110 1D10 nnnn dddd 1010 N0M0 mmmm", "", I_FP, NULL},
    {"VFMA.F64", "vfma.f64", "11101110 1010 nnnn dddd 1011 0000 mmmm", "", I_FP | I_DP, NULL},
    {"VFMS.F32", "vfms.f32", "11101110 1D10 nnnn dddd 1010 N1M0 mmmm", "", I_FP, NULL},
    {"VFMS.F64", "vfms.f64", "11101110 1010 nnnn dddd 1011 0100 mmmm", "", I_FP | I_DP, NULL},
    /* two registers */
    {"VMOV (immediate).F32", "vmov.f32|fconsts|fconstd", "11101110 1D11 iiii dddd 1010 0000 iiii",
     "", I_FP, NULL},
    {"VMOV (immediate).F64", "vmov.f64|fconsts|fconstd", "11101110 1011 iiii dddd 1011 0000 iiii",
     "", I_FP | I_DP, NULL},
    {"VMOV (register).F32", "vmov.f32", "11101110 1D11 0000 dddd 1010 01M0 mmmm", "", I_FP, NULL},
    {"VMOV (register).F64", "vmov.f64", "11101110 1011 0000 dddd 1011 0100 mmmm", "", I_FP | I_DP,
     NULL},
    {"VABS.F32", "vabs.f32", "11101110 1D11 0000 dddd 1010 11M0 mmmm", "", I_FP, NULL},
    {"VABS.F64", "vabs.f64", "11101110 1011 0000 dddd 1011 1100 mmmm", "", I_FP | I_DP, NULL},
    {"VNEG.F32", "vneg.f32", "11101110 1D11 0001 dddd 1010 01M0 mmmm", "", I_FP, NULL},
    {"VNEG.F64", "vneg.f64", "11101110 1011 0001 dddd 1011 0100 mmmm", "", I_FP | I_DP, NULL},
    {"VSQRT.F32", "vsqrt.f32", "11101110 1D11 0001 dddd 1010 11M0 mmmm", "", I_FP, NULL},
    {"VSQRT.F64", "vsqrt.f64", "11101110 1011 0001 dddd 1011 1100 mmmm", "", I_FP | I_DP, NULL},
    {"VCMP.F32", "vcmp.f32", "11101110 1D11 0100 dddd 1010 01M0 mmmm", "", I_FP, NULL},
    {"VCMP.F64", "vcmp.f64", "11101110 1011 0100 dddd 1011 0100 mmmm", "", I_FP | I_DP, NULL},
    {"VCMPE.F32", "vcmpe.f32", "11101110 1D11 0100 dddd 1010 11M0 mmmm", "", I_FP, NULL},
    {"VCMPE.F64", "vcmpe.f64", "11101110 1011 0100 dddd 1011 1100 mmmm", "", I_FP | I_DP, NULL},
    {"VRINTR.F32", "vrintr.f32", "11101110 1D11 0110 dddd 1010 01M0 mmmm", "", I_FP, NULL},
    {"VRINTR.F64", "vrintr.f64", "11101110 1011 0110 dddd 1011 0100 mmmm", "", I_FP | I_DP, NULL},
    {"VRINTZ.F32", "vrintz.f32", "11101110 1D11 0110 dddd 1010 11M0 mmmm", "", I_FP, NULL},
    {"VRINTZ.F64", "vrintz.f64", "11101110 1011 0110 dddd 1011 1100 mmmm", "", I_FP | I_DP, NULL},
    {"VRINTX.F32", "vrintx.f32", "11101110 1D11 0111 dddd 1010 01M0 mmmm", "", I_FP, NULL},
    {"VRINTX.F64", "vrintx.f64", "11101110 1011 0111 dddd 1011 0100 mmmm", "", I_FP | I_DP, NULL},
    {"VCMP zero.F32", "vcmp.f32", "11101110 1D11 0101 dddd 1010 0100 0000", "", I_FP, NULL},
    {"VCMP zero.F64", "vcmp.f64", "11101110 1011 0101 dddd 1011 0100 0000", "", I_FP | I_DP, NULL},
    {"VCMPE zero.F32", "vcmpe.f32", "11101110 1D11 0101 dddd 1010 1100 0000", "", I_FP, NULL},
    {"VCMPE zero.F64", "vcmpe.f64", "11101110 1011 0101 dddd 1011 1100 0000", "", I_FP | I_DP,
     NULL},
    {"VCVT.F64.F32", "vcvt.f64.f32", "11101110 1011 0111 dddd 1010 11M0 mmmm", "", I_FP | I_DP,
     NULL},
    {"VCVT.F32.F64", "vcvt.f32.f64", "11101110 1D11 0111 dddd 1011 1100 mmmm", "", I_FP | I_DP,
     NULL},
    {"VCVTB, VCVTT.F32.F16", "vcvtb.f32.f16|vcvtt.f32.f16",
     "11101110 1D11 0010 dddd 1010 t1M0 mmmm", "", I_FP, NULL},
    {"VCVTB, VCVTT.F16.F32", "vcvtb.f16.f32|vcvtt.f16.f32",
     "11101110 1D11 0011 dddd 1010 t1M0 mmmm", "", I_FP, NULL},
    {"VCVTB, VCVTT.F64.F16", "vcvtb.f64.f16|vcvtt.f64.f16",
     "11101110 1011 0010 dddd 1011 t1M0 mmmm", "", I_FP | I_DP, NULL},
    {"VCVTB, VCVTT.F16.F64", "vcvtb.f16.f64|vcvtt.f16.f64",
     "11101110 1D11 0011 dddd 1011 t100 mmmm", "", I_FP | I_DP, NULL},
    {"VCVT.F32.S32, U32", "vcvt.f32.s32|vcvt.f32.u32", "11101110 1D11 1000 dddd 1010 s1M0 mmmm", "",
     I_FP, NULL},
    {"VCVT.F64.S32, U32", "vcvt.f64.s32|vcvt.f64.u32", "11101110 1011 1000 dddd 1011 s1M0 mmmm", "",
     I_FP | I_DP, NULL},
    {"VCVT, VCVTR.S32, U32.F32", "vcvt.s32.f32|vcvt.u32.f32|vcvtr.s32.f32|vcvtr.u32.f32",
     "11101110 1D11 110s dddd 1010 o1M0 mmmm", "", I_FP, NULL},
    {"VCVT, VCVTR.S32, U32.F64", "vcvt.s32.f64|vcvt.u32.f64|vcvtr.s32.f64|vcvtr.u32.f64",
     "11101110 1D11 110s dddd 1011 o100 mmmm", "", I_FP | I_DP, NULL},
    {"VCVT fixed-point 32 bit, F32", "vcvt.", "11101110 1D11 1o1u dddd 1010 11i0 iiii", "", I_FP,
     NULL},
    {"VCVT fixed-point 16 bit, F32", "vcvt.", "11101110 1D11 1o1u dddd 1010 01i0 iiii", "", I_FP,
     fixed16_ok},
    {"VCVT fixed-point 32 bit, F64", "vcvt.", "11101110 1011 1o1u dddd 1011 11i0 iiii", "",
     I_FP | I_DP, NULL},
    {"VCVT fixed-point 16 bit, F64", "vcvt.", "11101110 1011 1o1u dddd 1011 01i0 iiii", "",
     I_FP | I_DP, fixed16_ok},
    /* FPv5 additions */
    {"VSEL.F32", "vsel", "11111110 0Dcc nnnn dddd 1010 N0M0 mmmm", "", I_FP | I_NOT_IT, NULL},
    {"VSEL.F64", "vsel", "11111110 00cc nnnn dddd 1011 0000 mmmm", "", I_FP | I_NOT_IT | I_DP,
     NULL},
    {"VMAXNM.F32", "vmaxnm.f32", "11111110 1D00 nnnn dddd 1010 N0M0 mmmm", "", I_FP | I_NOT_IT,
     NULL},
    {"VMAXNM.F64", "vmaxnm.f64", "11111110 1000 nnnn dddd 1011 0000 mmmm", "",
     I_FP | I_NOT_IT | I_DP, NULL},
    {"VMINNM.F32", "vminnm.f32", "11111110 1D00 nnnn dddd 1010 N1M0 mmmm", "", I_FP | I_NOT_IT,
     NULL},
    {"VMINNM.F64", "vminnm.f64", "11111110 1000 nnnn dddd 1011 0100 mmmm", "",
     I_FP | I_NOT_IT | I_DP, NULL},
    {"VRINTA, VRINTN, VRINTP, VRINTM.F32", "vrint", "11111110 1D11 10rr dddd 1010 01M0 mmmm", "",
     I_FP | I_NOT_IT, NULL},
    {"VRINTA, VRINTN, VRINTP, VRINTM.F64", "vrint", "11111110 1011 10rr dddd 1011 0100 mmmm", "",
     I_FP | I_NOT_IT | I_DP, NULL},
    {"VCVTA, VCVTN, VCVTP, VCVTM.F32", "vcvt", "11111110 1D11 11rr dddd 1010 s1M0 mmmm", "",
     I_FP | I_NOT_IT, NULL},
    {"VCVTA, VCVTN, VCVTP, VCVTM.F64", "vcvt", "11111110 1D11 11rr dddd 1011 s100 mmmm", "",
     I_FP | I_NOT_IT | I_DP, NULL},
    /* A6.6, A6.7 register transfers */
    {"VMOV (core to single)", "vmov", "11101110 0000 nnnn tttt 1010 N001 0000", "t=S", I_FP, NULL},
    {"VMOV (single to core)", "vmov", "11101110 0001 nnnn tttt 1010 N001 0000", "t=D", I_FP, NULL},
    {"VMOV (core to scalar)", "vmov.32", "11101110 00x0 dddd tttt 1011 0001 0000", "t=S", I_FP,
     NULL},
    {"VMOV (scalar to core)", "vmov.32", "11101110 00x1 nnnn tttt 1011 0001 0000", "t=D", I_FP,
     NULL},
    {"VMRS", "vmrs", "1110111011110001 tttt 1010 0001 0000", "t=D", I_FP, NULL},
    {"VMRS APSR_nzcv", "vmrs", "1110111011110001 1111 1010 0001 0000", "", I_FP, NULL},
    {"VMSR", "vmsr", "1110111011100001 tttt 1010 0001 0000", "t=S", I_FP | I_M_ONLY, NULL},
    {"VMOV (two core to two single)", "vmov", "11101100 0100 TTTT tttt 1010 00M1 mmmm", "t=S T=S",
     I_FP, two_singles_ok},
    {"VMOV (two single to two core)", "vmov", "11101100 0101 TTTT tttt 1010 00M1 mmmm", "t=D T=D",
     I_FP, two_singles_core_ok},
    {"VMOV (two core to double)", "vmov", "11101100 0100 TTTT tttt 1011 0001 mmmm", "t=S T=S", I_FP,
     NULL},
    {"VMOV (double to two core)", "vmov", "11101100 0101 TTTT tttt 1011 0001 mmmm", "t=D T=D", I_FP,
     pair_ok},
    /* A6.5 load and store */
    {"VLDR.F32", "vldr", "11101101uD01 nnnn dddd 1010 iiiiiiii", "n=A", I_FP | I_MEM, NULL},
    {"VLDR.F64", "vldr", "11101101u001 nnnn dddd 1011 iiiiiiii", "n=A", I_FP | I_MEM, NULL},
    {"VLDR (literal).F32", "vldr", "11101101uD01 1111 dddd 1010 iiiiiiii", "",
     I_FP | I_MEM | I_LITERAL, NULL},
    {"VLDR (literal).F64", "vldr", "11101101u001 1111 dddd 1011 iiiiiiii", "",
     I_FP | I_MEM | I_LITERAL, NULL},
    {"VSTR.F32", "vstr", "11101101uD00 nnnn dddd 1010 iiiiiiii", "n=A", I_FP | I_MEM, NULL},
    {"VSTR.F64", "vstr", "11101101u000 nnnn dddd 1011 iiiiiiii", "n=A", I_FP | I_MEM, NULL},
    {"VSTMIA 32 bit", "vstmia", "111011001D00 nnnn dddd 1010 iiiiiiii", "n=A", I_FP | I_MEM,
     multi_single_ok},
    {"VSTMIA 32 bit wb", "vstmia", "111011001D10 nnnn dddd 1010 iiiiiiii", "n=V", I_FP | I_MEM,
     multi_single_ok},
    {"VSTMDB 32 bit wb", "vstmdb|vpush", "111011010D10 nnnn dddd 1010 iiiiiiii", "n=V",
     I_FP | I_MEM, multi_single_ok},
    {"VSTMIA 64 bit", "vstmia", "111011001000 nnnn dddd 1011 iiiiiii0", "n=A", I_FP | I_MEM,
     multi_double_ok},
    {"VSTMIA 64 bit wb", "vstmia", "111011001010 nnnn dddd 1011 iiiiiii0", "n=V", I_FP | I_MEM,
     multi_double_ok},
    {"VSTMDB 64 bit wb", "vstmdb|vpush", "111011010010 nnnn dddd 1011 iiiiiii0", "n=V",
     I_FP | I_MEM, multi_double_ok},
    {"VLDMIA 32 bit", "vldmia", "111011001D01 nnnn dddd 1010 iiiiiiii", "n=A", I_FP | I_MEM,
     multi_single_ok},
    {"VLDMIA 32 bit wb", "vldmia|vpop", "111011001D11 nnnn dddd 1010 iiiiiiii", "n=V", I_FP | I_MEM,
     multi_single_ok},
    {"VLDMDB 32 bit wb", "vldmdb", "111011010D11 nnnn dddd 1010 iiiiiiii", "n=V", I_FP | I_MEM,
     multi_single_ok},
    {"VLDMIA 64 bit", "vldmia", "111011001001 nnnn dddd 1011 iiiiiii0", "n=A", I_FP | I_MEM,
     multi_double_ok},
    {"VLDMIA 64 bit wb", "vldmia|vpop", "111011001011 nnnn dddd 1011 iiiiiii0", "n=V", I_FP | I_MEM,
     multi_double_ok},
    {"VLDMDB 64 bit wb", "vldmdb", "111011010011 nnnn dddd 1011 iiiiiii0", "n=V", I_FP | I_MEM,
     multi_double_ok},
    /* FLDMX, FSTMX: an odd count of words, the last of which is skipped (A7.7.235, A7.7.255) */
    {"FSTMIAX", "fstmiax", "111011001000 nnnn dddd 1011 iiiiiii1", "n=A", I_FP | I_MEM,
     multi_double_ok},
    {"FSTMIAX wb", "fstmiax", "111011001010 nnnn dddd 1011 iiiiiii1", "n=V", I_FP | I_MEM,
     multi_double_ok},
    {"FSTMDBX wb", "fstmdbx", "111011010010 nnnn dddd 1011 iiiiiii1", "n=V", I_FP | I_MEM,
     multi_double_ok},
    {"FLDMIAX", "fldmiax", "111011001001 nnnn dddd 1011 iiiiiii1", "n=A", I_FP | I_MEM,
     multi_double_ok},
    {"FLDMIAX wb", "fldmiax", "111011001011 nnnn dddd 1011 iiiiiii1", "n=V", I_FP | I_MEM,
     multi_double_ok},
    {"FLDMDBX wb", "fldmdbx", "111011010011 nnnn dddd 1011 iiiiiii1", "n=V", I_FP | I_MEM,
     multi_double_ok},
};
const size_t insn_fp_count = sizeof insn_fp / sizeof insn_fp[0];
