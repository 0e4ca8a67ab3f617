#!/usr/bin/env python3
"""The tools that MicroPython's users have, unmodified, at the virtual board: mpremote and pyboard.py, and mpremote's own tests.

With ROBUST=long in the environment (make robust) files of 1 MB are copied, else of 4 KB, and all of mpremote's own tests run.
"""

import glob
import os
import re
import subprocess
import sys
import time

from vboard import FIRMWARE, ROOT, TEMP, VBOARD, Session, Tap, path, write

tap = Tap()
TOOLS = os.path.join(ROOT, os.environ.get("MPY_DIR", "build/deps/micropython"), "tools")
MPREMOTE = [sys.executable, os.path.join(TOOLS, "mpremote", "mpremote.py")]
PYBOARD = [sys.executable, os.path.join(TOOLS, "pyboard.py")]
LONG = os.environ.get("ROBUST") == "long"
SIZE = (1 << 20) if LONG else (4 << 10)
ENVIRONMENT = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
# mpremote's tests compare what stands in a file, whose order depends on it.
ENVIRONMENT.pop("PYTHONUNBUFFERED", None)

# A disk in the PSRAM, large enough for SIZE whatever else there is.
DISK = """
import vfs
class Disk:
    def __init__(self, n): self.data = bytearray(n)
    def readblocks(self, block, buf, offset=0):
        at = block * 4096 + offset
        buf[:] = memoryview(self.data)[at:at + len(buf)]
    def writeblocks(self, block, buf, offset=0):
        at = block * 4096 + offset
        self.data[at:at + len(buf)] = buf
    def ioctl(self, request, arg):
        return {4: len(self.data) // 4096, 5: 4096, 6: 0}.get(request)
disk = Disk(%d)
vfs.VfsLfs2.mkfs(disk)
vfs.mount(disk, '/disk')
""" % (2 * SIZE + (64 << 10))


