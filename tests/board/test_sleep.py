#!/usr/bin/env python3
"""machine.lightsleep() and deepsleep(): what is kept, what wakes, how long it takes by the RTC and by virtual time."""

import sys

from vboard import QUICK, Tap, path, replies, strict

tap = Tap()

# The crystal runs before anything is measured, and piped input is not lost in a reset (see test_rtc.py).
AWAKE = "import machine, time\nwhile time.ticks_ms() < 400: pass\n\n"
SET_UP = """
import machine, time, os
r = machine.RTC()
r.datetime((2024, 2, 29, 0, 12, 0, 0, 0))
def slept(*args):
    start, cpu = time.time_ns(), time.ticks_ms()
    machine.lightsleep(*args)
    return (time.time_ns() - start) // 1000000, time.ticks_diff(time.ticks_ms(), cpu)
"""


def lightsleep():
    result = strict("--stats=json", script=SET_UP + """
import gc, random
gc.collect()
big = bytes(random.getrandbits(8) for _ in range(4000)) * 1000
before = hash(big)
for ms in (500, 20, 30000):
    print(ms, *slept(ms))
print(hash(big) == before, machine.freq(), len(os.urandom(8)), machine.reset_cause() == machine.PWRON_RESET)
machine.freq(140000000)
print(*slept(300), machine.freq())
start = time.ticks_ms(); time.sleep_ms(100); print(time.ticks_diff(time.ticks_ms(), start) in (100, 101))
print(99000 <= slept(100000)[0] <= 100000)
""")
    lines = [line.split() for line in result.out.splitlines()]
    tap.check("lightsleep(ms): by the RTC, and SysTick stands", len(lines) == 7 and all(
        abs(int(by_rtc) - int(ms)) <= 9 and int(ticks) <= 5 for ms, by_rtc, ticks in lines[:3]), result)
    tap.check("the PSRAM keeps its content; clocks, random numbers, reset cause as before",
              lines[3:4] == [["True", "280000000", "8", "True"]], result)
    tap.check("with machine.freq() at half", len(lines) == 7 and abs(int(lines[4][0]) - 300) <= 9
              and lines[4][2] == "140000000" and lines[5] == ["True"], result)
    # Above 32 s the wake-up timer counts whole seconds, of which the first has begun.
    tap.check("longer than 32 s", lines[6:] == [["True"]], result)
    figures = result.stats
    tap.check("virtual time passed, and the core slept through it", figures.get("virtual_time", 0) > 130.8
              and figures.get("instructions", 1e12) < 5e8, result)


def wakes():
    result = strict(*QUICK, "--press", "K1@3s", script=SET_UP + """
seen = []
machine.Pin('E3', machine.Pin.IN, machine.Pin.PULL_UP).irq(lambda p: seen.append(p), machine.Pin.IRQ_FALLING)
ms, _ = slept()
print(len(seen), 2000 < ms < 3000)
n = []
r.wakeup(300, lambda l: n.append(l))
ms, _ = slept()
print(n, 280 < ms < 310)
ms, _ = slept()
print(n, 280 < ms < 310)
r.wakeup(None)
t = machine.Timer(period=50, callback=lambda t: n.append(t))
slept(200); n.clear(); time.sleep_ms(201); t.deinit(); print(len(n))
for ms in (-1, 1 << 40, 'x', 131073000):
    try: machine.lightsleep(ms)
    except (ValueError, TypeError, OverflowError) as e: print(type(e).__name__)
""")
    tap.check("a pin's interrupt, RTC.wakeup() with its callback, timers go on behind it; times that cannot be",
              result.out == "1 True\n[19] True\n[19, 19] True\n4\nValueError\nOverflowError\nTypeError\nValueError\n", result)
    result = strict(*QUICK, script=SET_UP + """
n = []
r.irq(trigger=r.ALARM0, handler=lambda r: n.append(0), wake=machine.SLEEP)
r.irq(trigger=r.ALARM1, handler=lambda r: n.append(1))
slept(100)      # whose timer is over with it
r.alarm(0, 700)
ms, _ = slept()
print(n, 695 <= ms <= 715)
r.alarm(1, (2024, 2, 29, 0, 12, 0, 3, 0))
slept(10000)
print(n, r.datetime()[:7])
r.alarm(0, 100, repeat=True)
start = time.time_ns()
for i in range(20): slept()
print(len(n), (time.time_ns() - start) // 10000000)
""")
    tap.check("alarms end lightsleep(), and those that repeat do not drift in it",
              result.out == "[0] True\n[0, 1] (2024, 2, 29, 4, 12, 0, 3)\n22 200\n", result)
    # What is typed at a board that sleeps is lost, and with it the character that wakes it.
    asleep = "1\n" * 100
    result = strict(*QUICK, stdin=AWAKE + "p = machine.Pin('A10'); i = p.irq(lambda p: p.irq(None), p.IRQ_FALLING); machine.lightsleep(3000); p.mode() == p.ALT\n"
                    + asleep + "6 * 7\n")
    answers = [answer for _, answer in replies(result)]
    tap.check("a character wakes it if the pin of RX interrupts, and the console goes on", "True\n" in answers and "1\n" in answers
              and "42\n" in answers, result)
    result = strict(*QUICK, stdin=AWAKE + "machine.lightsleep(3000)\n" + asleep)
    tap.check("and not if it does not", "1\n" not in [answer for _, answer in replies(result)], result)
    result = strict(*QUICK, script=SET_UP + "w = machine.WDT(timeout=1000)\nslept(500)\nw.feed()\nslept(800)\nw.feed()\nprint('fed')\ntime.sleep_ms(20)\nslept(5000)\nprint('late')\n")
    tap.check("the watchdog goes on in lightsleep", (result.out, result.err) ==
              ("fed\n", "vboard: the script reset the board\n"), result)


