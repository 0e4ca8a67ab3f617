#!/usr/bin/env python3
"""Scripts on the board, as with `make run SCRIPT=x.py`: exit status, output, and what a script may use."""

import os
import pty
import re
import signal
import subprocess
import sys

from vboard import FIRMWARE, QUICK, VBOARD, Tap, run, strict, write

tap = Tap()

# What fails in here raises, and the traceback names it.
MODULES = """
import asyncio, binascii, cmath, collections, deflate, errno, gc, hashlib, heapq, io, json, machine, math, micropython, os
import platform, random, re, select, struct, sys, time, uctypes, vfs
from array import array

def same(got, expected):
    assert got == expected, (got, expected)

same(sys.implementation.name, 'micropython')
same(sys.implementation.version[:3], (1, 25, 0))
same(sys.platform, 'stm32')
same(sys.byteorder, 'little')
u = os.uname()
same((u.sysname, u.release, u.machine), ('stm32', '1.25.0', 'DEVEBOX STM32H7XX with STM32H7A3'))
assert u.version.startswith('v1.25.0'), u

same(repr(1 / 3), '0.3333333333333333')
same(repr(math.pi), '3.141592653589793')
for got, expected in (
    (math.sin(1), 0.8414709848078965), (math.cos(1), 0.5403023058681398), (math.tan(1), 1.5574077246549023),
    (math.exp(1), 2.718281828459045), (math.log(10), 2.302585092994046), (math.log2(10), 3.321928094887362),
    (math.log10(2), 0.3010299956639812), (math.sqrt(2), 1.4142135623730951), (math.atan2(-1, -1), -2.356194490192345),
    (math.sinh(1), 1.1752011936438014), (math.gamma(5.5), 52.34277778455352), (math.erf(0.5), 0.5204998778130465),
    (math.pow(1.5, 2.5), 2.7556759606310752), (math.fmod(-7.5, 2), -1.5), (1e308 * 10 ** 0.2, 1.5848931924611136e+308)):
    assert abs(got - expected) <= 4e-16 * abs(expected), (got, expected)
same((1e-320 / 2, 1e308 * 10, math.isnan(float('nan')), round(2.5)), (5e-321, math.inf, True, 2))
same((math.floor(-0.5), int(1e15 + 0.5), 0.1 + 0.2 == 0.3, abs(3 + 4j)), (-1, 1000000000000000, False, 5.0))
same(3 ** 200 % 1000000007, pow(3, 200, 1000000007))
same(-7 // 2, -4)

same(json.loads('{"a": [1, 2.5, null, "\\\\u00e9"]}'), {'a': [1, 2.5, None, 'é']})
same(re.match('(a+)(b*)', 'aab').group(2), 'b')
same(struct.unpack('<HIq', struct.pack('<HIq', 1, 0xfedcba98, -2)), (1, 0xfedcba98, -2))
same(binascii.crc32(b'123456789'), 0xcbf43926)
same(binascii.hexlify(hashlib.sha256(b'abc').digest())[:16], b'ba7816bf8f01cfea')
same(io.BytesIO(b'abc').read(2), b'ab')
same(list(array('h', (1, -2))), [1, -2])
h = [5, 1, 4]; heapq.heapify(h); same(heapq.heappop(h), 1)
same(collections.OrderedDict(((2, 1), (1, 2))).popitem(), (1, 2))
same(deflate.DeflateIO(io.BytesIO(b'\\x4b\\x4c\\x04\\x02\\x00'), deflate.RAW).read(), b'aaaaa')
same(sorted('MicroPython'), list('MPchinoorty'))
same('{:>6.2f}|{:#x}|%s'.format(3.14159, 255) % 'é€', '  3.14|0xff|é€')

a, b = os.urandom(16), os.urandom(16)
assert len(a) == len(b) == 16 and a != b and len(set(a + b)) > 8, (a, b)
assert 0 <= random.random() < 1 and random.getrandbits(8) < 256

async def worker(name, log):
    for i in range(3):
        log.append((name, i))
        await asyncio.sleep_ms(10)
async def main(log):
    await asyncio.gather(worker('a', log), worker('b', log))
log = []
asyncio.run(main(log))
same(log, [('a', 0), ('b', 0), ('a', 1), ('b', 1), ('a', 2), ('b', 2)])

same(machine.freq(), 280000000)
same(len(machine.unique_id()), 12)
same(machine.unique_id(), bytes(machine.mem8[0x08fff800 + i] for i in range(12)))
same(machine.mem32[0xe000ed00], 0x411fc271)     # CPUID: Cortex-M7 r1p1
same(machine.mem32[0x5c001000] & 0xfff, 0x480)  # DBGMCU_IDC: STM32H7A3
same(machine.reset_cause(), machine.PWRON_RESET)
x = bytearray(8)
machine.mem32[uctypes.addressof(x)] = 0x12345678
machine.mem16[uctypes.addressof(x) + 4] = 0x9abc
same(bytes(x), b'\\x78\\x56\\x34\\x12\\xbc\\x9a\\0\\0')
same(machine.mem8[uctypes.addressof(x) + 1], 0x56)
irq = machine.disable_irq(); machine.enable_irq(irq)
print('all of it')
"""

