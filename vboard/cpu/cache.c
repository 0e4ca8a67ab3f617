/*
 * The data cache: 128 sets of 4 lines of 32 bytes, write-back (DDI0489F 5.9; DUI0646C 4.8 for the
 * maintenance registers). It holds data, so what firmware forgets to clean is not in memory.
 *
 * Of plain memory, which nobody else observes, only the tags are kept, for the time that a line
 * takes; its data are in memory at once, and writing a dirty line back costs nothing (the core does
 * not wait for it).
 *
 * The victim is an invalid way if there is one, else a pseudo-random way (DDI0489F does not
 * document the policy of the M7; random, seeded, is what its siblings do and what no program may
 * rely on).
 */
#include <stdlib.h>

#include "exec.h"

#define WAYS     4u
#define SETS     128u
#define SET_BITS 7u

/* Lines written completely before their fills ended that switch to read-allocate mode
 * (DDI0489F 5.9.1). */
#define READ_ALLOCATE_LINES 3u

struct dcache {
    uint8_t data[SETS][WAYS][LINE_SIZE]; /* first, so that a line's address tells set and way */
    uint32_t line[SETS][WAYS];           /* line address; odd = invalid; PLAIN */
    bool dirty[SETS][WAYS];
    uint32_t attr[SETS][WAYS];
    uint64_t plain_due; /* a line of plain memory that a store asked for has come */
    uint64_t random;

    /* The line fill that a store began and did not wait for. Its data are here already, only the
       time has not come: until `due` the bus is busy, and the line is not to be read. One at a
       time: the memory behind serves one request at a time as well. */
    uint32_t filling; /* its line; odd = none */
    uint32_t written; /* bytes of it that were stored since */
    uint64_t due;
    /* Eviction buffer: the dirty line that made room for it, to be written when the fill has ended.
     */
    bool evicted;
    uint32_t victim_line, victim_attr;
    uint8_t victim_data[LINE_SIZE];
    /* Read-allocate mode, see note_written(). */
    unsigned full_lines; /* fills in a row whose line was written completely before they ended */
    bool read_allocate;
};

#define INVALID 1u
#define PLAIN   2u /* in a line's address: plain memory, tag only */

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
    c->plain_line = c->dcache->filling = INVALID;
    for (unsigned i = 0; i < HOT_LINES; i++)
        c->hot[i].line = INVALID;
    c->dcache->random = c->config.seed * 2 + 1;
    return 0;
}

void dcache_free(struct cpu *c)
{
    free(c->dcache);
    c->dcache = NULL;
}

static bool *dirty_flag(struct dcache *d, const uint8_t *data)
{
    size_t index = (size_t)(data - &d->data[0][0][0]) / LINE_SIZE;

    return &d->dirty[index / WAYS][index % WAYS];
}

static void make_hot(struct cpu *c, uint32_t line, uint8_t *data)
{
    *hot_line(c, line) =
        (struct hot_line){.line = line, .data = data, .dirty = dirty_flag(c->dcache, data)};
}

static uint8_t *look(const struct cpu *c, uint32_t addr)
{
    struct dcache *d = c->dcache;
    uint32_t line = addr & ~(LINE_SIZE - 1);
    uint32_t set = set_of(addr);

    for (unsigned way = 0; way < WAYS; way++)
        if (d->line[set][way] == line)
            return d->data[set][way];
    return NULL;
}

/* A fill whose line was not written in time breaks the row. */
static void end_fill(struct dcache *d)
{
    if (d->filling == INVALID)
        return;
    d->filling = INVALID;
    if (d->written != UINT32_MAX)
        d->full_lines = 0;
}

static void write_victim(struct cpu *c)
{
    struct dcache *d = c->dcache;
    struct bus_access a = {.addr = d->victim_line,
                           .attr = d->victim_attr,
                           .size = LINE_SIZE,
                           .strobe = UINT32_MAX,
                           .write = true,
                           .data = d->victim_data};

    if (!d->evicted)
        return;
    d->evicted = false;
    c->stats.dcache_evictions++;
    enum bus_status status = mem_transfer(c, &a);
    if (status != BUS_OK)
        sys_imprecise(c, status);
}

void dcache_settle(struct cpu *c)
{
    struct dcache *d = c->dcache;

    if (d->filling == INVALID)
        return;
    if (c->cycles < d->due)
        c->cycles = d->due;
    end_fill(d);
    write_victim(c);
}

