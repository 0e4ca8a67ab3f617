#include "spec.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 24 bits of address are all that a command can carry. */
enum { LAST_ADDRESS = 0xFFFFFF, LAST_ADDRESS_LINE = 22, LAST_MBIT = 128 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number as C writes it; no sign, no space before it, which strtoull() would take. */
static bool number(const char **at, uint64_t max, uint64_t *out)
{
    char *end;

    if (!is_digit(**at))
        return false;
    errno = 0;
    *out = strtoull(*at, &end, (*at)[0] == '0' && (*at)[1] == 'x' ? 16 : 10);
    if (errno != 0 || *out > max)
        return false;
    *at = end;
    return true;
}

static bool decimal(const char **at, double *out)
{
    char *end;

    if (!is_digit(**at) && **at != '.')
        return false;
    *out = strtod(*at, &end);
    if (end == *at || !isfinite(*out))
        return false;
    *at = end;
    return true;
}

const char *spec_time(const char *text, vtime *out)
{
    static const struct {
        const char *name;
        vtime unit;
    } units[] = {
        {"ms", VTIME_MS}, {"us", VTIME_US}, {"ns", VTIME_NS}, {"s", VTIME_S}, {"", VTIME_S}};
    double value;
    unsigned i = 0;

    if (!decimal(&text, &value) || value > 1e7)
        return NULL;
    while (strncmp(text, units[i].name, strlen(units[i].name)) != 0)
        i++;
    *out = (vtime)(value * (double)units[i].unit);
    return text + strlen(units[i].name);
}

/* ---- values: each takes its text from *at, false if that is none ---- */

static bool take_line(const char **at, struct spec_args *a)
{
    static const char *const names[] = {
        [SPEC_IO0] = "io0", [SPEC_IO1] = "io1", [SPEC_IO2] = "io2",
        [SPEC_IO3] = "io3", [SPEC_CLK] = "clk", [SPEC_NCS] = "ncs",
    };

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(*at, names[i], 3) == 0) {
            *at += 3;
            a->line[a->lines++] = i;
            return true;
        }
    }
    return false;
}

static bool take_io(const char **at, struct spec_args *a)
{
    return take_line(at, a) && a->line[a->lines - 1] <= SPEC_IO3;
}

static bool take_address_line(const char **at, struct spec_args *a)
{
    uint64_t n;

    if (**at != 'A')
        return false;
    ++*at;
    if (!number(at, LAST_ADDRESS_LINE, &n))
        return false;
    a->line[a->lines++] = (unsigned)n;
    return true;
}

static bool take_level(const char **at, struct spec_args *a)
{
    uint64_t n;

    if (!number(at, 1, &n))
        return false;
    a->level = n != 0;
    return true;
}

static bool take_rate(const char **at, struct spec_args *a)
{
    return decimal(at, &a->rate) && a->rate > 0 && a->rate <= 1;
}

static bool take_time(const char **at, struct spec_args *a)
{
    const char *end = spec_time(*at, &a->time);

    if (end != NULL)
        *at = end;
    return end != NULL;
}

static bool take_address(const char **at, struct spec_args *a)
{
    uint64_t n;

    if (!number(at, LAST_ADDRESS, &n))
        return false;
    a->address = (uint32_t)n;
    return true;
}

static bool take_number(const char **at, struct spec_args *a)
{
    uint64_t n;

    if (!number(at, UINT32_MAX, &n) || n == 0)
        return false;
    a->number = (uint32_t)n;
    return true;
}

static bool take_bit(const char **at, struct spec_args *a)
{
    uint64_t n;

    if (!number(at, 7, &n))
        return false;
    a->bit = (unsigned)n;
    return true;
}

static bool take_mbit(const char **at, struct spec_args *a)
{
    uint64_t n;

    if (!number(at, LAST_MBIT, &n) || n < 16 || (n & (n - 1)) != 0)
        return false;
    a->mbit = (unsigned)n;
    return true;
}

