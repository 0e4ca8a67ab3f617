#!/usr/bin/env python3
"""What cannot be used: one line on standard error says why, status 2, nothing on standard output. With sanitizers too."""

import os
import re
import struct
import sys
import zlib

from vboard import FIRMWARE, TEMP, VBOARD, VBOARD_ASAN, Tap, run, write

tap = Tap()

with open(FIRMWARE, "rb") as elf:
    GOOD = elf.read()


def elf_header(**changes):
    """Our firmware's ELF file with fields of its header changed; names as in ELF's specification."""
    fields = {"e_type": (16, "H"), "e_machine": (18, "H"), "e_phoff": (28, "I"), "e_phentsize": (42, "H"), "e_phnum": (44, "H"),
              "class": (4, "B"), "data": (5, "B")}
    image = bytearray(GOOD)
    for name, value in changes.items():
        struct.pack_into("<" + fields[name][1], image, fields[name][0], value)
    return bytes(image)


def segments(**changes):
    """The same for all segments that are loaded."""
    fields = {"p_offset": 4, "p_paddr": 12, "p_filesz": 16}
    image = bytearray(GOOD)
    start, count = struct.unpack_from("<I", GOOD, 28)[0], struct.unpack_from("<H", GOOD, 44)[0]
    for at in range(start, start + count * 32, 32):
        if struct.unpack_from("<I", GOOD, at)[0] == 1:
            for name, value in changes.items():
                struct.pack_into("<I", image, at + fields[name], value)
    return bytes(image)


def dfu(address, payload, **changes):
    """A DfuSe file (UM0391) of one element."""
    element = struct.pack("<II", address, changes.get("size", len(payload))) + payload
    target = struct.pack("<6sBI255sII", b"Target", 0, 0, b"", len(element), changes.get("elements", 1)) + element
    body = struct.pack("<5sBIB", b"DfuSe", 1, 11 + len(target), changes.get("targets", 1)) + target
    body += struct.pack("<HHHH3sB", 0, 0xDF11, 0x0483, 0x011A, b"UFD", 16)
    return body + struct.pack("<I", (zlib.crc32(body) ^ 0xFFFFFFFF) + changes.get("crc", 0) & 0xFFFFFFFF)


# Reset at 0x08000008: b .
SPIN = struct.pack("<IIHH", 0x20001000, 0x08000009, 0xE7FE, 0)

# Files given as firmware: name, content, what is said.
FILES = (
    ("empty.elf", b"", "is empty"),
    ("cut16.elf", GOOD[:16], "not a 32-bit ELF"),
    ("cut1000.elf", GOOD[:1000], "is cut short"),
    ("cut200000.elf", GOOD[:200000], "is cut short"),
    ("elf64.elf", elf_header(**{"class": 2}), "not a 32-bit ELF"),
    ("x86.elf", elf_header(e_machine=3), "not for Arm"),
    ("big-endian.elf", elf_header(data=2), "not for Arm"),
    ("object.elf", elf_header(e_type=1), "not an executable"),
    ("phoff.elf", elf_header(e_phoff=0xFFFFFFF0), "is cut short"),
    ("phentsize.elf", elf_header(e_phentsize=0), "is cut short"),
    ("phnum.elf", elf_header(e_phnum=0), "holds nothing to load"),
    ("nowhere.elf", segments(p_paddr=0x70000000), "there is no memory for"),
    ("wraps.elf", segments(p_paddr=0xFFFFFFFC), "there is no memory for"),
    ("offset.elf", segments(p_offset=0xFFFFFFFF), "is cut short"),
    ("size.elf", segments(p_filesz=0xFFFFFFFF), "is cut short"),
    ("over.elf", segments(p_paddr=0x081FFFFC), "there is no memory for"),
    ("short.bin", b"abc", "too short"),
    ("large.bin", bytes((2 << 20) + 1), "larger than the flash"),
    ("text.txt", b"print('this is a script')\n" * 10, "no firmware"),
    ("script.py", b"#!/usr/bin/env python3\nprint(1)\n", "no firmware"),
    ("intel.hex", b":020000040800F2\n:00000001FF\n", "no firmware"),
    ("zeros.elf", bytes(100), "no firmware"),
    ("crc.dfu", dfu(0x08000000, SPIN, crc=1), "wrong checksum"),
    ("cut.dfu", dfu(0x08000000, SPIN)[:-1], "is cut short"),
    ("size.dfu", dfu(0x08000000, SPIN, size=0xFFFFFFF0), "is damaged"),
    ("elements.dfu", dfu(0x08000000, SPIN, elements=0xFFFFFFFF), "is damaged"),
    ("targets.dfu", dfu(0x08000000, SPIN, targets=255), "is damaged"),
    ("none.dfu", dfu(0x08000000, SPIN, targets=0), "holds nothing to load"),
    ("nowhere.dfu", dfu(0x90000000, SPIN), "there is no memory for"),
)

