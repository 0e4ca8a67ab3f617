#!/usr/bin/env python3
"""tools/fetch-deps and tools/debian-mirror, with packages made here and no network but a closed port of this machine."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys

from tap import ROOT, Tap, read, run, tool_path, write

TEMP = os.environ["TEST_TMP"]
FETCH = os.path.join(ROOT, "tools", "fetch-deps")
MIRROR = os.path.join(ROOT, "tools", "debian-mirror")
tap = Tap()


# ---- a mirror's worth of packages ---------------------------------------------------------------------------------------


def checksum(path):
    with open(path, "rb") as data:
        return hashlib.sha256(data.read()).hexdigest()


def make_source_package(directory, minor="25"):
    """A source package with the files that fetch-deps looks for, in Debian's format 3.0 (quilt)."""
    tree = os.path.join(TEMP, "make", "micropython-1")
    shutil.rmtree(os.path.dirname(tree), ignore_errors=True)
    header = "#define MICROPY_VERSION_MAJOR 1\n#define MICROPY_VERSION_MINOR %s\n" % minor
    write(tree + "/py/mpconfig.h", header)
    write(tree + "/lib/cmsis/inc/core_cm7.h", "\n")
    orig = os.path.join(directory, "micropython_1.orig.tar.xz")
    os.makedirs(directory, exist_ok=True)
    subprocess.check_call(["tar", "-cJf", orig, "-C", os.path.dirname(tree), "micropython-1"])
    write(tree + "/debian/source/format", "3.0 (quilt)\n")
    write(tree + "/debian/changelog", "micropython (1-1) trixie; urgency=low\n\n  * x\n\n"
          " -- A <a@b.c>  Thu, 01 Jan 2026 00:00:00 +0000\n")
    write(tree + "/debian/patches/series", "a.patch\n")
    write(tree + "/debian/patches/a.patch", "--- a/patched\n+++ b/patched\n@@ -0,0 +1 @@\n+yes\n")
    debian = os.path.join(directory, "micropython_1-1.debian.tar.xz")
    subprocess.check_call(["tar", "-cJf", debian, "-C", tree, "debian"])
    rows = "".join(
        " %s %d %s\n" % (checksum(path), os.path.getsize(path), os.path.basename(path)) for path in (orig, debian)
    )
    md5 = "".join(
        " %s %d %s\n" % (hashlib.md5(open(path, "rb").read()).hexdigest(), os.path.getsize(path), os.path.basename(path))
        for path in (orig, debian)
    )
    dsc = os.path.join(directory, "micropython_1-1.dsc")
    write(dsc, "Format: 3.0 (quilt)\nSource: micropython\nVersion: 1-1\nChecksums-Sha256:\n%sFiles:\n%s" % (rows, md5))
    return [dsc, orig, debian]


def make_binary_package(directory):
    tree = os.path.join(TEMP, "make", "deb")
    shutil.rmtree(tree, ignore_errors=True)
    write(tree + "/DEBIAN/control", "Package: tinyusb-source\nVersion: 2-1\nArchitecture: all\n"
          "Maintainer: A <a@b.c>\nDescription: x\n")
    write(tree + "/usr/src/tinyusb/src/tusb.h", "\n")
    write(tree + "/usr/share/doc/tinyusb-source/copyright", "free\n")
    deb = os.path.join(directory, "tinyusb-source_2-1_all.deb")
    subprocess.check_call(["dpkg-deb", "--root-owner-group", "-b", tree, deb], stdout=subprocess.DEVNULL)
    return [deb]


def lock_text(source, binary):
    text = "dep micropython source micropython 1-1 trixie\n"
    text += "".join("file micropython %s %s\n" % (checksum(path), os.path.basename(path)) for path in source)
    text += "dep tinyusb binary tinyusb-source 2-1 trixie\n"
    return text + "".join("file tinyusb %s %s\n" % (checksum(path), os.path.basename(path)) for path in binary)


ARCHIVE = os.path.join(TEMP, "archive")
SOURCE = make_source_package(ARCHIVE)
LOCK = write(os.path.join(TEMP, "deps.lock"), lock_text(SOURCE, make_binary_package(ARCHIVE)))

# Stands for apt-get: copies the package asked for from ARCHIVE into the current directory, as apt-get would.
APT = """
echo "$@" >>%s/apt.calls
case " $* " in
*" update "*) exit 0 ;;
*" source "*) cp %s/micropython* . ;;
*" download "*) cp %s/tinyusb* . ;;
esac
""" % (TEMP, ARCHIVE, ARCHIVE)

world_count = 0


def world(leave_out=(), **fakes):
    """A PATH and an empty place for dependencies."""
    global world_count
    world_count += 1
    place = os.path.join(TEMP, "world%d" % world_count)
    if "apt-get" not in leave_out:
        fakes.setdefault("apt_get", APT)
    path = tool_path(os.path.join(place, "bin"), leave_out, **fakes)
    return {"PATH": path, "DEPS": os.path.join(place, "deps"), "DEPS_LOCK": LOCK, "DEBIAN_MIRROR": "http://mirror.invalid/"}


