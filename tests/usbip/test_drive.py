#!/usr/bin/env python3
"""The drive on USB as a PC's driver meets it: what it is, bulk-only transport with its 13 cases and what may go wrong, cards that
come and go, the serial port beside it."""

import os
import re
import struct
import sys
import time

from drive import BLOCK, FAILED, IN, OUT, PASSED, PHASE_ERROR, Board, Halted, path
from usbip import FIRMWARE, PROMPT, Tap

tap = Tap()
CARD = path("card.img")
MB = 1 << 20
READY = (0, 0, 0, 0, 0, 0)
INQUIRY = (0x12, 0, 0, 0, 36, 0)


def pattern(blocks, seed=0):
    return bytes((i * 7 + i // 512 * 3 + seed) & 255 for i in range(blocks * BLOCK))


def read10(block, count):
    return struct.pack(">BBIBHB", 0x28, 0, block, 0, count, 0)


def write10(block, count):
    return struct.pack(">BBIBHB", 0x2A, 0, block, 0, count, 0)


def new_card(size=8):
    with open(CARD, "wb") as file:
        file.truncate(size * MB)
    return "--sd", CARD


def identity():
    board = Board(*new_card())
    tap.equal("VID and PID of a serial port with mass storage", board.found(), (0xF055, 0x9800))
    drive = board.drive()
    interfaces = drive.control(struct.pack("<BBHHH", 0x80, 6, 0x200, 0, 255))[1]
    tap.equal("a serial port's two interfaces, and a third: SCSI, bulk-only", interfaces[-23:].hex(),
              "0904020002080650000705030240000007058302400000")
    tap.equal("one logical unit", drive.max_lun(), (0, b"\0"))
    data = drive.run(INQUIRY, 36)[0]
    tap.equal("INQUIRY: a removable disk", (data[:5].hex(), data[8:]), ("008004021f", b"MicroPy SD card         1.00"))
    tap.equal("a new medium is news once", (drive.ready(), drive.ready()), ("06/28", ""))
    tap.equal("its capacity", drive.capacity(), (16384, 512))
    tap.equal("and as Windows asks", drive.run((0x23, 0, 0, 0, 0, 0, 0, 0, 252, 0), 252)[0].hex(), "00000008" "00004000" "02000200")
    tap.equal("not write-protected", drive.mode_sense()[0][:4].hex(), "17000000")
    tap.equal("MODE SENSE(10), caching page: nothing is cached", drive.run((0x5A, 0, 8, 0, 0, 0, 0, 0, 64, 0), 64)[0].hex(),
              "001a000000000000" "0812" + "00" * 18)
    for name, cdb, length, why in (
            ("an operation that is not known", (0xA8,) + (0,) * 11, 512, "05/20"), ("MODE SELECT", (0x15, 0, 0, 0, 0, 0), 0, "05/20"),
            ("vital product data", (0x12, 1, 0x80, 0, 36, 0), 36, "05/24"), ("a mode page", (0x1A, 0, 0x1C, 0, 64, 0), 64, "05/24"),
            ("VERIFY with data", (0x2F, 2, 0, 0, 0, 0, 0, 0, 0, 0), 0, "05/24")):
        tap.equal("not there: %s" % name, drive.run(cdb, length)[1], why)
    tap.equal("VERIFY of all", drive.run((0x2F, 0, 0, 0, 0, 0, 0, 0x3F, 0xFF, 0))[1], "")
    drive.command(READY, lun=1)
    tap.equal("a second logical unit", drive.sense(), "05/25")
    tap.equal("the sense is told once", drive.sense(), "00/00")

    written = pattern(300)
    tap.equal("300 blocks written", drive.write(1000, written), "")
    tap.check("and read in other pieces", b"".join(drive.read(1000 + i, 100)[0] for i in (0, 100, 200)) == written)
    with open(CARD, "rb") as file:
        file.seek(1000 * BLOCK)
        tap.check("they are on the card", file.read(len(written)) == written)
    for block, count in ((16384, 1), (16380, 5), (0xFFFFFFFF, 1), (0xFFFFFFF0, 0x20)):
        tap.equal("read past the end: %d blocks at %d" % (count, block), drive.read(block, count), (b"", "05/21"))
    tap.equal("write past the end", drive.write(16383, pattern(2)), "05/21")
    tap.equal("the last block", drive.read(16383, 1)[1], "")
    tap.equal("no blocks", (drive.read(5, 0), drive.write(5, b"")), ((b"", ""), ""))

    board.meet()
    tap.equal("machine.USBDevice has the serial port only", board.raw(
        "import machine, stm32\nd = machine.USBDevice\nprint(d.BUILTIN_DEFAULT is d.BUILTIN_CDC, d.BUILTIN_CDC.itf_max, "
        "stm32.usb_mode())"), "True 2 VCP+MSC")
    tap.equal("another drive by name only", board.raw("import stm32\nstm32.usb_mode('VCP+MSC', msc='disk')"),
              "ValueError: msc must be 'flash' or 'sdcard'")
    tap.equal("another mode", board.raw("import stm32\nstm32.usb_mode('VCP+HID')"), "ValueError: mode must be 'VCP' or 'VCP+MSC'")
    board.raw("import stm32\nstm32.usb_mode('VCP')\nprint(stm32.usb_mode())")
    time.sleep(1)
    tap.equal("usb_mode('VCP') takes the drive away", board.found(), (0xF055, 0x9802))
    board.send("\x04")
    board.expect("soft reboot")
    board.meet()
    time.sleep(1)
    tap.equal("a soft reset brings it back", board.found(), (0xF055, 0x9800))
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))


