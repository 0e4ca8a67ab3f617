#!/usr/bin/env python3
"""The REPL as a person or a tool meets it: on a pseudo terminal through pyserial, on sockets. Time passes as outside."""

import re
import socket
import sys
import time

from vboard import PROMPT, QUICK, Session, Tap, path

tap = Tap()


def raw_paste(session, code):
    """Send code in raw-paste mode, as mpremote does; returns output and error."""
    session.send(b"\x05A\x01")
    if session.expect(b"R\x01") is None:
        return None
    while len(session.seen) < 2:
        session.seen += session.read()
    window = increment = int.from_bytes(session.seen[:2], "little")
    session.seen = session.seen[2:]
    code = code.encode()
    ended = False
    while code and not ended:
        while not ended and (window == 0 or session.seen):
            session.seen = session.seen or session.read()
            answer, session.seen = session.seen[:1], session.seen[1:]
            ended = answer == b"\x04"
            window += increment if answer == b"\x01" else 0
        session.send(code[:window])
        window, code = window - len(code[:window]), code[window:]
    session.send(b"\x04")
    if not ended:
        session.expect(b"\x04")
    out, err = session.expect(b"\x04"), session.expect(b"\x04>")
    return out and out[:-1], err and err[:-2]


def pty():
    session = Session("pty", *QUICK)
    tap.check("says which terminal", re.fullmatch(r"char device redirected to /dev/pts/\d+ \(label serial0\)", session.announced),
              session.announced)
    session.open_pty()
    tap.check("answers", session.meet())
    tap.equal("an expression", session.ask("6 * 7"), "42")
    interrupts(session)
    editing(session)

    session.send("\x04")
    again = session.expect("\r\n" + PROMPT)
    tap.check("Ctrl-D: soft reset", again and "MPY: soft reboot\nMicroPython v1.25.0" in again and "spiram" not in again, again)
    tap.check("forgets", "NameError" in session.ask("n"))

    session.send("\x01")
    tap.check("Ctrl-A: raw REPL", session.expect("raw REPL; CTRL-B to exit\r\n>"))
    session.send("print(3 * 4)\x04")
    tap.equal("runs code there", session.expect("\x04>"), "OK12\n\x04\x04>")
    tap.equal("raw paste", raw_paste(session, "for i in range(3):\n  print(i)\n"), ("0\n1\n2\n", ""))
    code = "n = 0\n" + "n += 1 # a line of a long file, sent with flow control\n" * 400 + "print(n, len('%s'))\n" % ("x" * 999)
    tap.equal("raw paste of %d bytes" % len(code), raw_paste(session, code), ("400 999\n", ""))
    out, err = raw_paste(session, "print('a')\n1/0\n") or ("", "")
    tap.check("its exceptions apart", out == "a\n" and err.endswith("ZeroDivisionError: divide by zero\n"), (out, err))
    out, err = raw_paste(session, "x = (\n" + "y = 1\n" * 2000) or ("", "")
    tap.check("a syntax error ends the transfer", out == "" and "SyntaxError" in err, (out, err))
    session.send("\x02")
    tap.check("Ctrl-B: back", session.expect("\r\n" + PROMPT))

    session.line.close()
    session.open_pty()
    tap.equal("closed and opened again: the board is as it was", session.ask("n"), "400")
    result = session.close()
    tap.equal("ends on a signal", result.status, 0)
    tap.equal("with nothing to complain of", result.err, "")


def interrupts(session):
    session.send("while True: pass\r\r")
    session.expect("... ")
    time.sleep(0.3)
    session.send("\x03")
    tap.check("Ctrl-C in a busy loop", "KeyboardInterrupt" in (session.expect("\r\n" + PROMPT) or ""))
    session.send("import time; time.sleep(1000)\r")
    session.expect("\n")
    time.sleep(0.3)
    started = time.monotonic()
    session.send("\x03")
    tap.check("Ctrl-C while it sleeps", "KeyboardInterrupt" in (session.expect("\r\n" + PROMPT) or ""))
    tap.check("at once", time.monotonic() - started < 5)
    session.send("while True: print('x' * 60)\r\r")
    session.expect("x" * 60)
    time.sleep(0.3)
    session.send("\x03")
    tap.check("Ctrl-C while it prints", session.expect("KeyboardInterrupt: \r\n" + PROMPT))
    session.send("abc\x03")
    tap.equal("Ctrl-C at the prompt drops the line", session.expect("abc\r\n" + PROMPT), "abc\n" + PROMPT)
    session.send("try:\rwhile True: pass\r\x7fexcept KeyboardInterrupt: print('caught')\r\r")
    session.expect("print('caught')\r\n")
    time.sleep(0.3)
    session.send("\x03")
    tap.check("a program may catch it", session.expect("caught\r\n" + PROMPT))
    # Virtual time does not run ahead of ours.
    started = time.monotonic()
    session.ask("time.sleep(1)")
    tap.check("a second takes a second", 0.95 < time.monotonic() - started < 4, time.monotonic() - started)


