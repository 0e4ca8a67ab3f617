# vboard/soc: peripherals of the whole chip, through its bus, with sanitizers. A test is tests/unit/soc/test_NAME.c with
# the helpers of chip.c; the chip's objects are compiled once for all of them.

SOC_TESTS := $(patsubst tests/unit/soc/test_%.c,%,$(wildcard tests/unit/soc/test_*.c))

include vboard/cpu/flags.mk
SOC_TEST_DIR := $(BUILD)/tests/unit/soc
SOC_TEST_CFLAGS := -D_GNU_SOURCE $(HOST_CFLAGS) -fsanitize=address,undefined -fno-sanitize-recover=all
SOC_TEST_SOURCES := $(wildcard vboard/cpu/*.c vboard/soc/*.c vboard/wire/*.c vboard/parts/*.c) tests/unit/soc/chip.c
SOC_TEST_OBJECTS := $(SOC_TEST_SOURCES:%.c=$(SOC_TEST_DIR)/obj/%.o)
SOC_TEST_PROGRAMS := $(SOC_TESTS:%=$(SOC_TEST_DIR)/test_%)

$(SOC_TEST_OBJECTS): $(SOC_TEST_DIR)/obj/%.o: %.c vboard/cpu/flags.mk tests/unit/soc.mk
	$(call quiet,CC,$@)mkdir -p $(@D) && $(HOST_CC) $(SOC_TEST_CFLAGS) $(CFLAGS_$<) -c -o $@ $<

$(SOC_TEST_PROGRAMS): $(SOC_TEST_DIR)/%: tests/unit/soc/%.c $(SOC_TEST_OBJECTS)
	$(call quiet,CC,$@)$(HOST_CC) $(SOC_TEST_CFLAGS) -o $@ $< $(SOC_TEST_OBJECTS) -lcmocka -lm

-include $(SOC_TEST_OBJECTS:.o=.d) $(SOC_TEST_PROGRAMS:=.d)

TEST_DEPS += $(SOC_TEST_PROGRAMS)
$(foreach name,$(SOC_TESTS),$(call add_test,unit,soc-$(name),120,$(SOC_TEST_DIR)/test_$(name)))
