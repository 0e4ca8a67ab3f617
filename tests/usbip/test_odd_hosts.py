#!/usr/bin/env python3
"""Hosts that no driver is written for: random requests and transfers, resets in the middle of them, addresses given twice, halted
endpoints, clients that break USB/IP's protocol or hang up. Neither vboard (with sanitizers) nor the firmware may fall over, and
after each storm the REPL and the drive answer.

test_odd_hosts.py STEPS [SEED]"""

import random
import socket
import struct
import sys
import time

from usbip import VBOARD_ASAN, VERSION, Board, Client, Tap, devices, dial, path

tap = Tap()
STORM = 50  # steps from one look at the REPL to the next
STANDARD = [
    (0x00, 5, 0, 0, 0),  # SET_ADDRESS
    (0x00, 9, 0, 0, 0),  # SET_CONFIGURATION
    (0x00, 9, 1, 0, 0),
    (0x01, 11, 0, 1, 0),  # SET_INTERFACE
    (0x80, 0, 0, 0, 2),  # GET_STATUS
    (0x02, 3, 0, 0x82, 0),  # SET_FEATURE(ENDPOINT_HALT)
    (0x02, 1, 0, 0x82, 0),  # CLEAR_FEATURE
    (0x02, 3, 0, 0x02, 0),
    (0x02, 1, 0, 0x02, 0),
    (0x00, 3, 1, 0, 0),  # SET_FEATURE(DEVICE_REMOTE_WAKEUP)
    (0x80, 6, 0x100, 0, 18),  # GET_DESCRIPTOR
    (0x80, 6, 0x200, 0, 200),
    (0x80, 6, 0x303, 0x409, 255),
    (0x80, 6, 0x600, 0, 10),
    (0x80, 8, 0, 0, 1),
    (0x21, 0x20, 0, 0, 7),  # SET_LINE_CODING
    (0xA1, 0x21, 0, 0, 7),
    (0x21, 0x22, 3, 0, 0),  # SET_CONTROL_LINE_STATE
    (0x21, 0x22, 0, 0, 0),
    (0x21, 0x23, 10, 0, 0),
    (0x21, 0xFF, 0, 2, 0),  # Bulk-Only Mass Storage Reset
    (0xA1, 0xFE, 0, 2, 1),  # GET_MAX_LUN
    (0x02, 1, 0, 0x83, 0),
    (0x02, 1, 0, 0x03, 0),
    (0x02, 3, 0, 0x83, 0),
    (0x02, 3, 0, 0x03, 0),
]
# SCSI commands that the drive knows, and one that it does not.
SCSI = (0x00, 0x03, 0x12, 0x1A, 0x1B, 0x1E, 0x23, 0x25, 0x28, 0x2A, 0x2F, 0x35, 0x5A, 0xFF)
READY = struct.pack("<4sIIBBB16s", b"USBC", 7, 0, 0, 0, 6, b"")


