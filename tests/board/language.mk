# The interpreter at its limits.

$(call add_test,board,language,400,$(PYTHON) tests/board/test_language.py)
$(call add_test,board,robust,400,$(PYTHON) tests/board/test_robust.py)
# The firmware whose allocations fail when a test asks for it.
.PHONY: firmware-fails
firmware-fails: firmware
	+@$(MAKE) --no-print-directory firmware BOARD=DEVEBOX_STM32H7A3 HEAP_FAILS=1
TEST_DEPS += firmware-fails

$(call add_test,board,tools,400,$(PYTHON) tests/board/test_tools.py)

# Both of the last, for longer.
ROBUST_LIST := $(BUILD)/robust/list
robust_line = board$(tab)$(1)$(tab)3000$(tab)beside$(tab)ROBUST=long $(PYTHON) tests/board/test_$(1).py$(newline)
.PHONY: robust
robust: vboard firmware firmware-fails
	@$(shell mkdir -p $(dir $(ROBUST_LIST)))$(file >$(ROBUST_LIST),$(call robust_line,robust)$(call robust_line,tools)):
	@$(run_tests) --work $(BUILD)/robust $(ROBUST_LIST)
