#!/usr/bin/env python3
"""machine.RTC and the time module: on the crystal, without it, over resets. Virtual time makes every figure exact."""

import re
import sys

from vboard import QUICK, Tap, replies, run, strict

tap = Tap()

# Piped input does not wait for a board that sleeps, and what it had received is lost in a reset: so the crystal is given the
# time to start by a board that is awake.
AWAKE = "import time\nwhile time.ticks_ms() < 400: pass\n\n"
IMPORTS = "import time, machine\nr = machine.RTC()\n"
RUNNING = IMPORTS + "r.datetime((2024, 2, 29, 0, 23, 59, 58, 0))\n"
# One tick of 256 Hz.
TICK_MS = 4


def script(name, text, expected, *options, prefix=RUNNING):
    result = strict(*QUICK, *options, script=prefix + text)
    tap.check(name, result.status == 0 and result.out == expected, result)


def calendar():
    script("a crystal's second, and a leap day", """
print(r.datetime(), time.localtime())
time.sleep(1)
print(r.datetime()[:7])
time.sleep(1.5)
print(r.datetime(), time.localtime(), time.gmtime())
""", """\
(2024, 2, 29, 4, 23, 59, 58, 255) (2024, 2, 29, 23, 59, 58, 3, 60)
(2024, 2, 29, 4, 23, 59, 59)
(2024, 3, 1, 5, 0, 0, 0, 127) (2024, 3, 1, 0, 0, 0, 4, 61) (2024, 3, 1, 0, 0, 0, 4, 61)
""")
    # 762,566,398 s are 2000-01-01 to that time; Python's calendar.timegm() says so.
    script("time.time(), time_ns(), mktime()", """
print(time.time(), time.time_ns(), time.mktime(time.localtime()), time.localtime(762566398)[:6])
time.sleep_ms(500)
print(time.time_ns() - 762566398_000000000)
r.datetime((2099, 12, 31, 0, 23, 59, 59, 0))
print(time.time(), r.datetime()[3])
r.datetime((2000, 1, 1, 0, 0, 0, 0, 0))
print(time.time(), r.datetime()[3])
""", """\
762566398 762566398000000000 762566398 (2024, 2, 29, 23, 59, 58)
500000000
3155759999 4
0 6
""")
    script("what is no date is a ValueError and changes nothing", """
for t in ((1999, 1, 1, 0, 0, 0, 0, 0), (2100, 1, 1, 0, 0, 0, 0, 0), (2023, 2, 29, 0, 0, 0, 0, 0), (2024, 13, 1, 0, 0, 0, 0, 0),
          (2024, 1, 0, 0, 0, 0, 0, 0), (2024, 1, 1, 8, 0, 0, 0, 0), (2024, 1, 1, 0, 24, 0, 0, 0), (2024, 1, 1, 0, 0, 60, 0, 0),
          (2024, 1, 1, 0, 0, 0, 60, 0), (2024, 1, 1)):
    try:
        r.datetime(t)
    except ValueError as e:
        print(e)
for args in ((1,), (0, 0)):
    try:
        machine.RTC(*args)
    except (ValueError, TypeError) as e:
        print(type(e).__name__)
print(r.datetime()[:7])
""", """\
year must be 2000 to 2099
year must be 2000 to 2099
day must be 1 to 29
month must be 1 to 12
day must be 1 to 31
weekday must be 0 to 7
hour must be 0 to 23
minute must be 0 to 59
second must be 0 to 59
requested length 8 but object has length 3
ValueError
TypeError
(2024, 2, 29, 4, 23, 59, 58)
""".replace("day must be 1 to 29\n", "day must be 1 to 28\n"))


