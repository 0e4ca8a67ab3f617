/* SPDX-License-Identifier: MIT */

/*
 * The grid of a tuning as a picture, "shmoo plot" to those who test chips: rows are clocks, columns
 * the points of spiram_tune.h, with the point that was chosen marked. Piece by piece through a
 * callback, nothing is kept.
 */
#ifndef SPIRAM_SHMOO_H
#define SPIRAM_SHMOO_H

#include "spiram_tune.h"

struct spiram_shmoo {
    const struct spiram_tune_row *rows;
    size_t row_count;
    const struct spiram_bus_limits *limits;
    const struct spiram_tuning *chosen; /* NULL: no point of it was good enough */
    void (*print)(void *context, const char *text, size_t length);
    void *context;
};

/* Lines end with \n. `#` good, `.` bad, `O` chosen. */
void spiram_shmoo_text(const struct spiram_shmoo *shmoo);

/* One SVG 1.1 document, for a browser or a page of documentation. */
void spiram_shmoo_svg(const struct spiram_shmoo *shmoo);

#endif
