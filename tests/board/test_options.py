#!/usr/bin/env python3
"""What vboard shows and keeps: --stats, --trace, --flash, --press, --seed, on runs of our firmware."""

import json
import os
import re
import struct
import sys

from vboard import FIRMWARE, QUICK, Tap, path, strict, write

tap = Tap()

TIME = r"\d+\.\d{9}"
WALL = ("wall_time", "mips")
# Time, why, lines, command, its name, address and wait and data, length.
FRAME = re.compile(
    r"^(%s) OCTOSPI1 (indirect|mapped|prefetch|polling) (\d-\d-\d) ([0-9a-f]{2})((?: [a-zA-Z]+)+)"
    r"((?: @[0-9a-f]{6})?(?: \d+ wait)?(?: [<>] \d+:(?: [0-9a-f]{2})+(?: \.\.\.)?)?) (\d+\.\d{3}) us$" % TIME,
    re.MULTILINE,
)
# Up to the first mapped frames: the chip is reset, identified and switched to four lines before that.
EARLY = ("--limit", "0.003")


def stats():
    result = strict(*QUICK, "--stats=json", script="import time; time.sleep(1)")
    shown = result.stats
    tap.check("JSON on standard error, alone", json.loads(result.err) == shown and result.out == "", result)
    for name in ("virtual_time", "wall_time", "instructions", "cycles", "mips", "exceptions", "resets", "psram_frames",
                 "psram_bytes_read", "psram_bytes_written", "unimplemented", "guest_errors", "hazards"):
        tap.check("figure " + name, isinstance(shown.get(name), (int, float)), shown)
    tap.check("virtual time", 1.0 < shown["virtual_time"] < 1.5, shown)
    tap.check("a second asleep is 280 million cycles, and few instructions",
              2.8e8 < shown["cycles"] < 4.2e8 and 1e5 < shown["instructions"] < 2e7, shown)
    tap.check("a tick each millisecond", 1000 <= shown["exceptions"] < 2500, shown)
    tap.equal("complaints", shown.get("complaints"), [])
    lines = strict(*QUICK, "--stats", script="import time; time.sleep(1)").err.splitlines()
    table = dict(re.match(r"(\w+) +([\d.]+)", line).groups() for line in lines)
    tap.equal("the same as text", {name: float(value) for name, value in table.items() if name not in WALL},
              {name: float(value) for name, value in shown.items() if name not in WALL and name != "complaints"})


def determinism():
    def timeless(result):
        return {name: value for name, value in result.stats.items() if name not in WALL}

    arguments = ("--stats=json", "--trace", "ospi", "--limit", "0.02", "--seed", "7")
    one, again = strict(*arguments), strict(*arguments)
    tap.check("equal runs: equal figures", timeless(one) == timeless(again) != {}, (timeless(one), timeless(again)))
    # A trace of some megabytes: not for a diagnostic.
    frames = [re.findall("^%s OCTOSPI1 .*$" % TIME, result.err, re.MULTILINE) for result in (one, again)]
    tap.check("equal runs: equal frames to the nanosecond", frames[0] == frames[1] and len(frames[0]) > 1000, len(frames[0]))
    other = strict(*arguments[:-1], "8")
    tap.check("another seed: other noise in the memory", frames[0] != re.findall("^%s OCTOSPI1 .*$" % TIME, other.err, re.MULTILINE))
    arguments = (*QUICK, "--stats=json", "--seed", "7")
    runs = [strict(*arguments, stdin="import os\nos.urandom(4)\nsum(range(9999))\n") for _ in range(2)]
    tap.check("and at the REPL", runs[0].out == runs[1].out != "" and timeless(runs[0]) == timeless(runs[1]), runs[0])


