# firmware/spiram against a simulated chip, with sanitizers; and the machine code of its memory test.

spiram_test_dir := $(BUILD)/tests/unit/spiram
spiram_test_programs := $(addprefix $(spiram_test_dir)/,bringup timing memory tune)
spiram_test_sources := $(wildcard firmware/spiram/*.c) tests/unit/spiram/fake_chip.c
spiram_test_headers := $(wildcard firmware/spiram/*.h) tests/unit/spiram/fake_chip.h
spiram_test_flags := -std=c11 -O1 -g -Wall -Wextra -Werror -Wconversion -Ifirmware/spiram \
    -fsanitize=address,undefined -fno-sanitize-recover=all

$(spiram_test_programs): $(spiram_test_dir)/%: tests/unit/spiram/test_%.c $(spiram_test_sources) \
        $(spiram_test_headers) tests/unit/spiram.mk
	@mkdir -p $(@D)
	$(call quiet,CC,$@)$(CC) $(spiram_test_flags) $< $(spiram_test_sources) -lcmocka -o $@

TEST_DEPS += $(spiram_test_programs)
$(call add_test,unit,spiram-bringup,60,$(spiram_test_dir)/bringup)
$(call add_test,unit,spiram-timing,60,$(spiram_test_dir)/timing)
$(call add_test,unit,spiram-memory,120,$(spiram_test_dir)/memory)
$(call add_test,unit,spiram-tune,120,$(spiram_test_dir)/tune)
$(call add_test,unit,spiram-widths,60,tests/unit/spiram/widths.sh)
