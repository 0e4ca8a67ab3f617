#!/usr/bin/env python3
"""What hangs on one pin: 1-Wire thermometers, DHT sensors, LED strips, by the frozen drivers and by hand."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from vboard import QUICK, Tap, path, run, strict  # noqa: E402


def part(*texts):
    return [word for text in texts for word in ("--part", text)]


def check(tap, name, script, wanted, *options):
    """Runs a script; what it prints is `wanted`, line by line."""
    result = strict(*QUICK, *options, script=script)
    tap.check(name, result.status == 0 and result.out.strip() == wanted.strip(), str(result))


THERMOMETERS = part("PB0,ds18b20=21.5", "PB0,ds18b20=-10.0625", "PB0,ds18b20=125")

MEASURE = """
import onewire, ds18x20, time
from machine import Pin
bus = onewire.OneWire(Pin('PB0'))
ds = ds18x20.DS18X20(bus)
roms = ds.scan()
print(len(roms), len(set(bytes(r) for r in roms)), [onewire.OneWire.crc8(bus, r) for r in roms], [r[0] for r in roms])
print([ds.read_temp(r) for r in roms])
ds.convert_temp()
time.sleep_ms(760)
print(sorted(ds.read_temp(r) for r in roms))
"""


def thermometers(tap):
    check(
        tap,
        "three DS18B20 on a wire are found and read; before they measure, they say 85 degrees",
        MEASURE,
        "3 3 [0, 0, 0] [40, 40, 40]\n[85.0, 85.0, 85.0]\n[-10.0625, 21.5, 125.0]",
        *THERMOMETERS,
    )
    check(
        tap,
        "a conversion takes as long as its resolution asks for, and rounds as it does",
        """
import onewire, ds18x20, time
from machine import Pin
bus = onewire.OneWire(Pin('PB0'))
ds = ds18x20.DS18X20(bus)
rom, = ds.scan()
for bits in 9, 10, 11, 12:
    ds.write_scratch(rom, bytes((75, 70, (bits - 9) << 5 | 0x1f)))
    ds.convert_temp()
    start = time.ticks_us()
    while not bus.readbit():
        pass
    taken = time.ticks_diff(time.ticks_us(), start)
    print(bits, round(taken * 2 ** (12 - bits) / 750000, 2), ds.read_temp(rom))
""",
        "9 1.0 -11.0\n10 1.0 -10.75\n11 1.0 -10.625\n12 1.0 -10.5625",
        *part("PB0,ds18b20=-10.5625"),
    )
    check(
        tap,
        "alarm search finds the one that is too hot; the EEPROM keeps the limits, a power-on value does not stay",
        """
import onewire, ds18x20, time
from machine import Pin
bus = onewire.OneWire(Pin('PB0'))
ds = ds18x20.DS18X20(bus)
for rom in ds.scan():
    ds.write_scratch(rom, bytes((100, 0xEC, 0x7f)))  # 100 and -20 degrees
ds.convert_temp()
time.sleep_ms(760)
bus.SEARCH_ROM = 0xEC
hot = bus.scan()
print(len(hot), ds.read_temp(hot[0]))
ds.write_scratch(hot[0], bytes((127, 1, 0x3f)))
bus.reset()
bus.select_rom(hot[0])
bus.writebyte(0x48)
time.sleep_ms(11)
ds.write_scratch(hot[0], bytes((2, 3, 0x7f)))
bus.select_rom(hot[0])
bus.writebyte(0xB8)
print(list(ds.read_scratch(hot[0])[2:5]))
bus.select_rom(hot[0])
bus.writebyte(0xB4)
print(bus.readbit())
""",
        "1 125.0\n[127, 1, 63]\n1",
        *THERMOMETERS,
    )
    check(
        tap,
        "an empty bus is an error, not a temperature",
        """
import onewire, ds18x20
from machine import Pin
bus = onewire.OneWire(Pin('PB0'))
ds = ds18x20.DS18X20(bus)
print(bus.reset(), ds.scan())
try:
    ds.convert_temp()
except onewire.OneWireError as e:
    print(e)
