#!/usr/bin/env python3
"""machine.UART on wires between its own pins and those of other units."""

import re
import sys

from vboard import QUICK, Tap, strict

tap = Tap()

COMMON = """
import machine, micropython, select, time
from machine import UART, Pin

def same(got, expected):
    assert got == expected, (got, expected)

def raises(kind, text, f, *args, **kw):
    try:
        f(*args, **kw)
    except kind as e:
        same(str(e), text)
    else:
        assert False, text
"""

# All pins that the board's pins.csv names, TX to RX of the same unit.
LOOPS = {2: "PA2,PA3", 3: "PD8,PD9", 4: "PD1,PD0", 5: "PB13,PB12", 6: "PC6,PC7", 7: "PE8,PE7", 8: "PE1,PE0", 9: "PD15,PD14",
         10: "PE3,PE2"}
UNITS = """
for unit in range(2, 11):
    u = UART(unit, 115200, timeout=5)
    same(u.write(b'unit %d' % unit), 6 + (unit > 9))
    same(u.read(), b'unit %d' % unit)
    same(str(u), 'UART(%d, baudrate=115226, bits=8, parity=None, stop=1, flow=0, timeout=5, timeout_char=2, rxbuf=256, txbuf=256)' % unit)
    u.deinit()
    same(str(u), 'UART(%d)' % unit)
    raises(OSError, 'UART(%d) is not initialised' % unit, u.write, b'x')
    same((u.any(), u.txdone()), (0, True))
raises(ValueError, "UART(1) is the console's", UART, 1)
for unit in (-1, 0, 11):
    raises(ValueError, "UART(%d) doesn't exist" % unit, UART, unit, 9600)
"""

FORMATS = """
u = UART(2, 9600)
for bits, parity in ((8, None), (7, None), (8, 0), (8, 1), (7, 0), (7, 1)):
    for stop in (1, 2):
        u.init(19200, bits, parity, stop, timeout=10)
        data = bytes(range(0, 1 << bits, 13))
        u.write(data)
        same(u.read(len(data)), data)
        assert 'bits=%d, parity=%s, stop=%d,' % (bits, parity, stop) in str(u), u
u.init(115200, 9, timeout=10)
same(u.write(b'\\x34\\x01\\xff\\x01\\x00\\x00'), 6)
same((u.read(6), u.any()), (b'\\x34\\x01\\xff\\x01\\x00\\x00', 0))
raises(OSError, '[Errno 5] EIO', u.write, b'odd')
u.writechar(0x1a5)
same((u.readchar(), u.readchar()), (0x1a5, -1))
for baud in (300, 1200, 9600, 921600, 10000000):
    u.init(baud, timeout=1000)
    start = time.ticks_us()
    u.write(b'0123456789')
    u.flush()
    took = time.ticks_diff(time.ticks_us(), start)
    assert u.txdone() and 100e6 / baud <= took < 100e6 / baud + 1300, (baud, took)
    same(u.read(10), b'0123456789')
for bits, parity in ((9, 0), (6, None), (10, None)):
    raises(ValueError, 'unsupported combination of bits and parity', u.init, 9600, bits, parity)
for baud in (0, -1, 8, 30000000):
    raises(ValueError, 'baudrate %d cannot be made within 5%%' % baud, u.init, baud)
raises(ValueError, 'flow must be RTS, CTS or both', u.init, 9600, flow=1)
raises(ValueError, 'buffer must be 0 to 16384', u.init, 9600, rxbuf=100000)
raises(ValueError, 'Pin(C0) cannot be TX of UART(2)', u.init, 9600, tx='C0')
raises(ValueError, 'UART(4) has no RTS pin on this board', UART, 4, 9600, flow=UART.RTS)
# Other pins of the same unit; those of before are let go, unless they are something else by now.
Pin('A2', Pin.OUT, value=1)
u.init(9600, tx='D5', rx='A3', timeout=20)
same((Pin('A2').mode(), Pin('D5').mode()), (Pin.OUT, Pin.ALT))
Pin('A2', Pin.ALT, alt=7)       # both drive the same line
u.write('D5')
same((u.read(2), u.any()), (b'D5', 0))
u.init(9600, timeout=20)
same(Pin('D5').mode(), Pin.ANALOG)
# Half the speed of the core: the dividers follow.
machine.freq(140000000)
u.write('slow')
same(u.read(4), b'slow')
"""

