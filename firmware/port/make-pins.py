#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
The tables of machine.Pin: which pins the board has, their names, and what each can be connected to.

Input is the board's pins.csv (its format: tools/boardgen.py of MicroPython) and the table of alternate functions of
MicroPython's stm32 port, which follows ST's data sheet. Output is C: the pin objects and their dictionaries, a header with
their externs, and the class constants AF<n>_<peripheral>.
"""

import os
import re
import sys

# MicroPython's tools, from the tree in use.
sys.path.insert(0, os.path.join(os.environ["MPY_DIR"], "tools"))
import boardgen  # noqa: E402

# Signals that drivers look for: enum machine_pin_function and its signals in machine_pin.h. Others are reached by number.
SIGNALS = {
    "TIM": "CH1 CH2 CH3 CH4 CH1N CH2N CH3N ETR BKIN".split(),
    "I2C": "SDA SCL SMBA".split(),
    "I2S": "CK MCK SDI SDO WS".split(),
    "UART": "TX RX CTS RTS".split(),
    "LPUART": "TX RX CTS RTS".split(),
    "SPI": "MOSI MISO SCK NSS".split(),
    "SDMMC": "CK CMD D0 D1 D2 D3".split(),
    "CAN": "TX RX".split(),
}
ADC_COLUMN = 16


class Pin(boardgen.Pin):
    def __init__(self, cpu_pin_name):
        super().__init__(cpu_pin_name)
        self.functions = []  # (number, name of the constant, function, unit, signal)
        self.adc_units, self.adc_channel = 0, 0

    @staticmethod
    def validate_cpu_pin_name(name):
        match = re.fullmatch(r"P[A-K](\d+)(_C)?", name)
        if not match or int(match.group(1)) > 15:
            raise boardgen.PinGeneratorError("no pin '%s' on this chip: PA0 to PK15" % name)

    @staticmethod
    def validate_board_pin_name(name):
        if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            raise boardgen.PinGeneratorError("'%s' cannot be the name of a pin: letters, digits, _" % name)

    def name(self):
        return self._cpu_pin_name[1:]

    def add_af(self, af_idx, af_name, af):
        if af_idx >= ADC_COLUMN:
            return self.add_adc(af)
        for entry in af.split("/"):
            match = re.fullmatch(r"(\w*[A-Z])(\d+)_(\w+)", entry.strip())
            if not match:
                continue
            function, unit, signal = match.group(1).replace("FDCAN", "CAN"), int(match.group(2)), match.group(3)
            kind = function.replace("USART", "UART")
            if signal in SIGNALS.get(kind, ()):
                self.functions.append((af_idx, "AF%d_%s%d" % (af_idx, function, unit), kind, unit, signal))

    def add_adc(self, entries):
        """Positive inputs only; where a pin is several, the one that most converters reach."""
        for units, channel in re.findall(r"ADC(\d+)_INP(\d+)", entries):
            if len(units) > self.adc_units.bit_count():
                self.adc_units, self.adc_channel = sum(1 << (int(u) - 1) for u in units), int(channel)

    def definition(self):
        return "MACHINE_PIN(%s, '%s', %s, %d, %d)" % (
            self.name(), self.name()[0], self.name()[1:], self.adc_units, self.adc_channel)

    def print_source(self, out):
        print("\nstatic const machine_pin_af_obj_t pin_%s_af[] = {" % self.name(), file=out)
        for number, name, kind, unit, signal in self.functions:
            print("    MACHINE_PIN_AF(%d, %s, %s, %d, %s_%s)," % (number, name, kind, unit, kind, signal), file=out)
        print("};", file=out)


class PinGenerator(boardgen.PinGenerator):
    def __init__(self):
        super().__init__(pin_type=Pin, enable_af=True)

    # A board may call its pins as the chip calls others.
    def board_name_define_prefix(self):
        return "board_"

    def extra_args(self, parser):
        parser.add_argument("--output-af-const")

    def parse_af_csv(self, filename):
        super().parse_af_csv(filename, header_rows=2, pin_col=1, af_col=2)
        self.on_chip = list(self._pins)

    def parse_board_csv(self, filename):
        super().parse_board_csv(filename)
        seen = {}
        for pin in self._pins:
            if pin._available and (pin not in self.on_chip or pin.name().endswith("_C")):
                raise boardgen.PinGeneratorError("%s: no pin '%s' on this chip" % (filename, pin._cpu_pin_name))
            # Sorted, so that the same input gives the same image.
            pin._board_pin_names = sorted(pin._board_pin_names)
            for name, _ in pin._board_pin_names:
                if name in seen:
                    raise boardgen.PinGeneratorError("%s: '%s' is %s and %s" % (
                        filename, name, seen[name]._cpu_pin_name, pin._cpu_pin_name))
                seen[name] = pin

    def generate_extra_files(self):
        constants = sorted({f[1::-1] for pin in self.available_pins() for f in pin.functions})
        with open(self.args.output_af_const, "w") as out:
            for name, number in constants:
                print("{MP_ROM_QSTR(MP_QSTR_%s), MP_ROM_INT(%d)}," % (name, number), file=out)


if __name__ == "__main__":
    PinGenerator().main()