static const struct value {
    const char *name, *what;
    bool (*take)(const char **at, struct spec_args *a);
} values[] = {
    {"LINE", "one of io0 to io3, clk, ncs", take_line},
    {"IO", "one of io0 to io3", take_io},
    {"LEVEL", "0 or 1", take_level},
    {"RATE", "a probability, above 0 and up to 1", take_rate},
    {"TIME", "a virtual time such as 1.5, 20ms or 7us", take_time},
    {"ADDRESS", "within the chip, 0 to 0xffffff", take_address},
    {"BIT", "a number from 0 to 7", take_bit},
    {"MBIT", "16, 32, 64 or 128", take_mbit},
    {"NUMBER", "a number from 1 on", take_number},
    {"A", "an address line, A0 to A22", take_address_line},
};
enum { VALUES = sizeof values / sizeof values[0] };

/* The value whose name form begins with, NULL if it begins with something that stands for itself.
 */
static const struct value *value_at(const char *form)
{
    size_t n = strspn(form, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    for (unsigned i = 0; n != 0 && i < VALUES; i++) {
        if (strlen(values[i].name) == n && strncmp(values[i].name, form, n) == 0)
            return &values[i];
    }
    return NULL;
}

/* ---- rows ---- */

bool spec_is(const struct spec_row *row, const char *text)
{
    size_t n = strlen(row->name);

    return strncmp(text, row->name, n) == 0 && (text[n] == ':' || text[n] == '\0');
}

static const char *colon(const struct spec_row *row)
{
    return row->form[0] != '\0' ? ":" : "";
}

bool spec_read(const struct spec_row *row, const char *text, struct spec_args *out, char *error,
               size_t error_size)
{
    const char *at = text + strlen(row->name), *form = row->form;

    *out = (struct spec_args){0};
    if (*form != '\0' && *at == ':')
        at++;
    while (*form != '\0') {
        const struct value *v = value_at(form);

        if (v != NULL && !v->take(&at, out)) {
            snprintf(error, error_size, "fault '%s' wants %s:%s, where %s is %s", text, row->name,
                     row->form, v->name, v->what);
            return false;
        }
        if (v == NULL && *at++ != *form)
            break;
        form += v != NULL ? strlen(v->name) : 1;
    }
    if (*form != '\0' || *at != '\0') {
        snprintf(error, error_size, "fault '%s' wants %s%s%s%s", text, row->name, colon(row),
                 row->form, *form == '\0' ? " and nothing more" : "");
        return false;
    }
    if (out->lines == 2 && out->line[0] == out->line[1]) {
        snprintf(error, error_size, "fault '%s' wants %s:%s with two different lines", text,
                 row->name, row->form);
        return false;
    }
    return true;
}

void spec_print(const struct spec_row *row, FILE *out)
{
    fprintf(out, "%s%s%-*s %s\n", row->name, colon(row),
            (int)(24 - strlen(row->name) - strlen(colon(row))), row->form, row->help);
}

void spec_print_values(FILE *out)
{
    for (unsigned i = 0; i < VALUES; i++)
        fprintf(out, "  %-8s %s\n", values[i].name, values[i].what);
}

/* ---- draws ---- */

/* splitmix64: any state is a good one, so seeds need no care. */
static uint64_t draw(struct spec_draw *d)
{
    uint64_t z = d->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void spec_draw_init(struct spec_draw *d, uint64_t seed, uint64_t which)
{
    struct spec_draw mixed = {which};

    d->state = seed ^ draw(&mixed);
}

bool spec_draw_event(struct spec_draw *d, double rate)
{
    /* 53 bits, as many as a double holds: 1 is never reached, so that rate 1 is always true. */
    return (double)(draw(d) >> 11) * 0x1p-53 < rate;
}

uint32_t spec_draw_below(struct spec_draw *d, uint32_t n)
{
    return (uint32_t)((draw(d) >> 32) * n >> 32);
}