class Tool:
    """A tool, and how it is told which device: each call is a program that comes and goes."""

    def __init__(self, *command):
        self.command = command

    def __call__(self, *arguments, timeout=100):
        done = subprocess.run([*self.command, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=timeout, cwd=TEMP, env=ENVIRONMENT)
        self.result = done.returncode, done.stdout.decode().replace("\r\n", "\n"), done.stderr.decode().replace("\r\n", "\n")
        return self.result

    def says(self, name, expected, *arguments, status=0, timeout=100):
        self(*arguments, timeout=timeout)
        tap.check(name, self.result[0] == status and re.fullmatch(expected, self.result[1], re.DOTALL), self.result)


def data(n):
    return bytes((i * i >> 3 ^ i) & 255 for i in range(n))


def use_mpremote(port):
    board = Tool(*MPREMOTE, "connect", port)
    again = Tool(*MPREMOTE, "connect", port, "resume")
    board.says("exec", "42\n", "exec", "print(6 * 7)")
    board.says("exec that raises", ".*ZeroDivisionError: divide by zero\n", "exec", "1 / 0", status=1)
    board.says("eval", r"\[0, 1, 2\]\n", "eval", "list(range(3))")
    board.says("run", "from a file\n", "run", write("run.py", "print('from a file')\n"))
    board.says("soft-reset", "1\nTrue\n", "exec", "x = 1", "eval", "x", "soft-reset", "eval", "'x' not in globals()")
    board.says("a disk in memory", "", "run", write("disk.py", DISK))
    content = data(SIZE)
    write("there", content)
    start = int(again("eval", "__import__('time').ticks_ms()")[1])
    again.says("cp to the board", ".*", "cp", path("there"), ":/disk/there", timeout=1800)
    middle = int(again("eval", "__import__('time').ticks_ms()")[1])
    again.says("cp from the board", ".*", "cp", ":/disk/there", path("back"), timeout=900)
    end = int(again("eval", "__import__('time').ticks_ms()")[1])
    with open(path("back"), "rb") as back:
        tap.check("%d KB are what they were" % (SIZE >> 10), back.read() == content)
    print("# %d KB: to the board %.1f s, from the board %.1f s of virtual time" % (SIZE >> 10, (middle - start) / 1000, (end - middle) / 1000))
    again.says("sha256sum", ".*" + __import__("hashlib").sha256(content).hexdigest() + "\n", "sha256sum", ":/disk/there", timeout=300)
    again.says("mkdir", ".*", "mkdir", ":/disk/folder")
    again.says("cp into it", ".*", "cp", path("run.py"), ":/disk/folder/")
    again.says("ls", r".*%d there\n.*folder/\n.*|.*folder/\n.*%d there\n.*" % (SIZE, SIZE), "ls", ":/disk")
    again.says("rm", ".*", "rm", ":/disk/folder/run.py")
    again.says("rmdir", ".*", "rmdir", ":/disk/folder")
    again.says("what is gone is gone", ".*", "ls", ":/disk/folder", status=1)

    os.makedirs(path("local"), exist_ok=True)
    write("local/here.py", "value = 'imported over the line'\n")
    board.says("mount, and import from there", ".*imported over the line\n.*", "mount", path("local"), "exec",
               "import here; print(here.value); open('/remote/new', 'w').write('from the board')")
    with open(path("local/new")) as new:
        tap.equal("what it wrote there", new.read(), "from the board")


def own_tests(port):
    """mpremote's own tests: scripts that it comes with, and what they should say."""
    for script in sorted(glob.glob(os.path.join(TOOLS, "mpremote", "tests", "test_%s.sh" % ("*" if LONG else "[em]*")))):
        name = os.path.basename(script)
        temporary = path(name)
        os.makedirs(temporary)
        done = subprocess.run(["bash", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
                              cwd=TEMP, env=dict(ENVIRONMENT, MPREMOTE=" ".join([*MPREMOTE, "connect", port]), TMP=temporary))
        said = done.stdout.decode().replace("\r", "").replace(temporary, "${TMP}")
        # test_resume.sh ends with a look for a USB device, which a pseudo terminal is not.
        said = said.replace("mpremote: no device found", "5")
        write(name + ".out", said)
        diff = subprocess.run(["diff", "-u", script + ".exp", path(name + ".out")], stdout=subprocess.PIPE)
        tap.check("mpremote's " + name, diff.returncode == 0, diff.stdout.decode())


def use_pyboard(*device):
    board = Tool(*PYBOARD, *device)
    board.says("pyboard.py -c", "42\n", "-c", "print(6 * 7)")
    board.says("a file", "from a file\n", path("run.py"))
    board.says("one that raises", ".*ZeroDivisionError: divide by zero\n", "-c", "1 / 0", status=1)
    return board


def pyboard_files(port):
    board = use_pyboard("--device", port)
    again = Tool(*PYBOARD, "--device", port, "--no-soft-reset")
    board.says("a disk in memory", "", path("disk.py"))
    write("small", data(3000))
    again.says("-f mkdir", ".*", "-f", "mkdir", ":/disk/f")
    again.says("-f cp", ".*", "-f", "cp", path("small"), ":/disk/f/small")
    again.says("-f ls", ".*3000 small\n.*", "-f", "ls", ":/disk/f")
    again.says("-f cp back", ".*", "-f", "cp", ":/disk/f/small", path("small2"))
    with open(path("small2"), "rb") as back:
        tap.check("the same bytes", back.read() == data(3000))
    again.says("-f rm", ".*", "-f", "rm", ":/disk/f/small")
    again.says("-f rmdir", ".*", "-f", "rmdir", ":/disk/f")


session = Session("pty", "--pace", "free")
port = re.search(r"/dev/pts/\d+", session.announced)
tap.check("a port", port, session.announced)
port = port.group(0)
time.sleep(0.5)
use_mpremote(port)
own_tests(port)
pyboard_files(port)
result = session.close()
tap.equal("the board has nothing to complain of", (result.status, result.err), (0, ""))
use_pyboard("--device", "exec:%s --strict --pace free --uart pipe %s" % (VBOARD, FIRMWARE), "--baudrate", "115200")
sys.exit(tap.done())
