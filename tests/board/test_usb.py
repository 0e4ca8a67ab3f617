#!/usr/bin/env python3
"""The REPL on USB, as a program on a PC meets it that opens the serial port: typing, Ctrl-C, throughput in virtual time, hosts
that are slow, absent, or come back; the USART beside it."""

import os
import re
import subprocess
import sys
import time

from vboard import PROMPT, QUICK, ROOT, TEMP, Session, Tap, path, strict

tap = Tap()

# USB 2.0, table 5-9: 19 packets of 64 bytes in a frame of 1 ms.
BULK_LIMIT = 1216000
GOAL = 0.8
MPREMOTE = os.path.join(ROOT, os.environ.get("MPY_DIR", "build/deps/micropython"), "tools/mpremote")

HELPERS = """
import sys, time
def out(n):
    b = b'0123456789abcde\\n' * 256
    t = time.ticks_us()
    for i in range(n):
        sys.stdout.buffer.write(b)
    print(time.ticks_diff(time.ticks_us(), t))
def inp(n):
    import micropython
    micropython.kbd_intr(-1)
    b = bytearray(4096)
    sys.stdin.buffer.read(1)
    t = time.ticks_us()
    s = 0
    for i in range(n):
        sys.stdin.buffer.readinto(b)
        s += sum(b)
        print(end='')
    t = time.ticks_diff(time.ticks_us(), t)
    micropython.kbd_intr(3)
    print(t, s)
"""


def raw(session, code):
    """Code by the raw REPL; what it printed."""
    session.send(b"\x01")
    session.expect("raw REPL; CTRL-B to exit\r\n>")
    session.send(code.encode() + b"\x04")
    found = session.expect("\x04\x04>")
    session.send(b"\x02")
    session.expect("\r\n" + PROMPT)
    return found and found[2:-3]


def pty():
    session = Session("none", "--usb", "pty", *QUICK)
    tap.check("says which terminal", re.fullmatch(r"char device redirected to /dev/pts/\d+ \(label usb0\)", session.announced),
              session.announced)
    session.open_pty()
    tap.check("answers", session.meet())
    tap.equal("an expression", session.ask("6 * 7"), "42")
    tap.equal("64 characters, a packet of its own", session.ask("'%s'" % ("x" * 60)), "'%s'" % ("x" * 60))
    for name, code in (("a loop", "while True: pass\r\r"), ("a sleep", "time.sleep(1000)\r")):
        session.ask("import time")
        session.send(code)
        time.sleep(0.5)
        session.send("\x03")
        tap.check("Ctrl-C ends %s" % name, session.expect("KeyboardInterrupt: \r\n" + PROMPT))
    session.ask("n = 7")
    session.send("\x04")
    tap.check("soft reset", session.expect("MPY: soft reboot\r\n") is not None or session.expect(PROMPT))
    tap.check("and a prompt on the same port", session.expect(PROMPT))
    session.ask("n = 400")
    session.line.close()
    time.sleep(0.3)
    session.open_pty()
    tap.equal("closed and opened again: the board is as it was", session.ask("n"), "400")
    session.send("import machine; machine.reset()\r")
    time.sleep(1)
    session.seen = b""
    tap.check("a hardware reset: enumerated again, same terminal", session.meet())
    mpremote(session)
    result = session.close()
    tap.equal("ends on a signal, with nothing to complain of", (result.status, result.err), (0, ""))


