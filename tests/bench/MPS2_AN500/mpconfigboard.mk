# MicroPython's ports/qemu on Arm's MPS2 board with the AN500 image: a Cortex-M7 with its FPU. The release has the AN385
# (Cortex-M3) only; memory map and UART are the same. Floats are single in this port, and so is the FPU of Unicorn's
# Cortex-M7.
QEMU_ARCH = arm
QEMU_MACHINE = mps2-an500

CORTEX_M7 = -mthumb -mcpu=cortex-m7 -mfpu=fpv5-sp-d16 -mfloat-abi=hard
CFLAGS += $(CORTEX_M7)
CFLAGS += -DQEMU_SOC_MPS2
CFLAGS += -DMICROPY_HW_MCU_NAME='"Cortex-M7"'
LDFLAGS += $(CORTEX_M7) -Wl,--wrap=mp_semihosting_init

LDSCRIPT = mcu/arm/mps2.ld

SRC_BOARD_O = shared/runtime/gchelper_native.o shared/runtime/gchelper_thumb2.o board_init.o

MPY_CROSS_FLAGS += -march=armv7emsp

$(BUILD)/board_init.o: $(BOARD_DIR)/board_init.c
	$(CC) $(CFLAGS) -c -o $@ $<
