#!/usr/bin/env python3
"""--vcd: the wires of the memory while our firmware starts, decoded by sigrok's SPI decoder and by one of our own."""

import re
import subprocess
import sys

from vboard import Tap, path, run, strict, write

tap = Tap()

NAMES = ["nCS", "CLK", "IO0", "IO1", "IO2", "IO3"]
# The chip is identified, switched to four lines, mapped, read, and its bytes counted up to here.
START = ("--limit", "3ms")
FRAME = re.compile(r"^(\d+\.\d{9}) OCTOSPI1 \w+ (\d)-(\d)-(\d) (\w\w)[a-zA-Z ]*(?:@(\w{6}))?(?: (\d+) wait)?"
                   r"(?: ([<>]) (\d+):((?: \w\w)+)(?: \.\.\.)?)? (\d+\.\d{3}) us$", re.MULTILINE)
TICK = 100  # picoseconds
# The time-out of the mapped window in clocks, which our firmware sets at 50 MHz: spiram.info().timing.idle_clocks.
IDLE_CLOCKS = 19
ID = [0x0D, 0x5D]  # known good die of ESP-PSRAM64H, and density; the rest is a number of its own


class Dump:
    """A VCD file: changes as (tick, {wire: level}), the first of them the initial values."""

    def __init__(self, file):
        self.wires, self.changes, self.bad = {}, [], []
        tick = None
        with open(file, encoding="ascii") as source:
            head, _, body = source.read().partition("$enddefinitions $end\n")
        self.timescale = re.search(r"\$timescale (.*) \$end", head).group(1)
        for code, name in re.findall(r"^\$var wire 1 (\S) (\S+) \$end$", head, re.MULTILINE):
            self.wires[code] = name
        for line in body.splitlines():
            if line.startswith("#"):
                if tick is not None and int(line[1:]) <= tick:
                    self.bad.append("time goes back: " + line)
                tick = int(line[1:])
            elif line in ("$dumpvars", "$end"):
                continue
            elif len(line) == 2 and line[0] in "01z" and line[1] in self.wires:
                if not self.changes or self.changes[-1][0] != tick:
                    self.changes.append((tick, {}))
                self.changes[-1][1][self.wires[line[1]]] = line[0]
            else:
                self.bad.append(line)
        self.end = tick

    def frames(self):
        """Each complete frame: (tick of nCS falling, of it rising, [(tick of CLK rising, levels)], [tick of CLK falling])."""
        level, found, fall = {}, [], None
        for tick, change in self.changes:
            before = dict(level)
            level.update(change)
            if before.get("nCS") == "1" and level["nCS"] == "0":
                fall, rising, falling = tick, [], []
            elif fall is not None:
                if before["CLK"] != level["CLK"]:
                    (rising if level["CLK"] == "1" else falling).append((tick, dict(level)))
                if level["nCS"] == "1":
                    found.append((fall, tick, rising, [at for at, _ in falling]))
                    fall = None
        return found


def number(clocks, wires):
    """The bits on `wires`, highest first, clock by clock; None where one floats."""
    bits = [levels[wire] for _, levels in clocks for wire in wires]
    return None if "z" in bits else int("".join(bits) or "0", 2)