def without_a_slot():
    board = Board("--board", "nucleo", firmware=FIRMWARE.replace("DEVEBOX_STM32H7A3", "NUCLEO_H7A3ZI_Q"))
    tap.equal("a board without a slot is a serial port only", (board.found(), board.meet()), ((0xF055, 0x9802), True))
    tap.equal("its drive, if somebody wants one, is the flash", board.raw(
        "import stm32\nprint(stm32.usb_mode())\nstm32.usb_mode('VCP+MSC')"), "VCP")
    time.sleep(1)
    drive = board.drive()
    tap.equal("which holds littlefs", (drive.run(INQUIRY, 36)[0][16:32], drive.ready()), (b"Flash           ", "02/3A"))
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))


def cases():
    """The 13 cases of BOT, 6.7: what the host expects, what the device is told to do."""
    board = Board(*new_card())
    board.found()
    drive = board.drive()
    drive.settle()
    data = pattern(4)
    drive.write(8, data)
    bad = data[:BLOCK], data[:2 * BLOCK], data
    for name, cdb, length, out, wanted in (
            ("1: nothing, nothing", READY, 0, None, (PASSED, 0, b"")),
            ("2: nothing, in", read10(8, 1), 0, None, (PHASE_ERROR, 0, b"")),
            ("3: nothing, out", write10(8, 1), 0, None, (PHASE_ERROR, 0, b"")),
            ("4: in, nothing", READY, 512, None, (PASSED, 512, b"")),
            ("5: in, less", read10(8, 1), 1024, None, (PASSED, 512, bad[0])),
            ("5: in, less, an answer", INQUIRY, 96, None, (PASSED, 60, drive.run(INQUIRY, 36)[0])),
            ("6: in, as much", read10(8, 4), 2048, None, (PASSED, 0, bad[2])),
            ("7: in, more", read10(8, 2), 512, None, (PHASE_ERROR, 512, b"")),
            ("8: in, out", write10(8, 1), 512, None, (PHASE_ERROR, 512, b"")),
            ("9: out, nothing", READY, 0, bad[0], (PASSED, 512, b"")),
            ("10: out, in", read10(8, 1), 0, bad[0], (PHASE_ERROR, 512, b"")),
            ("11: out, less", write10(20, 1), 0, bad[1], (PASSED, 512, b"")),
            ("12: out, as much", write10(24, 4), 0, bad[2], (PASSED, 0, b"")),
            ("13: out, more", write10(28, 2), 0, bad[0], (PHASE_ERROR, 512, b""))):
        got = drive.command(cdb, length, out)
        tap.equal("case %s" % name, got, wanted)
        if got[0] == PHASE_ERROR:
            drive.reset()
        tap.equal("and on", drive.run(read10(8, 4), 2048), (data, ""))
    tap.equal("what was written", (drive.read(20, 2)[0], drive.read(24, 4)[0], drive.read(28, 2)[0]),
              (bad[0] + bytes(BLOCK), bad[2], bytes(2 * BLOCK)))

    # The host ends its data early, in the middle of a block.
    drive.bulk_out(drive.wrapper(write10(40, 4), 2048, False))
    drive.bulk_out(data[:700])
    tap.equal("data end early: a phase error", drive.status(), (PHASE_ERROR, 2048 - 512))
    drive.reset()
    tap.equal("whole blocks are written", drive.read(40, 2)[0], data[:512] + bytes(512))
    wrong_commands(drive)
    interrupted(drive, data)
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))


