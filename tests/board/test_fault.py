#!/usr/bin/env python3
"""Python code that takes the firmware down: what it says, and how it comes back."""

import re
import sys

from vboard import BANNER, QUICK, Tap, replies, strict

tap = Tap()

SRAM = ("spiram eid ff ff ff ff ff ff ff ff\n", "spiram no chip found\n", "spiram not used, heap in AXI SRAM\n")
HEX = "0x[0-9a-f]{8}"
REGISTERS = "".join(
    "  " + "  ".join(r"%-3s %s" % (name, HEX) for name in names) + "\n"
    for names in (("r0", "r1", "r2", "r3"), ("r4", "r5", "r6", "r7"), ("r8", "r9", "r10", "r11"), ("r12", "lr", "pc", "psr"))
) + "  sp  {0}  cfsr {0}  hfsr {0}  abfsr {0}\nresetting\n".format(HEX)

# How to fall, what the report begins with, and the fault's name, number and CFSR at the next start.
FALLS = (
    ("a read where nothing is", "m[0x70000000]",
     "MemManage fault\n  load or store that the MPU forbids\n  address 0x70000000\n", "MemManage fault 4", 0x82),
    ("a write where nothing is", "m[0x70000000] = 1",
     "MemManage fault\n  load or store that the MPU forbids\n  address 0x70000000\n", "MemManage fault 4", 0x82),
    ("a null pointer", "m[0]",
     "MemManage fault\n  load or store that the MPU forbids\n  address 0x00000000, a null pointer\n", "MemManage fault 4", 0x82),
    ("a read that the bus refuses", "m[0x10000000]",
     "BusFault\n  bus error on a load or store, at the PC shown\n  address 0x10000000\n",
     "BusFault 5", 0x8200),
    ("a write that the bus refuses", "m[0x10000000] = 1",
     "BusFault\n  bus error on a buffered store, some instructions before the PC\n  AXI bus answered DECERR\n",
     "BusFault 5", 0x400),
    ("the guard below the stack", "m[0x20000000]",
     "MemManage fault\n  load or store that the MPU forbids\n  address 0x20000000, the guard below the stack: stack overflow\n",
     "MemManage fault 4", 0x82),
    ("an undefined instruction", "undefined()", "UsageFault\n  undefined instruction\n", "UsageFault 6", 0x10000),
    ("a jump without the Thumb bit", "jump()", "UsageFault\n  jump to an address without the Thumb bit\n", "UsageFault 6", 0x20000),
)

SET_UP = """import machine; m = machine.mem32
@micropython.asm_thumb
def undefined(): data(2, 0xde00)

@micropython.asm_thumb
def jump():
    mov(r0, 0)
    bx(r0)

"""


def faults():
    """All falls of one session, each after a new start."""
    lines = [SET_UP + fall + "\nimport machine; machine.reset_cause() == machine.HARD_RESET\n" for _, fall, _, _, _ in FALLS]
    result = strict(*QUICK, "--stats=json", "--limit", "60", stdin="".join(lines))
    runs = re.split(r"^(?=fault: )", result.out, flags=re.MULTILINE)
    tap.equal("it came back each time", (result.status, len(runs), result.stats.get("resets")), (0, 1 + len(FALLS), 1 + len(FALLS)))
    for (name, fall, report, told, cfsr), run, following in zip(FALLS, runs, runs[1:]):
        said = run.partition("\n>>> %s\n" % fall)[2]
        tap.check(name + ": report", re.fullmatch("\n" + re.escape(report) + REGISTERS, said), said or run)
        pc, lr = (re.search(r" %s +(%s)" % (register, HEX), said) for register in ("pc", "lr"))
        first = following.splitlines(keepends=True)[:5]
        line = "fault: the last run ended with %s at pc %s lr %s cfsr 0x%08x\n" % (
            told, pc and pc.group(1), lr and lr.group(1), cfsr)
        tap.equal(name + ": what the next start says", tuple(first[:4]), (line, *SRAM))
        tap.check(name + ": banner", first[4:] and first[4].startswith(BANNER), following)
        tap.equal(name + ": reset cause", dict(replies_of(following)).get(
            "import machine; machine.reset_cause() == machine.HARD_RESET"), "True\n")
    tap.equal("nothing that the manual forbids", result.stats.get("complaints"), [])


def replies_of(text):
    class Part:
        out = text

    return replies(Part)


def causes():
    ask = "import machine; machine.reset_cause()\n"
    result = strict(*QUICK, stdin=ask + "machine.reset()\n" + ask + "\x04" + ask + "machine.soft_reset()\n" + ask)
    answers = [answer for line, answer in replies(result) if line == ask.strip()]
    tap.equal("reset causes: power-on, reset(), Ctrl-D, soft_reset()", answers, ["1\n", "2\n", "0\n", "0\n"])
    tap.check("a reset that is no fault is not told as one", "fault:" not in result.out and result.out.count(BANNER) == 4, result)


def with_psram():
    """The memory is tested again after a fault, and all of it is there."""
    result = strict("--stats=json", "--limit", "60",
                    stdin="import machine\nb = bytearray(4000000)\nmachine.mem32[0x60000000]\n" +
                    "import gc; gc.mem_free() > 9000000\nb = bytearray(8000000); len(b)\n")
    answers = dict(replies(result))
    tap.equal("fault with PSRAM: two starts, two tests", (result.out.count("spiram memtest pass\n"), result.stats.get("resets")), (2, 2))
    tap.equal("the heap is there again", answers.get("import gc; gc.mem_free() > 9000000"), "True\n")
    tap.equal("and usable", answers.get("b = bytearray(8000000); len(b)"), "8000000\n")


def in_script():
    result = strict(*QUICK, script="import machine\nprint('before')\nmachine.mem32[0x70000000]\nprint('after')\n")
    tap.check("a script that falls: status 1", (result.status, result.err) == (1, "vboard: the script reset the board\n"), result)
    tap.check("with the report", re.fullmatch("before\n\nMemManage fault\n(.*\n)+resetting\n", result.out), result)


faults()
causes()
with_psram()
in_script()
sys.exit(tap.done())
