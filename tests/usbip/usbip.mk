# Programs for USB devices, unmodified, with the board's device in place of the PC's: build/tests/usbip/libusb-1.0.so.0 put
# before the real library by LD_LIBRARY_PATH, USBIP_PORT in the environment (usbip.py does both).

USBIP_LIBRARY := $(BUILD)/tests/usbip/libusb-1.0.so.0

$(USBIP_LIBRARY): tests/usbip/libusb.c tests/usbip/remote.c tests/usbip/remote.h
	$(call quiet,CC,$@)mkdir -p $(@D) && $(HOST_CC) -D_GNU_SOURCE $(HOST_CFLAGS) -fPIC -shared \
	    -Wl,-soname,$(@F) -o $@ $(filter %.c,$^)

TEST_DEPS += $(USBIP_LIBRARY)
$(call add_test,usbip,programs,120,$(PYTHON) tests/usbip/test_programs.py)
# The drive: what it is and how it speaks, and whose the medium is.
$(call add_test,usbip,drive,200,$(PYTHON) tests/usbip/test_drive.py)
$(call add_test,usbip,drive_files,200,$(PYTHON) tests/usbip/test_drive_files.py)
# What odd hosts do; `make fuzz` does it for longer.
$(call add_test,usbip,odd_hosts,200,$(PYTHON) tests/usbip/test_odd_hosts.py 300)
fuzz: fuzz-usbip
.PHONY: fuzz-usbip
FUZZ_USB_STEPS ?= 20000
fuzz-usbip: vboard firmware $(BUILD)/vboard-asan/vboard
	TEST_TMP=$(BUILD)/tests/usbip $(PYTHON) tests/usbip/test_odd_hosts.py $(FUZZ_USB_STEPS)
