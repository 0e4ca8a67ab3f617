# Unit tests of what in firmware/mcu is arithmetic or data structure and knows no register.

MCU_TEST_DIR := $(BUILD)/tests/unit/mcu
MCU_TEST_CFLAGS := $(HOST_CFLAGS) -fsanitize=address,undefined -fno-sanitize-recover=all -Ifirmware/mcu

$(MCU_TEST_DIR)/test_clock_math: tests/unit/mcu/test_clock_math.c firmware/mcu/clock_math.c
$(MCU_TEST_DIR)/test_bus_math: tests/unit/mcu/test_bus_math.c firmware/mcu/bus_math.c
$(MCU_TEST_DIR)/test_ring: tests/unit/mcu/test_ring.c

MCU_TESTS := test_clock_math test_bus_math test_ring
$(addprefix $(MCU_TEST_DIR)/,$(MCU_TESTS)):
	$(call quiet,CC,$@)mkdir -p $(@D) && $(HOST_CC) $(MCU_TEST_CFLAGS) -o $@ $(filter %.c,$^) -lcmocka

-include $(wildcard $(MCU_TEST_DIR)/*.d)

TEST_DEPS += $(addprefix $(MCU_TEST_DIR)/,$(MCU_TESTS))
$(call add_test,unit,mcu_clock_math,60,$(MCU_TEST_DIR)/test_clock_math)
$(call add_test,unit,mcu_bus_math,60,$(MCU_TEST_DIR)/test_bus_math)
$(call add_test,unit,mcu_ring,60,$(MCU_TEST_DIR)/test_ring)
$(call add_test,unit,mcu_layout,60,$(PYTHON) tests/unit/mcu/test_layout.py $(FIRMWARE_ELF) $(CROSS_COMPILE))