def start():
    """Nobody waits for the crystal who only reads the time."""
    result = strict(*QUICK, script=IMPORTS + """
t = [time.time_ns()]
a = hex(r.info()), r.datetime()[:6]
for i in range(60):
    time.sleep_ms(37)
    t.append(time.time_ns())
steps = [b - a for a, b in zip(t, t[1:])]
print(a, hex(r.info() & ~0xffff), 150 < r.info() & 0xffff < 400)
print(min(steps) >= 0, sum(s > 50_000_000 for s in steps), max(steps) < 1_050_000_000)
""")
    expected = "('0x3f000000', (2015, 1, 1, 4, 0, 0)) 0x30010000 True\nTrue 1 True\n"
    tap.check("time runs before the crystal does, and never goes back", result.out == expected, result)


def one_reading():
    """Dense readings about the turn of a second, whose date, seconds and fraction belong together."""
    for name, parts, options in (("LSE", 256, ()), ("LSI", 250, ("--no-lse",))):
        script("datetime() never goes back: %s" % name, """
import gc
get = r.datetime
get((2024, 3, 1, 0, 12, 0, 0, 0))
some = range(1200)
met = 0
for second in range(60):
    gc.collect()
    time.sleep_ms(get()[7] * 1000 // PARTS - 2)
    times = [t[6] * PARTS + PARTS - 1 - t[7] for t in [get() for i in some]]
    met += times[0] // PARTS < times[-1] // PARTS or times[-1] < PARTS
    if second < 59 and times != sorted(times): print(second, set(times))
    time.sleep_ms(100)
print(met)
""".replace("PARTS", str(parts)), "60\n", *options)


def without_crystal():
    script("without a crystal setting waits 5 s, then LSI counts 250 parts a second", """
print(hex(r.info()), time.ticks_ms() // 1000)
time.sleep_ms(1500)
print(r.datetime())
""", "0x21010000 5\n(2024, 2, 29, 4, 23, 59, 59, 124)\n", "--no-lse")
    script("reading does not wait, and goes over to LSI by itself", """
print(time.time(), time.ticks_ms() < 100)
time.sleep(6)
print(time.time() - 473385600, hex(r.info()))
time.sleep(2)
print(time.time() - 473385600)
""", "473385600 True\n7 0x21010000\n9\n", "--no-lse", prefix=IMPORTS)
    # As that leaves it: RTCSEL, RTCEN.
    lines = IMPORTS + """\
machine.mem32[0x58024800] |= 0x100; machine.mem32[0x58024474] |= 1
machine.mem32[0x58024470] = 0x8200; r = machine.reset()
import machine; r = machine.RTC(); r.datetime((2024, 2, 29, 4, 23, 59, 59, 0))
hex(r.info()), r.datetime()[:6]
machine.reset()
import machine; r = machine.RTC(); r.datetime()[:6]
r.init(); hex(r.info() & 0x7fff0000)
"""
    result = strict(*QUICK, stdin=lines)
    tap.check("the boot log says that it runs on LSI, until init()",
              result.out.count("rtc: LSE did not start, running from LSI until RTC.init()\n") == 2, result)
    answers = dict(replies(result))
    tap.check("and it goes on with the time", answers.get("hex(r.info()), r.datetime()[:6]") == "('0x80000', (2024, 2, 29, 4, 23, 59))\n"
              and answers.get("import machine; r = machine.RTC(); r.datetime()[:6]") == "(2024, 2, 29, 4, 23, 59)\n", result)
    tap.check("init() finds the crystal", answers.get("r.init(); hex(r.info() & 0x7fff0000)") == "'0x30000000'\n", result)


