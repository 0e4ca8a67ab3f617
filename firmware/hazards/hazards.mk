# `make hazards`: each configuration of the memory path that people have tried, as a small program of its own, run on the
# virtual board; the table goes to docs/corruption.md.

HAZARDS := cured read_allocate no_allocate write_through non_cacheable device cache_off dqse_off original original_timing
HAZARDS_DIR := $(BUILD)/hazards
HAZARDS_ELFS := $(HAZARDS:%=$(HAZARDS_DIR)/%.elf)
HAZARDS_SOURCES := $(wildcard firmware/hazards/*.c firmware/mcu/*.c firmware/spiram/*.c) firmware/port/spiram_bus.c
HAZARDS_HEADERS := $(wildcard firmware/hazards/*.h firmware/mcu/*.h firmware/spiram/*.h firmware/port/spiram_bus.h)
HAZARDS_FLAGS := -mcpu=cortex-m7 -mthumb -mfpu=fpv5-d16 -mfloat-abi=hard -std=gnu11 -O2 -g -Wall -Wextra -Werror \
    -Wno-missing-field-initializers -ffunction-sections -Ifirmware -Ifirmware/hazards -Ifirmware/mcu \
    -Ifirmware/boards/DEVEBOX_STM32H7A3 -isystem $(MPY_DIR)/lib/cmsis/inc --specs=nano.specs --specs=nosys.specs \
    -nostartfiles -Wl,--gc-sections,--defsym=end=_axisram_free_start,--no-warn-rwx-segments -T firmware/mcu/stm32h7a3.ld

$(HAZARDS_ELFS): $(HAZARDS_DIR)/%.elf: $(HAZARDS_SOURCES) $(HAZARDS_HEADERS) firmware/hazards/hazards.mk $(MPY_STAMP)
	$(call quiet,CC,$@)mkdir -p $(@D) && $(CROSS_COMPILE)gcc $(HAZARDS_FLAGS) -DCONFIGURATION=$* -o $@ \
	    $(filter %.c,$^) 2>$@.log || { cat $@.log >&2; exit 1; }

SEEDS ?= 5
.PHONY: hazards
hazards: vboard $(HAZARDS_ELFS)
	$(PYTHON) firmware/hazards/matrix.py --vboard $(BUILD)/vboard/vboard --seeds $(SEEDS) --json $(BUILD)/hazards.json \
	    --document docs/corruption.md --picture docs/pictures/partial-beat.svg $(HAZARDS_ELFS)
