#!/usr/bin/env python3
"""The file systems on the drive, and whose the medium is: a PC (mtools, fsck.fat) and MicroPython read and write the same card and
the same flash, one after the other. Throughput in virtual time."""

import os
import re
import shutil
import struct
import subprocess
import sys
import time

from drive import BLOCK, IN, OUT, Board, path
from usbip import Tap

tap = Tap()
CARD, FLASH = path("card.img"), path("flash.bin")
MB = 1 << 20
SYSTEM = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin", MTOOLS_SKIP_CHECK="1", TZ="UTC")

MOUNT = "import machine, os, vfs\nvfs.mount(machine.SDCard(), '/sd')\n"
UMOUNT = "import vfs\nvfs.umount('/sd')\n"


def system(*command):
    """A program of the PC; what it printed, and its status if that is not 0."""
    result = subprocess.run(command, env=SYSTEM, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            universal_newlines=True, cwd=path("."))
    return result.stdout + ("status %d" % result.returncode if result.returncode else "")


def check(what, image):
    found = system("fsck.fat", "-n", image)
    tap.check("fsck.fat finds nothing wrong with %s" % what, re.search(r": \d+ files, \d+/\d+ clusters\n$", found), found)


def get(image, name):
    return system("mtype", "-i", image, "::" + name)


def put(drive, before, name, content):
    """The PC writes a file: on its image of the medium, and then what that has changed."""
    with open(path("content"), "wb") as file:
        file.write(content)
    shutil.copy(before, path("after.img"))
    said = system("mcopy", "-o", "-i", path("after.img"), path("content"), "::" + name)
    return said or drive.write_image("after.img", os.path.basename(before))


def fat_card(size=4):
    with open(CARD, "wb") as file:
        file.truncate(size * MB)
    system("mkfs.fat", "-n", "CARD", CARD)
    return "--sd", CARD


def card():
    board = Board(*fat_card())
    board.found()
    board.meet()
    drive = board.drive()
    drive.settle()

    tap.equal("MicroPython writes files", board.raw(
        MOUNT + "for n in range(20):\n with open('/sd/A long name %d.txt' % n, 'w') as f: f.write('line %d\\n' % n * 2000)\n"), "")
    tap.equal("mounted: news, then write-protected", (drive.ready(), drive.ready(), drive.protected()), ("06/28", "", True))
    tap.equal("a write is refused", (drive.write(100, bytes(BLOCK)), drive.read(100, 1)[1]), ("07/27", ""))
    image = drive.image("read.img")
    check("the card as read over USB", image)
    tap.equal("mcopy reads a file of MicroPython's", get(image, "A long name 7.txt"), "line 7\n" * 2000)
    board.raw("open('/sd/more', 'w').close()")
    tap.equal("written to: news", (drive.ready(), drive.ready()), ("06/28", ""))

    tap.equal("unmounted", board.raw(UMOUNT), "")
    tap.equal("news: the PC may write", (drive.ready(), drive.protected()), ("06/28", False))
    tap.equal("it takes the card, and writes", (drive.prevent(True), put(drive, drive.image("read.img"), "from the PC", b"hello\n")),
              ("", ""))
    for name, code, wanted in (
            ("mounts", MOUNT, "OSError: 16"), ("mounts for reading", MOUNT.replace("'/sd'", "'/sd', readonly=True") +
             "print(open('/sd/from the PC').read(), end='')\nopen('/sd/x', 'w')", "hello\nOSError: 30"),
            ("unmounts that", UMOUNT, ""), ("formats", "import machine, vfs\nvfs.VfsFat.mkfs(machine.SDCard())",
                                            "OSError: 30"),
            ("writes a block", "import machine\nprint(machine.SDCard().writeblocks(0, bytes(512)))", "-16")):
        tap.equal("meanwhile MicroPython %s" % name, board.raw(code), wanted)
    board.raw("early = vfs.VfsFat(machine.SDCard())\nprint(list(early.ilistdir()))\nblocks = machine.SDCard()")
    tap.equal("the PC writes on", put(drive, drive.image("read.img"), "later", b"later " * 4000), "")
    tap.equal("the PC gives it back", drive.prevent(False), "")
    tap.equal("what MicroPython opened meanwhile knows nothing of that, and must not write", board.raw(
        "vfs.mount(early, '/early')\nopen('/early/x', 'w')"), "OSError: 30")
    tap.equal("nor blocks", board.raw("vfs.umount('/early')\nprint(blocks.writeblocks(0, bytes(512)))"), "-30")
    tap.equal("then MicroPython reads and writes", board.raw(
        MOUNT + "print(open('/sd/from the PC').read(), end='')\nwith open('/sd/back', 'w') as f: f.write('x' * 9999)\n"), "hello")
    old(board, drive)
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))
    check("the card in the end", CARD)
    tap.equal("what both wrote is on it", (get(CARD, "from the PC"), get(CARD, "later"), get(CARD, "back"), get(CARD, "last")),
              ("hello\n", "later " * 4000, "x" * 9999, "sure\n"))


