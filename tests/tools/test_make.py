#!/usr/bin/env python3
"""The Makefile's own part: goals, boards, exit statuses, rebuilding on changed flags. It runs in a copy, with a virtual
board and a firmware that are scripts, and a tree that only looks like MicroPython's."""

import os
import shutil
import sys

from tap import ROOT, Tap, read, run, tool_path, write

TEMP = os.environ["TEST_TMP"]
COPY = os.path.join(TEMP, "copy")
tap = Tap()

shutil.copytree(os.path.join(ROOT, "tools"), COPY + "/tools")
shutil.copy(os.path.join(ROOT, "Makefile"), COPY)
write(COPY + "/mpy/py/mpconfig.h", "#define MICROPY_VERSION_MAJOR 1\n#define MICROPY_VERSION_MINOR 25\n")
write(COPY + "/mpy/lib/cmsis/inc/core_cm7.h", "\n")
write(COPY + "/usb/src/tusb.h", "\n")
write(COPY + "/vboard/vboard.mk", """
FLAGS := $(call flags_stamp,vboard,-O2 -Wl,-x $(EXTRA))
vboard: $(BUILD)/vboard/vboard
$(BUILD)/vboard/vboard: vboard/fake $(FLAGS)
	$(call quiet,CC,$@)mkdir -p $(@D) && cp $< $@
""")
write(COPY + "/vboard/fake", '#!/bin/sh\necho "$*" >args\ncat >input\nexit ${STATUS-0}\n', executable=True)
write(COPY + "/firmware/firmware.mk", """
ELF := $(FIRMWARE_DIR)/firmware.elf
firmware: $(ELF)
$(ELF): $(MPY_STAMP) $(TINYUSB_STAMP)
	$(call quiet,CC,$@)mkdir -p $(@D) && touch $@
mboot:
""")
for board, name in (("DEVEBOX_STM32H7A3", "devebox"), ("OTHER_STM32H7A3", "other")):
    write(COPY + "/firmware/boards/%s/mpconfigboard.mk" % board, "VBOARD_BOARD = %s\n" % name)
write(COPY + "/tests/tests.mk", "test: vboard firmware-all\n")


def make(*arguments, **environment):
    environment = dict({"MPY_DIR": "mpy", "TINYUSB_DIR": "usb", "BOARD": None, "V": None}, **environment)
    return run(["make", *arguments], cwd=COPY, **environment)


def rebuilt(result):
    return "build/vboard/vboard" in result.stderr


result = make()
tap.check("no goal: help, and nothing is built", "make run" in result.stdout and not os.path.exists(COPY + "/build"), result.stdout)

result = make("run")
tap.check("run", result.returncode == 0 and not result.stdout, result.stdout + result.stderr)
tap.equal("is quiet: a line for a file", sorted(result.stderr.splitlines()),
          ["  CC      build/firmware/DEVEBOX_STM32H7A3/firmware.elf", "  CC      build/vboard/vboard"])
tap.equal("starts the board", read(COPY + "/args"),
          "--board devebox --uart stdio build/firmware/DEVEBOX_STM32H7A3/firmware.elf\n")
make("run", "SCRIPT=a b.py", "ARGS=--strict")
tap.equal("with a script", read(COPY + "/args"),
          "--board devebox --uart stdio --run a b.py --strict build/firmware/DEVEBOX_STM32H7A3/firmware.elf\n")

for status, expected in ((0, 0), (1, 1), (2, 2), (3, 2), (4, 2)):
    tap.equal("vboard ends with %d" % status, make("run", STATUS=str(status)).returncode, expected)
tap.equal("the same with -j", make("-j2", "run", STATUS="1").returncode, 1)

run(["sh", "-c", "echo 1+1 | make run MPY_DIR=mpy TINYUSB_DIR=usb"], cwd=COPY)
tap.equal("standard input is the board's, whole", read(COPY + "/input"), "1+1\n")

