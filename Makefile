# MicroPython with its heap in SPI RAM, and the virtual board that runs it. `make help` lists the goals.
#
# This file prepares tools and sources, and says what the goals are; how things are built stands in the parts included
# below. All output goes below build/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
# `make -n` shows, and must install and fetch nothing.
dry_run := $(findstring n,$(firstword -$(MAKEFLAGS)))
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
# All processors, unless the command line says otherwise (-j1).
ifeq ($(MAKELEVEL),0)
    MAKEFLAGS += -j$(shell nproc)
endif
SHELL := /bin/bash
CC := gcc

BUILD := build
V ?= 0

# $(call quiet,WORD,FILE) begins a recipe line: prints "WORD FILE" in place of the command, unless V=1. On stderr, so that
# `make run SCRIPT=x.py >file` holds what the script printed.
quiet = $(if $(filter-out 0,$(V)),,@printf '  %-7s %s\n' '$(1)' '$(2)' >&2; )

, := ,
same = $(if $(subst x$(1),,x$(2))$(subst x$(2),,x$(1)),,same)
# $(call flags_stamp,NAME,TEXT): the name of a file that is rewritten only when TEXT is not what it was; what is built with
# the flags in TEXT depends on it.
flags_stamp = $(call flags_write,$(BUILD)/flags/$(strip $(1)),$(strip $(flags_text)))$(BUILD)/flags/$(strip $(1))
# A comma written in TEXT (-Wl,...) has split it.
flags_text = $(2),$(3),$(4),$(5),$(6),$(7),$(8),$(9)
flags_write = $(if $(call same,$(2),$(file <$(1))),,$(shell mkdir -p $(dir $(1)))$(file >$(1),$(2)))

include tools/deps.mk

# ---- boards -----------------------------------------------------------------------------------------------------------