def old(board, drive):
    """Files and file systems from before the PC wrote know nothing of that, and must not write."""
    board.raw("f = open('/sd/old', 'w')\nf.write('old')\nf.flush()\nf.write('more')\n" + UMOUNT + "fs = vfs.VfsFat(machine.SDCard())\n")
    drive.settle()
    tap.equal("the first write takes it, too", (put(drive, drive.image("read.img"), "last", b"sure\n"), board.raw(MOUNT)),
              ("", "OSError: 16"))
    tap.equal("ejected: no medium any more", (drive.eject(), drive.ready(), drive.read(0, 1)), ("", "02/3A", (b"", "02/3A")))
    tap.equal("and MicroPython's", board.raw(MOUNT + "print(open('/sd/last').read(), end='')"), "sure")
    tap.equal("a file that was open does not write", board.raw("f.close()"), "OSError: [Errno 5] EIO")
    tap.equal("nor a file system", board.raw("fs.mkdir('x')"), "OSError: 30")
    tap.equal("not even if it is mounted", board.raw("vfs.mount(fs, '/old')\nopen('/old/x', 'w')"), "OSError: 30")
    tap.equal("still ejected while mounted", drive.ready(), "02/3A")
    board.raw(UMOUNT + "vfs.umount('/old')")
    tap.equal("given back by MicroPython: there again", (drive.ready(), drive.ready(), drive.protected()), ("06/28", "", False))
    tap.equal("or loaded by the PC", (drive.eject(), drive.ready(), drive.load(), drive.ready(), drive.ready()),
              ("", "02/3A", "", "06/28", ""))
    drive.prevent(True)
    drive.reset_port()
    tap.equal("a bus reset gives it back", board.raw(MOUNT + UMOUNT), "")


def flash():
    flash_file = ("--flash", FLASH)
    board = Board(*flash_file)
    board.meet()
    tap.equal("the flash with littlefs", board.raw("import stm32\nstm32.usb_mode('VCP+MSC', msc='flash')"), "")
    time.sleep(1)
    drive = board.drive()
    tap.equal("is no medium for a PC", (drive.ready(), drive.read(0, 1)[1], drive.write(0, bytes(BLOCK))), ("02/3A",) * 3)
    boot = "import stm32\nstm32.usb_mode('VCP+MSC', msc='flash')\n"
    board.raw("import os, vfs, stm32\nos.chdir('/')\nvfs.umount('/flash')\nvfs.VfsFat.mkfs(stm32.Flash())\n"
              "vfs.mount(stm32.Flash(), '/flash')\nwith open('/flash/boot.py', 'w') as f: f.write(%r)\n" % boot)
    tap.equal("formatted FAT it is one", (drive.ready(), drive.ready(), drive.capacity(), drive.protected()),
              ("06/28", "", (2048, 512), True))
    tap.equal("its caching page", drive.mode_sense(8)[0][4:7].hex(), "081204")
    image = drive.image("read.img")
    check("the flash as read over USB", image)
    tap.equal("with the file", get(image, "boot.py"), boot)
    drive.close()

    board.send("\x04")
    tap.check("mounted by the soft reset", board.expect("soft reboot") and board.meet())
    tap.equal("boot.py's choice holds", board.raw("import os\nprint(os.getcwd(), stm32.usb_mode(), len(vfs.mount()))"
                                                  .replace("stm32", "__import__('stm32')").replace("vfs", "__import__('vfs')")),
              "/flash VCP+MSC 1")
    drive = board.drive()
    drive.settle()
    board.raw("import vfs, stm32\nvfs.umount('/flash')\nvfs.mount(stm32.Flash(), '/flash', readonly=True)")
    drive.settle()
    main = b"print('from the PC' * 2)\n" * 400
    tap.equal("mounted for reading only the PC may write", put(drive, drive.image("read.img"), "main.py", main), "")
    board.send("\x04")
    tap.check("a soft reset runs what it wrote, and leaves the flash to it",
              board.expect("flash: a PC has it for writing, mounted read-only") and
              board.expect("from the PCfrom the PC\r\n" * 400) and board.meet())
    tap.equal("reading only", board.raw("open('/flash/x', 'w')"), "OSError: 30")
    tap.equal("until it is ejected", (drive.eject(), board.raw(
        "import vfs, stm32\nvfs.umount('/flash')\nvfs.mount(stm32.Flash(), '/flash')\nwith open('/flash/x', 'w') as f: f.write('y')")), ("", ""))
    board.raw("import os, vfs\nos.chdir('/')\nvfs.umount('/flash')")
    drive.settle()
    tap.equal("a last file", put(drive, drive.image("read.img"), "last", b"sure\n"), "")
    board.ask("import time; time.sleep_ms(400)")
    drive.close()
    tap.equal("the power fails 0.4 s after it: no complaint", board.finish(), (0, ""))

    board = Board(*flash_file)
    tap.check("main.py runs at the next start", board.expect("from the PCfrom the PC\r\n" * 400) and board.meet())
    tap.equal("the files are there", board.raw("import os\nprint(sorted(os.listdir('/flash')), open('/flash/last').read())"),
              "['boot.py', 'last', 'main.py', 'x'] sure")
    drive = board.drive()
    drive.settle()
    check("the flash", drive.image("read.img"))
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))


