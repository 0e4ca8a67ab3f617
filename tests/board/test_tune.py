#!/usr/bin/env python3
"""spiram.tune(): how far each board gets, what is kept over resets, and that a heap lives through it."""

import re
import sys
import xml.etree.ElementTree

from vboard import QUICK, Tap, replies, run, strict

tap = Tap()

# A tuning is seven seconds of the board's time, about as many here, and more on a busy machine.
SLOW = 300

# The search has to sample where nothing can be read, and a tuned clock does not keep tCHD.
WAIVED = ("--waive", "tCHD", "--waive", "sampling", "--waive", "sampling-margin")
ALLOWED = {"tCHD", "sampling", "sampling-margin"}
RESULT = re.compile(
    r"\(clock_hz=(\d+), point=(\d+), first=(\d+), last=(\d+), margin=(\d+), sshift=(\w+), tap=(\d+), chip='([\w-]+)', "
    r"irq_off_us=(\d+)\)"
)
TUNED = re.compile(r"^spiram tuned profile, (\d+) kHz, sampled at \d+ of \d+ to \d+, does not keep tCHD of the chip$", re.M)

# A heap full of what a lost or moved byte would show in, and some of which is written while the new timing is in force.
HEAP = """
import spiram, gc, binascii
b = bytearray(6000000)
x = 12345
for i in range(0, len(b), 997):
    x = (x * 1103515245 + 12345) & 0x7fffffff
    b[i] = x & 255
b[2000000:2900000] = b[:900000]
things = [{'n': i, 's': 'text%d' % i, 'l': list(range(i % 17))} for i in range(1000)]
def digest():
    return binascii.crc32(b), hash(repr(things))
before = digest()
"""


def result_of(output):
    """(clock_hz, point, first, last, margin, sshift, tap, chip, irq_off_us), or None."""
    match = RESULT.search(output)
    return match and tuple(int(g) if g.isdigit() else g for g in match.groups())


def hazards(result):
    return {c["name"]: c["count"] for c in result.stats.get("complaints", ())}


def tune(*options, call="spiram.tune(chip='esp-psram64h')", after=""):
    script = HEAP + "print(%s)\nprint(digest() == before)\n%s" % (call, after)
    return strict(*options, *WAIVED, "--stats=json", script=script, timeout=SLOW)


