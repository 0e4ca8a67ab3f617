# The FPU of the virtual board's core: arithmetic on bit patterns (fpu_test), decoding and the handlers (fpu_exec_test),
# and every FP instruction against Unicorn (fpu_oracle_test).
#
# Built twice: as the virtual board is, where the short cuts of exec_fp.c are compiled as they run, and with the
# sanitizers. -fvisibility=hidden: libunicorn has functions of the same names (cpu_reset ...), and would call ours.

FPU_TEST_DIR := $(BUILD)/tests/unit/fpu
FPU_TEST_CFLAGS := -D_GNU_SOURCE $(HOST_CFLAGS) -fvisibility=hidden -Ivboard/cpu -Itests/unit
FPU_TEST_SOURCES := $(addprefix vboard/cpu/,decode_fp.c exec_fp.c exec_fp_move.c fpu.c fpu_convert.c) tests/unit/fpu_core.c
FPU_TESTS := fpu_test fpu_exec_test fpu_oracle_test

include vboard/cpu/flags.mk

# $(1) folder below FPU_TEST_DIR, $(2) flags for compiler and linker, $(3) suffix of the tests' names
define fpu_test_build
fpu_test_objects_$(1) := $(FPU_TEST_SOURCES:%.c=$(FPU_TEST_DIR)/$(1)/%.o)
fpu_test_mains_$(1) := $(FPU_TESTS:%=$(FPU_TEST_DIR)/$(1)/tests/unit/%.o)

$$(fpu_test_objects_$(1)) $$(fpu_test_mains_$(1)): $(FPU_TEST_DIR)/$(1)/%.o: %.c vboard/cpu/flags.mk tests/unit/fpu.mk
	$$(call quiet,CC,$$@)mkdir -p $$(@D) && $$(HOST_CC) $$(FPU_TEST_CFLAGS) $(2) $$(CFLAGS_$$<) -c -o $$@ $$<

$(addprefix $(FPU_TEST_DIR)/$(1)/,$(FPU_TESTS)): %: $(FPU_TEST_DIR)/$(1)/tests/unit/PLACEHOLDER
endef
