#!/usr/bin/env python3
"""machine.UART on wires between its own pins and those of other units."""

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
soft = strict(*QUICK, *loops([2]), stdin="from machine import UART\nu = UART(2, 9600)\nu.write('x')\n"
              "\x04from machine import UART\nUART(2)\nUART(2, 9600).any()\n")
tap.check("a soft reset closes them", soft.status == 0 and soft.out.endswith(">>> UART(2)\nUART(2)\n>>> UART(2, 9600).any()\n0\n>>> "), soft)
sys.exit(tap.done())