def asleep():
    """A PC that suspends the bus, as one that sleeps or is pulled out does, with the card in its hands."""
    board = Board(*fat_card())
    board.found()
    board.meet()
    drive = board.drive()
    drive.settle()
    tap.equal("a PC that is there keeps it", (drive.prevent(True), board.raw(MOUNT)), ("", "OSError: 16"))
    drive.sleep(True)
    board.ask("import time; time.sleep_ms(50)")
    tap.equal("one that is not loses it", board.raw(MOUNT + "with open('/sd/new', 'w') as f: f.write('board')"), "")
    drive.sleep(False)
    board.ask("time.sleep_ms(50)")
    tap.equal("when it wakes up: news, and write-protected", (drive.ready(), drive.write(64, bytes(BLOCK)), drive.protected()),
              ("06/28", "07/27", True))
    tap.equal("it reads what is there now", get(drive.image("read.img"), "new"), "board")
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))


# On the board: the time from the first to the last movement on the drive's endpoints (DIEPTSIZ3, DOEPTSIZ3), to a millisecond.
WATCH = """
import machine, time
def look():
    return machine.mem32[0x40040970], machine.mem32[0x40040B70]
def watch():
    was = look()
    while look() == was: time.sleep_ms(1)
    first = last = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), last) < 200:
        if look() != was:
            was, last = look(), time.ticks_ms()
        time.sleep_ms(1)
    print(time.ticks_diff(last, first))
"""
AT_ONCE = 128  # blocks in a command, as systems ask


def transfer(board, drive, into, data):
    """Reads or writes from block 0 on, all commands given to the host's controller at once: (milliseconds, what was read)."""
    board.send("watch()\r")
    board.expect("watch()\r\n")
    size, answers, wanted = AT_ONCE * BLOCK, {}, []
    for i in range(len(data) // size):
        cdb = struct.pack(">BBIBHB", 0x28 if into else 0x2A, 0, i * AT_ONCE, 0, AT_ONCE, 0)
        drive.submit(OUT, False, drive.wrapper(cdb, size, into))
        if into:
            wanted.append(drive.submit(IN, True, length=size))
        else:
            drive.submit(OUT, False, data[i * size:][:size])
        wanted.append(drive.submit(IN, True, length=13))
    while wanted[-1] not in answers:
        _, number, status, got = drive.answer(set(wanted), 120)
        answers[number] = got if status == 0 else b""
    found = board.expect("\r\n>>> ", 60)
    passed = [answers[n] for n in wanted if len(answers[n]) == 13 and answers[n][12] == 0]
    tap.equal("all commands pass", len(passed), len(data) // size)
    return int(found.split()[0]), b"".join(answers[n] for n in wanted if len(answers[n]) == size)


def throughput():
    """In virtual time. The card reads without an access time of its own, so its figures are the bus's and the firmware's."""
    goals = {("card", "read"): 1000, ("card", "write"): 900, ("flash", "read"): 1000, ("flash", "write"): 200}
    for what, options, code in (("card", fat_card(), ""), ("flash", (), "stm32.usb_mode('VCP+MSC', msc='flash')\n")):
        board = Board(*options)
        board.meet()
        board.raw("import os, vfs, stm32\nos.chdir('/')\nvfs.umount('/flash')\nvfs.VfsFat.mkfs(stm32.Flash())\n" + code + WATCH)
        time.sleep(1)
        drive = board.drive()
        drive.settle()
        data = os.urandom(MB // 2)
        # Behind the first write the flash may hold what is no FAT: until then the PC has it.
        drive.prevent(True)
        for name in ("write", "read"):
            ms, got = transfer(board, drive, name == "read", data)
            rate = len(data) / ms
            print("# %s, %s: %.0f KB/s" % (what, name, rate))
            tap.check("%s, %s: at least %d KB/s" % (what, name, goals[what, name]), rate >= goals[what, name], rate)
        tap.check("%s: what was written" % what, got == data)
        drive.close()
        tap.equal("no complaint", board.finish(), (0, ""))


def main():
    for part in [globals()[n] for n in sys.argv[1:]] or (card, flash, asleep, throughput):
        try:
            part()
        except (OSError, struct.error) as e:
            tap.check("%s goes on" % part.__name__, False, repr(e))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
