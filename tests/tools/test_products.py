#!/usr/bin/env python3
"""What the build gives to users: firmware.elf, .bin, .hex and .dfu of one content, its record and checksum, no path of the
machine that built it; and the zip file of tools/release, the same each time."""

import hashlib
import os
import shutil
import struct
import sys
import zipfile
import zlib

from tap import ROOT, Tap, run

BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
MPY_DIR = os.path.join(ROOT, os.environ["MPY_DIR"])
TEMP = os.environ["TEST_TMP"]
NAMES = ("DEVEBOX_STM32H7A3", "DEVEBOX_STM32H7A3-mboot")
# What is looked at: folder, name, address.
PRODUCTS = (
    ("firmware/" + NAMES[0], "firmware", 0x08000000),
    ("firmware/" + NAMES[1], "firmware", 0x08008000),
    ("mboot/" + NAMES[0], "mboot", 0x08000000),
)
tap = Tap()


def content(folder, name):
    with open(os.path.join(BUILD, folder, name), "rb") as source:
        return source.read()


def from_elf(elf):
    """What a loader writes to flash: {address: byte}."""
    table, = struct.unpack_from("<I", elf, 28)
    size, count = struct.unpack_from("<2H", elf, 42)
    cells = {}
    for n in range(count):
        kind, offset, _, address, length = struct.unpack_from("<5I", elf, table + n * size)
        if kind == 1:
            cells.update(zip(range(address, address + length), elf[offset : offset + length]))
    return cells


def from_hex(text):
    """Intel HEX: data (0), end (1), start (5), upper half of the address (4)."""
    cells, upper = {}, 0
    for line in text.decode().split():
        row = bytes.fromhex(line[1:])
        if sum(row) & 0xFF:
            raise ValueError("wrong sum: " + line)
        address, kind = struct.unpack_from(">HB", row, 1)
        if kind == 4:
            upper = int.from_bytes(row[4:6], "big") << 16
        elif kind == 0:
            cells.update(zip(range(upper + address, upper + address + row[0]), row[4:-1]))
    return cells


def from_dfu(data):
    """The elements of the only target as {address: bytes}, and vendor and product."""
    product, vendor = struct.unpack_from("<2H", data, len(data) - 14)
    elements, at = {}, 11 + 274
    for _ in range(struct.unpack_from("<I", data, 11 + 270)[0]):
        address, size = struct.unpack_from("<2I", data, at)
        elements[address] = data[at + 8 : at + 8 + size]
        at += 8 + size
    return elements if data[10] == 1 else None, vendor, product


def same_cells(cells, base, image):
    """All that is loaded is the image's, and what is not loaded stays erased."""
    return set(cells) <= set(range(base, base + len(image))) and all(
        cells.get(base + n, 0xFF) == byte for n, byte in enumerate(image))


for folder, name, base in PRODUCTS:
    image = content(folder, name + ".bin")
    stack, entry = struct.unpack_from("<2I", image)
    tap.check(folder + ": linked for its address",
              0x20000000 < stack <= 0x20020000 and entry & 1 and base < entry < base + len(image), (hex(stack), hex(entry)))
    elf = content(folder, name + ".elf")
    tap.check("    ELF and binary are one", same_cells(from_elf(elf), base, image))
    tap.check("    HEX and binary are one", same_cells(from_hex(content(folder, name + ".hex")), base, image))
    elements, vendor, product = from_dfu(content(folder, name + ".dfu"))
    tap.equal("    DfuSe", (list(elements), vendor, product), ([base], 0x0483, 0xDF11))
    element = elements[base]
    tap.check("    holds the binary, filled up to 8 bytes",
              element[: len(image)] == image and len(element) % 8 == 0 and len(element) < len(image) + 8)
    magic, length = struct.unpack_from("<4sI", image, 0x2B0)
    tap.equal("    record of its length", (magic, length), (b"1IMG", len(image) - 4))
    tap.equal("    and checksum behind it", zlib.crc32(image[:length]), struct.unpack_from("<I", image, length)[0])
    tap.equal("    no path of this machine", [p for p in (ROOT, BUILD, MPY_DIR) if p.encode() in elf], [])

