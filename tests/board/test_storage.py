#!/usr/bin/env python3
"""Files in the internal flash: the file system that the board makes itself, scripts that it runs from there, its limits and
its faults."""

import os
import sys

from vboard import PROMPT, QUICK, Tap, path, replies, run, strict  # noqa: F401

BLOCK, BLOCKS = 8192, 128
FLASH = path("flash.bin")


def board(*options, **arguments):
    return strict(*QUICK, "--flash", FLASH, *options, **arguments)


def fresh():
    for name in (FLASH, FLASH + ".ecc"):
        if os.path.exists(name):
            os.remove(name)


def damage(offset, data):
    """Change what the flash holds, as no firmware could."""
    with open(FLASH, "r+b") as file:
        file.seek((1 << 20) + offset)
        file.write(data)


def files_test(tap):
    fresh()
    result = board(script="""
import os, sys
print(os.getcwd(), os.listdir(), os.listdir('/'), '/flash' in sys.path, '/flash/lib' in sys.path)
os.mkdir('lib')
with open('lib/thing.py', 'w') as f: f.write('def answer(): return 42\\n')
with open('data.bin', 'wb') as f:
    for i in range(300): f.write(bytes((i * j) & 255 for j in range(100)))
os.rename('data.bin', 'kept.bin')
with open('gone', 'w') as f: f.write('x')
os.remove('gone')
""")
    tap.equal("the first boot makes a file system", result.out,
              "/flash [] ['flash'] True True\n")
    tap.equal("no complaint about it", result.status, 0)
    result = board(script="""
import os, thing, time
before = time.time()
time.sleep(2.5)
with open('now', 'w') as f: f.write('now')
print(2 <= os.stat('now')[8] - before <= 4)
os.remove('now')
print(thing.answer(), sorted(os.listdir()), os.stat('kept.bin')[6], os.stat('/flash')[0] & 0x4000 != 0)
with open('kept.bin', 'rb') as f: print(all(f.read(100) == bytes((i * j) & 255 for j in range(100)) for i in range(300)))
print(os.statvfs('/flash')[:3])
""")
    tap.equal("files are there after power was off, modules are found", result.out,
              "True\n42 ['kept.bin', 'lib'] 30000 True\nTrue\n(%d, %d, %d)\n" % (BLOCK, BLOCK, BLOCKS))


def full_test(tap):
    fresh()
    result = board(script="""
import os
with open('small', 'w') as f: f.write('small')
chunk = bytes(4096)
try:
    with open('big', 'wb') as f:
        while True: f.write(chunk)
except OSError as e:
    print(e.errno == 28)
print(open('small').read())
os.remove('big')
with open('after', 'wb') as f: f.write(chunk)
print(os.stat('after')[6], os.statvfs('/flash')[3] > 100)
""")
    tap.equal("a full disk is ENOSPC, and can be emptied", result.out, "True\nsmall\n4096 True\n")


def scripts_test(tap):
    fresh()
    board(script="""
with open('boot.py', 'w') as f: f.write('print("this is boot")\\n')
with open('main.py', 'w') as f: f.write('print("this is main")\\n1/0\\n')
""")
    result = board(stdin="1+1\n")
    tap.check("boot.py and main.py run, an error is reported, the REPL comes",
              "this is boot\nthis is main\nTraceback (most recent call last):\n  File \"main.py\", line 2, in <module>\n"
              "ZeroDivisionError: divide by zero\n" in result.out and ("1+1\n2\n") in result.out, result)
    result = board("--press", "K1@0-2", stdin="1+1\n")
    tap.check("with K1 held they do not run", "this is" not in result.out and
              "MPY: safe mode, boot.py and main.py are not run\n" in result.out and "1+1\n2\n" in result.out, result)
    board("--press", "K1@0-2", script="""
with open('/flash/boot.py', 'w') as f: f.write('raise ValueError("early")\\n')
""")
    result = board(stdin="")
    tap.check("an error in boot.py keeps main.py from running",
              "ValueError: early\n" in result.out and "this is main" not in result.out, result)
    board(script="""
import os
os.remove('/flash/boot.py')
with open('/flash/main.py', 'w') as f: f.write('while True: pass\\n')
""", )
    result = board("--press", "K1@0-2", stdin="import os\nos.listdir()\n")
    tap.check("a main.py that never ends is no trap", "['main.py']\n" in result.out, result)


