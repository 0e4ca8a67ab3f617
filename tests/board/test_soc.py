#!/usr/bin/env python3
"""Firmware that nobody here wrote: bare-metal programs of soc/ that do, register by register, what a vendor's driver library
does on this chip, with its time-outs. Run with --strict: no complaint may come about a program that keeps to the manual.

test_soc.py NAME runs the program soc/NAME.c in all its builds (PROGRAMS below)."""

import json
import os
import re
import resource
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tools"))

from tap import ROOT, Tap  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
VBOARD = os.path.join(ROOT, os.environ.get("VBOARD", BUILD + "/vboard/vboard"))
CROSS_COMPILE = os.environ.get("CROSS_COMPILE", "arm-none-eabi-")
SOURCES = os.path.join(ROOT, "tests/board/soc")
OUTPUT = os.path.join(ROOT, BUILD, "tests/board/soc")
COMMON = ("startup.c", "report.c", "pins.c", "supply.c", "ospi.c", "dma.c")
FLAGS = (
    "-std=gnu11 -g -Wall -Wextra -Werror -mcpu=cortex-m7 -mthumb -mfpu=fpv5-d16 -mfloat-abi=hard -ffreestanding "
    "-nostdlib -nostartfiles"
).split()
EXIT_LIMIT = 4


class Run:
    """One build of a program and how it is run. A program ends asleep, so that the limit ends the run."""

    def __init__(
        self,
        board="devebox",
        optimise="-O2",
        defines=(),
        options=(),
        stdin="",
        seconds=20,
        unimplemented=(),
        cpu=None,
        usb=None,
    ):
        self.board = board
        self.optimise = optimise
        self.defines = tuple("-D" + d for d in defines)
        self.options = tuple(options)
        self.stdin = stdin
        self.seconds = seconds
        self.unimplemented = set(unimplemented)
        self.usb = usb  # what somebody does at the serial port on USB: a function of its socket
        self.cpu = cpu  # seconds of the PC's processor that it may take

    def label(self):
        return " ".join((self.board, self.optimise) + self.defines + self.options)


def everywhere(**arguments):
    """Both supplies, and code of a debug build besides that of a release."""
    return (Run("devebox", "-O2", **arguments), Run("devebox", "-O0", **arguments), Run("nucleo", "-O2", **arguments))


def echo(port):
    """Packets that are short, full, and more than one; the last byte ends the program."""
    for text in (b"a", b"b" * 64, b"c" * 150, b"."):
        port.sendall(text)
        got = b""
        while len(got) < len(text):
            got += port.recv(1000) or b"(closed)"
        if got != text:
            return "%r came back as %r" % (text, got)
    return ""


PROGRAMS = {
    "clocks": everywhere(),
    "power": [
        Run("devebox", defines=["SUPPLY=0x02"]),
        Run("devebox", defines=["SUPPLY=0x01"]),
        # LDO, SMPS, SMPS into the LDO at 1.8 and 2.5 V, the same feeding others too, with VCORE from outside; bypass.
        *(Run("nucleo", defines=["SUPPLY=0x%02x" % v]) for v in (0x02, 0x04, 0x16, 0x26, 0x1E, 0x2E, 0x1D, 0x2D, 0x01)),
    ],
    "uart": everywhere(stdin="first\nsecond\nthird\nfourth\nfifth\n"),
    "gpio_exti": everywhere(),
    "timers": everywhere(),
    "timer_pins": everywhere(options=("--wire", "PA6,PA0")),
    "rtc": [Run(board, optimise, ["RTC_CLOCK=%d" % clock]) for board, optimise, clock in
            (("devebox", "-O2", 1), ("devebox", "-O0", 2), ("nucleo", "-O2", 2))],
    "watchdog": everywhere(),
    "rng_crc": everywhere(),
    "flash": everywhere(),
    "flash_ecc": everywhere(options=[part for cell in ("0x104042.3", "0x104090.0", "0x10409f.7")
                                     for part in ("--fault", "flash:" + cell)]),
    "sdmmc": everywhere(options=("--sd", "CARD,8M")),
    "option_bytes": everywhere(),
    "caches_mpu": everywhere(),
    "usb_no_host": everywhere(),
    "usb_device": everywhere(usb=echo, seconds=6) + tuple(Run(defines=[d], usb=echo, seconds=6) for d in ("VBUS_SENSING", "WITH_DMA")),
    "low_power": everywhere(),
    "standby": everywhere(),
    # Older packages write to blocks of which only registers exist here.
    "start_up": everywhere(unimplemented=("FMC", "AXI GPV")),
    # 22 million register accesses; the goal is 5 s on a PC with nothing else to do, and it takes half of that.
    "ospi_fill": [Run(cpu=5)],
    "dma_streams": everywhere(),
    "uart_dma": everywhere(stdin="first\nsecond\nthird\n"),
    "mdma": everywhere(),
    "timer_dma": everywhere(),
    "bdma": everywhere(options=("--wire", "PB5,PB4")),
    "spi": everywhere(options=("--spi", "PA5,PA7,PA6,PD14,w25q16")),
    "i2c": everywhere(options=("--i2c", "PB8,PB9,24c256@0x52")),
    "i2c_held": [Run(options=("--i2c", "PB8,PB9,hang-sda")), Run(defines=("HELD_FOR_GOOD",), options=("--i2c", "PB8,PB9,hang-scl"))],
    "adc": everywhere(options=("--analog", "PA3=1.65", "--analog", "PC0=0.4", "--analog", "PC1=ramp:0:3.3:100")),
    "timer_slave": everywhere(options=[part for wire in ("PD14,PA6", "PD15,PA7", "PD3,PD2", "PB8,PA0", "PC10,PB3", "PC11,PB0")
                                       for part in ("--wire", wire)]),
    "timer_motor": everywhere(options=[part for wire in ("PA8,PA0", "PB13,PA3", "PD14,PB12") for part in ("--wire", wire)]),
    "lptim": everywhere(options=("--wire", "PB13,PA0")),
    "dac": everywhere(options=("--wire", "PA4,PC0")),
    "timer_adc": everywhere(options=("--analog", "PA3=1.65", "--analog", "PC1=ramp:0:3.3:100")),
    "ospi_indirect": everywhere(options=("--psram", "esp-psram64h")) + everywhere(options=("--psram", "aps6404l")),
    "ospi_mapped": everywhere(options=("--psram", "esp-psram64h")) + everywhere(options=("--psram", "aps6404l")),
}