images = {folder: content(folder, name + ".bin") for folder, name, _ in PRODUCTS}
plain, behind, mboot = images.values()
tap.check("firmware: the same code at two addresses", len(plain) == len(behind) and plain != behind)
tap.check("mboot: below 32 KB", len(mboot) <= 0x8000, len(mboot))
both, _, _ = from_dfu(content("firmware/" + NAMES[1], "mboot-and-firmware.dfu"))
tap.equal("mboot-and-firmware.dfu: both", {at: part.rstrip(b"\0") for at, part in both.items()},
          {0x08000000: mboot.rstrip(b"\0"), 0x08008000: behind.rstrip(b"\0")})

shown = run(["dfu-suffix", "-c", os.path.join(BUILD, "firmware", NAMES[0], "firmware.dfu")])
tap.check("dfu-suffix takes it for a DfuSe file", shown.returncode == 0 and "0x011A" in shown.stdout, shown.stdout + shown.stderr)

seal = os.path.join(ROOT, "tools/seal-image")
damaged = os.path.join(TEMP, "damaged.elf")
with open(damaged, "wb") as out:
    out.write(content("firmware/" + NAMES[0], "firmware.elf").replace(b"1IMG", b"2IMG"))
tap.one_line("an ELF file without a record is refused", run([seal, damaged]), "seal-image: .* has no record")
tap.one_line("and what is no ELF file", run([seal, seal]), "seal-image: not a 32-bit ELF file")


def pack(name, boards, build=BUILD, **environment):
    """tools/release; the zip's content, or what it said."""
    out = os.path.join(TEMP, name, "pack.zip")
    result = run([os.path.join(ROOT, "tools/release"), "--version", "1.2-3", "--build", build, out, *boards], **environment)
    if result.returncode:
        return result.stderr
    with open(out, "rb") as source:
        return source.read()


first = pack("a", NAMES[:1], SOURCE_DATE_EPOCH="1700000000")
copy = os.path.join(TEMP, "build")
for folder, name, _ in PRODUCTS:
    os.makedirs(os.path.join(copy, folder))
    for product in os.listdir(os.path.join(BUILD, folder)):
        if product.endswith((".elf", ".bin", ".hex", ".dfu")):
            shutil.copy(os.path.join(BUILD, folder, product), os.path.join(copy, folder))
os.umask(0o077)
again = pack("b", NAMES[:1], build=copy, SOURCE_DATE_EPOCH="1700000000", TZ="Pacific/Auckland")
tap.check("release: the same zip from other folders, at another time, in another place", isinstance(first, bytes) and first == again,
          first if isinstance(first, str) else again if isinstance(again, str) else "two zips")
tap.check("release: another date, another zip", pack("c", NAMES[:1], SOURCE_DATE_EPOCH="1800000000") != first)
tap.check("release: what was not built is one line", pack("d", ["NO_SUCH"]).startswith("release: [Errno 2]"))

with zipfile.ZipFile(os.path.join(TEMP, "a/pack.zip")) as packed:
    files = {name.partition("/")[2]: packed.read(name) for name in packed.namelist()}
    tap.equal("release: sorted", packed.namelist(), sorted(packed.namelist()))
    tap.equal("release: its date is that of the sources", {entry.date_time for entry in packed.infolist()}, {(2023, 11, 14, 22, 13, 20)})
sums = dict(line.split("  ")[::-1] for line in files["SHA256SUMS"].decode().splitlines())
tap.equal("release: a checksum for each file", set(sums) | {"SHA256SUMS"}, set(files))
tap.equal("release: and it is right", [n for n, s in sums.items() if hashlib.sha256(files[n]).hexdigest() != s], [])
wanted = {"DEVEBOX_STM32H7A3/" + part + kind for part in ("firmware.", "mboot/firmware.", "mboot/mboot.")
          for kind in ("elf", "bin", "hex", "dfu")} | {"DEVEBOX_STM32H7A3/mboot/mboot-and-firmware.dfu"}
tap.check("release: all kinds are in", wanted <= set(files), sorted(files))
readme = files["README.txt"].decode()
tap.check("release: the readme names version and board", "1.2-3" in readme and "DEVEBOX_STM32H7A3" in readme, readme)
named = {word.replace("BOARD", NAMES[0]) for word in readme.split() if word.startswith("BOARD/")}
tap.check("release: and files that are there", named and named <= set(files), named)
tap.check("release: nothing runs on silicon yet, and it says so", "Nothing of this has run on silicon" in readme)
shutil.unpack_archive(os.path.join(TEMP, "a/pack.zip"), TEMP)
checked = run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=TEMP + "/pack")
tap.equal("release: sha256sum agrees", (checked.returncode, checked.stdout), (0, ""))
sys.exit(tap.done())