class Host:
    def __init__(self, board, seed):
        self.board = board
        self.random = random.Random(seed)
        self.client = None
        self.under_way = {}  # number -> to the PC

    def connect(self):
        """A client that has the device. None if it does not come back."""
        for _ in range(200):
            try:
                self.client = Client(self.board.port)
                self.under_way = {}
                return self.client
            except (ConnectionError, socket.timeout):
                time.sleep(0.05)
        return None

    def drain(self, seconds):
        """Answers that have come; False if the connection is over."""
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            inputs = {n for n, into in self.under_way.items() if into}
            try:
                answer = self.client.answer(inputs, max(left, 0.001))
                self.under_way.pop(answer[1], None)
            except socket.timeout:
                return True
            except (OSError, struct.error):
                return False

    def request(self):
        r = self.random
        kind, number, value, index, length = r.choice(STANDARD)
        if r.random() < 0.3:
            kind, number = r.choice((kind, r.randrange(256))), r.choice((number, r.randrange(256)))
            value, index = r.choice((value, r.randrange(65536))), r.choice((index, r.randrange(65536)))
            length = r.choice((length, r.randrange(600)))
        into = bool(kind & 0x80) and length > 0
        setup = struct.pack("<BBHHH", kind, number, value, index, length)
        data = b"" if into else bytes(r.randrange(256) for _ in range(length))
        return self.client.submit(0, into, data, length, setup), into

    def transfer(self):
        r = self.random
        into = r.random() < 0.6
        length = r.choice((0, 1, 8, 63, 64, 65, 128, 300, 2000))
        data = bytes(r.choice(b"\r\x03\x04 x1(") for _ in range(length))
        return self.client.submit(r.choice((1, 2, 2, 2, 3, 3, 15)), into, data, length, flags=r.choice((0, 0, 0x40))), into

    def command(self):
        """A command to the drive, its lengths right or wrong, and something behind it."""
        r = self.random
        blocks = r.choice((0, 1, 2, 16, 100))
        cdb = bytes((r.choice(SCSI), 0)) + struct.pack(">IBHB", r.choice((0, 1, 5000, 8191, 9999)), 0, blocks, 0)
        length = r.choice((0, 13, 36, 192, blocks * 512, blocks * 512, 512))
        cbw = struct.pack("<4sIIBBB16s", b"USBC", r.randrange(100), length, r.choice((0, 0x80)), r.choice((0, 0, 0, 1)),
                          r.choice((6, 10, 10, 16)), cdb)
        number = self.client.submit(3, False, cbw[:r.choice((31, 31, 31, 31, 30))])
        self.under_way[number] = False
        into = r.random() < 0.5
        number = self.client.submit(3, into, b"" if into else bytes(length), length)
        self.under_way[number] = into
        return self.client.submit(3, True, length=13), True

    def break_protocol(self):
        r = self.random
        what = r.choice(("noise", "short", "long", "isochronous", "hang up", "list"))
        if what == "noise":
            self.client.line.sendall(bytes(r.randrange(256) for _ in range(r.randrange(1, 200))))
        elif what == "short":
            self.client.line.sendall(struct.pack(">IIII", 1, 7, 0x10001, 0))
        elif what == "long":
            self.client.line.sendall(struct.pack(">IIIIIIII16x", 1, 7, 0x10001, 0, 2, 0, 0x7FFFFFFF, 0))
        elif what == "isochronous":
            self.client.line.sendall(struct.pack(">IIIIIIIII12x", 1, 7, 0x10001, 1, 2, 0, 8, 0, 5))
        elif what == "list":
            with dial(self.board.port) as line:
                line.sendall(r.choice((struct.pack(">HHI", VERSION, 0x8005, 0), b"\1\x11\x80", bytes(100))))
        self.client.close()
        return self.connect() is not None

    def step(self):
        """One thing that a host may do. False: the device cannot be had any more."""
        r = self.random
        chance = r.random()
        try:
            if chance < 0.45:
                number, into = self.request()
                self.under_way[number] = into
            elif chance < 0.85:
                number, into = self.transfer() if r.random() < 0.6 else self.command()
                self.under_way[number] = into
            elif chance < 0.92 and self.under_way:
                self.client.unlink(r.choice(list(self.under_way)))
            elif chance < 0.96:
                self.client.submit(0, False, setup=bytes((0x23, 3, 4, 0, 0, 0, 0, 0)))
            else:
                return self.break_protocol()
            alive = self.drain(r.choice((0, 0, 0.002, 0.01)))
        except OSError:
            alive = False
        return alive or self.connect() is not None

    def repl_answers(self):
        """The device as it is after a reset: whoever opens its port gets a prompt."""
        self.client.close()
        if not self.connect():
            return "no device to import"
        self.client.submit(0, False, setup=bytes((0x23, 3, 4, 0, 0, 0, 0, 0)))
        self.drain(0.05)
        until = time.monotonic() + 60
        while not devices(self.board.port):
            if time.monotonic() > until:
                return "not enumerated after a reset"
            time.sleep(0.05)
        if self.client.control(bytes((0x21, 0x22, 3, 0, 0, 0, 0, 0)))[0] != 0:
            return "the port does not open"
        got = b""
        number = self.client.submit(2, True, length=4096)
        # Ends whatever a storm has typed, be it in the raw REPL or a paste; then asks.
        for text in (b"\r\x03\x03\x02", b"\rprint(1234 * 9)\r"):
            self.client.submit(2, False, text)
            quiet = time.monotonic() + 0.3
            until = time.monotonic() + 40
            while time.monotonic() < until and (text[1:2] != b"p" or b"11106" not in got) and (
                text[1:2] == b"p" or time.monotonic() < quiet
            ):
                try:
                    _, which, status, data = self.client.answer({number}, 0.1)
                except socket.timeout:
                    continue
                if which == number:
                    got += data
                    if status:
                        return "reading: %d" % status
                    number = self.client.submit(2, True, length=4096)
        return self.drive_answers(number) if b"11106" in got else "REPL: %r" % got[-200:]

    def drive_answers(self, waits):
        """TEST UNIT READY gets a status; its result depends on what the storm did. `waits` is the REPL's open request."""
        self.client.submit(3, False, READY)
        number = self.client.submit(3, True, length=13)
        try:
            while (answer := self.client.answer({waits, number}))[1] != number:
                pass
        except socket.timeout:
            return "no status from the drive"
        return "" if answer[3][:8] == b"USBS\7\0\0\0" else "drive: %r" % (answer,)


def main():
    steps = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    board = Board("--strict", "--sd", path("card.img") + ",4M", vboard=VBOARD_ASAN)
    tap.check("enumerated", board.wait_for_device())
    host = Host(board, seed)
    wrong = "" if host.connect() else "no device"
    done = 0
    try:
        while done < steps and not wrong:
            for _ in range(STORM):
                done += 1
                if not host.step():
                    wrong = "the device does not come back"
                    break
            wrong = wrong or host.repl_answers()
    except (OSError, struct.error) as e:
        wrong = wrong or repr(e)
    tap.equal("seed %d: after %d steps the REPL answers" % (seed, done), wrong, "")
    tap.equal("no complaint, and nothing of the sanitizers", board.close(), (0, ""))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
