#!/usr/bin/env python3
"""machine.I2C, machine.SPI and machine.ADC: by hardware and by moved pins to the same parts, and what goes wrong."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from vboard import QUICK, VBOARD_ASAN, Tap, path, run, strict, write  # noqa: E402

EEPROM = ("--i2c", "PB8,PB9,24c256@0x52")
FLASH = ("--spi", "PA5,PA7,PA6,PD14,w25q16")


def check(tap, name, script, wanted, *options, **arguments):
    """Runs a script; what it prints is `wanted`, line by line."""
    result = strict(*QUICK, *options, script=script, **arguments)
    tap.check(name, result.status == 0 and result.out.strip() == wanted.strip(), str(result))
    return result


I2C_BOTH = """
from machine import Pin, I2C, SoftI2C
import time
hard = lambda: I2C(1, freq=%d)
soft = lambda: SoftI2C(scl=Pin('PB8'), sda=Pin('PB9'), freq=200000)
def ready(bus):
    for tries in range(100):
        if 0x52 in bus.scan():
            return True
for writer, reader, at in (hard, soft, 0x100), (soft, hard, 0x200):
    bus = writer()
    print(bus.scan())
    bus.writeto_mem(0x52, at, bytes(range(40)), addrsize=16)
    try:
        bus.writeto(0x52, b'')
        print('not busy')
    except OSError as e:
        print(e.errno)
    print(ready(bus))
    bus = reader()
    print(bus.readfrom_mem(0x52, at, 40, addrsize=16) == bytes(range(40)))
    print(bus.writevto(0x52, [b'\\x7f', b'\\xff']), bus.readfrom(0x52, 1))
"""


def i2c_and_soft_i2c(tap):
    for freq in 100000, 400000, 1000000:
        check(
            tap,
            "I2C and SoftI2C at %d Hz reach the same EEPROM" % freq,
            I2C_BOTH % freq,
            "[82]\n19\nTrue\nTrue\n2 b'\\xff'\n" * 2,
            *EEPROM,
        )


def i2c_transfers(tap):
    check(
        tap,
        "I2C: more than 255 bytes, repeated start, counts of acknowledges, buffers",
        """
from machine import I2C
import time, machine
i = I2C(1)
for page in range(12):
    i.writeto_mem(0x52, 64 * page, bytes((page + n) & 255 for n in range(64)), addrsize=16)
    time.sleep_ms(6)
got = i.readfrom_mem(0x52, 0, 768, addrsize=16)
print(got == bytes((p + n) & 255 for p in range(12) for n in range(64)))
print(i.writeto(0x52, b'\\0\\x41', False), i.readfrom(0x52, 2))
buf = bytearray(3)
i.readfrom_mem_into(0x52, 0x80, buf, addrsize=16)
print(buf)
try:
    i.readfrom(0x33, 1)
except OSError as e:
    print(e)