void dcache_attend(struct cpu *c)
{
    struct dcache *d = c->dcache;

    if (d->filling == INVALID)
        return;
    if (c->cycles >= d->due)
        dcache_settle(c);
    else if (c->deadline > d->due)
        c->deadline = d->due;
}

const uint8_t *dcache_peek(struct cpu *c, uint32_t addr)
{
    const struct dcache *d = c->dcache;
    const uint8_t *line = look(c, addr);

    if (line == NULL && d->evicted && d->victim_line == (addr & ~(LINE_SIZE - 1)))
        line = d->victim_data;
    return line;
}

uint8_t *dcache_find(struct cpu *c, uint32_t addr)
{
    struct dcache *d = c->dcache;
    uint32_t line = addr & ~(LINE_SIZE - 1);
    uint8_t *data = look(c, addr);

    if (data == NULL)
        return NULL;
    if (line == d->filling)
        dcache_settle(c);
    make_hot(c, line, data);
    return data;
}

/* Notes bytes that were stored into the line being filled. Three lines in a row, each written
   completely before its fill ended, switch write-allocation off (DDI0489F 5.9.1, dynamic read
   allocate mode); ACTLR.DISRAMODE prevents it. */
static void note_written(struct cpu *c, uint32_t addr, unsigned size)
{
    struct dcache *d = c->dcache;

    if (c->cycles >= d->due) {
        dcache_settle(c);
        return;
    }
    if (d->written == UINT32_MAX)
        return;
    d->written |= (uint32_t)((UINT64_C(1) << size) - 1) << (addr & (LINE_SIZE - 1));
    if (d->written == UINT32_MAX && ++d->full_lines >= READ_ALLOCATE_LINES &&
        !(c->sys.actlr & ACTLR_DISRAMODE)) {
        d->read_allocate = true;
        c->stats.read_allocate++;
    }
}

bool dcache_store(struct cpu *c, uint32_t addr, const void *bytes, unsigned size)
{
    struct dcache *d = c->dcache;
    uint32_t line = addr & ~(LINE_SIZE - 1);
    uint8_t *data = look(c, addr);

    if (data == NULL)
        return false;
    memcpy(data + (addr & (LINE_SIZE - 1)), bytes, size);
    *dirty_flag(d, data) = true;
    if (line == d->filling)
        note_written(c, addr, size);
    else
        make_hot(c, line, data);
    return true;
}

void dcache_update(struct cpu *c, uint32_t addr, const void *bytes, unsigned size)
{
    uint8_t *data = look(c, addr);

    if (data != NULL)
        memcpy(data + (addr & (LINE_SIZE - 1)), bytes, size);
}

void dcache_leave_read_allocate(struct cpu *c)
{
    c->dcache->read_allocate = false;
    c->dcache->full_lines = 0;
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
    enum bus_status status = mem_transfer_observed(c, &a);
    if (status != BUS_OK)
        sys_imprecise(c, status);
}

