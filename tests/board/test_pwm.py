#!/usr/bin/env python3
"""machine.PWM, measured at its own pin and over a wire: by the cycle counter, by time_pulse_us(), by virtual time."""

import sys

from vboard import QUICK, Tap, replies, strict

tap = Tap()

# PA2 sees PA1: nothing of the board but its LED hangs on them.
WIRED = (*QUICK, "--wire", "PA1,PA2")
SET_UP = """
import machine, time
from machine import PWM, Pin, time_pulse_us
seen = Pin('A2', Pin.IN)
def pulse():
    # From its edge on: time_pulse_us() takes what is left of a pulse that has begun.
    while seen(): pass
    high = time_pulse_us(seen, 1)
    while not seen(): pass
    return high, time_pulse_us(seen, 0)
def near(got, *wanted):
    return all(abs(a - b) <= max(3, b // 200) for a, b in zip(got, wanted)) or got
"""


def script(name, text, expected, *options):
    result = strict(*WIRED, *options, script=SET_UP + text)
    tap.check(name, result.status == 0 and result.out == expected, result)


def levels():
    script("frequency and duty", """
p = PWM('A1', freq=500, duty_u16=16384)
print(p.freq(), near(pulse(), 500, 1500), p.duty_u16(), p.duty_ns())
p.duty_u16(49152); time.sleep_ms(4); print(near(pulse(), 1500, 500))
p.freq(100); time.sleep_ms(4); print(p.freq(), near(pulse(), 7500, 2500), p.duty_u16())
p.duty_ns(1000000); time.sleep_ms(20); print(near(pulse(), 1000, 9000), p.duty_ns())
p.freq(200); time.sleep_ms(20); print(near(pulse(), 1000, 4000), p.duty_ns())
p.init(freq=1000, duty_u16=32768); time.sleep_ms(10); print(near(pulse(), 500, 500))
""", "500 True 16384 500007\nTrue\n100 True 49152\nTrue 1000000\nTrue 1000000\nTrue\n")
    script("never and always", """
p = PWM('A1', freq=1000, duty_u16=0)
time.sleep_ms(3); print(seen(), time_pulse_us(seen, 1, 5000))
p.duty_u16(65535); time.sleep_ms(3); print(seen(), time_pulse_us(seen, 0, 5000), p.duty_u16())
p.duty_ns(2000000); time.sleep_ms(3); print(seen(), time_pulse_us(seen, 0, 5000))
""", "0 -2\n1 -2 65535\n1 -2\n")
    script("inverted", "p = PWM(Pin('A1'), freq=500, duty_u16=16384, invert=True); print(near(pulse(), 1500, 500)); print(p)\n",
           "True\nPWM(Pin(A1), freq=500, duty_u16=16384, timer=2, channel=2, invert)\n")
    script("slow and fast, by the pin's own edges", """
p = PWM('A1', freq=1, duty_u16=6554); time.sleep_ms(1100); print(near((time_pulse_us(seen, 1, 2000000),), 100000))
n = 0
def count(pin):
    global n
    n += 1
seen.irq(count, Pin.IRQ_RISING)
p.init(freq=2000, duty_u16=20000); time.sleep_ms(1000)
n = 0; time.sleep_ms(100); print(abs(n - 200) <= 1 or n)
""", "True\nTrue\n")
    # 80 ms into a period of 100 ms, beyond the end of the next one's 10 ms: 20 ms are left of it.
    script("a change begins with the next period", """
p = PWM('A1', freq=10, duty_u16=6554); pulse()
while not seen(): pass
time.sleep_us(80000); p.init(freq=100, duty_u16=32768); print(near((time_pulse_us(seen, 0, 300000),), 20000)); print(near(pulse(), 5000, 5000))
""", "True\nTrue\n")
    script("machine.freq() changes no PWM, deinit() ends it", """
p = PWM('A1', freq=500, duty_u16=16384)
machine.freq(140000000); time.sleep_ms(5); print(p.freq(), near(pulse(), 500, 1500))
machine.freq(280000000); time.sleep_ms(5); print(near(pulse(), 500, 1500))
p.deinit(); print(time_pulse_us(seen, not seen(), 5000), p)
try: p.freq(1)
except ValueError as e: print(e)
print(near((PWM('A1', freq=500, duty_u16=16384), pulse())[1], 500, 1500))
""", "500 True\nTrue\n-2 PWM(off)\nPWM is not initialised\nTrue\n")


def timers():
    script("each pin its own frequency while there are timers", """
a, b, c = PWM('A0', freq=300), PWM('A1', freq=400), PWM('A3', freq=500)
print(a.freq(), b.freq(), c.freq())
print(len(set(str(x).split('timer=')[1].split(',')[0] for x in (a, b, c))))
b2 = PWM('A1', duty_u16=100); print(b2.freq(), b.duty_u16())
""", "300 400 500\n3\n400 100\n")
    script("what cannot be", """
for pin, kw in (('A13', {}), ('A1', dict(freq=0)), ('A1', dict(freq=200000000)), ('A1', dict(duty_u16=65536)),
                ('A1', dict(duty_u16=-2)), ('A1', dict(duty_u16=1, duty_ns=1)), ('nowhere', {}), ('A1', dict(freq='x'))):
    try:
        PWM(pin, **kw)
        print('made', pin, kw)
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
p = PWM('A1', freq=500, duty_u16=16384)
try: p.freq(200000000)
except ValueError: print(p.freq(), near(pulse(), 500, 1500))
""", """\
ValueError Pin(A13) has no PWM channel
ValueError freq must be 1 to 140000000
ValueError freq must be 1 to 140000000
ValueError duty_u16 must be 0 to 65535
ValueError duty_u16 must be 0 to 65535
ValueError either duty_u16 or duty_ns
ValueError Pin(nowhere) doesn't exist
TypeError can't convert str to int
500 True
""")
    result = strict(*WIRED, stdin=
                    "from machine import PWM, Pin\nimport time\np = PWM('A1', freq=500, duty_u16=16384)\n\x04"
                    "from machine import Pin, time_pulse_us\ns = Pin('A2', Pin.IN)\ntime_pulse_us(s, not s(), 5000)\n")
    tap.equal("a soft reset ends it", dict(replies(result)).get("time_pulse_us(s, not s(), 5000)"), "-2\n")
    result = strict(script="from machine import PWM\ntry: PWM('D12')\nexcept ValueError as e: print(e)\nprint(len(bytearray(5000000)))\n")
    tap.equal("the PSRAM's pins are refused", result.out, "Pin(D12) is in use by the PSRAM\n5000000\n")


levels()
timers()
sys.exit(tap.done())
