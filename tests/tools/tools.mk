# The tools of the build itself: fetching, installing, the goals of the Makefile, the test runner. None needs the network.

$(call add_test,tools,runner,60,$(PYTHON) tests/tools/test_runner.py)
$(call add_test,tools,fetch,120,$(PYTHON) tests/tools/test_fetch.py)
$(call add_test,tools,install,60,$(PYTHON) tests/tools/test_install.py)
$(call add_test,tools,make,60,$(PYTHON) tests/tools/test_make.py)
$(call add_test,tools,pins,60,$(PYTHON) tests/tools/test_pins.py)
$(call add_test,tools,products,60,$(PYTHON) tests/tools/test_products.py)
# The board that the tests know, linked to lie behind the bootloader, from the same objects; and the bootloader.
.PHONY: firmware-mboot
firmware-mboot: firmware
	+@$(MAKE) --no-print-directory firmware mboot BOARD=DEVEBOX_STM32H7A3 USE_MBOOT=1
TEST_DEPS += firmware-mboot
$(call add_test,tools,openocd,60,$(PYTHON) tests/tools/test_openocd.py)