STREAMS = """
u = UART(2, 115200, rxbuf=64, txbuf=32)
same((u.read(), u.read(1), u.readline(), u.readinto(bytearray(2)), u.any()), (None, None, None, None, 0))
u.write('line one\\nline two\\nrest')
time.sleep_ms(5)
same((u.any(), u.readline(), u.readline(), u.read(2), u.any()), (22, b'line one\\n', b'line two\\n', b're', 2))
b = bytearray(4)
same((u.readinto(b), bytes(b)), (2, b'st\\0\\0'))
# More than the buffers hold: write() waits, what comes to a full buffer is lost.
start = time.ticks_ms()
same(u.write(b'x' * 1000), 1000)
assert 70 < time.ticks_diff(time.ticks_ms(), start) < 90
u.flush()
time.sleep_ms(1)
same((u.any(), len(u.read())), (64, 64))
# timeout: for the first character; timeout_char: between two.
u.init(9600, timeout=50, timeout_char=20)
start = time.ticks_ms()
same(u.read(1), None)
assert 50 <= time.ticks_diff(time.ticks_ms(), start) <= 52
u.write('ab')
start = time.ticks_ms()
same(u.read(5), b'ab')
assert 70 <= time.ticks_diff(time.ticks_ms(), start) <= 77       # read() asks once more
poll = select.poll()
poll.register(u, select.POLLIN | select.POLLOUT)
same([event for _, event in poll.poll(0)], [select.POLLOUT])
u.write('z')
time.sleep_ms(3)
same([event for _, event in poll.poll(0)], [select.POLLIN | select.POLLOUT])
# With interrupts off write() moves what it can by itself.
state = machine.disable_irq()
n = u.write(bytes(100))
machine.enable_irq(state)
same(n, 100)
u.sendbreak()
time.sleep_ms(5)
u.read()
"""

INTERRUPTS = """
u, other = UART(2, 115200), UART(4, 115200)
log = []
irq = u.irq(lambda u: log.append((irq.flags(), u.read())), UART.IRQ_RXIDLE)
same(irq.trigger(), UART.IRQ_RXIDLE)
assert str(u).endswith(', irq=0x10)'), u
for text in ('one', 'another'):
    other.write(text)
    time.sleep_ms(3)
same(log, [(UART.IRQ_RXIDLE, b'one'), (UART.IRQ_RXIDLE, b'another')])
count = 0
def hard(u):
    global count
    count += 1
u.irq(hard, UART.IRQ_RX, hard=True)
for n in range(5):
    other.write('x'); time.sleep_ms(1)
same((count, u.any()), (5, 5))
u.irq(None)
other.write('x'); time.sleep_ms(1)
same(count, 5)
count = 0
other.irq(hard, UART.IRQ_TXIDLE, True)
other.write('sent'); time.sleep_ms(1)
same(count, 1)
raises(ValueError, 'trigger 0x00000001 unsupported', u.irq, hard, 1)
raises(ValueError, 'handler must be None or callable', u.irq, 1)
"""

# Units 2 and 3 crossed: TX PA2 to RX PD9, TX PD8 to RX PA3, RTS PD4 to CTS PB13, RTS PB14 to CTS PD3.
CROSSED = [option for wire in ("PA2,PD9", "PD8,PA3", "PD4,PB13", "PB14,PD3") for option in ("--wire", wire)]
FLOW = """
a = UART(2, 921600, flow=UART.RTS | UART.CTS, txbuf=64)
b = UART(3, 921600, flow=UART.RTS | UART.CTS, rxbuf=32, timeout=2)
assert 'flow=RTS|CTS' in str(a), a
data = bytes(i * 7 & 255 for i in range(1000))
# Until b's ring and FIFO and a's are full; then write() gives up.
n = a.write(data)
assert 32 + 16 + 16 + 64 <= n <= 32 + 16 + 16 + 64 + 2, n
same((a.write(b'x'), a.txdone(), b.any()), (None, False, 32))
raises(OSError, '[Errno 110] ETIMEDOUT', a.flush)
got = b''
while len(got) < len(data):
    got += b.read(20) or b''
    if n < len(data):
        n += a.write(data[n:]) or 0
same((got, b.any()), (data, 0))
same(a.txdone(), True)
"""

INVERTED = """
a, b = UART(2, 115200, invert=UART.INV_TX), UART(3, 115200, invert=UART.INV_RX)
a.write('upside down'); time.sleep_ms(3)
same(b.read(), b'upside down')
b.init(115200)
a.write('not seen as it is'); time.sleep_ms(3)
assert b'not' not in (b.read() or b'')
"""