def over_resets():
    lines = AWAKE + RUNNING + "r.calibration(-100)\n"
    again = "import machine, time\nr = machine.RTC()\nr.datetime()[:6]\nhex(r.info()), r.calibration()\n"
    result = strict(*QUICK, stdin=lines + "machine.reset()\n" + again)
    answers = dict(replies(result))
    tap.check("a reset keeps time and calibration, and does not start the crystal again",
              answers.get("r.datetime()[:6]") == "(2024, 2, 29, 4, 23, 59)\n"
              and answers.get("hex(r.info()), r.calibration()") == "('0x40000', -100)\n", result)
    result = strict(*QUICK, stdin=lines + "\x04" + again)
    answers = dict(replies(result))
    tap.check("so does a soft reset", answers.get("r.datetime()[:6]") == "(2024, 2, 29, 4, 23, 59)\n", result)
    # A word of the backup registers, written past the firmware as another program would.
    script("init() starts it anew and keeps the backup registers", """
machine.mem32[0x58024800] |= 0x100
machine.mem32[0x58004500 + 4 * 5] = 0x12345678
machine.mem32[0x58024800] &= ~0x100
t = time.ticks_ms()
r.init()
print(r.datetime()[:7], hex(r.info() & ~0xffff), 150 < time.ticks_diff(time.ticks_ms(), t) < 300)
print(hex(machine.mem32[0x58004500 + 4 * 5]), machine.mem32[0x58024800] >> 8 & 1)
""", "(2015, 1, 1, 4, 0, 0, 0) 0x30010000 True\n0x12345678 0\n")


# Another program's RTCSEL, with or without RTCEN: 2 is LSI, 3 is HSE. It is in DBP's protection, and cannot be changed but by a
# reset of the domain.
LEFT_BEHIND = """\
import machine; m = machine.mem32; m[0x58024800] |= 0x100; m[0x58024470] = 0x10000; m[0x58024470] = 0; m[0x58004500 + 4 * 5] = 0x12345678
m[0x58024410] |= 25 << 8; m[0x58024470] = %s; machine.reset()
import machine, time; r = machine.RTC(); time.sleep_ms(500); machine.lightsleep(100)
hex(r.info() & ~0xffff), hex(machine.mem32[0x58024470] & 0x8303), hex(machine.mem32[0x58004500 + 4 * 5])
r.datetime((2024, 2, 29, 0, 23, 59, 58, 0)); time.sleep_ms(1500); r.datetime()
"""


def left_behind():
    """A reset of the backup domain stops the crystal as well."""
    for name, bdcr in (("HSE", "0x300"), ("a running HSE", "0x8300"), ("LSI that is off", "0x200")):
        result = strict(*QUICK, "--limit", "30", stdin=LEFT_BEHIND % bdcr)
        answers = [answer for _, answer in replies(result)]
        tap.check("from %s over to the crystal, with the backup registers" % name,
                  result.status == 0 and "('0x30000000', '0x8103', '0x12345678')\n" in answers
                  and "(2024, 2, 29, 4, 23, 59, 59, 127)\n" in answers, result)
    # The domain held in reset, where neither oscillator can be chosen: vboard complains of each try.
    result = run(*QUICK, "--limit", "30", script=IMPORTS + """
import machine
m = machine.mem32
m[0x58024800] |= 0x100; m[0x58024470] = 0x10000
for f in (lambda: r.wakeup(100), lambda: machine.lightsleep(100), lambda: r.datetime((2024, 2, 29, 0, 0, 0, 0, 0))):
    try: f()
    except OSError as e: print(e)
print(hex(r.info()), r.datetime()[0])
r.init()
print(hex(r.info() & ~0xffff), machine.lightsleep(100))
""")
    tap.equal("an RTC whose registers do not answer is none, until init()", (result.status, result.out),
              (0, "RTC does not run: neither LSE nor LSI\n" * 3 + "0x101ffff 2015\n0x30010000 None\n"))


def calibrated():
    """512 pulses of 2^20 are 488 ppm: 19.5 ms in 40 s, seen against the core's crystal."""
    result = strict(*QUICK, script=RUNNING + """
def turn():
    now = r.datetime()[6]
    while r.datetime()[6] == now: pass
    return time.ticks_us()
for cal in (0, 512, -511):
    r.calibration(cal)
    time.sleep(1)
    start = turn()
    time.sleep_ms(39500)
    print(r.calibration(), time.ticks_diff(turn(), start))
for cal in (513, -512):
    try: r.calibration(cal)
    except ValueError as e: print(e)
""")
    got = re.findall(r"^(-?\d+) (\d+)$", result.out, re.MULTILINE)
    wanted = {"0": 0, "512": -488, "-511": 487}
    tap.check("calibration", len(got) == 3 and all(
        abs(int(us) / 40 - 1000000 - wanted[cal]) < 12 for cal, us in got), result)
    tap.check("and its range", result.out.count("calibration must be -511 to 512\n") == 2, result)


