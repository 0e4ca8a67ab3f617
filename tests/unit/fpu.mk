# The FPU of the virtual board's core: arithmetic on bit patterns (fpu_test), decoding and handlers (fpu_exec_test), and
# every FP instruction against Unicorn (fpu_oracle_test).
#
# Built twice: with the objects of the virtual board, and with those that have sanitizers.

fpu_test_dir := $(BUILD)/tests/unit/fpu
fpu_test_flags := $(VBOARD_CFLAGS) -Ivboard/cpu
fpu_test_names := fpu_test fpu_exec_test fpu_oracle_test
fpu_test_core := $(addsuffix .o,decode_fp exec_fp exec_fp_move fpu fpu_convert)

# $(1) folder below fpu_test_dir, $(2) folder of the core's objects, $(3) suffix of the tests' names, $(4) flags for the compiler
define fpu_test_build
$(fpu_test_names:%=$(fpu_test_dir)/$(1)/%): $(fpu_test_dir)/$(1)/%: tests/unit/%.c tests/unit/fpu_core.c \
        $(fpu_test_core:%=$(BUILD)/$(2)/obj/vboard/cpu/%) tests/unit/fpu.mk
	$$(call quiet,CC,$$@)mkdir -p $$(@D) && $$(HOST_CC) $(fpu_test_flags) $(4) -o $$@ $$(filter %.c %.o,$$^) -lcmocka -lunicorn -lm

-include $$(wildcard $(fpu_test_dir)/$(1)/*.d)
TEST_DEPS += $(fpu_test_names:%=$(fpu_test_dir)/$(1)/%)
$$(call add_test,unit,fpu$(3),60,$(fpu_test_dir)/$(1)/fpu_test)
$$(call add_test,unit,fpu-exec$(3),60,$(fpu_test_dir)/$(1)/fpu_exec_test)
$$(call add_test,cpu,fpu-oracle$(3),180,$(fpu_test_dir)/$(1)/fpu_oracle_test)
endef
$(eval $(call fpu_test_build,plain,vboard,,))
$(eval $(call fpu_test_build,asan,vboard-asan,-asan,$(SANITIZE)))
