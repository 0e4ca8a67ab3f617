#!/usr/bin/env python3
"""What of Python and of MicroPython's modules the firmware has, and how it holds out when a program goes to the limits."""

import os
import subprocess
import sys

from vboard import BUILD, QUICK, Tap, path, replies, run, strict, write

tap = Tap()

MPY_CROSS = os.path.join(BUILD, "deps/mpy-cross/mpy-cross")

# Each is a program that raises if something is amiss.
LANGUAGE = {
    "re: groups and span": """
        import re
        m = re.search('(b+)(c)?(d)', 'xabbd')
        assert m.groups() == ('bb', None, 'd') and m.span(1) == (2, 4) and (m.start(), m.end(3)) == (2, 5), m.groups()
        assert re.sub('(a)(b)', r'\\2\\1', 'abab') == 'baba'
        """,
    "sys.exc_info": """
        import sys
        try:
            1 // 0
        except ZeroDivisionError as e:
            assert sys.exc_info()[1] is e
        assert sys.exc_info() == (None, None, None)
        """,
    "errno: MicroPython's numbers": """
        import errno
        numbers = (errno.ENOENT, errno.EIO, errno.EEXIST, errno.ENODEV, errno.EISDIR, errno.ETIMEDOUT, errno.EINPROGRESS)
        assert numbers == (2, 5, 17, 19, 21, 110, 115), numbers
        """,
    "no threads, no tracing": """
        import sys
        try:
            import _thread
        except ImportError:
            assert not hasattr(sys, 'settrace')
        else:
            raise AssertionError
        """,
    "names with u": """
        import usys, uos, ujson, uio, utime, uasyncio, sys, asyncio
        assert usys.platform == sys.platform and ujson.loads('[1]') == [1] and uasyncio.sleep_ms == asyncio.sleep_ms
        """,
    "select: standard input": """
        import select, sys
        p = select.poll()
        p.register(sys.stdin, select.POLLIN)
        p.register(sys.stdout, select.POLLOUT)
        assert [(s, e) for s, e in p.ipoll(0)] == [(sys.stdout, select.POLLOUT)]
        """,
    "stm: registers by name, in Python and in assembler": """
        import stm, micropython
        from machine import Pin
        led = Pin('A1', Pin.OUT, value=1)
        assert (stm.GPIOA, stm.GPIO_BSRR, stm.GPIO_AFR1, stm.RCC) == (0x58020000, 0x18, 0x24, 0x58024400)
        assert stm.mem32[stm.DBGMCU + stm.DBGMCU_IDCODE] & 0xfff == 0x480
        stm.mem32[stm.GPIOA + stm.GPIO_BSRR] = 1 << 17
        assert led() == 0
        @micropython.asm_thumb
        def on():
            movwt(r0, stm.GPIOA)
            movw(r1, 1 << 1)
            strh(r1, [r0, stm.GPIO_BSRR])
        on()
        assert led() == 1
        """,
    "framebuf": """
        import framebuf
        b = bytearray(32)
        f = framebuf.FrameBuffer(b, 16, 16, framebuf.MONO_HLSB)
        f.text('M', 0, 0); f.line(0, 15, 15, 15, 1)
        assert f.pixel(3, 15) == 1 and f.pixel(3, 14) == 0 and sum(b[:16]) > 0 and b[30:] == b'\\xff\\xff'
        """,
    "uctypes": """
        import uctypes
        b = bytearray(b'\\x34\\x12\\xab\\xcd')
        s = uctypes.struct(uctypes.addressof(b), {'h': 0 | uctypes.UINT16, 'low': 2 | uctypes.BFUINT8 | 0 << 17 | 4 << 22,
                                                 'a': (2 | uctypes.ARRAY, 2 | uctypes.UINT8)}, uctypes.LITTLE_ENDIAN)
        s.a[1] = 7
        assert (s.h, s.low, b[3]) == (0x1234, 0xb, 7)
        """,
    "cmath, array, heapq, platform": """
        import cmath, array, heapq, platform
        assert abs(cmath.exp(1j * cmath.pi) + 1) < 1e-15
        a = array.array('d', (1.5, 2)); a.append(3); a[0:1] = array.array('d', (9,))
        assert a[0] == 9 and len(a) == 3
        h = []
        for i in (5, 1, 4, 2): heapq.heappush(h, i)
        assert [heapq.heappop(h) for i in range(4)] == [1, 2, 4, 5]
        assert platform.platform().startswith('MicroPython-1.25.0'), platform.platform()
        """,
    "hashlib, binascii, struct, random": """
        import hashlib, binascii, struct, random
        assert hashlib.sha256(b'a' * 1000000).digest() == binascii.unhexlify('%s')
        assert binascii.a2b_base64(binascii.b2a_base64(bytes(range(256)))) == bytes(range(256))
        assert struct.pack('>bhiqfd', -1, -2, -3, -4, .5, .25)[:7] == b'\\xff\\xff\\xfe\\xff\\xff\\xff\\xfd'
        random.seed(1); x = random.getrandbits(32); random.seed(1)
        assert x == random.getrandbits(32) and random.randrange(10) < 10 and random.choice('a') == 'a'
        """ % "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    "deflate, there and back": """
        import deflate, io
        data = bytes(i * i & 63 for i in range(20000))
        out = io.BytesIO()
        with deflate.DeflateIO(out, deflate.GZIP, 12) as z:
            z.write(data)
        assert len(out.getvalue()) < 4000
        out.seek(0)
        assert deflate.DeflateIO(out).read() == data
        """,
    "json, streams": """
        import json, io
        x = {'a': [1, 2.5, None, True, 'q"\\u00e9'], 'b': {}}
        s = io.StringIO(); json.dump(x, s); s.seek(0)
        assert json.load(s) == x and json.dumps([1, 2], separators=(',', ':')) == '[1,2]'
        """,
    "micropython.schedule": """
        import micropython
        got = []
        for i in range(3): micropython.schedule(got.append, i)
        for i in range(100): pass
        assert got == [0, 1, 2], got
        """,
    "micropython.heap_lock": """
        import micropython
        def locked():
            micropython.heap_lock()
            try:
                [1] + [2]
                return False
            except MemoryError:
                return True
            finally:
                micropython.heap_unlock()
        assert locked()
        """,
    "asyncio: events, locks, time-outs": """
        import asyncio
        async def main():
            event, lock, seen = asyncio.Event(), asyncio.Lock(), []
            async def waiter(n):
                await event.wait()
                async with lock:
                    seen.append(n)
            async def forever():
                await asyncio.sleep(1000)
            tasks = [asyncio.create_task(waiter(i)) for i in range(200)]
            await asyncio.sleep_ms(5)
            event.set()
            await asyncio.gather(*tasks)
            try:
                await asyncio.wait_for_ms(forever(), 5)
            except asyncio.TimeoutError:
                seen.append('late')
            return seen
        assert asyncio.run(main()) == list(range(200)) + ['late']
        """,
    "generators, closures, comprehensions": """
        def count(n):
            sent = 0
            for i in range(n):
                sent += (yield i + sent) or 0
            return 'end'
        def outer():
            return (yield from count(3))
        g = outer(); next(g); assert g.send(10) == 11
        assert {x: y for x, y in zip('ab', (1, 2))} == {'a': 1, 'b': 2} == dict(a=1, b=2)
        a, *b = range(4); assert b == [1, 2, 3]
        assert f'{3.14159:.2f} {a!r:>3}' == '3.14   0' and (n := 5) == 5
        """,
    "classes": """
        class Base:
            def __init_subclass__(cls): raise TypeError
            def __new__(cls): return super().__new__(cls)
        class A:
            @property
            def x(self): return self._x
            @x.setter
            def x(self, v): self._x = v * 2
            def __getattr__(self, name): return name
            def __contains__(self, y): return y == 1
        class B(A, Exception): pass
        b = B(); b.x = 4
        assert b.x == 8 and b.other == 'other' and 1 in b and isinstance(b, Exception)
        from collections import namedtuple, deque
        P = namedtuple('P', 'x y'); assert P(1, y=2)._replace(x=5) == (5, 2) if hasattr(P, '_replace') else P(1, y=2) == (1, 2)
        d = deque((), 3); [d.append(i) for i in range(5)]; assert list(d) == [2, 3, 4]
        """,
    "big integers": """
        assert 7 ** 2000 % 10 ** 9 == pow(7, 2000, 10 ** 9) and int(str(3 ** 1000)) == 3 ** 1000
        assert (-5) // 3 == -2 and -(1 << 100) >> 98 == -4 and int.from_bytes((1 << 70).to_bytes(9, 'big'), 'big') == 1 << 70
        """,
    "exec, eval, compile": """
        space = {}
        exec(compile('def f(x):\\n return x * 2', 'file.py', 'exec'), space)
        assert space['f'](4) == 8 and eval('a + 1', {'a': 2}) == 3
        """,
    "1,000 functions": """
        space = {}
        exec('\\n'.join('def f%d(): return %d' % (i, i) for i in range(1000)), space)
        assert sum(space['f%d' % i]() for i in range(1000)) == 499500
        """,
}

# Each goes deeper than the stack is, and must end in RuntimeError. MicroPython by itself falls over the stack's end at the
# first ones.
NEST = """
def nest(make, n=3000):
    x = make(None)
    for i in range(n): x = make(x)
    return x
"""
RECURSION = {
    "lists compared": "nest(lambda x: [x]) == nest(lambda x: [x])",
    "dicts compared": "nest(lambda x: {1: x}) == nest(lambda x: {1: x})",
    "lists ordered": "nest(lambda x: [x or 1]) < nest(lambda x: [x or 2])",
    "in": "nest(lambda x: [x]) in [nest(lambda x: [x])]",
    "max": "max(nest(lambda x: [x]), nest(lambda x: [x]))",
    "tuple hashed": "hash(nest(lambda x: (x,)))",
    "tuple as key": "{nest(lambda x: (x,)): 1}",
    "named tuple hashed": "from collections import namedtuple\nhash(nest(namedtuple('P', 'a')))",
    "frozen sets": "nest(lambda x: frozenset([x])) == nest(lambda x: frozenset([x]))",
    "repr": "repr(nest(lambda x: [x]))",
    "traceback of an exception": "str(ValueError(nest(lambda x: [x])))",
    "json": "import json\njson.dumps(nest(lambda x: {'a': x}))",
    "map of map": "next(nest(lambda x: map(len, x or [1])))",
    "generators": "def g(x):\n    yield from x\nnext(nest(lambda x: g(x or [1])))",
    "re.match": "import re\nre.match('(a|b)*c', 'ab' * 20000)",
    "re.compile": "import re\nre.compile('(' * 2000 + ')' * 2000)",
    "uctypes": "import uctypes\nuctypes.sizeof(nest(lambda x: {'a': (0, x or {'a': uctypes.UINT8})}))",
    "compile: calls": "exec('x=' + 'f(' * 2000 + '1' + ')' * 2000)",
    "compile: lists": "exec('x=' + '[' * 2000 + '1' + ']' * 2000)",
    "compile: power": "exec('x=' + 'y ** ' * 2000 + '1')",
    "compile: if, else": "exec('x=' + '1 if y else ' * 2000 + '1')",
    "classes, many": "class D: pass\nC = D\nfor i in range(2200): C = type('C', (C, D), {})\nC().foo",
    "classes, lists": "class D: pass\nclass C(list): pass\nfor i in range(2200): C = type('C', (C, D), {})\nC([1])",
    "call of a call": "f = len\nfor i in range(2200): f = type('C', (), {'__call__': f})()\nf()",
    "length of itself": "class A: __len__ = len\nlen(A())",
    "inflators": "import deflate, io\nnest(lambda x: deflate.DeflateIO(x or io.BytesIO(b'a'), deflate.RAW)).read(1)",
    "function": "def f(): return f()\nf()",
    "native": "@micropython.native\ndef f(n): return f(n + 1)\nf(0)",
    "viper": "@micropython.viper\ndef f(n: int) -> int: return int(f(n + 1))\nf(0)",
    "coroutine": "import asyncio\nasync def f(): await f()\nasyncio.run(f())",
    "sort": "class A:\n    def __lt__(self, other): return sorted([A(), A()])\nsorted([A(), A()])",
}

BIG = """
import gc
b = bytearray(6000000); b[-1] = 1; assert b.find(b'\\x01') == 5999999
del b; gc.collect()
x = list(range(500000))
assert sum(x) == 124999750000 and x[499999] == 499999 and x.index(400000) == 400000
x.extend(x); x = x[::2]; assert len(x) == 500000
del x; gc.collect()
d = {}
for i in range(200000): d[i] = i
assert len(d) == 200000 and d[123456] == 123456 and sum(d.values()) == 19999900000
for i in range(0, 200000, 3): del d[i]
assert len(d) == 133333 and 3 not in d and 4 in d
del d; gc.collect()
s = 'ab' * 1000000
assert s.count('b') == 1000000 and s.find('bb') == -1 and len(s.upper().encode()) == 2000000
print('big')
"""

# A module compiled by mpy-cross, read from a file system in Python.
IMPORT = """
import vfs, io, sys
class File(io.IOBase):
    def __init__(self, data): self.data, self.at = data, 0
    def readinto(self, b):
        part = self.data[self.at:self.at + len(b)]
        b[:len(part)] = part
        self.at += len(part)
        return len(part)
    def ioctl(self, request, arg): return 0
class Files:
    def __init__(self, files): self.files = files
    def mount(self, readonly, mkfs): pass
    def umount(self): pass
    def stat(self, name):
        if name[1:] not in self.files: raise OSError(2)
        return (0x8000,) + (0,) * 9
    def open(self, name, mode): return File(self.files[name[1:]])
files = {%s}
vfs.mount(Files(files), '/files')
sys.path.append('/files')
import bytecode, machinecode
print(bytecode.f(10), machinecode.native(10), machinecode.viper(bytearray(b'abc')), machinecode.asm(40), machinecode.text)
try:
    import foreign
except ValueError as e:
    print(e)
for whole in 'bytecode.mpy', 'machinecode.mpy':
    for n in range(4, len(files[whole])):
        files['cut.mpy'] = files[whole][:n]
        try:
            import cut
            print(whole, 'ends after', n)
        except ValueError as e:
            if str(e) != 'incomplete .mpy file': print(whole, n, e)
        except NotImplementedError as e:
            print(whole, n, e)
        sys.modules.pop('cut', None)
print(n > 200)
import listed
"""
MODULE = """
text = 'of a module'
@micropython.native
def native(n): return [i * 2 for i in range(n)][-1] + len(text)
@micropython.viper
def viper(b: ptr8) -> int: return b[0] + b[1] + b[2]
@micropython.asm_thumb
def asm(r0): add(r0, r0, 2)
def plain(n): return n
"""


def dedent(program):
    lines = program.strip("\n").split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] for line in lines)


def many(kind, programs, expected, *options):
    """All programs in one run of the board: each has its line in the output."""
    script = "def run(name, program):\n    try:\n        exec(program, {'nest': nest} if 'nest' in globals() else {})\n" \
             "        print(name, '->', None)\n    except Exception as e:\n" \
             "        print(name, '->', type(e).__name__, e)\n"
    for name, program in programs.items():
        script += "run(%r, %r)\n" % (name, dedent(program))
    result = strict(*options, script=NEST + script)
    lines = dict(line.split(" -> ", 1) for line in result.out.splitlines() if " -> " in line)
    for name in programs:
        tap.equal(kind + name, lines.get(name), expected)
    tap.check(kind + "the board is whole", result.status == 0 and not result.err, result)


def compiled(name, source, *options):
    write(name + ".py", source)
    subprocess.run([MPY_CROSS, *options, "-o", path(name + ".mpy"), "-s", name + ".py", path(name + ".py")], check=True)
    with open(path(name + ".mpy"), "rb") as mpy:
        return mpy.read()


def imports():
    files = {
        "bytecode.mpy": compiled("bytecode", "def f(n): return sum(range(n))\n"),
        "machinecode.mpy": compiled("machinecode", MODULE, "-march=armv7emdp"),
        "foreign.mpy": compiled("foreign", "@micropython.native\ndef f(): pass\n", "-march=xtensa"),
    }
    # Viper code that returns at once, with relocations: none, and the file in place of the 0xff behind them. MicroPython's own
    # tests have such files.
    files["listed.mpy"] = (files["machinecode.mpy"][:3] + b"\x1f\1\0" + b"\x12listed.py\0" + b"\x22" + b"\x70\x47\0\xbf" + b"\x10")
    script = IMPORT % ", ".join("%r: %r" % item for item in files.items())
    expected = "45 29 294 42 of a module\nincompatible .mpy arch\nTrue\n"
    for where, options in (("in the PSRAM", ()), ("without PSRAM", QUICK)):
        result = strict(*options, script=script)
        tap.equal("modules of mpy-cross, " + where, (result.status, result.out, result.err), (0, expected, ""))


def at_the_prompt():
    """What the prompt itself must survive: exceptions that cannot be printed."""
    result = strict(*QUICK, stdin="""\
class A:
    def __repr__(self): raise ValueError('worse')

raise ValueError(A())
A()
x = []
for i in range(9999): x = [x]

raise ValueError(x)
6 * 7
import sys; sys.atexit(lambda: print('good', 'bye'))
""" + "\x04" + "import sys; sys.atexit(lambda: 1 // 0)\n\x04import sys; sys.atexit(None)\n")
    tap.check("exceptions that cannot be printed", dict(replies(result)).get("6 * 7") == "42\n" and
              result.out.count("ValueError: worse") == 2 and "RuntimeError: maximum recursion depth exceeded" in result.out, result)
    tap.check("sys.atexit", "\ngood bye\nMPY: soft reboot\n" in result.out and
              "ZeroDivisionError: divide by zero\nMPY: soft reboot\n" in result.out and result.out.count("good bye") == 1, result)


def finaliser():
    """A finaliser that fails, in a collection with the stack nearly full: the heap must not stay locked."""
    result = strict(*QUICK, script="""
import gc
class A:
    def __del__(self): self.nothing
def deep(n):
    A()
    try:
        deep(n + 1)
    except RuntimeError:
        gc.collect()
        raise
for i in range(3):
    try:
        deep(0)
    except RuntimeError as e:
        x = [e]
gc.collect()
print(len(bytearray(500000)))
""")
    tap.check("finalisers at the end of the stack", result.status == 0 and result.out.endswith("500000\n"), result)


many("", LANGUAGE, "None")
many("recursion: ", RECURSION, "RuntimeError maximum recursion depth exceeded", "--limit", "60")
result = run("--strict", script=BIG)
tap.equal("a big heap", (result.status, result.out, result.err), (0, "big\n", ""))
imports()
at_the_prompt()
finaliser()
sys.exit(tap.done())