def wrong_commands(drive):
    good = drive.wrapper(bytes(READY), 0, False)
    for name, cbw in (("too short", good[:30]), ("too long", good + b"\0"), ("a packet full", good + bytes(33)), ("empty", b""),
                      ("another signature", b"USBX" + good[4:]), ("a reserved bit", good[:12] + b"\1" + good[13:]),
                      ("17 bytes of command", good[:14] + b"\x11" + good[15:])):
        drive.bulk_out(cbw)
        try:
            drive.bulk_in(13)
            tap.check("a command that is %s halts both endpoints" % name, False)
        except Halted:
            tap.check("a command that is %s halts both endpoints" % name, drive.halted(0x80 | IN) and drive.halted(OUT))
        drive.clear_halt(0x80 | IN)
        drive.clear_halt(OUT)
        tap.check("for good", drive.halted(0x80 | IN) and drive.halted(OUT))
        tap.equal("until a reset", (drive.reset(), drive.ready()), (0, ""))
    tap.equal("requests that are not known", [drive.control(struct.pack("<BBHHH", *r))[0] for r in (
        (0x21, 0xFF, 1, 2, 0), (0xA1, 0xFE, 0, 2, 2), (0x21, 0xFD, 0, 2, 0), (0x21, 0xFF, 0, 5, 0))], [-32] * 4)
    drive.clear_halt(OUT)
    drive.clear_halt(0x80 | IN)
    tap.equal("halts cleared that were none: nothing is lost", drive.ready(), "")


def interrupted(drive, data):
    """A reset of the function, and one of the bus, in the middle of whatever is under way."""
    big = pattern(64, 9)
    drive.write(200, big)

    def a_read():
        drive.bulk_out(drive.wrapper(read10(200, 64), 64 * BLOCK, True))
        drive.bulk_in(4096 + 512)

    def a_write():
        drive.bulk_out(drive.wrapper(write10(300, 64), 64 * BLOCK, False))
        drive.bulk_out(big[:4096 + 512])

    def a_status():
        drive.bulk_out(drive.wrapper(bytes(READY), 0, True))

    def a_command():
        pass

    def a_halt():
        drive.bulk_out(drive.wrapper(read10(99999, 1), 512, True))
        try:
            drive.bulk_in(512)
        except Halted:
            pass

    for what, endpoint in ((a_read, 0x80 | IN), (a_write, OUT)):
        what()
        drive.set_halt(endpoint)
        drive.clear_halt(endpoint)
        tap.equal("a halt set by the host in %s ends it" % what.__name__.replace("_", " "), drive.status()[0], PHASE_ERROR)
        drive.reset()
        tap.check("and it reads", drive.read(200, 64) == (big, ""))
    drive.bulk_out(drive.wrapper(bytes(READY), 0, True))
    for endpoint in (OUT, 0x80 | IN):
        drive.set_halt(endpoint)
        drive.clear_halt(endpoint)
    tap.equal("while nothing moves it does no harm", (drive.status(), drive.ready()), ((PASSED, 0), ""))
    for what in (a_read, a_write, a_status, a_command, a_halt):
        for name, reset in (("of the function", drive.reset), ("of the bus", drive.reset_port)):
            what()
            tap.equal("reset %s in %s" % (name, what.__name__.replace("_", " ")), (reset(), drive.settle()), (0, ""))
            tap.check("and it reads", drive.read(200, 64) == (big, ""))