CODE = """
@micropython.native
def native(n):
    return sum(i * i for i in range(n))
@micropython.viper
def viper(p: ptr8, n: int) -> int:
    total = 0
    for i in range(n):
        total += p[i]
        p[i] = i
    return total
@micropython.asm_thumb
def assembled(r0, r1):
    add(r0, r0, r1)
    mul(r0, r1)
b = bytearray(b'\\x01' * 100)
print(native(1000), viper(b, 100), b[99], assembled(3, 4))
# New code where old code was: the caches must not keep the old.
import gc, micropython
def many():
    for i in range(200):
        space = {'micropython': micropython}
        exec('@micropython.viper\\ndef f(x: int) -> int:\\n return x + %d\\n' % i, space)
        assert space['f'](1000) == 1000 + i, i
        if i % 50 == 0:
            gc.collect()
many()
print('fresh')
"""

LIMITS = """
import gc
def deep(n):
    return deep(n + 1) + 1
for attempt in range(2):
    try:
        deep(0)
    except RuntimeError as e:
        print(e)
for n in (9000000, 1 << 30):
    try:
        bytearray(n)
    except MemoryError as e:
        print(e)
try:
    hoard = []
    while True:
        hoard.append(bytearray(%d))
except MemoryError:
    n = len(hoard)
    del hoard
    gc.collect()
    print('room for', n, gc.mem_free() > %d)
# Trees of small objects that hold each other, half of them given up.
keep = []
for i in range(3000):
    node = {'i': i, 'next': [i, str(i)], 'self': None}
    node['self'] = node
    if i & 1:
        keep.append(node)
gc.collect()
print(all(n['self'] is n and n['next'][1] == str(n['i']) for n in keep), len(keep), gc.isenabled())
"""


def statuses():
    result = strict(*QUICK, script="print('one')\nprint('two', end='')\n")
    tap.equal("a script's output and nothing else", (result.status, result.out, result.err), (0, "one\ntwo", ""))
    result = strict(*QUICK, script="def f():\n    raise ValueError('no')\nprint('before')\nf()\nprint('after')\n")
    tap.equal("one that raises", (result.status, result.out), (1, "before\n"))
    tap.equal("its traceback", result.err, 'Traceback (most recent call last):\n  File "<stdin>", line 4, in <module>\n'
              '  File "<stdin>", line 2, in f\nValueError: no\n')
    result = strict(*QUICK, script="print('never')\nx = (\n")
    tap.check("one that is not Python", (result.status, result.out) == (1, "") and
              re.fullmatch(r'Traceback.*\n  File "<stdin>", line \d\nSyntaxError: invalid syntax\n', result.err), result)
    for code in ("sys.exit()", "sys.exit(0)", "raise SystemExit"):
        result = strict(*QUICK, script="import sys\nprint('a')\n%s\nprint('b')\n" % code)
        tap.equal(code + " is a good end", (result.status, result.out, result.err), (0, "a\n", ""))
    result = strict(*QUICK, script="raise KeyboardInterrupt\n")
    tap.check("KeyboardInterrupt is not", result.status == 1 and result.err.endswith("\nKeyboardInterrupt: \n"), result)
    result = strict(*QUICK, script="import machine\nprint('a')\nmachine.reset()\n")
    tap.equal("one that resets", (result.status, result.out, result.err), (1, "a\n", "vboard: the script reset the board\n"))
    result = strict(*QUICK, script="print('é€')\r\nif True:\r\n    print('x')\r\n")
    tap.equal("lines that end as on Windows", (result.status, result.out), (0, "é€\nx\n"))
    result = strict(*QUICK, script="print('no line end')")
    tap.equal("no line end", (result.status, result.out), (0, "no line end\n"))
    result = strict(*QUICK, script="for i in range(2000): print(i)\n")
    tap.equal("much output", (result.status, result.out), (0, "".join("%d\n" % i for i in range(2000))))
    result = strict(*QUICK, "--limit", "1", script="print('a')\nwhile True: pass\n")
    tap.equal("one that does not end", (result.status, result.out, result.err), (4, "a\n", "vboard: the limit of 1 s is reached\n"))


