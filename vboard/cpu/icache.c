/*
 * The instruction cache: 256 sets of 2 lines of 32 bytes (DDI0489F; CCSIDR 0xF01FE009). Tags only,
 * for the time that code takes to arrive: what runs was decoded from memory itself (block.c).
 *
 * A block whose lines are all present is warm and costs nothing to look at; when a line leaves, the
 * blocks that it is part of become cold, and look again when they are entered. The victim is an
 * invalid way, else a pseudo-random one (DDI0489F does not document the policy).
 */
#include <stdlib.h>

#include "exec.h"

#define WAYS    2u
#define SETS    256u
#define INVALID 1u

struct icache {
    uint32_t line[SETS][WAYS]; /* odd = invalid */
    uint64_t random;
};

int icache_init(struct cpu *c)
{
    c->icache = malloc(sizeof(*c->icache));
    if (c->icache == NULL)
        return -1;
    c->icache->random = c->config.seed * 2 + 1;
    for (unsigned set = 0; set < SETS; set++)
        for (unsigned way = 0; way < WAYS; way++)
            c->icache->line[set][way] = INVALID;
    return 0;
}

void icache_free(struct cpu *c)
{
    free(c->icache);
    c->icache = NULL;
}

static uint32_t *lines_of(struct cpu *c, uint32_t line)
{
    return c->icache->line[line / LINE_SIZE & (SETS - 1)];
}

void icache_invalidate(struct cpu *c, uint32_t addr)
{
    uint32_t line = addr & ~(LINE_SIZE - 1);
    uint32_t *way = lines_of(c, line);

    for (unsigned i = 0; i < WAYS; i++) {
        if (way[i] == line) {
            way[i] = INVALID;
            blocks_cool(c, line);
        }
    }
}

void icache_invalidate_all(struct cpu *c)
{
    for (unsigned set = 0; set < SETS; set++)
        for (unsigned way = 0; way < WAYS; way++)
            c->icache->line[set][way] = INVALID;
    blocks_cool_all(c);
}

static void install(struct cpu *c, uint32_t line)
{
    struct icache *i = c->icache;
    uint32_t *way = lines_of(c, line);
    unsigned victim = 0;

    while (victim < WAYS && way[victim] != INVALID)
        victim++;
    if (victim == WAYS) {
        i->random ^= i->random << 13;
        i->random ^= i->random >> 7;
        i->random ^= i->random << 17;
        victim = (unsigned)(i->random >> 32) % WAYS;
        blocks_cool(c, way[victim]);
    }
    way[victim] = line;
}

/* Core cycles until a line of code has come. */
static uint64_t fetch_time(struct cpu *c, const struct bus_region *r, uint32_t line, uint32_t attr)
{
    uint8_t bytes[LINE_SIZE];
    struct bus_access a = {
        .addr = line, .attr = attr | BUS_FETCH | BUS_WRAP, .size = LINE_SIZE, .data = bytes};
    uint64_t before = c->cycles;

    if (!(r->flags & BUS_OBSERVED))
        return mem_stall_cycles(c, r->line_ps);
    mem_transfer_observed(c, &a); /* an error showed when the code was decoded */
    before = c->cycles - before;
    c->cycles -= before;
    return before;
}

static bool present(struct cpu *c, uint32_t line)
{
    const uint32_t *way = lines_of(c, line);

    return way[0] == line || way[1] == line;
}

bool icache_fetch(struct cpu *c, uint32_t addr, uint32_t bytes)
{
    uint32_t first = addr & ~(LINE_SIZE - 1), last = (addr + bytes - 1) & ~(LINE_SIZE - 1);
    const struct bus_region *r;
    struct mpu_view view;
    bool cached;

    if ((c->sys.ccr & CCR_IC) && present(c, first) && present(c, last) && last - first <= LINE_SIZE)
        return true;
    r = bus_find(c->config.bus, addr);
    if (r == NULL || (r->line_ps == 0 && !(r->flags & BUS_OBSERVED)))
        return true; /* TCM: no cache in front of it */
    sys_mpu_view(c, addr, c->privileged, &view);
    cached = (c->sys.ccr & CCR_IC) && (view.attr & BUS_TYPE_MASK) == BUS_NORMAL &&
             (view.attr & BUS_CACHE_MASK) != BUS_NON_CACHEABLE;
    /* Past the cache the core fetches ahead, and the flash interface too; how much of the wait that
       hides is not published. Nothing is charged, which is on the fast side. */
    if (!cached && !(r->flags & BUS_OBSERVED))
        return true;
    for (uint32_t line = first;; line += LINE_SIZE) {
        if (!cached || !present(c, line)) {
            c->cycles += fetch_time(c, r, line, view.attr);
            c->stats.icache_misses++;
            if (cached)
                install(c, line);
        }
        if (line == last)
            return cached;
    }
}
