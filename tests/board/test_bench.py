#!/usr/bin/env python3
"""spiram.bench(): what the PSRAM's path reaches of what its clock allows, and the stream writer behind copy() and fill()."""

import ast
import os
import re
import sys

from vboard import QUICK, ROOT, Tap, run, strict

tap = Tap()

# What a tuned clock and the search for it need (docs/firmware.md).
WAIVED = ("--waive", "tCHD", "--waive", "sampling", "--waive", "sampling-margin")
ALLOWED = {"tCHD", "sampling", "sampling-margin"}

HEAD = """
import gc, spiram, sys, uctypes

def check(name, good, *detail):
    print('ok' if good else 'not ok', name, *detail)

def raises(name, kind, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except Exception as e:
        check(name, type(e) is kind, repr(e))
    else:
        check(name, False, 'nothing raised')
"""


def judge(result, expected):
    """The checks that a script made; `expected` is how many."""
    lines = re.findall(r"^(?:.*>OK)?((?:not )?ok .*)$", result.out, re.MULTILINE)
    for line in lines:
        tap.check(line.partition("ok ")[2], line.startswith("ok "), line)
    tap.check("to its end, %d checks" % expected, result.status == 0 and len(lines) == expected, result)


def complaints(result):
    return {c["name"] for c in result.stats.get("complaints", ())}


# ---- the figures -----------------------------------------------------------------------------------------------------

MEASURE = """
import binascii
b = bytearray(3000000)
x = 1
for i in range(0, len(b), 89):
    x = (x * 1103515245 + 12345) & 0x7fffffff
    b[i] = x >> 16 & 255
things = [{'n': i, 's': 'text%d' % i, 'l': list(range(i % 17))} for i in range(500)]
before = binascii.crc32(b), hash(repr(things))
figures = spiram.bench()
print('figures', figures)
check('the heap is as it was', (binascii.crc32(b), hash(repr(things))) == before)
check('quiet: the same keys', set(spiram.bench(64, quiet=True)) == set(figures))
"""


def measure(name, before, clock_hz, high_clocks, *options):
    """One clock. Line frames: 78 clocks to read, 72 to write, and nCS high for tCPH of 50 ns, rounded up."""
    result = strict("--stats=json", *options, script=HEAD + before + MEASURE, timeout=300)
    judge(result, 2)
    match = re.search(r"^figures (\{.*\})$", result.out, re.MULTILINE)
    if not match:
        tap.check(name + ": figures", False, result)
        return
    got = ast.literal_eval(match.group(1))
    read_ns, write_ns = ((clocks + high_clocks) * 1e9 / clock_hz for clocks in (78, 72))
    tap.equal(name + ": clock", got["clock_hz"], clock_hz)
    tap.check(name + ": limit of a line read", abs(got["line_read_ns"] - read_ns) < 0.1, got)
    tap.check(name + ": limit of a line write", abs(got["line_write_ns"] - write_ns) < 0.1, got)
    tap.check(name + ": reads at 95 % of the limit or more", got["read_of_limit"] >= 0.95, got)
    tap.check(name + ": writes at 95 % of the limit or more", got["stream_of_limit"] >= 0.95, got)
    # The limit of frames as long as tCEM allows: who is above it has not measured what he thinks.
    raw = clock_hz / 2e6
    tap.check(name + ": none above the wires' own speed", max(got["read"], got["stream"]) < raw, got)
    # A line fetched, a line sent: half of what streaming reaches, and no less than the frames ask for.
    both = 32e3 / (read_ns + write_ns)
    tap.check(name + ": writes that fetch lines", 0.95 * both < got["write"] < 1.1 * both, got)
    tap.check(name + ": copies", 0.95 * both < got["stream_copy"] < 1.3 * both and got["copy"] < got["stream_copy"], got)
    tap.check(name + ": latency", read_ns < got["latency"] < 1.05 * read_ns, got)
    for bits in (8, 16, 32):
        hits = got["load%d_hit" % bits], got["store%d_hit" % bits]
        misses = got["load%d_miss" % bits], got["store%d_miss" % bits]
        tap.check("%s: %d bit, hits" % (name, bits), max(hits) < 20, got)
        tap.check("%s: %d bit, misses" % (name, bits), misses[0] > read_ns and misses[1] > read_ns + write_ns, got)
    tap.check(name + ": indirect", all(0.1 < got[key] < 1 for key in ("indirect_read_of_limit", "indirect_write_of_limit")), got)
    tap.check(name + ": interrupts are never off for half a millisecond", 0 < got["irq_off_us"] < 500, got)

    rows = re.findall(r"^  (.*?) +([\d.]+) (MB/s|ns)(?: +(\d+) % of the limit)?\s*$", result.out, re.MULTILINE)
    tap.equal(name + ": rows of the table", len(rows), 20)
    shown = {row[0]: row for row in rows}
    tap.equal(name + ": the table shows it", shown.get("sequential write, streamed"),
              ("sequential write, streamed", "%.1f" % got["stream"], "MB/s", "%.0f" % (100 * got["stream_of_limit"])))
    tap.equal(name + ": beats that are not whole", result.stats["mapped_partial_beats"], 0)
    allowed = ALLOWED if options else set()
    tap.check(name + ": complaints", complaints(result) <= allowed, complaints(result))
    documented(got)


