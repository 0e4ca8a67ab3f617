"""The core's instruction set against the disassembler's; prints TAP.

usage: encodings.py DIFFER CROSS_COMPILE [COUNT [SEED]]

DIFFER is the differential test's program (tests/cpu/differ.c). COUNT random 32-bit encodings (default 200000) and all
16-bit ones are disassembled, and judged by our core.
"""

import random
import re
import subprocess
import sys
import tempfile

# What the differential test makes in its program generator (tests/cpu/program.c), because it needs a target or a partner.
CONDITIONS = "eq ne cs cc mi pl vs vc hi ls ge lt gt le".split()
MADE_BY_GENERATOR = "b bl blx bx cbz cbnz tbb tbh ldrex ldrexb ldrexh strex strexb strexh clrex".split() \
    + ["b" + condition for condition in CONDITIONS]

# What stops, waits, or leaves the program: tests/cpu/system runs these.
RUN_BY_SYSTEM_TESTS = "svc bkpt wfi wfe".split()

# Hints that do nothing on this core (DDI0403E A5.2.5, A5.3.4; A5.3.8: unallocated memory hints).
HINTS = "yield sevl pldw".split()

FAULTS = ("undefined", "no coprocessor")


def name_of(text):
    """The instruction's name without width and type."""
    return text.split("\t")[0].split(".")[0].strip()


def disassemble(cross, codes):
    """The text of each encoding; a code is a string of four or eight hexadecimal digits."""
    lines = [".syntax unified", ".cpu cortex-m7", ".fpu fpv5-d16", ".thumb"]
    lines += [".inst.%s 0x%s" % ("n" if len(code) == 4 else "w", code) for code in codes]
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/a.s", "w") as out:
            out.write("\n".join(lines) + "\n")
        subprocess.run([cross + "as", "-o", folder + "/a.o", folder + "/a.s"], check=True)
        listing = subprocess.run([cross + "objdump", "-d", folder + "/a.o"], check=True, capture_output=True,
                                 text=True).stdout
    texts = re.findall(r"^ *[0-9a-f]+:\t[0-9a-f ]+\t(.*)$", listing, re.M)
    if len(texts) != len(codes):
        sys.exit("%d lines of disassembly for %d encodings" % (len(texts), len(codes)))
    return texts


def judge(differ, codes):
    out = subprocess.run([differ, "--judge"], input="\n".join(codes) + "\n", check=True, capture_output=True,
                         text=True).stdout
    verdicts = out.splitlines()
    if len(verdicts) != len(codes):
        sys.exit("the core judged %d of %d encodings" % (len(verdicts), len(codes)))
    return verdicts


def table(differ):
    """(row, names, code) of encodings that the differential test draws from its table; code is None if it made none."""
    out = subprocess.run([differ, "--list-encodings"], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        row, names, code = line.split("\t")
        yield row, names.split("|"), code.split("0x")[1] if "0x" in code else None


def space(count, seed):
    """All 16-bit encodings but IT, which is a prefix of what follows; and random 32-bit ones."""
    rng = random.Random(seed)
    codes = ["%04x" % code for code in range(0xE800) if not (code >> 8 == 0xBF and code & 15)]
    for _ in range(count):
        second = rng.getrandbits(16)
        if rng.random() < 0.5: # near coprocessors 10 and 11, and the values of fixed fields
            second = rng.choice([0x0A00, 0x0B00, 0xF000, 0x8000]) ^ second & rng.getrandbits(16)
        codes.append("%04x%04x" % (rng.randrange(0xE800, 0x10000), second))
    return codes


def main(differ, cross, count="200000", seed="1"):
    rows = list(table(differ))
    made = [row for row in rows if row[2]]
    texts = disassemble(cross, [code for _, _, code in made])
    results = [("%d rows of the table make %d encodings" % (len({row for row, _, _ in rows}), len(made)),
                [row for row, _, code in rows if not code]),
               ("each is what the disassembler says",
                ["%s is made as %s, %s" % (row, code, text) for (row, names, code), text in zip(made, texts)
                 if not any(text.startswith(name) for name in names)]),
               ("the core has each of them",
                ["%s: %s is %s" % (row, code, verdict) for (row, _, code), verdict
                 in zip(made, judge(differ, [code for _, _, code in made])) if verdict in FAULTS])]

    tested = {name_of(text) for text in texts}.union(MADE_BY_GENERATOR, RUN_BY_SYSTEM_TESTS, HINTS)
    codes = space(int(count), int(seed))
    judged = list(zip(codes, disassemble(cross, codes), judge(differ, codes)))
    unknown = [(code, verdict) for code, text, verdict in judged if "undefined" in text.lower()]
    results += [("%d encodings that the disassembler does not know are undefined" % len(unknown),
                 ["%s: %s" % (code, verdict) for code, verdict in unknown if verdict not in FAULTS]),
                ("of %d encodings in all, those that the core runs are under test" % len(codes),
                 ["%s, %s: %s" % (code, text, verdict) for code, text, verdict in judged
                  if verdict not in FAULTS and name_of(text) not in tested])]

    print("1..%d" % len(results))
    for number, (name, wrong) in enumerate(results, 1):
        print("%s %d - %s" % ("not ok" if wrong else "ok", number, name))
        for line in wrong[:20]:
            print("#   " + line)
        if len(wrong) > 20:
            print("#   and %d more" % (len(wrong) - 20))
    return 1 if any(wrong for _, wrong in results) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
