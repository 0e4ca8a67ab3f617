#!/usr/bin/env python3
"""Where the heap lies: its policies and what keeps them, which object goes where, DMA buffers, and the collector at its limits."""

import re
import subprocess
import sys

from vboard import FIRMWARE, QUICK, Tap, replies, run, strict

tap = Tap()

# The original's author had so much with all of the heap in the PSRAM; the default promises this.
ORIGINAL_FREE, DEFAULT_FREE = 8196192, 9000000
PSRAM, SRAM = 0x90, 0x24

HEAD = """
import gc, spiram, uctypes

def check(name, good, *detail):
    print('ok' if good else 'not ok', name, *detail)

def where(b):
    return uctypes.addressof(b) >> 24

"""


def with_policy(policy, script, expected, *options):
    """Run the script under a policy, chosen before a soft reset; `expected` is how many checks it must make."""
    typed = "import spiram; spiram.heap('%s')\r\x04\x01%s%s\x04\x02" % (policy, HEAD, script)
    result = strict("--limit", "100", *options, stdin=typed, timeout=200)
    lines = re.findall(r"^(?:.*>OK)?((?:not )?ok .*)$", result.out, re.MULTILINE)
    for line in lines:
        tap.check("%s: %s" % (policy, line.partition("ok ")[2]), line.startswith("ok "), line)
    tap.check("%s: to its end, %d checks" % (policy, expected), result.status == 0 and len(lines) == expected, result)


def chosen():
    """The policy in force, and what is free, after each kind of reset."""
    ask = "import spiram, gc; gc.collect(); print('heap', spiram.heap(), gc.mem_free())\n"
    choose = "spiram.heap('%s')\n"
    typed = (ask + choose % "psram" + ask + "\x04" + ask + "\x04" + ask + "import machine; machine.reset()\n" + ask
             + choose % "internal" + "\x04" + ask + "import machine; machine.mem32[0x70000000]\n" + ask
             + choose % "split" + "\x04" + ask)
    result = strict("--limit", "100", stdin=typed, timeout=200)
    seen = re.findall(r"^heap (\w+) (\d+)$", result.out, re.MULTILINE)
    tap.equal("policies: default, still, Ctrl-D, Ctrl-D, machine.reset(), Ctrl-D, fault, Ctrl-D", [name for name, _ in seen],
              ["split", "split", "psram", "psram", "psram", "internal", "internal", "split"])
    free = {name: int(n) for name, n in seen}
    tap.check("free: psram", ORIGINAL_FREE <= free.get("psram", 0) < 8 << 20, free)
    tap.check("free: split", DEFAULT_FREE < free.get("split", 0) < 9 << 20, free)
    tap.check("free: internal", 950000 < free.get("internal", 0) < 1 << 20, free)
    tap.check("free is the same each time", len({n for name, n in seen[2:5]}) == 1, seen)


PLACES = """
small = [bytearray(100) for i in range(50)]
large = [bytearray(40000) for i in range(3)]
check('small objects', {where(b) for b in small} == {SMALL}, {where(b) for b in small})
check('large objects', {where(b) for b in large} == {LARGE}, {where(b) for b in large})
gc.collect()
free = gc.mem_free()
b = bytearray(300000)
check('memory is counted', 300000 <= free - gc.mem_free() < 301000, free - gc.mem_free())
b[0] = b[-1] = 0x5a
b = None
gc.collect()
gc.collect()
check('and free again', abs(free - gc.mem_free()) < 2000, free - gc.mem_free())
"""

# The internal area is filled to its end: what follows goes to the PSRAM, and comes back when there is room again.
OVERFLOW = """
keep = []
while not keep or where(keep[-1]) == 0x24:
    keep.append(bytearray(1000))
check('all of internal RAM is used first', 700 <= len(keep) <= 800, len(keep))
more = [bytearray(1000) for i in range(100)]
check('then the PSRAM', {where(b) for b in more} == {0x90})
keep.clear()
gc.collect()
check('then internal RAM again', where(bytearray(1000)) == 0x24)
grown = bytearray(20000)
check('a buffer begins inside', where(grown) == 0x24)
for i in range(100):
    grown.extend(bytes(1000))
check('and leaves when it grows', where(grown) == 0x90 and len(grown) == 120000, hex(uctypes.addressof(grown)))
# Freed without a collection, as growing lists do.
gc.disable()
keep = [[i] for i in range(60000)]
lists = [[] for i in range(200)]
for n in range(300):
    for l in lists:
        l.append(n)
check('lists that grow with internal RAM full', all(l == list(range(300)) for l in lists))
gc.enable()
keep = lists = more = None
gc.collect()
# Large ones may use internal RAM when the PSRAM has no room.
hoard = []
try:
    while True:
        hoard.append(bytearray(100000))
except MemoryError:
    pass
places = [where(b) for b in hoard]
hoard = None
gc.collect()
check('large ones fill both', places.count(0x90) >= 70 and places.count(0x24) >= 3, places.count(0x90), places.count(0x24))
# Filled to the last block, with no memory for anything else: what DMA buffers have is theirs.
first = uctypes.addressof(spiram.dma_buffer(32))
hoard = []
try:
    while True:
        hoard.append(bytearray(900))
except MemoryError:
    pass
one = None
try:
    one = spiram.dma_buffer(16384)
except MemoryError:
    pass
# Room to count in: the first ones lie in internal RAM.
hoard[0] = hoard[1] = hoard[2] = hoard[3] = hoard[4] = None
places = sum(b is not None and first <= uctypes.addressof(b) < first + 32768 for b in hoard)
n = len(hoard)
hoard = None
gc.collect()
check('not in the area of DMA buffers', places == 0 and n > 8000, places, n)
check('which can be had from a full heap', one is not None)
try:
    bytearray(8400000)
    check('larger than any area', False)
except MemoryError:
    check('larger than any area', gc.isenabled())
gc.threshold(200000)
for i in range(40):
    bytearray(50000)
check('a threshold holds for large ones', gc.mem_alloc() < 500000, gc.mem_alloc())
gc.threshold(-1)
gc.disable()
before = gc.mem_alloc()
for i in range(20):
    bytearray(50000)
check('no collection while it is off', gc.mem_alloc() - before >= 1000000 and not gc.isenabled())
gc.enable()
"""