make("run", "BOARD=other")
tap.check("a board by its short name", read(COPY + "/args").startswith("--board other ") and "OTHER_STM32" in read(COPY + "/args"))
tap.one_line("no such board", make("firmware", "BOARD=x"), "no board 'x'; there are: DEVEBOX_STM32H7A3 OTHER_STM32H7A3", 2)
shutil.rmtree(COPY + "/build/firmware")
make("test")
tap.equal("test builds all boards", sorted(os.listdir(COPY + "/build/firmware")), ["DEVEBOX_STM32H7A3", "OTHER_STM32H7A3"])

tap.check("nothing changed, nothing built", not rebuilt(make("vboard")))
tap.check("other flags: built again", rebuilt(make("vboard", "EXTRA=-g")))
tap.check("the same flags: not again", not rebuilt(make("vboard", "EXTRA=-g")))
os.utime(COPY + "/vboard/fake")
tap.check("V=1 shows the command", "cp vboard/fake" in make("vboard", "EXTRA=-g", "V=1").stdout)

tap.one_line("MPY_DIR that is none", make("firmware", MPY_DIR="/nonexistent"), "fetch-deps: MPY_DIR=/nonexistent is not", 2)
tap.one_line("TINYUSB_DIR that is none", make("firmware", TINYUSB_DIR="/nonexistent"), "TINYUSB_DIR=/nonexistent is not", 2)
tap.equal("the virtual board needs neither", make("vboard", MPY_DIR="/nonexistent").returncode, 0)
write(COPY + "/tools/ensure-tools", "#!/bin/sh\necho ensure-tools: no such luck >&2\nexit 1\n", executable=True)
tap.one_line("a tool that cannot be had", make("firmware"), "ensure-tools: no such luck", 2)
tap.equal("-n installs nothing", make("-n", "firmware").returncode, 0)


seen = os.path.join(TEMP, "seen")
asked = os.path.join(TEMP, "asked")
write(COPY + "/tools/ensure-tools", "#!/bin/sh\necho $* >>%s\n" % asked, executable=True)
tools = tool_path(os.path.join(TEMP, "bin"), **{name: 'echo "%s $*" >%s\n' % (name.replace("_", "-"), seen)
                                               for name in ("openocd", "dfu_util", "gdb_multiarch")})
ELF = "build/firmware/DEVEBOX_STM32H7A3/firmware.elf"
make("flash", PATH=tools)
tap.equal("flash", read(seen), "openocd -c set NRST 1 -f tools/openocd/stlink.cfg -c program %s verify reset exit\n" % ELF)
make("flash", "PROBE=cmsis-dap", "NRST=0", PATH=tools)
tap.check("by another probe, without NRST", read(seen).startswith("openocd -c set NRST 0 -f tools/openocd/cmsis-dap.cfg "), read(seen))
result = make("flash", "PROBE=x", PATH=tools)
tap.check("by one that nobody knows", "no probe 'x'; there are: cmsis-dap stlink\n" in result.stderr and result.returncode == 2, result.stderr)
make("flash", "USE_MBOOT=1", PATH=tools)
tap.check("with the bootloader in front", "-c program build/mboot/DEVEBOX_STM32H7A3/mboot.elf verify "
          "-c program build/firmware/DEVEBOX_STM32H7A3-mboot/firmware.elf" in read(seen), read(seen))
make("gdb", PATH=tools)
tap.check("gdb starts openocd by itself", read(seen).startswith("gdb-multiarch -ex target extended-remote | openocd -c \"set NRST 1\" -f ")
          and read(seen).endswith(ELF + "\n"), read(seen))
make("flash-dfu", PATH=tools)
tap.equal("flash-dfu", read(seen), "dfu-util -d 0483:df11 -a 0 -s 0x08000000:leave -D %s\n" % ELF.replace(".elf", ".bin"))
tap.check("the tools for that are asked for", "firmware probe\n" in read(asked), read(asked))
tap.one_line("USE_MBOOT is a switch", make("firmware", "USE_MBOOT=2"), "USE_MBOOT is 0 or 1", 2)

write(COPY + "/build/deps/keep", "")
make("clean")
tap.equal("clean leaves what was fetched", os.listdir(COPY + "/build"), ["deps"])
make("distclean")
tap.check("distclean leaves nothing", not os.path.exists(COPY + "/build"))
sys.exit(tap.done())
