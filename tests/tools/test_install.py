#!/usr/bin/env python3
"""tools/ensure-tools on machines that lack something. apt-get, sudo and id are the test's own: nothing gets installed."""

import os
import sys

from tap import ROOT, Tap, read, run, tool_path

TEMP = os.environ["TEST_TMP"]
ENSURE = os.path.join(ROOT, "tools", "ensure-tools")
MISSING = ["dpkg-source", "arm-none-eabi-gcc"]
tap = Tap()
count = 0


def ensure(*arguments, leave_out=MISSING, apt_get="exit 0", user=0, sudo=None, **environment):
    """Run ensure-tools; what it asked of apt-get is in the result's `calls`."""
    global count
    count += 1
    calls = os.path.join(TEMP, "calls%d" % count)
    open(calls, "w").close()
    fakes = {"id": "echo %d\n" % user}
    if apt_get is not None:
        fakes["apt_get"] = 'echo "$(id -u) $*" >>%s\n%s\n' % (calls, apt_get)
    if sudo is not None:
        fakes["sudo"] = sudo + "\n"
    path = tool_path(os.path.join(TEMP, "bin%d" % count), leave_out + ["apt-get", "sudo", "id"], **fakes)
    result = run([ENSURE, *arguments], PATH=path, TMPDIR=TEMP, **environment)
    result.calls = read(calls).splitlines()
    return result


result = ensure("host", leave_out=[], apt_get=None)
tap.check("nothing is missing: silent, and apt is not asked",
          result.returncode == 0 and not result.stdout and not result.stderr, result.stdout + result.stderr)

result = ensure("firmware")
packages = [line.split(":")[1].split()[-1] for line in result.stdout.splitlines()]
tap.equal("says what it installs, a line each", packages, ["gcc-arm-none-eabi", "libnewlib-arm-none-eabi", "dpkg-dev"])
tap.check("and why", all(len(line.split(": ")) == 3 and line.split(": ")[2] for line in result.stdout.splitlines()), result.stdout)
tap.check("one call of apt", len(result.calls) == 1, result.calls)
tap.check("which installs them", " install " in result.calls[0] and result.calls[0].endswith(" ".join(packages)), result.calls)
tap.equal("and nothing on stderr", (result.returncode, result.stderr), (0, ""))
tap.equal("with MPY_DIR nothing has to be unpacked", ensure("--list", "firmware", MPY_DIR="/x").stdout.split(), packages[:2])

result = ensure("--list", "firmware")
tap.check("--list only lists", result.stdout.split() == packages and not result.calls, result.stdout)
tap.equal("a goal asks for its group only", ensure("--list", "host").stdout, "")
missing = ensure("--list", "bench", leave_out=["gdb-multiarch", "qemu-system-arm"]).stdout.split()
tap.check("bench: what tests need, too", {"gdb-multiarch", "qemu-system-arm"} <= set(missing), missing)

result = ensure("firmware", apt_get='case "$*" in *update*) touch %s/updated ;; *) [ -e %s/updated ] ;; esac' % (TEMP, TEMP))
tap.equal("old lists: update, and install again",
          [next(w for w in call.split() if w in ("install", "update")) for call in result.calls], ["install", "update", "install"])
tap.equal("which is a success", (result.returncode, result.stderr), (0, ""))

result = ensure("firmware", apt_get='echo "E: Unable to locate package x" >&2; exit 100')
tap.one_line("apt fails", result, "'apt-get install gcc-arm-none-eabi .*' failed: E: Unable to locate package x")
tap.one_line("no apt at all", ensure("firmware", apt_get=None), "no apt-get here; .*: gcc-arm-none-eabi libnewlib")

result = ensure("firmware", user=1000)
tap.one_line("neither root nor sudo: the command to type", result,
             "run as root: apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi dpkg-dev$")
tap.equal("and apt is not asked", result.calls, [])
result = ensure("firmware", user=1000, sudo='[ "$1" = -v ] && exit; touch %s/by-sudo; exec "$@"' % TEMP)
tap.check("through sudo", result.returncode == 0 and result.calls and os.path.exists(TEMP + "/by-sudo"), result.stderr)
result = ensure("firmware", user=1000, sudo="exit 1")
tap.one_line("sudo refuses: the command to type", result, "sudo does not let us; run as root: apt-get install gcc-arm")

tap.one_line("an unknown group", ensure("kitchen", leave_out=[]), "unknown group 'kitchen'")
tap.one_line("no group", ensure(leave_out=[]), "say which group")
sys.exit(tap.done())