def traces():
    err = strict("--trace", "ospi", *EARLY).err
    frames = FRAME.findall(err)
    tap.equal("ospi: each line is a frame", len(frames), err.count("\n") - 1)
    said = [frame[1:5] for frame in frames]
    for wanted in (("indirect", "1-0-0", "66", " reset enable"), ("indirect", "1-0-0", "99", " reset"),
                   ("indirect", "1-1-1", "9f", " read ID"), ("indirect", "1-0-0", "35", " enter quad mode"),
                   ("mapped", "4-4-4", "eb", " fast read quad")):
        tap.check("ospi:%s" % wanted[3], wanted in said, said[:20])
    read_id = [frame[5] for frame in frames if frame[3] == "9f"]
    tap.check("ospi: the ID's bytes", read_id and read_id[0] == " @000000 < 8: 0d 5d 52 a2 64 31 91 31", read_id)
    times = [float(frame[0]) for frame in frames]
    tap.check("ospi: in order of time", times == sorted(times) and times[0] > 0, times)
    starts = list(zip(times, [float(frame[6]) * 1e-6 for frame in frames]))
    tap.check("ospi: frames do not overlap", all(a + long <= b + 1e-9 for (a, long), (b, _) in zip(starts, starts[1:])), starts)

    err = strict("--trace", "mmio", *EARLY).err
    lines = err.splitlines()[:-1]
    form = re.compile(TIME + r" mmio [0-9a-f]{8} (read |write) \w+[.+][\w\[\]]+ (8|16|32) bit 0x[0-9a-f]+")
    odd = [line for line in lines if not form.fullmatch(line)]
    tap.check("mmio: form", not odd and len(lines) > 100, odd[:3])
    for wanted in ("write OCTOSPI1.CR 32 bit", "read  RCC.CR 32 bit", "write USART1.BRR 32 bit", "write GPIOA.MODER 32 bit"):
        tap.check("mmio: " + wanted, any(wanted in line for line in lines), lines[:10])

    err = strict("--trace", "irq", "--limit", "0.02").err
    lines = err.splitlines()[:-1]
    ticks = [re.fullmatch("(" + TIME + r") irq  [0-9a-f]{8} (enters|leaves) SysTick", line) for line in lines]
    ticks = [tick.groups() for tick in ticks if tick]
    tap.check("irq: SysTick, each millisecond", 20 <= len(ticks) <= 40 and
              all(what == ("enters", "leaves")[i % 2] for i, (_, what) in enumerate(ticks)), err[:500])
    times = [float(at) for at, what in ticks if what == "enters"]
    tap.check("irq: evenly", all(abs(b - a - 0.001) < 20e-6 for a, b in zip(times, times[1:])), times)

    err = strict("--trace", "cpu", "--limit", "0.00002").err
    lines = err.splitlines()[:-1]
    form = re.compile(TIME + r" cpu  ([0-9a-f]{8}) ([0-9a-f]{4})( [0-9a-f]{4}|     )(?: (?:r\d+|xpsr)=[0-9a-f]{8})*")
    steps = [form.fullmatch(line) for line in lines]
    tap.check("cpu: form", all(steps) and len(steps) > 500, lines[:3])
    with open(FIRMWARE, "rb") as elf:
        reset = struct.unpack_from("<I", elf.read(), load_offset() + 4)[0]
    tap.equal("cpu: begins with the reset handler", int(steps[0].group(1), 16), reset & ~1)
    # ARMv7-M ARM A5.1: these begin an instruction of 32 bits.
    tap.check("cpu: long instructions are shown whole",
              all((int(step.group(2), 16) >= 0xE800) == (step.group(3) != "     ") for step in steps))
    both = strict("--trace", "ospi", "--trace", "mmio", *EARLY).err
    tap.check("two traces at once", " mmio " in both and " OCTOSPI1 indirect " in both, both[-500:])


def load_offset():
    """Where in the ELF file the vector table lies."""
    with open(FIRMWARE, "rb") as elf:
        image = elf.read()
    start, count = struct.unpack_from("<I", image, 28)[0], struct.unpack_from("<H", image, 44)[0]
    for at in range(start, start + 32 * count, 32):
        kind, offset, _, address = struct.unpack_from("<4I", image, at)
        if kind == 1 and address == 0x08000000:
            return offset
    raise AssertionError("no segment at 0x08000000")


# RM0455, FLASH, where no file is yet: unlock bank 2, PG, one flash word of 128 bits, lock.
PROGRAM = """
import machine
m = machine.mem32
print(hex(m[0x081c0000]), hex(m[0x081c000c]), hex(m[0x081ffffc]))
m[0x52002104] = 0x45670123
m[0x52002104] = 0xcdef89ab
m[0x5200210c] = 2
for i in range(4):
    m[0x081c0000 + 4 * i] = 0x11223344 + i
while m[0x52002110] & 7:
    pass
m[0x5200210c] = 1
print(hex(m[0x081c0000]), hex(m[0x081c000c]))
"""
LOOK = "import machine\nm = machine.mem32\nprint(hex(m[0x081c0000]), hex(m[0x081c000c]), hex(m[0x081ffffc]), hex(m[0x080ffffc]))\n"