def without_a_card():
    board = Board()
    tap.equal("an empty slot: the same device", board.found(), (0xF055, 0x9800))
    drive = board.drive()
    tap.equal("without a medium", [drive.ready(), drive.ready(), drive.capacity(), drive.mode_sense()[1], drive.read(0, 1)[1],
                                   drive.write(0, pattern(1)), drive.prevent(True), drive.synchronize()], ["02/3A"] * 8)
    tap.equal("INQUIRY, ALLOW, START", (drive.run(INQUIRY, 36)[1], drive.prevent(False), drive.load()), ("", "", ""))
    board.meet()
    # A program has pins of the slot for something else: they stay its own.
    tap.equal("a pin of the slot is the program's", board.raw(
        "import machine, time\np = machine.Pin('C12', machine.Pin.OUT)\np(1)\nm = machine.mem32[0x58020800]\ntime.sleep_ms(500)\n"
        "print(machine.mem32[0x58020800] == m)"), "True")
    tap.equal("and that of who asks for the card", (drive.ready(), board.raw(
        "print(machine.mem32[0x58020800] == m, p())\np.init(machine.Pin.ANALOG)")), ("02/3A", "True 1"))
    tap.check("a search takes a fiftieth of the time", polls(board, drive) < 0.05)
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))


def polls(board, drive):
    """How much of the board's time the questions of a host take that asks without a pause."""
    board.send("import time\rdef work():\r for i in range(1000): sum(range(500))\r\r\rt = time.ticks_us(); work(); "
               "time.ticks_diff(time.ticks_us(), t)\r")
    alone = int(re.search(r"\n(\d+)\r?\n>>> $", board.expect(">>> ") + board.expect("t)\r\n") + board.expect(">>> ", 60)).group(1))
    board.send("t = time.ticks_us(); work(); time.ticks_diff(time.ticks_us(), t)\r")
    answer = None
    while answer is None:
        drive.ready()
        board.seen += board.read()
        answer = re.search(rb"t\)\r\n(\d+)\r\n>>> $", board.seen)
    asked = int(answer.group(1))
    board.seen = b""
    print("# work: %d us, %d us while it is asked" % (alone, asked))
    return asked / alone - 1


def coming_and_going():
    """Cards that are pulled out, in transfers and between them."""
    board = Board(*new_card(), "--sd-out", "3-6", pace="real")
    board.found()
    drive = board.drive()
    drive.settle()
    data = pattern(128, 1)
    tap.equal("a card", (drive.write(0, data), drive.prevent(True)), ("", ""))
    why, reads, began = "", 0, time.monotonic()
    while not why and time.monotonic() - began < 20:
        got, why = drive.read(0, 128)
        reads += not why and got == data
    tap.equal("pulled out while it is read: no medium", (why, reads > 3), ("02/3A", True))
    tap.check("and soon: no hang", time.monotonic() - began < 10)
    board.meet()
    tap.equal("the REPL lives", board.ask("6 * 7"), "42")
    began = time.monotonic()
    while (why := drive.ready()) == "02/3A" and time.monotonic() - began < 20:
        time.sleep(0.1)
    tap.equal("back again: news, then ready, and as it was", (why, drive.ready(), drive.read(0, 128)), ("06/28", "", (data, "")))
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))

    board = Board(*new_card(), "--sd-out", "3-5", pace="real")
    board.found()
    drive = board.drive()
    drive.settle()
    began, heard = time.monotonic(), []
    while len(heard) < 4 and time.monotonic() - began < 20:
        why = drive.ready()
        heard += [why] if heard[-1:] != [why] else []
        time.sleep(0.05)
    tap.equal("pulled out and put in while the PC only asks", heard, ["", "02/3A", "06/28", ""])
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))

    board = Board(*new_card(), "--sd-out", "3", pace="real")
    board.found()
    drive = board.drive()
    drive.settle()
    why, began = "", time.monotonic()
    while not why and time.monotonic() - began < 20:
        why = drive.write(0, data)
    tap.equal("pulled out while it is written: no medium", why, "02/3A")
    tap.equal("the whole command was taken, and its failure told", drive.ready(), "02/3A")
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))