# Options before a good firmware, and what is said.
OPTIONS = (
    (["--nonsense"], "unknown option '--nonsense'"),
    (["-x"], "unknown option '-x'"),
    (["--strict=1"], "unknown option"),
    (["--board", "other"], "no board 'other'; there are: devebox, weact, nucleo"),
    (["--board", ""], "no board ''"),
    (["--psram", "sram"], "no SPI RAM 'sram'; there are: esp-psram64h, ly68l6400, aps6404l, ips6404l, none"),
    (["--uart", "com1"], "--uart knows"),
    (["--uart", "unix:"], "wants a path"),
    (["--uart", "unix:" + "x" * 200], "wants a path"),
    (["--uart", "unix:/nonexistent/socket"], "No such file"),
    (["--uart", "tcp:"], "number from 0 to 65535"),
    (["--uart", "tcp:65536"], "number from 0 to 65535"),
    (["--uart", "tcp:-1"], "number from 0 to 65535"),
    (["--uart", "tcp:80x"], "number from 0 to 65535"),
    (["--baud", "fast"], "wants a number"),
    (["--baud", "0"], "at least 50"),
    (["--pace", "slow"], "--pace knows real, free, not 'slow'"),
    (["--run", "/nonexistent/script.py"], "No such file"),
    (["--run", TEMP], "not a file"),
    (["--trace", "all"], "--trace knows"),
    (["--fault", "melt"], "no fault 'melt'; --faults lists them"),
    (["--fault", ""], "no fault"),
    (["--fault", "stuck"], "wants stuck:"),
    (["--fault", "stuck:io0"], "wants stuck:"),
    (["--fault", "stuck:io0=2"], "wants stuck:"),
    (["--fault", "stuck:io4=0"], "io0 to io3"),
    (["--fault", "stuck:io0=0x"], "wants stuck:"),
    (["--fault", "short:io1,io1"], "wants short:"),
    (["--fault", "swap:io1"], "wants swap:"),
    (["--fault", "open:io4"], "wants open:"),
    (["--fault", "noise:2"], "wants noise:RATE, where RATE is a probability"),
    (["--fault", "lose-ncs"], "wants lose-ncs:RATE"),
    (["--fault", "address:stuck:A23=0"], "where A is an address line, A0 to A22"),
    (["--fault", "cell:0x1000000.0=1"], "where ADDRESS is within the chip"),
    (["--fault", "weak-row:here"], "where ADDRESS is within the chip"),
    (["--fault", "density:8"], "where MBIT is 16, 32, 64 or 128"),
    (["--fault", "drop-qpi:soon"], "where TIME is a virtual time"),
    (["--fault", "missing:yes"], "wants missing and nothing more"),
    (["--psram", "none", "--fault", "kgd"], "fault 'kgd' is one of a chip, and there is none"),
    (["--fault", "open:io1"] * 33, "more than 32 times --fault"),
    (["--press", "K1"], "BUTTON@TIME"),
    (["--press", "@1"], "BUTTON@TIME"),
    (["--press", "K1@"], "BUTTON@TIME"),
    (["--press", "K1@soon"], "BUTTON@TIME"),
    (["--press", "K1@2-1"], "BUTTON@TIME"),
    (["--press", "K1@1-"], "BUTTON@TIME"),
    (["--press", "K9@1"], "no button 'K9' on this board; there are: K1, K2"),
    (["--press", "K1@1"] * 33, "more than 32 times --press"),
    (["--vcd-pin", "PA1"], "--vcd-pin needs --vcd"),
    (["--vcd", "/dev/null", "--vcd-pin", "A1"], "--vcd-pin wants a pin, PA1, not 'A1'"),
    (["--vcd", "/dev/null"] + ["--vcd-pin", "PA1"] * 33, "more than 32 times --vcd-pin"),
    (["--wire", "PA1"], "--wire wants two pins"),
    (["--wire", "PA1,PA16"], "not 'PA1,PA16'"),
    (["--wire", "PL1,PA1"], "not 'PL1,PA1'"),
    (["--wire", "PA1,PA"], "not 'PA1,PA'"),
    (["--wire", "PA1,PA2"] * 33, "more than 32 times --wire"),
    (["--fault", "flash:12"], "wants flash:ADDRESS.BIT"),
    (["--fault", "flash:0x200000.1"], "the flash ends at 0x1fffff"),
    (["--fault", "sd-crc:1"], "fault 'sd-crc:1' is one of an SD card, and there is none"),
    (["--sd", "x,1Q"], "--sd wants FILE[,SIZE][,v1]"),
    (["--sd", ",v1"], "--sd wants FILE[,SIZE][,v1]"),
    (["--sd-out", "1-1"], "--sd-out wants TIME or TIME-TIME"),
    (["--sd-out", "1"], "--sd-out without a card"),
    (["--power-cut", "flash:0"], "--power-cut wants a TIME or flash:N"),
    (["--power-cut", "flash:1x"], "--power-cut wants a TIME or flash:N"),
    (["--power-cut", "soon"], "--power-cut wants a TIME or flash:N"),
    (["--limit", "long"], "--limit wants a time"),
    (["--limit", "-1"], "--limit wants a time"),
    (["--limit", "1h"], "--limit wants a time"),
    (["--limit", "1e999"], "--limit wants a time"),
    (["--limit", "nan"], "--limit wants a time"),
    (["--seed", "x"], "--seed wants a number"),
    (["--seed", "-1"], "--seed wants a number"),
    (["--seed", "18446744073709551616"], "--seed wants a number"),
    (["--stats=xml"], "--stats knows json"),
    (["--flash", TEMP], "not a file"),
    (["--flash", "/nonexistent/flash"], "cannot be written"),
    (["--flash", FIRMWARE], "is no flash content"),
)

