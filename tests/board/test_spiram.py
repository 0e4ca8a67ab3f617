#!/usr/bin/env python3
"""The module `spiram`: what it tells, what it refuses, and transfers past the heap that leave the heap whole."""

import sys

from vboard import FULL_TEST, QUICK, Tap, run, strict

tap = Tap()

# Each check() of a script becomes a result of this test; so does an exception that it did not expect.
HEAD = """
import gc, spiram, sys, uctypes

def check(name, good, *detail):
    print('ok' if good else 'not ok', name, *detail)

def raises(name, kind, function, *arguments):
    try:
        function(*arguments)
    except Exception as e:
        check(name, type(e) is kind, repr(e))
    else:
        check(name, False, 'nothing raised')
"""


def checks(script, expected, *options, **arguments):
    """Run the script; `expected` is how many checks it must make. Returns the run."""
    result = strict(*options, script=HEAD + script, **arguments)
    lines = [line for line in result.out.splitlines() if line.startswith(("ok ", "not ok "))]
    for line in lines:
        tap.check(line.partition("ok ")[2], line.startswith("ok "), line)
    tap.check("to its end, %d checks" % expected, result.status == 0 and len(lines) == expected, result)
    return result


INFO = """
i = spiram.info()
check('chip', i.chip == 'any' and i.maker == 'AP Memory' and i.kgd is True)
check('eid', i.eid == bytes.fromhex('0d5d52a264319131'), i.eid)
check('size', i.size == 8 << 20 and i.size - 64 <= i.usable <= i.size - 32, i)
check('base', i.base == 0x90000000)
check('clock', i.clock_hz == spiram.clock() == 50000000)
check('profile', i.profile == 'datasheet')
# 8 us of tCEM are 400 clocks; nCS high for tCPH, 50 ns.
check('timing', 0 < i.timing.refresh_clocks < 400 and i.timing.high_clocks >= 3 and 1 <= i.timing.frame_bytes <= 32, i.timing)
check('memory test', i.memtest == 'pass' and i.error is None)
check('log', spiram.log() == 'spiram eid 0d 5d 52 a2 64 31 91 31\\nspiram memtest pass\\n', spiram.log())
raises('clock takes no argument', TypeError, spiram.clock, 80000000)
raises('info takes none', TypeError, spiram.info, 1)
raises('log takes none', TypeError, spiram.log, 1)
help(spiram)
"""

ARGUMENTS = """
n = 8 << 20
one, two = bytearray(1), bytearray(2)
for f in (spiram.read, spiram.write):
    raises('no buffer', TypeError, f, 0)
    raises('a number for a buffer', TypeError, f, 0, 1)
    raises('text for an address', TypeError, f, '0', one)
    raises('a broken address', TypeError, f, 1.5, one)
    raises('below the chip', ValueError, f, -1, one)
    raises('beyond the chip', ValueError, f, n, one)
    raises('over its end', ValueError, f, n - 1, two)
    raises('far beyond', ValueError, f, 1 << 31, one)
    raises('farther', ValueError, f, 1 << 70, one)
    f(n, bytearray())
    f(n - 1, one)
raises('read into bytes', TypeError, spiram.read, 0, b'x')
raises('heap of no such name', ValueError, spiram.heap, 'splits')
raises('heap of a number', TypeError, spiram.heap, 1)
raises('heap of two', TypeError, spiram.heap, 'split', 'psram')
raises('dma_buffer of nothing', ValueError, spiram.dma_buffer, 0)
raises('dma_buffer of less', ValueError, spiram.dma_buffer, -32)
raises('dma_buffer of text', TypeError, spiram.dma_buffer, '32')
raises('dma_buffer of too much', MemoryError, spiram.dma_buffer, 32769)
check('still whole', spiram.heap() == 'split')
"""

