#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Are the widths that the memory test names the widths that the processor executes? Looks at the machine code of the
# loops of firmware/spiram/spiram_test.c: each may access the memory under test with its own width only, and may not
# call anything (a compiler likes to make memset, or wider stores, of narrow ones).
#
# Looked at: the file compiled at -O2 and -Os, and the board's firmware if it is there. Prints TAP.
set -u

cross=${CROSS_COMPILE:-arm-none-eabi-}
source=firmware/spiram/spiram_test.c
firmware=${BUILD:-build}/firmware/${BOARD:-DEVEBOX_STM32H7A3}/firmware.elf
work=${TEST_TMP:-$(mktemp -d)}
number=0

# One function's instructions, "mnemonic operands" a line; no width suffixes of the encoding (.n, .w).
code() {
    "${cross}objdump" -d --no-show-raw-insn "$1" |
        awk -v name="<$2>:" '$2 == name { found = 1; next } /^$/ { found = 0 }
            found { $1 = ""; sub(/^ /, ""); sub(/;.*|@.*/, ""); sub(/\.[nw] /, " "); print }'
}

# $1 file, $2 function, $3 mnemonic that it must use, $4 at least how often. Literals come through the program counter,
# and registers through the stack pointer: neither is the memory under test. A check function also stores *got once.
look_at() {
    number=$((number + 1))
    code "$1" "$2" >"$work/code"
    verdict=$(awk -v want="$3" -v least="$4" '
        { lines++ }
        /^(push|pop|stmdb sp!|ldmia sp!)/ || /\[(pc|sp)/ { next }
        /^(bl|blx) / { print "calls: " $0; exit }
        $1 == want { hits++; next }
        want ~ /^ldr/ && $1 == "str" && ++stores == 1 { next }
        /^(str|ldr|stm|ldm|vstr|vldr|vstm|vldm|strex|ldrex)/ { print "other access: " $0; exit }
        END { if (!lines) print "not found"; else if (hits < least) print hits + 0 " times " want ", not " least }
        ' "$work/code")
    if [ -z "$verdict" ]; then
        echo "ok $number - $2 uses $3 only, in $(basename "$1")"
    else
        echo "not ok $number - $2 uses $3 only, in $(basename "$1")"
        echo "# $verdict"
    fi
}

look_at_all() {
    look_at "$1" fill8 strb 4
    look_at "$1" fill16 strh 2
    look_at "$1" fill32 str 1
    look_at "$1" check8 ldrb 4
    look_at "$1" check16 ldrh 2
    look_at "$1" check32 ldr 1
}

for level in 2 s; do
    "${cross}gcc" -std=c11 -mcpu=cortex-m7 -mthumb -O$level -c $source -o "$work/O$level.o" || exit 1
    look_at_all "$work/O$level.o"
done
if [ -f "$firmware" ]; then
    look_at_all "$firmware"
fi
echo "1..$number"