def wakeup():
    result = strict(*QUICK, script=RUNNING + """
def count(ms, *args):
    n = []
    def note(line):
        n.append(time.ticks_ms())
        seen.append(line)
    seen = []
    start = time.ticks_ms()
    r.wakeup(*args, note)
    time.sleep_ms(ms)
    r.wakeup(None)
    time.sleep_ms(50)
    print(len(n), set(seen), [time.ticks_diff(b, a) for a, b in zip([start] + n, n)][:3])
count(1060, 125)
count(1100, 4, 0)
count(1060, 0, 255)
count(50, 1)
count(700, 333)
count(61100, 20000)
""")
    rows = [eval(line.replace("} [", "}, [").replace(" {", ", {", 1)) for line in result.out.splitlines()]
    wanted = ((8, 125), (1, None), (8, 125), (50, 1), (2, 333), (3, 20000))
    tap.check("wakeup() in milliseconds and in ticks", len(rows) == len(wanted) and all(
        abs(got[0] - n) <= 2 and (period is None or all(abs(ms - period) <= 2 for ms in got[2]))
        for got, (n, period) in zip(rows, wanted)), result)
    tap.check("the callback gets the EXTI line, as in the stm32 port", all(row[1] == {19} for row in rows), result)
    script("wakeup() that cannot be is a ValueError", """
for args in ((-1,), (131073000,), (3, 0, None), (8, 1, None), (1, 65536, None), (1000, 5)):
    try:
        r.wakeup(*args)
        print(args)
    except ValueError as e:
        print(e)
r.wakeup(131072000)
r.wakeup(None)
""", """\
wakeup value out of range
wakeup value out of range
wut must be 1 to 65535
wucksel must be 0 to 7
wut must be 0 to 65535
callback must be None or a callable object
""")
    result = strict(*QUICK, script=RUNNING + """
n = 0
def bad(line):
    global n
    n += 1
    if n == 1: raise ValueError('once')
r.wakeup(100, bad)
time.sleep_ms(450)
r.wakeup(None)
print(n)
""")
    tap.check("an exception in the callback is shown, and does not stop the timer",
              "ValueError: once\n4\n" in result.out, result)
    result = strict(*QUICK, stdin=RUNNING + "r.wakeup(50, lambda l: print('woken'))\n\x04import time\ntime.sleep(1)\n2 + 2\n")
    tap.check("a callback does not outlive a soft reset", "woken" not in result.out.partition("soft reboot")[2]
              and "\n4\n" in result.out, result)


# Milliseconds of the RTC since 2024-02-28 23:59:58, the moment that it is set to; a second before the leap day.
ALARMS = IMPORTS + """
def again(): r.datetime((2024, 2, 28, 0, 23, 59, 58, 0))
def ms(): return (time.time_ns() - 762479998_000000000) // 1000000
def note(n): return lambda rtc: got.append((n, ms()))
def show(): print(*got, r.alarm_left(0), r.alarm_left(1)); got.clear()
got = []
again()
r.irq(trigger=r.ALARM0, handler=note(0))
r.irq(trigger=r.ALARM1, handler=note(1), hard=False)
"""


