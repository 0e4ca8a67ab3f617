#!/usr/bin/env python3
"""Each board's firmware on the virtual board of its name: it boots, and LEDs and buttons are where its files say."""

import os
import re
import sys

from vboard import BUILD, QUICK, ROOT, Tap, path, strict

tap = Tap()

# By the makers' schematics: name in vboard, banner, LEDs of vboard and pins (lit when), buttons and pins (pressed reads).
BOARDS = {
    "DEVEBOX_STM32H7A3": ("devebox", "DEVEBOX STM32H7XX", {"LED": ("LED", 0)}, {"K1": ("K1", 0), "K2": ("K2", 0)}),
    "WEACT_STM32H7A3": ("weact", "WeAct STM32H7A3", {"LED": ("LED", 1)}, {"K1": ("K1", 1)}),
    "NUCLEO_H7A3ZI_Q": ("nucleo", "NUCLEO-H7A3ZI-Q", {"LD1": ("LED1", 1), "LD2": ("LED2", 1), "LD3": ("LED3", 1)}, {"B1": ("SW", 1)}),
}

SCRIPT = """
import machine, os, spiram, time
from machine import Pin
assert os.uname().machine == %(name)r + ' with STM32H7A3', os.uname()
assert machine.freq() == 280000000 and not spiram.log().count('clock'), spiram.log()
blinks = 0
for name, lit in %(leds)r:
    blinks += 1
    led = Pin(name, Pin.OUT, value=not lit)
    for i in range(blinks):
        led(lit)
        time.sleep_ms(1)
        led(not lit)
buttons = [(Pin(name, Pin.IN, Pin.PULL_DOWN if pressed else Pin.PULL_UP), pressed) for name, pressed in %(buttons)r]
while time.ticks_ms() < 590:
    pass
for button, pressed in buttons:
    assert button() != pressed, button
    while button() != pressed:
        assert time.ticks_ms() < 2000, button
    while button() == pressed:
        pass
print('end')
"""


def firmware(board):
    return os.path.join(ROOT, BUILD, "firmware", board, "firmware.elf")


def try_board(board):
    short, name, leds, buttons = BOARDS[board]
    presses = []
    for i, button in enumerate(buttons):
        presses += ["--press", "%s@%d.%d" % (button, 0, 6 + 2 * i)]
    script = SCRIPT % {"name": name, "leds": list(leds.values()), "buttons": list(buttons.values())}
    result = strict("--board", short, *QUICK, "--stats=json", *presses, script=script, firmware=firmware(board))
    tap.equal(board + ": script", (result.status, result.out), (0, "end\n") if result.stats else result.err)
    tap.equal(board + ": LEDs", [result.stats.get("lit_" + led) for led in leds], list(range(1, 1 + len(leds))))
    result = strict("--board", short, stdin="import spiram\nspiram.info().usable\n", firmware=firmware(board))
    tap.check(board + ": its PSRAM", result.status == 0 and result.out.endswith("\n8388576\n>>> "), result)
    for other, (wrong, _, _, _) in BOARDS.items():
        if (wrong == "nucleo") != (short == "nucleo"):
            # Another supply: the core's voltage cannot be raised, and the console hangs on other pins.
            result = strict("--board", wrong, *QUICK, "--limit", "1.5", script="print('never')\n", firmware=firmware(board))
            tap.check("%s is not %s" % (board, wrong), result.status in (1, 3, 4) and "never" not in result.out, result)
            break


# Which button makes the bootloader stay, and which LED blinks then.
BOOTLOADER = {"DEVEBOX_STM32H7A3": ("K2", "LED"), "WEACT_STM32H7A3": ("K1", "LED"), "NUCLEO_H7A3ZI_Q": ("B1", "LD1")}


def bootloader(board):
    """Another board's application lies behind it: valid, and it does not blink."""
    button, led = BOOTLOADER[board]
    parts = []
    for name in os.path.join("mboot", board, "mboot.bin"), "firmware/DEVEBOX_STM32H7A3-mboot/firmware.bin":
        with open(os.path.join(ROOT, BUILD, name), "rb") as f:
            parts.append(f.read())
    image = path(board + ".bin")
    with open(image, "wb") as f:
        f.write(parts[0].ljust(0x8000, b"\xff") + parts[1])
    options = ("--board", BOARDS[board][0], *QUICK, "--stats=json", "--limit", "1.5")
    stays = strict(*options, "--press", button + "@0-100ms", firmware=image).stats.get("lit_" + led)
    leaves = strict(*options, firmware=image).stats.get("lit_" + led)
    tap.check(board + ": its bootloader stays when its button is held, and blinks", stays >= 3 and leaves < 2, (stays, leaves))


def pin_names():
    """Every function that board.md names is a pin of pins.csv, and no pin has the same name twice."""
    for board in BOARDS:
        folder = os.path.join(ROOT, "firmware/boards", board)
        with open(folder + "/pins.csv") as rows:
            names = dict(row.strip().split(",") for row in rows if not row.startswith("#"))
        with open(folder + "/board.md") as page:
            pins = set(re.findall(r"\bP[A-K]\d+\b", page.read())) - {"PH0", "PH1", "PC14", "PC15"}
        for name, pin in (("LED", None), ("SW", None), ("SD_CK", "PC12"), ("USB_DP", "PA12"), ("SPIRAM_NCS", "PB6")):
            tap.check("%s: %s" % (board, name), name in names and pin in (None, names[name]), names)
        named = {pin for name, pin in names.items() if name != pin}
        tap.equal(board + ": the pins of board.md have names", sorted(pins - named - {"PA0"}), [])


for board in BOARDS:
    try_board(board)
    bootloader(board)
pin_names()
sys.exit(tap.done())
