"""Runs every configuration of the memory path on the virtual board and writes the table of docs/corruption.md.

What is run: each program of firmware/hazards once for each seed, and, for the original project's timing, each margin that it
breaks alone at its worst case. Nothing is judged here: tests/board/test_hazards.py says what must hold."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import wave  # this folder's

TESTS = ("memtest8", "memtest16", "memtest32", "memtest64", "copies")
MARGINS = ("tCHD", "tCPH", "tCEM", "voltage-scale", "pll-input-range")
# Virtual time; the slowest, on HSI without PLL, is done in half of it. One that faults and resets goes on to the end.
LIMIT = "6"
BEGIN, END = "<!-- matrix:begin -->", "<!-- matrix:end -->"


def run(vboard, elf, seed, options=()):
    """One run: what each test said, and the board's figures."""
    command = [vboard, "--limit", LIMIT, "--seed", str(seed), "--stats=json", *options, elf]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
    out = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    result = {"seed": seed, "options": list(options), "status": done.returncode, "tests": {}}
    for name in TESTS:
        match = re.search(r"^%s (pass|fail.*)$" % name, out, re.MULTILINE)
        result["tests"][name] = match.group(1) if match else "not reached"
    result["cycles"] = [int(n) for n in re.findall(r"^cycles (\d+)$", out, re.MULTILINE)]
    fault = re.search(r"^(\w+Fault|\w+ fault)$", out, re.MULTILINE)
    result["fault"] = fault.group(1) if fault else ("not mapped" if "not mapped" in out else None)
    stats = re.search(r"^\{$.*^\}$", done.stderr.decode("utf-8", "replace"), re.MULTILINE | re.DOTALL)
    result["stats"] = json.loads(stats.group(0)) if stats else {}
    return result


def failing(results):
    """(how many runs had an error, a description of the first one)."""
    bad = [r for r in results if r["fault"] or any(t != "pass" for t in r["tests"].values())]
    if not bad:
        return 0, ""
    first = bad[0]
    if first["fault"]:
        return len(bad), first["fault"]
    name = next(t for t in TESTS if first["tests"][t] != "pass")
    match = re.search(r"(\d+) errors, first at (0x\w+) written 0x(\w+) read 0x(\w+)", first["tests"][name])
    if not match:
        return len(bad), "%s %s" % (name, first["tests"][name])
    digits = {"memtest8": 2, "memtest16": 4, "memtest32": 8, "memtest64": 16, "copies": 2}[name]
    return len(bad), "%s: %s errors, first at %s, written %s read %s" % (
        name, match.group(1), match.group(2), match.group(3)[-digits:], match.group(4)[-digits:])


def cell(results, name):
    passed = sum(r["tests"][name] == "pass" for r in results)
    return "pass" if passed == len(results) else "**%d of %d fail**" % (len(results) - passed, len(results))


def row(title, results):
    stats = results[0]["stats"]
    hazards = ", ".join("%s %d" % (c["name"], c["count"]) for c in stats.get("complaints", ()) if c["class"] == "hazard")
    _, first = failing(results)
    cycles = results[0]["cycles"]
    return "| %s | %s | %s | %s | %s |" % (
        title, " | ".join(cell(results, t) for t in TESTS), "%.1f M" % (cycles[2] / 1e6) if len(cycles) > 2 else "-", first or "-", hazards or "-")


def table(groups):
    lines = ["| Configuration | 8 bit | 16 bit | 32 bit | 64 bit | copies | Cycles, 32 bit | First error (first seed) | Hazards counted (first seed) |",
             "|---|---|---|---|---|---|---|---|---|"]
    return "\n".join(lines + [row(title, results) for title, results in groups])


def draw_first_partial_beat(vboard, elf, result, svg):
    """Records the moment of the first partial beat of a run once more, and draws it."""
    first = next(c for c in result["stats"]["complaints"] if c["name"] == "partial-beat")
    address, strobes = (int(n, 16) for n in re.search(r"at (0x\w+) with byte strobes (0x\w+)", first["text"]).groups())
    with tempfile.TemporaryDirectory() as folder:
        vcd = os.path.join(folder, "beat.vcd")
        subprocess.run([vboard, "--seed", str(result["seed"]), "--limit", "%.9f" % (first["at"] + 20e-6), "--vcd", vcd,
                        "--vcd-from", "%.9f" % (first["at"] - 20e-6), elf], stdin=subprocess.DEVNULL, capture_output=True, check=False)
        title = "Partial beat at 0x%08X, %.6f s after power-on: strobes 0x%02X" % (address, first["at"], strobes)
        wave.write_svg(vcd, svg, address & 0xFFFFFF, strobes, title)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vboard", required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json")
    parser.add_argument("--document")
    parser.add_argument("--picture")
    parser.add_argument("elf", nargs="+")
    args = parser.parse_args()
    seeds = range(1, args.seeds + 1)
    names = {os.path.splitext(os.path.basename(elf))[0]: elf for elf in args.elf}
    jobs = [(name, elf, ()) for name, elf in names.items()]
    jobs += [("%s, partial=%s" % (n, rule), names[n], ("--partial", rule))
             for n in ("cured", "read_allocate") if n in names for rule in ("stale", "mask")]
    if "original_timing" in names:
        jobs += [("original_timing, %s bites" % m, names["original_timing"], ("--hazard", m + "=bite")) for m in MARGINS]
        jobs += [("original, worst case", names["original"], ("--worst-case",))] if "original" in names else []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        pending = [(title, [pool.submit(run, args.vboard, elf, seed, options) for seed in seeds]) for title, elf, options in jobs]
        groups = [(title, [f.result() for f in futures]) for title, futures in pending]
    text = table(groups)
    print(text)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as out:
            json.dump({title: results for title, results in groups}, out, indent=1)
    if args.picture:
        draw_first_partial_beat(args.vboard, names["read_allocate"], dict(groups)["read_allocate"][0], args.picture)
    if args.document:
        with open(args.document, encoding="utf-8") as source:
            document = source.read()
        head, rest = document.split(BEGIN)
        tail = rest.split(END)[1]
        with open(args.document, "w", encoding="utf-8") as out:
            out.write("%s%s\n%s\n%s%s" % (head, BEGIN, text, END, tail))
    return 0


if __name__ == "__main__":
    sys.exit(main())