BIG = """
l = list(range(500000))
gc.collect()
check('a list of 500,000 elements', len(l) == 500000 and sum(l) == 124999750000 and l[-1] == 499999)
l = [float(i) for i in range(200000)]
gc.collect()
check('200,000 objects in a list: more than the stack of the collector holds', sum(l) == 19999900000.0)
l = None
gc.collect()
d = {i: i * 3 for i in range(200000)}
gc.collect()
check('a dict of 200,000 entries', len(d) == 200000 and all(d[i] == i * 3 for i in range(0, 200000, 7)))
d = None
gc.collect()
"""

GRAPHS = """
chain = None
for i in range(30000 // PART):
    chain = (i, chain, [chain])
gc.collect()
n = 0
link = chain
while link:
    assert link[2][0] is link[1]
    n += 1
    link = link[1]
check('a deep chain', n == 30000 // PART)
chain = link = None

def tree(depth):
    return [tree(depth - 1) for _ in range(4)] if depth else [depth]

def leaves(t):
    return sum(leaves(x) if type(x) is list else 1 for x in t)

t = tree(6)
t.append(t)
for i in range(3):
    gc.collect()
t.pop()
check('a tree', leaves(t) == 4096)

class Node:
    pass

first = last = Node()
for i in range(2000):
    new = Node()
    new.back, last.next = last, new
    last = new
last.next, first.back = first, last
gc.collect()
n, node = 1, first.next
while node is not first:
    assert node.next.back is node
    n, node = n + 1, node.next
check('a ring', n == 2001)
before = gc.mem_alloc()
first = last = new = node = None
gc.collect()
gc.collect()
check('is freed as a whole', before - gc.mem_alloc() > 60000, before - gc.mem_alloc())

# Every pattern of kept and dropped objects of one to nine blocks, next to each other, checked by what they hold.
import random
random.seed(5)
live = {}
for turn in range(30):
    for i in range(200):
        n = random.randrange(1, 150)
        key = random.randrange(400)
        live[key] = bytes(((key + turn) & 255,)) * n
    for i in range(100):
        live.pop(random.randrange(400), None)
    shape = {k: (v[0], len(v)) for k, v in live.items()}
    gc.collect()
    junk = [bytes((0xee,)) * random.randrange(1, 150) for i in range(300)]
    if any(v != bytes((shape[k][0],)) * shape[k][1] for k, v in live.items()):
        break
check('survivors of 30 sweeps', turn == 29 and len(live) > 100)
try:
    hoard = []
    while True:
        hoard.append([0] * 50)
except MemoryError:
    hoard = None
    gc.collect()
    check('out of memory, and back', gc.mem_free() > 600000, gc.mem_free())
"""

