#!/usr/bin/env python3
"""Power fails while files are written, appended to, renamed and removed: whatever the moment, the board starts again, the file
under work has its old or its new content, and every other file has what it had.

test_powercut.py [CUTS [SEED]]. Each run is one board with some dozens of cuts, each at a random place in a random operation of
the flash. What the files should hold is kept here, from what the board said on its terminal before and after each step."""

import os
import random
import re
import shutil
import sys

from vboard import QUICK, Tap, path, run

CUTS_PER_RUN = 25

MAIN = """
import os, time

def draw(n):
    return int.from_bytes(os.urandom(3), 'little') % n

def say(*what):
    print(*what)
    time.sleep_ms(5)    # until it is on the wire

def segment():
    v = draw(1000000)
    n = draw(100) if draw(3) else draw(9000)
    return v, b'%06d%06d' % (v, n) + bytes([v & 255]) * n

def versions(name):
    found = []
    with open(name, 'rb') as f:
        while True:
            head = f.read(12)
            if not head:
                return found
            v, n = int(head[:6]), int(head[6:])
            if f.read(n) != bytes([v & 255]) * n:
                raise ValueError('content')
            found.append(v)

names = ['a', 'b', 'c', 'd/e', 'd/f', 'd/g/h']
try:
    os.mkdir('d')
    os.mkdir('d/g')
except OSError:
    pass
try:
    os.mkdir('d/g')
except OSError:
    pass
print()
print('START')
for folder in ('', 'd/', 'd/g/'):
    for entry in os.ilistdir(folder or '.'):
        if entry[1] == 0x8000 and entry[0] != 'main.py':
            print('FILE', folder + entry[0], *versions(folder + entry[0]))
say('LISTED')
for step in range(40):
    name = names[draw(len(names))]
    kind = draw(8)
    there = True
    try:
        os.stat(name)
    except OSError:
        there = False
    if kind == 0 and there:
        say('REMOVE', name)
        os.remove(name)
    elif kind == 1 and there:
        to = names[draw(len(names))]
        say('RENAME', name, to)
        os.rename(name, to)
    elif kind < 4:
        v, data = segment()
        say('APPEND', name, v)
        with open(name, 'ab') as f:
            f.write(data)
    else:
        v, data = segment()
        say('WRITE', name, v)
        with open(name, 'wb') as f:
            f.write(data)
    say('DONE')
"""


class Files:
    """What the files may hold: one state, or two while a step is under way."""

    def __init__(self):
        self.possible = [{}]

    def begin(self, words):
        now = self.possible[0]
        then = dict(now)
        if words[0] == "WRITE":
            then[words[1]] = (words[2],)
        elif words[0] == "APPEND":
            then[words[1]] = now.get(words[1], ()) + (words[2],)
        elif words[0] == "REMOVE":
            del then[words[1]]
        elif words[1] != words[2]:
            then[words[2]] = then.pop(words[1])
        self.possible = [now, then]
        # Opening a file for writing makes it, or, of one that is there, changes nothing until it is closed.
        if words[0] in ("WRITE", "APPEND") and words[1] not in now:
            self.possible.append({**now, words[1]: ()})

    def done(self):
        self.possible = [self.possible[1]]

    def found(self, listing):
        """Whether that is one of the possible states; the only one from now on."""
        good = listing in self.possible
        self.possible = [listing]
        return good


def follow(files, out):
    """Reads what the board said; returns what is wrong, and how often it started."""
    wrong, starts, listing = [], 0, None
    for line in out.split("\n"):
        # A cut may have taken the end of a line, and the next start begins behind what was there.
        words = line.split()
        if line == "START":
            starts, listing = starts + 1, {}
        elif line.startswith("FILE ") and listing is not None:
            listing[words[1]] = tuple(words[2:])
        elif line == "LISTED" and listing is not None:
            possible = files.possible
            if not files.found(listing):
                wrong.append("start %d: %s, not one of %s" % (starts, listing, possible))
            listing = None
        elif re.fullmatch(r"(WRITE|APPEND|RENAME) \S+ \S+|REMOVE \S+", line):
            files.begin(words)
        elif line == "DONE":
            files.done()
        elif "Traceback" in line or "Error" in line or line.startswith("flash:") or "Fault" in line:
            wrong.append("start %d: %s" % (starts, line))
    return wrong, starts


def one_run(number, rand, flash):
    """[what is wrong], cuts made."""
    options = []
    for _ in range(CUTS_PER_RUN):
        options += ["--power-cut", "flash:%d" % int(2 ** rand.uniform(0, 10))]
    for suffix in ("", ".ecc"):
        if os.path.exists(flash + suffix):
            os.remove(flash + suffix)
    result = run(*QUICK, "--flash", flash, script="with open('main.py', 'w') as f: f.write(%r)" % MAIN)
    if result.status != 0:
        return ["no file system: %s" % result], 0
    # What the first start lists is nothing but main.py.
    result = run(*QUICK, "--flash", flash, "--seed", str(rand.randrange(1 << 32)), *options, timeout=300)
    cuts = result.err.count("power cut at")
    wrong, starts = follow(Files(), result.out)
    if starts < 1 + cuts - listed_twice(result.out):
        wrong.append("%d starts after %d cuts" % (starts, cuts))
    if result.status != 0:
        wrong.append("ended with %s" % result)
    if wrong:
        with open(path("run-%d.out" % number), "w") as kept:
            kept.write(result.out + "\n---\n" + result.err)
        shutil.copy(flash, path("run-%d.flash" % number))
    return wrong, cuts


def listed_twice(out):
    """Cuts that came before the board had said START: while it made its directories."""
    return max(0, out.count("spiram no chip found") - out.count("\nSTART\n"))


def main():
    tap = Tap()
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    rand = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    cuts, wrong, number = 0, [], 0
    while cuts < wanted and not wrong:
        bad, made = one_run(number, rand, path("flash.bin"))
        wrong += bad
        cuts += made
        number += 1
        if made == 0:
            break
    tap.check("%d power cuts in %d runs: no file lost, the board starts" % (cuts, number), not wrong and cuts >= wanted,
              "\n".join(wrong)[:4000])
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
