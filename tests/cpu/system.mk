# The system side of the core: exceptions, priorities, faults, FP stacking, timers, MPU. Programs in Thumb, assembled
# here, run on the core through its public interface.
#
# Everything is built twice: as the virtual board is, and with the sanitizers, where blocks do not chain
# (vboard/cpu/exec_branch.c) and what lies between them is looked at more often.

system_test_dir := $(BUILD)/tests/cpu/system
system_test_names := entry priority faults lockup fp time mpu registers
system_test_as := $(or $(CROSS_COMPILE),arm-none-eabi-)
system_test_flags := -std=c11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -Ivboard/cpu -Itests/cpu/system -I$(system_test_dir)

$(system_test_dir)/programs.o: tests/cpu/system/programs.S
	$(call quiet,AS,$@)mkdir -p $(@D) && $(system_test_as)as -mthumb -o $@ $<

$(system_test_dir)/programs.elf: $(system_test_dir)/programs.o
	$(call quiet,LD,$@)$(system_test_as)ld -Ttext=0x400 --entry=0x400 -o $@ $<

# The image as C initializers, its labels as macros.
$(system_test_dir)/programs.inc: $(system_test_dir)/programs.elf
	$(call quiet,GEN,$@)$(system_test_as)objcopy -O binary $< $(@:.inc=.bin) && \
	    od -An -v -tx1 $(@:.inc=.bin) | sed 's/\([0-9a-f][0-9a-f]\)/0x\1,/g' >$@

$(system_test_dir)/programs.h: $(system_test_dir)/programs.elf
	$(call quiet,GEN,$@){ echo '#define AT_IMAGE 0x400u'; \
	    $(system_test_as)nm $< | sed -n 's/^\([0-9a-f]*\) T \([a-z][a-z_0-9]*\)$$/#define AT_\2 0x\1u/p'; } >$@

# $(1) folder below system_test_dir, $(2) the core's objects, $(3) flags for compiler and linker, $(4) prefix of the tests' names
define system_build
system_programs_$(1) := $(addprefix $(system_test_dir)/$(1)/,$(system_test_names))

$$(system_programs_$(1)): $(system_test_dir)/$(1)/%: tests/cpu/system/%.c tests/cpu/system/machine.c \
        tests/cpu/system/machine.h $(system_test_dir)/programs.inc $(system_test_dir)/programs.h $(2)
	$$(call quiet,CC,$$@)mkdir -p $$(@D) && $$(HOST_CC) $(system_test_flags) $(3) -o $$@ $$< \
	    tests/cpu/system/machine.c $(2) -lcmocka -lm

TEST_DEPS += $$(system_programs_$(1))
$$(foreach name,$(system_test_names),$$(call add_test,cpu,$(4)-$$(name),120,$(system_test_dir)/$(1)/$$(name)))
endef
$(eval $(call system_build,plain,$(call objects_of,vboard,cpu),,system))
$(eval $(call system_build,asan,$(call objects_of,vboard-asan,cpu),$(SANITIZE),system-asan))
