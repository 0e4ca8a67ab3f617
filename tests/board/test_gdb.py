#!/usr/bin/env python3
"""--gdb: gdb-multiarch in batch mode, and its protocol spoken by hand, well and badly."""

import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import time

from vboard import BUILD, ROOT, VBOARD, VBOARD_ASAN, Tap, path, text, write

tap = Tap()

# firmware/hazards/main.c: fills and checks 1 MB of PSRAM in four widths, says how it went, then sleeps.
ELF = os.path.join(ROOT, BUILD, "hazards/cured.elf")
PSRAM = 0x90000000


class Board:
    """A vboard that waits for gdb."""

    def __init__(self, *options, vboard=VBOARD):
        self.out = open(path("out"), "w+b")
        self.child = subprocess.Popen([vboard, "--gdb", "0", "--uart", "stdio", *options, ELF], stdin=subprocess.DEVNULL,
                                      stdout=self.out, stderr=subprocess.PIPE)
        ready = select.select([self.child.stderr], [], [], 20)[0]
        self.said = self.child.stderr.readline().decode() if ready else ""
        found = re.fullmatch(r"vboard: the board waits for gdb: target extended-remote localhost:(\d+)\n", self.said)
        self.port = int(found.group(1)) if found else 0

    def end(self, timeout=60, ends=False):
        """(status, what the board printed, stderr). `ends`: it is left to come to its --limit."""
        if not ends:
            self.child.send_signal(signal.SIGINT)
        try:
            err = self.child.communicate(timeout=timeout)[1]
        except subprocess.TimeoutExpired:
            self.child.kill()
            err = b"still running; " + self.child.communicate()[1]
        self.out.seek(0)
        out = text(self.out.read())
        self.out.close()
        return self.child.returncode, out, err.decode("utf-8", "replace")


class Line:
    """The remote protocol, spoken by hand."""

    def __init__(self, port):
        self.line = socket.create_connection(("127.0.0.1", port))
        self.line.settimeout(5)
        self.seen = b""

    def close(self):
        self.line.close()

    @staticmethod
    def packet(content):
        content = content.encode("latin-1") if isinstance(content, str) else content
        return b"$" + content + b"#%02x" % (sum(content) & 0xFF)

    def reply(self):
        """The next packet's content; None if none comes."""
        while True:
            found = re.search(rb"\$([^#]*)#(..)", self.seen, re.DOTALL)
            if found:
                self.seen = self.seen[found.end():]
                return found.group(1).decode("latin-1") if int(found.group(2), 16) == sum(found.group(1)) & 0xFF else "bad sum"
            try:
                more = self.line.recv(65536)
            except socket.timeout:
                return None
            if not more:
                return None
            self.seen += more

    def ask(self, content):
        self.line.sendall(self.packet(content))
        return self.reply()


def value_at(address):
    """What the tests write (firmware/hazards/pattern.c)."""
    return address * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF | 0x0101010101010101


