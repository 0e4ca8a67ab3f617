/* SPDX-License-Identifier: MIT */

#include "spiram_shmoo.h"

#include <string.h>

#define KHZ_PER_HZ  1000U
#define CLOCK_WIDTH 9U /* columns of text in front of a row: "132.812  " */

static void put(const struct spiram_shmoo *s, const char *text)
{
    s->print(s->context, text, strlen(text));
}

/* At least `digits` digits. No printf(): not every target of this library has one. */
static void put_number(const struct spiram_shmoo *s, uint32_t value, unsigned digits)
{
    char text[11];
    size_t at = sizeof text;
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || sizeof text - at < digits);
    s->print(s->context, &text[at], sizeof text - at);
}

/* MHz with three digits behind the point; cut, so that 133 MHz is never said of less. */
static void put_clock(const struct spiram_shmoo *s, uint32_t hz)
{
    uint32_t khz = hz / KHZ_PER_HZ;
    put_number(s, khz / 1000, 1);
    put(s, ".");
    put_number(s, khz % 1000, 3);
}

static bool is_chosen(const struct spiram_shmoo *s, const struct spiram_tune_row *row,
                      unsigned point)
{
    return s->chosen != NULL && s->chosen->clock_hz == row->clock_hz && s->chosen->point == point;
}

/* The same in both pictures: what the columns are. */
static void put_legend(const struct spiram_shmoo *s)
{
    unsigned taps = s->limits->sample_taps;
    put(s, "0: sampled at the rising edge");
    if (taps == 0) {
        put(s, "; 1: half a clock later");
        return;
    }
    put(s, "; 1 to ");
    put_number(s, taps, 1);
    put(s, ": taps of the delay line; from ");
    put_number(s, taps + 1, 1);
    put(s, " on: half a clock later, taps ");
    put_number(s, taps / 2 + 1, 1);
    put(s, " to ");
    put_number(s, taps, 1);
}

static void put_spaces(const struct spiram_shmoo *s, unsigned count)
{
    while (count-- > 0) {
        put(s, " ");
    }
}

/* The digit of that weight of each column's number. */
static void put_column_digits(const struct spiram_shmoo *s, unsigned weight)
{
    for (unsigned point = 0; point < spiram_tune_points(s->limits); point++) {
        if (weight > 1 && point < weight) {
            put(s, " ");
        } else {
            put_number(s, point / weight % 10, 1);
        }
    }
    put(s, "\n");
}

void spiram_shmoo_text(const struct spiram_shmoo *s)
{
    unsigned points = spiram_tune_points(s->limits);

    put_spaces(s, CLOCK_WIDTH);
    put_column_digits(s, 10);
    put(s, "MHz      ");
    put_column_digits(s, 1);
    for (size_t n = 0; n < s->row_count; n++) {
        const struct spiram_tune_row *row = &s->rows[n];
        uint32_t mhz = row->clock_hz / 1000000U;
        put_spaces(s, mhz < 10 ? 2 : mhz < 100 ? 1 : 0);
        put_clock(s, row->clock_hz);
        put_spaces(s, 2);
        for (unsigned point = 0; point < points; point++) {
            put(s, is_chosen(s, row, point) ? "O" : row->good >> point & 1U ? "#" : ".");
        }
        put(s, "\n");
    }
    put(s, "# good  . bad  O chosen\n");
    put_legend(s);
    put(s, "\n");
}

/* In units of the picture. */
#define CELL      18U
#define LEFT      90U
#define TOP       60U
#define BOTTOM    50U
#define RIGHT     20U
#define MIN_WIDTH 560U /* for the legend */
#define BASELINE  13U  /* of a text in its cell */

static void put_attribute(const struct spiram_shmoo *s, const char *name, uint32_t value)
{
    put(s, " ");
    put(s, name);
    put(s, "=\"");
    put_number(s, value, 1);
    put(s, "\"");
}

static void put_text_at(const struct spiram_shmoo *s, uint32_t x, uint32_t y, const char *anchor)
{
    put(s, "<text");
    put_attribute(s, "x", x);
    put_attribute(s, "y", y);
    put(s, " text-anchor=\"");
    put(s, anchor);
    put(s, "\">");
}

static void put_svg_row(const struct spiram_shmoo *s, size_t n)
{
    const struct spiram_tune_row *row = &s->rows[n];
    uint32_t y = TOP + (uint32_t)n * CELL;

    put_text_at(s, LEFT - 8, y + BASELINE, "end");
    put_clock(s, row->clock_hz);
    put(s, "</text>\n");
    for (unsigned point = 0; point < spiram_tune_points(s->limits); point++) {
        uint32_t x = LEFT + point * CELL;
        put(s, "<rect");
        put_attribute(s, "x", x);
        put_attribute(s, "y", y);
        put_attribute(s, "width", CELL - 1);
        put_attribute(s, "height", CELL - 1);
        put(s, row->good >> point & 1U ? " fill=\"#5a9e5a\"/>\n" : " fill=\"#dddddd\"/>\n");
        if (is_chosen(s, row, point)) {
            put(s, "<circle");
            put_attribute(s, "cx", x + CELL / 2 - 1);
            put_attribute(s, "cy", y + CELL / 2 - 1);
            put_attribute(s, "r", CELL / 3);
            put(s, " fill=\"#ffffff\" stroke=\"#000000\"/>\n");
        }
    }
}

void spiram_shmoo_svg(const struct spiram_shmoo *s)
{
    unsigned points = spiram_tune_points(s->limits);
    uint32_t width = LEFT + points * CELL + RIGHT;
    uint32_t height = TOP + (uint32_t)s->row_count * CELL + BOTTOM;

    put(s, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
    put_attribute(s, "width", width < MIN_WIDTH ? MIN_WIDTH : width);
    put_attribute(s, "height", height);
    put(s, " font-family=\"sans-serif\" font-size=\"11\">\n"
           "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    put_text_at(s, LEFT, 20, "start");
    if (s->chosen == NULL) {
        put(s, "no clock with a sampling point that is good enough");
    } else {
        put(s, "chosen: ");
        put_clock(s, s->chosen->clock_hz);
        put(s, " MHz, point ");
        put_number(s, s->chosen->point, 1);
        put(s, ", ");
        put_number(s, spiram_tuning_margin(s->chosen), 1);
        put(s, " steps to the nearer end");
    }
    put(s, "</text>\n");
    put_text_at(s, LEFT - 8, TOP - 6, "end");
    put(s, "CLK, MHz</text>\n");
    for (unsigned point = 0; point < points; point++) {
        put_text_at(s, LEFT + point * CELL + CELL / 2, TOP - 6, "middle");
        put_number(s, point, 1);
        put(s, "</text>\n");
    }
    for (size_t n = 0; n < s->row_count; n++) {
        put_svg_row(s, n);
    }
    put_text_at(s, LEFT, height - BOTTOM + 20, "start");
    put_legend(s);
    put(s, "</text>\n</svg>\n");
}
