#!/usr/bin/env python3
"""The REPL fed from standard input, as with `echo 'print(6*7)' | make run`."""

import re
import sys

from vboard import QUICK, Tap, replies, strict

tap = Tap()

SESSION = r'''
1 + 1
"a\tb"
print("one", 2, sep="-"); 3
_
None
[i * i for i in range(5)]
def factorial(n):
    if n:
        return n * factorial(n - 1)
    return 1

factorial(20)
class Counter:
    def __init__(self):
        self.n = 0
    def up(self):
        for i in range(2):
            self.n += 1
        return self.n

Counter().up()
for i in range(3):
    if i == 1:
        continue
    print("i", i)
else:
    print("done")

try:
    1 / 0
except ZeroDivisionError as e:
    print("caught", e)
finally:
    print("finally")

1 / 0
nobody
int("x")
x = )
print("a",
      "b")
s = """two
  lines"""
s
# a comment
import time; time.sleep(3); "slept"
import micropython, gc; sum(range(300000))
import sys; sys.stdout.write("no line end")
print("Z" * 3000)
'''

ANSWERS = (
    ("1 + 1", "2\n"),
    (r'"a\tb"', "'a\\tb'\n"),
    ('print("one", 2, sep="-"); 3', "one-2\n3\n"),
    ("_", "3\n"),
    ("None", ""),
    ("[i * i for i in range(5)]", "[0, 1, 4, 9, 16]\n"),
    ("factorial(20)", "2432902008176640000\n"),
    ("Counter().up()", "2\n"),
    ("1 / 0", 'Traceback (most recent call last):\n  File "<stdin>", line 1, in <module>\nZeroDivisionError: divide by zero\n'),
    ("nobody", 'Traceback (most recent call last):\n  File "<stdin>", line 1, in <module>\n'
               "NameError: name 'nobody' isn't defined\n"),
    ('int("x")', 'Traceback (most recent call last):\n  File "<stdin>", line 1, in <module>\n'
                 "ValueError: invalid syntax for integer with base 10: 'x'\n"),
    ("x = )", 'Traceback (most recent call last):\n  File "<stdin>", line 1\nSyntaxError: invalid syntax\n'),
    ("s", "'two\\n  lines'\n"),
    ("# a comment", ""),
    ('import time; time.sleep(3); "slept"', "'slept'\n"),
    ("import micropython, gc; sum(range(300000))", "44999850000\n"),
    ('import sys; sys.stdout.write("no line end")', "no line end11\n"),
    ('print("Z" * 3000)', "Z" * 3000 + "\n"),
)


def transcript():
    result = strict(*QUICK, stdin=SESSION.lstrip("\n"))
    answers = replies(result)
    by_line = dict(answers)
    for line, expected in ANSWERS:
        tap.equal("answer to " + line[:40], by_line.get(line), expected)
    tap.check("a loop with else", result.out.count("\ni 0\ni 2\ndone\n>>> ") == 1, result)
    tap.check("try, except, finally", result.out.count("\ncaught divide by zero\nfinally\n>>> ") == 1, result)
    tap.check("a call over two lines", result.out.count("\na b\n>>> ") == 1, result)
    tap.equal("ends with the prompt", result.out[-5:], "\n>>> ")
    tap.equal("status at end of input", result.status, 0)
    tap.equal("nothing on standard error", result.err, "")
    tap.equal("each line got its prompt", len(answers), len(ANSWERS) + 7)


# As files are: empty lines say nothing, and the next line at the left edge ends a block.
FILE = """
class A:
    \'\'\'Text

    is kept.
\'\'\'
    x = 1

    def f(self, y):
        if y:
            return [
        1,
                2,  # (
]

        else:
            return 0
    # a comment
# at the edge

    @property
    def g(self):
        return "a\\
b"
def twice(f): return f

@twice
def h():
    try:
        1/0

    except ZeroDivisionError:
        print("caught")
    finally:
        print("finally")
a = A()
print(a.f(1), a.f(0), a.g)
h()
if a.x: print("one line")
print(\'\'\'
  text
done\'\'\', 1 + \\
2)
for i in range(2):
\tfor j in range(2):
\t\tprint(i, j)
print("end")
"""


def file():
    result = strict(*QUICK, stdin=FILE)
    typed = re.sub(r"(?m)^(>>>|\.\.\.|===) .*\n", "", result.out.partition("class A")[2])
    result = strict(*QUICK, stdin="x = input('? ')\n it # (\n# it's (\nx\n\x05\ns = '''\nmore # (\n'''\n\x04s\n")
    tap.check("lines that are no code are not touched", result.out.endswith("\n>>> s\n'\\nmore # (\\n'\n>>> ") and
              "\n>>> x\n' it # ('\n" in result.out, result)
    tap.equal("a file as files are", typed, ":\n[1, 2] 0 ab\ncaught\nfinally\none line\n\n  text\ndone 3\n0 0\n0 1\n1 0\n1 1\nend\n>>> ")