def editing(session):
    tap.equal("backspace and arrows", session.ask("14\x7f\x7f6 * 8\x1b[D7\x1b[C0"), "4680")
    tap.equal("history", session.ask("\x1b[A0"), "46800")
    session.ask("import gc")
    session.send("gc.mem_\t")
    shown = session.expect("\r\n" + PROMPT + "gc.mem_")
    tap.check("tab shows what fits", shown and re.search(r"\nmem_alloc +mem_free\n", shown), shown)
    tap.equal("and completes", session.ask("f\t() > 1"), "True")
    paste = "def f():\n    n = 0\n" + "    n += 1  # a line as long as people write\n" * 470 + "    return n\nn = f()\n"
    session.send("\x05")
    session.expect("=== ")
    session.send(paste.replace("\n", "\r"))
    echo = session.expect("n = f()\r\n=== ", 60)
    tap.check("a paste of %d bytes is echoed whole" % len(paste), echo and echo.replace("=== ", "") == paste, len(echo or ""))
    session.send("\x04")
    tap.check("and runs", session.expect("\r\n" + PROMPT) is not None and session.ask("n") == "470")


def pace():
    # 12,000 characters take a second of the board's time at 115200 baud.
    lines, seconds = 1000, 1000 * 60 * 10 / 115200
    talk = "time.sleep_ms(20); t = time.ticks_ms()\rfor i in range(%d): print('x' * 58)\r\rtime.ticks_ms() - t\r" % lines
    for rate, options in (("real", ()), ("free", ("--pace", "free"))):
        session = Session("unix:" + path("pace"), *QUICK, *options).open_socket(path("pace"))
        session.meet()
        session.ask("import time")
        started = time.monotonic()
        session.send(talk)
        answer = session.expect("\n" + PROMPT + "time.ticks_ms() - t\r\n", 60) and session.expect("\r\n" + PROMPT)
        took, virtual = time.monotonic() - started, int((answer or "0").split("\n")[0]) / 1000
        tap.check("%s: the line has its speed in the board's time" % rate, 0.95 * seconds < virtual < 2 * seconds, virtual)
        tap.check("%s: on the PC it has it too%s" % (rate, "" if rate == "real" else ", or is faster"),
                  took > 0.95 * virtual if rate == "real" else took < 0.8 * virtual, (took, virtual))
        started = time.monotonic()
        session.ask("time.sleep(1)")
        tap.check("%s: a second asleep takes a second" % rate, 0.95 < time.monotonic() - started < 4, time.monotonic() - started)
        before = int(session.ask("time.ticks_ms()"))
        started = time.monotonic()
        time.sleep(1)
        after = int(session.ask("time.ticks_ms()"))
        limit = 1000 * (time.monotonic() - started) + 100
        tap.check("%s: a board that waits at its prompt does not run ahead" % rate, 300 < after - before < limit,
                  (after - before, limit))
        tap.check("%s: nothing to complain of" % rate, session.close().err == "")


def sockets():
    session = Session("unix:" + path("repl"), *QUICK)
    tap.equal("unix: says where", session.announced, "listening on " + path("repl"))
    session.open_socket(path("repl"))
    session.meet()
    tap.equal("an expression", session.ask("x = 5; x * 2"), "10")
    session.close_socket()
    session.open_socket(path("repl"))
    tap.equal("another client meets the same board", session.ask("x"), "5")
    result = session.close()
    tap.check("ends on a signal", result.status == 0 and result.err == "", result)

    session = Session("tcp:0", *QUICK)
    match = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)", session.announced)
    tap.check("tcp: says where", match and int(match.group(1)) > 0, session.announced)
    port = int(match.group(1))
    session.open_socket(("127.0.0.1", port))
    session.meet()
    tap.equal("an expression", session.ask("6 * 7"), "42")
    tap.equal("from the loopback only", reachable(port), False)
    session.close()


def reachable(port):
    """Whether an address of this machine other than the loopback answers there. None if there is no such address."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(("192.0.2.1", 9))
        address = probe.getsockname()[0]
    except OSError:
        address = "127.0.0.2"
    finally:
        probe.close()
    with socket.socket() as client:
        client.settimeout(2)
        return client.connect_ex((address, port)) == 0


pty()
pace()
sockets()
sys.exit(tap.done())
