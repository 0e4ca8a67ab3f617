"""A PC's driver for USB mass storage: bulk-only transport (BOT 1.0) with SCSI commands, over USB/IP. And a board with a REPL beside
it, on the UART or on the same USB device."""

import struct
import time

from usbip import EPIPE, FIRMWARE, PROMPT, QUICK, VBOARD, Client, Session, devices, path

INTERFACE, IN, OUT = 2, 3, 3
PASSED, FAILED, PHASE_ERROR = 0, 1, 2
BLOCK = 512


class Halted(Exception):
    """The endpoint answered with STALL, after `data`."""

    def __init__(self, endpoint, data=b""):
        super().__init__()
        self.endpoint, self.data = endpoint, data


class Drive(Client):
    def __init__(self, port):
        super().__init__(port)
        self.tag = 0x1000

    # ---- the bus

    def wait(self, number, into, timeout=30):
        """The answer to one transfer: (status, data); what else comes is for nobody."""
        while True:
            answer = self.answer({number} if into else set(), timeout)
            if answer[1] == number:
                return answer[2], answer[3]

    def bulk_in(self, length, timeout=30, endpoint=IN):
        status, data = self.wait(self.submit(endpoint, True, length=length), True, timeout)
        if status == EPIPE:
            raise Halted(0x80 | endpoint, data)
        if status:
            raise ConnectionError("IN ends with %d" % status)
        return data

    def bulk_out(self, data, timeout=30, endpoint=OUT):
        status = self.wait(self.submit(endpoint, False, data), False, timeout)[0]
        if status == EPIPE:
            raise Halted(endpoint)
        if status:
            raise ConnectionError("OUT ends with %d" % status)

    def clear_halt(self, endpoint):
        return self.control(struct.pack("<BBHHH", 0x02, 1, 0, endpoint, 0))[0]

    def set_halt(self, endpoint):
        return self.control(struct.pack("<BBHHH", 0x02, 3, 0, endpoint, 0))[0]

    def halted(self, endpoint):
        """GET_STATUS of the endpoint."""
        return self.control(struct.pack("<BBHHH", 0x82, 0, 0, endpoint, 2))[1] == b"\1\0"

    def reset(self, clear=True):
        """Reset recovery (BOT, 5.3.4)."""
        status = self.control(struct.pack("<BBHHH", 0x21, 0xFF, 0, INTERFACE, 0))[0]
        if clear:
            self.clear_halt(0x80 | IN)
            self.clear_halt(OUT)
        return status

    def max_lun(self):
        return self.control(struct.pack("<BBHHH", 0xA1, 0xFE, 0, INTERFACE, 1))

    def reset_port(self):
        """A bus reset; the PC enumerates the device anew."""
        status = self.control(struct.pack("<BBHHH", 0x23, 3, 4, 1, 0))[0]
        until = time.monotonic() + 10
        while self.max_lun()[0] != 0 and time.monotonic() < until:
            time.sleep(0.01)
        return status

    def sleep(self, on):
        """Suspends the port, or resumes it."""
        return self.control(struct.pack("<BBHHH", 0x23, 3 if on else 1, 2, 1, 0))[0]

    # ---- BOT

    def wrapper(self, cdb, length, into, lun=0):
        self.tag += 1
        return struct.pack("<4sIIBBB16s", b"USBC", self.tag, length, 0x80 if into else 0, lun, len(cdb), cdb)

    def status(self):
        """The status wrapper: (status, residue)."""
        try:
            csw = self.bulk_in(13)
        except Halted:
            self.clear_halt(0x80 | IN)
            csw = self.bulk_in(13)
        signature, tag, residue, status = struct.unpack("<4sIIB", csw)
        if signature != b"USBS" or tag != self.tag:
            raise ConnectionError("no status: %r" % csw)
        return status, residue

    def command(self, cdb, length=0, data=None, lun=0):
        """One command: (status, residue, data). `data` goes to the device, `length` bytes come from it."""
        self.bulk_out(self.wrapper(bytes(cdb), len(data) if data is not None else length, data is None, lun))
        got = b""
        try:
            if data:
                self.bulk_out(data)
            elif length:
                got = self.bulk_in(length)
        except Halted as e:
            got = e.data
            self.clear_halt(e.endpoint)
        status, residue = self.status()
        return status, residue, got

    # ---- SCSI

    def sense(self):
        """REQUEST SENSE as "key/code", e.g. "02/3A"."""
        data = self.command((3, 0, 0, 0, 18, 0), 18)[2]
        return "%02X/%02X" % (data[2], data[12])

    def run(self, cdb, length=0, data=None):
        """A command, and why it failed: (data, "") or (b"", "02/3A")."""
        status, _, got = self.command(cdb, length, data)
        return (got, "") if status == PASSED else (b"", self.sense() if status == FAILED else "phase error")

    def ready(self):
        return self.run((0, 0, 0, 0, 0, 0))[1]

    def settle(self):
        """Until the news about the medium has been heard."""
        for _ in range(5):
            why = self.ready()
            if why != "06/28":
                break
        return why

    def capacity(self):
        data, why = self.run((0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0), 8)
        return why or tuple(n + i for i, n in zip((1, 0), struct.unpack(">II", data)))

    def protected(self):
        data, why = self.mode_sense()
        return why or bool(data[2] & 0x80)

    def mode_sense(self, page=0x3F):
        """The host asks for more than there is, as systems do: the endpoint halts behind the answer."""
        return self.run((0x1A, 0, page, 0, 192, 0), 192)

    def read(self, block, count):
        return self.run(struct.pack(">BBIBHB", 0x28, 0, block, 0, count, 0), count * BLOCK)

    def write(self, block, data):
        return self.run(struct.pack(">BBIBHB", 0x2A, 0, block, 0, len(data) // BLOCK, 0), data=data)[1]

    def prevent(self, on):
        return self.run((0x1E, 0, 0, 0, int(on), 0))[1]

    def eject(self):
        return self.run((0x1B, 0, 0, 0, 2, 0))[1]

    def load(self):
        return self.run((0x1B, 0, 0, 0, 3, 0))[1]

    def synchronize(self):
        return self.run((0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0))[1]

    def image(self, name, at_once=128):
        """The whole medium into a file of the test's own; its path."""
        blocks = self.capacity()[0]
        with open(path(name), "wb") as out:
            for block in range(0, blocks, at_once):
                data, why = self.read(block, min(at_once, blocks - block))
                if why:
                    raise ConnectionError("block %d: %s" % (block, why))
                out.write(data)
        return path(name)

    def write_image(self, name, old, at_once=16):
        """What differs from the image `old`, as a system writes back what changed."""
        with open(path(name), "rb") as new_file, open(path(old), "rb") as old_file:
            new, was = new_file.read(), old_file.read()
        size = at_once * BLOCK
        for at in range(0, len(new), size):
            if new[at:at + size] != was[at:at + size]:
                why = self.write(at // BLOCK, new[at:at + size])
                if why:
                    return why
        return ""


class Board(Session):
    """A board on USB/IP, its REPL on the UART."""

    def __init__(self, *options, firmware=FIRMWARE, memory=QUICK, pace="free", strict=True):
        address = path("uart")
        super().__init__("unix:" + address, "--usbip", "0", "--pace", pace, *memory, *options, vboard=VBOARD, firmware=firmware)
        lines = [self.announced, self.child.stdout.readline().decode()]
        self.port = next(int(line.rsplit(":", 1)[1]) for line in lines if "usbip listening" in line)
        self.open_socket(address)

    def found(self, seconds=30):
        """(vendor, product) of the device when it is enumerated."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            there = devices(self.port)
            if there:
                return there[0][1:]
            time.sleep(0.05)
        return None

    def drive(self, seconds=30):
        until = time.monotonic() + seconds
        while True:
            try:
                return Drive(self.port)
            except ConnectionError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def raw(self, code, timeout=60):
        """Code by the raw REPL; what it printed, and the last line of its traceback if it raised."""
        self.send(b"\x01")
        self.expect("raw REPL; CTRL-B to exit\r\n>")
        self.send(code.encode() + b"\x04")
        found = self.expect("\x04>", timeout)
        self.send(b"\x02")
        self.expect("\r\n" + PROMPT)
        if found is None:
            return None
        out, _, error = found[2:-2].partition("\x04")
        return (out + (error.strip().splitlines() or [""])[-1]).strip()

    def finish(self):
        """(status, what vboard complained of)."""
        result = self.close()
        return result.status, result.err
