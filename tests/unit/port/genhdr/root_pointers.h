/* SPDX-License-Identifier: MIT */

/* No module has a root pointer here. */
