#!/usr/bin/env python3
"""machine.Pin and what is made of pins alone: names, modes, levels, interrupts, Signal, soft buses, pulses."""

import sys

from vboard import QUICK, Tap, replies, strict

tap = Tap()

COMMON = """
import time, machine
from machine import Pin, Signal, SoftI2C, SoftSPI

def same(got, expected):
    assert got == expected, (got, expected)

def raises(kind, text, f, *args, **kw):
    try:
        f(*args, **kw)
    except kind as e:
        same(str(e), text)
    else:
        assert False, text

def now():
    time.sleep_ms(0)        # scheduled callbacks run
"""

NAMES = """
a1 = Pin.cpu.A1
for same_pin in (Pin('A1'), Pin('PA1'), Pin('LED'), Pin.board.LED, Pin.board.PA1, Pin(a1)):
    assert same_pin is a1, same_pin
same((a1.name(), a1.names(), a1.port(), a1.pin(), a1.gpio()), ('A1', ['A1', 'LED', 'PA1'], 0, 1, 0x58020000))
same((Pin('H0').port(), Pin('H0').gpio()), (7, 0x58021c00))
raises(ValueError, "Pin(Z9) doesn't exist", Pin, 'Z9')
raises(ValueError, "Pin(PF0) doesn't exist", Pin, 'PF0')     # not on a package of 100 pins
raises(ValueError, "Pin(P) doesn't exist", Pin, 'P')
raises(ValueError, "Pin() doesn't exist", Pin, '')
raises(TypeError, "can't convert 'int' object to str implicitly", Pin, 5)
pins = [name for name in dir(Pin.cpu) if name[0] != '_']
same(len(pins), 82)
for name in pins:
    assert Pin('P' + name) is getattr(Pin.cpu, name)
    repr(Pin(name))
same([str(af) for af in Pin('B10').af_list()], ['Pin.AF1_TIM2', 'Pin.AF4_I2C2', 'Pin.AF5_I2S2', 'Pin.AF5_SPI2', 'Pin.AF7_USART3'])
same((Pin('A9').af_list()[-1].name(), Pin('A9').af_list()[-1].index()), ('AF7_USART1', 7))
"""

MODES = """
p = Pin('B10')
same(str(p), 'Pin(Pin.cpu.B10, mode=Pin.ANALOG)')
for args, kw, shown in (
    ((Pin.IN,), {}, 'IN'), ((Pin.IN, Pin.PULL_UP), {}, 'IN, pull=Pin.PULL_UP'), ((Pin.OUT,), {}, 'OUT'),
    ((), {'mode': Pin.OPEN_DRAIN, 'pull': Pin.PULL_DOWN}, 'OPEN_DRAIN, pull=Pin.PULL_DOWN'), ((Pin.ANALOG,), {}, 'ANALOG'),
    ((Pin.ALT,), {'alt': Pin.AF7_USART3}, 'ALT, alt=Pin.AF7_USART3'), ((Pin.ALT, None, 4), {}, 'ALT, alt=Pin.AF4_I2C2'),
    ((Pin.ALT_OPEN_DRAIN, Pin.PULL_UP), {'alt': 15}, 'ALT_OPEN_DRAIN, pull=Pin.PULL_UP, alt=15'),
    ((Pin.AF_PP,), {'af': 1}, 'ALT, alt=Pin.AF1_TIM2'), ((Pin.OUT_OD, None), {}, 'OPEN_DRAIN'), ((Pin.OUT_PP,), {}, 'OUT')):
    p.init(*args, **kw)
    same(str(p), 'Pin(Pin.cpu.B10, mode=Pin.%s)' % shown)
p.init(Pin.ALT_OPEN_DRAIN, Pin.PULL_UP, alt=7)
same((p.mode(), p.pull(), p.af()), (Pin.ALT_OPEN_DRAIN, Pin.PULL_UP, 7))
p.init(pull=Pin.PULL_DOWN)
same((p.mode(), p.pull(), p.af()), (Pin.ALT_OPEN_DRAIN, Pin.PULL_DOWN, 7))
p.init(Pin.IN)
same((p.mode(), p.pull()), (Pin.IN, 0))
raises(ValueError, 'invalid pin mode: 4', p.init, 4)
raises(ValueError, 'invalid pin pull: 3', p.init, Pin.IN, 3)
raises(ValueError, 'invalid pin af: 16', p.init, Pin.ALT, alt=16)
raises(ValueError, 'invalid pin af: -1', p.init, Pin.ALT)
same(p.mode(), Pin.IN)
# The registers themselves: MODER, OTYPER, OSPEEDR, PUPDR, AFRH of port B.
p.init(Pin.ALT_OPEN_DRAIN, Pin.PULL_UP, alt=7)
port = 0x58020400
same([machine.mem32[port + r] >> s & m for r, s, m in ((0, 20, 3), (4, 10, 1), (8, 20, 3), (12, 20, 3), (36, 8, 15))], [2, 1, 2, 1, 7])
"""

