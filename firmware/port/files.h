/* SPDX-License-Identifier: MIT */

/* The file system that the board starts with. */
#ifndef PORT_FILES_H
#define PORT_FILES_H

/*
 * At boot and each soft reset, after mp_init(): mounts the internal flash at /flash and makes that
 * the current directory, by the frozen module _boot.py. Never formats what may be somebody's
 * files; says in one line what is wrong.
 */
void files_start(void);

#endif
