#!/usr/bin/env python3
"""docs/hardware.md: its check-list is typed into the board as it stands there and must be answered as it says; its pictures
are those of this firmware."""

import os
import re
import subprocess
import sys
from doctest import ELLIPSIS, OutputChecker

from vboard import ROOT, TEMP, Tap, path, replies, strict

tap = Tap()
matches = OutputChecker().check_output

with open(os.path.join(ROOT, "docs/hardware.md"), encoding="utf-8") as source:
    document = source.read()


def transcripts():
    """What is typed with what is expected, and the lines of the start: from the indented blocks of the check-list."""
    start, typed = [], []
    check_list = document.partition("\n## Check-list\n")[2].partition("\n## ")[0]
    for line in re.findall(r"^ {8}(.*)$", check_list, re.MULTILINE):
        if line.startswith(">>>"):
            if line[4:]:
                typed.append([line[4:], ""])
        elif not typed:
            start.append(line)
        elif line.startswith("...") and typed[-1][1] == "" and not line.startswith("...."):
            typed[-1][0] += "\n" + line[4:]
        else:
            typed[-1][1] += line + "\n"
    return start, typed


start, typed = transcripts()
result = strict(stdin="".join(line + "\n" for line, _ in typed))
tap.equal("no complaint, all is read", result.status, 0)
tap.check("the lines of the start", matches("".join(line + "\n" for line in start), result.out.partition(">>> ")[0], ELLIPSIS), result)
answers = replies(result)[: len(typed)]
tap.check("the check-list has been found", len(typed) > 15 and len(answers) == len(typed), (len(typed), len(answers)))
for (line, expected), (echo, answer) in zip(typed, answers):
    answer = "".join(part for part in answer.splitlines(True) if not part.startswith("... "))
    first = line.partition("\n")[0]
    tap.check(first, echo == first and matches(expected, answer, ELLIPSIS), "expected %r\n     got %r" % (expected, answer))

recording = path("start.vcd")
strict("--vcd", recording, "--limit", "3ms")
drawn = subprocess.run([sys.executable, os.path.join(ROOT, "tools/waves.py"), recording, TEMP], capture_output=True, text=True)
tap.equal("the pictures can be drawn", (drawn.returncode, drawn.stderr), (0, ""))
pictures = re.findall(r"\(pictures/(wave-\w+\.svg)\)", document)
tap.equal("and all are in the document", sorted(pictures), sorted(n for n in os.listdir(TEMP) if n.startswith("wave-")))
for name in pictures:
    with open(os.path.join(TEMP, name), encoding="utf-8") as new, open(os.path.join(ROOT, "docs/pictures", name), encoding="utf-8") as old:
        tap.check(name + " is as it stands there (else: make waves)", new.read() == old.read())

# Commands and files that the document names exist.
with open(os.path.join(ROOT, "Makefile"), encoding="utf-8") as source:
    makefile = source.read()
goals = set(re.findall(r"`(?:[^`\n]*\n?)?make ([\w-]+)", document)) | set(re.findall(r"^ +make ([\w-]+)", document, re.MULTILINE))
known = makefile
for part in ("firmware/firmware.mk", "firmware/hazards/hazards.mk", "tests/tests.mk"):
    with open(os.path.join(ROOT, part), encoding="utf-8") as source:
        known += source.read()
tap.equal("its goals of make exist", [g for g in goals if not re.search(r"^(?:[\w -]*\s)?%s(?:\s[\w -]*)?:" % re.escape(g), known, re.MULTILINE)], [])
links = [link for link in re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", document)]
tap.equal("its links lead somewhere", [n for n in links if not os.path.exists(os.path.join(ROOT, "docs", n))], [])
sys.exit(tap.done())