def mpremote(session):
    device = re.search(r"/dev/pts/\d+", session.announced).group(0)
    session.line.close()
    result = subprocess.run(
        [sys.executable, "-m", "mpremote", "connect", device, "exec", "import os; print(os.uname().machine)"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, universal_newlines=True,
        env=dict(os.environ, PYTHONPATH=MPREMOTE), cwd=TEMP)
    tap.check("mpremote works over it", result.returncode == 0 and "STM32H7A3" in result.stdout, result.stdout)
    session.open_pty()


def opened(*options):
    address = path("usb")
    session = Session("none", "--usb", "unix:" + address, "--pace", "free", *QUICK, *options)
    session.open_socket(address)
    return session, address


def throughput():
    session, _ = opened()
    tap.check("answers on a socket", session.meet())
    raw(session, HELPERS)
    n = 100
    got = session.ask("out(%d)" % n, 60)
    lines = got.split("\n")
    tap.check("nothing is lost in %d KB of output" % (n * 4), lines[:-1] == ["0123456789abcde"] * (n * 256), len(lines))
    rate(lines[-1], "out", n * 4096)
    session.send("inp(%d)\r" % n)
    session.expect("inp(%d)\r\n" % n)
    data = bytes(i * 7 & 255 for i in range(n * 4096))
    session.end.settimeout(60)
    session.send(b"s" + data)
    session.end.settimeout(0.05)
    us, total = session.expect("\r\n" + PROMPT, 60).split()[:2]
    tap.equal("nothing is lost in %d KB of input" % (n * 4), int(total), sum(data))
    rate(us, "in", n * 4096)
    result = session.close()
    tap.equal("no complaint", (result.status, result.err), (0, ""))


def rate(us, what, size):
    """At the end of output some 5 KB wait in the board's queues: 1 % of it."""
    figure = size / int(us) * 1e6
    print("# %s: %.0f bytes/s, %.0f %% of bulk's limit" % (what, figure, 100 * figure / BULK_LIMIT))
    tap.check("%s: at least %d %% of what bulk allows" % (what, 100 * GOAL), figure >= GOAL * BULK_LIMIT, figure)


def hosts():
    session, address = opened()
    session.meet()
    raw(session, HELPERS)
    # Neither reads nor is asleep: more than all queues hold, in sips.
    session.send("out(200)\r")
    session.expect("out(200)\r\n")
    got = session.seen
    session.seen = b""
    while not got.endswith(PROMPT.encode()):
        time.sleep(0.02)
        part = session.end.recv(20000)
        if not part:
            break
        got += part
    tap.check("a slow host gets all", got.count(b"0123456789abcde") == 200 * 256, got.count(b"0123456789abcde"))

    session.send("import time\rfor i in range(3000): print('line', i); time.sleep_ms(1)\r\r")
    session.expect("... ")
    session.close_socket()
    time.sleep(4)
    session.open_socket(address)
    session.send("\r")
    got = session.expect("line 2999\r\n", 10)
    tap.check("nobody there: the program goes on, the latest output is kept", got and "line 2800" in got, got)

    # A program that does not read: input fills the queue, and then waits at the host; Ctrl-C before that counts.
    session.send("while True: pass\r\r")
    session.expect("... ")
    session.send(b"x" * 3000 + b"\x03")
    tap.check("Ctrl-C behind input that nobody reads", session.expect("KeyboardInterrupt: \r\n" + PROMPT))
    tap.equal("which was for that program", session.ask("1 + 1"), "2")

    session.ask("import machine; d = machine.USBDevice()")
    session.send("d.active(False); d.builtin_driver = d.BUILTIN_DEFAULT; d.active(True)\r")
    time.sleep(1)
    tap.check("machine.USBDevice: detached and attached again by a program", session.meet())
    tap.equal("is active", session.ask("d.active()"), "True")
    result = session.close()
    tap.equal("no complaint", (result.status, result.err), (0, ""))


def beside_the_usart():
    address = path("uart")
    session = Session("unix:" + address, "--usb", "unix:" + path("usb"), "--pace", "free", *QUICK)
    session.child.stdout.readline()
    usb = Session.__new__(Session)
    usb.line, usb.seen = None, b""
    usb.open_socket(path("usb"))
    session.open_socket(address)
    tap.check("the USART answers", session.meet())
    tap.check("and so does USB", usb.meet())
    usb.seen = session.seen = b""
    tap.equal("typed on USB", usb.ask("'both' * 2"), "'bothboth'")
    tap.check("seen on the USART, too", session.expect("'bothboth'\r\n"))
    usb.ask("for i in range(1000): print('0123456789')\r", 60)
    session.seen = b""
    session.expect("nothing", 0.5)
    session.seen = b""
    session.send("for i in range(1000): print('0123456789')\r\r")
    got = session.expect("\n" + PROMPT, 60) or ""
    tap.equal("who types on the USART gets all there", got.count("0123456789\n"), 1000)
    usb.end.close()
    result = session.close()
    tap.equal("no complaint", (result.status, result.err), (0, ""))


def interrupted():
    """Ctrl-C, which a UART of the board's own receives from itself, in the 50 ms that the board is away from the bus."""
    result = strict(*QUICK, "--usb", "unix:" + path("usb"), "--wire", "PA2,PA3", script="""
import machine, os, micropython, stm32, time
u = machine.UART(2, 9600, tx='A2', rx='A3')
d = machine.USBDevice()
def off(): return machine.mem32[0x40040804] >> 1 & 1
def interrupted(f):
    try:
        os.dupterm(u, 0)
        u.write(b'ab\\x03')
        f()
        time.sleep_ms(200)
        return False
    except KeyboardInterrupt:
        os.dupterm(None, 0)
        return True
time.sleep_ms(1000)
print(off(), interrupted(lambda: stm32.usb_mode('VCP')), off())
d.builtin_driver = d.BUILTIN_DEFAULT
d.active(True)
time.sleep_ms(1000)
print(off(), interrupted(lambda: d.active(False)), off())
n = []
micropython.schedule(n.append, 1)
time.sleep_ms(10)
print(n)
d.active(True)
time.sleep_ms(1000)
print(off(), d.active())
""")
    tap.equal("Ctrl-C while the board leaves the bus comes behind that; USB and the scheduler go on", result.out.splitlines()[-4:],
              ["0 True 0", "0 True 1", "[1]", "0 True"])


pty()
throughput()
hosts()
beside_the_usart()
interrupted()
sys.exit(tap.done())
