#!/usr/bin/env python3
"""Each fault of --faults, met by our firmware: it says what it saw, and there is a REPL all the same. vboard does its part."""

import re
import sys

from vboard import FULL_TEST, PROMPT, VBOARD_ASAN, Tap, replies, run

tap = Tap()

EID = "0d 5d 52 a2 64 31 91 31"
EID_16 = EID.replace("52", "12")
SILENT = "ff " * 7 + "ff"

# What the firmware says. Where the fault is random or its place follows from the code of the test, a pattern.
NO_CHIP = "spiram no chip found"
NARROW = "spiram one-line mode works, four-line mode does not, check IO2 and IO3\nspiram "
WORD = "spiram memtest%s fail, address 0x%s written 0x[0-9a-f]+ read 0x[0-9a-f]+\n"
ANY_WORD = WORD % ("(8|16|32)", "90[0-9a-f]{6}")
# No line and no cell is blamed for what comes and goes. The walk over the lines may be the first to see it.
RANDOM = "(%s)?spiram errors without pattern, [0-9]+ reads and [0-9]+ writes wrong of 1024" % ANY_WORD
PASS = "spiram memtest pass"

# A chip of 2 MB is tested in a quarter of the time, so faults that need the full memory test come with one.
SMALL = "density:16"

# Faults, the ID that is shown (pattern), what else is said (pattern). The quick test of every start finds them.
TABLE = (
    # The wires; all IO lines in all ways: test_boot.py.
    (["stuck:io2=0"], EID, NARROW + "IO2 stuck at 0"),
    (["short:io2,io3"], EID, NARROW + "IO2 and IO3 shorted"),
    (["swap:io2,io3"], EID, NARROW + "IO2 and IO3 exchanged"),
    (["open:io3"], EID, NARROW + "IO3 stuck at 1, or open"),
    (["stuck:clk=0"], SILENT, NO_CHIP),
    (["stuck:clk=1"], SILENT, NO_CHIP),
    (["open:clk"], SILENT, NO_CHIP),
    (["stuck:ncs=0"], SILENT, NO_CHIP),
    (["stuck:ncs=1"], SILENT, NO_CHIP),
    (["open:ncs"], SILENT, NO_CHIP),
    (["lose-ncs:1"], SILENT, NO_CHIP),
    (["lose-ncs:1e-3"], EID, RANDOM),
    (["slow-clock:1"], SILENT, NO_CHIP),
    (["slow-clock:1e-5"], EID, RANDOM),
    (["noise:1"], "f2 a2 ad 5d 9b ce 6e ce", "spiram unknown chip id"),
    (["noise:0.3"], "[0-9a-f ]{23}", "spiram id reads differ, bad connection"),
    (["noise:1e-5"], EID, RANDOM),
    # Address lines within the chip.
    (["address:stuck:A0=0"], EID, "spiram address bit A0 stuck"),
    (["address:stuck:A3=1"], EID, "spiram address bit A3 stuck"),
    (["address:stuck:A13=0"], EID, "spiram address bit A13 stuck"),
    (["address:stuck:A20=1"], EID, "spiram address bit A20 stuck"),
    (["address:stuck:A22=0"], EID, "spiram address bit A22 stuck, or the chip is smaller than its id says"),
    (["address:short:A0,A1"], EID, "spiram address bits A0 and A1 shorted"),
    (["address:short:A5,A6"], EID, "spiram address bits A5 and A6 shorted"),
    (["address:short:A4,A22"], EID, "spiram address bits A4 and A22 shorted"),
    (["address:swap:A3,A7"], EID, PASS),
    # Cells that the walks or the pages happen to use.
    (["flips:1e-3"], EID, RANDOM),
    (["cell:0.3=1"], EID, "spiram cell 0x90000000 bit 3 stuck at 1"),
    (["cell:0x1000.3=0"], EID, "spiram cell 0x90001000 bit 3 stuck at 0"),
    # The chip.
    (["missing"], SILENT, NO_CHIP),
    (["kgd"], EID.replace("5d", "55"), "spiram chip reports failed die"),
    ([SMALL], EID_16, PASS),
    (["density:32"], EID.replace("52", "32"), PASS),
    (["density:128"], EID.replace("52", "72"), PASS),
    # A good chip of 32 Mbit whose ID looks like that of a trial part of 64.
    (["density:32", "--psram", "ly68l6400"], "0d 5d 26 1b 70 2c 05 d9", PASS),
    (["density:16", "address:short:A9,A10"], EID_16, "spiram address bits A9 and A10 shorted"),
)

