/* SPDX-License-Identifier: MIT */

#define BOARD_HEAP_PLAIN 0
