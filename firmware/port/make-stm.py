#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
What module stm knows, from CMSIS-style device headers: where peripherals are, and where in them their registers.

usage: make-stm.py HEADER... >stm_tables.h

For a member REG of the structure NAME_TypeDef there is NAME_REG, its offset; for REG[n], NAME_REG0 and so on; for
`#define NAME ((NAME_TypeDef *)ADDRESS)` there is NAME, its address. The compiler works them out: the output names them only.
"""

import re
import sys

STRUCT = re.compile(r"typedef struct \{(.*?)\} (\w+)_TypeDef;", re.S)
MEMBER = re.compile(r"volatile uint(?:8|16|32)_t (\w+)(?:\[(\d+)\])?;")
INSTANCE = re.compile(r"^#define (\w+) +(?:\(\(\w+_TypeDef \*\)0x[0-9A-F]+UL\)|GPIO_PORT\(\d+\))$", re.M)


def main():
    text = "".join(open(name).read() for name in sys.argv[1:])
    objects = []
    entries = []
    for name in INSTANCE.findall(text):
        objects.append("STM_ADDRESS(%s);" % name)
        entries.append("STM_INSTANCE(%s)" % name)
    for members, structure in STRUCT.findall(text):
        for register, count in MEMBER.findall(members):
            for n in range(int(count)) if count else [None]:
                at = register if n is None else "%s[%d]" % (register, n)
                name = "MP_QSTR_%s_%s" % (structure, register if n is None else "%s%d" % (register, n))
                entries.append("STM_REGISTER(%s, %s_TypeDef, %s)" % (name, structure, at))
    if not objects:
        sys.exit("make-stm.py: no peripheral found in %s" % " ".join(sys.argv[1:]))
    print("\n".join(objects))
    print("#define STM_ENTRIES \\")
    print(", \\\n".join("    " + entry for entry in entries))


main()
