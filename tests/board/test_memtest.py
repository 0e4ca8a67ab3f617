#!/usr/bin/env python3
"""Memory tests in mid-run: spiram.memtest() beside a living heap, and what is done when the chip fails under it."""

import re
import sys

from vboard import PROMPT, QUICK, Session, Tap, path, replies, run, strict

tap = Tap()

# A heap with known content, tested by all tests; what it holds and how much time has passed are then looked at.
KEEPS = """
import gc, spiram, time, binascii
kept = [bytes((n * 7 + i) & 255 for i in range(n % 61)) for n in range(3000)]
check = [binascii.crc32(piece) for piece in kept]
start = time.ticks_ms()
print(spiram.memtest(ARGUMENTS))
print('took', time.ticks_diff(time.ticks_ms(), start))
print('kept', all(binascii.crc32(piece) == n for piece, n in zip(kept, check)))
"""
NAMES = ("data", "address", "widths", "boundaries", "turnaround", "own_address", "checkerboard", "march", "inversions", "random")
SMALL = ("--fault", "density:16")


def keeps_the_heap():
    result = strict(*SMALL, "--stats=json", "--limit", "60", script=KEEPS.replace("ARGUMENTS", "seed=99"))
    said = "".join("spiram memtest %s .......... pass\n" % name for name in NAMES)
    match = re.fullmatch(re.escape(said) + r"True\ntook (\d+)\nkept True\n", result.out)
    tap.check("all tests, with the heap in the chip", match, result)
    stats = result.stats
    tap.equal("nothing to complain of", [stats.get("complaints"), stats.get("mapped_partial_beats")], [[], 0])
    # SysTick counts milliseconds while interrupts are off for less than one; ticks that were lost would be missed here.
    before = strict(*SMALL, "--stats=json", script="pass\n").stats
    tap.check("interrupts were never off for a millisecond", match and
              abs(stats["virtual_time"] - before["virtual_time"] - int(match.group(1)) / 1000) < 0.35, (result, before))
    tap.check("each byte went to the chip and back", stats.get("psram_bytes_read", 0) > 10 << 21 < stats.get("psram_bytes_written", 0), stats)


def by_name_and_range():
    result = strict(*SMALL, script=KEEPS.replace("ARGUMENTS", "'march', offset=65536, length=4096, quiet=True"))
    tap.check("a part, quietly", re.fullmatch(r"True\ntook \d+\nkept True\n", result.out), result)


def refuses():
    for arguments, error in (
        ("'nonsense'", "ValueError: no test 'nonsense'"),
        ("offset=1", "ValueError: offset and length must be multiples of 32"),
        ("length=33", "ValueError: offset and length must be multiples of 32"),
        ("offset=2097152", "ValueError: offset and length"),
        ("offset=2097120, length=64", "ValueError: offset and length"),
        ("offset=-32", "ValueError: offset must be 0 to"),
        ("length=1 << 32", "ValueError: length must be 0 to"),
        ("seed=-1", "ValueError: seed must be"),
        ("passes=0", "ValueError: passes"),
        ("ms=0", "ValueError: passes"),
        ("ms=-5", "ValueError: passes"),
        ("'retention'", "ValueError: retention needs"),
        ("7", "TypeError"),
        ("speed=7", "TypeError"),
    ):
        result = strict(*SMALL, script="import spiram\nspiram.memtest(%s)\n" % arguments)
        tap.check("memtest(%s)" % arguments, result.status == 1 and error in result.err + result.out, result)
    result = strict(*QUICK, script="import spiram\nspiram.memtest()\n")
    tap.check("without a chip", result.status == 1 and "OSError: [Errno 19] ENODEV: no SPI RAM" in result.err + result.out, result)


STOPPED = "spiram failed with the heap in it, stopped: reset the board\n"


def stops_for(name, faults, said, script="import spiram\nspiram.memtest()\n"):
    result = run(*SMALL, *faults, "--limit", "30", stdin=script + "\nprint('went', 'on')\n")
    tap.check(name, re.search(said + STOPPED, result.out) and "went on" not in result.out, result)


def stops():
    word = r"spiram memtest(8|16|32) fail, address 0x90[0-9a-f]{6} written 0x[0-9a-f]+ read 0x[0-9a-f]+\n"
    stops_for("a bad cell under the heap stops the board", ("--fault", "cell:0x112345.2=1"),
              word + "spiram cell 0x90112345 bit 2 stuck at 1\n")
    stops_for("so does a chip that writes wrong now and then", ("--fault", "flips:1e-7"),
              word + r"spiram errors without pattern, \d+ reads and \d+ writes wrong of 1024\n")


def message_comes_again():
    """Whoever opens the terminal later sees it as well."""
    session = Session("unix:%s" % path("uart"), *SMALL, "--fault", "cell:0x112345.2=1")
    session.open_socket(path("uart"))
    tap.check("it talks", session.meet())
    session.send("import spiram; spiram.memtest('march')\r")
    tap.check("it stops", session.expect("reset the board\r\n", 60) is not None, session.seen)
    session.send("x")
    again = session.expect("reset the board\r\n", 20)
    tap.check("and says so again at a key", again and "spiram cell 0x90112345 bit 2 stuck at 1" in again, again)
    session.close()


def soft_reset():
    """A chip that failed is noticed at the next soft reset, when nothing in it is alive."""
    prompt = run("--stats=json", "--limit", "30").stats["virtual_time"]
    ask = "import gc; gc.mem_free() < 1 << 20"
    # A moment later the test of the soft reset is at work.
    result = run("--fault", "drop-qpi:%dus" % ((prompt + 0.02) * 1e6), "--limit", "30", stdin="\x04%s\n\x04%s\n" % (ask, ask))
    failed = ("MPY: soft reboot\n(%s)?spiram chip left four-line mode\nspiram not used, heap in AXI SRAM\nMicroPython v" %
              "spiram memtest.*\n")
    tap.check("soft reset: the chip has failed", len(re.findall(failed, result.out)) == 1, result)
    tap.equal("the heap is elsewhere, at the next soft reset as well", [answer for line, answer in replies(result) if line == ask], ["True\n"] * 2)
    good = run("--limit", "30", "--stats=json", stdin="\x04import gc; gc.mem_free() > 8000000\n")
    tap.check("soft reset: a good chip is used again, without a word",
              dict(replies(good)).get("import gc; gc.mem_free() > 8000000") == "True\n" and
              "MPY: soft reboot\nMicroPython v" in good.out, good)


def without_the_heap():
    """A chip that failed at the start can be tested in full: its content does not matter."""
    result = run(*SMALL, "--fault", "cell:0.3=1", "--limit", "60",
                 stdin="import spiram\nspiram.memtest('march')\nspiram.memtest('retention', offset=65536, length=65536, quiet=True)\n6 * 7\n")
    answers = dict(replies(result))
    tap.check("a fault raises", "OSError: [Errno 5] EIO: spiram cell 0x90000000 bit 3 stuck at 1\n" in answers.get("spiram.memtest('march')", ""), result)
    tap.equal("retention of a good part", answers.get("spiram.memtest('retention', offset=65536, length=65536, quiet=True)"), "True\n")
    tap.check("and Python goes on", answers.get("6 * 7") == "42\n" and result.out.endswith(PROMPT), result)


keeps_the_heap()
by_name_and_range()
refuses()
stops()
message_comes_again()
soft_reset()
without_the_heap()
sys.exit(tap.done())
