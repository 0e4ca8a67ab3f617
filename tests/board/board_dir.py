#!/usr/bin/env python3
"""A board's folder that lies outside of the repository: built with BOARD_DIR, and started. Not part of `make test`, because
it compiles all of MicroPython once more: `make test-board-dir`."""

import os
import shutil
import subprocess
import sys

from vboard import BUILD, QUICK, ROOT, TEMP, Tap, strict

tap = Tap()

NAME = "MY_OWN_BOARD"
folder = os.path.join(TEMP, NAME)
firmware = os.path.join(ROOT, BUILD, "firmware", NAME)
shutil.copytree(os.path.join(ROOT, "firmware/boards/WEACT_STM32H7A3"), folder)
with open(folder + "/pins.csv", "a", encoding="ascii") as pins:
    pins.write("MY_LED,PE3\n")
with open(folder + "/mpconfigboard.h", encoding="ascii") as config:
    text = config.read()
with open(folder + "/mpconfigboard.h", "w", encoding="ascii") as config:
    config.write(text.replace('"WeAct STM32H7A3"', '"My own board"'))

built = subprocess.run(["make", "firmware", "BOARD=" + NAME, "BOARD_DIR=" + folder], cwd=ROOT, capture_output=True, text=True)
tap.equal("built", built.returncode, 0 if "error" not in built.stderr else built.stderr)
result = strict("--board", "weact", *QUICK, "--stats=json", firmware=firmware + "/firmware.elf",
                script="import os\nfrom machine import Pin\nPin('MY_LED', Pin.OUT, value=1)\nprint(os.uname().machine)\n")
tap.equal("runs", (result.status, result.out), (0, "My own board with STM32H7A3\n"))
tap.equal("lights its LED", result.stats.get("lit_LED"), 1)
shutil.rmtree(firmware, ignore_errors=True)
sys.exit(tap.done())
