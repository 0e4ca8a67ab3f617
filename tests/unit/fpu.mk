# The FPU of the virtual board's core: arithmetic on bit patterns (fpu_test), decoding and handlers (fpu_exec_test), and
# every FP instruction against Unicorn (fpu_oracle_test).
#
# Built twice: as the virtual board is, and with the sanitizers. -fvisibility=hidden: libunicorn has functions of the same
# names as the core and would call ours.

fpu_test_dir := $(BUILD)/tests/unit/fpu
fpu_test_flags := -D_GNU_SOURCE $(HOST_CFLAGS) -fvisibility=hidden -Ivboard/cpu
fpu_test_names := fpu_test fpu_exec_test fpu_oracle_test
fpu_test_shared := $(addprefix vboard/cpu/,decode_fp.c exec_fp.c exec_fp_move.c fpu.c fpu_convert.c) tests/unit/fpu_core.c

include vboard/cpu/flags.mk

# $(1) folder below fpu_test_dir, $(2) flags for compiler and linker, $(3) suffix of the tests' names
define fpu_test_build
fpu_test_shared_$(1) := $(fpu_test_shared:%.c=$(fpu_test_dir)/$(1)/%.o)
fpu_test_mains_$(1) := $(fpu_test_names:%=$(fpu_test_dir)/$(1)/tests/unit/%.o)

$$(fpu_test_shared_$(1)) $$(fpu_test_mains_$(1)): $(fpu_test_dir)/$(1)/%.o: %.c vboard/cpu/flags.mk tests/unit/fpu.mk
	$$(call quiet,CC,$$@)mkdir -p $$(@D) && $$(HOST_CC) $(fpu_test_flags) $(2) $$(CFLAGS_$$<) -c -o $$@ $$<

$(fpu_test_names:%=$(fpu_test_dir)/$(1)/%): $(fpu_test_dir)/$(1)/%: $(fpu_test_dir)/$(1)/tests/unit/%.o \
        $$(fpu_test_shared_$(1))
	$$(call quiet,LD,$$@)$$(HOST_CC) $(2) -o $$@ $$^ -lcmocka -lunicorn -lm

-include $$(wildcard $(fpu_test_dir)/$(1)/*/*/*.d)
TEST_DEPS += $(fpu_test_names:%=$(fpu_test_dir)/$(1)/%)
$$(call add_test,unit,fpu$(3),60,$(fpu_test_dir)/$(1)/fpu_test)
$$(call add_test,unit,fpu-exec$(3),60,$(fpu_test_dir)/$(1)/fpu_exec_test)
$$(call add_test,cpu,fpu-oracle$(3),180,$(fpu_test_dir)/$(1)/fpu_oracle_test)
endef
$(eval $(call fpu_test_build,plain,,))
$(eval $(call fpu_test_build,asan,-fsanitize=address$(,)undefined -fno-sanitize-recover=all,-asan))
