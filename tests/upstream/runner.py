#!/usr/bin/env python3
"""MicroPython's run-tests.py, as it is, with the board on a Unix socket in place of a serial port.

usage: runner.py RUN-TESTS.PY OPTION...      BOARD_SOCKET in the environment

MicroPython's pyboard.py opens its port with pyserial, asks before each byte whether one is there, and sleeps for 10 ms if
not. A board that answers within a millisecond then spends most of the time of a thousand short scripts waiting to be asked.
Here `serial.Serial` is a socket that reads what there is at once, and waits a little where pyboard.py would sleep.
"""

import os
import runpy
import select
import socket
import sys
import types

# How long an answer is waited for before pyboard.py is told that there is none; it then sleeps, and asks again.
ANSWER = 0.02


class Serial:
    def __init__(self, *_, **__):
        self.line = socket.socket(socket.AF_UNIX)
        self.line.connect(os.environ["BOARD_SOCKET"])
        self.got = bytearray()
        self.expects = False

    def fill(self, wait):
        if select.select([self.line], [], [], wait)[0]:
            data = self.line.recv(65536)
            if not data:
                raise OSError("the board has ended")
            self.got += data

    def inWaiting(self):  # noqa: N802, the name is pyserial's
        if not self.got:
            self.fill(ANSWER if self.expects else 0)
        return len(self.got)

    def read(self, size=1):
        while len(self.got) < size:
            self.fill(None)
        data = bytes(self.got[:size])
        del self.got[:size]
        # 0x01 opens the next window of a raw paste: nothing more comes until that is filled.
        self.expects = data[-1:] != b"\x01"
        return data

    def write(self, data):
        self.line.sendall(data)
        self.expects = False
        return len(data)

    def close(self):
        self.line.close()


serial, tools, ports = (types.ModuleType(name) for name in ("serial", "serial.tools", "serial.tools.list_ports"))
serial.Serial, serial.__version__, serial.tools, tools.list_ports = Serial, "3.5", tools, ports
sys.modules.update({module.__name__: module for module in (serial, tools, ports)})

del sys.argv[0]
sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
runpy.run_path(os.path.abspath(sys.argv[0]), run_name="__main__")
