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
