/*
 * The data cache: 128 sets of 4 lines of 32 bytes, write-back (DDI0489F 5.9; DUI0646C 4.8 for the
 * maintenance registers). It holds data, so what firmware forgets to clean is not in memory.
 *
 * The victim is an invalid way if there is one, else a pseudo-random way (DDI0489F does not document the
 * policy of the M7; random, seeded, is what its siblings do and what no program may rely on).
 */
#include <stdlib.h>

#include "exec.h"

#define WAYS     4u
#define SETS     128u
#define SET_BITS 7u

struct dcache {
    uint8_t data[SETS][WAYS][LINE_SIZE]; /* first, so that a line's address tells set and way */
    uint32_t line[SETS][WAYS];           /* line address; odd = invalid */
    bool dirty[SETS][WAYS];
    uint32_t attr[SETS][WAYS];
    uint64_t random;
    uint32_t last_line; /* the line hit last; odd = none */
    uint8_t *last_data;
};

#define INVALID 1u

static inline uint32_t set_of(uint32_t addr)
{
    return addr / LINE_SIZE & (SETS - 1);
}

int dcache_init(struct cpu *c)
{
    c->dcache = calloc(1, sizeof(*c->dcache));
    if (c->dcache == NULL)
        return -1;
    for (unsigned set = 0; set < SETS; set++)
        for (unsigned way = 0; way < WAYS; way++)
            c->dcache->line[set][way] = INVALID;
    c->dcache->last_line = INVALID;
    c->dcache->random = c->config.seed * 2 + 1;
    return 0;
}

void dcache_free(struct cpu *c)
{
    free(c->dcache);
    c->dcache = NULL;
}

static void forget_last(struct dcache *d)
{
    d->last_line = INVALID;
}

uint8_t *dcache_find(struct cpu *c, uint32_t addr)
{
    struct dcache *d = c->dcache;
    uint32_t line = addr & ~(LINE_SIZE - 1);

    if (d->last_line == line)
        return d->last_data;

    uint32_t set = set_of(addr);

    for (unsigned way = 0; way < WAYS; way++) {
        if (d->line[set][way] == line) {
            d->last_line = line;
            d->last_data = d->data[set][way];
            c->stats.dcache_hits++;
            return d->last_data;
        }
    }
    return NULL;
}

void dcache_mark_dirty(struct cpu *c, const uint8_t *line)
{
    struct dcache *d = c->dcache;
    size_t index = (size_t)(line - &d->data[0][0][0]) / LINE_SIZE;

    d->dirty[index / WAYS][index % WAYS] = true;
}

/* Writes a dirty line to memory. An error comes back as an imprecise fault. */
static void clean(struct cpu *c, unsigned set, unsigned way)
{
    struct dcache *d = c->dcache;
    struct bus_access a = {.addr = d->line[set][way],
                           .attr = d->attr[set][way],
                           .size = LINE_SIZE,
                           .strobe = UINT32_MAX,
                           .write = true,
                           .data = d->data[set][way]};

    if (d->line[set][way] == INVALID || !d->dirty[set][way])
        return;
    d->dirty[set][way] = false;
    c->stats.dcache_evictions++;
    enum bus_status status = mem_transfer(c, &a);
    if (status != BUS_OK)
        sys_imprecise(c, status);
}

static void invalidate(struct cpu *c, unsigned set, unsigned way)
{
    c->dcache->line[set][way] = INVALID;
    c->dcache->dirty[set][way] = false;
    forget_last(c->dcache);
}

/* xorshift64. */
static unsigned victim(struct dcache *d, unsigned set)
{
    for (unsigned way = 0; way < WAYS; way++)
        if (d->line[set][way] == INVALID)
            return way;
    d->random ^= d->random << 13;
    d->random ^= d->random >> 7;
    d->random ^= d->random << 17;
    return (unsigned)(d->random >> 32) % WAYS;
}

uint8_t *dcache_fill(struct cpu *c, uint32_t addr, uint32_t attr, enum bus_status *status)
{
    struct dcache *d = c->dcache;
    unsigned set = set_of(addr);
    unsigned way = victim(d, set);
    uint8_t bytes[LINE_SIZE];
    /* WRAP4 x 64 bit, critical beat first (DDI0489F, AXIM interface) */
    struct bus_access a = {.addr = addr & ~7u,
                           .attr = attr | BUS_WRAP,
                           .size = LINE_SIZE,
                           .data = bytes};

    c->stats.dcache_misses++;
    clean(c, set, way);
    invalidate(c, set, way);
    *status = mem_transfer(c, &a);
    if (*status != BUS_OK)
        return NULL;

    unsigned start = a.addr & (LINE_SIZE - 1);

    for (unsigned i = 0; i < LINE_SIZE; i++)
        d->data[set][way][(start + i) & (LINE_SIZE - 1)] = bytes[i];
    d->line[set][way] = addr & ~(LINE_SIZE - 1);
    d->dirty[set][way] = false;
    d->attr[set][way] = attr;
    d->last_line = d->line[set][way];
    d->last_data = d->data[set][way];
    return d->last_data;
}

/* offset: low byte of the register's address. Set/way operand: way in bits 31:30, set in bits 11:5. */
void dcache_maintain(struct cpu *c, uint32_t offset, uint32_t value)
{
    struct dcache *d = c->dcache;
    bool cleans = offset == 0x64 || offset == 0x68 || offset == 0x6C || offset == 0x70 ||
                  offset == 0x74;
    bool invalidates = offset == 0x5C || offset == 0x60 || offset == 0x70 || offset == 0x74;
    bool by_set = offset == 0x60 || offset == 0x6C || offset == 0x74;
    unsigned set = by_set ? value >> 5 & (SETS - 1) : set_of(value);

    for (unsigned way = 0; way < WAYS; way++) {
        if (by_set ? way != value >> 30 : d->line[set][way] != (value & ~(LINE_SIZE - 1)))
            continue;
        if (cleans)
            clean(c, set, way);
        if (invalidates)
            invalidate(c, set, way);
    }
}