def symbols():
    nm = os.environ.get("CROSS_COMPILE", "arm-none-eabi-") + "nm"
    lines = subprocess.run([nm, ELF], stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    return {name: int(address, 16) for address, _, name in (line.split() for line in lines if len(line.split()) == 3)}


AT = symbols()


def gdb(port, *commands):
    """Runs gdb on them; {tag: the rest of the line} of what `say` printed, and all of it."""
    script = ["set pagination off", "set confirm off", "set width 0", "set tcp connect-timeout 10", "set remotetimeout 20",
              "target extended-remote localhost:%d" % port, *commands]
    file = write("commands.gdb", "\n".join(script) + "\n")
    done = subprocess.run(["gdb-multiarch", "-nx", "-batch", "-x", file, ELF], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)
    output = done.stdout.decode("utf-8", "replace")
    return dict(re.findall(r"^tag (\w+) (.*)$", output, re.MULTILINE)), output


def say(tag, form, *values):
    return 'printf "tag %s %s\\n"%s' % (tag, form, "".join(", " + value for value in values))


def check(name, tags, tag, expected, output):
    tap.check(name, tags.get(tag) == expected, "expected %s\n     got %s\n%s" % (expected, tags.get(tag), output[-1500:]))


def session():
    """One long session, as somebody debugs: registers, flash, memory, break, step, finish, watch, reset, detach."""
    board = Board("--strict", "--limit", "3")
    tap.check("the port is on stderr", board.port > 0, board.said)
    last, watched = PSRAM + 0xFFFF8, PSRAM + 0x104
    tags, output = gdb(
        board.port,
        say("reset", "%x %x", "$pc", "$sp"), say("special", "%x %x %x %x", "$primask", "$basepri", "$faultmask", "$control"),
        "set $r7 = 0x12345678", "set $d3 = -1.5", "set $primask = 1", "set $basepri = 0x40", "set $psp = 0x20001230",
        "set $fpscr = 0x00400000",
        "maintenance flush register-cache",
        say("written", "%x %g %x %x %x %x", "$r7", "$d3", "$primask", "$basepri", "$psp", "$fpscr"),
        "set $primask = 0", "set $basepri = 0", "set $fpscr = 0",
        "set {int}0x20000000 = 0xcafe1234", say("dtcm", "%x", "{int}0x20000000"),
        "load", "compare-sections", say("flash", "%x", "{int}0x08000004"),
        "break fill8", "continue", say("fill8", "%x %x %x", "$pc", "$r0", "$r1"), "backtrace",
        "stepi", say("stepped", "%x", "$pc"),
        "finish", say("finished", "%d", "$pc > &pattern_test && $pc < (char *)&pattern_test + 200"),
        # Lines written last are dirty in the cache and not in the chip.
        say("psram", "%x %x", "{unsigned char}0x%x" % last, "{unsigned char}0x%x" % (last + 7)),
        "set {unsigned char}0x%x = 0x5a" % last, say("poked", "%x", "{unsigned char}0x%x" % last),
        "watch *(unsigned short *)0x%x" % watched, "continue", say("watched", "%x %x", "{unsigned short}0x%x" % watched, "$pc"),
        "delete 2", "rwatch *(unsigned short *)0x%x" % watched, "continue", say("read", "%x", "$pc"), "info breakpoints",
        "monitor reset halt", "maintenance flush register-cache", say("again", "%x %x", "$pc", "$sp"),
        "delete", "break check8", "continue", say("check8", "%x", "$pc"),
        "delete", "detach")
    status, out, err = board.end(ends=True)
    at = lambda name: "%x" % (AT[name] & ~1)  # noqa: E731
    stack = AT.get("_estack") or int(tags.get("reset", "0 0").split()[1], 16)
    check("in reset: PC and SP", tags, "reset", "%s %x" % (at("Reset_Handler"), stack), output)
    tap.check("in reset: SP is in RAM", 0x20000000 < stack <= 0x30048000, hex(stack))
    check("in reset: special registers", tags, "special", "0 0 0 0", output)
    check("registers take what is written: core, FPU, special", tags, "written", "12345678 -1.5 1 40 20001230 400000", output)
    check("DTCM", tags, "dtcm", "cafe1234", output)
    tap.check("load: into flash", "Loading section .text" in output and "Start address" in output, output[:2000])
    tap.check("load: flash holds what the file holds", "matched" in output and "MIS-MATCHED" not in output, output[:3000])
    check("flash: the reset vector", tags, "flash", "%x" % (AT["Reset_Handler"] | 1), output)
    check("breakpoint: arguments", tags, "fill8", "%s 90000000 100000" % at("fill8"), output)
    tap.check("backtrace up to main", re.search(r"#0 .*fill8 .*\n#1 .*pattern_test .*\n#2 .*main ", output), output[-2500:])
    step = int(tags.get("stepped", "0"), 16) - (AT["fill8"] & ~1)
    tap.check("stepi: one instruction", step in (2, 4), step)
    check("finish: back in the caller", tags, "finished", "1", output)
    check("PSRAM: as the core sees it, through the cache", tags, "psram",
          "%x %x" % (value_at(last) & 0xFF, value_at(last + 7) & 0xFF), output)
    check("PSRAM: written", tags, "poked", "5a", output)
    tap.check("watchpoint in the PSRAM window: hit", re.search(r"Hardware watchpoint \d: .*\n\nOld value = \d+\nNew value = \d+", output),
              output[-2500:])
    after = tags.get("watched", "0 0").split()
    tap.check("watchpoint: after the store of the 16-bit test", int(after[0], 16) == value_at(watched) & 0xFFFF and
              AT["fill16"] & ~1 < int(after[1], 16) < AT["check16"], after)
    tap.check("read watchpoint: hit", "Hardware read watchpoint" in output and
              AT["check16"] & ~1 < int(tags.get("read", "0"), 16) < AT["fill32"], tags.get("read"))
    check("monitor reset halt", tags, "again", "%s %x" % (at("Reset_Handler"), stack), output)
    check("and from there on again", tags, "check8", at("check8"), output)
    tap.check("detach: the board runs on, to its limit", status == 4 and out.endswith("copies pass\ndone\n"), (status, out, err))
    # In front of the reset.
    tap.check("what gdb wrote to the PSRAM is what the program read",
              "memtest8 fail, 1 errors, first at 0x%08x written 0x%016x read 0x%016x\n" % (last, value_at(last) & 0xFF, 0x5A) in out, out)
    tap.check("no complaint under --strict, while gdb looked at everything", "vboard: " not in err.replace("vboard: the limit", ""), err)


def equal_runs():
    """A board that gdb only watches comes to the same end as one without."""
    board = Board("--stats=json", "--limit", "50ms")
    gdb(board.port, "detach")
    _, _, watched = board.end(ends=True)
    free = subprocess.run([VBOARD, "--stats=json", "--limit", "50ms", ELF], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=False).stderr.decode()
    figures = [re.findall(r'"(?:instructions|cycles|psram_clocks)": \d+', run) for run in (watched, free)]
    tap.check("gdb changes nothing that it does not write", figures[0] == figures[1] != [], figures)


def by_hand():
    board = Board("--limit", "3")
    line = Line(board.port)
    tap.check("qSupported", "PacketSize=" in (line.ask("qSupported:multiprocess+") or ""))
    line.line.sendall(b"$?#00")
    got = line.line.recv(1)
    tap.equal("a wrong checksum is refused", got, b"-")
    tap.equal("?", line.ask("?"), "S05")
    tap.equal("g: 17 registers, 16 doubles, 7 special", len(line.ask("g") or ""), 2 * (17 * 4 + 16 * 8 + 7 * 4))
    pc = "%08x" % int.from_bytes((AT["Reset_Handler"] & ~1).to_bytes(4, "little"), "big")
    tap.equal("p f: PC", line.ask("pf"), pc)
    tap.equal("P, p", (line.ask("P5=78563412"), line.ask("p5")), ("OK", "78563412"))
    tap.equal("no such register", (line.ask("pff"), line.ask("Pff=00000000"), line.ask("P5=12")), ("E01",) * 3)
    tap.equal("M, m", (line.ask("M20000000,3:010203"), line.ask("m20000000,3")), ("OK", "010203"))
    tap.equal("no memory there", line.ask("mc0000000,4"), "E0e")
    tap.equal("malformed ones are refused",
              [line.ask(p) for p in ("m", "m1", "m1,", "mx,4", "M20000000,4:01", "M20000000,ffffffff:00", "Z0", "Z2,0,0", "vFlashErase:1,2")],
              ["E01"] * 7 + ["E0c", "E01"])
    tap.equal("unknown ones get an empty reply", [line.ask(p) for p in ("", "!", "x", "qNo", "vNo", "vCont;", "vCont;t", "Z5,0,0")],
              [""] * 8)
    tap.equal("still at the same place", line.ask("pf"), pc)
    tap.equal("s", (line.ask("s"), line.ask("pf") != pc), ("S05", True))
    tap.equal("more breakpoints than there are", {line.ask("Z0,%x,2" % (0x08000000 + 2 * i)) for i in range(65)}, {"OK", "E0c"})
    tap.equal("taken back, twice", {line.ask("z0,%x,2" % (0x08000000 + 2 * i)) for _ in "12" for i in range(65)}, {"OK"})
    line.line.sendall(line.packet("c"))
    time.sleep(0.1)
    line.line.sendall(b"\x03")
    tap.equal("an interrupt stops it", line.reply(), "S02")
    tap.check("binary data of a packet, escaped", line.ask(b"vFlashWrite:08100000:ab}\x03}\x04}\x5d#"[:-1]) == "OK" and
              line.ask("m08100000,5") == "616223247d", line.ask("m08100000,5"))
    line.close()
    status, out, _ = board.end(ends=True)
    tap.check("a client that goes away leaves the board running", status == 4 and out.endswith("done\n"), (status, out))

    board = Board("--limit", "3")
    line = Line(board.port)
    tap.equal("a breakpoint", (line.ask("Z0,%x,2" % (AT["SysTick_Handler"] & ~1)), line.ask("Z2,%x,4" % PSRAM)), ("OK", "OK"))
    tap.check("is hit", line.ask("c") == "S05" and line.ask("pf") == "%08x" % int.from_bytes(
        (AT["SysTick_Handler"] & ~1).to_bytes(4, "little"), "big"))
    line.close()
    status, out, err = board.end(ends=True, timeout=30)
    tap.check("one that goes away takes its breakpoints with it", status == 4 and out.endswith("done\n"), (status, out, err))

    board = Board("--limit", "3")
    line = Line(board.port)
    tap.equal("one client", line.ask("?"), "S05")
    line.close()
    second = Line(board.port)
    tap.check("and then another", second.ask("?") == "S05" and second.ask("m08000000,4"))
    second.line.sendall(second.packet("k"))
    second.close()
    tap.equal("killed: the board runs on as well", board.end(ends=True)[0], 4)


SEEDS = ["?", "g", "G" + "0" * 448, "p0", "pf", "P5=78563412", "m20000000,40", "m90000000,40", "me000ed00,4", "M20000000,4:01020304",
         "M90000000,2:ffff", "Z0,8000400,2", "z0,8000400,2", "Z2,90000000,4", "z4,90000000,4", "Hg0", "qSupported:x", "qAttached", "s", "c",
         "qXfer:features:read:target.xml:0,ffb", "qXfer:memory-map:read::0,ffb", "qRcmd,726573657420", "QStartNoAckMode", "vCont?",
         "vCont;s:1;c", "vFlashErase:08100000,2000", "vFlashWrite:08100000:abc}x", "vFlashDone", "D", "k", "X20000000,2:ab"]


def badly():
    """Random packets, most of them nearly right, on the build with sanitizers."""
    dice = random.Random(20)
    board = Board(vboard=VBOARD_ASAN)
    line = Line(board.port)
    tap.check("a packet longer than it should be", line.ask("vFlashWrite:08100000:" + "a" * 8000) is not None)
    lost = 0
    for batch in range(20):
        stream = b""
        for _ in range(25):
            content = bytearray(dice.choice(SEEDS).encode())
            for _ in range(dice.choice((0, 0, 1, 2, 8))):
                where = dice.randrange(len(content) + 1)
                what = dice.choice((bytes([dice.randrange(256)]), b"ffffffff", b"", b",", b":", b"0" * 40, b"}" * 3, b"\0"))
                content[where:where + dice.randrange(3)] = what
            packet = Line.packet(bytes(content))
            kind = dice.random()
            if kind < 0.1:
                packet = packet[: dice.randrange(len(packet))]
            elif kind < 0.15:
                packet = bytes(dice.randrange(256) for _ in range(dice.randrange(40)))
            elif kind < 0.17:
                packet = b"$" + b"m" * dice.randrange(20000)
            stream += packet
        try:
            # The interrupt is for those that let it run.
            for at in range(0, len(stream), 700):
                line.line.sendall(stream[at:at + 700])
            line.line.sendall(b"#00\x03")
            line.line.settimeout(0.2)
            while line.line.recv(65536):
                pass
        except (socket.timeout, ConnectionError, OSError):
            pass
        line.close()
        if board.child.poll() is not None:
            break
        line = Line(board.port)
        answer = line.ask("?")
        lost += not (answer or "").startswith(("S", "T"))
    tap.check("after each 25 of 500 random packets it answers", lost == 0 and board.child.poll() is None, lost)
    line.close()
    status, _, err = board.end()
    tap.check("no sanitizer spoke", status == 128 + signal.SIGINT and "ERROR" not in err and "runtime error" not in err, (status, err[-3000:]))


def refused():
    for options, said in ((("--gdb", "x"), "x"), (("--gdb", "70000"), "70000"), (("--gdb", "0", "--trace", "cpu"), "--trace cpu")):
        done = subprocess.run([VBOARD, *options, ELF], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20,
                              check=False)
        tap.check("refused: " + " ".join(options), done.returncode == 2 and said in done.stderr.decode(), done)


session()
equal_runs()
by_hand()
badly()
refused()
sys.exit(tap.done())
