/* SPDX-License-Identifier: MIT */

/*
 * What happened before there was a console: lines kept in RAM, printed once when the console is up.
 * Thread code only. Kept over soft resets, lost at a reset.
 */
#ifndef PORT_BOOTLOG_H
#define PORT_BOOTLOG_H

#include <stddef.h>

/* Formats as mp_printf does; the line must end with \n. What does not fit is cut off. */
void bootlog_printf(const char *format, ...);

/* The whole log, without a final 0. */
const char *bootlog_text(size_t *length);

/* Writes to the console what has come since the last time. */
void bootlog_print(void);

#endif
