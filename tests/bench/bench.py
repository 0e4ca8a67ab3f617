"""`make bench`: measures, prints `name value unit` lines, and writes them to a file as one flat JSON object.

usage: bench.py OUT.json

Speed is measured as the processor time of an emulator, and told as MIPS and as ratios of the same work in the same run. All
else is in the virtual time of the board, and the same in each run.

In the environment: BUILD, MPY_DIR, VBOARD, FIRMWARE (the board's), AN500 (the folder with firmware and emulators of AN500).
"""

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
# LY68L6400 and ESP-PSRAM64H, the slower ones of the chips: /CE high between two frames, and low at most.
TCPH_NS, TCEM_NS = 50, 8000
# Clocks of a QPI frame besides its data: command 2, address 6, and of a read 6 of waiting. Two clocks a byte follow.
READ_CLOCKS, WRITE_CLOCKS = 14, 8
LINE = 32

figures = {}


def figure(name, value, unit="", digits=2):
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
    figure("boot.ms", boot.stats["virtual_time"] * 1000, "ms of virtual time", 1)
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

    clock_ns = 1e9 / values["psram.clock_hz"]
    between = -(-TCPH_NS // clock_ns) * clock_ns
    frame_bytes = (TCEM_NS / clock_ns - READ_CLOCKS) // 2
    read_ns = (TCEM_NS + between) / frame_bytes
    line_ns = ((READ_CLOCKS + WRITE_CLOCKS + 4 * LINE) * clock_ns + 2 * between) / LINE
    figure("psram.clock", values["psram.clock_hz"] / 1e6, "MHz")
    figure("psram.read", 1e3 / values["psram.read_ns"], "MB/s")
    figure("psram.read_of_limit", read_ns / values["psram.read_ns"])
    figure("psram.write", 1e3 / values["psram.write_ns"], "MB/s")
    figure("psram.write_of_limit", line_ns / values["psram.write_ns"])
    for name in ("gc.empty_ms", "gc.pointers_ms", "gc.buffers_ms"):
        figure(name, values[name], "ms of virtual time")

    script = workload("bm_hexiom", WORKLOADS["bm_hexiom"].replace("8", "1", 1))
    script += "from time import ticks_us, ticks_diff\nt = ticks_us()\nrun()\nprint(ticks_diff(ticks_us(), t))\n"
    # With the default heap, which keeps small objects in internal RAM; docs/performance.md compares the others.
    figure("perf.split_vs_sram", int(Run(script, "--psram", "none").out) / int(Run(script).out))


def main():
    try:
        measure_core()
        measure_board()
    except Failed as failed:
        sys.exit("bench: %s" % failed)
    with open(sys.argv[1], "w") as f:
        json.dump(figures, f, indent=2)
        f.write("\n")


main()