# PA2 to PA3, PC0 to PC1 to PC2.
LEVELS = """
out, inp = Pin('A2', Pin.OUT, value=1), Pin('A3', Pin.IN)
same(inp(), 1)
for write, level in ((lambda: out(0), 0), (out.on, 1), (out.off, 0), (out.high, 1), (out.low, 0), (lambda: out.value(7), 1),
                     (out.toggle, 0), (out.toggle, 1), (lambda: out.value([]), 0)):
    write()
    same((inp.value(), inp(), out()), (level, level, level))
out.init(Pin.IN, value=1)       # waits in the latch
inp.init(Pin.IN, Pin.PULL_DOWN)
same(inp(), 0)
out.init(Pin.OUT)
same(inp(), 1)
out.init(Pin.IN)
for pull, level in ((Pin.PULL_UP, 1), (Pin.PULL_DOWN, 0)):
    inp.init(Pin.IN, pull)
    same((inp(), out()), (level, level))
one, two, look = Pin('C0', Pin.OPEN_DRAIN, value=1), Pin('C1', Pin.OPEN_DRAIN, Pin.PULL_UP, value=1), Pin('C2', Pin.IN)
for a, b in ((1, 1), (0, 1), (1, 0), (0, 0), (1, 1)):
    one(a), two(b)
    same((look(), one(), two()), (a & b,) * 3)
led = Signal('LED', Pin.OUT, invert=True, value=1)
same((Pin('LED').value(), led()), (0, 1))
led.off()
same((Pin('LED').value(), led.value()), (1, 0))
same(Signal(inp, invert=True)(), not inp())
"""

INTERRUPTS = """
out, inp = Pin('A2', Pin.OUT, value=0), Pin('A3', Pin.IN)
log = []
irq = inp.irq(lambda p: log.append((p, irq.flags())), Pin.IRQ_RISING)
same(irq.trigger(), Pin.IRQ_RISING)
out(1); now(); out(0); now()
same(log, [(inp, Pin.IRQ_RISING)])
irq.trigger(Pin.IRQ_FALLING)
out(1); now()
same(len(log), 1)
out(0); now()
same(log[1:], [(inp, Pin.IRQ_FALLING)])
inp.irq(lambda p: log.append(irq.flags()))      # both edges
del log[:]
for level in (1, 0, 1):
    out(level); now()
same(log, [Pin.IRQ_RISING, Pin.IRQ_FALLING, Pin.IRQ_RISING])
inp.irq(None)
out(0); now()
same(len(log), 3)

count = 0
def hard(p):
    global count
    count += 1
inp.irq(hard, Pin.IRQ_RISING | Pin.IRQ_FALLING, hard=True)
for i in range(100):
    out.toggle()
same(count, 100)        # at once: nothing was scheduled
irq_state = machine.disable_irq()
out.toggle(); out.toggle(); out.toggle()
same(count, 100)
machine.enable_irq(irq_state)
same(count, 101)        # one pending bit

# The line of all pins with number 3 is taken; other numbers are free.
raises(OSError, "IRQ resource already taken by Pin('A3')", Pin('B3', Pin.IN).irq, hard)
Pin('B12', Pin.IN, Pin.PULL_UP).irq(hard)
Pin('B12').irq(None)
inp.irq(None)
same(inp.irq().trigger(), Pin.IRQ_RISING | Pin.IRQ_FALLING)
other = Pin('B3', Pin.IN, Pin.PULL_UP)
other.irq(hard, hard=True)
count = 0
other.init(Pin.IN, Pin.PULL_DOWN)
out.toggle()
same(count, 1)
other.irq(None)
raises(ValueError, 'invalid pin trigger: 4', inp.irq, hard, 4)
raises(ValueError, 'handler must be None or callable', inp.irq, 1)

import micropython
micropython.alloc_emergency_exception_buf(200)
def broken(p):
    raise RuntimeError('in a handler')
inp.irq(broken, hard=True)
out.toggle(); out.toggle()
"""
BROKEN = "Uncaught exception in IRQ callback handler\n" \
    'Traceback (most recent call last):\n  File "<stdin>", line %d, in broken\nRuntimeError: in a handler\n'

