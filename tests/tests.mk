# The tests. Each folder below tests/ is a kind of test, and says in its KIND.mk what programs it has:
#
#   $(call add_test,KIND,NAME,TIMEOUT,COMMAND)        runs beside one other program
#   $(call add_test_alone,KIND,NAME,TIMEOUT,COMMAND)  runs when all others are done, alone: for limits in wall time
#   TEST_DEPS += FILE...                              what must be built before they run
#
# KIND/NAME is unique. TIMEOUT is in seconds of wall time; empty means 300. COMMAND is one line for the shell, run from
# the repository's root with nothing on standard input; a comma in it is written $(,).
#
# A program prints TAP on standard output: one plan `1..N`, before or after the results; `ok I - name` or `not ok I -
# name`, I counting from 1; diagnostics as `# text`; `ok I - name # SKIP reason` for one that cannot run here, or the plan
# `1..0 # SKIP reason` for none that can. It exits with 0 if all passed. cmocka does this by itself, with one
# cmocka_run_group_tests() a program.
#
# Failures besides `not ok`: no plan, a second plan, an empty one, fewer or more results than planned, numbers out of
# order, `Bail out!`, time-out, death by signal, an exit status that is not 0 though no result failed.
#
# In a program's environment: PYTHON, BUILD, BOARD, VBOARD and VBOARD_ASAN (the virtual board, without and with
# sanitizers), MPY_DIR, TINYUSB_DIR, and TEST_TMP, an empty directory of its own (kept if it fails).

TESTS :=
TEST_LINES :=
TEST_DEPS :=
TEST_LIST := $(BUILD)/tests/list

# One tab, and one newline: what the list's fields and lines end with.
tab := $(subst x,,x	x)
define newline


endef

# $(1) kind, $(2) name, $(3) time-out, $(4) command, $(5) mode. The doubled dollars keep the command from being expanded,
# and split at its commas, a second time.
add_test_as = $(eval TESTS += $(1)/$(2))$(eval TEST_LINES := \
    $$(TEST_LINES)$$(1)$$(tab)$$(2)$$(tab)$$(or $$(strip $$(3)),300)$$(tab)$$(5)$$(tab)$$(4)$$(newline))
add_test = $(call add_test_as,$(strip $(1)),$(strip $(2)),$(3),$(strip $(4)),beside)
add_test_alone = $(call add_test_as,$(strip $(1)),$(strip $(2)),$(3),$(strip $(4)),alone)

include $(wildcard tests/*/*.mk)

# Shell patterns of KIND/NAME to run; empty runs all.
ONLY ?=

run_tests = CMOCKA_MESSAGE_OUTPUT=TAP PYTHON=$(PYTHON) BUILD=$(BUILD) BOARD=$(BOARD) \
    VBOARD=$(BUILD)/vboard/vboard VBOARD_ASAN=$(BUILD)/vboard-asan/vboard \
    MPY_DIR=$(MPY_DIR) TINYUSB_DIR=$(TINYUSB_DIR) \
    UBSAN_OPTIONS=print_stacktrace=1 \
    $(PYTHON) tests/run

.PHONY: test test-programs
test-programs: $(TEST_DEPS)

test: vboard firmware-all test-programs
	@$(shell mkdir -p $(dir $(TEST_LIST)))$(file >$(TEST_LIST),$(TEST_LINES)):
	@$(run_tests) --work $(BUILD)/tests $(foreach pattern,$(ONLY),--only '$(pattern)') $(TEST_LIST)
