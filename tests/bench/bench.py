"""`make bench`: measures, prints `name value unit` lines, and writes them to a file as one flat JSON object.

usage: bench.py OUT.json [core] [board] [psram]     without a name all parts; OUT.json has the figures of those that ran

Speed is measured as the processor time of an emulator, and told as MIPS and as ratios of the same work in the same run. All
else is in the virtual time of the board, and the same in each run.

In the environment: BUILD, MPY_DIR, VBOARD, FIRMWARE (the board's), AN500 (the folder with firmware and emulators of AN500).
"""

import ast
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

from emulator import MARKS, Emulator, Failed

HERE = os.path.dirname(os.path.abspath(__file__))
AN500 = os.environ["AN500"]
MPY_DIR = os.environ["MPY_DIR"]
VBOARD = os.environ["VBOARD"]
FIRMWARE = os.environ["FIRMWARE"]

ROUNDS = 3
# Benchmarks of MicroPython's own suite, with parameters that give each about the same work.
WORKLOADS = {
    "misc_pystone": "(4000,)",
    "bm_wordcount": "(30,)",
    "bm_nqueens": "(1, 7)",
    "bm_hexiom": "(8, 10, DESCENDING, Done.FIRST_STRATEGY)",
    "bm_pidigits": "(5, 120)",
    "misc_aes": "(8, 64)",
    "bm_float": "(8, 1000)",
    "misc_raytrace": "(18, 18, 2)",
}
# spiram.bench() on the board, at the data sheet's clock and at the one that a search finds: prefix of the figures, what comes
# first, and what is waived of --strict for that (docs/firmware.md).
CLOCKS = (
    ("psram", "", ()),
    ("psram.tuned", "spiram.tune(chip='esp-psram64h')\n", ("--waive", "tCHD", "--waive", "sampling", "--waive", "sampling-margin")),
)
# Of what it returns: key there, name here, unit.
PSRAM = (
    ("read", "read", "MB/s"),
    ("read_of_limit", "read_of_limit", "ratio"),
    ("stream", "write", "MB/s"),
    ("stream_of_limit", "write_of_limit", "ratio"),
    ("write", "write_allocate", "MB/s"),
    ("write_of_limit", "write_allocate_of_limit", "ratio"),
    ("copy", "copy", "MB/s"),
    ("stream_copy", "stream_copy", "MB/s"),
    ("stream_copy_of_limit", "stream_copy_of_limit", "ratio"),
    ("latency", "latency", "ns"),
    ("load32_miss", "load32_miss", "ns"),
    ("store32_miss", "store32_miss", "ns"),
    ("indirect_read", "indirect_read", "MB/s"),
    ("indirect_write", "indirect_write", "MB/s"),
)

figures = {}


def figure(name, value, unit="ratio", digits=2):
    figures[name] = round(value, digits)
    print(name, "%.*f" % (digits, value), unit, flush=True)


# ---- the core, beside other emulators --------------------------------------------------------------------------------


def commands():
    firmware = AN500 + "/firmware.elf"
    return {
        "vboard": [AN500 + "/core", firmware],
        "unicorn": [AN500 + "/unicorn", firmware],
        "qemu": ["qemu-system-arm", "-machine", "mps2-an500", "-display", "none", "-monitor", "none"]
        + ["-serial", "stdio", "-kernel", firmware],
    }


def workload(name, parameters):
    with open("%s/tests/perf_bench/%s.py" % (MPY_DIR, name)) as f:
        return "%s\n%srun, result = bm_setup(%s)\n" % (f.read(), MARKS, parameters)


def compare(name, parameters):
    """(instructions, {emulator: median of seconds}). The emulators take turns; the first turn warms up."""
    seconds = {}
    emulators = [Emulator(*item) for item in commands().items()]
    try:
        for emulator in emulators:
            seconds[emulator.name] = []
            emulator.run(workload(name, parameters))
        for turn in range(1 + ROUNDS):
            printed = set()
            for emulator in emulators:
                taken, out = emulator.time("mark(2)\nrun()\nmark(3)\nprint(result())")
                printed.add(out)
                if emulator.name == "vboard":
                    instructions = emulator.counted()
                if turn > 0:
                    seconds[emulator.name].append(taken)
            if len(printed) != 1:
                raise Failed("%s: the emulators do not agree: %s" % (name, printed))
    finally:
        for emulator in emulators:
            emulator.close()
    return instructions, {name: statistics.median(taken) for name, taken in seconds.items()}


