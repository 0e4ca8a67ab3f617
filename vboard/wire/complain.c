#include "complain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hazard.h"

/* All complaints of one name. */
struct entry {
    const char *name;
    struct complaint first, last;
    char first_text[COMPLAINT_TEXT], last_text[COMPLAINT_TEXT];
    uint64_t count;
};

struct complaints {
    struct sched *sched;
    uint32_t (*pc)(void *ctx);
    void *pc_ctx;
    void (*fn)(void *ctx, const struct complaint *what);
    void *fn_ctx;
    uint64_t count[COMPLAINT_CLASSES];
    struct entry *
        *entry; /* in order of first occurrence; one allocation each, so that they stay put */
    size_t entries, room;
    struct hazard_switches hazards;
    struct entry *recent; /* the one found last: complaints come in runs */
};

struct complaints *complaints_new(struct sched *s, uint32_t (*pc)(void *ctx), void *ctx)
{
    struct complaints *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->sched = s;
    c->pc = pc;
    c->pc_ctx = ctx;
    hazard_switches_init(&c->hazards);
    return c;
}

void complaints_free(struct complaints *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->entries; i++)
        free(c->entry[i]);
    free(c->entry);
    free(c);
}

static struct entry *find(struct complaints *c, enum complaint_class kind, const char *name)
{
    struct entry *e = c->recent;

    if (e && e->name == name && e->first.kind == kind)
        return e;
    for (size_t i = 0; i < c->entries; i++) {
        e = c->entry[i];
        if (e->first.kind == kind && (e->name == name || strcmp(e->name, name) == 0))
            return e;
    }
    if (c->entries == c->room) {
        size_t room = c->room ? 2 * c->room : 32;
        struct entry **list = realloc(c->entry, room * sizeof(struct entry *));

        if (!list)
            return NULL;
        c->entry = list;
        c->room = room;
    }
    e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->name = name;
    c->entry[c->entries++] = e;
    return e;
}

void complain(struct complaints *c, enum complaint_class kind, const char *name, const char *format,
              ...)
{
    struct entry *e = find(c, kind, name);
    va_list args;

    c->count[kind]++;
    if (!e)
        return; /* out of memory: at least it is counted */
    c->recent = e;
    e->last = (struct complaint){
        .kind = kind,
        .name = name,
        .at = sched_now(c->sched),
        .pc = c->pc ? c->pc(c->pc_ctx) : 0,
        .text = e->last_text,
    };
    va_start(args, format);
    vsnprintf(e->last_text, sizeof e->last_text, format, args);
    va_end(args);
    if (!e->count++) {
        e->first = e->last;
        memcpy(e->first_text, e->last_text, sizeof e->first_text);
        e->first.text = e->first_text;
    }
    if (c->fn)
        c->fn(c->fn_ctx, &e->last);
}

void complaints_listen(struct complaints *c, void (*fn)(void *ctx, const struct complaint *what),
                       void *ctx)
{
    c->fn = fn;
    c->fn_ctx = ctx;
}

struct hazard_switches *complaints_hazards(struct complaints *c)
{
    return &c->hazards;
}

uint64_t complaints_count(const struct complaints *c, enum complaint_class kind)
{
    return c->count[kind];
}

void complaints_each(const struct complaints *c,
                     void (*fn)(void *ctx, const struct complaint *first,
                                const struct complaint *last, uint64_t count),
                     void *ctx)
{
    for (size_t i = 0; i < c->entries; i++)
        fn(ctx, &c->entry[i]->first, &c->entry[i]->last, c->entry[i]->count);
}
