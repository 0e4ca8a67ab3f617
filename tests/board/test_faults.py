#!/usr/bin/env python3
"""Each fault of --faults, met by our firmware: it says what it saw, and there is a REPL all the same. vboard does its part."""

import re
import sys

from vboard import PROMPT, VBOARD_ASAN, Tap, replies, run

tap = Tap()

EID = "0d 5d 52 a2 64 31 91 31"
EID_16 = EID.replace("52", "12")
SILENT = "ff " * 7 + "ff"

# What the firmware says. Where the fault is random or its place follows from the code of the test, a pattern.
NO_CHIP = "spiram no chip found"
NARROW = "spiram one-line mode works, four-line mode does not, check IO2 and IO3"
WORD = "spiram memtest%s fail, address 0x%s written 0x[0-9a-f]+ read 0x[0-9a-f]+"
ANY_WORD = WORD % ("(8|16|32)", "90[0-9a-f]{6}")
# The search for a bad line that follows a wrong word may meet the same random fault again, and blame a line for it.
RANDOM = ANY_WORD + "(\nspiram (data|address) bits? .*)?"
PASS = "spiram memtest pass"

# A chip of 2 MB is tested in a quarter of the time, so faults that need the memory test come with one.
SMALL = "density:16"

# Faults, the ID that is shown (pattern), what else is said (pattern).
TABLE = (
    # The wires; all IO lines in all ways: test_boot.py.
    (["stuck:io2=0"], EID, NARROW),
    (["short:io2,io3"], EID, NARROW),
    (["swap:io2,io3"], EID, NARROW),
    (["open:io3"], EID, NARROW),
    (["stuck:clk=0"], SILENT, NO_CHIP),
    (["stuck:clk=1"], SILENT, NO_CHIP),
    (["open:clk"], SILENT, NO_CHIP),
    (["stuck:ncs=0"], SILENT, NO_CHIP),
    (["stuck:ncs=1"], SILENT, NO_CHIP),
    (["open:ncs"], SILENT, NO_CHIP),
    (["lose-ncs:1"], SILENT, NO_CHIP),
    (["lose-ncs:1e-3", SMALL], EID_16, RANDOM),
    (["slow-clock:1"], SILENT, NO_CHIP),
    (["slow-clock:1e-5", SMALL], EID_16, RANDOM),
    (["noise:1"], "f2 a2 ad 5d 9b ce 6e ce", "spiram unknown chip id"),
    (["noise:0.3"], "[0-9a-f ]{23}", "spiram id reads differ, bad connection"),
    (["noise:1e-5", SMALL], EID_16, RANDOM),
    # Address lines within the chip. Of two lines of the cache that go to one place, the random victims of the cache decide
    # which one is written last, and so which word is the first wrong one.
    (["address:stuck:A13=0", SMALL], EID_16, WORD % ("8", "900000[0-9a-f]{2}") + "\nspiram address bit A13 stuck"),
    (["address:stuck:A20=1", SMALL], EID_16, WORD % ("8", "90[0-9a-f]{6}") + "\nspiram address bit A20 stuck"),
    (["address:short:A5,A6", SMALL], EID_16, WORD % ("8", "900000[0-9a-f]{2}") + "\nspiram address bits A5 and A6 shorted"),
    (["address:swap:A3,A7", SMALL], EID_16, PASS),
    # Cells.
    (["flips:1e-3", SMALL], EID_16, RANDOM),
    (["flips:1e-6", SMALL], EID_16, RANDOM),
    (["weak-row:0x12345", SMALL], EID_16, WORD % ("8", "90012[0-3][0-9a-f]{2}")),
    (["cell:0x12345.3=0", SMALL], EID_16, WORD % ("(8|16|32)", "9001234[45]")),
    (["cell:0x1fffdf.7=1", SMALL], EID_16, WORD % ("(8|16|32)", "901fffd[cef]")),
    # The chip.
    (["missing"], SILENT, NO_CHIP),
    (["kgd"], EID.replace("5d", "55"), "spiram chip reports failed die"),
    ([SMALL], EID_16, PASS),
    (["density:32"], EID.replace("52", "32"), PASS),
    (["density:128"], EID.replace("52", "72"), "spiram unknown chip size"),
    (["drop-qpi:0.2", SMALL], EID_16, ANY_WORD + "\nspiram data bit D0 stuck at 1"),
)
SIZES = {SMALL: 2 << 20, "density:32": 4 << 20}
SRAM = 1 << 20

