# vboard/parts and the faults of vboard/trace on a bus of their own, with sanitizers.

PARTS_TEST_DIR := $(BUILD)/tests/unit/parts
PARTS_TESTS := psram_chips psram_commands psram_frames psram_hazards psram_effects psram_defects faults terminal indicators \
    eeprom nor_flash analog usb_host
PARTS_TEST_CFLAGS := -D_GNU_SOURCE $(HOST_CFLAGS) -fsanitize=address,undefined \
    -fno-sanitize-recover=all

PARTS_TEST_PROGRAMS := $(PARTS_TESTS:%=$(PARTS_TEST_DIR)/test_%)
$(PARTS_TEST_PROGRAMS): $(PARTS_TEST_DIR)/%: tests/unit/parts/%.c tests/unit/parts/host.c \
        $(wildcard vboard/wire/*.c) $(wildcard vboard/parts/psram*.c) vboard/parts/terminal.c \
        vboard/parts/led.c vboard/parts/button.c vboard/parts/eeprom.c vboard/parts/nor_flash.c \
        vboard/parts/i2c_hang.c vboard/parts/analog.c vboard/trace/faults.c $(wildcard vboard/parts/usb_*.c)
	$(call quiet,CC,$@)mkdir -p $(@D) && $(HOST_CC) $(PARTS_TEST_CFLAGS) -o $@ $(filter %.c,$^) -lcmocka -lm

-include $(wildcard $(PARTS_TEST_DIR)/*.d)

TEST_DEPS += $(PARTS_TEST_PROGRAMS)
$(foreach name,$(PARTS_TESTS),$(call add_test,unit,parts-$(subst _,-,$(name)),60,$(PARTS_TEST_DIR)/test_$(name)))
