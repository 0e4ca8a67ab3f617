"""The firmware image: what lies where. Reads the ELF file with the tool chain's nm and objcopy; prints TAP.

usage: test_layout.py FIRMWARE.elf CROSS_COMPILE
"""

import struct
import subprocess
import sys
import tempfile

VECTORS = 16 + 155
FLASH = range(0x08000000, 0x08100000)
DTCM = range(0x20000000, 0x20020000)
AXI_SRAM_END = 0x24100000
GUARD = 1024


def symbols(elf, cross):
    out = subprocess.run([cross + "nm", elf], check=True, capture_output=True, text=True).stdout
    table = {}
    for line in out.splitlines():
        fields = line.split()
        if len(fields) == 3:
            table[fields[2]] = int(fields[0], 16)
    return table


def image(elf, cross):
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run([cross + "objcopy", "-O", "binary", elf, out.name], check=True)
        return out.read()


def main(elf, cross):
    at = symbols(elf, cross)
    data = image(elf, cross)
    vectors = struct.unpack_from("<%dI" % VECTORS, data)
    unhandled = at["unhandled"] | 1
    fault = at["fault_entry"] | 1

    def handler(irq):
        return vectors[16 + irq]

    reserved = {7, 8, 9, 10, 13}
    checks = [
        ("the vector table is first in flash", at["isr_vector"] == FLASH.start),
        ("word 0 is the top of the stack", vectors[0] == at["_estack"]),
        ("word 1 is the reset handler, in Thumb state", vectors[1] == at["Reset_Handler"] | 1),
        (
            "every other vector is Thumb code in flash, or 0 where the architecture reserves it",
            all(
                v == 0 if i in reserved else v & 1 and v - 1 in FLASH
                for i, v in enumerate(vectors[1:], 1)
            ),
        ),
        ("the four faults go to the fault report", set(vectors[3:7]) == {fault}),
        ("SysTick has its handler", vectors[15] == at["SysTick_Handler"] | 1 != unhandled),
        ("USART1 has its handler", handler(37) == at["USART1_IRQHandler"] | 1 != unhandled),
        ("an interrupt without driver ends in the fault report", handler(0) == unhandled),
        ("positions without a name are filled too", handler(42) == fault),
        ("the image stays inside bank 1", FLASH.start + len(data) in FLASH),
        (
            "the stack lies above a guard at the bottom of DTCM",
            at["_sstack"] == DTCM.start + GUARD and at["_estack"] % 8 == 0,
        ),
        (
            "static data, the collector's stack among them, lie in DTCM above the stack",
            at["_estack"] <= at["_sdata"] <= at["mp_state_ctx"] < at["_ebss"] <= DTCM.stop,
        ),
        ("the fault record is not cleared at reset", at["survivor"] >= at["_ebss"]),
        (
            "900,000 bytes of AXI SRAM are free for the heap",
            at["_axisram_free_end"] == AXI_SRAM_END
            and AXI_SRAM_END - at["_axisram_free_start"] > 900_000 * 524 // 512,
        ),
    ]
    print("1..%d" % len(checks))
    for number, (name, passed) in enumerate(checks, 1):
        print("%s %d - %s" % ("ok" if passed else "not ok", number, name))
    return 0 if all(passed for _, passed in checks) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
