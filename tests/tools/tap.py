"""What the tests of the tools share: TAP on standard output, files, and commands run in a world of the test's own."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, name, good, detail=""):
        """One result. `detail` is shown if it is not good."""
        self.count += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.count, name))
        if not good:
            for line in str(detail).splitlines():
                print("#   " + line)
        sys.stdout.flush()

    def equal(self, name, actual, expected):
        self.check(name, actual == expected, "expected %r\n     got %r" % (expected, actual))

    def one_line(self, name, result, pattern, status=1):
        """The command failed with `status`, and said why in one line on stderr that matches `pattern`."""
        lines = result.stderr.splitlines()
        good = result.returncode == status and len(lines) == 1 and re.search(pattern, lines[0])
        self.check(name, good, "status %d\n%s" % (result.returncode, result.stderr))

    def done(self):
        print("1..%d" % self.count)
        return 1 if self.failed else 0


def write(path, text, executable=False):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    if executable:
        os.chmod(path, 0o755)
    return path


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


def run(command, cwd=ROOT, timeout=60, **environment):
    """Run a command with these variables over ours; a variable that is None is taken out."""
    merged = dict(os.environ, LC_ALL="C", **environment)
    # A make that runs these tests must not speak to a make that they start.
    for name in [n for n, value in merged.items() if value is None or n in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")]:
        del merged[name]
    return subprocess.run(
        command,
        cwd=cwd,
        env=merged,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=timeout,
    )


def tool_path(directory, leave_out=(), **fakes):
    """A value for PATH: this machine's commands less those of `leave_out`, and scripts of the test in place of others."""
    os.makedirs(directory)
    for name, script in fakes.items():
        write(os.path.join(directory, name.replace("_", "-")), "#!/bin/sh\n" + script, executable=True)
    if not leave_out:
        return directory + ":" + os.environ["PATH"]
    for place in os.environ["PATH"].split(":"):
        for name in os.listdir(place) if os.path.isdir(place) else ():
            link = os.path.join(directory, name)
            if name not in leave_out and not os.path.lexists(link):
                os.symlink(os.path.join(place, name), link)
    return directory