def documented(got):
    with open(os.path.join(ROOT, "docs/firmware.md")) as f:
        text = f.read()
    told = set(re.findall(r"`(\w+)`", text))
    told |= {"%s%d_%s" % (what, bits, end) for what in ("load", "store") for bits in (8, 16, 32) for end in ("hit", "miss")}
    told |= {key + "_of_limit" for key in told}
    tap.equal("keys that the documents do not name", sorted(set(got) - told), [])


# ---- what it refuses -------------------------------------------------------------------------------------------------

REFUSES = """
for kb in (0, -64, 63, 96, 32, 2048):
    raises('%d KB' % kb, ValueError, spiram.bench, kb)
raises('text for KB', TypeError, spiram.bench, 'all')
raises('KB beyond a word', OverflowError, spiram.bench, 1 << 40)
raises('two', TypeError, spiram.bench, 64, True)
raises('a keyword that is none', TypeError, spiram.bench, loud=True)
full = []
try:
    while True:
        full.append(bytearray(70000))
except MemoryError:
    pass
raises('no room in the PSRAM', MemoryError, spiram.bench, 1024)
full = None
gc.collect()
check('room again', spiram.bench(1024, quiet=True)['bytes'] == 1 << 20)
"""

# With the heap in internal RAM the PSRAM is the program's.
RESTORES = """
import random
pattern = bytes((i * 7 + (i >> 8)) & 255 for i in range(1 << 16))
for at in range(0, 1 << 18, len(pattern)):
    spiram.write(at, pattern)
figures = spiram.bench(128)
check('measured without heap', spiram.heap() == 'internal' and figures['stream_of_limit'] >= 0.95, figures)
got = bytearray(len(pattern))
same = True
for at in range(0, 1 << 18, len(pattern)):
    spiram.read(at, got)
    same = same and got == pattern
check('the PSRAM is as it was', same)
full = []
try:
    while True:
        full.append(bytearray(70000))
except MemoryError:
    pass
raises('no room to keep the content', MemoryError, spiram.bench, 128)
"""


def refusals():
    judge(strict(script=HEAD + REFUSES), 12)
    typed = "import spiram; spiram.heap('internal')\r\x04\x01%s%s\x04\x02" % (HEAD, RESTORES)
    judge(strict("--limit", "100", stdin=typed), 3)
    none = HEAD + "raises('no PSRAM', OSError, spiram.bench)\n"
    judge(strict(*QUICK, script=none), 1)
    # A cell that the quick test of the start does not look at, in the memory that is measured.
    bad = HEAD + "raises('a cell that does not hold what was streamed', OSError, spiram.bench)\n"
    judge(run("--fault", "cell:0x20010.1=1", script=bad), 1)
    judge(run("--fault", "cell:0x20010.1=0", script=bad), 1)


