# The instructions of the core: random programs on it and on Unicorn from the same state (differ), and its decoder
# against the disassembler (encodings).
#
# differ is built twice: as the virtual board is, and with the sanitizers, where blocks do not chain
# (vboard/cpu/exec_branch.c). -fvisibility=hidden: libunicorn has functions of the same names as the core (cpu_reset ...)
# and would call ours.

differ_dir := $(BUILD)/tests/cpu/differ
differ_sources := $(wildcard tests/cpu/*.c)

# $(1) folder below differ_dir, $(2) the core's objects, $(3) flags for compiler and linker
define differ_build
differ_objects_$(1) := $(differ_sources:%.c=$(differ_dir)/$(1)/obj/%.o)

$$(differ_objects_$(1)): $(differ_dir)/$(1)/obj/%.o: %.c tests/cpu/differ.mk
	$$(call quiet,CC,$$@)mkdir -p $$(@D) && $$(HOST_CC) $(VBOARD_CFLAGS) -I. $(3) -c -o $$@ $$<

$(differ_dir)/$(1)/differ: $$(differ_objects_$(1)) $(2)
	$$(call quiet,LD,$$@)$$(HOST_CC) $(3) -o $$@ $$^ -lunicorn -lm

-include $$(wildcard $(differ_dir)/$(1)/obj/*/*/*.d)
TEST_DEPS += $(differ_dir)/$(1)/differ
endef
$(eval $(call differ_build,plain,$(call objects_of,vboard,cpu),))
$(eval $(call differ_build,asan,$(call objects_of,vboard-asan,cpu),$(SANITIZE)))

$(call add_test,cpu,differ,300,$(differ_dir)/plain/differ --count 600000)
$(call add_test,cpu,differ-asan,300,$(differ_dir)/asan/differ --count 60000 --seed 2)
$(call add_test,cpu,encodings,120,$(PYTHON) tests/cpu/encodings.py $(differ_dir)/plain/differ $(CROSS_COMPILE))

# Some ten million instructions in two minutes; the seed is printed with what differs.
FUZZ_SECONDS ?= 120
FUZZ_SEED ?= $(shell date +%s)
.PHONY: fuzz-cpu
fuzz: fuzz-cpu
fuzz-cpu: $(differ_dir)/plain/differ
	$< --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED)