def good_wires():
    plain = tune()
    got = result_of(plain.out)
    tap.check("short wires: ends well, and complains of nothing else", plain.status == 0 and set(hazards(plain)) == ALLOWED, plain)
    if not got:
        tap.check("short wires: a result", False, plain)
        return None
    clock, point, first, last, margin, sshift, tap_number, chip, irq_off = got
    tap.check("short wires: within 0.5 % of the chip's 133 MHz, and not above", 132_335_000 <= clock <= 133_000_000, got)
    tap.equal("short wires: in the middle", (first + last) // 2, point)
    tap.check("short wires: margin", margin >= 4, got)
    tap.check("interrupts are never off for a millisecond", 0 < irq_off < 1000, got)
    tap.check("the heap is as it was", plain.out.endswith("\nTrue\n"), plain)

    # As many bad samples as before, though megabytes have been read since: all of them were the search's.
    busy = tune(after="for i in range(3):\n    assert digest() == before\n")
    for name in ("sampling", "sampling-margin"):
        tap.equal("%s is only met while searching" % name, hazards(busy).get(name), hazards(plain).get(name))
    read = [r.stats.get("psram_bytes_read", 0) for r in (plain, busy)]
    tap.check("and the rest did read", read[1] > read[0] + 15_000_000, read)
    return got


def first_clock(text):
    match = re.search(r"^ *(\d+)\.(\d{3})  [#.O]+$", text, re.M)
    return match and int(match.group(1) + match.group(2)) * 1000


def other_limits():
    result = tune("--psram", "aps6404l", call="spiram.tune(chip='aps6404l')")
    got = result_of(result.out)
    tap.check("aps6404l: to its limit, the heap kept",
              got and 107e6 < got[0] <= 109e6 and result.status == 0 and result.out.endswith("True\n"), result)
    # Where the search begins. A chip without a name gets the lowest limit of all, that of the IPS6404L.
    calls = ("", "chip='ips6404l'", "chip='aps6404l'", "chip='esp-psram64h'", "chip='esp-psram64h', max_hz=90000000")
    lines = "import spiram\n" + "".join("spiram.shmoo(%s)\n" % c for c in calls)
    lines += "spiram.tune(chip='w25q64')\nspiram.tune(max_hz=-1)\nspiram.tune(max_hz=40000000)\n"
    result = strict(*WAIVED, stdin=lines, timeout=SLOW)
    answers = [a for _, a in replies(result)][1:]
    for call, limit, answer in zip(calls, (104e6, 104e6, 109e6, 133e6, 90e6), answers):
        clock = first_clock(answer)
        tap.check("shmoo(%s) begins below %d MHz" % (call, limit / 1e6), clock and limit * 0.98 < clock <= limit, answer)
    tap.equal("what cannot be", [a.splitlines()[-1] for a in answers[5:8]],
              ["ValueError: unknown chip", "ValueError: max_hz must not be negative",
               "OSError: no faster timing works on this board"])
    absent = strict(*QUICK, stdin="import spiram\nspiram.tune()\nspiram.shmoo()\n")
    tap.equal("without a chip", [a.splitlines()[-1] for _, a in replies(absent)[1:3]], ["OSError: [Errno 19] ENODEV"] * 2)


def long_wires():
    result = tune("--wires", "long")
    got = result_of(result.out)
    tap.check("long wires: 70 MHz or less, more than 50", got and 50e6 < got[0] <= 70e6, result)
    tap.check("long wires: the heap is as it was", result.status == 0 and result.out.endswith("\nTrue\n"), result)


def worst_case(wide):
    """Where the datasheet's limits bite, the window is what it promises: narrower, and still found."""
    options = ("--worst-case", "--hazard", "tCHD=off")
    result = tune(*options)
    got = result_of(result.out)
    tap.check("a worst-case chip: a clock and a heap", got and got[0] > 84e6 and result.out.endswith("\nTrue\n"), result)
    tap.check("a worst-case chip: a narrower run", got and wide and got[3] - got[2] < wide[3] - wide[2], (got, wide))


START = "import spiram, machine, gc\n"
MEMORY = "all(not any(bytearray(1000000)) for i in range(3))\n"
# The record is words 24 to 31 of the backup registers, a copy goes to words 0 to 7; PWR_CR1.DBP opens them.
TOOLS = START + """machine.mem32[0x58024800] |= 0x100
def crc(words):
    c = 0xffffffff
    for w in words:
        for byte in w.to_bytes(4, 'little'):
            c ^= byte
            for i in range(8):
                c = (c >> 1) ^ (0xedb88320 if c & 1 else 0)
    return c ^ 0xffffffff

def get(at):
    return [machine.mem32[0x58004500 + 4 * (at + i)] & 0xffffffff for i in range(8)]

def put(at, words):
    for i in range(8):
        machine.mem32[0x58004500 + 4 * (at + i)] = words[i]

"""
RESET = "machine.reset()\n"
MOVED = "does not pass its check any more"
SEAL = "; w[7] = crc(w[:7])"

# What is done before a reset, and what the start after it makes of it: tuned or not, and why not.
STARTS = (
    ("nothing", START, False, None),
    ("keep=False", START + "spiram.tune(chip='esp-psram64h', keep=False)\n", False, None),
    ("a tuning", START + "spiram.tune(chip='esp-psram64h')\n", True, None),
    ("a copy of the record", TOOLS + "w = get(24); put(0, w); w[7] == crc(w[:7])\n", True, None),
    ("a damaged record", TOOLS + "w = get(24); w[2] ^= 1; put(24, w)\n", False, "is damaged"),
    ("the copy, again", TOOLS + "put(24, get(0))\n", True, None),
    ("the ID of another chip", TOOLS + "w = get(0); w[4] ^= 0x100%s; put(24, w)\n" % SEAL, False, "is of another chip"),
    # As if the window had moved since then: its middle is not good now, or not far enough from an end.
    ("a point outside of the window", TOOLS + "w = get(0); w[2] = 17 | 15 << 8 | 19 << 16%s; put(24, w)\n" % SEAL, False, MOVED),
    ("a point at the window's end", TOOLS + "w = get(0); w[2] = 14 | 10 << 8 | 19 << 16%s; put(24, w)\n" % SEAL, False, MOVED),
    ("a clock above the limit", TOOLS + "w = get(0); w[1] = 143750000%s; put(24, w)\n" % SEAL, False, MOVED),
    ("a clock that cannot be made", TOOLS + "w = get(0); w[1] = 132812501%s; put(24, w)\n" % SEAL, False, MOVED),
    ("nothing more", START, False, None),
    ("forget", TOOLS + "put(24, get(0))\n" + RESET + START + "spiram.tune(forget=True)\n" + MEMORY, False, None),
)


def boots(result):
    """What the boot log said of the PSRAM, by start."""
    return [part.split("MicroPython")[0].split("\n", 1)[1] for part in ("\n" + result.out).split("spiram eid")[1:]]


def persistence():
    result = strict(*WAIVED, stdin="".join(lines + RESET for _, lines, _, _ in STARTS) + MEMORY, timeout=2 * SLOW)
    tap.equal("ends at the end of its input", result.status, 0)
    log = boots(result)[1:]
    if len(log) == len(STARTS) + 1:
        tap.check("the copy is in force before it is forgotten", TUNED.search(log.pop(-2)), log)
    tap.equal("number of starts", len(log), len(STARTS))
    for (name, _, profile, why), said in zip(STARTS, log):
        tap.equal("after %s: tuned, and why not" % name,
                  (bool(TUNED.search(said)), re.findall("spiram tuned timing (.*), dropped", said)),
                  (profile, [why] if why else []))
        tap.check("after %s: a good memory" % name, "spiram memtest pass\n" in said, said)
    tap.check("used after all that", "\nTrue\n" in result.out, result)


def lost():
    """The chip leaves QPI mode in the middle: there is no heap any more to return to."""
    lines = START + "spiram.tune(chip='esp-psram64h')\n"
    # The search takes 2 s, the test 4: once in each.
    for time in ("1", "4.6"):
        result = run("--fault", "drop-qpi:" + time, "--limit", "10", stdin=lines + "print('went', 'on')\n", timeout=SLOW)
        tap.check("memory lost at %s s: says so and stops" % time,
                  "\nspiram tuning: the content of the memory is lost\nspiram failed with the heap in it, stopped: reset the board\n"
                  in result.out and "went on" not in result.out, result)


def pictures():
    script = HEAP + """
import io
spiram.shmoo(chip='esp-psram64h')
print('---')
s = io.StringIO()
spiram.shmoo(s, chip='esp-psram64h')
print(s.getvalue())
print('---')
print(digest() == before)
"""
    result = strict(*WAIVED, script=script, timeout=SLOW)
    parts = result.out.split("---\n")
    if len(parts) != 3:
        tap.check("pictures", False, result)
        return
    rows = re.findall(r"^ *(\d+\.\d{3})  ([#.O]+)$", parts[0], re.M)
    tap.check("text: rows from 133 to 45 MHz", len(rows) >= 15 and rows[0][0] == "132.812" and float(rows[-1][0]) < 49, parts[0])
    tap.equal("text: columns", {len(row[1]) for row in rows}, {21})
    tap.equal("text: one point is chosen, in the first row", [row[1].count("O") for row in rows], [1] + [0] * (len(rows) - 1))
    svg = xml.etree.ElementTree.fromstring(parts[1])
    fills = [e.get("fill") for e in svg.iter("{http://www.w3.org/2000/svg}rect")][1:]
    cells = "".join(row[1] for row in rows)
    tap.equal("the SVG shows the same", ["." if f == "#dddddd" else "#" for f in fills], list(cells.replace("O", "#")))
    tap.equal("the heap is as it was", parts[2], "True\n")


wide = good_wires()
other_limits()
long_wires()
worst_case(wide)
persistence()
lost()
pictures()
sys.exit(tap.done())