def reset_while_busy():
    """The bus is reset while a command waits for firmware that has no time: what the command leads to, when there is time again, must
    not be what the host gets afterwards."""
    board = Board(*new_card())
    board.found()
    drive = board.drive()
    drive.settle()
    board.meet()
    for seconds in 0, 0.2:
        board.send("sum(range(400000))\r")
        board.expect("))\r\n")
        drive.bulk_out(drive.wrapper(bytes(READY), 0, True))
        time.sleep(seconds)
        tap.equal("reset of the bus with a command unseen", (drive.reset_port(), drive.settle()), (0, ""))
        tap.check("the next commands get their own status", drive.write(8, pattern(8, 5)) == "" and drive.read(8, 8) == (pattern(8, 5), ""))
        board.expect(PROMPT)
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))


def masked():
    """A program that has interrupts off most of the time, in loops that let TinyUSB's task run: halts need the interrupt."""
    board = Board(*new_card())
    board.found()
    board.meet()
    drive = board.drive()
    drive.settle()
    board.raw("import machine\ndef work():\n while True:\n  s = machine.disable_irq()\n  for i in range(100): pass\n"
              "  machine.enable_irq(s)\n")
    board.send("work()\r")
    board.expect("work()\r\n")
    data, good = pattern(16), 0
    try:
        for i in range(20):
            good += (drive.set_halt(OUT), drive.clear_halt(OUT), drive.set_halt(0x80 | IN), drive.clear_halt(0x80 | IN),
                     drive.write(i, data), drive.read(i, 16)) == (0, 0, 0, 0, "", (data, ""))
    except OSError as e:
        print("# %r" % e)
    tap.equal("halts and transfers beside a program that masks interrupts", good, 20)
    board.send("\x03")
    tap.check("which ends as well", board.expect("KeyboardInterrupt: \r\n" + PROMPT))
    tap.equal("and both go on", (drive.ready(), board.ask("6 * 7")), ("", "42"))
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))


def serial_beside():
    """The REPL on the same cable while the drive is busy, and while a program does not look at the REPL."""
    board = Board(*new_card())
    board.found()
    drive = board.drive()
    drive.settle()
    drive.control(struct.pack("<BBHHH", 0x21, 0x22, 3, 0, 0))
    data = pattern(64)
    drive.write(0, data)
    drive.bulk_out(b"\r\rprint('lines', 6 * 7)\rfor i in range(300): print('0123456789')\r\r", endpoint=2)
    ahead = [drive.submit(2, True, length=4096) for _ in range(8)]
    answers, output, good = {}, b"", 0
    for _ in range(20):
        numbers = [drive.submit(OUT, False, drive.wrapper(read10(0, 64), 64 * BLOCK, True)),
                   drive.submit(IN, True, length=64 * BLOCK), drive.submit(IN, True, length=13)]
        while not all(n in answers for n in numbers):
            _, number, status, got = drive.answer({*ahead, *numbers[1:]})
            answers[number] = (status, got)
            if number in ahead:
                output += got
                ahead.append(drive.submit(2, True, length=4096))
        good += answers[numbers[1]] == (0, data) and answers[numbers[2]][1][12:] == b"\0"
    tap.equal("20 reads of 32 KB beside it", good, 20)
    tap.check("the REPL answers meanwhile", b"lines 42" in output and output.count(b"0123456789\r\n") == 300, output[-200:])
    drive.close()
    tap.equal("no complaint", board.finish(), (0, ""))


def main():
    for part in ([globals()[n] for n in sys.argv[1:]] or (identity, without_a_slot, cases, without_a_card, coming_and_going, reset_while_busy, serial_beside, masked)):
        try:
            part()
        except (OSError, struct.error) as e:
            tap.check("%s goes on" % part.__name__.replace("_", " "), False, repr(e))
    return tap.done()


if __name__ == "__main__":
    os.chdir(path("."))
    sys.exit(main())
