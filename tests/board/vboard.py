"""What the tests of the board share: our firmware, run on the virtual board to its end, or talked to over a terminal."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tools"))

from tap import ROOT, Tap  # noqa: E402,F401

BUILD = os.environ.get("BUILD", "build")
VBOARD = os.path.join(ROOT, os.environ.get("VBOARD", BUILD + "/vboard/vboard"))
VBOARD_ASAN = os.path.join(ROOT, os.environ.get("VBOARD_ASAN", BUILD + "/vboard-asan/vboard"))
# The messages expected are this board's, whatever BOARD is built besides.
FIRMWARE = os.path.join(ROOT, BUILD, "firmware/DEVEBOX_STM32H7A3/firmware.elf")
# The same with all memory tests at each start (SPIRAM_FULL_TEST=1).
FULL_TEST = os.path.join(ROOT, BUILD, "firmware/DEVEBOX_STM32H7A3-full/firmware.elf")
# The same, whose allocations can be made to fail (HEAP_FAILS=1).
FAILS = os.path.join(ROOT, BUILD, "firmware/DEVEBOX_STM32H7A3-fails/firmware.elf")
TEMP = os.environ["TEST_TMP"]

# Without a PSRAM a boot takes no time: for whatever has nothing to do with memory.
QUICK = ("--psram", "none")
PROMPT = ">>> "
BANNER = "MicroPython v1.25.0"


class Result:
    """How a run ended. `out` and `err` have the board's line ends (CR LF) replaced by ours."""

    def __init__(self, status, out, err):
        self.status = status
        self.raw = out
        self.out = text(out)
        self.err = text(err)

    @property
    def stats(self):
        """What --stats=json printed."""
        match = re.search(r"^\{$.*^\}$", self.err, re.MULTILINE | re.DOTALL)
        return json.loads(match.group(0)) if match else {}

    def __str__(self):
        return "status %s\n--- stdout\n%s\n--- stderr\n%s" % (self.status, self.out[-3000:], self.err[-3000:])


def text(raw):
    return raw.decode("utf-8", "replace").replace("\r\n", "\n")


def path(name):
    return os.path.join(TEMP, name)


def write(name, content):
    """A file of the test's own; returns its path."""
    with open(path(name), "wb") as out:
        out.write(content.encode() if isinstance(content, str) else content)
    return path(name)


def run(*options, script=None, stdin=b"", firmware=FIRMWARE, vboard=VBOARD, timeout=100):
    """Run vboard to its end. `script` is Python for --run; `stdin` is what the board's terminal types."""
    command = [vboard, *options]
    if script is not None:
        command += ["--run", write("script.py", script)]
    if firmware is not None:
        command.append(firmware)
    if isinstance(stdin, str):
        stdin = stdin.encode()
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, err = child.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        child.kill()
        out, err = child.communicate()
        return Result("none, still running after %d s" % timeout, out, err)
    return Result(child.returncode, out, err)


def strict(*options, **arguments):
    """The same, any complaint about the firmware being an error."""
    return run("--strict", *options, **arguments)


def replies(result):
    """The REPL's answers to the lines piped in: [(line, answer), ...]."""
    parts = re.split(r"^>>> ", result.out, flags=re.MULTILINE)[1:]
    return [tuple(part.partition("\n")[::2]) for part in parts]


class Session:
    """A vboard whose REPL is on a pty or socket, and somebody at the other end."""

    def __init__(self, uart, *options, vboard=VBOARD, firmware=FIRMWARE):
        self.child = subprocess.Popen(
            [vboard, "--strict", "--uart", uart, *options, firmware],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.seen = b""
        self.line = self.end = None
        ready = select.select([self.child.stdout], [], [], 20)[0]
        self.announced = self.child.stdout.readline().decode().rstrip("\n") if ready else ""

    def open_pty(self):
        import serial

        match = re.match(r"char device redirected to (/dev/pts/\d+)\b", self.announced)
        self.line = serial.Serial(match.group(1), 115200, timeout=0.05)
        return self

    def open_socket(self, address):
        self.end = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.end.connect(address)
        self.end.settimeout(0.05)
        return self

    def close_socket(self):
        self.end.close()
        self.seen = b""

    def send(self, data):
        data = data.encode() if isinstance(data, str) else data
        if self.line:
            self.line.write(data)
        else:
            # It takes as long as the board's line needs; the board does not wait for us to read.
            self.end.settimeout(300)
            self.end.sendall(data)
            self.end.settimeout(0.05)

    def read(self):
        """What came within some hundredths of a second."""
        if self.line:
            return self.line.read(max(1, self.line.in_waiting))
        try:
            return self.end.recv(65536)
        except socket.timeout:
            return b""

    def expect(self, wanted, timeout=20):
        """Wait for `wanted`; returns all that came up to its end, or None. What follows is kept."""
        wanted = wanted.encode() if isinstance(wanted, str) else wanted
        until = time.monotonic() + timeout
        while wanted not in self.seen:
            if time.monotonic() > until:
                return None
            self.seen += self.read()
        end = self.seen.index(wanted) + len(wanted)
        found, self.seen = self.seen[:end], self.seen[end:]
        return text(found)

    def meet(self):
        """Wait until the board answers. Whatever it said before may have been lost on a line that nobody had opened."""
        for attempt in range(10):
            self.send("\rprint('ready', %d - 1)\r" % (attempt + 1))
            if self.expect("\nready %d\r\n%s" % (attempt, PROMPT), 3) is not None:
                return True
        return False

    def ask(self, line, timeout=20):
        """Type a line at the prompt; returns the answer without echo and next prompt, or None."""
        self.send(line + "\r")
        got = self.expect("\r\n" + PROMPT, timeout)
        return got and got.partition("\n")[2][: -len(PROMPT)].rstrip("\n")

    def close(self):
        """Ends vboard as a Ctrl-C on its terminal would; returns its status and what it said on stderr."""
        if self.line:
            self.line.close()
        if self.end:
            self.end.close()
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
        try:
            err = self.child.communicate(timeout=20)[1]
        except subprocess.TimeoutExpired:
            self.child.kill()
            err = self.child.communicate()[1]
        return Result(self.child.returncode, b"", err)
