#!/usr/bin/env python3
"""MicroPython's own tests, run by its own run-tests.py, with our firmware on virtual boards, heap in the PSRAM.

usage: suite.py [--jobs N] bytecode|mpy|native DIRECTORY|PATTERN...
       suite.py bench

Prints TAP, a result for each test file. `mpy` compiles the tests with mpy-cross first, `native` to machine code. `bench` runs
perf_bench and internal_bench, whose figures nobody looks at. DIRECTORY and PATTERN are relative to MicroPython's
tests/. In the board's flash is what tests of io and import expect beside themselves. N boards (default 2) run at a time, under --strict: what the virtual board complains
of ends it, and fails the test that ran. The next test gets a new board.

In the environment: VBOARD, BUILD, MPY_DIR, TEST_TMP as tests/tests.mk says.
"""

import argparse
import glob
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
VBOARD = os.path.join(ROOT, os.environ.get("VBOARD", "build/vboard/vboard"))
FIRMWARE = os.path.join(BUILD, "firmware/DEVEBOX_STM32H7A3/firmware.elf")
MPY_DIR = os.path.join(ROOT, os.environ.get("MPY_DIR", "build/deps/micropython"))
MPY_CROSS = os.path.join(BUILD, "deps/mpy-cross/mpy-cross")
TEMP = os.path.join(ROOT, os.environ["TEST_TMP"])

OPTIONS = {"bytecode": [], "mpy": ["--via-mpy"], "native": ["--via-mpy", "--emit", "native"]}
# Each call of run-tests.py asks the board some twenty questions first: few tests a call waste time, many leave the last
# board alone at the end.
BATCH = 150
# run-perfbench.py's N and M: processor of 100 MHz, heap of 100 KB. Larger ones take minutes.
PERFORMANCE = ("100", "100")
# internal_bench/bench.py has twenty million, and wants a clock.
ITERATIONS = 20000
BENCH = "import time\ndef run(test):\n    t = time.ticks_us()\n    test(%d)\n    print(time.ticks_diff(time.ticks_us(), t) / 1e6)\n" % ITERATIONS
# Tests that know units and pins of some boards by name ask for those of others: ours, in the place of that question.
NO_SUPPORT = '    print("Please add support for this test on this platform.")\n    raise SystemExit\n'
WIRING = {
    "extmod/machine_spi_rate.py": "    spi_instances = tuple((unit, None, None, None) for unit in (1, 2, 3))\n",
    "extmod/machine_uart_irq_txidle.py": "    uart_id = 2\n    tx_pin = None\n",
}
# The longest test takes some seconds; one that takes that long hangs. Seconds of wall time.
HANGS = 120
BOOTS = 60
RESULT = re.compile(r"(pass|FAIL|skip) +(\S+\.py) *(.*)$")


class Report:
    """TAP, from several threads."""

    def __init__(self, kind):
        self.lock = threading.Lock()
        self.count = self.bad = 0
        self.known = known_failures(kind, "all")

    def result(self, test, verdict, detail=""):
        with self.lock:
            cause = self.known.pop(test, None)
            if cause and verdict == "FAIL":
                verdict, detail = "skip", "known failure: " + cause
            elif cause and verdict == "pass":
                verdict, detail = "FAIL", "it is listed in known.md, and passes"
            self.count += 1
            self.bad += verdict == "FAIL"
            print("%sok %d - %s%s" % ("not " if verdict == "FAIL" else "", self.count, test,
                                      " # SKIP " + detail if verdict == "skip" else ""))
            if verdict == "FAIL":
                for line in detail.splitlines():
                    print("#   " + line)
            sys.stdout.flush()

    def done(self):
        print("1..%d" % self.count)
        return 1 if self.bad or not self.count else 0


def known_failures(*kinds):
    """The rows of known.md for these kinds of run: {test: cause}."""
    with open(os.path.join(HERE, "known.md"), encoding="utf-8") as page:
        rows = re.findall(r"^\| `([\w-]+)` \| `(\S+)` \| (.*) \|$", page.read(), re.MULTILINE)
    return {test: cause for which, test, cause in rows if which in kinds}


