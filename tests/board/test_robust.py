#!/usr/bin/env python3
"""Hard treatment: each ends with a prompt that works, or in a reset whose cause is told.

With ROBUST=long in the environment (make robust) everything is done more often, and with the PSRAM.
"""

import os
import random
import re
import sys
import time

from vboard import BANNER, FAILS, PROMPT, QUICK, Session, Tap, path, replies, run, strict

tap = Tap()
LONG = os.environ.get("ROBUST") == "long"
SOFT_RESETS = 1000
HARD_RESETS = 100
ROUNDS = 20 if LONG else 3
PASTE = (1 << 20) if LONG else (64 << 10)
# Of the allocations of a script each (1) or some (a prime).
STEP = 1 if LONG else 17
random.seed(4)


def soft_resets():
    ask = "import gc; gc.mem_free()\n"
    for name, options, count in (("without PSRAM", QUICK, SOFT_RESETS), ("with PSRAM", (), SOFT_RESETS if LONG else 20)):
        # The first start makes a file system, and leaves garbage.
        typed = "\x04" + ask + "\x04" * (count - 1) + ask + "import machine; machine.reset_cause()\n"
        result = strict("--stats=json", *options, stdin=typed, timeout=400)
        answers = [answer for line, answer in replies(result) if line == ask.strip()]
        tap.check("%d soft resets %s" % (count, name), result.status == 0 and result.out.count("MPY: soft reboot\n") == count and
                  result.stats.get("resets") == 1, result)
        tap.check("the heap is as it was", len(answers) == 2 and abs(int(answers[0]) - int(answers[1])) < 1000, answers)
        tap.equal("the cause", dict(replies(result)).get("import machine; machine.reset_cause()"), "0\n")


def hard_resets():
    ask = "import machine; machine.reset_cause()\n"
    result = strict("--stats=json", stdin="import machine; machine.reset()\n" * HARD_RESETS + ask, timeout=400)
    tap.check("%d resets" % HARD_RESETS, result.status == 0 and result.stats.get("resets") == 1 + HARD_RESETS and
              result.out.count("spiram memtest pass\n") == 1 + HARD_RESETS and "fault:" not in result.out, result)
    tap.equal("the cause", dict(replies(result)).get(ask.strip()), "2\n")


# Programs that do not end by themselves.
STORMED = {
    "a loop": "while True: pass",
    "collections": "import gc\nx = [[i] for i in range(20000)]\nwhile True: gc.collect()",
    "printing": "while True: print('-' * 50)",
    "input()": "while True: input('? ')",
    "sleep": "import time\nwhile True: time.sleep(1)",
    "import": "import sys\nwhile True:\n    import asyncio.core\n    for m in list(sys.modules): del sys.modules[m]",
    "compiling": "while True: exec('x = [' + '1, ' * 500 + ']\\n' * 1)",
    "json, re": "import json, re\nwhile True:\n    re.match('(a|b)*c', json.loads(json.dumps({'a': 'ab' * 50 + 'c'}))['a'])",
    "asyncio": "import asyncio\nasync def f():\n    while True: await asyncio.sleep_ms(1)\n"
               "async def g(): await asyncio.gather(f(), f())\nasyncio.run(g())",
    "finally": "def f():\n    try:\n        while True: pass\n    finally:\n        for i in range(1000): pass\nf()",
    "finalisers": "import io\nclass A:\n    def __del__(self):\n        for i in range(50): pass\nwhile True: A()",
    "scheduling": "import micropython\ndef f(x): micropython.schedule(f, x)\nf(0)\nwhile True: pass",
    "sorting": "while True: sorted(range(1000), key=lambda x: x * 7919 % 1000)",
    "a generator": "def g():\n    while True:\n        try:\n            yield 1\n        finally:\n            pass\nfor x in g(): pass",
    "exceptions": "while True:\n    try:\n        [][1]\n    except IndexError:\n        pass",
    "memory": "while True:\n    try:\n        x = []\n        while True: x.append(bytearray(10000))\n"
              "    except MemoryError:\n        x = None",
}


def recover(session):
    """Ctrl-C, and then the prompt must answer. One that came before the program began to run is input of the program."""
    for attempt in range(10):
        session.send("\x03\rprint('back', %d)\r" % (attempt * 7))
        if session.expect("\nback %d\r\n%s" % (attempt * 7, PROMPT), 10) is not None:
            return True
    return False


