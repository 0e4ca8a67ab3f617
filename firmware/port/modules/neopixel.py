# WS2812 and the like, with the interface of MicroPython's documentation.
#
# SPDX-License-Identifier: MIT
from machine import bitstream


class NeoPixel:
    # Where red, green, blue and white are on the line.
    ORDER = (1, 0, 2, 3)

    # timing: 1 for 800 kHz, 0 for 400 kHz, or nanoseconds as bitstream() takes them.
    def __init__(self, pin, n, bpp=3, timing=1):
        self.pin = pin
        self.n = n
        self.bpp = bpp
        self.buf = bytearray(n * bpp)
        self.pin.init(pin.OUT, value=0)
        if isinstance(timing, int):
            timing = (400, 850, 800, 450) if timing else (800, 1700, 1600, 900)
        self.timing = timing

    def __len__(self):
        return self.n

    def _at(self, i):
        if i < 0:
            i += self.n
        if not 0 <= i < self.n:
            raise IndexError
        return i * self.bpp

    def __setitem__(self, i, v):
        at = self._at(i)
        for c in range(self.bpp):
            self.buf[at + self.ORDER[c]] = v[c]

    def __getitem__(self, i):
        at = self._at(i)
        return tuple(self.buf[at + self.ORDER[c]] for c in range(self.bpp))

    def fill(self, v):
        for i in range(self.n):
            self[i] = v

    def write(self):
        bitstream(self.pin, 0, self.timing, self.buf)
