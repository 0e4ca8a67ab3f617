# Runs on the board; prints "name value" lines for performance.py. Times are milliseconds of the board's own clock.
import gc
from time import ticks_diff, ticks_us

# So much is filled with objects, if the heap has it.
FILL = 7500000


def elapsed(what, *arguments):
    start = ticks_us()
    what(*arguments)
    return ticks_diff(ticks_us(), start) / 1000


def collect():
    """What a function leaves on the stack may look like a pointer: the first collection clears up, the second counts."""
    gc.collect()
    return elapsed(gc.collect)


def room():
    gc.collect()
    return min(FILL, gc.mem_free() * 15 // 16)


def lists():
    """Lists of 16 pointers each, each holding the one before."""
    last = None
    for _ in range(room() // 80):
        last = [last, last, last, last, last, last, last, last, last, last, last, last, last, last, last, last]
    return last


def numbers(n):
    for i in range(n):
        float(i)


def pairs(n):
    for i in range(n):
        [i]


gc.disable()
print("free", gc.mem_free())
print("empty", collect())
full = lists()
print("lists", collect())
full = None
print("garbage", elapsed(gc.collect))
full = [bytearray(65536) for _ in range(room() // 65536)]
print("buffers", collect())
full = None
gc.collect()
full = bytearray(room())
print("buffer", collect())
full = None
gc.collect()

# Allocation in an empty heap, and behind two megabytes of objects that stay, with a collection every so often.
gc.enable()
print("floats", elapsed(numbers, 100000))
print("pairs", elapsed(pairs, 100000))
gc.collect()
full = [[i] for i in range(min(40000, room() // 100))]
gc.collect()
print("floats_behind", elapsed(numbers, 20000))
print("pairs_behind", elapsed(pairs, 20000))