DMA = """
def place(b):
    return uctypes.addressof(b)

def whole():
    b = spiram.dma_buffer(32768)
    b[-1] = 7
    gc.collect()
    return len(b) == 32768 and place(b) % 32 == 0 and b[-1] == 7 and b[0] == 0

check('all of it in one', whole())
gc.collect()
free = gc.mem_free()
buffers = [spiram.dma_buffer(n) for n in (1, 31, 32, 33, 64, 1000)]
check('bytearrays of the length asked for', [len(b) for b in buffers] == [1, 31, 32, 33, 64, 1000] and type(buffers[0]) is bytearray)
check('in AXI SRAM', all(0x24000000 <= place(b) and place(b) + len(b) <= 0x24100000 for b in buffers), [hex(place(b)) for b in buffers])
check('each begins a line', all(place(b) % 32 == 0 for b in buffers))
ends = sorted((place(b), (place(b) + len(b) + 31) // 32 * 32) for b in buffers)
check('no two share one', all(a[1] <= b[0] for a, b in zip(ends, ends[1:])), ends)
check('not from the heap', free - gc.mem_free() < 2000, free - gc.mem_free())
for n, b in enumerate(buffers):
    for i in range(len(b)):
        b[i] = n + 1
gc.collect()
check('kept while in use', all(set(b) == {n + 1} for n, b in enumerate(buffers)))
views = [memoryview(b)[len(b) // 2:] for b in buffers]
buffers = b = None
gc.collect()
others = [spiram.dma_buffer(100) for i in range(50)]
check('a view keeps it, too', all(set(v) == {n + 1} for n, v in enumerate(views)), [bytes(v[:4]) for v in views])
check('zeroed', not any(any(b) for b in others))
views = others = b = v = None
gc.collect()
hoard = []
try:
    while True:
        hoard.append(spiram.dma_buffer(1024))
except MemoryError as e:
    check('MemoryError when none are left', 28 <= len(hoard) <= 32, len(hoard), e)
check('which harms nobody', len({place(b) for b in hoard}) == len(hoard) and len(bytearray(5000)) == 5000)
small = [bytearray(10) for i in range(3000)]
spans = [(place(b), place(b) + 1024) for b in hoard]
check('no other object lies there', not any(first <= place(b) < end for b in small for first, end in spans))
n = len(hoard)
hoard = small = spans = b = None
gc.collect()
again = [spiram.dma_buffer(1024) for i in range(n - 3)]
check('they can be had again', len(again) >= 25)
"""


FINALISERS = """
from machine import mem32, mem8
# No memory can be had while the collector runs.
ran = bytearray(400)

class Finalised:
    def __init__(self, n):
        self.n = n
    def __del__(self):
        ran[self.n] += 1

def word(address):
    return mem32[address] & 0xffffffff

def flagged(n):
    # As C types with a finaliser are made; MicroPython makes none for classes of programs.
    f = Finalised(n)
    area = AREA
    while not word(area + 16) <= id(f) < word(area + 20):
        area = word(area)
    block = (id(f) - word(area + 16)) // 16
    mem8[word(area + 12) + block // 8] |= 1 << (block & 7)
    return f

def give_up():
    for i in range(300):
        flagged(i)

kept = [flagged(300 + i) for i in range(100)]
give_up()
gc.collect()
gc.collect()
check('finalisers run once, and only of what is gone', sum(ran) >= 290 and max(ran) == 1 and not any(ran[300:]), sum(ran))
check('others stay', [f.n for f in kept] == list(range(300, 400)))
"""


def finalisers():
    """Objects with a finaliser are made by hand: the bit in the table of the area that they lie in."""
    shown = subprocess.run(["gdb-multiarch", "-batch", "-ex", "print &mp_state_ctx.mem.area", FIRMWARE],
                           capture_output=True, text=True, check=True).stdout
    area = re.search(r"0x[0-9a-f]+", shown).group(0)
    for policy in ("psram", "split"):
        with_policy(policy, FINALISERS.replace("AREA", area), 2)


def symbols():
    """Where the collector's own data lies."""
    lines = subprocess.run(["arm-none-eabi-nm", "-S", FIRMWARE], capture_output=True, text=True, check=True).stdout
    found = re.search(r"^([0-9a-f]{8}) ([0-9a-f]{8}) \w mp_state_ctx$", lines, re.MULTILINE)
    start, size = (int(x, 16) for x in found.groups())
    # 1024 entries of 32 bits, and as many pointers to areas.
    tap.check("the collector's stack lies in DTCM", 0x20000000 <= start and start + size <= 0x20020000 and size > 8192, found.groups())


def without_psram():
    result = strict(*QUICK, stdin="import spiram, gc; spiram.heap('psram')\n\x04import spiram, gc; spiram.heap(), gc.mem_free() > 950000\n")
    tap.equal("no PSRAM: internal, whatever was chosen", replies(result)[-2][1], "('internal', True)\n")


def other_sizes():
    """The areas follow the size of the chip."""
    result = run("--fault", "density:16", stdin="import gc; gc.collect(); gc.mem_free()\nb = bytearray(2000000); len(b)\n")
    answers = dict(replies(result))
    free = int(answers.get("import gc; gc.collect(); gc.mem_free()", "0"))
    tap.check("a chip of 2 MB", 2 << 20 < free - 700000 and free < 3 << 20 and answers.get("b = bytearray(2000000); len(b)") == "2000000\n", result)


chosen()
symbols()
finalisers()
without_psram()
other_sizes()
for policy, small, large in (("psram", PSRAM, PSRAM), ("split", SRAM, PSRAM), ("internal", SRAM, SRAM)):
    part = 3 if policy == "internal" else 1
    script = PLACES.replace("SMALL", hex(small)).replace("LARGE", hex(large)) + GRAPHS.replace("PART", str(part)) + DMA
    with_policy(policy, script, 23)
    if policy != "internal":
        with_policy(policy, BIG, 3)
with_policy("split", OVERFLOW, 12)
sys.exit(tap.done())
