# Runs on the board; prints "name value" lines for bench.py. Times are of the board's own clock.
import gc
from time import ticks_diff, ticks_us


def elapsed(what, *arguments):
    gc.collect()
    start = ticks_us()
    what(*arguments)
    return ticks_diff(ticks_us(), start)


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