# BOARD is a folder of firmware/boards, or the short name that vboard has for it.
BOARD ?= DEVEBOX_STM32H7A3
BOARDS := $(sort $(patsubst firmware/boards/%/mpconfigboard.mk,%,$(wildcard firmware/boards/*/mpconfigboard.mk)))
short_name = $(shell sed -n 's/^VBOARD_BOARD *[:?]*= *//p' $(or $(2),firmware/boards/$(1))/mpconfigboard.mk)
ifeq ($(BOARD_DIR)$(filter $(BOARD),$(BOARDS)),)
    board_found := $(firstword $(foreach board,$(BOARDS),$(if $(filter $(BOARD),$(call short_name,$(board))),$(board))))
    ifneq ($(board_found),)
        override BOARD := $(board_found)
    else ifneq ($(BOARDS),)
        $(error no board '$(BOARD)'; there are: $(BOARDS))
    endif
endif
# With BOARD_DIR the board may lie anywhere, and BOARD is only its name.
VBOARD_BOARD = $(or $(call short_name,$(BOARD),$(BOARD_DIR)),devebox)

# A board's firmware has a folder for each timing profile of the PSRAM, and for each way to test it at the start. All are made of
# the same objects but for those that see the difference.
SPIRAM_PROFILE ?= datasheet
ifeq ($(filter datasheet tuned analyser,$(SPIRAM_PROFILE)),)
    $(error no profile '$(SPIRAM_PROFILE)'; there are: datasheet tuned analyser)
endif
firmware_profile := $(filter-out datasheet,$(SPIRAM_PROFILE))
# HEAP_PLAIN=1: the heap as MicroPython makes it by itself, to measure what ours is worth (make performance).
HEAP_PLAIN ?= 0
firmware_plain := $(filter 1,$(HEAP_PLAIN))
# HEAP_FAILS=1: allocations can be made to fail, for tests (spiram.fail_allocation()).
HEAP_FAILS ?= 0
firmware_fails := $(filter 1,$(HEAP_FAILS))
# SPIRAM_FULL_TEST=1: all memory tests at each start.
SPIRAM_FULL_TEST ?= 0
firmware_full_test := $(filter-out 0,$(SPIRAM_FULL_TEST))
# USE_MBOOT=1: the application lies behind the bootloader, from 0x08008000. The same objects, linked for there.
USE_MBOOT ?= 0
ifeq ($(filter 0 1,$(USE_MBOOT)),)
    $(error USE_MBOOT is 0 or 1)
endif
FIRMWARE_OBJECTS := $(BUILD)/firmware/$(BOARD)$(firmware_plain:1=-plain)
FIRMWARE_DIR := $(FIRMWARE_OBJECTS)$(firmware_profile:%=-%)$(firmware_fails:1=-fails)$(firmware_full_test:%=-full)$(if $(filter 1,$(USE_MBOOT)),-mboot)

# ---- tools and sources, by goal ---------------------------------------------------------------------------------------

goals := $(or $(MAKECMDGOALS),$(.DEFAULT_GOAL))
plain_goals := help clean distclean
host_goals := vboard $(BUILD)/vboard/% $(BUILD)/vboard-asan/%
test_goals := test test-upstream test-powercut robust test-programs fuzz coverage dfu-list $(BUILD)/tests/%
# What is in no other list needs the firmware's tools.
building := $(filter-out $(plain_goals),$(goals))
with_firmware := $(filter-out $(host_goals),$(building))
groups := $(if $(filter $(host_goals),$(goals)),host) $(if $(with_firmware),firmware) \
    $(if $(filter $(test_goals),$(goals)),test) $(if $(filter bench,$(goals)),bench) $(if $(filter lint,$(goals)),lint) \
    $(if $(filter flash gdb flash-dfu,$(goals)),probe)

ifeq ($(dry_run),)
    ifneq ($(strip $(groups)),)
        $(call prepare,$(strip $(groups)),$(with_firmware))
    endif
endif

# ---- parts ------------------------------------------------------------------------------------------------------------

.PHONY: help run test bench fuzz firmware vboard lint clean distclean compile_commands
ifneq ($(building),)
include $(wildcard vboard/vboard.mk)
endif
ifneq ($(with_firmware),)
include $(wildcard firmware/firmware.mk)
include tests/tests.mk
endif

# ---- goals ------------------------------------------------------------------------------------------------------------

help:
	@echo 'make run                 build all and start the virtual board: a REPL on this terminal (Ctrl-] leaves)'
	@echo 'make run SCRIPT=x.py     run a script there; exits 0, or 1 if it raised'
	@echo 'make test                build all and run every test   (ONLY="unit/* cpu/fpu" runs some)'
	@echo "make test-upstream       MicroPython's own tests, all of them, in three ways"
	@echo 'make test-powercut       power fails 1,000 times while files are written   (CUTS=1000 SEED=1)'
	@echo 'make robust              hard treatment, for longer than in make test'
	@echo 'make bench               measure; writes $(BUILD)/bench.json'
	@echo 'make performance         heap policies compared; writes the tables of docs/performance.md'
	@echo 'make hazards             ways to set up the memory path, tried: the table of docs/corruption.md   (SEEDS=5)'
	@echo 'make shmoo, make waves   the pictures of docs/spiram.md and docs/hardware.md'
	@echo 'make fuzz                the random tests, longer'
	@echo 'make coverage            lines of firmware/spiram that its tests run; fails below 95 %'
	@echo 'make firmware            $(BUILD)/firmware/BOARD/firmware.elf .bin .hex .dfu'
	@echo 'make release             $(BUILD)/release/*.zip: all boards, with checksums; make release-check: built twice, the same bytes'
	@echo 'make vboard              $(BUILD)/vboard/vboard, the virtual board'
	@echo 'make mboot               $(BUILD)/mboot/BOARD/mboot.elf .bin .hex .dfu: the bootloader for updates over USB'
	@echo 'make dfu-list            dfu-util -l, with the ROM bootloader of the virtual board on USB'
	@echo 'make flash               onto a board, by PROBE=stlink or cmsis-dap; make gdb: with gdb; make flash-dfu: by USB and BOOT0'
	@echo 'make lint                clang-format, cppcheck, clang-tidy'
	@echo 'make clean               remove what was built; make distclean: the fetched sources too'
	@echo
	@echo 'BOARD=$(BOARD)   one of: $(BOARDS)'
	@echo 'ARGS="..."               further options for the virtual board (make run)'
	@echo 'SPIRAM_PROFILE=datasheet timing of the PSRAM: datasheet, tuned (up to 133 MHz) or analyser (1 MHz)'
	@echo 'SPIRAM_FULL_TEST=1       each cell of the PSRAM tested at each start: half a minute'
	@echo 'USE_MBOOT=1              firmware for 0x08008000, behind the bootloader (docs/mboot.md)'
	@echo 'V=1                      show the commands'
	@echo 'MPY_DIR= TINYUSB_DIR=    other source trees of MicroPython 1.25 and TinyUSB'
	@echo 'DEBIAN_MIRROR=           where to fetch them from, if apt here cannot tell'

# GNU make ends with 2 whatever the status of a failed recipe was. It ends with 1 on SIGQUIT, which is how a script that
# raised is told from a build that failed. It must meet the signal while this child lives: after its end, make's own wait
# for it fails, with 2. Where SIGQUIT is ignored (`make run &` in a script) the status is 2 as well.
ARGS ?=
run: firmware vboard
	@$(BUILD)/vboard/vboard --board $(VBOARD_BOARD) --uart stdio $(if $(SCRIPT),--run '$(SCRIPT)') $(ARGS) \
	    $(FIRMWARE_DIR)/firmware.elf; \
	status=$$?; [ $$status != 1 ] || { kill -QUIT $$PPID; sleep 0.5; }; exit $$status

bench fuzz:

# The tests run on every board; firmware.mk builds one.
.PHONY: firmware-all
firmware-all: firmware mboot
	@for board in $(filter-out $(BOARD),$(BOARDS)); do \
	    $(MAKE) --no-print-directory firmware mboot BOARD=$$board || exit; \
	done

# Onto a real board: by a debug probe, or by the ROM bootloader (docs/hardware.md). NRST=0: the probe has no wire to NRST.
PROBE ?= stlink
NRST ?= 1
openocd = openocd -c 'set NRST $(NRST)' -f tools/openocd/$(PROBE).cfg
.PHONY: flash gdb flash-dfu probe-known
probe-known:
	@test -f tools/openocd/$(PROBE).cfg || { \
	    echo "no probe '$(PROBE)'; there are: $(filter-out stm32h7a3,$(basename $(notdir $(wildcard tools/openocd/*.cfg))))" >&2; exit 1; }
# With the bootloader, if the firmware lies behind it.
flash: firmware probe-known $(if $(filter 1,$(USE_MBOOT)),mboot)
	$(openocd) $(if $(filter 1,$(USE_MBOOT)),-c 'program $(BUILD)/mboot/$(BOARD)/mboot.elf verify') \
	    -c 'program $(FIRMWARE_DIR)/firmware.elf verify reset exit'
gdb: firmware probe-known
	gdb-multiarch -ex 'target extended-remote | $(subst ',",$(openocd)) -c "gdb_port pipe; log_output $(BUILD)/openocd.log"' \
	    -ex 'monitor reset halt' $(FIRMWARE_DIR)/firmware.elf
flash-dfu: firmware
	dfu-util -d 0483:df11 -a 0 -s $(if $(filter 1,$(USE_MBOOT)),0x08008000,0x08000000):leave -D $(FIRMWARE_DIR)/firmware.bin

# The ROM bootloader on the virtual board, listed by the real dfu-util.
.PHONY: dfu-list
dfu-list: vboard firmware $(USBIP_LIBRARY)
	tools/with-usb $(BUILD)/tests/usbip $(BUILD)/vboard/vboard --board $(VBOARD_BOARD) --psram none --boot0 \
	    $(FIRMWARE_DIR)/firmware.elf -- dfu-util -l

# All boards, without and with the bootloader, in one zip file. Twice the same sources give twice the same bytes: the dates in
# it are those of the last commit.
.PHONY: release
RELEASE ?= $(or $(shell git describe --tags --always --dirty 2>/dev/null),unknown)
RELEASE_ZIP = $(BUILD)/release/micropython-spiram-$(RELEASE).zip
release: firmware-all
	+@for board in $(BOARDS); do \
	    $(MAKE) --no-print-directory firmware mboot BOARD=$$board USE_MBOOT=1 || exit; \
	done
	$(call quiet,ZIP,$(RELEASE_ZIP))SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH-$$(git log -1 --format=%ct 2>/dev/null || echo 0)} \
	    $(PYTHON) tools/release --version '$(RELEASE)' --build $(BUILD) $(RELEASE_ZIP) $(BOARDS)

.PHONY: release-check
release-check:
	tools/release-twice $(BUILD)

# The commands of the whole build, for clang-tidy and editors.
compile_commands: $(BUILD)/compile_commands.json
$(BUILD)/compile_commands.json: FORCE
	@mkdir -p $(@D)
	@$(MAKE) --no-print-directory -nB -j1 V=1 vboard firmware mboot BOARD=$(BOARD) 2>&1 | $(PYTHON) tools/compile-commands >$@
.PHONY: FORCE
FORCE:

# Built first: clang-tidy reads the headers that the build makes.
lint: vboard firmware mboot $(BUILD)/compile_commands.json
	tools/lint $(BUILD)/compile_commands.json

clean:
	rm -rf $(filter-out $(DEPS),$(wildcard $(BUILD)/*))

distclean:
	rm -rf $(BUILD)