def alarms():
    """Ticks of 256 Hz: what is due between two comes at the second, 3.9 ms later at most."""
    script("alarm(): in milliseconds, at a date, both alarms at once", """
r.alarm(0, 1500); r.alarm(1, 1504); print(r.alarm_left(), r.alarm_left(1))
time.sleep_ms(1000); print(r.alarm_left(0) in range(496, 504)); time.sleep_ms(1000); show()
again(); r.alarm(1, (2024, 2, 29, 0, 0, 0, 0, 200)); r.alarm(0, time=2000)
time.sleep_ms(1990); show(); time.sleep_ms(20); show()
again(); r.alarm(0, 0); time.sleep_ms(20); print(0 < got[0][1] <= 12); got.clear()
again(); r.alarm(0, 500); r.alarm(0, 1000); r.alarm(1, 10); r.alarm_cancel(1); time.sleep_ms(1500); show()
again(); r.alarm(0, 500); r.cancel(); time.sleep_ms(600); show()
again(); r.alarm(0, 28 * 86400000 - 1); print(r.alarm_left())
r.alarm(0, (2024, 3, 27, 0, 23, 59, 57, 0)); print(r.alarm_left() // 10); r.alarm_cancel()
""", """\
1500 1504
True
(0, 1500) (1, 1507) 0 0
12 12
(0, 2000) (1, 2000) 0 0
True
(0, 1000) 0 0
0 0
2419199999
241919900
""", prefix=ALARMS)
    # 100 ms are 25.6 ticks: rounded, twenty of them would be 2031 ms or 1953 ms.
    result = strict(*QUICK, script=ALARMS + """
r.alarm(0, 100, repeat=True); r.alarm(1, 20, repeat=True)
time.sleep_ms(2010)
r.alarm_cancel(); r.alarm_cancel(1)
time.sleep_ms(200)
for n in (0, 1): print([t for i, t in got if i == n])
got.clear(); again()
r.alarm(0, 50, repeat=True)
state = machine.disable_irq()
start = time.ticks_cpu()
while time.ticks_diff(time.ticks_cpu(), start) < 280 * 230000: pass
machine.enable_irq(state)
time.sleep_ms(200)
show()
""")
    rows = [eval(line) for line in result.out.splitlines()[:2]]
    tap.check("repeated alarms do not drift", len(rows) == 2 and [len(row) for row in rows] == [20, 100] and all(
        period * n <= t < period * n + 5 for row, period in zip(rows, (100, 20)) for n, t in enumerate(row, 1)), result)
    late = [t for _, t in re.findall(r"\((\d), (\d+)\)", result.out.splitlines()[-1])] if rows else []
    tap.check("what is missed with interrupts off is left out, and the period stays", [(int(t) + 5) // 10 for t in late] ==
              [23, 25, 30, 35, 40], result)
    script("what is no alarm is an error and changes nothing", """
r.alarm(0, 10000)
for args in ((2, 5), (-1, 5), (0, -1), (0, 28 * 86400000), (0, 1 << 70), (0, (2024, 2, 28, 0, 23, 59, 58, 0)), (0, (2024, 3, 27, 0, 23, 59, 59, 0)),
             (0, (2024, 2, 30, 0, 0, 0, 0, 0)), (0, 'x'), (0,)):
    try: r.alarm(*args)
    except (ValueError, TypeError) as e: print(e)
for args in ((0, 19), (0, (2024, 2, 29, 0, 0, 0, 0, 0))):
    try: r.alarm(*args, repeat=True)
    except ValueError as e: print(e)
for f in (lambda: r.alarm_left(2), lambda: r.alarm_cancel(2), lambda: r.irq(trigger=2), lambda: r.irq(handler=1), lambda: r.irq(wake=8)):
    try: f()
    except ValueError as e: print(e)
print(9900 < r.alarm_left() <= 10000, r.ALARM0, machine.IDLE | machine.SLEEP | machine.DEEPSLEEP)
""", """\
alarm id must be 0 to 1
alarm id must be 0 to 1
alarm must be in the future
alarm must be within 28 days
alarm must be within 28 days
alarm must be in the future
alarm must be within 28 days
day must be 1 to 29
object 'str' isn't a tuple or list
'time' argument required
repeated alarm needs 20 ms or more
only an alarm in milliseconds can repeat
alarm id must be 0 to 1
alarm id must be 0 to 1
trigger must be 0 to 1
handler must be None or callable
wake must be 0 to 7
True 0 7
""", prefix=ALARMS)
    script("datetime() moves alarms in milliseconds, and not those at a date", """
r.alarm(0, 2000); time.sleep_ms(500); r.datetime((2031, 7, 1, 0, 0, 0, 0, 0)); print(1490 < r.alarm_left() <= 1500)
time.sleep_ms(1400); print(got); time.sleep_ms(110); print(len(got)); got.clear()
again(); r.alarm(0, 100, repeat=True); time.sleep_ms(250); r.datetime((2001, 1, 1, 0, 0, 0, 0, 0)); time.sleep_ms(260)
print(len(got)); r.alarm_cancel(); got.clear()
again(); r.alarm(1, (2024, 2, 29, 0, 12, 0, 0, 0)); r.datetime((2024, 2, 29, 0, 11, 59, 59, 0)); print(r.alarm_left(1))
time.sleep_ms(1005); print(len(got)); got.clear()
again(); r.alarm(1, (2024, 2, 29, 0, 12, 0, 0, 0)); r.datetime((2024, 2, 29, 0, 12, 0, 1, 0)); time.sleep_ms(20); print(len(got)); got.clear()
again(); r.alarm(1, (2024, 2, 29, 0, 12, 0, 0, 0)); r.datetime((2024, 2, 1, 0, 11, 59, 59, 0)); print(r.alarm_left(1))
time.sleep_ms(1100); show()
""", "True\n[]\n1\n5\n1000\n1\n1\n0\n0 0\n", prefix=ALARMS)
    script("init() ends alarms; irq() may take its handler away", """
r.alarm(0, 100); r.init(); print(r.alarm_left()); time.sleep_ms(200)
r.alarm(0, 100); r.irq(trigger=r.ALARM0, handler=None); time.sleep_ms(200); print(got, r.alarm_left())
""", "0\n[] 0\n", prefix=ALARMS)
    script("on LSI an alarm is as exact as that is", """
r.alarm(0, 1234); time.sleep_ms(1230); print(got); time.sleep_ms(9); print(got)
""", "[]\n[(0, 1236)]\n", "--no-lse", prefix=ALARMS)
    lines = AWAKE + RUNNING + "r.alarm(0, 1000, repeat=True); r.alarm(1, 5000)\nwhile r.alarm_left() > 700: pass\n\n"
    again = "import machine, time; r = machine.RTC(); n = []; i = r.irq(trigger=0, handler=lambda r: n.append(1)), r.alarm_left(1)\n"
    for name, reset in (("a soft reset", "\x04"), ("a reset", "machine.reset()\n")):
        result = strict(*QUICK, stdin=lines + reset + again + "4000 < i[1] < 4710, 200 < r.alarm_left() < 705\n"
                        "time.sleep_ms(2800); len(n), r.alarm_left(1) > 0\ntime.sleep_ms(2100); len(n), r.alarm_left(1)\n")
        answers = [answer for _, answer in replies(result)]
        tap.check("alarms go on over %s, without their handlers" % name, "(True, True)\n" in answers and "(3, True)\n" in answers
                  and "(5, 0)\n" in answers, result)
    # Due while nobody can tell: the interrupts are off until the reset.
    result = strict(*QUICK, stdin=AWAKE + RUNNING + "r.alarm(0, 30, repeat=True); r.alarm(1, 30)\n"
                    "i = machine.disable_irq(); s = time.ticks_cpu(); exec('while time.ticks_diff(time.ticks_cpu(), s) < 28000000: pass'); machine.reset()\n"
                    + again + "time.sleep_ms(100); len(n) in (3, 4), i[1]\n")
    tap.check("and if one came right before", "(True, 0)\n" in [answer for _, answer in replies(result)], result)


calendar()
start()
one_reading()
without_crystal()
over_resets()
left_behind()
calibrated()
wakeup()
alarms()
sys.exit(tap.done())
