# vboard/parts and the faults of vboard/trace on a bus of their own, with sanitizers.

PARTS_TEST_DIR := $(BUILD)/tests/unit/parts
PARTS_TESTS := psram_chips psram_commands psram_frames psram_hazards psram_effects psram_defects faults terminal indicators \
    eeprom nor_flash analog usb_host sd_card
PARTS_TEST_OBJECTS := $(call objects_of,vboard-asan,wire parts) $(BUILD)/vboard-asan/obj/vboard/trace/faults.o

PARTS_TEST_PROGRAMS := $(PARTS_TESTS:%=$(PARTS_TEST_DIR)/test_%)
$(PARTS_TEST_PROGRAMS): $(PARTS_TEST_DIR)/%: tests/unit/parts/%.c tests/unit/parts/host.c \
        $(PARTS_TEST_OBJECTS)
	$(call quiet,CC,$@)mkdir -p $(@D) && $(HOST_CC) $(VBOARD_CFLAGS) $(SANITIZE) -o $@ $(filter %.c %.o,$^) -lcmocka -lm

-include $(wildcard $(PARTS_TEST_DIR)/*.d)

TEST_DEPS += $(PARTS_TEST_PROGRAMS)
$(foreach name,$(PARTS_TESTS),$(call add_test,unit,parts-$(subst _,-,$(name)),60,$(PARTS_TEST_DIR)/test_$(name)))
