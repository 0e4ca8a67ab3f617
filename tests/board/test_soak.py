#!/usr/bin/env python3
"""Ten virtual minutes of our firmware under --strict: garbage, copies at odd lengths, sleep. Nothing may be wrong at their end."""

import re
import sys

from vboard import Tap, strict

tap = Tap()

# Each round is a few milliseconds of work on blocks that live in the PSRAM; then the board sleeps, which costs no wall time.
SCRIPT = """
import gc, time, random, binascii

ROUNDS = 150
random.seed(7)
kept = {}
sums = {}
start = time.ticks_ms()
free = gc.mem_free()
assert free > 8000000, free  # the heap is in the PSRAM
for n in range(ROUNDS):
    # Its checksum is that of the piece it is made of, which is short and stays in the cache: what is lost on the way to
    # the chip is found.
    piece = bytes((n * 7 + i * 13) & 0xFF for i in range(131 + 2 * (n % 60)))
    block, check = bytearray(n % 8), binascii.crc32(bytes(n % 8))
    for i in range(20 + random.getrandbits(7)):
        block.extend(piece)
        check = binascii.crc32(piece, check)
    key = n % 23
    if key in kept:
        old = kept[key]
        assert binascii.crc32(old) == sums[key], (n, key)
        # Copies that begin and end within doublewords.
        first, last = 1 + n % 7, len(old) - n % 5
        part = bytes(memoryview(old)[first:last])
        old[first - 1 : last - 1] = part
        old[first:last] = part
        assert old[first - 1] == part[0] and binascii.crc32(memoryview(old)[first:]) == binascii.crc32(old[last:], binascii.crc32(part)), n
    kept[key], sums[key] = block, check
    text = ['%d:%s' % (i, 'x' * (i % 61)) for i in range(200)]
    assert ''.join(text).count('x') == sum(i % 61 for i in range(200)), n
    if n % 10 == 9:
        gc.collect()
    time.sleep_ms(4000)
for key in kept:
    assert binascii.crc32(kept[key]) == sums[key], key
# Cleared, because a stale pointer to the table somewhere on the stack would keep all of them.
kept.clear()
block = text = old = part = None
gc.collect()
print('rounds', ROUNDS, 'seconds', time.ticks_diff(time.ticks_ms(), start) // 1000, 'lost', free - gc.mem_free())
"""


def soak():
    result = strict("--stats=json", "--seed", "5", script=SCRIPT, timeout=200)
    said = re.fullmatch(r"rounds 150 seconds (\d+) lost (-?\d+)\n", result.out)
    tap.check("it comes to its end", result.status == 0 and said, result)
    stats = result.stats
    tap.check("ten virtual minutes", stats.get("virtual_time", 0) >= 600, stats)
    tap.check("by the board's own clock as well", said and 600 <= int(said.group(1)) <= stats["virtual_time"], result.out)
    tap.check("no memory is lost", said and int(said.group(2)) < 100000, result.out)
    tap.equal("no hazard, guest error, partial beat, or line error",
              [stats.get(name) for name in ("hazards", "guest_errors", "mapped_partial_beats", "uart_framing_errors", "resets")],
              [0, 0, 0, 0, 1])
    tap.equal("nothing to complain of", stats.get("complaints"), [])
    tap.check("the PSRAM was at work", min(stats.get("psram_bytes_written", 0), stats.get("psram_bytes_read", 0)) > 2 << 20, stats)
    tap.check("nCS low within tCEM all the time", 0 < stats.get("psram_longest_ncs_low", 99) <= 8, stats)
    tap.check("a tick each millisecond", 600000 <= stats.get("exceptions", 0) < 1300000, stats)


soak()
sys.exit(tap.done())