def fetch(environment, *arguments):
    return run([FETCH, *arguments], **environment)


def have(environment, name):
    return os.path.exists(os.path.join(environment["DEPS"], name, ".fetched"))


# ---- fetching -----------------------------------------------------------------------------------------------------------

here = world()
result = fetch(here)
tap.check("fetches both", result.returncode == 0 and not result.stderr and have(here, "micropython") and have(here, "tinyusb"),
          result.stdout + result.stderr)
tap.equal("says which, a line each", len(result.stdout.splitlines()), 2)
tap.check("Debian's patches are applied", os.path.exists(here["DEPS"] + "/micropython/patched"))
tap.check("the root of TinyUSB is the root", os.path.exists(here["DEPS"] + "/tinyusb/src/tusb.h"))
tap.check("its licence is kept", os.path.exists(here["DEPS"] + "/tinyusb/COPYRIGHT.debian"))
tap.check("apt's lists are not kept", not os.path.exists(here["DEPS"] + "/apt"))

calls = read(TEMP + "/apt.calls")
result = fetch(here)
tap.check("a second time does nothing", result.returncode == 0 and not result.stdout and read(TEMP + "/apt.calls") == calls)

shutil.rmtree(here["DEPS"] + "/tinyusb")
result = fetch(here)
tap.check("downloaded files are used again", have(here, "tinyusb") and read(TEMP + "/apt.calls") == calls, result.stderr)

write(here["DEPS"] + "/micropython/old", "x")
write(TEMP + "/changed.lock", read(LOCK).replace("1-1 trixie", "1-1 sid"))
result = fetch(dict(here, DEPS_LOCK=TEMP + "/changed.lock"))
tap.check("a changed lock file replaces the tree", not os.path.exists(here["DEPS"] + "/micropython/old"), result.stderr)

here = world()
result = fetch(here, "tinyusb")
tap.check("only one", have(here, "tinyusb") and not have(here, "micropython"), result.stderr)

# ---- what can go wrong --------------------------------------------------------------------------------------------------

for name, path in (("source", SOURCE[1]), ("binary", ARCHIVE + "/tinyusb-source_2-1_all.deb")):
    here = world()
    wrong = write(TEMP + "/wrong.lock", read(LOCK).replace(checksum(path), "0" * 64))
    result = fetch(dict(here, DEPS_LOCK=wrong))
    tap.one_line("wrong checksum of a %s package" % name, result,
                 "checksum of %s is wrong: expected 0+, got %s" % (os.path.basename(path), checksum(path)))
    tap.check("and nothing of it is kept", not have(here, "micropython" if name == "source" else "tinyusb")
              and not os.path.exists(here["DEPS"] + "/download/" + os.path.basename(path)))

here = world()
fetch(here, "tinyusb")
shutil.rmtree(here["DEPS"] + "/tinyusb")
write(here["DEPS"] + "/download/tinyusb-source_2-1_all.deb", "broken")
result = fetch(here, "tinyusb")
tap.check("a downloaded file that was damaged is fetched again", have(here, "tinyusb"), result.stderr)

for command, package in (("apt-get", "apt"), ("dpkg-source", "dpkg-dev"), ("dpkg-deb", "dpkg"), ("sha256sum", "coreutils")):
    here = world(leave_out=[command])
    tap.one_line("without " + command, fetch(here), "'%s' is missing .package %s." % (command, package))

# The port is closed: it was free a moment ago, and nothing listens there.
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
here = world()
del here["PATH"]
result = fetch(dict(here, DEBIAN_MIRROR="http://127.0.0.1:%d/debian" % port))
tap.one_line("no network, with the real apt", result, "cannot reach the Debian mirror http://127.0.0.1:%d/debian" % port)
tap.check("and no tree", not have(here, "micropython"))

here = world(apt_get='case " $* " in *" update "*) exit 0 ;; esac\necho "E: Version 1-1 was not found"; exit 100\n')
tap.one_line("a version that the suite no longer has", fetch(here), "cannot download micropython 1-1 .*: Version 1-1 was not found")

here = world(apt_get="exit 0\n")
tap.one_line("a package without the file named", fetch(here), "micropython 1-1 came without micropython_1")

here = world(apt_get="exit 0\n")
tap.one_line("no mirror known", fetch(dict(here, DEBIAN_MIRROR=None)), "no mirror of Debian's main archive")

here = world(dpkg_source="echo dpkg-source: error: no space >&2; exit 2\n")
tap.one_line("unpacking fails", fetch(here), "cannot unpack micropython: .*no space")
tap.equal("and leaves nothing", [n for n in os.listdir(here["DEPS"]) if "micropython" in n or n.startswith(".unpack")], [])

here = world()
write(here["DEPS"], "a file")
tap.one_line("a place that is none", fetch(here), "cannot create")