def measure_core():
    instructions = 0
    total = dict.fromkeys(commands(), 0.0)
    for name, parameters in WORKLOADS.items():
        count, seconds = compare(name, parameters)
        instructions += count
        for emulator, taken in seconds.items():
            total[emulator] += taken
            figure("%s.%s.mips" % (emulator, name), count / taken / 1e6, "MIPS", 1)
    figure("cpu.mips", instructions / total["vboard"] / 1e6, "MIPS", 1)
    figure("cpu.unicorn_mips", instructions / total["unicorn"] / 1e6, "MIPS", 1)
    figure("cpu.qemu_mips", instructions / total["qemu"] / 1e6, "MIPS", 1)
    figure("cpu.vs_unicorn", total["unicorn"] / total["vboard"], "times")
    figure("cpu.vs_qemu", total["qemu"] / total["vboard"], "times")


# ---- the whole board -------------------------------------------------------------------------------------------------


class Run:
    """A run of the board's firmware to the end of a script; without one, to the prompt."""

    def __init__(self, script=None, *options):
        command = [VBOARD, "--stats=json", *options]
        with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
            if script is not None:
                file.write(script)
                file.flush()
                command += ["--run", file.name]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(command + [FIRMWARE], stdin=subprocess.DEVNULL, capture_output=True, text=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            raise Failed("the board: status %d\n%s%s" % (done.returncode, done.stdout, done.stderr))
        self.seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.out = done.stdout
        self.stats = json.loads(done.stderr[done.stderr.index("{\n") :])


def measure_board():
    boot = Run()
    figure("boot.ms", boot.stats["virtual_time"] * 1000, "ms", 1)
    figure("boot.host_ms", boot.seconds * 1000, "ms", 0)

    script = workload("misc_pystone", "(2000,)") + "for _ in range(%d):\n run()\n"
    speeds = []
    for _ in range(ROUNDS):
        short, long = Run(script % 1), Run(script % 9)
        work = long.stats["instructions"] - short.stats["instructions"]
        speeds.append(work / (long.seconds - short.seconds) / 1e6)
    figure("board.mips", statistics.median(speeds), "MIPS", 1)

    with open(HERE + "/board.py") as f:
        script = f.read()
    values = {}
    for line in Run(script).out.splitlines():
        name, value = line.split()
        values[name] = float(value)

    for name in ("gc.empty_ms", "gc.pointers_ms", "gc.buffers_ms"):
        figure(name, values[name], "ms")

    script = workload("bm_hexiom", WORKLOADS["bm_hexiom"].replace("8", "1", 1))
    script += "from time import ticks_us, ticks_diff\nt = ticks_us()\nrun()\nprint(ticks_diff(ticks_us(), t))\n"
    # With the default heap, which keeps small objects in internal RAM; docs/performance.md compares the others.
    figure("perf.psram_vs_sram", int(Run(script, "--psram", "none").out) / int(Run(script).out))


def measure_psram():
    for prefix, before, waived in CLOCKS:
        run = Run("import spiram\n%sprint(spiram.bench(quiet=True))\n" % before, "--strict", *waived)
        got = ast.literal_eval(run.out.strip().splitlines()[-1])
        figure(prefix + ".clock", got["clock_hz"] / 1e6, "MHz")
        for key, name, unit in PSRAM:
            figure("%s.%s" % (prefix, name), got[key], unit)


PARTS = {"core": measure_core, "board": measure_board, "psram": measure_psram}


def main():
    try:
        for part in sys.argv[2:] or PARTS:
            PARTS[part]()
    except Failed as failed:
        sys.exit("bench: %s" % failed)
    with open(sys.argv[1], "w") as f:
        json.dump(figures, f, indent=2)
        f.write("\n")


main()
