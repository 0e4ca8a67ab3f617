# Thermometers DS18B20, DS18S20, DS1822 and DS28EA00 on a 1-Wire bus, with the interface of MicroPython's documentation.
#
# SPDX-License-Identifier: MIT
_CONVERT = 0x44
_READ_SCRATCH = 0xBE
_WRITE_SCRATCH = 0x4E
_DS18S20 = 0x10


class DS18X20:
    def __init__(self, onewire):
        self.ow = onewire
        self.buf = bytearray(9)

    # The ROM codes of thermometers.
    def scan(self):
        return [rom for rom in self.ow.scan() if rom[0] in (_DS18S20, 0x22, 0x28, 0x42)]

    # All measure; with 12 bits it takes 750 ms.
    def convert_temp(self):
        self.ow.reset(True)
        self.ow.writebyte(self.ow.SKIP_ROM)
        self.ow.writebyte(_CONVERT)

    def read_scratch(self, rom):
        self.ow.reset(True)
        self.ow.select_rom(rom)
        self.ow.writebyte(_READ_SCRATCH)
        self.ow.readinto(self.buf)
        if self.ow.crc8(self.buf):
            raise Exception("CRC error")
        return self.buf

    # buf: TH, TL, and the configuration if the device has one.
    def write_scratch(self, rom, buf):
        self.ow.reset(True)
        self.ow.select_rom(rom)
        self.ow.writebyte(_WRITE_SCRATCH)
        self.ow.write(buf)

    # Degrees Celsius of the last measurement.
    def read_temp(self, rom):
        try:
            buf = self.read_scratch(rom)
        except OSError:
            return None
        value = buf[1] << 8 | buf[0]
        if value & 0x8000:
            value -= 0x10000
        if rom[0] == _DS18S20:
            # Half degrees; the count of the conversion gives the sixteenths.
            return (value >> 1) - 0.25 + (buf[7] - buf[6]) / buf[7] if buf[7] else value / 2
        return value / 16