def flash_image():
    """A file for --flash: the folders and modules that tests of io and import look for where they run."""
    root = os.path.join(MPY_DIR, "tests")
    files = {"bench.py": BENCH.encode()}
    for pattern in ("io/data/*", "unicode/data/*", "import/*.py", "import/*/**/*.py"):
        for name in glob.glob(pattern, root_dir=root, recursive=True):
            with open(os.path.join(root, name), "rb") as content:
                files[name.partition("/")[2]] = content.read()
    script = os.path.join(TEMP, "files.py")
    with open(script, "w", encoding="utf-8") as out:
        out.write("import os\nfor name, data in %r.items():\n    at = 0\n    while '/' in name[at:]:\n"
                  "        at = name.index('/', at) + 1\n        try:\n            os.mkdir(name[:at - 1])\n"
                  "        except OSError:\n            pass\n    with open(name, 'wb') as f:\n        f.write(data)\n" % files)
    image = os.path.join(TEMP, "flash")
    subprocess.run([VBOARD, "--strict", "--psram", "none", "--flash", image, "--run", script, FIRMWARE], check=True)
    return image


def support(test, wiring):
    with open(test, encoding="utf-8") as text:
        parts = text.read().split(NO_SUPPORT)
    if len(parts) != 2:
        raise SystemExit("suite.py: %s does not ask for support" % test)
    with open(test, "w", encoding="utf-8") as text:
        text.write(wiring.join(parts))


class Board:
    def __init__(self, directory, image):
        # What tests leave in the flash is lost with the board.
        flash = os.path.join(directory, "flash")
        shutil.copyfile(image, flash)
        self.socket = os.path.join(directory, "repl")
        self.said = open(os.path.join(directory, "vboard.err"), "w+", encoding="utf-8")
        self.child = subprocess.Popen(
            [VBOARD, "--strict", "--pace", "free", "--flash", flash, "--uart", "unix:" + os.path.relpath(self.socket, directory), FIRMWARE],
            cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.said)
        self.wait_for_prompt()

    def wait_for_prompt(self):
        until = time.monotonic() + BOOTS
        seen = b""
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(1)
        connected = False
        while b">>> " not in seen and time.monotonic() < until and self.child.poll() is None:
            try:
                if not connected:
                    line.connect(self.socket)
                    connected = True
                    line.sendall(b"\r")
                seen += line.recv(65536)
            except socket.timeout:
                line.sendall(b"\r")
            except OSError:
                time.sleep(0.01)
        line.close()

    def end(self):
        """What is wrong with how it ended, or None."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
        try:
            status = self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            status = self.child.wait()
        self.said.seek(0)
        said = self.said.read().strip()
        self.said.close()
        return "vboard ended with %d: %s" % (status, said) if status or said else None


class Watch:
    """Kills a child that says nothing for too long."""

    def __init__(self, child):
        self.child = child
        self.timer = None
        self.restart()

    def restart(self):
        self.stop()
        self.timer = threading.Timer(HANGS, self.child.kill)
        self.timer.daemon = True
        self.timer.start()

    def stop(self):
        if self.timer:
            self.timer.cancel()


class Worker(threading.Thread):
    def __init__(self, number, kind, batches, report, image):
        super().__init__()
        self.image = image
        self.kind = kind
        self.batches = batches
        self.report = report
        self.broken = None
        # A tree of its own: tests write files beside themselves when CPython runs them, and mpy-cross does for run-tests.py.
        self.directory = os.path.join(TEMP, "board%d" % number)
        self.tests = os.path.join(self.directory, "tests")
        shutil.copytree(os.path.join(MPY_DIR, "tests"), self.tests)
        for test, wiring in WIRING.items():
            support(os.path.join(self.tests, test), wiring)
        for name in ("tools", "extmod", "lib"):
            os.symlink(os.path.join(MPY_DIR, name), os.path.join(self.directory, name))
        self.board = None

    def run(self):
        try:
            if self.kind == "bench":
                self.bench()
            while True:
                self.run_batch(list(self.batches.get_nowait()))
        except queue.Empty:
            pass
        except Exception as error:  # whatever it is, the tests left over must not be missing silently
            self.broken = repr(error)
        wrong = self.board and self.board.end()
        if wrong:
            self.report.result("end of the board", "FAIL", wrong)

    def run_batch(self, tests):
        while tests:
            if self.board is None:
                self.board = Board(self.directory, self.image)
            tests, told = self.call(tests)
            if tests:
                why = self.board.end()
                self.board = None
                self.report.result(tests.pop(0), "FAIL", (why or "run-tests.py ended") + "\n" + told)

    def lines_of(self, program, *arguments):
        """What one of MicroPython's programs says to our board, line by line."""
        child = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "runner.py"), os.path.join(self.tests, program), *arguments],
            cwd=self.tests, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(os.environ, BOARD_SOCKET=os.path.join(os.path.relpath(self.directory, self.tests), "repl"),
                     MICROPY_MPYCROSS=MPY_CROSS, MICROPY_CPYTHON3=sys.executable, PYTHONUNBUFFERED="1",
                     PYTHONDONTWRITEBYTECODE="1"))
        watch = Watch(child)
        for line in child.stdout:
            watch.restart()
            yield line.decode("utf-8", "replace").rstrip("\r\n")
        child.wait()
        watch.stop()

    def call(self, tests):
        """run-tests.py once. Returns the tests of which it gave no result, and the end of its output."""
        left = list(tests)
        tail = []
        for line in self.lines_of("run-tests.py", "-t", "port", "--result-dir", os.path.join(self.directory, "results"),
                                  *OPTIONS[self.kind], *tests):
            match = RESULT.match(line)
            if match and match.group(2) in left:
                verdict, test, _ = match.groups()
                left.remove(test)
                detail = {"skip": "by run-tests.py", "FAIL": self.difference(test)}.get(verdict, "")
                self.report.result(test, verdict, detail)
            else:
                tail = tail[-15:] + [line]
        return left, "\n".join(tail)

    def bench(self):
        """The benchmarks: each must come to its end, those of perf_bench with the result that CPython has."""
        self.board = Board(self.directory, self.image)
        files = self.files("perf_bench/bm_*.py", "perf_bench/[cmv]*_*.py")
        figures = [re.fullmatch(r"(\S+\.py): (.*)", line)
                   for line in self.lines_of("run-perfbench.py", "-p", "-a", "1", *PERFORMANCE, *files)]
        results = {match.group(1): match.group(2) for match in figures if match}
        # run-internalbench.py cannot talk to a board (it opens a list as a file); pyboard.py runs its scripts, a line each.
        # Those of variables have the twenty million rounds written into them.
        internal = self.files("internal_bench/[!v]*-*.py")
        results.update(zip(internal, self.lines_of("../tools/pyboard.py", "--device", "port", *internal)))
        for name in files + internal:
            result = results.get(name, "no result")
            self.report.result(name, "pass" if re.fullmatch(r"[\d.]+( [\d.]+){3}|[\d.]+|SKIP", result) else "FAIL", result)

    def files(self, *patterns):
        return sorted(name for pattern in patterns for name in glob.glob(pattern, root_dir=self.tests))

    def difference(self, test):
        base = os.path.join(self.directory, "results", test.replace("/", "_"))
        if not os.path.exists(base + ".exp"):
            base_out = base + ".out"
            return open(base_out, errors="replace").read()[-2000:] if os.path.exists(base_out) else ""
        diff = subprocess.run(["diff", "-u", base + ".exp", base + ".out"], stdout=subprocess.PIPE)
        return "\n".join(diff.stdout.decode("utf-8", "replace").splitlines()[2:40])


