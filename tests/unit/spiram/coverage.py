"""Lines that tests have run, from gcov: a figure a file, and all together. Exit status 1 if that is less than wanted.

usage: coverage.py LEAST_PERCENT FOLDER SOURCE...    FOLDER has the .gcda and .gcno files
"""

import os
import re
import subprocess
import sys


def measure(folder, source):
    """(lines, lines that were run, numbers of those that were not) of one file."""
    name = os.path.splitext(os.path.basename(source))[0]
    shown = subprocess.run(["gcov", "--stdout", os.path.join(folder, name + ".gcda")], capture_output=True, text=True, check=True).stdout
    lines = missed = 0
    numbers = []
    for count, number in re.findall(r"^ *([0-9#=-]+)\*?: *(\d+):", shown, re.MULTILINE):
        if count != "-":
            lines += 1
            if count.startswith(("#", "=")):
                missed += 1
                numbers.append(number)
    return lines, lines - missed, numbers


def main():
    least, folder, sources = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
    total = run = 0
    for source in sources:
        lines, executed, missed = measure(folder, source)
        total += lines
        run += executed
        print("%s %.1f %%%s" % (source, 100 * executed / lines, "  not: " + " ".join(missed) if missed else ""))
    percent = 100 * run / total
    print("firmware/spiram %.1f %% of %d lines" % (percent, total))
    if percent < least:
        sys.exit("coverage: less than %g %%" % least)


main()
