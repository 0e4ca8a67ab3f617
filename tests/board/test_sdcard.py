#!/usr/bin/env python3
"""machine.SDCard on the virtual board's card (--sd): blocks, a file system, and what goes wrong with a card."""

import os
import random
import sys

from vboard import QUICK, Tap, path, run, strict

CARD = path("card.img")

BLOCKS = """
import machine
sd = machine.SDCard(%s)
print(sd.info(), sd.present(), sd.ioctl(4, 0), sd.ioctl(5, 0))
data = bytes((i * 7 + i // 512) & 255 for i in range(512 * 20))
got = bytearray(512 * 20)
print(sd.writeblocks(100, data), sd.readblocks(100, got), got == data)
print(sd.writeblocks(16383, data[:512]), sd.readblocks(16383, memoryview(got)[:512]), got[:512] == data[:512])
print(sd.writeblocks(16384 - 20, data), sd.readblocks(16384 - 20, got), got == data)
print(sd.readblocks(16384, got), sd.writeblocks(16380, data), sd.readblocks(-1, got), sd.readblocks(0, bytearray(100)))
print(sd.readblocks(0, bytearray(0)))
"""


def blocks(tap):
    for width, version in ("", ",v1"), ("width=1", ",v1"), ("", ""), ("width=1", ""):
        if os.path.exists(CARD):
            os.remove(CARD)
        result = strict(*QUICK, "--sd", CARD + ",8M" + version, script=BLOCKS % width)
        tap.equal("blocks %s%s" % (width, version), (result.status, result.out), (0, """\
(8388608, 512) True 16384 512
0 0 True
0 0 True
0 0 True
-22 -22 -22 -22
0
"""))
        data = open(CARD, "rb").read()
        tap.check("they are in the file", data[51200:51200 + 10240] == bytes((i * 7 + i // 512) & 255 for i in range(10240)))
        tap.equal("which is as long as the card", len(data), 8 << 20)
    with open(path("odd.img"), "wb") as file:
        file.write(bytes(1000))
    for size in "1G", "2G":
        result = strict(*QUICK, "--sd", path("big.img") + "," + size + ",v1", script="""
import machine
sd = machine.SDCard(); print(sd.info(), sd.readblocks(2097151, bytearray(512)), sd.readblocks(2097152, bytearray(512)))
""")
        tap.check("a card of version 1 has 1 GB at most: %s" % size, result.out == "(1073741824, 512) 0 -22\n" if size == "1G" else
                  result.status == 2 and "a card of version 1 has 1 GB at most" in result.err, result)
        os.remove(path("big.img"))
    result = strict(*QUICK, "--sd", path("odd.img"), script="pass")
    tap.check("no card has an odd size", result.status == 2 and "multiple of 512 KB, not 1000 bytes" in result.err, result)
    result = strict(*QUICK, "--sd", CARD + ",8M", script="""
import machine
for arguments in (dict(slot=2), dict(width=8)):
    try: machine.SDCard(**arguments)
    except ValueError as e: print(e)
""")
    tap.equal("arguments", result.out, "slot must be 1\nwidth must be 1 or 4\n")


# PC8 to PC12, PD2, by the two bits of MODER: 1 is an output, 2 SDMMC's, 3 analog.
PINS = """
import machine
def modes(): return [machine.mem32[0x58020800] >> 2 * n & 3 for n in range(8, 13)] + [machine.mem32[0x58020C00] >> 4 & 3]
led = [machine.Pin(name, machine.Pin.OUT, value=1) for name in ('C9', 'C10', 'C11')]
try:
    sd = machine.SDCard(width=1)
    print(modes(), sd.readblocks(0, bytearray(512)))
    sd.deinit()
except OSError as e: print(e.errno)
print(modes(), [pin() for pin in led])
try:
    sd = machine.SDCard()
    print(modes())
    sd.deinit()
except OSError as e: print(e.errno)
print(modes())
"""


def pins(tap):
    result = strict(*QUICK, script=PINS)
    tap.equal("the pins of three lines that are not used stay as they are: no card", result.out,
              "19\n[3, 1, 1, 1, 3, 3] [1, 1, 1]\n19\n[3, 3, 3, 3, 3, 3]\n")
    result = strict(*QUICK, "--sd", CARD, script=PINS)
    tap.equal("and with one", result.out, "[2, 1, 1, 1, 2, 2] 0\n[3, 1, 1, 1, 3, 3] [1, 1, 1]\n"
              "[2, 2, 2, 2, 2, 2]\n[3, 3, 3, 3, 3, 3]\n")


def copy(tap):
    """Random blocks there and back, in pieces of all sizes, from and to the PSRAM heap."""
    data = random.Random(5).randbytes(1 << 20)
    with open(CARD, "wb") as file:
        file.write(data)
    result = strict("--sd", CARD + ",4M", script="""
import machine, random
sd = machine.SDCard()
random.seed(3)
buf = bytearray(40 * 512)
at = 0
while at < 2048:
    n = min(1 + random.getrandbits(5), 2048 - at)
    view = memoryview(buf)[3:3 + n * 512]
    assert sd.readblocks(at, view) == 0
    assert sd.writeblocks(4096 + at, view) == 0
    at += n
print('copied')
""", timeout=200)
    tap.equal("1 MB copied, to and from buffers in the PSRAM at odd addresses", (result.status, result.out), (0, "copied\n"))
    with open(CARD, "rb") as file:
        file.seek(2 << 20)
        tap.check("and it is the same", file.read(1 << 20) == data)


def files(tap):
    os.remove(CARD)
    result = strict(*QUICK, "--sd", CARD + ",16M", script="""
import machine, os, vfs
sd = machine.SDCard()
vfs.VfsFat.mkfs(sd)
vfs.mount(sd, '/sd')
with open('/sd/A long name.txt', 'w') as f: f.write('line\\n' * 5000)
with open('/flash/copy', 'w') as f: f.write(open('/sd/A long name.txt').read())
print(os.listdir('/sd'), os.stat('/sd/A long name.txt')[6], os.stat('/flash/copy')[6])
vfs.umount('/sd')
sd.deinit()
""")
    tap.equal("FAT at /sd", result.out, "['A long name.txt'] 25000 25000\n")
    result = strict(*QUICK, "--sd", CARD, script="""
import machine, vfs
vfs.mount(machine.SDCard(width=1), '/sd')
print(open('/sd/A long name.txt').read() == 'line\\n' * 5000)
""")
    tap.equal("still there", result.out, "True\n")


def faults(tap):
    result = strict(*QUICK, script="""
import machine, time
start = time.ticks_ms()
for i in range(2):
    try: machine.SDCard()
    except OSError as e: print(e.errno)
print(time.ticks_diff(time.ticks_ms(), start) < 20)
""")
    tap.equal("no card: ENODEV, soon", result.out, "19\n19\nTrue\n")
    script = """
import machine
sd = machine.SDCard()
b = bytearray(4096)
print(sd.readblocks(0, b), sd.writeblocks(0, b))
"""
    for nth in 3, 11:
        result = strict(*QUICK, "--sd", CARD, "--fault", "sd-crc:%d" % nth, script=script)
        tap.equal("a damaged block among others is asked for again, or sent again: %d" % nth, result.out, "0 0\n")
    # Alone, it leaves the card in its transfer state, where CMD12 is an illegal command.
    for nth in 1, 2, 3, 4:
        result = strict(*QUICK, "--sd", CARD, "--fault", "sd-crc:%d" % nth, script="""
import machine
sd = machine.SDCard()
data, b = bytes(range(256)) * 2, bytearray(512)
print(sd.readblocks(7, b), sd.writeblocks(7, data), sd.readblocks(7, b), b == data, sd.writeblocks(7, data))
""")
        tap.equal("and so is one alone: %d" % nth, result.out, "0 0 0 True 0\n")
    # A card that never gets done with a write, of one block and of four; the next access begins with a reset of it. With interrupts
    # off, no count of microseconds goes on.
    for name, count, masked in ("one block", 1, False), ("four blocks", 4, False), ("interrupts off", 4, True):
        result = strict(*QUICK, "--sd", CARD, "--fault", "sd-busy:2", "--limit", "20", script="""
import machine, time
sd = machine.SDCard()
b = bytearray(512 * %d)
e = sd.writeblocks(30000, b)
state = machine.disable_irq() if %s else 0
start = time.ticks_cpu()
f = sd.writeblocks(30000, b)
ms = time.ticks_diff(time.ticks_cpu(), start) // 280000
if %s: machine.enable_irq(state)
print(e, f, 240 < ms < 600, sd.writeblocks(30000, b), sd.readblocks(30000, b))
""" % (count, masked, masked))
        tap.check("a card that stays busy: %s" % name, result.out == "0 -5 True 0 0\n", result)
    # SDMMC switched off behind the driver's back, so that a command never ends: vboard complains.
    result = run(*QUICK, "--sd", CARD, "--limit", "20", script="""
import machine, time
sd = machine.SDCard()
b = bytearray(512)
state = machine.disable_irq()
start = time.ticks_cpu()
machine.mem32[0x52007000] = 0
e = sd.readblocks(0, b)
ms = time.ticks_diff(time.ticks_cpu(), start) // 280000
machine.enable_irq(state)
print(e, 10 <= ms < 60, sd.readblocks(0, b))
""")
    tap.check("a command that never ends, with interrupts off", result.out == "-5 True 0\n" and "guest errors" in result.err, result)
    result = strict(*QUICK, "--sd", CARD, "--sd-out", "0.2-1", script="""
import machine, time
sd = machine.SDCard()
b = bytearray(512 * 64)
n = 0
while (e := sd.readblocks(0, b)) == 0: n += 1
print(n > 0, e, 190 <= time.ticks_ms() < 600)
print(sd.present(), sd.writeblocks(0, b[:512]))
time.sleep(1)
print(sd.present(), sd.readblocks(0, b))
""")
    tap.equal("a card that is pulled out: EIO, then ENODEV, and again good when it is back", result.out,
              "True -5 True\nFalse -19\nTrue 0\n")
    result = strict(*QUICK, "--sd", CARD, "--sd-out", "0.2", script="""
import machine, time, vfs
vfs.mount(machine.SDCard(), '/sd')
try:
    with open('/sd/new', 'w') as f:
        while True: f.write('x' * 4096)
except OSError as e:
    print(e.errno, time.ticks_ms() < 2000)
""")
    tap.check("while a file is written", result.out in ("5 True\n", "19 True\n"), result)


def main():
    tap = Tap()
    blocks(tap)
    pins(tap)
    copy(tap)
    files(tap)
    faults(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
