/* SPDX-License-Identifier: MIT */

#include "py/builtin.h"

const char port_help_text[] =
    "Welcome to MicroPython on the STM32H7A3 with SPI RAM!\n"
    "\n"
    "For online help please visit http://micropython.org/help/.\n"
    "\n"
    "The heap lies in the SPI RAM, small objects in internal RAM, if the start-up\n"
    "messages say 'memtest pass':\n"
    "  import gc; gc.mem_free()     -- bytes free, about 9.18 million\n"
    "  import micropython; micropython.mem_info()\n"
    "  import spiram; help(spiram)  -- the chip, its test, where the heap lies\n"
    "\n"
    "Control commands:\n"
    "  CTRL-A        -- on a blank line, enter raw REPL mode\n"
    "  CTRL-B        -- on a blank line, enter normal REPL mode\n"
    "  CTRL-C        -- interrupt a running program\n"
    "  CTRL-D        -- on a blank line, do a soft reset\n"
    "  CTRL-E        -- on a blank line, enter paste mode\n"
    "\n"
    "For further help on a specific object, type help(obj)\n"
    "For a list of available modules, type help('modules')\n";