def flash():
    file = path("flash")
    erased = "-0x1" if strict(*QUICK, script="import machine; print(machine.mem32[0x081c0000])").out == "-1\n" else "0xffffffff"
    result = strict(*QUICK, "--flash", file, script=PROGRAM)
    tap.equal("a new flash file", (result.status, result.out), (0, "%s %s %s\n0x11223344 0x11223347\n" % ((erased,) * 3)))
    with open(file, "rb") as cells:
        content = cells.read()
    with open(FIRMWARE, "rb") as elf:
        image = elf.read()
    offset = load_offset()
    tap.equal("has the size of the flash", len(content), 2 << 20)
    tap.check("holds the firmware", content[:4096] == image[offset : offset + 4096])
    tap.equal("and what was programmed", struct.unpack_from("<4I", content, 0x1C0000), tuple(range(0x11223344, 0x11223348)))
    tap.check("and is erased elsewhere", content[0x1C0010:] == b"\xff" * 0x3FFF0)
    write("flash", content[:-4] + struct.pack("<I", 0x12345678))
    result = strict(*QUICK, "--flash", file, script=LOOK)
    tap.equal("is read at the next start", (result.status, result.out), (0, "0x11223344 0x11223347 0x12345678 %s\n" % erased))
    with open(file, "rb") as cells:
        tap.check("and kept", cells.read() == content[:-4] + struct.pack("<I", 0x12345678))
    result = strict(*QUICK, "--flash", file, script=PROGRAM)
    tap.check("programming it once more is against the manual",
              result.status == 3 and "guest error 'flash-not-erased'" in result.err, result)
    write("flash", content[:-1])
    result = strict(*QUICK, "--flash", file, script=LOOK)
    tap.check("a wrong size is refused", result.status == 2 and result.out == "" and
              re.fullmatch("vboard: .* is no flash content: it has 2097151 bytes, not 2097152\n", result.err), result)
    with open(file, "rb") as cells:
        tap.check("and left alone", cells.read() == content[:-1])
    tap.equal("nothing else is left", [name for name in os.listdir(os.path.dirname(file)) if name.startswith("flash")], ["flash"])


# K1 of the DEVEBOX is PE3 to ground, K2 is PC5; the pins need their pull-ups (PUPDR), input mode, and the ports' clocks.
BUTTONS = """
import machine, time
m = machine.mem32
m[0x58024540] |= 1 << 4 | 1 << 2
for port, pin in ((0x58021000, 3), (0x58020800, 5)):
    m[port] &= ~(3 << 2 * pin)
    m[port + 0x0c] = m[port + 0x0c] & ~(3 << 2 * pin) | 1 << 2 * pin
seen = None
while time.ticks_ms() < 400:
    now = m[0x58021010] >> 3 & 1, m[0x58020810] >> 5 & 1
    if now != seen:
        print(now, time.ticks_us())
        seen = now
"""


def buttons():
    result = strict(*QUICK, "--press", "K1@0.1-0.15", "--press", "k2@200ms", script=BUTTONS)
    events = re.findall(r"^(\(\d, \d\)) (\d+)$", result.out, re.MULTILINE)
    tap.equal("--press: levels", [event[0] for event in events], ["(1, 1)", "(0, 1)", "(1, 1)", "(1, 0)", "(1, 1)"])
    times = [int(event[1]) / 1000 for event in events]
    # The program's clock starts with SysTick, some milliseconds after power-on.
    expected = (100, 150, 200, 300)
    tap.check("--press: times", all(-4 <= at - due <= 1 for at, due in zip(times[1:], expected)), times)
    lengths = [b - a for a, b in zip(times[1:], times[2:])]
    tap.check("--press: how long", all(abs(long - due) < 1 for long, due in zip(lengths, (50, 50, 100))), lengths)
    result = strict(*QUICK, "--press", "K1@2", "--stats=json", stdin="")
    tap.check("the end of input waits for a button", result.status == 0 and 2.1 <= result.stats.get("virtual_time", 0) < 4, result)
    result = strict(*QUICK, script=BUTTONS)
    tap.check("nobody presses: no event", result.status == 0 and result.out.count("\n") == 1 and result.out.startswith("(1, 1)"), result)


def power():
    result = strict("--power-cut", "0.5", "--power-cut", "flash:1", stdin="import time; time.sleep(1)\n")
    tap.check("--power-cut: by time, then in the flash's first operation, of which the second boot has none",
              result.status == 0 and result.out.count("spiram memtest pass") == 2 and
              result.err.count("vboard: power cut at 0.500000") == 1, result)


def boards():
    result = strict(*QUICK, "--board", "weact", stdin="6 * 7\n")
    tap.check("--board: a board wired alike runs it too", result.status == 0 and "\n42\n>>> " in result.out, result)
    result = strict(*QUICK, "--baud", "9600", "--limit", "0.1")
    tap.check("--baud: too slow, nothing is readable", result.raw and "MicroPython" not in result.out, result)
    result = strict(*QUICK, "--baud", "460800", "--stats=json", "--limit", "0.1")
    tap.check("--baud: too fast, and stop bits are not where they should be", "MicroPython" not in result.out and
              result.stats.get("uart_framing_errors", 0) > 0, result)


stats()
determinism()
traces()
flash()
buttons()
power()
boards()
sys.exit(tap.done())