# SPI MOSI PB5 to MISO PB4; I2C SCL PB8 to PC0, SDA PB9.
BUSES = """
spi = SoftSPI(baudrate=500000, sck='B3', mosi='B5', miso='B4')
got = bytearray(5)
spi.write_readinto(b'\\x00\\xffU\\xaa\\x12', got)
same(bytes(got), b'\\x00\\xffU\\xaa\\x12')
i2c = SoftI2C(scl='B8', sda='B9', freq=100000, timeout=1000)
same(i2c.scan(), [])
raises(OSError, '[Errno 19] ENODEV', i2c.writeto, 0x50, b'x')
hold = Pin('C0', Pin.OPEN_DRAIN, value=0)
raises(OSError, '[Errno 110] ETIMEDOUT', i2c.writeto, 0x50, b'x')
hold(1)
raises(OSError, '[Errno 19] ENODEV', i2c.writeto, 0x50, b'x')
"""

PULSE = """
k1 = Pin('K1', Pin.IN, Pin.PULL_UP)
levels = bytearray(4)
def edge(p):
    levels[0] += 1
    levels[levels[0]] = p()
k1.irq(edge, hard=True)
length = machine.time_pulse_us(k1, 0, 1000000)
assert 49900 <= length <= 50100, length
same(machine.time_pulse_us(k1, 1, 1000), -1)
same(machine.time_pulse_us(k1, 0, 1000), -2)
same(list(levels), [2, 0, 1, 0])
same(k1(), 1)
"""


def check(name, script, *options):
    result = strict(*options, script=COMMON + script + "print('end')\n")
    tap.equal(name, (result.status, result.out, result.err), (0, "end\n", ""))


def broken_handler():
    script = COMMON + INTERRUPTS + "print('end')\n"
    line = script.splitlines().index("    raise RuntimeError('in a handler')") + 1
    result = strict(*QUICK, "--wire", "PA2,PA3", script=script)
    tap.equal("interrupts", (result.status, result.out, result.err), (0, BROKEN % line + "end\n", ""))


def psram_pins():
    result = strict(script=COMMON + """
for pin in ('B2', 'B6', 'D11', 'D12', 'D13', 'E2'):
    raises(ValueError, 'Pin(%s) is in use by the PSRAM' % pin, Pin, pin, Pin.OUT)
    raises(ValueError, 'Pin(%s) is in use by the PSRAM' % pin, SoftI2C, scl='B8', sda=pin)
import gc; gc.collect(); print(gc.mem_free() > 8 << 20, Pin('B6')())
""")
    tap.equal("the PSRAM's pins are refused while it is used", (result.status, result.out, result.err), (0, "True 1\n", ""))
    result = strict(*QUICK, script=COMMON + "Pin('B6', Pin.OUT, value=0); print(Pin('B6')())\n")
    tap.equal("and free without it", (result.status, result.out, result.err), (0, "0\n", ""))


def tuning():
    """A hard handler writes to an object in the PSRAM while its content is being compared."""
    lines = ["import spiram", "spiram.heap('psram')", "\x04from machine import Pin", "import spiram", "log = bytearray(1)",
             "exec('def f(p):\\n log[0] += 1')", "Pin('K1', Pin.IN, Pin.PULL_UP).irq(f, hard=True)",
             "before = log[0]", "print(spiram.tune(chip='esp-psram64h', keep=False)[0] > 100e6)", "print(before, log[0])"]
    presses = [option for at in range(2, 5) for option in ("--press", "K1@%d" % at)]
    result = strict("--waive", "tCHD", "--waive", "sampling", "--waive", "sampling-margin", *presses, stdin="\n".join(lines) + "\n", timeout=220)
    answers = [answer for _, answer in replies(result)]
    tap.check("hard handlers wait for the end of a tuning", answers[-3:] == ["True\n", "0 6\n", ""], result)


def soft_reset():
    result = strict(*QUICK, "--wire", "PA2,PA3",
                 stdin="from machine import Pin\nPin('A3', Pin.IN).irq(lambda p: print('edge'))\nout = Pin('A2', Pin.OUT, value=1)\n"
                       "\x04from machine import Pin\nPin('A2').toggle()\nPin('A2').value()\nPin('A3').irq().trigger()\n")
    tap.check("a soft reset ends pin interrupts, and keeps levels", result.out.count("\nedge\n") == 1 and
              [answer for _, answer in replies(result)][-4:] == ["", "0\n", "0\n", ""], result)


check("names", NAMES, *QUICK)
check("modes", MODES, *QUICK)
check("levels", LEVELS, *QUICK, "--wire", "PA2,PA3", "--wire", "PC0,PC1", "--wire", "PC1,PC2")
broken_handler()
check("SoftSPI, SoftI2C", BUSES, *QUICK, "--wire", "PB5,PB4", "--wire", "PB8,PC0")
check("time_pulse_us and a button's interrupts", PULSE, *QUICK, "--press", "K1@0.2-0.25")
psram_pins()
tuning()
soft_reset()
sys.exit(tap.done())
