# vboard/wire: what devices, parts and tracers share, with sanitizers.

WIRE_TEST_DIR := $(BUILD)/tests/unit/wire
WIRE_TESTS := sched net serial spi i2c complain membus_levels membus_frames membus_filters hazard usb

WIRE_TEST_PROGRAMS := $(WIRE_TESTS:%=$(WIRE_TEST_DIR)/test_%)
$(WIRE_TEST_PROGRAMS): $(WIRE_TEST_DIR)/%: tests/unit/wire/%.c tests/unit/wire/recorder.c \
        $(call objects_of,vboard-asan,wire)
	$(call quiet,CC,$@)mkdir -p $(@D) && $(HOST_CC) $(VBOARD_CFLAGS) $(SANITIZE) -o $@ $(filter %.c %.o,$^) -lcmocka -lm

-include $(wildcard $(WIRE_TEST_DIR)/*.d)

TEST_DEPS += $(WIRE_TEST_PROGRAMS)
$(foreach name,$(WIRE_TESTS),$(call add_test,unit,wire-$(subst _,-,$(name)),60,$(WIRE_TEST_DIR)/test_$(name)))
