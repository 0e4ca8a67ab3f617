# `make mboot`: the boot loader for BOARD, as build/mboot/BOARD/mboot.elf, .bin, .hex and .dfu. It has the first 32 KB of the
# flash: the linker refuses more. With USE_MBOOT=1 also build/firmware/BOARD-mboot/mboot-and-firmware.dfu.

MBOOT_DIR := $(BUILD)/mboot/$(BOARD)
MBOOT_CPU := -mcpu=cortex-m7 -mthumb -mfpu=fpv5-d16 -mfloat-abi=hard
MBOOT_CFLAGS := $(MBOOT_CPU) -std=gnu11 -Os -g -DNDEBUG -Wall -Wextra -Werror -Wno-missing-field-initializers \
    -ffunction-sections -fdata-sections -MMD -MP -ffile-prefix-map=$(CURDIR)=. \
    -ffile-prefix-map=$(TINYUSB_DIR)=tinyusb -ffile-prefix-map=$(abspath $(TINYUSB_DIR))=tinyusb \
    -Ifirmware/mboot -Ifirmware -Ifirmware/mcu -I$(BOARD_DIR) \
    -isystem $(TINYUSB_DIR)/src -isystem $(MPY_DIR)/lib/cmsis/inc
MBOOT_LDFLAGS := $(MBOOT_CPU) --specs=nano.specs -nostartfiles -T firmware/mcu/stm32h7a3.ld \
    -Wl,--gc-sections,--defsym=FLASH_SIZE=0x8000,--no-warn-rwx-segments

MBOOT_OBJECTS := $(patsubst %.c,$(MBOOT_DIR)/%.o,$(wildcard firmware/mboot/*.c firmware/mcu/*.c)) \
    $(addprefix $(MBOOT_DIR)/tinyusb/,tusb.o common/tusb_fifo.o device/usbd.o device/usbd_control.o \
    portable/synopsys/dwc2/dcd_dwc2.o portable/synopsys/dwc2/dwc2_common.o)
mboot_flags := $(call flags_stamp,mboot-$(BOARD),$(CROSS_COMPILE) $(MBOOT_CFLAGS) $(MBOOT_LDFLAGS))

$(MBOOT_DIR)/firmware/%.o: firmware/%.c $(mboot_flags) $(MPY_STAMP) $(TINYUSB_STAMP)
	$(call quiet,CC,$@)mkdir -p $(@D) && $(CROSS_COMPILE)gcc $(MBOOT_CFLAGS) -c -o $@ $<
$(MBOOT_DIR)/tinyusb/%.o: $(TINYUSB_DIR)/src/%.c $(mboot_flags) $(TINYUSB_STAMP)
	$(call quiet,CC,$@)mkdir -p $(@D) && $(CROSS_COMPILE)gcc $(MBOOT_CFLAGS) -c -o $@ $<
$(MBOOT_DIR)/mboot.elf: $(MBOOT_OBJECTS) firmware/mcu/stm32h7a3.ld tools/seal-image
	$(call quiet,LINK,$@)$(CROSS_COMPILE)gcc $(MBOOT_LDFLAGS) -o $@ $(filter %.o,$^) && $(PYTHON) tools/seal-image $@
$(MBOOT_DIR)/mboot.bin: $(MBOOT_DIR)/mboot.elf
	$(call quiet,BIN,$@)$(CROSS_COMPILE)objcopy -O binary $< $@
$(MBOOT_DIR)/mboot.hex: $(MBOOT_DIR)/mboot.elf
	$(call quiet,HEX,$@)$(CROSS_COMPILE)objcopy -O ihex $< $@
$(MBOOT_DIR)/mboot.dfu: $(MBOOT_DIR)/mboot.bin
	$(call quiet,DFU,$@)$(PYTHON) $(MPY_DIR)/tools/dfu.py -b 0x08000000:$< $@

-include $(MBOOT_OBJECTS:.o=.d)

# Both in one, for a board that has neither.
MBOOT_BOTH := $(FIRMWARE_DIR)/mboot-and-firmware.dfu
$(MBOOT_BOTH): $(MBOOT_DIR)/mboot.bin firmware
	$(call quiet,DFU,$@)$(PYTHON) $(MPY_DIR)/tools/dfu.py -b 0x08000000:$< -b 0x08008000:$(FIRMWARE_DIR)/firmware.bin $@

.PHONY: mboot
mboot: $(addprefix $(MBOOT_DIR)/mboot,.elf .bin .hex .dfu) $(if $(filter 1,$(USE_MBOOT)),$(MBOOT_BOTH))