def select_tests(arguments):
    """(tests to run, tests that need what the firmware has not)."""
    root = os.path.join(MPY_DIR, "tests")
    tests = []
    for argument in arguments:
        found = glob.glob(argument if argument.endswith(".py") else argument + "/*.py", root_dir=root)
        if not found:
            raise SystemExit("suite.py: no tests in %s/%s" % (root, argument))
        tests += sorted(found)
    of_a_pc = known_failures("-")
    tests = [test for test in tests if test not in of_a_pc]
    unittest = []
    for test in tests:
        with open(os.path.join(root, test), "rb") as text:
            if re.search(rb"^(import|from) unittest\b", text.read(), re.MULTILINE):
                unittest.append(test)
    return [test for test in tests if test not in unittest], unittest


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("kind", choices=[*OPTIONS, "bench"])
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()
    if arguments.kind == "bench":
        arguments.jobs = 1
    tests, unittest = select_tests(arguments.tests)
    report = Report(arguments.kind)
    batches = queue.Queue()
    size = max(1, min(BATCH, -(-len(tests) // arguments.jobs)))
    for start in range(0, len(tests), size):
        batches.put(tests[start : start + size])
    for test in unittest:
        report.result(test, "skip", "run-tests.py: requires unittest, which is micropython-lib's")
    image = flash_image()
    workers = [Worker(number, arguments.kind, batches, report, image) for number in range(arguments.jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if report.count < len(tests) + len(unittest):
        print("Bail out! %d tests gave no result: %s" % (len(tests) + len(unittest) - report.count,
                                                          [worker.broken for worker in workers]))
        return 1
    return report.done()


if __name__ == "__main__":
    sys.exit(main())
