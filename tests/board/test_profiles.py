#!/usr/bin/env python3
"""Firmware built for other starts: SPIRAM_PROFILE, and what of the chip's limits it gives up; SPIRAM_FULL_TEST, half a minute of silence."""

import os
import re
import sys

from vboard import BUILD, FULL_TEST, ROOT, Tap, run, strict

tap = Tap()

SHOWN = """
import spiram
print(spiram.info().profile, spiram.clock(), spiram.info().memtest)
b = bytearray(bytes(range(256)) * 1024)
print(all(b[i] == i & 255 for i in range(0, len(b), 37)))
print(spiram.log())
"""
# The search has to sample where nothing can be read.
SEARCH = ("--waive", "sampling", "--waive", "sampling-margin")


def firmware(profile):
    return os.path.join(ROOT, BUILD, "firmware/DEVEBOX_STM32H7A3-%s/firmware.elf" % profile)


def tuned():
    """Searches once, at the first start; a reset keeps what was found."""
    result = strict("--waive", "tCHD", *SEARCH, stdin=SHOWN + "import machine\nmachine.reset()\n" + SHOWN, firmware=firmware("tuned"))
    clocks = re.findall(r"^tuned (\d+) pass$", result.out, re.MULTILINE)
    tap.check("tuned: both starts", result.status == 0 and len(clocks) == result.out.count("\nTrue\n") == 2, result)
    tap.check("tuned: faster than the data sheet's timing", all(50000000 < int(hz) <= 133000000 for hz in clocks), result)
    said = re.findall(r"^spiram tuned profile, \d+ kHz, .*, does not keep tCHD of the chip$", result.out, re.MULTILINE)
    tap.check("tuned: says what it gives up, the same each time", len(said) >= 2 and len(set(said)) == 1, result)
    result = strict(*SEARCH, "--waive", "tCHD", "--limit", "3", stdin=SHOWN, firmware=firmware("tuned"))
    tap.check("tuned: searches for longer than three seconds at the first start", result.status == 4 and "True" not in result.out, result)
    result = run("--strict", *SEARCH, script=SHOWN, firmware=firmware("tuned"))
    tap.check("tuned: does not keep tCHD", result.status == 3 and "tCHD" in result.err, result)


def analyser():
    result = strict("--waive", "tCEM", script=SHOWN, firmware=firmware("analyser"))
    tap.check("analyser: 1 MHz", "analyser 1000000 pass, first 64 KB\nTrue\n" in result.out, result)
    result = run("--strict", script=SHOWN, firmware=firmware("analyser"))
    tap.check("analyser: does not keep tCEM", result.status == 3 and "tCEM" in result.err, result)


def full_test():
    """More input than the board's buffer holds is there from the beginning: no line is lost."""
    result = strict(stdin="".join("print(%d, %r)\n" % (i, "x" * 40) for i in range(200)), firmware=FULL_TEST)
    told = [int(n) for n in re.findall(r"^(\d+) x{40}$", result.out, re.MULTILINE)]
    tap.check("full test: all input is run", result.status == 0 and told == list(range(200)), result)


tuned()
analyser()
full_test()
sys.exit(tap.done())
