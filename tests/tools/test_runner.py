#!/usr/bin/env python3
"""tests/run against programs that pass, fail and break in every way that must be told apart."""

import os
import sys
import time

from tap import ROOT, Tap, run, write

TEMP = os.environ["TEST_TMP"]
RUNNER = os.path.join(ROOT, "tests", "run")
tap = Tap()


def start(rows, *options, timeout=60):
    """Run the runner on rows of (name, time-out, mode, command)."""
    text = "".join("kind\t%s\t%s\t%s\t%s\n" % row for row in rows)
    path = write(os.path.join(TEMP, "list"), text)
    work = os.path.join(TEMP, "work")
    return run([sys.executable, RUNNER, "--work", work, *options, path], timeout=timeout)


def judge(name, command, last_line, status, shown=""):
    """One program, and what must come of it; `shown` must stand in the output."""
    result = start([("program", "20", "beside", command)])
    good = (
        result.returncode == status
        and result.stdout.splitlines()[-1] == last_line
        and shown in result.stdout
        and not result.stderr
    )
    tap.check(name, good, "status %d\n%s%s" % (result.returncode, result.stdout, result.stderr))


judge("all passed", r"printf '1..2\nok 1 - a\nok 2 - b\n'", "2 passed, 0 failed", 0)
judge("the plan may come last", r"printf 'ok 1\nok 2\n1..2\n'", "2 passed, 0 failed", 0)
judge("a failure", r"printf '1..2\nok 1 - a\nnot ok 2 - bad one\n'; exit 1", "1 passed, 1 failed", 1, "bad one")
judge("a failure, though the status is 0", r"printf '1..1\nnot ok 1 - x\n'", "0 passed, 1 failed", 1)
judge("its output is shown", r"printf '1..1\nnot ok 1 - x\n# got 7\n'; echo why >&2", "0 passed, 1 failed", 1, "| why")
judge("a skip", r"printf '1..2\nok 1 - a\nok 2 - b # SKIP none here\n'", "1 passed, 0 failed, 1 skipped", 0, "none here")
judge("cmocka's skip", r"printf '1..2\nok 1 - a\nnot ok 2 # SKIP b\n'", "1 passed, 0 failed, 1 skipped", 0)
judge("all skipped is no success", r"printf '1..0 # SKIP no tool\n'", "0 passed, 0 failed, 1 skipped", 1)
judge("no plan", "echo ok 1 - a", "1 passed, 1 failed", 1, "no plan")
judge("no output", "true", "0 passed, 1 failed", 1, "no plan")
judge("an empty plan", "echo 1..0", "0 passed, 1 failed", 1, "plan is empty")
judge("two plans", r"printf '1..1\nok 1\n1..1\n'", "1 passed, 1 failed", 1, "a second plan")
judge("too few results", r"printf '1..5\nok 1\nok 2\n'", "2 passed, 3 failed", 1, "3 of 5 planned")
judge("too many results", r"printf '1..1\nok 1\nok 2\n'", "2 passed, 1 failed", 1, "2 results, but 1 planned")
judge("numbers out of order", r"printf '1..2\nok 2\nok 1\n'", "2 passed, 1 failed", 1, "out of order")
judge("a number twice", r"printf '1..2\nok 1\nok 1\n'", "2 passed, 1 failed", 1, "out of order")
judge("bail out", r"printf '1..1\nok 1\nBail out! no board\n'", "1 passed, 1 failed", 1, "no board")
judge("a bad status with good results", r"printf '1..1\nok 1\n'; exit 3", "1 passed, 1 failed", 1, "exit status 3")
judge("death by signal", r"printf '1..1\nok 1\n'; kill -SEGV $$", "1 passed, 1 failed", 1, "signal 11")
judge("death of a child of the shell", r"printf '1..1\nok 1\n'; sh -c 'kill -ABRT $$'; exit $?",
      "1 passed, 1 failed", 1, "exit status 134")
