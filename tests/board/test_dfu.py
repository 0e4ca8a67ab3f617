#!/usr/bin/env python3
"""The ROM bootloader and ours, with the programs that people use: dfu-util and MicroPython's pydfu.py, unmodified, over USB/IP;
and the sequence of requests of STM32CubeProgrammer, as AN3156 documents it.

usage: test_dfu.py rom | mboot
"""

import os
import re
import struct
import subprocess
import sys
import time
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "usbip"))

from usbip import BUILD, FIRMWARE, ROOT, Board, Client, Tap, devices, path  # noqa: E402

PYDFU = os.path.join(ROOT, os.environ["MPY_DIR"], "tools/pydfu.py")
PLAIN = FIRMWARE.replace(".elf", "")
BEHIND = os.path.join(ROOT, BUILD, "firmware/DEVEBOX_STM32H7A3-mboot/")
MBOOT = os.path.join(ROOT, BUILD, "mboot/DEVEBOX_STM32H7A3/mboot.bin")
REPL = (0xF055, 0x9800)
DFU = (0x0483, 0xDF11)
# DFU 1.1 and AN3156.
DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT = 1, 2, 3, 4, 5, 6
IDLE, DNBUSY, DNLOAD_IDLE, MANIFEST, ERROR = 2, 4, 5, 7, 10
tap = Tap()


def read(name):
    with open(name, "rb") as source:
        return source.read()


def write(name, content):
    with open(path(name), "wb") as out:
        out.write(content)
    return path(name)


def becomes(board, ids, seconds=30):
    """The device on USB is, or becomes within this time, the one with these numbers."""
    until = time.monotonic() + seconds
    seen = None
    while time.monotonic() < until:
        seen = [device[1:] for device in devices(board.port)]
        if seen == [ids]:
            return True
        time.sleep(0.05)
    return False


def listed(board):
    """Of each line of dfu-util -l: alternate setting, name, serial number."""
    result = board.run(["dfu-util", "-l"])
    return sorted(re.findall(r'Found DFU: \[0483:df11\] ver=0200, .*alt=(\d), name="(.*)", serial="([0-9A-F]{12})"', result.stdout))


def succeeds(name, result, *said):
    tap.check(name, result.returncode == 0 and all(text in result.stdout for text in said), result.stdout[-1500:])


def dfuse(address, payload):
    """A .dfu file with one element (UM0391)."""
    element = struct.pack("<2I", address, len(payload)) + payload
    target = struct.pack("<6sBI255s2I", b"Target", 0, 1, b"x", len(element), 1) + element
    body = struct.pack("<5sBIB", b"DfuSe", 1, 11 + len(target), 1) + target + struct.pack("<4H3sB", 0, 0xDF11, 0x0483, 0x011A, b"UFD", 16)
    return body + struct.pack("<I", zlib.crc32(body) ^ 0xFFFFFFFF)


class Programmer:
    """A device by its requests, as STM32CubeProgrammer makes them (AN3156)."""

    def __init__(self, board):
        self.client = Client(board.port)

    def request(self, request, value=0, data=b"", length=0):
        """(status of the transfer, data)."""
        setup = struct.pack("<BBHHH", 0xA1 if length else 0x21, request, value, 0, length or len(data))
        return self.client.control(setup, data)

    def status(self):
        """(bStatus, bState), after the time that the device asks for."""
        _, answer = self.request(GETSTATUS, length=6)
        time.sleep(int.from_bytes(answer[1:4], "little") / 1000)
        return answer[0], answer[4]

    def command(self, data, block=0):
        self.request(DNLOAD, block, data)
        return self.status(), self.status()

    def close(self):
        self.client.close()


GOOD = ((0, DNBUSY), (0, DNLOAD_IDLE))


def programmers_sequence(board, at):
    """Commands listed, a sector erased, written, read back and compared, the device left idle."""
    block = bytes(n * 7 & 0xFF for n in range(1024))
    p = Programmer(board)
    tap.equal("sequence: the list of commands", p.request(UPLOAD, 0, length=64), (0, b"\x00\x21\x41\x92"))
    if p.status()[1] != IDLE:
        p.request(ABORT)
    tap.equal("    idle", p.status(), (0, IDLE))
    tap.equal("    erase of a sector", p.command(struct.pack("<BI", 0x41, at)), GOOD)
    tap.equal("    set address", p.command(struct.pack("<BI", 0x21, at)), GOOD)
    tap.equal("    write", p.command(block, 2), GOOD)
    p.request(ABORT)
    tap.equal("    back to idle", p.status(), (0, IDLE))
    tap.equal("    set address", p.command(struct.pack("<BI", 0x21, at)), GOOD)
    p.request(ABORT)
    status, back = p.request(UPLOAD, 2, length=1024)
    tap.check("    reads back", status == 0 and back == block, (status, back[:32]))
    p.request(ABORT)
    tap.equal("    an address that is not there", p.command(struct.pack("<BI", 0x41, 0x60000000))[1][1], ERROR)
    p.request(CLRSTATUS)
    tap.equal("    cleared", p.status(), (0, IDLE))
    p.close()


