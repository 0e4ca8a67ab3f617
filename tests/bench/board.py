# Runs on the board; prints "name value" lines for bench.py. Times are of the board's own clock.
import gc
import micropython
from machine import mem32
from time import ticks_diff, ticks_us

# RM0455: OCTOSPI1_DCR2 holds the prescaler. Its kernel clock is PLL2's R output or HCLK (RCC_CDCCIPR, OCTOSPISEL).
OCTOSPI1_DCR2 = 0x5200500C
RCC = 0x58024400


def kernel_clock():
    if mem32[RCC + 0x4C] >> 4 & 3 == 0:
        return 280000000
    m = mem32[RCC + 0x28] >> 12 & 63
    n = (mem32[RCC + 0x38] & 511) + 1
    r = (mem32[RCC + 0x38] >> 24 & 127) + 1
    return 25000000 // m * n // r


print("psram.clock_hz", kernel_clock() // ((mem32[OCTOSPI1_DCR2] & 255) + 1))

# A megabyte that the heap, nearly empty, does not use.
FREE = 0x90400000
SIZE = 1 << 20


@micropython.viper
def read_lines(base: int, size: int):
    p = ptr32(base)
    i = 0
    end = size >> 2
    while i < end:
        p[i]
        i += 8


@micropython.viper
def write_lines(base: int, size: int):
    p = ptr32(base)
    i = 0
    end = size >> 2
    while i < end:
        p[i] = i
        p[i + 1] = i
        p[i + 2] = i
        p[i + 3] = i
        p[i + 4] = i
        p[i + 5] = i
        p[i + 6] = i
        p[i + 7] = i
        i += 8


def elapsed(what, *arguments):
    gc.collect()
    start = ticks_us()
    what(*arguments)
    return ticks_diff(ticks_us(), start)


print("psram.read_ns", elapsed(read_lines, FREE, SIZE) * 1000 / SIZE)
print("psram.write_ns", elapsed(write_lines, FREE, SIZE) * 1000 / SIZE)

print("gc.empty_ms", elapsed(gc.collect) / 1000)


# Buffers first: a pointer that is left on the stack keeps one of them, but would keep half of a chain of lists.
full = [bytearray(65536) for _ in range(gc.mem_free() * 15 // 16 // 65536)]
print("gc.buffers_ms", elapsed(gc.collect) / 1000)
full = None
gc.collect()


def pointers():
    """Fills the heap with lists of 16 pointers each."""
    last = None
    for _ in range(gc.mem_free() * 15 // 16 // 80):
        last = [last, last, last, last, last, last, last, last, last, last, last, last, last, last, last, last]
    return last


full = pointers()
print("gc.pointers_ms", elapsed(gc.collect) / 1000)
