#!/usr/bin/env python3
"""Damaged firmware files: whatever is in them, vboard, without and with sanitizers, ends with a status that it documents.

usage: test_mutants.py [COUNT [SEED]]     a failure names its seed and number; they make the same file again
"""

import random
import struct
import sys

from vboard import FIRMWARE, VBOARD, VBOARD_ASAN, Tap, run, write

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 200
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
tap = Tap()


def loadable():
    """Our firmware's ELF file without sections, symbols and debug information: what a loader looks at is most of it."""
    with open(FIRMWARE, "rb") as original:
        elf = bytearray(original.read())
    start, count = struct.unpack_from("<I", elf, 28)[0], struct.unpack_from("<H", elf, 44)[0]
    ends = [sum(struct.unpack_from("<I12xI", elf, at + 4)[i] for i in (0, 1)) for at in range(start, start + 32 * count, 32)]
    struct.pack_into("<I", elf, 32, 0)
    struct.pack_into("<HH", elf, 48, 0, 0)
    return elf[: max(ends)], start, start + 32 * count


def reset_code(elf, start, end):
    """Where the code lies that runs first: the vectors, and some kilobytes from where the reset vector points to."""
    for at in range(start, end, 32):
        kind, offset, _, address = struct.unpack_from("<4I", elf, at)
        if kind == 1 and address == 0x08000000:
            reset = offset + (struct.unpack_from("<I", elf, offset + 4)[0] & ~1) - address
            return (offset, offset + 64), (reset, min(reset + 2048, len(elf)))
    raise AssertionError("no segment at 0x08000000")


def mutant(number, good, places):
    dice = random.Random("%d/%d" % (SEED, number))
    elf = bytearray(good)
    if number % 10 == 0:
        del elf[dice.randrange(len(elf)) :]
        return "cut", elf
    name = list(places)[number % len(places)]
    first, end = places[name]
    for _ in range(dice.choice((1, 2, 8, 64))):
        at = dice.randrange(first, end)
        elf[at] = dice.choice((0, 0xFF, 0x7F, 0x80, dice.randrange(256), elf[at] ^ 1 << dice.randrange(8)))
    return name, elf


def main():
    good, table, table_end = loadable()
    vectors, code = reset_code(good, table, table_end)
    places = {"header": (4, 52), "segments": (table, table_end), "vectors": vectors, "code": code}
    seen = {}
    bad = []
    for number in range(COUNT):
        place, elf = mutant(number, good, places)
        # Sanitizers make it slow, and find what does not crash by itself: half and half.
        vboard = (VBOARD, VBOARD_ASAN)[number // 2 % 2]
        result = run("--limit", "0.01", firmware=write("mutant.elf", elf), vboard=vboard, timeout=30)
        seen.setdefault(place, set()).add(result.status)
        one_line = result.err.startswith("vboard: ") and result.err.count("\n") == 1
        refused_well = one_line and not result.out
        if result.status not in (0, 2, 3, 4) or (result.status == 2 and not refused_well):
            bad.append("seed %d, number %d (%s): %s" % (SEED, number, place, result))
            write("mutant-%d.elf" % number, elf)
    tap.check("%d damaged files" % COUNT, not bad, "\n".join(bad))
    # Otherwise the damage was where nobody looked.
    for place, statuses in (("cut", {2}), ("header", {2}), ("segments", {2}), ("vectors", {3}), ("code", {3})):
        tap.check("some %s end with %s" % (place, statuses), statuses <= seen.get(place, set()), seen)
    unharmed = run("--limit", "0.01", firmware=write("good.elf", good), vboard=VBOARD_ASAN)
    tap.equal("the undamaged one runs", unharmed.status, 4)
    return tap.done()


sys.exit(main())