# ---- copy, fill ------------------------------------------------------------------------------------------------------

# Ranges of all sizes and alignments; what is around them, dirty in the cache, and what was read before, must not matter.
STREAMS = """
x = 1
def dice(n):
    global x
    x = (x * 1103515245 + 12345) & 0x7fffffff
    return (x >> 8) % n

N = 40000
model, memory, other = bytearray(N), bytearray(N), bytearray(N)
check('in the PSRAM', all(uctypes.addressof(b) >> 24 == 0x90 for b in (memory, other)))
small = bytes(dice(256) for i in range(6000))
for i in range(N):
    other[i] = dice(256)
wrong = []
for turn in range(300):
    length = dice((100, 700, 6000)[turn % 3])
    at, start = dice(N - length), dice(6000 - length)
    for i in range(20):
        # Lines around its ends, and in it, dirty.
        place = max(0, min(N - 1, (at, at + length, at + dice(length + 1))[i % 3] + dice(64) - 32))
        model[place] = memory[place] = dice(256)
    old = memory[at], memory[at + length]
    kind = turn // 3 % 4
    target, wanted = memoryview(memory)[at:at + length], memoryview(model)[at:at + length]
    if kind == 0:
        byte = dice(256)
        spiram.fill(target, byte)
        for i in range(length):
            wanted[i] = byte
    elif kind == 1:
        spiram.copy(target, memoryview(small)[start:start + length])
        wanted[:] = memoryview(small)[start:start + length]
    elif kind == 2:
        start = dice(N - length)
        spiram.copy(target, memoryview(other)[start:start + length])
        wanted[:] = memoryview(other)[start:start + length]
    else:
        start = max(0, min(N - length, at + dice(200) - 100))
        spiram.copy(target, memoryview(memory)[start:start + length])
        wanted[:] = bytes(memoryview(model)[start:start + length])
    if memory != model:
        wrong.append((turn, kind, at, length))
        memory[:] = model
check('copies and fills', not wrong, wrong)
gc.collect()  # without it, internal RAM may be full of garbage
inner = bytearray(3000)
spiram.fill(inner, 7)
spiram.copy(inner, memoryview(small)[:3000])
check('internal RAM', uctypes.addressof(inner) >> 24 == 0x24 and inner == small[:3000])
empty = bytearray()
spiram.copy(empty, b'')
spiram.fill(empty, 1)
raises('lengths that differ', ValueError, spiram.copy, inner, b'x')
raises('copy to bytes', TypeError, spiram.copy, b'abc', b'xyz')
raises('copy of a number', TypeError, spiram.copy, inner, 1)
raises('fill bytes', TypeError, spiram.fill, b'abc', 1)
raises('fill with -1', ValueError, spiram.fill, inner, -1)
raises('fill with 256', ValueError, spiram.fill, inner, 256)
raises('fill with text', TypeError, spiram.fill, inner, 'a')
"""


def streams():
    result = strict("--stats=json", script=HEAD + STREAMS, timeout=200)
    judge(result, 10)
    tap.equal("streams: beats that are not whole", result.stats.get("mapped_partial_beats"), 0)
    tap.equal("streams: complaints", complaints(result), set())
    none = HEAD + "b = bytearray(1000)\nspiram.fill(b, 3)\nspiram.copy(b, bytes(b))\ncheck('no PSRAM', b == b'\\x03' * 1000)\n"
    judge(strict(*QUICK, script=none), 1)


streams()
refusals()
measure("50 MHz", "", 50000000, 3)
measure("132.8 MHz", "spiram.tune(chip='esp-psram64h')\n", 132812500, 7, *WAIVED)
sys.exit(tap.done())
