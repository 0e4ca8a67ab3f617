# Our firmware on the virtual board, seen as a user sees it: through the command line, the REPL, scripts.

BOARD_TESTS := boot heap spiram repl script usage mutants stop options fault faults hazards gdb soak bench profiles
# The machine module; the boards.
BOARD_TESTS += machine_pin machine_uart machine_bus one_pin
BOARD_TESTS += rtc timer sleep pwm
BOARD_TESTS += boards
# What docs/hardware.md says is to be seen.
BOARD_TESTS += hardware
$(foreach name,$(BOARD_TESTS),$(call add_test,board,$(name),240,$(PYTHON) tests/board/test_$(name).py))
# Files: the flash, power cuts.
$(foreach name,storage powercut sdcard,$(call add_test,board,$(name),240,$(PYTHON) tests/board/test_$(name).py))
# Python takes edge after edge apart.
$(call add_test,board,vcd,500,$(PYTHON) tests/board/test_vcd.py)
# Each test over all of the memory; a dozen tunings of seven seconds of virtual time, some hundred million instructions each.
$(call add_test,board,memtest,400,$(PYTHON) tests/board/test_memtest.py)
$(call add_test,board,tune,900,$(PYTHON) tests/board/test_tune.py)
# Time passes in these as outside, so the machine must be able to keep up.
$(call add_test_alone,board,usb,120,$(PYTHON) tests/board/test_usb.py)
$(call add_test_alone,board,terminal,120,$(PYTHON) tests/board/test_terminal.py)
TEST_DEPS += $(BUILD)/vboard-asan/vboard $(HAZARDS_ELFS)
# The memory tests of the start that find each cell, and the timing profiles. One after the other: they share objects.
.PHONY: firmware-variants
firmware-variants: firmware
	+@for variant in SPIRAM_FULL_TEST=1 SPIRAM_PROFILE=tuned SPIRAM_PROFILE=analyser; do \
	    $(MAKE) --no-print-directory firmware BOARD=DEVEBOX_STM32H7A3 $$variant || exit; \
	done
TEST_DEPS += firmware-variants

# The same as board/powercut, longer: CUTS at random moments; SEED=1 for others.
CUTS ?= 1000
.PHONY: test-powercut
test-powercut: vboard firmware
	@mkdir -p $(BUILD)/tests/powercut
	BUILD=$(BUILD) VBOARD=$(BUILD)/vboard/vboard TEST_TMP=$(BUILD)/tests/powercut \
	    $(PYTHON) tests/board/test_powercut.py $(CUTS) $(or $(SEED),1)
.PHONY: test-board-dir
test-board-dir: vboard
	@TEST_TMP=$$(mktemp -d) && export TEST_TMP && BUILD=$(BUILD) $(PYTHON) tests/board/board_dir.py; \
	    status=$$?; rm -rf "$$TEST_TMP"; exit $$status
