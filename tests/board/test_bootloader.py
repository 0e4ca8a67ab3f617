#!/usr/bin/env python3
"""Ways into a bootloader, and back: BOOT0, machine.bootloader() without and with ours in front, the button, and what starts
if nobody asks. Who is on USB is told by the device and configuration descriptors that a host reads."""

import os
import re
import sys

from vboard import BUILD, FIRMWARE, ROOT, Tap, path, run

MBOOT = os.path.join(ROOT, BUILD, "mboot/DEVEBOX_STM32H7A3/mboot.dfu")
BOTH = os.path.join(ROOT, BUILD, "firmware/DEVEBOX_STM32H7A3-mboot/mboot-and-firmware.dfu")
BEHIND = os.path.join(ROOT, BUILD, "firmware/DEVEBOX_STM32H7A3-mboot/firmware.dfu")
PROMPT = "MicroPython v1.25"
tap = Tap()


def devices(result):
    """Who was on USB, in order: by vendor, product, and size of transfers."""
    found = []
    for line in result.err.splitlines():
        descriptor = re.search(r"IN \d+\.0 DATA1 \[\d+\] 12 01 .*40 ((?:\w\w ){4})", line)
        functional = re.search(r"09 21 \w\w \w\w \w\w (\w\w \w\w) 1a 01", line)
        if descriptor:
            ids = descriptor.group(1).split()
            name = "%s%s:%s%s" % (ids[1], ids[0], ids[3], ids[2])
            if not found or found[-1][0] != name:
                found.append([name])
        elif functional and found:
            low, high = functional.group(1).split()
            found[-1] = [found[-1][0], int(high + low, 16)]
    return [tuple(device) for device in found]


ROM, OURS = ("0483:df11", 1024), ("0483:df11", 2048)


def start(name, firmware, *options, stdin="", limit="1.5"):
    result = run("--strict", "--psram", "none", "--trace", "usb", "--usb", "unix:" + path(name), "--limit", limit, *options,
                 stdin=stdin, firmware=firmware)
    return result


result = start("boot0", FIRMWARE, "--boot0")
tap.equal("BOOT0: the ROM's", devices(result)[:1], [ROM])
tap.check("    and no firmware", PROMPT not in result.out and result.status == 4, result)

result = start("rom", FIRMWARE, stdin="import machine\nmachine.bootloader()\n")
tap.check("machine.bootloader(): first the firmware", PROMPT in result.out, result)
tap.equal("    then the ROM's", devices(result)[-1:], [ROM])

result = start("both", BOTH, stdin="1 + 1\n", limit="3")
tap.check("behind ours: the firmware starts", PROMPT in result.out and "\n2\n" in result.out, result)
tap.check("    and ours is not seen", OURS not in devices(result), devices(result))

result = start("ours", BOTH, stdin="import machine\nmachine.bootloader(500)\n")
tap.check("machine.bootloader() behind ours: first the firmware", PROMPT in result.out, result)
tap.equal("    then ours", devices(result)[-1:], [OURS])

result = start("button", BOTH, "--press", "K2@0-100ms")
tap.check("the button at power-on: ours", devices(result) == [OURS] and PROMPT not in result.out, result)

result = start("none", MBOOT)
tap.equal("no application: ours", devices(result), [OURS])

result = start("wrong", BEHIND)
tap.check("firmware without the bootloader that it was linked for: it cannot start, and that is told",
          result.status == 3 and "lockup" in result.err, result)
sys.exit(tap.done())