def deepsleep():
    # Piped input talks to a board that sleeps, and it is lost. So it has something to say that does not matter.
    asleep = "0\n" * 200
    ask = "import machine; r = machine.RTC(); machine.reset_cause() == machine.DEEPSLEEP_RESET, r.datetime()[:7]\n"
    result = strict("--stats=json", stdin=AWAKE + "r = machine.RTC(); r.datetime((2024, 2, 29, 0, 12, 0, 0, 0)); machine.deepsleep(15)\n"
                    + asleep + ask + "machine.reset()\n" + ask)
    answers = [answer for line, answer in replies(result) if line == ask.strip()]
    tap.check("deepsleep(ms) ends as a reset, and the RTC went on", len(answers) == 2
              and answers[0] == "(True, (2024, 2, 29, 4, 12, 0, 0))\n", result)
    tap.check("reset_cause() is another one after the next reset", answers[1:] and answers[1].startswith("(False, "), result)
    tap.equal("memory is brought up and tested anew at each start", result.out.count("spiram memtest pass\n"), 3)
    tap.equal("one reset each", result.stats.get("resets"), 3)
    long = result = strict(*QUICK, "--stats=json", stdin=AWAKE + "machine.deepsleep(50000)\n")
    awake = strict(*QUICK, "--stats=json", stdin=AWAKE + "machine.reset()\n")
    slept = long.stats["virtual_time"] - awake.stats["virtual_time"]
    tap.check("as long as it should", abs(slept - 50) < 0.1 and long.stats["resets"] == 2, (slept, result))
    result = strict(*QUICK, stdin=AWAKE + "machine.RTC().wakeup(15); machine.deepsleep()\n" + asleep + ask)
    answers = [answer for line, answer in replies(result) if line == ask.strip()]
    tap.check("RTC.wakeup() ends deepsleep()", answers and answers[0].startswith("(True, "), result)
    ask = "import machine, time; r = machine.RTC(); n = []; i = r.irq(trigger=0, handler=lambda r: n.append(0)); machine.reset_cause() == machine.DEEPSLEEP_RESET, r.datetime()[:7], r.alarm_left(1)\n"
    result = strict(*QUICK, stdin=AWAKE + "r = machine.RTC(); r.datetime((2024, 2, 29, 0, 12, 0, 0, 0)); r.alarm(1, 15); i = r.irq(trigger=r.ALARM1, wake=machine.DEEPSLEEP); machine.deepsleep()\n" + asleep + ask)
    tap.equal("an alarm ends it", dict(replies(result)).get(ask.strip()), "(True, (2024, 2, 29, 4, 12, 0, 0), 0)\n")
    more = "len(n), r.alarm_left(0) > 0\n"
    result = strict(*QUICK, stdin=AWAKE + "r = machine.RTC(); r.datetime((2024, 2, 29, 0, 12, 0, 0, 0)); r.alarm(0, 20, repeat=True); machine.deepsleep()\n"
                    + asleep + ask + "n.clear(); time.sleep_ms(205)\n" + more)
    tap.equal("one that repeats goes on behind it", dict(replies(result)).get(more.strip()), "(10, True)\n")
    # The interrupt cannot come any more; Standby would last as long as the board has power.
    result = strict(*QUICK, "--limit", "20", stdin=AWAKE + "r = machine.RTC(); r.alarm(0, 50); i = machine.disable_irq(); s = time.ticks_cpu(); exec('while time.ticks_diff(time.ticks_cpu(), s) < 28000000: pass'); machine.deepsleep()\n" + asleep + ask)
    tap.check("so does one that came right before", dict(replies(result)).get(ask.strip(), "").startswith("(True, "), result)
    ask = "import machine; machine.reset_cause() == machine.WDT_RESET\n"
    result = strict(*QUICK, stdin=AWAKE + "machine.WDT(timeout=15); machine.deepsleep(5000)\n" + asleep + ask)
    tap.equal("so does a watchdog, and says so", dict(replies(result)).get(ask.strip()), "True\n")


def beside_usb():
    """DCTL.SDIS, bit 1: the device is not attached to the bus."""
    result = strict(*QUICK, "--usb", "unix:" + path("usb"), script="""
import machine, time
def off(): return machine.mem32[0x40040804] >> 1 & 1
d = machine.USBDevice()
d.builtin_driver = d.BUILTIN_DEFAULT
for on in (True, False, True):
    d.active(on)
    time.sleep_ms(500)
    before = off()
    machine.lightsleep(20)
    print(before, off())
""")
    tap.equal("lightsleep attaches USB again if it was, and not if a program had taken it away", result.out.splitlines()[-3:],
              ["0 0", "1 1", "0 0"])


lightsleep()
beside_usb()
wakes()
deepsleep()
sys.exit(tap.done())