def decode(frame, lines, wait):
    """(command, address, data) by counting clocks, lines = those of command, address and data."""
    clocks = frame[2]
    sent = [["IO%d" % i for i in reversed(range(n))] for n in lines]
    answer = ["IO1"] if lines[2] == 1 else sent[2]
    at = 8 // lines[0]
    command, address = number(clocks[:at], sent[0]), None
    if lines[1]:
        address = number(clocks[at:at + 24 // lines[1]], sent[1])
        at += 24 // lines[1]
    at += wait
    each = 8 // lines[2] if lines[2] else 1
    reads = command in (0x03, 0xEB, 0x9F)
    data = [number(clocks[i:i + each], answer if reads else sent[2]) for i in range(at, len(clocks) - each + 1, each)]
    return command, address, data


def recorded():
    file = path("start.vcd")
    result = strict("--vcd", file, "--trace", "ospi", *START)
    tap.equal("a run is recorded", result.status, 4)
    return Dump(file), FRAME.findall(result.err), result


def form(dump):
    tap.check("only changes, in order of time", not dump.bad, dump.bad[:5])
    tap.equal("wires", list(dump.wires.values()), NAMES)
    tap.equal("unit of time", dump.timescale, "100 ps")
    tap.equal("initial values", dump.changes[0], (0, {"nCS": "1", "CLK": "0", "IO0": "z", "IO1": "z", "IO2": "z", "IO3": "z"}))
    level, same = {}, 0
    for _, change in dump.changes:
        same += any(level.get(wire) == value for wire, value in change.items())
        level.update(change)
    tap.equal("nothing is written that did not change", same, 0)


def compare(dump, said):
    """Every frame on the wires is the frame that --trace ospi tells of."""
    frames = dump.frames()
    tap.check("as many frames as --trace ospi shows", len(frames) == len(said) > 100, (len(frames), len(said)))
    wrong, seen = [], {}
    for frame, (at, command_lines, address_lines, data_lines, command, address, wait, way, count, shown, length) in zip(frames, said):
        lines = (int(command_lines), int(address_lines), int(data_lines))
        shown = [int(byte, 16) for byte in shown.split()]
        got = decode(frame, lines, int(wait or 0))
        data = got[2] if way else []
        expected = (int(command, 16), int(address, 16) if address else None, shown)
        if (got[0], got[1], data[: len(shown)]) != expected or len(data) != int(count or 0):
            wrong.append((at, expected, got))
        if abs(frame[0] * TICK - float(at) * 1e12) > 1000 or abs((frame[1] - frame[0]) * TICK - float(length) * 1e6) > 1000:
            wrong.append((at, length, "lasts from %d to %d" % frame[:2]))
        seen[command, lines] = seen.get((command, lines), 0) + 1
    tap.check("each frame: command, address, wait, data, time", not wrong, "\n".join(map(str, wrong[:4])))
    for kind in (("9f", (1, 1, 1)), ("02", (1, 1, 1)), ("eb", (1, 4, 4)), ("35", (1, 0, 0)), ("38", (4, 4, 4)), ("eb", (4, 4, 4))):
        tap.check("there was %s on %d-%d-%d lines" % (kind[0], *kind[1]), kind in seen, seen)


def edges(dump, said):
    """nCS falls a period before the first rising edge and rises one behind the last, or, when the window's next access comes elsewhere
    or not at all, within the time-out; CLK has the period in use between."""
    odd, periods = [], set()
    for fall, rise, rising, falling in dump.frames():
        ticks = [tick for tick, _ in rising]
        gaps = [b - a for a, b in zip(ticks, ticks[1:])]
        period = min(gaps)
        # Where the FIFO had nothing, CLK stood still: low, and for whole bytes only.
        stops = [i for i, gap in enumerate(gaps) if gap > period + 1]
        if any(gap > period + 1 for gap in gaps) and any((i + 1) % 2 for i in stops):
            odd.append((fall, "stops at", stops))
        if abs(ticks[0] - fall - period) > 1 or not ticks[-1] + period - 1 <= rise <= falling[-1] + IDLE_CLOCKS * period + 1:
            odd.append((fall, rise, ticks[0], ticks[-1], period))
        if len(falling) < len(ticks) or any(abs(b - a - period / 2) > 1 for a, b in zip(ticks, falling)):
            odd.append((fall, "high for", [b - a for a, b in zip(ticks, falling)][:5]))
        periods.add(period)
    tap.check("edges", not odd, "\n".join(map(str, odd[:4])))
    # 25 MHz to identify; then what the chips' tCHD of 20 ns allows.
    tap.equal("25 MHz and 50 MHz", sorted(periods), [200, 400])
    frames = dump.frames()
    tap.check("50 MHz when mapped", min(b[0] - a[0] for a, b in zip(frames[-1][2], frames[-1][2][1:])) == 200)
    idle = {tuple(levels[wire] for wire in NAMES[2:]) for levels in outside(dump)}
    tap.equal("nobody drives between frames", idle, {("z",) * 4})


def outside(dump):
    level = {}
    for _, change in dump.changes:
        level.update(change)
        if level["nCS"] == "1":
            yield dict(level)


def turnaround(dump):
    """In the wait cycles of a quad read the lines are released, and the chip's answer is on all four."""
    frame = next(f for f in dump.frames() if number(f[2][:2], ["IO3", "IO2", "IO1", "IO0"]) == 0xEB)
    clocks = [levels for _, levels in frame[2]]
    floating = ["".join(levels[wire] for wire in NAMES[2:]) == "zzzz" for levels in clocks]
    tap.check("wait cycles float: clocks 8 to 13", floating[:8] == [False] * 8 and floating[9:14] == [True] * 5 and
              not any(floating[14:]), floating[:20])


def sigrok(file, kind):
    done = subprocess.run(["sigrok-cli", "-i", file, "-I", "vcd:compress=100", "-P", "spi:cs=nCS:clk=CLK:mosi=IO0:miso=IO1", "-A",
                           "spi=" + kind], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    lines = done.stdout.decode().splitlines()
    return [[int(byte, 16) for byte in line.partition(": ")[2].split()] for line in lines if line.startswith("spi-1:")]


def by_sigrok(said):
    file = path("start.vcd")
    sent, got = sigrok(file, "mosi-transfer"), sigrok(file, "miso-transfer")
    # It waits for something behind the last one.
    tap.check("sigrok sees as many frames", len(sent) == len(got) >= len(said) - 1, (len(sent), len(got), len(said)))
    single = [i for i, frame in enumerate(said) if frame[1:4] in (("1", "1", "1"), ("1", "0", "0"))]
    names = {0x66: "reset enable", 0x99: "reset", 0x9F: "read ID", 0x35: "enter quad mode"}
    for code, name in names.items():
        tap.check("sigrok: %s" % name, any(sent[i][:1] == [code] for i in single), [sent[i] for i in single])
    ids = [got[i] for i in single if sent[i][:1] == [0x9F]]
    tap.check("sigrok: 9F answers 0D 5D and six bytes more", ids and all(len(line) == 12 and line[4:6] == ID and any(line[6:])
                                                                       for line in ids), ids)
    odd = []
    for i in single:
        _, _, _, _, command, address, _, way, _, shown, _ = said[i]
        header = bytes.fromhex(command + address)
        data = bytes.fromhex(shown.replace(" ", ""))
        wires = bytes(sent[i] if way != "<" else sent[i][: len(header)] + got[i][len(header):])
        if wires != header + data:
            odd.append((said[i], sent[i], got[i]))
    tap.check("sigrok: every frame on one line", len(single) >= 10 and not odd, odd[:2])


def cut(whole):
    """--vcd-from and --vcd-to cut a piece out of it, wherever they fall."""
    frames = whole.frames()
    for name, first, last in (("between frames", frames[4][1] + 2, frames[9][0] - 2),
                              ("within frames", frames[30][2][9][0] + 37, frames[33][2][9][0] + 37)):
        file = path("piece.vcd")
        strict("--vcd", file, "--vcd-from", "%.2fns" % (first / 10 + 0.05), "--vcd-to", "%.2fns" % (last / 10 + 0.05), *START)
        piece, level = Dump(file), {}
        for tick, change in whole.changes:
            if tick < first:
                level.update(change)
        tap.equal("cut %s: the levels at its beginning" % name, piece.changes[0], (first, level))
        inner = [[c for c in dump.changes if first < c[0] <= last] for dump in (whole, piece)]
        tap.check("cut %s: the same edges" % name, inner[0] == inner[1] and len(inner[0]) > 100, (len(inner[0]), len(inner[1])))
        tap.check("cut %s: nothing else" % name, not piece.bad and first <= piece.changes[1][0] and piece.changes[-1][0] <= last,
                  (piece.bad[:3], first, last, piece.changes[1], piece.changes[-1]))
        tap.check("cut %s: lasts to its end" % name, piece.end == last, (piece.end, last))
    strict("--vcd", path("none.vcd"), "--vcd-from", "10us", "--vcd-to", "20us", *START)
    nothing = Dump(path("none.vcd"))
    tap.equal("cut before the first frame: initial values and an end",
              (len(nothing.changes), nothing.changes[0][0], nothing.end), (1, 100000, 200000))
    strict("--vcd", path("late.vcd"), "--vcd-from", "5ms", *START)
    late = Dump(path("late.vcd"))
    tap.equal("a beginning behind the run's end: no change", (len(late.changes), late.bad), (1, []))


def refused():
    for options, said in ((("--vcd", path("no/such/place.vcd")), "no/such/place.vcd: "), (("--vcd-from", "soon"), "--vcd-from wants a time"),
                          (("--vcd", path("x.vcd"), "--vcd-from", "2ms", "--vcd-to", "1ms"), "--vcd-to lies before --vcd-from")):
        result = run(*options, *START)
        tap.check("refused: " + " ".join(options[:1] + options[2:]), result.status == 2 and said in result.err and
                  result.err.count("\n") == 1, result)
    result = run("--vcd", "/dev/full", *START)
    tap.check("a full disk is told of", result.status == 2 and "/dev/full could not be written" in result.err, result)


def without_frames():
    """A firmware that never touches the memory."""
    idle = write("idle.bin", b"\x00\x00\x02\x20\x09\x00\x00\x08\xfe\xe7")  # stack, reset vector, b .
    file = path("idle.vcd")
    run("--vcd", file, "--limit", "1ms", firmware=idle)
    tap.equal("no frame: initial values only", (len(Dump(file).changes), Dump(file).end), (1, 10000000))


PINS = """
import time
from machine import Pin, bitstream
p = Pin('A2', Pin.OUT, value=0)
hoard = []
for i in range(6):
    p.toggle()
    hoard.append(bytearray(40000))      # frames between the edges
bitstream(p, 0, (400, 850, 800, 450), b'\\xa5\\x0f')
p.init(Pin.IN)
"""


def pins():
    """Pins beside the memory: their edges in order with its frames, and as long as the program makes them."""
    file = path("pins.vcd")
    result = strict("--vcd", file, "--vcd-pin", "PA2", "--vcd-pin", "PA3", "--wire", "PA2,PA3", script=PINS)
    dump = Dump(file)
    tap.check("pins: only changes, in order of time", result.status == 0 and not dump.bad, (result, dump.bad[:5]))
    tap.equal("pins: wires", list(dump.wires.values()), NAMES + ["PA2", "PA3"])
    tap.equal("pins: a wire makes them one", [change["PA2"] for _, change in dump.changes if "PA2" in change],
              [change["PA3"] for _, change in dump.changes if "PA3" in change])
    edges = [(tick, change["PA2"]) for tick, change in dump.changes if "PA2" in change]
    tap.equal("pins: levels", "".join(level for _, level in edges), "z0" + "10" * 3 + "10" * 16 + "z")
    falls = [tick for tick, change in dump.changes if change.get("nCS") == "0"]
    (first, _), (last, _) = edges[2], edges[7]
    tap.check("pins: frames between", sum(first < tick < last for tick in falls) > 1000, len(falls))
    bits = [(b[0] - a[0], c[0] - b[0]) for a, b, c in zip(edges[8:-2:2], edges[9:-2:2], edges[10:-1:2])]
    wanted = [(8000, 4500) if 0xA50F >> (15 - n) & 1 else (4000, 8500) for n in range(16)]
    # The last low of a byte waits for the next byte, which may have to come from the memory.
    tap.check("bitstream: 0 and 1 as asked, within 40 ns",
              all(abs(h - wh) < 400 and (abs(l - wl) < 400 or n == 7) for n, ((h, l), (wh, wl)) in enumerate(zip(bits, wanted))) and
              len(bits) == 15, bits)


dump, frames, whole_run = recorded()
tap.equal("--trace ospi: each line is understood", len(frames), whole_run.err.count(" OCTOSPI1 "))
form(dump)
compare(dump, frames)
edges(dump, frames)
turnaround(dump)
by_sigrok(frames)
cut(dump)
refused()
without_frames()
pins()
again = strict("--vcd", path("again.vcd"), *START)
with open(path("start.vcd"), "rb") as one, open(path("again.vcd"), "rb") as other:
    tap.check("equal runs: equal files", one.read() == other.read())
sys.exit(tap.done())
