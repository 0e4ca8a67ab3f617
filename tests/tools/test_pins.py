#!/usr/bin/env python3
"""firmware/port/make-pins.py: what a board's pins.csv becomes, and what it says about one that is wrong."""

import os
import re
import sys

from tap import ROOT, Tap, read, run, write

TEMP = os.environ["TEST_TMP"]
MPY_DIR = os.path.join(ROOT, os.environ["MPY_DIR"])
AF_CSV = os.path.join(MPY_DIR, "ports/stm32/boards/stm32h7b3_af.csv")
PORT = os.path.join(ROOT, "firmware/port")
tap = Tap()


def make_pins(rows, **environment):
    """(exit status, message, source, header, constants)"""
    write(TEMP + "/pins.csv", rows)
    files = [TEMP + name for name in ("/pins.c", "/pins.h", "/af.h")]
    result = run([os.environ["PYTHON"], PORT + "/make-pins.py", "--board-csv", TEMP + "/pins.csv", "--af-csv", AF_CSV,
                  "--prefix", PORT + "/machine_pin_prefix.h", "--output-source", files[0], "--output-header", files[1],
                  "--output-af-const", files[2]], MPY_DIR=MPY_DIR, **environment)
    return (result.returncode, result.stdout + result.stderr, *(read(f) if os.path.exists(f) else "" for f in files))


GOOD = "# a comment\nLED,PA1\nPA1,PA1\nRX,PA10\n\n,PB14\n-HIDDEN,PC0\n"
status, said, source, header, constants = make_pins(GOOD)
tap.equal("a good one", (status, said), (0, ""))
tap.equal("pins", re.findall(r"machine_pin_obj_t pin_(\w+)_obj = (.*);", source),
          [("A1", "MACHINE_PIN(A1, 'A', 1, 1, 17)"), ("A10", "MACHINE_PIN(A10, 'A', 10, 0, 0)"),
           ("B14", "MACHINE_PIN(B14, 'B', 14, 0, 0)"), ("C0", "MACHINE_PIN(C0, 'C', 0, 3, 10)")])
names = source[source.index("machine_pin_board_pins_locals_dict_table"):]
tap.equal("names of the board", re.findall(r"QSTR_(\w+)\).*\(pin_(\w+)\)", names), [("LED", "A1"), ("PA1", "A1"), ("RX", "A10")])
functions = source[source.index("pin_A10_af"):source.index("pin_B14_af")]
tap.equal("functions", re.findall(r"AF\((.*)\)", functions),
          ["1, AF1_TIM1, TIM, 1, TIM_CH3", "3, AF3_LPUART1, LPUART, 1, LPUART_RX", "7, AF7_USART1, UART, 1, UART_RX"])
for constant in ("AF7_USART1), MP_ROM_INT(7)", "AF4_USART1), MP_ROM_INT(4)", "AF5_SPI2), MP_ROM_INT(5)"):
    tap.check("constant " + constant, constant in constants, constants)
tap.equal("each constant once", len(constants.splitlines()), len(set(constants.splitlines())))
tap.check("the same input, the same output",
          make_pins(GOOD, PYTHONHASHSEED="1") == make_pins(GOOD, PYTHONHASHSEED="2") == (status, said, source, header, constants))

for name, rows, message in (
        ("no such port", "X,PL1\n", "no pin 'PL1' on this chip: PA0 to PK15"),
        ("no such number", "X,PA16\n", "no pin 'PA16' on this chip: PA0 to PK15"),
        ("not in the chip's table", "X,PK15\n", "no pin 'PK15' on this chip"),
        ("analog pads", "X,PA0_C\n", "no pin 'PA0_C' on this chip"),
        ("a name that is none", "2X,PA1\n", "'2X' cannot be the name of a pin"),
        ("the same name twice", "X,PA1\nX,PA2\n", "'X' is PA1 and PA2"),
        ("not two columns", "X,PA1,1\n", "Expecting two entries in each row")):
    status, said, *_ = make_pins(rows)
    tap.check(name, status == 1 and message in said and said.count("\n") == 1, (status, said))
sys.exit(tap.done())