# Whole command lines.
LINES = (
    ([], "no firmware given"),
    (["--board"], "--board wants a value"),
    (["--limit"], "--limit wants a value"),
    ([FIRMWARE, FIRMWARE], "one firmware file"),
    (["/nonexistent/firmware.elf"], "No such file"),
    ([TEMP], "is not a file"),
    (["/dev/null"], "is not a file"),
    ([""], "No such file"),
)


def refused(name, arguments, said, vboard):
    result = run(*arguments, firmware=None, vboard=vboard, timeout=30)
    good = (
        result.status == 2
        and result.out == ""
        and re.fullmatch(r"vboard: [^\n]*" + re.escape(said) + r"[^\n]*\n", result.err)
    )
    tap.check(name, good, result)


def all_refused(vboard, which):
    for name, content, said in FILES:
        refused("%s%s" % (name, which), ["--limit", "0.01", write(name, content)], said, vboard)
    for options, said in OPTIONS:
        refused(" ".join(options[:2]).replace(TEMP, "DIR") + which, ["--limit", "0.01", *options, FIRMWARE], said, vboard)
    for arguments, said in LINES:
        refused("vboard " + " ".join(arguments).replace(TEMP, "DIR") + which, arguments, said, vboard)
    # The same file with nothing wrong about it, or what is said above says nothing.
    for name, content in (("good.dfu", dfu(0x08000000, SPIN)), ("good.bin", SPIN), ("GOOD.BIN", SPIN), ("good", GOOD)):
        result = run("--limit", "0.01", firmware=write(name, content), vboard=vboard)
        tap.equal(name + which, (result.status, result.out, result.err), (4, "", "vboard: the limit of 0.01 s is reached\n"))


def asked():
    result = run("--help", firmware=None)
    options = re.findall(r"^  (--[a-z0-9]+)", result.out, re.MULTILINE)
    tap.check("--help", result.status == 0 and result.err == "" and len(options) > 12, result)
    for option in options:
        known = run(option, firmware=None).err
        tap.check("knows " + option, re.match("vboard: (--[a-z0-9]+ wants a value|no firmware given)", known), known)
    result = run("--faults", firmware=None)
    tap.check("--faults", result.status == 0 and re.findall(r"^[a-z][a-z:-]*[a-z]", result.out, re.MULTILINE) == [
        "stuck", "short", "swap", "open", "lose-ncs", "slow-clock", "noise", "address:stuck", "address:short", "address:swap",
        "flips", "weak-row", "cell", "missing", "kgd", "density", "drop-qpi", "flash", "sd-crc", "sd-busy"], result)


asked()
all_refused(VBOARD, "")
all_refused(VBOARD_ASAN, ", with sanitizers")
tap.equal("nothing left behind", [name for name in os.listdir(TEMP) if name.endswith(".new")], [])
sys.exit(tap.done())
