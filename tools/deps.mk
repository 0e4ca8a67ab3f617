# What the build takes from outside: toolchain, interpreters, and the sources of MicroPython and TinyUSB.
#
# The Makefile includes this first, and calls `prepare` before it reads anything that needs these sources, so that the
# included parts may read files of MPY_DIR while make parses them, and may count on the tools.
#
# MPY_DIR=, TINYUSB_DIR=   take these trees in place of the fetched ones; they are only checked
# CROSS_COMPILE=, HOST_CC=, PYTHON=   other tools

CROSS_COMPILE ?= arm-none-eabi-
HOST_CC ?= gcc
HOST_CFLAGS ?= -std=c11 -O2 -g -Wall -Wextra -Werror -MMD -MP
# Debian's own interpreter, because only that one sees Debian's modules; `python3` may be another.
PYTHON ?= $(or $(wildcard /usr/bin/python3),python3)

DEPS := $(BUILD)/deps
MPY_FETCHED := $(DEPS)/micropython
TINYUSB_FETCHED := $(DEPS)/tinyusb
MPY_DIR ?= $(MPY_FETCHED)
TINYUSB_DIR ?= $(TINYUSB_FETCHED)

# Files that change when the tree is replaced by another version; prerequisites of what is made from it.
MPY_STAMP = $(if $(filter $(MPY_FETCHED),$(MPY_DIR)),$(MPY_DIR)/.fetched,$(MPY_DIR)/py/mpconfig.h)
TINYUSB_STAMP = $(if $(filter $(TINYUSB_FETCHED),$(TINYUSB_DIR)),$(TINYUSB_DIR)/.fetched,$(TINYUSB_DIR)/src/tusb.h)

# MicroPython's generators are run in its tree, which may be somebody's checkout: leave no __pycache__ there.
export PYTHONDONTWRITEBYTECODE := 1

# The cross compiler for frozen modules, for those who depend on it. Built outside the source tree.
MPY_CROSS := $(DEPS)/mpy-cross/mpy-cross
$(MPY_CROSS): $(MPY_STAMP)
	$(call quiet,MAKE,$@)mkdir -p $(@D) && $(MAKE) -C $(MPY_DIR)/mpy-cross BUILD=$(abspath $(@D)) \
	    PYTHON=$(PYTHON) CROSS_COMPILE= >$(@D)/log 2>&1 || { tail -n 20 $(@D)/log >&2; exit 1; }
	@touch $@

# $(call prepare,GROUPS,FETCH): install the tools of these groups, and if FETCH is not empty get the sources. It runs while
# make parses, with what it does on stderr; on an error make stops with the one line that the tool gave.
prepare_commands = $(if $(filter $(MPY_FETCHED),$(MPY_DIR)),,MPY_DIR='$(MPY_DIR)') tools/ensure-tools $(1)$(if $(2), && $(fetch_commands))
fetch_commands = $(strip \
    $(if $(filter $(MPY_FETCHED),$(MPY_DIR)),DEPS=$(DEPS) tools/fetch-deps micropython, \
        tools/fetch-deps --check micropython '$(MPY_DIR)') && \
    $(if $(filter $(TINYUSB_FETCHED),$(TINYUSB_DIR)),DEPS=$(DEPS) tools/fetch-deps tinyusb, \
        tools/fetch-deps --check tinyusb '$(TINYUSB_DIR)'))
# The tools' stdout goes to stderr, and their stderr is what the function gives, followed by the exit status.
prepare_run = $(shell { { $(1); } 3>&1 1>&2 2>&3 3>&-; } </dev/null; echo $$?)
prepare_check = $(if $(filter 0,$(lastword $(1))),,$(error $(wordlist 2,$(words $(1)),x $(1))))
prepare = $(call prepare_check,$(call prepare_run,$(prepare_commands)))
