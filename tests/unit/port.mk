# Unit tests of what in firmware/port can run on the PC: with MicroPython's own py/gc.c, and no more of MicroPython.

PORT_TEST_DIR := $(BUILD)/tests/unit/port
PORT_TEST_CFLAGS := $(HOST_CFLAGS) -std=gnu11 -Wno-unused-parameter -Wno-missing-field-initializers \
    -fsanitize=address,undefined -fno-sanitize-recover=all -Itests/unit/port -Ifirmware/port -isystem $(MPY_DIR)

$(PORT_TEST_DIR)/test_sweep: tests/unit/port/test_sweep.c $(MPY_STAMP) tests/unit/port.mk
	$(call quiet,CC,$@)mkdir -p $(@D) && $(HOST_CC) $(PORT_TEST_CFLAGS) -o $@ $< -lcmocka

-include $(wildcard $(PORT_TEST_DIR)/*.d)

TEST_DEPS += $(PORT_TEST_DIR)/test_sweep
$(call add_test,unit,port_sweep,120,$(PORT_TEST_DIR)/test_sweep)
