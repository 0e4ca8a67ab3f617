/* Breakpoints and watchpoints of the debugger (cpu.h): shared by cpu.c, block.c and mem.c. */
#ifndef VBOARD_CPU_DEBUG_H
#define VBOARD_CPU_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

#define DEBUG_BREAKS  64u
#define DEBUG_WATCHES 16u

struct watch {
    uint32_t addr, size;
    unsigned kind; /* CPU_WATCH_* */
};

struct debug {
    uint32_t breaks[DEBUG_BREAKS];
    unsigned break_count;
    struct watch watches[DEBUG_WATCHES];
    unsigned watch_count;
    uint32_t watch_hit;
    uint32_t stopped_at; /* address of the breakpoint that the last run ended at; odd = at none */
};

static inline bool debug_breaks_at(const struct debug *d, uint32_t pc)
{
    for (unsigned i = 0; i < d->break_count; i++)
        if (d->breaks[i] == pc)
            return true;
    return false;
}

/* The watchpoint of one of the kinds that [addr, addr + size) touches, or NULL. */
static inline const struct watch *debug_watch_at(const struct debug *d, uint32_t addr,
                                                 uint32_t size, unsigned kinds)
{
    for (unsigned i = 0; i < d->watch_count; i++) {
        const struct watch *w = &d->watches[i];

        if ((w->kind & kinds) && addr - w->addr + size - 1 < w->size + size - 1)
            return w;
    }
    return NULL;
}

#endif
