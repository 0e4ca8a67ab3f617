# firmware/mboot: the protocol, and which application is whole, against a simulated flash whose power fails.

mboot_test_dir := $(BUILD)/tests/unit/mboot
mboot_test_programs := $(addprefix $(mboot_test_dir)/,dfuse image)
mboot_test_sources := firmware/mboot/dfuse.c firmware/mboot/image.c tests/unit/mboot/board.c

$(mboot_test_programs): $(mboot_test_dir)/%: tests/unit/mboot/test_%.c $(mboot_test_sources) tests/unit/mboot.mk \
        $(wildcard firmware/mboot/*.h) tests/unit/mboot/board.h
	$(call quiet,CC,$@)mkdir -p $(@D) && $(CC) -std=c11 -O1 -g -Wall -Wextra -Werror -Wconversion -Ifirmware/mboot \
	    -fsanitize=address,undefined -fno-sanitize-recover=all $(filter %.c,$^) -lcmocka -o $@

TEST_DEPS += $(mboot_test_programs)
$(call add_test,unit,mboot-dfuse,60,$(mboot_test_dir)/dfuse)
$(call add_test,unit,mboot-image,60,$(mboot_test_dir)/image)

# The boot loader as it is built, on the virtual chip. Without sanitizers: it runs some billion clocks of the chip.
MBOOT_TESTED := $(BUILD)/mboot/DEVEBOX_STM32H7A3/mboot.bin
$(mboot_test_dir)/board: tests/unit/mboot/test_board.c tests/unit/soc/chip.c tests/unit/soc/dfu_host.c \
        tests/unit/soc/chip.h tests/unit/soc/dfu_host.h $(call objects_of,vboard,cpu soc wire parts)
	$(call quiet,CC,$@)mkdir -p $(@D) && $(HOST_CC) $(VBOARD_CFLAGS) -o $@ $(filter %.c %.o,$^) -lcmocka -lm

TEST_DEPS += $(mboot_test_dir)/board firmware-mboot
$(call add_test,unit,mboot-board,300,$(mboot_test_dir)/board $(MBOOT_TESTED))

# `make test-powercut`: 500 power cuts and unpluggings in place of 12.
.PHONY: test-powercut test-powercut-mboot
test-powercut: test-powercut-mboot
test-powercut-mboot: $(mboot_test_dir)/board firmware-mboot
	$< $(MBOOT_TESTED) 500