# Lengths around a frame, a line, a part; addresses that are no multiples of anything.
TRANSFERS = """
import binascii

base = spiram.info().base
place = bytearray(70000)
at = uctypes.addressof(place) - base
check('a large array lies in the PSRAM', 0 <= at < 8 << 20, hex(at))
# A heap with something in it, in both areas.
kept = [{'n': i, 'text': str(i) * 3, 'list': [i, i + 1]} for i in range(3000)]
large = [bytearray(binascii.crc32(bytes((i,))).to_bytes(4, 'big') * 9000) for i in range(20)]
sums = [binascii.crc32(b) for b in large]

def pattern(n):
    return bytes((k * 7 + n * 13) & 255 for k in range(n))

def whole():
    return (all(d['n'] == i and d['text'] == str(i) * 3 and d['list'] == [i, i + 1] for i, d in enumerate(kept))
            and [binascii.crc32(b) for b in large] == sums)

bad = []
for n in (1, 2, 3, 4, 5, 7, 31, 32, 33, 63, 64, 65, 511, 1023, 1024, 1025, 2049, 5001):
    for offset in (0, 1, 2, 3, 31, 32, 4095):
        data = pattern(n)
        spiram.write(at + offset + 64, data)
        if place[offset + 64 : offset + 64 + n] != data:
            bad.append(('write', n, offset))
        # What the core wrote last may still be in its cache only.
        place[offset + 64] ^= 0xff
        got = bytearray(n + 2)
        spiram.read(at + offset + 64, memoryview(got)[1 : n + 1])
        if got != b'\\0' + bytes((data[0] ^ 0xff,)) + data[1:] + b'\\0':
            bad.append(('read', n, offset))
        if any(place[offset : offset + 64]) or any(place[offset + 64 + n : offset + 128 + n]):
            bad.append(('neighbours', n, offset))
        for k in range(offset + 64, offset + 64 + n):
            place[k] = 0
check('written and read back', not bad, bad[:5])
check('the heap is whole', whole())

source = bytearray(pattern(50001))
target = bytearray(50001)
check('both buffers in the PSRAM', uctypes.addressof(source) > base and uctypes.addressof(target) > base)
spiram.write(at + 3, source)
spiram.read(at + 3, target)
check('from and to the PSRAM itself', target == source == place[3 : 3 + 50001])
spiram.read(uctypes.addressof(source) - base, target)
check('a buffer as the wires see it', target == source)
spiram.read(at + 3, memoryview(place)[1000:2000])
check('over itself', place[1000:2000] == source[:1000])
inside = spiram.dma_buffer(1500)
spiram.read(at + 3, inside)
check('into internal RAM', inside[:997] == source[:997])

end = bytearray(40)
spiram.write((8 << 20) - 40, pattern(40))
spiram.read((8 << 20) - 40, end)
check('the last bytes, that no heap uses', end == pattern(40))
gc.collect()
check('the heap is whole after a collection', whole())

@micropython.native
def from_native(address, buffer):
    spiram.read(address, buffer)
    return buffer[0]

check('called from code that may lie there', from_native(at + 3, target) == source[0])
""".replace("import binascii", "import binascii, micropython", 1)

# Time as SysTick counts it, against cycles: a tick would be lost in a millisecond without interrupts.
LATENCY = """
import time
buffer = bytearray(300000)
dirty = bytearray(40000)
lost = []
for n in range(3):
    for k in range(0, len(dirty), 32): dirty[k] = n
    ms, cycles = time.ticks_ms(), time.ticks_cpu()
    (spiram.read, spiram.write)[n & 1](uctypes.addressof(buffer) - 0x90000000, buffer)
    ms, cycles = time.ticks_diff(time.ticks_ms(), ms), time.ticks_diff(time.ticks_cpu(), cycles)
    lost.append(cycles / 280000 - ms)
check('took long enough to tell', cycles > 280000 * 40, cycles)
check('no tick of a millisecond is lost', all(-1.5 < x < 1.5 for x in lost), lost)
"""

ABSENT = """
i = spiram.info()
check('no chip', i.size == i.usable == i.clock_hz == 0 and i.base is i.memtest is None and i.eid == bytes([255] * 8), i)
check('and why', i.error == 'no chip found', i.error)
for f in (spiram.read, spiram.write):
    try:
        f(0, bytearray(4))
    except OSError as e:
        check('no transfer', e.errno == 19 and e.args[1] == 'no chip found', e)
raises('no clock', OSError, spiram.clock)
check('log', spiram.log() == 'spiram eid' + ' ff' * 8 + '\\nspiram no chip found\\nspiram not used, heap in AXI SRAM\\n', spiram.log())
check('heap', spiram.heap() == 'internal')
check('dma_buffer all the same', uctypes.addressof(spiram.dma_buffer(100)) >> 20 == 0x240)
"""

# A chip with a bad cell is not used as heap, and can be looked at.
DAMAGED = """
i = spiram.info()
check('a bad cell', i.memtest == 'fail' and i.error == 'memory test failed' and i.size == 2 << 20 and i.usable == 0, i)
check('heap', spiram.heap() == 'internal')
two = bytearray(2)
spiram.write(0x12345, b'\\xff\\xff')
spiram.read(0x12345, two)
check('seen through read', two == b'\\xf7\\xff', two)
"""

result = checks(INFO, 12)
tap.check("help names the functions", all(name in result.out for name in ("info()", "read(addr, buf)", "dma_buffer(n)")), result)
checks(ARGUMENTS, 27)
checks(TRANSFERS, 11)
checks(LATENCY, 2)
checks(LATENCY, 2, "--psram", "ly68l6400")
checks(ABSENT, 8, *QUICK)
damaged = run("--fault", "cell:0x12345.3=0", "--fault", "density:16", "--limit", "60", script=HEAD + DAMAGED, firmware=FULL_TEST)
print("# " + damaged.out.replace("\n", "\n# "))
tap.check("a chip with a bad cell", damaged.status == 0 and damaged.out.count("ok ") == 3 and "not ok" not in damaged.out, damaged)
sys.exit(tap.done())
