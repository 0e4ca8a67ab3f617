/* SPDX-License-Identifier: MIT */

/* The collector needs nothing of it. */
