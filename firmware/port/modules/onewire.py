# 1-Wire bus on one pin, with the interface of MicroPython's documentation (esp8266 tutorial, "1-Wire").
#
# SPDX-License-Identifier: MIT
import _onewire


class OneWireError(Exception):
    pass


class OneWire:
    SEARCH_ROM = 0xF0
    MATCH_ROM = 0x55
    SKIP_ROM = 0xCC

    def __init__(self, pin):
        self.pin = pin
        pin.init(pin.OPEN_DRAIN, pin.PULL_UP, value=1)

    # True if a device is there; with `required` it is an error if not.
    def reset(self, required=False):
        present = _onewire.reset(self.pin)
        if required and not present:
            raise OneWireError("no device on the bus")
        return present

    def readbit(self):
        return _onewire.readbit(self.pin)

    def readbyte(self):
        return _onewire.readbyte(self.pin)

    def readinto(self, buf):
        for i in range(len(buf)):
            buf[i] = _onewire.readbyte(self.pin)

    def writebit(self, value):
        return _onewire.writebit(self.pin, value)

    def writebyte(self, value):
        return _onewire.writebyte(self.pin, value)

    def write(self, buf):
        for byte in buf:
            _onewire.writebyte(self.pin, byte)

    def select_rom(self, rom):
        self.reset()
        self.writebyte(self.MATCH_ROM)
        self.write(rom)

    # The devices' ROM codes. All answer each bit and its complement at once, so a 0 in both says that there are devices of
    # either kind: the first time the way of 1 is taken, the next time that of 0.
    def scan(self):
        found = []
        rom = bytearray(8)
        last_fork = -1
        while True:
            if not self.reset():
                return found
            self.writebyte(self.SEARCH_ROM)
            fork = -1
            for i in range(64):
                mask = 1 << (i & 7)
                one = self.readbit()
                if one and self.readbit():
                    return found  # nobody answers any more
                if not one and not self.readbit():
                    # The way as last time up to the last fork, the other one there, and 1 at new ones.
                    if i < last_fork:
                        one = bool(rom[i >> 3] & mask)
                    else:
                        one = i != last_fork
                    if one:
                        fork = i
                if one:
                    rom[i >> 3] |= mask
                else:
                    rom[i >> 3] &= ~mask
                self.writebit(one)
            if self.crc8(rom):
                return found
            found.append(bytearray(rom))
            if fork < 0:
                return found
            last_fork = fork

    def crc8(self, data):
        return _onewire.crc8(data)