def compiled(name, run):
    """The ELF file of a build."""
    parts = [name, run.board, run.optimise.lstrip("-")] + [re.sub(r"\W+", "_", d[2:]) for d in run.defines]
    elf = os.path.join(OUTPUT, "-".join(parts) + ".elf")
    os.makedirs(OUTPUT, exist_ok=True)
    command = [CROSS_COMPILE + "gcc", run.optimise, *FLAGS, *run.defines]
    if run.board == "nucleo":
        command.append("-DBOARD_NUCLEO")
    command += ["-T", SOURCES + "/soc.ld", "-o", elf, "%s/%s.c" % (SOURCES, name)]
    command += ["%s/%s" % (SOURCES, file) for file in COMMON] + ["-lgcc"]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, universal_newlines=True)
    if result.returncode:
        print("Bail out! %s does not compile" % name)
        sys.exit(result.stderr)
    return elf


def stats(err):
    match = re.search(r"^\{$.*^\}$", err, re.MULTILINE | re.DOTALL)
    return json.loads(match.group(0)) if match else {}


def results(out):
    """[(name, good, detail)], and the number that the program itself counted; None if it did not come to its end."""
    found, count = [], None
    for line in out.splitlines():
        match = re.match(r"(not )?ok (.*?)(?:: got 0x.*)?$", line)
        if match:
            found.append((match.group(2), not match.group(1), line))
        match = re.match(r"end 0x(\w+)$", line)
        if match:
            count = int(match.group(1), 16)
    return found, count


def test(tap, name, run):
    options = [o.replace("CARD", os.path.join(os.environ["TEST_TMP"], "card.img")) for o in run.options]
    command = [VBOARD, "--board", run.board, "--strict", "--stats=json", "--limit", str(run.seconds), *options]
    command.append(compiled(name, run))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.usb:
        path = os.path.join(os.environ.get("TEST_TMP", "/tmp"), "usb")
        command[1:1] = ["--usb", "unix:" + path, "--pace", "free"]
    # Without a buffer, readline() takes nothing from communicate().
    process = subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wrong = ""
    if run.usb:
        process.stdout.readline()  # "listening on ..."
        with socket.socket(socket.AF_UNIX) as port:
            port.settimeout(60)
            port.connect(path)
            try:
                wrong = run.usb(port)
            except OSError as e:
                wrong = str(e)
    out, err = process.communicate(run.stdin.encode(), timeout=250)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    out, err = out.decode("utf-8", "replace"), err.decode("utf-8", "replace")
    if run.usb:
        tap.equal("%s: the serial port on USB" % run.label(), wrong, "")
    found, count = results(out)
    for what, good, line in found:
        tap.check("%s: %s" % (run.label(), what), good, line)
    tap.equal("%s: came to its end with all its results" % run.label(), count, len(found))
    tap.check(
        "%s: no complaint but of %s" % (run.label(), ", ".join(sorted(run.unimplemented)) or "nothing"),
        process.returncode == EXIT_LIMIT and complaints(stats(err)) <= run.unimplemented,
        "status %d\n%s\n%s" % (process.returncode, out[-1000:], err[-3000:]),
    )


    if run.cpu is not None:
        print("# %.2f s of processor time, %s MIPS" % (cpu, stats(err).get("mips")))
        tap.check("%s: within %g s of processor time" % (run.label(), run.cpu), cpu < run.cpu, "%.2f s" % cpu)


def complaints(figures):
    return {c["name"] for c in figures.get("complaints", [{"name": "no statistics"}])}


def main():
    name = sys.argv[1]
    tap = Tap()
    for run in PROGRAMS[name]:
        test(tap, name, run)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
