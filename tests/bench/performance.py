"""`make performance`: what each heap policy costs and gains, in the virtual time of the board, written into a page of docs/.

usage: performance.py PAGE.md

The tables go between the markers of PAGE.md; the figures to BUILD/performance.json. "plain" is a firmware whose heap is what
MicroPython makes of the PSRAM by itself: one area, its tables inside, swept block by block.

In the environment: BUILD, MPY_DIR, VBOARD, FIRMWARE (the board's), PLAIN (the same, built with HEAP_PLAIN=1).
"""

import glob
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.environ["MPY_DIR"] + "/tests/perf_bench"
BEGIN, END = "<!-- performance:begin -->\n", "<!-- performance:end -->\n"
COLUMNS = ("plain", "psram", "split", "internal")
# What run-perfbench.py calls N and M: a processor of 100 MHz with 100 KB of heap. Larger ones take minutes of virtual time.
SIZE = (100, 100)

GC_ROWS = (
    ("free", "`gc.mem_free()` of an empty heap, bytes"),
    ("empty", "`gc.collect()`, empty heap"),
    ("lists", "full of lists of 16 pointers"),
    ("garbage", "the same lists, none of them reachable"),
    ("buffers", "full of buffers of 64 KB"),
    ("buffer", "one buffer as large as the heap"),
    ("floats", "100,000 floats, each forgotten at once"),
    ("pairs", "100,000 lists of one, each forgotten at once"),
    ("floats_behind", "20,000 floats behind 40,000 lists that stay"),
    ("pairs_behind", "20,000 lists of one behind 40,000 lists that stay"),
)


class Failed(Exception):
    pass


def run(column, scripts):
    """What each of the scripts prints, each after a soft reset, in one run of the board."""
    policy = "psram" if column == "plain" else column
    typed = "import spiram; spiram.heap('%s')\r\x04" % policy
    typed += "\x04".join("\x01%s\x04\x02" % script for script in scripts)
    firmware = os.environ["PLAIN" if column == "plain" else "FIRMWARE"]
    done = subprocess.run([os.environ["VBOARD"], "--strict", firmware], input=typed.encode(), capture_output=True)
    # Raw REPL: "OK", what was printed, Ctrl-D, what was raised, Ctrl-D.
    found = re.findall(rb">OK([^\x04]*)\x04([^\x04]*)\x04", done.stdout)
    if done.returncode != 0 or len(found) != len(scripts):
        raise Failed("%s: status %d, %d of %d scripts\n%s%s" % (column, done.returncode, len(found), len(scripts),
                                                              done.stdout.decode("latin-1")[-2000:], done.stderr.decode()))
    return [(out.decode().replace("\r\n", "\n"), error.decode()) for out, error in found]


def measure_heap():
    with open(HERE + "/heap.py") as f:
        script = f.read()
    figures = {}
    for column in COLUMNS:
        out, error = run(column, [script])[0]
        if error:
            raise Failed("%s: %s" % (column, error))
        figures[column] = {name: float(value) for name, value in (line.split() for line in out.splitlines())}
    return figures


def measure_benchmarks():
    """{name: {column: milliseconds}} of those that run here; the others want a file system or more memory."""
    with open(BENCH + "/benchrun.py") as f:
        tail = f.read() + "\nbm_run(%d, %d)\n" % SIZE
    names, scripts = [], []
    for path in sorted(glob.glob(BENCH + "/*_*.py")):
        with open(path) as f:
            scripts.append(f.read() + tail)
        names.append(os.path.basename(path)[:-3])
    times, results, left_out = {}, {}, {}
    for column in COLUMNS:
        for name, (out, error) in zip(names, run(column, scripts)):
            words = out.split(None, 2)
            if error or len(words) < 3 or int(words[0]) < 0:
                left_out[name] = error.strip().splitlines()[-1] if error else out.strip()
                continue
            times.setdefault(name, {})[column] = int(words[0]) / 1000
            if results.setdefault(name, words[2]) != words[2]:
                raise Failed("%s: another result with %s" % (name, column))
    return {name: row for name, row in times.items() if len(row) == len(COLUMNS)}, left_out


def number(value):
    if value >= 10000:
        return "{:,.0f}".format(value)
    return "%.0f" % value if value >= 100 else "%.1f" % value if value >= 10 else "%.2f" % value


def table(title, rows):
    lines = ["| %s | %s |" % (title, " | ".join(COLUMNS)), "|---|" + "--:|" * len(COLUMNS)]
    lines += ["| %s | %s |" % (name, " | ".join(number(value) for value in values)) for name, values in rows]
    return "\n".join(lines) + "\n"


def page(heap, benchmarks, left_out):
    parts = [table("ms of virtual time", [(text, [heap[c][name] for c in COLUMNS]) for name, text in GC_ROWS])]
    rows = [("`%s`" % name, [row[c] for c in COLUMNS]) for name, row in sorted(benchmarks.items())]
    ratios = {c: 1.0 for c in COLUMNS}
    for row in benchmarks.values():
        for c in COLUMNS:
            ratios[c] *= (row[c] / row["plain"]) ** (1 / len(benchmarks))
    rows.append(("geometric mean, of plain", [ratios[c] for c in COLUMNS]))
    parts.append(table("`perf_bench` %d %d, ms of virtual time" % SIZE, rows))
    if left_out:
        parts.append("Left out: %s.\n" % "; ".join("`%s` (%s)" % item for item in sorted(left_out.items())))
    return "\n".join(parts)


def main():
    path = sys.argv[1]
    try:
        heap = measure_heap()
        benchmarks, left_out = measure_benchmarks()
    except Failed as failed:
        sys.exit("performance: %s" % failed)
    tables = page(heap, benchmarks, left_out)
    print(tables, end="")
    with open(os.environ["BUILD"] + "/performance.json", "w") as f:
        json.dump({"heap": heap, "perf_bench": benchmarks}, f, indent=2)
        f.write("\n")
    with open(path) as f:
        before, _, rest = f.read().partition(BEGIN)
    _, _, after = rest.partition(END)
    with open(path, "w") as f:
        f.write(before + BEGIN + "\n" + tables + "\n" + END + after)


main()