tap.one_line("no lock file", fetch(dict(world(), DEPS_LOCK=TEMP + "/none")), "cannot read the lock file")
tap.one_line("a name that the lock file does not have", fetch(world(), "lwip"), "unknown dependency 'lwip'")

# dpkg-source unpacks half of it, and then the whole run is killed.
killing = 'for last; do :; done\nmkdir -p "$last/py"; echo half >"$last/py/mpconfig.h"\nkill -9 $PPID\n'
here = world(dpkg_source=killing)
result = fetch(here)
tap.check("killed while unpacking", result.returncode == -9 and not have(here, "micropython"), result.stderr)
result = fetch(dict(world(), DEPS=here["DEPS"]))
tap.check("the next run makes it good", result.returncode == 0 and have(here, "micropython"), result.stderr)
tap.equal("and clears the rest", [n for n in os.listdir(here["DEPS"]) if n.startswith(".unpack")], [])

# ---- other trees --------------------------------------------------------------------------------------------------------


def check(name, directory):
    return run([FETCH, "--check", name, directory])


good = world()
fetch(good)
tap.equal("MPY_DIR that is right", check("micropython", good["DEPS"] + "/micropython").returncode, 0)
tap.equal("TINYUSB_DIR that is right", check("tinyusb", good["DEPS"] + "/tinyusb").returncode, 0)
tap.one_line("MPY_DIR that is something else", check("micropython", TEMP), "MPY_DIR=.* is not a MicroPython tree")
tap.one_line("MPY_DIR that is not there", check("micropython", "/nonexistent"), "MPY_DIR=/nonexistent is not")
tap.one_line("TINYUSB_DIR that is something else", check("tinyusb", TEMP), "TINYUSB_DIR=.* is not a TinyUSB tree")
header = good["DEPS"] + "/micropython/py/mpconfig.h"
write(header, read(header).replace("MINOR 25", "MINOR 24"))
tap.one_line("MPY_DIR of another version", check("micropython", good["DEPS"] + "/micropython"), "is MicroPython 1.24; .* needs 1.25")

# ---- the mirror ---------------------------------------------------------------------------------------------------------


def mirror(name, codename, lines, expected):
    """`lines` are fields of `apt-get indextargets`: by what, address, release, codename, origin, label, component."""
    text = "\n".join("|".join(line.split()) for line in lines) + "\n"
    process = subprocess.run([MIRROR, "--stdin", codename], input=text, stdout=subprocess.PIPE, universal_newlines=True)
    tap.equal("mirror: " + name, (process.stdout.strip(), process.returncode), (expected or "", 0 if expected else 1))


NEW = "$(CODENAME) $(ORIGIN) $(LABEL)"
mirror("security first", "bookworm", [
    "Packages http://s/debian-security/ bookworm-security bookworm-security Debian Debian-Security main",
    "Packages http://m/debian/ bookworm bookworm Debian Debian main",
], "http://m/debian/")
mirror("updates from elsewhere", "bookworm", [
    "Packages http://u/debian/ bookworm-updates bookworm-updates Debian Debian main",
    "Packages http://m/debian/ bookworm bookworm Debian Debian main",
], "http://m/debian/")
mirror("a third party with the same suite", "bookworm", [
    "Packages http://d/linux/ bookworm bookworm Docker Docker main",
    "Packages http://m/debian/ bookworm bookworm Debian Debian main",
], "http://m/debian/")
mirror("contrib is not main", "bookworm", ["Packages http://c/debian/ bookworm bookworm Debian Debian contrib"], None)
mirror("named by its place in time", "bookworm", ["Packages http://m/debian/ stable bookworm Debian Debian main"], "http://m/debian/")
mirror("a machine that follows sid", "", ["Packages http://m/debian/ unstable sid Debian Debian main"], "http://m/debian/")
mirror("another suite of Debian, if none is the machine's", "bookworm", [
    "Packages http://m/debian/ trixie trixie Debian Debian main"], "http://m/debian/")
mirror("sources and the CD-ROM do not count", "bookworm", [
    "Sources http://a/debian/ bookworm bookworm Debian Debian main",
    "Packages cdrom://x/ bookworm bookworm Debian Debian main",
], None)
mirror("apt was never updated", "bookworm", [
    "Packages http://s/debian-security/ bookworm-security %s main" % NEW,
    "Packages http://m/debian/ bookworm %s main" % NEW,
], "http://m/debian/")
mirror("never updated, and of another distribution", "", ["Packages http://x/ jammy %s main" % NEW], None)
mirror("only security", "bookworm", [
    "Packages http://s/debian-security/ bookworm-security bookworm-security Debian Debian-Security main"], None)
mirror("Ubuntu", "jammy", ["Packages http://a/ubuntu/ jammy jammy Ubuntu Ubuntu main"], None)
mirror("nothing", "bookworm", [], None)
sys.exit(tap.done())
