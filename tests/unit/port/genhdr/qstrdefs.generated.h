/* SPDX-License-Identifier: MIT */

/* In place of what MicroPython's make files would generate: the names that py/gc.c and the headers
 * that it includes mention. */
QDEF0(MP_QSTRnull, 0, 0, "")
QDEF0(MP_QSTR_, 5, 0, "")
QDEF1(MP_QSTR___del__, 0, 7, "__del__")
