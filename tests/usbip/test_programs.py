#!/usr/bin/env python3
"""Unmodified programs for USB find the board's device: dfu-util, and pyusb, which talks to the REPL by bulk transfers. And what
the protocol's own client gets: one import at a time, unlink, errors."""

import subprocess
import sys

from usbip import ECONNRESET, EPIPE, RET_UNLINK, Board, Client, Tap, devices

tap = Tap()

PYUSB = r"""
import usb.core, usb.util
found = list(usb.core.find(find_all=True))
for d in found:
    print("%04x:%04x %s, %s, %s" % (d.idVendor, d.idProduct, d.manufacturer, d.product, len(d.serial_number)))
    for i in d[0]:
        print("interface", i.bInterfaceNumber, i.bInterfaceClass, [hex(e.bEndpointAddress) for e in i])
d = found[0]
data = usb.util.find_descriptor(d[0], bInterfaceClass=10)
into = [e for e in data if e.bEndpointAddress & 0x80][0]
out = [e for e in data if not e.bEndpointAddress & 0x80][0]
d.ctrl_transfer(0x21, 0x22, 3, 0)
def until(mark):
    got = b""
    while not got.endswith(mark):
        got += bytes(into.read(4096, 5000))
    return got
until(b">>> ")
out.write(b"print(6 * 7)\r")
print(until(b">>> ").split(b"\r\n")[1].decode())
try:
    into.read(64, 200)
except usb.core.USBTimeoutError:
    print("nothing more")
try:
    d.ctrl_transfer(0xC0, 0x77, 0, 0, 4)
except usb.core.USBError as e:
    print("refused", e.errno)
d.reset()
print("reset", bytes(d.ctrl_transfer(0x80, 6, 0x100, 0, 18))[:4].hex())
"""


def programs(board):
    tap.equal("the list of devices", devices(board.port), [("1-1", 0xF055, 0x9800)])
    result = board.run(["dfu-util", "-l"])
    tap.check("dfu-util looks at it, and finds no DFU there",
              result.returncode == 0 and "Found" not in result.stdout and "annot" not in result.stdout, result.stdout)
    result = board.run(["/usr/bin/python3", "-c", PYUSB])
    lines = result.stdout.splitlines()
    tap.equal("pyusb: the device and its strings", lines[:1], ["f055:9800 MicroPython, DEVEBOX STM32H7XX, 12"])
    tap.equal("its interfaces", lines[1:4],
              ["interface 0 2 ['0x81']", "interface 1 10 ['0x2', '0x82']", "interface 2 8 ['0x3', '0x83']"])
    tap.equal("the REPL, a time-out, a request that is not known, a reset", lines[4:],
              ["42", "nothing more", "refused 32", "reset 12010002"])


def protocol(board):
    client = Client(board.port)
    try:
        Client(board.port)
        tap.check("one import at a time", False)
    except ConnectionError:
        tap.check("one import at a time", True)
    status, data = client.control(bytes((0x80, 6, 0, 1, 0, 0, 18, 0)))
    tap.equal("a control transfer", (status, len(data)), (0, 18))
    tap.equal("a stall", client.control(bytes((0x80, 6, 0, 99, 0, 0, 18, 0)))[0], EPIPE)
    waits = client.submit(1, True, length=8)
    number = client.unlink(waits)
    tap.equal("unlink", client.answer(set())[:3], (RET_UNLINK, number, ECONNRESET))
    number = client.unlink(waits)
    tap.equal("unlink of what is over", client.answer(set())[:3], (RET_UNLINK, number, 0))
    number = client.submit(9, True, length=8)
    tap.check("an endpoint that is not there", client.answer({number})[2] < 0)
    client.close()
    again = Client(board.port)
    tap.equal("after its end the next one gets it", again.control(bytes((0x80, 8, 0, 0, 0, 0, 1, 0))), (0, b"\1"))
    again.close()


board = Board("--strict")
tap.check("enumerated", board.wait_for_device())
try:
    programs(board)
    protocol(board)
except (OSError, subprocess.TimeoutExpired) as e:
    tap.check("goes on", False, e)
tap.equal("no complaint", board.close(), (0, ""))
sys.exit(tap.done())
