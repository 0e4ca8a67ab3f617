"""Draws a beat of 8 bytes and what surrounds it, of a QPI write in a recorded VCD, as SVG: nCS, CLK, IO0 to IO3, the bytes."""

import argparse
import re
import sys

NAMES = ("nCS", "CLK", "IO0", "IO1", "IO2", "IO3")
LEFT, TOP, ROW, HIGH = 60, 46, 34, 20
WIDTH = 1120


def read(path):
    """Changes as (time in ps, {name: level}) in order; levels are '0', '1' and 'z'."""
    ids, changes, now = {}, [], 0
    with open(path, encoding="ascii") as source:
        for line in source:
            variable = re.match(r"\$var wire 1 (\S) (\S+) \$end", line)
            if variable:
                ids[variable.group(1)] = variable.group(2)
            elif line.startswith("#"):
                now = int(line[1:]) * 100
            elif len(line) >= 3 and line[0] in "01z" and line[1] in ids:
                if not changes or changes[-1][0] != now:
                    changes.append((now, {}))
                changes[-1][1][ids[line[1]]] = line[0]
    return changes


def frames(changes):
    """Each frame as (fall, rise, [(time of rising edge of CLK, nibble)], changes within)."""
    level = {name: "z" for name in NAMES}
    found, fall, edges, inside = [], None, [], []
    for time, change in changes:
        before = dict(level)
        level.update(change)
        if before["nCS"] == "1" and level["nCS"] == "0":
            fall, edges, inside = time, [], [(time, dict(level))]
        elif fall is not None:
            inside.append((time, dict(level)))
            if before["CLK"] == "0" and level["CLK"] == "1":
                edges.append((time, sum((level["IO%d" % i] == "1") << i for i in range(4))))
            if level["nCS"] == "1":
                found.append((fall, time, edges, inside))
                fall = None
    return found


def draw(frame, address, beat, strobes, title):
    """address: of the frame's first data byte; beat: of the one to show, with as many bytes in front and to the frame's end."""
    fall, rise, edges, inside = frame
    clock = edges[1][0] - edges[0][0]
    first = max(0, beat - 8 - address)
    start = edges[8 + 2 * first][0] - clock / 2
    stop = min(rise + clock, edges[min(len(edges) - 1, 8 + 2 * (beat + 16 - address))][0] + 3 * clock)
    scale = (WIDTH - LEFT - 20) / (stop - start)

    def x(time):
        return LEFT + (time - start) * scale

    height = TOP + ROW * len(NAMES) + 60
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="monospace" font-size="12">' % (WIDTH, height),
           '<rect width="100%" height="100%" fill="white"/>', '<text x="10" y="20" font-size="14">%s</text>' % title]
    for row, name in enumerate(NAMES):
        y = TOP + row * ROW
        out.append('<text x="10" y="%d">%s</text>' % (y + 15, name))
        points, last = [], None
        visible = [(t, l) for t, l in inside if start < t < stop]
        before = [l for t, l in inside if t <= start][-1]
        after = visible[-1][1] if visible else before
        for time, level in [(start, before)] + visible + [(stop, after)]:
            here = y + {"1": 0, "0": HIGH, "z": HIGH / 2}[level[name]]
            if last is not None and here != last:
                points.append("%.1f,%.1f" % (x(time), last))
            points.append("%.1f,%.1f" % (x(time), here))
            last = here
        out.append('<polyline fill="none" stroke="black" points="%s"/>' % " ".join(points))
    y = TOP + len(NAMES) * ROW
    for index in range(first, (len(edges) - 8) // 2):
        time, high = edges[8 + 2 * index]
        low = edges[9 + 2 * index][1]
        lane = address + index - beat
        colour = "#444" if not 0 <= lane < 8 else "#06a" if strobes >> lane & 1 else "#c00"
        left, right = x(time - clock / 2), x(time + 3 * clock / 2)
        if right > WIDTH - 10:
            break
        out.append('<rect x="%.1f" y="%d" width="%.1f" height="20" fill="none" stroke="%s"/>' % (left + 1, y, right - left - 2, colour))
        out.append('<text x="%.1f" y="%d" text-anchor="middle" fill="%s">%X%X</text>' % ((left + right) / 2, y + 15, colour, high, low))
    out.append('<text x="10" y="%d">bytes</text>' % (y + 15))
    out.append('<text x="%d" y="%d" fill="#06a">carries data</text>' % (LEFT, y + 40))
    out.append('<text x="%d" y="%d" fill="#c00">no data: written all the same</text></svg>' % (LEFT + 130, y + 40))
    return "\n".join(out) + "\n"


def write_svg(vcd, svg, beat, strobes, title):
    """Draws the beat at an address on the wires; exits with a line if the recording has none."""
    for frame in frames(read(vcd)):
        nibbles = [n for _, n in frame[2]]
        if len(nibbles) < 10 or nibbles[:2] != [3, 8]:
            continue
        address = int("".join("%X" % n for n in nibbles[2:8]), 16)
        if address <= beat < address + (len(nibbles) - 8) // 2:
            with open(svg, "w", encoding="utf-8") as out:
                out.write(draw(frame, address, beat, strobes, title))
            return
    sys.exit("wave.py: no write at 0x%06x in %s" % (beat, vcd))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("vcd")
    parser.add_argument("svg")
    parser.add_argument("--beat", type=lambda t: int(t, 0), required=True, help="address of the beat, as on the wires")
    parser.add_argument("--strobes", type=lambda t: int(t, 0), default=0xFF, help="lanes that carried data")
    parser.add_argument("--title", default="")
    args = parser.parse_args()
    write_svg(args.vcd, args.svg, args.beat, args.strobes, args.title)
    return 0


if __name__ == "__main__":
    sys.exit(main())