ASK = "6 * 7\nimport gc; gc.collect(); gc.mem_free()\n"


def options(faults):
    return [word for fault in faults for word in ("--fault", fault)]


def meets(faults, eid, said, which="", **arguments):
    """A boot with these faults: exactly these lines, then a REPL that works, with the heap where it should be."""
    result = run(*options(faults), "--limit", "30", stdin=ASK, **arguments)
    passes = said == PASS
    expected = "spiram eid %s\n%s\n%s" % (eid, said, "" if passes else "spiram not used, heap in AXI SRAM\n")
    answers = dict(replies(result))
    free = int(answers.get("import gc; gc.collect(); gc.mem_free()", "0").strip() or 0)
    size = next((SIZES[fault] for fault in faults if fault in SIZES), 8 << 20) if passes else SRAM
    good = (
        result.status == 0
        and re.fullmatch(expected, result.out.partition("MicroPython v")[0])
        and answers.get("6 * 7") == "42\n"
        and 0.85 * size < free < size
    )
    tap.check(" ".join(faults) + which, good, result)


def table():
    for faults, eid, said in TABLE:
        meets(faults, eid, said)


def with_sanitizers():
    """Those that show before the memory test, for which that vboard is too slow."""
    for faults, eid, said in TABLE:
        if SMALL not in faults and said != PASS:
            meets(faults, eid, said, ", with sanitizers", vboard=VBOARD_ASAN)


def is_all_named():
    """No fault of the list is missing from the table."""
    known = re.findall(r"^[a-z][a-z:-]*[a-z]", run("--faults", firmware=None).out, re.MULTILINE)
    met = {fault.rpartition(":")[0] or fault for faults, _, _ in TABLE for fault in faults}
    tap.equal("every fault is met", sorted(known), sorted(met))


def follows_the_seed():
    """Same seed: same run to the last cycle. Another: other places."""
    def once(seed):
        result = run("--fault", "noise:1e-5", "--fault", SMALL, "--seed", seed, "--limit", "30", "--stats=json", stdin=ASK)
        return result.out, result.stats.get("cycles"), result.stats.get("psram_frames")

    first = once("7")
    tap.check("a seed's run", re.search(ANY_WORD, first[0]), first)
    tap.equal("is the same again", once("7"), first)
    tap.check("another seed's is not", once("8")[0] != first[0])


# A program that keeps the memory at work, until what it runs on is gone. It must not sleep: while the board sleeps, the lines
# that follow would be typed ahead, and a reset would lose them.
WORK = """import time
b = bytearray(500000)
while time.ticks_ms() < 6000:
    for i in range(0, len(b), 501): b[i] = i * 7 & 255
    bad = sum(b[i] != i * 7 & 255 for i in range(0, len(b), 501))
    l = [str(i) for i in range(500)]

6 * 7
6 * 7
"""
REPORT = re.compile(r"\n(HardFault|MemManage fault|BusFault|UsageFault)\n.*\nresetting\nfault: the last run ended with \1.*\n"
                    r"spiram eid %s\n%s\n" % (EID_16, PASS), re.DOTALL)
RAISED = re.compile(r"^[A-Z]\w+(Error|Exception|Interrupt)\b", re.MULTILINE)


def drops_out():
    """
    The heap is gone in mid-run, with the interpreter's own objects. What becomes of that depends on where it is just then:
    a fault report, a reset that repairs the chip's mode, and a good memory; or an exception. The REPL is back in either case.
    """
    for at in ("1.5", "1.52", "1.6"):
        result = run(*options([SMALL, "drop-qpi:" + at]), "--limit", "20", stdin=WORK)
        # An interpreter that has lost its objects may fall over its next line, too: the last one counts.
        answers = [answer for line, answer in replies(result) if line == "6 * 7"]
        seen = REPORT.search(result.out) or RAISED.search(result.out)
        good = result.status == 0 and seen and answers and answers[-1] == "42\n"
        tap.check("out of QPI mode at %s s" % at, good and result.out.endswith(PROMPT), result)


table()
with_sanitizers()
is_all_named()
follows_the_seed()
drops_out()
sys.exit(tap.done())