static void invalidate(struct cpu *c, unsigned set, unsigned way)
{
    uint32_t line = c->dcache->line[set][way];

    if (hot_line(c, line)->line == line)
        hot_line(c, line)->line = INVALID;
    c->plain_line = INVALID;
    c->dcache->line[set][way] = INVALID;
    c->dcache->dirty[set][way] = false;
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

/*
 * Puts the line of addr into a way; *stall = picoseconds that the bus needs for it. The bus sees
 * the read first, and then the victim (DDI0489F 5.9, eviction buffer).
 */
static uint8_t *bring_in(struct cpu *c, uint32_t addr, uint32_t attr, uint64_t *stall,
                         enum bus_status *status)
{
    struct dcache *d = c->dcache;
    unsigned set = set_of(addr);
    unsigned way = victim(d, set);
    uint8_t bytes[LINE_SIZE];
    /* WRAP4 x 64 bit, critical beat first (DDI0489F, AXIM interface) */
    struct bus_access a = {
        .addr = addr & ~7u, .attr = attr | BUS_WRAP, .size = LINE_SIZE, .data = bytes};
    unsigned start = a.addr & (LINE_SIZE - 1);

    c->stats.dcache_misses++;
    *status = bus_do(c->config.bus, &a);
    *stall = a.stall_ps;
    if (*status != BUS_OK)
        return NULL;
    d->evicted = d->dirty[set][way];
    if (d->evicted) {
        d->victim_line = d->line[set][way];
        d->victim_attr = d->attr[set][way];
        memcpy(d->victim_data, d->data[set][way], LINE_SIZE);
    }
    invalidate(c, set, way);
    for (unsigned i = 0; i < LINE_SIZE; i++)
        /* cppcheck-suppress uninitvar ; bus_do() filled it through a.data */
        d->data[set][way][(start + i) & (LINE_SIZE - 1)] = bytes[i];
    d->line[set][way] = addr & ~(LINE_SIZE - 1);
    d->attr[set][way] = attr;
    return d->data[set][way];
}

void dcache_plain(struct cpu *c, uint32_t addr, bool store)
{
    struct dcache *d = c->dcache;
    uint32_t line = addr & ~(LINE_SIZE - 1);
    unsigned set = set_of(addr), way = 0;
    const struct bus_region *r;
    struct mpu_view view;

    while (way < WAYS && d->line[set][way] != (line | PLAIN))
        way++;
    if (way < WAYS) {
        c->stats.dcache_hits++;
        c->plain_line = line;
        return;
    }
    r = bus_find(c->config.bus, addr);
    sys_mpu_view(c, addr, c->privileged, &view);
    if (r == NULL || (store && !(view.attr & BUS_WRITE_ALLOCATE)))
        return; /* the store buffer hides it */
    if (c->cycles < d->plain_due)
        c->cycles = d->plain_due;
    if (store)
        d->plain_due = c->cycles + mem_stall_cycles(c, r->line_ps);
    else
        c->cycles += mem_stall_cycles(c, r->line_ps);
    c->stats.dcache_misses++;
    way = victim(d, set);
    clean(c, set, way);
    invalidate(c, set, way);
    d->line[set][way] = line | PLAIN;
    c->plain_line = line;
}

uint8_t *dcache_fill(struct cpu *c, uint32_t addr, uint32_t attr, enum bus_status *status)
{
    uint64_t stall;

    dcache_settle(c);
    stores_drain_line(c, addr);

    uint8_t *data = bring_in(c, addr, attr, &stall, status);

    c->cycles += mem_stall_cycles(c, stall);
    if (data == NULL)
        return NULL;
    write_victim(c);
    make_hot(c, addr & ~(LINE_SIZE - 1), data);
    return data;
}

bool dcache_allocate(struct cpu *c, uint32_t addr, uint32_t attr, enum bus_status *status)
{
    struct dcache *d = c->dcache;
    uint64_t stall;

    *status = BUS_OK;
    if (d->read_allocate)
        return false;
    dcache_settle(c);
    stores_drain_line(c, addr);
    if (bring_in(c, addr, attr, &stall, status) == NULL) {
        c->cycles += mem_stall_cycles(c, stall);
        return false;
    }
    d->filling = addr & ~(LINE_SIZE - 1);
    d->written = 0;
    d->due = c->cycles + mem_stall_cycles(c, stall);
    if (c->deadline > d->due)
        c->deadline = d->due;
    return true;
}

void dcache_reset(struct cpu *c)
{
    c->dcache->filling = INVALID;
    c->dcache->evicted = false;
    dcache_leave_read_allocate(c);
}

/* offset: low byte of the register's address. Set/way operand: way in bits 31:30, set in bits 11:5.
 */
void dcache_maintain(struct cpu *c, uint32_t offset, uint32_t value)
{
    struct dcache *d = c->dcache;
    bool cleans =
        offset == 0x64 || offset == 0x68 || offset == 0x6C || offset == 0x70 || offset == 0x74;
    bool invalidates = offset == 0x5C || offset == 0x60 || offset == 0x70 || offset == 0x74;
    bool by_set = offset == 0x60 || offset == 0x6C || offset == 0x74;
    unsigned set = by_set ? value >> 5 & (SETS - 1) : set_of(value);

    dcache_settle(c);
    stores_drain(c);

    for (unsigned way = 0; way < WAYS; way++) {
        if (by_set ? way != value >> 30
                   : (d->line[set][way] & ~PLAIN) != (value & ~(LINE_SIZE - 1)))
            continue;
        if (cleans)
            clean(c, set, way);
        if (invalidates)
            invalidate(c, set, way);
    }
}
