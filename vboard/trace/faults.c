#include "faults.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct fault_kind {
    const char *name;
    const char *form; /* of its arguments, for people */
    const char *help;
    unsigned lines; /* line arguments */
    bool level;     /* "=0" or "=1" follows */
    uint8_t (*lines_fn)(const struct fault *f, uint8_t lines);
};

struct fault {
    const struct fault_kind *kind;
    unsigned a, b; /* lines, 0..3 */
    bool level;
    struct membus_filter filter;
};

static uint8_t stuck(const struct fault *f, uint8_t lines)
{
    return (uint8_t)(f->level ? lines | 1u << f->a : lines & ~(1u << f->a));
}

/* Two lines that touch: the stronger transistor, the one that pulls low, wins. */
static uint8_t shorted(const struct fault *f, uint8_t lines)
{
    unsigned both = 1u << f->a | 1u << f->b;

    return (uint8_t)((lines & both) == both ? lines : lines & ~both);
}

static uint8_t swapped(const struct fault *f, uint8_t lines)
{
    unsigned a = lines >> f->a & 1, b = lines >> f->b & 1;

    return (uint8_t)((lines & ~(1u << f->a | 1u << f->b)) | a << f->b | b << f->a);
}

/* A joint that does not conduct: both ends float, high as membus_set_pull() says of the bus. */
static uint8_t open_joint(const struct fault *f, uint8_t lines)
{
    return (uint8_t)(lines | 1u << f->a);
}

static const struct fault_kind kinds[] = {
    {"stuck", "ioN=0|1", "line N has one level whoever drives it", 1, true, stuck},
    {"short", "ioN,ioM", "lines N and M touch: both low if one is", 2, false, shorted},
    {"swap", "ioN,ioM", "lines N and M are exchanged", 2, false, swapped},
    {"open", "ioN", "line N is not soldered: both its ends float", 1, false, open_joint},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static uint8_t filter_lines(void *ctx, const struct membus_frame *frame, uint8_t lines,
                            bool to_host)
{
    const struct fault *f = ctx;

    (void)frame;
    (void)to_host;
    return f->kind->lines_fn(f, lines);
}

static struct fault *fail(struct fault *f, char *error, size_t size, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static struct fault *fail(struct fault *f, char *error, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error, size, format, args);
    va_end(args);
    free(f);
    return NULL;
}

/* "ioN", N = 0..3. */
static const char *parse_line(const char *text, unsigned *line)
{
    if (strncmp(text, "io", 2) != 0 || text[2] < '0' || text[2] > '3')
        return NULL;
    *line = (unsigned)(text[2] - '0');
    return text + 3;
}

struct fault *fault_new(const char *text, char *error, size_t error_size)
{
    struct fault *f = calloc(1, sizeof(*f));
    size_t n = strcspn(text, ":");
    const char *at = text + n + (text[n] == ':');

    if (f == NULL)
        return fail(f, error, error_size, "out of memory");
    for (unsigned i = 0; i < KINDS; i++)
        if (strlen(kinds[i].name) == n && strncmp(kinds[i].name, text, n) == 0)
            f->kind = &kinds[i];
    if (f->kind == NULL)
        return fail(f, error, error_size, "no fault '%s'; --faults lists them", text);
    at = parse_line(at, &f->a);
    if (at != NULL && f->kind->lines == 2)
        at = *at == ',' ? parse_line(at + 1, &f->b) : NULL;
    if (at != NULL && f->kind->level) {
        bool known = at[0] == '=' && (at[1] == '0' || at[1] == '1');

        f->level = known && at[1] == '1';
        at = known ? at + 2 : NULL;
    }
    if (at == NULL || *at != '\0' || (f->kind->lines == 2 && f->a == f->b))
        return fail(f, error, error_size, "fault '%s' wants %s:%s with lines io0 to io3", text,
                    f->kind->name, f->kind->form);
    f->filter.ctx = f;
    f->filter.lines = filter_lines;
    return f;
}

void fault_free(struct fault *f)
{
    free(f);
}

void fault_attach(struct fault *f, struct membus *bus)
{
    membus_add_filter(bus, &f->filter);
}

void faults_list(FILE *out)
{
    for (unsigned i = 0; i < KINDS; i++)
        fprintf(out, "%s:%-10s %s\n", kinds[i].name, kinds[i].form, kinds[i].help);
}
