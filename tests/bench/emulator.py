"""An emulator that runs MicroPython with its raw REPL on standard input and output, and the time that it takes."""

import os
import signal
import subprocess

# What a script prints around the part to be measured: an500.h.
START, END = b"\x02", b"\x03"
MARKS = "import sys\ndef mark(c): sys.stdout.write(chr(c))\n"


class Failed(Exception):
    pass


def cpu_seconds(pid):
    """Processor time of all threads of a process, in seconds. Other than wall time it is hardly longer when the machine does
    other things as well; on one that does not, the two are the same for an emulator, which never waits."""
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/schedstat" % (pid, task)) as f:
            total += int(f.read().split()[0])
    return total / 1e9


class Emulator:
    """Stopped (SIGSTOP) whenever nobody measures it: at its prompt it would poll its UART at full speed."""

    def __init__(self, name, command):
        self.name = name
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.child.stdin.write(b"\r\x01")
        self.child.stdin.flush()
        self._until(b"raw REPL; CTRL-B to exit\r\n>")
        self._stop()

    def _stop(self):
        self.child.send_signal(signal.SIGSTOP)

    def _until(self, wanted):
        out = b""
        while not out.endswith(wanted):
            byte = os.read(self.child.stdout.fileno(), 1)
            if not byte:
                raise Failed("%s ended: %s" % (self.name, self.child.stderr.read().decode()))
            out += byte
        return out[: -len(wanted)]

    def _end_of_answer(self):
        out, error = self._until(b"\x04"), self._until(b"\x04")
        self._until(b">")
        self._stop()
        if error:
            raise Failed("%s: the script raised:\n%s" % (self.name, error.decode()))
        return out.decode().replace("\r\n", "\n")

    def _send(self, script):
        self.child.send_signal(signal.SIGCONT)
        self.child.stdin.write(script.encode() + b"\x04")
        self.child.stdin.flush()
        self._until(b"OK")

    def run(self, script):
        """What the script printed."""
        self._send(script)
        return self._end_of_answer()

    def time(self, script):
        """(seconds between the two marks that the script prints, what it printed behind them)"""
        self._send(script)
        self._until(START)
        start = cpu_seconds(self.child.pid)
        self._until(END)
        seconds = cpu_seconds(self.child.pid) - start
        return seconds, self._end_of_answer()

    def counted(self):
        """Instructions between the last two marks, of an emulator that counts."""
        first, last = (int(self.child.stderr.readline()) for _ in range(2))
        return last - first

    def close(self):
        self.child.kill()
        self.child.communicate()
