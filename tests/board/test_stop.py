#!/usr/bin/env python3
"""How a run of somebody's firmware ends when it does not end well. The firmware is a few instructions, by hand."""

import re
import signal
import struct
import subprocess
import sys
import time

from vboard import FIRMWARE, QUICK, VBOARD, Result, Tap, run, strict, write

tap = Tap()

# Encodings of ARMv7-M (DDI0403E A7.7).
SPIN = 0xE7FE  # b .
UDF = 0xDE00
WFI = 0xBF30
SVC = 0xDF00
STACK = 0x20001000
CODE = 0x08000040


def program(name, *halfwords, entry=CODE | 1, stack=STACK, handler=0x0800003C | 1):
    """A vector table of 16 entries, all but the first two `handler`; code behind it."""
    vectors = struct.pack("<16I", stack, entry, *[handler] * 14)
    return write(name + ".bin", vectors + struct.pack("<%dH" % len(halfwords), *halfwords))


def locks_up(name, firmware, said, pc=None):
    result = run("--limit", "1", firmware=firmware)
    registers = dict(re.findall(r"(r\d+|sp|lr|pc|xpsr) +0x([0-9a-f]{8})\b", result.err))
    good = result.status == 3 and result.out == "" and re.match("vboard: lockup: .*" + said, result.err)
    tap.check(name + ": status 3, and why", good, result)
    wanted = {"r%d" % i for i in range(13)} | {"sp", "lr", "pc", "xpsr"}
    tap.check(name + ": all registers", set(registers) == wanted, result)
    return registers


def lockups():
    locks_up("no vectors", write("zeros.bin", bytes(64)), "escalated to HardFault")
    locks_up("vectors of an erased flash", write("erased.bin", b"\xff" * 64), "bus error")
    # movs r3, #77; udf; UsageFault is off, so HardFault, whose handler is the same code.
    registers = locks_up("a fault in HardFault", program("hard", 0x234D, UDF, handler=CODE | 1), "undefined instruction")
    tap.equal("r3 is what the program put there", registers.get("r3"), "0000004d")
    tap.equal("one frame was stacked", registers.get("sp"), "%08x" % (STACK - 32))
    # ldr r0, =0x70000000; ldr r0, [r0]
    registers = locks_up("a read from nowhere",
                         program("nowhere", 0x4801, 0x6800, SPIN, 0xBF00, 0x0000, 0x7000, handler=CODE | 1), "bus error")
    tap.equal("r0 is the address", registers.get("r0"), "70000000")
    locks_up("a stack that is nowhere", program("stack", UDF, stack=0x70000000), "stacking")
    # The handler spins: caught, so no lock-up.
    result = run("--limit", "0.1", firmware=program("caught", UDF, SPIN, handler=CODE + 2 | 1))
    tap.equal("a fault that is handled", (result.status, result.err), (4, "vboard: the limit of 0.1 s is reached\n"))
    result = strict("--limit", "1", firmware=program("hard", UDF, handler=CODE | 1))
    tap.equal("lock-up with --strict", result.status, 3)


def limits():
    for text, seconds in (("0.25", 0.25), ("250ms", 0.25), ("1500us", 0.0015), ("2s", 2.0), ("0", 0.0)):
        result = run("--limit", text, "--stats=json", firmware=program("sleep", WFI, 0xE7FD))
        good = result.status == 4 and "vboard: the limit of %g s is reached\n" % seconds in result.err
        tap.check("--limit " + text, good and abs(result.stats.get("virtual_time", -1) - seconds) < 1e-6, result)
    started = time.monotonic()
    result = run("--limit", "50", firmware=program("sleep", WFI, 0xE7FD))
    tap.check("50 s asleep do not take as long", result.status == 4 and time.monotonic() - started < 25, result)
    result = run("--limit", "1", "--stats=json", firmware=program("spin", SPIN))
    # 64 MHz from HSI, one branch a cycle or two.
    tap.check("a busy one ends too", result.status == 4 and 2e7 < result.stats.get("instructions", 0) < 1.3e8, result)
    result = strict(*QUICK, "--limit", "0.01", firmware=FIRMWARE)
    tap.equal("our firmware", (result.status, result.err), (4, "vboard: the limit of 0.01 s is reached\n"))


def complaints():
    # ldr r0, =0x58020400 (GPIOB); ldr r1, [r0]; ldr r1, [r0, #16]; b .
    clockless = program("clockless", 0x4802, 0x6801, 0x6901, SPIN, 0xBF00, 0xBF00, 0x0400, 0x5802)
    result = strict("--limit", "0.01", firmware=clockless)
    lines = [line for line in result.err.splitlines() if line.startswith("vboard: guest error ")]
    tap.check("--strict: status 3, one line names it", result.status == 3 and len(lines) == 1 and re.fullmatch(
        r"vboard: guest error 'clock-off' at 0\.\d{9} s, pc 0x08000042: .*GPIOB.*clock", lines[0]), result)
    result = run("--limit", "0.01", "--stats=json", firmware=clockless)
    tap.equal("else it goes on", result.status, 4)
    told = result.stats.get("complaints", [])
    tap.equal("and is counted", [(c["class"], c["name"], c["count"], c["pc"]) for c in told],
              [("guest error", "clock-off", 2, 0x08000042)])
    tap.equal("in figures", result.stats.get("guest_errors"), 2)
    result = run("--limit", "0.01", firmware=clockless)
    tap.check("without --stats: one line that something was", re.fullmatch(
        r"vboard: the limit of 0.01 s is reached\nvboard: 2 guest errors, 0 hazards; --stats tells\n", result.err), result)
    # The same with its clock: ldr r2, =RCC; movs r1, #2; str r1, [r2, #0x140]; ldr r3, [r2, #0x140]; ldr r1, [r0]
    clocked = program("clocked", 0x4804, 0x4A05, 0x2102, 0xF8C2, 0x1140, 0xF8D2, 0x3140, 0x6801, SPIN, 0xBF00,
                      0x0400, 0x5802, 0x4400, 0x5802)
    result = strict("--limit", "0.01", "--stats=json", firmware=clocked)
    tap.check("with its clock nothing is wrong", result.status == 4 and result.stats.get("complaints") == [], result)


def signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        child = subprocess.Popen([VBOARD, "--stats=json", "--uart", "none", program("spin", SPIN)], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        child.send_signal(number)
        try:
            out, err = child.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
        result = Result(child.returncode, out, err)
        tap.check("%s: an orderly end" % number.name, result.status == 0 and result.stats.get("instructions", 0) > 0, result)


lockups()
limits()
complaints()
signals()
sys.exit(tap.done())