def bytes_and_ends():
    result = strict(*QUICK, script="import sys\nsys.stdout.buffer.write(bytes(range(256)))\nprint('a\\x04b\\r')\n1/0\n")
    tap.equal("each byte that a script prints, 0x04 among them", (result.status, result.raw), (1, bytes(range(256)) + b"a\x04b\r\n"))
    tap.check("and its traceback", re.fullmatch("Traceback.*\n  File.*\nZeroDivisionError: .*\n", result.err), result)
    result = strict(*QUICK, "--limit", "1", script="print('a\\x04b', end='')\nwhile True: pass\n")
    tap.equal("and of one that does not end", (result.status, result.raw), (4, b"a\x04b"))
    result = strict(*QUICK, script="print('\\x04', end='')\nfor i in range(15): print('x' * 100000, end='')\n")
    tap.check("more than is held back", result.status == 0 and result.raw == b"\x04" + b"x" * 1500000, len(result.raw))
    result = strict(*QUICK, script=b"\xef\xbb\xbfprint('mark')\n")
    tap.equal("a byte order mark", (result.status, result.raw), (0, b"mark\n"))
    result = strict(*QUICK, script="")
    tap.equal("an empty script", (result.status, result.raw, result.err), (0, b"", ""))
    result = strict(*QUICK, "--uart", "none", script="print('there')\n")
    tap.equal("with nobody else at the terminal", (result.status, result.raw), (0, b"there\n"))
    result = run(*QUICK, "--uart", "pty", script="print('there')\n")
    tap.check("a terminal for a program is refused", result.status == 2 and "--run is at the terminal itself" in result.err, result)


def standard_input():
    script = "import sys, time\nprint('got', input('name? '))\ntime.sleep(10)\nprint(sys.stdin.readline(), sys.stdin.read(3))\n"
    result = strict(*QUICK, script=script, stdin="Ada\nLovelace\nxyz\nunread\n")
    tap.equal("its input, when it waits for it", (result.status, result.out), (0, "name? Ada\ngot Ada\nLovelace\n xyz\n"))
    result = strict(*QUICK, "--limit", "5", script="input('? ')\n")
    tap.equal("no input", (result.status, result.out), (4, "? "))


class Running:
    """A script that has printed a line, and goes on."""

    def __init__(self, **arguments):
        arguments.setdefault("stdin", subprocess.DEVNULL)
        command = [VBOARD, *QUICK, "--run", write("running.py", "import time\nprint('on')\nwhile True: time.sleep(1)\n"), FIRMWARE]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **arguments)
        self.first = os.read(self.child.stdout.fileno(), 100)

    def end(self):
        out, err = self.child.communicate(timeout=60)
        return self.child.returncode, out, err.replace(b"\r", b"").decode()


def left():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        running = Running()
        running.child.send_signal(number)
        status, _, err = running.end()
        tap.equal("ended by signal %d" % number, (running.first, status, err), (b"on\n", 128 + number, "vboard: %s\n" % signal.strsignal(number)))
    with open("/dev/full", "wb") as full:
        command = [VBOARD, *QUICK, "--run", write("full.py", "print('lost')\n"), FIRMWARE]
        child = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=60)
    tap.equal("output that cannot be written", (child.returncode, child.stderr), (2, b"vboard: standard output: No space left on device\n"))
    for name, key, expected in ("Ctrl-C", b"\x03", (1, "KeyboardInterrupt: \n")), ("Ctrl-]", b"\x1d", (0, "(Ctrl-] leaves)\n")):
        master, slave = pty.openpty()
        running = Running(stdin=slave)
        os.write(master, key)
        status, _, err = running.end()
        tap.check("a person types " + name, (status, True) == (expected[0], err.endswith(expected[1])), (status, err))
        os.close(master)
        os.close(slave)


