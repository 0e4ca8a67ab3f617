# `make bench`: the core beside Unicorn and QEMU, all three running MicroPython for Arm's AN500 image, and the board's own
# firmware on the whole virtual board. bench.py says what is measured and how; PARTS='board psram' measures these only.

BENCH_DIR := $(BUILD)/bench
BENCH_CFLAGS := $(HOST_CFLAGS) -D_GNU_SOURCE -Ivboard/cpu

# Called each time: MicroPython's make files know what is out of date.
.PHONY: bench-firmware
bench-firmware: $(MPY_STAMP)
	+@$(MAKE) --no-print-directory $(if $(filter-out 0,$(V)),BUILD_VERBOSE=1,-s BUILD_VERBOSE=0) \
	    -C $(MPY_DIR)/ports/qemu BOARD=MPS2_AN500 BOARD_DIR=$(abspath tests/bench/MPS2_AN500) \
	    BUILD=$(abspath $(BENCH_DIR)) MICROPY_HEAP_SIZE=1048576 FROZEN_MANIFEST= MICROPY_MPYCROSS_DEPENDENCY= \
	    PYTHON=$(PYTHON) CROSS_COMPILE=$(CROSS_COMPILE) >&2

$(BENCH_DIR)/obj/%.o: tests/bench/an500/%.c tests/bench/bench.mk
	$(call quiet,CC,$<)mkdir -p $(@D) && $(HOST_CC) $(BENCH_CFLAGS) -c -o $@ $<

# The core as it is in the virtual board.
$(BENCH_DIR)/core: $(BENCH_DIR)/obj/an500.o $(BENCH_DIR)/obj/an500_core.o \
        $(filter $(BUILD)/vboard/obj/vboard/cpu/%,$(vboard_objects))
	$(call quiet,LD,$@)$(HOST_CC) -o $@ $^ $(VBOARD_LIBS)

$(BENCH_DIR)/unicorn: $(BENCH_DIR)/obj/an500.o $(BENCH_DIR)/obj/an500_unicorn.o
	$(call quiet,LD,$@)$(HOST_CC) -o $@ $^ -lunicorn

-include $(wildcard $(BENCH_DIR)/obj/*.d)

bench: vboard firmware bench-firmware $(BENCH_DIR)/core $(BENCH_DIR)/unicorn
	@MPY_DIR=$(MPY_DIR) VBOARD=$(BUILD)/vboard/vboard FIRMWARE=$(FIRMWARE_ELF) AN500=$(BENCH_DIR) \
	    $(PYTHON) tests/bench/bench.py $(BUILD)/bench.json $(PARTS)

# Heap policies, in virtual time: the tables of docs/performance.md. The firmware is built a second time, with MicroPython's
# own heap, which is what the others are compared with.
.PHONY: performance performance-plain
performance-plain: firmware
	+@$(MAKE) --no-print-directory firmware HEAP_PLAIN=1

performance: vboard firmware performance-plain
	@BUILD=$(BUILD) MPY_DIR=$(MPY_DIR) VBOARD=$(BUILD)/vboard/vboard FIRMWARE=$(FIRMWARE_ELF) \
	    PLAIN=$(subst $(FIRMWARE_OBJECTS),$(FIRMWARE_OBJECTS)-plain,$(FIRMWARE_DIR))/firmware.elf \
	    $(PYTHON) tests/bench/performance.py docs/performance.md
