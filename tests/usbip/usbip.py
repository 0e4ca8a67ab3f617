"""A board whose device on USB is served by USB/IP: programs that use libusb find it, and a client of the protocol's own."""

import os
import re
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "board"))

from vboard import BUILD, FIRMWARE, PROMPT, QUICK, ROOT, VBOARD, VBOARD_ASAN, Session, Tap, path  # noqa: E402,F401

LIBRARY = os.path.join(ROOT, BUILD, "tests/usbip")
VERSION = 0x0111
SUBMIT, UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
EPIPE, ECONNRESET = -32, -104


class Board:
    """A running vboard with --usbip. `options` are further ones; time runs ahead of the PC's while the board works."""

    def __init__(self, *options, vboard=VBOARD, firmware=FIRMWARE, memory=QUICK):
        self.child = subprocess.Popen(
            [vboard, "--uart", "none", "--usbip", "0", "--pace", "free", *memory, *options, firmware],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=open(path("stderr"), "wb"),
        )
        found = re.search(rb"^usbip listening on 127\.0\.0\.1:(\d+)$", self.child.stdout.readline().rstrip())
        self.port = int(found.group(1)) if found else 0

    def wait_for_device(self, seconds=30):
        """Until a device is enumerated; False if none is."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if devices(self.port):
                return True
            time.sleep(0.05)
        return False

    def run(self, command, timeout=60):
        """A program with its libusb calls going to this board; its result with output and errors in one."""
        environment = dict(os.environ, LC_ALL="C", LD_LIBRARY_PATH=LIBRARY, USBIP_PORT=str(self.port))
        return subprocess.run(command, env=environment, timeout=timeout, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, universal_newlines=True)

    def close(self):
        """Ends vboard; its exit status, and what it said on stderr."""
        self.child.terminate()
        try:
            self.child.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.communicate()
        with open(path("stderr"), encoding="utf-8", errors="replace") as err:
            return self.child.returncode, err.read()


def receive(line, n):
    got = b""
    while len(got) < n:
        part = line.recv(n - len(got))
        if not part:
            raise ConnectionError("closed")
        got += part
    return got


def dial(port):
    line = socket.create_connection(("127.0.0.1", port), 30)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def devices(port):
    """[(bus id, vendor, product)] of the server."""
    with dial(port) as line:
        line.sendall(struct.pack(">HHI", VERSION, 0x8005, 0))
        found = []
        for _ in range(struct.unpack(">HHII", receive(line, 12))[3]):
            entry = receive(line, 312)
            receive(line, 4 * entry[311])
            found.append((entry[256:288].rstrip(b"\0").decode(), *struct.unpack_from(">HH", entry, 300)))
        return found


class Client:
    """An imported device: requests by number, answers in any order."""

    def __init__(self, port, bus_id="1-1"):
        self.line = dial(port)
        self.next = 1
        self.line.sendall(struct.pack(">HHI32s", VERSION, 0x8003, 0, bus_id.encode()))
        status = struct.unpack(">HHI", receive(self.line, 8))[2]
        if status:
            raise ConnectionError("not imported: %d" % status)
        receive(self.line, 312)

    def submit(self, endpoint, into, data=b"", length=0, setup=b"\0" * 8, flags=0):
        """Endpoint 0..15; `into` = to the PC. Returns its number."""
        number, self.next = self.next, self.next + 1
        length = length if into else len(data)
        self.line.sendall(struct.pack(">IIIIIIIIII8s", SUBMIT, number, 0x10001, int(into), endpoint, flags, length, 0,
                                      0xFFFFFFFF, 0, setup) + (b"" if into else data))
        return number

    def unlink(self, other):
        number, self.next = self.next, self.next + 1
        self.line.sendall(struct.pack(">IIIIII24x", UNLINK, number, 0x10001, 0, 0, other))
        return number

    def answer(self, inputs, timeout=30):
        """The next answer: (command, number, status, data). `inputs` are the numbers of requests for data to the PC."""
        self.line.settimeout(timeout)
        command, number, _, _, _, status, actual = struct.unpack(">IIIIIiI", receive(self.line, 48)[:28])
        data = receive(self.line, actual) if command == RET_SUBMIT and number in inputs else b""
        return command, number, status, data

    def control(self, setup, data=b""):
        """A control transfer; (status, data)."""
        length = setup[6] | setup[7] << 8
        into = bool(setup[0] & 0x80)
        number = self.submit(0, into, data, length, setup)
        while True:
            answer = self.answer({number} if into else set())
            if answer[1] == number:
                return answer[2], answer[3]

    def close(self):
        self.line.close()