judge("a program that is not there", "./no-such-program", "0 passed, 1 failed", 1, "exit status 127")
judge("bytes that are not text", r"printf '1..1\n\377\376\nok 1\n'", "1 passed, 0 failed", 0)
judge("standard input is empty", "echo 1..1; cat; echo ok 1", "1 passed, 0 failed", 0)
judge("cmocka is told to print TAP", r'echo 1..1; [ "$CMOCKA_MESSAGE_OUTPUT" = TAP ] && echo ok 1', "1 passed, 0 failed", 0)
judge("a directory of its own", r'cd "$TEST_TMP" && [ -z "$(ls)" ] && touch x && printf "1..1\nok 1\n"', "1 passed, 0 failed", 0)

started = time.monotonic()
result = start([("slow", "1", "beside", r"printf '1..2\nok 1\n'; sleep 30")])
tap.check("a time-out", time.monotonic() - started < 10 and "still running after 1 s" in result.stdout, result.stdout)
tap.equal("a time-out fails what did not run", result.stdout.splitlines()[-1], "1 passed, 1 failed")

pid_file = os.path.join(TEMP, "pid")
start([("leaves", "20", "beside", r"sleep 60 & echo $! >%s; printf '1..1\nok 1\n'" % pid_file)])
with open(pid_file, encoding="utf-8") as text:
    pid = text.read().strip()
for _ in range(50):
    alive = os.path.exists("/proc/%s" % pid) and "\nState:\tZ" not in open("/proc/%s/status" % pid).read()
    if not alive:
        break
    time.sleep(0.02)
tap.check("a process left behind is ended", not alive, pid)

# Each of two programs waits for the other: they end only if they run beside each other.
meet = r"touch %s/met-%s; for i in $(seq 100); do [ -e %s/met-%s ] && printf '1..1\nok 1\n' && exit; sleep 0.05; done"
result = start([("a", "20", "beside", meet % (TEMP, "a", TEMP, "b")), ("b", "20", "beside", meet % (TEMP, "b", TEMP, "a"))])
tap.equal("two run at a time", result.stdout.splitlines()[-1], "2 passed, 0 failed")

lock = r"mkdir %s/busy || exit 9; sleep 0.2; rmdir %s/busy; printf '1..1\nok 1\n'" % (TEMP, TEMP)
result = start([("a", "20", "alone", lock), ("b", "20", "beside", lock), ("c", "20", "alone", lock)])
tap.equal("one that is alone has no company", result.stdout.splitlines()[-1], "3 passed, 0 failed")

good = r"printf '1..1\nok 1\n'"
rows = [("one", "9", "beside", good), ("two", "9", "beside", good), ("three", "9", "beside", "false")]
tap.equal("only some", start(rows, "--only", "kind/t*o").stdout.splitlines()[-1], "1 passed, 0 failed")
tap.one_line("only one that is not there", start(rows, "--only", "kind/four"), "no test is called 'kind/four'", 2)
result = start(rows)
tap.check("sums", result.stdout.splitlines()[-1] == "2 passed, 1 failed" and result.returncode == 1, result.stdout)
tap.check("a row for the kind", any(line.split() == "kind 2 passed 1 failed 0 skipped".split()
                                    for line in result.stdout.splitlines()), result.stdout)

tap.one_line("a program twice in the list", start([rows[0], rows[0]]), "kind/one is there twice", 2)
tap.one_line("a bad time-out", start([("x", "soon", "beside", good)]), "bad time-out 'soon'", 2)
tap.one_line("a bad mode", start([("x", "9", "later", good)]), "bad mode 'later'", 2)
tap.one_line("a name that is a path", start([("../x", "9", "beside", good)]), "bad name", 2)
tap.one_line("no command", start([("x", "9", "beside", "")]), "not KIND, NAME", 2)
result = start([])
tap.check("an empty list is no success", result.returncode == 1 and "0 passed, 0 failed" in result.stdout, result.stdout)
tap.one_line("no list", run([sys.executable, RUNNER, os.path.join(TEMP, "none")]), "No such file", 2)
sys.exit(tap.done())