def ends():
    result = strict(*QUICK, stdin="")
    tap.check("no input: start and end", result.status == 0 and result.out.endswith("\n>>> ") and not result.err, result)
    result = strict(*QUICK, stdin="print(6*7)\nprint(6*8)")
    answers = dict(replies(result))
    tap.equal("the last line without a line end", (answers.get("print(6*7)"), answers.get("print(6*8)")), ("42\n", "48\n"))
    result = strict(*QUICK, stdin="print(6*7)\r\nprint(6*8)\r\n")
    tap.equal("lines that end as on Windows", result.out.count("\n42\n>>> print(6*8)\n48\n>>> "), 1)
    result = strict(*QUICK, stdin="for i in range(3):\n        for j in range(2):\n          if j:\n            print('last', i)\n")
    tap.check("a block that the last line ends, with indents of its own", result.out.endswith("\nlast 0\nlast 1\nlast 2\n>>> "), result)
    result = strict(*QUICK, stdin="import time\ntime.sleep(30); print('late')\n")
    tap.check("waits for the last line's answer", result.status == 0 and "\nlate\n>>> " in result.out, result)


def control_keys():
    result = strict(*QUICK, stdin="\x05a = 1\nif a:\n    print('pasted')\n\nprint('whole')\n\x04print('after')\n")
    tap.check("paste mode", "\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\n=== a = 1\n" in result.out, result)
    tap.check("runs what was pasted", "\npasted\nwhole\n>>> print('after')\nafter\n>>> " in result.out, result)
    result = strict(*QUICK, stdin="\x01print(6*7)\n\x041/0\n\x04\x02print('after')\n")
    tap.check("raw REPL", "\nraw REPL; CTRL-B to exit\n>OK42\n\x04\x04>OK\x04Traceback" in result.out, result)
    tap.check("and out of it", "\n>>> print('after')\nafter\n>>> " in result.out, result)
    result = strict(*QUICK, stdin="x = 5\n\x04x\nimport machine; machine.reset_cause()\nimport gc; gc.mem_free() > 900000\n")
    answers = dict(replies(result))
    tap.check("soft reset", "MPY: soft reboot\nMicroPython v1.25.0" in result.out, result)
    tap.check("forgets names", answers.get("x", "").endswith("NameError: name 'x' isn't defined\n"), result)
    tap.equal("knows that it was one", answers.get("import machine; machine.reset_cause()"), "0\n")
    tap.equal("frees the heap", answers.get("import gc; gc.mem_free() > 900000"), "True\n")
    result = strict(*QUICK, stdin="x = 5\nimport sys; sys.exit()\nx\n")
    tap.check("sys.exit() is a soft reset", "MPY: soft reboot\n" in result.out and "NameError: name 'x'" in result.out, result)
    result = strict(*QUICK, stdin="help()\nhelp('modules')\n")
    tap.check("help", "Welcome to MicroPython on the STM32H7A3 with SPI RAM!" in result.out, result)
    tap.check("list of modules", "machine" in result.out and "uctypes" in result.out, result)


def soft_reset_with_psram():
    """One start with memory: the heap is the same after a soft reset, and the memory is not tested again."""
    result = strict("--stats=json", stdin="b = bytearray(6000000)\n\x04import gc; gc.mem_free() > 9000000\n" +
                    "b = bytearray(8000000); len(b)\n")
    answers = dict(replies(result))
    tap.equal("soft reset: the heap stays", answers.get("import gc; gc.mem_free() > 9000000"), "True\n")
    tap.equal("and is usable", answers.get("b = bytearray(8000000); len(b)"), "8000000\n")
    tap.equal("one memory test", (result.out.count("memtest"), result.stats.get("resets")), (1, 1))


def long_paste():
    line = "%04d line of a long paste, to see that nothing is lost"
    body = "\n".join(line % i for i in range(400))
    result = strict(*QUICK, stdin='d = """%s"""\nlen(d), d.count("\\n"), sum(int(s[:4]) for s in d.split("\\n"))\n' % body)
    answer = replies(result)[-2][1]
    tap.equal("a paste of %d bytes" % len(body), answer, "(%d, 399, %d)\n" % (len(body), sum(range(400))))
    result = strict(*QUICK, stdin="\x05%s\n\x04print(n)\n" % "\n".join(["n = 0"] + ["n += 1 # " + line % i for i in range(400)]))
    tap.check("the same in paste mode", "\n>>> print(n)\n400\n>>> " in result.out, result)
    result = strict(*QUICK, stdin="n = 0\n" + "n += 1\n" * 3000 + "n\n")
    tap.equal("3000 lines", replies(result)[-2], ("n", "3000\n"))


transcript()
file()
ends()
control_keys()
soft_reset_with_psram()
long_paste()
sys.exit(tap.done())
