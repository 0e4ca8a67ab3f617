#include "power_cut.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../wire/spec.h"

enum { STEPS = 1000000 }; /* of an operation's time, to draw one of */

struct power_cuts {
    struct board *board;
    const struct power_cut *cuts;
    unsigned count, next;
    uint64_t operations; /* since the last power-on */
    struct sched_event event;
    struct spec_draw draw;
};

bool power_cut_read(const char *text, struct power_cut *out)
{
    static const char flash[] = "flash:";
    char *end;
    const char *rest;

    *out = (struct power_cut){0};
    if (strncmp(text, flash, sizeof(flash) - 1) == 0) {
        text += sizeof(flash) - 1;
        if (*text < '0' || *text > '9')
            return false;
        out->operation = strtoull(text, &end, 10);
        return *end == '\0' && out->operation > 0;
    }
    rest = spec_time(text, &out->at);
    return rest != NULL && *rest == '\0';
}

/* The next cut, if it is one by time. */
static void arm(struct power_cuts *c)
{
    if (c->next < c->count && c->cuts[c->next].operation == 0)
        sched_at(c->board->soc->sched, &c->event, c->cuts[c->next].at);
}

static void cut(void *ctx, vtime at)
{
    struct power_cuts *c = ctx;

    fprintf(stderr, "vboard: power cut at %.9f s\n", (double)at / (double)VTIME_S);
    c->next++;
    c->operations = 0;
    soc_request_reset(c->board->soc, SOC_RESET_POWER_ON);
    arm(c);
}

static void flash_works(void *ctx, vtime duration)
{
    struct power_cuts *c = ctx;
    struct sched *sched = c->board->soc->sched;

    c->operations++;
    if (c->next < c->count && c->cuts[c->next].operation == c->operations)
        sched_at(sched, &c->event,
                 sched_now(sched) + duration / STEPS * spec_draw_below(&c->draw, STEPS));
}

struct power_cuts *power_cuts_new(struct board *b, const struct power_cut *cuts, unsigned count,
                                  uint64_t seed)
{
    struct power_cuts *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    c->board = b;
    c->cuts = cuts;
    c->count = count;
    c->event = (struct sched_event){.fn = cut, .ctx = c};
    spec_draw_init(&c->draw, seed, 0xC07);
    b->soc->on_flash = flash_works;
    b->soc->on_flash_ctx = c;
    arm(c);
    return c;
}

void power_cuts_free(struct power_cuts *c)
{
    free(c);
}