def blocks_test(tap):
    fresh()
    result = board(script="""
import os, stm32, vfs
os.umount('/flash')
f = stm32.Flash()
print(f, f.ioctl(4, 0), f.ioctl(5, 0), f.ioctl(1, 1), f.ioctl(4, 0), f.ioctl(5, 0))
for arguments in (dict(start=100), dict(start=1 << 20), dict(len=100), dict(start=8192, len=1 << 20), dict(len=0)):
    try: print(stm32.Flash(**arguments))
    except ValueError as e: print('ValueError', e)
g = stm32.Flash(start=16384, len=32768)
print(g, g.ioctl(4, 0), g.ioctl(5, 0))
g.ioctl(1, 1)
b, w = bytearray(16), bytes(range(16))
print([g.readblocks(*a) for a in ((4, b, 0), (-1, b, 0), (3, b, 8190), (0, b, -1))],
      [g.writeblocks(*a) for a in ((0, w, 8), (0, b'1234', 0), (4, w, 0))])
print(g.ioctl(6, 3), g.ioctl(6, 4), g.writeblocks(3, w, 32), g.readblocks(3, b, 32), b == w)
print(f.readblocks(5, b, 32), b == w, 'programmed again:', g.writeblocks(3, w, 32))
h = stm32.Flash()
s = bytearray(512)
for n in (80, 95): print(h.writeblocks(n, bytes([n]) * 512))
print(h.readblocks(80, s), s == b'P' * 512, f.readblocks(5, b, 0), bytes(b))
print(h.readblocks(2048, s), h.readblocks(2047, bytearray(1024)), h.writeblocks(0, bytes(100)))
try: h.readblocks(0, bytes(512))
except TypeError: print('TypeError')
vfs.VfsFat.mkfs(stm32.Flash())
vfs.mount(vfs.VfsFat(stm32.Flash()), '/fat')
with open('/fat/A name of some length.txt', 'w') as f: f.write('fat' * 3000)
print(os.listdir('/fat'), open('/fat/A name of some length.txt').read() == 'fat' * 3000)
""")
    tap.equal("block device: sizes, ranges, both protocols", result.out, """\
Flash(start=0, len=1048576) 2048 512 0 128 8192
ValueError start must be a multiple of 8192 below 1048576
ValueError start must be a multiple of 8192 below 1048576
ValueError len must be a multiple of 8192 up to 1048576
ValueError len must be a multiple of 8192 up to 1040384
ValueError len must be a multiple of 8192 up to 1048576
Flash(start=16384, len=32768) 64 512
[-22, -22, -22, -22] [-22, -22, -22]
0 -22 0 0 True
0 True programmed again: -84
0
0
0 True 0 b'PPPPPPPPPPPPPPPP'
-22 -22 -22
TypeError
['A name of some length.txt'] True
""")
    result = board(script="import os\nprint(os.getcwd(), os.listdir())")
    tap.equal("a FAT file system in the flash is mounted too", result.out, "/flash ['A name of some length.txt']\n")


def damage_test(tap):
    fresh()
    board(script="open('precious', 'w').write('x' * 20000)")
    damage(0, bytes(2 * BLOCK))
    before = open(FLASH, "rb").read()[1 << 20:]
    result = board(stdin="import os\nos.listdir('/')\n")
    tap.check("a file system that cannot be read: one line and a REPL",
              "flash: no file system that can be read (error 84), vfs.VfsLfs2.mkfs(stm32.Flash()) makes an empty one\n"
              in result.out and "\n[]\n" in result.out and "Traceback" not in result.out, result)
    tap.check("and nothing is written over it", open(FLASH, "rb").read()[1 << 20:] == before)
    result = board(stdin="import vfs, stm32\nvfs.VfsLfs2.mkfs(stm32.Flash())\n\x04\nimport os\nos.statvfs('.')[2]\n")
    tap.check("as it says, an empty one can be made", "\n128\n" in result.out, result)
    # What a format that was cut off leaves: no superblock yet.
    fresh()
    board(script="pass")
    damage(0, b"\x00" * 64 + b"\xff" * (2 * BLOCK - 64))
    result = board(script="import os\nprint(os.listdir('/flash'))")
    tap.equal("a first format that was cut off is done again", result.out, "[]\n")


