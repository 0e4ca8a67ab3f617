# MicroPython's own tests, run by its own run-tests.py: some in `make test`, all in `make test-upstream`. docs/upstream.md.

# What run-tests.py runs on a board, and the folders that it runs on a PC only.
UPSTREAM_ALL := basics micropython misc extmod inlineasm/thumb float stress unicode io import
UPSTREAM_QUICK := 'basics/[a-d]*.py' 'micropython/[hv]*.py' stress inlineasm/thumb

$(call add_test,upstream,quick,280,$(PYTHON) tests/upstream/suite.py bytecode $(UPSTREAM_QUICK))

UPSTREAM_LIST := $(BUILD)/upstream/list
upstream_line = upstream$(tab)$(1)$(tab)900$(tab)beside$(tab)$(PYTHON) tests/upstream/suite.py $(1) $(if $(filter bench,$(1)),,$(UPSTREAM_ALL))$(newline)

.PHONY: test-upstream
test-upstream: vboard firmware $(MPY_CROSS)
	@$(shell mkdir -p $(dir $(UPSTREAM_LIST)))$(file >$(UPSTREAM_LIST),$(call upstream_line,bytecode)$(call \
	    upstream_line,mpy)$(call upstream_line,native)$(call upstream_line,bench)):
	@$(run_tests) --work $(BUILD)/upstream $(UPSTREAM_LIST)
