# MicroPython's own tests, run by its own run-tests.py: some in `make test`, all in `make test-upstream`. docs/upstream.md.

# What run-tests.py runs on a board, and the folders that it runs on a PC only. A .mpy file runs in a folder of run-tests.py's
# own, where what opens files beside itself finds none.
UPSTREAM_MPY := basics micropython misc extmod inlineasm/thumb float stress 'unicode/unicode*.py' 'import/[!b]*.py' \
    import/builtin_import.py
UPSTREAM_ALL := $(UPSTREAM_MPY) 'unicode/file*.py' io import/builtin_ext.py
UPSTREAM_QUICK := 'basics/[a-d]*.py' 'micropython/[hv]*.py' stress inlineasm/thumb io

$(call add_test,upstream,quick,280,$(PYTHON) tests/upstream/suite.py bytecode $(UPSTREAM_QUICK))

UPSTREAM_LIST := $(BUILD)/upstream/list
upstream_line = upstream$(tab)$(1)$(tab)900$(tab)beside$(tab)$(PYTHON) tests/upstream/suite.py $(1) $(if $(filter bytecode,$(1)),$(UPSTREAM_ALL))$(if $(filter mpy native,$(1)),$(UPSTREAM_MPY))$(newline)

.PHONY: test-upstream
test-upstream: vboard firmware $(MPY_CROSS)
	@$(shell mkdir -p $(dir $(UPSTREAM_LIST)))$(file >$(UPSTREAM_LIST),$(call upstream_line,bytecode)$(call \
	    upstream_line,mpy)$(call upstream_line,native)$(call upstream_line,bench)):
	@$(run_tests) --work $(BUILD)/upstream $(UPSTREAM_LIST)