""",
        "False []\nno device on the bus",
    )


DHT = """
import dht, time
from machine import Pin
time.sleep(%s)
d = dht.%s(Pin('PB1'))
try:
    d.measure()
    print(d.temperature(), d.humidity())
except OSError as e:
    print('errno', e.errno)
"""


def dht_sensors(tap):
    check(tap, "DHT22", DHT % (1.1, "DHT22"), "21.5 45.0", *part("PB1,dht22"))
    check(tap, "DHT22 below zero, in wet air", DHT % (1.1, "DHT22"), "-39.9 99.5", *part("PB1,dht22=-39.9:99.5"))
    check(tap, "DHT11", DHT % (1.1, "DHT11"), "50 90", *part("PB1,dht11=50:90"))
    check(tap, "a sensor that has just been powered does not answer", DHT % (0, "DHT22"), "errno 110", *part("PB1,dht22"))
    check(tap, "no sensor", DHT % (1.1, "DHT11"), "errno 110")


STRIP = """
import neopixel, time
from machine import Pin
n = neopixel.NeoPixel(Pin('PB5'), 5%s)
n[0] = %r
n[-1] = %r
print(len(n), n[0], n[4], n[1])
n.write()
time.sleep_ms(1)
n.fill(n[0])
n.write()
time.sleep_ms(1)
try:
    n[5] = n[0]
except IndexError:
    print('IndexError')
"""


def shows(tap, name, chip, script, printed, wanted):
    """What a strip shows, line by line, without the time and the pin."""
    file = path("strip.txt")
    result = strict(*QUICK, "--part", "PB5,%s=%s" % (chip, file), script=script)
    with open(file) as f:
        seen = [line.split(" ", 2)[2].strip() for line in f]
    tap.check(name, result.status == 0 and result.out.split("\n")[:-1] == printed and seen == wanted, "%s %s" % (result, seen))


def strips(tap):
    shows(
        tap,
        "WS2812 show red, green and blue as set",
        "ws2812",
        STRIP % ("", (1, 2, 255), (128, 64, 32)),
        ["5 (1, 2, 255) (128, 64, 32) (0, 0, 0)", "IndexError"],
        ["0102ff 000000 000000 000000 804020", "0102ff " * 4 + "0102ff"],
    )
    shows(
        tap,
        "SK6812 with white",
        "sk6812rgbw",
        STRIP % (", bpp=4", (1, 2, 3, 4), (9, 8, 7, 6)),
        ["5 (1, 2, 3, 4) (9, 8, 7, 6) (0, 0, 0, 0)", "IndexError"],
        ["01020304 00000000 00000000 00000000 09080706", "01020304 " * 4 + "01020304"],
    )
    shows(
        tap,
        "pulses that are too long are told, and what does not fill an LED",
        "ws2812",
        """
import machine
pin = machine.Pin('PB5', machine.Pin.OUT, value=0)
machine.bitstream(pin, 0, (800, 1700, 1600, 900), b'\\xff\\x00\\xff\\x0f')
""",
        [],
        ["ffffff and 8 bits (20 pulses out of range)"],
    )


def usage(tap):
    for text, wanted in (
        ("PB0,ds18b20=126", "a DS18B20 measures -55 to 125 degrees"),
        ("PB0,ds18b20=1x", "nothing may stand at 'x'"),
        ("PB0,dht22=20", "=CELSIUS:PERCENT is expected"),
        ("PB0,dht11=-1:20", "the sensor measures 0 to 50 degrees, 0 to 100 %"),
        ("PB0,ws2812=/none/file", "cannot write '/none/file'"),
        ("PB0,bme280", "no part 'bme280' (ds18b20, dht11, dht22, ws2812, sk6812rgbw)"),
        ("PZ0,dht11", "a pin like PB8 and ',' behind it are expected at 'PZ0,dht11'"),
    ):
        result = run("--part", text)
        tap.check(
            "--part %s: one line" % text,
            result.status == 2 and wanted in result.err and result.err.count("\n") == 1,
            str(result),
        )


def main():
    tap = Tap()
    thermometers(tap)
    dht_sensors(tap)
    strips(tap)
    usage(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
