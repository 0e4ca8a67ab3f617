# Compiler flags of single files, on top of those of all of vboard: CFLAGS_vboard/cpu/FILE.c.
#
# -ffp-contract=off   VMLA rounds its product: the host must not fuse it with the addition
# -frounding-math     fpu.c computes under other rounding modes than the compiler's
# -ftrapping-math     and looks at the exceptions that its operations raise
# -fno-math-errno     sqrt() is one instruction
FPU_CFLAGS := -ffp-contract=off -frounding-math -ftrapping-math -fno-math-errno
CFLAGS_vboard/cpu/fpu.c := $(FPU_CFLAGS)
CFLAGS_vboard/cpu/exec_fp.c := $(FPU_CFLAGS)