DUPTERM = """
import io, os, sys
u, far = UART(2, 115200), UART(4, 115200, rxbuf=1024, timeout=20)
same((os.dupterm(u), os.dupterm(u)), (None, u))
print('out')
far.write('in\\r')
same(input('? '), 'in')
sys.stdout.write('x')
far.write('y')
same((select.select([sys.stdin], [], [], 1)[0], sys.stdin.read(1)), ([sys.stdin], 'y'))
same(far.read(), b'out\\r\\n? in\\r\\nx')
print()
far.read()
# Nobody reads, and the program is ended all the same; the UART may be opened anew.
for i in range(2):
    far.write(b'ab\\x03c')
    try:
        while True: pass
    except KeyboardInterrupt:
        pass
    same(u.read(), b'abc')
    u.init(115200)
same(os.dupterm(None), u)
far.write(b'\\x03'); time.sleep_ms(5)
same(u.read(), b'\\x03')
print('not there')
same(far.read(), None)

class Stream(io.IOBase):
    def __init__(self): self.out = b''; self.todo = []
    def write(self, b): self.out += bytes(b); return len(b)
    def readinto(self, b):
        if not self.todo: return None
        c = self.todo.pop(0)
        if isinstance(c, Exception): raise c
        b[:1] = c
        return len(c)
    def ioctl(self, op, arg): return arg if op == 3 and self.todo else 0
a, b = Stream(), Stream()
os.dupterm(a, 0); os.dupterm(b, 1)
b.todo = [b'4', b'2', b'\\r']
same(input(), '42')
same(a.out, b.out)
assert a.out == b'42\\r\\n', a.out
# One that fails is one no more, and says so on the others.
a.todo = [ValueError('broken')]
b.todo = [b'z']
b.out = b''
same(sys.stdin.read(1), 'z')
assert b'deactivating' in b.out and b'ValueError: broken' in b.out, b.out
same((os.dupterm(None, 0), os.dupterm(None, 1)), (None, b))
raises(ValueError, 'invalid dupterm index', os.dupterm, None, 2)
try: os.dupterm(1)
except OSError: pass
else: assert False
"""


def check(name, script, *options):
    result = strict(*options, script=COMMON + script + "print('end')\n")
    tap.equal(name, (result.status, result.out, result.err), (0, "end\n", ""))


def loops(units):
    return [option for unit in units for option in ("--wire", LOOPS[unit])]


check("all units, on their pins", UNITS, *QUICK, *loops(LOOPS))
check("rates and formats", FORMATS, *QUICK, "--wire", "PA2,PA3", "--wire", "PD5,PA3")
check("streams, time-outs", STREAMS, *QUICK, *loops([2]))
check("interrupts", INTERRUPTS, *QUICK, "--wire", "PD1,PA3")
check("flow control", FLOW, *QUICK, *CROSSED)
check("inverted lines", INVERTED, *QUICK, *CROSSED)
shown = strict(*QUICK, "--wire", "PA2,PD0", "--wire", "PD1,PA3", script=COMMON + DUPTERM + "print('end')\n")
tap.check("os.dupterm(): a UART and streams in Python as terminals", (shown.status, shown.err) == (0, "") and re.sub(r"line \d+", "line", shown.out) ==
          "out\n? in\nx\nnot there\n42\ndupterm: Exception in read() method, deactivating: Traceback (most recent call last):\n"
          "  File \"<stdin>\", line, in readinto\nValueError: broken\nend\n", shown)
# What is typed there is echoed here; a soft reset ends it, and what comes after that comes to nobody.
far = strict(*QUICK, "--wire", "PA2,PD0", "--wire", "PD1,PA3", stdin="import os\nfrom machine import UART\nu, far = UART(2, 115200), UART(4, 115200, rxbuf=2048)\n"
             "os.dupterm(u)\nn = far.write('6 * 7\\r')\nimport time; time.sleep_ms(2)\nb'>>> 6 * 7\\r\\n42\\r\\n>>> ' in far.read()\n\x04"
             "import os, time; from machine import UART\nos.dupterm(None), UART(2)\nu, far = UART(2, 115200), UART(4, 115200)\n"
             "n = far.write(b'\\x03'); time.sleep_ms(5); u.read()\n")
tap.check("a REPL on another UART, until a soft reset", "\n42\n>>> " in far.out and "\nTrue\n" in far.out and "\n(None, UART(2))\n>>> " in far.out
          and far.out.endswith("\nb'\\x03'\n>>> "), far)
soft = strict(*QUICK, *loops([2]), stdin="from machine import UART\nu = UART(2, 9600)\nu.write('x')\n"
              "\x04from machine import UART\nUART(2)\nUART(2, 9600).any()\n")
tap.check("a soft reset closes them", soft.status == 0 and soft.out.endswith(">>> UART(2)\nUART(2)\n>>> UART(2, 9600).any()\n0\n>>> "), soft)
sys.exit(tap.done())
