#!/usr/bin/env python3
"""The program of docs/spiram.md compiles as it stands there, for Arm and for the PC, and does what the page says."""

import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))

from tap import ROOT, Tap  # noqa: E402

tap = Tap()
work = os.environ["TEST_TMP"]
warnings = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-Ifirmware/spiram"]

MAIN = """
#include <string.h>
#include "fake_chip.h"
#include "spiram_fault.h"
void *start_psram(struct spiram *ram, uint32_t *bytes);
struct spiram_bus my_bus;
int main(int argc, char **argv)
{
    struct fake fake;
    struct spiram ram;
    uint32_t bytes = 0;
    (void)argv;
    fake_setup(&fake, &my_bus);
    fake.address_low = argc > 1 ? 1u << 13 : 0;
    void *memory = start_psram(&ram, &bytes);
    printf("%u %s\\n", (unsigned)bytes, memory == fake.window ? "memory" : memory == NULL ? "none" : "elsewhere");
    fake_teardown(&fake);
    return 0;
}
"""


def write(name, text):
    with open(os.path.join(work, name), "w") as f:
        f.write(text)
    return f.name


def run(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


with open(os.path.join(ROOT, "docs/spiram.md")) as f:
    programs = re.findall(r"^```c\n(.*?)^```", f.read(), re.MULTILINE | re.DOTALL)
tap.equal("one program on the page", len(programs), 1)
example = write("example.c", programs[0])
cross = os.environ.get("CROSS_COMPILE", "arm-none-eabi-") + "gcc"
built = run(cross, *warnings, "-mcpu=cortex-m7", "-mthumb", "-Os", "-c", "-o", os.path.join(work, "example.o"), example)
tap.check("it compiles for Arm", built.returncode == 0, built.stderr)

# The bus is not const here: the test's own chip fills it.
main = write("main.c", "#include <stdio.h>\n" + MAIN)
program = os.path.join(work, "example")
sources = sorted(glob.glob(os.path.join(ROOT, "firmware/spiram/*.c"))) + ["tests/unit/spiram/fake_chip.c"]
built = run("gcc", *warnings, "-Itests/unit/spiram", "-g", "-o", program, example, main, *sources)
tap.check("and for the PC", built.returncode == 0, built.stderr)
tap.equal("a good chip is memory", run(program).stdout, "8388608 memory\n")
tap.equal("a bad one is named", run(program, "bad").stdout, "spiram address bit A13 stuck\n8388608 none\n")
sys.exit(tap.done())