def rom():
    board = Board("--strict", "--boot0", firmware=write("empty.bin", b"\xff" * 64))
    tap.check("BOOT0: a DFU device", becomes(board, DFU))
    serials = {serial for _, _, serial in listed(board)}
    tap.equal("dfu-util -l", [entry[:2] for entry in listed(board)], [
        ("0", "@Internal Flash   /0x08000000/256*08Kg"),
        ("1", "@Option Bytes   /0x5200201C/01*297 e"),
        ("2", "@OTP Memory   /0x08FFF000/01*1024 e"),
    ])
    tap.equal("    one serial number", len(serials), 1)
    programmers_sequence(board, 0x08100000)
    succeeds("-a 1 -U: option bytes", board.run(["dfu-util", "-a", "1", "-s", "0x5200201C:297", "-U", path("options")]))
    options = read(path("options"))
    tap.equal("    as delivered", (len(options), options[1], options[0x24:0x28]), (297, 0xAA, b"\x00\x08\xf0\x1f"))
    succeeds("-a 2 -D: OTP", board.run(["dfu-util", "-a", "2", "-s", "0x08FFF040", "-D", write("otp.bin", b"once")]))
    succeeds("-a 2 -U", board.run(["dfu-util", "-a", "2", "-s", "0x08FFF000:1024", "-U", path("otp")]))
    tap.equal("    holds it", read(path("otp"))[0x3E:0x46], b"\xff\xffonce\xff\xff")

    succeeds("-D firmware.dfu, and leave", board.run(["dfu-util", "-a", "0", "-s", ":leave", "-D", PLAIN + ".dfu"], timeout=100),
             "Download done.", "Transitioning to dfuMANIFEST state")
    tap.check("    the firmware runs, and shows its REPL on USB", becomes(board, REPL))
    tap.equal("no complaint", board.close(), (0, ""))

    board = Board("--strict", "--boot0", firmware=PLAIN + ".bin")
    tap.check("again", becomes(board, DFU))
    image = read(PLAIN + ".bin")
    succeeds("-U reads it", board.run(["dfu-util", "-a", "0", "-s", "0x08000000:%d" % len(image), "-U", path("back")], timeout=100))
    tap.check("    and it is the same", read(path("back")) == image)
    succeeds("pydfu.py -l", board.run([sys.executable, PYDFU, "-l"]), "0x8000000 256 pages of   8K bytes")
    small = dfuse(0x08000000, image[:20000])
    succeeds("pydfu.py -u", board.run([sys.executable, PYDFU, "-u", write("small.dfu", small)], timeout=100), "Finished")
    tap.equal("no complaint", board.close()[0], 0)


def mboot():
    whole = read(BEHIND + "firmware.bin")
    board = Board("--strict", firmware=BEHIND + "mboot-and-firmware.dfu")
    tap.check("both: the firmware runs", becomes(board, REPL))
    tap.equal("no complaint", board.close(), (0, ""))

    board = Board("--strict", "--press", "K2@0-200ms", "--flash", path("flash"), firmware=BEHIND + "mboot-and-firmware.dfu")
    tap.check("with the button: a DFU device", becomes(board, DFU))
    tap.equal("dfu-util -l", [entry[:2] for entry in listed(board)], [("0", "@Internal Flash  /0x08000000/256*08Kg")])
    programmers_sequence(board, 0x08100000)
    result = board.run(["dfu-util", "-a", "0", "-D", PLAIN + ".dfu"])
    tap.check("firmware for another place is refused", result.returncode != 0 and "ERASE_PAGE not correctly executed" in result.stdout, result.stdout)
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 1
    result = board.run(["dfu-util", "-a", "0", "-s", ":leave", "-D", write("damaged.dfu", dfuse(0x08008000, bytes(damaged)))], timeout=100)
    tap.check("a damaged one is written, and told",
              "Download done." in result.stdout and "status(10) = Device's firmware is corrupt" in result.stdout, result.stdout[-800:])
    time.sleep(0.5)
    tap.check("    but not started", becomes(board, DFU, 1))
    succeeds("-D firmware.dfu, and leave", board.run(["dfu-util", "-a", "0", "-s", ":leave", "-D", BEHIND + "firmware.dfu"], timeout=100),
             "Download done.", "Transitioning to dfuMANIFEST state")
    tap.check("    it runs", becomes(board, REPL))
    tap.equal("no complaint", board.close(), (0, ""))
    flash = read(path("flash"))
    tap.check("the flash holds bootloader and firmware", flash.startswith(read(MBOOT)) and flash[0x8000:].startswith(whole))

    board = Board("--strict", firmware=MBOOT)
    tap.check("no application: a DFU device", becomes(board, DFU))
    succeeds("pydfu.py -l", board.run([sys.executable, PYDFU, "-l"]), "0x8000000 256 pages of   8K bytes")
    succeeds("pydfu.py -u firmware.dfu", board.run([sys.executable, PYDFU, "-u", BEHIND + "firmware.dfu"], timeout=100), "Finished")
    tap.check("    it runs", becomes(board, REPL))
    tap.equal("no complaint", board.close(), (0, ""))


try:
    {"rom": rom, "mboot": mboot}[sys.argv[1]]()
except (OSError, subprocess.TimeoutExpired) as error:
    tap.check("goes on", False, error)
sys.exit(tap.done())