# What needs each cell to be looked at, met by the firmware that does so at each start.
FULL_TABLE = (
    (["flips:1e-6", SMALL], EID_16, RANDOM),
    (["noise:1e-6", SMALL], EID_16, RANDOM),
    (["weak-row:0x12345", SMALL], EID_16, WORD % ("(8|16|32)", "90012[0-3][0-9a-f]{2}") +
     "spiram cell 0x90012[0-3][0-9a-f]{2} bit [0-7] loses a 1 within 100 ms"),
    (["weak-row:0x1ffc00", SMALL], EID_16, WORD % ("(8|16|32)", "901ff[c-f][0-9a-f]{2}") +
     "spiram cell 0x901ff[c-f][0-9a-f]{2} bit [0-7] loses a 1 within 100 ms"),
    (["cell:0x12345.3=0", SMALL], EID_16, WORD % ("(8|16|32)", "9001234[45]") + "spiram cell 0x90012345 bit 3 stuck at 0"),
    (["cell:0x12345.3=1", SMALL], EID_16, WORD % ("(8|16|32)", "9001234[45]") + "spiram cell 0x90012345 bit 3 stuck at 1"),
    (["cell:0x1fffdf.7=1", SMALL], EID_16, WORD % ("(8|16|32)", "901fffd[cef]") + "spiram cell 0x901fffdf bit 7 stuck at 1"),
    (["drop-qpi:0.2", SMALL], EID_16, ANY_WORD + "spiram chip left four-line mode"),
    ([SMALL], EID_16, PASS),
)
SIZES = {SMALL: 2 << 20, "density:32": 4 << 20, "density:128": 16 << 20}
SRAM = 1 << 20

ASK = "6 * 7\nimport gc; gc.collect(); gc.mem_free()\n"


def options(faults):
    """--fault before each; from the first "--" on as they are."""
    plain = next((n for n, word in enumerate(faults) if word.startswith("--")), len(faults))
    return [word for fault in faults[:plain] for word in ("--fault", fault)] + faults[plain:]


def meets(faults, eid, said, which="", **arguments):
    """A boot with these faults: exactly these lines, then a REPL that works, with the heap where it should be."""
    result = run(*options(faults), "--limit", "60", stdin=ASK, **arguments)
    passes = said == PASS
    expected = "spiram eid %s\n%s\n%s" % (eid, said, "" if passes else "spiram not used, heap in AXI SRAM\n")
    answers = dict(replies(result))
    free = int(answers.get("import gc; gc.collect(); gc.mem_free()", "0").strip() or 0)
    size = next((SIZES[fault] for fault in faults if fault in SIZES), 8 << 20) if passes else SRAM
    good = (
        result.status == 0
        and re.fullmatch(expected, result.out.partition("MicroPython v")[0])
        and answers.get("6 * 7") == "42\n"
        and 0.85 * size < free < size + (passes and SRAM)
    )
    tap.check(" ".join(faults) + which, good, result)


def table():
    for faults, eid, said in TABLE:
        meets(faults, eid, said)


def full_table():
    for faults, eid, said in FULL_TABLE:
        meets(faults, eid, said, ", full test", firmware=FULL_TEST)


def with_sanitizers():
    """Those that show before the memory test, for which that vboard is too slow."""
    for faults, eid, said in TABLE:
        if said in (NO_CHIP,) or said.startswith(NARROW):
            meets(faults, eid, said, ", with sanitizers", vboard=VBOARD_ASAN)


def is_all_named():
    """No fault of the list is missing from the table. Those of flash and card: test_storage.py, test_sdcard.py, soc-flash_ecc."""
    known = re.findall(r"^[a-z][a-z:-]*[a-z]", run("--faults", firmware=None).out, re.MULTILINE)
    met = {fault.rpartition(":")[0] or fault for faults, _, _ in TABLE + FULL_TABLE for fault in faults
           if fault[0] != "-" and fault != "ly68l6400"}
    tap.equal("every fault is met", sorted(set(known) - {"flash", "sd-crc", "sd-busy"}), sorted(met))


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
        # Or it falls over the last line, and nothing is typed after that.
        reset = list(REPORT.finditer(result.out))
        back = answers and (answers[-1] == "42\n" or (reset and "6 * 7" not in result.out[reset[-1].end():]))
        good = result.status == 0 and seen and back
        tap.check("out of QPI mode at %s s" % at, good and result.out.endswith(PROMPT), result)


table()
full_table()
with_sanitizers()
is_all_named()
follows_the_seed()
drops_out()
sys.exit(tap.done())
