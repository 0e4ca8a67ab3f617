#!/usr/bin/env python3
"""machine.Timer and machine.WDT, and what machine.reset_cause() tells after each kind of reset."""

import sys

from vboard import QUICK, Tap, replies, run, strict

tap = Tap()

IMPORTS = "import gc, machine, time\nfrom machine import Timer, WDT\nn = []\nnote = lambda t: n.append(time.ticks_ms())\n"


def script(name, text, expected):
    result = strict(*QUICK, script=IMPORTS + text)
    tap.check(name, result.status == 0 and result.out == expected, result)


def timers():
    script("periodic, to the millisecond", """
t = Timer(period=100, callback=note)
start = time.ticks_ms()
time.sleep_ms(1050)
t.deinit()
time.sleep_ms(300)
print(len(n), n[0] - start in (100, 101), set(b - a for a, b in zip(n, n[1:])), t)
""", "10 True {100} Timer(mode=PERIODIC, period=100)\n")
    script("one shot, once, with the timer as argument", """
t = Timer(-1)
t.init(mode=Timer.ONE_SHOT, period=50, callback=n.append)
time.sleep_ms(49); print(len(n))
time.sleep_ms(200); print(n == [t], t)
""", "0\nTrue Timer(mode=ONE_SHOT, period=50)\n")
    script("freq, tick_hz, init() in place of what ran", """
t = Timer(freq=40, callback=note); time.sleep_ms(1001); print(len(n))
n.clear(); t.init(period=5, tick_hz=10, callback=note); print(t); time.sleep_ms(1001); print(len(n))
n.clear(); t.init(freq=0.5, callback=note); time.sleep_ms(4001); print(len(n)); t.deinit(); t.deinit()
""", "40\nTimer(mode=PERIODIC, period=500)\n2\n2\n")
    script("many timers, in order, and collections in between", """
log = []
for i in range(20):
    Timer(mode=Timer.ONE_SHOT, period=200 - 10 * i, callback=lambda t, i=i: log.append(i))
keep = Timer(period=7, callback=note)
start = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), start) < 300:
    gc.collect(); bytearray(1000)
print(log == list(reversed(range(20))), len(n) in (42, 43))
""", "True True\n")
    script("a timer may stop itself, and start another", """
def first(t):
    t.deinit()
    n.append('first')
    Timer(mode=Timer.ONE_SHOT, period=10, callback=lambda t: n.append('second'))
Timer(period=20, callback=first)
time.sleep_ms(200)
print(n)
""", "['first', 'second']\n")
    script("what is no timer", """
for kw in (dict(id=1), dict(period=2000000000), dict(freq=0), dict(period='x')):
    try:
        t = Timer(kw.pop('id', -1), callback=note, **kw)
        print(t)
    except (ValueError, TypeError, ZeroDivisionError) as e:
        print(type(e).__name__)
""", "ValueError\nValueError\nValueError\nTypeError\n")
    result = strict(*QUICK, script=IMPORTS + """
def bad(t):
    n.append(0)
    1 / 0
t = Timer(period=50, callback=bad); time.sleep_ms(220); t.deinit(); print(len(n))
""")
    tap.check("an exception in a callback is shown and ends nothing",
              (result.out + result.err).count("ZeroDivisionError") == 4 and "\n4\n" in result.out, result)
    result = strict(*QUICK, stdin=IMPORTS + "t = Timer(period=20, callback=lambda t: print('tick'))\ntime.sleep_ms(50)\n"
                    "\x04import time\ntime.sleep_ms(100)\n2 + 2\n")
    before, _, after = result.out.partition("soft reboot")
    tap.check("a soft reset stops them", "tick" in before and "tick" not in after and "\n4\n" in after, result)


def watchdog():
    for ms in (50, 512, 513, 5000, 32768):
        result = strict(*QUICK, script=IMPORTS + """
def wait(us):
    time.sleep_ms(us // 1000)
    time.sleep_us(us %% 1000)
w = WDT(timeout=%d)
for i in range(3):
    wait(%d)
    w.feed()
print('fed')
wait(%d)
print('late')
""" % (ms, ms * 950, ms * 1050 + 300))
        tap.check("WDT(timeout=%d) bites between 0.95 and 1.05 of it" % ms,
                  (result.out, result.err) == ("fed\n", "vboard: the script reset the board\n"), result)
    script("WDT that cannot be", """
for kw in (dict(timeout=0), dict(timeout=-5), dict(timeout=32769), dict(id=1)):
    try: WDT(**kw)
    except ValueError as e: print(e)
time.sleep(40)
print('none started')
""", "WDT timeout too short\nWDT timeout too short\nWDT timeout too long\nWDT(1) doesn't exist\nnone started\n")
    # Shorter than piped input waits for a board that is silent.
    hangs = (
        ("a loop", "exec('while True: pass')"),
        ("a loop with interrupts off", "machine.disable_irq(); exec('while True: pass')"),
    )
    ask = "import machine; machine.reset_cause() == machine.WDT_RESET\n"
    result = strict(*QUICK, "--stats=json", "--limit", "60", stdin="".join(
        "import machine, time; w = machine.WDT(timeout=15); %s\n" % hang + ask for _, hang in hangs))
    answers = [answer for line, answer in replies(result) if line == ask.strip()]
    tap.check("a program that hangs is ended: " + ", ".join(name for name, _ in hangs),
              answers == ["True\n"] * len(hangs) and result.stats.get("resets") == 1 + len(hangs), result)


def causes():
    ask = "import machine; machine.reset_cause()\n"
    result = run(*QUICK, stdin=ask + "machine.reset()\n" + ask + "machine.WDT(timeout=15); exec('while True: pass')\n" + ask
                 + "machine.soft_reset()\n" + ask + "machine.mem32[0x70000000]\n" + ask)
    answers = [answer for line, answer in replies(result) if line == ask.strip()]
    tap.equal("power-on, reset(), WDT, soft reset, fault", answers, ["1\n", "2\n", "3\n", "0\n", "2\n"])


timers()
watchdog()
causes()
sys.exit(tap.done())
