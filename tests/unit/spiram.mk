# firmware/spiram against a simulated chip, with sanitizers; and the machine code of its memory test.

spiram_test_dir := $(BUILD)/tests/unit/spiram
spiram_test_programs := $(addprefix $(spiram_test_dir)/,bringup timing memory memtest tune)
spiram_test_sources := $(wildcard firmware/spiram/*.c) tests/unit/spiram/fake_chip.c
spiram_test_headers := $(wildcard firmware/spiram/*.h) tests/unit/spiram/fake_chip.h tests/unit/spiram/octospi_limits.h
spiram_test_flags := -std=c11 -O1 -g -Wall -Wextra -Werror -Wconversion -Ifirmware/spiram \
    -fsanitize=address,undefined -fno-sanitize-recover=all

$(spiram_test_programs): $(spiram_test_dir)/%: tests/unit/spiram/test_%.c $(spiram_test_sources) \
        $(spiram_test_headers) tests/unit/spiram.mk
	@mkdir -p $(@D)
	$(call quiet,CC,$@)$(CC) $(spiram_test_flags) $< $(spiram_test_sources) -lcmocka -o $@

# The same library with the chip of the virtual board.
spiram_virtual_sources := tests/unit/spiram/virtual_bus.c $(wildcard firmware/spiram/*.c)
$(spiram_test_dir)/virtual: tests/unit/spiram/test_virtual.c $(spiram_virtual_sources) $(spiram_test_headers) \
        tests/unit/spiram/virtual_bus.h tests/unit/spiram.mk $(call objects_of,vboard-asan,wire parts) \
        $(BUILD)/vboard-asan/obj/vboard/trace/faults.o
	@mkdir -p $(@D)
	$(call quiet,CC,$@)$(CC) $(filter-out -Wconversion,$(spiram_test_flags)) $(filter %.c %.o,$^) -lcmocka -lm -o $@
spiram_test_programs += $(spiram_test_dir)/virtual

TEST_DEPS += $(spiram_test_programs)
$(call add_test,unit,spiram-bringup,240,$(spiram_test_dir)/bringup)
$(call add_test,unit,spiram-timing,60,$(spiram_test_dir)/timing)
$(call add_test,unit,spiram-memory,120,$(spiram_test_dir)/memory)
$(call add_test,unit,spiram-memtest,120,$(spiram_test_dir)/memtest)
$(call add_test,unit,spiram-tune,120,$(spiram_test_dir)/tune)
$(call add_test,unit,spiram-widths,60,tests/unit/spiram/widths.sh)
$(call add_test,unit,spiram-virtual,240,$(spiram_test_dir)/virtual)
$(call add_test,unit,spiram-example,60,$(PYTHON) tests/unit/spiram/example.py)

# `make coverage`: how many lines of firmware/spiram the tests on the host run; less than 95 % is a failure.
COVERAGE_LEAST ?= 95
spiram_coverage_dir := $(BUILD)/coverage/spiram
spiram_coverage_programs := $(addprefix $(spiram_coverage_dir)/,bringup timing memory memtest tune)
spiram_coverage_objects := $(patsubst firmware/spiram/%.c,$(spiram_coverage_dir)/%.o,$(wildcard firmware/spiram/*.c))

$(spiram_coverage_objects): $(spiram_coverage_dir)/%.o: firmware/spiram/%.c $(spiram_test_headers)
	$(call quiet,CC,$@)mkdir -p $(@D) && $(CC) -std=c11 -O0 -g --coverage -c -o $@ $<

$(spiram_coverage_programs): $(spiram_coverage_dir)/%: tests/unit/spiram/test_%.c tests/unit/spiram/fake_chip.c \
        $(spiram_coverage_objects)
	$(call quiet,CC,$@)$(CC) -std=c11 -O1 -Ifirmware/spiram --coverage -o $@ $^ -lcmocka

.PHONY: coverage
coverage: $(spiram_coverage_programs)
	@rm -f $(spiram_coverage_dir)/*.gcda
	@for program in $^; do $$program >$$program.log 2>&1 || { cat $$program.log; exit 1; }; done
	@$(PYTHON) tests/unit/spiram/coverage.py $(COVERAGE_LEAST) $(spiram_coverage_dir) $(wildcard firmware/spiram/*.c)