def ecc_test(tap):
    fresh()
    board(script="""
with open('good', 'w') as f: f.write('good' * 100)
with open('bad', 'wb') as f: f.write(bytes(range(256)) * 64)
""")
    image = open(FLASH, "rb").read()
    offset = image.index(bytes(range(256)) * 2) + 512
    number = offset - (1 << 20)
    script = """
import stm32
f = stm32.Flash()
print(open('good').read() == 'good' * 100)
for attempt in range(2):
    try:
        with open('bad', 'rb') as g:
            print(sum(1 for i in range(64) if g.read(256) == bytes(range(256))))
    except OSError as e:
        print(repr(e))
b = bytearray(16)
print(f.readblocks(%d, b, %d), f.readblocks(%d, bytearray(512)), f.readblocks(%d, b, %d))
""" % (number // BLOCK, number % BLOCK, number // 512, number // BLOCK, number % BLOCK + 16)
    result = board(script=script)
    tap.equal("before: all is good", result.out, "True\n64\n64\n0 0 0\n")
    cells = ["--fault", "flash:0x%x.4" % offset, "--fault", "flash:0x%x.6" % (offset + 5)]
    result = board(*cells[:2], script=script)
    tap.equal("a wrong bit is corrected", result.out, "True\n64\n64\n0 0 0\n")
    result = board(*cells[2:], script=script)
    tap.equal("a second one, later, is an I/O error, each time, of that file alone", result.out,
              "True\nOSError(5,)\nOSError(5,)\n-84 -5 0\n")
    tap.equal("and no end of the program", result.status, 0)
    result = board(script=script)
    tap.equal("it is kept with the flash", result.out, "True\nOSError(5,)\nOSError(5,)\n-84 -5 0\n")
    with open(FLASH, "wb") as file:
        file.write(image)
    tap.equal("but counts for nothing when the file was written by others", board(script=script).out,
              "True\n64\n64\n0 0 0\n")
    tap.equal("then it is forgotten", os.path.exists(FLASH + ".ecc"), False)


def torn_sector_test(tap):
    """One word that does not read, in an erase block that is written by sectors: block 32 has sectors 512 to 527."""
    torn = 0x40000 + 3 * 512 + 0x40
    cells = "--fault", "flash:0x%x.1" % ((1 << 20) + torn), "--fault", "flash:0x%x.2" % ((1 << 20) + torn)
    fresh()
    board(script="""
import stm32
f = stm32.Flash()
for i in range(14): f.writeblocks(512 + i, bytes([i]) * 512)
f.ioctl(3, 0)
""")
    image = open(FLASH, "rb").read()
    head = """
import os, stm32, vfs
f, b = stm32.Flash(), bytearray(512)
def look(): return [f.readblocks(512 + i, b) or (b[0] if b == bytes(b[:1]) * 512 else bytes(b)) for i in range(16)]
"""
    good = list(range(14)) + [255, 255]
    result = board(*cells, script=head + """
print(look())
print(f.writeblocks(514, b'B' * 512), look())
print(f.ioctl(3, 0), f.writeblocks(1024, b'C' * 512), f.ioctl(3, 0))
s = look()
h = s.pop(3)
print(s, len(h), h == b'\\x03' * 64 + b'\\xff' * 32 + b'\\x03' * 416)
""")
    bad = good[:3] + [-5] + good[4:]
    tap.equal("a torn word: its own sector alone does not read, the others are written, in the end it reads with a gap", result.out,
              "%s\n0 %s\n0 0 0\n%s 512 True\n" % (bad, bad[:2] + [66] + bad[3:], bad[:2] + [66] + bad[4:]))
    with open(FLASH, "wb") as file:
        file.write(image)
    result = board(*cells, script=head + """
print(f.writeblocks(526, b'E' * 512), f.ioctl(3, 0), f.writeblocks(1024, b'C' * 512), look())
print(f.writeblocks(515, b'D' * 512), look(), f.ioctl(3, 0), f.writeblocks(1024, b'E' * 512), look())
""")
    new = bad[:14] + [69] + bad[15:]
    now = new[:3] + [68] + new[4:]
    tap.equal("what needs no erase leaves it torn; written, it is as good as new", result.out,
              "0 0 0 %s\n0 %s 0 0 %s\n" % (new, now, now))
    with open(FLASH, "wb") as file:
        file.write(image)
    result = board(*cells, script=head + """
os.chdir('/')
vfs.umount('/flash')
vfs.VfsFat.mkfs(f)
vfs.mount(f, '/fat')
try:
    for i in range(100):
        with open('/fat/%d' % i, 'wb') as g: g.write(bytes([i]) * 16384)
except OSError as e: print(e.errno, i)
print(all(open('/fat/%d' % n, 'rb').read() == bytes([n]) * 16384 for n in range(i)))
""")
    tap.equal("mkfs and files over it, until the disk is full", result.out, "28 62\nTrue\n")


def main():
    tap = Tap()
    files_test(tap)
    full_test(tap)
    scripts_test(tap)
    blocks_test(tap)
    damage_test(tap)
    ecc_test(tap)
    torn_sector_test(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
