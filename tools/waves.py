"""Draws the kinds of frames that the start of the firmware sends to the PSRAM, as a logic analyser shows them: for
docs/hardware.md. `make waves` records them on the virtual board.

usage: tools/waves.py FILE.vcd DIRECTORY
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "firmware", "hazards"))

from wave import NAMES, frames, read  # noqa: E402

LEFT, TOP, ROW, HIGH, CLOCK = 60, 46, 34, 20, 16

# Name, title, lines of the command, its code, and what follows it: (label, clocks, whether a byte takes 8 clocks or 2).
KINDS = (
    ("reset", "Reset enable on one line", 1, 0x66, ()),
    ("id", "Read ID on one line: 9F, 24 bits of address that do not matter, the answer on IO1", 1, 0x9F,
     (("address", 24, 8), ("answer on IO1", 64, 8))),
    ("qpi", "Enter four-line mode", 1, 0x35, ()),
    ("write", "Write, four lines: command, address, data", 4, 0x38, (("address", 6, 2), ("data", None, 2))),
    ("read", "Read, four lines: command, address, six clocks to wait, data from the chip", 4, 0xEB,
     (("address", 6, 2), ("wait", 6, 0), ("data from the chip", None, 2))),
)


def command(frame, lines):
    clocks = 8 // lines
    if len(frame[2]) < clocks:
        return None
    code = 0
    for _, nibble in frame[2][:clocks]:
        code = code << lines | nibble & (1 << lines) - 1
    return code


def fields(frame, lines, rest):
    """(label, first clock, last clock + 1, text) of each phase."""
    edges = [nibble for _, nibble in frame[2]]
    at = 8 // lines
    yield "command", 0, at, "%02X" % command(frame, lines)
    for label, clocks, each in rest:
        end = at + clocks if clocks else len(edges)
        if each == 8:
            bit = 1 if "IO1" in label else 0
            bits = [nibble >> bit & 1 for nibble in edges[at:end]]
            text = " ".join("%02X" % int("".join(map(str, bits[n : n + 8])), 2) for n in range(0, len(bits), 8))
        elif each == 2:
            text = " ".join("%X%X" % tuple(edges[n : n + 2]) for n in range(at, end - 1, 2))
        else:
            text = ""
        yield label, at, end, text
        at = end


def draw(frame, lines, rest, title):
    fall, rise, edges, inside = frame
    clock = edges[1][0] - edges[0][0]
    start, stop = fall - 2 * clock, rise + 2 * clock
    width = LEFT + int((stop - start) / clock * CLOCK) + 20

    def x(time):
        return LEFT + (time - start) * CLOCK / clock

    height = TOP + ROW * len(NAMES) + 62
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="monospace" font-size="12">' % (max(width, 620), height),
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="10" y="20" font-size="14">%s</text>' % title,
           '<text x="10" y="36">CLK %.4g MHz, nCS low for %.4g us</text>' % (1e6 / clock, (rise - fall) / 1e6)]
    idle = dict(inside[-1][1], CLK="0")
    for row, name in enumerate(NAMES):
        y = TOP + row * ROW
        out.append('<text x="10" y="%d">%s</text>' % (y + 15, name))
        points, last = [], None
        before = dict(idle, nCS="1")
        for time, level in [(start, before)] + inside + [(stop, inside[-1][1])]:
            here = y + {"1": 0, "0": HIGH, "z": HIGH / 2}[level[name]]
            if last is not None and here != last:
                points.append("%.1f,%.1f" % (x(time), last))
            points.append("%.1f,%.1f" % (x(time), here))
            last = here
        out.append('<polyline fill="none" stroke="black" points="%s"/>' % " ".join(points))
    y = TOP + len(NAMES) * ROW
    for label, first, end, text in fields(frame, lines, rest):
        left, right = x(edges[first][0] - clock / 2), x(edges[end - 1][0] + clock / 2)
        middle = (left + right) / 2
        out.append('<rect x="%.1f" y="%d" width="%.1f" height="20" fill="none" stroke="#06a"/>' % (left + 1, y, right - left - 2))
        out.append('<text x="%.1f" y="%d" text-anchor="middle">%s</text>' % (middle, y + 15, text))
        out.append('<text x="%.1f" y="%d" text-anchor="middle" fill="#06a">%s</text>' % (middle, y + 40, label))
    return "\n".join(out) + "\n</svg>\n"


def main(vcd, directory):
    recorded = frames(read(vcd))
    for name, title, lines, code, rest in KINDS:
        least = 8 // lines + sum(clocks or 2 for _, clocks, _ in rest)
        exact = not rest
        for frame in recorded:
            if command(frame, lines) == code and (len(frame[2]) == least if exact else len(frame[2]) >= least):
                with open(os.path.join(directory, "wave-%s.svg" % name), "w", encoding="utf-8") as out:
                    out.write(draw(frame, lines, rest, title))
                break
        else:
            sys.exit("waves.py: no frame '%s' in %s" % (name, vcd))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
