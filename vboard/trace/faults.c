#include "faults.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "../wire/spec.h"

struct fault;

struct fault_kind {
    struct spec_row row;
    /* What it does to levels, edges of CLK and edges of nCS (struct membus_filter); NULL: nothing.
       A kind that can be at any wire has all three, and each looks whether it is meant. */
    uint8_t (*lines)(struct fault *f, const struct membus_frame *frame, uint8_t lines,
                     bool to_host);
    unsigned (*edges)(struct fault *f);
    bool (*select)(struct fault *f, bool low);
};

struct fault {
    const struct fault_kind *kind;
    struct spec_args args;
    struct spec_draw draw;
    struct membus_filter filter;
};

/* ---- a wire with one level; IO, CLK or nCS ---- */

static uint8_t at_level(const struct fault *f, uint8_t lines, bool level)
{
    unsigned line = f->args.line[0];

    if (line > SPEC_IO3)
        return lines;
    return (uint8_t)(level ? lines | 1u << line : lines & ~(1u << line));
}

static uint8_t stuck_lines(struct fault *f, const struct membus_frame *frame, uint8_t lines,
                           bool to_host)
{
    (void)frame;
    (void)to_host;
    return at_level(f, lines, f->args.level);
}

static unsigned stuck_edges(struct fault *f)
{
    return f->args.line[0] == SPEC_CLK ? 0 : 1;
}

/* Low: the first frame never ends. High: no frame begins. */
static bool stuck_select(struct fault *f, bool low)
{
    return f->args.line[0] != SPEC_NCS || low != f->args.level;
}

/*
 * A joint that does not conduct: both ends float, IO high as membus_set_pull() says of the bus. A
 * chip whose nCS floats would select itself at will; high is the same choice. CLK has no edges.
 */
static uint8_t open_lines(struct fault *f, const struct membus_frame *frame, uint8_t lines,
                          bool to_host)
{
    (void)frame;
    (void)to_host;
    return at_level(f, lines, true);
}

static bool open_select(struct fault *f, bool low)
{
    (void)low;
    return f->args.line[0] != SPEC_NCS;
}

/* ---- two IO lines ---- */

/* Lines that touch: the stronger transistor, the one that pulls low, wins. */
static uint8_t shorted(struct fault *f, const struct membus_frame *frame, uint8_t lines,
                       bool to_host)
{
    unsigned both = 1u << f->args.line[0] | 1u << f->args.line[1];

    (void)frame;
    (void)to_host;
    return (uint8_t)((lines & both) == both ? lines : lines & ~both);
}

static uint8_t swapped(struct fault *f, const struct membus_frame *frame, uint8_t lines,
                       bool to_host)
{
    unsigned a = f->args.line[0], b = f->args.line[1];
    unsigned at_a = lines >> a & 1, at_b = lines >> b & 1;

    (void)frame;
    (void)to_host;
    return (uint8_t)((lines & ~(1u << a | 1u << b)) | at_a << b | at_b << a);
}

/* ---- now and then ---- */

/* An nCS edge that the chip misses. A lost falling edge loses the frame; after a lost rising edge
   the chip takes the next frame as more of the one before. */
static bool losing_select(struct fault *f, bool low)
{
    (void)low;
    return !spec_draw_event(&f->draw, f->args.rate);
}

/* An edge so slow that the chip's input misses it, or sees it twice because noise rides on it. */
static unsigned slow_edges(struct fault *f)
{
    if (!spec_draw_event(&f->draw, f->args.rate))
        return 1;
    return 2 * spec_draw_below(&f->draw, 2);
}

/* Each bit that the host reads: one a clock on SO (IO1), or one a line. */
static uint8_t noisy(struct fault *f, const struct membus_frame *frame, uint8_t lines, bool to_host)
{
    if (!to_host || frame->direction != MEMBUS_IN)
        return lines;
    if (frame->data_lines == 1)
        return (uint8_t)(lines ^ spec_draw_event(&f->draw, f->args.rate) << 1);
    for (unsigned line = 0; line < frame->data_lines; line++)
        lines ^= (uint8_t)(spec_draw_event(&f->draw, f->args.rate) << line);
    return lines;
}

static const struct fault_kind kinds[] = {
    {{"stuck", "LINE=LEVEL", "the line has one level, whoever drives it"},
     .lines = stuck_lines,
     .edges = stuck_edges,
     .select = stuck_select},
    {{"short", "IO,IO", "the lines touch: both are low if one is"}, .lines = shorted},
    {{"swap", "IO,IO", "the lines are exchanged"}, .lines = swapped},
    {{"open", "LINE", "the line is not soldered: both its ends float, high"},
     .lines = open_lines,
     .edges = stuck_edges,
     .select = open_select},
    {{"lose-ncs", "RATE", "the chip misses edges of nCS, each with this probability"},
     .select = losing_select},
    {{"slow-clock", "RATE", "edges of CLK are missed or seen twice, each with this probability"},
     .edges = slow_edges},
    {{"noise", "RATE", "bits that the controller reads flip, each with this probability"},
     .lines = noisy},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* ---- the filter ---- */

static uint8_t filter_lines(void *ctx, const struct membus_frame *frame, uint8_t lines,
                            bool to_host)
{
    struct fault *f = ctx;

    return f->kind->lines(f, frame, lines, to_host);
}

static unsigned filter_edges(void *ctx, const struct membus_frame *frame)
{
    struct fault *f = ctx;

    (void)frame;
    return f->kind->edges(f);
}

static bool filter_select(void *ctx, const struct membus_frame *frame, bool low)
{
    struct fault *f = ctx;

    (void)frame;
    return f->kind->select(f, low);
}

static const struct fault_kind *find(const char *text)
{
    for (unsigned i = 0; i < KINDS; i++) {
        if (spec_is(&kinds[i].row, text))
            return &kinds[i];
    }
    return NULL;
}

struct fault *fault_new(const char *text, uint64_t seed, char *error, size_t error_size)
{
    const struct fault_kind *kind = find(text);
    struct spec_args args;
    struct fault *f;

    if (kind == NULL) {
        snprintf(error, error_size, "no fault '%s'; --faults lists them", text);
        return NULL;
    }
    if (!spec_read(&kind->row, text, &args, error, error_size))
        return NULL;
    f = calloc(1, sizeof *f);
    if (f == NULL) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    f->kind = kind;
    f->args = args;
    spec_draw_init(&f->draw, seed, (uint64_t)(kind - kinds));
    f->filter = (struct membus_filter){.ctx = f,
                                       .lines = kind->lines ? filter_lines : NULL,
                                       .edges = kind->edges ? filter_edges : NULL,
                                       .select = kind->select ? filter_select : NULL};
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
        spec_print(&kinds[i].row, out);
}
