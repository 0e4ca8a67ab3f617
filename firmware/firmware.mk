# `make firmware`: MicroPython for BOARD, as build/firmware/BOARD/firmware.elf, .bin, .hex and .dfu.
#
# The port is built by MicroPython's own make files (py/mkrules.mk), which want a make of their own: firmware/port/Makefile.
# That one knows what is out of date; this one only calls it.
#
# BOARD_DIR=   the board's folder, if it is not firmware/boards/BOARD

BOARD_DIR ?= firmware/boards/$(BOARD)

# What differs between the firmwares of a board.
variant_defines := $(firmware_profile:%=-DBOARD_SPIRAM_PROFILE=SPIRAM_PROFILE_$(shell echo $(SPIRAM_PROFILE) | tr a-z A-Z))
variant_defines += $(firmware_fails:%=-DBOARD_HEAP_FAILS=%)
variant_defines += $(firmware_full_test:%=-DBOARD_SPIRAM_FULL_TEST=true)
FIRMWARE_ELF := $(FIRMWARE_DIR)/firmware.elf

# Its messages go to stderr, as all of the build's do: `make run SCRIPT=x.py >file` holds what the script printed.
firmware: $(MPY_STAMP) $(TINYUSB_STAMP) $(MPY_CROSS)
	+@$(MAKE) --no-print-directory $(if $(filter-out 0,$(V)),BUILD_VERBOSE=1,-s BUILD_VERBOSE=0) \
	    -C firmware/port BOARD=$(BOARD) \
	    BOARD_DIR=$(abspath $(BOARD_DIR)) BUILD=$(abspath $(FIRMWARE_OBJECTS)) OUT=$(abspath $(FIRMWARE_DIR)) \
	    MPY_DIR=$(abspath $(MPY_DIR)) TINYUSB_DIR=$(abspath $(TINYUSB_DIR)) USE_MBOOT=$(USE_MBOOT) \
	    CFLAGS_EXTRA='$(firmware_plain:%=-DBOARD_HEAP_PLAIN=%)' VARIANT='$(strip $(variant_defines))' \
	    MPY_CROSS=$(abspath $(MPY_CROSS)) PYTHON=$(PYTHON) CROSS_COMPILE=$(CROSS_COMPILE) >&2

$(FIRMWARE_ELF) $(FIRMWARE_ELF:.elf=.bin) $(FIRMWARE_ELF:.elf=.hex) $(FIRMWARE_ELF:.elf=.dfu): firmware ;
include firmware/hazards/hazards.mk
include firmware/mboot/mboot.mk

# The pictures of docs/spiram.md: what spiram.shmoo() draws on the virtual board.
.PHONY: shmoo
shmoo: vboard firmware
	$(foreach wires,short long,$(BUILD)/vboard/vboard --wires $(wires) --run tools/shmoo.py $(FIRMWARE_ELF) | \
	    tr -d '\r' >docs/pictures/shmoo-$(wires).svg &&) true

# The pictures of docs/hardware.md: the first frames on the wires of the virtual board.
.PHONY: waves
waves: vboard firmware
	$(BUILD)/vboard/vboard --vcd $(BUILD)/waves.vcd --limit 3ms $(FIRMWARE_ELF) </dev/null; test $$? = 4
	$(PYTHON) tools/waves.py $(BUILD)/waves.vcd docs/pictures