def storms():
    """Ctrl-C at random moments: while a program starts, while it runs, while it ends, and at the prompt."""
    for name, program in STORMED.items():
        session = Session("unix:" + path("storm"), *QUICK, "--pace", "free").open_socket(path("storm"))
        good = session.meet()
        for _ in range(ROUNDS):
            session.send("\x05" + program.replace("\n", "\r") + "\r\x04")
            for _ in range(random.randrange(1, 8)):
                time.sleep(random.choice((0, 0.001, 0.01, 0.03)))
                session.send("\x03" * random.choice((1, 1, 2, 30)))
            good = good and recover(session)
        alive = session.ask("6 * 7")
        result = session.close()
        tap.check("Ctrl-C: " + name, good and alive == "42" and (result.status, result.err) == (0, ""), "%s %r\n%s\n%s" % (
            good, alive, session.seen[-2000:], result))


def paste():
    """Much text, faster than it is read: what is lost is lost, but the board goes on."""
    line = "x = [%d] # a line of some length, as programs have them\r"
    text = "".join(line % i for i in range(PASTE // len(line)))
    for name, before, after in (("the prompt", "", ""), ("paste mode", "\x05", "\x03"), ("raw REPL", "\x01", "\x04\x03\x02")):
        session = Session("unix:" + path("paste"), "--pace", "free").open_socket(path("paste"))
        good = session.meet()
        session.send(before)
        session.send(text + after)
        good = good and recover(session)
        free = session.ask("import gc; gc.collect(); gc.mem_free() > 8000000")
        result = session.close()
        tap.check("%d KB pasted to %s" % (len(text) >> 10, name), good and free == "True" and (result.status, result.err) == (0, ""),
                  "%s %r\n%s\n%s" % (good, free, session.seen[-2000:], result))
    script = text.replace("\r", "\n") + "print('all', x)\n"
    result = strict(script=script, timeout=300)
    tap.equal("the same with flow control", (result.status, result.out), (0, "all [%d]\n" % (PASTE // len(line) - 1)))


def overflow():
    """More than the receiver's buffers hold, while nobody reads: with interrupts, and without."""
    for name, program in (("nobody reads", "import time\nt = time.ticks_ms()\nwhile time.ticks_diff(time.ticks_ms(), t) < 2000: pass"),
                          ("interrupts off", "import machine, time\nirq = machine.disable_irq()\ntime.sleep_us(900000)\nmachine.enable_irq(irq)")):
        session = Session("unix:" + path("overflow"), *QUICK, "--pace", "free").open_socket(path("overflow"))
        good = session.meet()
        session.send("\x05" + program.replace("\n", "\r") + "\r\x04")
        session.expect("\n=== \r\n", 5)
        session.send("#" * 9999)
        session.send("\r")
        good = good and recover(session)
        session.send("\x05while True: pass\r\x04" + "y" * 9000 + "\x03")
        good = good and recover(session)
        alive = session.ask("6 * 7")
        result = session.close()
        tap.check("overflow: " + name, good and alive == "42" and (result.status, result.err) == (0, ""), "%s %r\n%s\n%s" % (
            good, alive, session.seen[-2000:], result))


# What a program may do in some thousand allocations.
WORK = r"""
import json, re, io, collections, struct
class A:
    def __init__(self, x): self.x = x; self.y = [x] * 9
    def __repr__(self): return 'A(%r)' % self.x
    def __del__(self): pass
    @property
    def twice(self): return self.x * 2
class B(A):
    def __init__(self, *a, **k): super().__init__(*a); self.k = k
def gen(n):
    for i in range(n):
        try:
            yield {i: [i] * i}
        finally:
            pass
x = [A(i) for i in range(5)] + [B(i, z=i) for i in range(3)]
d = {}
for g in gen(9): d.update(g)
s = ''.join(repr(a) for a in x) + '{:>10}'.format(len(d)) + f'{d[3]}'
j = json.loads(json.dumps({'a': x[3].y, 'b': s}))
m = re.match('(a+)(b*)', 'aaabb').groups()
big = 3 ** 500 // 7
t = sorted(d, key=lambda k: -k)
f = (lambda *a: lambda b: (a, b))(1, 2)(3)
try:
    raise ValueError('no', x)
except ValueError as e:
    text = str(e) + repr(e)
P = collections.namedtuple('P', 'a b')
p = P(1, b=2)
b = bytearray(100); b.extend(bytes(300)); struct.pack_into('<I', b, 0, 5)
io.StringIO().write('abc')
space = {}
exec('def h(x):\n return [y for y in x if y > 1]\nz = h([1, 2, 3])', space)
@micropython.native
def nat(x): return x + 1
nat(1)
frozenset(t) | {1, 2}
'%s %r %d' % (1, 'a', 3)
"""
# The n-th allocation of it fails, for all n.
NO_ROOM = """
import spiram, gc, micropython
n, other = 1, []
gc.collect()
before = gc.mem_free()
while True:
    space = {'micropython': micropython}
    spiram.fail_allocation(n)
    try:
        exec(%r, space)
        left = spiram.fail_allocation(0)
    except MemoryError:
        left = spiram.fail_allocation(0)
    except Exception as e:
        left = spiram.fail_allocation(0)
        other.append((n, e))
    if left:
        break
    n += %d
space = None
gc.collect()
print(n > 500, other, before - gc.mem_free() < 100000)
"""


def no_room():
    result = strict(*QUICK, firmware=FAILS, script=NO_ROOM % (WORK, STEP), timeout=400)
    tap.equal("MemoryError wherever a program allocates", (result.status, result.out, result.err), (0, "True [] True\n", ""))
    lines = []
    # The prompt's own allocations: line, compiler, traceback.
    for n in range(1, 60):
        lines += ["import spiram; spiram.fail_allocation(%d)" % n, "[x * 2 for x in range(3)]", "def f(): return nothing", "",
                  "f()", "%d + 1000" % n]
    result = strict(*QUICK, firmware=FAILS, stdin="\n".join(lines) + "\n", timeout=400)
    answers = dict(replies(result))
    tap.equal("and wherever the prompt does", [n for n in range(1, 60) if answers.get("%d + 1000" % n) != "%d\n" % (n + 1000)], [])
    tap.check("which says so", result.status == 0 and result.out.count("MemoryError") > 20 and result.out.count(BANNER) < 60 and
              "resetting" not in result.out, result)


# Machine code gone wrong: (name, set-up, what is called, the fault's name at the next start).
FALLS = (
    ("viper reads where nothing is", "@micropython.viper\ndef f() -> int:\n    return ptr32(0x70000000)[0]\n", "MemManage fault"),
    ("viper writes where nothing is", "@micropython.viper\ndef f():\n    ptr8(0xd0000000)[0] = 1\n", "MemManage fault"),
    ("viper writes to flash", "@micropython.viper\ndef f():\n    ptr32(0x08000000)[0] = 1\n", None),
    ("viper and a null pointer", "@micropython.viper\ndef f():\n    ptr32(0)[0] = 1\n", "MemManage fault"),
    ("viper walks off", "@micropython.viper\ndef f():\n    p = ptr8(0x24000000 + 0x100000)\n    i = 0\n"
     "    while True:\n        p[i] = 255\n        i += 1024\n", "BusFault"),
    ("assembler that calls itself", "@micropython.asm_thumb\ndef f():\n    label(A)\n    push({r0, r1, r2, r3})\n    b(A)\n",
     "MemManage fault"),
    ("a jump to where no code is", "@micropython.asm_thumb\ndef f():\n    movwt(r0, 0x40000001)\n    bx(r0)\n", "MemManage fault"),
)


def falls():
    ask = "import machine; machine.reset_cause()\n"
    lines = ["import micropython\n" + set_up + "\nf()\n" + ask for _, set_up, _ in FALLS]
    # Not --strict: a write to flash that is not unlocked is an error of the program.
    result = run(*QUICK, "--stats=json", "--limit", "60", stdin="".join(lines))
    answers = [answer for line, answer in replies(result) if line == ask.strip()]
    told = re.findall(r"^fault: the last run ended with ([A-Za-z ]+) \d+ ", result.out, re.MULTILINE)
    expected = [fault for _, _, fault in FALLS if fault]
    tap.equal("machine code gone wrong: %d faults told" % len(expected), told, expected)
    tap.check("and the board came back", result.status == 0 and len(answers) == len(FALLS) and answers[-1] == "2\n", result)


def watchdog():
    """Programs that hang, where Ctrl-C does not reach: the watchdog starts the board again."""
    for name, program in (("machine code", "@micropython.viper\ndef f():\n    while True: pass\n"),
                          ("interrupts off", "import machine\ndef f():\n    machine.disable_irq()\n    while True: pass\n")):
        result = strict(*QUICK, "--limit", "30", stdin="import machine\n%s\nw = machine.WDT(timeout=200); f()\n"
                        "import machine; machine.reset_cause() == machine.WDT_RESET\n" % program)
        tap.equal("watchdog: " + name, (result.out.count(BANNER), dict(replies(result)).get(
            "import machine; machine.reset_cause() == machine.WDT_RESET")), (2, "True\n"))


TESTS = (soft_resets, hard_resets, storms, paste, overflow, no_room, falls, watchdog)
for test in TESTS:
    if len(sys.argv) < 2 or test.__name__ in sys.argv[1:]:
        test()
sys.exit(tap.done())
