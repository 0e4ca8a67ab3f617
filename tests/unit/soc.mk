# vboard/soc: peripherals of the whole chip, through its bus, with sanitizers. A test is tests/unit/soc/test_NAME.c with
# the helpers of chip.c.

SOC_TESTS := $(patsubst tests/unit/soc/test_%.c,%,$(wildcard tests/unit/soc/test_*.c))
SOC_TEST_DIR := $(BUILD)/tests/unit/soc
SOC_TEST_CFLAGS := $(VBOARD_CFLAGS) $(SANITIZE)
SOC_TEST_OBJECTS := $(call objects_of,vboard-asan,cpu soc wire parts)
SOC_TEST_PROGRAMS := $(SOC_TESTS:%=$(SOC_TEST_DIR)/test_%)

$(SOC_TEST_PROGRAMS): $(SOC_TEST_DIR)/%: tests/unit/soc/%.c tests/unit/soc/chip.c $(SOC_TEST_OBJECTS)
	$(call quiet,CC,$@)mkdir -p $(@D) && $(HOST_CC) $(SOC_TEST_CFLAGS) -o $@ $(filter %.c %.o,$^) -lcmocka -lm

$(SOC_TEST_DIR)/test_bootrom: tests/unit/soc/dfu_host.c

-include $(wildcard $(SOC_TEST_DIR)/*.d)

TEST_DEPS += $(SOC_TEST_PROGRAMS)
$(foreach name,$(SOC_TESTS),$(call add_test,unit,soc-$(name),120,$(SOC_TEST_DIR)/test_$(name)))