machine.freq(machine.freq() // 2)
print(i.readfrom_mem(0x52, 0x80, 2, addrsize=16))
i.init(freq=50000)
print(i, i.scan())
print(I2C(2).scan(), I2C(4, scl='PD12', sda='PB7').scan())
""",
        """
True
2 b'\\x02\\x03'
bytearray(b'\\x02\\x03\\x04')
[Errno 19] ENODEV
b'\\x02\\x03'
I2C(1, scl=B8, sda=B9, freq=50000, timeout=50000, timingr=0x60d38a95) [82]
[] []
""".replace("timingr=0x60d38a95", "timingr=" + timingr(50000)),
        *EEPROM,
    )


def timingr(hz):
    """TIMINGR for Standard mode from 64 MHz, by the rules of UM10204 and RM0455, written down a second time: the first
    prescaler at which all fields have room, SCL's low and high time in the ratio of their minima."""
    clock = 1e9 / 64e6
    counted = -(-64000000 // hz) - 2 * (3 + 2)
    low = -(-counted * 4700 // 8700)
    high = counted - low
    for by in range(1, 17):
        fields = (-(-low // by) - 1, -(-high // by) - 1, -(-16 // by), -(-80 // by) - 1)
        if fields[0] < 256 and fields[1] < 256 and fields[2] < 16 and fields[3] < 16:
            return "0x%08x" % ((by - 1) << 28 | fields[3] << 20 | fields[2] << 16 | fields[1] << 8 | fields[0])
    raise ValueError(hz, clock)


def i2c_held(tap):
    check(
        tap,
        "I2C: SDA held by a part is ETIMEDOUT, after the time-out asked for; nine clocks free it",
        """
from machine import Pin, I2C
import time
i = I2C(1, timeout=20000)
t = time.ticks_us()
try:
    i.readfrom(0x52, 1)
except OSError as e:
    print(e, 20000 <= time.ticks_diff(time.ticks_us(), t) < 30000)
scl = Pin('PB8', Pin.OPEN_DRAIN, value=1)
for _ in range(9):
    scl(0)
    scl(1)
try:
    I2C(1).readfrom(0x52, 1)
except OSError as e:
    print(e)
""",
        "[Errno 110] ETIMEDOUT True\n[Errno 19] ENODEV",
        "--i2c",
        "PB8,PB9,hang-sda",
    )
    check(
        tap,
        "I2C: SCL held for good ends a scan all the same",
        """
from machine import I2C
i = I2C(1, timeout=500)
print(i.scan())
try:
    i.writeto(0x52, b'1')
except OSError as e:
    print(e)
""",
        "[]\n[Errno 110] ETIMEDOUT",
        "--i2c",
        "PB8,PB9,hang-scl",
    )


def spi_and_soft_spi(tap):
    check(
        tap,
        "SPI and SoftSPI reach the same flash, in modes 0 and 3",
        """
from machine import Pin, SPI, SoftSPI
import time
cs = Pin('PD14', Pin.OUT, value=1)
def command(bus, out, n=0):
    cs(0)
    bus.write(out)
    got = bus.read(n)
    cs(1)
    return got
def program(bus, at, data):
    command(bus, b'\\x06')
    command(bus, b'\\x02' + at.to_bytes(3, 'big') + data)
    n = 0
    while command(bus, b'\\x05', 1)[0] & 1:
        n += 1
        assert n < 1000
    return n > 0
read = lambda bus, at, n: command(bus, b'\\x03' + at.to_bytes(3, 'big'), n)
hard = lambda mode: SPI(1, 8000000, polarity=mode, phase=mode)
soft = lambda mode: SoftSPI(1000000, polarity=mode, phase=mode, sck=Pin('PA5'), mosi=Pin('PA7'), miso=Pin('PA6'))
at = 0
for a, b in (hard, soft), (soft, hard):
    for mode in 0, 1:
        at += 256
        bus = a(mode)
        print(command(bus, b'\\x9f', 3), program(bus, at, bytes(range(100))))
        print(read(b(mode), at, 101) == bytes(range(100)) + b'\\xff')
""",
        "b'\\xef@\\x15' True\nTrue\n" * 4,
        *FLASH,
    )


def spi_formats(tap):
    check(
        tap,
        "SPI: a wire from MOSI to MISO gives back frames of all sizes; rates; init() and deinit()",
        """
from machine import SPI
s = SPI(1, 1000000)
buf = bytearray(5)
s.write_readinto(b'12345', buf)
print(buf)
big = bytes(n & 255 for n in range(70000))
got = bytearray(70000)
SPI(1, 32000000).write_readinto(big, got)
print(got == big)
for bits in 16, 32:
    s = SPI(1, 1000000, bits=bits, firstbit=SPI.LSB)
    s.write_readinto(b'abcdefgh', got := bytearray(8))
    print(got)
try:
    s.write(b'abc')
except ValueError as e:
    print(e)
print(s.read(4, 0x5a))
for baud in 100, 250001, 500000, 4000000, 99999999:
    s.init(baudrate=baud)
    print(s)
s.deinit()
try:
    s.read(4)
except OSError as e:
    print(e)
s.init(bits=8, firstbit=SPI.MSB)
print(s.read(2, 0x77))
print(SPI(4, sck='PE2', mosi='PE6', miso='PE5').read(2))
""",
        """
bytearray(b'12345')
True
bytearray(b'abcdefgh')
bytearray(b'abcdefgh')
length must be a multiple of 4
b'ZZZZ'
SPI(1, baudrate=250000, polarity=0, phase=0, bits=32, firstbit=1, sck=A5, mosi=A7, miso=A6)
SPI(1, baudrate=250000, polarity=0, phase=0, bits=32, firstbit=1, sck=A5, mosi=A7, miso=A6)
SPI(1, baudrate=500000, polarity=0, phase=0, bits=32, firstbit=1, sck=A5, mosi=A7, miso=A6)
SPI(1, baudrate=4000000, polarity=0, phase=0, bits=32, firstbit=1, sck=A5, mosi=A7, miso=A6)
SPI(1, baudrate=32000000, polarity=0, phase=0, bits=32, firstbit=1, sck=A5, mosi=A7, miso=A6)
SPI is closed
b'ww'
b'\\xff\\xff'
""",
        "--wire",
        "PA7,PA6",
    )
    check(
        tap,
        "SPI: a byte takes eight clocks",
        """
from machine import SPI
import time
s = SPI(1, 250000)
t = time.ticks_us()
s.write(bytes(1000))
print(32000 <= time.ticks_diff(time.ticks_us(), t) < 32200)
""",
        "True",
    )


def adc(tap):
    check(
        tap,
        "ADC: pins, both converters, channels of the chip with the factory's values",
        """
from machine import ADC, Pin
import struct, time, uctypes
factory = lambda at: struct.unpack('<H', uctypes.bytes_at(at, 2))[0]
print(ADC(Pin('PA3')), ADC('PC0'))
print(ADC('PA3').read_u16(), abs(ADC(10).read_u16() - 7943) < 2, ADC('PC1').read_u16(), ADC('PC4').read_u16())
wave = ADC('PA2')
seen = []
for _ in range(50):
    seen.append(wave.read_u16())
    time.sleep_us(500)
print(min(seen) < 0x4000 + 2000, max(seen) > 0xC000 - 2000, 0x4000 - 10 < min(seen) and max(seen) < 0xC000 + 10)
volts = 3.3 * factory(0x08fff810) / ADC(ADC.CORE_VREF).read_u16()
cold, hot = factory(0x08fff814), factory(0x08fff818)
print(round(volts, 2), 20 < 30 + 80 * (ADC(ADC.CORE_TEMP).read_u16() - cold) / (hot - cold) < 50)
print(ADC(ADC.CORE_VBAT), round(4 * 3.3 * ADC(ADC.CORE_VBAT).read_u16() / ADC(ADC.VREF).read_u16(), 2))
""",
        """
<ADC1 channel=15> <ADC1 channel=10>
32768 True 65535 0
True True True
3.3 True
<ADC2 channel=258> 3.3
""",
        "--analog", "PA3=1.65", "--analog", "PC0=0.4", "--analog", "PC1=5", "--analog", "PC4=-1",
        "--analog", "PA2=sine:0.825:2.475:50",
    )


def refusals(tap):
    check(
        tap,
        "what cannot be is one clear exception",
        """
from machine import ADC, I2C, SPI, Pin
for make in (
    lambda: SPI(0), lambda: SPI(7), lambda: SPI(4), lambda: SPI(1, sck='PB8'), lambda: SPI(1, 0), lambda: SPI(1, bits=9),
    lambda: SPI(6, bits=32, sck='PB3', mosi='PB5', miso='PB4'), lambda: SPI(3, miso='PD0'), lambda: I2C(5), lambda: I2C(3),
    lambda: I2C(1, freq=2000000), lambda: I2C(1, freq=100), lambda: I2C(1, timeout=-1), lambda: I2C(1, scl='PA0'),
    lambda: ADC(20), lambda: ADC('PD0'), lambda: ADC('XX'),
):
    try:
        print(make())
    except ValueError as e:
        print(e)
""",
        """
SPI(0) doesn't exist
SPI(7) doesn't exist
SPI(4) has no default sck
Pin(B8) is no sck of SPI(1)
baudrate must be above 0
bits must be 8, 16, or 32 with SPI(1) to SPI(3)
bits must be 8, 16, or 32 with SPI(1) to SPI(3)
Pin(D0) is no miso of SPI(3)
I2C(5) doesn't exist
I2C(3) has no default scl
freq must be 9000 to 1000000
freq must be 9000 to 1000000
timeout must be 0 to 10000000 us
Pin(A0) is no scl of I2C(1)
ADC has no channel 20
Pin(D0) does not have ADC capabilities
Pin(XX) doesn't exist
""",
    )


def files(tap):
    """What a part holds is read from its file, and written there at the end."""
    content = bytearray(b"\xff" * 256)
    content[7] = 0x42
    name = write("eeprom.bin", bytes(content))
    check(
        tap,
        "--i2c: the file's content is in the EEPROM",
        "from machine import I2C\ni = I2C(1)\nprint(i.readfrom_mem(0x50, 7, 1))\ni.writeto_mem(0x50, 8, b'C')",
        "b'B'",
        "--i2c",
        "PB8,PB9,24c02=" + name,
        vboard=VBOARD_ASAN,
    )
    with open(name, "rb") as saved:
        content[8] = 0x43
        tap.equal("--i2c: what was written is in the file", saved.read(), bytes(content))
    flash = path("flash.bin")
    check(
        tap,
        "--spi: a flash with a new file",
        """
from machine import SPI, Pin
cs, s = Pin('PD14', Pin.OUT, value=1), SPI(1)
for c in b'\\x06', b'\\x02\\0\\0\\x03!':
    cs(0)
    s.write(c)
    cs(1)
""",
        "",
        "--spi",
        "PA5,PA7,PA6,PD14,w25q16=" + flash,
        vboard=VBOARD_ASAN,
    )
    with open(flash, "rb") as saved:
        found = saved.read()
        tap.check("--spi: what was written is in the file", len(found) == 2 << 20 and found[:5] == b"\xff\xff\xff!\xff")


def options(tap):
    for wrong in (
        ("--i2c", "PB8,PB9"),
        ("--i2c", "PB8,PB9,24c1"),
        ("--i2c", "PB8,PZ9,24c02"),
        ("--i2c", "PB8,PB9,24c02@0x60"),
        ("--i2c", "PB8,PB9,24c02="),
        ("--i2c", "PB8,PB9,hang-sda=x"),
        ("--spi", "PA5,PA7,PA6,w25q16"),
        ("--spi", "PA5,PA7,PA6,PD14,w25"),
        ("--spi", "PA5,PA7,PA6,PD14,w25q16=" + write("short", "x")),
        ("--analog", "PA0"),
        ("--analog", "PA0=x"),
        ("--analog", "PA0=1V"),
        ("--analog", "PA0=sine:1:2"),
        ("--analog", "PA99=1"),
    ):
        result = run(*QUICK, *wrong, script="print(1)")
        tap.check(
            "%s %s is refused in one line" % wrong,
            result.status == 2 and result.out == "" and result.err.startswith("vboard: ") and result.err.count("\n") == 1,
            str(result),
        )


def main():
    tap = Tap()
    i2c_and_soft_i2c(tap)
    i2c_transfers(tap)
    i2c_held(tap)
    spi_and_soft_spi(tap)
    spi_formats(tap)
    adc(tap)
    refusals(tap)
    files(tap)
    options(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