def large():
    lines = ["n = 0", "def check(i):", "    global n", "    assert i == n, i", "    n += 1"]
    while sum(map(len, lines)) + len(lines) < 200 << 10:
        lines.append("check(%d)  # %s" % (len(lines) - 5, "a long line " * 30))
    script = "\n".join(lines + ["print(n)\n"])
    result = strict(*QUICK, script=script)
    tap.equal("a script of %d bytes" % len(script), (result.status, result.out, result.err), (0, "%d\n" % (len(lines) - 5), ""))


def clocks():
    def took(script):
        result = strict(*QUICK, "--stats=json", script="import time, machine\n" + script)
        return result.out, result.stats.get("virtual_time", 0)

    _, nothing = took("")
    out, slept = took("t = time.ticks_ms(); time.sleep(2); print(time.ticks_diff(time.ticks_ms(), t))")
    tap.check("sleep(2) by the board's clock", 2000 <= int(out) <= 2002, out)
    tap.check("and by virtual time", 2.0 <= slept - nothing <= 2.01, slept - nothing)
    out, _ = took("t = time.ticks_us(); time.sleep_us(777); print(time.ticks_diff(time.ticks_us(), t))")
    tap.check("sleep_us(777)", 777 <= int(out) <= 800, out)
    out, _ = took("a = time.ticks_ms(); b = time.ticks_us(); print(a, b)")
    a, b = map(int, out.split())
    tap.check("milli- and microseconds are one clock", 0 <= b - 1000 * a <= 1100, out)
    half = "machine.freq(140000000); t = time.ticks_ms(); %s; print(machine.freq(), time.ticks_diff(time.ticks_ms(), t))"
    _, nothing = took(half % "pass")
    out, slept = took(half % "time.sleep(2)")
    tap.check("sleep(2) at half speed", re.fullmatch(r"140000000 200[012]\n", out), out)
    tap.check("and by virtual time", 2.0 <= slept - nothing <= 2.01, slept - nothing)
    work = "\nfor i in range(100000): pass"
    base, fast, slow = took("")[1], took(work)[1], took("machine.freq(140000000)" + work)[1]
    tap.check("half as fast", 1.9 < (slow - base) / (fast - base) < 2.1, (base, fast, slow))
    result = strict(*QUICK, script="import machine\nmachine.freq(1)\n")
    tap.check("other frequencies are refused", result.status == 1 and "ValueError: freq must be 280000000 or 140000000" in result.err,
              result)


def seeds():
    script = "import machine, os\nprint(machine.unique_id(), os.urandom(8))\n"
    one, again, other = (strict(*QUICK, "--seed", seed, script=script).out for seed in ("5", "5", "6"))
    tap.check("unique id and random numbers follow the seed", one == again != "", (one, again))
    tap.check("and no other", other and all(a != b for a, b in zip(one.split(" ", 1), other.split(" ", 1))), (one, other))


def check_script(name, script, expected, *options):
    result = strict(*options, script=script)
    tap.equal(name, (result.status, result.out, result.err), (0, expected, ""))


statuses()
check_script("modules, numbers, machine", MODULES, "all of it\n", *QUICK)
check_script("machine code", CODE, "332833500 100 99 28\nfresh\n")
check_script("machine code without PSRAM", CODE, "332833500 100 99 28\nfresh\n", *QUICK)
RECURSION = "maximum recursion depth exceeded\n" * 2
TOO_LARGE = "memory allocation failed, allocating %d bytes\n"
check_script("limits", LIMITS % (1 << 20, 8000000), RECURSION + TOO_LARGE % 9000000 + TOO_LARGE % (1 << 30) +
             "room for 7 True\nTrue 1500 True\n")
check_script("limits without PSRAM", LIMITS % (1 << 17, 900000), RECURSION + TOO_LARGE % 9000000 + TOO_LARGE % (1 << 30) +
             "room for 7 True\nTrue 1500 True\n", *QUICK)
bytes_and_ends()
standard_input()
left()
large()
clocks()
seeds()
sys.exit(tap.done())
