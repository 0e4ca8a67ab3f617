#!/usr/bin/env python3
"""tools/openocd, read by OpenOCD itself. There is no probe here: what it says then is known, too."""

import os
import sys

from tap import ROOT, Tap, run

SHOW = 'echo "[adapter name], [transport select], [target names], [flash list]"; reset_config; shutdown'
PROBES = {
    "stlink": ("st-link, dapdirect_swd", "Error: open failed"),
    "cmsis-dap": ("cmsis-dap, swd", "Error: unable to find a matching CMSIS-DAP device"),
}
tap = Tap()


def openocd(probe, command, *before):
    # From another directory: the files must find each other.
    return run(["openocd", *before, "-f", os.path.join(ROOT, "tools/openocd", probe + ".cfg"), "-c", command], cwd=os.environ["TEST_TMP"])


for probe, (adapter, absent) in PROBES.items():
    result = openocd(probe, SHOW)
    said = result.stdout + result.stderr
    tap.check(probe + " is read without complaint", result.returncode == 0 and "Error" not in said and "Warn" not in said, said)
    tap.check(probe + ": probe, transport and core", adapter + ", stm32h7a3.ap2 stm32h7a3.cpu0," in said, said)
    banks = [word for word in ("0x08000000", "0x08100000", "134217728", "135266304") if word in said]
    tap.equal(probe + ": both banks of the flash", len(banks), 2)
    tap.check(probe + ": connects while NRST is low", "srst_only" in said and "connect_assert_srst" in said, said)
    result = openocd(probe, SHOW, "-c", "set NRST 0")
    said = result.stdout + result.stderr
    tap.check(probe + ": without NRST it does not", result.returncode == 0 and "srst_only" not in said and "none" in said, said)
    result = openocd(probe, "program x.elf verify reset exit")
    tap.check(probe + ": nothing plugged in", result.returncode == 1 and absent in result.stderr, result.stderr)

sys.exit(tap.done())
